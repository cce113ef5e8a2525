/* SPDX-License-Identifier: MIT */
/* The handlers of the routes that touch the host's catalog. */
#include "rest/exchange.h"
#include "rest/response.h"

#include <string.h>
#include <strings.h>

/* Room for every path that a bundle may have. */
#define MAXIMUM_PATH ((size_t)8192)

extmgr_result extmgr__rest_list_bundles(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr_result result = extmgr_catalog_list(exchange->rest->catalog,
						   exchange->call.operation, &text, error);

	return extmgr__rest_answer_text(exchange, result, text);
}

extmgr_result extmgr__rest_get_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	extmgr_text *text = NULL;
	extmgr_result result =
		extmgr_catalog_get(exchange->rest->catalog, exchange->variables[EXTMGR__ID],
				   exchange->call.operation, &text, error);

	return extmgr__rest_answer_text(exchange, result, text);
}

/* ---- settings ---- */

static extmgr_result set_enabled(struct extmgr__exchange *exchange, int32_t enabled,
				 extmgr_error **error)
{
	return extmgr_catalog_set_enabled(exchange->rest->catalog, exchange->variables[EXTMGR__ID],
					  enabled, exchange->call.operation, error);
}

extmgr_result extmgr__rest_enable_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return set_enabled(exchange, 1, error);
}

extmgr_result extmgr__rest_disable_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return set_enabled(exchange, 0, error);
}

static extmgr_result set_held(struct extmgr__exchange *exchange, int32_t held, extmgr_error **error)
{
	return extmgr_catalog_set_held(exchange->rest->catalog, exchange->variables[EXTMGR__ID],
				       held, exchange->call.operation, error);
}

extmgr_result extmgr__rest_hold_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return set_held(exchange, 1, error);
}

extmgr_result extmgr__rest_unhold_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return set_held(exchange, 0, error);
}

extmgr_result extmgr__rest_accept_bundle(struct extmgr__exchange *exchange, extmgr_error **error)
{
	return extmgr_catalog_accept(exchange->rest->catalog, exchange->variables[EXTMGR__ID], NULL,
				     exchange->call.operation, error);
}

/* ---- files ---- */

/*
 * The types that are told. HTML is not among them, nor is anything else that a browser would run as
 * a page of the interface; is_shown: a browser may show it, the others are saved.
 */
static const struct file_type {
	const char *extension;
	const char *type;
	bool is_shown;
} file_types[] = {
	{".js", "text/javascript; charset=utf-8", true},
	{".mjs", "text/javascript; charset=utf-8", true},
	{".css", "text/css; charset=utf-8", true},
	{".json", "application/json", true},
	{".map", "application/json", true},
	{".txt", "text/plain; charset=utf-8", true},
	{".md", "text/plain; charset=utf-8", true},
	{".png", "image/png", true},
	{".jpg", "image/jpeg", true},
	{".jpeg", "image/jpeg", true},
	{".gif", "image/gif", true},
	{".webp", "image/webp", true},
	{".ico", "image/x-icon", true},
	{".woff", "font/woff", true},
	{".woff2", "font/woff2", true},
	{".wasm", "application/wasm", true},
	/* May hold scripts: as an image it is shown all the same, and runs none there. */
	{".svg", "image/svg+xml", false},
};
static const struct file_type other_type = {"", "application/octet-stream", false};

static const struct file_type *find_type(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *extension = strrchr(name ? name : path, '.');

	for (size_t i = 0; extension && i < sizeof(file_types) / sizeof(file_types[0]); i++) {
		if (strcasecmp(extension, file_types[i].extension) == 0)
			return &file_types[i];
	}
	return &other_type;
}

/* Whether a slash was encoded makes no difference here: "a%2Fb" is the file a/b. */
static extmgr_result read_path(const struct extmgr__exchange *exchange, struct extmgr__buffer *path,
			       extmgr_error **error)
{
	const struct extmgr__url *url = exchange->url;
	extmgr_result result;

	for (size_t i = exchange->file_segment; i < url->segment_count; i++) {
		if (i > exchange->file_segment)
			extmgr__buffer_putc(path, '/');
		extmgr__buffer_puts(path, url->segments[i]);
	}
	result = extmgr__buffer_result(path);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the path");
}

/*
 * For good, under this digest; not for caches that others share, because it took an authorization.
 * Opened by itself it is in an origin of its own, where nothing is loaded and nothing runs.
 */
static void add_file_headers(extmgr_rest_response *response, const char *path)
{
	const struct file_type *type = find_type(path);

	response->content_type = type->type;
	response->cache_control = "private, max-age=31536000, immutable";
	extmgr__response_add_header(response, "Content-Security-Policy",
				    "sandbox; default-src 'none'");
	if (!type->is_shown)
		extmgr__response_add_header(response, "Content-Disposition", "attachment");
}

extmgr_result extmgr__rest_get_bundle_file(struct extmgr__exchange *exchange, extmgr_error **error)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(MAXIMUM_PATH);
	extmgr_result result = read_path(exchange, &path, error);

	if (result == EXTMGR_OK)
		result = extmgr_catalog_read_file(
			exchange->rest->catalog, exchange->variables[EXTMGR__ID],
			exchange->variables[EXTMGR__DIGEST], extmgr__buffer_get(&path),
			exchange->call.operation, &exchange->response->content, error);
	if (result == EXTMGR_OK)
		add_file_headers(exchange->response, extmgr__buffer_get(&path));
	extmgr__buffer_free(&path);
	return result;
}
