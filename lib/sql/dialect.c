/* SPDX-License-Identifier: MIT */
#include "sql/dialect.h"

#include <string.h>

enum extmgr__dialect extmgr__dialect_of(const char *name)
{
	if (!name)
		return EXTMGR__DIALECT_OTHER;
	if (strcmp(name, "sqlite") == 0)
		return EXTMGR__DIALECT_SQLITE;
	if (strcmp(name, "postgresql") == 0)
		return EXTMGR__DIALECT_POSTGRESQL;
	if (strcmp(name, "exasol") == 0)
		return EXTMGR__DIALECT_EXASOL;
	return EXTMGR__DIALECT_OTHER;
}
