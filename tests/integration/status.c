/* SPDX-License-Identifier: MIT */
/* Status: what is as it was installed, what is not, and that asking changes nothing. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Installed in every database; check() has the body. */
#define DEFINITION(check)                                                                          \
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"                        \
	"  name: 'Status', category: 'test', description: 'd', bucketFsUploads: [],\n"             \
	"  installableVersions: [{ name: '1.0.0', latest: true, deprecated: false }],\n"           \
	"  findInstallations: function () { return [{ name: 'S', version: '1.0.0' }]; },\n"        \
	"  check: " check "\n"                                                                     \
	"} };\n"
#define ANSWER(value) DEFINITION("function () { return " value "; }")

/* Asks; the document must hold the text. Nothing may change. */
static void ask(struct fixture *fixture, const char *id, extmgr_result expected, const char *text)
{
	char *before = fixture_snapshot(fixture);
	extmgr_text *status = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	char *after;

	result = extmgr_manager_get_status(fixture->manager, id, NULL, &status, &error);
	if (result != expected)
		fail_msg("%s: %s (%s)", extmgr_result_get_name(result),
			 extmgr_error_get_message(error), extmgr_text_get_data(status));
	if (result >= 0 && !strstr(extmgr_text_get_data(status), text))
		fail_msg("no '%s' in %s", text, extmgr_text_get_data(status));
	assert_int_equal(fixture->fault.open_sessions, 0);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	extmgr_text_free(status);
	extmgr_error_free(error);
}

static void run_answers(struct fixture *fixture)
{
	static const struct {
		const char *source;
		extmgr_result expected;
		const char *text;
	} cases[] = {
		{ANSWER("undefined"), EXTMGR_OK, "\"state\":\"ok\""},
		{ANSWER("null"), EXTMGR_OK, "\"checked\":true,\"problems\":[]"},
		{ANSWER("[]"), EXTMGR_OK, "\"wrong\":0"},
		{ANSWER("'broken leg'"), EXTMGR_PARTIAL, "\"problems\":[\"broken leg\"]"},
		{ANSWER("['a', 'b']"), EXTMGR_PARTIAL, "\"problems\":[\"a\",\"b\"]"},
		{ANSWER("5"), EXTMGR_PARTIAL, "\"state\":\"problems\""},
		{ANSWER("[{}]"), EXTMGR_PARTIAL, "it is not a text"},
		{DEFINITION("function () { throw new Error('oops'); }"), EXTMGR_PARTIAL, "oops"},
		{DEFINITION("undefined"), EXTMGR_OK, "\"checked\":false"},
		{DEFINITION("7"), EXTMGR_PARTIAL, "\"state\":\"broken\""},
		{"no JavaScript", EXTMGR_PARTIAL, "\"state\":\"broken\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fixture_define(fixture, "status", cases[i].source);
		ask(fixture, NULL, cases[i].expected, cases[i].text);
		ask(fixture, "status.js", cases[i].expected, cases[i].text);
	}
	ask(fixture, "missing", EXTMGR_E_EXTENSION_NOT_FOUND, "");
}

/* What one definition does, or fails at, is nothing to the next. */
static void run_side_by_side(struct fixture *fixture)
{
	fixture_define(fixture, "a",
		       DEFINITION("function (c) {\n"
				  "c.sqlClient.execute('CREATE TABLE meddle(x "
				  "integer)');\n"
				  "c.sqlClient.query('SELECT * FROM nowhere'); }"));
	fixture_define(fixture, "b",
		       DEFINITION("function (c) {\n"
				  "c.sqlClient.execute('CREATE TABLE meddle(x "
				  "integer)'); }"));
	fixture_define_install(fixture, "c", "");
	ask(fixture, NULL, EXTMGR_PARTIAL, "\"wrong\":1");
	ask(fixture, "a", EXTMGR_PARTIAL, "nowhere");
	ask(fixture, "b", EXTMGR_OK, "\"state\":\"ok\"");
	ask(fixture, "c", EXTMGR_PARTIAL, "\"state\":\"not-installed\"");
}

static void run_audit_log(struct fixture *fixture)
{
	static const char values[] = "{\"table\":\"status_orders\",\"keep-days\":\"3\"}";
	static const char *const breaking[] = {
		"DROP TRIGGER audit_log_1_insert",
		"ALTER TABLE status_orders DISABLE TRIGGER USER",
	};

	fixture_use_registry(fixture, getenv("EXTMGR_TEST_DEFINITIONS"));
	ask(fixture, "audit-log", EXTMGR_PARTIAL, "\"state\":\"not-installed\"");
	ask(fixture, NULL, EXTMGR_OK, "\"extensions\":[]");
	fixture_sql(fixture, "CREATE TABLE status_orders(id integer)");
	assert_int_equal(
		extmgr_manager_install(fixture->manager, "audit-log", NULL, NULL, NULL, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_manager_create_instance(fixture->manager, "audit-log", NULL, values,
							strlen(values), NULL, NULL, NULL),
			 EXTMGR_OK);
	ask(fixture, NULL, EXTMGR_OK, "\"instanceCount\":1,\"instances\":[{\"id\":\"");
	fixture_sql(fixture, breaking[fixture->is_postgresql]);
	ask(fixture, NULL, EXTMGR_PARTIAL, "is no longer recorded");
	fixture_sql(fixture, "DROP TABLE status_orders");
	ask(fixture, "audit-log", EXTMGR_PARTIAL, "is no longer recorded");
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA extensions CASCADE");
}

static void on_each_database(void (*run)(struct fixture *fixture))
{
	for (int which = 0; which < FIXTURE_DATABASES; which++) {
		struct fixture fixture;

		if (!fixture_open(&fixture, which))
			continue;
		run(&fixture);
		fixture_close(&fixture);
	}
}

static void test_what_a_check_may_answer(void **state)
{
	(void)state;
	on_each_database(run_answers);
}

static void test_definitions_do_not_meet(void **state)
{
	(void)state;
	on_each_database(run_side_by_side);
}

static void test_the_audit_log_misses_its_triggers(void **state)
{
	(void)state;
	on_each_database(run_audit_log);
}

static void test_a_lost_connection_ends_it(void **state)
{
	struct fixture fixture;
	extmgr_text *status = NULL;

	(void)state;
	assert_true(fixture_open(&fixture, 0));
	fixture_define(&fixture, "status", ANSWER("null"));
	fault_arm(&fixture.fault, FAULT_CUT_BEFORE, 4); /* open, begin, savepoint, rollback to */
	assert_int_equal(extmgr_manager_get_status(fixture.manager, NULL, NULL, &status, NULL),
			 EXTMGR_E_CONNECTION);
	assert_null(status);
	assert_int_equal(extmgr_manager_get_status(fixture.manager, NULL, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_get_status(NULL, NULL, NULL, &status, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_check_may_answer),
		cmocka_unit_test(test_definitions_do_not_meet),
		cmocka_unit_test(test_the_audit_log_misses_its_triggers),
		cmocka_unit_test(test_a_lost_connection_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
