/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/options.h"
#include "base/text.h"
#include "base/url.h"
#include "host/context.h"
#include "registry/directory.h"
#include "registry/local.h"
#include "registry/registry_internal.h"
#include "registry/web.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct extmgr_registry {
	atomic_uint references;
	extmgr_context *context;
	char *location;                      /* without secrets */
	struct extmgr__directory *directory; /* NULL: on the web */
	struct extmgr__seen *seen;           /* of the directory */
	struct extmgr__web *web;             /* NULL: a directory */
};

struct extmgr_registry_list {
	const char *kind;
	char *location;
	char **ids;
	size_t count;
	struct extmgr__snapshot *snapshot; /* NULL: of a directory */
};

/* ---- opening ---- */

void extmgr_registry_options_init(extmgr_registry_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

static extmgr_result options_read(extmgr_registry_options *copy,
				  const extmgr_registry_options *options, extmgr_error **error)
{
	extmgr_result result;

	extmgr_registry_options_init(copy, sizeof(*copy));
	if (!options)
		return EXTMGR_OK;
	result = extmgr__options_copy(copy, sizeof(*copy), options,
				      EXTMGR__SIZE_UP_TO(extmgr_registry_options, refresh_ms),
				      "extmgr_registry_options", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags & ~(EXTMGR_REGISTRY_OFFLINE | EXTMGR_REGISTRY_ALLOW_DOWNGRADE))
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_registry_options: unknown flags 0x%x",
					 (unsigned)copy->flags);
	return EXTMGR_OK;
}

static extmgr_result open_place(extmgr_registry *registry, const char *location,
				const extmgr_registry_options *options, extmgr_error **error)
{
	struct extmgr__buffer shown = EXTMGR__BUFFER(strlen(location) + EXTMGR__URL_MAXIMUM);
	extmgr_result result;

	extmgr__url_append_public(&shown, location);
	registry->location = shown.data;
	if (!registry->location)
		return extmgr__error_no_memory(error);
	if (extmgr__url_is_http(location))
		return extmgr__web_open(registry->context, location, options->flags,
					options->refresh_ms, &registry->web, error);
	result = extmgr__directory_open(location, &registry->directory, error);
	if (result != EXTMGR_OK)
		return result;
	registry->seen = extmgr__seen_new(registry->context, location,
					  options->flags & EXTMGR_REGISTRY_ALLOW_DOWNGRADE);
	return registry->seen ? EXTMGR_OK : extmgr__error_no_memory(error);
}

extmgr_result extmgr_registry_open_with_options(extmgr_context *context, const char *location,
						const extmgr_registry_options *options,
						extmgr_registry **registry_out,
						extmgr_error **error_out)
{
	extmgr_registry_options checked;
	extmgr_registry *registry;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!registry_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "registry_out is NULL");
	*registry_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result == EXTMGR_OK)
		result = options_read(&checked, options, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!location || !*location)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "the location of the registry is %s",
					 location ? "empty" : "NULL");
	registry = calloc(1, sizeof(*registry));
	if (!registry)
		return extmgr__error_no_memory(error_out);
	atomic_init(&registry->references, 1);
	registry->context = extmgr__context_ref(context);
	result = open_place(registry, location, &checked, error_out);
	if (result != EXTMGR_OK) {
		extmgr__registry_unref(registry);
		return result;
	}
	*registry_out = registry;
	return EXTMGR_OK;
}

extmgr_result extmgr_registry_open(extmgr_context *context, const char *location,
				   extmgr_registry **registry_out, extmgr_error **error_out)
{
	return extmgr_registry_open_with_options(context, location, NULL, registry_out, error_out);
}

extmgr_registry *extmgr__registry_ref(extmgr_registry *registry)
{
	atomic_fetch_add(&registry->references, 1);
	return registry;
}

void extmgr__registry_unref(extmgr_registry *registry)
{
	if (!registry || atomic_fetch_sub(&registry->references, 1) != 1)
		return;
	extmgr__directory_free(registry->directory);
	extmgr__seen_free(registry->seen);
	extmgr__web_free(registry->web);
	extmgr__context_unref(registry->context);
	free(registry->location);
	free(registry);
}

void extmgr_registry_free(extmgr_registry *registry)
{
	extmgr__registry_unref(registry);
}

bool extmgr__registry_is_remote(const extmgr_registry *registry)
{
	return registry->web != NULL;
}

void extmgr__registry_flush(extmgr_registry *registry)
{
	if (registry->web)
		extmgr__web_flush(registry->web);
	else
		extmgr__seen_flush(registry->seen);
}

extmgr_result extmgr_registry_refresh(extmgr_registry *registry, extmgr_operation *operation,
				      extmgr_error **error_out)
{
	struct extmgr__snapshot *snapshot = NULL;
	bool changed = false;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!registry)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "registry is NULL");
	result = extmgr__context_check(registry->context, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, registry->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (registry->web)
		result = extmgr__web_acquire(registry->web, operation, true, &snapshot, &changed,
					     error_out);
	extmgr__operation_end(operation);
	extmgr__snapshot_unref(snapshot);
	return result == EXTMGR_OK && !changed ? EXTMGR_UNCHANGED : result;
}

/* ---- reading ---- */

static extmgr_result not_found(extmgr_error **error, const char *id)
{
	extmgr_result result = extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
						 "extension \"%s\" not found", id);

	extmgr__error_hint(error, "'extmgr search' lists what the registry holds");
	return result;
}

/* What both kinds of registries promise of a source. */
static extmgr_result finish_source(const char *id, extmgr_result result,
				   struct extmgr__source *source, extmgr_error **error)
{
	if (result == EXTMGR_E_EXTENSION_NOT_FOUND)
		return not_found(error, id);
	if (result != EXTMGR_OK || extmgr__utf8_is_valid(extmgr_text_get_data(source->text),
							 extmgr_text_get_length(source->text)))
		return result;
	extmgr_text_free(source->text);
	source->text = NULL;
	return extmgr__error_set(error, EXTMGR_E_FORMAT, "definition '%s' is not valid UTF-8", id);
}

/* snapshot: of a list, or NULL for the index of now. */
static extmgr_result read_from_web(struct extmgr__web *web, extmgr_operation *operation,
				   struct extmgr__snapshot *snapshot, const char *id,
				   struct extmgr__source *source, extmgr_error **error)
{
	struct extmgr__snapshot *now = NULL;
	extmgr_result result = EXTMGR_OK;

	if (!snapshot) {
		result = extmgr__web_acquire(web, operation, false, &now, NULL, error);
		snapshot = now;
	}
	if (result == EXTMGR_OK)
		result = extmgr__web_read(web, operation, snapshot, id, source, error);
	extmgr__snapshot_unref(now);
	return result;
}

static extmgr_result read_plain(extmgr_registry *registry, extmgr_operation *operation,
				struct extmgr__snapshot *snapshot, const char *id,
				struct extmgr__source *source, extmgr_error **error)
{
	extmgr_result result = EXTMGR_E_EXTENSION_NOT_FOUND;

	*source = (struct extmgr__source){0};
	if (extmgr__is_plain_name(id))
		result = registry->web ? read_from_web(registry->web, operation, snapshot, id,
						       source, error)
				       : extmgr__local_read(registry->directory, registry->context,
							    registry->seen, id, source, error);
	return finish_source(id, result, source, error);
}

extmgr_result extmgr__registry_read_listed(extmgr_registry *registry, extmgr_operation *operation,
					   const extmgr_registry_list *list, size_t index,
					   struct extmgr__source *source, extmgr_error **error)
{
	return read_plain(registry, operation, list->snapshot, list->ids[index], source, error);
}

extmgr_result extmgr__registry_read(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, struct extmgr__source *source,
				    extmgr_error **error)
{
	char *canonical = extmgr__registry_canonical_id(id);
	extmgr_result result;

	*source = (struct extmgr__source){0};
	if (!canonical)
		return extmgr__error_no_memory(error);
	result = read_plain(registry, operation, NULL, canonical, source, error);
	if (result == EXTMGR_OK)
		extmgr__registry_flush(registry);
	free(canonical);
	return result;
}

extmgr_result extmgr_registry_read(extmgr_registry *registry, const char *id,
				   extmgr_text **source_out, extmgr_error **error_out)
{
	struct extmgr__source source;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (source_out)
		*source_out = NULL;
	if (!registry || !id || !source_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 !registry ? "registry"
					 : !id     ? "id"
						   : "source_out");
	result = extmgr__context_check(registry->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__registry_read(registry, NULL, id, &source, error_out);
	*source_out = source.text;
	return result;
}

/* ---- listing ---- */

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static extmgr_result list_web(extmgr_registry *registry, extmgr_operation *operation,
			      extmgr_registry_list *list, extmgr_error **error)
{
	const struct extmgr__index *index;
	extmgr_result result =
		extmgr__web_acquire(registry->web, operation, false, &list->snapshot, NULL, error);

	if (result != EXTMGR_OK)
		return result;
	index = list->snapshot->index;
	list->kind = "http";
	list->ids = calloc(index->count + 1, sizeof(*list->ids));
	if (!list->ids)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < index->count; i++) {
		if (index->entries[i].superseded)
			continue;
		list->ids[list->count] = extmgr__strdup(index->entries[i].id);
		if (!list->ids[list->count])
			return extmgr__error_no_memory(error);
		list->count++;
	}
	return EXTMGR_OK;
}

static extmgr_result list_directory(const extmgr_registry *registry, extmgr_registry_list *list,
				    extmgr_error **error)
{
	extmgr_result result;

	list->kind = "directory";
	result = extmgr__directory_list(registry->directory, &list->ids, &list->count, error);
	if (result == EXTMGR_OK && list->count)
		qsort((void *)list->ids, list->count, sizeof(*list->ids), compare_ids);
	return result;
}

extmgr_result extmgr__registry_list(extmgr_registry *registry, extmgr_operation *operation,
				    extmgr_registry_list **list_out, extmgr_error **error)
{
	extmgr_registry_list *list = calloc(1, sizeof(*list));
	extmgr_result result;

	*list_out = NULL;
	if (!list)
		return extmgr__error_no_memory(error);
	list->location = extmgr__strdup(registry->location);
	if (!list->location)
		result = extmgr__error_no_memory(error);
	else if (registry->web)
		result = list_web(registry, operation, list, error);
	else
		result = list_directory(registry, list, error);
	if (result != EXTMGR_OK) {
		extmgr_registry_list_free(list);
		return result;
	}
	*list_out = list;
	return EXTMGR_OK;
}

extmgr_result extmgr_registry_list_entries(extmgr_registry *registry,
					   extmgr_registry_list **list_out,
					   extmgr_error **error_out)
{
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (list_out)
		*list_out = NULL;
	if (!registry || !list_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 !registry ? "registry" : "list_out");
	result = extmgr__context_check(registry->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	return extmgr__registry_list(registry, NULL, list_out, error_out);
}

size_t extmgr_registry_list_get_count(const extmgr_registry_list *list)
{
	return list ? list->count : 0;
}

const char *extmgr_registry_list_get_id(const extmgr_registry_list *list, size_t index)
{
	return list && index < list->count ? list->ids[index] : NULL;
}

static void write_entry(struct extmgr__json_writer *writer, const struct extmgr__index_entry *entry)
{
	struct extmgr__buffer url = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 8);

	extmgr__url_append_public(&url, entry->url);
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
	extmgr__snapshot_unref(list->snapshot);
	free(list->location);
	free(list);
}
