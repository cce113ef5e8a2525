/* SPDX-License-Identifier: MIT */
/*
 * Brings a statement into the form that an ODBC driver passes on unharmed.
 *
 * ODBC drivers look for parameters with small parsers of their own, which differ from the database:
 *  - libsqliteodbc takes quotes and question marks in comments, [names] and `names` for real, and
 *    refuses a comment behind a semicolon;
 *  - psqlODBC does not see the backslashes of e'' and sees some in LIKE'x\', and has no way to
 * write the operator ?.
 */
#ifndef EXTMGR_DRIVERS_ODBC_SQL_H
#define EXTMGR_DRIVERS_ODBC_SQL_H

#include "text.h"

#include <extmgr/database.h>

enum extmgr__odbc_dialect { EXTMGR__ODBC_SQLITE, EXTMGR__ODBC_POSTGRESQL, EXTMGR__ODBC_OTHER };

struct extmgr__odbc_sql {
	struct extmgr__drivers_text text;
	size_t placeholders;
	bool is_rollback; /* ROLLBACK ..., in whatever form */
	bool is_with;
	bool writes; /* INSERT, UPDATE, DELETE or REPLACE is among the words */
};

/*
 * dialect_name: for the dialects that are only known to the library. wants_rows: SQLite then gives
 * the rows of VALUES, and refuses RETURNING, whose rows its driver would drop. EXTMGR_OK,
 * EXTMGR_E_STATEMENT, EXTMGR_E_UNSUPPORTED, EXTMGR_E_NO_MEMORY. Free sql->text in any case.
 */
extmgr_result extmgr__odbc_sql_prepare(enum extmgr__odbc_dialect dialect, const char *dialect_name,
				       const char *source, size_t length, bool wants_rows,
				       struct extmgr__odbc_sql *sql, extmgr_host_error *error);

#endif
