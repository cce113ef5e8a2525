/* SPDX-License-Identifier: MIT */
/* Keeping to a plan: the operation runs again, and the first difference ends it. */
#include "manager/plan.h"

#include "manager/operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each of the two texts in a message; the details have all of it. */
#define SHOWN_BYTES 700

struct keeper {
	const extmgr__json *plan;
	const extmgr__json *next; /* the planned statement that is due */
	size_t number;            /* of statements seen */
	const struct extmgr__work *work;
};

/* ---- differences ---- */

static extmgr_result hint_changed(extmgr_error **error)
{
	extmgr__error_hint(error, "nothing was changed; make a new plan and look at it");
	return EXTMGR_E_PLAN_CHANGED;
}

/* what: "version"; either text may be NULL. */
static extmgr_result differs(const char *what, const char *planned, const char *found,
			     extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_PLAN_CHANGED,
			  "%s was planned as '%.*s', now it is '%.*s'", what, SHOWN_BYTES,
			  planned ? planned : "", SHOWN_BYTES, found ? found : "");
	extmgr__error_detail(error, "planned", planned ? planned : "");
	extmgr__error_detail(error, "found", found ? found : "");
	return hint_changed(error);
}

static extmgr_result check_text(const char *what, const char *planned, const char *found,
				extmgr_error **error)
{
	if (strcmp(planned ? planned : "", found ? found : "") == 0)
		return EXTMGR_OK;
	return differs(what, planned, found, error);
}

static extmgr_result statement_differs(const struct keeper *keeper, const char *planned,
				       const char *found, extmgr_error **error)
{
	const char *certainty = extmgr__json_get_member_string(keeper->next, "certainty");
	char what[64];

	(void)snprintf(what, sizeof(what), "statement %zu", keeper->number);
	(void)differs(what, planned, found, error);
	if (certainty && strcmp(certainty, "depends") == 0)
		extmgr__error_hint(error,
				   "nothing was changed; the plan was recorded and could not know "
				   "this statement for certain: make it by rehearsal");
	return EXTMGR_E_PLAN_CHANGED;
}

static extmgr_result one_too_many(const struct keeper *keeper,
				  const struct extmgr__statement *statement, extmgr_error **error)
{
	extmgr__error_set(
		error, EXTMGR_E_PLAN_CHANGED, "statement %zu was not planned: '%.*s'",
		keeper->number,
		(int)(statement->sql_length < SHOWN_BYTES ? statement->sql_length : SHOWN_BYTES),
		statement->sql);
	extmgr__error_detail(error, "planned", "");
	extmgr__error_detail(error, "found", statement->sql);
	return hint_changed(error);
}

/* ---- looking on ---- */

static const extmgr__json *find_parameter(const extmgr__json *plan, const char *name)
{
	const extmgr__json *at = extmgr__json_first(extmgr__json_get(plan, "parameters"));

	while (at && strcmp(extmgr__json_get_member_string(at, "name"), name) != 0)
		at = extmgr__json_next(at);
	return at;
}

static extmgr_result opened(void *user_data, const struct extmgr__work *work, extmgr_error **error)
{
	struct keeper *keeper = user_data;
	const extmgr__json *extension = extmgr__json_get(keeper->plan, "extension");
	const char *planned = extmgr__json_get_member_string(extension, "digest");
	char found[sizeof("sha256:") + EXTMGR__SHA256_HEX_SIZE];

	keeper->work = work;
	(void)snprintf(found, sizeof(found), "sha256:%s", work->info->digest);
	return check_text("the digest of the definition", planned, found, error);
}

static const struct extmgr__parameter_value *
find_accepted(const struct extmgr__parameter_values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++) {
		if (strcmp(values->items[i].name, name) == 0)
			return &values->items[i];
	}
	return NULL;
}

/*
 * What was sent came from the plan or, secret, from the caller; what an instance keeps was read
 * anew. Secret values are not in the plan: there only what they lead to is compared.
 */
static extmgr_result check_parameters(void *user_data,
				      const struct extmgr__parameter_values *values,
				      extmgr_error **error)
{
	const struct keeper *keeper = user_data;
	const extmgr__json *planned = extmgr__json_get(keeper->plan, "parameters");
	extmgr_result result = EXTMGR_OK;
	char what[200];

	for (const extmgr__json *at = extmgr__json_first(planned); at && result == EXTMGR_OK;
	     at = extmgr__json_next(at)) {
		const char *name = extmgr__json_get_member_string(at, "name");
		const char *value = extmgr__json_get_member_string(at, "value");
		const struct extmgr__parameter_value *found = find_accepted(values, name);

		(void)snprintf(what, sizeof(what), "the value of parameter '%.100s'", name);
		if (!found)
			result = differs(what, value ? value : "***", NULL, error);
		else if (value && (found->secret || strcmp(found->value, value) != 0))
			result = differs(what, value, found->secret ? "***" : found->value, error);
	}
	for (size_t i = 0; i < values->count && result == EXTMGR_OK; i++) {
		const struct extmgr__parameter_value *found = &values->items[i];

		(void)snprintf(what, sizeof(what), "the value of parameter '%.100s'", found->name);
		if (!find_parameter(keeper->plan, found->name))
			result = differs(what, NULL, found->secret ? "***" : found->value, error);
	}
	return result;
}

static extmgr_result write_arguments(const struct extmgr__statement *statement,
				     const extmgr__json *planned, struct extmgr__buffer *text)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(text);

	if (statement)
		extmgr__report_write_arguments(&writer, statement);
	else
		extmgr__json_value(&writer, extmgr__json_get(planned, "arguments"));
	return extmgr__buffer_result(text);
}

static extmgr_result check_arguments(const struct keeper *keeper,
				     const struct extmgr__statement *statement,
				     extmgr_error **error)
{
	struct extmgr__buffer planned = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__buffer found = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = write_arguments(NULL, keeper->next, &planned);

	if (result == EXTMGR_OK)
		result = write_arguments(statement, NULL, &found);
	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "the arguments of a statement");
	else if (strcmp(planned.data, found.data) != 0)
		result = statement_differs(keeper, planned.data, found.data, error);
	extmgr__buffer_free(&planned);
	extmgr__buffer_free(&found);
	return result;
}

static bool is_upgrade(const struct keeper *keeper)
{
	const char *operation = extmgr__json_get_member_string(keeper->plan, "operation");

	return operation && strcmp(operation, "upgrade") == 0;
}

static extmgr_result check_statement(void *user_data, const struct extmgr__statement *statement,
				     extmgr_error **error)
{
	struct keeper *keeper = user_data;
	const char *sql;
	const char *kind;
	extmgr_result result;

	if (extmgr__plan_leaves_out(keeper->work, statement))
		return EXTMGR_OK;
	keeper->number++;
	if (!keeper->next)
		return one_too_many(keeper, statement, error);
	/* The version is known before the first statement that changes something; that of an
	 * upgrade, which goes from one to another, is compared at the end. */
	result = EXTMGR_OK;
	if (keeper->work->version && !is_upgrade(keeper))
		result = check_text("the version",
				    extmgr__json_get_member_string(keeper->plan, "version"),
				    keeper->work->version, error);
	sql = extmgr__json_get_member_string(keeper->next, "sql");
	kind = extmgr__json_get_member_string(keeper->next, "kind");
	if (result == EXTMGR_OK && (strlen(sql) != statement->sql_length ||
				    memcmp(sql, statement->sql, statement->sql_length) != 0))
		result = statement_differs(keeper, sql, statement->sql, error);
	if (result == EXTMGR_OK && strcmp(kind, statement->kind) != 0)
		result = statement_differs(keeper, kind, statement->kind, error);
	if (result == EXTMGR_OK)
		result = check_arguments(keeper, statement, error);
	keeper->next = extmgr__json_next(keeper->next);
	return result;
}

static extmgr_result check_facts(const struct keeper *keeper,
				 const struct extmgr__report_facts *facts, bool unchanged,
				 extmgr_error **error)
{
	const extmgr__json *instance = extmgr__json_get(keeper->plan, "instance");
	const struct {
		const char *what;
		const char *planned;
		const char *found;
	} texts[] = {
		{"the version", extmgr__json_get_member_string(keeper->plan, "version"),
		 facts->version},
		{"the previous version",
		 extmgr__json_get_member_string(keeper->plan, "previousVersion"),
		 facts->previous_version},
		{"the new version", extmgr__json_get_member_string(keeper->plan, "newVersion"),
		 facts->new_version},
		{"the instance", extmgr__json_get_member_string(instance, "id"),
		 facts->instance_id},
		{"the name of the instance", extmgr__json_get_member_string(instance, "name"),
		 facts->instance_name},
		{"whether there is something to do",
		 extmgr__json_is_true(extmgr__json_get(keeper->plan, "unchanged")) ? "no" : "yes",
		 unchanged ? "no" : "yes"},
	};
	/* What a recorded plan was told about its result was told before anything was done. */
	bool incomplete = extmgr__json_is_true(extmgr__json_get(keeper->plan, "incomplete"));
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !incomplete; i++) {
		result = check_text(texts[i].what, texts[i].planned, texts[i].found, error);
		if (result != EXTMGR_OK)
			break;
	}
	return result;
}

static extmgr_result check_end(void *user_data, const struct extmgr__report_facts *facts,
			       bool unchanged, extmgr_error **error)
{
	struct keeper *keeper = user_data;

	keeper->number++;
	if (keeper->next)
		return statement_differs(
			keeper, extmgr__json_get_member_string(keeper->next, "sql"), NULL, error);
	return check_facts(keeper, facts, unchanged, error);
}

/* ---- the document ---- */

static extmgr_result bad_form(const char *what, extmgr_error **error)
{
	return extmgr__error_set(error, EXTMGR_E_FORMAT,
				 "the plan is no " EXTMGR__PLAN_SCHEMA ": %s is missing or wrong",
				 what);
}

static bool is_of_type(const extmgr__json *json, const char *key, enum extmgr__json_type type)
{
	const extmgr__json *member = extmgr__json_get(json, key);

	return member && extmgr__json_get_type(member) == type;
}

/* What is used further down is there. */
static extmgr_result check_form(const extmgr__json *plan, extmgr_error **error)
{
	static const char *const strings[] = {"operation", "dialect", "extensionSchema", "mode",
					      "digest"};
	const char *schema = extmgr__json_get_member_string(plan, "schema");
	const extmgr__json *extension = extmgr__json_get(plan, "extension");
	const extmgr__json *at;

	if (!schema || strcmp(schema, EXTMGR__PLAN_SCHEMA) != 0)
		return bad_form("schema", error);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (!is_of_type(plan, strings[i], EXTMGR__JSON_STRING))
			return bad_form(strings[i], error);
	}
	if (!is_of_type(extension, "id", EXTMGR__JSON_STRING) ||
	    !is_of_type(extension, "digest", EXTMGR__JSON_STRING))
		return bad_form("extension", error);
	if (!is_of_type(plan, "statements", EXTMGR__JSON_ARRAY))
		return bad_form("statements", error);
	for (at = extmgr__json_first(extmgr__json_get(plan, "statements")); at;
	     at = extmgr__json_next(at)) {
		if (!is_of_type(at, "sql", EXTMGR__JSON_STRING) ||
		    !is_of_type(at, "kind", EXTMGR__JSON_STRING) ||
		    !is_of_type(at, "arguments", EXTMGR__JSON_ARRAY))
			return bad_form("a statement", error);
	}
	for (at = extmgr__json_first(extmgr__json_get(plan, "parameters")); at;
	     at = extmgr__json_next(at)) {
		if (!is_of_type(at, "name", EXTMGR__JSON_STRING) ||
		    is_of_type(at, "value", EXTMGR__JSON_STRING) ==
			    extmgr__json_is_true(extmgr__json_get(at, "secret")))
			return bad_form("a parameter", error);
	}
	return EXTMGR_OK;
}

static extmgr_result check_digest(const extmgr__json *plan, extmgr_error **error)
{
	const char *given = extmgr__json_get_member_string(plan, "digest");
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result = extmgr__plan_hash(plan, hex, error);

	if (result != EXTMGR_OK)
		return result;
	if (strncmp(given, "sha256:", 7) == 0 && strcmp(given + 7, hex) == 0)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_PLAN_CHANGED,
			  "the plan was changed after it was made: its digest is not that of its "
			  "content");
	return hint_changed(error);
}

static extmgr_result check_target(const extmgr_manager *manager, const extmgr__json *plan,
				  extmgr_error **error)
{
	extmgr_result result;

	result = check_text("the dialect of the database",
			    extmgr__json_get_member_string(plan, "dialect"),
			    extmgr_database_get_dialect(manager->database), error);
	if (result == EXTMGR_OK)
		result = check_text("the extension schema",
				    extmgr__json_get_member_string(plan, "extensionSchema"),
				    manager->extension_schema, error);
	return result;
}

/* ---- the values ---- */

/* The value of that name in [{name, value}] or {name: value}; NULL: none. */
static const char *find_value(const extmgr__json *values, const char *name)
{
	if (!values)
		return NULL;
	if (extmgr__json_get_type(values) == EXTMGR__JSON_OBJECT)
		return extmgr__json_get_member_string(values, name);
	for (const extmgr__json *at = extmgr__json_first(values); at; at = extmgr__json_next(at)) {
		const char *found = extmgr__json_get_member_string(at, "name");

		if (found && strcmp(found, name) == 0)
			return extmgr__json_get_member_string(at, "value");
	}
	return NULL;
}

/* An update does not send it, neither planned nor applied. */
static bool is_kept(const extmgr__json *parameter)
{
	return extmgr__json_is_true(extmgr__json_get(parameter, "kept"));
}

/* Only what the plan does not hold may be given: all else is planned already. */
static extmgr_result check_given(const extmgr__json *plan, const extmgr__json *values,
				 extmgr_error **error)
{
	const extmgr__json *at;

	if (values && extmgr__json_get_type(values) != EXTMGR__JSON_OBJECT &&
	    extmgr__json_get_type(values) != EXTMGR__JSON_ARRAY)
		return extmgr__error_set(error, EXTMGR_E_FORMAT,
					 "the values are neither an array nor an object");
	for (at = values ? extmgr__json_first(values) : NULL; at; at = extmgr__json_next(at)) {
		const char *key = extmgr__json_key_of(at);
		const char *name = key ? key : extmgr__json_get_member_string(at, "name");
		const extmgr__json *planned = name ? find_parameter(plan, name) : NULL;

		if (!name || !find_value(values, name))
			return extmgr__error_set(error, EXTMGR_E_FORMAT,
						 "the values: one lacks its name or its value");
		if (!planned || is_kept(planned) ||
		    !extmgr__json_is_true(extmgr__json_get(planned, "secret")))
			return extmgr__error_set(error, EXTMGR_E_PARAMETERS_INVALID,
						 "parameter '%s' is no secret one of the plan",
						 name);
	}
	return EXTMGR_OK;
}

static extmgr_result write_values(const extmgr__json *plan, const extmgr__json *values,
				  struct extmgr__buffer *text, extmgr_error **error)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(text);
	const extmgr__json *at = extmgr__json_first(extmgr__json_get(plan, "parameters"));

	extmgr__json_begin_array(&writer);
	for (; at; at = extmgr__json_next(at)) {
		const char *name = extmgr__json_get_member_string(at, "name");
		const char *value = extmgr__json_get_member_string(at, "value");

		if (is_kept(at))
			continue;
		if (!value)
			value = find_value(values, name);
		if (!value) {
			extmgr__error_set(error, EXTMGR_E_PARAMETERS_INVALID,
					  "the value of the secret parameter '%s' is missing",
					  name);
			extmgr__error_hint(error, "a plan holds no secrets: give them again");
			return EXTMGR_E_PARAMETERS_INVALID;
		}
		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "name", name);
		extmgr__json_member_string(&writer, "value", value);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	return extmgr__buffer_result(text) == EXTMGR_OK
		       ? EXTMGR_OK
		       : extmgr__error_from_result(error, extmgr__buffer_result(text),
						   "the list of parameter values");
}

static extmgr_result collect_values(const extmgr__json *plan, const char *values_json,
				    size_t values_length, struct extmgr__buffer *text,
				    extmgr_error **error)
{
	extmgr__json *values = NULL;
	extmgr_result result = EXTMGR_OK;

	if (values_json)
		result = extmgr__json_parse(values_json, values_length, "the list of values",
					    &values, error);
	if (result == EXTMGR_OK)
		result = check_given(plan, values, error);
	if (result == EXTMGR_OK && extmgr__json_get(plan, "parameters"))
		result = write_values(plan, values, text, error);
	extmgr__json_free(values);
	return result;
}

/* ---- the call ---- */

static struct extmgr__request request_of(const extmgr__json *plan,
					 const struct extmgr__buffer *values)
{
	const extmgr__json *instance = extmgr__json_get(plan, "instance");
	struct extmgr__request request = {
		.operation = extmgr__json_get_member_string(plan, "operation"),
		.extension_id =
			extmgr__json_get_member_string(extmgr__json_get(plan, "extension"), "id"),
		.version = extmgr__json_get_member_string(plan, "requestedVersion"),
	};

	bool updates = request.operation && strcmp(request.operation, "update-instance") == 0;

	if (values->length) {
		request.values_json = values->data;
		request.values_length = values->length;
	}
	/* With parameters the instance is a result, but of an update; without them it was named. */
	if (!values->length || updates)
		request.instance_id = extmgr__json_get_member_string(instance, "id");
	return request;
}

static extmgr_result keep_to(const extmgr_manager *manager, const extmgr__json *plan,
			     const struct extmgr__buffer *values,
			     const extmgr_call_options *options, extmgr_text **report_out,
			     extmgr_error **error)
{
	struct keeper keeper = {.plan = plan,
				.next = extmgr__json_first(extmgr__json_get(plan, "statements"))};
	const struct extmgr__observer observer = {.user_data = &keeper,
						  .opened = opened,
						  .parameters = check_parameters,
						  .statement = check_statement,
						  .finished = check_end};
	const struct extmgr__request request = request_of(plan, values);
	extmgr_result result = extmgr__request_check(&request, error);

	if (result != EXTMGR_OK)
		return extmgr__error_wrap(error, EXTMGR_E_FORMAT, "the plan cannot be used");
	return extmgr__request_run(manager, &request, &observer, false, options, report_out, error);
}

static extmgr_result read_plan(const extmgr_manager *manager, const char *json, size_t length,
			       extmgr__json **plan_out, extmgr_error **error)
{
	extmgr_result result;

	if (!manager)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "manager is NULL");
	if (!json)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "plan_json is NULL");
	if (length > EXTMGR__DOCUMENT_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					 "the plan has %zu bytes, more than %zu", length,
					 EXTMGR__DOCUMENT_MAXIMUM);
	result = extmgr__json_parse(json, length, "the plan", plan_out, error);
	if (result == EXTMGR_OK)
		result = check_form(*plan_out, error);
	if (result == EXTMGR_OK)
		result = check_digest(*plan_out, error);
	if (result == EXTMGR_OK)
		result = check_target(manager, *plan_out, error);
	return result;
}

extmgr_result extmgr_manager_apply(extmgr_manager *manager, const char *plan_json,
				   size_t plan_length, const char *values_json,
				   size_t values_length, const extmgr_call_options *options,
				   extmgr_text **report_out, extmgr_error **error_out)
{
	struct extmgr__buffer values = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr__json *plan = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	result = read_plan(manager, plan_json, plan_length, &plan, error_out);
	if (result == EXTMGR_OK)
		result = collect_values(plan, values_json, values_length, &values, error_out);
	if (result == EXTMGR_OK)
		result = keep_to(manager, plan, &values, options, report_out, error_out);
	if (values.data)
		explicit_bzero(values.data, values.length);
	extmgr__buffer_free(&values);
	extmgr__json_free(plan);
	return result;
}
