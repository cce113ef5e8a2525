/* SPDX-License-Identifier: MIT */
/* What the options say about fetching, caching and trust, brought to the library. */
#ifndef CLI_TRUST_H
#define CLI_TRUST_H

#include "options.h"

#include <extmgr/extmgr.h>

/* The cache directory: the given one, else that of the user; made, with what is above it. NULL:
 * none. Caller frees. */
char *trust_cache_directory(const struct options *options);
/* Answers an exit code; the failure is printed. */
int trust_open_http(const struct options *options, extmgr_http **http_out);
/* Gives the context the keys and the policy. Answers an exit code; the failure is printed. */
int trust_apply(const struct options *options, extmgr_context *context);
/* Opens a registry as the options say. */
extmgr_result trust_open_registry(const struct options *options, extmgr_context *context,
				  extmgr_registry **registry_out, extmgr_error **error);

#endif
