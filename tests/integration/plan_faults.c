/* SPDX-License-Identifier: MIT */
/*
 * Each call of the database fails in turn, in each way, while a plan is made and while it is
 * applied: a plan never changes anything, and apply does all of it or nothing.
 */
#include "fixture.h"
#include "scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static extmgr_result plan(struct fixture *fixture, uint32_t flags, extmgr_text **text)
{
	extmgr_plan_request request;

	extmgr_plan_request_init(&request, sizeof(request));
	request.flags = flags;
	request.operation = "install";
	request.extension_id = "plan";
	return extmgr_manager_plan(fixture->manager, &request, NULL, text, NULL);
}

/* document NULL: a plan is made. */
static void fail_call(struct fixture *fixture, const char *document, uint32_t flags,
		      enum fault_kind kind, int at)
{
	extmgr_text *text = NULL;
	extmgr_result result;

	fault_arm(&fixture->fault, kind, at);
	if (document)
		result = extmgr_manager_apply(fixture->manager, document, strlen(document), NULL, 0,
					      NULL, NULL, NULL);
	else
		result = plan(fixture, flags, &text);
	/* What a plan rolls back at its end may fail: the database does it all the same. */
	if (fixture->fault.fired && document)
		assert_true(result < 0);
	assert_int_equal(text == NULL, result < 0 || document);
	assert_int_equal(fixture->fault.open_sessions, 0);
	extmgr_text_free(text);
}

/* A new connection to PostgreSQL takes long: there every third call is cut, and the last one. */
static bool is_tried(const struct fixture *fixture, int kind, int at, int calls)
{
	return is_long_run() || !fixture->is_postgresql || at == calls || (at + kind) % 3 == 0;
}

/* Each call in turn, in each way. A lost answer to COMMIT alone may leave the change. */
static void fail_each_call(struct fixture *fixture, const char *document, uint32_t flags)
{
	char *before = fixture_snapshot(fixture);
	bool changed = false;
	int calls = 0; /* how many there are: known when each was refused */

	for (int kind = FAULT_REFUSED; kind <= FAULT_CUT_AFTER; kind++) {
		for (int at = 1; !calls || at <= calls; at++) {
			char *after;

			assert_false(changed);
			if (calls && !is_tried(fixture, kind, at, calls))
				continue;
			fail_call(fixture, document, flags, (enum fault_kind)kind, at);
			after = fixture_snapshot(fixture);
			changed = strcmp(before, after) != 0;
			if (changed && !(fixture->fault.was_commit && kind == FAULT_CUT_AFTER))
				fail_msg("call %d, kind %d: the database was changed", at, kind);
			free(after);
			if (!calls && (!fixture->fault.fired || fixture->fault.was_commit))
				calls = at;
		}
	}
	assert_int_equal(changed, document != NULL);
	fault_arm(&fixture->fault, FAULT_REFUSED, 0);
	free(before);
}

static void run_faults(struct fixture *fixture)
{
	extmgr_text *document = NULL;

	fixture_define_install(fixture, "plan", "");
	assert_int_equal(plan(fixture, 0, &document), EXTMGR_OK);
	fail_each_call(fixture, NULL, 0);
	fail_each_call(fixture, NULL, EXTMGR_PLAN_RECORD);
	fail_each_call(fixture, extmgr_text_get_data(document), 0);
	extmgr_text_free(document);
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA extensions CASCADE");
}

static void test_a_plan_changes_nothing_and_apply_all_or_nothing(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plan_changes_nothing_and_apply_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
