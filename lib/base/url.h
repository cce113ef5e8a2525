/* SPDX-License-Identifier: MIT */
/* http and https URLs as text: checked, resolved, and shown without what is secret in them. */
#ifndef EXTMGR_BASE_URL_H
#define EXTMGR_BASE_URL_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

#define EXTMGR__URL_MAXIMUM ((size_t)8 << 10)

/* Whether it begins with http:// or https://, in any case of letters. */
bool extmgr__url_is_http(const char *text);
bool extmgr__url_is_https(const char *text);
/*
 * EXTMGR_OK when it is an http or https URL: a host, a port of 1 to 65535 where there is one, no
 * blanks, control characters, backslashes or bytes beyond ASCII. Else EXTMGR_E_INVALID_ARGUMENT;
 * what: names it in the message, which does not repeat the URL.
 */
extmgr_result extmgr__url_check(const char *url, const char *what, extmgr_error **error);
/*
 * Resolves a reference against a URL (RFC 3986, 5.2), without the fragment. The result keeps the
 * base's user and password only within the same origin. *url_out: free(). EXTMGR_E_INVALID_ARGUMENT
 * when the result is no http or https URL, EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__url_resolve(const char *base, const char *reference, char **url_out,
				  extmgr_error **error);
/* Scheme, host and port are the same. Both are checked URLs. */
bool extmgr__url_same_origin(const char *a, const char *b);
/* Appends the URL as it may be shown: without user, password and fragment, "?..." for a query. */
void extmgr__url_append_public(struct extmgr__buffer *buffer, const char *url);
/* Appends one part of a path: what means something in a URL is written as %XX. */
void extmgr__url_append_segment(struct extmgr__buffer *buffer, const char *name);
/* The last part of the path without the query, such as "registry.json"; "" behind a slash. NULL
 * when memory is out; else free(). */
char *extmgr__url_file_name(const char *url);
/* The same with %XX decoded, as the file is called where it lies; as it is when that would be no
 * text without control characters. */
char *extmgr__url_plain_file_name(const char *url);

#endif
