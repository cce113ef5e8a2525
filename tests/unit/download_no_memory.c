/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation, for every n, while an artifact is downloaded: nothing is
 * visible that is not whole, no file stays open, no leak (sanitizer, valgrind).
 */
#include "test.h"

#include "failing_malloc.h"

#include <extmgr/extmgr.h>

#include <unistd.h>

static const char definition[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'X', category: '', "
	"description: '', bucketFsUploads: [{name: 'Driver', bucketFsFilename: 'x.jar', fileSize: "
	"5, downloadUrl: 'https://host.example/x', licenseUrl: '', sha256: "
	"'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'}], "
	"installableVersions: [{name: '1.0.0', latest: true, deprecated: false}]}};";

static int open_files;
static int committed;
static size_t length;

static extmgr_result list(void *user_data, extmgr_operation *operation, extmgr_file_list *files,
			  extmgr_host_error *error)
{
	(void)user_data;
	(void)operation;
	(void)error;
	return extmgr_file_list_append(files, "/store/other", 1);
}

static extmgr_result create(void *user_data, extmgr_operation *operation, const char *name,
			    void **file_out, extmgr_host_error *error)
{
	(void)user_data;
	(void)operation;
	(void)name;
	(void)error;
	open_files++;
	length = 0;
	*file_out = &length;
	return EXTMGR_OK;
}

static extmgr_result write_bytes(void *user_data, void *file, const void *bytes, size_t size,
				 extmgr_host_error *error)
{
	(void)user_data;
	(void)file;
	(void)bytes;
	(void)error;
	length += size;
	return EXTMGR_OK;
}

static extmgr_result finish(void *user_data, void *file, uint32_t commit, extmgr_host_error *error)
{
	(void)user_data;
	(void)file;
	(void)error;
	open_files--;
	if (commit) {
		assert_int_equal(length, 5);
		committed++;
	}
	return EXTMGR_OK;
}

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	extmgr_result result = extmgr_http_response_set_status(response, 200);

	(void)user_data;
	(void)operation;
	(void)request;
	(void)error;
	return result == EXTMGR_OK ? extmgr_http_response_append(response, "hello", 5) : result;
}

static extmgr_result fetch(extmgr_manager *manager)
{
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	committed = 0;
	result = extmgr_manager_fetch_artifacts(manager, "x", NULL, NULL, &report, &error);
	assert_true((result < 0) == (error != NULL));
	assert_true((report != NULL) == (result == EXTMGR_OK));
	assert_true(result != EXTMGR_OK || committed == 1);
	assert_int_equal(open_files, 0);
	extmgr_text_free(report);
	extmgr_error_free(error);
	return result;
}

static void test_download(void **state)
{
	char folder[] = "/tmp/extmgr-download.XXXXXX";
	char path[64];
	extmgr_context_options options;
	extmgr_http_callbacks http_callbacks;
	extmgr_files_callbacks callbacks;
	extmgr_target_options target;
	extmgr_http *http = NULL;
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_files *files = NULL;
	extmgr_manager *manager = NULL;
	unsigned long allocations;
	unsigned long stride;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x.js", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(definition, file) >= 0);
	assert_int_equal(fclose(file), 0);
	extmgr_http_callbacks_init(&http_callbacks, sizeof(http_callbacks));
	http_callbacks.get = get;
	assert_int_equal(extmgr_http_new(&http_callbacks, NULL, &http, NULL), EXTMGR_OK);
	extmgr_context_options_init(&options, sizeof(options));
	options.http = http;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(context, folder, &registry, NULL), EXTMGR_OK);
	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list;
	callbacks.create = create;
	callbacks.write = write_bytes;
	callbacks.finish = finish;
	assert_int_equal(extmgr_files_new(&callbacks, NULL, &files, NULL), EXTMGR_OK);
	extmgr_target_options_init(&target, sizeof(target));
	target.flags = EXTMGR_TARGET_ALLOW_DOWNLOAD;
	assert_int_equal(
		extmgr_manager_new(context, registry, NULL, files, &target, &manager, NULL),
		EXTMGR_OK);
	assert_int_equal(fetch(manager), EXTMGR_OK); /* the definition is in the cache now */
	failing_malloc_from(0);
	assert_int_equal(fetch(manager), EXTMGR_OK);
	allocations = failing_malloc_count();
	stride = failing_malloc_stride(allocations, 300);
	for (unsigned long n = 1; n <= allocations; n += stride) {
		failing_malloc_from(n);
		(void)fetch(manager);
	}
	failing_malloc_from(0);
	assert_int_equal(fetch(manager), EXTMGR_OK);
	extmgr_manager_free(manager);
	extmgr_files_free(files);
	extmgr_registry_free(registry);
	extmgr_context_free(context);
	extmgr_http_free(http);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_download)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
