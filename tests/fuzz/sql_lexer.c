/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all, read in every dialect: tokens tile the text, guard, masking and rewriting never
 * crash and agree with the lexer, and a secret in a literal behind the text is always masked.
 */
#include "sql/guard.h"
#include "sql/lexer.h"
#include "sql/mask.h"

#include <extmgr/database.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"sqlite", "postgresql", "exasol", "other"};
static const char sentinel[] = "se\"n'ti\\nel";

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_gap(const char *sql, size_t from, size_t to)
{
	for (; from < to; from++)
		require(extmgr__sql_is_space(sql[from]));
}

/* Answers the number of placeholders; *whole says that the text ends outside of everything. */
static size_t check_tiles(enum extmgr__dialect dialect, const char *sql, size_t length, int *whole)
{
	struct extmgr__sql_lexer lexer;
	struct extmgr__sql_token token;
	size_t placeholders = 0;
	size_t end = 0;

	*whole = 1;
	extmgr__sql_lexer_init(&lexer, dialect, sql, length);
	while ((token = extmgr__sql_lexer_next(&lexer)).kind != EXTMGR__SQL_END) {
		require(token.length > 0 && token.start >= end);
		require(token.length <= length - token.start);
		check_gap(sql, end, token.start);
		end = token.start + token.length;
		require(end == length ||
			(token.kind != EXTMGR__SQL_UNTERMINATED && token.kind != EXTMGR__SQL_BODY));
		placeholders += token.kind == EXTMGR__SQL_PLACEHOLDER;
		*whole = token.kind != EXTMGR__SQL_UNTERMINATED;
	}
	check_gap(sql, end, length);
	return placeholders;
}

static void check_guard_and_rewrite(enum extmgr__dialect dialect, const char *sql, size_t length)
{
	extmgr_text *text = NULL;
	extmgr_text *again = NULL;
	enum extmgr__sql_class class_;
	extmgr_result guarded;
	size_t placeholders;
	size_t expected;
	size_t count;
	int whole;

	expected = check_tiles(dialect, sql, length, &whole);
	guarded = extmgr__sql_guard(dialect, sql, length, &class_, &placeholders, NULL);
	require(guarded != EXTMGR_OK || (whole && placeholders == expected));
	if (extmgr_sql_rewrite_placeholders(names[dialect], sql, length, EXTMGR_PLACEHOLDER_DOLLAR,
					    &count, &text, NULL) != EXTMGR_OK) {
		require(guarded != EXTMGR_OK);
		return;
	}
	require(whole && count == expected);
	require(extmgr_sql_rewrite_placeholders(names[dialect], sql, length,
						EXTMGR_PLACEHOLDER_QUESTION_MARK, &count, &again,
						NULL) == EXTMGR_OK);
	require(count == expected);
	extmgr_text_free(text);
	extmgr_text_free(again);
}

/* Behind a text that ends outside of everything, a literal is a literal. */
static void check_mask(enum extmgr__dialect dialect, const char *sql, size_t length)
{
	struct extmgr__buffer text = EXTMGR__BUFFER((size_t)4 << 20);
	struct extmgr__buffer masked = EXTMGR__BUFFER((size_t)4 << 20);
	struct extmgr__secrets *secrets = extmgr__secrets_new();
	int whole;

	require(secrets &&
		extmgr__secrets_add(secrets, sentinel, sizeof(sentinel) - 1) == EXTMGR_OK);
	check_tiles(dialect, sql, length, &whole);
	if (whole && !extmgr__secrets_found_in(secrets, sql, length)) {
		extmgr__buffer_append(&text, sql, length);
		extmgr__buffer_puts(&text, "\n , 'se\"n''ti\\nel'");
		require(extmgr__secrets_found_in(secrets, text.data, text.length));
		extmgr__sql_mask(dialect, text.data, text.length, &masked);
		require(extmgr__buffer_result(&masked) == EXTMGR_OK);
		require(!extmgr__secrets_found_in(secrets, masked.data, masked.length));
	}
	extmgr__buffer_clear(&masked);
	extmgr__sql_mask(dialect, sql, length, &masked);
	extmgr__buffer_free(&text);
	extmgr__buffer_free(&masked);
	extmgr__secrets_free(secrets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of the exact size: reading behind the end is seen by a sanitizer. */
	char *sql = malloc(size ? size : 1);

	require(sql != NULL);
	if (size)
		memcpy(sql, data, size);
	for (int dialect = EXTMGR__DIALECT_SQLITE; dialect <= EXTMGR__DIALECT_OTHER; dialect++) {
		check_guard_and_rewrite((enum extmgr__dialect)dialect, sql, size);
		check_mask((enum extmgr__dialect)dialect, sql, size);
	}
	free(sql);
	return 0;
}
