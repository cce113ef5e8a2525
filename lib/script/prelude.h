/* SPDX-License-Identifier: MIT */
/* The prelude as bytecode of this very engine: made at build time by tools/prelude_compiler.c. */
#ifndef EXTMGR_SCRIPT_PRELUDE_H
#define EXTMGR_SCRIPT_PRELUDE_H

#include <stddef.h>

extern const unsigned char extmgr__prelude[];
extern const size_t extmgr__prelude_size;

#endif
