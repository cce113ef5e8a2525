/* SPDX-License-Identifier: MIT */
/* The routes of the catalog, on an SQLite file: when they are on, for whom, what they answer. */
#include "bundles.h"
#include "failing_malloc.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define BASE    "/api/v1/extensionmanager"
#define BUNDLES BASE "/bundles"
#define BUNDLE  BUNDLES "/acme.a"
#define ADMIN   "Basic YWRtaW46cGFzcw=="
#define TENANT  "Basic dGVuYW50OnBhc3M="

struct world {
	struct fixture fixture;
	extmgr_catalog *catalog;
	extmgr_rest *rest;
	extmgr_rest_response *response;
	char bundles[96];
	char digest[80];
	char asked[128]; /* what authorize() was called with */
	int targets;     /* how often credentials() was called */
};

static const char *header_of(const extmgr_rest_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (strcmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	}
	return "";
}

static extmgr_result give_target(void *user_data, const extmgr_rest_credentials *credentials,
				 extmgr_rest_target *target, extmgr_error **error_out)
{
	struct world *world = user_data;

	(void)credentials;
	world->targets++;
	return extmgr_rest_target_use(target, world->fixture.database, NULL, NULL, error_out);
}

/* Tenants may use their own databases, and nothing of the catalog. */
static extmgr_result authorize(void *user_data, const extmgr_rest_request *request,
			       const char *route, const char *id, extmgr_error **error_out)
{
	struct world *world = user_data;

	(void)error_out;
	(void)snprintf(world->asked, sizeof(world->asked), "%s %s", route, id ? id : "-");
	if (strstr(route, "Bundle") && strcmp(header_of(request, "Authorization"), ADMIN) != 0)
		return EXTMGR_E_FORBIDDEN;
	return EXTMGR_OK;
}

static void open_rest(struct world *world, extmgr_rest_authorize_fn may, extmgr_catalog *catalog)
{
	extmgr_rest_options options;

	extmgr_rest_free(world->rest);
	world->rest = NULL;
	extmgr_rest_options_init(&options, sizeof(options));
	options.credentials = give_target;
	options.authorize = may;
	options.user_data = world;
	options.catalog = catalog;
	assert_int_equal(extmgr_rest_new(world->fixture.context, world->fixture.registry, &options,
					 &world->rest, NULL),
			 EXTMGR_OK);
}

static int32_t ask_as(struct world *world, const char *who, const char *method, const char *target)
{
	extmgr_rest_field headers[] = {{"Authorization", who}};
	extmgr_rest_request request;

	extmgr_rest_request_init(&request, sizeof(request));
	request.method = method;
	request.target = target;
	request.headers = headers;
	request.header_count = who ? 1 : 0;
	extmgr_rest_response_free(world->response);
	assert_int_equal(extmgr_rest_handle(world->rest, &request, &world->response, NULL),
			 EXTMGR_OK);
	return extmgr_rest_response_get_status(world->response);
}

static int32_t ask(struct world *world, const char *method, const char *target)
{
	return ask_as(world, ADMIN, method, target);
}

static const char *header(const struct world *world, const char *name)
{
	for (size_t i = 0; i < extmgr_rest_response_get_header_count(world->response); i++) {
		if (strcmp(extmgr_rest_response_get_header_name(world->response, i), name) == 0)
			return extmgr_rest_response_get_header_value(world->response, i);
	}
	return "";
}

static void assert_body_has(const struct world *world, const char *text)
{
	if (!strstr(extmgr_rest_response_get_body(world->response, NULL), text))
		fail_msg("no %s in %s", text, extmgr_rest_response_get_body(world->response, NULL));
}

static void synchronise(struct world *world, const char *version, const char *text)
{
	write_archive_bundle(world->bundles, &(struct test_bundle){"a", version, text, NULL});
	assert_true(extmgr_sync_run(world->catalog, world->bundles, NULL, NULL, NULL) >= 0);
}

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char *digest;

	assert_non_null(world);
	assert_true(fixture_open(&world->fixture, 0));
	(void)snprintf(world->bundles, sizeof(world->bundles), "%s/bundles",
		       world->fixture.directory);
	assert_int_equal(mkdir(world->bundles, 0700), 0);
	assert_int_equal(extmgr_catalog_open(world->fixture.context, world->fixture.database, NULL,
					     &world->catalog, NULL),
			 EXTMGR_OK);
	synchronise(world, "1.0.0", "run();");
	digest = fixture_value(&world->fixture, "SELECT digest FROM extmgr_extension");
	assert_non_null(digest);
	(void)snprintf(world->digest, sizeof(world->digest), "%s", digest);
	free(digest);
	open_rest(world, authorize, world->catalog);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	extmgr_rest_response_free(world->response);
	extmgr_rest_free(world->rest);
	extmgr_catalog_free(world->catalog);
	assert_int_equal(world->fixture.fault.open_sessions, 0);
	fixture_close(&world->fixture);
	free(world);
	return 0;
}

/* The path of a file of the bundle, under a digest. */
static const char *file_target(struct world *world, const char *digest, const char *path)
{
	static char target[2048];

	(void)snprintf(target, sizeof(target), BUNDLE "/%s/files/%s",
		       digest ? digest : world->digest, path);
	return target;
}

/* ---- Who may ---- */

static const struct {
	const char *method;
	const char *target;
	const char *asked;
	int status; /* for those who may */
} routes[] = {
	{"GET", BUNDLES, "ListBundles -", 200},
	{"GET", BUNDLE, "GetBundle acme.a", 200},
	{"PUT", BUNDLE "/disable", "DisableBundle acme.a", 204},
	{"PUT", BUNDLE "/enable", "EnableBundle acme.a", 204},
	{"PUT", BUNDLE "/hold", "HoldBundle acme.a", 204},
	{"PUT", BUNDLE "/unhold", "UnholdBundle acme.a", 204},
	{"PUT", BUNDLE "/accept", "AcceptBundle acme.a", 404},
	{"GET", BUNDLE "/sha256:0/files/manifest.json", "GetBundleFile acme.a", 404},
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static void test_they_are_off_without_a_catalog_or_who_may(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < ROUTES; i++) {
		open_rest(world, NULL, world->catalog);
		assert_int_equal(ask(world, routes[i].method, routes[i].target), 404);
		assert_body_has(world, "404 page not found");
		open_rest(world, authorize, NULL);
		assert_int_equal(ask(world, routes[i].method, routes[i].target), 404);
		assert_body_has(world, "404 page not found");
		assert_string_equal(world->asked, "");
	}
}

static void test_a_tenant_is_refused(void **state)
{
	struct world *world = *state;
	char *before = fixture_snapshot(&world->fixture);
	char *after;

	for (size_t i = 0; i < ROUTES; i++) {
		assert_int_equal(ask_as(world, NULL, routes[i].method, routes[i].target), 401);
		assert_int_equal(ask_as(world, "Basic x", routes[i].method, routes[i].target), 401);
		assert_int_equal(ask_as(world, TENANT, routes[i].method, routes[i].target), 403);
		assert_body_has(world, "this is not allowed");
		assert_string_equal(world->asked, routes[i].asked);
	}
	/* Its own database it may use. */
	assert_int_equal(ask_as(world, TENANT, "GET", BASE "/extensions?dbHost=h&dbPort=1"), 200);
	after = fixture_snapshot(&world->fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_those_who_may(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < ROUTES; i++) {
		assert_int_equal(ask(world, routes[i].method, routes[i].target), routes[i].status);
		assert_string_equal(world->asked, routes[i].asked);
	}
	assert_int_equal(world->targets, 0); /* no target is reached */
	for (size_t i = 0; i < ROUTES; i++) {
		assert_int_equal(ask(world, "POST", routes[i].target), 405);
		assert_string_equal(header(world, "Allow"), strcmp(routes[i].method, "GET") == 0
								    ? "GET, HEAD, OPTIONS"
								    : "PUT, OPTIONS");
	}
}

/* ---- What they do ---- */

static void test_documents(void **state)
{
	struct world *world = *state;

	assert_int_equal(ask(world, "GET", BUNDLES), 200);
	assert_body_has(world, "{\"schema\":\"extmgr.catalog/1\",\"extensions\":[{");
	assert_body_has(world, "\"id\":\"acme.a\"");
	assert_string_equal(header(world, "Cache-Control"), "no-store");
	assert_int_equal(ask(world, "GET", BUNDLE), 200);
	assert_body_has(world, "\"schema\":\"extmgr.catalog-extension/1\"");
	assert_body_has(world, "\"path\":\"frontend/dist/main.js\"");
	assert_body_has(world, "\"fault\":null");
	assert_int_equal(ask(world, "GET", BUNDLES "/acme.b"), 404);
	assert_int_equal(ask(world, "GET", BUNDLES "/.."), 400);
	assert_int_equal(ask(world, "GET", BUNDLES "/a%2Fb"), 400);
	assert_int_equal(ask(world, "GET", BUNDLES "/"), 404);
}

static void expect(struct world *world, const char *sql, const char *expected)
{
	char *value = fixture_value(&world->fixture, sql);

	assert_non_null(value);
	assert_string_equal(value, expected);
	free(value);
}

static void test_settings(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(world, "PUT", BUNDLE "/disable"), 204);
		expect(world, "SELECT enabled FROM extmgr_extension", "0");
	}
	expect(world, "SELECT actor FROM extmgr_history WHERE operation = 'disable'", "admin");
	/* Neither served nor installed. */
	assert_int_equal(ask(world, "GET", file_target(world, NULL, "manifest.json")), 409);
	assert_string_equal(header(world, "Cache-Control"), "no-store");
	assert_int_equal(ask(world, "PUT", BUNDLE "/enable"), 204);
	expect(world, "SELECT enabled FROM extmgr_extension", "1");
	assert_int_equal(ask(world, "PUT", BUNDLE "/hold"), 204);
	expect(world, "SELECT held FROM extmgr_extension", "1");
	assert_int_equal(ask(world, "PUT", BUNDLE "/unhold"), 204);
	expect(world, "SELECT held FROM extmgr_extension", "0");
	synchronise(world, "0.9.0", "run();");
	expect(world, "SELECT version FROM extmgr_extension", "1.0.0");
	assert_int_equal(ask(world, "PUT", BUNDLE "/accept"), 204);
	synchronise(world, "0.9.0", "run();");
	expect(world, "SELECT version FROM extmgr_extension", "0.9.0");
}

static void test_files(void **state)
{
	struct world *world = *state;
	size_t length;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(world, i ? "HEAD" : "GET",
				     file_target(world, NULL, "frontend/dist/main.js")),
				 200);
		assert_string_equal(extmgr_rest_response_get_body(world->response, &length),
				    "run();");
		assert_int_equal(length, 6);
		assert_string_equal(header(world, "Content-Type"),
				    "text/javascript; charset=utf-8");
		assert_string_equal(header(world, "Cache-Control"),
				    "private, max-age=31536000, immutable");
		assert_string_equal(header(world, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(header(world, "Content-Security-Policy"),
				    "sandbox; default-src 'none'");
		assert_string_equal(header(world, "Content-Disposition"), "");
	}
	/* A client that encodes its variables encodes the slashes, too. */
	assert_int_equal(ask(world, "GET", file_target(world, NULL, "frontend%2Fdist%2Fmain.js")),
			 200);
	assert_int_equal(ask(world, "GET", file_target(world, NULL, "manifest.json")), 200);
	assert_string_equal(header(world, "Content-Type"), "application/json");
}

static void test_paths_that_lead_nowhere(void **state)
{
	static const struct {
		const char *path;
		int status;
	} cases[] = {
		{"", 404},
		{"frontend", 404},
		{"frontend/dist/", 404},
		{"frontend//dist/main.js", 404},
		{"frontend/dist/../dist/main.js", 404},
		{"./manifest.json", 404},
		{"..", 404},
		{"..%2f..%2f..%2fetc%2fpasswd", 404},
		{"%2fetc%2fpasswd", 404},
		{"manifest.json%00", 400},
		{"manifest.json%0a", 400},
		{"manifest.json%ff", 400},
		{"Manifest.json", 404},
		{"a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
		 404},
		{"a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/"
		 "a/a/a/a/"
		 "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
		 404},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (ask(world, "GET", file_target(world, NULL, cases[i].path)) != cases[i].status)
			fail_msg("%s: %d", cases[i].path,
				 (int)extmgr_rest_response_get_status(world->response));
		assert_string_equal(header(world, "Cache-Control"), "no-store");
		assert_string_equal(header(world, "Content-Type"), "application/json");
	}
	assert_int_equal(
		ask(world, "GET",
		    file_target(world,
				"sha256:"
				"0000000000000000000000000000000000000000000000000000000000000000",
				"manifest.json")),
		404);
	assert_int_equal(ask(world, "GET", file_target(world, "latest", "manifest.json")), 404);
}

/* What was changed in the tables is not served, and the client learns nothing of it. */
static void test_changed_bytes_are_not_served(void **state)
{
	struct world *world = *state;

	fixture_sql(&world->fixture, "UPDATE extmgr_file SET content = 'ZXZpbCgp' WHERE path = "
				     "'frontend/dist/main.js'");
	assert_int_equal(ask(world, "GET", file_target(world, NULL, "frontend/dist/main.js")), 500);
	assert_body_has(world, "Internal server error");
	assert_string_equal(header(world, "Cache-Control"), "no-store");
	assert_int_equal(ask(world, "GET", BUNDLE), 200);
	assert_body_has(world, "\"state\":\"tampered\"");
}

/* ---- Types ---- */

static void add_file(const struct world *world, const char *name)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/typed/dist/frontend/dist/d.js", world->bundles);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/typed/dist/frontend/dist/%s", world->bundles, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("<b>", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_types(void **state)
{
	static const struct {
		const char *name;
		const char *type;
		bool is_shown;
	} cases[] = {
		{"a.js", "text/javascript; charset=utf-8", true},
		{"a.MJS", "text/javascript; charset=utf-8", true},
		{"a.css", "text/css; charset=utf-8", true},
		{"a.js.map", "application/json", true},
		{"a.png", "image/png", true},
		{"a.woff2", "font/woff2", true},
		{"a.svg", "image/svg+xml", false},
		{"a.html", "application/octet-stream", false},
		{"a.js.html", "application/octet-stream", false},
		{"a.xhtml", "application/octet-stream", false},
		{"a.xml", "application/octet-stream", false},
		{"a.pdf", "application/octet-stream", false},
		{"d.js/a", "application/octet-stream", false},
		{"a", "application/octet-stream", false},
		{"js", "application/octet-stream", false},
		{"a.", "application/octet-stream", false},
	};
	struct world *world = *state;
	char target[512];
	char *digest;

	write_directory_bundle(world->bundles, &(struct test_bundle){"typed", "1.0.0", "", NULL});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		add_file(world, cases[i].name);
	assert_true(extmgr_sync_run(world->catalog, world->bundles, NULL, NULL, NULL) >= 0);
	digest = fixture_value(&world->fixture,
			       "SELECT digest FROM extmgr_extension WHERE id = 'acme.typed'");
	assert_non_null(digest);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(target, sizeof(target),
			       BUNDLES "/acme.typed/%s/files/frontend/dist/%s", digest,
			       cases[i].name);
		assert_int_equal(ask(world, "GET", target), 200);
		assert_string_equal(header(world, "Content-Type"), cases[i].type);
		assert_string_equal(header(world, "Content-Disposition"),
				    cases[i].is_shown ? "" : "attachment");
		assert_string_equal(extmgr_rest_response_get_body(world->response, NULL), "<b>");
	}
	free(digest);
}

/* ---- When something fails ---- */

/* What reaches a database: the routes of the catalog, and the list of all extensions. */
static const char *failing_target(struct world *world, size_t i)
{
	if (i < ROUTES)
		return routes[i].target;
	return i == ROUTES ? file_target(world, NULL, "manifest.json")
			   : BASE "/overview?dbHost=h&dbPort=1";
}

#define FAILING_TARGETS (ROUTES + 2)

static const char *failing_method(size_t i)
{
	return i < ROUTES ? routes[i].method : "GET";
}

static int failing_status(size_t i)
{
	return i < ROUTES ? routes[i].status : 200;
}

/* Whatever came of it, the next request is answered as if nothing had been. */
static void assert_answered(struct world *world, size_t i, int status, const char *before)
{
	char *after;

	if (status != failing_status(i)) {
		assert_in_range(status, 500, 503);
		assert_body_has(world, "\"message\":");
		after = fixture_snapshot(&world->fixture);
		assert_string_equal(before, after);
		free(after);
	}
	assert_int_equal(ask(world, failing_method(i), failing_target(world, i)),
			 failing_status(i));
}

static void fail_each_call(struct world *world, size_t i, enum fault_kind kind)
{
	for (int at = 1;; at++) {
		char *before = fixture_snapshot(&world->fixture);
		int status;
		bool fired;

		fault_arm(&world->fixture.fault, kind, at);
		status = ask(world, failing_method(i), failing_target(world, i));
		fired = world->fixture.fault.fired;
		fault_arm(&world->fixture.fault, kind, 0);
		assert_int_equal(world->fixture.fault.open_sessions, 0);
		assert_answered(world, i, status, before);
		free(before);
		if (!fired) {
			assert_true(at > 3); /* open, begin, and at least one statement */
			return;
		}
		assert_true(at < 1000);
	}
}

static void test_each_callback_fails(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < FAILING_TARGETS; i++) {
		fail_each_call(world, i, FAULT_REFUSED);
		fail_each_call(world, i, FAULT_CUT_BEFORE);
	}
}

static void test_memory_runs_out(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < FAILING_TARGETS; i++) {
		unsigned long allocations;
		unsigned long stride;

		(void)ask(world, failing_method(i), failing_target(world, i));
		failing_malloc_from(0);
		(void)ask(world, failing_method(i), failing_target(world, i));
		allocations = failing_malloc_count();
		stride = failing_malloc_stride(allocations, 60);
		for (unsigned long n = 1; n <= allocations; n += n < 40 ? 1 : stride) {
			char *before = fixture_snapshot(&world->fixture);
			int status;

			failing_malloc_from(n);
			status = ask(world, failing_method(i), failing_target(world, i));
			failing_malloc_from(0);
			assert_answered(world, i, status, before);
			free(before);
		}
	}
}

/* The catalog may be given up before the interface. */
static void test_the_catalog_is_kept(void **state)
{
	struct world *world = *state;

	extmgr_catalog_free(world->catalog);
	world->catalog = NULL;
	assert_int_equal(ask(world, "GET", BUNDLES), 200);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_they_are_off_without_a_catalog_or_who_may),
		WITH_WORLD(test_a_tenant_is_refused),
		WITH_WORLD(test_those_who_may),
		WITH_WORLD(test_documents),
		WITH_WORLD(test_settings),
		WITH_WORLD(test_files),
		WITH_WORLD(test_paths_that_lead_nowhere),
		WITH_WORLD(test_changed_bytes_are_not_served),
		WITH_WORLD(test_types),
		WITH_WORLD(test_each_callback_fails),
		WITH_WORLD(test_memory_runs_out),
		WITH_WORLD(test_the_catalog_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
