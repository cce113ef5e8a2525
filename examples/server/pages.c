/* SPDX-License-Identifier: MIT */
#include "pages.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char ui[] = "<!DOCTYPE html>\n"
			 "<html lang=\"en\">\n"
			 "<head>\n"
			 "<meta charset=\"utf-8\">\n"
			 "<title>Extension manager API</title>\n"
			 "<link rel=\"stylesheet\" href=\"swagger-ui.css\">\n"
			 "</head>\n"
			 "<body>\n"
			 "<div id=\"swagger-ui\"></div>\n"
			 "<script src=\"swagger-ui-bundle.js\"></script>\n"
			 "<script src=\"start.js\"></script>\n"
			 "</body>\n"
			 "</html>\n";
static const char plain[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<title>Extension manager API</title>\n"
	"</head>\n"
	"<body>\n"
	"<h1>Extension manager API</h1>\n"
	"<p><a href=\"/openapi.json\">The OpenAPI document</a>. To see it here as a page, install "
	"the npm package <code>swagger-ui-dist</code> and start the server with "
	"<code>--swagger-ui DIR</code>.</p>\n"
	"</body>\n"
	"</html>\n";
static const char start[] =
	"SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true});\n";

#define HTML   "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define STYLE  "text/css; charset=utf-8"

/* Nothing but what this server has, and nobody shows it in a frame. */
static const char page_policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/* swagger-ui-dist writes styles into its document. */
static const char ui_policy[] = "default-src 'self'; style-src 'self' 'unsafe-inline'; "
				"img-src 'self' data:; frame-ancestors 'none'";

/* The files of page/, as embed wrote them: X(symbol, path, type). */
#define PAGE_FILES(X)                                                                              \
	X(page_index_html, "/", HTML)                                                              \
	X(page_icon_svg, "/page/icon.svg", "image/svg+xml")                                        \
	X(page_page_css, "/page/page.css", STYLE)                                                  \
	X(page_api_js, "/page/api.js", SCRIPT)                                                     \
	X(page_check_js, "/page/check.js", SCRIPT)                                                 \
	X(page_dom_js, "/page/dom.js", SCRIPT)                                                     \
	X(page_extension_js, "/page/extension.js", SCRIPT)                                         \
	X(page_fields_js, "/page/fields.js", SCRIPT)                                               \
	X(page_form_js, "/page/form.js", SCRIPT)                                                   \
	X(page_history_js, "/page/history.js", SCRIPT)                                             \
	X(page_list_js, "/page/list.js", SCRIPT)                                                   \
	X(page_main_js, "/page/main.js", SCRIPT)                                                   \
	X(page_plan_js, "/page/plan.js", SCRIPT)                                                   \
	X(page_run_js, "/page/run.js", SCRIPT)                                                     \
	X(page_sign_in_js, "/page/sign-in.js", SCRIPT)                                             \
	X(page_status_js, "/page/status.js", SCRIPT)                                               \
	X(page_validation_js, "/page/validation.js", SCRIPT)                                       \
	X(page_words_js, "/page/words.js", SCRIPT)

#define DECLARE(symbol, path, type)                                                                \
	extern const char symbol[];                                                                \
	extern const size_t symbol##_length;
PAGE_FILES(DECLARE)

#define ENTRY(symbol, path, type) {path, type, symbol, &symbol##_length},
static const struct {
	const char *path;
	const char *type;
	const char *data;
	const size_t *length;
} page_files[] = {PAGE_FILES(ENTRY)};

static const struct {
	const char *path;
	struct page page;
} ui_pages[] = {
	{"/openapi/", {"openapi", HTML, ui_policy, ui, sizeof(ui) - 1, NULL}},
	{"/openapi/index.html", {"openapi", HTML, ui_policy, ui, sizeof(ui) - 1, NULL}},
	{"/openapi/start.js", {"openapi", SCRIPT, ui_policy, start, sizeof(start) - 1, NULL}},
	{"/openapi/swagger-ui.css", {"openapi", STYLE, ui_policy, NULL, 0, "swagger-ui.css"}},
	{"/openapi/swagger-ui-bundle.js",
	 {"openapi", SCRIPT, ui_policy, NULL, 0, "swagger-ui-bundle.js"}},
};

static bool find_ui_page(const char *path, bool has_ui, struct page *page)
{
	for (size_t i = 0; i < sizeof(ui_pages) / sizeof(ui_pages[0]); i++) {
		if (strcmp(ui_pages[i].path, path) != 0)
			continue;
		*page = ui_pages[i].page;
		if (!has_ui && page->data == ui) {
			page->data = plain;
			page->length = sizeof(plain) - 1;
			return true;
		}
		return has_ui;
	}
	return false;
}

bool page_find(const char *path, bool has_ui, struct page *page)
{
	for (size_t i = 0; i < sizeof(page_files) / sizeof(page_files[0]); i++) {
		if (strcmp(page_files[i].path, path) == 0) {
			*page = (struct page){"page",
					      page_files[i].type,
					      page_policy,
					      page_files[i].data,
					      *page_files[i].length,
					      NULL};
			return true;
		}
	}
	return find_ui_page(path, has_ui, page);
}

/* FNV-1a of 64 bits: it has to tell builds of this program apart, and nothing else. */
void page_write_etag(const struct page *page, char etag[PAGE_ETAG_SIZE])
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < page->length; i++)
		hash = (hash ^ (unsigned char)page->data[i]) * UINT64_C(1099511628211);
	(void)snprintf(etag, PAGE_ETAG_SIZE, "\"%016" PRIx64 "\"", hash);
}

bool page_is_known(const char *if_none_match, const char *etag)
{
	return if_none_match &&
	       (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag) != NULL);
}
