/* SPDX-License-Identifier: MIT */
/* A host's own callback for fetching: what it is told, and what it may answer. */
#include "test.h"

#include "host/http.h"

#include <extmgr/extmgr.h>

struct host {
	int32_t status; /* 0: says none */
	const char *location;
	const char *body;
	extmgr_result answer;
	const char *message;
	int calls;
	int destroyed;
	char url[256];
	char headers[256];
	extmgr_result appended;
};

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	struct host *host = user_data;
	const char *header;

	(void)operation;
	host->calls++;
	(void)snprintf(host->url, sizeof(host->url), "%s", extmgr_http_request_get_url(request));
	host->headers[0] = '\0';
	for (size_t i = 0; (header = extmgr_http_request_get_header(request, i)); i++) {
		size_t length = strlen(host->headers);

		(void)snprintf(host->headers + length, sizeof(host->headers) - length, "%s|",
			       header);
	}
	if (host->status)
		assert_int_equal(extmgr_http_response_set_status(response, host->status),
				 EXTMGR_OK);
	if (host->location)
		assert_int_equal(extmgr_http_response_add_header(response, "LOCATION", 8,
								 host->location,
								 strlen(host->location)),
				 EXTMGR_OK);
	assert_int_equal(extmgr_http_response_add_header(response, "etag", 4, "\"a\\b\" \r\n", 8),
			 EXTMGR_OK);
	if (host->body)
		host->appended =
			extmgr_http_response_append(response, host->body, strlen(host->body));
	if (host->message)
		extmgr_host_error_set(error, 42, NULL, host->message, strlen(host->message));
	return host->answer;
}

static void count_destroy(void *user_data)
{
	((struct host *)user_data)->destroyed++;
}

static extmgr_http *make(struct host *host)
{
	extmgr_http_callbacks callbacks;
	extmgr_http *http = NULL;

	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.get = get;
	callbacks.destroy = count_destroy;
	assert_int_equal(extmgr_http_new(&callbacks, host, &http, NULL), EXTMGR_OK);
	return http;
}

static extmgr_result fetch_from(const char *url, extmgr_http *http,
				struct extmgr__http_answer *answer, extmgr_error **error)
{
	const struct extmgr__http_fetch what = {.url = url, .etag = "\"e\"", .maximum = 10};

	return extmgr__http_get(http, NULL, &what, answer, error);
}

static extmgr_result fetch(extmgr_http *http, struct extmgr__http_answer *answer,
			   extmgr_error **error)
{
	return fetch_from("http://u:secret@host/x?secret", http, answer, error);
}

static void test_callbacks_are_checked(void **state)
{
	extmgr_http_callbacks callbacks;
	extmgr_http *http = (extmgr_http *)&http;
	struct host host = {0};

	(void)state;
	extmgr_http_callbacks_init(NULL, sizeof(callbacks));
	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	assert_int_equal(extmgr_http_new(&callbacks, &host, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_http_new(NULL, &host, &http, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_null(http);
	assert_int_equal(extmgr_http_new(&callbacks, &host, &http, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	callbacks.get = get;
	callbacks.flags = 1;
	assert_int_equal(extmgr_http_new(&callbacks, &host, &http, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	callbacks.flags = 0;
	callbacks.struct_size = 8;
	assert_int_equal(extmgr_http_new(&callbacks, &host, &http, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(host.destroyed, 0);
	extmgr_http_free(NULL);
}

static void test_what_a_callback_gets_and_gives(void **state)
{
	struct host host = {.status = 200, .body = "content"};
	struct extmgr__http_answer answer;
	extmgr_http *http = make(&host);

	(void)state;
	assert_int_equal(fetch(http, &answer, NULL), EXTMGR_OK);
	assert_string_equal(host.url, "http://u:secret@host/x?secret");
	assert_string_equal(host.headers, "If-None-Match: \"e\"|");
	assert_int_equal(answer.status, 200);
	assert_string_equal(extmgr__buffer_get(&answer.body), "content");
	assert_string_equal(answer.headers[EXTMGR__HTTP_ETAG], "\"a\\b\"");
	assert_null(answer.headers[EXTMGR__HTTP_LOCATION]);
	extmgr__http_answer_free(&answer);
	extmgr_http_free(http);
	assert_int_equal(host.destroyed, 1);
}

static void test_a_body_is_bounded(void **state)
{
	struct host host = {.status = 200, .body = "0123456789"};
	struct extmgr__http_answer answer;
	extmgr_http *http = make(&host);
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(fetch(http, &answer, NULL), EXTMGR_OK);
	extmgr__http_answer_free(&answer);
	host.body = "0123456789a";
	/* The host looks away. */
	assert_int_equal(fetch(http, &answer, &error), EXTMGR_E_TOO_LARGE);
	assert_int_equal(host.appended, EXTMGR_E_TOO_LARGE);
	assert_string_equal(extmgr_error_get_message(error),
			    "cannot fetch http://host/x?...: it is larger than 10 bytes");
	extmgr_error_free(error);
	extmgr_http_free(http);
}

static void test_failures_of_a_callback(void **state)
{
	const struct {
		struct host host;
		extmgr_result expected;
		const char *message;
	} cases[] = {
		{{.answer = EXTMGR_E_TRANSFER, .message = "no route"},
		 EXTMGR_E_TRANSFER,
		 "cannot fetch http://host/x?...: no route"},
		{{.answer = EXTMGR_E_TLS, .status = 200}, EXTMGR_E_TLS, "gave no reason"},
		{{.answer = 17}, EXTMGR_E_HOST, "gave no reason"},
		{{.answer = -9999}, EXTMGR_E_HOST, "gave no reason"},
		{{.status = 0}, EXTMGR_E_HOST, "gave no status"},
		{{.status = 302, .location = "file:///x"}, EXTMGR_E_REDIRECT, "no http or https"},
		{{.status = 302, .location = "http://host/y"}, EXTMGR_E_REDIRECT, "more than 10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host host = cases[i].host;
		struct extmgr__http_answer answer;
		extmgr_http *http = make(&host);
		extmgr_error *error = NULL;

		assert_int_equal(fetch(http, &answer, &error), cases[i].expected);
		if (!strstr(extmgr_error_get_message(error), cases[i].message) ||
		    strstr(extmgr_error_get_message(error), "secret"))
			fail_msg("%s", extmgr_error_get_message(error));
		assert_int_equal(host.calls, cases[i].expected == EXTMGR_E_REDIRECT &&
							     strstr(host.location, "http")
						     ? 11
						     : 1);
		extmgr_error_free(error);
		extmgr_http_free(http);
	}
}

static void test_a_redirect_never_leaves_https(void **state)
{
	struct host host = {.status = 302, .location = "http://host/y"};
	struct extmgr__http_answer answer;
	extmgr_http *http = make(&host);
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(fetch_from("HTTPS://host/x", http, &answer, &error), EXTMGR_E_REDIRECT);
	assert_non_null(strstr(extmgr_error_get_message(error), "from https to http"));
	assert_int_equal(host.calls, 1);
	extmgr_error_free(error);
	extmgr_http_free(http);
}

static void test_a_redirect_without_a_place_is_an_answer(void **state)
{
	struct host host = {.status = 302, .body = "x"};
	struct extmgr__http_answer answer;
	extmgr_http *http = make(&host);

	(void)state;
	assert_int_equal(fetch(http, &answer, NULL), EXTMGR_OK);
	assert_int_equal(answer.status, 302);
	extmgr__http_answer_free(&answer);
	extmgr_http_free(http);
}

static void test_wrong_arguments(void **state)
{
	(void)state;
	assert_string_equal(extmgr_http_request_get_url(NULL), "");
	assert_null(extmgr_http_request_get_header(NULL, 0));
	assert_int_equal(extmgr_http_response_set_status(NULL, 200), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_http_response_add_header(NULL, "a", 1, "b", 1),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_http_response_append(NULL, "a", 1), EXTMGR_E_INVALID_ARGUMENT);
}

static void test_a_context_keeps_it(void **state)
{
	struct host host = {.status = 200};
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_http *http = make(&host);

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.http = http;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	extmgr_http_free(http);
	assert_int_equal(host.destroyed, 0);
	extmgr_context_free(context);
	assert_int_equal(host.destroyed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_callbacks_are_checked),
		cmocka_unit_test(test_what_a_callback_gets_and_gives),
		cmocka_unit_test(test_a_body_is_bounded),
		cmocka_unit_test(test_failures_of_a_callback),
		cmocka_unit_test(test_a_redirect_never_leaves_https),
		cmocka_unit_test(test_a_redirect_without_a_place_is_an_answer),
		cmocka_unit_test(test_wrong_arguments),
		cmocka_unit_test(test_a_context_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
