/* SPDX-License-Identifier: MIT */
/* Upgrading everything that has a newer version: each extension in a transaction of its own. */
#include "manager/manager_internal.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

struct round {
	extmgr_manager *manager;
	const extmgr_call_options *options;
	struct extmgr__buffer buffer;
	struct extmgr__json_writer writer;
	int64_t done;
	int64_t failed;
};

static void write_text(struct extmgr__json_writer *writer, const char *key, const extmgr_text *json)
{
	extmgr__json_key(writer, key);
	extmgr__json_raw(writer, extmgr_text_get_data(json), extmgr_text_get_length(json));
}

static extmgr_result write_error(struct round *round, const extmgr_error *error)
{
	extmgr_text *json = NULL;
	extmgr_result result = extmgr_error_to_json(error, &json);

	extmgr__json_member_string(&round->writer, "outcome", "failed");
	if (result == EXTMGR_OK)
		write_text(&round->writer, "error", json);
	extmgr_text_free(json);
	return result;
}

/* A failure is written down, and used up; only what prevents that is one of the round. */
static extmgr_result upgrade_one(struct round *round, const char *id)
{
	extmgr_error *error = NULL;
	extmgr_text *report = NULL;
	extmgr_result written = EXTMGR_OK;
	extmgr_result result;

	result = extmgr_manager_upgrade(round->manager, id, round->options, &report, &error);
	if (result < 0) {
		round->failed++;
		written = write_error(round, error);
	} else {
		round->done++;
		extmgr__json_member_string(&round->writer, "outcome", "upgraded");
		write_text(&round->writer, "report", report);
	}
	extmgr_text_free(report);
	extmgr_error_free(error);
	return written;
}

static extmgr_result write_entry(struct round *round, const extmgr_extension_list *list, size_t i)
{
	const char *id = extmgr_extension_list_get_id(list, i);
	extmgr_result result = EXTMGR_OK;

	extmgr__json_begin_object(&round->writer);
	extmgr__json_member_string(&round->writer, "id", id);
	if (extmgr_extension_list_get_state(list, i) == EXTMGR_STATE_BROKEN) {
		round->failed++;
		extmgr__json_member_string(&round->writer, "outcome", "broken");
		extmgr__json_member_string(&round->writer, "reason",
					   extmgr_extension_list_get_reason(list, i));
	} else {
		result = upgrade_one(round, id);
	}
	extmgr__json_end_object(&round->writer);
	return result;
}

/* An extension that is installed twice is listed twice, and upgraded once. */
static bool is_repeated(const extmgr_extension_list *list, size_t i)
{
	return i > 0 && strcmp(extmgr_extension_list_get_id(list, i),
			       extmgr_extension_list_get_id(list, i - 1)) == 0;
}

static extmgr_result upgrade_listed(struct round *round, const extmgr_extension_list *list,
				    extmgr_text **report_out, extmgr_error **error)
{
	struct extmgr__json_writer *writer = &round->writer;
	extmgr_result result = EXTMGR_OK;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.upgrade-all/1");
	extmgr__json_key(writer, "extensions");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_extension_list_get_count(list) && result == EXTMGR_OK; i++) {
		if (!is_repeated(list, i))
			result = write_entry(round, list, i);
	}
	extmgr__json_end_array(writer);
	extmgr__json_member_integer(writer, "upgraded", round->done);
	extmgr__json_member_integer(writer, "failed", round->failed);
	extmgr__json_end_object(writer);
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "the report");
	if (!report_out)
		return EXTMGR_OK;
	*report_out = extmgr__buffer_take_text(&round->buffer, &result);
	return *report_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the report");
}

extmgr_result extmgr_manager_upgrade_all(extmgr_manager *manager,
					 const extmgr_call_options *options,
					 extmgr_text **report_out, extmgr_error **error_out)
{
	struct round round = {.manager = manager,
			      .options = options,
			      .buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM)};
	extmgr_extension_list *list = NULL;
	extmgr_result result;

	if (report_out)
		*report_out = NULL;
	round.writer = EXTMGR__JSON_WRITER(&round.buffer);
	result = extmgr_manager_list_extensions(manager, EXTMGR_LIST_UPGRADABLE, options, &list,
						error_out);
	if (result >= 0)
		result = upgrade_listed(&round, list, report_out, error_out);
	extmgr_extension_list_free(list);
	extmgr__buffer_free(&round.buffer);
	return result == EXTMGR_OK && round.failed ? EXTMGR_PARTIAL : result;
}
