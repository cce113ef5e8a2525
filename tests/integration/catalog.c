/* SPDX-License-Identifier: MIT */
/* Catalog and synchronisation on an SQLite file: rules, locks, checks of what was stored. */
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
#include <unistd.h>

#include <cmocka.h>

static const char definition[] =
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'Carried', category: 'test', description: 'd',\n"
	"  installableVersions: [{ name: '1.0.0', latest: true, deprecated: false }],\n"
	"  bucketFsUploads: [],\n"
	"  findInstallations: function () { return []; }\n"
	"} };\n";

struct world {
	struct fixture fixture;
	extmgr_catalog *catalog;
	char bundles[96];
	extmgr_sync_options options;
};

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_true(fixture_open(&world->fixture, 0));
	(void)snprintf(world->bundles, sizeof(world->bundles), "%s/bundles",
		       world->fixture.directory);
	assert_int_equal(mkdir(world->bundles, 0700), 0);
	assert_int_equal(extmgr_catalog_open(world->fixture.context, world->fixture.database, NULL,
					     &world->catalog, NULL),
			 EXTMGR_OK);
	extmgr_sync_options_init(&world->options, sizeof(world->options));
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	assert_int_equal(world->fixture.fault.open_sessions, 0);
	extmgr_catalog_free(world->catalog);
	fixture_close(&world->fixture);
	free(world);
	return 0;
}

static void put(struct world *world, const char *name, const char *version, const char *text)
{
	write_archive_bundle(world->bundles,
			     &(struct test_bundle){name, version, text, definition});
}

/* Synchronises; answers the count of an outcome. */
static size_t sync_count(struct world *world, int32_t which)
{
	extmgr_sync_report *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result =
		extmgr_sync_run(world->catalog, world->bundles, &world->options, &report, &error);
	size_t count;

	if (result < 0)
		fail_msg("%s: %s", extmgr_result_get_name(result), extmgr_error_get_message(error));
	count = extmgr_sync_report_get_count(report, which);
	extmgr_sync_report_free(report);
	return count;
}

static void expect(struct world *world, const char *sql, const char *expected)
{
	char *value = fixture_value(&world->fixture, sql);

	if (!value || strcmp(value, expected) != 0)
		fail_msg("%s: %s instead of %s", sql, value ? value : "nothing", expected);
	free(value);
}

static extmgr_result read_file(struct world *world, const char *path)
{
	extmgr_text *content = NULL;
	extmgr_result result = extmgr_catalog_read_file(world->catalog, "acme.a", NULL, path, NULL,
							&content, NULL);

	assert_true((result == EXTMGR_OK) == (content != NULL));
	extmgr_text_free(content);
	return result;
}

/* ---- Rules ---- */

static void test_a_change_is_written_once(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UNCHANGED), 1);
	expect(world, "SELECT fence FROM extmgr_extension", "1");
	expect(world, "SELECT COUNT(*) FROM extmgr_history", "1");
	put(world, "a", "1.1.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	expect(world, "SELECT fence FROM extmgr_extension", "2");
}

static void test_a_lower_version_is_refused(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	put(world, "a", "0.9.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_REFUSED), 1);
	expect(world, "SELECT version FROM extmgr_extension", "1.0.0");
	world->options.flags = EXTMGR_SYNC_ALLOW_DOWNGRADE;
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
}

static void test_held_is_not_updated(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	assert_int_equal(extmgr_catalog_set_held(world->catalog, "acme.a", 1, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_catalog_set_held(world->catalog, "acme.a", 7, NULL, NULL),
			 EXTMGR_UNCHANGED);
	put(world, "a", "1.1.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_REFUSED), 1);
	expect(world, "SELECT version FROM extmgr_extension", "1.0.0");
}

static void test_what_was_replaced_does_not_come_back(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	put(world, "a", "1.0.0", "two");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_REFUSED), 1);
	assert_int_equal(extmgr_catalog_accept(world->catalog, "acme.a", NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_catalog_accept(world->catalog, "acme.a", NULL, NULL, NULL),
			 EXTMGR_UNCHANGED);
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	put(world, "a", "1.0.0", "three");
	world->options.flags = EXTMGR_SYNC_REFUSE_REPUBLISHED;
	assert_int_equal(sync_count(world, EXTMGR_SYNC_REFUSED), 1);
}

static void test_the_highest_version_wins(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	write_directory_bundle(world->bundles, &(struct test_bundle){"b", "1.0.0", "x", NULL});
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 2);
	put(world, "b", "1.0.0", "y");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_SUPERSEDED), 1);
	expect(world, "SELECT COUNT(*) FROM extmgr_history", "2");
}

static void test_missing_after_a_while(void **state)
{
	struct world *world = *state;
	char path[128];

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	(void)snprintf(path, sizeof(path), "%s/a.supx", world->bundles);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(sync_count(world, EXTMGR_SYNC_MISSING), 0);
	fixture_sql(&world->fixture, "UPDATE extmgr_extension SET last_seen_ms = last_seen_ms - "
				     "16 * 60000");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_MISSING), 1);
	expect(world, "SELECT state FROM extmgr_extension", "missing");
	assert_int_equal(read_file(world, "manifest.json"), EXTMGR_E_EXTENSION_WITHDRAWN);
	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UNCHANGED), 1);
	expect(world, "SELECT state FROM extmgr_extension", "active");
}

static void test_seen_is_written_when_it_is_old(void **state)
{
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	fixture_sql(&world->fixture, "UPDATE extmgr_extension SET last_seen_ms = last_seen_ms - "
				     "16 * 60000");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UNCHANGED), 1);
	expect(world, "SELECT last_seen_ms >= changed_ms FROM extmgr_extension", "1");
	expect(world, "SELECT state FROM extmgr_extension", "active");
}

/* ---- What was stored ---- */

static void test_tampered_bytes_are_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE extmgr_file SET content = 'eA==' WHERE path = 'frontend/dist/main.js'",
		"UPDATE extmgr_file SET content = 'b25l!' WHERE path = 'frontend/dist/main.js'",
		"UPDATE extmgr_file SET content = 'b25mZQ==', size = 4 WHERE path = "
		"'frontend/dist/main.js'",
		"UPDATE extmgr_file SET size = 2 WHERE path = 'frontend/dist/main.js'",
		"DELETE FROM extmgr_file WHERE path = 'frontend/dist/main.js'",
		"UPDATE extmgr_extension SET listing = listing || 'x'",
		"UPDATE extmgr_extension SET listing = printf('%064d  a%s', 0, char(10)) || "
		"listing",
		"UPDATE extmgr_extension SET manifest = manifest || ' '",
		"UPDATE extmgr_extension SET digest = 'sha256:none'",
	};
	struct world *world = *state;

	put(world, "a", "1.0.0", "one");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
		assert_int_equal(read_file(world, "frontend/dist/main.js"), EXTMGR_OK);
		fixture_sql(&world->fixture, changes[i]);
		if (read_file(world, "frontend/dist/main.js") != EXTMGR_E_CATALOG_TAMPERED)
			fail_msg("not found: %s", changes[i]);
		expect(world, "SELECT state FROM extmgr_extension", "bad");
	}
}

static void test_a_file_has_the_digest_that_was_asked_for(void **state)
{
	struct world *world = *state;
	extmgr_text *content = NULL;
	char other[80] = "sha256:";

	memset(other + 7, '0', 64);
	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	assert_int_equal(extmgr_catalog_read_file(world->catalog, "acme.a", other, "manifest.json",
						  NULL, &content, NULL),
			 EXTMGR_E_NOT_FOUND);
	assert_int_equal(read_file(world, "frontend/dist/none.js"), EXTMGR_E_NOT_FOUND);
}

static void test_disabled_is_not_installed(void **state)
{
	struct world *world = *state;
	extmgr_registry *registry = NULL;
	extmgr_registry_list *list = NULL;
	extmgr_text *source = NULL;

	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	assert_int_equal(extmgr_registry_open_catalog(world->catalog, &registry, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_read(registry, "acme.a", &source, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(source), definition);
	extmgr_text_free(source);
	assert_int_equal(extmgr_catalog_set_enabled(world->catalog, "acme.a", 0, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_registry_read(registry, "acme.a", &source, NULL),
			 EXTMGR_E_EXTENSION_WITHDRAWN);
	assert_int_equal(extmgr_registry_read(registry, "acme.b", &source, NULL),
			 EXTMGR_E_EXTENSION_NOT_FOUND);
	assert_int_equal(extmgr_registry_list_entries(registry, &list, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_list_get_count(list), 0);
	extmgr_registry_list_free(list);
	extmgr_registry_free(registry);
}

/* ---- A pool of one session ---- */

/* An extension with a table of its own; %s: its name, three times, and further members. */
static const char with_table[] =
	"(function () {\n"
	"var made = \"SELECT 1 FROM sqlite_master WHERE name = 'made_%s'\";\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: '%s',\n"
	"  installableVersions: [{name: '1.0.0', latest: true}],\n"
	"  findInstallations: function (c) { return c.sqlClient.query(made).rows.length ?\n"
	"    [{name: 'X', version: '1.0.0'}] : []; },\n"
	"  install: function (c) { c.sqlClient.execute('CREATE TABLE made_%s (id INTEGER)'); },\n"
	"  %s}};\n"
	"})();\n";

static void carry(struct world *world, const char *name, const char *members)
{
	char source[2048];

	assert_true(snprintf(source, sizeof(source), with_table, name, name, name, members) <
		    (int)sizeof(source));
	write_archive_bundle(world->bundles, &(struct test_bundle){name, "1.0.0", "one", source});
}

/*
 * The catalog is the registry, and lies in the target: definitions, also those of required
 * extensions, are read before the target's session is opened, and after it is closed.
 */
static void test_catalog_and_target_share_a_pool_of_one(void **state)
{
	struct world *world = *state;
	extmgr_registry *registry = NULL;
	extmgr_manager *manager = NULL;
	extmgr_extension_list *list = NULL;
	extmgr_text *text = NULL;

	carry(world, "base", "");
	carry(world, "user", "requirements: {requires: ['acme.base']}");
	world->fixture.fault.pool_of_one = true;
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 2);
	assert_int_equal(extmgr_registry_open_catalog(world->catalog, &registry, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_manager_new(world->fixture.context, registry,
					    world->fixture.database, NULL, NULL, &manager, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_install(manager, "acme.user", NULL, NULL, NULL, NULL),
			 EXTMGR_E_REQUIREMENTS);
	assert_int_equal(extmgr_manager_install(manager, "acme.base", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_install(manager, "acme.user", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(
		extmgr_manager_list_extensions(manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_extension_list_get_count(list), 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(extmgr_extension_list_get_state(list, i), EXTMGR_STATE_INSTALLED);
	extmgr_extension_list_free(list);
	assert_int_equal(
		extmgr_manager_get_extension(manager, "acme.user", NULL, NULL, &text, NULL),
		EXTMGR_OK);
	extmgr_text_free(text);
	assert_int_equal(extmgr_manager_get_status(manager, NULL, NULL, &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	assert_int_equal(extmgr_manager_upgrade_all(manager, NULL, &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	extmgr_manager_free(manager);
	extmgr_registry_free(registry);
}

/* ---- Tables ---- */

static extmgr_result list(struct world *world, char **text)
{
	extmgr_text *json = NULL;
	extmgr_result result = extmgr_catalog_list(world->catalog, NULL, &json, NULL);

	*text = strdup(extmgr_text_get_data(json));
	extmgr_text_free(json);
	return result;
}

static void test_tables_of_others(void **state)
{
	struct world *world = *state;
	char *text;

	assert_int_equal(list(world, &text), EXTMGR_E_CATALOG_MISSING);
	free(text);
	assert_int_equal(extmgr_catalog_init(world->catalog, NULL, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_catalog_init(world->catalog, NULL, NULL), EXTMGR_UNCHANGED);
	fixture_sql(&world->fixture, "UPDATE extmgr_schema SET version = 2");
	assert_int_equal(list(world, &text), EXTMGR_E_CATALOG_NEWER);
	free(text);
	fixture_sql(&world->fixture, "DELETE FROM extmgr_schema");
	assert_int_equal(extmgr_catalog_init(world->catalog, NULL, NULL), EXTMGR_E_CATALOG_DAMAGED);
	fixture_sql(&world->fixture, "INSERT INTO extmgr_schema VALUES (1)");
	fixture_sql(&world->fixture, "DROP TABLE extmgr_history");
	assert_int_equal(list(world, &text), EXTMGR_E_CATALOG_DAMAGED);
	free(text);
}

static void test_rows_that_were_only_made_to_be_locked_are_not_seen(void **state)
{
	struct world *world = *state;
	char *text;

	assert_int_equal(extmgr_catalog_init(world->catalog, NULL, NULL), EXTMGR_OK);
	fixture_sql(&world->fixture,
		    "INSERT INTO extmgr_extension VALUES ('acme.x', '', '', '', '', '', '', '', '',"
		    " '', 1, 0, 'bad', 0, 0, 0, 0)");
	assert_int_equal(list(world, &text), EXTMGR_OK);
	assert_null(strstr(text, "acme.x"));
	free(text);
	assert_int_equal(extmgr_catalog_set_enabled(world->catalog, "acme.x", 0, NULL, NULL),
			 EXTMGR_E_EXTENSION_NOT_FOUND);
	assert_int_equal(extmgr_catalog_prune(world->catalog, 0, NULL, NULL, NULL), EXTMGR_OK);
	expect(world, "SELECT COUNT(*) FROM extmgr_extension", "0");
}

static void test_other_prefixes(void **state)
{
	static const char *const bad[] = {"",    "1x", "X",   "a b",
					  "a.b", "a'", "a\"", "abcdefghijklmnopqrstuvwxyz1234567"};
	struct world *world = *state;
	extmgr_catalog_options options;
	extmgr_catalog *catalog = NULL;

	extmgr_catalog_options_init(&options, sizeof(options));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.prefix = bad[i];
		assert_int_equal(extmgr_catalog_open(world->fixture.context,
						     world->fixture.database, &options, &catalog,
						     NULL),
				 EXTMGR_E_INVALID_ARGUMENT);
	}
	options.prefix = "other_";
	assert_int_equal(extmgr_catalog_open(world->fixture.context, world->fixture.database,
					     &options, &catalog, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_catalog_init(catalog, NULL, NULL), EXTMGR_OK);
	expect(world, "SELECT version FROM other_schema", "1");
	extmgr_catalog_free(catalog);
}

/* ---- Locks, progress, cancel ---- */

struct host_lock {
	int held;
	int taken;
	bool refuse;
	char last[300];
	bool destroyed;
};

static extmgr_result acquire(void *user_data, extmgr_operation *operation, const char *name_space,
			     const char *key, uint64_t timeout_ms, void **held_out,
			     extmgr_host_error *error)
{
	struct host_lock *lock = user_data;

	(void)operation;
	(void)timeout_ms;
	(void)error;
	if (lock->refuse)
		return EXTMGR_E_LOCKED;
	(void)snprintf(lock->last, sizeof(lock->last), "%s %s", name_space, key);
	lock->held++;
	lock->taken++;
	*held_out = lock;
	return EXTMGR_OK;
}

static void release(void *user_data, void *held)
{
	struct host_lock *lock = user_data;

	assert_ptr_equal(lock, held);
	lock->held--;
}

static void destroy_lock(void *user_data)
{
	((struct host_lock *)user_data)->destroyed = true;
}

static void test_the_lock_of_the_host(void **state)
{
	struct world *world = *state;
	struct host_lock host = {0};
	extmgr_lock_callbacks callbacks;

	extmgr_lock_callbacks_init(&callbacks, sizeof(callbacks));
	assert_int_equal(extmgr_lock_new(&callbacks, &host, &world->options.lock, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	callbacks.acquire = acquire;
	callbacks.release = release;
	callbacks.destroy = destroy_lock;
	assert_int_equal(extmgr_lock_new(&callbacks, &host, &world->options.lock, NULL), EXTMGR_OK);
	put(world, "a", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 1);
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UNCHANGED), 1);
	assert_string_equal(host.last, "extension_upsert extension_name=acme.a");
	assert_int_equal(host.taken, 1);
	assert_int_equal(host.held, 0);
	host.refuse = true;
	world->options.flags = EXTMGR_SYNC_SKIP_LOCKED;
	put(world, "a", "1.1.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_LOCKED), 1);
	expect(world, "SELECT version FROM extmgr_extension", "1.0.0");
	extmgr_lock_free(world->options.lock);
	assert_true(host.destroyed);
}

static void expect_uuid(const char *id, const char *expected)
{
	extmgr_text *text = NULL;

	assert_int_equal(extmgr_lock_get_uuid(id, &text, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), expected);
	extmgr_text_free(text);
}

static void test_keys_of_locks(void **state)
{
	extmgr_text *text = NULL;

	(void)state;
	expect_uuid("test-extension", "0a892605-c8b2-5abd-807a-f0117a13609e");
	expect_uuid("query_insights", "a4a7afed-9fe9-5275-a47c-32d390220bb0");
	expect_uuid("Dataset References", "45e854de-3739-5e05-86d7-d76912338f53");
	expect_uuid("caf\xc3\xa9", "6b9d6c26-2217-5029-9e21-2f301a0de5ed");
	assert_int_equal(extmgr_lock_get_uuid("", &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_lock_get_uuid("\xff", &text, NULL), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr_lock_get_uuid(NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
}

struct counter {
	int calls;
	int stop_at; /* 0: never */
};

static int32_t count_progress(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct counter *counter = user_data;

	assert_true(done <= total || total == 0);
	assert_non_null(step);
	return ++counter->calls == counter->stop_at;
}

static void test_progress_and_cancel(void **state)
{
	struct world *world = *state;
	struct counter counter = {0};
	extmgr_operation_options options;
	extmgr_sync_report *report = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = count_progress;
	options.user_data = &counter;
	put(world, "a", "1.0.0", "one");
	put(world, "b", "1.0.0", "one");
	for (counter.stop_at = 1; counter.stop_at <= 4; counter.stop_at++) {
		counter.calls = 0;
		assert_int_equal(extmgr_operation_new(&options, &world->options.operation, NULL),
				 EXTMGR_OK);
		assert_int_equal(extmgr_sync_run(world->catalog, world->bundles, &world->options,
						 &report, NULL),
				 EXTMGR_E_CANCELLED);
		assert_null(report);
		extmgr_operation_free(world->options.operation);
	}
	counter.stop_at = 0;
	assert_int_equal(extmgr_operation_new(&options, &world->options.operation, NULL),
			 EXTMGR_OK);
	assert_int_equal(sync_count(world, EXTMGR_SYNC_DISCOVERED), 2);
	extmgr_operation_free(world->options.operation);
}

/* The clock of the fixture goes on by a millisecond each time it is read. */
static void test_a_deadline_for_each_bundle(void **state)
{
	struct world *world = *state;

	world->options.max_parallel = 1;
	world->options.bundle_timeout_ms = 3;
	put(world, "a", "1.0.0", "one");
	put(world, "b", "1.0.0", "one");
	assert_int_equal(sync_count(world, EXTMGR_SYNC_FAILED), 2);
	world->options.bundle_timeout_ms = 100000;
	assert_int_equal(sync_count(world, EXTMGR_SYNC_UPDATED), 2);
}

/* ---- Arguments ---- */

static void test_arguments(void **state)
{
	struct world *world = *state;
	extmgr_sync_options bad = world->options;
	extmgr_sync_report *report = NULL;
	extmgr_text *text = NULL;
	extmgr_catalog *catalog = NULL;
	extmgr_registry *registry = NULL;

	assert_int_equal(extmgr_catalog_open(NULL, world->fixture.database, NULL, &catalog, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_open(world->fixture.context, NULL, NULL, &catalog, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_sync_run(NULL, world->bundles, NULL, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	bad.flags = 1u << 20;
	assert_int_equal(extmgr_sync_run(world->catalog, world->bundles, &bad, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	bad.flags = 0;
	bad.max_parallel = 65;
	assert_int_equal(extmgr_sync_run(world->catalog, world->bundles, &bad, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_sync_run(world->catalog, NULL, NULL, &report, NULL),
			 EXTMGR_UNCHANGED);
	assert_int_equal(extmgr_sync_report_to_json(report, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_sync_report_get_count(report, 99), 0);
	extmgr_sync_report_free(report);
	assert_int_equal(extmgr_sync_report_get_count(NULL, 0), 0);
	assert_int_equal(extmgr_sync_converged(NULL), 0);
	assert_int_equal(extmgr_sync_report_to_json(NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_get(world->catalog, "a/b", NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_get(world->catalog, NULL, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_list(NULL, NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_list(world->catalog, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_accept(world->catalog, "x", "sha256:x", NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_get_history(world->catalog, NULL, 10001, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_catalog_get_sql("exasol", NULL, &text, NULL), EXTMGR_E_UNSUPPORTED);
	assert_int_equal(extmgr_catalog_get_sql(NULL, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(
		extmgr_catalog_read_file(world->catalog, "x", NULL, NULL, NULL, &text, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_open_catalog(NULL, &registry, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_catalog_free(NULL);
	extmgr_sync_report_free(NULL);
	extmgr_lock_free(NULL);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_a_change_is_written_once),
		IN_WORLD(test_a_lower_version_is_refused),
		IN_WORLD(test_held_is_not_updated),
		IN_WORLD(test_what_was_replaced_does_not_come_back),
		IN_WORLD(test_the_highest_version_wins),
		IN_WORLD(test_missing_after_a_while),
		IN_WORLD(test_seen_is_written_when_it_is_old),
		IN_WORLD(test_tampered_bytes_are_refused),
		IN_WORLD(test_a_file_has_the_digest_that_was_asked_for),
		IN_WORLD(test_disabled_is_not_installed),
		IN_WORLD(test_catalog_and_target_share_a_pool_of_one),
		IN_WORLD(test_tables_of_others),
		IN_WORLD(test_rows_that_were_only_made_to_be_locked_are_not_seen),
		IN_WORLD(test_other_prefixes),
		IN_WORLD(test_the_lock_of_the_host),
		cmocka_unit_test(test_keys_of_locks),
		IN_WORLD(test_progress_and_cancel),
		IN_WORLD(test_a_deadline_for_each_bundle),
		IN_WORLD(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
