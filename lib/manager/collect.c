/* SPDX-License-Identifier: MIT */
/*
 * Release assets become a registry: definitions, and the artifacts beside them, are gathered from
 * directories and URLs. All of them are verified before the first one is visible.
 */
#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/semver.h"
#include "base/url.h"
#include "bundle/signature.h"
#include "manager/download.h"
#include "manager/receive.h"
#include "registry/checksum.h"
#include "registry/names.h"
#include "registry/remote.h"
#include "registry/resource.h"
#include "registry/walk.h"

#include <extmgr/publish.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAXIMUM_SOURCES     1000
#define MAXIMUM_DEFINITIONS 10000

enum outcome { ADDED, UPDATED, UNCHANGED, SUPERSEDED };

static const char *const outcome_names[] = {
	[ADDED] = "added",
	[UPDATED] = "updated",
	[UNCHANGED] = "unchanged",
	[SUPERSEDED] = "superseded",
};

/* A definition of a source. */
struct candidate {
	char *id;         /* without the version that its file name may end with */
	char *place;      /* its directory, or its URL */
	const char *from; /* the source as it may be shown */
	bool remote;
	extmgr_text *text;
	struct extmgr__definition_info *info;
	enum outcome outcome;
};

/* An artifact of a definition. */
struct asset {
	const struct candidate *owner;
	const struct extmgr__artifact *artifact;
	struct extmgr__receiving receiving;
	char sha256[EXTMGR__SHA256_HEX_SIZE];
	enum outcome outcome;
};

struct collecting {
	extmgr_context *context;
	extmgr_operation *operation;
	extmgr_registry *registry; /* as it was */
	extmgr_files *definitions;
	extmgr_files *artifacts; /* NULL: none are collected */
	uint32_t flags;
	extmgr_file_list *old_definitions;
	extmgr_file_list *old_artifacts;
	char **shown; /* the sources without secrets */
	size_t source_count;
	struct candidate *candidates;
	size_t candidate_count;
	size_t candidate_capacity;
	struct asset *assets;
	size_t asset_count;
	size_t asset_capacity;
	extmgr_error **error;
};

/* ---- definitions ---- */

static const char *version_of(const struct candidate *candidate)
{
	return extmgr__definition_info_latest(candidate->info);
}

/* "x-1.2.0" of version 1.2.0 is x: releases may have the version in the names of their files. */
static void cut_version(char *id, const char *version)
{
	size_t length = strlen(id);
	size_t tail = version ? strlen(version) + 1 : 0;

	if (tail && length > tail && id[length - tail] == '-' &&
	    strcmp(id + length - tail + 1, version) == 0)
		id[length - tail] = '\0';
}

static extmgr_result add_candidate(struct collecting *collecting, struct candidate *candidate,
				   struct extmgr__source *source, const char *name)
{
	struct candidate *grown;
	extmgr_result result;

	if (collecting->candidate_count >= MAXIMUM_DEFINITIONS)
		return extmgr__error_set(collecting->error, EXTMGR_E_TOO_LARGE,
					 "more than %d definitions", MAXIMUM_DEFINITIONS);
	candidate->text = source->text;
	candidate->id = extmgr__strdup(name);
	grown = extmgr__array_grow(collecting->candidates, collecting->candidate_count,
				   &collecting->candidate_capacity, sizeof(*grown));
	if (grown) {
		collecting->candidates = grown;
		grown[collecting->candidate_count++] = *candidate;
		candidate = &grown[collecting->candidate_count - 1];
	} else {
		extmgr_text_free(candidate->text);
		free(candidate->id);
		free(candidate->place);
		return extmgr__error_no_memory(collecting->error);
	}
	if (!candidate->id || !candidate->place)
		return extmgr__error_no_memory(collecting->error);
	result = extmgr__definition_info_get(collecting->context, collecting->operation, name,
					     extmgr_text_get_data(candidate->text),
					     extmgr_text_get_length(candidate->text),
					     &candidate->info, collecting->error);
	if (result != EXTMGR_OK)
		return result;
	cut_version(candidate->id, version_of(candidate));
	if (!extmgr__is_plain_name(candidate->id))
		return extmgr__error_set(collecting->error, EXTMGR_E_FORMAT,
					 "'%s' is no id of an extension", candidate->id);
	return EXTMGR_OK;
}

static extmgr_result collect_directory(struct collecting *collecting, const char *path,
				       const char *shown)
{
	extmgr_registry *registry = NULL;
	struct extmgr__walk *walk = NULL;
	extmgr_result result;

	result = extmgr_registry_open(collecting->context, path, &registry, collecting->error);
	if (result == EXTMGR_OK)
		result = extmgr__walk_open(registry, collecting->operation, NULL, &walk,
					   collecting->error);
	if (result == EXTMGR_OK && !extmgr__walk_count(walk))
		result = extmgr__error_set(collecting->error, EXTMGR_E_NOT_FOUND,
					   "there is no definition (*.js)");
	for (size_t i = 0; result == EXTMGR_OK && i < extmgr__walk_count(walk); i++) {
		struct candidate candidate = {.from = shown};
		struct extmgr__source source;

		result = extmgr__walk_read(walk, i, &source, collecting->error);
		if (result != EXTMGR_OK) {
			extmgr_text_free(source.text);
			break;
		}
		candidate.place = extmgr__strdup(path);
		result = add_candidate(collecting, &candidate, &source, extmgr__walk_id(walk, i));
	}
	extmgr__walk_close(walk);
	extmgr_registry_free(registry);
	return result;
}

static extmgr_result collect_url(struct collecting *collecting, const char *url, const char *shown)
{
	struct candidate candidate = {.from = shown, .remote = true};
	struct extmgr__source source;
	extmgr_result result;
	char *name;

	if (!extmgr__context_http(collecting->context))
		return extmgr__error_set(collecting->error, EXTMGR_E_UNSUPPORTED,
					 "the context has no way to fetch over HTTP");
	result = extmgr__url_check(url, "the source", collecting->error);
	if (result != EXTMGR_OK)
		return result;
	name = extmgr__url_file_name(url);
	if (!name)
		return extmgr__error_no_memory(collecting->error);
	if (strlen(name) < 4 || strcmp(name + strlen(name) - 3, ".js") != 0) {
		free(name);
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "a URL must name a definition (*.js)");
	}
	name[strlen(name) - 3] = '\0';
	result = extmgr__remote_read(collecting->context, collecting->operation, url, name, &source,
				     collecting->error);
	if (result == EXTMGR_OK) {
		candidate.place = extmgr__strdup(url);
		result = add_candidate(collecting, &candidate, &source, name);
	} else {
		extmgr_text_free(source.text);
	}
	free(name);
	return result;
}

static extmgr_result collect_source(struct collecting *collecting, const char *source,
				    const char *shown)
{
	extmgr_result result;

	if (extmgr__url_is_http(source))
		result = collect_url(collecting, source, shown);
	else
		result = collect_directory(collecting, source, shown);
	if (result == EXTMGR_OK)
		return result;
	return extmgr__error_wrap(collecting->error, result, "cannot collect '%s'", shown);
}

static bool has_same_text(const extmgr_text *a, const extmgr_text *b)
{
	return extmgr_text_get_length(a) == extmgr_text_get_length(b) &&
	       memcmp(extmgr_text_get_data(a), extmgr_text_get_data(b),
		      extmgr_text_get_length(a)) == 0;
}

static int compare_versions(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return extmgr__semver_compare(a, b);
}

/* Of several with one id the highest version stays. */
static extmgr_result choose(struct collecting *collecting)
{
	for (size_t i = 0; i < collecting->candidate_count; i++) {
		for (size_t j = 0; j < i; j++) {
			struct candidate *one = &collecting->candidates[j];
			struct candidate *other = &collecting->candidates[i];
			int order;

			if (strcmp(one->id, other->id) != 0 || one->outcome == SUPERSEDED ||
			    other->outcome == SUPERSEDED)
				continue;
			order = compare_versions(version_of(one), version_of(other));
			if (order == 0 && !has_same_text(one->text, other->text))
				return extmgr__error_set(
					collecting->error, EXTMGR_E_CONFLICT,
					"'%s' and '%s' have different definitions '%s' of one "
					"version",
					one->from, other->from, one->id);
			(order >= 0 ? other : one)->outcome = SUPERSEDED;
		}
	}
	return EXTMGR_OK;
}

/* What lies beside the old definition would not fit the new one. */
static extmgr_result check_beside(struct collecting *collecting, const char *id)
{
	static const char *const suffixes[] = {".js" EXTMGR__CHECKSUM_SUFFIX,
					       ".js" EXTMGR__SUMS_SUFFIX,
					       ".js" EXTMGR__SIGNATURE_SUFFIX};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		struct extmgr__buffer name = EXTMGR__BUFFER(512);
		const struct extmgr__file *file;

		extmgr__buffer_printf(&name, "%s%s", id, suffixes[i]);
		file = extmgr__file_list_find(collecting->old_definitions,
					      extmgr__buffer_get(&name));
		extmgr__buffer_free(&name);
		if (file)
			return extmgr__error_set(collecting->error, EXTMGR_E_CONFLICT,
						 "'%s' would not fit the new definition: remove it",
						 file->path);
	}
	return EXTMGR_OK;
}

/* What the registry has now: nothing older takes its place. */
static extmgr_result compare_with_old(struct collecting *collecting, struct candidate *candidate)
{
	struct extmgr__definition_info *info = NULL;
	struct extmgr__source source;
	extmgr_error *ignored = NULL;
	bool is_older = false;
	char *old = NULL;
	extmgr_result result;

	result = extmgr__registry_read(collecting->registry, collecting->operation, candidate->id,
				       &source, &ignored);
	candidate->outcome = result == EXTMGR_E_EXTENSION_NOT_FOUND ? ADDED : UPDATED;
	if (result == EXTMGR_OK && has_same_text(source.text, candidate->text))
		candidate->outcome = UNCHANGED;
	else if (result == EXTMGR_OK)
		result = extmgr__definition_info_get(
			collecting->context, collecting->operation, candidate->id,
			extmgr_text_get_data(source.text), extmgr_text_get_length(source.text),
			&info, &ignored);
	/* A broken one may be replaced by anything. */
	if (info) {
		is_older = compare_versions(extmgr__definition_info_latest(info),
					    version_of(candidate)) > 0;
		old = extmgr__strdup(extmgr__definition_info_latest(info));
	}
	extmgr_error_free(ignored);
	extmgr_text_free(source.text);
	extmgr__definition_info_unref(info);
	result = extmgr__operation_check(collecting->operation, collecting->error);
	if (result == EXTMGR_OK && is_older &&
	    !(collecting->flags & EXTMGR_COLLECT_ALLOW_DOWNGRADE))
		result = extmgr__error_set(collecting->error, EXTMGR_E_VERSION_ROLLBACK,
					   "the registry has '%s' in version %s, '%s' only %s",
					   candidate->id, old ? old : "?", candidate->from,
					   version_of(candidate) ? version_of(candidate) : "none");
	free(old);
	if (result == EXTMGR_OK && candidate->outcome != UNCHANGED)
		result = check_beside(collecting, candidate->id);
	return result;
}

/* ---- artifacts ---- */

static char *beside_path(const struct candidate *candidate, const char *name, const char *suffix)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	char *url = NULL;

	if (!candidate->remote) {
		extmgr__buffer_printf(&path, "%s/%s%s", candidate->place, name, suffix);
	} else {
		extmgr__buffer_puts(&path, "./");
		extmgr__url_append_segment(&path, name);
		extmgr__buffer_puts(&path, suffix);
		if (extmgr__buffer_result(&path) == EXTMGR_OK)
			(void)extmgr__url_resolve(candidate->place, path.data, &url, NULL);
		extmgr__buffer_free(&path);
		return url;
	}
	if (extmgr__buffer_result(&path) == EXTMGR_OK)
		return path.data;
	extmgr__buffer_free(&path);
	return NULL;
}

/* From a directory or URL into the store, not visible yet. *found: whether it is there. */
static extmgr_result receive(struct collecting *collecting, struct asset *asset, const char *path,
			     bool *found)
{
	struct stat status;
	int32_t answered;
	int file = -1;
	extmgr_result result;

	if (asset->owner->remote) {
		result = extmgr__receiving_fetch(&asset->receiving, collecting->context, path,
						 &answered, collecting->error);
		*found = !(result == EXTMGR_E_HTTP_STATUS && (answered == 404 || answered == 410));
		return result;
	}
	result = extmgr__file_open_at(AT_FDCWD, path, true, &file, &status, collecting->error);
	*found = result != EXTMGR_E_NOT_FOUND;
	if (result != EXTMGR_OK)
		return result;
	if (S_ISREG(status.st_mode))
		result = extmgr__receiving_copy(&asset->receiving, file, collecting->error);
	else
		result = extmgr__error_set(collecting->error, EXTMGR_E_IO,
					   "'%s' is not a regular file", path);
	(void)close(file);
	return result;
}

/* The .sha256 file beside it, when it is there. */
static extmgr_result check_checksum(struct collecting *collecting, const struct asset *asset)
{
	char *path = beside_path(asset->owner, asset->receiving.name, EXTMGR__CHECKSUM_SUFFIX);
	struct extmgr__buffer content = EXTMGR__BUFFER(0);
	bool found = false;
	extmgr_result result;

	if (!path)
		return extmgr__error_no_memory(collecting->error);
	if (asset->owner->remote) {
		result = extmgr__resource_fetch_optional(collecting->context, collecting->operation,
							 path, EXTMGR__CHECKSUM_MAXIMUM, &content,
							 &found, NULL, collecting->error);
	} else {
		result = extmgr__file_read_at(AT_FDCWD, path, EXTMGR__CHECKSUM_MAXIMUM, &content,
					      collecting->error);
		found = result == EXTMGR_OK;
		if (result == EXTMGR_E_NOT_FOUND) {
			extmgr_error_free(*collecting->error);
			*collecting->error = NULL;
			result = EXTMGR_OK;
		}
	}
	free(path);
	if (result == EXTMGR_OK && found)
		result = extmgr__checksum_check("file", asset->receiving.name, &content,
						asset->sha256, collecting->error);
	extmgr__buffer_free(&content);
	return result;
}

static extmgr_result conflict(struct collecting *collecting, const char *name, const char *where)
{
	extmgr__error_set(collecting->error, EXTMGR_E_CONFLICT,
			  "file '%s' is %s with other content", name, where);
	extmgr__error_hint(collecting->error, "another content needs another name, such as one "
					      "with its version");
	return EXTMGR_E_CONFLICT;
}

/* Others may use a file of that name that is there already. */
static extmgr_result compare_with_others(struct collecting *collecting, struct asset *asset,
					 const struct extmgr__file *old)
{
	char found[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i + 1 < collecting->asset_count; i++) {
		const struct asset *other = &collecting->assets[i];

		if (strcmp(other->receiving.name, asset->receiving.name) != 0)
			continue;
		if (strcmp(other->sha256, asset->sha256) != 0)
			return conflict(collecting, asset->receiving.name, "in another source");
		asset->outcome = UNCHANGED;
	}
	if (old)
		result = extmgr__files_hash(collecting->artifacts, collecting->operation, old,
					    found, collecting->error);
	if (result != EXTMGR_OK || !old)
		return result;
	if (strcmp(found, asset->sha256) != 0)
		return conflict(collecting, asset->receiving.name, "in the file store");
	asset->outcome = UNCHANGED;
	return EXTMGR_OK;
}

/* Neither source nor store has to hold what the other one does. */
static extmgr_result use_old(struct collecting *collecting, struct asset *asset,
			     const struct extmgr__file *old)
{
	const struct extmgr__artifact *artifact = asset->artifact;
	extmgr_result result;

	extmgr_error_free(*collecting->error);
	*collecting->error = NULL;
	if (!old || (artifact->size >= 0 && old->size != (uint64_t)artifact->size))
		return extmgr__error_set(collecting->error, EXTMGR_E_ARTIFACT_MISSING,
					 "it is neither beside the definition nor in the file "
					 "store");
	asset->outcome = UNCHANGED;
	result = extmgr__files_hash(collecting->artifacts, collecting->operation, old,
				    asset->sha256, collecting->error);
	if (result == EXTMGR_OK && artifact->sha256[0] &&
	    strcmp(artifact->sha256, asset->sha256) != 0)
		result = conflict(collecting, artifact->file_name, "in the file store");
	return result;
}

static extmgr_result take_asset(struct collecting *collecting, struct asset *asset)
{
	const struct extmgr__file *old =
		extmgr__file_list_find(collecting->old_artifacts, asset->receiving.name);
	char *path = beside_path(asset->owner, asset->receiving.name, "");
	extmgr_result result;
	bool found = true;

	if (!path)
		return extmgr__error_no_memory(collecting->error);
	result = receive(collecting, asset, path, &found);
	free(path);
	if (!found)
		return use_old(collecting, asset, old);
	if (result == EXTMGR_OK)
		result = extmgr__receiving_check(&asset->receiving, asset->artifact->sha256,
						 asset->sha256, collecting->error);
	if (result == EXTMGR_OK)
		result = check_checksum(collecting, asset);
	if (result == EXTMGR_OK)
		result = compare_with_others(collecting, asset, old);
	return result;
}

static extmgr_result collect_artifact(struct collecting *collecting,
				      const struct candidate *candidate,
				      const struct extmgr__artifact *artifact)
{
	struct asset *grown;
	extmgr_result result;

	if (!collecting->artifacts)
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "extension '%s' needs file '%s', and there is no file "
					 "store for it",
					 candidate->id, artifact->file_name);
	if (!extmgr__is_file_name(artifact->file_name))
		return extmgr__error_set(collecting->error, EXTMGR_E_FORMAT,
					 "extension '%s': '%s' is no plain file name",
					 candidate->id, artifact->file_name);
	grown = extmgr__array_grow(collecting->assets, collecting->asset_count,
				   &collecting->asset_capacity, sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(collecting->error);
	collecting->assets = grown;
	grown[collecting->asset_count] =
		(struct asset){.owner = candidate,
			       .artifact = artifact,
			       .receiving = {.files = collecting->artifacts,
					     .operation = collecting->operation,
					     .name = artifact->file_name,
					     .size = artifact->size}};
	result = take_asset(collecting, &grown[collecting->asset_count++]);
	if (result == EXTMGR_OK)
		return result;
	return extmgr__error_wrap(collecting->error, result,
				  "cannot collect file '%s' of extension '%s' from '%s'",
				  artifact->file_name, candidate->id, candidate->from);
}

/* ---- publishing ---- */

static extmgr_result write_definition(struct collecting *collecting,
				      const struct candidate *candidate)
{
	struct extmgr__buffer name = EXTMGR__BUFFER(512);
	struct extmgr__new_file *file = NULL;
	extmgr_result result;

	extmgr__buffer_printf(&name, "%s.js", candidate->id);
	result = extmgr__files_create(collecting->definitions, collecting->operation,
				      extmgr__buffer_get(&name), &file, collecting->error);
	extmgr__buffer_free(&name);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__files_write(file, extmgr_text_get_data(candidate->text),
				     extmgr_text_get_length(candidate->text), collecting->error);
	if (result == EXTMGR_OK)
		return extmgr__files_finish(file, true, collecting->error);
	(void)extmgr__files_finish(file, false, NULL);
	return result;
}

/* Artifacts first: no definition is there before what it needs. */
static extmgr_result publish(struct collecting *collecting)
{
	extmgr_result result = extmgr__operation_progress(collecting->operation, "publish", 0, 0,
							  collecting->error);

	for (size_t i = 0; i < collecting->asset_count && result == EXTMGR_OK; i++) {
		struct asset *asset = &collecting->assets[i];

		if (asset->outcome == ADDED)
			result = extmgr__receiving_commit(&asset->receiving, collecting->error);
	}
	for (size_t i = 0; i < collecting->candidate_count && result == EXTMGR_OK; i++) {
		const struct candidate *candidate = &collecting->candidates[i];

		if (candidate->outcome == ADDED || candidate->outcome == UPDATED)
			result = write_definition(collecting, candidate);
	}
	return result;
}

static extmgr_result write_report(const struct collecting *collecting, extmgr_text **text_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;

	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.registry-collect/1");
	extmgr__json_key(&writer, "definitions");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < collecting->candidate_count; i++) {
		const struct candidate *candidate = &collecting->candidates[i];

		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "id", candidate->id);
		extmgr__json_member_string(&writer, "version", version_of(candidate));
		extmgr__json_member_string(&writer, "source", candidate->from);
		extmgr__json_member_string(&writer, "outcome", outcome_names[candidate->outcome]);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	extmgr__json_key(&writer, "artifacts");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < collecting->asset_count; i++) {
		const struct asset *asset = &collecting->assets[i];

		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "extension", asset->owner->id);
		extmgr__json_member_string(&writer, "fileName", asset->receiving.name);
		extmgr__json_member_string(&writer, "sha256", asset->sha256);
		extmgr__json_member_string(&writer, "outcome", outcome_names[asset->outcome]);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK
			 : extmgr__error_from_result(collecting->error, result, "the report");
}

/* ---- the whole ---- */

static extmgr_result collect_sources(struct collecting *collecting, const char *const *sources)
{
	extmgr_result result = EXTMGR_OK;

	collecting->shown = calloc(collecting->source_count, sizeof(*collecting->shown));
	if (!collecting->shown)
		return extmgr__error_no_memory(collecting->error);
	for (size_t i = 0; i < collecting->source_count && result == EXTMGR_OK; i++) {
		struct extmgr__buffer shown = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM);

		if (extmgr__url_is_http(sources[i]))
			extmgr__url_append_public(&shown, sources[i]);
		else
			extmgr__buffer_puts(&shown, sources[i]);
		collecting->shown[i] = shown.data;
		if (!shown.data)
			return extmgr__error_no_memory(collecting->error);
		result = extmgr__operation_progress(collecting->operation, "collect", i,
						    collecting->source_count, collecting->error);
		if (result == EXTMGR_OK)
			result = collect_source(collecting, sources[i], collecting->shown[i]);
	}
	return result;
}

static extmgr_result collect_artifacts(struct collecting *collecting)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < collecting->candidate_count && result == EXTMGR_OK; i++) {
		struct candidate *candidate = &collecting->candidates[i];

		if (candidate->outcome == SUPERSEDED)
			continue;
		result = compare_with_old(collecting, candidate);
		for (size_t j = 0; j < candidate->info->artifact_count && result == EXTMGR_OK; j++)
			result = collect_artifact(collecting, candidate,
						  &candidate->info->artifacts[j]);
	}
	return result;
}

static void collecting_free(struct collecting *collecting)
{
	for (size_t i = 0; i < collecting->asset_count; i++) {
		extmgr__receiving_drop(&collecting->assets[i].receiving);
		extmgr_error_free(collecting->assets[i].receiving.error);
	}
	free(collecting->assets);
	for (size_t i = 0; i < collecting->candidate_count; i++) {
		struct candidate *candidate = &collecting->candidates[i];

		extmgr__definition_info_unref(candidate->info);
		extmgr_text_free(candidate->text);
		free(candidate->place);
		free(candidate->id);
	}
	free(collecting->candidates);
	for (size_t i = 0; collecting->shown && i < collecting->source_count; i++)
		free(collecting->shown[i]);
	free((void *)collecting->shown);
	extmgr__file_list_free(collecting->old_definitions);
	extmgr__file_list_free(collecting->old_artifacts);
}

static extmgr_result collect(struct collecting *collecting, const char *const *sources,
			     extmgr_text **report_out)
{
	extmgr_result result;

	result = extmgr__files_list(collecting->definitions, collecting->operation,
				    &collecting->old_definitions, collecting->error);
	if (result == EXTMGR_OK)
		result = extmgr__files_list(collecting->artifacts, collecting->operation,
					    &collecting->old_artifacts, collecting->error);
	if (result == EXTMGR_OK)
		result = collect_sources(collecting, sources);
	if (result == EXTMGR_OK)
		result = choose(collecting);
	if (result == EXTMGR_OK)
		result = collect_artifacts(collecting);
	if (result == EXTMGR_OK)
		result = write_report(collecting, report_out);
	if (result == EXTMGR_OK)
		result = publish(collecting);
	if (result != EXTMGR_OK) {
		extmgr_text_free(*report_out);
		*report_out = NULL;
	}
	collecting_free(collecting);
	return result;
}

static extmgr_result check_arguments(const struct collecting *collecting,
				     const char *const *sources, extmgr_text *const *report_out)
{
	if (!collecting->registry || !collecting->definitions || !sources || !report_out)
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "sources, registry, definitions or report_out is NULL");
	if (collecting->source_count == 0 || collecting->source_count > MAXIMUM_SOURCES)
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "count is not 1 to %d", MAXIMUM_SOURCES);
	for (size_t i = 0; i < collecting->source_count; i++) {
		if (!sources[i] || !*sources[i])
			return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
						 "a source is NULL or empty");
	}
	if (collecting->flags & ~EXTMGR_COLLECT_ALLOW_DOWNGRADE)
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "unknown flags 0x%x", (unsigned)collecting->flags);
	if (!extmgr__files_are_writable(collecting->definitions) ||
	    (collecting->artifacts && !extmgr__files_are_writable(collecting->artifacts)))
		return extmgr__error_set(collecting->error, EXTMGR_E_INVALID_ARGUMENT,
					 "a file store cannot be written");
	return EXTMGR_OK;
}

extmgr_result extmgr_registry_collect(extmgr_context *context, const char *const *sources,
				      size_t count, extmgr_registry *registry,
				      extmgr_files *definitions, extmgr_files *artifacts,
				      uint32_t flags, extmgr_operation *operation,
				      extmgr_text **report_out, extmgr_error **error_out)
{
	extmgr_error *error = NULL;
	struct collecting collecting = {.context = context,
					.operation = operation,
					.registry = registry,
					.definitions = definitions,
					.artifacts = artifacts,
					.flags = flags,
					.source_count = count,
					.error = &error};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	result = extmgr__context_check(context, &error);
	if (result == EXTMGR_OK)
		result = check_arguments(&collecting, sources, report_out);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, context, &error);
	if (result == EXTMGR_OK) {
		result = collect(&collecting, sources, report_out);
		extmgr__operation_end(operation);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
