/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as an archive. What the scan accepts tiles the file; what can be opened has only
 * paths that may be in a bundle, and can be packed and opened again with the same digest.
 */
#include "bundle/archive.h"
#include "bundle/member.h"

#include <extmgr/extmgr.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static extmgr_context *small_context(void)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.bundle_total_bytes = (uint64_t)4 << 20;
	options.bundle_entries = 100;
	require(extmgr_context_new(&options, &context, NULL) == EXTMGR_OK);
	return context;
}

/* Headers, data and directory without a byte between them. */
static void check_scan(const struct extmgr__archive *archive)
{
	size_t bytes = 0;

	for (size_t i = 0; i < archive->count; i++) {
		const struct extmgr__archive_member *member = &archive->members[i];

		require(member->header < member->data && member->data <= member->end);
		require(member->end <= archive->length);
		require(member->packed <= member->end - member->data);
		require(member->name.length > 0);
		bytes += member->end - member->header;
	}
	require(bytes <= archive->length - 22);
	if (archive->count)
		require(memcmp(archive->bytes + bytes, "PK\1\2", 4) == 0);
}

static void check_paths(const struct extmgr__content *content, const struct extmgr__limits *limits)
{
	for (size_t i = 0; i < extmgr__content_count(content); i++) {
		const struct extmgr__bundle_file *file = extmgr__content_get(content, i);
		const struct extmgr__member_name name = {file->path, strlen(file->path)};

		require(extmgr__member_check_path(&name, "x", limits, NULL) == EXTMGR_OK);
		require(extmgr__member_check_place(&name, "x", NULL) == EXTMGR_OK);
		require(extmgr__content_find(content, file->path) == file);
		require(!i || strcmp(extmgr__content_get(content, i - 1)->path, file->path) < 0);
		require(file->bytes[file->size] == '\0');
	}
}

static void check_packing(extmgr_context *context, const struct extmgr__content *content)
{
	struct extmgr__buffer archive = EXTMGR__BUFFER((size_t)8 << 20);
	struct extmgr__content *again = NULL;
	extmgr_result result;

	require(extmgr__archive_pack(content, "x", &archive, NULL) == EXTMGR_OK);
	result = extmgr__archive_open(context, "x", archive.data, archive.length, &again, NULL);
	require(result == EXTMGR_OK || result == EXTMGR_E_BUNDLE_RATIO);
	if (result == EXTMGR_OK)
		require(strcmp(extmgr__content_digest(again), extmgr__content_digest(content)) ==
			0);
	extmgr__content_unref(again);
	extmgr__buffer_free(&archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	extmgr_context *context = small_context();
	const struct extmgr__limits *limits = extmgr__context_limits(context);
	struct extmgr__content *content = NULL;
	struct extmgr__archive archive;
	/* A copy of the exact size: reading behind the end is seen by a sanitizer. */
	char *bytes = malloc(size ? size : 1);
	extmgr_result scanned;

	require(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	scanned = extmgr__archive_scan(&archive, "x", bytes, size, limits, NULL);
	if (scanned == EXTMGR_OK)
		check_scan(&archive);
	extmgr__archive_free(&archive);
	if (extmgr__archive_open(context, "x", bytes, size, &content, NULL) == EXTMGR_OK) {
		require(scanned == EXTMGR_OK);
		check_paths(content, limits);
		if (extmgr__content_count(content))
			check_packing(context, content);
	}
	extmgr__content_unref(content);
	extmgr_context_free(context);
	free(bytes);
	return 0;
}
