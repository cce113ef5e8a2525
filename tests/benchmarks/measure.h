/* SPDX-License-Identifier: MIT */
/* What the benchmarks share: each prints lines "name value unit". */
#ifndef BENCHMARKS_MEASURE_H
#define BENCHMARKS_MEASURE_H

#include <extmgr/error.h>

/* Prints the median of many runs. */
void measure(const char *name, void (*run)(void *argument), void *argument);

/* Ends the program when the result is a failure. */
void check(extmgr_result result, const extmgr_error *error);

#endif
