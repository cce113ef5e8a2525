/* SPDX-License-Identifier: MIT */
/* doctor: looks at everything the other commands need, and says what to do about what is wrong. */
#include "doctor.h"

#include "commands.h"
#include "errors.h"
#include "progress.h"
#include "signals.h"
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const outcome_names[] = {"ok", "warning", "problem"};

void found(struct doctor *doctor, enum outcome outcome, const char *name, const char *message,
	   const char *hint)
{
	cJSON *check = checked(cJSON_CreateObject());

	json_add_string(check, "name", name);
	json_add_string(check, "outcome", outcome_names[outcome]);
	json_add_string(check, "message", message);
	if (outcome != OUTCOME_OK)
		json_add_string(check, "hint", hint);
	if (!cJSON_AddItemToArray(doctor->checks, check))
		checked(NULL);
	doctor->has_problem |= outcome == OUTCOME_PROBLEM;
}

void found_error(struct doctor *doctor, enum outcome outcome, const char *name, extmgr_error *error)
{
	extmgr_text *text = NULL;

	if (extmgr_error_copy_text(error, &text) != EXTMGR_OK)
		checked(NULL);
	found(doctor, outcome, name, extmgr_text_get_data(text), error_hint(error));
	extmgr_text_free(text);
	extmgr_error_free(error);
}

/* ---- Library and drivers ---- */

static void check_library(struct doctor *doctor)
{
	char message[200];

	if (extmgr_version_get_number() < EXTMGR_VERSION_NUMBER) {
		snprintf(message, sizeof(message), "version %s, older than this program's %s",
			 extmgr_version_get_text(), EXTMGR_VERSION_STRING);
		found(doctor, OUTCOME_PROBLEM, "library", message,
		      "install the library that belongs to this program");
		return;
	}
	snprintf(message, sizeof(message), "version %s", extmgr_version_get_text());
	found(doctor, OUTCOME_OK, "library", message, NULL);
}

static void check_features(struct doctor *doctor)
{
	cJSON *features = checked(cJSON_Parse(extmgr_features_get_json()));
	bool lowers = strcmp(json_string(features, "lowering"), "disabled") != 0;
	char *message = NULL;
	int length = asprintf(&message, "%s; definitions in newer JavaScript than ES5 are %s",
			      json_string(features, "script"), lowers ? "lowered" : "refused");

	found(doctor, OUTCOME_OK, "features", checked(length < 0 ? NULL : message), NULL);
	free(message);
	cJSON_Delete(features);
}

/* Opening connects to nothing, but needs the driver. */
static void check_driver(struct doctor *doctor, const char *name, const char *url,
			 const char *scheme, const char *package)
{
	const char *database = doctor->session.url;
	bool needed = database && strncasecmp(database, scheme, strlen(scheme)) == 0;
	extmgr_database *opened = NULL;
	extmgr_error *error = NULL;
	char hint[200];

	if (extmgr_database_open(url, &opened, &error) >= 0) {
		found(doctor, OUTCOME_OK, name, "the ODBC driver is installed", NULL);
	} else {
		extmgr_text *text = NULL;

		if (extmgr_error_copy_text(error, &text) != EXTMGR_OK)
			checked(NULL);
		snprintf(hint, sizeof(hint), "install the ODBC driver; on Debian: apt install %s",
			 package);
		found(doctor, needed ? OUTCOME_PROBLEM : OUTCOME_WARNING, name,
		      extmgr_text_get_data(text), hint);
		extmgr_text_free(text);
	}
	extmgr_error_free(error);
	extmgr_database_free(opened);
}

/* ---- Database ---- */

/* The check connects, and connecting makes an SQLite file: a doctor leaves none behind. */
static bool is_missing_file(const char *url)
{
	return strncasecmp(url, "sqlite:", 7) == 0 && url[7] != ':' && access(url + 7, F_OK) < 0 &&
	       errno == ENOENT;
}

static void report_probes(struct doctor *doctor, const cJSON *report)
{
	const cJSON *probe;
	char message[200];
	int failed = 0;

	cJSON_ArrayForEach(probe, json_member(report, "probes"))
	{
		char *text = NULL;
		int length;

		if (strcmp(json_string(probe, "outcome"), "failed") != 0)
			continue;
		failed++;
		length = asprintf(&text, "%s: %s", json_string(probe, "name"),
				  json_string(probe, "message"));
		found(doctor, OUTCOME_PROBLEM, "database check", checked(length < 0 ? NULL : text),
		      "the account needs the right to create tables; else report the driver");
		free(text);
	}
	if (failed)
		return;
	snprintf(message, sizeof(message), "%d probes passed, %d skipped",
		 (int)cJSON_GetNumberValue(json_member(report, "passed")),
		 (int)cJSON_GetNumberValue(json_member(report, "skipped")));
	found(doctor, OUTCOME_OK, "database check", message, NULL);
}

static bool check_connection(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	cJSON *document;
	char *where;

	if (extmgr_database_check(session->context, session->database, &report, &error) < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "database", error);
		return false;
	}
	where = session_describe_database(session);
	found(doctor, OUTCOME_OK, "database", where, NULL);
	free(where);
	document = json_parse(report);
	report_probes(doctor, document);
	cJSON_Delete(document);
	extmgr_text_free(report);
	return true;
}

/* Whether there is a database that can be worked with. */
static bool check_database(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	extmgr_error *error = NULL;

	if (!session->url) {
		found(doctor, OUTCOME_WARNING, "database", "none given",
		      "give --db URL or set EXTMGR_DB");
		return false;
	}
	if (extmgr_database_open(session->url, &session->database, &error) < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "database", error);
		return false;
	}
	if (is_missing_file(session->url)) {
		found(doctor, OUTCOME_WARNING, "database", "the SQLite file is not there yet",
		      "check the path; the first install makes the file");
		return false;
	}
	return check_connection(doctor);
}

/* ---- Registry, files, definitions ---- */

/* As the library shows it: without password. Caller frees. */
static char *registry_location(const extmgr_registry_list *list)
{
	extmgr_text *text = NULL;
	cJSON *document;
	char *location;

	if (extmgr_registry_list_to_json(list, &text, NULL) != EXTMGR_OK)
		checked(NULL);
	document = json_parse(text);
	location = checked(strdup(json_string(document, "location")));
	cJSON_Delete(document);
	extmgr_text_free(text);
	return location;
}

static bool check_registry(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	const char *location = session->options->registry;
	extmgr_registry_list *list = NULL;
	extmgr_error *error = NULL;
	char *message = NULL;
	char *shown;
	size_t count;
	int length;

	if (!location) {
		found(doctor, OUTCOME_WARNING, "registry", "none given",
		      "give --registry DIR or set EXTMGR_REGISTRY");
		return false;
	}
	if (session_uses_catalog(session->options) && !session->database) {
		found(doctor, OUTCOME_WARNING, "registry", "the catalog, but no database is given",
		      "give --db URL or set EXTMGR_DB");
		return false;
	}
	if (session_open_registry(session, &error) < 0 ||
	    extmgr_registry_list_entries_within(session->registry, session->operation, &list,
						&error) < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "registry", error);
		return false;
	}
	count = extmgr_registry_list_get_count(list);
	shown = registry_location(list);
	length = asprintf(&message, "%s: %zu definition%s", shown, count, count == 1 ? "" : "s");
	found(doctor, count ? OUTCOME_OK : OUTCOME_WARNING, "registry",
	      checked(length < 0 ? NULL : message), "put definitions (*.js) into the directory");
	free(message);
	free(shown);
	extmgr_registry_list_free(list);
	return true;
}

static void check_directory(struct doctor *doctor, const char *path)
{
	DIR *directory = opendir(path);
	char *message = NULL;
	int length;

	if (directory) {
		found(doctor, OUTCOME_OK, "files", path, NULL);
		closedir(directory);
		return;
	}
	length = asprintf(&message, "cannot read directory '%s': %s", path, strerror(errno));
	found(doctor, OUTCOME_PROBLEM, "files", checked(length < 0 ? NULL : message),
	      "check --files");
	free(message);
}

static void check_files(struct doctor *doctor)
{
	const struct options *options = doctor->session.options;
	extmgr_error *error = NULL;

	for (size_t i = 0; i < options->file_count; i++)
		check_directory(doctor, options->files[i]);
	if (options->file_count && extmgr_local_files_open(options->files, options->file_count,
							   &doctor->session.files, &error) < 0)
		found_error(doctor, OUTCOME_PROBLEM, "files", error);
}

static void check_schema(struct doctor *doctor)
{
	const char *schema = doctor->session.options->schema;
	const char *dialect = extmgr_database_get_dialect(doctor->session.database);
	char *message = NULL;
	int length;

	if (schema)
		length = asprintf(&message, "%s", schema);
	else
		length = asprintf(&message, "the default of %s", dialect);
	found(doctor, OUTCOME_OK, "extension schema", checked(length < 0 ? NULL : message), NULL);
	free(message);
}

static void check_definition(struct doctor *doctor, const extmgr_extension_list *list, size_t index)
{
	int32_t state = extmgr_extension_list_get_state(list, index);
	const char *reason = extmgr_extension_list_get_reason(list, index);
	enum outcome outcome = OUTCOME_OK;
	char *message = NULL;
	const char *hint = NULL;
	int length;

	if (state == EXTMGR_STATE_BROKEN) {
		outcome = OUTCOME_PROBLEM;
		hint = "mend the definition, or take it out of the registry";
	} else if (state == EXTMGR_STATE_UNAVAILABLE) {
		outcome = OUTCOME_WARNING;
		hint = "provide what is missing; directories with files are named with --files";
	}
	length = asprintf(&message, "%s: %s%s%s", extmgr_extension_list_get_id(list, index),
			  extmgr_state_get_name(state), *reason ? ": " : "", reason);
	found(doctor, outcome, "definition", checked(length < 0 ? NULL : message), hint);
	free(message);
}

static void check_definitions(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	extmgr_call_options call = session_call(session, 0);
	extmgr_extension_list *list = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = extmgr_manager_list_extensions(
		session->manager, EXTMGR_LIST_AVAILABLE, &call, &list, &error);

	progress_end();
	if (result < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "definitions", error);
		return;
	}
	for (size_t i = 0; i < extmgr_extension_list_get_count(list); i++)
		check_definition(doctor, list, i);
	extmgr_extension_list_free(list);
}

static void check_target(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	extmgr_error *error = NULL;

	if (session_open_manager(session, session->options->schema, &error) < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "extension schema", error);
		return;
	}
	check_schema(doctor);
	check_definitions(doctor);
}

static void check_definitions_in(struct doctor *doctor, const char *url)
{
	struct session *session = &doctor->session;
	extmgr_error *error = NULL;

	extmgr_database_free(session->database);
	session->database = NULL;
	if (extmgr_database_open(url, &session->database, &error) < 0 ||
	    session_open_manager(session, NULL, &error) < 0) {
		found_error(doctor, OUTCOME_WARNING, "definitions", error);
		return;
	}
	check_definitions(doctor);
}

/* Definitions are called with a database: without the real one, with an empty one. */
static void check_definitions_alone(struct doctor *doctor)
{
	const char *place = getenv("TMPDIR");
	char *url = NULL;
	int length =
		asprintf(&url, "sqlite:%s/extmgr-doctor-XXXXXX", place && *place ? place : "/tmp");
	char *path;
	int descriptor;

	checked(length < 0 ? NULL : url);
	path = url + strlen("sqlite:");
	descriptor = mkstemp(path);
	if (descriptor >= 0) {
		check_definitions_in(doctor, url);
		close(descriptor);
		unlink(path);
	} else {
		found(doctor, OUTCOME_WARNING, "definitions",
		      "not looked at: no temporary file can be made", "check TMPDIR");
	}
	free(url);
}

/* ---- Result ---- */

static enum style style_for(const char *outcome)
{
	if (strcmp(outcome, outcome_names[OUTCOME_OK]) == 0)
		return STYLE_GOOD;
	return strcmp(outcome, outcome_names[OUTCOME_WARNING]) == 0 ? STYLE_WARNING : STYLE_BAD;
}

static void print_check(const cJSON *check)
{
	const char *outcome = json_string(check, "outcome");
	char *message = text_safe(json_string(check, "message"), TEXT_ONE_LINE);
	char *hint = text_safe(json_string(check, "hint"), TEXT_ONE_LINE);

	output("%s%-7s%s  %s: %s\n", output_style_begin(style_for(outcome)), outcome,
	       output_style_end(style_for(outcome)), json_string(check, "name"), message);
	if (*hint)
		output("         hint: %s\n", hint);
	free(message);
	free(hint);
}

static void print_checks(struct doctor *doctor)
{
	const cJSON *check;
	cJSON *document;

	if (doctor->session.options->json) {
		document = json_new_document("extmgr.doctor/1");
		json_add(document, "checks", cJSON_Duplicate(doctor->checks, true));
		json_print(stdout, document);
		cJSON_Delete(document);
		return;
	}
	cJSON_ArrayForEach(check, doctor->checks)
	{
		print_check(check);
	}
}

static void examine(struct doctor *doctor)
{
	bool has_registry;
	bool has_database;

	check_library(doctor);
	check_features(doctor);
	check_driver(doctor, "driver sqlite", "sqlite:extmgr-doctor.db",
		     "sqlite:", "libsqliteodbc");
	check_driver(doctor, "driver postgresql", "postgresql://localhost/postgres", "postgres",
		     "odbc-postgresql");
	has_database = check_database(doctor);
	has_registry = check_registry(doctor);
	check_files(doctor);
	check_bundles(doctor, has_database);
	if (has_database && has_registry)
		check_target(doctor);
	else if (has_registry)
		check_definitions_alone(doctor);
}

int run_doctor(const struct options *options, char **arguments)
{
	struct doctor doctor = {.checks = checked(cJSON_CreateArray())};
	int code = session_open_context(&doctor.session, options);

	(void)arguments;
	if (code == EXIT_DONE && options->database)
		code = session_read_url(&doctor.session);
	if (code == EXIT_DONE) {
		examine(&doctor);
		/* What was cut short says nothing of the installation. */
		if (signals_received()) {
			code = fail(EXIT_SIGNAL + signals_received(), "run it again when you like",
				    "stopped before all was looked at");
		} else {
			print_checks(&doctor);
			code = doctor.has_problem ? EXIT_FAILED : EXIT_DONE;
		}
	}
	session_close(&doctor.session);
	cJSON_Delete(doctor.checks);
	return code;
}
