/* SPDX-License-Identifier: MIT */
/* What an operation did: steps, statements, warnings, console. Becomes "extmgr.report/1". */
#ifndef EXTMGR_MANAGER_REPORT_H
#define EXTMGR_MANAGER_REPORT_H

#include "base/error.h"
#include "base/json.h"
#include "host/values.h"
#include "script/definition.h"
#include "sql/dialect.h"
#include "sql/guard.h"
#include "sql/mask.h"

#include <stdbool.h>

struct extmgr__report;

struct extmgr__report *extmgr__report_new(const extmgr_context *context, const char *operation);
void extmgr__report_free(struct extmgr__report *report); /* may be NULL, as everywhere below */

/* Begins the next step and ends the one before. name: static. */
void extmgr__report_step(struct extmgr__report *report, const char *name);

struct extmgr__statement {
	const char *kind; /* "execute" or "query" */
	enum extmgr__sql_class class_;
	const char *sql; /* what people may read: masked by the caller when it must be */
	size_t sql_length;
	const extmgr_values *arguments; /* NULL: none, or hidden */
	size_t hidden_arguments;        /* how many are hidden */
	int64_t rows;                   /* -1: unknown */
	uint64_t duration_ns;
};

/* All of these copy. EXTMGR_OK or EXTMGR_E_NO_MEMORY, EXTMGR_E_TOO_LARGE (a report has a maximum).
 */
extmgr_result extmgr__report_statement(struct extmgr__report *report,
				       const struct extmgr__statement *statement);
/* Its arguments as a JSON array, hidden ones as "***". */
void extmgr__report_write_arguments(struct extmgr__json_writer *writer,
				    const struct extmgr__statement *statement);
extmgr_result extmgr__report_warning(struct extmgr__report *report, const char *text);
extmgr_result extmgr__report_console(struct extmgr__report *report, int32_t level, const char *text,
				     size_t length);
/* The array of warnings, as a member of an object that is open. */
void extmgr__report_write_warnings(struct extmgr__json_writer *writer,
				   const struct extmgr__report *report);
size_t extmgr__report_statement_count(const struct extmgr__report *report);

/* The facts that the document names; strings are borrowed; NULL: left out. */
struct extmgr__report_facts {
	const char *extension_id;
	const struct extmgr__definition_info *info;
	const char *dialect;
	const char *extension_schema;
	const char *version;
	const char *previous_version;
	const char *new_version;
	const char *instance_id;
	const char *instance_name;
	const struct extmgr__pairs *instances; /* NULL or empty: left out */
	const char *outcome;
};

extmgr_result extmgr__report_to_json(struct extmgr__report *report,
				     const struct extmgr__report_facts *facts,
				     extmgr_text **text_out, extmgr_error **error);

#endif
