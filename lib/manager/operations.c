/* SPDX-License-Identifier: MIT */
/* The writers: install, uninstall, upgrade, create and delete an instance. */
#include "manager/download.h"
#include "manager/operations.h"
#include "manager/writer.h"

#include "base/alloc.h"
#include "base/json.h"
#include "manager/requirements.h"
#include "params/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_pair(struct extmgr__pair *pair)
{
	free(pair->first);
	free(pair->second);
}

/* ---- verification: does the definition find what it just did? ---- */

static extmgr_result verify_failed(struct extmgr__work *work, const char *text,
				   extmgr_error **error)
{
	if (work->manager->verify == EXTMGR_VERIFY_WARN)
		return extmgr__work_warn(work, error, "%s", text);
	extmgr__error_set(error, EXTMGR_E_VERIFY, "%s; everything is rolled back", text);
	extmgr__error_hint(error, "this is a fault of the definition; its author can mend it");
	return EXTMGR_E_VERIFY;
}

bool extmgr__pairs_have(const struct extmgr__pairs *pairs, const char *first, const char *second)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if ((!first || strcmp(pairs->items[i].first, first) == 0) &&
		    (!second || strcmp(pairs->items[i].second, second) == 0))
			return true;
	}
	return false;
}

static bool is_verified(const struct extmgr__work *work)
{
	const struct extmgr__observer *observer = work->call.observer;

	return work->manager->verify != EXTMGR_VERIFY_OFF && !(observer && observer->skips);
}

typedef extmgr_result (*finder)(struct extmgr__work *work, struct extmgr__pairs *found,
				extmgr_error **error);

/* Asks the definition again; looked false: the mode is off, or it has no such function. */
static extmgr_result look_again(struct extmgr__work *work, enum extmgr__function function,
				finder find, struct extmgr__pairs *found, bool *looked,
				extmgr_error **error)
{
	extmgr_result result;

	*looked = false;
	if (!is_verified(work))
		return EXTMGR_OK;
	result = extmgr__work_step(work, "verify", error);
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__definition_info_has(work->info, function))
		return extmgr__work_warn(
			work, error, "extension \"%s\" has no %s, so the result was not verified",
			work->id, extmgr__function_name(function));
	*looked = true;
	return find(work, found, error);
}

/* version: the one that must be found; NULL: none may be. */
extmgr_result extmgr__verify_installation(struct extmgr__work *work, const char *version,
					  extmgr_error **error)
{
	struct extmgr__pairs found = {0};
	bool looked;
	extmgr_result result = look_again(work, EXTMGR__FN_FIND_INSTALLATIONS,
					  extmgr__work_find_installations, &found, &looked, error);
	char text[512];

	if (result != EXTMGR_OK || !looked)
		return result;
	if (version && !extmgr__pairs_have(&found, NULL, version)) {
		(void)snprintf(text, sizeof(text),
			       "extension \"%.200s\" does not find its version '%.100s' in the "
			       "database",
			       work->id, version);
		result = verify_failed(work, text, error);
	} else if (!version && found.count) {
		(void)snprintf(text, sizeof(text),
			       "extension \"%.200s\" is still found in the database", work->id);
		result = verify_failed(work, text, error);
	}
	extmgr__pairs_free(&found);
	return result;
}

extmgr_result extmgr__verify_instance(struct extmgr__work *work, const char *id, bool expected,
				      extmgr_error **error)
{
	struct extmgr__pairs found = {0};
	bool looked;
	extmgr_result result = look_again(work, EXTMGR__FN_FIND_INSTANCES,
					  extmgr__work_find_instances, &found, &looked, error);
	char text[512];

	if (result != EXTMGR_OK || !looked)
		return result;
	if (extmgr__pairs_have(&found, id, NULL) != expected) {
		bool hide = extmgr__target_holds_secret(work->target, id);

		(void)snprintf(text, sizeof(text),
			       "extension \"%.200s\" %s its instance '%.200s' in the database",
			       work->id, expected ? "does not find" : "still finds",
			       hide ? "***" : id);
		result = verify_failed(work, text, error);
	}
	extmgr__pairs_free(&found);
	return result;
}

/* ---- install ---- */

extmgr_result extmgr__writer_check_requirements(struct extmgr__work *work, extmgr_error **error)
{
	struct extmgr__unmet unmet = EXTMGR__UNMET;
	struct extmgr__facts *facts;
	extmgr_result result;

	if (!work->info->requirement_count)
		return EXTMGR_OK;
	result = extmgr__work_step(work, "requirements", error);
	if (result != EXTMGR_OK)
		return result;
	facts = extmgr__work_facts_new(work);
	if (!facts)
		return extmgr__error_no_memory(error);
	result = extmgr__requirements_check(facts, work->info, &unmet, error);
	if (result == EXTMGR_OK && unmet.count) {
		result = extmgr__error_set(error, EXTMGR_E_REQUIREMENTS, "extension \"%s\" %s",
					   work->id, extmgr__buffer_get(&unmet.text));
		if (unmet.remedy.length)
			extmgr__error_hint(error, "%s", extmgr__buffer_get(&unmet.remedy));
	}
	extmgr__facts_free(facts);
	extmgr__unmet_free(&unmet);
	return result;
}

static extmgr_result artifact_missing(const struct extmgr__work *work,
				      const struct extmgr__artifact *artifact, extmgr_error **error)
{
	if (artifact->size < 0)
		extmgr__error_set(error, EXTMGR_E_ARTIFACT_MISSING,
				  "extension \"%s\" needs file '%s', which is not there", work->id,
				  artifact->file_name);
	else
		extmgr__error_set(
			error, EXTMGR_E_ARTIFACT_MISSING,
			"extension \"%s\" needs file '%s' of %lld bytes, which is not there",
			work->id, artifact->file_name, (long long)artifact->size);
	if (!extmgr__artifact_refuse(work->manager, artifact))
		extmgr__error_hint(error, "artifact can be downloaded: allow it, or download: %s",
				   artifact->download_url);
	else if (artifact->download_url[0])
		extmgr__error_hint(error, "download: %s", artifact->download_url);
	return EXTMGR_E_ARTIFACT_MISSING;
}

/* Of several files of that name it is the one that resolvePath() answers. */
static extmgr_result check_sha256(struct extmgr__work *work,
				  const struct extmgr__artifact *artifact,
				  const extmgr_file_list *files, extmgr_error **error)
{
	const struct extmgr__file *file = extmgr__file_list_find(files, artifact->file_name);
	char found[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result;

	if (!artifact->sha256[0])
		return EXTMGR_OK;
	result = extmgr__target_hash_file(work->target, file, found, error);
	if (result != EXTMGR_OK || strcmp(found, artifact->sha256) == 0)
		return result;
	extmgr__error_set(error, EXTMGR_E_ARTIFACT_CHECKSUM,
			  "extension \"%s\" needs file '%s' with SHA-256 %s, but that of '%s' is "
			  "%s",
			  work->id, artifact->file_name, artifact->sha256, file->path, found);
	extmgr__error_detail(error, "expected", artifact->sha256);
	extmgr__error_detail(error, "found", found);
	if (artifact->download_url[0])
		extmgr__error_hint(error, "download it again: %s", artifact->download_url);
	return EXTMGR_E_ARTIFACT_CHECKSUM;
}

extmgr_result extmgr__writer_check_artifacts(struct extmgr__work *work, extmgr_error **error)
{
	const extmgr_file_list *files = NULL;
	extmgr_result result;

	if (!work->info->artifact_count)
		return EXTMGR_OK;
	result = extmgr__work_step(work, "artifacts", error);
	if (result == EXTMGR_OK)
		result = extmgr__target_list_files(work->target, &files, error);
	for (size_t i = 0; i < work->info->artifact_count && result == EXTMGR_OK; i++) {
		const struct extmgr__artifact *artifact = &work->info->artifacts[i];

		result = extmgr__artifact_is_there(artifact, files)
				 ? check_sha256(work, artifact, files, error)
				 : artifact_missing(work, artifact, error);
	}
	return result;
}

extmgr_result extmgr__writer_prepare(struct extmgr__work *work, extmgr_error **error)
{
	extmgr_result result = extmgr__writer_check_artifacts(work, error);

	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "schema", error);
	if (result == EXTMGR_OK)
		result = extmgr__target_ensure_schema(work->target, false, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "call", error);
	return result;
}

static extmgr_result run_install(struct extmgr__work *work, struct writer *writer,
				 extmgr_error **error)
{
	extmgr_result result;

	result = extmgr__work_use_installable_version(work, writer->version, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_check_requirements(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_prepare(work, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__definition_install(work->definition, work->services, work->call.operation,
					    work->version, error);
	result = extmgr__work_settle(work, result, "install", error);
	/* What the definition says about a version it does not know is the better message. */
	if (result == EXTMGR_OK && !extmgr__definition_info_has_version(work->info, work->version))
		result = extmgr__work_version_not_installable(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__verify_installation(work, work->version, error);
	return result;
}

/* ---- uninstall ---- */

static extmgr_result instances_exist(const struct extmgr__work *work,
				     const struct extmgr__pairs *instances, extmgr_error **error)
{
	struct extmgr__buffer names = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM / 8);

	for (size_t i = 0; i < instances->count; i++)
		extmgr__buffer_printf(&names, "%s%s", i ? ", " : "", instances->items[i].second);
	extmgr__error_set(error, EXTMGR_E_INSTANCES_EXIST,
			  "cannot uninstall extension because %zu instance(s) still exist: %s%s",
			  instances->count, extmgr__buffer_get(&names),
			  extmgr__buffer_result(&names) == EXTMGR_OK ? "" : ", ...");
	extmgr__error_hint(error, "delete them first: extmgr instance delete %s NAME", work->id);
	extmgr__buffer_free(&names);
	return EXTMGR_E_INSTANCES_EXIST;
}

static extmgr_result refuse_with_instances(struct extmgr__work *work, extmgr_error **error)
{
	struct extmgr__pairs instances = {0};
	extmgr_result result;

	if (!extmgr__definition_info_has(work->info, EXTMGR__FN_FIND_INSTANCES))
		return EXTMGR_OK;
	result = extmgr__work_step(work, "instances", error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__work_find_instances(work, &instances, error);
	if (result == EXTMGR_E_SCRIPT_STATUS && extmgr_error_get_http_status(*error) == 404) {
		/* The way in which a definition says that it has no instances (EX 2.2). */
		extmgr_error_free(*error);
		*error = NULL;
		return EXTMGR_OK;
	}
	if (result != EXTMGR_OK)
		return extmgr__error_wrap(error, result,
					  "cannot uninstall extension because instances remain: "
					  "failed to check existing instances");
	if (instances.count)
		result = instances_exist(work, &instances, error);
	extmgr__pairs_free(&instances);
	return result;
}

static extmgr_result run_uninstall(struct extmgr__work *work, struct writer *writer,
				   extmgr_error **error)
{
	extmgr_result result;

	result = extmgr__work_use_installed_version(work, writer->version, error);
	if (result == EXTMGR_OK)
		result = refuse_with_instances(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "call", error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__definition_uninstall(work->definition, work->services,
					      work->call.operation, work->version, error);
	result = extmgr__work_settle(work, result, "uninstall", error);
	return result == EXTMGR_OK ? extmgr__verify_installation(work, NULL, error) : result;
}

/* ---- instances ---- */

extmgr_result extmgr__write_values(const struct extmgr__parameter_values *values,
				   struct extmgr__buffer *json)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(json);

	extmgr__json_begin_array(&writer);
	for (size_t i = 0; i < values->count; i++) {
		extmgr__json_begin_object(&writer);
		extmgr__json_member_string(&writer, "name", values->items[i].name);
		extmgr__json_member_string(&writer, "value", values->items[i].value);
		extmgr__json_end_object(&writer);
	}
	extmgr__json_end_array(&writer);
	return extmgr__buffer_result(json);
}

/* Secret values are hidden from here on; then whoever looks on may see the others. */
extmgr_result extmgr__writer_hide_secrets(struct extmgr__work *work,
					  const struct extmgr__parameter_values *values,
					  extmgr_error **error)
{
	const struct extmgr__observer *observer = work->call.observer;
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < values->count && result == EXTMGR_OK; i++) {
		if (values->items[i].secret)
			result = extmgr__target_add_secret(work->target, values->items[i].value,
							   error);
	}
	if (result == EXTMGR_OK && observer)
		result = observer->parameters(observer->user_data, values, error);
	return result;
}

/* The rules, then secrets are hidden, then the definition has its say. */
static extmgr_result validate(struct extmgr__work *work, const struct writer *writer,
			      struct extmgr__parameter_values *values, extmgr_error **error)
{
	extmgr_text *definitions = NULL;
	extmgr_result result;

	result = extmgr__work_step(work, "validate", error);
	if (result == EXTMGR_OK)
		result = extmgr__work_get_parameters(work, &definitions, error);
	if (result == EXTMGR_OK)
		result = extmgr__params_validate(
			work->manager->context, work->call.operation,
			extmgr_text_get_data(definitions), extmgr_text_get_length(definitions),
			writer->values_json, writer->values_length, NULL, values, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_hide_secrets(work, values, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_validate(work, extmgr_text_get_data(definitions),
					       extmgr_text_get_length(definitions), values, error);
	extmgr_text_free(definitions);
	return result;
}

extmgr_result extmgr__writer_add_instance(struct extmgr__work *work, struct writer *writer,
					  const struct extmgr__parameter_values *values,
					  extmgr_error **error)
{
	struct extmgr__buffer json = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result = extmgr__write_values(values, &json);

	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "the list of parameter values");
	else
		result = extmgr__definition_add_instance(
			work->definition, work->services, work->call.operation, work->version,
			json.data, json.length, &writer->instance, error);
	extmgr__buffer_free(&json);
	return extmgr__work_settle(work, result, "add instance for", error);
}

static extmgr_result run_create_instance(struct extmgr__work *work, struct writer *writer,
					 extmgr_error **error)
{
	struct extmgr__parameter_values values = {0};
	extmgr_result result;

	result = extmgr__writer_check_requirements(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_use_installed_version(work, writer->version, error);
	if (result == EXTMGR_OK)
		result = validate(work, writer, &values, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_prepare(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_add_instance(work, writer, &values, error);
	if (result == EXTMGR_OK && !extmgr__definition_info_has_version(work->info, work->version))
		result = extmgr__work_version_not_installable(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__verify_instance(work, writer->instance.first, true, error);
	extmgr__parameter_values_free(&values);
	return result;
}

static extmgr_result run_delete_instance(struct extmgr__work *work, struct writer *writer,
					 extmgr_error **error)
{
	struct extmgr__pairs instances = {0};
	extmgr_result result;
	char verb[300];

	result = extmgr__work_use_installed_version(work, writer->version, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "instances", error);
	if (result == EXTMGR_OK)
		result = extmgr__work_find_instances(work, &instances, error);
	writer->unchanged = !extmgr__pairs_have(&instances, writer->instance_id, NULL);
	extmgr__pairs_free(&instances);
	if (result != EXTMGR_OK || writer->unchanged)
		return result;
	result = extmgr__work_step(work, "call", error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__definition_delete_instance(work->definition, work->services,
						    work->call.operation, work->version,
						    writer->instance_id, error);
	(void)snprintf(verb, sizeof(verb), "delete instance \"%.200s\" for", writer->instance_id);
	result = extmgr__work_settle(work, result, verb, error);
	return result == EXTMGR_OK
		       ? extmgr__verify_instance(work, writer->instance_id, false, error)
		       : result;
}

/* ---- what all writers share ---- */

static const char *outcome(const struct extmgr__work *work, const struct writer *writer)
{
	if (writer->unchanged)
		return "unchanged";
	if (work->call.rehearse)
		return "rehearsed";
	return work->manager->callers_transaction ? "pending" : "committed";
}

static extmgr_result write_report(struct extmgr__work *work, const struct writer *writer,
				  extmgr_text **report_out, extmgr_error **error)
{
	const struct extmgr__observer *observer = work->call.observer;
	extmgr_result result = EXTMGR_OK;
	struct extmgr__report_facts facts = {
		.extension_id = work->id,
		.info = work->info,
		.dialect = extmgr_database_get_dialect(work->manager->database),
		.extension_schema = work->manager->extension_schema,
		.version = work->version,
		.previous_version = writer->upgrade.first,
		.new_version = writer->upgrade.second,
		.instance_id =
			writer->instance.first ? writer->instance.first : writer->instance_id,
		.instance_name = writer->instance.second,
		.instances = &writer->instances,
		.outcome = outcome(work, writer),
	};

	if (extmgr__target_holds_secret(work->target, facts.instance_id))
		facts.instance_id = "***";
	if (extmgr__target_holds_secret(work->target, facts.instance_name))
		facts.instance_name = "***";
	if (observer)
		result = observer->finished(observer->user_data, &facts, writer->unchanged, error);
	if (result == EXTMGR_OK)
		result = extmgr__report_to_json(work->report, &facts, report_out, error);
	return result;
}

/* After a lost answer to COMMIT only the database knows: ask it in a new session. */
static void tell_what_is_installed(const struct extmgr__work *lost, extmgr_error **error)
{
	struct extmgr__pairs found = {0};
	struct extmgr__work work;
	extmgr_error *ignored = NULL;

	if (extmgr__work_open(&work, lost->manager, &lost->call, lost->id, NULL, &ignored) ==
		    EXTMGR_OK &&
	    extmgr__work_find_installations(&work, &found, &ignored) == EXTMGR_OK) {
		const char *version = found.count ? found.items[0].second : "";

		extmgr__error_detail(error, "installedVersion", version);
		extmgr__error_hint(error, "the database now reports %s%s",
				   found.count ? "installed version " : "that it is not installed",
				   version);
	} else {
		extmgr__error_hint(error,
				   "when the database is back, 'extmgr list' tells whether the "
				   "change was made");
	}
	extmgr__pairs_free(&found);
	extmgr__work_close(&work);
	extmgr_error_free(ignored);
}

static extmgr_result finish(struct extmgr__work *work, const struct writer *writer,
			    extmgr_text **report, extmgr_error **error)
{
	bool roll_back = work->call.rehearse || writer->unchanged;
	extmgr_result result = EXTMGR_OK;

	if (!roll_back && work->manager->history)
		result = extmgr__writer_leave_history(work, writer, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, roll_back ? "rollback" : "commit", error);
	/* The report first: after the commit nothing may fail any more. */
	if (result == EXTMGR_OK)
		result = write_report(work, writer, report, error);
	if (result == EXTMGR_OK)
		result = extmgr__target_finish(work->target, roll_back, error);
	return result;
}

static void log_outcome(const struct extmgr__work *work, const struct writer *writer,
			extmgr_result result)
{
	extmgr__context_log(
		work->manager->context, result == EXTMGR_OK ? EXTMGR_LOG_INFO : EXTMGR_LOG_ERROR,
		"manager", "%s of extension '%s'%s%s by '%s': %s", writer->operation,
		work->id ? work->id : "", work->version ? " version " : "",
		work->version ? work->version : "", extmgr__operation_actor(work->call.operation),
		result != EXTMGR_OK ? extmgr_result_get_name(result) : outcome(work, writer));
}

static extmgr_result run_in_transaction(struct extmgr__work *work, struct writer *writer,
					extmgr_text **report, extmgr_error **error)
{
	extmgr_result result = writer->run(work, writer, error);

	if (result == EXTMGR_OK)
		result = finish(work, writer, report, error);
	if (result != EXTMGR_OK)
		result = extmgr__target_abort(work->target, result, error);
	extmgr__target_close(work->target);
	work->target = NULL;
	if (result == EXTMGR_E_OUTCOME_UNKNOWN)
		tell_what_is_installed(work, error);
	return result;
}

extmgr_result extmgr__writer_run(const extmgr_manager *manager, const char *id,
				 struct writer *writer, const extmgr_call_options *options,
				 extmgr_text **report_out, extmgr_error **error_out)
{
	struct extmgr__work work;
	struct extmgr__call call;
	extmgr_error *error = NULL;
	extmgr_text *report = NULL;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	if (writer->needs_instance && !writer->instance_id)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "instance_id is NULL");
	result = extmgr__call_begin(manager, options, true, &call, &error);
	if (result == EXTMGR_OK) {
		call.observer = writer->observer;
		call.rehearse |= writer->rehearse;
		result = extmgr__work_open(&work, manager, &call, id, writer->operation, &error);
		if (result == EXTMGR_OK)
			result = run_in_transaction(&work, writer, &report, &error);
		log_outcome(&work, writer, result);
		extmgr__work_close(&work);
		extmgr__call_end(&call);
	}
	free_pair(&writer->upgrade);
	free_pair(&writer->instance);
	extmgr__pairs_free(&writer->instances);
	if (result == EXTMGR_OK && report_out) {
		*report_out = report;
		report = NULL;
	}
	extmgr_text_free(report);
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result == EXTMGR_OK && writer->unchanged ? EXTMGR_UNCHANGED : result;
}

extmgr_result extmgr_manager_install(extmgr_manager *manager, const char *id, const char *version,
				     const extmgr_call_options *options, extmgr_text **report_out,
				     extmgr_error **error_out)
{
	struct writer writer = {.operation = "install", .version = version, .run = run_install};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}

extmgr_result extmgr_manager_uninstall(extmgr_manager *manager, const char *id, const char *version,
				       const extmgr_call_options *options, extmgr_text **report_out,
				       extmgr_error **error_out)
{
	struct writer writer = {.operation = "uninstall", .version = version, .run = run_uninstall};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}

extmgr_result extmgr_manager_upgrade(extmgr_manager *manager, const char *id,
				     const extmgr_call_options *options, extmgr_text **report_out,
				     extmgr_error **error_out)
{
	struct writer writer = {.operation = "upgrade", .run = extmgr__run_upgrade};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}

extmgr_result extmgr_manager_create_instance(extmgr_manager *manager, const char *id,
					     const char *version, const char *values_json,
					     size_t values_length,
					     const extmgr_call_options *options,
					     extmgr_text **report_out, extmgr_error **error_out)
{
	struct writer writer = {.operation = "create-instance",
				.version = version,
				.values_json = values_json,
				.values_length = values_length,
				.run = run_create_instance};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}

extmgr_result extmgr_manager_delete_instance(extmgr_manager *manager, const char *id,
					     const char *version, const char *instance_id,
					     const extmgr_call_options *options,
					     extmgr_text **report_out, extmgr_error **error_out)
{
	struct writer writer = {.operation = "delete-instance",
				.version = version,
				.needs_instance = true,
				.instance_id = instance_id,
				.run = run_delete_instance};

	return extmgr__writer_run(manager, id, &writer, options, report_out, error_out);
}

/* ---- by name ---- */

static const struct kind {
	const char *operation;
	extmgr_result (*run)(struct extmgr__work *work, struct writer *writer,
			     extmgr_error **error);
	bool takes_version;
	bool takes_instance;
	bool takes_values;
} kinds[] = {
	{"install", run_install, true, false, false},
	{"uninstall", run_uninstall, true, false, false},
	{"upgrade", extmgr__run_upgrade, false, false, false},
	{"create-instance", run_create_instance, true, false, true},
	{"update-instance", extmgr__run_update_instance, true, true, true},
	{"delete-instance", run_delete_instance, true, true, false},
};

static const struct kind *find_kind(const char *operation)
{
	for (size_t i = 0; operation && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].operation, operation) == 0)
			return &kinds[i];
	}
	return NULL;
}

extmgr_result extmgr__request_check(const struct extmgr__request *request, extmgr_error **error)
{
	const struct kind *kind = find_kind(request->operation);
	const struct {
		const char *name;
		bool given;
		bool taken;
		bool needed;
	} arguments[] = {
		{"version", request->version, !kind || kind->takes_version, false},
		{"instance_id", request->instance_id, !kind || kind->takes_instance, true},
		{"values_json", request->values_json, !kind || kind->takes_values, true},
	};

	if (!kind)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "'%s' is no operation that can be planned",
					 request->operation ? request->operation : "");
	if (!request->extension_id)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "extension_id is NULL");
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		if (arguments[i].given && !arguments[i].taken)
			return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s takes no %s",
						 kind->operation, arguments[i].name);
		if (!arguments[i].given && arguments[i].taken && arguments[i].needed)
			return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s needs %s",
						 kind->operation, arguments[i].name);
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__request_run(const extmgr_manager *manager,
				  const struct extmgr__request *request,
				  const struct extmgr__observer *observer, bool rehearse,
				  const extmgr_call_options *options, extmgr_text **report_out,
				  extmgr_error **error_out)
{
	const struct kind *kind = find_kind(request->operation);
	struct writer writer = {.operation = kind->operation,
				.version = request->version,
				.instance_id = request->instance_id,
				.values_json = request->values_json,
				.values_length = request->values_length,
				.observer = observer,
				.rehearse = rehearse,
				.run = kind->run};

	return extmgr__writer_run(manager, request->extension_id, &writer, options, report_out,
				  error_out);
}
