/* SPDX-License-Identifier: MIT */
#include "script/scenario.h"

#include "script/definition_internal.h"
#include "script/patterns.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO_MAXIMUM ((size_t)4 << 20)

struct extmgr__scenario {
	extmgr_context *context;
	extmgr__json *document;
	const extmgr__json *answers;
	const extmgr__json *scripts;
	const extmgr__json *virtual_schemas;
	struct extmgr__patterns *patterns; /* those of the answers, in their order */
};

/* The members of an object of the scenario; of a metadata table: its columns. */
struct members {
	const char *const *names;
	size_t count;
};

#define MEMBERS(...)                                                                               \
	{                                                                                          \
		.names = (const char *const[]){__VA_ARGS__},                                       \
		.count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)         \
	}

static const struct members scenario_members =
	MEMBERS("dialect", "schema", "artifacts", "tables", "answers", "calls");
static const struct members tables_members = MEMBERS("allScripts", "allVirtualSchemas");
static const struct members artifact_members = MEMBERS("name", "path", "size");
static const struct members answer_members = MEMBERS("match", "columns", "rows", "error");
static const struct members call_members = MEMBERS("call", "args");
static const struct members script_table = {extmgr__script_columns, EXTMGR__SCRIPT_COLUMNS};
static const struct members virtual_schema_table = {extmgr__virtual_schema_columns,
						    EXTMGR__VIRTUAL_SCHEMA_COLUMNS};

/* ---- checking the document: what passes here needs no look when it is used ---- */

static extmgr_result refuse(extmgr_error **error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static extmgr_result refuse(extmgr_error **error, const char *format, ...)
{
	struct extmgr__buffer message = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	va_list arguments;

	va_start(arguments, format);
	extmgr__buffer_vprintf(&message, format, arguments);
	va_end(arguments);
	(void)extmgr__error_set(error, EXTMGR_E_FORMAT, "scenario: %s",
				extmgr__buffer_get(&message));
	extmgr__buffer_free(&message);
	return EXTMGR_E_FORMAT;
}

/* null counts as left out. */
static bool is_absent(const extmgr__json *json)
{
	return extmgr__json_get_type(json) == EXTMGR__JSON_NULL;
}

static bool is_scalar(const extmgr__json *json)
{
	enum extmgr__json_type type = extmgr__json_get_type(json);

	return type != EXTMGR__JSON_ARRAY && type != EXTMGR__JSON_OBJECT;
}

static extmgr_result check_optional(const extmgr__json *object, const char *key,
				    enum extmgr__json_type type, const char *where,
				    extmgr_error **error)
{
	const extmgr__json *member = extmgr__json_get(object, key);

	if (is_absent(member) || extmgr__json_get_type(member) == type)
		return EXTMGR_OK;
	return refuse(error, "%s%s is no %s", where, key,
		      type == EXTMGR__JSON_STRING  ? "string"
		      : type == EXTMGR__JSON_ARRAY ? "array"
						   : "object");
}

static bool is_known(const struct members *known, const char *name)
{
	size_t i = 0;

	while (i < known->count && strcmp(known->names[i], name) != 0)
		i++;
	return i < known->count;
}

/* A comment, or a slip of the pen with which the scenario says less than it seems to. */
static void warn_of_unknown(const struct extmgr__scenario *scenario, const extmgr__json *object,
			    const struct members *known, const char *where)
{
	for (const extmgr__json *member = extmgr__json_first(object); member;
	     member = extmgr__json_next(member)) {
		const char *name = extmgr__json_key_of(member);

		if (!is_known(known, name))
			extmgr__context_log(scenario->context, EXTMGR_LOG_WARNING, "scenario",
					    "%s%sthe member '%.100s' is not known, and ignored",
					    where, *where ? ": " : "", name);
	}
}

typedef extmgr_result (*element_check)(struct extmgr__scenario *scenario,
				       const extmgr__json *element, const char *where,
				       extmgr_error **error);

/* Every element of an array, which may be absent, is an object that passes the check. */
static extmgr_result check_elements(struct extmgr__scenario *scenario, const extmgr__json *object,
				    const char *key, const struct members *known,
				    element_check check, extmgr_error **error)
{
	extmgr_result result = check_optional(object, key, EXTMGR__JSON_ARRAY, "", error);
	const extmgr__json *element = extmgr__json_first(extmgr__json_get(object, key));
	char where[64];

	for (size_t i = 0; element && result == EXTMGR_OK; i++) {
		(void)snprintf(where, sizeof(where), "%s[%zu]", key, i);
		if (extmgr__json_get_type(element) != EXTMGR__JSON_OBJECT)
			return refuse(error, "%s is no object", where);
		warn_of_unknown(scenario, element, known, where);
		result = check(scenario, element, where, error);
		element = extmgr__json_next(element);
	}
	return result;
}

static extmgr_result check_artifact(struct extmgr__scenario *scenario, const extmgr__json *artifact,
				    const char *where, extmgr_error **error)
{
	(void)scenario;
	if (!extmgr__json_get_member_string(artifact, "name") ||
	    !extmgr__json_get_member_string(artifact, "path"))
		return refuse(error, "%s needs the strings name and path", where);
	return EXTMGR_OK;
}

static extmgr_result check_table_row(struct extmgr__scenario *scenario, const extmgr__json *row,
				     const char *where, extmgr_error **error)
{
	(void)scenario;
	for (const extmgr__json *cell = extmgr__json_first(row); cell;
	     cell = extmgr__json_next(cell)) {
		if (!is_scalar(cell))
			return refuse(error, "%s: %s is neither text, number, boolean nor null",
				      where, extmgr__json_key_of(cell));
	}
	return EXTMGR_OK;
}

static extmgr_result check_columns(const extmgr__json *columns, const char *where,
				   extmgr_error **error)
{
	for (const extmgr__json *column = extmgr__json_first(columns); column;
	     column = extmgr__json_next(column)) {
		if (!extmgr__json_get_member_string(column, "name"))
			return refuse(error, "%s: a column has no name", where);
	}
	return EXTMGR_OK;
}

/* How many cells each row has. Without columns the first row tells: they have no names then. */
static size_t count_columns(const extmgr__json *answer)
{
	const extmgr__json *columns = extmgr__json_get(answer, "columns");

	if (!is_absent(columns))
		return extmgr__json_count(columns);
	return extmgr__json_count(extmgr__json_first(extmgr__json_get(answer, "rows")));
}

static extmgr_result check_rows(const extmgr__json *answer, const char *where, extmgr_error **error)
{
	size_t count = count_columns(answer);

	for (const extmgr__json *row = extmgr__json_first(extmgr__json_get(answer, "rows")); row;
	     row = extmgr__json_next(row)) {
		if (extmgr__json_get_type(row) != EXTMGR__JSON_ARRAY ||
		    extmgr__json_count(row) != count || count == 0)
			return refuse(error, "%s: a row is no array of %zu cells", where, count);
		for (const extmgr__json *cell = extmgr__json_first(row); cell;
		     cell = extmgr__json_next(cell)) {
			if (!is_scalar(cell))
				return refuse(error,
					      "%s: a cell is neither text, number, boolean nor "
					      "null",
					      where);
		}
	}
	return EXTMGR_OK;
}

static extmgr_result check_answer(struct extmgr__scenario *scenario, const extmgr__json *answer,
				  const char *where, extmgr_error **error)
{
	const char *match = extmgr__json_get_member_string(answer, "match");
	char prefix[80];
	extmgr_result result;

	(void)snprintf(prefix, sizeof(prefix), "%s.", where);
	if (!match)
		return refuse(error, "%s needs the string match", where);
	result = check_optional(answer, "error", EXTMGR__JSON_STRING, prefix, error);
	if (result == EXTMGR_OK)
		result = check_optional(answer, "columns", EXTMGR__JSON_ARRAY, prefix, error);
	if (result == EXTMGR_OK)
		result = check_optional(answer, "rows", EXTMGR__JSON_ARRAY, prefix, error);
	if (result == EXTMGR_OK)
		result = check_columns(extmgr__json_get(answer, "columns"), where, error);
	if (result == EXTMGR_OK)
		result = check_rows(answer, where, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__patterns_add(scenario->patterns, match, error);
	return result == EXTMGR_OK ? result
				   : extmgr__error_wrap(error, result, "scenario: %smatch", prefix);
}

/* EXTMGR__FN_COUNT when the interface has no such function. */
static enum extmgr__function find_function(const char *name)
{
	int function = 0;

	while (function < EXTMGR__FN_COUNT &&
	       strcmp(extmgr__function_name((enum extmgr__function)function), name) != 0)
		function++;
	return (enum extmgr__function)function;
}

static extmgr_result check_call(struct extmgr__scenario *scenario, const extmgr__json *call,
				const char *where, extmgr_error **error)
{
	const char *name = extmgr__json_get_member_string(call, "call");
	char prefix[80];

	(void)scenario;
	(void)snprintf(prefix, sizeof(prefix), "%s.", where);
	if (!name)
		return refuse(error, "%s needs the string call", where);
	if (find_function(name) == EXTMGR__FN_COUNT)
		return refuse(error, "%s: definitions have no function '%.100s'", where, name);
	return check_optional(call, "args", EXTMGR__JSON_ARRAY, prefix, error);
}

static extmgr_result check(struct extmgr__scenario *scenario, extmgr_error **error)
{
	const extmgr__json *document = scenario->document;
	const extmgr__json *tables = extmgr__json_get(document, "tables");
	const char *dialect = extmgr__scenario_dialect(scenario);
	extmgr_result result = EXTMGR_OK;

	if (extmgr__json_get_type(document) != EXTMGR__JSON_OBJECT)
		return refuse(error, "it is no object");
	warn_of_unknown(scenario, document, &scenario_members, "");
	result = check_optional(document, "dialect", EXTMGR__JSON_STRING, "", error);
	if (result == EXTMGR_OK && extmgr__dialect_of(dialect) == EXTMGR__DIALECT_OTHER)
		return refuse(error, "unknown dialect '%.100s'", dialect);
	if (result == EXTMGR_OK)
		result = check_optional(document, "schema", EXTMGR__JSON_STRING, "", error);
	if (result == EXTMGR_OK)
		result = check_optional(document, "tables", EXTMGR__JSON_OBJECT, "", error);
	if (result == EXTMGR_OK && !is_absent(tables))
		warn_of_unknown(scenario, tables, &tables_members, "tables");
	if (result == EXTMGR_OK)
		result = check_elements(scenario, document, "artifacts", &artifact_members,
					check_artifact, error);
	if (result == EXTMGR_OK)
		result = check_elements(scenario, tables, "allScripts", &script_table,
					check_table_row, error);
	if (result == EXTMGR_OK)
		result = check_elements(scenario, tables, "allVirtualSchemas",
					&virtual_schema_table, check_table_row, error);
	if (result == EXTMGR_OK)
		result = check_elements(scenario, document, "answers", &answer_members,
					check_answer, error);
	if (result == EXTMGR_OK)
		result = check_elements(scenario, document, "calls", &call_members, check_call,
					error);
	return result;
}

extmgr_result extmgr__scenario_read(extmgr_context *context, const char *text, size_t length,
				    struct extmgr__scenario **scenario_out, extmgr_error **error)
{
	struct extmgr__scenario *scenario;
	const extmgr__json *tables;
	extmgr_result result;

	*scenario_out = NULL;
	if (length > SCENARIO_MAXIMUM)
		return refuse(error, "it has more than %zu bytes", SCENARIO_MAXIMUM);
	scenario = calloc(1, sizeof(*scenario));
	if (!scenario)
		return extmgr__error_no_memory(error);
	scenario->context = extmgr__context_ref(context);
	result = extmgr__json_parse(text, length, "scenario", &scenario->document, error);
	if (result == EXTMGR_OK)
		result = extmgr__patterns_new(context, &scenario->patterns, error);
	if (result == EXTMGR_OK)
		result = check(scenario, error);
	if (result != EXTMGR_OK) {
		extmgr__error_hint(error, "docs/scenarios.md tells what a scenario holds");
		extmgr__scenario_free(scenario);
		return result;
	}
	tables = extmgr__json_get(scenario->document, "tables");
	scenario->answers = extmgr__json_get(scenario->document, "answers");
	scenario->scripts = extmgr__json_get(tables, "allScripts");
	scenario->virtual_schemas = extmgr__json_get(tables, "allVirtualSchemas");
	*scenario_out = scenario;
	return EXTMGR_OK;
}

void extmgr__scenario_free(struct extmgr__scenario *scenario)
{
	if (!scenario)
		return;
	extmgr__patterns_free(scenario->patterns);
	extmgr__json_free(scenario->document);
	extmgr__context_unref(scenario->context);
	free(scenario);
}

/* ---- looking things up ---- */

const char *extmgr__scenario_dialect(const struct extmgr__scenario *scenario)
{
	const char *dialect = extmgr__json_get_member_string(scenario->document, "dialect");

	return dialect ? dialect : "exasol";
}

const char *extmgr__scenario_schema(const struct extmgr__scenario *scenario)
{
	const char *schema = extmgr__json_get_member_string(scenario->document, "schema");

	return schema ? schema : "EXA_EXTENSIONS";
}

bool extmgr__scenario_next_call(const struct extmgr__scenario *scenario, const extmgr__json **at,
				struct extmgr__scenario_call *call)
{
	*at = *at ? extmgr__json_next(*at)
		  : extmgr__json_first(extmgr__json_get(scenario->document, "calls"));
	if (!*at)
		return false;
	call->function = find_function(extmgr__json_get_member_string(*at, "call"));
	call->arguments = extmgr__json_get(*at, "args");
	return true;
}

const char *extmgr__scenario_find_path(const struct extmgr__scenario *scenario, const char *name)
{
	const extmgr__json *artifact =
		extmgr__json_first(extmgr__json_get(scenario->document, "artifacts"));
	const char *lowest = NULL;

	for (; artifact; artifact = extmgr__json_next(artifact)) {
		const char *path = extmgr__json_get_member_string(artifact, "path");

		if (strcmp(extmgr__json_get_member_string(artifact, "name"), name) == 0 &&
		    (!lowest || strcmp(path, lowest) < 0))
			lowest = path;
	}
	return lowest;
}

/* ---- rows: a failure of an append is remembered by them ---- */

static extmgr_rows *new_rows(const struct extmgr__scenario *scenario)
{
	const struct extmgr__limits *limits = extmgr__context_limits(scenario->context);

	return extmgr__rows_new(limits->result_rows, limits->result_bytes);
}

static extmgr_result append_cell(extmgr_rows *rows, const extmgr__json *cell)
{
	const char *text = extmgr__json_get_string(cell);

	switch (extmgr__json_get_type(cell)) {
	case EXTMGR__JSON_BOOLEAN:
		return extmgr_rows_append_boolean(rows, extmgr__json_is_true(cell));
	case EXTMGR__JSON_NUMBER:
		return extmgr_rows_append_number(rows, extmgr__json_get_number(cell));
	case EXTMGR__JSON_STRING:
		return extmgr_rows_append_text(rows, text, strlen(text));
	default:
		return extmgr_rows_append_null(rows);
	}
}

/* Hands the rows out, or frees them and says what was wrong with one of the appends. */
static extmgr_result finish_rows(extmgr_rows *rows, extmgr_rows **rows_out, extmgr_error **error)
{
	extmgr_result result = extmgr__rows_finish(rows, error);

	if (result == EXTMGR_OK)
		*rows_out = rows;
	else
		extmgr__rows_free(rows);
	return result;
}

static extmgr_result add_columns(extmgr_rows *rows, const extmgr__json *answer)
{
	const extmgr__json *column = extmgr__json_first(extmgr__json_get(answer, "columns"));
	size_t count = count_columns(answer);
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		const char *name = extmgr__json_get_member_string(column, "name");
		const char *type = extmgr__json_get_member_string(column, "typeName");

		result = extmgr_rows_add_column(rows, name ? name : "", type ? type : "");
		column = column ? extmgr__json_next(column) : NULL;
	}
	return result;
}

static extmgr_result append_row(extmgr_rows *rows, const extmgr__json *row)
{
	extmgr_result result = EXTMGR_OK;

	for (const extmgr__json *cell = extmgr__json_first(row); cell && result == EXTMGR_OK;
	     cell = extmgr__json_next(cell))
		result = append_cell(rows, cell);
	return result;
}

/* answer NULL: no rows. */
static extmgr_result make_answer(const struct extmgr__scenario *scenario,
				 const extmgr__json *answer, extmgr_rows **rows_out,
				 extmgr_error **error)
{
	const extmgr__json *row = extmgr__json_first(extmgr__json_get(answer, "rows"));
	extmgr_rows *rows = new_rows(scenario);
	extmgr_result result;

	if (!rows)
		return extmgr__error_no_memory(error);
	result = add_columns(rows, answer);
	for (; row && result == EXTMGR_OK; row = extmgr__json_next(row))
		result = append_row(rows, row);
	return finish_rows(rows, rows_out, error);
}

extmgr_result extmgr__scenario_answer(struct extmgr__scenario *scenario,
				      extmgr_operation *operation, const char *sql, size_t length,
				      extmgr_rows **rows_out, extmgr_error **error)
{
	const extmgr__json *answer = extmgr__json_first(scenario->answers);
	size_t number;
	extmgr_result result =
		extmgr__patterns_find(scenario->patterns, operation, sql, length, &number, error);

	if (result != EXTMGR_OK)
		return result;
	while (answer && number-- > 0)
		answer = extmgr__json_next(answer);
	if (extmgr__json_get_member_string(answer, "error"))
		return extmgr__error_set(error, EXTMGR_E_STATEMENT, "%s",
					 extmgr__json_get_member_string(answer, "error"));
	return rows_out ? make_answer(scenario, answer, rows_out, error) : EXTMGR_OK;
}

/* A member that is missing is NULL, as the database would have it. */
static extmgr_result append_members(extmgr_rows *rows, const struct members *table,
				    const extmgr__json *row)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < table->count && result == EXTMGR_OK; i++)
		result = append_cell(rows, extmgr__json_get(row, table->names[i]));
	return result;
}

/* The rows from first on, at most as many as maximum. */
static extmgr_result make_table(const struct extmgr__scenario *scenario,
				const struct members *table, const extmgr__json *first,
				size_t maximum, extmgr_rows **rows_out, extmgr_error **error)
{
	extmgr_rows *rows = new_rows(scenario);
	extmgr_result result = EXTMGR_OK;

	if (!rows)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < table->count && result == EXTMGR_OK; i++)
		result = extmgr_rows_add_column(rows, table->names[i], "VARCHAR");
	for (; first && maximum > 0 && result == EXTMGR_OK; maximum--) {
		result = append_members(rows, table, first);
		first = extmgr__json_next(first);
	}
	return finish_rows(rows, rows_out, error);
}

/* A row that does not say its schema is taken for one of the extension schema. */
static bool is_script(const struct extmgr__scenario *scenario, const extmgr__json *row,
		      const char *name)
{
	const char *own_name = extmgr__json_get_member_string(row, "name");
	const char *schema = extmgr__json_get_member_string(row, "schema");

	return own_name && strcmp(own_name, name) == 0 &&
	       (!schema || strcmp(schema, extmgr__scenario_schema(scenario)) == 0);
}

extmgr_result extmgr__scenario_get_script(const struct extmgr__scenario *scenario, const char *name,
					  extmgr_rows **rows_out, extmgr_error **error)
{
	const extmgr__json *row = extmgr__json_first(scenario->scripts);

	while (row && !is_script(scenario, row, name))
		row = extmgr__json_next(row);
	return row ? make_table(scenario, &script_table, row, 1, rows_out, error) : EXTMGR_OK;
}

extmgr_result extmgr__scenario_read_metadata(const struct extmgr__scenario *scenario,
					     extmgr_rows **scripts_out,
					     extmgr_rows **virtual_schemas_out,
					     extmgr_error **error)
{
	extmgr_result result =
		make_table(scenario, &script_table, extmgr__json_first(scenario->scripts), SIZE_MAX,
			   scripts_out, error);

	if (result != EXTMGR_OK)
		return result;
	return make_table(scenario, &virtual_schema_table,
			  extmgr__json_first(scenario->virtual_schemas), SIZE_MAX,
			  virtual_schemas_out, error);
}
