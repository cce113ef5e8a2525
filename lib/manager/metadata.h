/* SPDX-License-Identifier: MIT */
/*
 * What the system tables of Exasol tell definitions: context.metadata, and the second argument of
 * findInstallations. Rows have the columns that the services in script/definition.h want.
 */
#ifndef EXTMGR_MANAGER_METADATA_H
#define EXTMGR_MANAGER_METADATA_H

#include "host/database.h"
#include "host/rows.h"

/* All scripts of the schema, and all virtual schemas of the database. Both or neither. */
extmgr_result extmgr__metadata_read(struct extmgr__session *session, const char *schema,
				    extmgr_rows **scripts_out, extmgr_rows **virtual_schemas_out,
				    extmgr_error **error);
/* The scripts of that name in the schema: the first row counts. */
extmgr_result extmgr__metadata_find_script(struct extmgr__session *session, const char *schema,
					   const char *name, extmgr_rows **rows_out,
					   extmgr_error **error);

#endif
