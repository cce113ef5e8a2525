/* SPDX-License-Identifier: MIT */
/* The list of extensions: what the registry has, and what the target says about it. */
#include "manager/list.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "base/semver.h"
#include "manager/download.h"
#include "manager/target.h"
#include "manager/work.h"
#include "registry/walk.h"

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

static int32_t state_of(const struct extmgr__extension *extension)
{
	const char *latest = extmgr__definition_info_latest(extension->info);

	if (!extension->installed_version)
		return EXTMGR_STATE_AVAILABLE;
	if (latest && extmgr__semver_compare(latest, extension->installed_version) > 0)
		return EXTMGR_STATE_UPGRADABLE;
	return EXTMGR_STATE_INSTALLED;
}

/* blocking: those that must come some other way; the others are downloaded by an installation. */
static void add_missing_artifacts(const extmgr_manager *manager,
				  const struct extmgr__definition_info *info,
				  const extmgr_file_list *files, bool blocking,
				  struct extmgr__buffer *text)
{
	bool allowed = !extmgr__downloads_refuse(manager);

	for (size_t i = 0; i < info->artifact_count; i++) {
		const struct extmgr__artifact *artifact = &info->artifacts[i];
		bool downloadable;

		if (extmgr__artifact_is_there(artifact, files))
			continue;
		/* One of another size is never replaced. */
		downloadable = !extmgr__file_list_find(files, artifact->file_name) &&
			       !extmgr__artifact_refuse(manager, artifact);
		if (blocking == (downloadable && allowed))
			continue;
		extmgr__buffer_printf(text, "%sneeds file '%.400s'", text->length ? "; " : "",
				      artifact->file_name);
		if (artifact->size >= 0)
			extmgr__buffer_printf(text, " of %lld bytes", (long long)artifact->size);
		if (downloadable)
			extmgr__buffer_puts(text, ": artifact can be downloaded");
	}
}

static extmgr_result set_reason(struct extmgr__extension *extension,
				const struct extmgr__buffer *text, bool blocking,
				extmgr_error **error)
{
	if (!text->length && extmgr__buffer_result(text) == EXTMGR_OK)
		return EXTMGR_OK;
	/* What is longer than a message may be ends as "". */
	extension->reason = extmgr__strdup(text->length ? extmgr__buffer_get(text)
							: "needs more than can be listed here");
	if (blocking && extension->state == EXTMGR_STATE_AVAILABLE)
		extension->state = EXTMGR_STATE_UNAVAILABLE;
	return extension->reason ? EXTMGR_OK : extmgr__error_no_memory(error);
}

extmgr_result extmgr__extension_judge(const extmgr_manager *manager,
				      struct extmgr__extension *extension,
				      struct extmgr__facts *facts, const extmgr_file_list *files,
				      extmgr_error **error)
{
	struct extmgr__unmet unmet = EXTMGR__UNMET;
	extmgr_result result = EXTMGR_OK;
	bool blocking;

	if (extension->withdrawn) {
		extension->state = EXTMGR_STATE_INSTALLED;
		extension->reason = extmgr__strdup(extension->withdrawn);
		return extension->reason ? EXTMGR_OK : extmgr__error_no_memory(error);
	}
	extension->state = state_of(extension);
	if (extension->state == EXTMGR_STATE_INSTALLED)
		return EXTMGR_OK;
	if (!extension->info->version_count)
		extmgr__buffer_puts(&unmet.text, "has no installable version");
	if (facts)
		result = extmgr__requirements_check(facts, extension->info, &unmet, error);
	if (files)
		add_missing_artifacts(manager, extension->info, files, true, &unmet.text);
	blocking = unmet.text.length || extmgr__buffer_result(&unmet.text) != EXTMGR_OK;
	if (files && !blocking)
		add_missing_artifacts(manager, extension->info, files, false, &unmet.text);
	if (result == EXTMGR_OK)
		result = set_reason(extension, &unmet.text, blocking, error);
	extmgr__unmet_free(&unmet);
	return result;
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
	if (extension->signature)
		extmgr__json_member_string(writer, "signature",
					   extmgr_signature_get_name(extension->signature));
}

/* ---- building a list ---- */

struct listing {
	const extmgr_manager *manager;
	struct extmgr__call call;
	uint32_t which;
	extmgr_file_list *files;       /* of the file store; NULL: not asked */
	struct extmgr__target *target; /* NULL: the target is not asked */
	struct extmgr__walk *walk;
	int32_t signature;     /* of the definition that is looked at */
	const char *withdrawn; /* why nobody may install it any more; NULL: it can be */
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
	struct extmgr__extension extension = {.state = EXTMGR_STATE_BROKEN,
					      .signature = listing->signature};
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
	struct extmgr__extension extension = {.signature = listing->signature,
					      .withdrawn = listing->withdrawn};

	if (extension.withdrawn && !installed)
		return EXTMGR_OK;
	extension.id = extmgr__strdup(id);
	extension.info = extmgr__definition_info_ref(info);
	extension.installed_name = extmgr__strdup(installed ? installed->first : NULL);
	extension.installed_version = extmgr__strdup(installed ? installed->second : NULL);
	if (!extension.id ||
	    (installed && !(extension.installed_name && extension.installed_version))) {
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

/* ---- a few entries at a time: what is new is looked at by several threads ---- */

/* So that memory stays bounded, whatever the registry has. */
#define BATCH_SIZE 32

struct entry {
	const char *id;
	struct extmgr__source source;
	struct extmgr__definition_info *info;
	extmgr_result result;
	extmgr_error *error; /* of the first step that failed */
};

struct batch {
	struct listing *listing;
	size_t first; /* in the walk */
	struct entry entries[BATCH_SIZE];
	size_t count;
	size_t new_count; /* whose static part is not known yet */
};

/* On the caller's thread: the registry may be the host's own code. */
static void read_entry(struct batch *batch, struct entry *entry, size_t index)
{
	struct listing *listing = batch->listing;

	entry->id = extmgr__walk_id(listing->walk, index);
	entry->result = extmgr__walk_read(listing->walk, index, &entry->source, &entry->error);
	if (entry->result == EXTMGR_OK)
		entry->result = extmgr__definition_info_find(listing->manager->context,
							     entry->source.sha256, &entry->info,
							     &entry->error);
	batch->new_count += entry->result == EXTMGR_OK && !entry->info;
}

static void read_batch(struct batch *batch)
{
	size_t left = extmgr__walk_count(batch->listing->walk) - batch->first;
	bool over = false;

	while (batch->count < left && batch->count < BATCH_SIZE && !over) {
		struct entry *entry = &batch->entries[batch->count];

		read_entry(batch, entry, batch->first + batch->count++);
		over = extmgr__reading_is_over(batch->listing->target, entry->result);
	}
}

/* On any thread. */
static void look_at_entry(void *user_data, size_t index)
{
	struct batch *batch = user_data;
	struct entry *entry = &batch->entries[index];

	if (entry->result == EXTMGR_OK && !entry->info)
		entry->result = extmgr__definition_info_get(
			batch->listing->manager->context, batch->listing->call.operation, entry->id,
			extmgr_text_get_data(entry->source.text),
			extmgr_text_get_length(entry->source.text), &entry->info, &entry->error);
}

static extmgr_result append_entry(struct listing *listing, struct entry *entry,
				  extmgr_error **error)
{
	listing->signature = entry->source.signature;
	listing->withdrawn = entry->source.withdrawn;
	if (entry->result != EXTMGR_OK) {
		extmgr__error_move(error, &entry->error);
		return extmgr__reading_is_over(listing->target, entry->result)
			       ? entry->result
			       : append_broken(listing, entry->id, NULL, error);
	}
	if (listing->target)
		return append_with_target(listing, entry->id, entry->source.text, entry->info,
					  error);
	return append_sound(listing, entry->id, entry->info, NULL, error);
}

static void drop_entry(struct entry *entry)
{
	extmgr__definition_info_unref(entry->info);
	extmgr_text_free(entry->source.text);
	extmgr_error_free(entry->error);
	*entry = (struct entry){0};
}

/* On the caller's thread, in order: here the target is asked. */
static extmgr_result finish_entry(void *user_data, size_t index, extmgr_error **error)
{
	struct batch *batch = user_data;
	struct listing *listing = batch->listing;
	extmgr_result result =
		extmgr__operation_progress(listing->call.operation, "list", batch->first + index,
					   extmgr__walk_count(listing->walk), error);

	if (result == EXTMGR_OK)
		result = append_entry(listing, &batch->entries[index], error);
	drop_entry(&batch->entries[index]);
	return result;
}

static extmgr_result append_batch(struct listing *listing, size_t *at, extmgr_error **error)
{
	uint32_t threads = extmgr__context_limits(listing->manager->context)->max_parallel;
	struct batch batch = {.listing = listing, .first = *at};
	struct extmgr__pool pool = {
		.user_data = &batch, .work = look_at_entry, .finish = finish_entry};
	extmgr_result result;

	read_batch(&batch);
	pool.count = batch.count;
	pool.threads = threads < batch.new_count ? threads : (uint32_t)batch.new_count;
	result = extmgr__pool_run(&pool, error);
	for (size_t i = 0; i < batch.count; i++)
		drop_entry(&batch.entries[i]);
	*at += batch.count;
	return result;
}

static extmgr_result append_all(struct listing *listing, extmgr_error **error)
{
	size_t count = extmgr__walk_count(listing->walk);
	extmgr_result result = EXTMGR_OK;

	for (size_t at = 0; at < count && result == EXTMGR_OK;)
		result = append_batch(listing, &at, error);
	return result;
}

/* ---- judging, when all are known ---- */

static extmgr_result find_installed(void *user_data, const char *id, char **version_out,
				    extmgr_error **error)
{
	const struct listing *listing = user_data;
	const extmgr_extension_list *list = listing->list;

	for (size_t i = 0; i < list->count; i++) {
		const struct extmgr__extension *item = &list->items[i];

		if (strcmp(item->id, id) != 0 || !item->installed_version)
			continue;
		*version_out = extmgr__strdup(item->installed_version);
		return *version_out ? EXTMGR_OK : extmgr__error_no_memory(error);
	}
	return EXTMGR_OK;
}

/* Whoever has not installed an extension is told which of its files are missing. */
static bool tells_of_files(const struct listing *listing)
{
	return listing->which == EXTMGR_LIST_AVAILABLE || listing->which == EXTMGR_LIST_ALL;
}

static bool needs_files(const extmgr_extension_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].info && list->items[i].info->artifact_count)
			return true;
	}
	return false;
}

/* The files that there are; those in a BucketFS only the target knows. NULL: not asked for. */
static extmgr_result find_files(struct listing *listing, const extmgr_file_list **files,
				extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	*files = listing->files;
	if (!listing->manager->bucketfs_path || !tells_of_files(listing) ||
	    !needs_files(listing->list))
		return EXTMGR_OK;
	if (!listing->target)
		result = extmgr__target_open(listing->manager, &listing->call, false, NULL,
					     &listing->target, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__target_list_files(listing->target, files, error);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_wrap(error, result,
							"failed to search for required files in "
							"BucketFS. Cause");
}

static extmgr_result judge_all(struct listing *listing, const extmgr_file_list *files,
			       extmgr_error **error)
{
	const struct extmgr__installed installed = {.user_data = listing, .find = find_installed};
	struct extmgr__facts *facts = extmgr__facts_new(
		listing->manager, listing->which == EXTMGR_LIST_AVAILABLE ? NULL : listing->target,
		&installed);
	extmgr_extension_list *list = listing->list;
	extmgr_result result = EXTMGR_OK;

	if (!facts)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < list->count && result == EXTMGR_OK; i++) {
		if (list->items[i].state != EXTMGR_STATE_BROKEN)
			result = extmgr__extension_judge(listing->manager, &list->items[i], facts,
							 files, error);
	}
	extmgr__facts_free(facts);
	return result;
}

/* What is broken stays: nobody knows whether it could be upgraded. */
static void keep_upgradable(extmgr_extension_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].state == EXTMGR_STATE_UPGRADABLE ||
		    list->items[i].state == EXTMGR_STATE_BROKEN)
			list->items[kept++] = list->items[i];
		else
			free_extension(&list->items[i]);
	}
	list->count = kept;
}

static extmgr_result fill_list(struct listing *listing, extmgr_error **error)
{
	const extmgr_file_list *files = NULL;
	extmgr_result result = EXTMGR_OK;

	listing->list = calloc(1, sizeof(*listing->list));
	if (!listing->list)
		return extmgr__error_no_memory(error);
	if (tells_of_files(listing) && !listing->manager->bucketfs_path)
		result = extmgr__files_list(listing->manager->files, listing->call.operation,
					    &listing->files, error);
	/* What is fetched is on its way while the target opens. */
	if (result == EXTMGR_OK)
		result = extmgr__walk_open(listing->manager->registry, listing->call.operation,
					   NULL, &listing->walk, error);
	if (result == EXTMGR_OK && listing->which != EXTMGR_LIST_AVAILABLE)
		result = extmgr__target_open(listing->manager, &listing->call, false, NULL,
					     &listing->target, error);
	if (result == EXTMGR_OK)
		result = append_all(listing, error);
	if (result == EXTMGR_OK)
		result = find_files(listing, &files, error);
	if (result == EXTMGR_OK)
		result = judge_all(listing, files, error);
	if (result == EXTMGR_OK && listing->which == EXTMGR_LIST_UPGRADABLE)
		keep_upgradable(listing->list);
	extmgr__target_close(listing->target);
	extmgr__walk_close(listing->walk);
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
