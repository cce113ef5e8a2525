/* SPDX-License-Identifier: MIT */
/* The index of a registry: whatever a server sends ends in an index or an error. */
#include "registry/index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct extmgr__index *index = NULL;
	extmgr_error *error = NULL;

	if (extmgr__index_parse((const char *)data, size, &index, &error) == EXTMGR_OK) {
		/* Sorted, and each id is found as an entry in use. */
		for (size_t i = 0; i < index->count; i++) {
			const struct extmgr__index_entry *found =
				extmgr__index_find(index, index->entries[i].id);

			if (!found || found->superseded)
				abort();
			if (i && strcmp(index->entries[i - 1].id, index->entries[i].id) > 0)
				abort();
		}
	} else if (!error || index) {
		abort();
	}
	extmgr_error_free(error);
	extmgr__index_free(index);
	return 0;
}
