/* SPDX-License-Identifier: MIT */
/*
 * A signature file has four lines: an untrusted comment; base64 of "ED", key id and a signature
 * over the BLAKE2b-512 of the content; a trusted comment; base64 of a signature over the first
 * signature and the trusted comment's text. How lines are read is minisign's way (0.11) to the
 * letter, because the same file must not be good for one and bad for the other.
 */
#include "bundle/signature.h"

#include "base/alloc.h"
#include "base/base64.h"

#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

#define ALGORITHM_SIZE   2
#define SIGNATURE_SIZE   64
#define HASH_SIZE        64
#define UNTRUSTED_PREFIX "untrusted comment: "
#define TRUSTED_PREFIX   "trusted comment: "
/* What minisign takes of a line that holds base64, with its end. */
#define FIRST_LINE_MAXIMUM  102
#define SECOND_LINE_MAXIMUM 90
#define IDENTITY_PREFIX     "extmgr id="
#define VERSION_PREFIX      " version="

struct signature_file {
	unsigned char algorithm[ALGORITHM_SIZE];
	unsigned char key_id[EXTMGR__KEY_ID_SIZE];
	unsigned char signature[SIGNATURE_SIZE];
	unsigned char global[SIGNATURE_SIZE]; /* over signature and comment */
	const char *comment;                  /* points into the file */
	size_t comment_length;
};

struct cursor {
	const char *at;
	size_t left;
};

/* Takes a line with its end, or what there is without one; at most maximum bytes. */
static struct cursor take_line(struct cursor *cursor, size_t maximum)
{
	size_t limit = cursor->left < maximum ? cursor->left : maximum;
	const char *end = memchr(cursor->at, '\n', limit);
	struct cursor line = {cursor->at, end ? (size_t)(end - cursor->at) + 1 : limit};

	cursor->at += line.left;
	cursor->left -= line.left;
	return line;
}

/* Takes the end of the line off and whatever follows a carriage return; false: it has no end, or a
 * NUL. */
static bool trim(struct cursor *line)
{
	const char *cut;

	if (!line->left || line->at[line->left - 1] != '\n' || memchr(line->at, '\0', line->left))
		return false;
	line->left--;
	cut = memchr(line->at, '\r', line->left);
	if (cut)
		line->left = (size_t)(cut - line->at);
	return true;
}

static bool take_prefix(struct cursor *line, const char *prefix)
{
	size_t length = strlen(prefix);

	if (line->left < length || memcmp(line->at, prefix, length) != 0)
		return false;
	line->at += length;
	line->left -= length;
	return true;
}

/* The last line needs no end, and what follows it does not count. */
static size_t last_line_length(struct cursor line)
{
	size_t length = 0;

	while (length < line.left && line.at[length] && line.at[length] != '\n' &&
	       line.at[length] != '\r')
		length++;
	return length;
}

static bool parse(const char *text, size_t length, struct signature_file *file)
{
	unsigned char first[ALGORITHM_SIZE + EXTMGR__KEY_ID_SIZE + SIGNATURE_SIZE];
	struct cursor cursor = {text, length};
	struct cursor untrusted = take_line(&cursor, EXTMGR__SIGNATURE_MAXIMUM - 1);
	struct cursor signature = take_line(&cursor, FIRST_LINE_MAXIMUM);
	struct cursor trusted = take_line(&cursor, EXTMGR__SIGNATURE_MAXIMUM);
	struct cursor global = take_line(&cursor, SECOND_LINE_MAXIMUM);

	if (!trim(&untrusted) || !take_prefix(&untrusted, UNTRUSTED_PREFIX) || !trim(&signature) ||
	    !trim(&trusted) || !take_prefix(&trusted, TRUSTED_PREFIX) ||
	    !extmgr__base64_decode(signature.at, signature.left, first, sizeof(first)) ||
	    !extmgr__base64_decode(global.at, last_line_length(global), file->global,
				   sizeof(file->global)))
		return false;
	memcpy(file->algorithm, first, ALGORITHM_SIZE);
	memcpy(file->key_id, first + ALGORITHM_SIZE, EXTMGR__KEY_ID_SIZE);
	memcpy(file->signature, first + ALGORITHM_SIZE + EXTMGR__KEY_ID_SIZE, SIGNATURE_SIZE);
	file->comment = trusted.at;
	file->comment_length = trusted.left;
	return true;
}

/* EXTMGR_OK, EXTMGR_E_SIGNATURE_MODIFIED or EXTMGR_E_NO_MEMORY. */
static extmgr_result verify_ed25519(const struct extmgr__trusted_key *key,
				    const unsigned char signature[SIGNATURE_SIZE],
				    const unsigned char *message, size_t length)
{
	EVP_PKEY *public_key =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->key, sizeof(key->key));
	EVP_MD_CTX *verification = EVP_MD_CTX_new();
	extmgr_result result = EXTMGR_E_NO_MEMORY;

	if (public_key && verification &&
	    EVP_DigestVerifyInit(verification, NULL, NULL, NULL, public_key) == 1)
		result = EVP_DigestVerify(verification, signature, SIGNATURE_SIZE, message,
					  length) == 1
				 ? EXTMGR_OK
				 : EXTMGR_E_SIGNATURE_MODIFIED;
	EVP_MD_CTX_free(verification);
	EVP_PKEY_free(public_key);
	return result;
}

static extmgr_result verify_content(const struct signature_file *file,
				    const struct extmgr__trusted_key *key, const char *content,
				    size_t length)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_Digest(content, length, hash, &size, EVP_blake2b512(), NULL) != 1 ||
	    size != HASH_SIZE)
		return EXTMGR_E_NO_MEMORY;
	return verify_ed25519(key, file->signature, hash, size);
}

static extmgr_result verify_comment(const struct signature_file *file,
				    const struct extmgr__trusted_key *key)
{
	unsigned char message[SIGNATURE_SIZE + EXTMGR__SIGNATURE_MAXIMUM];

	memcpy(message, file->signature, SIGNATURE_SIZE);
	memcpy(message + SIGNATURE_SIZE, file->comment, file->comment_length);
	return verify_ed25519(key, file->global, message, SIGNATURE_SIZE + file->comment_length);
}

static extmgr_result read_file(const char *what, const char *signature, size_t length,
			       struct signature_file *file, extmgr_error **error)
{
	if (length > EXTMGR__SIGNATURE_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_FORMAT,
					 "the signature of %s is longer than %d bytes", what,
					 EXTMGR__SIGNATURE_MAXIMUM);
	if (!parse(signature, length, file))
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_FORMAT,
					 "the signature of %s is no signature file of minisign",
					 what);
	if (memcmp(file->algorithm, "Ed", ALGORITHM_SIZE) == 0)
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_FORMAT,
					 "the signature of %s is of the legacy form (minisign -l)",
					 what);
	if (memcmp(file->algorithm, "ED", ALGORITHM_SIZE) != 0)
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_FORMAT,
					 "the signature of %s has an unknown algorithm", what);
	return EXTMGR_OK;
}

static extmgr_result unknown_key(const char *what, const unsigned char id[EXTMGR__KEY_ID_SIZE],
				 extmgr_error **error)
{
	char text[EXTMGR__KEY_ID_TEXT];

	extmgr__key_id_text(id, text);
	extmgr__error_set(error, EXTMGR_E_SIGNATURE_UNTRUSTED_KEY,
			  "%s is signed with the key %s, which is not trusted", what, text);
	extmgr__error_hint(error, "trust that key, or ask the publisher which one is right");
	return EXTMGR_E_SIGNATURE_UNTRUSTED_KEY;
}

extmgr_result extmgr__signature_verify(const extmgr_trust *trust, const char *what,
				       const char *signature, size_t length, const char *content,
				       size_t content_length,
				       const struct extmgr__trusted_key **key_out,
				       char **comment_out, extmgr_error **error)
{
	struct signature_file file;
	const struct extmgr__trusted_key *key;
	extmgr_result result = read_file(what, signature, length, &file, error);

	*key_out = NULL;
	*comment_out = NULL;
	if (result != EXTMGR_OK)
		return result;
	key = extmgr__trust_find_key(trust, file.key_id);
	if (!key)
		return unknown_key(what, file.key_id, error);
	result = verify_content(&file, key, content, content_length);
	if (result == EXTMGR_E_SIGNATURE_MODIFIED)
		return extmgr__error_set(error, result,
					 "%s is not what was signed: it or its signature was "
					 "modified",
					 what);
	if (result == EXTMGR_OK)
		result = verify_comment(&file, key);
	if (result == EXTMGR_E_SIGNATURE_MODIFIED)
		return extmgr__error_set(error, result,
					 "the trusted comment of the signature of %s was modified",
					 what);
	if (result == EXTMGR_OK)
		*comment_out = extmgr__memdup(file.comment, file.comment_length);
	if (!*comment_out)
		return extmgr__error_no_memory(error);
	*key_out = key;
	return EXTMGR_OK;
}

int32_t extmgr__signature_state_of(extmgr_result result)
{
	switch (result) {
	case EXTMGR_OK:
		return EXTMGR_SIGNATURE_SIGNED;
	case EXTMGR_E_SIGNATURE_MISSING:
		return EXTMGR_SIGNATURE_UNSIGNED;
	case EXTMGR_E_SIGNATURE_UNTRUSTED_KEY:
		return EXTMGR_SIGNATURE_UNTRUSTED_KEY;
	default:
		return EXTMGR_SIGNATURE_MODIFIED;
	}
}

/* Compares "extmgr id=<id> version=<version>"; the version is whatever stands there. */
static extmgr_result check_identity(const struct extmgr__signed_thing *thing, const char *comment,
				    char **version_out, extmgr_error **error)
{
	struct cursor rest = {comment, strlen(comment)};

	if (!take_prefix(&rest, IDENTITY_PREFIX) || !take_prefix(&rest, thing->id) ||
	    !take_prefix(&rest, VERSION_PREFIX) || !rest.left || strchr(rest.at, ' ')) {
		extmgr__error_set(error, EXTMGR_E_SIGNATURE_IDENTITY,
				  "%s was signed as '%.200s', not as this one", thing->what,
				  comment);
		extmgr__error_hint(error, "it is to be signed with the trusted comment "
					  "'extmgr id=<id> version=<version>' (minisign -t)");
		return EXTMGR_E_SIGNATURE_IDENTITY;
	}
	if (!version_out)
		return EXTMGR_OK;
	*version_out = extmgr__strdup(rest.at);
	return *version_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static extmgr_result check(const extmgr_trust *trust, const struct extmgr__signed_thing *thing,
			   const struct extmgr__trusted_key **key_out, char **version_out,
			   extmgr_error **error)
{
	const struct extmgr__trusted_key *key;
	char *comment = NULL;
	extmgr_result result;

	if (!thing->signature)
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_MISSING, "%s is not signed",
					 thing->what);
	if (thing->sums && (thing->sums_length != strlen(thing->listing) ||
			    memcmp(thing->sums, thing->listing, thing->sums_length) != 0))
		return extmgr__error_set(error, EXTMGR_E_SIGNATURE_MODIFIED,
					 "%s does not have the checksums that were signed",
					 thing->what);
	result = extmgr__signature_verify(trust, thing->what, thing->signature,
					  thing->signature_length, thing->listing,
					  strlen(thing->listing), &key, &comment, error);
	if (result == EXTMGR_OK && thing->id && !extmgr__trusted_key_may_sign(key, thing->id))
		result = extmgr__error_set(error, EXTMGR_E_SIGNATURE_UNTRUSTED_KEY,
					   "%s is signed with a key that may not sign '%s'",
					   thing->what, thing->id);
	if (result == EXTMGR_OK && thing->named)
		result = check_identity(thing, comment, version_out, error);
	if (result == EXTMGR_OK)
		*key_out = key;
	free(comment);
	return result;
}

extmgr_result extmgr__signature_judge(const extmgr_trust *trust,
				      const struct extmgr__signed_thing *thing, int32_t *state_out,
				      struct extmgr__signer *signer_out, char **version_out,
				      extmgr_error **error)
{
	const struct extmgr__trusted_key *key = NULL;
	bool demanded = extmgr__trust_demands_signatures(trust);
	extmgr_result result;

	if (version_out)
		*version_out = NULL;
	/* Nobody reads why a signature is bad when that is a state: most have none. */
	result = check(trust, thing, &key, version_out, demanded ? error : NULL);
	if (signer_out)
		*signer_out = extmgr__trusted_key_signer(key);
	*state_out = extmgr__signature_state_of(result);
	if (result == EXTMGR_OK || demanded)
		return result;
	return result == EXTMGR_E_NO_MEMORY ? extmgr__error_no_memory(error) : EXTMGR_OK;
}
