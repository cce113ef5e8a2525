/* SPDX-License-Identifier: MIT */
/* File stores as the rest of the library sees them. */
#ifndef EXTMGR_HOST_FILES_H
#define EXTMGR_HOST_FILES_H

#include "base/error.h"
#include "base/hash.h"
#include "host/context.h"

#include <extmgr/files.h>

#include <stdbool.h>

struct extmgr__file {
	char *path;
	const char *name; /* last part of path */
	uint64_t size;
};

extmgr_files *extmgr__files_ref(extmgr_files *files); /* NULL stays NULL */
void extmgr__files_unref(extmgr_files *files);

/* One listing, sorted by path bytes. Free with extmgr__file_list_free(). files NULL: an empty list.
 */
extmgr_result extmgr__files_list(extmgr_files *files, extmgr_operation *operation,
				 extmgr_file_list **list_out, extmgr_error **error);
/*
 * The SHA-256 of a listed file, read in pieces. EXTMGR_E_UNSUPPORTED: the store cannot read,
 * EXTMGR_E_ARTIFACT_CHECKSUM: the file is longer than it was listed.
 */
extmgr_result extmgr__files_hash(extmgr_files *files, extmgr_operation *operation,
				 const struct extmgr__file *file, char hex[EXTMGR__SHA256_HEX_SIZE],
				 extmgr_error **error);
/*
 * A new file, named by one part of a path. Nobody sees it before finish() commits it; finish() must
 * follow, once, and frees it whatever comes of it.
 */
struct extmgr__new_file;
bool extmgr__files_are_writable(const extmgr_files *files); /* NULL: no */
extmgr_result extmgr__files_create(extmgr_files *files, extmgr_operation *operation,
				   const char *name, struct extmgr__new_file **file_out,
				   extmgr_error **error);
extmgr_result extmgr__files_write(struct extmgr__new_file *file, const void *bytes, size_t length,
				  extmgr_error **error);
extmgr_result extmgr__files_finish(struct extmgr__new_file *file, bool commit,
				   extmgr_error **error);
/* For stores of the library's own: an empty list (NULL when memory is out), filled with
 * extmgr_file_list_append(); then finish sorts it, or says why one of the appends failed. */
extmgr_file_list *extmgr__file_list_new(void);
extmgr_result extmgr__file_list_finish(extmgr_file_list *list, const char *what,
				       extmgr_error **error);
size_t extmgr__file_list_count(const extmgr_file_list *list);
const struct extmgr__file *extmgr__file_list_get(const extmgr_file_list *list, size_t index);
/* The file of that name with the lowest path; NULL when there is none. */
const struct extmgr__file *extmgr__file_list_find(const extmgr_file_list *list, const char *name);
void extmgr__file_list_free(extmgr_file_list *list);

#endif
