/* SPDX-License-Identifier: MIT */
/*
 * extmgr_definition_lint(): collects what there is to know about a definition, and lets lint.js
 * judge it in a heap of its own.
 */
#include "base/json.h"
#include "host/rows.h"
#include "script/definition.h"
#include "script/heap.h"
#include "script/js_text.h"

#include <extmgr/definition.h>
#include <extmgr/params.h>

#include <string.h>

/* More versions have the parameters of these. */
#define VERSIONS_MAXIMUM 20

/* lint.js, embedded at build time. */
extern const char extmgr__lint_js[];
extern const size_t extmgr__lint_js_length;

struct lint {
	extmgr_context *context;
	extmgr_operation *operation;
	const char *id;
	struct extmgr__definition *definition; /* NULL: it cannot be loaded */
	bool wrote;                            /* the call under way executes statements */
	struct extmgr__buffer facts;           /* JSON, for lint.js */
	struct extmgr__json_writer writer;     /* of the facts */
	struct extmgr__buffer findings;        /* JSON, of lint.js */
};

/* ---- An empty database ---- */

static extmgr_result execute(void *user_data, const char *sql, size_t length,
			     const extmgr_values *arguments, extmgr_error **error)
{
	struct lint *lint = user_data;

	(void)sql;
	(void)length;
	(void)arguments;
	(void)error;
	lint->wrote = true;
	return EXTMGR_OK;
}

static extmgr_result query(void *user_data, const char *sql, size_t length,
			   const extmgr_values *arguments, extmgr_rows **rows_out,
			   extmgr_error **error)
{
	(void)user_data;
	(void)sql;
	(void)length;
	(void)arguments;
	*rows_out = extmgr__rows_new(1, 1);
	return *rows_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static extmgr_result resolve_path(void *user_data, const char *file_name, extmgr_text **path_out,
				  extmgr_error **error)
{
	(void)user_data;
	*path_out = extmgr__text_new(file_name, strlen(file_name));
	return *path_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static void console(void *user_data, int32_t level, const char *message, size_t length)
{
	(void)user_data;
	(void)level;
	(void)message;
	(void)length;
}

/* ---- The facts ---- */

/* What is the caller's or the machine's fault is no fault of the definition. */
static bool is_finding(extmgr_result result)
{
	return result != EXTMGR_E_CANCELLED && result != EXTMGR_E_TIMEOUT &&
	       result != EXTMGR_E_NO_MEMORY && result != EXTMGR_E_INVALID_ARGUMENT &&
	       result != EXTMGR_E_FORKED && result != EXTMGR_E_SCRIPT_STACK;
}

static const char *find_hint(const extmgr_error *error)
{
	for (; error; error = extmgr_error_get_cause(error)) {
		const char *hint = extmgr_error_get_hint(error);

		if (hint)
			return hint;
	}
	return "";
}

/* The error's text with those of its causes. */
static void write_message(struct lint *lint, const char *key, const extmgr_error *failure)
{
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(failure, &text) == EXTMGR_OK)
		extmgr__json_member_string(&lint->writer, key, extmgr_text_get_data(text));
	else
		lint->facts.result = EXTMGR_E_NO_MEMORY;
	extmgr_text_free(text);
}

static void write_failure(struct lint *lint, const extmgr_error *failure)
{
	struct extmgr__json_writer *writer = &lint->writer;

	extmgr__json_key(writer, "failure");
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "code",
				   extmgr_result_get_name(extmgr_error_get_code(failure)));
	write_message(lint, "message", failure);
	extmgr__json_member_string(writer, "hint", find_hint(failure));
	extmgr__json_end_object(writer);
}

static extmgr_result load(struct lint *lint, const char *source, size_t length,
			  extmgr_error **error)
{
	extmgr_error *failure = NULL;
	extmgr_result result = extmgr__definition_load(lint->context, lint->operation, lint->id,
						       source, length, &lint->definition, &failure);

	if (result != EXTMGR_OK && is_finding(result)) {
		write_failure(lint, failure);
		result = EXTMGR_OK;
	} else {
		extmgr__error_move(error, &failure);
	}
	extmgr_error_free(failure);
	return result;
}

static extmgr_result write_extension(struct lint *lint, extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result =
		extmgr__definition_describe(lint->definition, lint->operation, &text, error);

	if (result == EXTMGR_OK && extmgr__buffer_result(&text) != EXTMGR_OK)
		result = extmgr__error_from_result(error, extmgr__buffer_result(&text),
						   "description of a definition");
	if (result == EXTMGR_OK) {
		extmgr__json_key(&lint->writer, "extension");
		extmgr__json_raw(&lint->writer, extmgr__buffer_get(&text), text.length);
	}
	extmgr__buffer_free(&text);
	return result;
}

static extmgr_result write_call(struct lint *lint, const char *dialect, const char *version,
				extmgr_error **error)
{
	struct extmgr__services services = {
		.user_data = lint,
		.dialect = dialect,
		.extension_schema = strcmp(dialect, "sqlite") == 0 ? "main" : "EXTENSIONS",
		.execute = execute,
		.query = query,
		.resolve_path = resolve_path,
		.console = console,
	};
	struct extmgr__json_writer *writer = &lint->writer;
	extmgr_text *definitions = NULL;
	extmgr_error *failure = NULL;
	extmgr_result result;

	lint->wrote = false;
	result = extmgr__definition_get_instance_parameters(
		lint->definition, &services, lint->operation, version, &definitions, &failure);
	if (result != EXTMGR_OK && !is_finding(result)) {
		extmgr__error_move(error, &failure);
		return result;
	}
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "version", version);
	extmgr__json_member_boolean(writer, "wrote", lint->wrote);
	if (result == EXTMGR_OK) {
		extmgr__json_key(writer, "definitions");
		extmgr__json_raw(writer, extmgr_text_get_data(definitions),
				 extmgr_text_get_length(definitions));
	} else {
		write_message(lint, "failure", failure);
		/* A status is an answer: there are no instances, or not on this database. */
		extmgr__json_member_boolean(writer, "meant", result == EXTMGR_E_SCRIPT_STATUS);
	}
	extmgr__json_end_object(writer);
	extmgr_text_free(definitions);
	extmgr_error_free(failure);
	return EXTMGR_OK;
}

/* What the parameters are on each kind of database. */
static extmgr_result write_calls(struct lint *lint, extmgr_error **error)
{
	static const char *const dialects[] = {"sqlite", "postgresql", "exasol"};
	const struct extmgr__definition_info *info = extmgr__definition_get_info(lint->definition);
	extmgr_result result = EXTMGR_OK;
	size_t count = info->version_count;

	if (!extmgr__definition_info_has(info, EXTMGR__FN_GET_INSTANCE_PARAMETERS))
		count = 0;
	else if (count > VERSIONS_MAXIMUM)
		count = VERSIONS_MAXIMUM;
	extmgr__json_key(&lint->writer, "calls");
	extmgr__json_begin_array(&lint->writer);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; result == EXTMGR_OK && j < 3; j++)
			result = write_call(lint, dialects[j], info->versions[i].name, error);
	}
	extmgr__json_end_array(&lint->writer);
	return result;
}

static extmgr_result collect_facts(struct lint *lint, const char *source, size_t length,
				   extmgr_error **error)
{
	struct extmgr__json_writer *writer = &lint->writer;
	extmgr_result result;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", lint->id);
	result = load(lint, source, length, error);
	/* A source that is refused for its bytes is none to look through. */
	extmgr__json_key(writer, "source");
	if (length <= extmgr__context_limits(lint->context)->source_bytes &&
	    extmgr__utf8_is_valid(source, length))
		extmgr__json_string_length(writer, source, length);
	else
		extmgr__json_string(writer, "");
	if (result == EXTMGR_OK && lint->definition)
		result = write_extension(lint, error);
	if (result == EXTMGR_OK && lint->definition)
		result = write_calls(lint, error);
	extmgr__json_end_object(writer);
	if (result == EXTMGR_OK && extmgr__buffer_result(&lint->facts) != EXTMGR_OK)
		result = extmgr__error_from_result(error, extmgr__buffer_result(&lint->facts),
						   "facts about a definition");
	return result;
}

/* ---- The rules ---- */

static void run_source(duk_context *duk, const char *name, const char *source, size_t length)
{
	duk_push_string(duk, name);
	duk_compile_lstring_filename(duk, 0, source, length);
	duk_call(duk, 0);
	duk_pop(duk);
}

static void judge_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct lint *lint = argument;
	size_t length;
	const char *rules = extmgr_params_get_javascript(&length);

	(void)heap;
	run_source(duk, "validate.js", rules, length);
	run_source(duk, "lint.js", extmgr__lint_js, extmgr__lint_js_length);
	(void)duk_get_global_literal(duk, "extmgrLintDefinition");
	extmgr__push_valid_text(duk, extmgr__buffer_get(&lint->facts), lint->facts.length);
	duk_json_decode(duk, -1);
	duk_call(duk, 1);
	duk_json_encode(duk, -1);
	(void)extmgr__append_text(duk, -1, &lint->findings);
}

static extmgr_result judge(struct lint *lint, extmgr_error **error)
{
	struct extmgr__heap *heap = NULL;
	extmgr_result result = extmgr__heap_new(lint->context, &heap, error);

	if (result == EXTMGR_OK)
		result = extmgr__heap_run(heap, lint->operation, judge_work, lint, error);
	extmgr__heap_free(heap);
	if (result == EXTMGR_OK && extmgr__buffer_result(&lint->findings) != EXTMGR_OK)
		result = extmgr__error_from_result(error, extmgr__buffer_result(&lint->findings),
						   "findings about a definition");
	return result;
}

static extmgr_text *write_report(const struct lint *lint, extmgr_result *result)
{
	struct extmgr__buffer report = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&report);

	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.lint/1");
	extmgr__json_member_string(&writer, "id", lint->id);
	extmgr__json_member_boolean(&writer, "clean",
				    strcmp(extmgr__buffer_get(&lint->findings), "[]") == 0);
	extmgr__json_key(&writer, "findings");
	extmgr__json_raw(&writer, extmgr__buffer_get(&lint->findings), lint->findings.length);
	extmgr__json_end_object(&writer);
	return extmgr__buffer_take_text(&report, result);
}

static extmgr_result check_arguments(const extmgr_context *context, const char *id,
				     const char *source, extmgr_text **report_out,
				     extmgr_error **error)
{
	if (!report_out)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "report_out is NULL");
	*report_out = NULL;
	if (!id || !source)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "id or source is NULL");
	if (!extmgr__utf8_is_valid(id, strlen(id)))
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "id is not UTF-8");
	return extmgr__context_check(context, error);
}

extmgr_result extmgr_definition_lint(extmgr_context *context, extmgr_operation *operation,
				     const char *id, const char *source, size_t source_length,
				     extmgr_text **report_out, extmgr_error **error_out)
{
	struct lint lint = {
		.context = context,
		.operation = operation,
		.id = id,
		.facts = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.findings = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
	};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	result = check_arguments(context, id, source, report_out, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__operation_begin(operation, context, error_out);
	if (result != EXTMGR_OK)
		return result;
	lint.writer = EXTMGR__JSON_WRITER(&lint.facts);
	result = collect_facts(&lint, source, source_length, error_out);
	if (result == EXTMGR_OK)
		result = judge(&lint, error_out);
	if (result == EXTMGR_OK) {
		*report_out = write_report(&lint, &result);
		if (!*report_out)
			(void)extmgr__error_from_result(error_out, result, "lint report");
	}
	extmgr__definition_free(lint.definition);
	extmgr__buffer_free(&lint.facts);
	extmgr__buffer_free(&lint.findings);
	extmgr__operation_end(operation);
	return result;
}
