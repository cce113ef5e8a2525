/* SPDX-License-Identifier: MIT */
#include "catalog/entry.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ID      255
#define MAXIMUM_ENTRIES 100000
/* Rows of one query: they stay far below the limit of a result. */
#define PAGE       1000
#define PAGE_TEXT  "1000"
#define HEX_DIGITS 64
#define COLUMNS                                                                                    \
	"id, name, version, digest, archive_sha256, trust_fingerprint, signature, source, "        \
	"state, enabled, held, last_seen_ms, fence, created_ms, changed_ms"

static const char *const state_names[] = {
	[EXTMGR__ENTRY_ACTIVE] = "active",
	[EXTMGR__ENTRY_MISSING] = "missing",
	[EXTMGR__ENTRY_BAD] = "bad",
};

const char *extmgr__entry_state_name(enum extmgr__entry_state state)
{
	return state_names[state];
}

bool extmgr__is_digest(const char *text)
{
	static const char prefix[] = "sha256:";
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 && strlen(text) == length + HEX_DIGITS &&
	       strspn(text + length, "0123456789abcdef") == HEX_DIGITS;
}

static bool is_id(const char *id)
{
	size_t length = strnlen(id, MAXIMUM_ID + 1);

	return length > 0 && length <= MAXIMUM_ID && strcmp(id, ".") != 0 &&
	       strcmp(id, "..") != 0 && !strpbrk(id, "/\\") && extmgr__utf8_is_valid(id, length) &&
	       !extmgr__text_has_control(id, length);
}

extmgr_result extmgr__entry_check_id(const char *id, extmgr_error **error)
{
	if (!id)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "id is NULL");
	if (is_id(id))
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "'%.80s' is no id of an extension", id);
	extmgr__error_hint(error,
			   "an id has 1 to %d bytes of UTF-8 without control characters, / and \\",
			   MAXIMUM_ID);
	return EXTMGR_E_INVALID_ARGUMENT;
}

bool extmgr__entry_is_reserved(const struct extmgr__entry *entry)
{
	return !entry->digest[0] && !entry->fault;
}

/* What this library would never have written. */
static const char *find_fault(const struct extmgr__entry *entry, const char *state)
{
	size_t known = 0;

	if (!is_id(entry->id))
		return "its id is none";
	while (known < sizeof(state_names) / sizeof(state_names[0]) &&
	       strcmp(state, state_names[known]) != 0)
		known++;
	if (known == sizeof(state_names) / sizeof(state_names[0]))
		return "its state is none";
	/* Made to be locked, and nothing else. */
	if (!entry->digest[0] && !entry->version[0] && !entry->archive_sha256[0])
		return NULL;
	if (!extmgr__is_digest(entry->digest))
		return "its digest is none";
	if (!entry->version[0])
		return "it has no version";
	return NULL;
}

static enum extmgr__entry_state state_of(const char *name)
{
	if (strcmp(name, state_names[EXTMGR__ENTRY_ACTIVE]) == 0)
		return EXTMGR__ENTRY_ACTIVE;
	if (strcmp(name, state_names[EXTMGR__ENTRY_MISSING]) == 0)
		return EXTMGR__ENTRY_MISSING;
	return EXTMGR__ENTRY_BAD;
}

void extmgr__entry_free(struct extmgr__entry *entry)
{
	free(entry->id);
	free(entry->name);
	free(entry->version);
	free(entry->digest);
	free(entry->archive_sha256);
	free(entry->trust_fingerprint);
	free(entry->signature);
	free(entry->source);
	*entry = (struct extmgr__entry){0};
}

static extmgr_result take_row(const extmgr_rows *rows, size_t row, struct extmgr__entry *entry,
			      extmgr_error **error)
{
	char **const texts[] = {
		&entry->id,        &entry->name,           &entry->version,
		&entry->digest,    &entry->archive_sha256, &entry->trust_fingerprint,
		&entry->signature, &entry->source};
	const size_t count = sizeof(texts) / sizeof(texts[0]);
	const char *state = extmgr__row_text(rows, row, count);

	*entry = (struct extmgr__entry){0};
	for (size_t i = 0; i < count; i++) {
		*texts[i] = extmgr__strdup(extmgr__row_text(rows, row, i));
		if (!*texts[i]) {
			extmgr__entry_free(entry);
			return extmgr__error_no_memory(error);
		}
	}
	entry->state = state_of(state);
	entry->enabled = extmgr__rows_integer(rows, row, count + 1) != 0;
	entry->held = extmgr__rows_integer(rows, row, count + 2) != 0;
	entry->last_seen_ms = extmgr__rows_integer(rows, row, count + 3);
	entry->fence = extmgr__rows_integer(rows, row, count + 4);
	entry->created_ms = extmgr__rows_integer(rows, row, count + 5);
	entry->changed_ms = extmgr__rows_integer(rows, row, count + 6);
	entry->fault = find_fault(entry, state);
	if (entry->fault)
		entry->state = EXTMGR__ENTRY_BAD;
	return EXTMGR_OK;
}

/* ---- One ---- */

static extmgr_result not_found(const char *id, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
			  "the catalog has no extension \"%s\"", id);
	extmgr__error_hint(error, "'extmgr catalog list' shows what it has");
	return EXTMGR_E_EXTENSION_NOT_FOUND;
}

extmgr_result extmgr__entry_read(struct extmgr__catalog_session *session, const char *id,
				 struct extmgr__entry *entry, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result;

	*entry = (struct extmgr__entry){0};
	result = extmgr__catalog_query(session, "SELECT " COLUMNS " FROM @extension WHERE id = ?",
				       EXTMGR__ARGUMENTS(EXTMGR__TEXT(id)), &rows, error);
	if (result == EXTMGR_OK && extmgr__rows_count(rows) == 0)
		result = not_found(id, error);
	else if (result == EXTMGR_OK)
		result = take_row(rows, 0, entry, error);
	extmgr__rows_free(rows);
	return result;
}

extmgr_result extmgr__entry_lock(struct extmgr__catalog_session *session, const char *id,
				 struct extmgr__entry *entry, extmgr_error **error)
{
	int64_t affected = 0;
	extmgr_result result;

	*entry = (struct extmgr__entry){0};
	result = extmgr__catalog_execute(session,
					 "UPDATE @extension SET fence = fence + 1 WHERE id = ?",
					 EXTMGR__ARGUMENTS(EXTMGR__TEXT(id)), &affected, error);
	return result == EXTMGR_OK ? extmgr__entry_read(session, id, entry, error) : result;
}

/* ---- All ---- */

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct extmgr__entry *)a)->id, ((const struct extmgr__entry *)b)->id);
}

static extmgr_result take_page(const extmgr_rows *rows, struct extmgr__entries *entries,
			       extmgr_error **error)
{
	for (size_t i = 0; i < extmgr__rows_count(rows); i++) {
		struct extmgr__entry *grown;
		extmgr_result result;

		if (entries->count == MAXIMUM_ENTRIES)
			return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
						 "the catalog holds more than %d extensions",
						 MAXIMUM_ENTRIES);
		grown = extmgr__array_grow(entries->items, entries->count, &entries->capacity,
					   sizeof(*grown));
		if (!grown)
			return extmgr__error_no_memory(error);
		entries->items = grown;
		result = take_row(rows, i, &grown[entries->count], error);
		if (result != EXTMGR_OK)
			return result;
		entries->count++;
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__entries_read(struct extmgr__catalog_session *session,
				   struct extmgr__entries *entries, extmgr_error **error)
{
	static const char sql[] =
		"SELECT " COLUMNS " FROM @extension WHERE id > ? ORDER BY id LIMIT " PAGE_TEXT;
	extmgr_result result = EXTMGR_OK;
	size_t taken = PAGE;

	*entries = (struct extmgr__entries){0};
	while (result == EXTMGR_OK && taken == PAGE) {
		/* In the order of the database, whatever that is. */
		const char *after = entries->count ? entries->items[entries->count - 1].id : "";
		extmgr_rows *rows = NULL;

		result = extmgr__catalog_query(session, sql, EXTMGR__ARGUMENTS(EXTMGR__TEXT(after)),
					       &rows, error);
		taken = result == EXTMGR_OK ? extmgr__rows_count(rows) : 0;
		if (result == EXTMGR_OK)
			result = take_page(rows, entries, error);
		extmgr__rows_free(rows);
	}
	if (entries->count)
		qsort(entries->items, entries->count, sizeof(*entries->items), compare_entries);
	return result;
}

void extmgr__entries_free(struct extmgr__entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		extmgr__entry_free(&entries->items[i]);
	free(entries->items);
	*entries = (struct extmgr__entries){0};
}

static int compare_id(const void *id, const void *entry)
{
	return strcmp(id, ((const struct extmgr__entry *)entry)->id);
}

const struct extmgr__entry *extmgr__entries_find(const struct extmgr__entries *entries,
						 const char *id)
{
	if (!entries->count)
		return NULL;
	return bsearch(id, entries->items, entries->count, sizeof(*entries->items), compare_id);
}

/* ---- For people ---- */

const char *extmgr__entry_withdrawn(const struct extmgr__entry *entry)
{
	if (entry->state == EXTMGR__ENTRY_BAD)
		return "is bad: its bytes in the catalog failed a check";
	if (entry->state == EXTMGR__ENTRY_MISSING)
		return "is missing: no directory of bundles has it any more";
	return entry->enabled ? NULL : "is disabled";
}

void extmgr__entry_write(struct extmgr__json_writer *writer, const struct extmgr__entry *entry)
{
	extmgr__json_member_string(writer, "id", entry->id);
	extmgr__json_member_string(writer, "name", entry->name);
	extmgr__json_member_string(writer, "version", entry->version);
	extmgr__json_member_string(writer, "digest", entry->digest);
	extmgr__json_member_string(writer, "state", extmgr__entry_state_name(entry->state));
	extmgr__json_member_boolean(writer, "enabled", entry->enabled);
	extmgr__json_member_boolean(writer, "held", entry->held);
	extmgr__json_member_string(writer, "source", entry->source);
	extmgr__json_member_string(writer, "archiveSha256", entry->archive_sha256);
	extmgr__json_member_string(writer, "trustFingerprint", entry->trust_fingerprint);
	extmgr__json_member_integer(writer, "lastSeenMs", entry->last_seen_ms);
	extmgr__json_member_integer(writer, "createdMs", entry->created_ms);
	extmgr__json_member_integer(writer, "changedMs", entry->changed_ms);
	extmgr__json_member_integer(writer, "fence", entry->fence);
	extmgr__json_member_string(writer, "reason", entry->fault);
}
