/* SPDX-License-Identifier: MIT */
/* Quoting of names and literals, by dialect. */
#ifndef EXTMGR_SQL_QUOTE_H
#define EXTMGR_SQL_QUOTE_H

#include "base/text.h"
#include "sql/dialect.h"

/* Append to buffer. EXTMGR_E_INVALID_ARGUMENT: NUL, empty name; EXTMGR_E_FORMAT: not UTF-8. */
extmgr_result extmgr__sql_quote_identifier(enum extmgr__dialect dialect, const char *name,
					   size_t length, struct extmgr__buffer *buffer);
extmgr_result extmgr__sql_quote_literal(enum extmgr__dialect dialect, const char *text,
					size_t length, struct extmgr__buffer *buffer);

#endif
