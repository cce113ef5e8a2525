/* SPDX-License-Identifier: MIT */
/*
 * Reads lines of definitions, a tab and values, both JSON, and prints a line for each: the report,
 * or {"error": code, "message": text}. With the argument "schema": the JSON Schema instead.
 */
#include <extmgr/extmgr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static extmgr_result evaluate(extmgr_context *context, int schema, const char *definitions,
			      const char *values, extmgr_text **text_out, extmgr_error **error_out)
{
	if (schema)
		return extmgr_params_to_schema(context, definitions, strlen(definitions), text_out,
					       error_out);
	return extmgr_params_validate(context, definitions, strlen(definitions), values,
				      strlen(values), text_out, error_out);
}

static void print_answer(const extmgr_text *text, const extmgr_error *error)
{
	extmgr_text *json = NULL;

	if (text)
		(void)puts(extmgr_text_get_data(text));
	else if (extmgr_error_to_json(error, &json) == EXTMGR_OK)
		(void)puts(extmgr_text_get_data(json));
	extmgr_text_free(json);
}

int main(int count, char **arguments)
{
	int schema = count > 1 && strcmp(arguments[1], "schema") == 0;
	extmgr_context *context = NULL;
	char *line = NULL;
	size_t size = 0;
	int failed;

	if (extmgr_context_new(NULL, &context, NULL) != EXTMGR_OK)
		return EXIT_FAILURE;
	while (getline(&line, &size, stdin) > 0) {
		char *tab = strchr(line, '\t');
		extmgr_text *text = NULL;
		extmgr_error *error = NULL;
		extmgr_result result;

		line[strcspn(line, "\n")] = '\0';
		if (!tab)
			break;
		*tab = '\0';
		result = evaluate(context, schema, line, tab + 1, &text, &error);
		if (result == EXTMGR_OK || result == EXTMGR_E_PARAMETERS_INVALID || error)
			print_answer(text, error);
		extmgr_text_free(text);
		extmgr_error_free(error);
	}
	failed = !feof(stdin);
	free(line);
	extmgr_context_free(context);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
