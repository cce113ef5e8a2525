/* SPDX-License-Identifier: MIT */
/* Errors across the border: what a script throws, and what the library throws into a script. */
#include "script/heap_internal.h"

#include "script/js_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Of a thrown value's text, and of a file name in its position, in bytes. */
#define MESSAGE_MAXIMUM   ((size_t)2 << 10)
#define FILE_NAME_MAXIMUM ((size_t)255)
/* Room for either with every byte replaced by U+FFFD. */
#define ROOM(bytes) EXTMGR__BUFFER(3 * (bytes) + 16)

/* On errors that extmgr__heap_throw() made: their number, from 1; heap->raised has them by it. */
#define RAISED DUK_HIDDEN_SYMBOL("raised")

struct extmgr__thrown {
	struct extmgr__heap *heap;
	extmgr_error *raised; /* the host's error that it is; borrowed */
	int status;           /* 0: none that counts */
	struct extmgr__buffer text;
	struct extmgr__buffer position;
};

static extmgr_error *find_raised(const struct extmgr__heap *heap, duk_context *duk)
{
	duk_uint_t number;

	(void)duk_get_prop_literal(duk, 0, RAISED);
	number = duk_get_uint_default(duk, -1, 0);
	duk_pop(duk);
	if (number <= heap->raised_before || number > heap->raised_before + heap->raised_count)
		return NULL;
	return heap->raised[number - heap->raised_before - 1];
}

/* 0 unless the property status is, truncated, an HTTP status of an error. */
static int read_status(duk_context *duk)
{
	double status = NAN;

	if (duk_get_prop_literal(duk, 0, "status"))
		status = duk_to_number(duk, -1);
	duk_pop(duk);
	return status >= 400 && status < 600 ? (int)status : 0;
}

/* Appends " at file:line" for errors; the functions of the library have no file name. */
static void append_position(duk_context *duk, struct extmgr__thrown *thrown)
{
	struct extmgr__buffer *position = &thrown->position;

	if (!duk_is_error(duk, 0))
		return;
	(void)duk_get_prop_literal(duk, 0, "fileName");
	(void)duk_get_prop_literal(duk, 0, "lineNumber");
	if (duk_is_string(duk, -2) && duk_is_number(duk, -1)) {
		double line = duk_get_number(duk, -1);

		extmgr__buffer_puts(position, " at ");
		extmgr__append_text_cut(duk, -2, FILE_NAME_MAXIMUM, position);
		if (line >= 1 && line < 1e9)
			extmgr__buffer_printf(position, ":%d",
					      extmgr__heap_map_line(thrown->heap, (int)line));
	}
	duk_pop_2(duk);
}

/* The message alone, as the reference hands it to its clients. */
static void describe_status(duk_context *duk, struct extmgr__thrown *thrown)
{
	(void)duk_get_prop_literal(duk, 0, "message");
	if (!duk_is_null_or_undefined(duk, -1)) {
		(void)duk_safe_to_string(duk, -1);
		extmgr__append_text_cut(duk, -1, MESSAGE_MAXIMUM, &thrown->text);
	}
	duk_pop(duk);
	if (thrown->text.length == 0)
		extmgr__buffer_printf(&thrown->text, "the definition answered status %d",
				      thrown->status);
}

/* May run getters and toString() of the script: under the deadline of the run. */
static duk_ret_t describe(duk_context *duk, void *argument)
{
	struct extmgr__thrown *thrown = argument;

	if (duk_is_object(duk, 0)) {
		thrown->raised = find_raised(thrown->heap, duk);
		if (thrown->raised)
			return 0;
		thrown->status = read_status(duk);
		if (thrown->status != 0) {
			describe_status(duk, thrown);
			return 0;
		}
		append_position(duk, thrown);
	}
	(void)duk_safe_to_string(duk, 0);
	extmgr__append_text_cut(duk, 0, MESSAGE_MAXIMUM, &thrown->text);
	return 0;
}

static extmgr_result make_error(struct extmgr__thrown *thrown, const char *purpose,
				extmgr_error **error)
{
	const char *text = extmgr__buffer_get(&thrown->text);
	extmgr_result result;

	if (thrown->raised) {
		/* Whoever runs out of it: there is none to say where. */
		if (extmgr_error_get_code(thrown->raised) == EXTMGR_E_NO_MEMORY)
			return extmgr__error_no_memory(error);
		for (size_t i = 0; i < thrown->heap->raised_count; i++) {
			if (thrown->heap->raised[i] == thrown->raised)
				extmgr__error_move(error, &thrown->heap->raised[i]);
		}
		return extmgr__error_wrap(error, EXTMGR_E_SCRIPT_THREW, "%s",
					  purpose ? purpose : "the script failed");
	}
	if (thrown->status != 0) {
		result = extmgr__error_set(error, EXTMGR_E_SCRIPT_STATUS, "%s", text);
		extmgr__error_set_http_status(error, thrown->status);
		return result;
	}
	result = extmgr__error_set(error, EXTMGR_E_SCRIPT_THREW, "%s%s",
				   *text ? text : "the script threw a value without text",
				   extmgr__buffer_get(&thrown->position));
	return purpose ? extmgr__error_wrap(error, result, "%s", purpose) : result;
}

extmgr_result extmgr__heap_take_thrown(struct extmgr__heap *heap, const char *purpose,
				       extmgr_error **error)
{
	struct extmgr__thrown thrown = {
		.heap = heap, .text = ROOM(MESSAGE_MAXIMUM), .position = ROOM(FILE_NAME_MAXIMUM)};
	extmgr_result result;

	/* A getter that throws leaves what was read so far. */
	(void)duk_safe_call(heap->duk, describe, &thrown, 1, 1);
	duk_pop(heap->duk);
	result = make_error(&thrown, purpose, error);
	extmgr__buffer_free(&thrown.text);
	extmgr__buffer_free(&thrown.position);
	return result;
}

/* duk_throw_raw() is not declared to never return. */
static _Noreturn void throw_top(duk_context *duk)
{
	duk_throw_raw(duk);
	__builtin_unreachable();
}

_Noreturn void extmgr__heap_fail(duk_context *duk, extmgr_result code, const char *format, ...)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);
	struct extmgr__buffer message = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	va_list arguments;

	if (!heap->failure) {
		va_start(arguments, format);
		extmgr__buffer_vprintf(&message, format, arguments);
		va_end(arguments);
		(void)extmgr__error_set(&heap->failure, code, "%s", extmgr__buffer_get(&message));
		extmgr__buffer_free(&message);
	}
	duk_push_undefined(duk);
	throw_top(duk);
}

/* Without the C file and line that duk_push_error_object() would blame. */
static void push_error(duk_context *duk, duk_errcode_t code)
{
	(void)duk_push_error_object_raw(duk, code, NULL, 0, "%s", "");
}

_Noreturn void extmgr__heap_throw_type_error(duk_context *duk, const char *format, ...)
{
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	push_error(duk, DUK_ERR_TYPE_ERROR);
	(void)duk_push_string(duk, message);
	(void)duk_put_prop_literal(duk, -2, "message");
	throw_top(duk);
}

/* Takes the failure over; answers its number. The last place is used again when all are taken. */
static duk_uint_t remember(struct extmgr__heap *heap, extmgr_error **failure)
{
	if (heap->raised_count < EXTMGR__RAISED_MAXIMUM)
		heap->raised_count++;
	extmgr__error_move(&heap->raised[heap->raised_count - 1], failure);
	return heap->raised_before + (duk_uint_t)heap->raised_count;
}

static void push_chain_text(duk_context *duk, struct extmgr__heap *heap,
			    const extmgr_error *failure)
{
	const char *message;

	/* Kept with the heap, because pushing may throw. */
	extmgr_text_free(heap->raised_text);
	if (extmgr_error_copy_text(failure, &heap->raised_text) == EXTMGR_OK)
		message = extmgr_text_get_data(heap->raised_text);
	else
		message = extmgr_error_get_message(failure);
	extmgr__push_text(duk, message, strlen(message));
}

_Noreturn void extmgr__heap_throw(duk_context *duk, extmgr_error **failure)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);
	duk_uint_t number = remember(heap, failure);

	push_error(duk, DUK_ERR_ERROR);
	push_chain_text(duk, heap, heap->raised[heap->raised_count - 1]);
	(void)duk_put_prop_literal(duk, -2, "message");
	duk_push_uint(duk, number);
	(void)duk_put_prop_literal(duk, -2, RAISED);
	throw_top(duk);
}
