/* SPDX-License-Identifier: MIT */
#include "registry/remote.h"

#include "bundle/signature.h"
#include "registry/checksum.h"
#include "registry/resource.h"
#include "registry/web_internal.h"

#include <stdlib.h>

static extmgr_result check_checksum(extmgr_context *context, extmgr_operation *operation,
				    const char *url, const char *id,
				    const struct extmgr__record *record, extmgr_error **error)
{
	char *beside = extmgr__web_beside(url, EXTMGR__CHECKSUM_SUFFIX);
	struct extmgr__buffer content;
	extmgr_result result;
	bool found;

	if (!beside)
		return extmgr__error_no_memory(error);
	result = extmgr__resource_fetch_optional(context, operation, beside,
						 EXTMGR__CHECKSUM_MAXIMUM, &content, &found, NULL,
						 error);
	free(beside);
	if (result == EXTMGR_OK && found)
		result = extmgr__checksum_check("definition", id, &content, record->sha256, error);
	extmgr__buffer_free(&content);
	return result;
}

static extmgr_result judge(const extmgr_trust *trust, const char *url, const char *id,
			   const struct extmgr__record *record,
			   const struct extmgr__buffer *signature, bool found,
			   struct extmgr__source *source, extmgr_error **error)
{
	char *listing = extmgr__web_listing(record, url);
	struct extmgr__buffer what = EXTMGR__BUFFER(512);
	struct extmgr__signed_thing thing = {.id = id, .listing = listing, .named = true};
	extmgr_result result;

	extmgr__buffer_printf(&what, "definition '%s'", id);
	thing.what = extmgr__buffer_get(&what);
	thing.signature = found ? extmgr__buffer_get(signature) : NULL;
	thing.signature_length = signature->length;
	result = listing ? extmgr__signature_judge(trust, &thing, &source->signature,
						   &source->signer, NULL, error)
			 : extmgr__error_no_memory(error);
	free(listing);
	extmgr__buffer_free(&what);
	return result;
}

static extmgr_result check_signature(extmgr_context *context, extmgr_operation *operation,
				     const char *url, const char *id,
				     const struct extmgr__record *record,
				     struct extmgr__source *source, extmgr_error **error)
{
	const extmgr_trust *trust = extmgr__context_trust_ref(context);
	char *beside = extmgr__web_beside(url, EXTMGR__SIGNATURE_SUFFIX);
	struct extmgr__buffer content = EXTMGR__BUFFER(0);
	extmgr_result result = beside ? EXTMGR_OK : extmgr__error_no_memory(error);
	bool found = false;

	if (result == EXTMGR_OK && extmgr__trust_has_keys(trust))
		result = extmgr__resource_fetch_optional(context, operation, beside,
							 EXTMGR__SIGNATURE_MAXIMUM, &content,
							 &found, NULL, error);
	free(beside);
	if (result == EXTMGR_OK)
		result = judge(trust, url, id, record, &content, found, source, error);
	extmgr__buffer_free(&content);
	extmgr__trust_unref(trust);
	return result;
}

extmgr_result extmgr__remote_read(extmgr_context *context, extmgr_operation *operation,
				  const char *url, const char *id, struct extmgr__source *source,
				  extmgr_error **error)
{
	const struct extmgr__resource resource = {
		.url = url,
		.maximum = extmgr__context_limits(context)->source_bytes,
		.refresh = true,
	};
	struct extmgr__record *record = NULL;
	extmgr_result result;

	*source = (struct extmgr__source){0};
	result = extmgr__resource_fetch(context, operation, &resource, NULL, &record, NULL, error);
	if (result == EXTMGR_OK)
		result = check_checksum(context, operation, url, id, record, error);
	if (result == EXTMGR_OK)
		result = check_signature(context, operation, url, id, record, source, error);
	if (result == EXTMGR_OK) {
		source->text = extmgr__text_new(extmgr_text_get_data(record->body),
						extmgr_text_get_length(record->body));
		if (!source->text)
			result = extmgr__error_no_memory(error);
	}
	extmgr__record_unref(record);
	return result;
}
