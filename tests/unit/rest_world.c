/* SPDX-License-Identifier: MIT */
#include "rest_world.h"

static extmgr_result host_error(const struct host *host, extmgr_result code,
				extmgr_error **error_out)
{
	if (code != EXTMGR_OK && host->host_message)
		*error_out = extmgr_error_new(code, host->host_message, strlen(host->host_message),
					      NULL);
	return code;
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static extmgr_result give_target(void *user_data, const extmgr_rest_credentials *credentials,
				 extmgr_rest_target *target, extmgr_error **error_out)
{
	extmgr_target_options options;
	struct host *host = user_data;

	host->credentials_calls++;
	(void)snprintf(host->seen, sizeof(host->seen), "%u %s %s %s %s:%u %zu", credentials->scheme,
		       or_dash(credentials->user), or_dash(credentials->password),
		       or_dash(credentials->token), credentials->db_host, credentials->db_port,
		       credentials->query_count);
	if (host->credentials_answer != EXTMGR_OK || host->gives_no_target)
		return host_error(host, host->credentials_answer, error_out);
	/* What the fake database takes are the statements of the definition alone. */
	extmgr_target_options_init(&options, sizeof(options));
	options.history = EXTMGR_HISTORY_OFF;
	return extmgr_rest_target_use(target, host->world->database, host->world->files, &options,
				      error_out);
}

extmgr_result allow(void *user_data, const extmgr_rest_request *request, const char *route,
		    const char *id, extmgr_error **error_out)
{
	struct host *host = user_data;

	host->authorize_calls++;
	(void)snprintf(host->seen, sizeof(host->seen), "%s %s %s", request->method, route,
		       or_dash(id));
	return host_error(host, host->authorize_answer, error_out);
}

static void count_destroy(void *user_data)
{
	((struct host *)user_data)->destroyed++;
}

extmgr_rest_options options_of(struct host *host)
{
	extmgr_rest_options options;

	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = give_target;
	options.user_data = host;
	options.destroy = count_destroy;
	return options;
}

void open_rest(struct host *host, const extmgr_rest_options *options)
{
	extmgr_rest_free(host->rest);
	host->rest = NULL;
	assert_int_equal(extmgr_rest_new(host->world->context, host->world->registry, options,
					 &host->rest, NULL),
			 EXTMGR_OK);
}

int rest_set_up(void **state)
{
	static struct host host;
	extmgr_rest_options options;
	void *world = NULL;

	world_set_up(&world);
	host = (struct host){.world = world};
	options = options_of(&host);
	open_rest(&host, &options);
	*state = &host;
	return 0;
}

int rest_tear_down(void **state)
{
	struct host *host = *state;
	void *world = host->world;
	int destroyed = host->destroyed;

	extmgr_rest_response_free(host->response);
	extmgr_rest_free(host->rest);
	assert_int_equal(host->destroyed, destroyed + 1);
	return world_tear_down(&world);
}

/* ---- asking ---- */

int32_t ask_question(struct host *host, const struct question *question)
{
	extmgr_rest_request request;
	extmgr_rest_field headers[3];
	size_t count = 0;

	extmgr_rest_request_init(&request, sizeof(request));
	request.method = question->method;
	request.target = question->target;
	if (question->authorization)
		headers[count++] = (extmgr_rest_field){"authorization", question->authorization};
	if (question->content_type)
		headers[count++] = (extmgr_rest_field){"CONTENT-TYPE", question->content_type};
	if (question->request_id)
		headers[count++] = (extmgr_rest_field){"X-Request-ID", question->request_id};
	request.headers = headers;
	request.header_count = count;
	request.body = question->body;
	request.body_length = question->body_length || !question->body ? question->body_length
								       : strlen(question->body);
	request.operation = question->operation;
	extmgr_rest_response_free(host->response);
	assert_int_equal(extmgr_rest_handle(host->rest, &request, &host->response, NULL),
			 EXTMGR_OK);
	return extmgr_rest_response_get_status(host->response);
}

int32_t ask(struct host *host, const char *method, const char *target)
{
	return ask_question(host,
			    &(struct question){method, target, BASIC, NULL, NULL, 0, "r-1", NULL});
}

const char *body_of(const struct host *host)
{
	size_t length;
	const char *body = extmgr_rest_response_get_body(host->response, &length);

	assert_int_equal(strlen(body), length);
	return body;
}

const char *header_of(const struct host *host, const char *name)
{
	const extmgr_rest_response *response = host->response;

	for (size_t i = 0; i < extmgr_rest_response_get_header_count(response); i++) {
		if (strcmp(extmgr_rest_response_get_header_name(response, i), name) == 0)
			return extmgr_rest_response_get_header_value(response, i);
	}
	return NULL;
}

void assert_error(const struct host *host, int32_t status, const char *message)
{
	char expected[4096];

	(void)snprintf(expected, sizeof(expected),
		       "{\"code\":%d,\"message\":\"%s\",\"requestID\":\"r-1\"}\n", (int)status,
		       message);
	assert_string_equal(body_of(host), expected);
	assert_int_equal(extmgr_rest_response_get_status(host->response), status);
	assert_string_equal(header_of(host, "Content-Type"), "application/json");
	assert_non_null(extmgr_rest_response_get_error(host->response));
}
