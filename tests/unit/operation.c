/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/context.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#define MS 1000000u

/* A clock that only the test moves. */
struct clock {
	_Atomic uint64_t now;
};

static uint64_t clock_now(void *user_data)
{
	return atomic_load(&((struct clock *)user_data)->now);
}

static extmgr_context *make_context(struct clock *clock)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	if (clock) {
		options.clock = clock_now;
		options.user_data = clock;
	}
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	return context;
}

static extmgr_operation *make_operation(uint64_t timeout_ms)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = timeout_ms;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	return operation;
}

static void test_structs_of_other_sizes(void **state)
{
	struct {
		extmgr_operation_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		unsigned char tail;
		extmgr_result expected;
	} cases[] = {
		{sizeof(extmgr_operation_options), 1, EXTMGR_OK},
		{sizeof(newer), 0, EXTMGR_OK},
		{sizeof(newer), 1, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_operation_options) - 8, 0, EXTMGR_E_INVALID_ARGUMENT},
		{0, 0, EXTMGR_E_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_operation *operation = NULL;

		memset(&newer, 0, sizeof(newer));
		extmgr_operation_options_init(&newer.options, sizeof(newer));
		newer.options.struct_size = cases[i].size;
		newer.tail[0] = cases[i].tail;
		assert_int_equal(extmgr_operation_new(&newer.options, &operation, NULL),
				 cases[i].expected);
		extmgr_operation_free(operation);
	}
}

static void test_the_actor_is_one_bounded_line_of_utf8(void **state)
{
	char longest[1026];
	extmgr_operation_options options;
	struct {
		const char *actor;
		extmgr_result expected;
	} cases[] = {
		{NULL, EXTMGR_OK},
		{"", EXTMGR_OK},
		{"J\xc3\xbcrgen", EXTMGR_OK},
		{longest + 1, EXTMGR_OK},
		{longest, EXTMGR_E_INVALID_ARGUMENT},
		{"a\nb", EXTMGR_E_INVALID_ARGUMENT},
		{"\xff", EXTMGR_E_INVALID_ARGUMENT},
	};

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_operation *operation = NULL;

		extmgr_operation_options_init(&options, sizeof(options));
		options.actor = cases[i].actor;
		assert_int_equal(extmgr_operation_new(&options, &operation, NULL),
				 cases[i].expected);
		if (operation)
			assert_string_equal(extmgr__operation_actor(operation),
					    cases[i].actor ? cases[i].actor : "");
		extmgr_operation_free(operation);
	}
	assert_string_equal(extmgr__operation_actor(NULL), "");
	options.actor = NULL;
	options.flags = 4;
	assert_int_equal(extmgr_operation_new(&options, &(extmgr_operation *){NULL}, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_operation_new(NULL, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
}

static void test_no_operation_never_ends_a_call(void **state)
{
	extmgr_context *context = make_context(NULL);

	(void)state;
	assert_int_equal(extmgr__operation_begin(NULL, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_check(NULL, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_state(NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_progress(NULL, "load", 0, 0, NULL), EXTMGR_OK);
	extmgr__operation_attach(NULL, NULL, NULL);
	extmgr__operation_detach(NULL);
	extmgr__operation_end(NULL);
	extmgr_operation_cancel(NULL);
	extmgr_operation_free(NULL);
	assert_int_equal(extmgr_operation_is_cancelled(NULL), 0);
	assert_true(extmgr_operation_get_remaining_ms(NULL) == UINT64_MAX);
	extmgr_context_free(context);
}

static void test_the_deadline_counts_from_the_start_of_the_call(void **state)
{
	struct clock clock = {.now = 77};
	extmgr_context *context = make_context(&clock);
	extmgr_operation *operation = make_operation(3);
	extmgr_error *error = NULL;

	(void)state;
	assert_true(extmgr_operation_get_remaining_ms(operation) == UINT64_MAX); /* no call yet */
	clock.now += 100 * MS; /* before the call: does not count */
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_operation_get_remaining_ms(operation), 3);
	clock.now += 3 * MS - 1;
	assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_operation_get_remaining_ms(operation), 1);
	clock.now += 1;
	assert_int_equal(extmgr__operation_state(operation), EXTMGR_E_TIMEOUT);
	assert_int_equal(extmgr__operation_check(operation, &error), EXTMGR_E_TIMEOUT);
	assert_string_equal(extmgr_error_get_message(error), "the operation took longer than 3 ms");
	assert_int_equal(extmgr_operation_get_remaining_ms(operation), 0);
	assert_int_equal(extmgr_operation_is_cancelled(operation), 0);
	extmgr__operation_end(operation);
	extmgr_error_free(error);

	/* The next call has a time of its own. */
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_OK);
	extmgr__operation_end(operation);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

static void test_a_timeout_beyond_the_clock_is_none(void **state)
{
	struct clock clock = {.now = UINT64_MAX - 1};
	extmgr_context *context = make_context(&clock);
	const uint64_t timeouts[] = {0, UINT64_MAX, UINT64_MAX / MS};

	(void)state;
	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		extmgr_operation *operation = make_operation(timeouts[i]);

		assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
		assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_OK);
		assert_true(extmgr_operation_get_remaining_ms(operation) == UINT64_MAX);
		extmgr__operation_end(operation);
		extmgr_operation_free(operation);
	}
	extmgr_context_free(context);
}

static void test_cancelling_stays(void **state)
{
	struct clock clock = {0};
	extmgr_context *context = make_context(&clock);
	extmgr_operation *operation = make_operation(1);
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	clock.now = 5 * MS; /* also late: cancelling is what the caller asked for */
	extmgr_operation_cancel(operation);
	extmgr_operation_cancel(operation);
	assert_int_equal(extmgr_operation_is_cancelled(operation), 1);
	assert_int_equal(extmgr_operation_get_remaining_ms(operation), 0);
	assert_int_equal(extmgr__operation_check(operation, &error), EXTMGR_E_CANCELLED);
	assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_CANCELLED);
	extmgr_error_free(error);
	extmgr__operation_end(operation);
	for (int i = 0; i < 2; i++)
		assert_int_equal(extmgr__operation_begin(operation, context, NULL),
				 EXTMGR_E_CANCELLED);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

static void test_an_operation_serves_one_call_at_a_time(void **state)
{
	extmgr_context *context = make_context(NULL);
	extmgr_operation *operation = make_operation(0);
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_begin(operation, context, &error),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_non_null(strstr(extmgr_error_get_message(error), "another call"));
	extmgr_error_free(error);
	assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_OK);
	extmgr__operation_end(operation);
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	extmgr_context_free(context); /* the running call keeps it */
	assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_OK);
	extmgr__operation_end(operation);
	extmgr_operation_free(operation);
}

static void test_cancel_explains_the_failure_of_the_host(void **state)
{
	extmgr_operation *operation = make_operation(0);
	extmgr_error *error = NULL;

	(void)state;
	extmgr__error_set(&error, EXTMGR_E_STATEMENT, "interrupted");
	assert_int_equal(extmgr__operation_explain(operation, EXTMGR_E_STATEMENT, &error),
			 EXTMGR_E_STATEMENT);
	assert_null(extmgr_error_get_cause(error));
	extmgr_operation_cancel(operation);
	assert_int_equal(extmgr__operation_explain(operation, EXTMGR_E_STATEMENT, &error),
			 EXTMGR_E_CANCELLED);
	assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_CANCELLED);
	assert_string_equal(extmgr_error_get_message(extmgr_error_get_cause(error)), "interrupted");
	extmgr_error_free(error);
	extmgr_operation_free(operation);
}

struct progress {
	extmgr_operation *operation;
	extmgr_context *context;
	int calls;
	int stop_at;
	int destroyed;
	char step[16];
	uint64_t done;
	uint64_t total;
	extmgr_result reentered;
};

static int32_t take_progress(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct progress *progress = user_data;

	(void)snprintf(progress->step, sizeof(progress->step), "%s", step);
	progress->done = done;
	progress->total = total;
	progress->reentered = extmgr__operation_begin(progress->operation, progress->context, NULL);
	return ++progress->calls == progress->stop_at ? -3 : 0;
}

static void count_destroy(void *user_data)
{
	((struct progress *)user_data)->destroyed++;
}

static void test_progress_may_cancel_and_call_back(void **state)
{
	extmgr_context *context = make_context(NULL);
	struct progress progress = {.stop_at = 2, .context = context};
	extmgr_operation_options options;

	(void)state;
	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = take_progress;
	options.user_data = &progress;
	options.destroy = count_destroy;
	assert_int_equal(extmgr_operation_new(&options, &progress.operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_begin(progress.operation, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_progress(progress.operation, "load", 1, 4, NULL),
			 EXTMGR_OK);
	assert_string_equal(progress.step, "load");
	assert_int_equal(progress.done, 1);
	assert_int_equal(progress.total, 4);
	assert_int_equal(progress.reentered, EXTMGR_E_INVALID_ARGUMENT); /* it is in use */
	assert_int_equal(extmgr__operation_progress(progress.operation, "call", 2, 4, NULL),
			 EXTMGR_E_CANCELLED);
	assert_int_equal(extmgr_operation_is_cancelled(progress.operation), 1);
	extmgr__operation_end(progress.operation);
	assert_int_equal(progress.destroyed, 0);
	extmgr_operation_free(progress.operation);
	assert_int_equal(progress.destroyed, 1);
	extmgr_context_free(context);
}

/* A statement that hangs until it is interrupted often enough. */
struct statement {
	extmgr_operation *operation;
	sem_t running;
	sem_t released;
	atomic_int interrupts;
	int lost; /* so many interrupts come too early */
	bool cancels_again;
	atomic_bool inside;
	atomic_bool linger;
};

static void statement_init(struct statement *statement, extmgr_operation *operation)
{
	memset(statement, 0, sizeof(*statement));
	statement->operation = operation;
	assert_int_equal(sem_init(&statement->running, 0, 0), 0);
	assert_int_equal(sem_init(&statement->released, 0, 0), 0);
}

static void interrupt(void *argument)
{
	struct statement *statement = argument;

	atomic_store(&statement->inside, true);
	if (statement->cancels_again)
		extmgr_operation_cancel(statement->operation);
	if (atomic_fetch_add(&statement->interrupts, 1) >= statement->lost)
		sem_post(&statement->released);
	if (atomic_load(&statement->linger)) {
		/* Makes the window wide in which a wrong detach would return; waits for nothing. */
		const struct timespec a_while = {.tv_nsec = 30 * MS};

		nanosleep(&a_while, NULL);
	}
	atomic_store(&statement->inside, false);
}

static void *cancel_when_running(void *argument)
{
	struct statement *statement = argument;

	sem_wait(&statement->running);
	extmgr_operation_cancel(statement->operation);
	return NULL;
}

/* Runs the statement in this thread until it is interrupted. */
static void run_statement(struct statement *statement)
{
	extmgr__operation_attach(statement->operation, interrupt, statement);
	sem_post(&statement->running);
	while (sem_wait(&statement->released)) {
	}
	extmgr__operation_detach(statement->operation);
	assert_false(atomic_load(&statement->inside));
}

static void test_cancel_interrupts_what_is_attached(void **state)
{
	const struct {
		bool fake_clock;
		bool cancels_again; /* the interrupt calls cancel itself */
		bool linger;        /* and is slow */
		int lost;
	} cases[] = {
		{.fake_clock = true}, {.fake_clock = false}, {.cancels_again = true},
		{.linger = true},     {.lost = 1},           {.lost = 2, .fake_clock = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct clock clock = {0};
		extmgr_context *context = make_context(cases[i].fake_clock ? &clock : NULL);
		extmgr_operation *operation = make_operation(0);
		struct statement statement;
		pthread_t canceller;

		statement_init(&statement, operation);
		statement.cancels_again = cases[i].cancels_again;
		statement.linger = cases[i].linger;
		statement.lost = cases[i].lost;
		assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
		assert_int_equal(pthread_create(&canceller, NULL, cancel_when_running, &statement),
				 0);
		run_statement(&statement);
		assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_E_CANCELLED);
		pthread_join(canceller, NULL);
		extmgr__operation_end(operation);
		assert_true(statement.interrupts > cases[i].lost);
		extmgr_operation_free(operation);
		extmgr_context_free(context);
	}
}

static void test_the_deadline_interrupts_what_is_attached(void **state)
{
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		extmgr_context *context = make_context(NULL);
		extmgr_operation *operation = make_operation(20);
		struct statement statement;

		statement_init(&statement, operation);
		statement.lost = lost;
		assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
		run_statement(&statement);
		assert_int_equal(extmgr__operation_check(operation, NULL), EXTMGR_E_TIMEOUT);
		assert_int_equal(extmgr_operation_is_cancelled(operation), 0);
		extmgr__operation_end(operation);
		assert_true(statement.interrupts > lost);
		extmgr_operation_free(operation);
		extmgr_context_free(context);
	}
}

/* Many statements before the one that hangs: the watchdog looks at the one that is attached now. */
static void test_only_the_attached_statement_is_interrupted(void **state)
{
	extmgr_context *context = make_context(NULL);
	extmgr_operation *operation = make_operation(300);
	struct statement before;
	struct statement hanging;
	int interrupts;

	(void)state;
	statement_init(&before, operation);
	statement_init(&hanging, operation);
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	for (int i = 0; i < 10; i++) {
		extmgr__operation_attach(operation, interrupt, &before);
		extmgr__operation_detach(operation);
	}
	run_statement(&hanging);
	interrupts = hanging.interrupts;
	/* Late, but nothing is attached: nothing may be interrupted any more. */
	extmgr_operation_cancel(operation);
	extmgr__operation_end(operation);
	assert_int_equal(before.interrupts, 0);
	assert_int_equal(hanging.interrupts, interrupts);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

struct storm {
	extmgr_operation *operation;
	atomic_bool alive;
	atomic_bool over;
	atomic_int wrong;
};

static void interrupt_alive(void *argument)
{
	struct storm *storm = argument;

	if (!atomic_load(&storm->alive))
		atomic_fetch_add(&storm->wrong, 1);
}

static void *keep_cancelling(void *argument)
{
	struct storm *storm = argument;

	while (!atomic_load(&storm->over)) {
		extmgr_operation_cancel(storm->operation);
		(void)extmgr_operation_get_remaining_ms(storm->operation);
	}
	return NULL;
}

static void test_no_interrupt_comes_behind_detach(void **state)
{
	extmgr_context *context = make_context(NULL);
	struct storm storm = {.operation = make_operation(1)};
	pthread_t threads[2];

	(void)state;
	assert_int_equal(extmgr__operation_begin(storm.operation, context, NULL), EXTMGR_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_cancelling, &storm), 0);
	for (int i = 0; i < 5000; i++) {
		atomic_store(&storm.alive, true);
		extmgr__operation_attach(storm.operation, interrupt_alive, &storm);
		extmgr__operation_detach(storm.operation);
		atomic_store(&storm.alive, false);
	}
	atomic_store(&storm.over, true);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	extmgr__operation_end(storm.operation);
	assert_int_equal(storm.wrong, 0);
	extmgr_operation_free(storm.operation);
	extmgr_context_free(context);
}

/* remaining_ms may be asked from any thread, also while calls begin and end. */
static void *keep_asking(void *argument)
{
	struct storm *storm = argument;

	while (!atomic_load(&storm->over)) {
		uint64_t left = extmgr_operation_get_remaining_ms(storm->operation);

		if (left > 60000 && left != UINT64_MAX)
			atomic_fetch_add(&storm->wrong, 1);
	}
	return NULL;
}

static void test_the_time_left_may_be_asked_at_any_time(void **state)
{
	struct storm storm = {.operation = make_operation(60000)};
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, keep_asking, &storm), 0);
	for (int i = 0; i < 2000; i++) {
		extmgr_context *context = make_context(NULL);

		assert_int_equal(extmgr__operation_begin(storm.operation, context, NULL),
				 EXTMGR_OK);
		extmgr_context_free(context);
		extmgr__operation_end(storm.operation);
	}
	atomic_store(&storm.over, true);
	pthread_join(thread, NULL);
	assert_int_equal(storm.wrong, 0);
	extmgr_operation_free(storm.operation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structs_of_other_sizes),
		cmocka_unit_test(test_the_actor_is_one_bounded_line_of_utf8),
		cmocka_unit_test(test_no_operation_never_ends_a_call),
		cmocka_unit_test(test_the_deadline_counts_from_the_start_of_the_call),
		cmocka_unit_test(test_a_timeout_beyond_the_clock_is_none),
		cmocka_unit_test(test_cancelling_stays),
		cmocka_unit_test(test_an_operation_serves_one_call_at_a_time),
		cmocka_unit_test(test_cancel_explains_the_failure_of_the_host),
		cmocka_unit_test(test_progress_may_cancel_and_call_back),
		cmocka_unit_test(test_cancel_interrupts_what_is_attached),
		cmocka_unit_test(test_the_deadline_interrupts_what_is_attached),
		cmocka_unit_test(test_only_the_attached_statement_is_interrupted),
		cmocka_unit_test(test_no_interrupt_comes_behind_detach),
		cmocka_unit_test(test_the_time_left_may_be_asked_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
