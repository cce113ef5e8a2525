/* SPDX-License-Identifier: MIT */
/*
 * One transaction on the target, and the services that a definition reaches through it.
 *
 * The walls stand here: the guard in front of each statement, poisoning after the first failed one,
 * the savepoint that tells whether somebody ended the transaction, and the masking of secrets.
 */
#ifndef EXTMGR_MANAGER_TARGET_H
#define EXTMGR_MANAGER_TARGET_H

#include "host/files.h"
#include "manager/manager_internal.h"
#include "manager/report.h"
#include "script/definition.h"

struct extmgr__target;

/*
 * Opens a session and a transaction. writer: with savepoint wall, refused when the database cannot
 * roll back DDL and nobody allowed that; with an observer that skips statements it becomes a
 * read-only reader. report: borrowed, may be NULL.
 */
extmgr_result extmgr__target_open(const extmgr_manager *manager, const struct extmgr__call *call,
				  bool writer, struct extmgr__report *report,
				  struct extmgr__target **target_out, extmgr_error **error);
/* Rolls back what is open; target may be NULL. */
void extmgr__target_close(struct extmgr__target *target);

/* The services for calls into the definition of that id (borrowed until the next call of this). */
const struct extmgr__services *extmgr__target_services(struct extmgr__target *target,
						       const char *extension_id);
/* From now on this value, in any form, appears nowhere. */
extmgr_result extmgr__target_add_secret(struct extmgr__target *target, const char *value,
					extmgr_error **error);
/*
 * While a definition reads values back that nobody else may see, its console lines and the texts of
 * its errors are withheld, whatever they hold.
 */
void extmgr__target_set_confidential(struct extmgr__target *target, bool confidential);
/* There are secret values that nobody named, such as those a definition reads: statements are
 * masked as if they were known. */
void extmgr__target_expect_secrets(struct extmgr__target *target);
bool extmgr__target_has_secrets(const struct extmgr__target *target);
bool extmgr__target_holds_secret(const struct extmgr__target *target, const char *text);

/*
 * What a call into a definition came to, after the walls: the first failed statement wins over what
 * the script made of it, and no text that holds a secret leaves. prefix: "failed to install
 * extension \"x\"". target: NULL: nothing is there to wall off.
 */
extmgr_result extmgr__target_settle(struct extmgr__target *target, extmgr_result result,
				    const char *prefix, extmgr_error **error);

/* Undoes everything that was done since the beginning, so that the next definition sees nothing of
 * it. */
extmgr_result extmgr__target_reset(struct extmgr__target *target, extmgr_error **error);

bool extmgr__target_is_broken(const struct extmgr__target *target); /* the connection is lost */

/* Creates the extension schema where the dialect has schemas and it is not there. own: as a
 * statement of the library's own, see extmgr__target_tell(). */
extmgr_result extmgr__target_ensure_schema(struct extmgr__target *target, bool own,
					   extmgr_error **error);
/* All files of the store, listed once in an operation; borrowed until close. */
extmgr_result extmgr__target_list_files(struct extmgr__target *target,
					const extmgr_file_list **files_out, extmgr_error **error);
/* The SHA-256 of a listed file. */
extmgr_result extmgr__target_hash_file(struct extmgr__target *target,
				       const struct extmgr__file *file,
				       char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error);

/*
 * A query, or a statement, of the library's own: not guarded, not in the report, not of a plan.
 * arguments: NULL: none; rows_out: free with extmgr__rows_free().
 */
extmgr_result extmgr__target_ask(struct extmgr__target *target, const char *sql,
				 const extmgr_values *arguments, extmgr_rows **rows_out,
				 extmgr_error **error);
extmgr_result extmgr__target_tell(struct extmgr__target *target, const char *sql,
				  const extmgr_values *arguments, extmgr_error **error);
/*
 * While another definition than that of the operation is asked, what it does is neither in the
 * report nor in a plan; extmgr__target_reset() then undoes it.
 */
void extmgr__target_set_aside(struct extmgr__target *target, bool aside);

/* Checks that nobody ended the transaction; what comes then is the library's own. */
extmgr_result extmgr__target_release_wall(struct extmgr__target *target, extmgr_error **error);
/* Ends a writer's transaction: checks the wall, then commits, or rolls back when it was rehearsed.
 */
extmgr_result extmgr__target_finish(struct extmgr__target *target, bool rehearse,
				    extmgr_error **error);
/*
 * Ends a writer's transaction after a failure: rolls back. Answers result, or
 * EXTMGR_E_TRANSACTION_ENDED when there was nothing left to roll back.
 */
extmgr_result extmgr__target_abort(struct extmgr__target *target, extmgr_result result,
				   extmgr_error **error);

#endif
