/* SPDX-License-Identifier: MIT */
/*
 * An HTTP server around rest.h, with libmicrohttpd: what a host adds to the library's handler.
 *
 * A thread serves each connection, because calls of the library block. Beside the library's routes
 * there are /health, /ready, /metrics, the page for people at / and one that shows the OpenAPI
 * document.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <extmgr/extmgr.h>

#include <stdbool.h>
#include <stdint.h>

/* A PostgreSQL server that requests may name with dbHost and dbPort. */
struct server_allowed {
	const char *host;
	uint16_t port;
	const char *database;
	const char *ssl_mode; /* NULL: the driver's default */
};

struct server_options {
	const char *address; /* a numeric one: "127.0.0.1", "::1" */
	uint16_t port;       /* 0: a free one */
	/* The database of all requests; NULL: the one that a request names, among `allowed`. */
	extmgr_database *database;
	const struct server_allowed *allowed;
	size_t allowed_count;
	/* Lines "user:password" or a bearer token, for requests to `database`; NULL: anybody. */
	const char *users;
	extmgr_files *files; /* NULL: none */
	const char *extension_schema;
	uint64_t lock_timeout_ms;
	uint64_t timeout_ms; /* of a request; 0: the library's default */
	bool add_cause;
	const char *swagger_ui; /* directory of the npm package swagger-ui-dist; NULL: none */
	/* Lines as in `users`, of those who may use the routes of the catalog; NULL: nobody, and
	 * these routes are off. */
	const char *admins;
	extmgr_catalog *catalog; /* NULL: none */
	/* Directory of bundles that are brought into the catalog at the start; NULL: none. */
	const char *bundles;
	uint32_t sync_flags;   /* EXTMGR_SYNC_... */
	uint32_t max_parallel; /* as in extmgr_sync_options */
	/* Takes a line for each request; several threads at once. */
	void (*log)(void *user_data, const char *line);
	void *user_data;
};

struct server;

/* All that the options point to must live as long as the server. Answers NULL and an error. */
struct server *server_start(extmgr_context *context, extmgr_registry *registry,
			    const struct server_options *options, extmgr_error **error);
uint16_t server_get_port(const struct server *server);
/* No new connections; requests that run have that long to end, then they are cancelled and roll
 * back. A synchronisation is cancelled at once. */
void server_stop(struct server *server, uint64_t grace_ms);

#endif
