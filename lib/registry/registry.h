/* SPDX-License-Identifier: MIT */
/* Registries as the manager sees them. The public functions of registry.h do the rest. */
#ifndef EXTMGR_REGISTRY_REGISTRY_H
#define EXTMGR_REGISTRY_REGISTRY_H

#include "base/error.h"
#include "registry/names.h"
#include "registry/source.h"

#include <extmgr/registry.h>

extmgr_registry *extmgr__registry_ref(extmgr_registry *registry);
void extmgr__registry_unref(extmgr_registry *registry);
/*
 * As extmgr_registry_read(), within a call that has begun its operation (may be NULL). source is
 * set as far as it is known, also after a failure; free its text.
 */
extmgr_result extmgr__registry_read(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, struct extmgr__source *source,
				    extmgr_error **error);

#endif
