/* SPDX-License-Identifier: MIT */
/* From a request to its response. */
#include "rest/authorization.h"
#include "rest/exchange.h"
#include "rest/response.h"
#include "rest/route.h"
#include "rest/running.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/options.h"
#include "catalog/catalog.h"
#include "registry/registry.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_TIMEOUT_MS UINT64_C(60000)
#define MAXIMUM_HEADERS    256
#define MAXIMUM_DB_HOST    255
#define ID_CHARACTERS      10 /* random ones in a request id, as in the reference */

void extmgr_rest_options_init(extmgr_rest_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

void extmgr_rest_request_init(extmgr_rest_request *request, uint32_t struct_size)
{
	extmgr__options_init(request, sizeof(*request), struct_size);
}

/* ---- the interface ---- */

static extmgr_result make_id_prefix(extmgr_rest *rest, extmgr_error **error)
{
	static const char characters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[ID_CHARACTERS];
	size_t length;

	if (extmgr__hash_random(random, sizeof(random)) != EXTMGR_OK)
		return extmgr__error_set(error, EXTMGR_E_INTERNAL,
					 "the operating system has no random bytes");
	length = (size_t)snprintf(rest->id_prefix, sizeof(rest->id_prefix), "extmgr/");
	for (size_t i = 0; i < sizeof(random); i++)
		rest->id_prefix[length + i] = characters[random[i] % (sizeof(characters) - 1)];
	return EXTMGR_OK;
}

static extmgr_result check_options(const extmgr_rest_options *given, extmgr_rest_options *options,
				   extmgr_error **error)
{
	extmgr_result result;

	if (!given)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "options is NULL");
	extmgr_rest_options_init(options, sizeof(*options));
	result = extmgr__options_copy(options, sizeof(*options), given,
				      EXTMGR__SIZE_UP_TO(extmgr_rest_options, destroy),
				      "extmgr_rest_options", error);
	if (result != EXTMGR_OK)
		return result;
	if (options->flags & ~EXTMGR_REST_ADD_CAUSE)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_rest_options: unknown flags");
	if (!options->credentials)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_rest_options: credentials is NULL");
	return extmgr__rest_check_version(options->version, error);
}

extmgr_result extmgr_rest_new(extmgr_context *context, extmgr_registry *registry,
			      const extmgr_rest_options *options, extmgr_rest **rest_out,
			      extmgr_error **error_out)
{
	extmgr_rest_options checked;
	extmgr_rest *rest;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!rest_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "rest_out is NULL");
	*rest_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!registry)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "registry is NULL");
	result = check_options(options, &checked, error_out);
	if (result != EXTMGR_OK)
		return result;
	rest = calloc(1, sizeof(*rest));
	if (!rest)
		return extmgr__error_no_memory(error_out);
	rest->version = extmgr__strdup(checked.version);
	rest->running = extmgr__running_table_new();
	if ((checked.version && !rest->version) || !rest->running)
		result = extmgr__error_no_memory(error_out);
	else
		result = make_id_prefix(rest, error_out);
	if (result != EXTMGR_OK) {
		extmgr__running_table_free(rest->running);
		free(rest->version);
		free(rest);
		return result;
	}
	rest->context = extmgr__context_ref(context);
	rest->registry = extmgr__registry_ref(registry);
	if (checked.catalog)
		rest->catalog = extmgr__catalog_ref(checked.catalog);
	rest->flags = checked.flags;
	rest->timeout_ms = checked.timeout_ms ? checked.timeout_ms : DEFAULT_TIMEOUT_MS;
	rest->credentials = checked.credentials;
	rest->authorize = checked.authorize;
	rest->user_data = checked.user_data;
	rest->destroy = checked.destroy;
	*rest_out = rest;
	return EXTMGR_OK;
}

void extmgr_rest_free(extmgr_rest *rest)
{
	if (!rest)
		return;
	if (rest->destroy)
		rest->destroy(rest->user_data);
	extmgr__registry_unref(rest->registry);
	extmgr__catalog_unref(rest->catalog);
	extmgr__context_unref(rest->context);
	extmgr__running_table_free(rest->running);
	free(rest->version);
	free(rest);
}

/* ---- the target ---- */

struct extmgr_rest_target {
	const extmgr_rest *rest;
	extmgr_manager *manager;
};

extmgr_result extmgr_rest_target_use(extmgr_rest_target *target, extmgr_database *database,
				     extmgr_files *files, const extmgr_target_options *options,
				     extmgr_error **error_out)
{
	extmgr_target_options checked;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!target || !database)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 target ? "database" : "target");
	if (target->manager)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "the request has its target already");
	extmgr_target_options_init(&checked, sizeof(checked));
	if (options) {
		result = extmgr__options_copy(&checked, sizeof(checked), options,
					      EXTMGR__SIZE_UP_TO(extmgr_target_options, history),
					      "extmgr_target_options", error_out);
		if (result != EXTMGR_OK)
			return result;
	}
	checked.struct_size = sizeof(checked);
	if (checked.verify == EXTMGR_VERIFY_DEFAULT)
		checked.verify = EXTMGR_VERIFY_WARN;
	return extmgr_manager_new(target->rest->context, target->rest->registry, database, files,
				  &checked, &target->manager, error_out);
}

/* What a callback of the host failed with; without an error of its own it gets one. */
static extmgr_result take_host_error(extmgr_result answer, extmgr_error **said, const char *what,
				     extmgr_error **error)
{
	if (*said) {
		extmgr__error_move(error, said);
		return extmgr_error_get_code(*error);
	}
	return extmgr__error_set(error, answer < 0 ? answer : EXTMGR_E_HOST, "%s", what);
}

/* ---- one request ---- */

struct handling {
	extmgr_rest *rest;
	const extmgr_rest_request *request;
	extmgr_rest_response *response;
	struct extmgr__url url;
	struct extmgr__route_match match;
	struct extmgr__authorization authorization;
	extmgr__json *body;
	extmgr_operation *own_operation; /* NULL: the request has one */
	struct extmgr_rest_target target;
	struct extmgr__running running;
	uint32_t db_port;
};

static const char *get_header(const extmgr_rest_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count && i < MAXIMUM_HEADERS; i++) {
		const extmgr_rest_field *header = &request->headers[i];

		if (header->name && header->value && strcasecmp(header->name, name) == 0)
			return header->value;
	}
	return NULL;
}

/* Goes into logs and back to the client: printable characters, not too many. */
static bool is_request_id(const char *text)
{
	size_t length = text ? strnlen(text, EXTMGR__REQUEST_ID_MAXIMUM + 1) : 0;

	if (!length || length > EXTMGR__REQUEST_ID_MAXIMUM)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return true;
}

static void choose_request_id(struct handling *handling)
{
	const char *given = get_header(handling->request, "X-Request-Id");
	char *id = handling->response->request_id;

	if (is_request_id(given))
		(void)snprintf(id, EXTMGR__REQUEST_ID_MAXIMUM + 1, "%s", given);
	else
		(void)snprintf(id, EXTMGR__REQUEST_ID_MAXIMUM + 1, "%s-%06u",
			       handling->rest->id_prefix,
			       (unsigned)atomic_fetch_add(&handling->rest->id_count, 1) + 1);
}

static bool read_port(const char *text, uint32_t *port)
{
	unsigned long value;
	char *end;

	if (!*text || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
		return false;
	value = strtoul(text, &end, 10);
	*port = (uint32_t)value;
	return value >= 1 && value <= 65535;
}

static extmgr_result read_database(struct handling *handling, extmgr_error **error)
{
	const char *value;
	extmgr_result result = extmgr__url_read_query(&handling->url, error);

	if (result != EXTMGR_OK)
		return result;
	value = extmgr__url_get(&handling->url, "dbHost");
	if (!value || !*value)
		return extmgr__error_set(error, EXTMGR_E_REQUEST, "missing parameter dbHost");
	if (strlen(value) > MAXIMUM_DB_HOST)
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "the parameter dbHost is longer than %d bytes",
					 MAXIMUM_DB_HOST);
	value = extmgr__url_get(&handling->url, "dbPort");
	if (!value || !*value)
		return extmgr__error_set(error, EXTMGR_E_REQUEST, "missing parameter dbPort");
	if (!read_port(value, &handling->db_port))
		return extmgr__error_set(error, EXTMGR_E_REQUEST,
					 "invalid value '%.100s' for parameter dbPort", value);
	return EXTMGR_OK;
}

/* Authorization, dbHost, dbPort: in this order, before anything else is looked at. */
static extmgr_result read_credentials(struct handling *handling, extmgr_error **error)
{
	extmgr_result result = extmgr__authorization_read(
		&handling->authorization, get_header(handling->request, "Authorization"), error);

	if (result != EXTMGR_OK || handling->match.route->flags & EXTMGR__ROUTE_CATALOG)
		return result;
	return read_database(handling, error);
}

static extmgr_result authorize(struct handling *handling, extmgr_error **error)
{
	const extmgr_rest *rest = handling->rest;
	extmgr_error *said = NULL;
	extmgr_result result;

	if (!rest->authorize)
		return EXTMGR_OK;
	result = rest->authorize(rest->user_data, handling->request,
				 handling->match.route->operation_id,
				 handling->match.variables[EXTMGR__ID], &said);
	if (result == EXTMGR_OK) {
		extmgr_error_free(said);
		return EXTMGR_OK;
	}
	return take_host_error(result < 0 ? result : EXTMGR_E_FORBIDDEN, &said,
			       "this is not allowed", error);
}

static extmgr_result read_body(struct handling *handling, extmgr_error **error)
{
	const extmgr_rest_request *request = handling->request;

	if (!handling->match.route->body)
		return EXTMGR_OK;
	return extmgr__body_read(get_header(request, "Content-Type"), request->body,
				 request->body_length, handling->match.route->body, &handling->body,
				 error);
}

static extmgr_result open_target(struct handling *handling, extmgr_error **error)
{
	const extmgr_rest *rest = handling->rest;
	extmgr_rest_credentials credentials = {
		.struct_size = sizeof(credentials),
		.scheme = handling->authorization.scheme,
		.user = handling->authorization.user,
		.password = handling->authorization.password,
		.token = handling->authorization.token,
		.db_host = extmgr__url_get(&handling->url, "dbHost"),
		.query = handling->url.fields,
		.query_count = handling->url.field_count,
		.db_port = handling->db_port,
	};
	extmgr_error *said = NULL;
	extmgr_result result;

	handling->target.rest = rest;
	result = rest->credentials(rest->user_data, &credentials, &handling->target, &said);
	if (result == EXTMGR_OK && handling->target.manager) {
		extmgr_error_free(said);
		return EXTMGR_OK;
	}
	return take_host_error(result, &said, "the host gave the request no target", error);
}

static extmgr_result open_operation(struct handling *handling, extmgr_operation **operation_out,
				    extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	*operation_out = handling->request->operation;
	if (!*operation_out) {
		result = extmgr_operation_new(NULL, &handling->own_operation, error);
		*operation_out = handling->own_operation;
	}
	if (result == EXTMGR_OK)
		result = extmgr__operation_complete(*operation_out, handling->rest->timeout_ms,
						    handling->authorization.user, error);
	return result;
}

/* The same header and the same database: kept as a digest, so that comparing tells nothing. */
static extmgr_result identify_asker(struct handling *handling, extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&text, "%u %s\n%s", (unsigned)handling->db_port,
			      extmgr__url_get(&handling->url, "dbHost"),
			      get_header(handling->request, "Authorization"));
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK)
		result = extmgr__hash_sha256_hex(extmgr__buffer_get(&text), text.length,
						 handling->running.asker);
	extmgr__buffer_free(&text);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the request");
}

/* While it works on a target, others may ask how far it is. */
static extmgr_result run_observed(struct handling *handling, struct extmgr__exchange *exchange,
				  extmgr_error **error)
{
	struct extmgr__running *running = &handling->running;
	extmgr_result result;

	running->table = handling->rest->running;
	running->context = handling->rest->context;
	running->request_id = handling->response->request_id;
	running->operation_id = handling->match.route->operation_id;
	extmgr__running_enter(running);
	extmgr__operation_observe(exchange->call.operation, extmgr__running_step, running);
	result = handling->match.route->run(exchange, error);
	extmgr__operation_observe(exchange->call.operation, NULL, NULL);
	extmgr__running_leave(running);
	return result;
}

static extmgr_result run(struct handling *handling, extmgr_error **error)
{
	const struct extmgr__route *route = handling->match.route;
	struct extmgr__exchange exchange = {
		.rest = handling->rest,
		.request = handling->request,
		.url = &handling->url,
		.variables = handling->match.variables,
		.file_segment = handling->match.file_segment,
		.body = handling->body,
		.manager = handling->target.manager,
		.asker = handling->running.asker,
		.response = handling->response,
		.writer = &handling->response->writer,
	};
	extmgr_result result;

	extmgr_call_options_init(&exchange.call, sizeof(exchange.call));
	result = open_operation(handling, &exchange.call.operation, error);
	if (result == EXTMGR_OK)
		result = exchange.manager ? run_observed(handling, &exchange, error)
					  : route->run(&exchange, error);
	if (result < 0)
		return result;
	handling->response->status = route->status;
	if (route->schema)
		extmgr__buffer_putc(&handling->response->body, '\n');
	return EXTMGR_OK;
}

static extmgr_result serve(struct handling *handling, extmgr_error **error)
{
	unsigned flags = handling->match.route->flags;
	extmgr_result result = EXTMGR_OK;

	handling->response->route = handling->match.route->operation_id;
	if (flags & EXTMGR__ROUTE_OPEN)
		return run(handling, error);
	result = read_credentials(handling, error);
	if (result == EXTMGR_OK)
		result = authorize(handling, error);
	if (result == EXTMGR_OK)
		result = read_body(handling, error);
	if (result == EXTMGR_OK && !(flags & EXTMGR__ROUTE_CATALOG))
		result = identify_asker(handling, error);
	if (result == EXTMGR_OK && !(flags & (EXTMGR__ROUTE_CATALOG | EXTMGR__ROUTE_NO_TARGET)))
		result = open_target(handling, error);
	return result == EXTMGR_OK ? run(handling, error) : result;
}

static void add_headers(struct handling *handling)
{
	extmgr_rest_response *response = handling->response;

	extmgr__response_add_header(response, "Content-Type", response->content_type);
	extmgr__response_add_header(response, "Cache-Control", response->cache_control);
	extmgr__response_add_header(response, "X-Content-Type-Options", "nosniff");
	extmgr__response_add_header(response, "X-Request-Id", response->request_id);
	extmgr__route_write_methods(handling->match.methods, response->allow,
				    sizeof(response->allow));
	if (*response->allow)
		extmgr__response_add_header(response, "Allow", response->allow);
}

static extmgr_result answer(struct handling *handling, extmgr_error **error)
{
	const extmgr_rest_request *request = handling->request;
	extmgr_result result = extmgr__context_check(handling->rest->context, error);

	if (result == EXTMGR_OK)
		result = extmgr__url_read_path(&handling->url, request->target, error);
	if (result == EXTMGR_OK)
		result = extmgr__route_find(request->method, &handling->url,
					    handling->rest->authorize && handling->rest->catalog,
					    &handling->match, error);
	if (result == EXTMGR_E_METHOD_NOT_ALLOWED && strcmp(request->method, "OPTIONS") == 0) {
		extmgr_error_free(*error);
		*error = NULL;
		handling->response->status = 204;
		return EXTMGR_OK;
	}
	return result == EXTMGR_OK ? serve(handling, error) : result;
}

static void log_error(const struct handling *handling, const extmgr_error *error)
{
	/* That a client has gone is nobody's fault. */
	int32_t level = extmgr_error_get_code(error) == EXTMGR_E_CANCELLED ? EXTMGR_LOG_INFO
									   : EXTMGR_LOG_ERROR;
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(error, &text) == EXTMGR_OK)
		extmgr__context_log(handling->rest->context, level, "rest",
				    "Error processing request %s: %s",
				    handling->response->request_id, extmgr_text_get_data(text));
	extmgr_text_free(text);
}

static void close_handling(struct handling *handling)
{
	extmgr_manager_free(handling->target.manager);
	extmgr_operation_free(handling->own_operation);
	extmgr__json_free(handling->body);
	extmgr__authorization_free(&handling->authorization);
	extmgr__url_free(&handling->url);
}

static extmgr_rest_response *handle(extmgr_rest *rest, const extmgr_rest_request *request)
{
	struct handling handling = {.rest = rest, .request = request};
	extmgr_rest_response *response = extmgr__response_new();
	extmgr_error *error = NULL;

	if (!response)
		return extmgr__response_no_memory();
	handling.response = response;
	choose_request_id(&handling);
	if (answer(&handling, &error) < 0) {
		log_error(&handling, error);
		extmgr__response_set_error(response, error, rest->flags & EXTMGR_REST_ADD_CAUSE);
	}
	add_headers(&handling);
	close_handling(&handling);
	if (extmgr__buffer_result(&response->body) == EXTMGR_OK)
		return response;
	extmgr_rest_response_free(response);
	return extmgr__response_no_memory();
}

extmgr_result extmgr_rest_handle(extmgr_rest *rest, const extmgr_rest_request *request,
				 extmgr_rest_response **response_out, extmgr_error **error_out)
{
	extmgr_rest_request checked;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!response_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "response_out is NULL");
	*response_out = NULL;
	if (!rest || !request)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 rest ? "request" : "rest");
	extmgr_rest_request_init(&checked, sizeof(checked));
	result = extmgr__options_copy(&checked, sizeof(checked), request,
				      EXTMGR__SIZE_UP_TO(extmgr_rest_request, operation),
				      "extmgr_rest_request", error_out);
	if (result != EXTMGR_OK)
		return result;
	if (checked.flags || !checked.method || !checked.target ||
	    (checked.header_count && !checked.headers) || (checked.body_length && !checked.body))
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_rest_request: method, target, headers or body is "
					 "NULL, or flags are unknown");
	*response_out = handle(rest, &checked);
	return EXTMGR_OK;
}
