/* SPDX-License-Identifier: MIT */
/*
 * Writing what changed. The lock is the row: the first statement of the transaction that touches
 * the tables takes it, then everything is decided anew, and commit, crash or a lost connection all
 * give it back.
 */
#include "sync/round.h"

#include "base/alloc.h"
#include "catalog/history.h"
#include "catalog/store.h"
#include "host/lock.h"
#include "sync/decide.h"
#include "sync/holder.h"
#include "base/pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
/* How long a first try waits for a row. SQLite has one lock for all rows: whoever has it is soon
 * done, and most probably at work on another row. */
#define PROBE_MS        50
#define PROBE_SQLITE_MS 1000

/* The writing of one bundle. */
struct upsert {
	struct extmgr__round *round;
	size_t index;
	const extmgr_bundle *bundle;
	struct extmgr__buffer signature;
	struct extmgr__entry entry; /* the row as it was read last */
	struct extmgr__decision decision;
};

static struct extmgr__line *line_of(const struct upsert *upsert)
{
	return &upsert->round->report->lines[upsert->index];
}

static struct extmgr__store_row row_for(const struct upsert *upsert, int64_t now_ms)
{
	return (struct extmgr__store_row){
		.trust_fingerprint = extmgr_text_get_data(upsert->round->trust_fingerprint),
		.source = line_of(upsert)->path,
		.now_ms = now_ms};
}

static void forget(struct upsert *upsert)
{
	extmgr__entry_free(&upsert->entry);
	extmgr_error_free(upsert->decision.refusal);
	upsert->decision = (struct extmgr__decision){0};
}

static extmgr_result decide(struct upsert *upsert, extmgr_error **error)
{
	return extmgr__decide(upsert->round->session, &upsert->entry, upsert->bundle,
			      extmgr__buffer_get(&upsert->signature),
			      extmgr_text_get_data(upsert->round->trust_fingerprint),
			      upsert->round->options.flags, &upsert->decision, error);
}

/* ---- In the transaction ---- */

static extmgr_result remember(const struct upsert *upsert, const char *outcome,
			      extmgr_error **error)
{
	return extmgr__history_add(
		upsert->round->session,
		&(struct extmgr__event){.operation = "sync",
					.id = upsert->entry.id,
					.from_version = upsert->entry.version,
					.to_version = extmgr_bundle_get_version(upsert->bundle),
					.digest = extmgr_bundle_get_digest(upsert->bundle),
					.outcome = outcome,
					.detail = upsert->decision.detail},
		error);
}

/* EXTMGR_UNCHANGED: there is nothing to commit. */
static extmgr_result act(struct upsert *upsert, extmgr_error **error)
{
	struct extmgr__catalog_session *session = upsert->round->session;
	struct extmgr__store_row row;
	int64_t now_ms;
	extmgr_result result = extmgr__catalog_now_ms(session, &now_ms, error);

	if (result != EXTMGR_OK)
		return result;
	row = row_for(upsert, now_ms);
	switch (upsert->decision.verdict) {
	case EXTMGR__VERDICT_ORIGIN:
		return extmgr__store_origin(session, upsert->entry.id,
					    extmgr_bundle_get_archive_sha256(upsert->bundle),
					    extmgr__buffer_get(&upsert->signature), &row, error);
	case EXTMGR__VERDICT_TAKE:
		result = extmgr__store_bundle(session, upsert->bundle, &row, error);
		return result == EXTMGR_OK ? remember(upsert, "done", error) : result;
	case EXTMGR__VERDICT_REFUSE:
		if (upsert->decision.is_noted)
			return EXTMGR_UNCHANGED;
		return remember(upsert, "refused", error);
	default:
		return EXTMGR_UNCHANGED;
	}
}

static extmgr_result write_locked(struct upsert *upsert, uint64_t wait_ms, extmgr_error **error)
{
	struct extmgr__catalog_session *session = upsert->round->session;
	const char *id = line_of(upsert)->id;
	extmgr_result result = extmgr__catalog_begin_write(session, wait_ms, error);

	forget(upsert);
	if (result == EXTMGR_OK)
		result = extmgr__entry_lock(session, id, &upsert->entry, error);
	if (result == EXTMGR_E_EXTENSION_NOT_FOUND) {
		/* It was new and could not be reserved, or it was pruned. */
		extmgr__error_move(NULL, error);
		result = extmgr__store_reserve(session, id, error);
		if (result == EXTMGR_OK)
			result = extmgr__entry_lock(session, id, &upsert->entry, error);
	}
	if (result == EXTMGR_OK)
		result = decide(upsert, error);
	if (result == EXTMGR_OK)
		result = act(upsert, error);
	if (result == EXTMGR_OK)
		return extmgr__catalog_commit(session, error);
	extmgr__catalog_rollback(session);
	return result == EXTMGR_UNCHANGED ? EXTMGR_OK : result;
}

/* Another worker may have written it since: that is seen without waiting for any lock.
 * EXTMGR_UNCHANGED: there is nothing to write. */
static extmgr_result look(struct upsert *upsert, extmgr_error **error)
{
	struct extmgr__catalog_session *session = upsert->round->session;
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	forget(upsert);
	if (result == EXTMGR_OK)
		result = extmgr__entry_read(session, line_of(upsert)->id, &upsert->entry, error);
	if (result == EXTMGR_OK)
		result = decide(upsert, error);
	extmgr__catalog_rollback(session);
	if (result == EXTMGR_E_EXTENSION_NOT_FOUND) {
		extmgr__error_move(NULL, error);
		return EXTMGR_OK;
	}
	if (result == EXTMGR_OK &&
	    (upsert->decision.verdict == EXTMGR__VERDICT_UNCHANGED ||
	     (upsert->decision.verdict == EXTMGR__VERDICT_REFUSE && upsert->decision.is_noted)))
		return EXTMGR_UNCHANGED;
	return result;
}

/* ---- Waiting ---- */

static extmgr_result try(struct upsert *upsert, uint64_t wait_ms, extmgr_error **error)
{
	struct extmgr__round *round = upsert->round;
	void *held = NULL;
	extmgr_result result = look(upsert, error);

	if (result != EXTMGR_OK)
		return result == EXTMGR_UNCHANGED ? EXTMGR_OK : result;
	result = extmgr__lock_acquire(round->options.lock, round->operation, line_of(upsert)->id,
				      wait_ms, &held, error);
	if (result != EXTMGR_OK)
		return result;
	result = write_locked(upsert, wait_ms, error);
	extmgr__lock_release(round->options.lock, held);
	return result;
}

/* PostgreSQL ends a transaction that another one got in the way of, deadlocks included: what it
 * would have waited for is over. */
static extmgr_result try_until(struct upsert *upsert, uint64_t wait_ms, extmgr_error **error)
{
	uint64_t until = extmgr__monotonic_ns() + wait_ms * NS_PER_MS;

	for (;;) {
		extmgr_result result = try(upsert, wait_ms, error);
		uint64_t now = extmgr__monotonic_ns();

		if (result != EXTMGR_E_LOCKED || now >= until)
			return result;
		extmgr__error_move(NULL, error);
		wait_ms = (until - now) / NS_PER_MS + 1;
	}
}

static uint64_t probe_ms(const struct extmgr__round *round)
{
	uint64_t probe = extmgr__catalog_is_sqlite(round->catalog) ? PROBE_SQLITE_MS : PROBE_MS;
	uint64_t limit = extmgr__catalog_lock_timeout_ms(round->catalog);

	return probe < limit ? probe : limit;
}

static bool skips(const struct extmgr__round *round)
{
	return (round->options.flags & EXTMGR_SYNC_SKIP_LOCKED) != 0;
}

static void log_holder(const struct upsert *upsert)
{
	struct extmgr__round *round = upsert->round;
	struct extmgr__buffer holder = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);

	extmgr__sync_find_holder(round->session, line_of(upsert)->id, &holder);
	extmgr__context_log(round->context, EXTMGR_LOG_INFO, "sync",
			    "extension '%s' is being written by %s: waiting up to %" PRIu64 " ms",
			    line_of(upsert)->id, extmgr__buffer_get(&holder),
			    extmgr__catalog_lock_timeout_ms(round->catalog));
	extmgr__buffer_free(&holder);
}

/* ---- Outcome ---- */

static extmgr_result set_previous(const struct upsert *upsert, extmgr_error **error)
{
	struct extmgr__line *line = line_of(upsert);

	if (!upsert->entry.version || !upsert->entry.version[0])
		return EXTMGR_OK;
	free(line->previous_version);
	line->previous_version = extmgr__strdup(upsert->entry.version);
	return line->previous_version ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static void log_taken(const struct upsert *upsert)
{
	const extmgr_context *context = upsert->round->context;
	const struct extmgr__line *line = line_of(upsert);

	if (strcmp(upsert->decision.detail, "republished") == 0)
		extmgr__context_log(context, EXTMGR_LOG_WARNING, "sync",
				    "version %s of extension '%s' was published again with other "
				    "content: %s is now %s",
				    line->version, line->id, upsert->entry.digest, line->digest);
	if (strcmp(upsert->decision.detail, "repaired") == 0)
		extmgr__context_log(context, EXTMGR_LOG_WARNING, "sync",
				    "extension '%s' was bad in the catalog and is written anew",
				    line->id);
	if (line->previous_version)
		extmgr__context_log(context, EXTMGR_LOG_INFO, "sync",
				    "extension '%s' was updated from %s to %s (%s is now %s)",
				    line->id, line->previous_version, line->version,
				    upsert->entry.digest, line->digest);
	else
		extmgr__context_log(context, EXTMGR_LOG_INFO, "sync",
				    "extension '%s' %s was not in the catalog and was added (%s)",
				    line->id, line->version, line->digest);
}

static void close_refused(struct upsert *upsert)
{
	const struct extmgr__round *round = upsert->round;
	extmgr_error *refusal = upsert->decision.refusal;
	bool held = extmgr_error_get_code(refusal) == EXTMGR_E_EXTENSION_HELD;

	upsert->decision.refusal = NULL;
	extmgr__context_log(round->context, held ? EXTMGR_LOG_INFO : EXTMGR_LOG_WARNING, "sync",
			    "'%s' is refused: %s", line_of(upsert)->path,
			    extmgr_error_get_message(refusal));
	extmgr__line_close(line_of(upsert), EXTMGR_SYNC_REFUSED, refusal);
}

static extmgr_result close_line(struct upsert *upsert, extmgr_error **error)
{
	struct extmgr__line *line = line_of(upsert);
	extmgr_result result = EXTMGR_OK;

	switch (upsert->decision.verdict) {
	case EXTMGR__VERDICT_TAKE:
		result = set_previous(upsert, error);
		log_taken(upsert);
		line->detail = upsert->decision.detail[0] ? upsert->decision.detail : NULL;
		extmgr__line_close(line, EXTMGR_SYNC_UPDATED, NULL);
		return result;
	case EXTMGR__VERDICT_REFUSE:
		result = set_previous(upsert, error);
		close_refused(upsert);
		return result;
	default:
		extmgr__context_log(upsert->round->context, EXTMGR_LOG_DEBUG, "sync",
				    "extension '%s' %s is unchanged", line->id, line->version);
		extmgr__line_close(line, EXTMGR_SYNC_UNCHANGED, NULL);
		return EXTMGR_OK;
	}
}

static void close_locked(struct upsert *upsert, bool waited, extmgr_error **reason)
{
	struct extmgr__round *round = upsert->round;

	if (!waited && !skips(round)) /* its line stays open: once more when the others are done */
		return;
	extmgr__context_log(round->context, waited ? EXTMGR_LOG_WARNING : EXTMGR_LOG_INFO, "sync",
			    "extension '%s' is locked: another worker %s", line_of(upsert)->id,
			    waited ? "took too long" : "is writing it");
	extmgr__line_close(line_of(upsert), EXTMGR_SYNC_LOCKED, *reason);
	*reason = NULL;
}

/* ---- One bundle ---- */

static extmgr_result write_bundle(struct upsert *upsert, bool waits, extmgr_error **error)
{
	struct extmgr__round *round = upsert->round;
	uint64_t wait_ms =
		waits ? extmgr__catalog_lock_timeout_ms(round->catalog) : probe_ms(round);
	extmgr_result result = extmgr__sync_reconnect(round, error);
	size_t length;
	const char *bytes = extmgr_bundle_get_signature(upsert->bundle, &length);

	if (result != EXTMGR_OK)
		return result;
	result = extmgr__store_signature(bytes, length, &upsert->signature);
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "a signature");
	if (waits) {
		log_holder(upsert);
		return try_until(upsert, wait_ms, error);
	}
	return try(upsert, wait_ms, error);
}

static extmgr_result upsert_bundle(struct extmgr__round *round, size_t index, bool waits,
				   extmgr_error **error)
{
	struct upsert upsert = {.round = round, .index = index};
	struct extmgr__deadline before;
	extmgr_error *reason = NULL;
	extmgr_result result;

	upsert.bundle = round->found[index].bundle;
	before = extmgr__operation_narrow(round->operation, round->options.bundle_timeout_ms);
	result = write_bundle(&upsert, waits, &reason);
	extmgr__operation_widen(round->operation, before);
	if (result == EXTMGR_OK) {
		result = close_line(&upsert, error);
	} else if (extmgr__sync_is_over(round, result)) {
		extmgr__error_move(error, &reason);
	} else {
		if (result == EXTMGR_E_LOCKED)
			close_locked(&upsert, waits, &reason);
		else
			extmgr__sync_fail(round, index, result, &reason);
		result = EXTMGR_OK;
	}
	extmgr_error_free(reason);
	forget(&upsert);
	extmgr__buffer_free(&upsert.signature);
	return result;
}

/* ---- All that is open ---- */

struct writing {
	struct extmgr__round *round;
	size_t *indexes; /* of the lines that are open */
	size_t count;
	bool waits; /* for other workers: the second time */
};

/* On any thread. */
static void work(void *user_data, size_t at)
{
	struct writing *writing = user_data;
	size_t index = writing->indexes[at];

	if (!extmgr_operation_is_cancelled(writing->round->operation))
		(void)extmgr__sync_open(writing->round, index,
					&writing->round->report->lines[index].error);
}

static extmgr_result finish(void *user_data, size_t at, extmgr_error **error)
{
	struct writing *writing = user_data;
	struct extmgr__round *round = writing->round;
	size_t index = writing->indexes[at];
	struct extmgr__line *line = &round->report->lines[index];
	extmgr_error *reason = line->error;
	extmgr_result result;

	line->error = NULL;
	result =
		extmgr__operation_progress(round->operation, "sync", at + 1, writing->count, error);
	if (result == EXTMGR_OK && extmgr_error_get_code(reason) == EXTMGR_E_NO_MEMORY)
		result = extmgr__error_no_memory(error);
	else if (result == EXTMGR_OK && reason)
		extmgr__sync_fail(round, index, extmgr_error_get_code(reason), &reason);
	else if (result == EXTMGR_OK)
		result = upsert_bundle(round, index, writing->waits, error);
	extmgr_error_free(reason);
	extmgr__sync_drop(round, index);
	return result;
}

static extmgr_result write_open(struct extmgr__round *round, bool waits, extmgr_error **error)
{
	struct writing writing = {.round = round, .waits = waits};
	struct extmgr__pool pool = {.threads = round->options.max_parallel,
				    .user_data = &writing,
				    .work = work,
				    .finish = finish};
	extmgr_result result;

	writing.indexes = calloc(round->candidates.count + 1, sizeof(*writing.indexes));
	if (!writing.indexes)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < round->candidates.count; i++) {
		if (!round->report->lines[i].outcome)
			writing.indexes[writing.count++] = i;
	}
	pool.count = writing.count;
	result = extmgr__pool_run(&pool, error);
	free(writing.indexes);
	return result;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static extmgr_result reserve_sorted(struct extmgr__round *round, const char **ids, size_t count,
				    extmgr_error **error)
{
	struct extmgr__catalog_session *session = round->session;
	extmgr_result result = extmgr__catalog_begin_write(
		session, extmgr__catalog_lock_timeout_ms(round->catalog), error);

	for (size_t i = 0; i < count && result == EXTMGR_OK; i++)
		result = extmgr__store_reserve(session, ids[i], error);
	if (result == EXTMGR_OK)
		return extmgr__catalog_commit(session, error);
	extmgr__catalog_rollback(session);
	return result;
}

/*
 * Rows for what is new, all in one transaction and in the order of their ids, so that workers who
 * do the same wait for one another in turn. What fails here is tried again one by one.
 */
static extmgr_result reserve(struct extmgr__round *round, extmgr_error **error)
{
	const char **ids = calloc(round->candidates.count + 1, sizeof(*ids));
	extmgr_error *reason = NULL;
	extmgr_result result = EXTMGR_OK;
	size_t count = 0;

	if (!ids)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < round->candidates.count; i++) {
		const struct extmgr__line *line = &round->report->lines[i];

		if (!line->outcome && !extmgr__entries_find(&round->entries, line->id))
			ids[count++] = line->id;
	}
	if (count) {
		qsort((void *)ids, count, sizeof(*ids), compare_ids);
		result = reserve_sorted(round, ids, count, &reason);
	}
	free((void *)ids);
	if (result != EXTMGR_OK && !extmgr__sync_is_over(round, result)) {
		extmgr__context_log(round->context, EXTMGR_LOG_DEBUG, "sync",
				    "rows for new extensions were not made: %s",
				    extmgr_error_get_message(reason));
		result = EXTMGR_OK;
	}
	extmgr__error_move(result == EXTMGR_OK ? NULL : error, &reason);
	return result;
}

extmgr_result extmgr__sync_write(struct extmgr__round *round, extmgr_error **error)
{
	extmgr_result result = reserve(round, error);

	if (result == EXTMGR_OK)
		result = write_open(round, false, error);
	if (result == EXTMGR_OK)
		result = write_open(round, true, error);
	return result;
}
