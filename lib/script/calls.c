/* SPDX-License-Identifier: MIT */
/* The calls into a definition: arguments, results, and the texts of their errors (EX 2.3, 3.3). */
#include "script/definition_internal.h"

#include "base/alloc.h"
#include "base/json.h"
#include "script/convert.h"
#include "script/heap_internal.h"
#include "script/js_text.h"

#include <stdlib.h>
#include <string.h>

/* Longest answer that is handed on as JSON, in bytes. */
#define JSON_MAXIMUM ((size_t)1 << 20)

struct call;

/* Reads the value on top of the stack into call->answer; may leave. */
typedef void (*answer_reader)(struct call *call, duk_context *duk);

struct call {
	struct extmgr__definition *definition;
	const struct extmgr__services *services;
	extmgr_operation *operation;
	enum extmgr__function function;

	bool without_context;
	/* Arguments behind the context, in this order; NULL: not given. */
	bool wants_metadata;
	const char *version;
	const char *instance_id;
	const struct extmgr__pair *versions; /* from, to */
	const char *values_json;
	size_t values_length;

	answer_reader reader; /* NULL: the answer does not matter */
	const char *missing;  /* what is missing when there is no answer */
	const char *names[2]; /* the two members of an answered pair */
	/* Where the reader puts it: one of these; empty on failure. */
	struct extmgr__pair *pair;
	struct extmgr__pairs *pairs;
	extmgr_text **json_out;
	struct extmgr__buffer json; /* what json_out becomes */
};

static void push_values(duk_context *duk, const struct call *call)
{
	(void)duk_push_object(duk);
	extmgr__push_text(duk, call->values_json, call->values_length);
	duk_json_decode(duk, -1);
	(void)duk_put_prop_literal(duk, -2, "values");
}

/* Pushes what the function gets; answers how many. */
static duk_idx_t push_arguments(const struct call *call, duk_context *duk)
{
	duk_idx_t first = duk_get_top(duk);

	if (!call->without_context)
		extmgr__context_object_push(call->definition, duk);
	if (call->wants_metadata)
		extmgr__metadata_push(call->definition, duk);
	if (call->version)
		extmgr__push_text(duk, call->version, strlen(call->version));
	if (call->instance_id)
		extmgr__push_text(duk, call->instance_id, strlen(call->instance_id));
	if (call->versions) {
		extmgr__push_text(duk, call->versions->first, strlen(call->versions->first));
		extmgr__push_text(duk, call->versions->second, strlen(call->versions->second));
	}
	if (call->values_json)
		push_values(duk, call);
	return duk_get_top(duk) - first;
}

static void require_answer(const struct call *call, duk_context *duk)
{
	if (call->missing && duk_is_null_or_undefined(duk, -1))
		extmgr__heap_fail(duk, EXTMGR_E_SCRIPT_RESULT, "extension \"%s\" did not return %s",
				  call->definition->id, call->missing);
}

static void call_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct call *call = argument;

	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_FUNCTIONS);
	(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)call->function);
	duk_push_undefined(duk); /* this */
	duk_call_method(duk, push_arguments(call, duk));
	extmgr__heap_settle(heap);
	require_answer(call, duk);
	if (call->reader)
		call->reader(call, duk);
}

/* Pushes the subject of conversion errors: it stays on the stack as long as the work runs. */
static struct extmgr__conversion begin_conversion(const struct call *call, duk_context *duk)
{
	struct extmgr__conversion conversion = {.duk = duk, .code = EXTMGR_E_SCRIPT_RESULT};

	conversion.subject =
		duk_push_sprintf(duk, "answer of %s of extension \"%s\"",
				 extmgr__function_name(call->function), call->definition->id);
	duk_swap_top(duk, -2);
	return conversion;
}

static void read_pair(struct call *call, duk_context *duk)
{
	struct extmgr__conversion conversion = begin_conversion(call, duk);

	extmgr__convert_require_object(&conversion, "it");
	extmgr__convert_member_text(&conversion, call->names[0], &call->pair->first);
	extmgr__convert_member_text(&conversion, call->names[1], &call->pair->second);
}

static void read_optional_pair(struct call *call, duk_context *duk)
{
	if (!duk_is_null_or_undefined(duk, -1))
		read_pair(call, duk);
}

static void read_pairs(struct call *call, duk_context *duk)
{
	struct extmgr__conversion conversion = begin_conversion(call, duk);
	size_t count = extmgr__convert_list(&conversion, "it", EXTMGR__RESULT_MAXIMUM);

	call->pairs->items = calloc(count ? count : 1, sizeof(*call->pairs->items));
	if (!call->pairs->items)
		extmgr__heap_fail(duk, EXTMGR_E_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct extmgr__pair *pair = &call->pairs->items[call->pairs->count++];

		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		extmgr__convert_require_object(&conversion, "an element");
		extmgr__convert_member_text(&conversion, call->names[0], &pair->first);
		extmgr__convert_member_text(&conversion, call->names[1], &pair->second);
		duk_pop(duk);
	}
}

/* A text, or {name, message} where the call knows these names; anything else is no answer. */
static void read_complaint(struct call *call, const struct extmgr__conversion *conversion,
			   duk_context *duk)
{
	struct extmgr__pair *pair = &call->pairs->items[call->pairs->count++];

	if (call->names[0] && duk_is_object(duk, -1)) {
		extmgr__convert_member_text(conversion, call->names[0], &pair->first);
		extmgr__convert_member_text(conversion, call->names[1], &pair->second);
		if (!*pair->first)
			extmgr__heap_fail(conversion->duk, conversion->code,
					  "%s: could not convert an element: it has no %s",
					  conversion->subject, call->names[0]);
		duk_pop(duk);
		return;
	}
	if (!duk_is_string(duk, -1))
		extmgr__heap_fail(conversion->duk, conversion->code,
				  "%s: could not convert an element: it is not a text",
				  conversion->subject);
	extmgr__convert_text(conversion, "an element", &pair->first);
}

static bool is_one_complaint(const struct call *call, duk_context *duk)
{
	return duk_is_string(duk, -1) || (call->names[0] && duk_is_object(duk, -1) &&
					  duk_has_prop_string(duk, -1, call->names[0]));
}

/* Nothing, one complaint, or a list of them. */
static void read_complaints(struct call *call, duk_context *duk)
{
	struct extmgr__conversion conversion = begin_conversion(call, duk);
	size_t count = 1;

	if (duk_is_null_or_undefined(duk, -1))
		return;
	if (is_one_complaint(call, duk)) {
		(void)duk_push_bare_array(duk);
		duk_swap_top(duk, -2);
		(void)duk_put_prop_index(duk, -2, 0);
	} else {
		extmgr__convert_require_object(&conversion, "it");
		count = extmgr__convert_list(&conversion, "it", EXTMGR__RESULT_MAXIMUM);
	}
	call->pairs->items = calloc(count ? count : 1, sizeof(*call->pairs->items));
	if (!call->pairs->items)
		extmgr__heap_fail(duk, EXTMGR_E_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		read_complaint(call, &conversion, duk);
	}
}

/*
 * For JSON.stringify: a regular expression under the name regex becomes its source. Flags would be
 * lost where the rules are applied, so they are refused.
 */
static duk_ret_t replace_regexp(duk_context *duk)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);
	const struct extmgr__definition *definition = extmgr__heap_get_user(heap);

	if (!duk_is_object(duk, 1) || !duk_is_string(duk, 0) ||
	    strcmp(duk_get_string(duk, 0), "regex") != 0)
		return 1;
	(void)duk_get_global_literal(duk, "RegExp");
	if (!duk_is_callable(duk, -1) || !duk_instanceof(duk, 1, -1)) {
		duk_pop(duk);
		return 1;
	}
	(void)duk_get_prop_literal(duk, 1, "flags");
	if (*duk_to_string(duk, -1))
		extmgr__heap_fail(duk, EXTMGR_E_PARAMETER_DEFINITION,
				  "extension \"%s\": the regex of a parameter has flags, which are "
				  "not supported",
				  definition->id);
	(void)duk_get_prop_literal(duk, 1, "source");
	return 1;
}

/* Replaces the value on top by its JSON text. */
static void stringify(const struct call *call, duk_context *duk)
{
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_STRINGIFY);
	duk_remove(duk, -2);
	duk_swap_top(duk, -2);
	(void)duk_push_c_function(duk, replace_regexp, 2);
	if (duk_pcall(duk, 2) == DUK_EXEC_SUCCESS)
		return;
	/* Cyclic, or too deep; a limit or an earlier failure wins over this. */
	if (duk_get_error_code(duk, -1) == DUK_ERR_TYPE_ERROR ||
	    duk_get_error_code(duk, -1) == DUK_ERR_RANGE_ERROR)
		extmgr__heap_fail(duk, EXTMGR_E_SCRIPT_RESULT,
				  "extension \"%s\" answered parameters that cannot be written as "
				  "JSON",
				  call->definition->id);
	duk_throw_raw(duk);
}

static void read_parameters(struct call *call, duk_context *duk)
{
	struct extmgr__conversion conversion = begin_conversion(call, duk);

	(void)extmgr__convert_list(&conversion, "it", EXTMGR__STATIC_MAXIMUM);
	stringify(call, duk);
	extmgr__append_text(duk, -1, &call->json);
}

static void write_value(struct extmgr__json_writer *writer, const struct extmgr__pair *value)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "name", value->first);
	extmgr__json_member_string(writer, "value", value->second);
	extmgr__json_end_object(writer);
}

static void read_values(struct call *call, duk_context *duk)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&call->json);

	if (!duk_is_object(duk, -1))
		extmgr__heap_fail(duk, EXTMGR_E_SCRIPT_RESULT, "extension \"%s\" did not return %s",
				  call->definition->id, call->missing);
	(void)duk_get_prop_literal(duk, -1, "values");
	read_pairs(call, duk);
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < call->pairs->count; i++)
		write_value(&writer, &call->pairs->items[i]);
	extmgr__json_end_array(&writer);
}

static void clear_pair(struct extmgr__pair *pair)
{
	free(pair->first);
	free(pair->second);
	*pair = (struct extmgr__pair){NULL, NULL};
}

void extmgr__pairs_free(struct extmgr__pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		clear_pair(&pairs->items[i]);
	free(pairs->items);
	*pairs = (struct extmgr__pairs){NULL, 0};
}

void extmgr__definition_end_call(struct extmgr__definition *definition)
{
	definition->services = NULL;
	extmgr__rows_free(definition->rows);
	extmgr__rows_free(definition->more_rows);
	extmgr_text_free(definition->text);
	definition->rows = NULL;
	definition->more_rows = NULL;
	definition->text = NULL;
}

/* Hands the JSON of a call out, once it is known to be what the rest of the library reads. */
static extmgr_result take_json(struct call *call, extmgr_error **error)
{
	extmgr_result result = extmgr__buffer_result(&call->json);
	extmgr__json *parsed = NULL;

	if (result == EXTMGR_E_NO_MEMORY) {
		(void)extmgr__error_no_memory(error);
	} else if (result != EXTMGR_OK) {
		result = extmgr__error_set(
			error, EXTMGR_E_SCRIPT_RESULT,
			"answer of %s of extension \"%s\" has more than %zu bytes",
			extmgr__function_name(call->function), call->definition->id, JSON_MAXIMUM);
	} else {
		result = extmgr__json_parse(extmgr__buffer_get(&call->json), call->json.length,
					    "answer of the definition", &parsed, error);
		if (result == EXTMGR_E_FORMAT)
			result = extmgr__error_wrap(error, EXTMGR_E_SCRIPT_RESULT,
						    "extension \"%s\" answered what cannot be used",
						    call->definition->id);
	}
	extmgr__json_free(parsed);
	if (result == EXTMGR_OK) {
		*call->json_out = extmgr__buffer_take_text(&call->json, &result);
		if (!*call->json_out)
			(void)extmgr__error_from_result(error, result, "answer of the definition");
	}
	return result;
}

static void begin_answer(struct call *call)
{
	if (call->pair)
		*call->pair = (struct extmgr__pair){NULL, NULL};
	if (call->pairs)
		*call->pairs = (struct extmgr__pairs){NULL, 0};
	if (call->json_out)
		*call->json_out = NULL;
	call->json = EXTMGR__BUFFER(JSON_MAXIMUM);
}

static void drop_answer(struct call *call)
{
	if (call->pair)
		clear_pair(call->pair);
	if (call->pairs)
		extmgr__pairs_free(call->pairs);
}

/* purpose: "failed to install extension", with the id and what else there is filled in. */
static extmgr_result run_call(struct call *call, const struct extmgr__buffer *purpose,
			      extmgr_error **error)
{
	struct extmgr__definition *definition = call->definition;
	extmgr_result result;

	begin_answer(call);
	if (!extmgr__definition_info_has(definition->info, call->function)) {
		result = extmgr__error_set(error, EXTMGR_E_SCRIPT_NO_FUNCTION,
					   "extension \"%s\" does not support operation \"%s\"",
					   definition->id, extmgr__function_name(call->function));
	} else {
		definition->services = call->services;
		result = extmgr__heap_run_for(definition->heap, call->operation,
					      extmgr__buffer_get(purpose), call_work, call, error);
		extmgr__definition_end_call(definition);
	}
	if (result != EXTMGR_OK) {
		extmgr__error_detail(error, "extension", definition->id);
		drop_answer(call);
	} else if (call->json_out) {
		result = take_json(call, error);
	}
	extmgr__buffer_free(&call->json);
	return result;
}

/* The common form of purposes: verb and id. */
static extmgr_result run_verb(struct call *call, const char *verb, extmgr_error **error)
{
	struct extmgr__buffer purpose = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&purpose, "failed to %s extension \"%.1000s\"", verb,
			      call->definition->id);
	result = run_call(call, &purpose, error);
	extmgr__buffer_free(&purpose);
	return result;
}

extmgr_result extmgr__definition_find_installations(struct extmgr__definition *definition,
						    const struct extmgr__services *services,
						    extmgr_operation *operation,
						    struct extmgr__pairs *installations_out,
						    extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_FIND_INSTALLATIONS,
			    .wants_metadata = true,
			    .reader = read_pairs,
			    .names = {"name", "version"},
			    .pairs = installations_out};

	return run_verb(&call, "find installations for", error);
}

extmgr_result extmgr__definition_install(struct extmgr__definition *definition,
					 const struct extmgr__services *services,
					 extmgr_operation *operation, const char *version,
					 extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_INSTALL,
			    .version = version};

	return run_verb(&call, "install", error);
}

extmgr_result extmgr__definition_uninstall(struct extmgr__definition *definition,
					   const struct extmgr__services *services,
					   extmgr_operation *operation, const char *version,
					   extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_UNINSTALL,
			    .version = version};

	return run_verb(&call, "uninstall", error);
}

extmgr_result extmgr__definition_upgrade(struct extmgr__definition *definition,
					 const struct extmgr__services *services,
					 extmgr_operation *operation,
					 struct extmgr__pair *result_out, extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_UPGRADE,
			    .reader = read_pair,
			    .missing = "the versions of the upgrade",
			    .names = {"previousVersion", "newVersion"},
			    .pair = result_out};

	return run_verb(&call, "upgrade", error);
}

extmgr_result extmgr__definition_get_instance_parameters(struct extmgr__definition *definition,
							 const struct extmgr__services *services,
							 extmgr_operation *operation,
							 const char *version,
							 extmgr_text **json_out,
							 extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_GET_INSTANCE_PARAMETERS,
			    .version = version,
			    .reader = read_parameters,
			    .json_out = json_out};

	return run_verb(&call, "get parameter definitions for", error);
}

extmgr_result extmgr__definition_add_instance(struct extmgr__definition *definition,
					      const struct extmgr__services *services,
					      extmgr_operation *operation, const char *version,
					      const char *values_json, size_t length,
					      struct extmgr__pair *instance_out,
					      extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_ADD_INSTANCE,
			    .version = version,
			    .values_json = values_json,
			    .values_length = length,
			    .reader = read_pair,
			    .missing = "an instance",
			    .names = {"id", "name"},
			    .pair = instance_out};

	return run_verb(&call, "add instance for", error);
}

extmgr_result extmgr__definition_find_instances(struct extmgr__definition *definition,
						const struct extmgr__services *services,
						extmgr_operation *operation, const char *version,
						struct extmgr__pairs *instances_out,
						extmgr_error **error)
{
	struct extmgr__buffer purpose = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_FIND_INSTANCES,
			    .version = version,
			    .reader = read_pairs,
			    .names = {"id", "name"},
			    .pairs = instances_out};
	extmgr_result result;

	extmgr__buffer_printf(
		&purpose,
		"failed to list instances for extension \"%.1000s\" in version \"%.1000s\"",
		definition->id, version);
	result = run_call(&call, &purpose, error);
	extmgr__buffer_free(&purpose);
	return result;
}

/* The form of purposes about one instance: verb, its id, and that of the extension. */
static extmgr_result run_instance_verb(struct call *call, const char *verb, extmgr_error **error)
{
	struct extmgr__buffer purpose = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&purpose,
			      "failed to %s instance \"%.1000s\" for extension \"%.1000s\"", verb,
			      call->instance_id, call->definition->id);
	result = run_call(call, &purpose, error);
	extmgr__buffer_free(&purpose);
	return result;
}

extmgr_result extmgr__definition_delete_instance(struct extmgr__definition *definition,
						 const struct extmgr__services *services,
						 extmgr_operation *operation, const char *version,
						 const char *instance_id, extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_DELETE_INSTANCE,
			    .version = version,
			    .instance_id = instance_id};

	return run_instance_verb(&call, "delete", error);
}

extmgr_result extmgr__definition_update_instance(struct extmgr__definition *definition,
						 const struct extmgr__services *services,
						 extmgr_operation *operation, const char *version,
						 const char *instance_id, const char *values_json,
						 size_t length, struct extmgr__pair *instance_out,
						 extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_UPDATE_INSTANCE,
			    .version = version,
			    .instance_id = instance_id,
			    .values_json = values_json,
			    .values_length = length,
			    .reader = read_optional_pair,
			    .names = {"id", "name"},
			    .pair = instance_out};

	return run_instance_verb(&call, "update", error);
}

extmgr_result extmgr__definition_upgrade_instance(struct extmgr__definition *definition,
						  const struct extmgr__services *services,
						  extmgr_operation *operation,
						  const char *instance_id,
						  const struct extmgr__pair *versions,
						  extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_UPGRADE_INSTANCE,
			    .instance_id = instance_id,
			    .versions = versions};

	return run_instance_verb(&call, "upgrade", error);
}

extmgr_result extmgr__definition_read_instance_values(struct extmgr__definition *definition,
						      const struct extmgr__services *services,
						      extmgr_operation *operation,
						      const char *version, const char *instance_id,
						      extmgr_text **json_out, extmgr_error **error)
{
	struct extmgr__pairs pairs;
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_READ_INSTANCE_PARAMETER_VALUES,
			    .version = version,
			    .instance_id = instance_id,
			    .reader = read_values,
			    .missing = "parameter values",
			    .names = {"name", "value"},
			    .pairs = &pairs,
			    .json_out = json_out};
	extmgr_result result = run_verb(&call, "read instance values of", error);

	extmgr__pairs_free(&pairs);
	return result;
}

extmgr_result extmgr__definition_check(struct extmgr__definition *definition,
				       const struct extmgr__services *services,
				       extmgr_operation *operation,
				       struct extmgr__pairs *problems_out, extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_CHECK,
			    .reader = read_complaints,
			    .pairs = problems_out};

	return run_verb(&call, "check", error);
}

extmgr_result extmgr__definition_validate(struct extmgr__definition *definition,
					  const struct extmgr__services *services,
					  extmgr_operation *operation, const char *values_json,
					  size_t length, struct extmgr__pairs *faults_out,
					  extmgr_error **error)
{
	struct call call = {.definition = definition,
			    .services = services,
			    .operation = operation,
			    .function = EXTMGR__FN_VALIDATE,
			    .without_context = true,
			    .values_json = values_json,
			    .values_length = length,
			    .reader = read_complaints,
			    .names = {"message", "name"},
			    .pairs = faults_out};

	return run_verb(&call, "validate parameters for", error);
}
