/* SPDX-License-Identifier: MIT */
/* The artifacts of extensions: where they are, and fetching those that are missing. */
#include "base/json.h"
#include "manager/download.h"
#include "manager/list.h"
#include "manager/target.h"
#include "manager/work.h"
#include "registry/registry.h"
#include "registry/walk.h"

#include <string.h>

struct looking {
	const extmgr_manager *manager;
	struct extmgr__call call;
	struct extmgr__walk *walk;
	struct extmgr__target *target; /* NULL: the files are in the file store */
	extmgr_file_list *store;       /* NULL: the files are in a BucketFS */
	const extmgr_file_list *files; /* one of both */
	struct extmgr__json_writer artifacts;
	struct extmgr__json_writer broken;
	const char *withdrawn; /* why the host has withdrawn what was read last; NULL: it has not */
	bool has_broken;
};

/* What is known about one artifact. */
struct finding {
	const char *state;
	const char *reason;              /* NULL: none */
	const struct extmgr__file *file; /* NULL: there is none of that name */
};

static void write_what_it_is(struct extmgr__json_writer *writer,
			     const struct extmgr__artifact *artifact)
{
	extmgr__json_member_string(writer, "fileName", artifact->file_name);
	if (artifact->size >= 0)
		extmgr__json_member_integer(writer, "size", artifact->size);
	if (artifact->sha256[0])
		extmgr__json_member_string(writer, "sha256", artifact->sha256);
}

static extmgr_result hash(const struct looking *looking, const struct extmgr__file *file,
			  char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error)
{
	if (looking->target)
		return extmgr__target_hash_file(looking->target, file, hex, error);
	return extmgr__files_hash(looking->manager->files, looking->call.operation, file, hex,
				  error);
}

/* Of several files of that name it is the one that resolvePath() answers. */
static extmgr_result look(const struct looking *looking, const struct extmgr__artifact *artifact,
			  struct finding *finding, extmgr_error **error)
{
	char found[EXTMGR__SHA256_HEX_SIZE];
	const char *why = extmgr__artifact_refuse(looking->manager, artifact);
	extmgr_result result;

	finding->file = extmgr__file_list_find(looking->files, artifact->file_name);
	if (!finding->file) {
		finding->state = why ? "missing" : "downloadable";
		finding->reason = why ? why : extmgr__downloads_refuse(looking->manager);
		return EXTMGR_OK;
	}
	finding->state = "present";
	if (!extmgr__artifact_is_there(artifact, looking->files)) {
		finding->state = "damaged";
		finding->reason = "it has another size";
		return EXTMGR_OK;
	}
	if (!artifact->sha256[0])
		return EXTMGR_OK;
	result = hash(looking, finding->file, found, error);
	if (result == EXTMGR_OK && strcmp(found, artifact->sha256) != 0) {
		finding->state = "damaged";
		finding->reason = "it has another SHA-256";
	}
	return result;
}

static extmgr_result list_artifact(struct looking *looking, const char *id,
				   const struct extmgr__artifact *artifact, extmgr_error **error)
{
	struct extmgr__json_writer *writer = &looking->artifacts;
	struct finding finding = {0};
	extmgr_result result = look(looking, artifact, &finding, error);

	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "extension", id);
	extmgr__json_member_string(writer, "name", artifact->name);
	write_what_it_is(writer, artifact);
	if (artifact->download_url[0])
		extmgr__json_member_string(writer, "downloadUrl", artifact->download_url);
	if (artifact->license_url[0])
		extmgr__json_member_string(writer, "licenseUrl", artifact->license_url);
	extmgr__json_member_string(writer, "state", finding.state);
	if (finding.reason)
		extmgr__json_member_string(writer, "reason", finding.reason);
	if (finding.file)
		extmgr__json_member_string(writer, "path", finding.file->path);
	extmgr__json_end_object(writer);
	return EXTMGR_OK;
}

static extmgr_result read_info(struct looking *looking, size_t index,
			       struct extmgr__definition_info **info, extmgr_error **error)
{
	struct extmgr__source source;
	extmgr_result result = extmgr__walk_read(looking->walk, index, &source, error);

	looking->withdrawn = source.withdrawn;
	if (result == EXTMGR_OK)
		result = extmgr__definition_info_get(
			looking->manager->context, looking->call.operation,
			extmgr__walk_id(looking->walk, index), extmgr_text_get_data(source.text),
			extmgr_text_get_length(source.text), info, error);
	extmgr_text_free(source.text);
	return result;
}

/* The definition failed: its error is used up. */
static extmgr_result list_broken(struct looking *looking, const char *id, extmgr_error **error)
{
	extmgr_text *reason = NULL;

	if (extmgr_error_copy_text(*error, &reason) != EXTMGR_OK)
		return EXTMGR_E_NO_MEMORY;
	extmgr_error_free(*error);
	*error = NULL;
	looking->has_broken = true;
	extmgr__json_begin_object(&looking->broken);
	extmgr__json_member_string(&looking->broken, "extension", id);
	extmgr__json_member_string(&looking->broken, "reason", extmgr_text_get_data(reason));
	extmgr__json_end_object(&looking->broken);
	extmgr_text_free(reason);
	return EXTMGR_OK;
}

static extmgr_result list_all(struct looking *looking, bool one, extmgr_error **error)
{
	size_t count = extmgr__walk_count(looking->walk);
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		const char *id = extmgr__walk_id(looking->walk, i);
		struct extmgr__definition_info *info = NULL;

		result = extmgr__operation_progress(looking->call.operation, "list", i, count,
						    error);
		if (result == EXTMGR_OK)
			result = read_info(looking, i, &info, error);
		if (!info && result != EXTMGR_OK && !one &&
		    !extmgr__reading_is_over(looking->target, result))
			result = list_broken(looking, id, error);
		for (size_t j = 0; info && j < info->artifact_count && result == EXTMGR_OK; j++)
			result = list_artifact(looking, id, &info->artifacts[j], error);
		extmgr__definition_info_unref(info);
	}
	return result;
}

static extmgr_result open_files(struct looking *looking, extmgr_error **error)
{
	extmgr_result result;

	if (!looking->manager->bucketfs_path) {
		result = extmgr__files_list(looking->manager->files, looking->call.operation,
					    &looking->store, error);
		looking->files = looking->store;
		return result;
	}
	result = extmgr__target_open(looking->manager, &looking->call, false, NULL,
				     &looking->target, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_list_files(looking->target, &looking->files, error);
	return result;
}

static extmgr_result write_list(struct looking *looking, extmgr_text **text_out,
				extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	const struct extmgr__buffer *parts[] = {looking->artifacts.buffer, looking->broken.buffer};
	static const char *const names[] = {"artifacts", "broken"};
	extmgr_result result;

	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.artifacts/1");
	for (size_t i = 0; i < 2; i++) {
		extmgr__json_key(&writer, names[i]);
		if (extmgr__buffer_result(parts[i]) != EXTMGR_OK)
			buffer.result = extmgr__buffer_result(parts[i]);
		extmgr__json_raw(&writer, parts[i]->data, parts[i]->length);
	}
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the artifacts");
}

static extmgr_result list_artifacts(struct looking *looking, const char *id, extmgr_text **text_out,
				    extmgr_error **error)
{
	struct extmgr__buffer artifacts = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer broken = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	looking->artifacts = EXTMGR__JSON_WRITER(&artifacts);
	looking->broken = EXTMGR__JSON_WRITER(&broken);
	extmgr__json_begin_array(&looking->artifacts);
	extmgr__json_begin_array(&looking->broken);
	result = extmgr__walk_open(looking->manager->registry, looking->call.operation, id,
				   &looking->walk, error);
	if (result == EXTMGR_OK)
		result = open_files(looking, error);
	if (result == EXTMGR_OK)
		result = list_all(looking, id != NULL, error);
	extmgr__json_end_array(&looking->artifacts);
	extmgr__json_end_array(&looking->broken);
	if (result == EXTMGR_OK)
		result = write_list(looking, text_out, error);
	extmgr__target_close(looking->target);
	extmgr__walk_close(looking->walk);
	extmgr__file_list_free(looking->store);
	extmgr__buffer_free(&artifacts);
	extmgr__buffer_free(&broken);
	return result;
}

extmgr_result extmgr_manager_list_artifacts(extmgr_manager *manager, const char *id,
					    const extmgr_call_options *options,
					    extmgr_text **artifacts_out, extmgr_error **error_out)
{
	struct looking looking = {.manager = manager};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!artifacts_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "artifacts_out is NULL");
	*artifacts_out = NULL;
	result = extmgr__call_begin(manager, options, manager && manager->bucketfs_path,
				    &looking.call, &error);
	if (result == EXTMGR_OK) {
		result = list_artifacts(&looking, id, artifacts_out, &error);
		extmgr__call_end(&looking.call);
	}
	if (result != EXTMGR_OK) {
		extmgr__error_move(error_out, &error);
		return result;
	}
	return looking.has_broken ? EXTMGR_PARTIAL : EXTMGR_OK;
}

/* ---- fetching ---- */

static extmgr_result damaged(const struct extmgr__file *file, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_ARTIFACT_CHECKSUM,
			  "file '%s' is there, but with other content than its definition says",
			  file->path);
	extmgr__error_hint(error, "nothing is replaced, because others may need it: remove it "
				  "first");
	return EXTMGR_E_ARTIFACT_CHECKSUM;
}

static extmgr_result fetch_artifact(struct looking *looking,
				    const struct extmgr__artifact *artifact, extmgr_error **error)
{
	struct extmgr__json_writer *writer = &looking->artifacts;
	struct finding finding = {0};
	bool downloaded;
	extmgr_result result = look(looking, artifact, &finding, error);

	downloaded = result == EXTMGR_OK && !finding.file;
	if (downloaded)
		result = extmgr__artifact_download(looking->manager, looking->call.operation,
						   artifact, error);
	else if (result == EXTMGR_OK && strcmp(finding.state, "present") != 0)
		result = damaged(finding.file, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(writer);
	write_what_it_is(writer, artifact);
	extmgr__json_member_string(writer, "outcome", downloaded ? "downloaded" : "present");
	extmgr__json_end_object(writer);
	return EXTMGR_OK;
}

static extmgr_result check_version(const char *id, const struct extmgr__definition_info *info,
				   const char *version, extmgr_error **error)
{
	if (!version || extmgr__definition_info_has_version(info, version))
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_VERSION_NOT_FOUND,
				 "extension \"%s\" has no installable version '%s'", id, version);
}

static extmgr_result fetch_all(struct looking *looking, const char *id,
			       const struct extmgr__definition_info *info, extmgr_error **error)
{
	struct extmgr__json_writer *writer = &looking->artifacts;
	extmgr_result result = open_files(looking, error);

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.artifact-fetch/1");
	extmgr__json_member_string(writer, "extension", id);
	extmgr__json_key(writer, "artifacts");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < info->artifact_count && result == EXTMGR_OK; i++)
		result = fetch_artifact(looking, &info->artifacts[i], error);
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
	extmgr__target_close(looking->target);
	extmgr__file_list_free(looking->store);
	return result;
}

static extmgr_result fetch_artifacts(struct looking *looking, const char *id, const char *version,
				     extmgr_text **text_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__definition_info *info = NULL;
	extmgr_result result;

	looking->artifacts = EXTMGR__JSON_WRITER(&buffer);
	result = extmgr__walk_open(looking->manager->registry, looking->call.operation, id,
				   &looking->walk, error);
	if (result == EXTMGR_OK)
		result = read_info(looking, 0, &info, error);
	if (result == EXTMGR_OK && looking->withdrawn)
		result = extmgr__registry_refuse_withdrawn(extmgr__walk_id(looking->walk, 0),
							   looking->withdrawn, error);
	if (result == EXTMGR_OK)
		result = check_version(extmgr__walk_id(looking->walk, 0), info, version, error);
	if (result == EXTMGR_OK)
		result = fetch_all(looking, extmgr__walk_id(looking->walk, 0), info, error);
	extmgr__definition_info_unref(info);
	extmgr__walk_close(looking->walk);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&buffer);
		return result;
	}
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the report");
}

extmgr_result extmgr_manager_fetch_artifacts(extmgr_manager *manager, const char *id,
					     const char *version,
					     const extmgr_call_options *options,
					     extmgr_text **report_out, extmgr_error **error_out)
{
	struct looking looking = {.manager = manager};
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	if (!id || !report_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "id or report_out is NULL");
	result = extmgr__call_begin(manager, options, manager && manager->bucketfs_path,
				    &looking.call, &error);
	if (result == EXTMGR_OK) {
		result = fetch_artifacts(&looking, id, version, report_out, &error);
		extmgr__call_end(&looking.call);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
