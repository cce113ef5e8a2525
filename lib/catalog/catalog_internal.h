/* SPDX-License-Identifier: MIT */
/* What only the files of catalog/ know. */
#ifndef EXTMGR_CATALOG_CATALOG_INTERNAL_H
#define EXTMGR_CATALOG_CATALOG_INTERNAL_H

#include "base/text.h"
#include "catalog/catalog.h"

extmgr_database *extmgr__catalog_database(const extmgr_catalog *catalog);
/* Appends SQL with the prefix where '@' stands. */
void extmgr__catalog_put_sql(struct extmgr__buffer *buffer, const char *sql, const char *prefix);

#endif
