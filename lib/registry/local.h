/* SPDX-License-Identifier: MIT */
/* Definitions of a directory with what lies beside them: checksum, signed listing, signature. */
#ifndef EXTMGR_REGISTRY_LOCAL_H
#define EXTMGR_REGISTRY_LOCAL_H

#include "host/context.h"
#include "registry/directory.h"
#include "registry/seen.h"
#include "registry/source.h"

/* Reads "<id>.js" with all checks; source is set as far as it is known. As
 * extmgr__directory_read(), and EXTMGR_E_CHECKSUM, EXTMGR_E_SIGNATURE_...,
 * EXTMGR_E_VERSION_ROLLBACK. */
extmgr_result extmgr__local_read(const struct extmgr__directory *directory, extmgr_context *context,
				 struct extmgr__seen *seen, const char *id,
				 struct extmgr__source *source, extmgr_error **error);

#endif
