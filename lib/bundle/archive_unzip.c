/* SPDX-License-Identifier: MIT */
/* Unpacking with libzip, which reads the same bytes that were scanned. */
#include "bundle/archive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zip.h>

struct extmgr__unpacker {
	const struct extmgr__archive *archive;
	zip_t *zip;
};

static extmgr_result map_error(const struct extmgr__archive *archive,
			       const struct extmgr__archive_member *member, zip_error_t *fault,
			       extmgr_error **error)
{
	const struct extmgr__member_name *name = member ? &member->name : NULL;

	switch (zip_error_code_zip(fault)) {
	case ZIP_ER_MEMORY:
		return extmgr__error_no_memory(error);
	case ZIP_ER_CRC:
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_CRC, archive->bundle, name,
				      "its content does not have its checksum");
	default:
		return extmgr__refuse(error,
				      member ? EXTMGR_E_BUNDLE_DATA : EXTMGR_E_BUNDLE_MALFORMED,
				      archive->bundle, name, "it cannot be unpacked (%s)",
				      zip_error_strerror(fault));
	}
}

static extmgr_result open_zip(struct extmgr__unpacker *unpacker, extmgr_error **error)
{
	const struct extmgr__archive *archive = unpacker->archive;
	extmgr_result result = EXTMGR_OK;
	zip_source_t *source;
	zip_error_t fault;

	zip_error_init(&fault);
	source = zip_source_buffer_create(archive->bytes, archive->length, 0, &fault);
	if (source)
		unpacker->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &fault);
	if (!unpacker->zip) {
		result = map_error(archive, NULL, &fault, error);
		zip_source_free(source);
	} else if (zip_get_num_entries(unpacker->zip, 0) != (zip_int64_t)archive->count) {
		result = extmgr__refuse(error, EXTMGR_E_BUNDLE_MALFORMED, archive->bundle, NULL,
					"its members cannot be counted");
	}
	zip_error_fini(&fault);
	return result;
}

extmgr_result extmgr__unpacker_new(const struct extmgr__archive *archive,
				   struct extmgr__unpacker **unpacker_out, extmgr_error **error)
{
	struct extmgr__unpacker *unpacker = calloc(1, sizeof(*unpacker));

	*unpacker_out = unpacker;
	if (!unpacker)
		return extmgr__error_no_memory(error);
	unpacker->archive = archive;
	return open_zip(unpacker, error);
}

void extmgr__unpacker_free(struct extmgr__unpacker *unpacker)
{
	if (!unpacker)
		return;
	if (unpacker->zip)
		zip_discard(unpacker->zip);
	free(unpacker);
}

/* Reads to the end, where the checksum is looked at; one byte beyond the size tells a liar. */
static extmgr_result read_file(const struct extmgr__archive *archive,
			       const struct extmgr__archive_member *member, zip_file_t *file,
			       char *bytes, extmgr_error **error)
{
	size_t length = 0;
	zip_int64_t got;
	char beyond;

	while (length < member->size) {
		got = zip_fread(file, bytes + length, member->size - length);
		if (got < 0)
			return map_error(archive, member, zip_file_get_error(file), error);
		if (got == 0)
			return extmgr__refuse(
				error, EXTMGR_E_BUNDLE_DATA, archive->bundle, &member->name,
				"its content is shorter than the %" PRIu32 " bytes it declares",
				member->size);
		length += (size_t)got;
	}
	got = zip_fread(file, &beyond, 1);
	if (got < 0)
		return map_error(archive, member, zip_file_get_error(file), error);
	if (got > 0)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_DATA, archive->bundle, &member->name,
				      "its content is longer than the %" PRIu32
				      " bytes it declares",
				      member->size);
	return EXTMGR_OK;
}

extmgr_result extmgr__unpacker_read(struct extmgr__unpacker *unpacker, size_t index, char *bytes,
				    extmgr_error **error)
{
	const struct extmgr__archive_member *member = &unpacker->archive->members[index];
	zip_file_t *file = zip_fopen_index(unpacker->zip, index, 0);
	extmgr_result result;

	if (!file)
		return map_error(unpacker->archive, member, zip_get_error(unpacker->zip), error);
	result = read_file(unpacker->archive, member, file, bytes, error);
	(void)zip_fclose(file);
	return result;
}
