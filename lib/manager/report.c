/* SPDX-License-Identifier: MIT */
#include "manager/report.h"

#include "base/json.h"
#include "host/context.h"

#include <stdlib.h>
#include <string.h>

/* An operation is a handful of statements; a definition that sends endless ones is stopped here. */
#define MAXIMUM_STATEMENTS 10000
#define MAXIMUM_STEPS      32
/* For the parts of the document that grow with what a definition does, in bytes each. */
#define MAXIMUM_PART    ((size_t)16 << 20)
#define MAXIMUM_CONSOLE ((size_t)1 << 20)

struct step {
	const char *name;
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct extmgr__report {
	const extmgr_context *context;
	const char *operation;
	uint64_t begin_ns;
	struct step steps[MAXIMUM_STEPS];
	size_t step_count;
	struct extmgr__buffer statements; /* the JSON of the items, joined by commas */
	struct extmgr__json_writer statement_writer;
	size_t statement_count;
	size_t class_counts[EXTMGR__SQL_CLASS_OTHER + 1];
	struct extmgr__buffer warnings;
	struct extmgr__json_writer warning_writer;
	struct extmgr__buffer console;
	struct extmgr__json_writer console_writer;
};

struct extmgr__report *extmgr__report_new(const extmgr_context *context, const char *operation)
{
	struct extmgr__report *report = calloc(1, sizeof(*report));

	if (!report)
		return NULL;
	report->context = context;
	report->operation = operation;
	report->begin_ns = extmgr__context_now_ns(context);
	report->statements = EXTMGR__BUFFER(MAXIMUM_PART);
	report->warnings = EXTMGR__BUFFER(MAXIMUM_PART);
	report->console = EXTMGR__BUFFER(MAXIMUM_CONSOLE);
	report->statement_writer = EXTMGR__JSON_WRITER(&report->statements);
	report->warning_writer = EXTMGR__JSON_WRITER(&report->warnings);
	report->console_writer = EXTMGR__JSON_WRITER(&report->console);
	return report;
}

void extmgr__report_free(struct extmgr__report *report)
{
	if (!report)
		return;
	extmgr__buffer_free(&report->statements);
	extmgr__buffer_free(&report->warnings);
	extmgr__buffer_free(&report->console);
	free(report);
}

void extmgr__report_step(struct extmgr__report *report, const char *name)
{
	uint64_t now;

	if (!report || report->step_count == MAXIMUM_STEPS)
		return;
	now = extmgr__context_now_ns(report->context);
	if (report->step_count)
		report->steps[report->step_count - 1].end_ns = now;
	report->steps[report->step_count++] = (struct step){.name = name, .begin_ns = now};
}

void extmgr__report_write_arguments(struct extmgr__json_writer *writer,
				    const struct extmgr__statement *statement)
{
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr_values_get_count(statement->arguments); i++)
		extmgr__values_write(statement->arguments, i, writer);
	for (size_t i = 0; i < statement->hidden_arguments; i++)
		extmgr__json_string(writer, "***");
	extmgr__json_end_array(writer);
}

extmgr_result extmgr__report_statement(struct extmgr__report *report,
				       const struct extmgr__statement *statement)
{
	struct extmgr__json_writer *writer;

	if (!report)
		return EXTMGR_OK;
	if (report->statement_count == MAXIMUM_STATEMENTS)
		return EXTMGR_E_TOO_LARGE;
	writer = &report->statement_writer;
	report->statement_count++;
	report->class_counts[statement->class_]++;
	extmgr__json_begin_object(writer);
	extmgr__json_member_integer(writer, "number", (int64_t)report->statement_count);
	extmgr__json_member_string(writer, "kind", statement->kind);
	extmgr__json_member_string(writer, "class", extmgr__sql_class_name(statement->class_));
	extmgr__json_key(writer, "sql");
	extmgr__json_string_length(writer, statement->sql, statement->sql_length);
	extmgr__json_key(writer, "arguments");
	extmgr__report_write_arguments(writer, statement);
	if (statement->rows >= 0)
		extmgr__json_member_integer(writer, "rows", statement->rows);
	extmgr__json_member_integer(writer, "durationUs", (int64_t)(statement->duration_ns / 1000));
	extmgr__json_end_object(writer);
	return extmgr__buffer_result(&report->statements);
}

extmgr_result extmgr__report_warning(struct extmgr__report *report, const char *text)
{
	if (!report)
		return EXTMGR_OK;
	extmgr__json_string(&report->warning_writer, text);
	return extmgr__buffer_result(&report->warnings);
}

static const char *level_name(int32_t level)
{
	switch (level) {
	case EXTMGR_LOG_ERROR:
		return "error";
	case EXTMGR_LOG_WARNING:
		return "warning";
	default:
		return "info";
	}
}

extmgr_result extmgr__report_console(struct extmgr__report *report, int32_t level, const char *text,
				     size_t length)
{
	struct extmgr__json_writer *writer;

	/* A chatty definition is no error: what is over the maximum is left out. */
	if (!report || length > MAXIMUM_CONSOLE / 8 ||
	    report->console.length + 6 * length + 64 > MAXIMUM_CONSOLE)
		return EXTMGR_OK;
	writer = &report->console_writer;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "level", level_name(level));
	extmgr__json_key(writer, "message");
	extmgr__json_string_length(writer, text, length);
	extmgr__json_end_object(writer);
	return extmgr__buffer_result(&report->console);
}

size_t extmgr__report_statement_count(const struct extmgr__report *report)
{
	return report ? report->statement_count : 0;
}

static void write_steps(struct extmgr__json_writer *writer, const struct extmgr__report *report,
			uint64_t now)
{
	extmgr__json_key(writer, "steps");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < report->step_count; i++) {
		const struct step *step = &report->steps[i];
		uint64_t end = step->end_ns ? step->end_ns : now;

		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", step->name);
		extmgr__json_member_integer(writer, "durationUs",
					    (int64_t)((end - step->begin_ns) / 1000));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static void write_counts(struct extmgr__json_writer *writer, const struct extmgr__report *report)
{
	extmgr__json_key(writer, "counts");
	extmgr__json_begin_object(writer);
	for (size_t i = 0; i <= EXTMGR__SQL_CLASS_OTHER; i++)
		extmgr__json_member_integer(writer,
					    extmgr__sql_class_name((enum extmgr__sql_class)i),
					    (int64_t)report->class_counts[i]);
	extmgr__json_end_object(writer);
}

static void write_member(struct extmgr__json_writer *writer, const char *key, const char *text)
{
	if (text)
		extmgr__json_member_string(writer, key, text);
}

static void write_instances(struct extmgr__json_writer *writer,
			    const struct extmgr__pairs *instances)
{
	if (!instances || !instances->count)
		return;
	extmgr__json_key(writer, "instances");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < instances->count; i++) {
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "id", instances->items[i].first);
		extmgr__json_member_string(writer, "name", instances->items[i].second);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static void write_facts(struct extmgr__json_writer *writer,
			const struct extmgr__report_facts *facts)
{
	extmgr__json_key(writer, "extension");
	extmgr__json_begin_object(writer);
	write_member(writer, "id", facts->extension_id);
	if (facts->info) {
		extmgr__json_member_string(writer, "name", facts->info->name);
		extmgr__json_member_digest(writer, "digest", facts->info->digest);
	}
	extmgr__json_end_object(writer);
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
	write_instances(writer, facts->instances);
	write_member(writer, "dialect", facts->dialect);
	write_member(writer, "extensionSchema", facts->extension_schema);
	write_member(writer, "outcome", facts->outcome);
}

static void write_part(struct extmgr__json_writer *writer, const char *key,
		       const struct extmgr__buffer *part)
{
	extmgr__json_key(writer, key);
	extmgr__buffer_putc(writer->buffer, '[');
	extmgr__buffer_append(writer->buffer, extmgr__buffer_get(part), part->length);
	extmgr__buffer_putc(writer->buffer, ']');
	writer->needs_comma = true;
}

void extmgr__report_write_warnings(struct extmgr__json_writer *writer,
				   const struct extmgr__report *report)
{
	write_part(writer, "warnings", &report->warnings);
}

extmgr_result extmgr__report_to_json(struct extmgr__report *report,
				     const struct extmgr__report_facts *facts,
				     extmgr_text **text_out, extmgr_error **error)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	uint64_t now = extmgr__context_now_ns(report->context);
	extmgr_result result;

	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.report/1");
	extmgr__json_member_string(&writer, "operation", report->operation);
	write_facts(&writer, facts);
	extmgr__json_member_integer(&writer, "durationUs",
				    (int64_t)((now - report->begin_ns) / 1000));
	write_steps(&writer, report, now);
	write_part(&writer, "statements", &report->statements);
	write_counts(&writer, report);
	extmgr__report_write_warnings(&writer, report);
	write_part(&writer, "console", &report->console);
	extmgr__json_end_object(&writer);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK : extmgr__error_from_result(error, result, "the report");
}
