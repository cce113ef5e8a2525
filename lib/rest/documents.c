/* SPDX-License-Identifier: MIT */
/* The handlers beyond the reference: they answer documents of the library as they are. */
#include "manager/reading.h"
#include "rest/body.h"
#include "rest/exchange.h"
#include "rest/response.h"
#include "rest/running.h"

#include <extmgr/params.h>
#include <extmgr/plan.h>

#include <string.h>

extmgr_result extmgr__rest_answer_text(struct extmgr__exchange *exchange, extmgr_result result,
				       extmgr_text *text)
{
	if (text)
		extmgr__json_raw(exchange->writer, extmgr_text_get_data(text),
				 extmgr_text_get_length(text));
	extmgr_text_free(text);
	return result;
}

/* ---- instances ---- */

extmgr_result extmgr__rest_get_instance(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr_result result;

	result = extmgr_manager_read_instance(exchange->manager, exchange->variables[EXTMGR__ID],
					      exchange->variables[EXTMGR__VERSION],
					      exchange->variables[EXTMGR__INSTANCE],
					      &exchange->call, &text, error);
	return extmgr__rest_answer_text(exchange, result, text);
}

extmgr_result extmgr__rest_update_instance(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *values = NULL;
	extmgr_text *report = NULL;
	extmgr_result result = extmgr__rest_copy_values(exchange->body, &values, error);

	if (result == EXTMGR_OK)
		result = extmgr_manager_update_instance(
			exchange->manager, exchange->variables[EXTMGR__ID],
			exchange->variables[EXTMGR__VERSION], exchange->variables[EXTMGR__INSTANCE],
			extmgr_text_get_data(values), extmgr_text_get_length(values),
			&exchange->call, &report, error);
	if (result >= 0)
		result = extmgr__rest_write_instance(exchange, report, error);
	extmgr_text_free(report);
	extmgr_text_free(values);
	return result;
}

extmgr_result extmgr__rest_validate(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *definitions = NULL;
	extmgr_text *values = NULL;
	extmgr_text *report = NULL;
	extmgr_result result = extmgr__rest_copy_values(exchange->body, &values, error);

	if (result == EXTMGR_OK)
		result = extmgr__manager_get_parameters(
			exchange->manager, exchange->variables[EXTMGR__ID],
			exchange->variables[EXTMGR__VERSION], &exchange->call, &definitions, error);
	if (result == EXTMGR_OK)
		result = extmgr_params_validate(
			exchange->rest->context, extmgr_text_get_data(definitions),
			extmgr_text_get_length(definitions), extmgr_text_get_data(values),
			extmgr_text_get_length(values), &report, error);
	/* That values are wrong is what was asked. */
	if (result == EXTMGR_E_PARAMETERS_INVALID) {
		extmgr_error_free(*error);
		*error = NULL;
		result = EXTMGR_OK;
	}
	extmgr_text_free(values);
	extmgr_text_free(definitions);
	return extmgr__rest_answer_text(exchange, result, report);
}

/* ---- plans ---- */

extmgr_result extmgr__rest_create_plan(struct extmgr__exchange *exchange, extmgr_error **error)
{
	const extmgr__json *body = exchange->body;
	extmgr_plan_request request;
	extmgr_text *values = NULL;
	extmgr_text *plan = NULL;
	extmgr_result result = EXTMGR_OK;

	extmgr_plan_request_init(&request, sizeof(request));
	if (extmgr__json_is_true(extmgr__body_get(body, "record")))
		request.flags = EXTMGR_PLAN_RECORD;
	request.operation = extmgr__body_get_string(body, "operation");
	request.extension_id = extmgr__body_get_string(body, "extensionId");
	request.version = extmgr__body_get_string(body, "extensionVersion");
	request.instance_id = extmgr__body_get_string(body, "instanceId");
	if (extmgr__body_get(body, "parameterValues"))
		result = extmgr__rest_copy_values(body, &values, error);
	if (values) {
		request.values_json = extmgr_text_get_data(values);
		request.values_length = extmgr_text_get_length(values);
	}
	if (result == EXTMGR_OK)
		result = extmgr_manager_plan(exchange->manager, &request, &exchange->call, &plan,
					     error);
	extmgr_text_free(values);
	return extmgr__rest_answer_text(exchange, result, plan);
}

extmgr_result extmgr__rest_apply_plan(struct extmgr__exchange *exchange, extmgr_error **error)
{
	struct extmgr__buffer plan = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&plan);
	const extmgr__json *given = extmgr__body_get(exchange->body, "plan");
	extmgr_text *values = NULL;
	extmgr_text *report = NULL;
	extmgr_result result;

	if (!given)
		return extmgr__error_set(error, EXTMGR_E_REQUEST, "missing member plan");
	extmgr__json_value(&writer, given);
	result = extmgr__buffer_result(&plan);
	if (result != EXTMGR_OK)
		result = extmgr__error_from_result(error, result, "the plan");
	if (result == EXTMGR_OK && extmgr__body_get(exchange->body, "parameterValues"))
		result = extmgr__rest_copy_values(exchange->body, &values, error);
	if (result == EXTMGR_OK)
		result = extmgr_manager_apply(exchange->manager, plan.data, plan.length,
					      values ? extmgr_text_get_data(values) : NULL,
					      extmgr_text_get_length(values), &exchange->call,
					      &report, error);
	extmgr__buffer_free(&plan);
	extmgr_text_free(values);
	return extmgr__rest_answer_text(exchange, result, report);
}

/* ---- how things are ---- */

extmgr_result extmgr__rest_get_status(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr_result result;

	/* Without an id in the path the variable is NULL: all extensions. */
	result = extmgr_manager_get_status(exchange->manager, exchange->variables[EXTMGR__ID],
					   &exchange->call, &text, error);
	return extmgr__rest_answer_text(exchange, result, text);
}

extmgr_result extmgr__rest_get_operation(struct extmgr__exchange *exchange, extmgr_error **error)
{
	if (extmgr__running_write(exchange->rest->running, exchange->rest->context,
				  exchange->variables[EXTMGR__ID], exchange->asker,
				  exchange->writer))
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_NOT_FOUND, "no such request runs");
}

extmgr_result extmgr__rest_get_history(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr_result result;

	result = extmgr_manager_get_history(exchange->manager, exchange->variables[EXTMGR__ID], 0,
					    &exchange->call, &text, error);
	return extmgr__rest_answer_text(exchange, result, text);
}

extmgr_result extmgr__rest_get_overview(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_extension_list *list = NULL;
	extmgr_text *text = NULL;
	extmgr_result result;

	result = extmgr_manager_list_extensions(exchange->manager, EXTMGR_LIST_ALL, &exchange->call,
						&list, error);
	if (result >= 0)
		result = extmgr_extension_list_to_json(list, &text, error);
	extmgr_extension_list_free(list);
	return extmgr__rest_answer_text(exchange, result, text);
}

static void write_diagnostic(struct extmgr__json_writer *writer, const extmgr_extension_list *list,
			     size_t index)
{
	int32_t state = extmgr_extension_list_get_state(list, index);

	if (state != EXTMGR_STATE_BROKEN && state != EXTMGR_STATE_UNAVAILABLE)
		return;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", extmgr_extension_list_get_id(list, index));
	extmgr__json_member_string(writer, "name", extmgr_extension_list_get_name(list, index));
	extmgr__json_member_string(writer, "state", extmgr_state_get_name(state));
	extmgr__json_member_string(writer, "reason", extmgr_extension_list_get_reason(list, index));
	extmgr__json_end_object(writer);
}

extmgr_result extmgr__rest_list_diagnostics(struct extmgr__exchange *exchange, extmgr_error **error)
{
	struct extmgr__json_writer *writer = exchange->writer;
	extmgr_extension_list *list = NULL;
	extmgr_result result;

	result = extmgr_manager_list_extensions(exchange->manager, EXTMGR_LIST_ALL, &exchange->call,
						&list, error);
	if (result < 0)
		return result;
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "extensions");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_extension_list_get_count(list); i++)
		write_diagnostic(writer, list, i);
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
	extmgr_extension_list_free(list);
	return EXTMGR_OK;
}

extmgr_result extmgr__rest_get_validator(struct extmgr__exchange *exchange, extmgr_error **error)
{
	size_t length;
	const char *text = extmgr_params_get_javascript(&length);

	(void)error;
	exchange->response->content_type = "text/javascript; charset=utf-8";
	extmgr__json_raw(exchange->writer, text, length);
	return EXTMGR_OK;
}
