/* SPDX-License-Identifier: MIT */
/**
 * @file lock.h
 * A host's own lock around an extension, beside the lock of the catalog's row: for hosts whose
 * other programs take one already (Redis, advisory locks, Superset's key_value table).
 *
 * The lock of the row is enough for workers of this library. Both are held while a change of the
 * catalog is written, the host's lock from before the transaction until after it.
 */
#ifndef EXTMGR_LOCK_H
#define EXTMGR_LOCK_H

#include <extmgr/database.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The namespace of the locks around an extension. */
#define EXTMGR_LOCK_NAMESPACE "extension_upsert"

/** A host's lock: callbacks and what they need. Shared by threads; see extmgr_lock_new(). */
typedef struct extmgr_lock extmgr_lock;

/** The callbacks of a lock. Set by extmgr_lock_callbacks_init(). */
typedef struct extmgr_lock_callbacks {
	uint32_t struct_size; /**< set by extmgr_lock_callbacks_init() */
	uint32_t flags;       /**< 0; unknown bits are refused */
	/** Takes a lock. name_space is EXTMGR_LOCK_NAMESPACE, key "extension_name=<id>"; both are
	 *  borrowed for the call. Waits at most timeout_ms (0: not at all), and no longer than
	 *  extmgr_operation_get_remaining_ms(operation). Answers EXTMGR_OK and what release needs,
	 *  EXTMGR_E_LOCKED when somebody else has it, or another code as a database callback does.
	 */
	extmgr_result (*acquire)(void *user_data, extmgr_operation *operation,
				 const char *name_space, const char *key, uint64_t timeout_ms,
				 void **held_out, extmgr_host_error *error);
	/** Gives a lock back; called once for each that was taken, by the same thread. */
	void (*release)(void *user_data, void *held);
	/** Optional: called once when the last user of the lock is gone. */
	void (*destroy)(void *user_data);
} extmgr_lock_callbacks;

/**
 * Fills callbacks with NULL and 0.
 *
 * @param callbacks    [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_lock_callbacks) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_lock_callbacks_init(extmgr_lock_callbacks *callbacks, uint32_t struct_size);

/**
 * Makes a lock from a host's callbacks.
 *
 * @param callbacks  copied; acquire and release are required
 * @param user_data  handed to every callback; owned by the lock (destroy) once the call succeeded
 * @param lock_out   [out] free with extmgr_lock_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; acquire may be called from several threads at once.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_lock_new(const extmgr_lock_callbacks *callbacks,
							   void *user_data, extmgr_lock **lock_out,
							   extmgr_error **error_out);

/**
 * Gives up a lock. Calls that use it keep what they need.
 *
 * @param lock  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_lock_free(extmgr_lock *lock);

/**
 * The key of an extension's lock as Superset's KeyValueDistributedLock computes it: the name-based
 * UUID (version 5) of `{"extension_name": "<id>"}` in the one of EXTMGR_LOCK_NAMESPACE.
 *
 * @param id         extension id, UTF-8, NUL-terminated, at most 255 bytes
 * @param text_out   [out] 36 characters; free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (NULL, empty or too long), EXTMGR_E_FORMAT (invalid
 *         UTF-8), EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_lock_get_uuid(const char *id,
								extmgr_text **text_out,
								extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
