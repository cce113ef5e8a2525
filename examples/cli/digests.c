/* SPDX-License-Identifier: MIT */
/* digest, verify: of bundles, development directories and definitions. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- digest ---- */

static void print_digest(const struct options *options, const char *path, bool with_path,
			 const extmgr_text *digest, const extmgr_text *listing)
{
	char *safe = text_safe(path, TEXT_ONE_LINE);

	if (options->listing && with_path)
		output("%s:\n", safe);
	if (options->listing)
		output("%s", extmgr_text_get_data(listing)); /* checked: no control characters */
	else if (with_path)
		output("%s  %s\n", extmgr_text_get_data(digest), safe);
	else
		output("%s\n", extmgr_text_get_data(digest));
	free(safe);
}

static void add_digest(cJSON *digests, const struct options *options, const char *path,
		       const extmgr_text *digest, const extmgr_text *listing)
{
	cJSON *item = checked(cJSON_CreateObject());

	json_add_string(item, "path", path);
	json_add_string(item, "digest", extmgr_text_get_data(digest));
	if (options->listing)
		json_add_string(item, "listing", extmgr_text_get_data(listing));
	cJSON_AddItemToArray(digests, item);
}

/* Answers an exit code. */
static int digest_one(const struct session *session, const char *path, bool with_path,
		      cJSON *digests)
{
	const struct options *options = session->options;
	extmgr_text *digest = NULL;
	extmgr_text *listing = NULL;
	extmgr_error *error = NULL;

	if (extmgr_digest_compute(session->context, path, options->form, &digest, &listing,
				  &error) < 0)
		return fail_with(error, "cannot compute the digest");
	if (options->json)
		add_digest(digests, options, path, digest, listing);
	else
		print_digest(options, path, with_path, digest, listing);
	extmgr_text_free(digest);
	extmgr_text_free(listing);
	return EXIT_DONE;
}

int run_digest(const struct options *options, char **arguments)
{
	struct session session = {0};
	cJSON *document = json_new_document("extmgr.digests/1");
	cJSON *digests = checked(cJSON_CreateArray());
	size_t done = 0;
	int failure = EXIT_DONE;
	int code = EXIT_DONE;

	json_add(document, "digests", digests);
	if (options->listing && options->form != EXTMGR_DIGEST_SHA256)
		code = fail_usage("leave out --form", "--listing belongs to the form sha256");
	if (code == EXIT_DONE)
		code = session_open_context(&session, options);
	for (size_t i = 0; code == EXIT_DONE && arguments[i]; i++) {
		int one = digest_one(&session, arguments[i], arguments[1] != NULL, digests);

		done += one == EXIT_DONE;
		failure = one == EXIT_DONE ? failure : one;
	}
	if (code == EXIT_DONE && failure != EXIT_DONE)
		code = done ? EXIT_PARTLY : failure;
	if (options->json && done)
		json_print(stdout, document);
	session_close(&session);
	cJSON_Delete(document);
	return code;
}

/* ---- verify ---- */

/* What one path is found to be. */
struct finding {
	const char *path;
	const char *kind; /* "archive", "directory", "definition"; NULL: not known */
	extmgr_bundle *bundle;
	extmgr_text *digest; /* of a definition */
	int32_t signature;   /* of a definition */
	extmgr_error *error; /* NULL: it is good */
};

static bool is_definition(const char *path)
{
	size_t length = strlen(path);
	struct stat status;

	return length > 3 && strcmp(path + length - 3, ".js") == 0 &&
	       !(stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

static void look_at_bundle(const struct session *session, struct finding *finding)
{
	extmgr_bundle_source *source = NULL;

	if (extmgr_bundle_source_read(session->context, finding->path, &source, &finding->error) <
	    0)
		return;
	finding->kind = extmgr_bundle_source_get_kind(source) == EXTMGR_BUNDLE_ARCHIVE
				? "archive"
				: "directory";
	if (extmgr_bundle_open(source, &finding->bundle, &finding->error) < 0)
		finding->bundle = NULL;
	extmgr_bundle_source_free(source);
}

/* What lies beside it and its signature, as a registry checks them; then whether it loads. */
static void check_definition(const struct session *session, struct finding *finding)
{
	const char *slash = strrchr(finding->path, '/');
	char *directory = checked(
		slash ? strndup(finding->path, (size_t)(slash - finding->path) + 1) : strdup("."));
	const char *id = slash ? slash + 1 : finding->path;
	extmgr_call_options call = session_call(session, 0);
	extmgr_registry *registry = NULL;
	extmgr_manager *manager = NULL;
	extmgr_text *text = NULL;
	extmgr_result result;

	result = extmgr_registry_open(session->context, directory, &registry, &finding->error);
	if (result >= 0)
		result = extmgr_registry_check(registry, id, session->operation,
					       &finding->signature, &finding->error);
	if (result >= 0)
		result = extmgr_manager_new(session->context, registry, NULL, NULL, NULL, &manager,
					    &finding->error);
	if (result >= 0)
		result = extmgr_manager_list_artifacts(manager, id, &call, &text, &finding->error);
	extmgr_text_free(text);
	extmgr_manager_free(manager);
	extmgr_registry_free(registry);
	free(directory);
}

static void look_at(const struct session *session, struct finding *finding)
{
	if (!is_definition(finding->path)) {
		look_at_bundle(session, finding);
		return;
	}
	finding->kind = "definition";
	if (extmgr_digest_compute(session->context, finding->path, EXTMGR_DIGEST_SHA256,
				  &finding->digest, NULL, &finding->error) < 0)
		finding->digest = NULL;
	else
		check_definition(session, finding);
}

static void forget(struct finding *finding)
{
	extmgr_bundle_free(finding->bundle);
	extmgr_text_free(finding->digest);
	extmgr_error_free(finding->error);
}

static const char *code_of(const struct finding *finding)
{
	return extmgr_result_get_name(extmgr_error_get_code(finding->error));
}

static const char *signature_of(const struct finding *finding)
{
	int32_t state = finding->bundle ? extmgr_bundle_get_signature_state(finding->bundle)
					: finding->signature;

	return extmgr_signature_get_name(state);
}

static extmgr_text *reason_of(const struct finding *finding)
{
	extmgr_text *reason = NULL;

	if (extmgr_error_copy_text(finding->error, &reason) != EXTMGR_OK)
		checked(NULL);
	return reason;
}

static void print_good(const struct finding *finding)
{
	char *path = text_safe(finding->path, TEXT_ONE_LINE);
	char *id = NULL;
	char *version = NULL;

	output("%sok%s      %s: ", output_style_begin(STYLE_GOOD), output_style_end(STYLE_GOOD),
	       path);
	if (finding->bundle) {
		id = text_safe(extmgr_bundle_get_id(finding->bundle), TEXT_ONE_LINE);
		version = text_safe(extmgr_bundle_get_version(finding->bundle), TEXT_ONE_LINE);
		output("%s %s, %s\n", id, version, signature_of(finding));
	} else {
		output("%s, %s\n", finding->kind, signature_of(finding));
	}
	free(version);
	free(id);
	free(path);
}

/* A line of the result for each path; what to do about it is said beside, on stderr. */
static void print_bad(const struct finding *finding)
{
	extmgr_text *reason = reason_of(finding);
	char *path = text_safe(finding->path, TEXT_ONE_LINE);
	char *safe = text_safe(extmgr_text_get_data(reason), TEXT_ONE_LINE);

	output("%sfailed%s  %s: %s: %s\n", output_style_begin(STYLE_BAD),
	       output_style_end(STYLE_BAD), path, code_of(finding), safe);
	print_hint(error_hint(finding->error));
	free(safe);
	free(path);
	extmgr_text_free(reason);
}

static void add_failure(cJSON *item, const struct finding *finding)
{
	extmgr_text *reason = reason_of(finding);

	json_add_string(item, "reason", extmgr_text_get_data(reason));
	json_add_string(item, "hint", error_hint(finding->error));
	extmgr_text_free(reason);
}

static void add_result(cJSON *results, const struct finding *finding)
{
	cJSON *item = checked(cJSON_CreateObject());

	json_add_string(item, "path", finding->path);
	json_add_string(item, "outcome", finding->error ? "failed" : "ok");
	json_add_string(item, "code", code_of(finding));
	if (finding->kind)
		json_add_string(item, "kind", finding->kind);
	if (finding->error)
		add_failure(item, finding);
	if (finding->bundle) {
		json_add_string(item, "id", extmgr_bundle_get_id(finding->bundle));
		json_add_string(item, "version", extmgr_bundle_get_version(finding->bundle));
		json_add_string(item, "digest", extmgr_bundle_get_digest(finding->bundle));
	} else if (finding->digest) {
		json_add_string(item, "digest", extmgr_text_get_data(finding->digest));
	}
	if (!finding->error)
		json_add_string(item, "signature", signature_of(finding));
	cJSON_AddItemToArray(results, item);
}

int run_verify(const struct options *options, char **arguments)
{
	struct session session = {0};
	cJSON *document = json_new_document("extmgr.verification/1");
	cJSON *results = checked(cJSON_CreateArray());
	int code = session_open_context(&session, options);
	bool has_failure = false;

	json_add(document, "results", results);
	for (size_t i = 0; code == EXIT_DONE && arguments[i]; i++) {
		struct finding finding = {.path = arguments[i]};

		look_at(&session, &finding);
		has_failure |= finding.error != NULL;
		if (options->json)
			add_result(results, &finding);
		else if (finding.error)
			print_bad(&finding);
		else if (options->verbosity >= 0)
			print_good(&finding);
		forget(&finding);
	}
	if (code == EXIT_DONE && options->json)
		json_print(stdout, document);
	if (code == EXIT_DONE && has_failure)
		code = EXIT_FAILED;
	session_close(&session);
	cJSON_Delete(document);
	return code;
}
