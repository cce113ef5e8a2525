/* SPDX-License-Identifier: MIT */
/* A bar on stderr, when that is a terminal and somebody would look at it. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "options.h"

#include <stdint.h>

/* Shows how far a step with that many parts is. Serialised by the library. */
void progress_show(const struct options *options, const char *step, uint64_t done, uint64_t total);
/* Takes the bar away, before something else is printed. */
void progress_end(void);

#endif
