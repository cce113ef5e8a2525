/* SPDX-License-Identifier: MIT */
/*
 * JSON bodies of requests: each kind has a shape, and what does not fit is told as the reference
 * tells it, with the position in bytes.
 */
#ifndef EXTMGR_REST_BODY_H
#define EXTMGR_REST_BODY_H

#include "base/json.h"

#include <extmgr/rest.h>

/* What a value must be. Anything may be null: that is as good as not given. */
enum extmgr__shape_kind {
	EXTMGR__SHAPE_ANY,
	EXTMGR__SHAPE_STRING,
	EXTMGR__SHAPE_BOOLEAN,
	EXTMGR__SHAPE_ARRAY, /* of the shape of its first member */
	EXTMGR__SHAPE_OBJECT /* with these members, and no others */
};

struct extmgr__shape {
	enum extmgr__shape_kind kind;
	const char *name; /* as a member; NULL: the end of a list of members, or no member */
	const struct extmgr__shape *members;
};

/*
 * Checks Content-Type and body, and parses it: free with extmgr__json_free(). Names of members
 * match whatever their case: look them up with extmgr__body_get(). EXTMGR_E_REQUEST,
 * EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__body_read(const char *content_type, const char *body, size_t length,
				const struct extmgr__shape *shape, extmgr__json **json_out,
				extmgr_error **error);
/* The member; NULL: not there, or null. json may be NULL. */
const extmgr__json *extmgr__body_get(const extmgr__json *json, const char *name);
const char *extmgr__body_get_string(const extmgr__json *json, const char *name);

#endif
