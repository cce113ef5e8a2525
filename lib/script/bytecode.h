/* SPDX-License-Identifier: MIT */
/* JavaScript of the library's own as bytecode of this very engine: made at build time by
 * tools/bytecode_compiler.c. */
#ifndef EXTMGR_SCRIPT_BYTECODE_H
#define EXTMGR_SCRIPT_BYTECODE_H

#include <stddef.h>

extern const unsigned char extmgr__prelude[];
extern const size_t extmgr__prelude_size;

/* Only in builds that lower. */
extern const unsigned char extmgr__lowering_bytecode[];
extern const size_t extmgr__lowering_bytecode_size;

#endif
