/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include "base/alloc.h"
#include "base/text.h"
#include "catalog/entry.h"
#include "host/context.h"
#include "registry/catalog.h"
#include "registry/directory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXIMUM_ID_LENGTH 255

struct extmgr_registry {
	atomic_uint references;
	extmgr_context *context;
	struct extmgr__directory *directory; /* one of the two */
	extmgr_catalog *catalog;
};

static bool is_http(const char *location)
{
	return strncasecmp(location, "http://", 7) == 0 ||
	       strncasecmp(location, "https://", 8) == 0;
}

extmgr_result extmgr_registry_open(extmgr_context *context, const char *location,
				   extmgr_registry **registry_out, extmgr_error **error_out)
{
	extmgr_registry *registry;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!registry_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "registry_out is NULL");
	*registry_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!location || !*location)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "the location of the registry is %s",
					 location ? "empty" : "NULL");
	if (is_http(location))
		return extmgr__error_set(error_out, EXTMGR_E_UNSUPPORTED,
					 "registry '%s': HTTP registries are not supported by this "
					 "version; give a directory",
					 location);
	registry = calloc(1, sizeof(*registry));
	if (!registry)
		return extmgr__error_no_memory(error_out);
	result = extmgr__directory_open(location, &registry->directory, error_out);
	if (result != EXTMGR_OK) {
		free(registry);
		return result;
	}
	atomic_init(&registry->references, 1);
	registry->context = extmgr__context_ref(context);
	*registry_out = registry;
	return EXTMGR_OK;
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
	extmgr__catalog_unref(registry->catalog);
	extmgr__context_unref(registry->context);
	free(registry);
}

void extmgr_registry_free(extmgr_registry *registry)
{
	extmgr__registry_unref(registry);
}

static bool has_suffix(const char *id, size_t length)
{
	return length > 3 && strcmp(id + length - 3, ".js") == 0;
}

/* An id is one part of a path: what could reach another file is no id of this registry. */
static bool is_plain_name(const char *id)
{
	size_t length = strlen(id);

	return length > 0 && length <= MAXIMUM_ID_LENGTH && id[0] != '.' && !strchr(id, '/') &&
	       !strchr(id, '\\') && extmgr__utf8_is_valid(id, length) &&
	       !extmgr__text_has_control(id, length) && !has_suffix(id, length);
}

char *extmgr__registry_canonical_id(const extmgr_registry *registry, const char *id)
{
	size_t length = strlen(id);

	if (registry->catalog)
		return extmgr__strdup(id);
	return extmgr__memdup(id, has_suffix(id, length) ? length - 3 : length);
}

static extmgr_result not_found(extmgr_error **error, const char *id)
{
	extmgr_result result = extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
						 "extension \"%s\" not found", id);

	extmgr__error_hint(error, "'extmgr search' lists what the registry holds");
	return result;
}

static size_t source_maximum(const extmgr_registry *registry)
{
	return (size_t)extmgr__context_limits(registry->context)->source_bytes;
}

static extmgr_result read_file(const extmgr_registry *registry, const char *id,
			       extmgr_text **source_out, extmgr_error **error)
{
	struct extmgr__buffer content;
	extmgr_result result = extmgr__directory_read(registry->directory, id,
						      source_maximum(registry), &content, error);

	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__utf8_is_valid(extmgr__buffer_get(&content), content.length)) {
		extmgr__buffer_free(&content);
		return extmgr__error_set(error, EXTMGR_E_FORMAT,
					 "definition '%s' is not valid UTF-8", id);
	}
	*source_out = extmgr__buffer_take_text(&content, &result);
	return *source_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "definition");
}

static extmgr_result refuse_withdrawn(const char *id, const char *withdrawn, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_EXTENSION_WITHDRAWN, "extension \"%s\" %s", id,
			  withdrawn);
	extmgr__error_hint(error, "what is installed of it can still be uninstalled; 'extmgr "
				  "catalog show' tells more");
	return EXTMGR_E_EXTENSION_WITHDRAWN;
}

static extmgr_result read_catalog(const extmgr_registry *registry, extmgr_operation *operation,
				  const char *id, extmgr_text **source_out,
				  const char **withdrawn_out, extmgr_error **error)
{
	struct extmgr__carried carried;
	extmgr_result result = extmgr__carried_read(registry->catalog, operation, id,
						    source_maximum(registry), &carried, error);

	if (result == EXTMGR_OK && withdrawn_out)
		*withdrawn_out = carried.withdrawn;
	else if (result == EXTMGR_OK && carried.withdrawn)
		result = refuse_withdrawn(id, carried.withdrawn, error);
	if (result == EXTMGR_OK) {
		*source_out = carried.source;
		carried.source = NULL;
	}
	extmgr__carried_free(&carried);
	return result;
}

extmgr_result extmgr__registry_load(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, extmgr_text **source_out,
				    const char **withdrawn_out, extmgr_error **error)
{
	char *canonical = extmgr__registry_canonical_id(registry, id);
	extmgr_result result = EXTMGR_E_EXTENSION_NOT_FOUND;

	*source_out = NULL;
	if (withdrawn_out)
		*withdrawn_out = NULL;
	if (!canonical)
		return extmgr__error_no_memory(error);
	if (registry->catalog && extmgr__entry_check_id(canonical, NULL) == EXTMGR_OK)
		result = read_catalog(registry, operation, canonical, source_out, withdrawn_out,
				      error);
	else if (registry->directory && is_plain_name(canonical))
		result = read_file(registry, canonical, source_out, error);
	if (result == EXTMGR_E_EXTENSION_NOT_FOUND)
		not_found(error, canonical);
	free(canonical);
	return result;
}

extmgr_result extmgr_registry_read(extmgr_registry *registry, const char *id,
				   extmgr_text **source_out, extmgr_error **error_out)
{
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
	result = extmgr__registry_load(registry, NULL, id, source_out, NULL, &error);
	extmgr__error_move(error_out, &error);
	return result;
}

/* ---- Lists ---- */

struct item {
	char *id;
	const char *withdrawn; /* NULL: it is not */
	extmgr_text *source;   /* read ahead; NULL: it is read when it is asked for, unless */
	extmgr_error *failure; /* it could not be read ahead */
};

struct extmgr_registry_list {
	struct item *items;
	size_t count;
};

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static extmgr_result list_directory(const extmgr_registry *registry, extmgr_registry_list *list,
				    extmgr_error **error)
{
	char **ids = NULL;
	size_t count = 0;
	extmgr_result result = extmgr__directory_list(registry->directory, &ids, &count, error);

	if (result != EXTMGR_OK)
		return result;
	list->items = calloc(count + 1, sizeof(*list->items));
	for (size_t i = 0; i < count; i++) {
		if (list->items)
			list->items[i].id = ids[i];
		else
			free(ids[i]);
	}
	free((void *)ids);
	if (!list->items)
		return extmgr__error_no_memory(error);
	list->count = count;
	return EXTMGR_OK;
}

/* everything: sources and what is withdrawn. */
static extmgr_result list_catalog(const extmgr_registry *registry, extmgr_operation *operation,
				  bool everything, extmgr_registry_list *list, extmgr_error **error)
{
	struct extmgr__carried_list carried;
	extmgr_result result = extmgr__carried_list(registry->catalog, operation, everything,
						    source_maximum(registry), &carried, error);

	if (result == EXTMGR_OK) {
		list->items = calloc(carried.count + 1, sizeof(*list->items));
		if (!list->items)
			result = extmgr__error_no_memory(error);
	}
	for (size_t i = 0; result == EXTMGR_OK && i < carried.count; i++) {
		struct extmgr__carried *from = &carried.items[i];

		if (from->withdrawn && !everything)
			continue;
		list->items[list->count++] = (struct item){.id = from->id,
							   .withdrawn = from->withdrawn,
							   .source = from->source,
							   .failure = from->failure};
		*from = (struct extmgr__carried){0};
	}
	extmgr__carried_list_free(&carried);
	return result;
}

static extmgr_result look_at_one(extmgr_registry *registry, extmgr_operation *operation,
				 const char *id, extmgr_registry_list *list, extmgr_error **error)
{
	struct item *item = calloc(1, sizeof(*item));
	extmgr_result result = EXTMGR_OK;

	list->items = item;
	if (!item)
		return extmgr__error_no_memory(error);
	list->count = 1;
	item->id = extmgr__registry_canonical_id(registry, id);
	if (!item->id)
		return extmgr__error_no_memory(error);
	if (!registry->catalog)
		return EXTMGR_OK;
	result = extmgr__registry_load(registry, operation, id, &item->source, &item->withdrawn,
				       &item->failure);
	if (result == EXTMGR_E_CONNECTION || result == EXTMGR_E_NO_MEMORY)
		extmgr__error_move(error, &item->failure);
	else
		result = EXTMGR_OK;
	return result;
}

static extmgr_result make_list(extmgr_registry *registry, extmgr_operation *operation,
			       const char *id, bool everything, extmgr_registry_list **list_out,
			       extmgr_error **error)
{
	extmgr_registry_list *list = calloc(1, sizeof(*list));
	extmgr_result result;

	*list_out = NULL;
	if (!list)
		return extmgr__error_no_memory(error);
	if (id)
		result = look_at_one(registry, operation, id, list, error);
	else if (registry->catalog)
		result = list_catalog(registry, operation, everything, list, error);
	else
		result = list_directory(registry, list, error);
	if (result != EXTMGR_OK) {
		extmgr_registry_list_free(list);
		return result;
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_items);
	*list_out = list;
	return EXTMGR_OK;
}

extmgr_result extmgr__registry_look(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, extmgr_registry_list **list_out,
				    extmgr_error **error)
{
	return make_list(registry, operation, id, true, list_out, error);
}

extmgr_result extmgr_registry_list_entries(extmgr_registry *registry,
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
	if (result != EXTMGR_OK)
		return result;
	result = make_list(registry, NULL, NULL, false, list_out, &error);
	extmgr__error_move(error_out, &error);
	return result;
}

size_t extmgr_registry_list_get_count(const extmgr_registry_list *list)
{
	return list ? list->count : 0;
}

const char *extmgr_registry_list_get_id(const extmgr_registry_list *list, size_t index)
{
	return list && index < list->count ? list->items[index].id : NULL;
}

const char *extmgr__registry_list_withdrawn(const extmgr_registry_list *list, size_t index)
{
	return list->items[index].withdrawn;
}

extmgr_result extmgr__registry_list_take_source(extmgr_registry *registry,
						extmgr_registry_list *list, size_t index,
						extmgr_text **source_out, extmgr_error **error)
{
	struct item *item = &list->items[index];
	extmgr_result result;

	*source_out = item->source;
	item->source = NULL;
	if (*source_out)
		return EXTMGR_OK;
	if (!item->failure)
		return extmgr__registry_load(registry, NULL, item->id, source_out, NULL, error);
	result = extmgr_error_get_code(item->failure);
	extmgr__error_move(error, &item->failure);
	return result;
}

void extmgr_registry_list_free(extmgr_registry_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		extmgr_text_free(list->items[i].source);
		extmgr_error_free(list->items[i].failure);
	}
	free(list->items);
	free(list);
}
