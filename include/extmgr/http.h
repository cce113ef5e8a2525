/* SPDX-License-Identifier: MIT */
/**
 * @file http.h
 * How a host fetches over HTTP: one callback for one request. The library itself follows redirects,
 * checks statuses and digests and keeps the cache, so a callback stays small. A ready-made one over
 * libcurl is extmgr_curl_open() in drivers.h.
 */
#ifndef EXTMGR_HTTP_H
#define EXTMGR_HTTP_H

#include <extmgr/database.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A way to fetch: a callback and what it needs. Shared by threads; see extmgr_http_new(). */
typedef struct extmgr_http extmgr_http;
/** What to fetch; borrowed for the callback. */
typedef struct extmgr_http_request extmgr_http_request;
/** Where a callback puts what it received; borrowed for the callback. */
typedef struct extmgr_http_response extmgr_http_response;

/** The callbacks of a way to fetch. Set by extmgr_http_callbacks_init(). */
typedef struct extmgr_http_callbacks {
	uint32_t struct_size; /**< set by extmgr_http_callbacks_init() */
	uint32_t flags;       /**< 0; unknown bits are refused */
	/**
	 * Does one GET, follows no redirect, and fills the response: status, headers, body (without
	 * its content coding). Any status is a success of the callback. It fails with
	 * EXTMGR_E_TRANSFER (not reached, connection lost, body cut), EXTMGR_E_TLS,
	 * EXTMGR_E_TIMEOUT and EXTMGR_E_CANCELLED (the operation's; a time limit of its own is
	 * EXTMGR_E_TRANSFER), EXTMGR_E_TOO_LARGE (the response refuses more; its headers are still
	 * wanted) or another code of error.h, and says why with extmgr_host_error_set(); that text
	 * must not repeat the URL. It ends soon when extmgr_operation_get_remaining_ms() is 0. It
	 * may call the library, but not the registry that it fetches an index for: that answers
	 * EXTMGR_E_INVALID_ARGUMENT.
	 */
	extmgr_result (*get)(void *user_data, extmgr_operation *operation,
			     const extmgr_http_request *request, extmgr_http_response *response,
			     extmgr_host_error *error);
	/** Optional: called once when the last user is gone. */
	void (*destroy)(void *user_data);
} extmgr_http_callbacks;

/**
 * Fills callbacks with NULL and 0.
 *
 * @param callbacks    [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_http_callbacks) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_http_callbacks_init(extmgr_http_callbacks *callbacks, uint32_t struct_size);

/**
 * Makes a way to fetch from a host's callback.
 *
 * @param callbacks  copied; get is required
 * @param user_data  handed to every callback; owned (destroy) once the call succeeded
 * @param http_out   [out] free with extmgr_http_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread; get is called from several threads at once, also from threads of the
 * library.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_http_new(const extmgr_http_callbacks *callbacks,
							   void *user_data, extmgr_http **http_out,
							   extmgr_error **error_out);

/**
 * The URL to fetch. It may hold a user and a password before the host.
 *
 * @param request  the one that the callback was called with; may be NULL: then ""
 * @return an http or https URL of at most 8 KiB; borrowed for the callback
 * Threads: within the callback.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_http_request_get_url(const extmgr_http_request *request);

/**
 * A header to send.
 *
 * @param request  may be NULL
 * @param index    from 0
 * @return "Name: value"; borrowed for the callback; NULL beyond the end
 * Threads: within the callback.
 * @since 0.1
 */
EXTMGR_API const char *extmgr_http_request_get_header(const extmgr_http_request *request,
						      size_t index);

/**
 * Says how the server answered.
 *
 * @param response  the one that the callback was called with
 * @param status    100 to 999
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT
 * Threads: within the callback, by one thread at a time; also below.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_http_response_set_status(extmgr_http_response *response, int32_t status);

/**
 * Adds a header. Those that the library does not need are dropped; of several of one name the last
 * one counts.
 *
 * @param response  the one that the callback was called with
 * @param name      bytes of the name, in any case of letters
 * @param length    of the name
 * @param value     bytes of the value; blanks around it are dropped
 * @param value_length  of the value; longer ones than 8 KiB are dropped
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_http_response_add_header(extmgr_http_response *response, const char *name, size_t length,
				const char *value, size_t value_length);

/**
 * Adds bytes to the body.
 *
 * @param response  the one that the callback was called with
 * @param bytes     NULL only when length is 0
 * @param length    bytes
 * @return EXTMGR_OK, EXTMGR_E_TOO_LARGE (end the request: the limit is reached),
 *         EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY, EXTMGR_E_IO (where the body goes to a
 *         file)
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_http_response_append(extmgr_http_response *response, const char *bytes, size_t length);

/**
 * Gives up a way to fetch. Contexts made with it keep what they need.
 *
 * @param http  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_http_free(extmgr_http *http);

#ifdef __cplusplus
}
#endif
#endif
