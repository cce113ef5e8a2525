/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out: with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc every allocation of the
 * program from the n-th on fails. From the n-th on, because Duktape collects garbage and tries
 * again.
 */
#ifndef EXTMGR_TEST_FAILING_MALLOC_H
#define EXTMGR_TEST_FAILING_MALLOC_H

#include <stdbool.h>

/* 0: none fails. Counting starts anew. */
void failing_malloc_from(unsigned long n);
bool failing_malloc_fired(void);
/*
 * The stride between the n that a test tries: 1 in long runs (EXTMGR_TEST_SCALE, default 1), and
 * four times as long under valgrind, where each run is fifty times as slow.
 */
unsigned long failing_malloc_stride(unsigned long allocations, unsigned long runs);
unsigned long failing_malloc_count(void);

#endif
