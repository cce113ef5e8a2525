/* SPDX-License-Identifier: MIT */
/* Whether everything that a registry offers is there, is what it should be, and loads. */
#include "base/json.h"
#include "base/url.h"
#include "host/context.h"
#include "manager/receive.h"
#include "registry/registry.h"
#include "registry/walk.h"
#include "script/definition.h"

#include <extmgr/publish.h>

#include <string.h>

struct verifying {
	extmgr_context *context;
	extmgr_operation *operation;
	extmgr_registry *registry;
	struct extmgr__walk *walk;
	struct extmgr__buffer entries; /* JSON of the items of an array */
	struct extmgr__json_writer writer;
	size_t wrong;
	extmgr_error **error;
};

/* ---- findings ---- */

/* A signature that does not fit is damage, also where the policy takes everything. */
static bool is_damaged(const struct extmgr__finding *finding)
{
	return finding->result == EXTMGR_OK && finding->signature == EXTMGR_SIGNATURE_MODIFIED;
}

static void write_reason(struct extmgr__json_writer *writer, const struct extmgr__finding *finding)
{
	extmgr_text *text = NULL;

	if (is_damaged(finding)) {
		extmgr__json_member_string(
			writer, "reason",
			"its signature does not fit this content, name or version");
		return;
	}
	if (extmgr_error_copy_text(finding->error, &text) != EXTMGR_OK)
		writer->buffer->result = EXTMGR_E_NO_MEMORY;
	extmgr__json_member_string(writer, "reason", extmgr_text_get_data(text));
	extmgr_text_free(text);
}

static void note(void *user_data, const struct extmgr__finding *finding)
{
	struct verifying *verifying = user_data;
	struct extmgr__json_writer *writer = &verifying->writer;
	extmgr_result result = is_damaged(finding) ? EXTMGR_E_SIGNATURE_MODIFIED : finding->result;

	verifying->wrong += result != EXTMGR_OK;
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "kind", finding->kind);
	extmgr__json_member_string(writer, "id", finding->id);
	if (finding->version)
		extmgr__json_member_string(writer, "version", finding->version);
	if (finding->file)
		extmgr__json_member_string(writer, "file", finding->file);
	extmgr__json_member_string(writer, "result", result == EXTMGR_OK ? "ok" : "problem");
	extmgr__json_member_string(writer, "code", extmgr_result_get_name(result));
	if (finding->signature)
		extmgr__json_member_string(writer, "signature",
					   extmgr_signature_get_name(finding->signature));
	if (result != EXTMGR_OK)
		write_reason(writer, finding);
	extmgr__json_end_object(writer);
}

/* Whether a failure ends it all, rather than being a finding. */
static bool is_over(const struct verifying *verifying, extmgr_result result)
{
	return result == EXTMGR_E_NO_MEMORY ||
	       (result != EXTMGR_OK && extmgr__operation_state(verifying->operation) != EXTMGR_OK);
}

/* Notes what came of it, unless that ends it all. */
static extmgr_result settle(struct verifying *verifying, struct extmgr__finding *finding,
			    extmgr_result result, extmgr_error *found)
{
	if (is_over(verifying, result)) {
		extmgr__error_move(verifying->error, &found);
		return result;
	}
	finding->result = result;
	finding->error = found;
	note(verifying, finding);
	extmgr_error_free(found);
	return EXTMGR_OK;
}

/* ---- artifacts ---- */

/* From https only to https, as for those who install it. */
static extmgr_result check_url(const struct verifying *verifying, const char *url,
			       extmgr_error **error)
{
	extmgr_result result = extmgr__url_check(url, "downloadUrl", error);

	if (result == EXTMGR_OK && extmgr__registry_is_https(verifying->registry) &&
	    !extmgr__url_is_https(url))
		result = extmgr__error_set(error, EXTMGR_E_DOWNLOAD_REFUSED,
					   "its downloadUrl leads from https to http");
	if (result == EXTMGR_OK && !extmgr__context_http(verifying->context))
		result = extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
					   "the context has no way to fetch over HTTP");
	return result;
}

static extmgr_result check_artifact(const struct verifying *verifying,
				    const struct extmgr__artifact *artifact, extmgr_error **error)
{
	struct extmgr__receiving receiving = {.operation = verifying->operation,
					      .name = artifact->file_name,
					      .size = artifact->size};
	struct extmgr__buffer url = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM);
	char found[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result = check_url(verifying, artifact->download_url, error);

	if (result == EXTMGR_OK)
		result = extmgr__receiving_fetch(&receiving, verifying->context,
						 artifact->download_url, NULL, error);
	if (result == EXTMGR_OK)
		result = extmgr__receiving_check(&receiving, artifact->sha256, found, error);
	extmgr__receiving_drop(&receiving);
	extmgr_error_free(receiving.error);
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	extmgr__url_append_public(&url, artifact->download_url);
	result = extmgr__error_wrap(error, result, "file '%s' at %s", artifact->file_name,
				    extmgr__buffer_get(&url));
	extmgr__buffer_free(&url);
	return result;
}

static extmgr_result check_artifacts(struct verifying *verifying,
				     const struct extmgr__definition_info *info, const char *id)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < info->artifact_count && result == EXTMGR_OK; i++) {
		const struct extmgr__artifact *artifact = &info->artifacts[i];
		struct extmgr__finding finding = {
			.kind = "artifact", .id = id, .file = artifact->file_name};
		extmgr_error *found = NULL;

		if (!*artifact->download_url)
			continue;
		result = extmgr__operation_progress(
			verifying->operation, "download", 0,
			artifact->size < 0 ? 0 : (uint64_t)artifact->size, verifying->error);
		if (result != EXTMGR_OK)
			return result;
		result = check_artifact(verifying, artifact, &found);
		result = settle(verifying, &finding, result, found);
	}
	return result;
}

/* ---- definitions ---- */

static extmgr_result check_definition(struct verifying *verifying, size_t index)
{
	const char *id = extmgr__walk_id(verifying->walk, index);
	struct extmgr__finding finding = {.kind = "definition",
					  .id = id,
					  .version = extmgr__walk_version(verifying->walk, index)};
	struct extmgr__definition_info *info = NULL;
	struct extmgr__source source;
	extmgr_error *found = NULL;
	extmgr_result result = extmgr__walk_read(verifying->walk, index, &source, &found);

	if (result == EXTMGR_OK)
		result = extmgr__definition_info_get(verifying->context, verifying->operation, id,
						     extmgr_text_get_data(source.text),
						     extmgr_text_get_length(source.text), &info,
						     &found);
	extmgr_text_free(source.text);
	finding.signature = source.signature;
	if (info && !finding.version)
		finding.version = extmgr__definition_info_latest(info);
	result = settle(verifying, &finding, result, found);
	/* What nobody would load names no files either. */
	if (result == EXTMGR_OK && info)
		result = check_artifacts(verifying, info, id);
	extmgr__definition_info_unref(info);
	return result;
}

static extmgr_result check_all(struct verifying *verifying)
{
	size_t count;
	extmgr_result result = extmgr__walk_open_check(verifying->registry, verifying->operation,
						       &verifying->walk, verifying->error);

	if (result != EXTMGR_OK)
		return result;
	result = extmgr__walk_check_place(verifying->walk, note, verifying, verifying->error);
	count = extmgr__walk_count(verifying->walk);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(verifying->operation, "verify", i, count,
						    verifying->error);
		if (result == EXTMGR_OK)
			result = check_definition(verifying, i);
	}
	return result;
}

/* ---- the whole ---- */

static extmgr_result write_report(const struct verifying *verifying, extmgr_text **report_out)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&text);
	extmgr_result result = extmgr__buffer_result(&verifying->entries);

	if (result != EXTMGR_OK)
		return extmgr__error_from_result(verifying->error, result, "the report");
	extmgr__json_begin_object(&writer);
	extmgr__json_member_string(&writer, "schema", "extmgr.registry-check/1");
	extmgr__json_member_string(&writer, "location",
				   extmgr__registry_get_location(verifying->registry));
	extmgr__json_member_integer(&writer, "wrong", (int64_t)verifying->wrong);
	extmgr__json_key(&writer, "entries");
	extmgr__buffer_putc(&text, '[');
	extmgr__buffer_append(&text, extmgr__buffer_get(&verifying->entries),
			      verifying->entries.length);
	extmgr__buffer_putc(&text, ']');
	writer.needs_comma = true;
	extmgr__json_end_object(&writer);
	*report_out = extmgr__buffer_take_text(&text, &result);
	return *report_out ? EXTMGR_OK
			   : extmgr__error_from_result(verifying->error, result, "the report");
}

static extmgr_result verify(struct verifying *verifying, extmgr_text **report_out)
{
	extmgr_result result;

	verifying->entries = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	verifying->writer = EXTMGR__JSON_WRITER(&verifying->entries);
	result = check_all(verifying);
	if (result == EXTMGR_OK)
		result = write_report(verifying, report_out);
	extmgr__walk_close(verifying->walk);
	extmgr__buffer_free(&verifying->entries);
	return result;
}

extmgr_result extmgr_registry_verify(extmgr_context *context, extmgr_registry *registry,
				     extmgr_operation *operation, extmgr_text **report_out,
				     extmgr_error **error_out)
{
	extmgr_error *error = NULL;
	struct verifying verifying = {
		.context = context, .operation = operation, .registry = registry, .error = &error};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (report_out)
		*report_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!registry || !report_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "registry or report_out is NULL");
	result = extmgr_registry_refresh(registry, operation, error_out);
	if (result < 0)
		return result;
	result = extmgr__operation_begin(operation, context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = verify(&verifying, report_out);
	extmgr__operation_end(operation);
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	else if (verifying.wrong)
		result = EXTMGR_PARTIAL;
	return result;
}
