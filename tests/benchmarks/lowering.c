/* SPDX-License-Identifier: MIT */
/*
 * benchmark-lowering [FILE]: what newer JavaScript costs when a definition is loaded: lowered, from
 * disk, from memory. The source is written to FILE, for node.
 */
#include "measure.h"

#include "base/text.h"
#include "script/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Some 5 KiB: a median of many runs is wanted. */
#define PARTS 10

static const char part[] =
	"class Part%d extends Base { constructor(name, size = 3) { super(name); this.size = size; "
	"}\n"
	"  describe() { return `${this.name} of ${this.size}: ${super.describe()}`; } }\n"
	"const find%d = ({rows = [], limit}) => rows.filter((row) => row.n < limit).map(({n}) => "
	"n);\n"
	"function sum%d(...lists) { let all = 0; for (const list of lists) { for (const [k, v] of\n"
	"  Object.entries(list)) { all += v; } } return {...lists[0], all}; }\n";

static struct extmgr__buffer source;
static char directory[] = "/tmp/extmgr-benchmark-XXXXXX";

static void make_source(void)
{
	source = EXTMGR__BUFFER((size_t)256 << 10);
	extmgr__buffer_puts(&source, "class Base { constructor(name) { this.name = name; }\n"
				     "  describe() { return 'base'; } }\n");
	for (int i = 0; i < PARTS; i++)
		extmgr__buffer_printf(&source, part, i, i, i);
	extmgr__buffer_puts(&source,
			    "global.installedExtension = {apiVersion: '0.2.0', extension: {}};");
	check(extmgr__buffer_result(&source), NULL);
}

static extmgr_context *new_context(const char *cache_directory)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_error *error = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.cache_directory = cache_directory;
	check(extmgr_context_new(&options, &context, &error), error);
	return context;
}

static void load(extmgr_context *context)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;

	check(extmgr__definition_load(context, NULL, "x.js", source.data, source.length,
				      &definition, &error),
	      error);
	extmgr__definition_free(definition);
}

static void load_in_new_context(void *argument)
{
	extmgr_context *context = new_context(argument);

	load(context);
	extmgr_context_free(context);
}

static void load_again(void *argument)
{
	load(argument);
}

static int write_source(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	(void)fwrite(source.data, 1, source.length, file);
	return fclose(file);
}

int main(int argc, char **argv)
{
	extmgr_context *context = new_context(NULL);
	char command[128];

	make_source();
	if (!mkdtemp(directory) || (argc > 1 && write_source(argv[1]) != 0))
		return EXIT_FAILURE;
	(void)printf("lowering_source %zu bytes\n", source.length);
	measure("lowering_load_cold", load_in_new_context, NULL);
	load_in_new_context(directory);
	measure("lowering_load_disk", load_in_new_context, directory);
	load(context);
	measure("lowering_load_memory", load_again, context);
	extmgr_context_free(context);
	extmgr__buffer_free(&source);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
