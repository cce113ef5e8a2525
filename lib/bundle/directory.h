/* SPDX-License-Identifier: MIT */
/* Development directories: what lies below dist/ is what a bundle holds. */
#ifndef EXTMGR_BUNDLE_DIRECTORY_H
#define EXTMGR_BUNDLE_DIRECTORY_H

#include "bundle/content.h"

/* Reads all files below dist/ of an open directory. bundle: its path. Unref the content. */
extmgr_result extmgr__bundle_directory_read(extmgr_context *context, int directory,
					    const char *bundle,
					    struct extmgr__content **content_out,
					    extmgr_error **error);

/* The names in an open directory, sorted by their bytes, without "." and "..". */
struct extmgr__names {
	char **items;
	size_t count;
};

/* Free in any case. EXTMGR_E_IO, EXTMGR_E_TOO_LARGE (more than maximum), EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__names_read(int directory, size_t maximum, struct extmgr__names *names,
				 extmgr_error **error);
void extmgr__names_free(struct extmgr__names *names);

#endif
