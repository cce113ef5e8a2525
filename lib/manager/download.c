/* SPDX-License-Identifier: MIT */
#include "manager/download.h"

#include "base/url.h"
#include "manager/receive.h"
#include "registry/registry.h"

#include <string.h>

#define NAME_MAXIMUM 255

/* ---- whether ---- */

bool extmgr__is_file_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= NAME_MAXIMUM && name[0] != '.' && !strchr(name, '/') &&
	       !strchr(name, '\\') && extmgr__utf8_is_valid(name, length) &&
	       !extmgr__text_has_control(name, length);
}

const char *extmgr__artifact_refuse(const extmgr_manager *manager,
				    const struct extmgr__artifact *artifact)
{
	const char *url = artifact->download_url;

	if (!*url)
		return "its definition gives no downloadUrl";
	if (!artifact->sha256[0])
		return "its definition gives no sha256";
	if (!extmgr__is_file_name(artifact->file_name))
		return "its bucketFsFilename is no plain file name";
	if (extmgr__url_check(url, "downloadUrl", NULL) != EXTMGR_OK)
		return "its downloadUrl is no http or https URL";
	if (extmgr__registry_is_https(manager->registry) && !extmgr__url_is_https(url))
		return "its downloadUrl leads from https to http";
	return NULL;
}

const char *extmgr__downloads_refuse(const extmgr_manager *manager)
{
	if (!(manager->flags & EXTMGR_TARGET_ALLOW_DOWNLOAD))
		return "the host does not allow downloads";
	if (manager->bucketfs_path)
		return "a BucketFS cannot be written";
	if (!extmgr__files_are_writable(manager->files))
		return "the file store cannot be written";
	if (!extmgr__context_http(manager->context))
		return "the host gives no way to fetch over HTTP";
	return NULL;
}

/* ---- fetching ---- */

static extmgr_result receive(const extmgr_manager *manager, extmgr_operation *operation,
			     const struct extmgr__artifact *artifact, extmgr_error **error)
{
	struct extmgr__receiving receiving = {.files = manager->files,
					      .operation = operation,
					      .name = artifact->file_name,
					      .size = artifact->size};
	char found[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result;

	result = extmgr__receiving_fetch(&receiving, manager->context, artifact->download_url, NULL,
					 error);
	if (result == EXTMGR_OK)
		result = extmgr__receiving_check(&receiving, artifact->sha256, found, error);
	if (result == EXTMGR_OK)
		result = extmgr__operation_progress(operation, "download", receiving.received,
						    receiving.received, error);
	if (result == EXTMGR_OK)
		result = extmgr__receiving_commit(&receiving, error);
	extmgr__receiving_drop(&receiving);
	return result;
}

static extmgr_result refuse(const struct extmgr__artifact *artifact, const char *why,
			    extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_DOWNLOAD_REFUSED, "file '%s' cannot be downloaded: %s",
			  artifact->file_name, why);
	extmgr__error_hint(error, "put it into the file store%s%s",
			   *artifact->download_url ? "; download: " : "", artifact->download_url);
	return EXTMGR_E_DOWNLOAD_REFUSED;
}

/* "cannot download file 'x.jar' from https://host/path", without secrets. */
static extmgr_result wrap(const struct extmgr__artifact *artifact, extmgr_result result,
			  extmgr_error **error)
{
	struct extmgr__buffer url = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM);

	extmgr__url_append_public(&url, artifact->download_url);
	result = extmgr__error_wrap(error, result, "cannot download file '%s' from %s",
				    artifact->file_name, extmgr__buffer_get(&url));
	extmgr__buffer_free(&url);
	return result;
}

extmgr_result extmgr__artifact_download(const extmgr_manager *manager, extmgr_operation *operation,
					const struct extmgr__artifact *artifact,
					extmgr_error **error)
{
	const char *why = extmgr__artifact_refuse(manager, artifact);
	extmgr_result result;

	if (!why)
		why = extmgr__downloads_refuse(manager);
	if (why)
		return refuse(artifact, why, error);
	result = extmgr__operation_progress(
		operation, "download", 0, artifact->size < 0 ? 0 : (uint64_t)artifact->size, error);
	if (result == EXTMGR_OK)
		result = receive(manager, operation, artifact, error);
	return result == EXTMGR_OK ? result : wrap(artifact, result, error);
}

extmgr_result extmgr__artifacts_provide(const extmgr_manager *manager, extmgr_operation *operation,
					const struct extmgr__definition_info *info,
					extmgr_error **error)
{
	extmgr_file_list *files = NULL;
	extmgr_result result;

	if (!info->artifact_count || extmgr__downloads_refuse(manager))
		return EXTMGR_OK;
	result = extmgr__files_list(manager->files, operation, &files, error);
	for (size_t i = 0; i < info->artifact_count && result == EXTMGR_OK; i++) {
		const struct extmgr__artifact *artifact = &info->artifacts[i];

		/* A file of that name is never replaced: others may need it as it is. */
		if (!extmgr__file_list_find(files, artifact->file_name) &&
		    !extmgr__artifact_refuse(manager, artifact))
			result = extmgr__artifact_download(manager, operation, artifact, error);
	}
	extmgr__file_list_free(files);
	return result;
}
