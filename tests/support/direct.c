/* SPDX-License-Identifier: MIT */
#include "direct.h"

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

static sqlite3 *open_sqlite(const char *path)
{
	sqlite3 *database = NULL;

	if (sqlite3_open(path, &database) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(database));
	return database;
}

static char *snapshot_sqlite(const char *path)
{
	static const char tables[] =
		"SELECT printf('SELECT * FROM \"%w\"', name) FROM sqlite_schema "
		"WHERE type = 'table' ORDER BY name";
	sqlite3 *database = open_sqlite(path);
	sqlite3_stmt *statement;
	char *snapshot = NULL;
	size_t length;
	FILE *text = open_memstream(&snapshot, &length);

	assert_non_null(text);
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

static void run_sqlite(const char *path, const char *sql)
{
	sqlite3 *database = open_sqlite(path);

	if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
	(void)sqlite3_close(database);
}

static char *value_of_sqlite(const char *path, const char *sql)
{
	sqlite3 *database = open_sqlite(path);
	sqlite3_stmt *statement = prepare(database, sql);
	char *value = NULL;

	if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
		value = strdup((const char *)sqlite3_column_text(statement, 0));
	if (sqlite3_finalize(statement) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
	(void)sqlite3_close(database);
	return value;
}

/* ---- PostgreSQL ---- */

/* To make a connection takes longer than most statements: they are kept, one a URL. */
static PGconn *connection_to(const char *url)
{
	static struct {
		char *url;
		PGconn *connection;
	} kept[2]; /* the owner of the database, the superuser */

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (kept[i].url && strcmp(kept[i].url, url) == 0)
			return kept[i].connection;
		if (kept[i].url)
			continue;
		kept[i].url = strdup(url);
		kept[i].connection = PQconnectdb(url);
		PQclear(PQexec(kept[i].connection, "SET client_min_messages = error"));
		return kept[i].connection;
	}
	fail_msg("a third database");
	return NULL;
}

static char *value_of_postgresql(const char *url, const char *sql)
{
	PGconn *connection = connection_to(url);
	PGresult *answer = PQexec(connection, sql);
	char *value = NULL;

	if (PQresultStatus(answer) != PGRES_COMMAND_OK && PQresultStatus(answer) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(connection));
	if (PQntuples(answer) > 0 && !PQgetisnull(answer, 0, 0)) {
		value = strdup(PQgetvalue(answer, 0, 0));
		assert_non_null(value);
	}
	PQclear(answer);
	return value;
}

/* ---- both ---- */

static const char *sqlite_path(const char *url)
{
	return strncmp(url, "sqlite:", 7) == 0 ? url + 7 : NULL;
}

char *direct_snapshot(const char *url)
{
	if (sqlite_path(url))
		return snapshot_sqlite(sqlite_path(url));
	return value_of_postgresql(getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL"),
				   "SELECT extmgr_test.snapshot()");
}

void direct_run(const char *url, const char *sql)
{
	if (sqlite_path(url))
		run_sqlite(sqlite_path(url), sql);
	else
		free(value_of_postgresql(url, sql));
}

char *direct_value(const char *url, const char *sql)
{
	return sqlite_path(url) ? value_of_sqlite(sqlite_path(url), sql)
				: value_of_postgresql(url, sql);
}
