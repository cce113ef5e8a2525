/* SPDX-License-Identifier: MIT */
#include "bundle/member.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static bool is_absolute(const char *path, size_t length)
{
	bool has_drive = length > 1 && path[1] == ':' &&
			 ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z'));

	return (length && path[0] == '/') || has_drive;
}

static bool is_plain_part(const char *part, size_t length)
{
	return length && !(length == 1 && part[0] == '.') &&
	       !(length == 2 && part[0] == '.' && part[1] == '.');
}

/* The number of parts; 0 when one is empty, "." or "..". */
static size_t count_parts(const char *path, size_t length)
{
	size_t start = 0;
	size_t parts = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && path[i] != '/')
			continue;
		if (!is_plain_part(path + start, i - start))
			return 0;
		start = i + 1;
		parts++;
	}
	return parts;
}

extmgr_result extmgr__member_check_path(const struct extmgr__member_name *name, const char *bundle,
					const struct extmgr__limits *limits, extmgr_error **error)
{
	const char *path = name->bytes;
	size_t length = name->length;
	size_t parts;

	if (extmgr__text_has_control(path, length))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_CONTROL_CHARACTER, bundle, name,
				      "its name has a control character");
	if (!extmgr__utf8_is_valid(path, length))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_NAME_ENCODING, bundle, name,
				      "its name is not UTF-8");
	if (memchr(path, '\\', length))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_BACKSLASH, bundle, name,
				      "its name has a backslash");
	if (is_absolute(path, length))
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_ABSOLUTE_PATH, bundle, name,
				      "its path is absolute");
	parts = count_parts(path, length);
	if (!parts)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_TRAVERSAL, bundle, name,
				      "its path has a part that is empty, '.' or '..'");
	if (length > limits->bundle_path_bytes)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_PATH_TOO_LONG, bundle, name,
				      "its path is longer than %" PRIu64 " bytes",
				      limits->bundle_path_bytes);
	if (parts > EXTMGR__PATH_MAXIMUM_PARTS)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_PATH_TOO_LONG, bundle, name,
				      "its path has more than %d parts",
				      EXTMGR__PATH_MAXIMUM_PARTS);
	return EXTMGR_OK;
}

static bool is_below(const struct extmgr__member_name *name, const char *folder)
{
	size_t length = strlen(folder);

	return name->length > length && memcmp(name->bytes, folder, length) == 0;
}

static bool is_named(const struct extmgr__member_name *name, const char *path)
{
	return name->length == strlen(path) && memcmp(name->bytes, path, name->length) == 0;
}

extmgr_result extmgr__member_check_place(const struct extmgr__member_name *name, const char *bundle,
					 extmgr_error **error)
{
	/* manifest.sig: Superset's own signature, which covers the manifest only; a file as any. */
	if (is_named(name, EXTMGR__MANIFEST_PATH) || is_named(name, "manifest.sig") ||
	    is_below(name, EXTMGR__FRONTEND) || is_below(name, EXTMGR__BACKEND))
		return EXTMGR_OK;
	return extmgr__refuse(error, EXTMGR_E_BUNDLE_UNEXPECTED_MEMBER, bundle, name,
			      "it does not belong into a bundle");
}

extmgr_result extmgr__member_check_size(const struct extmgr__member_name *name, uint64_t size,
					const char *bundle, const struct extmgr__limits *limits,
					extmgr_error **error)
{
	if (is_named(name, EXTMGR__MANIFEST_PATH) && size > limits->manifest_bytes)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE, bundle, name,
				      "it is larger than %" PRIu64 " bytes",
				      limits->manifest_bytes);
	if (size > limits->bundle_entry_bytes)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE, bundle, name,
				      "it is larger than %" PRIu64 " bytes",
				      limits->bundle_entry_bytes);
	return EXTMGR_OK;
}
