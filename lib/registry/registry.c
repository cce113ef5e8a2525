/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include "base/alloc.h"
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
	char *location;            /* without secrets; the path of a directory */
	struct extmgr__seen *seen; /* of a directory; NULL: one of the others */
	struct extmgr__web *web;   /* NULL: a directory or the catalog */
	extmgr_catalog *catalog;   /* NULL: one of the others */
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
	struct extmgr__directory *directory;
	extmgr_result result;

	extmgr__url_append_public(&shown, location);
	registry->location = shown.data;
	if (!registry->location)
		return extmgr__error_no_memory(error);
	if (extmgr__url_is_http(location))
		return extmgr__web_open(registry->context, location, options->flags,
					options->refresh_ms, &registry->web, error);
	result = extmgr__directory_open(location, &directory, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__directory_close(directory);
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

extmgr_context *extmgr__registry_context(const extmgr_registry *registry)
{
	return registry->context;
}

struct extmgr__web *extmgr__registry_web(const extmgr_registry *registry)
{
	return registry->web;
}

bool extmgr__registry_reads_ahead(const extmgr_registry *registry)
{
	return registry->web && extmgr__context_limits(registry->context)->max_parallel > 1;
}

const char *extmgr__registry_get_path(const extmgr_registry *registry)
{
	return registry->seen ? registry->location : NULL;
}

const char *extmgr__registry_get_location(const extmgr_registry *registry)
{
	return registry->location;
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
	const char *text;
	size_t length;

	if (result == EXTMGR_E_EXTENSION_NOT_FOUND)
		return not_found(error, id);
	if (result != EXTMGR_OK)
		return result;
	text = extmgr_text_get_data(source->text);
	length = extmgr_text_get_length(source->text);
	if (!extmgr__utf8_is_valid(text, length))
		result = extmgr__error_set(error, EXTMGR_E_FORMAT,
					   "definition '%s' is not valid UTF-8", id);
	else if (!source->sha256[0] &&
		 extmgr__hash_sha256_hex(text, length, source->sha256) != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	if (result != EXTMGR_OK) {
		extmgr_text_free(source->text);
		source->text = NULL;
	}
	return result;
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

/* directory: of a list, or NULL for what is there now. */
static extmgr_result read_from_directory(const extmgr_registry *registry,
					 const struct extmgr__directory *directory, const char *id,
					 struct extmgr__source *source, extmgr_error **error)
{
	struct extmgr__directory *now = NULL;
	extmgr_result result = EXTMGR_OK;

	if (!directory) {
		result = extmgr__directory_open(registry->location, &now, error);
		directory = now;
	}
	if (result == EXTMGR_OK)
		result = extmgr__local_read(directory, registry->context, registry->seen, id,
					    source, error);
	extmgr__directory_close(now);
	return result;
}

/* list: what was opened for it is read from; NULL: what is there now. */
static extmgr_result read_plain(extmgr_registry *registry, extmgr_operation *operation,
				const extmgr_registry_list *list, const char *id,
				struct extmgr__source *source, extmgr_error **error)
{
	extmgr_result result;

	*source = (struct extmgr__source){0};
	if (registry->catalog)
		result = read_from_catalog(registry, operation, id, source, error);
	else if (!extmgr__is_plain_name(id))
		result = EXTMGR_E_EXTENSION_NOT_FOUND;
	else if (registry->web)
		result = read_from_web(registry->web, operation, list ? list->snapshot : NULL, id,
				       source, error);
	else
		result = read_from_directory(registry, list ? list->directory : NULL, id, source,
					     error);
	return finish_source(id, result, source, error);
}

extmgr_result extmgr__registry_read_listed(extmgr_registry *registry, extmgr_operation *operation,
					   const extmgr_registry_list *list, size_t index,
					   struct extmgr__source *source, extmgr_error **error)
{
	struct extmgr__carried *carried;
	extmgr_result result;

	if (list->snapshot && list->scope == EXTMGR__LIST_CHECK)
		return finish_source(list->ids[index],
				     extmgr__web_check(registry->web, operation, list->snapshot,
						       &list->snapshot->index->entries[index],
						       source, error),
				     source, error);
	if (!list->carried.count)
		return read_plain(registry, operation, list, list->ids[index], source, error);
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
		if (index->entries[i].superseded && list->scope != EXTMGR__LIST_CHECK)
			continue;
		list->ids[list->count] = extmgr__strdup(index->entries[i].id);
		if (!list->ids[list->count])
			return extmgr__error_no_memory(error);
		list->count++;
	}
	return EXTMGR_OK;
}

/* A list that the caller keeps holds no descriptor. */
static extmgr_result list_directory(const extmgr_registry *registry, enum extmgr__list_scope scope,
				    extmgr_registry_list *list, extmgr_error **error)
{
	struct extmgr__directory *directory = NULL;
	extmgr_result result = extmgr__directory_open(registry->location, &directory, error);

	list->kind = "directory";
	if (result == EXTMGR_OK)
		result = extmgr__directory_list(directory, &list->ids, &list->count, error);
	if (result == EXTMGR_OK && list->count)
		qsort((void *)list->ids, list->count, sizeof(*list->ids), compare_ids);
	if (scope == EXTMGR__LIST_PUBLIC)
		extmgr__directory_close(directory);
	else
		list->directory = directory;
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
		extmgr__carried_list(registry->catalog, operation, scope != EXTMGR__LIST_PUBLIC,
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
	list->scope = scope;
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
		result = list_directory(registry, scope, list, error);
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
