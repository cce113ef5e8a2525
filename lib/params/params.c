/* SPDX-License-Identifier: MIT */
#include "params/params.h"

#include "base/alloc.h"
#include "params/document.h"
#include "params/validator.h"

#include <stdlib.h>
#include <string.h>

/* validate.js, embedded at build time. */
extern const char extmgr__validate_js[];
extern const size_t extmgr__validate_js_length;

const char *extmgr_params_get_javascript(size_t *length_out)
{
	if (length_out)
		*length_out = extmgr__validate_js_length;
	return extmgr__validate_js;
}

void extmgr__parameter_values_free(struct extmgr__parameter_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		struct extmgr__parameter_value *item = &values->items[i];

		if (item->secret && item->value)
			explicit_bzero(item->value, strlen(item->value));
		free(item->name);
		free(item->value);
	}
	free(values->items);
	*values = (struct extmgr__parameter_values){0};
}

/* As JavaScript sees it: validate.js looks at "secret" and "required" in the same way. */
static bool is_truthy(const extmgr__json *json)
{
	if (!json)
		return false;
	switch (extmgr__json_get_type(json)) {
	case EXTMGR__JSON_NULL:
		return false;
	case EXTMGR__JSON_BOOLEAN:
		return extmgr__json_is_true(json);
	case EXTMGR__JSON_NUMBER:
		return extmgr__json_get_number(json) != 0;
	case EXTMGR__JSON_STRING:
		return *extmgr__json_get_string(json) != '\0';
	default:
		return true;
	}
}

bool extmgr__params_is_secret(const extmgr__json *definitions, const char *name)
{
	const extmgr__json *definition;

	for (definition = extmgr__json_first(definitions); definition;
	     definition = extmgr__json_next(definition)) {
		const char *id = extmgr__json_get_member_string(definition, "id");

		if (id && strcmp(id, name) == 0 &&
		    is_truthy(extmgr__json_get(definition, "secret")))
			return true;
	}
	return false;
}

/* NULL when the name was not submitted. */
static const extmgr__json *find_entry(const extmgr__json *values, const char *name)
{
	const extmgr__json *entry;

	if (extmgr__json_get_type(values) == EXTMGR__JSON_OBJECT)
		return extmgr__json_get(values, name);
	for (entry = extmgr__json_first(values); entry; entry = extmgr__json_next(entry)) {
		if (strcmp(extmgr__json_get_member_string(entry, "name"), name) == 0)
			return extmgr__json_get(entry, "value");
	}
	return NULL;
}

/*
 * The report tells which values are accepted; the values come from what was submitted, so that
 * secret ones need not stand in a report.
 */
static extmgr_result read_accepted(const extmgr__json *report, const extmgr__json *values,
				   struct extmgr__parameter_values *accepted, extmgr_error **error)
{
	const extmgr__json *list = extmgr__json_get(report, "values");
	const extmgr__json *entry;

	if (extmgr__json_count(list) == 0)
		return EXTMGR_OK;
	accepted->items = calloc(extmgr__json_count(list), sizeof(*accepted->items));
	if (!accepted->items)
		return extmgr__error_no_memory(error);
	for (entry = extmgr__json_first(list); entry; entry = extmgr__json_next(entry)) {
		struct extmgr__parameter_value *item = &accepted->items[accepted->count++];
		const char *name = extmgr__json_get_member_string(entry, "name");
		const char *value = extmgr__json_get_string(find_entry(values, name));

		item->name = extmgr__strdup(name);
		item->value = extmgr__strdup(value ? value : ""); /* null is an empty value */
		item->secret = extmgr__json_is_true(extmgr__json_get(entry, "secret"));
		if (!item->name || !item->value)
			return extmgr__error_no_memory(error);
	}
	return EXTMGR_OK;
}

/* Reads the report; EXTMGR_E_PARAMETERS_INVALID when it has failures. */
static extmgr_result read_report(const struct extmgr__buffer *text, const extmgr__json *values,
				 struct extmgr__parameter_values *accepted, extmgr_error **error)
{
	extmgr__json *report = NULL;
	extmgr_result result;

	result = extmgr__json_parse(extmgr__buffer_get(text), text->length, "parameter report",
				    &report, error);
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__json_is_true(extmgr__json_get(report, "valid")))
		result = extmgr__error_set(error, EXTMGR_E_PARAMETERS_INVALID,
					   "invalid parameters: %s",
					   extmgr__json_get_member_string(report, "message"));
	else if (accepted)
		result = read_accepted(report, values, accepted, error);
	extmgr__json_free(report);
	return result;
}

static extmgr_result take_text(struct extmgr__buffer *buffer, extmgr_text **text_out,
			       extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	*text_out = extmgr__buffer_take_text(buffer, &result);
	return result == EXTMGR_OK
		       ? result
		       : extmgr__error_from_result(error, result, "the answer of the rules");
}

static extmgr_result read_values(const char *text, size_t length, extmgr__json **values_out,
				 struct extmgr__buffer *buffer, extmgr_error **error)
{
	static const char what[] = "parameter values";
	extmgr_result result =
		extmgr__parameter_document_read(text, length, what, values_out, error);

	if (result != EXTMGR_OK)
		return result;
	return extmgr__parameter_document_write(*values_out, what, buffer, error);
}

extmgr_result extmgr__params_validate(extmgr_context *context, extmgr_operation *operation,
				      const char *definitions_json, size_t definitions_length,
				      const char *values_json, size_t values_length,
				      extmgr_text **report_out,
				      struct extmgr__parameter_values *values_out,
				      extmgr_error **error)
{
	struct extmgr__buffer given = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer report = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__parameter_values accepted = {0};
	extmgr__json *values = NULL;
	extmgr_result result;
	extmgr_result taken;

	if (report_out)
		*report_out = NULL;
	if (values_out)
		*values_out = accepted;
	result = read_values(values_json, values_length, &values, &given, error);
	if (result == EXTMGR_OK)
		result = extmgr__validator_ask(context, operation, EXTMGR__VALIDATOR_REPORT,
					       definitions_json, definitions_length, &given,
					       &report, error);
	if (result == EXTMGR_OK)
		result = read_report(&report, values, values_out ? &accepted : NULL, error);
	if (result != EXTMGR_OK && result != EXTMGR_E_PARAMETERS_INVALID)
		goto out;
	taken = report_out ? take_text(&report, report_out, error) : EXTMGR_OK;
	if (taken != EXTMGR_OK)
		result = taken;
	if (result != EXTMGR_OK || !values_out)
		goto out;
	*values_out = accepted;
	accepted = (struct extmgr__parameter_values){0};
out:
	extmgr__parameter_values_free(&accepted);
	extmgr__json_free(values);
	extmgr__buffer_free(&given);
	extmgr__buffer_free(&report);
	return result;
}

/* What the public functions begin with. */
static extmgr_result begin(extmgr_context *context, extmgr_text **text_out, const char *name,
			   extmgr_error **error_out)
{
	if (error_out)
		*error_out = NULL;
	if (!text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL", name);
	*text_out = NULL;
	return extmgr__context_check(context, error_out);
}

extmgr_result extmgr_params_validate(extmgr_context *context, const char *definitions_json,
				     size_t definitions_length, const char *values_json,
				     size_t values_length, extmgr_text **report_out,
				     extmgr_error **error_out)
{
	extmgr_result result = begin(context, report_out, "report_out", error_out);

	if (result != EXTMGR_OK)
		return result;
	return extmgr__params_validate(context, NULL, definitions_json, definitions_length,
				       values_json, values_length, report_out, NULL, error_out);
}

extmgr_result extmgr_params_add_defaults(extmgr_context *context, const char *definitions_json,
					 size_t definitions_length, const char *values_json,
					 size_t values_length, extmgr_text **values_out,
					 extmgr_error **error_out)
{
	struct extmgr__buffer given = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer answer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr__json *values = NULL;
	extmgr_result result = begin(context, values_out, "values_out", error_out);

	if (result == EXTMGR_OK)
		result = read_values(values_json, values_length, &values, &given, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__validator_ask(context, NULL, EXTMGR__VALIDATOR_DEFAULTS,
					       definitions_json, definitions_length, &given,
					       &answer, error_out);
	if (result == EXTMGR_OK)
		result = take_text(&answer, values_out, error_out);
	extmgr__json_free(values);
	extmgr__buffer_free(&given);
	extmgr__buffer_free(&answer);
	return result;
}

extmgr_result extmgr_params_to_schema(extmgr_context *context, const char *definitions_json,
				      size_t definitions_length, extmgr_text **schema_out,
				      extmgr_error **error_out)
{
	struct extmgr__buffer answer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = begin(context, schema_out, "schema_out", error_out);

	if (result == EXTMGR_OK)
		result = extmgr__validator_ask(context, NULL, EXTMGR__VALIDATOR_SCHEMA,
					       definitions_json, definitions_length, NULL, &answer,
					       error_out);
	if (result == EXTMGR_OK)
		result = take_text(&answer, schema_out, error_out);
	extmgr__buffer_free(&answer);
	return result;
}
