/* SPDX-License-Identifier: MIT */
/* Databases and sessions as the rest of the library sees them: checked callbacks, mapped errors. */
#ifndef EXTMGR_HOST_DATABASE_H
#define EXTMGR_HOST_DATABASE_H

#include "base/error.h"
#include "host/context.h"
#include "host/rows.h"
#include "host/values.h"

#include <extmgr/database.h>

#include <stdbool.h>

struct extmgr__session;

extmgr_database *extmgr__database_ref(extmgr_database *database);
void extmgr__database_unref(extmgr_database *database);
uint32_t extmgr__database_capabilities(const extmgr_database *database);
bool extmgr__database_has_interrupt(const extmgr_database *database);

/*
 * One connection, attached to the operation for cancel and deadline (operation may be NULL).
 * Failures: EXTMGR_E_CONNECTION, EXTMGR_E_AUTHENTICATION, EXTMGR_E_STATEMENT, EXTMGR_E_LOCKED,
 * EXTMGR_E_HOST ...; EXTMGR_E_CANCELLED and EXTMGR_E_TIMEOUT win over what an interrupted statement
 * said. Messages carry the database's own text: masking is the caller's.
 */
extmgr_result extmgr__session_open(extmgr_context *context, extmgr_database *database,
				   extmgr_operation *operation,
				   struct extmgr__session **session_out, extmgr_error **error);
extmgr_result extmgr__session_begin(struct extmgr__session *session, uint32_t flags,
				    extmgr_error **error);
/* EXTMGR_E_OUTCOME_UNKNOWN when the answer was lost, EXTMGR_E_COMMIT when it was refused. */
extmgr_result extmgr__session_commit(struct extmgr__session *session, extmgr_error **error);
extmgr_result extmgr__session_rollback(struct extmgr__session *session, extmgr_error **error);
/* arguments may be NULL: none. affected_out may be NULL. */
extmgr_result extmgr__session_execute(struct extmgr__session *session, const char *sql,
				      size_t length, const extmgr_values *arguments,
				      int64_t *affected_out, extmgr_error **error);
/* rows_out: free with extmgr__rows_free(). */
extmgr_result extmgr__session_query(struct extmgr__session *session, const char *sql, size_t length,
				    const extmgr_values *arguments, extmgr_rows **rows_out,
				    extmgr_error **error);
/* From now on cancel and deadline no longer count: what follows cleans up. */
void extmgr__session_shield(struct extmgr__session *session);
/* From now on cancel and deadline wait for the statement that runs. */
void extmgr__session_never_interrupt(struct extmgr__session *session);
/* Whether the connection was lost or its state is unknown. */
bool extmgr__session_is_broken(const struct extmgr__session *session);
/* Rolls back what is open, gives the connection back; session may be NULL. */
void extmgr__session_close(struct extmgr__session *session);

#endif
