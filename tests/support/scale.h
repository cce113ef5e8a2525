/* SPDX-License-Identifier: MIT */
/* Whether the long form of a test is asked for: EXTMGR_TEST_SCALE above its default, 1. */
#ifndef EXTMGR_TEST_SCALE_H
#define EXTMGR_TEST_SCALE_H

#include <stdbool.h>
#include <stdlib.h>

static inline bool is_long_run(void)
{
	const char *scale = getenv("EXTMGR_TEST_SCALE");

	return scale && strtoul(scale, NULL, 10) > 1;
}

#endif
