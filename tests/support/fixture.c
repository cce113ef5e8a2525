/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "direct.h"

#include "../hosts/libpq_host.h"
#include "drivers/odbc.h"

#include <libpq-fe.h>

#include <ftw.h>
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

/* A clock that goes on by a millisecond each time it is read: deadlines count steps, not time; and
 * by what the database was late. */
static uint64_t step_clock(void *user_data)
{
	static atomic_uint_least64_t milliseconds;
	const struct fixture *fixture = user_data;

	return (atomic_fetch_add(&milliseconds, 1) + 1 + fixture->fault.passed_ms) * 1000000u;
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

/* ---- the databases, each through a host ---- */

static const struct fixture_host *python_host;

static extmgr_database *open_odbc(const char *url)
{
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;

	must(extmgr_database_open(url, &database, &error), error);
	return database;
}

struct odbc {
	SQLHENV environment;
	SQLHDBC connection;
	const char *dialect;
};

static void put_settings(const struct extmgr__odbc_settings *settings, char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < settings->count; i++)
		length += (size_t)snprintf(text + length, size - length, "%s=%s;",
					   settings->keys[i], settings->values[i]);
}

static void *connect_odbc(const char *url)
{
	struct extmgr__odbc_settings settings = {.count = 0};
	struct odbc *odbc = calloc(1, sizeof(*odbc));
	extmgr_error *error = NULL;
	char text[1024];

	assert_non_null(odbc);
	must(extmgr__odbc_url_parse(url, &settings, &error), error);
	put_settings(&settings, text, sizeof(text));
	extmgr__odbc_settings_free(&settings);
	odbc->dialect = strncmp(url, "sqlite:", 7) == 0 ? "sqlite" : "postgresql";
	(void)SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &odbc->environment);
	(void)SQLSetEnvAttr(odbc->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	(void)SQLAllocHandle(SQL_HANDLE_DBC, odbc->environment, &odbc->connection);
	assert_true(SQL_SUCCEEDED(SQLDriverConnect(odbc->connection, NULL, (SQLCHAR *)text, SQL_NTS,
						   NULL, 0, NULL, SQL_DRIVER_NOPROMPT)));
	return odbc;
}

static extmgr_database *attach_odbc(void *connection)
{
	const struct odbc *odbc = connection;
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;

	must(extmgr_odbc_attach(odbc->connection, odbc->dialect, &database, &error), error);
	return database;
}

static int run_odbc(void *connection, const char *sql)
{
	const struct odbc *odbc = connection;
	SQLHSTMT statement;
	SQLRETURN answer;
	char text[512];

	(void)SQLAllocHandle(SQL_HANDLE_STMT, odbc->connection, &statement);
	(void)snprintf(text, sizeof(text), "%s", sql); /* ODBC takes no constants */
	answer = SQLExecDirect(statement, (SQLCHAR *)text, SQL_NTS);
	(void)SQLFreeHandle(SQL_HANDLE_STMT, statement);
	return SQL_SUCCEEDED(answer) || answer == SQL_NO_DATA ? 0 : 1;
}

static void disconnect_odbc(void *connection)
{
	struct odbc *odbc = connection;

	(void)SQLDisconnect(odbc->connection);
	(void)SQLFreeHandle(SQL_HANDLE_DBC, odbc->connection);
	(void)SQLFreeHandle(SQL_HANDLE_ENV, odbc->environment);
	free(odbc);
}

static void *connect_libpq(const char *url)
{
	PGconn *connection = PQconnectdb(url);

	assert_int_equal(PQstatus(connection), CONNECTION_OK);
	PQclear(PQexec(connection, "SET client_min_messages = error"));
	return connection;
}

static extmgr_database *attach_libpq(void *connection)
{
	return libpq_host_attach(connection);
}

static int run_libpq(void *connection, const char *sql)
{
	PGresult *answer = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(answer);

	PQclear(answer);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : 1;
}

static void disconnect_libpq(void *connection)
{
	PQfinish(connection);
}

static const struct fixture_host odbc_host = {open_odbc, connect_odbc, attach_odbc, run_odbc,
					      disconnect_odbc};
static const struct fixture_host libpq_host = {libpq_host_open, connect_libpq, attach_libpq,
					       run_libpq, disconnect_libpq};

static const struct {
	const char *name;
	bool is_postgresql;
	const struct fixture_host *host; /* NULL: the one in Python */
} databases[FIXTURE_DATABASES] = {
	{"sqlite through ODBC", false, &odbc_host},
	{"postgresql through ODBC", true, &odbc_host},
	{"postgresql through the libpq host", true, &libpq_host},
	{"sqlite through the Python host", false, NULL},
};

void fixture_in_python(const struct fixture_host *host)
{
	python_host = host;
}

const struct fixture_host *fixture_get_host(const struct fixture *fixture)
{
	return databases[fixture->which].host ? databases[fixture->which].host : python_host;
}

/* In Python there is only Python's. */
static bool is_there(int which)
{
	if ((databases[which].host == NULL) != (python_host != NULL))
		return false;
	return !databases[which].is_postgresql || getenv("EXTMGR_TEST_POSTGRESQL_URL");
}

/* ---- the fixture ---- */

bool fixture_open(struct fixture *fixture, int which)
{
	const char *server = getenv("EXTMGR_TEST_POSTGRESQL_URL");
	extmgr_context_options options;
	extmgr_error *error = NULL;

	*fixture =
		(struct fixture){.which = which, .is_postgresql = databases[which].is_postgresql};
	if (!is_there(which))
		return false;
	print_message("# %s\n", databases[which].name);
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
	fixture->real = fixture_get_host(fixture)->open(fixture->url);
	assert_non_null(fixture->real);
	fixture->database = fault_database_new(fixture->context, fixture->real, &fixture->fault);
	assert_non_null(fixture->database);
	make_manager(fixture);
	if (!fixture->is_postgresql)
		fixture_sql(fixture, "CREATE TABLE untouched(x)");
	return true;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about, (void)kind, (void)where;
	return remove(path);
}

void fixture_close(struct fixture *fixture)
{
	assert_int_equal(fixture->fault.open_sessions, 0);
	extmgr_manager_free(fixture->manager);
	extmgr_database_free(fixture->database);
	extmgr_database_free(fixture->real);
	extmgr_registry_free(fixture->registry);
	extmgr_context_free(fixture->context);
	free(fixture->log_text);
	assert_int_equal(nftw(fixture->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static bool is_of_kind(int which, enum fixture_kind kind)
{
	return kind == FIXTURE_ANY ||
	       databases[which].is_postgresql == (kind == FIXTURE_POSTGRESQL);
}

void fixture_each(enum fixture_kind kind, void (*run)(struct fixture *fixture))
{
	struct fixture fixture;
	int count = 0;

	for (int which = 0; which < FIXTURE_DATABASES; which++) {
		if (!is_of_kind(which, kind) || !fixture_open(&fixture, which))
			continue;
		run(&fixture);
		fixture_close(&fixture);
		count++;
	}
	if (!count)
		print_message("# none of its databases is there: skipped\n");
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

void fixture_sql(struct fixture *fixture, const char *sql)
{
	direct_run(fixture->url, sql);
}

char *fixture_value(struct fixture *fixture, const char *sql)
{
	return direct_value(fixture->url, sql);
}

char *fixture_snapshot(const struct fixture *fixture)
{
	return direct_snapshot(fixture->url);
}
