/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "sql/lexer.h"

#define SQLITE     EXTMGR__DIALECT_SQLITE
#define POSTGRESQL EXTMGR__DIALECT_POSTGRESQL
#define EXASOL     EXTMGR__DIALECT_EXASOL
#define OTHER      EXTMGR__DIALECT_OTHER

/* One letter a kind, in the order of the enumeration. */
static const char letters[] = "EWQSN?Mc;ob!";

/* Writes "W<select> N<1>" for a text. */
static void describe(enum extmgr__dialect dialect, const char *sql, char *out, size_t size)
{
	struct extmgr__sql_lexer lexer;
	struct extmgr__sql_token token;
	size_t used = 0;

	out[0] = '\0';
	extmgr__sql_lexer_init(&lexer, dialect, sql, strlen(sql));
	while ((token = extmgr__sql_lexer_next(&lexer)).kind != EXTMGR__SQL_END) {
		used += (size_t)snprintf(out + used, size - used, "%s%c<%.*s>", used ? " " : "",
					 letters[token.kind], (int)token.length, sql + token.start);
		assert_true(used < size);
	}
}

static const struct {
	enum extmgr__dialect dialect;
	const char *sql;
	const char *tokens;
} cases[] = {
	/* words, numbers, operators */
	{SQLITE, "select a_1,1.5", "W<select> W<a_1> o<,> N<1.5>"},
	{SQLITE, "\t\v\f\r\n .5+x", "N<.5> o<+> W<x>"},
	{POSTGRESQL, "a$b$c $1", "W<a$b$c> N<$1>"},
	{POSTGRESQL, "\xc3\xa4$\xc3\xb6", "W<\xc3\xa4$\xc3\xb6>"},
	/* strings end as the database ends them */
	{SQLITE, "'a''b' x", "S<'a''b'> W<x>"},
	{POSTGRESQL, "'a\\' ; commit", "S<'a\\'> ;<;> W<commit>"},
	{POSTGRESQL, "E'a\\' ; commit' x", "S<E'a\\' ; commit'> W<x>"},
	{POSTGRESQL, "e'a''\\\\' x", "S<e'a''\\\\'> W<x>"},
	{SQLITE, "e'a\\' x", "W<e> S<'a\\'> W<x>"},
	{POSTGRESQL, "U&'d\\0061' N'a' b'01' X'0f'", "S<U&'d\\0061'> S<N'a'> S<b'01'> S<X'0f'>"},
	{SQLITE, "x'0f' n'a'", "S<x'0f'> W<n> S<'a'>"},
	{POSTGRESQL, "fooe'a\\' x", "W<fooe> S<'a\\'> W<x>"},
	/* a string goes on behind a line end, with its kind */
	{POSTGRESQL, "E'a'\n'\\'' x", "S<E'a'\n'\\''> W<x>"},
	{POSTGRESQL, "E'a' -- c\r '\\'' x", "S<E'a' -- c\r '\\''> W<x>"},
	{POSTGRESQL, "E'a' '\\'", "S<E'a'> S<'\\'>"},
	{SQLITE, "'a'\n'b'", "S<'a'> S<'b'>"},
	/* quoted names */
	{SQLITE, "\"a\"\"b\" [a\"] `a``b`", "Q<\"a\"\"b\"> Q<[a\"]> Q<`a``b`>"},
	{POSTGRESQL, "\"a;\" U&\"a\" a[1]", "Q<\"a;\"> Q<U&\"a\"> W<a> o<[> N<1> o<]>"},
	{EXASOL, "\"a\"\"\" `", "Q<\"a\"\"\"> o<`>"},
	/* dollar quotes */
	{POSTGRESQL, "$$;'$$ x", "S<$$;'$$> W<x>"},
	{POSTGRESQL, "$a$ $b$ $A$ $a$ x", "S<$a$ $b$ $A$ $a$> W<x>"},
	{POSTGRESQL, "$a$$$ $$a$ x", "S<$a$$$ $$a$> W<x>"},
	{POSTGRESQL, "a$$;", "W<a$$> ;<;>"},
	{POSTGRESQL, "$1$ $a b", "N<$1> o<$> o<$> W<a> W<b>"},
	{SQLITE, "$$;$$", "o<$> o<$> ;<;> o<$> o<$>"},
	/* comments */
	{POSTGRESQL, "/* /* */ a */ b", "c</* /* */ a */> W<b>"},
	{SQLITE, "/* /* */ a */ b", "c</* /* */> W<a> o<*> o</> W<b>"},
	{EXASOL, "/* /* */ a", "c</* /* */> W<a>"},
	{POSTGRESQL, "/**/a/***/b", "c</**/> W<a> c</***/> W<b>"},
	{POSTGRESQL, "--x\ra", "c<--x> W<a>"},
	{SQLITE, "--x\ra\nb", "c<--x\ra> W<b>"},
	/* placeholders */
	{SQLITE, "?,??,???", "?<?> o<,> M<?\?> o<,> M<?\?> ?<?>"},
	{POSTGRESQL, "'?' \"?\" $$?$$ /*?*/--?", "S<'?'> Q<\"?\"> S<$$?$$> c</*?*/> c<--?>"},
	/* what does not end reaches to the end */
	{SQLITE, "a 'b; c", "W<a> !<'b; c>"},
	{SQLITE, "a \"b", "W<a> !<\"b>"},
	{SQLITE, "a [b", "W<a> !<[b>"},
	{SQLITE, "a /*b*", "W<a> !</*b*>"},
	{SQLITE, "/*/", "!</*/>"},
	{POSTGRESQL, "/* /* */", "!</* /* */>"},
	{POSTGRESQL, "a $x$ $X$", "W<a> !<$x$ $X$>"},
	{POSTGRESQL, "E'a\\'", "!<E'a\\'>"},
	{POSTGRESQL, "E'a\\", "!<E'a\\>"},
	{POSTGRESQL, "'a'\n'b", "!<'a'\n'b>"},
	/* exasol: everything behind the AS of a script is its body */
	{EXASOL, "create script s as x; '", "W<create> W<script> W<s> W<as> b< x; '>"},
	{EXASOL, "CREATE LUA SCRIPT s() RETURNS TABLE AS;",
	 "W<CREATE> W<LUA> W<SCRIPT> W<s> o<(> o<)> W<RETURNS> W<TABLE> W<AS> b<;>"},
	{EXASOL, "create or replace java set script \"s\".\"t\" (a int) emits (\"as\" int) as\n%",
	 "W<create> W<or> W<replace> W<java> W<set> W<script> Q<\"s\"> o<.> Q<\"t\"> o<(> W<a> "
	 "W<int> o<)> W<emits> o<(> Q<\"as\"> W<int> o<)> W<as> b<\n%>"},
	{EXASOL, "create python3 adapter /*;*/ script s as",
	 "W<create> W<python3> W<adapter> c</*;*/> W<script> W<s> W<as>"},
	{EXASOL, "create script s(as) as x",
	 "W<create> W<script> W<s> o<(> W<as> o<)> W<as> b< x>"},
	/* and what only looks like one is not */
	{EXASOL, "create table script as x;", "W<create> W<table> W<script> W<as> W<x> ;<;>"},
	{EXASOL, "create view script.a as x;",
	 "W<create> W<view> W<script> o<.> W<a> W<as> W<x> ;<;>"},
	{EXASOL, "create script s; a as ;", "W<create> W<script> W<s> ;<;> W<a> W<as> ;<;>"},
	{EXASOL, "drop script as ;", "W<drop> W<script> W<as> ;<;>"},
	{POSTGRESQL, "create script s as x;", "W<create> W<script> W<s> W<as> W<x> ;<;>"},
	{OTHER, "`a` E'a\\' x", "Q<`a`> S<E'a\\'> W<x>"},
};

static void test_tokens_are_those_of_the_database(void **state)
{
	char tokens[400];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		describe(cases[i].dialect, cases[i].sql, tokens, sizeof(tokens));
		assert_string_equal(tokens, cases[i].tokens);
	}
}

static void test_a_word_is_compared_in_ascii_only(void **state)
{
	static const struct {
		const char *sql;
		bool is;
	} words[] = {
		{"commit", true},   {"CoMMiT", true},      {"commi", false},
		{"commits", false}, {"\"commit\"", false}, {"comm\xc4\xb0t", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct extmgr__sql_lexer lexer;

		extmgr__sql_lexer_init(&lexer, SQLITE, words[i].sql, strlen(words[i].sql));
		assert_int_equal(extmgr__sql_token_is(words[i].sql, extmgr__sql_lexer_next(&lexer),
						      "commit"),
				 words[i].is);
	}
}

static void test_dialects_are_known_by_exact_name(void **state)
{
	(void)state;
	assert_int_equal(extmgr__dialect_of("sqlite"), SQLITE);
	assert_int_equal(extmgr__dialect_of("postgresql"), POSTGRESQL);
	assert_int_equal(extmgr__dialect_of("exasol"), EXASOL);
	assert_int_equal(extmgr__dialect_of("SQLite"), OTHER);
	assert_int_equal(extmgr__dialect_of("oracle"), OTHER);
	assert_int_equal(extmgr__dialect_of(NULL), OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens_are_those_of_the_database),
		cmocka_unit_test(test_a_word_is_compared_in_ascii_only),
		cmocka_unit_test(test_dialects_are_known_by_exact_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
