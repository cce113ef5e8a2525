/* SPDX-License-Identifier: MIT */
/*
 * A secret is looked for by reading the text in each form as a decoder would, from every position:
 * so any mixture of escaped and plain characters is found. Base64 has no such positions; there the
 * characters that the secret alone decides are looked for, for each of the three alignments.
 */
#include "sql/mask.h"

#include "base/alloc.h"

#include <extmgr/error.h>

#include <stdlib.h>
#include <string.h>

#define ALIGNMENTS 3
/* Encoded forms below this length would be found in any text. */
#define SHORTEST_FORM 4

struct secret {
	char *value;
	size_t length;
	char *base64[ALIGNMENTS]; /* the characters that the secret alone decides */
	size_t base64_length[ALIGNMENTS];
};

struct extmgr__secrets {
	struct secret *items;
	size_t count;
	size_t capacity;
};

/* One decoded character. */
struct decoded {
	char bytes[4];
	size_t length; /* 0: the text cannot be read in this form */
	size_t consumed;
};

/* left is at least 1. */
typedef struct decoded (*decode_fn)(const char *text, size_t left);

static struct decoded one_byte(char byte, size_t consumed)
{
	return (struct decoded){.bytes = {byte}, .length = 1, .consumed = consumed};
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* The value of count hexadecimal digits, -1 when there are not so many. */
static int32_t hex_number(const char *text, size_t left, size_t count)
{
	int32_t number = 0;

	if (left < count)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int digit = hex_value(text[i]);

		if (digit < 0)
			return -1;
		number = number * 16 + digit;
	}
	return number;
}

static struct decoded utf8_of(int32_t point, size_t consumed)
{
	struct decoded decoded = {.consumed = consumed};
	unsigned char bytes[4];

	if (point < 0x80)
		return one_byte((char)point, consumed);
	decoded.length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = decoded.length - 1; i > 0; i--, point >>= 6)
		bytes[i] = (unsigned char)(0x80 | (point & 0x3f));
	bytes[0] = (unsigned char)((0xf00u >> decoded.length) | (unsigned)point);
	memcpy(decoded.bytes, bytes, decoded.length);
	return decoded;
}

/* What stands behind a backslash for a control character; other bytes stand for themselves. */
static char unescaped(char byte)
{
	switch (byte) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return byte;
	}
}

static struct decoded decode_raw(const char *text, size_t left)
{
	(void)left;
	return one_byte(text[0], 1);
}

static struct decoded decode_json(const char *text, size_t left)
{
	int32_t high;
	int32_t low;

	if (text[0] != '\\' || left < 2)
		return one_byte(text[0], 1);
	if (text[1] != 'u')
		return one_byte(unescaped(text[1]), 2);
	high = hex_number(text + 2, left - 2, 4);
	if (high < 0)
		return one_byte(text[0], 1);
	if (high < 0xd800 || high > 0xdfff)
		return utf8_of(high, 6);
	if (high > 0xdbff || left < 12 || text[6] != '\\' || text[7] != 'u')
		return (struct decoded){.consumed = 6};
	low = hex_number(text + 8, left - 8, 4);
	if (low < 0xdc00 || low > 0xdfff)
		return (struct decoded){.consumed = 6};
	return utf8_of(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12);
}

/* A quote that is doubled, or a backslash and what it escapes, read through another form. */
static struct decoded decode_sql(decode_fn outer, bool backslash, const char *text, size_t left)
{
	struct decoded first = outer(text, left);
	struct decoded second;

	if (first.length != 1 || first.consumed >= left)
		return first;
	if (first.bytes[0] != '\'' && first.bytes[0] != '"' &&
	    !(backslash && first.bytes[0] == '\\'))
		return first;
	second = outer(text + first.consumed, left - first.consumed);
	if (second.length != 1)
		return first;
	if (first.bytes[0] == '\\')
		return one_byte(unescaped(second.bytes[0]), first.consumed + second.consumed);
	if (second.bytes[0] == first.bytes[0])
		first.consumed += second.consumed;
	return first;
}

static struct decoded decode_doubled(const char *text, size_t left)
{
	return decode_sql(decode_raw, false, text, left);
}

static struct decoded decode_backslash(const char *text, size_t left)
{
	return decode_sql(decode_raw, true, text, left);
}

static struct decoded decode_json_doubled(const char *text, size_t left)
{
	return decode_sql(decode_json, false, text, left);
}

static struct decoded decode_json_backslash(const char *text, size_t left)
{
	return decode_sql(decode_json, true, text, left);
}

static struct decoded decode_percent(const char *text, size_t left)
{
	int32_t byte = text[0] == '%' ? hex_number(text + 1, left - 1, 2) : -1;

	return byte < 0 ? one_byte(text[0], 1) : one_byte((char)byte, 3);
}

static struct decoded decode_form(const char *text, size_t left)
{
	return text[0] == '+' ? one_byte(' ', 1) : decode_percent(text, left);
}

static struct decoded decode_hex(const char *text, size_t left)
{
	int32_t byte = hex_number(text, left, 2);

	return byte < 0 ? (struct decoded){.consumed = 1} : one_byte((char)byte, 2);
}

static bool matches_at(const struct secret *secret, decode_fn decode, const char *text, size_t left)
{
	size_t matched = 0;

	while (matched < secret->length && left) {
		struct decoded decoded = decode(text, left);

		if (!decoded.length || decoded.length > secret->length - matched ||
		    memcmp(decoded.bytes, secret->value + matched, decoded.length) != 0)
			return false;
		matched += decoded.length;
		text += decoded.consumed;
		left -= decoded.consumed;
	}
	return matched == secret->length;
}

static bool found_decoded(const struct secret *secret, const char *text, size_t length)
{
	static const struct {
		decode_fn decode;
		const char *marks; /* without one of these bytes the form is the raw one */
	} forms[] = {
		{decode_doubled, "'\""},     {decode_backslash, "\\"},      {decode_json, "\\"},
		{decode_json_doubled, "\\"}, {decode_json_backslash, "\\"}, {decode_percent, "%"},
		{decode_form, "+"},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!memchr(text, forms[i].marks[0], length) &&
		    !(forms[i].marks[1] && memchr(text, forms[i].marks[1], length)))
			continue;
		for (size_t at = 0; at < length; at++) {
			if (matches_at(secret, forms[i].decode, text + at, length - at))
				return true;
		}
	}
	return false;
}

static bool found_hex(const struct secret *secret, const char *text, size_t length)
{
	if (secret->length * 2 < SHORTEST_FORM)
		return false;
	for (size_t at = 0; at < length; at++) {
		if (matches_at(secret, decode_hex, text + at, length - at))
			return true;
	}
	return false;
}

/* Base64 and base64url in one alphabet. */
static char base64_normal(char digit)
{
	if (digit == '-')
		return '+';
	return digit == '_' ? '/' : digit;
}

/* Line breaks inside base64 text, plain or as JSON writes them, and the backslash of JSON's "\/".
 */
static size_t base64_filler(const char *text, size_t left)
{
	if (text[0] == '\r' || text[0] == '\n')
		return 1;
	if (text[0] != '\\' || left < 2)
		return 0;
	if (text[1] == 'n' || text[1] == 'r')
		return 2;
	return text[1] == '/' ? 1 : 0;
}

static bool base64_matches_at(const char *wanted, size_t wanted_length, const char *text,
			      size_t left)
{
	size_t matched = 0;

	while (matched < wanted_length && left) {
		size_t filler = matched ? base64_filler(text, left) : 0;

		if (!filler && base64_normal(*text) != wanted[matched])
			return false;
		matched += !filler;
		text += filler ? filler : 1;
		left -= filler ? filler : 1;
	}
	return matched == wanted_length;
}

static bool found_base64(const struct secret *secret, const char *text, size_t length)
{
	for (size_t i = 0; i < ALIGNMENTS; i++) {
		if (secret->base64_length[i] < SHORTEST_FORM)
			continue;
		for (size_t at = 0; at < length; at++) {
			if (base64_matches_at(secret->base64[i], secret->base64_length[i],
					      text + at, length - at))
				return true;
		}
	}
	return false;
}

/* Six bits of offset zero bytes and the value, from bit 6 * index on. */
static char base64_digit(const struct secret *secret, size_t offset, size_t index)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned value = 0;

	for (size_t bit = 6 * index; bit < 6 * index + 6; bit++) {
		size_t byte = bit / 8;
		unsigned char bits =
			byte < offset ? 0 : (unsigned char)secret->value[byte - offset];

		value = value << 1 | ((bits >> (7 - bit % 8)) & 1u);
	}
	return digits[value];
}

static bool make_base64(struct secret *secret, size_t offset)
{
	size_t first = (8 * offset + 5) / 6;
	size_t end = 8 * (offset + secret->length) / 6;
	size_t length = end > first ? end - first : 0;

	secret->base64[offset] = malloc(length + 1);
	if (!secret->base64[offset])
		return false;
	for (size_t i = 0; i < length; i++)
		secret->base64[offset][i] = base64_digit(secret, offset, first + i);
	secret->base64_length[offset] = length;
	return true;
}

static void wipe(char *bytes, size_t length)
{
	if (!bytes)
		return;
	explicit_bzero(bytes, length);
	free(bytes);
}

static void secret_clear(struct secret *secret)
{
	wipe(secret->value, secret->length);
	for (size_t i = 0; i < ALIGNMENTS; i++)
		wipe(secret->base64[i], secret->base64_length[i]);
}

struct extmgr__secrets *extmgr__secrets_new(void)
{
	return calloc(1, sizeof(struct extmgr__secrets));
}

void extmgr__secrets_free(struct extmgr__secrets *secrets)
{
	if (!secrets)
		return;
	for (size_t i = 0; i < secrets->count; i++)
		secret_clear(&secrets->items[i]);
	free(secrets->items);
	free(secrets);
}

extmgr_result extmgr__secrets_add(struct extmgr__secrets *secrets, const char *value, size_t length)
{
	struct secret secret = {.length = length};
	struct secret *grown;
	size_t bits;

	if (!length)
		return EXTMGR_OK;
	if (extmgr__size_add(length, ALIGNMENTS, &bits) || extmgr__size_mul(bits, 8, &bits))
		return EXTMGR_E_NO_MEMORY;
	secret.value = extmgr__memdup(value, length);
	if (!secret.value)
		return EXTMGR_E_NO_MEMORY;
	for (size_t i = 0; i < ALIGNMENTS; i++) {
		if (!make_base64(&secret, i))
			goto no_memory;
	}
	grown = extmgr__array_grow(secrets->items, secrets->count, &secrets->capacity,
				   sizeof(*grown));
	if (!grown)
		goto no_memory;
	secrets->items = grown;
	secrets->items[secrets->count++] = secret;
	return EXTMGR_OK;

no_memory:
	secret_clear(&secret);
	return EXTMGR_E_NO_MEMORY;
}

bool extmgr__secrets_is_empty(const struct extmgr__secrets *secrets)
{
	return !secrets || secrets->count == 0;
}

bool extmgr__secrets_found_in(const struct extmgr__secrets *secrets, const char *text,
			      size_t length)
{
	if (extmgr__secrets_is_empty(secrets) || !length)
		return false;
	for (size_t i = 0; i < secrets->count; i++) {
		const struct secret *secret = &secrets->items[i];

		if (memmem(text, length, secret->value, secret->length) ||
		    found_decoded(secret, text, length) || found_hex(secret, text, length) ||
		    found_base64(secret, text, length))
			return true;
	}
	return false;
}
