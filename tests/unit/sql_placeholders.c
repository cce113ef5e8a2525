/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <extmgr/database.h>
#include <extmgr/error.h>

#define QUESTION EXTMGR_PLACEHOLDER_QUESTION_MARK
#define DOLLAR   EXTMGR_PLACEHOLDER_DOLLAR

static void test_placeholders_are_translated_outside_of_quotes(void **state)
{
	static const struct {
		const char *dialect;
		uint32_t style;
		const char *sql;
		const char *expected;
		size_t count;
	} cases[] = {
		{"postgresql", DOLLAR, "SELECT ?, ?", "SELECT $1, $2", 2},
		{"postgresql", DOLLAR, "SELECT a ?? ?", "SELECT a ? $1", 1},
		{"postgresql", DOLLAR, "SELECT '?', \"?\", $$?$$, $a$?$a$, E'\\'?' /*?*/ --?",
		 "SELECT '?', \"?\", $$?$$, $a$?$a$, E'\\'?' /*?*/ --?", 0},
		{"postgresql", DOLLAR, "a=1 AND?FROM b", "a=1 AND $1 FROM b", 1},
		{"postgresql", DOLLAR, "(?)::int=?", "($1)::int=$2", 2},
		{"postgresql", DOLLAR, "???", "?$1", 1},
		{"sqlite", QUESTION, "SELECT ?, '?\?', ??", "SELECT ?, '?\?', ?", 1},
		{"sqlite", QUESTION, "SELECT [?], `?`, ?", "SELECT [?], `?`, ?", 1},
		{"exasol", QUESTION, "CREATE SCRIPT s AS ? ??", "CREATE SCRIPT s AS ? ??", 0},
		{"oracle", DOLLAR, "?,?,?,?,?,?,?,?,?,?", "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10", 10},
		{"sqlite", QUESTION, "", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_text *text = NULL;
		size_t count = 77;

		assert_int_equal(extmgr_sql_rewrite_placeholders(
					 cases[i].dialect, cases[i].sql, strlen(cases[i].sql),
					 cases[i].style, &count, &text, NULL),
				 EXTMGR_OK);
		assert_string_equal(extmgr_text_get_data(text), cases[i].expected);
		assert_int_equal(count, cases[i].count);
		extmgr_text_free(text);
	}
}

static void test_bad_input_is_refused(void **state)
{
	static const struct {
		const char *dialect;
		const char *sql;
		size_t length;
		uint32_t style;
		extmgr_result expected;
	} cases[] = {
		{NULL, "x", 1, DOLLAR, EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite", NULL, 0, DOLLAR, EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite", "x", 1, 0, EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite", "x", 1, 3, EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite", "'x", 2, DOLLAR, EXTMGR_E_STATEMENT_MALFORMED},
		{"sqlite", "?1", 2, DOLLAR, EXTMGR_E_STATEMENT_MALFORMED},
		{"sqlite", "x\0y", 3, DOLLAR, EXTMGR_E_STATEMENT_MALFORMED},
		{"sqlite", "\xff", 1, DOLLAR, EXTMGR_E_STATEMENT_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_text *text = NULL;
		size_t count = 77;

		assert_int_equal(extmgr_sql_rewrite_placeholders(cases[i].dialect, cases[i].sql,
								 cases[i].length, cases[i].style,
								 &count, &text, &error),
				 cases[i].expected);
		assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
		assert_null(text);
		assert_int_equal(count, 0);
		extmgr_error_free(error);
	}
	assert_int_equal(
		extmgr_sql_rewrite_placeholders("sqlite", "x", 1, DOLLAR, NULL, NULL, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placeholders_are_translated_outside_of_quotes),
		cmocka_unit_test(test_bad_input_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
