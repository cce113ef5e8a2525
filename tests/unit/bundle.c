/* SPDX-License-Identifier: MIT */
/*
 * Bundles through the public API: sources and bundles from memory and disk, what they answer, and
 * the limits of a context, each with a bundle that is just within and one that is just beyond.
 * What is refused in an archive is in tests/integration/bundles/malformed.py.
 */
#include "test.h"

#include "bundle/bundle.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "{\"name\":\"tool\",\"publisher\":\"acme\",\"version\":\"1.2.3\",\"other\":[1]}"
#define THREADS  4
#define ROUNDS   50

struct folder {
	char path[64];
	char project[96];
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static void make_folder(const char *root, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void put(const char *root, const char *name, const char *bytes, size_t length)
{
	char path[256];
	int file;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), length);
	assert_int_equal(close(file), 0);
}

static void put_text(const char *root, const char *name, const char *text)
{
	put(root, name, text, strlen(text));
}

/* A project with a manifest and a file of 100 bytes. */
static int set_up(void **state)
{
	static struct folder folder;

	(void)snprintf(folder.path, sizeof(folder.path), "/tmp/extmgr-bundle-XXXXXX");
	assert_non_null(mkdtemp(folder.path));
	(void)snprintf(folder.project, sizeof(folder.project), "%s/project", folder.path);
	make_folder(folder.path, "project");
	make_folder(folder.project, "dist");
	make_folder(folder.project, "dist/backend");
	make_folder(folder.project, "dist/backend/src");
	put_text(folder.project, "dist/manifest.json", MANIFEST);
	put_text(folder.project, "dist/backend/src/a.js",
		 "0123456789012345678901234567890123456789"
		 "012345678901234567890123456789012345678901234567890123456789");
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	const struct folder *folder = *state;

	return nftw(folder->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static extmgr_context *make_context(const extmgr_context_options *options)
{
	extmgr_context *context = NULL;

	assert_int_equal(extmgr_context_new(options, &context, NULL), EXTMGR_OK);
	return context;
}

static extmgr_bundle *open_path(extmgr_context *context, const char *path)
{
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;

	assert_int_equal(extmgr_bundle_source_read(context, path, &source, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_bundle_open(source, &bundle, NULL), EXTMGR_OK);
	extmgr_bundle_source_free(source);
	return bundle;
}

/* The project, packed. */
static extmgr_text *pack(extmgr_context *context, const struct folder *folder)
{
	extmgr_bundle *bundle = open_path(context, folder->project);
	extmgr_text *archive = NULL;

	assert_int_equal(extmgr_bundle_pack(bundle, &archive, NULL), EXTMGR_OK);
	extmgr_bundle_free(bundle);
	return archive;
}

/* Reads and opens an archive; the result of the step that failed. */
static extmgr_result try_archive(extmgr_context *context, const extmgr_text *archive,
				 extmgr_error **error)
{
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = (extmgr_bundle *)&bundle; /* must be zeroed */
	extmgr_result result =
		extmgr_bundle_source_from_bytes(context, "archive", extmgr_text_get_data(archive),
						extmgr_text_get_length(archive), &source, error);

	if (result != EXTMGR_OK) {
		assert_null(source);
		return result;
	}
	result = extmgr_bundle_open(source, &bundle, error);
	assert_true((result == EXTMGR_OK) == (bundle != NULL));
	extmgr_bundle_source_free(source);
	extmgr_bundle_free(bundle);
	return result;
}

static extmgr_result try_path(extmgr_context *context, const char *path, extmgr_error **error)
{
	extmgr_bundle_source *source = (extmgr_bundle_source *)&source;
	extmgr_bundle *bundle = NULL;
	extmgr_result result = extmgr_bundle_source_read(context, path, &source, error);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, &bundle, error);
	else
		assert_null(source);
	extmgr_bundle_source_free(source);
	extmgr_bundle_free(bundle);
	return result;
}

static void test_nonsense(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_bundle_list *list = NULL;
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	size_t length = 7;

	assert_int_equal(extmgr_bundle_source_read(NULL, folder->project, &source, &error),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_string_equal(extmgr_error_get_message(error), "context is NULL");
	extmgr_error_free(error);
	assert_int_equal(extmgr_bundle_source_read(context, NULL, &source, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_source_read(context, "", &source, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_source_read(context, "x", NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_source_read(context, "\xff", &source, NULL),
			 EXTMGR_E_BUNDLE_NAME_ENCODING);
	assert_int_equal(extmgr_bundle_source_from_bytes(context, "x", NULL, 1, &source, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_source_from_bytes(context, NULL, "x", 1, &source, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_source_from_bytes(context, "x", NULL, 0, &source, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_bundle_open(source, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_open(source, &bundle, NULL), EXTMGR_E_BUNDLE_NOT_ZIP);
	assert_null(bundle);
	extmgr_bundle_source_free(source);
	assert_int_equal(extmgr_bundle_open(NULL, &bundle, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_pack(NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_to_json(NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_list_to_json(NULL, &text, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_discover(context, NULL, NULL, &list, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_bundle_discover(context, "x", NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_digest_compute(context, NULL, 1, &text, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_digest_compute(context, "x", 1, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_digest_compute(context, folder->project, 0, &text, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_digest_compute(context, folder->project, 4, &text, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(extmgr_bundle_source_get_path(NULL));
	assert_null(extmgr_bundle_source_get_archive_sha256(NULL));
	assert_null(extmgr_bundle_source_get_sums(NULL, &length));
	assert_int_equal(length, 0);
	assert_null(extmgr_bundle_source_get_signature(NULL, NULL));
	assert_int_equal(extmgr_bundle_source_get_kind(NULL), 0);
	assert_null(extmgr_bundle_get_id(NULL));
	assert_null(extmgr_bundle_get_version(NULL));
	assert_null(extmgr_bundle_get_name(NULL));
	assert_null(extmgr_bundle_get_path(NULL));
	assert_null(extmgr_bundle_get_digest(NULL));
	assert_null(extmgr_bundle_get_listing(NULL));
	assert_null(extmgr_bundle_get_manifest(NULL, &length));
	assert_null(extmgr_bundle_get_definition_path(NULL));
	assert_null(extmgr_bundle_get_archive_sha256(NULL));
	assert_null(extmgr_bundle_get_sums(NULL, NULL));
	assert_null(extmgr_bundle_get_signature(NULL, NULL));
	assert_null(extmgr_bundle_get_warning(NULL, 0));
	assert_null(extmgr_bundle_get_file_path(NULL, 0));
	assert_null(extmgr_bundle_get_file_sha256(NULL, 0));
	assert_null(extmgr_bundle_get_file_content(NULL, 0, NULL));
	assert_int_equal(extmgr_bundle_get_kind(NULL), 0);
	assert_int_equal(extmgr_bundle_get_signature_state(NULL), 0);
	assert_int_equal(extmgr_bundle_get_file_count(NULL), 0);
	assert_int_equal(extmgr_bundle_get_warning_count(NULL), 0);
	assert_int_equal(extmgr_bundle_find_file(NULL, "x", NULL), 0);
	assert_int_equal(extmgr_bundle_list_get_count(NULL), 0);
	assert_null(extmgr_bundle_list_get_path(NULL, 0));
	assert_null(extmgr_bundle_list_get_warning(NULL));
	assert_null(extmgr_bundle_list_get_error(NULL, 0));
	assert_string_equal(extmgr_signature_get_name(99), "unknown");
	assert_string_equal(extmgr_bundle_outcome_get_name(99), "unknown");
	extmgr_bundle_source_free(NULL);
	extmgr_bundle_free(NULL);
	extmgr_bundle_list_free(NULL);
	extmgr_context_free(context);
}

static void test_what_a_bundle_answers(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_bundle *bundle = open_path(context, folder->project);
	const char *content;
	size_t length = 0;
	size_t index = 9;

	extmgr_context_free(context); /* the bundle keeps what it needs */
	assert_string_equal(extmgr_bundle_get_path(bundle), folder->project);
	assert_int_equal(extmgr_bundle_get_kind(bundle), EXTMGR_BUNDLE_DIRECTORY);
	assert_string_equal(extmgr_bundle_get_id(bundle), "acme.tool");
	assert_string_equal(extmgr_bundle_get_version(bundle), "1.2.3");
	assert_string_equal(extmgr_bundle_get_name(bundle), "tool");
	assert_string_equal(extmgr_bundle_get_manifest(bundle, &length), MANIFEST);
	assert_int_equal(length, strlen(MANIFEST));
	assert_null(extmgr_bundle_get_definition_path(bundle));
	assert_int_equal(extmgr_bundle_get_signature_state(bundle), EXTMGR_SIGNATURE_UNSIGNED);
	assert_string_equal(extmgr_signature_get_name(EXTMGR_SIGNATURE_UNSIGNED), "unsigned");
	assert_int_equal(extmgr_bundle_get_warning_count(bundle), 0);
	assert_int_equal(extmgr_bundle_get_file_count(bundle), 2);
	assert_string_equal(extmgr_bundle_get_file_path(bundle, 0), "backend/src/a.js");
	assert_string_equal(extmgr_bundle_get_file_path(bundle, 1), "manifest.json");
	assert_null(extmgr_bundle_get_file_path(bundle, 2));
	content = extmgr_bundle_get_file_content(bundle, 0, &length);
	assert_int_equal(length, 100);
	assert_int_equal(content[100], 0);
	assert_int_equal(extmgr_bundle_find_file(bundle, "manifest.json", &index), 1);
	assert_int_equal(index, 1);
	assert_int_equal(extmgr_bundle_find_file(bundle, "manifest", &index), 0);
	assert_int_equal(extmgr_bundle_find_file(bundle, NULL, &index), 0);
	/* A directory has no archive: what tells a change is its listing. */
	assert_string_equal(extmgr_bundle_get_archive_sha256(bundle),
			    extmgr_bundle_get_digest(bundle) + strlen("sha256:"));
	extmgr_bundle_free(bundle);
}

static void test_a_directory_and_its_archive_agree(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_text *archive = pack(context, folder);
	extmgr_bundle *directory = open_path(context, folder->project);
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;

	assert_int_equal(
		extmgr_bundle_source_from_bytes(context, "x.supx", extmgr_text_get_data(archive),
						extmgr_text_get_length(archive), &source, NULL),
		EXTMGR_OK);
	extmgr_text_free(archive); /* copied */
	assert_int_equal(extmgr_bundle_source_get_kind(source), EXTMGR_BUNDLE_ARCHIVE);
	assert_int_equal(extmgr_bundle_open(source, &bundle, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_bundle_get_archive_sha256(bundle),
			    extmgr_bundle_source_get_archive_sha256(source));
	extmgr_bundle_source_free(source);
	extmgr_context_free(context);
	assert_string_equal(extmgr_bundle_get_digest(bundle), extmgr_bundle_get_digest(directory));
	assert_string_equal(extmgr_bundle_get_listing(bundle),
			    extmgr_bundle_get_listing(directory));
	assert_string_not_equal(extmgr_bundle_get_archive_sha256(bundle),
				extmgr_bundle_get_archive_sha256(directory));
	extmgr_bundle_free(directory);
	extmgr_bundle_free(bundle);
}

static void test_signature_files_are_kept_as_they_are(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_bundle *bundle;
	char path[128];
	size_t length = 0;

	put(folder->path, "project.sums", "sums\0x", 6);
	put_text(folder->path, "project.sums.minisig", "");
	(void)snprintf(path, sizeof(path), "%s//", folder->project);
	bundle = open_path(context, path);
	assert_memory_equal(extmgr_bundle_get_sums(bundle, &length), "sums\0x", 6);
	assert_int_equal(length, 6);
	assert_string_equal(extmgr_bundle_get_signature(bundle, &length), "");
	assert_int_equal(length, 0);
	extmgr_bundle_free(bundle);
	extmgr_context_free(context);
}

/* ---- Limits ---- */

static void assert_limit(const struct folder *folder, size_t field, uint64_t enough,
			 extmgr_result code, bool of_directories)
{
	extmgr_context *generous = make_context(NULL);
	extmgr_text *archive = pack(generous, folder);

	for (int less = 0; less <= 1; less++) {
		extmgr_context_options options;
		extmgr_context *context;
		extmgr_error *error = NULL;
		uint64_t value = enough - (uint64_t)less;

		extmgr_context_options_init(&options, sizeof(options));
		memcpy((char *)&options + field, &value, sizeof(value));
		context = make_context(&options);
		assert_int_equal(try_archive(context, archive, &error), less ? code : EXTMGR_OK);
		assert_int_equal(extmgr_error_get_code(error), less ? code : EXTMGR_OK);
		assert_true(!less || extmgr_error_get_hint(error));
		extmgr_error_free(error);
		if (of_directories)
			assert_int_equal(try_path(context, folder->project, NULL),
					 less ? code : EXTMGR_OK);
		extmgr_context_free(context);
	}
	extmgr_text_free(archive);
	extmgr_context_free(generous);
}

#define LIMIT(field) offsetof(extmgr_context_options, field)

static void test_limits(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_text *archive = pack(context, folder);
	uint64_t length = extmgr_text_get_length(archive);

	assert_limit(folder, LIMIT(bundle_bytes), length, EXTMGR_E_BUNDLE_TOO_LARGE, false);
	assert_limit(folder, LIMIT(bundle_entry_bytes), 100, EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE, true);
	assert_limit(folder, LIMIT(bundle_total_bytes), 100 + strlen(MANIFEST),
		     EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE, true);
	assert_limit(folder, LIMIT(bundle_path_bytes), strlen("backend/src/a.js"),
		     EXTMGR_E_BUNDLE_PATH_TOO_LONG, true);
	assert_limit(folder, LIMIT(manifest_bytes), strlen(MANIFEST),
		     EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE, true);
	assert_limit(folder, LIMIT(bundle_entries), 2, EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES, false);
	extmgr_text_free(archive);
	extmgr_context_free(context);
}

static void test_entries_of_a_directory(void **state)
{
	const struct folder *folder = *state;

	for (uint64_t most = 3; most <= 4; most++) {
		extmgr_context_options options;
		extmgr_context *context;

		extmgr_context_options_init(&options, sizeof(options));
		options.bundle_entries = most; /* two files, two folders */
		context = make_context(&options);
		assert_int_equal(try_path(context, folder->project, NULL),
				 most == 4 ? EXTMGR_OK : EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES);
		extmgr_context_free(context);
	}
}

static void test_the_ratio(void **state)
{
	const struct folder *folder = *state;
	extmgr_context_options options;
	extmgr_context *context = make_context(NULL);
	extmgr_text *archive;
	char zeros[4000] = {0};

	put(folder->project, "dist/backend/src/a.js", zeros, sizeof(zeros));
	archive = pack(context, folder);
	extmgr_context_options_init(&options, sizeof(options));
	options.bundle_ratio = 10;
	extmgr_context_free(context);
	context = make_context(&options);
	assert_int_equal(try_archive(context, archive, NULL), EXTMGR_E_BUNDLE_RATIO);
	assert_int_equal(try_path(context, folder->project, NULL), EXTMGR_OK);
	extmgr_text_free(archive);
	extmgr_context_free(context);
}

/* All bundles that are open share one ceiling, and give back what they took. */
static void test_memory_is_bounded_and_given_back(void **state)
{
	const struct folder *folder = *state;
	extmgr_context_options options;
	extmgr_context *context;
	extmgr_bundle *bundle;
	extmgr_error *error = NULL;
	extmgr_text *archive;

	extmgr_context_options_init(&options, sizeof(options));
	options.total_memory_bytes = (100 + strlen(MANIFEST)) * 2 - 1;
	context = make_context(&options);
	for (int round = 0; round < 3; round++) {
		bundle = open_path(context, folder->project);
		assert_int_equal(try_path(context, folder->project, &error), EXTMGR_E_TOO_LARGE);
		assert_non_null(extmgr_error_get_hint(error));
		extmgr_error_free(error);
		error = NULL;
		extmgr_bundle_free(bundle);
	}
	extmgr_context_free(context);
	context = make_context(NULL);
	archive = pack(context, folder);
	extmgr_context_free(context);
	options.total_memory_bytes = extmgr_text_get_length(archive) + 100 + strlen(MANIFEST);
	context = make_context(&options);
	for (int round = 0; round < 3; round++)
		assert_int_equal(try_archive(context, archive, NULL), EXTMGR_OK);
	extmgr_context_free(context);
	options.total_memory_bytes--;
	context = make_context(&options);
	for (int round = 0; round < 3; round++)
		assert_int_equal(try_archive(context, archive, NULL), EXTMGR_E_TOO_LARGE);
	options.total_memory_bytes = extmgr_text_get_length(archive) - 1;
	extmgr_context_free(context);
	context = make_context(&options);
	assert_int_equal(try_archive(context, archive, NULL), EXTMGR_E_TOO_LARGE);
	extmgr_context_free(context);
	extmgr_text_free(archive);
}

/* ---- Threads ---- */

struct shared {
	extmgr_context *context;
	extmgr_bundle_source *source;
	const char *path;
	char digest[80];
};

static void *open_often(void *argument)
{
	const struct shared *shared = argument;

	for (int i = 0; i < ROUNDS; i++) {
		extmgr_bundle *bundle = NULL;
		extmgr_text *digest = NULL;

		if (extmgr_bundle_open(shared->source, &bundle, NULL) != EXTMGR_OK ||
		    strcmp(extmgr_bundle_get_digest(bundle), shared->digest) != 0 ||
		    extmgr_digest_compute(shared->context, shared->path, EXTMGR_DIGEST_SHA256,
					  &digest, NULL, NULL) != EXTMGR_OK ||
		    strcmp(extmgr_text_get_data(digest), shared->digest) != 0)
			return argument;
		extmgr_text_free(digest);
		extmgr_bundle_free(bundle);
	}
	return NULL;
}

static void test_one_source_is_opened_by_many_threads(void **state)
{
	const struct folder *folder = *state;
	struct shared shared = {.context = make_context(NULL), .path = folder->project};
	extmgr_text *archive = pack(shared.context, folder);
	extmgr_bundle *bundle = open_path(shared.context, folder->project);
	pthread_t threads[THREADS];

	(void)snprintf(shared.digest, sizeof(shared.digest), "%s",
		       extmgr_bundle_get_digest(bundle));
	extmgr_bundle_free(bundle);
	assert_int_equal(extmgr_bundle_source_from_bytes(
				 shared.context, "x.supx", extmgr_text_get_data(archive),
				 extmgr_text_get_length(archive), &shared.source, NULL),
			 EXTMGR_OK);
	extmgr_text_free(archive);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_often, &shared), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed = &shared;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	extmgr_bundle_source_free(shared.source);
	extmgr_context_free(shared.context);
}

/* ---- Discovery ---- */

static int32_t cancel_at_second(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	assert_string_equal(step, "discover");
	assert_int_equal(total, 2);
	*(int *)user_data += 1;
	return done == 1;
}

static void test_discovery_can_be_cancelled(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	extmgr_bundle_list *list = (extmgr_bundle_list *)&list;
	int calls = 0;

	put_text(folder->path, "x.supx", "no zip");
	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = cancel_at_second;
	options.user_data = &calls;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_bundle_discover(context, folder->path, operation, &list, NULL),
			 EXTMGR_E_CANCELLED);
	assert_null(list);
	assert_int_equal(calls, 2);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

struct race {
	const struct folder *folder;
	bool done;
};

/* Before the first bundle is opened, behind the scan. */
static int32_t change_everything(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct race *race = user_data;
	char path[128];

	(void)step, (void)done, (void)total;
	if (race->done)
		return 0;
	race->done = true;
	(void)snprintf(path, sizeof(path), "%s/vanishes.supx", race->folder->path);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/becomes-fifo.supx", race->folder->path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/shrinks.supx", race->folder->path);
	assert_int_equal(truncate(path, 40), 0);
	(void)snprintf(path, sizeof(path), "%s/dist", race->folder->project);
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
	return 0;
}

static void test_what_changes_behind_the_scan(void **state)
{
	const struct folder *folder = *state;
	const struct {
		const char *name;
		extmgr_result expected;
	} cases[] = {
		{"becomes-fifo.supx", EXTMGR_E_BUNDLE_UNREADABLE},
		{"good.supx", EXTMGR_OK},
		{"project", EXTMGR_E_BUNDLE_NOT_FOUND},
		{"shrinks.supx", EXTMGR_E_BUNDLE_NOT_ZIP},
		{"vanishes.supx", EXTMGR_E_BUNDLE_NOT_FOUND},
	};
	struct race race = {.folder = folder};
	extmgr_context *context = make_context(NULL);
	extmgr_text *archive = pack(context, folder);
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	extmgr_bundle_list *list = NULL;

	for (size_t i = 0; i < 5; i++) {
		if (i != 2)
			put(folder->path, cases[i].name, extmgr_text_get_data(archive),
			    extmgr_text_get_length(archive));
	}
	extmgr_text_free(archive);
	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = change_everything;
	options.user_data = &race;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_bundle_discover(context, folder->path, operation, &list, NULL),
			 EXTMGR_PARTIAL);
	assert_int_equal(extmgr_bundle_list_get_count(list), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(extmgr_error_get_code(extmgr_bundle_list_get_error(list, i)),
				 cases[i].expected);
	extmgr_bundle_list_free(list);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

static void test_a_list(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_bundle_list *list = NULL;

	put_text(folder->path, "x.supx", "no zip");
	assert_int_equal(extmgr_bundle_discover(context, folder->path, NULL, &list, NULL),
			 EXTMGR_PARTIAL);
	extmgr_context_free(context);
	assert_int_equal(extmgr_bundle_list_get_count(list), 2);
	assert_string_equal(extmgr_bundle_list_get_path(list, 0), folder->project);
	assert_int_equal(extmgr_bundle_list_get_kind(list, 0), EXTMGR_BUNDLE_DIRECTORY);
	assert_int_equal(extmgr_bundle_list_get_outcome(list, 0), EXTMGR_BUNDLE_OK);
	assert_string_equal(extmgr_bundle_list_get_id(list, 0), "acme.tool");
	assert_string_equal(extmgr_bundle_list_get_version(list, 0), "1.2.3");
	assert_non_null(extmgr_bundle_list_get_digest(list, 0));
	assert_null(extmgr_bundle_list_get_error(list, 0));
	assert_null(extmgr_bundle_list_get_superseded_by(list, 0));
	assert_int_equal(extmgr_bundle_list_get_outcome(list, 1), EXTMGR_BUNDLE_FAILED);
	assert_int_equal(extmgr_error_get_code(extmgr_bundle_list_get_error(list, 1)),
			 EXTMGR_E_BUNDLE_NOT_ZIP);
	assert_null(extmgr_bundle_list_get_id(list, 1));
	assert_null(extmgr_bundle_list_get_path(list, 2));
	assert_int_equal(extmgr_bundle_list_get_outcome(list, 2), 0);
	assert_null(extmgr_bundle_list_get_warning(list));
	extmgr_bundle_list_free(list);
}

/* ---- Listings ---- */

static void test_a_path_is_found_in_a_listing(void **state)
{
	const struct folder *folder = *state;
	extmgr_context *context = make_context(NULL);
	extmgr_bundle *bundle = open_path(context, folder->project);
	const char *listing = extmgr_bundle_get_listing(bundle);
	char twice[512];
	char hex[EXTMGR__SHA256_HEX_SIZE];

	assert_true(extmgr__listing_find(listing, strlen(listing), "manifest.json", hex));
	assert_string_equal(hex, extmgr_bundle_get_file_sha256(bundle, 1));
	assert_false(extmgr__listing_find(listing, strlen(listing), "manifest.jso", hex));
	assert_false(extmgr__listing_find(listing, strlen(listing) - 1, "manifest.json", hex));
	assert_false(extmgr__listing_find(listing + 1, strlen(listing) - 1, "manifest.json", hex));
	assert_false(extmgr__listing_find("", 0, "manifest.json", hex));
	(void)snprintf(twice, sizeof(twice), "%s%s", listing, listing);
	assert_false(extmgr__listing_find(twice, strlen(twice), "manifest.json", hex));
	extmgr_bundle_free(bundle);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_a_bundle_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_directory_and_its_archive_agree, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_signature_files_are_kept_as_they_are, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_entries_of_a_directory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_ratio, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory_is_bounded_and_given_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_one_source_is_opened_by_many_threads, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_discovery_can_be_cancelled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_changes_behind_the_scan, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_path_is_found_in_a_listing, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
