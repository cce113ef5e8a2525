/* SPDX-License-Identifier: MIT */
/* What a definition may send: one statement, no transaction control, nothing that leaves the
 * database. */
#ifndef EXTMGR_SQL_GUARD_H
#define EXTMGR_SQL_GUARD_H

#include "base/error.h"
#include "sql/dialect.h"

#include <stddef.h>

/* What a statement does, for plans. */
enum extmgr__sql_class {
	EXTMGR__SQL_CLASS_READ,
	EXTMGR__SQL_CLASS_CREATE,
	EXTMGR__SQL_CLASS_ALTER,
	EXTMGR__SQL_CLASS_DROP,
	EXTMGR__SQL_CLASS_DATA,
	EXTMGR__SQL_CLASS_GRANT,
	EXTMGR__SQL_CLASS_OTHER
};

/* "read", "create", "alter", "drop", "data", "grant", "other" */
const char *extmgr__sql_class_name(enum extmgr__sql_class class_);

/*
 * Refuses with EXTMGR_E_STATEMENT_FORBIDDEN, _MULTIPLE, _NOT_TRANSACTIONAL, _MALFORMED; the
 * messages name the command, never a literal. Otherwise tells the class and the number of
 * placeholders. Either out-parameter may be NULL.
 */
extmgr_result extmgr__sql_guard(enum extmgr__dialect dialect, const char *sql, size_t length,
				enum extmgr__sql_class *class_out, size_t *placeholders_out,
				extmgr_error **error);

#endif
