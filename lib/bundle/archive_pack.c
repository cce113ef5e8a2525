/* SPDX-License-Identifier: MIT */
/* Packing with libzip: the same content gives the same bytes. */
#include "bundle/archive.h"

#include <sys/stat.h>
#include <zip.h>

/* The first moment that the format knows: 1 January 1980. */
#define FIRST_DATE ((1 << 5) | 1)
#define BEST_LEVEL 9

static bool add_file(zip_t *zip, const struct extmgr__bundle_file *file)
{
	zip_source_t *source = zip_source_buffer(zip, file->bytes, file->size, 0);
	zip_int64_t index;

	if (!source)
		return false;
	index = zip_file_add(zip, file->path, source, ZIP_FL_ENC_UTF_8);
	if (index < 0) {
		zip_source_free(source);
		return false;
	}
	return zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, BEST_LEVEL) ==
		       0 &&
	       zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DATE, 0) == 0 &&
	       zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
						(zip_uint32_t)(S_IFREG | 0644) << 16) == 0;
}

static bool write_zip(zip_source_t *target, const struct extmgr__content *content,
		      zip_error_t *fault)
{
	zip_t *zip;
	bool good = true;

	zip_source_keep(target); /* for reading it afterwards */
	zip = zip_open_from_source(target, ZIP_TRUNCATE, fault);
	if (!zip) {
		zip_source_free(target);
		return false;
	}
	for (size_t i = 0; i < extmgr__content_count(content) && good; i++)
		good = add_file(zip, extmgr__content_get(content, i));
	if (good && zip_close(zip) == 0)
		return true;
	zip_error_set(fault, zip_error_code_zip(zip_get_error(zip)), 0);
	zip_discard(zip);
	return false;
}

static bool read_back(zip_source_t *target, struct extmgr__buffer *archive)
{
	bool good = zip_source_open(target) == 0;
	char piece[16384];
	zip_int64_t got;

	if (!good)
		return false;
	while ((got = zip_source_read(target, piece, sizeof(piece))) > 0)
		extmgr__buffer_append(archive, piece, (size_t)got);
	(void)zip_source_close(target);
	return got == 0;
}

static extmgr_result pack_error(const char *bundle, zip_error_t *fault,
				const struct extmgr__buffer *archive, extmgr_error **error)
{
	int code = zip_error_code_zip(fault);

	if (extmgr__buffer_result(archive) == EXTMGR_E_TOO_LARGE)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_TOO_LARGE, bundle, NULL,
				      "packed it is larger than %zu bytes", archive->maximum);
	/* Nothing but memory can be wanting: files and archive are in memory. */
	if (code == ZIP_ER_OK || code == ZIP_ER_MEMORY)
		return extmgr__error_no_memory(error);
	return extmgr__refuse(error, EXTMGR_E_INTERNAL, bundle, NULL, "it cannot be packed (%s)",
			      zip_error_strerror(fault));
}

extmgr_result extmgr__archive_pack(const struct extmgr__content *content, const char *bundle,
				   struct extmgr__buffer *archive, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	zip_source_t *target;
	zip_error_t fault;

	zip_error_init(&fault);
	target = zip_source_buffer_create(NULL, 0, 0, &fault);
	if (!target || !write_zip(target, content, &fault) || !read_back(target, archive) ||
	    extmgr__buffer_result(archive) != EXTMGR_OK)
		result = pack_error(bundle, &fault, archive, error);
	if (target)
		zip_source_free(target);
	zip_error_fini(&fault);
	return result;
}
