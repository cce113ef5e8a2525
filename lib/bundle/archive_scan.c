/* SPDX-License-Identifier: MIT */
/* The structure of a zip file: end record, central directory, local headers, and how they lie. */
#include "bundle/archive.h"

#include "bundle/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define END_SIGNATURE        0x06054b50u
#define CENTRAL_SIGNATURE    0x02014b50u
#define LOCAL_SIGNATURE      0x04034b50u
#define DESCRIPTOR_SIGNATURE 0x08074b50u
#define ZIP64_END_LOCATOR    0x07064b50u
#define END_SIZE             22u
#define CENTRAL_SIZE         46u
#define LOCAL_SIZE           30u
#define LOCATOR_SIZE         20u
#define COMMENT_MAXIMUM      65535u

#define FLAG_ENCRYPTED          (1u << 0)
#define FLAG_DEFLATE_LEVEL      (3u << 1)
#define FLAG_DESCRIPTOR         (1u << 3)
#define FLAG_STRONGLY_ENCRYPTED (1u << 6)
#define FLAG_UTF8               (1u << 11)
#define FLAG_MASKED             (1u << 13)

#define EXTRA_ZIP64        0x0001u
#define EXTRA_STRONG       0x0017u /* strong encryption */
#define EXTRA_UNICODE_PATH 0x7075u /* another name, which some programs prefer */
#define EXTRA_AES          0x9901u

#define METHOD_STORED   0
#define METHOD_DEFLATED 8

/* The highest version of the format that has nothing we refuse: zip64 is 4.5. */
#define VERSION_MAXIMUM 45

/* A value of all ones stands for one that is in a zip64 record. */
#define ZIP64_16 0xffffu
#define ZIP64_32 0xffffffffu

static uint16_t get16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const unsigned char *at)
{
	return get16(at) | (uint32_t)get16(at + 2) << 16;
}

struct scan {
	struct extmgr__archive *archive;
	const struct extmgr__limits *limits;
	size_t directory; /* offset of the central directory */
	size_t end;       /* offset of the end record */
	extmgr_error **error;
};

static extmgr_result malformed(const struct scan *scan, const struct extmgr__member_name *name,
			       const char *what)
{
	return extmgr__refuse(scan->error, EXTMGR_E_BUNDLE_MALFORMED, scan->archive->bundle, name,
			      "%s", what);
}

static extmgr_result refuse(const struct scan *scan, extmgr_result code,
			    const struct extmgr__member_name *name, const char *what)
{
	return extmgr__refuse(scan->error, code, scan->archive->bundle, name, "%s", what);
}

/* ---- End record ---- */

static extmgr_result find_end(struct scan *scan)
{
	const struct extmgr__archive *archive = scan->archive;
	size_t length = archive->length;
	size_t lowest =
		length > END_SIZE + COMMENT_MAXIMUM ? length - END_SIZE - COMMENT_MAXIMUM : 0;
	size_t comment;

	if (length < END_SIZE)
		return refuse(scan, EXTMGR_E_BUNDLE_NOT_ZIP, NULL, "it is no zip file");
	scan->end = length - END_SIZE;
	while (get32(archive->bytes + scan->end) != END_SIGNATURE) {
		if (scan->end == lowest)
			return refuse(scan, EXTMGR_E_BUNDLE_NOT_ZIP, NULL,
				      "it is no zip file: it has no end record");
		scan->end--;
	}
	comment = get16(archive->bytes + scan->end + 20);
	if (comment > length - scan->end - END_SIZE)
		return malformed(scan, NULL, "its comment is cut off");
	if (comment < length - scan->end - END_SIZE)
		return refuse(scan, EXTMGR_E_BUNDLE_DATA_AFTER, NULL,
			      "there are bytes behind its end record");
	return EXTMGR_OK;
}

static bool is_signature_at(const struct scan *scan, size_t offset, uint32_t signature)
{
	return offset <= scan->archive->length - 4 &&
	       get32(scan->archive->bytes + offset) == signature;
}

/* A program that looks for the end from another side could find another one. */
static bool has_other_end(const struct scan *scan)
{
	for (size_t at = scan->directory; at + 4 <= scan->archive->length; at++) {
		if (at != scan->end && is_signature_at(scan, at, END_SIGNATURE))
			return true;
	}
	return false;
}

/* Reads where the directory lies; it must end where the end record begins. */
static extmgr_result locate_directory(struct scan *scan, size_t *entries_out)
{
	const unsigned char *at = scan->archive->bytes + scan->end;
	uint16_t entries = get16(at + 10);
	uint32_t size = get32(at + 12);
	uint32_t offset = get32(at + 16);

	if (entries == ZIP64_16 || size == ZIP64_32 || offset == ZIP64_32 ||
	    (scan->end >= LOCATOR_SIZE &&
	     is_signature_at(scan, scan->end - LOCATOR_SIZE, ZIP64_END_LOCATOR)))
		return refuse(scan, EXTMGR_E_BUNDLE_ZIP64, NULL, "it uses the zip64 format");
	if (get16(at + 4) || get16(at + 6) || get16(at + 8) != entries)
		return malformed(scan, NULL, "it is one of several parts");
	if (size > scan->end || offset > scan->end - size)
		return malformed(scan, NULL, "its directory reaches behind its end record");
	if (offset != scan->end - size) {
		if (is_signature_at(scan, scan->end - size, CENTRAL_SIGNATURE))
			return refuse(scan, EXTMGR_E_BUNDLE_DATA_BEFORE, NULL,
				      "there are bytes before its first member");
		return refuse(scan, EXTMGR_E_BUNDLE_GAP, NULL,
			      "there are bytes between its directory and its end record");
	}
	scan->directory = offset;
	if (has_other_end(scan))
		return malformed(scan, NULL, "it has two end records");
	if (entries > scan->limits->bundle_entries)
		return extmgr__refuse(scan->error, EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES,
				      scan->archive->bundle, NULL,
				      "it has %u members, %" PRIu64 " are the most", entries,
				      scan->limits->bundle_entries);
	*entries_out = entries;
	return EXTMGR_OK;
}

/* ---- Headers ---- */

static extmgr_result check_extra(const struct scan *scan, const struct extmgr__member_name *name,
				 const unsigned char *extra, size_t length)
{
	while (length) {
		size_t size;

		if (length < 4)
			return malformed(scan, name, "its extra field is cut off");
		size = get16(extra + 2);
		if (size > length - 4)
			return malformed(scan, name, "its extra field is cut off");
		switch (get16(extra)) {
		case EXTRA_ZIP64:
			return refuse(scan, EXTMGR_E_BUNDLE_ZIP64, name,
				      "it uses the zip64 format");
		case EXTRA_UNICODE_PATH:
			return refuse(scan, EXTMGR_E_BUNDLE_NAME_ENCODING, name,
				      "it has a second name in an extra field");
		case EXTRA_STRONG:
		case EXTRA_AES:
			return refuse(scan, EXTMGR_E_BUNDLE_ENCRYPTED, name, "it is encrypted");
		default:
			break;
		}
		extra += 4 + size;
		length -= 4 + size;
	}
	return EXTMGR_OK;
}

static extmgr_result check_packing(const struct scan *scan,
				   const struct extmgr__archive_member *member)
{
	const struct extmgr__member_name *name = &member->name;
	const unsigned known = FLAG_DEFLATE_LEVEL | FLAG_DESCRIPTOR | FLAG_UTF8;

	if (member->flags & (FLAG_ENCRYPTED | FLAG_STRONGLY_ENCRYPTED | FLAG_MASKED))
		return refuse(scan, EXTMGR_E_BUNDLE_ENCRYPTED, name, "it is encrypted");
	if (member->flags & ~known)
		return extmgr__refuse(scan->error, EXTMGR_E_BUNDLE_METHOD, scan->archive->bundle,
				      name, "it has unknown flags 0x%x", member->flags & ~known);
	if (member->method != METHOD_STORED && member->method != METHOD_DEFLATED)
		return extmgr__refuse(
			scan->error, EXTMGR_E_BUNDLE_METHOD, scan->archive->bundle, name,
			"it is packed with method %u; only stored (0) and deflate (8) "
			"are read",
			member->method);
	if (member->method == METHOD_STORED && member->packed != member->size)
		return refuse(scan, EXTMGR_E_BUNDLE_DATA, name,
			      "it is stored, but its two sizes differ");
	return EXTMGR_OK;
}

static extmgr_result check_name(const struct scan *scan,
				const struct extmgr__archive_member *member)
{
	const struct extmgr__member_name *name = &member->name;

	if (!(member->flags & FLAG_UTF8)) {
		for (size_t i = 0; i < name->length; i++) {
			if ((unsigned char)name->bytes[i] >= 0x80)
				return refuse(scan, EXTMGR_E_BUNDLE_NAME_ENCODING, name,
					      "its name is not marked as UTF-8");
		}
	}
	return extmgr__member_check_path(name, scan->archive->bundle, scan->limits, scan->error);
}

/* Modes as Unix programs store them, whatever program says it made the archive. */
static extmgr_result check_type(const struct scan *scan,
				const struct extmgr__archive_member *member, uint32_t attributes)
{
	unsigned type = (attributes >> 16) & S_IFMT;
	bool says_folder = type == S_IFDIR || (attributes & 0x10) != 0;

	if ((type == 0 || type == S_IFREG || type == S_IFDIR) &&
	    (!says_folder || member->is_folder) && !(type == S_IFREG && member->is_folder))
		return EXTMGR_OK;
	return refuse(scan, EXTMGR_E_BUNDLE_SPECIAL_FILE, &member->name,
		      type == S_IFLNK ? "it is a symbolic link" : "it is no regular file");
}

/* What a file is. Its content is the unpacker's business. */
static extmgr_result check_member(const struct scan *scan,
				  const struct extmgr__archive_member *member, uint32_t attributes)
{
	const char *bundle = scan->archive->bundle;
	extmgr_result result = check_name(scan, member);

	if (result == EXTMGR_OK)
		result = check_type(scan, member, attributes);
	if (result == EXTMGR_OK)
		result = check_packing(scan, member);
	if (result != EXTMGR_OK)
		return result;
	if (member->is_folder)
		return member->size ? refuse(scan, EXTMGR_E_BUNDLE_DATA, &member->name,
					     "it is a folder that has content")
				    : EXTMGR_OK;
	result = extmgr__member_check_place(&member->name, bundle, scan->error);
	if (result == EXTMGR_OK)
		result = extmgr__member_check_size(&member->name, member->size, bundle,
						   scan->limits, scan->error);
	return result;
}

/* Reads the central header at *at, moves *at behind it. */
static extmgr_result read_central(const struct scan *scan, size_t *at,
				  struct extmgr__archive_member *member)
{
	const unsigned char *header = scan->archive->bytes + *at;
	size_t left = scan->end - *at;
	size_t name_length;
	size_t extra_length;
	size_t whole;
	extmgr_result result;

	if (left < CENTRAL_SIZE || get32(header) != CENTRAL_SIGNATURE)
		return malformed(scan, NULL, "its directory has fewer members than it says");
	name_length = get16(header + 28);
	extra_length = get16(header + 30);
	whole = CENTRAL_SIZE + name_length + extra_length + get16(header + 32);
	if (whole > left)
		return malformed(scan, NULL, "a header in its directory is cut off");
	*member = (struct extmgr__archive_member){
		.name = {(const char *)header + CENTRAL_SIZE, name_length},
		.flags = get16(header + 8),
		.method = get16(header + 10),
		.crc = get32(header + 16),
		.packed = get32(header + 20),
		.size = get32(header + 24),
		.header = get32(header + 42),
	};
	if (name_length > 1 && member->name.bytes[name_length - 1] == '/') {
		member->is_folder = true;
		member->name.length--;
	}
	if (member->packed == ZIP64_32 || member->size == ZIP64_32 || member->header == ZIP64_32 ||
	    get16(header + 34) == ZIP64_16)
		return refuse(scan, EXTMGR_E_BUNDLE_ZIP64, &member->name,
			      "it uses the zip64 format");
	if (get16(header + 34) || (get16(header + 6) & 0xff) > VERSION_MAXIMUM)
		return malformed(scan, &member->name,
				 "it needs another part, or a newer version of the zip format");
	result =
		check_extra(scan, &member->name, header + CENTRAL_SIZE + name_length, extra_length);
	if (result == EXTMGR_OK)
		result = check_member(scan, member, get32(header + 38));
	*at += whole;
	return result;
}

/* The length of the data descriptor at an offset; 0 when there is none that fits. */
static size_t descriptor_length(const struct scan *scan,
				const struct extmgr__archive_member *member, size_t offset)
{
	const unsigned char *at = scan->archive->bytes + offset;
	size_t left = scan->directory - offset;
	size_t skip = left >= 16 && get32(at) == DESCRIPTOR_SIGNATURE ? 4 : 0;

	if (left < 12 + skip || get32(at + skip) != member->crc ||
	    get32(at + skip + 4) != member->packed || get32(at + skip + 8) != member->size)
		return 0;
	return 12 + skip;
}

/* Before a data descriptor the header has nothing, or the same. */
static bool has_same_sizes(const unsigned char *header, const struct extmgr__archive_member *member)
{
	uint32_t crc = get32(header + 14);
	uint32_t packed = get32(header + 18);
	uint32_t size = get32(header + 22);

	return (crc == member->crc && packed == member->packed && size == member->size) ||
	       ((member->flags & FLAG_DESCRIPTOR) && !crc && !packed && !size);
}

static bool has_same_name(const unsigned char *header, const struct extmgr__archive_member *member)
{
	size_t length = member->name.length + member->is_folder; /* and its '/' */

	return get16(header + 26) == length &&
	       memcmp(header + LOCAL_SIZE, member->name.bytes, length) == 0;
}

static extmgr_result headers_differ(const struct scan *scan,
				    const struct extmgr__archive_member *member)
{
	return refuse(scan, EXTMGR_E_BUNDLE_HEADERS_DIFFER, &member->name,
		      "its header and its entry in the directory differ");
}

static extmgr_result read_local(const struct scan *scan, struct extmgr__archive_member *member)
{
	const unsigned char *header = scan->archive->bytes + member->header;
	size_t left = scan->directory - member->header;
	size_t name_length;
	size_t extra_length;
	size_t descriptor;
	extmgr_result result;

	if (left < LOCAL_SIZE || get32(header) != LOCAL_SIGNATURE)
		return malformed(scan, &member->name, "its header is not where the directory says");
	name_length = get16(header + 26);
	extra_length = get16(header + 28);
	if (name_length + extra_length > left - LOCAL_SIZE)
		return malformed(scan, &member->name, "its header is cut off");
	if (get16(header + 6) != member->flags || get16(header + 8) != member->method ||
	    !has_same_name(header, member))
		return headers_differ(scan, member);
	result = check_extra(scan, &member->name, header + LOCAL_SIZE + name_length, extra_length);
	if (result != EXTMGR_OK)
		return result;
	if (!has_same_sizes(header, member))
		return headers_differ(scan, member);
	member->data = member->header + LOCAL_SIZE + name_length + extra_length;
	if (member->packed > scan->directory - member->data)
		return refuse(scan, EXTMGR_E_BUNDLE_OVERLAP, &member->name,
			      "its data reach into the directory");
	member->end = member->data + member->packed;
	if (!(member->flags & FLAG_DESCRIPTOR))
		return EXTMGR_OK;
	descriptor = descriptor_length(scan, member, member->end);
	member->end += descriptor;
	return descriptor ? EXTMGR_OK : headers_differ(scan, member);
}

/* ---- All members together ---- */

static extmgr_result read_members(const struct scan *scan, size_t entries)
{
	struct extmgr__archive *archive = scan->archive;
	extmgr_result result = EXTMGR_OK;
	size_t at = scan->directory;

	if (entries > (scan->end - scan->directory) / CENTRAL_SIZE)
		return malformed(scan, NULL, "its directory has fewer members than it says");
	archive->members = calloc(entries ? entries : 1, sizeof(archive->members[0]));
	if (!archive->members)
		return extmgr__error_no_memory(scan->error);
	while (result == EXTMGR_OK && archive->count < entries)
		result = read_central(scan, &at, &archive->members[archive->count++]);
	if (result == EXTMGR_OK && at != scan->end)
		result = malformed(scan, NULL, "its directory has more members than it says");
	return result;
}

static extmgr_result check_totals(const struct scan *scan)
{
	uint64_t ratio = scan->limits->bundle_ratio;
	uint64_t packed = 0;
	uint64_t size = 0;

	for (size_t i = 0; i < scan->archive->count; i++) {
		packed +=
			scan->archive->members[i].packed; /* 16 bits of 32 bits each: no overflow */
		size += scan->archive->members[i].size;
	}
	if (size > scan->limits->bundle_total_bytes)
		return extmgr__refuse(scan->error, EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE,
				      scan->archive->bundle, NULL,
				      "its members are together larger than %" PRIu64 " bytes",
				      scan->limits->bundle_total_bytes);
	if (size / ratio > packed || (size / ratio == packed && size % ratio))
		return extmgr__refuse(
			scan->error, EXTMGR_E_BUNDLE_RATIO, scan->archive->bundle, NULL,
			"its members unpack to more than %" PRIu64 " times their packed size",
			ratio);
	return EXTMGR_OK;
}

/* '/' before all other bytes: behind a file stand the files that would lie below it. */
static int compare_parts(const struct extmgr__member_name *a, const struct extmgr__member_name *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	size_t i = 0;

	while (i < shorter && a->bytes[i] == b->bytes[i])
		i++;
	if (i == shorter)
		return (a->length > b->length) - (a->length < b->length);
	if (a->bytes[i] == '/' || b->bytes[i] == '/')
		return a->bytes[i] == '/' ? -1 : 1;
	return (unsigned char)a->bytes[i] < (unsigned char)b->bytes[i] ? -1 : 1;
}

static int compare_names(const void *a, const void *b)
{
	const struct extmgr__archive_member *const *x = a;
	const struct extmgr__archive_member *const *y = b;

	return compare_parts(&(*x)->name, &(*y)->name);
}

static bool lies_below(const struct extmgr__member_name *name,
		       const struct extmgr__member_name *folder)
{
	return name->length > folder->length &&
	       memcmp(name->bytes, folder->bytes, folder->length) == 0 &&
	       name->bytes[folder->length] == '/';
}

static extmgr_result check_duplicates(const struct scan *scan,
				      const struct extmgr__archive_member **sorted)
{
	for (size_t i = 1; i < scan->archive->count; i++) {
		const struct extmgr__archive_member *before = sorted[i - 1];
		const struct extmgr__archive_member *member = sorted[i];

		if (compare_parts(&before->name, &member->name) == 0)
			return refuse(scan, EXTMGR_E_BUNDLE_DUPLICATE, &member->name,
				      "it is there twice");
		if (!before->is_folder && lies_below(&member->name, &before->name))
			return refuse(scan, EXTMGR_E_BUNDLE_DUPLICATE, &before->name,
				      "it is a file and a folder");
	}
	return EXTMGR_OK;
}

static int compare_offsets(const void *a, const void *b)
{
	const struct extmgr__archive_member *const *x = a;
	const struct extmgr__archive_member *const *y = b;

	return ((*x)->header > (*y)->header) - ((*x)->header < (*y)->header);
}

/* From the first byte to the directory without overlap and gap. */
static extmgr_result check_tiles(const struct scan *scan,
				 const struct extmgr__archive_member **sorted)
{
	size_t expected = 0;

	for (size_t i = 0; i < scan->archive->count; i++) {
		const struct extmgr__archive_member *member = sorted[i];

		if (i == 0 && member->header > 0)
			return refuse(scan, EXTMGR_E_BUNDLE_DATA_BEFORE, NULL,
				      "there are bytes before its first member");
		if (member->header < expected)
			return refuse(scan, EXTMGR_E_BUNDLE_OVERLAP, &member->name,
				      "it overlaps another member");
		if (member->header > expected)
			return refuse(scan, EXTMGR_E_BUNDLE_GAP, &member->name,
				      "there are bytes before it that belong to no member");
		expected = member->end;
	}
	if (expected != scan->directory)
		return refuse(
			scan,
			scan->archive->count ? EXTMGR_E_BUNDLE_GAP : EXTMGR_E_BUNDLE_DATA_BEFORE,
			NULL, "there are bytes before its directory that belong to no member");
	return EXTMGR_OK;
}

static extmgr_result check_together(const struct scan *scan)
{
	struct extmgr__archive *archive = scan->archive;
	const struct extmgr__archive_member **sorted;
	extmgr_result result;

	sorted = calloc(archive->count ? archive->count : 1, sizeof(*sorted));
	if (!sorted)
		return extmgr__error_no_memory(scan->error);
	for (size_t i = 0; i < archive->count; i++)
		sorted[i] = &archive->members[i];
	qsort((void *)sorted, archive->count, sizeof(*sorted), compare_names);
	result = check_duplicates(scan, sorted);
	qsort((void *)sorted, archive->count, sizeof(*sorted), compare_offsets);
	if (result == EXTMGR_OK)
		result = check_tiles(scan, sorted);
	free((void *)sorted);
	return result;
}

static extmgr_result read_locals(const struct scan *scan)
{
	struct extmgr__archive *archive = scan->archive;
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < archive->count && result == EXTMGR_OK; i++) {
		if (archive->members[i].header >= scan->directory)
			result = malformed(scan, &archive->members[i].name,
					   "its header is not where the directory says");
		else
			result = read_local(scan, &archive->members[i]);
	}
	return result;
}

extmgr_result extmgr__archive_scan(struct extmgr__archive *archive, const char *bundle,
				   const char *bytes, size_t length,
				   const struct extmgr__limits *limits, extmgr_error **error)
{
	struct scan scan = {.archive = archive, .limits = limits, .error = error};
	extmgr_result result;
	size_t entries = 0;

	*archive = (struct extmgr__archive){
		.bytes = (const unsigned char *)bytes, .length = length, .bundle = bundle};
	result = find_end(&scan);
	if (result == EXTMGR_OK)
		result = locate_directory(&scan, &entries);
	if (result == EXTMGR_OK)
		result = read_members(&scan, entries);
	if (result == EXTMGR_OK)
		result = check_totals(&scan);
	if (result == EXTMGR_OK)
		result = read_locals(&scan);
	if (result == EXTMGR_OK)
		result = check_together(&scan);
	return result;
}

void extmgr__archive_free(struct extmgr__archive *archive)
{
	free(archive->members);
	archive->members = NULL;
}
