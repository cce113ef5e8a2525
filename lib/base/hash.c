/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <extmgr/error.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdio.h>

static void write_hex(const unsigned char *digest, char hex[EXTMGR__SHA256_HEX_SIZE])
{
	for (size_t i = 0; i < (EXTMGR__SHA256_HEX_SIZE - 1) / 2; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

extmgr_result extmgr__hash_sha256_hex(const void *bytes, size_t length,
				      char hex[EXTMGR__SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) != 1 || size != 32)
		return EXTMGR_E_NO_MEMORY;
	write_hex(digest, hex);
	return EXTMGR_OK;
}

/* A context of libcrypto under our name. */
static EVP_MD_CTX *context_of(struct extmgr__sha256 *hash)
{
	return (EVP_MD_CTX *)(void *)hash;
}

struct extmgr__sha256 *extmgr__sha256_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return (struct extmgr__sha256 *)(void *)context;
}

void extmgr__sha256_free(struct extmgr__sha256 *hash)
{
	EVP_MD_CTX_free(context_of(hash));
}

extmgr_result extmgr__sha256_update(struct extmgr__sha256 *hash, const void *bytes, size_t length)
{
	return EVP_DigestUpdate(context_of(hash), bytes, length) == 1 ? EXTMGR_OK
								      : EXTMGR_E_NO_MEMORY;
}

extmgr_result extmgr__sha256_finish(struct extmgr__sha256 *hash, char hex[EXTMGR__SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_DigestFinal_ex(context_of(hash), digest, &size) != 1 || size != 32)
		return EXTMGR_E_NO_MEMORY;
	write_hex(digest, hex);
	return EXTMGR_OK;
}

extmgr_result extmgr__hash_random(void *bytes, size_t length)
{
	if (length > 1024 || RAND_bytes(bytes, (int)length) != 1)
		return EXTMGR_E_INTERNAL;
	return EXTMGR_OK;
}
