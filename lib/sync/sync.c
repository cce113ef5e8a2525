/* SPDX-License-Identifier: MIT */
#include "sync/round.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/pool.h"
#include "catalog/schema.h"
#include "host/lock.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_MISSING_AFTER_MS (15 * 60 * 1000)
#define FLAGS                                                                                      \
	(EXTMGR_SYNC_ALLOW_DOWNGRADE | EXTMGR_SYNC_REFUSE_REPUBLISHED | EXTMGR_SYNC_SKIP_LOCKED)

void extmgr_sync_options_init(extmgr_sync_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

static extmgr_result options_read(extmgr_sync_options *copy, const extmgr_sync_options *options,
				  extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (options)
		result = extmgr__options_copy(copy, sizeof(*copy), options,
					      EXTMGR__SIZE_UP_TO(extmgr_sync_options, operation),
					      "extmgr_sync_options", error);
	if (result != EXTMGR_OK)
		return result;
	if ((copy->flags & ~FLAGS) || copy->reserved)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_sync_options: unknown flags 0x%x",
					 (unsigned)(copy->flags & ~FLAGS));
	if (copy->max_parallel > EXTMGR__POOL_MAXIMUM_THREADS)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_sync_options: max_parallel is above %d",
					 EXTMGR__POOL_MAXIMUM_THREADS);
	if (copy->missing_after_ms > INT64_MAX / 2)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_sync_options: missing_after_ms is too large");
	if (!copy->max_parallel)
		copy->max_parallel = extmgr__pool_default_threads();
	if (!copy->missing_after_ms)
		copy->missing_after_ms = DEFAULT_MISSING_AFTER_MS;
	return EXTMGR_OK;
}

/* ---- What the steps share ---- */

bool extmgr__sync_is_over(const struct extmgr__round *round, extmgr_result result)
{
	return result == EXTMGR_E_NO_MEMORY ||
	       extmgr__operation_state(round->operation) != EXTMGR_OK;
}

extmgr_result extmgr__sync_reconnect(struct extmgr__round *round, extmgr_error **error)
{
	if (round->session && !extmgr__catalog_is_broken(round->session))
		return EXTMGR_OK;
	extmgr__catalog_disconnect(round->session);
	round->session = NULL;
	return extmgr__catalog_connect(round->catalog, round->operation, &round->session, error);
}

void extmgr__sync_fail(struct extmgr__round *round, size_t index, extmgr_result result,
		       extmgr_error **error)
{
	struct extmgr__line *line = &round->report->lines[index];
	bool refused = extmgr_result_get_class(result) == EXTMGR_CLASS_REFUSED;
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(*error, &text) == EXTMGR_OK)
		extmgr__context_log(round->context, EXTMGR_LOG_ERROR, "sync", "'%s' %s: %s",
				    line->path, refused ? "is refused" : "failed",
				    extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr__line_close(line, refused ? EXTMGR_SYNC_REFUSED : EXTMGR_SYNC_FAILED, *error);
	*error = NULL;
}

/* ---- Steps ---- */

/* Whether there is something to synchronise. */
static extmgr_result discover(struct extmgr__round *round, bool *found, extmgr_error **error)
{
	const char *path = round->report->path;
	extmgr_result result;

	*found = false;
	round->report->skipped = true;
	if (!*path) {
		extmgr__context_log(round->context, EXTMGR_LOG_DEBUG, "sync",
				    "no path of extensions is given (EXTMGR_EXTENSIONS_PATH): the "
				    "check is skipped");
		return EXTMGR_OK;
	}
	extmgr__context_log(round->context, EXTMGR_LOG_INFO, "sync",
			    "checking the extensions in '%s'", path);
	result = extmgr__candidates_scan(path, &round->candidates, error);
	if (result != EXTMGR_OK)
		return result;
	if (!round->candidates.path_exists) {
		extmgr__context_log(round->context, EXTMGR_LOG_WARNING, "sync",
				    "the path of extensions '%s' does not exist: the check is "
				    "skipped",
				    path);
		return EXTMGR_OK;
	}
	extmgr__context_log(round->context, EXTMGR_LOG_INFO, "sync", "%zu bundles were found",
			    round->candidates.count);
	round->report->skipped = false;
	*found = true;
	return EXTMGR_OK;
}

static extmgr_result add_lines(struct extmgr__round *round, extmgr_error **error)
{
	round->found = calloc(round->candidates.count + 1, sizeof(*round->found));
	if (!round->found)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < round->candidates.count; i++) {
		struct extmgr__line *line = extmgr__sync_report_add(round->report);

		if (!line)
			return extmgr__error_no_memory(error);
		line->kind = round->candidates.items[i].kind;
		line->path = extmgr__strdup(round->candidates.items[i].path);
		if (!line->path)
			return extmgr__error_no_memory(error);
	}
	return EXTMGR_OK;
}

static extmgr_result read_catalog(struct extmgr__round *round, extmgr_error **error)
{
	extmgr_result result = extmgr__sync_reconnect(round, error);

	if (result == EXTMGR_OK)
		result = extmgr__catalog_make_tables(round->session, error);
	if (result >= 0)
		result = extmgr__catalog_begin_read(round->session, error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_now_ms(round->session, &round->now_ms, error);
	if (result == EXTMGR_OK)
		result = extmgr__entries_read(round->session, &round->entries, error);
	if (round->session)
		extmgr__catalog_rollback(round->session);
	return result;
}

static extmgr_result run_steps(struct extmgr__round *round, extmgr_error **error)
{
	bool found;
	extmgr_result result = discover(round, &found, error);

	if (result != EXTMGR_OK || !found)
		return result;
	result = add_lines(round, error);
	if (result == EXTMGR_OK)
		result = read_catalog(round, error);
	if (result == EXTMGR_OK)
		result = extmgr__sync_scan(round, error);
	if (result == EXTMGR_OK)
		result = extmgr__sync_write(round, error);
	if (result == EXTMGR_OK)
		result = extmgr__sync_mark(round, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__sync_report_count(round->report);
	extmgr__sync_report_log(round->report, round->context);
	return EXTMGR_OK;
}

static extmgr_result result_of(const struct extmgr__round *round)
{
	const extmgr_sync_report *report = round->report;
	bool skips = (round->options.flags & EXTMGR_SYNC_SKIP_LOCKED) != 0;

	if (extmgr__sync_report_has_errors(report) ||
	    (report->counts[EXTMGR_SYNC_LOCKED] && !skips))
		return EXTMGR_PARTIAL;
	return report->counts[EXTMGR_SYNC_UPDATED] ? EXTMGR_OK : EXTMGR_UNCHANGED;
}

/* ---- The call ---- */

static void round_close(struct extmgr__round *round)
{
	for (size_t i = 0; round->found && i < round->candidates.count; i++)
		extmgr__sync_drop(round, i);
	extmgr__catalog_disconnect(round->session);
	extmgr__entries_free(&round->entries);
	extmgr__candidates_free(&round->candidates);
	extmgr_sync_report_free(round->report);
	extmgr__lock_unref(round->options.lock);
	extmgr__trust_unref(round->trust);
	extmgr_text_free(round->trust_fingerprint);
	free((void *)round->by_archive);
	free(round->found);
}

static extmgr_result run(struct extmgr__round *round, const char *path,
			 extmgr_sync_report **report_out, extmgr_error **error)
{
	uint64_t begin = extmgr__context_now_ns(round->context);
	extmgr_result result = EXTMGR_OK;

	round->report = extmgr__sync_report_new(path);
	round->trust = extmgr__context_trust_ref(round->context);
	if (!round->report ||
	    extmgr_trust_copy_fingerprint(round->trust, &round->trust_fingerprint) != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	if (result == EXTMGR_OK)
		result = run_steps(round, error);
	if (result == EXTMGR_OK) {
		round->report->duration_ns = extmgr__context_now_ns(round->context) - begin;
		result = result_of(round);
		if (report_out) {
			*report_out = round->report;
			round->report = NULL;
		}
	}
	return result;
}

extmgr_result extmgr_sync_run(extmgr_catalog *catalog, const char *path,
			      const extmgr_sync_options *options, extmgr_sync_report **report_out,
			      extmgr_error **error_out)
{
	struct extmgr__round round = {.catalog = catalog};
	extmgr_operation *own = NULL; /* what the host did not give: parts of the call have
				       * deadlines of their own */
	extmgr_error *error = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	result = options_read(&round.options, options, error_out);
	if (result != EXTMGR_OK)
		return result;
	round.operation = round.options.operation;
	if (!round.operation) {
		result = extmgr_operation_new(NULL, &own, error_out);
		if (result != EXTMGR_OK)
			return result;
		round.operation = own;
	}
	result = extmgr__catalog_call_begin(catalog, round.operation, &error);
	if (result == EXTMGR_OK) {
		round.context = extmgr__catalog_context(catalog);
		(void)extmgr__lock_ref(round.options.lock);
		result = run(&round, path, report_out, &error);
		round_close(&round);
		extmgr__operation_end(round.operation);
	}
	extmgr_operation_free(own);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}
