/* SPDX-License-Identifier: MIT */
/* Listing many definitions: several threads look at what is new, and nobody can tell. */
#include "test.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#define DEFINITIONS 100 /* more than a batch */
#define BROKEN      41
#define THREADS     4

struct folder {
	char path[64];
	pthread_t caller;
	atomic_uint console_lines; /* one for each time that a definition is run */
	atomic_uint elsewhere;     /* of these, on other threads than the caller's */
	uint64_t steps;            /* of the progress */
	uint64_t cancel_at;        /* 0: never */
};

struct manager {
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_manager *manager;
};

static void name_file(char path[128], const struct folder *folder, int number)
{
	(void)snprintf(path, 128, "%s/definition-%02d.js", folder->path, number);
}

static void write_definition(const struct folder *folder, int number)
{
	char path[128];
	FILE *file;

	name_file(path, folder, number);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file,
		      "console.log('run');\n"
		      "if (%d === %d) throw new Error('broken on purpose');\n"
		      "global.installedExtension = {apiVersion: '0.2.0', extension: {\n"
		      "name: 'Definition %d', category: 'test', description: '',\n"
		      "installableVersions: [\n"
		      "{name: '%d.0.0', latest: true, deprecated: false}]}};\n",
		      number, BROKEN, number, number + 1);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	static struct folder folder;

	(void)snprintf(folder.path, sizeof(folder.path), "/tmp/extmgr-many-XXXXXX");
	assert_non_null(mkdtemp(folder.path));
	for (int i = 0; i < DEFINITIONS; i++)
		write_definition(&folder, i);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *folder = *state;
	char path[128];

	for (int i = 0; i < DEFINITIONS; i++) {
		name_file(path, folder, i);
		(void)unlink(path);
	}
	return rmdir(folder->path);
}

static void count_line(void *user_data, int32_t level, const char *component, const char *message,
		       size_t length)
{
	struct folder *folder = user_data;

	(void)level, (void)message, (void)length;
	if (strncmp(component, "definition:", strlen("definition:")) != 0)
		return;
	atomic_fetch_add(&folder->console_lines, 1);
	if (!pthread_equal(pthread_self(), folder->caller))
		atomic_fetch_add(&folder->elsewhere, 1);
}

static int32_t count_step(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct folder *folder = user_data;

	if (strcmp(step, "list") != 0)
		return 0;
	assert_true(pthread_equal(pthread_self(), folder->caller));
	assert_int_equal(done, folder->steps++);
	assert_int_equal(total, DEFINITIONS);
	return folder->cancel_at && folder->steps == folder->cancel_at;
}

static struct manager open_manager(struct folder *folder, uint32_t max_parallel)
{
	struct manager manager;
	extmgr_context_options options;

	folder->caller = pthread_self();
	atomic_store(&folder->console_lines, 0);
	atomic_store(&folder->elsewhere, 0);
	folder->cancel_at = 0;
	extmgr_context_options_init(&options, sizeof(options));
	options.log = count_line;
	options.user_data = folder;
	options.max_parallel = max_parallel;
	assert_int_equal(extmgr_context_new(&options, &manager.context, NULL), EXTMGR_OK);
	assert_int_equal(
		extmgr_registry_open(manager.context, folder->path, &manager.registry, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_manager_new(manager.context, manager.registry, NULL, NULL, NULL,
					    &manager.manager, NULL),
			 EXTMGR_OK);
	return manager;
}

static void close_manager(struct manager *manager)
{
	extmgr_manager_free(manager->manager);
	extmgr_registry_free(manager->registry);
	extmgr_context_free(manager->context);
}

/* json_out: what was listed; free it. */
static extmgr_result list(struct folder *folder, const struct manager *manager,
			  extmgr_text **json_out)
{
	extmgr_operation_options operation_options;
	extmgr_call_options options;
	extmgr_extension_list *found = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	folder->steps = 0;
	*json_out = NULL;
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.progress = count_step;
	operation_options.user_data = folder;
	extmgr_call_options_init(&options, sizeof(options));
	assert_int_equal(extmgr_operation_new(&operation_options, &options.operation, NULL),
			 EXTMGR_OK);
	result = extmgr_manager_list_extensions(manager->manager, EXTMGR_LIST_AVAILABLE, &options,
						&found, &error);
	if (result >= 0)
		assert_int_equal(extmgr_extension_list_to_json(found, json_out, NULL), EXTMGR_OK);
	else
		assert_null(found);
	extmgr_extension_list_free(found);
	extmgr_error_free(error);
	extmgr_operation_free(options.operation);
	return result;
}

static void test_one_thread_and_several_answer_the_same(void **state)
{
	struct folder *folder = *state;
	extmgr_text *texts[2];

	for (int i = 0; i < 2; i++) {
		struct manager manager = open_manager(folder, i ? THREADS : 1);

		assert_int_equal(list(folder, &manager, &texts[i]), EXTMGR_PARTIAL);
		assert_int_equal(folder->steps, DEFINITIONS);
		assert_int_equal(atomic_load(&folder->console_lines), DEFINITIONS);
		assert_int_equal(atomic_load(&folder->elsewhere), i ? DEFINITIONS : 0);
		close_manager(&manager);
	}
	assert_string_equal(extmgr_text_get_data(texts[0]), extmgr_text_get_data(texts[1]));
	assert_non_null(strstr(extmgr_text_get_data(texts[0]), "broken on purpose"));
	extmgr_text_free(texts[0]);
	extmgr_text_free(texts[1]);
}

/* All but the broken one: failures are no knowledge. */
static void test_what_is_known_is_not_run_again(void **state)
{
	struct folder *folder = *state;
	struct manager manager = open_manager(folder, THREADS);
	extmgr_text *cold;
	extmgr_text *warm;

	assert_int_equal(list(folder, &manager, &cold), EXTMGR_PARTIAL);
	atomic_store(&folder->console_lines, 0);
	atomic_store(&folder->elsewhere, 0);
	assert_int_equal(list(folder, &manager, &warm), EXTMGR_PARTIAL);
	assert_int_equal(atomic_load(&folder->console_lines), 1);
	assert_int_equal(atomic_load(&folder->elsewhere), 0);
	assert_string_equal(extmgr_text_get_data(cold), extmgr_text_get_data(warm));
	extmgr_text_free(cold);
	extmgr_text_free(warm);
	close_manager(&manager);
}

/* A warm list looks at each file again, and at what came to lie beside it. */
static void test_what_came_beside_a_definition_is_looked_at(void **state)
{
	struct folder *folder = *state;
	struct manager manager = open_manager(folder, THREADS);
	char path[128];
	extmgr_text *text;
	FILE *file;

	assert_int_equal(list(folder, &manager, &text), EXTMGR_PARTIAL);
	assert_null(strstr(extmgr_text_get_data(text), "no SHA-256"));
	extmgr_text_free(text);
	(void)snprintf(path, sizeof(path), "%s/definition-07.js.sha256", folder->path);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file, "no digest\n");
	assert_int_equal(fclose(file), 0);
	assert_int_equal(list(folder, &manager, &text), EXTMGR_PARTIAL);
	assert_non_null(strstr(extmgr_text_get_data(text),
			       "the .sha256 file of definition 'definition-07' holds no SHA-256"));
	extmgr_text_free(text);
	assert_int_equal(unlink(path), 0);
	close_manager(&manager);
}

static void test_a_cancel_ends_all_threads(void **state)
{
	struct folder *folder = *state;
	struct manager manager = open_manager(folder, THREADS);
	extmgr_text *text;

	for (uint64_t at = 1; at <= DEFINITIONS; at += 13) {
		folder->cancel_at = at;
		assert_int_equal(list(folder, &manager, &text), EXTMGR_E_CANCELLED);
		assert_int_equal(folder->steps, at);
	}
	folder->cancel_at = 0;
	assert_int_equal(list(folder, &manager, &text), EXTMGR_PARTIAL);
	extmgr_text_free(text);
	close_manager(&manager);
}

static void test_how_many_threads_are_too_many(void **state)
{
	extmgr_context_options options;
	extmgr_context *context;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.max_parallel = 64;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	extmgr_context_free(context);
	options.max_parallel = 65;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_E_INVALID_ARGUMENT);
	options.max_parallel = 0;
	options.reserved = 1;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_E_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_thread_and_several_answer_the_same),
		cmocka_unit_test(test_what_is_known_is_not_run_again),
		cmocka_unit_test(test_what_came_beside_a_definition_is_looked_at),
		cmocka_unit_test(test_a_cancel_ends_all_threads),
		cmocka_unit_test(test_how_many_threads_are_too_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
