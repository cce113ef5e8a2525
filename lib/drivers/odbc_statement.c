/* SPDX-License-Identifier: MIT */
/* Statements: arguments in, rows out. */
#include "odbc.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ROWS  1000000 /* what libsqliteodbc keeps in memory at most */
#define MAXIMUM_VALUE ((size_t)256 << 20)
#define MAXIMUM_NAME  4096
#define FIRST_PIECE   1024
#define LONG_TEXT     4000

struct argument {
	SQLLEN indicator;
	SQLBIGINT integer;
	SQLINTEGER small;
	double number;
	unsigned char boolean;
	char digits[40];
};

enum kind { KIND_TEXT, KIND_INTEGER, KIND_NUMBER, KIND_BOOLEAN, KIND_BYTES, KIND_GUID };

/* One run of one statement. */
struct run {
	struct extmgr__odbc_session *session;
	SQLHSTMT statement;
	struct argument *arguments;
	extmgr_host_error *error;
	locale_t c_locale; /* for numbers: the host may have set another decimal point */
	struct extmgr__drivers_text value;
	enum kind *kinds;
	SQLSMALLINT columns;
};

static extmgr_result diagnose(struct run *run)
{
	return extmgr__odbc_diagnose(run->session->database->dialect, SQL_HANDLE_STMT,
				     run->statement, run->error);
}

static extmgr_result bind(struct run *run, size_t index, SQLSMALLINT c_type, SQLSMALLINT sql_type,
			  const void *value, size_t length, SQLLEN indicator)
{
	struct argument *argument = &run->arguments[index];

	argument->indicator = indicator;
	/* ODBC takes the value as writable, but only reads an input parameter. */
	if (SQL_SUCCEEDED(SQLBindParameter(run->statement, (SQLUSMALLINT)(index + 1),
					   SQL_PARAM_INPUT, c_type, sql_type, length ? length : 1,
					   0, (SQLPOINTER)(uintptr_t)value, (SQLLEN)length,
					   &argument->indicator)))
		return EXTMGR_OK;
	return diagnose(run);
}

static extmgr_result bind_text(struct run *run, size_t index, const char *text, size_t length)
{
	char message[80];

	if (memchr(text, '\0', length)) {
		snprintf(message, sizeof(message), "argument %zu contains a NUL byte", index + 1);
		return extmgr__odbc_fail(run->error, EXTMGR_E_STATEMENT, message);
	}
	return bind(run, index, SQL_C_CHAR, length > LONG_TEXT ? SQL_LONGVARCHAR : SQL_VARCHAR,
		    text, length, (SQLLEN)length);
}

static extmgr_result bind_integer(struct run *run, size_t index, int64_t value)
{
	struct argument *argument = &run->arguments[index];

	/* As PostgreSQL types a literal: an int8 would not fit functions that take an int4. */
	if (run->session->database->dialect == EXTMGR__ODBC_POSTGRESQL && value >= INT32_MIN &&
	    value <= INT32_MAX) {
		argument->small = (SQLINTEGER)value;
		return bind(run, index, SQL_C_SLONG, SQL_INTEGER, &argument->small, 0, 0);
	}
	argument->integer = value;
	return bind(run, index, SQL_C_SBIGINT, SQL_BIGINT, &argument->integer, 0, 0);
}

static extmgr_result bind_number(struct run *run, size_t index, double value)
{
	struct argument *argument = &run->arguments[index];
	locale_t before;

	argument->number = value;
	if (run->session->database->dialect != EXTMGR__ODBC_POSTGRESQL)
		return bind(run, index, SQL_C_DOUBLE, SQL_DOUBLE, &argument->number, 0, 0);
	/* psqlODBC would write 15 digits; 17 give the same number back. */
	before = uselocale(run->c_locale);
	snprintf(argument->digits, sizeof(argument->digits), "%.17g", value);
	uselocale(before);
	return bind_text(run, index, argument->digits, strlen(argument->digits));
}

static extmgr_result bind_boolean(struct run *run, size_t index, bool value)
{
	if (run->session->database->dialect == EXTMGR__ODBC_POSTGRESQL)
		return bind_text(run, index, value ? "true" : "false", value ? 4 : 5);
	run->arguments[index].boolean = value;
	return bind(run, index, SQL_C_BIT, SQL_BIT, &run->arguments[index].boolean, 0, 0);
}

static extmgr_result bind_argument(struct run *run, const extmgr_values *values, size_t index)
{
	size_t length;
	const char *text;

	switch (extmgr_values_get_type(values, index)) {
	case EXTMGR_VALUE_NULL:
		return bind(run, index, SQL_C_CHAR, SQL_VARCHAR, NULL, 0, SQL_NULL_DATA);
	case EXTMGR_VALUE_BOOLEAN:
		return bind_boolean(run, index, extmgr_values_get_integer(values, index) != 0);
	case EXTMGR_VALUE_INTEGER:
		return bind_integer(run, index, extmgr_values_get_integer(values, index));
	case EXTMGR_VALUE_NUMBER:
		return bind_number(run, index, extmgr_values_get_number(values, index));
	default:
		text = extmgr_values_get_text(values, index, &length);
		return bind_text(run, index, text, length);
	}
}

static extmgr_result bind_arguments(struct run *run, const struct extmgr__odbc_sql *sql,
				    const extmgr_values *values)
{
	size_t count = extmgr_values_get_count(values);
	extmgr_result result = EXTMGR_OK;
	char message[80];

	if (count != sql->placeholders) {
		snprintf(message, sizeof(message), "%zu placeholders, but %zu arguments",
			 sql->placeholders, count);
		return extmgr__odbc_fail(run->error, EXTMGR_E_STATEMENT, message);
	}
	if (count == 0)
		return EXTMGR_OK;
	run->arguments = calloc(count, sizeof(*run->arguments));
	if (!run->arguments)
		return EXTMGR_E_NO_MEMORY;
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++)
		result = bind_argument(run, values, i);
	return result;
}

/* From here until mark_ended() another thread may interrupt. */
static void mark_running(struct run *run)
{
	struct extmgr__odbc_session *session = run->session;

	pthread_mutex_lock(&session->mutex);
	session->running = run->statement;
	session->was_interrupted = false;
	pthread_mutex_unlock(&session->mutex);
}

static bool mark_ended(struct run *run)
{
	struct extmgr__odbc_session *session = run->session;
	bool was_interrupted;

	pthread_mutex_lock(&session->mutex);
	session->running = NULL;
	was_interrupted = session->was_interrupted;
	pthread_mutex_unlock(&session->mutex);
	return was_interrupted;
}

static extmgr_result open_statement(struct run *run)
{
	if (!SQL_SUCCEEDED(
		    SQLAllocHandle(SQL_HANDLE_STMT, run->session->connection, &run->statement))) {
		run->statement = NULL;
		return extmgr__odbc_diagnose(run->session->database->dialect, SQL_HANDLE_DBC,
					     run->session->connection, run->error);
	}
	/* Not every driver knows it: then nothing is lost. */
	SQLSetStmtAttr(run->statement, SQL_ATTR_NOSCAN, (SQLPOINTER)(SQLULEN)SQL_NOSCAN_ON,
		       SQL_IS_UINTEGER);
	return EXTMGR_OK;
}

static void close_run(struct run *run)
{
	if (run->statement)
		SQLFreeHandle(SQL_HANDLE_STMT, run->statement);
	if (run->c_locale)
		freelocale(run->c_locale);
	extmgr__drivers_text_free(&run->value);
	free(run->arguments);
	free(run->kinds);
}

static enum kind kind_of(SQLSMALLINT type)
{
	switch (type) {
	case SQL_BIT:
		return KIND_BOOLEAN;
	case SQL_TINYINT:
	case SQL_SMALLINT:
	case SQL_INTEGER:
	case SQL_BIGINT:
		return KIND_INTEGER;
	case SQL_REAL:
	case SQL_FLOAT:
	case SQL_DOUBLE:
		return KIND_NUMBER;
	case SQL_BINARY:
	case SQL_VARBINARY:
	case SQL_LONGVARBINARY:
		return KIND_BYTES;
	case SQL_GUID:
		return KIND_GUID;
	default:
		return KIND_TEXT;
	}
}

/* A name cut by its buffer must not end within a character. */
static void trim_name(char *name, size_t size)
{
	size_t length = strnlen(name, size - 1);

	name[length] = '\0';
	if (length < size - 1)
		return;
	while (length > 0 && ((unsigned char)name[length - 1] & 0xc0) == 0x80)
		length--;
	name[length > 0 ? length - 1 : 0] = '\0';
}

static extmgr_result read_attribute(struct run *run, SQLUSMALLINT column, SQLUSMALLINT attribute,
				    char *name)
{
	SQLSMALLINT length = 0;

	name[0] = '\0';
	if (!SQL_SUCCEEDED(SQLColAttribute(run->statement, column, attribute, name, MAXIMUM_NAME,
					   &length, NULL)))
		return diagnose(run);
	trim_name(name, MAXIMUM_NAME);
	return EXTMGR_OK;
}

static extmgr_result describe_columns(struct run *run, extmgr_rows *rows)
{
	char label[MAXIMUM_NAME];
	char type_name[MAXIMUM_NAME];
	extmgr_result result;

	run->kinds = calloc((size_t)run->columns, sizeof(*run->kinds));
	if (!run->kinds)
		return EXTMGR_E_NO_MEMORY;
	for (SQLSMALLINT i = 0; i < run->columns; i++) {
		SQLUSMALLINT column = (SQLUSMALLINT)(i + 1);
		SQLSMALLINT type = 0;

		result = read_attribute(run, column, SQL_DESC_LABEL, label);
		if (result == EXTMGR_OK)
			result = read_attribute(run, column, SQL_DESC_TYPE_NAME, type_name);
		/* Not SQL_DESC_CONCISE_TYPE: libsqliteodbc gives another number there. */
		if (result == EXTMGR_OK &&
		    !SQL_SUCCEEDED(SQLDescribeCol(run->statement, column, NULL, 0, NULL, &type,
						  NULL, NULL, NULL)))
			result = diagnose(run);
		if (result == EXTMGR_OK)
			result = extmgr_rows_add_column(rows, label, type_name);
		if (result != EXTMGR_OK)
			return result;
		run->kinds[i] = kind_of(type);
	}
	return EXTMGR_OK;
}

/* Reads one value in pieces into run->value. */
static extmgr_result read_value(struct run *run, SQLUSMALLINT column, SQLSMALLINT c_type,
				bool *is_null)
{
	size_t terminator = c_type == SQL_C_CHAR ? 1 : 0;
	size_t room = FIRST_PIECE;
	SQLLEN left = 0;
	SQLRETURN answer;

	run->value.length = 0;
	*is_null = false;
	for (;;) {
		char *place = extmgr__drivers_reserve(&run->value, room + terminator);

		if (!place)
			return EXTMGR_E_NO_MEMORY;
		answer = SQLGetData(run->statement, column, c_type, place,
				    (SQLLEN)(room + terminator), &left);
		if (answer == SQL_NO_DATA)
			return EXTMGR_OK;
		if (!SQL_SUCCEEDED(answer))
			return diagnose(run);
		if (left == SQL_NULL_DATA) {
			*is_null = true;
			return EXTMGR_OK;
		}
		if (left != SQL_NO_TOTAL && (size_t)left <= room) {
			run->value.length += (size_t)left;
			run->value.data[run->value.length] = '\0';
			return EXTMGR_OK;
		}
		run->value.length += room;
		room = left == SQL_NO_TOTAL ? run->value.length : (size_t)left - room;
		if (room > MAXIMUM_VALUE || run->value.length > MAXIMUM_VALUE - room)
			return EXTMGR_E_TOO_LARGE;
	}
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

/* libsqliteodbc writes a blob as X'00FF'. False for a text in a column declared as blob. */
static bool decode_blob(struct extmgr__drivers_text *value)
{
	size_t digits = value->length - 3;

	if (value->length < 3 || digits % 2 != 0 || value->data[0] != 'X' ||
	    value->data[1] != '\'' || value->data[value->length - 1] != '\'')
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (hex_digit(value->data[2 + i]) < 0)
			return false;
	}
	for (size_t i = 0; i < digits / 2; i++)
		value->data[i] = (char)(hex_digit(value->data[2 + 2 * i]) * 16 +
					hex_digit(value->data[3 + 2 * i]));
	value->length = digits / 2;
	return true;
}

/* False when the text is no integer: SQLite keeps any value in any column. */
static bool parse_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

static bool parse_number(const struct run *run, const char *text, double *value)
{
	char *end;

	*value = strtod_l(text, &end, run->c_locale);
	return end != text && *end == '\0';
}

static extmgr_result append_text(struct run *run, extmgr_rows *rows)
{
	extmgr_result result = extmgr_rows_append_text(rows, run->value.data, run->value.length);

	if (result == EXTMGR_E_FORMAT)
		return extmgr__odbc_fail(run->error, EXTMGR_E_STATEMENT,
					 "the result has text that is not UTF-8");
	return result;
}

static extmgr_result append_value(struct run *run, enum kind kind, extmgr_rows *rows)
{
	struct extmgr__drivers_text *value = &run->value;
	int64_t integer;
	double number;

	if (kind == KIND_BYTES &&
	    (run->session->database->dialect != EXTMGR__ODBC_SQLITE || decode_blob(value)))
		return extmgr_rows_append_bytes(rows, value->data, value->length);
	if (kind == KIND_GUID) {
		/* psqlODBC writes upper case where PostgreSQL writes lower case. */
		for (size_t i = 0; i < value->length; i++)
			value->data[i] |= value->data[i] >= 'A' && value->data[i] <= 'F' ? 0x20 : 0;
		return append_text(run, rows);
	}
	if (kind == KIND_BOOLEAN && value->length == 1 &&
	    (value->data[0] == '0' || value->data[0] == '1'))
		return extmgr_rows_append_boolean(rows, value->data[0] == '1');
	if ((kind == KIND_INTEGER || kind == KIND_BOOLEAN) && parse_integer(value->data, &integer))
		return extmgr_rows_append_integer(rows, integer);
	if ((kind == KIND_NUMBER || kind == KIND_INTEGER) &&
	    parse_number(run, value->data, &number))
		return extmgr_rows_append_number(rows, number);
	return append_text(run, rows);
}

static extmgr_result fetch_row(struct run *run, extmgr_rows *rows)
{
	for (SQLSMALLINT i = 0; i < run->columns; i++) {
		bool bytes = run->kinds[i] == KIND_BYTES &&
			     run->session->database->dialect != EXTMGR__ODBC_SQLITE;
		bool is_null;
		extmgr_result result = read_value(run, (SQLUSMALLINT)(i + 1),
						  bytes ? SQL_C_BINARY : SQL_C_CHAR, &is_null);

		if (result == EXTMGR_OK)
			result = is_null ? extmgr_rows_append_null(rows)
					 : append_value(run, run->kinds[i], rows);
		if (result != EXTMGR_OK)
			return result;
	}
	return EXTMGR_OK;
}

static extmgr_result fetch_rows(struct run *run, extmgr_rows *rows)
{
	extmgr_result result = EXTMGR_OK;
	SQLRETURN answer;
	size_t count = 0;

	if (!SQL_SUCCEEDED(SQLNumResultCols(run->statement, &run->columns)))
		return diagnose(run);
	if (run->columns <= 0)
		return EXTMGR_OK;
	result = describe_columns(run, rows);
	while (result == EXTMGR_OK) {
		answer = SQLFetch(run->statement);
		if (answer == SQL_NO_DATA)
			return EXTMGR_OK;
		if (!SQL_SUCCEEDED(answer))
			return diagnose(run);
		if (++count >= MAXIMUM_ROWS)
			return EXTMGR_E_TOO_LARGE;
		result = fetch_row(run, rows);
	}
	return result;
}

static int64_t count_affected(struct run *run, const struct extmgr__odbc_sql *sql)
{
	SQLSMALLINT columns = 0;
	SQLLEN count = -1;

	SQLNumResultCols(run->statement, &columns);
	if (columns > 0 && !sql->writes)
		return 0;
	/* Here PostgreSQL counts the rows of the outer SELECT, and libsqliteodbc nothing. */
	if (sql->is_with)
		return -1;
	if (!SQL_SUCCEEDED(SQLRowCount(run->statement, &count)) || count < 0)
		return -1;
	return count;
}

static extmgr_result execute_direct(struct run *run, const char *sql, size_t length)
{
	SQLRETURN answer;

	if (length > INT32_MAX)
		return extmgr__odbc_fail(run->error, EXTMGR_E_TOO_LARGE,
					 "the statement is too long");
	answer = SQLExecDirect(run->statement, (SQLCHAR *)(uintptr_t)sql, (SQLINTEGER)length);
	/* SQL_NO_DATA: no row was changed. */
	return SQL_SUCCEEDED(answer) || answer == SQL_NO_DATA ? EXTMGR_OK : diagnose(run);
}

/* rows NULL: they are dropped. */
static extmgr_result run_prepared(struct run *run, const struct extmgr__odbc_sql *sql,
				  const extmgr_values *arguments, extmgr_rows *rows,
				  int64_t *affected_out)
{
	extmgr_result result;

	run->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!run->c_locale)
		return EXTMGR_E_NO_MEMORY;
	result = open_statement(run);
	if (result == EXTMGR_OK)
		result = bind_arguments(run, sql, arguments);
	if (result != EXTMGR_OK)
		return result;
	if (rows && run->session->database->dialect == EXTMGR__ODBC_SQLITE)
		SQLSetStmtAttr(run->statement, SQL_ATTR_MAX_ROWS, (SQLPOINTER)(SQLULEN)MAXIMUM_ROWS,
			       SQL_IS_UINTEGER);
	mark_running(run);
	result = execute_direct(run, sql->text.data, sql->text.length);
	if (result == EXTMGR_OK && rows)
		result = fetch_rows(run, rows);
	if (result == EXTMGR_OK && affected_out)
		*affected_out = count_affected(run, sql);
	if (mark_ended(run) && result != EXTMGR_E_CONNECTION)
		result = extmgr__odbc_fail(run->error, EXTMGR_E_CANCELLED,
					   "the statement was interrupted");
	return result;
}

static extmgr_result run_statement(struct extmgr__odbc_session *session, const char *source,
				   size_t length, const extmgr_values *arguments, extmgr_rows *rows,
				   int64_t *affected_out, extmgr_host_error *error)
{
	struct run run = {.session = session, .error = error};
	struct extmgr__odbc_sql sql = {0};
	extmgr_result result;

	result = extmgr__odbc_sql_prepare(session->database->dialect,
					  session->database->dialect_name, source, length,
					  rows != NULL, &sql, error);
	/* SQLite would go on, even outside of the transaction when the error has ended it. */
	if (result == EXTMGR_OK && session->failed && !sql.is_rollback)
		result = extmgr__odbc_fail(error, EXTMGR_E_STATEMENT,
					   "a statement of the transaction has failed: it can only "
					   "be rolled back");
	if (result == EXTMGR_OK)
		result = run_prepared(&run, &sql, arguments, rows, affected_out);
	if (result == EXTMGR_E_TOO_LARGE)
		extmgr__odbc_fail(error, result, "the result is larger than the limit");
	/* ROLLBACK TO SAVEPOINT takes the failure back. */
	session->failed = result != EXTMGR_OK || (session->failed && !sql.is_rollback);
	close_run(&run);
	extmgr__drivers_text_free(&sql.text);
	return result;
}

extmgr_result extmgr__odbc_execute(void *user_data, void *session, const char *sql, size_t length,
				   const extmgr_values *arguments, int64_t *affected_out,
				   extmgr_host_error *error)
{
	int64_t affected = -1;
	extmgr_result result =
		run_statement(session, sql, length, arguments, NULL, &affected, error);

	(void)user_data;
	if (affected_out)
		*affected_out = affected;
	return result;
}

extmgr_result extmgr__odbc_query(void *user_data, void *session, const char *sql, size_t length,
				 const extmgr_values *arguments, extmgr_rows *rows,
				 extmgr_host_error *error)
{
	(void)user_data;
	return run_statement(session, sql, length, arguments, rows, NULL, error);
}

extmgr_result extmgr__odbc_command(struct extmgr__odbc_session *session, const char *sql,
				   char sqlstate_out[6], extmgr_host_error *error)
{
	struct run run = {.session = session, .error = error};
	extmgr_result result = open_statement(&run);
	SQLCHAR state[6] = "";

	if (result == EXTMGR_OK) {
		mark_running(&run);
		result = execute_direct(&run, sql, strlen(sql));
		mark_ended(&run);
	}
	if (result == EXTMGR_OK && sqlstate_out &&
	    SQL_SUCCEEDED(
		    SQLGetDiagRec(SQL_HANDLE_STMT, run.statement, 1, state, NULL, NULL, 0, NULL)))
		memcpy(sqlstate_out, state, sizeof(state));
	close_run(&run);
	return result;
}
