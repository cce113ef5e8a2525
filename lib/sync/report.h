/* SPDX-License-Identifier: MIT */
/* What became of each bundle. */
#ifndef EXTMGR_SYNC_REPORT_H
#define EXTMGR_SYNC_REPORT_H

#include "base/error.h"
#include "host/context.h"

#include <extmgr/sync.h>

#include <stdbool.h>

#define EXTMGR__SYNC_OUTCOMES 8 /* EXTMGR_SYNC_DISCOVERED ... EXTMGR_SYNC_MISSING */

/* One bundle, or one extension that is missing. */
struct extmgr__line {
	int32_t outcome; /* EXTMGR_SYNC_...; 0 while it is open */
	int32_t kind;    /* EXTMGR_BUNDLE_...; 0 for what is missing */
	char *path;
	char *id; /* NULL: not known */
	char *version;
	char *digest;
	char *previous_version; /* of what was updated or stands in the way; NULL: none */
	char *superseded_by;    /* a path; NULL: nothing */
	const char *detail;     /* what is special, as in the history; NULL: nothing */
	char *warnings;         /* a JSON array of texts; NULL: none */
	extmgr_error *error;    /* why not; NULL: nothing went wrong */
};

struct extmgr_sync_report {
	char *path;
	bool skipped; /* no path was given, or there is nothing at it */
	struct extmgr__line *lines;
	size_t count;
	size_t capacity;
	size_t counts[EXTMGR__SYNC_OUTCOMES];
	size_t held; /* of the refused ones: as somebody wanted it, and no error */
	uint64_t duration_ns;
};

extmgr_sync_report *extmgr__sync_report_new(const char *path); /* NULL when memory is out */
/* A new line, zeroed; NULL when memory is out. Lines move. */
struct extmgr__line *extmgr__sync_report_add(extmgr_sync_report *report);
/* Closes a line; error: taken, may be NULL. */
void extmgr__line_close(struct extmgr__line *line, int32_t outcome, extmgr_error *error);
/* Counts the closed lines. */
void extmgr__sync_report_count(extmgr_sync_report *report);
/* Whether something went wrong that somebody should look at. */
bool extmgr__sync_report_has_errors(const extmgr_sync_report *report);
/* The last lines of the log. */
void extmgr__sync_report_log(const extmgr_sync_report *report, const extmgr_context *context);

#endif
