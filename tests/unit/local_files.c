/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/files.h"

#include <extmgr/drivers.h>

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/extmgr-local-files.XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return chdir("/") == 0 ? system(command) : 1;
}

static void write_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i < size; i++)
		fputc('x', file);
	fclose(file);
}

static extmgr_result list(const char *directory, extmgr_file_list **files)
{
	extmgr_files *store;
	extmgr_error *error = NULL;
	extmgr_result result;

	assert_int_equal(extmgr_local_files_open(&directory, 1, &store, NULL), EXTMGR_OK);
	result = extmgr__files_list(store, NULL, files, &error);
	assert_true(result == EXTMGR_OK || extmgr_error_get_message(error)[0] != '\0');
	extmgr_error_free(error);
	extmgr_files_free(store);
	return result;
}

static void test_files_are_found_below_and_links_are_not_followed(void **state)
{
	static const char *const expected[] = {"a/b/deep.jar", "top.jar"};
	extmgr_file_list *files;

	(void)state;
	mkdir("tree", 0700);
	mkdir("tree/a", 0700);
	mkdir("tree/a/b", 0700);
	mkdir("outside", 0700);
	write_file("tree/top.jar", 3);
	write_file("tree/a/b/deep.jar", 5);
	write_file("tree/control\x01.jar", 1);
	write_file("tree/not-utf8\xff.jar", 1);
	write_file("outside/secret", 1);
	assert_int_equal(symlink("../outside", "tree/link"), 0);
	assert_int_equal(symlink("../outside/secret", "tree/link.jar"), 0);
	assert_int_equal(symlink(".", "tree/a/loop"), 0);
	assert_int_equal(mkfifo("tree/pipe", 0600), 0);
	assert_int_equal(list("tree///", &files), EXTMGR_OK);
	assert_int_equal(extmgr__file_list_count(files), 2);
	for (size_t i = 0; i < 2; i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/tree/%s", folder, expected[i]);
		assert_string_equal(extmgr__file_list_get(files, i)->path, path);
	}
	assert_int_equal(extmgr__file_list_get(files, 0)->size, 5);
	extmgr__file_list_free(files);
}

static void test_a_missing_directory_fails_the_listing(void **state)
{
	extmgr_file_list *files;

	(void)state;
	assert_int_equal(list("nowhere", &files), EXTMGR_E_IO);
	write_file("plain", 1);
	assert_int_equal(list("plain", &files), EXTMGR_E_IO);
}

static void test_too_deep_a_tree_is_refused(void **state)
{
	char path[256] = "deep";
	extmgr_file_list *files;

	(void)state;
	mkdir(path, 0700);
	for (int i = 0; i < 33; i++) {
		size_t length = strlen(path);

		snprintf(path + length, sizeof(path) - length, "/d");
		mkdir(path, 0700);
	}
	assert_int_equal(list("deep", &files), EXTMGR_E_TOO_LARGE);
}

static void test_wrong_arguments_are_refused(void **state)
{
	const char *directories[65] = {"a", NULL};
	static const char *const bad[] = {"", "a\nb"};
	extmgr_files *files;

	(void)state;
	assert_int_equal(extmgr_local_files_open(NULL, 1, &files, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_local_files_open(directories, 0, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_local_files_open(directories, 65, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_local_files_open(directories, 2, &files, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_local_files_open(directories, 1, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(extmgr_local_files_open(&bad[i], 1, &files, NULL),
				 EXTMGR_E_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_found_below_and_links_are_not_followed),
		cmocka_unit_test(test_a_missing_directory_fails_the_listing),
		cmocka_unit_test(test_too_deep_a_tree_is_refused),
		cmocka_unit_test(test_wrong_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
