/* SPDX-License-Identifier: MIT */
/* The REST handler on a fake database: what each request gets, and what it asks of the host. */
#include "manager_world.h"

#include <ctype.h>

#define BASE   "/api/v1/extensionmanager"
#define QUERY  "?dbHost=h&dbPort=1"
#define BASIC  "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
#define BEARER "Bearer token-1"

/* What the host's callbacks saw and what they shall answer. */
struct host {
	struct world *world;
	extmgr_rest *rest;
	extmgr_rest_response *response;
	extmgr_result credentials_answer;
	extmgr_result authorize_answer;
	const char *host_message; /* of both; NULL: no error object */
	bool gives_no_target;
	int credentials_calls;
	int authorize_calls;
	char seen[512];
	int destroyed;
};

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
	struct host *host = user_data;

	host->credentials_calls++;
	(void)snprintf(host->seen, sizeof(host->seen), "%u %s %s %s %s:%u %zu", credentials->scheme,
		       or_dash(credentials->user), or_dash(credentials->password),
		       or_dash(credentials->token), credentials->db_host, credentials->db_port,
		       credentials->query_count);
	if (host->credentials_answer != EXTMGR_OK || host->gives_no_target)
		return host_error(host, host->credentials_answer, error_out);
	return extmgr_rest_target_use(target, host->world->database, host->world->files, NULL,
				      error_out);
}

static extmgr_result allow(void *user_data, const extmgr_rest_request *request, const char *route,
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

static extmgr_rest_options options_of(struct host *host)
{
	extmgr_rest_options options;

	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = give_target;
	options.user_data = host;
	options.destroy = count_destroy;
	return options;
}

static void open_rest(struct host *host, const extmgr_rest_options *options)
{
	extmgr_rest_free(host->rest);
	host->rest = NULL;
	assert_int_equal(extmgr_rest_new(host->world->context, host->world->registry, options,
					 &host->rest, NULL),
			 EXTMGR_OK);
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
	struct host *host = *state;
	void *world = host->world;
	int destroyed = host->destroyed;

	extmgr_rest_response_free(host->response);
	extmgr_rest_free(host->rest);
	assert_int_equal(host->destroyed, destroyed + 1);
	return world_tear_down(&world);
}

#define WITH_REST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* ---- asking ---- */

struct question {
	const char *method;
	const char *target;
	const char *authorization;
	const char *content_type;
	const char *body;
	size_t body_length; /* 0: strlen(body) */
	const char *request_id;
	extmgr_operation *operation;
};

static int32_t ask_question(struct host *host, const struct question *question)
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

static int32_t ask(struct host *host, const char *method, const char *target)
{
	return ask_question(host,
			    &(struct question){method, target, BASIC, NULL, NULL, 0, "r-1", NULL});
}

static const char *body_of(const struct host *host)
{
	size_t length;
	const char *body = extmgr_rest_response_get_body(host->response, &length);

	assert_int_equal(strlen(body), length);
	return body;
}

static const char *header_of(const struct host *host, const char *name)
{
	const extmgr_rest_response *response = host->response;

	for (size_t i = 0; i < extmgr_rest_response_get_header_count(response); i++) {
		if (strcmp(extmgr_rest_response_get_header_name(response, i), name) == 0)
			return extmgr_rest_response_get_header_value(response, i);
	}
	return NULL;
}

/* message: as JSON, without quotes. */
static void assert_error(const struct host *host, int32_t status, const char *message)
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

/* ---- the nine operations ---- */

static const struct {
	const char *method;
	const char *target;
	const char *route;
	const char *body;
	int status;
	const char *answer;
	const char *calls; /* of the database */
} operations[] = {
	{"GET", BASE "/extensions" QUERY, "ListAvailableExtensions", NULL, 200,
	 "{\"extensions\":[{\"id\":\"x\",\"name\":\"X\",\"category\":\"test\",\"description\":\"\","
	 "\"installableVersions\":[{\"name\":\"1\",\"latest\":true,\"deprecated\":false}]}]}\n",
	 NULL},
	{"GET", BASE "/installations" QUERY, "ListInstalledExtensions", NULL, 200,
	 "{\"installations\":[{\"id\":\"x\",\"name\":\"X\",\"version\":\"1\"}]}\n", NULL},
	{"GET", BASE "/extensions/x/1" QUERY, "GetExtensionDetails", NULL, 200,
	 "{\"id\":\"x\",\"version\":\"1\",\"parameterDefinitions\":[{\"id\":\"p\",\"name\":\"P\","
	 "\"definition\":{\"id\":\"p\",\"name\":\"P\",\"type\":\"string\"}}]}\n",
	 NULL},
	{"PUT", BASE "/extensions/x/1/install" QUERY, "InstallExtension", NULL, 204, "", "commit"},
	{"DELETE", BASE "/installations/x/1" QUERY, "UninstallExtension", NULL, 400, NULL, NULL},
	{"POST", BASE "/installations/x/upgrade" QUERY, "UpgradeExtension", NULL, 200,
	 "{\"previousVersion\":\"0\",\"newVersion\":\"1\"}\n", "commit"},
	{"POST", BASE "/installations/x/1/instances" QUERY, "CreateInstance",
	 "{\"parameterValues\":[{\"name\":\"p\",\"value\":\"v\"}]}", 200,
	 "{\"instanceId\":\"i\",\"instanceName\":\"I\"}\n", "commit"},
	{"GET", BASE "/installations/x/1/instances" QUERY, "ListInstances", NULL, 200,
	 "{\"instances\":[{\"id\":\"i\",\"name\":\"I\"}]}\n", NULL},
	{"DELETE", BASE "/installations/x/1/instances/i" QUERY, "DeleteInstance", NULL, 204, "",
	 "commit"},
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static int32_t ask_operation(struct host *host, size_t i, const char *authorization)
{
	return ask_question(host, &(struct question){operations[i].method, operations[i].target,
						     authorization, "application/json",
						     operations[i].body, 0, "r-1", NULL});
}

static void every_operation_answers(void **state)
{
	struct host *host = *state;

	for (size_t i = 0; i < 2 * OPERATIONS; i++) {
		size_t at = i / 2;

		host->world->fake.calls[0] = '\0';
		assert_int_equal(ask_operation(host, at, i % 2 ? BEARER : BASIC),
				 operations[at].status);
		if (operations[at].answer)
			assert_string_equal(body_of(host), operations[at].answer);
		else
			assert_error(host, 400,
				     "cannot uninstall extension because 1 instance(s) still "
				     "exist: I");
		assert_string_equal(header_of(host, "Content-Type"), "application/json");
		assert_string_equal(header_of(host, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(extmgr_rest_response_get_route(host->response),
				    operations[at].route);
		assert_int_equal(strstr(host->world->fake.calls, "commit") != NULL,
				 operations[at].calls != NULL);
		assert_non_null(strstr(host->world->fake.calls, "close"));
	}
}

static void operations_need_credentials_first(void **state)
{
	static const struct {
		const char *authorization;
		const char *query;
		int status;
		const char *message;
	} cases[] = {
		{NULL, "", 401, "missing Authorization header"},
		{"", "", 401, "missing Authorization header"},
		{"Basic", QUERY, 401, "invalid Authorization header"},
		{"secret", QUERY, 401, "invalid Authorization header"},
		{" x", QUERY, 401, "invalid Authorization header"},
		{"Digest x", QUERY, 401, "invalid Authorization scheme \\\"Digest\\\""},
		{"Bas x", QUERY, 401, "invalid Authorization scheme \\\"Bas\\\""},
		{"pass<word x", QUERY, 401, "invalid Authorization scheme"},
		{"Basic invalid", QUERY, 401,
		 "invalid basic auth header: illegal base64 data at input byte 4"},
		{"Basic %%%%", QUERY, 401,
		 "invalid basic auth header: illegal base64 data at input byte 0"},
		{"Basic YTpi=", QUERY, 401,
		 "invalid basic auth header: illegal base64 data at input byte 4"},
		{"Basic YQ==YQ==", QUERY, 401,
		 "invalid basic auth header: illegal base64 data at input byte 4"},
		{"Basic YWJj", QUERY, 401, "colon missing in basic auth header"},
		{"Basic YQA6Yg==", QUERY, 401, "invalid basic auth header: it holds a NUL byte"},
		{BASIC, "", 400, "missing parameter dbHost"},
		{BASIC, "?dbPort=1", 400, "missing parameter dbHost"},
		{BASIC, "?dbHost=&dbPort=1", 400, "missing parameter dbHost"},
		{BASIC, "?dbHost=h", 400, "missing parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=", 400, "missing parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=invalid", 400,
		 "invalid value 'invalid' for parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=%3Cb%3E", 400,
		 "invalid value '\\u003cb\\u003e' for parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=0", 400, "invalid value '0' for parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=-1", 400, "invalid value '-1' for parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=65536", 400,
		 "invalid value '65536' for parameter dbPort"},
		{BASIC, "?dbHost=h&dbPort=18446744073709551617", 400,
		 "invalid value '18446744073709551617' for parameter dbPort"},
		{BASIC, "?dbHost=%00&dbPort=1", 400, "the query holds a control character"},
		{BASIC, "?dbHost=%ff&dbPort=1", 400, "the query holds bytes that are not UTF-8"},
		{BASIC, "?dbHost=%4&dbPort=1", 400,
		 "the query holds a percent sign without two hexadecimal digits"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < OPERATIONS; i++) {
		char path[200];

		(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(operations[i].target, "?"),
			       operations[i].target);
		for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			char target[400];

			(void)snprintf(target, sizeof(target), "%s%s", path, cases[j].query);
			/* The body is wrong, too: it is not looked at yet. */
			ask_question(host, &(struct question){operations[i].method, target,
							      cases[j].authorization, "text/plain",
							      "}", 0, "r-1", NULL});
			assert_error(host, cases[j].status, cases[j].message);
		}
	}
	assert_int_equal(host->credentials_calls, 0);
}

static void credentials_reach_the_host(void **state)
{
	static const struct {
		const char *authorization;
		const char *query;
		const char *seen;
	} cases[] = {
		{BASIC, QUERY, "1 Aladdin open sesame - h:1 2"},
		{"bAsIc QWxhZGRpbjpvcGVuIHNlc2FtZQ==", QUERY, "1 Aladdin open sesame - h:1 2"},
		{"Basic  YTpiOmM= more", QUERY, "1 a b:c - h:1 2"},
		{"Basic Og==", QUERY, "1   - h:1 2"},
		{"Basic w6Q6w7Y=", QUERY, "1 \xc3\xa4 \xc3\xb6 - h:1 2"},
		{BEARER, QUERY, "2 - - token-1 h:1 2"},
		{"bearer t", "?a=b&dbHost=x%20y+z&&dbPort=65535&dbHost=other",
		 "2 - - t x y "
		 "z:65535 4"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char target[200];

		(void)snprintf(target, sizeof(target), BASE "/installations%s", cases[i].query);
		assert_int_equal(
			ask_question(host, &(struct question){"GET", target, cases[i].authorization,
							      NULL, NULL, 0, NULL, NULL}),
			200);
		assert_string_equal(host->seen, cases[i].seen);
	}
}

static void the_host_refuses_credentials(void **state)
{
	static const struct {
		extmgr_result answer;
		const char *said;
		int status;
		const char *message;
	} cases[] = {
		{EXTMGR_E_AUTHENTICATION, "user 'bob' is locked", 401,
		 "invalid database credentials"},
		{EXTMGR_E_AUTHENTICATION, NULL, 401, "invalid database credentials"},
		{EXTMGR_E_FORBIDDEN, "no access to this host", 403, "no access to this host"},
		{EXTMGR_E_HOST, "pool at 10.0.0.1 is down", 500, "Internal server error"},
		{EXTMGR_E_CONNECTION, "10.0.0.1: refused", 502, "the database cannot be reached"},
		{-12345, NULL, 500, "Internal server error"},
		{EXTMGR_OK, NULL, 500, "Internal server error"}, /* but no target */
		{5, NULL, 500, "Internal server error"},
	};
	struct host *host = *state;

	host->gives_no_target = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		host->credentials_answer = cases[i].answer;
		host->host_message = cases[i].said;
		ask(host, "GET", BASE "/extensions" QUERY);
		assert_error(host, cases[i].status, cases[i].message);
	}
}

static void databases_that_refuse(void **state)
{
	static const struct {
		extmgr_result answer;
		int status;
		const char *message;
	} cases[] = {
		{EXTMGR_E_AUTHENTICATION, 401, "invalid database credentials"},
		{EXTMGR_E_CONNECTION, 502, "the database cannot be reached"},
		{EXTMGR_E_LOCKED, 503,
		 "the database is busy: a lock was not had in time, try again"},
		{EXTMGR_E_HOST, 500, "Internal server error"},
	};
	struct host *host = *state;

	host->world->fake.message = "server db-17 said no";
	for (size_t i = 0; i < OPERATIONS; i++) {
		for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			host->world->fake.answers[CALL_OPEN] = cases[j].answer;
			ask_operation(host, i, BASIC);
			assert_error(host, cases[j].status, cases[j].message);
		}
	}
}

static void causes_are_added_on_request(void **state)
{
	struct host *host = *state;
	extmgr_rest_options options = options_of(host);

	options.flags = EXTMGR_REST_ADD_CAUSE;
	open_rest(host, &options);
	host->world->fake.answers[CALL_OPEN] = EXTMGR_E_HOST;
	host->world->fake.message = "mock error";
	for (size_t i = 0; i < OPERATIONS; i++) {
		assert_int_equal(ask_operation(host, i, BASIC), 500);
		assert_non_null(strstr(body_of(host), "Internal server error: "));
		assert_non_null(strstr(body_of(host), "mock error"));
	}
}

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
	assert_string_equal(body_of(host), operations[1].answer);
	/* Both paths have that form: which one is meant depends on the method alone. */
	ask(host, "DELETE", BASE "/installations/x/upgrade" QUERY);
	assert_string_equal(extmgr_rest_response_get_route(host->response), "UninstallExtension");
}

/* ---- authorize ---- */

static void routes_can_be_refused(void **state)
{
	struct host *host = *state;
	extmgr_rest_options options = options_of(host);

	options.authorize = allow;
	open_rest(host, &options);
	assert_int_equal(ask(host, "GET", BASE "/extensions/x/1" QUERY), 200);
	assert_int_equal(host->authorize_calls, 1);
	assert_int_equal(host->credentials_calls, 1);
	host->authorize_answer = EXTMGR_E_FORBIDDEN;
	ask(host, "PUT", BASE "/extensions/x%20y/1/install" QUERY);
	assert_error(host, 403, "this is not allowed");
	assert_string_equal(host->seen, "PUT InstallExtension x y");
	host->host_message = "only for operators";
	ask(host, "GET", BASE "/extensions" QUERY);
	assert_error(host, 403, "only for operators");
	assert_string_equal(host->seen, "GET ListAvailableExtensions -");
	host->authorize_answer = EXTMGR_E_UNAUTHORIZED;
	ask(host, "GET", BASE "/extensions" QUERY);
	assert_error(host, 401, "only for operators");
	host->authorize_answer = 1;
	host->host_message = NULL;
	ask(host, "GET", BASE "/extensions" QUERY);
	assert_error(host, 403, "this is not allowed");
	assert_int_equal(host->credentials_calls, 1);
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
		int32_t status = ask_question(
			host, &(struct question){"POST", operations[6].target, BASIC, cases[i].type,
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
	struct question question = {
		"POST", operations[6].target, BASIC, "application/json", body, size, "r-1", NULL};

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
	question.target = operations[3].target;
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
	struct question question = {"PUT", operations[3].target, BASIC, NULL, NULL, 0, "r-1", NULL};

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
	assert_int_equal(ask(host, "PUT", operations[3].target), 504);
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

/* ---- OpenAPI ---- */

static void openapi_document(void **state)
{
	struct host *host = *state;
	extmgr_text *text = NULL;
	const char *document;

	assert_int_equal(extmgr_rest_get_openapi("7<8", &text, NULL), EXTMGR_OK);
	document = extmgr_text_get_data(text);
	assert_memory_equal(document, "{\n    \"openapi\": \"3.0.0\",\n    \"info\": {\n", 40);
	assert_non_null(strstr(document, "        \"version\": \"7<8\"\n    },\n"));
	for (size_t i = 0; i < OPERATIONS; i++) {
		char wanted[100];

		(void)snprintf(wanted, sizeof(wanted), "\"operationId\": \"%s\"",
			       operations[i].route);
		assert_non_null(strstr(document, wanted));
	}
	extmgr_text_free(text);
	assert_int_equal(extmgr_rest_get_openapi("\x7f", &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_null(text);
	assert_int_equal(extmgr_rest_get_openapi(NULL, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);

	assert_int_equal(extmgr_rest_get_openapi(NULL, &text, NULL), EXTMGR_OK);
	assert_int_equal(ask_question(host, &(struct question){"GET", "/openapi.json", NULL, NULL,
							       NULL, 0, NULL, NULL}),
			 200);
	assert_memory_equal(body_of(host), extmgr_text_get_data(text),
			    extmgr_text_get_length(text));
	extmgr_text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REST(every_operation_answers),
		WITH_REST(operations_need_credentials_first),
		WITH_REST(credentials_reach_the_host),
		WITH_REST(the_host_refuses_credentials),
		WITH_REST(databases_that_refuse),
		WITH_REST(causes_are_added_on_request),
		WITH_REST(paths),
		WITH_REST(long_targets),
		WITH_REST(many_query_parameters),
		WITH_REST(other_methods),
		WITH_REST(routes_can_be_refused),
		WITH_REST(bodies),
		WITH_REST(large_and_deep_bodies),
		WITH_REST(request_ids),
		WITH_REST(cancelled_requests),
		WITH_REST(late_requests),
		WITH_REST(wrong_options),
		WITH_REST(wrong_calls),
		WITH_REST(openapi_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
