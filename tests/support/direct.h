/* SPDX-License-Identifier: MIT */
/*
 * Databases without the library and without the start of a program, which takes a tenth of a second
 * for SQLite and a whole one for pg_dump. url: "sqlite:PATH" or the PostgreSQL of with-postgres.sh.
 * What fails, fails the test.
 */
#ifndef EXTMGR_TEST_DIRECT_H
#define EXTMGR_TEST_DIRECT_H

/*
 * Equal texts mean that nothing was changed: all that the tables of SQLite hold; on PostgreSQL a
 * line a table (snapshot.sql), object numbers and sequences included, so that even a change that
 * was taken back by hand shows. Free the text.
 */
char *direct_snapshot(const char *url);

/* Runs SQL, as many statements as there are; on PostgreSQL always in the same connection. */
void direct_run(const char *url, const char *sql);
/* Runs one statement: the first column of the first row, a new string; NULL for none. */
char *direct_value(const char *url, const char *sql);

#endif
