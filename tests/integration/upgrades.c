/* SPDX-License-Identifier: MIT */
/*
 * Upgrades with instances, and of everything at once, on SQLite and PostgreSQL: each instance is
 * upgraded in the same transaction, a lost one fails it, and one failure stops no other extension.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* %s: its id, which is the name of its table, too; versions; further members of the extension. */
static const char definition[] =
	"(function () {\n"
	"var ID = '%s';\n"
	"var VERSIONS = [%s];\n"
	"function table(c) { return c.quoteIdentifier(c.extensionSchemaName) + '.' + ID; }\n"
	"function rows(c, kind) { return c.sqlClient.query('SELECT name FROM ' + table(c) +\n"
	"  ' WHERE kind = ? ORDER BY 1', kind).rows; }\n"
	"function add(c, kind, name) { c.sqlClient.execute('INSERT INTO ' + table(c) +\n"
	"  ' VALUES (?, ?)', kind, name); }\n"
	"function exists(c) { return c.sqlClient.query(c.dialect === 'sqlite' ?\n"
	"  'SELECT 1 FROM sqlite_master WHERE name = ?' :\n"
	"  'SELECT 1 FROM pg_tables WHERE tablename = ?', ID).rows.length > 0; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: ID,\n"
	"  installableVersions: VERSIONS, bucketFsUploads: [],\n"
	"  findInstallations: function (c) { return !exists(c) ? [] :\n"
	"    rows(c, 'version').map(function (r) { return {name: ID, version: r[0]}; }); },\n"
	"  install: function (c, version) { c.sqlClient.execute('CREATE TABLE ' + table(c) +\n"
	"    ' (kind VARCHAR(99), name VARCHAR(99))'); add(c, 'version', version); },\n"
	"  upgrade: function (c) { c.sqlClient.execute('UPDATE ' + table(c) +\n"
	"    \" SET name = '2.0.0' WHERE kind = 'version'\");\n"
	"    return {previousVersion: '1.0.0', newVersion: '2.0.0'}; },\n"
	"  getInstanceParameters: function () { return [\n"
	"    {id: 'name', name: 'Name', type: 'string', required: true}]; },\n"
	"  addInstance: function (c, version, p) { add(c, 'instance', p.values[0].value);\n"
	"    return {id: p.values[0].value, name: p.values[0].value}; },\n"
	"  findInstances: function (c) { return rows(c, 'instance').map(function (r) {\n"
	"    return {id: r[0], name: r[0]}; }); },\n"
	"  %s\n"
	"}};\n"
	"})();\n";

#define OLD  "{name: '1.0.0', latest: true}"
#define NEW  "{name: '2.0.0', latest: true}, {name: '1.0.0'}"
#define MARK "upgradeInstance: function (c, id, from, to) { add(c, id, from + '>' + to); }"
#define LOSE                                                                                       \
	"upgradeInstance: function (c, id) { if (id === 'two')\n"                                  \
	"  c.sqlClient.execute('DELETE FROM ' + table(c) + ' WHERE name = ?', id); }"
#define BREAK                                                                                      \
	"upgradeInstance: function (c, id) { if (id === 'two')\n"                                  \
	"  throw new Error('no way for ' + id); }"

static void for_each_database(void (*run)(struct fixture *fixture))
{
	for (int which = 0; which < FIXTURE_DATABASES; which++) {
		struct fixture fixture;

		if (!fixture_open(&fixture, which)) {
			print_message("# PostgreSQL is not there: skipped\n");
			continue;
		}
		run(&fixture);
		fixture_close(&fixture);
	}
}

static void define(struct fixture *fixture, const char *id, const char *versions,
		   const char *members)
{
	char source[8192];

	assert_true(snprintf(source, sizeof(source), definition, id, versions, members) <
		    (int)sizeof(source));
	fixture_define(fixture, id, source);
}

static void install_old(struct fixture *fixture, const char *id)
{
	static const char *const values[] = {"{\"name\": \"one\"}", "{\"name\": \"two\"}"};

	define(fixture, id, OLD, "");
	assert_int_equal(extmgr_manager_install(fixture->manager, id, NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(extmgr_manager_create_instance(fixture->manager, id, NULL,
								values[i], strlen(values[i]), NULL,
								NULL, NULL),
				 EXTMGR_OK);
}

static void drop(struct fixture *fixture, const char *id)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "DROP TABLE %s%s",
		       fixture->is_postgresql ? "extensions." : "", id);
	fixture_sql(fixture, sql);
}

static void must_be(struct fixture *fixture, const char *id, const char *what, const char *expected)
{
	char sql[256];
	char *value;

	(void)snprintf(sql, sizeof(sql), "SELECT name FROM %s%s WHERE kind = '%s'",
		       fixture->is_postgresql ? "extensions." : "", id, what);
	value = fixture_value(fixture, sql);
	assert_non_null(value);
	assert_string_equal(value, expected);
	free(value);
}

static void run_instances(struct fixture *fixture)
{
	extmgr_text *report = NULL;

	install_old(fixture, "boards");
	define(fixture, "boards", NEW, MARK);
	assert_int_equal(extmgr_manager_upgrade(fixture->manager, "boards", NULL, &report, NULL),
			 EXTMGR_OK);
	must_be(fixture, "boards", "one", "1.0.0>2.0.0");
	must_be(fixture, "boards", "two", "1.0.0>2.0.0");
	assert_non_null(strstr(extmgr_text_get_data(report),
			       "\"instances\":[{\"id\":\"one\",\"name\":\"one\"},"
			       "{\"id\":\"two\",\"name\":\"two\"}]"));
	extmgr_text_free(report);
	drop(fixture, "boards");
}

static void test_each_instance_is_upgraded(void **state)
{
	(void)state;
	for_each_database(run_instances);
}

static void fail_upgrade(struct fixture *fixture, const char *members, extmgr_result code,
			 const char *message)
{
	char *before;
	char *after;
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	extmgr_result result;

	define(fixture, "boards", NEW, members);
	before = fixture_snapshot(fixture);
	result = extmgr_manager_upgrade(fixture->manager, "boards", NULL, NULL, &error);
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	if (result != code || !strstr(extmgr_text_get_data(text), message))
		fail_msg("%s: %s", extmgr_result_get_name(result), extmgr_text_get_data(text));
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	extmgr_text_free(text);
	extmgr_error_free(error);
	free(before);
	free(after);
}

static void run_failures(struct fixture *fixture)
{
	install_old(fixture, "boards");
	fail_upgrade(fixture, LOSE, EXTMGR_E_INSTANCE_LOST, "lost instances: two;");
	fail_upgrade(fixture, BREAK, EXTMGR_E_SCRIPT_THREW, "no way for two");
	drop(fixture, "boards");
}

static void test_a_lost_or_failed_instance_rolls_everything_back(void **state)
{
	(void)state;
	for_each_database(run_failures);
}

static void run_unlistable(struct fixture *fixture)
{
	extmgr_text *report = NULL;

	install_old(fixture, "boards");
	define(fixture, "boards", NEW,
	       "findInstances: function () { throw {status: 404, message: 'none here'}; }");
	assert_int_equal(extmgr_manager_upgrade(fixture->manager, "boards", NULL, &report, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report), "are not compared: none here"));
	extmgr_text_free(report);
	drop(fixture, "boards");
}

static void test_instances_that_cannot_be_listed_are_warned_about(void **state)
{
	(void)state;
	for_each_database(run_unlistable);
}

static void run_all(struct fixture *fixture)
{
	extmgr_text *report = NULL;
	const char *text;

	install_old(fixture, "a_fails");
	install_old(fixture, "b_works");
	define(fixture, "a_fails", NEW, BREAK);
	define(fixture, "b_works", NEW, MARK);
	fixture_define(fixture, "c_broken", "this is no JavaScript");
	assert_int_equal(extmgr_manager_upgrade_all(fixture->manager, NULL, &report, NULL),
			 EXTMGR_PARTIAL);
	text = extmgr_text_get_data(report);
	assert_non_null(strstr(text, "{\"id\":\"a_fails\",\"outcome\":\"failed\",\"error\":{"));
	assert_non_null(strstr(text, "{\"id\":\"b_works\",\"outcome\":\"upgraded\",\"report\":{"));
	assert_non_null(strstr(text, "{\"id\":\"c_broken\",\"outcome\":\"broken\",\"reason\":\""));
	assert_non_null(strstr(text, "\"upgraded\":1,\"failed\":2}"));
	extmgr_text_free(report);
	must_be(fixture, "a_fails", "version", "1.0.0");
	must_be(fixture, "b_works", "version", "2.0.0");
	define(fixture, "a_fails", NEW, MARK);
	fixture_define(fixture, "c_broken", "");
	define(fixture, "c_broken", NEW, "");
	assert_int_equal(extmgr_manager_upgrade_all(fixture->manager, NULL, &report, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report), "\"upgraded\":1,\"failed\":0}"));
	extmgr_text_free(report);
	drop(fixture, "a_fails");
	drop(fixture, "b_works");
}

static void test_one_failure_stops_no_other(void **state)
{
	(void)state;
	for_each_database(run_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_instance_is_upgraded),
		cmocka_unit_test(test_a_lost_or_failed_instance_rolls_everything_back),
		cmocka_unit_test(test_instances_that_cannot_be_listed_are_warned_about),
		cmocka_unit_test(test_one_failure_stops_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
