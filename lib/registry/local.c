/* SPDX-License-Identifier: MIT */
#include "registry/local.h"

#include "base/hash.h"
#include "bundle/signature.h"
#include "registry/checksum.h"

#include <stdlib.h>
#include <string.h>

#define SUMS_MAXIMUM 4096

/* What lies beside a definition; what is not there is empty and not found. */
struct beside {
	struct extmgr__buffer checksum;
	struct extmgr__buffer sums;
	struct extmgr__buffer signature;
	bool has_checksum;
	bool has_sums;
	bool has_signature;
};

static void beside_free(struct beside *beside)
{
	extmgr__buffer_free(&beside->checksum);
	extmgr__buffer_free(&beside->sums);
	extmgr__buffer_free(&beside->signature);
}

static extmgr_result beside_read(const struct extmgr__directory *directory, const char *id,
				 struct beside *beside, extmgr_error **error)
{
	extmgr_result result;

	*beside = (struct beside){0};
	result = extmgr__directory_read_beside(directory, id, EXTMGR__CHECKSUM_SUFFIX,
					       EXTMGR__CHECKSUM_MAXIMUM, &beside->checksum,
					       &beside->has_checksum, error);
	if (result == EXTMGR_OK)
		result = extmgr__directory_read_beside(directory, id, EXTMGR__SUMS_SUFFIX,
						       SUMS_MAXIMUM, &beside->sums,
						       &beside->has_sums, error);
	if (result == EXTMGR_OK)
		result = extmgr__directory_read_beside(
			directory, id, EXTMGR__SIGNATURE_SUFFIX, EXTMGR__SIGNATURE_MAXIMUM + 1,
			&beside->signature, &beside->has_signature, error);
	return result;
}

static extmgr_result judge(const extmgr_trust *trust, const struct beside *beside, const char *id,
			   struct extmgr__source *source, char **version, extmgr_error **error)
{
	struct extmgr__buffer listing = EXTMGR__BUFFER(1024);
	struct extmgr__buffer what = EXTMGR__BUFFER(512);
	struct extmgr__signed_thing thing = {.id = id, .named = true};
	extmgr_result result;

	/* What is not signed is compared with nothing. */
	if (beside->has_signature)
		extmgr__buffer_printf(&listing, "%s  %s.js\n", source->sha256, id);
	extmgr__buffer_puts(&what, "definition '");
	extmgr__buffer_puts(&what, id);
	extmgr__buffer_puts(&what, "'");
	thing.what = extmgr__buffer_get(&what);
	thing.listing = extmgr__buffer_get(&listing);
	thing.sums = beside->has_sums ? extmgr__buffer_get(&beside->sums) : NULL;
	thing.sums_length = beside->sums.length;
	thing.signature = beside->has_signature ? extmgr__buffer_get(&beside->signature) : NULL;
	thing.signature_length = beside->signature.length;
	if (extmgr__buffer_result(&listing) == EXTMGR_OK &&
	    extmgr__buffer_result(&what) == EXTMGR_OK)
		result = extmgr__signature_judge(trust, &thing, &source->signature, &source->signer,
						 version, error);
	else
		result = extmgr__error_no_memory(error);
	extmgr__buffer_free(&listing);
	extmgr__buffer_free(&what);
	return result;
}

/* A listing without a signature proves nothing; one of other bytes tells that these are not meant.
 * Of a signed one the signature's verdict says more. */
static extmgr_result check_listing(const struct beside *beside, const char *id, const char *sha256,
				   extmgr_error **error)
{
	struct extmgr__buffer listing = EXTMGR__BUFFER(1024);
	extmgr_result result = EXTMGR_OK;

	if (!beside->has_sums || beside->has_signature)
		return EXTMGR_OK;
	extmgr__buffer_printf(&listing, "%s  %s.js\n", sha256, id);
	if (extmgr__buffer_result(&listing) != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	else if (beside->sums.length != listing.length ||
		 strcmp(extmgr__buffer_get(&beside->sums), extmgr__buffer_get(&listing)) != 0)
		result = extmgr__error_set(error, EXTMGR_E_CHECKSUM,
					   "the file %s.js" EXTMGR__SUMS_SUFFIX
					   " does not list definition '%s' as it is",
					   id, id);
	extmgr__buffer_free(&listing);
	return result;
}

static extmgr_result check(const struct beside *beside, extmgr_context *context,
			   struct extmgr__seen *seen, const char *id,
			   const struct extmgr__buffer *content, struct extmgr__source *source,
			   extmgr_error **error)
{
	const extmgr_trust *trust;
	char *version = NULL;
	extmgr_result result;

	if (extmgr__hash_sha256_hex(extmgr__buffer_get(content), content->length, source->sha256) !=
	    EXTMGR_OK)
		return extmgr__error_no_memory(error);
	if (beside->has_checksum) {
		result = extmgr__checksum_check("definition", id, &beside->checksum, source->sha256,
						error);
		if (result != EXTMGR_OK)
			return result;
	}
	result = check_listing(beside, id, source->sha256, error);
	if (result != EXTMGR_OK)
		return result;
	trust = extmgr__context_trust_ref(context);
	result = judge(trust, beside, id, source, &version, error);
	extmgr__trust_unref(trust);
	/* A file without a signature says nothing of its version, and whoever can write here need
	 * not lead back. */
	if (result == EXTMGR_OK && version)
		result = extmgr__seen_check_version(seen, id, version, error);
	if (result == EXTMGR_OK)
		extmgr__seen_note_version(seen, id, version);
	free(version);
	return result;
}

extmgr_result extmgr__local_read(const struct extmgr__directory *directory, extmgr_context *context,
				 struct extmgr__seen *seen, const char *id,
				 struct extmgr__source *source, extmgr_error **error)
{
	size_t maximum = (size_t)extmgr__context_limits(context)->source_bytes;
	struct extmgr__buffer content;
	struct beside beside = {0};
	extmgr_result result;

	*source = (struct extmgr__source){0};
	result = extmgr__directory_read(directory, id, maximum, &content, error);
	if (result != EXTMGR_OK)
		return result;
	result = beside_read(directory, id, &beside, error);
	if (result == EXTMGR_OK)
		result = check(&beside, context, seen, id, &content, source, error);
	beside_free(&beside);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&content);
		return result;
	}
	source->text = extmgr__buffer_take_text(&content, &result);
	return source->text ? EXTMGR_OK
			    : extmgr__error_from_result(error, result, "the definition");
}
