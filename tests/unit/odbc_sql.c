/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "drivers/odbc_sql.h"
#include "host/host_error.h"

#define S EXTMGR__ODBC_SQLITE
#define P EXTMGR__ODBC_POSTGRESQL

static extmgr_result prepare(enum extmgr__odbc_dialect dialect, const char *source, size_t length,
			     bool wants_rows, struct extmgr__odbc_sql *sql)
{
	struct extmgr_host_error said = {0};
	extmgr_result result =
		extmgr__odbc_sql_prepare(dialect, "", source, length, wants_rows, sql, &said);

	assert_true(result == EXTMGR_OK || said.message != NULL);
	extmgr__host_error_clear(&said);
	return result;
}

static void test_drivers_get_what_they_understand(void **state)
{
	static const struct {
		enum extmgr__odbc_dialect dialect;
		const char *source;
		const char *expected;
		size_t placeholders;
	} cases[] = {
		{S, "SELECT ?, '?', \"?\" ; ", "SELECT ?, '?', \"?\"", 1},
		{S, "SELECT 1 -- fine\n, 2", "SELECT 1 -- fine\n, 2", 0},
		{S, "SELECT 1 -- don't ?\n, ?", "SELECT 1  \n, ?", 1},
		{S, "SELECT /* ' ? */ ? /* end", "SELECT   ?", 1},
		{S, "SELECT 1; -- x", "SELECT 1", 0},
		{S, "SELECT [a], `b`", "SELECT [a], `b`", 0},
		{S, "SELECT [a\"?], `b``'`", "SELECT \"a\"\"?\", \"b`'\"", 0},
		{S, "SELECT 'it''s', ?", "SELECT 'it''s', ?", 1},
		{S, "SELECT 'blob_import'", "SELECT 'blob_import'", 0},
		{S, "values (?)", "SELECT * FROM (values (?))", 1},
		{P, "SELECT ?; /* x */ ;", "SELECT ?", 1},
		{P, "SELECT a ?? b", "SELECT a  --\r?\n b", 0},
		{P, "SELECT a ??| ?", "SELECT a  --\r?|\n ?", 1},
		{P, "SELECT a @?\? '$'", "SELECT a  --\r@?\n '$'", 0},
		{P, "SELECT a=?-?", "SELECT a=?-?", 2},
		{P, "SELECT e'\\'?', E'\\'?', ?", "SELECT E'\\'?', E'\\'?', ?", 1},
		{P, "SELECT LIKE'a\\' , ?", "SELECT LIKE 'a\\' , ?", 1},
		{P, "SELECT $$?'$$, $a$ $$ ? $a$, ?", "SELECT $$?'$$, $a$ $$ ? $a$, ?", 1},
		{P, "SELECT /* /* ? */ ' */ ?", "SELECT   ?", 1},
		{P, "SELECT 1 -- a\r, ?", "SELECT 1  \r, ?", 1},
		{P, "SELECT 'blob_import'", "SELECT 'blob_import'", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__odbc_sql sql = {.placeholders = 0};

		assert_int_equal(prepare(cases[i].dialect, cases[i].source, strlen(cases[i].source),
					 true, &sql),
				 EXTMGR_OK);
		assert_string_equal(sql.text.data, cases[i].expected);
		assert_int_equal(sql.placeholders, cases[i].placeholders);
		extmgr__drivers_text_free(&sql.text);
	}
}

static void test_what_no_driver_can_pass_on_is_refused(void **state)
{
	static const struct {
		enum extmgr__odbc_dialect dialect;
		const char *source;
		extmgr_result result;
	} cases[] = {
		{S, "", EXTMGR_E_STATEMENT},
		{S, " ; -- x", EXTMGR_E_STATEMENT},
		{S, "SELECT 'a", EXTMGR_E_STATEMENT},
		{S, "SELECT \"a", EXTMGR_E_STATEMENT},
		{S, "SELECT [a", EXTMGR_E_STATEMENT},
		{S, "SELECT 1 ?? 2", EXTMGR_E_STATEMENT},
		{S, "SELECT ?1", EXTMGR_E_STATEMENT},
		{S, "SELECT :a", EXTMGR_E_STATEMENT},
		{S, "SELECT @a", EXTMGR_E_STATEMENT},
		{S, "SELECT $a", EXTMGR_E_STATEMENT},
		{S, "SELECT {d '2020-01-01'}", EXTMGR_E_STATEMENT},
		{S, "SELECT Load_Extension('x')", EXTMGR_E_STATEMENT},
		{S, "SELECT [blob_import]('x')", EXTMGR_E_STATEMENT},
		{S, "INSERT INTO a VALUES (1) RETURNING b", EXTMGR_E_UNSUPPORTED},
		{P, "SELECT 'a", EXTMGR_E_STATEMENT},
		{P, "SELECT $a$ $b$", EXTMGR_E_STATEMENT},
		{P, "SELECT /* /* */", EXTMGR_E_STATEMENT},
		{P, "SELECT {fn now()}", EXTMGR_E_STATEMENT},
		{P, "copy t FROM STDIN", EXTMGR_E_UNSUPPORTED},
	};
	struct extmgr__odbc_sql sql = {.placeholders = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (prepare(cases[i].dialect, cases[i].source, strlen(cases[i].source), true,
			    &sql) != cases[i].result)
			fail_msg("%s", cases[i].source);
		extmgr__drivers_text_free(&sql.text);
	}
	assert_int_equal(prepare(S, "SELECT 1\0", 9, true, &sql), EXTMGR_E_STATEMENT);
	extmgr__drivers_text_free(&sql.text);
	assert_int_equal(prepare(S, "DELETE FROM a RETURNING b", 25, false, &sql), EXTMGR_OK);
	extmgr__drivers_text_free(&sql.text);
}

/* Every cut of a text that has all kinds of tokens: no read beyond the end (ASan sees it). */
static void test_no_cut_reads_beyond_the_end(void **state)
{
	static const char text[] = "SELECT e'\\'a' || $t$ ? $t$ ??| \"x\"\"\" /* /* */ */ -- y\n"
				   ", [a?] `b``` 'c''' ?; VALUES {";

	(void)state;
	for (size_t length = 0; length < sizeof(text); length++) {
		char *copy = malloc(length + 1);

		assert_non_null(copy);
		for (int dialect = S; dialect <= P; dialect++) {
			struct extmgr__odbc_sql sql = {.placeholders = 0};
			struct extmgr_host_error said = {0};

			memcpy(copy, text, length);
			copy = realloc(copy, length ? length : 1);
			(void)extmgr__odbc_sql_prepare((enum extmgr__odbc_dialect)dialect, "", copy,
						       length, true, &sql, &said);
			extmgr__host_error_clear(&said);
			extmgr__drivers_text_free(&sql.text);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drivers_get_what_they_understand),
		cmocka_unit_test(test_what_no_driver_can_pass_on_is_refused),
		cmocka_unit_test(test_no_cut_reads_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
