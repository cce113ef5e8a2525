/* SPDX-License-Identifier: MIT */
/* What was seen, and what nobody has seen for a while. */
#include "sync/round.h"

#include "base/alloc.h"
#include "catalog/history.h"
#include "catalog/store.h"

#include <stdlib.h>
#include <string.h>

/* When it was seen is written once in this part of the time after which it would be missing. */
#define SEEN_PART 3
/* Not worth waiting for: the next one who starts does it. */
#define WAIT_MS 1000

/* Sorted names, for looking them up. */
struct names {
	const char **items;
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_key(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool has(const struct names *names, const char *name)
{
	return names->count && bsearch(name, (const void *)names->items, names->count,
				       sizeof(*names->items), compare_key);
}

static void add(struct names *names, const char *name)
{
	if (name)
		names->items[names->count++] = name;
}

static void sort(struct names *names)
{
	if (names->count)
		qsort((void *)names->items, names->count, sizeof(*names->items), compare);
}

/* Those whose ids are known, and those that lie where one was found before, but cannot be read. */
static extmgr_result collect(const struct extmgr__round *round, struct names *ids,
			     struct names *broken, extmgr_error **error)
{
	size_t count = round->candidates.count;

	ids->items = calloc(count + 1, sizeof(*ids->items));
	broken->items = calloc(count + 1, sizeof(*broken->items));
	if (!ids->items || !broken->items)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < count; i++) {
		const struct extmgr__line *line = &round->report->lines[i];

		add(line->id ? ids : broken, line->id ? line->id : line->path);
	}
	sort(ids);
	sort(broken);
	return EXTMGR_OK;
}

enum mark { MARK_NONE, MARK_SEEN, MARK_MISSING, MARK_STILL_MISSING };

static enum mark mark_for(const struct extmgr__round *round, const struct extmgr__entry *entry,
			  const struct names *ids, const struct names *broken)
{
	int64_t missing_after = (int64_t)round->options.missing_after_ms;
	int64_t unseen = round->now_ms - entry->last_seen_ms;

	if (entry->fault || extmgr__entry_is_reserved(entry))
		return MARK_NONE;
	if (has(ids, entry->id) || has(broken, entry->source)) {
		if (entry->state == EXTMGR__ENTRY_MISSING)
			return MARK_SEEN;
		return unseen > missing_after / SEEN_PART ? MARK_SEEN : MARK_NONE;
	}
	if (entry->state == EXTMGR__ENTRY_MISSING)
		return MARK_STILL_MISSING;
	return entry->state == EXTMGR__ENTRY_ACTIVE && unseen > missing_after ? MARK_MISSING
									      : MARK_NONE;
}

static extmgr_result remember(struct extmgr__round *round, const struct extmgr__entry *entry,
			      const char *outcome, extmgr_error **error)
{
	return extmgr__history_add(round->session,
				   &(struct extmgr__event){.operation = "sync",
							   .id = entry->id,
							   .from_version = entry->version,
							   .to_version = entry->version,
							   .digest = entry->digest,
							   .outcome = outcome,
							   .detail = ""},
				   error);
}

static extmgr_result mark_seen(struct extmgr__round *round, const struct extmgr__entry *entry,
			       extmgr_error **error)
{
	extmgr_result result = extmgr__store_seen(round->session, entry->id, round->now_ms, error);

	if (result != EXTMGR_OK || entry->state != EXTMGR__ENTRY_MISSING)
		return result;
	extmgr__context_log(round->context, EXTMGR_LOG_INFO, "sync",
			    "extension '%s' was missing and is there again", entry->id);
	return remember(round, entry, "found", error);
}

static extmgr_result add_missing_line(struct extmgr__round *round,
				      const struct extmgr__entry *entry, extmgr_error **error)
{
	struct extmgr__line *line = extmgr__sync_report_add(round->report);

	if (!line)
		return extmgr__error_no_memory(error);
	line->outcome = EXTMGR_SYNC_MISSING;
	line->path = extmgr__strdup(entry->source);
	line->id = extmgr__strdup(entry->id);
	line->version = extmgr__strdup(entry->version);
	line->digest = extmgr__strdup(entry->digest);
	return line->path && line->id && line->version && line->digest
		       ? EXTMGR_OK
		       : extmgr__error_no_memory(error);
}

/* Another worker may have seen it since: then it is not missing. */
static extmgr_result mark_missing(struct extmgr__round *round, const struct extmgr__entry *entry,
				  extmgr_error **error)
{
	int64_t before_ms = round->now_ms - (int64_t)round->options.missing_after_ms;
	bool marked = false;
	extmgr_result result =
		extmgr__store_missing(round->session, entry->id, before_ms, &marked, error);

	if (result != EXTMGR_OK || !marked)
		return result;
	extmgr__context_log(round->context, EXTMGR_LOG_WARNING, "sync",
			    "extension '%s' is missing: no bundle of it has been seen lately",
			    entry->id);
	result = remember(round, entry, "missing", error);
	return result == EXTMGR_OK ? add_missing_line(round, entry, error) : result;
}

static extmgr_result mark_all(struct extmgr__round *round, const enum mark *marks,
			      extmgr_error **error)
{
	extmgr_result result = extmgr__catalog_begin_write(round->session, WAIT_MS, error);

	/* In the order of ids, as everybody who locks more than one row. */
	for (size_t i = 0; i < round->entries.count && result == EXTMGR_OK; i++) {
		if (marks[i] == MARK_SEEN)
			result = mark_seen(round, &round->entries.items[i], error);
		else if (marks[i] == MARK_MISSING)
			result = mark_missing(round, &round->entries.items[i], error);
	}
	if (result == EXTMGR_OK)
		return extmgr__catalog_commit(round->session, error);
	extmgr__catalog_rollback(round->session);
	return result;
}

static void drop_missing_lines(struct extmgr__round *round)
{
	extmgr_sync_report *report = round->report;

	while (report->count > round->candidates.count) {
		struct extmgr__line *line = &report->lines[--report->count];

		free(line->path);
		free(line->id);
		free(line->version);
		free(line->digest);
	}
}

/* A failure here leaves the marks to the next one. */
static extmgr_result write_marks(struct extmgr__round *round, const enum mark *marks,
				 extmgr_error **error)
{
	extmgr_error *reason = NULL;
	extmgr_result result = extmgr__sync_reconnect(round, &reason);

	if (result == EXTMGR_OK)
		result = mark_all(round, marks, &reason);
	if (result != EXTMGR_OK)
		drop_missing_lines(round);
	if (result != EXTMGR_OK && !extmgr__sync_is_over(round, result)) {
		extmgr__context_log(round->context,
				    result == EXTMGR_E_LOCKED ? EXTMGR_LOG_DEBUG : EXTMGR_LOG_ERROR,
				    "sync", "what is there and what is missing was not noted: %s",
				    extmgr_error_get_message(reason));
		result = EXTMGR_OK;
	}
	extmgr__error_move(result == EXTMGR_OK ? NULL : error, &reason);
	return result;
}

extmgr_result extmgr__sync_mark(struct extmgr__round *round, extmgr_error **error)
{
	struct names ids = {0};
	struct names broken = {0};
	enum mark *marks = calloc(round->entries.count + 1, sizeof(*marks));
	extmgr_result result =
		marks ? collect(round, &ids, &broken, error) : extmgr__error_no_memory(error);
	bool to_write = false;

	for (size_t i = 0; result == EXTMGR_OK && i < round->entries.count; i++) {
		marks[i] = mark_for(round, &round->entries.items[i], &ids, &broken);
		to_write |= marks[i] == MARK_SEEN || marks[i] == MARK_MISSING;
	}
	if (result == EXTMGR_OK && to_write)
		result = write_marks(round, marks, error);
	for (size_t i = 0; result == EXTMGR_OK && i < round->entries.count; i++) {
		if (marks[i] == MARK_STILL_MISSING)
			result = add_missing_line(round, &round->entries.items[i], error);
	}
	free((void *)ids.items);
	free((void *)broken.items);
	free(marks);
	return result;
}
