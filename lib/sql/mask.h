/* SPDX-License-Identifier: MIT */
/*
 * Keeping secrets out of what people read: masking of statements, and finding of secret values in
 * any of the forms in which they travel (raw, SQL-quoted, JSON-encoded, base64, hexadecimal,
 * percent-encoded).
 */
#ifndef EXTMGR_SQL_MASK_H
#define EXTMGR_SQL_MASK_H

#include "base/text.h"
#include "sql/dialect.h"

#include <stdbool.h>

/*
 * Appends the statement with every string literal as '***' (numbers, names, keywords and E'' or
 * $tag$ strings: also '***'; comments as a blank; the body of an exasol script as ***). A text with
 * an unterminated part is masked from there to the end.
 */
void extmgr__sql_mask(enum extmgr__dialect dialect, const char *sql, size_t length,
		      struct extmgr__buffer *buffer);

struct extmgr__secrets; /* a set of values */

struct extmgr__secrets *extmgr__secrets_new(void);          /* NULL when memory is out */
void extmgr__secrets_free(struct extmgr__secrets *secrets); /* wipes; may be NULL */
/* Empty values are no secrets. EXTMGR_OK, EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__secrets_add(struct extmgr__secrets *secrets, const char *value,
				  size_t length);
bool extmgr__secrets_is_empty(const struct extmgr__secrets *secrets); /* NULL: true */
/* Whether any form of any value is part of the text. */
bool extmgr__secrets_found_in(const struct extmgr__secrets *secrets, const char *text,
			      size_t length);

#endif
