/* SPDX-License-Identifier: MIT */
/* history: what was done to the database. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "session.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static const char *known(const char *text)
{
	return *text ? text : "-";
}

/* "1.0.0", or "1.0.0 > 2.0.0"; caller frees. */
static char *describe_versions(const cJSON *entry)
{
	const char *from = json_string(entry, "fromVersion");
	const char *to = json_string(entry, "toVersion");
	char *text = NULL;
	int length;

	if (*from && *to && strcmp(from, to) != 0)
		length = asprintf(&text, "%s > %s", from, to);
	else
		length = asprintf(&text, "%s", known(*to ? to : from));
	return checked(length < 0 ? NULL : text);
}

static void print_entries(const cJSON *entries)
{
	struct table table = {
		.columns = 6,
		.titles = {"TIME", "OPERATION", "ID", "VERSION", "INSTANCE", "ACTOR"}};
	const cJSON *entry;

	cJSON_ArrayForEach(entry, entries)
	{
		char *versions = describe_versions(entry);

		table_add(&table, json_string(entry, "at"), STYLE_PLAIN);
		table_add(&table, json_string(entry, "operation"), STYLE_PLAIN);
		table_add(&table, json_string(entry, "extensionId"), STYLE_PLAIN);
		table_add(&table, versions, STYLE_PLAIN);
		table_add(&table, known(json_string(entry, "instanceId")), STYLE_PLAIN);
		table_add(&table, known(json_string(entry, "actor")), STYLE_PLAIN);
		free(versions);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

static void print_history(const struct options *options, const extmgr_text *history)
{
	const cJSON *entries;
	cJSON *document;

	if (options->json) {
		output_document(history);
		return;
	}
	document = json_parse(history);
	entries = json_member(document, "entries");
	print_entries(entries);
	if (!cJSON_GetArraySize(entries) && options->verbosity >= 0)
		fputs("extmgr: there is no history\n", stderr);
	cJSON_Delete(document);
}

int run_history(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *history = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	int code = session_open(&session, options, true);

	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	if (extmgr_manager_get_history(session.manager, arguments[0], options->limit, &call,
				       &history, &error) < 0)
		code = fail_with(error, "cannot read the history");
	else
		print_history(options, history);
out:
	extmgr_text_free(history);
	session_close(&session);
	return code;
}
