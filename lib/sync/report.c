/* SPDX-License-Identifier: MIT */
#include "sync/report.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"

#include <extmgr/bundle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMMARY_SIZE 200

static const char *const outcome_names[EXTMGR__SYNC_OUTCOMES] = {
	[EXTMGR_SYNC_DISCOVERED] = "discovered", [EXTMGR_SYNC_UPDATED] = "updated",
	[EXTMGR_SYNC_UNCHANGED] = "unchanged",   [EXTMGR_SYNC_LOCKED] = "locked",
	[EXTMGR_SYNC_SUPERSEDED] = "superseded", [EXTMGR_SYNC_REFUSED] = "refused",
	[EXTMGR_SYNC_FAILED] = "failed",         [EXTMGR_SYNC_MISSING] = "missing",
};

extmgr_sync_report *extmgr__sync_report_new(const char *path)
{
	extmgr_sync_report *report = calloc(1, sizeof(*report));

	if (!report)
		return NULL;
	report->path = extmgr__strdup(path ? path : "");
	if (report->path)
		return report;
	free(report);
	return NULL;
}

struct extmgr__line *extmgr__sync_report_add(extmgr_sync_report *report)
{
	struct extmgr__line *grown =
		extmgr__array_grow(report->lines, report->count, &report->capacity, sizeof(*grown));

	if (!grown)
		return NULL;
	report->lines = grown;
	grown[report->count] = (struct extmgr__line){0};
	return &grown[report->count++];
}

void extmgr__line_close(struct extmgr__line *line, int32_t outcome, extmgr_error *error)
{
	line->outcome = outcome;
	extmgr_error_free(line->error);
	line->error = error;
}

void extmgr_sync_report_free(extmgr_sync_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->count; i++) {
		struct extmgr__line *line = &report->lines[i];

		free(line->path);
		free(line->id);
		free(line->version);
		free(line->digest);
		free(line->previous_version);
		free(line->superseded_by);
		free(line->warnings);
		extmgr_error_free(line->error);
	}
	free(report->lines);
	free(report->path);
	free(report);
}

void extmgr__sync_report_count(extmgr_sync_report *report)
{
	memset(report->counts, 0, sizeof(report->counts));
	report->held = 0;
	for (size_t i = 0; i < report->count; i++) {
		int32_t outcome = report->lines[i].outcome;

		report->counts[outcome]++;
		if (extmgr_error_get_code(report->lines[i].error) == EXTMGR_E_EXTENSION_HELD)
			report->held++;
		if (outcome != EXTMGR_SYNC_MISSING)
			report->counts[EXTMGR_SYNC_DISCOVERED]++;
	}
}

size_t extmgr_sync_report_get_count(const extmgr_sync_report *report, int32_t which)
{
	if (!report || which < 0 || which >= EXTMGR__SYNC_OUTCOMES)
		return 0;
	return report->counts[which];
}

static size_t count_errors(const extmgr_sync_report *report)
{
	return report->counts[EXTMGR_SYNC_REFUSED] + report->counts[EXTMGR_SYNC_FAILED] -
	       report->held;
}

bool extmgr__sync_report_has_errors(const extmgr_sync_report *report)
{
	return count_errors(report) > 0;
}

int32_t extmgr_sync_converged(const extmgr_sync_report *report)
{
	return report && !report->counts[EXTMGR_SYNC_FAILED] && !report->counts[EXTMGR_SYNC_LOCKED];
}

static void write_summary(const extmgr_sync_report *report, char text[SUMMARY_SIZE])
{
	size_t errors = count_errors(report);
	size_t discovered = report->counts[EXTMGR_SYNC_DISCOVERED];
	size_t updated = report->counts[EXTMGR_SYNC_UPDATED];

	(void)snprintf(text, SUMMARY_SIZE,
		       "Extension update check completed %s. Discovered: %zu, Updated: %zu, "
		       "Skipped: %zu, Errors: %zu",
		       errors ? "with errors" : "successfully", discovered, updated,
		       discovered - updated - errors, errors);
}

void extmgr__sync_report_log(const extmgr_sync_report *report, const extmgr_context *context)
{
	const size_t *counts = report->counts;
	char summary[SUMMARY_SIZE];

	extmgr__context_log(context, EXTMGR_LOG_INFO, "sync",
			    "unchanged: %zu, locked: %zu, superseded: %zu, refused: %zu, failed: "
			    "%zu, missing: %zu",
			    counts[EXTMGR_SYNC_UNCHANGED], counts[EXTMGR_SYNC_LOCKED],
			    counts[EXTMGR_SYNC_SUPERSEDED], counts[EXTMGR_SYNC_REFUSED],
			    counts[EXTMGR_SYNC_FAILED], counts[EXTMGR_SYNC_MISSING]);
	write_summary(report, summary);
	extmgr__context_log(context, count_errors(report) ? EXTMGR_LOG_WARNING : EXTMGR_LOG_INFO,
			    "sync", "%s", summary);
}

/* ---- JSON ---- */

static void write_error(struct extmgr__json_writer *writer, const extmgr_error *error)
{
	extmgr_text *text = NULL;

	if (!error || extmgr_error_to_json(error, &text) != EXTMGR_OK) {
		extmgr__json_null(writer);
		return;
	}
	extmgr__json_raw(writer, extmgr_text_get_data(text), extmgr_text_get_length(text));
	extmgr_text_free(text);
}

static const char *kind_name(int32_t kind)
{
	if (kind == EXTMGR_BUNDLE_ARCHIVE)
		return "archive";
	return kind == EXTMGR_BUNDLE_DIRECTORY ? "directory" : NULL;
}

static void write_line(struct extmgr__json_writer *writer, const struct extmgr__line *line)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "path", line->path);
	extmgr__json_member_string(writer, "kind", kind_name(line->kind));
	extmgr__json_member_string(writer, "id", line->id);
	extmgr__json_member_string(writer, "version", line->version);
	extmgr__json_member_string(writer, "previousVersion", line->previous_version);
	extmgr__json_member_string(writer, "digest", line->digest);
	extmgr__json_member_string(writer, "outcome", outcome_names[line->outcome]);
	extmgr__json_member_string(writer, "supersededBy", line->superseded_by);
	extmgr__json_member_string(writer, "detail", line->detail);
	extmgr__json_key(writer, "warnings");
	extmgr__json_raw(writer, line->warnings ? line->warnings : "[]",
			 line->warnings ? strlen(line->warnings) : 2);
	extmgr__json_key(writer, "error");
	write_error(writer, line->error);
	extmgr__json_end_object(writer);
}

extmgr_result extmgr_sync_report_to_json(const extmgr_sync_report *report, extmgr_text **text_out,
					 extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	char summary[SUMMARY_SIZE];
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (text_out)
		*text_out = NULL;
	if (!report || !text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 report ? "text_out" : "report");
	write_summary(report, summary);
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.sync-report/1");
	extmgr__json_member_string(&writer, "path", report->path);
	extmgr__json_member_boolean(&writer, "skipped", report->skipped);
	for (size_t i = 0; i < EXTMGR__SYNC_OUTCOMES; i++)
		extmgr__json_member_integer(&writer, outcome_names[i], (int64_t)report->counts[i]);
	extmgr__json_member_integer(&writer, "errors", (int64_t)count_errors(report));
	extmgr__json_member_boolean(&writer, "converged", extmgr_sync_converged(report) != 0);
	extmgr__json_member_string(&writer, "summary", summary);
	extmgr__json_member_integer(&writer, "durationMs",
				    (int64_t)(report->duration_ns / UINT64_C(1000000)));
	extmgr__json_key(&writer, "bundles");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < report->count; i++)
		write_line(&writer, &report->lines[i]);
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error_out, result, "the report");
}
