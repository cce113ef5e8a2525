/* SPDX-License-Identifier: MIT */
/*
 * Definitions that are wrong or mean harm, on SQLite and PostgreSQL: each gets a clear error with
 * its own code, and the database is as it was.
 */
#include "fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct expectation {
	const char *name;
	const char *source;
	extmgr_result code;
	int32_t status;      /* 0: not looked at */
	const char *message; /* part of the whole text; NULL: not looked at */
};

static char *text_of(const extmgr_error *error)
{
	extmgr_text *text = NULL;
	char *copy;

	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	copy = strdup(extmgr_text_get_data(text));
	extmgr_text_free(text);
	assert_non_null(copy);
	return copy;
}

static void check_failure(struct fixture *fixture, const struct expectation *expected)
{
	extmgr_error *error = NULL;
	extmgr_text *report = NULL;
	extmgr_result result;
	char *before = fixture_snapshot(fixture);
	char *after;
	char *text;

	result = extmgr_manager_install(fixture->manager, "x", NULL, NULL, &report, &error);
	after = fixture_snapshot(fixture);
	text = text_of(error);
	if (result != expected->code || (expected->message && !strstr(text, expected->message)))
		fail_msg("%s: %s: %s", expected->name, extmgr_result_get_name(result), text);
	assert_int_equal(extmgr_error_get_code(error), result);
	if (expected->status)
		assert_int_equal(extmgr_error_get_http_status(error), expected->status);
	assert_null(report);
	assert_string_equal(before, after);
	assert_null(strstr(text, "SENTINEL")); /* no source text in messages */
	extmgr_error_free(error);
	free(before);
	free(after);
	free(text);
}

static const struct expectation broken[] = {
	{"syntax error", "var a = ;\n// SENTINEL", EXTMGR_E_SCRIPT_SYNTAX, 0, "x"},
	{"empty", "", EXTMGR_E_DEFINITION_UNREGISTERED, 0,
	 "extension \"x\" did not set global.installedExtension"},
	{"async", "async function* SENTINEL() {}", EXTMGR_E_SCRIPT_NEWER_SYNTAX, 0, "1"},
	{"BigInt", "\n\nvar SENTINEL = 10n;", EXTMGR_E_SCRIPT_NEWER_SYNTAX, 0, "3"},
	{"registered a number", "global.installedExtension = 1;", EXTMGR_E_DEFINITION_SHAPE, 0,
	 NULL},
	{"no extension", "global.installedExtension = {apiVersion: '0.2.0'};",
	 EXTMGR_E_DEFINITION_SHAPE, 0, NULL},
	{"wrong API version", "global.installedExtension = {extension: {}, apiVersion: '99.0.0'};",
	 EXTMGR_E_API_VERSION, 0,
	 "extension \"x\" uses incompatible API version \"99.0.0\". Please update the extension to "
	 "use supported version \"0.2.0\""},
	{"no API version", "global.installedExtension = {extension: {}};", EXTMGR_E_API_VERSION, 0,
	 "invalid API version number \"\""},
	{"throws while loading", "throw new Error('boom');", EXTMGR_E_SCRIPT_THREW, 0, "boom"},
	{"throws null while loading", "throw null;", EXTMGR_E_SCRIPT_THREW, 0, NULL},
	{"loops while loading", "for (;;) {}", EXTMGR_E_SCRIPT_TIMEOUT, 0, NULL},
	{"getter that loops",
	 "global.installedExtension = {get extension() { for (;;) {} }, apiVersion: '0.2.0'};",
	 EXTMGR_E_SCRIPT_TIMEOUT, 0, NULL},
	{"eats memory while loading", "var s = 'x'; for (;;) s += s;", EXTMGR_E_SCRIPT_MEMORY, 0,
	 NULL},
	{"catastrophic regex", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab');",
	 EXTMGR_E_SCRIPT_TIMEOUT, 0, NULL},
	{"recursion", "(function f() { f(); })();", EXTMGR_E_SCRIPT_THREW, 0, NULL},
	{"no install function",
	 "global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'n',\n"
	 "installableVersions: [{name: '1.0.0', latest: true}]}};",
	 EXTMGR_E_SCRIPT_NO_FUNCTION, 501,
	 "extension \"x\" does not support operation \"install\""},
	{"no version",
	 "global.installedExtension = {apiVersion: '0.2.0', extension: {\n"
	 "install: function () {}}};",
	 EXTMGR_E_VERSION_NOT_FOUND, 404, NULL},
};

static void run_broken(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		fixture_define(fixture, "x", broken[i].source);
		check_failure(fixture, &broken[i]);
	}
}

static void test_a_broken_definition_has_its_own_error(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_broken);
}

/* Bodies of install(), behind a CREATE TABLE that must be gone afterwards. */
static const struct expectation hostile[] = {
	{"Error", "throw new Error('boom');", EXTMGR_E_SCRIPT_THREW, 500,
	 "failed to install extension \"x\": Error: boom"},
	{"string", "throw 'text';", EXTMGR_E_SCRIPT_THREW, 500, "text"},
	{"null", "throw null;", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"undefined", "throw undefined;", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"status 404", "var e = new Error('no'); e.status = 404; throw e;", EXTMGR_E_SCRIPT_STATUS,
	 404, "no"},
	{"status 432", "throw {status: 432, message: 'odd'};", EXTMGR_E_SCRIPT_STATUS, 432, "odd"},
	{"status 200", "throw {status: 200, message: 'odd'};", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"status NaN", "throw {status: NaN, message: 'odd'};", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"throwing getter", "throw {get message() { throw 1; }, get status() { throw 2; }};",
	 EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"looping toString", "throw {toString: function () { for (;;) {} }};",
	 EXTMGR_E_SCRIPT_TIMEOUT, 500, NULL},
	{"loop", "for (;;) {}", EXTMGR_E_SCRIPT_TIMEOUT, 500, NULL},
	{"caught loop", "for (;;) { try { for (;;) {} } catch (e) {} finally { continue; } }",
	 EXTMGR_E_SCRIPT_TIMEOUT, 500, NULL},
	{"looping sort", "[3, 2, 1].sort(function () { for (;;) {} });", EXTMGR_E_SCRIPT_TIMEOUT,
	 500, NULL},
	{"looping getter of an argument",
	 "sql.execute('SELECT ?', {get value() { for (;;) {} }, toString: function () { for (;;) "
	 "{} "
	 "}});",
	 EXTMGR_E_SCRIPT_THREW, 500, "TypeError"},
	{"looping toJSON", "JSON.stringify({toJSON: function () { for (;;) {} }});",
	 EXTMGR_E_SCRIPT_TIMEOUT, 500, NULL},
	{"catastrophic regex", "/^(a+)+$/.test(new Array(40).join('a') + '!');",
	 EXTMGR_E_SCRIPT_TIMEOUT, 500, NULL},
	{"endless recursion", "(function f() { f(); }());", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"deep nesting",
	 "var a = []; for (var i = 0; i < 100000; i++) { a = [a]; } JSON.stringify(a);",
	 EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"prototypes without their functions",
	 "Array.prototype.push = Object.prototype.toString = String.prototype.replace = null;\n"
	 "Object.prototype.status = 404; throw 'polluted';",
	 EXTMGR_E_SCRIPT_THREW, 500, "polluted"},
	{"memory, caught", "var s = 'x'; for (;;) { try { s += s; } catch (e) {} }",
	 EXTMGR_E_SCRIPT_MEMORY, 500, NULL},
	{"failed statement", "sql.execute('SELECT * FROM no_such_table');", EXTMGR_E_STATEMENT, 500,
	 "failed to install extension \"x\": error executing statement 'SELECT * FROM "
	 "no_such_table': "},
	{"failed statement, caught",
	 "try { sql.execute('SELECT * FROM no_such_table'); } catch (e) {}", EXTMGR_E_STATEMENT,
	 500, "error executing statement 'SELECT * FROM no_such_table': "},
	{"failed query, caught, then another",
	 "try { sql.query('nonsense'); } catch (e) {}\n"
	 "try { sql.execute('CREATE TABLE later(x integer)'); } catch (e) {}",
	 EXTMGR_E_STATEMENT, 500, "error executing query 'nonsense': "},
	{"COMMIT", "sql.execute('COMMIT');", EXTMGR_E_STATEMENT_FORBIDDEN, 500,
	 "contains forbidden command \"commit\". Transaction handling is done by extension "
	 "manager"},
	{"COMMIT, caught", "try { sql.execute(' \\t\\r\\n ; COMMIT \\t\\r\\n ; '); } catch (e) {}",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 500, NULL},
	{"comment before", "sql.execute('/* a */ COMMIT WORK');", EXTMGR_E_STATEMENT_FORBIDDEN, 500,
	 NULL},
	{"line comment before", "sql.execute('-- a\\nROLLBACK');", EXTMGR_E_STATEMENT_FORBIDDEN,
	 500, NULL},
	{"second statement", "sql.execute('SELECT 1; COMMIT');", EXTMGR_E_STATEMENT_MULTIPLE, 500,
	 NULL},
	{"second statement, harmless", "sql.execute('SELECT 1; SELECT 2');",
	 EXTMGR_E_STATEMENT_MULTIPLE, 500, NULL},
	{"END", "sql.execute('END');", EXTMGR_E_STATEMENT_FORBIDDEN, 500, NULL},
	{"BEGIN", "sql.query('BEGIN');", EXTMGR_E_STATEMENT_FORBIDDEN, 500, NULL},
	{"SAVEPOINT", "sql.execute('SAVEPOINT a');", EXTMGR_E_STATEMENT_FORBIDDEN, 500, NULL},
	{"RELEASE", "sql.execute('RELEASE a');", EXTMGR_E_STATEMENT_FORBIDDEN, 500, NULL},
	{"unterminated", "sql.execute(\"SELECT 'a\");", EXTMGR_E_STATEMENT_MALFORMED, 500, NULL},
	{"empty", "sql.execute(' ; ');", EXTMGR_E_STATEMENT_MALFORMED, 500, NULL},
	{"too few arguments", "sql.query('SELECT ?, ?', 1);", EXTMGR_E_STATEMENT_ARGUMENTS, 500,
	 NULL},
	{"too many arguments", "sql.query('SELECT 1', 1);", EXTMGR_E_STATEMENT_ARGUMENTS, 500,
	 NULL},
	{"object as argument", "sql.query('SELECT ?', {});", EXTMGR_E_SCRIPT_THREW, 500,
	 "TypeError"},
	{"missing file", "context.bucketFs.resolvePath('a.jar');", EXTMGR_E_SCRIPT_THREW, 500,
	 "failed to find absolute path for file \"a.jar\""},
	{"undoes its own work",
	 "sql.execute('DROP TABLE ' + context.quoteIdentifier(context.extensionSchemaName) + "
	 "'.test_marker');",
	 EXTMGR_E_VERIFY, 0, "does not find its version '1.0.0'"},
};

static void run_hostile(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		fixture_define_install(fixture, "x", hostile[i].source);
		check_failure(fixture, &hostile[i]);
	}
}

static void test_a_hostile_install_changes_nothing(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_hostile);
}

/* ---- a small stack ---- */

#define SMALL_STACK ((size_t)512 << 10)

struct on_thread {
	extmgr_manager *manager;
	extmgr_result result;
};

static void *install_on_thread(void *argument)
{
	struct on_thread *run = argument;

	run->result = extmgr_manager_install(run->manager, "x", NULL, NULL, NULL, NULL);
	return NULL;
}

/* The same outcome as on the main thread, which has 8 MiB. */
static void run_on_small_stack(struct fixture *fixture)
{
	pthread_attr_t attributes;
	char *before = fixture_snapshot(fixture);
	char *after;

	assert_int_equal(pthread_attr_init(&attributes), 0);
	assert_int_equal(pthread_attr_setstacksize(&attributes, SMALL_STACK), 0);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct on_thread run = {.manager = fixture->manager};
		pthread_t thread;

		fixture_define_install(fixture, "x", hostile[i].source);
		assert_int_equal(pthread_create(&thread, &attributes, install_on_thread, &run), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		if (run.result != hostile[i].code)
			fail_msg("%s: %s", hostile[i].name, extmgr_result_get_name(run.result));
	}
	assert_int_equal(pthread_attr_destroy(&attributes), 0);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_a_small_stack_is_enough(void **state)
{
	(void)state;
	fixture_each(FIXTURE_SQLITE, run_on_small_stack);
}

/* ---- definitions among each other ---- */

#define TELLER(body)                                                                               \
	"global.installedExtension = {apiVersion: '0.2.0', extension: {\n"                         \
	"name: 'T', category: '', description: '', bucketFsUploads: [],\n"                         \
	"installableVersions: [{name: '1', latest: true, deprecated: false}],\n"                   \
	"findInstallations: function (c) {" body "}}};\n"

/* The first changes all it can reach, the second tells what it sees of that. */
static void run_strangers(struct fixture *fixture)
{
	extmgr_extension_list *list = NULL;

	fixture_define(
		fixture, "a",
		TELLER("Object.prototype.mark = 1; global.mark2 = 1; Array.prototype.map = 0;"
		       "c.sqlClient.execute('CREATE TABLE stranger_mark (x integer)');"
		       "return [{name: 'a', version: 'changed'}];"));
	fixture_define(fixture, "b",
		       TELLER("var sql = c.dialect === 'sqlite' ?"
			      "\"SELECT 1 FROM sqlite_master WHERE name = 'stranger_mark'\" :"
			      "\"SELECT 1 FROM pg_tables WHERE tablename = 'stranger_mark'\";"
			      "return [{name: 'b', version: typeof {}.mark + typeof global.mark2 +"
			      "typeof [].map + c.sqlClient.query(sql).rows.length}];"));
	assert_int_equal(extmgr_manager_list_extensions(fixture->manager, EXTMGR_LIST_INSTALLED,
							NULL, &list, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_extension_list_get_count(list), 2);
	assert_string_equal(extmgr_extension_list_get_installed_version(list, 0), "changed");
	assert_string_equal(extmgr_extension_list_get_installed_version(list, 1),
			    "undefinedundefinedfunction0");
	extmgr_extension_list_free(list);
}

static void test_definitions_never_see_each_others_changes(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_strangers);
}

static const struct expectation hostile_sqlite[] = {
	{"ATTACH", "sql.execute(\"ATTACH ':memory:' AS a\");", EXTMGR_E_STATEMENT_FORBIDDEN, 0,
	 NULL},
	{"PRAGMA", "sql.query('PRAGMA writable_schema = 1');", EXTMGR_E_STATEMENT_FORBIDDEN, 0,
	 NULL},
	{"VACUUM", "sql.execute('VACUUM INTO \\'/tmp/x\\'');", EXTMGR_E_STATEMENT_FORBIDDEN, 0,
	 NULL},
	{"load_extension", "sql.query(\"SELECT load_extension('x')\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
	{"load_extension, quoted", "sql.query(\"SELECT \\\"load_extension\\\"('x')\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
};

static const struct expectation hostile_postgresql[] = {
	{"COPY PROGRAM", "sql.execute(\"COPY test_marker FROM PROGRAM 'id'\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
	{"COPY file", "sql.execute(\"COPY test_marker TO '/tmp/x'\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
	{"VACUUM", "sql.execute('VACUUM');", EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL, 0, NULL},
	{"CREATE DATABASE", "sql.execute('CREATE DATABASE a');",
	 EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL, 0, NULL},
	{"CONCURRENTLY", "sql.execute('CREATE INDEX CONCURRENTLY i ON t(x)');",
	 EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL, 0, NULL},
	{"backslash", "sql.execute(\"SELECT 'a\\\\'; COMMIT; --'\");", EXTMGR_E_STATEMENT_MULTIPLE,
	 0, NULL},
	{"nested comment", "sql.execute('/* /* */ SELECT 1; */ COMMIT');",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
	{"DO block", "sql.execute('DO $$ BEGIN COMMIT; END $$');", EXTMGR_E_STATEMENT, 0, NULL},
	{"strings mean something else",
	 "sql.execute(\"DO $$ BEGIN EXECUTE 'SET ' || 'standard_conforming' || '_strings = off'; "
	 "END "
	 "$$\");\n"
	 "sql.execute(\"SELECT '\\\\' , '; COMMIT; --'\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, "standard_conforming_strings"},
	{"letters mean something else",
	 "sql.execute(\"DO $$ BEGIN EXECUTE 'SET client_' || 'encoding = SJIS'; END $$\");\n"
	 "sql.execute(\"SELECT E'\\u00c3\\\\' ; COMMIT; --'\");",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, "client_encoding"},
	{"ends its role", "sql.execute('SET SESSION AUTHORIZATION DEFAULT');",
	 EXTMGR_E_STATEMENT_FORBIDDEN, 0, NULL},
};

static void run_hostile_dialect(struct fixture *fixture)
{
	const struct expectation *cases =
		fixture->is_postgresql ? hostile_postgresql : hostile_sqlite;
	size_t count = fixture->is_postgresql
			       ? sizeof(hostile_postgresql) / sizeof(hostile_postgresql[0])
			       : sizeof(hostile_sqlite) / sizeof(hostile_sqlite[0]);

	for (size_t i = 0; i < count; i++) {
		fixture_define_install(fixture, "x", cases[i].source);
		check_failure(fixture, &cases[i]);
	}
}

static void test_a_statement_that_leaves_the_database_is_refused(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_hostile_dialect);
}

/* A broken definition hides no other, and neither errors nor changes of one reach the next. */
static void run_listing(struct fixture *fixture)
{
	static const uint32_t lists[] = {EXTMGR_LIST_AVAILABLE, EXTMGR_LIST_ALL,
					 EXTMGR_LIST_INSTALLED};
	static const size_t counts[] = {4, 4, 2};
	char *before = fixture_snapshot(fixture);
	char *after;

	fixture_define(fixture, "a-broken", "var a = ;");
	fixture_define_install(fixture, "good", "");
	fixture_define(fixture, "b-changes",
		       "global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'b',\n"
		       "findInstallations: function (context) {\n"
		       "  context.sqlClient.execute('CREATE TABLE test_marker(x integer)');\n"
		       "  throw new Error('after a change');\n"
		       "}}};");
	fixture_define(fixture, "c-fails",
		       "global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'c',\n"
		       "findInstallations: function (context) {\n"
		       "  try { context.sqlClient.query('nonsense'); } catch (e) {}\n"
		       "  return [{name: 'c', version: '1'}];\n"
		       "}}};");
	for (size_t i = 0; i < 3; i++) {
		extmgr_extension_list *list = NULL;
		extmgr_error *error = NULL;
		size_t count;

		assert_int_equal(extmgr_manager_list_extensions(fixture->manager, lists[i], NULL,
								&list, &error),
				 EXTMGR_PARTIAL);
		count = extmgr_extension_list_get_count(list);
		assert_int_equal(count, lists[i] == EXTMGR_LIST_INSTALLED ? 3 : counts[i]);
		assert_string_equal(extmgr_extension_list_get_id(list, 0), "a-broken");
		assert_int_equal(extmgr_extension_list_get_state(list, 0), EXTMGR_STATE_BROKEN);
		assert_true(strlen(extmgr_extension_list_get_reason(list, 0)) > 0);
		if (lists[i] != EXTMGR_LIST_INSTALLED) {
			assert_string_equal(extmgr_extension_list_get_id(list, 3), "good");
			assert_int_equal(extmgr_extension_list_get_state(list, 3),
					 EXTMGR_STATE_AVAILABLE);
		}
		extmgr_extension_list_free(list);
	}
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_a_broken_definition_hides_no_other(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_listing);
}

/* Whoever ends the transaction behind the library is found out by the savepoint, whether the rest
 * succeeds or not. */
static void run_wall(struct fixture *fixture)
{
	static const char *const endings[] = {"", "throw new Error('after it');"};
	char body[200];

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		extmgr_error *error = NULL;

		(void)snprintf(body, sizeof(body),
			       "sql.execute('CREATE TABLE behind(x integer)');%s", endings[i]);
		fixture_define_install(fixture, "x", body);
		fault_arm(&fixture->fault, FAULT_COMMIT_BEHIND, fixture->is_postgresql ? 6 : 4);
		assert_int_equal(
			extmgr_manager_install(fixture->manager, "x", NULL, NULL, NULL, &error),
			EXTMGR_E_TRANSACTION_ENDED);
		assert_true(fixture->fault.fired);
		assert_int_equal(extmgr_result_get_class(extmgr_error_get_code(error)),
				 EXTMGR_CLASS_OUTCOME_UNKNOWN);
		assert_non_null(strstr(fixture->log_text, "the transaction was ended behind"));
		extmgr_error_free(error);
		fault_arm(&fixture->fault, FAULT_REFUSED, 0);
		fixture_sql(fixture, fixture->is_postgresql
					     ? "DROP SCHEMA IF EXISTS extensions CASCADE"
					     : "DROP TABLE IF EXISTS test_marker");
		fixture_sql(fixture, "DROP TABLE IF EXISTS behind");
	}
}

static void test_an_ended_transaction_is_found_out(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_wall);
}

/* The definition would install anything; its list of versions counts. */
static void run_version(struct fixture *fixture)
{
	extmgr_error *error = NULL;
	char *before;
	char *after;

	fixture_define_install(fixture, "x", "");
	before = fixture_snapshot(fixture);
	assert_int_equal(extmgr_manager_install(fixture->manager, "x", "9.9.9", NULL, NULL, &error),
			 EXTMGR_E_VERSION_NOT_FOUND);
	assert_string_equal(extmgr_error_get_hint(error), "installable: 1.0.0");
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	extmgr_error_free(error);
	free(before);
	free(after);
}

static void test_a_version_that_is_not_listed_is_not_installed(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_version);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_broken_definition_has_its_own_error),
		cmocka_unit_test(test_a_hostile_install_changes_nothing),
		cmocka_unit_test(test_a_small_stack_is_enough),
		cmocka_unit_test(test_definitions_never_see_each_others_changes),
		cmocka_unit_test(test_a_statement_that_leaves_the_database_is_refused),
		cmocka_unit_test(test_a_broken_definition_hides_no_other),
		cmocka_unit_test(test_an_ended_transaction_is_found_out),
		cmocka_unit_test(test_a_version_that_is_not_listed_is_not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
