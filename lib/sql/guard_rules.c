/* SPDX-License-Identifier: MIT */
/* The rules for every dialect, for SQLite, for Exasol and for databases not known by name. */
#include "sql/guard_rules.h"

#define FORBIDDEN EXTMGR_E_STATEMENT_FORBIDDEN

static const char transactions[] = "transaction handling is done by the extension manager";
static const char leaves[] = "it reaches beyond the database of the operation";
static const char session[] = "it changes the session, which outlives the operation";

static const struct extmgr__sql_rule common_rules[] = {
	{"COMMIT", FORBIDDEN, transactions, NULL},
	{"ROLLBACK", FORBIDDEN, transactions, NULL},
	{"BEGIN", FORBIDDEN, transactions, NULL},
	{"START", FORBIDDEN, transactions, NULL},
	{"END", FORBIDDEN, transactions, NULL},
	{"ABORT", FORBIDDEN, transactions, NULL},
	{"SAVEPOINT", FORBIDDEN, transactions, NULL},
	{"RELEASE", FORBIDDEN, transactions, NULL},
	{"PREPARE TRANSACTION", FORBIDDEN, transactions, NULL},
	{"SET TRANSACTION", FORBIDDEN, transactions, NULL},
	{"SET LOCAL TRANSACTION", FORBIDDEN, transactions, NULL},
	{"SET SESSION TRANSACTION", FORBIDDEN, transactions, NULL},
	{"SET SESSION CHARACTERISTICS", FORBIDDEN, transactions, NULL},
	{"SET AUTOCOMMIT", FORBIDDEN, transactions, NULL},
	{0},
};

static const struct extmgr__sql_rule sqlite_rules[] = {
	{"ATTACH", FORBIDDEN, leaves, NULL},
	{"DETACH", FORBIDDEN, leaves, NULL},
	{"PRAGMA", FORBIDDEN, session,
	 "table-valued functions such as pragma_table_info() are allowed"},
	{"VACUUM", FORBIDDEN, "it cannot run in a transaction, and VACUUM INTO writes files", NULL},
	{0},
};

static const struct extmgr__sql_rule exasol_rules[] = {
	{"ALTER SESSION", FORBIDDEN, session, NULL},
	{"ALTER SYSTEM", FORBIDDEN, leaves, NULL},
	{"KILL", FORBIDDEN, leaves, NULL},
	{0},
};

static const struct extmgr__sql_rule other_rules[] = {
	{"XA", FORBIDDEN, transactions, NULL},
	{"SET", FORBIDDEN, session, NULL},
	{0},
};

struct extmgr__sql_refusal extmgr__sql_match_rules(const struct extmgr__sql_rule *rules,
						   const struct extmgr__sql_cursor *start)
{
	for (; rules->words; rules++) {
		struct extmgr__sql_cursor cursor = *start;

		if (extmgr__sql_cursor_accept_all(&cursor, rules->words))
			return (struct extmgr__sql_refusal){rules->code, rules->words, rules->why,
							    rules->hint};
	}
	return (struct extmgr__sql_refusal){0};
}

static struct extmgr__sql_refusal refuse_by_dialect(const struct extmgr__sql_cursor *start)
{
	switch (start->lexer.dialect) {
	case EXTMGR__DIALECT_SQLITE:
		return extmgr__sql_match_rules(sqlite_rules, start);
	case EXTMGR__DIALECT_POSTGRESQL:
		return extmgr__sql_postgresql_refuse_command(start);
	case EXTMGR__DIALECT_EXASOL:
		return extmgr__sql_match_rules(exasol_rules, start);
	case EXTMGR__DIALECT_OTHER:
		break;
	}
	return extmgr__sql_match_rules(other_rules, start);
}

struct extmgr__sql_refusal extmgr__sql_refuse_command(const struct extmgr__sql_cursor *start)
{
	struct extmgr__sql_cursor cursor = *start;
	struct extmgr__sql_refusal refusal;

	/* EXPLAIN COMMIT is no statement anywhere, but nothing is lost by refusing it. */
	extmgr__sql_skip_explain(&cursor);
	while (extmgr__sql_cursor_is_operator(&cursor, '('))
		extmgr__sql_cursor_next(&cursor);
	refusal = extmgr__sql_match_rules(common_rules, &cursor);
	return refusal.code ? refusal : refuse_by_dialect(&cursor);
}

/*
 * SQLite calls a function in any quoting of its name, and inside triggers and views; so the name
 * before a parenthesis is refused even where it would be a table. blob_import and blob_export are
 * libsqliteodbc's: they read and write any file.
 */
static struct extmgr__sql_refusal sqlite_refuse_anywhere(const struct extmgr__sql_cursor *start)
{
	static const char *const functions[] = {"load_extension", "fts3_tokenizer", "readfile",
						"writefile",      "blob_import",    "blob_export"};
	struct extmgr__sql_cursor cursor = *start;

	while (cursor.token.kind != EXTMGR__SQL_END) {
		struct extmgr__sql_cursor name = cursor;

		extmgr__sql_cursor_next(&cursor);
		if (!extmgr__sql_cursor_is_operator(&cursor, '('))
			continue;
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
			if (extmgr__sql_cursor_spells(&name, functions[i]))
				return (struct extmgr__sql_refusal){FORBIDDEN, functions[i], leaves,
								    NULL};
		}
	}
	return (struct extmgr__sql_refusal){0};
}

/* IMPORT FROM LOCAL and EXPORT INTO LOCAL make the driver read and write files of our host. */
static struct extmgr__sql_refusal exasol_refuse_anywhere(const struct extmgr__sql_cursor *start)
{
	struct extmgr__sql_cursor cursor = *start;

	while (cursor.token.kind != EXTMGR__SQL_END) {
		bool from = extmgr__sql_cursor_is(&cursor, "FROM") ||
			    extmgr__sql_cursor_is(&cursor, "INTO");

		extmgr__sql_cursor_next(&cursor);
		if (from && extmgr__sql_cursor_is(&cursor, "LOCAL"))
			return (struct extmgr__sql_refusal){
				FORBIDDEN, "IMPORT or EXPORT of LOCAL files",
				"they are files of the host of the extension manager", NULL};
	}
	return (struct extmgr__sql_refusal){0};
}

struct extmgr__sql_refusal extmgr__sql_refuse_anywhere(const struct extmgr__sql_cursor *start)
{
	switch (start->lexer.dialect) {
	case EXTMGR__DIALECT_SQLITE:
		return sqlite_refuse_anywhere(start);
	case EXTMGR__DIALECT_POSTGRESQL:
		return extmgr__sql_postgresql_refuse_anywhere(start);
	case EXTMGR__DIALECT_EXASOL:
		return exasol_refuse_anywhere(start);
	case EXTMGR__DIALECT_OTHER:
		break;
	}
	return (struct extmgr__sql_refusal){0};
}
