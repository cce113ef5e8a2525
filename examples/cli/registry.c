/* SPDX-License-Identifier: MIT */
/* registry: what an index says, whether all of it holds, and making one. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "progress.h"
#include "session.h"
#include "table.h"
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDEX_NAME    "registry.json"
#define SUMS_NAME     "registry.json.sums"
#define INDEX_MAXIMUM (16 << 20)

/* Context and registry; refreshed: asked for its index in any case. Answers an exit code. */
static int open_registry(struct session *session, const struct options *options, bool refreshed,
			 bool *changed)
{
	extmgr_error *error = NULL;
	extmgr_result result;
	int code = session_check_registry(options);

	if (code == EXIT_DONE)
		code = session_uses_catalog(options) ? session_open_catalog(session, options)
						     : session_open_context(session, options);
	if (code != EXIT_DONE)
		return code;
	if (session_open_registry(session, &error) < 0)
		return fail_with(error, "cannot open the registry");
	if (!refreshed)
		return EXIT_DONE;
	result = extmgr_registry_refresh(session->registry, session->operation, &error);
	if (result < 0)
		return fail_with(error, "cannot refresh the registry");
	*changed = result == EXTMGR_OK;
	return EXIT_DONE;
}

static int read_list(const struct session *session, extmgr_text **text_out)
{
	extmgr_registry_list *list = NULL;
	extmgr_error *error = NULL;
	int code = EXIT_DONE;

	if (extmgr_registry_list_entries_within(session->registry, session->operation, &list,
						&error) < 0 ||
	    extmgr_registry_list_to_json(list, text_out, &error) < 0)
		code = fail_with(error, "cannot list the registry");
	extmgr_registry_list_free(list);
	return code;
}

static const char *known(const char *text)
{
	return *text ? text : "-";
}

static void print_list(const cJSON *document)
{
	struct table table = {.columns = 4, .titles = {"ID", "VERSION", "SHA-256", "URL"}};
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_member(document, "entries"))
	{
		char digest[16];

		snprintf(digest, sizeof(digest), "%.12s", json_string(entry, "sha256"));
		table_add(&table, json_string(entry, "id"), STYLE_PLAIN);
		table_add(&table, known(json_string(entry, "version")), STYLE_PLAIN);
		table_add(&table, known(digest), STYLE_PLAIN);
		table_add(&table, known(json_string(entry, "url")), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

int run_registry_list(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *text = NULL;
	bool changed;
	int code = open_registry(&session, options, false, &changed);

	(void)arguments;
	if (code == EXIT_DONE)
		code = read_list(&session, &text);
	if (code == EXIT_DONE && options->json) {
		output_document(text);
	} else if (code == EXIT_DONE) {
		cJSON *document = json_parse(text);

		output_field("registry", json_string(document, "location"));
		output_field("signature", json_string(document, "signature"));
		output_field("expires", json_string(document, "expires"));
		print_list(document);
		cJSON_Delete(document);
	}
	extmgr_text_free(text);
	session_close(&session);
	return code;
}

int run_registry_refresh(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_text *text = NULL;
	bool changed = false;
	int code = open_registry(&session, options, true, &changed);

	(void)arguments;
	if (code == EXIT_DONE)
		code = read_list(&session, &text);
	if (code == EXIT_DONE) {
		cJSON *list = json_parse(text);
		int count = cJSON_GetArraySize(json_member(list, "entries"));

		if (options->json) {
			cJSON *document = json_new_document("extmgr.registry-refresh/1");

			json_add_string(document, "outcome", changed ? "changed" : "unchanged");
			json_add(document, "entries", cJSON_CreateNumber(count));
			json_print(stdout, document);
			cJSON_Delete(document);
		} else {
			output("the registry %s: %d extension%s\n",
			       changed ? "has changed" : "is unchanged", count,
			       count == 1 ? "" : "s");
		}
		cJSON_Delete(list);
	}
	extmgr_text_free(text);
	session_close(&session);
	return code;
}

/* ---- verify ---- */

static void print_findings(const cJSON *report)
{
	struct table table = {.columns = 6,
			      .titles = {"ID", "WHAT", "RESULT", "SIGNATURE", "CODE", "REASON"}};
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_member(report, "entries"))
	{
		const char *result = json_string(entry, "result");
		bool is_good = strcmp(result, "ok") == 0;

		table_add(&table, json_string(entry, "id"), STYLE_PLAIN);
		table_add(&table, json_string(entry, "kind"), STYLE_PLAIN);
		table_add(&table, result, is_good ? STYLE_GOOD : STYLE_BAD);
		table_add(&table, known(json_string(entry, "signature")), STYLE_PLAIN);
		table_add(&table, is_good ? "" : json_string(entry, "code"), STYLE_PLAIN);
		table_add(&table, json_string(entry, "reason"), STYLE_PLAIN);
	}
	if (table.count)
		table_print(&table);
	table_free(&table);
}

int run_registry_verify(const struct options *given, char **arguments)
{
	struct options options = *given;
	struct session session = {0};
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	bool changed;
	int code;

	(void)arguments;
	options.allow_download = true; /* for as long as a file takes */
	code = open_registry(&session, &options, false, &changed);
	if (code != EXIT_DONE) {
		session_close(&session);
		return code;
	}
	result = extmgr_registry_verify(session.context, session.registry, session.operation,
					&report, &error);
	progress_end();
	if (result < 0) {
		code = fail_with(error, "cannot verify the registry");
	} else if (options.json) {
		output_document(report);
	} else {
		cJSON *document = json_parse(report);

		print_findings(document);
		cJSON_Delete(document);
	}
	if (result == EXTMGR_PARTIAL)
		code = EXIT_FAILED;
	extmgr_text_free(report);
	session_close(&session);
	return code;
}

/* ---- build ---- */

/* Beside its place first, so that nobody ever sees half a file. */
static bool write_file(int directory, const char *name, const extmgr_text *text)
{
	const char *bytes = extmgr_text_get_data(text);
	size_t length = extmgr_text_get_length(text);
	char new_name[64];
	bool written;
	FILE *file;
	int descriptor;

	snprintf(new_name, sizeof(new_name), ".%s.new", name);
	descriptor = openat(directory, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
	if (!file)
		return false;
	written = fwrite(bytes, 1, length, file) == length && fflush(file) == 0 &&
		  fsync(descriptor) == 0;
	return fclose(file) == 0 && written && renameat(directory, new_name, directory, name) == 0;
}

/* The index that is there already; NULL: none, or none that is an index. */
static cJSON *read_old_index(int directory)
{
	char *bytes;
	cJSON *index;
	int file = openat(directory, INDEX_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = 0;
	ssize_t more;

	if (file < 0)
		return NULL;
	bytes = checked(malloc(INDEX_MAXIMUM));
	while ((more = read(file, bytes + length, INDEX_MAXIMUM - 1 - (size_t)length)) > 0)
		length += more;
	close(file);
	bytes[length] = '\0';
	index = more < 0 ? NULL : cJSON_Parse(bytes);
	free(bytes);
	return index;
}

static int64_t serial_of(const cJSON *index)
{
	const cJSON *serial = json_member(index, "serial");

	return cJSON_IsNumber(serial) && serial->valuedouble >= 0 ? (int64_t)serial->valuedouble
								  : 0;
}

/* Whether both say the same but for the serial. */
static bool is_same(const cJSON *old, const cJSON *new)
{
	return cJSON_Compare(json_member(old, "extensions"), json_member(new, "extensions"),
			     true) &&
	       !json_member(old, "bundles") == !json_member(new, "bundles") &&
	       (!json_member(new, "bundles") ||
		cJSON_Compare(json_member(old, "bundles"), json_member(new, "bundles"), true)) &&
	       strcmp(json_string(old, "expires"), json_string(new, "expires")) == 0;
}

static void say_built(const struct options *options, const cJSON *index, bool changed)
{
	int count = cJSON_GetArraySize(json_member(index, "extensions"));
	int bundles = cJSON_GetArraySize(json_member(index, "bundles"));

	if (options->json) {
		cJSON *document = json_new_document("extmgr.registry-build/1");

		json_add_string(document, "outcome", changed ? "built" : "unchanged");
		json_add(document, "serial", cJSON_CreateNumber((double)serial_of(index)));
		json_add(document, "entries", cJSON_CreateNumber(count));
		json_add(document, "bundles", cJSON_CreateNumber(bundles));
		json_print(stdout, document);
		cJSON_Delete(document);
	} else {
		if (changed)
			output("built " INDEX_NAME " with serial %lld",
			       (long long)serial_of(index));
		else
			output(INDEX_NAME " is up to date");
		output(": %d extension%s", count, count == 1 ? "" : "s");
		if (bundles)
			output(", %d bundle%s", bundles, bundles == 1 ? "" : "s");
		output("\n");
	}
	if (changed && !options->json && options->verbosity >= 0)
		fputs("extmgr: sign it with: minisign -S -m " SUMS_NAME "\n", stderr);
}

static void say_nothing(const struct options *options, const cJSON *index, bool changed)
{
	(void)options;
	(void)index;
	(void)changed;
}

static int build(struct session *session, const struct options *options, int directory,
		 extmgr_text **index, extmgr_text **sums,
		 void (*say)(const struct options *options, const cJSON *index, bool changed))
{
	extmgr_error *error = NULL;
	cJSON *old = read_old_index(directory);
	cJSON *new;
	bool changed;
	int code = EXIT_DONE;

	if (extmgr_registry_build(session->context, session->registry, serial_of(old) + 1,
				  options->expires, session->operation, index, sums, &error) < 0) {
		cJSON_Delete(old);
		return fail_with(error, "cannot build the index");
	}
	new = json_parse(*index);
	changed = !old || !is_same(old, new) || faccessat(directory, SUMS_NAME, F_OK, 0) != 0;
	/* The index last: without it the next call finds it changed and writes both. */
	if (changed && (!write_file(directory, SUMS_NAME, *sums) ||
			!write_file(directory, INDEX_NAME, *index)))
		code = fail(EXIT_FAILED, "check permissions and space of the directory",
			    "cannot write " INDEX_NAME ": %s", strerror(errno));
	else
		say(options, changed ? new : old, changed);
	cJSON_Delete(old);
	cJSON_Delete(new);
	return code;
}

static int build_in(const struct options *given, const char *path,
		    void (*say)(const struct options *options, const cJSON *index, bool changed))
{
	struct options options = *given;
	struct session session = {0};
	extmgr_text *index = NULL;
	extmgr_text *sums = NULL;
	extmgr_error *error = NULL;
	int directory = -1;
	int code;

	options.registry = path;
	code = session_open_context(&session, &options);
	if (code == EXIT_DONE &&
	    trust_open_registry(&options, session.context, &session.registry, &error) < 0)
		code = fail_with(error, "cannot open the registry");
	if (code == EXIT_DONE) {
		directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		code = directory >= 0
			       ? build(&session, given, directory, &index, &sums, say)
			       : fail(EXIT_FAILED, "name a directory that holds definitions",
				      "cannot open directory '%s': %s", path, strerror(errno));
	}
	if (directory >= 0)
		close(directory);
	extmgr_text_free(index);
	extmgr_text_free(sums);
	session_close(&session);
	return code;
}

int run_registry_build(const struct options *options, char **arguments)
{
	return build_in(options, arguments[0], say_built);
}

int registry_write_index(const struct options *options, const char *path)
{
	return build_in(options, path, say_nothing);
}
