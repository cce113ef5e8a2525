/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "host/context.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS  2000

struct seen {
	atomic_int destroyed;
	atomic_int lines;
	int32_t level;
	char component[64];
	char message[3 * 4096 + 16];
	size_t length;
	uint64_t now;
};

static void count_destroy(void *user_data)
{
	struct seen *seen = user_data;

	atomic_fetch_add(&seen->destroyed, 1);
}

static void keep_line(void *user_data, int32_t level, const char *component, const char *message,
		      size_t length)
{
	struct seen *seen = user_data;

	atomic_fetch_add(&seen->lines, 1);
	seen->level = level;
	seen->length = length;
	(void)snprintf(seen->component, sizeof(seen->component), "%s", component);
	(void)snprintf(seen->message, sizeof(seen->message), "%s", message);
}

static uint64_t fake_clock(void *user_data)
{
	return ((struct seen *)user_data)->now;
}

static extmgr_context *make(const extmgr_context_options *options)
{
	extmgr_context *context = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr_context_new(options, &context, &error), EXTMGR_OK);
	assert_non_null(context);
	assert_null(error);
	return context;
}

static void test_zero_and_no_options_mean_the_defaults(void **state)
{
	extmgr_context_options options;
	const extmgr_context_options *const given[] = {NULL, &options};

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	for (size_t i = 0; i < 2; i++) {
		extmgr_context *context = make(given[i]);
		const struct extmgr__limits *limits = extmgr__context_limits(context);

		assert_int_equal(limits->script_timeout_ms, 10000);
		assert_int_equal(limits->script_memory_bytes, 32 << 20);
		assert_int_equal(limits->source_bytes, 1 << 20);
		assert_int_equal(limits->total_memory_bytes, 512 << 20);
		assert_int_equal(limits->result_rows, 100000);
		assert_int_equal(limits->result_bytes, 16 << 20);
		assert_int_equal(limits->bundle_bytes, 256 << 20);
		assert_int_equal(limits->bundle_entry_bytes, 100 << 20);
		assert_int_equal(limits->bundle_total_bytes, 1 << 30);
		assert_int_equal(limits->bundle_ratio, 200);
		assert_int_equal(limits->bundle_entries, 10000);
		assert_int_equal(limits->bundle_path_bytes, 1024);
		assert_int_equal(limits->manifest_bytes, 1 << 20);
		extmgr_context_free(context);
	}
}

static void test_options_that_are_wrong_are_refused(void **state)
{
	extmgr_context *context = (extmgr_context *)state;
	extmgr_context_options options;
	extmgr_error *error = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.flags = 1;
	assert_int_equal(extmgr_context_new(&options, &context, &error), EXTMGR_E_INVALID_ARGUMENT);
	assert_null(context);
	assert_non_null(strstr(extmgr_error_get_message(error), "flags"));
	extmgr_error_free(error);

	extmgr_context_options_init(&options, sizeof(options));
	options.script_memory_bytes = (1 << 20) - 1;
	assert_int_equal(extmgr_context_new(&options, &context, &error), EXTMGR_E_INVALID_ARGUMENT);
	assert_non_null(strstr(extmgr_error_get_message(error), "script_memory_bytes"));
	extmgr_error_free(error);
	options.script_memory_bytes++;
	extmgr_context_free(make(&options));

	assert_int_equal(extmgr_context_new(NULL, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	extmgr_context_options_init(NULL, sizeof(options));
	extmgr_context_free(NULL);
}

/* A newer host may be bigger as long as it uses nothing new; a size that never was is garbage. */
static void test_structs_of_other_sizes(void **state)
{
	struct {
		extmgr_context_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		unsigned char tail;
		extmgr_result expected;
	} cases[] = {
		{sizeof(extmgr_context_options), 1, EXTMGR_OK}, /* beyond its end: not looked at */
		{sizeof(newer), 0, EXTMGR_OK},
		{sizeof(newer), 1, EXTMGR_E_INVALID_ARGUMENT},
		/* An older host's, and one that was never released. */
		{offsetof(extmgr_context_options, bundle_bytes), 0, EXTMGR_OK},
		{offsetof(extmgr_context_options, destroy), 0, EXTMGR_E_INVALID_ARGUMENT},
		{0, 0, EXTMGR_E_INVALID_ARGUMENT},
		{UINT32_MAX, 0, EXTMGR_E_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_context *context = NULL;

		memset(&newer, 0, sizeof(newer));
		extmgr_context_options_init(&newer.options, sizeof(newer));
		assert_int_equal(newer.options.struct_size, sizeof(newer));
		newer.options.struct_size = cases[i].size;
		newer.tail[15] = cases[i].tail;
		assert_int_equal(extmgr_context_new(&newer.options, &context, NULL),
				 cases[i].expected);
		extmgr_context_free(context);
	}
}

static void test_destroy_is_called_once_by_the_last_user(void **state)
{
	struct seen seen = {0};
	extmgr_context_options options;
	extmgr_context *context;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.user_data = &seen;
	options.destroy = count_destroy;
	options.flags = 1;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(seen.destroyed, 0); /* a failed call takes nothing */

	options.flags = 0;
	context = make(&options);
	assert_ptr_equal(extmgr__context_ref(context), context);
	extmgr_context_free(context);
	assert_int_equal(seen.destroyed, 0);
	extmgr__context_unref(context);
	assert_int_equal(seen.destroyed, 1);
}

static void test_a_context_ends_with_fork(void **state)
{
	static extmgr_context *context; /* valgrind looks for it in the child, too */
	int status = 0;
	pid_t child;

	(void)state;
	context = make(NULL);
	assert_int_equal(extmgr__context_check(context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__context_check(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	child = fork();
	if (!child) {
		extmgr_error *error = NULL;
		bool right = extmgr__context_check(context, &error) == EXTMGR_E_FORKED &&
			     extmgr_error_get_code(error) == EXTMGR_E_FORKED &&
			     extmgr_error_get_hint(error);

		_exit(right ? 42 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(extmgr__context_check(context, NULL), EXTMGR_OK);
	extmgr_context_free(context);
}

static void test_a_line_of_the_log_is_one_line_of_utf8(void **state)
{
	struct seen seen = {0};
	extmgr_context_options options;
	extmgr_context *context;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.user_data = &seen;
	options.log = keep_line;
	context = make(&options);
	extmgr__context_log(context, EXTMGR_LOG_WARNING, "manager", "%s %d%s", "a\nb\x1b[2Jc\x7f",
			    7, "\xff\xc3\xa4");
	assert_int_equal(seen.level, EXTMGR_LOG_WARNING);
	assert_string_equal(seen.component, "manager");
	assert_string_equal(seen.message, "a b [2Jc  7\xef\xbf\xbd\xc3\xa4");
	assert_int_equal(seen.length, strlen(seen.message));
	extmgr__context_log(context, EXTMGR_LOG_INFO, "x", "%s", "");
	assert_string_equal(seen.message, "");
	assert_int_equal(seen.lines, 2);
	extmgr_context_free(context);

	context = make(NULL);
	extmgr__context_log(context, EXTMGR_LOG_ERROR, "x", "%s", "nobody listens");
	extmgr_context_free(context);
}

static void test_a_long_line_is_cut_between_characters(void **state)
{
	struct seen seen = {0};
	extmgr_context_options options;
	extmgr_context *context;
	char text[3 * 4096 + 1];

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.user_data = &seen;
	options.log = keep_line;
	context = make(&options);
	for (size_t i = 0; i < 4096; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 3);
	text[sizeof(text) - 1] = '\0';
	extmgr__context_log(context, EXTMGR_LOG_INFO, "x", "%s", text);
	assert_int_equal(seen.length, 1365 * 3 + 3); /* 4 096 / 3 characters and "..." */
	assert_null(strstr(seen.message, "\xef\xbf\xbd"));
	assert_string_equal(seen.message + seen.length - 3, "...");

	memset(text, 0xff, sizeof(text) - 1); /* each byte becomes three */
	extmgr__context_log(context, EXTMGR_LOG_INFO, "x", "%s", text);
	assert_int_equal(seen.length, 3 * 4096 + 3);
	extmgr_context_free(context);
}

static void test_the_clock_of_the_host_is_used(void **state)
{
	struct seen seen = {.now = 12345};
	extmgr_context_options options;
	extmgr_context *context;
	uint64_t before;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.user_data = &seen;
	options.clock = fake_clock;
	context = make(&options);
	assert_true(extmgr__context_has_host_clock(context));
	assert_int_equal(extmgr__context_now_ns(context), 12345);
	seen.now++;
	assert_int_equal(extmgr__context_now_ns(context), 12346);
	extmgr_context_free(context);

	context = make(NULL);
	assert_false(extmgr__context_has_host_clock(context));
	before = extmgr__monotonic_ns();
	assert_true(extmgr__context_now_ns(context) >= before);
	extmgr_context_free(context);
}

static void test_memory_of_all_heaps_has_a_ceiling(void **state)
{
	extmgr_context_options options;
	extmgr_context *context;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.total_memory_bytes = 100;
	context = make(&options);
	assert_false(extmgr__context_reserve_memory(context, 101));
	assert_false(extmgr__context_reserve_memory(context, UINT64_MAX));
	assert_true(extmgr__context_reserve_memory(context, 60));
	assert_false(extmgr__context_reserve_memory(context, 41));
	assert_true(extmgr__context_reserve_memory(context, 40));
	assert_false(extmgr__context_reserve_memory(context, 1));
	extmgr__context_release_memory(context, 60);
	assert_true(extmgr__context_reserve_memory(context, 60));
	extmgr_context_free(context);
}

static atomic_int things_made;
static atomic_int things_dropped;
static bool make_fails;

static void *make_thing(void)
{
	if (make_fails)
		return NULL;
	atomic_fetch_add(&things_made, 1);
	return &things_made;
}

static void drop_thing(void *thing)
{
	assert_ptr_equal(thing, &things_made);
	atomic_fetch_add(&things_dropped, 1);
}

static void test_a_slot_that_could_not_be_made_is_tried_again(void **state)
{
	extmgr_context *context = make(NULL);

	(void)state;
	things_made = things_dropped = 0;
	make_fails = true;
	assert_null(extmgr__context_get_slot(context, EXTMGR__SLOT_DEFINITIONS, make_thing,
					     drop_thing));
	make_fails = false;
	assert_ptr_equal(
		extmgr__context_get_slot(context, EXTMGR__SLOT_DEFINITIONS, make_thing, drop_thing),
		&things_made);
	extmgr_context_free(context);
	assert_int_equal(things_made, 1);
	assert_int_equal(things_dropped, 1);
}

struct shared {
	extmgr_context *context;
	atomic_int wrong;
	atomic_int taken;
};

static void *use_context(void *argument)
{
	struct shared *shared = argument;

	for (int i = 0; i < ROUNDS; i++) {
		extmgr_context *mine = extmgr__context_ref(shared->context);

		if (extmgr__context_get_slot(mine, EXTMGR__SLOT_DEFINITIONS, make_thing,
					     drop_thing) != &things_made)
			atomic_fetch_add(&shared->wrong, 1);
		if (extmgr__context_reserve_memory(mine, 10)) {
			/* the ceiling is 20: never more than two at once */
			if (atomic_fetch_add(&shared->taken, 1) >= 2)
				atomic_fetch_add(&shared->wrong, 1);
			atomic_fetch_sub(&shared->taken, 1);
			extmgr__context_release_memory(mine, 10);
		}
		if (extmgr__context_check(mine, NULL) != EXTMGR_OK)
			atomic_fetch_add(&shared->wrong, 1);
		extmgr__context_log(mine, EXTMGR_LOG_DEBUG, "test", "round %d", i);
		extmgr__context_unref(mine);
	}
	return NULL;
}

static void count_line(void *user_data, int32_t level, const char *component, const char *message,
		       size_t length)
{
	(void)level, (void)component, (void)message, (void)length;
	atomic_fetch_add(&((struct seen *)user_data)->lines, 1);
}

static void test_threads_share_a_context(void **state)
{
	struct seen seen = {0};
	struct shared shared = {0};
	extmgr_context_options options;
	pthread_t threads[THREADS];

	(void)state;
	things_made = things_dropped = 0;
	extmgr_context_options_init(&options, sizeof(options));
	options.total_memory_bytes = 20;
	options.log = count_line;
	options.user_data = &seen;
	options.destroy = count_destroy;
	shared.context = make(&options);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_context, &shared), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	extmgr_context_free(shared.context);
	assert_int_equal(shared.wrong, 0);
	assert_int_equal(seen.lines, THREADS * ROUNDS);
	assert_int_equal(seen.destroyed, 1);
	assert_int_equal(things_made, 1);
	assert_int_equal(things_dropped, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zero_and_no_options_mean_the_defaults),
		cmocka_unit_test(test_options_that_are_wrong_are_refused),
		cmocka_unit_test(test_structs_of_other_sizes),
		cmocka_unit_test(test_destroy_is_called_once_by_the_last_user),
		cmocka_unit_test(test_a_context_ends_with_fork),
		cmocka_unit_test(test_a_line_of_the_log_is_one_line_of_utf8),
		cmocka_unit_test(test_a_long_line_is_cut_between_characters),
		cmocka_unit_test(test_the_clock_of_the_host_is_used),
		cmocka_unit_test(test_memory_of_all_heaps_has_a_ceiling),
		cmocka_unit_test(test_a_slot_that_could_not_be_made_is_tried_again),
		cmocka_unit_test(test_threads_share_a_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
