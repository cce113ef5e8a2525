/* SPDX-License-Identifier: MIT */
/**
 * @file trust.h
 * Whose signatures are trusted. What is signed is a listing (the lines that sha256sum prints), with
 * minisign in its prehashed form: FILE.sums and FILE.sums.minisig beside FILE.
 */
#ifndef EXTMGR_TRUST_H
#define EXTMGR_TRUST_H

#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Keys and a policy. */
typedef struct extmgr_trust extmgr_trust;

/** Policies. @{ */
#define EXTMGR_TRUST_ANY            1u /**< everything is taken; states are shown */
#define EXTMGR_TRUST_SIGNED_IF_KEYS 2u /**< the default: as soon as there is a key, as SIGNED */
#define EXTMGR_TRUST_SIGNED         3u /**< only what is signed with a trusted key is taken */
/** @} */

/** States of signatures. @{ */
#define EXTMGR_SIGNATURE_UNSIGNED      1 /**< there is none */
#define EXTMGR_SIGNATURE_SIGNED        2 /**< with a trusted key, over this content */
#define EXTMGR_SIGNATURE_MODIFIED      3 /**< it does not fit the content, or is malformed */
#define EXTMGR_SIGNATURE_UNTRUSTED_KEY 4 /**< with a key that is not trusted (for this id) */
/** @} */

/**
 * Makes an empty trust: no keys, the policy EXTMGR_TRUST_SIGNED_IF_KEYS.
 *
 * @param trust_out  [out] free with extmgr_trust_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_trust_new(extmgr_trust **trust_out,
							    extmgr_error **error_out);

/**
 * Sets the policy.
 *
 * @param trust      one thread at a time
 * @param policy     EXTMGR_TRUST_...
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT
 * Threads: one at a time.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_trust_set_policy(extmgr_trust *trust,
								   uint32_t policy,
								   extmgr_error **error_out);

/**
 * Adds a public key. Several keys serve for rotation: add the new one, sign anew, take the old one
 * away.
 *
 * @param trust          one thread at a time
 * @param key            what minisign writes into minisign.pub: the line of 56 base64 characters,
 *                       with or without the comment above it; a comment of one's own ("untrusted
 *                       comment: ", but not "minisign public key ...") is the key's name, of which
 *                       127 bytes are shown where a signer is named
 * @param patterns       ids that the key may sign; `*` stands for any characters, such as
 *                       "acme.*"; copied; NULL when pattern_count is 0
 * @param pattern_count  0: the key may sign every id; at most 1 000
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (no key, an empty pattern), EXTMGR_E_CONFLICT
 *         (another key has the same key id), EXTMGR_E_TOO_LARGE (more than 1 000 keys),
 *         EXTMGR_E_NO_MEMORY
 * Threads: one at a time.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_trust_add_key(extmgr_trust *trust,
								const char *key,
								const char *const *patterns,
								size_t pattern_count,
								extmgr_error **error_out);

/**
 * Gives a context a trust in place of the one before. What is read from then on is judged by it,
 * also what is in a cache.
 *
 * @param context    a context begins without keys, with the default policy
 * @param trust      copied; NULL: no keys, the default policy
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread, also while others use the context.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_context_set_trust(extmgr_context *context,
								    const extmgr_trust *trust,
								    extmgr_error **error_out);

/**
 * What tells whether keys and policy are the same as before: a SHA-256 of them in any order.
 *
 * @param trust     may be NULL: no keys, the default policy
 * @param text_out  [out] 64 hexadecimal digits; free with extmgr_text_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread, while nobody changes the trust.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_trust_copy_fingerprint(const extmgr_trust *trust,
									 extmgr_text **text_out);

/**
 * Frees a trust. Contexts keep their copy.
 *
 * @param trust  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_trust_free(extmgr_trust *trust);

/**
 * The name of a state of signatures, such as "untrusted-key".
 *
 * @param state  EXTMGR_SIGNATURE_...
 * @return static text; "unknown" for other numbers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_signature_get_name(int32_t state);

#ifdef __cplusplus
}
#endif
#endif
