/* SPDX-License-Identifier: MIT */
/*
 * extmgr_database_check(): runs the probes one after the other, each in a session and transaction
 * of its own that is rolled back, and reports.
 */
#include "host/database_check.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SQL_MAXIMUM ((size_t)4 << 10)

bool extmgr__check_fail(struct extmgr__check *check, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(check->message, sizeof(check->message), format, arguments);
	va_end(arguments);
	return false;
}

bool extmgr__check_skip(struct extmgr__check *check, const char *why)
{
	check->skipped = true;
	return extmgr__check_fail(check, "%s", why);
}

bool extmgr__check_is_dialect(const struct extmgr__check *check, const char *name)
{
	return strcmp(extmgr_database_get_dialect(check->database), name) == 0;
}

/* Takes the error over. */
static bool fail_with(struct extmgr__check *check, const char *what, extmgr_error *error)
{
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(error, &text) != EXTMGR_OK)
		text = NULL;
	extmgr__check_fail(check, "%s: %s (%s)", what, extmgr_text_get_data(text),
			   extmgr_result_get_name(extmgr_error_get_code(error)));
	extmgr_text_free(text);
	extmgr_error_free(error);
	return false;
}

static void write_sql(const struct extmgr__check *check, const char *sql,
		      struct extmgr__buffer *buffer)
{
	const char *place;

	while ((place = strstr(sql, "%T")) != NULL) {
		extmgr__buffer_append(buffer, sql, (size_t)(place - sql));
		extmgr__buffer_puts(buffer, check->table);
		sql = place + 2;
	}
	extmgr__buffer_puts(buffer, sql);
}

bool extmgr__check_execute(struct extmgr__check *check, const char *sql,
			   const extmgr_values *arguments, int64_t *affected_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_error *error = NULL;
	extmgr_result result;

	write_sql(check, sql, &buffer);
	result = extmgr__session_execute(check->session, extmgr__buffer_get(&buffer), buffer.length,
					 arguments, affected_out, &error);
	extmgr__buffer_free(&buffer);
	return result == EXTMGR_OK || fail_with(check, sql, error);
}

bool extmgr__check_query(struct extmgr__check *check, const char *sql,
			 const extmgr_values *arguments, extmgr_rows **rows_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_error *error = NULL;
	extmgr_result result;

	write_sql(check, sql, &buffer);
	result = extmgr__session_query(check->session, extmgr__buffer_get(&buffer), buffer.length,
				       arguments, rows_out, &error);
	extmgr__buffer_free(&buffer);
	return result == EXTMGR_OK || fail_with(check, sql, error);
}

/* Takes the error over. */
static bool is_refused(struct extmgr__check *check, const char *sql, extmgr_result result,
		       extmgr_error *error, extmgr_result expected)
{
	bool has_message = extmgr_error_get_message(error)[0] != '\0';

	extmgr_error_free(error);
	if (result != expected)
		return extmgr__check_fail(check, "%s: the answer is %s instead of %s", sql,
					  extmgr_result_get_name(result),
					  extmgr_result_get_name(expected));
	return has_message || extmgr__check_fail(check, "%s: the error has no message", sql);
}

bool extmgr__check_refused(struct extmgr__check *check, const char *sql, extmgr_result expected)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_error *error = NULL;
	extmgr_rows *rows = NULL;
	extmgr_result result;

	write_sql(check, sql, &buffer);
	result = extmgr__session_query(check->session, extmgr__buffer_get(&buffer), buffer.length,
				       NULL, &rows, &error);
	extmgr__rows_free(rows);
	extmgr__buffer_free(&buffer);
	return is_refused(check, sql, result, error, expected);
}

bool extmgr__check_not_executed(struct extmgr__check *check, const char *sql,
				extmgr_result expected)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_error *error = NULL;
	extmgr_result result;

	write_sql(check, sql, &buffer);
	result = extmgr__session_execute(check->session, extmgr__buffer_get(&buffer), buffer.length,
					 NULL, NULL, &error);
	extmgr__buffer_free(&buffer);
	return is_refused(check, sql, result, error, expected);
}

/* Hosts may hand integers on as decimals in text. */
static bool cell_is_integer(struct extmgr__cell cell, int64_t expected)
{
	char digits[32];

	if (cell.type == EXTMGR_VALUE_INTEGER)
		return cell.integer == expected;
	snprintf(digits, sizeof(digits), "%lld", (long long)expected);
	return cell.type == EXTMGR_VALUE_TEXT && strcmp(cell.text, digits) == 0;
}

bool extmgr__check_count(struct extmgr__check *check, const char *sql, int64_t expected)
{
	extmgr_rows *rows;
	bool fits;

	if (!extmgr__check_query(check, sql, NULL, &rows))
		return false;
	fits = extmgr__rows_count(rows) == 1 && extmgr__rows_column_count(rows) == 1 &&
	       cell_is_integer(extmgr__rows_cell(rows, 0, 0), expected);
	extmgr__rows_free(rows);
	return fits ||
	       extmgr__check_fail(check, "%s: the answer is not %lld", sql, (long long)expected);
}

bool extmgr__check_begin(struct extmgr__check *check, uint32_t flags)
{
	extmgr_error *error = NULL;

	return extmgr__session_begin(check->session, flags, &error) == EXTMGR_OK ||
	       fail_with(check, "begin", error);
}

bool extmgr__check_commit(struct extmgr__check *check)
{
	extmgr_error *error = NULL;

	return extmgr__session_commit(check->session, &error) == EXTMGR_OK ||
	       fail_with(check, "commit", error);
}

bool extmgr__check_rollback(struct extmgr__check *check)
{
	extmgr_error *error = NULL;

	return extmgr__session_rollback(check->session, &error) == EXTMGR_OK ||
	       fail_with(check, "rollback", error);
}

bool extmgr__check_reopen(struct extmgr__check *check, extmgr_context *context,
			  extmgr_operation *operation)
{
	extmgr_error *error = NULL;

	extmgr__session_close(check->session);
	check->session = NULL;
	return extmgr__session_open(context, check->database, operation, &check->session, &error) ==
		       EXTMGR_OK ||
	       fail_with(check, "open", error);
}

static bool run_in_transaction(struct extmgr__check *check, const struct extmgr__probe *probe)
{
	if (!extmgr__check_reopen(check, check->context, NULL) ||
	    !extmgr__check_begin(check, EXTMGR_BEGIN_WRITE))
		return false;
	return probe->run(check, probe->argument);
}

/* Rows that a probe committed, on purpose or by a fault of the host, must not reach the next. */
static bool clean_up(struct extmgr__check *check)
{
	bool clean = extmgr__check_reopen(check, check->context, NULL) &&
		     extmgr__check_begin(check, EXTMGR_BEGIN_WRITE) &&
		     extmgr__check_execute(check, "DELETE FROM %T", NULL, NULL) &&
		     extmgr__check_commit(check);

	extmgr__session_close(check->session);
	check->session = NULL;
	return clean;
}

struct outcome {
	int64_t passed;
	int64_t failed;
	int64_t skipped;
};

static void report_probe(struct extmgr__json_writer *writer, const char *name, const char *outcome,
			 const char *message)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "name", name);
	extmgr__json_member_string(writer, "outcome", outcome);
	extmgr__json_member_string(writer, "message", message);
	extmgr__json_end_object(writer);
}

static void run_probe(struct extmgr__check *check, const struct extmgr__probe *probe,
		      struct outcome *outcome, struct extmgr__json_writer *writer)
{
	uint32_t capabilities = extmgr__database_capabilities(check->database);
	bool passed = false;

	check->message[0] = '\0';
	check->skipped = false;
	if ((probe->capabilities & capabilities) != probe->capabilities)
		extmgr__check_skip(check, "the database does not claim this capability");
	else
		passed = run_in_transaction(check, probe);
	if (!check->skipped && !clean_up(check))
		passed = false;
	if (check->skipped) {
		extmgr__session_close(check->session);
		check->session = NULL;
	}
	outcome->passed += passed;
	outcome->skipped += check->skipped;
	outcome->failed += !passed && !check->skipped;
	report_probe(writer, probe->name,
		     passed           ? "passed"
		     : check->skipped ? "skipped"
				      : "failed",
		     passed ? "" : check->message);
	if (!passed && !check->skipped)
		extmgr__context_log(check->context, EXTMGR_LOG_WARNING, "database-check", "%s: %s",
				    probe->name, check->message);
}

static extmgr_result run_statement(struct extmgr__check *check, const char *sql,
				   extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(SQL_MAXIMUM);
	struct extmgr__session *session = NULL;
	extmgr_result result;

	write_sql(check, sql, &buffer);
	result = extmgr__session_open(check->context, check->database, NULL, &session, error);
	if (result == EXTMGR_OK)
		result = extmgr__session_begin(session, EXTMGR_BEGIN_WRITE, error);
	if (result == EXTMGR_OK)
		result = extmgr__session_execute(session, extmgr__buffer_get(&buffer),
						 buffer.length, NULL, NULL, error);
	if (result == EXTMGR_OK)
		result = extmgr__session_commit(session, error);
	extmgr__session_close(session);
	extmgr__buffer_free(&buffer);
	return result;
}

static bool is_table_gone(struct extmgr__check *check)
{
	bool gone;

	check->message[0] = '\0';
	gone = extmgr__check_reopen(check, check->context, NULL) && extmgr__check_begin(check, 0) &&
	       extmgr__check_refused(check, "SELECT i FROM %T", EXTMGR_E_STATEMENT);
	extmgr__session_close(check->session);
	check->session = NULL;
	return gone;
}

static void drop_table(struct extmgr__check *check, struct outcome *outcome,
		       struct extmgr__json_writer *writer)
{
	extmgr_error *error = NULL;
	bool passed = run_statement(check, "DROP TABLE %T", &error) == EXTMGR_OK
			      ? is_table_gone(check)
			      : fail_with(check, "DROP TABLE", error);

	outcome->passed += passed;
	outcome->failed += !passed;
	report_probe(writer, "nothing is left behind", passed ? "passed" : "failed",
		     check->message);
}

static void run_probes(struct extmgr__check *check, struct outcome *outcome,
		       struct extmgr__json_writer *writer)
{
	const struct extmgr__probe *(*const tables[])(size_t * count) = {
		extmgr__check_value_probes,
		extmgr__check_transaction_probes,
		extmgr__check_caller_probes,
	};

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		size_t count;
		const struct extmgr__probe *probes = tables[t](&count);

		for (size_t i = 0; i < count; i++)
			run_probe(check, &probes[i], outcome, writer);
	}
}

static extmgr_result name_table(struct extmgr__check *check, extmgr_error **error)
{
	unsigned char random[8];
	extmgr_result result = extmgr__hash_random(random, sizeof(random));
	int length = snprintf(check->table, sizeof(check->table), "extmgr_check_");

	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "the name of the check's table");
	for (size_t i = 0; i < sizeof(random); i++)
		length += snprintf(check->table + length, sizeof(check->table) - (size_t)length,
				   "%02x", random[i]);
	return EXTMGR_OK;
}

extmgr_result extmgr_database_check(extmgr_context *context, extmgr_database *database,
				    extmgr_text **report_out, extmgr_error **error_out)
{
	struct extmgr__check check = {.context = context, .database = database};
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	struct outcome outcome = {0};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	if (!database || !report_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "database or report_out is NULL");
	result = extmgr__context_check(context, error_out);
	if (result == EXTMGR_OK)
		result = name_table(&check, error_out);
	if (result == EXTMGR_OK)
		result = run_statement(&check,
				       "CREATE TABLE %T (id BIGINT NOT NULL PRIMARY KEY, i BIGINT, "
				       "n DOUBLE PRECISION, b BOOLEAN, t VARCHAR(2000000))",
				       error_out);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.database-check/1");
	extmgr__json_member_string(&writer, "dialect", extmgr_database_get_dialect(database));
	extmgr__json_key(&writer, "probes");
	extmgr__json_begin_array(&writer);
	run_probes(&check, &outcome, &writer);
	drop_table(&check, &outcome, &writer);
	extmgr__json_end_array(&writer);
	extmgr__json_member_integer(&writer, "passed", outcome.passed);
	extmgr__json_member_integer(&writer, "failed", outcome.failed);
	extmgr__json_member_integer(&writer, "skipped", outcome.skipped);
	extmgr__json_end_object(&writer);
	*report_out = extmgr__buffer_take_text(&buffer, &result);
	if (!*report_out)
		return extmgr__error_from_result(error_out, result, "the report of the check");
	return outcome.failed > 0 ? EXTMGR_PARTIAL : EXTMGR_OK;
}
