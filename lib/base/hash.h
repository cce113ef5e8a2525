/* SPDX-License-Identifier: MIT */
/* SHA-256 through libcrypto; the only file that knows it for hashing. */
#ifndef EXTMGR_BASE_HASH_H
#define EXTMGR_BASE_HASH_H

#include <extmgr/types.h>

#include <stddef.h>

#define EXTMGR__SHA256_HEX_SIZE 65 /* with NUL */

/* Writes 64 lower-case hexadecimal digits. EXTMGR_OK or EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__hash_sha256_hex(const void *bytes, size_t length,
				      char hex[EXTMGR__SHA256_HEX_SIZE]);
/* The same in pieces: NULL when memory is out. */
struct extmgr__sha256 *extmgr__sha256_new(void);
void extmgr__sha256_free(struct extmgr__sha256 *hash); /* may be NULL */
extmgr_result extmgr__sha256_update(struct extmgr__sha256 *hash, const void *bytes, size_t length);
/* Then only free() may follow. */
extmgr_result extmgr__sha256_finish(struct extmgr__sha256 *hash, char hex[EXTMGR__SHA256_HEX_SIZE]);
/* Fills with random bytes of the operating system. EXTMGR_OK or EXTMGR_E_INTERNAL. */
extmgr_result extmgr__hash_random(void *bytes, size_t length);

#endif
