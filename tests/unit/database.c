/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/database.h"
#include "host/host_error.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum call { OPEN, BEGIN, EXECUTE, QUERY, COMMIT, ROLLBACK, CALLS };

/* What an error says when the database said "it says why". */
static const char *const messages[CALLS] = {
	"cannot connect to the database: it says why",
	"cannot begin a transaction: it says why",
	"it says why",
	"it says why",
	"COMMIT failed: it says why",
	"ROLLBACK failed: it says why",
};

/* A database that answers what the test wants and writes down what it was asked. */
struct fake {
	extmgr_result answers[CALLS];
	const char *message;       /* NULL: says nothing */
	enum call cancels_in;      /* cancels the operation within that call ... */
	extmgr_operation *cancels; /* ... when there is one */
	void (*fill)(extmgr_rows *rows);
	int64_t affected;
	bool hangs; /* execute waits for the interrupt */
	sem_t running;
	sem_t released;
	void *handle;
	char calls[256];
	int destroyed;
	atomic_int interrupts;
	atomic_bool closed;
};

static void note(struct fake *fake, const char *call)
{
	strncat(fake->calls, call, sizeof(fake->calls) - strlen(fake->calls) - 1);
}

static extmgr_result answer(struct fake *fake, enum call call, extmgr_host_error *error)
{
	if (fake->cancels && fake->cancels_in == call)
		extmgr_operation_cancel(fake->cancels);
	if (fake->answers[call] && fake->message)
		extmgr_host_error_set(error, 42, "42P01", fake->message, strlen(fake->message));
	return fake->answers[call];
}

static extmgr_result fake_open(void *user_data, extmgr_operation *operation, void **session_out,
			       extmgr_host_error *error)
{
	struct fake *fake = user_data;

	(void)operation;
	note(fake, "open ");
	*session_out = fake->handle;
	return answer(fake, OPEN, error);
}

static void fake_close(void *user_data, void *session, int32_t broken)
{
	struct fake *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	atomic_store(&fake->closed, true);
	note(fake, broken ? "close-broken" : "close");
}

static extmgr_result fake_begin(void *user_data, void *session, uint32_t flags,
				extmgr_host_error *error)
{
	struct fake *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	note(fake, flags & EXTMGR_BEGIN_WRITE ? "begin-write " : "begin ");
	return answer(fake, BEGIN, error);
}

static extmgr_result fake_commit(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	note(user_data, "commit ");
	return answer(user_data, COMMIT, error);
}

static extmgr_result fake_rollback(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	note(user_data, "rollback ");
	return answer(user_data, ROLLBACK, error);
}

static extmgr_result fake_execute(void *user_data, void *session, const char *sql, size_t length,
				  const extmgr_values *arguments, int64_t *affected_out,
				  extmgr_host_error *error)
{
	struct fake *fake = user_data;

	(void)session;
	assert_int_equal(length, strlen(sql));
	assert_int_equal(extmgr_values_get_count(arguments), 0);
	note(fake, "execute ");
	*affected_out = fake->affected;
	if (fake->hangs) {
		sem_post(&fake->running);
		while (sem_wait(&fake->released)) {
		}
	}
	return answer(fake, EXECUTE, error);
}

static extmgr_result fake_query(void *user_data, void *session, const char *sql, size_t length,
				const extmgr_values *arguments, extmgr_rows *rows,
				extmgr_host_error *error)
{
	struct fake *fake = user_data;

	(void)session, (void)sql, (void)length, (void)arguments;
	note(fake, "query ");
	if (fake->fill)
		fake->fill(rows);
	return answer(fake, QUERY, error);
}

static void fake_interrupt(void *user_data, void *session)
{
	struct fake *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	assert_false(atomic_load(&fake->closed));
	atomic_fetch_add(&fake->interrupts, 1);
	sem_post(&fake->released);
}

static void fake_destroy(void *user_data)
{
	((struct fake *)user_data)->destroyed++;
}

static extmgr_database_callbacks fake_callbacks(void)
{
	extmgr_database_callbacks callbacks;

	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.dialect = "sqlite";
	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS;
	callbacks.open = fake_open;
	callbacks.close = fake_close;
	callbacks.begin = fake_begin;
	callbacks.commit = fake_commit;
	callbacks.rollback = fake_rollback;
	callbacks.execute = fake_execute;
	callbacks.query = fake_query;
	callbacks.interrupt = fake_interrupt;
	callbacks.destroy = fake_destroy;
	return callbacks;
}

/* What most tests need: a fake database, and a call with an operation. */
struct scene {
	struct fake fake;
	extmgr_context *context;
	extmgr_database *database;
	extmgr_operation *operation;
	struct extmgr__session *session;
};

static void scene_init(struct scene *scene, uint64_t timeout_ms)
{
	extmgr_database_callbacks callbacks = fake_callbacks();
	extmgr_operation_options operation_options;
	extmgr_context_options options;

	memset(scene, 0, sizeof(*scene));
	scene->fake.handle = scene;
	scene->fake.message = "it says why";
	sem_init(&scene->fake.running, 0, 0);
	sem_init(&scene->fake.released, 0, 0);
	extmgr_context_options_init(&options, sizeof(options));
	options.result_rows = 2;
	assert_int_equal(extmgr_context_new(&options, &scene->context, NULL), EXTMGR_OK);
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.timeout_ms = timeout_ms;
	assert_int_equal(extmgr_operation_new(&operation_options, &scene->operation, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr__operation_begin(scene->operation, scene->context, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_database_new(&callbacks, &scene->fake, &scene->database, NULL),
			 EXTMGR_OK);
}

static extmgr_result scene_open(struct scene *scene, extmgr_error **error)
{
	return extmgr__session_open(scene->context, scene->database, scene->operation,
				    &scene->session, error);
}

static void scene_open_and_begin(struct scene *scene)
{
	assert_int_equal(scene_open(scene, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_begin(scene->session, EXTMGR_BEGIN_WRITE, NULL),
			 EXTMGR_OK);
}

/* Closes everything and compares what the database was asked; NULL: no matter what. */
static void scene_end(struct scene *scene, const char *calls)
{
	extmgr__session_close(scene->session);
	if (calls)
		assert_string_equal(scene->fake.calls, calls);
	extmgr__operation_end(scene->operation);
	extmgr_operation_free(scene->operation);
	extmgr_database_free(scene->database);
	assert_int_equal(scene->fake.destroyed, 1);
	extmgr_context_free(scene->context);
}

static extmgr_result execute(struct scene *scene, extmgr_error **error)
{
	return extmgr__session_execute(scene->session, "DELETE", 6, NULL, NULL, error);
}

static extmgr_result query(struct scene *scene, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result =
		extmgr__session_query(scene->session, "SELECT", 6, NULL, &rows, error);

	assert_true(!rows == (result != EXTMGR_OK));
	extmgr__rows_free(rows);
	return result;
}

/* Runs a whole transaction up to the call; that one's result. */
static extmgr_result run_to(struct scene *scene, enum call call, extmgr_error **error)
{
	switch (call) {
	case OPEN:
		return scene_open(scene, error);
	case BEGIN:
		assert_int_equal(scene_open(scene, NULL), EXTMGR_OK);
		return extmgr__session_begin(scene->session, 0, error);
	case EXECUTE:
		scene_open_and_begin(scene);
		return execute(scene, error);
	case QUERY:
		scene_open_and_begin(scene);
		return query(scene, error);
	case COMMIT:
		scene_open_and_begin(scene);
		return extmgr__session_commit(scene->session, error);
	default:
		scene_open_and_begin(scene);
		return extmgr__session_rollback(scene->session, error);
	}
}

static void assert_refused(const extmgr_database_callbacks *callbacks, const char *message)
{
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr_database_new(callbacks, NULL, &database, &error),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(database);
	if (!strstr(extmgr_error_get_message(error), message))
		fail_msg("'%s' is not in '%s'", message, extmgr_error_get_message(error));
	extmgr_error_free(error);
}

static void test_missing_callbacks_are_named(void **state)
{
	extmgr_database_callbacks callbacks;

	(void)state;
#define WITHOUT(callback)                                                                          \
	callbacks = fake_callbacks();                                                              \
	callbacks.callback = NULL;                                                                 \
	assert_refused(&callbacks, #callback " is missing")
	WITHOUT(open);
	WITHOUT(close);
	WITHOUT(begin);
	WITHOUT(commit);
	WITHOUT(rollback);
	WITHOUT(execute);
	WITHOUT(query);
#undef WITHOUT
	assert_refused(NULL, "NULL");
	callbacks = fake_callbacks();
	callbacks.capabilities |= 4;
	assert_refused(&callbacks, "capabilities 0x4");
	assert_int_equal(extmgr_database_new(&callbacks, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
}

static void test_a_dialect_is_a_lower_case_word(void **state)
{
	const struct {
		const char *dialect;
		bool good;
	} cases[] = {
		{"sqlite", true},
		{"a", true},
		{"my_db2", true},
		{"a1234567890123456789012345678901", true},   /* 32 */
		{"a12345678901234567890123456789012", false}, /* 33 */
		{NULL, false},
		{"", false},
		{"SQLite", false},
		{"2db", false},
		{"_db", false},
		{"a-b", false},
		{"a\xc3\xa4", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_database_callbacks callbacks = fake_callbacks();
		extmgr_database *database = NULL;
		struct fake fake = {0};

		callbacks.dialect = cases[i].dialect;
		if (!cases[i].good) {
			assert_refused(&callbacks, "dialect");
			continue;
		}
		assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL),
				 EXTMGR_OK);
		assert_string_equal(extmgr_database_get_dialect(database), cases[i].dialect);
		assert_ptr_not_equal(extmgr_database_get_dialect(database), cases[i].dialect);
		assert_int_equal(extmgr__database_capabilities(database), 3);
		extmgr_database_free(database);
	}
	assert_string_equal(extmgr_database_get_dialect(NULL), "");
	extmgr_database_free(NULL);
}

static void test_structs_of_other_sizes(void **state)
{
	struct {
		extmgr_database_callbacks callbacks;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		unsigned char tail;
		extmgr_result expected;
	} cases[] = {
		{sizeof(extmgr_database_callbacks), 1, EXTMGR_OK},
		{sizeof(newer), 0, EXTMGR_OK},
		{sizeof(newer), 1, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_database_callbacks) - 8, 0, EXTMGR_E_INVALID_ARGUMENT},
		{0, 0, EXTMGR_E_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_database *database = NULL;
		struct fake fake = {0};

		memset(&newer, 0, sizeof(newer));
		newer.callbacks = fake_callbacks();
		newer.callbacks.struct_size = cases[i].size;
		newer.tail[0] = cases[i].tail;
		assert_int_equal(extmgr_database_new(&newer.callbacks, &fake, &database, NULL),
				 cases[i].expected);
		extmgr_database_free(database);
		assert_int_equal(fake.destroyed, cases[i].expected == EXTMGR_OK);
	}
}

static void test_a_session_outlives_its_database_handle(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	extmgr_database_free(scene.database);
	extmgr_context_free(scene.context);
	assert_int_equal(scene.fake.destroyed, 0);
	assert_int_equal(execute(&scene, NULL), EXTMGR_OK);
	extmgr__session_close(scene.session);
	assert_int_equal(scene.fake.destroyed, 1);
	extmgr__operation_end(scene.operation);
	extmgr_operation_free(scene.operation);
	extmgr__session_close(NULL);
}

/* What is still open is rolled back; what was committed or rolled back is not touched again. */
static void test_close_leaves_no_transaction(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	assert_int_equal(run_to(&scene, OPEN, NULL), EXTMGR_OK);
	scene_end(&scene, "open close");
	scene_init(&scene, 0);
	assert_int_equal(run_to(&scene, BEGIN, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin rollback close");
	scene_init(&scene, 0);
	scene.fake.handle = NULL; /* a host may do without */
	assert_int_equal(run_to(&scene, EXECUTE, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write execute rollback close");
	scene_init(&scene, 0);
	assert_int_equal(run_to(&scene, COMMIT, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_rollback(scene.session, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write commit close");
	scene_init(&scene, 0);
	assert_int_equal(run_to(&scene, ROLLBACK, NULL), EXTMGR_OK);
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
	for (enum call call = OPEN; call < CALLS; call++) {
		for (size_t i = 0; call != COMMIT && i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct scene scene;
			extmgr_error *error = NULL;

			scene_init(&scene, 0);
			scene.fake.answers[call] = cases[i].answer;
			assert_int_equal(run_to(&scene, call, &error), cases[i].expected);
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
	scene.fake.answers[OPEN] = 1234;
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
		enum call call;
		const char *calls;
	} cases[] = {
		{BEGIN, "open begin close-broken"},
		{EXECUTE, "open begin-write execute close-broken"},
		{QUERY, "open begin-write query close-broken"},
		{COMMIT, "open begin-write commit close-broken"},
		{ROLLBACK, "open begin-write rollback close-broken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_init(&scene, 0);
		scene.fake.answers[cases[i].call] = EXTMGR_E_CONNECTION;
		assert_true(run_to(&scene, cases[i].call, NULL) < 0);
		assert_true(extmgr__session_is_broken(scene.session));
		assert_int_equal(extmgr__session_begin(scene.session, 0, NULL),
				 EXTMGR_E_CONNECTION);
		assert_int_equal(execute(&scene, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(query(&scene, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(extmgr__session_commit(scene.session, NULL), EXTMGR_E_CONNECTION);
		assert_int_equal(extmgr__session_rollback(scene.session, NULL), EXTMGR_OK);
		scene_end(&scene, cases[i].calls);
	}
}

/* A pool must not get back a connection in a state that nobody knows. */
static void test_failures_that_leave_the_state_unknown_break_the_session(void **state)
{
	const struct {
		enum call call;
		extmgr_result answer;
		const char *calls;
	} cases[] = {
		{BEGIN, EXTMGR_E_LOCKED, "open begin close"},
		{BEGIN, EXTMGR_E_HOST, "open begin close-broken"},
		{BEGIN, 1, "open begin close-broken"},
		{EXECUTE, EXTMGR_E_STATEMENT, "open begin-write execute rollback close"},
		{QUERY, 7, "open begin-write query rollback close"},
		{ROLLBACK, EXTMGR_E_STATEMENT, "open begin-write rollback close-broken"},
		{ROLLBACK, 1, "open begin-write rollback close-broken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_init(&scene, 0);
		scene.fake.answers[cases[i].call] = cases[i].answer;
		assert_true(run_to(&scene, cases[i].call, NULL) < 0);
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
		scene.fake.answers[COMMIT] = cases[i].answer;
		/* Cancelled meanwhile: what the database said of the commit is still the truth. */
		scene.fake.cancels_in = COMMIT;
		scene.fake.cancels = scene.operation;
		assert_int_equal(run_to(&scene, COMMIT, &error), cases[i].expected);
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
	scene.fake.cancels_in = COMMIT;
	scene.fake.cancels = scene.operation;
	assert_int_equal(run_to(&scene, COMMIT, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write commit close");
}

static void test_nothing_but_rollback_follows_a_cancel(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	extmgr_operation_cancel(scene.operation);
	assert_int_equal(execute(&scene, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(query(&scene, NULL), EXTMGR_E_CANCELLED);
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
	assert_int_equal(execute(&scene, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_commit(scene.session, NULL), EXTMGR_OK);
	scene_end(&scene, "open begin-write execute commit close");
}

/* The callback itself cancels, then fails: cancelled, and the database's words are the cause. */
static void test_cancel_wins_over_the_failure_it_led_to(void **state)
{
	const enum call calls[] = {OPEN, BEGIN, EXECUTE, QUERY};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct scene scene;
		extmgr_error *error = NULL;

		scene_init(&scene, 0);
		scene.fake.cancels_in = calls[i];
		scene.fake.cancels = scene.operation;
		scene.fake.answers[calls[i]] = EXTMGR_E_CONNECTION;
		assert_int_equal(run_to(&scene, calls[i], &error), EXTMGR_E_CANCELLED);
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
	scene.fake.answers[EXECUTE] = EXTMGR_E_STATEMENT;
	assert_int_equal(pthread_create(&canceller, NULL, cancel_when_running, &scene), 0);
	assert_int_equal(execute(&scene, &error), EXTMGR_E_CANCELLED);
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
	scene.fake.answers[EXECUTE] = EXTMGR_E_STATEMENT;
	assert_int_equal(execute(&scene, &error), EXTMGR_E_TIMEOUT);
	assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)), EXTMGR_E_STATEMENT);
	assert_true(scene.fake.interrupts > 0);
	extmgr_error_free(error);
	scene_end(&scene, "open begin-write execute rollback close");
}

static void test_a_host_without_interrupt_is_not_interrupted(void **state)
{
	extmgr_database_callbacks callbacks = fake_callbacks();
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	extmgr_database_free(scene.database);
	scene.fake.destroyed = 0;
	callbacks.interrupt = NULL;
	assert_int_equal(extmgr_database_new(&callbacks, &scene.fake, &scene.database, NULL),
			 EXTMGR_OK);
	scene.fake.cancels = scene.operation;
	scene.fake.cancels_in = EXECUTE;
	scene.fake.answers[EXECUTE] = EXTMGR_E_HOST;
	assert_int_equal(run_to(&scene, EXECUTE, NULL), EXTMGR_E_CANCELLED);
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

static void fill_one(extmgr_rows *rows)
{
	assert_int_equal(extmgr_rows_add_column(rows, "a", "INT"), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_integer(rows, 5), EXTMGR_OK);
}

/* The context of a scene allows two. */
static void fill_too_many(extmgr_rows *rows)
{
	fill_one(rows);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_E_TOO_LARGE);
}

static void fill_incomplete(extmgr_rows *rows)
{
	assert_int_equal(extmgr_rows_add_column(rows, "a", NULL), EXTMGR_OK);
	fill_one(rows);
}

static void test_rows_of_a_query(void **state)
{
	struct scene scene;
	extmgr_rows *rows = NULL;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	scene.fake.fill = fill_one;
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
		scene.fake.answers[QUERY] = cases[i].answer;
		assert_int_equal(run_to(&scene, QUERY, &error), cases[i].expected);
		if (!strstr(extmgr_error_get_message(error), cases[i].message))
			fail_msg("%s", extmgr_error_get_message(error));
		extmgr_error_free(error);
		scene_end(&scene, NULL);
	}
}

/* A host may say anything: it becomes one line of UTF-8 of bounded length, or nothing. */
static void test_what_a_host_says_is_made_safe(void **state)
{
	struct extmgr_host_error said = {0};
	extmgr_error *error = NULL;
	char big[5000];

	(void)state;
	extmgr_host_error_set(NULL, 1, NULL, "x", 1);
	extmgr_host_error_set(&said, 1, "40001", "first", 5);
	extmgr_host_error_set(&said, 2, "4000", "a\n\xff\0b", 5);
	assert_int_equal(extmgr__host_error_take(&said, EXTMGR_E_LOCKED, "what", &error),
			 EXTMGR_E_LOCKED);
	assert_string_equal(extmgr_error_get_message(error), "what: a \xef\xbf\xbd b");
	assert_int_equal(extmgr_error_get_host_code(error), 2);
	assert_string_equal(extmgr_error_get_sqlstate(error), ""); /* four characters are none */
	assert_null(said.message);

	memset(big, 'x', sizeof(big));
	memcpy(big + 4094, "\xe2\x82\xac", 3); /* across the cut */
	extmgr_host_error_set(&said, 0, "hy000", big, sizeof(big));
	assert_int_equal(strlen(said.message), 4094);
	assert_string_equal(said.sqlstate, ""); /* lower case is none */
	extmgr_host_error_set(&said, 0, "HY0000", NULL, 7);
	assert_null(said.message);
	assert_string_equal(said.sqlstate, "");
	extmgr_host_error_set(&said, 3, "HY000", "", 0);
	assert_string_equal(said.sqlstate, "HY000");

	/* Success says nothing. */
	assert_int_equal(extmgr__host_error_take(&said, EXTMGR_OK, "what", NULL), EXTMGR_OK);
	assert_int_equal(said.host_code, 0);
	extmgr_error_free(error);
}

/* A callback that calls back into the library, with a session of its own. */
static struct scene *inner;

static void fill_by_another_query(extmgr_rows *rows)
{
	assert_int_equal(run_to(inner, QUERY, NULL), EXTMGR_OK);
	fill_one(rows);
}

static void test_callbacks_may_call_back(void **state)
{
	struct scene outer;
	struct scene other;

	(void)state;
	scene_init(&outer, 60000);
	scene_init(&other, 60000);
	inner = &other;
	other.fake.fill = fill_one;
	outer.fake.fill = fill_by_another_query;
	assert_int_equal(run_to(&outer, QUERY, NULL), EXTMGR_OK);
	scene_end(&other, "open begin-write query rollback close");
	scene_end(&outer, "open begin-write query rollback close");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_callbacks_are_named),
		cmocka_unit_test(test_a_dialect_is_a_lower_case_word),
		cmocka_unit_test(test_structs_of_other_sizes),
		cmocka_unit_test(test_a_session_outlives_its_database_handle),
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
		cmocka_unit_test(test_a_host_without_interrupt_is_not_interrupted),
		cmocka_unit_test(test_affected_rows_are_known_or_minus_one),
		cmocka_unit_test(test_rows_of_a_query),
		cmocka_unit_test(test_rows_that_failed_fail_the_query),
		cmocka_unit_test(test_what_a_host_says_is_made_safe),
		cmocka_unit_test(test_callbacks_may_call_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
