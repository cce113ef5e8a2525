/* SPDX-License-Identifier: MIT */
/* Requests of all kinds through the REST handler: paths, bodies, ids, deadlines, wrong calls. */
#include "rest_world.h"

#define CREATE  BASE "/installations/x/1/instances" QUERY
#define INSTALL BASE "/extensions/x/1/install" QUERY

/* ---- routes ---- */

static void paths(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *message;
	} cases[] = {
		{"/", 404, "404 page not found"},
		{"/api/v1/extensionmanager", 404, "404 page not found"},
		{BASE "/extensions/" QUERY, 404, "404 page not found"},
		{BASE "//extensions" QUERY, 404, "404 page not found"},
		{BASE "/extensions/x" QUERY, 404, "404 page not found"},
		{BASE "/extensions//1" QUERY, 404, "404 page not found"},
		{BASE "/extensions/x/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", 404,
		 "404 page not found"},
		{BASE "/../extensionmanager/extensions" QUERY, 404, "404 page not found"},
		{BASE "/Extensions" QUERY, 404, "404 page not found"},
		{BASE "/extensions%2Fx/1" QUERY, 404, "404 page not found"},
		{BASE "/extensions/y/1" QUERY, 404, "extension \\\"y\\\" not found"},
		{BASE "/extensions/../1" QUERY, 404, "extension \\\"..\\\" not found"},
		{BASE "/extensions/%2e%2e/1" QUERY, 404, "extension \\\"..\\\" not found"},
		{BASE "/extensions/%2Fetc%2Fpasswd/1" QUERY, 404,
		 "extension \\\"/etc/passwd\\\" not found"},
		{BASE "/extensions/..%5Cx/1" QUERY, 404, "extension \\\"..\\\\x\\\" not found"},
		{BASE "/extensions/x%00/1" QUERY, 400, "the path holds a control character"},
		{BASE "/extensions/x%0a/1" QUERY, 400, "the path holds a control character"},
		{BASE "/extensions/%C0%AF/1" QUERY, 400, "the path holds bytes that are not UTF-8"},
		{BASE "/extensions/x%/1" QUERY, 400,
		 "the path holds a percent sign without two hexadecimal digits"},
		{BASE "/extensions/x%2/1" QUERY, 400,
		 "the path holds a percent sign without two hexadecimal digits"},
		{"", 400, "the path does not begin with a slash"},
		{"*", 400, "the path does not begin with a slash"},
		{"extensions" QUERY, 400, "the path does not begin with a slash"},
		{"http://host", 400, "the path does not begin with a slash"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(host, "GET", cases[i].target);
		assert_error(host, cases[i].status, cases[i].message);
	}
	assert_int_equal(ask(host, "GET", BASE "/extensions/%78/%31" QUERY), 200);
	assert_int_equal(ask(host, "GET", "http://h:1" BASE "/extensions/x/1" QUERY), 200);
	assert_int_equal(ask(host, "GET", BASE "/extensions/x.js/1" QUERY), 200);
	/* The slash belongs to the id: an instance may be called so. */
	assert_int_equal(ask(host, "DELETE", BASE "/installations/x/1/instances/a%2Fb" QUERY), 204);
}

static void long_targets(void **state)
{
	struct host *host = *state;
	char target[EXTMGR_REST_TARGET_MAXIMUM + 2];
	size_t length;

	(void)snprintf(target, sizeof(target), BASE "/extensions" QUERY "&x=");
	length = strlen(target);
	memset(target + length, 'a', sizeof(target) - length - 1);
	target[sizeof(target) - 2] = '\0';
	assert_int_equal(ask(host, "GET", target), 200);
	target[sizeof(target) - 2] = 'a';
	target[sizeof(target) - 1] = '\0';
	ask(host, "GET", target);
	assert_error(host, 414, "the path and query are longer than 8192 bytes");
}

static void many_query_parameters(void **state)
{
	struct host *host = *state;
	char target[1000] = BASE "/extensions" QUERY;

	for (int i = 2; i < 64; i++)
		strncat(target, "&a=b", sizeof(target) - strlen(target) - 1);
	assert_int_equal(ask(host, "GET", target), 200);
	strncat(target, "&a=b", sizeof(target) - strlen(target) - 1);
	ask(host, "GET", target);
	assert_error(host, 400, "the query has more than 64 parameters");
}

static void other_methods(void **state)
{
	static const struct {
		const char *target;
		const char *allow;
	} cases[] = {
		{BASE "/extensions", "GET, HEAD, OPTIONS"},
		{BASE "/extensions/x/1", "GET, HEAD, OPTIONS"},
		{BASE "/extensions/x/1/install", "PUT, OPTIONS"},
		{BASE "/installations/x/1", "DELETE, OPTIONS"},
		{BASE "/installations/x/1/instances", "GET, HEAD, POST, OPTIONS"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(host, "PATCH", cases[i].target);
		assert_error(host, 405, "405 method not allowed");
		assert_string_equal(header_of(host, "Allow"), cases[i].allow);
		ask(host, "get", cases[i].target);
		assert_error(host, 405, "405 method not allowed");
		assert_int_equal(ask(host, "OPTIONS", cases[i].target), 204);
		assert_string_equal(header_of(host, "Allow"), cases[i].allow);
		assert_string_equal(body_of(host), "");
	}
	ask(host, "OPTIONS", "/nowhere");
	assert_error(host, 404, "404 page not found");
	assert_int_equal(ask(host, "HEAD", BASE "/installations" QUERY), 200);
	assert_string_equal(
		body_of(host),
		"{\"installations\":[{\"id\":\"x\",\"name\":\"X\",\"version\":\"1\"}]}\n");
	/* Both paths have that form: which one is meant depends on the method alone. */
	ask(host, "DELETE", BASE "/installations/x/upgrade" QUERY);
	assert_string_equal(extmgr_rest_response_get_route(host->response), "UninstallExtension");
}

/* ---- bodies ---- */

static void bodies(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		const char *message; /* NULL: 200 */
	} cases[] = {
		{NULL, "{}", "Content-Type header '' is not application/json"},
		{"text/plain", "{}", "Content-Type header 'text/plain' is not application/json"},
		{"application/jsonx", "{}",
		 "Content-Type header 'application/jsonx' is not application/json"},
		{"application/json", "{}", NULL},
		{"Application/JSON; charset=utf-8", "{}", NULL},
		{"application/json", "", "Request body must not be empty"},
		{"application/json", " \n", "Request body must not be empty"},
		{"application/json", "invalid payload",
		 "Request body contains badly-formed JSON (at position 1)"},
		{"application/json", "{\"parameterValues\":[{]}",
		 "Request body contains badly-formed JSON (at position 22)"},
		{"application/json", "{\"parameterValues\":nul1}",
		 "Request body contains badly-formed JSON (at position 23)"},
		{"application/json", "{\"parameterValues\":[01]}",
		 "Request body contains badly-formed JSON (at position 22)"},
		{"application/json", "{'parameterValues':[]}",
		 "Request body contains badly-formed JSON (at position 2)"},
		{"application/json", "{\"a\\x\":1}",
		 "Request body contains badly-formed JSON (at position 5)"},
		{"application/json", "{\"a\\u12g4\":1}",
		 "Request body contains badly-formed JSON (at position 8)"},
		{"application/json", "{\"parameterValues\":[",
		 "Request body contains badly-formed JSON"},
		{"application/json", "{\"parameterVal", "Request body contains badly-formed JSON"},
		{"application/json", "{\"parameterValues\":[{\"name\":\"p\",\"value\":tru",
		 "Request body contains badly-formed JSON"},
		{"application/json", "{\"parameterValues\":\"x\"}",
		 "Request body contains an invalid value for the \\\"parameterValues\\\" field (at "
		 "position 22)"},
		{"application/json", "{\"parameterValues\":[{\"name\":\"p\",\"value\":5}]}",
		 "Request body contains an invalid value for the \\\"parameterValues.value\\\" "
		 "field (at position 41)"},
		{"application/json", "{\"parameterValues\":[{\"name\":\"p\",\"value\":true}]}",
		 "Request body contains an invalid value for the \\\"parameterValues.value\\\" "
		 "field (at position 44)"},
		{"application/json", "{\"parameterValues\":[{\"name\":{},\"value\":true}]}",
		 "Request body contains an invalid value for the \\\"parameterValues.name\\\" "
		 "field (at position 29)"},
		{"application/json", "{\"parameterValues\":[7]}",
		 "Request body contains an invalid value for the \\\"parameterValues\\\" field (at "
		 "position 21)"},
		{"application/json", "[]",
		 "Request body contains an invalid value for the \\\"\\\" field (at position 1)"},
		{"application/json", "-1.5e+3",
		 "Request body contains an invalid value for the \\\"\\\" field (at position 7)"},
		{"application/json", "{\"x\":[{\"y\":1}]}",
		 "Request body contains unknown field \\\"\\\\\\\"x\\\\\\\"\\\""},
		{"application/json", "{\"parameterValues\":[{\"id\":\"p\"}]}",
		 "Request body contains unknown field \\\"\\\\\\\"id\\\\\\\"\\\""},
		/* A fault of syntax wins over one of shape. */
		{"application/json", "{\"x\":1,}",
		 "Request body contains badly-formed JSON (at position 8)"},
		{"application/json", "{} {}",
		 "Request body must only contain a single JSON object"},
		{"application/json", "{}}", "Request body must only contain a single JSON object"},
		{"application/json", "{\"parameterValues\":[],\"parameterValues\":[]}",
		 "Request body: the key 'parameterValues' stands twice"},
		{"application/json", "null", NULL},
		{"application/json", "{\"parameterValues\":null}", NULL},
		{"application/json", "{\"ParameterVALUES\":[{\"NAME\":\"p\",\"Value\":\"v\"}]}",
		 NULL},
		{"application/json", "{\"parameterValues\":[{\"name\":\"p\",\"value\":null}]}",
		 NULL},
		{"application/json", "{\"parameterValues\":[{\"name\":\"q\",\"value\":\"v\"}]}",
		 "invalid parameters: Failed to validate parameter 'q' (q): The parameter is "
		 "unknown."},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t status =
			ask_question(host, &(struct question){"POST", CREATE, BASIC, cases[i].type,
							      cases[i].body, 0, "r-1", NULL});

		if (cases[i].message)
			assert_error(host, 400, cases[i].message);
		else
			assert_int_equal(status, 200);
	}
}

static void large_and_deep_bodies(void **state)
{
	struct host *host = *state;
	size_t size = EXTMGR_REST_BODY_MAXIMUM + 1;
	char *body = malloc(size);
	struct question question = {"POST", CREATE, BASIC, "application/json",
				    body,   size,   "r-1", NULL};

	assert_non_null(body);
	memset(body, ' ', size);
	body[0] = '{';
	body[1] = '}';
	ask_question(host, &question);
	assert_error(host, 400, "Request body must not be larger than 1MB");
	question.body_length--;
	assert_int_equal(ask_question(host, &question), 200);
	memset(body, '[', size);
	ask_question(host, &question);
	assert_error(host, 400, "Request body contains badly-formed JSON (at position 66)");
	/* A NUL is no end. */
	memset(body, ' ', size);
	memcpy(body, "{}\0{}", 5);
	ask_question(host, &question);
	assert_error(host, 400, "Request body must only contain a single JSON object");
	/* Whatever else takes no body does not look at it. */
	question.method = "PUT";
	question.target = INSTALL;
	question.content_type = NULL;
	assert_int_equal(ask_question(host, &question), 204);
	free(body);
}

/* ---- ids, deadlines, cancelling ---- */

static void request_ids(void **state)
{
	static const char *const bad[] = {"", "a b", "a\nb", "\xc3\xa4", NULL};
	struct host *host = *state;
	char long_id[200];
	char previous[200] = "";

	ask(host, "GET", BASE "/extensions" QUERY);
	assert_string_equal(header_of(host, "X-Request-Id"), "r-1");
	memset(long_id, 'x', sizeof(long_id));
	long_id[129] = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) + 1; i++) {
		const char *given = i < sizeof(bad) / sizeof(bad[0]) ? bad[i] : long_id;
		const char *id;

		ask_question(host,
			     &(struct question){"GET", "/", NULL, NULL, NULL, 0, given, NULL});
		id = header_of(host, "X-Request-Id");
		assert_int_equal(strlen(id), strlen("extmgr/0123456789-000001"));
		assert_memory_equal(id, "extmgr/", 7);
		assert_string_not_equal(id, previous);
		assert_non_null(strstr(body_of(host), id));
		(void)snprintf(previous, sizeof(previous), "%s", id);
	}
	long_id[128] = '\0';
	ask_question(host, &(struct question){"GET", "/", NULL, NULL, NULL, 0, long_id, NULL});
	assert_string_equal(header_of(host, "X-Request-Id"), long_id);
}

static void cancelled_requests(void **state)
{
	struct host *host = *state;
	struct question question = {"PUT", INSTALL, BASIC, NULL, NULL, 0, "r-1", NULL};

	for (int i = CALL_BEGIN; i <= CALL_QUERY; i++) {
		extmgr_operation *operation = NULL;

		assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
		question.operation = operation;
		host->world->fake.calls[0] = '\0';
		host->world->fake.cancels = operation;
		host->world->fake.cancels_in = (enum fake_call)i;
		/* The definition sends no query: that one goes through. */
		assert_int_equal(ask_question(host, &question), i == CALL_QUERY ? 204 : 499);
		assert_int_equal(strstr(host->world->fake.calls, "commit") != NULL,
				 i == CALL_QUERY);
		host->world->fake.cancels = NULL;
		extmgr_operation_free(operation);
	}
}

static uint64_t fast_clock(void *user_data)
{
	uint64_t *now = user_data;

	return *now += UINT64_C(1000000000);
}

/* ---- how far a request is ---- */

#define PROGRESS BASE "/operations/r-9"

static int32_t ask_how_far(struct host *host, const char *target, const char *authorization)
{
	return ask_question(host, &(struct question){.method = "GET",
						     .target = target,
						     .authorization = authorization,
						     .request_id = "r-10"});
}

/* Whoever else asks, does not hear that it runs. */
static int32_t ask_in_the_middle(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct host *host = user_data;

	(void)done;
	(void)total;
	if (strcmp(step, "call") != 0)
		return 0;
	host->credentials_calls = 0;
	assert_int_equal(ask_how_far(host, PROGRESS QUERY, BASIC), 200);
	assert_int_equal(host->credentials_calls, 0); /* no target is reached */
	assert_non_null(strstr(body_of(host), "{\"schema\":\"extmgr.operation/1\","
					      "\"requestID\":\"r-9\","
					      "\"operationId\":\"InstallExtension\","));
	assert_non_null(strstr(body_of(host), "\"steps\":[{\"name\":\"load\","));
	assert_non_null(strstr(body_of(host), ",{\"name\":\"call\","));
	assert_int_equal(ask_how_far(host, PROGRESS QUERY, BEARER), 404);
	assert_int_equal(ask_how_far(host, PROGRESS "?dbHost=h2&dbPort=1", BASIC), 404);
	assert_int_equal(ask_how_far(host, PROGRESS "?dbHost=h&dbPort=2", BASIC), 404);
	assert_int_equal(ask_how_far(host, BASE "/operations/r-8" QUERY, BASIC), 404);
	/* The outer request is about to put its own response there. */
	extmgr_rest_response_free(host->response);
	host->response = NULL;
	host->seen[0] = '!';
	return 0;
}

static void progress_of_requests(void **state)
{
	struct host *host = *state;
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = ask_in_the_middle;
	options.user_data = host;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	host->seen[0] = '\0';
	assert_int_equal(ask_question(host, &(struct question){.method = "PUT",
							       .target = INSTALL,
							       .authorization = BASIC,
							       .request_id = "r-9",
							       .operation = operation}),
			 204);
	assert_int_equal(host->seen[0], '!');
	/* What is over is not told of any more; the operation may serve another request. */
	assert_int_equal(ask_how_far(host, PROGRESS QUERY, BASIC), 404);
	extmgr_operation_free(operation);
}

static void late_requests(void **state)
{
	struct host *host = *state;
	extmgr_rest_options options = options_of(host);
	extmgr_context_options context_options;
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	uint64_t now = 0;

	extmgr_context_options_init(&context_options, sizeof(context_options));
	context_options.clock = fast_clock;
	context_options.user_data = &now;
	assert_int_equal(extmgr_context_new(&context_options, &context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(context, host->world->path, &registry, NULL),
			 EXTMGR_OK);
	extmgr_rest_free(host->rest);
	options.timeout_ms = 1;
	assert_int_equal(extmgr_rest_new(context, registry, &options, &host->rest, NULL),
			 EXTMGR_OK);
	extmgr_context_free(context);
	extmgr_registry_free(registry);
	assert_int_equal(ask(host, "PUT", INSTALL), 504);
	assert_null(strstr(host->world->fake.calls, "commit"));
}

/* ---- wrong calls ---- */

static void wrong_options(void **state)
{
	struct host *host = *state;
	struct world *world = host->world;
	extmgr_rest_options options = options_of(host);
	extmgr_rest *rest = NULL;

	assert_int_equal(extmgr_rest_new(NULL, world->registry, &options, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rest_new(world->context, NULL, &options, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rest_new(world->context, world->registry, NULL, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rest_new(world->context, world->registry, &options, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	options.flags = 2;
	assert_int_equal(extmgr_rest_new(world->context, world->registry, &options, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	options.flags = 0;
	options.version = "1\n2";
	assert_int_equal(extmgr_rest_new(world->context, world->registry, &options, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	options.version = NULL;
	options.credentials = NULL;
	assert_int_equal(extmgr_rest_new(world->context, world->registry, &options, &rest, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(rest);
	assert_int_equal(host->destroyed, 0);
	extmgr_rest_free(NULL);
	extmgr_rest_options_init(NULL, 8);
}

static void wrong_calls(void **state)
{
	struct host *host = *state;
	extmgr_rest_response *response = NULL;
	extmgr_rest_request request;

	extmgr_rest_request_init(NULL, 8);
	extmgr_rest_request_init(&request, sizeof(request));
	request.target = "/";
	assert_int_equal(extmgr_rest_handle(host->rest, &request, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	request.method = "GET";
	assert_int_equal(extmgr_rest_handle(NULL, &request, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rest_handle(host->rest, NULL, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rest_handle(host->rest, &request, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	request.body_length = 1;
	assert_int_equal(extmgr_rest_handle(host->rest, &request, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	request.body_length = 0;
	request.header_count = 1;
	assert_int_equal(extmgr_rest_handle(host->rest, &request, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	request.header_count = 0;
	request.flags = 1;
	assert_int_equal(extmgr_rest_handle(host->rest, &request, &response, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(response);
	assert_int_equal(extmgr_rest_response_get_status(NULL), 500);
	assert_string_equal(extmgr_rest_response_get_body(NULL, NULL), "");
	assert_int_equal(extmgr_rest_response_get_header_count(NULL), 0);
	assert_null(extmgr_rest_response_get_header_name(NULL, 0));
	assert_null(extmgr_rest_response_get_header_value(NULL, 0));
	assert_string_equal(extmgr_rest_response_get_route(NULL), "");
	assert_null(extmgr_rest_response_get_error(NULL));
	extmgr_rest_response_free(NULL);
	assert_int_equal(extmgr_rest_target_use(NULL, host->world->database, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REST(paths),
		WITH_REST(long_targets),
		WITH_REST(many_query_parameters),
		WITH_REST(other_methods),
		WITH_REST(bodies),
		WITH_REST(large_and_deep_bodies),
		WITH_REST(request_ids),
		WITH_REST(cancelled_requests),
		WITH_REST(progress_of_requests),
		WITH_REST(late_requests),
		WITH_REST(wrong_options),
		WITH_REST(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
