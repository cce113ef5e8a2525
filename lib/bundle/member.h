/* SPDX-License-Identifier: MIT */
/* Which paths may stand in a bundle, be it an archive or a directory. */
#ifndef EXTMGR_BUNDLE_MEMBER_H
#define EXTMGR_BUNDLE_MEMBER_H

#include "bundle/refuse.h"
#include "host/context.h"

/* Parts of a path: bounds the folders that are open at once while a directory is read. */
#define EXTMGR__PATH_MAXIMUM_PARTS 64

#define EXTMGR__MANIFEST_PATH "manifest.json"
#define EXTMGR__FRONTEND      "frontend/dist/"
#define EXTMGR__BACKEND       "backend/src/"

/* Checks the form of a path (of a folder: without '/' at its end). EXTMGR_E_BUNDLE_... */
extmgr_result extmgr__member_check_path(const struct extmgr__member_name *name, const char *bundle,
					const struct extmgr__limits *limits, extmgr_error **error);
/* Checks that a file belongs into a bundle. EXTMGR_E_BUNDLE_UNEXPECTED_MEMBER. */
extmgr_result extmgr__member_check_place(const struct extmgr__member_name *name, const char *bundle,
					 extmgr_error **error);
/* Checks a file's size. EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE, EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE. */
extmgr_result extmgr__member_check_size(const struct extmgr__member_name *name, uint64_t size,
					const char *bundle, const struct extmgr__limits *limits,
					extmgr_error **error);

#endif
