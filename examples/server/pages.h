/* SPDX-License-Identifier: MIT */
/* The page for people, a part of the program, and the one that shows the OpenAPI document. */
#ifndef SERVER_PAGES_H
#define SERVER_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_ETAG_SIZE 20

struct page {
	const char *route; /* for the metrics; static */
	const char *type;
	const char *policy; /* Content-Security-Policy */
	const char *data;   /* NULL: it is a file of swagger-ui-dist */
	size_t length;
	const char *file; /* name of that file */
};

/* The page of a path such as "/" or "/openapi/index.html"; false: there is none. has_ui:
 * swagger-ui-dist is there. */
bool page_find(const char *path, bool has_ui, struct page *page);
/* A strong entity tag of the page's data, in quotes. */
void page_write_etag(const struct page *page, char etag[PAGE_ETAG_SIZE]);
/* Whether a client that sends this If-None-Match has the page; NULL: it sends none. */
bool page_is_known(const char *if_none_match, const char *etag);

#endif
