/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "errors.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2
/* Narrower last columns are not wrapped: one word a line helps nobody. */
#define NARROWEST 16

struct table_cell {
	char *owned; /* NULL for titles */
	const char *text;
	enum style style;
};

void table_add(struct table *table, const char *text, enum style style)
{
	char *safe = text_safe(text, TEXT_ONE_LINE);

	if (table->count == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->cells =
			checked(reallocarray(table->cells, table->capacity, sizeof(*table->cells)));
	}
	table->cells[table->count++] =
		(struct table_cell){.owned = safe, .text = safe, .style = style};
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].owned);
	free(table->cells);
	table->cells = NULL;
	table->count = table->capacity = 0;
}

static void measure(const struct table *table, size_t *widths)
{
	for (size_t column = 0; column < table->columns; column++)
		widths[column] = text_width(table->titles[column]);
	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_width(table->cells[i].text);

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

static void print_padding(size_t count)
{
	output("%*s", (int)count, "");
}

/* Bytes of text that fit into width, ended at a blank where there is one. */
static size_t fitting_bytes(const char *text, size_t width)
{
	size_t points = 0;
	size_t blank = 0;
	size_t at = 0;

	for (; text[at]; at++) {
		if (((unsigned char)text[at] & 0xc0) == 0x80)
			continue;
		if (points == width)
			break;
		if (text[at] == ' ')
			blank = at;
		points++;
	}
	if (!text[at] || text[at] == ' ' || !blank)
		return at;
	return blank;
}

static void print_wrapped(const char *text, size_t indent, size_t width)
{
	for (;;) {
		size_t bytes = fitting_bytes(text, width);

		output("%.*s", (int)bytes, text);
		text += bytes;
		text += strspn(text, " ");
		if (!*text)
			return;
		output("\n");
		print_padding(indent);
	}
}

static void print_last(const struct table_cell *cell, size_t indent)
{
	size_t width = output_get_width();

	output("%s", output_style_begin(cell->style));
	if (width < indent + NARROWEST)
		output("%s", cell->text);
	else
		print_wrapped(cell->text, indent, width - indent);
	output("%s\n", output_style_end(cell->style));
}

static void print_row(const struct table *table, const struct table_cell *cells,
		      const size_t *widths)
{
	size_t indent = 0;
	size_t last = table->columns - 1;

	for (size_t column = 0; column < last; column++) {
		const struct table_cell *cell = &cells[column];

		output("%s%s%s", output_style_begin(cell->style), cell->text,
		       output_style_end(cell->style));
		print_padding(widths[column] - text_width(cell->text) + GAP);
		indent += widths[column] + GAP;
	}
	print_last(&cells[last], indent);
}

void table_print(const struct table *table)
{
	struct table_cell titles[TABLE_COLUMNS] = {0};
	size_t widths[TABLE_COLUMNS];

	measure(table, widths);
	for (size_t column = 0; column < table->columns; column++)
		titles[column].text = table->titles[column];
	print_row(table, titles, widths);
	for (size_t i = 0; i < table->count; i += table->columns)
		print_row(table, &table->cells[i], widths);
}
