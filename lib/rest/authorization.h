/* SPDX-License-Identifier: MIT */
/* The Authorization header: Basic and Bearer. What it holds appears in no message. */
#ifndef EXTMGR_REST_AUTHORIZATION_H
#define EXTMGR_REST_AUTHORIZATION_H

#include "base/error.h"

struct extmgr__authorization {
	uint32_t scheme; /* EXTMGR_REST_BASIC or EXTMGR_REST_BEARER */
	char *text;      /* what the pointers point into; wiped when it is freed */
	size_t length;
	const char *user;
	const char *password;
	const char *token;
};

/* header: NULL for none. EXTMGR_E_UNAUTHORIZED, EXTMGR_E_NO_MEMORY. Free it in any case. */
extmgr_result extmgr__authorization_read(struct extmgr__authorization *authorization,
					 const char *header, extmgr_error **error);
void extmgr__authorization_free(struct extmgr__authorization *authorization);

#endif
