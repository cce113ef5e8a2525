/* SPDX-License-Identifier: MIT */
#include "sync/holder.h"

#include <string.h>

/* The transaction that wrote the row's newest version is in xmax as long as it is not committed. */
static const char find[] =
	"SELECT CAST(a.pid AS text), a.application_name, COALESCE(host(a.client_addr), 'local') "
	"FROM @extension e JOIN pg_catalog.pg_stat_activity a ON a.backend_xid = e.xmax "
	"WHERE e.id = ?";

void extmgr__sync_find_holder(struct extmgr__catalog_session *session, const char *id,
			      struct extmgr__buffer *words)
{
	extmgr_rows *rows = NULL;
	extmgr_result result;

	if (extmgr__catalog_is_sqlite(extmgr__catalog_of(session))) {
		extmgr__buffer_puts(words, "another process that has the database file locked");
		return;
	}
	result = extmgr__catalog_begin_read(session, NULL);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_query(session, find, EXTMGR__ARGUMENTS(EXTMGR__TEXT(id)),
					       &rows, NULL);
	extmgr__catalog_rollback(session);
	if (result == EXTMGR_OK && extmgr__rows_count(rows) > 0)
		extmgr__buffer_printf(words, "'%s' (process %s of the database, from %s)",
				      extmgr__row_text(rows, 0, 1), extmgr__row_text(rows, 0, 0),
				      extmgr__row_text(rows, 0, 2));
	else
		extmgr__buffer_puts(words, "another worker");
	extmgr__rows_free(rows);
}
