/* SPDX-License-Identifier: MIT */
#include "registry/catalog.h"

#include "base/alloc.h"
#include "catalog/content.h"

#include <stdlib.h>
#include <string.h>

/* Sources of one list together. */
#define SOURCES_MAXIMUM ((size_t)256 << 20)

void extmgr__carried_free(struct extmgr__carried *carried)
{
	free(carried->id);
	extmgr_text_free(carried->source);
	extmgr_error_free(carried->failure);
	*carried = (struct extmgr__carried){0};
}

void extmgr__carried_list_free(struct extmgr__carried_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		extmgr__carried_free(&list->items[i]);
	free(list->items);
	*list = (struct extmgr__carried_list){0};
}

static extmgr_result not_carried(const char *id, extmgr_error **error)
{
	return extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND, "extension \"%s\" not found",
				 id);
}

static extmgr_result read_source(struct extmgr__catalog_session *session,
				 const struct extmgr__stored *stored, const char *path,
				 size_t maximum, extmgr_text **source_out, extmgr_error **error)
{
	struct extmgr__buffer content = {0};
	extmgr_result result =
		extmgr__stored_read_file(session, stored, path, maximum, &content, error);

	if (result == EXTMGR_E_TOO_LARGE)
		result = extmgr__error_set(error, EXTMGR_E_SOURCE_TOO_LARGE,
					   "definition '%s' is larger than %zu bytes",
					   stored->entry.id, maximum);
	else if (result == EXTMGR_OK &&
		 !extmgr__utf8_is_valid(extmgr__buffer_get(&content), content.length))
		result = extmgr__error_set(error, EXTMGR_E_FORMAT,
					   "definition '%s' is not valid UTF-8", stored->entry.id);
	if (result == EXTMGR_OK) {
		*source_out = extmgr__buffer_take_text(&content, &result);
		if (!*source_out)
			extmgr__error_from_result(error, result, "definition");
	}
	extmgr__buffer_free(&content);
	return result;
}

/* With maximum 0 the source is not read. EXTMGR_E_EXTENSION_NOT_FOUND: the bundle carries none. */
static extmgr_result read_carried(struct extmgr__catalog_session *session, const char *id,
				  size_t maximum, struct extmgr__carried *carried,
				  extmgr_error **error)
{
	struct extmgr__stored stored;
	char *path = NULL;
	extmgr_result result = extmgr__stored_read(session, id, &stored, error);

	if (result == EXTMGR_OK)
		result = extmgr__manifest_definition(extmgr__buffer_get(&stored.manifest),
						     stored.manifest.length, &path, error);
	if (result == EXTMGR_OK && !path)
		result = not_carried(id, error);
	if (result == EXTMGR_OK) {
		carried->withdrawn = extmgr__entry_withdrawn(&stored.entry);
		carried->id = extmgr__strdup(id);
		if (!carried->id)
			result = extmgr__error_no_memory(error);
	}
	if (result == EXTMGR_OK)
		result = extmgr__stored_judge(session, &stored, &carried->signature,
					      &carried->signer, error);
	if (result == EXTMGR_OK && maximum)
		result = read_source(session, &stored, path, maximum, &carried->source, error);
	if (result == EXTMGR_E_CATALOG_TAMPERED)
		extmgr__stored_condemn(session, &stored.entry, extmgr_error_get_message(*error));
	free(path);
	extmgr__stored_free(&stored);
	return result;
}

extmgr_result extmgr__carried_read(extmgr_catalog *catalog, extmgr_operation *operation,
				   const char *id, size_t maximum, struct extmgr__carried *carried,
				   extmgr_error **error)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_result result;

	*carried = (struct extmgr__carried){0};
	result = extmgr__catalog_open_session(catalog, operation, &session, error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_begin_read(session, error);
	if (result == EXTMGR_OK)
		result = read_carried(session, id, maximum, carried, error);
	extmgr__catalog_disconnect(session);
	return result;
}

/* ---- All ---- */

/* What keeps the others from being read, too. */
static bool is_about_one(extmgr_result result)
{
	switch (result) {
	case EXTMGR_E_CATALOG_TAMPERED:
	case EXTMGR_E_SIGNATURE_MISSING:
	case EXTMGR_E_SIGNATURE_FORMAT:
	case EXTMGR_E_SIGNATURE_MODIFIED:
	case EXTMGR_E_SIGNATURE_UNTRUSTED_KEY:
	case EXTMGR_E_SOURCE_TOO_LARGE:
	case EXTMGR_E_FORMAT:
	case EXTMGR_E_NOT_FOUND:
		return true;
	default:
		return false;
	}
}

static extmgr_result add(struct extmgr__catalog_session *session, const struct extmgr__entry *entry,
			 size_t maximum, struct extmgr__carried_list *list, extmgr_error **error)
{
	struct extmgr__carried *grown;
	struct extmgr__carried carried = {0};
	extmgr_error *failure = NULL;
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	if (result != EXTMGR_OK)
		return result;
	result = read_carried(session, entry->id, maximum, &carried, &failure);
	extmgr__catalog_rollback(session);
	if (result != EXTMGR_OK && !is_about_one(result)) {
		extmgr__carried_free(&carried);
		if (result == EXTMGR_E_EXTENSION_NOT_FOUND) { /* none, or pruned meanwhile */
			extmgr_error_free(failure);
			return EXTMGR_OK;
		}
		extmgr__error_move(error, &failure);
		return result;
	}
	carried.failure = failure;
	if (!carried.id)
		carried.id = extmgr__strdup(entry->id);
	grown = extmgr__array_grow(list->items, list->count, &list->capacity, sizeof(*grown));
	if (!carried.id || !grown) {
		extmgr__carried_free(&carried);
		return extmgr__error_no_memory(error);
	}
	list->items = grown;
	grown[list->count++] = carried;
	return EXTMGR_OK;
}

static extmgr_result add_all(struct extmgr__catalog_session *session, extmgr_operation *operation,
			     size_t maximum, struct extmgr__carried_list *list,
			     extmgr_error **error)
{
	struct extmgr__entries entries = {0};
	size_t bytes = 0;
	extmgr_result result = extmgr__catalog_begin_read(session, error);

	if (result == EXTMGR_OK)
		result = extmgr__entries_read(session, &entries, error);
	extmgr__catalog_rollback(session);
	for (size_t i = 0; i < entries.count && result == EXTMGR_OK; i++) {
		size_t before = list->count;

		if (extmgr__entry_is_reserved(&entries.items[i]))
			continue;
		result = extmgr__operation_check(operation, error);
		if (result == EXTMGR_OK)
			result = add(session, &entries.items[i], maximum, list, error);
		if (list->count > before)
			bytes += extmgr_text_get_length(list->items[before].source);
		if (result == EXTMGR_OK && bytes > SOURCES_MAXIMUM)
			result = extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
						   "the definitions in the catalog are together "
						   "larger than %zu bytes",
						   SOURCES_MAXIMUM);
	}
	extmgr__entries_free(&entries);
	return result;
}

extmgr_result extmgr__carried_list(extmgr_catalog *catalog, extmgr_operation *operation,
				   bool with_sources, size_t maximum,
				   struct extmgr__carried_list *list, extmgr_error **error)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_result result;

	*list = (struct extmgr__carried_list){0};
	result = extmgr__catalog_open_session(catalog, operation, &session, error);
	if (result == EXTMGR_OK)
		result = add_all(session, operation, with_sources ? maximum : 0, list, error);
	extmgr__catalog_disconnect(session);
	return result;
}
