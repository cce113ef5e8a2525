/* SPDX-License-Identifier: MIT */
#include "host/trust.h"

#include "base/alloc.h"
#include "base/base64.h"
#include "base/text.h"
#include "host/context.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAXIMUM       1000
#define PATTERNS_MAXIMUM   1000
#define PATTERN_MAXIMUM    255
#define KEY_TEXT_MAXIMUM   2048
#define KEY_BASE64_LENGTH  56
#define FINGERPRINT_LENGTH ((size_t)512 << 20)
#define COMMENT_PREFIX     "untrusted comment: "
#define NAMELESS_PREFIX    "minisign public key " /* and the key id: no name that somebody gave */

struct extmgr_trust {
	atomic_size_t references; /* of those that a context has */
	uint32_t policy;
	struct extmgr__trusted_key *keys;
	size_t count;
	size_t capacity;
};

extmgr_result extmgr_trust_new(extmgr_trust **trust_out, extmgr_error **error_out)
{
	extmgr_trust *trust;

	if (error_out)
		*error_out = NULL;
	if (!trust_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "trust_out is NULL");
	*trust_out = NULL;
	trust = calloc(1, sizeof(*trust));
	if (!trust)
		return extmgr__error_no_memory(error_out);
	atomic_init(&trust->references, 1);
	trust->policy = EXTMGR_TRUST_SIGNED_IF_KEYS;
	*trust_out = trust;
	return EXTMGR_OK;
}

extmgr_result extmgr_trust_set_policy(extmgr_trust *trust, uint32_t policy,
				      extmgr_error **error_out)
{
	if (error_out)
		*error_out = NULL;
	if (!trust || policy < EXTMGR_TRUST_ANY || policy > EXTMGR_TRUST_SIGNED)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s",
					 trust ? "policy is none of EXTMGR_TRUST_..."
					       : "trust is NULL");
	trust->policy = policy;
	return EXTMGR_OK;
}

/* The comment above the key, when somebody wrote one; what nobody could read is no name. */
static void read_name(const char *text, size_t length, char name[EXTMGR__KEY_NAME])
{
	size_t prefix = strlen(COMMENT_PREFIX);

	if (length <= prefix || memcmp(text, COMMENT_PREFIX, prefix) != 0)
		return;
	text += prefix;
	length = strcspn(text, "\r\n");
	if (strncmp(text, NAMELESS_PREFIX, strlen(NAMELESS_PREFIX)) == 0 ||
	    !extmgr__utf8_is_valid(text, length) || extmgr__text_has_control(text, length))
		return;
	length = extmgr__utf8_cut(text, length, EXTMGR__KEY_NAME - 1);
	memcpy(name, text, length);
	name[length] = '\0';
}

/* The line with the key: the last one that is not empty. */
static bool read_key(const char *text, struct extmgr__trusted_key *key)
{
	unsigned char bytes[2 + EXTMGR__KEY_ID_SIZE + EXTMGR__PUBLIC_KEY_SIZE];
	size_t length = strnlen(text, KEY_TEXT_MAXIMUM + 1);
	const char *line;

	if (length > KEY_TEXT_MAXIMUM)
		return false;
	while (length && strchr("\r\n \t", text[length - 1]))
		length--;
	line = memrchr(text, '\n', length);
	line = line ? line + 1 : text;
	length -= (size_t)(line - text);
	if (length != KEY_BASE64_LENGTH ||
	    !extmgr__base64_decode(line, length, bytes, sizeof(bytes)) ||
	    memcmp(bytes, "Ed", 2) != 0)
		return false;
	memcpy(key->id, bytes + 2, sizeof(key->id));
	memcpy(key->key, bytes + 2 + sizeof(key->id), sizeof(key->key));
	read_name(text, (size_t)(line - text), key->name);
	return true;
}

static void free_key(struct extmgr__trusted_key *key)
{
	for (size_t i = 0; i < key->pattern_count; i++)
		free(key->patterns[i]);
	free((void *)key->patterns);
}

static extmgr_result copy_patterns(struct extmgr__trusted_key *key, const char *const *patterns,
				   size_t count, extmgr_error **error)
{
	if (!count)
		return EXTMGR_OK;
	key->patterns = calloc(count, sizeof(*key->patterns));
	if (!key->patterns)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < count; i++) {
		size_t length = patterns[i] ? strnlen(patterns[i], PATTERN_MAXIMUM + 1) : 0;

		if (!length || length > PATTERN_MAXIMUM)
			return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
						 "a pattern of a key is NULL, empty or longer than "
						 "%d bytes",
						 PATTERN_MAXIMUM);
		key->patterns[i] = extmgr__strdup(patterns[i]);
		if (!key->patterns[i])
			return extmgr__error_no_memory(error);
		key->pattern_count++;
	}
	return EXTMGR_OK;
}

static extmgr_result append_key(extmgr_trust *trust, const struct extmgr__trusted_key *key,
				extmgr_error **error)
{
	struct extmgr__trusted_key *grown;

	if (trust->count == KEYS_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE, "more than %d keys",
					 KEYS_MAXIMUM);
	grown = extmgr__array_grow(trust->keys, trust->count, &trust->capacity, sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(error);
	trust->keys = grown;
	grown[trust->count++] = *key;
	return EXTMGR_OK;
}

extmgr_result extmgr_trust_add_key(extmgr_trust *trust, const char *key,
				   const char *const *patterns, size_t pattern_count,
				   extmgr_error **error_out)
{
	struct extmgr__trusted_key added = {0};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!trust || !key || (pattern_count && !patterns) || pattern_count > PATTERNS_MAXIMUM)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "trust, key or patterns is NULL, or there are more than "
					 "%d patterns",
					 PATTERNS_MAXIMUM);
	if (!read_key(key, &added)) {
		extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
				  "this is no public key of minisign");
		extmgr__error_hint(error_out,
				   "it is the second line of the .pub file that 'minisign -G' "
				   "writes, 56 characters that begin with RW");
		return EXTMGR_E_INVALID_ARGUMENT;
	}
	if (extmgr__trust_find_key(trust, added.id))
		return extmgr__error_set(error_out, EXTMGR_E_CONFLICT,
					 "there is a key with this key id already");
	result = copy_patterns(&added, patterns, pattern_count, error_out);
	if (result == EXTMGR_OK)
		result = append_key(trust, &added, error_out);
	if (result != EXTMGR_OK)
		free_key(&added);
	return result;
}

extmgr_trust *extmgr__trust_copy(const extmgr_trust *trust)
{
	extmgr_trust *copy = NULL;
	extmgr_result result = extmgr_trust_new(&copy, NULL);

	if (result == EXTMGR_OK && trust)
		copy->policy = trust->policy;
	for (size_t i = 0; result == EXTMGR_OK && trust && i < trust->count; i++) {
		struct extmgr__trusted_key key = trust->keys[i];

		key.patterns = NULL;
		key.pattern_count = 0;
		result = copy_patterns(&key, (const char *const *)trust->keys[i].patterns,
				       trust->keys[i].pattern_count, NULL);
		if (result == EXTMGR_OK)
			result = append_key(copy, &key, NULL);
		if (result != EXTMGR_OK)
			free_key(&key);
	}
	if (result == EXTMGR_OK)
		return copy;
	extmgr_trust_free(copy);
	return NULL;
}

const extmgr_trust *extmgr__trust_ref(const extmgr_trust *trust)
{
	/* The count is no part of the value. */
	extmgr_trust *counted = (extmgr_trust *)(uintptr_t)trust;

	atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
	return trust;
}

void extmgr__trust_unref(const extmgr_trust *trust)
{
	extmgr_trust *counted = (extmgr_trust *)(uintptr_t)trust;

	if (!counted || atomic_fetch_sub(&counted->references, 1) != 1)
		return;
	for (size_t i = 0; i < counted->count; i++)
		free_key(&counted->keys[i]);
	free(counted->keys);
	free(counted);
}

void extmgr_trust_free(extmgr_trust *trust)
{
	extmgr__trust_unref(trust);
}

bool extmgr__trust_has_keys(const extmgr_trust *trust)
{
	return trust->count > 0;
}

bool extmgr__trust_demands_signatures(const extmgr_trust *trust)
{
	return trust->policy == EXTMGR_TRUST_SIGNED ||
	       (trust->policy == EXTMGR_TRUST_SIGNED_IF_KEYS && trust->count > 0);
}

const struct extmgr__trusted_key *
extmgr__trust_find_key(const extmgr_trust *trust, const unsigned char id[EXTMGR__KEY_ID_SIZE])
{
	for (size_t i = 0; i < trust->count; i++) {
		if (memcmp(trust->keys[i].id, id, EXTMGR__KEY_ID_SIZE) == 0)
			return &trust->keys[i];
	}
	return NULL;
}

/* The last '*' takes as much as is needed: no recursion, at most length squared steps. */
static bool fits(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool extmgr__trusted_key_may_sign(const struct extmgr__trusted_key *key, const char *id)
{
	for (size_t i = 0; i < key->pattern_count; i++) {
		if (fits(key->patterns[i], id))
			return true;
	}
	return key->pattern_count == 0;
}

void extmgr__key_id_text(const unsigned char id[EXTMGR__KEY_ID_SIZE],
			 char text[EXTMGR__KEY_ID_TEXT])
{
	unsigned long long number = 0;

	/* A number, of which the file has the lowest byte first. */
	for (size_t i = EXTMGR__KEY_ID_SIZE; i > 0; i--)
		number = number << 8 | id[i - 1];
	(void)snprintf(text, EXTMGR__KEY_ID_TEXT, "%016llX", number);
}

struct extmgr__signer extmgr__trusted_key_signer(const struct extmgr__trusted_key *key)
{
	struct extmgr__signer signer = {0};

	if (key) {
		extmgr__key_id_text(key->id, signer.key_id);
		memcpy(signer.name, key->name, sizeof(signer.name));
	}
	return signer;
}

/* ---- fingerprint ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; texts && i < count; i++)
		free(texts[i]);
	free((void *)texts);
}

/* A line for a key: id, key, then its patterns in order, each behind a line of its own. */
static char *describe_key(const struct extmgr__trusted_key *key)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	char **patterns = calloc(key->pattern_count + 1, sizeof(*patterns));

	if (!patterns)
		return NULL;
	for (size_t i = 0; i < sizeof(key->id); i++)
		extmgr__buffer_printf(&text, "%02x", key->id[i]);
	for (size_t i = 0; i < sizeof(key->key); i++)
		extmgr__buffer_printf(&text, "%02x", key->key[i]);
	for (size_t i = 0; i < key->pattern_count; i++)
		patterns[i] = key->patterns[i];
	qsort((void *)patterns, key->pattern_count, sizeof(*patterns), compare_texts);
	for (size_t i = 0; i < key->pattern_count; i++)
		extmgr__buffer_printf(&text, "\n %s", patterns[i]);
	free((void *)patterns);
	if (extmgr__buffer_result(&text) == EXTMGR_OK)
		return text.data;
	extmgr__buffer_free(&text);
	return NULL;
}

extmgr_result extmgr_trust_copy_fingerprint(const extmgr_trust *trust, extmgr_text **text_out)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(FINGERPRINT_LENGTH);
	size_t count = trust ? trust->count : 0;
	char hex[EXTMGR__SHA256_HEX_SIZE];
	char **keys;
	bool complete = true;
	extmgr_result result;

	if (!text_out)
		return EXTMGR_E_INVALID_ARGUMENT;
	*text_out = NULL;
	keys = calloc(count + 1, sizeof(*keys));
	for (size_t i = 0; keys && i < count; i++) {
		keys[i] = describe_key(&trust->keys[i]);
		complete = complete && keys[i];
	}
	if (!keys || !complete) {
		free_texts(keys, count);
		return EXTMGR_E_NO_MEMORY;
	}
	qsort((void *)keys, count, sizeof(*keys), compare_texts);
	extmgr__buffer_printf(&text, "policy %u",
			      (unsigned)(trust ? trust->policy : EXTMGR_TRUST_SIGNED_IF_KEYS));
	for (size_t i = 0; i < count; i++)
		extmgr__buffer_printf(&text, "\n%s", keys[i]);
	free_texts(keys, count);
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK)
		result = extmgr__hash_sha256_hex(text.data, text.length, hex);
	extmgr__buffer_free(&text);
	if (result != EXTMGR_OK)
		return EXTMGR_E_NO_MEMORY;
	*text_out = extmgr__text_new(hex, strlen(hex));
	return *text_out ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;
}

const char *extmgr_signature_get_name(int32_t state)
{
	switch (state) {
	case EXTMGR_SIGNATURE_UNSIGNED:
		return "unsigned";
	case EXTMGR_SIGNATURE_SIGNED:
		return "signed";
	case EXTMGR_SIGNATURE_MODIFIED:
		return "modified";
	case EXTMGR_SIGNATURE_UNTRUSTED_KEY:
		return "untrusted-key";
	default:
		return "unknown";
	}
}
