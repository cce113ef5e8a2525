/* SPDX-License-Identifier: MIT */
/* Checking what a registry has beside definitions: its index, and bundles. */
#ifndef EXTMGR_REGISTRY_CHECK_H
#define EXTMGR_REGISTRY_CHECK_H

#include "base/error.h"

#include <extmgr/registry.h>

/* One thing that was looked at. Everything is borrowed for the call. */
struct extmgr__finding {
	const char *kind; /* "index", "definition", "bundle", "artifact", "link" */
	const char *id;
	const char *version; /* NULL: unknown, as is the file */
	const char *file;    /* of an artifact or a link */
	int32_t signature;   /* EXTMGR_SIGNATURE_...; 0: unknown, or it has none of its own */
	extmgr_result result;
	const extmgr_error *error; /* of a failure */
};

typedef void (*extmgr__finding_fn)(void *user_data, const struct extmgr__finding *finding);

/*
 * On the web: the index, and each bundle that it names: its link, its digests, what it says of
 * itself and its signature. In a directory: each archive of a bundle, and when an index is there
 * what a web server would offer with it. What is wrong is a finding; a failure is what ends it all:
 * EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__check_place(extmgr_registry *registry, const extmgr_registry_list *list,
				  extmgr_operation *operation, extmgr__finding_fn found,
				  void *user_data, extmgr_error **error);

#endif
