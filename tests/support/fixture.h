/* SPDX-License-Identifier: MIT */
/*
 * A registry in a temporary directory, a target, and a manager over both: what the tests of the
 * manager start from. The databases are real: a new SQLite file, and the PostgreSQL of
 * with-postgres.sh when EXTMGR_TEST_POSTGRESQL_URL is set.
 */
#ifndef EXTMGR_TEST_FIXTURE_H
#define EXTMGR_TEST_FIXTURE_H

#include "fault_database.h"

#include <extmgr/extmgr.h>

#define FIXTURE_DATABASES 2 /* sqlite, postgresql */

struct fixture {
	char directory[64]; /* temporary: holds the registry, the files and the SQLite database */
	char registry_path[96];
	char url[512];
	bool is_postgresql;
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *real;     /* what the URL leads to */
	extmgr_database *database; /* the same with faults */
	struct fault fault;
	extmgr_manager *manager;
	char *log_text; /* everything the library logged */
	size_t log_length;
};

/* which: 0 sqlite, 1 postgresql. false: that database is not there, skip(). */
bool fixture_open(struct fixture *fixture, int which);
void fixture_close(struct fixture *fixture);
/* The directory of the registry instead of the temporary one (examples/definitions). */
void fixture_use_registry(struct fixture *fixture, const char *path);
/* Writes "<id>.js" into the registry. */
void fixture_define(struct fixture *fixture, const char *id, const char *source);
/* The definition most tests need: install(context, version) with this body, and findInstallations.
 */
void fixture_define_install(struct fixture *fixture, const char *id, const char *install_body);
/* Runs SQL of the test's own, one statement. */
void fixture_sql(struct fixture *fixture, const char *sql);
/* The first column of the first row, a new string; NULL for none. */
char *fixture_value(struct fixture *fixture, const char *sql);
/* See snapshot.h. */
char *fixture_snapshot(const struct fixture *fixture);

#endif
