/* SPDX-License-Identifier: MIT */
/* The context object (EX 4): own, enumerable properties only, so that scripts may copy it. */
#include "script/definition_internal.h"

#include "base/text.h"
#include "script/js_text.h"
#include "script/native.h"
#include "sql/quote.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Longest SQL text, argument or name that a script hands out, in bytes. */
#define ARGUMENT_MAXIMUM ((size_t)16 << 20)
/* Larger integers are no longer exact as JavaScript numbers. */
#define EXACT_INTEGER_MAXIMUM INT64_C(9007199254740992)

enum statement { EXECUTE, QUERY };
enum quoting { QUOTE_IDENTIFIER, QUOTE_LITERAL };

const char *const extmgr__script_columns[EXTMGR__SCRIPT_COLUMNS] = {
	"schema", "name", "type", "inputType", "resultType", "text", "comment"};
const char *const extmgr__virtual_schema_columns[EXTMGR__VIRTUAL_SCHEMA_COLUMNS] = {
	"name", "owner", "adapterScriptSchema", "adapterScriptName", "adapterNotes"};

/* The definition whose function is being called: scripts run only while it has services. */
static struct extmgr__definition *current_definition(duk_context *duk)
{
	return extmgr__heap_get_user(extmgr__heap_of(duk));
}

static void require_string(duk_context *duk, duk_idx_t index)
{
	if (!duk_is_string(duk, index) || duk_is_symbol(duk, index))
		extmgr__heap_throw_type_error(duk,
					      "could not convert function call parameter %d: it is "
					      "not a string",
					      (int)index);
}

/* Ends a visit to the host: throws what went wrong there. */
static void finish_host(duk_context *duk, extmgr_result result, extmgr_error **failure)
{
	extmgr__heap_leave_host(duk);
	if (result >= EXTMGR_OK)
		return;
	if (!*failure)
		(void)extmgr__error_from_result(failure, result, "a service of the host");
	extmgr__heap_throw(duk, failure);
}

static void keep_rows(struct extmgr__definition *definition, extmgr_rows *rows)
{
	extmgr__rows_free(definition->rows);
	definition->rows = rows;
}

/* Numbers: whole ones as integers, as databases take them. */
static extmgr_result add_number(extmgr_values *values, double number)
{
	if (number == trunc(number) && fabs(number) <= (double)EXACT_INTEGER_MAXIMUM)
		return extmgr__values_add_integer(values, (int64_t)number);
	return extmgr__values_add_number(values, number);
}

static extmgr_result add_text(duk_context *duk, duk_idx_t index, extmgr_values *values)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(ARGUMENT_MAXIMUM);
	extmgr_result result;

	extmgr__append_text(duk, index, &buffer);
	result = extmgr__buffer_result(&buffer);
	if (result == EXTMGR_OK)
		result =
			extmgr__values_add_text(values, extmgr__buffer_get(&buffer), buffer.length);
	extmgr__buffer_free(&buffer);
	return result;
}

static bool is_argument(duk_context *duk, duk_idx_t index)
{
	switch (duk_get_type(duk, index)) {
	case DUK_TYPE_UNDEFINED:
	case DUK_TYPE_NULL:
	case DUK_TYPE_BOOLEAN:
		return true;
	case DUK_TYPE_NUMBER:
		return isfinite(duk_get_number(duk, index));
	case DUK_TYPE_STRING:
		return !duk_is_symbol(duk, index);
	default:
		return false;
	}
}

static extmgr_result add_argument(duk_context *duk, duk_idx_t index, extmgr_values *values)
{
	switch (duk_get_type(duk, index)) {
	case DUK_TYPE_BOOLEAN:
		return extmgr__values_add_boolean(values, duk_get_boolean(duk, index));
	case DUK_TYPE_NUMBER:
		return add_number(values, duk_get_number(duk, index));
	case DUK_TYPE_STRING:
		return add_text(duk, index, values);
	default:
		return extmgr__values_add_null(values);
	}
}

/* A statement on its way to the host; nothing in here leaves to the script. */
struct statement_call {
	struct extmgr__buffer sql;
	extmgr_values *arguments;
	extmgr_rows *rows;
};

static extmgr_result collect_statement(duk_context *duk, struct statement_call *call,
				       extmgr_error **failure)
{
	extmgr_result result = EXTMGR_E_NO_MEMORY;

	extmgr__append_text(duk, 0, &call->sql);
	call->arguments = extmgr__values_new();
	if (call->arguments)
		result = extmgr__buffer_result(&call->sql);
	for (duk_idx_t i = 1; i < duk_get_top(duk) && result == EXTMGR_OK; i++)
		result = add_argument(duk, i, call->arguments);
	return result == EXTMGR_OK ? result
				   : extmgr__error_from_result(failure, result, "statement");
}

static extmgr_result run_statement(const struct extmgr__services *services,
				   enum statement statement, struct statement_call *call,
				   extmgr_error **failure)
{
	const char *sql = extmgr__buffer_get(&call->sql);

	if (statement == EXECUTE && services->execute)
		return services->execute(services->user_data, sql, call->sql.length,
					 call->arguments, failure);
	if (statement == QUERY && services->query)
		return services->query(services->user_data, sql, call->sql.length, call->arguments,
				       &call->rows, failure);
	return extmgr__error_set(failure, EXTMGR_E_UNSUPPORTED, "there is no database here");
}

static void push_cell(duk_context *duk, const struct extmgr__cell *cell)
{
	char digits[32];

	switch (cell->type) {
	case EXTMGR_VALUE_BOOLEAN:
		duk_push_boolean(duk, cell->integer != 0);
		return;
	case EXTMGR_VALUE_INTEGER:
		if (cell->integer >= -EXACT_INTEGER_MAXIMUM &&
		    cell->integer <= EXACT_INTEGER_MAXIMUM) {
			duk_push_number(duk, (double)cell->integer);
			return;
		}
		(void)snprintf(digits, sizeof(digits), "%" PRId64, cell->integer);
		(void)duk_push_string(duk, digits);
		return;
	case EXTMGR_VALUE_NUMBER:
		duk_push_number(duk, cell->number);
		return;
	case EXTMGR_VALUE_TEXT:
		extmgr__push_valid_text(duk, cell->text, cell->length);
		return;
	default:
		duk_push_null(duk);
		return;
	}
}

static void push_columns(duk_context *duk, const extmgr_rows *rows)
{
	size_t count = extmgr__rows_column_count(rows);

	(void)duk_push_array(duk);
	for (size_t i = 0; i < count; i++) {
		const char *name = extmgr__rows_column_name(rows, i);
		const char *type = extmgr__rows_column_type(rows, i);

		(void)duk_push_object(duk);
		extmgr__push_text(duk, name, strlen(name));
		(void)duk_put_prop_literal(duk, -2, "name");
		extmgr__push_text(duk, type, strlen(type));
		(void)duk_put_prop_literal(duk, -2, "typeName");
		(void)duk_put_prop_index(duk, -2, (duk_uarridx_t)i);
	}
}

static void push_result(duk_context *duk, const extmgr_rows *rows)
{
	size_t columns = extmgr__rows_column_count(rows);
	size_t count = extmgr__rows_count(rows);

	duk_require_stack(duk, (duk_idx_t)columns + 16);
	(void)duk_push_object(duk);
	push_columns(duk, rows);
	(void)duk_put_prop_literal(duk, -2, "columns");
	(void)duk_push_array(duk);
	for (size_t row = 0; row < count; row++) {
		for (size_t column = 0; column < columns; column++) {
			struct extmgr__cell cell = extmgr__rows_cell(rows, row, column);

			push_cell(duk, &cell);
		}
		extmgr_duk_pack(duk, (duk_idx_t)columns);
		(void)duk_put_prop_index(duk, -2, (duk_uarridx_t)row);
	}
	(void)duk_put_prop_literal(duk, -2, "rows");
}

/* sqlClient.execute(sql, ...arguments) and sqlClient.query(sql, ...arguments). */
static duk_ret_t sql_statement(duk_context *duk)
{
	struct extmgr__definition *definition = current_definition(duk);
	enum statement statement = (enum statement)duk_get_current_magic(duk);
	struct statement_call call = {.sql = EXTMGR__BUFFER(ARGUMENT_MAXIMUM)};
	extmgr_error *failure = NULL;
	extmgr_result result;

	require_string(duk, 0);
	for (duk_idx_t i = 1; i < duk_get_top(duk); i++) {
		if (!is_argument(duk, i))
			extmgr__heap_throw_type_error(
				duk, "could not convert function call parameter %d", (int)i);
	}
	extmgr__heap_enter_host(duk);
	result = collect_statement(duk, &call, &failure);
	if (result == EXTMGR_OK)
		result = run_statement(definition->services, statement, &call, &failure);
	extmgr__values_free(call.arguments);
	extmgr__buffer_free(&call.sql);
	keep_rows(definition, call.rows);
	finish_host(duk, result, &failure);
	if (statement == EXECUTE || !definition->rows)
		return 0;
	push_result(duk, definition->rows);
	keep_rows(definition, NULL);
	return 1;
}

/* The text argument for a service; not to be kept across a call into Duktape. */
static extmgr_result collect_text(duk_context *duk, struct extmgr__buffer *buffer,
				  extmgr_error **failure)
{
	extmgr_result result;

	extmgr__append_text(duk, 0, buffer);
	result = extmgr__buffer_result(buffer);
	if (result == EXTMGR_OK && strlen(extmgr__buffer_get(buffer)) != buffer->length)
		return extmgr__error_set(failure, EXTMGR_E_INVALID_ARGUMENT,
					 "a name contains a NUL character");
	return result == EXTMGR_OK ? result : extmgr__error_from_result(failure, result, "a name");
}

/* bucketFs.resolvePath(fileName) */
static duk_ret_t resolve_path(duk_context *duk)
{
	struct extmgr__definition *definition = current_definition(duk);
	const struct extmgr__services *services = definition->services;
	struct extmgr__buffer name = EXTMGR__BUFFER(ARGUMENT_MAXIMUM);
	extmgr_error *failure = NULL;
	extmgr_result result;

	require_string(duk, 0);
	extmgr__heap_enter_host(duk);
	extmgr_text_free(definition->text);
	definition->text = NULL;
	result = collect_text(duk, &name, &failure);
	if (result == EXTMGR_OK && services->resolve_path)
		result = services->resolve_path(services->user_data, extmgr__buffer_get(&name),
						&definition->text, &failure);
	else if (result == EXTMGR_OK)
		result = extmgr__error_set(&failure, EXTMGR_E_UNSUPPORTED,
					   "there is no file store here");
	extmgr__buffer_free(&name);
	finish_host(duk, result, &failure);
	extmgr__push_text(duk, extmgr_text_get_data(definition->text),
			  extmgr_text_get_length(definition->text));
	return 1;
}

/* The cell as text; NULL is "", as the reference has it. */
static void push_cell_text(duk_context *duk, const extmgr_rows *rows, size_t row, size_t column)
{
	struct extmgr__cell cell = {.type = EXTMGR_VALUE_NULL};

	if (column < extmgr__rows_column_count(rows))
		cell = extmgr__rows_cell(rows, row, column);
	if (cell.type == EXTMGR_VALUE_NULL) {
		(void)duk_push_literal(duk, "");
		return;
	}
	push_cell(duk, &cell);
	(void)duk_to_string(duk, -1);
}

static void push_metadata_row(duk_context *duk, const extmgr_rows *rows, size_t row,
			      const char *const *names, size_t count)
{
	(void)duk_push_object(duk);
	for (size_t i = 0; i < count; i++) {
		push_cell_text(duk, rows, row, i);
		(void)duk_put_prop_literal_raw(duk, -2, names[i], strlen(names[i]));
	}
}

static void push_metadata_table(duk_context *duk, const extmgr_rows *rows, const char *const *names,
				size_t count)
{
	size_t rows_count = rows ? extmgr__rows_count(rows) : 0;

	(void)duk_push_object(duk);
	(void)duk_push_array(duk);
	for (size_t row = 0; row < rows_count; row++) {
		push_metadata_row(duk, rows, row, names, count);
		(void)duk_put_prop_index(duk, -2, (duk_uarridx_t)row);
	}
	(void)duk_put_prop_literal(duk, -2, "rows");
}

/* metadata.getScriptByName(name) */
static duk_ret_t get_script(duk_context *duk)
{
	struct extmgr__definition *definition = current_definition(duk);
	const struct extmgr__services *services = definition->services;
	struct extmgr__buffer name = EXTMGR__BUFFER(ARGUMENT_MAXIMUM);
	extmgr_rows *rows = NULL;
	extmgr_error *failure = NULL;
	extmgr_result result;

	require_string(duk, 0);
	extmgr__heap_enter_host(duk);
	result = collect_text(duk, &name, &failure);
	if (result == EXTMGR_OK && services->get_script)
		result = services->get_script(services->user_data, extmgr__buffer_get(&name), &rows,
					      &failure);
	extmgr__buffer_free(&name);
	keep_rows(definition, rows);
	finish_host(duk, result, &failure);
	if (!definition->rows || extmgr__rows_count(definition->rows) == 0)
		duk_push_null(duk);
	else
		push_metadata_row(duk, definition->rows, 0, extmgr__script_columns,
				  EXTMGR__SCRIPT_COLUMNS);
	keep_rows(definition, NULL);
	return 1;
}

/* quoteIdentifier(name) and quoteLiteral(text) */
static duk_ret_t quote(duk_context *duk)
{
	struct extmgr__definition *definition = current_definition(duk);
	enum extmgr__dialect dialect = extmgr__dialect_of(definition->services->dialect);
	struct extmgr__buffer text = EXTMGR__BUFFER(ARGUMENT_MAXIMUM);
	struct extmgr__buffer quoted = EXTMGR__BUFFER(2 * ARGUMENT_MAXIMUM + 8);
	extmgr_error *failure = NULL;
	extmgr_result result;

	require_string(duk, 0);
	extmgr__append_text(duk, 0, &text);
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK && duk_get_current_magic(duk) == QUOTE_IDENTIFIER)
		result = extmgr__sql_quote_identifier(dialect, extmgr__buffer_get(&text),
						      text.length, &quoted);
	else if (result == EXTMGR_OK)
		result = extmgr__sql_quote_literal(dialect, extmgr__buffer_get(&text), text.length,
						   &quoted);
	extmgr__buffer_free(&text);
	extmgr_text_free(definition->text);
	/* Kept with the definition, because pushing may leave. */
	definition->text = result == EXTMGR_OK ? extmgr__buffer_take_text(&quoted, &result) : NULL;
	extmgr__buffer_free(&quoted);
	if (!definition->text) {
		(void)extmgr__error_set(
			&failure, result,
			result == EXTMGR_E_INVALID_ARGUMENT
				? "an empty name or a NUL character cannot be quoted"
				: "text cannot be quoted");
		extmgr__heap_throw(duk, &failure);
	}
	extmgr__push_text(duk, extmgr_text_get_data(definition->text),
			  extmgr_text_get_length(definition->text));
	return 1;
}

/* Defines an own, enumerable function on the object on top. */
static void put_function(duk_context *duk, const char *name, duk_c_function function,
			 duk_idx_t arguments, duk_int_t magic)
{
	extmgr__push_function(duk, name, function, arguments, magic);
	(void)duk_put_prop_string(duk, -2, name);
}

static void put_text(duk_context *duk, const char *name, const char *text)
{
	extmgr__push_text(duk, text ? text : "", text ? strlen(text) : 0);
	(void)duk_put_prop_string(duk, -2, name);
}

void extmgr__context_object_push(struct extmgr__definition *definition, duk_context *duk)
{
	(void)duk_push_object(duk);
	put_text(duk, "extensionSchemaName", definition->services->extension_schema);
	put_text(duk, "dialect", definition->services->dialect);
	(void)duk_push_object(duk);
	put_function(duk, "execute", sql_statement, DUK_VARARGS, EXECUTE);
	put_function(duk, "query", sql_statement, DUK_VARARGS, QUERY);
	(void)duk_put_prop_literal(duk, -2, "sqlClient");
	(void)duk_push_object(duk);
	put_function(duk, "resolvePath", resolve_path, 1, 0);
	duk_dup(duk, -1);
	(void)duk_put_prop_literal(duk, -3, "bucketFs");
	(void)duk_put_prop_literal(duk, -2, "files");
	(void)duk_push_object(duk);
	put_function(duk, "getScriptByName", get_script, 1, 0);
	(void)duk_put_prop_literal(duk, -2, "metadata");
	put_function(duk, "quoteIdentifier", quote, 1, QUOTE_IDENTIFIER);
	put_function(duk, "quoteLiteral", quote, 1, QUOTE_LITERAL);
}

void extmgr__metadata_push(struct extmgr__definition *definition, duk_context *duk)
{
	const struct extmgr__services *services = definition->services;
	extmgr_error *failure = NULL;
	extmgr_result result = EXTMGR_OK;

	extmgr__heap_enter_host(duk);
	if (services->read_metadata)
		result = services->read_metadata(services->user_data, &definition->rows,
						 &definition->more_rows, &failure);
	finish_host(duk, result, &failure);
	(void)duk_push_object(duk);
	push_metadata_table(duk, definition->rows, extmgr__script_columns, EXTMGR__SCRIPT_COLUMNS);
	(void)duk_put_prop_literal(duk, -2, "allScripts");
	push_metadata_table(duk, definition->more_rows, extmgr__virtual_schema_columns,
			    EXTMGR__VIRTUAL_SCHEMA_COLUMNS);
	(void)duk_put_prop_literal(duk, -2, "allVirtualSchemas");
	keep_rows(definition, NULL);
}
