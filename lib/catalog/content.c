/* SPDX-License-Identifier: MIT */
#include "catalog/content.h"

#include "base/alloc.h"
#include "base/base64.h"
#include "base/hash.h"
#include "bundle/bundle.h"
#include "bundle/signature.h"
#include "catalog/history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Above what a bundle may hold: a larger row is none of ours. */
#define MANIFEST_MAXIMUM ((size_t)16 << 20)
#define LISTING_MAXIMUM  ((size_t)64 << 20)
#define DIGEST_PREFIX    "sha256:"
#define BACKEND_PREFIX   "backend/src/"
/* A writer that is at work will write good bytes: it is not waited for. */
#define CONDEMN_WAIT_MS 100

static extmgr_result tampered(const char *id, const char *what, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_CATALOG_TAMPERED,
			  "extension \"%s\": %s in the catalog failed its check and is not used",
			  id, what);
	extmgr__error_hint(error,
			   "find out who changed the catalog's tables; the next synchronisation "
			   "writes the extension anew");
	return EXTMGR_E_CATALOG_TAMPERED;
}

/* ---- Row ---- */

static extmgr_result read_documents(struct extmgr__catalog_session *session,
				    struct extmgr__stored *stored, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__catalog_query(
		session, "SELECT manifest, listing FROM @extension WHERE id = ?",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(stored->entry.id)), &rows, error);

	if (result == EXTMGR_OK) {
		struct extmgr__cell manifest = extmgr__rows_cell(rows, 0, 0);
		struct extmgr__cell listing = extmgr__rows_cell(rows, 0, 1);

		if (manifest.type == EXTMGR_VALUE_TEXT)
			extmgr__buffer_append(&stored->manifest, manifest.text, manifest.length);
		if (listing.type == EXTMGR_VALUE_TEXT)
			extmgr__buffer_append(&stored->listing, listing.text, listing.length);
		result = extmgr__buffer_result(&stored->manifest);
		if (result == EXTMGR_OK)
			result = extmgr__buffer_result(&stored->listing);
		if (result != EXTMGR_OK)
			extmgr__error_from_result(error, result, "a row of the catalog");
	}
	extmgr__rows_free(rows);
	return result;
}

static bool has_hash(const struct extmgr__buffer *bytes, const char *expected)
{
	char hex[EXTMGR__SHA256_HEX_SIZE];

	return extmgr__hash_sha256_hex(extmgr__buffer_get(bytes), bytes->length, hex) ==
		       EXTMGR_OK &&
	       strcmp(hex, expected) == 0;
}

static extmgr_result check_documents(const struct extmgr__stored *stored, extmgr_error **error)
{
	const struct extmgr__entry *entry = &stored->entry;
	char hex[EXTMGR__SHA256_HEX_SIZE];

	if (entry->fault)
		return tampered(entry->id, "its row", error);
	if (!has_hash(&stored->listing, entry->digest + strlen(DIGEST_PREFIX)))
		return tampered(entry->id, "its listing", error);
	if (!extmgr__listing_find(extmgr__buffer_get(&stored->listing), stored->listing.length,
				  "manifest.json", hex) ||
	    !has_hash(&stored->manifest, hex))
		return tampered(entry->id, "its manifest", error);
	return EXTMGR_OK;
}

extmgr_result extmgr__stored_read(struct extmgr__catalog_session *session, const char *id,
				  struct extmgr__stored *stored, extmgr_error **error)
{
	extmgr_result result;

	*stored = (struct extmgr__stored){.manifest = EXTMGR__BUFFER(MANIFEST_MAXIMUM),
					  .listing = EXTMGR__BUFFER(LISTING_MAXIMUM)};
	result = extmgr__entry_read(session, id, &stored->entry, error);
	if (result == EXTMGR_OK && extmgr__entry_is_reserved(&stored->entry)) {
		extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
				  "the catalog has no extension \"%s\"", id);
		extmgr__error_hint(error, "'extmgr catalog list' shows what it has");
		return EXTMGR_E_EXTENSION_NOT_FOUND;
	}
	if (result == EXTMGR_OK)
		result = read_documents(session, stored, error);
	if (result == EXTMGR_OK)
		result = check_documents(stored, error);
	return result;
}

void extmgr__stored_free(struct extmgr__stored *stored)
{
	extmgr__entry_free(&stored->entry);
	extmgr__buffer_free(&stored->manifest);
	extmgr__buffer_free(&stored->listing);
}

extmgr_result extmgr__manifest_definition(const char *manifest, size_t length, char **path_out,
					  extmgr_error **error)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(MANIFEST_MAXIMUM);
	extmgr__json *json = NULL;
	extmgr_result result;
	const char *name;

	*path_out = NULL;
	result = extmgr__json_parse(manifest, length, "manifest", &json, error);
	if (result != EXTMGR_OK)
		return result;
	name = extmgr__json_get_member_string(json, "definition");
	if (name) {
		extmgr__buffer_puts(&path, BACKEND_PREFIX);
		extmgr__buffer_puts(&path, name);
		*path_out = extmgr__strdup(extmgr__buffer_get(&path));
		if (!*path_out)
			result = extmgr__error_no_memory(error);
	}
	extmgr__buffer_free(&path);
	extmgr__json_free(json);
	return result;
}

/* ---- Files ---- */

/* Appends a part; *size gets the size of the whole file as the row says it. */
static extmgr_result read_part(struct extmgr__catalog_session *session, const char *id,
			       const char *path, int64_t part, const char *hex, int64_t *size,
			       struct extmgr__buffer *content, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	struct extmgr__cell cell;
	extmgr_result result;

	result = extmgr__catalog_query(
		session,
		"SELECT size, sha256, content FROM @file WHERE extension_id = ? AND path = ? AND "
		"part = ?",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(id), EXTMGR__TEXT(path), EXTMGR__NUMBER(part)),
		&rows, error);
	if (result != EXTMGR_OK) {
		extmgr__rows_free(rows);
		return result;
	}
	cell = extmgr__rows_cell(rows, 0, 2);
	*size = extmgr__rows_integer(rows, 0, 0);
	if (extmgr__rows_count(rows) != 1 || *size < 0 || cell.type != EXTMGR_VALUE_TEXT ||
	    strcmp(extmgr__row_text(rows, 0, 1), hex) != 0)
		result = tampered(id, path, error);
	else if ((uint64_t)*size > content->maximum)
		result = extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					   "extension \"%s\": %s has %" PRId64
					   " bytes, %zu are the most",
					   id, path, *size, content->maximum);
	else if (!extmgr__base64_append_decoded(content, cell.text, cell.length))
		result = tampered(id, path, error);
	extmgr__rows_free(rows);
	return result;
}

extmgr_result extmgr__stored_read_file(struct extmgr__catalog_session *session,
				       const struct extmgr__stored *stored, const char *path,
				       size_t maximum, struct extmgr__buffer *content,
				       extmgr_error **error)
{
	const char *id = stored->entry.id;
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result = EXTMGR_OK;
	int64_t size = 0;
	int64_t parts = 1;

	*content = EXTMGR__BUFFER(maximum);
	if (!extmgr__listing_find(extmgr__buffer_get(&stored->listing), stored->listing.length,
				  path, hex))
		return extmgr__error_set(error, EXTMGR_E_NOT_FOUND,
					 "extension \"%s\" has no file '%s'", id, path);
	for (int64_t part = 0; part < parts && result == EXTMGR_OK; part++) {
		result = read_part(session, id, path, part, hex, &size, content, error);
		if (result == EXTMGR_OK && part == 0 && size > 0)
			parts = (size - 1) / (int64_t)EXTMGR__CATALOG_PART_BYTES + 1;
		if (extmgr__buffer_result(content) == EXTMGR_E_TOO_LARGE)
			return tampered(id, path, error);
		if (extmgr__buffer_result(content) != EXTMGR_OK)
			return extmgr__error_no_memory(error);
	}
	if (result == EXTMGR_OK && (content->length != (uint64_t)size || !has_hash(content, hex)))
		result = tampered(id, path, error);
	return result;
}

/* ---- What failed a check ---- */

static extmgr_result condemn(struct extmgr__catalog_session *session,
			     const struct extmgr__entry *seen, const char *detail)
{
	struct extmgr__entry entry = {0};
	const char *id = seen->id;
	extmgr_result result = extmgr__catalog_begin_write(session, CONDEMN_WAIT_MS, NULL);

	if (result == EXTMGR_OK)
		result = extmgr__entry_lock(session, id, &entry, NULL);
	/* Somebody has written it since, or it is known to be bad. */
	if (result == EXTMGR_OK &&
	    (entry.fence != seen->fence + 1 || (entry.state == EXTMGR__ENTRY_BAD && !entry.fault)))
		result = EXTMGR_UNCHANGED;
	if (result == EXTMGR_OK)
		result = extmgr__catalog_execute(session,
						 "UPDATE @extension SET state = 'bad' WHERE id = ?",
						 EXTMGR__ARGUMENTS(EXTMGR__TEXT(id)), NULL, NULL);
	if (result == EXTMGR_OK)
		result = extmgr__history_add(session,
					     &(struct extmgr__event){.operation = "check",
								     .id = id,
								     .from_version = entry.version,
								     .to_version = entry.version,
								     .digest = entry.digest,
								     .outcome = "bad",
								     .detail = detail},
					     NULL);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_commit(session, NULL);
	extmgr__entry_free(&entry);
	return result;
}

void extmgr__stored_condemn(struct extmgr__catalog_session *session,
			    const struct extmgr__entry *entry, const char *detail)
{
	extmgr_context *context = extmgr__catalog_context(extmgr__catalog_of(session));

	extmgr__context_log(context, EXTMGR_LOG_ERROR, "catalog", "%s", detail);
	extmgr__catalog_rollback(session);
	if (condemn(session, entry, detail) != EXTMGR_OK)
		extmgr__catalog_rollback(session);
}

static extmgr_result check_wanted(const struct extmgr__entry *entry, const char *digest,
				  extmgr_error **error)
{
	const char *withdrawn = extmgr__entry_withdrawn(entry);

	if (withdrawn) {
		extmgr__error_set(error, EXTMGR_E_EXTENSION_WITHDRAWN, "extension \"%s\" %s",
				  entry->id, withdrawn);
		extmgr__error_hint(error, "'extmgr catalog show' tells more");
		return EXTMGR_E_EXTENSION_WITHDRAWN;
	}
	if (digest && strcmp(digest, entry->digest) != 0)
		return extmgr__error_set(error, EXTMGR_E_NOT_FOUND,
					 "extension \"%s\" has the digest %s now", entry->id,
					 entry->digest);
	return EXTMGR_OK;
}

static extmgr_result read_wanted(struct extmgr__catalog_session *session, const char *id,
				 const char *digest, const char *path,
				 struct extmgr__buffer *content, extmgr_error **error)
{
	struct extmgr__stored stored;
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	if (result != EXTMGR_OK)
		return result;
	result = extmgr__stored_read(session, id, &stored, error);
	if (result == EXTMGR_OK)
		result = check_wanted(&stored.entry, digest, error);
	if (result == EXTMGR_OK)
		result = extmgr__stored_read_file(session, &stored, path, content->maximum, content,
						  error);
	if (result == EXTMGR_E_CATALOG_TAMPERED)
		extmgr__stored_condemn(session, &stored.entry, extmgr_error_get_message(*error));
	extmgr__stored_free(&stored);
	return result;
}

extmgr_result extmgr_catalog_read_file(extmgr_catalog *catalog, const char *id, const char *digest,
				       const char *path, extmgr_operation *operation,
				       extmgr_text **content_out, extmgr_error **error_out)
{
	/* What a bundle's file may have by default, and room. */
	struct extmgr__buffer content = EXTMGR__BUFFER((size_t)1 << 30);
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (content_out)
		*content_out = NULL;
	if (!path || !content_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 path ? "content_out" : "path");
	result = extmgr__entry_check_id(id, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = read_wanted(session, id, digest, path, &content, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	if (result == EXTMGR_OK) {
		*content_out = extmgr__buffer_take_text(&content, &result);
		if (!*content_out)
			extmgr__error_from_result(&error, result, "a file of the catalog");
	}
	extmgr__buffer_free(&content);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}

/* ---- signature ---- */

extmgr_result extmgr__stored_judge(struct extmgr__catalog_session *session,
				   const struct extmgr__stored *stored, int32_t *state,
				   struct extmgr__signer *signer, extmgr_error **error)
{
	const char *text = stored->entry.signature;
	struct extmgr__buffer signature = EXTMGR__BUFFER((size_t)2 * EXTMGR__SIGNATURE_MAXIMUM);
	struct extmgr__buffer what = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct extmgr__signed_thing thing = {.id = stored->entry.id,
					     .listing = extmgr__buffer_get(&stored->listing)};
	const extmgr_trust *trust =
		extmgr__context_trust_ref(extmgr__catalog_context(extmgr__catalog_of(session)));
	extmgr_result result = EXTMGR_OK;

	extmgr__buffer_printf(&what, "extension '%s' of the catalog", stored->entry.id);
	thing.what = extmgr__buffer_get(&what);
	if (*text && !extmgr__base64_append_decoded(&signature, text, strlen(text)))
		extmgr__buffer_puts(&signature, "no signature");
	if (*text) {
		thing.signature = extmgr__buffer_get(&signature);
		thing.signature_length = signature.length;
	}
	if (extmgr__buffer_result(&what) == EXTMGR_E_NO_MEMORY ||
	    extmgr__buffer_result(&signature) == EXTMGR_E_NO_MEMORY)
		result = extmgr__error_no_memory(error);
	else
		result = extmgr__signature_judge(trust, &thing, state, signer, NULL, error);
	extmgr__trust_unref(trust);
	extmgr__buffer_free(&signature);
	extmgr__buffer_free(&what);
	return result;
}
