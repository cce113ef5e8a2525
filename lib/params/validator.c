/* SPDX-License-Identifier: MIT */
#include "params/validator.h"

#include "base/alloc.h"
#include "params/document.h"
#include "script/heap.h"
#include "script/js_text.h"

#include <extmgr/params.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* How many heaps wait for their next use, and how much each may hold. */
#define KEPT_MAXIMUM        4u
#define KEPT_HEAP_BYTES     ((size_t)2 << 20)
#define KEPT_DOCUMENT_BYTES ((size_t)256 << 10)
/* All that wait take at most this part of the memory that all scripts may have together. */
#define KEPT_SHARE 16u

/* Own property of the global stash: what validate.js made of the definitions. */
#define STASH_PARAMETERS "parameters"

struct validator {
	struct extmgr__heap *heap;
	char *definitions; /* as they came; NULL: none are known */
	size_t length;
	struct validator *next;
};

/* The heaps that wait, the one used last in front. */
struct pool {
	pthread_mutex_t lock;
	struct validator *first;
	size_t count;
	uint64_t bytes;
};

/* ---- One validator ---- */

static void validator_free(struct validator *validator)
{
	if (!validator)
		return;
	extmgr__heap_free(validator->heap);
	free(validator->definitions);
	free(validator);
}

static bool validator_knows(const struct validator *validator, const char *definitions,
			    size_t length)
{
	return validator->definitions && definitions && validator->length == length &&
	       memcmp(validator->definitions, definitions, length) == 0;
}

static void forget(struct validator *validator)
{
	free(validator->definitions);
	validator->definitions = NULL;
	validator->length = 0;
}

static extmgr_result remember(struct validator *validator, const char *definitions, size_t length,
			      extmgr_error **error)
{
	validator->definitions = malloc(length ? length : 1);
	if (!validator->definitions)
		return extmgr__error_no_memory(error);
	if (length)
		memcpy(validator->definitions, definitions, length);
	validator->length = length;
	return EXTMGR_OK;
}

/* schema.js, embedded at build time. */
extern const char extmgr__parameter_schema_js[];
extern const size_t extmgr__parameter_schema_js_length;

static void run_source(duk_context *duk, const char *name, const char *source, size_t length)
{
	duk_push_string(duk, name);
	duk_compile_lstring_filename(duk, 0, source, length);
	duk_call(duk, 0);
	duk_pop(duk);
}

static void load_rules(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	size_t length;
	const char *source = extmgr_params_get_javascript(&length);

	(void)heap;
	(void)argument;
	run_source(duk, "validate.js", source, length);
}

static extmgr_result validator_new(extmgr_context *context, struct validator **validator_out,
				   extmgr_error **error)
{
	struct validator *validator = calloc(1, sizeof(*validator));
	extmgr_result result;

	if (!validator)
		return extmgr__error_no_memory(error);
	result = extmgr__heap_new(context, &validator->heap, error);
	if (result == EXTMGR_OK)
		result = extmgr__heap_run(validator->heap, NULL, load_rules, NULL, error);
	if (result != EXTMGR_OK) {
		validator_free(validator);
		return result;
	}
	*validator_out = validator;
	return EXTMGR_OK;
}

/* ---- The pool ---- */

static void *pool_make(void)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool && pthread_mutex_init(&pool->lock, NULL) != 0) {
		free(pool);
		return NULL;
	}
	return pool;
}

static void pool_drop(void *slot)
{
	struct pool *pool = slot;

	while (pool->first) {
		struct validator *validator = pool->first;

		pool->first = validator->next;
		validator_free(validator);
	}
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static struct pool *pool_of(extmgr_context *context)
{
	return extmgr__context_get_slot(context, EXTMGR__SLOT_VALIDATORS, pool_make, pool_drop);
}

/* The one that knows the definitions, else the one that waited longest; NULL: none waits. */
static struct validator *pool_take(struct pool *pool, const char *definitions, size_t length)
{
	struct validator **link = &pool->first;
	struct validator *validator;

	(void)pthread_mutex_lock(&pool->lock);
	while (*link && (*link)->next && !validator_knows(*link, definitions, length))
		link = &(*link)->next;
	validator = *link;
	if (validator) {
		*link = validator->next;
		pool->count--;
		pool->bytes -= extmgr__heap_get_memory(validator->heap);
		extmgr__heap_wake(validator->heap);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return validator;
}

/* Takes the validator: it waits for its next use, or is freed where that would cost too much. */
static void pool_give(struct pool *pool, extmgr_context *context, struct validator *validator)
{
	uint64_t total = extmgr__context_limits(context)->total_memory_bytes;
	uint64_t bytes = extmgr__heap_get_memory(validator->heap);

	if (bytes > KEPT_HEAP_BYTES || validator->length > KEPT_DOCUMENT_BYTES) {
		validator_free(validator);
		return;
	}
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->count < KEPT_MAXIMUM && bytes <= total / KEPT_SHARE - pool->bytes) {
		extmgr__heap_park(validator->heap);
		validator->next = pool->first;
		pool->first = validator;
		pool->count++;
		pool->bytes += bytes;
		validator = NULL;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	validator_free(validator);
}

/* ---- A question ---- */

struct call {
	enum extmgr__validator_question question;
	struct extmgr__buffer definitions; /* JSON; empty: they are known */
	const struct extmgr__buffer *values;
	struct extmgr__buffer *answer;
	struct extmgr__buffer refusal; /* why there is no answer; set by the call */
};

static void push_json(duk_context *duk, const struct extmgr__buffer *json)
{
	extmgr__push_valid_text(duk, extmgr__buffer_get(json), json->length);
	duk_json_decode(duk, -1);
}

/* The codes with which validate.js throws; EXTMGR_OK: it did not throw that. */
static extmgr_result refusal_code(const char *name)
{
	static const struct {
		const char *name;
		extmgr_result code;
	} codes[] = {
		{"PARAMETER_DEFINITION", EXTMGR_E_PARAMETER_DEFINITION},
		{"TOO_LARGE", EXTMGR_E_TOO_LARGE},
		{"FORMAT", EXTMGR_E_FORMAT},
	};

	for (size_t i = 0; name && i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(codes[i].name, name) == 0)
			return codes[i].code;
	}
	return EXTMGR_OK;
}

/* What the call threw is on top of the stack. Does not return. */
static void refuse(duk_context *duk, struct call *call)
{
	extmgr_result code = EXTMGR_OK;

	if (duk_is_object(duk, -1)) {
		duk_get_prop_string(duk, -1, "code");
		code = refusal_code(duk_get_string(duk, -1));
		duk_pop(duk);
	}
	if (code != EXTMGR_OK) {
		duk_get_prop_string(duk, -1, "message");
		extmgr__append_text(duk, -1, &call->refusal);
		extmgr__heap_fail(duk, code, "%s", extmgr__buffer_get(&call->refusal));
	}
	duk_throw_raw(duk);
}

static void call_function(duk_context *duk, struct call *call, duk_idx_t argument_count)
{
	if (duk_pcall(duk, argument_count) != DUK_EXEC_SUCCESS)
		refuse(duk, call);
}

/* Pushes a function of validate.js, or of schema.js, which is read when it is needed. */
static void push_rule(duk_context *duk, const char *name)
{
	(void)duk_get_global_literal(duk, "extmgrParameterRules");
	if (!duk_has_prop_string(duk, -1, name))
		run_source(duk, "schema.js", extmgr__parameter_schema_js,
			   extmgr__parameter_schema_js_length);
	(void)duk_get_prop_string(duk, -1, name);
	duk_remove(duk, -2);
}

static void read_definitions(duk_context *duk, struct call *call)
{
	duk_push_global_stash(duk);
	push_rule(duk, "readDefinitions");
	push_json(duk, &call->definitions);
	call_function(duk, call, 1);
	(void)duk_put_prop_literal(duk, -2, STASH_PARAMETERS);
	duk_pop(duk);
}

static void answer(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	static const char *const functions[] = {
		[EXTMGR__VALIDATOR_REPORT] = "report",
		[EXTMGR__VALIDATOR_DEFAULTS] = "addDefaults",
		[EXTMGR__VALIDATOR_SCHEMA] = "toSchema",
	};
	struct call *call = argument;

	(void)heap;
	if (call->definitions.length)
		read_definitions(duk, call);
	push_rule(duk, functions[call->question]);
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, STASH_PARAMETERS);
	duk_remove(duk, -2);
	if (call->values)
		push_json(duk, call->values);
	call_function(duk, call, call->values ? 2 : 1);
	duk_json_encode(duk, -1);
	extmgr__append_text(duk, -1, call->answer);
	duk_pop(duk);
}

/* The script gets what was parsed and checked here, not the text as it came. */
static extmgr_result prepare(struct validator *validator, const char *definitions, size_t length,
			     struct extmgr__buffer *buffer, extmgr_error **error)
{
	static const char what[] = "parameter definitions";
	extmgr__json *json = NULL;
	extmgr_result result;

	if (validator_knows(validator, definitions, length))
		return EXTMGR_OK;
	forget(validator);
	result = extmgr__parameter_document_read(definitions, length, what, &json, error);
	if (result == EXTMGR_OK)
		result = extmgr__parameter_document_write(json, what, buffer, error);
	extmgr__json_free(json);
	return result;
}

static extmgr_result run(struct validator *validator, extmgr_operation *operation,
			 struct call *call, const char *definitions, size_t length,
			 extmgr_error **error)
{
	extmgr_result result = prepare(validator, definitions, length, &call->definitions, error);

	if (result == EXTMGR_OK)
		result = extmgr__heap_run(validator->heap, operation, answer, call, error);
	if (result == EXTMGR_OK && extmgr__buffer_result(call->answer) != EXTMGR_OK)
		result = extmgr__error_from_result(error, extmgr__buffer_result(call->answer),
						   "the answer of the parameter rules");
	if (result == EXTMGR_OK && !validator->definitions)
		result = remember(validator, definitions, length, error);
	return result;
}

extmgr_result extmgr__validator_ask(extmgr_context *context, extmgr_operation *operation,
				    enum extmgr__validator_question question,
				    const char *definitions, size_t definitions_length,
				    const struct extmgr__buffer *values,
				    struct extmgr__buffer *answer_buffer, extmgr_error **error)
{
	struct call call = {
		.question = question,
		.definitions = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.values = values,
		.answer = answer_buffer,
		.refusal = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
	};
	struct pool *pool = pool_of(context);
	struct validator *validator;
	extmgr_result result = EXTMGR_OK;

	if (!pool)
		return extmgr__error_no_memory(error);
	validator = pool_take(pool, definitions, definitions_length);
	if (!validator)
		result = validator_new(context, &validator, error);
	if (result == EXTMGR_OK)
		result = run(validator, operation, &call, definitions, definitions_length, error);
	/* After a failure, a limit that was hit perhaps, nothing of it is used again. */
	if (result == EXTMGR_OK)
		pool_give(pool, context, validator);
	else
		validator_free(validator);
	extmgr__buffer_free(&call.definitions);
	extmgr__buffer_free(&call.refusal);
	return result;
}
