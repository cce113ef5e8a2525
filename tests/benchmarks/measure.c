/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

void measure(const char *name, void (*run)(void *argument), void *argument)
{
	enum { RUNS = 201 };
	double times[RUNS];

	for (int i = 0; i < RUNS; i++) {
		double start = now_us();

		run(argument);
		times[i] = now_us() - start;
	}
	qsort(times, RUNS, sizeof(times[0]), compare);
	(void)printf("%s %.1f us\n", name, times[RUNS / 2]);
}

void check(extmgr_result result, const extmgr_error *error)
{
	if (result >= 0) /* unchanged is well, too */
		return;
	(void)fprintf(stderr, "%s\n", extmgr_error_get_message(error));
	exit(EXIT_FAILURE);
}
