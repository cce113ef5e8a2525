/* SPDX-License-Identifier: MIT */
/* The result of a query, as it is read. */
#ifndef EXTMGR_HOST_ROWS_H
#define EXTMGR_HOST_ROWS_H

#include "base/error.h"

#include <extmgr/database.h>

struct extmgr__cell {
	int32_t type; /* EXTMGR_VALUE_... */
	int64_t integer;
	double number;
	const char *text; /* NUL-terminated; lives as long as the rows */
	size_t length;
};

extmgr_rows *extmgr__rows_new(uint64_t maximum_rows, uint64_t maximum_bytes);
void extmgr__rows_free(extmgr_rows *rows); /* may be NULL */
/* For rows that are complete and used by one thread: each share is freed by itself. */
extmgr_rows *extmgr__rows_share(extmgr_rows *rows);
size_t extmgr__rows_column_count(const extmgr_rows *rows);
const char *extmgr__rows_column_name(const extmgr_rows *rows, size_t column);
const char *extmgr__rows_column_type(const extmgr_rows *rows, size_t column);
size_t extmgr__rows_count(const extmgr_rows *rows);
struct extmgr__cell extmgr__rows_cell(const extmgr_rows *rows, size_t row, size_t column);
/* A whole number, however the driver hands it over: integer, number or text. 0 for others and for a
 * cell that is not there. */
int64_t extmgr__rows_integer(const extmgr_rows *rows, size_t row, size_t column);
/* A text; NULL for others, and for a cell that is not there. Lives as long as the rows. */
const char *extmgr__rows_text(const extmgr_rows *rows, size_t row, size_t column);
/* The first failure of an append or EXTMGR_OK. */
extmgr_result extmgr__rows_failure(const extmgr_rows *rows);
/* The same with an error, or EXTMGR_E_INVALID_ARGUMENT when a row is incomplete. */
extmgr_result extmgr__rows_finish(const extmgr_rows *rows, extmgr_error **error);

#endif
