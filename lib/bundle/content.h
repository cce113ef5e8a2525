/* SPDX-License-Identifier: MIT */
/* The files of a bundle in memory, with their hashes, listing and digest. Shared once finished. */
#ifndef EXTMGR_BUNDLE_CONTENT_H
#define EXTMGR_BUNDLE_CONTENT_H

#include "base/hash.h"
#include "base/text.h"
#include "bundle/refuse.h"
#include "host/context.h"

struct extmgr__bundle_file {
	char *path;
	char *bytes; /* a NUL follows the last one */
	size_t size;
	char sha256[EXTMGR__SHA256_HEX_SIZE];
};

struct extmgr__content;

/* "sha256:" and the digits */
#define EXTMGR__DIGEST_SIZE (7 + EXTMGR__SHA256_HEX_SIZE)

/* NULL when memory is out. */
struct extmgr__content *extmgr__content_new(extmgr_context *context);
struct extmgr__content *extmgr__content_ref(struct extmgr__content *content);
void extmgr__content_unref(struct extmgr__content *content);

/* Takes memory from the ceiling of the context; given back with the content. EXTMGR_E_TOO_LARGE. */
extmgr_result extmgr__content_reserve(struct extmgr__content *content, uint64_t bytes,
				      const char *bundle, extmgr_error **error);
/* Adds a file; takes the bytes in any case (a NUL must follow them). EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__content_add(struct extmgr__content *content,
				  const struct extmgr__member_name *name, char *bytes, size_t size,
				  extmgr_error **error);
/* Sorts by path, hashes, makes listing and digest; nothing is added any more. */
extmgr_result extmgr__content_finish(struct extmgr__content *content, extmgr_error **error);

size_t extmgr__content_count(const struct extmgr__content *content);
const struct extmgr__bundle_file *extmgr__content_get(const struct extmgr__content *content,
						      size_t index);
/* NULL when there is none. */
const struct extmgr__bundle_file *extmgr__content_find(const struct extmgr__content *content,
						       const char *path);
const char *extmgr__content_listing(const struct extmgr__content *content);
const char *extmgr__content_digest(const struct extmgr__content *content);

/* A line of a listing. */
void extmgr__listing_add(struct extmgr__buffer *listing, const char *sha256, const char *path);

#endif
