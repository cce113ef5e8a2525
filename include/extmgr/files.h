/* SPDX-License-Identifier: MIT */
/**
 * @file files.h
 * The file store of a host: where the artifacts lie that extensions need beside their definition.
 */
#ifndef EXTMGR_FILES_H
#define EXTMGR_FILES_H

#include <extmgr/database.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A file store: callbacks and what they need. Shared by threads; see extmgr_files_new(). */
typedef struct extmgr_files extmgr_files;
/** Where a list callback puts the files; borrowed for the callback. */
typedef struct extmgr_file_list extmgr_file_list;

/** Where a read callback puts the content of a file; borrowed for the callback. */
typedef struct extmgr_file_sink extmgr_file_sink;

/** The callbacks of a file store. Set by extmgr_files_callbacks_init(). */
typedef struct extmgr_files_callbacks {
	uint32_t struct_size; /**< set by extmgr_files_callbacks_init() */
	uint32_t flags;       /**< 0; unknown bits are refused */
	/** Names all files with extmgr_file_list_append(), in any order; called at most once in an
	 *  operation, once more in one that downloads artifacts. Answers EXTMGR_OK or a code of
	 *  error.h with extmgr_host_error_set(). */
	extmgr_result (*list)(void *user_data, extmgr_operation *operation, extmgr_file_list *files,
			      extmgr_host_error *error);
	/** Optional: called once when the last user of the store is gone. */
	void (*destroy)(void *user_data);
	/** Optional: hands over the content of a file that list() named, from its beginning to its
	 *  end, in pieces of any size, with extmgr_file_sink_append(). Called only for files whose
	 *  definition gives their SHA-256; without it these cannot be used. Answers EXTMGR_OK, what
	 *  the append answered, or another code of error.h with extmgr_host_error_set(). */
	extmgr_result (*read)(void *user_data, extmgr_operation *operation, const char *path,
			      extmgr_file_sink *sink, extmgr_host_error *error);
	/** Optional, with write() and finish() or without any of them: a store that can be written,
	 *  for artifacts by download (EXTMGR_TARGET_ALLOW_DOWNLOAD). Begins a file that list() does
	 *  not name before finish() commits it. name: one part of a path, UTF-8, without control
	 *  characters, at most 255 bytes. file_out: what the other two are called with. Answers as
	 *  list(). */
	extmgr_result (*create)(void *user_data, extmgr_operation *operation, const char *name,
				void **file_out, extmgr_host_error *error);
	/** Adds bytes to a file. Answers as list(). */
	extmgr_result (*write)(void *user_data, void *file, const void *bytes, size_t length,
			       extmgr_host_error *error);
	/** Called once for each file that create() began; file is gone afterwards, also after a
	 *  failure. commit 1: the file becomes visible under its name, whole and safe from a loss
	 *  of power, in place of one that is there; else, and after a failure, nothing of it is
	 *  left. Answers as list(). */
	extmgr_result (*finish)(void *user_data, void *file, uint32_t commit,
				extmgr_host_error *error);
} extmgr_files_callbacks;

/**
 * Fills callbacks with NULL and 0.
 *
 * @param callbacks    [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_files_callbacks) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_files_callbacks_init(extmgr_files_callbacks *callbacks,
					    uint32_t struct_size);

/**
 * Makes a file store from a host's callbacks.
 *
 * @param callbacks  copied; list is required; of create, write and finish all or none
 * @param user_data  handed to every callback; owned by the store (destroy) once the call succeeded
 * @param files_out  [out] free with extmgr_files_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; list may be called from several threads at once.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_files_new(const extmgr_files_callbacks *callbacks,
							    void *user_data,
							    extmgr_files **files_out,
							    extmgr_error **error_out);

/**
 * Adds a file to a list.
 *
 * @param files   the one that the callback was called with
 * @param path    absolute path as a definition shall see it, UTF-8, NUL-terminated, at most 4 096
 *                bytes; copied; its last part is the file's name
 * @param size    bytes
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORMAT (invalid UTF-8 or control
 *         characters: the file may be skipped), EXTMGR_E_TOO_LARGE (more than 100 000 files),
 *         EXTMGR_E_NO_MEMORY
 * Threads: within the callback only.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_file_list_append(extmgr_file_list *files,
								   const char *path, uint64_t size);

/**
 * Hands over the next piece of a file. Nothing of it is kept.
 *
 * @param sink    the one that the callback was called with
 * @param bytes   NULL only with length 0
 * @param length  bytes
 * @return EXTMGR_OK; EXTMGR_E_TOO_LARGE (more than the size that was listed),
 *         EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_NO_MEMORY, EXTMGR_E_INVALID_ARGUMENT: the
 *         callback then returns that code
 * Threads: within the callback only.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_file_sink_append(extmgr_file_sink *sink,
								   const void *bytes,
								   size_t length);

/**
 * Gives up a file store. Managers made with it keep what they need.
 *
 * @param files  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_files_free(extmgr_files *files);

#ifdef __cplusplus
}
#endif
#endif
