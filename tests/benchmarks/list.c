/* SPDX-License-Identifier: MIT */
/*
 * What people wait for: the list of a registry with 100 definitions in newer JavaScript, when they
 * are new - on one thread and on all - and when it was listed before; beside it the mere reading of
 * these files, which nobody can do without.
 */
#include "measure.h"

#include "host/context.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFINITIONS 100
#define COLD_RUNS   3

static char directory[] = "/tmp/extmgr-benchmark-XXXXXX";

static void name_file(char *path, size_t size, int number)
{
	(void)snprintf(path, size, "%s/definition-%d.js", directory, number);
}

static void write_definition(int number)
{
	char path[64];
	FILE *file;

	name_file(path, sizeof(path), number);
	file = fopen(path, "w");
	if (!file)
		exit(EXIT_FAILURE);
	(void)fprintf(file,
		      "class Base { constructor(name) { this.name = name; } }\n"
		      "class Other extends Base { describe() { return `a ${this.name}`; } }\n"
		      "const pick = ({rows = []}, ...more) => [...rows, ...more].map(({n}) => n);\n"
		      "global.installedExtension = {apiVersion: '0.2.0', extension: {"
		      "name: `Definition ${%d}`, category: 'none', description: 'one of many',"
		      "installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],"
		      "findInstallations: () => pick({}, new Other('x'))}};\n",
		      number);
	(void)fclose(file);
}

static void list_available(void *manager)
{
	extmgr_extension_list *list = NULL;
	extmgr_error *error = NULL;

	check(extmgr_manager_list_extensions(manager, EXTMGR_LIST_AVAILABLE, NULL, &list, &error),
	      error);
	if (extmgr_extension_list_get_count(list) != DEFINITIONS)
		exit(EXIT_FAILURE);
	extmgr_extension_list_free(list);
}

static void read_files(void *argument)
{
	int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)argument;
	for (int i = 0; i < DEFINITIONS; i++) {
		char name[32];
		char content[2048];
		struct stat status;
		int file;

		(void)snprintf(name, sizeof(name), "definition-%d.js", i);
		file = openat(folder, name, O_RDONLY | O_CLOEXEC);
		if (fstat(file, &status) != 0 ||
		    read(file, content, sizeof(content)) != status.st_size)
			exit(EXIT_FAILURE);
		(void)close(file);
	}
	(void)close(folder);
}

static extmgr_manager *open_manager(uint32_t max_parallel)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_manager *manager = NULL;
	extmgr_error *error = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.max_parallel = max_parallel;
	check(extmgr_context_new(&options, &context, &error), error);
	check(extmgr_registry_open(context, directory, &registry, &error), error);
	check(extmgr_manager_new(context, registry, NULL, NULL, NULL, &manager, &error), error);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
	return manager;
}

/* The best of a few runs: each has a context of its own. */
static void measure_cold(const char *name, uint32_t max_parallel)
{
	double best = 0;

	for (int i = 0; i < COLD_RUNS; i++) {
		extmgr_manager *manager = open_manager(max_parallel);
		uint64_t start = extmgr__monotonic_ns();
		double time;

		list_available(manager);
		time = (double)(extmgr__monotonic_ns() - start) / 1e6;
		if (i == 0 || time < best)
			best = time;
		extmgr_manager_free(manager);
	}
	(void)printf("%s %.1f ms\n", name, best);
}

int main(void)
{
	extmgr_manager *manager;

	if (!mkdtemp(directory))
		return EXIT_FAILURE;
	for (int i = 0; i < DEFINITIONS; i++)
		write_definition(i);
	measure_cold("list_100_cold_1_thread", 1);
	measure_cold("list_100_cold", 0);
	manager = open_manager(0);
	list_available(manager);
	measure("list_100_warm", list_available, manager);
	measure("list_100_files_read", read_files, NULL);
	extmgr_manager_free(manager);
	for (int i = 0; i < DEFINITIONS; i++) {
		char path[64];

		name_file(path, sizeof(path), i);
		(void)unlink(path);
	}
	(void)rmdir(directory);
	return EXIT_SUCCESS;
}
