/* SPDX-License-Identifier: MIT */
/*
 * The history in the target: a row for what was changed, in the same transaction, and for nothing
 * else. On SQLite and PostgreSQL.
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

/* %s: versions. Instances are rows; deleting one that is not there changes nothing. */
static const char definition[] =
	"(function () {\n"
	"function table(c) { return c.quoteIdentifier(c.extensionSchemaName) + '.t_notes'; }\n"
	"function rows(c, kind) { return c.sqlClient.query('SELECT name FROM ' + table(c) +\n"
	"  ' WHERE kind = ? ORDER BY 1', kind).rows; }\n"
	"function add(c, kind, name) { c.sqlClient.execute('INSERT INTO ' + table(c) +\n"
	"  ' VALUES (?, ?)', kind, name); }\n"
	"function exists(c) { return c.sqlClient.query(c.dialect === 'sqlite' ?\n"
	"  \"SELECT 1 FROM sqlite_master WHERE name = 't_notes'\" :\n"
	"  \"SELECT 1 FROM pg_tables WHERE tablename = 't_notes'\").rows.length > 0; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'Notes',\n"
	"  installableVersions: [%s], bucketFsUploads: [],\n"
	"  findInstallations: function (c) { return !exists(c) ? [] :\n"
	"    rows(c, 'version').map(function (r) { return {name: 'Notes', version: r[0]}; }); },\n"
	"  install: function (c, version) { c.sqlClient.execute('CREATE TABLE ' + table(c) +\n"
	"    ' (kind VARCHAR(99), name VARCHAR(99))'); add(c, 'version', version); },\n"
	"  uninstall: function (c) { c.sqlClient.execute('DROP TABLE ' + table(c)); },\n"
	"  upgrade: function (c) { c.sqlClient.execute('UPDATE ' + table(c) +\n"
	"    \" SET name = '2.0.0' WHERE kind = 'version'\");\n"
	"    return {previousVersion: '1.0.0', newVersion: '2.0.0'}; },\n"
	"  getInstanceParameters: function () { return [\n"
	"    {id: 'name', name: 'Name', type: 'string', required: true}]; },\n"
	"  addInstance: function (c, version, p) { add(c, 'instance', p.values[0].value);\n"
	"    return {id: p.values[0].value, name: p.values[0].value}; },\n"
	"  findInstances: function (c) { return rows(c, 'instance').map(function (r) {\n"
	"    return {id: r[0], name: r[0]}; }); },\n"
	"  readInstanceParameterValues: function (c, version, id) {\n"
	"    return {values: [{name: 'name', value: id}]}; },\n"
	"  updateInstance: function (c, version, id, p) {},\n"
	"  deleteInstance: function (c, version, id) { c.sqlClient.execute('DELETE FROM ' +\n"
	"    table(c) + ' WHERE name = ?', id); }\n"
	"}};\n"
	"})();\n";

#define OLD "{name: '1.0.0', latest: true}"
#define NEW "{name: '2.0.0', latest: true}, {name: '1.0.0'}"

static void clean(struct fixture *fixture)
{
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA IF EXISTS extensions CASCADE");
}

static void define(struct fixture *fixture, const char *versions)
{
	char source[8192];

	assert_true(snprintf(source, sizeof(source), definition, versions) < (int)sizeof(source));
	fixture_define(fixture, "notes", source);
}

static void use_history(struct fixture *fixture, uint32_t history)
{
	extmgr_target_options options;

	extmgr_target_options_init(&options, sizeof(options));
	options.history = history;
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    NULL, &options, &fixture->manager, NULL),
			 EXTMGR_OK);
}

static char *read_history(struct fixture *fixture, const char *id, uint32_t limit)
{
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	char *copy;

	if (extmgr_manager_get_history(fixture->manager, id, limit, NULL, &text, &error) !=
	    EXTMGR_OK)
		fail_msg("%s", extmgr_error_get_message(error));
	copy = strdup(extmgr_text_get_data(text));
	assert_non_null(copy);
	extmgr_text_free(text);
	return copy;
}

/* texts: parts of the document, in this order. */
static void must_tell(struct fixture *fixture, const char *id, uint32_t limit, size_t entries,
		      const char *const *texts)
{
	char *history = read_history(fixture, id, limit);
	const char *at = history;
	size_t count = 0;

	for (const char *entry = history; (entry = strstr(entry, "\"atMs\":")); entry++)
		count++;
	if (count != entries)
		fail_msg("%zu entries instead of %zu: %s", count, entries, history);
	for (; texts && *texts; texts++) {
		at = strstr(at, *texts);
		if (!at)
			fail_msg("no %s in its place in %s", *texts, history);
		at += strlen(*texts);
	}
	free(history);
}

static extmgr_call_options call_of(extmgr_operation *operation, uint32_t flags)
{
	extmgr_call_options call;

	extmgr_call_options_init(&call, sizeof(call));
	call.operation = operation;
	call.flags = flags;
	return call;
}

static extmgr_operation *new_actor(const char *name)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.actor = name;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	return operation;
}

static void run_all_operations(struct fixture *fixture)
{
	static const char values[] = "{\"name\": \"one\"}";
	static const char *const all[] = {
		"{\"schema\":\"extmgr.history/1\",\"entries\":[{\"at\":\"20",
		"\"operation\":\"uninstall\",\"extensionId\":\"notes\",\"fromVersion\":\"2.0.0\","
		"\"toVersion\":null,\"instanceId\":null,\"digest\":\"sha256:",
		"\"outcome\":\"committed\",\"statements\":",
		"\"operation\":\"delete-instance\",\"extensionId\":\"notes\",\"fromVersion\":"
		"\"2.0.0\",\"toVersion\":\"2.0.0\",\"instanceId\":\"one\"",
		"\"operation\":\"upgrade\",\"extensionId\":\"notes\",\"fromVersion\":\"1.0.0\","
		"\"toVersion\":\"2.0.0\",\"instanceId\":null",
		"\"operation\":\"update-instance\"",
		"\"instanceId\":\"one\"",
		"\"actor\":\"Zo\xc3\xab\",\"operation\":\"create-instance\"",
		"\"instanceId\":\"one\"",
		"\"actor\":\"Zo\xc3\xab\",\"operation\":\"install\",\"extensionId\":\"notes\","
		"\"fromVersion\":null,\"toVersion\":\"1.0.0\"",
		NULL};
	static const char *const newest[] = {"\"uninstall\"", "\"delete-instance\"", NULL};
	extmgr_operation *operation = new_actor("Zo\xc3\xab");
	extmgr_call_options call = call_of(operation, 0);
	extmgr_manager *manager = fixture->manager;

	define(fixture, OLD);
	must_tell(fixture, NULL, 0, 0, NULL);
	assert_int_equal(extmgr_manager_install(manager, "notes.js", NULL, &call, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_create_instance(manager, "notes", NULL, values,
							strlen(values), &call, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_update_instance(manager, "notes", NULL, "one", "{}", 2,
							&call, NULL, NULL),
			 EXTMGR_OK);
	define(fixture, NEW);
	assert_int_equal(extmgr_manager_upgrade(manager, "notes", &call, NULL, NULL), EXTMGR_OK);
	assert_int_equal(
		extmgr_manager_delete_instance(manager, "notes", NULL, "one", &call, NULL, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_manager_uninstall(manager, "notes", NULL, &call, NULL, NULL),
			 EXTMGR_OK);
	extmgr_operation_free(operation);
	must_tell(fixture, NULL, 0, 6, all);
	must_tell(fixture, "notes.js", 0, 6, all);
	must_tell(fixture, "notes", 2, 2, newest);
	must_tell(fixture, "other", 0, 0, NULL);
	must_tell(fixture, "' OR 1 = 1 --", 0, 0, NULL);
	clean(fixture);
}

static void test_each_operation_leaves_a_row_newest_first(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_all_operations);
}

static void plan_install(struct fixture *fixture, uint32_t flags, extmgr_text **plan)
{
	extmgr_plan_request request;

	extmgr_plan_request_init(&request, sizeof(request));
	request.flags = flags;
	request.operation = "install";
	request.extension_id = "notes";
	assert_int_equal(extmgr_manager_plan(fixture->manager, &request, NULL, plan, NULL),
			 EXTMGR_OK);
}

static void run_without_rows(struct fixture *fixture)
{
	extmgr_call_options rehearse = call_of(NULL, EXTMGR_CALL_REHEARSE);
	extmgr_text *plan = NULL;
	char *before = fixture_snapshot(fixture);
	char *after;

	define(fixture, OLD);
	assert_int_equal(
		extmgr_manager_install(fixture->manager, "notes", NULL, &rehearse, NULL, NULL),
		EXTMGR_OK);
	plan_install(fixture, EXTMGR_PLAN_RECORD, &plan);
	extmgr_text_free(plan);
	plan_install(fixture, 0, &plan);
	assert_int_equal(
		extmgr_manager_uninstall(fixture->manager, "notes", NULL, NULL, NULL, NULL),
		EXTMGR_E_NOT_INSTALLED);
	must_tell(fixture, NULL, 0, 0, NULL);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* The plan says that a row is written, which is none of its statements. */
	assert_non_null(strstr(extmgr_text_get_data(plan), "extmgr_target_history"));
	assert_null(strstr(extmgr_text_get_data(plan), "INSERT INTO \\\"main\\\".\\\"extmgr"));
	assert_int_equal(extmgr_manager_apply(fixture->manager, extmgr_text_get_data(plan),
					      extmgr_text_get_length(plan), NULL, 0, NULL, NULL,
					      NULL),
			 EXTMGR_OK);
	extmgr_text_free(plan);
	must_tell(fixture, NULL, 0, 1, NULL);
	assert_int_equal(extmgr_manager_delete_instance(fixture->manager, "notes", NULL, "none",
							NULL, NULL, NULL),
			 EXTMGR_UNCHANGED);
	must_tell(fixture, NULL, 0, 1, NULL);
	clean(fixture);
}

static void test_rehearsals_plans_failures_and_nothing_to_do_leave_none(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_without_rows);
}

static void run_off(struct fixture *fixture)
{
	extmgr_text *plan = NULL;

	define(fixture, OLD);
	use_history(fixture, EXTMGR_HISTORY_OFF);
	plan_install(fixture, 0, &plan);
	assert_null(strstr(extmgr_text_get_data(plan), "extmgr_target_history"));
	extmgr_text_free(plan);
	assert_int_equal(extmgr_manager_install(fixture->manager, "notes", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	must_tell(fixture, NULL, 0, 0, NULL);
	assert_null(fixture_value(fixture, fixture->is_postgresql
						   ? "SELECT 1 FROM pg_tables WHERE tablename = "
						     "'extmgr_target_history'"
						   : "SELECT 1 FROM sqlite_master WHERE name = "
						     "'extmgr_target_history'"));
	use_history(fixture, EXTMGR_HISTORY_ON);
	assert_int_equal(
		extmgr_manager_uninstall(fixture->manager, "notes", NULL, NULL, NULL, NULL),
		EXTMGR_OK);
	must_tell(fixture, NULL, 0, 1, NULL);
	clean(fixture);
}

static void test_it_can_be_off(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_off);
}

/* A table of that name and another shape is not ours: nothing is done, and it is said why. */
static void run_foreign_table(struct fixture *fixture)
{
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	char *before;
	char *after;

	define(fixture, OLD);
	if (fixture->is_postgresql)
		fixture_sql(fixture, "CREATE SCHEMA extensions");
	fixture_sql(fixture, fixture->is_postgresql
				     ? "CREATE TABLE extensions.extmgr_target_history (x INTEGER)"
				     : "CREATE TABLE extmgr_target_history (x INTEGER)");
	before = fixture_snapshot(fixture);
	assert_int_equal(
		extmgr_manager_install(fixture->manager, "notes", NULL, NULL, NULL, &error),
		EXTMGR_E_STATEMENT);
	assert_string_equal(extmgr_error_get_message(error),
			    "failed to write the history of the target");
	assert_non_null(strstr(extmgr_error_get_hint(error), "the history must be off"));
	extmgr_error_free(error);
	assert_int_equal(extmgr_manager_get_history(fixture->manager, NULL, 0, NULL, &text, &error),
			 EXTMGR_E_STATEMENT);
	assert_null(text);
	extmgr_error_free(error);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(
		extmgr_manager_get_history(fixture->manager, NULL, 10001, NULL, &text, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_get_history(fixture->manager, NULL, 0, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	clean(fixture);
}

static void test_a_table_that_is_not_ours_fails_the_operation(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_foreign_table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operation_leaves_a_row_newest_first),
		cmocka_unit_test(test_rehearsals_plans_failures_and_nothing_to_do_leave_none),
		cmocka_unit_test(test_it_can_be_off),
		cmocka_unit_test(test_a_table_that_is_not_ours_fails_the_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
