/* SPDX-License-Identifier: MIT */
#include "bundle/bundle.h"

#include "base/alloc.h"
#include "base/json.h"
#include "host/context.h"

#include <stdlib.h>
#include <string.h>

#define COMPONENT "bundle"

struct item {
	char *id; /* NULL: failed */
	char *version;
	char *digest;
	extmgr_error *failure; /* NULL: none */
	int32_t outcome;
	size_t superseded_by;
};

struct extmgr_bundle_list {
	char *path;
	struct extmgr__buffer warning; /* data NULL: none */
	struct extmgr__candidates candidates;
	struct item *items;
};

void extmgr_bundle_list_free(extmgr_bundle_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; list->items && i < list->candidates.count; i++) {
		free(list->items[i].id);
		free(list->items[i].version);
		free(list->items[i].digest);
		extmgr_error_free(list->items[i].failure);
	}
	free(list->items);
	extmgr__candidates_free(&list->candidates);
	extmgr__buffer_free(&list->warning);
	free(list->path);
	free(list);
}

/* ---- Making a list ---- */

static extmgr_result describe(struct item *item, const extmgr_bundle *bundle, extmgr_error **error)
{
	item->id = extmgr__strdup(extmgr_bundle_get_id(bundle));
	item->version = extmgr__strdup(extmgr_bundle_get_version(bundle));
	item->digest = extmgr__strdup(extmgr_bundle_get_digest(bundle));
	return item->id && item->version && item->digest ? EXTMGR_OK
							 : extmgr__error_no_memory(error);
}

static void log_warnings(const extmgr_context *context, const extmgr_bundle *bundle)
{
	for (size_t i = 0; i < extmgr_bundle_get_warning_count(bundle); i++)
		extmgr__context_log(context, EXTMGR_LOG_WARNING, COMPONENT, "%s: %s",
				    extmgr_bundle_get_path(bundle),
				    extmgr_bundle_get_warning(bundle, i));
}

static void log_failure(const extmgr_context *context, const char *path, const extmgr_error *error)
{
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(error, &text) == EXTMGR_OK)
		extmgr__context_log(context, EXTMGR_LOG_ERROR, COMPONENT, "%s: %s", path,
				    extmgr_text_get_data(text));
	extmgr_text_free(text);
}

/* Opens and closes one. Its failure is kept in the item; an error is for all of them. */
static extmgr_result examine(extmgr_context *context, const char *path, struct item *item,
			     extmgr_error **error)
{
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_result result;

	result = extmgr_bundle_source_read(context, path, &source, &item->failure);
	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, &bundle, &item->failure);
	if (result == EXTMGR_OK) {
		log_warnings(context, bundle);
		result = describe(item, bundle, error);
	} else if (result == EXTMGR_E_NO_MEMORY || result == EXTMGR_E_FORKED) {
		extmgr__error_move(error, &item->failure);
	} else {
		log_failure(context, path, item->failure);
		item->outcome = EXTMGR_BUNDLE_FAILED;
		result = EXTMGR_OK;
	}
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
	return result;
}

static extmgr_result examine_all(extmgr_context *context, extmgr_bundle_list *list,
				 extmgr_operation *operation, extmgr_error **error)
{
	size_t count = list->candidates.count;
	extmgr_result result = EXTMGR_OK;

	list->items = calloc(count ? count : 1, sizeof(*list->items));
	if (!list->items)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(operation, "discover", i, count, error);
		if (result == EXTMGR_OK)
			result = examine(context, list->candidates.items[i].path, &list->items[i],
					 error);
	}
	return result;
}

static extmgr_result choose(const extmgr_context *context, extmgr_bundle_list *list,
			    extmgr_error **error)
{
	size_t count = list->candidates.count;
	struct extmgr__choice *choices = calloc(count ? count : 1, sizeof(*choices));
	bool done = choices != NULL;

	for (size_t i = 0; done && i < count; i++)
		choices[i] = (struct extmgr__choice){.id = list->items[i].id,
						     .version = list->items[i].version,
						     .kind = list->candidates.items[i].kind};
	done = done && extmgr__choose(choices, count) == EXTMGR_OK;
	for (size_t i = 0; done && i < count; i++) {
		struct item *item = &list->items[i];

		item->superseded_by = choices[i].superseded_by;
		if (item->outcome == EXTMGR_BUNDLE_FAILED)
			continue;
		item->outcome = EXTMGR_BUNDLE_OK;
		if (item->superseded_by == EXTMGR__NOT_SUPERSEDED)
			continue;
		item->outcome = EXTMGR_BUNDLE_SUPERSEDED;
		extmgr__context_log(context, EXTMGR_LOG_INFO, COMPONENT,
				    "%s: superseded by %s (%s %s)", list->candidates.items[i].path,
				    list->candidates.items[item->superseded_by].path, item->id,
				    list->items[item->superseded_by].version);
	}
	free(choices);
	return done ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static extmgr_result warn_of_missing_path(const extmgr_context *context, extmgr_bundle_list *list,
					  extmgr_error **error)
{
	extmgr__buffer_printf(&list->warning, "the directory '%s' does not exist", list->path);
	if (extmgr__buffer_result(&list->warning) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	extmgr__context_log(context, EXTMGR_LOG_WARNING, COMPONENT, "%s", list->warning.data);
	return EXTMGR_OK;
}

static extmgr_result fill(extmgr_context *context, extmgr_bundle_list *list,
			  extmgr_operation *operation, extmgr_error **error)
{
	extmgr_result result = extmgr__candidates_scan(list->path, &list->candidates, error);

	if (result == EXTMGR_OK && !list->candidates.path_exists)
		result = warn_of_missing_path(context, list, error);
	if (result == EXTMGR_OK)
		result = examine_all(context, list, operation, error);
	if (result == EXTMGR_OK)
		result = choose(context, list, error);
	return result;
}

static bool has_failures(const extmgr_bundle_list *list)
{
	for (size_t i = 0; i < list->candidates.count; i++) {
		if (list->items[i].outcome == EXTMGR_BUNDLE_FAILED)
			return true;
	}
	return false;
}

static extmgr_result discover(extmgr_context *context, const char *path,
			      extmgr_operation *operation, extmgr_bundle_list **list_out,
			      extmgr_error **error)
{
	extmgr_bundle_list *list = calloc(1, sizeof(*list));
	extmgr_result result;

	if (!list)
		return extmgr__error_no_memory(error);
	list->warning = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	list->path = extmgr__strdup(path);
	result =
		list->path ? fill(context, list, operation, error) : extmgr__error_no_memory(error);
	if (result != EXTMGR_OK) {
		extmgr_bundle_list_free(list);
		return result;
	}
	*list_out = list;
	return has_failures(list) ? EXTMGR_PARTIAL : EXTMGR_OK;
}

extmgr_result extmgr_bundle_discover(extmgr_context *context, const char *path,
				     extmgr_operation *operation, extmgr_bundle_list **list_out,
				     extmgr_error **error_out)
{
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (list_out)
		*list_out = NULL;
	if (!path || !*path || !list_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is %s",
					 !list_out ? "list_out" : "path",
					 list_out && path ? "empty" : "NULL");
	result = extmgr__context_check(context, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = discover(context, path, operation, list_out, error_out);
	extmgr__operation_end(operation);
	return result;
}

/* ---- Reading a list ---- */

static const struct item *get_item(const extmgr_bundle_list *list, size_t index)
{
	return list && index < list->candidates.count ? &list->items[index] : NULL;
}

size_t extmgr_bundle_list_get_count(const extmgr_bundle_list *list)
{
	return list ? list->candidates.count : 0;
}

const char *extmgr_bundle_list_get_warning(const extmgr_bundle_list *list)
{
	return list ? list->warning.data : NULL;
}

const char *extmgr_bundle_list_get_path(const extmgr_bundle_list *list, size_t index)
{
	return get_item(list, index) ? list->candidates.items[index].path : NULL;
}

int32_t extmgr_bundle_list_get_kind(const extmgr_bundle_list *list, size_t index)
{
	return get_item(list, index) ? list->candidates.items[index].kind : 0;
}

int32_t extmgr_bundle_list_get_outcome(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item ? item->outcome : 0;
}

const char *extmgr_bundle_outcome_get_name(int32_t outcome)
{
	switch (outcome) {
	case EXTMGR_BUNDLE_OK:
		return "ok";
	case EXTMGR_BUNDLE_SUPERSEDED:
		return "superseded";
	case EXTMGR_BUNDLE_FAILED:
		return "failed";
	default:
		return "unknown";
	}
}

const char *extmgr_bundle_list_get_id(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item ? item->id : NULL;
}

const char *extmgr_bundle_list_get_version(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item ? item->version : NULL;
}

const char *extmgr_bundle_list_get_digest(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item ? item->digest : NULL;
}

const char *extmgr_bundle_list_get_superseded_by(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item && item->outcome == EXTMGR_BUNDLE_SUPERSEDED
		       ? list->candidates.items[item->superseded_by].path
		       : NULL;
}

const extmgr_error *extmgr_bundle_list_get_error(const extmgr_bundle_list *list, size_t index)
{
	const struct item *item = get_item(list, index);

	return item ? item->failure : NULL;
}

/* A file name may hold any bytes. */
static void member_path(struct extmgr__json_writer *writer, const char *key, const char *path)
{
	struct extmgr__buffer line = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);

	if (path)
		extmgr__utf8_append_line(&line, path, strlen(path));
	if (extmgr__buffer_result(&line) != EXTMGR_OK)
		writer->buffer->result = extmgr__buffer_result(&line);
	extmgr__json_member_string(writer, key, path ? extmgr__buffer_get(&line) : NULL);
	extmgr__buffer_free(&line);
}

static void write_failure(struct extmgr__json_writer *writer, const extmgr_error *failure)
{
	extmgr_text *text = NULL;

	extmgr__json_key(writer, "error");
	if (!failure)
		extmgr__json_null(writer);
	else if (extmgr_error_to_json(failure, &text) == EXTMGR_OK)
		extmgr__json_raw(writer, extmgr_text_get_data(text), extmgr_text_get_length(text));
	else
		writer->buffer->result = EXTMGR_E_NO_MEMORY;
	extmgr_text_free(text);
}

static void write_item(struct extmgr__json_writer *writer, const extmgr_bundle_list *list,
		       size_t index)
{
	const struct item *item = &list->items[index];

	extmgr__json_begin_object(writer);
	member_path(writer, "path", list->candidates.items[index].path);
	extmgr__json_member_string(writer, "kind",
				   extmgr__bundle_kind_name(list->candidates.items[index].kind));
	extmgr__json_member_string(writer, "outcome",
				   extmgr_bundle_outcome_get_name(item->outcome));
	extmgr__json_member_string(writer, "id", item->id);
	extmgr__json_member_string(writer, "version", item->version);
	extmgr__json_member_string(writer, "digest", item->digest);
	member_path(writer, "supersededBy", extmgr_bundle_list_get_superseded_by(list, index));
	write_failure(writer, item->failure);
	extmgr__json_end_object(writer);
}

static int64_t count_of(const extmgr_bundle_list *list, int32_t outcome)
{
	int64_t count = 0;

	for (size_t i = 0; i < list->candidates.count; i++)
		count += list->items[i].outcome == outcome;
	return count;
}

static void write_list(struct extmgr__json_writer *writer, const extmgr_bundle_list *list)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.discovery/1");
	member_path(writer, "path", list->path);
	member_path(writer, "warning", list->warning.data);
	extmgr__json_member_integer(writer, "discovered", (int64_t)list->candidates.count);
	extmgr__json_member_integer(writer, "ok", count_of(list, EXTMGR_BUNDLE_OK));
	extmgr__json_member_integer(writer, "superseded", count_of(list, EXTMGR_BUNDLE_SUPERSEDED));
	extmgr__json_member_integer(writer, "failed", count_of(list, EXTMGR_BUNDLE_FAILED));
	extmgr__json_key(writer, "bundles");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < list->candidates.count; i++)
		write_item(writer, list, i);
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
}

extmgr_result extmgr_bundle_list_to_json(const extmgr_bundle_list *list, extmgr_text **text_out,
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
					 !list ? "list" : "text_out");
	write_list(&writer, list);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK
			 : extmgr__error_from_result(error_out, result, "the list of bundles");
}
