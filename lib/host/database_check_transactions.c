/* SPDX-License-Identifier: MIT */
/* Probes of extmgr_database_check(): transactions, failures, sessions and interrupt. */
#include "host/database_check.h"

#include <stdio.h>
#include <string.h>

#define INTERRUPT_AFTER_MS 300

static bool insert(struct extmgr__check *check)
{
	return extmgr__check_execute(check, "INSERT INTO %T (id, i) VALUES (1, 1)", NULL, NULL);
}

/* What another session sees. */
static bool is_stored(struct extmgr__check *check, int64_t rows)
{
	return extmgr__check_reopen(check, check->context, NULL) && extmgr__check_begin(check, 0) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", rows);
}

static bool probe_commit(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) && extmgr__check_commit(check) && is_stored(check, 1);
}

static bool probe_rollback(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) && extmgr__check_rollback(check) && is_stored(check, 0);
}

static bool probe_close(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) && is_stored(check, 0);
}

static bool probe_own_writes(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) && extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1);
}

static bool probe_begin_again(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) && extmgr__check_rollback(check) &&
	       extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) && insert(check) &&
	       extmgr__check_commit(check) && extmgr__check_begin(check, 0) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1);
}

static bool probe_read_only(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_rollback(check) && extmgr__check_begin(check, 0) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 0) &&
	       extmgr__check_rollback(check);
}

static bool probe_empty_commit(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_commit(check) && is_stored(check, 0);
}

static bool probe_rollback_ddl(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_execute(check, "CREATE TABLE %T_ddl (i INTEGER)", NULL, NULL) &&
	       extmgr__check_execute(check, "INSERT INTO %T_ddl (i) VALUES (1)", NULL, NULL) &&
	       extmgr__check_rollback(check) && extmgr__check_reopen(check, check->context, NULL) &&
	       extmgr__check_begin(check, 0) &&
	       extmgr__check_refused(check, "SELECT i FROM %T_ddl", EXTMGR_E_STATEMENT);
}

static bool probe_rollback_drop(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_execute(check, "DROP TABLE %T", NULL, NULL) &&
	       extmgr__check_rollback(check) && is_stored(check, 0);
}

static bool probe_savepoint(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) &&
	       extmgr__check_execute(check, "SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_execute(check, "INSERT INTO %T (id) VALUES (2)", NULL, NULL) &&
	       extmgr__check_execute(check, "ROLLBACK TO SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1) &&
	       extmgr__check_execute(check, "RELEASE SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_commit(check) && is_stored(check, 1);
}

static bool probe_savepoint_release(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_execute(check, "SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_execute(check, "RELEASE SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_refused(check, "RELEASE SAVEPOINT extmgr_probe", EXTMGR_E_STATEMENT);
}

/* The second wall of the library stands on this: a savepoint ends with its transaction. */
static bool probe_savepoint_end(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return extmgr__check_execute(check, "SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_rollback(check) && extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) &&
	       extmgr__check_refused(check, "RELEASE SAVEPOINT extmgr_probe", EXTMGR_E_STATEMENT);
}

static bool probe_savepoint_failure(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) &&
	       extmgr__check_execute(check, "SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_refused(check, "SELECT nothing FROM %T", EXTMGR_E_STATEMENT) &&
	       extmgr__check_execute(check, "ROLLBACK TO SAVEPOINT extmgr_probe", NULL, NULL) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1);
}

/* argument: a statement that the database must refuse. */
static bool probe_refused(struct extmgr__check *check, const void *argument)
{
	return insert(check) && extmgr__check_refused(check, argument, EXTMGR_E_STATEMENT);
}

static bool probe_rollback_after_failure(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check) &&
	       extmgr__check_refused(check, "SELECT nothing FROM %T", EXTMGR_E_STATEMENT) &&
	       extmgr__check_rollback(check) && extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 0);
}

/*
 * argument: how the transaction fails. The library never commits then, and databases differ in what
 * that does; but the answer must be true.
 */
static bool probe_commit_after_failure(struct extmgr__check *check, const void *argument)
{
	bool committed;

	if (!insert(check) || !extmgr__check_refused(check, argument, EXTMGR_E_STATEMENT))
		return false;
	committed = extmgr__session_commit(check->session, NULL) == EXTMGR_OK;
	if (is_stored(check, committed ? 1 : 0))
		return true;
	return extmgr__check_fail(check, committed
						 ? "COMMIT is called a success, but stored nothing"
						 : "COMMIT is called a failure, but stored rows");
}

/* Each is given back before the next is taken: a pool of one must do. */
static bool probe_many_sessions(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	for (int i = 0; i < 5; i++) {
		if (!extmgr__check_reopen(check, check->context, NULL) ||
		    !extmgr__check_begin(check, 0) ||
		    !extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 0))
			return false;
	}
	return true;
}

static const char *endless_statement(const struct extmgr__check *check)
{
	/* Not quite: a host that cannot interrupt shall fail, not hang. */
	if (extmgr__check_is_dialect(check, "postgresql"))
		return "SELECT 1 FROM pg_sleep(5)";
	if (extmgr__check_is_dialect(check, "sqlite"))
		return "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT "
		       "60000000)"
		       " SELECT COUNT(*) FROM r";
	return NULL;
}

static bool run_late(struct extmgr__check *check, extmgr_operation *operation, const char *sql,
		     bool executed)
{
	/* The answer of the operation is the host layer's; that the session comes back in time for
	 * it is the host's. A statement that ran to its end is no failure to the layer. */
	return extmgr__check_reopen(check, check->context, operation) &&
	       extmgr__check_begin(check, 0) &&
	       (executed ? extmgr__check_not_executed(check, sql, EXTMGR_E_TIMEOUT)
			 : extmgr__check_refused(check, sql, EXTMGR_E_TIMEOUT)) &&
	       extmgr__check_rollback(check);
}

/* argument: not NULL for execute, NULL for query. */
static bool probe_interrupt(struct extmgr__check *check, const void *argument)
{
	const char *sql = endless_statement(check);
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	bool passed;

	if (!extmgr__database_has_interrupt(check->database))
		return extmgr__check_skip(check, "the host has no interrupt");
	if (!sql)
		return extmgr__check_skip(check, "no slow statement is known for this dialect");
	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = INTERRUPT_AFTER_MS;
	if (extmgr_operation_new(&options, &operation, NULL) != EXTMGR_OK)
		return extmgr__check_fail(check, "out of memory");
	if (extmgr__operation_begin(operation, check->context, NULL) != EXTMGR_OK) {
		extmgr_operation_free(operation);
		return extmgr__check_fail(check, "out of memory");
	}
	passed = run_late(check, operation, sql, argument != NULL);
	/* The session knows the operation: it goes first. */
	extmgr__session_close(check->session);
	check->session = NULL;
	extmgr__operation_end(operation);
	extmgr_operation_free(operation);
	return passed && is_stored(check, 0);
}

const struct extmgr__probe *extmgr__check_transaction_probes(size_t *count)
{
	static const struct extmgr__probe probes[] = {
		{"commit keeps", 0, probe_commit, NULL},
		{"rollback undoes", 0, probe_rollback, NULL},
		{"close undoes", 0, probe_close, NULL},
		{"own changes are seen", 0, probe_own_writes, NULL},
		{"a session begins again", 0, probe_begin_again, NULL},
		{"begin without write", 0, probe_read_only, NULL},
		{"commit of nothing", 0, probe_empty_commit, NULL},
		{"five sessions in turn", 0, probe_many_sessions, NULL},
		{"rollback undoes CREATE", EXTMGR_DATABASE_TRANSACTIONAL_DDL, probe_rollback_ddl,
		 NULL},
		{"rollback undoes DROP", EXTMGR_DATABASE_TRANSACTIONAL_DDL, probe_rollback_drop,
		 NULL},
		{"savepoint", EXTMGR_DATABASE_SAVEPOINTS, probe_savepoint, NULL},
		{"released savepoint", EXTMGR_DATABASE_SAVEPOINTS, probe_savepoint_release, NULL},
		{"savepoint of an ended transaction", EXTMGR_DATABASE_SAVEPOINTS,
		 probe_savepoint_end, NULL},
		{"savepoint after a failure", EXTMGR_DATABASE_SAVEPOINTS, probe_savepoint_failure,
		 NULL},
		{"syntax error", 0, probe_refused, "SELEKT 1"},
		{"missing table", 0, probe_refused, "SELECT 1 FROM %T_missing"},
		{"duplicate key", 0, probe_refused, "INSERT INTO %T (id) VALUES (1)"},
		{"NULL where none may be", 0, probe_refused, "INSERT INTO %T (id) VALUES (NULL)"},
		{"rollback after a failure", 0, probe_rollback_after_failure, NULL},
		{"commit after a syntax error", 0, probe_commit_after_failure, "SELEKT 1"},
		{"commit after a duplicate key", 0, probe_commit_after_failure,
		 "INSERT INTO %T (id) VALUES (1)"},
		{"interrupt", 0, probe_interrupt, NULL},
		{"interrupt of execute", 0, probe_interrupt, "execute"},
	};

	*count = sizeof(probes) / sizeof(probes[0]);
	return probes;
}
