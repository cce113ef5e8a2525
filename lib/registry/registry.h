/* SPDX-License-Identifier: MIT */
/* Registries as the manager sees them. The public functions of registry.h do the rest. */
#ifndef EXTMGR_REGISTRY_REGISTRY_H
#define EXTMGR_REGISTRY_REGISTRY_H

#include "base/error.h"

#include <extmgr/context.h>
#include <extmgr/registry.h>

extmgr_registry *extmgr__registry_ref(extmgr_registry *registry);
void extmgr__registry_unref(extmgr_registry *registry);
/* The id as it is listed, a new string; NULL when memory is out. Ids of a directory may be given
 * with ".js". */
char *extmgr__registry_canonical_id(const extmgr_registry *registry, const char *id);

/*
 * Reads a definition for an operation (may be NULL, else it is running). withdrawn_out: what the
 * host has withdrawn is read as well, *withdrawn_out then says why, such as "is disabled", else
 * NULL; a NULL pointer: it is refused with EXTMGR_E_EXTENSION_WITHDRAWN.
 */
extmgr_result extmgr__registry_load(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, extmgr_text **source_out,
				    const char **withdrawn_out, extmgr_error **error);

/*
 * The entries, those that are withdrawn, too; id NULL: all, else that one alone, whether it is
 * there or not. Made before a session of the target is opened: an operation has one session at a
 * time, and the catalog needs one to be read.
 */
extmgr_result extmgr__registry_look(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, extmgr_registry_list **list_out,
				    extmgr_error **error);
/* Why an entry is withdrawn; NULL when it is not. */
const char *extmgr__registry_list_withdrawn(const extmgr_registry_list *list, size_t index);
/* The source of an entry, once. No session is needed any more. */
extmgr_result extmgr__registry_list_take_source(extmgr_registry *registry,
						extmgr_registry_list *list, size_t index,
						extmgr_text **source_out, extmgr_error **error);

#endif
