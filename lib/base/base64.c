/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void extmgr__base64_encode(struct extmgr__buffer *buffer, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;
	char piece[4096]; /* a whole number of groups of 4 */
	size_t filled = 0;

	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		unsigned group = (unsigned)from[i] << 16;

		if (left > 1)
			group |= (unsigned)from[i + 1] << 8;
		if (left > 2)
			group |= from[i + 2];
		piece[filled++] = digits[group >> 18];
		piece[filled++] = digits[group >> 12 & 63];
		piece[filled++] = left > 1 ? digits[group >> 6 & 63] : '=';
		piece[filled++] = left > 2 ? digits[group & 63] : '=';
		if (filled == sizeof(piece)) {
			extmgr__buffer_append(buffer, piece, filled);
			filled = 0;
		}
	}
	extmgr__buffer_append(buffer, piece, filled);
}

static int value_of(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+')
		return 62;
	return digit == '/' ? 63 : -1;
}

/* How many bytes the four digits stand for; 0 when they are wrong. */
static size_t decode_group(const char *text, bool is_last, char bytes[3])
{
	size_t count = 3;
	unsigned group = 0;

	if (is_last && text[3] == '=')
		count = text[2] == '=' ? 1 : 2;
	for (size_t i = 0; i < 4; i++) {
		int value = i <= count ? value_of(text[i]) : 0;

		if (value < 0)
			return 0;
		group = group << 6 | (unsigned)value;
	}
	bytes[0] = (char)(group >> 16);
	bytes[1] = (char)(group >> 8 & 0xff);
	bytes[2] = (char)(group & 0xff);
	/* Bits that no byte takes are zero: one text for one content. */
	if (count < 3 && (group & (count == 1 ? 0xffffu : 0xffu)))
		return 0;
	return count;
}

bool extmgr__base64_decode(struct extmgr__buffer *buffer, const char *text, size_t length)
{
	char piece[3072];
	size_t filled = 0;

	if (length % 4 != 0)
		return false;
	for (size_t i = 0; i < length; i += 4) {
		size_t count = decode_group(text + i, i + 4 == length, piece + filled);

		if (count == 0)
			return false;
		filled += count;
		if (filled > sizeof(piece) - 3) {
			extmgr__buffer_append(buffer, piece, filled);
			filled = 0;
		}
	}
	extmgr__buffer_append(buffer, piece, filled);
	return true;
}
