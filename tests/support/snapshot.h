/* SPDX-License-Identifier: MIT */
/*
 * Whether anything was changed in a database, without the start of a program: dump.h takes a tenth
 * of a second on SQLite, a whole one on PostgreSQL.
 */
#ifndef EXTMGR_TEST_SNAPSHOT_H
#define EXTMGR_TEST_SNAPSHOT_H

/*
 * Equal texts mean that nothing was changed. url: "sqlite:PATH" (all that the tables hold) or the
 * PostgreSQL of with-postgres.sh (snapshot.sql: a line a table, object numbers and sequences
 * included, so a change that was taken back by hand shows). Free the text; fails the test when it
 * cannot be made.
 */
char *snapshot_database(const char *url);

#endif
