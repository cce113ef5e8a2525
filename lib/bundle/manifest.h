/* SPDX-License-Identifier: MIT */
/* manifest.json in all its generations: who a bundle is. */
#ifndef EXTMGR_BUNDLE_MANIFEST_H
#define EXTMGR_BUNDLE_MANIFEST_H

#include "bundle/content.h"

struct extmgr__manifest {
	char *id;
	char *version;
	char *name;           /* for people */
	bool lacks_publisher; /* the id has a '.' that nobody vouches for */
	char *definition;     /* path of a file of the bundle; NULL: none */
	char **warnings;
	size_t warning_count;
	size_t warning_capacity;
};

/*
 * Reads the manifest of a content and holds it against the files that are there. Free in any case.
 * EXTMGR_E_BUNDLE_MANIFEST_..., EXTMGR_E_BUNDLE_ID, EXTMGR_E_BUNDLE_VERSION,
 * EXTMGR_E_BUNDLE_DEFINITION, EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__manifest_read(const struct extmgr__content *content, const char *bundle,
				    struct extmgr__manifest *manifest, extmgr_error **error);
void extmgr__manifest_free(struct extmgr__manifest *manifest);

#endif
