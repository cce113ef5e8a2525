/* SPDX-License-Identifier: MIT */
/* Keys and values of a connection, and which driver they mean. */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXIMUM_KEY   64
#define MAXIMUM_VALUE 511 /* libsqliteodbc and psqlODBC cut longer ones without a word */

static bool is_key_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == ' ';
}

static extmgr_result check_key(const struct extmgr__odbc_settings *settings, const char *key,
			       size_t length, extmgr_error **error)
{
	/* They would undo what the driver relies on, load code, or write the password to a file. */
	static const char *const refused[] = {"Protocol", "LoadExt", "SaveFile", "FileDSN"};

	if (length == 0 || length > MAXIMUM_KEY || key[0] == ' ' || key[length - 1] == ' ')
		return extmgr__drivers_error(
			error, EXTMGR_E_INVALID_ARGUMENT, NULL,
			"a key of the connection is empty, longer than %d bytes "
			"or has blanks around it",
			MAXIMUM_KEY);
	for (size_t i = 0; i < length; i++) {
		if (!is_key_byte(key[i]))
			return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
						     "a key of the connection has other bytes than "
						     "letters, digits, '_', '-' and blanks");
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (length == strlen(refused[i]) && strncasecmp(key, refused[i], length) == 0)
			return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
						     "the connection key '%s' is not allowed",
						     refused[i]);
	}
	for (size_t i = 0; i < settings->count; i++) {
		if (strlen(settings->keys[i]) == length &&
		    strncasecmp(settings->keys[i], key, length) == 0)
			return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
						     "the connection key '%s' is given twice",
						     settings->keys[i]);
	}
	return EXTMGR_OK;
}

static extmgr_result check_value(const char *key, size_t key_length, const char *value,
				 size_t length, extmgr_error **error)
{
	if (length > MAXIMUM_VALUE)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "the value of '%.*s' is longer than %d bytes",
					     (int)key_length, key, MAXIMUM_VALUE);
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
						     "the value of '%.*s' has a control character",
						     (int)key_length, key);
		if (memchr(";{}=", value[i], 4))
			return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
						     "the value of '%.*s' has the character '%c', "
						     "which ODBC drivers cannot take",
						     (int)key_length, key, value[i]);
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__odbc_settings_add(struct extmgr__odbc_settings *settings, const char *key,
					size_t key_length, const char *value, size_t value_length,
					extmgr_error **error)
{
	extmgr_result result;

	if (settings->count == EXTMGR__ODBC_MAXIMUM_KEYS)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "more than %d connection keys",
					     EXTMGR__ODBC_MAXIMUM_KEYS);
	result = check_key(settings, key, key_length, error);
	if (result == EXTMGR_OK)
		result = check_value(key, key_length, value, value_length, error);
	if (result != EXTMGR_OK)
		return result;
	settings->keys[settings->count] = strndup(key, key_length);
	settings->values[settings->count] = strndup(value, value_length);
	if (!settings->keys[settings->count] || !settings->values[settings->count]) {
		free(settings->keys[settings->count]);
		free(settings->values[settings->count]);
		return extmgr__drivers_error(error, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	}
	settings->count++;
	return EXTMGR_OK;
}

const char *extmgr__odbc_settings_get(const struct extmgr__odbc_settings *settings, const char *key)
{
	for (size_t i = 0; i < settings->count; i++) {
		if (strcasecmp(settings->keys[i], key) == 0)
			return settings->values[i];
	}
	return NULL;
}

void extmgr__odbc_settings_free(struct extmgr__odbc_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		explicit_bzero(settings->values[i], strlen(settings->values[i]));
		free(settings->keys[i]);
		free(settings->values[i]);
	}
	settings->count = 0;
}

typedef SQLRETURN (*list_fn)(SQLHENV, SQLUSMALLINT, SQLCHAR *, SQLSMALLINT, SQLSMALLINT *,
			     SQLCHAR *, SQLSMALLINT, SQLSMALLINT *);

/* Looks through the drivers (SQLDrivers) or data sources (SQLDataSources) of the ODBC manager. The
 * name is compared as a whole, or as a part; detail: what the manager says of it. */
static bool find_registered(list_fn list, const char *name, bool whole, char *found, size_t size,
			    char *detail, size_t detail_size)
{
	SQLHENV environment = NULL;
	SQLUSMALLINT direction = SQL_FETCH_FIRST;
	bool is_found = false;

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment)))
		return false;
	SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	while (!is_found &&
	       SQL_SUCCEEDED(list(environment, direction, (SQLCHAR *)found, (SQLSMALLINT)size, NULL,
				  (SQLCHAR *)detail, (SQLSMALLINT)detail_size, NULL))) {
		direction = SQL_FETCH_NEXT;
		is_found = whole ? strcasecmp(found, name) == 0 : strcasestr(found, name) != NULL;
	}
	SQLFreeHandle(SQL_HANDLE_ENV, environment);
	return is_found;
}

const char *extmgr__odbc_find_driver(const char *part, const char *usual, char *buffer, size_t size)
{
	char detail[1024];

	if (find_registered(SQLDrivers, usual, true, buffer, size, detail, sizeof(detail)) ||
	    find_registered(SQLDrivers, part, false, buffer, size, detail, sizeof(detail)))
		return buffer;
	return usual;
}

static const char *package_of(const char *dialect)
{
	if (strcmp(dialect, "sqlite") == 0)
		return "install libsqliteodbc (Debian), or register the driver in odbcinst.ini";
	if (strcmp(dialect, "postgresql") == 0)
		return "install odbc-postgresql (Debian), or register the driver in odbcinst.ini";
	return "register the driver in odbcinst.ini; `odbcinst -q -d` lists those that are there";
}

/* "SQLite3" -> sqlite, "PostgreSQL Unicode" -> postgresql, "EXASolution Driver" -> exasol; of
 * others the first word. */
static char *dialect_of_driver(const char *driver)
{
	static const struct {
		const char *part;
		const char *dialect;
	} known[] = {
		{"sqlite", "sqlite"}, {"postgres", "postgresql"}, {"psqlodbc", "postgresql"},
		{"exasol", "exasol"}, {"exaodbc", "exasol"},
	};
	char *dialect;
	size_t length = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasestr(driver, known[i].part))
			return strdup(known[i].dialect);
	}
	dialect = calloc(1, strlen(driver) + sizeof("odbc"));
	if (!dialect)
		return NULL;
	for (; *driver; driver++) {
		char lower = (char)(*driver | 0x20);

		if (lower < 'a' || lower > 'z')
			break;
		dialect[length++] = lower;
	}
	if (length == 0)
		memcpy(dialect, "odbc", sizeof("odbc"));
	return dialect;
}

extmgr_result extmgr__odbc_settings_find_dialect(const struct extmgr__odbc_settings *settings,
						 char **dialect_out, extmgr_error **error)
{
	const char *driver = extmgr__odbc_settings_get(settings, "Driver");
	const char *source = extmgr__odbc_settings_get(settings, "DSN");
	const char *dialect = extmgr__odbc_settings_get(settings, "Dialect");
	char name[512];
	char detail[1024] = "";
	bool is_found;

	if (!driver && !source)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "the connection names neither Driver nor DSN");
	/* A driver may also be given as the path of its library. */
	if (driver)
		is_found =
			driver[0] == '/' || find_registered(SQLDrivers, driver, true, name,
							    sizeof(name), detail, sizeof(detail));
	else
		is_found = find_registered(SQLDataSources, source, true, name, sizeof(name), detail,
					   sizeof(detail));
	*dialect_out = dialect ? strdup(dialect) : dialect_of_driver(driver ? driver : detail);
	if (!*dialect_out)
		return extmgr__drivers_error(error, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	if (is_found)
		return EXTMGR_OK;
	extmgr__drivers_error(error, EXTMGR_E_UNSUPPORTED, package_of(*dialect_out),
			      "the ODBC %s '%s' is not installed",
			      driver ? "driver" : "data source", driver ? driver : source);
	free(*dialect_out);
	*dialect_out = NULL;
	return EXTMGR_E_UNSUPPORTED;
}
