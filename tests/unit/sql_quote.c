/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "sql/lexer.h"
#include "sql/quote.h"

#include <extmgr/error.h>

static void test_quotes_are_doubled_in_every_dialect(void **state)
{
	static const struct {
		const char *text;
		const char *identifier; /* NULL: refused */
		const char *literal;
	} cases[] = {
		{"a", "\"a\"", "'a'"},
		{"", NULL, "''"},
		{"a\"b'c", "\"a\"\"b'c\"", "'a\"b''c'"},
		{"\"", "\"\"\"\"", "'\"'"},
		{"'", "\"'\"", "''''"},
		{"C:\\", "\"C:\\\"", "'C:\\'"},
		{"a\nb", "\"a\nb\"", "'a\nb'"},
		{"]`?", "\"]`?\"", "']`?'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int dialect = EXTMGR__DIALECT_SQLITE; dialect <= EXTMGR__DIALECT_OTHER;
		     dialect++) {
			struct extmgr__buffer name = EXTMGR__BUFFER(100);
			struct extmgr__buffer literal = EXTMGR__BUFFER(100);
			struct extmgr__sql_lexer lexer;
			extmgr_result result = extmgr__sql_quote_identifier(
				(enum extmgr__dialect)dialect, cases[i].text, strlen(cases[i].text),
				&name);

			assert_int_equal(result, cases[i].identifier ? EXTMGR_OK
								     : EXTMGR_E_INVALID_ARGUMENT);
			if (cases[i].identifier)
				assert_string_equal(name.data, cases[i].identifier);
			assert_int_equal(extmgr__sql_quote_literal((enum extmgr__dialect)dialect,
								   cases[i].text,
								   strlen(cases[i].text), &literal),
					 EXTMGR_OK);
			assert_string_equal(literal.data, cases[i].literal);
			/* What was quoted is one token of the same dialect. */
			extmgr__sql_lexer_init(&lexer, (enum extmgr__dialect)dialect, literal.data,
					       literal.length);
			assert_int_equal(extmgr__sql_lexer_next(&lexer).length, literal.length);
			extmgr__buffer_free(&name);
			extmgr__buffer_free(&literal);
		}
	}
}

static void test_what_no_database_stores_is_refused(void **state)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(3);

	(void)state;
	assert_int_equal(extmgr__sql_quote_identifier(EXTMGR__DIALECT_SQLITE, "a\0b", 3, &buffer),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr__sql_quote_literal(EXTMGR__DIALECT_SQLITE, "\0", 1, &buffer),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr__sql_quote_identifier(EXTMGR__DIALECT_SQLITE, "\xff", 1, &buffer),
			 EXTMGR_E_FORMAT);
	assert_int_equal(
		extmgr__sql_quote_literal(EXTMGR__DIALECT_SQLITE, "\xed\xa0\x80", 3, &buffer),
		EXTMGR_E_FORMAT);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(extmgr__sql_quote_literal(EXTMGR__DIALECT_SQLITE, "ab", 2, &buffer),
			 EXTMGR_E_TOO_LARGE);
	extmgr__buffer_free(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes_are_doubled_in_every_dialect),
		cmocka_unit_test(test_what_no_database_stores_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
