/* SPDX-License-Identifier: MIT */
/*
 * The operation: deadline, cancel, progress. While a statement of the host runs, its interrupt is
 * attached; a watchdog thread, started only when it is needed, fires it at the deadline.
 */
#include "host/context.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/text.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEVER         UINT64_MAX
#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_SECOND UINT64_C(1000000000)
/* A driver may lose an interrupt that comes before its statement has begun: then once more. */
#define INTERRUPT_AGAIN_NS (100 * NS_PER_MS)
#define ACTOR_MAXIMUM      1024

struct extmgr_operation {
	uint64_t timeout_ms;
	char *actor; /* NULL: "" */
	extmgr_progress_fn progress;
	void *user_data;
	void (*destroy)(void *user_data);
	extmgr__observe_fn observe; /* NULL: none */
	void *observer;
	atomic_bool cancelled;         /* never taken back */
	pthread_mutex_t progress_lock; /* held while progress runs: one call at a time */

	pthread_mutex_t lock;    /* guards what follows; not held while an interrupt runs */
	pthread_cond_t changed;  /* something of it changed; waits by CLOCK_MONOTONIC */
	extmgr_context *context; /* of the call that uses the operation; NULL: no call */
	uint64_t deadline_ns;    /* by the context's clock; NEVER: none */
	void (*interrupt)(void *argument);
	void *argument;
	bool interrupting;           /* interrupt is running now */
	uint64_t interrupt_again_ns; /* not before */
	pthread_t watchdog;
	bool watching; /* the watchdog is there */
	bool stop;     /* the watchdog shall end */
};

void extmgr_operation_options_init(extmgr_operation_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

static extmgr_result check_actor(const char *actor, extmgr_error **error)
{
	size_t length = actor ? strnlen(actor, ACTOR_MAXIMUM + 1) : 0;

	if (length > ACTOR_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_operation_options: actor is longer than %d bytes",
					 ACTOR_MAXIMUM);
	if (length &&
	    (!extmgr__utf8_is_valid(actor, length) || extmgr__text_has_control(actor, length)))
		return extmgr__error_set(
			error, EXTMGR_E_INVALID_ARGUMENT,
			"extmgr_operation_options: actor is not UTF-8 or has control characters");
	return EXTMGR_OK;
}

static extmgr_result options_read(extmgr_operation_options *copy,
				  const extmgr_operation_options *options, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (options)
		result = extmgr__options_copy(copy, sizeof(*copy), options,
					      EXTMGR__SIZE_UP_TO(extmgr_operation_options, destroy),
					      "extmgr_operation_options", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_operation_options: unknown flags 0x%x",
					 (unsigned)copy->flags);
	return check_actor(copy->actor, error);
}

static bool locks_init(extmgr_operation *operation)
{
	pthread_condattr_t attributes;
	bool made;

	if (pthread_condattr_init(&attributes))
		return false;
	made = !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) &&
	       !pthread_cond_init(&operation->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!made)
		return false;
	if (pthread_mutex_init(&operation->lock, NULL))
		goto fail_lock;
	if (pthread_mutex_init(&operation->progress_lock, NULL))
		goto fail_progress_lock;
	return true;

fail_progress_lock:
	pthread_mutex_destroy(&operation->lock);
fail_lock:
	pthread_cond_destroy(&operation->changed);
	return false;
}

extmgr_result extmgr_operation_new(const extmgr_operation_options *options,
				   extmgr_operation **operation_out, extmgr_error **error_out)
{
	extmgr_operation_options copy = {0};
	extmgr_operation *operation;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!operation_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "operation_out is NULL");
	*operation_out = NULL;
	result = options_read(&copy, options, error_out);
	if (result != EXTMGR_OK)
		return result;
	operation = calloc(1, sizeof(*operation));
	if (!operation)
		return extmgr__error_no_memory(error_out);
	operation->actor = extmgr__strdup(copy.actor);
	if ((copy.actor && !operation->actor) || !locks_init(operation)) {
		free(operation->actor);
		free(operation);
		return extmgr__error_no_memory(error_out);
	}
	atomic_init(&operation->cancelled, false);
	operation->timeout_ms = copy.timeout_ms;
	operation->progress = copy.progress;
	operation->user_data = copy.user_data;
	operation->destroy = copy.destroy;
	operation->deadline_ns = NEVER;
	*operation_out = operation;
	return EXTMGR_OK;
}

void extmgr_operation_free(extmgr_operation *operation)
{
	if (!operation)
		return;
	if (operation->destroy)
		operation->destroy(operation->user_data);
	pthread_mutex_destroy(&operation->progress_lock);
	pthread_mutex_destroy(&operation->lock);
	pthread_cond_destroy(&operation->changed);
	free(operation->actor);
	free(operation);
}

/* With the lock held; it is open while the interrupt runs, so that this may cancel again. */
static void fire(extmgr_operation *operation)
{
	void (*interrupt)(void *argument) = operation->interrupt;
	void *argument = operation->argument;

	operation->interrupting = true;
	pthread_mutex_unlock(&operation->lock);
	interrupt(argument);
	pthread_mutex_lock(&operation->lock);
	operation->interrupting = false;
	operation->interrupt_again_ns = extmgr__monotonic_ns() + INTERRUPT_AGAIN_NS;
	pthread_cond_broadcast(&operation->changed);
}

/* When the watchdog has to interrupt what is attached, by CLOCK_MONOTONIC. */
static uint64_t interrupt_due_ns(const extmgr_operation *operation)
{
	uint64_t due = operation->deadline_ns;

	if (!operation->interrupt || operation->interrupting)
		return NEVER;
	if (atomic_load(&operation->cancelled))
		due = 0;
	else if (extmgr__context_has_host_clock(operation->context))
		return NEVER;
	return due > operation->interrupt_again_ns ? due : operation->interrupt_again_ns;
}

static void *watch(void *argument)
{
	extmgr_operation *operation = argument;

	pthread_mutex_lock(&operation->lock);
	while (!operation->stop) {
		uint64_t due = interrupt_due_ns(operation);
		struct timespec until = {.tv_sec = (time_t)(due / NS_PER_SECOND),
					 .tv_nsec = (long)(due % NS_PER_SECOND)};

		if (due == NEVER)
			pthread_cond_wait(&operation->changed, &operation->lock);
		else if (due > extmgr__monotonic_ns())
			pthread_cond_timedwait(&operation->changed, &operation->lock, &until);
		else
			fire(operation);
	}
	pthread_mutex_unlock(&operation->lock);
	return NULL;
}

/*
 * With the lock held. Without the thread (no resources) checks between the statements still see
 * deadline and cancel; only a statement that hangs is then not ended.
 */
static void start_watchdog(extmgr_operation *operation)
{
	sigset_t all;
	sigset_t before;

	if (operation->watching) {
		pthread_cond_broadcast(&operation->changed);
		return;
	}
	/* The host's signals are for the host's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	operation->watching = !pthread_create(&operation->watchdog, NULL, watch, operation);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void extmgr_operation_cancel(extmgr_operation *operation)
{
	if (!operation)
		return;
	pthread_mutex_lock(&operation->lock);
	atomic_store(&operation->cancelled, true);
	if (operation->interrupt && !operation->interrupting) {
		start_watchdog(operation);
		fire(operation);
	}
	pthread_mutex_unlock(&operation->lock);
}

int32_t extmgr_operation_is_cancelled(const extmgr_operation *operation)
{
	return operation && atomic_load(&operation->cancelled);
}

static uint64_t deadline_after(uint64_t now_ns, uint64_t timeout_ms)
{
	uint64_t deadline;

	if (!timeout_ms || __builtin_mul_overflow(timeout_ms, NS_PER_MS, &deadline) ||
	    __builtin_add_overflow(deadline, now_ns, &deadline))
		return NEVER;
	return deadline;
}

extmgr_result extmgr__operation_complete(extmgr_operation *operation, uint64_t timeout_ms,
					 const char *actor, extmgr_error **error)
{
	if (!operation->timeout_ms)
		operation->timeout_ms = timeout_ms;
	if (operation->actor || !actor || check_actor(actor, NULL) != EXTMGR_OK)
		return EXTMGR_OK;
	operation->actor = extmgr__strdup(actor);
	return operation->actor ? EXTMGR_OK : extmgr__error_no_memory(error);
}

extmgr_result extmgr__operation_begin(extmgr_operation *operation, extmgr_context *context,
				      extmgr_error **error)
{
	extmgr_result result;
	uint64_t deadline;
	bool used;

	if (!operation)
		return EXTMGR_OK;
	/* The clock is the host's: asked before the lock is taken. */
	deadline = deadline_after(extmgr__context_now_ns(context), operation->timeout_ms);
	pthread_mutex_lock(&operation->lock);
	used = operation->context != NULL;
	if (!used) {
		operation->context = extmgr__context_ref(context);
		operation->deadline_ns = deadline;
	}
	pthread_mutex_unlock(&operation->lock);
	if (used)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "another call is using the operation");
	result = extmgr__operation_check(operation, error);
	if (result != EXTMGR_OK)
		extmgr__operation_end(operation);
	return result;
}

void extmgr__operation_end(extmgr_operation *operation)
{
	extmgr_context *context;
	bool watching;

	if (!operation)
		return;
	pthread_mutex_lock(&operation->lock);
	watching = operation->watching;
	operation->stop = true;
	pthread_cond_broadcast(&operation->changed);
	pthread_mutex_unlock(&operation->lock);
	if (watching)
		pthread_join(operation->watchdog, NULL);

	pthread_mutex_lock(&operation->lock);
	context = operation->context;
	operation->context = NULL;
	operation->deadline_ns = NEVER;
	operation->watching = false;
	operation->stop = false;
	pthread_mutex_unlock(&operation->lock);
	extmgr__context_unref(context);
}

extmgr_result extmgr__operation_state(const extmgr_operation *operation)
{
	if (!operation)
		return EXTMGR_OK;
	if (atomic_load(&operation->cancelled))
		return EXTMGR_E_CANCELLED;
	if (operation->deadline_ns != NEVER &&
	    extmgr__context_now_ns(operation->context) >= operation->deadline_ns)
		return EXTMGR_E_TIMEOUT;
	return EXTMGR_OK;
}

extmgr_result extmgr__operation_explain(const extmgr_operation *operation, extmgr_result result,
					extmgr_error **error)
{
	switch (extmgr__operation_state(operation)) {
	case EXTMGR_E_CANCELLED:
		return extmgr__error_wrap(error, EXTMGR_E_CANCELLED, "the operation was cancelled");
	case EXTMGR_E_TIMEOUT:
		return extmgr__error_wrap(error, EXTMGR_E_TIMEOUT,
					  "the operation took longer than %" PRIu64 " ms",
					  operation->timeout_ms);
	default:
		return result;
	}
}

extmgr_result extmgr__operation_check(extmgr_operation *operation, extmgr_error **error)
{
	return extmgr__operation_explain(operation, EXTMGR_OK, error);
}

struct extmgr__deadline extmgr__operation_narrow(extmgr_operation *operation, uint64_t timeout_ms)
{
	uint64_t deadline = deadline_after(extmgr__context_now_ns(operation->context), timeout_ms);
	struct extmgr__deadline before;

	pthread_mutex_lock(&operation->lock);
	before = (struct extmgr__deadline){.deadline_ns = operation->deadline_ns,
					   .timeout_ms = operation->timeout_ms};
	if (deadline < operation->deadline_ns) {
		operation->deadline_ns = deadline;
		operation->timeout_ms = timeout_ms;
	}
	pthread_mutex_unlock(&operation->lock);
	return before;
}

void extmgr__operation_widen(extmgr_operation *operation, struct extmgr__deadline before)
{
	pthread_mutex_lock(&operation->lock);
	operation->deadline_ns = before.deadline_ns;
	operation->timeout_ms = before.timeout_ms;
	pthread_mutex_unlock(&operation->lock);
}

uint64_t extmgr_operation_get_remaining_ms(const extmgr_operation *operation)
{
	extmgr_context *context = NULL;
	pthread_mutex_t *lock;
	uint64_t deadline;
	uint64_t now;

	if (!operation)
		return UINT64_MAX;
	if (extmgr_operation_is_cancelled(operation))
		return 0;
	/* The lock is no part of the value. */
	lock = (pthread_mutex_t *)(uintptr_t)&operation->lock;
	pthread_mutex_lock(lock);
	deadline = operation->deadline_ns;
	if (deadline != NEVER)
		context = extmgr__context_ref(operation->context);
	pthread_mutex_unlock(lock);
	if (!context)
		return UINT64_MAX;
	now = extmgr__context_now_ns(context);
	extmgr__context_unref(context);
	if (now >= deadline)
		return 0;
	return (deadline - now - 1) / NS_PER_MS + 1; /* 0 means late, not nearly late */
}

void extmgr__operation_observe(extmgr_operation *operation, extmgr__observe_fn observe,
			       void *observer)
{
	operation->observe = observe;
	operation->observer = observer;
}

extmgr_result extmgr__operation_progress(extmgr_operation *operation, const char *step,
					 uint64_t done, uint64_t total, extmgr_error **error)
{
	int32_t stop = 0;

	if (!operation)
		return EXTMGR_OK;
	pthread_mutex_lock(&operation->progress_lock);
	if (operation->observe)
		operation->observe(operation->observer, step, done, total);
	if (operation->progress)
		stop = operation->progress(operation->user_data, step, done, total);
	pthread_mutex_unlock(&operation->progress_lock);
	if (stop)
		extmgr_operation_cancel(operation);
	return extmgr__operation_check(operation, error);
}

const char *extmgr__operation_actor(const extmgr_operation *operation)
{
	return operation && operation->actor ? operation->actor : "";
}

void extmgr__operation_attach(extmgr_operation *operation, void (*interrupt)(void *argument),
			      void *argument)
{
	if (!operation)
		return;
	pthread_mutex_lock(&operation->lock);
	operation->interrupt = interrupt;
	operation->argument = argument;
	operation->interrupt_again_ns = 0;
	if (operation->deadline_ns != NEVER && !extmgr__context_has_host_clock(operation->context))
		start_watchdog(operation);
	pthread_mutex_unlock(&operation->lock);
}

void extmgr__operation_detach(extmgr_operation *operation)
{
	if (!operation)
		return;
	pthread_mutex_lock(&operation->lock);
	operation->interrupt = NULL;
	while (operation->interrupting)
		pthread_cond_wait(&operation->changed, &operation->lock);
	pthread_mutex_unlock(&operation->lock);
}
