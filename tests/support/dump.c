/* SPDX-License-Identifier: MIT */
#include "dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	(void)fprintf(stderr, "dump: %s\n", what);
	abort();
}

static int start(const char *url)
{
	int ends[2];
	pid_t child;

	if (pipe(ends) != 0)
		fail("no pipe");
	child = fork();
	if (child < 0)
		fail("no process");
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		if (strncmp(url, "sqlite:", 7) == 0)
			execlp("sqlite3", "sqlite3", "-readonly", url + 7, ".dump", NULL);
		else
			execlp("pg_dump", "pg_dump", "--no-sync", url, NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	return ends[0];
}

/* Newer versions of pg_dump put a random word into two lines: they are no part of the database. */
static void drop_line(char *text, const char *begin)
{
	char *line = strstr(text, begin);
	char *end = line ? strchr(line, '\n') : NULL;

	if (end)
		memmove(line, end, strlen(end) + 1);
}

char *dump_database(const char *url)
{
	int source = start(url);
	size_t length = 0;
	size_t capacity = 1 << 16;
	char *text = malloc(capacity);
	int status;

	for (;;) {
		ssize_t got;

		if (!text)
			fail("out of memory");
		got = read(source, text + length, capacity - length - 1);
		if (got < 0)
			fail("cannot read");
		if (got == 0)
			break;
		length += (size_t)got;
		if (capacity - length < 2)
			text = realloc(text, capacity *= 2);
	}
	text[length] = '\0';
	(void)close(source);
	if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail("sqlite3 or pg_dump failed");
	drop_line(text, "\\restrict ");
	drop_line(text, "\\unrestrict ");
	return text;
}
