/* SPDX-License-Identifier: MIT */
/**
 * @file sync.h
 * The catalog - tables in the host's own database that hold the synchronised bundles, their files,
 * state and history - and the synchronisation that many workers may run at once.
 *
 * The tables are made and migrated by extmgr_sync_run() and extmgr_catalog_init(), under a lock of
 * the database, so that any number of processes may start on an empty one. An account without the
 * right to make tables works once somebody has run the text of extmgr_catalog_get_sql().
 *
 * Each call opens one session of the database, works with it from the calling thread alone, and
 * gives it back. Dialects: sqlite and postgresql.
 */
#ifndef EXTMGR_SYNC_H
#define EXTMGR_SYNC_H

#include <extmgr/context.h>
#include <extmgr/database.h>
#include <extmgr/lock.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A catalog: a database and the names of its tables. Shared by threads. */
typedef struct extmgr_catalog extmgr_catalog;
/** What a synchronisation did. Never changes. */
typedef struct extmgr_sync_report extmgr_sync_report;

/** Options of a catalog. Set by extmgr_catalog_options_init(). */
typedef struct extmgr_catalog_options {
	uint32_t struct_size; /**< set by extmgr_catalog_options_init() */
	uint32_t flags;       /**< 0; unknown bits are refused */
	/** what the names of the tables begin with: a lower-case letter or `_`, then lower-case
	 *  letters, digits and `_`, at most 32 bytes; copied; NULL: "extmgr_" */
	const char *prefix;
	uint64_t lock_timeout_ms; /**< how long a write waits for others; 0: 30 000; at most a day
				   */
} extmgr_catalog_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_catalog_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_catalog_options_init(extmgr_catalog_options *options, uint32_t struct_size);

/**
 * Opens a catalog. Nothing is connected yet.
 *
 * @param context      limits and log; the catalog keeps what it needs of it
 * @param database     of dialect sqlite or postgresql; the catalog keeps what it needs of it
 * @param options      NULL for the defaults; borrowed for the call
 * @param catalog_out  [out] free with extmgr_catalog_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED (another dialect),
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_open(
	extmgr_context *context, extmgr_database *database, const extmgr_catalog_options *options,
	extmgr_catalog **catalog_out, extmgr_error **error_out);

/**
 * Gives up a catalog. Registries and calls that use it keep what they need.
 *
 * @param catalog  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_catalog_free(extmgr_catalog *catalog);

/**
 * Makes or migrates the tables.
 *
 * @param catalog    borrowed
 * @param operation  may be NULL; borrowed for the call
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED (all is there), EXTMGR_E_CATALOG_NEWER,
 *         EXTMGR_E_CATALOG_DAMAGED (some tables are missing or hold what is not ours),
 *         EXTMGR_E_STATEMENT (no right to make tables), EXTMGR_E_LOCKED, EXTMGR_E_CONNECTION ...
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_init(extmgr_catalog *catalog,
							       extmgr_operation *operation,
							       extmgr_error **error_out);

/**
 * The statements that make the tables, for sqlite3 or psql: one transaction.
 *
 * @param dialect    "sqlite" or "postgresql"
 * @param prefix     as in extmgr_catalog_options; NULL: "extmgr_"
 * @param text_out   [out] SQL, free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_get_sql(const char *dialect,
								  const char *prefix,
								  extmgr_text **text_out,
								  extmgr_error **error_out);

/**
 * Lists the extensions of the catalog, sorted by the bytes of their ids.
 *
 * @param catalog    borrowed
 * @param operation  may be NULL; borrowed for the call
 * @param json_out   [out] JSON document "extmgr.catalog/1"; free with extmgr_text_free(); NULL on
 *                   failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_CATALOG_MISSING (no tables), EXTMGR_E_CATALOG_NEWER,
 *         EXTMGR_E_CATALOG_DAMAGED, EXTMGR_E_CONNECTION ... Rows that are not ours are listed with
 *         the state "bad"
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_list(extmgr_catalog *catalog,
							       extmgr_operation *operation,
							       extmgr_text **json_out,
							       extmgr_error **error_out);

/**
 * Describes an extension with its manifest and files, and checks every stored byte.
 *
 * @param catalog    borrowed
 * @param id         extension id
 * @param operation  may be NULL; borrowed for the call
 * @param json_out   [out] JSON document "extmgr.catalog-extension/1"; free with extmgr_text_free();
 *                   NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (something fails its check: the document names it),
 *         EXTMGR_E_EXTENSION_NOT_FOUND, and as extmgr_catalog_list()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_get(extmgr_catalog *catalog,
							      const char *id,
							      extmgr_operation *operation,
							      extmgr_text **json_out,
							      extmgr_error **error_out);

/**
 * Reads a file of an extension. Its bytes are checked against its row, the extension's listing and
 * digest before they are handed out.
 *
 * @param catalog      borrowed
 * @param id           extension id
 * @param digest       "sha256:..." that the extension must have; NULL: any
 * @param path         path inside the bundle, such as "frontend/dist/main.js"
 * @param operation    may be NULL; borrowed for the call
 * @param content_out  [out] bytes; free with extmgr_text_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_EXTENSION_WITHDRAWN (disabled, missing
 *         or bad), EXTMGR_E_NOT_FOUND (no such file, or another digest), EXTMGR_E_CATALOG_TAMPERED,
 *         and as extmgr_catalog_list()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_read_file(
	extmgr_catalog *catalog, const char *id, const char *digest, const char *path,
	extmgr_operation *operation, extmgr_text **content_out, extmgr_error **error_out);

/**
 * Enables or disables an extension. A disabled one is listed and can be uninstalled, but neither
 * installed nor served. Updates keep the setting.
 *
 * @param catalog    borrowed
 * @param id         extension id
 * @param enabled    0 or not
 * @param operation  may be NULL; borrowed for the call; its actor goes into the history
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED, EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_LOCKED, and as
 *         extmgr_catalog_list()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_set_enabled(extmgr_catalog *catalog,
								      const char *id,
								      int32_t enabled,
								      extmgr_operation *operation,
								      extmgr_error **error_out);

/**
 * Holds an extension at what the catalog has, or releases it. The synchronisation refuses updates
 * of a held one, and pruning leaves it alone.
 *
 * @param catalog    borrowed
 * @param id         extension id
 * @param held       0 or not
 * @param operation  may be NULL; borrowed for the call; its actor goes into the history
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_catalog_set_enabled()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_set_held(extmgr_catalog *catalog,
								   const char *id, int32_t held,
								   extmgr_operation *operation,
								   extmgr_error **error_out);

/**
 * Accepts a bundle that the synchronisation refused because its version is lower, or has been
 * published before with other content: the next synchronisation that finds it takes it.
 *
 * @param catalog    borrowed
 * @param id         extension id
 * @param digest     "sha256:..." of the bundle; NULL: of the last one that was refused
 * @param operation  may be NULL; borrowed for the call; its actor goes into the history
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED (accepted before), EXTMGR_E_EXTENSION_NOT_FOUND,
 *         EXTMGR_E_NOT_FOUND (none was refused), and as extmgr_catalog_list()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_accept(extmgr_catalog *catalog,
								 const char *id, const char *digest,
								 extmgr_operation *operation,
								 extmgr_error **error_out);

/**
 * The history of an extension or of all, newest first.
 *
 * @param catalog    borrowed
 * @param id         extension id; NULL: all
 * @param maximum    entries; 0: 1 000; at most 10 000
 * @param operation  may be NULL; borrowed for the call
 * @param json_out   [out] JSON document "extmgr.catalog-history/1"; free with extmgr_text_free();
 *                   NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_catalog_list(); an id that nobody knows has an empty history
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_get_history(
	extmgr_catalog *catalog, const char *id, uint32_t maximum, extmgr_operation *operation,
	extmgr_text **json_out, extmgr_error **error_out);

/**
 * Removes what is missing: extensions that no bundle directory has, with their files. Held ones
 * stay. Their history stays, too.
 *
 * @param catalog     borrowed
 * @param unseen_ms   only those that were last seen so long ago; 0: all missing ones
 * @param operation   may be NULL; borrowed for the call; its actor goes into the history
 * @param report_out  [out] JSON document "extmgr.catalog-prune/1"; free with extmgr_text_free();
 *                    NULL on failure; may be NULL
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED (nothing to remove), EXTMGR_E_LOCKED, and as
 *         extmgr_catalog_list(); either all are removed or none
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_catalog_prune(extmgr_catalog *catalog,
								uint64_t unseen_ms,
								extmgr_operation *operation,
								extmgr_text **report_out,
								extmgr_error **error_out);

/** Take bundles of a lower version than the catalog has. */
#define EXTMGR_SYNC_ALLOW_DOWNGRADE 1u
/** Refuse archives that have the catalog's version but other content until they are accepted. */
#define EXTMGR_SYNC_REFUSE_REPUBLISHED 2u
/** Leave alone what another worker is writing, instead of waiting until it is done. */
#define EXTMGR_SYNC_SKIP_LOCKED 4u

/** Options of a synchronisation. Set by extmgr_sync_options_init(). */
typedef struct extmgr_sync_options {
	uint32_t struct_size;  /**< set by extmgr_sync_options_init() */
	uint32_t flags;        /**< EXTMGR_SYNC_...; unknown bits are refused */
	uint32_t max_parallel; /**< threads that read bundles; 0: one for each processor, at most
				     *   8; 1: none but the caller's */
	uint32_t reserved;     /**< 0 */
	uint64_t bundle_timeout_ms;  /**< for reading one bundle, and for writing one; 0: none */
	uint64_t missing_after_ms;   /**< unseen for so long is missing; 0: 15 minutes */
	extmgr_lock *lock;           /**< the host's own lock; NULL: none; borrowed for the call */
	extmgr_operation *operation; /**< may be NULL; borrowed for the call */
} extmgr_sync_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_sync_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_sync_options_init(extmgr_sync_options *options, uint32_t struct_size);

/**
 * Brings the bundles of a directory into the catalog, whose tables it makes when they are not
 * there. Each changed extension has a transaction of its own, in which its row is locked first: of
 * many workers exactly one writes a change. One that fails stops no other.
 *
 * @param catalog     borrowed
 * @param path        directory with `.supx` files and development directories, UTF-8. NULL or
 *                    empty: nothing is configured, the check is skipped with a debug line. One that
 *                    is not there is a warning in the log and finds nothing
 * @param options     NULL for the defaults; borrowed for the call
 * @param report_out  [out] may be NULL; free with extmgr_sync_report_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK (something was written), EXTMGR_UNCHANGED, EXTMGR_PARTIAL (some were refused,
 *         failed or were locked too long: the report names them), EXTMGR_E_CATALOG_NEWER,
 *         EXTMGR_E_CATALOG_DAMAGED, EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_CONNECTION ...
 *         After a failure what was committed before stays
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_sync_run(extmgr_catalog *catalog,
							   const char *path,
							   const extmgr_sync_options *options,
							   extmgr_sync_report **report_out,
							   extmgr_error **error_out);

/** What became of the bundles. @{ */
#define EXTMGR_SYNC_DISCOVERED 0 /**< the sum of those below but the last */
#define EXTMGR_SYNC_UPDATED    1
#define EXTMGR_SYNC_UNCHANGED  2
#define EXTMGR_SYNC_LOCKED     3 /**< another worker was writing it all the time */
#define EXTMGR_SYNC_SUPERSEDED 4 /**< another bundle there has a higher version */
#define EXTMGR_SYNC_REFUSED    5 /**< malformed, or by policy */
#define EXTMGR_SYNC_FAILED     6 /**< could not be read or written */
#define EXTMGR_SYNC_MISSING    7 /**< in the catalog, but no bundle of it was seen any more */
/** @} */

/**
 * How many bundles came to something.
 *
 * @param report  may be NULL: then 0
 * @param which   EXTMGR_SYNC_DISCOVERED ... EXTMGR_SYNC_MISSING
 * @return count; 0 for other numbers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_sync_report_get_count(const extmgr_sync_report *report, int32_t which);

/**
 * Whether the catalog now holds at least what was discovered: each extension in the version found
 * or a higher one. Bundles that cannot be read are not waited for.
 *
 * @param report  may be NULL: then 0
 * @return 1 or 0
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_sync_converged(const extmgr_sync_report *report);

/**
 * The report as a JSON document "extmgr.sync-report/1": counts, and a line for each bundle.
 *
 * @param report     borrowed
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_sync_report_to_json(
	const extmgr_sync_report *report, extmgr_text **text_out, extmgr_error **error_out);

/**
 * Frees a report.
 *
 * @param report  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_sync_report_free(extmgr_sync_report *report);

#ifdef __cplusplus
}
#endif
#endif
