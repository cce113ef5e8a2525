/* SPDX-License-Identifier: MIT */
/* The target of a request taken apart: segments of the path, parameters of the query; decoded. */
#ifndef EXTMGR_REST_URL_H
#define EXTMGR_REST_URL_H

#include "base/error.h"

#include <extmgr/rest.h>

/* A path of a bundle has a segment for each folder. */
#define EXTMGR__URL_SEGMENTS 64
#define EXTMGR__URL_FIELDS   64

struct extmgr__url {
	char *path_text; /* what the segments point into */
	const char *segments[EXTMGR__URL_SEGMENTS];
	size_t segment_count;
	const char *query; /* in the target, undecoded; NULL: none */
	char *query_text;  /* what the fields point into */
	extmgr_rest_field fields[EXTMGR__URL_FIELDS];
	size_t field_count;
};

/*
 * Takes the path apart. A segment may hold encoded slashes and dots: they mean nothing there.
 * EXTMGR_E_TARGET_TOO_LONG, EXTMGR_E_REQUEST (bad encoding, NUL, control character, no UTF-8),
 * EXTMGR_E_ROUTE_NOT_FOUND (more segments than any route has), EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__url_read_path(struct extmgr__url *url, const char *target,
				    extmgr_error **error);
/* Takes the query apart: EXTMGR_E_REQUEST, EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__url_read_query(struct extmgr__url *url, extmgr_error **error);
/* The first parameter of that name; NULL: none. */
const char *extmgr__url_get(const struct extmgr__url *url, const char *name);
void extmgr__url_free(struct extmgr__url *url);

#endif
