/* SPDX-License-Identifier: MIT */
/* The digests of Apache Superset (docs/bundles.md): MD5 over one JSON text. */
#ifndef EXTMGR_BUNDLE_SUPERSET_H
#define EXTMGR_BUNDLE_SUPERSET_H

#include "bundle/content.h"

/*
 * seed: the form of the first version, in which absent files are null, not {}.
 * EXTMGR_E_BUNDLE_MANIFEST_... , EXTMGR_E_UNSUPPORTED (no MD5 on this system),
 * EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__superset_digest(const struct extmgr__content *content, const char *bundle,
				      bool seed, char hex[EXTMGR__SHA256_HEX_SIZE],
				      extmgr_error **error);

#endif
