/* SPDX-License-Identifier: MIT */
/* Waits for changes below a directory (inotify). */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "signals.h"

struct watch {
	const char *path; /* borrowed */
	int descriptor;
};

/* Each answers an exit code; failures are printed. Close in any case. */
int watch_open(struct watch *watch, const char *path);
/* Until something changed and then nothing for a second: EXIT_DONE. */
int watch_wait(struct watch *watch);
void watch_close(struct watch *watch);

#endif
