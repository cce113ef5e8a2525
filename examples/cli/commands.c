/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "errors.h"

#include <stdlib.h>
#include <string.h>

const struct command commands[] = {
	{"search", "[TEXT]", "what the registry has, and why not",
	 "Lists the extensions of the registry with their state in the database. TEXT is looked\n"
	 "for in ids, names, categories and descriptions. Broken definitions are always listed,\n"
	 "with the reason: what they describe cannot be read.\n",
	 0, 0, 1, run_search},
	{"list", "", "what is installed",
	 "Lists the installed extensions.\n"
	 "  --upgradable          only those that have a newer version\n",
	 OPTION_UPGRADABLE, 0, 0, run_list},
	{"info", "ID[@VERSION]", "versions, parameters, files and digest of an extension",
	 "Describes an extension in its installed, else its newest version.\n", 0, 1, 1, run_info},
	{"install", "ID[@VERSION]", "install an extension",
	 "Installs the newest version, or the one named, in one transaction.\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_DRY_RUN, 1, 1, run_install},
	{"upgrade", "ID[@VERSION]", "upgrade an extension to its newest version",
	 "Upgrades an installed extension with its instances. A VERSION must be the newest: it\n"
	 "guards against getting more than was expected.\n"
	 "  --all                 every extension that has a newer version, in a transaction "
	 "each:\n"
	 "                        a failure stops no other\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_DRY_RUN | OPTION_ALL, 0, 1, run_upgrade},
	{"uninstall", "ID[@VERSION]", "remove an extension",
	 "Removes an extension; refused while it has instances. Asks on a terminal; elsewhere it\n"
	 "needs --yes.\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_DRY_RUN, 1, 1, run_uninstall},
	{"instance list", "ID[@VERSION]", "the instances of an extension",
	 "Lists the instances of an installed extension.\n", 0, 1, 1, run_instance_list},
	{"instance show", "ID[@VERSION] NAME", "the parameter values of an instance",
	 "Shows the values of an instance, which is named by its id or name. Secrets are not\n"
	 "shown.\n",
	 0, 2, 2, run_instance_show},
	{"instance create", "ID[@VERSION]", "create an instance",
	 "Creates an instance. On a terminal it asks for the parameters that are not given.\n"
	 "  --set NAME=VALUE      a parameter; refused for secret ones\n"
	 "  --set-file NAME=PATH  a parameter from a file, '-' for stdin; one line end at the end\n"
	 "                        is dropped\n"
	 "  --values FILE         parameters from a JSON document, an object {name: value} or an\n"
	 "                        array [{name, value}], '-' for stdin; --set and --set-file\n"
	 "                        outweigh it\n"
	 "  --defaults            the defaults of parameters that have no value then\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_VALUES | OPTION_DRY_RUN, 1, 1, run_instance_create},
	{"instance update", "ID[@VERSION] NAME", "change the parameters of an instance",
	 "Changes an instance, which is named by its id or name. What is not given keeps its\n"
	 "value, secrets included; an empty value empties. Parameters are given as with\n"
	 "'instance create'; nothing is asked for.\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_VALUES | OPTION_DRY_RUN, 2, 2, run_instance_update},
	{"instance delete", "ID[@VERSION] NAME", "delete an instance",
	 "Deletes an instance, which is named by its id or name. Asks on a terminal; elsewhere it\n"
	 "needs --yes.\n"
	 "  --dry-run             show the statements and change nothing\n",
	 OPTION_DRY_RUN, 2, 2, run_instance_delete},
#define PLAN_OPTIONS (OPTION_PLAN | OPTION_OUT)
#define PLAN_HELP                                                                                  \
	"Runs the operation for real, rolls it back and shows what it did. Locks are real while\n" \
	"it runs.\n"                                                                               \
	"  --record              do not run what changes something: no locks, but a plan that "    \
	"may\n"                                                                                    \
	"                        be incomplete\n"                                                  \
	"  --format FORMAT       text, sql (the writing statements) or json (for 'apply');\n"      \
	"                        default: text on stdout, json in a file\n"                        \
	"  --out FILE            write the plan to FILE, which only you can read, not to stdout\n"
	{"plan install", "ID[@VERSION]", "the statements of an install", PLAN_HELP, PLAN_OPTIONS, 1,
	 1, run_plan_install},
	{"plan upgrade", "ID[@VERSION]", "the statements of an upgrade", PLAN_HELP, PLAN_OPTIONS, 1,
	 1, run_plan_upgrade},
	{"plan uninstall", "ID[@VERSION]", "the statements of an uninstall", PLAN_HELP,
	 PLAN_OPTIONS, 1, 1, run_plan_uninstall},
	{"plan instance create", "ID[@VERSION]", "the statements of creating an instance",
	 PLAN_HELP "Parameters are given as with 'instance create'.\n",
	 PLAN_OPTIONS | OPTION_VALUES, 1, 1, run_plan_instance_create},
	{"plan instance update", "ID[@VERSION] NAME", "the statements of updating an instance",
	 PLAN_HELP "Parameters are given as with 'instance create'.\n",
	 PLAN_OPTIONS | OPTION_VALUES, 2, 2, run_plan_instance_update},
	{"plan instance delete", "ID[@VERSION] NAME", "the statements of deleting an instance",
	 PLAN_HELP, PLAN_OPTIONS, 2, 2, run_plan_instance_delete},
	{"definition new", "NAME", "make a project for a new definition",
	 "Makes a folder with an npm project: a definition in TypeScript, its test scenario and\n"
	 "what builds them. Nothing that exists is changed.\n"
	 "  --dir DIR             the folder to make; default: NAME\n",
	 OPTION_DIRECTORY, 1, 1, run_definition_new},
	{"definition lint", "FILE", "what is wrong with a definition, or suspicious",
	 "Loads a definition and looks at its source, versions, files, functions and parameters.\n"
	 "A line for each finding, with place and remedy; exit code 1 when there is one.\n",
	 0, 1, 1, run_definition_lint},
	{"definition try", "FILE", "call a definition's functions without a database",
	 "Loads a definition, calls its functions as a scenario says, and shows what they did:\n"
	 "results, exceptions, statements, console. Statements are answered from the scenario.\n"
	 "An exception is no failure; a definition that cannot be loaded is.\n"
	 "  --scenario FILE       JSON: dialect, schema, artifacts, tables, answers and calls; "
	 "'-'\n"
	 "                        for stdin\n",
	 OPTION_SCENARIO, 1, 1, run_definition_try},
	{"apply", "FILE", "do what a plan says, and nothing else",
	 "Runs the operation of a plan that 'plan ... --out FILE' wrote ('-' for stdin). Each\n"
	 "statement is compared with the plan first; when anything has changed since, nothing is\n"
	 "done. Asks on a terminal; elsewhere a plan that drops something needs --yes. Secret\n"
	 "parameters are not in the plan: it asks for them, too.\n"
	 "  --set-file NAME=PATH  a secret parameter from a file, '-' for stdin\n"
	 "  --values FILE         secret parameters from a JSON document\n"
	 "  --dry-run             only look whether the plan still holds\n",
	 OPTION_VALUES | OPTION_DRY_RUN, 1, 1, run_apply},
	{"status", "[ID]", "whether everything is still as it was installed",
	 "Asks the installed extensions, or the one named, what they find of themselves and "
	 "whether\n"
	 "something is wrong. Exit code 4 when something is.\n",
	 0, 0, 1, run_status},
	{"discover", "DIR", "the bundles in a directory",
	 "Looks for bundles in DIR, not below it: *.supx files and directories with a dist/\n"
	 "directory. Each is checked. Of several with one id the highest version goes before the\n"
	 "others. Exit code 4 when one is refused; the others are listed.\n",
	 0, 1, 1, run_discover},
	{"digest", "PATH...", "the digest of bundles and definitions",
	 "Prints the digest of a *.supx file, a development directory or a definition (*.js);\n"
	 "of several PATHs a line each, with the path behind.\n"
	 "  --listing             the listing whose SHA-256 the digest is, as sha256sum prints it\n"
	 "  --form FORM           sha256 (default), superset or superset-seed: the MD5 of Apache\n"
	 "                        Superset, for comparing only\n",
	 OPTION_DIGEST, 1, COMMAND_MANY, run_digest},
	{"verify", "PATH...", "check bundles and definitions",
	 "Checks *.supx files, development directories and definitions (*.js); a line each, with\n"
	 "the code and the reason of those that are refused. Exit code 1 when one is.\n",
	 0, 1, COMMAND_MANY, run_verify},
	{"bundle pack", "DIR", "pack a development directory",
	 "Packs what lies below DIR/dist into a bundle. The same files give the same bytes. What\n"
	 "could not be opened is not packed.\n"
	 "  --out FILE            the bundle to write; default: ID-VERSION.supx here\n",
	 OPTION_OUT, 1, 1, run_bundle_pack},
	{"bundle inspect", "PATH", "what is in a bundle",
	 "Checks a *.supx file or a development directory and describes it.\n", 0, 1, 1,
	 run_bundle_inspect},
	{"history", "[ID]", "what was done to the database",
	 "Lists what was done, newest first, of all extensions or of the one named, from the "
	 "table\n"
	 "extmgr_target_history that each operation adds a row to.\n"
	 "  --limit N             at most N entries, up to 10000; default: 100\n",
	 OPTION_LIMIT, 0, 1, run_history},
	{"params schema", "ID[@VERSION]", "the parameters as a JSON Schema",
	 "Prints a JSON Schema (draft 2020-12) of the parameter values, an object {name: value}, "
	 "with\n"
	 "their conditions. It refuses nothing that is valid; what it cannot say is in the "
	 "guide.\n"
	 "Without --db it is the newest version that counts.\n",
	 0, 1, 1, run_params_schema},
	{"params validate", "ID[@VERSION]", "check parameter values",
	 "Checks values without creating an instance and tells all faults; never asks. Values are\n"
	 "given as with 'instance create'. Exit code 5 when there is a fault. Without --db it is\n"
	 "the newest version that counts.\n",
	 OPTION_VALUES, 1, 1, run_params_validate},
	{"doctor", "", "check drivers, database, registry and definitions",
	 "Checks what the other commands need; a line each: ok, warning or problem, with the\n"
	 "remedy. Fails when there is a problem. Tables named extmgr_check_... are made in the\n"
	 "database and removed again.\n",
	 0, 0, 0, run_doctor},
	{"completion", "bash", "a completion script",
	 "Prints a script for the shell: source <(extmgr completion bash)\n", 0, 1, 1,
	 run_completion},
	{"version", "", "versions of program and library", "Prints versions.\n", 0, 0, 0,
	 run_version},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

/* How many words the name has, when they are those; 0 when they are not. */
static size_t match(const char *name, char **words, size_t count)
{
	for (size_t used = 0; used < count; used++) {
		size_t length = strcspn(name, " ");

		if (strlen(words[used]) != length || strncmp(words[used], name, length) != 0)
			return 0;
		if (!name[length])
			return used + 1;
		name += length + 1;
	}
	return 0;
}

const struct command *command_find(char **words, size_t count, size_t *used)
{
	for (size_t i = 0; i < command_count; i++) {
		*used = match(commands[i].name, words, count);
		if (*used)
			return &commands[i];
	}
	return NULL;
}

int target_parse(const char *text, struct target *target)
{
	const char *at = strrchr(text, '@');

	*target = (struct target){0};
	if (!*text || at == text)
		return fail_usage("write ID or ID@VERSION", "'%s' names no extension", text);
	if (at && !at[1])
		return fail_usage("write ID or ID@VERSION", "'%s' names no version", text);
	target->id = checked(at ? strndup(text, (size_t)(at - text)) : strdup(text));
	target->version = at ? checked(strdup(at + 1)) : NULL;
	return EXIT_DONE;
}

void target_free(struct target *target)
{
	free(target->id);
	free(target->version);
}
