/* SPDX-License-Identifier: MIT */
/* params schema, params validate: the rules for parameters, without changing anything. */
#include "commands.h"

#include "errors.h"
#include "input.h"
#include "json.h"
#include "session.h"
#include "table.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

int run_params_schema(const struct options *options, char **arguments)
{
	struct session session = {0};
	struct target target = {0};
	char *definitions = NULL;
	extmgr_text *schema = NULL;
	extmgr_error *error = NULL;
	int code = target_parse(arguments[0], &target);

	if (code == EXIT_DONE)
		code = session_open_for_reading(&session, options);
	if (code == EXIT_DONE)
		code = values_definitions(&session, target.id, target.version, &definitions);
	if (code != EXIT_DONE)
		goto out;
	if (extmgr_params_to_schema(session.context, definitions, strlen(definitions), &schema,
				    &error) < 0)
		code = fail_with(error, "cannot describe the parameters of '%s'", target.id);
	else
		output_document(schema);
out:
	extmgr_text_free(schema);
	free(definitions);
	session_close(&session);
	target_free(&target);
	return code;
}

static void print_report(const struct options *options, const extmgr_text *text)
{
	struct table table = {.columns = 2, .titles = {"PARAMETER", "FAULT"}};
	const cJSON *failure;
	cJSON *report;

	if (options->json) {
		output_document(text);
		return;
	}
	report = json_parse(text);
	cJSON_ArrayForEach(failure, json_member(report, "failures"))
	{
		table_add(&table, *json_string(failure, "id") ? json_string(failure, "id") : "-",
			  STYLE_PLAIN);
		table_add(&table, json_string(failure, "message"), STYLE_BAD);
	}
	if (table.count)
		table_print(&table);
	else if (options->verbosity >= 0)
		output("the values are valid\n");
	table_free(&table);
	cJSON_Delete(report);
}

int run_params_validate(const struct options *options, char **arguments)
{
	struct session session = {0};
	struct target target = {0};
	char *values = NULL;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	extmgr_result result;
	int code = target_parse(arguments[0], &target);

	if (code == EXIT_DONE)
		code = session_open_for_reading(&session, options);
	if (code == EXIT_DONE)
		code = values_collect(&session, target.id, target.version, false, &values);
	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	result = extmgr_manager_validate_parameters(session.manager, target.id, target.version,
						    values, strlen(values), &call, &report, &error);
	if (!report) {
		code = fail_with(error, "cannot validate values for '%s'", target.id);
		goto out;
	}
	extmgr_error_free(error);
	print_report(options, report);
	code = result == EXTMGR_OK ? EXIT_DONE : EXIT_REFUSED;
out:
	extmgr_text_free(report);
	input_free(values);
	session_close(&session);
	target_free(&target);
	return code;
}
