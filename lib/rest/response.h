/* SPDX-License-Identifier: MIT */
/* What is sent back. */
#ifndef EXTMGR_REST_RESPONSE_H
#define EXTMGR_REST_RESPONSE_H

#include "base/error.h"
#include "base/json.h"

#include <extmgr/rest.h>

#define EXTMGR__REQUEST_ID_MAXIMUM 128
#define EXTMGR__RESPONSE_HEADERS   8
#define EXTMGR__ALLOW_MAXIMUM      64

struct extmgr_rest_response {
	int32_t status;
	struct extmgr__buffer body;
	struct extmgr__json_writer writer; /* into the body */
	extmgr_text *content;              /* of a file: instead of the body; NULL: none */
	extmgr_rest_field headers[EXTMGR__RESPONSE_HEADERS];
	size_t header_count;
	const char *content_type;
	const char *cache_control;
	const char *route; /* NULL: none */
	extmgr_error *error;
	char request_id[EXTMGR__REQUEST_ID_MAXIMUM + 1];
	char allow[EXTMGR__ALLOW_MAXIMUM];
};

/* Answers a new response, or NULL when memory is out. */
extmgr_rest_response *extmgr__response_new(void);
/* For when memory is out: status 500. */
extmgr_rest_response *extmgr__response_no_memory(void);
/* Both must live as long as the response; there is always room. */
void extmgr__response_add_header(extmgr_rest_response *response, const char *name,
				 const char *value);
/* Sets status and body to what the error means for a client; takes the error. */
void extmgr__response_set_error(extmgr_rest_response *response, extmgr_error *error,
				bool add_cause);

#endif
