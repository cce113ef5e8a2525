/* SPDX-License-Identifier: MIT */
/* The context and the operation as the rest of the library sees them. */
#ifndef EXTMGR_HOST_CONTEXT_H
#define EXTMGR_HOST_CONTEXT_H

#include "base/error.h"

#include <extmgr/context.h>

#include <stdbool.h>

struct extmgr__limits {
	uint64_t script_timeout_ms;
	uint64_t script_memory_bytes;
	uint64_t source_bytes;
	uint64_t total_memory_bytes;
	uint64_t result_rows;
	uint64_t result_bytes;
	uint64_t bundle_bytes;
	uint64_t bundle_entry_bytes;
	uint64_t bundle_total_bytes;
	uint64_t bundle_ratio;
	uint64_t bundle_entries;
	uint64_t bundle_path_bytes;
	uint64_t manifest_bytes;
	uint32_t max_parallel; /* threads of one call */
};

/* Children hold a reference, so that handles may be freed in any order. */
extmgr_context *extmgr__context_ref(extmgr_context *context);
void extmgr__context_unref(extmgr_context *context);

/* EXTMGR_E_INVALID_ARGUMENT for NULL, EXTMGR_E_FORKED in a child process. */
extmgr_result extmgr__context_check(const extmgr_context *context, extmgr_error **error);
const struct extmgr__limits *extmgr__context_limits(const extmgr_context *context);
/* For host/cache_directory.h; NULL: there is none. */
const char *extmgr__context_cache_directory(const extmgr_context *context);
extmgr_http *extmgr__context_http(const extmgr_context *context); /* NULL: there is none */
uint64_t extmgr__context_now_ns(const extmgr_context *context);
/* Whether the host gave the clock: then nothing may wait for its time to come. */
bool extmgr__context_has_host_clock(const extmgr_context *context);
/* CLOCK_MONOTONIC, for waiting. */
uint64_t extmgr__monotonic_ns(void);
/* Milliseconds since 1970, UTC: for what people read, never for waiting. */
int64_t extmgr__realtime_ms(void);
void extmgr__context_log(const extmgr_context *context, int32_t level, const char *component,
			 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Takes bytes from the ceiling of all heaps and bundles together; false when it is reached. */
bool extmgr__context_reserve_memory(extmgr_context *context, uint64_t bytes);
void extmgr__context_release_memory(extmgr_context *context, uint64_t bytes);

/* A place for what another layer keeps with the context; freed with it. Set once, then shared. */
enum extmgr__context_slot {
	EXTMGR__SLOT_DEFINITIONS, /* script/: the static parts of definitions by digest */
	EXTMGR__SLOT_LOWERED,     /* script/: lowered code by the digest of its source */
	EXTMGR__SLOT_CODE,        /* script/: compiled definitions by digest and id */
	EXTMGR__SLOT_VALIDATORS,  /* params/: heaps that hold the rules */
	/* script/: memory for the next heap; freed after all that keep heaps */
	EXTMGR__SLOT_SCRIPT_MEMORY,
	EXTMGR__SLOT_COUNT
};
/* Makes the thing with make() when it is not there yet; NULL when memory is out. */
void *extmgr__context_get_slot(extmgr_context *context, enum extmgr__context_slot slot,
			       void *(*make)(void), void (*drop)(void *));

/*
 * One call with an operation: starts its clock, and ends it. operation may be NULL (then there is
 * no deadline). EXTMGR_E_CANCELLED at once when it was cancelled before, EXTMGR_E_INVALID_ARGUMENT
 * when another call uses it.
 */
extmgr_result extmgr__operation_begin(extmgr_operation *operation, extmgr_context *context,
				      extmgr_error **error);
void extmgr__operation_end(extmgr_operation *operation);
/*
 * Gives an operation that no call uses a timeout and an actor (NULL: none), where it has none of
 * its own. An actor that the public function would refuse is left out. EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__operation_complete(extmgr_operation *operation, uint64_t timeout_ms,
					 const char *actor, extmgr_error **error);
/* EXTMGR_OK, EXTMGR_E_CANCELLED or EXTMGR_E_TIMEOUT (with an error that says so). Cheap. */
extmgr_result extmgr__operation_check(extmgr_operation *operation, extmgr_error **error);
/* The same without an error object, for hooks that run often. */
extmgr_result extmgr__operation_state(const extmgr_operation *operation);
/*
 * What a result means: when the operation was cancelled or is late, that is the reason, and the
 * error that is there becomes its cause; else result stays. Answers the code that holds.
 */
extmgr_result extmgr__operation_explain(const extmgr_operation *operation, extmgr_result result,
					extmgr_error **error);
typedef void (*extmgr__observe_fn)(void *observer, const char *step, uint64_t done, uint64_t total);
/* Who hears of progress beside the host; set while no call uses the operation. NULL: nobody. */
void extmgr__operation_observe(extmgr_operation *operation, extmgr__observe_fn observe,
			       void *observer);
/* Reports progress; the callback may cancel. Then as extmgr__operation_check(). */
extmgr_result extmgr__operation_progress(extmgr_operation *operation, const char *step,
					 uint64_t done, uint64_t total, extmgr_error **error);
/*
 * A nearer deadline for a part of the call, and back to the one before. Between begin and end, by
 * the thread that made the call; 0: none nearer.
 */
struct extmgr__deadline {
	uint64_t deadline_ns;
	uint64_t timeout_ms;
};
struct extmgr__deadline extmgr__operation_narrow(extmgr_operation *operation, uint64_t timeout_ms);
void extmgr__operation_widen(extmgr_operation *operation, struct extmgr__deadline before);
/* "" when there is none. */
const char *extmgr__operation_actor(const extmgr_operation *operation);

/*
 * While something is attached, cancel and deadline interrupt it: interrupt(argument) is called from
 * another thread (or the one that cancels), again every 100 ms until it is detached, because an
 * interrupt that came before the statement began is lost; never after detach returned. Check the
 * operation after attaching: what came before does not interrupt.
 * Only between begin and end.
 */
void extmgr__operation_attach(extmgr_operation *operation, void (*interrupt)(void *argument),
			      void *argument);
void extmgr__operation_detach(extmgr_operation *operation);

#endif
