/* SPDX-License-Identifier: MIT */
/* Lives of a manager: the order of frees, operations, fork, threads. */
#include "manager_world.h"

#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS  25

static void free_one(struct world *world, int handle)
{
	switch (handle) {
	case 0:
		extmgr_context_free(world->context);
		break;
	case 1:
		extmgr_registry_free(world->registry);
		break;
	case 2:
		extmgr_database_free(world->database);
		break;
	case 3:
		extmgr_files_free(world->files);
		break;
	default:
		extmgr_manager_free(world->manager);
		break;
	}
}

/* Swaps the order into the next one; false after the last. */
static bool next_order(int *order, int count)
{
	int i = count - 2;
	int j = count - 1;
	int swapped;

	while (i >= 0 && order[i] > order[i + 1])
		i--;
	if (i < 0)
		return false;
	while (order[j] < order[i])
		j--;
	swapped = order[i], order[i] = order[j], order[j] = swapped;
	for (i++, j = count - 1; i < j; i++, j--)
		swapped = order[i], order[i] = order[j], order[j] = swapped;
	return true;
}

/* All 120 orders; until the manager itself is gone it works. */
static void test_handles_are_freed_in_any_order(void **state)
{
	struct world world = *(struct world *)*state;
	int order[] = {0, 1, 2, 3, 4};

	do {
		extmgr_extension_list *list = NULL;
		bool usable = true;

		world_open(&world);
		for (int i = 0; i < 5; i++) {
			free_one(&world, order[i]);
			usable = usable && order[i] != 4;
			if (!usable || list)
				continue;
			assert_int_equal(extmgr_manager_list_extensions(
						 world.manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
					 EXTMGR_OK);
		}
		assert_int_equal(world.fake.destroyed, 1);
		if (list)
			assert_string_equal(extmgr_extension_list_get_id(list, 0), "x");
		extmgr_extension_list_free(list);
	} while (next_order(order, 5));
}

/* ---- operations ---- */

static extmgr_operation *make_operation(extmgr_progress_fn progress, void *user_data)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = progress;
	options.user_data = user_data;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	return operation;
}

struct second_call {
	struct arguments with;
	int made;
};

/* Within a call, a second one with the same operation, and one without. */
static int32_t call_again(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct second_call *second = user_data;
	struct arguments without = second->with;

	(void)step, (void)done, (void)total;
	if (second->made++)
		return 0;
	without.options = NULL;
	for (const struct call *call = calls; call < calls + CALLS; call++) {
		assert_answers(call, &second->with, EXTMGR_E_INVALID_ARGUMENT);
		assert_answers(call, &without, call->healthy);
	}
	return 0;
}

static void test_an_operation_serves_one_call_at_a_time(void **state)
{
	struct second_call second = {.with = good_arguments(*state)};
	extmgr_operation *operation = make_operation(call_again, &second);
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	second.with.options = &options;
	for (const struct call *call = calls; call < calls + CALLS; call++) {
		second.made = 0;
		assert_answers(call, &second.with, call->healthy);
		assert_true(second.made > 0);
	}
	extmgr_operation_free(operation);
}

/* Calls that are made within a callback of the database, once within each outer call. */
struct reentry {
	struct arguments with;
	enum fake_call at;
	bool inside;
	int made;
};

static void call_from_within(void *data, enum fake_call call)
{
	static const enum call_index inner[] = {LIST_EXTENSIONS, INSTALL, VALIDATE, GET_HISTORY};
	struct reentry *reentry = data;

	if (call != reentry->at || reentry->inside || reentry->made)
		return;
	reentry->inside = true;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		assert_answers(&calls[inner[i]], &reentry->with, calls[inner[i]].healthy);
	reentry->inside = false;
	reentry->made++;
}

/* Another session, another heap: neither call notices the other. */
static void test_each_callback_may_call_the_library(void **state)
{
	struct world *world = *state;
	struct reentry reentry = {.with = good_arguments(world)};
	bool made[CALL_COUNT] = {false};

	world->fake.within = call_from_within;
	world->fake.within_data = &reentry;
	for (int at = 0; at < CALL_COUNT; at++) {
		reentry.at = (enum fake_call)at;
		for (const struct call *call = calls; call < calls + CALLS; call++) {
			reentry.made = 0;
			assert_answers(call, &reentry.with, call->healthy);
			made[at] = made[at] || reentry.made;
		}
		assert_true(made[at]);
	}
	world->fake.within = NULL;
}

static void test_a_cancelled_operation_begins_nothing(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	extmgr_operation *operation = make_operation(NULL, NULL);
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	with.options = &options;
	extmgr_operation_cancel(operation);
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_refused_early(world, call, &with, EXTMGR_E_CANCELLED);
	extmgr_operation_free(operation);
}

/* ---- processes and threads ---- */

/* In the child, where no assertion may leave; the number of the first wrong answer. */
static int count_answers_after_fork(const struct world *world)
{
	struct arguments with = good_arguments(world);
	extmgr_manager *manager = NULL;
	int checked = 0;

	for (const struct call *call = calls; call < calls + CALLS; call++, checked++) {
		extmgr_error *error = NULL;
		void *out = NULL;

		if (call->run(&with, &out, &error) != EXTMGR_E_FORKED || out ||
		    extmgr_error_get_code(error) != EXTMGR_E_FORKED)
			return checked;
		extmgr_error_free(error);
	}
	if (extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL, &manager, NULL) !=
		    EXTMGR_E_FORKED ||
	    manager)
		return checked;
	return checked + 1;
}

static void test_a_manager_ends_with_fork(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(count_answers_after_fork(world));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CALLS + 1);
	assert_answers(&calls[LIST_EXTENSIONS], &with, EXTMGR_OK); /* the parent goes on */
}

static void *list_often(void *manager)
{
	uintptr_t good = 0;

	for (int i = 0; i < ROUNDS; i++) {
		extmgr_extension_list *list = NULL;
		extmgr_text *report = NULL;

		if (extmgr_manager_list_extensions(manager, EXTMGR_LIST_ALL, NULL, &list, NULL) ==
			    EXTMGR_OK &&
		    extmgr_manager_install(manager, "x", NULL, NULL, &report, NULL) == EXTMGR_OK &&
		    extmgr_extension_list_get_count(list) == 1 &&
		    strcmp(extmgr_extension_list_get_installed_version(list, 0), "1") == 0)
			good++;
		extmgr_text_free(report);
		extmgr_extension_list_free(list);
	}
	return (void *)good;
}

static void test_threads_share_a_manager(void **state)
{
	struct world *world = *state;
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, list_often, world->manager), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good;

		pthread_join(threads[i], &good);
		assert_int_equal((uintptr_t)good, ROUNDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_handles_are_freed_in_any_order),
		WITH_WORLD(test_an_operation_serves_one_call_at_a_time),
		WITH_WORLD(test_each_callback_may_call_the_library),
		WITH_WORLD(test_a_cancelled_operation_begins_nothing),
		WITH_WORLD(test_a_manager_ends_with_fork),
		WITH_WORLD(test_threads_share_a_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
