/* SPDX-License-Identifier: MIT */
/* The ODBC driver against real databases: SQLite always, PostgreSQL through with-postgres.sh. */
#include "../unit/test.h"

#include "host/database.h"

#include <extmgr/drivers.h>
#include <extmgr/extmgr.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct fixture {
	extmgr_context *context;
	char folder[64];
	char sqlite_url[128];
	const char *postgresql_url; /* NULL: no server */
	const char *admin_url;
};

static struct fixture fixture;

static int set_up(void **state)
{
	extmgr_context_options options;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.result_rows = 1000;
	snprintf(fixture.folder, sizeof(fixture.folder), "/tmp/extmgr-odbc.XXXXXX");
	if (!mkdtemp(fixture.folder))
		return 1;
	snprintf(fixture.sqlite_url, sizeof(fixture.sqlite_url), "sqlite:%s/a database \xc3\xa4.db",
		 fixture.folder);
	fixture.postgresql_url = getenv("EXTMGR_TEST_POSTGRESQL_URL");
	fixture.admin_url = getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL");
	return extmgr_context_new(&options, &fixture.context, NULL) == EXTMGR_OK ? 0 : 1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	extmgr_context_free(fixture.context);
	snprintf(command, sizeof(command), "rm -rf '%s'", fixture.folder);
	return system(command);
}

#define NEED_POSTGRESQL()                                                                          \
	do {                                                                                       \
		(void)state;                                                                       \
		if (!fixture.postgresql_url)                                                       \
			skip();                                                                    \
	} while (0)

static extmgr_database *open_database(const char *url)
{
	extmgr_database *database;
	extmgr_error *error = NULL;

	if (extmgr_database_open(url, &database, &error) != EXTMGR_OK)
		fail_msg("%s", extmgr_error_get_message(error));
	return database;
}

static struct extmgr__session *open_session(extmgr_database *database, extmgr_operation *operation)
{
	struct extmgr__session *session;
	extmgr_error *error = NULL;

	if (extmgr__session_open(fixture.context, database, operation, &session, &error) !=
	    EXTMGR_OK)
		fail_msg("%s", extmgr_error_get_message(error));
	return session;
}

static struct extmgr__session *begin(extmgr_database *database, uint32_t flags)
{
	struct extmgr__session *session = open_session(database, NULL);

	assert_int_equal(extmgr__session_begin(session, flags, NULL), EXTMGR_OK);
	return session;
}

static extmgr_result run(struct extmgr__session *session, const char *sql)
{
	extmgr_error *error = NULL;
	extmgr_result result =
		extmgr__session_execute(session, sql, strlen(sql), NULL, NULL, &error);

	assert_true(result == EXTMGR_OK || extmgr_error_get_message(error)[0] != '\0');
	extmgr_error_free(error);
	return result;
}

static extmgr_rows *ask(struct extmgr__session *session, const char *sql,
			const extmgr_values *arguments)
{
	extmgr_error *error = NULL;
	extmgr_rows *rows;

	if (extmgr__session_query(session, sql, strlen(sql), arguments, &rows, &error) != EXTMGR_OK)
		fail_msg("%s: %s", sql, extmgr_error_get_message(error));
	return rows;
}

static extmgr_result refused(struct extmgr__session *session, const char *sql)
{
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__session_query(session, sql, strlen(sql), NULL, &rows, NULL);

	extmgr__rows_free(rows);
	return result;
}

static void check(const char *url)
{
	extmgr_database *database = open_database(url);
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = extmgr_database_check(fixture.context, database, &report, &error);

	/* cmocka cuts long messages. */
	if (result != EXTMGR_OK)
		fprintf(stderr, "%s%s\n", extmgr_error_get_message(error),
			extmgr_text_get_data(report));
	assert_int_equal(result, EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report), "\"failed\":0"));
	extmgr_text_free(report);
	extmgr_database_free(database);
}

static void test_sqlite_keeps_the_contract(void **state)
{
	(void)state;
	check(fixture.sqlite_url);
}

static void test_postgresql_keeps_the_contract(void **state)
{
	NEED_POSTGRESQL();
	check(fixture.postgresql_url);
}

static void test_relative_paths_and_odd_names(void **state)
{
	static const char *const names[] = {"x.db", "file:x.db", " blank .db",
					    "\xf0\x9f\x98\x80'\"?", ":memory:x"};
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(fixture.folder), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char url[128];
		extmgr_database *database;
		struct extmgr__session *session;
		struct stat status;

		snprintf(url, sizeof(url), "sqlite:%s", names[i]);
		database = open_database(url);
		session = begin(database, EXTMGR_BEGIN_WRITE);
		assert_int_equal(run(session, "CREATE TABLE t (a)"), EXTMGR_OK);
		assert_int_equal(extmgr__session_commit(session, NULL), EXTMGR_OK);
		extmgr__session_close(session);
		extmgr_database_free(database);
		assert_int_equal(stat(names[i], &status), 0);
	}
	assert_int_equal(chdir(here), 0);
}

static void expect_connect(const char *url, extmgr_result expected, const char *part)
{
	extmgr_database *database = open_database(url);
	struct extmgr__session *session;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr__session_open(fixture.context, database, NULL, &session, &error),
			 expected);
	if (!strstr(extmgr_error_get_message(error), part))
		fail_msg("%s", extmgr_error_get_message(error));
	assert_null(strstr(extmgr_error_get_message(error), "sEcReT"));
	extmgr_error_free(error);
	extmgr_database_free(database);
}

static void test_missing_directory_is_a_connection_error(void **state)
{
	(void)state;
	expect_connect("sqlite:/nonexistent/x.db", EXTMGR_E_CONNECTION, "/nonexistent/x.db");
}

/* "postgresql://em:PASSWORD@127.0.0.1:PORT/em" with other credentials and database. */
static void other_url(char *url, size_t size, const char *credentials, const char *database)
{
	const char *host = strchr(fixture.postgresql_url, '@');
	int length = (int)(strrchr(host, '/') - host);

	snprintf(url, size, "postgresql://%s%.*s/%s", credentials, length, host, database);
}

static void test_wrong_credentials_are_an_authentication_error(void **state)
{
	static const char *const credentials[] = {"em:sEcReT", "nobody_there:sEcReT", "em"};
	char url[256];

	NEED_POSTGRESQL();
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]); i++) {
		other_url(url, sizeof(url), credentials[i], "em");
		expect_connect(url, EXTMGR_E_AUTHENTICATION, "");
	}
}

static void test_missing_database_is_a_connection_error(void **state)
{
	const char *user;
	char credentials[128];
	char url[256];

	NEED_POSTGRESQL();
	user = fixture.postgresql_url + strlen("postgresql://");
	snprintf(credentials, sizeof(credentials), "%.*s", (int)(strchr(user, '@') - user), user);
	other_url(url, sizeof(url), credentials, "no_such_database");
	expect_connect(url, EXTMGR_E_CONNECTION, "no_such_database");
}

static void test_unreachable_server_is_a_connection_error(void **state)
{
	NEED_POSTGRESQL();
	expect_connect("postgresql://em:sEcReT@127.0.0.1:1/em", EXTMGR_E_CONNECTION, "");
}

/* A listener that never answers. */
static int open_silent_port(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return listener;
}

static void test_silent_server_ends_with_connect_timeout(void **state)
{
	char url[128];
	uint16_t port;
	int listener;

	NEED_POSTGRESQL();
	listener = open_silent_port(&port);
	snprintf(url, sizeof(url), "postgresql://em:sEcReT@127.0.0.1:%u/em?connect_timeout=2",
		 port);
	expect_connect(url, EXTMGR_E_CONNECTION, "");
	close(listener);
}

static void test_killed_server_process_is_a_connection_error(void **state)
{
	extmgr_database *database;
	extmgr_database *admin;
	struct extmgr__session *session;
	struct extmgr__session *killer;
	extmgr_rows *rows;
	char sql[128];

	NEED_POSTGRESQL();
	database = open_database(fixture.postgresql_url);
	admin = open_database(fixture.admin_url);
	/* In a statement, and at COMMIT, where nobody can know the outcome. */
	for (int at_commit = 0; at_commit < 2; at_commit++) {
		session = begin(database, EXTMGR_BEGIN_WRITE);
		rows = ask(session, "SELECT pg_backend_pid()", NULL);
		snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 5000)",
			 (int)extmgr__rows_cell(rows, 0, 0).integer);
		extmgr__rows_free(rows);
		killer = begin(admin, 0);
		assert_int_equal(run(killer, sql), EXTMGR_OK);
		extmgr__session_close(killer);
		if (at_commit)
			assert_int_equal(extmgr__session_commit(session, NULL),
					 EXTMGR_E_OUTCOME_UNKNOWN);
		else
			assert_int_equal(run(session, "SELECT 1"), EXTMGR_E_CONNECTION);
		assert_true(extmgr__session_is_broken(session));
		extmgr__session_close(session);
	}
	extmgr_database_free(admin);
	extmgr_database_free(database);
}

/* postgres_fdw says so when it cannot connect; the session that asked it goes on. */
static void test_trouble_of_the_server_with_another_is_a_statement_error(void **state)
{
	static const char *const states[] = {"08001", "08006"};
	extmgr_database *database;
	struct extmgr__session *session;
	char sql[128];

	NEED_POSTGRESQL();
	database = open_database(fixture.postgresql_url);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		session = begin(database, EXTMGR_BEGIN_WRITE);
		snprintf(sql, sizeof(sql), "DO $$BEGIN RAISE 'x' USING ERRCODE = '%s'; END$$",
			 states[i]);
		assert_int_equal(run(session, sql), EXTMGR_E_STATEMENT);
		assert_false(extmgr__session_is_broken(session));
		assert_int_equal(extmgr__session_rollback(session, NULL), EXTMGR_OK);
		extmgr__session_close(session);
	}
	extmgr_database_free(database);
}

static void test_second_writer_of_sqlite_is_locked(void **state)
{
	const char *keys[] = {"Driver", "Database", "Timeout"};
	const char *values[] = {"SQLite3", fixture.sqlite_url + strlen("sqlite:"), "50"};
	extmgr_database *database;
	struct extmgr__session *first;
	struct extmgr__session *second;

	(void)state;
	assert_int_equal(extmgr_odbc_open(keys, values, 3, &database, NULL), EXTMGR_OK);
	first = begin(database, EXTMGR_BEGIN_WRITE);
	second = open_session(database, NULL);
	assert_int_equal(extmgr__session_begin(second, EXTMGR_BEGIN_WRITE, NULL), EXTMGR_E_LOCKED);
	/* A reader gets in, and a lock that is free again can be had. */
	assert_int_equal(extmgr__session_begin(second, 0, NULL), EXTMGR_OK);
	assert_int_equal(run(second, "SELECT 1"), EXTMGR_OK);
	assert_int_equal(extmgr__session_rollback(second, NULL), EXTMGR_OK);
	extmgr__session_close(first);
	assert_int_equal(extmgr__session_begin(second, EXTMGR_BEGIN_WRITE, NULL), EXTMGR_OK);
	extmgr__session_close(second);
	extmgr_database_free(database);
}

static void test_lock_timeout_of_postgresql_is_locked(void **state)
{
	extmgr_database *database;
	struct extmgr__session *first;
	struct extmgr__session *second;

	NEED_POSTGRESQL();
	database = open_database(fixture.postgresql_url);
	first = begin(database, EXTMGR_BEGIN_WRITE);
	assert_int_equal(run(first, "SELECT pg_advisory_xact_lock(1)"), EXTMGR_OK);
	second = begin(database, EXTMGR_BEGIN_WRITE);
	assert_int_equal(run(second, "SET LOCAL lock_timeout = '50ms'"), EXTMGR_OK);
	assert_int_equal(run(second, "SELECT pg_advisory_xact_lock(1)"), EXTMGR_E_LOCKED);
	extmgr__session_close(second);
	extmgr__session_close(first);
	extmgr_database_free(database);
}

static void test_sqlite_functions_of_the_driver_are_refused(void **state)
{
	static const char *const statements[] = {
		"SELECT load_extension('x')",       "SELECT blob_import('/etc/passwd')",
		"SELECT \"blob_import\"('/etc/x')", "SELECT [Blob_Export](x'41', '/tmp/x')",
		"SELECT `LOAD_EXTENSION`('x')",     "SELECT blob_import /* x */ ('/etc/passwd')",
	};
	extmgr_database *database = open_database(fixture.sqlite_url);

	(void)state;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		struct extmgr__session *session = begin(database, 0);

		assert_int_equal(run(session, statements[i]), EXTMGR_E_STATEMENT);
		extmgr__session_close(session);
	}
	extmgr_database_free(database);
}

static void test_sqlite_values_and_returning(void **state)
{
	static const char with[] = "WITH w AS (SELECT 2 AS x) INSERT INTO r SELECT x, '' FROM w";
	extmgr_database *database = open_database(fixture.sqlite_url);
	struct extmgr__session *session = begin(database, EXTMGR_BEGIN_WRITE);
	extmgr_rows *rows = ask(session, "VALUES (1, 'a'), (2, 'b');", NULL);
	int64_t affected = 0;

	(void)state;
	assert_int_equal(extmgr__rows_count(rows), 2);
	assert_string_equal(extmgr__rows_cell(rows, 1, 1).text, "b");
	extmgr__rows_free(rows);
	assert_int_equal(run(session, "CREATE TABLE r (a INTEGER, [what's?] TEXT)"), EXTMGR_OK);
	assert_int_equal(run(session, "INSERT INTO r VALUES (1, '-- {x} ?') RETURNING a"),
			 EXTMGR_OK);
	assert_int_equal(
		extmgr__session_execute(session, with, strlen(with), NULL, &affected, NULL),
		EXTMGR_OK);
	assert_int_equal(affected, -1);
	rows = ask(session, "SELECT [what's?] FROM r -- it's {\n ORDER BY a; -- end", NULL);
	assert_int_equal(extmgr__rows_count(rows), 2);
	assert_string_equal(extmgr__rows_cell(rows, 0, 0).text, "-- {x} ?");
	assert_string_equal(extmgr__rows_column_name(rows, 0), "what's?");
	extmgr__rows_free(rows);
	assert_int_equal(refused(session, "DELETE FROM r RETURNING a"), EXTMGR_E_UNSUPPORTED);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

static void test_values_by_type(void **state)
{
	extmgr_database *database;
	struct extmgr__session *session;
	extmgr_rows *rows;

	(void)state;
	database = open_database(fixture.sqlite_url);
	session = begin(database, 0);
	rows = ask(session,
		   "SELECT count(*) AS \"a.b\", 1.5, x'00ff', 9223372036854775807 UNION ALL "
		   "SELECT 'text', NULL, 'X', 1e3",
		   NULL);
	assert_string_equal(extmgr__rows_column_name(rows, 0), "a.b");
	assert_string_equal(extmgr__rows_column_name(rows, 1), "1.5");
	assert_int_equal(extmgr__rows_cell(rows, 0, 0).type, EXTMGR_VALUE_INTEGER);
	assert_int_equal(extmgr__rows_cell(rows, 0, 1).type, EXTMGR_VALUE_NUMBER);
	assert_string_equal(extmgr__rows_cell(rows, 0, 2).text, "00ff");
	assert_int_equal(extmgr__rows_cell(rows, 0, 3).integer, INT64_MAX);
	assert_string_equal(extmgr__rows_cell(rows, 1, 0).text, "text");
	assert_int_equal(extmgr__rows_cell(rows, 1, 1).type, EXTMGR_VALUE_NULL);
	assert_string_equal(extmgr__rows_cell(rows, 1, 2).text, "X");
	assert_int_equal(extmgr__rows_cell(rows, 1, 3).type, EXTMGR_VALUE_NUMBER);
	extmgr__rows_free(rows);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

static void test_values_of_postgresql_by_type(void **state)
{
	static const struct {
		int32_t type;
		const char *text;
	} expected[] = {
		{EXTMGR_VALUE_BOOLEAN, NULL},
		{EXTMGR_VALUE_INTEGER, NULL},
		{EXTMGR_VALUE_TEXT, "123456789012345678901234567890123456.10"},
		{EXTMGR_VALUE_NUMBER, NULL},
		{EXTMGR_VALUE_TEXT, "00ff"},
		{EXTMGR_VALUE_TEXT, "{\"a\": 1}"},
		{EXTMGR_VALUE_TEXT, "{1,2}"},
		{EXTMGR_VALUE_TEXT, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{EXTMGR_VALUE_NULL, NULL},
	};
	extmgr_database *database;
	struct extmgr__session *session;
	extmgr_rows *rows;

	NEED_POSTGRESQL();
	database = open_database(fixture.postgresql_url);
	session = begin(database, 0);
	rows = ask(session,
		   "SELECT true, 9223372036854775807, 123456789012345678901234567890123456.10, "
		   "0.1::float8 + 0.2::float8, '\\x00ff'::bytea, '{\"a\": 1}'::jsonb, "
		   "array[1, 2], 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid, 'NaN'::float8",
		   NULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct extmgr__cell cell = extmgr__rows_cell(rows, 0, i);

		assert_int_equal(cell.type, expected[i].type);
		if (expected[i].text)
			assert_string_equal(cell.text, expected[i].text);
	}
	assert_true(extmgr__rows_cell(rows, 0, 3).number > 0.3);
	assert_string_equal(extmgr__rows_column_type(rows, 2), "numeric");
	extmgr__rows_free(rows);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

static void test_large_text_and_nul(void **state)
{
	const char *urls[] = {fixture.sqlite_url, fixture.postgresql_url};
	size_t length = 2000003;
	char *text = malloc(length);

	(void)state;
	memset(text, 'x', length);
	memcpy(text + length - 4, "\xf0\x9f\x98\x80", 4);
	for (size_t i = 0; i < 2 && urls[i]; i++) {
		extmgr_database *database = open_database(urls[i]);
		struct extmgr__session *session = begin(database, 0);
		extmgr_values *values = extmgr__values_new();
		extmgr_rows *rows;

		assert_int_equal(extmgr__values_add_text(values, text, length), EXTMGR_OK);
		rows = ask(session, "SELECT CAST(? AS VARCHAR(3000000))", values);
		assert_int_equal(extmgr__rows_cell(rows, 0, 0).length, length);
		assert_memory_equal(extmgr__rows_cell(rows, 0, 0).text, text, length);
		extmgr__rows_free(rows);
		extmgr__values_free(values);
		values = extmgr__values_new();
		assert_int_equal(extmgr__values_add_text(values, "a\0b", 3), EXTMGR_OK);
		assert_int_equal(
			extmgr__session_execute(session, "SELECT ?", 8, values, NULL, NULL),
			EXTMGR_E_STATEMENT);
		extmgr__values_free(values);
		extmgr__session_close(session);
		extmgr_database_free(database);
	}
	free(text);
}

static void test_copy_is_refused(void **state)
{
	extmgr_database *database;
	struct extmgr__session *session;

	NEED_POSTGRESQL();
	database = open_database(fixture.postgresql_url);
	session = begin(database, 0);
	assert_int_equal(run(session, "COPY (SELECT 1) TO STDOUT"), EXTMGR_E_UNSUPPORTED);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

struct canceller {
	extmgr_operation *operation;
	pthread_t thread;
};

static void *cancel_soon(void *argument)
{
	const struct timespec soon = {.tv_nsec = 100000000};
	struct canceller *canceller = argument;

	/* Whether the statement has begun by then or not: both must end it. */
	nanosleep(&soon, NULL);
	extmgr_operation_cancel(canceller->operation);
	return NULL;
}

static void cancel_statement(const char *url, const char *sql)
{
	extmgr_database *database = open_database(url);
	struct extmgr__session *session;
	struct canceller canceller;

	assert_int_equal(extmgr_operation_new(NULL, &canceller.operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_begin(canceller.operation, fixture.context, NULL),
			 EXTMGR_OK);
	session = open_session(database, canceller.operation);
	assert_int_equal(extmgr__session_begin(session, 0, NULL), EXTMGR_OK);
	pthread_create(&canceller.thread, NULL, cancel_soon, &canceller);
	assert_int_equal(run(session, sql), EXTMGR_E_CANCELLED);
	pthread_join(canceller.thread, NULL);
	assert_int_equal(extmgr__session_rollback(session, NULL), EXTMGR_OK);
	extmgr__session_close(session);
	extmgr__operation_end(canceller.operation);
	extmgr_operation_free(canceller.operation);
	extmgr_database_free(database);
}

static void test_endless_statement_is_interrupted(void **state)
{
	(void)state;
	cancel_statement(fixture.sqlite_url,
			 "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT "
			 "count(*) FROM r");
	if (fixture.postgresql_url)
		cancel_statement(fixture.postgresql_url, "SELECT pg_sleep(3600)");
}

static void test_endless_result_is_too_large(void **state)
{
	extmgr_database *database = open_database(fixture.sqlite_url);
	struct extmgr__session *session = begin(database, 0);

	(void)state;
	assert_int_equal(refused(session,
				 "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 "
				 "FROM r) SELECT n FROM r"),
			 EXTMGR_E_TOO_LARGE);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

static void test_failed_transaction_runs_nothing(void **state)
{
	const char *urls[] = {fixture.sqlite_url, fixture.postgresql_url};

	(void)state;
	for (size_t i = 0; i < 2 && urls[i]; i++) {
		extmgr_database *database = open_database(urls[i]);
		struct extmgr__session *session = begin(database, EXTMGR_BEGIN_WRITE);

		assert_int_equal(run(session, "SELECT nothing"), EXTMGR_E_STATEMENT);
		assert_int_equal(run(session, "SELECT 1"), EXTMGR_E_STATEMENT);
		assert_int_equal(extmgr__session_commit(session, NULL), EXTMGR_E_COMMIT);
		extmgr__session_close(session);
		extmgr_database_free(database);
	}
}

/* SQLite ends a transaction on its own account: nothing may follow outside of it. */
static void test_rollback_by_sqlite_itself(void **state)
{
	extmgr_database *database = open_database(fixture.sqlite_url);
	struct extmgr__session *session = begin(database, EXTMGR_BEGIN_WRITE);

	(void)state;
	assert_int_equal(run(session, "CREATE TABLE k (a INTEGER PRIMARY KEY)"), EXTMGR_OK);
	assert_int_equal(run(session, "INSERT INTO k VALUES (1)"), EXTMGR_OK);
	assert_int_equal(run(session, "INSERT OR ROLLBACK INTO k VALUES (1)"), EXTMGR_E_STATEMENT);
	assert_int_equal(run(session, "CREATE TABLE leaked (a)"), EXTMGR_E_STATEMENT);
	assert_int_equal(extmgr__session_rollback(session, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_begin(session, 0, NULL), EXTMGR_OK);
	assert_int_equal(refused(session, "SELECT * FROM k"), EXTMGR_E_STATEMENT);
	extmgr__session_close(session);
	extmgr_database_free(database);
}

/* ---- connects of several threads ---- */

#define CONNECTING_THREADS 8
#define CONNECTS           5

static atomic_int in_setlocale;
static atomic_int setlocale_calls;
static atomic_bool setlocale_overlapped;

/* Stands before that of the C library, also for psqlODBC: it takes its time. */
char *setlocale(int category, const char *locale)
{
	char *(*real)(int, const char *);
	void *found = dlsym(RTLD_NEXT, "setlocale");
	char *answer;

	memcpy(&real, &found, sizeof(real));
	if (atomic_fetch_add(&in_setlocale, 1) > 0)
		setlocale_overlapped = true;
	setlocale_calls++;
	for (int i = 0; i < 1000; i++)
		sched_yield();
	answer = real(category, locale);
	atomic_fetch_sub(&in_setlocale, 1);
	return answer;
}

static void *connect_often(void *database)
{
	uintptr_t good = 0;

	for (int i = 0; i < CONNECTS; i++) {
		struct extmgr__session *session = NULL;

		if (extmgr__session_open(fixture.context, database, NULL, &session, NULL) ==
		    EXTMGR_OK)
			good++;
		extmgr__session_close(session);
	}
	return (void *)good;
}

static void connect_at_once(void)
{
	extmgr_database *database = open_database(fixture.postgresql_url);
	pthread_t threads[CONNECTING_THREADS];

	for (int i = 0; i < CONNECTING_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, connect_often, database), 0);
	for (int i = 0; i < CONNECTING_THREADS; i++) {
		void *good;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_int_equal((uintptr_t)good, CONNECTS);
	}
	extmgr_database_free(database);
}

static void test_threads_that_connect_do_not_meet_in_setlocale(void **state)
{
	NEED_POSTGRESQL();
	unsetenv("PGCLIENTENCODING");
	setlocale_calls = 0;
	connect_at_once();
	assert_true(setlocale_calls > 0);
	assert_false(setlocale_overlapped);
	setenv("PGCLIENTENCODING", "UTF8", 1);
	setlocale_calls = 0;
	connect_at_once();
	assert_int_equal(setlocale_calls, 0);
	unsetenv("PGCLIENTENCODING");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sqlite_keeps_the_contract),
		cmocka_unit_test(test_postgresql_keeps_the_contract),
		cmocka_unit_test(test_relative_paths_and_odd_names),
		cmocka_unit_test(test_missing_directory_is_a_connection_error),
		cmocka_unit_test(test_wrong_credentials_are_an_authentication_error),
		cmocka_unit_test(test_missing_database_is_a_connection_error),
		cmocka_unit_test(test_unreachable_server_is_a_connection_error),
		cmocka_unit_test(test_silent_server_ends_with_connect_timeout),
		cmocka_unit_test(test_killed_server_process_is_a_connection_error),
		cmocka_unit_test(test_trouble_of_the_server_with_another_is_a_statement_error),
		cmocka_unit_test(test_second_writer_of_sqlite_is_locked),
		cmocka_unit_test(test_lock_timeout_of_postgresql_is_locked),
		cmocka_unit_test(test_sqlite_functions_of_the_driver_are_refused),
		cmocka_unit_test(test_sqlite_values_and_returning),
		cmocka_unit_test(test_values_by_type),
		cmocka_unit_test(test_values_of_postgresql_by_type),
		cmocka_unit_test(test_large_text_and_nul),
		cmocka_unit_test(test_copy_is_refused),
		cmocka_unit_test(test_endless_statement_is_interrupted),
		cmocka_unit_test(test_endless_result_is_too_large),
		cmocka_unit_test(test_failed_transaction_runs_nothing),
		cmocka_unit_test(test_rollback_by_sqlite_itself),
		cmocka_unit_test(test_threads_that_connect_do_not_meet_in_setlocale),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
