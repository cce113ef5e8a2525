/* SPDX-License-Identifier: MIT */
/* What a registry holds, as the host reads it. */
#include "base/json.h"
#include "base/url.h"
#include "registry/registry_internal.h"

#include <stdlib.h>
#include <string.h>

size_t extmgr_registry_list_get_count(const extmgr_registry_list *list)
{
	return list ? list->count : 0;
}

const char *extmgr_registry_list_get_id(const extmgr_registry_list *list, size_t index)
{
	return list && index < list->count ? list->ids[index] : NULL;
}

struct extmgr__snapshot *extmgr__registry_list_snapshot(const extmgr_registry_list *list)
{
	return list->snapshot;
}

const char *extmgr__registry_list_version(const extmgr_registry_list *list, size_t index)
{
	return list->snapshot ? list->snapshot->index->entries[index].version : NULL;
}

static void write_entry(struct extmgr__json_writer *writer, const struct extmgr__index_entry *entry)
{
	struct extmgr__buffer url = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 8);

	/* Relative ones have no user, but may have a query, too. */
	if (extmgr__url_is_http(entry->url)) {
		extmgr__url_append_public(&url, entry->url);
	} else {
		size_t length = strcspn(entry->url, "?#");

		extmgr__buffer_append(&url, entry->url, length);
		extmgr__buffer_puts(&url, entry->url[length] == '?' ? "?..." : "");
	}
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", entry->id);
	extmgr__json_member_string(writer, "version", entry->version);
	extmgr__json_member_string(writer, "url", extmgr__buffer_get(&url));
	if (entry->sha256[0])
		extmgr__json_member_string(writer, "sha256", entry->sha256);
	else
		extmgr__json_member_string(writer, "sha256", NULL);
	extmgr__json_end_object(writer);
	extmgr__buffer_free(&url);
}

static void write_web_entries(struct extmgr__json_writer *writer, const struct extmgr__index *index,
			      bool superseded)
{
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < index->count; i++) {
		if (index->entries[i].superseded == superseded)
			write_entry(writer, &index->entries[i]);
	}
	extmgr__json_end_array(writer);
}

static void write_web(struct extmgr__json_writer *writer, const struct extmgr__snapshot *snapshot)
{
	const struct extmgr__index *index = snapshot->index;

	extmgr__json_member_string(writer, "signature",
				   extmgr_signature_get_name(snapshot->signature));
	if (index->serial >= 0)
		extmgr__json_member_integer(writer, "serial", index->serial);
	if (index->expires_text)
		extmgr__json_member_string(writer, "expires", index->expires_text);
	extmgr__json_member_integer(writer, "fetched", snapshot->record->fetched);
	extmgr__json_key(writer, "entries");
	write_web_entries(writer, index, false);
	extmgr__json_key(writer, "superseded");
	write_web_entries(writer, index, true);
}

static void write_directory(struct extmgr__json_writer *writer, const extmgr_registry_list *list)
{
	extmgr__json_key(writer, "entries");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < list->count; i++) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", list->ids[i]);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

extmgr_result extmgr_registry_list_to_json(const extmgr_registry_list *list, extmgr_text **text_out,
					   extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (text_out)
		*text_out = NULL;
	if (!list || !text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 list ? "text_out" : "list");
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.registry/1");
	extmgr__json_member_string(&writer, "location", list->location);
	extmgr__json_member_string(&writer, "kind", list->kind);
	if (list->snapshot)
		write_web(&writer, list->snapshot);
	else
		write_directory(&writer, list);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "the list");
}

void extmgr_registry_list_free(extmgr_registry_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->ids[i]);
	free((void *)list->ids);
	extmgr__carried_list_free(&list->carried);
	extmgr__snapshot_unref(list->snapshot);
	extmgr__directory_close(list->directory);
	free(list->location);
	free(list);
}
