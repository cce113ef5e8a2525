/* SPDX-License-Identifier: MIT */
/*
 * Definitions compiled: bytecode by digest and id, in the context's memory and nowhere else, since
 * the engine takes it on trust.
 */
#ifndef EXTMGR_SCRIPT_CODE_CACHE_H
#define EXTMGR_SCRIPT_CODE_CACHE_H

#include "host/context.h"

#include <stdbool.h>

/* Longest source whose code is kept, in bytes. */
#define EXTMGR__CODE_SOURCE_MAXIMUM ((size_t)256 << 10)

struct extmgr__code {
	char *bytes; /* NULL: none */
	size_t length;
	bool is_lowered; /* of lowered code, not of the source itself */
};

/* Puts a copy into *code, for the caller to free, or leaves it empty. The id is part of the code:
 * errors name it. */
void extmgr__code_find(extmgr_context *context, const char *digest, const char *id,
		       struct extmgr__code *code);
/* Keeps a copy; when memory is out it does not. */
void extmgr__code_keep(extmgr_context *context, const char *digest, const char *id,
		       const struct extmgr__code *code);

#endif
