/* SPDX-License-Identifier: MIT */
/* Reads one JavaScript expression a line and prints String(value), or "throws" and the name. */
#include "script/heap.h"
#include "script/js_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	const char *expression;
	struct extmgr__buffer answer;
};

static void evaluate(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct line *line = argument;

	(void)heap;
	(void)duk_push_literal(duk, "try { String((");
	extmgr__push_text(duk, line->expression, strlen(line->expression));
	(void)duk_push_literal(duk, ")) } catch (e) { 'throws ' + e.name }");
	duk_concat(duk, 3);
	(void)duk_push_literal(duk, "expression.js");
	duk_compile(duk, DUK_COMPILE_EVAL);
	duk_call(duk, 0);
	extmgr__append_text(duk, -1, &line->answer);
}

int main(void)
{
	extmgr_context *context = NULL;
	char *expression = NULL;
	size_t size = 0;
	int status = EXIT_FAILURE;

	if (extmgr_context_new(NULL, &context, NULL) != EXTMGR_OK)
		return status;
	while (getline(&expression, &size, stdin) > 0) {
		struct line line = {.expression = expression,
				    .answer = EXTMGR__BUFFER((size_t)1 << 20)};
		struct extmgr__heap *heap = NULL;
		extmgr_error *error = NULL;

		/* A heap for each: no line depends on another one. */
		if (extmgr__heap_new(context, &heap, &error) == EXTMGR_OK &&
		    extmgr__heap_run(heap, NULL, evaluate, &line, &error) == EXTMGR_OK)
			(void)printf("%s\n", extmgr__buffer_get(&line.answer));
		else
			(void)printf("fails: %s\n", extmgr_error_get_message(error));
		extmgr_error_free(error);
		extmgr__heap_free(heap);
		extmgr__buffer_free(&line.answer);
	}
	status = ferror(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
	free(expression);
	extmgr_context_free(context);
	return status;
}
