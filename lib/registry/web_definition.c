/* SPDX-License-Identifier: MIT */
/* Definitions of a registry on the web: from memory, from the cache directory, or fetched. */
#include "base/alloc.h"
#include "base/semver.h"
#include "base/url.h"
#include "bundle/signature.h"
#include "registry/checksum.h"
#include "registry/web_internal.h"

#include <stdlib.h>
#include <string.h>

#define KIND_DEFINITION "definition"
#define CACHED_MAXIMUM  ((size_t)64 << 20) /* bytes of all definitions in memory */

struct reading {
	struct extmgr__web *web;
	extmgr_operation *operation;
	const struct extmgr__snapshot *snapshot;
	const struct extmgr__index_entry *entry;
	char *url;
	char *key;                     /* of the caches */
	struct extmgr__record *record; /* NULL: nothing is there yet */
	bool asked;                    /* the server was asked for it just now */
	bool changed;                  /* the caches do not have it so */
	bool anew;                     /* no caches, and more checks */
	extmgr_error **error;
};

/* ---- memory ---- */

/* With the lock held: where the key is, or would be. */
static size_t find_cached(const struct extmgr__web *web, const char *key, bool *found)
{
	size_t low = 0;
	size_t high = web->cached_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(web->cached[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < web->cached_count && strcmp(web->cached[low].key, key) == 0;
	return low;
}

static struct extmgr__record *take_cached(struct extmgr__web *web, const char *key)
{
	struct extmgr__record *record = NULL;
	bool found;
	size_t at;

	pthread_mutex_lock(&web->lock);
	at = find_cached(web, key, &found);
	if (found)
		record = extmgr__record_ref(web->cached[at].record);
	pthread_mutex_unlock(&web->lock);
	return record;
}

static size_t size_of(const struct extmgr__record *record)
{
	return extmgr_text_get_length(record->body);
}

/* With the lock held. What does not fit makes room by emptying the whole: that is rare. */
static void make_room(struct extmgr__web *web, size_t size)
{
	if (web->cached_bytes + size <= CACHED_MAXIMUM)
		return;
	for (size_t i = 0; i < web->cached_count; i++) {
		free(web->cached[i].key);
		extmgr__record_unref(web->cached[i].record);
	}
	web->cached_count = 0;
	web->cached_bytes = 0;
}

static void put_cached(struct extmgr__web *web, const char *key, struct extmgr__record *record)
{
	struct extmgr__cached *grown;
	char *copy;
	bool found;
	size_t at;

	pthread_mutex_lock(&web->lock);
	make_room(web, size_of(record));
	at = find_cached(web, key, &found);
	if (found) {
		web->cached_bytes -= size_of(web->cached[at].record);
		web->cached_bytes += size_of(record);
		extmgr__record_unref(web->cached[at].record);
		web->cached[at].record = extmgr__record_ref(record);
		pthread_mutex_unlock(&web->lock);
		return;
	}
	copy = extmgr__strdup(key);
	grown = copy ? extmgr__array_grow(web->cached, web->cached_count, &web->cached_capacity,
					  sizeof(*grown))
		     : NULL;
	if (grown) {
		web->cached = grown;
		memmove(&grown[at + 1], &grown[at], (web->cached_count - at) * sizeof(*grown));
		grown[at] = (struct extmgr__cached){copy, extmgr__record_ref(record)};
		web->cached_count++;
		web->cached_bytes += size_of(record);
	} else {
		free(copy);
	}
	pthread_mutex_unlock(&web->lock);
}

/* ---- where it is ---- */

/* Versions are compared, and remembered as the highest: what has no order is none. */
static extmgr_result check_promise(const struct reading *reading)
{
	const char *version = reading->entry->version;
	struct extmgr__semver parsed;

	if (!version || extmgr__semver_parse(version, &parsed))
		return EXTMGR_OK;
	extmgr__error_set(reading->error, EXTMGR_E_INDEX_FORMAT,
			  "the index gives it the version '%s', which is none of SemVer 2.0",
			  version);
	extmgr__error_hint(reading->error, "its publisher has to name it such as 1.2.0, or leave "
					   "the version out");
	return EXTMGR_E_INDEX_FORMAT;
}

static extmgr_result locate(struct reading *reading)
{
	struct extmgr__buffer key = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	extmgr_result result =
		extmgr__web_locate(reading->web, reading->snapshot->record, reading->entry->url,
				   &reading->url, reading->error);

	if (result != EXTMGR_OK)
		return result;
	extmgr__buffer_printf(&key, "%s\n%s", reading->entry->sha256, reading->url);
	reading->key = key.data;
	return reading->key ? EXTMGR_OK : extmgr__error_no_memory(reading->error);
}

static void find_record(struct reading *reading)
{
	struct extmgr__web *web = reading->web;

	reading->record = take_cached(web, reading->key);
	if (reading->record)
		return;
	reading->record = extmgr__resource_load(web->context, KIND_DEFINITION, reading->key);
	/* What the index says now holds for the disk, too. */
	if (reading->record && reading->entry->sha256[0] &&
	    strcmp(reading->record->sha256, reading->entry->sha256) != 0) {
		extmgr__record_unref(reading->record);
		reading->record = NULL;
	}
	if (reading->record)
		put_cached(web, reading->key, reading->record);
}

/* ---- fetching ---- */

/* That of a .sha256 file beside the definition, when it is there. */
static extmgr_result check_checksum(const struct reading *reading,
				    const struct extmgr__record *record, bool *unavailable)
{
	char *url = extmgr__web_beside(reading->url, EXTMGR__CHECKSUM_SUFFIX);
	struct extmgr__buffer content;
	extmgr_result result;
	bool found;

	if (!url)
		return extmgr__error_no_memory(reading->error);
	result = extmgr__resource_fetch_optional(reading->web->context, reading->operation, url,
						 EXTMGR__CHECKSUM_MAXIMUM, &content, &found,
						 unavailable, reading->error);
	free(url);
	if (result == EXTMGR_OK && found)
		result = extmgr__checksum_check("definition", reading->entry->id, &content,
						record->sha256, reading->error);
	extmgr__buffer_free(&content);
	return result;
}

/* The digest of the index, else that beside the definition. */
static extmgr_result check_content(const struct reading *reading,
				   const struct extmgr__record *record, bool *unavailable)
{
	if (reading->entry->sha256[0])
		return extmgr__checksum_compare("definition", reading->entry->id,
						reading->entry->sha256, record->sha256,
						reading->error);
	return check_checksum(reading, record, unavailable);
}

static extmgr_result fetch(struct reading *reading, bool *unavailable)
{
	struct extmgr__web *web = reading->web;
	uint64_t maximum = extmgr__context_limits(web->context)->source_bytes;
	const struct extmgr__resource resource = {
		.url = reading->url, .maximum = maximum, .refresh = reading->anew};
	struct extmgr__record *record = NULL;
	extmgr_result result;

	/* With a digest in the index there is nothing to revalidate: another digest, another file.
	 */
	result = extmgr__resource_fetch(web->context, reading->operation, &resource,
					reading->record, &record, unavailable, reading->error);
	if (result == EXTMGR_E_TOO_LARGE)
		return extmgr__error_wrap(reading->error, EXTMGR_E_SOURCE_TOO_LARGE,
					  "definition '%s' is larger than %llu bytes",
					  reading->entry->id, (unsigned long long)maximum);
	if (result == EXTMGR_OK &&
	    !(reading->record && strcmp(reading->record->sha256, record->sha256) == 0))
		result = check_content(reading, record, unavailable);
	if (result != EXTMGR_OK) {
		extmgr__record_unref(record);
		return result;
	}
	extmgr__record_unref(reading->record);
	reading->record = record;
	reading->asked = true;
	reading->changed = true;
	return EXTMGR_OK;
}

static void warn(const struct reading *reading, const char *what)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(512);

	extmgr__buffer_printf(&text, "the %s of extension '%s' cannot be fetched", what,
			      reading->entry->id);
	extmgr__web_warn(reading->web, extmgr__buffer_get(&text), reading->error);
	extmgr__buffer_free(&text);
}

static extmgr_result have_content(struct reading *reading)
{
	struct extmgr__web *web = reading->web;
	bool unavailable = false;
	extmgr_result result;

	if (!reading->anew)
		find_record(reading);
	if (reading->record &&
	    (reading->entry->sha256[0] || (web->flags & EXTMGR_REGISTRY_OFFLINE) ||
	     extmgr__web_is_fresh(web, reading->record)))
		return EXTMGR_OK;
	if (web->flags & EXTMGR_REGISTRY_OFFLINE)
		return extmgr__error_set(reading->error, EXTMGR_E_OFFLINE,
					 "offline, and the cache does not hold it");
	result = fetch(reading, &unavailable);
	if (result == EXTMGR_OK || !unavailable || !reading->record)
		return result;
	warn(reading, "definition");
	return EXTMGR_OK;
}

/* ---- signature ---- */

/* A signed index vouches for an entry that says everything. */
static bool is_vouched_for(const struct reading *reading)
{
	const struct extmgr__snapshot *snapshot = reading->snapshot;

	return snapshot->key && reading->entry->sha256[0] && reading->entry->version &&
	       extmgr__trusted_key_may_sign(snapshot->key, reading->entry->id);
}

/* A new record with the signature as it is now: a record that others see never changes. */
static extmgr_result seek_signature(struct reading *reading, bool *unavailable)
{
	struct extmgr__web *web = reading->web;
	struct extmgr__record *record = extmgr__record_renew(reading->record, NULL, extmgr__now());
	char *url = NULL;
	extmgr_result result = record ? EXTMGR_OK : extmgr__error_no_memory(reading->error);

	if (result == EXTMGR_OK && reading->entry->signature)
		result = extmgr__web_resolve(web, reading->snapshot->record,
					     reading->entry->signature, &url, reading->error);
	else if (result == EXTMGR_OK)
		url = extmgr__web_beside(reading->url, EXTMGR__SIGNATURE_SUFFIX);
	if (result == EXTMGR_E_INVALID_ARGUMENT)
		result = extmgr__error_wrap(reading->error, EXTMGR_E_INDEX_FORMAT,
					    "\"signature\" is no usable URL");
	if (result == EXTMGR_OK)
		result = url ? extmgr__web_seek_signature(web, reading->operation, url, record,
							  unavailable, reading->error)
			     : extmgr__error_no_memory(reading->error);
	free(url);
	if (result != EXTMGR_OK) {
		extmgr__record_unref(record);
		return result;
	}
	extmgr__record_unref(reading->record);
	reading->record = record;
	reading->changed = true;
	return EXTMGR_OK;
}

static extmgr_result judge(const struct reading *reading, struct extmgr__source *source,
			   char **version, extmgr_error **error)
{
	const struct extmgr__record *record = reading->record;
	char *listing = extmgr__web_listing(record, reading->url);
	struct extmgr__buffer what = EXTMGR__BUFFER(512);
	struct extmgr__signed_thing thing = {
		.id = reading->entry->id,
		.listing = listing,
		.signature = record->signature,
		.signature_length = record->signature ? strlen(record->signature) : 0,
		.named = true,
	};
	extmgr_result result;

	extmgr__buffer_printf(&what, "definition '%s'", reading->entry->id);
	thing.what = extmgr__buffer_get(&what);
	if (listing)
		result = extmgr__signature_judge(reading->snapshot->trust, &thing,
						 &source->signature, &source->signer, version,
						 error);
	else
		result = extmgr__error_no_memory(error);
	free(listing);
	extmgr__buffer_free(&what);
	return result;
}

/* The version that was signed is the one that the index promises, and none that was overtaken. */
static extmgr_result check_version(const struct reading *reading, const char *signed_version,
				   struct extmgr__source *source)
{
	const char *promised = reading->entry->version;
	bool differ = signed_version && promised && strcmp(signed_version, promised) != 0;

	if (differ) {
		source->signature = EXTMGR_SIGNATURE_MODIFIED;
		source->signer = extmgr__trusted_key_signer(NULL);
	}
	if (differ && extmgr__trust_demands_signatures(reading->snapshot->trust))
		return extmgr__error_set(reading->error, EXTMGR_E_SIGNATURE_IDENTITY,
					 "definition '%s' was signed as version %s, but the index "
					 "says %s",
					 reading->entry->id, signed_version, promised);
	if (reading->entry->superseded) /* nobody reads it as the newest */
		return EXTMGR_OK;
	return extmgr__seen_check_version(reading->web->seen, reading->entry->id,
					  signed_version ? signed_version : promised,
					  reading->error);
}

static extmgr_result check_own_signature(struct reading *reading, struct extmgr__source *source,
					 char **version)
{
	struct extmgr__web *web = reading->web;
	bool has_keys = extmgr__trust_has_keys(reading->snapshot->trust);
	bool online = !(web->flags & EXTMGR_REGISTRY_OFFLINE);
	bool sought = has_keys && online && !reading->record->signature_sought;
	bool unavailable = false;
	extmgr_error *found = NULL;
	extmgr_result result = EXTMGR_OK;

	if (sought)
		result = seek_signature(reading, NULL);
	if (result != EXTMGR_OK)
		return result;
	result = judge(reading, source, version, &found);
	/* It may have been signed anew since, also when it is unchanged itself. */
	if (has_keys && online && !sought && source->signature != EXTMGR_SIGNATURE_SIGNED &&
	    (reading->asked || !extmgr__web_is_fresh(web, reading->record))) {
		extmgr_error_free(found);
		found = NULL;
		free(*version);
		*version = NULL;
		result = seek_signature(reading, &unavailable);
		if (unavailable)
			warn(reading, "signature");
		else if (result != EXTMGR_OK)
			return result;
		result = judge(reading, source, version, &found);
	}
	if (result != EXTMGR_OK)
		extmgr__error_move(reading->error, &found);
	return result;
}

static extmgr_result check_trust(struct reading *reading, struct extmgr__source *source)
{
	char *version = NULL;
	extmgr_result result = EXTMGR_OK;

	if (is_vouched_for(reading)) {
		source->signature = EXTMGR_SIGNATURE_SIGNED;
		source->signer = extmgr__trusted_key_signer(reading->snapshot->key);
	} else {
		result = check_own_signature(reading, source, &version);
	}
	if (result == EXTMGR_OK)
		result = check_version(reading, version, source);
	if (result == EXTMGR_OK && !reading->entry->superseded)
		extmgr__seen_note_version(reading->web->seen, reading->entry->id,
					  version ? version : reading->entry->version);
	free(version);
	return result;
}

/* ---- what readers have no need of, but somebody else may ---- */

static extmgr_result check_sums(const struct reading *reading)
{
	char *url = extmgr__web_beside(reading->url, EXTMGR__SUMS_SUFFIX);
	char *listing = extmgr__web_listing(reading->record, reading->url);
	struct extmgr__buffer content = EXTMGR__BUFFER(0);
	bool found = false;
	extmgr_result result = url && listing ? EXTMGR_OK : extmgr__error_no_memory(reading->error);

	if (result == EXTMGR_OK)
		result = extmgr__resource_fetch_optional(reading->web->context, reading->operation,
							 url, EXTMGR__CHECKSUM_MAXIMUM, &content,
							 &found, NULL, reading->error);
	if (result == EXTMGR_OK && found && strcmp(extmgr__buffer_get(&content), listing) != 0)
		result = extmgr__error_set(reading->error, EXTMGR_E_CHECKSUM,
					   "the .sums file of definition '%s' does not list it as "
					   "it is",
					   reading->entry->id);
	extmgr__buffer_free(&content);
	free(listing);
	free(url);
	return result;
}

/* A signature that was not asked for, because an index vouches or there is no key. */
static extmgr_result check_spare_signature(struct reading *reading)
{
	struct extmgr__source judged = {0};
	extmgr_error *verdict = NULL;
	char *version = NULL;
	extmgr_result result = seek_signature(reading, NULL);

	if (result != EXTMGR_OK)
		return result;
	result = judge(reading, &judged, &version, &verdict);
	free(version);
	if (result == EXTMGR_E_NO_MEMORY) {
		extmgr__error_move(reading->error, &verdict);
		return result;
	}
	/* What the policy says of it is no matter here. */
	extmgr_error_free(verdict);
	if (judged.signature == EXTMGR_SIGNATURE_MODIFIED)
		return extmgr__error_set(reading->error, EXTMGR_E_SIGNATURE_MODIFIED,
					 "the signature beside definition '%s' does not fit it",
					 reading->entry->id);
	return EXTMGR_OK;
}

static extmgr_result check_beside(struct reading *reading)
{
	bool judged = !is_vouched_for(reading) && extmgr__trust_has_keys(reading->snapshot->trust);
	extmgr_result result = EXTMGR_OK;

	if (reading->entry->sha256[0])
		result = check_checksum(reading, reading->record, NULL);
	if (result == EXTMGR_OK)
		result = check_sums(reading);
	if (result == EXTMGR_OK && !judged)
		result = check_spare_signature(reading);
	return result;
}

/* ---- the whole ---- */

static extmgr_result read_entry(struct reading *reading, struct extmgr__source *source)
{
	struct extmgr__web *web = reading->web;
	extmgr_result result = check_promise(reading);

	if (result == EXTMGR_OK)
		result = locate(reading);
	if (result == EXTMGR_OK)
		result = have_content(reading);
	if (result == EXTMGR_OK)
		result = check_trust(reading, source);
	if (result == EXTMGR_OK && reading->anew)
		result = check_beside(reading);
	if (result == EXTMGR_OK && reading->changed && !reading->anew) {
		put_cached(web, reading->key, reading->record);
		extmgr__resource_store(web->context, KIND_DEFINITION, reading->key,
				       reading->record);
	}
	if (result != EXTMGR_OK)
		return result;
	source->text = extmgr__text_new(extmgr_text_get_data(reading->record->body),
					size_of(reading->record));
	return source->text ? EXTMGR_OK : extmgr__error_no_memory(reading->error);
}

static extmgr_result read_to_end(struct reading *reading, struct extmgr__source *source,
				 extmgr_error **error)
{
	extmgr_error *found = NULL;
	extmgr_result result;

	*source = (struct extmgr__source){0};
	reading->error = &found;
	result = read_entry(reading, source);
	if (result != EXTMGR_OK) {
		extmgr__error_wrap(&found, result, "failed to load extension \"%s\"",
				   reading->entry->id);
		extmgr__error_move(error, &found);
	}
	free(reading->url);
	free(reading->key);
	extmgr__record_unref(reading->record);
	return result;
}

extmgr_result extmgr__web_read(struct extmgr__web *web, extmgr_operation *operation,
			       const struct extmgr__snapshot *snapshot, const char *id,
			       struct extmgr__source *source, extmgr_error **error)
{
	struct reading reading = {.web = web, .operation = operation, .snapshot = snapshot};

	*source = (struct extmgr__source){0};
	reading.entry = extmgr__index_find(snapshot->index, id);
	return reading.entry ? read_to_end(&reading, source, error) : EXTMGR_E_EXTENSION_NOT_FOUND;
}

extmgr_result extmgr__web_check(struct extmgr__web *web, extmgr_operation *operation,
				const struct extmgr__snapshot *snapshot,
				const struct extmgr__index_entry *entry,
				struct extmgr__source *source, extmgr_error **error)
{
	struct reading reading = {.web = web,
				  .operation = operation,
				  .snapshot = snapshot,
				  .entry = entry,
				  .anew = true};

	return read_to_end(&reading, source, error);
}
