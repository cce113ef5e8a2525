/* SPDX-License-Identifier: MIT */
/* Who has a row of the catalog locked, for people. */
#ifndef EXTMGR_SYNC_HOLDER_H
#define EXTMGR_SYNC_HOLDER_H

#include "base/text.h"
#include "catalog/catalog.h"

/* Appends a few words, whatever can be found out. Outside of a transaction. */
void extmgr__sync_find_holder(struct extmgr__catalog_session *session, const char *id,
			      struct extmgr__buffer *words);

#endif
