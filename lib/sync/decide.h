/* SPDX-License-Identifier: MIT */
/* What to do with a bundle, given the row that the catalog has of its id. */
#ifndef EXTMGR_SYNC_DECIDE_H
#define EXTMGR_SYNC_DECIDE_H

#include "catalog/entry.h"

#include <extmgr/bundle.h>

enum extmgr__verdict {
	EXTMGR__VERDICT_UNCHANGED, /* the row has it */
	EXTMGR__VERDICT_ORIGIN,    /* the row has its content, but packed or signed differently */
	EXTMGR__VERDICT_TAKE,
	EXTMGR__VERDICT_REFUSE
};

struct extmgr__decision {
	enum extmgr__verdict verdict;
	const char *detail;    /* why, for the history; "" for nothing special */
	extmgr_error *refusal; /* for REFUSE; free in any case */
	bool is_noted;         /* the refusal is in the history already, or does not belong there */
};

/*
 * flags: EXTMGR_SYNC_...; signature: as its column. Within a transaction of any kind; decided again
 * with the row locked before anything is written.
 */
extmgr_result extmgr__decide(struct extmgr__catalog_session *session,
			     const struct extmgr__entry *entry, const extmgr_bundle *bundle,
			     const char *signature, const char *trust_fingerprint, uint32_t flags,
			     struct extmgr__decision *decision, extmgr_error **error);

#endif
