/* SPDX-License-Identifier: MIT */
/*
 * A model for embedders: the callbacks of <extmgr/database.h> on libpq, with a pool of one session.
 * The pool is the handle of its session, too. Expects LC_NUMERIC "C".
 */
#include "libpq_host.h"

#include <extmgr/context.h>
#include <extmgr/error.h>

#include <libpq-fe.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct pool {
	sem_t free_sessions; /* whoever took the session owns what follows */
	PGconn *connection;  /* kept between sessions; NULL: to be connected */
	PGcancel *cancel;    /* through which another thread interrupts connection */
	bool callers;        /* the connection is: it is never ended here */
	char url[];
};

static extmgr_result fail(extmgr_host_error *error, extmgr_result code, const char *sqlstate,
			  const char *message)
{
	extmgr_host_error_set(error, 0, sqlstate, message, strlen(message));
	return code;
}

static extmgr_result code_of_sqlstate(const char *sqlstate)
{
	if (strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0)
		return EXTMGR_E_CONNECTION;
	if (strstr("40001 40P01 55P03", sqlstate))
		return EXTMGR_E_LOCKED;
	return strcmp(sqlstate, "57014") == 0 ? EXTMGR_E_CANCELLED : EXTMGR_E_STATEMENT;
}

/* answer is NULL when libpq could not even send. */
static extmgr_result check(const struct pool *pool, const PGresult *answer,
			   extmgr_host_error *error)
{
	const char *sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
	ExecStatusType status = PQresultStatus(answer);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return EXTMGR_OK;
	if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) /* ended by the ROLLBACK to come */
		return fail(error, EXTMGR_E_UNSUPPORTED, NULL, "COPY needs a client with files");
	if (!message)
		message = PQerrorMessage(pool->connection);
	if (PQstatus(pool->connection) != CONNECTION_OK)
		return fail(error, EXTMGR_E_CONNECTION, sqlstate, message);
	return fail(error, sqlstate ? code_of_sqlstate(sqlstate) : EXTMGR_E_HOST, sqlstate,
		    message);
}

static void disconnect(struct pool *pool)
{
	PQfreeCancel(pool->cancel);
	if (!pool->callers)
		PQfinish(pool->connection);
	pool->cancel = NULL;
	pool->connection = NULL;
}

static extmgr_result connect_to(struct pool *pool, const extmgr_operation *operation,
				extmgr_host_error *error)
{
	static const char *const keys[] = {"options", "connect_timeout", "dbname", NULL};
	const char *options = "-c client_encoding=UTF8 -c client_min_messages=error";
	uint64_t seconds = extmgr_operation_get_remaining_ms(operation) / 1000;
	char timeout[8];
	bool refused; /* libpq tells no SQLSTATE here, only the server's (English) message */
	const char *const values[] = {options, timeout, pool->url, NULL};

	/* libpq counts in whole seconds and takes 1 for 2. */
	(void)snprintf(timeout, sizeof(timeout), "%d", seconds < 30 ? (int)seconds + 1 : 30);
	pool->connection = PQconnectdbParams(keys, values, 1);
	pool->cancel = PQgetCancel(pool->connection);
	if (PQstatus(pool->connection) == CONNECTION_OK)
		return pool->cancel ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;
	refused = strstr(PQerrorMessage(pool->connection), "authentication failed") != NULL;
	return fail(error, refused ? EXTMGR_E_AUTHENTICATION : EXTMGR_E_CONNECTION, NULL,
		    PQerrorMessage(pool->connection));
}

static void host_close(void *user_data, void *session, int32_t broken)
{
	struct pool *pool = session;

	if (!pool->callers && (broken || PQtransactionStatus(pool->connection) != PQTRANS_IDLE))
		disconnect(pool);
	(void)sem_post(&pool->free_sessions);
}

/* Waits for the session until the deadline, to the next second; an hour when there is none. */
static extmgr_result host_open(void *user_data, extmgr_operation *operation, void **session_out,
			       extmgr_host_error *error)
{
	uint64_t seconds = extmgr_operation_get_remaining_ms(operation) / 1000;
	struct pool *pool = *session_out = user_data;
	extmgr_result result = EXTMGR_OK;
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds < 3600 ? (time_t)seconds + 1 : 3600;
	if (sem_timedwait(&pool->free_sessions, &until) != 0)
		return fail(error, EXTMGR_E_TIMEOUT, NULL, "the only session is in use");
	if (!pool->connection)
		result = connect_to(pool, operation, error);
	if (result != EXTMGR_OK)
		host_close(user_data, pool, 1);
	return result;
}

static void host_destroy(void *user_data)
{
	struct pool *pool = user_data;

	disconnect(pool);
	(void)sem_destroy(&pool->free_sessions);
	free(pool);
}

static extmgr_result command(const struct pool *pool, const char *sql, extmgr_host_error *error)
{
	PGresult *answer = PQexec(pool->connection, sql);
	extmgr_result result = check(pool, answer, error);

	/* After a failed statement the answer to COMMIT is "ROLLBACK", which is no error. */
	if (result == EXTMGR_OK && strcmp(PQcmdStatus(answer), sql) != 0)
		result = fail(error, EXTMGR_E_STATEMENT, "25P02", "the transaction had failed");
	PQclear(answer);
	return result;
}

/* PostgreSQL need not know beforehand whether a transaction will write. */
static extmgr_result host_begin(void *user_data, void *session, uint32_t flags,
				extmgr_host_error *error)
{
	return command(session, "BEGIN", error);
}

static extmgr_result host_commit(void *user_data, void *session, extmgr_host_error *error)
{
	return command(session, "COMMIT", error);
}

static extmgr_result host_rollback(void *user_data, void *session, extmgr_host_error *error)
{
	return command(session, "ROLLBACK", error);
}

static void host_interrupt(void *user_data, void *session)
{
	const struct pool *pool = session;
	char message[256];

	(void)PQcancel(pool->cancel, message, sizeof(message));
}

/* An argument as text, perhaps in buffer; the server infers its type. */
static const char *argument_text(const extmgr_values *arguments, size_t index, char buffer[32])
{
	int32_t type = extmgr_values_get_type(arguments, index);
	double number = extmgr_values_get_number(arguments, index);
	long long integer = extmgr_values_get_integer(arguments, index);

	if (type == EXTMGR_VALUE_BOOLEAN)
		return integer ? "true" : "false";
	if (type != EXTMGR_VALUE_INTEGER && type != EXTMGR_VALUE_NUMBER)
		return extmgr_values_get_text(arguments, index, NULL);
	if (type == EXTMGR_VALUE_INTEGER)
		(void)snprintf(buffer, 32, "%lld", integer);
	else
		(void)snprintf(buffer, 32, "%.17g", number);
	return buffer;
}

/* answer_out: to be cleared in any case. */
static extmgr_result run(const struct pool *pool, const char *sql, size_t sql_length,
			 const extmgr_values *arguments, PGresult **answer_out,
			 extmgr_host_error *error)
{
	size_t count = extmgr_values_get_count(arguments);
	const char **values = calloc(count + 1, sizeof(*values));
	char(*buffers)[32] = calloc(count + 1, sizeof(*buffers));
	extmgr_result result = EXTMGR_E_NO_MEMORY;
	extmgr_text *text = NULL;

	*answer_out = NULL;
	if (values && buffers)
		result = extmgr_sql_rewrite_placeholders("postgresql", sql, sql_length,
							 EXTMGR_PLACEHOLDER_DOLLAR, NULL, &text,
							 NULL);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		size_t length = 0;

		values[i] = argument_text(arguments, i, buffers[i]);
		if (extmgr_values_get_text(arguments, i, &length) && strlen(values[i]) != length)
			result = fail(error, EXTMGR_E_STATEMENT, "22021", "an argument holds NUL");
	}
	if (result == EXTMGR_OK) {
		*answer_out = PQexecParams(pool->connection, extmgr_text_get_data(text), (int)count,
					   NULL, values, NULL, NULL, 0);
		result = check(pool, *answer_out, error);
	}
	extmgr_text_free(text);
	free(buffers);
	free(values);
	return result;
}

static extmgr_result host_execute(void *user_data, void *session, const char *sql, size_t length,
				  const extmgr_values *arguments, int64_t *affected_out,
				  extmgr_host_error *error)
{
	PGresult *answer;
	extmgr_result result = run(session, sql, length, arguments, &answer, error);

	if (result == EXTMGR_OK && PQcmdTuples(answer)[0])
		*affected_out = strtoll(PQcmdTuples(answer), NULL, 10);
	PQclear(answer);
	return result;
}

/* The OIDs of PostgreSQL's own types never change. */
enum { BOOL = 16, BYTEA = 17, INT8 = 20, INT2 = 21, INT4 = 23, FLOAT4 = 700, FLOAT8 = 701 };

static extmgr_result append_value(extmgr_rows *rows, const PGresult *answer, int row, int column)
{
	const char *text = PQgetvalue(answer, row, column);
	Oid type = PQftype(answer, column);
	extmgr_result result;
	unsigned char *bytes;
	size_t length;

	if (PQgetisnull(answer, row, column))
		return extmgr_rows_append_null(rows);
	if (type == BOOL)
		return extmgr_rows_append_boolean(rows, text[0] == 't');
	if (type == INT2 || type == INT4 || type == INT8)
		return extmgr_rows_append_integer(rows, strtoll(text, NULL, 10));
	if (type == FLOAT4 || type == FLOAT8)
		return extmgr_rows_append_number(rows, strtod(text, NULL));
	if (type != BYTEA) /* numeric, too: as text it keeps every digit */
		return extmgr_rows_append_text(rows, text, strlen(text));
	bytes = PQunescapeBytea((const unsigned char *)text, &length);
	result = bytes ? extmgr_rows_append_bytes(rows, bytes, length) : EXTMGR_E_NO_MEMORY;
	PQfreemem(bytes);
	return result;
}

static extmgr_result host_query(void *user_data, void *session, const char *sql, size_t length,
				const extmgr_values *arguments, extmgr_rows *rows,
				extmgr_host_error *error)
{
	PGresult *answer;
	extmgr_result result = run(session, sql, length, arguments, &answer, error);

	for (int column = 0; column < PQnfields(answer) && result == EXTMGR_OK; column++)
		result = extmgr_rows_add_column(rows, PQfname(answer, column), NULL);
	for (int row = 0; row < PQntuples(answer); row++)
		for (int column = 0; column < PQnfields(answer) && result == EXTMGR_OK; column++)
			result = append_value(rows, answer, row, column);
	PQclear(answer);
	return result;
}

static extmgr_database *make(const char *url, PGconn *callers)
{
	struct pool *pool = calloc(1, sizeof(*pool) + strlen(url) + 1);
	extmgr_database_callbacks callbacks;
	extmgr_database *database = NULL;

	if (!pool)
		return NULL;
	memcpy(pool->url, url, strlen(url));
	pool->connection = callers;
	pool->cancel = PQgetCancel(callers);
	pool->callers = callers != NULL;
	(void)sem_init(&pool->free_sessions, 0, 1);
	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS;
	callbacks.dialect = "postgresql";
	callbacks.open = host_open;
	callbacks.close = host_close;
	callbacks.begin = host_begin;
	callbacks.commit = host_commit;
	callbacks.rollback = host_rollback;
	callbacks.execute = host_execute;
	callbacks.query = host_query;
	callbacks.interrupt = host_interrupt;
	callbacks.destroy = host_destroy;
	if (extmgr_database_new(&callbacks, pool, &database, NULL) != EXTMGR_OK)
		host_destroy(pool);
	return database;
}

extmgr_database *libpq_host_open(const char *url)
{
	return make(url, NULL);
}

extmgr_database *libpq_host_attach(PGconn *connection)
{
	return make("", connection);
}
