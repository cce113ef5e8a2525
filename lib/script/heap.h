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
void extmgr__heap_free(struct extmgr__heap *heap); /* may be NULL */
void extmgr__heap_set_console(struct extmgr__heap *heap, extmgr__console_fn console,
			      void *user_data);

/*
 * Runs work inside the heap, protected: deadline and memory cap count, every JavaScript error that
 * leaves it becomes an error object (see below). operation may be NULL; its cancel and deadline
 * count too. work pushes nothing that stays and must not keep values on the stack.
 *
 * EXTMGR_E_SCRIPT_TIMEOUT, EXTMGR_E_SCRIPT_MEMORY, EXTMGR_E_SCRIPT_STACK, EXTMGR_E_CANCELLED,
 * EXTMGR_E_TIMEOUT; a thrown value: EXTMGR_E_SCRIPT_STATUS with its HTTP status, else
 * EXTMGR_E_SCRIPT_THREW; or the code work set with extmgr__heap_fail().
 */
typedef void (*extmgr__heap_work)(struct extmgr__heap *heap, duk_context *duk, void *argument);
extmgr_result extmgr__heap_run(struct extmgr__heap *heap, extmgr_operation *operation,
			       extmgr__heap_work work, void *argument, extmgr_error **error);

#endif
