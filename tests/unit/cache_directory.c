/* SPDX-License-Identifier: MIT */
/* The cache directory: who may use it, and entries that are whole or not there. */
#include "test.h"

#include "host/cache_directory.h"

#include <extmgr/extmgr.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOMEBODY 65534

struct place {
	char parent[64];
	char path[128];
};

static int set_up(void **state)
{
	static struct place place;

	(void)snprintf(place.parent, sizeof(place.parent), "/tmp/extmgr-cache-XXXXXX");
	assert_non_null(mkdtemp(place.parent));
	(void)snprintf(place.path, sizeof(place.path), "%s/cache", place.parent);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	const struct place *place = *state;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->parent);
	return system(command);
}

static void assert_holds(const struct place *place, const char *key, const char *expected)
{
	struct extmgr__buffer content;

	assert_int_equal(extmgr__cache_directory_read(place->path, "test", key, &content, NULL),
			 EXTMGR_OK);
	assert_int_equal(content.length, strlen(expected));
	assert_string_equal(extmgr__buffer_get(&content), expected);
	extmgr__buffer_free(&content);
}

static void assert_lacks(const struct place *place, const char *key, extmgr_result expected)
{
	struct extmgr__buffer content;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr__cache_directory_read(place->path, "test", key, &content, &error),
			 expected);
	assert_int_equal(extmgr_error_get_code(error), expected);
	assert_null(content.data);
	extmgr_error_free(error);
}

static void put(const struct place *place, const char *key, const char *text)
{
	assert_int_equal(
		extmgr__cache_directory_write(place->path, "test", key, text, strlen(text), NULL),
		EXTMGR_OK);
}

/* The files of the directory; *path gets the last one. */
static int count_files(const struct place *place, char path[512])
{
	DIR *directory = opendir(place->path);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		if (path)
			(void)snprintf(path, 512, "%s/%s", place->path, entry->d_name);
		count++;
	}
	(void)closedir(directory);
	return count;
}

static void test_entries_are_read_as_they_were_written(void **state)
{
	const struct place *place = *state;
	struct stat status;

	assert_lacks(place, "a", EXTMGR_E_NOT_FOUND);
	put(place, "a", "first");
	put(place, "b", "");
	assert_holds(place, "a", "first");
	assert_holds(place, "b", "");
	put(place, "a", "second\nline");
	assert_holds(place, "a", "second\nline");
	assert_int_equal(count_files(place, NULL), 2);
	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void test_kinds_do_not_meet(void **state)
{
	const struct place *place = *state;
	struct extmgr__buffer content;

	put(place, "a", "text");
	assert_int_equal(extmgr__cache_directory_read(place->path, "other", "a", &content, NULL),
			 EXTMGR_E_NOT_FOUND);
}

static void test_a_changed_entry_is_not_there(void **state)
{
	const struct place *place = *state;
	char path[512];
	char bytes[512];
	ssize_t length;
	int file;

	put(place, "a", "the content");
	assert_int_equal(count_files(place, path), 1);
	file = open(path, O_RDWR);
	assert_true(file >= 0);
	length = read(file, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < length; i++) {
		char changed = (char)(bytes[i] ^ 1);

		assert_int_equal(pwrite(file, &changed, 1, i), 1);
		assert_lacks(place, "a", EXTMGR_E_NOT_FOUND);
		assert_int_equal(pwrite(file, &bytes[i], 1, i), 1);
	}
	assert_holds(place, "a", "the content");
	for (ssize_t i = length - 1; i >= 0; i--) {
		assert_int_equal(ftruncate(file, i), 0);
		assert_lacks(place, "a", EXTMGR_E_NOT_FOUND);
	}
	assert_int_equal(pwrite(file, bytes, (size_t)length, 0), length);
	assert_int_equal(pwrite(file, "x", 1, length), 1);
	assert_lacks(place, "a", EXTMGR_E_NOT_FOUND);
	(void)close(file);
	put(place, "a", "mended");
	assert_holds(place, "a", "mended");
}

static void test_a_renamed_entry_is_not_there(void **state)
{
	const struct place *place = *state;
	char first[512];
	char second[512];

	put(place, "a", "of a");
	assert_int_equal(count_files(place, first), 1);
	(void)snprintf(second, sizeof(second), "%s", first);
	put(place, "b", "of b");
	assert_int_equal(rename(first, "/tmp/extmgr-cache-renamed"), 0);
	assert_int_equal(count_files(place, first), 1);
	assert_int_equal(rename(first, second), 0);
	assert_int_equal(unlink("/tmp/extmgr-cache-renamed"), 0);
	assert_lacks(place, "a", EXTMGR_E_NOT_FOUND);
}

static void assert_unsafe(const struct place *place, const char *reason)
{
	extmgr_error *error = NULL;
	int lock;

	assert_lacks(place, "a", EXTMGR_E_CACHE_UNSAFE);
	assert_int_equal(extmgr__cache_directory_write(place->path, "test", "b", "x", 1, &error),
			 EXTMGR_E_CACHE_UNSAFE);
	assert_non_null(strstr(extmgr_error_get_hint(error), "0700"));
	assert_non_null(strstr(extmgr_error_get_message(error), reason));
	extmgr_error_free(error);
	assert_int_equal(extmgr__cache_directory_check(place->path, NULL), EXTMGR_E_CACHE_UNSAFE);
	assert_int_equal(extmgr__cache_directory_lock(place->path, &lock, NULL),
			 EXTMGR_E_CACHE_UNSAFE);
}

static void test_a_directory_of_others_is_not_used(void **state)
{
	const struct place *place = *state;
	const mode_t modes[] = {0755, 0750, 0770, 0701, 0777, 01700, 0500};

	put(place, "a", "text");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char reason[32];

		(void)snprintf(reason, sizeof(reason), "its mode is %04o, not 0700", modes[i]);
		assert_int_equal(chmod(place->path, modes[i]), 0);
		assert_unsafe(place, reason);
	}
	assert_int_equal(chmod(place->path, 0700), 0);
	assert_holds(place, "a", "text");
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(place->path, SOMEBODY, -1), 0);
	assert_unsafe(place, "it belongs to user 65534");
}

static void test_places_that_cannot_be_one(void **state)
{
	const struct place *place = *state;
	struct place file = *place;
	extmgr_error *error = NULL;
	int descriptor = open(place->path, O_WRONLY | O_CREAT, 0700);

	(void)close(descriptor);
	assert_lacks(place, "a", EXTMGR_E_IO);
	(void)snprintf(file.path, sizeof(file.path), "%s/a/b", place->parent);
	assert_int_equal(extmgr__cache_directory_write(file.path, "test", "a", "x", 1, &error),
			 EXTMGR_E_IO);
	assert_non_null(strstr(extmgr_error_get_message(error), "No such file"));
	extmgr_error_free(error);
}

static void test_entries_have_a_limit(void **state)
{
	const struct place *place = *state;

	assert_int_equal(extmgr__cache_directory_write(place->path, "test", "a", "",
						       EXTMGR__CACHE_ENTRY_MAXIMUM, NULL),
			 EXTMGR_E_TOO_LARGE);
}

static void test_leftovers_of_killed_writers_go_away(void **state)
{
	const struct place *place = *state;
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	const char *const names[] = {"new-old", "new-young", "other-old"};
	char path[256];

	put(place, "a", "text");
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", place->path, names[i]);
		(void)close(open(path, O_WRONLY | O_CREAT, 0600));
		if (i != 1)
			assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	}
	assert_int_equal(extmgr__cache_directory_check(place->path, NULL), EXTMGR_OK);
	assert_int_equal(count_files(place, NULL), 3);
	(void)snprintf(path, sizeof(path), "%s/new-old", place->path);
	assert_int_equal(access(path, F_OK), -1);
	assert_holds(place, "a", "text");
}

static void test_one_holds_the_lock(void **state)
{
	const struct place *place = *state;
	int first;
	int second;

	assert_int_equal(extmgr__cache_directory_lock(place->path, &first, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__cache_directory_lock(place->path, &second, NULL), EXTMGR_E_LOCKED);
	extmgr__cache_directory_unlock(first);
	assert_int_equal(extmgr__cache_directory_lock(place->path, &second, NULL), EXTMGR_OK);
	extmgr__cache_directory_unlock(second);
}

static char logged[512];

static void keep_log(void *user_data, int32_t level, const char *component, const char *message,
		     size_t length)
{
	(void)user_data, (void)level, (void)component, (void)length;
	(void)snprintf(logged, sizeof(logged), "%s", message);
}

/* A host starts without its cache, and says so. */
static void test_a_context_goes_on_without(void **state)
{
	const struct place *place = *state;
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.log = keep_log;
	options.cache_directory = place->path;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_string_equal(logged, "");
	extmgr_context_free(context);
	assert_int_equal(chmod(place->path, 0755), 0);
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_non_null(strstr(logged, "is not used"));
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_entries_are_read_as_they_were_written),
		T(test_kinds_do_not_meet),
		T(test_a_changed_entry_is_not_there),
		T(test_a_renamed_entry_is_not_there),
		T(test_a_directory_of_others_is_not_used),
		T(test_places_that_cannot_be_one),
		T(test_entries_have_a_limit),
		T(test_leftovers_of_killed_writers_go_away),
		T(test_one_holds_the_lock),
		T(test_a_context_goes_on_without),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
