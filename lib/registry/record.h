/* SPDX-License-Identifier: MIT */
/*
 * What was fetched, with what is needed to use it again: validators, times, signature. A record
 * never changes; it is shared by threads, and is written into the cache directory as a line of JSON
 * and the body behind it.
 */
#ifndef EXTMGR_REGISTRY_RECORD_H
#define EXTMGR_REGISTRY_RECORD_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct extmgr__record {
	atomic_size_t references;
	extmgr_text *body;
	char sha256[EXTMGR__SHA256_HEX_SIZE]; /* of the body */
	char *etag;                           /* NULL: not sent; as is last_modified */
	char *last_modified;
	char *base;            /* where redirects led, without what is secret; NULL: nowhere else */
	int64_t fetched;       /* or revalidated; seconds since 1970 */
	int64_t max_age;       /* seconds; -1: the server did not say */
	int64_t refreshed;     /* of an index: when somebody asked for it expressly; 0: never */
	bool no_store;         /* "no-store": not for the disk */
	char *signature;       /* the signature file; NULL: there is none */
	bool signature_sought; /* whether anybody looked for one */
};

/* Takes the body over, and copies the texts; NULL when memory is out. cache_control may be NULL. */
struct extmgr__record *extmgr__record_new(struct extmgr__buffer *body, const char *etag,
					  const char *last_modified, const char *cache_control,
					  int64_t now);
/* The same content, asked for again now: the server said that it is unchanged. */
struct extmgr__record *extmgr__record_renew(const struct extmgr__record *record,
					    const char *cache_control, int64_t now);
/* Before it is shared. signature: NULL: there is none. */
extmgr_result extmgr__record_set_signature(struct extmgr__record *record, const char *signature,
					   size_t length);

/* Before it is shared. url: where it came from when redirects led there, else NULL. */
extmgr_result extmgr__record_set_base(struct extmgr__record *record, const char *url);

struct extmgr__record *extmgr__record_ref(struct extmgr__record *record);
void extmgr__record_unref(struct extmgr__record *record);

/* lifetime: seconds that count in place of the server's; 0: the server's, else 300. */
bool extmgr__record_is_fresh(const struct extmgr__record *record, int64_t lifetime, int64_t now);

void extmgr__record_write(const struct extmgr__record *record, struct extmgr__buffer *buffer);
/* EXTMGR_E_FORMAT, EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__record_read(const char *bytes, size_t length,
				  struct extmgr__record **record_out, extmgr_error **error);

#endif
