/* SPDX-License-Identifier: MIT */
#include "fake_host.h"

static void note(struct fake_host *fake, const char *call)
{
	pthread_mutex_lock(&fake->noting);
	strncat(fake->calls, call, sizeof(fake->calls) - strlen(fake->calls) - 1);
	pthread_mutex_unlock(&fake->noting);
}

static extmgr_result answer(struct fake_host *fake, enum fake_call call, extmgr_host_error *error)
{
	if (fake->cancels && fake->cancels_in == call)
		extmgr_operation_cancel(fake->cancels);
	if (fake->within)
		fake->within(fake->within_data, call);
	if (fake->answers[call] && fake->message)
		extmgr_host_error_set(error, 42, "42P01", fake->message, strlen(fake->message));
	return fake->answers[call];
}

static extmgr_result fake_open(void *user_data, extmgr_operation *operation, void **session_out,
			       extmgr_host_error *error)
{
	struct fake_host *fake = user_data;

	(void)operation;
	note(fake, "open ");
	*session_out = fake->handle;
	return answer(fake, CALL_OPEN, error);
}

static void fake_close(void *user_data, void *session, int32_t broken)
{
	struct fake_host *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	atomic_store(&fake->closed, true);
	note(fake, broken ? "close-broken" : "close");
}

static extmgr_result fake_begin(void *user_data, void *session, uint32_t flags,
				extmgr_host_error *error)
{
	struct fake_host *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	note(fake, flags & EXTMGR_BEGIN_WRITE ? "begin-write " : "begin ");
	return answer(fake, CALL_BEGIN, error);
}

static extmgr_result fake_commit(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	note(user_data, "commit ");
	return answer(user_data, CALL_COMMIT, error);
}

static extmgr_result fake_rollback(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	note(user_data, "rollback ");
	return answer(user_data, CALL_ROLLBACK, error);
}

static extmgr_result fake_execute(void *user_data, void *session, const char *sql, size_t length,
				  const extmgr_values *arguments, int64_t *affected_out,
				  extmgr_host_error *error)
{
	struct fake_host *fake = user_data;

	(void)session, (void)arguments;
	assert_int_equal(length, strlen(sql));
	note(fake, "execute ");
	*affected_out = fake->affected;
	if (fake->hangs) {
		sem_post(&fake->running);
		while (sem_wait(&fake->released)) {
		}
	}
	return answer(fake, CALL_EXECUTE, error);
}

static extmgr_result fake_query(void *user_data, void *session, const char *sql, size_t length,
				const extmgr_values *arguments, extmgr_rows *rows,
				extmgr_host_error *error)
{
	struct fake_host *fake = user_data;

	(void)session, (void)sql, (void)length, (void)arguments;
	note(fake, "query ");
	if (fake->fill)
		fake->fill(rows);
	return answer(fake, CALL_QUERY, error);
}

static void fake_interrupt(void *user_data, void *session)
{
	struct fake_host *fake = user_data;

	assert_ptr_equal(session, fake->handle);
	assert_false(atomic_load(&fake->closed));
	atomic_fetch_add(&fake->interrupts, 1);
	sem_post(&fake->released);
}

static void fake_destroy(void *user_data)
{
	((struct fake_host *)user_data)->destroyed++;
}

extmgr_database_callbacks fake_host_callbacks(void)
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

void fake_host_fill_one(extmgr_rows *rows)
{
	assert_int_equal(extmgr_rows_add_column(rows, "a", "INT"), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_integer(rows, 5), EXTMGR_OK);
}

void scene_init(struct scene *scene, uint64_t timeout_ms)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
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

extmgr_result scene_open(struct scene *scene, extmgr_error **error)
{
	return extmgr__session_open(scene->context, scene->database, scene->operation,
				    &scene->session, error);
}

void scene_open_and_begin(struct scene *scene)
{
	assert_int_equal(scene_open(scene, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_begin(scene->session, EXTMGR_BEGIN_WRITE, NULL),
			 EXTMGR_OK);
}

void scene_end(struct scene *scene, const char *calls)
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

extmgr_result scene_execute(struct scene *scene, extmgr_error **error)
{
	return extmgr__session_execute(scene->session, "DELETE", 6, NULL, NULL, error);
}

extmgr_result scene_query(struct scene *scene, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result =
		extmgr__session_query(scene->session, "SELECT", 6, NULL, &rows, error);

	assert_true(!rows == (result != EXTMGR_OK));
	extmgr__rows_free(rows);
	return result;
}

extmgr_result scene_run_to(struct scene *scene, enum fake_call call, extmgr_error **error)
{
	switch (call) {
	case CALL_OPEN:
		return scene_open(scene, error);
	case CALL_BEGIN:
		assert_int_equal(scene_open(scene, NULL), EXTMGR_OK);
		return extmgr__session_begin(scene->session, 0, error);
	case CALL_EXECUTE:
		scene_open_and_begin(scene);
		return scene_execute(scene, error);
	case CALL_QUERY:
		scene_open_and_begin(scene);
		return scene_query(scene, error);
	case CALL_COMMIT:
		scene_open_and_begin(scene);
		return extmgr__session_commit(scene->session, error);
	default:
		scene_open_and_begin(scene);
		return extmgr__session_rollback(scene->session, error);
	}
}
