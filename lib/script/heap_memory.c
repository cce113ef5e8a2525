/* SPDX-License-Identifier: MIT */
#include "script/heap_memory.h"

#include "base/alloc.h"

#include <stdalign.h>
#include <stdlib.h>

/* The context is asked for this much at a time: its counter is shared by all threads. */
#define RESERVATION_STEP ((size_t)64 << 10)

union extmgr__memory_block {
	struct {
		size_t size; /* with this header */
		union extmgr__memory_block *previous;
		union extmgr__memory_block *next;
	} link;
	max_align_t alignment;
};

typedef union extmgr__memory_block memory_block;

void extmgr__memory_init(struct extmgr__memory *memory, extmgr_context *context, size_t cap)
{
	*memory = (struct extmgr__memory){.context = context, .cap = cap};
}

static void block_unlink(struct extmgr__memory *memory, memory_block *block)
{
	if (block->link.previous)
		block->link.previous->link.next = block->link.next;
	else
		memory->blocks = block->link.next;
	if (block->link.next)
		block->link.next->link.previous = block->link.previous;
	memory->used -= block->link.size;
}

static void block_link(struct extmgr__memory *memory, memory_block *block, size_t size)
{
	block->link.size = size;
	block->link.previous = NULL;
	block->link.next = memory->blocks;
	if (memory->blocks)
		memory->blocks->link.previous = block;
	memory->blocks = block;
	memory->used += size;
}

static void *refuse(struct extmgr__memory *memory, enum extmgr__refusal refusal)
{
	memory->refusal = refusal;
	if (memory->escape)
		longjmp(*memory->escape, 1);
	return NULL;
}

/* Makes the reservation cover 'needed' bytes. */
static bool reserve(struct extmgr__memory *memory, size_t needed)
{
	size_t missing;

	if (needed <= memory->reserved)
		return true;
	missing = needed - memory->reserved;
	missing += RESERVATION_STEP - 1 - (missing - 1) % RESERVATION_STEP;
	if (!extmgr__context_reserve_memory(memory->context, missing))
		return false;
	memory->reserved += missing;
	return true;
}

void *extmgr__memory_realloc(struct extmgr__memory *memory, void *bytes, size_t size)
{
	memory_block *old = bytes ? (memory_block *)bytes - 1 : NULL;
	size_t old_size = old ? old->link.size : 0;
	memory_block *block;
	size_t total;

	if (size == 0) {
		if (old) {
			block_unlink(memory, old);
			free(old);
		}
		return NULL;
	}
	if (extmgr__size_add(size, sizeof(*block), &total) || total > memory->cap ||
	    memory->used - old_size > memory->cap - total)
		return refuse(memory, EXTMGR__REFUSAL_CAP);
	if (!reserve(memory, memory->used - old_size + total))
		return refuse(memory, EXTMGR__REFUSAL_TOTAL);
	if (old)
		block_unlink(memory, old);
	block = realloc(old, total);
	if (!block) {
		if (old)
			block_link(memory, old, old_size);
		return refuse(memory, EXTMGR__REFUSAL_SYSTEM);
	}
	block_link(memory, block, total);
	return block + 1;
}

void extmgr__memory_drop(struct extmgr__memory *memory)
{
	while (memory->blocks) {
		memory_block *block = memory->blocks;

		block_unlink(memory, block);
		free(block);
	}
	extmgr__context_release_memory(memory->context, memory->reserved);
	memory->reserved = 0;
}
