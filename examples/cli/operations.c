/* SPDX-License-Identifier: MIT */
/* install, upgrade, uninstall, and what they share with creating and deleting instances. */
#include "operation.h"

#include "errors.h"
#include "input.h"
#include "json.h"
#include "prompt.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

struct request {
	enum operation operation;
	struct target target;
	const char *instance; /* as given */
	char *instance_id;
	char *values;    /* JSON; may hold secrets */
	cJSON *unneeded; /* the extension's details when there is nothing to do; else NULL */
};

enum way { WAY_DO, WAY_DRY_RUN, WAY_PLAN };

static const char *verb(enum operation operation)
{
	static const char *const verbs[] = {
		[OPERATION_INSTALL] = "install",
		[OPERATION_UPGRADE] = "upgrade",
		[OPERATION_UNINSTALL] = "uninstall",
		[OPERATION_CREATE_INSTANCE] = "create an instance of",
		[OPERATION_UPDATE_INSTANCE] = "update an instance of",
		[OPERATION_DELETE_INSTANCE] = "delete an instance of",
	};

	return verbs[operation];
}

static bool is_destructive(enum operation operation)
{
	return operation == OPERATION_UNINSTALL || operation == OPERATION_DELETE_INSTANCE;
}

static void request_free(struct request *request)
{
	target_free(&request->target);
	free(request->instance_id);
	input_free(request->values);
	cJSON_Delete(request->unneeded);
}

/* ---- Preparing ---- */

static int read_details(struct session *session, const struct request *request, const char *version,
			cJSON **details_out)
{
	extmgr_call_options call = session_call(session, 0);
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;

	if (extmgr_manager_get_extension(session->manager, request->target.id, version, &call,
					 &text, &error) < 0)
		return fail_with(error, "cannot %s '%s'", verb(request->operation),
				 request->target.id);
	*details_out = json_parse(text);
	extmgr_text_free(text);
	return EXIT_DONE;
}

/* An upgrade goes to the newest version: there may be nothing to do, or more than was asked for. */
static int prepare_upgrade(struct session *session, struct request *request)
{
	const char *asked = request->target.version;
	const char *latest;
	cJSON *details = NULL;
	int code = read_details(session, request, NULL, &details);

	if (code != EXIT_DONE)
		return code;
	latest = json_string(details, "latestVersion");
	if (asked && strcmp(asked, latest) != 0)
		code = fail(EXIT_REFUSED, "leave the version out, or name the newest",
			    "cannot upgrade '%s' to version '%s': the newest is '%s'",
			    request->target.id, asked, latest);
	else if (!asked)
		request->target.version = checked(strdup(latest));
	if (state_from_name(json_string(details, "state")) == EXTMGR_STATE_INSTALLED)
		request->unneeded = details;
	else
		cJSON_Delete(details);
	return code;
}

/* What is not given keeps its value, so nobody is asked for it. */
static int prepare_update(struct session *session, struct request *request)
{
	int code = instance_resolve(session, &request->target, request->instance,
				    &request->instance_id);

	if (code == EXIT_DONE)
		code = values_collect(session, request->target.id, request->target.version, false,
				      &request->values);
	return code;
}

static int prepare(struct session *session, struct request *request)
{
	switch (request->operation) {
	case OPERATION_UPGRADE:
		return prepare_upgrade(session, request);
	case OPERATION_CREATE_INSTANCE:
		return values_collect(session, request->target.id, request->target.version, true,
				      &request->values);
	case OPERATION_UPDATE_INSTANCE:
		return prepare_update(session, request);
	case OPERATION_DELETE_INSTANCE:
		return instance_resolve(session, &request->target, request->instance,
					&request->instance_id);
	default:
		return EXIT_DONE;
	}
}

/* ---- Asking ---- */

/* The version that the operation is about, as far as it can be known before. Caller frees. */
static int find_version(struct session *session, const struct request *request, char **version_out)
{
	cJSON *details = NULL;
	int code;

	if (request->target.version) {
		*version_out = checked(strdup(request->target.version));
		return EXIT_DONE;
	}
	code = read_details(session, request, NULL, &details);
	if (code != EXIT_DONE)
		return code;
	*version_out = checked(strdup(json_string(
		details, request->operation == OPERATION_INSTALL ? "latestVersion" : "version")));
	cJSON_Delete(details);
	return EXIT_DONE;
}

static int confirm(struct session *session, const struct request *request)
{
	const char *schema = session->options->schema;
	char *version = NULL;
	char *database;
	int code;

	if (session->options->yes || !prompt_is_possible(session->options))
		return EXIT_DONE;
	code = find_version(session, request, &version);
	if (code != EXIT_DONE)
		return code;
	database = session_describe_database(session);
	prompt_say("About to %s '%s' %s\n  database: %s\n", verb(request->operation),
		   request->target.id, version, database);
	if (schema)
		prompt_say("  schema: %s\n", schema);
	if (request->instance)
		prompt_say("  instance: %s\n", request->instance);
	free(database);
	free(version);
	return prompt_confirm("Go on?");
}

/* ---- Doing ---- */

static extmgr_result call_manager(struct session *session, const struct request *request,
				  uint32_t flags, extmgr_text **report, extmgr_error **error)
{
	extmgr_call_options call = session_call(session, flags);
	extmgr_manager *manager = session->manager;
	const char *id = request->target.id;
	const char *version = request->target.version;

	switch (request->operation) {
	case OPERATION_INSTALL:
		return extmgr_manager_install(manager, id, version, &call, report, error);
	case OPERATION_UPGRADE:
		return extmgr_manager_upgrade(manager, id, &call, report, error);
	case OPERATION_UNINSTALL:
		return extmgr_manager_uninstall(manager, id, version, &call, report, error);
	case OPERATION_CREATE_INSTANCE:
		return extmgr_manager_create_instance(manager, id, version, request->values,
						      strlen(request->values), &call, report,
						      error);
	case OPERATION_UPDATE_INSTANCE:
		return extmgr_manager_update_instance(manager, id, version, request->instance_id,
						      request->values, strlen(request->values),
						      &call, report, error);
	default:
		return extmgr_manager_delete_instance(manager, id, version, request->instance_id,
						      &call, report, error);
	}
}

static void print_done(const struct request *request, const cJSON *report)
{
	const cJSON *instance = json_member(report, "instance");
	const char *id = request->target.id;
	char *line = NULL;
	char *safe;
	int length = -1;

	switch (request->operation) {
	case OPERATION_INSTALL:
		length = asprintf(&line, "installed %s %s", id, json_string(report, "version"));
		break;
	case OPERATION_UPGRADE:
		length = asprintf(&line, "upgraded %s from %s to %s", id,
				  json_string(report, "previousVersion"),
				  json_string(report, "newVersion"));
		break;
	case OPERATION_UNINSTALL:
		length = asprintf(&line, "uninstalled %s %s", id, json_string(report, "version"));
		break;
	case OPERATION_CREATE_INSTANCE:
		length = asprintf(&line, "created instance '%s' of %s (id %s)",
				  json_string(instance, "name"), id, json_string(instance, "id"));
		break;
	case OPERATION_UPDATE_INSTANCE:
		length = asprintf(&line, "updated instance '%s' of %s", request->instance, id);
		break;
	case OPERATION_DELETE_INSTANCE:
		length = asprintf(&line, "deleted instance '%s' of %s", request->instance, id);
		break;
	}
	safe = text_safe(checked(length < 0 ? NULL : line), TEXT_ONE_LINE);
	output("%s\n", safe);
	free(safe);
	free(line);
}

static void print_unchanged(const struct request *request)
{
	char *line = NULL;
	char *safe;
	int length;

	if (request->operation == OPERATION_DELETE_INSTANCE)
		length = asprintf(&line, "%s has no instance '%s': nothing to do",
				  request->target.id, request->instance);
	else
		length = asprintf(&line, "%s is up to date: nothing to do", request->target.id);
	safe = text_safe(checked(length < 0 ? NULL : line), TEXT_ONE_LINE);
	output("%s\n", safe);
	free(safe);
	free(line);
}

/* With --json they are in the document. */
static void print_warnings(const struct options *options, const extmgr_text *report)
{
	cJSON *document;
	const cJSON *warning;

	if (options->json || options->verbosity < 0)
		return;
	document = json_parse(report);
	cJSON_ArrayForEach(warning, json_member(document, "warnings"))
	{
		char *safe = text_safe(cJSON_GetStringValue(warning), TEXT_ONE_LINE);

		fprintf(stderr, "extmgr: warning: %s\n", safe);
		free(safe);
	}
	cJSON_Delete(document);
}

static cJSON *new_empty_counts(void)
{
	static const char *const classes[] = {"read", "create", "alter", "drop",
					      "data", "grant",  "other"};
	cJSON *counts = checked(cJSON_CreateObject());

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		checked(cJSON_AddNumberToObject(counts, classes[i], 0));
	return counts;
}

/* The library was not asked, so the report is ours: of an upgrade of what is up to date. */
static void print_unneeded_report(const struct session *session, const struct request *request)
{
	static const char *const empty[] = {"steps", "statements", "warnings", "console"};
	cJSON *report = json_new_document("extmgr.report/1");
	cJSON *extension = checked(cJSON_CreateObject());

	json_add_string(report, "operation", "upgrade");
	json_add_string(extension, "id", json_string(request->unneeded, "id"));
	json_add_string(extension, "name", json_string(request->unneeded, "name"));
	json_add_string(extension, "digest", json_string(request->unneeded, "digest"));
	json_add(report, "extension", extension);
	json_add_string(report, "version", request->target.version);
	json_add_string(report, "dialect", extmgr_database_get_dialect(session->database));
	json_add_string(report, "outcome", "unchanged");
	checked(cJSON_AddNumberToObject(report, "durationUs", 0));
	json_add(report, "counts", new_empty_counts());
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		json_add(report, empty[i], cJSON_CreateArray());
	json_print(stdout, report);
	cJSON_Delete(report);
}

static void print_report(const struct options *options, const struct request *request,
			 extmgr_result result, const extmgr_text *report)
{
	cJSON *document;

	if (options->json) {
		output_document(report);
		return;
	}
	if (options->verbosity < 0)
		return;
	document = json_parse(report);
	if (result == EXTMGR_UNCHANGED)
		print_unchanged(request);
	else
		print_done(request, document);
	cJSON_Delete(document);
}

void operation_print(const struct options *options, enum operation operation, const char *id,
		     const char *instance, extmgr_result result, const extmgr_text *report)
{
	struct request request = {.operation = operation, .instance = instance};

	request.target.id = checked(strdup(id));
	print_warnings(options, report);
	print_report(options, &request, result, report);
	request_free(&request);
}

static extmgr_result make_plan(struct session *session, const struct request *request,
			       extmgr_text **plan, extmgr_error **error)
{
	static const char *const names[] = {
		[OPERATION_INSTALL] = "install",
		[OPERATION_UPGRADE] = "upgrade",
		[OPERATION_UNINSTALL] = "uninstall",
		[OPERATION_CREATE_INSTANCE] = "create-instance",
		[OPERATION_UPDATE_INSTANCE] = "update-instance",
		[OPERATION_DELETE_INSTANCE] = "delete-instance",
	};
	extmgr_call_options call = session_call(session, 0);
	extmgr_plan_request planned;

	extmgr_plan_request_init(&planned, sizeof(planned));
	planned.flags = session->options->record ? EXTMGR_PLAN_RECORD : 0;
	planned.operation = names[request->operation];
	planned.extension_id = request->target.id;
	if (request->operation != OPERATION_UPGRADE)
		planned.version = request->target.version;
	planned.instance_id = request->instance_id;
	planned.values_json = request->values;
	planned.values_length = request->values ? strlen(request->values) : 0;
	return extmgr_manager_plan(session->manager, &planned, &call, plan, error);
}

static int perform(struct session *session, const struct request *request, enum way way)
{
	const struct options *options = session->options;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	int code = EXIT_DONE;

	if (request->unneeded && way != WAY_PLAN) {
		if (options->json)
			print_unneeded_report(session, request);
		else if (options->verbosity >= 0)
			print_unchanged(request);
		return EXIT_DONE;
	}
	if (way == WAY_DO)
		code = confirm(session, request);
	if (code != EXIT_DONE)
		return code;
	if (way == WAY_PLAN)
		result = make_plan(session, request, &report, &error);
	else
		result = call_manager(session, request, way == WAY_DO ? 0 : EXTMGR_CALL_REHEARSE,
				      &report, &error);
	if (result < 0)
		return fail_with(error, "cannot %s '%s'", verb(request->operation),
				 request->target.id);
	print_warnings(options, report);
	if (way != WAY_DO)
		code = plan_print(options, report);
	else
		print_report(options, request, result, report);
	extmgr_text_free(report);
	return code;
}

static int run_request(const struct options *options, enum operation operation, char **arguments,
		       enum way way)
{
	struct session session = {0};
	struct request request = {.operation = operation};
	int code;

	if (way == WAY_DO && is_destructive(operation) && !options->yes &&
	    !prompt_is_possible(options))
		return fail_usage("add --yes, or run it on a terminal",
				  "nobody can be asked whether to %s '%s'", verb(operation),
				  arguments[0]);
	if (operation == OPERATION_DELETE_INSTANCE || operation == OPERATION_UPDATE_INSTANCE)
		request.instance = arguments[1];
	code = target_parse(arguments[0], &request.target);
	if (code == EXIT_DONE)
		code = session_open(&session, options, true);
	if (code == EXIT_DONE)
		code = prepare(&session, &request);
	if (code == EXIT_DONE)
		code = perform(&session, &request, way);
	session_close(&session);
	request_free(&request);
	return code;
}

int operation_run(const struct options *options, enum operation operation, char **arguments)
{
	return run_request(options, operation, arguments, options->dry_run ? WAY_DRY_RUN : WAY_DO);
}

int operation_plan(const struct options *options, enum operation operation, char **arguments)
{
	if (options->json && !options->out && options->format != PLAN_DEFAULT &&
	    options->format != PLAN_JSON)
		return fail_usage("leave out one of them, or write the plan to a file with --out",
				  "--json and --format contradict each other");
	return run_request(options, operation, arguments, WAY_PLAN);
}

int run_install(const struct options *options, char **arguments)
{
	return operation_run(options, OPERATION_INSTALL, arguments);
}

int run_upgrade(const struct options *options, char **arguments)
{
	if (!options->all == !arguments[0])
		return fail_usage("write 'extmgr upgrade ID' or 'extmgr upgrade --all'",
				  "upgrade takes either an extension or --all");
	if (options->all)
		return upgrade_all(options);
	return operation_run(options, OPERATION_UPGRADE, arguments);
}

int run_uninstall(const struct options *options, char **arguments)
{
	return operation_run(options, OPERATION_UNINSTALL, arguments);
}
