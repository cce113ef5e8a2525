/* SPDX-License-Identifier: MIT */
/*
 * The history in the target: a table in the extension schema with a row for each operation that
 * changed something, written in its own transaction.
 */
#include "manager/writer.h"

#include "base/hash.h"
#include "host/rows.h"
#include "host/values.h"
#include "registry/registry.h"
#include "sql/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLE         "extmgr_target_history"
#define SQL_MAXIMUM   ((size_t)4 << 10)
#define DEFAULT_LIMIT 100u
#define MAXIMUM_LIMIT 10000u
/* On PostgreSQL held while the table is made: two that make it at once would fail. Any number. */
#define CREATION_LOCK "7310305774118728001"

/*
 * In the order in which they are written and read. The entry is the order of the rows: clocks go
 * back. Read with the table's alias, because SQLite takes a quoted name that it does not know for a
 * text.
 */
#define COLUMNS(alias)                                                                             \
	alias "\"at_ms\", " alias "\"id\", " alias "\"actor\", " alias "\"operation\", " alias     \
	      "\"extension_id\", " alias "\"from_version\", " alias "\"to_version\", " alias       \
	      "\"instance_id\", " alias "\"digest\", " alias "\"outcome\", " alias                 \
	      "\"statements\""

enum column {
	AT_MS,
	ID,
	ACTOR,
	OPERATION,
	EXTENSION_ID,
	FROM_VERSION,
	TO_VERSION,
	INSTANCE_ID,
	DIGEST,
	OUTCOME,
	STATEMENTS
};

/* ---- the table ---- */

static void write_table_name(const extmgr_manager *manager, struct extmgr__buffer *sql)
{
	/* The schema's name was checked: quoting cannot fail for its content. */
	(void)extmgr__sql_quote_identifier(manager->dialect, manager->extension_schema,
					   strlen(manager->extension_schema), sql);
	extmgr__buffer_puts(sql, ".\"" TABLE "\"");
}

static extmgr_result check_sql(const struct extmgr__buffer *sql, extmgr_error **error)
{
	extmgr_result result = extmgr__buffer_result(sql);

	return result == EXTMGR_OK ? result
				   : extmgr__error_from_result(error, result, "a statement");
}

static extmgr_result add_text(extmgr_values *values, const char *text)
{
	return text ? extmgr__values_add_text(values, text, strlen(text))
		    : extmgr__values_add_null(values);
}

static extmgr_result table_exists(struct extmgr__work *work, bool *exists, extmgr_error **error)
{
	static const char *const queries[] = {
		[EXTMGR__DIALECT_SQLITE] = "SELECT 1 FROM main.sqlite_master WHERE name = ?",
		[EXTMGR__DIALECT_POSTGRESQL] =
			"SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
			"ON n.oid = c.relnamespace WHERE c.relname = ? AND n.nspname = ?",
		[EXTMGR__DIALECT_EXASOL] = "SELECT 1 FROM SYS.EXA_ALL_TABLES WHERE TABLE_NAME = ? "
					   "AND TABLE_SCHEMA = ?",
	};
	const extmgr_manager *manager = work->manager;
	extmgr_values *arguments = extmgr__values_new();
	extmgr_rows *rows = NULL;
	extmgr_result result = arguments ? add_text(arguments, TABLE) : EXTMGR_E_NO_MEMORY;

	if (result == EXTMGR_OK && manager->dialect != EXTMGR__DIALECT_SQLITE)
		result = add_text(arguments, manager->extension_schema);
	if (result != EXTMGR_OK)
		(void)extmgr__error_from_result(error, result, "a query");
	else
		result = extmgr__target_ask(work->target, queries[manager->dialect], arguments,
					    &rows, error);
	*exists = result == EXTMGR_OK && extmgr__rows_count(rows) > 0;
	extmgr__rows_free(rows);
	extmgr__values_free(arguments);
	return result;
}

static extmgr_result create_table(struct extmgr__work *work, extmgr_error **error)
{
	const extmgr_manager *manager = work->manager;
	const char *text = manager->dialect == EXTMGR__DIALECT_EXASOL ? "VARCHAR(2000000)" : "TEXT";
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_rows *rows = NULL;
	extmgr_result result = EXTMGR_OK;

	if (manager->dialect == EXTMGR__DIALECT_POSTGRESQL)
		result = extmgr__target_ask(
			work->target, "SELECT pg_catalog.pg_advisory_xact_lock(" CREATION_LOCK ")",
			NULL, &rows, error);
	extmgr__rows_free(rows);
	if (result == EXTMGR_OK)
		result = extmgr__target_ensure_schema(work->target, true, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__buffer_puts(&sql, "CREATE TABLE IF NOT EXISTS ");
	write_table_name(manager, &sql);
	extmgr__buffer_printf(
		&sql,
		" (\"entry\" BIGINT NOT NULL, \"at_ms\" BIGINT NOT NULL, \"id\" %s NOT NULL, "
		"\"actor\" %s, \"operation\" %s NOT NULL, \"extension_id\" %s NOT NULL, "
		"\"from_version\" %s, \"to_version\" %s, \"instance_id\" %s, \"digest\" %s, "
		"\"outcome\" %s NOT NULL, \"statements\" BIGINT NOT NULL)",
		text, text, text, text, text, text, text, text, text);
	result = check_sql(&sql, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_tell(work->target, extmgr__buffer_get(&sql), NULL, error);
	extmgr__buffer_free(&sql);
	return result;
}

/* ---- writing ---- */

static extmgr_result next_entry(struct extmgr__work *work, int64_t *entry, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_rows *rows = NULL;
	extmgr_result result;

	extmgr__buffer_puts(&sql, "SELECT MAX(h.\"entry\") FROM ");
	write_table_name(work->manager, &sql);
	extmgr__buffer_puts(&sql, " h");
	result = check_sql(&sql, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_ask(work->target, extmgr__buffer_get(&sql), NULL, &rows,
					    error);
	*entry = extmgr__rows_integer(rows, 0, 0) + 1;
	extmgr__rows_free(rows);
	extmgr__buffer_free(&sql);
	return result;
}

/* Which version there was before, and which there is now; of an instance: the same. */
static void find_versions(const struct extmgr__work *work, const struct writer *writer,
			  const char **from, const char **to)
{
	*from = *to = work->version;
	if (writer->upgrade.first) {
		*from = writer->upgrade.first;
		*to = writer->upgrade.second;
	} else if (strcmp(writer->operation, "install") == 0) {
		*from = NULL;
	} else if (strcmp(writer->operation, "uninstall") == 0) {
		*to = NULL;
	}
}

static const char *shown(const struct extmgr__work *work, const char *text)
{
	return extmgr__target_holds_secret(work->target, text) ? "***" : text;
}

static extmgr_result add_values(const struct extmgr__work *work, const struct writer *writer,
				int64_t entry, extmgr_values *values)
{
	unsigned char random[16];
	char id[2 * sizeof(random) + 1];
	char digest[sizeof("sha256:") + EXTMGR__SHA256_HEX_SIZE];
	const char *from;
	const char *to;
	extmgr_result result = extmgr__hash_random(random, sizeof(random));

	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(id + 2 * i, 3, "%02x", random[i]);
	(void)snprintf(digest, sizeof(digest), "sha256:%s", work->info->digest);
	find_versions(work, writer, &from, &to);
	if (result == EXTMGR_OK)
		result = extmgr__values_add_integer(values, entry);
	if (result == EXTMGR_OK)
		result = extmgr__values_add_integer(values, extmgr__realtime_ms());
	const char *const texts[] = {
		id,
		shown(work, extmgr__operation_actor(work->call.operation)),
		writer->operation,
		work->id,
		from,
		to,
		shown(work, writer->instance.first ? writer->instance.first : writer->instance_id),
		digest,
		"committed",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && result == EXTMGR_OK; i++)
		result = add_text(values, texts[i]);
	if (result == EXTMGR_OK)
		result = extmgr__values_add_integer(
			values, (int64_t)extmgr__report_statement_count(work->report));
	return result;
}

static extmgr_result insert_row(struct extmgr__work *work, const struct writer *writer,
				extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_values *values = extmgr__values_new();
	int64_t entry;
	extmgr_result result = next_entry(work, &entry, error);

	if (result != EXTMGR_OK)
		goto out;
	extmgr__buffer_puts(&sql, "INSERT INTO ");
	write_table_name(work->manager, &sql);
	extmgr__buffer_puts(&sql, " (\"entry\", " COLUMNS("") ") VALUES (?, ?, ?, ?, ?, ?, ?, "
							      "?, ?, ?, ?, ?)");
	result = values ? add_values(work, writer, entry, values) : EXTMGR_E_NO_MEMORY;
	if (result != EXTMGR_OK)
		(void)extmgr__error_from_result(error, result, "the row of history");
	else
		result = check_sql(&sql, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_tell(work->target, extmgr__buffer_get(&sql), values, error);
out:
	extmgr__values_free(values);
	extmgr__buffer_free(&sql);
	return result;
}

extmgr_result extmgr__writer_leave_history(struct extmgr__work *work, const struct writer *writer,
					   extmgr_error **error)
{
	bool exists = false;
	extmgr_result result = extmgr__work_step(work, "history", error);

	if (result != EXTMGR_OK)
		return result;
	/* Behind a transaction that somebody ended the row would tell of what was not done. In that
	 * of the caller the wall is also the way back, and stays until the end. */
	if (!work->manager->callers_transaction)
		result = extmgr__target_release_wall(work->target, error);
	if (result != EXTMGR_OK)
		return result;
	result = table_exists(work, &exists, error);
	if (result == EXTMGR_OK && !exists)
		result = create_table(work, error);
	if (result == EXTMGR_OK)
		result = insert_row(work, writer, error);
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	result = extmgr__error_wrap(error, result, "failed to write the history of the target");
	extmgr__error_hint(error, "the account needs to create and fill the table " TABLE
				  " in the extension schema, or the history must be off");
	return result;
}

/* ---- reading ---- */

static void write_time(struct extmgr__json_writer *writer, int64_t at_ms)
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm parts = {0};
	char text[64] = "";

	if (at_ms >= 0 && gmtime_r(&seconds, &parts))
		(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			       parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
			       parts.tm_min, parts.tm_sec, (int)(at_ms % 1000));
	extmgr__json_member_string(writer, "at", text);
	extmgr__json_member_integer(writer, "atMs", at_ms);
}

static void write_entry(struct extmgr__json_writer *writer, const extmgr_rows *rows, size_t row)
{
	static const struct {
		const char *key;
		enum column column;
	} texts[] = {
		{"id", ID},
		{"actor", ACTOR},
		{"operation", OPERATION},
		{"extensionId", EXTENSION_ID},
		{"fromVersion", FROM_VERSION},
		{"toVersion", TO_VERSION},
		{"instanceId", INSTANCE_ID},
		{"digest", DIGEST},
		{"outcome", OUTCOME},
	};

	extmgr__json_begin_object(writer);
	write_time(writer, extmgr__rows_integer(rows, row, AT_MS));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		extmgr__json_member_string(writer, texts[i].key,
					   extmgr__rows_text(rows, row, texts[i].column));
	extmgr__json_member_integer(writer, "statements",
				    extmgr__rows_integer(rows, row, STATEMENTS));
	extmgr__json_end_object(writer);
}

static extmgr_result select_rows(struct extmgr__work *work, const char *id, uint32_t limit,
				 extmgr_rows **rows_out, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	char *canonical = id ? extmgr__registry_id(work->manager->registry, id) : NULL;
	extmgr_values *values = extmgr__values_new();
	extmgr_result result = EXTMGR_OK;

	if (!values || (id && !canonical))
		result = EXTMGR_E_NO_MEMORY;
	else if (id)
		result = add_text(values, canonical);
	extmgr__buffer_puts(&sql, "SELECT " COLUMNS("h.") " FROM ");
	write_table_name(work->manager, &sql);
	extmgr__buffer_printf(&sql,
			      " h%s ORDER BY h.\"entry\" DESC, h.\"at_ms\" DESC, h.\"id\" DESC "
			      "LIMIT %" PRIu32,
			      id ? " WHERE h.\"extension_id\" = ?" : "", limit);
	if (result != EXTMGR_OK)
		(void)extmgr__error_from_result(error, result, "a query of the history");
	else
		result = check_sql(&sql, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_ask(work->target, extmgr__buffer_get(&sql), values,
					    rows_out, error);
	extmgr__values_free(values);
	extmgr__buffer_free(&sql);
	free(canonical);
	return result;
}

static extmgr_result read_history(struct extmgr__work *work, const char *id, uint32_t limit,
				  extmgr_text **text_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_rows *rows = NULL;
	bool exists = false;
	extmgr_result result = table_exists(work, &exists, error);

	if (result == EXTMGR_OK && exists)
		result = select_rows(work, id, limit, &rows, error);
	if (result != EXTMGR_OK)
		return extmgr__error_wrap(error, result,
					  "failed to read the history of the target");
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.history/1");
	extmgr__json_key(&writer, "entries");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; rows && i < extmgr__rows_count(rows); i++)
		write_entry(&writer, rows, i);
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	extmgr__rows_free(rows);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the history");
}

extmgr_result extmgr_manager_get_history(extmgr_manager *manager, const char *id, uint32_t limit,
					 const extmgr_call_options *options,
					 extmgr_text **history_out, extmgr_error **error_out)
{
	struct extmgr__work work = {.manager = manager};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!history_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "history_out is NULL");
	*history_out = NULL;
	if (limit > MAXIMUM_LIMIT)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "limit is above %u",
					 MAXIMUM_LIMIT);
	result = extmgr__call_begin(manager, options, true, &work.call, &error);
	if (result == EXTMGR_OK) {
		if (manager->dialect == EXTMGR__DIALECT_OTHER)
			result = extmgr__error_set(&error, EXTMGR_E_UNSUPPORTED,
						   "a database of dialect %s has no history",
						   extmgr_database_get_dialect(manager->database));
		else
			result = extmgr__work_step(&work, "begin", &error);
		if (result == EXTMGR_OK)
			result = extmgr__target_open(manager, &work.call, false, NULL, &work.target,
						     &error);
		if (result == EXTMGR_OK)
			result = read_history(&work, id, limit ? limit : DEFAULT_LIMIT, history_out,
					      &error);
		extmgr__target_close(work.target);
		extmgr__call_end(&work.call);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
