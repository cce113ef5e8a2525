/* SPDX-License-Identifier: MIT */
#include "script/js_text.h"

#include "script/heap.h"

#include <string.h>

#define HIGH_SURROGATES 0xd800
#define LOW_SURROGATES  0xdc00
#define REPLACEMENT     "\xef\xbf\xbd"

/* Characters above U+FFFF begin with 0xF0 to 0xF4 in UTF-8, and no other byte is as high. */
static size_t count_supplementary(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += (unsigned char)text[i] >= 0xf0;
	return count;
}

static char *put_surrogate(char *out, int32_t unit)
{
	*out++ = (char)(0xe0 | (unit >> 12));
	*out++ = (char)(0x80 | ((unit >> 6) & 0x3f));
	*out++ = (char)(0x80 | (unit & 0x3f));
	return out;
}

/* Writes CESU-8: each supplementary character takes six bytes instead of four. */
static void widen(const char *text, size_t length, char *out)
{
	size_t offset = 0;

	while (offset < length) {
		int32_t point;

		if ((unsigned char)text[offset] < 0xf0) {
			*out++ = text[offset++];
			continue;
		}
		point = extmgr__utf8_next(text, length, &offset) - 0x10000;
		out = put_surrogate(out, HIGH_SURROGATES | (point >> 10));
		out = put_surrogate(out, LOW_SURROGATES | (point & 0x3ff));
	}
}

void extmgr__push_valid_text(duk_context *duk, const char *text, size_t length)
{
	size_t extra = 2 * count_supplementary(text, length);
	char *bytes;

	if (extra == 0) {
		(void)duk_push_lstring(duk, text, length);
		return;
	}
	/* In a buffer of the heap: a throw leaves nothing behind. */
	bytes = duk_push_fixed_buffer(duk, length + extra);
	widen(text, length, bytes);
	(void)duk_push_lstring(duk, bytes, length + extra);
	duk_remove(duk, -2);
}

void extmgr__push_text(duk_context *duk, const char *text, size_t length)
{
	if (!extmgr__utf8_is_valid(text, length))
		extmgr__heap_throw_type_error(duk, "text is not valid UTF-8");
	extmgr__push_valid_text(duk, text, length);
}

/* The surrogate of the three bytes at text, or -1. */
static int32_t surrogate_at(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (length < 3 || bytes[0] != 0xed || bytes[1] < 0xa0 || bytes[1] > 0xbf ||
	    (bytes[2] & 0xc0) != 0x80)
		return -1;
	return 0xd000 | ((bytes[1] & 0x3f) << 6) | (bytes[2] & 0x3f);
}

static void append_pair(struct extmgr__buffer *buffer, int32_t high, int32_t low)
{
	int32_t point = 0x10000 + ((high - HIGH_SURROGATES) << 10) + (low - LOW_SURROGATES);
	char bytes[4];

	bytes[0] = (char)(0xf0 | (point >> 18));
	bytes[1] = (char)(0x80 | ((point >> 12) & 0x3f));
	bytes[2] = (char)(0x80 | ((point >> 6) & 0x3f));
	bytes[3] = (char)(0x80 | (point & 0x3f));
	extmgr__buffer_append(buffer, bytes, sizeof(bytes));
}

/* Appends what begins with a surrogate; answers how many bytes were taken. */
static size_t append_surrogate(struct extmgr__buffer *buffer, const char *text, size_t length)
{
	int32_t first = surrogate_at(text, length);
	int32_t second = first < 0 ? -1 : surrogate_at(text + 3, length - 3);

	if (first >= 0 && first < LOW_SURROGATES && second >= LOW_SURROGATES) {
		append_pair(buffer, first, second);
		return 6;
	}
	extmgr__buffer_puts(buffer, REPLACEMENT);
	return first < 0 ? 1 : 3;
}

static void append_cesu8(struct extmgr__buffer *buffer, const char *text, size_t length)
{
	while (length > 0) {
		/* Only U+D000 to U+DFFF begin with 0xED. */
		const char *stop = memchr(text, 0xed, length);
		size_t plain = stop ? (size_t)(stop - text) : length;
		size_t taken = plain;

		if (plain == 0 && length >= 3 && (unsigned char)text[1] < 0xa0)
			taken = 3; /* U+D000 to U+D7FF: no surrogate */
		if (taken > 0)
			extmgr__utf8_append_lossy(buffer, text, taken);
		else
			taken = append_surrogate(buffer, text, length);
		text += taken;
		length -= taken;
	}
}

/* NULL unless the value at index is a string; a symbol is none. */
static const char *get_string(duk_context *duk, duk_idx_t index, size_t *length)
{
	duk_size_t bytes = 0;
	const char *text;

	if (!duk_is_string(duk, index) || duk_is_symbol(duk, index))
		return NULL;
	text = duk_get_lstring(duk, index, &bytes);
	*length = bytes;
	return text;
}

bool extmgr__append_text(duk_context *duk, duk_idx_t index, struct extmgr__buffer *buffer)
{
	size_t length;
	const char *text = get_string(duk, index, &length);

	if (!text)
		return false;
	append_cesu8(buffer, text, length);
	return true;
}

bool extmgr__append_text_cut(duk_context *duk, duk_idx_t index, size_t maximum,
			     struct extmgr__buffer *buffer)
{
	size_t length;
	const char *text = get_string(duk, index, &length);
	size_t cut = maximum;

	if (!text)
		return false;
	if (length <= maximum) {
		append_cesu8(buffer, text, length);
		return true;
	}
	while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	append_cesu8(buffer, text, cut);
	extmgr__buffer_puts(buffer, "...");
	return true;
}
