/* SPDX-License-Identifier: MIT */
/* What the files of this layer share: a registry as a whole. */
#ifndef EXTMGR_REGISTRY_REGISTRY_INTERNAL_H
#define EXTMGR_REGISTRY_REGISTRY_INTERNAL_H

#include "registry/catalog.h"
#include "registry/directory.h"
#include "registry/registry.h"
#include "registry/web.h"

#include <stdbool.h>

/* What is in a list. */
enum extmgr__list_scope {
	EXTMGR__LIST_PUBLIC, /* what can be installed */
	EXTMGR__LIST_ALL,    /* what is withdrawn, too; what needs a session is read ahead */
	EXTMGR__LIST_CHECK /* the same, and what is superseded; read anew, as extmgr__web_check() */
};
struct extmgr_registry_list {
	const char *kind;
	enum extmgr__list_scope scope;
	char *location;
	char **ids;
	size_t count;
	struct extmgr__snapshot *snapshot;   /* NULL: of a directory or the catalog */
	struct extmgr__directory *directory; /* NULL: one of the others, or a list of ids alone */
	struct extmgr__carried_list carried; /* read ahead from the catalog; by ids; else empty */
};

/* Within a call that has begun its operation (may be NULL). id NULL: all; else that one alone,
 * whether it is there or not. */
extmgr_result extmgr__registry_list(extmgr_registry *registry, extmgr_operation *operation,
				    enum extmgr__list_scope scope, const char *id,
				    extmgr_registry_list **list_out, extmgr_error **error);
/* Reads an entry of a list, by the index that the list was made of; each once. */
extmgr_result extmgr__registry_read_listed(extmgr_registry *registry, extmgr_operation *operation,
					   const extmgr_registry_list *list, size_t index,
					   struct extmgr__source *source, extmgr_error **error);
/* Whether other threads than the caller's may fetch what comes next. */
bool extmgr__registry_reads_ahead(const extmgr_registry *registry);
extmgr_context *extmgr__registry_context(const extmgr_registry *registry);
/* NULL: a directory or the catalog. */
struct extmgr__web *extmgr__registry_web(const extmgr_registry *registry);
/* The index that a list of the web was made of, else NULL. */
struct extmgr__snapshot *extmgr__registry_list_snapshot(const extmgr_registry_list *list);
/* The version that the index gives an entry of a list; NULL: none. */
const char *extmgr__registry_list_version(const extmgr_registry_list *list, size_t index);
/* After reading: what was seen is remembered on the disk. */
void extmgr__registry_flush(extmgr_registry *registry);

#endif
