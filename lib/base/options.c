/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <string.h>

/* No struct of ours comes near it: a larger size is garbage. */
#define MAXIMUM_SIZE 4096

void extmgr__options_init(void *options, size_t known, uint32_t size)
{
	if (!options || size < sizeof(uint32_t))
		return;
	memset(options, 0, size < known ? size : known);
	memcpy(options, &size, sizeof(size));
}

extmgr_result extmgr__options_copy(void *copy, size_t known, const void *options, size_t minimum,
				   const char *name, extmgr_error **error)
{
	const unsigned char *bytes = options;
	uint32_t size;

	memcpy(&size, options, sizeof(size));
	if (size < minimum || size > MAXIMUM_SIZE)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "%s: struct_size %u is wrong; use the _init function",
					 name, (unsigned)size);
	for (size_t i = known; i < size; i++) {
		if (bytes[i])
			return extmgr__error_set(
				error, EXTMGR_E_INVALID_ARGUMENT,
				"%s: this library is too old for a field that is set", name);
	}
	memcpy(copy, options, size < known ? size : known);
	return EXTMGR_OK;
}
