/* SPDX-License-Identifier: MIT */
/* instance list, show, create, update, delete. */
#include "errors.h"
#include "json.h"
#include "operation.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static int list_instances(struct session *session, const struct target *target,
			  extmgr_instance_list **list_out)
{
	extmgr_call_options call = session_call(session, 0);
	extmgr_error *error = NULL;

	if (extmgr_manager_list_instances(session->manager, target->id, target->version, &call,
					  list_out, &error) < 0)
		return fail_with(error, "cannot list the instances of '%s'", target->id);
	return EXIT_DONE;
}

/* How many instances have the name; *index gets the last of them. */
static size_t count_names(const extmgr_instance_list *list, const char *name, size_t *index)
{
	size_t found = 0;

	for (size_t i = 0; i < extmgr_instance_list_get_count(list); i++) {
		if (strcmp(extmgr_instance_list_get_name(list, i), name) != 0)
			continue;
		*index = i;
		found++;
	}
	return found;
}

static bool has_id(const extmgr_instance_list *list, const char *id)
{
	for (size_t i = 0; i < extmgr_instance_list_get_count(list); i++) {
		if (strcmp(extmgr_instance_list_get_id(list, i), id) == 0)
			return true;
	}
	return false;
}

int instance_resolve(struct session *session, const struct target *target, const char *text,
		     char **id_out)
{
	extmgr_instance_list *list = NULL;
	size_t index = 0;
	size_t names;
	int code = list_instances(session, target, &list);

	if (code != EXIT_DONE)
		return code;
	names = count_names(list, text, &index);
	if (has_id(list, text) || names == 0)
		*id_out = checked(strdup(text));
	else if (names == 1)
		*id_out = checked(strdup(extmgr_instance_list_get_id(list, index)));
	else
		code = fail(EXIT_REFUSED, "'extmgr instance list ID' shows their ids: name one",
			    "%zu instances of '%s' have the name '%s'", names, target->id, text);
	extmgr_instance_list_free(list);
	return code;
}

static void print_instances(const struct options *options, const extmgr_instance_list *list)
{
	struct table table = {.columns = 2, .titles = {"NAME", "ID"}};

	for (size_t i = 0; i < extmgr_instance_list_get_count(list); i++) {
		table_add(&table, extmgr_instance_list_get_name(list, i), STYLE_PLAIN);
		table_add(&table, extmgr_instance_list_get_id(list, i), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	else if (options->verbosity >= 0)
		fputs("extmgr: no instances\n", stderr);
	table_free(&table);
}

static int print_instance_document(const extmgr_instance_list *list)
{
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;

	if (extmgr_instance_list_to_json(list, &text, &error) < 0)
		return fail_with(error, "cannot list the instances");
	output_document(text);
	extmgr_text_free(text);
	return EXIT_DONE;
}

int run_instance_list(const struct options *options, char **arguments)
{
	struct session session = {0};
	struct target target = {0};
	extmgr_instance_list *list = NULL;
	int code = target_parse(arguments[0], &target);

	if (code == EXIT_DONE)
		code = session_open(&session, options, true);
	if (code == EXIT_DONE)
		code = list_instances(&session, &target, &list);
	if (code == EXIT_DONE && options->json)
		code = print_instance_document(list);
	else if (code == EXIT_DONE)
		print_instances(options, list);
	extmgr_instance_list_free(list);
	session_close(&session);
	target_free(&target);
	return code;
}

static void print_values(const extmgr_text *text)
{
	struct table table = {.columns = 2, .titles = {"PARAMETER", "VALUE"}};
	cJSON *document = json_parse(text);
	const cJSON *value;

	cJSON_ArrayForEach(value, json_member(document, "values"))
	{
		bool secret = json_is_true(value, "secret");

		table_add(&table, json_string(value, "name"), STYLE_PLAIN);
		table_add(&table, secret ? "(secret)" : json_string(value, "value"), STYLE_PLAIN);
	}
	table_print(&table);
	table_free(&table);
	cJSON_Delete(document);
}

static int show_instance(struct session *session, const struct target *target, const char *name)
{
	extmgr_call_options call = session_call(session, 0);
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	char *id = NULL;
	int code = instance_resolve(session, target, name, &id);

	if (code != EXIT_DONE)
		return code;
	if (extmgr_manager_read_instance(session->manager, target->id, target->version, id, &call,
					 &text, &error) < 0)
		code = fail_with(error, "cannot show instance '%s' of '%s'", name, target->id);
	else if (session->options->json)
		output_document(text);
	else
		print_values(text);
	extmgr_text_free(text);
	free(id);
	return code;
}

int run_instance_show(const struct options *options, char **arguments)
{
	struct session session = {0};
	struct target target = {0};
	int code = target_parse(arguments[0], &target);

	if (code == EXIT_DONE)
		code = session_open(&session, options, true);
	if (code == EXIT_DONE)
		code = show_instance(&session, &target, arguments[1]);
	session_close(&session);
	target_free(&target);
	return code;
}

int run_instance_create(const struct options *options, char **arguments)
{
	return operation_run(options, OPERATION_CREATE_INSTANCE, arguments);
}

int run_instance_update(const struct options *options, char **arguments)
{
	if (options->defaults)
		return fail_usage("leave out --defaults, or give the values with --set",
				  "an instance that is updated keeps what is not given");
	return operation_run(options, OPERATION_UPDATE_INSTANCE, arguments);
}

int run_instance_delete(const struct options *options, char **arguments)
{
	return operation_run(options, OPERATION_DELETE_INSTANCE, arguments);
}
