/* SPDX-License-Identifier: MIT */
/**
 * @file context.h
 * The context (limits, log, clock) and the operation (timeout, cancel, progress, actor).
 *
 * A context is made once per process and shared by all threads; it locks itself. It is bound to the
 * process that made it: after fork() the child makes its own (EXTMGR_E_FORKED otherwise). All calls
 * of the library block; docs/embedding.md shows threads, asyncio and goroutines.
 */
#ifndef EXTMGR_CONTEXT_H
#define EXTMGR_CONTEXT_H

#include <extmgr/http.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Levels of the log. @{ */
#define EXTMGR_LOG_ERROR   1
#define EXTMGR_LOG_WARNING 2
#define EXTMGR_LOG_INFO    3
#define EXTMGR_LOG_DEBUG   4
/** @} */

/**
 * Takes one line of the log.
 *
 * @param user_data  extmgr_context_options.user_data
 * @param level      EXTMGR_LOG_...
 * @param component  what speaks: "script", "manager", ...; for the console of a definition
 *                   "definition:<id>"; borrowed for the call
 * @param message    one line of UTF-8, NUL-terminated, free of secrets; borrowed for the call
 * @param length     bytes of message
 * Threads: called from the threads that use the context and from threads of the library, several
 * at once. It may call the library, as the callback of http.h may; what that logs comes here again.
 */
typedef void (*extmgr_log_fn)(void *user_data, int32_t level, const char *component,
			      const char *message, size_t length);

/** Nanoseconds of a clock that never goes back. Threads: called from any thread. */
typedef uint64_t (*extmgr_clock_fn)(void *user_data);

/**
 * Limits and callbacks of a context. Set by extmgr_context_options_init(); fields are only ever
 * appended. 0 or NULL in a field is its default.
 */
typedef struct extmgr_context_options {
	uint32_t struct_size;         /**< set by extmgr_context_options_init() */
	uint32_t flags;               /**< 0; unknown bits are refused */
	uint64_t script_timeout_ms;   /**< script time of one call into a definition; 10 000 */
	uint64_t script_memory_bytes; /**< cap of one script heap; 32 MiB; at least 1 MiB */
	uint64_t source_bytes;        /**< cap of one definition's source; 1 MiB */
	/** cap of all script heaps and the bytes of all bundles together; 512 MiB */
	uint64_t total_memory_bytes;
	uint64_t result_rows;  /**< cap of one query's rows; 100 000 */
	uint64_t result_bytes; /**< cap of one query's data; 16 MiB */
	extmgr_log_fn log;     /**< NULL: no log */
	extmgr_clock_fn clock; /**< NULL: CLOCK_MONOTONIC */
	void *user_data;       /**< handed to log, clock and destroy */
	/** called once when the last user of the context is gone */
	void (*destroy)(void *user_data);
	uint64_t bundle_bytes;       /**< cap of an archive; 256 MiB */
	uint64_t bundle_entry_bytes; /**< cap of one file in a bundle; 100 MiB */
	uint64_t bundle_total_bytes; /**< cap of all files of a bundle together; 1 GiB */
	uint64_t bundle_ratio;       /**< cap of unpacked bytes for each packed one; 200 */
	uint64_t bundle_entries;     /**< cap of files and folders in a bundle; 10 000 */
	uint64_t bundle_path_bytes;  /**< cap of a path inside a bundle; 1 024 */
	uint64_t manifest_bytes;     /**< cap of a bundle's manifest; 1 MiB */
	/** where to keep what was fetched and made, shared by processes: a directory that belongs
	 *  to the effective user with mode 0700, made when it is missing (its parent is not); a
	 *  directory that is open to others is not used, which is logged; copied; NULL: none */
	const char *cache_directory;
	/** how to fetch, for registries over HTTP; the context keeps what it needs; NULL: nothing
	 *  is fetched */
	extmgr_http *http;
	/** threads with which a call looks at many definitions that are new to the context, each
	 *  in a heap of its own; they end with the call; 0: one for each processor, at most 8; 1:
	 *  everything on the caller's thread; at most 64 */
	uint32_t max_parallel;
	uint32_t reserved; /**< 0 */
} extmgr_context_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_context_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_context_options_init(extmgr_context_options *options, uint32_t struct_size);

/**
 * Makes a context.
 *
 * @param options      NULL for the defaults; borrowed for the call; user_data is owned by the
 *                     context (destroy) once the call succeeded
 * @param context_out  [out] free with extmgr_context_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (unknown flags or fields, cap below its minimum),
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_context_new(const extmgr_context_options *options,
							      extmgr_context **context_out,
							      extmgr_error **error_out);

/**
 * Gives up a context. Handles made from it keep what they need, so the order of frees is free.
 *
 * @param context  may be NULL
 * Threads: any thread, once; no call may be using it.
 * @since 0.1
 */
EXTMGR_API void extmgr_context_free(extmgr_context *context);

/**
 * Takes progress.
 *
 * @param user_data  extmgr_operation_options.user_data
 * @param step       what is being done: "load", "begin", "call", "verify", "commit", ...; borrowed
 * @param done       units done
 * @param total      units in all; 0 when unknown
 * @return 0 to go on; anything else cancels the operation
 * Threads: one call at a time; may come from a worker thread.
 */
typedef int32_t (*extmgr_progress_fn)(void *user_data, const char *step, uint64_t done,
				      uint64_t total);

/** Options of an operation. Set by extmgr_operation_options_init(). */
typedef struct extmgr_operation_options {
	uint32_t struct_size; /**< set by extmgr_operation_options_init() */
	uint32_t flags;       /**< 0; unknown bits are refused */
	uint64_t timeout_ms;  /**< for the whole call, counted from its start; 0: none */
	/** who asks, for history and log: UTF-8 without control characters, at most 1 024 bytes;
	 *  copied; NULL: "" */
	const char *actor;
	extmgr_progress_fn progress;      /**< NULL: none */
	void *user_data;                  /**< handed to progress and destroy */
	void (*destroy)(void *user_data); /**< called once by extmgr_operation_free() */
} extmgr_operation_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_operation_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_operation_options_init(extmgr_operation_options *options,
					      uint32_t struct_size);

/**
 * Makes an operation: the handle through which a call can be cancelled from outside.
 * It serves one call at a time and may be used again for the next one, unless it was cancelled.
 *
 * @param options        NULL for the defaults; borrowed for the call
 * @param operation_out  [out] free with extmgr_operation_free(); NULL on failure
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_operation_new(const extmgr_operation_options *options, extmgr_operation **operation_out,
		     extmgr_error **error_out);

/**
 * Cancels the call that uses the operation, and every later one with it. A script stops at its next
 * check, a statement that hangs is interrupted; what was begun is rolled back. A COMMIT that was
 * sent is not interrupted. Not for signal handlers.
 *
 * @param operation  may be NULL
 * Threads: any thread, also from within a callback; not after extmgr_operation_free() began.
 * @since 0.1
 */
EXTMGR_API void extmgr_operation_cancel(extmgr_operation *operation);

/**
 * Whether an operation was cancelled.
 *
 * @param operation  may be NULL: then 0
 * @return 1 or 0
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_operation_is_cancelled(const extmgr_operation *operation);

/**
 * Milliseconds left until the deadline of the call that uses the operation: a host callback that
 * waits should not wait longer.
 *
 * @param operation  may be NULL: then UINT64_MAX
 * @return milliseconds; 0 when late or cancelled; UINT64_MAX without a deadline
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API uint64_t extmgr_operation_get_remaining_ms(const extmgr_operation *operation);

/**
 * Frees an operation.
 *
 * @param operation  may be NULL; no call may be using it
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_operation_free(extmgr_operation *operation);

#ifdef __cplusplus
}
#endif
#endif
