/* SPDX-License-Identifier: MIT */
/* The REST handler on a fake database: what operations answer, what they ask of the host. */
#include "rest_world.h"

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
		WITH_REST(every_operation_answers),    WITH_REST(operations_need_credentials_first),
		WITH_REST(credentials_reach_the_host), WITH_REST(the_host_refuses_credentials),
		WITH_REST(databases_that_refuse),      WITH_REST(causes_are_added_on_request),
		WITH_REST(routes_can_be_refused),      WITH_REST(openapi_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
