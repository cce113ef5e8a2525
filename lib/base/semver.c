/* SPDX-License-Identifier: MIT */
#include "base/semver.h"

#include <stddef.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool read_number(const char **text, uint64_t *number)
{
	const char *start = *text;

	*number = 0;
	for (; is_digit(**text); (*text)++) {
		if (__builtin_mul_overflow(*number, 10u, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(**text - '0'), number))
			return false;
	}
	return *text != start && (*start != '0' || *text == start + 1);
}

/* Dot-separated identifiers; numeric ones without leading zeros where 'numbers_are_strict'. */
static bool skip_identifiers(const char **text, bool numbers_are_strict)
{
	for (;;) {
		const char *start = *text;
		bool numeric = true;

		while (is_identifier_char(**text)) {
			numeric = numeric && is_digit(**text);
			(*text)++;
		}
		if (*text == start)
			return false;
		if (numbers_are_strict && numeric && *start == '0' && *text != start + 1)
			return false;
		if (**text != '.')
			return true;
		(*text)++;
	}
}

static bool read_tail(const char *text, struct extmgr__semver *version)
{
	if (*text == '-') {
		version->prerelease = ++text;
		if (!skip_identifiers(&text, true))
			return false;
		version->prerelease_length = (int)(text - version->prerelease);
	}
	if (*text == '+') {
		text++;
		if (!skip_identifiers(&text, false))
			return false;
	}
	return *text == '\0';
}

static bool parse(const char *text, struct extmgr__semver *version, bool allow_short)
{
	memset(version, 0, sizeof(*version));
	if (!text || strlen(text) > 255 || !read_number(&text, &version->major))
		return false;
	if (*text == '\0')
		return allow_short;
	if (*text++ != '.' || !read_number(&text, &version->minor))
		return false;
	if (*text == '\0')
		return allow_short;
	if (*text++ != '.' || !read_number(&text, &version->patch))
		return false;
	return read_tail(text, version);
}

bool extmgr__semver_parse(const char *text, struct extmgr__semver *version)
{
	return parse(text, version, false);
}

bool extmgr__semver_parse_short(const char *text, struct extmgr__semver *version)
{
	return parse(text, version, true);
}

static int sign(int64_t n)
{
	return n < 0 ? -1 : n > 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static size_t identifier_length(const char *text, const char *end, bool *numeric)
{
	const char *at = text;

	*numeric = true;
	for (; at < end && *at != '.'; at++)
		*numeric = *numeric && is_digit(*at);
	return (size_t)(at - text);
}

static int compare_identifiers(const char *a, size_t a_length, bool a_numeric, const char *b,
			       size_t b_length, bool b_numeric)
{
	size_t least = a_length < b_length ? a_length : b_length;
	int order;

	if (a_numeric != b_numeric)
		return a_numeric ? -1 : 1;
	/* No leading zeros: the longer number is the larger one. */
	if (a_numeric && a_length != b_length)
		return a_length < b_length ? -1 : 1;
	order = memcmp(a, b, least);
	return order ? sign(order) : compare_numbers(a_length, b_length);
}

static int compare_prereleases(const struct extmgr__semver *a, const struct extmgr__semver *b)
{
	const char *x = a->prerelease, *x_end;
	const char *y = b->prerelease, *y_end;

	if (!a->prerelease_length || !b->prerelease_length)
		return (a->prerelease_length == 0) - (b->prerelease_length == 0);
	x_end = x + a->prerelease_length;
	y_end = y + b->prerelease_length;
	while (x < x_end && y < y_end) {
		bool x_numeric, y_numeric;
		size_t x_length = identifier_length(x, x_end, &x_numeric);
		size_t y_length = identifier_length(y, y_end, &y_numeric);
		int order = compare_identifiers(x, x_length, x_numeric, y, y_length, y_numeric);

		if (order)
			return order;
		x += x_length + 1;
		y += y_length + 1;
	}
	return (x < x_end) - (y < y_end);
}

static int compare_parsed(const struct extmgr__semver *a, const struct extmgr__semver *b)
{
	int order = compare_numbers(a->major, b->major);

	if (!order)
		order = compare_numbers(a->minor, b->minor);
	if (!order)
		order = compare_numbers(a->patch, b->patch);
	return order ? order : compare_prereleases(a, b);
}

int extmgr__semver_compare(const char *a, const char *b)
{
	struct extmgr__semver x, y;
	bool x_valid = extmgr__semver_parse(a, &x);
	bool y_valid = extmgr__semver_parse(b, &y);

	if (!x_valid || !y_valid) {
		if (x_valid != y_valid)
			return x_valid ? 1 : -1;
		return sign(strcmp(a, b));
	}
	return compare_parsed(&x, &y);
}

/* ---- ranges ---- */

struct comparator {
	bool less; /* which orders of a version against the limit are allowed */
	bool equal;
	bool greater;
	struct extmgr__semver limit; /* points into text */
	char text[256];
};

static const char *read_operator(const char *text, struct comparator *comparator)
{
	comparator->less = *text == '<';
	comparator->greater = *text == '>';
	comparator->equal = true;
	if (*text == '=')
		return text + 1;
	if (comparator->less || comparator->greater) {
		comparator->equal = text[1] == '=';
		return text + 1 + comparator->equal;
	}
	comparator->greater = true; /* a version alone: at least that one */
	return text;
}

/* Reads the next comparator and moves *text behind it; false: there is none, or it is wrong. */
static bool next_comparator(const char **text, struct comparator *comparator)
{
	const char *at = *text + strspn(*text, " ");
	size_t length;

	at = read_operator(at, comparator);
	length = strcspn(at, " ");
	if (length >= sizeof(comparator->text))
		return false;
	memcpy(comparator->text, at, length);
	comparator->text[length] = '\0';
	*text = at + length + strspn(at + length, " ");
	return extmgr__semver_parse_short(comparator->text, &comparator->limit);
}

bool extmgr__range_is_valid(const char *range)
{
	struct comparator comparator;

	do {
		if (!next_comparator(&range, &comparator))
			return false;
	} while (*range);
	return true;
}

bool extmgr__range_holds(const char *range, const char *version)
{
	struct extmgr__semver parsed;
	struct comparator comparator;

	if (!extmgr__semver_parse_short(version, &parsed))
		return false;
	do {
		int order;

		if (!next_comparator(&range, &comparator))
			return false;
		order = compare_parsed(&parsed, &comparator.limit);
		if (!(order < 0 ? comparator.less : order ? comparator.greater : comparator.equal))
			return false;
	} while (*range);
	return true;
}
