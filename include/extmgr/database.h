/* SPDX-License-Identifier: MIT */
/**
 * @file database.h
 * The database as a host hands it to the library: callbacks, sessions, values and rows.
 *
 * The contract of the callbacks:
 *  - A session is one connection, used by one thread at a time. An operation holds at most one
 *    session at a time, so a pool of one works.
 *  - Placeholders in SQL text are `?`; `??` is a literal `?`; strings, quoted names, comments and
 *    dollar-quoted text are left alone. extmgr_sql_rewrite_placeholders() does the translation.
 *  - begin() opens a transaction; with EXTMGR_BEGIN_WRITE a write will follow (SQLite: BEGIN
 *    IMMEDIATE). Outside begin() and commit() or rollback() nothing is executed.
 *  - With EXTMGR_TRANSACTION_CALLER (manager.h) open() hands over the session in which the caller
 *    has a transaction open; begin(), commit() and rollback() are never called then, and close()
 *    leaves the transaction as it is.
 *  - After a failed statement the library only ever calls rollback() and close(), or, with
 *    EXTMGR_DATABASE_SAVEPOINTS, goes back to a savepoint (ROLLBACK TO SAVEPOINT) and on.
 *  - close() with broken != 0 must not put the connection back into a pool.
 *  - A callback answers EXTMGR_OK, or one of EXTMGR_E_STATEMENT, EXTMGR_E_CONNECTION,
 *    EXTMGR_E_AUTHENTICATION, EXTMGR_E_LOCKED, EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT,
 *    EXTMGR_E_TOO_LARGE, EXTMGR_E_NO_MEMORY, EXTMGR_E_UNSUPPORTED, EXTMGR_E_HOST, and says why with
 *    extmgr_host_error_set(). Any other number is taken as EXTMGR_E_HOST. commit() answers
 *    EXTMGR_E_CONNECTION when the answer of the database was lost (the outcome is then unknown),
 *    and another of these codes only when the database said that nothing was committed; any other
 *    number leaves the outcome unknown, too.
 *  - Callbacks may call back into the library, but not use the session they were called with.
 *  - No exception, panic or longjmp may cross a callback.
 * extmgr_database_check() runs the contract as some 60 probes on a host's own callbacks.
 */
#ifndef EXTMGR_DATABASE_H
#define EXTMGR_DATABASE_H

#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A database: callbacks and what they need. Shared by threads; see extmgr_database_new(). */
typedef struct extmgr_database extmgr_database;
/** Where a failing callback says why; borrowed for the callback. */
typedef struct extmgr_host_error extmgr_host_error;
/** The arguments of a statement; borrowed for the callback, never changes. */
typedef struct extmgr_values extmgr_values;
/** Where a query callback puts columns and rows; borrowed for the callback. */
typedef struct extmgr_rows extmgr_rows;

/** The database rolls back DDL. */
#define EXTMGR_DATABASE_TRANSACTIONAL_DDL 1u
/** The database has SAVEPOINT, ROLLBACK TO SAVEPOINT and RELEASE SAVEPOINT. */
#define EXTMGR_DATABASE_SAVEPOINTS 2u

/** The transaction will write. */
#define EXTMGR_BEGIN_WRITE 1u

/** Types of values. @{ */
#define EXTMGR_VALUE_NULL    0
#define EXTMGR_VALUE_BOOLEAN 1 /**< extmgr_values_get_integer(): 0 or 1 */
#define EXTMGR_VALUE_INTEGER 2
#define EXTMGR_VALUE_NUMBER  3
#define EXTMGR_VALUE_TEXT    4
/** @} */

/** The callbacks of a database. Set by extmgr_database_callbacks_init(). */
typedef struct extmgr_database_callbacks {
	uint32_t struct_size;  /**< set by extmgr_database_callbacks_init() */
	uint32_t capabilities; /**< EXTMGR_DATABASE_... */
	/** "sqlite", "postgresql", "exasol" or another lower-case word; copied */
	const char *dialect;

	/** Takes a session, from a pool or new; operation may be NULL, or says how long to wait. */
	extmgr_result (*open)(void *user_data, extmgr_operation *operation, void **session_out,
			      extmgr_host_error *error);
	/** Gives a session back. */
	void (*close)(void *user_data, void *session, int32_t broken);
	/** Opens a transaction; flags: EXTMGR_BEGIN_... */
	extmgr_result (*begin)(void *user_data, void *session, uint32_t flags,
			       extmgr_host_error *error);
	/** Commits. */
	extmgr_result (*commit)(void *user_data, void *session, extmgr_host_error *error);
	/** Rolls back; also after a failed statement. */
	extmgr_result (*rollback)(void *user_data, void *session, extmgr_host_error *error);
	/** Runs a statement and drops its rows; affected_out: rows changed, -1 when unknown. */
	extmgr_result (*execute)(void *user_data, void *session, const char *sql, size_t sql_length,
				 const extmgr_values *arguments, int64_t *affected_out,
				 extmgr_host_error *error);
	/** Runs a statement and pushes columns and rows with extmgr_rows_...(). */
	extmgr_result (*query)(void *user_data, void *session, const char *sql, size_t sql_length,
			       const extmgr_values *arguments, extmgr_rows *rows,
			       extmgr_host_error *error);
	/** Optional: makes the statement that runs in session end early; called from another thread
	 *  (or from within a callback that cancels), perhaps more than once, only while begin,
	 *  execute or query of that session runs. */
	void (*interrupt)(void *user_data, void *session);
	/** Optional: called once when the last user of the database is gone. */
	void (*destroy)(void *user_data);
} extmgr_database_callbacks;

/**
 * Fills callbacks with NULL and 0.
 *
 * @param callbacks    [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_database_callbacks) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_database_callbacks_init(extmgr_database_callbacks *callbacks,
					       uint32_t struct_size);

/**
 * Makes a database from a host's callbacks.
 *
 * @param callbacks     copied; all but interrupt and destroy are required
 * @param user_data     handed to every callback; owned by the database (destroy) once the call
 *                      succeeded
 * @param database_out  [out] free with extmgr_database_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (a callback is missing, unknown capability, bad
 *         dialect), EXTMGR_E_NO_MEMORY
 * Threads: any thread. The database may be used by several threads at once, each with a session of
 *          its own.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_database_new(const extmgr_database_callbacks *callbacks, void *user_data,
		    extmgr_database **database_out, extmgr_error **error_out);

/**
 * Gives up a database. Managers made with it keep what they need.
 *
 * @param database  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_database_free(extmgr_database *database);

/**
 * The dialect of a database.
 *
 * @param database  may be NULL: then ""
 * @return borrowed until the database is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_database_get_dialect(const extmgr_database *database);

/**
 * Runs the contract above against callbacks, in tables named extmgr_check_... that are rolled back
 * or dropped again. The database needs the right to create tables.
 *
 * @param context     limits and log
 * @param database    the callbacks to try
 * @param report_out  [out] JSON document "extmgr.database-check/1": passed, failed, skipped, probes
 *                    (name, outcome, message); free with extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK (all probes passed or were skipped), EXTMGR_PARTIAL (some failed, the report
 *         names them), EXTMGR_E_CONNECTION and others when no session can be had
 * Threads: any thread; blocks for some seconds at most.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_database_check(extmgr_context *context,
								 extmgr_database *database,
								 extmgr_text **report_out,
								 extmgr_error **error_out);

/**
 * Says why a callback fails.
 *
 * @param error      the one that the callback was called with; NULL does nothing
 * @param host_code  the host's own number, 0 for none
 * @param sqlstate   five characters, or NULL
 * @param message    UTF-8; copied; cut at 4 KiB; invalid bytes become U+FFFD; may be NULL
 * @param length     bytes of message
 * Threads: within the callback only.
 * @since 0.1
 */
EXTMGR_API void extmgr_host_error_set(extmgr_host_error *error, int32_t host_code,
				      const char *sqlstate, const char *message, size_t length);

/**
 * The number of arguments.
 *
 * @param values  NULL is allowed: then 0
 * @return count
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_values_get_count(const extmgr_values *values);

/**
 * The type of an argument.
 *
 * @param values  NULL is allowed
 * @param index   from 0
 * @return EXTMGR_VALUE_...; EXTMGR_VALUE_NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_values_get_type(const extmgr_values *values, size_t index);

/**
 * An integer or boolean argument.
 *
 * @param values  NULL is allowed
 * @param index   from 0
 * @return the value; 0 for other types and beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int64_t extmgr_values_get_integer(const extmgr_values *values, size_t index);

/**
 * A number argument; integers are converted.
 *
 * @param values  NULL is allowed
 * @param index   from 0
 * @return the value; 0 for other types and beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API double extmgr_values_get_number(const extmgr_values *values, size_t index);

/**
 * A text argument: valid UTF-8, NUL-terminated, may contain NUL.
 *
 * @param values      NULL is allowed
 * @param index       from 0
 * @param length_out  [out] bytes; may be NULL
 * @return borrowed for the callback; NULL for other types and beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_values_get_text(const extmgr_values *values, size_t index,
					      size_t *length_out);

/**
 * Adds a column; all columns come before the first value.
 *
 * @param rows       the one that the callback was called with
 * @param name       UTF-8, NUL-terminated; copied
 * @param type_name  the database's own name of the type, without size; copied; NULL: ""
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_TOO_LARGE (more than 4 096 columns),
 *         EXTMGR_E_NO_MEMORY: the callback then returns that code
 * Threads: within the callback only; the same holds for all extmgr_rows functions.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_add_column(extmgr_rows *rows,
								  const char *name,
								  const char *type_name);

/**
 * Appends NULL as the next value. A row ends by itself when each column has its value.
 *
 * @param rows  the one that the callback was called with
 * @return EXTMGR_OK, EXTMGR_E_TOO_LARGE (the context's result_rows or result_bytes is reached),
 *         EXTMGR_E_INVALID_ARGUMENT (no columns), EXTMGR_E_NO_MEMORY: the callback returns it
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_null(extmgr_rows *rows);

/**
 * Appends a boolean.
 *
 * @param rows   as above
 * @param value  0 or not
 * @return as extmgr_rows_append_null()
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_boolean(extmgr_rows *rows,
								      int32_t value);

/**
 * Appends an integer. Beyond 2^53 a definition sees it as a string, so that no digit is lost.
 *
 * @param rows   as above
 * @param value  any
 * @return as extmgr_rows_append_null()
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_integer(extmgr_rows *rows,
								      int64_t value);

/**
 * Appends a number.
 *
 * @param rows   as above
 * @param value  any; NaN and infinities become NULL
 * @return as extmgr_rows_append_null()
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_number(extmgr_rows *rows,
								     double value);

/**
 * Appends text. Decimals go here too, to the digit.
 *
 * @param rows    as above
 * @param text    UTF-8; copied; may contain NUL; NULL only with length 0
 * @param length  bytes
 * @return as extmgr_rows_append_null(), EXTMGR_E_FORMAT (invalid UTF-8)
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_text(extmgr_rows *rows,
								   const char *text, size_t length);

/**
 * Appends bytes; a definition sees them as lower-case hexadecimal text.
 *
 * @param rows    as above
 * @param bytes   copied; NULL only with length 0
 * @param length  bytes
 * @return as extmgr_rows_append_null()
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rows_append_bytes(extmgr_rows *rows,
								    const void *bytes,
								    size_t length);

/** Styles of placeholders for extmgr_sql_rewrite_placeholders(). @{ */
#define EXTMGR_PLACEHOLDER_QUESTION_MARK 1u /**< `?` stays, `??` becomes `?` (sqlite3) */
#define EXTMGR_PLACEHOLDER_DOLLAR        2u /**< `?` becomes `$1`, `$2`, ..., `??` `?` (libpq) */
/** @} */

/**
 * Translates the placeholders of a statement for a host's own database client.
 *
 * @param dialect    as in extmgr_database_callbacks: decides what a string or comment is
 * @param sql        UTF-8
 * @param length     bytes
 * @param style      EXTMGR_PLACEHOLDER_...
 * @param count_out  [out] number of placeholders; may be NULL
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_STATEMENT_MALFORMED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_sql_rewrite_placeholders(
	const char *dialect, const char *sql, size_t length, uint32_t style, size_t *count_out,
	extmgr_text **text_out, extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
