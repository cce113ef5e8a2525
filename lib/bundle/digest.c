/* SPDX-License-Identifier: MIT */
/* Digests of what lies at a path, in all forms. */
#include "base/file.h"
#include "bundle/bundle.h"
#include "bundle/manifest.h"
#include "bundle/member.h"
#include "bundle/source.h"
#include "bundle/superset.h"

#include <fcntl.h>
#include <string.h>

#define DEFINITION_SUFFIX ".js"

struct answer {
	extmgr_text *digest;
	extmgr_text *listing;
};

static extmgr_result answer(struct answer *answer, const char *digest, const char *listing,
			    size_t length, extmgr_error **error)
{
	answer->digest = extmgr__text_new(digest, strlen(digest));
	answer->listing = extmgr__text_new(listing, length);
	return answer->digest && answer->listing ? EXTMGR_OK : extmgr__error_no_memory(error);
}

/* ---- Bundles ---- */

static extmgr_result digest_content(const struct extmgr__content *content, const char *path,
				    uint32_t form, struct answer *answer_out, extmgr_error **error)
{
	const char *listing = extmgr__content_listing(content);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result;

	if (form == EXTMGR_DIGEST_SHA256)
		return answer(answer_out, extmgr__content_digest(content), listing, strlen(listing),
			      error);
	result = extmgr__superset_digest(content, path, form == EXTMGR_DIGEST_SUPERSET_SEED, hex,
					 error);
	if (result != EXTMGR_OK)
		return result;
	return answer(answer_out, hex, listing, strlen(listing), error);
}

/* The identity of what cannot be opened is nobody's business. */
static extmgr_result check_manifest(const struct extmgr__content *content, const char *path,
				    extmgr_error **error)
{
	struct extmgr__manifest manifest;
	extmgr_result result = extmgr__manifest_read(content, path, &manifest, error);

	extmgr__manifest_free(&manifest);
	return result;
}

static extmgr_result digest_bundle(extmgr_context *context, const char *path, uint32_t form,
				   struct answer *answer_out, extmgr_error **error)
{
	extmgr_bundle_source *source = NULL;
	struct extmgr__content *content = NULL;
	extmgr_result result = extmgr_bundle_source_read(context, path, &source, error);

	if (result == EXTMGR_OK)
		result = extmgr__source_read_content(source, &content, error);
	extmgr_bundle_source_free(source);
	if (result == EXTMGR_OK && form == EXTMGR_DIGEST_SHA256)
		result = check_manifest(content, path, error);
	if (result == EXTMGR_OK)
		result = digest_content(content, path, form, answer_out, error);
	extmgr__content_unref(content);
	return result;
}

/* ---- Definitions ---- */

static bool is_definition(const char *path)
{
	size_t length = strlen(path);

	return length > strlen(DEFINITION_SUFFIX) &&
	       strcmp(path + length - strlen(DEFINITION_SUFFIX), DEFINITION_SUFFIX) == 0;
}

static extmgr_result read_definition(extmgr_context *context, const char *path,
				     struct extmgr__buffer *source, extmgr_error **error)
{
	size_t maximum = (size_t)extmgr__context_limits(context)->source_bytes;
	extmgr_result result = extmgr__file_read_at(AT_FDCWD, path, maximum, source, error);

	switch (result) {
	case EXTMGR_OK:
		break;
	case EXTMGR_E_NOT_FOUND:
		return extmgr__error_wrap(error, EXTMGR_E_EXTENSION_NOT_FOUND,
					  "there is no definition at '%s'", path);
	case EXTMGR_E_TOO_LARGE:
		return extmgr__error_set(error, EXTMGR_E_SOURCE_TOO_LARGE,
					 "definition '%s' is larger than %zu bytes", path, maximum);
	case EXTMGR_E_IO:
	case EXTMGR_E_CONFLICT:
		return extmgr__error_wrap(error, EXTMGR_E_REGISTRY_UNREADABLE,
					  "cannot read definition '%s'", path);
	default:
		return result;
	}
	if (extmgr__utf8_is_valid(extmgr__buffer_get(source), source->length))
		return EXTMGR_OK;
	extmgr__buffer_free(source);
	return extmgr__error_set(error, EXTMGR_E_FORMAT, "definition '%s' is not valid UTF-8",
				 path);
}

static extmgr_result list_definition(const char *path, const struct extmgr__buffer *source,
				     struct answer *answer_out, extmgr_error **error)
{
	struct extmgr__buffer listing = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	const char *slash = strrchr(path, '/');
	char hex[EXTMGR__SHA256_HEX_SIZE];
	char digest[EXTMGR__DIGEST_SIZE] = "sha256:";
	extmgr_result result;

	result = extmgr__hash_sha256_hex(extmgr__buffer_get(source), source->length, hex);
	if (result == EXTMGR_OK)
		extmgr__listing_add(&listing, hex, slash ? slash + 1 : path);
	if (result == EXTMGR_OK)
		result = extmgr__buffer_result(&listing);
	if (result == EXTMGR_OK)
		result = extmgr__hash_sha256_hex(listing.data, listing.length,
						 digest + strlen(digest));
	if (result == EXTMGR_OK)
		result = answer(answer_out, digest, listing.data, listing.length, error);
	else
		extmgr__error_no_memory(error);
	extmgr__buffer_free(&listing);
	return result == EXTMGR_OK ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;
}

static extmgr_result digest_definition(extmgr_context *context, const char *path, uint32_t form,
				       struct answer *answer_out, extmgr_error **error)
{
	const char *slash = strrchr(path, '/');
	struct extmgr__buffer source;
	extmgr_result result;

	if (form != EXTMGR_DIGEST_SHA256) {
		extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
				  "'%s' is a definition: the forms of Superset are for bundles",
				  path);
		extmgr__error_hint(error, "use the form sha256");
		return EXTMGR_E_UNSUPPORTED;
	}
	/* sha256sum would write such a name in another way. */
	if (strchr(slash ? slash : path, '\\'))
		return extmgr__error_set(error, EXTMGR_E_BUNDLE_BACKSLASH,
					 "the name of definition '%s' has a backslash", path);
	result = read_definition(context, path, &source, error);
	if (result != EXTMGR_OK)
		return result;
	result = list_definition(path, &source, answer_out, error);
	extmgr__buffer_free(&source);
	return result;
}

/* A directory may have any name. */
static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static extmgr_result check_arguments(extmgr_context *context, const char *path, uint32_t form,
				     extmgr_text **digest_out, extmgr_error **error)
{
	if (!path || !*path || !digest_out)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s is %s",
					 !digest_out ? "digest_out" : "path",
					 digest_out && path ? "empty" : "NULL");
	if (form < EXTMGR_DIGEST_SHA256 || form > EXTMGR_DIGEST_SUPERSET_SEED)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "%u is no form of digests", (unsigned)form);
	if (!extmgr__utf8_is_valid(path, strlen(path)) ||
	    extmgr__text_has_control(path, strlen(path)))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_NAME_ENCODING, path, NULL,
				      "its name is not UTF-8, or has a control character");
	return extmgr__context_check(context, error);
}

extmgr_result extmgr_digest_compute(extmgr_context *context, const char *path, uint32_t form,
				    extmgr_text **digest_out, extmgr_text **listing_out,
				    extmgr_error **error_out)
{
	struct answer found = {0};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (digest_out)
		*digest_out = NULL;
	if (listing_out)
		*listing_out = NULL;
	result = check_arguments(context, path, form, digest_out, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (is_definition(path) && !is_directory(path))
		result = digest_definition(context, path, form, &found, error_out);
	else
		result = digest_bundle(context, path, form, &found, error_out);
	if (result == EXTMGR_OK) {
		*digest_out = found.digest;
		found.digest = NULL;
		if (listing_out) {
			*listing_out = found.listing;
			found.listing = NULL;
		}
	}
	extmgr_text_free(found.digest);
	extmgr_text_free(found.listing);
	return result;
}
