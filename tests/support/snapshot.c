/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- SQLite ---- */

/* Each value with its type; blobs and texts with their lengths, so that nothing runs together. */
static void print_row(sqlite3_stmt *row, FILE *text)
{
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		const void *bytes = sqlite3_column_blob(row, i);
		int length = sqlite3_column_bytes(row, i);

		(void)fprintf(text, "%d:%d:", sqlite3_column_type(row, i), length);
		(void)fwrite(bytes ? bytes : "", 1, (size_t)length, text);
		(void)fputc(i + 1 < sqlite3_column_count(row) ? '|' : '\n', text);
	}
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
	return statement;
}

static void print_rows(sqlite3 *database, const char *sql, FILE *text)
{
	sqlite3_stmt *statement = prepare(database, sql);
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		print_row(statement, text);
	if (result != SQLITE_DONE)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
	(void)sqlite3_finalize(statement);
}

static char *snapshot_sqlite(const char *path)
{
	static const char tables[] =
		"SELECT printf('SELECT * FROM \"%w\"', name) FROM sqlite_schema "
		"WHERE type = 'table' ORDER BY name";
	sqlite3 *database = NULL;
	sqlite3_stmt *statement;
	char *snapshot = NULL;
	size_t length;
	FILE *text = open_memstream(&snapshot, &length);

	assert_non_null(text);
	if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(database));
	print_rows(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2",
		   text);
	statement = prepare(database, tables);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(statement, 0);

		(void)fprintf(text, "%s\n", sql);
		print_rows(database, sql, text);
	}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(database);
	assert_int_equal(fclose(text), 0);
	return snapshot;
}

/* ---- PostgreSQL ---- */

static char *snapshot_postgresql(void)
{
	static PGconn *connection; /* to a new one goes more time than to the snapshot */
	PGresult *answer;
	char *snapshot;

	if (!connection)
		connection = PQconnectdb(getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL"));
	answer = PQexec(connection, "SELECT extmgr_test.snapshot()");
	if (PQresultStatus(answer) != PGRES_TUPLES_OK)
		fail_msg("snapshot: %s", PQerrorMessage(connection));
	snapshot = strdup(PQgetvalue(answer, 0, 0));
	PQclear(answer);
	return snapshot;
}

char *snapshot_database(const char *url)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return snapshot_sqlite(url + 7);
	return snapshot_postgresql();
}
