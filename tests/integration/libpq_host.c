/* SPDX-License-Identifier: MIT */
/* The host on libpq (tests/hosts/libpq_host.c), which knows the library by its headers alone. */
#include "../hosts/libpq_host.h"
#include "../support/direct.h"
#include "../support/dump.h"
#include "../support/proxy.h"
#include "../support/stage.h"
#include "../unit/test.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

static const char sleeper[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {\n"
	"  name: 'Sleeper', bucketFsUploads: [],\n"
	"  installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],\n"
	"  findInstallations: function () { return []; },\n"
	"  install: function (context) {\n"
	"    context.sqlClient.execute('CREATE TABLE slept (n integer)');\n"
	"    context.sqlClient.query('SELECT pg_sleep(600)');\n"
	"  }\n"
	"}};\n";

static const char *url;
static const char *admin_url;
static const char *definitions;

static int need_server(void **state)
{
	(void)state;
	url = getenv("EXTMGR_TEST_POSTGRESQL_URL");
	admin_url = getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL");
	definitions = getenv("EXTMGR_TEST_DEFINITIONS");
	return url && admin_url && definitions ? 0 : 1;
}

static int clean_up(void **state)
{
	(void)state;
	direct_run(url,
		   "SET client_min_messages = error; DROP SCHEMA IF EXISTS extensions CASCADE; "
		   "DROP TABLE IF EXISTS orders, slept");
	return 0;
}

static extmgr_operation *new_operation(uint64_t timeout_ms, extmgr_progress_fn progress,
				       void *user_data)
{
	extmgr_operation_options options;
	extmgr_operation *operation;
	extmgr_error *error = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = timeout_ms;
	options.progress = progress;
	options.user_data = user_data;
	stage_must(extmgr_operation_new(&options, &operation, &error), error);
	return operation;
}

static extmgr_result install(struct stage *stage, const char *id, const char *version,
			     extmgr_operation *operation)
{
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	return extmgr_manager_install(stage->manager, id, version, &options, NULL, NULL);
}

static void test_the_library_finds_no_fault_in_the_callbacks(void **state)
{
	struct stage stage;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;

	(void)state;
	stage_open(&stage, libpq_host_open(url), definitions);
	stage_must(extmgr_database_check(stage.context, stage.database, &report, &error), error);
	if (!strstr(extmgr_text_get_data(report), "\"failed\":0"))
		fail_msg("%s", extmgr_text_get_data(report));
	extmgr_text_free(report);
	stage_close(&stage);
}

static void check_value(const char *sql, const char *expected)
{
	char *value = direct_value(url, sql);

	assert_non_null(value);
	assert_string_equal(value, expected);
	free(value);
}

static void create_instance(struct stage *stage, const char *values, const char *expected_id)
{
	extmgr_instance_list *list = NULL;
	extmgr_error *error = NULL;

	stage_must(extmgr_manager_create_instance(stage->manager, "audit-log", NULL, values,
						  strlen(values), NULL, NULL, &error),
		   error);
	stage_must(extmgr_manager_list_instances(stage->manager, "audit-log", NULL, NULL, &list,
						 &error),
		   error);
	assert_int_equal(extmgr_instance_list_get_count(list), 1);
	assert_string_equal(extmgr_instance_list_get_id(list, 0), expected_id);
	extmgr_instance_list_free(list);
}

static void test_the_whole_life_of_an_extension(void **state)
{
	struct stage stage;
	extmgr_error *error = NULL;
	char *before;
	char *after;

	(void)state;
	direct_run(url, "CREATE SCHEMA extensions; CREATE TABLE orders (id integer, item text)");
	before = dump_database(url);
	stage_open(&stage, libpq_host_open(url), definitions);
	stage_must(extmgr_manager_install(stage.manager, "audit-log", "1.0.0", NULL, NULL, &error),
		   error);
	create_instance(&stage, "{\"table\": \"public.orders\"}", "public.orders");
	direct_run(url, "INSERT INTO orders VALUES (1, 'tea')");
	stage_must(extmgr_manager_upgrade(stage.manager, "audit-log", NULL, NULL, &error), error);
	direct_run(url, "UPDATE orders SET item = 'coffee'");
	check_value("SELECT string_agg(operation || ' ' || (row_data->>'item'), ', ' ORDER BY id) "
		    "FROM extensions.audit_log",
		    "insert tea, update coffee");
	assert_int_equal(
		extmgr_manager_uninstall(stage.manager, "audit-log", NULL, NULL, NULL, NULL),
		EXTMGR_E_INSTANCES_EXIST);
	stage_must(extmgr_manager_delete_instance(stage.manager, "audit-log", NULL, "public.orders",
						  NULL, NULL, &error),
		   error);
	stage_must(extmgr_manager_uninstall(stage.manager, "audit-log", NULL, NULL, NULL, &error),
		   error);
	direct_run(url, "DELETE FROM orders");
	after = dump_database(url);
	assert_string_equal(before, after);
	stage_close(&stage);
	free(before);
	free(after);
}

/* ---- The pool ---- */

static void *list_often(void *argument)
{
	struct stage *stage = argument;
	extmgr_result worst = EXTMGR_OK;

	for (int i = 0; i < 20 && worst == EXTMGR_OK; i++) {
		extmgr_extension_list *list = NULL;

		worst = extmgr_manager_list_extensions(stage->manager, EXTMGR_LIST_ALL, NULL, &list,
						       NULL);
		extmgr_extension_list_free(list);
	}
	return worst == EXTMGR_OK ? NULL : stage;
}

static void test_threads_share_the_only_session(void **state)
{
	struct stage stage;
	pthread_t threads[4];

	(void)state;
	stage_open(&stage, libpq_host_open(url), definitions);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, list_often, &stage), 0);
	for (int i = 0; i < 4; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	stage_close(&stage);
}

struct second_call {
	struct stage *stage;
	extmgr_operation *operation;
	extmgr_result result;
	bool made;
};

/* While one call holds the session, at its step "commit", another one wants it. */
static int32_t call_again(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct second_call *second = user_data;

	(void)done;
	(void)total;
	if (strcmp(step, "commit") != 0)
		return 0;
	second->made = true;
	second->result = install(second->stage, "audit-log", NULL, second->operation);
	return 0;
}

static void test_who_waits_for_the_session_gives_up_at_its_deadline(void **state)
{
	struct stage stage;
	struct second_call second = {.stage = &stage};
	extmgr_operation *first;

	(void)state;
	stage_open(&stage, libpq_host_open(url), definitions);
	second.operation = new_operation(50, NULL, NULL);
	first = new_operation(0, call_again, &second);
	assert_int_equal(install(&stage, "audit-log", NULL, first), EXTMGR_OK);
	assert_true(second.made);
	assert_int_equal(second.result, EXTMGR_E_TIMEOUT);
	extmgr_operation_free(first);
	extmgr_operation_free(second.operation);
	stage_close(&stage);
}

static void test_a_broken_session_is_replaced(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, libpq_host_open(url), definitions);
	assert_int_equal(install(&stage, "audit-log", NULL, NULL), EXTMGR_OK);
	direct_run(admin_url, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
			      "WHERE usename = 'em'");
	assert_int_equal(
		extmgr_manager_uninstall(stage.manager, "audit-log", NULL, NULL, NULL, NULL),
		EXTMGR_E_CONNECTION);
	assert_int_equal(
		extmgr_manager_uninstall(stage.manager, "audit-log", NULL, NULL, NULL, NULL),
		EXTMGR_OK);
	stage_close(&stage);
}

static void test_a_wrong_password_and_a_missing_server_are_told_apart(void **state)
{
	static const struct {
		const char *password;
		extmgr_result expected;
	} logins[] = {{"wrong", EXTMGR_E_AUTHENTICATION}, {NULL, EXTMGR_E_CONNECTION}};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char wrong_url[512] = "postgresql://em@127.0.0.1:1/em";

		if (logins[i].password)
			(void)snprintf(wrong_url, sizeof(wrong_url), "postgresql://em:%s%s",
				       logins[i].password, strchr(url, '@'));
		stage_open(&stage, libpq_host_open(wrong_url), definitions);
		assert_int_equal(install(&stage, "audit-log", NULL, NULL), logins[i].expected);
		stage_close(&stage);
	}
}

/* ---- Interrupts ---- */

static void open_sleeper(struct stage *stage, char folder[32])
{
	char path[64];
	FILE *file;

	(void)snprintf(folder, 32, "/tmp/extmgr-libpq-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/sleeper.js", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(sleeper, file) >= 0);
	assert_int_equal(fclose(file), 0);
	stage_open(stage, libpq_host_open(url), folder);
}

static void close_sleeper(struct stage *stage, const char *folder)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/sleeper.js", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	stage_close(stage);
}

/* Cancels as soon as the server says that the statement runs. */
static void *cancel_sleep(void *operation)
{
	char *asleep = NULL;

	while (!asleep)
		asleep = direct_value(admin_url, "SELECT pid FROM pg_stat_activity "
						 "WHERE usename = 'em' AND wait_event = 'PgSleep'");
	free(asleep);
	extmgr_operation_cancel(operation);
	return NULL;
}

static void test_cancel_interrupts_a_statement(void **state)
{
	extmgr_operation *operation = new_operation(0, NULL, NULL);
	struct stage stage;
	pthread_t thread;
	char folder[32];
	char *before = dump_database(url);
	char *after;

	(void)state;
	open_sleeper(&stage, folder);
	assert_int_equal(pthread_create(&thread, NULL, cancel_sleep, operation), 0);
	assert_int_equal(install(&stage, "sleeper", NULL, operation), EXTMGR_E_CANCELLED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	after = dump_database(url);
	assert_string_equal(before, after);
	close_sleeper(&stage, folder);
	extmgr_operation_free(operation);
	free(before);
	free(after);
}

static void test_a_deadline_interrupts_a_statement(void **state)
{
	extmgr_operation *operation = new_operation(500, NULL, NULL);
	struct stage stage;
	char folder[32];

	(void)state;
	open_sleeper(&stage, folder);
	assert_int_equal(install(&stage, "sleeper", NULL, operation), EXTMGR_E_TIMEOUT);
	close_sleeper(&stage, folder);
	extmgr_operation_free(operation);
}

static void test_a_server_that_never_answers_a_login(void **state)
{
	extmgr_operation *operation = new_operation(3000, NULL, NULL);
	struct proxy *proxy = proxy_start(url);
	struct stage stage;

	(void)state;
	proxy_arm(proxy, PROXY_HANG, 1);
	stage_open(&stage, libpq_host_open(proxy_get_url(proxy)), definitions);
	assert_int_equal(install(&stage, "audit-log", NULL, operation), EXTMGR_E_TIMEOUT);
	assert_int_equal(proxy_fired_at(proxy), PROXY_STARTUP);
	stage_close(&stage);
	proxy_stop(proxy);
	extmgr_operation_free(operation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_library_finds_no_fault_in_the_callbacks),
		cmocka_unit_test_teardown(test_the_whole_life_of_an_extension, clean_up),
		cmocka_unit_test_teardown(test_threads_share_the_only_session, clean_up),
		cmocka_unit_test_teardown(test_who_waits_for_the_session_gives_up_at_its_deadline,
					  clean_up),
		cmocka_unit_test_teardown(test_a_broken_session_is_replaced, clean_up),
		cmocka_unit_test(test_a_wrong_password_and_a_missing_server_are_told_apart),
		cmocka_unit_test_teardown(test_cancel_interrupts_a_statement, clean_up),
		cmocka_unit_test_teardown(test_a_deadline_interrupts_a_statement, clean_up),
		cmocka_unit_test(test_a_server_that_never_answers_a_login),
	};

	return cmocka_run_group_tests(tests, need_server, NULL);
}
