/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * Result codes, and the error object with its chain of causes.
 *
 * A function that fails returns one of the negative codes and, when its last parameter error_out
 * is not NULL, stores an error there that the caller frees. Out-parameters of a failed call are
 * zero or NULL. Messages are UTF-8, one line, name the thing and the limit, and hold no secrets.
 */
#ifndef EXTMGR_ERROR_H
#define EXTMGR_ERROR_H

#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Done. */
#define EXTMGR_OK 0
/** Done; there was nothing to do. */
#define EXTMGR_UNCHANGED 1
/** Done in part: some of several things failed, the result names them. */
#define EXTMGR_PARTIAL 2

/** A defect of the library; please report it. */
#define EXTMGR_E_INTERNAL (-1)
/** Memory could not be had. */
#define EXTMGR_E_NO_MEMORY (-2)
/** NULL, empty, too long or unknown bits where that is not allowed. */
#define EXTMGR_E_INVALID_ARGUMENT (-3)
/** The thing asked for does not exist. */
#define EXTMGR_E_NOT_FOUND (-4)
/** The state does not allow it. */
#define EXTMGR_E_CONFLICT (-5)
/** The deadline of the operation has passed; nothing was changed. */
#define EXTMGR_E_TIMEOUT (-6)
/** Cancelled: extmgr_operation_cancel() or the progress callback ended it; nothing was changed. */
#define EXTMGR_E_CANCELLED (-7)
/** A limit of the context was reached. */
#define EXTMGR_E_TOO_LARGE (-8)
/** This build, database or definition cannot do it. */
#define EXTMGR_E_UNSUPPORTED (-9)
/** The context was made in another process (before fork). */
#define EXTMGR_E_FORKED (-10)
/** A host callback failed; extmgr_error_get_host_code() has its number. */
#define EXTMGR_E_HOST (-11)
/** Malformed JSON or invalid UTF-8 was handed in. */
#define EXTMGR_E_FORMAT (-12)
/** Reading or writing a file failed. */
#define EXTMGR_E_IO (-13)
/** The database cannot be reached, or the connection was lost; what was begun is rolled back. */
#define EXTMGR_E_CONNECTION (-30)
/** The database refused the credentials. */
#define EXTMGR_E_AUTHENTICATION (-31)
/** The database refused a statement; everything is rolled back. */
#define EXTMGR_E_STATEMENT (-32)
/** A lock was not had in time; try again. */
#define EXTMGR_E_LOCKED (-33)
/** The connection was lost during COMMIT: ask the database what is installed. */
#define EXTMGR_E_OUTCOME_UNKNOWN (-34)
/** Somebody ended the transaction behind the library: what ran before may be committed. */
#define EXTMGR_E_TRANSACTION_ENDED (-35)
/** The database cannot roll back DDL, and EXTMGR_TARGET_ALLOW_PARTIAL was not given. */
#define EXTMGR_E_NO_TRANSACTIONAL_DDL (-36)
/** The database refused the COMMIT; everything is rolled back. */
#define EXTMGR_E_COMMIT (-37)
/** A definition tried transaction control or another forbidden statement. */
#define EXTMGR_E_STATEMENT_FORBIDDEN (-50)
/** Several statements in one text. */
#define EXTMGR_E_STATEMENT_MULTIPLE (-51)
/** A statement that cannot run inside a transaction. */
#define EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL (-52)
/** Unterminated string, comment or quoted name, or NUL. */
#define EXTMGR_E_STATEMENT_MALFORMED (-53)
/** The number of placeholders and of arguments differ. */
#define EXTMGR_E_STATEMENT_ARGUMENTS (-54)
/** The registry does not exist. */
#define EXTMGR_E_REGISTRY_NOT_FOUND (-70)
/** The registry, or a definition in it, cannot be read. */
#define EXTMGR_E_REGISTRY_UNREADABLE (-71)
/** No extension of that id. */
#define EXTMGR_E_EXTENSION_NOT_FOUND (-72)
/** The version is not installable. */
#define EXTMGR_E_VERSION_NOT_FOUND (-73)
/** A file that the extension needs is missing or has the wrong size. */
#define EXTMGR_E_ARTIFACT_MISSING (-74)
/** A definition is not JavaScript. */
#define EXTMGR_E_SCRIPT_SYNTAX (-90)
/** A definition uses syntax newer than this build runs. */
#define EXTMGR_E_SCRIPT_NEWER_SYNTAX (-91)
/** A definition did not set global.installedExtension. */
#define EXTMGR_E_DEFINITION_UNREGISTERED (-92)
/** Global.installedExtension has the wrong shape. */
#define EXTMGR_E_DEFINITION_SHAPE (-93)
/** A definition was made for another API version. */
#define EXTMGR_E_API_VERSION (-94)
/** A definition threw an error. */
#define EXTMGR_E_SCRIPT_THREW (-95)
/** A definition threw an error that carries an HTTP status. */
#define EXTMGR_E_SCRIPT_STATUS (-96)
/** A definition ran longer than its deadline. */
#define EXTMGR_E_SCRIPT_TIMEOUT (-97)
/** A definition took more memory than its cap. */
#define EXTMGR_E_SCRIPT_MEMORY (-98)
/** A definition answered the wrong shape. */
#define EXTMGR_E_SCRIPT_RESULT (-99)
/** The calling thread has too little stack left to run scripts (256 KiB). */
#define EXTMGR_E_SCRIPT_STACK (-100)
/** A definition does not have the function. */
#define EXTMGR_E_SCRIPT_NO_FUNCTION (-101)
/** A definition is larger than the limit. */
#define EXTMGR_E_SOURCE_TOO_LARGE (-102)
/** Newer syntax than ES5 in a source that is too long, or too much work, to be lowered. */
#define EXTMGR_E_LOWERING_LIMIT (-103)
/** Parameter values break the rules; all of them are named. */
#define EXTMGR_E_PARAMETERS_INVALID (-120)
/** The definition of a parameter is wrong. */
#define EXTMGR_E_PARAMETER_DEFINITION (-121)
/** Uninstall refused: instances remain. */
#define EXTMGR_E_INSTANCES_EXIST (-140)
/** The extension is not installed. */
#define EXTMGR_E_NOT_INSTALLED (-141)
/** The operation did not leave what it promised; everything is rolled back. */
#define EXTMGR_E_VERIFY (-142)
/** No instance of that id. */
#define EXTMGR_E_INSTANCE_NOT_FOUND (-143)
/** Database or definition, or the plan itself, are no longer what was planned. */
#define EXTMGR_E_PLAN_CHANGED (-144)
/** An upgrade lost instances; everything is rolled back. */
#define EXTMGR_E_INSTANCE_LOST (-145)

/** Classes of errors: what a caller can do about them. @{ */
#define EXTMGR_CLASS_NONE            0
#define EXTMGR_CLASS_USAGE           1 /**< the call is wrong: mend it */
#define EXTMGR_CLASS_NOT_FOUND       2 /**< something named does not exist */
#define EXTMGR_CLASS_CONFLICT        3 /**< the state does not allow it */
#define EXTMGR_CLASS_REFUSED         4 /**< policy, validation or a limit; nothing was touched */
#define EXTMGR_CLASS_RETRY_LATER     5 /**< the same call may succeed later */
#define EXTMGR_CLASS_OUTCOME_UNKNOWN 6 /**< ask for the state before doing anything else */
#define EXTMGR_CLASS_HOST            7 /**< database, file system or definition failed */
#define EXTMGR_CLASS_INTERNAL        8 /**< out of memory or a defect */
/** @} */

/**
 * The name of a code, such as "EXTMGR_E_TIMEOUT".
 *
 * @param code  any number
 * @return static text; "EXTMGR_E_UNKNOWN" for a number that is no code
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_result_get_name(extmgr_result code);

/**
 * The class of a code.
 *
 * @param code  any number
 * @return EXTMGR_CLASS_...; EXTMGR_CLASS_NONE for codes that are no errors
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_result_get_class(extmgr_result code);

/**
 * The name of a class, such as "retry-later".
 *
 * @param error_class  EXTMGR_CLASS_...
 * @return static text; "none" for other numbers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_class_get_name(int32_t error_class);

/**
 * The code of an error.
 *
 * @param error  may be NULL: then EXTMGR_OK is returned
 * @return EXTMGR_E_...
 * Threads: an error never changes after it was handed out; any thread may read it.
 * @since 0.1
 */
EXTMGR_API extmgr_result extmgr_error_get_code(const extmgr_error *error);

/**
 * The message of an error, without those of its causes.
 *
 * @param error  may be NULL: then "" is returned
 * @return borrowed until extmgr_error_free()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_error_get_message(const extmgr_error *error);

/**
 * What a person can do about the error.
 *
 * @param error  may be NULL
 * @return borrowed until extmgr_error_free(); NULL when there is no advice. The causes may have one
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_error_get_hint(const extmgr_error *error);

/**
 * The error that led to this one.
 *
 * @param error  may be NULL
 * @return borrowed until the outer error is freed; NULL at the end of the chain
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const extmgr_error *extmgr_error_get_cause(const extmgr_error *error);

/**
 * The number that a host callback gave with its failure.
 *
 * @param error  may be NULL
 * @return the host's own number, 0 when there is none; looked for along the chain
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_error_get_host_code(const extmgr_error *error);

/**
 * The SQLSTATE that the database gave.
 *
 * @param error  may be NULL
 * @return five characters, or "" when there is none; looked for along the chain; borrowed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_error_get_sqlstate(const extmgr_error *error);

/**
 * The HTTP status that fits the error: the one that a definition gave with a thrown error, else the
 * one of the table of codes.
 *
 * @param error  may be NULL: then 200 is returned
 * @return 400 to 599
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_error_get_http_status(const extmgr_error *error);

/**
 * The error and its causes as one line: messages joined with ": ".
 *
 * @param error     may be NULL: then the text is empty
 * @param text_out  [out] free with extmgr_text_free()
 * @return EXTMGR_OK, EXTMGR_E_NO_MEMORY, EXTMGR_E_INVALID_ARGUMENT (text_out is NULL)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_error_copy_text(const extmgr_error *error,
								  extmgr_text **text_out);

/**
 * The error as a JSON document "extmgr.error/1": code, class, message, hint, details (extension,
 * step, statement number), sqlstate, hostCode, httpStatus, cause.
 *
 * @param error     may be NULL: then the document says EXTMGR_OK
 * @param text_out  [out] free with extmgr_text_free()
 * @return EXTMGR_OK, EXTMGR_E_NO_MEMORY, EXTMGR_E_INVALID_ARGUMENT (text_out is NULL)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_error_to_json(const extmgr_error *error,
								extmgr_text **text_out);

/**
 * Makes an error, for functions beside the library that answer in its way, such as those of drivers
 * and hosts.
 *
 * @param code     one of the negative codes; another number becomes EXTMGR_E_INTERNAL
 * @param message  UTF-8; copied; control characters become blanks, invalid bytes U+FFFD; may be
 *                 NULL
 * @param length   bytes of message
 * @param hint     what to do about it, NUL-terminated; copied; NULL for none
 * @return free with extmgr_error_free(); when memory is out, the error that says so, never NULL
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_error *extmgr_error_new(extmgr_result code, const char *message,
							    size_t length, const char *hint);

/**
 * Frees an error with its causes.
 *
 * @param error  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_error_free(extmgr_error *error);

#ifdef __cplusplus
}
#endif
#endif
