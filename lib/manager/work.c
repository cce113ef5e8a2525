/* SPDX-License-Identifier: MIT */
#include "manager/work.h"

#include "base/alloc.h"
#include "manager/download.h"
#include "registry/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the host has withdrawn can be looked at and taken away, and nothing else. */
static bool takes_withdrawn(const char *operation)
{
	return !operation || strcmp(operation, "uninstall") == 0 ||
	       strcmp(operation, "delete-instance") == 0;
}

static bool needs_artifacts(const char *operation)
{
	return operation && !takes_withdrawn(operation);
}

static extmgr_result load(struct extmgr__work *work, const char *id, const char *operation,
			  extmgr_error **error)
{
	struct extmgr__source source;
	extmgr_result result;

	if (!id)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "id is NULL");
	work->id = extmgr__registry_id(work->manager->registry, id);
	if (!work->id)
		return extmgr__error_no_memory(error);
	/* As it was asked for: the registry takes one `.js` off, and only one. */
	result = extmgr__registry_read(work->manager->registry, work->call.operation, id, &source,
				       error);
	if (result == EXTMGR_OK && source.withdrawn && !takes_withdrawn(operation))
		result = extmgr__registry_refuse_withdrawn(work->id, source.withdrawn, error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_load(work->manager->context, work->call.operation,
						 work->id, extmgr_text_get_data(source.text),
						 extmgr_text_get_length(source.text),
						 &work->definition, error);
	extmgr_text_free(source.text);
	work->signature = source.signature;
	work->signer = source.signer;
	if (result == EXTMGR_OK)
		work->info = extmgr__definition_get_info(work->definition);
	return result;
}

static extmgr_result load_required(struct extmgr__work *work, extmgr_error **error)
{
	const struct extmgr__definition_info *info = work->info;
	extmgr_result result = EXTMGR_OK;

	if (!info->requirement_count)
		return EXTMGR_OK;
	work->required = calloc(info->requirement_count, sizeof(work->required[0]));
	if (!work->required)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < info->requirement_count && result == EXTMGR_OK; i++) {
		struct extmgr__source source;

		if (info->requirements[i].kind != EXTMGR__REQUIRES_EXTENSION)
			continue;
		result = extmgr__registry_read(work->manager->registry, work->call.operation,
					       info->requirements[i].name, &source, error);
		work->required[i] = source.text;
		if (result == EXTMGR_E_EXTENSION_NOT_FOUND) {
			extmgr_error_free(*error);
			*error = NULL;
			result = EXTMGR_OK;
		}
	}
	return result;
}

const extmgr_text *extmgr__work_required(const struct extmgr__work *work, const char *id)
{
	for (size_t i = 0; i < work->info->requirement_count; i++) {
		if (work->required[i] && strcmp(work->info->requirements[i].name, id) == 0)
			return work->required[i];
	}
	return NULL;
}

extmgr_result extmgr__work_open(struct extmgr__work *work, const extmgr_manager *manager,
				const struct extmgr__call *call, const char *id,
				const char *operation, extmgr_error **error)
{
	const struct extmgr__observer *observer;
	extmgr_result result;

	*work = (struct extmgr__work){.manager = manager, .call = *call};
	if (!operation) {
		work->call.observer = NULL;
	} else {
		work->report = extmgr__report_new(manager->context, operation);
		if (!work->report)
			return extmgr__error_no_memory(error);
	}
	result = extmgr__work_step(work, "load", error);
	if (result == EXTMGR_OK)
		result = load(work, id, operation, error);
	work->offline = (struct extmgr__services){
		.dialect = extmgr_database_get_dialect(manager->database),
		.extension_schema = manager->extension_schema,
	};
	work->services = &work->offline;
	if (result != EXTMGR_OK || !manager->database)
		return result;
	result = load_required(work, error);
	/* Before the transaction: nobody waits for a lock while something is fetched. */
	if (result == EXTMGR_OK && needs_artifacts(operation) && !call->rehearse)
		result = extmgr__artifacts_provide(manager, call->operation, work->info, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "begin", error);
	if (result == EXTMGR_OK)
		result = extmgr__target_open(manager, &work->call, operation != NULL, work->report,
					     &work->target, error);
	if (result == EXTMGR_OK)
		work->services = extmgr__target_services(work->target, work->id);
	observer = work->call.observer;
	if (result == EXTMGR_OK && observer)
		result = observer->opened(observer->user_data, work, error);
	return result;
}

void extmgr__work_close(struct extmgr__work *work)
{
	extmgr__target_close(work->target);
	for (size_t i = 0; work->required && i < work->info->requirement_count; i++)
		extmgr_text_free(work->required[i]);
	free((void *)work->required);
	extmgr__file_list_free(work->files);
	extmgr__definition_free(work->definition);
	extmgr__report_free(work->report);
	free(work->version);
	free(work->id);
}

extmgr_result extmgr__work_step(struct extmgr__work *work, const char *name, extmgr_error **error)
{
	work->step = name;
	extmgr__report_step(work->report, name);
	return extmgr__operation_progress(work->call.operation, name, 0, 0, error);
}

extmgr_result extmgr__work_warn(struct extmgr__work *work, extmgr_error **error, const char *format,
				...)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;
	va_list arguments;

	va_start(arguments, format);
	extmgr__buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	extmgr__context_log(work->manager->context, EXTMGR_LOG_WARNING, "manager", "%s",
			    extmgr__buffer_get(&text));
	result = extmgr__report_warning(work->report, extmgr__buffer_get(&text));
	extmgr__buffer_free(&text);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the report");
}

extmgr_result extmgr__work_settle(struct extmgr__work *work, extmgr_result result, const char *verb,
				  extmgr_error **error)
{
	char prefix[400];

	(void)snprintf(prefix, sizeof(prefix), "failed to %s extension \"%s\"", verb, work->id);
	return extmgr__target_settle(work->target, result, prefix, error);
}

extmgr_result extmgr__work_find_installations(struct extmgr__work *work,
					      struct extmgr__pairs *installations,
					      extmgr_error **error)
{
	extmgr_result result = extmgr__definition_find_installations(
		work->definition, work->services, work->call.operation, installations, error);

	return extmgr__work_settle(work, result, "find installations for", error);
}

extmgr_result extmgr__work_find_instances(struct extmgr__work *work,
					  struct extmgr__pairs *instances, extmgr_error **error)
{
	extmgr_result result = extmgr__definition_find_instances(work->definition, work->services,
								 work->call.operation,
								 work->version, instances, error);

	return extmgr__work_settle(work, result, "list instances for", error);
}

extmgr_result extmgr__work_find_instance(struct extmgr__work *work, const char *instance_id,
					 struct extmgr__pairs *instances,
					 const struct extmgr__pair **found, extmgr_error **error)
{
	extmgr_result result = extmgr__work_find_instances(work, instances, error);

	if (result != EXTMGR_OK)
		return result;
	for (size_t i = 0; i < instances->count; i++) {
		if (strcmp(instances->items[i].first, instance_id) == 0) {
			*found = &instances->items[i];
			return EXTMGR_OK;
		}
	}
	return extmgr__error_set(error, EXTMGR_E_INSTANCE_NOT_FOUND,
				 "extension \"%s\" has no instance '%s'", work->id, instance_id);
}

extmgr_result extmgr__work_get_parameters(struct extmgr__work *work, extmgr_text **json_out,
					  extmgr_error **error)
{
	extmgr_result result = extmgr__definition_get_instance_parameters(
		work->definition, work->services, work->call.operation, work->version, json_out,
		error);

	return extmgr__work_settle(work, result, "get parameter definitions for", error);
}

extmgr_result extmgr__work_read_values(struct extmgr__work *work, const char *instance_id,
				       extmgr_text **json_out, extmgr_error **error)
{
	extmgr_result result = extmgr__definition_read_instance_values(
		work->definition, work->services, work->call.operation, work->version, instance_id,
		json_out, error);

	return extmgr__work_settle(work, result, "read parameter values of an instance of", error);
}

extmgr_result extmgr__work_set_version(struct extmgr__work *work, const char *version,
				       extmgr_error **error)
{
	free(work->version);
	work->version = extmgr__strdup(version);
	return work->version ? EXTMGR_OK : extmgr__error_no_memory(error);
}

extmgr_result extmgr__work_use_installed_version(struct extmgr__work *work, const char *version,
						 extmgr_error **error)
{
	struct extmgr__pairs installations = {0};
	extmgr_result result;

	if (version)
		return extmgr__work_set_version(work, version, error);
	result = extmgr__work_find_installations(work, &installations, error);
	if (result == EXTMGR_OK && installations.count == 0)
		result = extmgr__error_set(error, EXTMGR_E_NOT_INSTALLED,
					   "extension \"%s\" is not installed", work->id);
	else if (result == EXTMGR_OK)
		result = extmgr__work_set_version(work, installations.items[0].second, error);
	extmgr__pairs_free(&installations);
	return result;
}

extmgr_result extmgr__work_use_installable_version(struct extmgr__work *work, const char *version,
						   extmgr_error **error)
{
	if (!version)
		version = extmgr__definition_info_latest(work->info);
	if (!version)
		return extmgr__error_set(error, EXTMGR_E_VERSION_NOT_FOUND,
					 "extension \"%s\" has no installable version", work->id);
	return extmgr__work_set_version(work, version, error);
}

static extmgr_result find_installed(struct extmgr__work *work, char **version_out,
				    extmgr_error **error)
{
	struct extmgr__pairs found = {0};
	extmgr_result result;

	if (!work->target ||
	    !extmgr__definition_info_has(work->info, EXTMGR__FN_FIND_INSTALLATIONS))
		return EXTMGR_OK;
	result = extmgr__work_find_installations(work, &found, error);
	if (result == EXTMGR_OK && found.count) {
		*version_out = extmgr__strdup(found.items[0].second);
		if (!*version_out)
			result = extmgr__error_no_memory(error);
	}
	extmgr__pairs_free(&found);
	return result;
}

extmgr_result extmgr__work_use_known_version(struct extmgr__work *work, const char *version,
					     char **installed_out, extmgr_error **error)
{
	extmgr_result result = find_installed(work, installed_out, error);

	if (result != EXTMGR_OK)
		return result;
	if (!version)
		version = *installed_out;
	if (!version && !work->info->version_count)
		return EXTMGR_OK;
	return extmgr__work_use_installable_version(work, version, error);
}

extmgr_result extmgr__work_version_not_installable(const struct extmgr__work *work,
						   extmgr_error **error)
{
	struct extmgr__buffer names = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);

	for (size_t i = 0; i < work->info->version_count; i++)
		extmgr__buffer_printf(&names, "%s%s", i ? ", " : "", work->info->versions[i].name);
	extmgr__error_set(error, EXTMGR_E_VERSION_NOT_FOUND,
			  "extension \"%s\" has no installable version '%s'", work->id,
			  work->version);
	if (names.length)
		extmgr__error_hint(error, "installable: %s", extmgr__buffer_get(&names));
	extmgr__buffer_free(&names);
	return EXTMGR_E_VERSION_NOT_FOUND;
}

extmgr_result extmgr__work_list_files(struct extmgr__work *work, const extmgr_file_list **files_out,
				      extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (work->target)
		return extmgr__target_list_files(work->target, files_out, error);
	if (!work->files)
		result = extmgr__files_list(work->manager->files, work->call.operation,
					    &work->files, error);
	*files_out = work->files;
	return result;
}

bool extmgr__artifact_is_there(const struct extmgr__artifact *artifact,
			       const extmgr_file_list *files)
{
	for (size_t i = 0; i < extmgr__file_list_count(files); i++) {
		const struct extmgr__file *file = extmgr__file_list_get(files, i);

		if (strcmp(file->name, artifact->file_name) == 0 &&
		    (artifact->size < 0 || file->size == (uint64_t)artifact->size))
			return true;
	}
	return false;
}
