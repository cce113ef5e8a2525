/* SPDX-License-Identifier: MIT */
/* Everything that is in a database, as text: equal dumps mean that nothing was changed. */
#ifndef EXTMGR_TEST_DUMP_H
#define EXTMGR_TEST_DUMP_H

/* url: "sqlite:PATH" (sqlite3 ... .dump) or "postgresql://..." (pg_dump). Free the text; aborts the
 * test program when the dump cannot be made. */
char *dump_database(const char *url);

#endif
