/* SPDX-License-Identifier: MIT */
/*
 * The memory of one script heap: capped, counted against the context's ceiling, and freed as a
 * whole when the heap has to be abandoned.
 */
#ifndef EXTMGR_SCRIPT_HEAP_MEMORY_H
#define EXTMGR_SCRIPT_HEAP_MEMORY_H

#include "host/context.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

enum extmgr__refusal {
	EXTMGR__REFUSAL_NONE,
	EXTMGR__REFUSAL_CAP,   /* the heap's own cap */
	EXTMGR__REFUSAL_TOTAL, /* the ceiling of all heaps together */
	EXTMGR__REFUSAL_SYSTEM /* malloc() */
};

/* Sizes of blocks that are cut from chunks. */
#define EXTMGR__MEMORY_CLASSES 32

struct extmgr__memory_chunk;
struct extmgr__memory_store;

struct extmgr__memory {
	extmgr_context *context;
	struct extmgr__memory_store *store; /* of the context, where chunks come from; or NULL */
	size_t cap;
	size_t used;     /* chunks, and the other blocks with their headers */
	size_t reserved; /* taken from the context, in steps */
	struct extmgr__memory_chunk *chunks;
	size_t chunk_count;
	size_t chunk_used; /* bytes of the first chunk */
	void *free_blocks[EXTMGR__MEMORY_CLASSES];
	struct extmgr__memory_single *singles; /* blocks that are in no chunk */
	enum extmgr__refusal refusal;          /* why the last refused request was refused */
	/* Not NULL while the heap is being created: see extmgr__memory_realloc(). */
	jmp_buf *escape;
};

void extmgr__memory_init(struct extmgr__memory *memory, extmgr_context *context, size_t cap);
/*
 * realloc() and free() in one, as Duktape wants it: size 0 frees. NULL when the block is refused.
 *
 * While the heap is being created a refusal does not return, it jumps to *escape: Duktape 2.7.0
 * recurses until the stack overflows when memory runs out inside duk_create_heap().
 */
void *extmgr__memory_realloc(struct extmgr__memory *memory, void *bytes, size_t size);
/* Frees every block and gives the reservation back. */
void extmgr__memory_drop(struct extmgr__memory *memory);

#endif
