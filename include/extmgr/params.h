/* SPDX-License-Identifier: MIT */
/**
 * @file params.h
 * Rules for parameter values: one implementation in JavaScript, for the backend and the browser.
 */
#ifndef EXTMGR_PARAMS_H
#define EXTMGR_PARAMS_H

#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Checks values against parameter definitions; all faults are reported at once.
 *
 * @param context             limits; regular expressions run under its script deadline
 * @param definitions_json    array as a definition's getInstanceParameters answers it
 * @param definitions_length  bytes
 * @param values_json         array of {"name", "value"} or an object name: value; all strings
 * @param values_length       bytes
 * @param report_out          [out] JSON document "extmgr.parameter-report/1": valid, failures
 *                            [{id, name, message}], message (all of them joined), values (the
 *                            accepted ones, in the order of the definitions: {name, value}, of a
 *                            secret one {name, secret: true}); free with extmgr_text_free(); also
 *                            there with EXTMGR_E_PARAMETERS_INVALID
 * @param error_out           [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_PARAMETERS_INVALID, EXTMGR_E_PARAMETER_DEFINITION (a definition is
 *         wrong: no id, two of one id, unknown type, bad regex, conditions in a circle),
 *         EXTMGR_E_FORMAT (no JSON, a value without a name), EXTMGR_E_TOO_LARGE (a value over
 *         64 KiB, over 1 000 definitions or values, a document over 4 MiB),
 *         EXTMGR_E_SCRIPT_TIMEOUT, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; needs 256 KiB of stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_params_validate(extmgr_context *context, const char *definitions_json,
		       size_t definitions_length, const char *values_json, size_t values_length,
		       extmgr_text **report_out, extmgr_error **error_out);

/**
 * Adds to values the defaults of the parameters that are shown and have no value. Nothing else in
 * the library applies defaults: they are there to be offered.
 *
 * @param context             as for extmgr_params_validate()
 * @param definitions_json    array as a definition's getInstanceParameters answers it
 * @param definitions_length  bytes
 * @param values_json         array of {"name", "value"} or an object name: value
 * @param values_length       bytes
 * @param values_out          [out] JSON array of {"name", "value"}, secret values included, not
 *                            validated; free with extmgr_text_free(); NULL on failure
 * @param error_out           [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, and the failures of extmgr_params_validate() but
 *         EXTMGR_E_PARAMETERS_INVALID
 * Threads: any thread; needs 256 KiB of stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_params_add_defaults(extmgr_context *context, const char *definitions_json,
			   size_t definitions_length, const char *values_json, size_t values_length,
			   extmgr_text **values_out, extmgr_error **error_out);

/**
 * Definitions as a JSON Schema (draft 2020-12) of the object name: value, with conditions. It never
 * refuses values that extmgr_params_validate() accepts; docs/parameters.md says where it accepts
 * more.
 *
 * @param context             as for extmgr_params_validate()
 * @param definitions_json    array as a definition's getInstanceParameters answers it
 * @param definitions_length  bytes
 * @param schema_out          [out] JSON; free with extmgr_text_free(); NULL on failure
 * @param error_out           [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_PARAMETER_DEFINITION, EXTMGR_E_FORMAT, EXTMGR_E_TOO_LARGE,
 *         EXTMGR_E_SCRIPT_TIMEOUT, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; needs 256 KiB of stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_params_to_schema(extmgr_context *context,
								   const char *definitions_json,
								   size_t definitions_length,
								   extmgr_text **schema_out,
								   extmgr_error **error_out);

/**
 * The rules as JavaScript (ES5) for a browser: defines the global function
 * extmgrValidateParameters(definitions, values) with the same report. What else it defines may
 * change.
 *
 * @param length_out  [out] bytes; may be NULL
 * @return static text
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_params_get_javascript(size_t *length_out);

#ifdef __cplusplus
}
#endif
#endif
