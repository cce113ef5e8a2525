/* SPDX-License-Identifier: MIT */
/* apply: does what a plan says. */
#include "errors.h"
#include "input.h"
#include "operation.h"
#include "prompt.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

/* As the library has it. */
#define PLAN_MAXIMUM ((size_t)64 << 20)

static int read_plan(const char *path, char **text_out, cJSON **plan_out)
{
	int code = input_read(path, "plan", PLAN_MAXIMUM, text_out);

	if (code != EXIT_DONE)
		return code;
	*plan_out = cJSON_ParseWithOpts(*text_out, NULL, true);
	if (!*plan_out || strcmp(json_string(*plan_out, "schema"), "extmgr.plan/1") != 0)
		return fail(EXIT_REFUSED, "'extmgr plan ... --out FILE' writes one",
			    "'%s' is no plan", path);
	return EXIT_DONE;
}

static bool destroys(const cJSON *plan)
{
	const char *operation = json_string(plan, "operation");

	return cJSON_GetArraySize(json_member(plan, "drops")) > 0 ||
	       strcmp(operation, "uninstall") == 0 || strcmp(operation, "delete-instance") == 0;
}

static int confirm(struct session *session, const cJSON *plan)
{
	char *title;
	char *counts;
	char *database;
	char *signer;

	if (session->options->yes || session->options->dry_run ||
	    !prompt_is_possible(session->options))
		return EXIT_DONE;
	title = plan_describe(plan);
	counts = plan_describe_counts(plan);
	signer = plan_describe_signer(plan);
	database = session_describe_database(session);
	prompt_say("About to apply the plan: %s\n  definition: %s\n  database: %s\n  %s\n", title,
		   signer ? signer : "signer not known", database, counts);
	free(title);
	free(signer);
	free(counts);
	free(database);
	return prompt_confirm("Go on?");
}

static enum operation operation_of(const cJSON *plan)
{
	static const struct {
		const char *name;
		enum operation operation;
	} operations[] = {
		{"install", OPERATION_INSTALL},
		{"upgrade", OPERATION_UPGRADE},
		{"uninstall", OPERATION_UNINSTALL},
		{"create-instance", OPERATION_CREATE_INSTANCE},
		{"update-instance", OPERATION_UPDATE_INSTANCE},
		{"delete-instance", OPERATION_DELETE_INSTANCE},
	};

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, json_string(plan, "operation")) == 0)
			return operations[i].operation;
	}
	return OPERATION_INSTALL; /* the library has refused the plan before this matters */
}

static void print_result(const struct options *options, const cJSON *plan, extmgr_result result,
			 const extmgr_text *report)
{
	if (options->dry_run && !options->json) {
		if (options->verbosity >= 0)
			output("the plan still holds; nothing was changed\n");
		return;
	}
	operation_print(options, operation_of(plan),
			json_string(json_member(plan, "extension"), "id"),
			json_string(json_member(plan, "instance"), "id"), result, report);
}

static int apply(struct session *session, const char *text, const cJSON *plan)
{
	const struct options *options = session->options;
	extmgr_call_options call =
		session_call(session, options->dry_run ? EXTMGR_CALL_REHEARSE : 0);
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	char *values = NULL;
	extmgr_result result;
	int code = values_collect_secrets(session, json_member(plan, "parameters"), &values);

	if (code == EXIT_DONE)
		code = confirm(session, plan);
	if (code != EXIT_DONE)
		goto out;
	result = extmgr_manager_apply(session->manager, text, strlen(text), values,
				      values ? strlen(values) : 0, &call, &report, &error);
	if (result < 0)
		code = fail_with(error, "cannot apply the plan");
	else
		print_result(options, plan, result, report);
out:
	extmgr_text_free(report);
	input_free(values);
	return code;
}

int run_apply(const struct options *options, char **arguments)
{
	struct session session = {0};
	cJSON *plan = NULL;
	char *text = NULL;
	int code = read_plan(arguments[0], &text, &plan);

	if (code == EXIT_DONE && destroys(plan) && !options->yes && !options->dry_run &&
	    !prompt_is_possible(options))
		code = fail_usage("add --yes, or run it on a terminal",
				  "nobody can be asked whether to apply a plan that destroys");
	if (code == EXIT_DONE)
		code = session_open(&session, options, true);
	if (code == EXIT_DONE)
		code = apply(&session, text, plan);
	session_close(&session);
	cJSON_Delete(plan);
	input_free(text);
	return code;
}
