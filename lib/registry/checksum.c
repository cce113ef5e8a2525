/* SPDX-License-Identifier: MIT */
#include "registry/checksum.h"

#include "base/hash.h"

#include <ctype.h>
#include <string.h>

extmgr_result extmgr__checksum_compare(const char *kind, const char *id, const char *expected,
				       const char *found, extmgr_error **error)
{
	if (strcmp(expected, found) == 0)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_CHECKSUM, "%s '%s' has the SHA-256 %s, promised is %s",
			  kind, id, found, expected);
	extmgr__error_hint(error, "it was changed or cut on its way, or its publisher has to make "
				  "the registry anew");
	return EXTMGR_E_CHECKSUM;
}

extmgr_result extmgr__checksum_check(const char *kind, const char *id,
				     const struct extmgr__buffer *file, const char *found,
				     extmgr_error **error)
{
	const char *text = extmgr__buffer_get(file);
	char expected[EXTMGR__SHA256_HEX_SIZE] = "";

	for (size_t i = 0; i < EXTMGR__SHA256_HEX_SIZE - 1 && isxdigit((unsigned char)text[i]); i++)
		expected[i] = (char)tolower((unsigned char)text[i]);
	if (strlen(expected) < EXTMGR__SHA256_HEX_SIZE - 1 ||
	    !strchr(" \t\r\n", text[EXTMGR__SHA256_HEX_SIZE - 1]))
		return extmgr__error_set(error, EXTMGR_E_CHECKSUM,
					 "the .sha256 file of %s '%s' holds no SHA-256", kind, id);
	return extmgr__checksum_compare(kind, id, expected, found, error);
}
