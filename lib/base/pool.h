/* SPDX-License-Identifier: MIT */
/*
 * Work on many things by several threads, finished in their order by the caller's: what talks to
 * the host's database stays on one thread, and the order of results is that of the things.
 */
#ifndef EXTMGR_BASE_POOL_H
#define EXTMGR_BASE_POOL_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* More are not asked for by anybody. */
#define EXTMGR__POOL_MAXIMUM_THREADS 64

struct extmgr__pool {
	uint32_t threads; /* 0 and 1: everything on the caller's thread */
	size_t count;
	void *user_data;
	/* On any thread; for each thing once, unless finish failed before. */
	void (*work)(void *user_data, size_t index);
	/* On the caller's thread, in order, each after its work; a failure ends everything. */
	extmgr_result (*finish)(void *user_data, size_t index, extmgr_error **error);
};

/* One for each processor, at most 8. */
uint32_t extmgr__pool_default_threads(void);

/* Answers what finish answered, or EXTMGR_E_NO_MEMORY. No more than two things a thread are
 * worked on and not yet finished. */
extmgr_result extmgr__pool_run(const struct extmgr__pool *pool, extmgr_error **error);

#endif
