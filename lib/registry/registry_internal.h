/* SPDX-License-Identifier: MIT */
/* What the files of this layer share: a registry as a whole. */
#ifndef EXTMGR_REGISTRY_REGISTRY_INTERNAL_H
#define EXTMGR_REGISTRY_REGISTRY_INTERNAL_H

#include "registry/registry.h"

#include <stdbool.h>

/* Within a call that has begun its operation (may be NULL). */
extmgr_result extmgr__registry_list(extmgr_registry *registry, extmgr_operation *operation,
				    extmgr_registry_list **list_out, extmgr_error **error);
/* Reads an entry of a list, by the index that the list was made of. */
extmgr_result extmgr__registry_read_listed(extmgr_registry *registry, extmgr_operation *operation,
					   const extmgr_registry_list *list, size_t index,
					   struct extmgr__source *source, extmgr_error **error);
bool extmgr__registry_is_remote(const extmgr_registry *registry);
/* After reading: what was seen is remembered on the disk. */
void extmgr__registry_flush(extmgr_registry *registry);

#endif
