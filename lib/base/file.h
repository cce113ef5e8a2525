/* SPDX-License-Identifier: MIT */
/* Reading files of the local disk: opened once, no special files, read once into a capped buffer.
 */
#ifndef EXTMGR_BASE_FILE_H
#define EXTMGR_BASE_FILE_H

#include "base/error.h"
#include "base/text.h"

/*
 * Reads a regular file below an open directory. name is one path part; a symbolic link is followed
 * only when the file it leads to lies below the directory.
 * EXTMGR_E_NOT_FOUND, EXTMGR_E_TOO_LARGE, EXTMGR_E_IO (no regular file, no permission, read error).
 */
extmgr_result extmgr__file_read_at(int directory, const char *name, size_t maximum,
				   struct extmgr__buffer *content, extmgr_error **error);

#endif
