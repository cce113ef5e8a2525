/* SPDX-License-Identifier: MIT */
/* What the runner of extmgr_database_check() and its probes share. */
#ifndef EXTMGR_HOST_DATABASE_CHECK_H
#define EXTMGR_HOST_DATABASE_CHECK_H

#include "host/database.h"

#include <stdbool.h>

struct extmgr__check {
	extmgr_context *context;
	extmgr_database *database;
	struct extmgr__session *session; /* of the probe; in a writing transaction */
	char table[48];    /* extmgr_check_...: id, i, n, b, t; empty when a probe begins */
	char message[512]; /* why the probe failed or was skipped */
	bool skipped;
};

struct extmgr__probe {
	const char *name;
	uint32_t capabilities; /* skipped without them */
	bool (*run)(struct extmgr__check *check, const void *argument);
	const void *argument;
};

/* Tables of probes. */
const struct extmgr__probe *extmgr__check_value_probes(size_t *count);
const struct extmgr__probe *extmgr__check_transaction_probes(size_t *count);
const struct extmgr__probe *extmgr__check_caller_probes(size_t *count);

/* Answers false, for `return extmgr__check_fail(...)`. */
bool extmgr__check_fail(struct extmgr__check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool extmgr__check_skip(struct extmgr__check *check, const char *why);
bool extmgr__check_is_dialect(const struct extmgr__check *check, const char *name);

/* A statement of the probe: "%T" stands for the table. Fail with the database's message. */
bool extmgr__check_execute(struct extmgr__check *check, const char *sql,
			   const extmgr_values *arguments, int64_t *affected_out);
/* rows_out: free with extmgr__rows_free(). */
bool extmgr__check_query(struct extmgr__check *check, const char *sql,
			 const extmgr_values *arguments, extmgr_rows **rows_out);
/* The statement must fail with that code and a message. */
bool extmgr__check_refused(struct extmgr__check *check, const char *sql, extmgr_result expected);
/* The same through execute. */
bool extmgr__check_not_executed(struct extmgr__check *check, const char *sql,
				extmgr_result expected);
/* One row with one integer. */
bool extmgr__check_count(struct extmgr__check *check, const char *sql, int64_t expected);

/* The transaction of the probe's session. */
bool extmgr__check_begin(struct extmgr__check *check, uint32_t flags);
bool extmgr__check_commit(struct extmgr__check *check);
bool extmgr__check_rollback(struct extmgr__check *check);
/* Gives the session back and takes another one. */
bool extmgr__check_reopen(struct extmgr__check *check, extmgr_context *context,
			  extmgr_operation *operation);

#endif
