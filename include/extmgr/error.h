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
/** EXTMGR_TRANSACTION_CALLER: the caller's transaction is not open, or has failed. */
#define EXTMGR_E_CALLER_TRANSACTION (-38)
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
/** The cache directory is not used: it belongs to another user or is open to others. */
#define EXTMGR_E_CACHE_UNSAFE (-75)
/** A server answered with another status than 200. */
#define EXTMGR_E_HTTP_STATUS (-76)
/** A server cannot be reached, or the connection was lost. */
#define EXTMGR_E_TRANSFER (-77)
/** The certificate of a server could not be verified. */
#define EXTMGR_E_TLS (-78)
/** A redirect leads to what is no http or https, from https to http, or around in a loop. */
#define EXTMGR_E_REDIRECT (-79)
/** The index of a registry is malformed. */
#define EXTMGR_E_INDEX_FORMAT (-80)
/** The index of a registry has expired. */
#define EXTMGR_E_INDEX_EXPIRED (-81)
/** The index of a registry is older than one seen before. */
#define EXTMGR_E_INDEX_ROLLBACK (-82)
/** A registry offers a lower version of an extension than one seen before. */
#define EXTMGR_E_VERSION_ROLLBACK (-83)
/** Content does not have the digest that was promised. */
#define EXTMGR_E_CHECKSUM (-84)
/** Offline, and the cache does not hold it. */
#define EXTMGR_E_OFFLINE (-85)
/** An artifact may not or cannot be downloaded: the host does not allow it, its definition gives no
 *  URL or digest, or the file store cannot be written. */
#define EXTMGR_E_DOWNLOAD_REFUSED (-86)
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
/** The target lacks what the definition requires; all of it is named. */
#define EXTMGR_E_REQUIREMENTS (-146)
/** A file that the extension needs is there, but its SHA-256 is another. */
#define EXTMGR_E_ARTIFACT_CHECKSUM (-147)
/** There is no bundle at the path: nothing at all, or a directory without dist/. */
#define EXTMGR_E_BUNDLE_NOT_FOUND (-160)
/** A bundle, or the directory with bundles, cannot be read: no permission, no regular file. */
#define EXTMGR_E_BUNDLE_UNREADABLE (-161)
/** A bundle changed while it was read. */
#define EXTMGR_E_BUNDLE_CHANGED (-162)
/** A symbolic link that leads out of its folder. */
#define EXTMGR_E_BUNDLE_LINK (-163)
/** An archive is no zip file: its end record is missing. */
#define EXTMGR_E_BUNDLE_NOT_ZIP (-164)
/** The headers of an archive are damaged or contradict one another. */
#define EXTMGR_E_BUNDLE_MALFORMED (-165)
/** An archive is larger than bundle_bytes. */
#define EXTMGR_E_BUNDLE_TOO_LARGE (-166)
/** A file of a bundle is larger than bundle_entry_bytes. */
#define EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE (-167)
/** The files of a bundle are together larger than bundle_total_bytes. */
#define EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE (-168)
/** An archive unpacks to more than bundle_ratio times its size. */
#define EXTMGR_E_BUNDLE_RATIO (-169)
/** A bundle has more than bundle_entries files and folders. */
#define EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES (-170)
/** A path in a bundle is longer than bundle_path_bytes, or has more than 64 parts. */
#define EXTMGR_E_BUNDLE_PATH_TOO_LONG (-171)
/** A path in a bundle has a part that is empty, "." or "..". */
#define EXTMGR_E_BUNDLE_TRAVERSAL (-172)
/** A path in a bundle is absolute. */
#define EXTMGR_E_BUNDLE_ABSOLUTE_PATH (-173)
/** A path in a bundle has a backslash. */
#define EXTMGR_E_BUNDLE_BACKSLASH (-174)
/** A path in a bundle has a control character. */
#define EXTMGR_E_BUNDLE_CONTROL_CHARACTER (-175)
/** A path in a bundle is not UTF-8, or is not marked as such. */
#define EXTMGR_E_BUNDLE_NAME_ENCODING (-176)
/** Two files of a bundle have the same path, or one stands where another has its folder. */
#define EXTMGR_E_BUNDLE_DUPLICATE (-177)
/** A file that does not belong into a bundle. */
#define EXTMGR_E_BUNDLE_UNEXPECTED_MEMBER (-178)
/** A symbolic link or a special file inside a bundle. */
#define EXTMGR_E_BUNDLE_SPECIAL_FILE (-179)
/** A file of an archive is encrypted. */
#define EXTMGR_E_BUNDLE_ENCRYPTED (-180)
/** A file of an archive is packed in another way than stored or deflated. */
#define EXTMGR_E_BUNDLE_METHOD (-181)
/** A file of an archive does not have its checksum. */
#define EXTMGR_E_BUNDLE_CRC (-182)
/** A file of an archive cannot be unpacked, or not to the size it declares. */
#define EXTMGR_E_BUNDLE_DATA (-183)
/** The two headers of a file of an archive differ. */
#define EXTMGR_E_BUNDLE_HEADERS_DIFFER (-184)
/** Files of an archive overlap. */
#define EXTMGR_E_BUNDLE_OVERLAP (-185)
/** There are bytes in an archive that belong to nothing. */
#define EXTMGR_E_BUNDLE_GAP (-186)
/** There are bytes before the first file of an archive. */
#define EXTMGR_E_BUNDLE_DATA_BEFORE (-187)
/** There are bytes behind the end of an archive. */
#define EXTMGR_E_BUNDLE_DATA_AFTER (-188)
/** An archive uses the zip64 format, which nothing below the limits needs. */
#define EXTMGR_E_BUNDLE_ZIP64 (-189)
/** A bundle has no manifest.json. */
#define EXTMGR_E_BUNDLE_MANIFEST_MISSING (-190)
/** A manifest is larger than manifest_bytes. */
#define EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE (-191)
/** A manifest is no JSON object, has a key twice or is nested more than 64 deep. */
#define EXTMGR_E_BUNDLE_MANIFEST_JSON (-192)
/** A field of a manifest is missing or has the wrong type. */
#define EXTMGR_E_BUNDLE_MANIFEST_FIELD (-193)
/** The id of a manifest is malformed, or publisher and name say another one. */
#define EXTMGR_E_BUNDLE_ID (-194)
/** The version of a manifest is not SemVer. */
#define EXTMGR_E_BUNDLE_VERSION (-195)
/** The definition that a manifest names is not in the bundle. */
#define EXTMGR_E_BUNDLE_DEFINITION (-196)
/** The database has no catalog: its tables are not there. */
#define EXTMGR_E_CATALOG_MISSING (-210)
/** The catalog was made by a newer version of the library. */
#define EXTMGR_E_CATALOG_NEWER (-211)
/** Some tables of the catalog are missing, or hold what this library never writes. */
#define EXTMGR_E_CATALOG_DAMAGED (-212)
/** Bytes in the catalog do not have the hash that they were stored with: they are not used. */
#define EXTMGR_E_CATALOG_TAMPERED (-213)
/** An extension of the catalog is disabled, missing or bad: it is not installed and not served. */
#define EXTMGR_E_EXTENSION_WITHDRAWN (-214)
/** An update was refused because the extension is held. */
#define EXTMGR_E_EXTENSION_HELD (-215)
/** A bundle was refused because the catalog has a higher version. */
#define EXTMGR_E_BUNDLE_OLDER (-216)
/** A bundle was refused because its version was published before with other content. */
#define EXTMGR_E_BUNDLE_REPUBLISHED (-217)
/** The trust policy demands a signature, and there is none. */
#define EXTMGR_E_SIGNATURE_MISSING (-240)
/** A signature file is malformed. */
#define EXTMGR_E_SIGNATURE_FORMAT (-241)
/** A signature does not fit the content: one of both was modified. */
#define EXTMGR_E_SIGNATURE_MODIFIED (-242)
/** A signature was made with a key that is not trusted (for this id). */
#define EXTMGR_E_SIGNATURE_UNTRUSTED_KEY (-243)
/** A signature was made for another id or version. */
#define EXTMGR_E_SIGNATURE_IDENTITY (-244)
/** A request over HTTP is malformed: path, query, headers or body. */
#define EXTMGR_E_REQUEST (-290)
/** The Authorization header of a request is missing or malformed. */
#define EXTMGR_E_UNAUTHORIZED (-291)
/** No route has the path of a request. */
#define EXTMGR_E_ROUTE_NOT_FOUND (-292)
/** The route has no such method. */
#define EXTMGR_E_METHOD_NOT_ALLOWED (-293)
/** Whoever asks may not use the route. */
#define EXTMGR_E_FORBIDDEN (-294)
/** Path and query of a request are too long. */
#define EXTMGR_E_TARGET_TOO_LONG (-295)

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
