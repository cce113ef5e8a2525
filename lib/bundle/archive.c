/* SPDX-License-Identifier: MIT */
#include "bundle/archive.h"

#include <stdlib.h>

static extmgr_result unpack_member(struct extmgr__unpacker *unpacker,
				   const struct extmgr__archive *archive, size_t index,
				   struct extmgr__content *content, extmgr_error **error)
{
	const struct extmgr__archive_member *member = &archive->members[index];
	extmgr_result result;
	char *bytes;

	result = extmgr__content_reserve(content, member->size, archive->bundle, error);
	if (result != EXTMGR_OK)
		return result;
	bytes = malloc((size_t)member->size + 1);
	if (!bytes)
		return extmgr__error_no_memory(error);
	result = extmgr__unpacker_read(unpacker, index, bytes, error);
	if (result != EXTMGR_OK) {
		free(bytes);
		return result;
	}
	bytes[member->size] = '\0';
	return extmgr__content_add(content, &member->name, bytes, member->size, error);
}

static extmgr_result unpack(const struct extmgr__archive *archive, struct extmgr__content *content,
			    extmgr_error **error)
{
	struct extmgr__unpacker *unpacker = NULL;
	extmgr_result result = extmgr__unpacker_new(archive, &unpacker, error);

	for (size_t i = 0; i < archive->count && result == EXTMGR_OK; i++) {
		if (!archive->members[i].is_folder)
			result = unpack_member(unpacker, archive, i, content, error);
	}
	extmgr__unpacker_free(unpacker);
	if (result == EXTMGR_OK)
		result = extmgr__content_finish(content, error);
	return result;
}

extmgr_result extmgr__archive_open(extmgr_context *context, const char *bundle, const char *bytes,
				   size_t length, struct extmgr__content **content_out,
				   extmgr_error **error)
{
	struct extmgr__content *content = extmgr__content_new(context);
	struct extmgr__archive archive;
	extmgr_result result;

	if (!content)
		return extmgr__error_no_memory(error);
	result = extmgr__archive_scan(&archive, bundle, bytes, length,
				      extmgr__context_limits(context), error);
	if (result == EXTMGR_OK)
		result = unpack(&archive, content, error);
	extmgr__archive_free(&archive);
	if (result == EXTMGR_OK)
		*content_out = content;
	else
		extmgr__content_unref(content);
	return result;
}
