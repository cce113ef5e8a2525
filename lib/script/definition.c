/* SPDX-License-Identifier: MIT */
/* Loading a definition. */
#include "script/definition_internal.h"

#include "base/alloc.h"
#include "script/code_cache.h"
#include "script/js_text.h"
#include "script/syntax.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Of what the engine says about a source, in bytes. */
#define SYNTAX_MESSAGE_MAXIMUM ((size_t)200)

struct load {
	struct extmgr__definition *definition;
	const char *source;
	size_t length;
	struct extmgr__code code;      /* of an earlier load, or to be kept for later ones */
	bool is_refused;               /* by the compiler */
	struct extmgr__buffer message; /* of the compiler */
};

static int error_line(duk_context *duk)
{
	int line;

	(void)duk_get_prop_literal(duk, -1, "lineNumber");
	line = duk_get_int_default(duk, -1, 0);
	duk_pop(duk);
	return line;
}

/* The compiler's error is on top: no script has run yet, so its properties are the engine's. */
static _Noreturn void refuse_source(struct load *load, duk_context *duk)
{
	const struct extmgr__definition *definition = load->definition;
	int line = extmgr__heap_map_line(definition->heap, error_line(duk));
	int newer_line = 0;
	const char *newer = NULL;

	if (!extmgr__lowering_is_there())
		newer = extmgr__syntax_find_newer(load->source, load->length, line, &newer_line);
	load->is_refused = true;
	if (newer)
		extmgr__heap_fail(
			duk, EXTMGR_E_SCRIPT_NEWER_SYNTAX,
			"definition '%s' line %d: %s are newer than ES5, which this build runs",
			definition->id, newer_line, newer);
	(void)duk_safe_to_string(duk, -1);
	extmgr__append_text_cut(duk, -1, SYNTAX_MESSAGE_MAXIMUM, &load->message);
	extmgr__heap_fail(duk, EXTMGR_E_SCRIPT_SYNTAX,
			  "failed to run extension \"%s\": %s at %s:%d", definition->id,
			  extmgr__buffer_get(&load->message), definition->id, line);
}

/* Of the program on top, for later loads; a definition that is too long is compiled each time. */
static void take_code(struct load *load, duk_context *duk)
{
	const void *bytes;
	size_t length;

	if (load->length > EXTMGR__CODE_SOURCE_MAXIMUM)
		return;
	duk_dup(duk, -1);
	duk_dump_function(duk);
	bytes = duk_get_buffer_data(duk, -1, &length);
	load->code.bytes = extmgr__memdup(bytes, length);
	load->code.length = length;
	load->code.is_lowered = load->definition->lowered != NULL;
	duk_pop(duk);
}

static void compile(struct load *load, duk_context *duk)
{
	if (load->definition->lowered)
		extmgr__heap_define_lowered(load->definition->heap);
	if (load->code.bytes) {
		memcpy(duk_push_fixed_buffer(duk, load->code.length), load->code.bytes,
		       load->code.length);
		duk_load_function(duk);
		return;
	}
	extmgr__push_text(duk, load->definition->id, strlen(load->definition->id));
	if (duk_pcompile_lstring_filename(duk, 0, load->source, load->length) == 0) {
		take_code(load, duk);
		return;
	}
	/* What is no SyntaxError is a limit. */
	if (duk_get_error_code(duk, -1) != DUK_ERR_SYNTAX_ERROR)
		duk_throw_raw(duk);
	refuse_source(load, duk);
}

static void load_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct load *load = argument;

	compile(load, duk);
	/* [ program ]: it finds an empty object under the name global */
	(void)duk_push_object(duk);
	duk_push_global_object(duk);
	(void)duk_push_literal(duk, "global");
	duk_dup(duk, -3);
	duk_def_prop(duk, -3,
		     DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_WRITABLE |
			     DUK_DEFPROP_CLEAR_ENUMERABLE | DUK_DEFPROP_SET_CONFIGURABLE);
	duk_pop(duk);
	duk_swap_top(duk, -2);
	/* In strict code, too. */
	duk_push_global_object(duk);
	duk_call_method(duk, 0);
	duk_pop(duk);
	duk_push_undefined(duk);
	extmgr__heap_settle(heap); /* jobs of promises, nothing to wait for */
	duk_pop(duk);
	(void)duk_get_prop_literal(duk, -1, "installedExtension");
	if (duk_is_null_or_undefined(duk, -1))
		extmgr__heap_fail(duk, EXTMGR_E_DEFINITION_UNREGISTERED,
				  "extension \"%s\" did not set global.installedExtension",
				  load->definition->id);
	extmgr__definition_info_read(load->definition, duk);
}

/* The lines of a definition's console go to the call's services, else to the log. */
static void print_line(void *user_data, int32_t level, const char *message, size_t length)
{
	const struct extmgr__definition *definition = user_data;
	char component[sizeof("definition:") + 255];

	if (definition->services && definition->services->console) {
		definition->services->console(definition->services->user_data, level, message,
					      length);
		return;
	}
	(void)snprintf(component, sizeof(component), "definition:%s", definition->id);
	extmgr__context_log(definition->context, level, component, "%s", message);
}

static extmgr_result check_source(extmgr_context *context, const char *id, const char *source,
				  size_t length, extmgr_error **error)
{
	uint64_t maximum;
	extmgr_result result = extmgr__context_check(context, error);

	if (result != EXTMGR_OK)
		return result;
	maximum = extmgr__context_limits(context)->source_bytes;
	if (length > maximum)
		return extmgr__error_set(error, EXTMGR_E_SOURCE_TOO_LARGE,
					 "definition '%s' has more than %llu bytes", id,
					 (unsigned long long)maximum);
	if (!extmgr__utf8_is_valid(source, length))
		return extmgr__error_set(error, EXTMGR_E_SCRIPT_SYNTAX,
					 "definition '%s' is not valid UTF-8", id);
	return EXTMGR_OK;
}

static extmgr_result make(extmgr_context *context, const char *id, const char *source,
			  size_t length, struct extmgr__definition **definition_out,
			  extmgr_error **error)
{
	struct extmgr__definition *definition = calloc(1, sizeof(*definition));
	extmgr_result result;

	if (!definition)
		return extmgr__error_no_memory(error);
	*definition_out = definition;
	definition->context = extmgr__context_ref(context);
	definition->id = extmgr__strdup(id);
	definition->info = extmgr__definition_info_new();
	if (!definition->id || !definition->info)
		return extmgr__error_no_memory(error);
	result = extmgr__hash_sha256_hex(source, length, definition->info->digest);
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "digest of a definition");
	result = extmgr__heap_new(context, &definition->heap, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__heap_set_user(definition->heap, definition);
	extmgr__heap_set_console(definition->heap, print_line, definition);
	return EXTMGR_OK;
}

static extmgr_result run(struct load *load, extmgr_operation *operation, extmgr_error **error)
{
	struct extmgr__buffer purpose = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&purpose, "failed to run extension \"%s\"", load->definition->id);
	result = extmgr__heap_run_for(load->definition->heap, operation,
				      extmgr__buffer_get(&purpose), load_work, load, error);
	extmgr__buffer_free(&purpose);
	return result;
}

/* Puts what runs instead into the load, when the source is not ES5. */
static extmgr_result lower(struct load *load, extmgr_operation *operation, extmgr_error **error)
{
	struct extmgr__definition *definition = load->definition;
	struct extmgr__lowered *lowered;
	extmgr_result result;

	result = extmgr__lowering_get(definition->context, operation, definition->id, load->source,
				      load->length, definition->info->digest, &lowered, error);
	if (result != EXTMGR_OK)
		return result;
	if (!lowered->code) {
		extmgr__lowered_unref(lowered);
		return EXTMGR_OK;
	}
	definition->lowered = lowered;
	extmgr__heap_set_lines(definition->heap, lowered->lines, lowered->line_count);
	load->source = lowered->code;
	load->length = lowered->length;
	return EXTMGR_OK;
}

/*
 * A source in which nothing looks newer is first given to the engine, which costs ES5 nothing;
 * acorn decides about all others, and about what the engine refuses.
 */
static extmgr_result load_lowering(struct load *load, extmgr_operation *operation,
				   extmgr_error **error)
{
	int line;
	bool looks_newer =
		extmgr__syntax_find_newer(load->source, load->length, INT_MAX, &line) != NULL;
	extmgr_error *refusal = NULL;
	extmgr_result result = EXTMGR_OK;

	if (!looks_newer) {
		result = run(load, operation, &refusal);
		if (!load->is_refused) {
			extmgr__error_move(error, &refusal);
			return result;
		}
	}
	result = lower(load, operation, error);
	if (result == EXTMGR_OK && (looks_newer || load->definition->lowered)) {
		result = run(load, operation, error);
	} else if (result == EXTMGR_OK) {
		result = extmgr_error_get_code(refusal);
		extmgr__error_move(error, &refusal);
	}
	extmgr_error_free(refusal);
	return result;
}

/* Compiled before: what was lowered still needs its lines. */
static extmgr_result load_compiled(struct load *load, extmgr_operation *operation,
				   extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (load->code.is_lowered)
		result = lower(load, operation, error);
	return result == EXTMGR_OK ? run(load, operation, error) : result;
}

static extmgr_result load(struct extmgr__definition *definition, extmgr_operation *operation,
			  const char *source, size_t length, extmgr_error **error)
{
	struct load load = {.definition = definition,
			    .source = source,
			    .length = length,
			    .message = EXTMGR__BUFFER(4 * SYNTAX_MESSAGE_MAXIMUM)};
	bool is_compiled;
	extmgr_result result;

	extmgr__code_find(definition->context, definition->info->digest, definition->id,
			  &load.code);
	is_compiled = load.code.bytes != NULL;
	if (is_compiled) {
		result = load_compiled(&load, operation, error);
	} else if (extmgr__lowering_is_there()) {
		result = load_lowering(&load, operation, error);
	} else {
		result = run(&load, operation, error);
		if (result == EXTMGR_E_SCRIPT_NEWER_SYNTAX)
			extmgr__error_hint(error,
					   "compile the definition to ES5, for example with swc "
					   "(jsc.target es5) or TypeScript (target ES5, "
					   "downlevelIteration)");
	}
	if (result == EXTMGR_OK && !is_compiled)
		extmgr__code_keep(definition->context, definition->info->digest, definition->id,
				  &load.code);
	free(load.code.bytes);
	extmgr__buffer_free(&load.message);
	return result;
}

extmgr_result extmgr__definition_load(extmgr_context *context, extmgr_operation *operation,
				      const char *id, const char *source, size_t length,
				      struct extmgr__definition **definition_out,
				      extmgr_error **error)
{
	struct extmgr__definition *definition = NULL;
	extmgr_result result;

	*definition_out = NULL;
	result = check_source(context, id, source, length, error);
	if (result == EXTMGR_OK)
		result = make(context, id, source, length, &definition, error);
	if (result == EXTMGR_OK)
		result = load(definition, operation, source, length, error);
	if (result != EXTMGR_OK) {
		extmgr__error_detail(error, "extension", id);
		extmgr__definition_free(definition);
		return result;
	}
	*definition_out = definition;
	return EXTMGR_OK;
}

void extmgr__definition_free(struct extmgr__definition *definition)
{
	if (!definition)
		return;
	extmgr__heap_free(definition->heap);
	extmgr__lowered_unref(definition->lowered);
	extmgr__definition_info_unref(definition->info);
	free(definition->id);
	extmgr__context_unref(definition->context);
	free(definition);
}

const struct extmgr__definition_info *
extmgr__definition_get_info(const struct extmgr__definition *definition)
{
	return definition->info;
}

struct extmgr__definition_info *
extmgr__definition_share_info(const struct extmgr__definition *definition)
{
	return extmgr__definition_info_ref(definition->info);
}
