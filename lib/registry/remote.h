/* SPDX-License-Identifier: MIT */
/* A definition on the web, without an index, with what lies beside it: checksum, signature. */
#ifndef EXTMGR_REGISTRY_REMOTE_H
#define EXTMGR_REGISTRY_REMOTE_H

#include "host/context.h"
#include "registry/source.h"

/*
 * Fetches it with all checks; url: checked. source is set as far as it is known; free its text.
 * EXTMGR_E_HTTP_STATUS, EXTMGR_E_CHECKSUM, EXTMGR_E_SIGNATURE_..., EXTMGR_E_FORMAT (not UTF-8) and
 * those of extmgr__http_get().
 */
extmgr_result extmgr__remote_read(extmgr_context *context, extmgr_operation *operation,
				  const char *url, const char *id, struct extmgr__source *source,
				  extmgr_error **error);

#endif
