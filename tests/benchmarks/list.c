/* SPDX-License-Identifier: MIT */
/* What people wait for: the list of a registry with 100 definitions, when it was listed before. */
#include "measure.h"

#include <extmgr/extmgr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFINITIONS 100

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
		      "global.installedExtension = {apiVersion: '0.2.0', extension: {"
		      "name: 'Definition %d', category: 'none', description: 'one of many',"
		      "installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],"
		      "findInstallations: function () { return []; }}};\n",
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

int main(void)
{
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_manager *manager = NULL;
	extmgr_error *error = NULL;

	if (!mkdtemp(directory))
		return EXIT_FAILURE;
	for (int i = 0; i < DEFINITIONS; i++)
		write_definition(i);
	check(extmgr_context_new(NULL, &context, &error), error);
	check(extmgr_registry_open(context, directory, &registry, &error), error);
	check(extmgr_manager_new(context, registry, NULL, NULL, NULL, &manager, &error), error);
	list_available(manager);
	measure("list_100_warm", list_available, manager);
	extmgr_manager_free(manager);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
	for (int i = 0; i < DEFINITIONS; i++) {
		char path[64];

		name_file(path, sizeof(path), i);
		(void)unlink(path);
	}
	(void)rmdir(directory);
	return EXIT_SUCCESS;
}
