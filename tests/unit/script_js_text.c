/* SPDX-License-Identifier: MIT */
#include "script_test.h"

struct crossing {
	const char *text;
	size_t length;
	const char *back; /* NULL: the same */
};

struct work {
	const struct crossing *crossing;
	struct extmgr__buffer back;
	size_t units; /* length as the script sees it */
	bool is_symbol;
};

static void cross(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct work *work = argument;

	(void)heap;
	extmgr__push_text(duk, work->crossing->text, work->crossing->length);
	work->units = duk_get_length(duk, -1);
	work->is_symbol = duk_is_symbol(duk, -1);
	extmgr__append_text(duk, -1, &work->back);
}

static struct extmgr__heap *heap;
static extmgr_context *context;

static int open_heap(void **state)
{
	(void)state;
	context = test_context(NULL, 0);
	return extmgr__heap_new(context, &heap, NULL) == EXTMGR_OK ? 0 : -1;
}

static int close_heap(void **state)
{
	(void)state;
	extmgr__heap_free(heap);
	extmgr_context_free(context);
	return 0;
}

static void valid_text_crosses_both_ways(void **state)
{
	static const struct {
		struct crossing crossing;
		size_t units;
	} cases[] = {
		{{"", 0, NULL}, 0},
		{{"plain", 5, NULL}, 5},
		{{"nul\0inside", 10, NULL}, 10},
		{{"\xc3\xa4\xe2\x82\xac", 5, NULL}, 2},
		{{"\xf0\x9f\x98\x80", 4, NULL}, 2},
		{{"a\xf0\x9f\x98\x80z\xf4\x8f\xbf\xbf", 10, NULL}, 6},
		{{"\xed\x9f\xbf\xee\x80\x80", 6, NULL}, 2},
		{{"\xef\xbb\xbf", 3, NULL}, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct work work = {.crossing = &cases[i].crossing, .back = EXTMGR__BUFFER(1000)};

		assert_int_equal(extmgr__heap_run(heap, NULL, cross, &work, NULL), EXTMGR_OK);
		assert_int_equal(work.units, cases[i].units);
		assert_int_equal(work.back.length, cases[i].crossing.length);
		if (work.back.length)
			assert_memory_equal(work.back.data, cases[i].crossing.text,
					    work.back.length);
		extmgr__buffer_free(&work.back);
	}
}

/* Bytes 0x80 to 0x82 and 0xFF in front would make a symbol, hidden from scripts or not. */
static void invalid_text_is_refused(void **state)
{
	static const struct crossing cases[] = {
		{"\xff" "store", 6, NULL}, {"\x80x", 2, NULL},	   {"\x81x\xff", 3, NULL},
		{"\x82x", 2, NULL},	   {"ab\xff", 3, NULL},	   {"\xc0\x80", 2, NULL},
		{"\xed\xa0\x80", 3, NULL}, {"\xf4\x90\x80\x80", 4, NULL}, {"\xe2\x82", 2, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct work work = {.crossing = &cases[i], .back = EXTMGR__BUFFER(1000)};
		extmgr_error *error = NULL;

		assert_int_equal(extmgr__heap_run(heap, NULL, cross, &work, &error),
				 EXTMGR_E_SCRIPT_THREW);
		assert_non_null(strstr(extmgr_error_get_message(error), "not valid UTF-8"));
		assert_int_equal(work.back.length, 0);
		extmgr_error_free(error);
	}
}

static void lone_surrogates_become_replacement_characters(void **state)
{
	static const char *const cases[][2] = {
		{"'\\ud800'", "\xef\xbf\xbd"},
		{"'\\udc00'", "\xef\xbf\xbd"},
		{"'a\\ud83db'", "a\xef\xbf\xbd" "b"},
		{"'\\ud83d\\ud83d\\ude00'", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
		{"'\\ude00\\ud83d'", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"'\\ud83d' + '\\ude00'", "\xf0\x9f\x98\x80"},
		{"'\\udbff\\udfff'", "\xf4\x8f\xbf\xbf"},
		{"'\\ud7ff'", "\xed\x9f\xbf"},
		{"String.fromCharCode(0x10041)", "A"},
		{"String.fromCodePoint(0x1f600)", "\xf0\x9f\x98\x80"},
		{"'\xf0\x9f\x98\x80'.length", "2"},
		{"'\xf0\x9f\x98\x80' === '\\ud83d\\ude00'", "true"},
		{"Array.from('a\xf0\x9f\x98\x80').length", "2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_evaluates_to(heap, cases[i][0], cases[i][1]);
}

static void cut(struct extmgr__heap *in, duk_context *duk, void *argument)
{
	(void)in;
	extmgr__push_text(duk, "ab\xf0\x9f\x98\x80z", 7);
	extmgr__append_text_cut(duk, -1, 4, argument);
}

static void cuts_between_characters(void **state)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(100);

	(void)state;
	assert_int_equal(extmgr__heap_run(heap, NULL, cut, &buffer, NULL), EXTMGR_OK);
	assert_string_equal(buffer.data, "ab...");
	extmgr__buffer_free(&buffer);
}

static void symbols_are_no_text(struct extmgr__heap *in, duk_context *duk, void *argument)
{
	bool *answer = argument;
	struct extmgr__buffer buffer = EXTMGR__BUFFER(100);

	(void)in;
	(void)duk_push_literal(duk, DUK_HIDDEN_SYMBOL("x"));
	*answer = extmgr__append_text(duk, -1, &buffer);
}

static void hidden_symbols_stay_inside(void **state)
{
	bool answer = true;

	(void)state;
	assert_int_equal(extmgr__heap_run(heap, NULL, symbols_are_no_text, &answer, NULL),
			 EXTMGR_OK);
	assert_false(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_text_crosses_both_ways),
		cmocka_unit_test(invalid_text_is_refused),
		cmocka_unit_test(lone_surrogates_become_replacement_characters),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(hidden_symbols_stay_inside),
	};

	return cmocka_run_group_tests_name("script_js_text", tests, open_heap, close_heap);
}
