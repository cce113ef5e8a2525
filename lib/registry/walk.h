/* SPDX-License-Identifier: MIT */
/*
 * All definitions of a registry, one after the other. Over HTTP a few threads fetch ahead of the
 * reader, never more than a window, so that memory stays bounded.
 */
#ifndef EXTMGR_REGISTRY_WALK_H
#define EXTMGR_REGISTRY_WALK_H

#include "registry/check.h"
#include "registry/registry.h"

struct extmgr__walk;

/*
 * Between begin and end of the operation, which may be NULL, and before a session of the target is
 * opened: an operation has one session at a time, and the catalog needs one to be read. id NULL:
 * all; else that one alone, whether it is there or not.
 */
extmgr_result extmgr__walk_open(extmgr_registry *registry, extmgr_operation *operation,
				const char *id, struct extmgr__walk **walk_out,
				extmgr_error **error);
/* To check a registry: what is superseded, too, and everything is read anew. */
extmgr_result extmgr__walk_open_check(extmgr_registry *registry, extmgr_operation *operation,
				      struct extmgr__walk **walk_out, extmgr_error **error);
size_t extmgr__walk_count(const struct extmgr__walk *walk);
/* The id of an entry, by the bytes of the ids. */
const char *extmgr__walk_id(const struct extmgr__walk *walk, size_t index);
/* The version that an index gives it; NULL: none. */
const char *extmgr__walk_version(const struct extmgr__walk *walk, size_t index);
/* Reads an entry; each once, in order. As extmgr__registry_read(). */
extmgr_result extmgr__walk_read(struct extmgr__walk *walk, size_t index,
				struct extmgr__source *source, extmgr_error **error);
/* What the place has beside definitions, as extmgr__check_place(). */
extmgr_result extmgr__walk_check_place(const struct extmgr__walk *walk, extmgr__finding_fn found,
				       void *user_data, extmgr_error **error);
/* May be NULL; entries that nobody read are given up. */
void extmgr__walk_close(struct extmgr__walk *walk);

#endif
