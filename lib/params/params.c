/* SPDX-License-Identifier: MIT */
#include "params/params.h"

#include "base/alloc.h"
#include "script/heap.h"
#include "script/js_text.h"

#include <stdlib.h>
#include <string.h>

/* Longest document taken; in the heap it exists as text and as objects, both below its cap. */
#define MAXIMUM_DOCUMENT ((size_t)4 << 20)

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

/* One call of extmgrValidateParameters(). */
struct call {
	struct extmgr__buffer definitions; /* JSON */
	struct extmgr__buffer values;      /* JSON */
	struct extmgr__buffer report;      /* JSON; set by the call */
	struct extmgr__buffer refusal;     /* why there is no report; set by the call */
};

static void call_free(struct call *call)
{
	extmgr__buffer_free(&call->definitions);
	extmgr__buffer_free(&call->values);
	extmgr__buffer_free(&call->report);
	extmgr__buffer_free(&call->refusal);
}

static void push_json(duk_context *duk, const struct extmgr__buffer *json)
{
	extmgr__push_valid_text(duk, extmgr__buffer_get(json), json->length);
	duk_json_decode(duk, -1);
}

/* The codes with which validate.js throws; EXTMGR_OK: it did not throw that. */
static extmgr_result refusal_code(const char *name)
{
	static const struct {
		const char *name;
		extmgr_result code;
	} codes[] = {
		{"PARAMETER_DEFINITION", EXTMGR_E_PARAMETER_DEFINITION},
		{"TOO_LARGE", EXTMGR_E_TOO_LARGE},
		{"FORMAT", EXTMGR_E_FORMAT},
	};

	for (size_t i = 0; name && i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(codes[i].name, name) == 0)
			return codes[i].code;
	}
	return EXTMGR_OK;
}

/* What the call threw is on top of the stack. Does not return. */
static void refuse(struct extmgr__heap *heap, duk_context *duk, struct call *call)
{
	extmgr_result code = EXTMGR_OK;

	if (duk_is_object(duk, -1)) {
		duk_get_prop_string(duk, -1, "code");
		code = refusal_code(duk_get_string(duk, -1));
		duk_pop(duk);
	}
	if (code != EXTMGR_OK) {
		duk_get_prop_string(duk, -1, "message");
		extmgr__append_text(duk, -1, &call->refusal);
		extmgr__heap_fail(heap, code, "%s", extmgr__buffer_get(&call->refusal));
	}
	duk_throw_raw(duk);
}

static void call_validator(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct call *call = argument;

	duk_push_string(duk, "validate.js");
	duk_compile_lstring_filename(duk, 0, extmgr__validate_js, extmgr__validate_js_length);
	duk_call(duk, 0);
	duk_pop(duk);
	duk_get_global_string(duk, "extmgrValidateParameters");
	push_json(duk, &call->definitions);
	push_json(duk, &call->values);
	if (duk_pcall(duk, 2) != DUK_EXEC_SUCCESS)
		refuse(heap, duk, call);
	duk_json_encode(duk, -1);
	extmgr__append_text(duk, -1, &call->report);
	duk_pop(duk);
}

static extmgr_result run_validator(extmgr_context *context, extmgr_operation *operation,
				   struct call *call, extmgr_error **error)
{
	struct extmgr__heap *heap = NULL;
	extmgr_result result = extmgr__heap_new(context, &heap, error);

	if (result == EXTMGR_OK)
		result = extmgr__heap_run(heap, operation, call_validator, call, error);
	extmgr__heap_free(heap);
	if (result == EXTMGR_OK && extmgr__buffer_result(&call->report) != EXTMGR_OK)
		return extmgr__error_from_result(error, extmgr__buffer_result(&call->report),
						 "parameter report");
	return result;
}

static extmgr_result read_document(const char *text, size_t length, const char *what,
				   extmgr__json **json_out, extmgr_error **error)
{
	if (!text)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s: NULL", what);
	if (length > MAXIMUM_DOCUMENT)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE, "%s: longer than %zu MiB", what,
					 MAXIMUM_DOCUMENT >> 20);
	return extmgr__json_parse(text, length, what, json_out, error);
}

extmgr_result extmgr__params_read_values(const char *text, size_t length, extmgr__json **json_out,
					 extmgr_error **error)
{
	extmgr_result result = read_document(text, length, "parameter values", json_out, error);
	enum extmgr__json_type type;

	if (result != EXTMGR_OK)
		return result;
	type = extmgr__json_get_type(*json_out);
	if (type == EXTMGR__JSON_OBJECT || type == EXTMGR__JSON_ARRAY)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_FORMAT,
				 "the parameter values are neither an array nor an object");
}

/* The script gets what was parsed and checked here, not the text as it came. */
static extmgr_result write_document(const extmgr__json *json, const char *what,
				    struct extmgr__buffer *buffer, extmgr_error **error)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(buffer);
	extmgr_result result;

	extmgr__json_value(&writer, json);
	result = extmgr__buffer_result(buffer);
	return result == EXTMGR_OK ? result : extmgr__error_from_result(error, result, what);
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

static extmgr_result take_report(struct extmgr__buffer *report, extmgr_text **report_out,
				 extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (!report_out)
		return EXTMGR_OK;
	*report_out = extmgr__buffer_take_text(report, &result);
	return result == EXTMGR_OK ? result
				   : extmgr__error_from_result(error, result, "parameter report");
}

extmgr_result extmgr__params_validate(extmgr_context *context, extmgr_operation *operation,
				      const char *definitions_json, size_t definitions_length,
				      const char *values_json, size_t values_length,
				      extmgr_text **report_out,
				      struct extmgr__parameter_values *values_out,
				      extmgr_error **error)
{
	struct call call = {
		.definitions = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.values = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.report = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.refusal = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
	};
	struct extmgr__parameter_values accepted = {0};
	extmgr__json *definitions = NULL;
	extmgr__json *values = NULL;
	extmgr_result result;
	extmgr_result taken;

	if (report_out)
		*report_out = NULL;
	if (values_out)
		*values_out = accepted;
	result = read_document(definitions_json, definitions_length, "parameter definitions",
			       &definitions, error);
	if (result != EXTMGR_OK)
		goto out;
	result = read_document(values_json, values_length, "parameter values", &values, error);
	if (result != EXTMGR_OK)
		goto out;
	result = write_document(definitions, "parameter definitions", &call.definitions, error);
	if (result != EXTMGR_OK)
		goto out;
	result = write_document(values, "parameter values", &call.values, error);
	if (result != EXTMGR_OK)
		goto out;
	result = run_validator(context, operation, &call, error);
	if (result != EXTMGR_OK)
		goto out;
	result = read_report(&call.report, values, values_out ? &accepted : NULL, error);
	if (result != EXTMGR_OK && result != EXTMGR_E_PARAMETERS_INVALID)
		goto out;
	taken = take_report(&call.report, report_out, error);
	if (taken != EXTMGR_OK)
		result = taken;
	if (result != EXTMGR_OK || !values_out)
		goto out;
	*values_out = accepted;
	accepted = (struct extmgr__parameter_values){0};
out:
	extmgr__parameter_values_free(&accepted);
	extmgr__json_free(values);
	extmgr__json_free(definitions);
	call_free(&call);
	return result;
}

extmgr_result extmgr_params_validate(extmgr_context *context, const char *definitions_json,
				     size_t definitions_length, const char *values_json,
				     size_t values_length, extmgr_text **report_out,
				     extmgr_error **error_out)
{
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!report_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "report_out is NULL");
	*report_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	return extmgr__params_validate(context, NULL, definitions_json, definitions_length,
				       values_json, values_length, report_out, NULL, error_out);
}
