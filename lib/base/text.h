/* SPDX-License-Identifier: MIT */
/*
 * A text buffer that grows up to a maximum, and the public extmgr_text made from it.
 *
 * A buffer remembers its first failure (too long, out of memory): callers append freely and look at
 * extmgr__buffer_result() once, at the end.
 */
#ifndef EXTMGR_BASE_TEXT_H
#define EXTMGR_BASE_TEXT_H

#include <extmgr/types.h>

#include <stdbool.h>
#include <stdarg.h>

struct extmgr__buffer {
	char *data; /* NUL-terminated once anything was appended; may be NULL */
	size_t length;
	size_t capacity;
	size_t maximum;       /* longest length allowed, in bytes */
	extmgr_result result; /* EXTMGR_OK, EXTMGR_E_TOO_LARGE or EXTMGR_E_NO_MEMORY */
};

#define EXTMGR__BUFFER(max) ((struct extmgr__buffer){.maximum = (max)})
/* For documents the library itself writes. */
#define EXTMGR__DOCUMENT_MAXIMUM ((size_t)64 << 20)
/* For messages. */
#define EXTMGR__MESSAGE_MAXIMUM ((size_t)8 << 10)

/* Makes room for more bytes, so that they can be written behind the last one. */
bool extmgr__buffer_reserve(struct extmgr__buffer *buffer, size_t more);
void extmgr__buffer_append(struct extmgr__buffer *buffer, const char *bytes, size_t length);
void extmgr__buffer_puts(struct extmgr__buffer *buffer, const char *text);
void extmgr__buffer_putc(struct extmgr__buffer *buffer, char byte);
void extmgr__buffer_printf(struct extmgr__buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void extmgr__buffer_vprintf(struct extmgr__buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* "" for an empty or failed buffer. */
const char *extmgr__buffer_get(const struct extmgr__buffer *buffer);
extmgr_result extmgr__buffer_result(const struct extmgr__buffer *buffer);
void extmgr__buffer_clear(struct extmgr__buffer *buffer); /* keeps memory and maximum */
void extmgr__buffer_free(struct extmgr__buffer *buffer);

/* Moves the buffer's bytes into a text; frees the buffer in any case. NULL when the buffer had
 * failed or memory is out: *result says which. */
extmgr_text *extmgr__buffer_take_text(struct extmgr__buffer *buffer, extmgr_result *result);
/* NULL when memory is out. */
extmgr_text *extmgr__text_new(const char *bytes, size_t length);

/* Whether the bytes are valid UTF-8: no surrogates, no overlong forms, at most U+10FFFF. */
bool extmgr__utf8_is_valid(const char *bytes, size_t length);
/* Appends bytes with each invalid sequence as U+FFFD. */
void extmgr__utf8_append_lossy(struct extmgr__buffer *buffer, const char *bytes, size_t length);
/* The same, and control characters become blanks: what anybody said, as one line. */
void extmgr__utf8_append_line(struct extmgr__buffer *buffer, const char *bytes, size_t length);
/* The longest length of at most maximum that does not cut a code point in two. */
size_t extmgr__utf8_cut(const char *bytes, size_t length, size_t maximum);
/* Reads one code point at bytes[*offset] and moves the offset; -1 (offset + 1) when it is invalid.
 */
int32_t extmgr__utf8_next(const char *bytes, size_t length, size_t *offset);
/* Whether there is a byte below 0x20 or 0x7F. */
bool extmgr__text_has_control(const char *bytes, size_t length);

#endif
