/* SPDX-License-Identifier: MIT */
/* Registries as the manager sees them. The public functions of registry.h do the rest. */
#ifndef EXTMGR_REGISTRY_REGISTRY_H
#define EXTMGR_REGISTRY_REGISTRY_H

#include "base/error.h"

#include <extmgr/registry.h>

extmgr_registry *extmgr__registry_ref(extmgr_registry *registry);
void extmgr__registry_unref(extmgr_registry *registry);
/* The id as it is listed (without ".js"), a new string; NULL when memory is out. */
char *extmgr__registry_canonical_id(const char *id);

#endif
