/* SPDX-License-Identifier: MIT */
/* The files of a BucketFS, listed by a script inside the database (EX 5). */
#ifndef EXTMGR_MANAGER_BUCKETFS_H
#define EXTMGR_MANAGER_BUCKETFS_H

#include "host/database.h"
#include "host/files.h"

/*
 * Lists the regular files below a path in the session's transaction: the schema and the script that
 * this takes are dropped again in it. After a failure they may be there: the caller rolls back.
 * Free with extmgr__file_list_free().
 */
extmgr_result extmgr__bucketfs_list(struct extmgr__session *session, const char *path,
				    extmgr_file_list **files_out, extmgr_error **error);
/*
 * The SHA-256 of a file, computed by a script in the database. The same holds for what it makes.
 */
extmgr_result extmgr__bucketfs_hash(struct extmgr__session *session,
				    const struct extmgr__file *file,
				    char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error);

#endif
