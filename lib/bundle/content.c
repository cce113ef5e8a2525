/* SPDX-License-Identifier: MIT */
#include "bundle/content.h"

#include "base/alloc.h"
#include "bundle/bundle.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct extmgr__content {
	atomic_uint references;
	extmgr_context *context;
	uint64_t reserved;
	struct extmgr__bundle_file *files;
	size_t count;
	size_t capacity;
	struct extmgr__buffer listing;
	char digest[EXTMGR__DIGEST_SIZE];
};

struct extmgr__content *extmgr__content_new(extmgr_context *context)
{
	struct extmgr__content *content = calloc(1, sizeof(*content));

	if (!content)
		return NULL;
	atomic_init(&content->references, 1);
	content->context = extmgr__context_ref(context);
	content->listing = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	return content;
}

struct extmgr__content *extmgr__content_ref(struct extmgr__content *content)
{
	atomic_fetch_add(&content->references, 1);
	return content;
}

void extmgr__content_unref(struct extmgr__content *content)
{
	if (!content || atomic_fetch_sub(&content->references, 1) != 1)
		return;
	for (size_t i = 0; i < content->count; i++) {
		free(content->files[i].path);
		free(content->files[i].bytes);
	}
	free(content->files);
	extmgr__buffer_free(&content->listing);
	extmgr__context_release_memory(content->context, content->reserved);
	extmgr__context_unref(content->context);
	free(content);
}

extmgr_result extmgr__content_reserve(struct extmgr__content *content, uint64_t bytes,
				      const char *bundle, extmgr_error **error)
{
	if (!extmgr__context_reserve_memory(content->context, bytes)) {
		extmgr__refuse(error, EXTMGR_E_TOO_LARGE, bundle, NULL,
			       "its %" PRIu64 " bytes do not fit into the %" PRIu64
			       " that scripts and bundles may take together",
			       bytes, extmgr__context_limits(content->context)->total_memory_bytes);
		extmgr__error_hint(error, "a host can raise total_memory_bytes of its context, or "
					  "open fewer bundles at once");
		return EXTMGR_E_TOO_LARGE;
	}
	content->reserved += bytes;
	return EXTMGR_OK;
}

extmgr_result extmgr__content_add(struct extmgr__content *content,
				  const struct extmgr__member_name *name, char *bytes, size_t size,
				  extmgr_error **error)
{
	struct extmgr__bundle_file *grown = extmgr__array_grow(content->files, content->count,
							       &content->capacity, sizeof(*grown));
	char *path = grown ? extmgr__memdup(name->bytes, name->length) : NULL;

	if (grown)
		content->files = grown;
	if (!path) {
		free(bytes);
		return extmgr__error_no_memory(error);
	}
	content->files[content->count++] =
		(struct extmgr__bundle_file){.path = path, .bytes = bytes, .size = size};
	return EXTMGR_OK;
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct extmgr__bundle_file *)a)->path,
		      ((const struct extmgr__bundle_file *)b)->path);
}

void extmgr__listing_add(struct extmgr__buffer *listing, const char *sha256, const char *path)
{
	extmgr__buffer_puts(listing, sha256);
	extmgr__buffer_puts(listing, "  ");
	extmgr__buffer_puts(listing, path);
	extmgr__buffer_putc(listing, '\n');
}

extmgr_result extmgr__content_finish(struct extmgr__content *content, extmgr_error **error)
{
	struct extmgr__buffer *listing = &content->listing;
	char hex[EXTMGR__SHA256_HEX_SIZE];

	if (content->count)
		qsort(content->files, content->count, sizeof(content->files[0]), compare_files);
	extmgr__buffer_append(listing, "", 0);
	for (size_t i = 0; i < content->count; i++) {
		struct extmgr__bundle_file *file = &content->files[i];

		if (extmgr__hash_sha256_hex(file->bytes, file->size, file->sha256) != EXTMGR_OK)
			return extmgr__error_no_memory(error);
		extmgr__listing_add(listing, file->sha256, file->path);
	}
	if (extmgr__buffer_result(listing) != EXTMGR_OK)
		return extmgr__error_from_result(error, extmgr__buffer_result(listing),
						 "the listing of a bundle");
	if (extmgr__hash_sha256_hex(listing->data, listing->length, hex) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	(void)snprintf(content->digest, sizeof(content->digest), "sha256:%s", hex);
	return EXTMGR_OK;
}

size_t extmgr__content_count(const struct extmgr__content *content)
{
	return content->count;
}

const struct extmgr__bundle_file *extmgr__content_get(const struct extmgr__content *content,
						      size_t index)
{
	return index < content->count ? &content->files[index] : NULL;
}

static int compare_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct extmgr__bundle_file *)file)->path);
}

const struct extmgr__bundle_file *extmgr__content_find(const struct extmgr__content *content,
						       const char *path)
{
	if (!content->count)
		return NULL;
	return bsearch(path, content->files, content->count, sizeof(content->files[0]),
		       compare_path);
}

const char *extmgr__content_listing(const struct extmgr__content *content)
{
	return extmgr__buffer_get(&content->listing);
}

const char *extmgr__content_digest(const struct extmgr__content *content)
{
	return content->digest;
}

/* text: more than as many bytes as a hash has digits */
static bool is_hash(const char *text)
{
	for (size_t i = 0; i < EXTMGR__SHA256_HEX_SIZE - 1; i++) {
		if (!strchr("0123456789abcdef", text[i]) || !text[i])
			return false;
	}
	return true;
}

bool extmgr__listing_find(const char *listing, size_t length, const char *path,
			  char hex[EXTMGR__SHA256_HEX_SIZE])
{
	const size_t digits = EXTMGR__SHA256_HEX_SIZE - 1;
	const char *end = listing + length;
	size_t path_length = strlen(path);
	bool found = false;

	while (listing < end) {
		const char *stop = memchr(listing, '\n', (size_t)(end - listing));
		size_t line = stop ? (size_t)(stop - listing) : 0;

		if (line <= digits + 2 || !is_hash(listing) ||
		    memcmp(listing + digits, "  ", 2) != 0)
			return false;
		if (line - digits - 2 == path_length &&
		    memcmp(listing + digits + 2, path, path_length) == 0) {
			if (found)
				return false; /* which of them is meant? */
			memcpy(hex, listing, digits);
			hex[digits] = '\0';
			found = true;
		}
		listing = stop + 1;
	}
	return found;
}
