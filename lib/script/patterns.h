/* SPDX-License-Identifier: MIT */
/* JavaScript regular expressions, numbered, in a heap of their own that no script can change. */
#ifndef EXTMGR_SCRIPT_PATTERNS_H
#define EXTMGR_SCRIPT_PATTERNS_H

#include "base/error.h"
#include "host/context.h"

struct extmgr__patterns;

extmgr_result extmgr__patterns_new(extmgr_context *context, struct extmgr__patterns **patterns_out,
				   extmgr_error **error);
void extmgr__patterns_free(struct extmgr__patterns *patterns); /* may be NULL */

/* Adds the next one. EXTMGR_E_FORMAT: it is no regular expression. */
extmgr_result extmgr__patterns_add(struct extmgr__patterns *patterns, const char *pattern,
				   extmgr_error **error);
/*
 * The lowest number of those that match anywhere in the text (valid UTF-8), or how many
 * there are. Under the script deadline; after a limit it fails for good.
 */
extmgr_result extmgr__patterns_find(struct extmgr__patterns *patterns, extmgr_operation *operation,
				    const char *text, size_t length, size_t *number_out,
				    extmgr_error **error);

#endif
