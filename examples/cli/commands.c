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
	 "Describes an extension in its installed, else its newest version. Without --db nothing\n"
	 "counts as installed.\n",
	 0, 1, 1, run_info},
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
	{"sync", "[DIR]", "bring the bundles of a directory into the catalog",
	 "Synchronises the bundles of DIR (default: EXTMGR_EXTENSIONS_PATH) with the catalog in "
	 "the\n"
	 "database, whose tables it makes when they are not there. Any number may run at once: "
	 "each\n"
	 "change is written by one. Without DIR there is nothing to do; a DIR that is not there is "
	 "a\n"
	 "warning. EXTMGR_LOCK_TIMEOUT (or --lock-timeout) says how many seconds to wait for "
	 "others.\n"
	 "  --wait                wait until others have written what they are at (default)\n"
	 "  --skip                leave alone what others are writing\n"
	 "  --watch               stay, and synchronise again when something changes in DIR\n"
	 "  --max-parallel N      threads that read bundles; 1 for none but one\n"
	 "  --refuse-republished  refuse other content of the same version until it is accepted\n"
	 "--allow-downgrade also takes lower versions than the catalog has.\n",
	 OPTION_SYNC, 0, 1, run_sync},
	{"catalog list", "", "what the catalog has",
	 "Lists the extensions of the catalog with their state.\n", 0, 0, 0, run_catalog_list},
	{"catalog show", "ID [FILE]", "an extension of the catalog, or one of its files",
	 "Describes an extension and checks every byte that is stored of it; exit code 4 when a\n"
	 "check fails. With FILE the content of that file goes to stdout.\n",
	 0, 1, 2, run_catalog_show},
	{"catalog enable", "ID", "let an extension be installed and served",
	 "Enables an extension that was disabled. Updates keep the setting.\n", 0, 1, 1,
	 run_catalog_enable},
	{"catalog disable", "ID", "let nobody install an extension",
	 "Disables an extension: it is neither installed nor served. What is installed of it can "
	 "be\n"
	 "uninstalled. Updates keep the setting.\n",
	 0, 1, 1, run_catalog_disable},
	{"catalog hold", "ID", "keep an extension at its version",
	 "Holds an extension: no synchronisation updates it, and prune leaves it alone.\n", 0, 1, 1,
	 run_catalog_hold},
	{"catalog unhold", "ID", "let an extension be updated again",
	 "Takes back 'catalog hold'.\n", 0, 1, 1, run_catalog_unhold},
	{"catalog accept", "ID [DIGEST]", "accept a bundle that was refused",
	 "Accepts a bundle that was refused because its version is lower, or was published before\n"
	 "with other content: the next synchronisation takes it. DIGEST: that of the bundle; "
	 "default:\n"
	 "of the last one that was refused.\n",
	 0, 1, 2, run_catalog_accept},
	{"catalog history", "[ID]", "what happened to the extensions of the catalog",
	 "Lists the changes of an extension or of all, newest first.\n", 0, 0, 1,
	 run_catalog_history},
	{"catalog prune", "", "remove what is missing",
	 "Removes extensions from the catalog that no bundle directory has any more; held ones "
	 "stay.\n"
	 "Asks on a terminal; elsewhere it needs --yes.\n"
	 "  --older-than DAYS     only those that nobody has seen for so long\n",
	 OPTION_AGE, 0, 0, run_catalog_prune},
	{"catalog init", "", "make the tables of the catalog",
	 "Makes the tables of the catalog where they are not there.\n"
	 "  --sql                 print the statements instead, for a role that may run them\n",
	 OPTION_SQL, 0, 0, run_catalog_init},
	{"status", "[ID]", "whether everything is still as it was installed",
	 "Asks the installed extensions, or the one named, what they find of themselves and "
	 "whether\n"
	 "something is wrong. Exit code 4 when something is.\n",
	 0, 0, 1, run_status},
	{"registry list", "", "what a registry says about itself",
	 "Lists the entries of the registry's index with their versions and digests.\n", 0, 0, 0,
	 run_registry_list},
	{"registry refresh", "", "ask a registry for its index now",
	 "Asks for the index whatever its age; what the cache holds of definitions is asked for\n"
	 "again when it is next needed. When that fails the cache stays as it is.\n",
	 0, 0, 0, run_registry_refresh},
	{"registry verify", "", "check every link, digest and signature of a registry",
	 "Asks anew for everything that the registry offers: index, definitions, which are "
	 "loaded,\n"
	 "bundles, and files of artifacts; digests, signatures and sizes are compared. A line "
	 "each;\n"
	 "exit code 1 when something is wrong.\n",
	 0, 0, 0, run_registry_verify},
	{"registry build", "DIR", "make the index of a directory",
	 "Writes registry.json, with digests and versions of all definitions and bundles in DIR, "
	 "and\n"
	 "registry.json.sums for minisign to sign. Served by any web server, the directory is "
	 "then\n"
	 "a registry. The serial grows with each index; when nothing has changed, nothing is\n"
	 "written. A definition that is broken is not published: nothing is written.\n"
	 "  --expires TIME        until when the index is good, such as 2030-12-31T23:59:59Z\n",
	 OPTION_EXPIRES, 1, 1, run_registry_build},
	{"registry collect", "DIR SOURCE...", "gather release assets into a registry",
	 "Copies definitions into DIR, and the files they need into the first directory of "
	 "--files,\n"
	 "then makes the index as 'registry build' does. A SOURCE is a directory with definitions "
	 "or\n"
	 "the URL of one; the other assets, X.js.sha256, files and their .sha256, are beside it. "
	 "All\n"
	 "is verified first; when something does not fit, nothing is written. Of several versions "
	 "the\n"
	 "highest is taken; --allow-downgrade also takes lower ones than DIR has.\n"
	 "  --expires TIME        until when the index is good, such as 2030-12-31T23:59:59Z\n",
	 OPTION_EXPIRES, 2, COMMAND_MANY, run_registry_collect},
	{"artifact list", "[ID]", "the files that extensions need",
	 "Lists the files that the extensions of the registry, or the one named, need beside "
	 "their\n"
	 "definition, and looks for them in the directories of --files: present, damaged (another\n"
	 "size or SHA-256), downloadable or missing. Exit code 4 when a definition is broken.\n",
	 0, 0, 1, run_artifact_list},
	{"artifact fetch", "ID[@VERSION]", "download the files that an extension needs",
	 "Downloads the files that are missing into the first directory of --files. Only those "
	 "whose\n"
	 "definition gives downloadUrl and sha256; a file is there only when it is whole and has "
	 "that\n"
	 "SHA-256. What is there already is compared, and never replaced.\n",
	 0, 1, 1, run_artifact_fetch},
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
	 "Checks *.supx files, development directories and definitions (*.js): whether they can "
	 "be\n"
	 "opened or loaded, what lies beside them (X.js.sha256), signatures; a line each, with\n"
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
	{"openapi", "", "the OpenAPI document of the REST interface",
	 "Prints the OpenAPI 3.0 document (JSON) of the routes that 'serve' has.\n", 0, 0, 0,
	 run_openapi},
#ifdef EXTMGR_HAS_SERVER
	{"serve", "", "the REST interface over HTTP, and a page for people",
	 "Serves the registry over HTTP until SIGINT or SIGTERM; then requests that run may\n"
	 "end, and new ones are not taken. Its URL opens as a page in a browser.\n"
	 "With --db sqlite:PATH all requests work on that file. With --allow they\n"
	 "name a PostgreSQL server in dbHost and dbPort, and their credentials are those of the\n"
	 "database; then --db is that of the catalog, where there is one. Put a proxy with TLS\n"
	 "in front of it before others can reach it.\n"
	 "  --listen ADDRESS:PORT where to listen; default: 127.0.0.1:8080; port 0: a free one\n"
	 "  --allow HOST:PORT[/DATABASE][?sslmode=MODE]\n"
	 "                        a PostgreSQL server that requests may name; repeatable; default\n"
	 "                        of DATABASE: postgres\n"
	 "  --users FILE          with --db: lines USER:PASSWORD or a bearer token, one of which\n"
	 "                        each request must send; needed to listen beyond this machine\n"
	 "  --bundles DIR         bring the bundles of DIR into the catalog in the database of "
	 "--db\n"
	 "                        while it starts; default: EXTMGR_EXTENSIONS_PATH. /ready answers "
	 "503\n"
	 "                        until that is done. The options of 'sync' say how; not --watch\n"
	 "  --admins FILE         lines as in --users of those who may use the routes /bundles; "
	 "without\n"
	 "                        it nobody may\n"
	 "  --add-cause           errors of status 500 tell their cause: for tests\n"
	 "  --grace SECONDS       how long requests have to end then, before they are cancelled "
	 "and\n"
	 "                        rolled back; default: 10\n"
	 "  --swagger-ui DIR      the npm package swagger-ui-dist, for the page /openapi/\n",
	 OPTION_SERVE | OPTION_SYNC, 0, 0, run_serve},
#endif
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
