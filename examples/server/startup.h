/* SPDX-License-Identifier: MIT */
/*
 * The synchronisation at the start: a thread brings the bundles into the catalog while requests are
 * served, and tries again until the catalog has what was found.
 */
#ifndef SERVER_STARTUP_H
#define SERVER_STARTUP_H

#include <extmgr/extmgr.h>

#include <stdio.h>

struct startup;

struct startup_options {
	extmgr_catalog *catalog;
	const char *path;      /* directory of the bundles */
	uint32_t flags;        /* EXTMGR_SYNC_... */
	uint32_t max_parallel; /* as in extmgr_sync_options */
	uint64_t retry_ms;     /* until the second try; twice as long until each further one */
	/* Takes a line when it has ended; from the thread. */
	void (*log)(void *user_data, const char *line);
	void *user_data;
};

/* All that the options point to must live as long. NULL: no memory or no thread. */
struct startup *startup_begin(const struct startup_options *options);
/* Cancels what runs: what was committed stays. No further try is made. */
void startup_cancel(struct startup *startup);
/* Waits for the thread. startup may be NULL, as for all of these. */
void startup_end(struct startup *startup);
/* Static text; NULL: the catalog has what was found. */
const char *startup_why_not_ready(struct startup *startup);
/* For Prometheus; nothing when there is no synchronisation. */
void startup_write_metrics(struct startup *startup, FILE *out);

#endif
