/* SPDX-License-Identifier: MIT */
/*
 * Operations in a transaction of the caller's: whatever becomes of them, the caller's other work in
 * it survives, and goes with the caller's rollback, the operation's with it.
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

/* The caller: its connection, its transaction, a manager in it. */
struct caller {
	const struct fixture_host *host;
	struct fixture *fixture;
	void *connection;
	extmgr_database *real;
	extmgr_database *database; /* the same with faults */
	struct fault fault;
	extmgr_manager *manager;
	char *before; /* what others see */
};

static void caller_run(const struct caller *caller, const char *sql)
{
	if (caller->host->run(caller->connection, sql) != 0)
		fail_msg("the caller's %s failed", sql);
}

static void caller_begin(const struct caller *caller)
{
	caller_run(caller, caller->fixture->is_postgresql ? "BEGIN" : "BEGIN IMMEDIATE");
	caller_run(caller, "INSERT INTO caller_work VALUES (1)");
}

static void caller_open(struct caller *caller, struct fixture *fixture, uint64_t lock_timeout_ms)
{
	extmgr_target_options options;

	fixture_sql(fixture, "CREATE TABLE caller_work(n integer)");
	*caller = (struct caller){.fixture = fixture, .host = fixture_get_host(fixture)};
	caller->connection = caller->host->connect(fixture->url);
	caller->real = caller->host->attach(caller->connection);
	caller->database = fault_database_new(fixture->context, caller->real, &caller->fault);
	assert_non_null(caller->database);
	extmgr_target_options_init(&options, sizeof(options));
	options.transaction = EXTMGR_TRANSACTION_CALLER;
	options.lock_timeout_ms = lock_timeout_ms;
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, caller->database,
					    NULL, &options, &caller->manager, NULL),
			 EXTMGR_OK);
	caller->before = fixture_snapshot(fixture);
}

static void caller_close(struct caller *caller)
{
	struct fixture *fixture = caller->fixture;

	extmgr_manager_free(caller->manager);
	extmgr_database_free(caller->database);
	extmgr_database_free(caller->real);
	caller->host->disconnect(caller->connection);
	free(caller->before);
	fixture_sql(fixture, "DROP TABLE caller_work");
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA IF EXISTS extensions CASCADE");
}

/* What others see: nothing, as long as the caller has not committed. */
static void nothing_is_seen(const struct caller *caller)
{
	char *now = fixture_snapshot(caller->fixture);

	assert_string_equal(now, caller->before);
	free(now);
}

static void count_is(const struct caller *caller, const char *sql, const char *expected)
{
	char *count = fixture_value(caller->fixture, sql);

	assert_string_equal(count, expected);
	free(count);
}

static const char *marker(const struct caller *caller)
{
	return caller->fixture->is_postgresql
		       ? "SELECT count(*) FROM pg_tables WHERE tablename = 'test_marker'"
		       : "SELECT count(*) FROM sqlite_schema WHERE name = 'test_marker'";
}

static extmgr_result install(const struct caller *caller, uint32_t flags, extmgr_error **error)
{
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.flags = flags;
	return extmgr_manager_install(caller->manager, "x", NULL, &options, NULL, error);
}

/* How many extensions the caller sees as installed. */
static size_t count_installed(const struct caller *caller)
{
	extmgr_extension_list *list = NULL;
	size_t count;

	assert_int_equal(extmgr_manager_list_extensions(caller->manager, EXTMGR_LIST_INSTALLED,
							NULL, &list, NULL),
			 EXTMGR_OK);
	count = extmgr_extension_list_get_count(list);
	extmgr_extension_list_free(list);
	return count;
}

/* ---- success ---- */

static void run_success(struct fixture *fixture)
{
	extmgr_text *report = NULL;
	struct caller caller;

	fixture_define_install(fixture, "x", "");
	caller_open(&caller, fixture, 0);
	caller_begin(&caller);
	assert_int_equal(extmgr_manager_install(caller.manager, "x", NULL, NULL, &report, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report), "\"outcome\":\"pending\""));
	extmgr_text_free(report);
	assert_int_equal(caller.fault.open_sessions, 0);
	assert_int_equal(count_installed(&caller), 1);
	nothing_is_seen(&caller);
	caller_run(&caller, "ROLLBACK");
	nothing_is_seen(&caller);

	caller_begin(&caller);
	assert_int_equal(install(&caller, 0, NULL), EXTMGR_OK);
	caller_run(&caller, "INSERT INTO caller_work VALUES (2)");
	caller_run(&caller, "COMMIT");
	count_is(&caller, "SELECT count(*) FROM caller_work", "2");
	count_is(&caller, marker(&caller), "1");
	caller_close(&caller);
}

static void test_what_was_done_is_the_callers_to_commit(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_success);
}

/* ---- failure ---- */

static void run_failure(struct fixture *fixture)
{
	extmgr_error *error = NULL;
	struct caller caller;

	fixture_define_install(fixture, "x", "throw new Error('no');");
	caller_open(&caller, fixture, 0);
	caller_begin(&caller);
	assert_int_equal(install(&caller, 0, &error), EXTMGR_E_SCRIPT_THREW);
	extmgr_error_free(error);
	fixture_define_install(fixture, "x", "sql.execute('SELECT nothing FROM nowhere');");
	assert_int_equal(install(&caller, 0, NULL), EXTMGR_E_STATEMENT);
	assert_int_equal(count_installed(&caller), 0);
	fixture_define_install(fixture, "x", "");
	assert_int_equal(install(&caller, EXTMGR_CALL_REHEARSE, NULL), EXTMGR_OK);
	assert_int_equal(count_installed(&caller), 0);
	nothing_is_seen(&caller);
	caller_run(&caller, "INSERT INTO caller_work VALUES (2)");
	caller_run(&caller, "COMMIT");
	count_is(&caller, "SELECT count(*) FROM caller_work", "2");
	count_is(&caller, marker(&caller), "0");
	caller_close(&caller);
}

static void test_a_failure_or_rehearsal_takes_back_its_own_work_alone(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_failure);
}

/* Each call refused in turn, that of the savepoint and its release among them. */
static void run_faults(struct fixture *fixture)
{
	struct caller caller;
	int at;

	fixture_define_install(fixture, "x", "");
	caller_open(&caller, fixture, 0);
	caller_begin(&caller);
	for (at = 1;; at++) {
		extmgr_result result;
		bool fired;

		fault_arm(&caller.fault, FAULT_REFUSED, at);
		result = install(&caller, 0, NULL);
		assert_int_equal(caller.fault.open_sessions, 0);
		fired = caller.fault.fired;
		fault_arm(&caller.fault, FAULT_REFUSED, 0);
		if (!fired)
			break;
		assert_true(result < 0);
		assert_int_not_equal(result, EXTMGR_E_TRANSACTION_ENDED);
		assert_int_equal(count_installed(&caller), 0);
	}
	assert_in_range(at, 5, 50);
	nothing_is_seen(&caller);
	assert_int_equal(count_installed(&caller), 1);
	caller_run(&caller, "COMMIT");
	count_is(&caller, "SELECT count(*) FROM caller_work", "1");
	count_is(&caller, marker(&caller), "1");
	caller_close(&caller);
}

static void test_every_call_that_is_refused_is_taken_back(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_faults);
}

/* ---- what is refused ---- */

static void must_refuse(const struct caller *caller)
{
	extmgr_extension_list *list = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(install(caller, 0, &error), EXTMGR_E_CALLER_TRANSACTION);
	assert_non_null(strstr(extmgr_error_get_message(error), "not open, or has failed"));
	extmgr_error_free(error);
	assert_int_equal(
		extmgr_manager_list_extensions(caller->manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
		EXTMGR_E_CALLER_TRANSACTION);
	assert_int_equal(caller->fault.open_sessions, 0);
	nothing_is_seen(caller);
}

static void run_refusals(struct fixture *fixture)
{
	struct caller caller;

	fixture_define_install(fixture, "x", "");
	caller_open(&caller, fixture, 0);
	must_refuse(&caller);
	if (fixture->is_postgresql) {
		caller_begin(&caller);
		assert_int_not_equal(caller.host->run(caller.connection, "nonsense"), 0);
		must_refuse(&caller);
		caller_run(&caller, "ROLLBACK");
	}
	/* No harm was done: it goes on. */
	caller_begin(&caller);
	assert_int_equal(install(&caller, 0, NULL), EXTMGR_OK);
	caller_run(&caller, "ROLLBACK");
	nothing_is_seen(&caller);
	caller_close(&caller);
}

static void test_without_an_open_transaction_nothing_is_done(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_refusals);
}

/* ---- who ends the transaction meanwhile ---- */

static int32_t commit_meanwhile(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	const struct caller *caller = user_data;

	(void)done, (void)total;
	if (strcmp(step, "verify") == 0)
		caller_run(caller, "COMMIT");
	return 0;
}

static void run_ended(struct fixture *fixture)
{
	extmgr_operation_options operation_options;
	extmgr_call_options options;
	extmgr_error *error = NULL;
	struct caller caller;

	fixture_define_install(fixture, "x", "");
	caller_open(&caller, fixture, 0);
	caller_begin(&caller);
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.progress = commit_meanwhile;
	operation_options.user_data = &caller;
	extmgr_call_options_init(&options, sizeof(options));
	assert_int_equal(extmgr_operation_new(&operation_options, &options.operation, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_install(caller.manager, "x", NULL, &options, NULL, &error),
			 EXTMGR_E_TRANSACTION_ENDED);
	assert_non_null(strstr(extmgr_error_get_message(error), "the caller's transaction"));
	extmgr_error_free(error);
	extmgr_operation_free(options.operation);
	assert_int_equal(caller.fault.open_sessions, 0);
	/* What the commit before it kept is the caller's affair; for PostgreSQL's it goes below. */
	if (!fixture->is_postgresql)
		fixture_sql(fixture, "DROP TABLE test_marker");
	caller_close(&caller);
}

static void test_a_transaction_that_was_ended_is_told(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_ended);
}

/* ---- settings ---- */

static void run_lock_timeout(struct fixture *fixture)
{
	static const char check[] =
		"INSERT INTO caller_work SELECT 1 / (current_setting('lock_timeout') = '7s')::int";
	struct caller caller;

	fixture_define_install(fixture, "x",
			       "if (sql.query(\"SELECT current_setting('lock_timeout') AS t\").rows"
			       "[0][0] !== '50ms') { throw new Error('not set'); }");
	caller_open(&caller, fixture, 50);
	caller_begin(&caller);
	caller_run(&caller, "SET LOCAL lock_timeout = '7s'");
	assert_int_equal(install(&caller, 0, NULL), EXTMGR_OK);
	caller_run(&caller, check);
	assert_int_equal(install(&caller, EXTMGR_CALL_REHEARSE, NULL), EXTMGR_E_STATEMENT);
	caller_run(&caller, check);
	assert_int_equal(count_installed(&caller), 1);
	caller_run(&caller, check);
	caller_run(&caller, "ROLLBACK");
	caller_close(&caller);
}

static void test_the_callers_lock_timeout_is_left(void **state)
{
	(void)state;
	fixture_each(FIXTURE_POSTGRESQL, run_lock_timeout);
}

/* ---- every operation ---- */

static char *plan_upgrade(const struct caller *caller, uint32_t flags)
{
	extmgr_plan_request request;
	extmgr_text *text = NULL;
	char *copy;

	extmgr_plan_request_init(&request, sizeof(request));
	request.operation = "upgrade";
	request.extension_id = "audit-log";
	request.flags = flags;
	assert_int_equal(extmgr_manager_plan(caller->manager, &request, NULL, &text, NULL),
			 EXTMGR_OK);
	copy = strdup(extmgr_text_get_data(text));
	extmgr_text_free(text);
	return copy;
}

static void live(const struct caller *caller)
{
	static const char values[] = "{\"table\":\"caller_work\"}";
	static const char update[] = "{\"keep-days\":\"60\"}";
	const char *id = caller->fixture->is_postgresql ? "public.caller_work" : "caller_work";
	extmgr_manager *manager = caller->manager;
	extmgr_instance_list *instances = NULL;
	extmgr_text *text = NULL;
	char *plan;

	assert_int_equal(extmgr_manager_install(manager, "audit-log", "1.0.0", NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_create_instance(manager, "audit-log", NULL, values,
							strlen(values), NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_update_instance(manager, "audit-log", NULL, id, update,
							strlen(update), NULL, NULL, NULL),
			 EXTMGR_OK);
	free(plan_upgrade(caller, EXTMGR_PLAN_RECORD));
	plan = plan_upgrade(caller, 0);
	assert_int_equal(
		extmgr_manager_apply(manager, plan, strlen(plan), NULL, 0, NULL, NULL, NULL),
		EXTMGR_OK);
	free(plan);
	assert_int_equal(extmgr_manager_upgrade_all(manager, NULL, &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	assert_int_equal(extmgr_manager_get_status(manager, NULL, NULL, &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	assert_int_equal(
		extmgr_manager_list_instances(manager, "audit-log", NULL, NULL, &instances, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_instance_list_get_count(instances), 1);
	extmgr_instance_list_free(instances);
	assert_int_equal(
		extmgr_manager_delete_instance(manager, "audit-log", NULL, id, NULL, NULL, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_manager_uninstall(manager, "audit-log", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
}

static void run_life(struct fixture *fixture)
{
	struct caller caller;

	fixture_use_registry(fixture, getenv("EXTMGR_TEST_DEFINITIONS"));
	caller_open(&caller, fixture, 0);
	caller_begin(&caller);
	live(&caller);
	caller_run(&caller, "ROLLBACK");
	nothing_is_seen(&caller);
	caller_begin(&caller);
	live(&caller);
	caller_run(&caller, "COMMIT");
	count_is(&caller, "SELECT count(*) FROM caller_work", "1");
	caller_close(&caller);
}

static void test_every_operation_works_in_one_transaction(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_life);
}

/* ---- requirements and history ---- */

static const char demanding[] =
	"(function () {\n"
	"function exists(c) { return c.sqlClient.query(c.dialect === 'sqlite' ?\n"
	"  \"SELECT 1 FROM sqlite_master WHERE name = 'demanding_made'\" :\n"
	"  \"SELECT 1 FROM pg_tables WHERE tablename = 'demanding_made'\").rows.length > 0; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'D',\n"
	"  installableVersions: [{name: '1.0.0', latest: true}],\n"
	"  requirements: {server: '>=3', requires: ['x']},\n"
	"  findInstallations: function (c) { return exists(c) ?\n"
	"    [{name: 'D', version: '1.0.0'}] : []; },\n"
	"  install: function (c) { c.sqlClient.execute('CREATE TABLE ' +\n"
	"    c.quoteIdentifier(c.extensionSchemaName) + '.demanding_made (id INTEGER)'); }\n"
	"}};\n"
	"})();\n";

static extmgr_result install_demanding(const struct caller *caller)
{
	return extmgr_manager_install(caller->manager, "demanding", NULL, NULL, NULL, NULL);
}

/* The entries of the history that the caller sees, newest first. */
static void history_is(const struct caller *caller, const char *newest, size_t count)
{
	extmgr_text *text = NULL;
	const char *at;
	size_t found = 0;

	assert_int_equal(extmgr_manager_get_history(caller->manager, NULL, 0, NULL, &text, NULL),
			 EXTMGR_OK);
	for (at = extmgr_text_get_data(text); (at = strstr(at, "\"extensionId\":\"")); at++) {
		if (found++ == 0)
			assert_memory_equal(at + 15, newest, strlen(newest));
	}
	assert_int_equal(found, count);
	extmgr_text_free(text);
}

/* Another extension is asked, and undone by a savepoint: the caller's work stays. */
static void require_and_remember(const struct caller *caller)
{
	caller_begin(caller);
	assert_int_equal(install_demanding(caller), EXTMGR_E_REQUIREMENTS);
	history_is(caller, "", 0);
	assert_int_equal(install(caller, 0, NULL), EXTMGR_OK);
	assert_int_equal(install_demanding(caller), EXTMGR_OK);
	history_is(caller, "demanding", 2);
	nothing_is_seen(caller);
}

static void run_requirements(struct fixture *fixture)
{
	struct caller caller;

	fixture_define_install(fixture, "x", "");
	fixture_define(fixture, "demanding", demanding);
	caller_open(&caller, fixture, 0);
	require_and_remember(&caller);
	caller_run(&caller, "ROLLBACK");
	nothing_is_seen(&caller);
	require_and_remember(&caller);
	caller_run(&caller, "COMMIT");
	count_is(&caller, "SELECT count(*) FROM caller_work", "1");
	count_is(&caller,
		 fixture->is_postgresql ? "SELECT count(*) FROM extensions.extmgr_target_history"
					: "SELECT count(*) FROM extmgr_target_history",
		 "2");
	caller_close(&caller);
}

static void test_requirements_and_history_in_it(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_requirements);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_done_is_the_callers_to_commit),
		cmocka_unit_test(test_a_failure_or_rehearsal_takes_back_its_own_work_alone),
		cmocka_unit_test(test_every_call_that_is_refused_is_taken_back),
		cmocka_unit_test(test_without_an_open_transaction_nothing_is_done),
		cmocka_unit_test(test_a_transaction_that_was_ended_is_told),
		cmocka_unit_test(test_the_callers_lock_timeout_is_left),
		cmocka_unit_test(test_every_operation_works_in_one_transaction),
		cmocka_unit_test(test_requirements_and_history_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
