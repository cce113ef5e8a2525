/* SPDX-License-Identifier: MIT */
/* Hashes and random bytes through libcrypto; the only file that knows it for hashing. */
#ifndef EXTMGR_BASE_HASH_H
#define EXTMGR_BASE_HASH_H

#include <extmgr/types.h>

#include <stddef.h>

#define EXTMGR__SHA256_HEX_SIZE 65 /* with NUL */

/* Writes 64 lower-case hexadecimal digits. EXTMGR_OK or EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__hash_sha256_hex(const void *bytes, size_t length,
				      char hex[EXTMGR__SHA256_HEX_SIZE]);

/* MD5 is for comparing with what others computed, never for trust. */
enum extmgr__hash_kind { EXTMGR__HASH_SHA256, EXTMGR__HASH_MD5 };

/* The same piece by piece. */
struct extmgr__hash;
/* EXTMGR_E_NO_MEMORY; EXTMGR_E_UNSUPPORTED where the system forbids MD5. Free in any case. */
extmgr_result extmgr__hash_new(enum extmgr__hash_kind kind, struct extmgr__hash **hash_out);
/* A failure is remembered until the end. */
void extmgr__hash_add(struct extmgr__hash *hash, const void *bytes, size_t length);
/* Then only free may follow. EXTMGR_OK or EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__hash_hex(struct extmgr__hash *hash, char hex[EXTMGR__SHA256_HEX_SIZE]);
void extmgr__hash_free(struct extmgr__hash *hash); /* may be NULL */

/* Fills with random bytes of the operating system. EXTMGR_OK or EXTMGR_E_INTERNAL. */
extmgr_result extmgr__hash_random(void *bytes, size_t length);

#endif
