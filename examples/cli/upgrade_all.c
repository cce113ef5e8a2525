/* SPDX-License-Identifier: MIT */
/* upgrade --all: everything that has a newer version, one transaction each. */
#include "errors.h"
#include "json.h"
#include "operation.h"
#include "prompt.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>

static void print_upgraded(const struct options *options, const cJSON *extension)
{
	const cJSON *report = json_member(extension, "report");
	char *id = text_safe(json_string(extension, "id"), TEXT_ONE_LINE);
	char *previous = text_safe(json_string(report, "previousVersion"), TEXT_ONE_LINE);
	char *version = text_safe(json_string(report, "newVersion"), TEXT_ONE_LINE);

	if (options->verbosity >= 0)
		output("%s %s from %s to %s\n", options->dry_run ? "would upgrade" : "upgraded", id,
		       previous, version);
	free(version);
	free(previous);
	free(id);
}

/* The innermost message says what went wrong, those around it where. */
static void print_failed(const cJSON *extension)
{
	const cJSON *error = json_member(extension, "error");
	const char *reason = json_string(extension, "reason");

	while (cJSON_IsObject(json_member(error, "cause")))
		error = json_member(error, "cause");
	warn("the others are upgraded all the same; 'extmgr upgrade ID' tries this one again",
	     "cannot upgrade '%s': %s", json_string(extension, "id"),
	     error ? json_string(error, "message") : reason);
}

static void print_result(const struct options *options, const extmgr_text *report)
{
	cJSON *document;
	const cJSON *extension;

	if (options->json) {
		output_document(report);
		return;
	}
	document = json_parse(report);
	cJSON_ArrayForEach(extension, json_member(document, "extensions"))
	{
		if (strcmp(json_string(extension, "outcome"), "upgraded") == 0)
			print_upgraded(options, extension);
		else
			print_failed(extension);
	}
	if (!cJSON_GetArraySize(json_member(document, "extensions")) && options->verbosity >= 0)
		output("everything is up to date: nothing to do\n");
	cJSON_Delete(document);
}

static int confirm(const struct session *session)
{
	char *database;

	if (session->options->yes || session->options->dry_run ||
	    !prompt_is_possible(session->options))
		return EXIT_DONE;
	database = session_describe_database(session);
	prompt_say("About to upgrade every extension that has a newer version\n"
		   "  database: %s\n",
		   database);
	free(database);
	return prompt_confirm("Go on?");
}

int upgrade_all(const struct options *options)
{
	struct session session = {0};
	extmgr_call_options call;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = EXTMGR_OK;
	int code = session_open(&session, options, true);

	if (code == EXIT_DONE)
		code = confirm(&session);
	if (code == EXIT_DONE) {
		call = session_call(&session, options->dry_run ? EXTMGR_CALL_REHEARSE : 0);
		result = extmgr_manager_upgrade_all(session.manager, &call, &report, &error);
		if (result < 0)
			code = fail_with(error, "cannot upgrade the extensions");
		else
			print_result(options, report);
	}
	if (code == EXIT_DONE && result == EXTMGR_PARTIAL)
		code = signals_received() ? EXIT_SIGNAL + signals_received() : EXIT_PARTLY;
	extmgr_text_free(report);
	session_close(&session);
	return code;
}
