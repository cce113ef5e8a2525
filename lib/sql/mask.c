/* SPDX-License-Identifier: MIT */
#include "sql/mask.h"

#include "sql/lexer.h"

#include <string.h>

/* Whether nothing behind this token can be trusted to be no part of a string. */
static bool hides_rest(enum extmgr__dialect dialect, const char *sql,
		       struct extmgr__sql_token token)
{
	switch (token.kind) {
	case EXTMGR__SQL_UNTERMINATED:
	case EXTMGR__SQL_BODY:
		return true;
	case EXTMGR__SQL_WORD:
		/* exasol: IDENTIFIED BY "password" is a quoted name. */
		return extmgr__sql_token_is(sql, token, "identified");
	case EXTMGR__SQL_STRING:
		/* Some databases escape with backslashes: their string may go on. */
		return dialect == EXTMGR__DIALECT_OTHER &&
		       memchr(sql + token.start, '\\', token.length) != NULL;
	default:
		return false;
	}
}

static void append_token(struct extmgr__buffer *buffer, const char *sql,
			 struct extmgr__sql_token token)
{
	switch (token.kind) {
	case EXTMGR__SQL_STRING:
		extmgr__buffer_puts(buffer, "'***'");
		break;
	case EXTMGR__SQL_COMMENT:
		extmgr__buffer_putc(buffer, ' ');
		break;
	case EXTMGR__SQL_UNTERMINATED:
	case EXTMGR__SQL_BODY:
		break;
	default:
		extmgr__buffer_append(buffer, sql + token.start, token.length);
		break;
	}
}

void extmgr__sql_mask(enum extmgr__dialect dialect, const char *sql, size_t length,
		      struct extmgr__buffer *buffer)
{
	struct extmgr__sql_lexer lexer;
	struct extmgr__sql_token token;
	size_t end = 0;

	extmgr__sql_lexer_init(&lexer, dialect, sql, length);
	do {
		token = extmgr__sql_lexer_next(&lexer);
		extmgr__buffer_append(buffer, sql + end, token.start - end); /* white space */
		append_token(buffer, sql, token);
		end = token.start + token.length;
		if (hides_rest(dialect, sql, token)) {
			extmgr__buffer_puts(
				buffer, token.kind == EXTMGR__SQL_UNTERMINATED ? "***" : " ***");
			return;
		}
	} while (token.kind != EXTMGR__SQL_END);
}
