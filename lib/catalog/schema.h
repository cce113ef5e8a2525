/* SPDX-License-Identifier: MIT */
/* The tables of the catalog: made, migrated and checked. */
#ifndef EXTMGR_CATALOG_SCHEMA_H
#define EXTMGR_CATALOG_SCHEMA_H

#include "catalog/catalog.h"

/* What this library makes and understands. */
#define EXTMGR__CATALOG_VERSION 1

/*
 * Whether all tables are there, in our version: EXTMGR_E_CATALOG_MISSING, _NEWER, _DAMAGED. Reads
 * in a transaction of its own.
 */
extmgr_result extmgr__catalog_check_tables(struct extmgr__catalog_session *session,
					   extmgr_error **error);
/*
 * Makes the tables where there are none, under the lock of the database. EXTMGR_OK,
 * EXTMGR_UNCHANGED when they were there.
 */
extmgr_result extmgr__catalog_make_tables(struct extmgr__catalog_session *session,
					  extmgr_error **error);

#endif
