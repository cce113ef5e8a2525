/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Longest chain that is read; deeper causes are dropped when they are wrapped. */
#define MAXIMUM_CAUSES 16

struct detail {
	char *key;
	char *text; /* NULL: number */
	int64_t number;
};

struct extmgr_error {
	extmgr_result code;
	char *message;
	char *hint;
	extmgr_error *cause;
	struct detail *details;
	size_t detail_count;
	size_t detail_capacity;
	int32_t host_code;
	int32_t http_status;
	char sqlstate[6];
};

/* Never freed: it is what is left when nothing can be allocated. */
static char no_memory_message[] = "out of memory";
static extmgr_error no_memory = {.code = EXTMGR_E_NO_MEMORY, .message = no_memory_message};

struct code {
	const char *name;
	extmgr_result value;
	int32_t error_class;
	int32_t status;
};

static const struct code codes[] = {
#define EXTMGR_CODE(name, value, error_class, status)                                              \
	{"EXTMGR_E_" #name, value, EXTMGR_CLASS_##error_class, status},
#include "base/error_codes.def"
#undef EXTMGR_CODE
};

static const struct code *find_code(extmgr_result value)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].value == value)
			return &codes[i];
	}
	return NULL;
}

const char *extmgr_result_get_name(extmgr_result value)
{
	const struct code *code = find_code(value);

	switch (value) {
	case EXTMGR_OK:
		return "EXTMGR_OK";
	case EXTMGR_UNCHANGED:
		return "EXTMGR_UNCHANGED";
	case EXTMGR_PARTIAL:
		return "EXTMGR_PARTIAL";
	default:
		return code ? code->name : "EXTMGR_E_UNKNOWN";
	}
}

int32_t extmgr_result_get_class(extmgr_result value)
{
	const struct code *code = find_code(value);

	return code ? code->error_class : EXTMGR_CLASS_NONE;
}

const char *extmgr_class_get_name(int32_t error_class)
{
	static const char *const names[] = {"none",    "usage",       "not-found",       "conflict",
					    "refused", "retry-later", "outcome-unknown", "host",
					    "internal"};

	if (error_class < 0 || (size_t)error_class >= sizeof(names) / sizeof(names[0]))
		return names[0];
	return names[error_class];
}

__attribute__((format(printf, 1, 0))) static char *format_message(const char *format,
								  va_list arguments)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER((size_t)1 << 20);
	struct extmgr__buffer line = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	size_t length;

	extmgr__buffer_vprintf(&buffer, format, arguments);
	/* What a file or a database said may hold anything: make it one line of UTF-8. */
	length = extmgr__utf8_cut(extmgr__buffer_get(&buffer), buffer.length,
				  EXTMGR__MESSAGE_MAXIMUM / 4);
	extmgr__utf8_append_line(&line, extmgr__buffer_get(&buffer), length);
	if (length < buffer.length)
		extmgr__buffer_puts(&line, "...");
	extmgr__buffer_append(&line, "", 0);
	extmgr__buffer_free(&buffer);
	return line.data;
}

__attribute__((format(printf, 4, 0))) static extmgr_result
error_make(extmgr_error **error, extmgr_error *cause, extmgr_result code, const char *format,
	   va_list arguments)
{
	extmgr_error *made = calloc(1, sizeof(*made));

	if (made)
		made->message = format_message(format, arguments);
	if (!made || !made->message) {
		free(made);
		extmgr_error_free(cause);
		*error = &no_memory;
		return code; /* the code is still the truth */
	}
	made->code = code;
	made->cause = cause;
	*error = made;
	return code;
}

extmgr_result extmgr__error_set(extmgr_error **error, extmgr_result code, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;
	extmgr_error_free(*error);
	va_start(arguments, format);
	error_make(error, NULL, code, format, arguments);
	va_end(arguments);
	return code;
}

static void drop_deep_causes(extmgr_error *error)
{
	for (int depth = 1; error && error != &no_memory; error = error->cause, depth++) {
		if (depth >= MAXIMUM_CAUSES) {
			extmgr_error_free(error->cause);
			error->cause = NULL;
		}
	}
}

extmgr_result extmgr__error_wrap(extmgr_error **error, extmgr_result code, const char *format, ...)
{
	extmgr_error *cause;
	va_list arguments;

	if (!error)
		return code;
	cause = *error;
	drop_deep_causes(cause);
	va_start(arguments, format);
	error_make(error, cause, code, format, arguments);
	va_end(arguments);
	return code;
}

extmgr_result extmgr__error_no_memory(extmgr_error **error)
{
	if (error) {
		extmgr_error_free(*error);
		*error = &no_memory;
	}
	return EXTMGR_E_NO_MEMORY;
}

extmgr_result extmgr__error_from_result(extmgr_error **error, extmgr_result code, const char *what)
{
	if (code == EXTMGR_E_NO_MEMORY)
		return extmgr__error_no_memory(error);
	if (code == EXTMGR_E_TOO_LARGE)
		return extmgr__error_set(error, code, "%s is too large", what);
	return extmgr__error_set(error, code, "%s failed (%s)", what, extmgr_result_get_name(code));
}

void extmgr__error_hint(extmgr_error **error, const char *format, ...)
{
	va_list arguments;

	if (!error || !*error || *error == &no_memory)
		return;
	free((*error)->hint);
	va_start(arguments, format);
	(*error)->hint = format_message(format, arguments);
	va_end(arguments);
}

static struct detail *add_detail(extmgr_error **error, const char *key)
{
	struct detail *grown;
	struct detail *detail;

	if (!error || !*error || *error == &no_memory)
		return NULL;
	grown = extmgr__array_grow((*error)->details, (*error)->detail_count,
				   &(*error)->detail_capacity, sizeof(*grown));
	if (!grown)
		return NULL;
	(*error)->details = grown;
	detail = &grown[(*error)->detail_count];
	*detail = (struct detail){.key = extmgr__strdup(key)};
	if (!detail->key)
		return NULL;
	(*error)->detail_count++;
	return detail;
}

void extmgr__error_detail(extmgr_error **error, const char *key, const char *value)
{
	struct detail *detail = value ? add_detail(error, key) : NULL;

	if (!detail)
		return;
	detail->text = extmgr__strdup(value);
	if (!detail->text) {
		free(detail->key);
		(*error)->detail_count--;
	}
}

void extmgr__error_detail_number(extmgr_error **error, const char *key, int64_t value)
{
	struct detail *detail = add_detail(error, key);

	if (detail)
		detail->number = value;
}

void extmgr__error_set_host(extmgr_error **error, int32_t host_code, const char *sqlstate)
{
	if (!error || !*error || *error == &no_memory)
		return;
	(*error)->host_code = host_code;
	if (sqlstate && strlen(sqlstate) == 5)
		memcpy((*error)->sqlstate, sqlstate, 6);
}

void extmgr__error_set_http_status(extmgr_error **error, int32_t status)
{
	if (error && *error && *error != &no_memory)
		(*error)->http_status = status;
}

void extmgr__error_move(extmgr_error **to, extmgr_error **from)
{
	if (to) {
		extmgr_error_free(*to);
		*to = *from;
	} else {
		extmgr_error_free(*from);
	}
	*from = NULL;
}

static void copy_details(extmgr_error **copy, const extmgr_error *error)
{
	for (size_t i = 0; i < error->detail_count; i++) {
		if (error->details[i].text)
			extmgr__error_detail(copy, error->details[i].key, error->details[i].text);
		else
			extmgr__error_detail_number(copy, error->details[i].key,
						    error->details[i].number);
	}
}

extmgr_error *extmgr__error_copy(const extmgr_error *error)
{
	extmgr_error *copy = NULL;
	extmgr_error *cause;

	if (!error)
		return NULL;
	cause = extmgr__error_copy(error->cause); /* as deep as a chain: MAXIMUM_CAUSES */
	extmgr__error_set(&copy, error->code, "%s", error->message);
	if (copy == &no_memory || (error->cause && cause == &no_memory)) {
		extmgr_error_free(copy);
		extmgr_error_free(cause);
		return &no_memory;
	}
	copy->cause = cause;
	if (error->hint)
		extmgr__error_hint(&copy, "%s", error->hint);
	copy_details(&copy, error);
	extmgr__error_set_host(&copy, error->host_code, error->sqlstate);
	copy->http_status = error->http_status;
	return copy;
}

extmgr_result extmgr_error_get_code(const extmgr_error *error)
{
	return error ? error->code : EXTMGR_OK;
}

const char *extmgr_error_get_message(const extmgr_error *error)
{
	return error ? error->message : "";
}

const char *extmgr_error_get_hint(const extmgr_error *error)
{
	return error ? error->hint : NULL;
}

const extmgr_error *extmgr_error_get_cause(const extmgr_error *error)
{
	return error ? error->cause : NULL;
}

int32_t extmgr_error_get_host_code(const extmgr_error *error)
{
	for (; error; error = error->cause) {
		if (error->host_code)
			return error->host_code;
	}
	return 0;
}

const char *extmgr_error_get_sqlstate(const extmgr_error *error)
{
	for (; error; error = error->cause) {
		if (error->sqlstate[0])
			return error->sqlstate;
	}
	return "";
}

int32_t extmgr_error_get_http_status(const extmgr_error *error)
{
	const struct code *code;

	if (!error)
		return 200;
	for (const extmgr_error *at = error; at; at = at->cause) {
		if (at->http_status)
			return at->http_status;
	}
	code = find_code(error->code);
	return code ? code->status : 500;
}

extmgr_result extmgr_error_copy_text(const extmgr_error *error, extmgr_text **text_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	if (!text_out)
		return EXTMGR_E_INVALID_ARGUMENT;
	for (; error; error = error->cause) {
		extmgr__buffer_puts(&buffer, error->message);
		if (error->cause)
			extmgr__buffer_puts(&buffer, ": ");
	}
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return result;
}

static void write_details(struct extmgr__json_writer *writer, const extmgr_error *error)
{
	if (!error->detail_count)
		return;
	extmgr__json_key(writer, "details");
	extmgr__json_begin_object(writer);
	for (size_t i = 0; i < error->detail_count; i++) {
		extmgr__json_key(writer, error->details[i].key);
		if (error->details[i].text)
			extmgr__json_string(writer, error->details[i].text);
		else
			extmgr__json_integer(writer, error->details[i].number);
	}
	extmgr__json_end_object(writer);
}

static void write_error(struct extmgr__json_writer *writer, const extmgr_error *error)
{
	extmgr__json_member_string(writer, "code", extmgr_result_get_name(error->code));
	extmgr__json_member_string(writer, "class",
				   extmgr_class_get_name(extmgr_result_get_class(error->code)));
	extmgr__json_member_string(writer, "message", error->message);
	if (error->hint)
		extmgr__json_member_string(writer, "hint", error->hint);
	write_details(writer, error);
	if (error->sqlstate[0])
		extmgr__json_member_string(writer, "sqlstate", error->sqlstate);
	if (error->host_code)
		extmgr__json_member_integer(writer, "hostCode", error->host_code);
}

extmgr_result extmgr_error_to_json(const extmgr_error *error, extmgr_text **text_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result;
	int depth = 0;

	if (!text_out)
		return EXTMGR_E_INVALID_ARGUMENT;
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.error/1");
	if (error)
		extmgr__json_member_integer(&writer, "httpStatus",
					    extmgr_error_get_http_status(error));
	else
		extmgr__json_member_string(&writer, "code", "EXTMGR_OK");
	for (; error; error = error->cause, depth++) {
		if (depth) {
			extmgr__json_key(&writer, "cause");
			extmgr__json_begin_object(&writer);
		}
		write_error(&writer, error);
	}
	for (; depth > 1; depth--)
		extmgr__json_end_object(&writer);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return result;
}

void extmgr_error_free(extmgr_error *error)
{
	while (error && error != &no_memory) {
		extmgr_error *cause = error->cause;

		for (size_t i = 0; i < error->detail_count; i++) {
			free(error->details[i].key);
			free(error->details[i].text);
		}
		free(error->details);
		free(error->message);
		free(error->hint);
		free(error);
		error = cause;
	}
}

extmgr_error *extmgr_error_new(extmgr_result code, const char *message, size_t length,
			       const char *hint)
{
	extmgr_error *error = NULL;
	int shown = length > INT_MAX ? INT_MAX : (int)length;

	extmgr__error_set(&error, find_code(code) ? code : EXTMGR_E_INTERNAL, "%.*s",
			  message ? shown : 0, message ? message : "");
	if (hint)
		extmgr__error_hint(&error, "%s", hint);
	return error;
}
