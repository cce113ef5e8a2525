/* SPDX-License-Identifier: MIT */
/* extmgr_definition_lint(): each rule finds what it is for, and nothing in good definitions. */
#include "script_test.h"

#include "base/json.h"

#include <extmgr/definition.h>

/* A good definition, in pieces. */
#define TEXTS     "name: 'N', category: 'c', description: 'd'"
#define VERSIONS  "installableVersions: [{name: '1.0.0', latest: true}]"
#define FUNCTIONS "findInstallations: f, install: f, uninstall: f, upgrade: f"
#define INSTANCES "addInstance: f, findInstances: f, deleteInstance: f"
#define GOOD      TEXTS ", " VERSIONS ", " FUNCTIONS
#define PARAMETERS(definitions)                                                                    \
	GOOD ", " INSTANCES ", getInstanceParameters: function () { return [" definitions "]; }"
#define FILES(artifact) GOOD ", bucketFsUploads: [" artifact "]"

static extmgr_result run(extmgr_context *context, extmgr_operation *operation, const char *id,
			 const char *source, extmgr_text **report, extmgr_error **error)
{
	return extmgr_definition_lint(context, operation, id, source, strlen(source), report,
				      error);
}

static void make_source(char *source, size_t size, const char *members, const char *code)
{
	int length =
		snprintf(source, size,
			 "function f() {}\n"
			 "global.installedExtension = {apiVersion: '0.2.0', extension: {%s}};\n"
			 "%s",
			 members, code);

	assert_in_range(length, 1, size - 1);
}

static extmgr__json *lint(extmgr_context *context, const char *source)
{
	extmgr_text *text = NULL;
	extmgr__json *report = NULL;

	assert_int_equal(run(context, NULL, "x", source, &text, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__json_parse(extmgr_text_get_data(text),
					    extmgr_text_get_length(text), "report", &report, NULL),
			 EXTMGR_OK);
	extmgr_text_free(text);
	return report;
}

/* place: of the finding, or "line N" */
static void expect_one(const char *source, const char *rule, const char *severity,
		       const char *place, const char *says)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr__json *report = lint(context, source);
	const extmgr__json *findings = extmgr__json_get(report, "findings");
	const extmgr__json *finding = extmgr__json_first(findings);
	const char *found = extmgr__json_get_member_string(finding, "place");
	char line[32];

	if (!finding)
		fail_msg("%s: nothing was found", rule);
	if (extmgr__json_next(finding))
		fail_msg("%s: also %s", rule,
			 extmgr__json_get_member_string(extmgr__json_next(finding), "message"));
	if (!found) {
		(void)snprintf(line, sizeof(line), "line %.0f",
			       extmgr__json_get_number(extmgr__json_get(finding, "line")));
		found = line;
	}
	assert_string_equal(extmgr__json_get_member_string(finding, "rule"), rule);
	assert_string_equal(extmgr__json_get_member_string(finding, "severity"), severity);
	assert_string_equal(found, place);
	if (!strstr(extmgr__json_get_member_string(finding, "message"), says))
		fail_msg("%s: %s", rule, extmgr__json_get_member_string(finding, "message"));
	assert_true(*extmgr__json_get_member_string(finding, "remedy"));
	assert_false(extmgr__json_is_true(extmgr__json_get(report, "clean")));
	extmgr__json_free(report);
	extmgr_context_free(context);
}

static void test_each_rule_about_the_definition(void **state)
{
	static const struct {
		const char *members;
		const char *rule;
		const char *severity;
		const char *place;
		const char *says;
	} cases[] = {
		{"category: 'c', description: 'd', " VERSIONS ", " FUNCTIONS, "empty-text", "error",
		 "name", "missing"},
		{"name: 'N', category: '', description: 'd', " VERSIONS ", " FUNCTIONS,
		 "empty-text", "warning", "category", "missing"},
		{TEXTS ", installableVersions: [], " FUNCTIONS, "no-version", "error",
		 "installableVersions", "no installable"},
		{TEXTS ", installableVersions: [{name: '1.0', latest: true}], " FUNCTIONS,
		 "version-name", "warning", "installableVersions[0].name", "'1.0'"},
		{TEXTS ", installableVersions: [{name: '1.0.0', latest: true}, {name: "
		       "'1.0.0'}], " FUNCTIONS,
		 "version-twice", "error", "installableVersions[1]", "twice"},
		{TEXTS ", installableVersions: [{name: '1.0.0'}], " FUNCTIONS, "latest-version",
		 "warning", "installableVersions", "0 versions"},
		{TEXTS ", installableVersions: [{name: '1.0.0', latest: true, deprecated: "
		       "true}], " FUNCTIONS,
		 "latest-version", "warning", "installableVersions", "deprecated"},
		{FILES("{name: 'a', bucketFsFilename: 'd/a.jar', fileSize: 1}"), "artifact-name",
		 "error", "bucketFsUploads[0].bucketFsFilename", "no name"},
		{FILES("{name: 'a', bucketFsFilename: 'a.jar'}"), "artifact-size", "error",
		 "bucketFsUploads[0].fileSize", "empty file"},
		{FILES("{bucketFsFilename: 'a', fileSize: 1}, {bucketFsFilename: 'a', fileSize: "
		       "1}"),
		 "artifact-twice", "error", "bucketFsUploads[1]", "'a'"},
		{FILES("{bucketFsFilename: 'a', fileSize: -1, downloadUrl: 'http://h/a'}"),
		 "artifact-url", "warning", "bucketFsUploads[0].downloadUrl", "https"},
		{TEXTS ", " VERSIONS ", install: f, uninstall: f", "missing-function", "error",
		 "findInstallations", "install()"},
		{TEXTS ", " VERSIONS ", findInstallations: f", "missing-function", "error",
		 "install", "nobody"},
		{TEXTS ", installableVersions: [{name: '1.0.0'}, {name: '2.0.0', latest: true}], "
		       "findInstallations: f, install: f, uninstall: f",
		 "missing-function", "warning", "upgrade", "several versions"},
		{GOOD ", " INSTANCES, "missing-function", "error", "getInstanceParameters",
		 "addInstance()"},
		{GOOD ", findInstallation: f", "unknown-member", "warning", "findInstallation",
		 "looked at"},
		{GOOD ", replacable: true", "unknown-member", "warning", "replacable", "looked at"},
		{PARAMETERS("{id: 'a', name: 'A', type: 'date'}"), "parameters", "error",
		 "getInstanceParameters('1.0.0')", "its type is unknown"},
		{PARAMETERS("{id: 'a.b', name: 'A', type: 'string'}"), "parameter-id", "warning",
		 "parameter 'a.b'", "dot"},
		{PARAMETERS("{id: 'a', name: 'A', type: 'string', secret: true, 'default': 'x'}"),
		 "secret-default", "error", "parameter 'a'", "everybody"},
		{PARAMETERS("{id: 'a', name: 'A', type: 'string', requierd: true}"),
		 "unknown-member", "warning", "parameter 'a'.requierd", "looked at"},
		{PARAMETERS("{id: 'a', name: 'A', type: 'integer', max: 3, 'default': '4'}"),
		 "parameter-default", "error", "parameter 'a'.default", "at most 3"},
		{GOOD ", " INSTANCES ", getInstanceParameters: function (c) {"
		      " return c.sqlClient.query('x').rows[0][0]; }",
		 "parameters", "warning", "getInstanceParameters('1.0.0')", "empty database"},
		{GOOD ", " INSTANCES ", getInstanceParameters: function (c) {"
		      " c.sqlClient.execute('x'); return []; }",
		 "parameters-write", "error", "getInstanceParameters", "executes"},
	};
	char source[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_source(source, sizeof(source), cases[i].members, "");
		expect_one(source, cases[i].rule, cases[i].severity, cases[i].place, cases[i].says);
	}
}

static void test_each_rule_about_the_source(void **state)
{
	static const struct {
		const char *code; /* from line 3 on */
		const char *rule;
		const char *place;
		const char *says;
	} cases[] = {
		{"function g() {\n\treturn eval('1');\n}", "not-in-sandbox", "line 4", "eval()"},
		{"function g() { return new Function('x'); }", "not-in-sandbox", "line 3",
		 "Function()"},
		{"function g() { require(\"fs\"); }", "not-in-sandbox", "line 3", "require()"},
		{"function g() { setTimeout(f, 1); }", "not-in-sandbox", "line 3", "setTimeout()"},
		{"function g() { return /\"'/.test(''); }\nfunction h() { fetch(''); }",
		 "not-in-sandbox", "line 4", "fetch()"},
		{"function g(c) { c.sqlClient.execute('COMMIT'); }", "forbidden-statement",
		 "line 3", "COMMIT"},
		{"function g(c) { c.sqlClient.query(\" ; rollback\"); }", "forbidden-statement",
		 "line 3", "ROLLBACK"},
		{"function g(c) { c.sqlClient.execute('attach x as y'); }", "forbidden-statement",
		 "line 3", "ATTACH"},
		{"/* eval(\n */ function g() { return Math.random(); }", "not-repeatable", "line 4",
		 "Math.random()"},
		{"function g() { return Date.now(); }", "not-repeatable", "line 3", "Date.now()"},
	};
	char source[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_source(source, sizeof(source), GOOD, cases[i].code);
		expect_one(source, cases[i].rule,
			   strcmp(cases[i].rule, "not-repeatable") == 0 ? "warning" : "error",
			   cases[i].place, cases[i].says);
	}
}

static void test_what_cannot_be_loaded_is_a_finding_with_its_line(void **state)
{
	static const struct {
		const char *source;
		const char *rule;
		const char *place;
	} cases[] = {
		{"var a;\nthis is no JavaScript", "script-syntax", "line 2"},
		{"\n\nthrow new Error('x')", "script-threw", "line 3"},
		{"1", "definition-unregistered", "line 0"},
		{"global.installedExtension = {}", "definition-shape", "line 0"},
		{"global.installedExtension = {apiVersion: '1', extension: {}}", "api-version",
		 "line 0"},
		{"global.installedExtension = {apiVersion: '0.2.0', extension: {install: 1}}",
		 "definition-shape", "line 0"},
		{"var s = 'x'; for (;;) s += s;", "script-memory", "line 0"},
		{"\xff", "script-syntax", "line 0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_one(cases[i].source, cases[i].rule, "error", cases[i].place, "");
}

static void test_an_endless_definition_is_a_finding(void **state)
{
	struct fake_clock clock = {.step = 1000000};
	extmgr_context *context = test_context(&clock, 0);
	extmgr__json *report = lint(context, "for (;;) {}");
	const extmgr__json *finding = extmgr__json_first(extmgr__json_get(report, "findings"));

	(void)state;
	assert_string_equal(extmgr__json_get_member_string(finding, "rule"), "script-timeout");
	extmgr__json_free(report);
	extmgr_context_free(context);
}

static void test_good_definitions_are_clean(void **state)
{
	static const struct {
		const char *members;
		const char *code;
	} cases[] = {
		{GOOD, ""},
		/* Names that look like more than they are. */
		{GOOD, "function eval2() {} eval2(); var o = {eval: f, require: f}; o.eval(); "
		       "o.require();"
		       "'eval(1)'; /eval(1)/; // fetch()\n/* setTimeout() */"},
		{GOOD, "function require(x) { return x; } require(1);"},
		{GOOD, "function g(c) { c.sqlClient.execute('INSERT INTO commit VALUES (1)'); }"},
		{FILES("{name: 'a', bucketFsFilename: 'a.jar', fileSize: -1}"), ""},
		{GOOD
		 ", replaceable: true, requirements: {dialects: ['sqlite']}, validate: f, check: f",
		 ""},
		{PARAMETERS(
			 "{id: 'a', name: 'A', type: 'select', options: [{id: 'x', name: 'X'}], "
			 "'default': 'x', condition: {parameter: 'b', operator: 'EQ', value: '1'}},"
			 "{id: 'b', name: 'B', type: 'string', regex: /^1$/, minLength: 1}"),
		 ""},
		/* On other databases it says no, with a status. */
		{GOOD
		 ", " INSTANCES ", getInstanceParameters: function (c) {"
		 " if (c.dialect === 'sqlite') return []; throw {status: 412, message: 'no'}; }",
		 ""},
		{GOOD ", " INSTANCES ", getInstanceParameters: function () {"
		      " throw {status: 404, message: 'not supported'}; }",
		 ""},
	};
	extmgr_context *context = test_context(NULL, 0);
	char source[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_text *report = NULL;

		make_source(source, sizeof(source), cases[i].members, cases[i].code);
		assert_int_equal(run(context, NULL, "x", source, &report, NULL), EXTMGR_OK);
		assert_string_equal(extmgr_text_get_data(report),
				    "{\"schema\":\"extmgr.lint/1\",\"id\":\"x\",\"clean\":true,"
				    "\"findings\":[]}");
		extmgr_text_free(report);
	}
	extmgr_context_free(context);
}

static void test_the_id_is_looked_at(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr_text *report = NULL;
	char source[512];

	(void)state;
	make_source(source, sizeof(source), GOOD, "");
	assert_int_equal(run(context, NULL, "a b", source, &report, NULL), EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(report), "\"rule\":\"id\""));
	extmgr_text_free(report);
	assert_int_equal(run(context, NULL, "\xff", source, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(report);
	extmgr_context_free(context);
}

/* A generated file may break a rule in each line. */
static void test_findings_of_a_rule_are_bounded(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__buffer source = EXTMGR__BUFFER((size_t)1 << 20);
	extmgr__json *report;

	(void)state;
	for (int i = 0; i < 1000; i++)
		extmgr__buffer_puts(&source, "function g() { eval('1'); }\n");
	report = lint(context, extmgr__buffer_get(&source));
	/* And that it registers nothing. */
	assert_int_equal(extmgr__json_count(extmgr__json_get(report, "findings")), 21);
	extmgr__json_free(report);
	extmgr__buffer_free(&source);
	extmgr_context_free(context);
}

static void test_the_largest_source_is_looked_through(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__buffer source = EXTMGR__BUFFER((size_t)2 << 20);
	extmgr__json *report;

	(void)state;
	while (source.length < (size_t)64 << 10)
		extmgr__buffer_puts(&source, "var größe = 'x' + 1 / 2;\n");
	extmgr__buffer_puts(&source, "/*");
	while (source.length < ((size_t)1 << 20) - 64)
		extmgr__buffer_puts(&source, "****************ö***************\n");
	extmgr__buffer_puts(&source, "*/");
	extmgr__buffer_puts(&source, "\nfetch();");
	report = lint(context, extmgr__buffer_get(&source));
	assert_int_equal(extmgr__json_count(extmgr__json_get(report, "findings")), 2);
	extmgr__json_free(report);
	while (source.length <= (size_t)1 << 20)
		extmgr__buffer_puts(&source, "//////////\n");
	report = lint(context, extmgr__buffer_get(&source));
	assert_string_equal(
		extmgr__json_get_member_string(
			extmgr__json_first(extmgr__json_get(report, "findings")), "rule"),
		"source-too-large");
	/* Nobody looked for fetch() in there. */
	assert_int_equal(extmgr__json_count(extmgr__json_get(report, "findings")), 1);
	extmgr__json_free(report);
	extmgr__buffer_free(&source);
	extmgr_context_free(context);
}

static void cancel_when_called(void *user_data, int32_t level, const char *component,
			       const char *message, size_t length)
{
	(void)level;
	(void)component;
	(void)message;
	(void)length;
	extmgr_operation_cancel(user_data);
}

/* That somebody cancelled is no fault of the definition. */
static void test_cancelling_while_the_definition_runs(void **state)
{
	extmgr_context_options options;
	extmgr_operation *operation = NULL;
	extmgr_context *context = NULL;
	extmgr_text *report = NULL;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	extmgr_context_options_init(&options, sizeof(options));
	options.log = cancel_when_called;
	options.user_data = operation;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_int_equal(
		run(context, operation, "x", "console.log('here'); for (;;) {}", &report, NULL),
		EXTMGR_E_CANCELLED);
	assert_null(report);
	extmgr_context_free(context);
	extmgr_operation_free(operation);
}

static void test_arguments_and_a_cancelled_operation(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr_operation *operation = NULL;
	extmgr_text *report = NULL;

	(void)state;
	assert_int_equal(run(NULL, NULL, "x", "1", &report, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(run(context, NULL, NULL, "1", &report, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_definition_lint(context, NULL, "x", NULL, 0, &report, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(run(context, NULL, "x", "1", NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	extmgr_operation_cancel(operation);
	assert_int_equal(run(context, operation, "x", "1", &report, NULL), EXTMGR_E_CANCELLED);
	assert_null(report);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_about_the_definition),
		cmocka_unit_test(test_each_rule_about_the_source),
		cmocka_unit_test(test_what_cannot_be_loaded_is_a_finding_with_its_line),
		cmocka_unit_test(test_an_endless_definition_is_a_finding),
		cmocka_unit_test(test_good_definitions_are_clean),
		cmocka_unit_test(test_the_id_is_looked_at),
		cmocka_unit_test(test_findings_of_a_rule_are_bounded),
		cmocka_unit_test(test_the_largest_source_is_looked_through),
		cmocka_unit_test(test_cancelling_while_the_definition_runs),
		cmocka_unit_test(test_arguments_and_a_cancelled_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
