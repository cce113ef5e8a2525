/* SPDX-License-Identifier: MIT */
/**
 * @file manager.h
 * Lists, installs, upgrades and removes extensions and their instances in one database, the target.
 *
 * Every operation runs in one transaction: all of it or nothing. Every writer can be rehearsed
 * (EXTMGR_CALL_REHEARSE): it runs for real and is rolled back, and its report is the plan.
 */
#ifndef EXTMGR_MANAGER_H
#define EXTMGR_MANAGER_H

#include <extmgr/database.h>
#include <extmgr/files.h>
#include <extmgr/registry.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The extensions of a registry and one target. Cheap: a server makes one for each request. */
typedef struct extmgr_manager extmgr_manager;
/** A snapshot of extensions and their state in the target, sorted by the bytes of their ids. */
typedef struct extmgr_extension_list extmgr_extension_list;
/** A snapshot of instances, in the order in which the definition answered them. */
typedef struct extmgr_instance_list extmgr_instance_list;

/** Writers are allowed although the database cannot roll back DDL. */
#define EXTMGR_TARGET_ALLOW_PARTIAL 1u
/**
 * Artifacts may be downloaded: what is missing is fetched into the file store before an extension
 * is installed or upgraded or an instance made or changed, and by extmgr_manager_fetch_artifacts().
 * Only artifacts whose definition gives `downloadUrl` and `sha256`; http and https, never from
 * https (a registry, a redirect) to http; never more than the size that the definition gives (4 GiB
 * without). A file is visible in the store only when it is whole and has that SHA-256, and no file
 * that is there is replaced. Needs a file store with create(), and extmgr_context_options.http; not
 * for a BucketFS. A rehearsal fetches nothing.
 */
#define EXTMGR_TARGET_ALLOW_DOWNLOAD 2u

/** What happens when an operation succeeded, but the definition does not find its result. @{ */
#define EXTMGR_VERIFY_DEFAULT 0u /**< EXTMGR_VERIFY_REQUIRE */
#define EXTMGR_VERIFY_OFF     1u /**< not looked at */
#define EXTMGR_VERIFY_WARN    2u /**< a warning in log and report */
#define EXTMGR_VERIFY_REQUIRE 3u /**< EXTMGR_E_VERIFY, rolled back */
/** @} */

/** Whether writers leave a row in the table extmgr_target_history of the target. @{ */
#define EXTMGR_HISTORY_DEFAULT 0u /**< on for sqlite and postgresql, else off */
#define EXTMGR_HISTORY_ON      1u /**< also on exasol; other dialects refuse it */
#define EXTMGR_HISTORY_OFF     2u /**< no row is written */
/** Who begins and ends the transaction of an operation. @{ */
#define EXTMGR_TRANSACTION_LIBRARY 0u /**< the library, one for each operation */
/**
 * The caller. The host's open() hands over the session in which the caller has a transaction open;
 * begin(), commit() and rollback() are never called, and close() leaves that transaction alone.
 * Each operation sets a savepoint and releases it: what a writer did becomes part of the caller's
 * transaction, to be committed or rolled back by the caller; after a failure, a rehearsal or a
 * reader everything is as it was at the savepoint, and the transaction goes on. Reports say
 * "pending" in the place of "committed". extmgr_manager_upgrade_all() sets a savepoint for each
 * extension.
 *
 * Refused: a database without EXTMGR_DATABASE_SAVEPOINTS (EXTMGR_E_UNSUPPORTED, by
 * extmgr_manager_new()), and a session without an open transaction, or whose transaction has failed
 * (EXTMGR_E_CALLER_TRANSACTION, by the operation). EXTMGR_E_TRANSACTION_ENDED then means that the
 * savepoint is gone: the caller's transaction must be rolled back. On SQLite a cancel or deadline
 * waits for the statement that runs, because interrupting it would roll back the caller's work.
 */
#define EXTMGR_TRANSACTION_CALLER 1u
/** @} */

/** Options of a target. Set by extmgr_target_options_init(). */
typedef struct extmgr_target_options {
	uint32_t struct_size; /**< set by extmgr_target_options_init() */
	uint32_t flags;       /**< EXTMGR_TARGET_...; unknown bits are refused */
	/** Schema for the objects of extensions, `[A-Za-z_][A-Za-z0-9_]{0,127}` (63 characters on
	 *  PostgreSQL); created when needed. NULL: "EXA_EXTENSIONS" on exasol, "extensions"
	 *  elsewhere. SQLite has no schemas: there it must be NULL or "main". */
	const char *extension_schema;
	uint32_t verify;      /**< EXTMGR_VERIFY_... */
	uint32_t transaction; /**< EXTMGR_TRANSACTION_... */
	/** Directory in the BucketFS of an Exasol database, such as `/buckets/bfsdefault/default/`:
	 *  the files below it are listed through the database, by a script that is made and dropped
	 *  in the operation's transaction, and the file store is not asked. The account needs the
	 *  rights to create schemas and scripts. NULL: the file store; other dialects refuse it. */
	const char *bucketfs_path;
	/** How long a statement waits for a lock, in milliseconds, up to 2^31 - 1; then the
	 *  operation fails with EXTMGR_E_LOCKED and is rolled back. For PostgreSQL (SET LOCAL
	 *  lock_timeout): without it DDL that waits for a reader holds up everybody behind it.
	 *  Elsewhere the driver decides how long it waits (on SQLite its busy timeout). 0: as the
	 *  database is set. */
	uint64_t lock_timeout_ms;
	/** EXTMGR_HISTORY_...: each writer that changes something adds a row to the table
	 *  extmgr_target_history in the extension schema, in its own transaction; the table is made
	 *  when it is not there. It holds who did what when: no values, no texts of statements. */
	uint32_t history;
	uint32_t reserved; /**< 0 */
} extmgr_target_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_target_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_target_options_init(extmgr_target_options *options, uint32_t struct_size);

/**
 * Makes a manager. Nothing is connected or read yet.
 *
 * @param context      kept as long as the manager needs it, like registry, database and files: all
 *                     of them may be freed in any order
 * @param registry     where the definitions are
 * @param database     the target; NULL: only EXTMGR_LIST_AVAILABLE, extmgr_manager_get_extension()
 *                     and extmgr_manager_validate_parameters() work
 * @param files        where artifacts are; NULL: nowhere, an extension that needs some is listed
 *                     with what is missing
 * @param options      NULL for the defaults; borrowed for the call
 * @param manager_out  [out] free with extmgr_manager_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (also a bad extension schema), EXTMGR_E_UNSUPPORTED
 *         (EXTMGR_TRANSACTION_CALLER without savepoints), EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread; a manager may be used by several threads at once, each call takes its own
 *          session.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_manager_new(extmgr_context *context, extmgr_registry *registry, extmgr_database *database,
		   extmgr_files *files, const extmgr_target_options *options,
		   extmgr_manager **manager_out, extmgr_error **error_out);

/**
 * Frees a manager.
 *
 * @param manager  may be NULL; no call may be using it
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_manager_free(extmgr_manager *manager);

/** Run everything, then roll back; the report is the plan. Locks are real while it runs. */
#define EXTMGR_CALL_REHEARSE 1u

/** Options of one call. Set by extmgr_call_options_init(). */
typedef struct extmgr_call_options {
	uint32_t struct_size;        /**< set by extmgr_call_options_init() */
	uint32_t flags;              /**< EXTMGR_CALL_...; unknown bits are refused */
	extmgr_operation *operation; /**< timeout, cancel, progress; NULL: none; borrowed */
} extmgr_call_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_call_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_call_options_init(extmgr_call_options *options, uint32_t struct_size);

/** Which extensions extmgr_manager_list_extensions() answers. @{ */
#define EXTMGR_LIST_AVAILABLE  1u /**< all of the registry; the target is asked for files alone */
#define EXTMGR_LIST_INSTALLED  2u /**< one entry for each installation found in the target */
#define EXTMGR_LIST_UPGRADABLE 3u /**< the installed ones whose definition has a newer version */
#define EXTMGR_LIST_ALL        4u /**< all of the registry, with their state in the target */
/** @} */

/**
 * Lists extensions. With EXTMGR_LIST_AVAILABLE neither the target is asked, but for the files of a
 * bucketfs_path, nor, once the static parts are cached, any JavaScript run. Otherwise one session,
 * read only, always rolled back; each definition is asked between savepoints of its own. A broken
 * definition is listed with its reason and hides no other.
 *
 * @param manager    borrowed
 * @param which      EXTMGR_LIST_...
 * @param options    NULL for the defaults
 * @param list_out   [out] free with extmgr_extension_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (some definitions are broken: their entries say why),
 *         EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_CONNECTION, EXTMGR_E_AUTHENTICATION,
 *         EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_INVALID_ARGUMENT ...
 * Threads: any thread; needs 256 KiB of stack, as every call below.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_list_extensions(
	extmgr_manager *manager, uint32_t which, const extmgr_call_options *options,
	extmgr_extension_list **list_out, extmgr_error **error_out);

/**
 * The number of entries.
 *
 * @param list  may be NULL: then 0
 * @return count
 * Threads: a list never changes; any thread may read it. The same holds for all accessors.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_extension_list_get_count(const extmgr_extension_list *list);

/**
 * The id of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_id(const extmgr_extension_list *list,
						    size_t index);

/**
 * The name of an entry for display.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; "" when the definition is broken; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_name(const extmgr_extension_list *list,
						      size_t index);

/**
 * The category of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; may be ""; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_category(const extmgr_extension_list *list,
							  size_t index);

/**
 * The description of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; may be ""; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_description(const extmgr_extension_list *list,
							     size_t index);

/**
 * The newest installable version of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; "" when there is none; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_latest_version(const extmgr_extension_list *list,
								size_t index);

/**
 * The version of an entry that is installed in the target.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; "" when it is not installed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *
extmgr_extension_list_get_installed_version(const extmgr_extension_list *list, size_t index);

/** States of an extension. @{ */
#define EXTMGR_STATE_AVAILABLE   1 /**< can be installed */
#define EXTMGR_STATE_INSTALLED   2 /**< installed, nothing newer is there */
#define EXTMGR_STATE_UPGRADABLE  3 /**< installed, a newer version is there */
#define EXTMGR_STATE_UNAVAILABLE 4 /**< something is missing: see the reason */
#define EXTMGR_STATE_BROKEN      5 /**< the definition failed: see the reason */
/** @} */

/**
 * The state of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return EXTMGR_STATE_...; 0 beyond the end
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_extension_list_get_state(const extmgr_extension_list *list, size_t index);

/**
 * The name of a state, such as "upgradable".
 *
 * @param state  EXTMGR_STATE_...
 * @return static text; "unknown" for other numbers
 * @since 0.1
 */
EXTMGR_API const char *extmgr_state_get_name(int32_t state);

/**
 * Why an entry is unavailable or broken, or what its upgrade would need: all that is missing of
 * installable versions, requirements and files. Without a target only the dialect is looked at, and
 * only where the manager has a database; files are looked for with EXTMGR_LIST_AVAILABLE and
 * EXTMGR_LIST_ALL.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; "" when there is nothing to say; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_extension_list_get_reason(const extmgr_extension_list *list,
							size_t index);

/**
 * The list as a JSON document "extmgr.extensions/1": extensions [{id, name, category, description,
 * installableVersions, latestVersion, installedVersion, state, reason, digest}].
 *
 * @param list       may be NULL: then an empty list
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_extension_list_to_json(
	const extmgr_extension_list *list, extmgr_text **text_out, extmgr_error **error_out);

/**
 * Frees a list.
 *
 * @param list  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_extension_list_free(extmgr_extension_list *list);

/**
 * Everything about one extension in one version.
 *
 * @param manager      borrowed; without a database nothing is installed, and a definition that
 *                     needs one to tell its parameters fails
 * @param id           extension id, with or without `.js`
 * @param version      NULL: the installed version, else the newest installable one
 * @param options      NULL for the defaults
 * @param details_out  [out] JSON document "extmgr.extension/1": as in the list, with version,
 *                     parameterDefinitions, requirements (as the definition has them), artifacts
 *                     (name, size, sha256, available), functions (which of the interface's
 *                     functions there are), parametersError (why the definition has no
 *                     parameters) with parametersStatus (400 to 599, 404 for a version that it
 *                     does not know); version is null when there is none; free with
 *                     extmgr_text_free()
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_VERSION_NOT_FOUND,
 *         codes of loading a definition (EXTMGR_E_SCRIPT_..., EXTMGR_E_DEFINITION_...,
 *         EXTMGR_E_API_VERSION), of the database, of the operation
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_get_extension(
	extmgr_manager *manager, const char *id, const char *version,
	const extmgr_call_options *options, extmgr_text **details_out, extmgr_error **error_out);

/**
 * Says for the artifacts that extensions need whether they are there and where. What has a SHA-256
 * is read and compared.
 *
 * @param manager        borrowed; a target is asked only for files of a BucketFS
 * @param id             extension id, with or without `.js`; NULL: all
 * @param options        NULL for the defaults
 * @param artifacts_out  [out] JSON document "extmgr.artifacts/1": artifacts [{extension, name,
 *                       fileName, size, sha256, downloadUrl, licenseUrl, state, reason, path}] with
 *                       state "present", "damaged" (of that name, but with another size or
 *                       SHA-256), "downloadable" or "missing", and broken [{extension, reason}];
 *                       free with extmgr_text_free(); NULL on failure
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (some definitions are broken), EXTMGR_E_EXTENSION_NOT_FOUND,
 *         EXTMGR_E_UNSUPPORTED (a SHA-256, and the file store cannot read), codes of the registry,
 *         of the file store and of the operation; with an id also of loading the definition
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_list_artifacts(
	extmgr_manager *manager, const char *id, const extmgr_call_options *options,
	extmgr_text **artifacts_out, extmgr_error **error_out);

/**
 * Downloads the artifacts of an extension that are missing (EXTMGR_TARGET_ALLOW_DOWNLOAD).
 * Progress is told as step "download" in bytes. The first failure ends the call; files that were
 * complete before stay.
 *
 * @param manager     borrowed
 * @param id          extension id, with or without `.js`
 * @param version     one of its installable versions; NULL: any
 * @param options     NULL for the defaults
 * @param report_out  [out] JSON document "extmgr.artifact-fetch/1": extension, artifacts
 *                    [{fileName, size, sha256, outcome}] with outcome "downloaded" or "present";
 *                    free with extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_DOWNLOAD_REFUSED, EXTMGR_E_ARTIFACT_CHECKSUM (what was received, or a
 *         file of that name that is there, has other content), EXTMGR_E_TOO_LARGE,
 *         EXTMGR_E_HTTP_STATUS, EXTMGR_E_TRANSFER, EXTMGR_E_TLS, EXTMGR_E_REDIRECT, EXTMGR_E_IO
 *         (the file store), EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_VERSION_NOT_FOUND,
 *         EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT ...
 * Threads: any thread; several may fetch the same artifact.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_fetch_artifacts(
	extmgr_manager *manager, const char *id, const char *version,
	const extmgr_call_options *options, extmgr_text **report_out, extmgr_error **error_out);

/**
 * Installs an extension.
 *
 * @param manager     borrowed
 * @param id          extension id, with or without `.js`
 * @param version     one of its installable versions; NULL: the newest
 * @param options     NULL for the defaults
 * @param report_out  [out] JSON document "extmgr.report/1": operation, extension, version, outcome
 *                    ("committed", "pending", "rehearsed", "unchanged"), steps with durations in
 *                    microseconds, statements (number, kind, class, masked text, rows, duration),
 *                    warnings; free with extmgr_text_free(); NULL on failure; may be NULL
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_VERSION_NOT_FOUND,
 *         EXTMGR_E_REQUIREMENTS, EXTMGR_E_ARTIFACT_MISSING, EXTMGR_E_ARTIFACT_CHECKSUM,
 *         EXTMGR_E_SCRIPT_..., EXTMGR_E_STATEMENT...,
 *         EXTMGR_E_TRANSACTION_ENDED, EXTMGR_E_OUTCOME_UNKNOWN, EXTMGR_E_VERIFY,
 *         EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_LOCKED, EXTMGR_E_CONNECTION ...
 *         With every error but EXTMGR_E_TRANSACTION_ENDED and EXTMGR_E_OUTCOME_UNKNOWN the target
 *         is as it was. The same holds for all writers below.
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_install(
	extmgr_manager *manager, const char *id, const char *version,
	const extmgr_call_options *options, extmgr_text **report_out, extmgr_error **error_out);

/**
 * Removes an extension. Refused while it has instances.
 *
 * @param manager     borrowed
 * @param id          extension id, with or without `.js`
 * @param version     NULL: the installed version
 * @param options     NULL for the defaults
 * @param report_out  [out] as extmgr_manager_install()
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_manager_install(); EXTMGR_E_INSTANCES_EXIST, EXTMGR_E_NOT_INSTALLED (version is
 *         NULL and nothing is installed)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_uninstall(
	extmgr_manager *manager, const char *id, const char *version,
	const extmgr_call_options *options, extmgr_text **report_out, extmgr_error **error_out);

/**
 * Upgrades an installed extension to the newest version of its definition, with its instances: they
 * are listed before and after, and the definition's `upgradeInstance(context, id, from, to)`, where
 * there is one, is called for each, all in the same transaction.
 *
 * @param manager     borrowed
 * @param id          extension id, with or without `.js`
 * @param options     NULL for the defaults
 * @param report_out  [out] as extmgr_manager_install(), with previousVersion, newVersion
 *                    and instances [{id, name}]
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_manager_install(); EXTMGR_E_SCRIPT_STATUS with HTTP status 412 when a
 *         definition says that it is not installed or already up to date, EXTMGR_E_INSTANCE_LOST
 *         (an instance is not found any more)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_manager_upgrade(extmgr_manager *manager, const char *id, const extmgr_call_options *options,
		       extmgr_text **report_out, extmgr_error **error_out);

/**
 * Upgrades every installed extension that has a newer version, each in a transaction of its own. A
 * failure is reported and stops no other; a timeout counts for each extension by itself.
 *
 * @param manager     borrowed
 * @param options     NULL for the defaults
 * @param report_out  [out] JSON document "extmgr.upgrade-all/1": extensions [{id, outcome:
 *                    "upgraded" with report (extmgr.report/1), "failed" with error
 *                    (extmgr.error/1), or "broken" with reason}], and the counts upgraded and
 *                    failed; free with extmgr_text_free(); may be NULL
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK (also when there is nothing to do), EXTMGR_PARTIAL (some failed or are broken:
 *         the report says which and why), codes of extmgr_manager_list_extensions()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_manager_upgrade_all(extmgr_manager *manager, const extmgr_call_options *options,
			   extmgr_text **report_out, extmgr_error **error_out);

/**
 * Checks parameter values without doing anything with them: by the rules of
 * extmgr_params_validate(), and when these are kept, by the definition's own
 * `validate({values: [{name, value}]})`. That gets no context and has no database; it answers
 * nothing (or "") when all is well, a text, or a list of texts and of {name, message}.
 *
 * @param manager        borrowed; without a database the parameters are those of the newest
 *                       version, and a definition that needs a database to tell them fails
 * @param id             extension id, with or without `.js`
 * @param version        NULL: the installed version, else the newest installable one
 * @param values_json    parameter values, as extmgr_params_validate() takes them
 * @param values_length  bytes
 * @param options        NULL for the defaults
 * @param report_out     [out] JSON document "extmgr.parameter-report/1"; a fault of the definition
 *                       that names no parameter has the id ""; free with extmgr_text_free(); also
 *                       there with EXTMGR_E_PARAMETERS_INVALID
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_PARAMETERS_INVALID, EXTMGR_E_EXTENSION_NOT_FOUND,
 *         EXTMGR_E_VERSION_NOT_FOUND, codes of extmgr_params_validate(), of loading and calling a
 *         definition, of the database and of the operation
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_validate_parameters(
	extmgr_manager *manager, const char *id, const char *version, const char *values_json,
	size_t values_length, const extmgr_call_options *options, extmgr_text **report_out,
	extmgr_error **error_out);

/**
 * Creates an instance.
 *
 * @param manager        borrowed
 * @param id             extension id, with or without `.js`
 * @param version        NULL: the installed version
 * @param values_json    parameter values, as extmgr_params_validate() takes them
 * @param values_length  bytes
 * @param options        NULL for the defaults
 * @param report_out     [out] as extmgr_manager_install(), with instance {id, name}
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_manager_install(); EXTMGR_E_PARAMETERS_INVALID (all faults are named),
 *         EXTMGR_E_NOT_INSTALLED
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_create_instance(
	extmgr_manager *manager, const char *id, const char *version, const char *values_json,
	size_t values_length, const extmgr_call_options *options, extmgr_text **report_out,
	extmgr_error **error_out);

/**
 * Changes the parameter values of an instance. A parameter that is not among the values keeps its
 * value: the definition's readInstanceParameterValues is asked for it, inside the same transaction,
 * so that a secret never leaves the library; send "" to empty one.
 *
 * A definition with updateInstance gets all of them; a value that it does not tell (a password that
 * the database does not show) is not among them, and it keeps that by itself. Without
 * updateInstance the instance is deleted and created again when the definition says
 * `replaceable: true`; then a secret that cannot be read back must be sent, because it would be
 * lost. A changed value of a parameter marked `immutable: true` is refused.
 *
 * @param manager        borrowed
 * @param id             extension id, with or without `.js`
 * @param version        NULL: the installed version
 * @param instance_id    as listed
 * @param values_json    the values to change, as extmgr_params_validate() takes them
 * @param values_length  bytes
 * @param options        NULL for the defaults
 * @param report_out     [out] as extmgr_manager_install(), with instance {id, name}: its id may
 *                       have changed
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_manager_create_instance(); EXTMGR_E_INSTANCE_NOT_FOUND,
 *         EXTMGR_E_SCRIPT_NO_FUNCTION (the definition allows neither way),
 *         EXTMGR_E_PARAMETERS_INVALID (also for an immutable one)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_update_instance(
	extmgr_manager *manager, const char *id, const char *version, const char *instance_id,
	const char *values_json, size_t values_length, const extmgr_call_options *options,
	extmgr_text **report_out, extmgr_error **error_out);

/**
 * Lists the instances of an extension.
 *
 * @param manager    borrowed
 * @param id         extension id, with or without `.js`
 * @param version    NULL: the installed version
 * @param options    NULL for the defaults
 * @param list_out   [out] free with extmgr_instance_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_NOT_INSTALLED, codes of loading and calling a definition, of the
 *         database and of the operation
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_manager_list_instances(extmgr_manager *manager, const char *id, const char *version,
			      const extmgr_call_options *options, extmgr_instance_list **list_out,
			      extmgr_error **error_out);

/**
 * The number of instances.
 *
 * @param list  may be NULL: then 0
 * @return count
 * @since 0.1
 */
EXTMGR_API size_t extmgr_instance_list_get_count(const extmgr_instance_list *list);

/**
 * The id of an instance.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_instance_list_get_id(const extmgr_instance_list *list, size_t index);

/**
 * The name of an instance for display.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_instance_list_get_name(const extmgr_instance_list *list,
						     size_t index);

/**
 * The list as a JSON document "extmgr.instances/1": instances [{id, name}].
 *
 * @param list       may be NULL: then an empty list
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_instance_list_to_json(
	const extmgr_instance_list *list, extmgr_text **text_out, extmgr_error **error_out);

/**
 * Frees a list.
 *
 * @param list  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_instance_list_free(extmgr_instance_list *list);

/**
 * Reads an instance's parameter values back; values of secret parameters are left out.
 *
 * @param manager       borrowed
 * @param id            extension id, with or without `.js`
 * @param version       NULL: the installed version
 * @param instance_id   as listed
 * @param options       NULL for the defaults
 * @param instance_out  [out] JSON document "extmgr.instance/1": extensionId, version, instance
 *                      {id, name}, values [{name, value}] or [{name, secret: true}]; free with
 *                      extmgr_text_free()
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INSTANCE_NOT_FOUND, EXTMGR_E_NOT_INSTALLED,
 *         EXTMGR_E_SCRIPT_NO_FUNCTION (the definition cannot read values back) ...
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_read_instance(
	extmgr_manager *manager, const char *id, const char *version, const char *instance_id,
	const extmgr_call_options *options, extmgr_text **instance_out, extmgr_error **error_out);

/**
 * Deletes an instance. One that is not among the extension's instances is left alone.
 *
 * @param manager      borrowed
 * @param id           extension id, with or without `.js`
 * @param version      NULL: the installed version
 * @param instance_id  as listed
 * @param options      NULL for the defaults
 * @param report_out   [out] as extmgr_manager_install()
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_manager_install(); EXTMGR_UNCHANGED when there is no such instance
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_delete_instance(
	extmgr_manager *manager, const char *id, const char *version, const char *instance_id,
	const extmgr_call_options *options, extmgr_text **report_out, extmgr_error **error_out);

/**
 * Is everything still as it was installed? Each definition is asked for its installations, its
 * instances and, where it has check(context), whether something is wrong: that answers nothing, a
 * text, or a list of texts. One session, always rolled back; each definition is asked between
 * savepoints, and one that fails hides no other.
 *
 * @param manager     borrowed
 * @param id          extension id, with or without `.js`; NULL: all that are installed, and those
 *                    whose definition is broken
 * @param options     NULL for the defaults
 * @param status_out  [out] JSON document "extmgr.status/1": extensions [{id, name, digest, state
 *                    ("ok", "problems", "not-installed", "broken"), installations [{name,
 *                    version}], instanceCount and instances [{id, name}] where the definition can
 *                    tell, checked (it has a check), problems (texts)}], wrong (how many are not
 *                    "ok"); free with extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (something is wrong: the document says what),
 *         EXTMGR_E_EXTENSION_NOT_FOUND (of the id), EXTMGR_E_REGISTRY_NOT_FOUND,
 *         EXTMGR_E_CONNECTION, EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT ...
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_get_status(
	extmgr_manager *manager, const char *id, const extmgr_call_options *options,
	extmgr_text **status_out, extmgr_error **error_out);

/**
 * What was done to the target, newest first: the rows that writers left in it. Rehearsals and plans
 * leave none, nor does what failed or changed nothing.
 *
 * @param manager      borrowed; reading works whatever the target's option history says
 * @param id           only of this extension, with or without `.js`; it need not be in the registry
 *                     any more; NULL: of all
 * @param limit        at most that many, up to 10 000; 0: 100
 * @param options      NULL for the defaults
 * @param history_out  [out] JSON document "extmgr.history/1": entries [{at (ISO 8601, UTC), atMs,
 *                     id, actor, operation, extensionId, fromVersion, toVersion, instanceId,
 *                     digest, outcome ("committed"), statements (how many the definition sent)}];
 *                     without the table no entries; free with extmgr_text_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED (the dialect has no history),
 *         codes of the database and of the operation
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_get_history(
	extmgr_manager *manager, const char *id, uint32_t limit, const extmgr_call_options *options,
	extmgr_text **history_out, extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
