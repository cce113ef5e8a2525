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
/* The id as the registry lists it, a new string; NULL when memory is out. */
char *extmgr__registry_id(const extmgr_registry *registry, const char *id);
/* The path of a directory; NULL: it is none. */
const char *extmgr__registry_get_path(const extmgr_registry *registry);
/* Where it is, without secrets. */
const char *extmgr__registry_get_location(const extmgr_registry *registry);
/* Whether what it hands out came over https. */
bool extmgr__registry_is_https(const extmgr_registry *registry);
/* What to tell those who want more of a withdrawn extension than looking at it. */
extmgr_result extmgr__registry_refuse_withdrawn(const char *id, const char *withdrawn,
						extmgr_error **error);
/*
 * As extmgr_registry_read(), but withdrawn ones are read, too; within a call that has begun its
 * operation (may be NULL). source is set as far as it is known, also after a failure; free its
 * text.
 */
extmgr_result extmgr__registry_read(extmgr_registry *registry, extmgr_operation *operation,
				    const char *id, struct extmgr__source *source,
				    extmgr_error **error);

#endif
