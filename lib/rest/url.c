/* SPDX-License-Identifier: MIT */
#include "rest/url.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Decodes in place. plus: '+' is a blank, as in queries. Answers what is wrong, or NULL.
 * What comes out is text without NUL or control characters: it goes into messages and logs.
 */
static const char *decode(char *text, bool plus)
{
	char *out = text;

	for (const char *at = text; *at; at++) {
		if (*at == '%') {
			int high = hex_digit(at[1]);
			int low = high < 0 ? -1 : hex_digit(at[2]);

			if (low < 0)
				return "a percent sign without two hexadecimal digits";
			*out++ = (char)(high * 16 + low);
			at += 2;
		} else {
			*out++ = plus && *at == '+' ? ' ' : *at;
		}
	}
	if (extmgr__text_has_control(text, (size_t)(out - text)))
		return "a control character";
	if (!extmgr__utf8_is_valid(text, (size_t)(out - text)))
		return "bytes that are not UTF-8";
	*out = '\0';
	return NULL;
}

/* Where the path begins: behind scheme and host of the form that proxies use. */
static const char *find_path(const char *target)
{
	const char *host = strstr(target, "://");

	if (*target == '/' || !host || host > target + strcspn(target, "/?"))
		return target;
	host += 3;
	return host + strcspn(host, "/?");
}

static extmgr_result split_path(struct extmgr__url *url, extmgr_error **error)
{
	char *at = url->path_text;

	if (*at != '/')
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "the path does not begin with a slash");
	while (at) {
		char *slash = strchr(++at, '/');
		const char *fault;

		if (slash)
			*slash = '\0';
		if (url->segment_count == EXTMGR__URL_SEGMENTS)
			return extmgr__error_set(error, EXTMGR_E_ROUTE_NOT_FOUND,
						 "404 page not found");
		fault = decode(at, false);
		if (fault)
			return extmgr__error_set(error, EXTMGR_E_REQUEST, "the path holds %s",
						 fault);
		url->segments[url->segment_count++] = at;
		at = slash;
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__url_read_path(struct extmgr__url *url, const char *target,
				    extmgr_error **error)
{
	const char *path = find_path(target);
	size_t length = strcspn(path, "?");

	*url = (struct extmgr__url){0};
	if (strnlen(target, EXTMGR_REST_TARGET_MAXIMUM + 1) > EXTMGR_REST_TARGET_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_TARGET_TOO_LONG,
					 "the path and query are longer than %u bytes",
					 EXTMGR_REST_TARGET_MAXIMUM);
	if (path[length])
		url->query = path + length + 1;
	url->path_text = extmgr__memdup(path, length);
	return url->path_text ? split_path(url, error) : extmgr__error_no_memory(error);
}

static extmgr_result add_field(struct extmgr__url *url, char *pair, extmgr_error **error)
{
	char *value = pair + strcspn(pair, "=");
	const char *fault;

	if (*value)
		*value++ = '\0';
	fault = decode(pair, true);
	if (!fault)
		fault = decode(value, true);
	if (fault)
		return extmgr__error_set(error, EXTMGR_E_REQUEST, "the query holds %s", fault);
	if (url->field_count == EXTMGR__URL_FIELDS)
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "the query has more than %d parameters",
					 EXTMGR__URL_FIELDS);
	url->fields[url->field_count++] = (extmgr_rest_field){.name = pair, .value = value};
	return EXTMGR_OK;
}

extmgr_result extmgr__url_read_query(struct extmgr__url *url, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	char *at;

	if (!url->query)
		return EXTMGR_OK;
	url->query_text = extmgr__strdup(url->query);
	if (!url->query_text)
		return extmgr__error_no_memory(error);
	at = url->query_text;
	while (at && result == EXTMGR_OK) {
		char *next = strchr(at, '&');

		if (next)
			*next++ = '\0';
		if (*at)
			result = add_field(url, at, error);
		at = next;
	}
	return result;
}

const char *extmgr__url_get(const struct extmgr__url *url, const char *name)
{
	for (size_t i = 0; i < url->field_count; i++) {
		if (strcmp(url->fields[i].name, name) == 0)
			return url->fields[i].value;
	}
	return NULL;
}

void extmgr__url_free(struct extmgr__url *url)
{
	free(url->path_text);
	free(url->query_text);
}
