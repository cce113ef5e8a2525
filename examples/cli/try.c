/* SPDX-License-Identifier: MIT */
/* definition try: what a definition does, without a database. */
#include "commands.h"
#include "errors.h"
#include "input.h"
#include "json.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

char *definition_id(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t length = strlen(name);

	if (length > 3 && strcmp(name + length - 3, ".js") == 0)
		length -= 3;
	return checked(strndup(name, length));
}

/* A value as one line of JSON. */
static void print_value(const char *label, const cJSON *value)
{
	char *text = checked(cJSON_PrintUnformatted(value));
	char *safe = text_safe(text, TEXT_ONE_LINE);

	output("  %s: %s\n", label, safe);
	free(safe);
	free(text);
}

static void print_line(const char *label, const char *first, const char *second)
{
	char *safe_first = text_safe(first, TEXT_ONE_LINE);
	char *safe_second = text_safe(second, TEXT_ONE_LINE);

	output("  %s %s%s%s\n", label, safe_first, *second ? ": " : "", safe_second);
	free(safe_first);
	free(safe_second);
}

static void print_statement(const cJSON *statement)
{
	const cJSON *arguments = json_member(statement, "args");

	print_line(json_string(statement, "kind"), json_string(statement, "sql"), "");
	if (cJSON_GetArraySize(arguments))
		print_value("  with", arguments);
}

static void print_error(const cJSON *error)
{
	const cJSON *status = json_member(error, "status");
	const char *name = json_string(error, "name");
	char label[32] = "threw";

	if (cJSON_IsNumber(status))
		(void)snprintf(label, sizeof(label), "threw status %d", status->valueint);
	if (*name)
		print_line(label, name, json_string(error, "message"));
	else
		print_line(label, json_string(error, "message"), "");
}

static void print_call(const cJSON *call)
{
	const cJSON *error = json_member(call, "error");
	const cJSON *item;

	output("%s\n", json_string(call, "call"));
	cJSON_ArrayForEach(item, json_member(call, "statements")) print_statement(item);
	cJSON_ArrayForEach(item, json_member(call, "console"))
		print_line("console", json_string(item, "level"), json_string(item, "message"));
	if (cJSON_IsObject(error))
		print_error(error);
	else
		print_value("result", json_member(call, "result"));
}

static void print_trace(const extmgr_text *text)
{
	cJSON *trace = json_parse(text);
	const cJSON *definition = json_member(trace, "definition");
	const cJSON *call;

	output_field("name", json_string(definition, "name"));
	output_field("category", json_string(definition, "category"));
	output_field("description", json_string(definition, "description"));
	output_field("API version", json_string(definition, "apiVersion"));
	cJSON_ArrayForEach(call, json_member(trace, "calls")) print_call(call);
	cJSON_Delete(trace);
}

/* A definition that cannot be loaded is what this command looks for: failed, not refused. */
static int fail_trying(const char *path, const char *scenario, extmgr_result result,
		       extmgr_error *error)
{
	int code = fail_with(error, "cannot try '%s' with '%s'", path, scenario);

	return code == EXIT_REFUSED && result != EXTMGR_E_FORMAT ? EXIT_FAILED : code;
}

static int try_definition(const struct session *session, const char *path, const char *source,
			  const char *scenario)
{
	extmgr_text *trace = NULL;
	extmgr_error *error = NULL;
	char *id = definition_id(path);
	extmgr_result result =
		extmgr_definition_try(session->context, session->operation, id, source,
				      strlen(source), scenario, strlen(scenario), &trace, &error);

	free(id);
	if (result < 0)
		return fail_trying(path, session->options->scenario, result, error);
	if (session->options->json)
		output_document(trace);
	else
		print_trace(trace);
	extmgr_text_free(trace);
	return EXIT_DONE;
}

int run_definition_try(const struct options *options, char **arguments)
{
	struct session session = {0};
	char *source = NULL;
	char *scenario = NULL;
	int code;

	if (!options->scenario)
		return fail_usage("write 'extmgr definition try FILE --scenario SCENARIO.json'",
				  "no scenario given");
	code = session_open_context(&session, options);
	if (code == EXIT_DONE)
		code = input_read(arguments[0], "definition", DEFINITION_MAXIMUM, &source);
	if (code == EXIT_DONE)
		code = input_read(options->scenario, "scenario", INPUT_DOCUMENT_MAXIMUM, &scenario);
	if (code == EXIT_DONE)
		code = try_definition(&session, arguments[0], source, scenario);
	input_free(scenario);
	input_free(source);
	session_close(&session);
	return code;
}
