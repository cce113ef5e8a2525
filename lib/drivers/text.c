/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *extmgr__drivers_reserve(struct extmgr__drivers_text *text, size_t more)
{
	size_t needed;
	size_t capacity;
	char *data;

	if (text->failed || __builtin_add_overflow(text->length, more, &needed) ||
	    __builtin_add_overflow(needed, (size_t)1, &needed)) {
		text->failed = true;
		return NULL;
	}
	if (needed > text->capacity) {
		capacity = needed > 64 ? needed + needed / 2 : 64;
		data = realloc(text->data, capacity);
		if (!data) {
			text->failed = true;
			return NULL;
		}
		text->data = data;
		text->capacity = capacity;
	}
	return text->data + text->length;
}

void extmgr__drivers_append(struct extmgr__drivers_text *text, const char *bytes, size_t length)
{
	char *place = extmgr__drivers_reserve(text, length);

	if (!place)
		return;
	memcpy(place, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void extmgr__drivers_puts(struct extmgr__drivers_text *text, const char *string)
{
	extmgr__drivers_append(text, string, strlen(string));
}

void extmgr__drivers_text_free(struct extmgr__drivers_text *text)
{
	/* It may have held a connection string with a password. */
	if (text->data)
		explicit_bzero(text->data, text->capacity);
	free(text->data);
	*text = (struct extmgr__drivers_text){0};
}

extmgr_result extmgr__drivers_error(extmgr_error **error, extmgr_result code, const char *hint,
				    const char *format, ...)
{
	char message[1024];
	va_list arguments;

	if (!error)
		return code;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	*error = extmgr_error_new(code, message, strlen(message), hint);
	return code;
}

const char *extmgr__drivers_find_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return text;
	}
	return NULL;
}
