/* SPDX-License-Identifier: MIT */
/*
 * Does the definition find what it did? When it does not, the operation fails, warns, or nobody
 * asked: the three modes, in every operation.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#include <cmocka.h>

/* Whatever it is asked to do, it finds version 1.0.0 and, as liar, the instance one. */
static const char liar[] =
	"(function () {\n"
	"function work(c) { c.sqlClient.execute('INSERT INTO verify_work VALUES (1)'); }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'Liar',\n"
	"  installableVersions: [{name: '2.0.0', latest: true}, {name: '1.0.0'}],\n"
	"  findInstallations: function () { return [{name: 'Liar', version: '1.0.0'}]; },\n"
	"  findInstances: function () { return [%s]; },\n"
	"  install: work,\n"
	"  uninstall: work,\n"
	"  upgrade: function (c) { work(c);\n"
	"    return {previousVersion: '1.0.0', newVersion: '2.0.0'}; },\n"
	"  getInstanceParameters: function () { return []; },\n"
	"  addInstance: function (c) { work(c); return {id: 'two', name: 'two'}; },\n"
	"  updateInstance: function (c) { work(c); return {id: 'two', name: 'two'}; },\n"
	"  deleteInstance: work\n"
	"}};\n"
	"})();\n";

enum what { INSTALL, UNINSTALL, UPGRADE, CREATE, UPDATE, DELETE, OPERATIONS };

/* How each of them is told. */
static const char *const complaints[OPERATIONS] = {
	[INSTALL] = "does not find its version '2.0.0' in the database",
	[UNINSTALL] = "is still found in the database",
	[UPGRADE] = "does not find its version '2.0.0' in the database",
	[CREATE] = "does not find its instance 'two' in the database",
	[UPDATE] = "does not find its instance 'two' in the database",
	[DELETE] = "still finds its instance 'one' in the database",
};

static extmgr_result run(const struct fixture *fixture, enum what what, extmgr_text **report,
			 extmgr_error **error)
{
	extmgr_manager *manager = fixture->manager;

	switch (what) {
	case INSTALL:
		return extmgr_manager_install(manager, "liar", "2.0.0", NULL, report, error);
	case UNINSTALL:
		return extmgr_manager_uninstall(manager, "loner", NULL, NULL, report, error);
	case UPGRADE:
		return extmgr_manager_upgrade(manager, "liar", NULL, report, error);
	case CREATE:
		return extmgr_manager_create_instance(manager, "liar", NULL, "[]", 2, NULL, report,
						      error);
	case UPDATE:
		return extmgr_manager_update_instance(manager, "liar", NULL, "one", "[]", 2, NULL,
						      report, error);
	default:
		return extmgr_manager_delete_instance(manager, "liar", NULL, "one", NULL, report,
						      error);
	}
}

static void use_mode(struct fixture *fixture, uint32_t mode)
{
	extmgr_target_options options;

	extmgr_target_options_init(&options, sizeof(options));
	options.verify = mode;
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    NULL, &options, &fixture->manager, NULL),
			 EXTMGR_OK);
}

static void must_fail(struct fixture *fixture, enum what what)
{
	char *before = fixture_snapshot(fixture);
	extmgr_error *error = NULL;
	extmgr_text *report = NULL;
	char *after;

	assert_int_equal(run(fixture, what, &report, &error), EXTMGR_E_VERIFY);
	assert_null(report);
	if (!strstr(extmgr_error_get_message(error), complaints[what]))
		fail_msg("%s", extmgr_error_get_message(error));
	extmgr_error_free(error);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static bool holds(const extmgr_text *text, const char *part)
{
	return strstr(extmgr_text_get_data(text), part) != NULL;
}

/* It is done; the report warns, or does not even know the step. */
static void must_be_done(struct fixture *fixture, enum what what, bool warned)
{
	char *before = fixture_snapshot(fixture);
	extmgr_text *report = NULL;
	char *after;

	assert_int_equal(run(fixture, what, &report, NULL), EXTMGR_OK);
	if (!holds(report, "\"outcome\":\"committed\"") ||
	    holds(report, complaints[what]) != warned || holds(report, "\"warnings\":[]") == warned)
		fail_msg("%d: %s", (int)what, extmgr_text_get_data(report));
	/* Instances are compared after every upgrade. */
	if (what != UPGRADE && holds(report, "\"name\":\"verify\"") != warned)
		fail_msg("%d: %s", (int)what, extmgr_text_get_data(report));
	after = fixture_snapshot(fixture);
	assert_string_not_equal(before, after);
	extmgr_text_free(report);
	free(before);
	free(after);
}

static void define(struct fixture *fixture, const char *id, const char *instances)
{
	char source[sizeof(liar) + 64];

	(void)snprintf(source, sizeof(source), liar, instances);
	fixture_define(fixture, id, source);
}

static void run_modes(struct fixture *fixture)
{
	define(fixture, "liar", "{id: 'one', name: 'one'}");
	define(fixture, "loner", "");
	fixture_sql(fixture, "CREATE TABLE verify_work (id integer)");
	for (int what = INSTALL; what < OPERATIONS; what++) {
		use_mode(fixture, EXTMGR_VERIFY_DEFAULT);
		must_fail(fixture, (enum what)what);
		use_mode(fixture, EXTMGR_VERIFY_REQUIRE);
		must_fail(fixture, (enum what)what);
		use_mode(fixture, EXTMGR_VERIFY_WARN);
		must_be_done(fixture, (enum what)what, true);
		use_mode(fixture, EXTMGR_VERIFY_OFF);
		must_be_done(fixture, (enum what)what, false);
	}
	fixture_sql(fixture, "DROP TABLE verify_work");
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA extensions CASCADE");
}

static void test_a_definition_that_does_not_find_its_work(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run_modes);
}

static void run_mute(struct fixture *fixture)
{
	extmgr_text *report = NULL;

	fixture_define(fixture, "mute",
		       "global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'M',"
		       " installableVersions: [{name: '1.0.0', latest: true}],"
		       " install: function () {}}};");
	use_mode(fixture, EXTMGR_VERIFY_REQUIRE);
	assert_int_equal(
		extmgr_manager_install(fixture->manager, "mute", NULL, NULL, &report, NULL),
		EXTMGR_OK);
	assert_true(holds(report, "has no findInstallations, so the result was not verified"));
	extmgr_text_free(report);
}

static void test_what_cannot_be_verified_is_warned_about(void **state)
{
	(void)state;
	fixture_each(FIXTURE_SQLITE, run_mute);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_definition_that_does_not_find_its_work),
		cmocka_unit_test(test_what_cannot_be_verified_is_warned_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
