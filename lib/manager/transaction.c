/* SPDX-License-Identifier: MIT */
/* The transaction of a target: the library's own, or a savepoint in the caller's. */
#include "manager/target_internal.h"

#include "base/hash.h"
#include "host/database.h"
#include "manager/caller.h"
#include "manager/observer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static extmgr_result savepoint_command(struct extmgr__target *target, const char *command,
				       extmgr_error **error)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "%s %s", command, target->savepoint);
	return extmgr__target_tell(target, sql, NULL, error);
}

static bool limits_locks(const struct extmgr__target *target)
{
	return target->manager->lock_timeout_ms &&
	       target->manager->dialect == EXTMGR__DIALECT_POSTGRESQL;
}

static extmgr_result apply_settings(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	char sql[64];

	if (limits_locks(target)) {
		(void)snprintf(sql, sizeof(sql), "SET LOCAL lock_timeout = %" PRId32,
			       target->manager->lock_timeout_ms);
		result = extmgr__target_tell(target, sql, NULL, error);
	}
	/* Elsewhere only statements that the guard knows as reading are sent. */
	if (result == EXTMGR_OK && target->read_only &&
	    target->manager->dialect == EXTMGR__DIALECT_POSTGRESQL)
		result = extmgr__target_tell(target, "SET TRANSACTION READ ONLY", NULL, error);
	return result;
}

static extmgr_result begin(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result;

	result = extmgr__session_begin(target->session, target->writer ? EXTMGR_BEGIN_WRITE : 0,
				       error);
	return result == EXTMGR_OK ? apply_settings(target, error) : result;
}

/* A name that no script can guess: only who ended the transaction makes it disappear. */
static extmgr_result raise_wall(struct extmgr__target *target, extmgr_error **error)
{
	uint64_t random;
	extmgr_result result;

	if (!(extmgr__database_capabilities(target->manager->database) &
	      EXTMGR_DATABASE_SAVEPOINTS))
		return EXTMGR_OK;
	result = extmgr__hash_random(&random, sizeof(random));
	if (result != EXTMGR_OK)
		return extmgr__error_set(error, result, "the operating system has no random bytes");
	(void)snprintf(target->savepoint, sizeof(target->savepoint), "extmgr_%016" PRIx64, random);
	result = savepoint_command(target, "SAVEPOINT", error);
	if (result != EXTMGR_OK)
		target->savepoint[0] = '\0';
	return result;
}

/* The settings come behind the savepoint, so that going back to it undoes them. */
static extmgr_result join_caller(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result;

	if (target->manager->dialect == EXTMGR__DIALECT_SQLITE)
		extmgr__session_never_interrupt(target->session);
	result = extmgr__caller_check(target->session, target->manager->dialect, error);
	if (result == EXTMGR_OK)
		result = extmgr__caller_refused(raise_wall(target, error), error);
	if (result == EXTMGR_OK && limits_locks(target)) {
		target->lock_timeout = extmgr__caller_lock_timeout(target->session, error);
		if (!target->lock_timeout)
			return extmgr_error_get_code(*error);
	}
	return result == EXTMGR_OK ? apply_settings(target, error) : result;
}

/* Undoes everything since the savepoint, and takes it away. */
static extmgr_result leave_caller(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result = savepoint_command(target, "ROLLBACK TO SAVEPOINT", error);

	if (result == EXTMGR_OK)
		result = savepoint_command(target, "RELEASE SAVEPOINT", error);
	if (result == EXTMGR_OK)
		target->savepoint[0] = '\0';
	return result;
}

static extmgr_result transaction_ended(struct extmgr__target *target, extmgr_error **error)
{
	if (target->manager->callers_transaction) {
		extmgr__error_wrap(error, EXTMGR_E_TRANSACTION_ENDED,
				   "the caller's transaction cannot go back to where the operation "
				   "began: it was ended by something other than the library");
		extmgr__error_hint(error, "roll it back, then look at the database");
	} else {
		extmgr__error_wrap(
			error, EXTMGR_E_TRANSACTION_ENDED,
			"the transaction was ended by something other than the library; what ran "
			"before that may have been committed");
		extmgr__error_hint(
			error,
			"look at the database, and at the last statements of the definition");
	}
	extmgr__context_log(target->manager->context, EXTMGR_LOG_ERROR, "manager",
			    "%s: the transaction was ended behind the library's back",
			    target->component);
	return EXTMGR_E_TRANSACTION_ENDED;
}

/* ---- the transaction ---- */

static extmgr_result check_writer(const extmgr_manager *manager, extmgr_error **error)
{
	extmgr_result result;

	if (extmgr__database_capabilities(manager->database) & EXTMGR_DATABASE_TRANSACTIONAL_DDL ||
	    manager->flags & EXTMGR_TARGET_ALLOW_PARTIAL)
		return EXTMGR_OK;
	result = extmgr__error_set(
		error, EXTMGR_E_NO_TRANSACTIONAL_DDL,
		"the database cannot roll back CREATE, ALTER and DROP, so a failure "
		"would leave half of the operation behind");
	extmgr__error_hint(error, "the host may set EXTMGR_TARGET_ALLOW_PARTIAL to accept that");
	return result;
}

extmgr_result extmgr__target_open(const extmgr_manager *manager, const struct extmgr__call *call,
				  bool writer, struct extmgr__report *report,
				  struct extmgr__target **target_out, extmgr_error **error)
{
	struct extmgr__target *target;
	bool read_only = call->observer && call->observer->skips;
	extmgr_result result;

	*target_out = NULL;
	writer = writer && !read_only;
	result = writer ? check_writer(manager, error) : EXTMGR_OK;
	if (result != EXTMGR_OK)
		return result;
	target = calloc(1, sizeof(*target));
	if (!target)
		return extmgr__error_no_memory(error);
	target->manager = manager;
	target->operation = call->operation;
	target->report = report;
	target->observer = call->observer;
	target->writer = writer;
	target->read_only = read_only;
	result = extmgr__session_open(manager->context, manager->database, call->operation,
				      &target->session, error);
	if (result == EXTMGR_OK && manager->callers_transaction)
		result = join_caller(target, error);
	else if (result == EXTMGR_OK)
		result = begin(target, error);
	if (result == EXTMGR_OK && !manager->callers_transaction)
		result = raise_wall(target, error);
	if (result != EXTMGR_OK) {
		extmgr__target_close(target);
		return result;
	}
	*target_out = target;
	return EXTMGR_OK;
}

void extmgr__target_close(struct extmgr__target *target)
{
	if (!target)
		return;
	if (target->manager->callers_transaction && target->savepoint[0])
		(void)extmgr__target_abort(target, EXTMGR_OK, NULL);
	extmgr__session_close(target->session);
	extmgr__file_list_free(target->files);
	extmgr__rows_free(target->scripts);
	extmgr__rows_free(target->virtual_schemas);
	extmgr__secrets_free(target->secrets);
	extmgr_error_free(target->failure);
	free(target->lock_timeout);
	free(target);
}

bool extmgr__target_is_broken(const struct extmgr__target *target)
{
	return extmgr__session_is_broken(target->session);
}

static extmgr_result begin_again(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result = extmgr__session_rollback(target->session, error);

	if (result == EXTMGR_OK)
		result = begin(target, error);
	return result;
}

extmgr_result extmgr__target_reset(struct extmgr__target *target, extmgr_error **error)
{
	bool failed = target->failure != NULL;
	extmgr_result result;

	extmgr_error_free(target->failure);
	target->failure = NULL;
	target->changed = false;
	if (!target->savepoint[0])
		return begin_again(target, error);
	result = savepoint_command(target, "ROLLBACK TO SAVEPOINT", error);
	/* Those of the caller's transaction stand behind the savepoint: going back undid them. */
	if (result == EXTMGR_OK && target->manager->callers_transaction)
		return apply_settings(target, error);
	if (result == EXTMGR_OK || extmgr__session_is_broken(target->session))
		return result;
	if (result == EXTMGR_E_CANCELLED || result == EXTMGR_E_TIMEOUT)
		return result;
	/* SQLite ends a transaction by itself after some failures (full disk, interrupt). */
	if (!failed || target->manager->callers_transaction)
		return transaction_ended(target, error);
	extmgr_error_free(*error);
	*error = NULL;
	result = begin_again(target, error);
	return result == EXTMGR_OK ? raise_wall(target, error) : result;
}

static extmgr_result release_savepoint(struct extmgr__target *target, extmgr_error **error)
{
	/* When this fails, extmgr__target_abort() finds out whether the wall is gone. */
	extmgr_result result = savepoint_command(target, "RELEASE SAVEPOINT", error);

	if (result != EXTMGR_OK)
		return extmgr__error_wrap(error, result, "the transaction cannot be ended");
	target->savepoint[0] = '\0';
	return EXTMGR_OK;
}

extmgr_result extmgr__target_release_wall(struct extmgr__target *target, extmgr_error **error)
{
	/* The caller's transaction needs it to the end: to go back to, should the rest fail. */
	if (!target->savepoint[0] || target->manager->callers_transaction)
		return EXTMGR_OK;
	return release_savepoint(target, error);
}

static extmgr_result finish_for_caller(struct extmgr__target *target, bool rehearse,
				       extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (rehearse)
		return leave_caller(target, error);
	if (target->lock_timeout)
		result = extmgr__caller_set_lock_timeout(target->session, target->lock_timeout,
							 error);
	return result == EXTMGR_OK ? release_savepoint(target, error) : result;
}

extmgr_result extmgr__target_finish(struct extmgr__target *target, bool rehearse,
				    extmgr_error **error)
{
	extmgr_result result;

	if (target->manager->callers_transaction)
		return finish_for_caller(target, rehearse, error);
	result = extmgr__target_release_wall(target, error);
	if (result != EXTMGR_OK)
		return result;
	if (rehearse)
		return extmgr__session_rollback(target->session, error);
	result = extmgr__session_commit(target->session, error);
	if (result != EXTMGR_OK && extmgr__target_has_secrets(target))
		extmgr__target_shrink_message(error, result, "COMMIT failed");
	return result;
}

extmgr_result extmgr__target_abort(struct extmgr__target *target, extmgr_result result,
				   extmgr_error **error)
{
	extmgr_error *wall = NULL;
	/* After a failed statement SQLite may have rolled back everything by itself. */
	bool may_be_gone = target->failure && target->manager->dialect == EXTMGR__DIALECT_SQLITE;

	if (extmgr__session_is_broken(target->session))
		return result;
	extmgr__session_shield(target->session);
	if (target->manager->callers_transaction) {
		if (leave_caller(target, &wall) != EXTMGR_OK &&
		    !extmgr__session_is_broken(target->session))
			result = transaction_ended(target, error);
	} else if (target->savepoint[0] && !may_be_gone &&
		   savepoint_command(target, "ROLLBACK TO SAVEPOINT", &wall) ==
			   EXTMGR_E_STATEMENT) {
		result = transaction_ended(target, error);
	}
	extmgr_error_free(wall);
	return result;
}
