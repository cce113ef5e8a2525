/* SPDX-License-Identifier: MIT */
#include "host/values.h"

#include "base/alloc.h"
#include "base/text.h"

#include <extmgr/error.h>

#include <stdlib.h>

/* SQLite and PostgreSQL take more; no extension comes near it. */
#define VALUES_MAXIMUM 1000

struct value {
	int32_t type;
	int64_t integer;
	double number;
	char *text;
	size_t length;
};

struct extmgr_values {
	struct value *values;
	size_t count;
	size_t capacity;
};

extmgr_values *extmgr__values_new(void)
{
	return calloc(1, sizeof(extmgr_values));
}

void extmgr__values_free(extmgr_values *values)
{
	if (!values)
		return;
	for (size_t i = 0; i < values->count; i++)
		free(values->values[i].text);
	free(values->values);
	free(values);
}

static extmgr_result add(extmgr_values *values, struct value value)
{
	struct value *grown;

	if (values->count >= VALUES_MAXIMUM)
		return EXTMGR_E_TOO_LARGE;
	grown = extmgr__array_grow(values->values, values->count, &values->capacity,
				   sizeof(*grown));
	if (!grown)
		return EXTMGR_E_NO_MEMORY;
	values->values = grown;
	grown[values->count++] = value;
	return EXTMGR_OK;
}

extmgr_result extmgr__values_add_null(extmgr_values *values)
{
	return add(values, (struct value){.type = EXTMGR_VALUE_NULL});
}

extmgr_result extmgr__values_add_boolean(extmgr_values *values, bool value)
{
	return add(values, (struct value){.type = EXTMGR_VALUE_BOOLEAN, .integer = value});
}

extmgr_result extmgr__values_add_integer(extmgr_values *values, int64_t value)
{
	return add(values, (struct value){.type = EXTMGR_VALUE_INTEGER,
					  .integer = value,
					  .number = (double)value});
}

extmgr_result extmgr__values_add_number(extmgr_values *values, double value)
{
	return add(values, (struct value){.type = EXTMGR_VALUE_NUMBER, .number = value});
}

extmgr_result extmgr__values_add_text(extmgr_values *values, const char *text, size_t length)
{
	struct value value = {.type = EXTMGR_VALUE_TEXT, .length = length};
	extmgr_result result;

	if (!extmgr__utf8_is_valid(text, length))
		return EXTMGR_E_FORMAT;
	value.text = extmgr__memdup(text, length);
	if (!value.text)
		return EXTMGR_E_NO_MEMORY;
	result = add(values, value);
	if (result != EXTMGR_OK)
		free(value.text);
	return result;
}

/* Beyond the end everything reads as NULL. */
static struct value get(const extmgr_values *values, size_t index)
{
	if (!values || index >= values->count)
		return (struct value){.type = EXTMGR_VALUE_NULL};
	return values->values[index];
}

size_t extmgr_values_get_count(const extmgr_values *values)
{
	return values ? values->count : 0;
}

int32_t extmgr_values_get_type(const extmgr_values *values, size_t index)
{
	return get(values, index).type;
}

int64_t extmgr_values_get_integer(const extmgr_values *values, size_t index)
{
	return get(values, index).integer;
}

double extmgr_values_get_number(const extmgr_values *values, size_t index)
{
	return get(values, index).number;
}

const char *extmgr_values_get_text(const extmgr_values *values, size_t index, size_t *length_out)
{
	struct value value = get(values, index);

	if (length_out)
		*length_out = value.length;
	return value.text;
}

void extmgr__values_write(const extmgr_values *values, size_t index,
			  struct extmgr__json_writer *writer)
{
	const char *text;
	size_t length;

	switch (extmgr_values_get_type(values, index)) {
	case EXTMGR_VALUE_BOOLEAN:
		extmgr__json_boolean(writer, extmgr_values_get_integer(values, index) != 0);
		break;
	case EXTMGR_VALUE_INTEGER:
		extmgr__json_integer(writer, extmgr_values_get_integer(values, index));
		break;
	case EXTMGR_VALUE_NUMBER:
		extmgr__json_number(writer, extmgr_values_get_number(values, index));
		break;
	case EXTMGR_VALUE_TEXT:
		text = extmgr_values_get_text(values, index, &length);
		extmgr__json_string_length(writer, text, length);
		break;
	default:
		extmgr__json_null(writer);
		break;
	}
}
