/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "errors.h"
#include "input.h"
#include "progress.h"
#include "signals.h"
#include "trust.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define URL_MAXIMUM ((size_t)16 << 10)

static void print_log(void *user_data, int32_t level, const char *component, const char *message,
		      size_t length)
{
	static const char *const names[] = {"", "error", "warning", "info", "debug"};
	const struct options *options = user_data;
	char *safe_component;
	char *safe;

	(void)length;
	/* Quiet: errors. Else warnings, and one level more for each -v. */
	if (level < EXTMGR_LOG_ERROR || level > EXTMGR_LOG_DEBUG ||
	    level > EXTMGR_LOG_WARNING + options->verbosity)
		return;
	/* How an operation ended, its warnings, what is broken: the commands say it, but the server
	 * does not say what became of each bundle. */
	if (options->verbosity < 1 &&
	    (strcmp(component, "manager") == 0 ||
	     (!options->logs_bundles &&
	      (strcmp(component, "bundle") == 0 || strcmp(component, "sync") == 0 ||
	       strcmp(component, "catalog") == 0))))
		return;
	safe_component = text_safe(component, TEXT_ONE_LINE);
	safe = text_safe(message, TEXT_ONE_LINE);
	fprintf(stderr, "extmgr: %s: %s: %s\n", names[level], safe_component, safe);
	free(safe_component);
	free(safe);
}

static int32_t print_progress(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	const struct options *options = user_data;
	char *safe;

	progress_show(options, step, done, total);
	if (options->verbosity < 1)
		return 0;
	safe = text_safe(step, TEXT_ONE_LINE);
	if (total)
		fprintf(stderr, "extmgr: step: %s (%llu of %llu)\n", safe, (unsigned long long)done,
			(unsigned long long)total);
	else
		fprintf(stderr, "extmgr: step: %s\n", safe);
	free(safe);
	return 0;
}

static const char *actor(void)
{
	const char *name = getenv("USER");

	return name ? name : "";
}

/* The callbacks only read the options; the library's user data is not const. */
static void *user_data_of(const struct options *options)
{
	union {
		const struct options *options;
		void *user_data;
	} as = {.options = options};

	return as.user_data;
}

int session_open_context(struct session *session, const struct options *options)
{
	extmgr_context_options context_options;
	extmgr_operation_options operation_options;
	extmgr_http *http = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	char *cache;
	int code = trust_open_http(options, &http);

	*session = (struct session){.options = options};
	if (code != EXIT_DONE)
		return code;
	cache = trust_cache_directory(options);
	extmgr_context_options_init(&context_options, sizeof(context_options));
	context_options.log = print_log;
	context_options.user_data = user_data_of(options);
	context_options.cache_directory = cache;
	context_options.http = http;
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.timeout_ms = options->timeout_ms;
	operation_options.actor = actor();
	operation_options.progress = print_progress;
	operation_options.user_data = user_data_of(options);
	result = extmgr_context_new(&context_options, &session->context, &error);
	if (result == EXTMGR_OK)
		result = extmgr_operation_new(&operation_options, &session->operation, &error);
	free(cache);
	extmgr_http_free(http);
	if (result < 0)
		return fail_with(error, "cannot start");
	signals_watch(session->operation);
	return trust_apply(options, session->context);
}

static bool has_key(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (; *text; text++) {
		if (strncasecmp(text, key, length) == 0 && text[length] == '=')
			return true;
	}
	return false;
}

bool url_has_password(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *at = authority ? strrchr(authority, '@') : NULL;
	const char *colon = authority ? strchr(authority + 3, ':') : NULL;

	if (strncasecmp(url, "sqlite:", 7) == 0)
		return false;
	if (has_key(url, "pwd") || has_key(url, "password"))
		return true;
	return at && colon && colon + 1 < at;
}

char *session_describe_database(const struct session *session)
{
	const char *url = session->url;
	const char *authority = strstr(url, "://");
	const char *at = authority ? strrchr(authority, '@') : NULL;
	const char *host = at ? at + 1 : authority ? authority + 3 : "";
	char *text = NULL;
	int length;

	if (strncasecmp(url, "sqlite:", 7) == 0)
		length = asprintf(&text, "%s", url);
	else if (authority) /* neither user nor password nor query */
		length = asprintf(&text, "%.*s://%.*s", (int)(authority - url), url,
				  (int)strcspn(host, "?#"), host);
	else
		length = asprintf(&text, "a database through ODBC (%s)",
				  extmgr_database_get_dialect(session->database));
	return checked(length < 0 ? NULL : text);
}

static void warn_about_readers(const char *path, const char *url)
{
	struct stat status;

	if (url_has_password(url) && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_mode & (S_IRGRP | S_IROTH)))
		warn("chmod 600 keeps it to yourself", "others can read the password in '%s'",
		     path);
}

static int read_url_file(const char *path, char **url_out)
{
	char *url;
	size_t length;
	int code = input_read(path, "database URL", URL_MAXIMUM, &url);

	if (code != EXIT_DONE)
		return code;
	length = strlen(url);
	while (length && strchr(" \t\r\n", url[length - 1]))
		url[--length] = '\0';
	if (!length || strpbrk(url, "\r\n")) {
		input_free(url);
		return fail_usage("it holds one line: the URL of the database",
				  "'%s' is no file with a database URL", path);
	}
	warn_about_readers(path, url);
	*url_out = url;
	return EXIT_DONE;
}

int session_read_url(struct session *session)
{
	const char *given = session->options->database;

	if (!given)
		return fail_usage("give --db sqlite:PATH, --db postgresql://..., --db @FILE, or "
				  "set EXTMGR_DB",
				  "no database given");
	if (given[0] == '@')
		return read_url_file(given + 1, &session->url);
	if (session->options->database_in_arguments && url_has_password(given))
		warn("write the URL to a file of mode 600 and use --db @FILE",
		     "the password in --db is visible to other users of this machine");
	session->url = checked(strdup(given));
	return EXIT_DONE;
}

static extmgr_result open_files(struct session *session, extmgr_error **error)
{
	const struct options *options = session->options;
	extmgr_local_files_options files;

	if (!options->file_count)
		return EXTMGR_OK;
	extmgr_local_files_options_init(&files, sizeof(files));
	files.flags = options->allow_download ? EXTMGR_LOCAL_FILES_WRITABLE : 0;
	return extmgr_local_files_open_with_options(options->files, options->file_count, &files,
						    &session->files, error);
}

extmgr_result session_open_manager(struct session *session, const char *schema,
				   extmgr_error **error)
{
	extmgr_target_options target;

	extmgr_target_options_init(&target, sizeof(target));
	target.extension_schema = schema;
	target.lock_timeout_ms = session->options->lock_timeout_ms;
	target.flags = session->options->allow_download ? EXTMGR_TARGET_ALLOW_DOWNLOAD : 0;
	target.history = session->options->no_history ? EXTMGR_HISTORY_OFF : EXTMGR_HISTORY_DEFAULT;
	return extmgr_manager_new(session->context, session->registry, session->database,
				  session->files, &target, &session->manager, error);
}

/* ---- Catalog ---- */

const char *session_get_extensions_path(void)
{
	const char *path = options_environment("EXTMGR_EXTENSIONS_PATH");

	return path ? path : options_environment("SUPERSET_EXTENSIONS_PATH");
}

int session_get_lock_timeout(const struct options *options, uint64_t *milliseconds)
{
	static const char *const names[] = {"EXTMGR_LOCK_TIMEOUT",
					    "EXTENSION_STARTUP_LOCK_TIMEOUT"};

	*milliseconds = options->lock_timeout_ms;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !*milliseconds; i++) {
		const char *value = options_environment(names[i]);
		int code = value ? options_parse_seconds(names[i], value, milliseconds) : EXIT_DONE;

		if (code != EXIT_DONE)
			return code;
	}
	return EXIT_DONE;
}

static int make_catalog(struct session *session)
{
	extmgr_catalog_options options;
	extmgr_error *error = NULL;
	int code;

	extmgr_catalog_options_init(&options, sizeof(options));
	code = session_get_lock_timeout(session->options, &options.lock_timeout_ms);
	if (code != EXIT_DONE)
		return code;
	if (extmgr_catalog_open(session->context, session->database, &options, &session->catalog,
				&error) < 0)
		return fail_with(error, "cannot open the catalog");
	return EXIT_DONE;
}

int session_open_catalog(struct session *session, const struct options *options)
{
	extmgr_error *error = NULL;
	int code = session_open_context(session, options);

	if (code == EXIT_DONE)
		code = session_read_url(session);
	if (code != EXIT_DONE)
		return code;
	if (extmgr_database_open(session->url, &session->database, &error) < 0)
		return fail_with(error, "cannot open the database");
	return make_catalog(session);
}

bool session_uses_catalog(const struct options *options)
{
	return options->registry && strcmp(options->registry, "catalog") == 0;
}

extmgr_result session_open_registry(struct session *session, extmgr_error **error)
{
	extmgr_result result;

	if (!session_uses_catalog(session->options))
		return trust_open_registry(session->options, session->context, &session->registry,
					   error);
	if (!session->catalog) {
		result = extmgr_catalog_open(session->context, session->database, NULL,
					     &session->catalog, error);
		if (result < 0)
			return result;
	}
	return extmgr_registry_open_catalog(session->catalog, &session->registry, error);
}

int session_check_registry(const struct options *options)
{
	if (options->registry)
		return EXIT_DONE;
	return fail_usage("give --registry DIR or --registry URL, or set EXTMGR_REGISTRY",
			  "no registry given");
}

int session_open_sources(struct session *session)
{
	extmgr_error *error = NULL;

	if (session_open_registry(session, &error) < 0)
		return fail_with(error, "cannot open the registry");
	if (open_files(session, &error) < 0)
		return fail_with(error, "cannot open the directories of --files");
	return EXIT_DONE;
}

int session_open(struct session *session, const struct options *options, bool with_database)
{
	extmgr_error *error = NULL;
	int code = session_open_context(session, options);

	if (code == EXIT_DONE)
		code = session_check_registry(options);
	if (session_uses_catalog(options))
		with_database = true;
	if (code == EXIT_DONE && with_database)
		code = session_read_url(session);
	if (code != EXIT_DONE)
		return code;
	if (with_database && extmgr_database_open(session->url, &session->database, &error) < 0)
		return fail_with(error, "cannot open the database");
	code = session_open_sources(session);
	if (code == EXIT_DONE && session_open_manager(session, options->schema, &error) < 0)
		code = fail_with(error, "cannot use the database");
	return code;
}

int session_open_for_reading(struct session *session, const struct options *options)
{
	return session_open(session, options, options->database != NULL);
}

void session_close(struct session *session)
{
	signals_watch(NULL);
	extmgr_manager_free(session->manager);
	extmgr_files_free(session->files);
	extmgr_database_free(session->database);
	extmgr_registry_free(session->registry);
	extmgr_catalog_free(session->catalog);
	extmgr_operation_free(session->operation);
	extmgr_context_free(session->context);
	input_free(session->url);
	*session = (struct session){0};
}

extmgr_call_options session_call(const struct session *session, uint32_t flags)
{
	extmgr_call_options call;

	extmgr_call_options_init(&call, sizeof(call));
	call.flags = flags;
	call.operation = session->operation;
	return call;
}
