/* SPDX-License-Identifier: MIT */
/*
 * The highest serial of the index and version of each extension that were seen of a registry, so
 * that nobody can lead back to older ones. Kept in the cache directory when there is one, else as
 * long as the registry is open.
 */
#ifndef EXTMGR_REGISTRY_SEEN_H
#define EXTMGR_REGISTRY_SEEN_H

#include "host/context.h"

#include <stdbool.h>
#include <stdint.h>

struct extmgr__seen;

/* name: of the registry. allow_downgrade: what is lower is taken and remembered instead. NULL when
 * memory is out. */
struct extmgr__seen *extmgr__seen_new(extmgr_context *context, const char *name,
				      bool allow_downgrade);
void extmgr__seen_free(struct extmgr__seen *seen);

/* EXTMGR_E_INDEX_ROLLBACK when the serial (-1: none) is below the highest one. */
extmgr_result extmgr__seen_check_serial(struct extmgr__seen *seen, int64_t serial,
					extmgr_error **error);
/* EXTMGR_E_VERSION_ROLLBACK when the version (NULL: none) is below the highest one of the id. */
extmgr_result extmgr__seen_check_version(struct extmgr__seen *seen, const char *id,
					 const char *version, extmgr_error **error);
/* After every other check: remembers, in memory. Memory that is out is no failure. */
void extmgr__seen_note_serial(struct extmgr__seen *seen, int64_t serial);
void extmgr__seen_note_version(struct extmgr__seen *seen, const char *id, const char *version);
/* Writes what is new to the cache directory; what goes wrong is logged. */
void extmgr__seen_flush(struct extmgr__seen *seen);

#endif
