/* SPDX-License-Identifier: MIT */
/* One thread accepts, one more for each connection; both directions of it are one poll(). */
#include "proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAXIMUM (1 << 20)
/* Codes in the place of a protocol version. */
#define CODE_CANCEL      80877102
#define CODE_SSL_REQUEST 80877103
#define CODE_GSS_REQUEST 80877104

struct proxy {
	struct sockaddr_in server;
	char url[1024];
	int listener;
	int stopped[2]; /* a pipe: hung up when the proxy stops */
	pthread_t acceptor;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t ended;  /* a connection has */
	enum proxy_fault fault;
	int at;
	int seen; /* messages since proxy_arm() */
	char fired_at;
	bool fired_at_commit;
	int connections;
};

struct connection {
	struct proxy *proxy;
	int client;
	int server;
	bool logged_in; /* the message without a type is through */
	bool hanging;
	bool in_commit; /* the last statement that came was a COMMIT */
	char type;      /* of the message */
	size_t length;
	unsigned char message[MESSAGE_MAXIMUM];
};

static void fail(const char *what)
{
	perror(what);
	abort();
}

/* ---- Bytes ---- */

static bool send_all(int socket, const unsigned char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

static bool receive_all(int socket, unsigned char *bytes, size_t length)
{
	/* For no bytes recv() would wait for some. */
	return length == 0 || recv(socket, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

static uint32_t read_number(const unsigned char *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof(number));
	return ntohl(number);
}

/* A message is type (but the first), length (which counts itself) and content. */
static bool receive_message(struct connection *connection)
{
	size_t header = connection->logged_in ? 1 : 0;
	uint32_t length;

	if (!receive_all(connection->client, connection->message, header + 4))
		return false;
	length = read_number(connection->message + header);
	if (length < 4 || length > MESSAGE_MAXIMUM - header)
		return false;
	connection->type = connection->logged_in ? (char)connection->message[0] : PROXY_STARTUP;
	connection->length = header + length;
	return receive_all(connection->client, connection->message + header + 4, length - 4);
}

/* ---- What happens to a message ---- */

/* The text of a statement in a message 'Q' or 'P', which has a name before it; NUL-terminated. */
static const char *statement_of(const struct connection *connection)
{
	const char *content = (const char *)connection->message + 5;

	return connection->type == 'P' ? content + strlen(content) + 1 : content;
}

static void note_statement(struct connection *connection)
{
	if (connection->type == 'Q' || connection->type == 'P')
		connection->in_commit = strncasecmp(statement_of(connection), "COMMIT", 6) == 0;
}

/* Counts the message; whether the fault happens at it. */
static bool is_due(struct connection *connection, enum proxy_fault *fault)
{
	struct proxy *proxy = connection->proxy;
	bool due;

	pthread_mutex_lock(&proxy->mutex);
	due = ++proxy->seen == proxy->at;
	if (due) {
		*fault = proxy->fault;
		proxy->fired_at = connection->type;
		proxy->fired_at_commit = connection->in_commit;
	}
	pthread_mutex_unlock(&proxy->mutex);
	return due;
}

/* Requests for encryption are refused, so that all messages can be read. */
static bool refuse_encryption(const struct connection *connection)
{
	return send_all(connection->client, (const unsigned char *)"N", 1);
}

/* The server answers a message of these types without waiting for another. */
static void await_answer(const struct connection *connection)
{
	struct pollfd events[] = {{connection->server, POLLIN, 0},
				  {connection->proxy->stopped[0], POLLIN, 0}};

	if (strchr("QSp", connection->type) || connection->type == PROXY_STARTUP)
		(void)poll(events, 2, -1);
}

/* false: the connection is to be cut. */
static bool apply(struct connection *connection, enum proxy_fault fault)
{
	switch (fault) {
	case PROXY_CUT_WITHIN:
		(void)send_all(connection->server, connection->message, connection->length / 2);
		return false;
	case PROXY_CUT_AFTER:
		if (send_all(connection->server, connection->message, connection->length))
			await_answer(connection);
		return false;
	case PROXY_HANG:
		connection->hanging = true;
		return true;
	default:
		return false;
	}
}

static bool pass_message(struct connection *connection)
{
	enum proxy_fault fault;

	if (!receive_message(connection))
		return false;
	if (connection->hanging)
		return true;
	if (!connection->logged_in) {
		uint32_t code = read_number(connection->message + 4);

		if (code == CODE_SSL_REQUEST || code == CODE_GSS_REQUEST)
			return refuse_encryption(connection);
		if (code == CODE_CANCEL)
			return send_all(connection->server, connection->message,
					connection->length);
		connection->logged_in = true;
	}
	note_statement(connection);
	if (is_due(connection, &fault))
		return apply(connection, fault);
	return send_all(connection->server, connection->message, connection->length);
}

static bool pass_answer(const struct connection *connection)
{
	unsigned char bytes[8192];
	ssize_t received = recv(connection->server, bytes, sizeof(bytes), 0);

	return received > 0 && send_all(connection->client, bytes, (size_t)received);
}

/* ---- Connections ---- */

static void serve(struct connection *connection)
{
	for (;;) {
		struct pollfd events[] = {
			{connection->client, POLLIN, 0},
			{connection->proxy->stopped[0], POLLIN, 0},
			{connection->hanging ? -1 : connection->server, POLLIN, 0},
		};

		if (poll(events, 3, -1) < 0 || events[1].revents)
			return;
		if (events[2].revents && !pass_answer(connection))
			return;
		if (events[0].revents && !pass_message(connection))
			return;
	}
}

/* The client loses the connection at once; the server works off what it was sent, and hangs up. */
static void hang_up(const struct connection *connection)
{
	unsigned char bytes[8192];

	(void)close(connection->client);
	(void)shutdown(connection->server, SHUT_WR);
	while (recv(connection->server, bytes, sizeof(bytes), 0) > 0)
		continue;
	(void)close(connection->server);
}

static void *run_connection(void *argument)
{
	struct connection *connection = argument;
	struct proxy *proxy = connection->proxy;

	serve(connection);
	hang_up(connection);
	free(connection);
	pthread_mutex_lock(&proxy->mutex);
	proxy->connections--;
	pthread_cond_broadcast(&proxy->ended);
	pthread_mutex_unlock(&proxy->mutex);
	return NULL;
}

static int connect_server(const struct proxy *proxy)
{
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (server < 0 ||
	    connect(server, (const struct sockaddr *)&proxy->server, sizeof(proxy->server)) != 0)
		fail("proxy: connect");
	(void)setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return server;
}

static void *accept_connections(void *argument)
{
	struct proxy *proxy = argument;

	for (;;) {
		int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
		struct connection *connection;
		pthread_t thread;

		if (client < 0)
			return NULL; /* shut down by proxy_stop() */
		connection = calloc(1, sizeof(*connection));
		if (!connection)
			fail("proxy: memory");
		connection->proxy = proxy;
		connection->client = client;
		connection->server = connect_server(proxy);
		pthread_mutex_lock(&proxy->mutex);
		proxy->connections++;
		pthread_mutex_unlock(&proxy->mutex);
		if (pthread_create(&thread, NULL, run_connection, connection) != 0)
			fail("proxy: thread");
		(void)pthread_detach(thread);
	}
}

/* ---- The proxy ---- */

/* Splits "...@HOST:PORT/..." and puts the proxy's port in its place. */
static void set_addresses(struct proxy *proxy, const char *url, unsigned own_port)
{
	const char *host = strrchr(url, '@');
	const char *port = host ? strchr(host, ':') : NULL;
	char address[64];
	char *rest;

	if (!port || (size_t)(port - host) > sizeof(address))
		fail("proxy: URL");
	(void)snprintf(address, sizeof(address), "%.*s", (int)(port - host - 1), host + 1);
	proxy->server.sin_family = AF_INET;
	proxy->server.sin_port = htons((uint16_t)strtoul(port + 1, &rest, 10));
	if (inet_pton(AF_INET, address, &proxy->server.sin_addr) != 1)
		fail("proxy: host");
	(void)snprintf(proxy->url, sizeof(proxy->url), "%.*s:%u%s", (int)(port - url), url,
		       own_port, rest);
}

struct proxy *proxy_start(const char *url)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	socklen_t length = sizeof(own);
	struct proxy *proxy = calloc(1, sizeof(*proxy));

	if (!proxy || pipe2(proxy->stopped, O_CLOEXEC) != 0)
		fail("proxy: resources");
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (proxy->listener < 0 ||
	    bind(proxy->listener, (const struct sockaddr *)&own, sizeof(own)) != 0 ||
	    listen(proxy->listener, 16) != 0 ||
	    getsockname(proxy->listener, (struct sockaddr *)&own, &length) != 0)
		fail("proxy: listen");
	set_addresses(proxy, url, ntohs(own.sin_port));
	pthread_mutex_init(&proxy->mutex, NULL);
	pthread_cond_init(&proxy->ended, NULL);
	if (pthread_create(&proxy->acceptor, NULL, accept_connections, proxy) != 0)
		fail("proxy: thread");
	return proxy;
}

const char *proxy_get_url(const struct proxy *proxy)
{
	return proxy->url;
}

void proxy_arm(struct proxy *proxy, enum proxy_fault fault, int at)
{
	pthread_mutex_lock(&proxy->mutex);
	proxy->fault = fault;
	proxy->at = at;
	proxy->seen = 0;
	proxy->fired_at = 0;
	proxy->fired_at_commit = false;
	pthread_mutex_unlock(&proxy->mutex);
}

int proxy_get_count(struct proxy *proxy)
{
	int count;

	pthread_mutex_lock(&proxy->mutex);
	count = proxy->seen;
	pthread_mutex_unlock(&proxy->mutex);
	return count;
}

char proxy_fired_at(struct proxy *proxy)
{
	char type;

	pthread_mutex_lock(&proxy->mutex);
	type = proxy->fired_at;
	pthread_mutex_unlock(&proxy->mutex);
	return type;
}

int proxy_fired_at_commit(struct proxy *proxy)
{
	bool commit;

	pthread_mutex_lock(&proxy->mutex);
	commit = proxy->fired_at_commit;
	pthread_mutex_unlock(&proxy->mutex);
	return commit;
}

void proxy_wait_idle(struct proxy *proxy)
{
	pthread_mutex_lock(&proxy->mutex);
	while (proxy->connections > 0)
		pthread_cond_wait(&proxy->ended, &proxy->mutex);
	pthread_mutex_unlock(&proxy->mutex);
}

void proxy_stop(struct proxy *proxy)
{
	(void)shutdown(proxy->listener, SHUT_RDWR);
	(void)pthread_join(proxy->acceptor, NULL);
	(void)close(proxy->stopped[1]);
	proxy_wait_idle(proxy);
	(void)close(proxy->stopped[0]);
	(void)close(proxy->listener);
	pthread_cond_destroy(&proxy->ended);
	pthread_mutex_destroy(&proxy->mutex);
	free(proxy);
}
