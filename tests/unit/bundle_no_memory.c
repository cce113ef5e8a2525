/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation of the library, for every n, while bundles are read,
 * opened, packed, digested and discovered: each call ends in success or in EXTMGR_E_NO_MEMORY,
 * never in another verdict on a good bundle, and nothing leaks (sanitizer, valgrind).
 */
#include "test.h"

#include "failing_malloc.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST                                                                                   \
	"{\"name\":\"a.b\",\"frontend\":{\"remoteEntry\":\"x\"},\"definition\":\"d.js\",\"n\":1."  \
	"5}"

static char folder[] = "/tmp/extmgr-test-XXXXXX";
static char project[64];
static char archive[64];

static void put(const char *path, const char *bytes, size_t length)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), length);
	assert_int_equal(close(file), 0);
}

static extmgr_result open_both(extmgr_context *context, const char *path, extmgr_bundle **bundle,
			       extmgr_error **error)
{
	extmgr_bundle_source *source = NULL;
	extmgr_result result = extmgr_bundle_source_read(context, path, &source, error);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, bundle, error);
	extmgr_bundle_source_free(source);
	return result;
}

static extmgr_result open_and_describe(extmgr_context *context, const char *path,
				       extmgr_error **error)
{
	extmgr_bundle *bundle = NULL;
	extmgr_text *text = NULL;
	extmgr_result result = open_both(context, path, &bundle, error);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_to_json(bundle, &text, error);
	extmgr_text_free(text);
	extmgr_bundle_free(bundle);
	return result;
}

static extmgr_result open_archive(extmgr_context *context, extmgr_error **error)
{
	return open_and_describe(context, archive, error);
}

static extmgr_result open_directory(extmgr_context *context, extmgr_error **error)
{
	return open_and_describe(context, project, error);
}

static extmgr_result pack(extmgr_context *context, extmgr_error **error)
{
	extmgr_bundle *bundle = NULL;
	extmgr_text *text = NULL;
	extmgr_result result = open_both(context, project, &bundle, error);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_pack(bundle, &text, error);
	extmgr_text_free(text);
	extmgr_bundle_free(bundle);
	return result;
}

static extmgr_result digest(extmgr_context *context, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	for (uint32_t form = EXTMGR_DIGEST_SHA256;
	     form <= EXTMGR_DIGEST_SUPERSET_SEED && result == EXTMGR_OK; form++) {
		extmgr_text *text = NULL;
		extmgr_text *listing = NULL;

		result = extmgr_digest_compute(context, archive, form, &text, &listing, error);
		assert_true((result == EXTMGR_OK) == (text != NULL));
		assert_true((result == EXTMGR_OK) == (listing != NULL));
		extmgr_text_free(text);
		extmgr_text_free(listing);
	}
	return result;
}

static extmgr_result digest_definition(extmgr_context *context, extmgr_error **error)
{
	extmgr_text *text = NULL;
	char path[96];
	extmgr_result result;

	(void)snprintf(path, sizeof(path), "%s/dist/backend/src/d.js", project);
	result = extmgr_digest_compute(context, path, EXTMGR_DIGEST_SHA256, &text, NULL, error);
	extmgr_text_free(text);
	return result;
}

/* The folder holds a bundle that fails, too: its own failure is no failure of the call. */
static extmgr_result discover(extmgr_context *context, extmgr_error **error)
{
	extmgr_bundle_list *list = NULL;
	extmgr_text *text = NULL;
	extmgr_result result = extmgr_bundle_discover(context, folder, NULL, &list, error);

	if (result == EXTMGR_PARTIAL)
		result = extmgr_bundle_list_to_json(list, &text, error);
	extmgr_text_free(text);
	extmgr_bundle_list_free(list);
	return result;
}

static void fail_each_allocation(extmgr_result (*call)(extmgr_context *, extmgr_error **))
{
	extmgr_context *context = NULL;
	unsigned long allocations;
	unsigned long failed = 0;

	failing_malloc_from(0);
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	failing_malloc_from(0);
	assert_int_equal(call(context, NULL), EXTMGR_OK);
	allocations = failing_malloc_count();
	for (unsigned long n = 1; n <= allocations; n++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		failing_malloc_from(n);
		result = call(context, &error);
		failing_malloc_from(0);
		assert_true(result == EXTMGR_OK || result == EXTMGR_E_NO_MEMORY);
		assert_int_equal(extmgr_error_get_code(error), result);
		extmgr_error_free(error);
		failed += result != EXTMGR_OK;
	}
	assert_true(allocations > 3 && failed > allocations / 2);
	/* Nothing of the failures is left behind. */
	assert_int_equal(call(context, NULL), EXTMGR_OK);
	extmgr_context_free(context);
}

static void test_opening(void **state)
{
	(void)state;
	fail_each_allocation(open_archive);
	fail_each_allocation(open_directory);
}

static void test_packing(void **state)
{
	(void)state;
	fail_each_allocation(pack);
}

static void test_digests(void **state)
{
	(void)state;
	fail_each_allocation(digest);
	fail_each_allocation(digest_definition);
}

static void test_discovery(void **state)
{
	(void)state;
	fail_each_allocation(discover);
}

static void write_project(void)
{
	const char *const folders[] = {"", "/dist", "/dist/backend", "/dist/backend/src"};
	char path[128];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", project, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	(void)snprintf(path, sizeof(path), "%s/dist/manifest.json", project);
	put(path, MANIFEST, strlen(MANIFEST));
	(void)snprintf(path, sizeof(path), "%s/dist/backend/src/d.js", project);
	put(path, "1", 1);
}

static int set_up(void **state)
{
	extmgr_context *context = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_text *text = NULL;
	char path[96];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(project, sizeof(project), "%s/project", folder);
	(void)snprintf(archive, sizeof(archive), "%s/archive.supx", folder);
	(void)snprintf(path, sizeof(path), "%s/bad.supx", folder);
	write_project();
	put(path, "bad", 3);
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	assert_int_equal(open_both(context, project, &bundle, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_bundle_pack(bundle, &text, NULL), EXTMGR_OK);
	put(archive, extmgr_text_get_data(text), extmgr_text_get_length(text));
	extmgr_text_free(text);
	extmgr_bundle_free(bundle);
	extmgr_context_free(context);
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opening),
		cmocka_unit_test(test_packing),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_discovery),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
