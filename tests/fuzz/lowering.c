/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as a source to be lowered: it ends with code that the engine compiles, or with
 * an error. Time stands for steps, so that slow machines find the same.
 */
#include "script/heap.h"
#include "script/js_text.h"
#include "script/lowering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of these the engine refuses what acorn lets pass: errors when a definition is loaded. */
static const char *const engine_alone[] = {"regexp", "escape", "quantifier", "octal", NULL};

/* A look at the clock takes a millisecond. */
static uint64_t step(void *user_data)
{
	uint64_t *now = user_data;

	return *now += 1000000;
}

static void compile(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	const struct extmgr__lowered *lowered = argument;

	(void)heap;
	extmgr__push_text(duk, lowered->code, lowered->length);
	(void)duk_push_literal(duk, "fuzz.js");
	duk_compile(duk, 0);
	duk_pop(duk);
}

static void check_code(extmgr_context *context, struct extmgr__lowered *lowered)
{
	struct extmgr__heap *heap = NULL;
	extmgr_error *error = NULL;
	const char *message;

	if (extmgr__heap_new(context, &heap, NULL) != EXTMGR_OK)
		abort();
	if (extmgr__heap_run(heap, NULL, compile, lowered, &error) == EXTMGR_E_SCRIPT_THREW) {
		message = extmgr_error_get_message(error);
		for (const char *const *known = engine_alone; *known; known++) {
			if (strstr(message, *known))
				message = "";
		}
		if (strstr(message, "SyntaxError")) {
			(void)fprintf(stderr, "%s\n%s\n", message, lowered->code);
			abort();
		}
	}
	extmgr_error_free(error);
	extmgr__heap_free(heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char digest[EXTMGR__SHA256_HEX_SIZE];
	struct extmgr__lowered *lowered = NULL;
	extmgr_context_options options;
	extmgr_context *context = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	uint64_t now = 0;

	extmgr_context_options_init(&options, sizeof(options));
	options.clock = step;
	options.user_data = &now;
	if (extmgr_context_new(&options, &context, NULL) != EXTMGR_OK ||
	    extmgr__hash_sha256_hex(data, size, digest) != EXTMGR_OK)
		abort();
	result = extmgr__lowering_get(context, NULL, "fuzz.js", (const char *)data, size, digest,
				      &lowered, &error);
	if ((result == EXTMGR_OK) != (lowered != NULL) || extmgr_error_get_code(error) != result)
		abort();
	if (lowered && lowered->code)
		check_code(context, lowered);
	extmgr_error_free(error);
	extmgr__lowered_unref(lowered);
	extmgr_context_free(context);
	return 0;
}
