/* SPDX-License-Identifier: MIT */
/*
 * What a definition requires of its target: told in lists, and checked before anything is done. On
 * SQLite and PostgreSQL.
 */
#include "fixture.h"

#include <extmgr/drivers.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* %s: its id, which is in the name of its table, versions, its id, further members. */
static const char definition[] =
	"(function () {\n"
	"function exists(c) { return c.sqlClient.query(c.dialect === 'sqlite' ?\n"
	"  \"SELECT 1 FROM sqlite_master WHERE name = 't_%s'\" :\n"
	"  \"SELECT 1 FROM pg_tables WHERE tablename = 't_%s'\").rows.length > 0; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'X',\n"
	"  installableVersions: [%s],\n"
	"  findInstallations: function (c) { return exists(c) ? [{name: 'X', version: '1.5.0'}] : "
	"[]; },\n"
	"  install: function (c) { c.sqlClient.execute('CREATE TABLE ' +\n"
	"    c.quoteIdentifier(c.extensionSchemaName) + '.t_%s (x INTEGER)'); },\n"
	"  upgrade: function (c) { return {previousVersion: '1.5.0', newVersion: '2.0.0'}; },\n"
	"  %s\n"
	"}};\n"
	"})();\n";

#define VERSIONS "{name: '1.5.0', latest: true}"

static void define(struct fixture *fixture, const char *id, const char *versions,
		   const char *members)
{
	char source[8192];

	assert_true(snprintf(source, sizeof(source), definition, id, id, versions, id, members) <
		    (int)sizeof(source));
	fixture_define(fixture, id, source);
}

static void drop(struct fixture *fixture, const char *id)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "DROP TABLE %st_%s",
		       fixture->is_postgresql ? "extensions." : "", id);
	fixture_sql(fixture, sql);
}

/* How the extension is listed; text: part of the reason, "" for none at all. */
static void must_be_listed(struct fixture *fixture, uint32_t which, const char *id, int32_t state,
			   const char *text)
{
	extmgr_extension_list *list = NULL;
	size_t i = 0;

	assert_int_equal(extmgr_manager_list_extensions(fixture->manager, which, NULL, &list, NULL),
			 EXTMGR_OK);
	while (i < extmgr_extension_list_get_count(list) &&
	       strcmp(extmgr_extension_list_get_id(list, i), id) != 0)
		i++;
	assert_true(i < extmgr_extension_list_get_count(list));
	if (extmgr_extension_list_get_state(list, i) != state ||
	    !strstr(extmgr_extension_list_get_reason(list, i), text) ||
	    !*text != !*extmgr_extension_list_get_reason(list, i))
		fail_msg("%s: %s", extmgr_state_get_name(extmgr_extension_list_get_state(list, i)),
			 extmgr_extension_list_get_reason(list, i));
	extmgr_extension_list_free(list);
}

static void must_be_described(struct fixture *fixture, const char *id, const char *text)
{
	extmgr_text *details = NULL;
	extmgr_error *error = NULL;

	if (extmgr_manager_get_extension(fixture->manager, id, NULL, NULL, &details, &error) < 0)
		fail_msg("%s", extmgr_error_get_message(error));
	if (!strstr(extmgr_text_get_data(details), text))
		fail_msg("no %s in %s", text, extmgr_text_get_data(details));
	extmgr_text_free(details);
}

/* Installing fails with the text in message or hint, and changes nothing. */
static void must_be_refused(struct fixture *fixture, const char *id, extmgr_result code,
			    const char *text)
{
	char *before = fixture_snapshot(fixture);
	extmgr_error *error = NULL;
	extmgr_text *json = NULL;
	char *after;

	assert_int_equal(extmgr_manager_install(fixture->manager, id, NULL, NULL, NULL, &error),
			 code);
	assert_int_equal(extmgr_error_get_http_status(error), 412);
	assert_int_equal(extmgr_error_to_json(error, &json), EXTMGR_OK);
	if (!strstr(extmgr_text_get_data(json), text))
		fail_msg("no '%s' in %s", text, extmgr_text_get_data(json));
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	extmgr_text_free(json);
	extmgr_error_free(error);
	free(before);
	free(after);
}

static void must_install(struct fixture *fixture, const char *id)
{
	extmgr_error *error = NULL;

	if (extmgr_manager_install(fixture->manager, id, NULL, NULL, NULL, &error) != EXTMGR_OK)
		fail_msg("%s", extmgr_error_get_message(error));
}

/* requirements of a definition, on SQLite and PostgreSQL: what is missing, "" for nothing. */
static const struct {
	const char *requirements;
	const char *missing[2];
} cases[] = {
	{"{}", {"", ""}},
	{"{dialects: ['sqlite', 'postgresql']}", {"", ""}},
	{"{dialects: ['exasol', 'mysql']}",
	 {"needs a database of dialect exasol or mysql, this one is sqlite",
	  "needs a database of dialect exasol or mysql, this one is postgresql"}},
	{"{dialects: ['postgresql'], server: '>=1', extensions: ['plpgsql']}",
	 {"needs a database of dialect postgresql, this one is sqlite", ""}},
	{"{server: {sqlite: '>=3.8', postgresql: '>=10'}}", {"", ""}},
	{"{server: {sqlite: '>=4', exasol: '9'}}",
	 {"needs a server of version >=4, this one is 3.", ""}},
	{"{server: '>=10 <11'}",
	 {"needs a server of version >=10 <11, this one is 3.",
	  "needs a server of version >=10 <11, this one is 1"}},
	{"{privileges: ['create-schema', 'create-table']}", {"", ""}},
	{"{privileges: ['create-role', 'superuser']}",
	 {"", "needs the privilege create-role; needs the privilege superuser"}},
	{"{extensions: ['postgres_fdw']}",
	 {"which the server does not have",
	  "needs the database extension postgres_fdw, which this account may not create"}},
	{"{extensions: ['plpgsql']}",
	 {"needs the database extension plpgsql, which the server does not have", ""}},
	{"{extensions: ['no such thing']}",
	 {"needs the database extension no such thing, which the server does not have",
	  "needs the database extension no such thing, which the server does not have"}},
	{"{requires: ['nobody']}",
	 {"needs extension nobody, which is not installed",
	  "needs extension nobody, which is not installed"}},
	/* All that is missing. */
	{"{server: '99', extensions: ['no'], requires: ['nobody.js']}",
	 {"this one is 3.", "which the server does not have; needs extension nobody.js, which is "
			    "not installed"}},
};

static void run_cases(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *missing = cases[i].missing[fixture->is_postgresql];
		char members[512];

		(void)snprintf(members, sizeof(members), "requirements: %s", cases[i].requirements);
		define(fixture, "x", VERSIONS, members);
		must_be_listed(fixture, EXTMGR_LIST_ALL, "x",
			       *missing ? EXTMGR_STATE_UNAVAILABLE : EXTMGR_STATE_AVAILABLE,
			       missing);
		must_be_described(fixture, "x",
				  *missing ? "\"state\":\"unavailable\"" : "\"reason\":null");
		if (*missing) {
			must_be_refused(fixture, "x", EXTMGR_E_REQUIREMENTS, missing);
			continue;
		}
		must_install(fixture, "x");
		drop(fixture, "x");
	}
}

static void test_what_is_missing_is_told_and_refused(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_cases);
}

/* base is asked for its installations in between, and does what it should not. */
static void run_other_extensions(struct fixture *fixture)
{
	extmgr_text *report = NULL;

	define(fixture, "base", VERSIONS, "check: null, requirements: null, bucketFsUploads: []");
	define(fixture, "x", VERSIONS, "requirements: {requires: [{id: 'base', version: '>=1'}]}");
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x", EXTMGR_STATE_UNAVAILABLE,
		       "needs extension base of version >=1, which is not installed");
	must_be_refused(fixture, "x", EXTMGR_E_REQUIREMENTS, "extmgr install base");
	must_install(fixture, "base");
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x", EXTMGR_STATE_AVAILABLE, "");
	define(fixture, "x", VERSIONS, "requirements: {requires: [{id: 'base', version: '>=2'}]}");
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x", EXTMGR_STATE_UNAVAILABLE,
		       "needs extension base of version >=2, installed is 1.5.0");
	must_be_refused(fixture, "x", EXTMGR_E_REQUIREMENTS, "extmgr upgrade base");
	/* What it writes while it is asked is undone, and neither in report nor in console. */
	fixture_define(fixture, "base",
		       "global.installedExtension = {apiVersion: '0', extension: {\n"
		       "  findInstallations: function (c) { console.log('loud');\n"
		       "    c.sqlClient.execute('CREATE TABLE base_was_asked (x INTEGER)');\n"
		       "    return [{name: 'Base', version: '3.0.0'}]; }}};\n");
	assert_int_equal(extmgr_manager_install(fixture->manager, "x", NULL, NULL, &report, NULL),
			 EXTMGR_OK);
	assert_null(strstr(extmgr_text_get_data(report), "base_was_asked"));
	assert_null(strstr(extmgr_text_get_data(report), "loud"));
	assert_non_null(strstr(extmgr_text_get_data(report), "\"name\":\"requirements\""));
	extmgr_text_free(report);
	assert_null(fixture_value(fixture, fixture->is_postgresql
						   ? "SELECT 1 FROM pg_tables WHERE tablename = "
						     "'base_was_asked'"
						   : "SELECT 1 FROM sqlite_master WHERE name = "
						     "'base_was_asked'"));
	/* One that cannot be asked is no ground to build on; the reason is told. */
	drop(fixture, "x");
	fixture_define(fixture, "base",
		       "global.installedExtension = {apiVersion: '0', extension: "
		       "{findInstallations: function (c) {\n"
		       "c.sqlClient.query('SELECT * FROM nowhere'); }}};\n");
	must_be_refused(fixture, "x", EXTMGR_E_REQUIREMENTS, "nowhere");
	must_be_described(fixture, "x",
			  "which cannot tell whether it is installed: failed to find");
	drop(fixture, "base");
}

static void test_other_extensions_are_asked_and_leave_nothing(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_other_extensions);
}

static void run_upgrade(struct fixture *fixture)
{
	extmgr_error *error = NULL;

	define(fixture, "x", VERSIONS, "");
	must_install(fixture, "x");
	define(fixture, "x", "{name: '2.0.0', latest: true}",
	       "requirements: {requires: ['nobody'], server: '>=99'}");
	must_be_listed(fixture, EXTMGR_LIST_UPGRADABLE, "x", EXTMGR_STATE_UPGRADABLE,
		       "needs a server of version >=99, ");
	assert_int_equal(extmgr_manager_upgrade(fixture->manager, "x", NULL, NULL, &error),
			 EXTMGR_E_REQUIREMENTS);
	extmgr_error_free(error);
	assert_int_equal(extmgr_manager_create_instance(fixture->manager, "x", NULL, "{}", 2, NULL,
							NULL, NULL),
			 EXTMGR_E_REQUIREMENTS);
	/* What is installed can always be looked at and removed. */
	define(fixture, "x", VERSIONS, "requirements: {requires: ['nobody']}");
	must_be_listed(fixture, EXTMGR_LIST_INSTALLED, "x", EXTMGR_STATE_INSTALLED, "");
	drop(fixture, "x");
}

static void test_upgrades_and_instances_need_them_too(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_upgrade);
}

static void run_no_version(struct fixture *fixture)
{
	define(fixture, "x", "", "");
	must_be_listed(fixture, EXTMGR_LIST_AVAILABLE, "x", EXTMGR_STATE_UNAVAILABLE,
		       "has no installable version");
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x", EXTMGR_STATE_UNAVAILABLE,
		       "has no installable version");
	must_be_described(fixture, "x", "\"version\":null");
	define(fixture, "x", VERSIONS, "requirements: {dialects: ['exasol'], server: '99'}");
	must_be_listed(fixture, EXTMGR_LIST_AVAILABLE, "x", EXTMGR_STATE_UNAVAILABLE,
		       "needs a database of dialect exasol");
	/* The target is not asked. */
	define(fixture, "x", VERSIONS, "requirements: {server: '99'}");
	must_be_listed(fixture, EXTMGR_LIST_AVAILABLE, "x", EXTMGR_STATE_AVAILABLE, "");
}

static void test_without_versions_nothing_is_available(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_no_version);
}

static void require(struct fixture *fixture, const char *requirements, const char *missing)
{
	char members[256];

	(void)snprintf(members, sizeof(members), "requirements: {%s}", requirements);
	define(fixture, "x", VERSIONS, members);
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x",
		       *missing ? EXTMGR_STATE_UNAVAILABLE : EXTMGR_STATE_AVAILABLE, missing);
}

/* The owner of a database may take rights from himself, and give them back. */
static void run_without_rights(struct fixture *fixture)
{
	char *database;
	char sql[128];

	fixture_sql(fixture, "DROP SCHEMA IF EXISTS extensions CASCADE");
	database = fixture_value(fixture, "SELECT current_database()");
	(void)snprintf(sql, sizeof(sql), "REVOKE CREATE ON DATABASE %s FROM CURRENT_USER",
		       database);
	fixture_sql(fixture, sql);
	require(fixture, "privileges: ['create-schema']", "needs the privilege create-schema");
	require(fixture, "privileges: ['create-table']", "needs the privilege create-table");
	require(fixture, "extensions: ['hstore']", "which this account may not create");
	must_be_refused(fixture, "x", EXTMGR_E_REQUIREMENTS,
			"an administrator runs CREATE EXTENSION hstore");
	(void)snprintf(sql, sizeof(sql), "GRANT CREATE ON DATABASE %s TO CURRENT_USER", database);
	fixture_sql(fixture, sql);
	require(fixture, "extensions: ['hstore']", "");
	fixture_sql(fixture, "CREATE SCHEMA extensions");
	require(fixture, "privileges: ['create-table']", "");
	fixture_sql(fixture, "REVOKE CREATE ON SCHEMA extensions FROM CURRENT_USER");
	require(fixture, "privileges: ['create-table']", "needs the privilege create-table");
	fixture_sql(fixture, "DROP SCHEMA extensions");
	free(database);
}

static void test_privileges_that_were_taken(void **state)
{
	(void)state;
	fixture_each(FIXTURE_POSTGRESQL, run_without_rights);
}

static void test_a_superuser_has_them_all(void **state)
{
	const char *url = getenv("EXTMGR_TEST_POSTGRESQL_ADMIN_URL");
	extmgr_database *database = NULL;
	struct fixture fixture;

	(void)state;
	if (!url)
		return; /* no PostgreSQL; a test that skips itself counts as failed in TAP */
	assert_true(fixture_open(&fixture, 1));
	assert_int_equal(extmgr_database_open(url, &database, NULL), EXTMGR_OK);
	extmgr_manager_free(fixture.manager);
	assert_int_equal(extmgr_manager_new(fixture.context, fixture.registry, database, NULL, NULL,
					    &fixture.manager, NULL),
			 EXTMGR_OK);
	extmgr_database_free(database);
	require(&fixture,
		"privileges: ['create-schema', 'create-table', 'create-role', 'superuser'],\n"
		"extensions: ['postgres_fdw']",
		"");
	fixture_close(&fixture);
}

/* ---- SHA-256 of files ---- */

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void use_files(struct fixture *fixture, const char *content)
{
	const char *directories[] = {fixture->directory};
	extmgr_files *files = NULL;
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/a.jar", fixture->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(content, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(extmgr_local_files_open(directories, 1, &files, NULL), EXTMGR_OK);
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    files, NULL, &fixture->manager, NULL),
			 EXTMGR_OK);
	extmgr_files_free(files);
}

static void run_sha256(struct fixture *fixture)
{
	use_files(fixture, "hello");
	define(fixture, "x", VERSIONS,
	       "bucketFsUploads: [{name: 'A', bucketFsFilename: 'a.jar', fileSize: 5,\n"
	       "  downloadUrl: 'https://example.com/a', sha256: '" HELLO "'}]");
	must_be_described(fixture, "x", "\"sha256\":\"" HELLO "\",\"downloadUrl\"");
	must_install(fixture, "x");
	drop(fixture, "x");
	use_files(fixture, "hellO");
	must_be_listed(fixture, EXTMGR_LIST_ALL, "x", EXTMGR_STATE_AVAILABLE, "");
	must_be_refused(fixture, "x", EXTMGR_E_ARTIFACT_CHECKSUM, "\"expected\":\"" HELLO "\"");
	must_be_refused(fixture, "x", EXTMGR_E_ARTIFACT_CHECKSUM, "/a.jar' is ");
	must_be_refused(fixture, "x", EXTMGR_E_ARTIFACT_CHECKSUM,
			"download it again: https://example.com/a");
	use_files(fixture, "");
	must_be_refused(fixture, "x", EXTMGR_E_ARTIFACT_MISSING, "of 5 bytes");
	define(fixture, "x", VERSIONS,
	       "bucketFsUploads: [{bucketFsFilename: 'a.jar', fileSize: -1, sha256: '" EMPTY "'}]");
	must_install(fixture, "x");
	drop(fixture, "x");
}

static void test_sha256_of_files(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_sha256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_missing_is_told_and_refused),
		cmocka_unit_test(test_other_extensions_are_asked_and_leave_nothing),
		cmocka_unit_test(test_upgrades_and_instances_need_them_too),
		cmocka_unit_test(test_without_versions_nothing_is_available),
		cmocka_unit_test(test_privileges_that_were_taken),
		cmocka_unit_test(test_a_superuser_has_them_all),
		cmocka_unit_test(test_sha256_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
