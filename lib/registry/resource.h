/* SPDX-License-Identifier: MIT */
/* Single resources of a registry on the web: fetched, and kept in the cache directory. */
#ifndef EXTMGR_REGISTRY_RESOURCE_H
#define EXTMGR_REGISTRY_RESOURCE_H

#include "host/context.h"
#include "registry/record.h"

struct extmgr__resource {
	const char *url;
	uint64_t maximum;
	bool refresh; /* caches on the way shall ask the origin */
};

/*
 * Fetches a resource. old: what is there of it, whose validators are sent; NULL: none. record_out:
 * the new content, or the old one renewed. *unavailable (may be NULL): the failure says that the
 * server cannot be used at the moment, so that old content may serve.
 * EXTMGR_E_HTTP_STATUS and those of extmgr__http_get().
 */
extmgr_result extmgr__resource_fetch(extmgr_context *context, extmgr_operation *operation,
				     const struct extmgr__resource *resource,
				     const struct extmgr__record *old,
				     struct extmgr__record **record_out, bool *unavailable,
				     extmgr_error **error);

/*
 * Fetches a small file that may be missing: *found says whether it is there (false for 403, 404 and
 * 410). The caller frees content in any case.
 */
extmgr_result extmgr__resource_fetch_optional(extmgr_context *context, extmgr_operation *operation,
					      const char *url, uint64_t maximum,
					      struct extmgr__buffer *content, bool *found,
					      bool *unavailable, extmgr_error **error);

/* NULL: it is not there, or cannot be used. */
struct extmgr__record *extmgr__resource_load(extmgr_context *context, const char *kind,
					     const char *key);
/* What goes wrong is logged. */
void extmgr__resource_store(extmgr_context *context, const char *kind, const char *key,
			    const struct extmgr__record *record);

/* Seconds since 1970. */
int64_t extmgr__now(void);

#endif
