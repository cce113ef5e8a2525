/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "access.h"
#include "metrics.h"
#include "pages.h"
#include "startup.h"
#include "watcher.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAXIMUM_CONNECTIONS 256
#define CONNECTION_MEMORY   (48u << 10) /* request line and headers; more is 431 */
#define THREAD_STACK        (1u << 20)
#define RECEIVE_MS          30000 /* for a whole request, and between two of them */
#define MAXIMUM_HEADERS     128
/* What a client may send behind a body that is too long, before it is cut off. */
#define MAXIMUM_SURPLUS (16u << 20)
#define SYNC_RETRY_MS   1000

struct server {
	struct server_options options;
	extmgr_registry *registry;
	extmgr_rest *rest;
	struct MHD_Daemon *daemon;
	struct watcher *watcher;
	struct startup *startup; /* NULL: no bundles */
	struct metrics metrics;
	uint16_t port;
	bool checks_host;
	atomic_bool stopping;
};

/* A request while it arrives. */
struct arriving {
	char *target; /* path and query as they came */
	char *body;
	size_t length;
	size_t capacity;
	size_t surplus;
	bool seen;
	extmgr_rest_field headers[MAXIMUM_HEADERS];
	size_t header_count;
};

/* ---- arriving ---- */

/* The first thing that libmicrohttpd tells of a request; its path comes decoded later. */
static void *take_target(void *user_data, const char *target, struct MHD_Connection *connection)
{
	struct arriving *arriving = calloc(1, sizeof(*arriving));

	(void)user_data, (void)connection;
	if (!arriving)
		return NULL;
	arriving->target = strdup(target);
	return arriving;
}

static void free_arriving(struct arriving *arriving)
{
	free(arriving->target);
	free(arriving->body);
	free(arriving);
}

static void forget_request(void *user_data, struct MHD_Connection *connection, void **context,
			   enum MHD_RequestTerminationCode code)
{
	(void)user_data, (void)connection, (void)code;
	if (*context)
		free_arriving(*context);
	*context = NULL;
}

/* Keeps one byte more than the handler takes: it is enough to be refused. */
static bool take_body(struct arriving *arriving, const char *data, size_t length)
{
	size_t room = EXTMGR_REST_BODY_MAXIMUM + 1 - arriving->length;
	size_t taken = length < room ? length : room;

	arriving->surplus += length - taken;
	if (arriving->surplus > MAXIMUM_SURPLUS)
		return false;
	if (arriving->length + taken > arriving->capacity) {
		size_t wanted = arriving->capacity ? arriving->capacity * 2 : 4096;
		char *grown;

		while (wanted < arriving->length + taken)
			wanted *= 2;
		grown = realloc(arriving->body, wanted);
		if (!grown)
			return false;
		arriving->body = grown;
		arriving->capacity = wanted;
	}
	if (taken)
		memcpy(arriving->body + arriving->length, data, taken);
	arriving->length += taken;
	return true;
}

static enum MHD_Result take_header(void *user_data, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct arriving *arriving = user_data;

	(void)kind;
	if (arriving->header_count == MAXIMUM_HEADERS)
		return MHD_NO;
	arriving->headers[arriving->header_count++] = (extmgr_rest_field){name, value};
	return MHD_YES;
}

/* ---- answering ---- */

struct answer {
	int status;
	const char *route; /* for the metrics; static */
	size_t length;
	struct MHD_Response *response; /* NULL: no memory */
};

static void make_answer(struct answer *answer, const char *route, int status, const char *type,
			const char *body, size_t length)
{
	/* The library copies with MUST_COPY, whatever the parameter's type. */
	union {
		const char *from;
		void *to;
	} cast = {.from = body};

	*answer = (struct answer){
		.status = status,
		.route = route,
		.length = length,
		.response = MHD_create_response_from_buffer(length, cast.to, MHD_RESPMEM_MUST_COPY),
	};
	if (answer->response && type)
		MHD_add_response_header(answer->response, "Content-Type", type);
	if (answer->response)
		MHD_add_response_header(answer->response, "X-Content-Type-Options", "nosniff");
}

static void make_text(struct answer *answer, const char *route, int status, const char *type,
		      const char *text)
{
	make_answer(answer, route, status, type, text, strlen(text));
}

/* For everybody to see: the log has more. NULL: it is ready. */
static const char *why_not_ready(struct server *server)
{
	const char *reason = startup_why_not_ready(server->startup);
	extmgr_registry_list *list = NULL;

	if (atomic_load(&server->stopping))
		return "the server stops";
	if (!reason && extmgr_registry_list_entries(server->registry, &list, NULL) < 0)
		reason = "the registry cannot be read";
	extmgr_registry_list_free(list);
	return reason;
}

static void answer_ready(struct server *server, struct answer *answer)
{
	const char *reason = why_not_ready(server);
	char text[256] = "{\"ready\":true}\n";

	if (reason)
		(void)snprintf(text, sizeof(text), "{\"ready\":false,\"reason\":\"%s\"}\n", reason);
	make_text(answer, "ready", reason ? 503 : 200, "application/json", text);
}

static void answer_metrics(struct server *server, struct answer *answer)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out) {
		metrics_write(&server->metrics, out, watcher_count_running(server->watcher),
			      watcher_count_gone(server->watcher));
		startup_write_metrics(server->startup, out);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	make_text(answer, "metrics", text ? 200 : 500, "text/plain; version=0.0.4; charset=utf-8",
		  text ? text : "");
	free(text);
}

static int open_ui_file(const struct server *server, const char *name)
{
	char path[4096];
	int length = snprintf(path, sizeof(path), "%s/%s", server->options.swagger_ui, name);

	return length < (int)sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static void answer_ui_file(const struct server *server, const struct page *page,
			   struct answer *answer)
{
	struct stat status;
	int file = open_ui_file(server, page->file);

	if (file < 0 || fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
		if (file >= 0)
			close(file);
		make_text(answer, page->route, 404, "text/plain", "not found\n");
		return;
	}
	*answer = (struct answer){
		.status = 200,
		.route = page->route,
		.length = (size_t)status.st_size,
		.response = MHD_create_response_from_fd((size_t)status.st_size, file)};
	if (!answer->response) {
		close(file);
		return;
	}
	MHD_add_response_header(answer->response, "Content-Type", page->type);
	MHD_add_response_header(answer->response, "X-Content-Type-Options", "nosniff");
}

static void answer_page(const struct server *server, struct MHD_Connection *connection,
			const struct page *page, struct answer *answer)
{
	char etag[PAGE_ETAG_SIZE];

	if (page->data) {
		page_write_etag(page, etag);
		if (page_is_known(MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							      "If-None-Match"),
				  etag))
			make_text(answer, page->route, 304, NULL, "");
		else
			make_answer(answer, page->route, 200, page->type, page->data, page->length);
		if (answer->response)
			MHD_add_response_header(answer->response, "ETag", etag);
	} else {
		answer_ui_file(server, page, answer);
	}
	if (!answer->response)
		return;
	MHD_add_response_header(answer->response, "Content-Security-Policy", page->policy);
	MHD_add_response_header(answer->response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(answer->response, "Cache-Control", "no-cache");
}

/* What the page has to ask for before it can send requests; which hosts are allowed it does not
 * say. */
static void answer_sign_in(const struct server *server, struct answer *answer)
{
	const char *text = "{\"signIn\":\"database\"}\n";

	if (server->options.database)
		text = server->options.users ? "{\"signIn\":\"user\"}\n"
					     : "{\"signIn\":\"none\"}\n";
	make_text(answer, "page", 200, "application/json", text);
}

/* What is the server's own; false: it is the library's. */
static bool answer_own(struct server *server, struct MHD_Connection *connection, const char *method,
		       const char *target, struct answer *answer)
{
	bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	char path[64];
	struct page page;

	(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
	if (!reads)
		return false;
	if (strcmp(path, "/health") == 0)
		make_text(answer, "health", 200, "application/json", "{\"status\":\"ok\"}\n");
	else if (strcmp(path, "/ready") == 0)
		answer_ready(server, answer);
	else if (strcmp(path, "/metrics") == 0)
		answer_metrics(server, answer);
	else if (strcmp(path, "/page/sign-in.json") == 0)
		answer_sign_in(server, answer);
	else if (page_find(path, server->options.swagger_ui != NULL, &page))
		answer_page(server, connection, &page, answer);
	else
		return false;
	return true;
}

static void free_response(void *response)
{
	extmgr_rest_response_free(response);
}

/* Takes the response: its body, which may be a large file, is sent from where it is. */
static void convert(extmgr_rest_response *response, struct answer *answer)
{
	const char *route = extmgr_rest_response_get_route(response);
	union {
		const char *from;
		void *to;
	} body; /* it is not written to, whatever the parameter's type */

	answer->status = extmgr_rest_response_get_status(response);
	answer->route = *route ? route : "none";
	body.from = extmgr_rest_response_get_body(response, &answer->length);
	answer->response = MHD_create_response_from_buffer_with_free_callback_cls(
		answer->length, body.to, free_response, response);
	if (!answer->response) {
		extmgr_rest_response_free(response);
		return;
	}
	for (size_t i = 0; i < extmgr_rest_response_get_header_count(response); i++)
		MHD_add_response_header(answer->response,
					extmgr_rest_response_get_header_name(response, i),
					extmgr_rest_response_get_header_value(response, i));
}

static struct watched *watched_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* While the library works, the watcher may cancel. */
static void answer_with_library(struct server *server, struct MHD_Connection *connection,
				const char *method, const struct arriving *arriving,
				struct answer *answer)
{
	struct watched *watched = watched_of(connection);
	extmgr_operation *operation = NULL;
	extmgr_rest_response *response = NULL;
	extmgr_rest_request request;

	*answer = (struct answer){.route = "none", .status = 500};
	if (!watched || extmgr_operation_new(NULL, &operation, NULL) < 0)
		return;
	extmgr_rest_request_init(&request, sizeof(request));
	request.method = method;
	request.target = arriving->target;
	request.headers = arriving->headers;
	request.header_count = arriving->header_count;
	request.body = arriving->body;
	request.body_length = arriving->length;
	request.operation = operation;
	watcher_set_operation(server->watcher, watched, operation);
	if (extmgr_rest_handle(server->rest, &request, &response, NULL) >= 0)
		convert(response, answer);
	watcher_set_operation(server->watcher, watched, NULL);
	extmgr_operation_free(operation);
}

/* ---- the log ---- */

static void log_line(const struct server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void log_line(const struct server *server, const char *format, ...)
{
	char *line = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (length >= 0 && server->options.log)
		server->options.log(server->options.user_data, line);
	if (length >= 0)
		free(line);
}

static void describe_peer(struct MHD_Connection *connection, char *out, size_t size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char address[INET6_ADDRSTRLEN] = "?";
	uint16_t port = 0;

	if (info && info->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)info->client_addr;

		inet_ntop(AF_INET, &in->sin_addr, address, sizeof(address));
		port = ntohs(in->sin_port);
	} else if (info && info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)info->client_addr;

		inet_ntop(AF_INET6, &in6->sin6_addr, address, sizeof(address));
		port = ntohs(in6->sin6_port);
	}
	(void)snprintf(out, size, "%s:%u", address, port);
}

/* Without the query: whatever is in it is nobody's business. */
static void log_request(const struct server *server, struct MHD_Connection *connection,
			const char *method, const struct arriving *arriving, const char *version,
			const struct answer *answer, double seconds)
{
	char peer[INET6_ADDRSTRLEN + 8];

	describe_peer(connection, peer, sizeof(peer));
	log_line(server, "\"%.16s %.*s %.16s\" from %s - %d %zuB in %.3fms", method,
		 (int)strcspn(arriving->target, "?"), arriving->target, version, peer,
		 answer->status, answer->length, seconds * 1000);
}

/* ---- what libmicrohttpd calls ---- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool comes_from_here(const struct server *server, struct MHD_Connection *connection)
{
	return !server->checks_host || access_is_local_name(MHD_lookup_connection_value(
					       connection, MHD_HEADER_KIND, "Host"));
}

/* Browsers say so themselves, and no page can make them say anything else. Links to the page are
 * fine. */
static bool comes_from_another_site(struct MHD_Connection *connection,
				    const struct arriving *arriving)
{
	const char *site =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sec-Fetch-Site");

	return site && strcasecmp(site, "cross-site") == 0 &&
	       strncmp(arriving->target, "/api/", strlen("/api/")) == 0;
}

static enum MHD_Result answer_request(struct server *server, struct MHD_Connection *connection,
				      const char *method, const char *version,
				      struct arriving *arriving)
{
	struct answer answer;
	double begin = now();
	double seconds;
	enum MHD_Result queued;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, arriving);
	if (!comes_from_here(server, connection))
		make_text(&answer, "none", 403, "application/json",
			  "{\"code\":403,\"message\":\"the Host header names another server\"}\n");
	else if (comes_from_another_site(connection, arriving))
		make_text(&answer, "none", 403, "application/json",
			  "{\"code\":403,\"message\":\"the request comes from another site\"}\n");
	else if (!answer_own(server, connection, method, arriving->target, &answer))
		answer_with_library(server, connection, method, arriving, &answer);
	seconds = now() - begin;
	metrics_add(&server->metrics, answer.route, answer.status, seconds);
	log_request(server, connection, method, arriving, version, &answer, seconds);
	if (!answer.response)
		return MHD_NO;
	if (atomic_load(&server->stopping))
		MHD_add_response_header(answer.response, "Connection", "close");
	queued = MHD_queue_response(connection, (unsigned)answer.status, answer.response);
	MHD_destroy_response(answer.response);
	return queued;
}

/* Called once with the headers, then for each part of the body, then without any: answer. */
static enum MHD_Result take_request(void *user_data, struct MHD_Connection *connection,
				    const char *path, const char *method, const char *version,
				    const char *data, size_t *length, void **context)
{
	struct arriving *arriving = *context;

	(void)path; /* decoded: the handler wants it as it came */
	if (!arriving || !arriving->target)
		return MHD_NO;
	if (!arriving->seen) {
		arriving->seen = true;
		return MHD_YES;
	}
	if (*length) {
		if (!take_body(arriving, data, *length))
			return MHD_NO;
		*length = 0;
		return MHD_YES;
	}
	return answer_request(user_data, connection, method, version, arriving);
}

static void watch_connection(void *user_data, struct MHD_Connection *connection,
			     void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct server *server = user_data;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		if (info)
			*socket_context = watcher_add(server->watcher, info->connect_fd);
	} else if (*socket_context) {
		watcher_remove(server->watcher, *socket_context);
		*socket_context = NULL;
	}
}

/* ---- start and stop ---- */

static bool make_address(const struct server_options *options, struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (void *)address;
	struct sockaddr_in6 *in6 = (void *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, options->address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(options->port);
		return true;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(options->port);
	return inet_pton(AF_INET6, options->address, &in6->sin6_addr) == 1;
}

static extmgr_result fail(extmgr_error **error, extmgr_result code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static extmgr_result fail(extmgr_error **error, extmgr_result code, const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	*error = extmgr_error_new(code, message, strlen(message), NULL);
	return code;
}

static extmgr_result start_daemon(struct server *server, extmgr_error **error)
{
	const struct server_options *options = &server->options;
	struct sockaddr_storage address;
	const union MHD_DaemonInfo *info;
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_ITC;

	if (!make_address(options, &address))
		return fail(error, EXTMGR_E_INVALID_ARGUMENT, "'%s' is no numeric address",
			    options->address);
	if (address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	server->daemon = MHD_start_daemon(
		flags, options->port, NULL, NULL, take_request, server, MHD_OPTION_SOCK_ADDR,
		&address, MHD_OPTION_URI_LOG_CALLBACK, take_target, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, forget_request, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		watch_connection, server, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)MAXIMUM_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)(RECEIVE_MS / 1000), MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (!server->daemon)
		return fail(error, EXTMGR_E_IO, "cannot listen on %s port %u: %s", options->address,
			    options->port, errno ? strerror(errno) : "it cannot be started");
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	server->port = info ? info->port : options->port;
	return EXTMGR_OK;
}

static extmgr_result open_rest(struct server *server, extmgr_context *context, extmgr_error **error)
{
	extmgr_rest_options options;

	extmgr_rest_options_init(&options, sizeof(options));
	options.flags = server->options.add_cause ? EXTMGR_REST_ADD_CAUSE : 0;
	options.timeout_ms = server->options.timeout_ms;
	options.version = extmgr_version_get_text();
	options.credentials = access_give_target;
	options.authorize = server->options.admins ? access_authorize : NULL;
	options.catalog = server->options.catalog;
	options.user_data = &server->options;
	return extmgr_rest_new(context, server->registry, &options, &server->rest, error);
}

static extmgr_result start_synchronisation(struct server *server, extmgr_error **error)
{
	const struct startup_options options = {
		.catalog = server->options.catalog,
		.path = server->options.bundles,
		.flags = server->options.sync_flags,
		.max_parallel = server->options.max_parallel,
		.retry_ms = SYNC_RETRY_MS,
		.log = server->options.log,
		.user_data = server->options.user_data,
	};

	if (!options.path)
		return EXTMGR_OK;
	server->startup = startup_begin(&options);
	return server->startup ? EXTMGR_OK
			       : fail(error, EXTMGR_E_NO_MEMORY, "cannot start a thread");
}

static void free_server(struct server *server)
{
	startup_end(server->startup);
	watcher_stop(server->watcher);
	extmgr_rest_free(server->rest);
	metrics_destroy(&server->metrics);
	free(server);
}

struct server *server_start(extmgr_context *context, extmgr_registry *registry,
			    const struct server_options *options, extmgr_error **error)
{
	struct server *server = calloc(1, sizeof(*server));
	extmgr_result result;

	if (!server) {
		fail(error, EXTMGR_E_NO_MEMORY, "out of memory");
		return NULL;
	}
	server->options = *options;
	server->registry = registry;
	server->checks_host = access_is_loopback(options->address);
	metrics_init(&server->metrics);
	server->watcher = watcher_start(RECEIVE_MS);
	if (server->watcher)
		result = open_rest(server, context, error);
	else
		result = fail(error, EXTMGR_E_NO_MEMORY, "cannot start a thread");
	/* Before the first request, which sees it. */
	if (result == EXTMGR_OK)
		result = start_synchronisation(server, error);
	if (result == EXTMGR_OK)
		result = start_daemon(server, error);
	if (result == EXTMGR_OK)
		return server;
	free_server(server);
	return NULL;
}

uint16_t server_get_port(const struct server *server)
{
	return server->port;
}

static void wait_for_requests(struct server *server, uint64_t grace_ms)
{
	double end = now() + (double)grace_ms / 1000;
	const struct timespec tick = {.tv_nsec = 10000000};

	while (watcher_count_running(server->watcher) && now() < end)
		nanosleep(&tick, NULL);
}

void server_stop(struct server *server, uint64_t grace_ms)
{
	MHD_socket listening;

	if (!server)
		return;
	atomic_store(&server->stopping, true);
	startup_cancel(server->startup);
	listening = MHD_quiesce_daemon(server->daemon);
	wait_for_requests(server, grace_ms);
	watcher_cancel_all(server->watcher);
	/* Waits for the threads of all connections. */
	MHD_stop_daemon(server->daemon);
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	free_server(server);
}
