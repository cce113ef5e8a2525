/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/text.h"
#include "params/params.h"

#include <extmgr/error.h>

#include <pthread.h>

static extmgr_context *context;

static int set_up(void **state)
{
	(void)state;
	return extmgr_context_new(NULL, &context, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	extmgr_context_free(context);
	return 0;
}

static extmgr_result validate(const char *definitions, const char *values, extmgr_text **report,
			      extmgr_error **error)
{
	return extmgr_params_validate(context, definitions, strlen(definitions), values,
				      strlen(values), report, error);
}

struct rule {
	const char *definitions;
	const char *values;
	const char *message; /* NULL: valid */
};

/* The whole message, to the letter; no part of the report but "values" holds a value. */
static void check_rule(const struct rule *rule)
{
	struct extmgr__buffer expected = EXTMGR__BUFFER(10000);
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = validate(rule->definitions, rule->values, &report, &error);

	if (result != (rule->message ? EXTMGR_E_PARAMETERS_INVALID : EXTMGR_OK))
		print_message("%s with %s: %s\n", rule->definitions, rule->values,
			      extmgr_error_get_message(error));
	assert_int_equal(result, rule->message ? EXTMGR_E_PARAMETERS_INVALID : EXTMGR_OK);
	assert_non_null(report);
	if (rule->message) {
		extmgr__buffer_printf(&expected, "invalid parameters: %s", rule->message);
		assert_string_equal(extmgr_error_get_message(error), expected.data);
		assert_int_equal(extmgr_error_get_http_status(error), 400);
	}
	assert_non_null(strstr(extmgr_text_get_data(report),
			       rule->message ? "\"valid\":false" : "\"valid\":true"));
	extmgr__buffer_free(&expected);
	extmgr_text_free(report);
	extmgr_error_free(error);
}

static void check_rules(const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_rule(&rules[i]);
}

#define CHECK_RULES(rules) check_rules(rules, sizeof(rules) / sizeof((rules)[0]))

#define FAILED(message) "Failed to validate parameter 'N' (a): " message

#define STRING(more)  "[{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\"" more "}]"
#define BOOLEAN(more) "[{\"id\":\"a\",\"name\":\"N\",\"type\":\"boolean\"" more "}]"
#define SELECT(more)  "[{\"id\":\"a\",\"name\":\"N\",\"type\":\"select\"" more "}]"
#define NUMBER(more)  "[{\"id\":\"a\",\"name\":\"N\",\"type\":\"number\"" more "}]"
#define INTEGER(more) "[{\"id\":\"a\",\"name\":\"N\",\"type\":\"integer\"" more "}]"
#define REQUIRED      ",\"required\":true"
#define OPTIONS       ",\"options\":[{\"id\":\"a\",\"name\":\"A\"},{\"id\":\"b\",\"name\":\"B\"}]"

static void test_values_follow_the_rules_of_their_type(void **state)
{
	static const struct rule rules[] = {
		{STRING(), "[]", NULL},
		{STRING(), "{\"a\":\"x\"}", NULL},
		{STRING(REQUIRED), "[]", FAILED("This is a required parameter.")},
		{STRING(REQUIRED), "{\"a\":\"\"}", FAILED("This is a required parameter.")},
		{STRING(REQUIRED), "{\"a\":null}", FAILED("This is a required parameter.")},
		{STRING(REQUIRED), "[{\"name\":\"a\"}]", FAILED("This is a required parameter.")},
		{STRING(REQUIRED), "{\"a\":\" \"}", NULL},
		{STRING(",\"required\":false"), "{\"a\":\"\"}", NULL},
		{STRING(",\"regex\":\"a+\""), "{\"a\":\"test\"}",
		 FAILED("The value has an invalid format.")},
		{STRING(",\"regex\":\"a+\""), "{\"a\":\"xxaxx\"}", NULL},
		{STRING(",\"regex\":\"^a+$\""), "{\"a\":\"xxaxx\"}",
		 FAILED("The value has an invalid format.")},
		{STRING(",\"regex\":\"^a+$\""), "{\"a\":\"\"}", NULL},
		{STRING(",\"regex\":\"^\\\\d+$\""), "{\"a\":\"30\"}", NULL},
		{STRING(",\"regex\":\"A\""), "{\"a\":\"a\"}",
		 FAILED("The value has an invalid format.")},
		{STRING(",\"minLength\":3"), "{\"a\":\"xx\"}",
		 FAILED("The value must have at least 3 characters.")},
		{STRING(",\"maxLength\":2"), "{\"a\":\"xxx\"}",
		 FAILED("The value must have at most 2 characters.")},
		/* A character outside of the BMP is one character. */
		{STRING(",\"maxLength\":1"), "{\"a\":\"\xf0\x9f\x98\x80\"}", NULL},
		{STRING(",\"multiline\":true,\"placeholder\":\"p\",\"readOnly\":true,"
			"\"default\":\"d\",\"description\":\"t\""),
		 "[]", NULL},
		{BOOLEAN(), "{\"a\":\"true\"}", NULL},
		{BOOLEAN(), "{\"a\":\"false\"}", NULL},
		{BOOLEAN(), "{\"a\":\"\"}", NULL},
		{BOOLEAN(), "{\"a\":\"TRUE\"}", FAILED("Boolean value must be 'true' or 'false'.")},
		{BOOLEAN(), "{\"a\":\" true\"}",
		 FAILED("Boolean value must be 'true' or 'false'.")},
		{BOOLEAN(REQUIRED), "{\"a\":\"\"}", FAILED("This is a required parameter.")},
		{BOOLEAN(), "{\"a\":true}", FAILED("The value must be a string.")},
		{STRING(), "{\"a\":5}", FAILED("The value must be a string.")},
		{STRING(), "{\"a\":[\"x\"]}", FAILED("The value must be a string.")},
		{SELECT(OPTIONS), "{\"a\":\"b\"}", NULL},
		{SELECT(OPTIONS), "{\"a\":\"\"}", NULL},
		{SELECT(OPTIONS), "{\"a\":\"c\"}",
		 FAILED("The value is not allowed. Possible values are 'a', 'b'.")},
		{SELECT(",\"options\":[]"), "{\"a\":\"c\"}",
		 FAILED("No option available for this parameter.")},
		{NUMBER(",\"min\":-1.5,\"max\":2"), "{\"a\":\"-1.5\"}", NULL},
		{NUMBER(",\"min\":-1.5,\"max\":2"), "{\"a\":\"-1.6\"}",
		 FAILED("The value must be at least -1.5.")},
		{NUMBER(",\"max\":2"), "{\"a\":\"2.5e1\"}", FAILED("The value must be at most 2.")},
		{NUMBER(), "{\"a\":\"0x10\"}", FAILED("The value is not a number.")},
		{NUMBER(), "{\"a\":\"1e999\"}", FAILED("The value is not a number.")},
		{NUMBER(), "{\"a\":\" 1\"}", FAILED("The value is not a number.")},
		{INTEGER(",\"min\":1,\"max\":65535"), "{\"a\":\"5432\"}", NULL},
		{INTEGER(",\"min\":1,\"max\":65535"), "{\"a\":\"0\"}",
		 FAILED("The value must be at least 1.")},
		{INTEGER(), "{\"a\":\"1.0\"}", FAILED("The value is not an integer.")},
	};

	(void)state;
	CHECK_RULES(rules);
}

static void test_unknown_and_duplicate_names_are_faults(void **state)
{
	static const struct rule rules[] = {
		{STRING(), "{\"b\":\"x\"}",
		 "Failed to validate parameter 'b' (b): The parameter is unknown."},
		{"[]", "{\"toString\":\"x\"}",
		 "Failed to validate parameter 'toString' (toString): The parameter is unknown."},
		{STRING(), "[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"1\"}]",
		 FAILED("The parameter is given more than once.")},
	};

	(void)state;
	CHECK_RULES(rules);
}

static void test_all_faults_are_told_at_once(void **state)
{
	static const struct rule rule = {
		"[{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\",\"required\":true},"
		"{\"id\":\"b\",\"name\":\"B\",\"type\":\"boolean\"},"
		"{\"id\":\"c\",\"name\":\"C\",\"type\":\"string\"}]",
		"{\"x\":\"1\",\"b\":\"no\",\"c\":\"fine\"}",
		FAILED("This is a required parameter.") ", "
							"Failed to validate parameter 'B' (b): "
							"Boolean value must be 'true' or 'false'., "
							"Failed to validate parameter 'x' (x): The "
							"parameter is unknown."};

	(void)state;
	check_rule(&rule);
}

#define CONDITIONAL(condition)                                                                     \
	"[{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\",\"required\":true,"                     \
	"\"condition\":" condition "},"                                                            \
	"{\"id\":\"t\",\"name\":\"T\",\"type\":\"string\"},"                                       \
	"{\"id\":\"n\",\"name\":\"I\",\"type\":\"integer\"},"                                      \
	"{\"id\":\"h\",\"name\":\"H\",\"type\":\"string\",\"condition\":"                          \
	"{\"parameter\":\"t\",\"operator\":\"EQ\",\"value\":\"show\"}}]"
#define COMPARE(parameter, operator, value)                                                        \
	"{\"parameter\":\"" parameter "\",\"operator\":" operator",\"value\":" value "}"

static void test_conditions_hide_parameters(void **state)
{
	static const char shown[] = FAILED("This is a required parameter.");
	static const struct rule rules[] = {
		{CONDITIONAL(COMPARE("t", "0", "\"x\"")), "{\"t\":\"x\"}", shown},
		{CONDITIONAL(COMPARE("t", "0", "\"x\"")), "{\"t\":\"y\"}", NULL},
		{CONDITIONAL(COMPARE("t", "\"EQ\"", "\"\"")), "{}", shown},
		/* Text is compared as text, numbers as numbers: "10" is greater than 9. */
		{CONDITIONAL(COMPARE("t", "\"LESS\"", "\"9\"")), "{\"t\":\"10\"}", shown},
		{CONDITIONAL(COMPARE("t", "2", "9")), "{\"t\":\"10\"}", shown},
		{CONDITIONAL(COMPARE("n", "\"GREATER\"", "\"9\"")), "{\"n\":\"10\"}", shown},
		{CONDITIONAL(COMPARE("n", "1", "9")), "{\"n\":\"9\"}", NULL},
		{CONDITIONAL(COMPARE("n", "3", "9")), "{\"n\":\"9\"}", shown},
		{CONDITIONAL(COMPARE("n", "\"LESS_EQUAL\"", "9")), "{\"n\":\"10\"}", NULL},
		{CONDITIONAL(COMPARE("n", "\"GREATER_EQ\"", "9")), "{\"n\":\"9\"}", shown},
		{CONDITIONAL(COMPARE("n", "4", "9")), "{\"n\":\"8\"}", NULL},
		{CONDITIONAL(COMPARE("n", "1", "9")), "{}", NULL},
		{CONDITIONAL("{\"not\":" COMPARE("n", "1", "9") "}"), "{}", shown},
		{CONDITIONAL(
			 "{\"and\":[" COMPARE("t", "0", "\"x\"") "," COMPARE("n", "0", "1") "]}"),
		 "{\"t\":\"x\",\"n\":\"1\"}", shown},
		{CONDITIONAL(
			 "{\"and\":[" COMPARE("t", "0", "\"x\"") "," COMPARE("n", "0", "1") "]}"),
		 "{\"t\":\"x\",\"n\":\"2\"}", NULL},
		{CONDITIONAL(
			 "{\"or\":[" COMPARE("t", "0", "\"x\"") "," COMPARE("n", "0", "1") "]}"),
		 "{\"t\":\"y\",\"n\":\"1\"}", shown},
		{CONDITIONAL("{\"or\":[]}"), "{}", NULL},
		{CONDITIONAL("{\"and\":[]}"), "{}", shown},
		/* A comparison with a hidden parameter is false, whatever was submitted for it. */
		{CONDITIONAL(COMPARE("h", "0", "\"x\"")), "{\"t\":\"hide\",\"h\":\"x\"}", NULL},
		{CONDITIONAL(COMPARE("h", "0", "\"x\"")), "{\"t\":\"show\",\"h\":\"x\"}", shown},
	};

	(void)state;
	CHECK_RULES(rules);
}

static void test_refuses_definitions_that_are_wrong(void **state)
{
	static const struct {
		const char *definitions;
		const char *message;
	} cases[] = {
		{"{}", "the parameter definitions are not an array"},
		{"[5]", "parameter definition 1 has no id"},
		{"[{\"name\":\"N\",\"type\":\"string\"}]", "parameter definition 1 has no id"},
		{"[{\"id\":\"a\",\"type\":\"string\"}]", "parameter 'a': it has no name"},
		{"[{\"id\":\"a\",\"name\":\"N\"}]", "parameter 'a': its type is unknown"},
		{"[{\"id\":\"a\",\"name\":\"N\",\"type\":\"toString\"}]",
		 "parameter 'a': its type is unknown"},
		{"[{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\"},"
		 "{\"id\":\"a\",\"name\":\"M\",\"type\":\"string\"}]",
		 "parameter 'a': another parameter has the same id"},
		{STRING(",\"regex\":\"(\""),
		 "parameter 'a': regex is not a regular expression of ES5"},
		{STRING(",\"regex\":{}"), "parameter 'a': regex is not text"},
		{STRING(",\"minLength\":-1"), "parameter 'a': minLength is not a length"},
		{STRING(",\"minLength\":3,\"maxLength\":2"),
		 "parameter 'a': minLength is greater than maxLength"},
		{NUMBER(",\"max\":\"5\""), "parameter 'a': max is not a number"},
		{SELECT(), "parameter 'a': options is not an array"},
		{SELECT(",\"options\":[{}]"), "parameter 'a': option 1 has no id"},
		{STRING(",\"condition\":5"), "parameter 'a': a condition is not an object"},
		{STRING(",\"condition\":{\"and\":[],\"or\":[]}"),
		 "parameter 'a': a condition is more than one of comparison, and, or, not"},
		{STRING(",\"condition\":{\"and\":{}}"),
		 "parameter 'a': \"and\" and \"or\" of a condition take an array"},
		{CONDITIONAL(COMPARE("b", "0", "1")),
		 "parameter 'a': the condition names no parameter of this extension"},
		{CONDITIONAL(COMPARE("constructor", "0", "1")),
		 "parameter 'a': the condition names no parameter of this extension"},
		{CONDITIONAL(COMPARE("t", "5", "1")),
		 "parameter 'a': the condition has an unknown operator"},
		{CONDITIONAL(COMPARE("t", "\"push\"", "1")),
		 "parameter 'a': the condition has an unknown operator"},
		{CONDITIONAL(COMPARE("t", "0", "null")),
		 "parameter 'a': the condition compares with neither text nor a number"},
		{CONDITIONAL(COMPARE("a", "0", "\"x\"")),
		 "the conditions of some parameters depend on themselves"},
		{"[{},{\"id\":\"a\",\"name\":\"N\"}]",
		 "parameter definition 1 has no id, parameter 'a': its type is unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_text *report = NULL;
		extmgr_error *error = NULL;

		assert_int_equal(validate(cases[i].definitions, "[]", &report, &error),
				 EXTMGR_E_PARAMETER_DEFINITION);
		assert_null(report);
		assert_string_equal(extmgr_error_get_message(error), cases[i].message);
		extmgr_error_free(error);
	}
}

static void test_ids_are_never_properties_of_a_prototype(void **state)
{
	const char *definitions =
		"[{\"id\":\"__proto__\",\"name\":\"P\",\"type\":\"string\",\"required\":true},"
		"{\"id\":\"constructor\",\"name\":\"C\",\"type\":\"boolean\"},"
		"{\"id\":\"toString\",\"name\":\"T\",\"type\":\"string\",\"condition\":"
		"{\"parameter\":\"__proto__\",\"operator\":0,\"value\":\"x\"}}]";
	struct extmgr__parameter_values values;
	const char *given = "{\"toString\":\"t\",\"__proto__\":\"x\"}";

	(void)state;
	assert_int_equal(extmgr__params_validate(context, NULL, definitions, strlen(definitions),
						 given, strlen(given), NULL, &values, NULL),
			 EXTMGR_OK);
	assert_int_equal(values.count, 2);
	assert_string_equal(values.items[0].name, "__proto__");
	assert_string_equal(values.items[0].value, "x");
	assert_string_equal(values.items[1].name, "toString");
	extmgr__parameter_values_free(&values);
	check_rule(&(struct rule){
		definitions, "{}",
		"Failed to validate parameter 'P' (__proto__): This is a required parameter."});
}

static void test_accepted_values_come_in_the_order_of_the_definitions(void **state)
{
	const char *definitions =
		"[{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\"},"
		"{\"id\":\"p\",\"name\":\"P\",\"type\":\"string\",\"secret\":1},"
		"{\"id\":\"h\",\"name\":\"H\",\"type\":\"string\",\"condition\":"
		"{\"parameter\":\"a\",\"operator\":0,\"value\":\"\"}},"
		"{\"id\":\"e\",\"name\":\"E\",\"type\":\"string\"},"
		"{\"id\":\"u\",\"name\":\"U\",\"type\":\"string\",\"default\":\"unused\"}]";
	const char *given =
		"[{\"name\":\"h\",\"value\":\"hidden\"},{\"name\":\"e\",\"value\":null},"
		"{\"name\":\"p\",\"value\":\"s3cret\xf0\x9f\x98\x80\"},"
		"{\"name\":\"a\",\"value\":\"\xc3\xa4\"}]";
	struct extmgr__parameter_values values;
	extmgr_text *report = NULL;

	(void)state;
	assert_int_equal(extmgr__params_validate(context, NULL, definitions, strlen(definitions),
						 given, strlen(given), &report, &values, NULL),
			 EXTMGR_OK);
	assert_int_equal(values.count, 3);
	assert_string_equal(values.items[0].name, "a");
	assert_string_equal(values.items[0].value, "\xc3\xa4");
	assert_false(values.items[0].secret);
	assert_string_equal(values.items[1].name, "p");
	assert_string_equal(values.items[1].value, "s3cret\xf0\x9f\x98\x80");
	assert_true(values.items[1].secret);
	assert_string_equal(values.items[2].name, "e");
	assert_string_equal(values.items[2].value, "");
	assert_string_equal(extmgr_text_get_data(report),
			    "{\"schema\":\"extmgr.parameter-report/1\",\"valid\":true,"
			    "\"failures\":[],\"message\":\"\",\"values\":["
			    "{\"name\":\"a\",\"value\":\"\xc3\xa4\"},"
			    "{\"name\":\"p\",\"secret\":true},{\"name\":\"e\",\"value\":\"\"}]}");
	extmgr_text_free(report);
	extmgr__parameter_values_free(&values);
}

static void test_no_message_holds_a_value(void **state)
{
	static const char *const definitions[] = {
		STRING(",\"secret\":true,\"regex\":\"^x$\""),
		STRING(",\"secret\":true,\"maxLength\":1"),
		BOOLEAN(""),
		SELECT(OPTIONS),
		INTEGER(""),
		"[]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++) {
		extmgr_text *report = NULL;
		extmgr_error *error = NULL;

		assert_int_equal(validate(definitions[i], "{\"a\":\"SENTINEL\"}", &report, &error),
				 EXTMGR_E_PARAMETERS_INVALID);
		assert_null(strstr(extmgr_text_get_data(report), "SENTINEL"));
		assert_null(strstr(extmgr_error_get_message(error), "SENTINEL"));
		extmgr_text_free(report);
		extmgr_error_free(error);
	}
}

/* A value of count times the text, for parameter a. */
static extmgr_result validate_long(const char *text, size_t count, extmgr_error **error)
{
	struct extmgr__buffer values = EXTMGR__BUFFER((size_t)8 << 20);
	extmgr_text *report = NULL;
	extmgr_result result;

	extmgr__buffer_puts(&values, "{\"a\":\"");
	for (size_t i = 0; i < count; i++)
		extmgr__buffer_puts(&values, text);
	extmgr__buffer_puts(&values, "\"}");
	result = validate(STRING(), values.data, &report, error);
	extmgr_text_free(report);
	extmgr__buffer_free(&values);
	return result;
}

static void test_a_value_has_at_most_64_kib_of_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		extmgr_result result;
	} cases[] = {
		{"x", 65536, EXTMGR_OK},
		{"x", 65537, EXTMGR_E_TOO_LARGE},
		{"\xc3\xa4", 32768, EXTMGR_OK},
		{"\xc3\xa4", 32769, EXTMGR_E_TOO_LARGE},
		{"\xe2\x82\xac", 21845, EXTMGR_OK},
		{"\xe2\x82\xac", 21846, EXTMGR_E_TOO_LARGE},
		{"\xf0\x9f\x98\x80", 16384, EXTMGR_OK},
		{"\xf0\x9f\x98\x80", 16385, EXTMGR_E_TOO_LARGE},
		{"x", (size_t)5 << 20, EXTMGR_E_TOO_LARGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;

		assert_int_equal(validate_long(cases[i].text, cases[i].count, &error),
				 cases[i].result);
		extmgr_error_free(error);
	}
}

/* A chain of count parameters, each shown when the one before it is. */
static extmgr_result validate_chain(size_t count)
{
	struct extmgr__buffer definitions = EXTMGR__BUFFER((size_t)1 << 20);
	extmgr_text *report = NULL;
	extmgr_result result;

	extmgr__buffer_puts(&definitions, "[{\"id\":\"p0\",\"name\":\"N\",\"type\":\"string\"}");
	for (size_t i = 1; i < count; i++)
		extmgr__buffer_printf(&definitions,
				      ",{\"id\":\"p%zu\",\"name\":\"N\",\"type\":\"string\","
				      "\"condition\":{\"parameter\":\"p%zu\",\"operator\":0,"
				      "\"value\":\"\"}}",
				      i, i - 1);
	extmgr__buffer_puts(&definitions, "]");
	result = validate(definitions.data, "{}", &report, NULL);
	extmgr_text_free(report);
	extmgr__buffer_free(&definitions);
	return result;
}

static void test_there_are_at_most_1000_definitions(void **state)
{
	(void)state;
	assert_int_equal(validate_chain(1000), EXTMGR_OK);
	assert_int_equal(validate_chain(1001), EXTMGR_E_TOO_LARGE);
}

static void test_refuses_what_is_no_list_of_values(void **state)
{
	static const char *const cases[] = {
		"5", "[5]", "[{\"value\":\"x\"}]", "[{\"name\":5}]", "{\"a\":\"1\",\"a\":\"2\"}",
		"{", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_text *report = NULL;

		assert_int_equal(validate(STRING(), cases[i], &report, NULL), EXTMGR_E_FORMAT);
		assert_null(report);
	}
	assert_int_equal(
		extmgr_params_validate(context, NULL, 0, "[]", 2, &(extmgr_text *){NULL}, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(
		extmgr_params_validate(NULL, "[]", 2, "[]", 2, &(extmgr_text *){NULL}, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
}

/* Goes on by a second at each look: the deadline is a number of looks, not of seconds. */
static uint64_t hasty_clock(void *user_data)
{
	uint64_t *now = user_data;

	*now += 1000000000;
	return *now;
}

static void test_a_catastrophic_regex_stops_at_the_deadline(void **state)
{
	const char *definitions = STRING(",\"regex\":\"^(a+)+$\"");
	const char *values = "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}";
	uint64_t now = 0;
	extmgr_context_options options;
	extmgr_context *hasty = NULL;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.clock = hasty_clock;
	options.user_data = &now;
	options.script_timeout_ms = 100000;
	assert_int_equal(extmgr_context_new(&options, &hasty, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_params_validate(hasty, definitions, strlen(definitions), values,
						strlen(values), &report, &error),
			 EXTMGR_E_SCRIPT_TIMEOUT);
	assert_null(report);
	assert_null(strstr(extmgr_error_get_message(error), "aaa"));
	extmgr_error_free(error);
	extmgr_context_free(hasty);
}

/* ---- What a context keeps between validations ---- */

static uint64_t kept_memory(extmgr_context *of)
{
	uint64_t total = extmgr__context_limits(of)->total_memory_bytes;
	uint64_t free_bytes = total;

	while (!extmgr__context_reserve_memory(of, free_bytes))
		free_bytes -= 4096;
	extmgr__context_release_memory(of, free_bytes);
	return total - free_bytes;
}

static extmgr_context *context_with(uint64_t total_memory_bytes)
{
	extmgr_context_options options;
	extmgr_context *made = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.total_memory_bytes = total_memory_bytes;
	assert_int_equal(extmgr_context_new(&options, &made, NULL), EXTMGR_OK);
	return made;
}

static extmgr_result validate_in(extmgr_context *in, const char *definitions, const char *values)
{
	extmgr_text *report = NULL;
	extmgr_result result = extmgr_params_validate(in, definitions, strlen(definitions), values,
						      strlen(values), &report, NULL);

	extmgr_text_free(report);
	return result;
}

static void test_a_kept_heap_knows_the_definitions_it_is_asked_about(void **state)
{
	(void)state;
	/* Definitions of the same length, in turn, more of them than are kept. */
	for (int i = 0; i < 60; i++) {
		char definitions[] = STRING(",\"regex\":\"^0$\"");
		const char *values = i % 2 ? "{\"a\":\"3\"}" : "{\"a\":\"5\"}";
		char *digit = strchr(definitions, '0');

		*digit = (char)('0' + i % 7);
		assert_int_equal(validate_in(context, definitions, values),
				 i % 7 == (i % 2 ? 3 : 5) ? EXTMGR_OK
							  : EXTMGR_E_PARAMETERS_INVALID);
	}
}

static void test_what_a_context_keeps_is_counted_and_bounded(void **state)
{
	extmgr_context *large = context_with((uint64_t)64 << 20);
	extmgr_context *small = context_with((uint64_t)4 << 20);

	(void)state;
	assert_int_equal(kept_memory(large), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(validate_in(large, STRING(), "{\"a\":\"x\"}"), EXTMGR_OK);
		assert_int_equal(validate_in(small, STRING(), "{\"a\":\"x\"}"), EXTMGR_OK);
	}
	/* One heap, because no two were used at the same time. */
	assert_in_range(kept_memory(large), 1, (uint64_t)1 << 20);
	/* A sixteenth of the ceiling is less than a heap. */
	assert_int_equal(kept_memory(small), 0);
	extmgr_context_free(large);
	extmgr_context_free(small);
}

static void test_a_heap_that_failed_is_not_kept(void **state)
{
	extmgr_context *own = context_with((uint64_t)64 << 20);

	(void)state;
	assert_int_equal(validate_in(own, STRING(), "{}"), EXTMGR_OK);
	assert_int_equal(validate_in(own, STRING(",\"regex\":\"(\""), "{}"),
			 EXTMGR_E_PARAMETER_DEFINITION);
	assert_int_equal(kept_memory(own), 0);
	assert_int_equal(validate_in(own, STRING(), "{}"), EXTMGR_OK);
	/* NULL is refused, even when as many bytes are known. */
	assert_int_equal(extmgr_params_validate(own, NULL, strlen(STRING()), "{}", 2,
						&(extmgr_text *){NULL}, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_context_free(own);
}

struct crowd {
	extmgr_context *context;
	pthread_t threads[8];
};

static void *validate_often(void *argument)
{
	size_t wrong = 0;

	for (int i = 0; i < 50; i++) {
		const char *definitions = i % 3 ? STRING(REQUIRED) : INTEGER(",\"min\":3");

		wrong += validate_in(argument, definitions, "{\"a\":\"4\"}") != EXTMGR_OK;
		wrong += validate_in(argument, definitions, i % 3 ? "{}" : "{\"a\":\"2\"}") !=
			 EXTMGR_E_PARAMETERS_INVALID;
	}
	return wrong ? argument : NULL;
}

static void test_threads_share_what_a_context_keeps(void **state)
{
	struct crowd crowd = {.context = context_with((uint64_t)64 << 20)};
	void *wrong;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(
			pthread_create(&crowd.threads[i], NULL, validate_often, crowd.context), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(crowd.threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_in_range(kept_memory(crowd.context), 1, (uint64_t)4 << 20);
	extmgr_context_free(crowd.context);
}

/* ---- Defaults, JSON Schema ---- */

#define WITH_DEFAULTS                                                                              \
	"[{\"id\":\"b\",\"name\":\"B\",\"type\":\"string\",\"default\":\"later\",\"condition\":"   \
	"{\"parameter\":\"a\",\"operator\":0,\"value\":\"show\"}},"                                \
	"{\"id\":\"a\",\"name\":\"N\",\"type\":\"string\",\"default\":\"show\"},"                  \
	"{\"id\":\"c\",\"name\":\"C\",\"type\":\"string\",\"default\":5}]"

static void test_defaults_are_added_where_nothing_is_given_and_shown(void **state)
{
	static const struct {
		const char *values;
		const char *expected;
	} cases[] = {
		/* A default shows the next parameter. */
		{"{}",
		 "[{\"name\":\"a\",\"value\":\"show\"},{\"name\":\"b\",\"value\":\"later\"}]"},
		{"{\"a\":\"\"}",
		 "[{\"name\":\"a\",\"value\":\"show\"},{\"name\":\"b\",\"value\":\"later\"}]"},
		{"{\"a\":\"hide\"}", "[{\"name\":\"a\",\"value\":\"hide\"}]"},
		{"{\"b\":\"own\",\"x\":\"unknown\"}",
		 "[{\"name\":\"b\",\"value\":\"own\"},{\"name\":\"x\",\"value\":\"unknown\"},"
		 "{\"name\":\"a\",\"value\":\"show\"}]"},
		/* A fault stays one. */
		{"[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"2\"}]",
		 "[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"1\"}]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_text *values = NULL;

		assert_int_equal(extmgr_params_add_defaults(
					 context, WITH_DEFAULTS, sizeof(WITH_DEFAULTS) - 1,
					 cases[i].values, strlen(cases[i].values), &values, NULL),
				 EXTMGR_OK);
		assert_string_equal(extmgr_text_get_data(values), cases[i].expected);
		extmgr_text_free(values);
	}
}

static void test_a_schema_says_what_is_allowed(void **state)
{
	static const char definitions[] = INTEGER(REQUIRED ",\"min\":0,\"max\":59");
	extmgr_text *schema = NULL;

	(void)state;
	assert_int_equal(extmgr_params_to_schema(context, definitions, sizeof(definitions) - 1,
						 &schema, NULL),
			 EXTMGR_OK);
	assert_string_equal(
		extmgr_text_get_data(schema),
		"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
		"\"properties\":{\"a\":{\"title\":\"N\"}},\"additionalProperties\":false,\"allOf\":"
		"["
		"{\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\","
		"\"pattern\":\"^-?[0-9]+$\",\"allOf\":["
		"{\"pattern\":\"^(?:-0*(?:0)|0*[0-9]+)$\"},"
		"{\"pattern\":\"^(?:-0*[0-9]+|0*(?:59|[1-4][0-9]{1}|5[0-8]|[0-9]{1,1}))$\"}],"
		"\"minimum\":0,\"maximum\":59}}}],\"$defs\":{}}");
	extmgr_text_free(schema);
	schema = NULL;
	assert_int_equal(extmgr_params_to_schema(context, "[{}]", 4, &schema, NULL),
			 EXTMGR_E_PARAMETER_DEFINITION);
	assert_null(schema);
	assert_int_equal(extmgr_params_to_schema(context, "[]", 2, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
}

static void test_tells_which_parameters_are_secret(void **state)
{
	const char *text = "[{\"id\":\"a\",\"secret\":true},{\"id\":\"b\",\"secret\":false},"
			   "{\"id\":\"c\",\"secret\":\"yes\"},{\"id\":\"d\"},5,"
			   "{\"id\":\"e\",\"secret\":0},{\"id\":\"f\",\"secret\":{}}]";
	extmgr__json *json = NULL;

	(void)state;
	assert_int_equal(extmgr__json_parse(text, strlen(text), "x", &json, NULL), EXTMGR_OK);
	assert_true(extmgr__params_is_secret(json, "a"));
	assert_false(extmgr__params_is_secret(json, "b"));
	assert_true(extmgr__params_is_secret(json, "c"));
	assert_false(extmgr__params_is_secret(json, "d"));
	assert_false(extmgr__params_is_secret(json, "e"));
	assert_true(extmgr__params_is_secret(json, "f"));
	assert_false(extmgr__params_is_secret(json, "g"));
	extmgr__json_free(json);
}

static void test_gives_the_rules_to_a_browser(void **state)
{
	size_t length = 0;
	const char *text = extmgr_params_get_javascript(&length);

	(void)state;
	assert_int_equal(strlen(text), length);
	assert_non_null(strstr(text, "root.extmgrValidateParameters = validate;"));
	assert_ptr_equal(extmgr_params_get_javascript(NULL), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_follow_the_rules_of_their_type),
		cmocka_unit_test(test_unknown_and_duplicate_names_are_faults),
		cmocka_unit_test(test_all_faults_are_told_at_once),
		cmocka_unit_test(test_conditions_hide_parameters),
		cmocka_unit_test(test_refuses_definitions_that_are_wrong),
		cmocka_unit_test(test_ids_are_never_properties_of_a_prototype),
		cmocka_unit_test(test_accepted_values_come_in_the_order_of_the_definitions),
		cmocka_unit_test(test_no_message_holds_a_value),
		cmocka_unit_test(test_a_value_has_at_most_64_kib_of_utf8),
		cmocka_unit_test(test_there_are_at_most_1000_definitions),
		cmocka_unit_test(test_refuses_what_is_no_list_of_values),
		cmocka_unit_test(test_a_catastrophic_regex_stops_at_the_deadline),
		cmocka_unit_test(test_a_kept_heap_knows_the_definitions_it_is_asked_about),
		cmocka_unit_test(test_what_a_context_keeps_is_counted_and_bounded),
		cmocka_unit_test(test_a_heap_that_failed_is_not_kept),
		cmocka_unit_test(test_threads_share_what_a_context_keeps),
		cmocka_unit_test(test_defaults_are_added_where_nothing_is_given_and_shown),
		cmocka_unit_test(test_a_schema_says_what_is_allowed),
		cmocka_unit_test(test_tells_which_parameters_are_secret),
		cmocka_unit_test(test_gives_the_rules_to_a_browser),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
