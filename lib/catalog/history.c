/* SPDX-License-Identifier: MIT */
#include "catalog/history.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "catalog/entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAXIMUM 1000
#define MAXIMUM         10000
#define DETAIL_MAXIMUM  2000

extmgr_result extmgr__history_add(struct extmgr__catalog_session *session,
				  const struct extmgr__event *event, extmgr_error **error)
{
	const char *actor = extmgr__operation_actor(extmgr__catalog_operation(session));
	size_t detail = extmgr__utf8_cut(event->detail, strlen(event->detail), DETAIL_MAXIMUM);
	extmgr_rows *rows = NULL;
	uint64_t random = 0;
	char id[17];
	int64_t last_ms;
	int64_t now_ms;
	extmgr_result result;

	result = extmgr__hash_random(&random, sizeof(random));
	if (result != EXTMGR_OK)
		return extmgr__error_set(error, result, "the operating system has no random bytes");
	(void)snprintf(id, sizeof(id), "%016" PRIx64, random);
	result = extmgr__catalog_now_ms(session, &now_ms, error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_query(
			session, "SELECT MAX(at_ms) FROM @history WHERE extension_id = ?",
			EXTMGR__ARGUMENTS(EXTMGR__TEXT(event->id)), &rows, error);
	if (result != EXTMGR_OK)
		return result;
	/* A clock that was set back must not change the order. */
	last_ms = extmgr__rows_integer(rows, 0, 0);
	extmgr__rows_free(rows);
	if (now_ms <= last_ms)
		now_ms = last_ms + 1;
	return extmgr__catalog_execute(
		session,
		"INSERT INTO @history (at_ms, id, actor, operation, extension_id, from_version, "
		"to_version, digest, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		EXTMGR__ARGUMENTS(EXTMGR__NUMBER(now_ms), EXTMGR__TEXT(id), EXTMGR__TEXT(actor),
				  EXTMGR__TEXT(event->operation), EXTMGR__TEXT(event->id),
				  EXTMGR__TEXT(event->from_version),
				  EXTMGR__TEXT(event->to_version), EXTMGR__TEXT(event->digest),
				  EXTMGR__TEXT(event->outcome),
				  EXTMGR__BYTES(event->detail, detail)),
		NULL, error);
}

extmgr_result extmgr__history_find(struct extmgr__catalog_session *session, const char *id,
				   const char *digest, struct extmgr__past *past,
				   extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__catalog_query(
		session,
		"SELECT operation, outcome, MAX(at_ms) FROM @history WHERE extension_id = ? AND "
		"digest = ? GROUP BY operation, outcome",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(id), EXTMGR__TEXT(digest)), &rows, error);

	*past = (struct extmgr__past){0};
	for (size_t i = 0; result == EXTMGR_OK && i < extmgr__rows_count(rows); i++) {
		const char *operation = extmgr__row_text(rows, i, 0);
		const char *outcome = extmgr__row_text(rows, i, 1);
		int64_t at_ms = extmgr__rows_integer(rows, i, 2);

		if (strcmp(operation, "accept") == 0)
			past->accepted_ms = at_ms;
		else if (strcmp(operation, "sync") == 0 && strcmp(outcome, "done") == 0)
			past->taken_ms = at_ms;
		else if (strcmp(operation, "sync") == 0 && strcmp(outcome, "refused") == 0)
			past->refused_ms = at_ms;
	}
	extmgr__rows_free(rows);
	return result;
}

extmgr_result extmgr__history_last_refused(struct extmgr__catalog_session *session, const char *id,
					   char **digest_out, extmgr_error **error)
{
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__catalog_query(
		session,
		"SELECT digest FROM @history WHERE extension_id = ? AND operation = 'sync' AND "
		"outcome = 'refused' ORDER BY at_ms DESC LIMIT 1",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(id)), &rows, error);

	*digest_out = NULL;
	if (result == EXTMGR_OK && extmgr__rows_count(rows) > 0) {
		*digest_out = extmgr__strdup(extmgr__row_text(rows, 0, 0));
		if (!*digest_out)
			result = extmgr__error_no_memory(error);
	}
	extmgr__rows_free(rows);
	return result;
}

/* ---- For people ---- */

static void write_event(struct extmgr__json_writer *writer, const extmgr_rows *rows, size_t row)
{
	static const char *const names[] = {"actor",     "operation", "extension", "fromVersion",
					    "toVersion", "digest",    "outcome",   "detail"};

	extmgr__json_begin_object(writer);
	extmgr__json_member_integer(writer, "atMs", extmgr__rows_integer(rows, row, 0));
	extmgr__json_member_string(writer, "id", extmgr__row_text(rows, row, 1));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		extmgr__json_member_string(writer, names[i], extmgr__row_text(rows, row, i + 2));
	extmgr__json_end_object(writer);
}

static extmgr_result write_history(struct extmgr__catalog_session *session, const char *id,
				   uint32_t maximum, extmgr_text **json_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_rows *rows = NULL;
	extmgr_result result = extmgr__catalog_query(
		session,
		"SELECT at_ms, id, actor, operation, extension_id, from_version, to_version, "
		"digest, outcome, detail FROM @history WHERE ? = 0 OR extension_id = ? "
		"ORDER BY at_ms DESC, id DESC LIMIT ?",
		EXTMGR__ARGUMENTS(EXTMGR__NUMBER(id != NULL), EXTMGR__TEXT(id ? id : ""),
				  EXTMGR__NUMBER(maximum)),
		&rows, error);

	if (result != EXTMGR_OK)
		return result;
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.catalog-history/1");
	extmgr__json_key(&writer, "events");
	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < extmgr__rows_count(rows); i++)
		write_event(&writer, rows, i);
	extmgr__json_end_array(&writer);
	extmgr__json_end_object(&writer);
	extmgr__rows_free(rows);
	*json_out = extmgr__buffer_take_text(&buffer, &result);
	return *json_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the history");
}

extmgr_result extmgr_catalog_get_history(extmgr_catalog *catalog, const char *id, uint32_t maximum,
					 extmgr_operation *operation, extmgr_text **json_out,
					 extmgr_error **error_out)
{
	struct extmgr__catalog_session *session = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = EXTMGR_OK;

	if (error_out)
		*error_out = NULL;
	if (json_out)
		*json_out = NULL;
	if (!json_out || maximum > MAXIMUM)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s",
					 json_out ? "maximum is above 10 000" : "json_out is NULL");
	if (id)
		result = extmgr__entry_check_id(id, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_call_begin(catalog, operation, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__catalog_open_session(catalog, operation, &session, &error);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_begin_read(session, &error);
	if (result == EXTMGR_OK)
		result = write_history(session, id, maximum ? maximum : DEFAULT_MAXIMUM, json_out,
				       &error);
	extmgr__catalog_disconnect(session);
	extmgr__operation_end(operation);
	extmgr__error_move(error_out, &error);
	extmgr_error_free(error);
	return result;
}
