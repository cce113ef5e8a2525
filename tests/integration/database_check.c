/* SPDX-License-Identifier: MIT */
/* extmgr_database_check() finds what is wrong: the ODBC driver on SQLite, one fault at a time. */
#include "../unit/test.h"

#include "drivers/odbc.h"
#include "host/values.h"

#include <extmgr/extmgr.h>

#include <unistd.h>

enum fault {
	NONE,
	COMMIT_ROLLS_BACK,
	ROLLBACK_COMMITS,
	COMMIT_HIDES_FAILURE,
	ERROR_IS_SUCCESS,
	ERROR_WITHOUT_CODE,
	NULL_IS_EMPTY,
	ONE_ROW_MORE,
	ROLLBACK_DOES_NOTHING,
	RELEASE_COMMITS,
	SAVEPOINT_IS_IGNORED,
	INNER_SAVEPOINT_IS_OUTER,
	BROKEN_IS_KEPT,
	FULL_POOL_IS_AN_ERROR,
};

static enum fault fault;
static char folder[64];
static extmgr_context *context;

static extmgr_result commit(void *user_data, void *session, extmgr_host_error *error)
{
	if (fault == COMMIT_ROLLS_BACK)
		return extmgr__odbc_session_rollback(user_data, session, error);
	if (fault == COMMIT_HIDES_FAILURE && ((struct extmgr__odbc_session *)session)->failed)
		return extmgr__odbc_session_rollback(user_data, session, error);
	return extmgr__odbc_session_commit(user_data, session, error);
}

static extmgr_result rollback(void *user_data, void *session, extmgr_host_error *error)
{
	if (fault == ROLLBACK_DOES_NOTHING)
		return EXTMGR_OK;
	if (fault == ROLLBACK_COMMITS && !((struct extmgr__odbc_session *)session)->failed)
		return extmgr__odbc_session_commit(user_data, session, error);
	return extmgr__odbc_session_rollback(user_data, session, error);
}

static extmgr_result answer(extmgr_result result)
{
	if (fault == ERROR_IS_SUCCESS && result == EXTMGR_E_STATEMENT)
		return EXTMGR_OK;
	if (fault == ERROR_WITHOUT_CODE && result == EXTMGR_E_STATEMENT)
		return -1000;
	return result;
}

/* Statements on savepoints that never reach the database as they are. */
static const char *instead_of(const char *sql)
{
	if (fault == RELEASE_COMMITS && strncmp(sql, "RELEASE", 7) == 0)
		return "COMMIT";
	if (fault == SAVEPOINT_IS_IGNORED && strncmp(sql, "ROLLBACK TO", 11) == 0)
		return "SELECT 1";
	if (fault == INNER_SAVEPOINT_IS_OUTER && strstr(sql, "ROLLBACK TO SAVEPOINT extmgr_inner"))
		return "ROLLBACK TO SAVEPOINT extmgr_outer";
	return sql;
}

/* A session that came back broken, in its transaction; the next open() hands it out. */
static void *kept;
static int open_sessions;

static extmgr_result open_session(void *user_data, extmgr_operation *operation, void **session_out,
				  extmgr_host_error *error)
{
	if (fault == FULL_POOL_IS_AN_ERROR && open_sessions > 0)
		return EXTMGR_E_HOST;
	open_sessions++;
	if (!kept)
		return extmgr__odbc_session_open(user_data, operation, session_out, error);
	*session_out = kept;
	kept = NULL;
	return EXTMGR_OK;
}

static void close_session(void *user_data, void *session, int32_t broken)
{
	open_sessions--;
	if (fault == BROKEN_IS_KEPT && broken && !kept)
		kept = session;
	else
		extmgr__odbc_session_close(user_data, session, broken);
}

static extmgr_result execute(void *user_data, void *session, const char *sql, size_t length,
			     const extmgr_values *arguments, int64_t *affected_out,
			     extmgr_host_error *error)
{
	extmgr_values *changed = extmgr__values_new();
	extmgr_result result;

	assert_int_equal(extmgr__values_add_text(changed, "", 0), EXTMGR_OK);
	if (fault == NULL_IS_EMPTY && extmgr_values_get_count(arguments) == 1 &&
	    extmgr_values_get_type(arguments, 0) == EXTMGR_VALUE_NULL)
		arguments = changed;
	sql = instead_of(sql);
	length = strlen(sql);
	result = extmgr__odbc_execute(user_data, session, sql, length, arguments, affected_out,
				      error);
	if (fault == ONE_ROW_MORE)
		++*affected_out;
	extmgr__values_free(changed);
	return answer(result);
}

static extmgr_result query(void *user_data, void *session, const char *sql, size_t length,
			   const extmgr_values *arguments, extmgr_rows *rows,
			   extmgr_host_error *error)
{
	return answer(extmgr__odbc_query(user_data, session, sql, length, arguments, rows, error));
}

static void destroy(void *user_data)
{
	extmgr__odbc_settings_free(&((struct extmgr__odbc_database *)user_data)->settings);
}

static extmgr_database *open_faulty(struct extmgr__odbc_database *odbc, bool can_interrupt)
{
	extmgr_database_callbacks callbacks;
	extmgr_database *database;
	char dialect[] = "sqlite";
	char url[128];

	open_sessions = 0; /* an open that failed was counted, too */
	snprintf(url, sizeof(url), "sqlite:%s/%d.db", folder, (int)fault);
	*odbc = (struct extmgr__odbc_database){.dialect = EXTMGR__ODBC_SQLITE};
	assert_int_equal(extmgr__odbc_url_parse(url, &odbc->settings, NULL), EXTMGR_OK);
	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS;
	callbacks.dialect = dialect;
	callbacks.open = open_session;
	callbacks.close = close_session;
	callbacks.begin = extmgr__odbc_session_begin;
	callbacks.commit = commit;
	callbacks.rollback = rollback;
	callbacks.execute = execute;
	callbacks.query = query;
	callbacks.interrupt = can_interrupt ? extmgr__odbc_session_interrupt : NULL;
	callbacks.destroy = destroy;
	assert_int_equal(extmgr_database_new(&callbacks, odbc, &database, NULL), EXTMGR_OK);
	return database;
}

static void test_each_fault_fails_its_probe(void **state)
{
	static const struct {
		enum fault fault;
		const char *probe; /* NULL: the check itself cannot begin */
	} cases[] = {
		{NONE, ""},
		{ROLLBACK_COMMITS, "rollback undoes"},
		{COMMIT_HIDES_FAILURE, "commit after a duplicate key"},
		{ERROR_IS_SUCCESS, "syntax error"},
		{ERROR_WITHOUT_CODE, "missing table"},
		{NULL_IS_EMPTY, "NULL as text"},
		{ONE_ROW_MORE, "number of changed rows"},
		{ROLLBACK_DOES_NOTHING, "a session begins again"},
		{COMMIT_ROLLS_BACK, "commit keeps"},
		{RELEASE_COMMITS, "success in a caller's transaction"},
		{SAVEPOINT_IS_IGNORED, "failure in a caller's transaction"},
		{SAVEPOINT_IS_IGNORED, "savepoint undoes CREATE"},
		{INNER_SAVEPOINT_IS_OUTER, "savepoint in a savepoint"},
		{BROKEN_IS_KEPT, "close of a broken session"},
		{FULL_POOL_IS_AN_ERROR, "a second session in time"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__odbc_database odbc;
		extmgr_database *database;
		extmgr_text *report = NULL;
		extmgr_error *error = NULL;
		char failed[128];

		fault = cases[i].fault;
		database = open_faulty(&odbc, false);
		if (extmgr_database_check(context, database, &report, &error) !=
		    (fault == NONE ? EXTMGR_OK : EXTMGR_PARTIAL))
			fail_msg("'%s': %s", cases[i].probe, extmgr_error_get_message(error));
		snprintf(failed, sizeof(failed), "{\"name\":\"%s\",\"outcome\":\"failed\"",
			 cases[i].probe);
		if (fault != NONE && !strstr(extmgr_text_get_data(report), failed))
			fail_msg("'%s' did not fail", cases[i].probe);
		if (kept)
			extmgr__odbc_session_close(&odbc, kept, 1);
		kept = NULL;
		extmgr_text_free(report);
		extmgr_database_free(database);
	}
}

static void test_what_cannot_be_tried_is_skipped(void **state)
{
	struct extmgr__odbc_database odbc;
	extmgr_database *database;
	extmgr_text *report = NULL;

	(void)state;
	fault = NONE;
	database = open_faulty(&odbc, false);
	assert_int_equal(extmgr_database_check(context, database, &report, NULL), EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report),
			       "{\"name\":\"interrupt\",\"outcome\":\"skipped\""));
	extmgr_text_free(report);
	extmgr_database_free(database);
}

static void test_wrong_arguments_are_refused(void **state)
{
	struct extmgr__odbc_database odbc;
	extmgr_database *database;
	extmgr_text *report = NULL;

	(void)state;
	database = open_faulty(&odbc, true);
	assert_int_equal(extmgr_database_check(NULL, database, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_database_check(context, NULL, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_database_check(context, database, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_database_free(database);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/extmgr-check.XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	return extmgr_context_new(NULL, &context, NULL) == EXTMGR_OK ? 0 : 1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	extmgr_context_free(context);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fault_fails_its_probe),
		cmocka_unit_test(test_what_cannot_be_tried_is_skipped),
		cmocka_unit_test(test_wrong_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
