/* SPDX-License-Identifier: MIT */
/* The OpenAPI 3.0 document, written from the table of routes. */
#include "rest/exchange.h"
#include "rest/response.h"
#include "rest/route.h"

#include <stdio.h>
#include <string.h>

#define MAXIMUM_VERSION 100

extern const char extmgr__rest_schemas_json[];
extern const size_t extmgr__rest_schemas_json_length;

extmgr_result extmgr__rest_check_version(const char *version, extmgr_error **error)
{
	size_t length = version ? strnlen(version, MAXIMUM_VERSION + 1) : 0;

	if (length > MAXIMUM_VERSION || (length && (!extmgr__utf8_is_valid(version, length) ||
						    extmgr__text_has_control(version, length))))
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "the version is longer than %d bytes, not UTF-8 or has "
					 "control characters",
					 MAXIMUM_VERSION);
	return EXTMGR_OK;
}

/* ---- parts of an operation ---- */

static void write_raw_member(struct extmgr__json_writer *writer, const char *key, const char *json)
{
	extmgr__json_key(writer, key);
	extmgr__json_raw(writer, json, strlen(json));
}

static void write_parameter(struct extmgr__json_writer *writer, const char *name, size_t length,
			    const char *place, const char *type, const char *description)
{
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "name");
	extmgr__json_string_length(writer, name, length);
	extmgr__json_member_string(writer, "in", place);
	extmgr__json_member_string(writer, "description", description);
	extmgr__json_member_boolean(writer, "required", true);
	extmgr__json_key(writer, "schema");
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "type", type);
	extmgr__json_end_object(writer);
	extmgr__json_end_object(writer);
}

static const char *describe_variable(const char *name, size_t length)
{
	static const char *const descriptions[][2] = {
		{"extensionId", "ID of the extension"},
		{"extensionVersion", "Version of the extension"},
		{"instanceId", "ID of the instance"},
		{"bundleId", "ID of the bundle"},
		{"requestId", "The header X-Request-Id of the request that runs"},
		{"digest", "Digest that the bundle must have: sha256:..."},
		{"path", "Path of the file inside the bundle, such as frontend/dist/main.js"},
	};

	for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
		if (strlen(descriptions[i][0]) == length &&
		    strncmp(descriptions[i][0], name, length) == 0)
			return descriptions[i][1];
	}
	return "";
}

static void write_parameters(struct extmgr__json_writer *writer, const struct extmgr__route *route)
{
	extmgr__json_key(writer, "parameters");
	extmgr__json_begin_array(writer);
	if (!(route->flags & EXTMGR__ROUTE_CATALOG)) {
		write_parameter(writer, "dbHost", 6, "query", "string", "Hostname of the database");
		write_parameter(writer, "dbPort", 6, "query", "integer",
				"Port number of the database");
	}
	for (const char *at = strchr(route->path, '{'); at; at = strchr(at, '{')) {
		size_t length = strcspn(++at, "}");

		write_parameter(writer, at, length, "path", "string",
				describe_variable(at, length));
	}
	extmgr__json_end_array(writer);
}

/* schema: name of a component; "": any object. */
static void write_content(struct extmgr__json_writer *writer, const char *schema,
			  const char *example)
{
	extmgr__json_key(writer, "content");
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "application/json");
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "schema");
	extmgr__json_begin_object(writer);
	if (*schema) {
		extmgr__json_key(writer, "$ref");
		extmgr__buffer_printf(writer->buffer, "\"#/components/schemas/%s\"", schema);
		writer->needs_comma = true;
	} else {
		extmgr__json_member_string(writer, "type", "object");
		extmgr__json_member_boolean(writer, "additionalProperties", true);
	}
	extmgr__json_end_object(writer);
	if (example)
		write_raw_member(writer, "example", example);
	extmgr__json_end_object(writer);
	extmgr__json_end_object(writer);
}

static void write_response(struct extmgr__json_writer *writer, const char *status,
			   const char *description, const char *schema, const char *example)
{
	extmgr__json_key(writer, status);
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "description", description);
	if (schema)
		write_content(writer, schema, example);
	extmgr__json_end_object(writer);
}

static void write_file_response(struct extmgr__json_writer *writer, const char *status,
				const char *description)
{
	extmgr__json_key(writer, status);
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "description", description);
	write_raw_member(writer, "content",
			 "{\"*/*\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}");
	extmgr__json_end_object(writer);
}

static void write_responses(struct extmgr__json_writer *writer, const struct extmgr__route *route)
{
	char status[12];

	extmgr__json_key(writer, "responses");
	extmgr__json_begin_object(writer);
	(void)snprintf(status, sizeof(status), "%d", route->status);
	if (route->flags & EXTMGR__ROUTE_FILE)
		write_file_response(writer, status, route->description);
	else
		write_response(writer, status, route->description, route->schema, route->example);
	for (const struct extmgr__route_answer *at = route->errors; at && at->status; at++) {
		(void)snprintf(status, sizeof(status), "%d", at->status);
		write_response(writer, status, at->description, "APIError", at->example);
	}
	write_response(writer, "default", "Default error", "APIError",
		       "{\"code\":500,\"message\":\"Something went wrong.\"}");
	extmgr__json_end_object(writer);
}

/* One of both will do. */
static const char security[] = "[{\"DbUsernamePassword\":[]},{\"DbAccessToken\":[]}]";

static const char *key_of_method(const char *method)
{
	static const char *const keys[][2] = {
		{"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"DELETE", "delete"}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i][0], method) == 0)
			return keys[i][1];
	}
	return "trace";
}

static void write_operation(struct extmgr__json_writer *writer, const struct extmgr__route *route)
{
	extmgr__json_key(writer, key_of_method(route->method));
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "tags");
	extmgr__json_begin_array(writer);
	extmgr__json_string(writer, route->tag);
	extmgr__json_end_array(writer);
	extmgr__json_member_string(writer, "summary", route->summary);
	extmgr__json_member_string(writer, "operationId", route->operation_id);
	write_parameters(writer, route);
	if (route->body_schema) {
		extmgr__json_key(writer, "requestBody");
		extmgr__json_begin_object(writer);
		write_content(writer, route->body_schema, route->body_example);
		extmgr__json_member_boolean(writer, "required", true);
		extmgr__json_end_object(writer);
	}
	write_responses(writer, route);
	write_raw_member(writer, "security", security);
	extmgr__json_end_object(writer);
}

/* ---- the document ---- */

static bool is_documented(const struct extmgr__route *route)
{
	return !(route->flags & EXTMGR__ROUTE_OPEN);
}

/* Whether an earlier route has the same path: then it stands there already. */
static bool is_repeated(size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (is_documented(&extmgr__routes[i]) &&
		    strcmp(extmgr__routes[i].path, extmgr__routes[index].path) == 0)
			return true;
	}
	return false;
}

static void write_paths(struct extmgr__json_writer *writer)
{
	extmgr__json_key(writer, "paths");
	extmgr__json_begin_object(writer);
	for (size_t i = 0; i < extmgr__route_count; i++) {
		const struct extmgr__route *route = &extmgr__routes[i];

		if (!is_documented(route) || is_repeated(i))
			continue;
		extmgr__json_key(writer, route->path);
		extmgr__json_begin_object(writer);
		for (size_t j = i; j < extmgr__route_count; j++) {
			if (strcmp(extmgr__routes[j].path, route->path) == 0)
				write_operation(writer, &extmgr__routes[j]);
		}
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_object(writer);
}

static const char tags[] =
	"[{\"name\":\"Extension\",\"description\":\"List and install extensions\"},"
	"{\"name\":\"Installation\",\"description\":\"List and uninstall installed extensions\"},"
	"{\"name\":\"Instance\",\"description\":\"Calls to list, create and remove instances of an "
	"extension\"}]";
static const char security_schemes[] =
	"{\"DbAccessToken\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"},"
	"\"DbUsernamePassword\":{\"type\":\"http\",\"scheme\":\"basic\"}}";

static void write_document(struct extmgr__json_writer *writer, const char *version)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "openapi", "3.0.0");
	extmgr__json_key(writer, "info");
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "title", "Exasol Extension Manager REST-API");
	extmgr__json_member_string(writer, "description",
				   "Managed extensions and instances of extensions");
	extmgr__json_member_string(writer, "version", version ? version : "dev");
	extmgr__json_end_object(writer);
	write_raw_member(writer, "tags", tags);
	write_paths(writer);
	extmgr__json_key(writer, "components");
	extmgr__json_begin_object(writer);
	extmgr__json_key(writer, "schemas");
	extmgr__json_raw(writer, extmgr__rest_schemas_json, extmgr__rest_schemas_json_length);
	write_raw_member(writer, "securitySchemes", security_schemes);
	extmgr__json_end_object(writer);
	extmgr__json_end_object(writer);
}

/* ---- indentation ---- */

static void break_line(struct extmgr__buffer *out, size_t depth)
{
	extmgr__buffer_putc(out, '\n');
	while (depth--)
		extmgr__buffer_puts(out, "    ");
}

/* The end of the string that begins at text[at], behind its quote. */
static size_t end_of_string(const char *text, size_t length, size_t at)
{
	for (at++; at < length && text[at] != '"'; at++) {
		if (text[at] == '\\')
			at++;
	}
	return at < length ? at + 1 : length;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t';
}

static size_t skip_space(const char *text, size_t length, size_t at)
{
	while (at < length && is_space(text[at]))
		at++;
	return at;
}

/* text: JSON that is right. */
static void indent(const char *text, size_t length, struct extmgr__buffer *out)
{
	size_t depth = 0;

	for (size_t at = skip_space(text, length, 0); at < length;
	     at = skip_space(text, length, at)) {
		char byte = text[at++];
		bool opens = byte == '{' || byte == '[';
		size_t next;

		if (byte == '"') {
			size_t end = end_of_string(text, length, at - 1);

			extmgr__buffer_append(out, text + at - 1, end - (at - 1));
			at = end;
			continue;
		}
		if (byte == '}' || byte == ']')
			break_line(out, --depth);
		extmgr__buffer_putc(out, byte);
		if (byte == ':')
			extmgr__buffer_putc(out, ' ');
		if (byte == ',')
			break_line(out, depth);
		if (!opens)
			continue;
		next = skip_space(text, length, at);
		if (next < length && (text[next] == '}' || text[next] == ']')) {
			extmgr__buffer_putc(out, text[next]);
			at = next + 1;
		} else {
			break_line(out, ++depth);
		}
	}
}

static extmgr_result write_indented(const char *version, struct extmgr__buffer *out)
{
	struct extmgr__buffer compact = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&compact);
	extmgr_result result;

	write_document(&writer, version);
	result = extmgr__buffer_result(&compact);
	if (result == EXTMGR_OK)
		indent(compact.data, compact.length, out);
	extmgr__buffer_free(&compact);
	return result == EXTMGR_OK ? extmgr__buffer_result(out) : result;
}

extmgr_result extmgr_rest_get_openapi(const char *version, extmgr_text **text_out,
				      extmgr_error **error_out)
{
	struct extmgr__buffer document = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "text_out is NULL");
	*text_out = NULL;
	result = extmgr__rest_check_version(version, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = write_indented(version, &document);
	if (result == EXTMGR_OK)
		*text_out = extmgr__buffer_take_text(&document, &result);
	else
		extmgr__buffer_free(&document);
	return *text_out ? EXTMGR_OK
			 : extmgr__error_from_result(error_out, result, "the OpenAPI document");
}

extmgr_result extmgr__rest_openapi(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_result result = write_indented(exchange->rest->version, &exchange->response->body);

	return result == EXTMGR_OK
		       ? EXTMGR_OK
		       : extmgr__error_from_result(error, result, "the OpenAPI document");
}
