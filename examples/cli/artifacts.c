/* SPDX-License-Identifier: MIT */
/* artifact: the files that extensions need beside their definition. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "progress.h"
#include "session.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static const char *known(const char *text)
{
	return *text ? text : "-";
}

static enum style style_of(const char *state)
{
	if (strcmp(state, "present") == 0 || strcmp(state, "downloaded") == 0)
		return STYLE_GOOD;
	return strcmp(state, "downloadable") == 0 ? STYLE_WARNING : STYLE_BAD;
}

/* Where it is, or else why it cannot be had. */
static const char *remark(const cJSON *artifact)
{
	const char *reason = json_string(artifact, "reason");
	const char *path = json_string(artifact, "path");

	if (*reason)
		return reason;
	return *path ? path : known(json_string(artifact, "downloadUrl"));
}

static void print_size(char text[32], const cJSON *artifact)
{
	const cJSON *size = json_member(artifact, "size");

	if (cJSON_IsNumber(size))
		snprintf(text, 32, "%.0f", size->valuedouble);
	else
		snprintf(text, 32, "-");
}

static void print_list(const cJSON *document)
{
	struct table table = {.columns = 5,
			      .titles = {"EXTENSION", "FILE", "SIZE", "STATE", "WHERE OR WHY NOT"}};
	const cJSON *artifact;
	const cJSON *broken;

	cJSON_ArrayForEach(artifact, json_member(document, "artifacts"))
	{
		const char *state = json_string(artifact, "state");
		char size[32];

		print_size(size, artifact);
		table_add(&table, json_string(artifact, "extension"), STYLE_PLAIN);
		table_add(&table, json_string(artifact, "fileName"), STYLE_PLAIN);
		table_add(&table, size, STYLE_PLAIN);
		table_add(&table, state, style_of(state));
		table_add(&table, remark(artifact), STYLE_PLAIN);
	}
	cJSON_ArrayForEach(broken, json_member(document, "broken"))
	{
		table_add(&table, json_string(broken, "extension"), STYLE_PLAIN);
		table_add(&table, "-", STYLE_PLAIN);
		table_add(&table, "-", STYLE_PLAIN);
		table_add(&table, "broken", STYLE_BAD);
		table_add(&table, json_string(broken, "reason"), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	else
		output("no extension needs a file\n");
	table_free(&table);
}

int run_artifact_list(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	int code = session_open(&session, options, false);

	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	switch (extmgr_manager_list_artifacts(session.manager, arguments[0], &call, &text,
					      &error)) {
	case EXTMGR_OK:
		break;
	case EXTMGR_PARTIAL:
		code = EXIT_PARTLY;
		break;
	default:
		code = fail_with(error, "cannot list the files that extensions need");
		goto out;
	}
	if (options->json) {
		output_document(text);
	} else {
		cJSON *document = json_parse(text);

		print_list(document);
		cJSON_Delete(document);
	}
out:
	extmgr_text_free(text);
	session_close(&session);
	return code;
}

static void print_fetched(const cJSON *document)
{
	const cJSON *artifact;

	cJSON_ArrayForEach(artifact, json_member(document, "artifacts"))
	{
		const char *outcome = json_string(artifact, "outcome");
		char *name = text_safe(json_string(artifact, "fileName"), TEXT_ONE_LINE);
		enum style style = style_of(outcome);

		output("%s%s%s %s\n", output_style_begin(style), outcome, output_style_end(style),
		       name);
		free(name);
	}
	if (!cJSON_GetArraySize(json_member(document, "artifacts")))
		output("the extension needs no file\n");
}

static int fetch(const struct options *options, const struct target *target)
{
	struct session session = {0};
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	extmgr_result result;
	int code = session_open(&session, options, false);

	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	result = extmgr_manager_fetch_artifacts(session.manager, target->id, target->version, &call,
						&text, &error);
	progress_end();
	if (result < 0) {
		code = fail_with(error, "cannot fetch the files of '%s'", target->id);
	} else if (options->json) {
		output_document(text);
	} else {
		cJSON *document = json_parse(text);

		print_fetched(document);
		cJSON_Delete(document);
	}
out:
	extmgr_text_free(text);
	session_close(&session);
	return code;
}

int run_artifact_fetch(const struct options *given, char **arguments)
{
	struct options options = *given;
	struct target target = {0};
	int code = target_parse(arguments[0], &target);

	options.allow_download = true;
	if (code == EXIT_DONE && !options.file_count)
		code = fail_usage("give --files DIR, the directory for the files",
				  "no directory for the files given");
	if (code == EXIT_DONE && options.offline)
		code = fail_usage("leave out --offline", "--offline fetches nothing");
	if (code == EXIT_DONE)
		code = fetch(&options, &target);
	target_free(&target);
	return code;
}
