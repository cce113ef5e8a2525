/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "errors.h"

#include <extmgr/trust.h>

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define HINT_HELP "'extmgr --help' lists the commands and options"
/* A year: more is a slip of the fingers. */
#define TIMEOUT_MAXIMUM_SECONDS 31536000.0
#define DAYS_MAXIMUM            36500.0
#define MS_PER_DAY              86400000.0
#define LIMIT_MAXIMUM           10000 /* as the library has it */

enum long_option {
	LONG_DB = 256,
	LONG_REGISTRY,
	LONG_SCHEMA,
	LONG_FILES,
	LONG_CACHE,
	LONG_CA,
	LONG_TRUST_KEY,
	LONG_TRUST_POLICY,
	LONG_OFFLINE,
	LONG_ALLOW_DOWNGRADE,
	LONG_ALLOW_DOWNLOAD,
	LONG_REFRESH,
	LONG_JSON,
	LONG_NO_INPUT,
	LONG_COLOR,
	LONG_TIMEOUT,
	LONG_LOCK_TIMEOUT,
	LONG_NO_HISTORY,
	LONG_UPGRADABLE,
	LONG_DRY_RUN,
	LONG_ALL,
	LONG_SET,
	LONG_SET_FILE,
	LONG_VALUES,
	LONG_DEFAULTS,
	LONG_OUT,
	LONG_FORMAT,
	LONG_RECORD,
	LONG_SCENARIO,
	LONG_EXPIRES,
	LONG_DIR,
	LONG_LISTING,
	LONG_FORM,
	LONG_WAIT,
	LONG_SKIP,
	LONG_WATCH,
	LONG_MAX_PARALLEL,
	LONG_REFUSE_REPUBLISHED,
	LONG_SQL,
	LONG_OLDER_THAN,
	LONG_LIMIT,
	LONG_LISTEN,
	LONG_ALLOW,
	LONG_USERS,
	LONG_ADMINS,
	LONG_BUNDLES,
	LONG_ADD_CAUSE,
	LONG_SWAGGER_UI,
	LONG_GRACE
};

static const struct option long_options[] = {
	{"db", required_argument, NULL, LONG_DB},
	{"registry", required_argument, NULL, LONG_REGISTRY},
	{"schema", required_argument, NULL, LONG_SCHEMA},
	{"files", required_argument, NULL, LONG_FILES},
	{"cache", required_argument, NULL, LONG_CACHE},
	{"ca", required_argument, NULL, LONG_CA},
	{"trust-key", required_argument, NULL, LONG_TRUST_KEY},
	{"trust-policy", required_argument, NULL, LONG_TRUST_POLICY},
	{"offline", no_argument, NULL, LONG_OFFLINE},
	{"allow-downgrade", no_argument, NULL, LONG_ALLOW_DOWNGRADE},
	{"allow-download", no_argument, NULL, LONG_ALLOW_DOWNLOAD},
	{"refresh", required_argument, NULL, LONG_REFRESH},
	{"json", no_argument, NULL, LONG_JSON},
	{"quiet", no_argument, NULL, 'q'},
	{"verbose", no_argument, NULL, 'v'},
	{"no-input", no_argument, NULL, LONG_NO_INPUT},
	{"color", required_argument, NULL, LONG_COLOR},
	{"timeout", required_argument, NULL, LONG_TIMEOUT},
	{"lock-timeout", required_argument, NULL, LONG_LOCK_TIMEOUT},
	{"no-history", no_argument, NULL, LONG_NO_HISTORY},
	{"yes", no_argument, NULL, 'y'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"upgradable", no_argument, NULL, LONG_UPGRADABLE},
	{"dry-run", no_argument, NULL, LONG_DRY_RUN},
	{"all", no_argument, NULL, LONG_ALL},
	{"set", required_argument, NULL, LONG_SET},
	{"set-file", required_argument, NULL, LONG_SET_FILE},
	{"values", required_argument, NULL, LONG_VALUES},
	{"defaults", no_argument, NULL, LONG_DEFAULTS},
	{"out", required_argument, NULL, LONG_OUT},
	{"format", required_argument, NULL, LONG_FORMAT},
	{"record", no_argument, NULL, LONG_RECORD},
	{"scenario", required_argument, NULL, LONG_SCENARIO},
	{"expires", required_argument, NULL, LONG_EXPIRES},
	{"dir", required_argument, NULL, LONG_DIR},
	{"listing", no_argument, NULL, LONG_LISTING},
	{"form", required_argument, NULL, LONG_FORM},
	{"wait", no_argument, NULL, LONG_WAIT},
	{"skip", no_argument, NULL, LONG_SKIP},
	{"watch", no_argument, NULL, LONG_WATCH},
	{"max-parallel", required_argument, NULL, LONG_MAX_PARALLEL},
	{"refuse-republished", no_argument, NULL, LONG_REFUSE_REPUBLISHED},
	{"sql", no_argument, NULL, LONG_SQL},
	{"older-than", required_argument, NULL, LONG_OLDER_THAN},
	{"limit", required_argument, NULL, LONG_LIMIT},
	{"listen", required_argument, NULL, LONG_LISTEN},
	{"allow", required_argument, NULL, LONG_ALLOW},
	{"users", required_argument, NULL, LONG_USERS},
	{"admins", required_argument, NULL, LONG_ADMINS},
	{"bundles", required_argument, NULL, LONG_BUNDLES},
	{"add-cause", no_argument, NULL, LONG_ADD_CAUSE},
	{"swagger-ui", required_argument, NULL, LONG_SWAGGER_UI},
	{"grace", required_argument, NULL, LONG_GRACE},
	{0},
};

static int parse_color(const char *text, struct options *options)
{
	static const char *const names[] = {"auto", "always", "never"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			options->color = (enum color_when)i;
			return EXIT_DONE;
		}
	}
	return fail_usage("it is auto, always or never", "unknown value '%s' of --color", text);
}

static int parse_policy(const char *text, uint32_t *policy)
{
	static const char *const names[] = {[EXTMGR_TRUST_ANY] = "any",
					    [EXTMGR_TRUST_SIGNED_IF_KEYS] = "signed-if-keys",
					    [EXTMGR_TRUST_SIGNED] = "signed"};

	for (uint32_t i = EXTMGR_TRUST_ANY; i <= EXTMGR_TRUST_SIGNED; i++) {
		if (strcmp(text, names[i]) == 0) {
			*policy = i;
			return EXIT_DONE;
		}
	}
	return fail_usage("it is any, signed-if-keys or signed", "unknown trust policy '%s'", text);
}

static int parse_format(const char *text, struct options *options)
{
	static const char *const names[] = {
		[PLAN_TEXT] = "text", [PLAN_SQL] = "sql", [PLAN_JSON] = "json"};

	for (size_t i = PLAN_TEXT; i <= PLAN_JSON; i++) {
		if (strcmp(text, names[i]) == 0) {
			options->format = (enum plan_format)i;
			return EXIT_DONE;
		}
	}
	return fail_usage("it is text, sql or json", "unknown value '%s' of --format", text);
}

static int parse_form(const char *text, struct options *options)
{
	static const char *const names[] = {[EXTMGR_DIGEST_SHA256] = "sha256",
					    [EXTMGR_DIGEST_SUPERSET] = "superset",
					    [EXTMGR_DIGEST_SUPERSET_SEED] = "superset-seed"};

	for (uint32_t i = EXTMGR_DIGEST_SHA256; i <= EXTMGR_DIGEST_SUPERSET_SEED; i++) {
		if (strcmp(text, names[i]) == 0) {
			options->form = i;
			return EXIT_DONE;
		}
	}
	return fail_usage("it is sha256, superset or superset-seed", "unknown value '%s' of --form",
			  text);
}

int options_parse_seconds(const char *option, const char *text, uint64_t *milliseconds)
{
	char *end = NULL;
	double seconds = strtod(text, &end);

	/* strtod() also reads "inf", hexadecimal and leading blanks. */
	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end ||
	    !(seconds >= 0.001 && seconds <= TIMEOUT_MAXIMUM_SECONDS))
		return fail_usage("it is a number of seconds such as 30 or 2.5",
				  "bad value '%s' of %s", text, option);
	*milliseconds = (uint64_t)(seconds * 1000.0 + 0.5);
	return EXIT_DONE;
}

static int parse_parallel(const char *text, struct options *options)
{
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);

	if (strspn(text, "0123456789") != strlen(text) || end == text || number < 1 || number > 64)
		return fail_usage("it is a number from 1 to 64", "bad value '%s' of --max-parallel",
				  text);
	options->max_parallel = (uint32_t)number;
	return EXIT_DONE;
}

static int parse_days(const char *text, struct options *options)
{
	char *end = NULL;
	double days = strtod(text, &end);

	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end ||
	    !(days <= DAYS_MAXIMUM))
		return fail_usage("it is a number of days such as 30 or 0.5",
				  "bad value '%s' of --older-than", text);
	options->older_than_ms = (uint64_t)(days * MS_PER_DAY);
	return EXIT_DONE;
}

static int parse_limit(const char *text, struct options *options)
{
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);

	options->used |= OPTION_LIMIT;
	if (*text < '1' || *text > '9' || *end || number > LIMIT_MAXIMUM)
		return fail_usage("it is a number from 1 to 10000", "bad value '%s' of --limit",
				  text);
	options->limit = (uint32_t)number;
	return EXIT_DONE;
}

static int add_source(struct options *options, int kind, const char *text)
{
	struct value_source *source = &options->sources[options->source_count];
	const char *equals = strchr(text, '=');

	/* The text is not repeated: it may be a secret that lost its name. */
	if (kind != VALUE_DOCUMENT && (!equals || equals == text))
		return fail_usage(kind == VALUE_TEXT ? "write --set NAME=VALUE"
						     : "write --set-file NAME=PATH",
				  "%s without a name and '='",
				  kind == VALUE_TEXT ? "--set" : "--set-file");
	source->kind = kind;
	source->text = text;
	options->source_count++;
	options->used |= OPTION_VALUES;
	return EXIT_DONE;
}

static int take_serve_option(struct options *options, int option, const char *value)
{
	options->used |= OPTION_SERVE;
	switch (option) {
	case LONG_LISTEN:
		options->listen = value;
		return EXIT_DONE;
	case LONG_ALLOW:
		options->allowed[options->allowed_count++] = value;
		return EXIT_DONE;
	case LONG_USERS:
		options->users = value;
		return EXIT_DONE;
	case LONG_ADMINS:
		options->admins = value;
		return EXIT_DONE;
	case LONG_BUNDLES:
		options->bundles = value;
		return EXIT_DONE;
	case LONG_ADD_CAUSE:
		options->add_cause = true;
		return EXIT_DONE;
	case LONG_SWAGGER_UI:
		options->swagger_ui = value;
		return EXIT_DONE;
	default:
		return options_parse_seconds("--grace", value, &options->grace_ms);
	}
}

/* Options of sync, else those of serve. */
static int take_sync_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case LONG_WAIT:
		options->sync_flags &= ~EXTMGR_SYNC_SKIP_LOCKED;
		break;
	case LONG_SKIP:
		options->sync_flags |= EXTMGR_SYNC_SKIP_LOCKED;
		break;
	case LONG_WATCH:
		options->watch = true;
		break;
	case LONG_REFUSE_REPUBLISHED:
		options->sync_flags |= EXTMGR_SYNC_REFUSE_REPUBLISHED;
		break;
	case LONG_MAX_PARALLEL:
		options->used |= OPTION_SYNC;
		return parse_parallel(value, options);
	default:
		return take_serve_option(options, option, value);
	}
	options->used |= OPTION_SYNC;
	return EXIT_DONE;
}

static int take_command_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case LONG_UPGRADABLE:
		options->upgradable = true;
		options->used |= OPTION_UPGRADABLE;
		return EXIT_DONE;
	case LONG_DRY_RUN:
		options->dry_run = true;
		options->used |= OPTION_DRY_RUN;
		return EXIT_DONE;
	case LONG_ALL:
		options->all = true;
		options->used |= OPTION_ALL;
		return EXIT_DONE;
	case LONG_SET:
		return add_source(options, VALUE_TEXT, value);
	case LONG_SET_FILE:
		return add_source(options, VALUE_FILE, value);
	case LONG_VALUES:
		return add_source(options, VALUE_DOCUMENT, value);
	case LONG_DEFAULTS:
		options->defaults = true;
		options->used |= OPTION_VALUES;
		return EXIT_DONE;
	case LONG_OUT:
		options->out = value;
		options->used |= OPTION_OUT;
		return EXIT_DONE;
	case LONG_RECORD:
		options->record = true;
		options->used |= OPTION_PLAN;
		return EXIT_DONE;
	case LONG_SCENARIO:
		options->scenario = value;
		options->used |= OPTION_SCENARIO;
		return EXIT_DONE;
	case LONG_DIR:
		options->directory = value;
		options->used |= OPTION_DIRECTORY;
		return EXIT_DONE;
	case LONG_EXPIRES:
		options->expires = value;
		options->used |= OPTION_EXPIRES;
		return EXIT_DONE;
	case LONG_LISTING:
		options->listing = true;
		options->used |= OPTION_DIGEST;
		return EXIT_DONE;
	case LONG_FORM:
		options->used |= OPTION_DIGEST;
		return parse_form(value, options);
	case LONG_LIMIT:
		return parse_limit(value, options);
	case LONG_SQL:
		options->sql = true;
		options->used |= OPTION_SQL;
		return EXIT_DONE;
	case LONG_OLDER_THAN:
		options->used |= OPTION_AGE;
		return parse_days(value, options);
	case LONG_FORMAT:
		options->used |= OPTION_PLAN;
		return parse_format(value, options);
	default:
		return take_sync_option(options, option, value);
	}
}

/* Those about the registry. */
static int take_registry_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case LONG_CACHE:
		options->cache = value;
		return EXIT_DONE;
	case LONG_CA:
		options->ca_file = value;
		return EXIT_DONE;
	case LONG_TRUST_KEY:
		options->trust_keys[options->trust_key_count++] = value;
		return EXIT_DONE;
	case LONG_TRUST_POLICY:
		return parse_policy(value, &options->trust_policy);
	case LONG_OFFLINE:
		options->offline = true;
		return EXIT_DONE;
	case LONG_ALLOW_DOWNGRADE:
		options->allow_downgrade = true;
		return EXIT_DONE;
	case LONG_ALLOW_DOWNLOAD:
		options->allow_download = true;
		return EXIT_DONE;
	case LONG_REFRESH:
		return options_parse_seconds("--refresh", value, &options->refresh_ms);
	default:
		return take_command_option(options, option, value);
	}
}

static int take_option(struct options *options, int option, char *value)
{
	switch (option) {
	case 1: /* not an option: a word, in its place */
		options->words[options->word_count++] = value;
		return EXIT_DONE;
	case LONG_DB:
		options->database = value;
		options->database_in_arguments = true;
		return EXIT_DONE;
	case LONG_REGISTRY:
		options->registry = value;
		return EXIT_DONE;
	case LONG_SCHEMA:
		options->schema = value;
		return EXIT_DONE;
	case LONG_FILES:
		options->files[options->file_count++] = value;
		return EXIT_DONE;
	case LONG_JSON:
		options->json = true;
		errors_use_json(true);
		return EXIT_DONE;
	case LONG_NO_INPUT:
		options->no_input = true;
		return EXIT_DONE;
	case LONG_NO_HISTORY:
		options->no_history = true;
		return EXIT_DONE;
	case LONG_COLOR:
		return parse_color(value, options);
	case LONG_TIMEOUT:
		return options_parse_seconds("--timeout", value, &options->timeout_ms);
	case LONG_LOCK_TIMEOUT:
		return options_parse_seconds("--lock-timeout", value, &options->lock_timeout_ms);
	case 'q':
		options->verbosity = -1;
		return EXIT_DONE;
	case 'v':
		options->verbosity = options->verbosity < 0 ? 1 : options->verbosity + 1;
		return EXIT_DONE;
	case 'y':
		options->yes = true;
		return EXIT_DONE;
	case 'h':
		options->help = true;
		return EXIT_DONE;
	case 'V':
		options->version = true;
		return EXIT_DONE;
	default:
		return take_registry_option(options, option, value);
	}
}

/* The argument that getopt_long() stumbled over, without what follows a '=': that may be secret. */
static int fail_parsing(int kind, const char *argument)
{
	int length = (int)strcspn(argument, "=");

	if (optopt && optopt < 256)
		return fail_usage(HINT_HELP, "unknown option '-%c'", optopt);
	if (kind == ':')
		return fail_usage(HINT_HELP, "option '%.*s' needs a value", length, argument);
	if (optopt)
		return fail_usage(HINT_HELP, "option '%.*s' takes no value", length, argument);
	return fail_usage(HINT_HELP, "unknown or ambiguous option '%.*s'", length, argument);
}

const char *options_environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Looked for first, so that an error of an earlier option knows it, too. */
static bool has_json(int count, char **arguments)
{
	for (int i = 1; i < count && strcmp(arguments[i], "--") != 0; i++) {
		if (strcmp(arguments[i], "--json") == 0)
			return true;
	}
	return false;
}

int options_parse(int count, char **arguments, struct options *options)
{
	int option;
	int code = EXIT_DONE;

	*options = (struct options){
		.database = options_environment("EXTMGR_DB"),
		.registry = options_environment("EXTMGR_REGISTRY"),
		.cache = getenv("EXTMGR_CACHE"),
		.ca_file = options_environment("EXTMGR_CA"),
		.json = has_json(count, arguments),
		.form = EXTMGR_DIGEST_SHA256,
		.words = checked(calloc((size_t)count + 1, sizeof(char *))),
		.files = checked(calloc((size_t)count + 1, sizeof(char *))),
		.allowed = checked(calloc((size_t)count + 1, sizeof(char *))),
		.trust_keys = checked(calloc((size_t)count + 1, sizeof(char *))),
		.sources = checked(calloc((size_t)count + 1, sizeof(struct value_source))),
	};
	errors_use_json(options->json);
	opterr = 0;
	if (options_environment("EXTMGR_TRUST_POLICY"))
		code = parse_policy(options_environment("EXTMGR_TRUST_POLICY"),
				    &options->trust_policy);
	/* '-': words are answered in their place, whatever POSIXLY_CORRECT says. */
	while (code == EXIT_DONE &&
	       (option = getopt_long(count, arguments, "-:qvyhV", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return fail_parsing(option, arguments[optind - 1]);
		code = take_option(options, option, optarg);
	}
	while (code == EXIT_DONE && optind < count) /* behind "--" */
		options->words[options->word_count++] = arguments[optind++];
	return code;
}

void options_free(struct options *options)
{
	free(options->words);
	free(options->files);
	free(options->allowed);
	free(options->trust_keys);
	free(options->sources);
}

const char *options_get_name(size_t index, bool *valued)
{
	*valued = long_options[index].has_arg == required_argument;
	return long_options[index].name;
}

const char *options_find_unexpected(const struct options *options, unsigned allowed)
{
	unsigned unexpected = options->used & ~allowed;

	if (unexpected & OPTION_UPGRADABLE)
		return "--upgradable";
	if (unexpected & OPTION_DRY_RUN)
		return "--dry-run";
	if (unexpected & OPTION_ALL)
		return "--all";
	if (unexpected & OPTION_VALUES)
		return "--set, --set-file, --values or --defaults";
	if (unexpected & OPTION_PLAN)
		return "--format or --record";
	if (unexpected & OPTION_OUT)
		return "--out";
	if (unexpected & OPTION_SERVE)
		return "--listen, --allow, --users, --admins, --bundles, --add-cause, --swagger-ui "
		       "or --grace";
	if (unexpected & OPTION_DIGEST)
		return "--listing or --form";
	if (unexpected & OPTION_SCENARIO)
		return "--scenario";
	if (unexpected & OPTION_SYNC)
		return "--wait, --skip, --watch, --max-parallel or --refuse-republished";
	if (unexpected & OPTION_SQL)
		return "--sql";
	if (unexpected & OPTION_AGE)
		return "--older-than";
	if (unexpected & OPTION_DIRECTORY)
		return "--dir";
	if (unexpected & OPTION_EXPIRES)
		return "--expires";
	if (unexpected & OPTION_LIMIT)
		return "--limit";
	return NULL;
}
