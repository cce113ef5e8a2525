/* SPDX-License-Identifier: MIT */
/* plan: what an operation would run, from its plan or the report of a dry run. */
#include "errors.h"
#include "json.h"
#include "outfile.h"
#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLASS_WIDTH 6

/* Lines of a text, each behind the same prefix but the first. */
static void print_lines(FILE *file, const char *text, const char *prefix)
{
	for (;;) {
		size_t length = strcspn(text, "\n");

		fprintf(file, "%.*s\n", (int)length, text);
		if (!text[length] || !text[length + 1])
			return;
		text += length + 1;
		fputs(prefix, file);
	}
}

/* "x", 5, null: the arguments as JSON, on one line; NULL without arguments. Caller frees. */
static char *describe_arguments(const cJSON *statement)
{
	const cJSON *arguments = json_member(statement, "arguments");
	char *text;
	char *safe;

	if (!cJSON_GetArraySize(arguments))
		return NULL;
	text = checked(cJSON_PrintUnformatted(arguments));
	safe = text_safe(text, TEXT_ONE_LINE);
	free(text);
	return safe;
}

static int number_of(const cJSON *statement)
{
	const cJSON *number = json_member(statement, "number");

	return number ? number->valueint : 0;
}

char *plan_describe(const cJSON *report)
{
	const cJSON *instance = json_member(report, "instance");
	const char *previous = json_string(report, "previousVersion");
	char *title = NULL;
	char *safe;
	int length;

	length = asprintf(&title, "%s %s %s%s%s%s%s (%s)", json_string(report, "operation"),
			  json_string(json_member(report, "extension"), "id"),
			  *previous ? previous : json_string(report, "version"),
			  *previous ? " to " : "", json_string(report, "newVersion"),
			  instance ? ", instance " : "", json_string(instance, "id"),
			  json_string(report, "dialect"));
	safe = text_safe(checked(length < 0 ? NULL : title), TEXT_ONE_LINE);
	free(title);
	return safe;
}

char *plan_describe_signer(const cJSON *report)
{
	const cJSON *signer = json_member(report, "signer");
	const char *name = json_string(signer, "name");
	char *text = NULL;
	char *safe;
	int length;

	if (!signer)
		return NULL;
	if (cJSON_IsNull(signer))
		return checked(strdup("not signed with a trusted key"));
	length = asprintf(&text, "signed by %s%skey %s", name, *name ? ", " : "",
			  json_string(signer, "keyId"));
	safe = text_safe(checked(length < 0 ? NULL : text), TEXT_ONE_LINE);
	free(text);
	return safe;
}

char *plan_describe_counts(const cJSON *report)
{
	const char *separator = ": ";
	const cJSON *count;
	int statements = cJSON_GetArraySize(json_member(report, "statements"));
	char *text = NULL;
	size_t size = 0;
	FILE *memory = checked(open_memstream(&text, &size));

	fprintf(memory, "%d statement%s", statements, statements == 1 ? "" : "s");
	cJSON_ArrayForEach(count, json_member(report, "counts"))
	{
		if (!count->valueint)
			continue;
		fprintf(memory, "%s%d %s", separator, count->valueint, count->string);
		separator = ", ";
	}
	fclose(memory);
	return checked(text);
}

static bool is_recorded(const cJSON *report)
{
	return strcmp(json_string(report, "mode"), "record") == 0;
}

static void print_counts(FILE *file, const cJSON *report)
{
	char *counts = plan_describe_counts(report);

	fprintf(file, "%s; %s, nothing was changed\n", counts,
		is_recorded(report) ? "recorded without running what changes something"
				    : "rehearsed and rolled back");
	if (json_is_true(report, "incomplete"))
		fputs("incomplete: statements marked with ~ may turn out differently\n", file);
	free(counts);
}

static void print_statement(FILE *file, const cJSON *statement)
{
	char *sql = text_safe(json_string(statement, "sql"), TEXT_LINES);
	char *arguments = describe_arguments(statement);

	fprintf(file, "%4d%c %-*s  ", number_of(statement),
		strcmp(json_string(statement, "certainty"), "depends") == 0 ? '~' : ' ',
		CLASS_WIDTH, json_string(statement, "class"));
	print_lines(file, sql, "              ");
	if (arguments)
		fprintf(file, "              arguments: %s\n", arguments);
	free(sql);
	free(arguments);
}

static void print_text(FILE *file, const cJSON *report)
{
	const cJSON *statement;
	char *title = plan_describe(report);
	char *signer = plan_describe_signer(report);

	fprintf(file, "plan: %s\n", title);
	if (signer)
		fprintf(file, "definition: %s\n", signer);
	fputc('\n', file);
	cJSON_ArrayForEach(statement, json_member(report, "statements"))
	{
		print_statement(file, statement);
	}
	if (cJSON_GetArraySize(json_member(report, "statements")))
		fputc('\n', file);
	print_counts(file, report);
	free(signer);
	free(title);
}

/* A comment at the end would swallow the semicolon. */
static const char *terminator(const char *sql)
{
	size_t length = strlen(sql);
	const char *line = strrchr(sql, '\n');

	if (length && sql[length - 1] == ';')
		return "";
	return strstr(line ? line : sql, "--") ? "\n;" : ";";
}

static void print_sql_statement(FILE *file, const cJSON *statement)
{
	char *safe = text_safe(json_string(statement, "sql"), TEXT_LINES);
	/* A file gets the statement to the byte, a terminal what it can show. */
	const char *sql = isatty(fileno(file)) ? safe : json_string(statement, "sql");
	char *arguments = describe_arguments(statement);

	fprintf(file, "\n-- %d: %s\n", number_of(statement), json_string(statement, "class"));
	if (arguments)
		fprintf(file, "-- arguments: %s\n", arguments);
	fprintf(file, "%s%s\n", sql, terminator(sql));
	free(arguments);
	free(safe);
}

static void print_sql(FILE *file, const cJSON *report)
{
	const cJSON *statement;
	char *title = plan_describe(report);

	fprintf(file, "-- plan: %s\n-- statements that only read are left out\n", title);
	if (json_is_true(report, "masked"))
		fputs("-- each '***' stands for a text that is not shown, because there are\n"
		      "-- secrets; put it in before you run a statement\n",
		      file);
	cJSON_ArrayForEach(statement, json_member(report, "statements"))
	{
		if (strcmp(json_string(statement, "class"), "read") != 0)
			print_sql_statement(file, statement);
	}
	free(title);
}

static void print_plan(FILE *file, enum plan_format format, const extmgr_text *report)
{
	cJSON *document;

	if (format == PLAN_JSON) {
		fprintf(file, "%s\n", extmgr_text_get_data(report));
		return;
	}
	document = json_parse(report);
	if (format == PLAN_SQL)
		print_sql(file, document);
	else
		print_text(file, document);
	cJSON_Delete(document);
}

static int write_plan(const char *path, enum plan_format format, const extmgr_text *report)
{
	char *temporary;
	FILE *file = outfile_open(path, OUTFILE_PRIVATE, &temporary);
	int code = EXIT_DONE;

	if (!file)
		return fail(EXIT_FAILED, "check the path of --out", "cannot write '%s': %s", path,
			    strerror(errno));
	print_plan(file, format, report);
	if (!outfile_close(file, temporary, path))
		code = fail(EXIT_FAILED, "is the disk full?", "cannot write '%s' to its end", path);
	free(temporary);
	return code;
}

int plan_print(const struct options *options, const extmgr_text *report)
{
	enum plan_format format = options->format;

	if (format == PLAN_DEFAULT)
		format = options->json || options->out ? PLAN_JSON : PLAN_TEXT;
	if (options->json)
		output_document(report);
	if (options->out)
		return write_plan(options->out, format, report);
	if (!options->json)
		print_plan(stdout, format, report);
	return EXIT_DONE;
}

int run_plan_install(const struct options *options, char **arguments)
{
	return operation_plan(options, OPERATION_INSTALL, arguments);
}

int run_plan_upgrade(const struct options *options, char **arguments)
{
	return operation_plan(options, OPERATION_UPGRADE, arguments);
}

int run_plan_uninstall(const struct options *options, char **arguments)
{
	return operation_plan(options, OPERATION_UNINSTALL, arguments);
}

int run_plan_instance_create(const struct options *options, char **arguments)
{
	return operation_plan(options, OPERATION_CREATE_INSTANCE, arguments);
}

int run_plan_instance_update(const struct options *options, char **arguments)
{
	if (options->defaults)
		return fail_usage("leave out --defaults, or give the values with --set",
				  "an instance that is updated keeps what is not given");
	return operation_plan(options, OPERATION_UPDATE_INSTANCE, arguments);
}

int run_plan_instance_delete(const struct options *options, char **arguments)
{
	return operation_plan(options, OPERATION_DELETE_INSTANCE, arguments);
}
