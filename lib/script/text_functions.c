/* SPDX-License-Identifier: MIT */
/* What ES2015 to ES2019 say about texts and Duktape does not do, where C does it better than the
 * prelude: JSON of lone surrogates, symbols without a description, normal forms. */
#include "script/text_functions.h"

#include "script/heap_internal.h"
#include "script/native.h"

#ifdef EXTMGR_HAVE_UTF8PROC
#include <utf8proc.h>
#endif

#include <stdio.h>
#include <string.h>

#define HIGH_SURROGATES 0xd800
#define LOW_SURROGATES  0xdc00

static bool is_high(int32_t unit)
{
	return unit >= HIGH_SURROGATES && unit < LOW_SURROGATES;
}

static bool is_low(int32_t unit)
{
	return unit >= LOW_SURROGATES && unit < 0xe000;
}

/* The unit of UTF-16 at *at of a text in CESU-8, in which each takes one to three bytes; -1 at its
 * end. */
static int32_t next_unit(const unsigned char *text, size_t length, size_t *at)
{
	const unsigned char *bytes = text + *at;

	if (*at >= length)
		return -1;
	if (bytes[0] < 0x80 || length - *at < 2) {
		*at += 1;
		return bytes[0];
	}
	if (bytes[0] < 0xe0 || length - *at < 3) {
		*at += 2;
		return (bytes[0] & 0x1f) << 6 | (bytes[1] & 0x3f);
	}
	*at += 3;
	return (bytes[0] & 0x0f) << 12 | (bytes[1] & 0x3f) << 6 | (bytes[2] & 0x3f);
}

/* The same for whole characters; a lone surrogate is one. */
static int32_t next_point(const unsigned char *text, size_t length, size_t *at)
{
	int32_t first = next_unit(text, length, at);
	size_t behind = *at;
	int32_t second;

	if (!is_high(first))
		return first;
	second = next_unit(text, length, &behind);
	if (!is_low(second))
		return first;
	*at = behind;
	return 0x10000 + ((first - HIGH_SURROGATES) << 10) + (second - LOW_SURROGATES);
}

/* ---- JSON ---- */

/* How many lone surrogates a text has; only U+D000 to U+DFFF begin with 0xED. */
static size_t count_lone(const unsigned char *text, size_t length)
{
	const unsigned char *found = memchr(text, 0xed, length);
	size_t at = found ? (size_t)(found - text) : length;
	size_t count = 0;

	while (at < length) {
		int32_t point = next_point(text, length, &at);

		count += is_high(point) || is_low(point);
	}
	return count;
}

static void escape_lone(const unsigned char *text, size_t length, char *out)
{
	size_t at = 0;

	while (at < length) {
		size_t begin = at;
		int32_t point = next_point(text, length, &at);

		if (is_high(point) || is_low(point)) {
			(void)snprintf(out, 7, "\\u%04x", (unsigned int)point);
			out += 6;
		} else {
			memcpy(out, text + begin, at - begin);
			out += at - begin;
		}
	}
}

/* JSON.stringify(value, replacer, space): what it gives has lone surrogates as escapes. */
static duk_ret_t stringify(duk_context *duk)
{
	const unsigned char *text;
	duk_size_t length = 0;
	size_t lone;
	char *out;

	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_STRINGIFY);
	duk_remove(duk, -2);
	duk_insert(duk, 0);
	duk_call(duk, 3);
	text = (const unsigned char *)duk_get_lstring(duk, -1, &length);
	lone = text ? count_lone(text, length) : 0;
	if (lone == 0)
		return 1;
	/* Six bytes instead of three, and the zero behind the last one. */
	out = duk_push_fixed_buffer(duk, length + 3 * lone + 1);
	escape_lone(text, length, out);
	(void)duk_push_lstring(duk, out, length + 3 * lone);
	return 1;
}

void extmgr__text_functions_define(duk_context *duk)
{
	(void)duk_get_global_literal(duk, "JSON");
	extmgr__define_function(duk, -1, "stringify", stringify, 3, 0);
	duk_pop(duk);
}

/* ---- symbols ---- */

/*
 * Whether a symbol was made without a description. Duktape's own form of those is 0x81 0xFF, a
 * number, 0xFF; of Symbol("") the last byte is missing.
 */
static duk_ret_t is_bare_symbol(duk_context *duk)
{
	duk_size_t length = 0;
	const char *bytes = duk_is_symbol(duk, 0) ? duk_get_lstring(duk, 0, &length) : NULL;

	duk_push_boolean(duk, bytes && length > 2 && (unsigned char)bytes[1] == 0xff &&
				      (unsigned char)bytes[length - 1] == 0xff);
	return 1;
}

/* ---- normal forms ---- */

#ifdef EXTMGR_HAVE_UTF8PROC

/* A text that is longer, in bytes, is refused: no look at the clock comes between. */
#define TEXT_MAXIMUM ((size_t)1 << 20)
/* Marks behind one letter, which are sorted by their class. */
#define MARKS_MAXIMUM 256u

/* NFC, NFD, NFKC, NFKD */
static const int options_of_form[] = {
	UTF8PROC_STABLE | UTF8PROC_COMPOSE,
	UTF8PROC_STABLE | UTF8PROC_DECOMPOSE,
	UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT,
	UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
};

/* Decomposes a text into points, as many as there is room for; answers how many there are. */
static size_t decompose(const unsigned char *text, size_t length, int options, int32_t *points,
			size_t room)
{
	size_t count = 0;
	size_t at = 0;

	while (at < length) {
		int32_t point = next_point(text, length, &at);
		size_t left = count < room ? room - count : 0;
		utf8proc_ssize_t made = utf8proc_decompose_char(
			point, left > 0 ? points + count : NULL, (utf8proc_ssize_t)left,
			(utf8proc_option_t)options, NULL);

		count += made > 0 ? (size_t)made : 0;
	}
	return count;
}

static int class_of(int32_t point)
{
	return (int)utf8proc_get_property(point)->combining_class;
}

/* Marks that follow each other stand in the order of their classes. */
static void sort_marks(duk_context *duk, int32_t *points, size_t count)
{
	size_t first = 0; /* of the marks in a row */

	for (size_t i = 0; i < count; i++) {
		int32_t point = points[i];
		int class = class_of(point);
		size_t k = i;

		if (class == 0) {
			first = i + 1;
			continue;
		}
		if (i - first >= MARKS_MAXIMUM)
			(void)duk_range_error(duk, "more than %u combining characters in a row",
					      MARKS_MAXIMUM);
		for (; k > first && class_of(points[k - 1]) > class; k--)
			points[k] = points[k - 1];
		points[k] = point;
	}
}

static char *put_unit(char *out, int32_t unit)
{
	if (unit < 0x80) {
		*out++ = (char)unit;
		return out;
	}
	if (unit < 0x800) {
		*out++ = (char)(0xc0 | (unit >> 6));
	} else {
		*out++ = (char)(0xe0 | (unit >> 12));
		*out++ = (char)(0x80 | ((unit >> 6) & 0x3f));
	}
	*out++ = (char)(0x80 | (unit & 0x3f));
	return out;
}

static char *put_point(char *out, int32_t point)
{
	if (point < 0x10000)
		return put_unit(out, point);
	out = put_unit(out, HIGH_SURROGATES | ((point - 0x10000) >> 10));
	return put_unit(out, LOW_SURROGATES | ((point - 0x10000) & 0x3ff));
}

/* normalize(text, form): form is a number, see above. */
static duk_ret_t normalize(duk_context *duk)
{
	duk_size_t length = 0;
	const unsigned char *text = (const unsigned char *)duk_require_lstring(duk, 0, &length);
	int options = options_of_form[duk_require_uint(duk, 1) % 4];
	int32_t *points;
	size_t count;
	char *out;
	char *end;

	if (length > TEXT_MAXIMUM)
		(void)duk_range_error(duk, "text is too long for its normal form");
	/* Buffers of the heap: a throw leaves nothing behind. */
	count = decompose(text, length, options, NULL, 0);
	points = duk_push_fixed_buffer(duk, (count + 1) * sizeof(*points));
	count = decompose(text, length, options, points, count);
	sort_marks(duk, points, count);
	count = (size_t)utf8proc_normalize_utf32(points, (utf8proc_ssize_t)count,
						 (utf8proc_option_t)options);
	out = duk_push_fixed_buffer(duk, count * 6 + 1);
	end = out;
	for (size_t i = 0; i < count; i++)
		end = put_point(end, points[i]);
	(void)duk_push_lstring(duk, out, (size_t)(end - out));
	return 1;
}

#endif

void extmgr__text_functions_put(duk_context *duk)
{
	extmgr__define_function(duk, -1, "isBareSymbol", is_bare_symbol, 1, 0);
#ifdef EXTMGR_HAVE_UTF8PROC
	extmgr__define_function(duk, -1, "normalize", normalize, 2, 0);
#endif
}
