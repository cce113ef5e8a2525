/* SPDX-License-Identifier: MIT */
/* What the parts of a heap share; nobody outside of lib/script needs it. */
#ifndef EXTMGR_SCRIPT_HEAP_INTERNAL_H
#define EXTMGR_SCRIPT_HEAP_INTERNAL_H

#include "script/heap.h"
#include "script/heap_memory.h"

/* Host errors that a run remembers, to be the cause when a script lets one of them pass. */
#define EXTMGR__RAISED_MAXIMUM 16

struct extmgr__heap {
	extmgr_context *context;
	uint64_t timeout_ms; /* of script time, for each run */
	bool counts_processor_time;
	duk_context *duk; /* NULL: abandoned */
	struct extmgr__memory memory;
	jmp_buf escape; /* of the run or creation that is under way */

	bool parked;

	/* The run that is under way. */
	bool running;
	extmgr_operation *operation;
	uint64_t deadline_ns;
	uint64_t in_time_until_ns; /* of the context's clock: until then the deadline cannot pass */
	uint64_t left_at_ns;       /* when a callback of the host began */
	unsigned int ticks;
	extmgr_error *failure; /* of extmgr__heap_fail() */
	extmgr_error *raised[EXTMGR__RAISED_MAXIMUM];
	size_t raised_count;
	duk_uint_t raised_before; /* by earlier runs: numbers are used once */
	extmgr_text *raised_text; /* of the last one, while it is pushed */

	extmgr_result stop; /* the limit that was hit: the heap is dead */

	extmgr__console_fn console;
	void *console_data;
	bool raw_console; /* whole, with control characters: for a document, not a log */
	void *user;
	/* The line, from 1, of the author's file for each line of the script; NULL: the same. */
	const uint32_t *lines;
	size_t line_count;
};

/* Own properties of the global stash. */
#define EXTMGR__STASH_DRAIN     "drain"   /* prelude: runs the jobs of promises */
#define EXTMGR__STASH_INSPECT   "inspect" /* prelude: state of a promise */
#define EXTMGR__STASH_TO_ARRAY  "toArray" /* prelude: a copy of an iterable or array-like */
#define EXTMGR__STASH_LOWERED   "lowered" /* prelude: what lowered code calls */
#define EXTMGR__STASH_STRINGIFY "stringify"

/* errors.c: makes *error from the value a run threw, which is popped. Answers the code. */
extmgr_result extmgr__heap_take_thrown(struct extmgr__heap *heap, const char *purpose,
				       extmgr_error **error);

/* builtins.c: what a script finds in its global object. Throws. */
void extmgr__builtins_define(struct extmgr__heap *heap, duk_context *duk);
/* Loads bytecode of the library's own, see bytecode.h, and runs it: [ value ]. Throws. */
void extmgr__bytecode_run(duk_context *duk, const unsigned char *bytecode, size_t size);

/* console.c: native function (level, text), through which the prelude's console prints. */
duk_ret_t extmgr__console_print(duk_context *duk);

#endif
