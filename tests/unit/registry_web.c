/* SPDX-License-Identifier: MIT */
/* A registry on the web, fetched through a host that lives in the test. */
#include "test.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#define INDEX_URL "https://host/registry.json"
#define THREADS   8

struct host {
	const char *index;
	int32_t index_status;  /* 0: 200 */
	atomic_int gets;       /* how many requests there were */
	atomic_int index_gets; /* of them for the index */
	atomic_int fails_at;   /* that request fails; 0: none */
	atomic_int running;    /* requests for the index that run now */
	atomic_bool overlapped;
	uint32_t max_parallel; /* of the context */
	pthread_t caller;      /* who lists */
	atomic_int elsewhere;  /* requests on other threads */
	bool calls_when_logging;
	extmgr_registry *calls; /* from within a request or a log line; NULL: none */
	extmgr_result answers;  /* what came of it */
};

static const char source[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'n', category: 'c', "
	"description: 'd', bucketFsUploads: [], installableVersions: []}};";

/* What a careless host may do: ask the registry that is asking it. */
static void call_from_within(struct host *host)
{
	extmgr_registry_list *list = NULL;
	extmgr_registry *registry = host->calls;

	if (!registry)
		return;
	host->calls = NULL;
	host->answers = extmgr_registry_list_entries(registry, &list, NULL);
	extmgr_registry_list_free(list);
}

static void log_line(void *user_data, int32_t level, const char *component, const char *message,
		     size_t length)
{
	struct host *host = user_data;

	(void)level, (void)component, (void)message, (void)length;
	if (host->index_gets)
		call_from_within(host);
}

static extmgr_result answer(extmgr_http_response *response, int32_t status, const char *body)
{
	static const char no_cache[] = "no-cache";

	if (extmgr_http_response_set_status(response, status) != EXTMGR_OK ||
	    extmgr_http_response_add_header(response, "Cache-Control", 13, no_cache,
					    strlen(no_cache)) != EXTMGR_OK)
		return EXTMGR_E_NO_MEMORY;
	return extmgr_http_response_append(response, body, strlen(body));
}

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	const char *url = extmgr_http_request_get_url(request);
	struct host *host = user_data;
	extmgr_result result;

	(void)operation;
	if (!pthread_equal(pthread_self(), host->caller))
		atomic_fetch_add(&host->elsewhere, 1);
	if (atomic_fetch_add(&host->gets, 1) + 1 == host->fails_at) {
		extmgr_host_error_set(error, 1, NULL, "gone", 4);
		return EXTMGR_E_TRANSFER;
	}
	if (strcmp(url, INDEX_URL) != 0) {
		bool definition = strlen(url) > 3 && strcmp(url + strlen(url) - 3, ".js") == 0;

		return answer(response, definition ? 200 : 404, definition ? source : "");
	}
	if (!host->calls_when_logging)
		call_from_within(host);
	atomic_fetch_add(&host->index_gets, 1);
	if (atomic_fetch_add(&host->running, 1) > 0)
		host->overlapped = true;
	result = answer(response, host->index_status ? host->index_status : 200, host->index);
	atomic_fetch_sub(&host->running, 1);
	return result;
}

static extmgr_registry *open_registry(struct host *host, extmgr_context **context_out,
				      const char *cache, uint32_t flags)
{
	extmgr_http_callbacks callbacks;
	extmgr_context_options options;
	extmgr_registry_options registry_options;
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_http *http = NULL;

	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.get = get;
	assert_int_equal(extmgr_http_new(&callbacks, host, &http, NULL), EXTMGR_OK);
	extmgr_context_options_init(&options, sizeof(options));
	options.http = http;
	options.log = log_line;
	options.user_data = host;
	options.cache_directory = cache;
	options.max_parallel = host->max_parallel;
	host->caller = pthread_self();
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	extmgr_http_free(http);
	extmgr_registry_options_init(&registry_options, sizeof(registry_options));
	registry_options.flags = flags;
	assert_int_equal(extmgr_registry_open_with_options(context, INDEX_URL, &registry_options,
							   &registry, NULL),
			 EXTMGR_OK);
	*context_out = context;
	return registry;
}

static extmgr_result count_of(extmgr_registry *registry, size_t *count)
{
	extmgr_registry_list *list = NULL;
	extmgr_result result = extmgr_registry_list_entries(registry, &list, NULL);

	*count = extmgr_registry_list_get_count(list);
	extmgr_registry_list_free(list);
	return result;
}

static void test_arguments(void **state)
{
	extmgr_registry_options options;
	extmgr_registry *registry = (extmgr_registry *)&registry;
	extmgr_context *context = NULL;
	extmgr_text *text = (extmgr_text *)&text;

	(void)state;
	extmgr_registry_options_init(NULL, sizeof(options));
	extmgr_registry_options_init(&options, sizeof(options));
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	options.flags = 4;
	assert_int_equal(
		extmgr_registry_open_with_options(context, "/tmp", &options, &registry, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_null(registry);
	options.flags = 0;
	options.struct_size = 4;
	assert_int_equal(
		extmgr_registry_open_with_options(context, "/tmp", &options, &registry, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_open_with_options(context, "/tmp", NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_open(context, "http://", &registry, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_open(context, "http://h/ x", &registry, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_open(context, "http://h/", &registry, NULL),
			 EXTMGR_E_UNSUPPORTED);
	assert_int_equal(extmgr_registry_refresh(NULL, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_list_to_json(NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(text);
	assert_int_equal(extmgr_registry_open(context, "/tmp", &registry, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_UNCHANGED);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

/* A refresh tells whether something changed; a failure leaves what is there. */
static void test_refreshing(void **state)
{
	struct host host = {.index = "{\"extensions\":[{\"id\":\"a\"}]}"};
	extmgr_context *context;
	extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
	size_t count;

	(void)state;
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_UNCHANGED);
	host.index = "{\"extensions\":[{\"id\":\"a\"},{\"id\":\"b\"}]}";
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_OK);
	host.index_status = 503;
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_E_HTTP_STATUS);
	assert_int_equal(count_of(registry, &count), EXTMGR_OK);
	assert_int_equal(count, 2);
	host.index_status = 404;
	assert_int_equal(extmgr_registry_refresh(registry, NULL, NULL), EXTMGR_E_HTTP_STATUS);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

/* After a failure the server is left in peace for a while. */
static void test_a_server_that_is_down_is_not_asked_by_everybody(void **state)
{
	struct host host = {.index = "{\"extensions\":[{\"id\":\"a\"}]}"};
	extmgr_context *context;
	extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
	size_t count;

	(void)state;
	assert_int_equal(count_of(registry, &count), EXTMGR_OK);
	host.index_status = 503;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(count_of(registry, &count), EXTMGR_OK);
		assert_int_equal(count, 1);
	}
	assert_int_equal(host.index_gets, 2);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

static void *list_many(void *argument)
{
	extmgr_registry *registry = argument;
	extmgr_text *text = NULL;
	size_t count = 0;
	bool good = true;

	for (int i = 0; i < 20; i++) {
		good = good && count_of(registry, &count) == EXTMGR_OK && count == 2;
		good = good &&
		       extmgr_registry_read(registry, i % 2 ? "a" : "b", &text, NULL) == EXTMGR_OK;
		extmgr_text_free(text);
		text = NULL;
	}
	return good ? registry : NULL;
}

static void test_threads_share_a_registry(void **state)
{
	struct host host = {.index = "{\"extensions\":[{\"id\":\"a\",\"url\":\"a.js\"},{\"id\":"
				     "\"b\",\"url\":\"b.js\"}]}"};
	extmgr_context *context;
	extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, list_many, registry), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good = NULL;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_non_null(good);
	}
	assert_false(host.overlapped);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

/* Each request fails in turn, cold and with something in the cache. */
static void test_each_request_fails_in_turn(void **state)
{
	struct host host = {.index = "{\"extensions\":[{\"id\":\"a\",\"url\":\"a.js\"},{\"id\":"
				     "\"b\",\"url\":\"b.js\"}]}"};
	bool done = false;

	(void)state;
	for (int n = 1; !done; n++) {
		extmgr_context *context;
		extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
		extmgr_extension_list *list = NULL;
		extmgr_manager *manager = NULL;
		extmgr_result result;

		host.gets = 0;
		host.fails_at = n;
		assert_int_equal(
			extmgr_manager_new(context, registry, NULL, NULL, NULL, &manager, NULL),
			EXTMGR_OK);
		result = extmgr_manager_list_extensions(manager, EXTMGR_LIST_AVAILABLE, NULL, &list,
							NULL);
		done = host.gets < n;
		if (n == 1)
			assert_int_equal(result, EXTMGR_E_TRANSFER);
		else
			assert_int_equal(result, done ? EXTMGR_OK : EXTMGR_PARTIAL);
		extmgr_extension_list_free(list);
		/* Again, and it works. */
		host.fails_at = 0;
		assert_int_equal(extmgr_manager_list_extensions(manager, EXTMGR_LIST_AVAILABLE,
								NULL, &list, NULL),
				 EXTMGR_OK);
		extmgr_extension_list_free(list);
		extmgr_manager_free(manager);
		extmgr_registry_free(registry);
		extmgr_context_free(context);
	}
}

static void test_a_callback_that_calls_its_registry(void **state)
{
	(void)state;
	for (int logging = 0; logging < 2; logging++) {
		struct host host = {.index = "{\"extensions\": [{\"id\": \"x\", \"url\": \"x.js\"},"
					     "{\"id\": \"x\", \"url\": \"x.js\"}]}",
				    .calls_when_logging = logging};
		extmgr_context *context;
		extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
		size_t count;

		host.calls = registry;
		assert_int_equal(count_of(registry, &count), EXTMGR_OK);
		assert_int_equal(count, 1);
		assert_null(host.calls);
		assert_int_equal(host.answers, EXTMGR_E_INVALID_ARGUMENT);
		extmgr_registry_free(registry);
		extmgr_context_free(context);
	}
}

static void test_who_fetches_what_is_listed(void **state)
{
	static const char index[] = "{\"extensions\":[{\"id\":\"a\",\"url\":\"a.js\"},{\"id\":"
				    "\"b\",\"url\":\"b.js\"}]}";

	(void)state;
	for (uint32_t threads = 1; threads <= 2; threads++) {
		struct host host = {.index = index, .max_parallel = threads};
		extmgr_context *context;
		extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
		extmgr_extension_list *list = NULL;
		extmgr_manager *manager = NULL;

		assert_int_equal(
			extmgr_manager_new(context, registry, NULL, NULL, NULL, &manager, NULL),
			EXTMGR_OK);
		assert_int_equal(extmgr_manager_list_extensions(manager, EXTMGR_LIST_AVAILABLE,
								NULL, &list, NULL),
				 EXTMGR_OK);
		assert_int_equal(host.elsewhere > 0, threads > 1);
		extmgr_extension_list_free(list);
		extmgr_manager_free(manager);
		extmgr_registry_free(registry);
		extmgr_context_free(context);
	}
}

static void test_an_operation_that_is_over(void **state)
{
	struct host host = {.index = "{}"};
	extmgr_context *context;
	extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
	extmgr_operation *operation = NULL;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	extmgr_operation_cancel(operation);
	assert_int_equal(extmgr_registry_refresh(registry, operation, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(host.gets, 0);
	extmgr_operation_free(operation);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

/* What is in memory is judged anew when the trust changes. */
static void test_trust_that_changes(void **state)
{
	struct host host = {.index = "{\"extensions\":[{\"id\":\"a\",\"url\":\"a.js\"}]}"};
	extmgr_context *context;
	extmgr_registry *registry = open_registry(&host, &context, NULL, 0);
	extmgr_trust *trust = NULL;
	extmgr_text *text = NULL;

	(void)state;
	assert_int_equal(extmgr_registry_read(registry, "a", &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	assert_int_equal(extmgr_trust_new(&trust, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_trust_set_policy(trust, EXTMGR_TRUST_SIGNED, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_context_set_trust(context, trust, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_read(registry, "a", &text, NULL),
			 EXTMGR_E_SIGNATURE_MISSING);
	assert_null(text);
	assert_int_equal(extmgr_context_set_trust(context, NULL, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_read(registry, "a", &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	extmgr_trust_free(trust);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_refreshing),
		cmocka_unit_test(test_a_server_that_is_down_is_not_asked_by_everybody),
		cmocka_unit_test(test_threads_share_a_registry),
		cmocka_unit_test(test_each_request_fails_in_turn),
		cmocka_unit_test(test_a_callback_that_calls_its_registry),
		cmocka_unit_test(test_who_fetches_what_is_listed),
		cmocka_unit_test(test_an_operation_that_is_over),
		cmocka_unit_test(test_trust_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
