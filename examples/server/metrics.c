/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <string.h>

static const double bounds[METRICS_BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025,
					       0.05,  0.1,    0.5,   1,    10};

void metrics_init(struct metrics *metrics)
{
	memset(metrics, 0, sizeof(*metrics));
	pthread_mutex_init(&metrics->lock, NULL);
}

void metrics_destroy(struct metrics *metrics)
{
	pthread_mutex_destroy(&metrics->lock);
}

void metrics_add(struct metrics *metrics, const char *route, int status, double seconds)
{
	size_t i = 0;

	pthread_mutex_lock(&metrics->lock);
	while (i < metrics->series_count && (metrics->series[i].status != status ||
					     strcmp(metrics->series[i].route, route) != 0))
		i++;
	if (i == metrics->series_count && i < METRICS_SERIES) {
		metrics->series[i].route = route;
		metrics->series[i].status = status;
		metrics->series_count++;
	}
	if (i < metrics->series_count)
		metrics->series[i].count++;
	for (size_t bucket = 0; bucket < METRICS_BUCKETS; bucket++)
		metrics->buckets[bucket] += seconds <= bounds[bucket];
	metrics->count++;
	metrics->seconds += seconds;
	pthread_mutex_unlock(&metrics->lock);
}

static void write_all(const struct metrics *metrics, FILE *out, unsigned in_flight,
		      unsigned long gone)
{
	fputs("# HELP extmgr_http_requests_total Requests by route and status.\n"
	      "# TYPE extmgr_http_requests_total counter\n",
	      out);
	for (size_t i = 0; i < metrics->series_count; i++)
		fprintf(out, "extmgr_http_requests_total{route=\"%s\",code=\"%d\"} %lu\n",
			metrics->series[i].route, metrics->series[i].status,
			metrics->series[i].count);
	fputs("# HELP extmgr_http_request_duration_seconds Duration of requests.\n"
	      "# TYPE extmgr_http_request_duration_seconds histogram\n",
	      out);
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		fprintf(out, "extmgr_http_request_duration_seconds_bucket{le=\"%g\"} %lu\n",
			bounds[i], metrics->buckets[i]);
	fprintf(out,
		"extmgr_http_request_duration_seconds_bucket{le=\"+Inf\"} %lu\n"
		"extmgr_http_request_duration_seconds_sum %.6f\n"
		"extmgr_http_request_duration_seconds_count %lu\n",
		metrics->count, metrics->seconds, metrics->count);
	fprintf(out,
		"# HELP extmgr_http_requests_in_flight Requests that run.\n"
		"# TYPE extmgr_http_requests_in_flight gauge\n"
		"extmgr_http_requests_in_flight %u\n"
		"# HELP extmgr_http_clients_gone_total Requests cancelled because their client had "
		"gone.\n"
		"# TYPE extmgr_http_clients_gone_total counter\n"
		"extmgr_http_clients_gone_total %lu\n",
		in_flight, gone);
}

void metrics_write(struct metrics *metrics, FILE *out, unsigned in_flight, unsigned long gone)
{
	pthread_mutex_lock(&metrics->lock);
	write_all(metrics, out, in_flight, gone);
	pthread_mutex_unlock(&metrics->lock);
}
