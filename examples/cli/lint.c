/* SPDX-License-Identifier: MIT */
/* definition lint: what is wrong with a definition, or suspicious. */
#include "commands.h"
#include "errors.h"
#include "input.h"
#include "json.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

/* FILE:LINE: severity: place: message [rule] */
static void print_finding(const char *path, const cJSON *finding)
{
	const cJSON *line = json_member(finding, "line");
	char *file = text_safe(path, TEXT_ONE_LINE);
	char *place = text_safe(json_string(finding, "place"), TEXT_ONE_LINE);
	char *message = text_safe(json_string(finding, "message"), TEXT_ONE_LINE);
	char *remedy = text_safe(json_string(finding, "remedy"), TEXT_ONE_LINE);
	const char *severity = json_string(finding, "severity");
	enum style style = strcmp(severity, "error") == 0 ? STYLE_BAD : STYLE_WARNING;

	output("%s:", file);
	if (cJSON_IsNumber(line))
		output("%d:", line->valueint);
	output(" %s%s%s: %s%s%s [%s]\n  hint: %s\n", output_style_begin(style), severity,
	       output_style_end(style), place, *place ? ": " : "", message,
	       json_string(finding, "rule"), remedy);
	free(remedy);
	free(message);
	free(place);
	free(file);
}

static void print_report(const char *path, const cJSON *report)
{
	char *file = text_safe(path, TEXT_ONE_LINE);
	const cJSON *finding;

	cJSON_ArrayForEach(finding, json_member(report, "findings")) print_finding(path, finding);
	if (json_is_true(report, "clean"))
		output("%s: nothing found\n", file);
	free(file);
}

static int lint_definition(const struct session *session, const char *path, const char *source)
{
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	char *id = definition_id(path);
	cJSON *report;
	int code;
	extmgr_result result = extmgr_definition_lint(session->context, session->operation, id,
						      source, strlen(source), &text, &error);

	free(id);
	if (result < 0)
		return fail_with(error, "cannot check '%s'", path);
	report = json_parse(text);
	code = json_is_true(report, "clean") ? EXIT_DONE : EXIT_FAILED;
	if (session->options->json)
		output_document(text);
	else
		print_report(path, report);
	cJSON_Delete(report);
	extmgr_text_free(text);
	return code;
}

int run_definition_lint(const struct options *options, char **arguments)
{
	struct session session = {0};
	char *source = NULL;
	int code = session_open_context(&session, options);

	if (code == EXIT_DONE)
		code = input_read(arguments[0], "definition", DEFINITION_MAXIMUM, &source);
	if (code == EXIT_DONE)
		code = lint_definition(&session, arguments[0], source);
	input_free(source);
	session_close(&session);
	return code;
}
