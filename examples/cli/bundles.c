/* SPDX-License-Identifier: MIT */
/* discover, bundle pack, bundle inspect. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "outfile.h"
#include "session.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- discover ---- */

static enum style style_for_outcome(int32_t outcome)
{
	switch (outcome) {
	case EXTMGR_BUNDLE_OK:
		return STYLE_GOOD;
	case EXTMGR_BUNDLE_SUPERSEDED:
		return STYLE_WARNING;
	default:
		return STYLE_BAD;
	}
}

/* Why a candidate is not used; caller frees. */
static char *describe_reason(const extmgr_bundle_list *list, size_t index)
{
	const char *by = extmgr_bundle_list_get_superseded_by(list, index);
	const extmgr_error *error = extmgr_bundle_list_get_error(list, index);
	extmgr_text *text = NULL;
	char *reason = NULL;
	int length;

	if (!by && !error)
		return checked(strdup(""));
	if (error && extmgr_error_copy_text(error, &text) != EXTMGR_OK)
		checked(NULL);
	length = by ? asprintf(&reason, "by %s", by)
		    : asprintf(&reason, "%s: %s",
			       extmgr_result_get_name(extmgr_error_get_code(error)),
			       extmgr_text_get_data(text));
	extmgr_text_free(text);
	return checked(length < 0 ? NULL : reason);
}

static void add_candidate(struct table *table, const extmgr_bundle_list *list, size_t index)
{
	const char *path = extmgr_bundle_list_get_path(list, index);
	const char *id = extmgr_bundle_list_get_id(list, index);
	const char *version = extmgr_bundle_list_get_version(list, index);
	int32_t outcome = extmgr_bundle_list_get_outcome(list, index);
	char *reason = describe_reason(list, index);

	table_add(table, strrchr(path, '/') + 1, STYLE_PLAIN);
	table_add(table, extmgr_bundle_outcome_get_name(outcome), style_for_outcome(outcome));
	table_add(table, id ? id : "-", STYLE_PLAIN);
	table_add(table, version ? version : "-", STYLE_PLAIN);
	table_add(table, reason, STYLE_PLAIN);
	free(reason);
}

static void print_candidates(const extmgr_bundle_list *list)
{
	struct table table = {.columns = 5,
			      .titles = {"BUNDLE", "STATE", "ID", "VERSION", "REASON"}};

	for (size_t i = 0; i < extmgr_bundle_list_get_count(list); i++)
		add_candidate(&table, list, i);
	if (table.count)
		table_print(&table);
	table_free(&table);
}

static int print_list(const struct options *options, const extmgr_bundle_list *list)
{
	extmgr_text *document = NULL;
	extmgr_error *error = NULL;

	if (extmgr_bundle_list_get_warning(list) && options->verbosity >= 0)
		warn("check the path, or create the directory", "%s",
		     extmgr_bundle_list_get_warning(list));
	if (!options->json) {
		print_candidates(list);
		return EXIT_DONE;
	}
	if (extmgr_bundle_list_to_json(list, &document, &error) < 0)
		return fail_with(error, "cannot describe the bundles");
	output_document(document);
	extmgr_text_free(document);
	return EXIT_DONE;
}

int run_discover(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_bundle_list *list = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	int code = session_open_context(&session, options);

	if (code == EXIT_DONE) {
		result = extmgr_bundle_discover(session.context, arguments[0], session.operation,
						&list, &error);
		if (result < 0)
			code = fail_with(error, "cannot look for bundles");
		else
			code = print_list(options, list);
		if (code == EXIT_DONE && result == EXTMGR_PARTIAL)
			code = EXIT_PARTLY;
	}
	extmgr_bundle_list_free(list);
	session_close(&session);
	return code;
}

/* ---- Opening one ---- */

/* what: for messages, such as "pack". */
static int open_bundle(const struct session *session, const char *path, const char *what,
		       extmgr_bundle **bundle_out)
{
	extmgr_bundle_source *source = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = extmgr_bundle_source_read(session->context, path, &source, &error);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, bundle_out, &error);
	extmgr_bundle_source_free(source);
	return result == EXTMGR_OK ? EXIT_DONE : fail_with(error, "cannot %s it", what);
}

static void warn_of_bundle(const struct options *options, const extmgr_bundle *bundle)
{
	for (size_t i = 0; i < extmgr_bundle_get_warning_count(bundle); i++) {
		if (options->verbosity >= 0)
			warn("mend manifest.json and build the extension again", "%s",
			     extmgr_bundle_get_warning(bundle, i));
	}
}

/* ---- bundle inspect ---- */

static void print_files(const extmgr_bundle *bundle)
{
	struct table table = {.columns = 3, .titles = {"FILE", "BYTES", "SHA-256"}};

	for (size_t i = 0; i < extmgr_bundle_get_file_count(bundle); i++) {
		char bytes[32];
		size_t length;

		(void)extmgr_bundle_get_file_content(bundle, i, &length);
		snprintf(bytes, sizeof(bytes), "%zu", length);
		table_add(&table, extmgr_bundle_get_file_path(bundle, i), STYLE_PLAIN);
		table_add(&table, bytes, STYLE_PLAIN);
		table_add(&table, extmgr_bundle_get_file_sha256(bundle, i), STYLE_PLAIN);
	}
	table_print(&table);
	table_free(&table);
}

static void print_bundle(const extmgr_bundle *bundle)
{
	const char *definition = extmgr_bundle_get_definition_path(bundle);
	int32_t signature = extmgr_bundle_get_signature_state(bundle);

	output_field("id", extmgr_bundle_get_id(bundle));
	output_field("name", extmgr_bundle_get_name(bundle));
	output_field("version", extmgr_bundle_get_version(bundle));
	output_field("kind", extmgr_bundle_get_kind(bundle) == EXTMGR_BUNDLE_ARCHIVE ? "archive"
										     : "directory");
	output_field("digest", extmgr_bundle_get_digest(bundle));
	output_field("signature", extmgr_signature_get_name(signature));
	output_field("definition", definition ? definition : "");
	output("\n");
	print_files(bundle);
}

int run_bundle_inspect(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_bundle *bundle = NULL;
	extmgr_text *document = NULL;
	extmgr_error *error = NULL;
	int code = session_open_context(&session, options);

	if (code == EXIT_DONE)
		code = open_bundle(&session, arguments[0], "inspect", &bundle);
	if (code != EXIT_DONE)
		goto out;
	if (!options->json) {
		warn_of_bundle(options, bundle);
		print_bundle(bundle);
	} else if (extmgr_bundle_to_json(bundle, &document, &error) < 0) {
		code = fail_with(error, "cannot describe the bundle");
	} else {
		output_document(document);
	}
out:
	extmgr_text_free(document);
	extmgr_bundle_free(bundle);
	session_close(&session);
	return code;
}

/* ---- bundle pack ---- */

static int write_archive(const char *path, const extmgr_text *archive)
{
	char *temporary;
	FILE *file = outfile_open(path, OUTFILE_SHARED, &temporary);
	size_t length = extmgr_text_get_length(archive);
	bool good;
	int code = EXIT_DONE;

	if (!file)
		return fail(EXIT_FAILED, "check the path of --out", "cannot write '%s': %s", path,
			    strerror(errno));
	good = fwrite(extmgr_text_get_data(archive), 1, length, file) == length;
	if (!outfile_close(file, temporary, path) || !good)
		code = fail(EXIT_FAILED, "is the disk full?", "cannot write '%s' to its end", path);
	free(temporary);
	return code;
}

static void print_packed(const struct options *options, const extmgr_bundle *bundle,
			 const char *path, const extmgr_text *archive)
{
	cJSON *document;
	char *safe;

	if (!options->json) {
		safe = text_safe(path, TEXT_ONE_LINE);
		output("%s\n", safe);
		free(safe);
		return;
	}
	document = json_new_document("extmgr.packed/1");
	json_add_string(document, "path", path);
	json_add_string(document, "id", extmgr_bundle_get_id(bundle));
	json_add_string(document, "version", extmgr_bundle_get_version(bundle));
	json_add_string(document, "digest", extmgr_bundle_get_digest(bundle));
	json_add(document, "bytes", cJSON_CreateNumber((double)extmgr_text_get_length(archive)));
	json_print(stdout, document);
	cJSON_Delete(document);
}

static char *name_archive(const struct options *options, const extmgr_bundle *bundle)
{
	char *path = NULL;
	int length = options->out ? asprintf(&path, "%s", options->out)
				  : asprintf(&path, "%s-%s.supx", extmgr_bundle_get_id(bundle),
					     extmgr_bundle_get_version(bundle));

	return checked(length < 0 ? NULL : path);
}

static int pack(const struct options *options, const extmgr_bundle *bundle)
{
	extmgr_text *archive = NULL;
	extmgr_error *error = NULL;
	char *path;
	int code;

	if (extmgr_bundle_get_kind(bundle) != EXTMGR_BUNDLE_DIRECTORY)
		return fail_usage("name the directory that holds dist/",
				  "'%s' is no development directory",
				  extmgr_bundle_get_path(bundle));
	warn_of_bundle(options, bundle);
	if (extmgr_bundle_pack(bundle, &archive, &error) < 0)
		return fail_with(error, "cannot pack it");
	path = name_archive(options, bundle);
	code = write_archive(path, archive);
	if (code == EXIT_DONE)
		print_packed(options, bundle, path, archive);
	free(path);
	extmgr_text_free(archive);
	return code;
}

int run_bundle_pack(const struct options *options, char **arguments)
{
	struct session session = {0};
	extmgr_bundle *bundle = NULL;
	int code = session_open_context(&session, options);

	if (code == EXIT_DONE)
		code = open_bundle(&session, arguments[0], "pack", &bundle);
	if (code == EXIT_DONE)
		code = pack(options, bundle);
	extmgr_bundle_free(bundle);
	session_close(&session);
	return code;
}
