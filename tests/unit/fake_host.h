/* SPDX-License-Identifier: MIT */
/*
 * A host that lives in the test: a database that answers what the test wants and writes down what
 * it was asked, and the scene that most tests of sessions begin with.
 */
#ifndef EXTMGR_TEST_FAKE_HOST_H
#define EXTMGR_TEST_FAKE_HOST_H

#include "test.h"

#include "host/database.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum fake_call {
	CALL_OPEN,
	CALL_BEGIN,
	CALL_EXECUTE,
	CALL_QUERY,
	CALL_COMMIT,
	CALL_ROLLBACK,
	CALL_COUNT
};

struct fake_host {
	extmgr_result answers[CALL_COUNT];
	const char *message;       /* NULL: says nothing */
	enum fake_call cancels_in; /* cancels the operation within that call ... */
	extmgr_operation *cancels; /* ... when there is one */
	void (*within)(void *data, enum fake_call call); /* NULL, or called in each call */
	void *within_data;
	void (*fill)(extmgr_rows *rows);
	int64_t affected;
	bool hangs; /* execute waits for the interrupt */
	sem_t running;
	sem_t released;
	void *handle;
	pthread_mutex_t noting;
	char calls[256]; /* guarded by noting; what does not fit is not written down */
	int destroyed;
	atomic_int interrupts;
	atomic_bool closed;
};

/* All callbacks, dialect "sqlite"; user_data: a struct fake_host, zeroed but for what is wanted. */
extmgr_database_callbacks fake_host_callbacks(void);
/* One row of one column. */
void fake_host_fill_one(extmgr_rows *rows);

/* What most tests of sessions need: a fake database, and a call with an operation. */
struct scene {
	struct fake_host fake;
	extmgr_context *context;
	extmgr_database *database;
	extmgr_operation *operation;
	struct extmgr__session *session;
};

/* timeout_ms: 0 for none. The context allows two rows. */
void scene_init(struct scene *scene, uint64_t timeout_ms);
extmgr_result scene_open(struct scene *scene, extmgr_error **error);
void scene_open_and_begin(struct scene *scene);
extmgr_result scene_execute(struct scene *scene, extmgr_error **error);
extmgr_result scene_query(struct scene *scene, extmgr_error **error);
/* Runs a whole transaction up to the call; that one's result. */
extmgr_result scene_run_to(struct scene *scene, enum fake_call call, extmgr_error **error);
/* Closes everything and compares what the database was asked; NULL: no matter what. */
void scene_end(struct scene *scene, const char *calls);

#endif
