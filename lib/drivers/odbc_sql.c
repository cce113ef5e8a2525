/* SPDX-License-Identifier: MIT */
#include "odbc_sql.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

struct scan {
	enum extmgr__odbc_dialect dialect;
	const char *source;
	size_t length;
	size_t position;
	struct extmgr__odbc_sql *sql;
	extmgr_host_error *error;
	size_t words;
	size_t word_start; /* of the word just before position; == word_end: none */
	size_t word_end;
	bool returns;       /* RETURNING was seen */
	bool is_values;     /* VALUES is the first word */
	size_t significant; /* length of the text up to the last token, semicolons left out */
};

static extmgr_result refuse(struct scan *scan, extmgr_result code, const char *message)
{
	extmgr_host_error_set(scan->error, 0, NULL, message, strlen(message));
	return code;
}

static bool is_word_byte(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || byte >= 0x80;
}

static char byte_at(const struct scan *scan, size_t position)
{
	return position < scan->length ? scan->source[position] : '\0';
}

static void emit(struct scan *scan, size_t start, size_t end)
{
	extmgr__drivers_append(&scan->sql->text, scan->source + start, end - start);
}

static bool span_is(const struct scan *scan, size_t start, size_t end, const char *word)
{
	return end - start == strlen(word) &&
	       strncasecmp(scan->source + start, word, end - start) == 0;
}

/* Whether a driver's parser could take something inside a comment or quoted name for syntax. */
static bool is_dangerous(const struct scan *scan, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++) {
		if (memchr("'\"`[]?;{}$\\\r", scan->source[i], 12))
			return true;
	}
	return false;
}

/* The end of a text in quotes, where a doubled quote stands for one; 0 when it does not end. */
static size_t find_quote_end(const struct scan *scan, size_t start, char quote, bool backslashes)
{
	for (size_t i = start; i < scan->length; i++) {
		if (backslashes && scan->source[i] == '\\')
			i++;
		else if (scan->source[i] != quote)
			continue;
		else if (byte_at(scan, i + 1) == quote && quote != ']')
			i++;
		else
			return i + 1;
	}
	return 0;
}

/* Functions that libsqliteodbc adds or leaves switched on: they read and write files and load
 * code, and no connection option turns them off. */
static bool is_forbidden_function(const struct scan *scan, size_t start, size_t end)
{
	static const char *const names[] = {"blob_import", "blob_export", "load_extension"};

	if (scan->dialect != EXTMGR__ODBC_SQLITE)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (span_is(scan, start, end, names[i]))
			return true;
	}
	return false;
}

static extmgr_result scan_word(struct scan *scan)
{
	static const char *const writing[] = {"insert", "update", "delete", "replace"};
	size_t start = scan->position;
	size_t end = start;

	while (end < scan->length && is_word_byte((unsigned char)scan->source[end]))
		end++;
	scan->position = end;
	scan->word_start = start;
	scan->word_end = end;
	if (is_forbidden_function(scan, start, end))
		return refuse(scan, EXTMGR_E_STATEMENT,
			      "the functions blob_import, blob_export and load_extension of the "
			      "SQLite ODBC driver are not allowed");
	if (scan->words++ == 0) {
		scan->is_values = span_is(scan, start, end, "values");
		scan->sql->is_rollback = span_is(scan, start, end, "rollback");
		scan->sql->is_with = span_is(scan, start, end, "with");
		if (scan->dialect == EXTMGR__ODBC_POSTGRESQL && span_is(scan, start, end, "copy"))
			return refuse(scan, EXTMGR_E_UNSUPPORTED,
				      "COPY cannot be used through ODBC");
	}
	for (size_t i = 0; i < sizeof(writing) / sizeof(writing[0]); i++)
		scan->sql->writes = scan->sql->writes || span_is(scan, start, end, writing[i]);
	scan->returns = scan->returns || span_is(scan, start, end, "returning");
	emit(scan, start, end);
	return EXTMGR_OK;
}

/* psqlODBC knows the escapes of E'' by the letter before the quote, and only in upper case. */
static bool fix_string_prefix(struct scan *scan)
{
	size_t length = scan->position == scan->word_end ? scan->word_end - scan->word_start : 0;
	struct extmgr__drivers_text *text = &scan->sql->text;
	char last = length > 0 ? scan->source[scan->position - 1] : '\0';

	if (scan->dialect != EXTMGR__ODBC_POSTGRESQL || (last != 'e' && last != 'E'))
		return false;
	if (length > 1) {
		extmgr__drivers_puts(text, " ");
		return false;
	}
	if (!text->failed)
		text->data[text->length - 1] = 'E';
	return true;
}

static extmgr_result scan_quoted(struct scan *scan, char quote)
{
	bool backslashes = quote == '\'' && fix_string_prefix(scan);
	size_t start = scan->position;
	size_t end = find_quote_end(scan, start + 1, quote, backslashes);

	if (end == 0)
		return refuse(scan, EXTMGR_E_STATEMENT, "a string or quoted name does not end");
	scan->position = end;
	if (quote != '\'' && is_forbidden_function(scan, start + 1, end - 1))
		return refuse(scan, EXTMGR_E_STATEMENT,
			      "the functions blob_import, blob_export and load_extension of the "
			      "SQLite ODBC driver are not allowed");
	if (quote == '\'' || quote == '"' || !is_dangerous(scan, start + 1, end - 1)) {
		emit(scan, start, end);
		return EXTMGR_OK;
	}
	/* [a?] and `a?` become "a?", which libsqliteodbc leaves alone. */
	extmgr__drivers_puts(&scan->sql->text, "\"");
	for (size_t i = start + 1; i < end - 1; i++) {
		if (scan->source[i] == '"')
			extmgr__drivers_puts(&scan->sql->text, "\"");
		emit(scan, i, i + 1);
		if (scan->source[i] == quote)
			i++;
	}
	extmgr__drivers_puts(&scan->sql->text, "\"");
	return EXTMGR_OK;
}

/* 0: no comment starts here. Block comments nest in PostgreSQL. SIZE_MAX: it does not end. */
static size_t find_comment_end(const struct scan *scan)
{
	size_t i = scan->position;
	char first = byte_at(scan, i);
	char second = byte_at(scan, i + 1);
	int depth = 0;

	if (first == '-' && second == '-') {
		while (i < scan->length && scan->source[i] != '\n' &&
		       (scan->source[i] != '\r' || scan->dialect == EXTMGR__ODBC_SQLITE))
			i++;
		return i;
	}
	if (first != '/' || second != '*')
		return 0;
	for (; i + 1 < scan->length; i++) {
		if (scan->source[i] == '*' && scan->source[i + 1] == '/') {
			i++;
			if (--depth == 0)
				return i + 1;
		} else if (scan->source[i] == '/' && scan->source[i + 1] == '*' &&
			   (depth == 0 || scan->dialect == EXTMGR__ODBC_POSTGRESQL)) {
			i++;
			depth++;
		}
	}
	/* SQLite lets a comment reach to the end of the text. */
	return scan->dialect == EXTMGR__ODBC_SQLITE ? scan->length : SIZE_MAX;
}

static void skip_comment(struct scan *scan, size_t end)
{
	if (is_dangerous(scan, scan->position, end) || byte_at(scan, end) == '\r')
		extmgr__drivers_puts(&scan->sql->text, " ");
	else
		emit(scan, scan->position, end);
	scan->position = end;
}

/* $tag$ ... $tag$; false when no such string starts here. */
static bool scan_dollar_string(struct scan *scan, extmgr_result *result)
{
	size_t start = scan->position;
	size_t tag_end = start + 1;
	size_t tag_length;

	while (tag_end < scan->length && scan->source[tag_end] != '$' &&
	       is_word_byte((unsigned char)scan->source[tag_end]))
		tag_end++;
	if (byte_at(scan, tag_end) != '$' ||
	    (scan->source[start + 1] >= '0' && scan->source[start + 1] <= '9'))
		return false;
	tag_length = tag_end + 1 - start;
	for (size_t i = tag_end + 1; i + tag_length <= scan->length; i++) {
		if (memcmp(scan->source + i, scan->source + start, tag_length) == 0) {
			scan->position = i + tag_length;
			emit(scan, start, scan->position);
			*result = EXTMGR_OK;
			return true;
		}
	}
	*result = refuse(scan, EXTMGR_E_STATEMENT, "a string or quoted name does not end");
	return true;
}

/*
 * An operator of PostgreSQL. One with ?? in it is hidden from psqlODBC: to the driver a comment
 * reaches from -- to the line feed, to the server it ends at the carriage return.
 */
static void scan_operator(struct scan *scan)
{
	struct extmgr__drivers_text *text = &scan->sql->text;
	size_t start = scan->position;
	size_t end = start;
	bool literal = false;

	while (end < scan->length && strchr("~!@#^&|`?+-*/%<>=", scan->source[end])) {
		scan->position = end;
		if (find_comment_end(scan) != 0)
			break;
		if (scan->source[end] == '?') {
			if (byte_at(scan, end + 1) != '?')
				break;
			literal = true;
			end++;
		}
		end++;
	}
	scan->position = end;
	if (!literal) {
		emit(scan, start, end);
		return;
	}
	extmgr__drivers_puts(text, " --\r");
	for (size_t i = start; i < end; i++) {
		emit(scan, i, i + 1);
		if (scan->source[i] == '?')
			i++;
	}
	extmgr__drivers_puts(text, "\n");
}

static extmgr_result scan_question_mark(struct scan *scan)
{
	char next = byte_at(scan, scan->position + 1);

	if (next == '?' && scan->dialect == EXTMGR__ODBC_POSTGRESQL) {
		scan_operator(scan);
		return EXTMGR_OK;
	}
	if (next == '?')
		return refuse(scan, EXTMGR_E_STATEMENT,
			      "?? stands for the operator ?, which SQLite does not have");
	if (next >= '0' && next <= '9')
		return refuse(scan, EXTMGR_E_STATEMENT, "placeholders are ? without a number");
	scan->sql->placeholders++;
	emit(scan, scan->position, scan->position + 1);
	scan->position++;
	return EXTMGR_OK;
}

static extmgr_result scan_other(struct scan *scan)
{
	char byte = scan->source[scan->position];
	extmgr_result result;

	if (byte == '{' || byte == '}')
		return refuse(scan, EXTMGR_E_STATEMENT, "a brace outside a string");
	if (byte == '?')
		return scan_question_mark(scan);
	if (scan->dialect == EXTMGR__ODBC_POSTGRESQL) {
		if (byte == '$' && scan_dollar_string(scan, &result))
			return result;
		if (strchr("~!@#^&|`+-*/%<>=", byte)) {
			scan_operator(scan);
			return EXTMGR_OK;
		}
	} else if (strchr(":@$", byte) &&
		   is_word_byte((unsigned char)byte_at(scan, scan->position + 1))) {
		return refuse(scan, EXTMGR_E_STATEMENT, "placeholders are ? without a name");
	}
	emit(scan, scan->position, scan->position + 1);
	scan->position++;
	return EXTMGR_OK;
}

static extmgr_result scan_token(struct scan *scan)
{
	char byte = scan->source[scan->position];
	extmgr_result result;

	if (byte == ';') {
		emit(scan, scan->position, scan->position + 1);
		scan->position++;
		return EXTMGR_OK;
	}
	if (byte == '\'' || byte == '"')
		result = scan_quoted(scan, byte);
	else if (scan->dialect == EXTMGR__ODBC_SQLITE && (byte == '[' || byte == '`'))
		result = scan_quoted(scan, byte == '[' ? ']' : '`');
	else if (is_word_byte((unsigned char)byte) && byte != '$')
		result = scan_word(scan);
	else
		result = scan_other(scan);
	scan->significant = scan->sql->text.length;
	return result;
}

static extmgr_result scan_all(struct scan *scan)
{
	extmgr_result result;
	size_t end;

	while (scan->position < scan->length) {
		char byte = scan->source[scan->position];

		if (byte == '\0')
			return refuse(scan, EXTMGR_E_STATEMENT, "a NUL byte in the statement");
		end = find_comment_end(scan);
		if (end == SIZE_MAX)
			return refuse(scan, EXTMGR_E_STATEMENT, "a comment does not end");
		if (end != 0) {
			skip_comment(scan, end);
			continue;
		}
		if (strchr(" \t\r\n\f\v", byte)) {
			emit(scan, scan->position, scan->position + 1);
			scan->position++;
			continue;
		}
		result = scan_token(scan);
		if (result != EXTMGR_OK)
			return result;
	}
	return EXTMGR_OK;
}

/* VALUES gives no rows through libsqliteodbc, a SELECT from it does. */
static void select_from_values(struct extmgr__drivers_text *text)
{
	struct extmgr__drivers_text wrapped = {0};

	extmgr__drivers_puts(&wrapped, "SELECT * FROM (");
	extmgr__drivers_append(&wrapped, text->data, text->length);
	extmgr__drivers_puts(&wrapped, ")");
	extmgr__drivers_text_free(text);
	*text = wrapped;
}

static extmgr_result prepare_other(const char *dialect_name, const char *source, size_t length,
				   struct extmgr__odbc_sql *sql, extmgr_host_error *error)
{
	extmgr_error *why = NULL;
	extmgr_text *text;
	extmgr_result result;

	result = extmgr_sql_rewrite_placeholders(dialect_name, source, length,
						 EXTMGR_PLACEHOLDER_QUESTION_MARK,
						 &sql->placeholders, &text, &why);
	if (result != EXTMGR_OK) {
		const char *message = extmgr_error_get_message(why);

		extmgr_host_error_set(error, 0, NULL, message, strlen(message));
		extmgr_error_free(why);
		return result == EXTMGR_E_NO_MEMORY ? result : EXTMGR_E_STATEMENT;
	}
	extmgr__drivers_append(&sql->text, extmgr_text_get_data(text),
			       extmgr_text_get_length(text));
	extmgr_text_free(text);
	return sql->text.failed ? EXTMGR_E_NO_MEMORY : EXTMGR_OK;
}

extmgr_result extmgr__odbc_sql_prepare(enum extmgr__odbc_dialect dialect, const char *dialect_name,
				       const char *source, size_t length, bool wants_rows,
				       struct extmgr__odbc_sql *sql, extmgr_host_error *error)
{
	struct scan scan = {.dialect = dialect,
			    .source = source,
			    .length = length,
			    .word_end = SIZE_MAX,
			    .word_start = SIZE_MAX,
			    .sql = sql,
			    .error = error};
	extmgr_result result;

	if (dialect == EXTMGR__ODBC_OTHER)
		return prepare_other(dialect_name, source, length, sql, error);
	result = scan_all(&scan);
	if (result != EXTMGR_OK)
		return result;
	if (sql->text.failed)
		return EXTMGR_E_NO_MEMORY;
	if (scan.significant == 0)
		return refuse(&scan, EXTMGR_E_STATEMENT, "the statement is empty");
	/* Without what follows the last token: both drivers stumble over some of it. */
	sql->text.length = scan.significant;
	sql->text.data[sql->text.length] = '\0';
	if (dialect == EXTMGR__ODBC_SQLITE && wants_rows) {
		if (sql->writes && scan.returns)
			return refuse(&scan, EXTMGR_E_UNSUPPORTED,
				      "the SQLite ODBC driver does not give the rows of RETURNING");
		if (scan.is_values)
			select_from_values(&sql->text);
	}
	return sql->text.failed ? EXTMGR_E_NO_MEMORY : EXTMGR_OK;
}
