/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

char *extmgr__memdup(const void *bytes, size_t length)
{
	size_t total;
	char *copy;

	if ((!bytes && length) || extmgr__size_add(length, 1, &total))
		return NULL;
	copy = malloc(total);
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *extmgr__strdup(const char *text)
{
	return text ? extmgr__memdup(text, strlen(text)) : NULL;
}

void *extmgr__array_grow(void *array, size_t count, size_t *capacity, size_t element_size)
{
	size_t wanted;
	size_t bytes;
	void *grown;

	if (count < *capacity)
		return array;
	wanted = *capacity ? *capacity : 4;
	if (*capacity && extmgr__size_mul(*capacity, 2, &wanted))
		return NULL;
	if (extmgr__size_mul(wanted, element_size, &bytes))
		return NULL;
	grown = realloc(array, bytes);
	if (!grown)
		return NULL;
	*capacity = wanted;
	return grown;
}
