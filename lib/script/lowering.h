/* SPDX-License-Identifier: MIT */
/*
 * Lowering: JavaScript newer than ES5 becomes ES5 with the same meaning, or is refused. It runs in
 * a heap of its own, with limits of its own; results are kept by the digest of the source.
 */
#ifndef EXTMGR_SCRIPT_LOWERING_H
#define EXTMGR_SCRIPT_LOWERING_H

#include "base/error.h"
#include "base/hash.h"
#include "host/context.h"

#include <stdbool.h>

/* Of a source that is lowered, in bytes. */
#define EXTMGR__LOWERING_SOURCE_MAXIMUM ((size_t)256 << 10)

/* Why a source is not lowered: what the error is made of, but for the name of the definition. */
struct extmgr__lowering_refusal {
	extmgr_result result; /* EXTMGR_OK: it is not refused */
	extmgr_result cause;  /* of EXTMGR_E_LOWERING_LIMIT */
	int line;
	int column;
	char *text;   /* construct, or message */
	char *remedy; /* NULL: none of its own */
};

/* Shared by threads, never changed, reference-counted. */
struct extmgr__lowered {
	char *code; /* NULL: the source is ES5 and runs as it is, or is refused */
	size_t length;
	uint32_t *lines; /* of the source, from 1, for each line of code */
	size_t line_count;
	struct extmgr__lowering_refusal refusal;
};

/* Whether this build lowers. */
bool extmgr__lowering_is_there(void);

/*
 * The lowered form of a source whose SHA-256 is digest, from the caches or made.
 * EXTMGR_E_SCRIPT_NEWER_SYNTAX (with a hint) for what cannot be lowered, EXTMGR_E_SCRIPT_SYNTAX for
 * what is no JavaScript, EXTMGR_E_LOWERING_LIMIT (too long, or too much for the limits), and what
 * extmgr__heap_run() answers for operation.
 */
extmgr_result extmgr__lowering_get(extmgr_context *context, extmgr_operation *operation,
				   const char *id, const char *source, size_t length,
				   const char *digest, struct extmgr__lowered **lowered_out,
				   extmgr_error **error);
void extmgr__lowered_unref(struct extmgr__lowered *lowered); /* may be NULL */

#endif
