/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <extmgr/error.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdbool.h>
#include <stdlib.h>

static void write_hex(const unsigned char *digest, size_t length, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * length] = '\0';
}

extmgr_result extmgr__hash_sha256_hex(const void *bytes, size_t length,
				      char hex[EXTMGR__SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) != 1 || size != 32)
		return EXTMGR_E_NO_MEMORY;
	write_hex(digest, size, hex);
	return EXTMGR_OK;
}

struct extmgr__hash {
	EVP_MD_CTX *state;
	bool failed;
};

extmgr_result extmgr__hash_new(enum extmgr__hash_kind kind, struct extmgr__hash **hash_out)
{
	const EVP_MD *algorithm = kind == EXTMGR__HASH_MD5 ? EVP_md5() : EVP_sha256();
	struct extmgr__hash *hash = calloc(1, sizeof(*hash));

	*hash_out = hash;
	if (hash)
		hash->state = EVP_MD_CTX_new();
	if (!hash || !hash->state)
		return EXTMGR_E_NO_MEMORY;
	return EVP_DigestInit_ex(hash->state, algorithm, NULL) == 1 ? EXTMGR_OK
								    : EXTMGR_E_UNSUPPORTED;
}

void extmgr__hash_add(struct extmgr__hash *hash, const void *bytes, size_t length)
{
	if (EVP_DigestUpdate(hash->state, bytes, length) != 1)
		hash->failed = true;
}

extmgr_result extmgr__hash_hex(struct extmgr__hash *hash, char hex[EXTMGR__SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_DigestFinal_ex(hash->state, digest, &size) != 1 || size > 32 || hash->failed)
		return EXTMGR_E_NO_MEMORY;
	write_hex(digest, size, hex);
	return EXTMGR_OK;
}

void extmgr__hash_free(struct extmgr__hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->state);
	free(hash);
}

extmgr_result extmgr__hash_random(void *bytes, size_t length)
{
	if (length > 1024 || RAND_bytes(bytes, (int)length) != 1)
		return EXTMGR_E_INTERNAL;
	return EXTMGR_OK;
}
