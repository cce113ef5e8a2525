/* SPDX-License-Identifier: MIT */
/* What lies in the cache directory, behind its checksum. */
#include "registry/record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(SIZE_MAX);
	struct extmgr__record *record = NULL;
	struct extmgr__record *again = NULL;

	if (extmgr__record_read((const char *)data, size, &record, NULL) != EXTMGR_OK) {
		if (record)
			abort();
		return 0;
	}
	extmgr__record_write(record, &text);
	if (extmgr__record_read(extmgr__buffer_get(&text), text.length, &again, NULL) !=
		    EXTMGR_OK ||
	    strcmp(record->sha256, again->sha256) != 0 || record->fetched != again->fetched)
		abort();
	extmgr__record_unref(record);
	extmgr__record_unref(again);
	extmgr__buffer_free(&text);
	return 0;
}
