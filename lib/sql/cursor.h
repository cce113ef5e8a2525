/* SPDX-License-Identifier: MIT */
/*
 * Walks the tokens of a statement that mean something: comments are skipped, parentheses counted.
 * A cursor is a value: a copy looks ahead.
 */
#ifndef EXTMGR_SQL_CURSOR_H
#define EXTMGR_SQL_CURSOR_H

#include "sql/lexer.h"

struct extmgr__sql_cursor {
	struct extmgr__sql_lexer lexer;
	struct extmgr__sql_token token; /* the current one */
	size_t depth;                   /* of the token; a parenthesis is outside itself */
};

/* Stands on the first token. */
void extmgr__sql_cursor_init(struct extmgr__sql_cursor *cursor, enum extmgr__dialect dialect,
			     const char *sql, size_t length);
void extmgr__sql_cursor_next(struct extmgr__sql_cursor *cursor);
/* Whether it stands on this unquoted word, on this operator. */
bool extmgr__sql_cursor_is(const struct extmgr__sql_cursor *cursor, const char *word);
bool extmgr__sql_cursor_is_operator(const struct extmgr__sql_cursor *cursor, char operator_);
/* At the end of the text or on a semicolon. */
bool extmgr__sql_cursor_at_end(const struct extmgr__sql_cursor *cursor);
/* Goes behind the word if it stands on it. */
bool extmgr__sql_cursor_accept(struct extmgr__sql_cursor *cursor, const char *word);
/* Goes behind several words, with one blank between them, or stays. */
bool extmgr__sql_cursor_accept_all(struct extmgr__sql_cursor *cursor, const char *words);
/* Goes behind a group in parentheses if it stands on one; a semicolon ends it too. */
void extmgr__sql_cursor_skip_group(struct extmgr__sql_cursor *cursor);
/* Whether the current token, a word or in any quotes, spells this name (ASCII, any case). */
bool extmgr__sql_cursor_spells(const struct extmgr__sql_cursor *cursor, const char *name);

#endif
