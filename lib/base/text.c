/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/alloc.h"

#include <extmgr/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct extmgr_text {
	char *data;
	size_t length;
};

bool extmgr__buffer_reserve(struct extmgr__buffer *buffer, size_t more)
{
	size_t wanted;
	size_t capacity;
	char *grown;

	if (buffer->result != EXTMGR_OK)
		return false;
	if (extmgr__size_add(buffer->length, more, &wanted) || wanted > buffer->maximum) {
		buffer->result = EXTMGR_E_TOO_LARGE;
		return false;
	}
	if (wanted < buffer->capacity)
		return true;
	capacity = buffer->capacity ? buffer->capacity : 64;
	while (capacity <= wanted) {
		if (extmgr__size_mul(capacity, 2, &capacity)) {
			buffer->result = EXTMGR_E_TOO_LARGE;
			return false;
		}
	}
	grown = realloc(buffer->data, capacity);
	if (!grown) {
		buffer->result = EXTMGR_E_NO_MEMORY;
		return false;
	}
	buffer->data = grown;
	buffer->capacity = capacity;
	return true;
}

void extmgr__buffer_append(struct extmgr__buffer *buffer, const char *bytes, size_t length)
{
	if (!extmgr__buffer_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void extmgr__buffer_puts(struct extmgr__buffer *buffer, const char *text)
{
	extmgr__buffer_append(buffer, text, strlen(text));
}

void extmgr__buffer_putc(struct extmgr__buffer *buffer, char byte)
{
	extmgr__buffer_append(buffer, &byte, 1);
}

void extmgr__buffer_vprintf(struct extmgr__buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int needed;

	va_copy(again, arguments);
	needed = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (needed < 0) {
		buffer->result = EXTMGR_E_NO_MEMORY;
		return;
	}
	if (!extmgr__buffer_reserve(buffer, (size_t)needed))
		return;
	(void)vsnprintf(buffer->data + buffer->length, (size_t)needed + 1, format, arguments);
	buffer->length += (size_t)needed;
}

void extmgr__buffer_printf(struct extmgr__buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	extmgr__buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

const char *extmgr__buffer_get(const struct extmgr__buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

extmgr_result extmgr__buffer_result(const struct extmgr__buffer *buffer)
{
	return buffer->result;
}

void extmgr__buffer_clear(struct extmgr__buffer *buffer)
{
	buffer->length = 0;
	buffer->result = EXTMGR_OK;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void extmgr__buffer_free(struct extmgr__buffer *buffer)
{
	free(buffer->data);
	*buffer = EXTMGR__BUFFER(buffer->maximum);
}

extmgr_text *extmgr__buffer_take_text(struct extmgr__buffer *buffer, extmgr_result *result)
{
	extmgr_text *text = NULL;

	extmgr__buffer_append(buffer, "", 0); /* an empty buffer has no NUL yet */
	*result = buffer->result;
	if (*result == EXTMGR_OK) {
		text = malloc(sizeof(*text));
		if (text) {
			text->data = buffer->data;
			text->length = buffer->length;
			buffer->data = NULL;
		} else {
			*result = EXTMGR_E_NO_MEMORY;
		}
	}
	extmgr__buffer_free(buffer);
	return text;
}

extmgr_text *extmgr__text_new(const char *bytes, size_t length)
{
	extmgr_text *text = malloc(sizeof(*text));

	if (!text)
		return NULL;
	text->data = extmgr__memdup(bytes, length);
	text->length = length;
	if (!text->data) {
		free(text);
		return NULL;
	}
	return text;
}

const char *extmgr_text_get_data(const extmgr_text *text)
{
	return text ? text->data : "";
}

size_t extmgr_text_get_length(const extmgr_text *text)
{
	return text ? text->length : 0;
}

void extmgr_text_free(extmgr_text *text)
{
	if (!text)
		return;
	free(text->data);
	free(text);
}

int32_t extmgr__utf8_next(const char *bytes, size_t length, size_t *offset)
{
	const unsigned char *at = (const unsigned char *)bytes + *offset;
	size_t left = length - *offset;
	size_t more;
	int32_t point;
	int32_t least;

	*offset += 1;
	if (at[0] < 0x80)
		return at[0];
	if ((at[0] & 0xe0) == 0xc0) {
		more = 1, point = at[0] & 0x1f, least = 0x80;
	} else if ((at[0] & 0xf0) == 0xe0) {
		more = 2, point = at[0] & 0x0f, least = 0x800;
	} else if ((at[0] & 0xf8) == 0xf0) {
		more = 3, point = at[0] & 0x07, least = 0x10000;
	} else {
		return -1;
	}
	if (left <= more)
		return -1;
	for (size_t i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return -1;
		point = (point << 6) | (at[i] & 0x3f);
	}
	if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return -1;
	*offset += more;
	return point;
}

bool extmgr__utf8_is_valid(const char *bytes, size_t length)
{
	size_t offset = 0;

	while (offset < length) {
		if ((unsigned char)bytes[offset] < 0x80)
			offset++;
		else if (extmgr__utf8_next(bytes, length, &offset) < 0)
			return false;
	}
	return true;
}

void extmgr__utf8_append_lossy(struct extmgr__buffer *buffer, const char *bytes, size_t length)
{
	size_t offset = 0;

	while (offset < length) {
		size_t start = offset;

		if (extmgr__utf8_next(bytes, length, &offset) < 0)
			extmgr__buffer_puts(buffer, "\xef\xbf\xbd");
		else
			extmgr__buffer_append(buffer, bytes + start, offset - start);
	}
}

void extmgr__utf8_append_line(struct extmgr__buffer *buffer, const char *bytes, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i < length; i++) {
		if (!extmgr__text_has_control(bytes + i, 1))
			continue;
		extmgr__utf8_append_lossy(buffer, bytes + start, i - start);
		extmgr__buffer_putc(buffer, ' ');
		start = i + 1;
	}
	extmgr__utf8_append_lossy(buffer, bytes + start, length - start);
}

size_t extmgr__utf8_cut(const char *bytes, size_t length, size_t maximum)
{
	size_t cut = maximum;

	if (length <= maximum)
		return length;
	for (int i = 0; i < 3 && cut && ((unsigned char)bytes[cut] & 0xc0) == 0x80; i++)
		cut--;
	return cut;
}

bool extmgr__text_has_control(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
			return true;
	}
	return false;
}
