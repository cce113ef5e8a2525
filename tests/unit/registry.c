/* SPDX-License-Identifier: MIT */
/* The registry in a directory, with everything that can lie in one. */
#include "test.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAXIMUM 1000
#define MOST_ENTRIES   10000
#define SOMEBODY       65534

/* A new directory "registry" in a directory of its own, and the registry over it. */
struct folder {
	char path[64];
	int descriptor; /* of "registry" */
	extmgr_context *context;
	extmgr_registry *registry;
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int set_up(void **state)
{
	static struct folder folder;
	extmgr_context_options options;
	char path[128];

	(void)snprintf(folder.path, sizeof(folder.path), "/tmp/extmgr-registry-XXXXXX");
	assert_non_null(mkdtemp(folder.path));
	(void)snprintf(path, sizeof(path), "%s/registry", folder.path);
	assert_int_equal(mkdir(path, 0700), 0);
	folder.descriptor = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(folder.descriptor >= 0);
	extmgr_context_options_init(&options, sizeof(options));
	options.source_bytes = SOURCE_MAXIMUM;
	assert_int_equal(extmgr_context_new(&options, &folder.context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(folder.context, path, &folder.registry, NULL),
			 EXTMGR_OK);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *folder = *state;

	extmgr_registry_free(folder->registry);
	extmgr_context_free(folder->context);
	(void)close(folder->descriptor);
	return nftw(folder->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* name: below "registry". */
static void put_bytes(const struct folder *folder, const char *name, const char *bytes,
		      size_t length)
{
	int file = openat(folder->descriptor, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), length);
	assert_int_equal(close(file), 0);
}

static void put(const struct folder *folder, const char *name, const char *text)
{
	put_bytes(folder, name, text, strlen(text));
}

static void put_link(const struct folder *folder, const char *target, const char *name)
{
	assert_int_equal(symlinkat(target, folder->descriptor, name), 0);
}

static void put_folder(const struct folder *folder, const char *name)
{
	assert_int_equal(mkdirat(folder->descriptor, name, 0700), 0);
}

/* Compares the ids, joined by blanks. */
static void assert_lists(const struct folder *folder, const char *expected)
{
	extmgr_registry_list *list = NULL;
	char ids[256] = "";

	assert_int_equal(extmgr_registry_list_entries(folder->registry, &list, NULL), EXTMGR_OK);
	for (size_t i = 0; i < extmgr_registry_list_get_count(list); i++) {
		size_t length = strlen(ids);

		(void)snprintf(ids + length, sizeof(ids) - length, "%s%s", i ? " " : "",
			       extmgr_registry_list_get_id(list, i));
	}
	assert_null(extmgr_registry_list_get_id(list, extmgr_registry_list_get_count(list)));
	extmgr_registry_list_free(list);
	assert_string_equal(ids, expected);
}

static void assert_reads(const struct folder *folder, const char *id, const char *expected)
{
	extmgr_text *source = NULL;

	assert_int_equal(extmgr_registry_read(folder->registry, id, &source, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(source), expected);
	assert_int_equal(extmgr_text_get_length(source), strlen(expected));
	extmgr_text_free(source);
}

/* message: what the error or one of its causes says, in part. */
static void assert_refuses(const struct folder *folder, const char *id, extmgr_result expected,
			   const char *message)
{
	extmgr_text *source = (extmgr_text *)&source; /* must be zeroed */
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr_registry_read(folder->registry, id, &source, &error), expected);
	assert_null(source);
	assert_int_equal(extmgr_error_get_code(error), expected);
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	if (!strstr(extmgr_text_get_data(text), message))
		fail_msg("'%s' is not in '%s'", message, extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr_error_free(error);
}

static void test_places_that_are_no_registry(void **state)
{
	const struct folder *folder = *state;
	const struct {
		const char *location; /* below the folder, or as it is */
		extmgr_result expected;
		const char *message;
	} cases[] = {
		{"missing", EXTMGR_E_REGISTRY_NOT_FOUND, "does not exist"},
		{"registry/missing", EXTMGR_E_REGISTRY_NOT_FOUND, "does not exist"},
		{"registry/file.js", EXTMGR_E_REGISTRY_UNREADABLE, "Not a directory"},
		{"registry/file.js/x", EXTMGR_E_REGISTRY_UNREADABLE, "Not a directory"},
		{"registry/fifo", EXTMGR_E_REGISTRY_UNREADABLE, "Not a directory"},
		{"registry/loop", EXTMGR_E_REGISTRY_UNREADABLE, "Too many levels"},
		{"HTTP://example.com/x", EXTMGR_E_UNSUPPORTED, "no way to fetch over HTTP"},
		{"https://example.com/x", EXTMGR_E_UNSUPPORTED, "no way to fetch over HTTP"},
		{"", EXTMGR_E_INVALID_ARGUMENT, "empty"},
		{NULL, EXTMGR_E_INVALID_ARGUMENT, "NULL"},
	};

	put(folder, "file.js", "x");
	assert_int_equal(mkfifoat(folder->descriptor, "fifo", 0600), 0);
	put_link(folder, "loop", "loop");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_registry *registry = (extmgr_registry *)&registry;
		const char *location = cases[i].location;
		extmgr_error *error = NULL;
		char path[128];

		if (location && *location && !strstr(location, "://")) {
			(void)snprintf(path, sizeof(path), "%s/%s", folder->path, location);
			location = path;
		}
		assert_int_equal(extmgr_registry_open(folder->context, location, &registry, &error),
				 cases[i].expected);
		assert_null(registry);
		if (!strstr(extmgr_error_get_message(error), cases[i].message))
			fail_msg("%s", extmgr_error_get_message(error));
		extmgr_error_free(error);
	}
}

/* Permissions do not hold for root, so the test becomes somebody else; false: it may not. */
static bool become_somebody(const struct folder *folder)
{
	return geteuid() != 0 ||
	       (chown(folder->path, SOMEBODY, -1) == 0 &&
		fchown(folder->descriptor, SOMEBODY, -1) == 0 && seteuid(SOMEBODY) == 0);
}

static void test_a_place_without_permission(void **state)
{
	const struct folder *folder = *state;
	extmgr_registry_list *list = (extmgr_registry_list *)&list;
	uid_t before = geteuid();

	if (!become_somebody(folder))
		skip();
	put(folder, "x.js", "x");
	assert_int_equal(fchmodat(folder->descriptor, "x.js", 0, 0), 0);
	assert_lists(folder, "x");
	assert_refuses(folder, "x", EXTMGR_E_REGISTRY_UNREADABLE, "Permission denied");
	assert_int_equal(fchmod(folder->descriptor, 0), 0);
	assert_int_equal(extmgr_registry_list_entries(folder->registry, &list, NULL),
			 EXTMGR_E_REGISTRY_UNREADABLE);
	assert_null(list);
	assert_refuses(folder, "x", EXTMGR_E_REGISTRY_UNREADABLE, "Permission denied");
	assert_int_equal(fchmod(folder->descriptor, 0700), 0);
	assert_int_equal(seteuid(before), 0);
}

static void test_a_registry_that_went_away(void **state)
{
	struct folder *folder = *state;
	extmgr_registry_list *list = (extmgr_registry_list *)&list;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/registry", folder->path);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(extmgr_registry_list_entries(folder->registry, &list, NULL),
			 EXTMGR_E_REGISTRY_NOT_FOUND);
	assert_null(list);
	assert_refuses(folder, "x", EXTMGR_E_REGISTRY_NOT_FOUND, "does not exist");
}

/* A deployment puts another directory in its place. */
static void test_a_registry_that_was_replaced(void **state)
{
	struct folder *folder = *state;
	char path[128];
	char old[128];

	put(folder, "x.js", "old");
	(void)snprintf(path, sizeof(path), "%s/registry", folder->path);
	(void)snprintf(old, sizeof(old), "%s/old", folder->path);
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_lists(folder, "");
	assert_refuses(folder, "x", EXTMGR_E_EXTENSION_NOT_FOUND, "\"x\" not found");
}

/* By bytes: upper case first, "a-" before "a.", UTF-8 last; not by the order of any locale. */
static void test_entries_are_sorted_by_bytes(void **state)
{
	const struct folder *folder = *state;
	const char *const names[] = {"b.js",   "\xc3\xa4.js", "a.js",  "B.js",
				     "a-b.js", "a.b.js",      "10.js", "9.js"};

	assert_lists(folder, "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(folder, names[i], "x");
	assert_lists(folder, "10 9 B a a-b a.b b \xc3\xa4");
}

static void test_only_definitions_are_entries(void **state)
{
	const struct folder *folder = *state;
	const char *const others[] = {
		".js",
		".hidden.js",
		"x.JS",
		"x.mjs",
		"x.js~",
		"x.js.bak",
		"xjs",
		"js",
		"line\nbreak.js",
		"\x7f.js",
		"\xff.js",
		"\xc3.js",
		"x\xc0\xaf.js",
		"surrogate\xed\xa0\x80.js",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put(folder, others[i], "x");
	put(folder, "x.js", "the one");
	put_folder(folder, "folder");
	put(folder, "folder/deep.js", "x");
	put_folder(folder, "folder.js");
	assert_int_equal(mkfifoat(folder->descriptor, "fifo.js", 0600), 0);
	assert_lists(folder, "x");
	assert_reads(folder, "x", "the one");
}

/* Nothing of it blocks, either. */
static void test_what_is_no_regular_file_is_not_read(void **state)
{
	const struct folder *folder = *state;

	put_folder(folder, "folder.js");
	assert_int_equal(mkfifoat(folder->descriptor, "fifo.js", 0600), 0);
	put_link(folder, "fifo.js", "link.js");
	put_link(folder, "/dev/zero", "device.js");
	assert_lists(folder, "");
	assert_refuses(folder, "folder", EXTMGR_E_REGISTRY_UNREADABLE, "not a regular file");
	assert_refuses(folder, "fifo", EXTMGR_E_REGISTRY_UNREADABLE, "not a regular file");
	assert_refuses(folder, "link", EXTMGR_E_REGISTRY_UNREADABLE, "not a regular file");
	assert_refuses(folder, "device", EXTMGR_E_REGISTRY_UNREADABLE, "not a regular file");
}

/* Listed, so that somebody sees why they do not work; never read. */
static void test_links_that_lead_out_are_refused(void **state)
{
	const struct folder *folder = *state;
	char secret[128];

	put(folder, "../secret.js", "secret");
	put_folder(folder, "../registry-2");
	put(folder, "../registry-2/x.js", "a name that begins like ours");
	put_link(folder, "../secret.js", "relative.js");
	(void)snprintf(secret, sizeof(secret), "%s/secret.js", folder->path);
	put_link(folder, secret, "absolute.js");
	put_link(folder, "relative.js", "twice.js");
	put_link(folder, "..", "up");
	put_link(folder, "up/secret.js", "through.js");
	put_link(folder, "../registry-2/x.js", "neighbour.js");
	assert_lists(folder, "absolute neighbour relative through twice");
	assert_refuses(folder, "relative", EXTMGR_E_REGISTRY_UNREADABLE, "leads out");
	assert_refuses(folder, "absolute", EXTMGR_E_REGISTRY_UNREADABLE, "leads out");
	assert_refuses(folder, "twice", EXTMGR_E_REGISTRY_UNREADABLE, "leads out");
	assert_refuses(folder, "through", EXTMGR_E_REGISTRY_UNREADABLE, "leads out");
	assert_refuses(folder, "neighbour", EXTMGR_E_REGISTRY_UNREADABLE, "leads out");
}

static void test_links_that_lead_nowhere(void **state)
{
	const struct folder *folder = *state;

	put_link(folder, "gone", "dangling.js");
	put_link(folder, "loop.js", "loop.js");
	assert_lists(folder, "");
	assert_refuses(folder, "dangling", EXTMGR_E_EXTENSION_NOT_FOUND, "not found");
	assert_refuses(folder, "loop", EXTMGR_E_REGISTRY_UNREADABLE, "Too many levels");
}

static void test_links_that_stay_inside_are_followed(void **state)
{
	const struct folder *folder = *state;

	put(folder, "real.js", "real");
	put_folder(folder, "store");
	put(folder, "store/1", "stored");
	put_link(folder, "real.js", "link.js");
	put_link(folder, "store/1", "stored.js");
	put_link(folder, "../registry/real.js", "around.js");
	assert_lists(folder, "around link real stored");
	assert_reads(folder, "around", "real");
	assert_reads(folder, "link", "real");
	assert_reads(folder, "stored", "stored");
}

/* How Kubernetes mounts a ConfigMap: x.js -> ..data/x.js, ..data -> ..2025_01, swapped at once. */
static void test_a_mounted_volume(void **state)
{
	const struct folder *folder = *state;

	put_folder(folder, "..2025_01");
	put(folder, "..2025_01/x.js", "old");
	put_folder(folder, "..2025_02");
	put(folder, "..2025_02/x.js", "new");
	put_link(folder, "..2025_01", "..data");
	put_link(folder, "..data/x.js", "x.js");
	assert_lists(folder, "x");
	assert_reads(folder, "x", "old");
	put_link(folder, "..2025_02", "..data_tmp");
	assert_int_equal(renameat(folder->descriptor, "..data_tmp", folder->descriptor, "..data"),
			 0);
	assert_lists(folder, "x");
	assert_reads(folder, "x", "new");
}

static void test_a_location_may_be_a_link(void **state)
{
	struct folder *folder = *state;
	char path[128];

	put(folder, "x.js", "x");
	put_link(folder, "registry", "../link");
	(void)snprintf(path, sizeof(path), "%s/link", folder->path);
	extmgr_registry_free(folder->registry);
	assert_int_equal(extmgr_registry_open(folder->context, path, &folder->registry, NULL),
			 EXTMGR_OK);
	assert_lists(folder, "x");
	assert_reads(folder, "x", "x");
}

static void test_a_file_is_read_as_it_is_then(void **state)
{
	const struct folder *folder = *state;

	put(folder, "x.js", "first");
	put(folder, "y.js", "second");
	assert_lists(folder, "x y");
	put(folder, "new", "replaced");
	assert_int_equal(renameat(folder->descriptor, "new", folder->descriptor, "x.js"), 0);
	assert_reads(folder, "x", "replaced");
	assert_int_equal(unlinkat(folder->descriptor, "y.js", 0), 0);
	assert_refuses(folder, "y", EXTMGR_E_EXTENSION_NOT_FOUND, "\"y\" not found");
	put_folder(folder, "y.js");
	assert_refuses(folder, "y", EXTMGR_E_REGISTRY_UNREADABLE, "not a regular file");
}

#define FIRST_SUM                                                                                  \
	"a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e" /* of "first" */

static void test_a_listing_beside_fits(void **state)
{
	static const char *const wrong[] = {"",
					    FIRST_SUM,
					    FIRST_SUM "  x.js",
					    FIRST_SUM "  y.js\n",
					    "0" FIRST_SUM "  x.js\n",
					    FIRST_SUM "  x.js\n" FIRST_SUM "  x.js\n"};
	const struct folder *folder = *state;

	put(folder, "x.js", "first");
	put(folder, "x.js.sums", FIRST_SUM "  x.js\n");
	assert_reads(folder, "x", "first");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		put(folder, "x.js.sums", wrong[i]);
		assert_refuses(folder, "x", EXTMGR_E_CHECKSUM,
			       "the file x.js.sums does not list definition 'x' as it is");
	}
	put(folder, "x.js.sums", FIRST_SUM "  x.js\n");
	put(folder, "x.js", "second");
	assert_refuses(folder, "x", EXTMGR_E_CHECKSUM, "does not list");
}

static void test_a_source_has_a_limit(void **state)
{
	const struct folder *folder = *state;
	char source[SOURCE_MAXIMUM + 2];

	memset(source, 'x', sizeof(source));
	source[SOURCE_MAXIMUM] = '\0';
	put(folder, "fits.js", source);
	put_bytes(folder, "empty.js", "", 0);
	source[SOURCE_MAXIMUM] = 'x';
	put_bytes(folder, "big.js", source, SOURCE_MAXIMUM + 1);
	assert_lists(folder, "big empty fits");
	source[SOURCE_MAXIMUM] = '\0';
	assert_reads(folder, "fits", source);
	assert_reads(folder, "empty", "");
	assert_refuses(folder, "big", EXTMGR_E_SOURCE_TOO_LARGE, "larger than 1000 bytes");
}

static void test_a_source_is_utf8(void **state)
{
	const struct folder *folder = *state;
	const char *const bad[] = {"\xff", "caf\xe9", "\xed\xa0\x80", "\xc0\xaf", "cut \xe2\x82"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(folder, "bad.js", bad[i]);
		assert_refuses(folder, "bad", EXTMGR_E_FORMAT, "'bad' is not valid UTF-8");
	}
	put(folder, "good.js", "\xef\xbb\xbf\xf0\x9f\x98\x80");
	assert_reads(folder, "good", "\xef\xbb\xbf\xf0\x9f\x98\x80");
}

/* With ".js" behind it an id means the same; nothing else does. */
static void test_ids_and_their_alias(void **state)
{
	const struct folder *folder = *state;
	char long_id[301];
	const char *const strangers[] = {
		"y",
		"x.JS",
		"X",
		"x.js.js",
		"x.js.js.js",
		"",
		".",
		"..",
		".js",
		".hidden",
		".hidden.js",
		"../outside",
		"../registry/x",
		"./x",
		"folder/deep",
		"/etc/passwd",
		"..\\x",
		"x/",
		"x\n",
		"x\x7f",
		"\xff",
		"x\xc0\xaf",
		long_id,
		" x",
		"x ",
		"x*",
		"%78",
	};

	memset(long_id, 'i', sizeof(long_id) - 1);
	long_id[sizeof(long_id) - 1] = '\0';
	put(folder, "x.js", "the one");
	put(folder, ".hidden.js", "hidden");
	put(folder, "../outside.js", "outside");
	put_folder(folder, "folder");
	put(folder, "folder/deep.js", "deep");
	assert_reads(folder, "x", "the one");
	assert_reads(folder, "x.js", "the one");
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		assert_refuses(folder, strangers[i], EXTMGR_E_EXTENSION_NOT_FOUND, "not found");
}

/* "y.js" as an id would mean the file y.js. */
static void test_a_name_with_two_suffixes_is_no_entry(void **state)
{
	const struct folder *folder = *state;

	put(folder, "y.js.js", "two");
	assert_lists(folder, "");
	assert_refuses(folder, "y", EXTMGR_E_EXTENSION_NOT_FOUND, "\"y\" not found");
	assert_refuses(folder, "y.js", EXTMGR_E_EXTENSION_NOT_FOUND, "\"y\" not found");
	assert_refuses(folder, "y.js.js", EXTMGR_E_EXTENSION_NOT_FOUND, "\"y.js\" not found");
}

static void test_the_longest_name(void **state)
{
	const struct folder *folder = *state;
	char name[NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	memcpy(name + NAME_MAX - 3, ".js", 4);
	put(folder, name, "longest");
	assert_reads(folder, name, "longest");
	name[NAME_MAX - 3] = '\0';
	assert_lists(folder, name);
	assert_reads(folder, name, "longest");
	memcpy(name + NAME_MAX - 3, "n", 2); /* the file's name would be too long */
	assert_refuses(folder, name, EXTMGR_E_EXTENSION_NOT_FOUND, "not found");
}

static void test_entries_have_a_limit(void **state)
{
	const struct folder *folder = *state;
	extmgr_registry_list *list = NULL;
	extmgr_error *error = NULL;
	char name[32];

	for (int i = 0; i < MOST_ENTRIES; i++) {
		(void)snprintf(name, sizeof(name), "%05d.js", i);
		put(folder, name, "");
	}
	put(folder, "not-counted", "");
	assert_int_equal(extmgr_registry_list_entries(folder->registry, &list, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_list_get_count(list), MOST_ENTRIES);
	assert_string_equal(extmgr_registry_list_get_id(list, 0), "00000");
	assert_string_equal(extmgr_registry_list_get_id(list, MOST_ENTRIES - 1), "09999");
	extmgr_registry_list_free(list);
	put(folder, "counted.js", "");
	list = (extmgr_registry_list *)&list;
	assert_int_equal(extmgr_registry_list_entries(folder->registry, &list, &error),
			 EXTMGR_E_TOO_LARGE);
	assert_null(list);
	assert_non_null(strstr(extmgr_error_get_message(error), "10000"));
	extmgr_error_free(error);
	assert_reads(folder, "counted", ""); /* reading one is no matter of the others */
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(test_places_that_are_no_registry),
		WITH_FOLDER(test_a_place_without_permission),
		WITH_FOLDER(test_a_registry_that_went_away),
		WITH_FOLDER(test_a_registry_that_was_replaced),
		WITH_FOLDER(test_entries_are_sorted_by_bytes),
		WITH_FOLDER(test_only_definitions_are_entries),
		WITH_FOLDER(test_what_is_no_regular_file_is_not_read),
		WITH_FOLDER(test_links_that_lead_out_are_refused),
		WITH_FOLDER(test_links_that_lead_nowhere),
		WITH_FOLDER(test_links_that_stay_inside_are_followed),
		WITH_FOLDER(test_a_mounted_volume),
		WITH_FOLDER(test_a_location_may_be_a_link),
		WITH_FOLDER(test_a_file_is_read_as_it_is_then),
		WITH_FOLDER(test_a_listing_beside_fits),
		WITH_FOLDER(test_a_source_has_a_limit),
		WITH_FOLDER(test_a_source_is_utf8),
		WITH_FOLDER(test_ids_and_their_alias),
		WITH_FOLDER(test_a_name_with_two_suffixes_is_no_entry),
		WITH_FOLDER(test_the_longest_name),
		WITH_FOLDER(test_entries_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
