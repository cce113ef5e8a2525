/* SPDX-License-Identifier: MIT */
#include "failing_malloc.h"

#include <stddef.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static unsigned long fail_from;
static unsigned long count;
static bool fired;

void failing_malloc_from(unsigned long n)
{
	fail_from = n;
	count = 0;
	fired = false;
}

bool failing_malloc_fired(void)
{
	return fired;
}

unsigned long failing_malloc_count(void)
{
	return count;
}

unsigned long failing_malloc_stride(unsigned long allocations, unsigned long runs)
{
	const char *scale = getenv("EXTMGR_TEST_SCALE");
	unsigned long wanted = runs * (scale ? strtoul(scale, NULL, 10) : 1);

	if (getenv("EXTMGR_TEST_VALGRIND"))
		wanted /= 4;
	return wanted && allocations > wanted ? allocations / wanted : 1;
}

static bool fails(void)
{
	count++;
	if (!fail_from || count < fail_from)
		return false;
	fired = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
	return fails() ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails() ? NULL : __real_realloc(block, size);
}
