/* SPDX-License-Identifier: MIT */
#include "fault_database.h"

#include "host/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATE_MS 3600000u

struct fault_database {
	extmgr_context *context;
	extmgr_database *inner;
	struct fault *fault;
};

struct fault_session {
	struct extmgr__session *inner;
};

void fault_arm(struct fault *fault, enum fault_kind kind, int at)
{
	*fault = (struct fault){.kind = kind,
				.at = at,
				.passed_ms = fault->passed_ms,
				.open_sessions = fault->open_sessions,
				.pool_of_one = fault->pool_of_one};
}

/* Whether this call is the one. */
static bool is_due(struct fault *fault)
{
	if (++fault->calls != fault->at)
		return false;
	fault->fired = true;
	return true;
}

static extmgr_result say(extmgr_host_error *error, extmgr_result result, const char *text)
{
	extmgr_host_error_set(error, 4711, NULL, text, strlen(text));
	return result;
}

/* Hands the inner failure on as a host would. */
static extmgr_result pass_on(extmgr_result result, extmgr_error **inner, extmgr_host_error *error)
{
	extmgr_text *text = NULL;

	if (result != EXTMGR_OK && extmgr_error_copy_text(*inner, &text) == EXTMGR_OK)
		extmgr_host_error_set(error, extmgr_error_get_host_code(*inner),
				      extmgr_error_get_sqlstate(*inner), extmgr_text_get_data(text),
				      extmgr_text_get_length(text));
	extmgr_text_free(text);
	extmgr_error_free(*inner);
	return result;
}

/* What a driver with a hidden COMMIT would do: the transaction goes on in a new one. */
static extmgr_result commit_behind(struct fault_session *session, extmgr_error **inner)
{
	extmgr_result result = extmgr__session_commit(session->inner, inner);

	if (result == EXTMGR_OK)
		result = extmgr__session_begin(session->inner, EXTMGR_BEGIN_WRITE, inner);
	return result;
}

static extmgr_result due_before(const struct fault *fault, extmgr_host_error *error)
{
	return fault->kind == FAULT_REFUSED
		       ? say(error, EXTMGR_E_STATEMENT, "injected: refused")
		       : say(error, EXTMGR_E_CONNECTION, "injected: connection lost");
}

static extmgr_result fault_open(void *user_data, extmgr_operation *operation, void **session_out,
				extmgr_host_error *error)
{
	struct fault_database *database = user_data;
	struct fault_session *session;
	extmgr_error *inner = NULL;
	extmgr_result result;

	(void)operation;
	if (is_due(database->fault)) {
		if (database->fault->kind != FAULT_LATE)
			return say(error, EXTMGR_E_CONNECTION, "injected: no connection");
		database->fault->passed_ms += LATE_MS;
	}
	if (database->fault->pool_of_one && database->fault->open_sessions > 0)
		return say(error, EXTMGR_E_CONNECTION, "injected: the pool is empty");
	session = calloc(1, sizeof(*session));
	if (!session)
		return EXTMGR_E_NO_MEMORY;
	result = extmgr__session_open(database->context, database->inner, NULL, &session->inner,
				      &inner);
	if (result != EXTMGR_OK) {
		free(session);
		return pass_on(result, &inner, error);
	}
	database->fault->open_sessions++;
	*session_out = session;
	return EXTMGR_OK;
}

static void fault_close(void *user_data, void *opened, int32_t broken)
{
	struct fault_database *database = user_data;
	struct fault_session *session = opened;

	(void)broken;
	database->fault->open_sessions--;
	extmgr__session_close(session->inner);
	free(session);
}

/* One call of the inner session, with the fault around it. */
#define WITH_FAULT(commit, call)                                                                   \
	do {                                                                                       \
		struct fault *fault = ((struct fault_database *)user_data)->fault;                 \
		struct fault_session *session = opened;                                            \
		extmgr_error *inner = NULL;                                                        \
		bool due = is_due(fault);                                                          \
		extmgr_result result;                                                              \
                                                                                                   \
		if (due)                                                                           \
			fault->was_commit = commit;                                                \
		if (due && fault->kind < FAULT_CUT_AFTER)                                          \
			return due_before(fault, error);                                           \
		result = pass_on(call, &inner, error);                                             \
		if (due && result == EXTMGR_OK && fault->kind == FAULT_COMMIT_BEHIND)              \
			return pass_on(commit_behind(session, &inner), &inner, error);             \
		if (due && fault->kind == FAULT_LATE) {                                            \
			fault->passed_ms += LATE_MS;                                               \
			return result;                                                             \
		}                                                                                  \
		if (due && result == EXTMGR_OK)                                                    \
			return say(error, EXTMGR_E_CONNECTION, "injected: answer lost");           \
		return result;                                                                     \
	} while (0)

static extmgr_result fault_begin(void *user_data, void *opened, uint32_t flags,
				 extmgr_host_error *error)
{
	WITH_FAULT(false, extmgr__session_begin(session->inner, flags, &inner));
}

static extmgr_result fault_commit(void *user_data, void *opened, extmgr_host_error *error)
{
	WITH_FAULT(true, extmgr__session_commit(session->inner, &inner));
}

static extmgr_result fault_rollback(void *user_data, void *opened, extmgr_host_error *error)
{
	WITH_FAULT(false, extmgr__session_rollback(session->inner, &inner));
}

static extmgr_result fault_execute(void *user_data, void *opened, const char *sql, size_t length,
				   const extmgr_values *arguments, int64_t *affected_out,
				   extmgr_host_error *error)
{
	WITH_FAULT(false, extmgr__session_execute(session->inner, sql, length, arguments,
						  affected_out, &inner));
}

static extmgr_result copy_rows(const extmgr_rows *from, extmgr_rows *to)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t c = 0; c < extmgr__rows_column_count(from) && result == EXTMGR_OK; c++)
		result = extmgr_rows_add_column(to, extmgr__rows_column_name(from, c),
						extmgr__rows_column_type(from, c));
	for (size_t r = 0; r < extmgr__rows_count(from); r++) {
		for (size_t c = 0; c < extmgr__rows_column_count(from); c++) {
			struct extmgr__cell cell = extmgr__rows_cell(from, r, c);

			if (result != EXTMGR_OK)
				return result;
			if (cell.type == EXTMGR_VALUE_NULL)
				result = extmgr_rows_append_null(to);
			else if (cell.type == EXTMGR_VALUE_BOOLEAN)
				result = extmgr_rows_append_boolean(to, cell.integer != 0);
			else if (cell.type == EXTMGR_VALUE_INTEGER)
				result = extmgr_rows_append_integer(to, cell.integer);
			else if (cell.type == EXTMGR_VALUE_NUMBER)
				result = extmgr_rows_append_number(to, cell.number);
			else
				result = extmgr_rows_append_text(to, cell.text, cell.length);
		}
	}
	return result;
}

static extmgr_result query_inner(struct fault_session *session, const char *sql, size_t length,
				 const extmgr_values *arguments, extmgr_rows *rows,
				 extmgr_error **inner)
{
	extmgr_rows *read = NULL;
	extmgr_result result;

	result = extmgr__session_query(session->inner, sql, length, arguments, &read, inner);
	if (result == EXTMGR_OK)
		result = copy_rows(read, rows);
	extmgr__rows_free(read);
	return result;
}

static extmgr_result fault_query(void *user_data, void *opened, const char *sql, size_t length,
				 const extmgr_values *arguments, extmgr_rows *rows,
				 extmgr_host_error *error)
{
	WITH_FAULT(false, query_inner(session, sql, length, arguments, rows, &inner));
}

extmgr_database *fault_database_new(extmgr_context *context, extmgr_database *inner,
				    struct fault *fault)
{
	struct fault_database *made = calloc(1, sizeof(*made));
	extmgr_database_callbacks callbacks;
	extmgr_database *database = NULL;

	if (!made)
		return NULL;
	*made = (struct fault_database){context, inner, fault};
	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.capabilities = extmgr__database_capabilities(inner);
	callbacks.dialect = extmgr_database_get_dialect(inner);
	callbacks.open = fault_open;
	callbacks.close = fault_close;
	callbacks.begin = fault_begin;
	callbacks.commit = fault_commit;
	callbacks.rollback = fault_rollback;
	callbacks.execute = fault_execute;
	callbacks.query = fault_query;
	callbacks.destroy = free;
	if (extmgr_database_new(&callbacks, made, &database, NULL) != EXTMGR_OK) {
		free(made);
		return NULL;
	}
	return database;
}
