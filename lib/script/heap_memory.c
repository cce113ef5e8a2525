/* SPDX-License-Identifier: MIT */
/*
 * A heap is made of some thousand small blocks and dropped as a whole. They are cut from chunks,
 * which serve one heap after the other: malloc() and free() of each block, and the pages that come
 * and go with them, would take longer than the scripts.
 */
#include "script/heap_memory.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* The context is asked for this much at a time: its counter is shared by all threads. */
#define RESERVATION_STEP ((size_t)64 << 10)

#define CHUNK_BYTES ((size_t)64 << 10)
/* The chunks of a heap, which the blocks of one size keep to themselves; a heap that needs more
 * gets block by block. None for the address sanitizer, so that it sees each block. */
#if defined(__SANITIZE_ADDRESS__) /* gcc */
#define CHUNK_MAXIMUM 0u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) /* clang */
#define CHUNK_MAXIMUM 0u
#endif
#endif
#ifndef CHUNK_MAXIMUM
#define CHUNK_MAXIMUM 16u
#endif
/* Chunks that wait for the next heap. */
#define KEPT_MAXIMUM 64u

#define GRANULE       sizeof(struct header)
#define SMALL_MAXIMUM (EXTMGR__MEMORY_CLASSES * GRANULE) /* with the header */

/* Before each block. */
struct header {
	alignas(max_align_t) size_t size; /* with what is before the block */
	bool is_single;                   /* not of a chunk */
};

struct extmgr__memory_single {
	struct extmgr__memory_single *previous;
	struct extmgr__memory_single *next;
	struct header header;
};

struct extmgr__memory_chunk {
	alignas(max_align_t) struct extmgr__memory_chunk *next;
	alignas(max_align_t) unsigned char bytes[];
};

typedef struct extmgr__memory_chunk memory_chunk;
typedef struct extmgr__memory_single memory_single;

#define CHUNK_ROOM (CHUNK_BYTES - sizeof(memory_chunk))

/* ---- chunks ---- */

struct extmgr__memory_store {
	pthread_mutex_t lock;
	memory_chunk *first;
	size_t count;
};

static void *make_store(void)
{
	struct extmgr__memory_store *store = calloc(1, sizeof(*store));

	if (store && pthread_mutex_init(&store->lock, NULL) != 0) {
		free(store);
		return NULL;
	}
	return store;
}

static void drop_store(void *slot)
{
	struct extmgr__memory_store *store = slot;

	while (store->first) {
		memory_chunk *chunk = store->first;

		store->first = chunk->next;
		free(chunk);
	}
	(void)pthread_mutex_destroy(&store->lock);
	free(store);
}

/* NULL: there is no more memory. */
static memory_chunk *store_take(struct extmgr__memory_store *store)
{
	memory_chunk *chunk;

	(void)pthread_mutex_lock(&store->lock);
	chunk = store->first;
	if (chunk) {
		store->first = chunk->next;
		store->count--;
	}
	(void)pthread_mutex_unlock(&store->lock);
	return chunk ? chunk : malloc(CHUNK_BYTES);
}

/* Takes a list of chunks. */
static void store_give(struct extmgr__memory_store *store, memory_chunk *chunks)
{
	memory_chunk *next;

	(void)pthread_mutex_lock(&store->lock);
	while (chunks && store->count < KEPT_MAXIMUM) {
		next = chunks->next;
		chunks->next = store->first;
		store->first = chunks;
		store->count++;
		chunks = next;
	}
	(void)pthread_mutex_unlock(&store->lock);
	for (; chunks; chunks = next) {
		next = chunks->next;
		free(chunks);
	}
}

/* ---- what a heap may take ---- */

void extmgr__memory_init(struct extmgr__memory *memory, extmgr_context *context, size_t cap)
{
	*memory = (struct extmgr__memory){.context = context, .cap = cap};
	if (CHUNK_MAXIMUM)
		memory->store = extmgr__context_get_slot(context, EXTMGR__SLOT_SCRIPT_MEMORY,
							 make_store, drop_store);
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

/* Whether 'size' bytes may be taken where 'old_size' are given back. */
static enum extmgr__refusal permit(struct extmgr__memory *memory, size_t size, size_t old_size)
{
	size_t used = memory->used - old_size;

	if (size > memory->cap || used > memory->cap - size)
		return EXTMGR__REFUSAL_CAP;
	return reserve(memory, used + size) ? EXTMGR__REFUSAL_NONE : EXTMGR__REFUSAL_TOTAL;
}

/* ---- blocks of their own ---- */

static memory_single *single_of(struct header *header)
{
	return (memory_single *)((char *)header - offsetof(memory_single, header));
}

static void single_unlink(struct extmgr__memory *memory, memory_single *block)
{
	if (block->previous)
		block->previous->next = block->next;
	else
		memory->singles = block->next;
	if (block->next)
		block->next->previous = block->previous;
	memory->used -= block->header.size;
}

static void single_link(struct extmgr__memory *memory, memory_single *block, size_t size)
{
	block->header = (struct header){.size = size, .is_single = true};
	block->previous = NULL;
	block->next = memory->singles;
	if (block->next)
		block->next->previous = block;
	memory->singles = block;
	memory->used += size;
}

/* old: NULL, or what grows or shrinks. */
static void *single_realloc(struct extmgr__memory *memory, memory_single *old, size_t size)
{
	size_t old_size = old ? old->header.size : 0;
	enum extmgr__refusal refusal;
	memory_single *block;
	size_t total;

	if (extmgr__size_add(size, sizeof(*block), &total))
		return refuse(memory, EXTMGR__REFUSAL_CAP);
	refusal = permit(memory, total, old_size);
	if (refusal != EXTMGR__REFUSAL_NONE)
		return refuse(memory, refusal);
	if (old)
		single_unlink(memory, old);
	block = realloc(old, total);
	if (!block) {
		if (old)
			single_link(memory, old, old_size);
		return refuse(memory, EXTMGR__REFUSAL_SYSTEM);
	}
	single_link(memory, block, total);
	return &block->header + 1;
}

/* ---- small blocks of chunks ---- */

/* Those that were freed, by their size. */
static void **free_list(struct extmgr__memory *memory, size_t total)
{
	return &memory->free_blocks[total / GRANULE - 1];
}

static bool add_chunk(struct extmgr__memory *memory)
{
	memory_chunk *chunk;

	if (!memory->store || memory->chunk_count == CHUNK_MAXIMUM ||
	    permit(memory, CHUNK_BYTES, 0) != EXTMGR__REFUSAL_NONE)
		return false;
	chunk = store_take(memory->store);
	if (!chunk)
		return false;
	chunk->next = memory->chunks;
	memory->chunks = chunk;
	memory->chunk_count++;
	memory->chunk_used = 0;
	memory->used += CHUNK_BYTES;
	return true;
}

/* NULL: no chunk has room, and there is no other. */
static void *small_alloc(struct extmgr__memory *memory, size_t total)
{
	void **list = free_list(memory, total);
	struct header *header;
	void *bytes = *list;

	if (bytes) {
		memcpy(list, bytes, sizeof(*list));
		return bytes;
	}
	if ((!memory->chunks || CHUNK_ROOM - memory->chunk_used < total) && !add_chunk(memory))
		return NULL;
	header = (struct header *)(memory->chunks->bytes + memory->chunk_used);
	*header = (struct header){.size = total};
	memory->chunk_used += total;
	return header + 1;
}

static void small_free(struct extmgr__memory *memory, struct header *header)
{
	void **list = free_list(memory, header->size);

	memcpy(header + 1, list, sizeof(*list));
	*list = header + 1;
}

/* ---- all blocks ---- */

static void release(struct extmgr__memory *memory, struct header *header)
{
	if (!header->is_single) {
		small_free(memory, header);
		return;
	}
	single_unlink(memory, single_of(header));
	free(single_of(header));
}

static void *allocate(struct extmgr__memory *memory, size_t size)
{
	void *bytes = NULL;

	if (size <= SMALL_MAXIMUM - sizeof(struct header))
		bytes = small_alloc(memory, sizeof(struct header) +
						    (size + GRANULE - 1) / GRANULE * GRANULE);
	return bytes ? bytes : single_realloc(memory, NULL, size);
}

void *extmgr__memory_realloc(struct extmgr__memory *memory, void *bytes, size_t size)
{
	struct header *old = bytes ? (struct header *)bytes - 1 : NULL;
	size_t room;
	void *copy;

	if (size == 0) {
		if (old)
			release(memory, old);
		return NULL;
	}
	if (!old)
		return allocate(memory, size);
	if (old->is_single)
		return single_realloc(memory, single_of(old), size);
	room = old->size - sizeof(*old);
	if (size <= room && room - size < GRANULE)
		return bytes;
	copy = allocate(memory, size);
	if (!copy)
		return size <= room ? bytes : NULL; /* what shrinks may stay where it is */
	memcpy(copy, bytes, size < room ? size : room);
	small_free(memory, old);
	return copy;
}

void extmgr__memory_drop(struct extmgr__memory *memory)
{
	while (memory->singles) {
		memory_single *block = memory->singles;

		memory->singles = block->next;
		free(block);
	}
	if (memory->chunks)
		store_give(memory->store, memory->chunks);
	extmgr__context_release_memory(memory->context, memory->reserved);
	*memory = (struct extmgr__memory){
		.context = memory->context, .cap = memory->cap, .refusal = memory->refusal};
}
