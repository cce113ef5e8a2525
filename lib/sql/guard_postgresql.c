/* SPDX-License-Identifier: MIT */
/*
 * The rules for PostgreSQL. What cannot run in a transaction was tried on a server of version 15
 * (SQLSTATE 25001); what depends on the catalog (REINDEX or CLUSTER of a partitioned table, DROP
 * SUBSCRIPTION with a slot) is left to the server.
 */
#include "sql/guard_rules.h"

#include <string.h>

#define FORBIDDEN         EXTMGR_E_STATEMENT_FORBIDDEN
#define NOT_TRANSACTIONAL EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL

static const char session[] = "it changes the session, which outlives the operation";
static const char identity[] = "it changes whose rights the operation has";
static const char lexing[] = "it changes how statements are read";
static const char files[] = "it reads or writes files of the server";
static const char not_in_transaction[] = "it cannot run in a transaction";

static const struct extmgr__sql_rule rules[] = {
	{"SET ROLE", FORBIDDEN, identity, NULL},
	{"SET LOCAL ROLE", FORBIDDEN, identity, NULL},
	{"SET SESSION ROLE", FORBIDDEN, identity, NULL},
	{"SET SESSION AUTHORIZATION", FORBIDDEN, identity, NULL},
	{"SET LOCAL SESSION AUTHORIZATION", FORBIDDEN, identity, NULL},
	{"SET SESSION SESSION AUTHORIZATION", FORBIDDEN, identity, NULL},
	{"SET LOCAL SESSION CHARACTERISTICS", FORBIDDEN, session, NULL},
	{"SET NAMES", FORBIDDEN, lexing, NULL},
	{"SET LOCAL NAMES", FORBIDDEN, lexing, NULL},
	{"RESET", FORBIDDEN, session, NULL},
	{"DISCARD", FORBIDDEN, session, NULL},
	{"DEALLOCATE ALL", FORBIDDEN, "it drops what the driver prepared", NULL},
	{"DEALLOCATE PREPARE ALL", FORBIDDEN, "it drops what the driver prepared", NULL},
	{"LOAD", FORBIDDEN, "it loads a library into the server", NULL},
	{"COPY", FORBIDDEN, "it reads or writes files, programs or the connection itself",
	 "use INSERT with arguments, or SELECT"},
	{"ALTER SYSTEM", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"VACUUM", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"CREATE DATABASE", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"DROP DATABASE", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"CREATE TABLESPACE", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"DROP TABLESPACE", NOT_TRANSACTIONAL, not_in_transaction, NULL},
	{"CREATE INDEX CONCURRENTLY", NOT_TRANSACTIONAL, not_in_transaction,
	 "leave out CONCURRENTLY"},
	{"CREATE UNIQUE INDEX CONCURRENTLY", NOT_TRANSACTIONAL, not_in_transaction,
	 "leave out CONCURRENTLY"},
	{"DROP INDEX CONCURRENTLY", NOT_TRANSACTIONAL, not_in_transaction,
	 "leave out CONCURRENTLY"},
	{0},
};

/* Settings that no statement may change, even for the transaction only. */
static const struct {
	const char *name;
	const char *why;
} settings[] = {
	{"standard_conforming_strings", lexing},
	{"client_encoding", lexing},
	{"role", identity},
	{"session_authorization", identity},
	{"transaction_isolation", session},
	{"transaction_read_only", session},
	{"transaction_deferrable", session},
};

static struct extmgr__sql_refusal refusal(extmgr_result code, const char *what, const char *why,
					  const char *hint)
{
	return (struct extmgr__sql_refusal){code, what, why, hint};
}

static struct extmgr__sql_refusal nothing(void)
{
	return (struct extmgr__sql_refusal){0};
}

static bool is_unicode_escaped(const struct extmgr__sql_cursor *cursor)
{
	const char *sql = cursor->lexer.sql + cursor->token.start;

	return (cursor->token.kind == EXTMGR__SQL_QUOTED_NAME ||
		cursor->token.kind == EXTMGR__SQL_STRING) &&
	       (sql[0] == 'U' || sql[0] == 'u');
}

static struct extmgr__sql_refusal refuse_setting(const struct extmgr__sql_cursor *name)
{
	if (is_unicode_escaped(name))
		return refusal(FORBIDDEN, "a setting in Unicode escapes", lexing, NULL);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (extmgr__sql_cursor_spells(name, settings[i].name))
			return refusal(FORBIDDEN, settings[i].name, settings[i].why, NULL);
	}
	return nothing();
}

static struct extmgr__sql_refusal refuse_set(struct extmgr__sql_cursor cursor)
{
	if (extmgr__sql_cursor_is(&cursor, "CONSTRAINTS"))
		return nothing();
	if (extmgr__sql_cursor_accept(&cursor, "LOCAL"))
		return refuse_setting(&cursor);
	return refusal(FORBIDDEN, "SET", session, "use SET LOCAL");
}

/* Whether an option of the list "(a, b = false)" around the cursor is switched on. */
static bool option_value(struct extmgr__sql_cursor cursor)
{
	static const char *const off[] = {"false", "off", "no", "0"};

	extmgr__sql_cursor_next(&cursor);
	if (extmgr__sql_cursor_is_operator(&cursor, '='))
		extmgr__sql_cursor_next(&cursor);
	if (cursor.token.kind == EXTMGR__SQL_NUMBER)
		return cursor.token.length != 1 || cursor.lexer.sql[cursor.token.start] != '0';
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		if (extmgr__sql_cursor_spells(&cursor, off[i]))
			return false;
	}
	return true;
}

enum option { OPTION_ABSENT, OPTION_OFF, OPTION_ON };

/* Looks for an option inside any parentheses from here on. */
static enum option find_option(struct extmgr__sql_cursor cursor, const char *name)
{
	for (; !extmgr__sql_cursor_at_end(&cursor); extmgr__sql_cursor_next(&cursor)) {
		if (cursor.depth > 0 && extmgr__sql_cursor_is(&cursor, name))
			return option_value(cursor) ? OPTION_ON : OPTION_OFF;
	}
	return OPTION_ABSENT;
}

static struct extmgr__sql_refusal refuse_reindex(struct extmgr__sql_cursor cursor)
{
	if (find_option(cursor, "CONCURRENTLY") == OPTION_ON)
		return refusal(NOT_TRANSACTIONAL, "REINDEX CONCURRENTLY", not_in_transaction, NULL);
	extmgr__sql_cursor_skip_group(&cursor);
	if (extmgr__sql_cursor_is(&cursor, "DATABASE") ||
	    extmgr__sql_cursor_is(&cursor, "SYSTEM") || extmgr__sql_cursor_is(&cursor, "SCHEMA"))
		return refusal(NOT_TRANSACTIONAL, "REINDEX of more than a table",
			       not_in_transaction, NULL);
	extmgr__sql_cursor_next(&cursor);
	if (extmgr__sql_cursor_is(&cursor, "CONCURRENTLY"))
		return refusal(NOT_TRANSACTIONAL, "REINDEX CONCURRENTLY", not_in_transaction, NULL);
	return nothing();
}

static struct extmgr__sql_refusal refuse_cluster(struct extmgr__sql_cursor cursor)
{
	extmgr__sql_cursor_accept(&cursor, "VERBOSE");
	extmgr__sql_cursor_skip_group(&cursor);
	if (extmgr__sql_cursor_at_end(&cursor))
		return refusal(NOT_TRANSACTIONAL, "CLUSTER of all tables", not_in_transaction,
			       "name the table");
	return nothing();
}

static struct extmgr__sql_refusal refuse_alter_database(struct extmgr__sql_cursor cursor)
{
	extmgr__sql_cursor_next(&cursor); /* its name */
	extmgr__sql_cursor_accept(&cursor, "SET");
	if (extmgr__sql_cursor_is(&cursor, "TABLESPACE"))
		return refusal(NOT_TRANSACTIONAL, "ALTER DATABASE SET TABLESPACE",
			       not_in_transaction, NULL);
	return nothing();
}

/* The slot is made by another connection, which cannot be undone. */
static struct extmgr__sql_refusal refuse_create_subscription(struct extmgr__sql_cursor cursor)
{
	if (find_option(cursor, "connect") == OPTION_OFF ||
	    find_option(cursor, "create_slot") == OPTION_OFF)
		return nothing();
	return refusal(NOT_TRANSACTIONAL, "CREATE SUBSCRIPTION", not_in_transaction,
		       "use WITH (create_slot = false) or WITH (connect = false)");
}

static struct extmgr__sql_refusal refuse_alter_subscription(struct extmgr__sql_cursor cursor)
{
	bool refresh;

	extmgr__sql_cursor_next(&cursor); /* its name */
	refresh = extmgr__sql_cursor_accept_all(&cursor, "REFRESH PUBLICATION");
	if (!refresh) {
		extmgr__sql_cursor_next(&cursor); /* SET, ADD or DROP */
		refresh = extmgr__sql_cursor_is(&cursor, "PUBLICATION") &&
			  find_option(cursor, "refresh") != OPTION_OFF;
	}
	if (refresh)
		return refusal(NOT_TRANSACTIONAL, "ALTER SUBSCRIPTION with refresh",
			       not_in_transaction, "use WITH (refresh = false)");
	return nothing();
}

/* CONCURRENTLY is no name of a table without quotes, but may be a part behind a dot. */
static struct extmgr__sql_refusal refuse_detach(struct extmgr__sql_cursor cursor)
{
	bool detach = false;
	bool dot = false;

	for (; !extmgr__sql_cursor_at_end(&cursor); extmgr__sql_cursor_next(&cursor)) {
		if (detach && !dot && extmgr__sql_cursor_is(&cursor, "CONCURRENTLY"))
			return refusal(NOT_TRANSACTIONAL, "DETACH PARTITION CONCURRENTLY",
				       not_in_transaction, "leave out CONCURRENTLY");
		dot = extmgr__sql_cursor_is_operator(&cursor, '.');
		detach |= cursor.depth == 0 &&
			  extmgr__sql_cursor_accept_all(&cursor, "DETACH PARTITION");
	}
	return nothing();
}

struct extmgr__sql_refusal
extmgr__sql_postgresql_refuse_command(const struct extmgr__sql_cursor *start)
{
	static const struct {
		const char *words;
		struct extmgr__sql_refusal (*refuse)(struct extmgr__sql_cursor behind);
	} commands[] = {
		{"SET", refuse_set},
		{"REINDEX", refuse_reindex},
		{"CLUSTER", refuse_cluster},
		{"ALTER DATABASE", refuse_alter_database},
		{"ALTER TABLE", refuse_detach},
		{"CREATE SUBSCRIPTION", refuse_create_subscription},
		{"ALTER SUBSCRIPTION", refuse_alter_subscription},
	};
	struct extmgr__sql_refusal found = extmgr__sql_match_rules(rules, start);

	for (size_t i = 0; !found.code && i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct extmgr__sql_cursor cursor = *start;

		if (extmgr__sql_cursor_accept_all(&cursor, commands[i].words))
			found = commands[i].refuse(cursor);
	}
	return found;
}

/*
 * set_config(name, value, is_local): the name must be a plain literal, so that it can be read here,
 * and the change must be for the transaction. Nested calls would be read again and again. The
 * cursor stands on the parenthesis.
 */
static struct extmgr__sql_refusal refuse_set_config(struct extmgr__sql_cursor cursor)
{
	struct extmgr__sql_refusal found;
	size_t depth = cursor.depth;
	bool local = false;

	extmgr__sql_cursor_next(&cursor);
	found = refuse_setting(&cursor);
	if (found.code)
		return found;
	if (cursor.token.kind != EXTMGR__SQL_STRING || cursor.lexer.sql[cursor.token.start] != '\'')
		return refusal(FORBIDDEN, "set_config of a computed name", session, NULL);
	extmgr__sql_cursor_next(&cursor);
	if (!extmgr__sql_cursor_is_operator(&cursor, ','))
		return refusal(FORBIDDEN, "set_config of a computed name", session, NULL);
	while (cursor.depth > depth && cursor.token.kind != EXTMGR__SQL_END) {
		if (extmgr__sql_cursor_spells(&cursor, "set_config"))
			return refusal(FORBIDDEN, "set_config inside set_config", session, NULL);
		local = extmgr__sql_cursor_is(&cursor, "TRUE") && local;
		if (cursor.depth == depth + 1 && extmgr__sql_cursor_is_operator(&cursor, ','))
			local = true; /* until something else than TRUE follows */
		extmgr__sql_cursor_next(&cursor);
	}
	return local ? nothing()
		     : refusal(FORBIDDEN, "set_config for the session", session,
			       "use set_config(name, value, true)");
}

static struct extmgr__sql_refusal refuse_function(const struct extmgr__sql_cursor *name,
						  const struct extmgr__sql_cursor *parenthesis)
{
	static const char *const functions[] = {
		"lo_import",      "lo_export",     "pg_read_file",  "pg_read_binary_file",
		"pg_ls_dir",      "pg_stat_file",  "pg_file_write", "pg_file_read",
		"pg_file_rename", "pg_file_unlink"};

	if (name->token.kind == EXTMGR__SQL_QUOTED_NAME && is_unicode_escaped(name))
		return refusal(FORBIDDEN, "a function in Unicode escapes", lexing, NULL);
	if (name->token.kind == EXTMGR__SQL_STRING)
		return nothing();
	if (extmgr__sql_cursor_spells(name, "set_config"))
		return refuse_set_config(*parenthesis);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (extmgr__sql_cursor_spells(name, functions[i]))
			return refusal(FORBIDDEN, functions[i], files, NULL);
	}
	return nothing();
}

/* Whether a token holds the name, in any case; the lexer lives from that setting. */
static bool mentions(const struct extmgr__sql_cursor *cursor, const char *name)
{
	size_t length = strlen(name);

	if (cursor->token.length < length)
		return false;
	for (size_t i = 0; i <= cursor->token.length - length; i++) {
		struct extmgr__sql_token part = {EXTMGR__SQL_WORD, cursor->token.start + i, length};

		if (extmgr__sql_token_is(cursor->lexer.sql, part, name))
			return true;
	}
	return false;
}

struct extmgr__sql_refusal
extmgr__sql_postgresql_refuse_anywhere(const struct extmgr__sql_cursor *start)
{
	struct extmgr__sql_refusal found = nothing();
	struct extmgr__sql_cursor cursor = *start;
	bool update = false;

	while (!found.code && cursor.token.kind != EXTMGR__SQL_END) {
		struct extmgr__sql_cursor name = cursor;

		update |= extmgr__sql_cursor_is(&cursor, "UPDATE");
		if (mentions(&cursor, "standard_conforming_strings"))
			return refusal(FORBIDDEN, "standard_conforming_strings", lexing, NULL);
		if (update && extmgr__sql_cursor_spells(&cursor, "pg_settings"))
			return refusal(FORBIDDEN, "UPDATE of pg_settings", session,
				       "use SET LOCAL");
		extmgr__sql_cursor_next(&cursor);
		if (extmgr__sql_cursor_is_operator(&cursor, '('))
			found = refuse_function(&name, &cursor);
	}
	return found;
}
