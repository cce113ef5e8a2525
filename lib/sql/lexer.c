/* SPDX-License-Identifier: MIT */
/*
 * The lexer must cut a text exactly where the database cuts it: whoever finds a difference can hide
 * a second statement in what this file takes for a string. The sources of the rules are SQLite's
 * tokenize.c and PostgreSQL's scan.l (with standard_conforming_strings on; the guard refuses to
 * turn it off). No function of ctype.h is used: a host's locale must not change what a keyword is.
 */
#include "sql/lexer.h"

#include <stdint.h>
#include <string.h>

#define NO_END SIZE_MAX

/* How far the head of an exasol script has been read; see follow_script(). */
enum script_state {
	SCRIPT_NO_SCRIPT = 0, /* any other statement, and every other dialect */
	SCRIPT_START,
	SCRIPT_CREATE,
	SCRIPT_OR,
	SCRIPT_LANGUAGE,
	SCRIPT_LANGUAGE_LUA,
	SCRIPT_KIND,
	SCRIPT_SCRIPT,
	SCRIPT_NAMED,
	SCRIPT_BODY
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static char to_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_word_start(char byte)
{
	char lower = to_lower(byte);

	return (lower >= 'a' && lower <= 'z') || byte == '_' || (unsigned char)byte >= 0x80;
}

bool extmgr__sql_is_word(char byte)
{
	return is_word_start(byte) || is_digit(byte) || byte == '$';
}

bool extmgr__sql_is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* The byte at a position; NUL behind the end, which is no part of any token's begin. */
static char peek(const struct extmgr__sql_lexer *lexer, size_t at)
{
	return at < lexer->length ? lexer->sql[at] : '\0';
}

static bool starts(const struct extmgr__sql_lexer *lexer, size_t at, const char *text)
{
	size_t length = strlen(text);

	return at <= lexer->length && lexer->length - at >= length &&
	       memcmp(lexer->sql + at, text, length) == 0;
}

/* The end of a line comment, without its line end. */
static size_t line_comment_end(const struct extmgr__sql_lexer *lexer, size_t at)
{
	bool postgresql = lexer->dialect == EXTMGR__DIALECT_POSTGRESQL;

	while (at < lexer->length && lexer->sql[at] != '\n' &&
	       !(postgresql && lexer->sql[at] == '\r'))
		at++;
	return at;
}

static size_t block_comment_end(const struct extmgr__sql_lexer *lexer, size_t at)
{
	bool nests = lexer->dialect == EXTMGR__DIALECT_POSTGRESQL;
	size_t depth = 1;

	while (at < lexer->length) {
		if (starts(lexer, at, "*/")) {
			at += 2;
			if (--depth == 0)
				return at;
		} else if (nests && starts(lexer, at, "/*")) {
			at += 2;
			depth++;
		} else {
			at++;
		}
	}
	return NO_END;
}

/* at: behind the opening quote. */
static size_t quoted_end(const struct extmgr__sql_lexer *lexer, size_t at, char quote,
			 bool backslash)
{
	while (at < lexer->length) {
		if (backslash && lexer->sql[at] == '\\')
			at += 2;
		else if (lexer->sql[at] != quote)
			at++;
		else if (peek(lexer, at + 1) == quote)
			at += 2;
		else
			return at + 1;
	}
	return NO_END;
}

/*
 * PostgreSQL goes on with a string behind white space that holds a line end, and keeps its kind:
 * in E'a' LF '\'' the backslash still escapes. Answers the position behind the next opening quote,
 * NO_END when the string is over.
 */
static size_t string_continuation(const struct extmgr__sql_lexer *lexer, size_t at)
{
	bool line_ended = false;

	while (at < lexer->length) {
		if (extmgr__sql_is_space(lexer->sql[at])) {
			line_ended |= lexer->sql[at] == '\n' || lexer->sql[at] == '\r';
			at++;
		} else if (starts(lexer, at, "--")) {
			at = line_comment_end(lexer, at);
		} else {
			break;
		}
	}
	return line_ended && peek(lexer, at) == '\'' ? at + 1 : NO_END;
}

static size_t string_end(const struct extmgr__sql_lexer *lexer, size_t at, bool backslash)
{
	size_t end = quoted_end(lexer, at, '\'', backslash);

	if (lexer->dialect != EXTMGR__DIALECT_POSTGRESQL)
		return end;
	while (end != NO_END && (at = string_continuation(lexer, end)) != NO_END)
		end = quoted_end(lexer, at, '\'', backslash);
	return end;
}

/* SQLite's [x] knows no escape: it ends at the first bracket. */
static size_t bracket_end(const struct extmgr__sql_lexer *lexer, size_t at)
{
	const char *bracket = memchr(lexer->sql + at, ']', lexer->length - at);

	return bracket ? (size_t)(bracket - lexer->sql) + 1 : NO_END;
}

/* The length of $tag$ at a position, 0 when there is none. */
static size_t dollar_tag_length(const struct extmgr__sql_lexer *lexer, size_t at)
{
	size_t end = at + 1;

	if (is_word_start(peek(lexer, end))) {
		while (is_word_start(peek(lexer, end)) || is_digit(peek(lexer, end)))
			end++;
	}
	return peek(lexer, end) == '$' ? end + 1 - at : 0;
}

static size_t dollar_end(const struct extmgr__sql_lexer *lexer, size_t at, size_t tag_length)
{
	const char *tag = lexer->sql + at;
	const char *body = tag + tag_length;
	const char *end = memmem(body, lexer->length - at - tag_length, tag, tag_length);

	return end ? (size_t)(end - lexer->sql) + tag_length : NO_END;
}

/* The token from start to end, or to the end of the text when it does not end. */
static struct extmgr__sql_token make_token(struct extmgr__sql_lexer *lexer,
					   enum extmgr__sql_kind kind, size_t start, size_t end)
{
	if (end == NO_END) {
		kind = EXTMGR__SQL_UNTERMINATED;
		end = lexer->length;
	}
	lexer->position = end;
	return (struct extmgr__sql_token){.kind = kind, .start = start, .length = end - start};
}

/* Strings and names with letters before the quote. False when a plain word starts here. */
static bool prefixed_token(struct extmgr__sql_lexer *lexer, size_t at,
			   struct extmgr__sql_token *token)
{
	char letter = to_lower(lexer->sql[at]);
	bool sqlite = lexer->dialect == EXTMGR__DIALECT_SQLITE;
	bool postgresql = lexer->dialect == EXTMGR__DIALECT_POSTGRESQL;

	if (lexer->dialect == EXTMGR__DIALECT_EXASOL)
		return false;
	if (letter == 'u' && !sqlite && starts(lexer, at + 1, "&'")) {
		*token =
			make_token(lexer, EXTMGR__SQL_STRING, at, string_end(lexer, at + 3, false));
		return true;
	}
	if (letter == 'u' && !sqlite && starts(lexer, at + 1, "&\"")) {
		*token = make_token(lexer, EXTMGR__SQL_QUOTED_NAME, at,
				    quoted_end(lexer, at + 3, '"', false));
		return true;
	}
	if (peek(lexer, at + 1) != '\'')
		return false;
	if (letter != 'x' && (sqlite || (letter != 'b' && letter != 'n' && letter != 'e')))
		return false;
	*token = make_token(lexer, EXTMGR__SQL_STRING, at,
			    string_end(lexer, at + 2, postgresql && letter == 'e'));
	return true;
}

static struct extmgr__sql_token word_token(struct extmgr__sql_lexer *lexer, size_t at)
{
	struct extmgr__sql_token token;
	size_t end = at;

	if (prefixed_token(lexer, at, &token))
		return token;
	while (end < lexer->length && extmgr__sql_is_word(lexer->sql[end]))
		end++;
	return make_token(lexer, EXTMGR__SQL_WORD, at, end);
}

static struct extmgr__sql_token number_token(struct extmgr__sql_lexer *lexer, size_t at)
{
	size_t end = at + 1;

	while (is_digit(peek(lexer, end)) || peek(lexer, end) == '.' ||
	       (is_word_start(peek(lexer, end)) && (unsigned char)peek(lexer, end) < 0x80))
		end++;
	return make_token(lexer, EXTMGR__SQL_NUMBER, at, end);
}

/* $tag$ strings and $1, both PostgreSQL only; elsewhere an operator. */
static struct extmgr__sql_token dollar_token(struct extmgr__sql_lexer *lexer, size_t at)
{
	size_t tag_length;

	if (lexer->dialect == EXTMGR__DIALECT_POSTGRESQL) {
		tag_length = dollar_tag_length(lexer, at);
		if (tag_length)
			return make_token(lexer, EXTMGR__SQL_STRING, at,
					  dollar_end(lexer, at, tag_length));
		if (is_digit(peek(lexer, at + 1)))
			return number_token(lexer, at);
	}
	return make_token(lexer, EXTMGR__SQL_OPERATOR, at, at + 1);
}

static struct extmgr__sql_token quoted_token(struct extmgr__sql_lexer *lexer, size_t at)
{
	char quote = lexer->sql[at];
	bool backtick =
		lexer->dialect == EXTMGR__DIALECT_SQLITE || lexer->dialect == EXTMGR__DIALECT_OTHER;

	if (quote == '\'')
		return make_token(lexer, EXTMGR__SQL_STRING, at, string_end(lexer, at + 1, false));
	if (quote == '"' || (quote == '`' && backtick))
		return make_token(lexer, EXTMGR__SQL_QUOTED_NAME, at,
				  quoted_end(lexer, at + 1, quote, false));
	if (quote == '[' && lexer->dialect == EXTMGR__DIALECT_SQLITE)
		return make_token(lexer, EXTMGR__SQL_QUOTED_NAME, at, bracket_end(lexer, at + 1));
	return make_token(lexer, EXTMGR__SQL_OPERATOR, at, at + 1);
}

static struct extmgr__sql_token read_token(struct extmgr__sql_lexer *lexer, size_t at)
{
	char byte = lexer->sql[at];

	if (starts(lexer, at, "--"))
		return make_token(lexer, EXTMGR__SQL_COMMENT, at, line_comment_end(lexer, at));
	if (starts(lexer, at, "/*"))
		return make_token(lexer, EXTMGR__SQL_COMMENT, at, block_comment_end(lexer, at + 2));
	if (is_word_start(byte))
		return word_token(lexer, at);
	if (is_digit(byte) || (byte == '.' && is_digit(peek(lexer, at + 1))))
		return number_token(lexer, at);
	if (starts(lexer, at, "??"))
		return make_token(lexer, EXTMGR__SQL_LITERAL_MARK, at, at + 2);
	switch (byte) {
	case '?':
		return make_token(lexer, EXTMGR__SQL_PLACEHOLDER, at, at + 1);
	case ';':
		return make_token(lexer, EXTMGR__SQL_SEMICOLON, at, at + 1);
	case '$':
		return dollar_token(lexer, at);
	default:
		return quoted_token(lexer, at);
	}
}

static int follow_create(const char *sql, struct extmgr__sql_token token)
{
	if (extmgr__sql_token_is(sql, token, "or"))
		return SCRIPT_OR;
	if (extmgr__sql_token_is(sql, token, "script"))
		return SCRIPT_SCRIPT;
	if (extmgr__sql_token_is(sql, token, "lua"))
		return SCRIPT_LANGUAGE_LUA;
	return token.kind == EXTMGR__SQL_WORD ? SCRIPT_LANGUAGE : SCRIPT_NO_SCRIPT;
}

static bool is_script_kind(const char *sql, struct extmgr__sql_token token)
{
	return extmgr__sql_token_is(sql, token, "scalar") ||
	       extmgr__sql_token_is(sql, token, "set") ||
	       extmgr__sql_token_is(sql, token, "adapter");
}

static int follow_name(struct extmgr__sql_lexer *lexer, struct extmgr__sql_token token)
{
	if (token.kind == EXTMGR__SQL_SEMICOLON)
		return SCRIPT_NO_SCRIPT;
	if (lexer->sql[token.start] == '(')
		lexer->depth++;
	else if (lexer->sql[token.start] == ')' && lexer->depth > 0)
		lexer->depth--;
	else if (lexer->depth == 0 && extmgr__sql_token_is(lexer->sql, token, "as"))
		return SCRIPT_BODY;
	return SCRIPT_NAMED;
}

/*
 * CREATE [OR REPLACE] [language {SCALAR | SET | ADAPTER}] SCRIPT name ... AS, and nothing that only
 * looks like it: behind CREATE TABLE script AS a second statement must still be seen.
 */
static int follow_script(struct extmgr__sql_lexer *lexer, struct extmgr__sql_token token)
{
	const char *sql = lexer->sql;

	switch (lexer->state) {
	case SCRIPT_START:
		return extmgr__sql_token_is(sql, token, "create") ? SCRIPT_CREATE
								  : SCRIPT_NO_SCRIPT;
	case SCRIPT_CREATE:
		return follow_create(sql, token);
	case SCRIPT_OR:
		return extmgr__sql_token_is(sql, token, "replace") ? SCRIPT_CREATE
								   : SCRIPT_NO_SCRIPT;
	case SCRIPT_LANGUAGE_LUA:
		if (extmgr__sql_token_is(sql, token, "script"))
			return SCRIPT_SCRIPT;
		return is_script_kind(sql, token) ? SCRIPT_KIND : SCRIPT_NO_SCRIPT;
	case SCRIPT_LANGUAGE:
		return is_script_kind(sql, token) ? SCRIPT_KIND : SCRIPT_NO_SCRIPT;
	case SCRIPT_KIND:
		return extmgr__sql_token_is(sql, token, "script") ? SCRIPT_SCRIPT
								  : SCRIPT_NO_SCRIPT;
	case SCRIPT_SCRIPT:
		if (token.kind == EXTMGR__SQL_QUOTED_NAME)
			return SCRIPT_NAMED;
		return token.kind == EXTMGR__SQL_WORD && !extmgr__sql_token_is(sql, token, "as")
			       ? SCRIPT_NAMED
			       : SCRIPT_NO_SCRIPT;
	case SCRIPT_NAMED:
		return follow_name(lexer, token);
	default:
		return SCRIPT_NO_SCRIPT;
	}
}

void extmgr__sql_lexer_init(struct extmgr__sql_lexer *lexer, enum extmgr__dialect dialect,
			    const char *sql, size_t length)
{
	*lexer = (struct extmgr__sql_lexer){
		.dialect = dialect,
		.sql = sql,
		.length = length,
		.state = dialect == EXTMGR__DIALECT_EXASOL ? SCRIPT_START : SCRIPT_NO_SCRIPT,
	};
}

struct extmgr__sql_token extmgr__sql_lexer_next(struct extmgr__sql_lexer *lexer)
{
	struct extmgr__sql_token token;

	if (lexer->state == SCRIPT_BODY && lexer->position < lexer->length)
		return make_token(lexer, EXTMGR__SQL_BODY, lexer->position, lexer->length);
	while (lexer->position < lexer->length && extmgr__sql_is_space(lexer->sql[lexer->position]))
		lexer->position++;
	if (lexer->position >= lexer->length)
		return make_token(lexer, EXTMGR__SQL_END, lexer->length, lexer->length);
	token = read_token(lexer, lexer->position);
	if (lexer->state != SCRIPT_NO_SCRIPT && token.kind != EXTMGR__SQL_COMMENT)
		lexer->state = follow_script(lexer, token);
	return token;
}

bool extmgr__sql_token_is(const char *sql, struct extmgr__sql_token token, const char *word)
{
	if (token.kind != EXTMGR__SQL_WORD || strlen(word) != token.length)
		return false;
	for (size_t i = 0; i < token.length; i++) {
		if (to_lower(sql[token.start + i]) != to_lower(word[i]))
			return false;
	}
	return true;
}
