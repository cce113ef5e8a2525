/* SPDX-License-Identifier: MIT */
/* What an extension's row and files hold, never handed out before it was checked. */
#ifndef EXTMGR_CATALOG_CONTENT_H
#define EXTMGR_CATALOG_CONTENT_H

#include "base/text.h"
#include "catalog/entry.h"
#include "host/trust.h"

/* A row whose digest, listing and manifest agree. */
struct extmgr__stored {
	struct extmgr__entry entry;
	struct extmgr__buffer manifest;
	struct extmgr__buffer listing;
};

/*
 * Reads and checks a row. EXTMGR_E_EXTENSION_NOT_FOUND (reserved rows are none),
 * EXTMGR_E_CATALOG_TAMPERED. Within a reading transaction. Free in any case.
 */
extmgr_result extmgr__stored_read(struct extmgr__catalog_session *session, const char *id,
				  struct extmgr__stored *stored, extmgr_error **error);
void extmgr__stored_free(struct extmgr__stored *stored);

/*
 * Reads a file and checks it against its rows and the listing. EXTMGR_E_NOT_FOUND (the listing has
 * no such file), EXTMGR_E_CATALOG_TAMPERED, EXTMGR_E_TOO_LARGE. Free content in any case.
 */
extmgr_result extmgr__stored_read_file(struct extmgr__catalog_session *session,
				       const struct extmgr__stored *stored, const char *path,
				       size_t maximum, struct extmgr__buffer *content,
				       extmgr_error **error);
/* The signature by the keys and the policy of now, whatever they were when it was stored. As
 * extmgr__signature_judge(). */
extmgr_result extmgr__stored_judge(struct extmgr__catalog_session *session,
				   const struct extmgr__stored *stored, int32_t *state,
				   struct extmgr__signer *signer, extmgr_error **error);
/* The path of the definition that the manifest names, a new string; NULL for none. */
extmgr_result extmgr__manifest_definition(const char *manifest, size_t length, char **path_out,
					  extmgr_error **error);

/* Makes an extension bad whose content failed a check, unless somebody has written it since, and as
 * far as the account may: the next synchronisation writes it anew. Ends the transaction. */
void extmgr__stored_condemn(struct extmgr__catalog_session *session,
			    const struct extmgr__entry *entry, const char *detail);

#endif
