/* SPDX-License-Identifier: MIT */
/*
 * Archives: zip files, checked first by a scan of our own, then unpacked by libzip or libdeflate.
 *
 * The scan accepts one layout only: members one behind the other from the first byte on, then the
 * central directory, then the end record and its comment, and nothing else. Whatever two zip
 * programs could understand in two ways is refused.
 */
#ifndef EXTMGR_BUNDLE_ARCHIVE_H
#define EXTMGR_BUNDLE_ARCHIVE_H

#include "bundle/content.h"
#include "bundle/refuse.h"
#include "host/context.h"

/* A member as both of its headers describe it. The name points into the archive. */
struct extmgr__archive_member {
	struct extmgr__member_name name; /* of a folder: without '/' at its end */
	bool is_folder;
	uint16_t flags;
	uint16_t method;
	uint32_t crc;
	uint32_t packed; /* bytes of its data in the archive */
	uint32_t size;   /* bytes when unpacked */
	size_t header;   /* offset of the local header */
	size_t data;     /* offset of the data */
	size_t end;      /* offset behind data and data descriptor */
};

struct extmgr__archive {
	const unsigned char *bytes; /* borrowed */
	size_t length;
	const char *bundle;                     /* for messages; borrowed */
	struct extmgr__archive_member *members; /* in the order of the central directory */
	size_t count;
};

/* Scans; unpacks nothing. Free in any case. EXTMGR_E_BUNDLE_..., EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__archive_scan(struct extmgr__archive *archive, const char *bundle,
				   const char *bytes, size_t length,
				   const struct extmgr__limits *limits, extmgr_error **error);
void extmgr__archive_free(struct extmgr__archive *archive);

/* Scans and unpacks all files. Unref the content. */
extmgr_result extmgr__archive_open(extmgr_context *context, const char *bundle, const char *bytes,
				   size_t length, struct extmgr__content **content_out,
				   extmgr_error **error);

/* Makes an archive of a content: the same bytes for the same content. */
extmgr_result extmgr__archive_pack(const struct extmgr__content *content, const char *bundle,
				   struct extmgr__buffer *archive, extmgr_error **error);

/* What unpacks: archive_zip.c or archive_deflate.c. */
struct extmgr__unpacker;
extmgr_result extmgr__unpacker_new(const struct extmgr__archive *archive,
				   struct extmgr__unpacker **unpacker_out, extmgr_error **error);
void extmgr__unpacker_free(struct extmgr__unpacker *unpacker);
/* Unpacks a member, its size in bytes; checks size and CRC. EXTMGR_E_BUNDLE_DATA, ..._CRC. */
extmgr_result extmgr__unpacker_read(struct extmgr__unpacker *unpacker, size_t index, char *bytes,
				    extmgr_error **error);

#endif
