/* SPDX-License-Identifier: MIT */
/*
 * The guard: is the text one statement, may it be run, what is it? Messages name commands from the
 * tables of guard_rules.h, never a part of the text: that may be a secret.
 */
#include "sql/guard.h"

#include "base/text.h"
#include "sql/guard_rules.h"

#include <string.h>

/* The longest text that is quoted as the reference quotes it: COMMIT and blanks around it. */
#define QUOTED_MAXIMUM 200
/* The longest [name], in bytes. */
#define BRACKET_MAXIMUM 1024

/* Where a body, within which semicolons are no end, begins in a CREATE statement. */
enum body {
	BODY_NONE,
	BODY_BEGIN,        /* sqlite: CREATE TRIGGER ... BEGIN */
	BODY_BEGIN_ATOMIC, /* CREATE FUNCTION ... BEGIN ATOMIC */
	BODY_RETURN, /* exasol: CREATE FUNCTION ... RETURN type, then declarations and BEGIN */
	BODY_GROUP,  /* postgresql: CREATE RULE ... DO (one; two) */
	BODY_INSIDE
};

/* The statements of a text as they are counted. */
struct structure {
	struct extmgr__sql_cursor first; /* the first token of the first statement */
	enum body body;
	bool at_start; /* the next token begins a statement, of the text or of a body */
	bool started;
	bool ended;
	bool leading_semicolon;
	size_t placeholders;
};

static extmgr_result malformed(extmgr_error **error, const char *why)
{
	return extmgr__error_set(error, EXTMGR_E_STATEMENT_MALFORMED, "statement %s", why);
}

static extmgr_result multiple(extmgr_error **error)
{
	extmgr_result code = extmgr__error_set(error, EXTMGR_E_STATEMENT_MULTIPLE,
					       "text has more than one statement");

	extmgr__error_hint(error, "send one statement a call");
	return code;
}

static extmgr_result refuse(extmgr_error **error, struct extmgr__sql_refusal refusal)
{
	if (refusal.code == EXTMGR_OK)
		return EXTMGR_OK;
	extmgr__error_set(error, refusal.code, "%s is %s: %s", refusal.what,
			  refusal.code == EXTMGR_E_STATEMENT_FORBIDDEN ? "forbidden" : "refused",
			  refusal.why);
	if (refusal.hint)
		extmgr__error_hint(error, "%s", refusal.hint);
	return refusal.code;
}

static bool is_trimmed(char byte)
{
	return byte == '\t' || byte == '\r' || byte == '\n' || byte == ' ' || byte == ';';
}

/* As Go's %q writes the few bytes that such a text can hold. */
static void append_quoted(struct extmgr__buffer *buffer, const char *sql, size_t length)
{
	extmgr__buffer_putc(buffer, '"');
	for (size_t i = 0; i < length; i++) {
		if (sql[i] == '\t')
			extmgr__buffer_puts(buffer, "\\t");
		else if (sql[i] == '\r')
			extmgr__buffer_puts(buffer, "\\r");
		else if (sql[i] == '\n')
			extmgr__buffer_puts(buffer, "\\n");
		else
			extmgr__buffer_putc(buffer, sql[i]);
	}
	extmgr__buffer_putc(buffer, '"');
}

/* What the reference system refuses, with its message: clients know it. */
static extmgr_result refuse_as_reference(const char *sql, size_t length, extmgr_error **error)
{
	static const char *const commands[] = {"commit", "rollback"};
	struct extmgr__buffer quoted = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct extmgr__sql_token token = {EXTMGR__SQL_WORD, 0, length};
	extmgr_result result = EXTMGR_OK;

	if (length > QUOTED_MAXIMUM)
		return EXTMGR_OK; /* the rules below refuse it in their own words */
	while (token.length > 0 && is_trimmed(sql[token.start + token.length - 1]))
		token.length--;
	while (token.length > 0 && is_trimmed(sql[token.start]))
		token.start++, token.length--;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!extmgr__sql_token_is(sql, token, commands[i]))
			continue;
		append_quoted(&quoted, sql, length);
		result = extmgr__error_set(error, EXTMGR_E_STATEMENT_FORBIDDEN,
					   "statement %s contains forbidden command \"%s\". "
					   "Transaction handling is done by extension manager",
					   extmgr__buffer_get(&quoted), commands[i]);
	}
	extmgr__buffer_free(&quoted);
	return result;
}

/* Which body this CREATE may have; the cursor is a copy. */
static enum body expected_body(struct extmgr__sql_cursor cursor)
{
	enum extmgr__dialect dialect = cursor.lexer.dialect;
	bool postgresql = dialect == EXTMGR__DIALECT_POSTGRESQL;

	extmgr__sql_skip_explain(&cursor);
	if (!extmgr__sql_cursor_accept(&cursor, "CREATE"))
		return BODY_NONE;
	extmgr__sql_cursor_accept_all(&cursor, "OR REPLACE");
	if (dialect != EXTMGR__DIALECT_POSTGRESQL && dialect != EXTMGR__DIALECT_EXASOL) {
		if (!extmgr__sql_cursor_accept(&cursor, "TEMP"))
			extmgr__sql_cursor_accept(&cursor, "TEMPORARY");
		if (extmgr__sql_cursor_is(&cursor, "TRIGGER"))
			return BODY_BEGIN;
	}
	if (postgresql && extmgr__sql_cursor_is(&cursor, "RULE"))
		return BODY_GROUP;
	if (!extmgr__sql_cursor_is(&cursor, "FUNCTION") &&
	    !extmgr__sql_cursor_is(&cursor, "PROCEDURE"))
		return BODY_NONE;
	switch (dialect) {
	case EXTMGR__DIALECT_SQLITE:
		return BODY_NONE;
	case EXTMGR__DIALECT_EXASOL:
		return BODY_RETURN;
	default:
		return BODY_BEGIN_ATOMIC;
	}
}

/*
 * Enters the body if it begins with this token. A body taken for begun too early would hide the end
 * of the statement, so only depth 0 counts: CREATE FUNCTION f(begin atomic) has no body there. (For
 * sqlite a trigger named begin does no harm: no trigger ends before its real BEGIN.)
 */
static void open_body(struct structure *structure, const struct extmgr__sql_cursor *cursor)
{
	struct extmgr__sql_cursor ahead = *cursor;
	bool opens = false;

	if (cursor->depth > 0)
		return;
	if (structure->body == BODY_BEGIN)
		opens = extmgr__sql_cursor_is(cursor, "BEGIN");
	else if (structure->body == BODY_BEGIN_ATOMIC)
		opens = extmgr__sql_cursor_accept_all(&ahead, "BEGIN ATOMIC");
	else if (structure->body == BODY_RETURN)
		opens = extmgr__sql_cursor_is(cursor, "RETURN");
	if (!opens)
		return;
	structure->at_start = structure->body != BODY_RETURN;
	structure->body = BODY_INSIDE;
}

/*
 * The END of a body stands where a statement could begin, the END of a CASE never does. Exasol's
 * functions have END IF, END LOOP, END FOR and END WHILE in the same place.
 */
static bool closes_body(struct extmgr__sql_cursor cursor)
{
	static const char *const blocks[] = {"IF", "LOOP", "FOR", "WHILE"};
	bool exasol = cursor.lexer.dialect == EXTMGR__DIALECT_EXASOL;

	if (!extmgr__sql_cursor_accept(&cursor, "END"))
		return false;
	for (size_t i = 0; exasol && i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (extmgr__sql_cursor_is(&cursor, blocks[i]))
			return false;
	}
	return true;
}

static extmgr_result begin_body_statement(struct structure *structure,
					  const struct extmgr__sql_cursor *cursor,
					  extmgr_error **error)
{
	enum extmgr__dialect dialect = cursor->lexer.dialect;

	if (closes_body(*cursor)) {
		structure->body = BODY_NONE;
		return EXTMGR_OK;
	}
	/* Behind the first BEGIN comes ATOMIC, or the real BEGIN of a trigger on a table begin. */
	if (extmgr__sql_cursor_is(cursor, "ATOMIC") ||
	    (dialect == EXTMGR__DIALECT_SQLITE && extmgr__sql_cursor_is(cursor, "BEGIN"))) {
		structure->at_start = true;
		return EXTMGR_OK;
	}
	/* In exasol's functions these are a matter of blocks. */
	if (dialect == EXTMGR__DIALECT_EXASOL &&
	    (extmgr__sql_cursor_is(cursor, "BEGIN") || extmgr__sql_cursor_is(cursor, "END")))
		return EXTMGR_OK;
	return refuse(error, extmgr__sql_refuse_command(cursor));
}

static extmgr_result begin_statement(struct structure *structure,
				     const struct extmgr__sql_cursor *cursor, extmgr_error **error)
{
	extmgr_result result;

	structure->at_start = false;
	if (structure->started)
		return begin_body_statement(structure, cursor, error);
	if (cursor->token.kind != EXTMGR__SQL_WORD && !extmgr__sql_cursor_is_operator(cursor, '('))
		return malformed(error, "does not begin with a command");
	structure->started = true;
	structure->first = *cursor;
	structure->body = expected_body(*cursor);
	result = refuse(error, extmgr__sql_refuse_command(cursor));
	if (result != EXTMGR_OK)
		return result;
	return structure->leading_semicolon ? multiple(error) : EXTMGR_OK;
}

static void take_semicolon(struct structure *structure, size_t depth)
{
	if (!structure->started)
		structure->leading_semicolon = true;
	else if (structure->body == BODY_INSIDE || (structure->body == BODY_GROUP && depth > 0))
		structure->at_start = true;
	else
		structure->ended = true;
}

/* White space and other characters outside strings that databases read differently, or skip. */
static bool has_odd_character(const char *sql, struct extmgr__sql_token token)
{
	size_t offset = token.start;

	while (offset < token.start + token.length) {
		int32_t point = extmgr__utf8_next(sql, token.start + token.length, &offset);

		if (point < 0x20 || point == 0x7f || (point >= 0x80 && point <= 0xa0) ||
		    point == 0xad || point == 0x1680 || point == 0x180e ||
		    (point >= 0x2000 && point <= 0x200f) || (point >= 0x2028 && point <= 0x202f) ||
		    (point >= 0x205f && point <= 0x206f) || point == 0x3000 || point == 0xfeff ||
		    (point >= 0xfff9 && point <= 0xfffd))
			return true;
	}
	return false;
}

static bool holds(const char *sql, struct extmgr__sql_token token, const char *text)
{
	return memmem(sql + token.start, token.length, text, strlen(text)) != NULL;
}

/*
 * Where [ is no quote to this lexer but may be one to the database. Names are short: a bracket that
 * is far away is not looked for, so that many of them cost no quadratic time.
 */
static bool is_bracket_risky(const struct extmgr__sql_cursor *cursor)
{
	struct extmgr__sql_token token = cursor->token;
	const char *sql = cursor->lexer.sql + token.start;
	size_t left = cursor->lexer.length - token.start;
	const char *end = memchr(sql, ']', left < BRACKET_MAXIMUM ? left : BRACKET_MAXIMUM);

	if (!end)
		return true;
	token.length = (size_t)(end - sql);
	return holds(cursor->lexer.sql, token, "'") || holds(cursor->lexer.sql, token, "\"") ||
	       holds(cursor->lexer.sql, token, ";") || holds(cursor->lexer.sql, token, "--") ||
	       holds(cursor->lexer.sql, token, "/*");
}

/* A carriage return may end a line comment or not; the one of CR LF does no harm. */
static bool has_inner_return(const char *sql, struct extmgr__sql_token comment)
{
	return memchr(sql + comment.start, '\r', comment.length - 1) != NULL;
}

/*
 * What databases that are not known by name read differently: backslashes in strings, # and --x as
 * comment or not, dollar quotes, comments that nest or are run.
 */
static bool is_ambiguous_other(const struct extmgr__sql_cursor *cursor)
{
	const char *sql = cursor->lexer.sql;
	struct extmgr__sql_token token = cursor->token;

	switch (token.kind) {
	case EXTMGR__SQL_STRING:
	case EXTMGR__SQL_QUOTED_NAME:
		return holds(sql, token, "\\");
	case EXTMGR__SQL_OPERATOR:
		return sql[token.start] == '#' || sql[token.start] == '$' ||
		       (sql[token.start] == '[' && is_bracket_risky(cursor));
	case EXTMGR__SQL_COMMENT:
		if (sql[token.start] == '-')
			return (token.length > 2 && !extmgr__sql_is_space(sql[token.start + 2])) ||
			       has_inner_return(sql, token);
		token.start += 2;
		token.length -= 2;
		return sql[token.start] == '!' || holds(sql, token, "/*");
	default:
		return false;
	}
}

static bool is_ambiguous(const struct extmgr__sql_cursor *cursor)
{
	const char *sql = cursor->lexer.sql;
	struct extmgr__sql_token token = cursor->token;
	char byte = token.length ? sql[token.start] : '\0';

	switch (cursor->lexer.dialect) {
	case EXTMGR__DIALECT_SQLITE:
		/* Parameters: $a('x) reaches to the parenthesis, whatever the quotes say. */
		return token.kind == EXTMGR__SQL_OPERATOR &&
		       (byte == '$' || byte == ':' || byte == '@' || byte == '#');
	case EXTMGR__DIALECT_EXASOL:
		return (token.kind == EXTMGR__SQL_OPERATOR && byte == '[' &&
			is_bracket_risky(cursor)) ||
		       (token.kind == EXTMGR__SQL_COMMENT && byte == '-' &&
			has_inner_return(sql, token));
	case EXTMGR__DIALECT_OTHER:
		return is_ambiguous_other(cursor);
	case EXTMGR__DIALECT_POSTGRESQL:
		break;
	}
	return false;
}

/* previous: the token before, comments included. */
static extmgr_result check_token(const struct extmgr__sql_cursor *cursor,
				 struct extmgr__sql_token previous, extmgr_error **error)
{
	struct extmgr__sql_token token = cursor->token;
	bool touches = previous.start + previous.length == token.start;

	switch (token.kind) {
	case EXTMGR__SQL_UNTERMINATED:
		return malformed(error, "has a string, quoted name or comment that does not end");
	case EXTMGR__SQL_WORD:
	case EXTMGR__SQL_OPERATOR:
		if (has_odd_character(cursor->lexer.sql, token))
			return malformed(error, "has a control character or an unusual space "
						"outside of strings");
		break;
	case EXTMGR__SQL_NUMBER:
		if (touches && previous.kind == EXTMGR__SQL_PLACEHOLDER)
			return malformed(error, "has a numbered placeholder, only ? is known");
		break;
	case EXTMGR__SQL_STRING:
	case EXTMGR__SQL_QUOTED_NAME:
		/* 1e'x' is read in different ways by different versions. */
		if (touches && previous.kind == EXTMGR__SQL_NUMBER)
			return malformed(error, "has a quote directly behind a number");
		break;
	default:
		break;
	}
	if (is_ambiguous(cursor))
		return malformed(error, "has a string, comment, quoted name or parameter that "
					"databases read in different ways");
	return EXTMGR_OK;
}

/* Comments are checked as well, so they are read here and not skipped by the cursor. */
static extmgr_result check_all_tokens(enum extmgr__dialect dialect, const char *sql, size_t length,
				      extmgr_error **error)
{
	struct extmgr__sql_token previous = {0};
	struct extmgr__sql_cursor cursor = {0};
	extmgr_result result = EXTMGR_OK;

	extmgr__sql_lexer_init(&cursor.lexer, dialect, sql, length);
	do {
		cursor.token = extmgr__sql_lexer_next(&cursor.lexer);
		result = check_token(&cursor, previous, error);
		previous = cursor.token;
	} while (result == EXTMGR_OK && cursor.token.kind != EXTMGR__SQL_END);
	return result;
}

static extmgr_result check_structure(struct structure *structure, struct extmgr__sql_cursor cursor,
				     extmgr_error **error)
{
	extmgr_result result;

	for (; cursor.token.kind != EXTMGR__SQL_END; extmgr__sql_cursor_next(&cursor)) {
		if (structure->ended)
			return multiple(error);
		if (cursor.token.kind == EXTMGR__SQL_SEMICOLON) {
			take_semicolon(structure, cursor.depth);
			continue;
		}
		if (structure->at_start || !structure->started) {
			result = begin_statement(structure, &cursor, error);
			if (result != EXTMGR_OK)
				return result;
		}
		if (cursor.token.kind == EXTMGR__SQL_PLACEHOLDER)
			structure->placeholders++;
		open_body(structure, &cursor);
	}
	if (!structure->started)
		return malformed(error, "is empty");
	return structure->body == BODY_INSIDE ? malformed(error, "has a body without its END")
					      : EXTMGR_OK;
}

extmgr_result extmgr__sql_guard(enum extmgr__dialect dialect, const char *sql, size_t length,
				enum extmgr__sql_class *class_out, size_t *placeholders_out,
				extmgr_error **error)
{
	struct structure structure = {0};
	struct extmgr__sql_cursor start;
	extmgr_result result;

	if (class_out)
		*class_out = EXTMGR__SQL_CLASS_OTHER;
	if (placeholders_out)
		*placeholders_out = 0;
	if (!length)
		return malformed(error, "is empty");
	result = refuse_as_reference(sql, length, error);
	if (result != EXTMGR_OK)
		return result;
	if (memchr(sql, '\0', length))
		return malformed(error, "has a NUL byte");
	if (!extmgr__utf8_is_valid(sql, length))
		return malformed(error, "is not valid UTF-8");
	result = check_all_tokens(dialect, sql, length, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__sql_cursor_init(&start, dialect, sql, length);
	result = check_structure(&structure, start, error);
	if (result == EXTMGR_OK)
		result = refuse(error, extmgr__sql_refuse_anywhere(&structure.first));
	if (result != EXTMGR_OK)
		return result;
	if (class_out)
		*class_out = extmgr__sql_classify(&structure.first);
	if (placeholders_out)
		*placeholders_out = structure.placeholders;
	return EXTMGR_OK;
}
