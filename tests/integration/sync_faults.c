/* SPDX-License-Identifier: MIT */
/*
 * Every call of the database fails in turn while two bundles are synchronised, on an empty database
 * and over an older catalog: refused, cut before it reaches the database, cut before its answer
 * arrives. Each extension then is what it was or what it should become, and the next
 * synchronisation completes.
 */
#include "bundles.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct world {
	struct fixture fixture;
	extmgr_catalog *catalog;
	char bundles[96];
	int version;
};

static void write_bundles(struct world *world)
{
	char version[16];

	(void)snprintf(version, sizeof(version), "1.%d.0", ++world->version);
	write_archive_bundle(world->bundles,
			     &(struct test_bundle){"one", version, version, "// a definition"});
	write_directory_bundle(world->bundles,
			       &(struct test_bundle){"two", version, version, NULL});
}

static extmgr_result synchronise(struct world *world, extmgr_sync_report **report)
{
	extmgr_sync_options options;

	extmgr_sync_options_init(&options, sizeof(options));
	options.max_parallel = 1;
	return extmgr_sync_run(world->catalog, world->bundles, &options, report, NULL);
}

static void expect(struct world *world, const char *sql, const char *expected)
{
	char *value = fixture_value(&world->fixture, sql);

	if (!value || strcmp(value, expected) != 0)
		fail_msg("%s: %s instead of %s", sql, value ? value : "nothing", expected);
	free(value);
}

/* No extension has files of another version than its own. */
static void check_whole(struct world *world, const char *id)
{
	extmgr_text *details = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = extmgr_catalog_get(world->catalog, id, NULL, &details, &error);

	if (result != EXTMGR_OK && result != EXTMGR_E_EXTENSION_NOT_FOUND &&
	    result != EXTMGR_E_CATALOG_MISSING)
		fail_msg("%s: %s: %s", id, extmgr_result_get_name(result),
			 extmgr_error_get_message(error));
	extmgr_text_free(details);
	extmgr_error_free(error);
}

static void drop_tables(struct world *world)
{
	fixture_sql(&world->fixture, "DROP TABLE IF EXISTS extmgr_file");
	fixture_sql(&world->fixture, "DROP TABLE IF EXISTS extmgr_extension");
	fixture_sql(&world->fixture, "DROP TABLE IF EXISTS extmgr_history");
	fixture_sql(&world->fixture, "DROP TABLE IF EXISTS extmgr_schema");
}

/* Answers whether there was a call of that number. */
static bool fail_call(struct world *world, enum fault_kind kind, int at)
{
	extmgr_sync_report *report = NULL;
	extmgr_result result;
	bool fired;

	write_bundles(world);
	fault_arm(&world->fixture.fault, kind, at);
	result = synchronise(world, &report);
	fired = world->fixture.fault.fired;
	fault_arm(&world->fixture.fault, FAULT_REFUSED, 0);
	assert_int_equal(world->fixture.fault.open_sessions, 0);
	assert_true(result >= 0 ? report != NULL : report == NULL);
	if (!fired)
		assert_int_equal(result, EXTMGR_OK);
	extmgr_sync_report_free(report);
	check_whole(world, "acme.one");
	check_whole(world, "acme.two");

	report = NULL;
	result = synchronise(world, &report);
	assert_true(result == EXTMGR_OK || result == EXTMGR_UNCHANGED);
	assert_true(extmgr_sync_converged(report));
	extmgr_sync_report_free(report);
	expect(world, "SELECT COUNT(DISTINCT version) FROM extmgr_extension", "1");
	expect(world, "SELECT COUNT(*) FROM extmgr_file", "5");
	expect(world, "SELECT COUNT(*) FROM extmgr_extension WHERE digest = ''", "0");
	return fired;
}

static void fail_all(int which, bool empty)
{
	struct world world = {0};
	extmgr_error *error = NULL;
	const char *scale = getenv("EXTMGR_TEST_SCALE");
	/* Connecting to PostgreSQL takes its time: short runs fail every eighth call. */
	int stride = which == 1 && !(scale && strtol(scale, NULL, 10) > 1) ? 8 : 1;
	int calls = 0;

	if (!fixture_open(&world.fixture, which))
		return; /* no PostgreSQL */
	(void)snprintf(world.bundles, sizeof(world.bundles), "%s/bundles", world.fixture.directory);
	assert_int_equal(mkdir(world.bundles, 0700), 0);
	assert_int_equal(extmgr_catalog_open(world.fixture.context, world.fixture.database, NULL,
					     &world.catalog, &error),
			 EXTMGR_OK);
	for (int kind = FAULT_REFUSED; kind <= FAULT_CUT_AFTER; kind++) {
		int at = 1;

		do {
			if (empty)
				drop_tables(&world);
			calls = at - stride;
			at += stride;
		} while (fail_call(&world, (enum fault_kind)kind, at - stride));
	}
	assert_true(calls > 20);
	print_message("# %s, %s: every %d. of %d calls failed in 3 ways\n",
		      world.fixture.is_postgresql ? "postgresql" : "sqlite",
		      empty ? "empty" : "older", stride, calls);
	drop_tables(&world);
	extmgr_catalog_free(world.catalog);
	fixture_close(&world.fixture);
}

static void test_empty_sqlite(void **state)
{
	(void)state;
	fail_all(0, true);
}

static void test_older_sqlite(void **state)
{
	(void)state;
	fail_all(0, false);
}

static void test_empty_postgresql(void **state)
{
	(void)state;
	fail_all(1, true);
}

static void test_older_postgresql(void **state)
{
	(void)state;
	fail_all(1, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_sqlite),
		cmocka_unit_test(test_older_sqlite),
		cmocka_unit_test(test_empty_postgresql),
		cmocka_unit_test(test_older_postgresql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
