/* SPDX-License-Identifier: MIT */
#include "sql/guard_rules.h"

static const struct {
	const char *words;
	enum extmgr__sql_class class_;
} classes[] = {
	{"SELECT", EXTMGR__SQL_CLASS_READ},
	{"VALUES", EXTMGR__SQL_CLASS_READ},
	{"TABLE", EXTMGR__SQL_CLASS_READ},
	{"SHOW", EXTMGR__SQL_CLASS_READ},
	{"DESC", EXTMGR__SQL_CLASS_READ},
	{"DESCRIBE", EXTMGR__SQL_CLASS_READ},
	{"CREATE", EXTMGR__SQL_CLASS_CREATE},
	{"IMPORT FOREIGN SCHEMA", EXTMGR__SQL_CLASS_CREATE},
	{"ALTER DEFAULT PRIVILEGES", EXTMGR__SQL_CLASS_GRANT},
	{"ALTER", EXTMGR__SQL_CLASS_ALTER},
	{"COMMENT", EXTMGR__SQL_CLASS_ALTER},
	{"RENAME", EXTMGR__SQL_CLASS_ALTER},
	{"SECURITY LABEL", EXTMGR__SQL_CLASS_ALTER},
	{"REASSIGN", EXTMGR__SQL_CLASS_ALTER},
	{"DROP", EXTMGR__SQL_CLASS_DROP},
	{"INSERT", EXTMGR__SQL_CLASS_DATA},
	{"UPDATE", EXTMGR__SQL_CLASS_DATA},
	{"DELETE", EXTMGR__SQL_CLASS_DATA},
	{"MERGE", EXTMGR__SQL_CLASS_DATA},
	{"REPLACE", EXTMGR__SQL_CLASS_DATA},
	{"UPSERT", EXTMGR__SQL_CLASS_DATA},
	{"TRUNCATE", EXTMGR__SQL_CLASS_DATA},
	{"IMPORT", EXTMGR__SQL_CLASS_DATA},
	{"REFRESH", EXTMGR__SQL_CLASS_DATA},
	{"GRANT", EXTMGR__SQL_CLASS_GRANT},
	{"REVOKE", EXTMGR__SQL_CLASS_GRANT},
};

const char *extmgr__sql_class_name(enum extmgr__sql_class class_)
{
	switch (class_) {
	case EXTMGR__SQL_CLASS_READ:
		return "read";
	case EXTMGR__SQL_CLASS_CREATE:
		return "create";
	case EXTMGR__SQL_CLASS_ALTER:
		return "alter";
	case EXTMGR__SQL_CLASS_DROP:
		return "drop";
	case EXTMGR__SQL_CLASS_DATA:
		return "data";
	case EXTMGR__SQL_CLASS_GRANT:
		return "grant";
	case EXTMGR__SQL_CLASS_OTHER:
		break;
	}
	return "other";
}

bool extmgr__sql_skip_explain(struct extmgr__sql_cursor *cursor)
{
	struct extmgr__sql_cursor options;
	bool runs = false;

	if (!extmgr__sql_cursor_accept(cursor, "EXPLAIN"))
		return true;
	extmgr__sql_cursor_accept_all(cursor, "QUERY PLAN");
	options = *cursor;
	extmgr__sql_cursor_skip_group(&options);
	/* A group with nothing behind it is the statement itself. */
	while (!extmgr__sql_cursor_at_end(&options) && cursor->token.start < options.token.start) {
		runs |= extmgr__sql_cursor_is(cursor, "ANALYZE");
		extmgr__sql_cursor_next(cursor);
	}
	for (;;) {
		if (extmgr__sql_cursor_accept(cursor, "ANALYZE"))
			runs = true;
		else if (!extmgr__sql_cursor_accept(cursor, "VERBOSE"))
			return runs;
	}
}

static enum extmgr__sql_class class_of_verb(const struct extmgr__sql_cursor *start)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct extmgr__sql_cursor cursor = *start;

		if (extmgr__sql_cursor_accept_all(&cursor, classes[i].words))
			return classes[i].class_;
	}
	return EXTMGR__SQL_CLASS_OTHER;
}

/* SELECT ... INTO makes a table. */
static enum extmgr__sql_class class_of_query(struct extmgr__sql_cursor cursor)
{
	size_t depth = cursor.depth;

	for (; !extmgr__sql_cursor_at_end(&cursor); extmgr__sql_cursor_next(&cursor)) {
		if (cursor.depth == depth && extmgr__sql_cursor_is(&cursor, "INTO"))
			return EXTMGR__SQL_CLASS_CREATE;
	}
	return EXTMGR__SQL_CLASS_READ;
}

/*
 * WITH x AS (...), y AS (...) verb. A word behind WITH, RECURSIVE or a comma is a name even when it
 * reads INSERT; a DELETE inside the parentheses changes data as well.
 */
static enum extmgr__sql_class class_of_with(struct extmgr__sql_cursor cursor)
{
	enum extmgr__sql_class class_ = EXTMGR__SQL_CLASS_OTHER;
	size_t depth = cursor.depth;
	bool name = true;
	bool opened = false;

	extmgr__sql_cursor_accept(&cursor, "RECURSIVE");
	for (; !extmgr__sql_cursor_at_end(&cursor); extmgr__sql_cursor_next(&cursor)) {
		class_ = name ? EXTMGR__SQL_CLASS_OTHER : class_of_verb(&cursor);
		if (opened && class_ == EXTMGR__SQL_CLASS_DATA)
			return class_;
		if (cursor.depth == depth && class_ == EXTMGR__SQL_CLASS_DATA)
			return class_;
		if (cursor.depth == depth && class_ == EXTMGR__SQL_CLASS_READ)
			return class_of_query(cursor);
		name = extmgr__sql_cursor_is_operator(&cursor, ',');
		opened = extmgr__sql_cursor_is_operator(&cursor, '(');
	}
	return EXTMGR__SQL_CLASS_OTHER;
}

enum extmgr__sql_class extmgr__sql_classify(const struct extmgr__sql_cursor *start)
{
	struct extmgr__sql_cursor cursor = *start;
	enum extmgr__sql_class class_;

	if (!extmgr__sql_skip_explain(&cursor))
		return EXTMGR__SQL_CLASS_READ;
	while (extmgr__sql_cursor_is_operator(&cursor, '('))
		extmgr__sql_cursor_next(&cursor);
	if (extmgr__sql_cursor_accept(&cursor, "WITH"))
		return class_of_with(cursor);
	class_ = class_of_verb(&cursor);
	return class_ == EXTMGR__SQL_CLASS_READ ? class_of_query(cursor) : class_;
}
