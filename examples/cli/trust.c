/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include "errors.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_LENGTH       56
#define KEY_FILE_MAXIMUM 2048
#define PATTERNS_MAXIMUM 1000
/* Files of extensions are large: --timeout and SIGINT end what takes too long. */
#define DOWNLOAD_TIMEOUT_MS 3600000

static void make_parents(char *path)
{
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
}

char *trust_cache_directory(const struct options *options)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char *path = NULL;
	int length = 0;

	if (options->cache)
		return *options->cache ? checked(strdup(options->cache)) : NULL;
	if (cache && *cache == '/')
		length = asprintf(&path, "%s/extmgr", cache);
	else if (home && *home == '/')
		length = asprintf(&path, "%s/.cache/extmgr", home);
	else
		return NULL;
	checked(length < 0 ? NULL : path);
	make_parents(path);
	return path;
}

int trust_open_http(const struct options *options, extmgr_http **http_out)
{
	extmgr_curl_options curl;
	extmgr_error *error = NULL;
	extmgr_result result;

	extmgr_curl_options_init(&curl, sizeof(curl));
	curl.ca_file = options->ca_file;
	if (options->allow_download)
		curl.timeout_ms = DOWNLOAD_TIMEOUT_MS;
	result = extmgr_curl_open(&curl, http_out, &error);
	/* Without libcurl registries in directories work as ever. */
	if (result == EXTMGR_OK || result == EXTMGR_E_UNSUPPORTED) {
		extmgr_error_free(error);
		return EXIT_DONE;
	}
	return fail_with(error, "cannot fetch over HTTP");
}

/* KEY is the base64 line itself or a file that holds it. Answers an exit code. */
static int read_key(char *key, char **text_out)
{
	if (strlen(key) == KEY_LENGTH && strncmp(key, "RW", 2) == 0) {
		*text_out = checked(strdup(key));
		return EXIT_DONE;
	}
	return input_read(key, "public key", KEY_FILE_MAXIMUM, text_out);
}

/* Splits "A,B" in place. */
static size_t split_patterns(char *text, const char **patterns)
{
	size_t count = 0;

	for (char *next; text && count < PATTERNS_MAXIMUM; text = next) {
		next = strchr(text, ',');
		if (next)
			*next++ = '\0';
		patterns[count++] = text;
	}
	return count;
}

/* KEY[:PATTERN,...] */
static int add_key(extmgr_trust *trust, const char *given)
{
	static const char *patterns[PATTERNS_MAXIMUM];
	char *copy = checked(strdup(given));
	char *colon = strrchr(copy, ':');
	extmgr_error *error = NULL;
	char *text = NULL;
	size_t count;
	int code;

	if (colon)
		*colon++ = '\0';
	code = read_key(copy, &text);
	count = split_patterns(colon, patterns);
	if (code == EXIT_DONE &&
	    extmgr_trust_add_key(trust, text, patterns, count, &error) != EXTMGR_OK)
		code = fail_with(error, "cannot trust key '%s'", copy);
	input_free(text);
	free(copy);
	return code;
}

/* The keys of the environment are separated by blanks. */
static int add_keys_of_environment(extmgr_trust *trust)
{
	const char *given = getenv("EXTMGR_TRUST_KEYS");
	char *copy = checked(strdup(given ? given : ""));
	char *rest = copy;
	int code = EXIT_DONE;

	while (code == EXIT_DONE && *rest) {
		char *key = rest + strspn(rest, " \n");

		rest = key + strcspn(key, " \n");
		if (*rest)
			*rest++ = '\0';
		if (*key)
			code = add_key(trust, key);
	}
	free(copy);
	return code;
}

int trust_apply(const struct options *options, extmgr_context *context)
{
	extmgr_trust *trust = NULL;
	extmgr_error *error = NULL;
	int code = EXIT_DONE;

	if (extmgr_trust_new(&trust, &error) != EXTMGR_OK ||
	    (options->trust_policy &&
	     extmgr_trust_set_policy(trust, options->trust_policy, &error) != EXTMGR_OK))
		code = fail_with(error, "cannot set the trust policy");
	for (size_t i = 0; code == EXIT_DONE && i < options->trust_key_count; i++)
		code = add_key(trust, options->trust_keys[i]);
	if (code == EXIT_DONE && !options->trust_key_count)
		code = add_keys_of_environment(trust);
	if (code == EXIT_DONE && extmgr_context_set_trust(context, trust, &error) != EXTMGR_OK)
		code = fail_with(error, "cannot set the trusted keys");
	extmgr_trust_free(trust);
	return code;
}

extmgr_result trust_open_registry(const struct options *options, extmgr_context *context,
				  extmgr_registry **registry_out, extmgr_error **error)
{
	extmgr_registry_options registry;

	extmgr_registry_options_init(&registry, sizeof(registry));
	registry.flags = (options->offline ? EXTMGR_REGISTRY_OFFLINE : 0) |
			 (options->allow_downgrade ? EXTMGR_REGISTRY_ALLOW_DOWNGRADE : 0);
	registry.refresh_ms = options->refresh_ms;
	return extmgr_registry_open_with_options(context, options->registry, &registry,
						 registry_out, error);
}
