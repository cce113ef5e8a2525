/* SPDX-License-Identifier: MIT */
/* A host that writes down what a definition asks of it, and a definition that runs on it. */
#ifndef EXTMGR_TEST_SCRIPT_HOST_H
#define EXTMGR_TEST_SCRIPT_HOST_H

#include "script_test.h"

#include "script/definition.h"

#include <extmgr/database.h>

#define ID "x.js"

/* A host that writes down what it is asked, and answers from a script of its own. */
struct host {
	char seen[8192];
	extmgr_rows *rows; /* the answer of the next query; handed over */
	extmgr_result fails;
	size_t calls;
	bool has_metadata;
	struct fake_clock *clock;
	uint64_t takes; /* nanoseconds of the clock that a statement takes */
};

static void note(struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct host *host, const char *format, ...)
{
	size_t used = strlen(host->seen);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(host->seen + used, sizeof(host->seen) - used, format, arguments);
	va_end(arguments);
}

static void note_arguments(struct host *host, const extmgr_values *values)
{
	for (size_t i = 0; i < extmgr_values_get_count(values); i++) {
		switch (extmgr_values_get_type(values, i)) {
		case EXTMGR_VALUE_NULL:
			note(host, ",null");
			break;
		case EXTMGR_VALUE_BOOLEAN:
			note(host, extmgr_values_get_integer(values, i) ? ",true" : ",false");
			break;
		case EXTMGR_VALUE_INTEGER:
			note(host, ",i%lld", (long long)extmgr_values_get_integer(values, i));
			break;
		case EXTMGR_VALUE_NUMBER:
			note(host, ",n%g", extmgr_values_get_number(values, i));
			break;
		default:
			note(host, ",'%s'", extmgr_values_get_text(values, i, NULL));
			break;
		}
	}
}

static extmgr_result refuse(struct host *host, extmgr_error **error)
{
	(void)extmgr__error_set(error, EXTMGR_E_STATEMENT, "no such table");
	extmgr__error_set_host(error, 7, "42P01");
	return extmgr__error_wrap(error, host->fails, "error executing statement");
}

static extmgr_result host_execute(void *user_data, const char *sql, size_t length,
				  const extmgr_values *arguments, extmgr_error **error)
{
	struct host *host = user_data;

	assert_int_equal(strlen(sql), length);
	host->calls++;
	note(host, "execute(%s", sql);
	note_arguments(host, arguments);
	note(host, ")\n");
	if (host->clock)
		host->clock->now += host->takes;
	return host->fails ? refuse(host, error) : EXTMGR_OK;
}

static extmgr_result host_query(void *user_data, const char *sql, size_t length,
				const extmgr_values *arguments, extmgr_rows **rows_out,
				extmgr_error **error)
{
	struct host *host = user_data;

	(void)length;
	host->calls++;
	note(host, "query(%s", sql);
	note_arguments(host, arguments);
	note(host, ")\n");
	if (host->fails)
		return refuse(host, error);
	*rows_out = host->rows;
	host->rows = NULL;
	return EXTMGR_OK;
}

static extmgr_result host_resolve_path(void *user_data, const char *file_name,
				       extmgr_text **path_out, extmgr_error **error)
{
	char path[64];

	(void)user_data;
	if (strcmp(file_name, "missing.jar") == 0)
		return extmgr__error_set(error, EXTMGR_E_ARTIFACT_MISSING,
					 "failed to find absolute path for file \"missing.jar\"");
	(void)snprintf(path, sizeof(path), "/buckets/%s", file_name);
	*path_out = extmgr__text_new(path, strlen(path));
	return EXTMGR_OK;
}

static extmgr_rows *rows_of(const char *const *columns, const char *const *cells, size_t rows)
{
	extmgr_rows *made = extmgr__rows_new(1000, 1 << 20);
	size_t count = 0;

	for (; columns[count]; count++)
		assert_int_equal(extmgr_rows_add_column(made, columns[count], "TEXT"), EXTMGR_OK);
	for (size_t i = 0; i < rows * count; i++) {
		if (cells[i])
			assert_int_equal(extmgr_rows_append_text(made, cells[i], strlen(cells[i])),
					 EXTMGR_OK);
		else
			assert_int_equal(extmgr_rows_append_null(made), EXTMGR_OK);
	}
	return made;
}

static const char *const script_columns[] = {"S", "N", "T", "I", "R", "X", "C", NULL};
static const char *const virtual_columns[] = {"N", "O", "S", "A", "X", NULL};

static extmgr_result host_get_script(void *user_data, const char *name, extmgr_rows **rows_out,
				     extmgr_error **error)
{
	static const char *const cells[] = {"EXT", "script", "UDF", NULL, NULL, "CREATE", NULL};

	(void)user_data;
	(void)error;
	if (strcmp(name, "script") == 0)
		*rows_out = rows_of(script_columns, cells, 1);
	else if (strcmp(name, "empty") == 0)
		*rows_out = rows_of(script_columns, cells, 0);
	return EXTMGR_OK;
}

static extmgr_result host_read_metadata(void *user_data, extmgr_rows **scripts_out,
					extmgr_rows **virtual_schemas_out, extmgr_error **error)
{
	static const char *const scripts[] = {
		"EXT", "a",  "UDF", "SET", "EMITS", "txt", NULL, "EXT", "b\xf0\x9f\x98\x80",
		"UDF", NULL, NULL,  NULL,  "c"};
	static const char *const schemas[] = {"vs", "me", "EXT", "ad", NULL};
	struct host *host = user_data;

	if (host->fails)
		return refuse(host, error);
	if (!host->has_metadata)
		return EXTMGR_OK;
	*scripts_out = rows_of(script_columns, scripts, 2);
	*virtual_schemas_out = rows_of(virtual_columns, schemas, 1);
	return EXTMGR_OK;
}

static void host_console(void *user_data, int32_t level, const char *message, size_t length)
{
	(void)length;
	note(user_data, "console(%d, %s)\n", level, message);
}

struct fixture {
	extmgr_context *context;
	struct extmgr__definition *definition;
	struct host host;
	struct extmgr__services services;
	extmgr_error *error;
};

static void open_fixture(struct fixture *fixture, struct fake_clock *clock, const char *functions)
{
	static char source[8192];

	memset(fixture, 0, sizeof(*fixture));
	fixture->context = test_context(clock, 0);
	fixture->host.clock = clock;
	fixture->services = (struct extmgr__services){.user_data = &fixture->host,
						      .dialect = "postgresql",
						      .extension_schema = "EXT",
						      .execute = host_execute,
						      .query = host_query,
						      .resolve_path = host_resolve_path,
						      .get_script = host_get_script,
						      .read_metadata = host_read_metadata,
						      .console = host_console};
	(void)snprintf(source, sizeof(source),
		       "global.installedExtension = {extension: {%s}, apiVersion: '0.2.0'};",
		       functions);
	if (extmgr__definition_load(fixture->context, NULL, ID, source, strlen(source),
				    &fixture->definition, &fixture->error) != EXTMGR_OK)
		print_error("%s\n", extmgr_error_get_message(fixture->error));
	assert_non_null(fixture->definition);
}

static void close_fixture(struct fixture *fixture)
{
	extmgr_error_free(fixture->error);
	extmgr__rows_free(fixture->host.rows);
	extmgr__definition_free(fixture->definition);
	extmgr_context_free(fixture->context);
}

static extmgr_result install(struct fixture *fixture)
{
	extmgr_error_free(fixture->error);
	fixture->error = NULL;
	return extmgr__definition_install(fixture->definition, &fixture->services, NULL, "1.0",
					  &fixture->error);
}

static void assert_chain(const extmgr_error *error, const char *expected)
{
	extmgr_text *text = NULL;

	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), expected);
	extmgr_text_free(text);
}

#endif
