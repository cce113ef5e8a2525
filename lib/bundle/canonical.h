/* SPDX-License-Identifier: MIT */
/*
 * JSON as Python's json module would write it again with sort_keys: what Apache Superset hashes.
 *
 * Read from the tokens themselves, not through cJSON: integers of any length, floats as the
 * shortest text that reads back the same, NaN and Infinity, lone surrogates, the last one of
 * duplicate keys. All output is ASCII.
 */
#ifndef EXTMGR_BUNDLE_CANONICAL_H
#define EXTMGR_BUNDLE_CANONICAL_H

#include "base/error.h"
#include "base/text.h"

/* A part of a buffer; length 0: not there. */
struct extmgr__slice {
	size_t start;
	size_t length;
};

/*
 * Appends the canonical form of a document to a buffer whose maximum allows for eight times the
 * length. member: the value of this key of the outermost object goes to *slice, as a part of the
 * buffer; may be NULL.
 * EXTMGR_E_FORMAT (no JSON as Python reads it, or nested more than 64 deep), EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__canonical_json(const char *text, size_t length, const char *member,
				     struct extmgr__buffer *out, struct extmgr__slice *slice,
				     extmgr_error **error);

/* Appends a string of valid UTF-8 as a JSON string in ASCII. */
void extmgr__canonical_string(struct extmgr__buffer *out, const char *text, size_t length);

#endif
