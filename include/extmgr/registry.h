/* SPDX-License-Identifier: MIT */
/**
 * @file registry.h
 * Sources of extension definitions by id: a directory of `.js` files, an index on the web,
 * or the catalog with the definitions that its bundles carry. In a
 * directory the id is the file's name without `.js` (a name with `.js` is understood as well
 * wherever an id is taken, so a file named x.js.js is no entry).
 *
 * What a registry hands out has passed its checks: digests, signatures by the trust of the context
 * (trust.h), no way back to an older version. docs/publishers.md describes the files.
 */
#ifndef EXTMGR_REGISTRY_H
#define EXTMGR_REGISTRY_H

#include <extmgr/sync.h>
#include <extmgr/trust.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A registry. */
typedef struct extmgr_registry extmgr_registry;
/** A snapshot of a registry's entries, sorted by the bytes of their ids. */
typedef struct extmgr_registry_list extmgr_registry_list;

/** Flags of a registry. @{ */
/** Nothing is fetched: what the cache holds serves, however old it is. */
#define EXTMGR_REGISTRY_OFFLINE 1u
/** Older versions and an older index are taken, and remembered as the newest. */
#define EXTMGR_REGISTRY_ALLOW_DOWNGRADE 2u
/** @} */

/** How a registry is used. Set by extmgr_registry_options_init(). */
typedef struct extmgr_registry_options {
	uint32_t struct_size; /**< set by extmgr_registry_options_init() */
	uint32_t flags;       /**< EXTMGR_REGISTRY_... */
	/** how long what was fetched serves without asking again; rounded up to seconds; 0: as the
	 *  server says (max-age), else 5 minutes */
	uint64_t refresh_ms;
} extmgr_registry_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_registry_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_registry_options_init(extmgr_registry_options *options,
					     uint32_t struct_size);

/**
 * Opens a registry with the default options. Of a directory nothing is read yet but the fact that
 * it is there; nothing is fetched from the web.
 *
 * @param context       limits, log, trust, cache directory, and how to fetch; the registry keeps
 *                      what it needs of it
 * @param location      UTF-8: a URL that begins with `http://` or `https://`, in any case of
 *                      letters, or else the path of a directory. User and password in a URL are
 *                      sent to that origin only and never shown
 * @param registry_out  [out] free with extmgr_registry_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_REGISTRY_UNREADABLE (no directory, no
 *         permission), EXTMGR_E_UNSUPPORTED (a URL, and the context has no http),
 *         EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; the registry may be shared by threads.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_open(extmgr_context *context,
								const char *location,
								extmgr_registry **registry_out,
								extmgr_error **error_out);

/**
 * Opens the catalog as a registry: the definitions that its bundles carry. Nothing is connected
 * yet; each call reads the catalog in a session of its own and checks what it read against hash,
 * listing and digest. Extensions that are disabled, missing or bad are no entries; what is
 * installed of them can be uninstalled.
 *
 * @param catalog       the registry keeps what it needs of it
 * @param registry_out  [out] free with extmgr_registry_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; the registry may be shared by threads.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_open_catalog(
	extmgr_catalog *catalog, extmgr_registry **registry_out, extmgr_error **error_out);

/**
 * Opens a registry.
 *
 * @param context       as for extmgr_registry_open()
 * @param location      as for extmgr_registry_open()
 * @param options       NULL for the defaults; borrowed for the call
 * @param registry_out  [out] free with extmgr_registry_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_registry_open()
 * Threads: any thread; the registry may be shared by threads.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_open_with_options(
	extmgr_context *context, const char *location, const extmgr_registry_options *options,
	extmgr_registry **registry_out, extmgr_error **error_out);

/**
 * Asks a registry on the web for its index, whatever its age, and for definitions when they are
 * next read. What is there stays when that fails.
 *
 * @param registry   borrowed
 * @param operation  deadline and cancel; may be NULL
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK (the index has changed), EXTMGR_UNCHANGED (it has not, or the registry is a
 *         directory), EXTMGR_E_TRANSFER, EXTMGR_E_TLS, EXTMGR_E_HTTP_STATUS, EXTMGR_E_REDIRECT,
 *         EXTMGR_E_TOO_LARGE, EXTMGR_E_INDEX_FORMAT, EXTMGR_E_INDEX_EXPIRED,
 *         EXTMGR_E_INDEX_ROLLBACK, EXTMGR_E_SIGNATURE_..., EXTMGR_E_OFFLINE, EXTMGR_E_CANCELLED,
 *         EXTMGR_E_TIMEOUT, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_refresh(extmgr_registry *registry,
								   extmgr_operation *operation,
								   extmgr_error **error_out);

/**
 * Lists the entries as they are now. Files that are no regular `.js` files, and what lies in
 * subdirectories, are no entries. An index is asked for unless the one that is there is fresh; when
 * the server cannot be reached the old one serves, with a warning in the log. Of several versions
 * of one id the highest is an entry.
 *
 * @param registry   borrowed
 * @param list_out   [out] free with extmgr_registry_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_REGISTRY_NOT_FOUND (gone meanwhile), EXTMGR_E_REGISTRY_UNREADABLE,
 *         EXTMGR_E_TOO_LARGE (more than 10 000 entries), EXTMGR_E_NO_MEMORY; of the web as
 *         extmgr_registry_refresh(); of a catalog what extmgr_catalog_list() answers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_list_entries(
	extmgr_registry *registry, extmgr_registry_list **list_out, extmgr_error **error_out);

/**
 * The same with an operation, which may be cancelled or late while the index is fetched.
 *
 * @param registry   borrowed
 * @param operation  may be NULL
 * @param list_out   [out] free with extmgr_registry_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_registry_list_entries(), and EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_registry_list_entries_within(extmgr_registry *registry, extmgr_operation *operation,
				    extmgr_registry_list **list_out, extmgr_error **error_out);

/**
 * Reads a definition with all checks of extmgr_registry_read(), and says what its signature is.
 *
 * @param registry       borrowed
 * @param id             with or without `.js`
 * @param operation      may be NULL
 * @param signature_out  [out] EXTMGR_SIGNATURE_..., as far as it is known also after a failure;
 *                       0: nobody knows
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_registry_read(), and EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_check(extmgr_registry *registry,
								 const char *id,
								 extmgr_operation *operation,
								 int32_t *signature_out,
								 extmgr_error **error_out);

/**
 * The number of entries.
 *
 * @param list  may be NULL: then 0
 * @return count
 * Threads: a list never changes; any thread may read it.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_registry_list_get_count(const extmgr_registry_list *list);

/**
 * The id of an entry.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_registry_list_get_id(const extmgr_registry_list *list, size_t index);

/**
 * The list as a JSON document "extmgr.registry/1": location, kind, entries; of the web also the
 * state of the signature, serial, expires, when it was fetched, and superseded entries.
 *
 * @param list       borrowed
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_TOO_LARGE, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_list_to_json(
	const extmgr_registry_list *list, extmgr_text **text_out, extmgr_error **error_out);

/**
 * Frees a list.
 *
 * @param list  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_registry_list_free(extmgr_registry_list *list);

/**
 * Reads a definition's source. The file is opened once (no symbolic link out of the registry, no
 * special file) and read once; from the web it comes out of the cache while that may be used.
 * Beside a file or URL `x.js` these count: `x.js.sha256` is compared when it is there;
 * `x.js.sums.minisig` is the signature over the listing `x.js.sums`.
 *
 * @param registry    borrowed
 * @param id          extension id, with or without `.js`
 * @param source_out  [out] UTF-8; free with extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_EXTENSION_NOT_FOUND (also for ids that are no plain file names),
 *         EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_REGISTRY_UNREADABLE, EXTMGR_E_SOURCE_TOO_LARGE,
 *         EXTMGR_E_FORMAT (not UTF-8), EXTMGR_E_CHECKSUM, EXTMGR_E_SIGNATURE_...,
 *         EXTMGR_E_VERSION_ROLLBACK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY; of the web
 *         also as extmgr_registry_refresh(); of a catalog EXTMGR_E_EXTENSION_WITHDRAWN,
 *         EXTMGR_E_CATALOG_TAMPERED and what extmgr_catalog_list() answers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_read(extmgr_registry *registry,
								const char *id,
								extmgr_text **source_out,
								extmgr_error **error_out);

/**
 * Gives up a registry. Managers made with it keep what they need.
 *
 * @param registry  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_registry_free(extmgr_registry *registry);

#ifdef __cplusplus
}
#endif
#endif
