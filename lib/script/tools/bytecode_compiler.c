/* SPDX-License-Identifier: MIT */
/*
 * Build tool: bytecode-compiler NAME OUTPUT.c BEFORE AFTER INPUT.js... joins the inputs between two
 * texts, compiles them and writes the bytecode as the C array NAME and its size NAME_size. It is
 * built with the same Duktape as the library, because bytecode is only good for the engine and
 * configuration that made it.
 */
#include <extmgr_duktape.h>

#include <stdio.h>
#include <stdlib.h>

/* No limits apply while building. */
int extmgr_duk_exec_timeout(void *heap_udata)
{
	(void)heap_udata;
	return 0;
}

int extmgr_duk_tick(void *heap_udata, unsigned int weight)
{
	(void)heap_udata;
	(void)weight;
	return 0;
}

int extmgr_duk_stack_check(void *heap_udata)
{
	(void)heap_udata;
	return 0;
}

void extmgr_duk_alloc_failed(void *heap_udata)
{
	(void)heap_udata;
}

static void push_file(duk_context *duk, const char *path)
{
	FILE *file = fopen(path, "rb");
	char part[4096];
	size_t length;
	duk_idx_t first = duk_get_top(duk);

	if (!file)
		(void)duk_generic_error(duk, "cannot open %s", path);
	while ((length = fread(part, 1, sizeof(part), file)) > 0) {
		duk_require_stack(duk, 1);
		(void)duk_push_lstring(duk, part, length);
	}
	(void)fclose(file);
	duk_concat(duk, duk_get_top(duk) - first);
}

struct inputs {
	const char *before;
	const char *after;
	char **paths;
	int count;
};

static duk_ret_t compile(duk_context *duk, void *argument)
{
	const struct inputs *inputs = argument;

	(void)duk_push_string(duk, inputs->before);
	for (int i = 0; i < inputs->count; i++)
		push_file(duk, inputs->paths[i]);
	(void)duk_push_string(duk, inputs->after);
	duk_concat(duk, inputs->count + 2);
	/* No file name: errors then name the script that called, see the patch of Duktape. */
	(void)duk_push_string(duk, "");
	duk_compile(duk, DUK_COMPILE_EVAL);
	duk_dump_function(duk);
	return 1;
}

static int write_array(duk_context *duk, const char *name, const char *path)
{
	duk_size_t size = 0;
	const unsigned char *bytes = duk_get_buffer(duk, -1, &size);
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	(void)fprintf(file,
		      "/* Generated. */\n#include \"script/bytecode.h\"\n\n"
		      "const unsigned char %s[] = {",
		      name);
	for (duk_size_t i = 0; i < size; i++)
		(void)fprintf(file, "%s%u,", i % 20 ? "" : "\n\t", bytes[i]);
	(void)fprintf(file, "\n};\nconst size_t %s_size = sizeof(%s);\n", name, name);
	return fclose(file);
}

int main(int argc, char **argv)
{
	struct inputs inputs;
	duk_context *duk;
	int status = EXIT_FAILURE;

	if (argc < 6) {
		(void)fprintf(stderr, "usage: %s NAME OUTPUT.c BEFORE AFTER INPUT.js...\n", argv[0]);
		return status;
	}
	inputs = (struct inputs){
		.before = argv[3], .after = argv[4], .paths = argv + 5, .count = argc - 5};
	duk = duk_create_heap_default();
	if (!duk)
		return status;
	if (duk_safe_call(duk, compile, &inputs, 0, 1) != DUK_EXEC_SUCCESS)
		(void)fprintf(stderr, "%s: %s\n", argv[0], duk_safe_to_string(duk, -1));
	else if (write_array(duk, argv[1], argv[2]) != 0)
		(void)fprintf(stderr, "%s: cannot write %s\n", argv[0], argv[2]);
	else
		status = EXIT_SUCCESS;
	duk_destroy_heap(duk);
	return status;
}
