/* SPDX-License-Identifier: MIT */
/* The .sha256 files that publishers put beside a definition. */
#ifndef EXTMGR_REGISTRY_CHECKSUM_H
#define EXTMGR_REGISTRY_CHECKSUM_H

#include "base/error.h"
#include "base/text.h"

#define EXTMGR__CHECKSUM_SUFFIX  ".sha256"
#define EXTMGR__CHECKSUM_MAXIMUM 4096

/* EXTMGR_E_CHECKSUM unless both are equal. */
extmgr_result extmgr__checksum_compare(const char *kind, const char *id, const char *expected,
				       const char *found, extmgr_error **error);
/* The same with a file as sha256sum writes it, or with the digits alone; malformed:
 * EXTMGR_E_CHECKSUM. */
extmgr_result extmgr__checksum_check(const char *kind, const char *id,
				     const struct extmgr__buffer *file, const char *found,
				     extmgr_error **error);

#endif
