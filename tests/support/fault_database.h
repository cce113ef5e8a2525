/* SPDX-License-Identifier: MIT */
/*
 * A database that passes everything on to another one and fails at the n-th call of a callback:
 * the same faults on every database, for tests of atomicity.
 */
#ifndef EXTMGR_TEST_FAULT_DATABASE_H
#define EXTMGR_TEST_FAULT_DATABASE_H

#include <extmgr/extmgr.h>

#include <stdbool.h>

enum fault_kind {
	FAULT_REFUSED,       /* the call is not made; EXTMGR_E_STATEMENT */
	FAULT_CUT_BEFORE,    /* the connection is lost before the call reaches the database */
	FAULT_CUT_AFTER,     /* the database did it, but the connection is lost before the answer */
	FAULT_COMMIT_BEHIND, /* the call is made, then somebody else commits the transaction */
	FAULT_LATE           /* the call is made, and answers an hour later */
};

struct fault {
	enum fault_kind kind;
	int at;    /* the call that fails, from 1; 0: none */
	int calls; /* counted since fault_arm() */
	bool fired;
	bool was_commit;    /* what fired was the COMMIT */
	uint64_t passed_ms; /* the time of all late answers, for the test's clock */
	int open_sessions;
	bool pool_of_one; /* a second session at a time is not had */
};

/* fault: borrowed as long as the database lives. inner stays the caller's. */
extmgr_database *fault_database_new(extmgr_context *context, extmgr_database *inner,
				    struct fault *fault);
void fault_arm(struct fault *fault, enum fault_kind kind, int at);

#endif
