/* SPDX-License-Identifier: MIT */
/* Lowered code by the digest of its source: in memory. */
#include "script/lowering_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 1024u
/* Of all lowered code in memory together, in bytes. */
#define BYTES_MAXIMUM ((size_t)32 << 20)

struct entry {
	char digest[EXTMGR__SHA256_HEX_SIZE];
	struct extmgr__lowered *lowered; /* NULL: free */
};

/* A ring: the oldest make room for the newest. */
struct cache {
	pthread_mutex_t lock;
	struct entry entries[CAPACITY];
	size_t oldest;
	size_t count;
	size_t bytes;
};

static void *make_cache(void)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache && pthread_mutex_init(&cache->lock, NULL) != 0) {
		free(cache);
		return NULL;
	}
	return cache;
}

static size_t bytes_of(const struct extmgr__lowered *lowered)
{
	return sizeof(*lowered) + lowered->length + lowered->line_count * sizeof(*lowered->lines);
}

static void drop_oldest(struct cache *cache)
{
	struct entry *entry = &cache->entries[cache->oldest];

	cache->bytes -= bytes_of(entry->lowered);
	extmgr__lowered_unref(entry->lowered);
	cache->oldest = (cache->oldest + 1) % CAPACITY;
	cache->count--;
}

static void drop_cache(void *slot)
{
	struct cache *cache = slot;

	while (cache->count > 0)
		drop_oldest(cache);
	(void)pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct cache *cache_of(extmgr_context *context)
{
	return extmgr__context_get_slot(context, EXTMGR__SLOT_LOWERED, make_cache, drop_cache);
}

static struct extmgr__lowered *find(const struct cache *cache, const char *digest)
{
	for (size_t i = 0; i < cache->count; i++) {
		const struct entry *entry = &cache->entries[(cache->oldest + i) % CAPACITY];

		if (strcmp(entry->digest, digest) == 0)
			return entry->lowered;
	}
	return NULL;
}

static void insert(struct cache *cache, const char *digest, struct extmgr__lowered *lowered)
{
	struct entry *entry;
	size_t bytes = bytes_of(lowered);

	while (cache->count > 0 &&
	       (cache->count == CAPACITY || cache->bytes + bytes > BYTES_MAXIMUM))
		drop_oldest(cache);
	entry = &cache->entries[(cache->oldest + cache->count) % CAPACITY];
	memcpy(entry->digest, digest, sizeof(entry->digest));
	entry->lowered = extmgr__lowered_ref(lowered);
	cache->count++;
	cache->bytes += bytes;
}

struct extmgr__lowered *extmgr__lowering_cache_find(extmgr_context *context, const char *digest)
{
	struct cache *cache = cache_of(context);
	struct extmgr__lowered *lowered;

	if (!cache)
		return NULL;
	(void)pthread_mutex_lock(&cache->lock);
	lowered = find(cache, digest);
	if (lowered)
		(void)extmgr__lowered_ref(lowered);
	(void)pthread_mutex_unlock(&cache->lock);
	return lowered;
}

void extmgr__lowering_cache_store(extmgr_context *context, const char *digest,
				  struct extmgr__lowered *lowered)
{
	struct cache *cache = cache_of(context);

	if (!cache)
		return;
	(void)pthread_mutex_lock(&cache->lock);
	/* Another thread may have lowered the same in the meantime. */
	if (!find(cache, digest))
		insert(cache, digest, lowered);
	(void)pthread_mutex_unlock(&cache->lock);
}
