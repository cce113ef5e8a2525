/* SPDX-License-Identifier: MIT */
/*
 * A registry on the web: an index and definitions fetched over HTTP, and what is kept of them. What
 * comes from the cache passes the same checks as what was just fetched, with today's trust.
 */
#ifndef EXTMGR_REGISTRY_WEB_H
#define EXTMGR_REGISTRY_WEB_H

#include "registry/index.h"
#include "registry/record.h"
#include "registry/source.h"

#include <extmgr/registry.h>

struct extmgr__web;

/* EXTMGR_E_INVALID_ARGUMENT (no URL), EXTMGR_E_UNSUPPORTED (the context cannot fetch). The context
 * must outlive it. */
extmgr_result extmgr__web_open(extmgr_context *context, const char *url, uint32_t flags,
			       uint64_t refresh_ms, struct extmgr__web **web_out,
			       extmgr_error **error);
void extmgr__web_free(struct extmgr__web *web);

/* The index as it was at one time, and what its signature is worth. It never changes. */
struct extmgr__snapshot {
	atomic_size_t references;
	struct extmgr__record *record;
	struct extmgr__index *index;
	const extmgr_trust *trust;             /* by which it was judged */
	int32_t signature;                     /* EXTMGR_SIGNATURE_... */
	const struct extmgr__trusted_key *key; /* of trust; NULL: it is not signed */
};

/*
 * The index: the one that is there while it is fresh, else it is asked for. refresh: it is asked
 * for in any case, and old content does not serve. changed_out (may be NULL): it has other content
 * than before. Give it back with extmgr__snapshot_unref().
 */
extmgr_result extmgr__web_acquire(struct extmgr__web *web, extmgr_operation *operation,
				  bool refresh, struct extmgr__snapshot **snapshot_out,
				  bool *changed_out, extmgr_error **error);
void extmgr__snapshot_unref(struct extmgr__snapshot *snapshot);

/* Reads a definition of the index, from a cache or from its URL, with all checks. source is set as
 * far as it is known. EXTMGR_E_EXTENSION_NOT_FOUND ... */
extmgr_result extmgr__web_read(struct extmgr__web *web, extmgr_operation *operation,
			       const struct extmgr__snapshot *snapshot, const char *id,
			       struct extmgr__source *source, extmgr_error **error);
/*
 * Fetches an entry anew, superseded ones as well, whatever the caches hold, with all checks and
 * those of what lies beside it that readers have no need of. The caches stay as they are.
 */
extmgr_result extmgr__web_check(struct extmgr__web *web, extmgr_operation *operation,
				const struct extmgr__snapshot *snapshot,
				const struct extmgr__index_entry *entry,
				struct extmgr__source *source, extmgr_error **error);
/* After reading: what was seen is remembered on the disk. */
void extmgr__web_flush(struct extmgr__web *web);

#endif
