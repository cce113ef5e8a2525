/* SPDX-License-Identifier: MIT */
/* A manager over a registry with one extension, x, and a fake Exasol that notes its questions. */
#ifndef EXTMGR_TEST_EXASOL_HOST_H
#define EXTMGR_TEST_EXASOL_HOST_H

#include "test.h"

#include <extmgr/extmgr.h>

#include <stdbool.h>

struct host {
	char path[64];
	char asked[16384];    /* statements with their arguments, a line each */
	char transaction[64]; /* begin, commit, rollback, as they came */
	const char *breaks;   /* part of the statement that fails; BEGIN and COMMIT are two, too */
	extmgr_result answer; /* of what breaks; 0: EXTMGR_E_STATEMENT */
	char schema[64];      /* of the last listing: a blank, and the name in quotes */
	size_t rows;          /* of every answer */
	size_t missing;       /* columns too few */
	bool null;            /* cells */
	bool bad_listing;     /* one column */
	const char *sha256;   /* of every file, as the database computes it */
	const char *version;  /* of the server */
	bool has_history;     /* the table is there */
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *database;
	extmgr_manager *manager;
};

/* The extension schema is S, the BucketFS below /b/, nothing is verified. Fails the test. */
void exasol_host_open(struct host *host, const char *source);
void exasol_host_close(struct host *host);

#endif
