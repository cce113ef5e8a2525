/* SPDX-License-Identifier: MIT */
/* On PostgreSQL an operation gives up when another session keeps a lock, and says: later. */
#include "fixture.h"

#include "host/context.h"
#include "host/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Only for a build that waits for ever. */
#define PATIENCE_MS 20000

static struct extmgr__session *hold_lock(struct fixture *fixture)
{
	static const char sql[] = "LOCK TABLE lock_held IN ACCESS EXCLUSIVE MODE";
	struct extmgr__session *session = NULL;

	assert_int_equal(
		extmgr__session_open(fixture->context, fixture->real, NULL, &session, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr__session_begin(session, EXTMGR_BEGIN_WRITE, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_execute(session, sql, strlen(sql), NULL, NULL, NULL),
			 EXTMGR_OK);
	return session;
}

static void use_lock_timeout(struct fixture *fixture)
{
	extmgr_target_options options;

	extmgr_target_options_init(&options, sizeof(options));
	options.lock_timeout_ms = 50;
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    NULL, &options, &fixture->manager, NULL),
			 EXTMGR_OK);
}

static extmgr_result install(struct fixture *fixture)
{
	extmgr_operation_options operation_options;
	extmgr_operation *operation = NULL;
	extmgr_call_options options;
	extmgr_result result;

	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.timeout_ms = PATIENCE_MS;
	assert_int_equal(extmgr_operation_new(&operation_options, &operation, NULL), EXTMGR_OK);
	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	result = extmgr_manager_install(fixture->manager, "x", NULL, &options, NULL, NULL);
	extmgr_operation_free(operation);
	return result;
}

static void test_a_lock_that_is_not_had_in_time_is_for_later(void **state)
{
	struct extmgr__session *other;
	struct fixture fixture;
	char *before;
	char *after;

	(void)state;
	if (!fixture_open(&fixture, 1))
		skip();
	fixture_sql(&fixture, "CREATE TABLE lock_held (id integer)");
	fixture_define_install(&fixture, "x",
			       "context.sqlClient.execute('CREATE TABLE lock_made (id integer)');"
			       "context.sqlClient.execute('ALTER TABLE lock_held ADD note text');");
	use_lock_timeout(&fixture);
	before = fixture_snapshot(&fixture);
	other = hold_lock(&fixture);
	assert_int_equal(install(&fixture), EXTMGR_E_LOCKED);
	assert_int_equal(extmgr_result_get_class(EXTMGR_E_LOCKED), EXTMGR_CLASS_RETRY_LATER);
	extmgr__session_close(other);
	after = fixture_snapshot(&fixture);
	assert_string_equal(before, after);
	assert_int_equal(install(&fixture), EXTMGR_OK);
	free(before);
	free(after);
	fixture_sql(&fixture, "DROP TABLE lock_held");
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_lock_that_is_not_had_in_time_is_for_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
