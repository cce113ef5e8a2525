/* SPDX-License-Identifier: MIT */
/*
 * Probes of extmgr_database_check(): what an operation in a caller's transaction does with
 * savepoints, and sessions that come back broken, late or twice.
 */
#include "host/database_check.h"

#define PATIENCE_MS 300

static bool insert(struct extmgr__check *check, const char *sql)
{
	return extmgr__check_execute(check, sql, NULL, NULL);
}

#define INSERT(n) "INSERT INTO %T (id) VALUES (" #n ")"

static bool is_stored(struct extmgr__check *check, int64_t rows)
{
	return extmgr__check_reopen(check, check->context, NULL) && extmgr__check_begin(check, 0) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", rows);
}

static bool savepoint(struct extmgr__check *check, const char *sql)
{
	return extmgr__check_execute(check, sql, NULL, NULL);
}

static bool probe_nested(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check, INSERT(1)) && savepoint(check, "SAVEPOINT extmgr_outer") &&
	       insert(check, INSERT(2)) && savepoint(check, "SAVEPOINT extmgr_inner") &&
	       insert(check, INSERT(3)) && savepoint(check, "ROLLBACK TO SAVEPOINT extmgr_inner") &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 2) &&
	       savepoint(check, "RELEASE SAVEPOINT extmgr_inner") && insert(check, INSERT(4)) &&
	       savepoint(check, "ROLLBACK TO SAVEPOINT extmgr_outer") &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1) &&
	       extmgr__check_refused(check, "RELEASE SAVEPOINT extmgr_inner", EXTMGR_E_STATEMENT);
}

/* The caller's rows are 1 and 3. */
static bool probe_failure(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check, INSERT(1)) && savepoint(check, "SAVEPOINT extmgr_probe") &&
	       insert(check, INSERT(2)) &&
	       extmgr__check_refused(check, "SELECT nothing FROM %T", EXTMGR_E_STATEMENT) &&
	       savepoint(check, "ROLLBACK TO SAVEPOINT extmgr_probe") &&
	       savepoint(check, "RELEASE SAVEPOINT extmgr_probe") && insert(check, INSERT(3)) &&
	       extmgr__check_commit(check) && is_stored(check, 2);
}

static bool probe_success(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check, INSERT(1)) && savepoint(check, "SAVEPOINT extmgr_probe") &&
	       insert(check, INSERT(2)) && savepoint(check, "RELEASE SAVEPOINT extmgr_probe") &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 2) &&
	       extmgr__check_rollback(check) && is_stored(check, 0);
}

static bool probe_ddl(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert(check, INSERT(1)) && savepoint(check, "SAVEPOINT extmgr_probe") &&
	       savepoint(check, "CREATE TABLE %T_ddl (i INTEGER)") &&
	       savepoint(check, "ROLLBACK TO SAVEPOINT extmgr_probe") &&
	       savepoint(check, "RELEASE SAVEPOINT extmgr_probe") && extmgr__check_commit(check) &&
	       is_stored(check, 1) &&
	       extmgr__check_refused(check, "SELECT i FROM %T_ddl", EXTMGR_E_STATEMENT);
}

static bool probe_rows_behind_savepoint(struct extmgr__check *check, const void *argument)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	bool passed;

	(void)argument;
	extmgr_context_options_init(&options, sizeof(options));
	options.result_rows = 1;
	if (extmgr_context_new(&options, &context, NULL) != EXTMGR_OK)
		return extmgr__check_fail(check, "out of memory");
	passed = extmgr__check_reopen(check, context, NULL) &&
		 extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) && insert(check, INSERT(1)) &&
		 insert(check, INSERT(2)) && savepoint(check, "SAVEPOINT extmgr_probe") &&
		 extmgr__check_refused(check, "SELECT id FROM %T", EXTMGR_E_TOO_LARGE) &&
		 savepoint(check, "ROLLBACK TO SAVEPOINT extmgr_probe") &&
		 savepoint(check, "RELEASE SAVEPOINT extmgr_probe") && extmgr__check_commit(check);
	extmgr_context_free(context);
	return passed && is_stored(check, 2);
}

/* close(broken): the transaction is gone, and the next session is a sound one. */
static bool probe_broken(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	if (!insert(check, INSERT(1)))
		return false;
	extmgr__session_give_up(check->session);
	return extmgr__check_reopen(check, check->context, NULL) &&
	       extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 0) &&
	       insert(check, INSERT(1)) && extmgr__check_commit(check) && is_stored(check, 1);
}

/* A pool without a free session says so when the operation's time is over; it does not hang. */
static bool take_another(struct extmgr__check *check, extmgr_operation *operation)
{
	struct extmgr__session *other = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	result = extmgr__session_open(check->context, check->database, operation, &other, &error);
	extmgr__session_close(other);
	extmgr_error_free(error);
	return result == EXTMGR_OK || result == EXTMGR_E_TIMEOUT || result == EXTMGR_E_LOCKED ||
	       result == EXTMGR_E_CONNECTION ||
	       extmgr__check_fail(check, "open while a session is in use: the answer is %s",
				  extmgr_result_get_name(result));
}

static bool probe_second_session(struct extmgr__check *check, const void *argument)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	bool passed = false;

	(void)argument;
	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = PATIENCE_MS;
	if (extmgr_operation_new(&options, &operation, NULL) != EXTMGR_OK)
		return extmgr__check_fail(check, "out of memory");
	if (extmgr__operation_begin(operation, check->context, NULL) == EXTMGR_OK) {
		passed = take_another(check, operation);
		extmgr__operation_end(operation);
	}
	extmgr_operation_free(operation);
	return passed && insert(check, INSERT(1)) && extmgr__check_commit(check) &&
	       is_stored(check, 1);
}

const struct extmgr__probe *extmgr__check_caller_probes(size_t *count)
{
	static const struct extmgr__probe probes[] = {
		{"savepoint in a savepoint", EXTMGR_DATABASE_SAVEPOINTS, probe_nested, NULL},
		{"failure in a caller's transaction", EXTMGR_DATABASE_SAVEPOINTS, probe_failure,
		 NULL},
		{"success in a caller's transaction", EXTMGR_DATABASE_SAVEPOINTS, probe_success,
		 NULL},
		{"savepoint undoes CREATE",
		 EXTMGR_DATABASE_SAVEPOINTS | EXTMGR_DATABASE_TRANSACTIONAL_DDL, probe_ddl, NULL},
		{"savepoint after too many rows", EXTMGR_DATABASE_SAVEPOINTS,
		 probe_rows_behind_savepoint, NULL},
		{"close of a broken session", 0, probe_broken, NULL},
		{"a second session in time", 0, probe_second_session, NULL},
	};

	*count = sizeof(probes) / sizeof(probes[0]);
	return probes;
}
