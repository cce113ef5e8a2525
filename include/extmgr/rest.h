/* SPDX-License-Identifier: MIT */
/**
 * @file rest.h
 * The REST interface without sockets: a request goes in, a response comes out. A host puts it
 * behind the HTTP server it has; docs/rest.md shows how, and lists routes and answers.
 *
 * Routing, body checks, the Authorization header, errors and the OpenAPI document are the
 * library's; whose database a request may reach is the host's (extmgr_rest_credentials_fn).
 */
#ifndef EXTMGR_REST_H
#define EXTMGR_REST_H

#include <extmgr/database.h>
#include <extmgr/error.h>
#include <extmgr/files.h>
#include <extmgr/manager.h>
#include <extmgr/registry.h>
#include <extmgr/sync.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The REST interface of one registry. Shared by threads. */
typedef struct extmgr_rest extmgr_rest;
/** What is sent back. Never changes once it was handed out. */
typedef struct extmgr_rest_response extmgr_rest_response;
/** Where the credentials callback puts the target; borrowed for the callback. */
typedef struct extmgr_rest_target extmgr_rest_target;

/** Longest body in bytes. A server may stop reading one byte behind it: what it has by then is
 *  enough to be refused. */
#define EXTMGR_REST_BODY_MAXIMUM 1048576u
/** Longest request target (path and query) in bytes. */
#define EXTMGR_REST_TARGET_MAXIMUM 8192u

/** One header or query parameter. */
typedef struct extmgr_rest_field {
	const char *name;  /**< NUL-terminated */
	const char *value; /**< NUL-terminated */
} extmgr_rest_field;

/** A request as it arrived. Set by extmgr_rest_request_init(). */
typedef struct extmgr_rest_request {
	uint32_t struct_size;             /**< set by extmgr_rest_request_init() */
	uint32_t flags;                   /**< 0; unknown bits are refused */
	const char *method;               /**< "GET", "PUT", ...; case counts */
	const char *target;               /**< path and query, still percent-encoded */
	const extmgr_rest_field *headers; /**< header_count of them; case of names does not count */
	size_t header_count;              /**< at most 256 count, the rest is not looked at */
	const char *body;                 /**< NULL only with length 0 */
	size_t body_length;               /**< bytes */
	/** Cancel it when the client has gone away: what was begun is rolled back. Its timeout and
	 *  actor, where it has none, become those of the request. NULL: cannot be cancelled. */
	extmgr_operation *operation;
} extmgr_rest_request;

/**
 * Fills a request with zeroes and its size.
 *
 * @param request      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_rest_request) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_rest_request_init(extmgr_rest_request *request, uint32_t struct_size);

/** Schemes of the Authorization header. @{ */
#define EXTMGR_REST_BASIC  1u /**< user and password */
#define EXTMGR_REST_BEARER 2u /**< a token */
/** @} */

/** Who asks, and for which database; borrowed for the callback. Fields are only ever appended. */
typedef struct extmgr_rest_credentials {
	uint32_t struct_size;           /**< as the library knows it */
	uint32_t scheme;                /**< EXTMGR_REST_BASIC or EXTMGR_REST_BEARER */
	const char *user;               /**< bytes as they came, no NUL inside; NULL for a token */
	const char *password;           /**< the same */
	const char *token;              /**< NULL for user and password */
	const char *db_host;            /**< not empty; valid UTF-8 */
	const extmgr_rest_field *query; /**< all parameters of the query, decoded */
	size_t query_count;             /**< at most 64 */
	uint32_t db_port;               /**< 1 to 65535 */
	uint32_t reserved;              /**< 0 */
} extmgr_rest_credentials;

/**
 * Chooses the target of a request: calls extmgr_rest_target_use() once, or says why not.
 *
 * @param user_data    extmgr_rest_options.user_data
 * @param credentials  who asks; borrowed for the call
 * @param target       where the database goes
 * @param error_out    [out] made with extmgr_error_new(); its status and message are sent. With
 *                     EXTMGR_E_AUTHENTICATION it is 401 "invalid database credentials"
 * @return EXTMGR_OK or the code of the error
 * Threads: called from the threads that handle requests, several at once.
 */
typedef extmgr_result (*extmgr_rest_credentials_fn)(void *user_data,
						    const extmgr_rest_credentials *credentials,
						    extmgr_rest_target *target,
						    extmgr_error **error_out);

/**
 * Whether a request may use a route.
 *
 * @param user_data  extmgr_rest_options.user_data
 * @param request    as it arrived
 * @param route      operation id, such as "InstallExtension"
 * @param id         id of the extension or bundle in the path; NULL: the route has none. The
 *                   routes of the catalog reach no target and are given no credentials of one: who
 *                   asks tells the header Authorization, which is well-formed
 * @param error_out  [out] as for extmgr_rest_credentials_fn; NULL: EXTMGR_E_FORBIDDEN
 * @return EXTMGR_OK, EXTMGR_E_FORBIDDEN (403), EXTMGR_E_UNAUTHORIZED (401) or another code
 * Threads: as extmgr_rest_credentials_fn.
 */
typedef extmgr_result (*extmgr_rest_authorize_fn)(void *user_data,
						  const extmgr_rest_request *request,
						  const char *route, const char *id,
						  extmgr_error **error_out);

/** Errors of status 500 tell their cause. Only where all clients may see it: for tests. */
#define EXTMGR_REST_ADD_CAUSE 1u

/** Options of a REST interface. Set by extmgr_rest_options_init(). */
typedef struct extmgr_rest_options {
	uint32_t struct_size; /**< set by extmgr_rest_options_init() */
	uint32_t flags;       /**< EXTMGR_REST_...; unknown bits are refused */
	/** of each call that a request makes (listing what is available makes two), in
	 *  milliseconds; 0: 60 000 */
	uint64_t timeout_ms;
	const char *version;                    /**< in the OpenAPI document; NULL: "dev"; copied */
	extmgr_rest_credentials_fn credentials; /**< required */
	/** Asked for each route that needs credentials, before these are used. NULL: all of them
	 *  are allowed, but those that touch the host's own catalog are off (404). */
	extmgr_rest_authorize_fn authorize;
	void *user_data;                  /**< handed to the callbacks */
	void (*destroy)(void *user_data); /**< called once by extmgr_rest_free() */
	/** what the routes /bundles show and change; kept as long as it is needed: it may be freed
	 *  before. NULL: these routes are off (404) */
	extmgr_catalog *catalog;
} extmgr_rest_options;

/**
 * Fills options with the defaults.
 *
 * @param options      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_rest_options) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_rest_options_init(extmgr_rest_options *options, uint32_t struct_size);

/**
 * Makes the REST interface of a registry.
 *
 * @param context    kept as long as it is needed, like the registry: both may be freed before
 * @param registry   where the definitions are
 * @param options    required: without credentials() nothing could be reached; borrowed for the
 *                   call; user_data is owned by the interface (destroy) once the call succeeded
 * @param rest_out   [out] free with extmgr_rest_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_FORKED, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rest_new(extmgr_context *context,
							   extmgr_registry *registry,
							   const extmgr_rest_options *options,
							   extmgr_rest **rest_out,
							   extmgr_error **error_out);

/**
 * Frees a REST interface.
 *
 * @param rest  may be NULL; no call may be using it
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_rest_free(extmgr_rest *rest);

/**
 * Gives a request its target. Within extmgr_rest_credentials_fn, once.
 *
 * @param target     the one that the callback was called with
 * @param database   kept until the request is answered: the caller may free it at once, or keep it
 *                   for the next request
 * @param files      where artifacts are; kept like the database; NULL: nowhere
 * @param options    NULL for the defaults; borrowed for the call. EXTMGR_VERIFY_DEFAULT means
 *                   EXTMGR_VERIFY_WARN here
 * @param error_out  [out] may be NULL; the callback may hand it on
 * @return as extmgr_manager_new(); EXTMGR_E_INVALID_ARGUMENT also for a second call
 * Threads: within the callback only.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result
extmgr_rest_target_use(extmgr_rest_target *target, extmgr_database *database, extmgr_files *files,
		       const extmgr_target_options *options, extmgr_error **error_out);

/**
 * Answers a request. Whatever the request, there is a response; when memory is out it is a static
 * one of status 500.
 *
 * @param rest          borrowed
 * @param request       borrowed for the call
 * @param response_out  [out] free with extmgr_rest_response_free(); NULL on failure
 * @param error_out     [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK: there is a response, perhaps one that tells an error;
 *         EXTMGR_E_INVALID_ARGUMENT: the call is wrong (rest, request, method or target NULL,
 *         unknown flags)
 * Threads: any thread, several at once; blocks as long as the request takes; needs 256 KiB of
 *          stack.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rest_handle(extmgr_rest *rest,
							      const extmgr_rest_request *request,
							      extmgr_rest_response **response_out,
							      extmgr_error **error_out);

/**
 * The status of a response.
 *
 * @param response  may be NULL: then 500
 * @return HTTP status
 * Threads: a response never changes; any thread may read it. The same holds for all accessors.
 * @since 0.1
 */
EXTMGR_API int32_t extmgr_rest_response_get_status(const extmgr_rest_response *response);

/**
 * The body of a response. That of HEAD is what GET would send: a server sends its length alone.
 *
 * @param response    may be NULL: then ""
 * @param length_out  [out] bytes; may be NULL
 * @return borrowed until the response is freed; a NUL follows the last byte
 * @since 0.1
 */
EXTMGR_API const char *extmgr_rest_response_get_body(const extmgr_rest_response *response,
						     size_t *length_out);

/**
 * The number of headers of a response. Content-Length and Date are the server's business.
 *
 * @param response  may be NULL: then 0
 * @return count
 * @since 0.1
 */
EXTMGR_API size_t extmgr_rest_response_get_header_count(const extmgr_rest_response *response);

/**
 * The name of a header.
 *
 * @param response  may be NULL
 * @param index     from 0
 * @return borrowed until the response is freed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_rest_response_get_header_name(const extmgr_rest_response *response,
							    size_t index);

/**
 * The value of a header.
 *
 * @param response  may be NULL
 * @param index     from 0
 * @return borrowed until the response is freed; NULL beyond the end
 * @since 0.1
 */
EXTMGR_API const char *extmgr_rest_response_get_header_value(const extmgr_rest_response *response,
							     size_t index);

/**
 * The operation id of the route that answered, for logs and metrics.
 *
 * @param response  may be NULL
 * @return static text such as "InstallExtension"; "" when no route fits
 * @since 0.1
 */
EXTMGR_API const char *extmgr_rest_response_get_route(const extmgr_rest_response *response);

/**
 * The error that a response tells, with its causes, which the body does not tell.
 *
 * @param response  may be NULL
 * @return borrowed until the response is freed; NULL for a success
 * @since 0.1
 */
EXTMGR_API const extmgr_error *extmgr_rest_response_get_error(const extmgr_rest_response *response);

/**
 * Frees a response.
 *
 * @param response  may be NULL
 * Threads: any thread, once.
 * @since 0.1
 */
EXTMGR_API void extmgr_rest_response_free(extmgr_rest_response *response);

/**
 * The OpenAPI 3.0 document of all routes, JSON with an indent of 4 blanks.
 *
 * @param version    in info.version; NULL: "dev"; UTF-8 without control characters, at most 100
 *                   bytes
 * @param text_out   [out] free with extmgr_text_free(); NULL on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_NO_MEMORY
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_rest_get_openapi(const char *version,
								   extmgr_text **text_out,
								   extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
