/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"

#include <extmgr/database.h>

#include <string.h>

struct rewriter {
	struct extmgr__sql_lexer lexer;
	struct extmgr__buffer buffer;
	size_t copied; /* bytes of the statement that are in the buffer */
	size_t count;
	uint32_t style;
};

/*
 * "AND?" must not become the name "AND$1", nor "?FROM" become "$1FROM": a blank keeps them apart.
 */
static void append_dollar(struct rewriter *rewriter, struct extmgr__sql_token token)
{
	const char *sql = rewriter->lexer.sql;
	size_t end = token.start + token.length;

	if (token.start > 0 && extmgr__sql_is_word(sql[token.start - 1]))
		extmgr__buffer_putc(&rewriter->buffer, ' ');
	extmgr__buffer_printf(&rewriter->buffer, "$%zu", rewriter->count);
	if (end < rewriter->lexer.length && extmgr__sql_is_word(sql[end]))
		extmgr__buffer_putc(&rewriter->buffer, ' ');
}

static void rewrite_token(struct rewriter *rewriter, struct extmgr__sql_token token)
{
	extmgr__buffer_append(&rewriter->buffer, rewriter->lexer.sql + rewriter->copied,
			      token.start - rewriter->copied);
	rewriter->copied = token.start + token.length;
	if (token.kind == EXTMGR__SQL_PLACEHOLDER)
		rewriter->count++;
	if (token.kind == EXTMGR__SQL_PLACEHOLDER && rewriter->style == EXTMGR_PLACEHOLDER_DOLLAR)
		append_dollar(rewriter, token);
	else
		extmgr__buffer_putc(&rewriter->buffer, '?');
}

static bool is_numbered(const struct extmgr__sql_lexer *lexer, struct extmgr__sql_token token)
{
	size_t end = token.start + token.length;

	return token.kind == EXTMGR__SQL_PLACEHOLDER && end < lexer->length &&
	       lexer->sql[end] >= '0' && lexer->sql[end] <= '9';
}

static extmgr_result rewrite(struct rewriter *rewriter, extmgr_error **error)
{
	struct extmgr__sql_token token;

	do {
		token = extmgr__sql_lexer_next(&rewriter->lexer);
		if (token.kind == EXTMGR__SQL_UNTERMINATED)
			return extmgr__error_set(error, EXTMGR_E_STATEMENT_MALFORMED,
						 "statement has a string, quoted name or comment "
						 "that does not end");
		if (is_numbered(&rewriter->lexer, token))
			return extmgr__error_set(error, EXTMGR_E_STATEMENT_MALFORMED,
						 "statement has a numbered placeholder, only ? is "
						 "known");
		if (token.kind == EXTMGR__SQL_PLACEHOLDER || token.kind == EXTMGR__SQL_LITERAL_MARK)
			rewrite_token(rewriter, token);
	} while (token.kind != EXTMGR__SQL_END);
	extmgr__buffer_append(&rewriter->buffer, rewriter->lexer.sql + rewriter->copied,
			      rewriter->lexer.length - rewriter->copied);
	return EXTMGR_OK;
}

static extmgr_result check_arguments(const char *dialect, const char *sql, size_t length,
				     uint32_t style, extmgr_error **error)
{
	if (!dialect || !sql)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "dialect and statement must not be NULL");
	if (style != EXTMGR_PLACEHOLDER_QUESTION_MARK && style != EXTMGR_PLACEHOLDER_DOLLAR)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "unknown style of placeholders: %u", (unsigned)style);
	if (length > EXTMGR__DOCUMENT_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "statement has more than %zu bytes",
					 EXTMGR__DOCUMENT_MAXIMUM);
	if (memchr(sql, '\0', length))
		return extmgr__error_set(error, EXTMGR_E_STATEMENT_MALFORMED,
					 "statement has a NUL byte");
	if (!extmgr__utf8_is_valid(sql, length))
		return extmgr__error_set(error, EXTMGR_E_STATEMENT_MALFORMED,
					 "statement is not valid UTF-8");
	return EXTMGR_OK;
}

extmgr_result extmgr_sql_rewrite_placeholders(const char *dialect, const char *sql, size_t length,
					      uint32_t style, size_t *count_out,
					      extmgr_text **text_out, extmgr_error **error_out)
{
	struct rewriter rewriter = {.buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
				    .style = style};
	extmgr_text *text = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (count_out)
		*count_out = 0;
	if (!text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "text_out must not be NULL");
	*text_out = NULL;
	result = check_arguments(dialect, sql, length, style, error_out);
	if (result != EXTMGR_OK)
		return result;
	extmgr__sql_lexer_init(&rewriter.lexer, extmgr__dialect_of(dialect), sql, length);
	result = rewrite(&rewriter, error_out);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&rewriter.buffer);
		return result;
	}
	text = extmgr__buffer_take_text(&rewriter.buffer, &result);
	if (result == EXTMGR_E_TOO_LARGE)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "statement has too many placeholders");
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error_out, result, "statement");
	if (count_out)
		*count_out = rewriter.count;
	*text_out = text;
	return EXTMGR_OK;
}
