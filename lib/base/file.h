/* SPDX-License-Identifier: MIT */
/* Reading files of the local disk: opened once, no special files, read once into a capped buffer.
 */
#ifndef EXTMGR_BASE_FILE_H
#define EXTMGR_BASE_FILE_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Opens for reading what stands below an open directory, or at a path (directory: AT_FDCWD),
 * without waiting for anybody. A symbolic link at the end of the name is followed only when what it
 * leads to lies below the directory (or the folder of the path), and only when links is true.
 * EXTMGR_E_NOT_FOUND, EXTMGR_E_CONFLICT (a link that is not followed), EXTMGR_E_IO.
 */
extmgr_result extmgr__file_open_at(int directory, const char *name, bool links, int *file_out,
				   struct stat *status, extmgr_error **error);

/*
 * Reads an open file to its end. status: of the file when it was opened. name: for messages.
 * EXTMGR_E_TOO_LARGE, EXTMGR_E_CONFLICT (it changed meanwhile), EXTMGR_E_IO (no regular file, read
 * error), EXTMGR_E_NO_MEMORY; the content is then empty.
 */
extmgr_result extmgr__file_read(int file, const struct stat *status, const char *name,
				size_t maximum, struct extmgr__buffer *content,
				extmgr_error **error);

/* Opens, following links, reads and closes. */
extmgr_result extmgr__file_read_at(int directory, const char *name, size_t maximum,
				   struct extmgr__buffer *content, extmgr_error **error);

#endif
