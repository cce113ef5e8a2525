/* SPDX-License-Identifier: MIT */
/* The catalog as documents: the list, and one extension with every byte checked. */
#include "catalog/content.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "bundle/bundle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The policy's own verdict is no matter here: a state is told. */
static extmgr_result write_signature(struct extmgr__json_writer *writer,
				     struct extmgr__catalog_session *session,
				     const struct extmgr__stored *stored, extmgr_error **error)
{
	extmgr_error *verdict = NULL;
	int32_t state = EXTMGR_SIGNATURE_UNSIGNED;
	extmgr_result result = extmgr__stored_judge(session, stored, &state, NULL, &verdict);

	if (result == EXTMGR_E_NO_MEMORY)
		extmgr__error_move(error, &verdict);
	extmgr_error_free(verdict);
	extmgr__json_member_string(writer, "signature", extmgr_signature_get_name(state));
	return result == EXTMGR_E_NO_MEMORY ? result : EXTMGR_OK;
}

static bool has_signature(const struct extmgr__entry *entry)
{
	return entry->signature && *entry->signature;
}

/* What does not fit its own digest fits no signature. */
static void write_no_signature(struct extmgr__json_writer *writer,
			       const struct extmgr__entry *entry)
{
	extmgr__json_member_string(writer, "signature",
				   extmgr_signature_get_name(has_signature(entry)
								     ? EXTMGR_SIGNATURE_MODIFIED
								     : EXTMGR_SIGNATURE_UNSIGNED));
}

/* ---- List ---- */

static extmgr_result write_listed_signature(struct extmgr__json_writer *writer,
					    struct extmgr__catalog_session *session,
					    const struct extmgr__entry *entry, extmgr_error **error)
{
	struct extmgr__stored stored;
	extmgr_error *reason = NULL;
	extmgr_result result;

	if (!has_signature(entry)) {
		write_no_signature(writer, entry);
		return EXTMGR_OK;
	}
	result = extmgr__stored_read(session, entry->id, &stored, &reason);
	if (result == EXTMGR_OK) {
		result = write_signature(writer, session, &stored, error);
	} else if (result == EXTMGR_E_CATALOG_TAMPERED) {
		write_no_signature(writer, entry);
		result = EXTMGR_OK;
	} else {
		extmgr__error_move(error, &reason);
	}
	extmgr_error_free(reason);
	extmgr__stored_free(&stored);
	return result;
}

static extmgr_result write_list(struct extmgr__catalog_session *session, extmgr_text **json_out,
				extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	struct extmgr__entries entries = {0};
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	if (result == EXTMGR_OK)
		result = extmgr__entries_read(session, &entries, error);
	if (result != EXTMGR_OK)
		goto out;
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.catalog/1");
	extmgr__json_key(&writer, "extensions");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < entries.count; i++) {
		if (extmgr__entry_is_reserved(&entries.items[i]))
			continue;
		extmgr__json_begin_object(&writer);
		extmgr__entry_write(&writer, &entries.items[i]);
		result = write_listed_signature(&writer, session, &entries.items[i], error);
		if (result != EXTMGR_OK)
			goto out;
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	*json_out = extmgr__buffer_take_text(&buffer, &result);
	if (!*json_out)
		extmgr__error_from_result(error, result, "the list");
out:
	if (result != EXTMGR_OK)
		extmgr__buffer_free(&buffer);
	extmgr__entries_free(&entries);
	return result;
}

extmgr_result extmgr_catalog_list(extmgr_catalog *catalog, extmgr_operation *operation,
				  extmgr_text **json_out, extmgr_error **error_out)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!json_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "json_out is NULL");
	*json_out = NULL;
	result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = write_list(session, json_out, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}

/* ---- One extension ---- */

struct description {
	struct extmgr__catalog_session *session;
	struct extmgr__stored stored;
	struct extmgr__json_writer *writer;
	extmgr_error *fault; /* the first check that failed */
};

/* A fault is told in the document; other failures end the call. */
static extmgr_result note_fault(struct description *description, extmgr_result result,
				extmgr_error **reason, extmgr_error **error)
{
	if (result != EXTMGR_E_CATALOG_TAMPERED) {
		extmgr__error_move(error, reason);
		return result;
	}
	if (!description->fault)
		extmgr__error_move(&description->fault, reason);
	return EXTMGR_OK;
}

static extmgr_result check_file(struct description *description, const char *path,
				const char **state, uint64_t *size, extmgr_error **error)
{
	struct extmgr__buffer content = {0};
	extmgr_error *reason = NULL;
	extmgr_result result = extmgr__stored_read_file(description->session, &description->stored,
							path, (size_t)1 << 30, &content, &reason);

	*state = result == EXTMGR_OK ? "ok" : "tampered";
	*size = content.length;
	extmgr__buffer_free(&content);
	result = note_fault(description, result, &reason, error);
	extmgr_error_free(reason);
	return result;
}

/* Each line of the listing: "<hex>  <path>\n". The listing has passed its own check. */
static extmgr_result write_files(struct description *description, extmgr_error **error)
{
	const char *line = extmgr__buffer_get(&description->stored.listing);
	extmgr_result result = EXTMGR_OK;

	while (*line && result == EXTMGR_OK) {
		const char *end = strchr(line, '\n');
		char hex[EXTMGR__SHA256_HEX_SIZE] = "";
		const char *state = "ok";
		uint64_t size = 0;
		char *path;

		if (!end || end - line < EXTMGR__SHA256_HEX_SIZE + 2)
			break;
		memcpy(hex, line, EXTMGR__SHA256_HEX_SIZE - 1);
		line += EXTMGR__SHA256_HEX_SIZE + 1;
		path = extmgr__memdup(line, (size_t)(end - line));
		if (!path)
			return extmgr__error_no_memory(error);
		result = check_file(description, path, &state, &size, error);
		extmgr__json_begin_object(description->writer);
		extmgr__json_member_string(description->writer, "path", path);
		extmgr__json_member_integer(description->writer, "size", (int64_t)size);
		extmgr__json_member_string(description->writer, "sha256", hex);
		extmgr__json_member_string(description->writer, "state", state);
		extmgr__json_end_object(description->writer);
		free(path);
		line = end + 1;
	}
	return result;
}

/* Rows that no listing knows: nobody reads them, but somebody wrote them. */
static extmgr_result check_foreign(struct description *description, extmgr_error **error)
{
	const struct extmgr__stored *stored = &description->stored;
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__catalog_query(
		description->session,
		"SELECT DISTINCT path FROM @file WHERE extension_id = ? ORDER BY path",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(stored->entry.id)), &rows, error);

	for (size_t i = 0; result == EXTMGR_OK && i < extmgr__rows_count(rows); i++) {
		const char *path = extmgr__row_text(rows, i, 0);

		if (extmgr__listing_find(extmgr__buffer_get(&stored->listing),
					 stored->listing.length, path, hex) ||
		    description->fault)
			continue;
		extmgr__error_set(&description->fault, EXTMGR_E_CATALOG_TAMPERED,
				  "extension \"%s\": the catalog has a file '%s' that does not "
				  "belong to it",
				  stored->entry.id, path);
	}
	extmgr__rows_free(rows);
	return result;
}

static extmgr_result write_content(struct description *description, extmgr_error **error)
{
	const struct extmgr__buffer *manifest = &description->stored.manifest;
	struct extmgr__json_writer *writer = description->writer;
	char *definition = NULL;
	extmgr_result result = extmgr__manifest_definition(extmgr__buffer_get(manifest),
							   manifest->length, &definition, error);

	if (result != EXTMGR_OK)
		return result;
	extmgr__json_member_string(writer, "definition", definition);
	free(definition);
	extmgr__json_key(writer, "manifest");
	extmgr__json_raw(writer, extmgr__buffer_get(manifest), manifest->length);
	extmgr__json_key(writer, "files");
	extmgr__json_begin_array(writer);
	result = write_files(description, error);
	extmgr__json_end_array(writer);
	return result == EXTMGR_OK ? check_foreign(description, error) : result;
}

static extmgr_result describe(struct description *description, const char *id, extmgr_error **error)
{
	struct extmgr__json_writer *writer = description->writer;
	extmgr_error *reason = NULL;
	extmgr_result result = extmgr__catalog_begin_read(description->session, error);
	bool readable;

	if (result != EXTMGR_OK)
		return result;
	result = extmgr__stored_read(description->session, id, &description->stored, &reason);
	readable = result == EXTMGR_OK;
	result = note_fault(description, result, &reason, error);
	extmgr_error_free(reason);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.catalog-extension/1");
	extmgr__entry_write(writer, &description->stored.entry);
	if (readable)
		result = write_signature(writer, description->session, &description->stored, error);
	else
		write_no_signature(writer, &description->stored.entry);
	if (readable && result == EXTMGR_OK)
		result = write_content(description, error);
	extmgr__json_member_string(writer, "fault",
				   description->fault ? extmgr_error_get_message(description->fault)
						      : NULL);
	extmgr__json_end_object(writer);
	if (result == EXTMGR_OK && description->fault)
		extmgr__stored_condemn(description->session, &description->stored.entry,
				       extmgr_error_get_message(description->fault));
	return result;
}

static extmgr_result get(struct extmgr__catalog_session *session, const char *id,
			 extmgr_text **json_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	struct description description = {.session = session, .writer = &writer};
	extmgr_result result = describe(&description, id, error);

	if (result == EXTMGR_OK) {
		*json_out = extmgr__buffer_take_text(&buffer, &result);
		if (!*json_out)
			extmgr__error_from_result(error, result, "the description");
		else if (description.fault)
			result = EXTMGR_PARTIAL;
	}
	extmgr__buffer_free(&buffer);
	extmgr__stored_free(&description.stored);
	extmgr_error_free(description.fault);
	return result;
}

extmgr_result extmgr_catalog_get(extmgr_catalog *catalog, const char *id,
				 extmgr_operation *operation, extmgr_text **json_out,
				 extmgr_error **error_out)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!json_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "json_out is NULL");
	*json_out = NULL;
	result = extmgr__entry_check_id(id, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = get(session, id, json_out, &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}
