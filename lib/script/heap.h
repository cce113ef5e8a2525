/* SPDX-License-Identifier: MIT */
/*
 * One Duktape heap: memory cap, deadline, native stack check, prelude, no code generation.
 * One heap per evaluation, used by one thread at a time. After a limit was hit it is dead: every
 * later call answers the same code.
 */
#ifndef EXTMGR_SCRIPT_HEAP_H
#define EXTMGR_SCRIPT_HEAP_H

#include "base/error.h"
#include "host/context.h"

#include <extmgr_duktape.h>

#include <stdbool.h>

struct extmgr__heap;

/* Takes one console line of a script. level: EXTMGR_LOG_... */
typedef void (*extmgr__console_fn)(void *user_data, int32_t level, const char *message,
				   size_t length);

/* With prelude, Map and Set, console; without Duktape, eval, Function, require. */
extmgr_result extmgr__heap_new(extmgr_context *context, struct extmgr__heap **heap_out,
			       extmgr_error **error);
/* The same with limits of its own: bytes of memory, milliseconds of script time of each run. */
extmgr_result extmgr__heap_new_with(extmgr_context *context, uint64_t memory_bytes,
				    uint64_t timeout_ms, struct extmgr__heap **heap_out,
				    extmgr_error **error);
void extmgr__heap_free(struct extmgr__heap *heap); /* may be NULL */
/* What its runs may take is processor time of the thread that runs them: a busy machine does not
 * count. The deadline of an operation stays what it is. */
void extmgr__heap_count_processor_time(struct extmgr__heap *heap);
/* Positions in errors: lines[i] is the line of the author's file for line i + 1 of the script.
 * Borrowed as long as the heap lives. */
void extmgr__heap_set_lines(struct extmgr__heap *heap, const uint32_t *lines, size_t count);
/* Gives scripts the global through which lowered code does what ES5 cannot. Throws. */
void extmgr__heap_define_lowered(struct extmgr__heap *heap);
/* The author's line. */
int extmgr__heap_map_line(const struct extmgr__heap *heap, int line);
/*
 * A heap that its context keeps for a next use waits between park and wake: meanwhile it holds no
 * reference to the context, which frees it. The caller has a reference of his own. A heap that ran
 * a definition is never parked: what the script left in it would reach the next one.
 */
void extmgr__heap_park(struct extmgr__heap *heap);
void extmgr__heap_wake(struct extmgr__heap *heap);
/* Bytes that the heap takes of what all scripts may have together. */
uint64_t extmgr__heap_get_memory(const struct extmgr__heap *heap);
void extmgr__heap_set_console(struct extmgr__heap *heap, extmgr__console_fn console,
			      void *user_data);
/* What a native function of the heap's user needs; NULL until it is set. */
void extmgr__heap_set_user(struct extmgr__heap *heap, void *user);
void *extmgr__heap_get_user(const struct extmgr__heap *heap);
/* The heap in which a native function runs. */
struct extmgr__heap *extmgr__heap_of(duk_context *duk);

/*
 * Runs work inside the heap, protected: deadline and memory cap count, every JavaScript error that
 * leaves it becomes an error object (see below). operation may be NULL; its cancel and deadline
 * count too. work pushes nothing that stays and must not keep values on the stack. What work
 * allocates outside of the heap it keeps in argument: any call of Duktape may leave work for good.
 *
 * EXTMGR_E_SCRIPT_TIMEOUT, EXTMGR_E_SCRIPT_MEMORY, EXTMGR_E_SCRIPT_STACK, EXTMGR_E_CANCELLED,
 * EXTMGR_E_TIMEOUT; a thrown value: EXTMGR_E_SCRIPT_STATUS with its HTTP status, else
 * EXTMGR_E_SCRIPT_THREW; or the code work set with extmgr__heap_fail().
 */
typedef void (*extmgr__heap_work)(struct extmgr__heap *heap, duk_context *duk, void *argument);
extmgr_result extmgr__heap_run(struct extmgr__heap *heap, extmgr_operation *operation,
			       extmgr__heap_work work, void *argument, extmgr_error **error);
/*
 * The same; purpose ("failed to install extension \"x\"") stands before what went wrong: every
 * error but EXTMGR_E_SCRIPT_STATUS and those of extmgr__heap_fail() becomes its cause.
 */
extmgr_result extmgr__heap_run_for(struct extmgr__heap *heap, extmgr_operation *operation,
				   const char *purpose, extmgr__heap_work work, void *argument,
				   extmgr_error **error);

/*
 * For work and native functions, with the context that they were called with: that of a coroutine
 * may be another one than that of the heap.
 */

/* The run fails with that error, even if a script catches it. */
_Noreturn void extmgr__heap_fail(duk_context *duk, extmgr_result code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Throws an error of a host as a JavaScript Error, whose message is the text of the chain. Takes
 * *failure over. When it leaves the script uncaught, the error of the run has it as its cause.
 */
_Noreturn void extmgr__heap_throw(duk_context *duk, extmgr_error **failure);
/* Throws a JavaScript TypeError. */
_Noreturn void extmgr__heap_throw_type_error(duk_context *duk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Around callbacks of the host: their time does not count as script time. enter() does not return
 * when a limit was hit before, so that a stopped script reaches no host.
 */
void extmgr__heap_enter_host(duk_context *duk);
void extmgr__heap_leave_host(duk_context *duk);

/*
 * Runs what promises still have to do, then replaces a promise on top of the stack by its value, or
 * throws its reason. A promise that nothing can settle any more fails with EXTMGR_E_SCRIPT_RESULT.
 */
void extmgr__heap_settle(struct extmgr__heap *heap);

#endif
