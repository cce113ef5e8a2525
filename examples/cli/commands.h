/* SPDX-License-Identifier: MIT */
/* The table of commands: what main.c runs, help.c describes and completion offers. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

/* As many arguments as one likes. */
#define COMMAND_MANY SIZE_MAX

struct command {
	const char *name;      /* one to three words */
	const char *arguments; /* as in the usage line */
	const char *summary;
	const char *description; /* for its own help; ends with a line feed */
	unsigned allowed;        /* OPTION_... */
	size_t minimum;          /* arguments */
	size_t maximum;
	/* arguments: as many as minimum to maximum allow, then NULL. Answers an exit code. */
	int (*run)(const struct options *options, char **arguments);
};

extern const struct command commands[];
extern const size_t command_count;

/* The command whose name begins the words; *used gets how many words that are. */
const struct command *command_find(char **words, size_t count, size_t *used);

/* ID[@VERSION], split at the last '@'. */
struct target {
	char *id;
	char *version; /* NULL: not given */
};

/* Answers an exit code; the failure is printed. Free with target_free() in any case. */
int target_parse(const char *text, struct target *target);
void target_free(struct target *target);

/* What is over the library's maximum is for the library to refuse. */
#define DEFINITION_MAXIMUM ((size_t)16 << 20)
/* The file's name without ".js", as a registry would name it; caller frees. */
char *definition_id(const char *path);

int run_search(const struct options *options, char **arguments);
int run_list(const struct options *options, char **arguments);
int run_info(const struct options *options, char **arguments);
int run_install(const struct options *options, char **arguments);
int run_upgrade(const struct options *options, char **arguments);
int run_uninstall(const struct options *options, char **arguments);
int run_instance_list(const struct options *options, char **arguments);
int run_instance_show(const struct options *options, char **arguments);
int run_instance_create(const struct options *options, char **arguments);
int run_instance_update(const struct options *options, char **arguments);
int run_instance_delete(const struct options *options, char **arguments);
int run_plan_install(const struct options *options, char **arguments);
int run_plan_upgrade(const struct options *options, char **arguments);
int run_plan_uninstall(const struct options *options, char **arguments);
int run_plan_instance_create(const struct options *options, char **arguments);
int run_plan_instance_update(const struct options *options, char **arguments);
int run_plan_instance_delete(const struct options *options, char **arguments);
int run_definition_lint(const struct options *options, char **arguments);
int run_definition_new(const struct options *options, char **arguments);
int run_definition_try(const struct options *options, char **arguments);
int run_apply(const struct options *options, char **arguments);
int run_sync(const struct options *options, char **arguments);
int run_catalog_list(const struct options *options, char **arguments);
int run_catalog_show(const struct options *options, char **arguments);
int run_catalog_enable(const struct options *options, char **arguments);
int run_catalog_disable(const struct options *options, char **arguments);
int run_catalog_hold(const struct options *options, char **arguments);
int run_catalog_unhold(const struct options *options, char **arguments);
int run_catalog_accept(const struct options *options, char **arguments);
int run_catalog_history(const struct options *options, char **arguments);
int run_catalog_prune(const struct options *options, char **arguments);
int run_catalog_init(const struct options *options, char **arguments);
int run_registry_list(const struct options *options, char **arguments);
int run_registry_refresh(const struct options *options, char **arguments);
int run_registry_verify(const struct options *options, char **arguments);
/* Makes the index of a directory as 'registry build' does, and says nothing of it. */
int registry_write_index(const struct options *options, const char *path);
int run_registry_collect(const struct options *options, char **arguments);
int run_registry_build(const struct options *options, char **arguments);
int run_artifact_list(const struct options *options, char **arguments);
int run_artifact_fetch(const struct options *options, char **arguments);
int run_history(const struct options *options, char **arguments);
int run_status(const struct options *options, char **arguments);
int run_discover(const struct options *options, char **arguments);
int run_digest(const struct options *options, char **arguments);
int run_verify(const struct options *options, char **arguments);
int run_bundle_pack(const struct options *options, char **arguments);
int run_bundle_inspect(const struct options *options, char **arguments);
int run_params_schema(const struct options *options, char **arguments);
int run_params_validate(const struct options *options, char **arguments);
int run_doctor(const struct options *options, char **arguments);
int run_openapi(const struct options *options, char **arguments);
#ifdef EXTMGR_HAS_SERVER
int run_serve(const struct options *options, char **arguments);
#endif
int run_completion(const struct options *options, char **arguments);
int run_version(const struct options *options, char **arguments);

#endif
