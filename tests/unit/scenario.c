/* SPDX-License-Identifier: MIT */
/*
 * extmgr_definition_try(): what it refuses, and its limits. What traces hold is compared with what
 * node makes of the same trials (tests/integration/script/traces.mjs).
 */
#include "script_test.h"

#include <extmgr/definition.h>

#define DEFINITION(functions)                                                                      \
	"global.installedExtension = {apiVersion: '0.2.0', extension: {" functions "}};"

static extmgr_result run(extmgr_context *context, extmgr_operation *operation, const char *source,
			 const char *scenario, extmgr_text **trace, extmgr_error **error)
{
	return extmgr_definition_try(context, operation, "x", source, strlen(source), scenario,
				     strlen(scenario), trace, error);
}

static void test_wrong_scenarios_are_refused_with_the_place(void **state)
{
	static const struct {
		const char *scenario;
		const char *says;
	} cases[] = {
		{"", "is not JSON"},
		{"[]", "scenario: it is no object"},
		{"{} {}", "something follows"},
		{"{\"calls\":[],\"calls\":[]}", "stands twice"},
		{"{\"dialect\":1}", "dialect is no string"},
		{"{\"dialect\":\"oracle\"}", "unknown dialect 'oracle'"},
		{"{\"schema\":[]}", "schema is no string"},
		{"{\"tables\":[]}", "tables is no object"},
		{"{\"tables\":{\"allScripts\":{}}}", "allScripts is no array"},
		{"{\"tables\":{\"allScripts\":[1]}}", "allScripts[0] is no object"},
		{"{\"tables\":{\"allVirtualSchemas\":[{\"name\":[]}]}}",
		 "allVirtualSchemas[0]: name is neither"},
		{"{\"artifacts\":[{\"name\":\"a\"}]}", "artifacts[0] needs the strings"},
		{"{\"answers\":1}", "answers is no array"},
		{"{\"answers\":[{}]}", "answers[0] needs the string match"},
		{"{\"answers\":[{\"match\":\"(\"}]}", "answers[0].match: '(' is no regular"},
		{"{\"answers\":[{\"match\":\"\",\"error\":1}]}", "answers[0].error is no string"},
		{"{\"answers\":[{\"match\":\"\",\"columns\":[\"a\"]}]}", "a column has no name"},
		{"{\"answers\":[{\"match\":\"\",\"rows\":{}}]}", "answers[0].rows is no array"},
		{"{\"answers\":[{\"match\":\"\",\"columns\":[],\"rows\":[[1]]}]}",
		 "no array of 0 cells"},
		{"{\"answers\":[{\"match\":\"\",\"rows\":[[1],[1,2]]}]}", "no array of 1 cells"},
		{"{\"answers\":[{\"match\":\"\",\"rows\":[[[]]]}]}", "a cell is neither"},
		{"{\"calls\":{}}", "calls is no array"},
		{"{\"calls\":[{\"call\":\"install\"},{}]}", "calls[1] needs the string call"},
		{"{\"calls\":[{\"call\":\"constructor\"}]}", "no function 'constructor'"},
		{"{\"calls\":[{\"call\":\"install\",\"args\":\"1\"}]}",
		 "calls[0].args is no array"},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_text *trace = NULL;
		extmgr_text *text = NULL;

		assert_int_equal(
			run(context, NULL, DEFINITION(""), cases[i].scenario, &trace, &error),
			EXTMGR_E_FORMAT);
		assert_null(trace);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (!strstr(extmgr_text_get_data(text), cases[i].says))
			fail_msg("%s: %s", cases[i].scenario, extmgr_text_get_data(text));
		assert_string_equal(extmgr_error_get_hint(error),
				    "docs/scenarios.md tells what a scenario holds");
		extmgr_text_free(text);
		extmgr_error_free(error);
		assert_int_equal(
			run(context, NULL, DEFINITION(""), cases[i].scenario, &trace, NULL),
			EXTMGR_E_FORMAT);
	}
	extmgr_context_free(context);
}

static void keep_warning(void *user_data, int32_t level, const char *component, const char *message,
			 size_t length)
{
	struct extmgr__buffer *log = user_data;

	if (strcmp(component, "scenario") != 0)
		return;
	assert_int_equal(level, EXTMGR_LOG_WARNING);
	extmgr__buffer_append(log, message, length);
	extmgr__buffer_puts(log, "\n");
}

static void test_members_that_are_not_known_are_told(void **state)
{
	static const char scenario[] =
		"{\"answer\":[],\"artifacts\":[{\"name\":\"a\",\"path\":\"/a\",\"size\":1}],"
		"\"tables\":{\"allScript\":[],\"allScripts\":[{\"name\":\"S\",\"txt\":\"\"}],"
		"\"allVirtualSchemas\":[{\"adapterNotes\":\"\",\"adapter\":null}]},"
		"\"answers\":[{\"match\":\"a\"},{\"match\":\"b\",\"row\":[]}],"
		"\"calls\":[{\"call\":\"install\",\"arg\":[]}]}";
	struct extmgr__buffer log = EXTMGR__BUFFER(1 << 16);
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_text *trace = NULL;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.log = keep_warning;
	options.user_data = &log;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_int_equal(run(context, NULL, DEFINITION(""), scenario, &trace, NULL), EXTMGR_OK);
	assert_string_equal(extmgr__buffer_get(&log),
			    "the member 'answer' is not known, and ignored\n"
			    "tables: the member 'allScript' is not known, and ignored\n"
			    "allScripts[0]: the member 'txt' is not known, and ignored\n"
			    "allVirtualSchemas[0]: the member 'adapter' is not known, and ignored\n"
			    "answers[1]: the member 'row' is not known, and ignored\n"
			    "calls[0]: the member 'arg' is not known, and ignored\n");
	extmgr_text_free(trace);
	extmgr_context_free(context);
	extmgr__buffer_free(&log);
}

static void test_the_empty_scenario_gives_the_static_part(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr_text *trace = NULL;

	(void)state;
	assert_int_equal(run(context, NULL,
			     DEFINITION("installableVersions: new Set([{name: '1', more: 0}])"),
			     "{}", &trace, NULL),
			 EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(trace),
			    "{\"schema\":\"extmgr.trace/1\",\"definition\":{\"name\":\"\","
			    "\"category\":\"\",\"description\":\"\",\"installableVersions\":"
			    "[{\"name\":\"1\",\"more\":0}],\"artifacts\":[],\"apiVersion\":"
			    "\"0.2.0\"},\"calls\":[]}");
	extmgr_text_free(trace);
	extmgr_context_free(context);
}

static void test_a_definition_that_cannot_be_loaded_fails(void **state)
{
	static const struct {
		const char *source;
		extmgr_result result;
	} cases[] = {
		{"this is no JavaScript", EXTMGR_E_SCRIPT_SYNTAX},
		{"throw 'x'", EXTMGR_E_SCRIPT_THREW},
		{"1", EXTMGR_E_DEFINITION_UNREGISTERED},
		{"global.installedExtension = {}", EXTMGR_E_DEFINITION_SHAPE},
		{"global.installedExtension = {apiVersion: '1', extension: {}}",
		 EXTMGR_E_API_VERSION},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_text *trace = NULL;

		assert_int_equal(run(context, NULL, cases[i].source, "{}", &trace, &error),
				 cases[i].result);
		assert_null(trace);
		extmgr_error_free(error);
	}
	extmgr_context_free(context);
}

/* A limit is no exception: the calls behind it would find a dead heap. */
static void test_limits_end_the_run_and_name_the_call(void **state)
{
	static const struct {
		const char *functions;
		const char *scenario;
		extmgr_result result;
	} cases[] = {
		{"install: function () { for (;;) {} }", "{\"calls\":[{\"call\":\"install\"}]}",
		 EXTMGR_E_SCRIPT_TIMEOUT},
		{"install: function () { try { for (;;) {} } catch (e) { return 1; } }",
		 "{\"calls\":[{\"call\":\"install\"}]}", EXTMGR_E_SCRIPT_TIMEOUT},
		{"install: function () { throw {get message() { for (;;) {} }}; }",
		 "{\"calls\":[{\"call\":\"install\"}]}", EXTMGR_E_SCRIPT_TIMEOUT},
		{"install: function () { return {toJSON: function () { for (;;) {} }}; }",
		 "{\"calls\":[{\"call\":\"install\"}]}", EXTMGR_E_SCRIPT_TIMEOUT},
		{"install: function () { var s = 'x'; for (;;) s += s; }",
		 "{\"calls\":[{\"call\":\"install\"}]}", EXTMGR_E_SCRIPT_MEMORY},
		{"install: function (c) {"
		 " try { c.sqlClient.query('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'); } catch (e) {} }",
		 "{\"answers\":[{\"match\":\"^(a+)+$\"}],\"calls\":[{\"call\":\"install\"}]}",
		 EXTMGR_E_SCRIPT_TIMEOUT},
		{"install: function () { return new Promise(function () {}); }",
		 "{\"calls\":[{\"call\":\"install\"}]}", EXTMGR_E_SCRIPT_RESULT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_clock clock = {.step = 1000000};
		extmgr_context *context = test_context(&clock, 0);
		extmgr_error *error = NULL;
		extmgr_text *trace = NULL;
		char source[512];

		(void)snprintf(source, sizeof(source), DEFINITION("%s"), cases[i].functions);
		assert_int_equal(run(context, NULL, source, cases[i].scenario, &trace, &error),
				 cases[i].result);
		assert_null(trace);
		assert_non_null(strstr(extmgr_error_get_message(error), "call 1"));
		extmgr_error_free(error);
		extmgr_context_free(context);
	}
}

static void test_a_cancelled_operation_ends_it(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr_operation *operation = NULL;
	extmgr_text *trace = NULL;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	extmgr_operation_cancel(operation);
	assert_int_equal(run(context, operation, DEFINITION(""), "{}", &trace, NULL),
			 EXTMGR_E_CANCELLED);
	assert_null(trace);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

/* The scenario's regular expressions are out of reach of the definition. */
static void test_a_definition_cannot_change_how_answers_match(void **state)
{
	static const char source[] =
		"RegExp.prototype.test = function () { return false; };" DEFINITION(
			"install: function (c) { return c.sqlClient.query('a').rows; }");
	extmgr_context *context = test_context(NULL, 0);
	extmgr_text *trace = NULL;

	(void)state;
	assert_int_equal(run(context, NULL, source,
			     "{\"answers\":[{\"match\":\"A|a\",\"rows\":[[1]]}],"
			     "\"calls\":[{\"call\":\"install\"}]}",
			     &trace, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(trace), "\"result\":[[1]]"));
	extmgr_text_free(trace);
	extmgr_context_free(context);
}

/* As in an operation: it is about values alone. */
static void test_validate_gets_no_context(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	extmgr_text *trace = NULL;

	(void)state;
	assert_int_equal(run(context, NULL,
			     DEFINITION("validate: function (v) { return [arguments.length, v]; }"),
			     "{\"calls\":[{\"call\":\"validate\",\"args\":[7]}]}", &trace, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(trace), "\"result\":[1,7]"));
	extmgr_text_free(trace);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_scenarios_are_refused_with_the_place),
		cmocka_unit_test(test_members_that_are_not_known_are_told),
		cmocka_unit_test(test_the_empty_scenario_gives_the_static_part),
		cmocka_unit_test(test_a_definition_that_cannot_be_loaded_fails),
		cmocka_unit_test(test_limits_end_the_run_and_name_the_call),
		cmocka_unit_test(test_a_cancelled_operation_ends_it),
		cmocka_unit_test(test_a_definition_cannot_change_how_answers_match),
		cmocka_unit_test(test_validate_gets_no_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
