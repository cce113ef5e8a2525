/* SPDX-License-Identifier: MIT */
#include "rest/response.h"

#include <stdlib.h>
#include <string.h>

static const char internal_error[] = "Internal server error";
static char no_memory_body[] = "{\"code\":500,\"message\":\"Internal server error\"}\n";
/* Never freed: what is left when nothing can be allocated. */
static extmgr_rest_response no_memory = {
	.status = 500,
	.body = {.data = no_memory_body, .length = sizeof(no_memory_body) - 1},
	.headers = {{"Content-Type", "application/json"}},
	.header_count = 1,
};

extmgr_rest_response *extmgr__response_new(void)
{
	extmgr_rest_response *response = calloc(1, sizeof(*response));

	if (!response)
		return NULL;
	response->status = 200;
	response->content_type = "application/json";
	response->cache_control = "no-store";
	response->body = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	response->writer = EXTMGR__JSON_WRITER(&response->body);
	return response;
}

extmgr_rest_response *extmgr__response_no_memory(void)
{
	return &no_memory;
}

void extmgr__response_add_header(extmgr_rest_response *response, const char *name,
				 const char *value)
{
	if (response->header_count < EXTMGR__RESPONSE_HEADERS)
		response->headers[response->header_count++] =
			(extmgr_rest_field){.name = name, .value = value};
}

/*
 * What a failure of the host's side says is the host's business: names of servers, paths, SQL. For
 * these the client gets a text of ours; NULL: the error's own.
 */
static const char *text_for_code(extmgr_result code)
{
	switch (code) {
	case EXTMGR_E_AUTHENTICATION:
		return "invalid database credentials";
	case EXTMGR_E_CONNECTION:
		return "the database cannot be reached";
	case EXTMGR_E_LOCKED:
		return "the database is busy: a lock was not had in time, try again";
	default:
		return NULL;
	}
}

/* The layers around the error that counts are dropped: it is the innermost of the same code. */
static const extmgr_error *find_core(const extmgr_error *error)
{
	const extmgr_error *core = error;

	for (const extmgr_error *at = error; at; at = extmgr_error_get_cause(at)) {
		if (extmgr_error_get_code(at) == extmgr_error_get_code(error))
			core = at;
	}
	return core;
}

static bool is_for_clients(const extmgr_error *error, int32_t status)
{
	extmgr_result code = extmgr_error_get_code(error);

	return status != 500 || code == EXTMGR_E_SCRIPT_STATUS ||
	       extmgr_result_get_class(code) == EXTMGR_CLASS_OUTCOME_UNKNOWN;
}

static void write_message(struct extmgr__buffer *message, const extmgr_error *error, int32_t status,
			  bool add_cause)
{
	const char *text = text_for_code(extmgr_error_get_code(error));
	extmgr_text *cause = NULL;

	if (!text && is_for_clients(error, status))
		text = extmgr_error_get_message(find_core(error));
	extmgr__buffer_puts(message, text ? text : internal_error);
	if (text || !add_cause)
		return;
	if (extmgr_error_copy_text(error, &cause) == EXTMGR_OK)
		extmgr__buffer_printf(message, ": %s", extmgr_text_get_data(cause));
	extmgr_text_free(cause);
}

/* Markup in a message stays text wherever the body ends up. json: what a writer wrote. */
static void append_without_markup(struct extmgr__buffer *out, const struct extmgr__buffer *json)
{
	for (size_t i = 0; i < json->length; i++) {
		if (memchr("<>&", json->data[i], 3))
			extmgr__buffer_printf(out, "\\u%04x", (unsigned)json->data[i]);
		else
			extmgr__buffer_putc(out, json->data[i]);
	}
}

void extmgr__response_set_error(extmgr_rest_response *response, extmgr_error *error, bool add_cause)
{
	struct extmgr__buffer message = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer json = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&json);

	response->error = error;
	response->status = extmgr_error_get_http_status(error);
	write_message(&message, error, response->status, add_cause);
	extmgr__json_begin_object(&writer);
	extmgr__json_member_integer(&writer, "code", response->status);
	extmgr__json_member_string(&writer, "message", extmgr__buffer_get(&message));
	if (response->request_id[0])
		extmgr__json_member_string(&writer, "requestID", response->request_id);
	extmgr__json_end_object(&writer);
	extmgr__buffer_free(&response->body);
	response->body = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	append_without_markup(&response->body, &json);
	extmgr__buffer_putc(&response->body, '\n');
	if (extmgr__buffer_result(&message) != EXTMGR_OK)
		response->body.result = extmgr__buffer_result(&message);
	if (extmgr__buffer_result(&json) != EXTMGR_OK)
		response->body.result = extmgr__buffer_result(&json);
	extmgr__buffer_free(&message);
	extmgr__buffer_free(&json);
}

int32_t extmgr_rest_response_get_status(const extmgr_rest_response *response)
{
	return response ? response->status : 500;
}

const char *extmgr_rest_response_get_body(const extmgr_rest_response *response, size_t *length_out)
{
	if (response && response->content) {
		if (length_out)
			*length_out = extmgr_text_get_length(response->content);
		return extmgr_text_get_data(response->content);
	}
	if (length_out)
		*length_out = response ? response->body.length : 0;
	return response ? extmgr__buffer_get(&response->body) : "";
}

size_t extmgr_rest_response_get_header_count(const extmgr_rest_response *response)
{
	return response ? response->header_count : 0;
}

const char *extmgr_rest_response_get_header_name(const extmgr_rest_response *response, size_t index)
{
	return response && index < response->header_count ? response->headers[index].name : NULL;
}

const char *extmgr_rest_response_get_header_value(const extmgr_rest_response *response,
						  size_t index)
{
	return response && index < response->header_count ? response->headers[index].value : NULL;
}

const char *extmgr_rest_response_get_route(const extmgr_rest_response *response)
{
	return response && response->route ? response->route : "";
}

const extmgr_error *extmgr_rest_response_get_error(const extmgr_rest_response *response)
{
	return response ? response->error : NULL;
}

void extmgr_rest_response_free(extmgr_rest_response *response)
{
	if (!response || response == &no_memory)
		return;
	extmgr__buffer_free(&response->body);
	extmgr_text_free(response->content);
	extmgr_error_free(response->error);
	free(response);
}
