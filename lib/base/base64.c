/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char digit)
{
	const char *at = digit ? strchr(alphabet, digit) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool extmgr__base64_decode(const char *text, size_t length, unsigned char *bytes, size_t size)
{
	size_t digits = (size * 8 + 5) / 6;
	uint32_t bits = 0;
	unsigned held = 0;

	if (length != (size + 2) / 3 * 4)
		return false;
	for (size_t i = 0; i < length; i++) {
		int value = value_of(text[i]);

		if (i >= digits) {
			if (text[i] != '=')
				return false;
			continue;
		}
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*bytes++ = (unsigned char)(bits >> held);
		}
	}
	return true;
}

void extmgr__base64_append(struct extmgr__buffer *buffer, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;
	char piece[4096]; /* a whole number of groups of 4 */
	size_t filled = 0;

	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)from[i] << 16;

		if (left > 1)
			group |= (uint32_t)from[i + 1] << 8;
		if (left > 2)
			group |= from[i + 2];
		piece[filled++] = alphabet[group >> 18];
		piece[filled++] = alphabet[group >> 12 & 63];
		piece[filled++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
		piece[filled++] = left > 2 ? alphabet[group & 63] : '=';
		if (filled == sizeof(piece)) {
			extmgr__buffer_append(buffer, piece, filled);
			filled = 0;
		}
	}
	extmgr__buffer_append(buffer, piece, filled);
}

bool extmgr__base64_append_decoded(struct extmgr__buffer *buffer, const char *text, size_t length)
{
	unsigned char piece[3072];
	const size_t digits = sizeof(piece) / 3 * 4;

	if (length % 4 != 0)
		return false;
	while (length) {
		size_t taken = length < digits ? length : digits;
		size_t size = taken / 4 * 3;

		/* Only the last group has padding. */
		if (taken == length && text[taken - 1] == '=')
			size -= text[taken - 2] == '=' ? 2 : 1;
		if (!extmgr__base64_decode(text, taken, piece, size))
			return false;
		extmgr__buffer_append(buffer, (const char *)piece, size);
		text += taken;
		length -= taken;
	}
	return true;
}
