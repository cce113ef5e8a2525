/* SPDX-License-Identifier: MIT */
/* Aligned columns. On a terminal the last column is wrapped at words to the width there is. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "output.h"

#include <stddef.h>

#define TABLE_COLUMNS 8

struct table {
	size_t columns;
	const char *titles[TABLE_COLUMNS];
	struct table_cell *cells; /* row by row */
	size_t count;
	size_t capacity;
};

/* Copies the text, made safe; a row ends by itself. */
void table_add(struct table *table, const char *text, enum style style);
void table_print(const struct table *table);
void table_free(struct table *table);

#endif
