/* SPDX-License-Identifier: MIT */
/* The requests that run, so that another request can tell how far they are. */
#ifndef EXTMGR_REST_RUNNING_H
#define EXTMGR_REST_RUNNING_H

#include "base/hash.h"
#include "base/json.h"

#include <extmgr/types.h>

/* Steps that are told of; what comes behind takes the place of the last. */
#define EXTMGR__RUNNING_STEPS 32

struct extmgr__running_step {
	char name[32];
	uint64_t begin_ns;
	uint64_t done;
	uint64_t total;
};

struct extmgr__running_table;

/* Lives where the request is handled, from enter() to leave(). */
struct extmgr__running {
	struct extmgr__running_table *table; /* the following is filled by who enters */
	const extmgr_context *context;
	const char *request_id;
	const char *operation_id;
	char asker[EXTMGR__SHA256_HEX_SIZE]; /* who may hear of it */

	struct extmgr__running *previous;
	struct extmgr__running *next;
	uint64_t begin_ns;
	struct extmgr__running_step steps[EXTMGR__RUNNING_STEPS];
	size_t step_count;
};

/* NULL: no memory. */
struct extmgr__running_table *extmgr__running_table_new(void);
void extmgr__running_table_free(struct extmgr__running_table *table);

void extmgr__running_enter(struct extmgr__running *running);
void extmgr__running_leave(struct extmgr__running *running);
/* For extmgr__operation_observe(). */
void extmgr__running_step(void *running, const char *step, uint64_t done, uint64_t total);
/* The document extmgr.operation/1 of a request of that asker; false: none such runs. */
bool extmgr__running_write(struct extmgr__running_table *table, const extmgr_context *context,
			   const char *request_id, const char *asker,
			   struct extmgr__json_writer *writer);

#endif
