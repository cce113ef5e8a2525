/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/error.h"

#include <cjson/cJSON.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longest object that is searched for duplicates pairwise; longer ones are sorted first. */
#define PAIRWISE_LIMIT 16

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * What cJSON lets through: NUL bytes, "\u0000" (it cuts the string), control characters in strings,
 * depth up to 1000. One pass over the text before it is parsed.
 */
static const char *find_fault(const char *text, size_t length)
{
	size_t depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\0')
			return "it holds a NUL byte";
		if (in_string) {
			if (c < 0x20)
				return "a string holds a control character";
			if (c == '\\') {
				if (length - i > 5 && memcmp(text + i, "\\u0000", 6) == 0)
					return "a string holds \\u0000";
				i++;
			} else if (c == '"') {
				in_string = false;
			}
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > EXTMGR__JSON_MAXIMUM_DEPTH)
				return "it is nested more than 64 deep";
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return NULL;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* 1: a key stands twice (named by *key); 0: none; -1: out of memory. */
static int object_has_duplicate(const cJSON *object, const char **key)
{
	size_t count = (size_t)cJSON_GetArraySize(object);
	const char **keys;
	const cJSON *child;
	size_t n = 0;
	int found = 0;

	if (count <= PAIRWISE_LIMIT) {
		cJSON_ArrayForEach(child, object)
		{
			for (const cJSON *other = child->next; other; other = other->next) {
				if (strcmp(child->string, other->string) == 0) {
					*key = child->string;
					return 1;
				}
			}
		}
		return 0;
	}
	keys = calloc(count, sizeof(*keys));
	if (!keys)
		return -1;
	cJSON_ArrayForEach(child, object) keys[n++] = child->string;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n && !found; i++) {
		if (strcmp(keys[i - 1], keys[i]) == 0) {
			*key = keys[i];
			found = 1;
		}
	}
	free((void *)keys);
	return found;
}

/* Depth is bounded by find_fault(). */
static int has_duplicate(const cJSON *json, const char **key)
{
	const cJSON *child;
	int found = 0;

	if (cJSON_IsObject(json))
		found = object_has_duplicate(json, key);
	if (found || !(cJSON_IsObject(json) || cJSON_IsArray(json)))
		return found;
	cJSON_ArrayForEach(child, json)
	{
		found = has_duplicate(child, key);
		if (found)
			return found;
	}
	return 0;
}

extmgr_result extmgr__json_parse(const char *text, size_t length, const char *what,
				 extmgr__json **json_out, extmgr_error **error)
{
	const char *end = NULL;
	const char *key = NULL;
	const char *fault;
	cJSON *json;
	int duplicate;

	*json_out = NULL;
	if (!text)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL", what);
	if (!extmgr__utf8_is_valid(text, length))
		return extmgr__error_set(error, EXTMGR_E_FORMAT, "%s is not valid UTF-8", what);
	fault = find_fault(text, length);
	if (fault)
		return extmgr__error_set(error, EXTMGR_E_FORMAT, "%s: %s", what, fault);
	json = cJSON_ParseWithLengthOpts(text, length, &end, 0);
	if (!json) {
		size_t at = end ? (size_t)(end - text) : 0;

		return extmgr__error_set(error, EXTMGR_E_FORMAT, "%s is not JSON (at position %zu)",
					 what, at + 1);
	}
	while (end < text + length && is_space(*end))
		end++;
	if (end != text + length) {
		cJSON_Delete(json);
		return extmgr__error_set(error, EXTMGR_E_FORMAT,
					 "%s: something follows the first JSON value", what);
	}
	duplicate = has_duplicate(json, &key);
	if (duplicate) {
		if (duplicate > 0)
			extmgr__error_set(error, EXTMGR_E_FORMAT, "%s: the key '%s' stands twice",
					  what, key);
		else
			extmgr__error_no_memory(error);
		cJSON_Delete(json);
		return duplicate > 0 ? EXTMGR_E_FORMAT : EXTMGR_E_NO_MEMORY;
	}
	*json_out = json;
	return EXTMGR_OK;
}

void extmgr__json_free(extmgr__json *json)
{
	cJSON_Delete(json);
}

enum extmgr__json_type extmgr__json_get_type(const extmgr__json *json)
{
	if (cJSON_IsBool(json))
		return EXTMGR__JSON_BOOLEAN;
	if (cJSON_IsNumber(json))
		return EXTMGR__JSON_NUMBER;
	if (cJSON_IsString(json))
		return EXTMGR__JSON_STRING;
	if (cJSON_IsArray(json))
		return EXTMGR__JSON_ARRAY;
	if (cJSON_IsObject(json))
		return EXTMGR__JSON_OBJECT;
	return EXTMGR__JSON_NULL;
}

const extmgr__json *extmgr__json_get(const extmgr__json *json, const char *key)
{
	return cJSON_IsObject(json) ? cJSON_GetObjectItemCaseSensitive(json, key) : NULL;
}

const char *extmgr__json_get_string(const extmgr__json *json)
{
	return cJSON_IsString(json) ? json->valuestring : NULL;
}

const char *extmgr__json_get_member_string(const extmgr__json *json, const char *key)
{
	return extmgr__json_get_string(extmgr__json_get(json, key));
}

double extmgr__json_get_number(const extmgr__json *json)
{
	return cJSON_IsNumber(json) ? json->valuedouble : 0;
}

bool extmgr__json_is_true(const extmgr__json *json)
{
	return cJSON_IsTrue(json);
}

const extmgr__json *extmgr__json_first(const extmgr__json *json)
{
	return cJSON_IsArray(json) || cJSON_IsObject(json) ? json->child : NULL;
}

const extmgr__json *extmgr__json_next(const extmgr__json *json)
{
	return json->next;
}

const char *extmgr__json_key_of(const extmgr__json *json)
{
	return json->string;
}

size_t extmgr__json_count(const extmgr__json *json)
{
	return (size_t)cJSON_GetArraySize(json);
}

static void begin_value(struct extmgr__json_writer *writer)
{
	if (writer->needs_comma)
		extmgr__buffer_putc(writer->buffer, ',');
	writer->needs_comma = true;
}

static void begin(struct extmgr__json_writer *writer, char bracket)
{
	begin_value(writer);
	extmgr__buffer_putc(writer->buffer, bracket);
	writer->needs_comma = false;
}

static void end(struct extmgr__json_writer *writer, char bracket)
{
	extmgr__buffer_putc(writer->buffer, bracket);
	writer->needs_comma = true;
}

void extmgr__json_begin_object(struct extmgr__json_writer *writer)
{
	begin(writer, '{');
}

void extmgr__json_end_object(struct extmgr__json_writer *writer)
{
	end(writer, '}');
}

void extmgr__json_begin_array(struct extmgr__json_writer *writer)
{
	begin(writer, '[');
}

void extmgr__json_end_array(struct extmgr__json_writer *writer)
{
	end(writer, ']');
}

static void put_string(struct extmgr__buffer *buffer, const char *text, size_t length)
{
	size_t start = 0;

	extmgr__buffer_putc(buffer, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		extmgr__buffer_append(buffer, text + start, i - start);
		start = i + 1;
		if (c == '"' || c == '\\')
			extmgr__buffer_printf(buffer, "\\%c", c);
		else if (c == '\n')
			extmgr__buffer_puts(buffer, "\\n");
		else if (c == '\t')
			extmgr__buffer_puts(buffer, "\\t");
		else if (c == '\r')
			extmgr__buffer_puts(buffer, "\\r");
		else
			extmgr__buffer_printf(buffer, "\\u%04x", c);
	}
	extmgr__buffer_append(buffer, text + start, length - start);
	extmgr__buffer_putc(buffer, '"');
}

void extmgr__json_key(struct extmgr__json_writer *writer, const char *key)
{
	begin_value(writer);
	put_string(writer->buffer, key, strlen(key));
	extmgr__buffer_putc(writer->buffer, ':');
	writer->needs_comma = false;
}

void extmgr__json_string_length(struct extmgr__json_writer *writer, const char *text, size_t length)
{
	begin_value(writer);
	put_string(writer->buffer, text, length);
}

void extmgr__json_string(struct extmgr__json_writer *writer, const char *text)
{
	extmgr__json_string_length(writer, text, strlen(text));
}

void extmgr__json_integer(struct extmgr__json_writer *writer, int64_t value)
{
	begin_value(writer);
	extmgr__buffer_printf(writer->buffer, "%" PRId64, value);
}

void extmgr__json_number(struct extmgr__json_writer *writer, double value)
{
	size_t start;

	if (!isfinite(value)) {
		extmgr__json_null(writer);
		return;
	}
	if (value == floor(value) && fabs(value) <= 9007199254740992.0) {
		extmgr__json_integer(writer, (int64_t)value);
		return;
	}
	begin_value(writer);
	start = writer->buffer->length;
	extmgr__buffer_printf(writer->buffer, "%.17g", value);
	/* A foreign locale writes a decimal comma. */
	for (size_t i = start; writer->buffer->data && i < writer->buffer->length; i++) {
		if (writer->buffer->data[i] == ',')
			writer->buffer->data[i] = '.';
	}
}

void extmgr__json_boolean(struct extmgr__json_writer *writer, bool value)
{
	begin_value(writer);
	extmgr__buffer_puts(writer->buffer, value ? "true" : "false");
}

void extmgr__json_null(struct extmgr__json_writer *writer)
{
	begin_value(writer);
	extmgr__buffer_puts(writer->buffer, "null");
}

void extmgr__json_raw(struct extmgr__json_writer *writer, const char *json, size_t length)
{
	begin_value(writer);
	extmgr__buffer_append(writer->buffer, json, length);
}

void extmgr__json_value(struct extmgr__json_writer *writer, const extmgr__json *json)
{
	const cJSON *child;

	if (cJSON_IsObject(json)) {
		extmgr__json_begin_object(writer);
		cJSON_ArrayForEach(child, json)
		{
			extmgr__json_key(writer, child->string);
			extmgr__json_value(writer, child);
		}
		extmgr__json_end_object(writer);
	} else if (cJSON_IsArray(json)) {
		extmgr__json_begin_array(writer);
		cJSON_ArrayForEach(child, json) extmgr__json_value(writer, child);
		extmgr__json_end_array(writer);
	} else if (cJSON_IsString(json)) {
		extmgr__json_string(writer, json->valuestring);
	} else if (cJSON_IsNumber(json)) {
		extmgr__json_number(writer, json->valuedouble);
	} else if (cJSON_IsBool(json)) {
		extmgr__json_boolean(writer, cJSON_IsTrue(json));
	} else {
		extmgr__json_null(writer);
	}
}

void extmgr__json_member_string(struct extmgr__json_writer *writer, const char *key,
				const char *text)
{
	extmgr__json_key(writer, key);
	if (text)
		extmgr__json_string(writer, text);
	else
		extmgr__json_null(writer);
}

void extmgr__json_member_integer(struct extmgr__json_writer *writer, const char *key, int64_t value)
{
	extmgr__json_key(writer, key);
	extmgr__json_integer(writer, value);
}

void extmgr__json_member_digest(struct extmgr__json_writer *writer, const char *key,
				const char *sha256_hex)
{
	extmgr__json_key(writer, key);
	extmgr__buffer_printf(writer->buffer, "\"sha256:%s\"", sha256_hex);
	writer->needs_comma = true;
}

void extmgr__json_member_boolean(struct extmgr__json_writer *writer, const char *key, bool value)
{
	extmgr__json_key(writer, key);
	extmgr__json_boolean(writer, value);
}
