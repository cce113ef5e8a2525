/* SPDX-License-Identifier: MIT */
/* Artifacts that are fetched into the file store of the host. */
#ifndef EXTMGR_MANAGER_DOWNLOAD_H
#define EXTMGR_MANAGER_DOWNLOAD_H

#include "host/files.h"
#include "manager/manager_internal.h"
#include "script/definition.h"

/* One part of a path that no other file can be reached with. */
bool extmgr__is_file_name(const char *name);
/* Why nobody can download it, by what its definition says, such as "its definition gives no
 * downloadUrl"; NULL: it can be downloaded. */
const char *extmgr__artifact_refuse(const extmgr_manager *manager,
				    const struct extmgr__artifact *artifact);
/* Why nothing can be downloaded here; NULL: the host allows it, and has what it needs. */
const char *extmgr__downloads_refuse(const extmgr_manager *manager);

/*
 * Fetches it into the file store, where it is visible only when it is whole and has the SHA-256 of
 * its definition. Within a call that has begun its operation. EXTMGR_E_DOWNLOAD_REFUSED,
 * EXTMGR_E_ARTIFACT_CHECKSUM, EXTMGR_E_TOO_LARGE, EXTMGR_E_HTTP_STATUS, those of extmgr__http_get()
 * and of the file store.
 */
extmgr_result extmgr__artifact_download(const extmgr_manager *manager, extmgr_operation *operation,
					const struct extmgr__artifact *artifact,
					extmgr_error **error);

/* Before an installation: downloads what is missing, where the host allows it; what cannot be
 * downloaded stays missing. */
extmgr_result extmgr__artifacts_provide(const extmgr_manager *manager, extmgr_operation *operation,
					const struct extmgr__definition_info *info,
					extmgr_error **error);

#endif
