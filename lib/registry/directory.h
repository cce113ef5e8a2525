/* SPDX-License-Identifier: MIT */
/*
 * A directory of definitions, one `.js` file each. Subdirectories are not looked into. Opened for
 * each call that reads: a deployment may replace the directory as a whole, and one call sees one
 * state.
 */
#ifndef EXTMGR_REGISTRY_DIRECTORY_H
#define EXTMGR_REGISTRY_DIRECTORY_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

struct extmgr__directory;

/* EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_REGISTRY_UNREADABLE. */
extmgr_result extmgr__directory_open(const char *path, struct extmgr__directory **directory_out,
				     extmgr_error **error);
/* May be NULL. */
void extmgr__directory_close(struct extmgr__directory *directory);

/*
 * The ids in no order; the array and its texts are the caller's. What no definition has beside
 * itself now is not looked for by extmgr__directory_read_beside(). EXTMGR_E_REGISTRY_UNREADABLE,
 * EXTMGR_E_TOO_LARGE.
 */
extmgr_result extmgr__directory_list(struct extmgr__directory *directory, char ***ids_out,
				     size_t *count_out, extmgr_error **error);

/* Reads "<id>.js". EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_REGISTRY_..., EXTMGR_E_SOURCE_TOO_LARGE.
 */
extmgr_result extmgr__directory_read(const struct extmgr__directory *directory, const char *id,
				     size_t maximum, struct extmgr__buffer *content,
				     extmgr_error **error);

/*
 * Reads "<id>.js<suffix>", which may be missing: *found says so. The caller frees content in any
 * case. EXTMGR_E_REGISTRY_UNREADABLE, also when it is larger than maximum.
 */
extmgr_result extmgr__directory_read_beside(const struct extmgr__directory *directory,
					    const char *id, const char *suffix, size_t maximum,
					    struct extmgr__buffer *content, bool *found,
					    extmgr_error **error);

#endif
