/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as a source to be lowered: it ends with code that the engine compiles, or with
 * an error. Time stands for steps, so that slow machines find the same.
 *
 * Most inputs are lowered in one heap that is kept, which is ten times as fast; some go the way
 * that definitions go.
 */
#include "base/text.h"
#include "script/bytecode.h"
#include "script/heap_internal.h"
#include "script/js_text.h"
#include "script/lowering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In a heap, before it is made anew. */
#define RUNS_MAXIMUM 2000
/* One of so many goes through extmgr__lowering_get(). */
#define WHOLE_WAY 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of these the engine refuses what acorn lets pass: errors when a definition is loaded. */
static const char *const engine_alone[] = {"regexp", "escape", "quantifier", "octal", NULL};

/* A look at the clock takes a millisecond. */
static uint64_t step(void *user_data)
{
	uint64_t *now = user_data;

	return *now += 1000000;
}

static uint64_t now;
static extmgr_context *context;
static struct extmgr__heap *kept;
static size_t runs;

struct job {
	const char *source;
	size_t length;
	struct extmgr__buffer code;
};

static void load(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	(void)heap, (void)argument;
	duk_push_global_stash(duk);
	extmgr__bytecode_run(duk, extmgr__lowering_bytecode, extmgr__lowering_bytecode_size);
	(void)duk_put_prop_literal(duk, -2, "lower");
	duk_pop(duk);
}

static void lower(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct job *job = argument;

	(void)heap;
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, "lower");
	extmgr__push_text(duk, job->source, job->length);
	duk_call(duk, 1);
	(void)duk_get_prop_literal(duk, -1, "code");
	(void)extmgr__append_text(duk, -1, &job->code);
	duk_pop_3(duk);
}

static void compile(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	const struct job *job = argument;

	(void)heap;
	(void)duk_push_literal(duk, "fuzz.js");
	duk_compile_lstring_filename(duk, 0, job->code.data, job->code.length);
	duk_pop(duk);
}

/* What is lowered compiles, and what cannot be is refused: nothing but a limit is thrown. */
static void check(extmgr_result result, const extmgr_error *error, const char *code)
{
	const char *message = extmgr_error_get_message(error);

	if (result != EXTMGR_E_SCRIPT_THREW)
		return;
	for (const char *const *known = engine_alone; code && *known; known++) {
		if (strstr(message, *known))
			return;
	}
	/* Deep nesting is a limit of the engine. What is no text never comes so far. */
	if (strstr(message, "RangeError") || strstr(message, "limit") || strstr(message, "UTF-8"))
		return;
	(void)fprintf(stderr, "%s\n%s\n", message, code ? code : "");
	abort();
}

static void renew(void)
{
	extmgr__heap_free(kept);
	extmgr_context_free(context);
	kept = NULL;
	context = NULL;
}

static void prepare(void)
{
	extmgr_context_options options;

	if (runs++ % RUNS_MAXIMUM == 0)
		renew();
	extmgr_context_options_init(&options, sizeof(options));
	options.clock = step;
	options.user_data = &now;
	if (!context && extmgr_context_new(&options, &context, NULL) != EXTMGR_OK)
		abort();
	if (!kept &&
	    (extmgr__heap_new_with(context, (uint64_t)128 << 20, 10000, &kept, NULL) != EXTMGR_OK ||
	     extmgr__heap_run(kept, NULL, load, NULL, NULL) != EXTMGR_OK))
		abort();
}

/* false: a limit was reached, and the heap is dead. */
static bool run(extmgr__heap_work work, struct job *job)
{
	extmgr_error *error = NULL;
	extmgr_result result = extmgr__heap_run(kept, NULL, work, job, &error);

	check(result, error, work == compile ? job->code.data : NULL);
	extmgr_error_free(error);
	return kept->stop == EXTMGR_OK;
}

static void lower_whole_way(const char *source, size_t length, const char *digest)
{
	struct extmgr__lowered *lowered = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	result = extmgr__lowering_get(context, NULL, "fuzz.js", source, length, digest, &lowered,
				      &error);
	if ((result == EXTMGR_OK) != (lowered != NULL) || extmgr_error_get_code(error) != result)
		abort();
	extmgr_error_free(error);
	extmgr__lowered_unref(lowered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct job job = {.source = (const char *)data,
			  .length = size,
			  .code = EXTMGR__BUFFER((size_t)4 << 20)};
	char digest[EXTMGR__SHA256_HEX_SIZE];

	if (extmgr__hash_sha256_hex(data, size, digest) != EXTMGR_OK)
		abort();
	now = 0;
	prepare();
	if (!run(lower, &job) || (job.code.length > 0 && !run(compile, &job)))
		renew();
	extmgr__buffer_free(&job.code);
	prepare();
	if (strtoul(digest + 56, NULL, 16) % WHOLE_WAY == 0)
		lower_whole_way(job.source, job.length, digest);
	return 0;
}
