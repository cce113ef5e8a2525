/* SPDX-License-Identifier: MIT */
#include "bundle/superset.h"

#include "bundle/canonical.h"
#include "bundle/member.h"

#include <string.h>

/* Bytes that are encoded at once: a multiple of three. */
#define PIECE 3072

static void add_text(struct extmgr__hash *hash, const char *text)
{
	extmgr__hash_add(hash, text, strlen(text));
}

/* The four digits of one to three bytes, '=' for what is not there. */
static void encode(const unsigned char *bytes, size_t count, char digits[4])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)bytes[0] << 16 | (count > 1 ? (uint32_t)bytes[1] << 8 : 0) |
			(count > 2 ? bytes[2] : 0);

	for (size_t i = 0; i < 4; i++)
		digits[i] = i <= count ? alphabet[(bits >> (18 - 6 * i)) & 63] : '=';
}

static void add_base64(struct extmgr__hash *hash, const struct extmgr__bundle_file *file)
{
	const unsigned char *bytes = (const unsigned char *)file->bytes;
	char text[PIECE / 3 * 4];
	size_t used = 0;

	for (size_t at = 0; at < file->size; at += 3) {
		encode(bytes + at, file->size - at, text + used);
		used += 4;
		if (used == sizeof(text)) {
			extmgr__hash_add(hash, text, used);
			used = 0;
		}
	}
	extmgr__hash_add(hash, text, used);
}

/* Adds the files below a folder, which are sorted already, by the rest of their paths. */
static extmgr_result add_files(struct extmgr__hash *hash, const struct extmgr__content *content,
			       const char *folder, bool seed)
{
	struct extmgr__buffer key = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	const char *separator = "{";

	for (size_t i = 0; i < extmgr__content_count(content); i++) {
		const struct extmgr__bundle_file *file = extmgr__content_get(content, i);

		if (strncmp(file->path, folder, strlen(folder)) != 0)
			continue;
		extmgr__buffer_clear(&key);
		extmgr__canonical_string(&key, file->path + strlen(folder),
					 strlen(file->path + strlen(folder)));
		if (extmgr__buffer_result(&key) != EXTMGR_OK)
			break;
		add_text(hash, separator);
		extmgr__hash_add(hash, key.data, key.length);
		add_text(hash, ": \"");
		add_base64(hash, file);
		add_text(hash, "\"");
		separator = ", ";
	}
	if (*separator == ',')
		add_text(hash, "}");
	else
		add_text(hash, seed ? "null" : "{}");
	if (extmgr__buffer_result(&key) != EXTMGR_OK) {
		extmgr__buffer_free(&key);
		return EXTMGR_E_NO_MEMORY;
	}
	extmgr__buffer_free(&key);
	return EXTMGR_OK;
}

static extmgr_result hash(const struct extmgr__content *content, const char *manifest,
			  size_t manifest_length, const struct extmgr__slice *name, bool seed,
			  char hex[EXTMGR__SHA256_HEX_SIZE])
{
	struct extmgr__hash *hash = NULL;
	extmgr_result result = extmgr__hash_new(EXTMGR__HASH_MD5, &hash);

	if (result == EXTMGR_OK) {
		add_text(hash, "{\"backend\": ");
		result = add_files(hash, content, EXTMGR__BACKEND, seed);
	}
	if (result == EXTMGR_OK) {
		add_text(hash, ", \"frontend\": ");
		result = add_files(hash, content, EXTMGR__FRONTEND, seed);
	}
	if (result == EXTMGR_OK) {
		add_text(hash, ", \"manifest\": ");
		extmgr__hash_add(hash, manifest, manifest_length);
		add_text(hash, ", \"name\": ");
		extmgr__hash_add(hash, manifest + name->start, name->length);
		add_text(hash, "}");
		result = extmgr__hash_hex(hash, hex);
	}
	extmgr__hash_free(hash);
	return result;
}

static extmgr_result read_manifest(const struct extmgr__bundle_file *file, const char *bundle,
				   struct extmgr__buffer *manifest, struct extmgr__slice *name,
				   extmgr_error **error)
{
	const struct extmgr__member_name *member = EXTMGR__NAME(EXTMGR__MANIFEST_PATH);
	extmgr_result result =
		extmgr__canonical_json(file->bytes, file->size, "name", manifest, name, error);

	if (result == EXTMGR_E_FORMAT)
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_MANIFEST_JSON, bundle,
						 member, "it cannot be read");
	if (result != EXTMGR_OK)
		return result;
	if (!name->length || manifest->data[name->start] != '"')
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_MANIFEST_FIELD, bundle, member,
				      "'name' is missing or no string: this digest needs it");
	return EXTMGR_OK;
}

extmgr_result extmgr__superset_digest(const struct extmgr__content *content, const char *bundle,
				      bool seed, char hex[EXTMGR__SHA256_HEX_SIZE],
				      extmgr_error **error)
{
	const struct extmgr__bundle_file *file =
		extmgr__content_find(content, EXTMGR__MANIFEST_PATH);
	struct extmgr__buffer manifest;
	struct extmgr__slice name;
	extmgr_result result;

	if (!file)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_MANIFEST_MISSING, bundle, NULL,
				      "it has no " EXTMGR__MANIFEST_PATH);
	manifest = EXTMGR__BUFFER(8 * file->size + 64);
	result = read_manifest(file, bundle, &manifest, &name, error);
	if (result == EXTMGR_OK) {
		result = hash(content, manifest.data, manifest.length, &name, seed, hex);
		if (result == EXTMGR_E_UNSUPPORTED)
			extmgr__error_set(error, result, "this system does not allow MD5");
		else if (result != EXTMGR_OK)
			extmgr__error_no_memory(error);
	}
	extmgr__buffer_free(&manifest);
	return result;
}
