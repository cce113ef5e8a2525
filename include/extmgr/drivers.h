/* SPDX-License-Identifier: MIT */
/**
 * @file drivers.h
 * Ready-made host callbacks, in the second library (libextmgr-drivers): databases through ODBC,
 * file stores in local directories, and fetching through libcurl. A host with its own
 * database needs only the first library.
 */
#ifndef EXTMGR_DRIVERS_H
#define EXTMGR_DRIVERS_H

#include <extmgr/database.h>
#include <extmgr/files.h>
#include <extmgr/http.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Opens a database by URL; nothing is connected yet.
 *
 *  - `sqlite:PATH`: an SQLite file, made when it is not there (its directory must be);
 *  - `postgresql://USER:PASSWORD@HOST:PORT/DATABASE` (also `postgres://`; percent-encoding; query
 *    keys sslmode, connect_timeout; HOST may be a percent-encoded socket directory); threads
 *    connect one after the other unless PGCLIENTENCODING is set (psqlODBC calls setlocale());
 *  - `odbc:KEY=VALUE;KEY=VALUE`: handed to the ODBC manager as keys and values; `{...}` quotes a
 *    value. The dialect comes from the key Dialect, else from the driver's own name.
 *
 * @param url           UTF-8; never appears in messages or logs with its password
 * @param database_out  [out] free with extmgr_database_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (NULL, empty, or a part that is wrong: named, not
 *         quoted), EXTMGR_E_UNSUPPORTED (unknown scheme, ODBC driver not installed),
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_database_open(const char *url,
								extmgr_database **database_out,
								extmgr_error **error_out);

/**
 * Opens a database through ODBC from separate keys and values; nothing is connected yet.
 * Values with `;`, `{`, `}`, `=` or control characters are refused, so that a value can never
 * become another key.
 *
 * @param keys          count keys of an ODBC connection string such as "Driver", "Server", "UID",
 *                      "PWD"; letters, digits, `_`, `-` and blanks; and "Dialect" (ours)
 * @param values        count values, UTF-8
 * @param count         1 to 64
 * @param database_out  [out] free with extmgr_database_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED (no such ODBC driver),
 *         EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_odbc_open(const char *const *keys,
							    const char *const *values, size_t count,
							    extmgr_database **database_out,
							    extmgr_error **error_out);

/**
 * Makes a database of an ODBC connection that the caller has open, for operations in the caller's
 * own transaction: managers over it need EXTMGR_TRANSACTION_CALLER, else each operation is refused
 * (EXTMGR_E_UNSUPPORTED). One operation at a time; another is refused with EXTMGR_E_LOCKED.
 *
 * @param connection    the SQLHDBC; borrowed until the database and all managers with it are freed.
 *                      Its transaction is begun by a statement ("BEGIN", on SQLite best
 *                      "BEGIN IMMEDIATE") or by switching SQL_ATTR_AUTOCOMMIT off; on SQLite
 *                      something must have been written since
 * @param dialect       "sqlite" or "postgresql"
 * @param database_out  [out] free with extmgr_database_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT (NULL, or no dialect), EXTMGR_E_NO_MEMORY
 * Threads: any thread; while an operation runs nobody else uses the connection.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_odbc_attach(void *connection, const char *dialect,
							      extmgr_database **database_out,
							      extmgr_error **error_out);

/**
 * Opens a file store over local directories, searched recursively without following symbolic links.
 *
 * @param directories  count paths, UTF-8; copied
 * @param count        1 to 64
 * @param files_out    [out] free with extmgr_files_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY. A directory that is missing is
 *         an error of the operation that lists it (EXTMGR_E_IO)
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_local_files_open(const char *const *directories,
								   size_t count,
								   extmgr_files **files_out,
								   extmgr_error **error_out);

/** New files are written to the first directory, for artifacts by download. */
#define EXTMGR_LOCAL_FILES_WRITABLE 1u

/** How local directories are used as a file store. Set by extmgr_local_files_options_init(). */
typedef struct extmgr_local_files_options {
	uint32_t struct_size; /**< set by extmgr_local_files_options_init() */
	uint32_t flags;       /**< EXTMGR_LOCAL_FILES_...; unknown bits are refused */
} extmgr_local_files_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_local_files_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_local_files_options_init(extmgr_local_files_options *options,
						uint32_t struct_size);

/**
 * As extmgr_local_files_open(), with options. A new file is written beside its place as
 * `.extmgr-new-...`, which is never listed, and renamed when it is whole; what a writer that was
 * killed has left there is removed by the next one an hour later.
 *
 * @param directories  as for extmgr_local_files_open()
 * @param count        1 to 64
 * @param options      NULL for the defaults; borrowed for the call
 * @param files_out    [out] free with extmgr_files_free(); NULL on failure
 * @param error_out    [out] may be NULL; free with extmgr_error_free()
 * @return as extmgr_local_files_open()
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_local_files_open_with_options(
	const char *const *directories, size_t count, const extmgr_local_files_options *options,
	extmgr_files **files_out, extmgr_error **error_out);

/** How to fetch through libcurl. Set by extmgr_curl_options_init(). */
typedef struct extmgr_curl_options {
	uint32_t struct_size;        /**< set by extmgr_curl_options_init() */
	uint32_t flags;              /**< 0; unknown bits are refused */
	uint64_t connect_timeout_ms; /**< until a server is reached; 10 000 */
	uint64_t timeout_ms;         /**< for one request as a whole; 60 000 */
	/** file with the certificates (PEM) of the authorities that are trusted, in place of the
	 *  system's; copied; NULL: the system's */
	const char *ca_file;
	/** URL of a proxy for all requests; copied; NULL: as the environment says (https_proxy,
	 *  http_proxy, all_proxy, no_proxy); "": none */
	const char *proxy;
} extmgr_curl_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_curl_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_curl_options_init(extmgr_curl_options *options, uint32_t struct_size);

/**
 * Fetches through libcurl: http and https only, certificates verified, compressed answers
 * unpacked, connections used again. Signals are left alone. A request is given up within 100 ms
 * once its operation is late or cancelled.
 *
 * @param options    NULL for the defaults; borrowed for the call
 * @param http_out   [out] free with extmgr_http_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED (a build without libcurl, or a
 *         libcurl without TLS), EXTMGR_E_NO_MEMORY. What is wrong with ca_file or proxy shows at
 *         the first request
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_curl_open(const extmgr_curl_options *options,
							    extmgr_http **http_out,
							    extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
