/* SPDX-License-Identifier: MIT */
#include "script/heap_stack.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* What native code below the last check may use: Duktape's own frames, and host callbacks. */
#define RESERVE ((size_t)96 << 10)

/* Asked for once a thread: pthread_getattr_np() reads /proc for the main thread. */
struct bounds {
	bool known;
	uintptr_t lowest;
	uintptr_t highest;
};

static _Thread_local struct bounds bounds;

static void find_bounds(void)
{
	pthread_attr_t attributes;
	void *base = NULL;
	size_t size = 0;
	size_t guard = 0;

	bounds = (struct bounds){.known = true};
	if (pthread_getattr_np(pthread_self(), &attributes) != 0)
		return;
	if (pthread_attr_getstack(&attributes, &base, &size) == 0 &&
	    pthread_attr_getguardsize(&attributes, &guard) == 0 && size > guard) {
		bounds.lowest = (uintptr_t)base + guard;
		bounds.highest = (uintptr_t)base + size;
	}
	(void)pthread_attr_destroy(&attributes);
}

/*
 * The address of a frame. Not inlined and not the address of a local: AddressSanitizer may keep
 * locals elsewhere.
 */
static __attribute__((noinline)) uintptr_t stack_position(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

/* On a stack that is not the thread's own (a coroutine's) nothing is known: depth limits remain. */
static bool has_left(size_t bytes)
{
	uintptr_t here = stack_position();

	if (!bounds.known)
		find_bounds();
	if (here < bounds.lowest || here >= bounds.highest)
		return true;
	return here - bounds.lowest >= bytes;
}

bool extmgr__stack_suffices(void)
{
	return has_left(EXTMGR__STACK_MINIMUM);
}

bool extmgr__stack_is_low(void)
{
	return !has_left(RESERVE);
}
