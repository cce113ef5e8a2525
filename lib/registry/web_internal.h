/* SPDX-License-Identifier: MIT */
/* What the files of a registry on the web share. */
#ifndef EXTMGR_REGISTRY_WEB_INTERNAL_H
#define EXTMGR_REGISTRY_WEB_INTERNAL_H

#include "registry/resource.h"
#include "registry/seen.h"
#include "registry/web.h"

#include <pthread.h>

struct extmgr__cached {
	char *key;
	struct extmgr__record *record;
};

struct extmgr__web {
	extmgr_context *context; /* the registry's reference */
	char *url;
	char *public_url; /* without secrets, for messages */
	uint32_t flags;   /* EXTMGR_REGISTRY_... */
	int64_t lifetime; /* seconds; 0: as the server says */
	struct extmgr__seen *seen;

	pthread_mutex_t lock; /* guards what follows; not held while anything is fetched */
	pthread_cond_t loaded;
	bool loading;                      /* somebody fetches the index */
	pthread_t loader;                  /* who */
	struct extmgr__snapshot *snapshot; /* NULL: none yet */
	int64_t try_again; /* after a failure the index is not asked for before this time */
	struct extmgr__cached *cached; /* definitions, by key */
	size_t cached_count;
	size_t cached_capacity;
	size_t cached_bytes;
};

/* Whether a definition may be used without asking the server: its index was not refreshed since. */
bool extmgr__web_is_fresh(struct extmgr__web *web, const struct extmgr__record *record);
/* Fetches a signature file and keeps it in the record. */
extmgr_result extmgr__web_seek_signature(struct extmgr__web *web, extmgr_operation *operation,
					 const char *url, struct extmgr__record *record,
					 bool *unavailable, extmgr_error **error);
/* Logs that old content serves, and uses the reason up. */
void extmgr__web_warn(const struct extmgr__web *web, const char *what, extmgr_error **reason);
/* What a reference in the index means: it counts from where redirects led. *url_out: free(). As
 * extmgr__url_resolve(). */
extmgr_result extmgr__web_resolve(const struct extmgr__web *web, const struct extmgr__record *index,
				  const char *reference, char **url_out, extmgr_error **error);
/* The same of a file that the index offers: never from https to http. EXTMGR_E_INDEX_FORMAT,
 * EXTMGR_E_REDIRECT. */
extmgr_result extmgr__web_locate(const struct extmgr__web *web, const struct extmgr__record *index,
				 const char *reference, char **url_out, extmgr_error **error);
/* The URL of what lies beside another one: its name with a suffix. NULL when memory is out. */
char *extmgr__web_beside(const char *url, const char *suffix);
/* "<hex>  <name>\n" of a record, with the name that its URL has. NULL when memory is out. */
char *extmgr__web_listing(const struct extmgr__record *record, const char *url);

#endif
