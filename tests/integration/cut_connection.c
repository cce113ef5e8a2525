/* SPDX-License-Identifier: MIT */
/*
 * The connection to PostgreSQL is cut at every message of the client in turn: before it reaches the
 * server, within it, and after it, before the answer. For each host: the error says what is known,
 * and the database is as it was, or, when the answer to COMMIT was lost, perhaps as it should be.
 */
#include "../hosts/libpq_host.h"
#include "../support/dump.h"
#include "../support/proxy.h"
#include "../support/snapshot.h"
#include "../support/stage.h"
#include "../unit/test.h"

#include <extmgr/drivers.h>

#include <stdbool.h>

/* More messages than an installation has: the loop must end by itself. */
#define MESSAGES_MAXIMUM 1000

static const char *url;
static struct proxy *proxy;
static char *snapshot_before;
static char *dump_after;

static extmgr_database *open_odbc(const char *through)
{
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;

	stage_must(extmgr_database_open(through, &database, &error), error);
	return database;
}

/* Installs through the proxy; the session is closed when it returns. */
static extmgr_result install(extmgr_database *(*open)(const char *url))
{
	struct stage stage;
	extmgr_result result;

	stage_open(&stage, open(proxy_get_url(proxy)), getenv("EXTMGR_TEST_DEFINITIONS"));
	result = extmgr_manager_install(stage.manager, "audit-log", NULL, NULL, NULL, NULL);
	stage_close(&stage);
	proxy_wait_idle(proxy);
	return result;
}

static void remove_installation(void)
{
	stage_sql(url, "SET client_min_messages = error; DROP SCHEMA extensions CASCADE");
}

static bool is_before(void)
{
	char *snapshot = snapshot_database(url);
	bool equal = strcmp(snapshot, snapshot_before) == 0;

	free(snapshot);
	return equal;
}

/* Not for the eyes of snapshot_database(): each installation has object numbers of its own. */
static bool is_after(void)
{
	char *dump = dump_database(url);
	bool equal = strcmp(dump, dump_after) == 0;

	free(dump);
	return equal;
}

static int set_up(void **state)
{
	(void)state;
	url = getenv("EXTMGR_TEST_POSTGRESQL_URL");
	if (!url)
		return 1;
	proxy = proxy_start(url);
	snapshot_before = snapshot_database(url);
	assert_int_equal(install(libpq_host_open), EXTMGR_OK);
	dump_after = dump_database(url);
	remove_installation();
	assert_true(is_before());
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	proxy_stop(proxy);
	free(snapshot_before);
	free(dump_after);
	return 0;
}

/* How the runs ended that lost the connection at a COMMIT, or behind it. */
struct tally {
	int unknown_not_done;
	int unknown_done;
	int done;
};

/* What the error says must be true of the database. */
static void judge(enum proxy_fault fault, int at, extmgr_result result, struct tally *tally)
{
	bool not_done = is_before();
	bool done = !not_done && is_after();
	const char *name = extmgr_result_get_name(result);
	char type = proxy_fired_at(proxy);

	if (!not_done && !done)
		fail_msg("fault %d at message %d (%c): half of it is done", fault, at, type);
	if (result == EXTMGR_E_OUTCOME_UNKNOWN && proxy_fired_at_commit(proxy)) {
		tally->unknown_done += done;
		tally->unknown_not_done += not_done;
	} else if (result == EXTMGR_OK && done) {
		tally->done++;
	} else if (result != EXTMGR_E_CONNECTION || !not_done) {
		fail_msg("fault %d at message %d (%c): %s, and the database was %s", fault, at,
			 type, name, not_done ? "not changed" : "changed");
	}
	if (done)
		remove_installation();
}

static void cut_everywhere(extmgr_database *(*open)(const char *url), enum proxy_fault fault)
{
	struct tally tally = {0};
	int at;

	for (at = 1; at < MESSAGES_MAXIMUM; at++) {
		extmgr_result result;

		proxy_arm(proxy, fault, at);
		result = install(open);
		if (!proxy_fired_at(proxy))
			break;
		judge(fault, at, result, &tally);
	}
	assert_in_range(at, 20, MESSAGES_MAXIMUM - 1);
	remove_installation(); /* of the last run, which nothing cut */
	if (fault == PROXY_CUT_AFTER)
		assert_true(tally.unknown_done > 0);
	else
		assert_true(tally.unknown_not_done > 0 && tally.unknown_done == 0);
}

static void test_libpq_host_cut_before_each_message(void **state)
{
	(void)state;
	cut_everywhere(libpq_host_open, PROXY_CUT_BEFORE);
}

static void test_libpq_host_cut_within_each_message(void **state)
{
	(void)state;
	cut_everywhere(libpq_host_open, PROXY_CUT_WITHIN);
}

static void test_libpq_host_cut_after_each_message(void **state)
{
	(void)state;
	cut_everywhere(libpq_host_open, PROXY_CUT_AFTER);
}

static void test_odbc_cut_before_each_message(void **state)
{
	(void)state;
	cut_everywhere(open_odbc, PROXY_CUT_BEFORE);
}

static void test_odbc_cut_within_each_message(void **state)
{
	(void)state;
	cut_everywhere(open_odbc, PROXY_CUT_WITHIN);
}

static void test_odbc_cut_after_each_message(void **state)
{
	(void)state;
	cut_everywhere(open_odbc, PROXY_CUT_AFTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_libpq_host_cut_before_each_message),
		cmocka_unit_test(test_libpq_host_cut_within_each_message),
		cmocka_unit_test(test_libpq_host_cut_after_each_message),
		cmocka_unit_test(test_odbc_cut_before_each_message),
		cmocka_unit_test(test_odbc_cut_within_each_message),
		cmocka_unit_test(test_odbc_cut_after_each_message),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
