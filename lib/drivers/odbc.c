/* SPDX-License-Identifier: MIT */
/* Databases through ODBC: the public functions. */
#include "odbc.h"

#include <extmgr/drivers.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void destroy(void *user_data)
{
	struct extmgr__odbc_database *database = user_data;

	extmgr__odbc_settings_free(&database->settings);
	free(database->dialect_name);
	free(database);
}

static enum extmgr__odbc_dialect dialect_of(const char *name)
{
	if (strcmp(name, "sqlite") == 0)
		return EXTMGR__ODBC_SQLITE;
	if (strcmp(name, "postgresql") == 0)
		return EXTMGR__ODBC_POSTGRESQL;
	return EXTMGR__ODBC_OTHER;
}

/* What SQLite takes for something else than the path of a file. */
static extmgr_result check_sqlite_path(const struct extmgr__odbc_settings *settings,
				       extmgr_error **error)
{
	const char *path = extmgr__odbc_settings_get(settings, "Database");

	if (!path && extmgr__odbc_settings_get(settings, "DSN"))
		return EXTMGR_OK;
	if (!path || *path == '\0')
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "the connection names no database file");
	if (strcasecmp(path, ":memory:") == 0)
		return extmgr__drivers_error(
			error, EXTMGR_E_INVALID_ARGUMENT, "name a file: it may lie in /dev/shm",
			"':memory:' would be another database in each session");
	if (strncasecmp(path, "file:", 5) == 0)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "a database file cannot be given as an URI of SQLite");
	return EXTMGR_OK;
}

static uint32_t capabilities_of(enum extmgr__odbc_dialect dialect)
{
	/* Of others nothing is known: exasol has both in part only. */
	return dialect == EXTMGR__ODBC_OTHER
		       ? 0
		       : EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS;
}

static void fill_callbacks(extmgr_database_callbacks *callbacks,
			   const struct extmgr__odbc_database *database)
{
	extmgr_database_callbacks_init(callbacks, sizeof(*callbacks));
	callbacks->capabilities = capabilities_of(database->dialect);
	callbacks->dialect = database->dialect_name;
	callbacks->open = extmgr__odbc_session_open;
	callbacks->close = extmgr__odbc_session_close;
	callbacks->begin = extmgr__odbc_session_begin;
	callbacks->commit = extmgr__odbc_session_commit;
	callbacks->rollback = extmgr__odbc_session_rollback;
	callbacks->execute = extmgr__odbc_execute;
	callbacks->query = extmgr__odbc_query;
	callbacks->interrupt = extmgr__odbc_session_interrupt;
	callbacks->destroy = destroy;
}

/* Takes the settings over, in any case. */
static extmgr_result open_with(struct extmgr__odbc_settings *settings,
			       extmgr_database **database_out, extmgr_error **error)
{
	extmgr_database_callbacks callbacks;
	struct extmgr__odbc_database *database = calloc(1, sizeof(*database));
	extmgr_result result;

	if (!database) {
		extmgr__odbc_settings_free(settings);
		return extmgr__drivers_error(error, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	}
	database->settings = *settings;
	settings->count = 0;
	result = extmgr__odbc_settings_find_dialect(&database->settings, &database->dialect_name,
						    error);
	if (result != EXTMGR_OK)
		goto out;
	database->dialect = dialect_of(database->dialect_name);
	if (database->dialect == EXTMGR__ODBC_SQLITE)
		result = check_sqlite_path(&database->settings, error);
	if (result != EXTMGR_OK)
		goto out;
	fill_callbacks(&callbacks, database);
	result = extmgr_database_new(&callbacks, database, database_out, error);
out:
	if (result != EXTMGR_OK)
		destroy(database);
	return result;
}

extmgr_result extmgr_database_open(const char *url, extmgr_database **database_out,
				   extmgr_error **error_out)
{
	struct extmgr__odbc_settings settings = {.count = 0};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!database_out)
		return extmgr__drivers_error(error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "database_out is NULL");
	*database_out = NULL;
	result = extmgr__odbc_url_parse(url, &settings, error_out);
	if (result == EXTMGR_OK)
		return open_with(&settings, database_out, error_out);
	extmgr__odbc_settings_free(&settings);
	return result;
}

extmgr_result extmgr_odbc_open(const char *const *keys, const char *const *values, size_t count,
			       extmgr_database **database_out, extmgr_error **error_out)
{
	struct extmgr__odbc_settings settings = {.count = 0};
	extmgr_result result = EXTMGR_OK;

	if (error_out)
		*error_out = NULL;
	if (database_out)
		*database_out = NULL;
	if (!database_out || !keys || !values || count == 0)
		return extmgr__drivers_error(error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "keys, values or database_out is NULL, or count is 0");
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		if (!keys[i] || !values[i])
			result = extmgr__drivers_error(error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
						       "a key or value is NULL");
		else
			result = extmgr__odbc_settings_add(&settings, keys[i], strlen(keys[i]),
							   values[i], strlen(values[i]), error_out);
	}
	if (result == EXTMGR_OK)
		return open_with(&settings, database_out, error_out);
	extmgr__odbc_settings_free(&settings);
	return result;
}

extmgr_result extmgr_odbc_attach(void *connection, const char *dialect,
				 extmgr_database **database_out, extmgr_error **error_out)
{
	extmgr_database_callbacks callbacks;
	struct extmgr__odbc_database *database;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (database_out)
		*database_out = NULL;
	if (!connection || !dialect || !database_out)
		return extmgr__drivers_error(error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "connection, dialect or database_out is NULL");
	database = calloc(1, sizeof(*database));
	if (database)
		database->dialect_name = strdup(dialect);
	if (!database || !database->dialect_name) {
		free(database);
		return extmgr__drivers_error(error_out, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	}
	database->dialect = dialect_of(dialect);
	database->callers = connection;
	fill_callbacks(&callbacks, database);
	callbacks.open = extmgr__odbc_session_attach;
	callbacks.close = extmgr__odbc_session_detach;
	result = extmgr_database_new(&callbacks, database, database_out, error_out);
	if (result != EXTMGR_OK)
		destroy(database);
	return result;
}
