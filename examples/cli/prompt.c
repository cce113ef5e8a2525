/* SPDX-License-Identifier: MIT */
#include "prompt.h"

#include "errors.h"
#include "input.h"
#include "signals.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

bool prompt_is_possible(const struct options *options)
{
	return !options->no_input && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void prompt_say(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	char *safe;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	checked(length < 0 ? NULL : text);
	safe = text_safe(text, TEXT_LINES);
	fputs(safe, stderr);
	free(safe);
	free(text);
}

/* Appends the next line, without its end, at *length. The terminal hands out whole lines. */
static enum prompt_end read_line(char *bytes, size_t *length)
{
	for (;;) {
		char byte = 0;
		ssize_t got = input_wait_and_read(STDIN_FILENO, &byte, 1);

		if (got < 0)
			return PROMPT_INTERRUPTED;
		if (got == 0)
			return PROMPT_CLOSED;
		if (byte == '\n') {
			bytes[*length] = '\0';
			return PROMPT_ANSWERED;
		}
		/* The rest of a line that is too long is dropped; the library refuses the value. */
		if (byte && *length < INPUT_VALUE_MAXIMUM + 1)
			bytes[(*length)++] = byte;
	}
}

/* Reads with or without echo; read gets the buffer and where it ends. */
static enum prompt_end ask(bool hidden, enum prompt_end (*read)(char *bytes, size_t *length),
			   char **text_out)
{
	struct termios shown;
	bool changed = hidden && tcgetattr(STDIN_FILENO, &shown) == 0;
	char *bytes = checked(calloc(1, INPUT_VALUE_MAXIMUM + 2));
	size_t length = 0;
	enum prompt_end end;

	if (changed) {
		struct termios silent = shown;

		silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		changed = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
	}
	end = read(bytes, &length);
	if (changed) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
		if (end == PROMPT_ANSWERED)
			fputc('\n', stderr);
	}
	bytes[length] = '\0';
	*text_out = end == PROMPT_ANSWERED ? bytes : NULL;
	if (end != PROMPT_ANSWERED) {
		explicit_bzero(bytes, INPUT_VALUE_MAXIMUM + 2);
		free(bytes);
	}
	return end;
}

enum prompt_end prompt_line(bool hidden, char **line_out)
{
	return ask(hidden, read_line, line_out);
}

static enum prompt_end read_lines(char *bytes, size_t *length)
{
	for (;;) {
		size_t begin = *length;
		enum prompt_end end = read_line(bytes, length);

		if (end == PROMPT_INTERRUPTED || (end == PROMPT_CLOSED && begin == 0))
			return end;
		if (end == PROMPT_CLOSED || (*length == begin + 1 && bytes[begin] == '.')) {
			*length = begin ? begin - 1 : 0; /* the line feed before it goes, too */
			return PROMPT_ANSWERED;
		}
		if (*length < INPUT_VALUE_MAXIMUM + 1)
			bytes[(*length)++] = '\n';
	}
}

enum prompt_end prompt_lines(bool hidden, char **lines_out)
{
	return ask(hidden, read_lines, lines_out);
}

int prompt_fail(enum prompt_end end)
{
	fputc('\n', stderr);
	if (end == PROMPT_INTERRUPTED && signals_received())
		return fail(EXIT_SIGNAL + signals_received(), "nothing was changed",
			    "stopped at a question");
	return fail(EXIT_FAILED, "nothing was changed", "the input ended at a question");
}

int prompt_confirm(const char *question)
{
	char *line = NULL;
	enum prompt_end end;
	bool yes;

	prompt_say("%s [y/N] ", question);
	end = prompt_line(false, &line);
	if (end != PROMPT_ANSWERED)
		return prompt_fail(end);
	yes = strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
	input_free(line);
	if (yes)
		return EXIT_DONE;
	return fail(EXIT_FAILED, "nothing was changed; --yes answers the question",
		    "stopped, as answered");
}
