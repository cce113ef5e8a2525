/* SPDX-License-Identifier: MIT */
/*
 * The cache directory of a context, shared by processes. It is used only while it belongs to the
 * effective user with mode 0700; it is made when it is missing (its parent is not).
 *
 * An entry is named by a kind (a word, such as "index") and a key (any text). The version of the
 * library is part of the key, so that no version reads what another one wrote. An entry carries its
 * name and the SHA-256 of its content: what is cut, changed or renamed is as if it were not there.
 * Entries appear whole or not at all. Everything in the directory may be deleted at any time.
 */
#ifndef EXTMGR_HOST_CACHE_DIRECTORY_H
#define EXTMGR_HOST_CACHE_DIRECTORY_H

#include "base/error.h"
#include "base/text.h"

/*
 * The kind of entries that are no copies of anything, but what is known about something. They are
 * read by every version of the library, and survive a loss of power once they are written.
 */
#define EXTMGR__CACHE_STATE "state"

/* Longest content of an entry. */
#define EXTMGR__CACHE_ENTRY_MAXIMUM ((size_t)64 << 20)

/*
 * Whether it can be used; also removes what killed writers left. EXTMGR_E_CACHE_UNSAFE: owner or
 * mode are wrong; EXTMGR_E_IO: it cannot be made or opened.
 */
extmgr_result extmgr__cache_directory_check(const char *path, extmgr_error **error);

/*
 * Reads an entry; the caller frees the buffer of a success. EXTMGR_E_NOT_FOUND when there is none,
 * or none that is whole; EXTMGR_E_CACHE_UNSAFE, EXTMGR_E_IO, EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__cache_directory_read(const char *path, const char *kind, const char *key,
					   struct extmgr__buffer *content, extmgr_error **error);

/*
 * Writes an entry in place of an older one.
 * EXTMGR_E_TOO_LARGE, EXTMGR_E_CACHE_UNSAFE, EXTMGR_E_IO, EXTMGR_E_NO_MEMORY.
 */
extmgr_result extmgr__cache_directory_write(const char *path, const char *kind, const char *key,
					    const char *bytes, size_t length, extmgr_error **error);

/*
 * Holds the directory against other processes and threads that hold it, for reading an entry and
 * writing it anew; *lock_out is given to unlock. Waits at most two seconds: EXTMGR_E_LOCKED. The
 * end of the process releases it.
 */
extmgr_result extmgr__cache_directory_lock(const char *path, int *lock_out, extmgr_error **error);
void extmgr__cache_directory_unlock(int lock);

#endif
