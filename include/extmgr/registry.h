/* SPDX-License-Identifier: MIT */
/**
 * @file registry.h
 * Sources of extension definitions by id: a directory of `.js` files, whose id is the file's name
 * without `.js` (a name with `.js` is understood as well wherever an id is taken, so a file named
 * x.js.js is no entry); and the catalog, whose ids are those of the bundles that carry a
 * definition.
 */
#ifndef EXTMGR_REGISTRY_H
#define EXTMGR_REGISTRY_H

#include <extmgr/sync.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A registry. */
typedef struct extmgr_registry extmgr_registry;
/** A snapshot of a registry's entries, sorted by the bytes of their ids. */
typedef struct extmgr_registry_list extmgr_registry_list;

/**
 * Opens a registry. Nothing is read yet but the fact that it is there.
 *
 * @param context       limits and log; the registry keeps what it needs of it
 * @param location      path of a directory, UTF-8
 * @param registry_out  [out] free with extmgr_registry_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_REGISTRY_UNREADABLE (no directory, no
 *         permission), EXTMGR_E_UNSUPPORTED (http:// and https:// in this version),
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
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_registry_open_catalog(extmgr_catalog *catalog, extmgr_registry **registry_out,
			     extmgr_error **error_out);

/**
 * Lists the entries as they are now. Files that are no regular `.js` files, and what lies in
 * subdirectories, are no entries.
 *
 * @param registry   borrowed
 * @param list_out   [out] free with extmgr_registry_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_REGISTRY_NOT_FOUND (gone meanwhile), EXTMGR_E_REGISTRY_UNREADABLE,
 *         EXTMGR_E_TOO_LARGE (more than 10 000 entries), EXTMGR_E_NO_MEMORY; of a catalog what
 *         extmgr_catalog_list() answers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_list_entries(
	extmgr_registry *registry, extmgr_registry_list **list_out, extmgr_error **error_out);

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
 * Frees a list.
 *
 * @param list  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_registry_list_free(extmgr_registry_list *list);

/**
 * Reads a definition's source. The file is opened once (no symbolic link out of the registry, no
 * special file) and read once.
 *
 * @param registry    borrowed
 * @param id          extension id, with or without `.js`
 * @param source_out  [out] UTF-8; free with extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_EXTENSION_NOT_FOUND (also for ids that are no plain file names),
 *         EXTMGR_E_REGISTRY_NOT_FOUND, EXTMGR_E_REGISTRY_UNREADABLE, EXTMGR_E_SOURCE_TOO_LARGE,
 *         EXTMGR_E_FORMAT (not UTF-8), EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY; of a catalog
 *         also EXTMGR_E_EXTENSION_WITHDRAWN, EXTMGR_E_CATALOG_TAMPERED and what
 *         extmgr_catalog_list() answers
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
