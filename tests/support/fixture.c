/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "snapshot.h"

#include "host/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void remember_log(void *user_data, int32_t level, const char *component, const char *message,
			 size_t length)
{
	struct fixture *fixture = user_data;
	size_t more = strlen(component) + length + 32;

	fixture->log_text = realloc(fixture->log_text, fixture->log_length + more);
	assert_non_null(fixture->log_text);
	fixture->log_length += (size_t)snprintf(fixture->log_text + fixture->log_length, more,
						"%d %s %s\n", (int)level, component, message);
}

/* A clock that goes on by a millisecond each time it is read: deadlines count steps, not time. */
static uint64_t step_clock(void *user_data)
{
	static atomic_uint_least64_t milliseconds;

	(void)user_data;
	return (atomic_fetch_add(&milliseconds, 1) + 1) * 1000000u;
}

static void must(extmgr_result result, extmgr_error *error)
{
	if (result < 0)
		(void)fprintf(stderr, "%s: %s\n", extmgr_result_get_name(result),
			      extmgr_error_get_message(error));
	assert_true(result >= 0);
}

static void make_manager(struct fixture *fixture)
{
	extmgr_error *error = NULL;

	extmgr_manager_free(fixture->manager);
	must(extmgr_manager_new(fixture->context, fixture->registry, fixture->database, NULL, NULL,
				&fixture->manager, &error),
	     error);
}

bool fixture_open(struct fixture *fixture, int which)
{
	const char *server = getenv("EXTMGR_TEST_POSTGRESQL_URL");
	extmgr_context_options options;
	extmgr_error *error = NULL;

	*fixture = (struct fixture){.is_postgresql = which == 1};
	if (fixture->is_postgresql && !server)
		return false;
	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/extmgr-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	(void)snprintf(fixture->registry_path, sizeof(fixture->registry_path), "%s/registry",
		       fixture->directory);
	assert_int_equal(mkdir(fixture->registry_path, 0700), 0);
	if (fixture->is_postgresql)
		(void)snprintf(fixture->url, sizeof(fixture->url), "%s", server);
	else
		(void)snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/target.db",
			       fixture->directory);
	extmgr_context_options_init(&options, sizeof(options));
	options.log = remember_log;
	options.clock = step_clock;
	options.script_timeout_ms = 2000;
	options.user_data = fixture;
	must(extmgr_context_new(&options, &fixture->context, &error), error);
	must(extmgr_registry_open(fixture->context, fixture->registry_path, &fixture->registry,
				  &error),
	     error);
	must(extmgr_database_open(fixture->url, &fixture->real, &error), error);
	fixture->database = fault_database_new(fixture->context, fixture->real, &fixture->fault);
	assert_non_null(fixture->database);
	make_manager(fixture);
	if (!fixture->is_postgresql)
		fixture_sql(fixture, "CREATE TABLE untouched(x)");
	return true;
}

void fixture_close(struct fixture *fixture)
{
	char command[128];

	assert_int_equal(fixture->fault.open_sessions, 0);
	extmgr_manager_free(fixture->manager);
	extmgr_database_free(fixture->database);
	extmgr_database_free(fixture->real);
	extmgr_registry_free(fixture->registry);
	extmgr_context_free(fixture->context);
	free(fixture->log_text);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", fixture->directory);
	assert_int_equal(system(command), 0);
}

void fixture_use_registry(struct fixture *fixture, const char *path)
{
	extmgr_error *error = NULL;

	extmgr_registry_free(fixture->registry);
	must(extmgr_registry_open(fixture->context, path, &fixture->registry, &error), error);
	make_manager(fixture);
}

void fixture_define(struct fixture *fixture, const char *id, const char *source)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s.js", fixture->registry_path, id);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(source, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void fixture_define_install(struct fixture *fixture, const char *id, const char *install_body)
{
	static const char form[] =
		"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
		"  name: 'Test', category: 'test', description: 'd',\n"
		"  installableVersions: [{ name: '1.0.0', latest: true, deprecated: false }],\n"
		"  bucketFsUploads: [],\n"
		"  findInstallations: function (context, metadata) {\n"
		"    var sql = context.dialect === 'sqlite' ?\n"
		"      \"SELECT 1 FROM sqlite_master WHERE name = 'test_marker'\" :\n"
		"      \"SELECT 1 FROM information_schema.tables WHERE table_name = "
		"'test_marker'\";\n"
		"    return context.sqlClient.query(sql).rows.length ?\n"
		"      [{ name: 'Test', version: '1.0.0' }] : [];\n"
		"  },\n"
		"  install: function (context, version) {\n"
		"    var sql = context.sqlClient;\n"
		"    sql.execute('CREATE TABLE ' + "
		"context.quoteIdentifier(context.extensionSchemaName) +\n"
		"                '.test_marker(x integer)');\n"
		"%s\n"
		"  },\n"
		"  uninstall: function (context, version) {\n"
		"    context.sqlClient.execute('DROP TABLE ' +\n"
		"      context.quoteIdentifier(context.extensionSchemaName) + '.test_marker');\n"
		"  }\n"
		"} };\n";
	size_t size = sizeof(form) + strlen(install_body);
	char *source = malloc(size);

	assert_non_null(source);
	(void)snprintf(source, size, form, install_body);
	fixture_define(fixture, id, source);
	free(source);
}

static char *run_sql(struct fixture *fixture, const char *sql)
{
	struct extmgr__session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_rows *rows = NULL;
	char *value = NULL;

	must(extmgr__session_open(fixture->context, fixture->real, NULL, &session, &error), error);
	must(extmgr__session_begin(session, EXTMGR_BEGIN_WRITE, &error), error);
	must(extmgr__session_query(session, sql, strlen(sql), NULL, &rows, &error), error);
	if (extmgr__rows_count(rows)) {
		struct extmgr__cell cell = extmgr__rows_cell(rows, 0, 0);
		char number[32];

		(void)snprintf(number, sizeof(number), "%lld", (long long)cell.integer);
		if (cell.type == EXTMGR_VALUE_TEXT)
			value = strdup(cell.text);
		else if (cell.type != EXTMGR_VALUE_NULL)
			value = strdup(number);
	}
	extmgr__rows_free(rows);
	must(extmgr__session_commit(session, &error), error);
	extmgr__session_close(session);
	return value;
}

void fixture_sql(struct fixture *fixture, const char *sql)
{
	free(run_sql(fixture, sql));
}

char *fixture_value(struct fixture *fixture, const char *sql)
{
	return run_sql(fixture, sql);
}

char *fixture_snapshot(const struct fixture *fixture)
{
	return snapshot_database(fixture->url);
}
