/* SPDX-License-Identifier: MIT */
#include "rest/body.h"

#include "base/error.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PATH_MAXIMUM 256

/*
 * One pass over the text. A fault of syntax wins over one of shape, so the first fault of shape is
 * kept until the value is read to its end.
 */
struct reader {
	const char *text;
	size_t length;
	size_t at;
	unsigned depth;
	bool failed;
	char path[PATH_MAXIMUM]; /* of the member that is read: "parameterValues.value" */
	extmgr_error *shape_error;
	extmgr_error **error;
};

static void fail(struct reader *reader)
{
	if (reader->failed)
		return;
	reader->failed = true;
	if (reader->at >= reader->length)
		extmgr__error_set(reader->error, EXTMGR_E_REQUEST,
				  "Request body contains badly-formed JSON");
	else
		extmgr__error_set(reader->error, EXTMGR_E_REQUEST,
				  "Request body contains badly-formed JSON (at position %zu)",
				  reader->at + 1);
}

static void wrong_type(struct reader *reader, size_t position)
{
	if (!reader->shape_error)
		extmgr__error_set(&reader->shape_error, EXTMGR_E_REQUEST,
				  "Request body contains an invalid value for the \"%s\" field (at "
				  "position %zu)",
				  reader->path, position);
}

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->length && memchr(" \t\r\n", reader->text[reader->at], 4))
		reader->at++;
}

/* The byte to read next; NUL at the end, and a NUL in the text is a fault of syntax anyway. */
static char peek(const struct reader *reader)
{
	return reader->at < reader->length ? reader->text[reader->at] : '\0';
}

static bool take(struct reader *reader, char byte)
{
	if (reader->at >= reader->length || reader->text[reader->at] != byte) {
		fail(reader);
		return false;
	}
	reader->at++;
	return true;
}

static void read_escape(struct reader *reader)
{
	reader->at++;
	if (reader->at < reader->length && memchr("\"\\/bfnrt", peek(reader), 8)) {
		reader->at++;
		return;
	}
	if (!take(reader, 'u'))
		return;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)peek(reader))) {
			fail(reader);
			return;
		}
		reader->at++;
	}
}

static void read_string(struct reader *reader)
{
	if (!take(reader, '"'))
		return;
	while (!reader->failed && peek(reader) != '"') {
		if ((unsigned char)peek(reader) < 0x20)
			fail(reader);
		else if (peek(reader) == '\\')
			read_escape(reader);
		else
			reader->at++;
	}
	if (!reader->failed)
		reader->at++;
}

static bool read_digits(struct reader *reader)
{
	if (!isdigit((unsigned char)peek(reader))) {
		fail(reader);
		return false;
	}
	while (isdigit((unsigned char)peek(reader)))
		reader->at++;
	return true;
}

static void read_number(struct reader *reader)
{
	if (peek(reader) == '-')
		reader->at++;
	if (peek(reader) == '0')
		reader->at++;
	else if (!read_digits(reader))
		return;
	if (peek(reader) == '.') {
		reader->at++;
		if (!read_digits(reader))
			return;
	}
	if (peek(reader) == 'e' || peek(reader) == 'E') {
		reader->at++;
		if (peek(reader) == '+' || peek(reader) == '-')
			reader->at++;
		(void)read_digits(reader);
	}
}

static void read_word(struct reader *reader, const char *word)
{
	for (; *word && !reader->failed; word++)
		(void)take(reader, *word);
}

static void read_value(struct reader *reader, const struct extmgr__shape *shape);

static const struct extmgr__shape *find_member(const struct extmgr__shape *shape, const char *name,
					       size_t length)
{
	for (const struct extmgr__shape *at = shape->members; at && at->name; at++) {
		if (strlen(at->name) == length && strncasecmp(at->name, name, length) == 0)
			return at;
	}
	return NULL;
}

static const struct extmgr__shape any = {.kind = EXTMGR__SHAPE_ANY};

static void read_member(struct reader *reader, const struct extmgr__shape *shape)
{
	const struct extmgr__shape *member = &any;
	size_t path_length = strlen(reader->path);
	size_t start = reader->at + 1;

	read_string(reader);
	if (reader->failed)
		return;
	if (shape->kind == EXTMGR__SHAPE_OBJECT) {
		size_t length = reader->at - 1 - start;

		member = find_member(shape, reader->text + start, length);
		if (!member && !reader->shape_error)
			extmgr__error_set(&reader->shape_error, EXTMGR_E_REQUEST,
					  "Request body contains unknown field \"\\\"%.*s\\\"\"",
					  (int)(length > PATH_MAXIMUM ? PATH_MAXIMUM : length),
					  reader->text + start);
		if (!member)
			member = &any;
		else
			(void)snprintf(reader->path + path_length, PATH_MAXIMUM - path_length,
				       "%s%s", path_length ? "." : "", member->name);
	}
	skip_space(reader);
	if (take(reader, ':'))
		read_value(reader, member);
	reader->path[path_length] = '\0';
}

/* What stands between the brackets of an object or array. */
static void read_items(struct reader *reader, char end, const struct extmgr__shape *shape)
{
	const struct extmgr__shape *item =
		shape->kind == EXTMGR__SHAPE_ARRAY ? shape->members : &any;

	reader->at++;
	if (++reader->depth > EXTMGR__JSON_MAXIMUM_DEPTH) {
		fail(reader);
		return;
	}
	skip_space(reader);
	if (peek(reader) == end) {
		reader->at++;
		reader->depth--;
		return;
	}
	for (;;) {
		skip_space(reader);
		if (end == '}')
			read_member(reader, shape);
		else
			read_value(reader, item);
		skip_space(reader);
		if (reader->failed || peek(reader) != ',')
			break;
		reader->at++;
	}
	if (!reader->failed)
		(void)take(reader, end);
	reader->depth--;
}

static void read_container(struct reader *reader, enum extmgr__shape_kind kind, char end,
			   const struct extmgr__shape *shape)
{
	bool fits = shape->kind == kind || shape->kind == EXTMGR__SHAPE_ANY;

	if (!fits)
		wrong_type(reader, reader->at + 1);
	read_items(reader, end, fits ? shape : &any);
}

/* A literal that must be of the kind, unless it is null. */
static void expect(struct reader *reader, enum extmgr__shape_kind kind,
		   const struct extmgr__shape *shape)
{
	if (!reader->failed && shape->kind != kind && shape->kind != EXTMGR__SHAPE_ANY)
		wrong_type(reader, reader->at);
}

static void read_value(struct reader *reader, const struct extmgr__shape *shape)
{
	skip_space(reader);
	switch (peek(reader)) {
	case '{':
		read_container(reader, EXTMGR__SHAPE_OBJECT, '}', shape);
		return;
	case '[':
		read_container(reader, EXTMGR__SHAPE_ARRAY, ']', shape);
		return;
	case '"':
		read_string(reader);
		expect(reader, EXTMGR__SHAPE_STRING, shape);
		return;
	case 't':
		read_word(reader, "true");
		expect(reader, EXTMGR__SHAPE_BOOLEAN, shape);
		return;
	case 'f':
		read_word(reader, "false");
		expect(reader, EXTMGR__SHAPE_BOOLEAN, shape);
		return;
	case 'n':
		read_word(reader, "null");
		return;
	default:
		if (peek(reader) != '-' && !isdigit((unsigned char)peek(reader))) {
			fail(reader);
			return;
		}
		read_number(reader);
		/* No shape is a number. */
		expect(reader, EXTMGR__SHAPE_ANY, shape);
	}
}

static extmgr_result check(const char *body, size_t length, const struct extmgr__shape *shape,
			   extmgr_error **error)
{
	struct reader reader = {.text = body, .length = length, .error = error};

	skip_space(&reader);
	if (reader.at == length)
		return extmgr__error_set(error, EXTMGR_E_REQUEST, "Request body must not be empty");
	read_value(&reader, shape);
	if (reader.failed) {
		extmgr_error_free(reader.shape_error);
		return EXTMGR_E_REQUEST;
	}
	if (reader.shape_error) {
		extmgr__error_move(error, &reader.shape_error);
		return EXTMGR_E_REQUEST;
	}
	skip_space(&reader);
	if (reader.at != length)
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "Request body must only contain a single JSON object");
	return EXTMGR_OK;
}

/* "application/json", perhaps with parameters such as charset. */
static bool is_json(const char *content_type)
{
	static const char wanted[] = "application/json";
	size_t length = sizeof(wanted) - 1;

	if (!content_type || strncasecmp(content_type, wanted, length) != 0)
		return false;
	content_type += length;
	content_type += strspn(content_type, " \t");
	return !*content_type || *content_type == ';';
}

extmgr_result extmgr__body_read(const char *content_type, const char *body, size_t length,
				const struct extmgr__shape *shape, extmgr__json **json_out,
				extmgr_error **error)
{
	extmgr_result result;

	*json_out = NULL;
	if (!is_json(content_type))
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "Content-Type header '%.200s' is not application/json",
					 content_type ? content_type : "");
	if (length > EXTMGR_REST_BODY_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "Request body must not be larger than 1MB");
	result = check(body, length, shape, error);
	if (result == EXTMGR_OK)
		result = extmgr__json_parse(body, length, "Request body", json_out, error);
	/* What the reference lets through: two members of one name, NUL, bad UTF-8. */
	if (result == EXTMGR_E_FORMAT) {
		extmgr_error *wrapped = NULL;

		result = extmgr__error_set(&wrapped, EXTMGR_E_REQUEST, "%s",
					   extmgr_error_get_message(*error));
		extmgr__error_move(error, &wrapped);
	}
	return result;
}

const extmgr__json *extmgr__body_get(const extmgr__json *json, const char *name)
{
	const extmgr__json *at = json ? extmgr__json_first(json) : NULL;

	for (; at; at = extmgr__json_next(at)) {
		const char *key = extmgr__json_key_of(at);

		if (key && strcasecmp(key, name) == 0 &&
		    extmgr__json_get_type(at) != EXTMGR__JSON_NULL)
			return at;
	}
	return NULL;
}

const char *extmgr__body_get_string(const extmgr__json *json, const char *name)
{
	return extmgr__json_get_string(extmgr__body_get(json, name));
}
