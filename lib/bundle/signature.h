/* SPDX-License-Identifier: MIT */
/*
 * Signatures of minisign in the prehashed form: who signed a listing, and whether that is enough
 * for the policy of a context.
 */
#ifndef EXTMGR_BUNDLE_SIGNATURE_H
#define EXTMGR_BUNDLE_SIGNATURE_H

#include "host/trust.h"

#include <stddef.h>

#define EXTMGR__SIGNATURE_MAXIMUM 1024 /* bytes of a signature file */
/* Of the files beside what is signed: its listing, and the signature of that. */
#define EXTMGR__SUMS_SUFFIX      ".sums"
#define EXTMGR__SIGNATURE_SUFFIX EXTMGR__SUMS_SUFFIX ".minisig"

/*
 * Verifies a signature file over content, as 'minisign -V' does; the older form without prehashing
 * is refused. what: names the file in messages.
 * EXTMGR_OK; EXTMGR_E_SIGNATURE_FORMAT, EXTMGR_E_SIGNATURE_UNTRUSTED_KEY (no such key),
 * EXTMGR_E_SIGNATURE_MODIFIED, EXTMGR_E_NO_MEMORY. key_out: whose signature it is; comment_out: the
 * trusted comment, free().
 */
extmgr_result extmgr__signature_verify(const extmgr_trust *trust, const char *what,
				       const char *signature, size_t length, const char *content,
				       size_t content_length,
				       const struct extmgr__trusted_key **key_out,
				       char **comment_out, extmgr_error **error);

/* What is to be judged. */
struct extmgr__signed_thing {
	const char *what; /* names it in messages, such as "definition 'x'" */
	const char *id;   /* the key must be allowed to sign it; NULL: whatever ids it holds */
	const char *listing;
	const char *sums; /* the signed file as it was found, when it was; NULL: not looked for */
	size_t sums_length;
	const char *signature; /* NULL: there is none */
	size_t signature_length;
	/* The trusted comment must say "extmgr id=<id> version=<version>". */
	bool named;
};

/*
 * The state of a thing, and whether the policy lets it be used. Under a policy that takes
 * everything a bad signature is a state, not an error. EXTMGR_OK, EXTMGR_E_SIGNATURE_...,
 * EXTMGR_E_NO_MEMORY. *state_out is set in any case; *signer_out (may be NULL): whose signature it
 * is when the state is signed, else nobody; *version_out (may be NULL): the version of the trusted
 * comment of a named thing that is signed, else NULL; free().
 */
extmgr_result extmgr__signature_judge(const extmgr_trust *trust,
				      const struct extmgr__signed_thing *thing, int32_t *state_out,
				      struct extmgr__signer *signer_out, char **version_out,
				      extmgr_error **error);

/* The state that a failure of a signature stands for. */
int32_t extmgr__signature_state_of(extmgr_result result);

#endif
