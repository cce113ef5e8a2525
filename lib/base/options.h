/* SPDX-License-Identifier: MIT */
/*
 * Sized option structs and vtables that cross the border: a smaller one (older caller) takes
 * defaults for what it lacks; the unknown tail of a larger one (newer caller) must be zero.
 */
#ifndef EXTMGR_BASE_OPTIONS_H
#define EXTMGR_BASE_OPTIONS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Size of a struct up to and with a member: the struct of the release whose last member it was. */
#define EXTMGR__SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/* Zeroes at most 'known' bytes of a caller's struct of 'size' bytes and stores size in it. */
void extmgr__options_init(void *options, size_t known, uint32_t size);

/*
 * Copies a caller's struct over 'copy', which holds the defaults ('known' bytes).
 * minimum: size of the struct in the first release. name: for messages.
 * EXTMGR_E_INVALID_ARGUMENT when the size is out of bounds or the unknown tail is not zero.
 */
extmgr_result extmgr__options_copy(void *copy, size_t known, const void *options, size_t minimum,
				   const char *name, extmgr_error **error);

#endif
