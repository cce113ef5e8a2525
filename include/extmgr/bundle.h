/* SPDX-License-Identifier: MIT */
/**
 * @file bundle.h
 * Bundles: `.supx` archives, and development directories whose `dist/` holds the same tree.
 *
 * Opening has two steps. extmgr_bundle_source_read() reads the bytes once and hashes them; that is
 * enough to tell whether anything changed. extmgr_bundle_open() then checks and unpacks those same
 * bytes. What fails any check is refused as a whole: there is no half-opened bundle.
 *
 * Sources, bundles and lists never change once they are made: any thread may read them.
 */
#ifndef EXTMGR_BUNDLE_H
#define EXTMGR_BUNDLE_H

#include <extmgr/trust.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The bytes of a bundle, read and hashed, but not looked into. */
typedef struct extmgr_bundle_source extmgr_bundle_source;
/** A bundle that passed all checks, with the content of its files. */
typedef struct extmgr_bundle extmgr_bundle;
/** What was found in a directory, sorted by the bytes of the file names. */
typedef struct extmgr_bundle_list extmgr_bundle_list;

/** Kinds of bundles. @{ */
#define EXTMGR_BUNDLE_ARCHIVE   1 /**< a `.supx` file */
#define EXTMGR_BUNDLE_DIRECTORY 2 /**< a directory with dist/ */
/** @} */

/** What became of a candidate. @{ */
#define EXTMGR_BUNDLE_OK         1 /**< it can be used */
#define EXTMGR_BUNDLE_SUPERSEDED 2 /**< it is good, but another one has its id and goes before */
#define EXTMGR_BUNDLE_FAILED     3 /**< refused or unreadable: see its error */
/** @} */

/** Forms of digests. @{ */
/** "sha256:" and the SHA-256 of the listing */
#define EXTMGR_DIGEST_SHA256 1u
/** the MD5 of Apache Superset, absent files as {}: for comparing, not for trust */
#define EXTMGR_DIGEST_SUPERSET 2u
/** the MD5 of the first version of Apache Superset's code, absent files as null */
#define EXTMGR_DIGEST_SUPERSET_SEED 3u
/** @} */

/**
 * Reads a bundle and hashes what was read; nothing is unpacked. A path that ends in ".supx" or is a
 * file is an archive, a directory is a development directory: all files below its dist/ are read.
 * Beside them the files PATH.sums and PATH.sums.minisig are read where they exist.
 *
 * A file is opened once, without waiting and without following links, except for a link that stays
 * in the folder it lies in. Below dist/ there are no links.
 *
 * @param context     limits and log; the source keeps what it needs of it
 * @param path        UTF-8, NUL-terminated
 * @param source_out  [out] free with extmgr_bundle_source_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_BUNDLE_NOT_FOUND, EXTMGR_E_BUNDLE_UNREADABLE (no permission, no
 *         regular file, no dist/), EXTMGR_E_BUNDLE_LINK (a link that leads out of its folder),
 *         EXTMGR_E_BUNDLE_CHANGED (while it was read), EXTMGR_E_BUNDLE_TOO_LARGE; for directories
 *         also what extmgr_bundle_open() says of names and limits; EXTMGR_E_TOO_LARGE (the
 *         context's total_memory_bytes are in use), EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORKED,
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_bundle_source_read(extmgr_context *context, const char *path,
			  extmgr_bundle_source **source_out, extmgr_error **error_out);

/**
 * Makes a source of an archive that is in memory already.
 *
 * @param context     limits and log; the source keeps what it needs of it
 * @param name        names the bundle in messages, UTF-8, NUL-terminated; copied
 * @param bytes       the archive; copied; NULL only when length is 0
 * @param length      bytes
 * @param source_out  [out] free with extmgr_bundle_source_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_BUNDLE_TOO_LARGE, EXTMGR_E_TOO_LARGE, EXTMGR_E_INVALID_ARGUMENT,
 *         EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_source_from_bytes(
	extmgr_context *context, const char *name, const char *bytes, size_t length,
	extmgr_bundle_source **source_out, extmgr_error **error_out);

/**
 * The path, or the name of a source from bytes.
 *
 * @param source  may be NULL: then NULL
 * @return borrowed until the source is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_source_get_path(const extmgr_bundle_source *source);

/**
 * The kind.
 *
 * @param source  may be NULL: then 0
 * @return EXTMGR_BUNDLE_ARCHIVE or EXTMGR_BUNDLE_DIRECTORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_source_get_kind(const extmgr_bundle_source *source);

/**
 * What tells whether the bytes changed: the SHA-256 of the archive; for a directory that of its
 * listing (the digest without "sha256:").
 *
 * @param source  may be NULL: then NULL
 * @return 64 lower-case hexadecimal digits; borrowed until the source is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_source_get_archive_sha256(const extmgr_bundle_source *source);

/**
 * The bytes of PATH.sums, as they are: nothing has checked them.
 *
 * @param source  may be NULL
 * @param length  [out] bytes; may be NULL
 * @return borrowed until the source is freed; NULL when there is no such file
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_source_get_sums(const extmgr_bundle_source *source,
						     size_t *length);

/**
 * The bytes of PATH.sums.minisig, as they are: nothing has checked them.
 *
 * @param source  may be NULL
 * @param length  [out] bytes; may be NULL
 * @return borrowed until the source is freed; NULL when there is no such file
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_source_get_signature(const extmgr_bundle_source *source,
							  size_t *length);

/**
 * Frees a source. Bundles opened from it keep what they need.
 *
 * @param source  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_bundle_source_free(extmgr_bundle_source *source);

/**
 * Checks and unpacks a source: the structure of the archive, the names, the limits of the context
 * (declared and again while unpacking), the manifest.
 *
 * @param source      borrowed for the call; may be opened several times
 * @param bundle_out  [out] free with extmgr_bundle_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free(). Its details are "bundle",
 *                    and "member" where a file of the bundle is at fault
 * @return EXTMGR_OK, one of EXTMGR_E_BUNDLE_... (error.h), EXTMGR_E_TOO_LARGE (the context's
 *         total_memory_bytes are in use), EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORKED,
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread, several at once also with one source.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_open(const extmgr_bundle_source *source,
							      extmgr_bundle **bundle_out,
							      extmgr_error **error_out);

/**
 * The path, or the name of a bundle from bytes.
 *
 * @param bundle  may be NULL: then NULL
 * @return borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_path(const extmgr_bundle *bundle);

/**
 * The kind.
 *
 * @param bundle  may be NULL: then 0
 * @return EXTMGR_BUNDLE_ARCHIVE or EXTMGR_BUNDLE_DIRECTORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_get_kind(const extmgr_bundle *bundle);

/**
 * The id: "publisher.name" when the manifest has a publisher, else its id, else its name.
 *
 * @param bundle  may be NULL: then NULL
 * @return 1 to 255 bytes of UTF-8 without control characters, '/' and '\\'; borrowed until the
 *         bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_id(const extmgr_bundle *bundle);

/**
 * The version, SemVer 2.0; "0.0.0" when the manifest has none.
 *
 * @param bundle  may be NULL: then NULL
 * @return borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_version(const extmgr_bundle *bundle);

/**
 * The name for people: the manifest's displayName, else its name.
 *
 * @param bundle  may be NULL: then NULL
 * @return UTF-8; borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_name(const extmgr_bundle *bundle);

/**
 * The manifest as it stands in the bundle, with all its keys.
 *
 * @param bundle  may be NULL: then NULL
 * @param length  [out] bytes; may be NULL
 * @return JSON, NUL-terminated; borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_manifest(const extmgr_bundle *bundle, size_t *length);

/**
 * The file with the definition, when the manifest names one.
 *
 * @param bundle  may be NULL: then NULL
 * @return a path of the bundle, such as "backend/src/definition.js"; borrowed until the bundle is
 *         freed; NULL when the bundle carries none
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_definition_path(const extmgr_bundle *bundle);

/**
 * The listing: what sha256sum prints for the files, a line "<hex>  <path>\n" each, sorted by the
 * bytes of the paths.
 *
 * @param bundle  may be NULL: then NULL
 * @return NUL-terminated; borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_listing(const extmgr_bundle *bundle);

/**
 * The digest: "sha256:" and the SHA-256 of the listing. A directory and its archive have the same.
 *
 * @param bundle  may be NULL: then NULL
 * @return borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_digest(const extmgr_bundle *bundle);

/**
 * As extmgr_bundle_source_get_archive_sha256().
 *
 * @param bundle  may be NULL: then NULL
 * @return borrowed until the bundle is freed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_archive_sha256(const extmgr_bundle *bundle);

/**
 * The state of the signature. This version knows no keys: every bundle is unsigned.
 *
 * @param bundle  may be NULL: then 0
 * @return EXTMGR_SIGNATURE_...
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_get_signature_state(const extmgr_bundle *bundle);

/**
 * As extmgr_bundle_source_get_sums().
 *
 * @param bundle  may be NULL: then NULL
 * @param length  [out] bytes; may be NULL
 * @return borrowed until the bundle is freed; NULL when there is no such file
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_sums(const extmgr_bundle *bundle, size_t *length);

/**
 * As extmgr_bundle_source_get_signature().
 *
 * @param bundle  may be NULL: then NULL
 * @param length  [out] bytes; may be NULL
 * @return borrowed until the bundle is freed; NULL when there is no such file
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_signature(const extmgr_bundle *bundle, size_t *length);

/**
 * The number of things that are allowed but not wise, such as an id with a dot but no publisher.
 *
 * @param bundle  may be NULL: then 0
 * @return count
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_bundle_get_warning_count(const extmgr_bundle *bundle);

/**
 * A warning.
 *
 * @param bundle  may be NULL
 * @param index   from 0
 * @return one line of UTF-8; borrowed until the bundle is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_warning(const extmgr_bundle *bundle, size_t index);

/**
 * The number of files, the manifest included. They are sorted by the bytes of their paths.
 *
 * @param bundle  may be NULL: then 0
 * @return count
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_bundle_get_file_count(const extmgr_bundle *bundle);

/**
 * The path of a file inside the bundle, such as "frontend/dist/index.js".
 *
 * @param bundle  may be NULL
 * @param index   from 0
 * @return UTF-8; borrowed until the bundle is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_file_path(const extmgr_bundle *bundle, size_t index);

/**
 * The SHA-256 of a file.
 *
 * @param bundle  may be NULL
 * @param index   from 0
 * @return 64 lower-case hexadecimal digits; borrowed until the bundle is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_file_sha256(const extmgr_bundle *bundle, size_t index);

/**
 * The content of a file.
 *
 * @param bundle  may be NULL
 * @param index   from 0
 * @param length  [out] bytes; may be NULL
 * @return the bytes, and a NUL behind them; borrowed until the bundle is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_get_file_content(const extmgr_bundle *bundle, size_t index,
						      size_t *length);

/**
 * Looks for a file by its path.
 *
 * @param bundle     may be NULL
 * @param path       UTF-8, NUL-terminated; may be NULL
 * @param index_out  [out] may be NULL
 * @return 1 when it is there, else 0
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_find_file(const extmgr_bundle *bundle, const char *path,
					   size_t *index_out);

/**
 * Describes a bundle: JSON document "extmgr.bundle/1" with path, kind, id, version, name, digest,
 * archiveSha256, signature, definition, manifest, files (path, size, sha256) and warnings.
 *
 * @param bundle     borrowed
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_to_json(const extmgr_bundle *bundle,
								 extmgr_text **text_out,
								 extmgr_error **error_out);

/**
 * Packs the files of a bundle into an archive: sorted, with fixed times and modes, so that the same
 * files give the same bytes every time. The archive is opened once before it is handed out.
 *
 * @param bundle       borrowed
 * @param archive_out  [out] the bytes of a `.supx` file; free with extmgr_text_free(); NULL on
 *                     failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, what extmgr_bundle_open() says of the archive (its size, its ratio),
 *         EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_pack(const extmgr_bundle *bundle,
							      extmgr_text **archive_out,
							      extmgr_error **error_out);

/**
 * Frees a bundle.
 *
 * @param bundle  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_bundle_free(extmgr_bundle *bundle);

/**
 * Computes a digest of what lies at a path: an archive, a development directory or a definition (a
 * `.js` file, whose listing has the one line of its file name).
 *
 * @param context      limits and log
 * @param path         UTF-8, NUL-terminated
 * @param form         EXTMGR_DIGEST_...; a definition has EXTMGR_DIGEST_SHA256 only. The other
 *                     forms read the manifest as Python's json module does, so that they also tell
 *                     the digest of manifests that extmgr_bundle_open() refuses
 * @param digest_out   [out] "sha256:" and 64, or 32 hexadecimal digits; free with
 *                     extmgr_text_free(); NULL on failure
 * @param listing_out  [out] the listing; may be NULL; free with extmgr_text_free()
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, what extmgr_bundle_source_read() and extmgr_bundle_open() answer,
 *         EXTMGR_E_SOURCE_TOO_LARGE (a definition), EXTMGR_E_UNSUPPORTED (a form that does not
 *         apply), EXTMGR_E_INVALID_ARGUMENT
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_digest_compute(extmgr_context *context,
								 const char *path, uint32_t form,
								 extmgr_text **digest_out,
								 extmgr_text **listing_out,
								 extmgr_error **error_out);

/**
 * Looks for bundles in a directory, not in those below it: `.supx` files and directories with a
 * dist/ directory. Each is opened and closed again. Of several with one id the highest version goes
 * before the others; when versions are equal, the directory, then the one listed first. One that
 * fails stops no other.
 *
 * A path that does not exist is a warning, in the log and in the list, which is then empty.
 *
 * @param context    limits and log
 * @param path       UTF-8, NUL-terminated
 * @param operation  may be NULL; looked at before each bundle; gets progress "discover"
 * @param list_out   [out] free with extmgr_bundle_list_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (some failed: the list says which), EXTMGR_E_BUNDLE_UNREADABLE
 *         (the path is no directory or cannot be read), EXTMGR_E_TOO_LARGE (more than 100 000
 *         entries), EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_INVALID_ARGUMENT,
 *         EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_discover(extmgr_context *context,
								  const char *path,
								  extmgr_operation *operation,
								  extmgr_bundle_list **list_out,
								  extmgr_error **error_out);

/**
 * The number of candidates.
 *
 * @param list  may be NULL: then 0
 * @return count
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API size_t extmgr_bundle_list_get_count(const extmgr_bundle_list *list);

/**
 * Why the list is empty when the path does not exist.
 *
 * @param list  may be NULL
 * @return borrowed until the list is freed; NULL when the path exists
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_warning(const extmgr_bundle_list *list);

/**
 * The path of a candidate: the one that was searched, '/', and the file name.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_path(const extmgr_bundle_list *list, size_t index);

/**
 * The kind of a candidate.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return EXTMGR_BUNDLE_ARCHIVE or EXTMGR_BUNDLE_DIRECTORY; 0 beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_list_get_kind(const extmgr_bundle_list *list, size_t index);

/**
 * What became of a candidate.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return EXTMGR_BUNDLE_OK, EXTMGR_BUNDLE_SUPERSEDED or EXTMGR_BUNDLE_FAILED; 0 beyond the end
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_bundle_list_get_outcome(const extmgr_bundle_list *list, size_t index);

/**
 * The name of an outcome: "ok", "superseded", "failed".
 *
 * @param outcome  EXTMGR_BUNDLE_OK, ...
 * @return static text; "unknown" for other numbers
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_outcome_get_name(int32_t outcome);

/**
 * The id of a candidate.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end and for those that failed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_id(const extmgr_bundle_list *list, size_t index);

/**
 * The version of a candidate.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end and for those that failed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_version(const extmgr_bundle_list *list, size_t index);

/**
 * The digest of a candidate.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL beyond the end and for those that failed
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_digest(const extmgr_bundle_list *list, size_t index);

/**
 * The candidate that goes before a superseded one.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return its path; borrowed until the list is freed; NULL for those that are not superseded
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_bundle_list_get_superseded_by(const extmgr_bundle_list *list,
							    size_t index);

/**
 * Why a candidate failed.
 *
 * @param list   may be NULL
 * @param index  from 0
 * @return borrowed until the list is freed; NULL for those that did not fail
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API const extmgr_error *extmgr_bundle_list_get_error(const extmgr_bundle_list *list,
							    size_t index);

/**
 * The list as a JSON document "extmgr.discovery/1".
 *
 * @param list       borrowed
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_bundle_list_to_json(
	const extmgr_bundle_list *list, extmgr_text **text_out, extmgr_error **error_out);

/**
 * Frees a list.
 *
 * @param list  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_bundle_list_free(extmgr_bundle_list *list);

#ifdef __cplusplus
}
#endif
#endif
