/* SPDX-License-Identifier: MIT */
/* One synchronisation: what its steps share. */
#ifndef EXTMGR_SYNC_ROUND_H
#define EXTMGR_SYNC_ROUND_H

#include "bundle/bundle.h"
#include "catalog/entry.h"
#include "host/trust.h"
#include "sync/report.h"

#include <stdatomic.h>

/* A candidate, beside its line in the report, which has the same index. */
struct extmgr__found {
	const struct extmgr__entry *match; /* the row with just these bytes; NULL: none */
	extmgr_bundle *bundle;             /* kept from reading to writing; NULL: read again */
	size_t kept_bytes;                 /* what it counts for */
	bool alone;                        /* memory was short: read again when nobody else does */
};

struct extmgr__round {
	extmgr_catalog *catalog;
	extmgr_context *context;
	extmgr_sync_options options;    /* with the defaults in place */
	extmgr_operation *operation;    /* never NULL */
	const extmgr_trust *trust;      /* of the context when the call began */
	extmgr_text *trust_fingerprint; /* of it */
	struct extmgr__catalog_session *session;
	struct extmgr__entries entries;          /* the catalog as it was at the start */
	const struct extmgr__entry **by_archive; /* the same, sorted by archive_sha256 */
	int64_t now_ms;                          /* then, by the database's clock */
	struct extmgr__candidates candidates;
	struct extmgr__found *found;
	extmgr_sync_report *report;
	atomic_size_t kept_bytes;
};

/* Reads the candidates, in parallel, and closes the lines of those that are not to be written.
 * Failures of single bundles are in their lines. */
extmgr_result extmgr__sync_scan(struct extmgr__round *round, extmgr_error **error);
/* Reads one bundle for the second time; for any thread. Its line gets what it is now. */
extmgr_result extmgr__sync_open(struct extmgr__round *round, size_t index, extmgr_error **error);
/* Lets go of the bundle that was kept. */
void extmgr__sync_drop(struct extmgr__round *round, size_t index);

/* Writes what the lines that are still open stand for. */
extmgr_result extmgr__sync_write(struct extmgr__round *round, extmgr_error **error);

/* Notes what was seen, and what is missing. */
extmgr_result extmgr__sync_mark(struct extmgr__round *round, extmgr_error **error);

/* Connects anew when the connection was lost. */
extmgr_result extmgr__sync_reconnect(struct extmgr__round *round, extmgr_error **error);
/* Whether a failure ends the whole call: memory is out, or the call was cancelled or is late. */
bool extmgr__sync_is_over(const struct extmgr__round *round, extmgr_result result);
/* Closes a line with an error, which is taken, and tells the log. */
void extmgr__sync_fail(struct extmgr__round *round, size_t index, extmgr_result result,
		       extmgr_error **error);

#endif
