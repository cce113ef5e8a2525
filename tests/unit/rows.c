/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/rows.h"

#include <extmgr/extmgr.h>

#include <math.h>

#define PLENTY ((uint64_t)1 << 40)

static extmgr_rows *make(uint64_t maximum_rows, uint64_t maximum_bytes, size_t columns)
{
	extmgr_rows *rows = extmgr__rows_new(maximum_rows, maximum_bytes);

	assert_non_null(rows);
	for (size_t i = 0; i < columns; i++)
		assert_int_equal(extmgr_rows_add_column(rows, "", NULL), EXTMGR_OK);
	return rows;
}

static void assert_fails(extmgr_rows *rows, extmgr_result code, const char *message)
{
	extmgr_error *error = NULL;

	assert_int_equal(extmgr__rows_finish(rows, &error), code);
	assert_int_equal(extmgr_error_get_code(error), code);
	if (!strstr(extmgr_error_get_message(error), message))
		fail_msg("'%s' is not in '%s'", message, extmgr_error_get_message(error));
	extmgr_error_free(error);
	extmgr__rows_free(rows);
}

static void test_cells_read_as_they_were_pushed(void **state)
{
	extmgr_rows *rows = extmgr__rows_new(10, PLENTY);
	char name[] = "name";

	(void)state;
	assert_int_equal(extmgr_rows_add_column(rows, name, "TEXT"), EXTMGR_OK);
	name[0] = 'X'; /* it was copied */
	assert_int_equal(extmgr_rows_add_column(rows, "b", NULL), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_text(rows, "a\0b", 3), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_boolean(rows, -5), EXTMGR_OK);
	assert_int_equal(extmgr__rows_count(rows), 1); /* the second is not complete */
	assert_int_equal(extmgr__rows_cell(rows, 1, 0).type, EXTMGR_VALUE_NULL);
	assert_int_equal(extmgr_rows_append_integer(rows, INT64_MAX), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_number(rows, 0.25), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_bytes(rows, "\x00\xAF\xff", 3), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_text(rows, NULL, 0), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_bytes(rows, NULL, 0), EXTMGR_OK);
	assert_int_equal(extmgr__rows_finish(rows, NULL), EXTMGR_OK);

	assert_int_equal(extmgr__rows_column_count(rows), 2);
	assert_string_equal(extmgr__rows_column_name(rows, 0), "name");
	assert_string_equal(extmgr__rows_column_type(rows, 0), "TEXT");
	assert_string_equal(extmgr__rows_column_type(rows, 1), "");
	assert_null(extmgr__rows_column_name(rows, 2));
	assert_int_equal(extmgr__rows_count(rows), 4);
	assert_int_equal(extmgr__rows_cell(rows, 0, 0).length, 3);
	assert_memory_equal(extmgr__rows_cell(rows, 0, 0).text, "a\0b", 4);
	assert_int_equal(extmgr__rows_cell(rows, 0, 1).type, EXTMGR_VALUE_NULL);
	assert_int_equal(extmgr__rows_cell(rows, 1, 0).type, EXTMGR_VALUE_BOOLEAN);
	assert_int_equal(extmgr__rows_cell(rows, 1, 0).integer, 1);
	assert_true(extmgr__rows_cell(rows, 1, 1).integer == INT64_MAX);
	assert_int_equal(extmgr__rows_cell(rows, 2, 0).type, EXTMGR_VALUE_NUMBER);
	assert_true(extmgr__rows_cell(rows, 2, 0).number == 0.25);
	assert_int_equal(extmgr__rows_cell(rows, 2, 1).type, EXTMGR_VALUE_TEXT);
	assert_string_equal(extmgr__rows_cell(rows, 2, 1).text, "00afff");
	assert_int_equal(extmgr__rows_cell(rows, 2, 1).length, 6);
	assert_string_equal(extmgr__rows_cell(rows, 3, 0).text, "");
	assert_string_equal(extmgr__rows_cell(rows, 3, 1).text, "");
	assert_int_equal(extmgr__rows_cell(rows, 4, 0).type, EXTMGR_VALUE_NULL);
	assert_int_equal(extmgr__rows_cell(rows, 0, 2).type, EXTMGR_VALUE_NULL);
	extmgr__rows_free(rows);
	extmgr__rows_free(NULL);
}

static void test_numbers_that_are_none_become_null(void **state)
{
	extmgr_rows *rows = make(10, PLENTY, 1);
	const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(extmgr_rows_append_number(rows, odd[i]), EXTMGR_OK);
		assert_int_equal(extmgr__rows_cell(rows, i, 0).type, EXTMGR_VALUE_NULL);
	}
	extmgr__rows_free(rows);
}

static void test_a_host_without_rows_is_told(void **state)
{
	(void)state;
	assert_int_equal(extmgr_rows_add_column(NULL, "a", NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_null(NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_boolean(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_integer(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_number(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_text(NULL, "", 0), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_bytes(NULL, "", 0), EXTMGR_E_INVALID_ARGUMENT);
}

static void test_rows_are_bounded(void **state)
{
	extmgr_rows *rows = make(3, PLENTY, 2);

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr__rows_failure(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_E_TOO_LARGE);
	assert_int_equal(extmgr__rows_failure(rows), EXTMGR_E_TOO_LARGE);
	assert_fails(rows, EXTMGR_E_TOO_LARGE, "more than 3 rows");
}

/* A column and a cell count 32 bytes each, and their text. */
static void test_bytes_are_bounded(void **state)
{
	const struct {
		uint64_t maximum;
		extmgr_result expected;
	} cases[] = {
		{32 + 32 + 10, EXTMGR_OK},
		{32 + 32 + 9, EXTMGR_E_TOO_LARGE},
		{32 + 31, EXTMGR_E_TOO_LARGE},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		extmgr_rows *rows = make(10, cases[i].maximum, 1);

		assert_int_equal(extmgr_rows_append_text(rows, "0123456789", 10),
				 cases[i].expected);
		extmgr__rows_free(rows);
		rows = make(10, cases[i].maximum, 1);
		assert_int_equal(extmgr_rows_append_bytes(rows, "01234", 5), cases[i].expected);
		extmgr__rows_free(rows);
	}
	/* Lengths near the end of size_t are refused before a byte is read. */
	assert_int_equal(extmgr_rows_append_text(NULL, NULL, SIZE_MAX), EXTMGR_E_INVALID_ARGUMENT);
	for (int i = 0; i < 2; i++) {
		extmgr_rows *rows = make(10, 1000, 1);

		assert_int_equal(i ? extmgr_rows_append_text(rows, "x", SIZE_MAX)
				   : extmgr_rows_append_bytes(rows, "x", SIZE_MAX / 2 + 2),
				 EXTMGR_E_TOO_LARGE);
		assert_fails(rows, EXTMGR_E_TOO_LARGE, "more than 1000 bytes");
	}
}

static void test_columns_are_bounded(void **state)
{
	extmgr_rows *rows = make(10, PLENTY, 4096);

	(void)state;
	assert_int_equal(extmgr_rows_add_column(rows, "x", NULL), EXTMGR_E_TOO_LARGE);
	assert_fails(rows, EXTMGR_E_TOO_LARGE, "4096 columns");

	rows = extmgr__rows_new(10, 40);
	assert_int_equal(extmgr_rows_add_column(rows, "name", "type"), EXTMGR_OK);
	assert_int_equal(extmgr_rows_add_column(rows, "", ""), EXTMGR_E_TOO_LARGE);
	assert_fails(rows, EXTMGR_E_TOO_LARGE, "more than 40 bytes");
}

static void test_misuse_is_named(void **state)
{
	extmgr_rows *rows = make(10, PLENTY, 0);

	(void)state;
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "before the first column");

	rows = make(10, PLENTY, 2);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_int_equal(extmgr_rows_add_column(rows, "late", NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "after the first value");

	rows = make(10, PLENTY, 2);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_OK);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "the last row has 1 of 2 values");

	rows = make(10, PLENTY, 0);
	assert_int_equal(extmgr_rows_add_column(rows, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "NULL");

	rows = make(10, PLENTY, 0);
	assert_int_equal(extmgr_rows_add_column(rows, "\xff", NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "not UTF-8");

	rows = make(10, PLENTY, 1);
	assert_int_equal(extmgr_rows_append_text(rows, NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "NULL");

	rows = make(10, PLENTY, 1);
	assert_int_equal(extmgr_rows_append_bytes(rows, NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_fails(rows, EXTMGR_E_INVALID_ARGUMENT, "NULL");
}

static void test_the_first_failure_stays(void **state)
{
	extmgr_rows *rows = make(10, PLENTY, 1);

	(void)state;
	assert_int_equal(extmgr_rows_append_text(rows, "\xc3", 1), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr_rows_append_null(rows), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr_rows_append_text(rows, NULL, 7), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr_rows_add_column(rows, "b", NULL), EXTMGR_E_FORMAT);
	assert_int_equal(extmgr__rows_count(rows), 0);
	assert_fails(rows, EXTMGR_E_FORMAT, "a text is not UTF-8");
}

/* Text keeps its place when blocks are added: small and huge texts in turn. */
static void test_a_million_cells(void **state)
{
	const size_t count = 1000000;
	const size_t huge = 700000;
	extmgr_rows *rows = make(count, PLENTY, 4);
	char *big = malloc(huge);
	char text[16];

	(void)state;
	memset(big, 'x', huge);
	for (size_t i = 0; i < count; i++) {
		int length = snprintf(text, sizeof(text), "%zu", i);
		extmgr_result result = i % 200000
					       ? extmgr_rows_append_text(rows, text, (size_t)length)
					       : extmgr_rows_append_text(rows, big, huge);

		if (result != EXTMGR_OK)
			fail_msg("cell %zu: %d", i, (int)result);
	}
	assert_int_equal(extmgr__rows_finish(rows, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__rows_count(rows), count / 4);
	for (size_t i = 0; i < count; i++) {
		struct extmgr__cell cell = extmgr__rows_cell(rows, i / 4, i % 4);

		(void)snprintf(text, sizeof(text), "%zu", i);
		if (i % 200000 ? strcmp(cell.text, text) : cell.length != huge)
			fail_msg("cell %zu is wrong", i);
	}
	free(big);
	extmgr__rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells_read_as_they_were_pushed),
		cmocka_unit_test(test_numbers_that_are_none_become_null),
		cmocka_unit_test(test_a_host_without_rows_is_told),
		cmocka_unit_test(test_rows_are_bounded),
		cmocka_unit_test(test_bytes_are_bounded),
		cmocka_unit_test(test_columns_are_bounded),
		cmocka_unit_test(test_misuse_is_named),
		cmocka_unit_test(test_the_first_failure_stays),
		cmocka_unit_test(test_a_million_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
