/* SPDX-License-Identifier: MIT */
/* openapi: the document of the REST interface. */
#include "commands.h"
#include "errors.h"

int run_openapi(const struct options *options, char **arguments)
{
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;

	(void)options;
	(void)arguments;
	if (extmgr_rest_get_openapi(extmgr_version_get_text(), &text, &error) < 0)
		return fail_with(error, "cannot write the OpenAPI document");
	output_document(text);
	extmgr_text_free(text);
	return EXIT_DONE;
}
