/* SPDX-License-Identifier: MIT */
#include "exasol_host.h"

#include <fcntl.h>
#include <unistd.h>

static extmgr_result open_session(void *user_data, extmgr_operation *operation, void **session_out,
				  extmgr_host_error *error)
{
	(void)operation, (void)error;
	*session_out = user_data;
	return EXTMGR_OK;
}

static void close_session(void *user_data, void *session, int32_t broken)
{
	(void)user_data, (void)session, (void)broken;
}

static extmgr_result break_at(const struct host *host, const char *sql, extmgr_host_error *error)
{
	if (!host->breaks || !strstr(sql, host->breaks))
		return EXTMGR_OK;
	extmgr_host_error_set(error, 7, "42000", "mock", 4);
	return host->answer ? host->answer : EXTMGR_E_STATEMENT;
}

static extmgr_result note_transaction(struct host *host, const char *command,
				      extmgr_host_error *error)
{
	strncat(host->transaction, command,
		sizeof(host->transaction) - strlen(host->transaction) - 1);
	strncat(host->transaction, " ", sizeof(host->transaction) - strlen(host->transaction) - 1);
	return break_at(host, command, error);
}

static extmgr_result begin(void *user_data, void *session, uint32_t flags, extmgr_host_error *error)
{
	(void)session, (void)flags;
	return note_transaction(user_data, "BEGIN", error);
}

static extmgr_result commit(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	return note_transaction(user_data, "COMMIT", error);
}

static extmgr_result rollback(void *user_data, void *session, extmgr_host_error *error)
{
	(void)session;
	return note_transaction(user_data, "ROLLBACK", error);
}

static void note(struct host *host, const char *text)
{
	strncat(host->asked, text, sizeof(host->asked) - strlen(host->asked) - 1);
}

static extmgr_result ask(struct host *host, const char *sql, const extmgr_values *arguments,
			 extmgr_host_error *error)
{
	note(host, sql);
	for (size_t i = 0; i < extmgr_values_get_count(arguments); i++) {
		const char *text = extmgr_values_get_text(arguments, i, NULL);

		note(host, "|");
		note(host, text ? text : "NULL");
	}
	note(host, "\n");
	if (strncmp(sql, "CREATE SCHEMA", 13) == 0 && strstr(sql, "INTERNAL"))
		(void)snprintf(host->schema, sizeof(host->schema), "%s", sql + 13);
	return break_at(host, sql, error);
}

static extmgr_result execute(void *user_data, void *session, const char *sql, size_t length,
			     const extmgr_values *arguments, int64_t *affected_out,
			     extmgr_host_error *error)
{
	(void)session, (void)length;
	*affected_out = 0;
	return ask(user_data, sql, arguments, error);
}

/* b lies twice; the sizes come as drivers have them. */
static extmgr_result fill_listing(const struct host *host, extmgr_rows *rows)
{
	static const char *const paths[] = {"/b/y/b", "/b/x/b", "/b/a.jar"};
	static const char *const columns[] = {"FILE_NAME", "FULL_PATH", "SIZE"};
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < (host->bad_listing ? 1 : 3) && result == EXTMGR_OK; i++)
		result = extmgr_rows_add_column(rows, columns[i], "");
	for (size_t i = 0; i < 3 && result == EXTMGR_OK; i++) {
		const char *name = strrchr(paths[i], '/') + 1;

		result = extmgr_rows_append_text(rows, name, strlen(name));
		if (host->bad_listing || result != EXTMGR_OK)
			continue;
		result = extmgr_rows_append_text(rows, paths[i], strlen(paths[i]));
		if (result == EXTMGR_OK)
			result = i == 0   ? extmgr_rows_append_integer(rows, 3)
				 : i == 1 ? extmgr_rows_append_number(rows, 4.0)
					  : extmgr_rows_append_text(rows, "5", 1);
	}
	return result;
}

static extmgr_result fill_pairs(int count, extmgr_rows *rows)
{
	extmgr_result result = extmgr_rows_add_column(rows, "NUMBER", "DECIMAL");

	if (result == EXTMGR_OK)
		result = extmgr_rows_add_column(rows, "TEXT", "VARCHAR");
	for (int i = 1; i <= count && result == EXTMGR_OK; i++) {
		result = extmgr_rows_append_integer(rows, i);
		if (result == EXTMGR_OK)
			result = extmgr_rows_append_text(rows, i == 1 ? "a" : "b", 1);
	}
	return result;
}

static extmgr_result fill_text(const char *text, extmgr_rows *rows)
{
	extmgr_result result = extmgr_rows_add_column(rows, "C", "VARCHAR");

	return result == EXTMGR_OK ? extmgr_rows_append_text(rows, text, strlen(text)) : result;
}

/* The last entry of the history is the 41st. */
static extmgr_result fill_entry(bool is_there, extmgr_rows *rows)
{
	extmgr_result result = extmgr_rows_add_column(rows, "C", "DECIMAL");

	return result == EXTMGR_OK && is_there ? extmgr_rows_append_integer(rows, 41) : result;
}

static size_t count_columns(const char *sql)
{
	return strstr(sql, "_history") ? 11 : strstr(sql, "VIRTUAL") ? 5 : 7;
}

static extmgr_result query(void *user_data, void *session, const char *sql, size_t length,
			   const extmgr_values *arguments, extmgr_rows *rows,
			   extmgr_host_error *error)
{
	struct host *host = user_data;
	size_t columns = count_columns(sql) - host->missing;
	extmgr_result result = ask(host, sql, arguments, error);

	(void)session, (void)length;
	if (result == EXTMGR_OK && strstr(sql, "LIST_RECURSIVELY"))
		return fill_listing(host, rows);
	if (result == EXTMGR_OK && strstr(sql, "FROM PAIRS"))
		return fill_pairs(strstr(sql, "NONE") ? 0 : 2, rows);
	if (result == EXTMGR_OK && strstr(sql, "\"SHA256\""))
		return fill_text(host->sha256, rows);
	if (result == EXTMGR_OK && strstr(sql, "EXA_METADATA"))
		return fill_text(host->version, rows);
	if (result == EXTMGR_OK && strstr(sql, "EXA_ALL_TABLES"))
		return fill_entry(host->has_history, rows);
	if (result == EXTMGR_OK && strstr(sql, "SELECT MAX("))
		return fill_entry(true, rows);
	for (size_t i = 0; i < columns && result == EXTMGR_OK; i++)
		result = extmgr_rows_add_column(rows, "C", "VARCHAR");
	for (size_t i = 0; i < columns * host->rows && result == EXTMGR_OK; i++) {
		char text[2] = {(char)('a' + i), '\0'};

		result = host->null ? extmgr_rows_append_null(rows)
				    : extmgr_rows_append_text(rows, text, 1);
	}
	return result;
}

static void open_manager(struct host *host)
{
	extmgr_database_callbacks callbacks;
	extmgr_target_options options;

	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.dialect = "exasol";
	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL;
	callbacks.open = open_session;
	callbacks.close = close_session;
	callbacks.begin = begin;
	callbacks.commit = commit;
	callbacks.rollback = rollback;
	callbacks.execute = execute;
	callbacks.query = query;
	extmgr_target_options_init(&options, sizeof(options));
	options.extension_schema = "S";
	options.verify = EXTMGR_VERIFY_OFF;
	options.bucketfs_path = "/b/";
	assert_int_equal(extmgr_context_new(NULL, &host->context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(host->context, host->path, &host->registry, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_database_new(&callbacks, host, &host->database, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_manager_new(host->context, host->registry, host->database, NULL,
					    &options, &host->manager, NULL),
			 EXTMGR_OK);
}

void exasol_host_open(struct host *host, const char *source)
{
	size_t length = strlen(source);
	char path[80];
	int file;

	memset(host, 0, sizeof(*host));
	(void)snprintf(host->path, sizeof(host->path), "/tmp/extmgr-exasol-XXXXXX");
	assert_non_null(mkdtemp(host->path));
	(void)snprintf(path, sizeof(path), "%s/x.js", host->path);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(file, source, length), length);
	assert_int_equal(close(file), 0);
	open_manager(host);
}

void exasol_host_close(struct host *host)
{
	char path[80];

	extmgr_manager_free(host->manager);
	extmgr_database_free(host->database);
	extmgr_registry_free(host->registry);
	extmgr_context_free(host->context);
	(void)snprintf(path, sizeof(path), "%s/x.js", host->path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(host->path), 0);
}
