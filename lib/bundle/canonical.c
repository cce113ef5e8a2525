/* SPDX-License-Identifier: MIT */
#include "bundle/canonical.h"

#include "base/alloc.h"
#include "base/json.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A member of an object that is being read. Keys are UTF-8 in which lone surrogates stand as code
 * points of their own: the order of its bytes is the order of code points. */
struct member {
	struct extmgr__slice key;   /* of keys */
	struct extmgr__slice value; /* of out */
};

struct reader {
	const char *text;
	size_t length;
	size_t at;
	size_t depth;
	const char *wanted;         /* key of the outermost object, or NULL */
	struct extmgr__slice found; /* its value, in out */
	struct extmgr__buffer *out;
	struct extmgr__buffer keys;
	struct member *members; /* of all objects that are open, the innermost last */
	size_t member_count;
	size_t member_capacity;
	locale_t locale; /* C: '.' in numbers, whatever the host has set */
	extmgr_error **error;
};

static extmgr_result fault(const struct reader *reader, const char *what)
{
	return extmgr__error_set(reader->error, EXTMGR_E_FORMAT, "%s at position %zu", what,
				 reader->at + 1);
}

static int peek(const struct reader *reader)
{
	return reader->at < reader->length ? (unsigned char)reader->text[reader->at] : -1;
}

static void skip_space(struct reader *reader)
{
	int c = peek(reader);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		reader->at++;
		c = peek(reader);
	}
}

static bool skip_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if (length > reader->length - reader->at ||
	    memcmp(reader->text + reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

/* ---- Strings ---- */

static bool is_high(int32_t point)
{
	return point >= 0xd800 && point <= 0xdbff;
}

static bool is_low(int32_t point)
{
	return point >= 0xdc00 && point <= 0xdfff;
}

static void put_unit(struct extmgr__buffer *out, int32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char escape[6] = {'\\', 'u'};

	for (int i = 0; i < 4; i++)
		escape[2 + i] = digits[(unit >> (12 - 4 * i)) & 15];
	extmgr__buffer_append(out, escape, sizeof(escape));
}

static void put_point(struct extmgr__buffer *out, int32_t point)
{
	const char *from = "\b\f\n\r\t\"\\";
	const char *at = point && point < 0x80 ? strchr(from, point) : NULL;

	if (at) {
		extmgr__buffer_putc(out, '\\');
		extmgr__buffer_putc(out, "bfnrt\"\\"[at - from]);
	} else if (point >= 0x20 && point < 0x7f) {
		extmgr__buffer_putc(out, (char)point);
	} else if (point < 0x10000) {
		put_unit(out, point);
	} else {
		put_unit(out, 0xd7c0 + (point >> 10)); /* 0xd800 less the 0x10000 of the pair */
		put_unit(out, 0xdc00 + (point & 0x3ff));
	}
}

/* UTF-8, surrogates as if they were characters. */
static void put_utf8(struct extmgr__buffer *out, int32_t point)
{
	char bytes[4];
	size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = length - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	bytes[0] = (char)(marks[length] | point);
	extmgr__buffer_append(out, bytes, length);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind "\u" at an offset; -1 when they are not there. */
static int32_t read_unit(const struct reader *reader, size_t at)
{
	int32_t unit = 0;

	if (reader->length - at < 6 || reader->text[at] != '\\' || reader->text[at + 1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_value(reader->text[at + i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* At "\u": the two halves of a pair become one code point. */
static int32_t read_unicode_escape(struct reader *reader)
{
	int32_t point = read_unit(reader, reader->at);
	int32_t low;

	if (point < 0)
		return -1;
	reader->at += 6;
	if (!is_high(point))
		return point;
	low = read_unit(reader, reader->at);
	if (!is_low(low))
		return point;
	reader->at += 6;
	return 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
}

/* At a backslash; -1 when it is no escape. */
static int32_t read_escape(struct reader *reader)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (reader->length - reader->at < 2)
		return -1;
	c = reader->text[reader->at + 1];
	if (c == 'u')
		return read_unicode_escape(reader);
	found = c ? strchr(from, c) : NULL;
	if (!found)
		return -1;
	reader->at += 2;
	return to[found - from];
}

/* At a quote: appends each code point with put. */
static extmgr_result read_string(struct reader *reader, struct extmgr__buffer *out,
				 void (*put)(struct extmgr__buffer *, int32_t))
{
	reader->at++;
	for (;;) {
		int c = peek(reader);
		int32_t point;

		if (c < 0)
			return fault(reader, "a string has no end");
		if (c == '"')
			break;
		if (c < 0x20)
			return fault(reader, "a string has a control character");
		point = c == '\\' ? read_escape(reader)
				  : extmgr__utf8_next(reader->text, reader->length, &reader->at);
		if (point < 0)
			return fault(reader, "a string has a bad escape");
		put(out, point);
	}
	reader->at++;
	return EXTMGR_OK;
}

void extmgr__canonical_string(struct extmgr__buffer *out, const char *text, size_t length)
{
	size_t at = 0;

	extmgr__buffer_putc(out, '"');
	while (at < length)
		put_point(out, extmgr__utf8_next(text, length, &at));
	extmgr__buffer_putc(out, '"');
}

static extmgr_result copy_string(struct reader *reader)
{
	extmgr_result result;

	extmgr__buffer_putc(reader->out, '"');
	result = read_string(reader, reader->out, put_point);
	extmgr__buffer_putc(reader->out, '"');
	return result;
}

/* ---- Numbers ---- */

static size_t skip_digits(struct reader *reader)
{
	size_t start = reader->at;

	while (peek(reader) >= '0' && peek(reader) <= '9')
		reader->at++;
	return reader->at - start;
}

/* An optional part of a number; the reader stays where it is when it is not complete. */
static bool skip_fraction(struct reader *reader)
{
	size_t start = reader->at;

	if (peek(reader) == '.') {
		reader->at++;
		if (skip_digits(reader))
			return true;
		reader->at = start;
	}
	return false;
}

static bool skip_exponent(struct reader *reader)
{
	size_t start = reader->at;

	if (peek(reader) == 'e' || peek(reader) == 'E') {
		reader->at++;
		if (peek(reader) == '+' || peek(reader) == '-')
			reader->at++;
		if (skip_digits(reader))
			return true;
		reader->at = start;
	}
	return false;
}

/*
 * The significant digits of a positive number, as few as read back the same, and its exponent as in
 * d.ddd * 10^exponent.
 */
static int shortest_digits(double value, locale_t locale, char digits[20])
{
	char text[40];
	int exponent = 0;

	for (int precision = 0; precision < 17; precision++) {
		size_t count = 0;
		char *mark;

		(void)snprintf(text, sizeof(text), "%.*e", precision, value);
		mark = strchr(text, 'e');
		for (const char *c = text; c < mark; c++) {
			if (*c >= '0' && *c <= '9')
				digits[count++] = *c;
		}
		digits[count] = '\0';
		exponent = (int)strtol(mark + 1, NULL, 10);
		/* Written anew: the host's locale may have another decimal point. */
		(void)snprintf(text, sizeof(text), "%c.%se%d", digits[0], digits + 1, exponent);
		if (strtod_l(text, NULL, locale) == value)
			break;
	}
	return exponent;
}

/* As Python's repr(): with an exponent below 1e-4 and from 1e16 on. */
static void put_positive(struct extmgr__buffer *out, double value, locale_t locale)
{
	char digits[20];
	int exponent = shortest_digits(value, locale, digits);
	int count = (int)strlen(digits);

	if (exponent < -4 || exponent >= 16) {
		extmgr__buffer_printf(out, "%c%s%s", digits[0], count > 1 ? "." : "", digits + 1);
		extmgr__buffer_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
	} else if (exponent < 0) {
		extmgr__buffer_printf(out, "0.%.*s%s", -exponent - 1, "000", digits);
	} else if (exponent + 1 >= count) {
		extmgr__buffer_puts(out, digits);
		for (int i = count; i <= exponent; i++)
			extmgr__buffer_putc(out, '0');
		extmgr__buffer_puts(out, ".0");
	} else {
		extmgr__buffer_printf(out, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
	}
}

static void put_float(struct extmgr__buffer *out, double value, locale_t locale)
{
	if (signbit(value))
		extmgr__buffer_putc(out, '-');
	if (isinf(value))
		extmgr__buffer_puts(out, "Infinity");
	else if (value == 0)
		extmgr__buffer_puts(out, "0.0");
	else
		put_positive(out, fabs(value), locale);
}

static extmgr_result copy_number(struct reader *reader)
{
	size_t start = reader->at;
	bool is_float;
	char *text;

	if (peek(reader) == '-')
		reader->at++;
	if (peek(reader) == '0')
		reader->at++;
	else if (!skip_digits(reader))
		return fault(reader, "no value");
	is_float = skip_fraction(reader);
	is_float = skip_exponent(reader) || is_float;
	if (!is_float) {
		bool is_minus_zero = reader->at - start == 2 && reader->text[start] == '-' &&
				     reader->text[start + 1] == '0';

		start += is_minus_zero;
		extmgr__buffer_append(reader->out, reader->text + start, reader->at - start);
		return EXTMGR_OK;
	}
	text = extmgr__memdup(reader->text + start, reader->at - start);
	if (!text)
		return extmgr__error_no_memory(reader->error);
	put_float(reader->out, strtod_l(text, NULL, reader->locale), reader->locale);
	free(text);
	return EXTMGR_OK;
}

/* ---- Values ---- */

static extmgr_result copy_value(struct reader *reader);

static extmgr_result copy_array(struct reader *reader)
{
	extmgr_result result = EXTMGR_OK;

	reader->at++;
	extmgr__buffer_putc(reader->out, '[');
	skip_space(reader);
	if (peek(reader) == ']') {
		reader->at++;
		extmgr__buffer_putc(reader->out, ']');
		return EXTMGR_OK;
	}
	for (;;) {
		result = copy_value(reader);
		skip_space(reader);
		if (result != EXTMGR_OK || peek(reader) != ',')
			break;
		reader->at++;
		extmgr__buffer_puts(reader->out, ", ");
	}
	if (result == EXTMGR_OK && peek(reader) != ']')
		result = fault(reader, "',' or ']' is missing");
	reader->at++;
	extmgr__buffer_putc(reader->out, ']');
	return result;
}

static int compare_slices(const struct reader *reader, const struct extmgr__slice *a,
			  const struct extmgr__slice *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = shorter ? memcmp(reader->keys.data + a->start, reader->keys.data + b->start,
				     shorter)
			    : 0;

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_members(const void *a, const void *b, void *reader)
{
	const struct member *x = a;
	const struct member *y = b;
	int order = compare_slices(reader, &x->key, &y->key);

	/* Of equal keys the last one that was read comes last: its value lies behind. */
	return order ? order
		     : (x->value.start > y->value.start) - (x->value.start < y->value.start);
}

/* At a key. The value goes to out, the member to members. */
static extmgr_result read_member(struct reader *reader)
{
	struct member member = {.key = {.start = reader->keys.length}};
	struct member *grown;
	extmgr_result result;

	if (peek(reader) != '"')
		return fault(reader, "a key is missing");
	result = read_string(reader, &reader->keys, put_utf8);
	if (result != EXTMGR_OK)
		return result;
	member.key.length = reader->keys.length - member.key.start;
	skip_space(reader);
	if (peek(reader) != ':')
		return fault(reader, "':' is missing");
	reader->at++;
	member.value.start = reader->out->length;
	result = copy_value(reader);
	if (result != EXTMGR_OK)
		return result;
	member.value.length = reader->out->length - member.value.start;
	grown = extmgr__array_grow(reader->members, reader->member_count, &reader->member_capacity,
				   sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(reader->error);
	reader->members = grown;
	grown[reader->member_count++] = member;
	return EXTMGR_OK;
}

static void put_key(const struct reader *reader, const struct extmgr__slice *key,
		    struct extmgr__buffer *out)
{
	const char *bytes = reader->keys.data + key->start;
	size_t at = 0;

	extmgr__buffer_putc(out, '"');
	while (at < key->length) {
		int32_t point = extmgr__utf8_next(bytes, key->length, &at);

		/* A surrogate is no UTF-8, so two more of its three bytes are left. */
		if (point < 0) {
			point = 0xd000 | (bytes[at] & 0x3f) << 6 | (bytes[at + 1] & 0x3f);
			at += 2;
		}
		put_point(out, point);
	}
	extmgr__buffer_puts(out, "\": ");
}

static bool is_wanted(const struct reader *reader, const struct extmgr__slice *key)
{
	return reader->depth == 1 && reader->wanted && key->length == strlen(reader->wanted) &&
	       memcmp(reader->keys.data + key->start, reader->wanted, key->length) == 0;
}

/* Writes the members from first on again, sorted, in place of what stands behind start. */
static extmgr_result sort_members(struct reader *reader, size_t first, size_t start)
{
	struct extmgr__buffer sorted = EXTMGR__BUFFER(reader->out->maximum);
	struct member *members = reader->members + first;
	size_t count = reader->member_count - first;
	bool needs_comma = false;
	extmgr_result result;

	if (count)
		qsort_r(members, count, sizeof(*members), compare_members, reader);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count &&
		    compare_slices(reader, &members[i].key, &members[i + 1].key) == 0)
			continue;
		extmgr__buffer_puts(&sorted, needs_comma ? ", " : "{");
		needs_comma = true;
		put_key(reader, &members[i].key, &sorted);
		if (is_wanted(reader, &members[i].key))
			reader->found = (struct extmgr__slice){start + sorted.length,
							       members[i].value.length};
		extmgr__buffer_append(&sorted, reader->out->data + members[i].value.start,
				      members[i].value.length);
	}
	extmgr__buffer_puts(&sorted, count ? "}" : "{}");
	result = extmgr__buffer_result(&sorted);
	reader->out->length = start;
	extmgr__buffer_append(reader->out, extmgr__buffer_get(&sorted), sorted.length);
	extmgr__buffer_free(&sorted);
	return result == EXTMGR_OK ? EXTMGR_OK : extmgr__error_no_memory(reader->error);
}

static extmgr_result read_members(struct reader *reader)
{
	extmgr_result result;

	skip_space(reader);
	if (peek(reader) == '}') {
		reader->at++;
		return EXTMGR_OK;
	}
	for (;;) {
		skip_space(reader);
		result = read_member(reader);
		skip_space(reader);
		if (result != EXTMGR_OK || peek(reader) != ',')
			break;
		reader->at++;
	}
	if (result == EXTMGR_OK && peek(reader) != '}')
		result = fault(reader, "',' or '}' is missing");
	reader->at++;
	return result;
}

static extmgr_result copy_object(struct reader *reader)
{
	size_t first = reader->member_count;
	size_t keys = reader->keys.length;
	size_t start = reader->out->length;
	extmgr_result result;

	reader->at++;
	result = read_members(reader);
	/* Only whole buffers can be looked into. */
	if (result == EXTMGR_OK && (extmgr__buffer_result(reader->out) != EXTMGR_OK ||
				    extmgr__buffer_result(&reader->keys) != EXTMGR_OK))
		result = extmgr__error_no_memory(reader->error);
	if (result == EXTMGR_OK)
		result = sort_members(reader, first, start);
	reader->member_count = first;
	reader->keys.length = keys;
	return result;
}

static extmgr_result copy_nested(struct reader *reader)
{
	extmgr_result result;

	if (reader->depth == EXTMGR__JSON_MAXIMUM_DEPTH)
		return fault(reader, "it is nested more than 64 deep");
	reader->depth++;
	result = peek(reader) == '{' ? copy_object(reader) : copy_array(reader);
	reader->depth--;
	return result;
}

static extmgr_result copy_value(struct reader *reader)
{
	static const char *const words[] = {"null", "true",     "false",
					    "NaN",  "Infinity", "-Infinity"};

	skip_space(reader);
	if (peek(reader) == '{' || peek(reader) == '[')
		return copy_nested(reader);
	if (peek(reader) == '"')
		return copy_string(reader);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (skip_word(reader, words[i])) {
			extmgr__buffer_puts(reader->out, words[i]);
			return EXTMGR_OK;
		}
	}
	return copy_number(reader);
}

static extmgr_result copy_document(struct reader *reader)
{
	extmgr_result result;

	(void)skip_word(reader, "\xef\xbb\xbf");
	result = copy_value(reader);
	skip_space(reader);
	if (result == EXTMGR_OK && reader->at != reader->length)
		result = fault(reader, "something follows the first value");
	if (result == EXTMGR_OK && extmgr__buffer_result(reader->out) != EXTMGR_OK)
		result = extmgr__error_no_memory(reader->error);
	return result;
}

extmgr_result extmgr__canonical_json(const char *text, size_t length, const char *member,
				     struct extmgr__buffer *out, struct extmgr__slice *slice,
				     extmgr_error **error)
{
	struct reader reader = {
		.text = text,
		.length = length,
		.wanted = member,
		.out = out,
		.keys = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.error = error,
	};
	extmgr_result result;

	if (slice)
		*slice = (struct extmgr__slice){0};
	if (!extmgr__utf8_is_valid(text, length))
		return extmgr__error_set(error, EXTMGR_E_FORMAT, "it is not valid UTF-8");
	extmgr__buffer_append(&reader.keys, "", 0); /* also the empty key has a place */
	reader.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!reader.locale)
		return extmgr__error_no_memory(error);
	result = copy_document(&reader);
	if (slice && result == EXTMGR_OK)
		*slice = reader.found;
	freelocale(reader.locale);
	extmgr__buffer_free(&reader.keys);
	free(reader.members);
	return result;
}
