/* SPDX-License-Identifier: MIT */
#include "manager/metadata.h"

#include "host/values.h"

#include <string.h>

#define SCRIPT_QUERY                                                                               \
	"SELECT SCRIPT_SCHEMA, SCRIPT_NAME, SCRIPT_TYPE, SCRIPT_INPUT_TYPE, SCRIPT_RESULT_TYPE, "  \
	"SCRIPT_TEXT, SCRIPT_COMMENT FROM SYS.EXA_ALL_SCRIPTS WHERE SCRIPT_SCHEMA = ?"
#define VIRTUAL_SCHEMA_QUERY                                                                       \
	"SELECT SCHEMA_NAME, SCHEMA_OWNER, ADAPTER_SCRIPT_SCHEMA, ADAPTER_SCRIPT_NAME, "           \
	"ADAPTER_NOTES FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS"

/* A query of a system table. The names of tables are those of the errors, too. */
struct table_query {
	const char *table;
	const char *sql;
	size_t columns;
	const char *arguments[2]; /* up to the first NULL */
};

static extmgr_result make_arguments(const struct table_query *query, extmgr_values **arguments_out,
				    extmgr_error **error)
{
	extmgr_values *arguments = extmgr__values_new();
	extmgr_result result = arguments ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;

	*arguments_out = arguments;
	for (size_t i = 0; i < 2 && query->arguments[i] && result == EXTMGR_OK; i++)
		result = extmgr__values_add_text(arguments, query->arguments[i],
						 strlen(query->arguments[i]));
	return result == EXTMGR_OK ? result : extmgr__error_from_result(error, result, "a query");
}

static extmgr_result check_columns(const struct table_query *query, const extmgr_rows *rows,
				   extmgr_error **error)
{
	size_t count = extmgr__rows_column_count(rows);

	if (extmgr__rows_count(rows) == 0 || count == query->columns)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_HOST,
				 "failed to read row of %s: it has %zu columns instead of %zu",
				 query->table, count, query->columns);
}

/* doing: stands before what went wrong; may be NULL. */
static extmgr_result read_table(struct extmgr__session *session, const struct table_query *query,
				const char *doing, extmgr_rows **rows_out, extmgr_error **error)
{
	extmgr_values *arguments = NULL;
	extmgr_rows *rows = NULL;
	extmgr_result result = make_arguments(query, &arguments, error);

	if (result == EXTMGR_OK)
		result = extmgr__session_query(session, query->sql, strlen(query->sql), arguments,
					       &rows, error);
	extmgr__values_free(arguments);
	if (result != EXTMGR_OK)
		result = extmgr__error_wrap(error, result, "%sfailed to read SYS.%s",
					    doing ? doing : "", query->table);
	else
		result = check_columns(query, rows, error);
	if (result == EXTMGR_OK)
		*rows_out = rows;
	else
		extmgr__rows_free(rows);
	return result;
}

extmgr_result extmgr__metadata_read(struct extmgr__session *session, const char *schema,
				    extmgr_rows **scripts_out, extmgr_rows **virtual_schemas_out,
				    extmgr_error **error)
{
	const struct table_query scripts = {"EXA_ALL_SCRIPTS", SCRIPT_QUERY, 7, {schema}};
	const struct table_query virtual_schemas = {
		"EXA_ALL_VIRTUAL_SCHEMAS", VIRTUAL_SCHEMA_QUERY, 5, {NULL}};
	extmgr_result result;

	*scripts_out = NULL;
	*virtual_schemas_out = NULL;
	result = read_table(session, &scripts, NULL, scripts_out, error);
	if (result == EXTMGR_OK)
		result = read_table(session, &virtual_schemas, NULL, virtual_schemas_out, error);
	if (result != EXTMGR_OK) {
		extmgr__rows_free(*scripts_out);
		*scripts_out = NULL;
	}
	return result;
}

extmgr_result extmgr__metadata_find_script(struct extmgr__session *session, const char *schema,
					   const char *name, extmgr_rows **rows_out,
					   extmgr_error **error)
{
	const struct table_query query = {
		"EXA_ALL_SCRIPTS", SCRIPT_QUERY " AND SCRIPT_NAME = ?", 7, {schema, name}};
	struct extmgr__buffer doing = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	*rows_out = NULL;
	extmgr__buffer_printf(
		&doing, "failed to find script \"%.1000s\".\"%.1000s\". Caused by: ", schema, name);
	result = read_table(session, &query, extmgr__buffer_get(&doing), rows_out, error);
	extmgr__buffer_free(&doing);
	return result;
}
