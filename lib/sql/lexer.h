/* SPDX-License-Identifier: MIT */
/*
 * Splits one SQL text into tokens, by dialect: strings ('', E'', U&'', $tag$, x''), quoted names,
 * comments (nested in PostgreSQL), words, numbers, placeholders, operators. Between tokens is
 * nothing but white space. Never fails on hostile input: what does not end is a token of kind
 * EXTMGR__SQL_UNTERMINATED that reaches to the end.
 */
#ifndef EXTMGR_SQL_LEXER_H
#define EXTMGR_SQL_LEXER_H

#include "sql/dialect.h"

#include <stdbool.h>
#include <stddef.h>

enum extmgr__sql_kind {
	EXTMGR__SQL_END,
	EXTMGR__SQL_WORD,        /* unquoted name or keyword */
	EXTMGR__SQL_QUOTED_NAME, /* "x", [x] and `x` in sqlite */
	EXTMGR__SQL_STRING,      /* 'x', E'x', U&'x', x'00', $tag$x$tag$ */
	EXTMGR__SQL_NUMBER,
	EXTMGR__SQL_PLACEHOLDER,  /* ? */
	EXTMGR__SQL_LITERAL_MARK, /* ?? */
	EXTMGR__SQL_COMMENT,
	EXTMGR__SQL_SEMICOLON,
	EXTMGR__SQL_OPERATOR, /* one byte of anything else */
	EXTMGR__SQL_BODY, /* exasol: the body of CREATE ... SCRIPT ... AS, to the end of the text */
	EXTMGR__SQL_UNTERMINATED
};

struct extmgr__sql_token {
	enum extmgr__sql_kind kind;
	size_t start; /* bytes from the begin of the text */
	size_t length;
};

struct extmgr__sql_lexer {
	enum extmgr__dialect dialect;
	const char *sql;
	size_t length;
	size_t position;
	int state;    /* of the lexer's own: how far CREATE ... SCRIPT ... AS has come */
	size_t depth; /* of the lexer's own: open parentheses before that AS */
};

void extmgr__sql_lexer_init(struct extmgr__sql_lexer *lexer, enum extmgr__dialect dialect,
			    const char *sql, size_t length);
struct extmgr__sql_token extmgr__sql_lexer_next(struct extmgr__sql_lexer *lexer);
/* Whether a token is this unquoted word; ASCII, any case on both sides, whatever the locale. */
bool extmgr__sql_token_is(const char *sql, struct extmgr__sql_token token, const char *word);
/* Bytes that only separate tokens, in every dialect: TAB, LF, VT, FF, CR, space. */
bool extmgr__sql_is_space(char byte);
/* Bytes that may follow the first one of a word. */
bool extmgr__sql_is_word(char byte);

#endif
