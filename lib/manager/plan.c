/* SPDX-License-Identifier: MIT */
/* Making a plan: an operation is rehearsed or recorded, and its statements are written down. */
#include "manager/plan.h"

#include "base/options.h"
#include "manager/operations.h"

#include <stdlib.h>
#include <string.h>

/* For the statements; their number is bounded by the report. */
#define MAXIMUM_STATEMENT_BYTES ((size_t)16 << 20)
#define MAXIMUM_OTHER_BYTES     ((size_t)4 << 20)

struct maker {
	const struct extmgr__request *request;
	const struct extmgr__work *work;
	struct extmgr__buffer statements; /* a JSON array */
	struct extmgr__json_writer statement_writer;
	struct extmgr__buffer drops; /* the same: numbers of the statements that drop something */
	struct extmgr__json_writer drop_writer;
	struct extmgr__buffer parameters; /* the same; empty: the operation has none */
	size_t count;
	size_t class_counts[EXTMGR__SQL_CLASS_OTHER + 1];
	bool records;
	bool skipped; /* a statement was not sent */
	bool depends; /* a query after it was: what it answered may not be what it will answer */
	extmgr_text *plan;
};

bool extmgr__plan_leaves_out(const struct extmgr__work *work,
			     const struct extmgr__statement *statement)
{
	return strcmp(work->step, "verify") == 0 && statement->class_ == EXTMGR__SQL_CLASS_READ;
}

static void write_other_members(struct extmgr__json_writer *writer, const extmgr__json *plan)
{
	for (const extmgr__json *at = extmgr__json_first(plan); at; at = extmgr__json_next(at)) {
		if (strcmp(extmgr__json_key_of(at), "digest") == 0)
			continue;
		extmgr__json_key(writer, extmgr__json_key_of(at));
		extmgr__json_value(writer, at);
	}
}

extmgr_result extmgr__plan_hash(const extmgr__json *plan, char hex[EXTMGR__SHA256_HEX_SIZE],
				extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&text);
	extmgr_result result;

	extmgr__json_begin_object(&writer);
	write_other_members(&writer, plan);
	extmgr__json_end_object(&writer);
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK)
		result = extmgr__hash_sha256_hex(text.data, text.length, hex);
	extmgr__buffer_free(&text);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the plan");
}

/* ---- looking on ---- */

static extmgr_result opened(void *user_data, const struct extmgr__work *work, extmgr_error **error)
{
	struct maker *maker = user_data;

	(void)error;
	maker->work = work;
	return EXTMGR_OK;
}

/* A value that holds a secret one is none to be written down, whatever the definition says. */
static extmgr_result note_parameters(void *user_data, const struct extmgr__parameter_values *values,
				     extmgr_error **error)
{
	struct maker *maker = user_data;
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&maker->parameters);
	extmgr_result result;

	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < values->count; i++) {
		const struct extmgr__parameter_value *value = &values->items[i];

		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "name", value->name);
		if (value->secret || extmgr__target_holds_secret(maker->work->target, value->value))
			extmgr__json_member_boolean(&writer, "secret", true);
		else
			extmgr__json_member_string(&writer, "value", value->value);
		if (value->kept)
			extmgr__json_member_boolean(&writer, "kept", true);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	result = extmgr__buffer_result(&maker->parameters);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the plan");
}

/* A query cannot be skipped, since it has to answer something; one that writes cannot be run. */
static extmgr_result refuse_writing_query(size_t number, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
			  "the operation cannot be recorded: query %zu writes", number);
	extmgr__error_hint(error, "make the plan by rehearsal, without --record");
	return EXTMGR_E_UNSUPPORTED;
}

static extmgr_result note_statement(void *user_data, const struct extmgr__statement *statement,
				    extmgr_error **error)
{
	struct maker *maker = user_data;
	struct extmgr__json_writer *writer = &maker->statement_writer;
	bool is_query = strcmp(statement->kind, "query") == 0;
	extmgr_result result;

	if (extmgr__plan_leaves_out(maker->work, statement))
		return EXTMGR_OK;
	maker->count++;
	if (maker->records && is_query && statement->class_ != EXTMGR__SQL_CLASS_READ)
		return refuse_writing_query(maker->count, error);
	maker->class_counts[statement->class_]++;
	if (statement->class_ == EXTMGR__SQL_CLASS_DROP)
		extmgr__json_integer(&maker->drop_writer, (int64_t)maker->count);
	extmgr__json_begin_object(writer);
	extmgr__json_member_integer(writer, "number", (int64_t)maker->count);
	extmgr__json_member_string(writer, "kind", statement->kind);
	extmgr__json_member_string(writer, "class", extmgr__sql_class_name(statement->class_));
	extmgr__json_key(writer, "sql");
	extmgr__json_string_length(writer, statement->sql, statement->sql_length);
	extmgr__json_key(writer, "arguments");
	extmgr__report_write_arguments(writer, statement);
	extmgr__json_member_string(writer, "certainty", maker->depends ? "depends" : "exact");
	extmgr__json_end_object(writer);
	result = extmgr__buffer_result(&maker->statements);
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "the plan");
	if (maker->records && !is_query)
		maker->skipped = true;
	else if (maker->skipped)
		maker->depends = true;
	return EXTMGR_OK;
}

/* ---- writing ---- */

static void write_member(struct extmgr__json_writer *writer, const char *key, const char *text)
{
	if (text)
		extmgr__json_member_string(writer, key, text);
}

static void write_signer(struct extmgr__json_writer *writer, const struct extmgr__signer *signer)
{
	extmgr__json_key(writer, "signer");
	if (!*signer->key_id) {
		extmgr__json_null(writer);
		return;
	}
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "keyId", signer->key_id);
	extmgr__json_member_string(writer, "name", *signer->name ? signer->name : NULL);
	extmgr__json_end_object(writer);
}

static void write_facts(struct extmgr__json_writer *writer, const struct maker *maker,
			const struct extmgr__report_facts *facts)
{
	extmgr__json_member_string(writer, "operation", maker->request->operation);
	extmgr__json_key(writer, "extension");
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", facts->extension_id);
	extmgr__json_member_string(writer, "name", facts->info->name);
	extmgr__json_member_digest(writer, "digest", facts->info->digest);
	extmgr__json_end_object(writer);
	write_signer(writer, &maker->work->signer);
	write_member(writer, "requestedVersion", maker->request->version);
	write_member(writer, "version", facts->version);
	write_member(writer, "previousVersion", facts->previous_version);
	write_member(writer, "newVersion", facts->new_version);
	if (facts->instance_id) {
		extmgr__json_key(writer, "instance");
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", facts->instance_id);
		write_member(writer, "name", facts->instance_name);
		extmgr__json_end_object(writer);
	}
	extmgr__json_member_string(writer, "dialect", facts->dialect);
	extmgr__json_member_string(writer, "extensionSchema", facts->extension_schema);
}

static void write_notes(struct extmgr__json_writer *writer, const struct maker *maker, bool masked,
			bool unchanged)
{
	extmgr__json_key(writer, "notes");
	extmgr__json_begin_array(writer);
	if (!maker->records) {
		extmgr__json_string(writer,
				    "The operation was run and rolled back: its locks were real "
				    "while it ran.");
		extmgr__json_string(writer, "Effects outside the transaction, such as values taken "
					    "from a sequence, are not undone.");
	} else {
		extmgr__json_string(writer, "Statements that change something were not run, and "
					    "the result was not verified.");
	}
	if (maker->depends)
		extmgr__json_string(writer, "A query ran after a statement that was not: what "
					    "comes behind it may turn out differently.");
	if (masked)
		extmgr__json_string(writer, "There are secret parameters: text in statements, and "
					    "arguments, are masked, and neither compared nor part "
					    "of the digest.");
	if (maker->work->manager->history && !unchanged)
		extmgr__json_string(writer, "A row in the table extmgr_target_history is written "
					    "besides, which is no part of the plan.");
	extmgr__json_end_array(writer);
}

static void write_array(struct extmgr__json_writer *writer, const char *key,
			const struct extmgr__buffer *items)
{
	extmgr__json_key(writer, key);
	extmgr__buffer_putc(writer->buffer, '[');
	extmgr__buffer_append(writer->buffer, extmgr__buffer_get(items), items->length);
	extmgr__buffer_putc(writer->buffer, ']');
	writer->needs_comma = true;
}

/* What destroys comes first. */
static void write_counts(struct extmgr__json_writer *writer, const struct maker *maker)
{
	static const enum extmgr__sql_class order[] = {
		EXTMGR__SQL_CLASS_DROP, EXTMGR__SQL_CLASS_ALTER, EXTMGR__SQL_CLASS_CREATE,
		EXTMGR__SQL_CLASS_DATA, EXTMGR__SQL_CLASS_GRANT, EXTMGR__SQL_CLASS_OTHER,
		EXTMGR__SQL_CLASS_READ,
	};

	extmgr__json_key(writer, "counts");
	extmgr__json_begin_object(writer);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		extmgr__json_member_integer(writer, extmgr__sql_class_name(order[i]),
					    (int64_t)maker->class_counts[order[i]]);
	extmgr__json_end_object(writer);
}

static void write_content(struct extmgr__json_writer *writer, const struct maker *maker,
			  const struct extmgr__report_facts *facts, bool unchanged)
{
	bool masked = extmgr__target_has_secrets(maker->work->target);

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", EXTMGR__PLAN_SCHEMA);
	write_facts(writer, maker, facts);
	extmgr__json_member_string(writer, "mode", maker->records ? "record" : "rehearse");
	extmgr__json_member_boolean(writer, "incomplete", maker->depends);
	extmgr__json_member_boolean(writer, "unchanged", unchanged);
	extmgr__json_member_boolean(writer, "masked", masked);
	write_notes(writer, maker, masked, unchanged);
	if (maker->parameters.length) {
		extmgr__json_key(writer, "parameters");
		extmgr__json_raw(writer, maker->parameters.data, maker->parameters.length);
	}
	write_counts(writer, maker);
	write_array(writer, "drops", &maker->drops);
	write_array(writer, "statements", &maker->statements);
	extmgr__report_write_warnings(writer, maker->work->report);
	extmgr__json_end_object(writer);
}

/* The content again with its digest at the end: hashed is what a reader will have parsed. */
static extmgr_result write_digested(const struct extmgr__buffer *content, extmgr_text **plan_out,
				    extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&text);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr__json *json = NULL;
	extmgr_result result;

	result = extmgr__json_parse(content->data, content->length, "the plan", &json, error);
	if (result == EXTMGR_OK)
		result = extmgr__plan_hash(json, hex, error);
	if (result == EXTMGR_OK) {
		extmgr__json_begin_object(&writer);
		write_other_members(&writer, json);
		extmgr__json_member_digest(&writer, "digest", hex);
		extmgr__json_end_object(&writer);
		*plan_out = extmgr__buffer_take_text(&text, &result);
		if (!*plan_out)
			extmgr__error_from_result(error, result, "the plan");
	}
	extmgr__json_free(json);
	return result;
}

static extmgr_result write_plan(void *user_data, const struct extmgr__report_facts *facts,
				bool unchanged, extmgr_error **error)
{
	struct maker *maker = user_data;
	struct extmgr__buffer content = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&content);
	extmgr_result result;

	write_content(&writer, maker, facts, unchanged);
	result = extmgr__buffer_result(&content);
	if (result == EXTMGR_OK)
		result = write_digested(&content, &maker->plan, error);
	else
		extmgr__error_from_result(error, result, "the plan");
	extmgr__buffer_free(&content);
	return result;
}

/* ---- the call ---- */

void extmgr_plan_request_init(extmgr_plan_request *request, uint32_t struct_size)
{
	extmgr__options_init(request, sizeof(*request), struct_size);
}

static extmgr_result read_request(const extmgr_plan_request *given, struct extmgr__request *request,
				  bool *records, extmgr_error **error)
{
	extmgr_plan_request checked;
	extmgr_result result;

	if (!given)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "request is NULL");
	extmgr_plan_request_init(&checked, sizeof(checked));
	result = extmgr__options_copy(&checked, sizeof(checked), given,
				      EXTMGR__SIZE_UP_TO(extmgr_plan_request, values_length),
				      "extmgr_plan_request", error);
	if (result != EXTMGR_OK)
		return result;
	if (checked.flags & ~EXTMGR_PLAN_RECORD)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_plan_request: unknown flags");
	*records = checked.flags & EXTMGR_PLAN_RECORD;
	*request = (struct extmgr__request){
		.operation = checked.operation,
		.extension_id = checked.extension_id,
		.version = checked.version,
		.instance_id = checked.instance_id,
		.values_json = checked.values_json,
		.values_length = checked.values_length,
	};
	return extmgr__request_check(request, error);
}

static extmgr_result make_plan(const extmgr_manager *manager, const struct extmgr__request *request,
			       bool records, const extmgr_call_options *options,
			       extmgr_text **plan_out, extmgr_error **error)
{
	struct maker maker = {
		.request = request,
		.records = records,
		.statements = EXTMGR__BUFFER(MAXIMUM_STATEMENT_BYTES),
		.drops = EXTMGR__BUFFER(MAXIMUM_OTHER_BYTES),
		.parameters = EXTMGR__BUFFER(MAXIMUM_STATEMENT_BYTES),
	};
	const struct extmgr__observer observer = {.user_data = &maker,
						  .skips = records,
						  .opened = opened,
						  .parameters = note_parameters,
						  .statement = note_statement,
						  .finished = write_plan};
	extmgr_result result;

	maker.statement_writer = EXTMGR__JSON_WRITER(&maker.statements);
	maker.drop_writer = EXTMGR__JSON_WRITER(&maker.drops);
	result = extmgr__request_run(manager, request, &observer, true, options, NULL, error);
	if (result >= 0) {
		*plan_out = maker.plan;
		maker.plan = NULL;
	}
	extmgr_text_free(maker.plan);
	extmgr__buffer_free(&maker.statements);
	extmgr__buffer_free(&maker.drops);
	extmgr__buffer_free(&maker.parameters);
	return result;
}

extmgr_result extmgr_manager_plan(extmgr_manager *manager, const extmgr_plan_request *request,
				  const extmgr_call_options *options, extmgr_text **plan_out,
				  extmgr_error **error_out)
{
	struct extmgr__request checked;
	bool records = false;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!plan_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "plan_out is NULL");
	*plan_out = NULL;
	result = read_request(request, &checked, &records, error_out);
	if (result != EXTMGR_OK)
		return result;
	return make_plan(manager, &checked, records, options, plan_out, error_out);
}
