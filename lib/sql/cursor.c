/* SPDX-License-Identifier: MIT */
#include "sql/cursor.h"

#include <string.h>

/* Longest word in the tables of the guard, with NUL. */
#define WORD_SIZE 32

void extmgr__sql_cursor_next(struct extmgr__sql_cursor *cursor)
{
	if (extmgr__sql_cursor_is_operator(cursor, '('))
		cursor->depth++;
	do {
		cursor->token = extmgr__sql_lexer_next(&cursor->lexer);
	} while (cursor->token.kind == EXTMGR__SQL_COMMENT);
	if (cursor->depth > 0 && extmgr__sql_cursor_is_operator(cursor, ')'))
		cursor->depth--;
}

void extmgr__sql_cursor_init(struct extmgr__sql_cursor *cursor, enum extmgr__dialect dialect,
			     const char *sql, size_t length)
{
	*cursor = (struct extmgr__sql_cursor){0};
	extmgr__sql_lexer_init(&cursor->lexer, dialect, sql, length);
	extmgr__sql_cursor_next(cursor);
}

bool extmgr__sql_cursor_is(const struct extmgr__sql_cursor *cursor, const char *word)
{
	return extmgr__sql_token_is(cursor->lexer.sql, cursor->token, word);
}

bool extmgr__sql_cursor_is_operator(const struct extmgr__sql_cursor *cursor, char operator_)
{
	return cursor->token.kind == EXTMGR__SQL_OPERATOR &&
	       cursor->lexer.sql[cursor->token.start] == operator_;
}

bool extmgr__sql_cursor_at_end(const struct extmgr__sql_cursor *cursor)
{
	return cursor->token.kind == EXTMGR__SQL_END || cursor->token.kind == EXTMGR__SQL_SEMICOLON;
}

bool extmgr__sql_cursor_accept(struct extmgr__sql_cursor *cursor, const char *word)
{
	if (!extmgr__sql_cursor_is(cursor, word))
		return false;
	extmgr__sql_cursor_next(cursor);
	return true;
}

bool extmgr__sql_cursor_accept_all(struct extmgr__sql_cursor *cursor, const char *words)
{
	struct extmgr__sql_cursor ahead = *cursor;
	char word[WORD_SIZE];

	while (*words) {
		size_t length = strcspn(words, " ");

		if (length >= sizeof(word))
			return false;
		memcpy(word, words, length);
		word[length] = '\0';
		if (!extmgr__sql_cursor_accept(&ahead, word))
			return false;
		words += length + (words[length] == ' ');
	}
	*cursor = ahead;
	return true;
}

void extmgr__sql_cursor_skip_group(struct extmgr__sql_cursor *cursor)
{
	size_t depth = cursor->depth;

	if (!extmgr__sql_cursor_is_operator(cursor, '('))
		return;
	do {
		extmgr__sql_cursor_next(cursor);
	} while (!extmgr__sql_cursor_at_end(cursor) && cursor->depth > depth);
	if (extmgr__sql_cursor_is_operator(cursor, ')'))
		extmgr__sql_cursor_next(cursor);
}

bool extmgr__sql_cursor_spells(const struct extmgr__sql_cursor *cursor, const char *name)
{
	struct extmgr__sql_token token = cursor->token;

	if (token.kind == EXTMGR__SQL_QUOTED_NAME || token.kind == EXTMGR__SQL_STRING) {
		/* Names of the tables hold no quotes, so none has to be undoubled. */
		if (token.length < 2)
			return false;
		token.start++;
		token.length -= 2;
		token.kind = EXTMGR__SQL_WORD;
	}
	return extmgr__sql_token_is(cursor->lexer.sql, token, name);
}
