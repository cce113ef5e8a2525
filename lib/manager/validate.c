/* SPDX-License-Identifier: MIT */
/*
 * Checking parameter values without doing anything with them: the rules for all, then the
 * definition's own validate(). That runs without a database, also with a context that it has kept.
 */
#include "manager/writer.h"

#include "sql/mask.h"

#include <stdlib.h>
#include <string.h>

static const char withheld[] = "the message is withheld because it holds a secret value";

/* What one call of validate() needs, and what it found. */
struct validation {
	struct extmgr__work *work;
	const struct extmgr__parameter_values *values;
	struct extmgr__secrets *secrets;
	struct extmgr__pairs faults; /* message, and name or "" */
};

static void print_line(void *user_data, int32_t level, const char *message, size_t length)
{
	const struct validation *validation = user_data;
	const struct extmgr__work *work = validation->work;

	if (extmgr__secrets_found_in(validation->secrets, message, length)) {
		message = "(a line that holds a secret value is withheld)";
		length = strlen(message);
	}
	if (work->services->console)
		work->services->console(work->services->user_data, level, message, length);
	else
		extmgr__context_log(work->manager->context, level, "definition", "%s: %.*s",
				    work->id, (int)(length < 4096 ? length : 4096), message);
}

static extmgr_result collect_secrets(struct validation *validation, extmgr_error **error)
{
	const struct extmgr__parameter_values *values = validation->values;
	extmgr_result result = EXTMGR_OK;

	validation->secrets = extmgr__secrets_new();
	if (!validation->secrets)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < values->count && result == EXTMGR_OK; i++) {
		if (values->items[i].secret)
			result = extmgr__secrets_add(validation->secrets, values->items[i].value,
						     strlen(values->items[i].value));
	}
	return result == EXTMGR_OK ? result : extmgr__error_no_memory(error);
}

/* With a secret about, what was thrown may hold it. */
static void withhold_error(const struct validation *validation, extmgr_result result,
			   extmgr_error **error)
{
	extmgr_text *text = NULL;
	bool found = true; /* also when memory is out */

	if (extmgr__secrets_is_empty(validation->secrets))
		return;
	if (extmgr_error_to_json(*error, &text) == EXTMGR_OK)
		found = extmgr__secrets_found_in(validation->secrets, extmgr_text_get_data(text),
						 extmgr_text_get_length(text));
	extmgr_text_free(text);
	if (found)
		extmgr__error_set(error, result, "%s", withheld);
}

static extmgr_result call(struct validation *validation, extmgr_error **error)
{
	const struct extmgr__services services = {
		.user_data = validation,
		.dialect = validation->work->services->dialect,
		.extension_schema = validation->work->services->extension_schema,
		.console = print_line,
	};
	struct extmgr__buffer json = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = extmgr__write_values(validation->values, &json);

	if (result != EXTMGR_OK) {
		extmgr__error_from_result(error, result, "the list of parameter values");
	} else {
		result = extmgr__definition_validate(validation->work->definition, &services,
						     validation->work->call.operation, json.data,
						     json.length, &validation->faults, error);
		if (result != EXTMGR_OK)
			withhold_error(validation, result, error);
	}
	if (json.data)
		explicit_bzero(json.data, json.length);
	extmgr__buffer_free(&json);
	return result;
}

/* Finds the faults, if there are any. */
static extmgr_result ask_definition(struct validation *validation, extmgr_error **error)
{
	extmgr_result result;

	if (!extmgr__definition_info_has(validation->work->info, EXTMGR__FN_VALIDATE))
		return EXTMGR_OK;
	result = collect_secrets(validation, error);
	if (result == EXTMGR_OK)
		result = call(validation, error);
	return result;
}

static void clear(struct validation *validation)
{
	extmgr__secrets_free(validation->secrets);
	extmgr__pairs_free(&validation->faults);
}

/* "" is one of the ways in which a definition says that all is well. */
static bool is_fault(const struct extmgr__pair *fault)
{
	return *fault->first != '\0';
}

static const char *message_of(const struct validation *validation, const struct extmgr__pair *fault)
{
	return extmgr__secrets_found_in(validation->secrets, fault->first, strlen(fault->first))
		       ? withheld
		       : fault->first;
}

static const char *id_of(const struct extmgr__pair *fault)
{
	return fault->second ? fault->second : "";
}

/* The parameter's name for people; of one that does not exist, what the definition called it. */
static const char *name_of(const extmgr__json *definitions, const char *id)
{
	for (const extmgr__json *at = extmgr__json_first(definitions); at;
	     at = extmgr__json_next(at)) {
		const char *other = extmgr__json_get_member_string(at, "id");
		const char *name = extmgr__json_get_member_string(at, "name");

		if (other && name && strcmp(other, id) == 0)
			return name;
	}
	return id;
}

static bool has_faults(const struct validation *validation)
{
	for (size_t i = 0; i < validation->faults.count; i++) {
		if (is_fault(&validation->faults.items[i]))
			return true;
	}
	return false;
}

/* All messages in one, as the rules write them (EX 7.4). */
static void write_message(const struct validation *validation, const extmgr__json *definitions,
			  struct extmgr__buffer *text)
{
	for (size_t i = 0; i < validation->faults.count; i++) {
		const struct extmgr__pair *fault = &validation->faults.items[i];
		const char *id = id_of(fault);

		if (!is_fault(fault))
			continue;
		extmgr__buffer_puts(text, text->length ? ", " : "");
		if (*id)
			extmgr__buffer_printf(text, "Failed to validate parameter '%s' (%s): ",
					      name_of(definitions, id), id);
		extmgr__buffer_puts(text, message_of(validation, fault));
	}
}

/* What the definition's messages are too long for is cut off by the error anyway. */
static extmgr_result invalid(const struct extmgr__buffer *message, extmgr_error **error)
{
	return extmgr__error_set(error, EXTMGR_E_PARAMETERS_INVALID, "invalid parameters: %s",
				 message->length ? extmgr__buffer_get(message)
						 : "the definition says too much about them");
}

extmgr_result extmgr__work_validate(struct extmgr__work *work, const char *definitions,
				    size_t length, const struct extmgr__parameter_values *values,
				    extmgr_error **error)
{
	struct extmgr__buffer message = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct validation validation = {.work = work, .values = values};
	extmgr__json *parsed = NULL;
	extmgr_result result = ask_definition(&validation, error);

	result = extmgr__work_settle(work, result, "validate parameters for", error);
	if (result == EXTMGR_OK && has_faults(&validation)) {
		result = extmgr__json_parse(definitions, length, "the list of parameters", &parsed,
					    error);
		if (result == EXTMGR_OK) {
			write_message(&validation, parsed, &message);
			result = invalid(&message, error);
		}
	}
	extmgr__json_free(parsed);
	extmgr__buffer_free(&message);
	clear(&validation);
	return result;
}

/* ---- as a report ---- */

static void write_failures(struct extmgr__json_writer *writer, const struct validation *validation,
			   const extmgr__json *definitions)
{
	extmgr__json_key(writer, "failures");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < validation->faults.count; i++) {
		const struct extmgr__pair *fault = &validation->faults.items[i];

		if (!is_fault(fault))
			continue;
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", id_of(fault));
		extmgr__json_member_string(writer, "name", name_of(definitions, id_of(fault)));
		extmgr__json_member_string(writer, "message", message_of(validation, fault));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static bool is_named(const struct validation *validation, const char *name)
{
	for (size_t i = 0; i < validation->faults.count; i++) {
		if (strcmp(id_of(&validation->faults.items[i]), name) == 0)
			return true;
	}
	return false;
}

/* The accepted ones: all but those that the definition named. */
static void write_accepted(struct extmgr__json_writer *writer, const struct validation *validation)
{
	extmgr__json_key(writer, "values");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < validation->values->count; i++) {
		const struct extmgr__parameter_value *value = &validation->values->items[i];

		if (is_named(validation, value->name))
			continue;
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", value->name);
		if (value->secret)
			extmgr__json_member_boolean(writer, "secret", true);
		else
			extmgr__json_member_string(writer, "value", value->value);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

/* Replaces a report without faults by one with those of the definition. */
static extmgr_result write_report(const struct validation *validation,
				  const extmgr_text *definitions, extmgr_text **report,
				  extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer message = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr__json *parsed = NULL;
	extmgr_text *text;
	extmgr_result result;

	result = extmgr__json_parse(extmgr_text_get_data(definitions),
				    extmgr_text_get_length(definitions), "the list of parameters",
				    &parsed, error);
	if (result != EXTMGR_OK)
		return result;
	write_message(validation, parsed, &message);
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.parameter-report/1");
	extmgr__json_member_boolean(&writer, "valid", false);
	write_failures(&writer, validation, parsed);
	extmgr__json_member_string(&writer, "message", extmgr__buffer_get(&message));
	write_accepted(&writer, validation);
	extmgr__json_end_object(&writer);
	text = extmgr__buffer_take_text(&buffer, &result);
	if (text) {
		extmgr_text_free(*report);
		*report = text;
		result = invalid(&message, error);
	} else {
		extmgr__error_from_result(error, result, "the report");
	}
	extmgr__buffer_free(&message);
	extmgr__json_free(parsed);
	return result;
}

static extmgr_result validate(struct extmgr__work *work, const char *version,
			      const char *values_json, size_t values_length, extmgr_text **report,
			      extmgr_error **error)
{
	struct extmgr__parameter_values values = {0};
	struct validation validation = {.work = work, .values = &values};
	extmgr_text *definitions = NULL;
	char *installed = NULL;
	extmgr_result result;

	result = extmgr__work_use_known_version(work, version, &installed, error);
	if (result == EXTMGR_OK && !work->version)
		result = extmgr__work_use_installable_version(work, NULL, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_get_parameters(work, &definitions, error);
	if (result == EXTMGR_OK)
		result = extmgr__params_validate(work->manager->context, work->call.operation,
						 extmgr_text_get_data(definitions),
						 extmgr_text_get_length(definitions), values_json,
						 values_length, report, &values, error);
	if (result == EXTMGR_OK)
		result = ask_definition(&validation, error);
	if (result == EXTMGR_OK && has_faults(&validation))
		result = write_report(&validation, definitions, report, error);
	clear(&validation);
	extmgr__parameter_values_free(&values);
	extmgr_text_free(definitions);
	free(installed);
	return result;
}

extmgr_result extmgr_manager_validate_parameters(extmgr_manager *manager, const char *id,
						 const char *version, const char *values_json,
						 size_t values_length,
						 const extmgr_call_options *options,
						 extmgr_text **report_out, extmgr_error **error_out)
{
	struct extmgr__work work;
	struct extmgr__call call;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!report_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "report_out is NULL");
	*report_out = NULL;
	result = extmgr__call_begin(manager, options, false, &call, &error);
	if (result == EXTMGR_OK) {
		result = extmgr__work_open(&work, manager, &call, id, NULL, &error);
		if (result == EXTMGR_OK)
			result = validate(&work, version, values_json, values_length, report_out,
					  &error);
		extmgr__work_close(&work);
		extmgr__call_end(&call);
	}
	if (result != EXTMGR_OK && result != EXTMGR_E_PARAMETERS_INVALID) {
		extmgr_text_free(*report_out);
		*report_out = NULL;
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
