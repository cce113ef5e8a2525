/* SPDX-License-Identifier: MIT */
/*
 * The rules at work: a script heap with validate.js and the definitions it read last. Making one
 * takes far longer than a validation, so a context keeps a few, each used by one thread at a time.
 */
#ifndef EXTMGR_PARAMS_VALIDATOR_H
#define EXTMGR_PARAMS_VALIDATOR_H

#include "base/text.h"
#include "host/context.h"

enum extmgr__validator_question {
	EXTMGR__VALIDATOR_REPORT,   /* "extmgr.parameter-report/1" on values */
	EXTMGR__VALIDATOR_DEFAULTS, /* values and defaults, an array of {name, value} */
	EXTMGR__VALIDATOR_SCHEMA    /* a JSON Schema of values; takes none */
};

/*
 * Answers a question about definitions as JSON. definitions: as they came; they are parsed and
 * checked only when they are not the ones that a kept heap knows. values: JSON that was parsed and
 * written by this library; NULL when the question takes none. operation may be NULL.
 *
 * EXTMGR_E_PARAMETER_DEFINITION, EXTMGR_E_FORMAT, EXTMGR_E_TOO_LARGE, and what
 * extmgr__heap_run() answers.
 */
extmgr_result extmgr__validator_ask(extmgr_context *context, extmgr_operation *operation,
				    enum extmgr__validator_question question,
				    const char *definitions, size_t definitions_length,
				    const struct extmgr__buffer *values,
				    struct extmgr__buffer *answer, extmgr_error **error);

#endif
