/* SPDX-License-Identifier: MIT */
/* Artifacts by download: each callback of files and HTTP fails in turn, and nothing is left. */
#include "test.h"

#include <extmgr/extmgr.h>

#include <stdbool.h>
#include <unistd.h>

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct host {
	/* what the callbacks answer */
	extmgr_result lists, gets, creates, writes, finishes;
	const char *body;
	size_t pieces; /* the body is sent so many times */
	int32_t status;
	const char *folder;        /* for what is asked of a registry on the web */
	extmgr_operation *cancels; /* within get */
	bool is_there;             /* a file of that name */
	/* what they saw */
	int open;      /* files that were begun and not finished */
	int committed; /* that became visible */
	int requests;
	char content[64];
	size_t length;
};

struct world {
	char folder[64];
	struct host host;
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_files *files;
	extmgr_manager *manager;
};

static extmgr_result list(void *user_data, extmgr_operation *operation, extmgr_file_list *files,
			  extmgr_host_error *error)
{
	const struct host *host = user_data;

	(void)operation;
	(void)error;
	if (host->is_there)
		assert_int_equal(extmgr_file_list_append(files, "/store/x.jar", 7), EXTMGR_OK);
	return host->lists;
}

static extmgr_result create(void *user_data, extmgr_operation *operation, const char *name,
			    void **file_out, extmgr_host_error *error)
{
	struct host *host = user_data;

	(void)operation;
	assert_string_equal(name, "x.jar");
	if (host->creates) {
		extmgr_host_error_set(error, 5, NULL, "the disk is full", 16);
		return host->creates;
	}
	host->open++;
	host->length = 0;
	*file_out = host;
	return EXTMGR_OK;
}

static extmgr_result write_bytes(void *user_data, void *file, const void *bytes, size_t length,
				 extmgr_host_error *error)
{
	struct host *host = user_data;

	(void)error;
	assert_ptr_equal(file, host);
	assert_true(host->length + length <= sizeof(host->content));
	memcpy(host->content + host->length, bytes, length);
	host->length += length;
	return host->writes;
}

static extmgr_result finish(void *user_data, void *file, uint32_t commit, extmgr_host_error *error)
{
	struct host *host = user_data;

	(void)error;
	assert_ptr_equal(file, host);
	host->open--;
	if (!commit)
		return EXTMGR_OK;
	host->committed += host->finishes == EXTMGR_OK;
	return host->finishes;
}

/* /registry/index and /registry/x.js, and nothing beside them. */
static extmgr_result get_definition(const struct host *host, const char *url,
				    extmgr_http_response *response)
{
	static const char index[] = "{\"extensions\": [{\"id\": \"x\", \"url\": \"x.js\"}]}";
	const char *name = strrchr(url, '/');
	char content[2048];
	char path[128];
	size_t length = 0;
	FILE *file;

	assert_int_equal(extmgr_http_response_set_status(response, 200), EXTMGR_OK);
	if (strcmp(name, "/index") == 0)
		return extmgr_http_response_append(response, index, strlen(index));
	snprintf(path, sizeof(path), "%s%s", host->folder, name);
	file = fopen(path, "r");
	if (!file)
		return extmgr_http_response_set_status(response, 404);
	length = fread(content, 1, sizeof(content), file);
	fclose(file);
	return extmgr_http_response_append(response, content, length);
}

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	struct host *host = user_data;
	extmgr_result result = EXTMGR_OK;

	(void)operation;
	(void)error;
	if (strstr(extmgr_http_request_get_url(request), "/registry"))
		return get_definition(host, extmgr_http_request_get_url(request), response);
	host->requests++;
	assert_int_equal(extmgr_http_response_set_status(response, host->status), EXTMGR_OK);
	if (strstr(extmgr_http_request_get_url(request), "/moved")) {
		/* A body before the redirect is none of the file's. */
		result = extmgr_http_response_append(response, "rubbish", 7);
		assert_int_equal(extmgr_http_response_set_status(response, 302), EXTMGR_OK);
		assert_int_equal(extmgr_http_response_add_header(response, "location", 8, "x", 1),
				 EXTMGR_OK);
		return EXTMGR_OK;
	}
	extmgr_operation_cancel(host->cancels);
	for (size_t i = 0; i < host->pieces && result == EXTMGR_OK; i++)
		result = extmgr_http_response_append(response, host->body, strlen(host->body));
	return result == EXTMGR_OK ? host->gets : result;
}

static void write_definition(const struct world *world, const char *url, int size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/x.js", world->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
		"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'X', "
		"category: '', description: '', bucketFsUploads: [{name: 'Driver', "
		"bucketFsFilename: 'x.jar', fileSize: %d, downloadUrl: '%s', licenseUrl: '', "
		"sha256: '" HELLO "'}], installableVersions: [{name: '1.0.0', latest: true, "
		"deprecated: false}]}};",
		size, url);
	assert_int_equal(fclose(file), 0);
}

static void make_manager(struct world *world, uint32_t flags)
{
	extmgr_target_options target;

	extmgr_manager_free(world->manager);
	extmgr_target_options_init(&target, sizeof(target));
	target.flags = flags;
	assert_int_equal(extmgr_manager_new(world->context, world->registry, NULL, world->files,
					    &target, &world->manager, NULL),
			 EXTMGR_OK);
}

static void make_store(struct world *world, bool writable)
{
	extmgr_files_callbacks callbacks;

	extmgr_files_free(world->files);
	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list;
	if (writable) {
		callbacks.create = create;
		callbacks.write = write_bytes;
		callbacks.finish = finish;
	}
	assert_int_equal(extmgr_files_new(&callbacks, &world->host, &world->files, NULL),
			 EXTMGR_OK);
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	extmgr_context_options options;
	extmgr_http_callbacks callbacks;
	extmgr_http *http = NULL;

	assert_non_null(world);
	world->host = (struct host){.body = "hello", .pieces = 1, .status = 200};
	snprintf(world->folder, sizeof(world->folder), "/tmp/extmgr-download.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->host.folder = world->folder;
	write_definition(world, "https://host.example/x", 5);
	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.get = get;
	assert_int_equal(extmgr_http_new(&callbacks, &world->host, &http, NULL), EXTMGR_OK);
	extmgr_context_options_init(&options, sizeof(options));
	options.http = http;
	assert_int_equal(extmgr_context_new(&options, &world->context, NULL), EXTMGR_OK);
	extmgr_http_free(http);
	assert_int_equal(
		extmgr_registry_open(world->context, world->folder, &world->registry, NULL),
		EXTMGR_OK);
	make_store(world, true);
	make_manager(world, EXTMGR_TARGET_ALLOW_DOWNLOAD);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	char path[128];

	extmgr_manager_free(world->manager);
	extmgr_files_free(world->files);
	extmgr_registry_free(world->registry);
	extmgr_context_free(world->context);
	snprintf(path, sizeof(path), "%s/x.js", world->folder);
	unlink(path);
	rmdir(world->folder);
	free(world);
	return 0;
}

static extmgr_result fetch(const struct world *world, extmgr_operation *operation)
{
	extmgr_call_options options;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	result = extmgr_manager_fetch_artifacts(world->manager, "x", NULL, &options, &report,
						&error);
	assert_int_equal(extmgr_error_get_code(error), result);
	assert_true((report != NULL) == (result == EXTMGR_OK));
	assert_int_equal(world->host.open, 0);
	extmgr_text_free(report);
	extmgr_error_free(error);
	return result;
}

static void assert_fails(struct world *world, extmgr_result expected)
{
	assert_int_equal(fetch(world, NULL), expected);
	assert_int_equal(world->host.committed, 0);
}

static void test_the_whole_file_is_committed_once(void **state)
{
	struct world *world = *state;

	assert_int_equal(fetch(world, NULL), EXTMGR_OK);
	assert_int_equal(world->host.committed, 1);
	assert_int_equal(world->host.length, 5);
	assert_memory_equal(world->host.content, "hello", 5);
}

static void test_each_callback_fails_in_turn(void **state)
{
	struct world *world = *state;
	struct host *host = &world->host;
	const struct host good = *host;

	host->lists = EXTMGR_E_IO;
	assert_fails(world, EXTMGR_E_IO);
	*host = good;
	host->gets = EXTMGR_E_TRANSFER;
	assert_fails(world, EXTMGR_E_TRANSFER);
	*host = good;
	host->creates = EXTMGR_E_IO;
	assert_fails(world, EXTMGR_E_IO);
	*host = good;
	host->writes = EXTMGR_E_IO;
	assert_fails(world, EXTMGR_E_IO);
	*host = good;
	host->finishes = EXTMGR_E_IO;
	assert_fails(world, EXTMGR_E_IO);
	*host = good;
	host->status = 503;
	assert_fails(world, EXTMGR_E_HTTP_STATUS);
}

static void test_other_content_is_never_committed(void **state)
{
	struct world *world = *state;

	world->host.body = "hellx";
	assert_fails(world, EXTMGR_E_ARTIFACT_CHECKSUM);
	world->host.body = "hell";
	assert_fails(world, EXTMGR_E_ARTIFACT_CHECKSUM);
	world->host.pieces = 0;
	assert_fails(world, EXTMGR_E_ARTIFACT_CHECKSUM);
	world->host.body = "hello";
	world->host.pieces = 2;
	assert_fails(world, EXTMGR_E_TOO_LARGE);
}

static void test_the_body_of_a_redirect_is_dropped(void **state)
{
	struct world *world = *state;

	write_definition(world, "https://host.example/moved", -1);
	assert_int_equal(fetch(world, NULL), EXTMGR_OK);
	assert_int_equal(world->host.requests, 2);
	assert_memory_equal(world->host.content, "hello", 5);
}

static void test_cancel_leaves_nothing(void **state)
{
	struct world *world = *state;
	extmgr_operation *operation = NULL;

	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	world->host.cancels = operation;
	assert_int_equal(fetch(world, operation), EXTMGR_E_CANCELLED);
	assert_int_equal(world->host.committed, 0);
	extmgr_operation_free(operation);
}

static void test_a_file_of_that_name_is_never_replaced(void **state)
{
	struct world *world = *state;

	world->host.is_there = true;
	assert_fails(world, EXTMGR_E_ARTIFACT_CHECKSUM);
	assert_int_equal(world->host.requests, 0);
}

static void test_what_the_host_must_give(void **state)
{
	struct world *world = *state;

	make_manager(world, 0);
	assert_fails(world, EXTMGR_E_DOWNLOAD_REFUSED);
	make_store(world, false);
	make_manager(world, EXTMGR_TARGET_ALLOW_DOWNLOAD);
	assert_fails(world, EXTMGR_E_DOWNLOAD_REFUSED);
	extmgr_files_free(world->files);
	world->files = NULL;
	make_manager(world, EXTMGR_TARGET_ALLOW_DOWNLOAD);
	assert_fails(world, EXTMGR_E_DOWNLOAD_REFUSED);
	assert_int_equal(world->host.requests, 0);
}

static void test_urls(void **state)
{
	static const char *const bad[] = {"", "ftp://host.example/x", "x", "file:///etc/passwd",
					  "http://"};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_definition(world, bad[i], 5);
		assert_fails(world, EXTMGR_E_DOWNLOAD_REFUSED);
	}
	assert_int_equal(world->host.requests, 0);
}

static void test_from_https_to_http(void **state)
{
	struct world *world = *state;

	extmgr_registry_free(world->registry);
	assert_int_equal(extmgr_registry_open(world->context, "https://host.example/registry/index",
					      &world->registry, NULL),
			 EXTMGR_OK);
	make_manager(world, EXTMGR_TARGET_ALLOW_DOWNLOAD);
	write_definition(world, "http://host.example/x", 5);
	assert_fails(world, EXTMGR_E_DOWNLOAD_REFUSED);
	assert_int_equal(world->host.requests, 0);
	write_definition(world, "https://host.example/x", 5);
	assert_int_equal(extmgr_registry_refresh(world->registry, NULL, NULL), EXTMGR_UNCHANGED);
	assert_int_equal(fetch(world, NULL), EXTMGR_OK);
}

static void test_half_a_writable_store_is_refused(void **state)
{
	extmgr_files_callbacks callbacks;
	extmgr_files *files = NULL;

	(void)state;
	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list;
	callbacks.create = create;
	assert_int_equal(extmgr_files_new(&callbacks, NULL, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	callbacks.write = write_bytes;
	assert_int_equal(extmgr_files_new(&callbacks, NULL, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	callbacks.create = NULL;
	callbacks.finish = finish;
	assert_int_equal(extmgr_files_new(&callbacks, NULL, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(files);
}

static void test_arguments(void **state)
{
	struct world *world = *state;
	extmgr_text *text = NULL;

	assert_int_equal(
		extmgr_manager_fetch_artifacts(world->manager, NULL, NULL, NULL, &text, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(
		extmgr_manager_fetch_artifacts(world->manager, "x", NULL, NULL, NULL, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_fetch_artifacts(NULL, "x", NULL, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(
		extmgr_manager_fetch_artifacts(world->manager, "x", "9", NULL, &text, NULL),
		EXTMGR_E_VERSION_NOT_FOUND);
	assert_int_equal(
		extmgr_manager_fetch_artifacts(world->manager, "../x", NULL, NULL, &text, NULL),
		EXTMGR_E_EXTENSION_NOT_FOUND);
	assert_int_equal(extmgr_manager_list_artifacts(NULL, NULL, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_list_artifacts(world->manager, NULL, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_list_artifacts(world->manager, "y", NULL, &text, NULL),
			 EXTMGR_E_EXTENSION_NOT_FOUND);
	assert_null(text);
}

static extmgr_result collect(const struct world *world, const char *const *sources, size_t count,
			     extmgr_files *definitions, extmgr_files *artifacts, uint32_t flags)
{
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result =
		extmgr_registry_collect(world->context, sources, count, world->registry,
					definitions, artifacts, flags, NULL, &report, &error);

	assert_int_equal(extmgr_error_get_code(error), result);
	assert_true((report != NULL) == (result == EXTMGR_OK));
	assert_int_equal(world->host.open, 0);
	extmgr_text_free(report);
	extmgr_error_free(error);
	return result;
}

static void test_arguments_of_collecting(void **state)
{
	struct world *world = *state;
	const char *const sources[] = {world->folder, NULL};
	extmgr_files *writable = world->files;
	int32_t signature = 7;
	extmgr_text *text = NULL;

	assert_int_equal(collect(world, NULL, 1, writable, NULL, 0), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(collect(world, sources, 0, writable, NULL, 0), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(collect(world, sources, 1001, writable, NULL, 0),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(collect(world, sources, 2, writable, NULL, 0), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(collect(world, sources, 1, NULL, NULL, 0), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(collect(world, sources, 1, writable, NULL, 2), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_collect(NULL, sources, 1, world->registry, writable, NULL,
						 0, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	/* It needs a file, and there is no place for one. */
	assert_int_equal(collect(world, sources, 1, writable, NULL, 0), EXTMGR_E_INVALID_ARGUMENT);
	world->files = NULL;
	make_store(world, false);
	assert_int_equal(collect(world, sources, 1, writable, world->files, 0),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_files_free(writable);
	assert_int_equal(extmgr_registry_check(NULL, "x", NULL, &signature, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(signature, 0);
	assert_int_equal(extmgr_registry_check(world->registry, NULL, NULL, &signature, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_check(world->registry, "x", NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_check(world->registry, "y", NULL, &signature, NULL),
			 EXTMGR_E_EXTENSION_NOT_FOUND);
	assert_int_equal(extmgr_registry_check(world->registry, "x", NULL, &signature, NULL),
			 EXTMGR_OK);
	assert_int_equal(signature, EXTMGR_SIGNATURE_UNSIGNED);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_the_whole_file_is_committed_once),
		T(test_each_callback_fails_in_turn),
		T(test_other_content_is_never_committed),
		T(test_the_body_of_a_redirect_is_dropped),
		T(test_cancel_leaves_nothing),
		T(test_a_file_of_that_name_is_never_replaced),
		T(test_what_the_host_must_give),
		T(test_urls),
		T(test_from_https_to_http),
		T(test_half_a_writable_store_is_refused),
		T(test_arguments),
		T(test_arguments_of_collecting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
