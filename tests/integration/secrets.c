/* SPDX-License-Identifier: MIT */
/*
 * A secret value goes into the database and nowhere else: a definition that does its best to leak
 * it is run in every way, and logs, reports, plans and errors are searched for it.
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

#define SENTINEL "s3cr\\\"t'Word\xc3\xa4"

/* The forms in which it may travel; each is searched for. */
static const char *const forms[] = {
	SENTINEL,
	"s3cr\\\"t''Word",    /* as an SQL literal */
	"s3cr\\\\\\\"t'Word", /* as JSON */
	"s3cr\\\\\"t'",       /* as E'' */
	"czNjclwidCdXb3Jk",   /* base64 */
	"733363725c2274",     /* hexadecimal */
	"s3cr%5C%22t%27Word", /* percent-encoded */
	"s3cr",               /* in no other dress either */
};

static const char values_json[] =
	"[{\"name\":\"how\",\"value\":\"%s\"},"
	"{\"name\":\"password\",\"value\":\"s3cr\\\\\\\"t'Word\xc3\xa4\"}]";

static const char definition[] =
	"(function () {\n"
	"var leaks = {\n"
	"  nothing: function () {},\n"
	"  log: function (c, p) { console.log('password is ' + p); console.error('%s', p); },\n"
	"  json: function (c, p) { console.warn(JSON.stringify({ p: p })); },\n"
	"  literal: function (c, p) { console.info(c.quoteLiteral(p)); },\n"
	"  error: function (c, p) { throw new Error('wrong: ' + p); },\n"
	"  status: function (c, p) { throw { status: 400, message: 'bad ' + p }; },\n"
	"  string: function (c, p) { throw p; },\n"
	"  name: function (c, p) { var e = new Error('x'); e.name = p; throw e; },\n"
	"  percent: function (c, p) { throw new Error(encodeURIComponent(p)); },\n"
	"  sql: function (c, p) {\n"
	"    c.sqlClient.execute('SELECT ' + c.quoteLiteral(p) + ' FROM no_such_table');\n"
	"  },\n"
	"  name_in_sql: function (c, p) {\n"
	"    c.sqlClient.execute('SELECT 1 FROM ' + c.quoteIdentifier(p));\n"
	"  },\n"
	"  bound: function (c, p) {\n"
	"    c.sqlClient.execute('INSERT INTO leak_keys VALUES (?)', p);\n"
	"    c.sqlClient.execute('INSERT INTO leak_keys VALUES (?)', p);\n"
	"  },\n"
	"  cast: function (c, p) {\n"
	"    c.sqlClient.query(c.dialect === 'sqlite' ? 'SELECT json(?)' :\n"
	"      'SELECT CAST(CAST(? AS text) AS integer)', p);\n"
	"  },\n"
	"  caught: function (c, p) {\n"
	"    try { leaks.cast(c, p); } catch (e) { console.log(e.message); throw e; }\n"
	"  },\n"
	"  good_sql: function (c, p) {\n"
	"    c.sqlClient.query('SELECT ' + c.quoteLiteral(p));\n"
	"    c.sqlClient.query('SELECT CAST(? AS varchar(100))', p);\n"
	"  }\n"
	"};\n"
	"function value(parameters, name) {\n"
	"  return parameters.values.filter(function (v) { return v.name === name; })[0].value;\n"
	"}\n"
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'Leak', category: 'test', description: 'd', bucketFsUploads: [],\n"
	"  installableVersions: [{ name: '1.0.0', latest: true, deprecated: false }],\n"
	"  findInstallations: function () { return [{ name: 'Leak', version: '1.0.0' }]; },\n"
	"  getInstanceParameters: function () {\n"
	"    return [{ id: 'how', name: 'How', type: 'string', required: true },\n"
	"            { id: 'password', name: 'Password', type: 'string', secret: true }];\n"
	"  },\n"
	"  addInstance: function (context, version, parameters) {\n"
	"    var password = value(parameters, 'password');\n"
	"    leaks[value(parameters, 'how')](context, password);\n"
	"    return { id: 'leak-' + password, name: 'Leak ' + password };\n"
	"  },\n"
	"  findInstances: function (context, version) { return []; },\n"
	"  readInstanceParameterValues: function () { return { values: [] }; }\n"
	"} };\n"
	"})();\n";

static const char *const ways[] = {"nothing",     "log",    "json", "literal", "error",
				   "status",      "string", "name", "percent", "sql",
				   "name_in_sql", "bound",  "cast", "caught",  "good_sql"};

static void must_not_hold(const char *text, const char *where, const char *way)
{
	for (size_t i = 0; text && i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *found = strstr(text, forms[i]);

		if (found)
			fail_msg("way '%s': the secret stands in the %s: %.100s", way, where,
				 found);
	}
}

static void must_not_hold_in_error(const extmgr_error *error, const char *way)
{
	extmgr_text *text = NULL;

	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	must_not_hold(extmgr_text_get_data(text), "error", way);
	extmgr_text_free(text);
	assert_int_equal(extmgr_error_to_json(error, &text), EXTMGR_OK);
	must_not_hold(extmgr_text_get_data(text), "error as JSON", way);
	extmgr_text_free(text);
}

/* Of a failed statement its number and SQLSTATE are told, not what the database said about it. */
static void must_tell_the_statement(const extmgr_error *error)
{
	extmgr_text *text = NULL;

	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(text), "error executing statement"));
	assert_null(strstr(extmgr_text_get_data(text), "no_such_table"));
	extmgr_text_free(text);
}

static void leak(struct fixture *fixture, const char *way, uint32_t flags)
{
	extmgr_call_options options;
	extmgr_error *error = NULL;
	extmgr_text *report = NULL;
	char values[256];
	extmgr_result result;

	extmgr_call_options_init(&options, sizeof(options));
	options.flags = flags;
	(void)snprintf(values, sizeof(values), values_json, way);
	result = extmgr_manager_create_instance(fixture->manager, "leak", NULL, values,
						strlen(values), &options, &report, &error);
	if (result == EXTMGR_OK)
		must_not_hold(extmgr_text_get_data(report), "report", way);
	else
		must_not_hold_in_error(error, way);
	if (strcmp(way, "sql") == 0)
		must_tell_the_statement(error);
	must_not_hold(fixture->log_text, "log", way);
	extmgr_text_free(report);
	extmgr_error_free(error);
}

static void leak_into_plan(struct fixture *fixture, const char *way, uint32_t flags)
{
	extmgr_plan_request request;
	extmgr_error *error = NULL;
	extmgr_text *plan = NULL;
	char values[256];

	(void)snprintf(values, sizeof(values), values_json, way);
	extmgr_plan_request_init(&request, sizeof(request));
	request.flags = flags;
	request.operation = "create-instance";
	request.extension_id = "leak";
	request.values_json = values;
	request.values_length = strlen(values);
	if (extmgr_manager_plan(fixture->manager, &request, NULL, &plan, &error) == EXTMGR_OK)
		must_not_hold(extmgr_text_get_data(plan), "plan", way);
	else
		must_not_hold_in_error(error, way);
	must_not_hold(fixture->log_text, "log", way);
	extmgr_text_free(plan);
	extmgr_error_free(error);
}

/* A plan that was made with one secret is applied with another. */
static void leak_from_apply(struct fixture *fixture, const char *way)
{
	static const char secret[] = "{\"password\":\"s3cr\\\\\\\"t'Word\xc3\xa4\"}";
	static const char first[] = "[{\"name\":\"how\",\"value\":\"%s\"},"
				    "{\"name\":\"password\",\"value\":\"another\"}]";
	extmgr_plan_request request;
	extmgr_error *error = NULL;
	extmgr_text *plan = NULL;
	extmgr_text *report = NULL;
	char values[256];

	(void)snprintf(values, sizeof(values), first, way);
	extmgr_plan_request_init(&request, sizeof(request));
	request.operation = "create-instance";
	request.extension_id = "leak";
	request.values_json = values;
	request.values_length = strlen(values);
	if (extmgr_manager_plan(fixture->manager, &request, NULL, &plan, NULL) == EXTMGR_OK &&
	    extmgr_manager_apply(fixture->manager, extmgr_text_get_data(plan),
				 extmgr_text_get_length(plan), secret, strlen(secret), NULL,
				 &report, &error) != EXTMGR_OK)
		must_not_hold_in_error(error, way);
	must_not_hold(report ? extmgr_text_get_data(report) : NULL, "report", way);
	must_not_hold(fixture->log_text, "log", way);
	extmgr_text_free(plan);
	extmgr_text_free(report);
	extmgr_error_free(error);
}

static void must_not_be_in_history(struct fixture *fixture)
{
	extmgr_text *history = NULL;

	assert_int_equal(
		extmgr_manager_get_history(fixture->manager, "leak", 10000, NULL, &history, NULL),
		EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(history), "\"instanceId\":\"***\""));
	must_not_hold(extmgr_text_get_data(history), "history", "");
	extmgr_text_free(history);
}

static void without_verification(struct fixture *fixture)
{
	extmgr_target_options options;

	extmgr_target_options_init(&options, sizeof(options));
	options.verify = EXTMGR_VERIFY_OFF;
	extmgr_manager_free(fixture->manager);
	assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry, fixture->database,
					    NULL, &options, &fixture->manager, NULL),
			 EXTMGR_OK);
}

static void run(struct fixture *fixture)
{
	fixture_define(fixture, "leak", definition);
	fixture_sql(fixture, "CREATE TABLE leak_keys(k varchar(100) PRIMARY KEY)");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		leak(fixture, ways[i], 0); /* verification fails: its message names the instance */
		leak(fixture, ways[i], EXTMGR_CALL_REHEARSE);
	}
	without_verification(fixture);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		leak(fixture, ways[i], 0);
		leak_into_plan(fixture, ways[i], 0);
		leak_into_plan(fixture, ways[i], EXTMGR_PLAN_RECORD);
		leak_from_apply(fixture, ways[i]);
	}
	must_not_be_in_history(fixture);
	/* The statements are there all the same, masked. */
	assert_non_null(strstr(fixture->log_text, "withheld"));
	fixture_sql(fixture, "DROP TABLE leak_keys");
	if (fixture->is_postgresql)
		fixture_sql(fixture, "DROP SCHEMA IF EXISTS extensions CASCADE");
}

static void test_a_secret_goes_nowhere_but_into_the_database(void **state)
{
	(void)state;
	fixture_each(FIXTURE_ANY, run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_secret_goes_nowhere_but_into_the_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
