/* SPDX-License-Identifier: MIT */
/*
 * Updating an instance on SQLite and PostgreSQL: in place or by replacing, what was not sent keeps
 * its value, a secret is read back without being seen, and what fails changes nothing.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "s3cr'Word"

/* Boards of title, color and password. %s: further members of the extension. */
static const char definition[] =
	"(function () {\n"
	"function table(c) { return c.quoteIdentifier(c.extensionSchemaName) + '.boards'; }\n"
	"function values(p) { var v = {};\n"
	"  p.values.forEach(function (e) { v[e.name] = e.value; }); return v; }\n"
	"function find(c, id) { return c.sqlClient.query('SELECT title, color, password FROM ' +\n"
	"  table(c) + ' WHERE title = ?', id).rows[0]; }\n"
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'Boards',\n"
	"  installableVersions: [{name: '1.0.0', latest: true}], bucketFsUploads: [],\n"
	"  findInstallations: function () { return [{name: 'Boards', version: '1.0.0'}]; },\n"
	"  install: function (c) { c.sqlClient.execute('CREATE TABLE ' + table(c) +\n"
	"    ' (title VARCHAR(99), color VARCHAR(99), password VARCHAR(99))'); },\n"
	"  getInstanceParameters: function () { return [\n"
	"    {id: 'title', name: 'Title', type: 'string', required: true, immutable: true},\n"
	"    {id: 'color', name: 'Color', type: 'string', regex: '^[a-z]*$'},\n"
	"    {id: 'password', name: 'Password', type: 'string', secret: true, required: true}]; "
	"},\n"
	"  addInstance: function (c, version, p) { var v = values(p);\n"
	"    c.sqlClient.execute('INSERT INTO ' + table(c) + ' VALUES (?, ?, ?)', v.title,\n"
	"      v.color || '', v.password); return {id: v.title, name: v.title}; },\n"
	"  findInstances: function (c) { return c.sqlClient.query('SELECT title FROM ' +\n"
	"    table(c)).rows.map(function (r) { return {id: r[0], name: r[0]}; }); },\n"
	"  deleteInstance: function (c, version, id) {\n"
	"    c.sqlClient.execute('DELETE FROM ' + table(c) + ' WHERE title = ?', id); },\n"
	"  %s\n"
	"}};\n"
	"})();\n";

/* Tells everything, and talks too much while it does. */
#define READ_ALL                                                                                   \
	"readInstanceParameterValues: function (c, version, id) { var r = find(c, id);\n"          \
	"  console.log('read ' + r[2]);\n"                                                         \
	"  return {values: [{name: 'title', value: r[0]}, {name: 'color', value: r[1]},\n"         \
	"    {name: 'password', value: r[2]}, {name: 'formerly', value: 'x'}]}; }"
#define READ_NO_PASSWORD                                                                           \
	"readInstanceParameterValues: function (c, version, id) { var r = find(c, id);\n"          \
	"  return {values: [{name: 'title', value: r[0]}, {name: 'color', value: r[1]}]}; }"
#define READ_LEAKS                                                                                 \
	"readInstanceParameterValues: function (c, version, id) {\n"                               \
	"  throw new Error('cannot read ' + find(c, id)[2]); }"
#define UPDATE                                                                                     \
	"updateInstance: function (c, version, id, p) { var v = values(p); var r = find(c, id);\n" \
	"  c.sqlClient.execute('UPDATE ' + table(c) + ' SET color = ?, password = ? ' +\n"         \
	"    'WHERE title = ?', 'color' in v ? v.color : r[1],\n"                                  \
	"    'password' in v ? v.password : r[2], id); }"
#define UPDATE_LOSES                                                                               \
	"updateInstance: function (c, version, id, p) {\n"                                         \
	"  c.sqlClient.execute('DELETE FROM ' + table(c)); }"

static void for_each_database(void (*run)(struct fixture *fixture))
{
	for (int which = 0; which < FIXTURE_DATABASES; which++) {
		struct fixture fixture;

		if (!fixture_open(&fixture, which)) {
			print_message("# PostgreSQL is not there: skipped\n");
			continue;
		}
		run(&fixture);
		fixture_close(&fixture);
	}
}

static void define(struct fixture *fixture, const char *members)
{
	char source[8192];

	assert_true(snprintf(source, sizeof(source), definition, members) < (int)sizeof(source));
	fixture_define(fixture, "boards", source);
}

static void open_board(struct fixture *fixture)
{
	static const char values[] =
		"{\"title\": \"a\", \"color\": \"red\", \"password\": \"" SECRET "\"}";

	define(fixture, "replaceable: true");
	assert_int_equal(extmgr_manager_install(fixture->manager, "boards", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_create_instance(fixture->manager, "boards", NULL, values,
							strlen(values), NULL, NULL, NULL),
			 EXTMGR_OK);
}

static void close_board(struct fixture *fixture)
{
	fixture_sql(fixture, fixture->is_postgresql ? "DROP SCHEMA extensions CASCADE"
						    : "DROP TABLE boards");
}

static extmgr_result update(struct fixture *fixture, const char *instance, const char *values,
			    extmgr_text **report, extmgr_error **error)
{
	return extmgr_manager_update_instance(fixture->manager, "boards", NULL, instance, values,
					      strlen(values), NULL, report, error);
}

static void must_hold(struct fixture *fixture, const char *way, const char *expected)
{
	char *row = fixture_value(fixture, fixture->is_postgresql
						   ? "SELECT title || ' ' || color || ' ' || "
						     "password FROM extensions.boards"
						   : "SELECT title || ' ' || color || ' ' || "
						     "password FROM boards");

	if (!row || strcmp(row, expected) != 0)
		fail_msg("%s: the row is '%s'", way, row ? row : "(none)");
	free(row);
}

struct success {
	const char *name;
	const char *members;
	const char *values;
	const char *row;
};

static const struct success successes[] = {
	{"in place: unsent values are kept", UPDATE "," READ_ALL, "{\"color\": \"blue\"}",
	 "a blue " SECRET},
	{"in place: a secret that cannot be read back is not passed on",
	 UPDATE "," READ_NO_PASSWORD, "[{\"name\": \"color\", \"value\": \"green\"}]",
	 "a green " SECRET},
	{"in place: nothing can be read back", UPDATE, "{\"color\": \"white\"}", "a white " SECRET},
	{"in place: a secret is changed", UPDATE "," READ_ALL, "{\"password\": \"new\"}",
	 "a white new"},
	{"in place: empty empties", UPDATE "," READ_ALL,
	 "{\"color\": \"\", \"password\": \"" SECRET "\"}", "a  " SECRET},
	{"an immutable value that is the same is no change", UPDATE "," READ_ALL,
	 "{\"title\": \"a\", \"color\": \"red\"}", "a red " SECRET},
	{"replaced: the secret is read back", "replaceable: true," READ_ALL,
	 "{\"color\": \"black\"}", "a black " SECRET},
	{"replaced: a secret that cannot be read back is sent",
	 "replaceable: true," READ_NO_PASSWORD, "{\"password\": \"sent\"}", "a black sent"},
};

static void run_successes(struct fixture *fixture)
{
	open_board(fixture);
	for (size_t i = 0; i < sizeof(successes) / sizeof(successes[0]); i++) {
		const struct success *it = &successes[i];
		extmgr_error *error = NULL;
		extmgr_text *report = NULL;

		define(fixture, it->members);
		if (update(fixture, "a", it->values, &report, &error) != EXTMGR_OK)
			fail_msg("%s: %s", it->name, extmgr_error_get_message(error));
		must_hold(fixture, it->name, it->row);
		if (strstr(extmgr_text_get_data(report), "s3cr") ||
		    strstr(fixture->log_text, "s3cr"))
			fail_msg("%s: the secret is told", it->name);
		extmgr_text_free(report);
	}
	close_board(fixture);
}

static void test_what_is_not_sent_keeps_its_value(void **state)
{
	(void)state;
	for_each_database(run_successes);
}

struct refusal {
	const char *name;
	const char *members;
	const char *instance;
	const char *values;
	extmgr_result code;
	const char *message;
};

static const struct refusal refusals[] = {
	{"neither way", READ_ALL, "a", "{}", EXTMGR_E_SCRIPT_NO_FUNCTION,
	 "does not support operation \"updateInstance\""},
	{"an unknown instance", UPDATE, "b", "{}", EXTMGR_E_INSTANCE_NOT_FOUND, "no instance 'b'"},
	{"an immutable value changes", UPDATE "," READ_ALL, "a", "{\"title\": \"b\"}",
	 EXTMGR_E_PARAMETERS_INVALID,
	 "Failed to validate parameter 'Title' (title): The parameter cannot be changed."},
	{"a required value is emptied", UPDATE "," READ_ALL, "a", "{\"password\": \"\"}",
	 EXTMGR_E_PARAMETERS_INVALID, "'Password' (password): This is a required parameter."},
	{"a value breaks a rule", UPDATE "," READ_ALL, "a", "{\"color\": \"X\"}",
	 EXTMGR_E_PARAMETERS_INVALID, "'Color' (color)"},
	{"an unknown parameter", UPDATE "," READ_ALL, "a", "{\"nothing\": \"x\"}",
	 EXTMGR_E_PARAMETERS_INVALID, "unknown"},
	{"a parameter twice", UPDATE "," READ_ALL, "a",
	 "[{\"name\": \"color\", \"value\": \"x\"}, {\"name\": \"color\", \"value\": \"y\"}]",
	 EXTMGR_E_PARAMETERS_INVALID, "more than once"},
	{"no values", UPDATE, "a", "7", EXTMGR_E_FORMAT, "neither an array nor an object"},
	{"a value without a name", UPDATE, "a", "[7]", EXTMGR_E_FORMAT, "has no name"},
	{"replacing would lose a secret", "replaceable: true," READ_NO_PASSWORD, "a",
	 "{\"color\": \"blue\"}", EXTMGR_E_PARAMETERS_INVALID,
	 "'Password' (password): This is a required parameter."},
	{"replacing without reading back", "replaceable: true", "a", "{\"color\": \"blue\"}",
	 EXTMGR_E_PARAMETERS_INVALID, "'Title' (title): This is a required parameter."},
	{"reading back tells the secret in its error", UPDATE "," READ_LEAKS, "a", "{}",
	 EXTMGR_E_SCRIPT_THREW, "withheld"},
	{"the instance is lost", UPDATE_LOSES "," READ_ALL, "a", "{}", EXTMGR_E_VERIFY,
	 "does not find its instance 'a'"},
	{"the call fails", "updateInstance: function () { throw {status: 409, message: 'no'}; }",
	 "a", "{}", EXTMGR_E_SCRIPT_STATUS, "no"},
};

static void run_refusals(struct fixture *fixture)
{
	open_board(fixture);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *it = &refusals[i];
		extmgr_error *error = NULL;
		extmgr_text *report = NULL;
		extmgr_text *text = NULL;
		char *before;
		char *after;
		extmgr_result result;

		define(fixture, it->members);
		before = fixture_snapshot(fixture);
		result = update(fixture, it->instance, it->values, &report, &error);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (result != it->code || !strstr(extmgr_text_get_data(text), it->message))
			fail_msg("%s: %s: %s", it->name, extmgr_result_get_name(result),
				 extmgr_text_get_data(text));
		if (strstr(extmgr_text_get_data(text), "s3cr") || strstr(fixture->log_text, "s3cr"))
			fail_msg("%s: the secret is told", it->name);
		assert_null(report);
		after = fixture_snapshot(fixture);
		assert_string_equal(before, after);
		extmgr_text_free(text);
		extmgr_error_free(error);
		free(before);
		free(after);
	}
	close_board(fixture);
}

static void test_what_is_refused_changes_nothing(void **state)
{
	(void)state;
	for_each_database(run_refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_sent_keeps_its_value),
		cmocka_unit_test(test_what_is_refused_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
