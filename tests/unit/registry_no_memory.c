/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation, for many n, on the way from a registry on the web through
 * the cache directory to a definition with a signature. Each run ends in an error or in success,
 * without a leak (sanitizer, valgrind).
 */
#include "test.h"

#include "failing_malloc.h"

#include <extmgr/extmgr.h>

#include <unistd.h>

static const char index_text[] = "{\"serial\":1,\"expires\":\"2999-01-01\",\"extensions\":[{\"id\":"
				 "\"a\",\"url\":\"a.js\",\"version\":\"1.0.0\"}],"
				 "\"bundles\":[{\"id\":\"b\",\"url\":\"b.supx\"}]}";
static const char source[] = "/* a definition */";
static const char signature[] = "untrusted comment: x\nRUQ=\ntrusted comment: y\nAA==\n";

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	const char *url = extmgr_http_request_get_url(request);
	const char *body = strstr(url, ".minisig")  ? signature
			   : strstr(url, ".json")   ? index_text
			   : strstr(url, ".sha256") ? NULL
						    : source;
	extmgr_result result = extmgr_http_response_set_status(response, body ? 200 : 404);

	(void)user_data;
	(void)operation;
	(void)error;
	if (result == EXTMGR_OK)
		result = extmgr_http_response_add_header(response, "ETag", 4, "\"x\"", 3);
	if (result == EXTMGR_OK && body)
		result = extmgr_http_response_append(response, body, strlen(body));
	return result;
}

static extmgr_result set_trust(extmgr_context *context, extmgr_error **error)
{
	static const char key[] = "RWSJ1rT3ifZXVwJ/r+9gZNVJ6GWewaiHgafEh3lLigTIT/IeawIoHiD1";
	static const char *const patterns[] = {"b*", "a"};
	extmgr_trust *trust = NULL;
	extmgr_text *text = NULL;
	extmgr_result result = extmgr_trust_new(&trust, error);

	if (result == EXTMGR_OK)
		result = extmgr_trust_set_policy(trust, EXTMGR_TRUST_ANY, error);
	if (result == EXTMGR_OK)
		result = extmgr_trust_add_key(trust, key, patterns, 2, error);
	if (result == EXTMGR_OK)
		result = extmgr_context_set_trust(context, trust, error);
	if (result == EXTMGR_OK && extmgr_trust_copy_fingerprint(trust, &text) == EXTMGR_OK)
		extmgr_text_free(text);
	extmgr_trust_free(trust);
	return result;
}

/* The whole way; the first failure ends it. */
static extmgr_result run(const char *cache)
{
	extmgr_context_options options;
	extmgr_http_callbacks callbacks;
	extmgr_http *http = NULL;
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_registry_list *list = NULL;
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.get = get;
	result = extmgr_http_new(&callbacks, NULL, &http, &error);
	extmgr_context_options_init(&options, sizeof(options));
	options.http = http;
	options.cache_directory = cache;
	if (result == EXTMGR_OK)
		result = extmgr_context_new(&options, &context, &error);
	if (result == EXTMGR_OK)
		result = set_trust(context, &error);
	if (result == EXTMGR_OK)
		result = extmgr_registry_open(context, "http://u:p@h/r.json", &registry, &error);
	if (result == EXTMGR_OK)
		result = extmgr_registry_list_entries(registry, &list, &error);
	if (result == EXTMGR_OK)
		result = extmgr_registry_list_to_json(list, &text, &error);
	extmgr_text_free(text);
	text = NULL;
	if (result == EXTMGR_OK)
		result = extmgr_registry_read(registry, "a", &text, &error);
	if (result == EXTMGR_OK)
		assert_string_equal(extmgr_text_get_data(text), source);
	if (result == EXTMGR_OK)
		result = extmgr_registry_refresh(registry, NULL, &error);
	extmgr_text_free(text);
	text = NULL;
	/* The index, its definition and its bundle are no good: told is all of it, or nothing. */
	if (result >= 0)
		result = extmgr_registry_verify(context, registry, NULL, &text, &error);
	if (result >= 0) {
		assert_int_equal(result, EXTMGR_PARTIAL);
		assert_non_null(strstr(extmgr_text_get_data(text), "\"wrong\":3"));
	}
	assert_true((result < 0) == (error != NULL));
	extmgr_error_free(error);
	extmgr_text_free(text);
	extmgr_registry_list_free(list);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
	extmgr_http_free(http);
	return result;
}

static void clear(const char *cache)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", cache);
	assert_int_equal(system(command), 0);
}

static void test_no_allocation_is_trusted(void **state)
{
	char parent[] = "/tmp/extmgr-test-XXXXXX";
	char cache[64];
	unsigned long allocations;
	unsigned long stride;

	(void)state;
	assert_non_null(mkdtemp(parent));
	(void)snprintf(cache, sizeof(cache), "%s/cache", parent);
	failing_malloc_from(0);
	assert_true(run(cache) >= 0);
	/* Once with a cache that is full, once with none. */
	for (int cold = 0; cold < 2; cold++) {
		if (cold)
			clear(cache);
		failing_malloc_from(0);
		assert_true(run(cache) >= 0);
		allocations = failing_malloc_count();
		stride = failing_malloc_stride(allocations, 150);
		for (unsigned long n = 1; n <= allocations; n += stride) {
			if (cold)
				clear(cache);
			failing_malloc_from(n);
			(void)run(cache);
			failing_malloc_from(0);
			assert_true(run(cache) >= 0);
		}
		print_message("# %lu allocations, every %lu. failed\n", allocations, stride);
	}
	clear(parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_allocation_is_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
