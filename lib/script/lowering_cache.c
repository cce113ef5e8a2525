/* SPDX-License-Identifier: MIT */
/* Lowered code by the digest of its source: in memory, and in the context's cache directory. */
#include "script/lowering_internal.h"

#include "base/alloc.h"
#include "base/build_config.h"
#include "host/cache_directory.h"
#include "script/bytecode.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KIND "lowered"

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
	bool is_disk_reported; /* that it cannot be written */
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
	const struct extmgr__lowering_refusal *refusal = &lowered->refusal;

	return sizeof(*lowered) + lowered->length + lowered->line_count * sizeof(*lowered->lines) +
	       (refusal->text ? strlen(refusal->text) : 0) +
	       (refusal->remedy ? strlen(refusal->remedy) : 0);
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

static struct extmgr__lowered *find_in_memory(struct cache *cache, const char *digest)
{
	struct extmgr__lowered *lowered;

	(void)pthread_mutex_lock(&cache->lock);
	lowered = find(cache, digest);
	if (lowered)
		(void)extmgr__lowered_ref(lowered);
	(void)pthread_mutex_unlock(&cache->lock);
	return lowered;
}

static void store_in_memory(struct cache *cache, const char *digest,
			    struct extmgr__lowered *lowered)
{
	(void)pthread_mutex_lock(&cache->lock);
	/* Another thread may have lowered the same in the meantime. */
	if (!find(cache, digest))
		insert(cache, digest, lowered);
	(void)pthread_mutex_unlock(&cache->lock);
}

/*
 * ---- the cache directory ----
 * An entry is the number of lines, the author's line for each of them, a line break, and the code;
 * "0" alone stands for a source that is ES5. Of a source that is refused it is "refused" or
 * "invalid", line and column, and in a line each what it is and the remedy. The key names what
 * lowered it, too.
 */

#define REFUSED "refused"
#define INVALID "invalid"

static void write_key(struct extmgr__buffer *key, const char *digest)
{
	extmgr__buffer_printf(key, "%s %s %zu", digest, EXTMGR__LOWERING,
			      extmgr__lowering_bytecode_size);
}

static bool read_number(const char **at, uint32_t maximum, uint32_t *number)
{
	char *end;
	unsigned long value;

	if (**at < '0' || **at > '9')
		return false;
	value = strtoul(*at, &end, 10);
	*at = end;
	*number = (uint32_t)value;
	return value <= maximum;
}

static bool read_place(const char **at, int *number)
{
	uint32_t value;

	if (*(*at)++ != ' ' || !read_number(at, EXTMGR__LOWERING_SOURCE_MAXIMUM + 1, &value))
		return false;
	*number = (int)value;
	return true;
}

/* A line without its break: text of our own, but nobody may make messages of control characters. */
static char *read_line(const char **at)
{
	size_t length = strcspn(*at, "\n");
	char *line = NULL;

	if ((*at)[length] == '\n' && length <= EXTMGR__REFUSAL_TEXT_MAXIMUM &&
	    extmgr__utf8_is_valid(*at, length) && !extmgr__text_has_control(*at, length))
		line = extmgr__memdup(*at, length);
	*at += length + 1;
	return line;
}

static bool read_refusal(struct extmgr__lowering_refusal *refusal, const char *at)
{
	bool is_invalid = strncmp(at, INVALID, strlen(INVALID)) == 0;

	refusal->result = is_invalid ? EXTMGR_E_SCRIPT_SYNTAX : EXTMGR_E_SCRIPT_NEWER_SYNTAX;
	at += is_invalid ? strlen(INVALID) : strlen(REFUSED);
	if (!read_place(&at, &refusal->line) || !read_place(&at, &refusal->column) || *at++ != '\n')
		return false;
	refusal->text = read_line(&at);
	if (!refusal->text)
		return false;
	refusal->remedy = read_line(&at);
	return refusal->remedy && *at == '\0';
}

/* What is there is whole, but may have been written by anybody who can write there. */
static bool read_entry(struct extmgr__lowered *lowered, const struct extmgr__buffer *content)
{
	const char *text = extmgr__buffer_get(content);
	const char *at = text;
	uint32_t count;

	if (content->length > EXTMGR__LOWERED_ENTRY_MAXIMUM)
		return false;
	if (strncmp(text, REFUSED, strlen(REFUSED)) == 0 ||
	    strncmp(text, INVALID, strlen(INVALID)) == 0)
		return read_refusal(&lowered->refusal, text);
	if (!read_number(&at, EXTMGR__LOWERED_MAXIMUM, &count))
		return false;
	if (count == 0)
		return *at == '\0';
	lowered->lines = calloc(count, sizeof(*lowered->lines));
	if (!lowered->lines)
		return false;
	for (lowered->line_count = 0; lowered->line_count < count; lowered->line_count++) {
		if (*at++ != ' ' || !read_number(&at, EXTMGR__LOWERING_SOURCE_MAXIMUM,
						 &lowered->lines[lowered->line_count]))
			return false;
	}
	if (*at++ != '\n')
		return false;
	lowered->length = content->length - (size_t)(at - text);
	lowered->code = extmgr__memdup(at, lowered->length);
	return lowered->code && extmgr__utf8_is_valid(lowered->code, lowered->length);
}

static struct extmgr__lowered *find_on_disk(extmgr_context *context, const char *digest)
{
	const char *directory = extmgr__context_cache_directory(context);
	struct extmgr__buffer key = EXTMGR__BUFFER(200);
	struct extmgr__lowered *lowered = NULL;
	struct extmgr__buffer content;

	if (!directory)
		return NULL;
	write_key(&key, digest);
	if (extmgr__cache_directory_read(directory, KIND, extmgr__buffer_get(&key), &content,
					 NULL) == EXTMGR_OK) {
		lowered = extmgr__lowered_new();
		if (lowered && !read_entry(lowered, &content)) {
			extmgr__lowered_unref(lowered);
			lowered = NULL;
		}
		extmgr__buffer_free(&content);
	}
	extmgr__buffer_free(&key);
	return lowered;
}

static void write_entry(struct extmgr__buffer *entry, const struct extmgr__lowered *lowered)
{
	const struct extmgr__lowering_refusal *refusal = &lowered->refusal;

	if (refusal->result != EXTMGR_OK) {
		extmgr__buffer_printf(entry, "%s %d %d\n%s\n%s\n",
				      refusal->result == EXTMGR_E_SCRIPT_SYNTAX ? INVALID : REFUSED,
				      refusal->line, refusal->column, refusal->text,
				      refusal->remedy);
		return;
	}
	extmgr__buffer_printf(entry, "%zu", lowered->code ? lowered->line_count : 0);
	if (!lowered->code)
		return;
	for (size_t i = 0; i < lowered->line_count; i++)
		extmgr__buffer_printf(entry, " %u", (unsigned int)lowered->lines[i]);
	extmgr__buffer_putc(entry, '\n');
	extmgr__buffer_append(entry, lowered->code, lowered->length);
}

/* A directory that is not used was told when the context was made; other reasons are, once. */
static int32_t level_of(struct cache *cache, extmgr_result result)
{
	bool is_reported = true;

	if (cache && result != EXTMGR_E_CACHE_UNSAFE) {
		(void)pthread_mutex_lock(&cache->lock);
		is_reported = cache->is_disk_reported;
		cache->is_disk_reported = true;
		(void)pthread_mutex_unlock(&cache->lock);
	}
	return is_reported ? EXTMGR_LOG_DEBUG : EXTMGR_LOG_WARNING;
}

/* A cache that cannot be written costs time, nothing else. */
static void store_on_disk(extmgr_context *context, struct cache *cache, const char *digest,
			  const struct extmgr__lowered *lowered)
{
	const char *directory = extmgr__context_cache_directory(context);
	struct extmgr__buffer key = EXTMGR__BUFFER(200);
	struct extmgr__buffer entry = EXTMGR__BUFFER(EXTMGR__LOWERED_ENTRY_MAXIMUM);
	extmgr_error *error = NULL;
	extmgr_result result;

	if (!directory)
		return;
	write_key(&key, digest);
	write_entry(&entry, lowered);
	result = extmgr__buffer_result(&entry);
	if (result == EXTMGR_OK)
		result = extmgr__cache_directory_write(directory, KIND, extmgr__buffer_get(&key),
						       entry.data, entry.length, &error);
	if (error)
		extmgr__context_log(context, level_of(cache, result), "cache",
				    "lowered code is not kept: %s",
				    extmgr_error_get_message(error));
	extmgr_error_free(error);
	extmgr__buffer_free(&key);
	extmgr__buffer_free(&entry);
}

struct extmgr__lowered *extmgr__lowering_cache_find(extmgr_context *context, const char *digest)
{
	struct cache *cache = cache_of(context);
	struct extmgr__lowered *lowered = cache ? find_in_memory(cache, digest) : NULL;

	if (lowered)
		return lowered;
	lowered = find_on_disk(context, digest);
	if (lowered && cache)
		store_in_memory(cache, digest, lowered);
	return lowered;
}

void extmgr__lowering_cache_store(extmgr_context *context, const char *digest,
				  struct extmgr__lowered *lowered)
{
	struct cache *cache = cache_of(context);

	if (cache)
		store_in_memory(cache, digest, lowered);
	/* Another machine may be faster, and another process may have more memory. */
	if (lowered->refusal.result != EXTMGR_E_LOWERING_LIMIT)
		store_on_disk(context, cache, digest, lowered);
}
