/* SPDX-License-Identifier: MIT */
#include "script/code_cache.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 256u
/* Of all code together, in bytes. */
#define BYTES_MAXIMUM ((size_t)16 << 20)

struct entry {
	char digest[EXTMGR__SHA256_HEX_SIZE];
	char *id;
	struct extmgr__code code;
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

static void drop_oldest(struct cache *cache)
{
	struct entry *entry = &cache->entries[cache->oldest];

	cache->bytes -= entry->code.length;
	free(entry->code.bytes);
	free(entry->id);
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
	return extmgr__context_get_slot(context, EXTMGR__SLOT_CODE, make_cache, drop_cache);
}

static const struct entry *find(const struct cache *cache, const char *digest, const char *id)
{
	for (size_t i = 0; i < cache->count; i++) {
		const struct entry *entry = &cache->entries[(cache->oldest + i) % CAPACITY];

		if (strcmp(entry->digest, digest) == 0 && strcmp(entry->id, id) == 0)
			return entry;
	}
	return NULL;
}

static bool copy_code(struct extmgr__code *copy, const struct extmgr__code *code)
{
	*copy = *code;
	copy->bytes = extmgr__memdup(code->bytes, code->length);
	return copy->bytes != NULL;
}

static void insert(struct cache *cache, const char *digest, const char *id,
		   const struct extmgr__code *code)
{
	struct entry made = {.id = extmgr__strdup(id)};

	if (!made.id || !copy_code(&made.code, code)) {
		free(made.id);
		return;
	}
	memcpy(made.digest, digest, sizeof(made.digest));
	while (cache->count > 0 &&
	       (cache->count == CAPACITY || cache->bytes + code->length > BYTES_MAXIMUM))
		drop_oldest(cache);
	cache->entries[(cache->oldest + cache->count) % CAPACITY] = made;
	cache->count++;
	cache->bytes += code->length;
}

void extmgr__code_find(extmgr_context *context, const char *digest, const char *id,
		       struct extmgr__code *code)
{
	struct cache *cache = cache_of(context);
	const struct entry *entry;

	*code = (struct extmgr__code){0};
	if (!cache)
		return;
	(void)pthread_mutex_lock(&cache->lock);
	entry = find(cache, digest, id);
	if (entry && !copy_code(code, &entry->code))
		*code = (struct extmgr__code){0};
	(void)pthread_mutex_unlock(&cache->lock);
}

void extmgr__code_keep(extmgr_context *context, const char *digest, const char *id,
		       const struct extmgr__code *code)
{
	struct cache *cache = cache_of(context);

	if (!cache || !code->bytes)
		return;
	(void)pthread_mutex_lock(&cache->lock);
	/* Another thread may have compiled the same in the meantime. */
	if (!find(cache, digest, id))
		insert(cache, digest, id, code);
	(void)pthread_mutex_unlock(&cache->lock);
}
