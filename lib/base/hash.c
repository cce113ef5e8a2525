/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <extmgr/error.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdio.h>

extmgr_result extmgr__hash_sha256_hex(const void *bytes, size_t length,
				      char hex[EXTMGR__SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) != 1 || size != 32)
		return EXTMGR_E_NO_MEMORY;
	for (unsigned int i = 0; i < size; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return EXTMGR_OK;
}

extmgr_result extmgr__hash_random(void *bytes, size_t length)
{
	if (length > 1024 || RAND_bytes(bytes, (int)length) != 1)
		return EXTMGR_E_INTERNAL;
	return EXTMGR_OK;
}
