/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include "base/alloc.h"
#include "base/text.h"
#include "host/context.h"
#include "registry/directory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXIMUM_ID_LENGTH 255

struct extmgr_registry {
	atomic_uint references;
	extmgr_context *context;
	struct extmgr__directory *directory;
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

char *extmgr__registry_canonical_id(const char *id)
{
	size_t length = strlen(id);

	return extmgr__memdup(id, has_suffix(id, length) ? length - 3 : length);
}

static extmgr_result not_found(extmgr_error **error, const char *id)
{
	extmgr_result result = extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
						 "extension \"%s\" not found", id);

	extmgr__error_hint(error, "'extmgr search' lists what the registry holds");
	return result;
}

extmgr_result extmgr_registry_read(extmgr_registry *registry, const char *id,
				   extmgr_text **source_out, extmgr_error **error_out)
{
	struct extmgr__buffer content;
	extmgr_result result;
	char *canonical;

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
	canonical = extmgr__registry_canonical_id(id);
	if (!canonical)
		return extmgr__error_no_memory(error_out);
	result = EXTMGR_E_EXTENSION_NOT_FOUND;
	if (is_plain_name(canonical))
		result = extmgr__directory_read(
			registry->directory, canonical,
			(size_t)extmgr__context_limits(registry->context)->source_bytes, &content,
			error_out);
	if (result == EXTMGR_E_EXTENSION_NOT_FOUND)
		not_found(error_out, canonical);
	free(canonical);
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__utf8_is_valid(extmgr__buffer_get(&content), content.length)) {
		extmgr__buffer_free(&content);
		return extmgr__error_set(error_out, EXTMGR_E_FORMAT,
					 "definition '%s' is not valid UTF-8", id);
	}
	*source_out = extmgr__buffer_take_text(&content, &result);
	return *source_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "definition");
}

struct extmgr_registry_list {
	char **ids;
	size_t count;
};

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

extmgr_result extmgr_registry_list_entries(extmgr_registry *registry,
					   extmgr_registry_list **list_out,
					   extmgr_error **error_out)
{
	extmgr_registry_list *list;
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
	list = calloc(1, sizeof(*list));
	if (!list)
		return extmgr__error_no_memory(error_out);
	result = extmgr__directory_list(registry->directory, &list->ids, &list->count, error_out);
	if (result != EXTMGR_OK) {
		free(list);
		return result;
	}
	if (list->count)
		qsort(list->ids, list->count, sizeof(*list->ids), compare_ids);
	*list_out = list;
	return EXTMGR_OK;
}

size_t extmgr_registry_list_get_count(const extmgr_registry_list *list)
{
	return list ? list->count : 0;
}

const char *extmgr_registry_list_get_id(const extmgr_registry_list *list, size_t index)
{
	return list && index < list->count ? list->ids[index] : NULL;
}

void extmgr_registry_list_free(extmgr_registry_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->ids[i]);
	free((void *)list->ids);
	free(list);
}
