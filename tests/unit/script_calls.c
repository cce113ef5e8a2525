/* SPDX-License-Identifier: MIT */
#include "script_host.h"

static void statements_reach_the_host(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"install: function (context, version) {"
		" var c = Object.assign({}, context);"
		" var r = c.sqlClient.execute('select ?', null, undefined, true, 7, -0, 1.5, "
		"   9007199254740992, 1e300, 'a\\ud83d\\ude00');"
		" c.sqlClient.execute('version ' + version + ' ' + typeof r + ' ' + this);"
		" c.sqlClient.execute(Object.keys(context).join());"
		" c.sqlClient.execute(c.extensionSchemaName + c.dialect + arguments.length);"
		" c.sqlClient.execute(c.bucketFs.resolvePath('f.jar') + (c.files === c.bucketFs));"
		" c.sqlClient.execute(c.quoteIdentifier('a\"b') + c.quoteLiteral(\"it's\"));"
		" console.warn('hi');"
		"}");
	fixture.services.dialect = "postgresql";
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_string_equal(fixture.host.seen,
			    "execute(select ?,null,null,true,i7,i0,n1.5,i9007199254740992,n1e+300,"
			    "'a\xf0\x9f\x98\x80')\n"
			    "execute(version 1.0 undefined [object global])\n"
			    "execute(extensionSchemaName,dialect,sqlClient,bucketFs,files,metadata,"
			    "quoteIdentifier,quoteLiteral)\n"
			    "execute(EXTpostgresql2)\n"
			    "execute(/buckets/f.jartrue)\n"
			    "execute(\"a\"\"b\"'it''s')\n"
			    "console(2, hi)\n");
	close_fixture(&fixture);
}

static void functions_get_no_this(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture, NULL,
		     "install: function (c) { 'use strict'; "
		     "c.sqlClient.execute(String(this)); }");
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_string_equal(fixture.host.seen, "execute(undefined)\n");
	close_fixture(&fixture);
}

static void wrong_arguments_are_type_errors(void **state)
{
	static const char *const calls[] = {
		"sqlClient.execute(5)",
		"sqlClient.execute()",
		"sqlClient.query(null)",
		"sqlClient.execute({})",
		"sqlClient.execute('x', {})",
		"sqlClient.execute('x', function () {})",
		"sqlClient.execute('x', NaN)",
		"sqlClient.execute('x', Infinity)",
		"sqlClient.execute('x', Symbol('s'))",
		"sqlClient.execute(Symbol('s'))",
		"bucketFs.resolvePath()",
		"metadata.getScriptByName(null)",
		"quoteIdentifier(1)",
		"sqlClient.execute('x', 1, new Date())",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct fixture fixture;
		char functions[512];

		(void)snprintf(functions, sizeof(functions),
			       "install: function (context) { try { context.%s; } catch (e) { "
			       "if (!(e instanceof TypeError)) throw 'no TypeError'; throw e; } }",
			       calls[i]);
		open_fixture(&fixture, NULL, functions);
		assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_THREW);
		assert_int_equal(fixture.host.calls, 0);
		assert_non_null(
			strstr(extmgr_error_get_message(extmgr_error_get_cause(fixture.error)),
			       "TypeError: could not convert function call parameter "));
		close_fixture(&fixture);
	}
}

static void rows_become_javascript_values(void **state)
{
	struct fixture fixture;
	extmgr_rows *rows;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"install: function (c) { c.sqlClient.execute(JSON.stringify(c.sqlClient.query('q', "
		"1))); }");
	rows = extmgr__rows_new(100, 10000);
	assert_int_equal(extmgr_rows_add_column(rows, "C\xc3\xa4", "DECIMAL"), EXTMGR_OK);
	assert_int_equal(extmgr_rows_add_column(rows, "D", ""), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_boolean(rows, 1), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_integer(rows, INT64_C(9007199254740992)), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_integer(rows, INT64_MAX), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_integer(rows, INT64_MIN), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_number(rows, 1.5), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_text(rows, "\xf0\x9f\x98\x80", 4), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_text(rows, "", 0), EXTMGR_OK);
	fixture.host.rows = rows;
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_string_equal(fixture.host.seen,
			    "query(q,i1)\n"
			    "execute({\"columns\":[{\"name\":\"C\xc3\xa4\",\"typeName\":"
			    "\"DECIMAL\"},{\"name\":\"D\","
			    "\"typeName\":\"\"}],\"rows\":[[null,true],[9007199254740992,"
			    "\"9223372036854775807\"],"
			    "[\"-9223372036854775808\",1.5],[\"\xf0\x9f\x98\x80\",\"\"]]})\n");
	close_fixture(&fixture);
}

static void failures_of_the_host_can_be_caught(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture, NULL,
		     "install: function (c) { try { c.sqlClient.execute('x'); } catch (e) {"
		     " console.log(e instanceof Error, e.message, Object.keys(e).join()); } }");
	fixture.host.fails = EXTMGR_E_STATEMENT;
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_string_equal(fixture.host.seen,
			    "execute(x)\n"
			    "console(3, true error executing statement: no such table )\n");
	close_fixture(&fixture);
}

static void failures_of_the_host_stay_in_the_chain(void **state)
{
	static const char *const bodies[] = {
		"c.sqlClient.execute('x');",
		"try { c.sqlClient.query('x'); } finally { 1; }",
		"try { c.sqlClient.execute('x'); } catch (e) { throw e; }",
		/* the second failure is another one, but as good a reason */
		"try { c.sqlClient.execute('x'); } catch (e) {} c.sqlClient.execute('y');",
		"return Promise.resolve().then(function () { c.sqlClient.execute('x'); });",
		("for (var i = 0; i < 40; i++) try { c.sqlClient.execute('x'); } catch (e) {}"
		 "c.sqlClient.execute('y');"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct fixture fixture;
		char functions[512];

		(void)snprintf(functions, sizeof(functions), "install: function (c) { %s }",
			       bodies[i]);
		open_fixture(&fixture, NULL, functions);
		fixture.host.fails = EXTMGR_E_STATEMENT;
		assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_THREW);
		assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(fixture.error)),
				 EXTMGR_E_STATEMENT);
		assert_string_equal(extmgr_error_get_sqlstate(fixture.error), "42P01");
		assert_chain(fixture.error, "failed to install extension \"x.js\": error executing "
					    "statement: no such table");
		close_fixture(&fixture);
	}
}

static void other_errors_get_the_prefix(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture, NULL,
		     "install: function () { throw new Error('boom'); },"
		     "uninstall: function () { throw {status: 412, message: 'not now'}; },"
		     "upgrade: function (c) { c.bucketFs.resolvePath('missing.jar'); }");
	assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_THREW);
	assert_chain(fixture.error, "failed to install extension \"x.js\": Error: boom at x.js:1");
	extmgr_error_free(fixture.error);
	fixture.error = NULL;
	assert_int_equal(extmgr__definition_uninstall(fixture.definition, &fixture.services, NULL,
						      "1.0", &fixture.error),
			 EXTMGR_E_SCRIPT_STATUS);
	assert_chain(fixture.error, "not now");
	assert_int_equal(extmgr_error_get_http_status(fixture.error), 412);
	extmgr_error_free(fixture.error);
	fixture.error = NULL;
	struct extmgr__pair pair;

	assert_int_equal(extmgr__definition_upgrade(fixture.definition, &fixture.services, NULL,
						    &pair, &fixture.error),
			 EXTMGR_E_SCRIPT_THREW);
	assert_null(pair.first);
	assert_chain(fixture.error, "failed to upgrade extension \"x.js\": failed to find absolute "
				    "path for file \"missing.jar\"");
	close_fixture(&fixture);
}

static void missing_functions_are_named(void **state)
{
	struct fixture fixture;
	struct extmgr__pairs pairs;

	(void)state;
	open_fixture(&fixture, NULL, "");
	assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_NO_FUNCTION);
	assert_chain(fixture.error, "extension \"x.js\" does not support operation \"install\"");
	assert_int_equal(extmgr__definition_find_instances(fixture.definition, &fixture.services,
							   NULL, "1", &pairs, NULL),
			 EXTMGR_E_SCRIPT_NO_FUNCTION);
	assert_int_equal(pairs.count, 0);
	assert_null(pairs.items);
	close_fixture(&fixture);
}

static void find_installations_gets_the_metadata(void **state)
{
	struct fixture fixture;
	struct extmgr__pairs pairs;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"findInstallations: function (c, m) {"
		" console.log('%j', m); console.log('%j %j', c.metadata.getScriptByName('script'),"
		"  c.metadata.getScriptByName('none') === null &&"
		"  c.metadata.getScriptByName('empty') === null);"
		" return new Set(m.allScripts.rows.map(function (r) {"
		"  return {name: r.name, version: 5, id: 'ignored'}; })); }");
	fixture.host.has_metadata = true;
	assert_int_equal(extmgr__definition_find_installations(
				 fixture.definition, &fixture.services, NULL, &pairs, NULL),
			 EXTMGR_OK);
	assert_int_equal(pairs.count, 2);
	assert_string_equal(pairs.items[1].first, "b\xf0\x9f\x98\x80");
	assert_string_equal(pairs.items[1].second, "5");
	assert_string_equal(
		fixture.host.seen,
		"console(3, {\"allScripts\":{\"rows\":[{\"schema\":\"EXT\",\"name\":\"a\",\"type\":"
		"\"UDF\",\"inputType\":\"SET\",\"resultType\":\"EMITS\",\"text\":\"txt\","
		"\"comment\":\"\"},"
		"{\"schema\":\"EXT\",\"name\":\"b\xf0\x9f\x98\x80\",\"type\":\"UDF\",\"inputType\":"
		"\"\","
		"\"resultType\":\"\",\"text\":\"\",\"comment\":\"c\"}]},\"allVirtualSchemas\":{"
		"\"rows\":["
		"{\"name\":\"vs\",\"owner\":\"me\",\"adapterScriptSchema\":\"EXT\","
		"\"adapterScriptName\":"
		"\"ad\",\"adapterNotes\":\"\"}]}})\n"
		"console(3, "
		"{\"schema\":\"EXT\",\"name\":\"script\",\"type\":\"UDF\",\"inputType\":\"\","
		"\"resultType\":\"\",\"text\":\"CREATE\",\"comment\":\"\"} true)\n");
	extmgr__pairs_free(&pairs);
	fixture.host.fails = EXTMGR_E_STATEMENT;
	assert_int_equal(extmgr__definition_find_installations(fixture.definition,
							       &fixture.services, NULL, &pairs,
							       &fixture.error),
			 EXTMGR_E_SCRIPT_THREW);
	assert_chain(fixture.error, "failed to find installations for extension \"x.js\": error "
				    "executing statement: no such table");
	close_fixture(&fixture);
}

struct answer {
	const char *value;
	extmgr_result expected;
	size_t count;
};

static void lists_follow_the_conversion_rules(void **state)
{
	static const struct answer answers[] = {
		{"null", EXTMGR_OK, 0},
		{"undefined", EXTMGR_OK, 0},
		{"[]", EXTMGR_OK, 0},
		{"[{}]", EXTMGR_OK, 1},
		{"[{id: 1, name: {}}, {id: null}]", EXTMGR_OK, 2},
		{"{length: 1, 0: {id: 1}}", EXTMGR_OK, 1},
		{"Promise.resolve([{}])", EXTMGR_OK, 1},
		{"[null]", EXTMGR_E_SCRIPT_RESULT, 0},
		{"[{}, undefined]", EXTMGR_E_SCRIPT_RESULT, 0},
		{"[,]", EXTMGR_E_SCRIPT_RESULT, 0},
		{"['text']", EXTMGR_E_SCRIPT_RESULT, 0},
		{"5", EXTMGR_E_SCRIPT_RESULT, 0},
		{"'text'", EXTMGR_E_SCRIPT_RESULT, 0},
		{"{}", EXTMGR_E_SCRIPT_RESULT, 0},
		{"true", EXTMGR_E_SCRIPT_RESULT, 0},
		{"new Array(10001)", EXTMGR_E_SCRIPT_RESULT, 0},
		{"[{id: new Array(65538).join('x')}]", EXTMGR_E_SCRIPT_RESULT, 0},
		{"[{id: 'a\\0'}]", EXTMGR_E_SCRIPT_RESULT, 0},
		{"[{get id() { throw 1; }}]", EXTMGR_E_SCRIPT_THREW, 0},
		{"new Promise(function () {})", EXTMGR_E_SCRIPT_RESULT, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct fixture fixture;
		struct extmgr__pairs pairs;
		char functions[256];
		extmgr_result result;

		(void)snprintf(functions, sizeof(functions),
			       "findInstances: function () { return %s; }", answers[i].value);
		open_fixture(&fixture, NULL, functions);
		result = extmgr__definition_find_instances(fixture.definition, &fixture.services,
							   NULL, "1", &pairs, &fixture.error);
		if (result != answers[i].expected)
			print_error("%s: %s\n", answers[i].value,
				    extmgr_error_get_message(fixture.error));
		assert_int_equal(result, answers[i].expected);
		assert_int_equal(pairs.count, answers[i].count);
		extmgr__pairs_free(&pairs);
		close_fixture(&fixture);
	}
}

static extmgr_result add_instance(struct fixture *fixture, const char *values,
				  struct extmgr__pair *instance)
{
	extmgr_error_free(fixture->error);
	fixture->error = NULL;
	return extmgr__definition_add_instance(fixture->definition, &fixture->services, NULL, "1.0",
					       values, strlen(values), instance, &fixture->error);
}

static void values_reach_add_instance(void **state)
{
	struct fixture fixture;
	struct extmgr__pair instance;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"addInstance: function (c, version, p) { if (p.values.length === 0) return null;"
		" return {id: p.values[0].name + version, name: p.values[0].value}; }");
	assert_int_equal(add_instance(&fixture, "[{\"name\":\"p\",\"value\":\"\xf0\x9f\x98\x80\"}]",
				      &instance),
			 EXTMGR_OK);
	assert_string_equal(instance.first, "p1.0");
	assert_string_equal(instance.second, "\xf0\x9f\x98\x80");
	free(instance.first);
	free(instance.second);
	assert_int_equal(add_instance(&fixture, "[]", &instance), EXTMGR_E_SCRIPT_RESULT);
	assert_chain(fixture.error, "extension \"x.js\" did not return an instance");
	assert_null(instance.first);
	close_fixture(&fixture);
}

static void instances_are_deleted_and_read_back(void **state)
{
	struct fixture fixture;
	extmgr_text *json = NULL;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"deleteInstance: function (c, version, id) {"
		" if (id === 'bad') throw new Error('gone'); console.log(version, id); },"
		"readInstanceParameterValues: function (c, version, id) {"
		" return id === 'none' ? null : {values: [{name: id, value: 5}, {name: '\"'}]}; }");
	assert_int_equal(extmgr__definition_delete_instance(fixture.definition, &fixture.services,
							    NULL, "1", "i1", NULL),
			 EXTMGR_OK);
	assert_string_equal(fixture.host.seen, "console(3, 1 i1)\n");
	assert_int_equal(extmgr__definition_delete_instance(fixture.definition, &fixture.services,
							    NULL, "1", "bad", &fixture.error),
			 EXTMGR_E_SCRIPT_THREW);
	assert_chain(fixture.error,
		     "failed to delete instance \"bad\" for extension \"x.js\": Error: "
		     "gone at x.js:1");
	assert_int_equal(extmgr__definition_read_instance_values(fixture.definition,
								 &fixture.services, NULL, "1", "i1",
								 &json, NULL),
			 EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(json), "[{\"name\":\"i1\",\"value\":\"5\"},"
							"{\"name\":\"\\\"\",\"value\":\"\"}]");
	extmgr_text_free(json);
	assert_int_equal(extmgr__definition_read_instance_values(fixture.definition,
								 &fixture.services, NULL, "1",
								 "none", &json, NULL),
			 EXTMGR_E_SCRIPT_RESULT);
	assert_null(json);
	close_fixture(&fixture);
}

struct parameters {
	const char *value;
	extmgr_result expected;
	const char *json;
};

static void parameters_become_json(void **state)
{
	static const struct parameters cases[] = {
		{"[]", EXTMGR_OK, "[]"},
		{"null", EXTMGR_OK, "[]"},
		{"[{id: 'a', regex: /x+\\/y/, f: function () {}, u: undefined, n: null, l: [1.5]}]",
		 EXTMGR_OK, "[{\"id\":\"a\",\"regex\":\"x+\\\\/y\",\"n\":null,\"l\":[1.5]}]"},
		{"[{regex: 'text', other: /x/i}]", EXTMGR_OK,
		 "[{\"regex\":\"text\",\"other\":{}}]"},
		{"[{default: '\\ud83d\\ude00 \\ud800'}]", EXTMGR_OK,
		 "[{\"default\":\"\xf0\x9f\x98\x80 \xef\xbf\xbd\"}]"},
		{"Object.freeze([Object.freeze({regex: /a/})])", EXTMGR_OK, "[{\"regex\":\"a\"}]"},
		{"[{regex: /x/i}]", EXTMGR_E_PARAMETER_DEFINITION, NULL},
		{"(function () { var a = []; a.push(a); return a; })()", EXTMGR_E_SCRIPT_RESULT,
		 NULL},
		{"(function () { var a = []; for (var i = 0; i < 100; i++) a = [a]; return a; })()",
		 EXTMGR_E_SCRIPT_RESULT, NULL},
		{"(function () { var a = []; for (var i = 0; i < 5000; i++) a = [a]; return a; "
		 "})()",
		 EXTMGR_E_SCRIPT_RESULT, NULL},
		{"[new Array(1048576).join('x')]", EXTMGR_E_SCRIPT_RESULT, NULL},
		{"new Array(1001)", EXTMGR_E_SCRIPT_RESULT, NULL},
		{"{}", EXTMGR_E_SCRIPT_RESULT, NULL},
		{"7", EXTMGR_E_SCRIPT_RESULT, NULL},
		{"[{toJSON: function () { throw new Error('no'); }}]", EXTMGR_E_SCRIPT_THREW, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		extmgr_text *json = NULL;
		char functions[256];
		extmgr_result result;

		(void)snprintf(functions, sizeof(functions),
			       "getInstanceParameters: function () { return %s; }", cases[i].value);
		open_fixture(&fixture, NULL, functions);
		result = extmgr__definition_get_instance_parameters(
			fixture.definition, &fixture.services, NULL, "1", &json, &fixture.error);
		if (result != cases[i].expected)
			print_error("%s: %s\n", cases[i].value,
				    extmgr_error_get_message(fixture.error));
		assert_int_equal(result, cases[i].expected);
		if (cases[i].json)
			assert_string_equal(extmgr_text_get_data(json), cases[i].json);
		else
			assert_null(json);
		extmgr_text_free(json);
		close_fixture(&fixture);
	}
}

static void upgrade_answers_both_versions(void **state)
{
	struct fixture fixture;
	struct extmgr__pair pair;

	(void)state;
	open_fixture(&fixture, NULL,
		     "upgrade: function () { return {previousVersion: '1.0', newVersion: 2}; }");
	assert_int_equal(extmgr__definition_upgrade(fixture.definition, &fixture.services, NULL,
						    &pair, NULL),
			 EXTMGR_OK);
	assert_string_equal(pair.first, "1.0");
	assert_string_equal(pair.second, "2");
	free(pair.first);
	free(pair.second);
	close_fixture(&fixture);
	open_fixture(&fixture, NULL, "upgrade: function () {}");
	assert_int_equal(extmgr__definition_upgrade(fixture.definition, &fixture.services, NULL,
						    &pair, &fixture.error),
			 EXTMGR_E_SCRIPT_RESULT);
	close_fixture(&fixture);
}

static void validate_answers_complaints(void **state)
{
	static const struct {
		const char *answer;
		extmgr_result expected;
		const char *faults; /* "message|name;" for each, or part of the error */
	} cases[] = {
		{"undefined", EXTMGR_OK, ""},
		{"null", EXTMGR_OK, ""},
		{"''", EXTMGR_OK, "|;"},
		{"'bad'", EXTMGR_OK, "bad|;"},
		{"[]", EXTMGR_OK, ""},
		{"['a', {name: 'n', message: 'b'}]", EXTMGR_OK, "a|;b|n;"},
		{"{name: 'n', message: 'b'}", EXTMGR_OK, "b|n;"},
		{"[{message: 'b'}]", EXTMGR_OK, "b|;"},
		{"[{name: 'n'}]", EXTMGR_E_SCRIPT_RESULT, "it has no message"},
		{"5", EXTMGR_E_SCRIPT_RESULT, "it is not an object"},
		{"true", EXTMGR_E_SCRIPT_RESULT, "it is not an object"},
		{"[5]", EXTMGR_E_SCRIPT_RESULT, "it is not a text"},
		/* The values, no context. */
		{"arguments.length + JSON.stringify(p)", EXTMGR_OK,
		 "1{\"values\":[{\"name\":\"a\",\"value\":\"1\"}]}|;"},
	};
	static const char values[] = "[{\"name\":\"a\",\"value\":\"1\"}]";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__pairs faults = {0};
		struct fixture fixture;
		char source[256];
		char seen[256] = "";

		(void)snprintf(source, sizeof(source), "validate: function (p) { return %s; }",
			       cases[i].answer);
		open_fixture(&fixture, NULL, source);
		if (extmgr__definition_validate(fixture.definition, &fixture.services, NULL, values,
						strlen(values), &faults,
						&fixture.error) != cases[i].expected)
			fail_msg("%s: %s", cases[i].answer,
				 extmgr_error_get_message(fixture.error));
		for (size_t j = 0; j < faults.count; j++)
			(void)snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s|%s;",
				       faults.items[j].first,
				       faults.items[j].second ? faults.items[j].second : "");
		if (cases[i].expected == EXTMGR_OK)
			assert_string_equal(seen, cases[i].faults);
		else
			assert_non_null(
				strstr(extmgr_error_get_message(fixture.error), cases[i].faults));
		extmgr__pairs_free(&faults);
		close_fixture(&fixture);
	}
}

/* A statement may take an hour: the deadline counts what the script takes itself. */
static void time_of_the_host_does_not_count(void **state)
{
	struct fake_clock clock = {.step = 1000};
	struct fixture fixture;

	(void)state;
	open_fixture(
		&fixture, &clock,
		"install: function (c) { for (var i = 0; i < 10; i++) c.sqlClient.execute('x'); },"
		"uninstall: function (c) { c.sqlClient.execute('x'); for (;;); }");
	fixture.host.takes = UINT64_C(3600000000000);
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_int_equal(fixture.host.calls, 10);
	clock.step = 10000000;
	assert_int_equal(extmgr__definition_uninstall(fixture.definition, &fixture.services, NULL,
						      "1", &fixture.error),
			 EXTMGR_E_SCRIPT_TIMEOUT);
	close_fixture(&fixture);
}

/* Not even one statement gets out between a limit and the end of the call. */
static void a_stopped_script_reaches_no_host(void **state)
{
	struct fake_clock clock = {.step = 10000000};
	struct fixture fixture;

	(void)state;
	open_fixture(
		&fixture, &clock,
		"install: function (c) { try { for (;;); } catch (e) { c.sqlClient.execute('x'); }"
		" finally { c.sqlClient.execute('y'); } }");
	assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_TIMEOUT);
	assert_int_equal(fixture.host.calls, 0);
	assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_TIMEOUT);
	close_fixture(&fixture);
}

/* A context that a script kept serves the host of the call that is under way. */
static void a_kept_context_serves_the_next_call(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"install: function (c) { var kept = globalThis.kept || c; globalThis.kept = kept;"
		" kept.sqlClient.execute('x'); }");
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_int_equal(install(&fixture), EXTMGR_OK);
	assert_int_equal(fixture.host.calls, 2);
	close_fixture(&fixture);
}

static void services_may_be_missing(void **state)
{
	struct fixture fixture;

	(void)state;
	open_fixture(
		&fixture, NULL,
		"install: function (c) { if (c.metadata.getScriptByName('x') !== null) throw 1;"
		" try { c.bucketFs.resolvePath('x'); } catch (e) { console.log(e.message); }"
		" c.sqlClient.execute('x'); }");
	fixture.services = (struct extmgr__services){.dialect = "sqlite"};
	assert_int_equal(install(&fixture), EXTMGR_E_SCRIPT_THREW);
	assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(fixture.error)),
			 EXTMGR_E_UNSUPPORTED);
	close_fixture(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_reach_the_host),
		cmocka_unit_test(functions_get_no_this),
		cmocka_unit_test(wrong_arguments_are_type_errors),
		cmocka_unit_test(rows_become_javascript_values),
		cmocka_unit_test(failures_of_the_host_can_be_caught),
		cmocka_unit_test(failures_of_the_host_stay_in_the_chain),
		cmocka_unit_test(other_errors_get_the_prefix),
		cmocka_unit_test(missing_functions_are_named),
		cmocka_unit_test(find_installations_gets_the_metadata),
		cmocka_unit_test(lists_follow_the_conversion_rules),
		cmocka_unit_test(values_reach_add_instance),
		cmocka_unit_test(instances_are_deleted_and_read_back),
		cmocka_unit_test(parameters_become_json),
		cmocka_unit_test(upgrade_answers_both_versions),
		cmocka_unit_test(validate_answers_complaints),
		cmocka_unit_test(time_of_the_host_does_not_count),
		cmocka_unit_test(a_stopped_script_reaches_no_host),
		cmocka_unit_test(a_kept_context_serves_the_next_call),
		cmocka_unit_test(services_may_be_missing),
	};

	return cmocka_run_group_tests_name("script_calls", tests, NULL, NULL);
}
