/* SPDX-License-Identifier: MIT */
/* Heaps and contexts for the tests of lib/script. */
#ifndef EXTMGR_SCRIPT_TEST_H
#define EXTMGR_SCRIPT_TEST_H

#include "test.h"

#include "base/text.h"
#include "script/heap.h"
#include "script/js_text.h"

#include <extmgr/context.h>

#include <stdatomic.h>

/* A clock that moves on by 'step' nanoseconds whenever it is asked, by any thread: deadlines count
 * steps. */
struct fake_clock {
	atomic_uint_least64_t now;
	uint64_t step;
	atomic_size_t calls;
};

static inline uint64_t fake_clock_now(void *user_data)
{
	struct fake_clock *clock = user_data;

	atomic_fetch_add(&clock->calls, 1);
	return atomic_fetch_add(&clock->now, clock->step) + clock->step;
}

/* Without a clock of its own, time stands still: no test depends on the speed of the machine. */
static inline extmgr_context *test_context(struct fake_clock *clock, uint64_t memory_bytes)
{
	static struct fake_clock standing;
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.script_memory_bytes = memory_bytes;
	options.clock = fake_clock_now;
	options.user_data = clock ? clock : &standing;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	return context;
}

struct evaluation {
	const char *source;
	struct extmgr__buffer answer; /* String(value) */
};

static inline void evaluate_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct evaluation *evaluation = argument;

	(void)heap;
	extmgr__push_text(duk, evaluation->source, strlen(evaluation->source));
	(void)duk_push_string(duk, "test.js");
	duk_compile(duk, DUK_COMPILE_EVAL);
	duk_call(duk, 0);
	extmgr__heap_settle(heap);
	(void)duk_to_string(duk, -1);
	extmgr__append_text(duk, -1, &evaluation->answer);
}

/* Runs a source; the answer is a copy to free, NULL when it failed. */
static inline char *evaluate(struct extmgr__heap *heap, extmgr_operation *operation,
			     const char *source, extmgr_result *result_out, extmgr_error **error)
{
	struct evaluation evaluation = {.source = source,
					.answer = EXTMGR__BUFFER((size_t)1 << 24)};
	extmgr_result result = extmgr__heap_run(heap, operation, evaluate_work, &evaluation, error);
	char *answer = NULL;

	if (result == EXTMGR_OK)
		answer = strdup(extmgr__buffer_get(&evaluation.answer));
	extmgr__buffer_free(&evaluation.answer);
	*result_out = result;
	return answer;
}

/* The answer of a source in a heap of its own, which must not fail. */
static inline void assert_evaluates_to(struct extmgr__heap *heap, const char *source,
				       const char *expected)
{
	extmgr_error *error = NULL;
	extmgr_result result;
	char *answer = evaluate(heap, NULL, source, &result, &error);

	if (result != EXTMGR_OK)
		print_error("%s\n  %s\n", source, extmgr_error_get_message(error));
	assert_int_equal(result, EXTMGR_OK);
	if (strcmp(answer, expected) != 0)
		print_error("%s\n", source);
	assert_string_equal(answer, expected);
	free(answer);
}

#endif
