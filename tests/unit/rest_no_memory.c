/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation of a request, for many n: each has its response all the
 * same, one that says success has done it, and the next request is served as if nothing had been.
 */
#include "manager_world.h"

#include "failing_malloc.h"

#define BASE  "/api/v1/extensionmanager"
#define QUERY "?dbHost=h&dbPort=1"

static const struct request {
	const char *method;
	const char *target;
	const char *authorization;
	const char *body;
	int status;
	bool commits;
} requests[] = {
	{"GET", BASE "/extensions" QUERY, "Basic YTpi", NULL, 200, false},
	{"GET", BASE "/extensions/x/1" QUERY, "Bearer t", NULL, 200, false},
	{"PUT", BASE "/extensions/x/1/install" QUERY, "Basic YTpi", NULL, 204, true},
	{"POST", BASE "/installations/x/1/instances" QUERY, "Basic YTpi",
	 "{\"parameterValues\":[{\"name\":\"p\",\"value\":\"v\"}]}", 200, true},
	{"POST", BASE "/installations/x/1/instances" QUERY, "Basic YTpi", "{\"a\":1}", 400, false},
	{"GET", BASE "/extensions/y/1" QUERY, "Basic YTpi", NULL, 404, false},
	{"GET", BASE "/overview" QUERY, "Basic YTpi", NULL, 200, false},
	{"GET", BASE "/operations/r" QUERY, "Basic YTpi", NULL, 404, false},
	{"GET", "/openapi.json", NULL, NULL, 200, false},
	{"GET", BASE "/extensions", "Basic x", NULL, 401, false},
	{"POST", BASE "/extensions", NULL, NULL, 405, false},
};

static extmgr_result give_target(void *user_data, const extmgr_rest_credentials *credentials,
				 extmgr_rest_target *target, extmgr_error **error_out)
{
	extmgr_target_options options;
	struct world *world = user_data;

	(void)credentials;
	/* What the fake database takes are the statements of the definition alone. */
	extmgr_target_options_init(&options, sizeof(options));
	options.history = EXTMGR_HISTORY_OFF;
	return extmgr_rest_target_use(target, world->database, world->files, &options, error_out);
}

static int32_t handle(struct world *world, extmgr_rest *rest, const struct request *with)
{
	extmgr_rest_response *response = NULL;
	extmgr_rest_request request;
	extmgr_rest_field headers[] = {{"Content-Type", "application/json"},
				       {"Authorization", with->authorization}};
	int32_t status;
	size_t length;

	extmgr_rest_request_init(&request, sizeof(request));
	request.method = with->method;
	request.target = with->target;
	request.headers = headers;
	request.header_count = 2;
	request.body = with->body;
	request.body_length = with->body ? strlen(with->body) : 0;
	world->fake.calls[0] = '\0';
	assert_int_equal(extmgr_rest_handle(rest, &request, &response, NULL), EXTMGR_OK);
	status = extmgr_rest_response_get_status(response);
	(void)extmgr_rest_response_get_body(response, &length);
	if (status != 204)
		assert_true(length > 0);
	if (status == 500)
		assert_null(strstr(extmgr_rest_response_get_body(response, NULL), "memory"));
	extmgr_rest_response_free(response);
	return status;
}

static void out_of_memory(void **state)
{
	struct world *world = *state;
	extmgr_rest_options options;
	extmgr_rest *rest = NULL;

	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = give_target;
	options.user_data = world;
	assert_int_equal(extmgr_rest_new(world->context, world->registry, &options, &rest, NULL),
			 EXTMGR_OK);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct request *request = &requests[i];
		unsigned long allocations;
		unsigned long stride;

		/* Twice: what is kept for later requests is there then. */
		(void)handle(world, rest, request);
		failing_malloc_from(0);
		assert_int_equal(handle(world, rest, request), request->status);
		allocations = failing_malloc_count();
		stride = failing_malloc_stride(allocations, 100);
		for (unsigned long n = 1; n <= allocations; n += n < 50 ? 1 : stride) {
			int32_t status;

			failing_malloc_from(n);
			status = handle(world, rest, request);
			failing_malloc_from(0);
			assert_true(status == request->status || status == 500);
			if (status == request->status)
				assert_int_equal(strstr(world->fake.calls, "commit") != NULL,
						 request->commits);
		}
		assert_int_equal(handle(world, rest, request), request->status);
	}
	extmgr_rest_free(rest);
}

static void no_interface_without_memory(void **state)
{
	struct world *world = *state;
	extmgr_rest_options options;
	extmgr_rest *rest = NULL;
	extmgr_result result = EXTMGR_E_NO_MEMORY;

	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = give_target;
	options.version = "1";
	for (unsigned long n = 1; result != EXTMGR_OK; n++) {
		failing_malloc_from(n);
		result = extmgr_rest_new(world->context, world->registry, &options, &rest, NULL);
		failing_malloc_from(0);
		assert_true(result == EXTMGR_OK || result == EXTMGR_E_NO_MEMORY);
		assert_int_equal(result == EXTMGR_OK, rest != NULL);
	}
	extmgr_rest_free(rest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(out_of_memory),
		WITH_WORLD(no_interface_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
