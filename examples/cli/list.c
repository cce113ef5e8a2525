/* SPDX-License-Identifier: MIT */
/* search, list, info: what there is. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "progress.h"
#include "session.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static const char *known(const char *text)
{
	return *text ? text : "-";
}

static bool contains(const char *text, const char *searched)
{
	return strcasestr(text, searched) != NULL;
}

static bool matches(const cJSON *extension, const char *searched)
{
	/* Of a broken definition neither name nor description is known. */
	if (state_from_name(json_string(extension, "state")) == EXTMGR_STATE_BROKEN)
		return true;
	return contains(json_string(extension, "id"), searched) ||
	       contains(json_string(extension, "name"), searched) ||
	       contains(json_string(extension, "category"), searched) ||
	       contains(json_string(extension, "description"), searched);
}

static void keep_matching(cJSON *extensions, const char *searched)
{
	cJSON *at = extensions ? extensions->child : NULL;

	while (at) {
		cJSON *next = at->next;

		if (!matches(at, searched))
			cJSON_Delete(cJSON_DetachItemViaPointer(extensions, at));
		at = next;
	}
}

/* Where nothing is signed nobody needs to read so in each line. */
static bool has_signatures(const cJSON *extensions)
{
	const cJSON *extension;

	cJSON_ArrayForEach(extension, extensions)
	{
		const char *signature = json_string(extension, "signature");

		if (*signature && strcmp(signature, "unsigned") != 0)
			return true;
	}
	return false;
}

static void print_extensions(const cJSON *extensions)
{
	bool signatures = has_signatures(extensions);
	struct table table = {.columns = signatures ? 6 : 5,
			      .titles = {"ID", "STATE", "INSTALLED", "LATEST",
					 signatures ? "SIGNATURE" : "DESCRIPTION",
					 signatures ? "DESCRIPTION" : NULL}};
	const cJSON *extension;

	cJSON_ArrayForEach(extension, extensions)
	{
		const char *state = json_string(extension, "state");
		const char *reason = json_string(extension, "reason");

		table_add(&table, json_string(extension, "id"), STYLE_PLAIN);
		table_add(&table, state, style_for_state(state_from_name(state)));
		table_add(&table, known(json_string(extension, "installedVersion")), STYLE_PLAIN);
		table_add(&table, known(json_string(extension, "latestVersion")), STYLE_PLAIN);
		if (signatures)
			table_add(&table, known(json_string(extension, "signature")), STYLE_PLAIN);
		table_add(&table, *reason ? reason : json_string(extension, "description"),
			  STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

static void note(const struct options *options, const char *message)
{
	if (options->verbosity < 0 || options->json)
		return;
	fflush(stdout); /* on a terminal it stands behind the list */
	fprintf(stderr, "extmgr: %s\n", message);
}

static int list_extensions(const struct options *options, uint32_t which, const char *searched,
			   const char *nothing)
{
	struct session session = {0};
	extmgr_extension_list *list = NULL;
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	extmgr_result result;
	cJSON *document = NULL;
	cJSON *extensions;
	int code = session_open(&session, options, which != EXTMGR_LIST_AVAILABLE);

	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	result = extmgr_manager_list_extensions(session.manager, which, &call, &list, &error);
	progress_end();
	if (result == EXTMGR_PARTIAL)
		code = EXIT_PARTLY;
	if (result < 0 || (result = extmgr_extension_list_to_json(list, &text, &error)) < 0) {
		code = fail_with(error, "cannot list the extensions");
		goto out;
	}
	document = json_parse(text);
	extensions = json_member(document, "extensions");
	if (searched)
		keep_matching(extensions, searched);
	if (!options->json)
		print_extensions(extensions);
	else if (searched)
		json_print(stdout, document);
	else
		output_document(text);
	if (!cJSON_GetArraySize(extensions))
		note(options, nothing);
	if (code == EXIT_PARTLY)
		note(options, "some definitions are broken; 'extmgr doctor' says what to do");
out:
	cJSON_Delete(document);
	extmgr_text_free(text);
	extmgr_extension_list_free(list);
	session_close(&session);
	return code;
}

int run_search(const struct options *options, char **arguments)
{
	/* Without a database nobody knows what is installed in it: the registry alone answers. */
	uint32_t which = options->database ? EXTMGR_LIST_ALL : EXTMGR_LIST_AVAILABLE;

	return list_extensions(options, which, arguments[0],
			       arguments[0] ? "no extension matches" : "the registry is empty");
}

int run_list(const struct options *options, char **arguments)
{
	(void)arguments;
	if (options->upgradable)
		return list_extensions(options, EXTMGR_LIST_UPGRADABLE, NULL, "nothing to upgrade");
	return list_extensions(options, EXTMGR_LIST_INSTALLED, NULL, "nothing is installed");
}

static void print_versions(const cJSON *versions)
{
	const cJSON *version;
	const char *separator = "versions: ";

	cJSON_ArrayForEach(version, versions)
	{
		char *safe = text_safe(json_string(version, "name"), TEXT_ONE_LINE);

		output("%s%s%s%s", separator, safe,
		       json_is_true(version, "latest") ? " (latest)" : "",
		       json_is_true(version, "deprecated") ? " (deprecated)" : "");
		separator = ", ";
		free(safe);
	}
	if (cJSON_GetArraySize(versions))
		output("\n");
}

static const char *kind_of(const cJSON *definition)
{
	if (json_is_true(definition, "secret"))
		return "secret";
	return known(json_string(definition, "type"));
}

static void print_parameters(const cJSON *definitions)
{
	struct table table = {
		.columns = 5,
		.titles = {"PARAMETER", "TYPE", "REQUIRED", "DEFAULT", "DESCRIPTION"}};
	const cJSON *definition;

	cJSON_ArrayForEach(definition, definitions)
	{
		const char *description = json_string(definition, "description");
		bool secret = json_is_true(definition, "secret");

		table_add(&table, json_string(definition, "id"), STYLE_PLAIN);
		table_add(&table, kind_of(definition), STYLE_PLAIN);
		table_add(&table, json_is_true(definition, "required") ? "yes" : "no", STYLE_PLAIN);
		table_add(&table, secret ? "-" : known(json_string(definition, "default")),
			  STYLE_PLAIN);
		table_add(&table, *description ? description : json_string(definition, "name"),
			  STYLE_PLAIN);
	}
	if (table.count) {
		output("\n");
		table_print(&table);
	}
	table_free(&table);
}

static void print_artifacts(const cJSON *artifacts)
{
	struct table table = {.columns = 3, .titles = {"FILE", "AVAILABLE", "NAME"}};
	const cJSON *artifact;

	cJSON_ArrayForEach(artifact, artifacts)
	{
		bool available = json_is_true(artifact, "available");
		bool downloadable = json_is_true(artifact, "downloadable");

		table_add(&table, json_string(artifact, "fileName"), STYLE_PLAIN);
		table_add(&table,
			  available      ? "yes"
			  : downloadable ? "downloadable"
					 : "missing",
			  available      ? STYLE_GOOD
			  : downloadable ? STYLE_WARNING
					 : STYLE_BAD);
		table_add(&table, json_string(artifact, "name"), STYLE_PLAIN);
	}
	if (table.count) {
		output("\n");
		table_print(&table);
	}
	table_free(&table);
}

/* "a, b >=1.2": names with their versions. key: of the name in an object. */
static void print_names(const char *label, const cJSON *list, const char *key)
{
	const cJSON *item;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = checked(open_memstream(&text, &size));

	cJSON_ArrayForEach(item, list)
	{
		const char *name =
			cJSON_IsString(item) ? cJSON_GetStringValue(item) : json_string(item, key);
		const char *version = json_string(item, "version");

		fprintf(memory, "%s%s%s%s", item != list->child ? ", " : "", name,
			*name && *version ? " " : "", version);
	}
	fclose(memory);
	output_field(label, checked(text));
	free(text);
}

static void print_requirements(const cJSON *requirements)
{
	print_names("needs dialect", json_member(requirements, "dialects"), "");
	print_names("needs server", json_member(requirements, "server"), "dialect");
	print_names("needs privileges", json_member(requirements, "privileges"), "");
	print_names("needs database extensions", json_member(requirements, "extensions"), "");
	print_names("needs extensions", json_member(requirements, "requires"), "id");
}

static void print_state(const char *state)
{
	enum style style = style_for_state(state_from_name(state));
	char *safe = text_safe(state, TEXT_ONE_LINE);

	output("state: %s%s%s\n", output_style_begin(style), safe, output_style_end(style));
	free(safe);
}

static void print_details(const cJSON *details)
{
	output_field("id", json_string(details, "id"));
	output_field("name", json_string(details, "name"));
	output_field("category", json_string(details, "category"));
	output_field("description", json_string(details, "description"));
	print_state(json_string(details, "state"));
	output_field("reason", json_string(details, "reason"));
	output_field("installed", json_string(details, "installedVersion"));
	print_versions(json_member(details, "installableVersions"));
	print_requirements(json_member(details, "requirements"));
	output_field("digest", json_string(details, "digest"));
	output_field("signature", json_string(details, "signature"));
	output_field("no parameters are known", json_string(details, "parametersError"));
	print_parameters(json_member(details, "parameterDefinitions"));
	print_artifacts(json_member(details, "artifacts"));
}

int run_info(const struct options *options, char **arguments)
{
	struct session session = {0};
	struct target target = {0};
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_call_options call;
	cJSON *document;
	int code = target_parse(arguments[0], &target);

	if (code == EXIT_DONE)
		code = session_open_for_reading(&session, options);
	if (code != EXIT_DONE)
		goto out;
	call = session_call(&session, 0);
	if (extmgr_manager_get_extension(session.manager, target.id, target.version, &call, &text,
					 &error) < 0) {
		code = fail_with(error, "cannot describe '%s'", target.id);
		goto out;
	}
	if (options->json) {
		output_document(text);
	} else {
		document = json_parse(text);
		print_details(document);
		cJSON_Delete(document);
	}
out:
	extmgr_text_free(text);
	session_close(&session);
	target_free(&target);
	return code;
}
