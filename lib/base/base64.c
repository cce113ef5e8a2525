/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static int value_of(char digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
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
