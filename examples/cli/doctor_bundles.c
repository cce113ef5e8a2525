/* SPDX-License-Identifier: MIT */
/*
 * Why extensions are not loaded or not updated: is there a path, are its bundles whole, does the
 * catalog have them, does a lock get in the way?
 */
#include "doctor.h"

#include "errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void found_text(struct doctor *doctor, enum outcome outcome, const char *name,
		       const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void found_text(struct doctor *doctor, enum outcome outcome, const char *name,
		       const char *hint, const char *format, ...)
{
	char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	checked(vasprintf(&message, format, arguments) < 0 ? NULL : message);
	va_end(arguments);
	found(doctor, outcome, name, message, hint);
	free(message);
}

/* ---- Extensions are not loaded: is the path set, and there? ---- */

static const char *check_path(struct doctor *doctor)
{
	const char *path = session_get_extensions_path();
	struct stat status;

	if (!path) {
		found(doctor, OUTCOME_WARNING, "extensions path",
		      "EXTMGR_EXTENSIONS_PATH is not set: no bundles are synchronised",
		      "set EXTMGR_EXTENSIONS_PATH (or SUPERSET_EXTENSIONS_PATH) to the directory "
		      "with the bundles, or name it: extmgr sync DIR");
		return NULL;
	}
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		found(doctor, OUTCOME_OK, "extensions path", path, NULL);
		return path;
	}
	found_text(doctor, OUTCOME_PROBLEM, "extensions path",
		   "make the directory, or mend EXTMGR_EXTENSIONS_PATH; 'ls -la' shows what is "
		   "there",
		   "'%s' %s", path, errno == ENOENT ? "does not exist" : "is no directory");
	return NULL;
}

/* ---- Bundle format errors ---- */

static void check_bundle(struct doctor *doctor, const extmgr_bundle_list *list, size_t index)
{
	const char *path = extmgr_bundle_list_get_path(list, index);
	const extmgr_error *error = extmgr_bundle_list_get_error(list, index);
	extmgr_text *text = NULL;

	switch (extmgr_bundle_list_get_outcome(list, index)) {
	case EXTMGR_BUNDLE_OK:
		found_text(doctor, OUTCOME_OK, "bundle", NULL, "%s: %s %s", path,
			   extmgr_bundle_list_get_id(list, index),
			   extmgr_bundle_list_get_version(list, index));
		break;
	case EXTMGR_BUNDLE_SUPERSEDED:
		found_text(doctor, OUTCOME_WARNING, "bundle", "remove the one that is not wanted",
			   "%s is superseded by %s", path,
			   extmgr_bundle_list_get_superseded_by(list, index));
		break;
	default:
		if (extmgr_error_copy_text(error, &text) != EXTMGR_OK)
			checked(NULL);
		found_text(doctor, OUTCOME_PROBLEM, "bundle", error_hint(error), "%s: %s: %s", path,
			   extmgr_result_get_name(extmgr_error_get_code(error)),
			   extmgr_text_get_data(text));
		extmgr_text_free(text);
	}
}

static extmgr_bundle_list *check_path_content(struct doctor *doctor, const char *path)
{
	extmgr_bundle_list *list = NULL;
	extmgr_error *error = NULL;
	size_t count;

	if (extmgr_bundle_discover(doctor->session.context, path, doctor->session.operation, &list,
				   &error) < 0) {
		found_error(doctor, OUTCOME_PROBLEM, "bundles", error);
		return NULL;
	}
	count = extmgr_bundle_list_get_count(list);
	if (!count)
		found_text(doctor, OUTCOME_WARNING, "bundles",
			   "put .supx files, or directories with dist/, into it: it is not "
			   "searched in depth",
			   "there is no bundle in '%s'", path);
	for (size_t i = 0; i < count; i++)
		check_bundle(doctor, list, i);
	return list;
}

/* ---- Lock timeouts ---- */

static void check_lock_timeout(struct doctor *doctor)
{
	const char *value = options_environment("EXTMGR_LOCK_TIMEOUT");
	char *end = NULL;
	double seconds;

	if (!value)
		value = options_environment("EXTENSION_STARTUP_LOCK_TIMEOUT");
	if (!value) {
		found(doctor, OUTCOME_OK, "lock timeout", "30 seconds, the default", NULL);
		return;
	}
	seconds = strtod(value, &end);
	if (*end || !(seconds > 0))
		found_text(doctor, OUTCOME_PROBLEM, "lock timeout",
			   "set EXTMGR_LOCK_TIMEOUT to a number of seconds such as 30",
			   "'%s' is no number of seconds", value);
	else if (seconds < 5)
		found_text(doctor, OUTCOME_WARNING, "lock timeout",
			   "raise EXTMGR_LOCK_TIMEOUT when extensions are reported as locked",
			   "%s seconds are little when many workers start at once", value);
	else
		found_text(doctor, OUTCOME_OK, "lock timeout", NULL, "%s seconds", value);
}

/* ---- Extensions are not updated: what does the catalog have? ---- */

static const cJSON *find_extension(const cJSON *extensions, const char *id)
{
	const cJSON *extension;

	cJSON_ArrayForEach(extension, extensions)
	{
		if (strcmp(json_string(extension, "id"), id) == 0)
			return extension;
	}
	return NULL;
}

static void compare_bundle(struct doctor *doctor, const cJSON *extensions,
			   const extmgr_bundle_list *list, size_t index)
{
	const char *id = extmgr_bundle_list_get_id(list, index);
	const cJSON *extension = find_extension(extensions, id);

	if (!extension)
		found_text(doctor, OUTCOME_WARNING, "catalog", "'extmgr sync' brings it in",
			   "%s is not in the catalog", id);
	else if (strcmp(json_string(extension, "digest"),
			extmgr_bundle_list_get_digest(list, index)) != 0)
		found_text(doctor, OUTCOME_WARNING, "catalog",
			   "'extmgr sync' updates it, or says why not; 'extmgr catalog history' "
			   "shows what happened",
			   "%s: the catalog has %s with another digest than the bundle with %s", id,
			   json_string(extension, "version"),
			   extmgr_bundle_list_get_version(list, index));
}

static void check_extension(struct doctor *doctor, const cJSON *extension)
{
	const char *id = json_string(extension, "id");
	const char *state = json_string(extension, "state");

	if (strcmp(state, "bad") == 0)
		found_text(doctor, OUTCOME_PROBLEM, "catalog",
			   "'extmgr catalog show' tells what failed, 'extmgr sync' writes it anew",
			   "%s is bad: %s", id,
			   *json_string(extension, "reason") ? json_string(extension, "reason")
							     : "its bytes failed a check");
	else if (strcmp(state, "missing") == 0)
		found_text(doctor, OUTCOME_WARNING, "catalog",
			   "put its bundle back, or remove it: extmgr catalog prune",
			   "%s is missing: no directory of bundles has it", id);
	else if (!json_is_true(extension, "enabled"))
		found_text(doctor, OUTCOME_WARNING, "catalog",
			   "'extmgr catalog enable' takes it into use again", "%s is disabled", id);
	else if (json_is_true(extension, "held"))
		found_text(doctor, OUTCOME_WARNING, "catalog",
			   "'extmgr catalog unhold' lets it be updated",
			   "%s is held: it is not updated", id);
}

static void compare_all(struct doctor *doctor, const cJSON *extensions,
			const extmgr_bundle_list *list)
{
	const cJSON *extension;
	char *message = NULL;

	checked(asprintf(&message, "%d extensions", cJSON_GetArraySize(extensions)) < 0 ? NULL
											: message);
	found(doctor, OUTCOME_OK, "catalog", message, NULL);
	free(message);
	cJSON_ArrayForEach(extension, extensions)
	{
		check_extension(doctor, extension);
	}
	for (size_t i = 0; i < extmgr_bundle_list_get_count(list); i++) {
		if (extmgr_bundle_list_get_outcome(list, i) == EXTMGR_BUNDLE_OK)
			compare_bundle(doctor, extensions, list, i);
	}
}

static void check_catalog(struct doctor *doctor, const extmgr_bundle_list *list)
{
	struct session *session = &doctor->session;
	extmgr_text *document = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = EXTMGR_OK;
	cJSON *catalog;

	if (!session->catalog)
		result = extmgr_catalog_open(session->context, session->database, NULL,
					     &session->catalog, &error);
	if (result == EXTMGR_OK)
		result = extmgr_catalog_list(session->catalog, session->operation, &document,
					     &error);
	if (result < 0) {
		/* Without bundles nobody needs one, and some databases cannot hold one. */
		if (list || (result != EXTMGR_E_CATALOG_MISSING && result != EXTMGR_E_UNSUPPORTED))
			found_error(doctor,
				    result == EXTMGR_E_CATALOG_MISSING ? OUTCOME_WARNING
								       : OUTCOME_PROBLEM,
				    "catalog", error);
		else
			extmgr_error_free(error);
		return;
	}
	catalog = json_parse(document);
	compare_all(doctor, json_member(catalog, "extensions"), list);
	cJSON_Delete(catalog);
	extmgr_text_free(document);
}

void check_bundles(struct doctor *doctor, bool has_database)
{
	const char *path = check_path(doctor);
	extmgr_bundle_list *list = path ? check_path_content(doctor, path) : NULL;

	check_lock_timeout(doctor);
	if (has_database)
		check_catalog(doctor, list);
	extmgr_bundle_list_free(list);
}
