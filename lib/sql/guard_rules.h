/* SPDX-License-Identifier: MIT */
/* The parts of the guard. Each looks at one statement that the lexer can read to its end. */
#ifndef EXTMGR_SQL_GUARD_RULES_H
#define EXTMGR_SQL_GUARD_RULES_H

#include "base/error.h"
#include "sql/cursor.h"
#include "sql/guard.h"

/* What a rule objects to. No field ever holds text of the statement. */
struct extmgr__sql_refusal {
	extmgr_result code; /* EXTMGR_OK: nothing */
	const char *what;   /* "COPY", "the function load_extension" */
	const char *why;
	const char *hint; /* may be NULL */
};

/* A command refused by its first words. */
struct extmgr__sql_rule {
	const char *words; /* upper case, one blank between them */
	extmgr_result code;
	const char *why;
	const char *hint;
};

/* Ends with a rule without words. */
struct extmgr__sql_refusal extmgr__sql_match_rules(const struct extmgr__sql_rule *rules,
						   const struct extmgr__sql_cursor *start);

/* What no statement may begin with, neither the text nor one inside a body. */
struct extmgr__sql_refusal extmgr__sql_refuse_command(const struct extmgr__sql_cursor *start);
/* What is refused wherever it stands in the text. */
struct extmgr__sql_refusal extmgr__sql_refuse_anywhere(const struct extmgr__sql_cursor *start);

struct extmgr__sql_refusal
extmgr__sql_postgresql_refuse_command(const struct extmgr__sql_cursor *start);
struct extmgr__sql_refusal
extmgr__sql_postgresql_refuse_anywhere(const struct extmgr__sql_cursor *start);

/* Goes behind EXPLAIN and its options, if they are there; true when the rest is really run. */
bool extmgr__sql_skip_explain(struct extmgr__sql_cursor *cursor);
enum extmgr__sql_class extmgr__sql_classify(const struct extmgr__sql_cursor *start);

#endif
