/* SPDX-License-Identifier: MIT */
/**
 * @file publish.h
 * Publishing: release assets become a registry, and a registry gets the index with which a static
 * web server can offer it.
 */
#ifndef EXTMGR_PUBLISH_H
#define EXTMGR_PUBLISH_H

#include <extmgr/context.h>
#include <extmgr/files.h>
#include <extmgr/registry.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Older versions than the registry has are taken. */
#define EXTMGR_COLLECT_ALLOW_DOWNGRADE 1u

/**
 * Gathers release assets into a registry in a directory and a file store: definitions, and beside
 * each of them the artifacts that it names. A definition is checked against `X.js.sha256` beside
 * it when that is there, and by the trust of the context; an artifact against size and SHA-256 of
 * its definition, and against its own `.sha256` file when that is there. Of several definitions of
 * one id the highest version is taken; a file name that ends with `-<version>` gives the id
 * without it. Everything is verified before the first file becomes visible: after a failure both
 * places are as they were (but for one while they are written, EXTMGR_E_IO: then some files are
 * there, each of them whole; the same call again does the rest). Make the index next.
 *
 * @param context      limits, trust, log, and how to fetch
 * @param sources      count of them: directories with definitions, or URLs of definitions; beside
 *                     them are the other assets
 * @param count        1 to 1 000
 * @param registry     the directory as a registry
 * @param definitions  the directory as a file store that can be written
 * @param artifacts    where artifacts go, a file store that can be written and read; NULL: a
 *                     definition that needs one is refused
 * @param flags        EXTMGR_COLLECT_...
 * @param operation    deadline, cancel and progress ("collect", "download"); may be NULL
 * @param report_out   [out] JSON document "extmgr.registry-collect/1": definitions [{id, version,
 *                     source, outcome}] with outcome "added", "updated", "unchanged" or
 *                     "superseded", artifacts [{extension, fileName, sha256, outcome}] with
 *                     outcome "added" or "unchanged"; free with extmgr_text_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NOT_FOUND (no definition),
 *         EXTMGR_E_CHECKSUM, EXTMGR_E_ARTIFACT_CHECKSUM, EXTMGR_E_ARTIFACT_MISSING,
 *         EXTMGR_E_VERSION_ROLLBACK, EXTMGR_E_CONFLICT (one version or file name with two
 *         contents), EXTMGR_E_SIGNATURE_..., EXTMGR_E_HTTP_STATUS and what fetching says, what
 *         loading a definition says, EXTMGR_E_IO, EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT
 * Threads: any thread; one at a time for a directory.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_registry_collect(extmgr_context *context, const char *const *sources, size_t count,
			extmgr_registry *registry, extmgr_files *definitions,
			extmgr_files *artifacts, uint32_t flags, extmgr_operation *operation,
			extmgr_text **report_out, extmgr_error **error_out);

/**
 * Makes the index of a registry from its definitions: with it a static web server that serves the
 * directory is a registry. Each definition is loaded and each bundle opened; one that is broken is
 * an error, because nobody wants to publish it.
 *
 * @param context     limits and log
 * @param registry    whose definitions are published, usually a directory; borrowed
 * @param serial      a number that grows with each index, from 0
 * @param expires     when the index ends to be good, such as "2030-12-31T23:59:59Z"; NULL: never
 * @param operation   deadline, cancel and progress; may be NULL
 * @param index_out   [out] JSON: serial, expires, extensions {id, url (relative), version (the
 *                    latest), sha256}, and where there are archives of bundles (*.supx) bundles
 *                    {id, url, version, sha256 (of the file), digest}; to be served as
 *                    registry.json; free with extmgr_text_free(); NULL on failure
 * @param sums_out    [out] the listing of that file, to be signed as registry.json.sums; free with
 *                    extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, what reading
 *         and loading a definition says
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_registry_build(extmgr_context *context, extmgr_registry *registry, int64_t serial,
		      const char *expires, extmgr_operation *operation, extmgr_text **index_out,
		      extmgr_text **sums_out, extmgr_error **error_out);

/**
 * Looks whether everything that a registry offers is there, is what it should be, and loads. All of
 * it is fetched anew, whatever caches hold: the index, each definition that it names (older
 * versions of an id, too), each bundle, and each file that a definition gives a downloadUrl, which
 * goes nowhere. Compared are digests of the index and of files beside (`X.js.sha256`, `X.js.sums`),
 * sizes and SHA-256 of artifacts, what a bundle says of itself, and signatures, by the trust of the
 * context; each definition is loaded. In a directory the same is done with its files, and with its
 * `registry.json` when it is there.
 *
 * What is wrong with one thing is a line of the report and keeps nothing else from being looked at.
 * A signature that does not fit is wrong under every policy.
 *
 * @param context     as the registry's; asks the URLs that index and definitions name
 * @param registry    borrowed
 * @param operation   deadline, cancel and progress ("bundles", "verify", "download"); may be NULL
 * @param report_out  [out] JSON document "extmgr.registry-check/1": location, wrong (how many),
 *                    entries [{kind ("index", "definition", "bundle", "artifact", "link"), id,
 *                    version, file, result ("ok", "problem"), code, signature, reason}]; free with
 *                    extmgr_text_free(); NULL on failure
 * @param error_out   [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_PARTIAL (something is wrong), EXTMGR_E_INVALID_ARGUMENT,
 *         EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT, EXTMGR_E_NO_MEMORY; when there is no index to begin
 *         with as extmgr_registry_refresh() and extmgr_registry_list_entries()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_registry_verify(extmgr_context *context,
								  extmgr_registry *registry,
								  extmgr_operation *operation,
								  extmgr_text **report_out,
								  extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
