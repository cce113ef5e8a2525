/* SPDX-License-Identifier: MIT */
/* Is everything still as it was installed? Asked of the definitions, in a reader. */
#include "manager/list.h"
#include "manager/manager_internal.h"
#include "manager/target.h"
#include "registry/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For texts of problems of one extension, in bytes. */
#define MAXIMUM_PROBLEM_BYTES ((size_t)4 << 20)

struct checking {
	const extmgr_manager *manager;
	struct extmgr__call call;
	struct extmgr__target *target;
	bool only_one; /* it was asked for by its id: told also when it is not installed */
	struct extmgr__json_writer writer;
	size_t wrong;              /* extensions with something wrong */
	struct extmgr__walk *walk; /* NULL: one extension is looked at */
};

/* One extension as far as it was looked at. */
struct entry {
	const char *id;
	size_t index;                               /* in the walk */
	const struct extmgr__definition_info *info; /* NULL: could not be loaded */
	const char *state;                          /* NULL: not decided yet */
	struct extmgr__pairs installations;
	struct extmgr__pairs instances;
	bool has_instances;             /* the definition can tell */
	bool checked;                   /* the definition's own check was asked */
	struct extmgr__buffer problems; /* a JSON array without its brackets */
	struct extmgr__json_writer problem_writer;
};

static void add_problem(struct entry *entry, const char *text)
{
	extmgr__json_string(&entry->problem_writer, text);
}

/* What a call came to. An error that concerns this definition alone becomes a problem. */
static extmgr_result settle(struct checking *checking, struct entry *entry, extmgr_result result,
			    const char *verb, extmgr_error **error)
{
	extmgr_error *reset_error = NULL;
	extmgr_text *text = NULL;
	extmgr_result reset;
	char prefix[400];

	(void)snprintf(prefix, sizeof(prefix), "failed to %s extension \"%s\"", verb, entry->id);
	result = extmgr__target_settle(checking->target, result, prefix, error);
	if (result != EXTMGR_OK && extmgr__reading_is_over(checking->target, result))
		return result;
	reset = extmgr__target_reset(checking->target, &reset_error);
	if (reset != EXTMGR_OK) {
		extmgr__error_move(error, &reset_error);
		extmgr_error_free(reset_error);
		return reset;
	}
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	if (extmgr_error_copy_text(*error, &text) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	add_problem(entry, extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr_error_free(*error);
	*error = NULL;
	return EXTMGR_OK;
}

static extmgr_result find_installations(struct checking *checking, struct entry *entry,
					struct extmgr__definition *definition, extmgr_error **error)
{
	extmgr_result result;

	if (!extmgr__definition_info_has(entry->info, EXTMGR__FN_FIND_INSTALLATIONS))
		return EXTMGR_OK;
	result = extmgr__definition_find_installations(
		definition, extmgr__target_services(checking->target, entry->id),
		checking->call.operation, &entry->installations, error);
	return settle(checking, entry, result, "find installations for", error);
}

static extmgr_result find_instances(struct checking *checking, struct entry *entry,
				    struct extmgr__definition *definition, extmgr_error **error)
{
	extmgr_result result;

	if (!extmgr__definition_info_has(entry->info, EXTMGR__FN_FIND_INSTANCES))
		return EXTMGR_OK;
	entry->has_instances = true;
	result = extmgr__definition_find_instances(
		definition, extmgr__target_services(checking->target, entry->id),
		checking->call.operation, entry->installations.items[0].second, &entry->instances,
		error);
	if (result == EXTMGR_E_SCRIPT_STATUS && extmgr_error_get_http_status(*error) == 404) {
		/* The way in which a definition says that it has no instances (EX 2.2). */
		extmgr_error_free(*error);
		*error = NULL;
		result = EXTMGR_OK;
	}
	return settle(checking, entry, result, "list instances for", error);
}

static extmgr_result ask_definition(struct checking *checking, struct entry *entry,
				    struct extmgr__definition *definition, extmgr_error **error)
{
	struct extmgr__pairs problems = {0};
	extmgr_result result;

	if (!extmgr__definition_info_has(entry->info, EXTMGR__FN_CHECK))
		return EXTMGR_OK;
	entry->checked = true;
	result = extmgr__definition_check(definition,
					  extmgr__target_services(checking->target, entry->id),
					  checking->call.operation, &problems, error);
	for (size_t i = 0; i < problems.count; i++)
		add_problem(entry, problems.items[i].first);
	extmgr__pairs_free(&problems);
	return settle(checking, entry, result, "check", error);
}

static extmgr_result look_at(struct checking *checking, struct entry *entry,
			     struct extmgr__definition *definition, extmgr_error **error)
{
	extmgr_result result = find_installations(checking, entry, definition, error);

	if (result != EXTMGR_OK)
		return result;
	if (!entry->installations.count) {
		if (!entry->problems.length)
			entry->state = "not-installed";
		return EXTMGR_OK;
	}
	result = find_instances(checking, entry, definition, error);
	if (result == EXTMGR_OK)
		result = ask_definition(checking, entry, definition, error);
	return result;
}

/* ---- writing ---- */

static void write_pairs(struct extmgr__json_writer *writer, const char *key,
			const struct extmgr__pairs *pairs, const char *first, const char *second)
{
	extmgr__json_key(writer, key);
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < pairs->count; i++) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, first, pairs->items[i].first);
		extmgr__json_member_string(writer, second, pairs->items[i].second);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static void write_entry(struct extmgr__json_writer *writer, const struct entry *entry)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", entry->id);
	if (entry->info) {
		extmgr__json_member_string(writer, "name", entry->info->name);
		extmgr__json_member_digest(writer, "digest", entry->info->digest);
	}
	extmgr__json_member_string(writer, "state", entry->state);
	write_pairs(writer, "installations", &entry->installations, "name", "version");
	if (entry->has_instances) {
		extmgr__json_member_integer(writer, "instanceCount",
					    (int64_t)entry->instances.count);
		write_pairs(writer, "instances", &entry->instances, "id", "name");
	}
	extmgr__json_member_boolean(writer, "checked", entry->checked);
	extmgr__json_key(writer, "problems");
	extmgr__buffer_putc(writer->buffer, '[');
	extmgr__buffer_append(writer->buffer, extmgr__buffer_get(&entry->problems),
			      entry->problems.length);
	extmgr__buffer_putc(writer->buffer, ']');
	writer->needs_comma = true;
	extmgr__json_end_object(writer);
}

/* An extension that is not there is told about only when it was asked for. */
static extmgr_result tell(struct checking *checking, struct entry *entry, extmgr_error **error)
{
	extmgr_result result = extmgr__buffer_result(&entry->problems);

	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "the list of problems");
	if (!entry->state)
		entry->state = !entry->info ? "broken" : entry->problems.length ? "problems" : "ok";
	if (strcmp(entry->state, "not-installed") == 0 && !checking->only_one)
		return EXTMGR_OK;
	if (strcmp(entry->state, "ok") != 0)
		checking->wrong++;
	write_entry(&checking->writer, entry);
	return EXTMGR_OK;
}

/* ---- each definition ---- */

static extmgr_result load(struct checking *checking, struct entry *entry,
			  struct extmgr__definition **definition, extmgr_error **error)
{
	struct extmgr__source source;
	extmgr_result result;

	result = checking->walk ? extmgr__walk_read(checking->walk, entry->index, &source, error)
				: extmgr__registry_read(checking->manager->registry,
							checking->call.operation, entry->id,
							&source, error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_load(
			checking->manager->context, checking->call.operation, entry->id,
			extmgr_text_get_data(source.text), extmgr_text_get_length(source.text),
			definition, error);
	extmgr_text_free(source.text);
	if (result == EXTMGR_OK)
		entry->info = extmgr__definition_get_info(*definition);
	return result;
}

static extmgr_result check_extension(struct checking *checking, const char *id, size_t index,
				     extmgr_error **error)
{
	struct entry entry = {
		.id = id, .index = index, .problems = EXTMGR__BUFFER(MAXIMUM_PROBLEM_BYTES)};
	struct extmgr__definition *definition = NULL;
	extmgr_result result;

	entry.problem_writer = EXTMGR__JSON_WRITER(&entry.problems);
	result = load(checking, &entry, &definition, error);
	if (result == EXTMGR_OK)
		result = look_at(checking, &entry, definition, error);
	else if (!(checking->only_one && result == EXTMGR_E_EXTENSION_NOT_FOUND))
		result = settle(checking, &entry, result, "load", error);
	if (result == EXTMGR_OK)
		result = tell(checking, &entry, error);
	extmgr__pairs_free(&entry.installations);
	extmgr__pairs_free(&entry.instances);
	extmgr__buffer_free(&entry.problems);
	extmgr__definition_free(definition);
	return result;
}

static extmgr_result check_all(struct checking *checking, extmgr_error **error)
{
	extmgr_result result;
	size_t count;

	result = extmgr__walk_open(checking->manager->registry, checking->call.operation,
				   &checking->walk, error);
	count = result == EXTMGR_OK ? extmgr__walk_count(checking->walk) : 0;
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(checking->call.operation, "status", i, count,
						    error);
		if (result == EXTMGR_OK)
			result = check_extension(checking, extmgr__walk_id(checking->walk, i), i,
						 error);
	}
	extmgr__walk_close(checking->walk);
	return result;
}

static extmgr_result check_one(struct checking *checking, const char *id, extmgr_error **error)
{
	char *canonical = extmgr__registry_canonical_id(id);
	extmgr_result result;

	if (!canonical)
		return extmgr__error_no_memory(error);
	result = extmgr__operation_progress(checking->call.operation, "status", 0, 1, error);
	if (result == EXTMGR_OK)
		result = check_extension(checking, canonical, 0, error);
	free(canonical);
	return result;
}

static extmgr_result write_status(struct checking *checking, const char *id,
				  extmgr_text **status_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer *writer = &checking->writer;
	extmgr_result result;

	*writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.status/1");
	extmgr__json_member_string(writer, "dialect",
				   extmgr_database_get_dialect(checking->manager->database));
	extmgr__json_member_string(writer, "extensionSchema", checking->manager->extension_schema);
	extmgr__json_key(writer, "extensions");
	extmgr__json_begin_array(writer);
	result = id ? check_one(checking, id, error) : check_all(checking, error);
	extmgr__json_end_array(writer);
	extmgr__json_member_integer(writer, "wrong", (int64_t)checking->wrong);
	extmgr__json_end_object(writer);
	if (result == EXTMGR_OK) {
		*status_out = extmgr__buffer_take_text(&buffer, &result);
		if (!*status_out)
			extmgr__error_from_result(error, result, "the status");
	}
	extmgr__buffer_free(&buffer);
	return result;
}

extmgr_result extmgr_manager_get_status(extmgr_manager *manager, const char *id,
					const extmgr_call_options *options,
					extmgr_text **status_out, extmgr_error **error_out)
{
	struct checking checking = {.manager = manager, .only_one = id != NULL};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!status_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "status_out is NULL");
	*status_out = NULL;
	result = extmgr__call_begin(manager, options, true, &checking.call, &error);
	if (result == EXTMGR_OK) {
		result = extmgr__target_open(manager, &checking.call, false, NULL, &checking.target,
					     &error);
		if (result == EXTMGR_OK)
			result = write_status(&checking, id, status_out, &error);
		extmgr__target_close(checking.target);
		extmgr__call_end(&checking.call);
	}
	if (result != EXTMGR_OK) {
		extmgr__error_move(error_out, &error);
		return result;
	}
	return checking.wrong ? EXTMGR_PARTIAL : EXTMGR_OK;
}
