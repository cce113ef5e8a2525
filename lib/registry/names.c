/* SPDX-License-Identifier: MIT */
#include "registry/names.h"

#include "base/alloc.h"
#include "base/text.h"

#include <string.h>

#define MAXIMUM_ID_LENGTH 255

static bool has_suffix(const char *id, size_t length)
{
	return length > 3 && strcmp(id + length - 3, ".js") == 0;
}

bool extmgr__is_plain_name(const char *id)
{
	size_t length = strlen(id);

	return length > 0 && length <= MAXIMUM_ID_LENGTH && id[0] != '.' && !strchr(id, '/') &&
	       !strchr(id, '\\') && extmgr__utf8_is_valid(id, length) &&
	       !extmgr__text_has_control(id, length) && !has_suffix(id, length);
}

char *extmgr__registry_canonical_id(const char *id)
{
	size_t length = strlen(id);

	return extmgr__memdup(id, has_suffix(id, length) ? length - 3 : length);
}
