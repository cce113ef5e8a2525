/* SPDX-License-Identifier: MIT */
/* A text that grows, and errors: what the drivers need and the public API does not give. */
#ifndef EXTMGR_DRIVERS_TEXT_H
#define EXTMGR_DRIVERS_TEXT_H

#include <extmgr/error.h>

#include <stdbool.h>
#include <stddef.h>

/* Remembers that memory was out: append freely and look at failed once, at the end. */
struct extmgr__drivers_text {
	char *data; /* NUL-terminated once anything was appended */
	size_t length;
	size_t capacity;
	bool failed;
};

void extmgr__drivers_append(struct extmgr__drivers_text *text, const char *bytes, size_t length);
void extmgr__drivers_puts(struct extmgr__drivers_text *text, const char *string);
/* Makes room for 'more' bytes behind the length; NULL when memory is out. */
char *extmgr__drivers_reserve(struct extmgr__drivers_text *text, size_t more);
void extmgr__drivers_text_free(struct extmgr__drivers_text *text);

/* Stores an error of the public API and answers its code. hint may be NULL. */
extmgr_result extmgr__drivers_error(extmgr_error **error, extmgr_result code, const char *hint,
				    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The first byte that may not stand in a connection string or path, or NULL: names it. */
const char *extmgr__drivers_find_control(const char *text);

#endif
