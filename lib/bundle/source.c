/* SPDX-License-Identifier: MIT */
#include "bundle/source.h"

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/archive.h"
#include "bundle/bundle.h"
#include "bundle/directory.h"
#include "bundle/signature.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A listing of 10 000 paths of 1 KiB. */
#define SUMS_MAXIMUM  ((size_t)16 << 20)
#define DIGEST_PREFIX "sha256:"

/* ---- What source and bundle share ---- */

static struct extmgr__origin *origin_new(extmgr_context *context, const char *path)
{
	struct extmgr__origin *origin = calloc(1, sizeof(*origin));

	if (!origin)
		return NULL;
	atomic_init(&origin->references, 1);
	origin->context = extmgr__context_ref(context);
	origin->path = extmgr__strdup(path);
	if (origin->path)
		return origin;
	extmgr__origin_unref(origin);
	return NULL;
}

struct extmgr__origin *extmgr__origin_ref(struct extmgr__origin *origin)
{
	atomic_fetch_add(&origin->references, 1);
	return origin;
}

void extmgr__origin_unref(struct extmgr__origin *origin)
{
	if (!origin || atomic_fetch_sub(&origin->references, 1) != 1)
		return;
	free(origin->path);
	extmgr__buffer_free(&origin->sums);
	extmgr__buffer_free(&origin->signature);
	extmgr__context_unref(origin->context);
	free(origin);
}

static extmgr_bundle_source *source_new(extmgr_context *context, const char *path)
{
	extmgr_bundle_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->origin = origin_new(context, path);
	if (source->origin)
		return source;
	free(source);
	return NULL;
}

void extmgr_bundle_source_free(extmgr_bundle_source *source)
{
	if (!source)
		return;
	extmgr__buffer_free(&source->archive);
	extmgr__content_unref(source->content);
	extmgr__context_release_memory(source->origin->context, source->reserved);
	extmgr__origin_unref(source->origin);
	free(source);
}

/* ---- Reading ---- */

static extmgr_result explain(extmgr_result result, const char *path, extmgr_error **error)
{
	switch (result) {
	case EXTMGR_E_NOT_FOUND:
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_NOT_FOUND, path, NULL,
						 "it is not there");
	case EXTMGR_E_IO:
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_UNREADABLE, path, NULL,
						 "it cannot be read");
	default:
		return result;
	}
}

/* Memory for an archive is taken from the ceiling of the context before it is read. */
static extmgr_result reserve(extmgr_bundle_source *source, uint64_t size, extmgr_error **error)
{
	const struct extmgr__limits *limits = extmgr__context_limits(source->origin->context);
	const char *path = source->origin->path;
	extmgr_result result;

	if (size > limits->bundle_bytes)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_TOO_LARGE, path, NULL,
				      "it is larger than %" PRIu64 " bytes", limits->bundle_bytes);
	result = extmgr__bundle_reserve(source->origin->context, size, path, error);
	if (result == EXTMGR_OK)
		source->reserved = size;
	return result;
}

static extmgr_result hash_archive(extmgr_bundle_source *source, extmgr_error **error)
{
	if (extmgr__hash_sha256_hex(extmgr__buffer_get(&source->archive), source->archive.length,
				    source->origin->archive_sha256) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	return EXTMGR_OK;
}

static extmgr_result read_archive(extmgr_bundle_source *source, int file, const struct stat *status,
				  extmgr_error **error)
{
	const char *path = source->origin->path;
	extmgr_result result;

	source->origin->kind = EXTMGR_BUNDLE_ARCHIVE;
	if (!S_ISREG(status->st_mode))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_UNREADABLE, path, NULL,
				      "it is no regular file");
	result = reserve(source, (uint64_t)status->st_size, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__file_read(file, status, path, (size_t)status->st_size, &source->archive,
				   error);
	if (result == EXTMGR_E_CONFLICT || result == EXTMGR_E_TOO_LARGE)
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_CHANGED, path, NULL,
						 "it changed while it was read");
	return result == EXTMGR_OK ? hash_archive(source, error) : explain(result, path, error);
}

static extmgr_result read_directory(extmgr_bundle_source *source, int directory,
				    extmgr_error **error)
{
	struct extmgr__origin *origin = source->origin;
	extmgr_result result;

	origin->kind = EXTMGR_BUNDLE_DIRECTORY;
	result = extmgr__bundle_directory_read(origin->context, directory, origin->path,
					       &source->content, error);
	if (result != EXTMGR_OK)
		return result;
	memcpy(origin->archive_sha256,
	       extmgr__content_digest(source->content) + strlen(DIGEST_PREFIX),
	       EXTMGR__SHA256_HEX_SIZE);
	return EXTMGR_OK;
}

/* The path without slashes at its end: X/ and X have their signature in X.sums. */
static size_t trimmed_length(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

static extmgr_result read_bundle(extmgr_bundle_source *source, const char *path,
				 extmgr_error **error)
{
	struct stat status;
	int file = -1;
	extmgr_result result = extmgr__file_open_at(AT_FDCWD, path, true, &file, &status, error);

	if (result == EXTMGR_E_CONFLICT)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_LINK, source->origin->path, NULL,
				      "it is a symbolic link that leads out of its folder");
	if (result != EXTMGR_OK)
		return explain(result, source->origin->path, error);
	if (S_ISDIR(status.st_mode))
		result = read_directory(source, file, error);
	else
		result = read_archive(source, file, &status, error);
	(void)close(file);
	return result;
}

/* A file beside the bundle; no error when there is none. */
static extmgr_result read_beside(const extmgr_bundle_source *source, const char *path,
				 const char *suffix, size_t maximum, struct extmgr__buffer *content,
				 extmgr_error **error)
{
	struct extmgr__buffer name = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_puts(&name, path);
	extmgr__buffer_puts(&name, suffix);
	if (extmgr__buffer_result(&name) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	result = extmgr__file_read_at(AT_FDCWD, name.data, maximum, content, error);
	extmgr__buffer_free(&name);
	if (result == EXTMGR_E_NOT_FOUND) {
		if (error) {
			extmgr_error_free(*error);
			*error = NULL;
		}
		return EXTMGR_OK;
	}
	if (result != EXTMGR_OK && result != EXTMGR_E_NO_MEMORY)
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_UNREADABLE,
						 source->origin->path, NULL,
						 "its %s cannot be read", suffix + 1);
	return result;
}

static extmgr_result read_all(extmgr_bundle_source *source, extmgr_error **error)
{
	struct extmgr__origin *origin = source->origin;
	char *path = extmgr__memdup(origin->path, trimmed_length(origin->path));
	extmgr_result result;

	if (!path)
		return extmgr__error_no_memory(error);
	result = read_bundle(source, path, error);
	if (result == EXTMGR_OK)
		result = read_beside(source, path, EXTMGR__SUMS_SUFFIX, SUMS_MAXIMUM, &origin->sums,
				     error);
	if (result == EXTMGR_OK)
		result = read_beside(source, path, EXTMGR__SIGNATURE_SUFFIX,
				     EXTMGR__SIGNATURE_MAXIMUM, &origin->signature, error);
	free(path);
	return result;
}

static extmgr_result check_arguments(extmgr_context *context, const char *name, const char *path,
				     extmgr_bundle_source **source_out, extmgr_error **error_out)
{
	if (error_out)
		*error_out = NULL;
	if (!source_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "source_out is NULL");
	*source_out = NULL;
	if (!path || !*path)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is %s", name,
					 path ? "empty" : "NULL");
	/* Listings, reports and logs name it. */
	if (!extmgr__utf8_is_valid(path, strlen(path)) ||
	    extmgr__text_has_control(path, strlen(path)))
		return extmgr__refuse(error_out, EXTMGR_E_BUNDLE_NAME_ENCODING, path, NULL,
				      "its name is not UTF-8, or has a control character");
	return extmgr__context_check(context, error_out);
}

extmgr_result extmgr_bundle_source_read(extmgr_context *context, const char *path,
					extmgr_bundle_source **source_out, extmgr_error **error_out)
{
	extmgr_bundle_source *source;
	extmgr_result result = check_arguments(context, "path", path, source_out, error_out);

	if (result != EXTMGR_OK)
		return result;
	source = source_new(context, path);
	if (!source)
		return extmgr__error_no_memory(error_out);
	result = read_all(source, error_out);
	if (result == EXTMGR_OK)
		*source_out = source;
	else
		extmgr_bundle_source_free(source);
	return result;
}

static extmgr_result take_bytes(extmgr_bundle_source *source, const char *bytes, size_t length,
				extmgr_error **error)
{
	extmgr_result result = reserve(source, length, error);

	if (result != EXTMGR_OK)
		return result;
	source->origin->kind = EXTMGR_BUNDLE_ARCHIVE;
	source->archive = EXTMGR__BUFFER(length);
	extmgr__buffer_append(&source->archive, bytes, length);
	if (extmgr__buffer_result(&source->archive) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	return hash_archive(source, error);
}

extmgr_result extmgr_bundle_source_from_bytes(extmgr_context *context, const char *name,
					      const char *bytes, size_t length,
					      extmgr_bundle_source **source_out,
					      extmgr_error **error_out)
{
	extmgr_bundle_source *source;
	extmgr_result result = check_arguments(context, "name", name, source_out, error_out);

	if (result != EXTMGR_OK)
		return result;
	if (!bytes && length)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "bytes is NULL");
	source = source_new(context, name);
	if (!source)
		return extmgr__error_no_memory(error_out);
	result = take_bytes(source, bytes, length, error_out);
	if (result == EXTMGR_OK)
		*source_out = source;
	else
		extmgr_bundle_source_free(source);
	return result;
}

void extmgr__source_take_beside(extmgr_bundle_source *source, struct extmgr__buffer *sums,
				struct extmgr__buffer *signature, bool vouched)
{
	struct extmgr__origin *origin = source->origin;

	origin->sums = *sums;
	*sums = EXTMGR__BUFFER(0);
	origin->signature = *signature;
	*signature = EXTMGR__BUFFER(0);
	origin->vouched = vouched;
}

extmgr_result extmgr__source_read_content(const extmgr_bundle_source *source,
					  struct extmgr__content **content_out,
					  extmgr_error **error)
{
	const struct extmgr__origin *origin = source->origin;

	if (source->content) {
		*content_out = extmgr__content_ref(source->content);
		return EXTMGR_OK;
	}
	return extmgr__archive_open(origin->context, origin->path,
				    extmgr__buffer_get(&source->archive), source->archive.length,
				    content_out, error);
}

/* ---- Accessors ---- */

const char *extmgr__origin_bytes(const struct extmgr__buffer *buffer, size_t *length)
{
	if (length)
		*length = buffer ? buffer->length : 0;
	return buffer ? buffer->data : NULL;
}

const char *extmgr_bundle_source_get_path(const extmgr_bundle_source *source)
{
	return source ? source->origin->path : NULL;
}

int32_t extmgr_bundle_source_get_kind(const extmgr_bundle_source *source)
{
	return source ? source->origin->kind : 0;
}

const char *extmgr_bundle_source_get_archive_sha256(const extmgr_bundle_source *source)
{
	return source ? source->origin->archive_sha256 : NULL;
}

const char *extmgr_bundle_source_get_sums(const extmgr_bundle_source *source, size_t *length)
{
	return extmgr__origin_bytes(source ? &source->origin->sums : NULL, length);
}

const char *extmgr_bundle_source_get_signature(const extmgr_bundle_source *source, size_t *length)
{
	return extmgr__origin_bytes(source ? &source->origin->signature : NULL, length);
}
