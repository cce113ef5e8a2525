/* SPDX-License-Identifier: MIT */
/* sync: the bundles of a directory, brought into the catalog. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "progress.h"
#include "session.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

/* ---- What became of the bundles ---- */

/* "what: because of what: ..." from the outermost error to its last cause; its hint says most. */
static char *join_messages(const cJSON *error, const char **hint)
{
	char *text = checked(strdup(json_string(error, "message")));
	char *longer;

	for (*hint = json_string(error, "hint"); cJSON_IsObject(json_member(error, "cause"));) {
		error = json_member(error, "cause");
		if (*json_string(error, "hint"))
			*hint = json_string(error, "hint");
		checked(asprintf(&longer, "%s: %s", text, json_string(error, "message")) < 0
				? NULL
				: longer);
		free(text);
		text = longer;
	}
	return text;
}

/* The code is that of the bundle, as verify and discover tell it, and not that of a cause. */
static void warn_about(const cJSON *line)
{
	const cJSON *error = json_member(line, "error");
	const char *hint;
	char *message = join_messages(error, &hint);

	warn(*hint ? hint : "the others are synchronised all the same; mend it and run this again",
	     "%s %s: %s%s%s", json_string(line, "outcome"), json_string(line, "path"),
	     json_string(error, "code"), *message ? ": " : "", message);
	free(message);
}

static void print_updated(const cJSON *line)
{
	const char *previous = json_string(line, "previousVersion");
	const char *detail = json_string(line, "detail");
	char *id = text_safe(json_string(line, "id"), TEXT_ONE_LINE);
	char *from = text_safe(previous, TEXT_ONE_LINE);
	char *version = text_safe(json_string(line, "version"), TEXT_ONE_LINE);

	if (*from && strcmp(from, version) != 0)
		output("updated %s from %s to %s\n", id, from, version);
	else if (*from)
		output("updated %s %s\n", id, version);
	else
		output("added %s %s\n", id, version);
	if (strcmp(detail, "republished") == 0)
		warn("give changed content a version of its own; --refuse-republished refuses it",
		     "version %s of '%s' was published again with other content",
		     json_string(line, "version"), json_string(line, "id"));
	free(id);
	free(from);
	free(version);
}

static void print_other(const cJSON *line)
{
	char *outcome = text_safe(json_string(line, "outcome"), TEXT_ONE_LINE);
	char *id = text_safe(json_string(line, "id"), TEXT_ONE_LINE);
	char *version = text_safe(json_string(line, "version"), TEXT_ONE_LINE);
	char *path = text_safe(json_string(line, "path"), TEXT_ONE_LINE);

	output("%s %s %s (%s)\n", outcome, id, version, path);
	free(outcome);
	free(id);
	free(version);
	free(path);
}

static void print_line(const struct options *options, const cJSON *line)
{
	const char *outcome = json_string(line, "outcome");
	const cJSON *warning;

	cJSON_ArrayForEach(warning, json_member(line, "warnings"))
	{
		warn("mend the manifest of the bundle", "%s: %s", json_string(line, "path"),
		     cJSON_GetStringValue(warning));
	}
	if (strcmp(outcome, "refused") == 0 || strcmp(outcome, "failed") == 0)
		warn_about(line);
	else if (options->verbosity < 0)
		return;
	else if (strcmp(outcome, "updated") == 0)
		print_updated(line);
	else if (strcmp(outcome, "unchanged") != 0 || options->verbosity > 0)
		print_other(line);
}

static void print_report(const struct options *options, const extmgr_text *report)
{
	const cJSON *line;
	cJSON *document;

	if (options->json) {
		output_document(report);
		return;
	}
	document = json_parse(report);
	if (json_is_true(document, "skipped") && *json_string(document, "path"))
		warn("check the path, or EXTMGR_EXTENSIONS_PATH",
		     "the path '%s' does not exist: nothing is synchronised",
		     json_string(document, "path"));
	cJSON_ArrayForEach(line, json_member(document, "bundles"))
	{
		print_line(options, line);
	}
	if (options->verbosity >= 0 && !json_is_true(document, "skipped"))
		output("%s\n", json_string(document, "summary"));
	cJSON_Delete(document);
}

/* ---- The call ---- */

static int code_for(extmgr_result result, const extmgr_sync_report *report)
{
	if (result != EXTMGR_PARTIAL)
		return EXIT_DONE;
	if (extmgr_sync_report_get_count(report, EXTMGR_SYNC_REFUSED) ||
	    extmgr_sync_report_get_count(report, EXTMGR_SYNC_FAILED))
		return EXIT_PARTLY;
	return EXIT_BUSY; /* others held locks all the time */
}

static int synchronise(struct session *session, const char *path)
{
	const struct options *options = session->options;
	extmgr_sync_options sync_options;
	extmgr_sync_report *report = NULL;
	extmgr_text *document = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	int code;

	extmgr_sync_options_init(&sync_options, sizeof(sync_options));
	sync_options.flags =
		options->sync_flags | (options->allow_downgrade ? EXTMGR_SYNC_ALLOW_DOWNGRADE : 0);
	sync_options.max_parallel = options->max_parallel;
	sync_options.operation = session->operation;
	result = extmgr_sync_run(session->catalog, path, &sync_options, &report, &error);
	progress_end();
	if (result < 0)
		return fail_with(error, "cannot synchronise '%s'", path ? path : "");
	if (extmgr_sync_report_to_json(report, &document, &error) < 0) {
		code = fail_with(error, "cannot tell what was synchronised");
	} else {
		print_report(options, document);
		code = code_for(result, report);
	}
	extmgr_text_free(document);
	extmgr_sync_report_free(report);
	return code;
}

/* Development: what fails now is mended in a moment. */
static int synchronise_and_watch(struct session *session, const char *path)
{
	struct watch watch;
	int code = watch_open(&watch, path);

	while (code == EXIT_DONE) {
		(void)synchronise(session, path);
		if (fflush(stdout))
			break;
		code = signals_received() ? EXIT_SIGNAL + signals_received() : watch_wait(&watch);
	}
	watch_close(&watch);
	return code;
}

int run_sync(const struct options *options, char **arguments)
{
	const char *path = arguments[0] ? arguments[0] : session_get_extensions_path();
	struct session session = {0};
	struct options nowhere = *options;
	int code;

	if (!path && !options->watch && !options->json) {
		if (options->verbosity > 1)
			fputs("extmgr: debug: EXTMGR_EXTENSIONS_PATH is not set: nothing is "
			      "synchronised\n",
			      stderr);
		return EXIT_DONE;
	}
	if (!path && options->watch)
		return fail_usage("extmgr sync DIR --watch", "no directory to watch");
	/* The report that nothing was to be done needs a catalog, but connects to none. */
	if (!path && !options->database)
		nowhere.database = "sqlite:/dev/null";
	code = session_open_catalog(&session, &nowhere);
	if (code == EXIT_DONE)
		code = options->watch ? synchronise_and_watch(&session, path)
				      : synchronise(&session, path);
	session_close(&session);
	return code;
}
