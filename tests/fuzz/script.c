/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as a definition: loading it ends, with an answer or an error. Time stands for
 * steps, so that slow machines find the same.
 */
#include "script/definition.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A look at the clock takes a millisecond. */
static uint64_t step(void *user_data)
{
	uint64_t *now = user_data;

	return *now += 1000000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct extmgr__definition *definition = NULL;
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	uint64_t now = 0;

	extmgr_context_options_init(&options, sizeof(options));
	options.script_timeout_ms = 100;
	options.script_memory_bytes = (uint64_t)4 << 20;
	options.clock = step;
	options.user_data = &now;
	if (extmgr_context_new(&options, &context, NULL) != EXTMGR_OK)
		abort();
	result = extmgr__definition_load(context, NULL, "fuzz.js", (const char *)data, size,
					 &definition, &error);
	if ((result == EXTMGR_OK) != (definition != NULL) || extmgr_error_get_code(error) != result)
		abort();
	extmgr_error_free(error);
	extmgr__definition_free(definition);
	extmgr_context_free(context);
	return 0;
}
