/* SPDX-License-Identifier: MIT */
/* The options of the command line, before or behind the command, and the words between them. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Options that only some commands have. */
enum command_option {
	OPTION_UPGRADABLE = 1 << 0,
	OPTION_DRY_RUN = 1 << 1,
	OPTION_VALUES = 1 << 2, /* --set, --set-file, --values, --defaults */
	OPTION_PLAN = 1 << 3,   /* --format, --record */
	OPTION_SCENARIO = 1 << 4,
	OPTION_ALL = 1 << 5, /* of upgrade */
	OPTION_OUT = 1 << 6,
	OPTION_DIGEST = 1 << 7, /* --listing, --form */
	OPTION_SYNC = 1 << 8,   /* --wait, --skip, --watch, --max-parallel ... */
	OPTION_SQL = 1 << 9,    /* of catalog init */
	OPTION_AGE = 1 << 10,   /* of catalog prune: --older-than */
	OPTION_LIMIT = 1 << 11,
	OPTION_EXPIRES = 1 << 12,
	OPTION_SERVE = 1 << 13, /* --listen, --allow, --users, --bundles ... */
	OPTION_DIRECTORY = 1 << 14
};

enum plan_format { PLAN_DEFAULT, PLAN_TEXT, PLAN_SQL, PLAN_JSON };

/* Where values of parameters come from. */
struct value_source {
	enum { VALUE_TEXT, VALUE_FILE, VALUE_DOCUMENT } kind;
	const char *text; /* NAME=VALUE, NAME=PATH, PATH */
};

struct options {
	const char *database; /* as given: URL or @FILE; NULL: not given */
	bool database_in_arguments;
	const char *registry;
	const char *schema;
	const char **files;
	size_t file_count;
	const char *cache;   /* "": none; NULL: the user's */
	const char *ca_file; /* NULL: the system's */
	const char **trust_keys;
	size_t trust_key_count;
	uint32_t trust_policy; /* EXTMGR_TRUST_...; 0: the default */
	bool offline;
	bool allow_downgrade;
	bool allow_download;      /* of artifacts */
	uint64_t refresh_ms;      /* 0: as the registry says */
	uint64_t timeout_ms;      /* 0: none */
	uint64_t lock_timeout_ms; /* 0: as the database is set */
	int verbosity;            /* -1 quiet, 0, 1 info, 2 debug */
	enum color_when color;
	bool json;
	bool no_input;
	bool no_history;
	bool yes;
	bool help;
	bool version;

	unsigned used; /* OPTION_... that were given */
	bool upgradable;
	bool dry_run;
	bool all;
	bool defaults;
	const char *out;
	bool record;
	enum plan_format format;
	const char *expires;   /* NULL: never */
	const char *scenario;  /* path */
	const char *directory; /* of definition new */
	bool listing;
	uint32_t form;       /* EXTMGR_DIGEST_... */
	uint32_t sync_flags; /* EXTMGR_SYNC_... */
	bool watch;
	uint32_t max_parallel; /* 0: not given */
	bool sql;
	uint64_t older_than_ms; /* 0: not given */
	uint32_t limit;         /* 0: not given */
	struct value_source *sources;
	size_t source_count;

	const char *listen;
	const char **allowed; /* HOST:PORT[/DATABASE][?sslmode=MODE] */
	size_t allowed_count;
	const char *users;   /* path */
	const char *admins;  /* path */
	const char *bundles; /* path; NULL: as the environment says */
	bool logs_bundles;   /* of the command that is run: warnings about bundles go to the log */
	bool add_cause;
	const char *swagger_ui; /* path */
	uint64_t grace_ms;      /* 0: the default */

	char **words; /* the command and its arguments */
	size_t word_count;
};

/* Answers an exit code; the failure is printed. Free with options_free(), also after a failure. */
int options_parse(int count, char **arguments, struct options *options);
void options_free(struct options *options);

/* A variable of the environment; NULL when it is not set or empty. */
const char *options_environment(const char *name);
/* A number of seconds; answers an exit code. option: for messages. */
int options_parse_seconds(const char *option, const char *text, uint64_t *milliseconds);

/* The options by index, without "--"; NULL behind the last. *valued: it takes a value. */
const char *options_get_name(size_t index, bool *valued);

/* Name of the first option that was given and is not among allowed; NULL when all are. */
const char *options_find_unexpected(const struct options *options, unsigned allowed);

#endif
