/* SPDX-License-Identifier: MIT */
/* Sessions on the catalog: transactions that wait for a lock so long and no longer. */
#include "catalog/catalog.h"

#include "base/alloc.h"
#include "catalog/catalog_internal.h"
#include "host/database.h"
#include "host/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SQL_MAXIMUM ((size_t)16 << 10)
/* For how long a cancel may go unheard. */
#define WAIT_PIECE_MS ((uint64_t)250)
/* SQLite drivers may answer at once that the file is locked: then it is tried again after this. */
#define AGAIN_FIRST_MS 5
#define AGAIN_LAST_MS  100
#define NS_PER_MS      UINT64_C(1000000)

struct extmgr__catalog_session {
	extmgr_catalog *catalog;
	extmgr_operation *operation; /* may be NULL; the caller's */
	struct extmgr__session *session;
	bool has_busy_timeout; /* SQLite: busy_timeout_ms is what we found, and set back */
	int64_t busy_timeout_ms;
	int64_t busy_timeout_now_ms;
};

extmgr_result extmgr__catalog_connect(extmgr_catalog *catalog, extmgr_operation *operation,
				      struct extmgr__catalog_session **session_out,
				      extmgr_error **error)
{
	struct extmgr__catalog_session *session = calloc(1, sizeof(*session));
	extmgr_result result;

	*session_out = NULL;
	if (!session)
		return extmgr__error_no_memory(error);
	result = extmgr__session_open(extmgr__catalog_context(catalog),
				      extmgr__catalog_database(catalog), operation,
				      &session->session, error);
	if (result != EXTMGR_OK) {
		free(session);
		return result;
	}
	session->catalog = extmgr__catalog_ref(catalog);
	session->operation = operation;
	*session_out = session;
	return EXTMGR_OK;
}

const extmgr_catalog *extmgr__catalog_of(const struct extmgr__catalog_session *session)
{
	return session->catalog;
}

extmgr_operation *extmgr__catalog_operation(const struct extmgr__catalog_session *session)
{
	return session->operation;
}

bool extmgr__catalog_is_broken(const struct extmgr__catalog_session *session)
{
	return extmgr__session_is_broken(session->session);
}

/* ---- Statements ---- */

void extmgr__catalog_put_sql(struct extmgr__buffer *buffer, const char *sql, const char *prefix)
{
	for (const char *at; (at = strchr(sql, '@')); sql = at + 1) {
		extmgr__buffer_append(buffer, sql, (size_t)(at - sql));
		extmgr__buffer_puts(buffer, prefix);
	}
	extmgr__buffer_puts(buffer, sql);
}

static extmgr_result make_values(const struct extmgr__sql_argument *arguments, size_t count,
				 extmgr_values **values_out)
{
	extmgr_values *values = extmgr__values_new();
	extmgr_result result = values ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;

	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		const struct extmgr__sql_argument *argument = &arguments[i];

		result = argument->text
				 ? extmgr__values_add_text(values, argument->text, argument->length)
				 : extmgr__values_add_integer(values, argument->number);
	}
	*values_out = values;
	return result;
}

/* rows_out NULL: execute. */
static extmgr_result run(struct extmgr__catalog_session *session, const char *sql,
			 const struct extmgr__sql_argument *arguments, size_t count,
			 int64_t *affected_out, extmgr_rows **rows_out, extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_values *values = NULL;
	extmgr_result result;

	extmgr__catalog_put_sql(&text, sql, extmgr__catalog_prefix(session->catalog));
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK)
		result = make_values(arguments, count, &values);
	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "a statement of the catalog");
	else if (rows_out)
		result = extmgr__session_query(session->session, extmgr__buffer_get(&text),
					       text.length, values, rows_out, error);
	else
		result = extmgr__session_execute(session->session, extmgr__buffer_get(&text),
						 text.length, values, affected_out, error);
	extmgr__values_free(values);
	extmgr__buffer_free(&text);
	return result;
}

extmgr_result extmgr__catalog_execute(struct extmgr__catalog_session *session, const char *sql,
				      const struct extmgr__sql_argument *arguments, size_t count,
				      int64_t *affected_out, extmgr_error **error)
{
	return run(session, sql, arguments, count, affected_out, NULL, error);
}

extmgr_result extmgr__catalog_query(struct extmgr__catalog_session *session, const char *sql,
				    const struct extmgr__sql_argument *arguments, size_t count,
				    extmgr_rows **rows_out, extmgr_error **error)
{
	return run(session, sql, arguments, count, NULL, rows_out, error);
}

const char *extmgr__row_text(const extmgr_rows *rows, size_t row, size_t column)
{
	const char *text = extmgr__rows_text(rows, row, column);

	return text ? text : "";
}

extmgr_result extmgr__catalog_now_ms(struct extmgr__catalog_session *session, int64_t *now_ms,
				     extmgr_error **error)
{
	const char *sql = extmgr__catalog_is_sqlite(session->catalog)
				  ? "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) "
				    "AS INTEGER)"
				  : "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS "
				    "bigint)";
	extmgr_rows *rows = NULL;
	extmgr_result result =
		extmgr__catalog_query(session, sql, EXTMGR__NO_ARGUMENTS, &rows, error);

	*now_ms = result == EXTMGR_OK ? extmgr__rows_integer(rows, 0, 0) : 0;
	extmgr__rows_free(rows);
	return result;
}

/* ---- Transactions ---- */

extmgr_result extmgr__catalog_begin_read(struct extmgr__catalog_session *session,
					 extmgr_error **error)
{
	extmgr_result result = extmgr__session_begin(session->session, 0, error);

	/* Several statements see the same catalog; SQLite's transactions are like that. */
	if (result == EXTMGR_OK && !extmgr__catalog_is_sqlite(session->catalog))
		result = extmgr__catalog_execute(
			session, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
			EXTMGR__NO_ARGUMENTS, NULL, error);
	return result;
}

void extmgr__catalog_rollback(struct extmgr__catalog_session *session)
{
	(void)extmgr__session_rollback(session->session, NULL);
}

static extmgr_result put_busy_timeout(struct extmgr__catalog_session *session, int64_t wait_ms,
				      extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	char sql[64];
	extmgr_result result;

	(void)snprintf(sql, sizeof(sql), "PRAGMA busy_timeout = %" PRId64, wait_ms);
	result = extmgr__catalog_query(session, sql, EXTMGR__NO_ARGUMENTS, &rows, error);
	extmgr__rows_free(rows);
	if (result == EXTMGR_OK)
		session->busy_timeout_now_ms = wait_ms;
	return result;
}

/* SQLite has no such setting of a transaction, only one of the connection. */
static extmgr_result set_busy_timeout(struct extmgr__catalog_session *session, int64_t wait_ms,
				      extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result;

	if (session->has_busy_timeout && session->busy_timeout_now_ms == wait_ms)
		return EXTMGR_OK;
	result = extmgr__session_begin(session->session, 0, error);
	if (result == EXTMGR_OK && !session->has_busy_timeout) {
		result = extmgr__catalog_query(session, "PRAGMA busy_timeout", EXTMGR__NO_ARGUMENTS,
					       &rows, error);
		if (result == EXTMGR_OK)
			session->busy_timeout_ms = extmgr__rows_integer(rows, 0, 0);
		extmgr__rows_free(rows);
		session->has_busy_timeout = result == EXTMGR_OK;
	}
	if (result == EXTMGR_OK)
		result = put_busy_timeout(session, wait_ms, error);
	(void)extmgr__session_rollback(session->session, NULL);
	return result;
}

/* PostgreSQL: for this transaction; the name tells others who holds a lock. */
static extmgr_result set_lock_timeout(struct extmgr__catalog_session *session, uint64_t wait_ms,
				      extmgr_error **error)
{
	const char *actor = extmgr__operation_actor(session->operation);
	char milliseconds[24];
	char name[64];
	extmgr_rows *rows = NULL;
	extmgr_result result;

	(void)snprintf(milliseconds, sizeof(milliseconds), "%" PRIu64, wait_ms ? wait_ms : 1);
	(void)snprintf(name, sizeof(name), "extmgr %.*s",
		       (int)extmgr__utf8_cut(actor, strlen(actor), 40), actor);
	result = extmgr__catalog_query(
		session,
		"SELECT set_config('lock_timeout', ?, true), "
		"set_config('application_name', ?, true)",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(milliseconds), EXTMGR__TEXT(name)), &rows, error);
	extmgr__rows_free(rows);
	return result;
}

/* Waits a little; nothing of the host is called. */
static void pause_ms(uint64_t milliseconds)
{
	struct timespec time = {.tv_nsec = (long)(milliseconds * NS_PER_MS)};

	(void)nanosleep(&time, NULL);
}

/* BEGIN IMMEDIATE until it succeeds: what waits in the driver is only a piece of our time. */
static extmgr_result begin_locked(struct extmgr__catalog_session *session, uint64_t wait_ms,
				  extmgr_error **error)
{
	uint64_t until = extmgr__monotonic_ns() + wait_ms * NS_PER_MS;
	uint64_t again_ms = AGAIN_FIRST_MS;

	for (;;) {
		extmgr_result result =
			extmgr__session_begin(session->session, EXTMGR_BEGIN_WRITE, error);

		if (result != EXTMGR_E_LOCKED || extmgr__monotonic_ns() >= until)
			return result;
		if (error) {
			extmgr_error_free(*error);
			*error = NULL;
		}
		pause_ms(again_ms);
		again_ms = again_ms * 2 < AGAIN_LAST_MS ? again_ms * 2 : AGAIN_LAST_MS;
	}
}

/*
 * In pieces, because SQLite hears no cancel while it waits for a lock. COMMIT, which waits for
 * readers, has all the time again.
 */
static extmgr_result begin_sqlite(struct extmgr__catalog_session *session, uint64_t wait_ms,
				  extmgr_error **error)
{
	uint64_t piece_ms = wait_ms < WAIT_PIECE_MS ? wait_ms : WAIT_PIECE_MS;
	extmgr_result result = set_busy_timeout(session, (int64_t)piece_ms, error);

	if (result == EXTMGR_OK)
		result = begin_locked(session, wait_ms, error);
	if (result != EXTMGR_OK || piece_ms == wait_ms)
		return result;
	result = put_busy_timeout(session, (int64_t)wait_ms, error);
	if (result != EXTMGR_OK)
		extmgr__catalog_rollback(session);
	return result;
}

extmgr_result extmgr__catalog_begin_write(struct extmgr__catalog_session *session, uint64_t wait_ms,
					  extmgr_error **error)
{
	extmgr_result result;

	if (extmgr__catalog_is_sqlite(session->catalog))
		return begin_sqlite(session, wait_ms, error);
	result = extmgr__session_begin(session->session, EXTMGR_BEGIN_WRITE, error);
	if (result == EXTMGR_OK)
		result = set_lock_timeout(session, wait_ms, error);
	if (result != EXTMGR_OK)
		extmgr__catalog_rollback(session);
	return result;
}

extmgr_result extmgr__catalog_commit(struct extmgr__catalog_session *session, extmgr_error **error)
{
	extmgr_error *refusal = NULL;
	extmgr_result result = extmgr__session_commit(session->session, &refusal);
	extmgr_result cause = extmgr_error_get_code(extmgr_error_get_cause(refusal));

	extmgr__error_move(error, &refusal);
	extmgr_error_free(refusal);
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	extmgr__catalog_rollback(session);
	/* SQLite: readers were in the way. Nothing was committed. */
	if (result == EXTMGR_E_COMMIT && cause == EXTMGR_E_LOCKED)
		return extmgr__error_wrap(error, EXTMGR_E_LOCKED, "the catalog is locked");
	return result;
}

void extmgr__catalog_disconnect(struct extmgr__catalog_session *session)
{
	if (!session)
		return;
	extmgr__session_shield(session->session);
	extmgr__catalog_rollback(session);
	if (session->has_busy_timeout && !extmgr__catalog_is_broken(session))
		(void)set_busy_timeout(session, session->busy_timeout_ms, NULL);
	extmgr__session_close(session->session);
	extmgr__catalog_unref(session->catalog);
	free(session);
}
