/* SPDX-License-Identifier: MIT */
/* What ODBC says about a failure, as a code and a message without the noise of drivers. */
#include "odbc.h"

#include <string.h>

#define MAXIMUM_RECORDS 8
#define MAXIMUM_MESSAGE 4096

/* Primary result codes of SQLite: the low byte of what the driver hands on. */
enum { SQLITE_BUSY = 5, SQLITE_LOCKED = 6, SQLITE_INTERRUPT = 9, SQLITE_CANTOPEN = 14 };

extmgr_result extmgr__odbc_fail(extmgr_host_error *error, extmgr_result code, const char *message)
{
	extmgr_host_error_set(error, 0, NULL, message, strlen(message));
	return code;
}

static extmgr_result code_of_sqlite(SQLINTEGER native)
{
	switch (native & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EXTMGR_E_LOCKED;
	case SQLITE_INTERRUPT:
		return EXTMGR_E_CANCELLED;
	case SQLITE_CANTOPEN:
		return EXTMGR_E_CONNECTION;
	default:
		return EXTMGR_E_STATEMENT;
	}
}

static extmgr_result code_of_sqlstate(const char *sqlstate)
{
	static const struct {
		const char *prefix;
		extmgr_result code;
	} codes[] = {
		{"08", EXTMGR_E_CONNECTION},    {"28", EXTMGR_E_AUTHENTICATION},
		{"40001", EXTMGR_E_LOCKED},     {"40P01", EXTMGR_E_LOCKED},
		{"55P03", EXTMGR_E_LOCKED},     {"57014", EXTMGR_E_CANCELLED},
		{"57P01", EXTMGR_E_CONNECTION}, {"57P02", EXTMGR_E_CONNECTION},
		{"57P03", EXTMGR_E_CONNECTION}, {"HYT01", EXTMGR_E_CONNECTION},
		{"HY001", EXTMGR_E_NO_MEMORY},  {"HY008", EXTMGR_E_CANCELLED},
		{"IM", EXTMGR_E_UNSUPPORTED},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strncmp(sqlstate, codes[i].prefix, strlen(codes[i].prefix)) == 0)
			return codes[i].code;
	}
	return EXTMGR_E_STATEMENT;
}

/* psqlODBC reports everything that goes wrong while connecting as 08001. */
static bool is_about_credentials(const char *message)
{
	static const char *const phrases[] = {
		"authentication failed",      "no password supplied", "no pg_hba.conf entry",
		"is not permitted to log in", "\" does not exist",
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (strstr(message, phrases[i]) && !strstr(message, "database \""))
			return true;
	}
	return false;
}

/*
 * What a server says that could not reach another one (postgres_fdw, dblink); our own connection is
 * there. Of that, psqlODBC says 08S01 or 08003 once it is made.
 */
static bool is_about_another_server(SQLSMALLINT type, const char *sqlstate)
{
	return type == SQL_HANDLE_STMT &&
	       (strcmp(sqlstate, "08001") == 0 || strcmp(sqlstate, "08006") == 0);
}

static void append_message(struct extmgr__drivers_text *text, const char *message)
{
	static const char *const trailers[] = {"\nError while executing the query",
					       "\nError while preparing parameters", ";"};
	const char *end = message + strlen(message);

	/* "[unixODBC][Driver Manager]..." and "ERROR: ..." */
	while (*message == '[' && strchr(message, ']'))
		message = strchr(message, ']') + 1;
	if (strncmp(message, "ERROR: ", 7) == 0)
		message += 7;
	for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
		size_t length = strlen(trailers[i]);

		if ((size_t)(end - message) > length &&
		    strncmp(end - length, trailers[i], length) == 0)
			end -= length;
	}
	if (text->length > 0)
		extmgr__drivers_puts(text, "; ");
	extmgr__drivers_append(text, message, (size_t)(end - message));
}

/* "(19)": the number is in the host code already. */
static void strip_sqlite_number(struct extmgr__drivers_text *text)
{
	char *open = text->length > 0 ? strrchr(text->data, '(') : NULL;

	if (!open || open - text->data < 1 || open[-1] != ' ' ||
	    strspn(open + 1, "-0123456789") + 2 != strlen(open) ||
	    text->data[text->length - 1] != ')')
		return;
	open[-1] = '\0';
	text->length = (size_t)(open - 1 - text->data);
}

extmgr_result extmgr__odbc_diagnose(enum extmgr__odbc_dialect dialect, SQLSMALLINT type,
				    SQLHANDLE handle, extmgr_host_error *error)
{
	struct extmgr__drivers_text text = {0};
	char message[MAXIMUM_MESSAGE];
	char sqlstate[6] = "";
	SQLINTEGER native = 0;
	extmgr_result code;
	const char *said;

	for (SQLSMALLINT i = 1; i <= MAXIMUM_RECORDS; i++) {
		SQLCHAR state[6] = "";
		SQLINTEGER number = 0;
		SQLSMALLINT length;

		if (!SQL_SUCCEEDED(SQLGetDiagRec(type, handle, i, state, &number,
						 (SQLCHAR *)message, sizeof(message), &length)))
			break;
		if (i == 1) {
			memcpy(sqlstate, state, sizeof(sqlstate));
			native = number;
		}
		append_message(&text, message);
	}
	if (dialect == EXTMGR__ODBC_SQLITE)
		strip_sqlite_number(&text);
	said = text.length > 0 ? text.data : "the ODBC driver gave no reason";
	code = dialect == EXTMGR__ODBC_SQLITE && sqlstate[0] != 'I' ? code_of_sqlite(native)
								    : code_of_sqlstate(sqlstate);
	if (code == EXTMGR_E_CONNECTION && type == SQL_HANDLE_DBC && is_about_credentials(said))
		code = EXTMGR_E_AUTHENTICATION;
	if (code == EXTMGR_E_CONNECTION && is_about_another_server(type, sqlstate))
		code = EXTMGR_E_STATEMENT;
	extmgr_host_error_set(error, native, sqlstate[0] ? sqlstate : NULL, said, strlen(said));
	extmgr__drivers_text_free(&text);
	return code;
}
