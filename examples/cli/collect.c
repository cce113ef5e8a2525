/* SPDX-License-Identifier: MIT */
/* registry collect: release assets become a registry. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "progress.h"
#include "session.h"
#include "table.h"
#include "trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_store(const char *directory, extmgr_files **files)
{
	extmgr_local_files_options options;
	extmgr_error *error = NULL;

	extmgr_local_files_options_init(&options, sizeof(options));
	options.flags = EXTMGR_LOCAL_FILES_WRITABLE;
	if (extmgr_local_files_open_with_options(&directory, 1, &options, files, &error) < 0)
		return fail_with(error, "cannot use directory '%s'", directory);
	return EXIT_DONE;
}

static void print_report(const cJSON *report)
{
	struct table table = {.columns = 3, .titles = {"EXTENSION", "WHAT", "OUTCOME"}};
	const cJSON *item;

	cJSON_ArrayForEach(item, json_member(report, "definitions"))
	{
		table_add(&table, json_string(item, "id"), STYLE_PLAIN);
		table_add(&table, json_string(item, "version"), STYLE_PLAIN);
		table_add(&table, json_string(item, "outcome"), STYLE_PLAIN);
	}
	cJSON_ArrayForEach(item, json_member(report, "artifacts"))
	{
		table_add(&table, json_string(item, "extension"), STYLE_PLAIN);
		table_add(&table, json_string(item, "fileName"), STYLE_PLAIN);
		table_add(&table, json_string(item, "outcome"), STYLE_PLAIN);
	}
	table_print(&table);
	table_free(&table);
}

static int collect(const struct options *options, char **arguments, extmgr_text **report)
{
	struct session session = {0};
	extmgr_files *definitions = NULL;
	extmgr_files *artifacts = NULL;
	extmgr_error *error = NULL;
	size_t count = 0;
	int code = session_open_context(&session, options);

	while (arguments[1 + count])
		count++;
	if (code == EXIT_DONE &&
	    trust_open_registry(options, session.context, &session.registry, &error) < 0)
		code = fail_with(error, "cannot open the registry");
	if (code == EXIT_DONE)
		code = open_store(options->registry, &definitions);
	if (code == EXIT_DONE && options->file_count)
		code = open_store(options->files[0], &artifacts);
	if (code == EXIT_DONE &&
	    extmgr_registry_collect(session.context, (const char *const *)arguments + 1, count,
				    session.registry, definitions, artifacts,
				    options->allow_downgrade ? EXTMGR_COLLECT_ALLOW_DOWNGRADE : 0,
				    session.operation, report, &error) < 0)
		code = fail_with(error, "nothing was collected");
	progress_end();
	extmgr_files_free(definitions);
	extmgr_files_free(artifacts);
	session_close(&session);
	return code;
}

int run_registry_collect(const struct options *given, char **arguments)
{
	struct options options = *given;
	extmgr_text *report = NULL;
	bool made = mkdir(arguments[0], 0777) == 0;
	int code = EXIT_DONE;

	options.registry = arguments[0];
	options.allow_download = true; /* for as long as it takes */
	if (!made && errno != EEXIST)
		code = fail(EXIT_FAILED, "name a directory whose parent is there",
			    "cannot make directory '%s': %s", arguments[0], strerror(errno));
	if (code == EXIT_DONE)
		code = collect(&options, arguments, &report);
	if (code != EXIT_DONE && made)
		(void)rmdir(arguments[0]);
	/* What was verified is there now, without its signatures: the index has its own. */
	options.trust_policy = EXTMGR_TRUST_ANY;
	if (code == EXIT_DONE)
		code = registry_write_index(&options, arguments[0]);
	if (code == EXIT_DONE && options.json) {
		output_document(report);
	} else if (code == EXIT_DONE) {
		cJSON *document = json_parse(report);

		print_report(document);
		cJSON_Delete(document);
	}
	extmgr_text_free(report);
	return code;
}
