/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/files.h"

#include <extmgr/drivers.h>

#include <fcntl.h>
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

static const extmgr_local_files_options writable = {
	.struct_size = sizeof(writable),
	.flags = EXTMGR_LOCAL_FILES_WRITABLE,
};

static void test_a_new_file_is_visible_only_when_it_is_committed(void **state)
{
	const char *directory = "store";
	struct extmgr__new_file *file = NULL;
	extmgr_file_list *found;
	extmgr_files *files = NULL;

	(void)state;
	mkdir("store", 0700);
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &writable, &files, NULL),
		EXTMGR_OK);
	for (int commit = 0; commit <= 1; commit++) {
		assert_int_equal(extmgr__files_create(files, NULL, "x.jar", &file, NULL),
				 EXTMGR_OK);
		assert_int_equal(extmgr__files_write(file, "content", 7, NULL), EXTMGR_OK);
		assert_int_equal(extmgr__files_list(files, NULL, &found, NULL), EXTMGR_OK);
		assert_int_equal(extmgr__file_list_count(found), 0);
		extmgr__file_list_free(found);
		assert_int_equal(extmgr__files_finish(file, commit, NULL), EXTMGR_OK);
		assert_int_equal(extmgr__files_list(files, NULL, &found, NULL), EXTMGR_OK);
		assert_int_equal(extmgr__file_list_count(found), commit);
		if (commit)
			assert_int_equal(extmgr__file_list_get(found, 0)->size, 7);
		extmgr__file_list_free(found);
	}
	assert_int_equal(unlink("store/x.jar"), 0);
	assert_int_equal(rmdir("store"), 0); /* nothing else is left */
	extmgr_files_free(files);
}

static void test_what_killed_writers_left_goes_away_after_an_hour(void **state)
{
	static const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	const char *directory = "left";
	struct extmgr__new_file *file = NULL;
	extmgr_files *files = NULL;

	(void)state;
	mkdir("left", 0700);
	write_file("left/.extmgr-new-0000000000000001", 3);
	write_file("left/.extmgr-new-0000000000000002", 3);
	write_file("left/other", 3);
	assert_int_equal(utimensat(AT_FDCWD, "left/.extmgr-new-0000000000000001", old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, "left/other", old, 0), 0);
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &writable, &files, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr__files_create(files, NULL, "x", &file, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__files_finish(file, false, NULL), EXTMGR_OK);
	assert_int_equal(access("left/.extmgr-new-0000000000000001", F_OK), -1);
	assert_int_equal(access("left/.extmgr-new-0000000000000002", F_OK), 0);
	assert_int_equal(access("left/other", F_OK), 0);
	extmgr_files_free(files);
}

static void test_files_stay_in_the_directory(void **state)
{
	static const char *const names[] = {"", "../x", "a/b", "/x"};
	const char *directory = "inside";
	struct extmgr__new_file *file = NULL;
	extmgr_files *files = NULL;

	(void)state;
	mkdir("inside", 0700);
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &writable, &files, NULL),
		EXTMGR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(extmgr__files_create(files, NULL, names[i], &file, NULL),
				 EXTMGR_E_IO);
	assert_int_equal(rmdir("inside"), 0);
	assert_int_equal(extmgr__files_create(files, NULL, "x", &file, NULL), EXTMGR_E_IO);
	assert_null(file);
	extmgr_files_free(files);
}

static void test_options(void **state)
{
	extmgr_local_files_options options;
	const char *directory = "any";
	extmgr_files *files = NULL;

	(void)state;
	extmgr_local_files_options_init(NULL, sizeof(options));
	extmgr_local_files_options_init(&options, sizeof(options));
	assert_int_equal(options.flags, 0);
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &options, &files, NULL),
		EXTMGR_OK);
	assert_false(extmgr__files_are_writable(files));
	extmgr_files_free(files);
	options.flags = 2;
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &options, &files, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	options.flags = 0;
	options.struct_size = 1;
	assert_int_equal(
		extmgr_local_files_open_with_options(&directory, 1, &options, &files, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	assert_null(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_found_below_and_links_are_not_followed),
		cmocka_unit_test(test_a_missing_directory_fails_the_listing),
		cmocka_unit_test(test_too_deep_a_tree_is_refused),
		cmocka_unit_test(test_wrong_arguments_are_refused),
		cmocka_unit_test(test_a_new_file_is_visible_only_when_it_is_committed),
		cmocka_unit_test(test_what_killed_writers_left_goes_away_after_an_hour),
		cmocka_unit_test(test_files_stay_in_the_directory),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
