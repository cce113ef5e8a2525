/* SPDX-License-Identifier: MIT */
/*
 * Sessions: connecting, transactions, interrupt.
 *
 * SQLite and PostgreSQL are kept in the driver's autocommit mode and get BEGIN, COMMIT and ROLLBACK
 * as statements: only so can SQLite take its write lock at once, and only so is a transaction never
 * begun anew behind our back. Other databases use ODBC's own transactions.
 */
#include "odbc.h"

#include <extmgr/context.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <strings.h>

#define DEFAULT_CONNECT_MS 30000u
/* How soon a cancel is heard while others connect. */
#define PIECE_MS        100
#define DEFAULT_BUSY_MS 5000u /* SQLite: how long to wait for a lock */

static bool uses_statements(const struct extmgr__odbc_session *session)
{
	return session->database->dialect != EXTMGR__ODBC_OTHER;
}

static void put_setting(struct extmgr__drivers_text *text, const char *key, const char *value)
{
	extmgr__drivers_puts(text, key);
	extmgr__drivers_puts(text, "=");
	extmgr__drivers_puts(text, value);
	extmgr__drivers_puts(text, ";");
}

/* psqlODBC reads a password as a part of a URL: '%' and '+' would not stay themselves. */
static void put_encoded(struct extmgr__drivers_text *text, const char *key, const char *value)
{
	extmgr__drivers_puts(text, key);
	extmgr__drivers_puts(text, "=");
	for (; *value; value++) {
		const char byte[] = {*value, '\0'};

		extmgr__drivers_puts(text, *value == '%' ? "%25" : *value == '+' ? "%2B" : byte);
	}
	extmgr__drivers_puts(text, ";");
}

static bool is_password(const char *key)
{
	return strcasecmp(key, "PWD") == 0 || strcasecmp(key, "Password") == 0;
}

/* What the library needs of a driver goes in unless the host decided otherwise. */
static void put_default(struct extmgr__drivers_text *text,
			const struct extmgr__odbc_database *database, const char *key,
			const char *value)
{
	if (!extmgr__odbc_settings_get(&database->settings, key))
		put_setting(text, key, value);
}

static void put_number(struct extmgr__drivers_text *text,
		       const struct extmgr__odbc_database *database, const char *key,
		       uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	put_default(text, database, key, digits);
}

static void build_connection_string(const struct extmgr__odbc_database *database,
				    uint64_t remaining_ms, struct extmgr__drivers_text *text)
{
	const struct extmgr__odbc_settings *settings = &database->settings;
	uint64_t busy_ms = remaining_ms < DEFAULT_BUSY_MS ? remaining_ms : DEFAULT_BUSY_MS;

	for (size_t i = 0; i < settings->count; i++) {
		if (strcasecmp(settings->keys[i], "Dialect") == 0)
			continue;
		if (database->dialect == EXTMGR__ODBC_POSTGRESQL && is_password(settings->keys[i]))
			put_encoded(text, settings->keys[i], settings->values[i]);
		else
			put_setting(text, settings->keys[i], settings->values[i]);
	}
	if (database->dialect == EXTMGR__ODBC_SQLITE) {
		put_default(text, database, "FKSupport", "1");
		put_number(text, database, "Timeout", busy_ms);
	}
	if (database->dialect == EXTMGR__ODBC_POSTGRESQL) {
		/* 7.4-1 would roll back and begin anew after an error, 7.4-2 hide it in a
		 * savepoint. */
		put_default(text, database, "Protocol", "7.4-0");
		put_default(text, database, "BoolsAsChar", "0");
		put_default(text, database, "UseServerSidePrepare", "1");
		put_default(text, database, "UseDeclareFetch", "0");
		put_default(text, database, "LFConversion", "0");
	}
}

/* The folder of an SQLite file that cannot be opened is the usual reason. */
static extmgr_result explain_sqlite(const struct extmgr__odbc_database *database,
				    extmgr_host_error *error)
{
	const char *path = extmgr__odbc_settings_get(&database->settings, "Database");
	struct extmgr__drivers_text text = {0};

	extmgr__drivers_puts(&text, "the database file '");
	extmgr__drivers_puts(&text, path ? path : "");
	extmgr__drivers_puts(&text,
			     "' cannot be opened: its directory must be there, and both must "
			     "be readable and writable");
	if (text.failed) {
		extmgr__drivers_text_free(&text);
		return EXTMGR_E_NO_MEMORY;
	}
	extmgr_host_error_set(error, SQL_ERROR, NULL, text.data, text.length);
	extmgr__drivers_text_free(&text);
	return EXTMGR_E_CONNECTION;
}

static extmgr_result diagnose_connect(const struct extmgr__odbc_session *session,
				      extmgr_host_error *error)
{
	extmgr_result code = extmgr__odbc_diagnose(session->database->dialect, SQL_HANDLE_DBC,
						   session->connection, error);

	if (code == EXTMGR_E_UNSUPPORTED || code == EXTMGR_E_AUTHENTICATION ||
	    code == EXTMGR_E_NO_MEMORY || code == EXTMGR_E_LOCKED)
		return code;
	if (session->database->dialect == EXTMGR__ODBC_SQLITE)
		return explain_sqlite(session->database, error);
	return EXTMGR_E_CONNECTION;
}

/*
 * psqlODBC asks setlocale() for the encoding at each connect, and reads the answer while the same
 * call of another thread frees it. So these connects go one by one, unless PGCLIENTENCODING spares
 * them the question.
 */
static pthread_mutex_t one_connects = PTHREAD_MUTEX_INITIALIZER;

static bool connects_alone(const struct extmgr__odbc_session *session)
{
	return session->database->dialect == EXTMGR__ODBC_POSTGRESQL && !getenv("PGCLIENTENCODING");
}

/* False: the operation is over, or as much time as a connect may take. */
static bool wait_for_others(extmgr_operation *operation, uint64_t wait_ms)
{
	for (uint64_t waited_ms = 0; waited_ms < wait_ms; waited_ms += PIECE_MS) {
		struct timespec until;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += PIECE_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (pthread_mutex_timedlock(&one_connects, &until) == 0)
			return true;
		if (extmgr_operation_get_remaining_ms(operation) == 0)
			return false;
	}
	return false;
}

static extmgr_result others_take_too_long(extmgr_operation *operation, extmgr_host_error *error)
{
	if (extmgr_operation_is_cancelled(operation))
		return EXTMGR_E_CANCELLED;
	if (extmgr_operation_get_remaining_ms(operation) == 0)
		return EXTMGR_E_TIMEOUT;
	return extmgr__odbc_fail(error, EXTMGR_E_CONNECTION,
				 "other connections to PostgreSQL are being made, one after the "
				 "other; with PGCLIENTENCODING=UTF8 in the environment of the "
				 "process they would not wait for each other");
}

static extmgr_result drive_connect(struct extmgr__odbc_session *session,
				   extmgr_operation *operation, uint64_t wait_ms,
				   const struct extmgr__drivers_text *text,
				   extmgr_host_error *error)
{
	bool alone = connects_alone(session);
	SQLRETURN answer;

	if (alone && !wait_for_others(operation, wait_ms))
		return others_take_too_long(operation, error);
	answer = SQLDriverConnect(session->connection, NULL, (SQLCHAR *)text->data,
				  (SQLSMALLINT)text->length, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
	if (alone)
		(void)pthread_mutex_unlock(&one_connects);
	return SQL_SUCCEEDED(answer) ? EXTMGR_OK : diagnose_connect(session, error);
}

static extmgr_result connect_session(struct extmgr__odbc_session *session,
				     extmgr_operation *operation, uint64_t remaining_ms,
				     extmgr_host_error *error)
{
	struct extmgr__drivers_text text = {0};
	extmgr_result result = EXTMGR_OK;
	uint64_t limit_ms = session->database->settings.connect_timeout_ms;
	uint64_t wait_ms = limit_ms != 0 ? limit_ms : DEFAULT_CONNECT_MS;
	SQLULEN seconds;

	if (remaining_ms < wait_ms)
		wait_ms = remaining_ms;
	seconds = (SQLULEN)((wait_ms + 999) / 1000);

	build_connection_string(session->database, remaining_ms, &text);
	if (text.failed || text.length > INT16_MAX) {
		result = text.failed ? EXTMGR_E_NO_MEMORY
				     : extmgr__odbc_fail(error, EXTMGR_E_CONNECTION,
							 "the connection settings are too long");
		goto out;
	}
	SQLSetConnectAttr(session->connection, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)seconds,
			  SQL_IS_UINTEGER);
	result = drive_connect(session, operation, wait_ms, &text, error);
	if (result != EXTMGR_OK)
		goto out;
	session->connected = true;
	if (!uses_statements(session) &&
	    !SQL_SUCCEEDED(SQLSetConnectAttr(session->connection, SQL_ATTR_AUTOCOMMIT,
					     (SQLPOINTER)(SQLULEN)SQL_AUTOCOMMIT_OFF,
					     SQL_IS_UINTEGER)))
		result = extmgr__odbc_fail(error, EXTMGR_E_UNSUPPORTED,
					   "the ODBC driver has no transactions");
	if (session->database->dialect == EXTMGR__ODBC_SQLITE &&
	    !SQL_SUCCEEDED(
		    SQLAllocHandle(SQL_HANDLE_STMT, session->connection, &session->canceller)))
		result = EXTMGR_E_NO_MEMORY;
out:
	extmgr__drivers_text_free(&text);
	return result;
}

static extmgr_result make_session(struct extmgr__odbc_database *database,
				  struct extmgr__odbc_session **session_out)
{
	struct extmgr__odbc_session *session = calloc(1, sizeof(*session));

	if (!session)
		return EXTMGR_E_NO_MEMORY;
	session->database = database;
	if (pthread_mutex_init(&session->mutex, NULL) != 0) {
		free(session);
		return EXTMGR_E_NO_MEMORY;
	}
	*session_out = session;
	return EXTMGR_OK;
}

/*
 * libsqliteodbc loads unixODBC's installer for each connection and unloads it with the last one,
 * which takes longer than all the rest. Held here, that is counting; where it is not, nobody loads
 * it either.
 */
static void hold_installer(void)
{
	(void)dlopen("libodbcinst.so.2", RTLD_LAZY | RTLD_LOCAL);
}

extmgr_result extmgr__odbc_session_open(void *user_data, extmgr_operation *operation,
					void **session_out, extmgr_host_error *error)
{
	static pthread_once_t installer_once = PTHREAD_ONCE_INIT;
	uint64_t remaining_ms = extmgr_operation_get_remaining_ms(operation);
	struct extmgr__odbc_session *session;
	extmgr_result result;

	(void)pthread_once(&installer_once, hold_installer);
	if (remaining_ms == 0)
		return extmgr_operation_is_cancelled(operation) ? EXTMGR_E_CANCELLED
								: EXTMGR_E_TIMEOUT;
	result = make_session(user_data, &session);
	if (result != EXTMGR_OK)
		return result;
	if (!SQL_SUCCEEDED(
		    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &session->environment)) ||
	    !SQL_SUCCEEDED(SQLSetEnvAttr(session->environment, SQL_ATTR_ODBC_VERSION,
					 (SQLPOINTER)SQL_OV_ODBC3, 0)) ||
	    !SQL_SUCCEEDED(
		    SQLAllocHandle(SQL_HANDLE_DBC, session->environment, &session->connection)))
		result = extmgr__odbc_fail(error, EXTMGR_E_NO_MEMORY, "no ODBC handle to be had");
	else
		result = connect_session(session, operation, remaining_ms, error);
	if (result != EXTMGR_OK) {
		extmgr__odbc_session_close(user_data, session, 1);
		return result;
	}
	*session_out = session;
	return EXTMGR_OK;
}

void extmgr__odbc_session_close(void *user_data, void *handle, int32_t broken)
{
	struct extmgr__odbc_session *session = handle;

	(void)user_data;
	(void)broken;
	if (!session)
		return;
	if (session->canceller)
		SQLFreeHandle(SQL_HANDLE_STMT, session->canceller);
	if (session->connected) {
		if (!uses_statements(session))
			SQLEndTran(SQL_HANDLE_DBC, session->connection, SQL_ROLLBACK);
		SQLDisconnect(session->connection);
	}
	if (session->connection)
		SQLFreeHandle(SQL_HANDLE_DBC, session->connection);
	if (session->environment)
		SQLFreeHandle(SQL_HANDLE_ENV, session->environment);
	pthread_mutex_destroy(&session->mutex);
	free(session);
}

/* One session at a time: a connection is used by one thread. */
extmgr_result extmgr__odbc_session_attach(void *user_data, extmgr_operation *operation,
					  void **session_out, extmgr_host_error *error)
{
	struct extmgr__odbc_database *database = user_data;
	struct extmgr__odbc_session *session;
	extmgr_result result;

	(void)operation;
	if (atomic_exchange(&database->callers_in_use, true))
		return extmgr__odbc_fail(error, EXTMGR_E_LOCKED,
					 "the caller's connection is in use by another operation");
	result = make_session(database, &session);
	if (result != EXTMGR_OK) {
		atomic_store(&database->callers_in_use, false);
		return result;
	}
	session->connection = database->callers;
	*session_out = session;
	return EXTMGR_OK;
}

void extmgr__odbc_session_detach(void *user_data, void *handle, int32_t broken)
{
	struct extmgr__odbc_database *database = user_data;
	struct extmgr__odbc_session *session = handle;

	(void)broken;
	pthread_mutex_destroy(&session->mutex);
	free(session);
	atomic_store(&database->callers_in_use, false);
}

extmgr_result extmgr__odbc_session_begin(void *user_data, void *handle, uint32_t flags,
					 extmgr_host_error *error)
{
	struct extmgr__odbc_session *session = handle;
	bool immediate = session->database->dialect == EXTMGR__ODBC_SQLITE &&
			 (flags & EXTMGR_BEGIN_WRITE) != 0;

	(void)user_data;
	if (session->database->callers)
		return extmgr__odbc_fail(
			error, EXTMGR_E_UNSUPPORTED,
			"the caller's connection is used in the caller's transaction "
			"only (EXTMGR_TRANSACTION_CALLER)");
	session->failed = false;
	if (!uses_statements(session))
		return EXTMGR_OK;
	return extmgr__odbc_command(session, immediate ? "BEGIN IMMEDIATE" : "BEGIN", NULL, error);
}

static extmgr_result end_transaction(struct extmgr__odbc_session *session, SQLSMALLINT how,
				     extmgr_host_error *error)
{
	if (SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, session->connection, how)))
		return EXTMGR_OK;
	return extmgr__odbc_diagnose(session->database->dialect, SQL_HANDLE_DBC,
				     session->connection, error);
}

extmgr_result extmgr__odbc_session_commit(void *user_data, void *handle, extmgr_host_error *error)
{
	struct extmgr__odbc_session *session = handle;
	char sqlstate[6] = "";
	extmgr_result result;

	(void)user_data;
	/* PostgreSQL would answer such a COMMIT with ROLLBACK and call it a success; SQLite would
	 * keep what came before the failure. */
	if (session->failed)
		return extmgr__odbc_fail(error, EXTMGR_E_STATEMENT,
					 "a statement of the transaction has failed: it cannot be "
					 "committed, only rolled back");
	if (!uses_statements(session))
		return end_transaction(session, SQL_COMMIT, error);
	result = extmgr__odbc_command(session, "COMMIT", sqlstate, error);
	if (result == EXTMGR_OK && strcmp(sqlstate, "25P01") == 0)
		return extmgr__odbc_fail(error, EXTMGR_E_STATEMENT,
					 "there was no transaction to commit");
	return result;
}

/* SQLite rolls back on its own after some errors, and then has nothing to roll back: a transaction
 * that can be begun proves it. */
static extmgr_result prove_no_transaction(struct extmgr__odbc_session *session)
{
	if (extmgr__odbc_command(session, "BEGIN", NULL, NULL) != EXTMGR_OK)
		return EXTMGR_E_STATEMENT;
	return extmgr__odbc_command(session, "ROLLBACK", NULL, NULL);
}

extmgr_result extmgr__odbc_session_rollback(void *user_data, void *handle, extmgr_host_error *error)
{
	struct extmgr__odbc_session *session = handle;
	bool had_failed = session->failed;
	extmgr_result result;

	(void)user_data;
	session->failed = false;
	if (!uses_statements(session))
		return end_transaction(session, SQL_ROLLBACK, error);
	result = extmgr__odbc_command(session, "ROLLBACK", NULL, error);
	if (result == EXTMGR_E_STATEMENT && had_failed &&
	    session->database->dialect == EXTMGR__ODBC_SQLITE)
		return prove_no_transaction(session);
	return result;
}

/* A cancel that comes just before the driver starts the statement is lost: the library repeats. */
void extmgr__odbc_session_interrupt(void *user_data, void *handle)
{
	struct extmgr__odbc_session *session = handle;

	(void)user_data;
	pthread_mutex_lock(&session->mutex);
	if (session->running) {
		session->was_interrupted = true;
		/* libsqliteodbc interrupts the connection, then frees what the handle holds: with
		 * the handle that runs in another thread that would be a race. */
		SQLCancel(session->canceller ? session->canceller : session->running);
	}
	pthread_mutex_unlock(&session->mutex);
}
