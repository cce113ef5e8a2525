/* SPDX-License-Identifier: MIT */
/* Everything about one extension in one version. */
#include "manager/download.h"
#include "manager/list.h"
#include "manager/target.h"
#include "manager/work.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

struct details {
	struct extmgr__extension extension; /* borrows info and id from the work */
	extmgr_text *parameters;            /* JSON; NULL: see parameters_error */
	extmgr_text *parameters_error;      /* NULL: none */
	int32_t parameters_status;          /* the HTTP status of that error */
	const extmgr_file_list *files;
};

/* A definition that has no parameters for a version says so with an error: that is part of the
 * answer. */
static extmgr_result read_parameters(struct extmgr__work *work, struct details *details,
				     extmgr_error **error)
{
	extmgr_result result;

	if (!work->version ||
	    !extmgr__definition_info_has(work->info, EXTMGR__FN_GET_INSTANCE_PARAMETERS))
		return EXTMGR_OK;
	result = extmgr__work_get_parameters(work, &details->parameters, error);
	if (result != EXTMGR_E_SCRIPT_STATUS)
		return result;
	details->parameters_status = extmgr_error_get_http_status(*error);
	result = extmgr_error_copy_text(*error, &details->parameters_error);
	extmgr_error_free(*error);
	*error = NULL;
	return result == EXTMGR_OK ? EXTMGR_OK : extmgr__error_no_memory(error);
}

/* Last, because asking other definitions undoes what was done before. */
static extmgr_result find_state(struct extmgr__work *work, struct details *details,
				extmgr_error **error)
{
	struct extmgr__facts *facts;
	extmgr_result result = extmgr__work_list_files(work, &details->files, error);

	if (result != EXTMGR_OK)
		return result;
	facts = extmgr__work_facts_new(work);
	if (!facts)
		return extmgr__error_no_memory(error);
	result = extmgr__extension_judge(work->manager, &details->extension, facts, details->files,
					 error);
	extmgr__facts_free(facts);
	return result;
}

static void write_artifacts(struct extmgr__json_writer *writer, const struct details *details,
			    const extmgr_manager *manager)
{
	const struct extmgr__definition_info *info = details->extension.info;

	extmgr__json_key(writer, "artifacts");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < info->artifact_count; i++) {
		const struct extmgr__artifact *artifact = &info->artifacts[i];

		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", artifact->name);
		extmgr__json_member_string(writer, "fileName", artifact->file_name);
		if (artifact->size >= 0)
			extmgr__json_member_integer(writer, "size", artifact->size);
		if (artifact->sha256[0])
			extmgr__json_member_string(writer, "sha256", artifact->sha256);
		if (artifact->download_url[0])
			extmgr__json_member_string(writer, "downloadUrl", artifact->download_url);
		if (artifact->license_url[0])
			extmgr__json_member_string(writer, "licenseUrl", artifact->license_url);
		extmgr__json_member_boolean(writer, "available",
					    extmgr__artifact_is_there(artifact, details->files));
		extmgr__json_member_boolean(writer, "downloadable",
					    !extmgr__artifact_refuse(manager, artifact));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static void write_functions(struct extmgr__json_writer *writer,
			    const struct extmgr__definition_info *info)
{
	extmgr__json_key(writer, "functions");
	extmgr__json_begin_array(writer);
	for (int i = 0; i < EXTMGR__FN_COUNT; i++) {
		if (extmgr__definition_info_has(info, (enum extmgr__function)i))
			extmgr__json_string(writer,
					    extmgr__function_name((enum extmgr__function)i));
	}
	extmgr__json_end_array(writer);
}

static extmgr_result write_details(const struct extmgr__work *work, const struct details *details,
				   extmgr_text **text_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;

	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.extension/1");
	extmgr__extension_write(&writer, &details->extension);
	extmgr__json_member_string(&writer, "version", work->version);
	extmgr__json_member_string(&writer, "apiVersion", work->info->api_version);
	extmgr__json_key(&writer, "parameterDefinitions");
	if (details->parameters)
		extmgr__json_raw(&writer, extmgr_text_get_data(details->parameters),
				 extmgr_text_get_length(details->parameters));
	else
		extmgr__json_raw(&writer, "[]", 2);
	if (details->parameters_error) {
		extmgr__json_member_string(&writer, "parametersError",
					   extmgr_text_get_data(details->parameters_error));
		extmgr__json_member_integer(&writer, "parametersStatus",
					    details->parameters_status);
	}
	extmgr__requirements_write(&writer, work->info);
	write_artifacts(&writer, details, work->manager);
	write_functions(&writer, work->info);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the details");
}

static extmgr_result get_extension(struct extmgr__work *work, const char *version,
				   extmgr_text **details_out, extmgr_error **error)
{
	struct details details = {.extension = {.id = work->id}};
	char *installed = NULL;
	extmgr_result result;

	result = extmgr__work_use_known_version(work, version, &installed, error);
	details.extension.installed_version = installed;
	details.extension.signature = work->signature;
	details.extension.info = extmgr__definition_share_info(work->definition);
	if (result == EXTMGR_OK)
		result = read_parameters(work, &details, error);
	if (result == EXTMGR_OK)
		result = find_state(work, &details, error);
	if (result == EXTMGR_OK)
		result = write_details(work, &details, details_out, error);
	extmgr__definition_info_unref(details.extension.info);
	extmgr_text_free(details.parameters);
	extmgr_text_free(details.parameters_error);
	free(details.extension.reason);
	free(installed);
	return result;
}

extmgr_result extmgr_manager_get_extension(extmgr_manager *manager, const char *id,
					   const char *version, const extmgr_call_options *options,
					   extmgr_text **details_out, extmgr_error **error_out)
{
	struct extmgr__work work;
	struct extmgr__call call;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!details_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "details_out is NULL");
	*details_out = NULL;
	result = extmgr__call_begin(manager, options, false, &call, &error);
	if (result == EXTMGR_OK) {
		result = extmgr__work_open(&work, manager, &call, id, NULL, &error);
		if (result == EXTMGR_OK)
			result = get_extension(&work, version, details_out, &error);
		extmgr__work_close(&work);
		extmgr__call_end(&call);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
