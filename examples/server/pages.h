/* SPDX-License-Identifier: MIT */
/* The page that shows the OpenAPI document. */
#ifndef SERVER_PAGES_H
#define SERVER_PAGES_H

#include <stddef.h>

struct page {
	const char *type;
	const char *data; /* NULL: it is a file of swagger-ui-dist */
	size_t length;
	const char *file; /* name of that file */
};

/* The page of a path such as "/openapi/index.html"; NULL: there is none. has_ui: swagger-ui-dist is
 * there. */
const struct page *page_find(const char *path, int has_ui);

#endif
