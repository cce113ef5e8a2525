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
 * Appends the statement with every string literal of any form as '***' and each comment as a blank.
 * Names, numbers and keywords stay, double-quoted names too. Hidden to the end of the text: the
 * body of an exasol script, what follows the word IDENTIFIED (exasol's passwords are quoted names),
 * and what follows a part that does not end; in dialects not known by name also what follows a
 * string with a backslash.
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
/*
 * Whether any form of any value is part of the text: raw; with doubled quotes; with backslashes; in
 * JSON, also around both of these; percent-encoded, also with + for a blank; hexadecimal; base64
 * and base64url at any offset of what was encoded, also broken into lines. Digits in any case.
 *
 * Short values: all forms that keep the characters are always looked for, so a value of one byte
 * hides nearly everything, which is safe. Hexadecimal and base64 forms of fewer than four
 * characters are not: they would be found in any text and say nothing about the value.
 */
bool extmgr__secrets_found_in(const struct extmgr__secrets *secrets, const char *text,
			      size_t length);

#endif
