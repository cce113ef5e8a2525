/* SPDX-License-Identifier: MIT */
#include "script/lowering_internal.h"

#include "base/alloc.h"
#include "base/build_config.h"
#include "base/text.h"
#include "script/bytecode.h"
#include "script/heap_internal.h"
#include "script/js_text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES ((uint64_t)128 << 20)
/* Of processor time. */
#define TIMEOUT_MS ((uint64_t)10000)

static const char remedy_of_this_build[] = "compile the definition to ES5, for example with swc "
					   "(jsc.target es5) or TypeScript (target "
					   "ES5, downlevelIteration)";

struct counted_lowered {
	atomic_size_t references;
	struct extmgr__lowered lowered;
};

static struct counted_lowered *counted(struct extmgr__lowered *lowered)
{
	return (struct counted_lowered *)(void *)((char *)lowered -
						  offsetof(struct counted_lowered, lowered));
}

struct extmgr__lowered *extmgr__lowered_new(void)
{
	struct counted_lowered *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	atomic_init(&made->references, 1);
	return &made->lowered;
}

struct extmgr__lowered *extmgr__lowered_ref(struct extmgr__lowered *lowered)
{
	(void)atomic_fetch_add(&counted(lowered)->references, 1);
	return lowered;
}

void extmgr__lowered_unref(struct extmgr__lowered *lowered)
{
	if (!lowered || atomic_fetch_sub(&counted(lowered)->references, 1) != 1)
		return;
	free(lowered->code);
	free(lowered->lines);
	free(lowered->refusal.text);
	free(lowered->refusal.remedy);
	free(counted(lowered));
}

bool extmgr__lowering_is_there(void)
{
	return EXTMGR__HAS_LOWERING;
}

#if EXTMGR__HAS_LOWERING

struct job {
	const char *id;
	const char *source;
	size_t length;
	struct extmgr__lowered *lowered;
	struct extmgr__buffer code;
	struct extmgr__buffer text; /* see struct extmgr__lowering_refusal */
	struct extmgr__buffer remedy;
};

/* The member of the answer on top; 0 unless it is a number. */
static int read_number(duk_context *duk, const char *name)
{
	int number;

	(void)duk_get_prop_string(duk, -1, name);
	number = duk_get_int_default(duk, -1, 0);
	duk_pop(duk);
	return number;
}

/* false: the answer has no such member. */
static bool read_text(duk_context *duk, const char *name, struct extmgr__buffer *buffer)
{
	bool is_there;

	(void)duk_get_prop_string(duk, -1, name);
	is_there = extmgr__append_text(duk, -1, buffer);
	duk_pop(duk);
	return is_there;
}

static void read_lines(duk_context *duk, struct extmgr__lowered *lowered)
{
	size_t count;

	(void)duk_get_prop_literal(duk, -1, "lines");
	count = duk_get_length(duk, -1);
	lowered->lines = calloc(count ? count : 1, sizeof(*lowered->lines));
	if (!lowered->lines)
		extmgr__heap_fail(duk, EXTMGR_E_NO_MEMORY, "out of memory");
	lowered->line_count = count;
	for (size_t i = 0; i < count; i++) {
		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		lowered->lines[i] = (uint32_t)duk_get_uint(duk, -1);
		duk_pop(duk);
	}
	duk_pop(duk);
}

static void read_answer(duk_context *duk, struct job *job)
{
	struct extmgr__lowering_refusal *refusal = &job->lowered->refusal;

	refusal->line = read_number(duk, "line");
	refusal->column = read_number(duk, "column");
	if (read_text(duk, "code", &job->code)) {
		read_lines(duk, job->lowered);
	} else if (read_text(duk, "refused", &job->text)) {
		refusal->result = EXTMGR_E_SCRIPT_NEWER_SYNTAX;
		(void)read_text(duk, "remedy", &job->remedy);
	} else if (read_text(duk, "invalid", &job->text)) {
		refusal->result = EXTMGR_E_SCRIPT_SYNTAX;
		(void)read_text(duk, "remedy", &job->remedy);
	}
}

static void lower_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct job *job = argument;

	(void)heap;
	extmgr__bytecode_run(duk, extmgr__lowering_bytecode, extmgr__lowering_bytecode_size);
	extmgr__push_text(duk, job->source, job->length);
	duk_call(duk, 1);
	read_answer(duk, job);
	duk_pop(duk);
}

/* What a hostile source can bring about is its fault; what all scripts together take is not. */
static bool is_fault_of_source(const struct extmgr__heap *heap, extmgr_result result)
{
	switch (result) {
	case EXTMGR_E_SCRIPT_TIMEOUT:
	case EXTMGR_E_SCRIPT_THREW:
	case EXTMGR_E_TOO_LARGE:
		return true;
	case EXTMGR_E_SCRIPT_MEMORY:
		return heap->memory.refusal != EXTMGR__REFUSAL_TOTAL;
	default:
		return false;
	}
}

static void refuse_for_limit(struct job *job, extmgr_result cause, const char *message)
{
	job->lowered->refusal.result = EXTMGR_E_LOWERING_LIMIT;
	job->lowered->refusal.cause = cause;
	extmgr__buffer_clear(&job->text);
	extmgr__buffer_puts(&job->text, message);
}

static extmgr_result run(extmgr_context *context, extmgr_operation *operation, struct job *job,
			 extmgr_error **error)
{
	struct extmgr__heap *heap = NULL;
	extmgr_error *failure = NULL;
	extmgr_result result;

	result = extmgr__heap_new_with(context, MEMORY_BYTES, TIMEOUT_MS, &heap, error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__heap_count_processor_time(heap);
	result = extmgr__heap_run(heap, operation, lower_work, job, &failure);
	if (is_fault_of_source(heap, result)) {
		refuse_for_limit(job, result, extmgr_error_get_message(failure));
		extmgr_error_free(failure);
		result = EXTMGR_OK;
	} else if (result != EXTMGR_OK) {
		extmgr__error_move(error, &failure);
	}
	extmgr__heap_free(heap);
	return result;
}

static extmgr_result take_code(struct job *job, extmgr_error **error)
{
	struct extmgr__lowered *lowered = job->lowered;

	if (extmgr__buffer_result(&job->code) == EXTMGR_E_TOO_LARGE)
		refuse_for_limit(job, EXTMGR_E_TOO_LARGE, "the lowered code is too long");
	if (lowered->refusal.result == EXTMGR_OK && lowered->lines) {
		lowered->length = job->code.length;
		lowered->code = extmgr__memdup(extmgr__buffer_get(&job->code), job->code.length);
		if (!lowered->code)
			return extmgr__error_no_memory(error);
	}
	if (lowered->refusal.result != EXTMGR_OK) {
		lowered->refusal.text = extmgr__strdup(extmgr__buffer_get(&job->text));
		lowered->refusal.remedy = extmgr__strdup(extmgr__buffer_get(&job->remedy));
		if (!lowered->refusal.text || !lowered->refusal.remedy)
			return extmgr__error_no_memory(error);
	}
	return EXTMGR_OK;
}

/* *lowered_out stays NULL on failure; a refusal is none. */
static extmgr_result make(extmgr_context *context, extmgr_operation *operation, const char *id,
			  const char *source, size_t length, struct extmgr__lowered **lowered_out,
			  extmgr_error **error)
{
	struct job job = {.id = id,
			  .source = source,
			  .length = length,
			  .code = EXTMGR__BUFFER(EXTMGR__LOWERED_MAXIMUM),
			  .text = EXTMGR__BUFFER(EXTMGR__REFUSAL_TEXT_MAXIMUM),
			  .remedy = EXTMGR__BUFFER(EXTMGR__REFUSAL_TEXT_MAXIMUM)};
	extmgr_result result;

	job.lowered = extmgr__lowered_new();
	result =
		job.lowered ? run(context, operation, &job, error) : extmgr__error_no_memory(error);
	if (result == EXTMGR_OK)
		result = take_code(&job, error);
	extmgr__buffer_free(&job.code);
	extmgr__buffer_free(&job.text);
	extmgr__buffer_free(&job.remedy);
	if (result != EXTMGR_OK) {
		extmgr__lowered_unref(job.lowered);
		return result;
	}
	*lowered_out = job.lowered;
	return EXTMGR_OK;
}

/* The error of a refused source, found in a cache or new: it is the same. */
static extmgr_result refuse(const char *id, const struct extmgr__lowering_refusal *refusal,
			    extmgr_error **error)
{
	extmgr_result result;

	switch (refusal->result) {
	case EXTMGR_E_SCRIPT_NEWER_SYNTAX:
		result = extmgr__error_set(
			error, refusal->result,
			"definition '%s' line %d column %d: %s cannot be run faithfully", id,
			refusal->line, refusal->column, refusal->text);
		extmgr__error_hint(error, "%s", refusal->remedy);
		return result;
	case EXTMGR_E_SCRIPT_SYNTAX:
		result = extmgr__error_set(
			error, refusal->result,
			"failed to run extension \"%s\": SyntaxError: %s at %s:%d:%d", id,
			refusal->text, id, refusal->line, refusal->column);
		extmgr__error_hint(error, "%s", refusal->remedy);
		return result;
	default:
		(void)extmgr__error_set(error, refusal->cause, "%s", refusal->text);
		result = extmgr__error_wrap(error, refusal->result,
					    "definition '%s' is too much for lowering to ES5", id);
		extmgr__error_hint(error, "%s", remedy_of_this_build);
		return result;
	}
}

extmgr_result extmgr__lowering_get(extmgr_context *context, extmgr_operation *operation,
				   const char *id, const char *source, size_t length,
				   const char *digest, struct extmgr__lowered **lowered_out,
				   extmgr_error **error)
{
	extmgr_result result;

	*lowered_out = NULL;
	if (length > EXTMGR__LOWERING_SOURCE_MAXIMUM) {
		result = extmgr__error_set(
			error, EXTMGR_E_LOWERING_LIMIT,
			"definition '%s' uses newer syntax than ES5 and has more than %zu bytes",
			id, EXTMGR__LOWERING_SOURCE_MAXIMUM);
		extmgr__error_hint(error, "%s", remedy_of_this_build);
		return result;
	}
	*lowered_out = extmgr__lowering_cache_find(context, digest);
	if (!*lowered_out) {
		result = make(context, operation, id, source, length, lowered_out, error);
		if (result != EXTMGR_OK)
			return result;
		extmgr__lowering_cache_store(context, digest, *lowered_out);
	}
	if ((*lowered_out)->refusal.result == EXTMGR_OK)
		return EXTMGR_OK;
	result = refuse(id, &(*lowered_out)->refusal, error);
	extmgr__lowered_unref(*lowered_out);
	*lowered_out = NULL;
	return result;
}

#else

extmgr_result extmgr__lowering_get(extmgr_context *context, extmgr_operation *operation,
				   const char *id, const char *source, size_t length,
				   const char *digest, struct extmgr__lowered **lowered_out,
				   extmgr_error **error)
{
	(void)context, (void)operation, (void)source, (void)length, (void)digest;
	*lowered_out = NULL;
	return extmgr__error_set(error, EXTMGR_E_UNSUPPORTED, "definition '%s': %s", id,
				 remedy_of_this_build);
}

#endif
