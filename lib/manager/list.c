/* SPDX-License-Identifier: MIT */
/* The list of extensions: what the registry has, and what the target says about it. */
#include "manager/list.h"

#include "base/alloc.h"
#include "base/semver.h"
#include "manager/target.h"
#include "manager/work.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct extmgr_extension_list {
	struct extmgr__extension *items;
	size_t count;
	size_t capacity;
	bool has_broken;
};

/* ---- one entry ---- */

static void free_extension(struct extmgr__extension *extension)
{
	free(extension->id);
	extmgr__definition_info_unref(extension->info);
	free(extension->installed_name);
	free(extension->installed_version);
	free(extension->reason);
}

int32_t extmgr__extension_state(const struct extmgr__definition_info *info,
				const char *installed_version)
{
	const char *latest = extmgr__definition_info_latest(info);

	if (!installed_version)
		return EXTMGR_STATE_AVAILABLE;
	if (latest && extmgr__semver_compare(latest, installed_version) > 0)
		return EXTMGR_STATE_UPGRADABLE;
	return EXTMGR_STATE_INSTALLED;
}

char *extmgr__extension_missing_reason(const struct extmgr__artifact *artifact)
{
	char text[1024];

	if (artifact->size < 0)
		(void)snprintf(text, sizeof(text), "needs file '%.400s'", artifact->file_name);
	else
		(void)snprintf(text, sizeof(text), "needs file '%.400s' of %lld bytes",
			       artifact->file_name, (long long)artifact->size);
	return extmgr__strdup(text);
}

static void write_versions(struct extmgr__json_writer *writer,
			   const struct extmgr__definition_info *info)
{
	extmgr__json_key(writer, "installableVersions");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; info && i < info->version_count; i++) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", info->versions[i].name);
		extmgr__json_member_boolean(writer, "latest", info->versions[i].latest);
		extmgr__json_member_boolean(writer, "deprecated", info->versions[i].deprecated);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

void extmgr__extension_write(struct extmgr__json_writer *writer,
			     const struct extmgr__extension *extension)
{
	const struct extmgr__definition_info *info = extension->info;

	extmgr__json_member_string(writer, "id", extension->id);
	extmgr__json_member_string(writer, "name", info ? info->name : "");
	extmgr__json_member_string(writer, "category", info ? info->category : "");
	extmgr__json_member_string(writer, "description", info ? info->description : "");
	write_versions(writer, info);
	extmgr__json_member_string(writer, "latestVersion",
				   info ? extmgr__definition_info_latest(info) : NULL);
	extmgr__json_member_string(writer, "installedVersion", extension->installed_version);
	extmgr__json_member_string(writer, "state", extmgr_state_get_name(extension->state));
	extmgr__json_member_string(writer, "reason", extension->reason);
	if (info)
		extmgr__json_member_digest(writer, "digest", info->digest);
}

/* ---- building a list ---- */

struct listing {
	const extmgr_manager *manager;
	struct extmgr__call call;
	uint32_t which;
	extmgr_file_list *files;
	struct extmgr__target *target; /* NULL: the target is not asked */
	extmgr_extension_list *list;
};

static extmgr_result append(struct listing *listing, struct extmgr__extension *extension,
			    extmgr_error **error)
{
	extmgr_extension_list *list = listing->list;
	struct extmgr__extension *grown;

	grown = extmgr__array_grow(list->items, list->count, &list->capacity, sizeof(*grown));
	if (!grown) {
		free_extension(extension);
		return extmgr__error_no_memory(error);
	}
	list->items = grown;
	grown[list->count++] = *extension;
	return EXTMGR_OK;
}

bool extmgr__reading_is_over(const struct extmgr__target *target, extmgr_result result)
{
	switch (result) {
	case EXTMGR_E_NO_MEMORY:
	case EXTMGR_E_CANCELLED:
	case EXTMGR_E_TIMEOUT:
	case EXTMGR_E_CONNECTION:
	case EXTMGR_E_SCRIPT_STACK:
	case EXTMGR_E_TRANSACTION_ENDED:
		return true;
	default:
		return target && extmgr__target_is_broken(target);
	}
}

/* The definition failed: it is listed with the reason, and the error is used up. */
static extmgr_result append_broken(struct listing *listing, const char *id,
				   struct extmgr__definition_info *info, extmgr_error **error)
{
	struct extmgr__extension extension = {.state = EXTMGR_STATE_BROKEN};
	extmgr_text *reason = NULL;

	extmgr__context_log(listing->manager->context, EXTMGR_LOG_WARNING, "manager",
			    "extension '%s' is broken: %s", id, extmgr_error_get_message(*error));
	if (extmgr_error_copy_text(*error, &reason) == EXTMGR_OK)
		extension.reason = extmgr__strdup(extmgr_text_get_data(reason));
	extmgr_text_free(reason);
	extmgr_error_free(*error);
	*error = NULL;
	extension.id = extmgr__strdup(id);
	extension.info = info ? extmgr__definition_info_ref(info) : NULL;
	if (!extension.id || !extension.reason) {
		free_extension(&extension);
		return extmgr__error_no_memory(error);
	}
	listing->list->has_broken = true;
	return append(listing, &extension, error);
}

static extmgr_result append_sound(struct listing *listing, const char *id,
				  struct extmgr__definition_info *info,
				  const struct extmgr__pair *installed, extmgr_error **error)
{
	struct extmgr__extension extension = {0};
	const struct extmgr__artifact *missing = NULL;
	int32_t state = extmgr__extension_state(info, installed ? installed->second : NULL);
	bool out_of_memory;

	if (listing->which == EXTMGR_LIST_UPGRADABLE && state != EXTMGR_STATE_UPGRADABLE)
		return EXTMGR_OK;
	if (state == EXTMGR_STATE_AVAILABLE &&
	    !extmgr__artifacts_are_there(info, listing->files, &missing))
		state = EXTMGR_STATE_UNAVAILABLE;
	extension.id = extmgr__strdup(id);
	extension.info = extmgr__definition_info_ref(info);
	extension.installed_name = extmgr__strdup(installed ? installed->first : NULL);
	extension.installed_version = extmgr__strdup(installed ? installed->second : NULL);
	extension.reason = missing ? extmgr__extension_missing_reason(missing) : NULL;
	extension.state = state;
	out_of_memory = !extension.id || (missing && !extension.reason) ||
			(installed && !(extension.installed_name && extension.installed_version));
	if (out_of_memory) {
		free_extension(&extension);
		return extmgr__error_no_memory(error);
	}
	return append(listing, &extension, error);
}

/* Asks the definition for its installations, between savepoints. */
static extmgr_result find_installations(struct listing *listing, const char *id,
					const extmgr_text *source, struct extmgr__pairs *found,
					extmgr_error **error)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *reset_error = NULL;
	extmgr_result reset;
	extmgr_result result;

	result = extmgr__definition_load(listing->manager->context, listing->call.operation, id,
					 extmgr_text_get_data(source),
					 extmgr_text_get_length(source), &definition, error);
	if (result == EXTMGR_OK) {
		char prefix[400];

		result = extmgr__definition_find_installations(
			definition, extmgr__target_services(listing->target, id),
			listing->call.operation, found, error);
		(void)snprintf(prefix, sizeof(prefix),
			       "failed to find installations for extension \"%s\"", id);
		result = extmgr__target_settle(listing->target, result, prefix, error);
		reset = extmgr__target_reset(listing->target, &reset_error);
		if (reset != EXTMGR_OK && !extmgr__reading_is_over(listing->target, result)) {
			result = reset;
			extmgr__error_move(error, &reset_error);
		}
		extmgr_error_free(reset_error);
	}
	extmgr__definition_free(definition);
	return result;
}

static extmgr_result append_with_target(struct listing *listing, const char *id,
					const extmgr_text *source,
					struct extmgr__definition_info *info, extmgr_error **error)
{
	struct extmgr__pairs found = {0};
	extmgr_result result = EXTMGR_OK;

	if (extmgr__definition_info_has(info, EXTMGR__FN_FIND_INSTALLATIONS))
		result = find_installations(listing, id, source, &found, error);
	if (result != EXTMGR_OK) {
		extmgr__pairs_free(&found);
		return extmgr__reading_is_over(listing->target, result)
			       ? result
			       : append_broken(listing, id, info, error);
	}
	for (size_t i = 0; i < found.count && result == EXTMGR_OK; i++)
		result = append_sound(listing, id, info, &found.items[i], error);
	if (found.count == 0 && listing->which == EXTMGR_LIST_ALL)
		result = append_sound(listing, id, info, NULL, error);
	extmgr__pairs_free(&found);
	return result;
}

static extmgr_result append_entry(struct listing *listing, const char *id, extmgr_error **error)
{
	struct extmgr__definition_info *info = NULL;
	extmgr_text *source = NULL;
	extmgr_result result;

	result = extmgr_registry_read(listing->manager->registry, id, &source, error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_info_get(
			listing->manager->context, listing->call.operation, id,
			extmgr_text_get_data(source), extmgr_text_get_length(source), &info, error);
	if (result != EXTMGR_OK)
		result = extmgr__reading_is_over(listing->target, result)
				 ? result
				 : append_broken(listing, id, NULL, error);
	else if (listing->target)
		result = append_with_target(listing, id, source, info, error);
	else
		result = append_sound(listing, id, info, NULL, error);
	extmgr__definition_info_unref(info);
	extmgr_text_free(source);
	return result;
}

static extmgr_result append_all(struct listing *listing, extmgr_error **error)
{
	extmgr_registry_list *entries = NULL;
	extmgr_result result;
	size_t count;

	result = extmgr_registry_list_entries(listing->manager->registry, &entries, error);
	count = extmgr_registry_list_get_count(entries);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(listing->call.operation, "list", i, count,
						    error);
		if (result == EXTMGR_OK)
			result = append_entry(listing, extmgr_registry_list_get_id(entries, i),
					      error);
	}
	extmgr_registry_list_free(entries);
	return result;
}

static extmgr_result fill_list(struct listing *listing, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	listing->list = calloc(1, sizeof(*listing->list));
	if (!listing->list)
		return extmgr__error_no_memory(error);
	if (listing->which == EXTMGR_LIST_AVAILABLE || listing->which == EXTMGR_LIST_ALL)
		result = extmgr__files_list(listing->manager->files, listing->call.operation,
					    &listing->files, error);
	if (result == EXTMGR_OK && listing->which != EXTMGR_LIST_AVAILABLE)
		result = extmgr__target_open(listing->manager, &listing->call, false, NULL,
					     &listing->target, error);
	if (result == EXTMGR_OK)
		result = append_all(listing, error);
	extmgr__target_close(listing->target);
	extmgr__file_list_free(listing->files);
	return result;
}

extmgr_result extmgr_manager_list_extensions(extmgr_manager *manager, uint32_t which,
					     const extmgr_call_options *options,
					     extmgr_extension_list **list_out,
					     extmgr_error **error_out)
{
	struct listing listing = {.manager = manager, .which = which};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!list_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "list_out is NULL");
	*list_out = NULL;
	if (which < EXTMGR_LIST_AVAILABLE || which > EXTMGR_LIST_ALL)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "which is none of EXTMGR_LIST_...");
	result = extmgr__call_begin(manager, options, which != EXTMGR_LIST_AVAILABLE, &listing.call,
				    &error);
	if (result == EXTMGR_OK) {
		result = fill_list(&listing, &error);
		extmgr__call_end(&listing.call);
	}
	if (result != EXTMGR_OK) {
		extmgr_extension_list_free(listing.list);
		extmgr__error_move(error_out, &error);
		return result;
	}
	*list_out = listing.list;
	return listing.list->has_broken ? EXTMGR_PARTIAL : EXTMGR_OK;
}

/* ---- reading a list ---- */

size_t extmgr_extension_list_get_count(const extmgr_extension_list *list)
{
	return list ? list->count : 0;
}

static const struct extmgr__extension *get(const extmgr_extension_list *list, size_t index)
{
	return list && index < list->count ? &list->items[index] : NULL;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

const char *extmgr_extension_list_get_id(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? item->id : NULL;
}

const char *extmgr_extension_list_get_name(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? or_empty(item->info ? item->info->name : NULL) : NULL;
}

const char *extmgr_extension_list_get_category(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? or_empty(item->info ? item->info->category : NULL) : NULL;
}

const char *extmgr_extension_list_get_description(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? or_empty(item->info ? item->info->description : NULL) : NULL;
}

const char *extmgr_extension_list_get_latest_version(const extmgr_extension_list *list,
						     size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	if (!item)
		return NULL;
	return or_empty(item->info ? extmgr__definition_info_latest(item->info) : NULL);
}

const char *extmgr__extension_list_get_installed_name(const extmgr_extension_list *list,
						      size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? item->installed_name : NULL;
}

const char *extmgr_extension_list_get_installed_version(const extmgr_extension_list *list,
							size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? or_empty(item->installed_version) : NULL;
}

int32_t extmgr_extension_list_get_state(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? item->state : 0;
}

const char *extmgr_state_get_name(int32_t state)
{
	switch (state) {
	case EXTMGR_STATE_AVAILABLE:
		return "available";
	case EXTMGR_STATE_INSTALLED:
		return "installed";
	case EXTMGR_STATE_UPGRADABLE:
		return "upgradable";
	case EXTMGR_STATE_UNAVAILABLE:
		return "unavailable";
	case EXTMGR_STATE_BROKEN:
		return "broken";
	default:
		return "unknown";
	}
}

const char *extmgr_extension_list_get_reason(const extmgr_extension_list *list, size_t index)
{
	const struct extmgr__extension *item = get(list, index);

	return item ? or_empty(item->reason) : NULL;
}

extmgr_result extmgr_extension_list_to_json(const extmgr_extension_list *list,
					    extmgr_text **text_out, extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "text_out is NULL");
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.extensions/1");
	extmgr__json_key(&writer, "extensions");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; list && i < list->count; i++) {
		extmgr__json_begin_object(&writer);
		extmgr__extension_write(&writer, &list->items[i]);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "the list");
}

void extmgr_extension_list_free(extmgr_extension_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free_extension(&list->items[i]);
	free(list->items);
	free(list);
}
