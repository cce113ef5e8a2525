/* SPDX-License-Identifier: MIT */
#include "pages.h"

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

static const struct page plain_page = {HTML, plain, sizeof(plain) - 1, NULL};

static const struct {
	const char *path;
	struct page page;
} pages[] = {
	{"/openapi/", {HTML, ui, sizeof(ui) - 1, NULL}},
	{"/openapi/index.html", {HTML, ui, sizeof(ui) - 1, NULL}},
	{"/openapi/start.js", {SCRIPT, start, sizeof(start) - 1, NULL}},
	{"/openapi/swagger-ui.css", {"text/css", NULL, 0, "swagger-ui.css"}},
	{"/openapi/swagger-ui-bundle.js", {SCRIPT, NULL, 0, "swagger-ui-bundle.js"}},
};

const struct page *page_find(const char *path, int has_ui)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(pages[i].path, path) != 0)
			continue;
		if (has_ui)
			return &pages[i].page;
		return pages[i].page.data == ui ? &plain_page : NULL;
	}
	return NULL;
}
