/* SPDX-License-Identifier: MIT */
/*
 * The result of a query. A host pushes a million cells through here: cells are one array that
 * grows, their text lies in blocks; both are counted before memory is taken.
 */
#include "host/rows.h"

#include "base/alloc.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAXIMUM 4096
/* What a cell or column counts besides its text, in bytes; more than it takes here. */
#define CELL_BYTES 32
/* Blocks of text double from the first size to the last, in bytes. */
#define BLOCK_FIRST ((size_t)1 << 10)
#define BLOCK_LAST  ((size_t)256 << 10)

struct column {
	const char *name;
	const char *type_name;
};

struct stored_cell {
	union {
		int64_t integer;
		double number;
		const char *text;
	} as;
	size_t length;
	int32_t type;
};

struct block {
	struct block *next;
	size_t used;
	size_t size;
	char bytes[];
};

/* Why the first append failed; what is told with the code. */
enum failure {
	FAILURE_NONE,
	FAILURE_MEMORY,
	FAILURE_ROWS,
	FAILURE_BYTES,
	FAILURE_COLUMNS,
	FAILURE_COLUMN_LATE,
	FAILURE_COLUMN_NAME,
	FAILURE_NO_COLUMNS,
	FAILURE_NULL,
	FAILURE_UTF8,
};

struct extmgr_rows {
	size_t shares; /* beyond the first */
	uint64_t maximum_rows;
	uint64_t maximum_bytes;
	uint64_t used_bytes; /* never above maximum_bytes */
	struct column *columns;
	size_t column_count;
	size_t column_capacity;
	struct stored_cell *cells;
	size_t cell_count;
	size_t cell_capacity;
	size_t row_count;     /* complete rows */
	size_t row_filled;    /* cells of the row behind them */
	struct block *blocks; /* the one with room first */
	enum failure failure;
};

_Static_assert(sizeof(struct stored_cell) <= CELL_BYTES, "a cell takes more than it counts");

extmgr_rows *extmgr__rows_new(uint64_t maximum_rows, uint64_t maximum_bytes)
{
	extmgr_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return NULL;
	rows->maximum_rows = maximum_rows;
	rows->maximum_bytes = maximum_bytes;
	return rows;
}

void extmgr__rows_free(extmgr_rows *rows)
{
	if (!rows || rows->shares-- > 0)
		return;
	for (struct block *block = rows->blocks; block;) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
	free(rows->cells);
	free(rows->columns);
	free(rows);
}

static extmgr_result failure_code(enum failure failure)
{
	switch (failure) {
	case FAILURE_NONE:
		return EXTMGR_OK;
	case FAILURE_MEMORY:
		return EXTMGR_E_NO_MEMORY;
	case FAILURE_ROWS:
	case FAILURE_BYTES:
	case FAILURE_COLUMNS:
		return EXTMGR_E_TOO_LARGE;
	case FAILURE_UTF8:
		return EXTMGR_E_FORMAT;
	default:
		return EXTMGR_E_INVALID_ARGUMENT;
	}
}

/* The first failure stays. */
static extmgr_result fail(extmgr_rows *rows, enum failure failure)
{
	if (rows->failure == FAILURE_NONE)
		rows->failure = failure;
	return failure_code(rows->failure);
}

static bool count_bytes(extmgr_rows *rows, uint64_t bytes)
{
	if (bytes > rows->maximum_bytes - rows->used_bytes)
		return false;
	rows->used_bytes += bytes;
	return true;
}

static struct block *add_block(extmgr_rows *rows, size_t needed)
{
	size_t size = rows->blocks ? rows->blocks->size * 2 : BLOCK_FIRST;
	struct block *block;
	size_t total;

	if (size > BLOCK_LAST)
		size = BLOCK_LAST;
	if (size < needed)
		size = needed;
	if (extmgr__size_add(sizeof(*block), size, &total))
		return NULL;
	block = malloc(total);
	if (!block)
		return NULL;
	block->next = rows->blocks;
	block->used = 0;
	block->size = size;
	rows->blocks = block;
	return block;
}

/* Room for text of length bytes, with a NUL behind; length was counted. NULL: no memory. */
static char *take_text(extmgr_rows *rows, size_t length)
{
	struct block *block = rows->blocks;
	size_t needed;
	char *text;

	if (extmgr__size_add(length, 1, &needed))
		return NULL;
	if (!block || needed > block->size - block->used)
		block = add_block(rows, needed);
	if (!block)
		return NULL;
	text = block->bytes + block->used;
	block->used += needed;
	text[length] = '\0';
	return text;
}

static const char *copy_text(extmgr_rows *rows, const char *text, size_t length)
{
	char *copy = take_text(rows, length);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

static enum failure column_failure(extmgr_rows *rows, const char *name, const char *type_name)
{
	size_t name_length;
	size_t type_length;
	struct column *grown;
	struct column column;

	if (rows->cell_count)
		return FAILURE_COLUMN_LATE;
	if (rows->column_count >= COLUMNS_MAXIMUM)
		return FAILURE_COLUMNS;
	if (!name)
		return FAILURE_NULL;
	name_length = strlen(name);
	type_length = strlen(type_name);
	if (!extmgr__utf8_is_valid(name, name_length) ||
	    !extmgr__utf8_is_valid(type_name, type_length))
		return FAILURE_COLUMN_NAME;
	if (!count_bytes(rows, CELL_BYTES) || !count_bytes(rows, name_length) ||
	    !count_bytes(rows, type_length))
		return FAILURE_BYTES;
	grown = extmgr__array_grow(rows->columns, rows->column_count, &rows->column_capacity,
				   sizeof(*grown));
	if (!grown)
		return FAILURE_MEMORY;
	rows->columns = grown;
	column.name = copy_text(rows, name, name_length);
	column.type_name = copy_text(rows, type_name, type_length);
	if (!column.name || !column.type_name)
		return FAILURE_MEMORY;
	grown[rows->column_count++] = column;
	return FAILURE_NONE;
}

extmgr_result extmgr_rows_add_column(extmgr_rows *rows, const char *name, const char *type_name)
{
	if (!rows)
		return EXTMGR_E_INVALID_ARGUMENT;
	if (rows->failure != FAILURE_NONE)
		return failure_code(rows->failure);
	return fail(rows, column_failure(rows, name, type_name ? type_name : ""));
}

/* Counts the next cell with its text and makes room for it. */
static enum failure reserve_cell(extmgr_rows *rows, size_t text_length)
{
	struct stored_cell *grown;

	if (!rows->column_count)
		return FAILURE_NO_COLUMNS;
	if (rows->row_count >= rows->maximum_rows)
		return FAILURE_ROWS;
	if (!count_bytes(rows, CELL_BYTES) || !count_bytes(rows, text_length))
		return FAILURE_BYTES;
	grown = extmgr__array_grow(rows->cells, rows->cell_count, &rows->cell_capacity,
				   sizeof(*grown));
	if (!grown)
		return FAILURE_MEMORY;
	rows->cells = grown;
	return FAILURE_NONE;
}

/* Answers EXTMGR_OK when a cell with text of that length may follow. */
static extmgr_result begin_cell(extmgr_rows *rows, size_t text_length)
{
	if (!rows)
		return EXTMGR_E_INVALID_ARGUMENT;
	if (rows->failure != FAILURE_NONE)
		return failure_code(rows->failure);
	return fail(rows, reserve_cell(rows, text_length));
}

static void end_cell(extmgr_rows *rows, struct stored_cell cell)
{
	rows->cells[rows->cell_count++] = cell;
	if (++rows->row_filled == rows->column_count) {
		rows->row_filled = 0;
		rows->row_count++;
	}
}

static extmgr_result append_plain(extmgr_rows *rows, struct stored_cell cell)
{
	extmgr_result result = begin_cell(rows, 0);

	if (result == EXTMGR_OK)
		end_cell(rows, cell);
	return result;
}

extmgr_result extmgr_rows_append_null(extmgr_rows *rows)
{
	return append_plain(rows, (struct stored_cell){.type = EXTMGR_VALUE_NULL});
}

extmgr_result extmgr_rows_append_boolean(extmgr_rows *rows, int32_t value)
{
	return append_plain(
		rows, (struct stored_cell){.type = EXTMGR_VALUE_BOOLEAN, .as.integer = value != 0});
}

extmgr_result extmgr_rows_append_integer(extmgr_rows *rows, int64_t value)
{
	return append_plain(
		rows, (struct stored_cell){.type = EXTMGR_VALUE_INTEGER, .as.integer = value});
}

extmgr_result extmgr_rows_append_number(extmgr_rows *rows, double value)
{
	if (!isfinite(value))
		return extmgr_rows_append_null(rows);
	return append_plain(rows,
			    (struct stored_cell){.type = EXTMGR_VALUE_NUMBER, .as.number = value});
}

extmgr_result extmgr_rows_append_text(extmgr_rows *rows, const char *text, size_t length)
{
	struct stored_cell cell = {.type = EXTMGR_VALUE_TEXT, .length = length};
	extmgr_result result = begin_cell(rows, length);

	if (result != EXTMGR_OK)
		return result;
	if (!text && length)
		return fail(rows, FAILURE_NULL);
	if (!extmgr__utf8_is_valid(text, length))
		return fail(rows, FAILURE_UTF8);
	cell.as.text = copy_text(rows, text, length);
	if (!cell.as.text)
		return fail(rows, FAILURE_MEMORY);
	end_cell(rows, cell);
	return EXTMGR_OK;
}

extmgr_result extmgr_rows_append_bytes(extmgr_rows *rows, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	struct stored_cell cell = {.type = EXTMGR_VALUE_TEXT};
	const unsigned char *from = bytes;
	extmgr_result result;
	char *hex;

	/* A length that overflows is above every limit. */
	if (extmgr__size_mul(length, 2, &cell.length))
		cell.length = SIZE_MAX;
	result = begin_cell(rows, cell.length);
	if (result != EXTMGR_OK)
		return result;
	if (!bytes && length)
		return fail(rows, FAILURE_NULL);
	hex = take_text(rows, cell.length);
	if (!hex)
		return fail(rows, FAILURE_MEMORY);
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[from[i] >> 4];
		hex[2 * i + 1] = digits[from[i] & 0xf];
	}
	cell.as.text = hex;
	end_cell(rows, cell);
	return EXTMGR_OK;
}

size_t extmgr__rows_column_count(const extmgr_rows *rows)
{
	return rows->column_count;
}

const char *extmgr__rows_column_name(const extmgr_rows *rows, size_t column)
{
	return column < rows->column_count ? rows->columns[column].name : NULL;
}

const char *extmgr__rows_column_type(const extmgr_rows *rows, size_t column)
{
	return column < rows->column_count ? rows->columns[column].type_name : NULL;
}

size_t extmgr__rows_count(const extmgr_rows *rows)
{
	return rows->row_count;
}

struct extmgr__cell extmgr__rows_cell(const extmgr_rows *rows, size_t row, size_t column)
{
	struct extmgr__cell cell = {.type = EXTMGR_VALUE_NULL};
	const struct stored_cell *stored;

	if (row >= rows->row_count || column >= rows->column_count)
		return cell;
	stored = &rows->cells[row * rows->column_count + column];
	cell.type = stored->type;
	cell.length = stored->length;
	switch (stored->type) {
	case EXTMGR_VALUE_BOOLEAN:
	case EXTMGR_VALUE_INTEGER:
		cell.integer = stored->as.integer;
		break;
	case EXTMGR_VALUE_NUMBER:
		cell.number = stored->as.number;
		break;
	case EXTMGR_VALUE_TEXT:
		cell.text = stored->as.text;
		break;
	default:
		break;
	}
	return cell;
}

extmgr_rows *extmgr__rows_share(extmgr_rows *rows)
{
	rows->shares++;
	return rows;
}

static struct extmgr__cell cell_or_null(const extmgr_rows *rows, size_t row, size_t column)
{
	const struct extmgr__cell none = {.type = EXTMGR_VALUE_NULL};

	if (!rows || row >= extmgr__rows_count(rows) || column >= extmgr__rows_column_count(rows))
		return none;
	return extmgr__rows_cell(rows, row, column);
}

int64_t extmgr__rows_integer(const extmgr_rows *rows, size_t row, size_t column)
{
	struct extmgr__cell cell = cell_or_null(rows, row, column);

	switch (cell.type) {
	case EXTMGR_VALUE_INTEGER:
	case EXTMGR_VALUE_BOOLEAN:
		return cell.integer;
	case EXTMGR_VALUE_NUMBER:
		return cell.number > -1e18 && cell.number < 1e18 ? (int64_t)cell.number : 0;
	case EXTMGR_VALUE_TEXT:
		return strtoll(cell.text, NULL, 10);
	default:
		return 0;
	}
}

const char *extmgr__rows_text(const extmgr_rows *rows, size_t row, size_t column)
{
	struct extmgr__cell cell = cell_or_null(rows, row, column);

	return cell.type == EXTMGR_VALUE_TEXT ? cell.text : NULL;
}

extmgr_result extmgr__rows_failure(const extmgr_rows *rows)
{
	return failure_code(rows->failure);
}

static const char *failure_text(enum failure failure)
{
	switch (failure) {
	case FAILURE_COLUMN_LATE:
		return "a column came after the first value";
	case FAILURE_COLUMN_NAME:
		return "the name of a column or type is not UTF-8";
	case FAILURE_NO_COLUMNS:
		return "a value came before the first column";
	case FAILURE_UTF8:
		return "a text is not UTF-8";
	default:
		return "a name, text or bytes are NULL";
	}
}

extmgr_result extmgr__rows_finish(const extmgr_rows *rows, extmgr_error **error)
{
	extmgr_result code = failure_code(rows->failure);

	switch (rows->failure) {
	case FAILURE_NONE:
		if (!rows->row_filled)
			return EXTMGR_OK;
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "result of a query: the last row has %zu of %zu values",
					 rows->row_filled, rows->column_count);
	case FAILURE_MEMORY:
		return extmgr__error_no_memory(error);
	case FAILURE_ROWS:
		return extmgr__error_set(error, code,
					 "result of a query: more than %" PRIu64 " rows",
					 rows->maximum_rows);
	case FAILURE_BYTES:
		return extmgr__error_set(error, code,
					 "result of a query: more than %" PRIu64 " bytes",
					 rows->maximum_bytes);
	case FAILURE_COLUMNS:
		return extmgr__error_set(error, code, "result of a query: more than %d columns",
					 COLUMNS_MAXIMUM);
	default:
		return extmgr__error_set(error, code, "result of a query: %s",
					 failure_text(rows->failure));
	}
}
