/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/files.h"

#include <extmgr/extmgr.h>

struct store {
	const char *const *paths; /* ends with NULL; sizes count from 1 */
	size_t many;              /* that many more */
	extmgr_result answer;
	extmgr_operation *cancels; /* cancelled within the callback */
	int calls;
	int destroyed;

	const char *content; /* of each file; NULL: it cannot read */
	size_t repeated;     /* times */
	extmgr_result reads; /* what read answers in the end */
	bool looks_away;     /* from what append answers */
};

static extmgr_result list_files(void *user_data, extmgr_operation *operation,
				extmgr_file_list *files, extmgr_host_error *error)
{
	struct store *store = user_data;
	uint64_t size = 0;
	char path[32];

	(void)operation;
	store->calls++;
	for (size_t i = 0; store->paths && store->paths[i]; i++)
		assert_int_equal(extmgr_file_list_append(files, store->paths[i], ++size),
				 EXTMGR_OK);
	for (size_t i = 0; i < store->many; i++) {
		(void)snprintf(path, sizeof(path), "/%zu", i);
		if (extmgr_file_list_append(files, path, 1) != EXTMGR_OK)
			return EXTMGR_OK; /* a host that looks away */
	}
	extmgr_operation_cancel(store->cancels);
	if (store->answer)
		extmgr_host_error_set(error, 17, NULL, "the disk is gone", 16);
	return store->answer;
}

static extmgr_result read_file(void *user_data, extmgr_operation *operation, const char *path,
			       extmgr_file_sink *sink, extmgr_host_error *error)
{
	struct store *store = user_data;

	(void)operation;
	assert_string_equal(path, "/a/b");
	assert_int_equal(extmgr_file_sink_append(sink, NULL, 0), EXTMGR_OK);
	assert_int_equal(extmgr_file_sink_append(sink, NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_file_sink_append(NULL, "x", 1), EXTMGR_E_INVALID_ARGUMENT);
	extmgr_operation_cancel(store->cancels);
	for (size_t i = 0; i < store->repeated; i++) {
		extmgr_result result =
			extmgr_file_sink_append(sink, store->content, strlen(store->content));

		if (result != EXTMGR_OK && !store->looks_away)
			return result;
	}
	if (store->reads)
		extmgr_host_error_set(error, 17, NULL, "the disk is gone", 16);
	return store->reads;
}

static void count_destroy(void *user_data)
{
	((struct store *)user_data)->destroyed++;
}

static extmgr_files *make(struct store *store)
{
	extmgr_files_callbacks callbacks;
	extmgr_files *files = NULL;

	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list_files;
	callbacks.destroy = count_destroy;
	callbacks.read = store->content ? read_file : NULL;
	assert_int_equal(extmgr_files_new(&callbacks, store, &files, NULL), EXTMGR_OK);
	return files;
}

static void test_callbacks_are_checked(void **state)
{
	struct {
		extmgr_files_callbacks callbacks;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		uint32_t flags;
		unsigned char tail;
		bool list;
		extmgr_result expected;
	} cases[] = {
		{sizeof(extmgr_files_callbacks), 0, 1, true, EXTMGR_OK},
		{sizeof(newer), 0, 0, true, EXTMGR_OK},
		{sizeof(newer), 0, 1, true, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_files_callbacks) - 24, 0, 0, true, EXTMGR_OK}, /* without create */
		{sizeof(extmgr_files_callbacks) - 32, 0, 0, true, EXTMGR_OK}, /* without read */
		{sizeof(extmgr_files_callbacks) - 40, 0, 0, true, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_files_callbacks), 1, 0, true, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_files_callbacks), 0, 0, false, EXTMGR_E_INVALID_ARGUMENT},
	};
	extmgr_files *files = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&newer, 0, sizeof(newer));
		extmgr_files_callbacks_init(&newer.callbacks, cases[i].size);
		newer.callbacks.flags = cases[i].flags;
		newer.callbacks.list = cases[i].list ? list_files : NULL;
		newer.tail[3] = cases[i].tail;
		assert_int_equal(extmgr_files_new(&newer.callbacks, NULL, &files, NULL),
				 cases[i].expected);
		assert_true(!files == (cases[i].expected != EXTMGR_OK));
		extmgr_files_free(files);
	}
	assert_int_equal(extmgr_files_new(NULL, NULL, &files, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_files_new(&newer.callbacks, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_files_free(NULL);
}

static void test_the_list_is_sorted_and_found_by_name(void **state)
{
	const char *const paths[] = {"/b/x.jar",  "/a/y.jar", "/a/x.jar", "/x.jar/z",
				     "/\xc3\xa4", "/B",       "/a/x.jar", NULL};
	const char *const expected[] = {"/B",       "/a/x.jar", "/a/x.jar", "/a/y.jar",
					"/b/x.jar", "/x.jar/z", "/\xc3\xa4"};
	struct store store = {.paths = paths};
	extmgr_files *files = make(&store);
	extmgr_file_list *list = NULL;

	(void)state;
	assert_int_equal(extmgr__files_list(files, NULL, &list, NULL), EXTMGR_OK);
	assert_int_equal(store.calls, 1);
	assert_int_equal(extmgr__file_list_count(list), 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(extmgr__file_list_get(list, i)->path, expected[i]);
	assert_null(extmgr__file_list_get(list, 7));
	assert_string_equal(extmgr__file_list_find(list, "x.jar")->path, "/a/x.jar");
	assert_int_equal(extmgr__file_list_find(list, "x.jar")->size, 3); /* the smaller of two */
	assert_string_equal(extmgr__file_list_find(list, "z")->name, "z");
	assert_null(extmgr__file_list_find(list, "a/x.jar"));
	assert_null(extmgr__file_list_find(list, ""));
	extmgr__file_list_free(list);
	extmgr_files_free(files);
}

static void test_no_store_is_an_empty_one(void **state)
{
	extmgr_file_list *list = NULL;

	(void)state;
	assert_null(extmgr__files_ref(NULL));
	extmgr__files_unref(NULL);
	assert_int_equal(extmgr__files_list(NULL, NULL, &list, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__file_list_count(list), 0);
	assert_null(extmgr__file_list_find(list, "x"));
	extmgr__file_list_free(list);
	extmgr__file_list_free(NULL);
}

/* A bad path is refused, and the host may go on. */
static extmgr_result list_odd_paths(void *user_data, extmgr_operation *operation,
				    extmgr_file_list *files, extmgr_host_error *error)
{
	static char longest[4098];
	const struct {
		const char *path;
		extmgr_result expected;
	} cases[] = {
		{NULL, EXTMGR_E_INVALID_ARGUMENT},
		{"", EXTMGR_E_INVALID_ARGUMENT},
		{"relative", EXTMGR_E_INVALID_ARGUMENT},
		{"/", EXTMGR_E_INVALID_ARGUMENT},
		{"/dir/", EXTMGR_E_INVALID_ARGUMENT},
		{"/a\nb", EXTMGR_E_FORMAT},
		{"/\x7f", EXTMGR_E_FORMAT},
		{"/\xff", EXTMGR_E_FORMAT},
		{longest, EXTMGR_E_INVALID_ARGUMENT},
		{"/good", EXTMGR_OK},
	};

	(void)user_data, (void)operation, (void)error;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(extmgr_file_list_append(files, cases[i].path, 1),
				 cases[i].expected);
	longest[4096] = '\0'; /* now just short enough */
	assert_int_equal(extmgr_file_list_append(files, longest, 1), EXTMGR_OK);
	assert_int_equal(extmgr_file_list_append(NULL, "/x", 1), EXTMGR_E_INVALID_ARGUMENT);
	return EXTMGR_OK;
}

static void test_odd_paths_are_refused_one_by_one(void **state)
{
	extmgr_files_callbacks callbacks;
	extmgr_files *files = NULL;
	extmgr_file_list *list = NULL;

	(void)state;
	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list_odd_paths;
	assert_int_equal(extmgr_files_new(&callbacks, NULL, &files, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__files_list(files, NULL, &list, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__file_list_count(list), 2);
	assert_non_null(extmgr__file_list_find(list, "good"));
	extmgr__file_list_free(list);
	extmgr_files_free(files);
}

static void test_a_list_that_is_cut_short_is_no_list(void **state)
{
	struct store store = {.many = 100000};
	extmgr_files *files = make(&store);
	extmgr_file_list *list = NULL;
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__files_list(files, NULL, &list, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__file_list_count(list), 100000);
	extmgr__file_list_free(list);
	store.many++;
	assert_int_equal(extmgr__files_list(files, NULL, &list, &error), EXTMGR_E_TOO_LARGE);
	assert_null(list);
	assert_non_null(strstr(extmgr_error_get_message(error), "100000"));
	extmgr_error_free(error);
	extmgr_files_free(files);
}

static void test_answers_become_errors(void **state)
{
	const struct {
		extmgr_result answer;
		extmgr_result expected;
	} cases[] = {
		{EXTMGR_E_IO, EXTMGR_E_IO},
		{EXTMGR_E_CONNECTION, EXTMGR_E_CONNECTION},
		{EXTMGR_E_HOST, EXTMGR_E_HOST},
		{-9999, EXTMGR_E_HOST},
		{1, EXTMGR_E_HOST},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store store = {.answer = cases[i].answer};
		extmgr_files *files = make(&store);
		extmgr_file_list *list = NULL;
		extmgr_error *error = NULL;

		assert_int_equal(extmgr__files_list(files, NULL, &list, &error), cases[i].expected);
		assert_null(list);
		assert_int_equal(extmgr_error_get_host_code(error), 17);
		assert_string_equal(extmgr_error_get_message(error),
				    "cannot list the files of the file store: the disk is gone");
		extmgr_error_free(error);
		extmgr_files_free(files);
	}
}

static void test_a_cancelled_list_says_so(void **state)
{
	struct store store = {.answer = EXTMGR_E_IO};
	extmgr_files *files = make(&store);
	extmgr_file_list *list = NULL;
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &store.cancels, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__files_list(files, store.cancels, &list, &error),
			 EXTMGR_E_CANCELLED);
	assert_int_equal(extmgr_error_get_code(extmgr_error_get_cause(error)), EXTMGR_E_IO);
	assert_int_equal(extmgr__files_list(files, store.cancels, &list, NULL), EXTMGR_E_CANCELLED);
	assert_int_equal(store.calls, 1); /* not asked a second time */
	extmgr_error_free(error);
	extmgr_operation_free(store.cancels);
	extmgr_files_free(files);
}

/* SHA-256 of "abcabc" and of nothing. */
#define ABCABC "bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c"
#define EMPTY  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_content_is_hashed_in_pieces(void **state)
{
	const struct {
		struct store store;
		uint64_t size;
		extmgr_result expected;
		const char *text; /* the hash, or part of the message */
	} cases[] = {
		{{.content = "abc", .repeated = 2}, 6, EXTMGR_OK, ABCABC},
		{{.content = "abcabc", .repeated = 1}, 6, EXTMGR_OK, ABCABC},
		{{.content = "abc"}, 6, EXTMGR_OK, EMPTY},
		{{.content = "abc", .repeated = 2}, 5, EXTMGR_E_ARTIFACT_CHECKSUM, "than the 5 by"},
		{{.content = "abc", .repeated = 9, .looks_away = true},
		 5,
		 EXTMGR_E_ARTIFACT_CHECKSUM,
		 "than the 5 bytes that were listed"},
		{{.content = "abc", .repeated = 1, .reads = EXTMGR_E_IO},
		 6,
		 EXTMGR_E_IO,
		 "cannot read file '/a/b': the disk is gone"},
		{{.content = "abc", .reads = -9999}, 6, EXTMGR_E_HOST, "the disk is gone"},
		{{.content = NULL}, 6, EXTMGR_E_UNSUPPORTED, "this file store cannot read files"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store store = cases[i].store;
		char path[] = "/a/b";
		const struct extmgr__file file = {path, "b", cases[i].size};
		extmgr_files *files = make(&store);
		char hex[EXTMGR__SHA256_HEX_SIZE] = "";
		extmgr_error *error = NULL;

		assert_int_equal(extmgr__files_hash(files, NULL, &file, hex, &error),
				 cases[i].expected);
		if (cases[i].expected == EXTMGR_OK)
			assert_string_equal(hex, cases[i].text);
		else
			assert_non_null(strstr(extmgr_error_get_message(error), cases[i].text));
		extmgr_error_free(error);
		extmgr_files_free(files);
	}
}

static void test_a_cancelled_read_says_so(void **state)
{
	struct store store = {.content = "abc", .repeated = 1};
	char path[] = "/a/b";
	const struct extmgr__file file = {path, "b", 3};
	extmgr_files *files = make(&store);
	char hex[EXTMGR__SHA256_HEX_SIZE] = "";

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &store.cancels, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__files_hash(files, store.cancels, &file, hex, NULL),
			 EXTMGR_E_CANCELLED);
	extmgr_operation_free(store.cancels);
	extmgr_files_free(files);
}

static void test_destroy_is_called_once_by_the_last_user(void **state)
{
	struct store store = {0};
	extmgr_files *files = make(&store);

	(void)state;
	extmgr__files_ref(files);
	extmgr_files_free(files);
	assert_int_equal(store.destroyed, 0);
	extmgr__files_unref(files);
	assert_int_equal(store.destroyed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_callbacks_are_checked),
		cmocka_unit_test(test_the_list_is_sorted_and_found_by_name),
		cmocka_unit_test(test_no_store_is_an_empty_one),
		cmocka_unit_test(test_odd_paths_are_refused_one_by_one),
		cmocka_unit_test(test_a_list_that_is_cut_short_is_no_list),
		cmocka_unit_test(test_answers_become_errors),
		cmocka_unit_test(test_a_cancelled_list_says_so),
		cmocka_unit_test(test_content_is_hashed_in_pieces),
		cmocka_unit_test(test_a_cancelled_read_says_so),
		cmocka_unit_test(test_destroy_is_called_once_by_the_last_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
