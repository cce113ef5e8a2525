/* SPDX-License-Identifier: MIT */
/* How much stack the calling thread has left: scripts recurse on it. */
#ifndef EXTMGR_SCRIPT_HEAP_STACK_H
#define EXTMGR_SCRIPT_HEAP_STACK_H

#include <stdbool.h>
#include <stddef.h>

/* Stack that must be left when a run begins. */
#define EXTMGR__STACK_MINIMUM ((size_t)256 << 10)

/* Whether there is enough to begin a run. */
bool extmgr__stack_suffices(void);
/* Whether a running script must not recurse deeper. Cheap. */
bool extmgr__stack_is_low(void);

#endif
