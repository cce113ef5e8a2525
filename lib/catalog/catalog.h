/* SPDX-License-Identifier: MIT */
/*
 * The catalog: a database and the names of its tables, and sessions on it.
 *
 * SQL is written with '@' where the prefix of the tables goes: "SELECT version FROM @schema".
 */
#ifndef EXTMGR_CATALOG_CATALOG_H
#define EXTMGR_CATALOG_CATALOG_H

#include "base/error.h"
#include "host/context.h"
#include "host/rows.h"

#include <extmgr/sync.h>

#include <stdbool.h>

#define EXTMGR__CATALOG_PREFIX         "extmgr_"
#define EXTMGR__CATALOG_PREFIX_MAXIMUM 32
/* A file's content lies in pieces of so many bytes. */
#define EXTMGR__CATALOG_PART_BYTES ((size_t)1 << 20)

extmgr_catalog *extmgr__catalog_ref(extmgr_catalog *catalog);
void extmgr__catalog_unref(extmgr_catalog *catalog);
extmgr_context *extmgr__catalog_context(const extmgr_catalog *catalog);
const char *extmgr__catalog_prefix(const extmgr_catalog *catalog);
bool extmgr__catalog_is_sqlite(const extmgr_catalog *catalog);
uint64_t extmgr__catalog_lock_timeout_ms(const extmgr_catalog *catalog);
/* EXTMGR_E_INVALID_ARGUMENT when the prefix is none. */
extmgr_result extmgr__catalog_check_prefix(const char *prefix, extmgr_error **error);

/* ---- Sessions ---- */

struct extmgr__catalog_session;

/* An argument of a statement. */
struct extmgr__sql_argument {
	const char *text; /* NULL: the number */
	size_t length;
	int64_t number;
};

#define EXTMGR__TEXT(string)                                                                       \
	{                                                                                          \
		.text = (string), .length = strlen(string)                                         \
	}
#define EXTMGR__BYTES(at, n)                                                                       \
	{                                                                                          \
		.text = (at), .length = (n)                                                        \
	}
#define EXTMGR__NUMBER(value)                                                                      \
	{                                                                                          \
		.number = (value)                                                                  \
	}
/* Arguments of a statement, as they are listed. */
#define EXTMGR__ARGUMENTS(...)                                                                     \
	(const struct extmgr__sql_argument[]){__VA_ARGS__},                                        \
		sizeof((const struct extmgr__sql_argument[]){__VA_ARGS__}) /                       \
			sizeof(struct extmgr__sql_argument)
#define EXTMGR__NO_ARGUMENTS NULL, 0

/* Connects; operation may be NULL. Every failure of a session: those of host/database.h. */
extmgr_result extmgr__catalog_connect(extmgr_catalog *catalog, extmgr_operation *operation,
				      struct extmgr__catalog_session **session_out,
				      extmgr_error **error);
/* Rolls back what is open; session may be NULL. */
void extmgr__catalog_disconnect(struct extmgr__catalog_session *session);
const extmgr_catalog *extmgr__catalog_of(const struct extmgr__catalog_session *session);
extmgr_operation *extmgr__catalog_operation(const struct extmgr__catalog_session *session);
/* Whether the connection was lost: then only disconnect is left. */
bool extmgr__catalog_is_broken(const struct extmgr__catalog_session *session);

extmgr_result extmgr__catalog_begin_read(struct extmgr__catalog_session *session,
					 extmgr_error **error);
/*
 * A transaction that writes. No lock of the database is waited for longer than wait_ms:
 * EXTMGR_E_LOCKED then, here or from a statement.
 */
extmgr_result extmgr__catalog_begin_write(struct extmgr__catalog_session *session, uint64_t wait_ms,
					  extmgr_error **error);
/* EXTMGR_E_LOCKED when the database refused the COMMIT for a lock. */
extmgr_result extmgr__catalog_commit(struct extmgr__catalog_session *session, extmgr_error **error);
/* Nothing to tell: a rollback that fails breaks the session. */
void extmgr__catalog_rollback(struct extmgr__catalog_session *session);

extmgr_result extmgr__catalog_execute(struct extmgr__catalog_session *session, const char *sql,
				      const struct extmgr__sql_argument *arguments, size_t count,
				      int64_t *affected_out, extmgr_error **error);
/* rows_out: free with extmgr__rows_free(). */
extmgr_result extmgr__catalog_query(struct extmgr__catalog_session *session, const char *sql,
				    const struct extmgr__sql_argument *arguments, size_t count,
				    extmgr_rows **rows_out, extmgr_error **error);
/* The database's own clock: milliseconds since 1970, the same for all workers. */
extmgr_result extmgr__catalog_now_ms(struct extmgr__catalog_session *session, int64_t *now_ms,
				     extmgr_error **error);

/* A text; "" for what is none. */
const char *extmgr__row_text(const extmgr_rows *rows, size_t row, size_t column);

/* A call of the public functions: checks the handle, begins the operation. */
extmgr_result extmgr__catalog_call_begin(extmgr_catalog *catalog, extmgr_operation *operation,
					 extmgr_error **error);
/* Connects and checks that the tables are there. Disconnect in any case. */
extmgr_result extmgr__catalog_open_session(extmgr_catalog *catalog, extmgr_operation *operation,
					   struct extmgr__catalog_session **session_out,
					   extmgr_error **error);

#endif
