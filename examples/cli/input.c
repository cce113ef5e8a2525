/* SPDX-License-Identifier: MIT */
#include "input.h"

#include "errors.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t input_wait_and_read(int descriptor, char *bytes, size_t size)
{
	struct pollfd waits[] = {
		{.fd = signals_get_descriptor(), .events = POLLIN},
		{.fd = descriptor, .events = POLLIN},
	};

	while (poll(waits, 2, -1) < 0) {
		if (errno != EINTR)
			return -1;
	}
	if (waits[0].revents) {
		errno = EINTR;
		return -1;
	}
	return read(descriptor, bytes, size);
}

void input_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* Reads on until the end; -1 with errno, EFBIG beyond the maximum. */
static ssize_t read_all(int descriptor, char *bytes, size_t maximum)
{
	size_t length = 0;

	for (;;) {
		ssize_t got = input_wait_and_read(descriptor, bytes + length, maximum + 1 - length);

		if (got <= 0)
			return got < 0 ? -1 : (ssize_t)length;
		length += (size_t)got;
		if (length > maximum) {
			errno = EFBIG;
			return -1;
		}
	}
}

static int fail_reading(const char *path, const char *what, size_t maximum)
{
	if (signals_received())
		return fail(EXIT_SIGNAL + signals_received(), "nothing was changed",
			    "stopped while reading %s", what);
	if (errno == EFBIG)
		return fail(EXIT_REFUSED, "it must be smaller", "%s '%s' is larger than %zu KiB",
			    what, path, maximum >> 10);
	return fail(EXIT_FAILED, "check the path and its permissions", "cannot read %s '%s': %s",
		    what, path, strerror(errno));
}

static bool take_stdin(void)
{
	static bool taken;
	bool had = taken;

	taken = true;
	return !had;
}

int input_read(const char *path, const char *what, size_t maximum, char **text_out)
{
	bool from_stdin = strcmp(path, "-") == 0;
	char *bytes = checked(malloc(maximum + 2));
	int descriptor = STDIN_FILENO;
	ssize_t length;
	int code = EXIT_DONE;

	*text_out = NULL;
	bytes[0] = '\0';
	if (from_stdin && !take_stdin()) {
		free(bytes);
		return fail_usage("use '-' once and files for the rest",
				  "%s: stdin was read already", what);
	}
	if (!from_stdin)
		descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	length = descriptor < 0 ? -1 : read_all(descriptor, bytes, maximum);
	if (length < 0)
		code = fail_reading(path, what, maximum);
	else if (memchr(bytes, '\0', (size_t)length))
		code = fail(EXIT_REFUSED, "it must be text", "%s '%s' holds NUL bytes", what, path);
	if (!from_stdin && descriptor >= 0)
		close(descriptor);
	if (code != EXIT_DONE) {
		explicit_bzero(bytes, maximum + 2);
		free(bytes);
		return code;
	}
	bytes[length] = '\0';
	*text_out = bytes;
	return EXIT_DONE;
}
