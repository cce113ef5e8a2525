/* SPDX-License-Identifier: MIT */
/* Probes of extmgr_database_check(): placeholders, values, columns and rows. */
#include "host/database_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGE_TEXT ((size_t)1 << 20)

/* A value that is written, read back and compared. */
struct value {
	const char *column;
	int32_t type;
	int64_t integer;
	double number;
	const char *text;
};

static extmgr_result add_value(extmgr_values *arguments, const struct value *value)
{
	switch (value->type) {
	case EXTMGR_VALUE_NULL:
		return extmgr__values_add_null(arguments);
	case EXTMGR_VALUE_BOOLEAN:
		return extmgr__values_add_boolean(arguments, value->integer != 0);
	case EXTMGR_VALUE_INTEGER:
		return extmgr__values_add_integer(arguments, value->integer);
	case EXTMGR_VALUE_NUMBER:
		return extmgr__values_add_number(arguments, value->number);
	default:
		return extmgr__values_add_text(arguments, value->text, strlen(value->text));
	}
}

/* Exact, but a host may have only decimals for integers, and 0 and 1 for booleans. */
static bool is_same(const struct value *value, struct extmgr__cell cell)
{
	char digits[32];

	switch (value->type) {
	case EXTMGR_VALUE_NULL:
		return cell.type == EXTMGR_VALUE_NULL;
	case EXTMGR_VALUE_BOOLEAN:
		return (cell.type == EXTMGR_VALUE_BOOLEAN || cell.type == EXTMGR_VALUE_INTEGER) &&
		       cell.integer == value->integer;
	case EXTMGR_VALUE_INTEGER:
		snprintf(digits, sizeof(digits), "%lld", (long long)value->integer);
		return (cell.type == EXTMGR_VALUE_INTEGER && cell.integer == value->integer) ||
		       (cell.type == EXTMGR_VALUE_TEXT && strcmp(cell.text, digits) == 0);
	case EXTMGR_VALUE_NUMBER:
		/* Exactly: the values of the table have few digits. */
		return cell.type == EXTMGR_VALUE_NUMBER && cell.number >= value->number &&
		       cell.number <= value->number;
	default:
		return cell.type == EXTMGR_VALUE_TEXT && cell.length == strlen(value->text) &&
		       memcmp(cell.text, value->text, cell.length) == 0;
	}
}

static bool write_and_read(struct extmgr__check *check, const struct value *value,
			   const extmgr_values *arguments)
{
	char sql[128];
	extmgr_rows *rows;
	bool fits;

	snprintf(sql, sizeof(sql), "INSERT INTO %%T (id, %s) VALUES (1, ?)", value->column);
	if (!extmgr__check_execute(check, sql, arguments, NULL))
		return false;
	snprintf(sql, sizeof(sql), "SELECT %s FROM %%T WHERE id = 1", value->column);
	if (!extmgr__check_query(check, sql, NULL, &rows))
		return false;
	fits = extmgr__rows_count(rows) == 1 && is_same(value, extmgr__rows_cell(rows, 0, 0));
	extmgr__rows_free(rows);
	return fits || extmgr__check_fail(check, "the value that was written did not come back");
}

static bool probe_value(struct extmgr__check *check, const void *argument)
{
	const struct value *value = argument;
	extmgr_values *arguments = extmgr__values_new();
	bool passed;

	if (!arguments || add_value(arguments, value) != EXTMGR_OK)
		passed = extmgr__check_fail(check, "out of memory");
	else
		passed = write_and_read(check, value, arguments);
	extmgr__values_free(arguments);
	return passed;
}

static bool probe_empty_text(struct extmgr__check *check, const void *argument)
{
	/* There '' is NULL. */
	if (extmgr__check_is_dialect(check, "exasol") || extmgr__check_is_dialect(check, "oracle"))
		return extmgr__check_skip(check, "an empty text is NULL in this database");
	return probe_value(check, argument);
}

static bool probe_large_text(struct extmgr__check *check, const void *argument)
{
	struct value value = {.column = "t", .type = EXTMGR_VALUE_TEXT};
	char *text = malloc(LARGE_TEXT + 1);
	bool passed;

	(void)argument;
	if (!text)
		return extmgr__check_fail(check, "out of memory");
	/* No period that a buffer size could hide behind. */
	for (size_t i = 0; i < LARGE_TEXT; i++)
		text[i] = (char)('a' + (i * 7 + i / 251) % 26);
	text[LARGE_TEXT] = '\0';
	value.text = text;
	passed = probe_value(check, &value);
	free(text);
	return passed;
}

/* A statement with its one text argument, or none, and the text in its first cell. */
struct statement {
	const char *dialect; /* NULL: any */
	const char *sql;
	const char *argument;
	const char *expected;
	const char *column; /* expected name of the column; NULL: any */
};

static bool check_statement(struct extmgr__check *check, const struct statement *statement,
			    const extmgr_values *arguments)
{
	extmgr_rows *rows;
	struct extmgr__cell cell = {.type = EXTMGR_VALUE_NULL};
	bool passed = true;

	if (!extmgr__check_query(check, statement->sql, arguments, &rows))
		return false;
	if (extmgr__rows_count(rows) == 1)
		cell = extmgr__rows_cell(rows, 0, 0);
	if (cell.type != EXTMGR_VALUE_TEXT || strcmp(cell.text, statement->expected) != 0)
		passed = extmgr__check_fail(check, "%s: the answer is not '%s'", statement->sql,
					    statement->expected);
	else if (statement->column &&
		 strcmp(extmgr__rows_column_name(rows, 0), statement->column) != 0)
		passed = extmgr__check_fail(check, "%s: the column's name is not '%s'",
					    statement->sql, statement->column);
	extmgr__rows_free(rows);
	return passed;
}

static bool probe_statement(struct extmgr__check *check, const void *argument)
{
	const struct statement *statement = argument;
	extmgr_values *arguments;
	bool passed;

	if (statement->dialect && !extmgr__check_is_dialect(check, statement->dialect))
		return extmgr__check_skip(check, "not for this dialect");
	if (!extmgr__check_execute(check, "INSERT INTO %T (id, t) VALUES (1, 'x')", NULL, NULL))
		return false;
	arguments = extmgr__values_new();
	if (!arguments || (statement->argument &&
			   extmgr__values_add_text(arguments, statement->argument,
						   strlen(statement->argument)) != EXTMGR_OK))
		passed = extmgr__check_fail(check, "out of memory");
	else
		passed = check_statement(check, statement, arguments);
	extmgr__values_free(arguments);
	return passed;
}

static bool insert_three(struct extmgr__check *check)
{
	return extmgr__check_execute(check, "INSERT INTO %T (id, i) VALUES (1, 10)", NULL, NULL) &&
	       extmgr__check_execute(check, "INSERT INTO %T (id, i) VALUES (2, 20)", NULL, NULL) &&
	       extmgr__check_execute(check, "INSERT INTO %T (id, i) VALUES (3, 30)", NULL, NULL);
}

static bool probe_argument_order(struct extmgr__check *check, const void *argument)
{
	extmgr_values *arguments = extmgr__values_new();
	bool passed = false;

	(void)argument;
	if (!arguments || extmgr__values_add_integer(arguments, 7) != EXTMGR_OK ||
	    extmgr__values_add_integer(arguments, 8) != EXTMGR_OK ||
	    extmgr__values_add_text(arguments, "nine", 4) != EXTMGR_OK)
		extmgr__check_fail(check, "out of memory");
	else
		passed = extmgr__check_execute(check, "INSERT INTO %T (id, i, t) VALUES (?, ?, ?)",
					       arguments, NULL) &&
			 extmgr__check_count(check,
					     "SELECT COUNT(*) FROM %T WHERE id = 7 AND i = 8 AND "
					     "t = 'nine'",
					     1);
	extmgr__values_free(arguments);
	return passed;
}

static bool probe_column_names(struct extmgr__check *check, const void *argument)
{
	extmgr_rows *rows;
	bool fits;

	(void)argument;
	if (!extmgr__check_query(check, "SELECT t AS \"second one\", i AS \"First\" FROM %T", NULL,
				 &rows))
		return false;
	fits = extmgr__rows_count(rows) == 0 && extmgr__rows_column_count(rows) == 2 &&
	       strcmp(extmgr__rows_column_name(rows, 0), "second one") == 0 &&
	       strcmp(extmgr__rows_column_name(rows, 1), "First") == 0;
	extmgr__rows_free(rows);
	return fits ||
	       extmgr__check_fail(check, "an empty result has other columns than asked for");
}

static bool probe_column_types(struct extmgr__check *check, const void *argument)
{
	extmgr_rows *rows;
	bool fits = true;

	(void)argument;
	if (!extmgr__check_query(check, "SELECT id, i, n, b, t FROM %T", NULL, &rows))
		return false;
	for (size_t i = 0; i < extmgr__rows_column_count(rows); i++)
		fits = fits && !strchr(extmgr__rows_column_type(rows, i), '(');
	extmgr__rows_free(rows);
	return fits || extmgr__check_fail(check, "a type name of a column has a size");
}

static bool probe_row_order(struct extmgr__check *check, const void *argument)
{
	extmgr_rows *rows;
	bool fits;

	(void)argument;
	if (!insert_three(check) ||
	    !extmgr__check_query(check, "SELECT id, i FROM %T ORDER BY id DESC", NULL, &rows))
		return false;
	fits = extmgr__rows_count(rows) == 3 && extmgr__rows_column_count(rows) == 2;
	for (size_t i = 0; fits && i < 3; i++) {
		const struct value value = {.type = EXTMGR_VALUE_INTEGER,
					    .integer = 30 - 10 * (int64_t)i};

		fits = is_same(&value, extmgr__rows_cell(rows, i, 1));
	}
	extmgr__rows_free(rows);
	return fits || extmgr__check_fail(check, "three rows did not come back in order");
}

static bool probe_no_rows(struct extmgr__check *check, const void *argument)
{
	extmgr_rows *rows;
	size_t count;

	(void)argument;
	if (!extmgr__check_query(check, "INSERT INTO %T (id) VALUES (1)", NULL, &rows))
		return false;
	count = extmgr__rows_count(rows);
	extmgr__rows_free(rows);
	if (count != 0)
		return extmgr__check_fail(check, "an INSERT gave rows");
	return extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 1);
}

static bool probe_dropped_rows(struct extmgr__check *check, const void *argument)
{
	(void)argument;
	return insert_three(check) &&
	       extmgr__check_execute(check, "SELECT id FROM %T", NULL, NULL) &&
	       extmgr__check_count(check, "SELECT COUNT(*) FROM %T", 3);
}

static bool probe_affected(struct extmgr__check *check, const void *argument)
{
	static const struct {
		const char *sql;
		int64_t affected;
	} steps[] = {
		{"UPDATE %T SET i = i + 1 WHERE id > 1", 2},
		{"UPDATE %T SET i = 0 WHERE id > 5", 0},
		{"DELETE FROM %T", 3},
	};
	int64_t affected;

	(void)argument;
	if (!insert_three(check))
		return false;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!extmgr__check_execute(check, steps[i].sql, NULL, &affected))
			return false;
		/* -1: the host does not know. */
		if (affected != -1 && affected != steps[i].affected)
			return extmgr__check_fail(check, "%s: %lld rows changed instead of %lld",
						  steps[i].sql, (long long)affected,
						  (long long)steps[i].affected);
	}
	return true;
}

static bool probe_too_many_rows(struct extmgr__check *check, const void *argument)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	bool passed;

	(void)argument;
	extmgr_context_options_init(&options, sizeof(options));
	options.result_rows = 2;
	if (extmgr_context_new(&options, &context, NULL) != EXTMGR_OK)
		return extmgr__check_fail(check, "out of memory");
	passed = extmgr__check_reopen(check, context, NULL) &&
		 extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) && insert_three(check) &&
		 extmgr__check_refused(check, "SELECT id FROM %T", EXTMGR_E_TOO_LARGE) &&
		 extmgr__check_rollback(check);
	extmgr_context_free(context);
	return passed;
}

static const struct value null_integer = {"i", EXTMGR_VALUE_NULL, 0, 0, NULL};
static const struct value null_text = {"t", EXTMGR_VALUE_NULL, 0, 0, NULL};
static const struct value null_boolean = {"b", EXTMGR_VALUE_NULL, 0, 0, NULL};
static const struct value value_true = {"b", EXTMGR_VALUE_BOOLEAN, 1, 0, NULL};
static const struct value value_false = {"b", EXTMGR_VALUE_BOOLEAN, 0, 0, NULL};
static const struct value integer_zero = {"i", EXTMGR_VALUE_INTEGER, 0, 0, NULL};
static const struct value integer_negative = {"i", EXTMGR_VALUE_INTEGER, -42, 0, NULL};
static const struct value integer_exact = {"i", EXTMGR_VALUE_INTEGER, 9007199254740993, 0, NULL};
static const struct value integer_maximum = {"i", EXTMGR_VALUE_INTEGER, INT64_MAX, 0, NULL};
static const struct value integer_minimum = {"i", EXTMGR_VALUE_INTEGER, INT64_MIN, 0, NULL};
static const struct value number_tenth = {"n", EXTMGR_VALUE_NUMBER, 0, 0.1, NULL};
static const struct value number_negative = {"n", EXTMGR_VALUE_NUMBER, 0, -2.5, NULL};
static const struct value number_large = {"n", EXTMGR_VALUE_NUMBER, 0, 1e300, NULL};
static const struct value text_empty = {"t", EXTMGR_VALUE_TEXT, 0, 0, ""};
static const struct value text_quotes = {"t", EXTMGR_VALUE_TEXT, 0, 0,
					 "it's \"x\" \\ ; -- ? ?? $1 :a {b} /* %s '"};
static const struct value text_unicode = {"t", EXTMGR_VALUE_TEXT, 0, 0,
					  "\xc3\xa4 e\xcc\x81 \xe2\x82\xac \xf0\x9f\x98\x80"};
static const struct value text_controls = {"t", EXTMGR_VALUE_TEXT, 0, 0, " a\r\nb\n\tc\x01 "};

static const struct statement in_string = {NULL, "SELECT 'a?b?\?''?' AS c FROM %T WHERE t = ?", "x",
					   "a?b\?\?'?", NULL};
static const struct statement in_name = {NULL, "SELECT t AS \"a?b\" FROM %T WHERE t = ?", "x", "x",
					 "a?b"};
static const struct statement in_line_comment = {
	NULL, "SELECT t -- why? it's ; \"odd\nFROM %T WHERE t = ?", "x", "x", NULL};
static const struct statement in_block_comment = {
	NULL, "SELECT /* why? it's ; \"odd */ t FROM %T WHERE t = ?", "x", "x", NULL};
static const struct statement last_comment = {NULL, "SELECT t FROM %T WHERE t = ? -- the end?", "x",
					      "x", NULL};
static const struct statement in_dollars = {
	"postgresql", "SELECT $a$b?'$c$?$a$ FROM %T WHERE t = ?", "x", "b?'$c$?", NULL};
static const struct statement in_escapes = {
	"postgresql", "SELECT e'\\'?' || E'\\'?' FROM %T WHERE t = ?", "x", "'?'?", NULL};
static const struct statement literal_mark = {
	"postgresql",
	"SELECT CASE WHEN '{\"x\": 1}'::jsonb ?? t AND '{\"x\": 1}'::jsonb ??| array[t, ?] "
	"THEN 'yes' ELSE 'no' END FROM %T",
	"y", "yes", NULL};
static const struct statement unicode_text = {
	NULL, "SELECT '\xc3\xa4\xf0\x9f\x98\x80' AS \"\xc3\xb6\" FROM %T WHERE t = ?", "x",
	"\xc3\xa4\xf0\x9f\x98\x80", "\xc3\xb6"};

const struct extmgr__probe *extmgr__check_value_probes(size_t *count)
{
	static const struct extmgr__probe probes[] = {
		{"NULL as integer", 0, probe_value, &null_integer},
		{"NULL as text", 0, probe_value, &null_text},
		{"NULL as boolean", 0, probe_value, &null_boolean},
		{"true", 0, probe_value, &value_true},
		{"false", 0, probe_value, &value_false},
		{"integer 0", 0, probe_value, &integer_zero},
		{"negative integer", 0, probe_value, &integer_negative},
		{"integer 2^53 + 1", 0, probe_value, &integer_exact},
		{"integer 2^63 - 1", 0, probe_value, &integer_maximum},
		{"integer -2^63", 0, probe_value, &integer_minimum},
		{"number 0.1", 0, probe_value, &number_tenth},
		{"negative number", 0, probe_value, &number_negative},
		{"large number", 0, probe_value, &number_large},
		{"empty text", 0, probe_empty_text, &text_empty},
		{"text with quotes and placeholders", 0, probe_value, &text_quotes},
		{"text beyond ASCII", 0, probe_value, &text_unicode},
		{"text with control characters", 0, probe_value, &text_controls},
		{"text of 1 MiB", 0, probe_large_text, NULL},
		{"order of arguments", 0, probe_argument_order, NULL},
		{"? in a string", 0, probe_statement, &in_string},
		{"? in a quoted name", 0, probe_statement, &in_name},
		{"? in a line comment", 0, probe_statement, &in_line_comment},
		{"? in a block comment", 0, probe_statement, &in_block_comment},
		{"? in a comment at the end", 0, probe_statement, &last_comment},
		{"? in a dollar-quoted string", 0, probe_statement, &in_dollars},
		{"? in an escape string", 0, probe_statement, &in_escapes},
		{"?? as an operator", 0, probe_statement, &literal_mark},
		{"statement beyond ASCII", 0, probe_statement, &unicode_text},
		{"columns of an empty result", 0, probe_column_names, NULL},
		{"type names of columns", 0, probe_column_types, NULL},
		{"order of rows", 0, probe_row_order, NULL},
		{"query without rows", 0, probe_no_rows, NULL},
		{"execute drops rows", 0, probe_dropped_rows, NULL},
		{"number of changed rows", 0, probe_affected, NULL},
		{"too many rows", 0, probe_too_many_rows, NULL},
	};

	*count = sizeof(probes) / sizeof(probes[0]);
	return probes;
}
