/* SPDX-License-Identifier: MIT */
#include "sql/quote.h"

#include <extmgr/error.h>

#include <string.h>

static void append_doubled(struct extmgr__buffer *buffer, const char *text, size_t length,
			   char quote)
{
	extmgr__buffer_putc(buffer, quote);
	while (length) {
		const char *found = memchr(text, quote, length);
		size_t part = found ? (size_t)(found - text) + 1 : length;

		extmgr__buffer_append(buffer, text, part);
		if (found)
			extmgr__buffer_putc(buffer, quote);
		text += part;
		length -= part;
	}
	extmgr__buffer_putc(buffer, quote);
}

static extmgr_result check_text(const char *text, size_t length)
{
	if (!length)
		return EXTMGR_OK;
	if (memchr(text, '\0', length))
		return EXTMGR_E_INVALID_ARGUMENT;
	return extmgr__utf8_is_valid(text, length) ? EXTMGR_OK : EXTMGR_E_FORMAT;
}

/* Every dialect takes "x" with "" for a quote; sqlite's other forms are not needed. */
extmgr_result extmgr__sql_quote_identifier(enum extmgr__dialect dialect, const char *name,
					   size_t length, struct extmgr__buffer *buffer)
{
	extmgr_result result = check_text(name, length);

	(void)dialect;
	if (!length)
		return EXTMGR_E_INVALID_ARGUMENT;
	if (result != EXTMGR_OK)
		return result;
	append_doubled(buffer, name, length, '"');
	return extmgr__buffer_result(buffer);
}

/* A backslash is no escape in '...': PostgreSQL's standard_conforming_strings is on, see guard. */
extmgr_result extmgr__sql_quote_literal(enum extmgr__dialect dialect, const char *text,
					size_t length, struct extmgr__buffer *buffer)
{
	extmgr_result result = check_text(text, length);

	(void)dialect;
	if (result != EXTMGR_OK)
		return result;
	append_doubled(buffer, text, length, '\'');
	return extmgr__buffer_result(buffer);
}
