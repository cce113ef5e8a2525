/* SPDX-License-Identifier: MIT */
/*
 * Each step looks at the operation: cancelled from the progress callback, or out of time, at any of
 * them, an operation changes nothing and says why.
 */
#include "fixture.h"

#include <extmgr/drivers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Goes through all steps there are: requirements, a file, a schema, parameters. */
static const char definition[] =
	"(function () {\n"
	"function table(c) { return c.quoteIdentifier(c.extensionSchemaName) + '.t_steps'; }\n"
	"function rows(c, kind) { return c.sqlClient.query('SELECT name FROM ' + table(c) +\n"
	"  ' WHERE kind = ?', kind).rows; }\n"
	"function add(c, kind, name) { c.sqlClient.execute('INSERT INTO ' + table(c) +\n"
	"  ' VALUES (?, ?)', kind, name); }\n"
	"function exists(c) { return c.sqlClient.query(c.dialect === 'sqlite' ?\n"
	"  \"SELECT 1 FROM sqlite_master WHERE name = 't_steps'\" :\n"
	"  \"SELECT 1 FROM pg_tables WHERE tablename = 't_steps'\").rows.length > 0; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'Steps',\n"
	"  installableVersions: [{name: '2.0.0', latest: true}, {name: '1.0.0'}],\n"
	"  bucketFsUploads: [{bucketFsFilename: 'steps.jar', fileSize: -1}],\n"
	"  requirements: {server: '>=1'},\n"
	"  findInstallations: function (c) { return !exists(c) ? [] :\n"
	"    rows(c, 'version').map(function (r) { return {name: 'Steps', version: r[0]}; }); },\n"
	"  install: function (c, version) { c.sqlClient.execute('CREATE TABLE ' + table(c) +\n"
	"    ' (kind VARCHAR(99), name VARCHAR(99))'); add(c, 'version', version); },\n"
	"  uninstall: function (c) { c.sqlClient.execute('DROP TABLE ' + table(c)); },\n"
	"  upgrade: function (c) { c.sqlClient.execute('UPDATE ' + table(c) +\n"
	"    \" SET name = '2.0.0' WHERE kind = 'version'\");\n"
	"    return {previousVersion: '1.0.0', newVersion: '2.0.0'}; },\n"
	"  upgradeInstance: function (c, id) {},\n"
	"  getInstanceParameters: function () { return [\n"
	"    {id: 'name', name: 'Name', type: 'string', required: true}]; },\n"
	"  validate: function () {},\n"
	"  addInstance: function (c, version, p) { add(c, 'instance', p.values[0].value);\n"
	"    return {id: p.values[0].value, name: p.values[0].value}; },\n"
	"  findInstances: function (c) { return rows(c, 'instance').map(function (r) {\n"
	"    return {id: r[0], name: r[0]}; }); },\n"
	"  readInstanceParameterValues: function (c, version, id) {\n"
	"    return {values: [{name: 'name', value: id}]}; },\n"
	"  updateInstance: function (c, version, id, p) { c.sqlClient.execute('UPDATE ' +\n"
	"    table(c) + ' SET name = name'); },\n"
	"  deleteInstance: function (c, version, id) { c.sqlClient.execute('DELETE FROM ' +\n"
	"    table(c) + ' WHERE name = ?', id); }\n"
	"}};\n"
	"})();\n";

enum what { PLAN, APPLY, CREATE, UPDATE, UPGRADE, DELETE, UNINSTALL, INSTALL, OPERATIONS };

/* The steps of each operation, as they must come. */
static const char *const steps[OPERATIONS] = {
	[PLAN] = "load begin requirements artifacts schema call verify rollback ",
	[APPLY] = "load begin requirements artifacts schema call verify history commit ",
	[INSTALL] = "load begin requirements artifacts schema call verify history commit ",
	[CREATE] = "load begin requirements validate artifacts schema call verify history commit ",
	[UPDATE] = "load begin requirements instances read validate artifacts schema call verify "
		   "history commit ",
	[UPGRADE] = "load begin requirements artifacts instances call upgrade instances verify "
		    "verify history commit ",
	[DELETE] = "load begin instances call verify history commit ",
	[UNINSTALL] = "load begin instances call verify history commit ",
};

/* What PLAN made, for APPLY. */
static extmgr_text *made_plan;

static extmgr_result run(const struct fixture *fixture, enum what what, extmgr_operation *operation,
			 extmgr_error **error)
{
	static const char values[] = "{\"name\": \"one\"}";
	extmgr_manager *manager = fixture->manager;
	extmgr_plan_request request;
	extmgr_call_options call;

	extmgr_plan_request_init(&request, sizeof(request));
	request.operation = "install";
	request.extension_id = "steps";
	request.version = "1.0.0";
	extmgr_call_options_init(&call, sizeof(call));
	call.operation = operation;
	switch (what) {
	case PLAN:
		extmgr_text_free(made_plan);
		made_plan = NULL;
		return extmgr_manager_plan(manager, &request, &call, &made_plan, error);
	case APPLY:
		return extmgr_manager_apply(manager, extmgr_text_get_data(made_plan),
					    extmgr_text_get_length(made_plan), NULL, 0, &call, NULL,
					    error);
	case INSTALL:
		return extmgr_manager_install(manager, "steps", "1.0.0", &call, NULL, error);
	case CREATE:
		return extmgr_manager_create_instance(manager, "steps", NULL, values,
						      strlen(values), &call, NULL, error);
	case UPDATE:
		return extmgr_manager_update_instance(manager, "steps", NULL, "one", "{}", 2, &call,
						      NULL, error);
	case UPGRADE:
		return extmgr_manager_upgrade(manager, "steps", &call, NULL, error);
	case DELETE:
		return extmgr_manager_delete_instance(manager, "steps", NULL, "one", &call, NULL,
						      error);
	default:
		return extmgr_manager_uninstall(manager, "steps", NULL, &call, NULL, error);
	}
}

/* Progress: counts the steps, and ends the operation at one of them. */
struct steering {
	int count;
	int stop_at; /* from 1; 0: never */
	char seen[512];
	extmgr_operation *cancels; /* NULL: the callback's answer cancels */
};

static int32_t steer(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct steering *steering = user_data;
	size_t used = strlen(steering->seen);

	(void)done, (void)total;
	(void)snprintf(steering->seen + used, sizeof(steering->seen) - used, "%s ", step);
	if (++steering->count != steering->stop_at)
		return 0;
	if (!steering->cancels)
		return 1;
	extmgr_operation_cancel(steering->cancels);
	return 0;
}

static extmgr_operation *new_operation(struct steering *steering)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = steer;
	options.user_data = steering;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	return operation;
}

/* Answers whether the operation came to its end. */
static bool stop_at(struct fixture *fixture, enum what what, int step, bool by_cancel)
{
	struct steering steering = {.stop_at = step};
	extmgr_operation *operation = new_operation(&steering);
	char *before = fixture_snapshot(fixture);
	extmgr_error *error = NULL;
	extmgr_result result;
	char *after;

	if (by_cancel)
		steering.cancels = operation;
	result = run(fixture, what, operation, &error);
	if (steering.count >= step) {
		if (result != EXTMGR_E_CANCELLED)
			fail_msg("stopped at %s: %s", steering.seen,
				 extmgr_result_get_name(result));
		assert_int_equal(steering.count, step); /* nothing comes after it */
		after = fixture_snapshot(fixture);
		if (strcmp(before, after) != 0)
			fail_msg("stopped at %s: the database was changed", steering.seen);
		free(after);
	} else {
		if (result != EXTMGR_OK)
			fail_msg("%s: %s", steering.seen, extmgr_error_get_message(error));
		assert_string_equal(steering.seen, steps[what]);
	}
	assert_int_equal(fixture->fault.open_sessions, 0);
	extmgr_error_free(error);
	extmgr_operation_free(operation);
	free(before);
	return result == EXTMGR_OK;
}

static void use_files(struct fixture *fixture)
{
	const char *directories[] = {fixture->directory};
	extmgr_files *files = NULL;
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/steps.jar", fixture->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(extmgr_local_files_open(directories, 1, &files, NULL), EXTMGR_OK);
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    files, NULL, &fixture->manager, NULL),
			 EXTMGR_OK);
	extmgr_files_free(files);
}

static void run_steps(struct fixture *fixture)
{
	fixture_define(fixture, "steps", definition);
	use_files(fixture);
	for (int what = PLAN; what < OPERATIONS; what++) {
		int step = 1;

		/* Up to the step that is not there any more: then it is done. */
		while (!stop_at(fixture, (enum what)what, step, step % 2 == 0))
			step++;
	}
	extmgr_text_free(made_plan);
	made_plan = NULL;
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA extensions CASCADE");
}

static void test_cancelled_at_each_step_nothing_is_changed(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_steps);
}

/* The fixture's clock goes on with each look at it: the deadline comes at each of them in turn. */
static void run_deadlines(struct fixture *fixture)
{
	char *before = fixture_snapshot(fixture);
	uint64_t late = 0;

	fixture_define(fixture, "steps", definition);
	use_files(fixture);
	for (uint64_t timeout = 1;; timeout += 3) {
		extmgr_operation_options options;
		extmgr_operation *operation = NULL;
		extmgr_result result;
		char *after;

		extmgr_operation_options_init(&options, sizeof(options));
		options.timeout_ms = timeout;
		assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
		result = run(fixture, INSTALL, operation, NULL);
		extmgr_operation_free(operation);
		if (result == EXTMGR_OK)
			break;
		assert_int_equal(result, EXTMGR_E_TIMEOUT);
		late++;
		after = fixture_snapshot(fixture);
		assert_string_equal(before, after);
		free(after);
	}
	assert_true(late > 5);
	free(before);
}

static void test_out_of_time_at_any_moment_nothing_is_changed(void **state)
{
	(void)state;
	fixture_each(FIXTURE_SQLITE, run_deadlines);
}

/* A callback that answers after the deadline: what it did is undone. Answers whether the operation
 * came to its end, because there was nothing left to be late for. */
static bool answer_late(struct fixture *fixture, enum what what, int at)
{
	char *before = fixture_snapshot(fixture);
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	extmgr_result result;
	char *after;

	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = 60000;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	fault_arm(&fixture->fault, FAULT_LATE, at);
	result = run(fixture, what, operation, NULL);
	extmgr_operation_free(operation);
	assert_true(fixture->fault.fired);
	assert_int_equal(fixture->fault.open_sessions, 0);
	after = fixture_snapshot(fixture);
	/* A COMMIT that was late is one all the same. */
	if (result != EXTMGR_OK || what == PLAN)
		assert_string_equal(before, after);
	if (result != EXTMGR_OK)
		assert_int_equal(result, EXTMGR_E_TIMEOUT);
	else
		assert_true(what == PLAN || fixture->fault.was_commit);
	free(before);
	free(after);
	return result == EXTMGR_OK;
}

static void run_late(struct fixture *fixture)
{
	fixture_define(fixture, "steps", definition);
	use_files(fixture);
	for (int what = PLAN; what < OPERATIONS; what++) {
		int at = 1;

		while (!answer_late(fixture, (enum what)what, at))
			at++;
		assert_true(at > 5);
	}
	extmgr_text_free(made_plan);
	made_plan = NULL;
}

static void test_an_answer_after_the_deadline_changes_nothing(void **state)
{
	(void)state;
	fixture_each(FIXTURE_SQLITE, run_late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cancelled_at_each_step_nothing_is_changed),
		cmocka_unit_test(test_out_of_time_at_any_moment_nothing_is_changed),
		cmocka_unit_test(test_an_answer_after_the_deadline_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
