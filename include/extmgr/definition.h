/* SPDX-License-Identifier: MIT */
/**
 * @file definition.h
 * Trying and judging a definition without a database: for its author, and for tests.
 */
#ifndef EXTMGR_DEFINITION_H
#define EXTMGR_DEFINITION_H

#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Loads a definition, calls its functions as a scenario says, and tells what they did. There is no
 * database: statements are written down and answered from the scenario. Nothing is validated before
 * a call and nothing is masked.
 *
 * The scenario is a JSON object; all members may be left out: dialect ("exasol"), schema
 * ("EXA_EXTENSIONS"), artifacts [{name, path, size}], tables {allScripts, allVirtualSchemas} (rows
 * as context.metadata has them), answers [{match, columns [{name, typeName}], rows} or {match,
 * error}], calls [{call, args}]. The first answer counts whose match, a JavaScript regular
 * expression, is found in the SQL text; a query without one has no rows. See docs/scenarios.md.
 *
 * @param context          limits; regular expressions run under its script deadline
 * @param operation        may be NULL; its deadline and cancel hold for all calls together
 * @param id               id of the definition, for messages
 * @param source           the definition, UTF-8
 * @param source_length    bytes
 * @param scenario         JSON
 * @param scenario_length  bytes; at most 4 MiB
 * @param trace_out        [out] JSON document "extmgr.trace/1"; an exception is part of it, no
 *                         failure; free with extmgr_text_free(); NULL on failure
 * @param error_out        [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK; EXTMGR_E_FORMAT: the scenario is wrong; as loading a definition fails
 *         (EXTMGR_E_SCRIPT_..., EXTMGR_E_DEFINITION_..., EXTMGR_E_API_VERSION,
 *         EXTMGR_E_SOURCE_TOO_LARGE); a limit that a call hit: EXTMGR_E_SCRIPT_TIMEOUT,
 *         EXTMGR_E_SCRIPT_MEMORY, EXTMGR_E_TOO_LARGE (a trace over 64 MiB), EXTMGR_E_CANCELLED,
 *         EXTMGR_E_TIMEOUT; EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; needs 256 KiB of stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_definition_try(extmgr_context *context, extmgr_operation *operation, const char *id,
		      const char *source, size_t source_length, const char *scenario,
		      size_t scenario_length, extmgr_text **trace_out, extmgr_error **error_out);

/**
 * Looks for what is wrong with a definition, or suspicious: in its source, its static part, its
 * functions and parameters. It is loaded, and its parameters are asked for on an empty database;
 * nothing else of it is called.
 *
 * @param context        limits
 * @param operation      may be NULL; its deadline and cancel hold for all of it
 * @param id             id of the definition: its file's name without ".js"
 * @param source         the definition, UTF-8
 * @param source_length  bytes
 * @param report_out     [out] JSON document "extmgr.lint/1": id, clean, findings [{rule, severity
 *                       ("error" or "warning"), line, place, message, remedy}]; that it cannot be
 *                       loaded is a finding, no failure; free with extmgr_text_free(); NULL on
 *                       failure
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, with findings, too; EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT,
 *         EXTMGR_E_SCRIPT_TIMEOUT, EXTMGR_E_SCRIPT_MEMORY (the rules themselves hit a limit),
 *         EXTMGR_E_SCRIPT_STACK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; needs 256 KiB of stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_definition_lint(
	extmgr_context *context, extmgr_operation *operation, const char *id, const char *source,
	size_t source_length, extmgr_text **report_out, extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
