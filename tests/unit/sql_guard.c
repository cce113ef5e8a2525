/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "sql/guard.h"

#define ALL        -1
#define SQLITE     EXTMGR__DIALECT_SQLITE
#define POSTGRESQL EXTMGR__DIALECT_POSTGRESQL
#define EXASOL     EXTMGR__DIALECT_EXASOL
#define OTHER      EXTMGR__DIALECT_OTHER

#define FORBIDDEN         EXTMGR_E_STATEMENT_FORBIDDEN
#define MULTIPLE          EXTMGR_E_STATEMENT_MULTIPLE
#define NOT_TRANSACTIONAL EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL
#define MALFORMED         EXTMGR_E_STATEMENT_MALFORMED
#define OK                EXTMGR_OK

struct guard_case {
	int dialect; /* ALL: each */
	const char *sql;
	extmgr_result expected;
};

static void check_one(enum extmgr__dialect dialect, const struct guard_case *item)
{
	extmgr_error *error = NULL;
	extmgr_result result =
		extmgr__sql_guard(dialect, item->sql, strlen(item->sql), NULL, NULL, &error);

	if (result != item->expected)
		print_error("dialect %d: %s: %s\n", (int)dialect, item->sql,
			    extmgr_error_get_message(error));
	assert_int_equal(result, item->expected);
	assert_int_equal(extmgr_error_get_code(error), item->expected);
	extmgr_error_free(error);
}

static void check_cases(const struct guard_case *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (int dialect = SQLITE; dialect <= OTHER; dialect++) {
			if (items[i].dialect == ALL || items[i].dialect == dialect)
				check_one((enum extmgr__dialect)dialect, &items[i]);
		}
	}
}

#define CHECK(items) check_cases(items, sizeof(items) / sizeof((items)[0]))

static void test_transaction_control_is_forbidden_in_every_disguise(void **state)
{
	static const struct guard_case items[] = {
		{ALL, "COMMIT", FORBIDDEN},
		{ALL, "commit work", FORBIDDEN},
		{ALL, "CoMmIt;", FORBIDDEN},
		{ALL, ";commit", FORBIDDEN},
		{ALL, ";;;/**/commit work", FORBIDDEN},
		{ALL, "COMMIT AND CHAIN", FORBIDDEN},
		{ALL, "COMMIT PREPARED 'x'", FORBIDDEN},
		{ALL, "/**/COMMIT", FORBIDDEN},
		{ALL, "-- x\nCOMMIT", FORBIDDEN},
		{ALL, "-- x\r\nCOMMIT", FORBIDDEN},
		{ALL, "\f\v\tCOMMIT WORK", FORBIDDEN},
		{ALL, "COMMIT-- ", FORBIDDEN},
		{ALL, "COMMIT/*'*/", FORBIDDEN},
		{ALL, "(COMMIT)", FORBIDDEN},
		{ALL, "END", FORBIDDEN},
		{ALL, "END TRANSACTION", FORBIDDEN},
		{ALL, "ABORT", FORBIDDEN},
		{ALL, "BEGIN", FORBIDDEN},
		{ALL, "BEGIN IMMEDIATE", FORBIDDEN},
		{ALL, "START TRANSACTION", FORBIDDEN},
		{ALL, "SAVEPOINT x", FORBIDDEN},
		{ALL, "RELEASE x", FORBIDDEN},
		{ALL, "RELEASE SAVEPOINT x", FORBIDDEN},
		{ALL, "ROLLBACK", FORBIDDEN},
		{ALL, "ROLLBACK TO x", FORBIDDEN},
		{ALL, "ROLLBACK PREPARED 'x'", FORBIDDEN},
		{ALL, "PREPARE TRANSACTION 'x'", FORBIDDEN},
		{ALL, "SET TRANSACTION READ ONLY", FORBIDDEN},
		{ALL, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", FORBIDDEN},
		{ALL, "SET AUTOCOMMIT ON", FORBIDDEN},
		{ALL, "EXPLAIN COMMIT", FORBIDDEN},
		{ALL, "EXPLAIN ANALYZE COMMIT", FORBIDDEN},
		{ALL, "EXPLAIN (ANALYZE, VERBOSE) COMMIT", FORBIDDEN},
		{SQLITE, "EXPLAIN QUERY PLAN COMMIT", FORBIDDEN},
		{SQLITE, "/* /* */ COMMIT -- */", FORBIDDEN},
		{EXASOL, "/* /* */ COMMIT -- */", FORBIDDEN},
		{POSTGRESQL, "/* /* */ COMMIT -- */\n COMMIT", FORBIDDEN},
		{POSTGRESQL, "-- x\rCOMMIT", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL TRANSACTION READ ONLY", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
		 FORBIDDEN},
		{OTHER, "XA COMMIT 'x'", FORBIDDEN},
	};

	(void)state;
	CHECK(items);
}

static void test_a_second_statement_is_refused(void **state)
{
	static const struct guard_case items[] = {
		{ALL, "SELECT 1; COMMIT", MULTIPLE},
		{ALL, "SELECT 1;COMMIT;", MULTIPLE},
		{ALL, "SELECT 1;/**/SELECT 2", MULTIPLE},
		{ALL, ";SELECT 1", MULTIPLE},
		{ALL, "SELECT 1;;", MULTIPLE},
		{ALL, "SELECT 1; -- x\n", OK},
		{ALL, "SELECT 1 ; /* ; */ ", OK},
		{ALL, "SELECT ';', \";\" -- ;", OK},
		{POSTGRESQL, "SELECT 'a\\'; COMMIT; --'", MULTIPLE},
		{POSTGRESQL, "SELECT E'a'\n'\\''; COMMIT; --'", MULTIPLE},
		{POSTGRESQL, "SELECT E'a'--\n'\\''; COMMIT; --'", MULTIPLE},
		{POSTGRESQL, "SELECT E'\\'; COMMIT; --'", OK},
		{POSTGRESQL, "SELECT $a$ $b$ $a$; COMMIT; --$a$", MULTIPLE},
		{POSTGRESQL, "SELECT a$$; COMMIT; --$$", MULTIPLE},
		{POSTGRESQL, "SELECT $$; COMMIT$$", OK},
		{POSTGRESQL, "SELECT 1 -- \r; COMMIT", MULTIPLE},
		{POSTGRESQL, "SELECT /* /* */ ; COMMIT */ 1", OK},
		{SQLITE, "SELECT /* /* */ 1 ; COMMIT -- */", MULTIPLE},
		{SQLITE, "SELECT 1 -- \r; COMMIT", OK},
		{SQLITE, "SELECT [']; COMMIT; --']", MULTIPLE},
		{SQLITE, "SELECT `'`; COMMIT; --'", MULTIPLE},
		{SQLITE, "SELECT 'a\\'; COMMIT; --'", MULTIPLE},
		{SQLITE, "SELECT x'0'; COMMIT; --'", MULTIPLE},
	};

	(void)state;
	CHECK(items);
}

static void test_bodies_hold_statements_but_hide_none(void **state)
{
	static const struct guard_case items[] = {
		{SQLITE,
		 "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (CASE WHEN 1 THEN "
		 "2 "
		 "END); DELETE FROM c; END",
		 OK},
		{SQLITE,
		 "CREATE TEMP TRIGGER IF NOT EXISTS t AFTER INSERT ON a BEGIN SELECT 1; END;", OK},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; COMMIT",
		 MULTIPLE},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; END", MULTIPLE},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; COMMIT; END",
		 FORBIDDEN},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN COMMIT; END", FORBIDDEN},
		{SQLITE, "CREATE TRIGGER begin AFTER INSERT ON a BEGIN SELECT 1; END", OK},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON begin BEGIN SELECT 1; END", OK},
		{SQLITE,
		 "CREATE TRIGGER begin AFTER INSERT ON a BEGIN SELECT 1; END; DELETE FROM a; END",
		 MULTIPLE},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE; END; COMMIT; END",
		 MULTIPLE},
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;", MALFORMED},
		{SQLITE, "CREATE TABLE trigger (begin int); DELETE FROM a; END", MULTIPLE},
		{SQLITE, "EXPLAIN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END", OK},
		{POSTGRESQL,
		 "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; "
		 "SELECT CASE WHEN true THEN 1 END; END",
		 OK},
		{POSTGRESQL, "CREATE PROCEDURE p() BEGIN ATOMIC END;", OK},
		{POSTGRESQL, "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; COMMIT; END", FORBIDDEN},
		{POSTGRESQL, "CREATE PROCEDURE p() BEGIN ATOMIC COMMIT; END", FORBIDDEN},
		{POSTGRESQL, "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; END; COMMIT", MULTIPLE},
		{POSTGRESQL,
		 "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case; END; DELETE FROM "
		 "a; END",
		 MULTIPLE},
		{POSTGRESQL, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; END",
		 OK},
		{POSTGRESQL,
		 "CREATE FUNCTION f(begin atomic) RETURNS int RETURN 1; DELETE FROM a; END",
		 MULTIPLE},
		{POSTGRESQL, "CREATE TABLE begin (a int); DELETE FROM a", MULTIPLE},
		{POSTGRESQL, "CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; NOTIFY x)",
		 OK},
		{POSTGRESQL, "CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b); COMMIT",
		 MULTIPLE},
		{POSTGRESQL, "CREATE TABLE r (a int; b int)", MULTIPLE},
		{POSTGRESQL, "DO $$ BEGIN COMMIT; END $$", OK},
		{EXASOL, "CREATE LUA SCRIPT s AS query([[COMMIT]]); ' /* \n/\n", OK},
		{EXASOL, "CREATE OR REPLACE PYTHON3 SCALAR SCRIPT s(a INT) RETURNS INT AS x;", OK},
		{EXASOL, "CREATE TABLE script AS SELECT 1; COMMIT", MULTIPLE},
		{EXASOL, "CREATE VIEW script AS SELECT 1; COMMIT", MULTIPLE},
		{EXASOL, "DROP SCRIPT s; CREATE SCRIPT t AS x", MULTIPLE},
		{EXASOL,
		 "CREATE FUNCTION f(a INT) RETURN INT IS r INT; BEGIN IF a > 1 THEN r := 1; END "
		 "IF; "
		 "RETURN r; END f;",
		 OK},
		{EXASOL, "CREATE FUNCTION f() RETURN INT BEGIN RETURN 1; END; COMMIT", MULTIPLE},
		{EXASOL, "CREATE FUNCTION f() RETURN INT; COMMIT; BEGIN RETURN 1; END", FORBIDDEN},
		{OTHER, "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM a; END", OK},
		{OTHER, "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM a; END; COMMIT", MULTIPLE},
	};

	(void)state;
	CHECK(items);
}

static void test_what_cannot_be_read_for_sure_is_malformed(void **state)
{
	static const struct guard_case items[] = {
		{ALL, "", MALFORMED},
		{ALL, " \n;", MALFORMED},
		{ALL, "-- COMMIT", MALFORMED},
		{ALL, "/* COMMIT */;", MALFORMED},
		{POSTGRESQL, "/* /* */ COMMIT -- */", MALFORMED},
		{ALL, "SELECT 'a", MALFORMED},
		{ALL, "SELECT \"a", MALFORMED},
		{ALL, "SELECT /* a", MALFORMED},
		{POSTGRESQL, "SELECT $a$ a $A$", MALFORMED},
		{SQLITE, "SELECT [a", MALFORMED},
		{ALL,
		 "\xef\xbb\xbf"
		 "COMMIT",
		 MALFORMED},
		{ALL,
		 "\xc2\xa0"
		 "COMMIT",
		 MALFORMED},
		{ALL,
		 "SELECT\xe3\x80\x80"
		 "1",
		 MALFORMED},
		{ALL, "SELECT 1 \xef\xbb\xbf; COMMIT", MALFORMED},
		{ALL, "SELECT '\xc2\xa0\xef\xbb\xbf'", OK},
		{ALL, "SELECT \xc3\xa4", OK},
		{ALL,
		 "\x01"
		 "COMMIT",
		 MALFORMED},
		{ALL, "SELECT '\xff'", MALFORMED},
		{ALL, "\\c postgres", MALFORMED},
		{ALL, "{call x()}", MALFORMED},
		{ALL, "@x", MALFORMED},
		{ALL, "1", MALFORMED},
		{ALL, "'COMMIT'", MALFORMED},
		{ALL, "SELECT ?1", MALFORMED},
		{ALL, "SELECT 1e'\\'';COMMIT;--'", MALFORMED},
		{POSTGRESQL, "SELECT 1$a$;$a$", MALFORMED},
		{SQLITE, "SELECT $a('), 1; COMMIT; --'", MALFORMED},
		{SQLITE, "SELECT @a('), 1; COMMIT; --'", MALFORMED},
		{SQLITE, "SELECT :a", MALFORMED},
		{POSTGRESQL, "SELECT a::text, b[1:2], @ -5, '{}'::jsonb ?? 'a' # 1", OK},
		{POSTGRESQL, "CREATE FUNCTION f(int) RETURNS int LANGUAGE SQL RETURN $1", OK},
		{EXASOL, "SELECT [']; COMMIT; --']", MALFORMED},
		{EXASOL, "SELECT [a] FROM b", OK},
		{EXASOL, "SELECT 1 --\r; COMMIT", MALFORMED},
		{EXASOL, "SELECT 1 -- a\r\n", OK},
		{OTHER, "SELECT 'a\\''; COMMIT; --'", MALFORMED},
		{OTHER, "SELECT 1 /*! ; COMMIT */", MALFORMED},
		{OTHER, "SELECT 1 /* /* */ ; COMMIT */", MALFORMED},
		{OTHER, "SELECT 1 --1; COMMIT\n", MALFORMED},
		{OTHER, "SELECT 1 # '\n; COMMIT; '", MALFORMED},
		{OTHER, "SELECT $$'$$; COMMIT; --'", MALFORMED},
		{OTHER, "SELECT [']; COMMIT; --']", MALFORMED},
		{OTHER, "SELECT 1 -- a\r\n/* b */", OK},
	};

	(void)state;
	CHECK(items);
}

static void test_nul_is_malformed(void **state)
{
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__sql_guard(SQLITE, "SELECT 1\0; COMMIT", 17, NULL, NULL, &error),
			 MALFORMED);
	extmgr_error_free(error);
	assert_int_equal(extmgr__sql_guard(SQLITE, NULL, 0, NULL, NULL, NULL), MALFORMED);
}

static void test_sqlite_stays_in_its_database(void **state)
{
	static const struct guard_case items[] = {
		{SQLITE, "ATTACH 'x' AS y", FORBIDDEN},
		{SQLITE, "DETACH y", FORBIDDEN},
		{SQLITE, "PRAGMA writable_schema=1", FORBIDDEN},
		{SQLITE, "VACUUM", FORBIDDEN},
		{SQLITE, "VACUUM INTO 'x'", FORBIDDEN},
		{SQLITE, "EXPLAIN ATTACH 'x' AS y", FORBIDDEN},
		{SQLITE, "SELECT load_extension('x')", FORBIDDEN},
		{SQLITE, "SELECT LOAD_Extension /**/ ('x')", FORBIDDEN},
		{SQLITE, "SELECT \"load_extension\"('x')", FORBIDDEN},
		{SQLITE, "SELECT blob_import('/etc/passwd')", FORBIDDEN},
		{SQLITE, "SELECT [blob_export](a, '/tmp/x')", FORBIDDEN},
		{SQLITE, "SELECT [load_extension]('x')", FORBIDDEN},
		{SQLITE, "SELECT `load_EXTENSION`('x')", FORBIDDEN},
		{SQLITE, "SELECT 'load_extension'('x')", FORBIDDEN},
		{SQLITE, "CREATE VIEW v AS SELECT load_extension(a) FROM b", FORBIDDEN},
		{SQLITE,
		 "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT load_extension('x'); "
		 "END",
		 FORBIDDEN},
		{SQLITE, "SELECT fts3_tokenizer('a', x'00')", FORBIDDEN},
		{SQLITE, "SELECT writefile('a', 'b')", FORBIDDEN},
		{SQLITE, "INSERT INTO a VALUES ('load_extension(1)')", OK},
		{SQLITE, "INSERT INTO a VALUES ('load_extension')", OK},
		{SQLITE, "SELECT * FROM pragma_table_info('a')", OK},
		{SQLITE, "REINDEX", OK},
		{SQLITE, "ANALYZE", OK},
		{SQLITE, "INSERT INTO audit(vacuum, attach) VALUES ('commit', 'pragma')", OK},
		{SQLITE, "SELECT a -> 'b' ->> 'c' FROM d", OK},
	};

	(void)state;
	CHECK(items);
}

static void test_postgresql_keeps_session_and_files_untouched(void **state)
{
	static const struct guard_case items[] = {
		{POSTGRESQL, "COPY a FROM PROGRAM 'x'", FORBIDDEN},
		{POSTGRESQL, "COPY a TO '/tmp/x'", FORBIDDEN},
		{POSTGRESQL, "COPY (SELECT 1) TO STDOUT", FORBIDDEN},
		{POSTGRESQL, "LOAD 'x'", FORBIDDEN},
		{POSTGRESQL, "SET search_path = a", FORBIDDEN},
		{POSTGRESQL, "SET SESSION search_path = a", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL search_path = a", OK},
		{POSTGRESQL, "SET LOCAL lock_timeout = '1s'", OK},
		{POSTGRESQL, "SET CONSTRAINTS ALL DEFERRED", OK},
		{POSTGRESQL, "SET ROLE x", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL ROLE x", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL \"role\" = 'x'", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL U&\"r\\006fle\" = 'x'", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL client_encoding = 'SJIS'", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL NAMES 'SJIS'", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL transaction_read_only = off", FORBIDDEN},
		{POSTGRESQL, "SET SESSION AUTHORIZATION x", FORBIDDEN},
		{POSTGRESQL, "RESET SESSION AUTHORIZATION", FORBIDDEN},
		{POSTGRESQL, "RESET ROLE", FORBIDDEN},
		{POSTGRESQL, "RESET ALL", FORBIDDEN},
		{POSTGRESQL, "DISCARD ALL", FORBIDDEN},
		{POSTGRESQL, "DEALLOCATE ALL", FORBIDDEN},
		{POSTGRESQL, "SET LOCAL Standard_Conforming_Strings = off", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('standard_conforming_strings', 'off', true)",
		 FORBIDDEN},
		{POSTGRESQL, "ALTER ROLE x SET standard_conforming_strings = off", FORBIDDEN},
		{POSTGRESQL, "DO $$ BEGIN SET standard_conforming_strings = off; END $$",
		 FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('stand' || 'ard', 'off', true)", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config(E'a', 'off', true)", FORBIDDEN},
		{POSTGRESQL, "SELECT pg_catalog.\"set_config\"(?, 'off', true)", FORBIDDEN},
		{POSTGRESQL, "SELECT U&\"set\\005fconfig\"('a', 'off', true)", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('role', 'x', true)", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('search_path', 'x', false)", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('search_path', f(1, true), not true)", FORBIDDEN},
		{POSTGRESQL, "SELECT set_config('search_path', f(1, 2), true)", OK},
		{POSTGRESQL, "SELECT set_config('a', set_config('a', 'b', true), true)", FORBIDDEN},
		{POSTGRESQL, "UPDATE pg_catalog.pg_settings SET setting = 'off'", FORBIDDEN},
		{POSTGRESQL, "SELECT setting FROM pg_settings", OK},
		{POSTGRESQL, "SELECT lo_import('/etc/passwd')", FORBIDDEN},
		{POSTGRESQL, "SELECT pg_read_file('x')", FORBIDDEN},
		{POSTGRESQL, "NOTIFY x", OK},
		{POSTGRESQL, "LOCK TABLE a IN SHARE MODE", OK},
		{POSTGRESQL, "CALL p()", OK},
		{POSTGRESQL, "PREPARE p AS SELECT 1", OK},
		{POSTGRESQL, "DEALLOCATE p", OK},
		{POSTGRESQL, "INSERT INTO audit(vacuum, copy) VALUES ('commit', 'x')", OK},
	};

	(void)state;
	CHECK(items);
}

static void test_postgresql_refuses_what_cannot_run_in_a_transaction(void **state)
{
	static const struct guard_case items[] = {
		{POSTGRESQL, "VACUUM a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "VACUUM (ANALYZE) a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CREATE DATABASE a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "DROP DATABASE IF EXISTS a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CREATE TABLESPACE a LOCATION '/x'", NOT_TRANSACTIONAL},
		{POSTGRESQL, "DROP TABLESPACE a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER SYSTEM SET a = 1", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER DATABASE a SET TABLESPACE b", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER DATABASE a SET work_mem = '4MB'", OK},
		{POSTGRESQL, "CREATE INDEX CONCURRENTLY i ON a(b)", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CREATE UNIQUE INDEX /**/ concurrently ON a(b)", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CREATE INDEX \"concurrently\" ON a(b)", OK},
		{POSTGRESQL, "DROP INDEX CONCURRENTLY i", NOT_TRANSACTIONAL},
		{POSTGRESQL, "REINDEX INDEX CONCURRENTLY i", NOT_TRANSACTIONAL},
		{POSTGRESQL, "REINDEX (VERBOSE, CONCURRENTLY) TABLE a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "REINDEX (CONCURRENTLY false) TABLE a", OK},
		{POSTGRESQL, "REINDEX (VERBOSE) SCHEMA a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "REINDEX DATABASE a", NOT_TRANSACTIONAL},
		{POSTGRESQL, "REINDEX TABLE a", OK},
		{POSTGRESQL, "CLUSTER", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CLUSTER VERBOSE;", NOT_TRANSACTIONAL},
		{POSTGRESQL, "CLUSTER a USING b", OK},
		{POSTGRESQL, "ALTER TABLE a DETACH PARTITION b.c CONCURRENTLY", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER TABLE a DETACH PARTITION b.concurrently", OK},
		{POSTGRESQL, "ALTER TABLE a ADD COLUMN \"concurrently\" int", OK},
		{POSTGRESQL, "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
		 NOT_TRANSACTIONAL},
		{POSTGRESQL,
		 "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)",
		 OK},
		{POSTGRESQL, "ALTER SUBSCRIPTION s REFRESH PUBLICATION", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER SUBSCRIPTION s SET PUBLICATION p", NOT_TRANSACTIONAL},
		{POSTGRESQL, "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = 'off')", OK},
		{POSTGRESQL, "ALTER SUBSCRIPTION s DISABLE", OK},
		{POSTGRESQL, "REFRESH MATERIALIZED VIEW CONCURRENTLY v", OK},
		{POSTGRESQL, "ALTER TYPE t ADD VALUE 'x'", OK},
		{POSTGRESQL, "SELECT 1 AS concurrently", OK},
		{POSTGRESQL, "CREATE TABLE vacuum(database int)", OK},
		{SQLITE, "CREATE INDEX concurrently ON a(b)", OK},
	};

	(void)state;
	CHECK(items);
}

static void test_exasol_keeps_session_and_host_untouched(void **state)
{
	static const struct guard_case items[] = {
		{EXASOL, "ALTER SESSION SET a = 'b'", FORBIDDEN},
		{EXASOL, "ALTER SYSTEM SET a = 'b'", FORBIDDEN},
		{EXASOL, "KILL SESSION 1", FORBIDDEN},
		{EXASOL, "IMPORT INTO a FROM LOCAL CSV FILE '/etc/passwd'", FORBIDDEN},
		{EXASOL, "IMPORT INTO a FROM LOCAL SECURE CSV FILE '/etc/passwd'", FORBIDDEN},
		{EXASOL, "EXPORT a INTO LOCAL CSV FILE 'x'", FORBIDDEN},
		{EXASOL, "SELECT * FROM (IMPORT INTO (a INT) FROM /**/ local CSV FILE 'x')",
		 FORBIDDEN},
		{EXASOL, "IMPORT INTO a FROM JDBC AT c STATEMENT 'x'", OK},
		{EXASOL, "SELECT local.a FROM b", OK},
		{EXASOL, "OPEN SCHEMA s", OK},
		{OTHER, "SET a = 1", FORBIDDEN},
	};

	(void)state;
	CHECK(items);
}

static void test_the_reference_message_is_kept_for_its_texts(void **state)
{
	static const struct {
		const char *sql;
		const char *message;
	} items[] = {
		{"commit",
		 "statement \"commit\" contains forbidden command \"commit\". Transaction "
		 "handling is done by extension manager"},
		{"\t\r\n ; ROLLBACK \t\r\n ; ",
		 "statement \"\\t\\r\\n ; ROLLBACK \\t\\r\\n ; \" contains forbidden command "
		 "\"rollback\". Transaction handling is done by extension manager"},
		{"commit work",
		 "COMMIT is forbidden: transaction handling is done by the extension manager"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		extmgr_error *error = NULL;

		assert_int_equal(extmgr__sql_guard(EXASOL, items[i].sql, strlen(items[i].sql), NULL,
						   NULL, &error),
				 FORBIDDEN);
		assert_string_equal(extmgr_error_get_message(error), items[i].message);
		extmgr_error_free(error);
	}
}

static void test_messages_hold_no_part_of_the_text(void **state)
{
	static const char *const items[] = {
		"COMMIT PREPARED 'sentinel'",
		"SELECT 'sentinel'; SELECT 1",
		"SELECT 'sentinel",
		"SET sentinel = 1",
		"SELECT set_config('sentinel', 'sentinel', false)",
		"CREATE DATABASE sentinel",
		"sentinel\x01",
		"COPY a TO 'sentinel'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		extmgr_error *error = NULL;

		assert_int_not_equal(extmgr__sql_guard(POSTGRESQL, items[i], strlen(items[i]), NULL,
						       NULL, &error),
				     OK);
		assert_null(strstr(extmgr_error_get_message(error), "sentinel"));
		extmgr_error_free(error);
	}
}

static void test_classes_and_placeholders(void **state)
{
	static const struct {
		enum extmgr__dialect dialect;
		const char *sql;
		const char *class_;
		size_t placeholders;
	} items[] = {
		{SQLITE, "SELECT ?, '?', ?? FROM a WHERE b = ?", "read", 2},
		{SQLITE, "VALUES (?)", "read", 1},
		{POSTGRESQL, "TABLE a", "read", 0},
		{POSTGRESQL, "SHOW a", "read", 0},
		{POSTGRESQL, "((SELECT 1) UNION SELECT 2)", "read", 0},
		{POSTGRESQL, "SELECT 1 INTO a", "create", 0},
		{POSTGRESQL, "SELECT (SELECT a FROM b) FROM c", "read", 0},
		{POSTGRESQL, "CREATE TABLE a AS SELECT 1", "create", 0},
		{POSTGRESQL, "CREATE USER MAPPING FOR a SERVER b OPTIONS (password 'x')", "create",
		 0},
		{POSTGRESQL, "IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c", "create", 0},
		{POSTGRESQL, "ALTER TABLE a ADD b int", "alter", 0},
		{POSTGRESQL, "COMMENT ON TABLE a IS 'x'", "alter", 0},
		{POSTGRESQL, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a", "grant", 0},
		{POSTGRESQL, "REVOKE ALL ON a FROM b", "grant", 0},
		{POSTGRESQL, "GRANT SELECT ON a TO b", "grant", 0},
		{POSTGRESQL, "DROP TABLE a", "drop", 0},
		{POSTGRESQL, "TRUNCATE a", "data", 0},
		{POSTGRESQL, "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", "data", 0},
		{SQLITE, "REPLACE INTO a VALUES (?, ?)", "data", 2},
		{SQLITE, "INSERT INTO a VALUES (1)", "data", 0},
		{SQLITE, "WITH a AS (SELECT 1) SELECT * FROM a", "read", 0},
		{SQLITE, "WITH RECURSIVE a(b) AS (SELECT 1), c AS (SELECT 2) DELETE FROM d", "data",
		 0},
		{POSTGRESQL, "WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a", "data", 0},
		{POSTGRESQL, "WITH insert AS (SELECT 1), update AS (SELECT 2) SELECT * FROM a",
		 "read", 0},
		{POSTGRESQL, "WITH a AS (SELECT 1) SELECT * INTO b FROM a", "create", 0},
		{POSTGRESQL, "EXPLAIN DELETE FROM a", "read", 0},
		{POSTGRESQL, "EXPLAIN (COSTS off) DELETE FROM a", "read", 0},
		{POSTGRESQL, "EXPLAIN ANALYZE DELETE FROM a", "data", 0},
		{POSTGRESQL, "EXPLAIN (ANALYZE, COSTS off) DELETE FROM a", "data", 0},
		{SQLITE, "EXPLAIN QUERY PLAN SELECT 1", "read", 0},
		{POSTGRESQL, "CALL a(?)", "other", 1},
		{POSTGRESQL, "DO $$ ? $$", "other", 0},
		{EXASOL, "IMPORT INTO a FROM JDBC AT b TABLE c", "data", 0},
		{EXASOL, "CREATE SCRIPT s AS ? ?", "create", 0},
		{EXASOL, "OPEN SCHEMA s", "other", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		enum extmgr__sql_class class_;
		size_t placeholders;

		assert_int_equal(extmgr__sql_guard(items[i].dialect, items[i].sql,
						   strlen(items[i].sql), &class_, &placeholders,
						   NULL),
				 OK);
		assert_string_equal(extmgr__sql_class_name(class_), items[i].class_);
		assert_int_equal(placeholders, items[i].placeholders);
	}
}

/* With quadratic time the test runs into its timeout. */
static void test_long_hostile_texts_are_read_in_linear_time(void **state)
{
	static const struct {
		enum extmgr__dialect dialect;
		const char *begin;
		const char *again;
	} items[] = {
		{SQLITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN ", "EXPLAIN (;"},
		{POSTGRESQL, "CREATE PROCEDURE p() BEGIN ATOMIC ", "REINDEX (;"},
		{POSTGRESQL, "SELECT ", "set_config('a', ("},
		{POSTGRESQL, "SELECT ", "/*"},
		{POSTGRESQL, "SELECT ", "$a"},
		{POSTGRESQL, "SELECT ", "'a' --\n"},
		{POSTGRESQL, "ALTER TABLE ", "DETACH PARTITION "},
		{EXASOL, "SELECT ", "["},
		{EXASOL, "CREATE SCRIPT s ", "("},
		{SQLITE, "WITH ", "("},
	};
	size_t size = (size_t)1 << 20;
	char *sql = malloc(size);

	(void)state;
	assert_non_null(sql);
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		size_t unit = strlen(items[i].again);
		size_t used = strlen(items[i].begin);

		memcpy(sql, items[i].begin, used);
		for (; used + unit <= size; used += unit)
			memcpy(sql + used, items[i].again, unit);
		(void)extmgr__sql_guard(items[i].dialect, sql, used, NULL, NULL, NULL);
	}
	free(sql);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transaction_control_is_forbidden_in_every_disguise),
		cmocka_unit_test(test_a_second_statement_is_refused),
		cmocka_unit_test(test_bodies_hold_statements_but_hide_none),
		cmocka_unit_test(test_what_cannot_be_read_for_sure_is_malformed),
		cmocka_unit_test(test_nul_is_malformed),
		cmocka_unit_test(test_sqlite_stays_in_its_database),
		cmocka_unit_test(test_postgresql_keeps_session_and_files_untouched),
		cmocka_unit_test(test_postgresql_refuses_what_cannot_run_in_a_transaction),
		cmocka_unit_test(test_exasol_keeps_session_and_host_untouched),
		cmocka_unit_test(test_the_reference_message_is_kept_for_its_texts),
		cmocka_unit_test(test_messages_hold_no_part_of_the_text),
		cmocka_unit_test(test_classes_and_placeholders),
		cmocka_unit_test(test_long_hostile_texts_are_read_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
