/* SPDX-License-Identifier: MIT */
#include "base/url.h"

#include "base/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_MAXIMUM 65535

struct span {
	const char *at;
	size_t length;
};

/* The parts of a URL; they point into it. */
struct parts {
	bool https;
	struct span user; /* with '@'; empty: none */
	struct span host;
	struct span port;  /* without ':'; empty: none */
	struct span path;  /* up to the query */
	struct span query; /* with '?'; empty: none */
};

bool extmgr__url_is_https(const char *text)
{
	return strncasecmp(text, "https://", 8) == 0;
}

bool extmgr__url_is_http(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 || extmgr__url_is_https(text);
}

static struct parts split(const char *url)
{
	struct parts parts = {.https = extmgr__url_is_https(url)};
	const char *authority = url + (parts.https ? 8 : 7);
	const char *end = authority + strcspn(authority, "/?#");
	const char *query = end + strcspn(end, "?#");
	const char *at = memrchr(authority, '@', (size_t)(end - authority));
	const char *host = at ? at + 1 : authority;
	const char *colon;

	parts.user = (struct span){authority, (size_t)(host - authority)};
	/* In brackets (IPv6) colons are no ports. */
	colon = memrchr(host, ':', (size_t)(end - host));
	if (colon && memchr(colon, ']', (size_t)(end - colon)))
		colon = NULL;
	parts.host = (struct span){host, (size_t)((colon ? colon : end) - host)};
	parts.port = (struct span){colon ? colon + 1 : end, colon ? (size_t)(end - colon) - 1 : 0};
	parts.path = (struct span){end, (size_t)(query - end)};
	parts.query = (struct span){query, strcspn(query, "#")};
	return parts;
}

static bool is_port(struct span port)
{
	unsigned value = 0;

	for (size_t i = 0; i < port.length; i++) {
		if (port.at[i] < '0' || port.at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(port.at[i] - '0');
		if (value > PORT_MAXIMUM)
			return false;
	}
	return value > 0;
}

static bool is_host(struct span host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	bool brackets = host.length > 2 && host.at[0] == '[' && host.at[host.length - 1] == ']';

	if (brackets) {
		for (size_t i = 1; i < host.length - 1; i++) {
			if (!strchr("0123456789abcdefABCDEF:.", host.at[i]))
				return false;
		}
		return true;
	}
	for (size_t i = 0; i < host.length; i++) {
		if (!strchr(allowed, host.at[i]))
			return false;
	}
	return host.length > 0;
}

static const char *fault_of(const char *url)
{
	struct parts parts;

	if (strnlen(url, EXTMGR__URL_MAXIMUM + 1) > EXTMGR__URL_MAXIMUM)
		return "it is longer than 8 KiB";
	if (!extmgr__url_is_http(url))
		return "it does not begin with http:// or https://";
	for (const char *at = url; *at; at++) {
		if (*at <= ' ' || *at >= 0x7f || *at == '\\')
			return "it has a blank, a backslash, a control character or a letter "
			       "beyond ASCII";
	}
	parts = split(url);
	if (!is_host(parts.host))
		return "its host is missing or malformed";
	if (parts.port.at[-1] == ':' && !is_port(parts.port))
		return "its port is malformed";
	return NULL;
}

extmgr_result extmgr__url_check(const char *url, const char *what, extmgr_error **error)
{
	const char *fault = fault_of(url);

	if (!fault)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s is no URL: %s", what, fault);
}

static bool same_text(struct span a, struct span b)
{
	return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

static struct span port_of(const struct parts *parts)
{
	if (parts->port.length)
		return parts->port;
	return parts->https ? (struct span){"443", 3} : (struct span){"80", 2};
}

bool extmgr__url_same_origin(const char *a, const char *b)
{
	struct parts left = split(a);
	struct parts right = split(b);

	return left.https == right.https && same_text(left.host, right.host) &&
	       same_text(port_of(&left), port_of(&right));
}

static void append(struct extmgr__buffer *buffer, struct span span)
{
	extmgr__buffer_append(buffer, span.at, span.length);
}

/* Scheme, host and port; with_user: and user and password. */
static void append_origin(struct extmgr__buffer *buffer, const struct parts *parts, bool with_user)
{
	extmgr__buffer_puts(buffer, parts->https ? "https://" : "http://");
	if (with_user)
		append(buffer, parts->user);
	append(buffer, parts->host);
	if (parts->port.length) {
		extmgr__buffer_putc(buffer, ':');
		append(buffer, parts->port);
	}
}

void extmgr__url_append_public(struct extmgr__buffer *buffer, const char *url)
{
	struct parts parts;

	if (!extmgr__url_is_http(url)) {
		extmgr__buffer_puts(buffer, url);
		return;
	}
	parts = split(url);
	append_origin(buffer, &parts, false);
	append(buffer, parts.path);
	if (parts.query.length > 1)
		extmgr__buffer_puts(buffer, "?...");
}

/* Appends a path without "." and ".." (RFC 3986, 5.2.4); start: where the path begins. */
static void append_path(struct extmgr__buffer *buffer, const char *path, size_t length)
{
	size_t start = buffer->length;

	while (length > 0) {
		const char *end = memchr(path + 1, '/', length - 1);
		size_t part = end ? (size_t)(end - path) : length;
		bool dot = part == 2 && path[1] == '.';
		bool up = part == 3 && path[1] == '.' && path[2] == '.';

		if (up) {
			while (buffer->length > start && buffer->data[--buffer->length] != '/')
				;
		}
		if (!dot && !up)
			extmgr__buffer_append(buffer, path, part);
		else if (!end)
			extmgr__buffer_putc(buffer, '/');
		path += part;
		length -= part;
	}
}

/* reference is a path, absolute or relative to the base's, or a query alone. */
static void append_reference(struct extmgr__buffer *url, const struct parts *base,
			     const char *reference)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	size_t length = strcspn(reference, "?#");
	const char *query = reference + length;
	const char *slash = memrchr(base->path.at, '/', base->path.length);

	if (!length)
		append(&path, base->path);
	else if (reference[0] != '/' && slash)
		extmgr__buffer_append(&path, base->path.at, (size_t)(slash - base->path.at) + 1);
	else if (reference[0] != '/')
		extmgr__buffer_putc(&path, '/');
	extmgr__buffer_append(&path, reference, length);
	append_path(url, extmgr__buffer_get(&path), path.length);
	extmgr__buffer_append(url, query, strcspn(query, "#"));
	if (extmgr__buffer_result(&path) != EXTMGR_OK)
		url->result = extmgr__buffer_result(&path);
	extmgr__buffer_free(&path);
}

static bool has_scheme(const char *reference)
{
	size_t length = strcspn(reference, ":/?#");

	return length > 0 && reference[length] == ':';
}

/* An absolute reference: it gets the base's user and password where it has none, within an origin.
 */
static void append_absolute(struct extmgr__buffer *url, const char *base, const char *reference)
{
	struct parts parts = split(reference);
	struct parts of_base = split(base);
	bool same = extmgr__url_same_origin(base, reference);

	if (!parts.user.length && same)
		parts.user = of_base.user;
	append_origin(url, &parts, true);
	append(url, parts.path);
	append(url, parts.query);
}

extmgr_result extmgr__url_resolve(const char *base, const char *reference, char **url_out,
				  extmgr_error **error)
{
	struct extmgr__buffer url = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM);
	struct extmgr__buffer absolute = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM);
	struct parts parts = split(base);
	extmgr_result result = EXTMGR_OK;

	*url_out = NULL;
	if (strncmp(reference, "//", 2) == 0) {
		extmgr__buffer_puts(&absolute, parts.https ? "https:" : "http:");
		extmgr__buffer_puts(&absolute, reference);
		result = extmgr__buffer_result(&absolute);
		reference = extmgr__buffer_get(&absolute);
	}
	if (result == EXTMGR_OK && (absolute.length || has_scheme(reference)))
		result = extmgr__url_check(reference, "the reference", error);
	if (result == EXTMGR_OK && (absolute.length || has_scheme(reference))) {
		append_absolute(&url, base, reference);
	} else if (result == EXTMGR_OK) {
		append_origin(&url, &parts, true);
		append_reference(&url, &parts, reference);
	}
	if (result == EXTMGR_OK)
		result = extmgr__buffer_result(&url);
	if (result == EXTMGR_OK)
		result = extmgr__url_check(url.data, "the reference", error);
	else if (result == EXTMGR_E_TOO_LARGE)
		result = extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					   "the reference is no URL: it is longer than 8 KiB");
	else if (result == EXTMGR_E_NO_MEMORY)
		extmgr__error_no_memory(error);
	extmgr__buffer_free(&absolute);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&url);
		return result;
	}
	*url_out = url.data;
	return EXTMGR_OK;
}

void extmgr__url_append_segment(struct extmgr__buffer *buffer, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (const char *at = name; *at; at++) {
		if (strchr(plain, *at))
			extmgr__buffer_putc(buffer, *at);
		else
			extmgr__buffer_printf(buffer, "%%%02X", (unsigned char)*at);
	}
}

char *extmgr__url_file_name(const char *url)
{
	struct parts parts = split(url);
	const char *slash = memrchr(parts.path.at, '/', parts.path.length);

	if (!slash)
		return extmgr__strdup("");
	return extmgr__memdup(slash + 1, (size_t)(parts.path.at + parts.path.length - slash) - 1);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

char *extmgr__url_plain_file_name(const char *url)
{
	char *name = extmgr__url_file_name(url);
	char *plain = name ? extmgr__strdup(name) : NULL;
	size_t length = 0;

	for (const char *at = name; plain && *at; at++) {
		int high = *at == '%' ? hex_digit(at[1]) : -1;
		int low = high < 0 ? -1 : hex_digit(at[2]);

		plain[length++] = low < 0 ? *at : (char)(high * 16 + low);
		at += low < 0 ? 0 : 2;
	}
	if (!plain || !extmgr__utf8_is_valid(plain, length) ||
	    extmgr__text_has_control(plain, length) || memchr(plain, '/', length)) {
		free(plain);
		return name;
	}
	plain[length] = '\0';
	free(name);
	return plain;
}
