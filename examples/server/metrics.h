/* SPDX-License-Identifier: MIT */
/* Counters of requests, and their form for Prometheus. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define METRICS_SERIES  128 /* pairs of route and status */
#define METRICS_BUCKETS 10

struct metrics {
	pthread_mutex_t lock;
	struct {
		const char *route; /* static text */
		int status;
		unsigned long count;
	} series[METRICS_SERIES];
	size_t series_count;
	unsigned long buckets[METRICS_BUCKETS]; /* requests up to that duration, not longer ones */
	unsigned long count;
	double seconds;
};

void metrics_init(struct metrics *metrics);
void metrics_destroy(struct metrics *metrics);
void metrics_add(struct metrics *metrics, const char *route, int status, double seconds);
/* What follows the counters of requests may be written by others. */
void metrics_write(struct metrics *metrics, FILE *out, unsigned in_flight, unsigned long gone);

#endif
