/* SPDX-License-Identifier: MIT */
/* Sessions: what the answers of a database lead to, commit, cancel, deadline and rows. */
#include "fake_host.h"

#include <pthread.h>

/* What an error says when the database said "it says why". */
static const char *const messages[CALL_COUNT] = {
	"cannot connect to the database: it says why",
	"cannot begin a transaction: it says why",
	"it says why",
	"it says why",
	"COMMIT failed: it says why",
	"ROLLBACK failed: it says why",
};

/* What is still open is rolled back; what was committed or rolled back is not touched again. */
static void test_close_leaves_no_transaction(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	assert_int_equal(scene_run_to(&scene, CALL_OPEN, NULL), EXTMGR_OK);
	scene_end(&scene, "open close");
	scene_init(&scene, 0);
	assert_int_equal(scene_run_to(&scene, CALL_BEGIN, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin rollback close");
	scene_init(&scene, 0);
	scene.fake.handle = NULL; /* a host may do without */
	assert_int_equal(scene_run_to(&scene, CALL_EXECUTE, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write execute rollback close");
	scene_init(&scene, 0);
	assert_int_equal(scene_run_to(&scene, CALL_COMMIT, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_rollback(scene.session, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write commit close");
	scene_init(&scene, 0);
	assert_int_equal(scene_run_to(&scene, CALL_ROLLBACK, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write rollback close");
}

/* Every callback fails with every answer. */
static void test_answers_become_errors(void **state)
{
	const struct {
		extmgr_result answer;
		extmgr_result expected;
	} cases[] = {
		{EXTMGR_E_STATEMENT, EXTMGR_E_STATEMENT},
		{EXTMGR_E_CONNECTION, EXTMGR_E_CONNECTION},
		{EXTMGR_E_AUTHENTICATION, EXTMGR_E_AUTHENTICATION},
		{EXTMGR_E_LOCKED, EXTMGR_E_LOCKED},
		{EXTMGR_E_CANCELLED, EXTMGR_E_CANCELLED},
		{EXTMGR_E_TIMEOUT, EXTMGR_E_TIMEOUT},
		{EXTMGR_E_TOO_LARGE, EXTMGR_E_TOO_LARGE},
		{EXTMGR_E_NO_MEMORY, EXTMGR_E_NO_MEMORY},
		{EXTMGR_E_UNSUPPORTED, EXTMGR_E_UNSUPPORTED},
		{EXTMGR_E_HOST, EXTMGR_E_HOST},
		{EXTMGR_E_COMMIT, EXTMGR_E_HOST}, /* not theirs to say */
		{EXTMGR_E_INTERNAL, EXTMGR_E_HOST},
		{-99999, EXTMGR_E_HOST},
		{EXTMGR_UNCHANGED, EXTMGR_E_HOST},
		{INT32_MIN, EXTMGR_E_HOST},
	};

	(void)state;
	for (enum fake_call call = CALL_OPEN; call < CALL_COUNT; call++) {
		for (size_t i = 0; call != CALL_COMMIT && i < sizeof(cases) / sizeof(cases[0]);
		     i++) {
			struct scene scene;
			extmgr_error *error = NULL;

			scene_init(&scene, 0);
			scene.fake.answers[call] = cases[i].answer;
			assert_int_equal(scene_run_to(&scene, call, &error), cases[i].expected);
			assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
			assert_string_equal(extmgr_error_get_message(error), messages[call]);
			assert_int_equal(extmgr_error_get_host_code(error), 42);
			assert_string_equal(extmgr_error_get_sqlstate(error), "42P01");
			extmgr_error_free(error);
			scene_end(&scene, NULL);
		}
	}
}

static void test_an_unknown_answer_is_kept_as_the_hosts_number(void **state)
{
	struct scene scene;
	extmgr_error *error = NULL;

	(void)state;
	scene_init(&scene, 0);
	scene.fake.message = NULL;
	scene.fake.answers[CALL_OPEN] = 1234;
	assert_int_equal(scene_open(&scene, &error), EXTMGR_E_HOST);
	assert_null(scene.session);
	assert_int_equal(extmgr_error_get_host_code(error), 1234);
	assert_string_equal(extmgr_error_get_message(error),
			    "cannot connect to the database: the host gave no reason");
	extmgr_error_free(error);
	scene_end(&scene, "open ");
}

/* A lost connection is not asked for anything again, not even to roll back. */
static void test_a_lost_connection_is_not_used_again(void **state)
{
	const struct {
		enum fake_call call;
		const char *calls;
	} cases[] = {
		{CALL_BEGIN, "open begin close-broken"},
		{CALL_EXECUTE, "open begin-write execute close-broken"},
		{CALL_QUERY, "open begin-write query close-broken"},
		{CALL_COMMIT, "open begin-write commit close-broken"},
		{CALL_ROLLBACK, "open begin-write rollback close-broken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_init(&scene, 0);
		scene.fake.answers[cases[i].call] = EXTMGR_E_CONNECTION;
		assert_true(scene_run_to(&scene, cases[i].call, NULL) < 0);
		assert_true(extmgr__session_is_broken(scene.session));
		assert_int_equal(extmgr__session_begin(scene.session, 0, NULL),
				 EXTMGR_E_CONNECTION);
		assert_int_equal(scene_execute(&scene, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(scene_query(&scene, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(extmgr__session_commit(scene.session, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(extmgr__session_rollback(scene.session, NULL), EXTMGR_OK);
		scene_end(&scene, cases[i].calls);
	}
}

/* A pool must not get back a connection in a state that nobody knows. */
static void test_failures_that_leave_the_state_unknown_break_the_session(void **state)
{
	const struct {
		enum fake_call call;
		extmgr_result answer;
		const char *calls;
	} cases[] = {
		{CALL_BEGIN, EXTMGR_E_LOCKED, "open begin close"},
		{CALL_BEGIN, EXTMGR_E_HOST, "open begin close-broken"},
		{CALL_BEGIN, 1, "open begin close-broken"},
		{CALL_EXECUTE, EXTMGR_E_STATEMENT, "open begin-write execute rollback close"},
		{CALL_QUERY, 7, "open begin-write query rollback close"},
		{CALL_ROLLBACK, EXTMGR_E_STATEMENT, "open begin-write rollback close-broken"},
		{CALL_ROLLBACK, 1, "open begin-write rollback close-broken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_init(&scene, 0);
		scene.fake.answers[cases[i].call] = cases[i].answer;
		assert_true(scene_run_to(&scene, cases[i].call, NULL) < 0);
		scene_end(&scene, cases[i].calls);
	}
}

static void test_a_commit_is_refused_or_its_outcome_unknown(void **state)
{
	const struct {
		extmgr_result answer;
		extmgr_result expected;
		extmgr_result cause;
	} cases[] = {
		{EXTMGR_E_STATEMENT, EXTMGR_E_COMMIT, EXTMGR_E_STATEMENT},
		{EXTMGR_E_LOCKED, EXTMGR_E_COMMIT, EXTMGR_E_LOCKED},
		{EXTMGR_E_HOST, EXTMGR_E_COMMIT, EXTMGR_E_HOST},
		{EXTMGR_E_CANCELLED, EXTMGR_E_COMMIT, EXTMGR_E_CANCELLED},
		{EXTMGR_E_CONNECTION, EXTMGR_E_OUTCOME_UNKNOWN, EXTMGR_E_CONNECTION},
		{1, EXTMGR_E_OUTCOME_UNKNOWN, EXTMGR_E_HOST},
		{-9999, EXTMGR_E_OUTCOME_UNKNOWN, EXTMGR_E_HOST},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool unknown = cases[i].expected == EXTMGR_E_OUTCOME_UNKNOWN;
		struct scene scene;
		extmgr_error *error = NULL;

		scene_init(&scene, 0);
		scene.fake.answers[CALL_COMMIT] = cases[i].answer;
		/* Cancelled meanwhile: what the database said of the commit is still the truth. */
		scene.fake.cancels_in = CALL_COMMIT;
		scene.fake.cancels = scene.operation;
		assert_int_equal(scene_run_to(&scene, CALL_COMMIT, &error), cases[i].expected);
		assert_int_equal(scene.fake.interrupts, 0); /* a commit is not cut */
		assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
		assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)),
				 cases[i].cause);
		assert_int_equal(extmgr_error_get_host_code(error), 42);
		assert_int_equal(extmgr__session_is_broken(scene.session), unknown);
		extmgr_error_free(error);
		scene_end(&scene, unknown ? "open begin-write commit close-broken"
					  : "open begin-write commit rollback close");
	}
}

static void test_a_commit_that_was_done_is_done_although_cancelled(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene.fake.cancels_in = CALL_COMMIT;
	scene.fake.cancels = scene.operation;
	assert_int_equal(scene_run_to(&scene, CALL_COMMIT, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write commit close");
}

static void test_nothing_but_rollback_follows_a_cancel(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	extmgr_operation_cancel(scene.operation);
	assert_int_equal(scene_execute(&scene, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(scene_query(&scene, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(extmgr__session_commit(scene.session, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(scene.fake.interrupts, 0); /* nothing ran */
	assert_int_equal(extmgr__session_rollback(scene.session, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_begin(scene.session, 0, NULL), EXTMGR_E_CANCELLED);
	scene_end(&scene, "open begin-write rollback close");

	scene_init(&scene, 0);
	extmgr_operation_cancel(scene.operation);
	assert_int_equal(scene_open(&scene, NULL), EXTMGR_E_CANCELLED);
	scene_end(&scene, "");
}

/* Cleaning up is not cut short by what made it necessary. */
static void test_a_shielded_session_goes_on_after_a_cancel(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	extmgr_operation_cancel(scene.operation);
	extmgr__session_shield(scene.session);
	assert_int_equal(scene_execute(&scene, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_commit(scene.session, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write execute commit close");
}

/* The callback itself cancels, then fails: cancelled, and the database's words are the cause. */
static void test_cancel_wins_over_the_failure_it_led_to(void **state)
{
	const enum fake_call calls[] = {CALL_OPEN, CALL_BEGIN, CALL_EXECUTE, CALL_QUERY};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct scene scene;
		extmgr_error *error = NULL;

		scene_init(&scene, 0);
		scene.fake.cancels_in = calls[i];
		scene.fake.cancels = scene.operation;
		scene.fake.answers[calls[i]] = EXTMGR_E_CONNECTION;
		assert_int_equal(scene_run_to(&scene, calls[i], &error), EXTMGR_E_CANCELLED);
		assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)),
				 EXTMGR_E_CONNECTION);
		if (scene.session)
			assert_true(extmgr__session_is_broken(scene.session));
		extmgr_error_free(error);
		scene_end(&scene, NULL);
	}
}

static void *cancel_when_running(void *argument)
{
	struct scene *scene = argument;

	sem_wait(&scene->fake.running);
	extmgr_operation_cancel(scene->operation);
	return NULL;
}

static void test_a_hanging_statement_ends_by_cancel(void **state)
{
	struct scene scene;
	extmgr_error *error = NULL;
	pthread_t canceller;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	scene.fake.hangs = true;
	scene.fake.answers[CALL_EXECUTE] = EXTMGR_E_STATEMENT;
	assert_int_equal(pthread_create(&canceller, NULL, cancel_when_running, &scene), 0);
	assert_int_equal(scene_execute(&scene, &error), EXTMGR_E_CANCELLED);
	pthread_join(canceller, NULL);
	assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)), EXTMGR_E_STATEMENT);
	assert_true(scene.fake.interrupts > 0);
	extmgr_error_free(error);
	scene_end(&scene, "open begin-write execute rollback close");
}

static void test_a_hanging_statement_ends_at_the_deadline(void **state)
{
	struct scene scene;
	extmgr_error *error = NULL;

	(void)state;
	scene_init(&scene, 200);
	scene_open_and_begin(&scene);
	scene.fake.hangs = true;
	scene.fake.answers[CALL_EXECUTE] = EXTMGR_E_STATEMENT;
	assert_int_equal(scene_execute(&scene, &error), EXTMGR_E_TIMEOUT);
	assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)), EXTMGR_E_STATEMENT);
	assert_true(scene.fake.interrupts > 0);
	extmgr_error_free(error);
	scene_end(&scene, "open begin-write execute rollback close");
}

static void test_affected_rows_are_known_or_minus_one(void **state)
{
	const int64_t cases[][2] = {{0, 0}, {7, 7}, {-1, -1}, {INT64_MIN, -1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;
		int64_t affected = 99;

		scene_init(&scene, 0);
		scene_open_and_begin(&scene);
		scene.fake.affected = cases[i][0];
		assert_int_equal(
			extmgr__session_execute(scene.session, "X", 1, NULL, &affected, NULL),
			EXTMGR_OK);
		assert_true(affected == cases[i][1]);
		scene_end(&scene, "open begin-write execute rollback close");
	}
}

/* The context of a scene allows two. */
static void fill_too_many(extmgr_rows *rows)
{
	fake_host_fill_one(rows);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_E_TOO_LARGE);
}

static void fill_incomplete(extmgr_rows *rows)
{
	assert_int_equal(extmgr_rows_add_column(rows, "a", NULL), EXTMGR_OK);
	fake_host_fill_one(rows);
}

static void test_rows_of_a_query(void **state)
{
	struct scene scene;
	extmgr_rows *rows = NULL;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	scene.fake.fill = fake_host_fill_one;
	assert_int_equal(extmgr__session_query(scene.session, "S", 1, NULL, &rows, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr__rows_count(rows), 1);
	assert_int_equal(extmgr__rows_cell(rows, 0, 0).integer, 5);
	extmgr__rows_free(rows);
	scene_end(&scene, "open begin-write query rollback close");
}

/* What went wrong with the rows is told, whatever the host answers; but a lost connection wins. */
static void test_rows_that_failed_fail_the_query(void **state)
{
	const struct {
		void (*fill)(extmgr_rows *rows);
		extmgr_result answer;
		extmgr_result expected;
		const char *message;
	} cases[] = {
		{fill_too_many, EXTMGR_OK, EXTMGR_E_TOO_LARGE, "more than 2 rows"},
		{fill_too_many, EXTMGR_E_TOO_LARGE, EXTMGR_E_TOO_LARGE, "more than 2 rows"},
		{fill_too_many, EXTMGR_E_HOST, EXTMGR_E_TOO_LARGE, "more than 2 rows"},
		{fill_too_many, EXTMGR_E_CONNECTION, EXTMGR_E_CONNECTION, "it says why"},
		{fill_incomplete, EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, "1 of 2 values"},
		{fill_incomplete, EXTMGR_E_STATEMENT, EXTMGR_E_STATEMENT, "it says why"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;
		extmgr_error *error = NULL;

		scene_init(&scene, 0);
		scene.fake.fill = cases[i].fill;
		scene.fake.answers[CALL_QUERY] = cases[i].answer;
		assert_int_equal(scene_run_to(&scene, CALL_QUERY, &error), cases[i].expected);
		if (!strstr(extmgr_error_get_message(error), cases[i].message))
			fail_msg("%s", extmgr_error_get_message(error));
		extmgr_error_free(error);
		scene_end(&scene, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close_leaves_no_transaction),
		cmocka_unit_test(test_answers_become_errors),
		cmocka_unit_test(test_an_unknown_answer_is_kept_as_the_hosts_number),
		cmocka_unit_test(test_a_lost_connection_is_not_used_again),
		cmocka_unit_test(test_failures_that_leave_the_state_unknown_break_the_session),
		cmocka_unit_test(test_a_commit_is_refused_or_its_outcome_unknown),
		cmocka_unit_test(test_a_commit_that_was_done_is_done_although_cancelled),
		cmocka_unit_test(test_nothing_but_rollback_follows_a_cancel),
		cmocka_unit_test(test_a_shielded_session_goes_on_after_a_cancel),
		cmocka_unit_test(test_cancel_wins_over_the_failure_it_led_to),
		cmocka_unit_test(test_a_hanging_statement_ends_by_cancel),
		cmocka_unit_test(test_a_hanging_statement_ends_at_the_deadline),
		cmocka_unit_test(test_affected_rows_are_known_or_minus_one),
		cmocka_unit_test(test_rows_of_a_query),
		cmocka_unit_test(test_rows_that_failed_fail_the_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
