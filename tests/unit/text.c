/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/text.h"

#include <extmgr/error.h>

static void test_buffer_stops_at_its_maximum(void **state)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(5);
	extmgr_result result;

	(void)state;
	extmgr__buffer_puts(&buffer, "abc");
	extmgr__buffer_puts(&buffer, "de");
	assert_string_equal(buffer.data, "abcde");
	extmgr__buffer_putc(&buffer, 'f');
	assert_int_equal(extmgr__buffer_result(&buffer), EXTMGR_E_TOO_LARGE);
	assert_string_equal(buffer.data, "abcde");
	assert_null(extmgr__buffer_take_text(&buffer, &result));
	assert_int_equal(result, EXTMGR_E_TOO_LARGE);
}

static void test_empty_buffer_gives_empty_text(void **state)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(5);
	extmgr_result result;
	extmgr_text *text = extmgr__buffer_take_text(&buffer, &result);

	(void)state;
	assert_int_equal(result, EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), "");
	assert_int_equal(extmgr_text_get_length(text), 0);
	extmgr_text_free(text);
	assert_string_equal(extmgr_text_get_data(NULL), "");
	extmgr_text_free(NULL);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true},
		{"\xc0\x80", false},
		{"\xed\xa0\x80", false},
		{"\xf4\x90\x80\x80", false},
		{"\xff", false},
		{"\xe2\x82", false},
		{"\x80", false},
		{"\xf5\x80\x80\x80", false},
	};
	struct extmgr__buffer buffer = EXTMGR__BUFFER(100);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(extmgr__utf8_is_valid(cases[i].text, strlen(cases[i].text)),
				 cases[i].valid);
	extmgr__utf8_append_lossy(&buffer, "a\xff\xc3\xa4\xe2", 5);
	assert_string_equal(buffer.data, "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd");
	extmgr__buffer_free(&buffer);
}

static void test_a_line_has_no_control_characters(void **state)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(100);

	(void)state;
	extmgr__utf8_append_line(&buffer, "\na\0\xc3\xa4\x7f\xc3\t", 8);
	assert_string_equal(buffer.data, " a \xc3\xa4 \xef\xbf\xbd ");
	extmgr__utf8_append_line(&buffer, "", 0);
	assert_int_equal(extmgr__buffer_result(&buffer), EXTMGR_OK);
	extmgr__buffer_free(&buffer);
}

static void test_a_cut_is_between_characters(void **state)
{
	static const struct {
		const char *text;
		size_t maximum;
		size_t expected;
	} cases[] = {
		{"abc", 3, 3},
		{"abc", 2, 2},
		{"abc", 0, 0},
		{"a\xe2\x82\xac", 4, 4},
		{"a\xe2\x82\xac", 3, 1},
		{"a\xe2\x82\xac", 2, 1},
		{"\xf0\x9f\x98\x80", 3, 0},
		{"\x80\x80\x80\x80\x80\x80", 5, 2}, /* invalid anyway: it ends */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			extmgr__utf8_cut(cases[i].text, strlen(cases[i].text), cases[i].maximum),
			cases[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buffer_stops_at_its_maximum),
		cmocka_unit_test(test_empty_buffer_gives_empty_text),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_a_line_has_no_control_characters),
		cmocka_unit_test(test_a_cut_is_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
