/* SPDX-License-Identifier: MIT */
/* The example server: connections, names of hosts, and its page. */
#include "test.h"

#include "access.h"
#include "metrics.h"
#include "pages.h"
#include "server.h"
#include "startup.h"
#include "watcher.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* A connection: ours is the server's end, the other the client's. */
struct pair {
	struct watcher *watcher;
	struct watched *watched;
	int ours;
	int theirs;
};

static void open_pair(struct pair *pair, uint64_t receive_ms)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pair->ours = ends[0];
	pair->theirs = ends[1];
	pair->watcher = watcher_start(receive_ms);
	assert_non_null(pair->watcher);
	pair->watched = watcher_add(pair->watcher, pair->ours);
	assert_non_null(pair->watched);
}

static void close_pair(struct pair *pair)
{
	watcher_remove(pair->watcher, pair->watched);
	watcher_stop(pair->watcher);
	close(pair->ours);
	if (pair->theirs >= 0)
		close(pair->theirs);
}

static void wait_for_cancel(const extmgr_operation *operation)
{
	for (int i = 0; i < PATIENCE_MS && !extmgr_operation_is_cancelled(operation); i++)
		poll(NULL, 0, 1);
	assert_true(extmgr_operation_is_cancelled(operation));
}

static void a_request_that_does_not_arrive_is_cut_off(void **state)
{
	struct pair pair;
	struct pollfd end;
	char byte;

	(void)state;
	open_pair(&pair, 1);
	end = (struct pollfd){.fd = pair.theirs, .events = POLLIN};
	assert_int_equal(poll(&end, 1, PATIENCE_MS), 1);
	assert_int_equal(read(pair.theirs, &byte, 1), 0);
	close_pair(&pair);
}

static void a_request_that_runs_is_not_cut_off(void **state)
{
	extmgr_operation *operation = NULL;
	struct pair pair;
	struct pair other;
	struct pollfd end;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	open_pair(&pair, 100);
	watcher_set_operation(pair.watcher, pair.watched, operation);
	assert_int_equal(watcher_count_running(pair.watcher), 1);
	/* One that came later, and does nothing, is cut off: by then this one would have been. */
	open_pair(&other, 100);
	watcher_remove(other.watcher, other.watched);
	watcher_stop(other.watcher);
	other.watcher = pair.watcher;
	other.watched = watcher_add(pair.watcher, other.ours);
	end = (struct pollfd){.fd = other.theirs, .events = POLLIN};
	assert_int_equal(poll(&end, 1, PATIENCE_MS), 1);
	end.fd = pair.theirs;
	assert_int_equal(poll(&end, 1, 0), 0);
	assert_false(extmgr_operation_is_cancelled(operation));
	watcher_remove(pair.watcher, other.watched);
	close(other.ours);
	close(other.theirs);
	watcher_set_operation(pair.watcher, pair.watched, NULL);
	assert_int_equal(watcher_count_running(pair.watcher), 0);
	close_pair(&pair);
	extmgr_operation_free(operation);
}

static void a_client_that_goes_cancels(void **state)
{
	extmgr_operation *operation = NULL;
	struct pair pair;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	open_pair(&pair, PATIENCE_MS);
	watcher_set_operation(pair.watcher, pair.watched, operation);
	close(pair.theirs);
	pair.theirs = -1;
	wait_for_cancel(operation);
	assert_int_equal(watcher_count_gone(pair.watcher), 1);
	watcher_set_operation(pair.watcher, pair.watched, NULL);
	close_pair(&pair);
	extmgr_operation_free(operation);
}

static void all_are_cancelled_and_those_that_come(void **state)
{
	extmgr_operation *operations[2] = {NULL};
	struct pair pair;

	(void)state;
	open_pair(&pair, PATIENCE_MS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(extmgr_operation_new(NULL, &operations[i], NULL), EXTMGR_OK);
		watcher_set_operation(pair.watcher, pair.watched, operations[i]);
		if (i == 0)
			watcher_cancel_all(pair.watcher);
		assert_true(extmgr_operation_is_cancelled(operations[i]));
		watcher_set_operation(pair.watcher, pair.watched, NULL);
	}
	assert_int_equal(watcher_count_gone(pair.watcher), 0);
	close_pair(&pair);
	extmgr_operation_free(operations[0]);
	extmgr_operation_free(operations[1]);
}

static void names_of_this_machine(void **state)
{
	static const char *const local[] = {"localhost",   "LocalHost:80",  "127.0.0.1",
					    "127.0.0.1:1", "[::1]",         "[::1]:80",
					    "10.1.2.3",    "[fe80::1]:8080"};
	static const char *const foreign[] = {"",
					      "evil.example",
					      "localhost.evil.example",
					      "127.0.0.1.evil.example",
					      "xlocalhost",
					      "[evil]",
					      "1.2.3",
					      "0123456789012345678901234567890123456789012345678"};

	(void)state;
	assert_true(access_is_local_name(NULL));
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		assert_true(access_is_local_name(local[i]));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_false(access_is_local_name(foreign[i]));
	assert_true(access_is_loopback("127.0.0.1"));
	assert_true(access_is_loopback("::1"));
	assert_false(access_is_loopback("0.0.0.0"));
	assert_false(access_is_loopback("192.168.127.1"));
}

static extmgr_result ask_as(const char *admins, const char *route, const char *authorization)
{
	const extmgr_rest_field headers[] = {{"Host", "h"}, {"authorization", authorization}};
	struct server_options options = {.admins = admins};
	extmgr_rest_request request;
	extmgr_error *error = NULL;

	extmgr_rest_request_init(&request, sizeof(request));
	request.headers = headers;
	request.header_count = authorization ? 2 : 1;
	return access_authorize(&options, &request, route, NULL, &error);
}

static void administrators(void **state)
{
	static const char list[] = "ann:pass:word\n\ntoken-1\na:\n:";
	static const struct {
		const char *authorization;
		bool may;
	} cases[] = {
		{"Basic YW5uOnBhc3M6d29yZA==", true}, /* ann:pass:word */
		{"Bearer token-1", true},
		{"Basic YTo=", true},                  /* a: */
		{"Basic Og==", true},                  /* : */
		{"Basic YW5uOnBhc3M=", false},         /* ann:pass */
		{"Basic YW5uOnBhc3M6d29yZHM=", false}, /* ann:pass:words */
		{"Bearer ann:pass:word", false},
		{"Basic dG9rZW4tMQ==", false}, /* token-1 */
		{"Bearer token-", false},
		{"Bearer token-1 ", false},
		{"Bearer ", false},
		{"", false},
		{NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask_as(list, "GetBundle", cases[i].authorization),
				 cases[i].may ? EXTMGR_OK : EXTMGR_E_FORBIDDEN);
		assert_int_equal(ask_as("", "GetBundle", cases[i].authorization),
				 EXTMGR_E_FORBIDDEN);
		assert_int_equal(ask_as(list, "InstallExtension", cases[i].authorization),
				 EXTMGR_OK);
	}
}

/* A synchronisation of an empty directory with a catalog in <directory>/<name>. */
struct sync {
	char directory[64];
	extmgr_context *context;
	extmgr_catalog *catalog;
	struct startup *startup;
	unsigned lines;
	char last[1024];
};

static void keep_line(void *user_data, const char *line)
{
	struct sync *sync = user_data;

	sync->lines++;
	(void)snprintf(sync->last, sizeof(sync->last), "%s", line);
}

static void open_sync(struct sync *sync, const char *name)
{
	struct startup_options options = {.retry_ms = 1, .log = keep_line, .user_data = sync};
	extmgr_database *database = NULL;
	char url[128];

	*sync = (struct sync){.directory = "/tmp/extmgr-startup-XXXXXX"};
	assert_non_null(mkdtemp(sync->directory));
	(void)snprintf(url, sizeof(url), "sqlite:%s/%s", sync->directory, name);
	assert_int_equal(extmgr_context_new(NULL, &sync->context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_database_open(url, &database, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_catalog_open(sync->context, database, NULL, &sync->catalog, NULL),
			 EXTMGR_OK);
	extmgr_database_free(database);
	options.catalog = sync->catalog;
	options.path = sync->directory;
	sync->startup = startup_begin(&options);
	assert_non_null(sync->startup);
}

static void close_sync(struct sync *sync)
{
	char path[128];

	startup_end(sync->startup);
	extmgr_catalog_free(sync->catalog);
	extmgr_context_free(sync->context);
	(void)snprintf(path, sizeof(path), "%s/catalog.db", sync->directory);
	(void)unlink(path);
	assert_int_equal(rmdir(sync->directory), 0);
}

/* A number of the metrics; -1: it is not there. name: not as a comment has it. */
static long metric_of(struct startup *startup, const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	const char *found;
	long value;

	assert_non_null(out);
	startup_write_metrics(startup, out);
	assert_int_equal(fclose(out), 0);
	found = strstr(text, name);
	value = found ? strtol(found + strlen(name), NULL, 10) : -1;
	free(text);
	return value;
}

static void wait_for_metric(struct startup *startup, const char *name, long least)
{
	for (int i = 0; i < PATIENCE_MS && metric_of(startup, name) < least; i++)
		poll(NULL, 0, 1);
	assert_true(metric_of(startup, name) >= least);
}

static void a_synchronisation_makes_it_ready(void **state)
{
	struct sync sync;

	(void)state;
	open_sync(&sync, "catalog.db");
	wait_for_metric(sync.startup, "\nextmgr_sync_converged ", 1);
	assert_null(startup_why_not_ready(sync.startup));
	assert_int_equal(metric_of(sync.startup, "{result=\"done\"} "), 1);
	assert_int_equal(metric_of(sync.startup, "{result=\"failed\"} "), 0);
	assert_int_equal(metric_of(sync.startup, "{outcome=\"discovered\"} "), 0);
	assert_int_equal(metric_of(sync.startup, "\nextmgr_sync_running "), 0);
	close_sync(&sync);
	assert_int_equal(sync.lines, 1);
	assert_non_null(strstr(sync.last, "bundles synchronised: 0 discovered"));
}

static void one_that_fails_is_tried_again(void **state)
{
	struct sync sync;

	(void)state;
	open_sync(&sync, "no/such/folder/catalog.db");
	wait_for_metric(sync.startup, "{result=\"failed\"} ", 3);
	assert_string_equal(startup_why_not_ready(sync.startup),
			    "the bundles could not be synchronised: the log says why");
	assert_int_equal(metric_of(sync.startup, "\nextmgr_sync_converged "), 0);
	close_sync(&sync);
	assert_non_null(strstr(sync.last, "bundles are not synchronised: "));
}

static void no_synchronisation_is_always_ready(void **state)
{
	(void)state;
	assert_null(startup_why_not_ready(NULL));
	startup_write_metrics(NULL, NULL);
	startup_cancel(NULL);
	startup_end(NULL);
}

static void metrics_count(void **state)
{
	struct metrics metrics;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	metrics_init(&metrics);
	metrics_add(&metrics, "a", 200, 0.002);
	metrics_add(&metrics, "a", 200, 20);
	for (int i = 0; i < 2 * METRICS_SERIES; i++)
		metrics_add(&metrics, "b", i, 0);
	assert_non_null(out);
	metrics_write(&metrics, out, 3, 4);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "extmgr_http_requests_total{route=\"a\",code=\"200\"} 2\n"));
	assert_non_null(strstr(text, "_bucket{le=\"0.001\"} 256\n"));
	assert_non_null(strstr(text, "_bucket{le=\"0.0025\"} 257\n"));
	assert_non_null(strstr(text, "_bucket{le=\"+Inf\"} 258\n"));
	assert_non_null(strstr(text, "extmgr_http_requests_in_flight 3\n"));
	assert_non_null(strstr(text, "extmgr_http_clients_gone_total 4\n"));
	free(text);
	metrics_destroy(&metrics);
}

static void pages_are_found(void **state)
{
	static const char *const none[] = {
		"", "/page", "/page/", "/page/index.html", "/page/../page/dom.js", "//"};
	char etags[2][PAGE_ETAG_SIZE];
	struct page page;

	(void)state;
	assert_true(page_find("/", false, &page));
	assert_string_equal(page.type, "text/html; charset=utf-8");
	assert_non_null(
		strstr(page.data, "<script type=\"module\" src=\"/page/main.js\"></script>"));
	assert_int_equal(page.length, strlen(page.data));
	/* Nothing in it that the policy would refuse. */
	assert_null(strstr(page.data, "style="));
	assert_null(strstr(page.data, "<script>"));
	page_write_etag(&page, etags[0]);
	assert_true(page_find("/page/dom.js", false, &page));
	assert_string_equal(page.type, "text/javascript; charset=utf-8");
	page_write_etag(&page, etags[1]);
	assert_string_not_equal(etags[0], etags[1]);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(page_find(none[i], true, &page));
	assert_false(page_find("/openapi/start.js", false, &page));
	assert_true(page_find("/openapi/start.js", true, &page));
}

static void etags_are_compared(void **state)
{
	(void)state;
	assert_false(page_is_known(NULL, "\"1\""));
	assert_false(page_is_known("\"2\"", "\"1\""));
	assert_true(page_is_known("\"1\"", "\"1\""));
	assert_true(page_is_known("\"2\", W/\"1\"", "\"1\""));
	assert_true(page_is_known("*", "\"1\""));
}

static void etags_tell_contents_apart(void **state)
{
	const struct page first = {.data = "one", .length = 3};
	const struct page second = {.data = "two", .length = 3};
	char etags[2][PAGE_ETAG_SIZE];

	(void)state;
	page_write_etag(&first, etags[0]);
	page_write_etag(&second, etags[1]);
	assert_string_not_equal(etags[0], etags[1]);
	assert_int_equal(strlen(etags[0]), 18);
	assert_int_equal(etags[0][0], '"');
	assert_int_equal(etags[0][17], '"');
}

/* ---- over HTTP ---- */

struct running {
	char directory[32];
	extmgr_context *context;
	extmgr_registry *registry;
	struct server *server;
	char response[65536];
};

static int start(void **state)
{
	struct running *running = calloc(1, sizeof(*running));
	struct server_options options = {.address = "127.0.0.1"};
	extmgr_error *error = NULL;

	assert_non_null(running);
	strncpy(running->directory, "/tmp/extmgr-server-XXXXXX", sizeof(running->directory) - 1);
	assert_non_null(mkdtemp(running->directory));
	assert_int_equal(extmgr_context_new(NULL, &running->context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(running->context, running->directory,
					      &running->registry, NULL),
			 EXTMGR_OK);
	running->server = server_start(running->context, running->registry, &options, &error);
	assert_non_null(running->server);
	*state = running;
	return 0;
}

static int stop(void **state)
{
	struct running *running = *state;

	server_stop(running->server, 0);
	extmgr_registry_free(running->registry);
	extmgr_context_free(running->context);
	assert_int_equal(rmdir(running->directory), 0);
	free(running);
	return 0;
}

/* The whole response to a request with these lines of header. */
static const char *ask(struct running *running, const char *method, const char *path,
		       const char *headers)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(server_get_port(running->server)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int connection = socket(AF_INET, SOCK_STREAM, 0);
	size_t length = 0;
	ssize_t taken;

	assert_int_equal(connect(connection, (const void *)&address, sizeof(address)), 0);
	assert_true(dprintf(connection,
			    "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
			    method, path, headers) > 0);
	while ((taken = read(connection, running->response + length,
			     sizeof(running->response) - 1 - length)) > 0)
		length += (size_t)taken;
	running->response[length] = '\0';
	close(connection);
	return running->response;
}

static void the_page_is_closed_to_all_else(void **state)
{
	static const char *const lines[] = {
		"HTTP/1.1 200 OK\r\n",
		"\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src "
		"'self'; "
		"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'\r\n",
		"\r\nX-Content-Type-Options: nosniff\r\n",
		"\r\nReferrer-Policy: no-referrer\r\n",
		"\r\nCache-Control: no-cache\r\n",
	};
	static const char *const paths[] = {"/", "/page/main.js", "/page/check.js",
					    "/page/page.css"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *response = ask(*state, "GET", paths[i], "");

		for (size_t j = 0; j < sizeof(lines) / sizeof(lines[0]); j++)
			assert_non_null(strstr(response, lines[j]));
	}
}

static void the_page_is_sent_once(void **state)
{
	char etag[PAGE_ETAG_SIZE];
	char header[64];
	struct page page;
	const char *response;

	assert_true(page_find("/", false, &page));
	page_write_etag(&page, etag);
	(void)snprintf(header, sizeof(header), "If-None-Match: %s\r\n", etag);
	response = ask(*state, "GET", "/", header);
	assert_non_null(strstr(response, "HTTP/1.1 304 Not Modified\r\n"));
	assert_non_null(strstr(response, etag));
	assert_null(strstr(response, "<html"));
	response = ask(*state, "GET", "/", "If-None-Match: \"other\"\r\n");
	assert_non_null(strstr(response, etag));
	assert_non_null(strstr(response, "<html"));
	assert_null(strstr(ask(*state, "HEAD", "/", ""), "<html"));
}

static void what_is_no_page_is_the_library_s(void **state)
{
	assert_non_null(
		strstr(ask(*state, "POST", "/", "Content-Length: 0\r\n"), "404 page not found"));
	assert_non_null(strstr(ask(*state, "GET", "/page/none.js", ""), "404 page not found"));
	assert_non_null(strstr(ask(*state, "GET", "/page/sign-in.json", ""),
			       "\r\n\r\n{\"signIn\":\"database\"}\n"));
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_that_does_not_arrive_is_cut_off),
		cmocka_unit_test(a_request_that_runs_is_not_cut_off),
		cmocka_unit_test(a_client_that_goes_cancels),
		cmocka_unit_test(all_are_cancelled_and_those_that_come),
		cmocka_unit_test(names_of_this_machine),
		cmocka_unit_test(administrators),
		cmocka_unit_test(a_synchronisation_makes_it_ready),
		cmocka_unit_test(one_that_fails_is_tried_again),
		cmocka_unit_test(no_synchronisation_is_always_ready),
		cmocka_unit_test(metrics_count),
		cmocka_unit_test(pages_are_found),
		cmocka_unit_test(etags_are_compared),
		cmocka_unit_test(etags_tell_contents_apart),
		WITH_SERVER(the_page_is_closed_to_all_else),
		WITH_SERVER(the_page_is_sent_once),
		WITH_SERVER(what_is_no_page_is_the_library_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
