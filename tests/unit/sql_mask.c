/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "sql/mask.h"

#include <extmgr/error.h>

#define SQLITE     EXTMGR__DIALECT_SQLITE
#define POSTGRESQL EXTMGR__DIALECT_POSTGRESQL
#define EXASOL     EXTMGR__DIALECT_EXASOL
#define OTHER      EXTMGR__DIALECT_OTHER

static void test_literals_are_hidden_and_the_rest_stays(void **state)
{
	static const struct {
		enum extmgr__dialect dialect;
		const char *sql;
		const char *masked;
	} cases[] = {
		{SQLITE, "INSERT INTO \"a\" VALUES ('x', 12, x'00', ?)",
		 "INSERT INTO \"a\" VALUES ('***', 12, '***', ?)"},
		{SQLITE, "SELECT 1 -- x\n, /* y */ 2", "SELECT 1  \n,   2"},
		{SQLITE, "SELECT ''", "SELECT '***'"},
		{POSTGRESQL, "SELECT E'a\\'b', $$x$$, $t$x$t$, U&'x', 'a'\n'b'",
		 "SELECT '***', '***', '***', '***', '***'"},
		{POSTGRESQL, "SELECT 'a', 'x", "SELECT '***', ***"},
		{POSTGRESQL, "SELECT 1 /* x", "SELECT 1 ***"},
		{POSTGRESQL, "SELECT \"x", "SELECT ***"},
		{EXASOL, "CREATE LUA SCRIPT s() AS x = 'y'", "CREATE LUA SCRIPT s() AS ***"},
		{EXASOL, "CREATE USER u IDENTIFIED BY \"x\"", "CREATE USER u IDENTIFIED ***"},
		{OTHER, "SELECT 'a\\' x '", "SELECT '***' ***"},
		{SQLITE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__buffer buffer = EXTMGR__BUFFER(200);

		extmgr__sql_mask(cases[i].dialect, cases[i].sql, strlen(cases[i].sql), &buffer);
		assert_string_equal(extmgr__buffer_get(&buffer), cases[i].masked);
		extmgr__buffer_free(&buffer);
	}
}

/* Whether the secret is found in the text. */
static bool finds(const char *secret, const char *text)
{
	struct extmgr__secrets *secrets = extmgr__secrets_new();
	bool found;

	assert_non_null(secrets);
	assert_int_equal(extmgr__secrets_add(secrets, "an other value", 14), EXTMGR_OK);
	assert_int_equal(extmgr__secrets_add(secrets, secret, strlen(secret)), EXTMGR_OK);
	found = extmgr__secrets_found_in(secrets, text, strlen(text));
	extmgr__secrets_free(secrets);
	return found;
}

static void test_secrets_are_found_in_every_form(void **state)
{
	static const struct {
		const char *secret;
		const char *text;
		bool found;
	} cases[] = {
		{"s3cret", "password is s3cret.", true},
		{"s3cret", "password is s3cre t", false},
		{"s3cret", "", false},
		{"s3cret", "s3cre", false},
		{"s3cret", "S3CRET", false},
		/* quoted for SQL */
		{"a'b", "PASSWORD 'a''b'", true},
		{"a\"b", "BY \"a\"\"b\"", true},
		{"a''b", "'a''b'", true},
		{"a''b", "'a''''b'", true},
		{"a\\'b", "E'a\\\\''b'", true},
		{"a'b", "E'a\\'b'", true},
		{"a\\b", "E'a\\\\b'", true},
		/* JSON */
		{"a\"b\\c\nd", "{\"p\":\"a\\\"b\\\\c\\nd\"}", true},
		{"a/b\t", "a\\/b\\t", true},
		{"abc", "\\u0061b\\u0063", true},
		{"a'b", "a\\u0027b", true},
		{"k\xc3\xa4se", "k\\u00E4se", true},
		{"x\xe2\x82\xac", "x\\u20ac", true},
		{"x\xf0\x9f\x98\x80y", "x\\uD83D\\ude00y", true},
		{"x\xf0\x9f\x98\x80y", "x\\uD83Dy", false},
		/* JSON around SQL */
		{"a'b\"c", "{\"sql\":\"'a''b\\\"c'\"}", true},
		{"a'b\\c", "{\"sql\":\"E'a\\\\'b\\\\\\\\c'\"}", true},
		/* percent */
		{"p@ss word", "u=p%40ss%20word", true},
		{"p@ss word", "u=p%40ss+word", true},
		{"p@ss word", "u=%70%40%73%73%20%77%6f%72%6F%64", false},
		{"p@ss word", "u=%70%40%73%73%20%77%6f%72%64", true},
		{"k\xc3\xa4se", "k%c3%A4se", true},
		/* hexadecimal */
		{"s3cret", "\\x733363726574", true},
		{"ZZtop", "5a5A746f70", true},
		{"s3cret", "73336372657", false},
		/* base64 of "s3cret", "xs3cret", "xxs3cret", "xxxs3cret!" */
		{"s3cret", "czNjcmV0", true},
		{"s3cret", "eHMzY3JldA==", true},
		{"s3cret", "eHhzM2NyZXQ=", true},
		{"s3cret", "eHh4czNjcmV0IQ==", true},
		{"s3cret", "czNj\ncmV0", true},
		{"s3cret", "czNj\\r\\ncmV0", true},
		{"s3cret", "czNjcmVy", false},
		/* base64url and JSON's slash */
		{"\xc3\xbf\xc3\xbe\xc3\xbf", "w7_Dvs-_ w7_DvsO_", true},
		{"\xc3\xbf\xc3\xbe\xc3\xbf", "w7/DvsO/", true},
		{"\xc3\xbf\xc3\xbe\xc3\xbf", "w7\\/DvsO\\/", true},
		/* short values: only forms that keep the characters, or have four digits */
		{"x", "a x b", true},
		{"x", "78", false},
		{"ab", "6162", true},
		{"'", "''", true},
		{"abc", "YWJj", true},
		{"ab", "YWI=", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (finds(cases[i].secret, cases[i].text) != cases[i].found)
			print_error("%s in %s\n", cases[i].secret, cases[i].text);
		assert_int_equal(finds(cases[i].secret, cases[i].text), cases[i].found);
	}
}

static void test_empty_values_are_no_secrets(void **state)
{
	struct extmgr__secrets *secrets = extmgr__secrets_new();

	(void)state;
	assert_true(extmgr__secrets_is_empty(NULL));
	assert_true(extmgr__secrets_is_empty(secrets));
	assert_int_equal(extmgr__secrets_add(secrets, "", 0), EXTMGR_OK);
	assert_true(extmgr__secrets_is_empty(secrets));
	assert_false(extmgr__secrets_found_in(secrets, "x", 1));
	assert_false(extmgr__secrets_found_in(NULL, "x", 1));
	assert_int_equal(extmgr__secrets_add(secrets, "a\0b", 3), EXTMGR_OK);
	assert_false(extmgr__secrets_is_empty(secrets));
	assert_true(extmgr__secrets_found_in(secrets, "xa\0by", 5));
	assert_false(extmgr__secrets_found_in(secrets, "xay", 3));
	extmgr__secrets_free(secrets);
	extmgr__secrets_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals_are_hidden_and_the_rest_stays),
		cmocka_unit_test(test_secrets_are_found_in_every_form),
		cmocka_unit_test(test_empty_values_are_no_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
