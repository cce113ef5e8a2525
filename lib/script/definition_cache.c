/* SPDX-License-Identifier: MIT */
/* The static parts of definitions by digest: listing runs no JavaScript once this is warm. */
#include "script/definition_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY     1000u
#define BUCKET_COUNT 1024u
#define NONE         UINT16_MAX

struct entry {
	struct extmgr__definition_info *info; /* NULL: free */
	uint16_t next;                        /* in its bucket */
};

/* Entries are taken round and round: the oldest makes room for the newest. */
struct cache {
	pthread_mutex_t lock;
	struct entry entries[CAPACITY];
	uint16_t buckets[BUCKET_COUNT];
	uint16_t turn;
};

static void *make_cache(void)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	if (pthread_mutex_init(&cache->lock, NULL) != 0) {
		free(cache);
		return NULL;
	}
	for (size_t i = 0; i < BUCKET_COUNT; i++)
		cache->buckets[i] = NONE;
	return cache;
}

static void drop_cache(void *slot)
{
	struct cache *cache = slot;

	for (size_t i = 0; i < CAPACITY; i++)
		extmgr__definition_info_unref(cache->entries[i].info);
	(void)pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* A digest is as good as random: its first digits choose the bucket. */
static uint16_t *bucket_of(struct cache *cache, const char *digest)
{
	char first[9] = {0};

	memcpy(first, digest, sizeof(first) - 1);
	return &cache->buckets[strtoul(first, NULL, 16) % BUCKET_COUNT];
}

/* The link that leads to the entry of that digest, or to NONE. */
static uint16_t *find_link(struct cache *cache, const char *digest)
{
	uint16_t *link = bucket_of(cache, digest);

	while (*link != NONE && strcmp(cache->entries[*link].info->digest, digest) != 0)
		link = &cache->entries[*link].next;
	return link;
}

static struct extmgr__definition_info *find(struct cache *cache, const char *digest)
{
	struct extmgr__definition_info *info = NULL;
	uint16_t position;

	(void)pthread_mutex_lock(&cache->lock);
	position = *find_link(cache, digest);
	if (position != NONE)
		info = extmgr__definition_info_ref(cache->entries[position].info);
	(void)pthread_mutex_unlock(&cache->lock);
	return info;
}

static void evict(struct cache *cache, struct entry *entry)
{
	if (!entry->info)
		return;
	*find_link(cache, entry->info->digest) = entry->next;
	extmgr__definition_info_unref(entry->info);
	entry->info = NULL;
}

static void insert(struct cache *cache, struct extmgr__definition_info *info)
{
	(void)pthread_mutex_lock(&cache->lock);
	/* Another thread may have loaded the same in the meantime. */
	if (*find_link(cache, info->digest) == NONE) {
		struct entry *entry = &cache->entries[cache->turn];
		uint16_t *bucket;

		evict(cache, entry);
		bucket = bucket_of(cache, info->digest);
		entry->info = extmgr__definition_info_ref(info);
		entry->next = *bucket;
		*bucket = cache->turn;
		cache->turn = (uint16_t)((cache->turn + 1) % CAPACITY);
	}
	(void)pthread_mutex_unlock(&cache->lock);
}

/* cache_out: where it belongs; info_out: NULL when it is not there. */
static extmgr_result look_up(extmgr_context *context, const char *sha256, struct cache **cache_out,
			     struct extmgr__definition_info **info_out, extmgr_error **error)
{
	*info_out = NULL;
	*cache_out =
		extmgr__context_get_slot(context, EXTMGR__SLOT_DEFINITIONS, make_cache, drop_cache);
	if (!*cache_out)
		return extmgr__error_no_memory(error);
	*info_out = find(*cache_out, sha256);
	return EXTMGR_OK;
}

extmgr_result extmgr__definition_info_find(extmgr_context *context, const char *sha256,
					   struct extmgr__definition_info **info_out,
					   extmgr_error **error)
{
	struct cache *cache;

	return look_up(context, sha256, &cache, info_out, error);
}

extmgr_result extmgr__definition_info_get(extmgr_context *context, extmgr_operation *operation,
					  const char *id, const char *source, size_t length,
					  struct extmgr__definition_info **info_out,
					  extmgr_error **error)
{
	struct extmgr__definition *definition = NULL;
	char sha256[EXTMGR__SHA256_HEX_SIZE];
	struct cache *cache;
	extmgr_result result;

	*info_out = NULL;
	if (extmgr__hash_sha256_hex(source, length, sha256) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	result = look_up(context, sha256, &cache, info_out, error);
	if (result != EXTMGR_OK || *info_out)
		return result;
	result =
		extmgr__definition_load(context, operation, id, source, length, &definition, error);
	if (result != EXTMGR_OK)
		return result;
	insert(cache, definition->info);
	*info_out = extmgr__definition_info_ref(definition->info);
	extmgr__definition_free(definition);
	return EXTMGR_OK;
}
