/* SPDX-License-Identifier: MIT */
/*
 * Every call of the database fails in turn, in every operation of both example extensions: refused,
 * cut before it reaches the database, cut before its answer arrives. The database then is as it
 * was, or, when the answer to COMMIT was lost, as it should become - and the error says which it
 * is.
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

enum operation { INSTALL, CREATE, UPDATE, UPGRADE, DELETE, UNINSTALL };

struct step {
	enum operation operation;
	const char *id;
	const char *version;  /* INSTALL */
	const char *argument; /* CREATE: values; UPDATE, DELETE: id of the instance */
	const char *values;   /* UPDATE */
};

static extmgr_result run(struct fixture *fixture, const struct step *step, uint32_t flags,
			 extmgr_error **error)
{
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.flags = flags;
	switch (step->operation) {
	case INSTALL:
		return extmgr_manager_install(fixture->manager, step->id, step->version, &options,
					      NULL, error);
	case CREATE:
		return extmgr_manager_create_instance(fixture->manager, step->id, NULL,
						      step->argument, strlen(step->argument),
						      &options, NULL, error);
	case UPDATE:
		return extmgr_manager_update_instance(fixture->manager, step->id, NULL,
						      step->argument, step->values,
						      strlen(step->values), &options, NULL, error);
	case UPGRADE:
		return extmgr_manager_upgrade(fixture->manager, step->id, &options, NULL, error);
	case DELETE:
		return extmgr_manager_delete_instance(fixture->manager, step->id, NULL,
						      step->argument, &options, NULL, error);
	default:
		return extmgr_manager_uninstall(fixture->manager, step->id, NULL, &options, NULL,
						error);
	}
}

static void check_code(const struct fixture *fixture, enum fault_kind kind, int at,
		       extmgr_result result)
{
	extmgr_result expected = EXTMGR_E_CONNECTION;

	if (fixture->fault.was_commit)
		expected = kind == FAULT_REFUSED ? EXTMGR_E_COMMIT : EXTMGR_E_OUTCOME_UNKNOWN;
	else if (kind == FAULT_REFUSED && at > 1) /* the first call is the connection */
		expected = EXTMGR_E_STATEMENT;
	if (result != expected)
		fail_msg("call %d, kind %d: %s instead of %s", at, (int)kind,
			 extmgr_result_get_name(result), extmgr_result_get_name(expected));
}

/* One call fails. Answers whether the database changed all the same (a COMMIT without an answer).
 */
static bool fail_call(struct fixture *fixture, const struct step *step, enum fault_kind kind,
		      int at, const char *before)
{
	extmgr_error *error = NULL;
	extmgr_result result;
	char *after;
	bool changed;

	fault_arm(&fixture->fault, kind, at);
	result = run(fixture, step, 0, &error);
	assert_true(fixture->fault.fired);
	check_code(fixture, kind, at, result);
	assert_int_equal(fixture->fault.open_sessions, 0);
	after = fixture_snapshot(fixture);
	changed = strcmp(before, after) != 0;
	if (changed && !(fixture->fault.was_commit && kind == FAULT_CUT_AFTER))
		fail_msg("call %d, kind %d: the database was changed", at, (int)kind);
	extmgr_error_free(error);
	free(after);
	return changed;
}

/* The calls of an operation up to and with its last one: COMMIT, or ROLLBACK in the rehearsal. */
static int count_calls(struct fixture *fixture, const struct step *step)
{
	extmgr_error *error = NULL;
	extmgr_result result;

	fault_arm(&fixture->fault, FAULT_REFUSED, 0);
	result = run(fixture, step, EXTMGR_CALL_REHEARSE, &error);
	if (result != EXTMGR_OK)
		fail_msg("operation %d: %s: %s", (int)step->operation,
			 extmgr_result_get_name(result), extmgr_error_get_message(error));
	return fixture->fault.calls;
}

/* Fails each call in each way; the last one, COMMIT without an answer, leaves the operation done.
 */
static int fail_all_calls(struct fixture *fixture, const struct step *step)
{
	char *before = fixture_snapshot(fixture);
	int calls = count_calls(fixture, step);
	bool changed = false;
	char *after;

	after = fixture_snapshot(fixture);
	assert_string_equal(before, after); /* a rehearsal leaves nothing */
	free(after);
	for (int kind = FAULT_REFUSED; kind <= FAULT_CUT_AFTER; kind++) {
		for (int at = 1; at <= calls; at++) {
			assert_false(changed);
			changed = fail_call(fixture, step, (enum fault_kind)kind, at, before);
		}
	}
	assert_true(changed);
	assert_true(fixture->fault.was_commit);
	fault_arm(&fixture->fault, FAULT_REFUSED, 0);
	free(before);
	return calls;
}

static void run_steps(struct fixture *fixture, const struct step *steps, size_t count)
{
	int calls = 0;

	for (size_t i = 0; i < count; i++)
		calls += fail_all_calls(fixture, &steps[i]);
	print_message("# %s: %d calls failed in 3 ways each\n",
		      fixture->is_postgresql ? "postgresql" : "sqlite", calls);
}

static const char values[] = "[{\"name\":\"table\",\"value\":\"fault_orders\"},"
			     "{\"name\":\"keep-days\",\"value\":\"30\"}]";

static const char new_values[] = "{\"keep-days\":\"60\",\"operations\":\"insert\"}";

static const struct step audit_log_sqlite[] = {
	{INSTALL, "audit-log", "1.0.0", NULL, NULL},
	{CREATE, "audit-log", NULL, values, NULL},
	{UPDATE, "audit-log", NULL, "fault_orders", new_values},
	{UPGRADE, "audit-log", NULL, NULL, NULL},
	{DELETE, "audit-log", NULL, "fault_orders", NULL},
	{UNINSTALL, "audit-log", NULL, NULL, NULL},
};

static const struct step audit_log_postgresql[] = {
	{INSTALL, "audit-log", "1.0.0", NULL, NULL},
	{CREATE, "audit-log", NULL, values, NULL},
	{UPDATE, "audit-log", NULL, "public.fault_orders", new_values},
	{UPGRADE, "audit-log", NULL, NULL, NULL},
	{DELETE, "audit-log", NULL, "public.fault_orders", NULL},
	{UNINSTALL, "audit-log", NULL, NULL, NULL},
};

static void test_audit_log_on_sqlite(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_true(fixture_open(&fixture, 0));
	fixture_use_registry(&fixture, getenv("EXTMGR_TEST_DEFINITIONS"));
	fixture_sql(&fixture, "CREATE TABLE fault_orders(id integer, note text)");
	run_steps(&fixture, audit_log_sqlite, 6);
	fixture_close(&fixture);
}

static void test_audit_log_on_postgresql(void **state)
{
	struct fixture fixture;

	(void)state;
	if (!fixture_open(&fixture, 1))
		skip();
	fixture_use_registry(&fixture, getenv("EXTMGR_TEST_DEFINITIONS"));
	fixture_sql(&fixture, "CREATE TABLE public.fault_orders(id integer, note text)");
	run_steps(&fixture, audit_log_postgresql, 6);
	fixture_sql(&fixture, "DROP TABLE public.fault_orders");
	fixture_sql(&fixture, "DROP SCHEMA extensions");
	fixture_close(&fixture);
}

/* What only a superuser may do; the extension itself runs as an ordinary role. */
static void allow_foreign_data(void)
{
	const char *admin = getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL");
	char command[1024];

	(void)snprintf(
		command, sizeof(command),
		"psql -q -v ON_ERROR_STOP=1 '%s' -c 'CREATE EXTENSION IF NOT EXISTS postgres_fdw' "
		"-c 'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO em'",
		admin);
	assert_int_equal(system(command), 0);
}

/* The other database is the target itself, under its own role. */
static void foreign_values(const struct fixture *fixture, char *text, size_t size)
{
	char user[64];
	char password[64];
	char host[64];
	char port[16];
	char database[64];

	assert_int_equal(sscanf(fixture->url,
				"postgresql://%63[^:]:%63[^@]@%63[^:]:%15[^/]/%63[^?]", user,
				password, host, port, database),
			 5);
	(void)snprintf(text, size,
		       "{\"name\":\"fault_shop\",\"host\":\"%s\",\"port\":\"%s\","
		       "\"database\":\"%s\",\"user\":\"%s\",\"password\":\"%s\","
		       "\"remote-schema\":\"fault_remote\"}",
		       host, port, database, user, password);
}

static void test_foreign_data_on_postgresql(void **state)
{
	struct fixture fixture;
	char with_values[1024];
	const struct step steps[] = {
		{INSTALL, "foreign-data", NULL, NULL, NULL},
		{CREATE, "foreign-data", NULL, with_values, NULL},
		{DELETE, "foreign-data", NULL, "fault_shop", NULL},
		{UNINSTALL, "foreign-data", NULL, NULL, NULL},
	};

	(void)state;
	if (!fixture_open(&fixture, 1))
		skip();
	allow_foreign_data();
	foreign_values(&fixture, with_values, sizeof(with_values));
	fixture_use_registry(&fixture, getenv("EXTMGR_TEST_DEFINITIONS"));
	fixture_sql(&fixture, "CREATE SCHEMA fault_remote");
	fixture_sql(&fixture, "CREATE TABLE fault_remote.products(id integer)");
	run_steps(&fixture, steps, 4);
	fixture_sql(&fixture, "DROP SCHEMA fault_remote CASCADE");
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_log_on_sqlite),
		cmocka_unit_test(test_audit_log_on_postgresql),
		cmocka_unit_test(test_foreign_data_on_postgresql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
