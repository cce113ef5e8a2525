/* SPDX-License-Identifier: MIT */
/* The handlers of the routes that work on a target. */
#include "manager/list.h"
#include "manager/reading.h"
#include "rest/body.h"
#include "rest/exchange.h"

#include <stdlib.h>
#include <string.h>

/* ---- JSON of the library, parsed again ---- */

static extmgr_result parse(const extmgr_text *text, const char *what, extmgr__json **json_out,
			   extmgr_error **error)
{
	return extmgr__json_parse(extmgr_text_get_data(text), extmgr_text_get_length(text), what,
				  json_out, error);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(extmgr__json_key_of(*(const extmgr__json *const *)a),
		      extmgr__json_key_of(*(const extmgr__json *const *)b));
}

static void write_sorted(struct extmgr__json_writer *writer, const extmgr__json *json);

static void write_sorted_object(struct extmgr__json_writer *writer, const extmgr__json *json)
{
	const extmgr__json **members = calloc(extmgr__json_count(json) + 1, sizeof(*members));
	size_t count = 0;

	if (!members) {
		writer->buffer->result = EXTMGR_E_NO_MEMORY;
		return;
	}
	for (const extmgr__json *at = extmgr__json_first(json); at; at = extmgr__json_next(at))
		members[count++] = at;
	qsort(members, count, sizeof(*members), compare_keys);
	extmgr__json_begin_object(writer);
	for (size_t i = 0; i < count; i++) {
		extmgr__json_key(writer, extmgr__json_key_of(members[i]));
		write_sorted(writer, members[i]);
	}
	extmgr__json_end_object(writer);
	free((void *)members);
}

/* Keys in alphabetical order, as the reference writes definitions. Depth is bounded by parsing. */
static void write_sorted(struct extmgr__json_writer *writer, const extmgr__json *json)
{
	switch (extmgr__json_get_type(json)) {
	case EXTMGR__JSON_OBJECT:
		write_sorted_object(writer, json);
		break;
	case EXTMGR__JSON_ARRAY:
		extmgr__json_begin_array(writer);
		for (const extmgr__json *at = extmgr__json_first(json); at;
		     at = extmgr__json_next(at))
			write_sorted(writer, at);
		extmgr__json_end_array(writer);
		break;
	default:
		extmgr__json_value(writer, json);
	}
}

/* ---- Extensions ---- */

static void write_extension(struct extmgr__json_writer *writer, const extmgr__json *extension)
{
	static const char *const members[] = {"id", "name", "category", "description",
					      "installableVersions"};

	extmgr__json_begin_object(writer);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		extmgr__json_key(writer, members[i]);
		extmgr__json_value(writer, extmgr__json_get(extension, members[i]));
	}
	extmgr__json_end_object(writer);
}

static extmgr_result write_available(struct extmgr__exchange *exchange,
				     const extmgr_extension_list *list, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr__json *json = NULL;
	extmgr_result result;

	result = extmgr_extension_list_to_json(list, &text, error);
	if (result == EXTMGR_OK)
		result = parse(text, "the list of extensions", &json, error);
	if (result == EXTMGR_OK) {
		const extmgr__json *at = extmgr__json_first(extmgr__json_get(json, "extensions"));

		extmgr__json_begin_object(exchange->writer);
		extmgr__json_key(exchange->writer, "extensions");
		extmgr__json_begin_array(exchange->writer);
		for (size_t i = 0; at; at = extmgr__json_next(at), i++) {
			if (extmgr_extension_list_get_state(list, i) == EXTMGR_STATE_AVAILABLE)
				write_extension(exchange->writer, at);
		}
		extmgr__json_end_array(exchange->writer);
		extmgr__json_end_object(exchange->writer);
	}
	extmgr__json_free(json);
	extmgr_text_free(text);
	return result;
}

extmgr_result extmgr__rest_list_extensions(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_extension_list *list = NULL;
	extmgr_result result;

	/* What is available does not depend on the target, but who cannot reach it gets no list. */
	result = extmgr__manager_try_target(exchange->manager, &exchange->call, error);
	if (result == EXTMGR_OK)
		result = extmgr_manager_list_extensions(exchange->manager, EXTMGR_LIST_AVAILABLE,
							&exchange->call, &list, error);
	if (result >= 0)
		result = write_available(exchange, list, error);
	extmgr_extension_list_free(list);
	return result;
}

static bool write_definition(struct extmgr__json_writer *writer, const extmgr__json *definition)
{
	const char *id = extmgr__json_get_member_string(definition, "id");
	const char *name = extmgr__json_get_member_string(definition, "name");

	if (!id || !name)
		return false;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", id);
	extmgr__json_member_string(writer, "name", name);
	extmgr__json_key(writer, "definition");
	write_sorted(writer, definition);
	extmgr__json_end_object(writer);
	return true;
}

static extmgr_result write_details(struct extmgr__exchange *exchange,
				   const extmgr__json *definitions, extmgr_error **error)
{
	struct extmgr__json_writer *writer = exchange->writer;
	const extmgr__json *at = extmgr__json_first(definitions);

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", exchange->variables[EXTMGR__ID]);
	extmgr__json_member_string(writer, "version", exchange->variables[EXTMGR__VERSION]);
	extmgr__json_key(writer, "parameterDefinitions");
	extmgr__json_begin_array(writer);
	for (; at; at = extmgr__json_next(at)) {
		if (!write_definition(writer, at))
			return extmgr__error_set(error, EXTMGR_E_PARAMETER_DEFINITION,
						 "entry \"id\" or \"name\" missing in a parameter "
						 "definition of extension \"%s\"",
						 exchange->variables[EXTMGR__ID]);
	}
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
	return EXTMGR_OK;
}

extmgr_result extmgr__rest_get_extension(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr__json *json = NULL;
	extmgr_result result;

	result = extmgr__manager_get_parameters(exchange->manager, exchange->variables[EXTMGR__ID],
						exchange->variables[EXTMGR__VERSION],
						&exchange->call, &text, error);
	if (result == EXTMGR_OK)
		result = parse(text, "the list of parameters", &json, error);
	if (result == EXTMGR_OK)
		result = write_details(exchange, json, error);
	extmgr__json_free(json);
	extmgr_text_free(text);
	return result;
}

extmgr_result extmgr__rest_install(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return extmgr_manager_install(exchange->manager, exchange->variables[EXTMGR__ID],
				      exchange->variables[EXTMGR__VERSION], &exchange->call, NULL,
				      error);
}

/* ---- Installations ---- */

extmgr_result extmgr__rest_list_installations(struct extmgr__exchange *exchange,
					      extmgr_error **error)
{
	struct extmgr__json_writer *writer = exchange->writer;
	extmgr_extension_list *list = NULL;
	extmgr_result result;

	result = extmgr_manager_list_extensions(exchange->manager, EXTMGR_LIST_INSTALLED,
						&exchange->call, &list, error);
	if (result < 0)
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "installations");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_extension_list_get_count(list); i++) {
		const char *name = extmgr__extension_list_get_installed_name(list, i);

		if (!name) /* broken: it tells of no installation */
			continue;
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", extmgr_extension_list_get_id(list, i));
		extmgr__json_member_string(writer, "name", name);
		extmgr__json_member_string(writer, "version",
					   extmgr_extension_list_get_installed_version(list, i));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
	extmgr_extension_list_free(list);
	return EXTMGR_OK;
}

extmgr_result extmgr__rest_uninstall(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return extmgr_manager_uninstall(exchange->manager, exchange->variables[EXTMGR__ID],
					exchange->variables[EXTMGR__VERSION], &exchange->call, NULL,
					error);
}

extmgr_result extmgr__rest_upgrade(struct extmgr__exchange *exchange, extmgr_error **error)
{
	struct extmgr__json_writer *writer = exchange->writer;
	extmgr_text *text = NULL;
	extmgr__json *report = NULL;
	extmgr_result result;

	result = extmgr_manager_upgrade(exchange->manager, exchange->variables[EXTMGR__ID],
					&exchange->call, &text, error);
	if (result >= 0)
		result = parse(text, "the report", &report, error);
	if (result == EXTMGR_OK) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(
			writer, "previousVersion",
			extmgr__json_get_member_string(report, "previousVersion"));
		extmgr__json_member_string(writer, "newVersion",
					   extmgr__json_get_member_string(report, "newVersion"));
		extmgr__json_end_object(writer);
	}
	extmgr__json_free(report);
	extmgr_text_free(text);
	return result;
}

/* ---- Instances ---- */

extmgr_result extmgr__rest_copy_values(const extmgr__json *body, extmgr_text **values_out,
				       extmgr_error **error)
{
	const extmgr__json *values = extmgr__body_get(body, "parameterValues");
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	const extmgr__json *at = values ? extmgr__json_first(values) : NULL;
	extmgr_result result;

	extmgr__json_begin_array(&writer);
	for (; at; at = extmgr__json_next(at)) {
		const char *name = extmgr__body_get_string(at, "name");
		const char *value = extmgr__body_get_string(at, "value");

		/* What is null is "", as in the reference. */
		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "name", name ? name : "");
		extmgr__json_member_string(&writer, "value", value ? value : "");
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	*values_out = extmgr__buffer_take_text(&buffer, &result);
	return *values_out ? EXTMGR_OK
			   : extmgr__error_from_result(error, result, "the list of values");
}

extmgr_result extmgr__rest_write_instance(struct extmgr__exchange *exchange,
					  const extmgr_text *report, extmgr_error **error)
{
	extmgr__json *json = NULL;
	extmgr_result result = parse(report, "the report", &json, error);

	if (result == EXTMGR_OK) {
		const extmgr__json *instance = extmgr__json_get(json, "instance");

		extmgr__json_begin_object(exchange->writer);
		extmgr__json_member_string(exchange->writer, "instanceId",
					   extmgr__json_get_member_string(instance, "id"));
		extmgr__json_member_string(exchange->writer, "instanceName",
					   extmgr__json_get_member_string(instance, "name"));
		extmgr__json_end_object(exchange->writer);
	}
	extmgr__json_free(json);
	return result;
}

extmgr_result extmgr__rest_create_instance(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *values = NULL;
	extmgr_text *report = NULL;
	extmgr_result result = extmgr__rest_copy_values(exchange->body, &values, error);

	if (result == EXTMGR_OK)
		result = extmgr_manager_create_instance(
			exchange->manager, exchange->variables[EXTMGR__ID],
			exchange->variables[EXTMGR__VERSION], extmgr_text_get_data(values),
			extmgr_text_get_length(values), &exchange->call, &report, error);
	if (result >= 0)
		result = extmgr__rest_write_instance(exchange, report, error);
	extmgr_text_free(report);
	extmgr_text_free(values);
	return result;
}

extmgr_result extmgr__rest_list_instances(struct extmgr__exchange *exchange, extmgr_error **error)
{
	struct extmgr__json_writer *writer = exchange->writer;
	extmgr_instance_list *list = NULL;
	extmgr_result result;

	result = extmgr_manager_list_instances(exchange->manager, exchange->variables[EXTMGR__ID],
					       exchange->variables[EXTMGR__VERSION],
					       &exchange->call, &list, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "instances");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_instance_list_get_count(list); i++) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", extmgr_instance_list_get_id(list, i));
		extmgr__json_member_string(writer, "name", extmgr_instance_list_get_name(list, i));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
	extmgr_instance_list_free(list);
	return EXTMGR_OK;
}

extmgr_result extmgr__rest_delete_instance(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return extmgr_manager_delete_instance(exchange->manager, exchange->variables[EXTMGR__ID],
					      exchange->variables[EXTMGR__VERSION],
					      exchange->variables[EXTMGR__INSTANCE],
					      &exchange->call, NULL, error);
}
