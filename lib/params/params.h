/* SPDX-License-Identifier: MIT */
/* Parameter validation as the manager uses it: extmgr_params_validate() of params.h, in pieces. */
#ifndef EXTMGR_PARAMS_PARAMS_H
#define EXTMGR_PARAMS_PARAMS_H

#include "base/error.h"
#include "base/json.h"
#include "host/context.h"

#include <extmgr/params.h>

#include <stdbool.h>

struct extmgr__parameter_value {
	char *name;
	char *value;
	bool secret; /* the definition says secret: true */
	bool kept;   /* not sent: an instance that is updated has it already */
};

struct extmgr__parameter_values {
	struct extmgr__parameter_value *items; /* as the definition's functions get them */
	size_t count;
};

void extmgr__parameter_values_free(struct extmgr__parameter_values *values); /* wipes secrets */

/*
 * extmgr_params_validate() with an operation, and the accepted values read back: the ones to hand
 * to addInstance, in the order of the definitions. report_out and values_out may be NULL.
 */
extmgr_result extmgr__params_validate(extmgr_context *context, extmgr_operation *operation,
				      const char *definitions_json, size_t definitions_length,
				      const char *values_json, size_t values_length,
				      extmgr_text **report_out,
				      struct extmgr__parameter_values *values_out,
				      extmgr_error **error);

/* Whether the definitions (JSON array) have a parameter of that name marked secret. */
bool extmgr__params_is_secret(const extmgr__json *definitions, const char *name);

#endif
