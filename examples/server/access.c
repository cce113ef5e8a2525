/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static extmgr_result refuse(extmgr_error **error_out, extmgr_result code, const char *message)
{
	*error_out = extmgr_error_new(code, message, strlen(message), NULL);
	return code;
}

static extmgr_result refuse_credentials(extmgr_error **error_out)
{
	return refuse(error_out, EXTMGR_E_AUTHENTICATION, "invalid database credentials");
}

/* The time does not tell how many bytes are right. */
static bool is_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned char difference = a_length != b_length;

	for (size_t i = 0; i < a_length && i < b_length; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return !difference;
}

static bool is_user(const extmgr_rest_credentials *credentials, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	size_t name = colon ? (size_t)(colon - line) : 0;
	bool same_name;

	if (credentials->scheme == EXTMGR_REST_BEARER)
		return !colon && length &&
		       is_same(line, length, credentials->token, strlen(credentials->token));
	if (!colon)
		return false;
	same_name = is_same(line, name, credentials->user, strlen(credentials->user));
	return is_same(colon + 1, length - name - 1, credentials->password,
		       strlen(credentials->password)) &&
	       same_name;
}

static bool is_known(const char *users, const extmgr_rest_credentials *credentials)
{
	bool known = false;

	for (const char *line = users; *line;) {
		size_t length = strcspn(line, "\n");

		known |= is_user(credentials, line, length);
		line += length + (line[length] == '\n');
	}
	return known;
}

static extmgr_result use(const struct server_options *options, extmgr_database *database,
			 extmgr_rest_target *target, extmgr_error **error_out)
{
	extmgr_target_options target_options;

	extmgr_target_options_init(&target_options, sizeof(target_options));
	target_options.extension_schema = options->extension_schema;
	target_options.lock_timeout_ms = options->lock_timeout_ms;
	return extmgr_rest_target_use(target, database, options->files, &target_options, error_out);
}

static const struct server_allowed *find_allowed(const struct server_options *options,
						 const extmgr_rest_credentials *credentials)
{
	for (size_t i = 0; i < options->allowed_count; i++) {
		if (options->allowed[i].port == credentials->db_port &&
		    strcasecmp(options->allowed[i].host, credentials->db_host) == 0)
			return &options->allowed[i];
	}
	return NULL;
}

/*
 * Separate keys and values: none can become another key. Host and port are those of our list; user
 * and password are the request's, and what the driver cannot take of them is no valid login.
 */
static extmgr_result open_postgresql(const struct server_options *options,
				     const struct server_allowed *allowed,
				     const extmgr_rest_credentials *credentials,
				     extmgr_rest_target *target, extmgr_error **error_out)
{
	char port[8];
	const char *const keys[] = {"Driver", "Server", "Port",   "Database",
				    "UID",    "PWD",    "SSLmode"};
	const char *const values[] = {
		"PostgreSQL Unicode",  allowed->host,    port, allowed->database, credentials->user,
		credentials->password, allowed->ssl_mode};
	size_t count = sizeof(keys) / sizeof(keys[0]) - (allowed->ssl_mode ? 0 : 1);
	extmgr_database *database = NULL;
	extmgr_result result;

	(void)snprintf(port, sizeof(port), "%u", allowed->port);
	result = extmgr_odbc_open(keys, values, count, &database, error_out);
	if (result == EXTMGR_E_INVALID_ARGUMENT) {
		extmgr_error_free(*error_out);
		return refuse_credentials(error_out);
	}
	if (result == EXTMGR_OK)
		result = use(options, database, target, error_out);
	extmgr_database_free(database);
	return result;
}

extmgr_result access_give_target(void *user_data, const extmgr_rest_credentials *credentials,
				 extmgr_rest_target *target, extmgr_error **error_out)
{
	const struct server_options *options = user_data;
	const struct server_allowed *allowed;

	if (options->database) {
		if (options->users && !is_known(options->users, credentials))
			return refuse_credentials(error_out);
		return use(options, options->database, target, error_out);
	}
	allowed = find_allowed(options, credentials);
	if (!allowed)
		return refuse(error_out, EXTMGR_E_FORBIDDEN,
			      "this server does not reach the database of dbHost and dbPort");
	/* PostgreSQL has no login by token, and an empty user would become the server's own. */
	if (credentials->scheme != EXTMGR_REST_BASIC || !*credentials->user)
		return refuse_credentials(error_out);
	return open_postgresql(options, allowed, credentials, target, error_out);
}

/* ---- the catalog ---- */

/* The header that tells a line "user:password" or a token; caller frees; NULL: no memory. */
static char *make_header(const char *line, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char basic[] = "Basic ";
	char *header = NULL;
	char *out;

	if (!memchr(line, ':', length))
		return asprintf(&header, "Bearer %.*s", (int)length, line) < 0 ? NULL : header;
	header = malloc(sizeof(basic) + (length + 2) / 3 * 4);
	if (!header)
		return NULL;
	memcpy(header, basic, sizeof(basic));
	out = header + sizeof(basic) - 1;
	for (size_t i = 0; i < length; i += 3) {
		size_t rest = length - i;
		unsigned bits = (unsigned)(unsigned char)line[i] << 16 |
				(rest > 1 ? (unsigned)(unsigned char)line[i + 1] << 8 : 0) |
				(rest > 2 ? (unsigned)(unsigned char)line[i + 2] : 0);

		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = rest > 1 ? digits[bits >> 6 & 63] : '=';
		*out++ = rest > 2 ? digits[bits & 63] : '=';
	}
	*out = '\0';
	return header;
}

static const char *get_authorization(const extmgr_rest_request *request)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (strcasecmp(request->headers[i].name, "Authorization") == 0)
			return request->headers[i].value;
	}
	return "";
}

static bool is_admin(const char *admins, const char *authorization)
{
	bool known = false;

	for (const char *line = admins; *line;) {
		size_t length = strcspn(line, "\n");
		char *header = length ? make_header(line, length) : NULL;

		known |= header &&
			 is_same(header, strlen(header), authorization, strlen(authorization));
		free(header);
		line += length + (line[length] == '\n');
	}
	return known;
}

extmgr_result access_authorize(void *user_data, const extmgr_rest_request *request,
			       const char *route, const char *id, extmgr_error **error_out)
{
	const struct server_options *options = user_data;

	(void)id, (void)error_out;
	/* The routes of the catalog have these names, and no others. */
	if (!strstr(route, "Bundle") || is_admin(options->admins, get_authorization(request)))
		return EXTMGR_OK;
	return EXTMGR_E_FORBIDDEN;
}

/* ---- names ---- */

static bool is_address(const char *text, size_t length)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

bool access_is_local_name(const char *host)
{
	size_t length;

	if (!host) /* HTTP/1.0: no browser sends that */
		return true;
	if (*host == '[')
		return is_address(host + 1, strcspn(host + 1, "]"));
	length = strcspn(host, ":");
	return (length == 9 && strncasecmp(host, "localhost", length) == 0) ||
	       is_address(host, length);
}

bool access_is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}
