/* SPDX-License-Identifier: MIT */
/* Keys and policy as the rest of the library sees them. They never change once a context has them.
 */
#ifndef EXTMGR_HOST_TRUST_H
#define EXTMGR_HOST_TRUST_H

#include "base/error.h"
#include "base/hash.h"

#include <extmgr/trust.h>

#include <stdbool.h>

#define EXTMGR__KEY_ID_SIZE     8
#define EXTMGR__PUBLIC_KEY_SIZE 32
#define EXTMGR__KEY_ID_TEXT     17  /* bytes of a key id as text, with its end */
#define EXTMGR__KEY_NAME        128 /* bytes of a key's name, with its end */

/* Who signed, for people. A value: it outlives the trust that it came from. */
struct extmgr__signer {
	char key_id[EXTMGR__KEY_ID_TEXT]; /* 16 hexadecimal digits; "": nobody who is trusted */
	char name[EXTMGR__KEY_NAME];      /* what the key's comment calls it; "": nothing */
};

struct extmgr__trusted_key {
	unsigned char id[EXTMGR__KEY_ID_SIZE];
	unsigned char key[EXTMGR__PUBLIC_KEY_SIZE];
	char name[EXTMGR__KEY_NAME];
	char **patterns;
	size_t pattern_count; /* 0: every id */
};

/* The trust of a context that holds now, never NULL; extmgr__trust_unref() gives it back. */
const extmgr_trust *extmgr__context_trust_ref(extmgr_context *context);
const extmgr_trust *extmgr__trust_ref(const extmgr_trust *trust);
void extmgr__trust_unref(const extmgr_trust *trust);
/* trust may be NULL: no keys, the default policy. NULL when memory is out. */
extmgr_trust *extmgr__trust_copy(const extmgr_trust *trust);

bool extmgr__trust_has_keys(const extmgr_trust *trust);
/* Whether only what is signed may be taken. */
bool extmgr__trust_demands_signatures(const extmgr_trust *trust);
/* NULL: none of that id. */
const struct extmgr__trusted_key *
extmgr__trust_find_key(const extmgr_trust *trust, const unsigned char id[EXTMGR__KEY_ID_SIZE]);
bool extmgr__trusted_key_may_sign(const struct extmgr__trusted_key *key, const char *id);
/* key NULL: nobody. */
struct extmgr__signer extmgr__trusted_key_signer(const struct extmgr__trusted_key *key);
/* A key id as minisign shows it, with the zeros that it leaves out. */
void extmgr__key_id_text(const unsigned char id[EXTMGR__KEY_ID_SIZE],
			 char text[EXTMGR__KEY_ID_TEXT]);

#endif
