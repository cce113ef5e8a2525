/* SPDX-License-Identifier: MIT */
#include "registry/seen.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/semver.h"
#include "host/cache_directory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAXIMUM  100000
#define DOCUMENT_MAXIMUM ((size_t)48 << 20)

struct version {
	char *id;
	char *text;
	bool lowered; /* on purpose: outweighs what the disk says */
};

struct extmgr__seen {
	extmgr_context *context; /* the registry's reference */
	char *name;
	bool allow_downgrade;
	pthread_mutex_t lock; /* guards what follows */
	int64_t serial;       /* -1: none */
	bool serial_lowered;
	struct version *versions; /* by id */
	size_t count;
	size_t capacity;
	bool changed; /* the disk does not know it yet */
};

/* Where the id is, or would be. */
static size_t find(const struct extmgr__seen *seen, const char *id, bool *found)
{
	size_t low = 0;
	size_t high = seen->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(seen->versions[middle].id, id);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

static void insert(struct extmgr__seen *seen, size_t at, const char *id, const char *text)
{
	struct version added = {.id = extmgr__strdup(id), .text = extmgr__strdup(text)};
	struct version *grown = NULL;

	if (added.id && added.text && seen->count < ENTRIES_MAXIMUM)
		grown = extmgr__array_grow(seen->versions, seen->count, &seen->capacity,
					   sizeof(*grown));
	if (!grown) {
		free(added.id);
		free(added.text);
		return;
	}
	seen->versions = grown;
	memmove(&grown[at + 1], &grown[at], (seen->count - at) * sizeof(*grown));
	grown[at] = added;
	seen->count++;
	seen->changed = true;
}

/* With the lock held. force: also when it is lower. */
static void raise_version(struct extmgr__seen *seen, const char *id, const char *text, bool force)
{
	struct version *version;
	char *copy;
	bool found;
	size_t at = find(seen, id, &found);
	int order;

	if (!found) {
		insert(seen, at, id, text);
		return;
	}
	version = &seen->versions[at];
	order = extmgr__semver_compare(text, version->text);
	if (order == 0 || (order < 0 && (!force || version->lowered)))
		return;
	copy = extmgr__strdup(text);
	if (!copy)
		return;
	free(version->text);
	version->text = copy;
	version->lowered = order < 0;
	seen->changed = true;
}

/* With the lock held. */
static void raise_serial(struct extmgr__seen *seen, int64_t serial, bool force)
{
	if (serial == seen->serial || (serial < seen->serial && !force))
		return;
	seen->serial_lowered = serial < seen->serial;
	seen->serial = serial;
	seen->changed = true;
}

/* What other processes saw; what was lowered here on purpose stays so. */
static void merge(struct extmgr__seen *seen, const extmgr__json *document)
{
	const extmgr__json *versions = extmgr__json_get(document, "versions");
	const extmgr__json *serial = extmgr__json_get(document, "serial");
	bool changed = seen->changed;

	if (serial && extmgr__json_get_type(serial) == EXTMGR__JSON_NUMBER && !seen->serial_lowered)
		raise_serial(seen, (int64_t)extmgr__json_get_number(serial), false);
	for (const extmgr__json *at = versions ? extmgr__json_first(versions) : NULL; at;
	     at = extmgr__json_next(at)) {
		const char *id = extmgr__json_key_of(at);
		const char *text = extmgr__json_get_string(at);
		bool found;
		size_t place;

		if (!id || !text)
			continue;
		place = find(seen, id, &found);
		if (!found || !seen->versions[place].lowered)
			raise_version(seen, id, text, false);
	}
	seen->changed = changed;
}

/* With the lock held. */
static void load(struct extmgr__seen *seen)
{
	const char *directory = extmgr__context_cache_directory(seen->context);
	struct extmgr__buffer content = {0};
	extmgr__json *document = NULL;

	if (!directory || extmgr__cache_directory_read(directory, EXTMGR__CACHE_STATE, seen->name,
						       &content, NULL) != EXTMGR_OK)
		return;
	if (extmgr__json_parse(extmgr__buffer_get(&content), content.length, "a memory", &document,
			       NULL) == EXTMGR_OK)
		merge(seen, document);
	extmgr__json_free(document);
	extmgr__buffer_free(&content);
}

struct extmgr__seen *extmgr__seen_new(extmgr_context *context, const char *name,
				      bool allow_downgrade)
{
	struct extmgr__seen *seen = calloc(1, sizeof(*seen));

	if (!seen)
		return NULL;
	seen->name = extmgr__strdup(name);
	if (!seen->name || pthread_mutex_init(&seen->lock, NULL)) {
		free(seen->name);
		free(seen);
		return NULL;
	}
	seen->context = context;
	seen->allow_downgrade = allow_downgrade;
	seen->serial = -1;
	load(seen);
	return seen;
}

void extmgr__seen_free(struct extmgr__seen *seen)
{
	if (!seen)
		return;
	for (size_t i = 0; i < seen->count; i++) {
		free(seen->versions[i].id);
		free(seen->versions[i].text);
	}
	free(seen->versions);
	pthread_mutex_destroy(&seen->lock);
	free(seen->name);
	free(seen);
}

static const char hint[] = "when it is meant so, allow downgrades for this registry once "
			   "(--allow-downgrade)";

extmgr_result extmgr__seen_check_serial(struct extmgr__seen *seen, int64_t serial,
					extmgr_error **error)
{
	int64_t highest;

	pthread_mutex_lock(&seen->lock);
	highest = seen->serial;
	pthread_mutex_unlock(&seen->lock);
	if (serial >= highest || seen->allow_downgrade)
		return EXTMGR_OK;
	if (serial < 0)
		extmgr__error_set(error, EXTMGR_E_INDEX_ROLLBACK,
				  "the index has no serial, but one with serial %lld was seen",
				  (long long)highest);
	else
		extmgr__error_set(error, EXTMGR_E_INDEX_ROLLBACK,
				  "the index has serial %lld, but one with serial %lld was seen",
				  (long long)serial, (long long)highest);
	extmgr__error_hint(error, "%s", hint);
	return EXTMGR_E_INDEX_ROLLBACK;
}

extmgr_result extmgr__seen_check_version(struct extmgr__seen *seen, const char *id,
					 const char *version, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	bool found;
	size_t at;

	if (seen->allow_downgrade)
		return EXTMGR_OK;
	pthread_mutex_lock(&seen->lock);
	at = find(seen, id, &found);
	if (found && (!version || extmgr__semver_compare(version, seen->versions[at].text) < 0)) {
		result = extmgr__error_set(error, EXTMGR_E_VERSION_ROLLBACK,
					   "extension '%s' has %s%s in the registry, but version "
					   "%s was seen",
					   id, version ? "version " : "no version",
					   version ? version : "", seen->versions[at].text);
		extmgr__error_hint(error, "%s", hint);
	}
	pthread_mutex_unlock(&seen->lock);
	return result;
}

void extmgr__seen_note_serial(struct extmgr__seen *seen, int64_t serial)
{
	pthread_mutex_lock(&seen->lock);
	raise_serial(seen, serial, seen->allow_downgrade);
	pthread_mutex_unlock(&seen->lock);
}

void extmgr__seen_note_version(struct extmgr__seen *seen, const char *id, const char *version)
{
	if (!version)
		return;
	pthread_mutex_lock(&seen->lock);
	raise_version(seen, id, version, seen->allow_downgrade);
	pthread_mutex_unlock(&seen->lock);
}

/* With the lock held. */
static void write_document(const struct extmgr__seen *seen, struct extmgr__buffer *buffer)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(buffer);

	extmgr__json_begin_object(&writer);
	extmgr__json_member_integer(&writer, "serial", seen->serial);
	extmgr__json_key(&writer, "versions");
	extmgr__json_begin_object(&writer);
	for (size_t i = 0; i < seen->count; i++)
		extmgr__json_member_string(&writer, seen->versions[i].id, seen->versions[i].text);
	extmgr__json_end_object(&writer);
	extmgr__json_end_object(&writer);
}

/* With the lock held, and the directory's: what others wrote meanwhile stays. */
static extmgr_result store(struct extmgr__seen *seen, const char *directory, extmgr_error **error)
{
	struct extmgr__buffer document = EXTMGR__BUFFER(DOCUMENT_MAXIMUM);
	extmgr_result result;

	load(seen);
	write_document(seen, &document);
	result = extmgr__buffer_result(&document);
	if (result == EXTMGR_OK)
		result = extmgr__cache_directory_write(directory, EXTMGR__CACHE_STATE, seen->name,
						       document.data, document.length, error);
	else
		extmgr__error_from_result(error, result, "what was seen of a registry");
	extmgr__buffer_free(&document);
	if (result == EXTMGR_OK)
		seen->changed = false;
	return result;
}

void extmgr__seen_flush(struct extmgr__seen *seen)
{
	const char *directory = extmgr__context_cache_directory(seen->context);
	extmgr_error *error = NULL;
	extmgr_result result = EXTMGR_OK;
	int held;

	pthread_mutex_lock(&seen->lock);
	if (directory && seen->changed) {
		result = extmgr__cache_directory_lock(directory, &held, &error);
		if (result == EXTMGR_OK) {
			result = store(seen, directory, &error);
			extmgr__cache_directory_unlock(held);
		}
	}
	pthread_mutex_unlock(&seen->lock);
	if (result != EXTMGR_OK)
		extmgr__context_log(seen->context, EXTMGR_LOG_WARNING, "registry",
				    "cannot remember the newest versions seen: %s",
				    extmgr_error_get_message(error));
	extmgr_error_free(error);
}
