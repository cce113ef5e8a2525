/* SPDX-License-Identifier: MIT */
/* What stands in for a database while a definition is tried: read, checked, and looked up. */
#ifndef EXTMGR_SCRIPT_SCENARIO_H
#define EXTMGR_SCRIPT_SCENARIO_H

#include "base/json.h"
#include "host/rows.h"
#include "script/definition.h"

struct extmgr__scenario;

struct extmgr__scenario_call {
	enum extmgr__function function;
	const extmgr__json *arguments; /* an array; NULL: none */
};

/* EXTMGR_E_FORMAT names what is wrong, and where. */
extmgr_result extmgr__scenario_read(extmgr_context *context, const char *text, size_t length,
				    struct extmgr__scenario **scenario_out, extmgr_error **error);
void extmgr__scenario_free(struct extmgr__scenario *scenario); /* may be NULL */

const char *extmgr__scenario_dialect(const struct extmgr__scenario *scenario);
const char *extmgr__scenario_schema(const struct extmgr__scenario *scenario);
/* The next call; *at is NULL before the first one. false behind the last one. */
bool extmgr__scenario_next_call(const struct extmgr__scenario *scenario, const extmgr__json **at,
				struct extmgr__scenario_call *call);

/*
 * The answer to a statement: EXTMGR_E_STATEMENT with its text when it is an error. rows_out: NULL
 * for a statement that wants none.
 */
extmgr_result extmgr__scenario_answer(struct extmgr__scenario *scenario,
				      extmgr_operation *operation, const char *sql, size_t length,
				      extmgr_rows **rows_out, extmgr_error **error);
/* The path of the artifact of that name, the lowest of several; NULL when there is none. */
const char *extmgr__scenario_find_path(const struct extmgr__scenario *scenario, const char *name);
/* As the services get_script and read_metadata have it. */
extmgr_result extmgr__scenario_get_script(const struct extmgr__scenario *scenario, const char *name,
					  extmgr_rows **rows_out, extmgr_error **error);
extmgr_result extmgr__scenario_read_metadata(const struct extmgr__scenario *scenario,
					     extmgr_rows **scripts_out,
					     extmgr_rows **virtual_schemas_out,
					     extmgr_error **error);

#endif
