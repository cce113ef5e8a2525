/* SPDX-License-Identifier: MIT */
/* status: is everything still as it was installed? */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "session.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static enum style style_of(const char *state)
{
	return strcmp(state, "ok") == 0 ? STYLE_GOOD : STYLE_BAD;
}

static void print_extensions(const cJSON *extensions)
{
	struct table table = {.columns = 4, .titles = {"ID", "STATE", "VERSION", "INSTANCES"}};
	const cJSON *extension;

	cJSON_ArrayForEach(extension, extensions)
	{
		const char *state = json_string(extension, "state");
		const cJSON *installation =
			cJSON_GetArrayItem(json_member(extension, "installations"), 0);
		const cJSON *count = json_member(extension, "instanceCount");
		const char *version = json_string(installation, "version");
		char number[16] = "-";

		if (count)
			snprintf(number, sizeof(number), "%d", count->valueint);
		table_add(&table, json_string(extension, "id"), STYLE_PLAIN);
		table_add(&table, state, style_of(state));
		table_add(&table, *version ? version : "-", STYLE_PLAIN);
		table_add(&table, number, STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

static void print_problems(const cJSON *extensions)
{
	const cJSON *extension;
	const cJSON *problem;

	cJSON_ArrayForEach(extension, extensions)
	{
		cJSON_ArrayForEach(problem, json_member(extension, "problems"))
		{
			char *id = text_safe(json_string(extension, "id"), TEXT_ONE_LINE);
			char *text = text_safe(cJSON_GetStringValue(problem), TEXT_ONE_LINE);

			output("%s: %s\n", id, text);
			free(id);
			free(text);
		}
	}
}

static void print_status(const struct options *options, const extmgr_text *status)
{
	cJSON *document;
	const cJSON *extensions;

	if (options->json) {
		output_document(status);
		return;
	}
	document = json_parse(status);
	extensions = json_member(document, "extensions");
	print_extensions(extensions);
	print_problems(extensions);
	if (!cJSON_GetArraySize(extensions) && options->verbosity >= 0)
		fputs("extmgr: nothing is installed\n", stderr);
	cJSON_Delete(document);
}

int run_status(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *status = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	extmgr_result result;
	int code = session_open(&session, options, true);

	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	result = extmgr_manager_get_status(session.manager, arguments[0], &call, &status, &error);
	if (result < 0)
		code = fail_with(error, "cannot tell the status");
	else
		print_status(options, status);
	if (result == EXTMGR_PARTIAL)
		code = EXIT_PARTLY;
out:
	extmgr_text_free(status);
	session_close(&session);
	return code;
}
