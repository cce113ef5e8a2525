/* SPDX-License-Identifier: MIT */
#include "startup.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define RETRY_MAXIMUM_MS 60000

enum ending { ENDED_DONE, ENDED_PARTIAL, ENDED_FAILED, ENDINGS };

struct startup {
	struct startup_options options;
	extmgr_operation *operation;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t stopped;
	bool stop;
	bool runs;
	bool converged;
	const char *reason; /* why it has not converged */
	unsigned long endings[ENDINGS];
	size_t counts[EXTMGR_SYNC_MISSING + 1]; /* of the last report */
	double seconds;                         /* that the last one took */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- one synchronisation ---- */

static void log_line(const struct startup *startup, const char *line)
{
	if (startup->options.log)
		startup->options.log(startup->options.user_data, line);
}

static void log_report(const struct startup *startup, const extmgr_sync_report *report)
{
	char line[256];

	(void)snprintf(line, sizeof(line),
		       "bundles synchronised%s: %zu discovered, %zu updated, %zu unchanged, %zu "
		       "superseded, "
		       "%zu locked, %zu refused, %zu failed",
		       extmgr_sync_converged(report) ? "" : ", but not all of them",
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_DISCOVERED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_UPDATED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_UNCHANGED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_SUPERSEDED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_LOCKED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_REFUSED),
		       extmgr_sync_report_get_count(report, EXTMGR_SYNC_FAILED));
	log_line(startup, line);
}

static void log_error(const struct startup *startup, const extmgr_error *error)
{
	extmgr_text *text = NULL;
	char line[1024];

	if (extmgr_error_copy_text(error, &text) < 0)
		return;
	(void)snprintf(line, sizeof(line), "bundles are not synchronised: %s",
		       extmgr_text_get_data(text));
	log_line(startup, line);
	extmgr_text_free(text);
}

static void keep_result(struct startup *startup, extmgr_result result,
			const extmgr_sync_report *report, double seconds)
{
	pthread_mutex_lock(&startup->lock);
	startup->runs = false;
	startup->seconds = seconds;
	startup->converged = result >= 0 && extmgr_sync_converged(report);
	startup->endings[result < 0                 ? ENDED_FAILED
			 : result == EXTMGR_PARTIAL ? ENDED_PARTIAL
						    : ENDED_DONE]++;
	startup->reason = result < 0 ? "the bundles could not be synchronised: the log says why"
				     : "the catalog does not have all bundles yet: another worker "
				       "is writing, or the log says why";
	for (int32_t i = 0; result >= 0 && i <= EXTMGR_SYNC_MISSING; i++)
		startup->counts[i] = extmgr_sync_report_get_count(report, i);
	pthread_mutex_unlock(&startup->lock);
}

static void synchronise(struct startup *startup)
{
	extmgr_sync_options options;
	extmgr_sync_report *report = NULL;
	extmgr_error *error = NULL;
	double begin = now();
	extmgr_result result;

	extmgr_sync_options_init(&options, sizeof(options));
	options.flags = startup->options.flags;
	options.max_parallel = startup->options.max_parallel;
	options.operation = startup->operation;
	result = extmgr_sync_run(startup->options.catalog, startup->options.path, &options, &report,
				 &error);
	keep_result(startup, result, report, now() - begin);
	if (result < 0)
		log_error(startup, error);
	else
		log_report(startup, report);
	extmgr_sync_report_free(report);
	extmgr_error_free(error);
}

/* ---- the thread ---- */

/* Whether there is a next try: not when it was stopped meanwhile. */
static bool wait_for_retry(struct startup *startup, uint64_t milliseconds)
{
	struct timespec until;
	bool goes_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(milliseconds / 1000);
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&startup->lock);
	while (!startup->stop && !startup->converged &&
	       pthread_cond_timedwait(&startup->stopped, &startup->lock, &until) == 0)
		continue;
	goes_on = !startup->stop && !startup->converged;
	startup->runs = goes_on;
	pthread_mutex_unlock(&startup->lock);
	return goes_on;
}

static void *run(void *user_data)
{
	struct startup *startup = user_data;
	uint64_t wait_ms = startup->options.retry_ms;

	synchronise(startup);
	while (wait_for_retry(startup, wait_ms)) {
		synchronise(startup);
		wait_ms = wait_ms * 2 < RETRY_MAXIMUM_MS ? wait_ms * 2 : RETRY_MAXIMUM_MS;
	}
	return NULL;
}

static void destroy(struct startup *startup)
{
	pthread_cond_destroy(&startup->stopped);
	pthread_mutex_destroy(&startup->lock);
	extmgr_operation_free(startup->operation);
	free(startup);
}

struct startup *startup_begin(const struct startup_options *options)
{
	struct startup *startup = calloc(1, sizeof(*startup));
	extmgr_operation_options operation_options;
	pthread_condattr_t attributes;

	if (!startup)
		return NULL;
	startup->options = *options;
	startup->runs = true;
	startup->reason = "the bundles are being synchronised";
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.actor = "start-up";
	pthread_mutex_init(&startup->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&startup->stopped, &attributes);
	pthread_condattr_destroy(&attributes);
	if (extmgr_operation_new(&operation_options, &startup->operation, NULL) == EXTMGR_OK &&
	    pthread_create(&startup->thread, NULL, run, startup) == 0)
		return startup;
	destroy(startup);
	return NULL;
}

void startup_cancel(struct startup *startup)
{
	if (!startup)
		return;
	pthread_mutex_lock(&startup->lock);
	startup->stop = true;
	pthread_cond_signal(&startup->stopped);
	pthread_mutex_unlock(&startup->lock);
	extmgr_operation_cancel(startup->operation);
}

void startup_end(struct startup *startup)
{
	if (!startup)
		return;
	startup_cancel(startup);
	pthread_join(startup->thread, NULL);
	destroy(startup);
}

/* ---- how it is ---- */

const char *startup_why_not_ready(struct startup *startup)
{
	const char *reason;

	if (!startup)
		return NULL;
	pthread_mutex_lock(&startup->lock);
	reason = startup->converged ? NULL : startup->reason;
	pthread_mutex_unlock(&startup->lock);
	return reason;
}

static void write_all(const struct startup *startup, FILE *out)
{
	static const char *const endings[] = {"done", "partial", "failed"};
	static const char *const outcomes[] = {"discovered", "updated", "unchanged", "locked",
					       "superseded", "refused", "failed",    "missing"};

	fputs("# HELP extmgr_sync_runs_total Synchronisations of bundles by how they ended.\n"
	      "# TYPE extmgr_sync_runs_total counter\n",
	      out);
	for (int i = 0; i < ENDINGS; i++)
		fprintf(out, "extmgr_sync_runs_total{result=\"%s\"} %lu\n", endings[i],
			startup->endings[i]);
	fputs("# HELP extmgr_sync_bundles Bundles of the last synchronisation by outcome.\n"
	      "# TYPE extmgr_sync_bundles gauge\n",
	      out);
	for (int i = 0; i <= EXTMGR_SYNC_MISSING; i++)
		fprintf(out, "extmgr_sync_bundles{outcome=\"%s\"} %zu\n", outcomes[i],
			startup->counts[i]);
	fprintf(out,
		"# HELP extmgr_sync_running Whether a synchronisation runs.\n"
		"# TYPE extmgr_sync_running gauge\n"
		"extmgr_sync_running %d\n"
		"# HELP extmgr_sync_converged Whether the catalog has what was found.\n"
		"# TYPE extmgr_sync_converged gauge\n"
		"extmgr_sync_converged %d\n"
		"# HELP extmgr_sync_duration_seconds Duration of the last synchronisation.\n"
		"# TYPE extmgr_sync_duration_seconds gauge\n"
		"extmgr_sync_duration_seconds %.6f\n",
		startup->runs, startup->converged, startup->seconds);
}

void startup_write_metrics(struct startup *startup, FILE *out)
{
	if (!startup)
		return;
	pthread_mutex_lock(&startup->lock);
	write_all(startup, out);
	pthread_mutex_unlock(&startup->lock);
}
