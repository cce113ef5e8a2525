/* SPDX-License-Identifier: MIT */
/* Reading instances: their list, and the parameter values of one. */
#include "manager/work.h"

#include "base/json.h"
#include "params/params.h"

#include <stdlib.h>
#include <string.h>

struct extmgr_instance_list {
	struct extmgr__pairs instances;
};

/* What the readers of this file share: the definition loaded, the version known. */
static extmgr_result open_reader(struct extmgr__work *work, const extmgr_manager *manager,
				 const struct extmgr__call *call, const char *id,
				 const char *version, extmgr_error **error)
{
	extmgr_result result = extmgr__work_open(work, manager, call, id, NULL, error);

	if (result == EXTMGR_OK)
		result = extmgr__work_use_installed_version(work, version, error);
	return result;
}

static extmgr_result list_instances(const extmgr_manager *manager, const struct extmgr__call *call,
				    const char *id, const char *version,
				    extmgr_instance_list **list_out, extmgr_error **error)
{
	struct extmgr__pairs instances = {0};
	extmgr_instance_list *list = NULL;
	struct extmgr__work work;
	extmgr_result result;

	result = open_reader(&work, manager, call, id, version, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_find_instances(&work, &instances, error);
	extmgr__work_close(&work);
	if (result == EXTMGR_OK) {
		list = calloc(1, sizeof(*list));
		if (list)
			list->instances = instances;
		else
			result = extmgr__error_no_memory(error);
	}
	if (!list)
		extmgr__pairs_free(&instances);
	*list_out = list;
	return result;
}

extmgr_result extmgr_manager_list_instances(extmgr_manager *manager, const char *id,
					    const char *version, const extmgr_call_options *options,
					    extmgr_instance_list **list_out,
					    extmgr_error **error_out)
{
	struct extmgr__call call;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!list_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "list_out is NULL");
	*list_out = NULL;
	result = extmgr__call_begin(manager, options, true, &call, &error);
	if (result == EXTMGR_OK) {
		result = list_instances(manager, &call, id, version, list_out, &error);
		extmgr__call_end(&call);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}

size_t extmgr_instance_list_get_count(const extmgr_instance_list *list)
{
	return list ? list->instances.count : 0;
}

const char *extmgr_instance_list_get_id(const extmgr_instance_list *list, size_t index)
{
	return list && index < list->instances.count ? list->instances.items[index].first : NULL;
}

const char *extmgr_instance_list_get_name(const extmgr_instance_list *list, size_t index)
{
	return list && index < list->instances.count ? list->instances.items[index].second : NULL;
}

static void write_instance(struct extmgr__json_writer *writer, const struct extmgr__pair *instance)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", instance->first);
	extmgr__json_member_string(writer, "name", instance->second);
	extmgr__json_end_object(writer);
}

extmgr_result extmgr_instance_list_to_json(const extmgr_instance_list *list, extmgr_text **text_out,
					   extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "text_out is NULL");
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.instances/1");
	extmgr__json_key(&writer, "instances");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; list && i < list->instances.count; i++)
		write_instance(&writer, &list->instances.items[i]);
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "the list");
}

void extmgr_instance_list_free(extmgr_instance_list *list)
{
	if (!list)
		return;
	extmgr__pairs_free(&list->instances);
	free(list);
}

/* ---- values of one instance ---- */

static extmgr_result parse_array(const extmgr_text *text, const char *what, extmgr__json **json,
				 extmgr_error **error)
{
	return extmgr__json_parse(extmgr_text_get_data(text), extmgr_text_get_length(text), what,
				  json, error);
}

/* A value whose parameter is secret, or is not defined any more, is not shown. */
static void write_values(struct extmgr__json_writer *writer, const extmgr__json *values,
			 const extmgr__json *definitions)
{
	extmgr__json_key(writer, "values");
	extmgr__json_begin_array(writer);
	for (const extmgr__json *at = extmgr__json_first(values); at; at = extmgr__json_next(at)) {
		const char *name = extmgr__json_get_member_string(at, "name");

		if (!name)
			continue;
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", name);
		if (extmgr__params_is_secret(definitions, name))
			extmgr__json_member_boolean(writer, "secret", true);
		else
			extmgr__json_member_string(writer, "value",
						   extmgr__json_get_member_string(at, "value"));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static extmgr_result write_document(const struct extmgr__work *work,
				    const struct extmgr__pair *instance, const extmgr_text *values,
				    const extmgr_text *definitions, extmgr_text **text_out,
				    extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr__json *parsed_values = NULL;
	extmgr__json *parsed_definitions = NULL;
	extmgr_result result;

	result = parse_array(values, "the list of values", &parsed_values, error);
	if (result == EXTMGR_OK)
		result = parse_array(definitions, "the list of parameters", &parsed_definitions,
				     error);
	if (result == EXTMGR_OK) {
		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "schema", "extmgr.instance/1");
		extmgr__json_member_string(&writer, "extensionId", work->id);
		extmgr__json_member_string(&writer, "version", work->version);
		extmgr__json_key(&writer, "instance");
		write_instance(&writer, instance);
		write_values(&writer, parsed_values, parsed_definitions);
		extmgr__json_end_object(&writer);
		*text_out = extmgr__buffer_take_text(&buffer, &result);
		if (!*text_out)
			extmgr__error_from_result(error, result, "the instance");
	}
	extmgr__json_free(parsed_values);
	extmgr__json_free(parsed_definitions);
	return result;
}

static extmgr_result read_instance(struct extmgr__work *work, const char *instance_id,
				   extmgr_text **text_out, extmgr_error **error)
{
	struct extmgr__pairs instances = {0};
	const struct extmgr__pair *instance = NULL;
	extmgr_text *definitions = NULL;
	extmgr_text *values = NULL;
	extmgr_result result;

	result = extmgr__work_find_instance(work, instance_id, &instances, &instance, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_get_parameters(work, &definitions, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_read_values(work, instance_id, &values, error);
	if (result == EXTMGR_OK)
		result = write_document(work, instance, values, definitions, text_out, error);
	extmgr_text_free(values);
	extmgr_text_free(definitions);
	extmgr__pairs_free(&instances);
	return result;
}

extmgr_result extmgr_manager_read_instance(extmgr_manager *manager, const char *id,
					   const char *version, const char *instance_id,
					   const extmgr_call_options *options,
					   extmgr_text **instance_out, extmgr_error **error_out)
{
	struct extmgr__work work;
	struct extmgr__call call;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (instance_out)
		*instance_out = NULL;
	if (!instance_out || !instance_id)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 instance_id ? "instance_out" : "instance_id");
	result = extmgr__call_begin(manager, options, true, &call, &error);
	if (result == EXTMGR_OK) {
		result = open_reader(&work, manager, &call, id, version, &error);
		if (result == EXTMGR_OK)
			result = read_instance(&work, instance_id, instance_out, &error);
		extmgr__work_close(&work);
		extmgr__call_end(&call);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
