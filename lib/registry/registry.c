/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/options.h"
#include "base/text.h"
#include "base/url.h"
#include "catalog/entry.h"
#include "host/context.h"
#include "registry/catalog.h"
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
	struct extmgr__web *web;             /* NULL: a directory or the catalog */
	extmgr_catalog *catalog;             /* NULL: one of the others */
};

struct extmgr_registry_list {
	const char *kind;
	char *location;
	char **ids;
	size_t count;
	struct extmgr__snapshot *snapshot;   /* NULL: of a directory or the catalog */
	struct extmgr__carried_list carried; /* read ahead from the catalog; by ids; else empty */
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

extmgr_result extmgr_registry_open_catalog(extmgr_catalog *catalog, extmgr_registry **registry_out,
					   extmgr_error **error_out)
{
	extmgr_registry *registry;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (registry_out)
		*registry_out = NULL;
	if (!catalog || !registry_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 catalog ? "registry_out" : "catalog");
	result = extmgr__context_check(extmgr__catalog_context(catalog), error_out);
	if (result != EXTMGR_OK)
		return result;
	registry = calloc(1, sizeof(*registry));
	if (!registry)
		return extmgr__error_no_memory(error_out);
	atomic_init(&registry->references, 1);
	registry->context = extmgr__context_ref(extmgr__catalog_context(catalog));
	registry->catalog = extmgr__catalog_ref(catalog);
	registry->location = extmgr__strdup("catalog");
	if (!registry->location) {
		extmgr__registry_unref(registry);
		return extmgr__error_no_memory(error_out);
	}
	*registry_out = registry;
	return EXTMGR_OK;
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
	extmgr__catalog_unref(registry->catalog);
	extmgr__context_unref(registry->context);
	free(registry->location);
	free(registry);
}

void extmgr_registry_free(extmgr_registry *registry)
{
	extmgr__registry_unref(registry);
}

bool extmgr__registry_reads_ahead(const extmgr_registry *registry)
{
	return registry->web && extmgr__context_limits(registry->context)->max_parallel > 1;
}

const char *extmgr__registry_get_path(const extmgr_registry *registry)
{
	return registry->directory ? registry->location : NULL;
}

bool extmgr__registry_is_https(const extmgr_registry *registry)
{
	return registry->web && extmgr__url_is_https(registry->location);
}

void extmgr__registry_flush(extmgr_registry *registry)
{
	if (registry->web)
		extmgr__web_flush(registry->web);
	else if (registry->seen)
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

extmgr_result extmgr__registry_refuse_withdrawn(const char *id, const char *withdrawn,
						extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_EXTENSION_WITHDRAWN, "extension \"%s\" %s", id,
			  withdrawn);
	extmgr__error_hint(error, "what is installed of it can still be uninstalled; 'extmgr "
				  "catalog show' tells more");
	return EXTMGR_E_EXTENSION_WITHDRAWN;
}

static size_t source_maximum(const extmgr_registry *registry)
{
	return (size_t)extmgr__context_limits(registry->context)->source_bytes;
}

static extmgr_result read_from_catalog(const extmgr_registry *registry, extmgr_operation *operation,
				       const char *id, struct extmgr__source *source,
				       extmgr_error **error)
{
	struct extmgr__carried carried;
	extmgr_result result;

	if (extmgr__entry_check_id(id, NULL) != EXTMGR_OK)
		return EXTMGR_E_EXTENSION_NOT_FOUND;
	result = extmgr__carried_read(registry->catalog, operation, id, source_maximum(registry),
				      &carried, error);
	source->text = carried.source;
	source->signature = carried.signature;
	source->signer = carried.signer;
	source->withdrawn = carried.withdrawn;
	carried.source = NULL;
	extmgr__carried_free(&carried);
	return result;
}

static extmgr_result read_plain(extmgr_registry *registry, extmgr_operation *operation,
				struct extmgr__snapshot *snapshot, const char *id,
				struct extmgr__source *source, extmgr_error **error)
{
	extmgr_result result = EXTMGR_E_EXTENSION_NOT_FOUND;

	*source = (struct extmgr__source){0};
	if (registry->catalog)
		result = read_from_catalog(registry, operation, id, source, error);
	else if (extmgr__is_plain_name(id))
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
	struct extmgr__carried *carried;
	extmgr_result result;

	if (!list->carried.count)
		return read_plain(registry, operation, list->snapshot, list->ids[index], source,
				  error);
	carried = &list->carried.items[index];
	*source = (struct extmgr__source){.text = carried->source,
					  .signature = carried->signature,
					  .signer = carried->signer,
					  .withdrawn = carried->withdrawn};
	carried->source = NULL;
	if (!carried->failure)
		return EXTMGR_OK;
	result = extmgr_error_get_code(carried->failure);
	extmgr__error_move(error, &carried->failure);
	return result;
}

char *extmgr__registry_id(const extmgr_registry *registry, const char *id)
{
	return registry->catalog ? extmgr__strdup(id) : extmgr__registry_canonical_id(id);
}

extmgr_result extmgr__registry_read(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, struct extmgr__source *source,
				    extmgr_error **error)
{
	char *canonical = extmgr__registry_id(registry, id);
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
	extmgr_error *error = NULL;
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
	result = extmgr__registry_read(registry, NULL, id, &source, &error);
	if (result == EXTMGR_OK && source.withdrawn) {
		extmgr_text_free(source.text);
		source.text = NULL;
		result = extmgr__registry_refuse_withdrawn(id, source.withdrawn, &error);
	}
	*source_out = source.text;
	extmgr__error_move(error_out, &error);
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

static int compare_carried(const void *a, const void *b)
{
	return strcmp(((const struct extmgr__carried *)a)->id,
		      ((const struct extmgr__carried *)b)->id);
}

/* Takes out what is withdrawn. */
static void keep_public(struct extmgr__carried_list *carried)
{
	size_t kept = 0;

	for (size_t i = 0; i < carried->count; i++) {
		if (carried->items[i].withdrawn)
			extmgr__carried_free(&carried->items[i]);
		else
			carried->items[kept++] = carried->items[i];
	}
	carried->count = kept;
}

static extmgr_result list_catalog(extmgr_registry *registry, extmgr_operation *operation,
				  enum extmgr__list_scope scope, extmgr_registry_list *list,
				  extmgr_error **error)
{
	struct extmgr__carried_list *carried = &list->carried;
	extmgr_result result =
		extmgr__carried_list(registry->catalog, operation, scope == EXTMGR__LIST_ALL,
				     source_maximum(registry), carried, error);

	list->kind = "catalog";
	if (result != EXTMGR_OK)
		return result;
	if (scope == EXTMGR__LIST_PUBLIC)
		keep_public(carried);
	if (carried->count)
		qsort(carried->items, carried->count, sizeof(*carried->items), compare_carried);
	list->ids = calloc(carried->count + 1, sizeof(*list->ids));
	if (!list->ids)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < carried->count; i++) {
		list->ids[i] = extmgr__strdup(carried->items[i].id);
		if (!list->ids[i])
			return extmgr__error_no_memory(error);
		list->count++;
	}
	return EXTMGR_OK;
}

/* One alone; from the catalog it is read at once, and a failure waits until it is asked for. */
static extmgr_result list_one(extmgr_registry *registry, extmgr_operation *operation,
			      const char *id, extmgr_registry_list *list, extmgr_error **error)
{
	struct extmgr__carried *carried;
	struct extmgr__source source;

	list->kind = "one";
	list->ids = calloc(1, sizeof(*list->ids));
	if (list->ids)
		list->ids[0] = extmgr__registry_id(registry, id);
	if (!list->ids || !list->ids[0])
		return extmgr__error_no_memory(error);
	list->count = 1;
	if (!registry->catalog)
		return EXTMGR_OK;
	carried = calloc(1, sizeof(*carried));
	if (!carried)
		return extmgr__error_no_memory(error);
	list->carried.items = carried;
	list->carried.count = 1;
	(void)read_plain(registry, operation, NULL, list->ids[0], &source, &carried->failure);
	carried->source = source.text;
	carried->signature = source.signature;
	carried->signer = source.signer;
	carried->withdrawn = source.withdrawn;
	return EXTMGR_OK;
}

extmgr_result extmgr__registry_list(extmgr_registry *registry, extmgr_operation *operation,
				    enum extmgr__list_scope scope, const char *id,
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
	else if (id)
		result = list_one(registry, operation, id, list, error);
	else if (registry->catalog)
		result = list_catalog(registry, operation, scope, list, error);
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
	return extmgr_registry_list_entries_within(registry, NULL, list_out, error_out);
}

extmgr_result extmgr_registry_list_entries_within(extmgr_registry *registry,
						  extmgr_operation *operation,
						  extmgr_registry_list **list_out,
						  extmgr_error **error_out)
{
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (list_out)
		*list_out = NULL;
	if (!registry || !list_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 !registry ? "registry" : "list_out");
	result = extmgr__context_check(registry->context, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, registry->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__registry_list(registry, operation, EXTMGR__LIST_PUBLIC, NULL, list_out,
				       &error);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	return result;
}

extmgr_result extmgr_registry_check(extmgr_registry *registry, const char *id,
				    extmgr_operation *operation, int32_t *signature_out,
				    extmgr_error **error_out)
{
	struct extmgr__source source = {0};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (signature_out)
		*signature_out = 0;
	if (!registry || !id || !signature_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "registry, id or signature_out is NULL");
	result = extmgr__context_check(registry->context, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, registry->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__registry_read(registry, operation, id, &source, &error);
	extmgr__registry_flush(registry);
	extmgr__operation_end(operation);
	extmgr_text_free(source.text);
	*signature_out = source.signature;
	extmgr__error_move(error_out, &error);
	return result;
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
	free(list->location);
	free(list);
}
