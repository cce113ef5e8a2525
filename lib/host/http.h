/* SPDX-License-Identifier: MIT */
/* Fetching as the rest of the library sees it: redirects followed, limits kept. */
#ifndef EXTMGR_HOST_HTTP_H
#define EXTMGR_HOST_HTTP_H

#include "base/text.h"
#include "host/context.h"

#include <extmgr/http.h>

extmgr_http *extmgr__http_ref(extmgr_http *http); /* NULL stays NULL */
void extmgr__http_unref(extmgr_http *http);

/* The headers of a response that anybody here needs. */
enum extmgr__http_header {
	EXTMGR__HTTP_ETAG,
	EXTMGR__HTTP_LAST_MODIFIED,
	EXTMGR__HTTP_CACHE_CONTROL,
	EXTMGR__HTTP_LOCATION,
	EXTMGR__HTTP_HEADER_COUNT
};

struct extmgr__http_answer {
	int32_t status;
	char *url; /* that answered in the end, when others led there; else NULL */
	char *headers[EXTMGR__HTTP_HEADER_COUNT]; /* NULL: not sent */
	struct extmgr__buffer body;
};

/* Where a body goes instead of memory. EXTMGR_OK, or a code that ends the request. */
struct extmgr__http_sink {
	/* length 0: what came before is void, another body begins */
	extmgr_result (*take)(void *user_data, const char *bytes, size_t length);
	void *user_data;
};

struct extmgr__http_fetch {
	const char *url;                      /* checked */
	const char *etag;                     /* sent as If-None-Match; NULL: not */
	const char *last_modified;            /* sent as If-Modified-Since; NULL: not */
	uint64_t maximum;                     /* bytes of the body */
	bool refresh;                         /* caches on the way shall ask the origin */
	const struct extmgr__http_sink *sink; /* for the body of a 200; NULL: memory */
};

/*
 * GETs a URL and follows up to 10 redirects: to http and https only, never from https to http, with
 * user and password only within the same origin. Any last status is a success. Errors name the URL
 * without secrets: EXTMGR_E_TRANSFER, EXTMGR_E_TLS, EXTMGR_E_REDIRECT, EXTMGR_E_TOO_LARGE,
 * EXTMGR_E_TIMEOUT, EXTMGR_E_CANCELLED, EXTMGR_E_HOST ... Free the answer of a success.
 */
extmgr_result extmgr__http_get(extmgr_http *http, extmgr_operation *operation,
			       const struct extmgr__http_fetch *fetch,
			       struct extmgr__http_answer *answer, extmgr_error **error);
void extmgr__http_answer_free(struct extmgr__http_answer *answer);

#endif
