/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool use_colors;

static bool wants_colors(enum color_when color)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	if (refused && *refused)
		return false;
	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

void output_start(enum color_when color)
{
	use_colors = wants_colors(color);
}

size_t output_get_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

const char *output_style_begin(enum style style)
{
	static const char *const sequences[] = {
		[STYLE_PLAIN] = "",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_WARNING] = "\033[33m",
		[STYLE_BAD] = "\033[31m",
	};

	return use_colors ? sequences[style] : "";
}

const char *output_style_end(enum style style)
{
	return use_colors && style != STYLE_PLAIN ? "\033[0m" : "";
}

enum style style_for_state(int32_t state)
{
	switch (state) {
	case EXTMGR_STATE_INSTALLED:
		return STYLE_GOOD;
	case EXTMGR_STATE_UPGRADABLE:
	case EXTMGR_STATE_UNAVAILABLE:
		return STYLE_WARNING;
	case EXTMGR_STATE_BROKEN:
		return STYLE_BAD;
	default:
		return STYLE_PLAIN;
	}
}

int32_t state_from_name(const char *name)
{
	for (int32_t state = EXTMGR_STATE_AVAILABLE; state <= EXTMGR_STATE_BROKEN; state++) {
		if (strcmp(extmgr_state_get_name(state), name) == 0)
			return state;
	}
	return 0;
}

/* Length of the valid UTF-8 sequence at bytes, 0 when there is none; *point gets its value. */
static size_t decode(const unsigned char *bytes, uint32_t *point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length;

	if (bytes[0] < 0x80) {
		*point = bytes[0];
		return 1;
	}
	length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	*point = bytes[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0; /* the final NUL ends it here, too */
		*point = *point << 6 | (bytes[i] & 0x3f);
	}
	if (*point < smallest[length] || *point > 0x10ffff)
		return 0;
	return *point >= 0xd800 && *point <= 0xdfff ? 0 : length;
}

static bool is_safe(uint32_t point, enum text_form form)
{
	if (point == '\n' || point == '\t')
		return form == TEXT_LINES;
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	/* Line and paragraph separators, marks and overrides of the direction of writing. */
	return !(point >= 0x2028 && point <= 0x202e) && !(point >= 0x2066 && point <= 0x2069) &&
	       point != 0x200e && point != 0x200f && point != 0x061c;
}

char *text_safe(const char *text, enum text_form form)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *at = (const unsigned char *)text;
	/* A byte becomes three at most. */
	char *safe = checked(malloc(strlen(text) * 3 + 1));
	size_t length = 0;

	while (*at) {
		uint32_t point = 0;
		size_t size = decode(at, &point);

		if (size && is_safe(point, form)) {
			memcpy(safe + length, at, size);
			length += size;
		} else {
			memcpy(safe + length, replacement, 3);
			length += 3;
		}
		at += size ? size : 1;
	}
	safe[length] = '\0';
	return safe;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void output(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

void output_field(const char *label, const char *text)
{
	char *safe;

	if (!*text)
		return;
	safe = text_safe(text, TEXT_ONE_LINE);
	output("%s: %s\n", label, safe);
	free(safe);
}

void output_document(const extmgr_text *document)
{
	output("%s\n", extmgr_text_get_data(document));
}

int output_finish(int code)
{
	bool failed = fflush(stdout) != 0 || ferror(stdout);

	if (!failed)
		return code;
	if (errno != EPIPE)
		fail(EXIT_FAILED, "the work itself is done; look with 'extmgr list'",
		     "cannot write the output: %s", strerror(errno));
	return code == EXIT_DONE ? EXIT_FAILED : code;
}
