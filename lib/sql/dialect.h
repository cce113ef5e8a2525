/* SPDX-License-Identifier: MIT */
#ifndef EXTMGR_SQL_DIALECT_H
#define EXTMGR_SQL_DIALECT_H

/* What the lexer and the guard know by name; any other database is OTHER (standard SQL). */
enum extmgr__dialect {
	EXTMGR__DIALECT_SQLITE,
	EXTMGR__DIALECT_POSTGRESQL,
	EXTMGR__DIALECT_EXASOL,
	EXTMGR__DIALECT_OTHER
};

enum extmgr__dialect extmgr__dialect_of(const char *name);

#endif
