/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/error.h"
#include "base/json.h"

static void test_refuses_what_cjson_lets_through(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"", "x is not JSON (at position 1)"},
		{"{\"a\":1,\"a\":2}", "x: the key 'a' stands twice"},
		{"[{\"b\":{\"c\":1,\"c\":1}}]", "x: the key 'c' stands twice"},
		{"\"\\u0000\"", "x: a string holds \\u0000"},
		{"\"a\nb\"", "x: a string holds a control character"},
		{"1 2", "x: something follows the first JSON value"},
		{"{} x", "x: something follows the first JSON value"},
		{"\"\xff\"", "x is not valid UTF-8"},
		{"{\"a\"", "x is not JSON"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr__json *json = NULL;

		assert_int_equal(extmgr__json_parse(cases[i].text, strlen(cases[i].text), "x",
						    &json, &error),
				 EXTMGR_E_FORMAT);
		assert_null(json);
		assert_non_null(strstr(extmgr_error_get_message(error), cases[i].message));
		extmgr_error_free(error);
	}
}

static void test_depth_has_a_limit(void **state)
{
	char text[200];
	extmgr__json *json = NULL;

	(void)state;
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	assert_int_equal(extmgr__json_parse(text, 130, "x", &json, NULL), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr__json_parse(text + 1, 128, "x", &json, NULL), EXTMGR_OK);
	extmgr__json_free(json);
}

static void test_finds_a_duplicate_among_many_keys(void **state)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(100000);
	extmgr__json *json = NULL;

	(void)state;
	extmgr__buffer_putc(&text, '{');
	for (int i = 0; i < 500; i++)
		extmgr__buffer_printf(&text, "\"k%d\":%d,", i, i);
	extmgr__buffer_puts(&text, "\"k77\":0}");
	assert_int_equal(extmgr__json_parse(text.data, text.length, "x", &json, NULL),
			 EXTMGR_E_FORMAT);
	extmgr__buffer_free(&text);
}

static void test_writes_what_it_reads(void **state)
{
	const char *text = "{\"a\":[1,-2.5,9007199254740992,true,null],\"b\":\"\\\"\\\\\\n\\u0001"
			   "\xc3\xa4\"}";
	struct extmgr__buffer buffer = EXTMGR__BUFFER(1000);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr__json *json = NULL;

	(void)state;
	assert_int_equal(extmgr__json_parse("{\"a\":[1,-2.5,9007199254740992,true,null],\"b\":"
					    "\"\\\"\\\\\\n\\u0001\xc3\xa4\"}",
					    strlen(text), "x", &json, NULL),
			 EXTMGR_OK);
	extmgr__json_value(&writer, json);
	assert_string_equal(buffer.data, text);
	extmgr__buffer_free(&buffer);
	extmgr__json_free(json);
}

static void test_lookups_are_case_sensitive(void **state)
{
	extmgr__json *json = NULL;

	(void)state;
	assert_int_equal(extmgr__json_parse("{\"A\":\"x\"}", 9, "x", &json, NULL), EXTMGR_OK);
	assert_null(extmgr__json_get(json, "a"));
	assert_string_equal(extmgr__json_get_member_string(json, "A"), "x");
	assert_null(extmgr__json_get(NULL, "a"));
	extmgr__json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_what_cjson_lets_through),
		cmocka_unit_test(test_depth_has_a_limit),
		cmocka_unit_test(test_finds_a_duplicate_among_many_keys),
		cmocka_unit_test(test_writes_what_it_reads),
		cmocka_unit_test(test_lookups_are_case_sensitive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
