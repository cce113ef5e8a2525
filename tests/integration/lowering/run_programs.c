/* SPDX-License-Identifier: MIT */
/*
 * Reads programs that end with a NUL each, lowers and runs them, and prints for each one a line
 * that says how it ended, the lines of its console, and a NUL.
 */
#include "base/alloc.h"
#include "script/heap_internal.h"
#include "script/js_text.h"
#include "script/lowering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program {
	const char *source;
	size_t length;
	struct extmgr__lowered *lowered;
	struct extmgr__buffer console;
};

static void print_line(void *user_data, int32_t level, const char *message, size_t length)
{
	struct program *program = user_data;

	(void)level;
	extmgr__buffer_append(&program->console, message, length);
	extmgr__buffer_putc(&program->console, '\n');
}

static void run(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	const struct program *program = argument;
	const char *code = program->source;
	size_t length = program->length;

	if (program->lowered->code) {
		extmgr__heap_define_lowered(heap);
		code = program->lowered->code;
		length = program->lowered->length;
	}
	(void)duk_push_literal(duk, "program");
	if (duk_pcompile_lstring_filename(duk, 0, code, length) != 0)
		duk_throw_raw(duk);
	duk_push_global_object(duk);
	duk_call_method(duk, 0);
	extmgr__heap_settle(heap);
	duk_pop(duk);
}

static extmgr_result run_lowered(extmgr_context *context, struct program *program,
				 extmgr_error **error)
{
	struct extmgr__heap *heap = NULL;
	extmgr_result result = extmgr__heap_new(context, &heap, error);

	if (result == EXTMGR_OK) {
		extmgr__heap_set_console(heap, print_line, program);
		heap->raw_console = true;
		extmgr__heap_set_lines(heap, program->lowered->lines, program->lowered->line_count);
		result = extmgr__heap_run(heap, NULL, run, program, error);
	}
	extmgr__heap_free(heap);
	return result;
}

static void run_program(extmgr_context *context, const char *source, size_t length)
{
	struct program program = {
		.source = source, .length = length, .console = EXTMGR__BUFFER((size_t)1 << 20)};
	char digest[EXTMGR__SHA256_HEX_SIZE];
	extmgr_error *error = NULL;
	extmgr_result result;

	result = extmgr__hash_sha256_hex(source, length, digest);
	if (result == EXTMGR_OK)
		result = extmgr__lowering_get(context, NULL, "program", source, length, digest,
					      &program.lowered, &error);
	if (result != EXTMGR_OK) {
		(void)printf("refused %s\n", extmgr_error_get_message(error));
	} else {
		result = run_lowered(context, &program, &error);
		if (result == EXTMGR_OK)
			(void)printf("ends\n");
		else
			(void)printf("throws %s\n", extmgr_error_get_message(error));
		(void)printf("%s", extmgr__buffer_get(&program.console));
	}
	(void)putchar('\0');
	extmgr_error_free(error);
	extmgr__lowered_unref(program.lowered);
	extmgr__buffer_free(&program.console);
}

int main(void)
{
	extmgr_context *context = NULL;
	char *source = NULL;
	size_t size = 0;
	ssize_t length;

	if (extmgr_context_new(NULL, &context, NULL) != EXTMGR_OK)
		return EXIT_FAILURE;
	while ((length = getdelim(&source, &size, '\0', stdin)) > 0)
		run_program(context, source, (size_t)length - 1);
	free(source);
	extmgr_context_free(context);
	return ferror(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
}
