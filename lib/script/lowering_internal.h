/* SPDX-License-Identifier: MIT */
/* What the parts of lowering share. */
#ifndef EXTMGR_SCRIPT_LOWERING_INTERNAL_H
#define EXTMGR_SCRIPT_LOWERING_INTERNAL_H

#include "script/lowering.h"

/* Of lowered code, in bytes: a source grows by less than three times. */
#define EXTMGR__LOWERED_MAXIMUM ((size_t)4 << 20)

/* With one reference; NULL when memory is out. */
struct extmgr__lowered *extmgr__lowered_new(void);
struct extmgr__lowered *extmgr__lowered_ref(struct extmgr__lowered *lowered);

/* lowering_cache.c: from memory or disk, a reference; NULL when it is in neither. */
struct extmgr__lowered *extmgr__lowering_cache_find(extmgr_context *context, const char *digest);
void extmgr__lowering_cache_store(extmgr_context *context, const char *digest,
				  struct extmgr__lowered *lowered);

#endif
