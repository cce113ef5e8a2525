/* SPDX-License-Identifier: MIT */
/* Canonical JSON: the rules one by one. tests/integration/bundles compares with Python itself. */
#include "test.h"

#include "bundle/canonical.h"

static void assert_canonical(const char *text, const char *expected)
{
	struct extmgr__buffer out = EXTMGR__BUFFER(8 * strlen(text) + 64);
	extmgr_error *error = NULL;

	assert_int_equal(extmgr__canonical_json(text, strlen(text), NULL, &out, NULL, &error),
			 EXTMGR_OK);
	assert_string_equal(extmgr__buffer_get(&out), expected);
	extmgr__buffer_free(&out);
}

static void test_forms(void **state)
{
	static const char *const cases[][2] = {
		{" { } ", "{}"},
		{"[ ]", "[]"},
		{"[1 ,2]", "[1, 2]"},
		{"{\"b\":1,\"a\":[{\"d\":1,\"c\":2}]}",
		 "{\"a\": [{\"c\": 2, \"d\": 1}], \"b\": 1}"},
		{"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\": 3, \"b\": 2}"},
		{"{\"a\":1,\"\\u0061\":2}", "{\"a\": 2}"},
		{"{\"\":1}", "{\"\": 1}"},
		{"\xef\xbb\xbf[]", "[]"},
		{"\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"/\\b\\f\\n\\r\\t\\\"\\\\\""},
		{"\"\\u0000\x7f\xc3\xa9\xe2\x80\xa8\"", "\"\\u0000\\u007f\\u00e9\\u2028\""},
		{"\"\xf0\x9f\x98\x80\\uD83D\\ude00\"", "\"\\ud83d\\ude00\\ud83d\\ude00\""},
		{"\"\\ud83d\\ud83d\\ude00\\ude00\"", "\"\\ud83d\\ud83d\\ude00\\ude00\""},
		{"{\"\xf0\x90\x80\x80\":1,\"\xef\xbf\xbf\":2,\"\\ud800\":3}",
		 "{\"\\ud800\": 3, \"\\uffff\": 2, \"\\ud800\\udc00\": 1}"},
		{"[null,true,false,NaN,Infinity,-Infinity]",
		 "[null, true, false, NaN, Infinity, -Infinity]"},
		{"[0,-0,-1,123456789012345678901234567890]",
		 "[0, 0, -1, 123456789012345678901234567890]"},
		{"[0.0,-0.0,1e5,0.1,1e-4,1e-5,1e-07,1e15,1e16,1E+22,1.5e300]",
		 "[0.0, -0.0, 100000.0, 0.1, 0.0001, 1e-05, 1e-07, 1000000000000000.0, 1e+16, "
		 "1e+22, 1.5e+300]"},
		{"[1E400,-1E400,1e-400,5e-324,0.30000000000000004,9007199254740993.0]",
		 "[Infinity, -Infinity, 0.0, 5e-324, 0.30000000000000004, 9007199254740992.0]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_canonical(cases[i][0], cases[i][1]);
}

static void test_what_is_refused(void **state)
{
	static const char *const cases[] = {
		"",      " ",       "{",        "[",        "[1",         "[1,]",
		"[,1]",  "{\"a\"}", "{\"a\":}", "{a:1}",    "{1:2}",      "01",
		"1.",    ".5",      "+1",       "1e",       "-",          "nul",
		"True",  "'a'",     "\"",       "\"\\",     "\"\\x",      "\"\\u12g4\"",
		"[] []", "\"\t\"",  "[1 2]",    "\"\xff\"", "{\"a\":1,}", "\"\xed\xa0\x80\"",
		"[\v1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__buffer out = EXTMGR__BUFFER(4096);
		extmgr_error *error = NULL;

		assert_int_equal(extmgr__canonical_json(cases[i], strlen(cases[i]), NULL, &out,
							NULL, &error),
				 EXTMGR_E_FORMAT);
		assert_non_null(error);
		extmgr_error_free(error);
		extmgr__buffer_free(&out);
	}
}

static void test_depth(void **state)
{
	char text[200];

	(void)state;
	for (size_t depth = 64; depth <= 65; depth++) {
		struct extmgr__buffer out = EXTMGR__BUFFER(4096);

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(extmgr__canonical_json(text, 2 * depth, NULL, &out, NULL, NULL),
				 depth == 64 ? EXTMGR_OK : EXTMGR_E_FORMAT);
		extmgr__buffer_free(&out);
	}
}

static void test_a_member_is_found(void **state)
{
	static const char *const cases[][2] = {
		{"{\"x\":{\"name\":1},\"name\":\"\xc3\xa9\",\"z\":[{\"name\":2}]}", "\"\\u00e9\""},
		{"{\"name\":1,\"a\":2,\"name\":[3]}", "[3]"},
		{"{\"names\":1,\"nam\":2}", ""},
		{"[{\"name\":1}]", ""},
		{"\"name\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__buffer out = EXTMGR__BUFFER(4096);
		struct extmgr__slice slice = {7, 7};

		assert_int_equal(extmgr__canonical_json(cases[i][0], strlen(cases[i][0]), "name",
							&out, &slice, NULL),
				 EXTMGR_OK);
		assert_int_equal(slice.length, strlen(cases[i][1]));
		assert_memory_equal(out.data + slice.start, cases[i][1], slice.length);
		extmgr__buffer_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_a_member_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
