/* SPDX-License-Identifier: MIT */
#include "values.h"

#include "errors.h"
#include "input.h"
#include "json.h"
#include "prompt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Beyond it a JSON number is no longer the one that was written. */
#define EXACT_INTEGER_MAXIMUM 9007199254740992.0

/* What is known so far: an object name: text. */
struct collection {
	struct session *session;
	cJSON *definitions;
	cJSON *values;
};

/* cJSON frees without wiping: do it for what may be secret. */
static void wipe(cJSON *json)
{
	cJSON *item;

	cJSON_ArrayForEach(item, json)
	{
		if (cJSON_IsString(item) && item->valuestring)
			explicit_bzero(item->valuestring, strlen(item->valuestring));
		wipe(item);
	}
}

static const cJSON *find_definition(const struct collection *collection, const char *id)
{
	const cJSON *definition;

	cJSON_ArrayForEach(definition, collection->definitions)
	{
		if (strcmp(json_string(definition, "id"), id) == 0)
			return definition;
	}
	return NULL;
}

/* ---- --values ---- */

/* The text of a value in a document; NULL when it has none. Caller frees. */
static char *value_text(const cJSON *value)
{
	if (cJSON_IsString(value))
		return checked(strdup(value->valuestring));
	if (cJSON_IsBool(value))
		return checked(strdup(cJSON_IsTrue(value) ? "true" : "false"));
	if (cJSON_IsNumber(value) && value->valuedouble <= EXACT_INTEGER_MAXIMUM &&
	    value->valuedouble >= -EXACT_INTEGER_MAXIMUM)
		return checked(cJSON_PrintUnformatted(value));
	return NULL;
}

static int add_document_value(struct collection *collection, const char *name, const cJSON *value)
{
	char *text = value_text(value);

	if (!text)
		return fail(EXIT_REFUSED,
			    "values are text, true, false or numbers up to 2^53; write longer "
			    "numbers as text",
			    "--values: the value of '%s' cannot be used", name);
	if (json_member(collection->values, name)) {
		input_free(text);
		return fail(EXIT_REFUSED, "name each parameter once",
			    "--values: parameter '%s' is there twice", name);
	}
	json_add_string(collection->values, name, text);
	input_free(text);
	return EXIT_DONE;
}

static int add_document_values(struct collection *collection, const cJSON *document)
{
	const cJSON *item;
	int code = EXIT_DONE;

	if (!cJSON_IsObject(document) && !cJSON_IsArray(document))
		return fail(EXIT_REFUSED,
			    "it is an object {name: value} or an array [{name, value}]",
			    "--values: the document has the wrong form");
	cJSON_ArrayForEach(item, document)
	{
		const char *name = item->string ? item->string : json_string(item, "name");

		code = add_document_value(collection, name,
					  item->string ? item : json_member(item, "value"));
		if (code != EXIT_DONE)
			break;
	}
	return code;
}

static int take_document(struct collection *collection, const char *path)
{
	char *text;
	cJSON *document;
	int code = input_read(path, "--values", INPUT_DOCUMENT_MAXIMUM, &text);

	if (code != EXIT_DONE)
		return code;
	document = cJSON_ParseWithOpts(text, NULL, true);
	if (document)
		code = add_document_values(collection, document);
	else
		code = fail(EXIT_REFUSED, "check it with a JSON tool", "--values: '%s' is no JSON",
			    path);
	wipe(document);
	cJSON_Delete(document);
	input_free(text);
	return code;
}

/* ---- --set and --set-file ---- */

static int take_text(cJSON *given, const char *name, const char *value)
{
	if (json_member(given, name))
		return fail_usage("name each parameter once", "parameter '%s' is given twice",
				  name);
	json_add_string(given, name, value);
	return EXIT_DONE;
}

static int take_file(cJSON *given, const char *name, const char *path)
{
	char *text;
	size_t length;
	int code;

	code = input_read(path, "--set-file", INPUT_VALUE_MAXIMUM + 2, &text);
	if (code != EXIT_DONE)
		return code;
	/* An editor's or echo's line end is no part of a password. */
	length = strlen(text);
	if (length && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length && text[length - 1] == '\r')
		text[--length] = '\0';
	code = take_text(given, name, text);
	input_free(text);
	return code;
}

static int take_named(const struct collection *collection, const struct value_source *source,
		      cJSON *given)
{
	const char *equals = strchr(source->text, '=');
	char *name = checked(strndup(source->text, (size_t)(equals - source->text)));
	int code;

	if (source->kind == VALUE_FILE)
		code = take_file(given, name, equals + 1);
	else if (json_is_true(find_definition(collection, name), "secret"))
		code = fail_usage("arguments are visible to others: use --set-file NAME=PATH, or "
				  "--set-file NAME=- for stdin",
				  "parameter '%s' is secret and cannot be given with --set", name);
	else
		code = take_text(given, name, equals + 1);
	free(name);
	return code;
}

/* What is named alone outweighs what came with a document. */
static void merge(cJSON *values, const cJSON *given)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, given)
	{
		cJSON_DeleteItemFromObjectCaseSensitive(values, item->string);
		json_add_string(values, item->string, item->valuestring);
	}
}

static int take_sources(struct collection *collection)
{
	const struct options *options = collection->session->options;
	cJSON *given = checked(cJSON_CreateObject());
	int code = EXIT_DONE;

	for (size_t i = 0; i < options->source_count && code == EXIT_DONE; i++) {
		const struct value_source *source = &options->sources[i];

		code = source->kind == VALUE_DOCUMENT ? take_document(collection, source->text)
						      : take_named(collection, source, given);
	}
	merge(collection->values, given);
	wipe(given);
	cJSON_Delete(given);
	return code;
}

/* ---- Questions ---- */

/* What the rules say of one parameter among the values so far: its fault, or NULL. Caller frees. */
static char *find_fault(const struct collection *collection, const cJSON *definitions,
			const char *id)
{
	char *definitions_text = checked(cJSON_PrintUnformatted(definitions));
	char *values_text = checked(cJSON_PrintUnformatted(collection->values));
	extmgr_text *text = NULL;
	cJSON *report = NULL;
	const cJSON *failure;
	char *fault = NULL;
	extmgr_result result;

	result = extmgr_params_validate(collection->session->context, definitions_text,
					strlen(definitions_text), values_text, strlen(values_text),
					&text, NULL);
	if (result == EXTMGR_E_PARAMETERS_INVALID && text)
		report = json_parse(text);
	cJSON_ArrayForEach(failure, json_member(report, "failures"))
	{
		if (!fault && strcmp(json_string(failure, "id"), id) == 0)
			fault = checked(strdup(json_string(failure, "message")));
	}
	cJSON_Delete(report);
	extmgr_text_free(text);
	free(definitions_text);
	input_free(values_text);
	return fault;
}

/* A parameter whose condition does not hold is not asked for: were it required, it would not be
 * missed. */
static bool is_shown(const struct collection *collection, const char *id)
{
	cJSON *definitions = checked(cJSON_Duplicate(collection->definitions, true));
	cJSON *definition;
	char *fault;
	bool shown;

	cJSON_ArrayForEach(definition, definitions)
	{
		if (strcmp(json_string(definition, "id"), id) != 0)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(definition, "required");
		json_add(definition, "required", cJSON_CreateTrue());
	}
	fault = find_fault(collection, definitions, id);
	shown = fault != NULL;
	free(fault);
	cJSON_Delete(definitions);
	return shown;
}

static void print_question(const cJSON *definition)
{
	const char *name = json_string(definition, "name");
	const char *description = json_string(definition, "description");
	const char *preset = json_string(definition, "default");
	const cJSON *option;
	size_t number = 0;

	if (*description)
		prompt_say("%s\n", description);
	cJSON_ArrayForEach(option, json_member(definition, "options"))
	{
		prompt_say("  %zu) %s  %s\n", ++number, json_string(option, "id"),
			   json_string(option, "name"));
	}
	prompt_say("%s", *name ? name : json_string(definition, "id"));
	if (json_is_true(definition, "multiline"))
		prompt_say(" (end with a line that is only a '.')");
	if (strcmp(json_string(definition, "type"), "boolean") == 0)
		prompt_say(" (true or false)");
	if (*preset && !json_is_true(definition, "secret"))
		prompt_say(" [%s]", preset);
	else if (!*preset && !json_is_true(definition, "required"))
		prompt_say(" (optional)");
	prompt_say("%s", json_is_true(definition, "multiline") ? ":\n" : ": ");
}

/* What people type, as the rules want it: y for true, an option's number for its id. */
static const char *understand(const cJSON *definition, const char *answer)
{
	const char *type = json_string(definition, "type");
	const cJSON *option;
	size_t number = 0;
	char text[24];

	if (!*answer)
		return json_string(definition, "default");
	if (strcmp(type, "boolean") == 0) {
		if (!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"))
			return "true";
		if (!strcasecmp(answer, "n") || !strcasecmp(answer, "no"))
			return "false";
	}
	if (strcmp(type, "select") != 0)
		return answer;
	cJSON_ArrayForEach(option, json_member(definition, "options"))
	{
		if (strcmp(json_string(option, "id"), answer) == 0)
			return answer; /* an id may look like a number */
	}
	cJSON_ArrayForEach(option, json_member(definition, "options"))
	{
		snprintf(text, sizeof(text), "%zu", ++number);
		if (strcmp(text, answer) == 0)
			return json_string(option, "id");
	}
	return answer;
}

/* One question, one answer. *fault: what is wrong with it, NULL when it was taken. */
static int ask_once(struct collection *collection, const cJSON *definition, char **fault)
{
	const char *id = json_string(definition, "id");
	bool hidden = json_is_true(definition, "secret");
	char *answer = NULL;
	const char *value;
	enum prompt_end end;

	*fault = NULL;
	print_question(definition);
	end = json_is_true(definition, "multiline") ? prompt_lines(hidden, &answer)
						    : prompt_line(hidden, &answer);
	if (end != PROMPT_ANSWERED)
		return prompt_fail(end);
	value = understand(definition, answer);
	if (*value)
		json_add_string(collection->values, id, value);
	input_free(answer);
	*fault = find_fault(collection, collection->definitions, id);
	if (*fault)
		cJSON_DeleteItemFromObjectCaseSensitive(collection->values, id);
	return EXIT_DONE;
}

static int ask_for(struct collection *collection, const cJSON *definition)
{
	char *fault = NULL;
	int code;

	for (;;) {
		code = ask_once(collection, definition, &fault);
		if (!fault)
			return code;
		prompt_say("%s\n", fault);
		free(fault);
	}
}

/* Asks for one parameter, or takes its preset when nobody may change it. */
static int fill_in(struct collection *collection, const cJSON *definition)
{
	const char *preset = json_string(definition, "default");

	if (!json_is_true(definition, "readOnly"))
		return ask_for(collection, definition);
	if (*preset)
		json_add_string(collection->values, json_string(definition, "id"), preset);
	return EXIT_DONE;
}

/* An answer may show a parameter that stands before it: again until nothing new is shown. */
static int ask_for_missing(struct collection *collection)
{
	cJSON *asked = checked(cJSON_CreateObject());
	const cJSON *definition = collection->definitions ? collection->definitions->child : NULL;
	int code = EXIT_DONE;

	while (definition && code == EXIT_DONE) {
		const char *id = json_string(definition, "id");

		if (json_member(asked, id) || json_member(collection->values, id) ||
		    !is_shown(collection, id)) {
			definition = definition->next;
			continue;
		}
		json_add_string(asked, id, "");
		code = fill_in(collection, definition);
		definition = collection->definitions->child;
	}
	cJSON_Delete(asked);
	return code;
}

/* ---- All together ---- */

/* needed: what the definition says in place of its parameters is an error. */
static int read_definitions(struct collection *collection, const char *id, const char *version,
			    bool needed)
{
	extmgr_call_options call = session_call(collection->session, 0);
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	cJSON *details;
	int code = EXIT_DONE;

	if (extmgr_manager_get_extension(collection->session->manager, id, version, &call, &text,
					 &error) < 0)
		return fail_with(error, "cannot read the parameters of '%s'", id);
	details = json_parse(text);
	collection->definitions =
		cJSON_DetachItemFromObjectCaseSensitive(details, "parameterDefinitions");
	if (needed && json_member(details, "parametersError"))
		code = fail_by_definition(json_member(details, "parametersStatus")->valueint,
					  json_string(details, "parametersError"),
					  "cannot read the parameters of '%s'", id);
	else if (!cJSON_IsArray(collection->definitions))
		code = fail(EXIT_FAILED, "'extmgr info ID' tells why",
			    "the parameters of '%s' are not known", id);
	cJSON_Delete(details);
	extmgr_text_free(text);
	return code;
}

/* The values with the defaults, as an object again. */
static int add_defaults(struct collection *collection)
{
	char *definitions = checked(cJSON_PrintUnformatted(collection->definitions));
	char *values = checked(cJSON_PrintUnformatted(collection->values));
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	const cJSON *entry;
	cJSON *list;
	int code = EXIT_DONE;

	if (extmgr_params_add_defaults(collection->session->context, definitions,
				       strlen(definitions), values, strlen(values), &text,
				       &error) < 0) {
		code = fail_with(error, "cannot apply the defaults");
		goto out;
	}
	list = json_parse(text);
	cJSON_ArrayForEach(entry, list)
	{
		const char *name = json_string(entry, "name");

		cJSON_DeleteItemFromObjectCaseSensitive(collection->values, name);
		json_add_string(collection->values, name, json_string(entry, "value"));
	}
	wipe(list);
	cJSON_Delete(list);
out:
	extmgr_text_free(text);
	free(definitions);
	input_free(values);
	return code;
}

static int collect(struct collection *collection, const char *id, const char *version, bool ask)
{
	int code = read_definitions(collection, id, version, false);

	if (code == EXIT_DONE)
		code = take_sources(collection);
	if (code == EXIT_DONE && ask && prompt_is_possible(collection->session->options))
		code = ask_for_missing(collection);
	if (code == EXIT_DONE && collection->session->options->defaults)
		code = add_defaults(collection);
	return code;
}

static void collection_free(struct collection *collection)
{
	wipe(collection->values);
	cJSON_Delete(collection->values);
	cJSON_Delete(collection->definitions);
}

int values_collect(struct session *session, const char *id, const char *version, bool ask,
		   char **values_out)
{
	struct collection collection = {.session = session,
					.values = checked(cJSON_CreateObject())};
	int code = collect(&collection, id, version, ask);

	*values_out = code == EXIT_DONE ? checked(cJSON_PrintUnformatted(collection.values)) : NULL;
	collection_free(&collection);
	return code;
}

int values_definitions(struct session *session, const char *id, const char *version,
		       char **definitions_out)
{
	struct collection collection = {.session = session};
	int code = read_definitions(&collection, id, version, true);

	*definitions_out =
		code == EXIT_DONE ? checked(cJSON_PrintUnformatted(collection.definitions)) : NULL;
	collection_free(&collection);
	return code;
}

/* Parameter definitions as far as they are known from the names in a plan. */
static cJSON *define_secrets(const cJSON *parameters)
{
	cJSON *definitions = checked(cJSON_CreateArray());
	const cJSON *parameter;

	cJSON_ArrayForEach(parameter, parameters)
	{
		cJSON *definition;

		/* What an update keeps need not be known. */
		if (!json_is_true(parameter, "secret") || json_is_true(parameter, "kept"))
			continue;
		definition = checked(cJSON_CreateObject());
		json_add_string(definition, "id", json_string(parameter, "name"));
		json_add_string(definition, "name", json_string(parameter, "name"));
		json_add_string(definition, "type", "string");
		json_add(definition, "secret", cJSON_CreateTrue());
		json_add(definition, "required", cJSON_CreateTrue());
		if (!cJSON_AddItemToArray(definitions, definition))
			checked(NULL);
	}
	return definitions;
}

int values_collect_secrets(struct session *session, const cJSON *parameters, char **values_out)
{
	struct collection collection = {.session = session,
					.definitions = define_secrets(parameters),
					.values = checked(cJSON_CreateObject())};
	int code = take_sources(&collection);

	*values_out = NULL;
	if (code == EXIT_DONE && prompt_is_possible(session->options))
		code = ask_for_missing(&collection);
	if (code == EXIT_DONE)
		*values_out = checked(cJSON_PrintUnformatted(collection.values));
	wipe(collection.values);
	cJSON_Delete(collection.values);
	cJSON_Delete(collection.definitions);
	return code;
}
