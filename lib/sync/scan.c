/* SPDX-License-Identifier: MIT */
/* Reading the candidates: what has the bytes of a row is not opened. */
#include "sync/round.h"

#include "base/alloc.h"
#include "bundle/signature.h"
#include "catalog/store.h"
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

/* Bundles that were opened to learn their ids are kept for writing as long as they are together
 * not larger than this; the others are read again. */
#define KEEP_MAXIMUM ((size_t)32 << 20)

/* ---- Which row has these bytes ---- */

static int compare_archive(const void *a, const void *b)
{
	const struct extmgr__entry *const *left = a;
	const struct extmgr__entry *const *right = b;

	return strcmp((*left)->archive_sha256, (*right)->archive_sha256);
}

static int compare_hash(const void *hash, const void *entry)
{
	return strcmp(hash, (*(const struct extmgr__entry *const *)entry)->archive_sha256);
}

static extmgr_result sort_by_archive(struct extmgr__round *round, extmgr_error **error)
{
	size_t count = round->entries.count;

	round->by_archive = calloc(count + 1, sizeof(*round->by_archive));
	if (!round->by_archive)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < count; i++)
		round->by_archive[i] = &round->entries.items[i];
	if (count)
		qsort((void *)round->by_archive, count, sizeof(*round->by_archive),
		      compare_archive);
	return EXTMGR_OK;
}

/* The same archive, the same signature, judged by the same policy and keys. */
static bool is_unchanged(const struct extmgr__round *round, const struct extmgr__entry *entry,
			 const char *signature)
{
	return entry->state != EXTMGR__ENTRY_BAD && strcmp(entry->signature, signature) == 0 &&
	       strcmp(entry->trust_fingerprint, extmgr_text_get_data(round->trust_fingerprint)) ==
		       0;
}

static extmgr_result find_match(const struct extmgr__round *round,
				const extmgr_bundle_source *source,
				const struct extmgr__entry **match, extmgr_error **error)
{
	const char *hash = extmgr_bundle_source_get_archive_sha256(source);
	const struct extmgr__entry *const *at;
	struct extmgr__buffer signature;
	size_t length;
	const char *bytes = extmgr_bundle_source_get_signature(source, &length);
	extmgr_result result;

	*match = NULL;
	if (!round->entries.count)
		return EXTMGR_OK;
	at = bsearch(hash, (const void *)round->by_archive, round->entries.count,
		     sizeof(*round->by_archive), compare_hash);
	if (!at)
		return EXTMGR_OK;
	result = extmgr__store_signature(bytes, length, &signature);
	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "a signature");
	else if (is_unchanged(round, *at, extmgr__buffer_get(&signature)))
		*match = *at;
	extmgr__buffer_free(&signature);
	return result;
}

/* ---- One candidate ---- */

static extmgr_result describe(struct extmgr__line *line, const char *id, const char *version,
			      const char *digest, extmgr_error **error)
{
	free(line->id);
	free(line->version);
	free(line->digest);
	line->id = extmgr__strdup(id);
	line->version = extmgr__strdup(version);
	line->digest = extmgr__strdup(digest);
	return line->id && line->version && line->digest ? EXTMGR_OK
							 : extmgr__error_no_memory(error);
}

static size_t size_of(const extmgr_bundle *bundle)
{
	size_t size = 0;

	for (size_t i = 0; i < extmgr_bundle_get_file_count(bundle); i++) {
		size_t length = 0;

		(void)extmgr_bundle_get_file_content(bundle, i, &length);
		size += length;
	}
	return size;
}

void extmgr__sync_drop(struct extmgr__round *round, size_t index)
{
	struct extmgr__found *found = &round->found[index];

	if (!found->bundle)
		return;
	extmgr_bundle_free(found->bundle);
	found->bundle = NULL;
	atomic_fetch_sub(&round->kept_bytes, found->kept_bytes);
	found->kept_bytes = 0;
}

/* Whether the policy lets it into the catalog. */
static extmgr_result judge(const struct extmgr__round *round, const extmgr_bundle *bundle,
			   extmgr_error **error)
{
	struct extmgr__buffer what = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct extmgr__signed_thing thing = {.id = extmgr_bundle_get_id(bundle),
					     .listing = extmgr_bundle_get_listing(bundle)};
	extmgr_result result;
	int32_t state;

	thing.sums = extmgr_bundle_get_sums(bundle, &thing.sums_length);
	thing.signature = extmgr_bundle_get_signature(bundle, &thing.signature_length);
	extmgr__buffer_printf(&what, "bundle '%s'", extmgr_bundle_get_path(bundle));
	thing.what = extmgr__buffer_get(&what);
	result = extmgr__buffer_result(&what);
	if (result == EXTMGR_OK)
		result = extmgr__signature_judge(round->trust, &thing, &state, NULL, NULL, error);
	else
		extmgr__error_from_result(error, result, "the name of a bundle");
	extmgr__buffer_free(&what);
	return result;
}

static extmgr_result take_bundle(struct extmgr__round *round, size_t index,
				 const extmgr_bundle_source *source, extmgr_error **error)
{
	struct extmgr__found *found = &round->found[index];
	extmgr_bundle *bundle = NULL;
	extmgr_result result = extmgr_bundle_open(source, &bundle, error);

	if (result != EXTMGR_OK)
		return result;
	found->bundle = bundle;
	found->kept_bytes = size_of(bundle);
	atomic_fetch_add(&round->kept_bytes, found->kept_bytes);
	result = describe(&round->report->lines[index], extmgr_bundle_get_id(bundle),
			  extmgr_bundle_get_version(bundle), extmgr_bundle_get_digest(bundle),
			  error);
	return result == EXTMGR_OK ? judge(round, bundle, error) : result;
}

static extmgr_result read_candidate(struct extmgr__round *round, size_t index, extmgr_error **error)
{
	struct extmgr__found *found = &round->found[index];
	struct extmgr__line *line = &round->report->lines[index];
	extmgr_bundle_source *source = NULL;
	extmgr_result result;

	result = extmgr_bundle_source_read(round->context, line->path, &source, error);
	if (result == EXTMGR_OK)
		result = find_match(round, source, &found->match, error);
	if (result == EXTMGR_OK && found->match)
		result = describe(line, found->match->id, found->match->version,
				  found->match->digest, error);
	else if (result == EXTMGR_OK)
		result = take_bundle(round, index, source, error);
	extmgr_bundle_source_free(source);
	if (result == EXTMGR_OK && found->bundle && atomic_load(&round->kept_bytes) > KEEP_MAXIMUM)
		extmgr__sync_drop(round, index);
	return result;
}

/* On any thread. */
static void work(void *user_data, size_t index)
{
	struct extmgr__round *round = user_data;
	struct extmgr__line *line = &round->report->lines[index];
	extmgr_result result;

	if (extmgr_operation_is_cancelled(round->operation))
		return;
	result = read_candidate(round, index, &line->error);
	/* The others use the memory: once more, alone. */
	round->found[index].alone = result == EXTMGR_E_TOO_LARGE;
}

static extmgr_result note_warnings(const struct extmgr__round *round, size_t index,
				   extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	const extmgr_bundle *bundle = round->found[index].bundle;
	struct extmgr__line *line = &round->report->lines[index];
	size_t count = extmgr_bundle_get_warning_count(bundle);

	if (!count)
		return EXTMGR_OK;
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		const char *warning = extmgr_bundle_get_warning(bundle, i);

		extmgr__json_string(&writer, warning);
		extmgr__context_log(round->context, EXTMGR_LOG_WARNING, "sync", "'%s': %s",
				    line->path, warning);
	}
	extmgr__json_end_array(&writer);
	free(line->warnings);
	line->warnings = extmgr__strdup(extmgr__buffer_get(&buffer));
	extmgr__buffer_free(&buffer);
	return line->warnings ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static extmgr_result finish(void *user_data, size_t index, extmgr_error **error)
{
	struct extmgr__round *round = user_data;
	struct extmgr__line *line = &round->report->lines[index];
	extmgr_error *reason = line->error;
	extmgr_result result;

	line->error = NULL;
	result = extmgr__operation_progress(round->operation, "scan", index + 1,
					    round->candidates.count, error);
	if (result == EXTMGR_OK && extmgr_error_get_code(reason) == EXTMGR_E_NO_MEMORY)
		result = extmgr__error_no_memory(error);
	else if (result == EXTMGR_OK && reason && !round->found[index].alone)
		extmgr__sync_fail(round, index, extmgr_error_get_code(reason), &reason);
	if (result == EXTMGR_OK && !reason)
		result = note_warnings(round, index, error);
	extmgr_error_free(reason);
	return result;
}

/* Those that did not fit beside others. */
static extmgr_result read_alone(struct extmgr__round *round, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < round->candidates.count && result == EXTMGR_OK; i++) {
		if (!round->found[i].alone)
			continue;
		for (size_t k = 0; k < round->candidates.count; k++)
			extmgr__sync_drop(round, k);
		work(round, i);
		round->found[i].alone = false;
		result = finish(round, i, error);
	}
	return result;
}

/* ---- All ---- */

static extmgr_result choose(struct extmgr__round *round, extmgr_error **error)
{
	size_t count = round->candidates.count;
	struct extmgr__choice *choices = calloc(count + 1, sizeof(*choices));
	extmgr_result result;

	if (!choices)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < count; i++) {
		const struct extmgr__line *line = &round->report->lines[i];

		if (line->outcome)
			continue;
		choices[i] = (struct extmgr__choice){
			.id = line->id, .version = line->version, .kind = line->kind};
	}
	result = extmgr__choose(choices, count);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		struct extmgr__line *line = &round->report->lines[i];
		const char *winner;

		if (!choices[i].id || choices[i].superseded_by == EXTMGR__NOT_SUPERSEDED)
			continue;
		winner = round->report->lines[choices[i].superseded_by].path;
		line->superseded_by = extmgr__strdup(winner);
		if (!line->superseded_by)
			result = EXTMGR_E_NO_MEMORY;
		extmgr__line_close(line, EXTMGR_SYNC_SUPERSEDED, NULL);
		extmgr__sync_drop(round, i);
		extmgr__context_log(round->context, EXTMGR_LOG_INFO, "sync",
				    "'%s' (%s %s) is superseded by '%s'", line->path, line->id,
				    line->version, winner);
	}
	free(choices);
	return result == EXTMGR_OK ? EXTMGR_OK : extmgr__error_no_memory(error);
}

static void close_unchanged(struct extmgr__round *round)
{
	for (size_t i = 0; i < round->candidates.count; i++) {
		struct extmgr__line *line = &round->report->lines[i];

		if (line->outcome || !round->found[i].match)
			continue;
		extmgr__context_log(round->context, EXTMGR_LOG_DEBUG, "sync",
				    "extension '%s' %s is unchanged", line->id, line->version);
		extmgr__line_close(line, EXTMGR_SYNC_UNCHANGED, NULL);
	}
}

extmgr_result extmgr__sync_scan(struct extmgr__round *round, extmgr_error **error)
{
	const struct extmgr__pool pool = {.threads = round->options.max_parallel,
					  .count = round->candidates.count,
					  .user_data = round,
					  .work = work,
					  .finish = finish};
	extmgr_result result = sort_by_archive(round, error);

	if (result == EXTMGR_OK)
		result = extmgr__pool_run(&pool, error);
	if (result == EXTMGR_OK)
		result = read_alone(round, error);
	if (result == EXTMGR_OK)
		result = choose(round, error);
	if (result == EXTMGR_OK)
		close_unchanged(round);
	return result;
}

extmgr_result extmgr__sync_open(struct extmgr__round *round, size_t index, extmgr_error **error)
{
	struct extmgr__line *line = &round->report->lines[index];
	extmgr_bundle_source *source = NULL;
	char *id;
	extmgr_result result;

	if (round->found[index].bundle)
		return EXTMGR_OK;
	id = line->id;
	line->id = NULL;
	result = extmgr_bundle_source_read(round->context, line->path, &source, error);
	if (result == EXTMGR_OK)
		result = take_bundle(round, index, source, error);
	extmgr_bundle_source_free(source);
	if (result == EXTMGR_OK && strcmp(id, line->id) != 0)
		result = extmgr__error_set(error, EXTMGR_E_BUNDLE_CHANGED,
					   "bundle '%s' was '%s' before and is '%s' now",
					   line->path, id, line->id);
	free(line->id);
	line->id = id;
	return result;
}
