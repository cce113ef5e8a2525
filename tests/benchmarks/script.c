/* SPDX-License-Identifier: MIT */
/* What scripts cost: a heap, loading a definition, a listing over 1 000 rows, memory. */
#include "measure.h"

#include "script/definition.h"
#include "script/heap_internal.h"

#include <extmgr/database.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS              1000
#define AUDIT_LOG_MAXIMUM (1 << 20)

static const char definition_source[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {"
	" name: 'benchmark', category: 'none', description: 'measures',"
	" installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],"
	" bucketFsUploads: [],"
	" findInstallations: function (context, metadata) {"
	"  var byName = new Map();"
	"  metadata.allScripts.rows.forEach(function (row) { byName.set(row.name, row); });"
	"  var found = [];"
	"  byName.forEach(function (row) {"
	"   if (row.comment === 'ours') found.push({name: row.name, version: '1.0.0'});"
	"  });"
	"  return found;"
	" },"
	" findInstances: function (context) {"
	"  var rows = context.sqlClient.query('select').rows;"
	"  return rows.length === 1000 ? [] : null; }"
	"}};";

static void heap_creation(void *argument)
{
	struct extmgr__heap *heap = NULL;
	extmgr_error *error = NULL;

	check(extmgr__heap_new(argument, &heap, &error), error);
	extmgr__heap_free(heap);
}

static struct extmgr__definition *load(extmgr_context *context)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;

	check(extmgr__definition_load(context, NULL, "x.js", definition_source,
				      sizeof(definition_source) - 1, &definition, &error),
	      error);
	return definition;
}

static void definition_load(void *argument)
{
	extmgr__definition_free(load(argument));
}

/* A definition that people use, from the file that the first argument names. */
static char *audit_log;

static void read_audit_log(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t length;

	audit_log = calloc(1, AUDIT_LOG_MAXIMUM);
	if (!file || !audit_log)
		exit(EXIT_FAILURE);
	length = fread(audit_log, 1, AUDIT_LOG_MAXIMUM - 1, file);
	(void)fclose(file);
	if (length == 0)
		exit(EXIT_FAILURE);
}

static void audit_log_load(void *argument)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;

	check(extmgr__definition_load(argument, NULL, "audit-log", audit_log, strlen(audit_log),
				      &definition, &error),
	      error);
	extmgr__definition_free(definition);
}

static void definition_cached(void *argument)
{
	struct extmgr__definition_info *info = NULL;
	extmgr_error *error = NULL;

	check(extmgr__definition_info_get(argument, NULL, "x.js", definition_source,
					  sizeof(definition_source) - 1, &info, &error),
	      error);
	extmgr__definition_info_unref(info);
}

/* Rows of seven columns, as the metadata tables of the reference have. */
static extmgr_rows *make_rows(void)
{
	extmgr_rows *rows = extmgr__rows_new(ROWS, (uint64_t)16 << 20);
	extmgr_result result = EXTMGR_OK;

	for (int i = 0; i < 7 && result == EXTMGR_OK; i++)
		result = extmgr_rows_add_column(rows, "COLUMN", "VARCHAR");
	for (int i = 0; i < ROWS * 7 && result == EXTMGR_OK; i++) {
		char text[64];
		int length;

		if (i % 7 == 6)
			length = snprintf(text, sizeof(text), i % 3500 == 6 ? "ours" : "other");
		else if (i % 7 == 1 || i % 7 == 5)
			length = snprintf(text, sizeof(text), "text of row %d column %d", i / 7,
					  i % 7);
		else
			length = snprintf(text, sizeof(text), "COLUMN_%d", i % 7);
		result = extmgr_rows_append_text(rows, text, (size_t)length);
	}
	check(result, NULL);
	return rows;
}

/* Rows are made anew for each call, so their making is measured too, and told apart. */
static extmgr_result read_metadata(void *user_data, extmgr_rows **scripts_out,
				   extmgr_rows **virtual_schemas_out, extmgr_error **error)
{
	(void)user_data;
	(void)virtual_schemas_out;
	(void)error;
	*scripts_out = make_rows();
	return EXTMGR_OK;
}

static extmgr_result query(void *user_data, const char *sql, size_t length,
			   const extmgr_values *arguments, extmgr_rows **rows_out,
			   extmgr_error **error)
{
	(void)user_data;
	(void)sql;
	(void)length;
	(void)arguments;
	(void)error;
	*rows_out = make_rows();
	return EXTMGR_OK;
}

static const struct extmgr__services services = {.dialect = "exasol",
						 .extension_schema = "EXT",
						 .query = query,
						 .read_metadata = read_metadata};

static void rows_made(void *argument)
{
	(void)argument;
	extmgr__rows_free(make_rows());
}

static void find_installations(void *argument)
{
	struct extmgr__pairs pairs;
	extmgr_error *error = NULL;

	check(extmgr__definition_find_installations(argument, &services, NULL, &pairs, &error),
	      error);
	extmgr__pairs_free(&pairs);
}

static void find_instances(void *argument)
{
	struct extmgr__pairs pairs;
	extmgr_error *error = NULL;

	check(extmgr__definition_find_instances(argument, &services, NULL, "1", &pairs, &error),
	      error);
	extmgr__pairs_free(&pairs);
}

int main(int argc, char **argv)
{
	extmgr_context *context = NULL;
	extmgr_error *error = NULL;
	struct extmgr__definition *definition;
	struct extmgr__heap *heap = NULL;

	check(extmgr_context_new(NULL, &context, &error), error);
	if (argc != 2) {
		(void)fprintf(stderr, "usage: script AUDIT-LOG.JS\n");
		return EXIT_FAILURE;
	}
	read_audit_log(argv[1]);
	measure("heap_creation", heap_creation, context);
	measure("definition_load_warm", definition_load, context);
	measure("audit_log_load_warm", audit_log_load, context);
	measure("definition_info_cached", definition_cached, context);
	measure("rows_made_by_host_1000x7", rows_made, NULL);
	definition = load(context);
	measure("find_installations_1000x7_with_host", find_installations, definition);
	measure("query_1000x7_with_host", find_instances, definition);
	extmgr__definition_free(definition);
	check(extmgr__heap_new(context, &heap, &error), error);
	(void)printf("heap_memory %zu bytes\n", heap->memory.used);
	extmgr__heap_free(heap);
	extmgr_context_free(context);
	free(audit_log);
	return EXIT_SUCCESS;
}
