/* SPDX-License-Identifier: MIT */
#include "host/http.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/url.h"
#include "host/host_error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDIRECTS_MAXIMUM 10
/* A value of a header that is kept. */
#define HEADER_VALUE_MAXIMUM ((size_t)8 << 10)
#define REQUEST_HEADERS      4
/* What is kept of the body of an answer that is no success: for messages. */
#define COMPLAINT_MAXIMUM ((size_t)8 << 10)

struct extmgr_http {
	atomic_size_t references;
	extmgr_http_callbacks callbacks;
	void *user_data;
};

struct extmgr_http_request {
	char *url;
	char *headers[REQUEST_HEADERS];
	size_t header_count;
};

struct extmgr_http_response {
	struct extmgr__http_answer *answer;
	const struct extmgr__http_sink *sink; /* NULL: memory */
	uint64_t received;
	uint64_t maximum;
	bool enough;          /* no success, and its body is long enough for a message */
	extmgr_result result; /* a failure that makes the response incomplete */
};

void extmgr_http_callbacks_init(extmgr_http_callbacks *callbacks, uint32_t struct_size)
{
	extmgr__options_init(callbacks, sizeof(*callbacks), struct_size);
}

static extmgr_result callbacks_read(extmgr_http_callbacks *copy,
				    const extmgr_http_callbacks *callbacks, extmgr_error **error)
{
	extmgr_result result;

	if (!callbacks)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "callbacks is NULL");
	result = extmgr__options_copy(copy, sizeof(*copy), callbacks,
				      EXTMGR__SIZE_UP_TO(extmgr_http_callbacks, destroy),
				      "extmgr_http_callbacks", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_http_callbacks: unknown flags 0x%x",
					 (unsigned)copy->flags);
	if (!copy->get)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_http_callbacks: get is missing");
	return EXTMGR_OK;
}

extmgr_result extmgr_http_new(const extmgr_http_callbacks *callbacks, void *user_data,
			      extmgr_http **http_out, extmgr_error **error_out)
{
	extmgr_http_callbacks copy = {0};
	extmgr_http *http;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!http_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "http_out is NULL");
	*http_out = NULL;
	result = callbacks_read(&copy, callbacks, error_out);
	if (result != EXTMGR_OK)
		return result;
	http = calloc(1, sizeof(*http));
	if (!http)
		return extmgr__error_no_memory(error_out);
	atomic_init(&http->references, 1);
	http->callbacks = copy;
	http->user_data = user_data;
	*http_out = http;
	return EXTMGR_OK;
}

extmgr_http *extmgr__http_ref(extmgr_http *http)
{
	if (http)
		atomic_fetch_add_explicit(&http->references, 1, memory_order_relaxed);
	return http;
}

void extmgr__http_unref(extmgr_http *http)
{
	if (!http || atomic_fetch_sub(&http->references, 1) != 1)
		return;
	if (http->callbacks.destroy)
		http->callbacks.destroy(http->user_data);
	free(http);
}

void extmgr_http_free(extmgr_http *http)
{
	extmgr__http_unref(http);
}

/* ---- what a callback sees ---- */

const char *extmgr_http_request_get_url(const extmgr_http_request *request)
{
	return request ? request->url : "";
}

const char *extmgr_http_request_get_header(const extmgr_http_request *request, size_t index)
{
	return request && index < request->header_count ? request->headers[index] : NULL;
}

extmgr_result extmgr_http_response_set_status(extmgr_http_response *response, int32_t status)
{
	if (!response || status < 100 || status > 999)
		return EXTMGR_E_INVALID_ARGUMENT;
	response->answer->status = status;
	return EXTMGR_OK;
}

static int header_index(const char *name, size_t length)
{
	static const char *const names[EXTMGR__HTTP_HEADER_COUNT] = {
		[EXTMGR__HTTP_ETAG] = "etag",
		[EXTMGR__HTTP_LAST_MODIFIED] = "last-modified",
		[EXTMGR__HTTP_CACHE_CONTROL] = "cache-control",
		[EXTMGR__HTTP_LOCATION] = "location",
	};

	for (int i = 0; i < EXTMGR__HTTP_HEADER_COUNT; i++) {
		if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
			return i;
	}
	return -1;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

extmgr_result extmgr_http_response_add_header(extmgr_http_response *response, const char *name,
					      size_t length, const char *value, size_t value_length)
{
	char **kept;
	char *copy;
	int index;

	if (!response || !name || !value)
		return EXTMGR_E_INVALID_ARGUMENT;
	index = header_index(name, length);
	while (value_length && is_blank(value[value_length - 1]))
		value_length--;
	for (; value_length && is_blank(*value); value_length--)
		value++;
	/* It is sent again or parsed: what is odd in it is as if it were not there. */
	if (index < 0 || value_length > HEADER_VALUE_MAXIMUM ||
	    !extmgr__utf8_is_valid(value, value_length) ||
	    extmgr__text_has_control(value, value_length))
		return EXTMGR_OK;
	copy = extmgr__memdup(value, value_length);
	if (!copy) {
		response->result = EXTMGR_E_NO_MEMORY;
		return EXTMGR_E_NO_MEMORY;
	}
	kept = &response->answer->headers[index];
	free(*kept);
	*kept = copy;
	return EXTMGR_OK;
}

/* The body of an answer that is no success: its beginning will do. */
static extmgr_result take_complaint(extmgr_http_response *response, const char *bytes,
				    size_t length)
{
	struct extmgr__buffer *body = &response->answer->body;

	response->enough = length > COMPLAINT_MAXIMUM - body->length;
	if (response->enough)
		length = COMPLAINT_MAXIMUM - body->length;
	extmgr__buffer_append(body, bytes, length);
	response->result = extmgr__buffer_result(body);
	return response->enough ? EXTMGR_E_TOO_LARGE : response->result;
}

static extmgr_result take_content(extmgr_http_response *response, const char *bytes, size_t length)
{
	struct extmgr__buffer *body = &response->answer->body;

	if (length > response->maximum - response->received)
		return EXTMGR_E_TOO_LARGE;
	response->received += length;
	if (response->sink)
		return response->sink->take(response->sink->user_data, bytes, length);
	extmgr__buffer_append(body, bytes, length);
	return extmgr__buffer_result(body);
}

extmgr_result extmgr_http_response_append(extmgr_http_response *response, const char *bytes,
					  size_t length)
{
	if (!response || (!bytes && length))
		return EXTMGR_E_INVALID_ARGUMENT;
	if (response->result != EXTMGR_OK || !length)
		return response->result;
	if (response->answer->status != 200)
		return take_complaint(response, bytes, length);
	response->result = take_content(response, bytes, length);
	return response->result;
}

/* ---- one request ---- */

void extmgr__http_answer_free(struct extmgr__http_answer *answer)
{
	for (size_t i = 0; i < EXTMGR__HTTP_HEADER_COUNT; i++)
		free(answer->headers[i]);
	free(answer->url);
	extmgr__buffer_free(&answer->body);
	*answer = (struct extmgr__http_answer){0};
}

static void request_free(struct extmgr_http_request *request)
{
	for (size_t i = 0; i < request->header_count; i++)
		free(request->headers[i]);
	free(request->url);
}

static bool add_header(struct extmgr_http_request *request, const char *name, const char *value)
{
	struct extmgr__buffer line = EXTMGR__BUFFER(HEADER_VALUE_MAXIMUM + 64);

	if (!value)
		return true;
	extmgr__buffer_printf(&line, "%s: %s", name, value);
	if (extmgr__buffer_result(&line) != EXTMGR_OK) {
		extmgr__buffer_free(&line);
		return false;
	}
	request->headers[request->header_count++] = line.data;
	return true;
}

static bool request_fill(struct extmgr_http_request *request,
			 const struct extmgr__http_fetch *fetch)
{
	request->url = extmgr__strdup(fetch->url);
	return request->url && add_header(request, "If-None-Match", fetch->etag) &&
	       add_header(request, "If-Modified-Since", fetch->last_modified) &&
	       add_header(request, "Cache-Control", fetch->refresh ? "no-cache" : NULL);
}

/* "cannot fetch http://host/path", a new string without secrets. */
static char *describe(const char *url)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 64);

	extmgr__buffer_puts(&text, "cannot fetch ");
	extmgr__url_append_public(&text, url);
	return text.data;
}

static extmgr_result failure(extmgr_result answered, const struct extmgr_http_response *response,
			     struct extmgr_host_error *said, const char *url, extmgr_error **error)
{
	char *what = describe(url);
	extmgr_result result;

	if (!what)
		result = extmgr__error_no_memory(error);
	else if (response->result == EXTMGR_E_TOO_LARGE)
		result = extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					   "%s: it is larger than %llu bytes", what,
					   (unsigned long long)response->maximum);
	else if (response->result == EXTMGR_E_NO_MEMORY)
		result = extmgr__error_no_memory(error);
	else if (response->result != EXTMGR_OK)
		result = extmgr__error_from_result(error, response->result, what);
	else if (answered == EXTMGR_OK)
		result = extmgr__error_set(error, EXTMGR_E_HOST,
					   "%s: the host's callback gave no status", what);
	else if (extmgr_result_get_class(answered) != EXTMGR_CLASS_NONE)
		result = extmgr__host_error_report(said, answered, what, error);
	else
		result = extmgr__host_error_take(said, answered, what, error);
	free(what);
	return result;
}

static extmgr_result get_once(extmgr_http *http, extmgr_operation *operation,
			      const struct extmgr__http_fetch *fetch,
			      struct extmgr__http_answer *answer, extmgr_error **error)
{
	struct extmgr_http_request request = {0};
	struct extmgr_http_response response = {
		.answer = answer, .sink = fetch->sink, .maximum = fetch->maximum};
	struct extmgr_host_error said = {0};
	extmgr_result result = extmgr__operation_check(operation, error);

	*answer = (struct extmgr__http_answer){
		.body = EXTMGR__BUFFER(fetch->maximum > COMPLAINT_MAXIMUM ? (size_t)fetch->maximum
									  : COMPLAINT_MAXIMUM)};
	if (result != EXTMGR_OK)
		return result;
	if (!request_fill(&request, fetch)) {
		request_free(&request);
		return extmgr__error_no_memory(error);
	}
	if (fetch->sink)
		result = fetch->sink->take(fetch->sink->user_data, NULL, 0);
	if (result == EXTMGR_OK)
		result =
			http->callbacks.get(http->user_data, operation, &request, &response, &said);
	if (result == EXTMGR_E_TOO_LARGE && response.enough)
		result = EXTMGR_OK;
	if (result != EXTMGR_OK || response.result != EXTMGR_OK || !answer->status) {
		result = failure(result, &response, &said, fetch->url, error);
		result = extmgr__operation_explain(operation, result, error);
		extmgr__http_answer_free(answer);
	}
	extmgr__host_error_clear(&said);
	request_free(&request);
	return result;
}

/* ---- redirects ---- */

static bool is_redirect(const struct extmgr__http_answer *answer)
{
	switch (answer->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return answer->headers[EXTMGR__HTTP_LOCATION] != NULL;
	default:
		return false;
	}
}

static extmgr_result refuse(const char *url, const char *why, extmgr_error **error)
{
	char *what = describe(url);
	extmgr_result result;

	if (!what)
		return extmgr__error_no_memory(error);
	result = extmgr__error_set(error, EXTMGR_E_REDIRECT, "%s: %s", what, why);
	free(what);
	return result;
}

/* Where the answer to url leads to. */
static extmgr_result next_url(const char *url, const char *location, char **next_out,
			      extmgr_error **error)
{
	extmgr_result result = extmgr__url_resolve(url, location, next_out, error);

	if (result == EXTMGR_E_INVALID_ARGUMENT)
		return refuse(url, "it redirects to what is no http or https URL", error);
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__url_is_https(url) || extmgr__url_is_https(*next_out))
		return EXTMGR_OK;
	free(*next_out);
	*next_out = NULL;
	return refuse(url, "it redirects from https to http", error);
}

extmgr_result extmgr__http_get(extmgr_http *http, extmgr_operation *operation,
			       const struct extmgr__http_fetch *fetch,
			       struct extmgr__http_answer *answer, extmgr_error **error)
{
	struct extmgr__http_fetch at = *fetch;
	char *url = NULL; /* at.url, when it is ours */
	extmgr_result result;

	for (int redirects = 0;; redirects++) {
		char *next = NULL;

		result = get_once(http, operation, &at, answer, error);
		if (result != EXTMGR_OK || !is_redirect(answer))
			break;
		if (redirects == REDIRECTS_MAXIMUM)
			result = refuse(fetch->url, "it redirects more than 10 times", error);
		else
			result = next_url(at.url, answer->headers[EXTMGR__HTTP_LOCATION], &next,
					  error);
		extmgr__http_answer_free(answer);
		if (result != EXTMGR_OK)
			break;
		free(url);
		url = next;
		at.url = url;
	}
	if (result == EXTMGR_OK)
		answer->url = url;
	else
		free(url);
	return result;
}
