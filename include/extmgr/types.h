/* SPDX-License-Identifier: MIT */
/**
 * @file types.h
 * Handles, the result type, and text that the library hands out.
 *
 * Every function of libextmgr that can fail answers an extmgr_result and, when asked, an
 * extmgr_error. Handles are opaque; each says in its own header which function frees it.
 */
#ifndef EXTMGR_TYPES_H
#define EXTMGR_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define EXTMGR_API        __attribute__((visibility("default")))
#define EXTMGR_MUST_CHECK __attribute__((warn_unused_result))
#else
#define EXTMGR_API
#define EXTMGR_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** 0: done; negative: an error of error.h; positive: done (EXTMGR_UNCHANGED, EXTMGR_PARTIAL). */
typedef int32_t extmgr_result;

/** What the library knows of its host: limits, log, clock. See context.h. */
typedef struct extmgr_context extmgr_context;
/** One cancellable call with deadline, progress and actor. See context.h. */
typedef struct extmgr_operation extmgr_operation;
/** Why a call failed, with its chain of causes. See error.h. */
typedef struct extmgr_error extmgr_error;
/** Text or bytes handed out by the library. */
typedef struct extmgr_text extmgr_text;

/**
 * The bytes of a text; a NUL follows the last one.
 *
 * @param text  may be NULL: then "" is returned
 * @return borrowed until extmgr_text_free(); never NULL
 * Threads: a text never changes; any thread may read it.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_text_get_data(const extmgr_text *text);

/**
 * The length of a text in bytes, without the NUL that follows it.
 *
 * @param text  may be NULL: then 0 is returned
 * @return bytes
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_text_get_length(const extmgr_text *text);

/**
 * Frees a text.
 *
 * @param text  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_text_free(extmgr_text *text);

#ifdef __cplusplus
}
#endif
#endif
