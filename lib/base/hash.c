/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <extmgr/error.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

extmgr_result extmgr__hash_uuid5(const unsigned char name_space[16], const void *bytes,
				 size_t length, unsigned char uuid[16])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done = hash && EVP_DigestInit_ex(hash, EVP_sha1(), NULL) == 1 &&
		    EVP_DigestUpdate(hash, name_space, 16) == 1 &&
		    EVP_DigestUpdate(hash, bytes, length) == 1 &&
		    EVP_DigestFinal_ex(hash, digest, NULL) == 1;

	EVP_MD_CTX_free(hash);
	if (!done)
		return EXTMGR_E_NO_MEMORY;
	memcpy(uuid, digest, 16);
	uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x50);
	uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
	return EXTMGR_OK;
}

extmgr_result extmgr__hash_random(void *bytes, size_t length)
{
	if (length > 1024 || RAND_bytes(bytes, (int)length) != 1)
		return EXTMGR_E_INTERNAL;
	return EXTMGR_OK;
}
