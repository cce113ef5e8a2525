/* SPDX-License-Identifier: MIT */
/* serve: the REST interface over HTTP; the server itself is in examples/server. */
#include "commands.h"

#ifdef EXTMGR_HAS_SERVER
#include "errors.h"
#include "input.h"
#include "json.h"
#include "session.h"
#include "signals.h"

#include "access.h"
#include "server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ADDRESS  "127.0.0.1"
#define DEFAULT_PORT     8080
#define DEFAULT_GRACE_MS 10000
#define USERS_MAXIMUM    ((size_t)64 << 10)

/* What is kept while the server runs. */
struct serving {
	const struct options *options;
	struct session session;
	char *address;
	char *users;  /* holds passwords */
	char *admins; /* the same */
	struct server_allowed *allowed;
	char **texts; /* what the allowed point into */
	struct server_options server;
};

static bool read_port(const char *text, uint16_t *port)
{
	unsigned long value;

	if (!*text || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
		return false;
	value = strtoul(text, NULL, 10);
	*port = (uint16_t)value;
	return value <= 65535;
}

/* Splits HOST:PORT at the last colon and takes the brackets of an IPv6 address off. */
static bool split_host(char *text, char **host, uint16_t *port)
{
	char *colon = strrchr(text, ':');
	size_t length;

	if (!colon || !read_port(colon + 1, port))
		return false;
	*colon = '\0';
	length = strlen(text);
	*host = text;
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		text[length - 1] = '\0';
		*host = text + 1;
	}
	return true;
}

static int read_listen(struct serving *serving)
{
	const char *given = serving->options->listen;
	char *host;

	serving->server.address = DEFAULT_ADDRESS;
	serving->server.port = DEFAULT_PORT;
	if (!given)
		return EXIT_DONE;
	serving->address = checked(strdup(given));
	if (read_port(given, &serving->server.port))
		return EXIT_DONE;
	if (!split_host(serving->address, &host, &serving->server.port))
		return fail_usage("write --listen ADDRESS:PORT or --listen PORT",
				  "bad value '%s' of --listen", given);
	if (*host && strcmp(host, "localhost") != 0)
		serving->server.address = host;
	return EXIT_DONE;
}

static int read_one_allowed(struct serving *serving, const char *given)
{
	static const char key[] = "sslmode=";
	struct server_allowed *allowed = &serving->allowed[serving->server.allowed_count];
	char *text = checked(strdup(given));
	char *query = strchr(text, '?');
	char *database;
	char *host;
	bool bad = false;

	serving->texts[serving->server.allowed_count++] = text;
	*allowed = (struct server_allowed){.database = "postgres"};
	if (query) {
		*query++ = '\0';
		bad = strncmp(query, key, sizeof(key) - 1) != 0;
		allowed->ssl_mode = query + sizeof(key) - 1;
	}
	database = strchr(text, '/');
	if (database) {
		*database++ = '\0';
		allowed->database = database;
	}
	if (bad || !split_host(text, &host, &allowed->port) || !*host || !allowed->port ||
	    !*allowed->database)
		return fail_usage("write --allow HOST:PORT[/DATABASE][?sslmode=MODE]",
				  "bad value '%s' of --allow", given);
	allowed->host = host;
	return EXIT_DONE;
}

static int read_allowed(struct serving *serving)
{
	size_t count = serving->options->allowed_count;
	int code = EXIT_DONE;

	serving->allowed = checked(calloc(count + 1, sizeof(*serving->allowed)));
	serving->texts = checked(calloc(count + 1, sizeof(*serving->texts)));
	serving->server.allowed = serving->allowed;
	for (size_t i = 0; i < count && code == EXIT_DONE; i++)
		code = read_one_allowed(serving, serving->options->allowed[i]);
	return code;
}

static int read_users(struct serving *serving)
{
	const struct options *options = serving->options;
	int code;

	if (options->users) {
		code = input_read(options->users, "list of users", USERS_MAXIMUM, &serving->users);
		serving->server.users = serving->users;
		return code;
	}
	if (options->allowed_count)
		return EXIT_DONE;
	if (!access_is_loopback(serving->server.address))
		return fail_usage("give --users FILE, or listen on 127.0.0.1",
				  "whoever reaches %s could change the database",
				  serving->server.address);
	warn("--users FILE names those who may", "every user of this machine may change the "
						 "database");
	return EXIT_DONE;
}

/* Where the bundles are; NULL: nowhere. */
static const char *bundles_of(const struct options *options)
{
	return options->bundles ? options->bundles : session_get_extensions_path();
}

/* Whether the database of --db holds a catalog that is used. */
static bool needs_catalog(const struct options *options)
{
	return options->bundles || options->admins || session_uses_catalog(options) ||
	       (options->database && bundles_of(options));
}

static int check_combination(const struct options *options)
{
	if (options->watch)
		return fail_usage("'extmgr sync --watch' beside it does that",
				  "serve does not take --watch");
	if (options->allowed_count && options->database_in_arguments && !needs_catalog(options))
		return fail_usage("give one of both, or --bundles, --admins or --registry catalog: "
				  "then --db is the database of the catalog",
				  "--db and --allow exclude each other");
	if (needs_catalog(options) && !options->database)
		return fail_usage("give --db sqlite:PATH or --db postgresql://...",
				  "no database for the catalog");
	if (options->allowed_count && options->users)
		return fail_usage("with --allow the credentials are those of the database",
				  "--allow and --users exclude each other");
	return EXIT_DONE;
}

static int read_admins(struct serving *serving)
{
	const char *path = serving->options->admins;
	int code;

	if (!path)
		return EXIT_DONE;
	code = input_read(path, "list of administrators", USERS_MAXIMUM, &serving->admins);
	serving->server.admins = serving->admins;
	return code;
}

/* With --allow a database of the environment does not count, unless it holds the catalog. */
static int open_session(struct serving *serving)
{
	const struct options *options = serving->options;
	bool with_database = !options->allowed_count;
	int code;

	if (needs_catalog(options)) {
		code = session_check_registry(options);
		if (code == EXIT_DONE)
			code = session_open_catalog(&serving->session, options);
		return code == EXIT_DONE ? session_open_sources(&serving->session) : code;
	}
	if (with_database && !options->database)
		return fail_usage("give --db sqlite:PATH or --allow HOST:PORT",
				  "no database to serve");
	if (bundles_of(options))
		warn("give --db, the database of the catalog",
		     "EXTMGR_EXTENSIONS_PATH is set, but there is no catalog: nothing is "
		     "synchronised");
	return session_open(&serving->session, options, with_database);
}

static void print_line_of_log(void *user_data, const char *line)
{
	const struct options *options = user_data;
	char *safe;

	if (options->verbosity < 0)
		return;
	safe = text_safe(line, TEXT_ONE_LINE);
	fprintf(stderr, "extmgr: %s\n", safe);
	free(safe);
}

static void print_start(const struct serving *serving, const struct server *server)
{
	const char *address = serving->server.address;
	bool is_ipv6 = strchr(address, ':') != NULL;
	char url[128];
	cJSON *document;

	snprintf(url, sizeof(url), "http://%s%s%s:%u", is_ipv6 ? "[" : "", address,
		 is_ipv6 ? "]" : "", server_get_port(server));
	if (serving->options->json) {
		document = json_new_document("extmgr.serve/1");
		json_add_string(document, "url", url);
		json_print(stdout, document);
		cJSON_Delete(document);
	} else {
		if (serving->options->verbosity >= 0)
			fprintf(stderr, "extmgr: Starting server on %s...\n", url);
		output("%s\n", url);
	}
	fflush(stdout);
}

static void wait_for_signal(void)
{
	struct pollfd signal = {.fd = signals_get_descriptor(), .events = POLLIN};

	while (!signals_received())
		poll(&signal, 1, -1);
}

/* The server's options point to those of the program; the callback takes no const. */
static int serve(struct serving *serving)
{
	union {
		const struct options *options;
		void *user_data;
	} as = {.options = serving->options};
	struct session *session = &serving->session;
	struct server *server;
	extmgr_error *error = NULL;

	serving->server.database = serving->options->allowed_count ? NULL : session->database;
	serving->server.catalog = session->catalog;
	serving->server.bundles = session->catalog ? bundles_of(serving->options) : NULL;
	serving->server.sync_flags =
		serving->options->sync_flags |
		(serving->options->allow_downgrade ? EXTMGR_SYNC_ALLOW_DOWNGRADE : 0);
	serving->server.max_parallel = serving->options->max_parallel;
	serving->server.files = session->files;
	serving->server.extension_schema = serving->options->schema;
	serving->server.lock_timeout_ms = serving->options->lock_timeout_ms;
	serving->server.timeout_ms = serving->options->timeout_ms;
	serving->server.add_cause = serving->options->add_cause;
	serving->server.swagger_ui = serving->options->swagger_ui;
	serving->server.log = print_line_of_log;
	serving->server.user_data = as.user_data;
	server = server_start(session->context, session->registry, &serving->server, &error);
	if (!server)
		return fail_with(error, "cannot serve");
	print_start(serving, server);
	wait_for_signal();
	server_stop(server,
		    serving->options->grace_ms ? serving->options->grace_ms : DEFAULT_GRACE_MS);
	return EXIT_DONE;
}

int run_serve(const struct options *given, char **arguments)
{
	struct options options = *given;
	struct serving serving = {.options = &options};
	int code;

	(void)arguments;
	/* What other commands say themselves of bundles has no other place here. */
	options.logs_bundles = true;
	code = check_combination(&options);
	if (code == EXIT_DONE)
		code = read_listen(&serving);
	if (code == EXIT_DONE)
		code = read_allowed(&serving);
	if (code == EXIT_DONE)
		code = open_session(&serving);
	if (code == EXIT_DONE)
		code = read_users(&serving);
	if (code == EXIT_DONE)
		code = read_admins(&serving);
	if (code == EXIT_DONE)
		code = serve(&serving);
	session_close(&serving.session);
	for (size_t i = 0; i < serving.server.allowed_count; i++)
		free(serving.texts[i]);
	free(serving.texts);
	free(serving.allowed);
	input_free(serving.users);
	input_free(serving.admins);
	free(serving.address);
	return code;
}
#endif
