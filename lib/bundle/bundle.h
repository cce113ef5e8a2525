/* SPDX-License-Identifier: MIT */
/* Bundles as catalog/, sync/ and registry/ see them, beside the public functions of bundle.h. */
#ifndef EXTMGR_BUNDLE_BUNDLE_H
#define EXTMGR_BUNDLE_BUNDLE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <extmgr/bundle.h>

#include <stdbool.h>

/* ---- Discovery in steps, for those who know some bundles without opening them ---- */

/* What lies in a directory and looks like a bundle; nothing has been opened. */
struct extmgr__candidate {
	char *path; /* the directory, '/', the name */
	int32_t kind;
};

struct extmgr__candidates {
	struct extmgr__candidate *items; /* sorted by the bytes of the names */
	size_t count;
	bool path_exists; /* false: a warning for the caller to give */
};

/*
 * EXTMGR_OK also for a path that does not exist. EXTMGR_E_BUNDLE_UNREADABLE, EXTMGR_E_TOO_LARGE.
 * Free in any case.
 */
extmgr_result extmgr__candidates_scan(const char *path, struct extmgr__candidates *candidates,
				      extmgr_error **error);
void extmgr__candidates_free(struct extmgr__candidates *candidates);

#define EXTMGR__NOT_SUPERSEDED ((size_t)-1)

/* One of several bundles; in the order of the candidates. */
struct extmgr__choice {
	const char *id; /* NULL: failed, takes no part */
	const char *version;
	int32_t kind;
	size_t superseded_by; /* [out] index of the one that goes before, or EXTMGR__NOT_... */
};

/* Of each id the highest version; equal: the directory, then the first. EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__choose(struct extmgr__choice *choices, size_t count);

/* "archive" or "directory" */
const char *extmgr__bundle_kind_name(int32_t kind);

/* ---- Bundles that came from somewhere else than a folder ---- */

/*
 * What lay beside it, before it is opened; sums and signature are taken over. vouched: somebody
 * who is trusted signed a document with its SHA-256, so that it needs no signature of its own.
 */
void extmgr__source_take_beside(extmgr_bundle_source *source, struct extmgr__buffer *sums,
				struct extmgr__buffer *signature, bool vouched);

/* ---- Listings that were stored, without their bundle ---- */

/* The hash of a path in a listing. False when the listing is malformed or has no such line. */
bool extmgr__listing_find(const char *listing, size_t length, const char *path,
			  char hex[EXTMGR__SHA256_HEX_SIZE]);

#endif
