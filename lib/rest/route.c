/* SPDX-License-Identifier: MIT */
#include "rest/route.h"

#include "rest/exchange.h"

#include <stdio.h>
#include <string.h>

/* In the order of the header Allow. */
static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

static unsigned method_bit(const char *method)
{
	for (size_t i = 0; i < METHOD_COUNT; i++) {
		if (strcmp(methods[i], method) == 0)
			return 1u << i;
	}
	return 0;
}

#define GET_BIT     1u
#define HEAD_BIT    2u
#define OPTIONS_BIT 32u

void extmgr__route_write_methods(unsigned bits, char *out, size_t size)
{
	size_t length = 0;

	out[0] = '\0';
	for (size_t i = 0; i < METHOD_COUNT && length < size; i++) {
		if (bits & 1u << i)
			length += (size_t)snprintf(out + length, size - length, "%s%s",
						   length ? ", " : "", methods[i]);
	}
}

/* Whether a segment of the pattern, `length` long, takes the segment of the path. */
static bool takes(const char *pattern, size_t length, const char *segment,
		  struct extmgr__route_match *match, size_t *variables)
{
	if (pattern[0] != '{')
		return strlen(segment) == length && strncmp(pattern, segment, length) == 0;
	if (!*segment)
		return false;
	match->variables[(*variables)++] = segment;
	return true;
}

static bool fits(const struct extmgr__route *route, const struct extmgr__url *url,
		 struct extmgr__route_match *match)
{
	const char *pattern = route->path;
	size_t variables = 0;
	size_t at = 0;

	while (*pattern) {
		size_t length = strcspn(++pattern, "/");

		if (at == url->segment_count ||
		    !takes(pattern, length, url->segments[at++], match, &variables))
			return false;
		pattern += length;
	}
	match->file_segment = at - 1;
	return at == url->segment_count || route->flags & EXTMGR__ROUTE_FILE;
}

extmgr_result extmgr__route_find(const char *method, const struct extmgr__url *url,
				 bool with_catalog, struct extmgr__route_match *match,
				 extmgr_error **error)
{
	unsigned wanted = method_bit(method);

	*match = (struct extmgr__route_match){0};
	for (size_t i = 0; i < extmgr__route_count; i++) {
		const struct extmgr__route *route = &extmgr__routes[i];
		struct extmgr__route_match tried = {0};
		unsigned bits = method_bit(route->method);

		if ((route->flags & EXTMGR__ROUTE_CATALOG && !with_catalog) ||
		    !fits(route, url, &tried))
			continue;
		if (bits == GET_BIT)
			bits |= HEAD_BIT;
		if (bits & wanted) {
			tried.route = route;
			*match = tried;
			return EXTMGR_OK;
		}
		match->methods |= bits | OPTIONS_BIT;
	}
	if (match->methods)
		return extmgr__error_set(error, EXTMGR_E_METHOD_NOT_ALLOWED,
					 "405 method not allowed");
	return extmgr__error_set(error, EXTMGR_E_ROUTE_NOT_FOUND, "404 page not found");
}
