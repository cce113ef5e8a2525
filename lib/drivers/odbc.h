/* SPDX-License-Identifier: MIT */
/* What the files of the ODBC driver share. Only they know ODBC. */
#ifndef EXTMGR_DRIVERS_ODBC_H
#define EXTMGR_DRIVERS_ODBC_H

#include "odbc_sql.h"
#include "text.h"

#include <extmgr/database.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sql.h>
#include <sqlext.h>

#define EXTMGR__ODBC_MAXIMUM_KEYS 64

/* Keys and values of a connection; all copied. */
struct extmgr__odbc_settings {
	char *keys[EXTMGR__ODBC_MAXIMUM_KEYS];
	char *values[EXTMGR__ODBC_MAXIMUM_KEYS];
	size_t count;
	uint64_t connect_timeout_ms; /* 0: the driver's default */
};

/* odbc_settings.c. EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (bad key or value, too many, given twice),
 * EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__odbc_settings_add(struct extmgr__odbc_settings *settings, const char *key,
					size_t key_length, const char *value, size_t value_length,
					extmgr_error **error);
/* NULL when there is no such key; keys have no case. */
const char *extmgr__odbc_settings_get(const struct extmgr__odbc_settings *settings,
				      const char *key);
void extmgr__odbc_settings_free(struct extmgr__odbc_settings *settings);
/* Looks up what Driver or DSN names: its dialect, and whether it is there. dialect_out: the caller
 * frees. EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED, EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__odbc_settings_find_dialect(const struct extmgr__odbc_settings *settings,
						 char **dialect_out, extmgr_error **error);
/* The name under which a driver of that kind is registered, or the usual one; borrowed or in
 * buffer. */
const char *extmgr__odbc_find_driver(const char *part, const char *usual, char *buffer,
				     size_t size);

/* odbc_url.c: the settings that an URL stands for. */
extmgr_result extmgr__odbc_url_parse(const char *url, struct extmgr__odbc_settings *settings,
				     extmgr_error **error);

struct extmgr__odbc_database {
	enum extmgr__odbc_dialect dialect;
	char *dialect_name;
	struct extmgr__odbc_settings settings;
	SQLHDBC callers; /* the only connection, the caller's; NULL: sessions connect by themselves */
	atomic_bool callers_in_use;
};

struct extmgr__odbc_session {
	struct extmgr__odbc_database *database;
	SQLHENV environment;
	SQLHDBC connection;
	bool connected;
	/* A statement failed: nothing may run, let alone be committed, until ROLLBACK. */
	bool failed;

	/* For interrupt() from another thread. */
	pthread_mutex_t mutex;
	SQLHSTMT running;     /* NULL: nothing runs */
	SQLHSTMT canceller;   /* idle; SQLite is interrupted through it */
	bool was_interrupted; /* the statement that runs, or ran last */
};

/* odbc_connection.c: callbacks of extmgr_database. */
extmgr_result extmgr__odbc_session_open(void *user_data, extmgr_operation *operation,
					void **session_out, extmgr_host_error *error);
void extmgr__odbc_session_close(void *user_data, void *session, int32_t broken);
/* The same on a connection of the caller's. */
extmgr_result extmgr__odbc_session_attach(void *user_data, extmgr_operation *operation,
					  void **session_out, extmgr_host_error *error);
void extmgr__odbc_session_detach(void *user_data, void *session, int32_t broken);
extmgr_result extmgr__odbc_session_begin(void *user_data, void *session, uint32_t flags,
					 extmgr_host_error *error);
extmgr_result extmgr__odbc_session_commit(void *user_data, void *session, extmgr_host_error *error);
extmgr_result extmgr__odbc_session_rollback(void *user_data, void *session,
					    extmgr_host_error *error);
void extmgr__odbc_session_interrupt(void *user_data, void *session);

/* odbc_statement.c */
extmgr_result extmgr__odbc_execute(void *user_data, void *session, const char *sql, size_t length,
				   const extmgr_values *arguments, int64_t *affected_out,
				   extmgr_host_error *error);
extmgr_result extmgr__odbc_query(void *user_data, void *session, const char *sql, size_t length,
				 const extmgr_values *arguments, extmgr_rows *rows,
				 extmgr_host_error *error);
/* A statement of the driver itself. sqlstate_out: of what the database remarked; may be NULL. */
extmgr_result extmgr__odbc_command(struct extmgr__odbc_session *session, const char *sql,
				   char sqlstate_out[6], extmgr_host_error *error);

/* odbc_diagnostic.c: says why with extmgr_host_error_set() and answers the code that fits. */
extmgr_result extmgr__odbc_diagnose(enum extmgr__odbc_dialect dialect, SQLSMALLINT type,
				    SQLHANDLE handle, extmgr_host_error *error);
extmgr_result extmgr__odbc_fail(extmgr_host_error *error, extmgr_result code, const char *message);

#endif
