/* SPDX-License-Identifier: MIT */
/* What people change in the catalog: each in one transaction, with a line in the history. */
#include "base/alloc.h"
#include "catalog/entry.h"
#include "catalog/history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is done with the row locked. EXTMGR_UNCHANGED: nothing is to be committed. */
typedef extmgr_result (*change_fn)(struct extmgr__catalog_session *session,
				   const struct extmgr__entry *entry, const void *argument,
				   extmgr_error **error);

static extmgr_result refuse_reserved(const struct extmgr__entry *entry, extmgr_error **error)
{
	if (!extmgr__entry_is_reserved(entry))
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
			  "the catalog has no extension \"%s\"", entry->id);
	extmgr__error_hint(error, "'extmgr catalog list' shows what it has");
	return EXTMGR_E_EXTENSION_NOT_FOUND;
}

static extmgr_result change_in(struct extmgr__catalog_session *session, const char *id,
			       change_fn change, const void *argument, extmgr_error **error)
{
	const extmgr_catalog *catalog = extmgr__catalog_of(session);
	struct extmgr__entry entry = {0};
	extmgr_result result;

	result = extmgr__catalog_begin_write(session, extmgr__catalog_lock_timeout_ms(catalog),
					     error);
	if (result == EXTMGR_OK)
		result = extmgr__entry_lock(session, id, &entry, error);
	if (result == EXTMGR_OK)
		result = refuse_reserved(&entry, error);
	if (result == EXTMGR_OK)
		result = change(session, &entry, argument, error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_commit(session, error);
	extmgr__entry_free(&entry);
	return result;
}

static extmgr_result change_extension(extmgr_catalog *catalog, const char *id,
				      extmgr_operation *operation, change_fn change,
				      const void *argument, extmgr_error **error_out)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	result = extmgr__entry_check_id(id, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = change_in(session, id, change, argument, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}

static extmgr_result remember(struct extmgr__catalog_session *session,
			      const struct extmgr__entry *entry, const char *operation,
			      const char *digest, extmgr_error **error)
{
	return extmgr__history_add(session,
				   &(struct extmgr__event){.operation = operation,
							   .id = entry->id,
							   .from_version = entry->version,
							   .to_version = entry->version,
							   .digest = digest,
							   .outcome = "done",
							   .detail = ""},
				   error);
}

/* ---- Switches ---- */

static extmgr_result set_enabled(struct extmgr__catalog_session *session,
				 const struct extmgr__entry *entry, const void *argument,
				 extmgr_error **error)
{
	bool enabled = *(const bool *)argument;
	extmgr_result result;

	if (entry->enabled == enabled)
		return EXTMGR_UNCHANGED;
	result = extmgr__catalog_execute(
		session, "UPDATE @extension SET enabled = ? WHERE id = ?",
		EXTMGR__ARGUMENTS(EXTMGR__NUMBER(enabled), EXTMGR__TEXT(entry->id)), NULL, error);
	return result == EXTMGR_OK ? remember(session, entry, enabled ? "enable" : "disable",
					      entry->digest, error)
				   : result;
}

extmgr_result extmgr_catalog_set_enabled(extmgr_catalog *catalog, const char *id, int32_t enabled,
					 extmgr_operation *operation, extmgr_error **error_out)
{
	bool value = enabled != 0;

	return change_extension(catalog, id, operation, set_enabled, &value, error_out);
}

static extmgr_result set_held(struct extmgr__catalog_session *session,
			      const struct extmgr__entry *entry, const void *argument,
			      extmgr_error **error)
{
	bool held = *(const bool *)argument;
	extmgr_result result;

	if (entry->held == held)
		return EXTMGR_UNCHANGED;
	result = extmgr__catalog_execute(
		session, "UPDATE @extension SET held = ? WHERE id = ?",
		EXTMGR__ARGUMENTS(EXTMGR__NUMBER(held), EXTMGR__TEXT(entry->id)), NULL, error);
	return result == EXTMGR_OK
		       ? remember(session, entry, held ? "hold" : "unhold", entry->digest, error)
		       : result;
}

extmgr_result extmgr_catalog_set_held(extmgr_catalog *catalog, const char *id, int32_t held,
				      extmgr_operation *operation, extmgr_error **error_out)
{
	bool value = held != 0;

	return change_extension(catalog, id, operation, set_held, &value, error_out);
}

/* ---- Accept ---- */

static extmgr_result nothing_refused(const char *id, const char *digest, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_NOT_FOUND,
			  "no bundle of extension \"%s\" was refused%s%s", id,
			  digest ? " with the digest " : "", digest ? digest : "");
	extmgr__error_hint(error, "'extmgr catalog history' shows what was refused");
	return EXTMGR_E_NOT_FOUND;
}

static extmgr_result accept_digest(struct extmgr__catalog_session *session,
				   const struct extmgr__entry *entry, const char *digest,
				   extmgr_error **error)
{
	struct extmgr__past past;
	extmgr_result result = extmgr__history_find(session, entry->id, digest, &past, error);

	if (result != EXTMGR_OK)
		return result;
	if (!past.refused_ms)
		return nothing_refused(entry->id, digest, error);
	if (past.accepted_ms > past.taken_ms)
		return EXTMGR_UNCHANGED;
	return remember(session, entry, "accept", digest, error);
}

static extmgr_result accept(struct extmgr__catalog_session *session,
			    const struct extmgr__entry *entry, const void *argument,
			    extmgr_error **error)
{
	const char *digest = argument;
	char *last = NULL;
	extmgr_result result = EXTMGR_OK;

	if (!digest)
		result = extmgr__history_last_refused(session, entry->id, &last, error);
	if (result == EXTMGR_OK && !digest && !last)
		result = nothing_refused(entry->id, NULL, error);
	if (result == EXTMGR_OK)
		result = accept_digest(session, entry, digest ? digest : last, error);
	free(last);
	return result;
}

extmgr_result extmgr_catalog_accept(extmgr_catalog *catalog, const char *id, const char *digest,
				    extmgr_operation *operation, extmgr_error **error_out)
{
	if (digest && !extmgr__is_digest(digest)) {
		if (error_out)
			*error_out = NULL;
		extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "'%.80s' is no digest",
				  digest);
		extmgr__error_hint(error_out, "a digest is sha256: and 64 digits");
		return EXTMGR_E_INVALID_ARGUMENT;
	}
	return change_extension(catalog, id, operation, accept, digest, error_out);
}

/* ---- Prune ---- */

/* A row that was made to be locked and never written: nobody will miss it after a day. */
#define RESERVED_MS 86400000

static extmgr_result prune_entry(struct extmgr__catalog_session *session,
				 const struct extmgr__entry *entry,
				 struct extmgr__json_writer *writer, extmgr_error **error)
{
	extmgr_result result =
		extmgr__catalog_execute(session, "DELETE FROM @file WHERE extension_id = ?",
					EXTMGR__ARGUMENTS(EXTMGR__TEXT(entry->id)), NULL, error);

	if (result == EXTMGR_OK)
		result = extmgr__catalog_execute(session, "DELETE FROM @extension WHERE id = ?",
						 EXTMGR__ARGUMENTS(EXTMGR__TEXT(entry->id)), NULL,
						 error);
	if (result != EXTMGR_OK || extmgr__entry_is_reserved(entry))
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", entry->id);
	extmgr__json_member_string(writer, "version", entry->version);
	extmgr__json_member_string(writer, "digest", entry->digest);
	extmgr__json_member_integer(writer, "lastSeenMs", entry->last_seen_ms);
	extmgr__json_end_object(writer);
	return remember(session, entry, "prune", entry->digest, error);
}

/* Whether it goes, seen with its row locked. */
static bool is_prunable(const struct extmgr__entry *entry, int64_t before_ms, int64_t reserved_ms)
{
	if (extmgr__entry_is_reserved(entry))
		return entry->created_ms < reserved_ms;
	return entry->state == EXTMGR__ENTRY_MISSING && !entry->held &&
	       entry->last_seen_ms <= before_ms;
}

static extmgr_result prune_all(struct extmgr__catalog_session *session, uint64_t unseen_ms,
			       struct extmgr__json_writer *writer, size_t *removed,
			       extmgr_error **error)
{
	struct extmgr__entries entries = {0};
	int64_t now_ms = 0;
	int64_t before_ms;
	extmgr_result result = extmgr__catalog_now_ms(session, &now_ms, error);

	before_ms = unseen_ms < (uint64_t)now_ms ? now_ms - (int64_t)unseen_ms : 0;
	if (result == EXTMGR_OK)
		result = extmgr__entries_read(session, &entries, error);
	/* In the order of ids, as everybody who locks more than one row. */
	for (size_t i = 0; i < entries.count && result == EXTMGR_OK; i++) {
		struct extmgr__entry entry = {0};

		if (!is_prunable(&entries.items[i], before_ms, now_ms - RESERVED_MS))
			continue;
		result = extmgr__entry_lock(session, entries.items[i].id, &entry, error);
		if (result == EXTMGR_E_EXTENSION_NOT_FOUND) { /* somebody else was faster */
			extmgr__error_move(NULL, error);
			result = EXTMGR_OK;
			continue;
		}
		if (result == EXTMGR_OK && is_prunable(&entry, before_ms, now_ms - RESERVED_MS)) {
			result = prune_entry(session, &entry, writer, error);
			(*removed)++;
		}
		extmgr__entry_free(&entry);
	}
	extmgr__entries_free(&entries);
	return result;
}

static extmgr_result prune(struct extmgr__catalog_session *session, uint64_t unseen_ms,
			   struct extmgr__buffer *buffer, extmgr_error **error)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(buffer);
	const extmgr_catalog *catalog = extmgr__catalog_of(session);
	size_t removed = 0;
	extmgr_result result;

	result = extmgr__catalog_begin_write(session, extmgr__catalog_lock_timeout_ms(catalog),
					     error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.catalog-prune/1");
	extmgr__json_key(&writer, "removed");
	extmgr__json_begin_array(&writer);
	result = prune_all(session, unseen_ms, &writer, &removed, error);
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	if (result == EXTMGR_OK && extmgr__buffer_result(buffer) != EXTMGR_OK)
		result = extmgr__error_from_result(error, extmgr__buffer_result(buffer),
						   "the report");
	if (result != EXTMGR_OK)
		return result;
	if (removed == 0)
		return EXTMGR_UNCHANGED;
	return extmgr__catalog_commit(session, error);
}

extmgr_result extmgr_catalog_prune(extmgr_catalog *catalog, uint64_t unseen_ms,
				   extmgr_operation *operation, extmgr_text **report_out,
				   extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result made;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = prune(session, unseen_ms, &buffer, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	if (result >= 0 && report_out) {
		*report_out = extmgr__buffer_take_text(&buffer, &made);
		if (!*report_out)
			result = extmgr__error_from_result(&error, made, "the report");
	}
	extmgr__buffer_free(&buffer);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}
