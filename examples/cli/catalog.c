/* SPDX-License-Identifier: MIT */
/* catalog: what it has, and what people change in it. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "prompt.h"
#include "session.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum style style_of(const cJSON *extension)
{
	if (strcmp(json_string(extension, "state"), "active") != 0)
		return STYLE_BAD;
	return json_is_true(extension, "enabled") ? STYLE_GOOD : STYLE_WARNING;
}

/* "2026-11-26 12:00:00"; UTC. */
static void format_time(double milliseconds, char text[32])
{
	time_t seconds = (time_t)(milliseconds / 1000);
	struct tm parts;

	if (!gmtime_r(&seconds, &parts) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, 32, "-");
}

/* ---- list ---- */

static void print_list(const cJSON *extensions)
{
	struct table table = {
		.columns = 6,
		.titles = {"ID", "VERSION", "STATE", "SETTINGS", "SIGNATURE", "SOURCE"}};
	const cJSON *extension;

	cJSON_ArrayForEach(extension, extensions)
	{
		bool enabled = json_is_true(extension, "enabled");
		bool held = json_is_true(extension, "held");

		table_add(&table, json_string(extension, "id"), STYLE_PLAIN);
		table_add(&table, json_string(extension, "version"), STYLE_PLAIN);
		table_add(&table, json_string(extension, "state"), style_of(extension));
		table_add(&table,
			  enabled ? (held ? "enabled, held" : "enabled")
				  : (held ? "disabled, held" : "disabled"),
			  STYLE_PLAIN);
		table_add(&table, json_string(extension, "signature"), STYLE_PLAIN);
		table_add(&table, json_string(extension, "source"), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

int run_catalog_list(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *list = NULL;
	extmgr_error *error = NULL;
	cJSON *document;
	int code = session_open_catalog(&session, options);

	(void)arguments;
	if (code == EXIT_DONE &&
	    extmgr_catalog_list(session.catalog, session.operation, &list, &error) < 0)
		code = fail_with(error, "cannot list the catalog");
	if (code == EXIT_DONE && options->json) {
		output_document(list);
	} else if (code == EXIT_DONE) {
		document = json_parse(list);
		print_list(json_member(document, "extensions"));
		if (!cJSON_GetArraySize(json_member(document, "extensions")) &&
		    options->verbosity >= 0)
			fputs("extmgr: the catalog is empty\n", stderr);
		cJSON_Delete(document);
	}
	extmgr_text_free(list);
	session_close(&session);
	return code;
}

/* ---- show ---- */

static void print_files(const cJSON *files)
{
	struct table table = {.columns = 4, .titles = {"FILE", "BYTES", "STATE", "SHA256"}};
	const cJSON *file;
	char size[32];

	cJSON_ArrayForEach(file, files)
	{
		const char *state = json_string(file, "state");

		snprintf(size, sizeof(size), "%.0f",
			 cJSON_GetNumberValue(json_member(file, "size")));
		table_add(&table, json_string(file, "path"), STYLE_PLAIN);
		table_add(&table, size, STYLE_PLAIN);
		table_add(&table, state, strcmp(state, "ok") == 0 ? STYLE_GOOD : STYLE_BAD);
		table_add(&table, json_string(file, "sha256"), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

static void print_extension(const cJSON *extension)
{
	char seen[32];

	format_time(cJSON_GetNumberValue(json_member(extension, "lastSeenMs")), seen);
	output_field("id", json_string(extension, "id"));
	output_field("name", json_string(extension, "name"));
	output_field("version", json_string(extension, "version"));
	output_field("state", json_string(extension, "state"));
	output_field("enabled", json_is_true(extension, "enabled") ? "yes" : "no");
	output_field("held", json_is_true(extension, "held") ? "yes" : "no");
	output_field("digest", json_string(extension, "digest"));
	output_field("signature", json_string(extension, "signature"));
	output_field("source", json_string(extension, "source"));
	output_field("last seen", seen);
	output_field("definition", json_string(extension, "definition"));
	print_files(json_member(extension, "files"));
}

static int show_extension(const struct session *session, const char *id)
{
	extmgr_text *details = NULL;
	extmgr_error *error = NULL;
	cJSON *document;
	extmgr_result result =
		extmgr_catalog_get(session->catalog, id, session->operation, &details, &error);

	if (result < 0)
		return fail_with(error, "cannot show '%s'", id);
	document = json_parse(details);
	if (session->options->json)
		output_document(details);
	else
		print_extension(document);
	if (result == EXTMGR_PARTIAL)
		warn("find out who changed the tables; the next 'extmgr sync' writes it anew", "%s",
		     json_string(document, "fault"));
	cJSON_Delete(document);
	extmgr_text_free(details);
	return result == EXTMGR_PARTIAL ? EXIT_PARTLY : EXIT_DONE;
}

static int show_file(const struct session *session, const char *id, const char *path)
{
	extmgr_text *content = NULL;
	extmgr_error *error = NULL;

	if (session->options->json)
		return fail_usage("leave out --json", "a file is no JSON document");
	if (extmgr_catalog_read_file(session->catalog, id, NULL, path, session->operation, &content,
				     &error) < 0)
		return fail_with(error, "cannot read '%s' of '%s'", path, id);
	fwrite(extmgr_text_get_data(content), 1, extmgr_text_get_length(content), stdout);
	extmgr_text_free(content);
	return EXIT_DONE;
}

int run_catalog_show(const struct options *options, char **arguments)
{
	struct session session = {0};
	int code = session_open_catalog(&session, options);

	if (code == EXIT_DONE)
		code = arguments[1] ? show_file(&session, arguments[0], arguments[1])
				    : show_extension(&session, arguments[0]);
	session_close(&session);
	return code;
}

/* ---- Changes ---- */

static void print_change(const struct options *options, const char *operation, const char *id,
			 const char *done, extmgr_result result)
{
	cJSON *document;
	char *safe;

	if (options->json) {
		document = json_new_document("extmgr.catalog-change/1");
		json_add_string(document, "operation", operation);
		json_add_string(document, "id", id);
		json_add_string(document, "outcome",
				result == EXTMGR_UNCHANGED ? "unchanged" : "done");
		json_print(stdout, document);
		cJSON_Delete(document);
	} else if (options->verbosity >= 0) {
		safe = text_safe(id, TEXT_ONE_LINE);
		output("%s %s%s\n", done, safe, result == EXTMGR_UNCHANGED ? " (as before)" : "");
		free(safe);
	}
}

enum change { CHANGE_ENABLE, CHANGE_DISABLE, CHANGE_HOLD, CHANGE_UNHOLD, CHANGE_ACCEPT };

static extmgr_result change(const struct session *session, enum change what, char **arguments,
			    extmgr_error **error)
{
	switch (what) {
	case CHANGE_ENABLE:
	case CHANGE_DISABLE:
		return extmgr_catalog_set_enabled(session->catalog, arguments[0],
						  what == CHANGE_ENABLE, session->operation, error);
	case CHANGE_HOLD:
	case CHANGE_UNHOLD:
		return extmgr_catalog_set_held(session->catalog, arguments[0], what == CHANGE_HOLD,
					       session->operation, error);
	default:
		return extmgr_catalog_accept(session->catalog, arguments[0], arguments[1],
					     session->operation, error);
	}
}

static int run_change(const struct options *options, char **arguments, enum change what)
{
	static const struct {
		const char *operation;
		const char *done;
	} words[] = {
		[CHANGE_ENABLE] = {"enable", "enabled"},
		[CHANGE_DISABLE] = {"disable", "disabled"},
		[CHANGE_HOLD] = {"hold", "held"},
		[CHANGE_UNHOLD] = {"unhold", "released"},
		[CHANGE_ACCEPT] = {"accept", "accepted"},
	};
	struct session session = {0};
	extmgr_error *error = NULL;
	extmgr_result result;
	int code = session_open_catalog(&session, options);

	if (code == EXIT_DONE) {
		result = change(&session, what, arguments, &error);
		if (result < 0)
			code = fail_with(error, "cannot %s '%s'", words[what].operation,
					 arguments[0]);
		else
			print_change(options, words[what].operation, arguments[0], words[what].done,
				     result);
	}
	session_close(&session);
	return code;
}

int run_catalog_enable(const struct options *options, char **arguments)
{
	return run_change(options, arguments, CHANGE_ENABLE);
}

int run_catalog_disable(const struct options *options, char **arguments)
{
	return run_change(options, arguments, CHANGE_DISABLE);
}

int run_catalog_hold(const struct options *options, char **arguments)
{
	return run_change(options, arguments, CHANGE_HOLD);
}

int run_catalog_unhold(const struct options *options, char **arguments)
{
	return run_change(options, arguments, CHANGE_UNHOLD);
}

int run_catalog_accept(const struct options *options, char **arguments)
{
	return run_change(options, arguments, CHANGE_ACCEPT);
}

/* ---- history ---- */

static void print_history(const cJSON *events)
{
	struct table table = {
		.columns = 7,
		.titles = {"TIME (UTC)", "ID", "OPERATION", "OUTCOME", "VERSION", "BY", "DETAIL"}};
	const cJSON *event;
	char when[32];
	char versions[600];

	cJSON_ArrayForEach(event, events)
	{
		const char *from = json_string(event, "fromVersion");
		const char *to = json_string(event, "toVersion");

		format_time(cJSON_GetNumberValue(json_member(event, "atMs")), when);
		snprintf(versions, sizeof(versions), "%s%s%s",
			 *from && strcmp(from, to) ? from : "",
			 *from && strcmp(from, to) ? " -> " : "", to);
		table_add(&table, when, STYLE_PLAIN);
		table_add(&table, json_string(event, "extension"), STYLE_PLAIN);
		table_add(&table, json_string(event, "operation"), STYLE_PLAIN);
		table_add(&table, json_string(event, "outcome"), STYLE_PLAIN);
		table_add(&table, versions, STYLE_PLAIN);
		table_add(&table, json_string(event, "actor"), STYLE_PLAIN);
		table_add(&table, json_string(event, "detail"), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

int run_catalog_history(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *history = NULL;
	extmgr_error *error = NULL;
	cJSON *document;
	int code = session_open_catalog(&session, options);

	if (code == EXIT_DONE &&
	    extmgr_catalog_get_history(session.catalog, arguments[0], 0, session.operation,
				       &history, &error) < 0)
		code = fail_with(error, "cannot read the history of the catalog");
	if (code == EXIT_DONE && options->json) {
		output_document(history);
	} else if (code == EXIT_DONE) {
		document = json_parse(history);
		print_history(json_member(document, "events"));
		cJSON_Delete(document);
	}
	extmgr_text_free(history);
	session_close(&session);
	return code;
}

/* ---- prune ---- */

static void print_pruned(const struct options *options, const extmgr_text *report)
{
	const cJSON *extension;
	cJSON *document;

	if (options->json) {
		output_document(report);
		return;
	}
	document = json_parse(report);
	cJSON_ArrayForEach(extension, json_member(document, "removed"))
	{
		char *id = text_safe(json_string(extension, "id"), TEXT_ONE_LINE);
		char *version = text_safe(json_string(extension, "version"), TEXT_ONE_LINE);

		if (options->verbosity >= 0)
			output("removed %s %s\n", id, version);
		free(id);
		free(version);
	}
	if (!cJSON_GetArraySize(json_member(document, "removed")) && options->verbosity >= 0)
		output("nothing to remove\n");
	cJSON_Delete(document);
}

static int confirm_prune(const struct session *session)
{
	char *database;

	if (session->options->yes)
		return EXIT_DONE;
	if (!prompt_is_possible(session->options))
		return fail_usage("add --yes, or run it on a terminal",
				  "nobody can be asked whether to remove what is missing");
	database = session_describe_database(session);
	prompt_say("About to remove the missing extensions from the catalog\n  database: %s\n",
		   database);
	free(database);
	return prompt_confirm("Go on?");
}

int run_catalog_prune(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	int code = session_open_catalog(&session, options);

	(void)arguments;
	if (code == EXIT_DONE)
		code = confirm_prune(&session);
	if (code == EXIT_DONE && extmgr_catalog_prune(session.catalog, options->older_than_ms,
						      session.operation, &report, &error) < 0)
		code = fail_with(error, "cannot prune the catalog");
	else if (code == EXIT_DONE)
		print_pruned(options, report);
	extmgr_text_free(report);
	session_close(&session);
	return code;
}

/* ---- init ---- */

static int print_sql(const struct options *options)
{
	struct session session = {0};
	const char *dialect = "postgresql"; /* the statements are those of both */
	extmgr_text *sql = NULL;
	extmgr_error *error = NULL;
	cJSON *document;
	int code = EXIT_DONE;

	if (options->database) {
		code = session_open_catalog(&session, options);
		dialect = extmgr_database_get_dialect(session.database);
	}
	if (code == EXIT_DONE && extmgr_catalog_get_sql(dialect, NULL, &sql, &error) < 0)
		code = fail_with(error, "cannot tell the statements");
	if (code == EXIT_DONE && options->json) {
		document = json_new_document("extmgr.catalog-init/1");
		json_add_string(document, "outcome", "printed");
		json_add_string(document, "sql", extmgr_text_get_data(sql));
		json_print(stdout, document);
		cJSON_Delete(document);
	} else if (code == EXIT_DONE) {
		output("%s", extmgr_text_get_data(sql));
	}
	extmgr_text_free(sql);
	session_close(&session);
	return code;
}

static void print_made(const struct options *options, extmgr_result result)
{
	const char *outcome = result == EXTMGR_UNCHANGED ? "unchanged" : "created";
	cJSON *document;

	if (options->json) {
		document = json_new_document("extmgr.catalog-init/1");
		json_add_string(document, "outcome", outcome);
		json_print(stdout, document);
		cJSON_Delete(document);
	} else if (options->verbosity >= 0) {
		output("the tables of the catalog %s\n",
		       result == EXTMGR_UNCHANGED ? "were there already" : "were made");
	}
}

int run_catalog_init(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_error *error = NULL;
	extmgr_result result;
	int code;

	(void)arguments;
	if (options->sql)
		return print_sql(options);
	code = session_open_catalog(&session, options);
	if (code == EXIT_DONE) {
		result = extmgr_catalog_init(session.catalog, session.operation, &error);
		if (result < 0)
			code = fail_with(error, "cannot make the tables of the catalog");
		else
			print_made(options, result);
	}
	session_close(&session);
	return code;
}
