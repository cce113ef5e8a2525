/* SPDX-License-Identifier: MIT */
/* What is different in a transaction of the caller's: it is looked at, and left as it was. */
#ifndef EXTMGR_MANAGER_CALLER_H
#define EXTMGR_MANAGER_CALLER_H

#include "host/database.h"
#include "sql/dialect.h"

/*
 * EXTMGR_E_CALLER_TRANSACTION when the session has no transaction open. Told for SQLite alone,
 * where SAVEPOINT would open one: elsewhere the savepoint itself is refused.
 */
extmgr_result extmgr__caller_check(struct extmgr__session *session, enum extmgr__dialect dialect,
				   extmgr_error **error);
/* The error of a savepoint that could not be set. */
extmgr_result extmgr__caller_refused(extmgr_result result, extmgr_error **error);

/* PostgreSQL's lock_timeout, which lasts to the end of a transaction; NULL on failure. Free it. */
char *extmgr__caller_lock_timeout(struct extmgr__session *session, extmgr_error **error);
extmgr_result extmgr__caller_set_lock_timeout(struct extmgr__session *session, const char *value,
					      extmgr_error **error);

#endif
