/* SPDX-License-Identifier: MIT */
/*
 * Updating an instance: what was not sent keeps its value, read back from the definition.
 *
 * A definition with updateInstance gets what was sent and what could be read back; a value that it
 * does not tell, such as a password, it keeps by itself. Without updateInstance an instance is
 * deleted and created again, in one transaction, when the author says that it loses nothing by that
 * (replaceable); then no secret may be missing, because it would be lost.
 */
#include "manager/writer.h"

#include "base/json.h"
#include "params/document.h"

#include <string.h>

struct update {
	extmgr__json *definitions; /* of the parameters */
	extmgr__json *sent;
	extmgr__json *kept; /* [{name, value}], read back; NULL: the definition cannot tell */
	bool in_place;      /* by updateInstance */
};

static bool has_secret_parameter(const extmgr__json *definitions)
{
	for (const extmgr__json *at = extmgr__json_first(definitions); at;
	     at = extmgr__json_next(at)) {
		const char *id = extmgr__json_get_member_string(at, "id");

		if (id && extmgr__params_is_secret(definitions, id))
			return true;
	}
	return false;
}

static bool has_parameter(const extmgr__json *definitions, const char *id)
{
	for (const extmgr__json *at = extmgr__json_first(definitions); at;
	     at = extmgr__json_next(at)) {
		const char *other = extmgr__json_get_member_string(at, "id");

		if (other && strcmp(other, id) == 0)
			return true;
	}
	return false;
}

/* Values come as an object name: value or as an array of {name, value}. */
static const char *entry_name(const extmgr__json *entry)
{
	const char *key = extmgr__json_key_of(entry);

	return key ? key : extmgr__json_get_member_string(entry, "name");
}

static const extmgr__json *entry_value(const extmgr__json *entry)
{
	return extmgr__json_key_of(entry) ? entry : extmgr__json_get(entry, "value");
}

static const extmgr__json *find_entry(const extmgr__json *values, const char *name)
{
	for (const extmgr__json *at = extmgr__json_first(values); at; at = extmgr__json_next(at)) {
		const char *other = entry_name(at);

		if (other && strcmp(other, name) == 0)
			return at;
	}
	return NULL;
}

/* "" for none: that is how definitions see an empty value. */
static const char *text_of(const extmgr__json *entry)
{
	const char *text = entry ? extmgr__json_get_string(entry_value(entry)) : NULL;

	return text ? text : "";
}

/* ---- reading ---- */

static extmgr_result read_sent(const struct writer *writer, struct update *update,
			       extmgr_error **error)
{
	extmgr_result result =
		extmgr__parameter_document_read(writer->values_json, writer->values_length,
						"parameter values", &update->sent, error);
	enum extmgr__json_type type;

	if (result != EXTMGR_OK)
		return result;
	type = extmgr__json_get_type(update->sent);
	if (type == EXTMGR__JSON_OBJECT || type == EXTMGR__JSON_ARRAY)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_FORMAT,
				 "the parameter values are neither an array nor an object");
}

static extmgr_result hide_sent_secrets(struct extmgr__work *work, const struct update *update,
				       extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	for (const extmgr__json *at = extmgr__json_first(update->sent); at && result == EXTMGR_OK;
	     at = extmgr__json_next(at)) {
		const char *name = entry_name(at);

		if (name && extmgr__params_is_secret(update->definitions, name))
			result = extmgr__target_add_secret(work->target, text_of(at), error);
	}
	return result;
}

static extmgr_result require_instance(struct extmgr__work *work, const char *instance_id,
				      extmgr_error **error)
{
	struct extmgr__pairs instances = {0};
	const struct extmgr__pair *found;
	extmgr_result result = extmgr__work_step(work, "instances", error);

	if (result == EXTMGR_OK)
		result = extmgr__work_find_instance(work, instance_id, &instances, &found, error);
	extmgr__pairs_free(&instances);
	return result;
}

static extmgr_result read_kept(struct extmgr__work *work, const char *instance_id,
			       struct update *update, extmgr_error **error)
{
	extmgr_text *values = NULL;
	extmgr_result result;

	if (!extmgr__definition_info_has(work->info, EXTMGR__FN_READ_INSTANCE_PARAMETER_VALUES))
		return EXTMGR_OK;
	result = extmgr__work_step(work, "read", error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__target_set_confidential(work->target, has_secret_parameter(update->definitions));
	result = extmgr__work_read_values(work, instance_id, &values, error);
	extmgr__target_set_confidential(work->target, false);
	if (result == EXTMGR_OK)
		result = extmgr__json_parse(extmgr_text_get_data(values),
					    extmgr_text_get_length(values), "the list of values",
					    &update->kept, error);
	extmgr_text_free(values);
	return result;
}

/* ---- merging and validating ---- */

static void write_entry(struct extmgr__json_writer *writer, const extmgr__json *entry)
{
	if (!extmgr__json_key_of(entry)) {
		extmgr__json_value(writer, entry);
		return;
	}
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "name", extmgr__json_key_of(entry));
	extmgr__json_key(writer, "value");
	extmgr__json_value(writer, entry);
	extmgr__json_end_object(writer);
}

/* Everything that was sent, faults included, then what keeps its value and is still defined. */
static void write_merged(const struct update *update, struct extmgr__buffer *json)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(json);

	extmgr__json_begin_array(&writer);
	for (const extmgr__json *at = extmgr__json_first(update->sent); at;
	     at = extmgr__json_next(at))
		write_entry(&writer, at);
	for (const extmgr__json *at = extmgr__json_first(update->kept); at;
	     at = extmgr__json_next(at)) {
		const char *name = entry_name(at);

		if (!find_entry(update->sent, name) && has_parameter(update->definitions, name))
			write_entry(&writer, at);
	}
	extmgr__json_end_array(&writer);
}

/* Whether "required" is another than the definition says; *required then is what holds. */
static bool overrides_required(const struct update *update, const char *id, bool *required)
{
	bool secret = extmgr__params_is_secret(update->definitions, id);

	if (find_entry(update->sent, id) || find_entry(update->kept, id))
		return false;
	*required = !update->in_place;
	/* In place the definition keeps what it did not tell; replaced a secret would be lost. */
	return secret || (update->in_place && !update->kept);
}

static void write_definition(struct extmgr__json_writer *writer, const struct update *update,
			     const extmgr__json *definition)
{
	const char *id = extmgr__json_get_member_string(definition, "id");
	bool required;

	if (!id || !overrides_required(update, id, &required)) {
		extmgr__json_value(writer, definition);
		return;
	}
	extmgr__json_begin_object(writer);
	for (const extmgr__json *at = extmgr__json_first(definition); at;
	     at = extmgr__json_next(at)) {
		if (strcmp(extmgr__json_key_of(at), "required") == 0)
			continue;
		extmgr__json_key(writer, extmgr__json_key_of(at));
		extmgr__json_value(writer, at);
	}
	extmgr__json_member_boolean(writer, "required", required);
	extmgr__json_end_object(writer);
}

static void write_definitions(const struct update *update, struct extmgr__buffer *json)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(json);

	extmgr__json_begin_array(&writer);
	for (const extmgr__json *at = extmgr__json_first(update->definitions); at;
	     at = extmgr__json_next(at))
		write_definition(&writer, update, at);
	extmgr__json_end_array(&writer);
}

static extmgr_result check_immutable(const struct update *update, extmgr_error **error)
{
	struct extmgr__buffer faults = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result = EXTMGR_OK;

	for (const extmgr__json *at = extmgr__json_first(update->definitions); at;
	     at = extmgr__json_next(at)) {
		const char *id = extmgr__json_get_member_string(at, "id");
		const extmgr__json *sent = find_entry(update->sent, id);

		if (!extmgr__json_is_true(extmgr__json_get(at, "immutable")) || !sent ||
		    strcmp(text_of(sent), text_of(find_entry(update->kept, id))) == 0)
			continue;
		extmgr__buffer_printf(&faults,
				      "%sFailed to validate parameter '%s' (%s): The parameter "
				      "cannot be changed.",
				      faults.length ? ", " : "",
				      extmgr__json_get_member_string(at, "name"), id);
	}
	if (faults.length || extmgr__buffer_result(&faults) != EXTMGR_OK) {
		result = extmgr__error_set(error, EXTMGR_E_PARAMETERS_INVALID,
					   "invalid parameters: %s", extmgr__buffer_get(&faults));
		extmgr__error_hint(error, "leave it out, or create another instance");
	}
	extmgr__buffer_free(&faults);
	return result;
}

static void mark_kept(const struct update *update, struct extmgr__parameter_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		values->items[i].kept = !find_entry(update->sent, values->items[i].name);
}

static extmgr_result validate(struct extmgr__work *work, const struct update *update,
			      struct extmgr__parameter_values *values, extmgr_error **error)
{
	struct extmgr__buffer definitions = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer merged = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = extmgr__work_step(work, "validate", error);

	if (result != EXTMGR_OK)
		return result;
	write_definitions(update, &definitions);
	write_merged(update, &merged);
	result = extmgr__buffer_result(&definitions);
	if (result == EXTMGR_OK)
		result = extmgr__buffer_result(&merged);
	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "the list of parameter values");
	else
		result = extmgr__params_validate(work->manager->context, work->call.operation,
						 definitions.data, definitions.length, merged.data,
						 merged.length, NULL, values, error);
	if (result == EXTMGR_OK)
		result = check_immutable(update, error);
	mark_kept(update, values);
	if (result == EXTMGR_OK)
		result = extmgr__writer_hide_secrets(work, values, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_validate(work, definitions.data, definitions.length, values,
					       error);
	if (merged.data)
		explicit_bzero(merged.data, merged.length);
	extmgr__buffer_free(&merged);
	extmgr__buffer_free(&definitions);
	return result;
}

/* ---- calling ---- */

static extmgr_result update_in_place(struct extmgr__work *work, struct writer *writer,
				     const struct extmgr__parameter_values *values,
				     extmgr_error **error)
{
	struct extmgr__buffer json = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = extmgr__write_values(values, &json);

	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "the list of parameter values");
	else
		result = extmgr__definition_update_instance(
			work->definition, work->services, work->call.operation, work->version,
			writer->instance_id, json.data, json.length, &writer->instance, error);
	extmgr__buffer_free(&json);
	return extmgr__work_settle(work, result, "update an instance of", error);
}

static extmgr_result replace(struct extmgr__work *work, struct writer *writer,
			     const struct extmgr__parameter_values *values, extmgr_error **error)
{
	extmgr_result result = extmgr__definition_delete_instance(
		work->definition, work->services, work->call.operation, work->version,
		writer->instance_id, error);

	result = extmgr__work_settle(work, result, "replace an instance of", error);
	return result == EXTMGR_OK ? extmgr__writer_add_instance(work, writer, values, error)
				   : result;
}

static extmgr_result check_support(const struct extmgr__work *work, bool *in_place,
				   extmgr_error **error)
{
	const struct extmgr__definition_info *info = work->info;

	*in_place = extmgr__definition_info_has(info, EXTMGR__FN_UPDATE_INSTANCE);
	if (*in_place || info->replaceable)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_SCRIPT_NO_FUNCTION,
			  "extension \"%s\" does not support operation \"updateInstance\"",
			  work->id);
	extmgr__error_hint(error, "delete the instance and create it again");
	return EXTMGR_E_SCRIPT_NO_FUNCTION;
}

static extmgr_result read_all(struct extmgr__work *work, const struct writer *writer,
			      struct update *update, extmgr_error **error)
{
	extmgr_text *definitions = NULL;
	extmgr_result result = extmgr__work_get_parameters(work, &definitions, error);

	if (result == EXTMGR_OK)
		result = extmgr__json_parse(extmgr_text_get_data(definitions),
					    extmgr_text_get_length(definitions),
					    "the list of parameters", &update->definitions, error);
	extmgr_text_free(definitions);
	if (result == EXTMGR_OK)
		result = read_sent(writer, update, error);
	if (result == EXTMGR_OK && has_secret_parameter(update->definitions))
		extmgr__target_expect_secrets(work->target);
	if (result == EXTMGR_OK)
		result = hide_sent_secrets(work, update, error);
	if (result == EXTMGR_OK)
		result = require_instance(work, writer->instance_id, error);
	if (result == EXTMGR_OK)
		result = read_kept(work, writer->instance_id, update, error);
	return result;
}

extmgr_result extmgr__run_update_instance(struct extmgr__work *work, struct writer *writer,
					  extmgr_error **error)
{
	struct extmgr__parameter_values values = {0};
	struct update update = {0};
	extmgr_result result;

	result = extmgr__writer_check_requirements(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_use_installed_version(work, writer->version, error);
	if (result == EXTMGR_OK)
		result = check_support(work, &update.in_place, error);
	if (result == EXTMGR_OK)
		result = read_all(work, writer, &update, error);
	if (result == EXTMGR_OK)
		result = validate(work, &update, &values, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_prepare(work, error);
	if (result == EXTMGR_OK)
		result = update.in_place ? update_in_place(work, writer, &values, error)
					 : replace(work, writer, &values, error);
	if (result == EXTMGR_OK)
		result = extmgr__verify_instance(
			work, writer->instance.first ? writer->instance.first : writer->instance_id,
			true, error);
	extmgr__parameter_values_free(&values);
	extmgr__json_free(update.kept);
	extmgr__json_free(update.sent);
	extmgr__json_free(update.definitions);
	return result;
}

extmgr_result extmgr_manager_update_instance(extmgr_manager *manager, const char *id,
					     const char *version, const char *instance_id,
					     const char *values_json, size_t values_length,
					     const extmgr_call_options *options,
					     extmgr_text **report_out, extmgr_error **error_out)
{
	struct writer writer = {.operation = "update-instance",
				.version = version,
				.needs_instance = true,
				.instance_id = instance_id,
				.values_json = values_json,
				.values_length = values_length,
				.run = extmgr__run_update_instance};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}
