/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/values.h"

#include <extmgr/extmgr.h>

static void test_values_read_as_what_they_are(void **state)
{
	extmgr_values *values = extmgr__values_new();
	size_t length = 99;

	(void)state;
	assert_non_null(values);
	assert_int_equal(extmgr__values_add_null(values), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_boolean(values, true), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_integer(values, INT64_MIN), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_number(values, 0.5), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_text(values, "a\0\xc3\xa4", 4), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_text(values, NULL, 0), EXTMGR_OK);
	assert_int_equal(extmgr_values_get_count(values), 6);

	assert_int_equal(extmgr_values_get_type(values, 0), EXTMGR_VALUE_NULL);
	assert_null(extmgr_values_get_text(values, 0, &length));
	assert_int_equal(length, 0);
	assert_int_equal(extmgr_values_get_type(values, 1), EXTMGR_VALUE_BOOLEAN);
	assert_int_equal(extmgr_values_get_integer(values, 1), 1);
	assert_true(extmgr_values_get_number(values, 1) == 0);
	assert_int_equal(extmgr_values_get_type(values, 2), EXTMGR_VALUE_INTEGER);
	assert_true(extmgr_values_get_integer(values, 2) == INT64_MIN);
	assert_true(extmgr_values_get_number(values, 2) == -9223372036854775808.0);
	assert_int_equal(extmgr_values_get_type(values, 3), EXTMGR_VALUE_NUMBER);
	assert_true(extmgr_values_get_number(values, 3) == 0.5);
	assert_int_equal(extmgr_values_get_integer(values, 3), 0);
	assert_int_equal(extmgr_values_get_type(values, 4), EXTMGR_VALUE_TEXT);
	assert_memory_equal(extmgr_values_get_text(values, 4, &length), "a\0\xc3\xa4", 5);
	assert_int_equal(length, 4);
	assert_string_equal(extmgr_values_get_text(values, 5, NULL), "");
	extmgr__values_free(values);
}

static void test_beyond_the_end_is_null(void **state)
{
	extmgr_values *values = extmgr__values_new();
	const extmgr_values *const given[] = {NULL, values};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t length = 99;

		assert_int_equal(extmgr_values_get_count(given[i]), 0);
		assert_int_equal(extmgr_values_get_type(given[i], 0), EXTMGR_VALUE_NULL);
		assert_int_equal(extmgr_values_get_integer(given[i], SIZE_MAX), 0);
		assert_true(extmgr_values_get_number(given[i], 1) == 0);
		assert_null(extmgr_values_get_text(given[i], 0, &length));
		assert_int_equal(length, 0);
	}
	extmgr__values_free(values);
	extmgr__values_free(NULL);
}

static void test_text_that_is_not_utf8_is_refused(void **state)
{
	extmgr_values *values = extmgr__values_new();

	(void)state;
	assert_int_equal(extmgr__values_add_text(values, "\xed\xa0\x80", 3), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr_values_get_count(values), 0);
	extmgr__values_free(values);
}

static void test_a_thousand_values_and_no_more(void **state)
{
	extmgr_values *values = extmgr__values_new();

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(extmgr__values_add_integer(values, i), EXTMGR_OK);
	assert_int_equal(extmgr__values_add_null(values), EXTMGR_E_TOO_LARGE);
	assert_int_equal(extmgr__values_add_text(values, "x", 1), EXTMGR_E_TOO_LARGE);
	assert_int_equal(extmgr_values_get_count(values), 1000);
	assert_int_equal(extmgr_values_get_integer(values, 999), 999);
	extmgr__values_free(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_read_as_what_they_are),
		cmocka_unit_test(test_beyond_the_end_is_null),
		cmocka_unit_test(test_text_that_is_not_utf8_is_refused),
		cmocka_unit_test(test_a_thousand_values_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
