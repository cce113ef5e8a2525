/* SPDX-License-Identifier: MIT */
#include "manager/caller.h"

#include "base/alloc.h"

#include <string.h>

extmgr_result extmgr__caller_refused(extmgr_result result, extmgr_error **error)
{
	if (result != EXTMGR_E_STATEMENT)
		return result;
	extmgr__error_wrap(error, EXTMGR_E_CALLER_TRANSACTION,
			   "the caller's transaction is not open, or has failed");
	extmgr__error_hint(error, "begin it before the call, on the session that open() hands over");
	return EXTMGR_E_CALLER_TRANSACTION;
}

/* ---- SQLite ---- */

static extmgr_result read_foreign_keys(struct extmgr__session *session, int64_t *value,
				       extmgr_error **error)
{
	static const char sql[] = "PRAGMA foreign_keys";
	extmgr_rows *rows = NULL;
	extmgr_result result;

	result = extmgr__session_query(session, sql, strlen(sql), NULL, &rows, error);
	/* Built without foreign keys it answers nothing: then nothing can be told. */
	*value = -1;
	if (result == EXTMGR_OK && extmgr__rows_count(rows))
		*value = extmgr__rows_cell(rows, 0, 0).integer;
	extmgr__rows_free(rows);
	return result;
}

static extmgr_result write_foreign_keys(struct extmgr__session *session, bool on,
					extmgr_error **error)
{
	const char *sql = on ? "PRAGMA foreign_keys = 1" : "PRAGMA foreign_keys = 0";

	return extmgr__session_execute(session, sql, strlen(sql), NULL, NULL, error);
}

/*
 * SQLite tells no statement whether a transaction is open, but within one this setting cannot be
 * changed. BEGIN would tell, too, but by failing, after which a session may be good for nothing.
 */
static extmgr_result check_sqlite(struct extmgr__session *session, extmgr_error **error)
{
	int64_t before;
	int64_t after;
	extmgr_result result = read_foreign_keys(session, &before, error);

	if (result != EXTMGR_OK || before < 0)
		return result;
	result = write_foreign_keys(session, !before, error);
	if (result == EXTMGR_OK)
		result = read_foreign_keys(session, &after, error);
	if (result != EXTMGR_OK || after == before)
		return result;
	result = write_foreign_keys(session, before, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__error_set(error, EXTMGR_E_STATEMENT, "no transaction is open");
	return extmgr__caller_refused(EXTMGR_E_STATEMENT, error);
}

extmgr_result extmgr__caller_check(struct extmgr__session *session, enum extmgr__dialect dialect,
				   extmgr_error **error)
{
	return dialect == EXTMGR__DIALECT_SQLITE ? check_sqlite(session, error) : EXTMGR_OK;
}

/* ---- PostgreSQL ---- */

char *extmgr__caller_lock_timeout(struct extmgr__session *session, extmgr_error **error)
{
	static const char sql[] = "SELECT pg_catalog.current_setting('lock_timeout')";
	extmgr_rows *rows = NULL;
	char *value = NULL;

	if (extmgr__session_query(session, sql, strlen(sql), NULL, &rows, error) != EXTMGR_OK)
		return NULL;
	if (extmgr__rows_count(rows) &&
	    extmgr__rows_cell(rows, 0, 0).type == EXTMGR_VALUE_TEXT) {
		value = extmgr__strdup(extmgr__rows_cell(rows, 0, 0).text);
		if (!value)
			extmgr__error_no_memory(error);
	} else {
		extmgr__error_set(error, EXTMGR_E_HOST, "the database has no lock_timeout");
	}
	extmgr__rows_free(rows);
	return value;
}

extmgr_result extmgr__caller_set_lock_timeout(struct extmgr__session *session, const char *value,
					      extmgr_error **error)
{
	static const char sql[] = "SELECT pg_catalog.set_config('lock_timeout', ?, true)";
	extmgr_values *arguments = extmgr__values_new();
	extmgr_rows *rows = NULL;
	extmgr_result result;

	if (arguments && extmgr__values_add_text(arguments, value, strlen(value)) == EXTMGR_OK)
		result = extmgr__session_query(session, sql, strlen(sql), arguments, &rows, error);
	else
		result = extmgr__error_no_memory(error);
	extmgr__rows_free(rows);
	extmgr__values_free(arguments);
	return result;
}
