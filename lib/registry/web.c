/* SPDX-License-Identifier: MIT */
/* The index of a registry on the web: fetched by one thread at a time, checked, kept. */
#include "registry/web.h"

#include "base/alloc.h"
#include "base/url.h"
#include "bundle/signature.h"
#include "registry/web_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KIND_INDEX    "index"
#define RETRY_SECONDS 30
#define WAIT_NS       100000000
#define NS_PER_SECOND 1000000000
#define FLAGS         (EXTMGR_REGISTRY_OFFLINE | EXTMGR_REGISTRY_ALLOW_DOWNGRADE)

/* ---- opening ---- */

static char *public_url_of(const char *url)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 8);

	extmgr__url_append_public(&text, url);
	return text.data;
}

static struct extmgr__web *make(extmgr_context *context, const char *url, uint32_t flags)
{
	struct extmgr__web *web = calloc(1, sizeof(*web));

	if (!web)
		return NULL;
	web->context = context;
	web->flags = flags;
	web->url = extmgr__strdup(url);
	web->public_url = public_url_of(url);
	web->seen = extmgr__seen_new(context, url, flags & EXTMGR_REGISTRY_ALLOW_DOWNGRADE);
	if (web->url && web->public_url && web->seen && !pthread_mutex_init(&web->lock, NULL)) {
		if (!pthread_cond_init(&web->loaded, NULL))
			return web;
		pthread_mutex_destroy(&web->lock);
	}
	extmgr__seen_free(web->seen);
	free(web->public_url);
	free(web->url);
	free(web);
	return NULL;
}

extmgr_result extmgr__web_open(extmgr_context *context, const char *url, uint32_t flags,
			       uint64_t refresh_ms, struct extmgr__web **web_out,
			       extmgr_error **error)
{
	extmgr_result result = extmgr__url_check(url, "the location of the registry", error);

	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__context_http(context) && !(flags & EXTMGR_REGISTRY_OFFLINE)) {
		extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
				  "the context has no way to fetch over HTTP");
		extmgr__error_hint(error, "set extmgr_context_options.http, for instance from "
					  "extmgr_curl_open()");
		return EXTMGR_E_UNSUPPORTED;
	}
	*web_out = make(context, url, flags);
	if (!*web_out)
		return extmgr__error_no_memory(error);
	(*web_out)->lifetime = (int64_t)(refresh_ms / 1000 + (refresh_ms % 1000 != 0));
	return EXTMGR_OK;
}

void extmgr__web_free(struct extmgr__web *web)
{
	if (!web)
		return;
	for (size_t i = 0; i < web->cached_count; i++) {
		free(web->cached[i].key);
		extmgr__record_unref(web->cached[i].record);
	}
	free(web->cached);
	extmgr__snapshot_unref(web->snapshot);
	pthread_cond_destroy(&web->loaded);
	pthread_mutex_destroy(&web->lock);
	extmgr__seen_free(web->seen);
	free(web->public_url);
	free(web->url);
	free(web);
}

void extmgr__web_flush(struct extmgr__web *web)
{
	extmgr__seen_flush(web->seen);
}

/* ---- signatures beside something ---- */

extmgr_result extmgr__web_resolve(const struct extmgr__web *web, const struct extmgr__record *index,
				  const char *reference, char **url_out, extmgr_error **error)
{
	char *base = NULL;
	extmgr_result result;

	if (!index->base)
		return extmgr__url_resolve(web->url, reference, url_out, error);
	/* User and password come back within the same origin. */
	result = extmgr__url_resolve(web->url, index->base, &base, error);
	if (result == EXTMGR_OK)
		result = extmgr__url_resolve(base, reference, url_out, error);
	free(base);
	return result;
}

extmgr_result extmgr__web_locate(const struct extmgr__web *web, const struct extmgr__record *index,
				 const char *reference, char **url_out, extmgr_error **error)
{
	extmgr_result result;

	if (!reference || !*reference)
		return extmgr__error_set(error, EXTMGR_E_INDEX_FORMAT,
					 "the index gives no url for it");
	result = extmgr__web_resolve(web, index, reference, url_out, error);
	if (result == EXTMGR_E_INVALID_ARGUMENT)
		return extmgr__error_wrap(error, EXTMGR_E_INDEX_FORMAT,
					  "the index gives no usable url for it");
	if (result != EXTMGR_OK || !extmgr__url_is_https(web->url) ||
	    extmgr__url_is_https(*url_out))
		return result;
	free(*url_out);
	*url_out = NULL;
	return extmgr__error_set(error, EXTMGR_E_REDIRECT, "the index leads from https to http");
}

char *extmgr__web_beside(const char *url, const char *suffix)
{
	struct extmgr__buffer reference = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	char *name = extmgr__url_file_name(url);
	char *beside = NULL;

	if (!name)
		return NULL;
	/* "./": a name with a colon is no scheme. */
	extmgr__buffer_printf(&reference, "./%s%s", *name ? name : EXTMGR__INDEX_NAME, suffix);
	free(name);
	if (extmgr__buffer_result(&reference) == EXTMGR_OK &&
	    extmgr__url_resolve(url, reference.data, &beside, NULL) != EXTMGR_OK)
		beside = NULL;
	extmgr__buffer_free(&reference);
	return beside;
}

char *extmgr__web_listing(const struct extmgr__record *record, const char *url)
{
	struct extmgr__buffer listing = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	char *name = extmgr__url_plain_file_name(url);

	if (!name)
		return NULL;
	extmgr__buffer_printf(&listing, "%s  %s\n", record->sha256,
			      *name ? name : EXTMGR__INDEX_NAME);
	free(name);
	if (extmgr__buffer_result(&listing) == EXTMGR_OK)
		return listing.data;
	extmgr__buffer_free(&listing);
	return NULL;
}

extmgr_result extmgr__web_seek_signature(struct extmgr__web *web, extmgr_operation *operation,
					 const char *url, struct extmgr__record *record,
					 bool *unavailable, extmgr_error **error)
{
	struct extmgr__buffer content;
	bool found;
	extmgr_result result = extmgr__resource_fetch_optional(web->context, operation, url,
							       EXTMGR__SIGNATURE_MAXIMUM, &content,
							       &found, unavailable, error);

	/* What is too long or no text is kept as an empty file: malformed, not missing. */
	if (result == EXTMGR_E_TOO_LARGE ||
	    (result == EXTMGR_OK &&
	     (!extmgr__utf8_is_valid(extmgr__buffer_get(&content), content.length) ||
	      memchr(extmgr__buffer_get(&content), '\0', content.length)))) {
		if (error) {
			extmgr_error_free(*error);
			*error = NULL;
		}
		extmgr__buffer_free(&content);
		content = EXTMGR__BUFFER(0);
		found = true;
		result = EXTMGR_OK;
	}
	if (result == EXTMGR_OK &&
	    extmgr__record_set_signature(record, found ? extmgr__buffer_get(&content) : NULL,
					 content.length) != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	extmgr__buffer_free(&content);
	return result;
}

/* ---- snapshots ---- */

static struct extmgr__snapshot *snapshot_ref(struct extmgr__snapshot *snapshot)
{
	atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
	return snapshot;
}

void extmgr__snapshot_unref(struct extmgr__snapshot *snapshot)
{
	if (!snapshot || atomic_fetch_sub(&snapshot->references, 1) != 1)
		return;
	extmgr__record_unref(snapshot->record);
	extmgr__index_free(snapshot->index);
	extmgr__trust_unref(snapshot->trust);
	free(snapshot);
}

static extmgr_result judge(const struct extmgr__web *web, struct extmgr__snapshot *snapshot,
			   extmgr_error **error)
{
	const char *signature = snapshot->record->signature;
	char *listing = extmgr__web_listing(snapshot->record, web->url);
	char *comment = NULL;
	extmgr_error *found = NULL;
	extmgr_result result;

	if (!listing)
		return extmgr__error_no_memory(error);
	snapshot->signature = EXTMGR_SIGNATURE_UNSIGNED;
	result = signature ? extmgr__signature_verify(snapshot->trust, "the index of the registry",
						      signature, strlen(signature), listing,
						      strlen(listing), &snapshot->key, &comment,
						      &found)
			   : EXTMGR_OK;
	if (signature)
		snapshot->signature = extmgr__signature_state_of(result);
	free(comment);
	free(listing);
	/* Without a signature each definition must have its own. A bad one is worse than none. */
	if (result != EXTMGR_E_NO_MEMORY && !extmgr__trust_demands_signatures(snapshot->trust))
		result = EXTMGR_OK;
	if (result != EXTMGR_OK)
		extmgr__error_move(error, &found);
	extmgr_error_free(found);
	return result;
}

static bool has_expired(const struct extmgr__index *index)
{
	return index->expires >= 0 && index->expires <= extmgr__now();
}

static extmgr_result check_index(const struct extmgr__web *web, const struct extmgr__index *index,
				 extmgr_error **error)
{
	if (has_expired(index)) {
		extmgr__error_set(error, EXTMGR_E_INDEX_EXPIRED,
				  "the index of registry %s has expired at %s", web->public_url,
				  index->expires_text);
		extmgr__error_hint(error, "its publisher has to renew it, or somebody holds back "
					  "the new one; is the clock right?");
		return EXTMGR_E_INDEX_EXPIRED;
	}
	return extmgr__seen_check_serial(web->seen, index->serial, error);
}

/* Makes a snapshot of a record, which is not taken over. */
static extmgr_result snapshot_new(const struct extmgr__web *web, struct extmgr__record *record,
				  const extmgr_trust *trust, struct extmgr__snapshot **snapshot_out,
				  extmgr_error **error)
{
	struct extmgr__snapshot *snapshot = calloc(1, sizeof(*snapshot));
	extmgr_result result;

	*snapshot_out = NULL;
	if (!snapshot)
		return extmgr__error_no_memory(error);
	atomic_init(&snapshot->references, 1);
	snapshot->record = extmgr__record_ref(record);
	snapshot->trust = extmgr__trust_ref(trust);
	result = extmgr__index_parse(extmgr_text_get_data(record->body),
				     extmgr_text_get_length(record->body), &snapshot->index, error);
	if (result == EXTMGR_E_INDEX_FORMAT) {
		extmgr__error_wrap(error, result, "failed to decode registry content");
		extmgr__error_wrap(error, result, "failed to decode index from \"%s\"",
				   web->public_url);
	}
	if (result == EXTMGR_OK)
		result = judge(web, snapshot, error);
	if (result == EXTMGR_OK)
		result = check_index(web, snapshot->index, error);
	if (result != EXTMGR_OK) {
		extmgr__snapshot_unref(snapshot);
		return result;
	}
	*snapshot_out = snapshot;
	return EXTMGR_OK;
}

static bool is_usable(const struct extmgr__snapshot *snapshot, const extmgr_trust *trust)
{
	return snapshot->trust == trust && !has_expired(snapshot->index) &&
	       (snapshot->record->signature_sought || !extmgr__trust_has_keys(trust));
}

static void report_duplicates(const struct extmgr__web *web, const struct extmgr__index *index)
{
	for (size_t i = 1; i < index->count; i++) {
		const struct extmgr__index_entry *entry = &index->entries[i];

		if (entry->duplicate)
			extmgr__context_log(web->context, EXTMGR_LOG_WARNING, "registry",
					    "registry %s lists '%s' several times%s%s; the first "
					    "one is used",
					    web->public_url, entry->id,
					    entry->version ? " as version " : "",
					    entry->version ? entry->version : "");
		else if (entry->superseded)
			extmgr__context_log(web->context, EXTMGR_LOG_INFO, "registry",
					    "registry %s lists '%s' also as version %s, which is "
					    "older",
					    web->public_url, entry->id,
					    entry->version ? entry->version : "(none)");
	}
}

bool extmgr__web_is_fresh(struct extmgr__web *web, const struct extmgr__record *record)
{
	int64_t refreshed;

	pthread_mutex_lock(&web->lock);
	refreshed = web->snapshot ? web->snapshot->record->refreshed : 0;
	pthread_mutex_unlock(&web->lock);
	return record->fetched > refreshed &&
	       extmgr__record_is_fresh(record, web->lifetime, extmgr__now());
}

/* ---- loading: one thread at a time, between enter() and leave() ---- */

struct loading {
	struct extmgr__web *web;
	extmgr_operation *operation;
	const extmgr_trust *trust;
	bool refresh;
	struct extmgr__snapshot *old; /* what is there and may be used; NULL: nothing */
	struct extmgr__snapshot *new; /* NULL: the old one stays */
	extmgr_error **error;
};

/* A callback of the host that is called while the index is loaded would wait for itself. */
static extmgr_result refuse_own_callback(const struct loading *loading)
{
	return extmgr__error_set(loading->error, EXTMGR_E_INVALID_ARGUMENT,
				 "registry %s was called from a callback that it is fetching its "
				 "index with",
				 loading->web->public_url);
}

/* Waits until no other thread is loading. */
static extmgr_result enter(const struct loading *loading)
{
	struct extmgr__web *web = loading->web;
	extmgr_result result = EXTMGR_OK;

	pthread_mutex_lock(&web->lock);
	if (web->loading && pthread_equal(web->loader, pthread_self())) {
		pthread_mutex_unlock(&web->lock);
		return refuse_own_callback(loading);
	}
	while (web->loading && result == EXTMGR_OK) {
		struct timespec until;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAIT_NS;
		until.tv_sec += until.tv_nsec / NS_PER_SECOND;
		until.tv_nsec %= NS_PER_SECOND;
		if (pthread_cond_timedwait(&web->loaded, &web->lock, &until) == ETIMEDOUT)
			result = extmgr__operation_state(loading->operation);
	}
	if (result == EXTMGR_OK) {
		web->loading = true;
		web->loader = pthread_self();
	}
	pthread_mutex_unlock(&web->lock);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__operation_check(loading->operation, loading->error);
}

static void leave(const struct loading *loading)
{
	struct extmgr__web *web = loading->web;

	pthread_mutex_lock(&web->lock);
	web->loading = false;
	pthread_cond_broadcast(&web->loaded);
	pthread_mutex_unlock(&web->lock);
}

/* What there is already: in memory, else on the disk, judged with today's trust. */
static void find_old(struct loading *loading)
{
	struct extmgr__web *web = loading->web;
	struct extmgr__record *record;
	struct extmgr__snapshot *snapshot = NULL;

	if (web->snapshot && is_usable(web->snapshot, loading->trust)) {
		loading->old = snapshot_ref(web->snapshot);
		return;
	}
	record = web->snapshot ? extmgr__record_ref(web->snapshot->record)
			       : extmgr__resource_load(web->context, KIND_INDEX, web->url);
	if (!record)
		return;
	if (snapshot_new(web, record, loading->trust, &snapshot, NULL) == EXTMGR_OK &&
	    is_usable(snapshot, loading->trust))
		loading->old = snapshot;
	else
		extmgr__snapshot_unref(snapshot);
	extmgr__record_unref(record);
}

static extmgr_result seek_signature(const struct loading *loading, struct extmgr__record *record,
				    bool *unavailable)
{
	struct extmgr__web *web = loading->web;
	struct extmgr__index *index = NULL;
	char *url = NULL;
	extmgr_result result;

	/* Where it lies; that an index is malformed is said later. */
	(void)extmgr__index_parse(extmgr_text_get_data(record->body),
				  extmgr_text_get_length(record->body), &index, NULL);
	if (index && index->signature)
		result = extmgr__web_resolve(web, record, index->signature, &url, loading->error);
	else
		result = EXTMGR_OK;
	extmgr__index_free(index);
	if (result == EXTMGR_E_INVALID_ARGUMENT)
		result = extmgr__error_wrap(loading->error, EXTMGR_E_INDEX_FORMAT,
					    "\"signature\" is no usable URL");
	if (result == EXTMGR_OK && !url)
		url = extmgr__web_beside(web->url, EXTMGR__SIGNATURE_SUFFIX);
	if (result == EXTMGR_OK)
		result = url ? extmgr__web_seek_signature(web, loading->operation, url, record,
							  unavailable, loading->error)
			     : extmgr__error_no_memory(loading->error);
	free(url);
	return result;
}

static bool needs_signature(const struct loading *loading, const struct extmgr__record *record)
{
	const struct extmgr__snapshot *old = loading->old;
	bool same = old && strcmp(old->record->sha256, record->sha256) == 0;

	return extmgr__trust_has_keys(loading->trust) &&
	       !(same && !loading->refresh && old->signature == EXTMGR_SIGNATURE_SIGNED);
}

static extmgr_result fetch(struct loading *loading, bool *unavailable)
{
	struct extmgr__web *web = loading->web;
	const struct extmgr__resource resource = {
		.url = web->url, .maximum = EXTMGR__INDEX_MAXIMUM, .refresh = loading->refresh};
	struct extmgr__record *record = NULL;
	extmgr_result result;

	result = extmgr__resource_fetch(web->context, loading->operation, &resource,
					loading->old ? loading->old->record : NULL, &record,
					unavailable, loading->error);
	if (result == EXTMGR_OK && loading->refresh)
		record->refreshed = record->fetched;
	else if (result == EXTMGR_OK && loading->old)
		record->refreshed = loading->old->record->refreshed;
	if (result == EXTMGR_OK && needs_signature(loading, record))
		result = seek_signature(loading, record, unavailable);
	if (result == EXTMGR_OK)
		result = snapshot_new(web, record, loading->trust, &loading->new, loading->error);
	/* State is written last, when every check was passed. */
	if (result == EXTMGR_OK) {
		extmgr__seen_note_serial(web->seen, loading->new->index->serial);
		extmgr__seen_flush(web->seen);
		extmgr__resource_store(web->context, KIND_INDEX, web->url, record);
		report_duplicates(web, loading->new->index);
	}
	extmgr__record_unref(record);
	return result;
}

void extmgr__web_warn(const struct extmgr__web *web, const char *what, extmgr_error **reason)
{
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(*reason, &text) == EXTMGR_OK)
		extmgr__context_log(web->context, EXTMGR_LOG_WARNING, "registry",
				    "%s, what was fetched before is used: %s", what,
				    extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr_error_free(*reason);
	*reason = NULL;
}

/* The registry cannot be reached: what is there must do, for a while without asking again. */
static void go_on_with_old(const struct loading *loading)
{
	struct extmgr__web *web = loading->web;
	struct extmgr__buffer what = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 256);

	extmgr__buffer_printf(&what, "registry %s cannot be asked since %lld s", web->public_url,
			      (long long)(extmgr__now() - loading->old->record->fetched));
	extmgr__web_warn(web, extmgr__buffer_get(&what), loading->error);
	extmgr__buffer_free(&what);
	pthread_mutex_lock(&web->lock);
	web->try_again = extmgr__now() + RETRY_SECONDS;
	pthread_mutex_unlock(&web->lock);
}

/* The old index serves, because it is fresh, or because nobody may or need ask for a newer one. */
static bool old_will_do(const struct loading *loading)
{
	struct extmgr__web *web = loading->web;

	if (!loading->old || loading->refresh)
		return false;
	return (web->flags & EXTMGR_REGISTRY_OFFLINE) || extmgr__now() < web->try_again ||
	       extmgr__record_is_fresh(loading->old->record, web->lifetime, extmgr__now());
}

static extmgr_result load(struct loading *loading)
{
	struct extmgr__web *web = loading->web;
	bool unavailable = false;
	extmgr_result result;

	find_old(loading);
	if (old_will_do(loading))
		return EXTMGR_OK;
	if (web->flags & EXTMGR_REGISTRY_OFFLINE)
		return extmgr__error_set(loading->error, EXTMGR_E_OFFLINE,
					 "registry %s: offline, and the cache holds no index of it "
					 "that may be used",
					 web->public_url);
	result = fetch(loading, &unavailable);
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	if (unavailable && loading->old && !loading->refresh) {
		go_on_with_old(loading);
		return EXTMGR_OK;
	}
	return extmgr__error_wrap(loading->error, result, "failed to load index from \"%s\"",
				  web->public_url);
}

/* Puts the new snapshot in place; answers what holds now. */
static struct extmgr__snapshot *publish(struct loading *loading, bool *changed)
{
	struct extmgr__web *web = loading->web;
	struct extmgr__snapshot *now = loading->new ? loading->new : loading->old;
	struct extmgr__snapshot *before;

	*changed = loading->new && !(loading->old && strcmp(loading->old->record->sha256,
							    now->record->sha256) == 0);
	pthread_mutex_lock(&web->lock);
	before = web->snapshot;
	web->snapshot = snapshot_ref(now);
	if (loading->new)
		web->try_again = 0;
	pthread_mutex_unlock(&web->lock);
	extmgr__snapshot_unref(before);
	return snapshot_ref(now);
}

/* The snapshot that is there, when it needs no loading. */
static struct extmgr__snapshot *take_current(struct extmgr__web *web, const extmgr_trust *trust)
{
	struct extmgr__snapshot *snapshot;

	pthread_mutex_lock(&web->lock);
	snapshot = web->snapshot ? snapshot_ref(web->snapshot) : NULL;
	pthread_mutex_unlock(&web->lock);
	if (snapshot && is_usable(snapshot, trust) &&
	    extmgr__record_is_fresh(snapshot->record, web->lifetime, extmgr__now()))
		return snapshot;
	extmgr__snapshot_unref(snapshot);
	return NULL;
}

extmgr_result extmgr__web_acquire(struct extmgr__web *web, extmgr_operation *operation,
				  bool refresh, struct extmgr__snapshot **snapshot_out,
				  bool *changed_out, extmgr_error **error)
{
	extmgr_error *found = NULL;
	struct loading loading = {
		.web = web, .operation = operation, .refresh = refresh, .error = &found};
	bool changed = false;
	extmgr_result result;

	loading.trust = extmgr__context_trust_ref(web->context);
	*snapshot_out = refresh ? NULL : take_current(web, loading.trust);
	if (*snapshot_out) {
		extmgr__trust_unref(loading.trust);
		return EXTMGR_OK;
	}
	result = enter(&loading);
	if (result == EXTMGR_OK) {
		result = load(&loading);
		if (result == EXTMGR_OK)
			*snapshot_out = publish(&loading, &changed);
		leave(&loading);
	}
	extmgr__snapshot_unref(loading.old);
	extmgr__snapshot_unref(loading.new);
	extmgr__trust_unref(loading.trust);
	if (changed_out)
		*changed_out = changed;
	if (result != EXTMGR_OK)
		extmgr__error_move(error, &found);
	return result;
}
