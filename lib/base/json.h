/* SPDX-License-Identifier: MIT */
/*
 * JSON: reading through cJSON with the checks it lacks, and a writer.
 *
 * Refused when reading: invalid UTF-8, NUL bytes and \u0000, duplicate keys, depth over 64,
 * anything behind the first value. Look-ups are case-sensitive.
 */
#ifndef EXTMGR_BASE_JSON_H
#define EXTMGR_BASE_JSON_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* A value inside a parsed document; lives as long as its document. */
typedef struct cJSON extmgr__json;

#define EXTMGR__JSON_MAXIMUM_DEPTH 64

enum extmgr__json_type {
	EXTMGR__JSON_NULL,
	EXTMGR__JSON_BOOLEAN,
	EXTMGR__JSON_NUMBER,
	EXTMGR__JSON_STRING,
	EXTMGR__JSON_ARRAY,
	EXTMGR__JSON_OBJECT
};

/* what: names the document in messages. EXTMGR_E_FORMAT, EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__json_parse(const char *text, size_t length, const char *what,
				 extmgr__json **json_out, extmgr_error **error);
void extmgr__json_free(extmgr__json *json); /* the document, not a part of it */

enum extmgr__json_type extmgr__json_get_type(const extmgr__json *json);
/* NULL when json is no object or has no such key. */
const extmgr__json *extmgr__json_get(const extmgr__json *json, const char *key);
/* NULL unless it is a string. json may be NULL, also below. */
const char *extmgr__json_get_string(const extmgr__json *json);
/* The string of a member, or NULL. */
const char *extmgr__json_get_member_string(const extmgr__json *json, const char *key);
double extmgr__json_get_number(const extmgr__json *json); /* 0 unless it is a number */
bool extmgr__json_is_true(const extmgr__json *json);
/* Iterating an array or object: first child, next sibling; NULL at the end. */
const extmgr__json *extmgr__json_first(const extmgr__json *json);
const extmgr__json *extmgr__json_next(const extmgr__json *json);
const char *extmgr__json_key_of(const extmgr__json *json); /* NULL inside an array */
size_t extmgr__json_count(const extmgr__json *json);

/* Writes into a buffer; commas are set by the writer. */
struct extmgr__json_writer {
	struct extmgr__buffer *buffer;
	bool needs_comma;
};

#define EXTMGR__JSON_WRITER(buf) ((struct extmgr__json_writer){.buffer = (buf)})

void extmgr__json_begin_object(struct extmgr__json_writer *writer);
void extmgr__json_end_object(struct extmgr__json_writer *writer);
void extmgr__json_begin_array(struct extmgr__json_writer *writer);
void extmgr__json_end_array(struct extmgr__json_writer *writer);
void extmgr__json_key(struct extmgr__json_writer *writer, const char *key);
void extmgr__json_string(struct extmgr__json_writer *writer, const char *text);
void extmgr__json_string_length(struct extmgr__json_writer *writer, const char *text,
				size_t length);
void extmgr__json_integer(struct extmgr__json_writer *writer, int64_t value);
void extmgr__json_number(struct extmgr__json_writer *writer, double value);
void extmgr__json_boolean(struct extmgr__json_writer *writer, bool value);
void extmgr__json_null(struct extmgr__json_writer *writer);
/* A value that is JSON already. */
void extmgr__json_raw(struct extmgr__json_writer *writer, const char *json, size_t length);
/* A parsed value, written again. */
void extmgr__json_value(struct extmgr__json_writer *writer, const extmgr__json *json);

void extmgr__json_member_string(struct extmgr__json_writer *writer, const char *key,
				const char *text); /* NULL text: null */
void extmgr__json_member_integer(struct extmgr__json_writer *writer, const char *key,
				 int64_t value);
/* "sha256:" and the hexadecimal digits */
void extmgr__json_member_digest(struct extmgr__json_writer *writer, const char *key,
				const char *sha256_hex);
void extmgr__json_member_boolean(struct extmgr__json_writer *writer, const char *key, bool value);

#endif
