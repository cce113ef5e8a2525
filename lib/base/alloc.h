/* SPDX-License-Identifier: MIT */
/* Memory: every size is checked for overflow before it is asked for. */
#ifndef EXTMGR_BASE_ALLOC_H
#define EXTMGR_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* True when a + b (a * b) does not fit; *sum (*product) is then undefined. */
static inline bool extmgr__size_add(size_t a, size_t b, size_t *sum)
{
	return __builtin_add_overflow(a, b, sum);
}

static inline bool extmgr__size_mul(size_t a, size_t b, size_t *product)
{
	return __builtin_mul_overflow(a, b, product);
}

/* Copies with a NUL behind; NULL when memory is out (or text is NULL). */
char *extmgr__strdup(const char *text);
char *extmgr__memdup(const void *bytes, size_t length);

/*
 * Makes room for one more element of an array that doubles.
 * Answers the array, perhaps moved, or NULL with the old array untouched.
 */
void *extmgr__array_grow(void *array, size_t count, size_t *capacity, size_t element_size);

#endif
