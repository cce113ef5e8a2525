/* SPDX-License-Identifier: MIT */
#include "catalog/schema.h"

#include "base/text.h"
#include "catalog/catalog_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TABLES 4

static const char *const tables[TABLES] = {"schema", "extension", "file", "history"};

/*
 * The same words for both dialects. Times are milliseconds since 1970 by the database's clock.
 * Content is Base64 in parts of 1 MiB: the contract of a host's database has no binary arguments.
 */
static const char *const make[] = {
	"CREATE TABLE @schema (\n"
	"\tversion integer NOT NULL PRIMARY KEY\n"
	")",
	"CREATE TABLE @extension (\n"
	"\tid text NOT NULL PRIMARY KEY,\n"
	"\tname text NOT NULL,\n"
	"\tversion text NOT NULL,\n"
	"\tdigest text NOT NULL,\n"
	"\tarchive_sha256 text NOT NULL,\n"
	"\ttrust_fingerprint text NOT NULL,\n"
	"\tmanifest text NOT NULL,\n"
	"\tlisting text NOT NULL,\n"
	"\tsignature text NOT NULL,\n"
	"\tsource text NOT NULL,\n"
	"\tenabled integer NOT NULL CHECK (enabled IN (0, 1)),\n"
	"\theld integer NOT NULL CHECK (held IN (0, 1)),\n"
	"\tstate text NOT NULL CHECK (state IN ('active', 'missing', 'bad')),\n"
	"\tlast_seen_ms bigint NOT NULL,\n"
	"\tfence bigint NOT NULL,\n"
	"\tcreated_ms bigint NOT NULL,\n"
	"\tchanged_ms bigint NOT NULL\n"
	")",
	"CREATE TABLE @file (\n"
	"\textension_id text NOT NULL REFERENCES @extension (id) ON DELETE CASCADE,\n"
	"\tpath text NOT NULL,\n"
	"\tpart integer NOT NULL,\n"
	"\tsize bigint NOT NULL,\n"
	"\tsha256 text NOT NULL,\n"
	"\tcontent text NOT NULL,\n"
	"\tPRIMARY KEY (extension_id, path, part)\n"
	")",
	"CREATE TABLE @history (\n"
	"\tat_ms bigint NOT NULL,\n"
	"\tid text NOT NULL,\n"
	"\tactor text NOT NULL,\n"
	"\toperation text NOT NULL,\n"
	"\textension_id text NOT NULL,\n"
	"\tfrom_version text NOT NULL,\n"
	"\tto_version text NOT NULL,\n"
	"\tdigest text NOT NULL,\n"
	"\toutcome text NOT NULL,\n"
	"\tdetail text NOT NULL,\n"
	"\tPRIMARY KEY (at_ms, id)\n"
	")",
	"CREATE INDEX @history_extension ON @history (extension_id, at_ms)",
	"INSERT INTO @schema (version) VALUES (1)",
};

_Static_assert(EXTMGR__CATALOG_VERSION == 1, "the INSERT says 1");

/* ---- What is there ---- */

static const char sqlite_find[] =
	"SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?";
/* Not to_regclass(): what it did not find once, it does not find again in the transaction that
 * waited while somebody made it. */
static const char postgresql_find[] =
	"SELECT 1 FROM pg_catalog.pg_class WHERE relname = ? AND relkind IN ('r', 'p', 'v', 'f') "
	"AND pg_catalog.pg_table_is_visible(oid)";

static extmgr_result table_exists(struct extmgr__catalog_session *session, const char *table,
				  bool *exists, extmgr_error **error)
{
	bool sqlite = extmgr__catalog_is_sqlite(extmgr__catalog_of(session));
	char name[EXTMGR__CATALOG_PREFIX_MAXIMUM + 16];
	extmgr_rows *rows = NULL;
	extmgr_result result;

	(void)snprintf(name, sizeof(name), "%s%s",
		       extmgr__catalog_prefix(extmgr__catalog_of(session)), table);
	result = extmgr__catalog_query(session, sqlite ? sqlite_find : postgresql_find,
				       EXTMGR__ARGUMENTS(EXTMGR__TEXT(name)), &rows, error);
	*exists = result == EXTMGR_OK && extmgr__rows_count(rows) > 0;
	extmgr__rows_free(rows);
	return result;
}

static extmgr_result damaged(extmgr_error **error)
{
	extmgr__error_hint(error, "restore the tables from a backup, or drop what is left of them "
				  "and synchronise again");
	return EXTMGR_E_CATALOG_DAMAGED;
}

static extmgr_result check_version(struct extmgr__catalog_session *session, extmgr_error **error)
{
	const char *prefix = extmgr__catalog_prefix(extmgr__catalog_of(session));
	extmgr_rows *rows = NULL;
	extmgr_result result;
	int64_t version;
	size_t count;

	result = extmgr__catalog_query(session, "SELECT version FROM @schema", EXTMGR__NO_ARGUMENTS,
				       &rows, error);
	if (result != EXTMGR_OK) {
		extmgr__rows_free(rows);
		if (result != EXTMGR_E_STATEMENT)
			return result;
		extmgr__error_wrap(error, EXTMGR_E_CATALOG_DAMAGED,
				   "table %sschema cannot be read as one of the catalog", prefix);
		extmgr__error_hint(error, "the account needs the right to read it; if it is "
					  "somebody else's table, use another prefix");
		return EXTMGR_E_CATALOG_DAMAGED;
	}
	version = extmgr__rows_integer(rows, 0, 0);
	count = extmgr__rows_count(rows);
	extmgr__rows_free(rows);
	if (count != 1 || version < 1) {
		extmgr__error_set(error, EXTMGR_E_CATALOG_DAMAGED,
				  "table %sschema does not hold one version, but %zu rows", prefix,
				  count);
		return damaged(error);
	}
	if (version > EXTMGR__CATALOG_VERSION) {
		extmgr__error_set(error, EXTMGR_E_CATALOG_NEWER,
				  "the catalog has version %" PRId64
				  ", this library knows those up to %d",
				  version, EXTMGR__CATALOG_VERSION);
		extmgr__error_hint(error, "use the newer library that made it");
		return EXTMGR_E_CATALOG_NEWER;
	}
	return EXTMGR_OK;
}

/* Within a transaction. */
static extmgr_result look(struct extmgr__catalog_session *session, extmgr_error **error)
{
	const char *prefix = extmgr__catalog_prefix(extmgr__catalog_of(session));
	const char *missing = NULL;
	size_t there = 0;

	for (size_t i = 0; i < TABLES; i++) {
		bool exists = false;
		extmgr_result result = table_exists(session, tables[i], &exists, error);

		if (result != EXTMGR_OK)
			return result;
		there += exists;
		if (!exists)
			missing = tables[i];
	}
	if (there == 0) {
		extmgr__error_set(error, EXTMGR_E_CATALOG_MISSING,
				  "the database has no catalog: there is no table %sschema",
				  prefix);
		extmgr__error_hint(error,
				   "'extmgr catalog init' or 'extmgr sync' makes the tables");
		return EXTMGR_E_CATALOG_MISSING;
	}
	if (missing) {
		extmgr__error_set(error, EXTMGR_E_CATALOG_DAMAGED,
				  "the catalog is damaged: there is no table %s%s, but others are",
				  prefix, missing);
		return damaged(error);
	}
	return check_version(session, error);
}

extmgr_result extmgr__catalog_check_tables(struct extmgr__catalog_session *session,
					   extmgr_error **error)
{
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	if (result == EXTMGR_OK)
		result = look(session, error);
	extmgr__catalog_rollback(session);
	return result;
}

/* ---- Making ---- */

/* PostgreSQL: one at a time makes tables, whatever their prefix; the number has no meaning. */
static extmgr_result lock_database(struct extmgr__catalog_session *session, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result;

	/* SQLite: the transaction began with the write lock. */
	if (extmgr__catalog_is_sqlite(extmgr__catalog_of(session)))
		return EXTMGR_OK;
	result = extmgr__catalog_query(session, "SELECT pg_advisory_xact_lock(7310291845516102007)",
				       EXTMGR__NO_ARGUMENTS, &rows, error);
	extmgr__rows_free(rows);
	return result;
}

static extmgr_result create(struct extmgr__catalog_session *session, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]) && result == EXTMGR_OK; i++)
		result = extmgr__catalog_execute(session, make[i], EXTMGR__NO_ARGUMENTS, NULL,
						 error);
	if (result != EXTMGR_E_STATEMENT)
		return result;
	extmgr__error_wrap(error, result, "cannot make the tables of the catalog");
	extmgr__error_hint(error, "'extmgr catalog init --sql' prints the statements, for a role "
				  "that has the right to make tables");
	return result;
}

static extmgr_result make_locked(struct extmgr__catalog_session *session, extmgr_error **error)
{
	extmgr_error *reason = NULL;
	extmgr_result result = lock_database(session, error);

	if (result != EXTMGR_OK)
		return result;
	result = look(session, &reason);
	if (result == EXTMGR_OK)
		return EXTMGR_UNCHANGED;
	if (result == EXTMGR_E_CATALOG_MISSING) {
		extmgr_error_free(reason);
		reason = NULL;
		result = create(session, &reason);
	}
	extmgr__error_move(error, &reason);
	extmgr_error_free(reason);
	return result;
}

extmgr_result extmgr__catalog_make_tables(struct extmgr__catalog_session *session,
					  extmgr_error **error)
{
	const extmgr_catalog *catalog = extmgr__catalog_of(session);
	extmgr_error *reason = NULL;
	extmgr_result result = extmgr__catalog_check_tables(session, &reason);

	if (result != EXTMGR_E_CATALOG_MISSING) {
		extmgr__error_move(error, &reason);
		extmgr_error_free(reason);
		return result == EXTMGR_OK ? EXTMGR_UNCHANGED : result;
	}
	extmgr_error_free(reason);
	result = extmgr__catalog_begin_write(session, extmgr__catalog_lock_timeout_ms(catalog),
					     error);
	if (result != EXTMGR_OK)
		return result;
	result = make_locked(session, error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_commit(session, error);
	else
		extmgr__catalog_rollback(session);
	if (result == EXTMGR_OK)
		extmgr__context_log(extmgr__catalog_context(catalog), EXTMGR_LOG_INFO, "catalog",
				    "the tables of the catalog were made");
	return result;
}

extmgr_result extmgr_catalog_init(extmgr_catalog *catalog, extmgr_operation *operation,
				  extmgr_error **error_out)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_connect(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_make_tables(session, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}

/* ---- As text ---- */

extmgr_result extmgr_catalog_get_sql(const char *dialect, const char *prefix,
				     extmgr_text **text_out, extmgr_error **error_out)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (text_out)
		*text_out = NULL;
	if (!dialect || !text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 dialect ? "text_out" : "dialect");
	if (strcmp(dialect, "sqlite") != 0 && strcmp(dialect, "postgresql") != 0)
		return extmgr__error_set(error_out, EXTMGR_E_UNSUPPORTED,
					 "a catalog cannot lie in a database of dialect '%.40s'",
					 dialect);
	if (!prefix)
		prefix = EXTMGR__CATALOG_PREFIX;
	result = extmgr__catalog_check_prefix(prefix, error_out);
	if (result != EXTMGR_OK)
		return result;
	extmgr__buffer_puts(&text, "BEGIN;\n");
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		extmgr__catalog_put_sql(&text, make[i], prefix);
		extmgr__buffer_puts(&text, ";\n");
	}
	extmgr__buffer_puts(&text, "COMMIT;\n");
	*text_out = extmgr__buffer_take_text(&text, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "the SQL");
}
