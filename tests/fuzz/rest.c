/* SPDX-License-Identifier: MIT */
/*
 * A request as text, "METHOD TARGET", header lines, an empty line, the body: it has a response of
 * the table of statuses whose body is JSON, and a database is only asked for after credentials were
 * read. The catalog is there, but its database cannot be reached.
 */
#include "base/json.h"

#include <extmgr/extmgr.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAXIMUM_HEADERS 300

static void require(int condition)
{
	if (!condition)
		abort();
}

static const char *authorization;
static int database_asked;

static extmgr_result refuse(void *user_data, const extmgr_rest_credentials *credentials,
			    extmgr_rest_target *target, extmgr_error **error_out)
{
	(void)user_data, (void)target, (void)error_out;
	database_asked++;
	require(authorization != NULL && *authorization);
	require((credentials->scheme == EXTMGR_REST_BASIC && credentials->user &&
		 credentials->password && !credentials->token) ||
		(credentials->scheme == EXTMGR_REST_BEARER && credentials->token &&
		 !credentials->user && !credentials->password));
	require(credentials->db_host[0] && credentials->db_port >= 1 &&
		credentials->db_port <= 65535);
	require(credentials->query_count >= 2 && credentials->query_count <= 64);
	return EXTMGR_E_AUTHENTICATION;
}

/* Asked behind the Authorization header and before any database. */
static extmgr_result allow(void *user_data, const extmgr_rest_request *request, const char *route,
			   const char *id, extmgr_error **error_out)
{
	(void)user_data, (void)request, (void)error_out;
	require(authorization != NULL && *authorization);
	require(*route && (!id || *id));
	return EXTMGR_OK;
}

static extmgr_result cannot_open(void *user_data, extmgr_operation *operation, void **session_out,
				 extmgr_host_error *error)
{
	(void)user_data, (void)operation, (void)session_out, (void)error;
	return EXTMGR_E_CONNECTION;
}

static void close_none(void *user_data, void *session, int32_t broken)
{
	(void)user_data, (void)session, (void)broken;
	abort();
}

static extmgr_result begin_none(void *user_data, void *session, uint32_t flags,
				extmgr_host_error *error)
{
	(void)user_data, (void)session, (void)flags, (void)error;
	abort();
}

static extmgr_result end_none(void *user_data, void *session, extmgr_host_error *error)
{
	(void)user_data, (void)session, (void)error;
	abort();
}

static extmgr_result execute_none(void *user_data, void *session, const char *sql,
				  size_t sql_length, const extmgr_values *arguments,
				  int64_t *affected_out, extmgr_host_error *error)
{
	(void)user_data, (void)session, (void)sql, (void)sql_length;
	(void)arguments, (void)affected_out, (void)error;
	abort();
}

static extmgr_result query_none(void *user_data, void *session, const char *sql, size_t sql_length,
				const extmgr_values *arguments, extmgr_rows *rows,
				extmgr_host_error *error)
{
	(void)user_data, (void)session, (void)sql, (void)sql_length;
	(void)arguments, (void)rows, (void)error;
	abort();
}

static extmgr_catalog *make_catalog(extmgr_context *context)
{
	extmgr_database_callbacks callbacks;
	extmgr_database *database = NULL;
	extmgr_catalog *catalog = NULL;

	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.dialect = "sqlite";
	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL | EXTMGR_DATABASE_SAVEPOINTS;
	callbacks.open = cannot_open;
	callbacks.close = close_none;
	callbacks.begin = begin_none;
	callbacks.commit = end_none;
	callbacks.rollback = end_none;
	callbacks.execute = execute_none;
	callbacks.query = query_none;
	require(extmgr_database_new(&callbacks, NULL, &database, NULL) == EXTMGR_OK);
	require(extmgr_catalog_open(context, database, NULL, &catalog, NULL) == EXTMGR_OK);
	extmgr_database_free(database);
	return catalog;
}

static extmgr_rest *make_rest(void)
{
	char directory[] = "/tmp/extmgr-fuzz-XXXXXX";
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_rest_options options;
	extmgr_rest *rest = NULL;

	require(mkdtemp(directory) != NULL);
	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = refuse;
	options.authorize = allow;
	require(extmgr_context_new(NULL, &context, NULL) == EXTMGR_OK);
	options.catalog = make_catalog(context);
	require(extmgr_registry_open(context, directory, &registry, NULL) == EXTMGR_OK);
	require(extmgr_rest_new(context, registry, &options, &rest, NULL) == EXTMGR_OK);
	extmgr_context_free(context);
	extmgr_registry_free(registry);
	extmgr_catalog_free(options.catalog);
	require(rmdir(directory) == 0);
	return rest;
}

/* Cuts the line off that text begins with; answers what follows, or NULL at the end. */
static char *cut_line(char *text)
{
	char *end = text ? strchr(text, '\n') : NULL;

	if (end)
		*end++ = '\0';
	return end;
}

static void check_response(const extmgr_rest_response *response)
{
	int32_t status = extmgr_rest_response_get_status(response);
	extmgr__json *json = NULL;
	size_t length;
	const char *body = extmgr_rest_response_get_body(response, &length);

	require(status == 200 || status == 204 || (status >= 400 && status < 600));
	require(body[length] == '\0');
	require((extmgr_rest_response_get_error(response) != NULL) == (status >= 400));
	require((length == 0) == (status == 204));
	if (length)
		require(extmgr__json_parse(body, length, "body", &json, NULL) == EXTMGR_OK);
	if (status >= 400) {
		require((int32_t)extmgr__json_get_number(extmgr__json_get(json, "code")) == status);
		require(extmgr__json_get_member_string(json, "message")[0] != '\0');
		require(extmgr__json_get_member_string(json, "requestID")[0] != '\0');
		require(!strpbrk(body, "<>&"));
	}
	extmgr__json_free(json);
	for (size_t i = 0; i < extmgr_rest_response_get_header_count(response); i++)
		require(!strpbrk(extmgr_rest_response_get_header_value(response, i), "\r\n"));
}

static void check(char *text, size_t size)
{
	static extmgr_rest *rest;
	extmgr_rest_field headers[MAXIMUM_HEADERS];
	extmgr_rest_response *response = NULL;
	extmgr_rest_request request;
	char *line = text;
	char *next = cut_line(line);
	char *target = line + strcspn(line, " ");

	if (!rest)
		rest = make_rest();
	if (*target)
		*target++ = '\0';
	extmgr_rest_request_init(&request, sizeof(request));
	request.method = line;
	request.target = target;
	request.headers = headers;
	authorization = NULL;
	while ((line = next) && (next = cut_line(line)) && *line) {
		char *value = line + strcspn(line, ":");

		if (*value)
			*value++ = '\0';
		if (request.header_count == MAXIMUM_HEADERS)
			continue;
		if (!authorization && strcasecmp(line, "Authorization") == 0)
			authorization = value;
		headers[request.header_count++] = (extmgr_rest_field){line, value};
	}
	request.body = next;
	request.body_length = next ? size - (size_t)(next - text) : 0;
	require(extmgr_rest_handle(rest, &request, &response, NULL) == EXTMGR_OK);
	check_response(response);
	extmgr_rest_response_free(response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	require(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	check(text, size);
	free(text);
	return 0;
}
