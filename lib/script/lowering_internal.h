/* SPDX-License-Identifier: MIT */
/* What the parts of lowering share. */
#ifndef EXTMGR_SCRIPT_LOWERING_INTERNAL_H
#define EXTMGR_SCRIPT_LOWERING_INTERNAL_H

#include "script/lowering.h"

/* Of lowered code, in bytes: a source grows by less than three times. */
#define EXTMGR__LOWERED_MAXIMUM ((size_t)4 << 20)
/* The same with its lines, in the cache directory. */
#define EXTMGR__LOWERED_ENTRY_MAXIMUM ((size_t)16 << 20)

/* With one reference; NULL when memory is out. */
struct extmgr__lowered *extmgr__lowered_new(void);
struct extmgr__lowered *extmgr__lowered_ref(struct extmgr__lowered *lowered);

/* What lowering says about a source has at most so many bytes. */
#define EXTMGR__REFUSAL_TEXT_MAXIMUM ((size_t)400)

/* lowering_cache.c: from memory or disk, a reference; NULL when it is in neither. What ran into a
 * limit is kept in memory alone. */
struct extmgr__lowered *extmgr__lowering_cache_find(extmgr_context *context, const char *digest);
void extmgr__lowering_cache_store(extmgr_context *context, const char *digest,
				  struct extmgr__lowered *lowered);

#endif
