/* SPDX-License-Identifier: MIT */
/*
 * The database of a host and its sessions: every answer of a callback is checked, and a session
 * knows what it may still be asked.
 */
#include "host/database.h"

#include "base/options.h"
#include "host/host_error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define DIALECT_MAXIMUM 32
#define CAPABILITIES    (EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS)

struct extmgr_database {
	atomic_size_t references;
	extmgr_database_callbacks callbacks;
	char dialect[DIALECT_MAXIMUM + 1]; /* callbacks.dialect points here */
	void *user_data;
};

struct extmgr__session {
	extmgr_context *context;
	extmgr_database *database;
	extmgr_operation *operation; /* may be NULL; the caller's */
	void *handle;                /* the host's; NULL is one, too */
	bool in_transaction;
	bool never_interrupted;
	bool broken; /* the connection was lost or its state is unknown */
};

void extmgr_database_callbacks_init(extmgr_database_callbacks *callbacks, uint32_t struct_size)
{
	extmgr__options_init(callbacks, sizeof(*callbacks), struct_size);
}

static bool is_dialect(const char *text)
{
	if (!(text[0] >= 'a' && text[0] <= 'z'))
		return false;
	for (size_t i = 1; text[i]; i++) {
		if (i >= DIALECT_MAXIMUM)
			return false;
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '0' && text[i] <= '9') &&
		    text[i] != '_')
			return false;
	}
	return true;
}

/* The name of a required callback that is not there. */
static const char *missing_callback(const extmgr_database_callbacks *callbacks)
{
	const struct {
		const char *name;
		bool given;
	} required[] = {
		{"open", callbacks->open},         {"close", callbacks->close},
		{"begin", callbacks->begin},       {"commit", callbacks->commit},
		{"rollback", callbacks->rollback}, {"execute", callbacks->execute},
		{"query", callbacks->query},
	};

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (!required[i].given)
			return required[i].name;
	}
	return NULL;
}

static extmgr_result callbacks_read(extmgr_database_callbacks *copy,
				    const extmgr_database_callbacks *callbacks,
				    extmgr_error **error)
{
	extmgr_result result;
	const char *missing;

	if (!callbacks)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "callbacks is NULL");
	result = extmgr__options_copy(copy, sizeof(*copy), callbacks,
				      EXTMGR__SIZE_UP_TO(extmgr_database_callbacks, destroy),
				      "extmgr_database_callbacks", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->capabilities & ~CAPABILITIES)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_database_callbacks: unknown capabilities 0x%x",
					 (unsigned)(copy->capabilities & ~CAPABILITIES));
	if (!copy->dialect || !is_dialect(copy->dialect))
		return extmgr__error_set(
			error, EXTMGR_E_INVALID_ARGUMENT,
			"extmgr_database_callbacks: dialect is no word of at most %d lower-case "
			"letters, digits and '_'",
			DIALECT_MAXIMUM);
	missing = missing_callback(copy);
	if (missing)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_database_callbacks: %s is missing", missing);
	return EXTMGR_OK;
}

extmgr_result extmgr_database_new(const extmgr_database_callbacks *callbacks, void *user_data,
				  extmgr_database **database_out, extmgr_error **error_out)
{
	extmgr_database_callbacks copy = {0};
	extmgr_database *database;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!database_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "database_out is NULL");
	*database_out = NULL;
	result = callbacks_read(&copy, callbacks, error_out);
	if (result != EXTMGR_OK)
		return result;
	database = calloc(1, sizeof(*database));
	if (!database)
		return extmgr__error_no_memory(error_out);
	atomic_init(&database->references, 1);
	memcpy(database->dialect, copy.dialect, strlen(copy.dialect));
	database->callbacks = copy;
	database->callbacks.dialect = database->dialect;
	database->user_data = user_data;
	*database_out = database;
	return EXTMGR_OK;
}

extmgr_database *extmgr__database_ref(extmgr_database *database)
{
	atomic_fetch_add_explicit(&database->references, 1, memory_order_relaxed);
	return database;
}

void extmgr__database_unref(extmgr_database *database)
{
	if (!database || atomic_fetch_sub(&database->references, 1) != 1)
		return;
	if (database->callbacks.destroy)
		database->callbacks.destroy(database->user_data);
	free(database);
}

void extmgr_database_free(extmgr_database *database)
{
	extmgr__database_unref(database);
}

const char *extmgr_database_get_dialect(const extmgr_database *database)
{
	return database ? database->dialect : "";
}

uint32_t extmgr__database_capabilities(const extmgr_database *database)
{
	return database->callbacks.capabilities;
}

bool extmgr__database_has_interrupt(const extmgr_database *database)
{
	return database->callbacks.interrupt != NULL;
}

static void session_free(struct extmgr__session *session)
{
	extmgr__database_unref(session->database);
	extmgr__context_unref(session->context);
	free(session);
}

extmgr_result extmgr__session_open(extmgr_context *context, extmgr_database *database,
				   extmgr_operation *operation,
				   struct extmgr__session **session_out, extmgr_error **error)
{
	struct extmgr_host_error said = {0};
	struct extmgr__session *session;
	extmgr_result result;

	*session_out = NULL;
	result = extmgr__operation_check(operation, error);
	if (result != EXTMGR_OK)
		return result;
	session = calloc(1, sizeof(*session));
	if (!session)
		return extmgr__error_no_memory(error);
	session->context = extmgr__context_ref(context);
	session->database = extmgr__database_ref(database);
	session->operation = operation;
	result = database->callbacks.open(database->user_data, operation, &session->handle, &said);
	result = extmgr__host_error_take(&said, result, "cannot connect to the database", error);
	if (result != EXTMGR_OK) {
		session_free(session);
		return extmgr__operation_explain(operation, result, error);
	}
	*session_out = session;
	return EXTMGR_OK;
}

static extmgr_result check_usable(const struct extmgr__session *session, extmgr_error **error)
{
	if (session->broken)
		return extmgr__error_set(error, EXTMGR_E_CONNECTION,
					 "the connection to the database was lost before");
	return extmgr__operation_check(session->operation, error);
}

static void interrupt_session(void *argument)
{
	const struct extmgr__session *session = argument;
	const extmgr_database *database = session->database;

	database->callbacks.interrupt(database->user_data, session->handle);
}

/*
 * Before a callback that may be cut: from here to leave() cancel and deadline interrupt it.
 * Attached first and checked then, so that no cancel falls between the two.
 */
static extmgr_result enter(struct extmgr__session *session, extmgr_error **error)
{
	extmgr_result result;

	if (session->database->callbacks.interrupt && !session->never_interrupted)
		extmgr__operation_attach(session->operation, interrupt_session, session);
	result = check_usable(session, error);
	if (result != EXTMGR_OK)
		extmgr__operation_detach(session->operation);
	return result;
}

/* Behind that callback: turns its answer into an error, without asking yet what the operation says.
 */
static extmgr_result leave(struct extmgr__session *session, struct extmgr_host_error *said,
			   extmgr_result answer, const char *what, extmgr_error **error)
{
	extmgr_result result;

	extmgr__operation_detach(session->operation);
	result = extmgr__host_error_take(said, answer, what, error);
	if (result == EXTMGR_E_CONNECTION)
		session->broken = true;
	return result;
}

/* The last word about a callback: a failure of a call that was cancelled or late is just that. */
static extmgr_result explain(const struct extmgr__session *session, extmgr_result result,
			     extmgr_error **error)
{
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	return extmgr__operation_explain(session->operation, result, error);
}

extmgr_result extmgr__session_begin(struct extmgr__session *session, uint32_t flags,
				    extmgr_error **error)
{
	const extmgr_database *database = session->database;
	struct extmgr_host_error said = {0};
	extmgr_result result;

	result = enter(session, error);
	if (result != EXTMGR_OK)
		return result;
	result = database->callbacks.begin(database->user_data, session->handle, flags, &said);
	result = leave(session, &said, result, "cannot begin a transaction", error);
	session->in_transaction = result == EXTMGR_OK;
	/* A lock that was not had is a clear no. Else there may be a transaction or none: the
	 * connection must not go back into a pool. */
	if (result != EXTMGR_OK && result != EXTMGR_E_LOCKED)
		session->broken = true;
	return explain(session, result, error);
}

extmgr_result extmgr__session_commit(struct extmgr__session *session, extmgr_error **error)
{
	const extmgr_database *database = session->database;
	struct extmgr_host_error said = {0};
	extmgr_result answer;
	extmgr_result result;

	result = check_usable(session, error);
	if (result != EXTMGR_OK)
		return result;
	/* Nothing is attached: a commit that was sent must not be cut. */
	answer = database->callbacks.commit(database->user_data, session->handle, &said);
	result = extmgr__host_error_take(&said, answer, "COMMIT failed", error);
	if (result == EXTMGR_OK) {
		session->in_transaction = false;
		return EXTMGR_OK;
	}
	if (answer != EXTMGR_E_CONNECTION && extmgr__host_error_is_contract(answer))
		return extmgr__error_wrap(error, EXTMGR_E_COMMIT,
					  "the database refused the COMMIT");
	session->broken = true;
	extmgr__error_wrap(error, EXTMGR_E_OUTCOME_UNKNOWN,
			   "the answer to COMMIT was lost: it may have been done or not");
	extmgr__error_hint(error, "ask the database what is installed before trying again");
	return EXTMGR_E_OUTCOME_UNKNOWN;
}

extmgr_result extmgr__session_rollback(struct extmgr__session *session, extmgr_error **error)
{
	const extmgr_database *database = session->database;
	struct extmgr_host_error said = {0};
	extmgr_result result;

	/* With the connection the transaction is gone. */
	if (!session->in_transaction || session->broken)
		return EXTMGR_OK;
	session->in_transaction = false;
	result = database->callbacks.rollback(database->user_data, session->handle, &said);
	result = extmgr__host_error_take(&said, result, "ROLLBACK failed", error);
	if (result != EXTMGR_OK)
		session->broken = true;
	return result;
}

extmgr_result extmgr__session_execute(struct extmgr__session *session, const char *sql,
				      size_t length, const extmgr_values *arguments,
				      int64_t *affected_out, extmgr_error **error)
{
	const extmgr_database *database = session->database;
	struct extmgr_host_error said = {0};
	int64_t affected = -1;
	extmgr_result result;

	if (affected_out)
		*affected_out = -1;
	result = enter(session, error);
	if (result != EXTMGR_OK)
		return result;
	result = database->callbacks.execute(database->user_data, session->handle, sql, length,
					     arguments, &affected, &said);
	result = leave(session, &said, result, NULL, error);
	if (result == EXTMGR_OK && affected_out && affected >= 0)
		*affected_out = affected;
	return explain(session, result, error);
}

extmgr_result extmgr__session_query(struct extmgr__session *session, const char *sql, size_t length,
				    const extmgr_values *arguments, extmgr_rows **rows_out,
				    extmgr_error **error)
{
	const struct extmgr__limits *limits = extmgr__context_limits(session->context);
	const extmgr_database *database = session->database;
	struct extmgr_host_error said = {0};
	extmgr_rows *rows;
	extmgr_result result;

	*rows_out = NULL;
	rows = extmgr__rows_new(limits->result_rows, limits->result_bytes);
	if (!rows)
		return extmgr__error_no_memory(error);
	result = enter(session, error);
	if (result != EXTMGR_OK)
		goto out;
	result = database->callbacks.query(database->user_data, session->handle, sql, length,
					   arguments, rows, &said);
	result = leave(session, &said, result, NULL, error);
	/* What went wrong with the rows first is the reason, whatever the host made of it. */
	if (result == EXTMGR_OK ||
	    (result != EXTMGR_E_CONNECTION && extmgr__rows_failure(rows) != EXTMGR_OK))
		result = extmgr__rows_finish(rows, error);
	result = explain(session, result, error);
out:
	if (result == EXTMGR_OK)
		*rows_out = rows;
	else
		extmgr__rows_free(rows);
	return result;
}

void extmgr__session_shield(struct extmgr__session *session)
{
	session->operation = NULL;
}

void extmgr__session_never_interrupt(struct extmgr__session *session)
{
	session->never_interrupted = true;
}

bool extmgr__session_is_broken(const struct extmgr__session *session)
{
	return session->broken;
}

void extmgr__session_close(struct extmgr__session *session)
{
	const extmgr_database *database;

	if (!session)
		return;
	database = session->database;
	/* A rollback that fails breaks the session, which tells the host all there is to tell. */
	(void)extmgr__session_rollback(session, NULL);
	database->callbacks.close(database->user_data, session->handle, session->broken);
	session_free(session);
}
