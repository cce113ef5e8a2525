/* SPDX-License-Identifier: MIT */
#include "host/context.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/pool.h"
#include "base/text.h"
#include "host/cache_directory.h"
#include "host/http.h"
#include "host/trust.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)
/* Below that a heap cannot hold the prelude. */
#define MINIMUM_SCRIPT_MEMORY MIB
/* Longest line of the log, in bytes before invalid ones are replaced. */
#define LOG_LINE_MAXIMUM 4096

struct slot {
	void *thing;
	void (*drop)(void *);
};

struct extmgr_context {
	atomic_size_t references;
	pid_t process;
	struct extmgr__limits limits;
	extmgr_log_fn log;
	extmgr_clock_fn clock;
	void *user_data;
	void (*destroy)(void *user_data);
	char *cache_directory;          /* NULL: none */
	extmgr_http *http;              /* NULL: none */
	atomic_uint_least64_t reserved; /* bytes of all heaps and bundles */
	pthread_mutex_t slots_lock;     /* guards what follows */
	struct slot slots[EXTMGR__SLOT_COUNT];
	const extmgr_trust *trust; /* never NULL */
};

void extmgr_context_options_init(extmgr_context_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}

static struct extmgr__limits limits_of(const extmgr_context_options *options)
{
	return (struct extmgr__limits){
		.script_timeout_ms = or_default(options->script_timeout_ms, 10000),
		.script_memory_bytes = or_default(options->script_memory_bytes, 32 * MIB),
		.source_bytes = or_default(options->source_bytes, MIB),
		.total_memory_bytes = or_default(options->total_memory_bytes, 512 * MIB),
		.result_rows = or_default(options->result_rows, 100000),
		.result_bytes = or_default(options->result_bytes, 16 * MIB),
		.bundle_bytes = or_default(options->bundle_bytes, 256 * MIB),
		.bundle_entry_bytes = or_default(options->bundle_entry_bytes, 100 * MIB),
		.bundle_total_bytes = or_default(options->bundle_total_bytes, 1024 * MIB),
		.bundle_ratio = or_default(options->bundle_ratio, 200),
		.bundle_entries = or_default(options->bundle_entries, 10000),
		.bundle_path_bytes = or_default(options->bundle_path_bytes, 1024),
		.manifest_bytes = or_default(options->manifest_bytes, MIB),
		.max_parallel = options->max_parallel ? options->max_parallel
						      : extmgr__pool_default_threads(),
	};
}

static extmgr_result options_read(extmgr_context_options *copy,
				  const extmgr_context_options *options, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (options)
		result = extmgr__options_copy(copy, sizeof(*copy), options,
					      EXTMGR__SIZE_UP_TO(extmgr_context_options, destroy),
					      "extmgr_context_options", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_context_options: unknown flags 0x%x",
					 (unsigned)copy->flags);
	if (copy->max_parallel > EXTMGR__POOL_MAXIMUM_THREADS || copy->reserved)
		return extmgr__error_set(
			error, EXTMGR_E_INVALID_ARGUMENT,
			"extmgr_context_options: max_parallel is above %d, or reserved is not 0",
			EXTMGR__POOL_MAXIMUM_THREADS);
	if (copy->script_memory_bytes && copy->script_memory_bytes < MINIMUM_SCRIPT_MEMORY)
		return extmgr__error_set(
			error, EXTMGR_E_INVALID_ARGUMENT,
			"extmgr_context_options: script_memory_bytes is below 1 MiB");
	return EXTMGR_OK;
}

/* A cache is no condition for anything: without one the library goes on. */
static void check_cache_directory(const extmgr_context *context)
{
	extmgr_error *error = NULL;

	if (context->cache_directory &&
	    extmgr__cache_directory_check(context->cache_directory, &error) != EXTMGR_OK)
		extmgr__context_log(context, EXTMGR_LOG_WARNING, "cache", "%s",
				    extmgr_error_get_message(error));
	extmgr_error_free(error);
}

static extmgr_context *context_make(const extmgr_context_options *options)
{
	extmgr_context *context = calloc(1, sizeof(*context));

	if (!context)
		return NULL;
	context->cache_directory = extmgr__strdup(options->cache_directory);
	context->trust = extmgr__trust_copy(NULL);
	if (context->trust && (context->cache_directory || !options->cache_directory) &&
	    !pthread_mutex_init(&context->slots_lock, NULL))
		return context;
	extmgr__trust_unref(context->trust);
	free(context->cache_directory);
	free(context);
	return NULL;
}

extmgr_result extmgr_context_new(const extmgr_context_options *options,
				 extmgr_context **context_out, extmgr_error **error_out)
{
	extmgr_context_options copy = {0};
	extmgr_context *context;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!context_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "context_out is NULL");
	*context_out = NULL;
	result = options_read(&copy, options, error_out);
	if (result != EXTMGR_OK)
		return result;
	context = context_make(&copy);
	if (!context)
		return extmgr__error_no_memory(error_out);
	atomic_init(&context->references, 1);
	atomic_init(&context->reserved, 0);
	context->process = getpid();
	context->limits = limits_of(&copy);
	context->log = copy.log;
	context->clock = copy.clock;
	context->user_data = copy.user_data;
	context->destroy = copy.destroy;
	context->http = extmgr__http_ref(copy.http);
	check_cache_directory(context);
	*context_out = context;
	return EXTMGR_OK;
}

extmgr_context *extmgr__context_ref(extmgr_context *context)
{
	atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
	return context;
}

void extmgr__context_unref(extmgr_context *context)
{
	if (!context || atomic_fetch_sub(&context->references, 1) != 1)
		return;
	for (size_t i = 0; i < EXTMGR__SLOT_COUNT; i++) {
		if (context->slots[i].thing)
			context->slots[i].drop(context->slots[i].thing);
	}
	pthread_mutex_destroy(&context->slots_lock);
	if (context->destroy)
		context->destroy(context->user_data);
	extmgr__trust_unref(context->trust);
	extmgr__http_unref(context->http);
	free(context->cache_directory);
	free(context);
}

void extmgr_context_free(extmgr_context *context)
{
	extmgr__context_unref(context);
}

extmgr_result extmgr__context_check(const extmgr_context *context, extmgr_error **error)
{
	if (!context)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "context is NULL");
	if (context->process == getpid())
		return EXTMGR_OK;
	/* Locks and connections of the parent may be in any state here. */
	extmgr__error_set(error, EXTMGR_E_FORKED,
			  "the context was made in process %ld, before fork",
			  (long)context->process);
	extmgr__error_hint(error, "make a context of its own in the child process");
	return EXTMGR_E_FORKED;
}

const struct extmgr__limits *extmgr__context_limits(const extmgr_context *context)
{
	return &context->limits;
}

const char *extmgr__context_cache_directory(const extmgr_context *context)
{
	return context->cache_directory;
}

extmgr_http *extmgr__context_http(const extmgr_context *context)
{
	return context->http;
}

extmgr_result extmgr_context_set_trust(extmgr_context *context, const extmgr_trust *trust,
				       extmgr_error **error_out)
{
	const extmgr_trust *before;
	extmgr_trust *copy;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	copy = extmgr__trust_copy(trust);
	if (!copy)
		return extmgr__error_no_memory(error_out);
	pthread_mutex_lock(&context->slots_lock);
	before = context->trust;
	context->trust = copy;
	pthread_mutex_unlock(&context->slots_lock);
	extmgr__trust_unref(before);
	return EXTMGR_OK;
}

const extmgr_trust *extmgr__context_trust_ref(extmgr_context *context)
{
	const extmgr_trust *trust;

	pthread_mutex_lock(&context->slots_lock);
	trust = extmgr__trust_ref(context->trust);
	pthread_mutex_unlock(&context->slots_lock);
	return trust;
}

uint64_t extmgr__monotonic_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with this clock */
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int64_t extmgr__realtime_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t extmgr__context_now_ns(const extmgr_context *context)
{
	return context->clock ? context->clock(context->user_data) : extmgr__monotonic_ns();
}

bool extmgr__context_has_host_clock(const extmgr_context *context)
{
	return context->clock != NULL;
}

void extmgr__context_log(const extmgr_context *context, int32_t level, const char *component,
			 const char *format, ...)
{
	/* Room for a replacement character of 3 bytes for each byte. */
	struct extmgr__buffer line = EXTMGR__BUFFER((size_t)3 * LOG_LINE_MAXIMUM + 8);
	char raw[LOG_LINE_MAXIMUM + 2]; /* the byte behind the cut tells where a code point ends */
	va_list arguments;
	size_t length;
	int needed;

	if (!context->log)
		return;
	va_start(arguments, format);
	needed = vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	if (needed < 0)
		return;
	length = extmgr__utf8_cut(raw, (size_t)needed, LOG_LINE_MAXIMUM);
	extmgr__utf8_append_line(&line, raw, length);
	if (length < (size_t)needed)
		extmgr__buffer_puts(&line, "...");
	if (extmgr__buffer_result(&line) == EXTMGR_OK)
		context->log(context->user_data, level, component, extmgr__buffer_get(&line),
			     line.length);
	extmgr__buffer_free(&line);
}

bool extmgr__context_reserve_memory(extmgr_context *context, uint64_t bytes)
{
	uint_least64_t reserved = atomic_load(&context->reserved);

	do {
		if (bytes > context->limits.total_memory_bytes - reserved)
			return false;
	} while (!atomic_compare_exchange_weak(&context->reserved, &reserved, reserved + bytes));
	return true;
}

void extmgr__context_release_memory(extmgr_context *context, uint64_t bytes)
{
	atomic_fetch_sub(&context->reserved, bytes);
}

void *extmgr__context_get_slot(extmgr_context *context, enum extmgr__context_slot slot,
			       void *(*make)(void), void (*drop)(void *))
{
	struct slot *at = &context->slots[slot];
	void *thing;

	pthread_mutex_lock(&context->slots_lock);
	if (!at->thing) {
		at->thing = make();
		at->drop = drop;
	}
	thing = at->thing;
	pthread_mutex_unlock(&context->slots_lock);
	return thing;
}
