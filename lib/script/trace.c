/* SPDX-License-Identifier: MIT */
/* extmgr_definition_try(): the calls of a scenario, and the document about them. */
#include "script/convert.h"
#include "script/definition_internal.h"
#include "script/heap_internal.h"
#include "script/js_text.h"
#include "script/scenario.h"

#include <extmgr/definition.h>

#include <math.h>
#include <string.h>

/* What a call threw. */
struct thrown {
	bool is; /* something was thrown */
	int status;
	struct extmgr__buffer name;
	struct extmgr__buffer message;
};

struct trial {
	extmgr_operation *operation;
	struct extmgr__scenario *scenario;
	struct extmgr__definition *definition;
	struct extmgr__services services;
	struct extmgr__buffer trace;
	struct extmgr__json_writer writer; /* of the trace */

	/* The call that is under way. */
	struct extmgr__scenario_call call;
	struct extmgr__buffer text; /* JSON: of an argument, then of the result */
	struct extmgr__buffer statements;
	struct extmgr__buffer console;
	struct extmgr__json_writer statement_writer;
	struct extmgr__json_writer console_writer;
	struct thrown thrown;
	extmgr_error *failure; /* of the scenario: no script may catch it for good */
};

/* ---- services ---- */

static void record(struct trial *trial, const char *kind, const char *sql, size_t length,
		   const extmgr_values *arguments)
{
	struct extmgr__json_writer *writer = &trial->statement_writer;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "kind", kind);
	extmgr__json_key(writer, "sql");
	extmgr__json_string_length(writer, sql, length);
	extmgr__json_key(writer, "args");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_values_get_count(arguments); i++)
		extmgr__values_write(arguments, i, writer);
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
}

/* What the scenario answers is the script's business; what goes wrong on the way there is not. */
static extmgr_result answer(struct trial *trial, const char *sql, size_t length,
			    extmgr_rows **rows_out, extmgr_error **error)
{
	extmgr_result result = extmgr__scenario_answer(trial->scenario, trial->operation, sql,
						       length, rows_out, error);

	if (result != EXTMGR_OK && result != EXTMGR_E_STATEMENT && !trial->failure)
		trial->failure = extmgr__error_copy(*error);
	return result;
}

static extmgr_result execute(void *user_data, const char *sql, size_t length,
			     const extmgr_values *arguments, extmgr_error **error)
{
	record(user_data, "execute", sql, length, arguments);
	return answer(user_data, sql, length, NULL, error);
}

static extmgr_result query(void *user_data, const char *sql, size_t length,
			   const extmgr_values *arguments, extmgr_rows **rows_out,
			   extmgr_error **error)
{
	*rows_out = NULL;
	record(user_data, "query", sql, length, arguments);
	return answer(user_data, sql, length, rows_out, error);
}

static extmgr_result resolve_path(void *user_data, const char *file_name, extmgr_text **path_out,
				  extmgr_error **error)
{
	const struct trial *trial = user_data;
	const char *path = extmgr__scenario_find_path(trial->scenario, file_name);

	*path_out = NULL;
	if (!path)
		return extmgr__error_set(error, EXTMGR_E_ARTIFACT_MISSING,
					 "failed to find absolute path for file \"%s\": file "
					 "\"%s\" not found in BucketFS",
					 file_name, file_name);
	*path_out = extmgr__text_new(path, strlen(path));
	return *path_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static extmgr_result get_script(void *user_data, const char *name, extmgr_rows **rows_out,
				extmgr_error **error)
{
	const struct trial *trial = user_data;

	return extmgr__scenario_get_script(trial->scenario, name, rows_out, error);
}

static extmgr_result read_metadata(void *user_data, extmgr_rows **all_scripts_out,
				   extmgr_rows **all_virtual_schemas_out, extmgr_error **error)
{
	const struct trial *trial = user_data;

	return extmgr__scenario_read_metadata(trial->scenario, all_scripts_out,
					      all_virtual_schemas_out, error);
}

static void console(void *user_data, int32_t level, const char *message, size_t length)
{
	struct trial *trial = user_data;
	struct extmgr__json_writer *writer = &trial->console_writer;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "level",
				   level == EXTMGR_LOG_ERROR     ? "error"
				   : level == EXTMGR_LOG_WARNING ? "warning"
								 : "info");
	extmgr__json_key(writer, "message");
	extmgr__json_string_length(writer, message, length);
	extmgr__json_end_object(writer);
}

/* ---- the static part ---- */

/* Replaces the value on top by its JSON text, or undefined when it has none. */
static void stringify(duk_context *duk)
{
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_STRINGIFY);
	duk_remove(duk, -2);
	duk_swap_top(duk, -2);
	duk_call(duk, 1);
}

/* The object that has it is on top; the list is written as it stands there. */
static void write_list(struct trial *trial, duk_context *duk, const char *member, const char *key)
{
	struct extmgr__conversion conversion = {
		.duk = duk,
		.code = EXTMGR_E_DEFINITION_SHAPE,
		.subject = trial->definition->id,
	};

	extmgr__buffer_clear(&trial->text);
	(void)duk_get_prop_string(duk, -1, member);
	(void)extmgr__convert_list(&conversion, member, EXTMGR__STATIC_MAXIMUM);
	stringify(duk);
	(void)extmgr__append_text(duk, -1, &trial->text);
	duk_pop(duk);
	extmgr__json_key(&trial->writer, key);
	extmgr__json_raw(&trial->writer, extmgr__buffer_get(&trial->text), trial->text.length);
}

static void write_lists(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct trial *trial = argument;

	(void)heap;
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_EXTENSION);
	write_list(trial, duk, "installableVersions", "installableVersions");
	write_list(trial, duk, "bucketFsUploads", "artifacts");
}

static extmgr_result write_definition(struct trial *trial, extmgr_error **error)
{
	const struct extmgr__definition_info *info = extmgr__definition_get_info(trial->definition);
	struct extmgr__json_writer *writer = &trial->writer;
	extmgr_result result;

	extmgr__json_key(writer, "definition");
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "name", info->name);
	extmgr__json_member_string(writer, "category", info->category);
	extmgr__json_member_string(writer, "description", info->description);
	result = extmgr__heap_run(trial->definition->heap, trial->operation, write_lists, trial,
				  error);
	extmgr__json_member_string(writer, "apiVersion", info->api_version);
	extmgr__json_end_object(writer);
	return result;
}

/* ---- a call ---- */

static void push_arguments(struct trial *trial, duk_context *duk)
{
	const extmgr__json *argument = extmgr__json_first(trial->call.arguments);

	if (trial->call.function != EXTMGR__FN_VALIDATE)
		extmgr__context_object_push(trial->definition, duk);
	if (trial->call.function == EXTMGR__FN_FIND_INSTALLATIONS)
		extmgr__metadata_push(trial->definition, duk);
	for (; argument; argument = extmgr__json_next(argument)) {
		struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&trial->text);

		extmgr__buffer_clear(&trial->text);
		extmgr__json_value(&writer, argument);
		duk_require_stack(duk, 8);
		extmgr__push_valid_text(duk, extmgr__buffer_get(&trial->text), trial->text.length);
		duk_json_decode(duk, -1);
	}
}

/* Leaves the result as JSON, or undefined. */
static duk_ret_t invoke(duk_context *duk, void *argument)
{
	struct trial *trial = argument;
	duk_idx_t first;

	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_FUNCTIONS);
	(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)trial->call.function);
	duk_push_undefined(duk); /* this */
	first = duk_get_top(duk);
	push_arguments(trial, duk);
	duk_call_method(duk, duk_get_top(duk) - first);
	extmgr__heap_settle(trial->definition->heap);
	stringify(duk);
	return 1;
}

/* Appends String() of the value on top, which is popped. */
static void append_string(duk_context *duk, struct extmgr__buffer *buffer)
{
	(void)duk_safe_to_string(duk, -1);
	(void)extmgr__append_text(duk, -1, buffer);
	duk_pop(duk);
}

/* 0: the object on top has none. What is no HTTP status of an error is 500, as it is for hosts. */
static int read_status(duk_context *duk)
{
	double status = 0;
	bool is_there =
		duk_get_prop_literal(duk, -1, "status") && !duk_is_null_or_undefined(duk, -1);

	if (is_there)
		status = trunc(duk_to_number(duk, -1));
	duk_pop(duk);
	if (!is_there)
		return 0;
	return status >= 400 && status <= 599 ? (int)status : 500;
}

/* The thrown value is on top. A getter that throws leaves what was read so far. */
static duk_ret_t describe(duk_context *duk, void *argument)
{
	struct thrown *thrown = argument;

	if (duk_is_object(duk, -1)) {
		thrown->status = read_status(duk);
		(void)duk_get_prop_literal(duk, -1, "name");
		if (duk_is_null_or_undefined(duk, -1))
			duk_pop(duk);
		else
			append_string(duk, &thrown->name);
		(void)duk_get_prop_literal(duk, -1, "message");
		if (duk_is_null_or_undefined(duk, -1))
			duk_pop(duk);
	}
	append_string(duk, &thrown->message);
	return 0;
}

/* What is thrown because of a limit, or of what the library refuses, ends the run. */
static void leave_when_stopped(const struct extmgr__heap *heap, duk_context *duk)
{
	if (heap->stop != EXTMGR_OK || heap->failure)
		duk_throw_raw(duk);
}

static void call_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct trial *trial = argument;

	trial->thrown.is = duk_safe_call(duk, invoke, trial, 0, 1) != DUK_EXEC_SUCCESS;
	extmgr__buffer_clear(&trial->text);
	if (!trial->thrown.is) {
		(void)extmgr__append_text(duk, -1, &trial->text);
		return;
	}
	leave_when_stopped(heap, duk);
	(void)duk_safe_call(duk, describe, &trial->thrown, 1, 1);
}

/* As JavaScript has it for a call of what is no function. */
static void refuse_missing_function(struct trial *trial)
{
	trial->thrown.is = true;
	extmgr__buffer_puts(&trial->thrown.name, "TypeError");
	extmgr__buffer_printf(&trial->thrown.message,
			      "extension \"%s\" does not support operation \"%s\"",
			      trial->definition->id, extmgr__function_name(trial->call.function));
}

static extmgr_result make_call(struct trial *trial, extmgr_error **error)
{
	struct extmgr__definition *definition = trial->definition;
	extmgr_result result;

	if (!extmgr__definition_info_has(definition->info, trial->call.function)) {
		refuse_missing_function(trial);
		return EXTMGR_OK;
	}
	definition->services = &trial->services;
	result = extmgr__heap_run(definition->heap, trial->operation, call_work, trial, error);
	extmgr__definition_end_call(definition);
	if (result == EXTMGR_OK && trial->failure) {
		result = extmgr_error_get_code(trial->failure);
		extmgr__error_move(error, &trial->failure);
	}
	return result;
}

static void begin_call(struct trial *trial)
{
	extmgr__buffer_clear(&trial->text);
	extmgr__buffer_clear(&trial->statements);
	extmgr__buffer_clear(&trial->console);
	extmgr__buffer_clear(&trial->thrown.name);
	extmgr__buffer_clear(&trial->thrown.message);
	trial->statement_writer = EXTMGR__JSON_WRITER(&trial->statements);
	trial->console_writer = EXTMGR__JSON_WRITER(&trial->console);
	trial->thrown.is = false;
	trial->thrown.status = 0;
}

static void write_thrown(struct extmgr__json_writer *writer, const struct thrown *thrown)
{
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "name");
	extmgr__json_string_length(writer, extmgr__buffer_get(&thrown->name), thrown->name.length);
	extmgr__json_key(writer, "status");
	if (thrown->status)
		extmgr__json_integer(writer, thrown->status);
	else
		extmgr__json_null(writer);
	extmgr__json_key(writer, "message");
	extmgr__json_string_length(writer, extmgr__buffer_get(&thrown->message),
				   thrown->message.length);
	extmgr__json_end_object(writer);
}

static void write_array(struct extmgr__json_writer *writer, const char *key,
			const struct extmgr__buffer *elements)
{
	extmgr__json_key(writer, key);
	extmgr__json_begin_array(writer);
	if (elements->length > 0)
		extmgr__json_raw(writer, extmgr__buffer_get(elements), elements->length);
	extmgr__json_end_array(writer);
}

/* Too much of one part is too much for the whole. */
static extmgr_result check_parts(const struct trial *trial, extmgr_error **error)
{
	const struct extmgr__buffer *const parts[] = {
		&trial->text,        &trial->statements,     &trial->console,
		&trial->thrown.name, &trial->thrown.message, &trial->trace,
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (extmgr__buffer_result(parts[i]) != EXTMGR_OK)
			return extmgr__error_from_result(error, extmgr__buffer_result(parts[i]),
							 "trace");
	}
	return EXTMGR_OK;
}

static void write_call(struct trial *trial)
{
	struct extmgr__json_writer *writer = &trial->writer;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "call", extmgr__function_name(trial->call.function));
	extmgr__json_key(writer, "result");
	if (!trial->thrown.is && trial->text.length > 0)
		extmgr__json_raw(writer, extmgr__buffer_get(&trial->text), trial->text.length);
	else
		extmgr__json_null(writer);
	extmgr__json_key(writer, "error");
	if (trial->thrown.is)
		write_thrown(writer, &trial->thrown);
	else
		extmgr__json_null(writer);
	write_array(writer, "statements", &trial->statements);
	write_array(writer, "console", &trial->console);
	extmgr__json_end_object(writer);
}

static extmgr_result make_calls(struct trial *trial, extmgr_error **error)
{
	const extmgr__json *at = NULL;
	extmgr_result result = EXTMGR_OK;

	extmgr__json_key(&trial->writer, "calls");
	extmgr__json_begin_array(&trial->writer);
	for (size_t number = 1; result == EXTMGR_OK; number++) {
		if (!extmgr__scenario_next_call(trial->scenario, &at, &trial->call))
			break;
		begin_call(trial);
		result = make_call(trial, error);
		if (result == EXTMGR_OK)
			result = check_parts(trial, error);
		if (result != EXTMGR_OK)
			return extmgr__error_wrap(error, result, "call %zu of the scenario, %s",
						  number,
						  extmgr__function_name(trial->call.function));
		write_call(trial);
	}
	extmgr__json_end_array(&trial->writer);
	return EXTMGR_OK;
}

static extmgr_result write_trace(struct trial *trial, extmgr_error **error)
{
	extmgr_result result;

	extmgr__json_begin_object(&trial->writer);
	extmgr__json_member_string(&trial->writer, "schema", "extmgr.trace/1");
	result = write_definition(trial, error);
	if (result == EXTMGR_OK)
		result = make_calls(trial, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_end_object(&trial->writer);
	return check_parts(trial, error);
}

static void start_trial(struct trial *trial)
{
	trial->services = (struct extmgr__services){
		.user_data = trial,
		.dialect = extmgr__scenario_dialect(trial->scenario),
		.extension_schema = extmgr__scenario_schema(trial->scenario),
		.execute = execute,
		.query = query,
		.resolve_path = resolve_path,
		.get_script = get_script,
		.read_metadata = read_metadata,
		.console = console,
	};
	trial->writer = EXTMGR__JSON_WRITER(&trial->trace);
	trial->definition->heap->raw_console = true;
}

static void end_trial(struct trial *trial)
{
	extmgr__definition_free(trial->definition);
	extmgr__scenario_free(trial->scenario);
	extmgr__buffer_free(&trial->trace);
	extmgr__buffer_free(&trial->text);
	extmgr__buffer_free(&trial->statements);
	extmgr__buffer_free(&trial->console);
	extmgr__buffer_free(&trial->thrown.name);
	extmgr__buffer_free(&trial->thrown.message);
	extmgr_error_free(trial->failure);
}

static extmgr_result check_arguments(const extmgr_context *context, const char *id,
				     const char *source, const char *scenario,
				     extmgr_text **trace_out, extmgr_error **error)
{
	if (!trace_out)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "trace_out is NULL");
	*trace_out = NULL;
	if (!id || !source || !scenario)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "id, source or scenario is NULL");
	return extmgr__context_check(context, error);
}

extmgr_result extmgr_definition_try(extmgr_context *context, extmgr_operation *operation,
				    const char *id, const char *source, size_t source_length,
				    const char *scenario, size_t scenario_length,
				    extmgr_text **trace_out, extmgr_error **error_out)
{
	struct trial trial = {
		.operation = operation,
		.trace = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.statements = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.console = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.thrown.name = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.thrown.message = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
	};
	extmgr_error *failure = NULL; /* errors are read here, and the host may want none */
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	result = check_arguments(context, id, source, scenario, trace_out, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__operation_begin(operation, context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__scenario_read(context, scenario, scenario_length, &trial.scenario,
				       &failure);
	if (result == EXTMGR_OK)
		result = extmgr__definition_load(context, operation, id, source, source_length,
						 &trial.definition, &failure);
	if (result == EXTMGR_OK) {
		start_trial(&trial);
		result = write_trace(&trial, &failure);
	}
	if (result == EXTMGR_OK) {
		*trace_out = extmgr__buffer_take_text(&trial.trace, &result);
		if (!*trace_out)
			(void)extmgr__error_from_result(&failure, result, "trace");
	}
	end_trial(&trial);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &failure);
	return result;
}
