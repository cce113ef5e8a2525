/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 30
/* Fewer definitions are listed in no time. */
#define LONG_LIST 20

static bool is_shown;

static bool is_wanted(const struct options *options)
{
	const char *terminal = getenv("TERM");

	return options->verbosity == 0 && !options->json && isatty(STDERR_FILENO) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

/* Only the steps that take a while and know how long. */
static bool is_counted(const char *step, uint64_t total)
{
	static const char *const counted[] = {"scan", "sync", "download", "bundles", "verify"};

	if (strcmp(step, "list") == 0)
		return total >= LONG_LIST;
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		if (strcmp(step, counted[i]) == 0)
			return true;
	}
	return false;
}

void progress_show(const struct options *options, const char *step, uint64_t done, uint64_t total)
{
	static const char full[] = "##############################";
	static const char empty[] = "..............................";
	int filled;

	if (!is_counted(step, total))
		progress_end(); /* of the step before */
	if (!total || !is_counted(step, total) || !is_wanted(options))
		return;
	filled = (int)(done * BAR_WIDTH / total);
	fprintf(stderr, "\r%s [%.*s%.*s] %llu/%llu", step, filled, full, BAR_WIDTH - filled, empty,
		(unsigned long long)done, (unsigned long long)total);
	is_shown = true;
}

void progress_end(void)
{
	if (is_shown)
		fputs("\r\033[K", stderr);
	is_shown = false;
}
