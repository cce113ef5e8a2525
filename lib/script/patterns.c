/* SPDX-License-Identifier: MIT */
#include "script/patterns.h"

#include "script/heap.h"
#include "script/js_text.h"

#include <stdlib.h>
#include <string.h>

#define STASH_PATTERNS "patterns"
/* Of what the engine says about a wrong one, in bytes. */
#define MESSAGE_MAXIMUM ((size_t)200)

struct extmgr__patterns {
	struct extmgr__heap *heap;
	size_t count;
};

struct addition {
	const struct extmgr__patterns *patterns;
	const char *pattern;
	struct extmgr__buffer message; /* of the engine */
};

struct search {
	const struct extmgr__patterns *patterns;
	const char *text;
	size_t length;
	size_t number;
};

static void make_list(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	(void)heap;
	(void)argument;
	duk_push_global_stash(duk);
	(void)duk_push_bare_array(duk);
	(void)duk_put_prop_literal(duk, -2, STASH_PATTERNS);
}

extmgr_result extmgr__patterns_new(extmgr_context *context, struct extmgr__patterns **patterns_out,
				   extmgr_error **error)
{
	struct extmgr__patterns *patterns = calloc(1, sizeof(*patterns));
	extmgr_result result;

	*patterns_out = NULL;
	if (!patterns)
		return extmgr__error_no_memory(error);
	result = extmgr__heap_new(context, &patterns->heap, error);
	if (result == EXTMGR_OK)
		result = extmgr__heap_run(patterns->heap, NULL, make_list, NULL, error);
	if (result != EXTMGR_OK) {
		extmgr__patterns_free(patterns);
		return result;
	}
	*patterns_out = patterns;
	return EXTMGR_OK;
}

void extmgr__patterns_free(struct extmgr__patterns *patterns)
{
	if (!patterns)
		return;
	extmgr__heap_free(patterns->heap);
	free(patterns);
}

static void push_list(duk_context *duk)
{
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, STASH_PATTERNS);
}

static void add(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct addition *addition = argument;

	(void)heap;
	push_list(duk);
	(void)duk_get_global_literal(duk, "RegExp");
	extmgr__push_text(duk, addition->pattern, strlen(addition->pattern));
	if (duk_pnew(duk, 1) == DUK_EXEC_SUCCESS) {
		(void)duk_put_prop_index(duk, -2, (duk_uarridx_t)addition->patterns->count);
		return;
	}
	if (duk_get_error_code(duk, -1) != DUK_ERR_SYNTAX_ERROR)
		duk_throw_raw(duk); /* a limit */
	(void)duk_safe_to_string(duk, -1);
	extmgr__append_text_cut(duk, -1, MESSAGE_MAXIMUM, &addition->message);
	extmgr__heap_fail(duk, EXTMGR_E_FORMAT, "'%.200s' is no regular expression: %s",
			  addition->pattern, extmgr__buffer_get(&addition->message));
}

extmgr_result extmgr__patterns_add(struct extmgr__patterns *patterns, const char *pattern,
				   extmgr_error **error)
{
	struct addition addition = {.patterns = patterns,
				    .pattern = pattern,
				    .message = EXTMGR__BUFFER(4 * MESSAGE_MAXIMUM)};
	extmgr_result result = extmgr__heap_run(patterns->heap, NULL, add, &addition, error);

	extmgr__buffer_free(&addition.message);
	if (result == EXTMGR_OK)
		patterns->count++;
	return result;
}

static void search(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct search *search = argument;

	(void)heap;
	extmgr__push_valid_text(duk, search->text, search->length);
	push_list(duk);
	for (size_t i = 0; i < search->patterns->count; i++) {
		bool matches;

		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		(void)duk_push_literal(duk, "test");
		duk_dup(duk, 0);
		duk_call_prop(duk, -3, 1);
		matches = duk_get_boolean(duk, -1);
		duk_pop_2(duk);
		if (matches) {
			search->number = i;
			return;
		}
	}
}

extmgr_result extmgr__patterns_find(struct extmgr__patterns *patterns, extmgr_operation *operation,
				    const char *text, size_t length, size_t *number_out,
				    extmgr_error **error)
{
	struct search found = {
		.patterns = patterns, .text = text, .length = length, .number = patterns->count};
	extmgr_result result = EXTMGR_OK;

	if (patterns->count > 0)
		result = extmgr__heap_run(patterns->heap, operation, search, &found, error);
	*number_out = found.number;
	return result;
}
