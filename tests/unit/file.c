/* SPDX-License-Identifier: MIT */
/* Files that change while they are read: with -Wl,--wrap=read the test changes them in between. */
#include "test.h"

#include "base/file.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/time.h>
#include <unistd.h>

ssize_t __real_read(int file, void *bytes, size_t length);
ssize_t __wrap_read(int file, void *bytes, size_t length);

static char path[] = "/tmp/extmgr-file-XXXXXX";
static void (*before_read)(void); /* once */

ssize_t __wrap_read(int file, void *bytes, size_t length)
{
	void (*change)(void) = before_read;

	before_read = NULL;
	if (change)
		change();
	return __real_read(file, bytes, length);
}

static void put(const char *text)
{
	int file = open(path, O_WRONLY | O_TRUNC);

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	assert_int_equal(close(file), 0);
}

static void grow(void)
{
	put("0123456789 and more");
}

static void shrink(void)
{
	put("01234");
}

static void empty(void)
{
	put("");
}

/* Of the same length: only its time tells. */
static void rewrite(void)
{
	struct timeval times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	put("9876543210");
	assert_int_equal(utimes(path, times), 0);
}

static extmgr_result read_changed(void (*change)(void), size_t maximum)
{
	struct extmgr__buffer content;
	extmgr_error *error = NULL;
	extmgr_result result;

	put("0123456789");
	before_read = change;
	result = extmgr__file_read_at(AT_FDCWD, path, maximum, &content, &error);
	assert_int_equal(extmgr_error_get_code(error), result);
	if (result == EXTMGR_OK)
		assert_string_equal(content.data, "0123456789");
	else
		assert_null(content.data);
	extmgr_error_free(error);
	extmgr__buffer_free(&content);
	return result;
}

static void test_a_file_that_changes_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(read_changed(NULL, 10), EXTMGR_OK);
	assert_int_equal(read_changed(NULL, 9), EXTMGR_E_TOO_LARGE);
	assert_int_equal(read_changed(grow, 100), EXTMGR_E_CONFLICT);
	assert_int_equal(read_changed(grow, 10), EXTMGR_E_TOO_LARGE);
	assert_int_equal(read_changed(shrink, 100), EXTMGR_E_CONFLICT);
	assert_int_equal(read_changed(empty, 100), EXTMGR_E_CONFLICT);
	assert_int_equal(read_changed(rewrite, 100), EXTMGR_E_CONFLICT);
}

static void test_a_bundle_that_changes_is_not_opened(void **state)
{
	void (*const changes[])(void) = {grow, shrink, empty, rewrite};
	extmgr_context *context = NULL;

	(void)state;
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		extmgr_bundle_source *source = (extmgr_bundle_source *)&source;

		put("0123456789");
		before_read = changes[i];
		assert_int_equal(extmgr_bundle_source_read(context, path, &source, NULL),
				 EXTMGR_E_BUNDLE_CHANGED);
		assert_null(source);
	}
	extmgr_context_free(context);
}

static char project[64];

static int remove_entry(const char *name, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(name);
}

static void grow_manifest(void)
{
	char name[96];
	int file;

	(void)snprintf(name, sizeof(name), "%s/dist/manifest.json", project);
	file = open(name, O_WRONLY | O_APPEND);
	assert_true(file >= 0);
	assert_int_equal(write(file, " ", 1), 1);
	assert_int_equal(close(file), 0);
}

static void test_a_directory_that_changes_is_not_opened(void **state)
{
	extmgr_bundle_source *source = NULL;
	extmgr_context *context = NULL;
	char name[96];
	int file;

	(void)state;
	(void)snprintf(project, sizeof(project), "/tmp/extmgr-project-XXXXXX");
	assert_non_null(mkdtemp(project));
	(void)snprintf(name, sizeof(name), "%s/dist", project);
	assert_int_equal(mkdir(name, 0700), 0);
	(void)snprintf(name, sizeof(name), "%s/dist/manifest.json", project);
	file = open(name, O_WRONLY | O_CREAT, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, "{\"name\":\"a\"}", 12), 12);
	assert_int_equal(close(file), 0);
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	before_read = grow_manifest;
	assert_int_equal(extmgr_bundle_source_read(context, project, &source, NULL),
			 EXTMGR_E_BUNDLE_CHANGED);
	assert_int_equal(extmgr_bundle_source_read(context, project, &source, NULL), EXTMGR_OK);
	extmgr_bundle_source_free(source);
	extmgr_context_free(context);
	assert_int_equal(nftw(project, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int set_up(void **state)
{
	int file = mkstemp(path);

	(void)state;
	return file < 0 || close(file) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_that_changes_is_not_read),
		cmocka_unit_test(test_a_bundle_that_changes_is_not_opened),
		cmocka_unit_test(test_a_directory_that_changes_is_not_opened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
