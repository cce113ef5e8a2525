/* SPDX-License-Identifier: MIT */
#include "rest/authorization.h"

#include "base/alloc.h"

#include <extmgr/rest.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXIMUM_HEADER 16384
/* Longest scheme that is named in a message: something longer is rather a credential. */
#define MAXIMUM_SCHEME 32

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* How many characters at the end of four are padding, as far as that is right; else -1. */
static int padding_of(const char *four)
{
	if (four[3] != '=')
		return 0;
	return four[2] == '=' ? 2 : 1;
}

/*
 * Standard base64 with padding, as the reference reads it. Answers the offset of the first byte
 * that is wrong, or -1; out holds three bytes for each four.
 */
static long base64_decode(const char *text, size_t length, char *out, size_t *out_length)
{
	*out_length = 0;
	for (size_t i = 0; i < length; i += 4) {
		int padding = length - i >= 4 ? padding_of(text + i) : 0;
		unsigned long bits = 0;

		for (size_t j = 0; j < 4 - (size_t)padding; j++) {
			int digit = i + j < length ? base64_digit(text[i + j]) : -1;

			if (i + j >= length)
				return (long)i;
			if (digit < 0)
				return (long)(i + j);
			bits |= (unsigned long)digit << (18 - 6 * j);
		}
		for (int j = 0; j < 3 - padding; j++)
			out[(*out_length)++] = (char)(bits >> (16 - 8 * j) & 0xff);
		if (padding && i + 4 < length)
			return (long)(i + 4);
	}
	return -1;
}

static extmgr_result read_basic(struct extmgr__authorization *authorization, const char *value,
				size_t length, extmgr_error **error)
{
	size_t decoded = 0;
	char *colon;
	long fault;

	fault = base64_decode(value, length, authorization->text, &decoded);
	if (fault >= 0)
		return extmgr__error_set(
			error, EXTMGR_E_UNAUTHORIZED,
			"invalid basic auth header: illegal base64 data at input byte %ld", fault);
	authorization->text[decoded] = '\0';
	colon = memchr(authorization->text, ':', decoded);
	if (!colon)
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "colon missing in basic auth header");
	if (strlen(authorization->text) != decoded)
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "invalid basic auth header: it holds a NUL byte");
	*colon = '\0';
	authorization->scheme = EXTMGR_REST_BASIC;
	authorization->user = authorization->text;
	authorization->password = colon + 1;
	return EXTMGR_OK;
}

static bool is_scheme(const char *text, size_t length)
{
	if (length > MAXIMUM_SCHEME)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	}
	return true;
}

static extmgr_result refuse_scheme(const char *scheme, size_t length, extmgr_error **error)
{
	if (!is_scheme(scheme, length))
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "invalid Authorization scheme");
	return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
				 "invalid Authorization scheme \"%.*s\"", (int)length, scheme);
}

extmgr_result extmgr__authorization_read(struct extmgr__authorization *authorization,
					 const char *header, extmgr_error **error)
{
	size_t scheme_length;
	size_t length;

	*authorization = (struct extmgr__authorization){0};
	if (!header || !*header)
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "missing Authorization header");
	if (strnlen(header, MAXIMUM_HEADER + 1) > MAXIMUM_HEADER)
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "invalid Authorization header: it is longer than %d bytes",
					 MAXIMUM_HEADER);
	scheme_length = strcspn(header, " ");
	const char *value = header + scheme_length + strspn(header + scheme_length, " ");

	/* More than two parts: the others do not count. */
	length = strcspn(value, " ");
	if (!scheme_length || !length)
		return extmgr__error_set(error, EXTMGR_E_UNAUTHORIZED,
					 "invalid Authorization header");
	authorization->length = length + 4;
	authorization->text = calloc(1, authorization->length);
	if (!authorization->text)
		return extmgr__error_no_memory(error);
	if (scheme_length == 5 && strncasecmp(header, "Basic", 5) == 0)
		return read_basic(authorization, value, length, error);
	if (scheme_length != 6 || strncasecmp(header, "Bearer", 6) != 0)
		return refuse_scheme(header, scheme_length, error);
	memcpy(authorization->text, value, length);
	authorization->scheme = EXTMGR_REST_BEARER;
	authorization->token = authorization->text;
	return EXTMGR_OK;
}

void extmgr__authorization_free(struct extmgr__authorization *authorization)
{
	if (authorization->text)
		explicit_bzero(authorization->text, authorization->length);
	free(authorization->text);
}
