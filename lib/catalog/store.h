/* SPDX-License-Identifier: MIT */
/* How bundles get into the catalog: the statements, not the decisions. */
#ifndef EXTMGR_CATALOG_STORE_H
#define EXTMGR_CATALOG_STORE_H

#include "catalog/entry.h"

#include <extmgr/bundle.h>

/* Makes a row for an id that has none, to be locked. Within a transaction. */
extmgr_result extmgr__store_reserve(struct extmgr__catalog_session *session, const char *id,
				    extmgr_error **error);

/* The row's own columns, beside those that come from the bundle. */
struct extmgr__store_row {
	const char *trust_fingerprint;
	const char *source;
	int64_t now_ms;
};

/*
 * Writes a bundle's row and files over what is there; enabled and held stay. Within a transaction
 * that has the row locked.
 */
extmgr_result extmgr__store_bundle(struct extmgr__catalog_session *session,
				   const extmgr_bundle *bundle, const struct extmgr__store_row *row,
				   extmgr_error **error);
/* The same content, but packed, signed or found differently: the files stay. */
extmgr_result extmgr__store_origin(struct extmgr__catalog_session *session, const char *id,
				   const char *archive_sha256, const char *signature,
				   const struct extmgr__store_row *row, extmgr_error **error);

/* That it was seen now; what was missing is not. Within a writing transaction. */
extmgr_result extmgr__store_seen(struct extmgr__catalog_session *session, const char *id,
				 int64_t now_ms, extmgr_error **error);
/* Makes it missing when it was last seen before that time; *marked: it was. Within a writing
 * transaction. */
extmgr_result extmgr__store_missing(struct extmgr__catalog_session *session, const char *id,
				    int64_t before_ms, bool *marked, extmgr_error **error);

/* The bytes of a signature as a column holds them: Base64, "" for none. */
extmgr_result extmgr__store_signature(const char *bytes, size_t length,
				      struct extmgr__buffer *text);

#endif
