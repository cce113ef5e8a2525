/* SPDX-License-Identifier: MIT */
#include "script/heap_internal.h"

#include "base/alloc.h"
#include "script/heap_stack.h"
#include "script/js_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

/* Native steps between two looks at the clock; a step is one property access, RegExp step, ... */
#define TICKS_PER_CHECK 4096u

/* A host that has a clock of its own decides what time is. */
static uint64_t heap_now_ns(const struct extmgr__heap *heap)
{
	struct timespec now;

	if (!heap->counts_processor_time || extmgr__context_has_host_clock(heap->context))
		return extmgr__context_now_ns(heap->context);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* cannot fail with this clock */
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Asking for processor time is a system call: not before so much time has passed at all. */
static bool is_late(struct extmgr__heap *heap)
{
	uint64_t now_ns = extmgr__context_now_ns(heap->context);
	uint64_t used_ns;

	if (now_ns < heap->in_time_until_ns)
		return false;
	used_ns = heap_now_ns(heap);
	if (used_ns >= heap->deadline_ns)
		return true;
	if (__builtin_add_overflow(now_ns, heap->deadline_ns - used_ns, &heap->in_time_until_ns))
		heap->in_time_until_ns = UINT64_MAX;
	return false;
}

/* The hooks compiled into Duktape: see extmgr_duk_config.h. */

int extmgr_duk_exec_timeout(void *heap_udata)
{
	struct extmgr__heap *heap = heap_udata;

	if (heap->stop != EXTMGR_OK)
		return 1;
	if (!heap->running)
		return 0;
	heap->stop = extmgr__operation_state(heap->operation);
	if (heap->stop == EXTMGR_OK && is_late(heap))
		heap->stop = EXTMGR_E_SCRIPT_TIMEOUT;
	return heap->stop != EXTMGR_OK;
}

int extmgr_duk_tick(void *heap_udata, unsigned int weight)
{
	struct extmgr__heap *heap = heap_udata;

	if (heap->stop != EXTMGR_OK)
		return 1;
	heap->ticks += weight;
	if (heap->ticks < TICKS_PER_CHECK)
		return 0;
	heap->ticks = 0;
	return extmgr_duk_exec_timeout(heap_udata);
}

int extmgr_duk_stack_check(void *heap_udata)
{
	(void)heap_udata;
	return extmgr__stack_is_low();
}

void extmgr_duk_alloc_failed(void *heap_udata)
{
	struct extmgr__heap *heap = heap_udata;

	if (heap->stop != EXTMGR_OK)
		return;
	heap->stop = heap->memory.refusal == EXTMGR__REFUSAL_SYSTEM ? EXTMGR_E_NO_MEMORY
								    : EXTMGR_E_SCRIPT_MEMORY;
}

static void *heap_alloc(void *heap_udata, duk_size_t size)
{
	return extmgr__memory_realloc(&((struct extmgr__heap *)heap_udata)->memory, NULL, size);
}

static void *heap_realloc(void *heap_udata, void *bytes, duk_size_t size)
{
	return extmgr__memory_realloc(&((struct extmgr__heap *)heap_udata)->memory, bytes, size);
}

static void heap_release(void *heap_udata, void *bytes)
{
	(void)extmgr__memory_realloc(&((struct extmgr__heap *)heap_udata)->memory, bytes, 0);
}

/* Duktape's last resort must not return: the heap is abandoned as it is. */
static void heap_fatal(void *heap_udata, const char *message)
{
	struct extmgr__heap *heap = heap_udata;

	(void)message;
	longjmp(heap->escape, 1);
}

static void abandon(struct extmgr__heap *heap)
{
	heap->duk = NULL;
	if (heap->stop == EXTMGR_OK)
		extmgr_duk_alloc_failed(heap);
	extmgr__memory_drop(&heap->memory);
}

static extmgr_result memory_error(const struct extmgr__heap *heap, extmgr_error **error)
{
	const struct extmgr__limits *limits = extmgr__context_limits(heap->context);

	if (heap->memory.refusal == EXTMGR__REFUSAL_TOTAL)
		return extmgr__error_set(error, EXTMGR_E_SCRIPT_MEMORY,
					 "all scripts together need more than %llu bytes",
					 (unsigned long long)limits->total_memory_bytes);
	return extmgr__error_set(error, EXTMGR_E_SCRIPT_MEMORY,
				 "script needs more than %llu bytes of memory",
				 (unsigned long long)heap->memory.cap);
}

/* Why the heap is dead. */
static extmgr_result stop_error(const struct extmgr__heap *heap, extmgr_error **error)
{
	switch (heap->stop) {
	case EXTMGR_E_SCRIPT_MEMORY:
		return memory_error(heap, error);
	case EXTMGR_E_NO_MEMORY:
		return extmgr__error_no_memory(error);
	case EXTMGR_E_SCRIPT_TIMEOUT:
		return extmgr__error_set(error, heap->stop,
					 "script ran longer than %llu milliseconds",
					 (unsigned long long)heap->timeout_ms);
	case EXTMGR_E_CANCELLED:
		return extmgr__error_set(error, heap->stop, "cancelled while a script ran");
	case EXTMGR_E_TIMEOUT:
		return extmgr__error_set(error, heap->stop,
					 "the deadline of the operation passed while a script ran");
	default:
		return extmgr__error_set(error, EXTMGR_E_INTERNAL, "the script engine gave up");
	}
}

struct call {
	struct extmgr__heap *heap;
	extmgr__heap_work work;
	void *argument;
};

static duk_ret_t call_work(duk_context *duk, void *argument)
{
	const struct call *call = argument;

	call->work(call->heap, duk, call->argument);
	return 0;
}

static void begin_clock(struct extmgr__heap *heap, extmgr_operation *operation)
{
	uint64_t timeout_ns;

	heap->operation = operation;
	heap->ticks = 0;
	if (__builtin_mul_overflow(heap->timeout_ms, (uint64_t)1000000, &timeout_ns) ||
	    __builtin_add_overflow(heap_now_ns(heap), timeout_ns, &heap->deadline_ns))
		heap->deadline_ns = UINT64_MAX;
	heap->in_time_until_ns = 0;
}

static void end_run(struct extmgr__heap *heap)
{
	heap->running = false;
	heap->operation = NULL;
	for (size_t i = 0; i < heap->raised_count; i++)
		extmgr__error_move(NULL, &heap->raised[i]);
	heap->raised_before += (duk_uint_t)heap->raised_count;
	heap->raised_count = 0;
	extmgr_text_free(heap->raised_text);
	heap->raised_text = NULL;
	extmgr_error_free(heap->failure);
	heap->failure = NULL;
}

/* The part of a run that Duktape may leave by its fatal handler. */
static extmgr_result run_protected(struct extmgr__heap *heap, const char *purpose,
				   struct call *call, extmgr_error **error)
{
	if (setjmp(heap->escape) != 0) {
		abandon(heap);
	} else if (duk_safe_call(heap->duk, call_work, call, 0, 1) == DUK_EXEC_SUCCESS) {
		duk_pop(heap->duk);
	} else if (heap->stop == EXTMGR_OK && !heap->failure) {
		extmgr_result result = extmgr__heap_take_thrown(heap, purpose, error);

		if (heap->stop == EXTMGR_OK)
			return result;
	} else {
		duk_pop(heap->duk);
	}
	if (heap->stop != EXTMGR_OK) {
		extmgr_result result = stop_error(heap, error);

		return purpose ? extmgr__error_wrap(error, result, "%s", purpose) : result;
	}
	if (heap->failure) {
		extmgr_result result = extmgr_error_get_code(heap->failure);

		extmgr__error_move(error, &heap->failure);
		return result;
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__heap_run_for(struct extmgr__heap *heap, extmgr_operation *operation,
				   const char *purpose, extmgr__heap_work work, void *argument,
				   extmgr_error **error)
{
	struct call call = {.heap = heap, .work = work, .argument = argument};
	extmgr_result result;

	if (heap->running)
		return extmgr__error_set(error, EXTMGR_E_INTERNAL, "the script heap is in use");
	if (heap->stop != EXTMGR_OK)
		return stop_error(heap, error);
	if (!extmgr__stack_suffices())
		return extmgr__error_set(
			error, EXTMGR_E_SCRIPT_STACK,
			"the thread has less than %zu KiB of stack left for scripts",
			EXTMGR__STACK_MINIMUM >> 10);
	begin_clock(heap, operation);
	heap->running = true;
	result = run_protected(heap, purpose, &call, error);
	end_run(heap);
	return result;
}

extmgr_result extmgr__heap_run(struct extmgr__heap *heap, extmgr_operation *operation,
			       extmgr__heap_work work, void *argument, extmgr_error **error)
{
	return extmgr__heap_run_for(heap, operation, NULL, work, argument, error);
}

static void set_up(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	(void)argument;
	extmgr__builtins_define(heap, duk);
}

static extmgr_result create(struct extmgr__heap *heap, extmgr_error **error)
{
	if (setjmp(heap->escape) != 0) {
		heap->memory.escape = NULL;
		abandon(heap);
		return stop_error(heap, error);
	}
	heap->memory.escape = &heap->escape;
	heap->duk = duk_create_heap(heap_alloc, heap_realloc, heap_release, heap, heap_fatal);
	heap->memory.escape = NULL;
	if (!heap->duk)
		return extmgr__error_no_memory(error);
	return extmgr__heap_run(heap, NULL, set_up, NULL, error);
}

extmgr_result extmgr__heap_new(extmgr_context *context, struct extmgr__heap **heap_out,
			       extmgr_error **error)
{
	const struct extmgr__limits *limits = extmgr__context_limits(context);

	return extmgr__heap_new_with(context, limits->script_memory_bytes,
				     limits->script_timeout_ms, heap_out, error);
}

extmgr_result extmgr__heap_new_with(extmgr_context *context, uint64_t memory_bytes,
				    uint64_t timeout_ms, struct extmgr__heap **heap_out,
				    extmgr_error **error)
{
	struct extmgr__heap *heap;
	extmgr_result result;

	*heap_out = NULL;
	if (!extmgr__stack_suffices())
		return extmgr__error_set(
			error, EXTMGR_E_SCRIPT_STACK,
			"the thread has less than %zu KiB of stack left for scripts",
			EXTMGR__STACK_MINIMUM >> 10);
	heap = calloc(1, sizeof(*heap));
	if (!heap)
		return extmgr__error_no_memory(error);
	heap->context = extmgr__context_ref(context);
	heap->timeout_ms = timeout_ms;
	extmgr__memory_init(&heap->memory, context,
			    memory_bytes < SIZE_MAX ? (size_t)memory_bytes : SIZE_MAX);
	result = create(heap, error);
	if (result != EXTMGR_OK) {
		extmgr__heap_free(heap);
		return result;
	}
	*heap_out = heap;
	return EXTMGR_OK;
}

/*
 * All that Duktape holds is memory of ours, and scripts have no finalizers: dropping the blocks
 * leaves out the collections that duk_destroy_heap() would make first.
 */
void extmgr__heap_free(struct extmgr__heap *heap)
{
	if (!heap)
		return;
	extmgr__memory_drop(&heap->memory);
	if (!heap->parked)
		extmgr__context_unref(heap->context);
	free(heap);
}

void extmgr__heap_park(struct extmgr__heap *heap)
{
	heap->parked = true;
	extmgr__context_unref(heap->context);
}

void extmgr__heap_wake(struct extmgr__heap *heap)
{
	(void)extmgr__context_ref(heap->context);
	heap->parked = false;
}

uint64_t extmgr__heap_get_memory(const struct extmgr__heap *heap)
{
	return heap->memory.reserved;
}

void extmgr__heap_count_processor_time(struct extmgr__heap *heap)
{
	heap->counts_processor_time = true;
}

void extmgr__heap_set_console(struct extmgr__heap *heap, extmgr__console_fn console,
			      void *user_data)
{
	heap->console = console;
	heap->console_data = user_data;
}

void extmgr__heap_set_user(struct extmgr__heap *heap, void *user)
{
	heap->user = user;
}

void *extmgr__heap_get_user(const struct extmgr__heap *heap)
{
	return heap->user;
}

void extmgr__heap_set_lines(struct extmgr__heap *heap, const uint32_t *lines, size_t count)
{
	heap->lines = lines;
	heap->line_count = count;
}

int extmgr__heap_map_line(const struct extmgr__heap *heap, int line)
{
	bool is_mapped = heap->lines && line >= 1 && (size_t)line <= heap->line_count;

	return is_mapped ? (int)heap->lines[line - 1] : line;
}

struct extmgr__heap *extmgr__heap_of(duk_context *duk)
{
	duk_memory_functions functions;

	duk_get_memory_functions(duk, &functions);
	return functions.udata;
}

void extmgr__heap_enter_host(duk_context *duk)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);

	if (extmgr_duk_exec_timeout(heap)) {
		duk_push_undefined(duk);
		duk_throw_raw(duk);
	}
	heap->left_at_ns = heap_now_ns(heap);
}

void extmgr__heap_leave_host(duk_context *duk)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);
	uint64_t away = heap_now_ns(heap) - heap->left_at_ns;

	if (__builtin_add_overflow(heap->deadline_ns, away, &heap->deadline_ns))
		heap->deadline_ns = UINT64_MAX;
}
