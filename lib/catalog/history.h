/* SPDX-License-Identifier: MIT */
/* What happened to the extensions of the catalog. */
#ifndef EXTMGR_CATALOG_HISTORY_H
#define EXTMGR_CATALOG_HISTORY_H

#include "catalog/catalog.h"

/* Everything is text, "" for none; the actor is that of the operation. */
struct extmgr__event {
	const char *operation; /* sync, check, enable, disable, hold, unhold, accept, prune */
	const char *id;
	const char *from_version;
	const char *to_version;
	const char *digest;
	const char *outcome; /* done, refused, missing, found, bad */
	const char *detail;
};

/*
 * Adds an event, later than all of the same extension. Within a transaction that has the
 * extension's row locked.
 */
extmgr_result extmgr__history_add(struct extmgr__catalog_session *session,
				  const struct extmgr__event *event, extmgr_error **error);

/* What the history knows of a digest of an extension. */
struct extmgr__past {
	int64_t taken_ms;    /* when it was last written; 0: never */
	int64_t refused_ms;  /* when it was refused; 0: never */
	int64_t accepted_ms; /* when somebody accepted it; 0: never */
};
extmgr_result extmgr__history_find(struct extmgr__catalog_session *session, const char *id,
				   const char *digest, struct extmgr__past *past,
				   extmgr_error **error);
/* The last digest that was refused, a new string; NULL when there is none. */
extmgr_result extmgr__history_last_refused(struct extmgr__catalog_session *session, const char *id,
					   char **digest_out, extmgr_error **error);

#endif
