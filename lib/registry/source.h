/* SPDX-License-Identifier: MIT */
/* The source of a definition as a registry hands it out. */
#ifndef EXTMGR_REGISTRY_SOURCE_H
#define EXTMGR_REGISTRY_SOURCE_H

#include "base/hash.h"
#include "host/trust.h"

struct extmgr__source {
	extmgr_text *text;                    /* NULL: it cannot be had */
	char sha256[EXTMGR__SHA256_HEX_SIZE]; /* of the text */
	int32_t signature;                    /* EXTMGR_SIGNATURE_...; 0: nobody knows */
	struct extmgr__signer signer;
	/* why the host has withdrawn it, such as "is disabled": it can be looked at and taken away,
	 * and nothing else; NULL: it has not */
	const char *withdrawn;
};

#endif
