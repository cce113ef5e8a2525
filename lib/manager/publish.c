/* SPDX-License-Identifier: MIT */
/* The index that makes a directory of definitions and bundles a registry for the web. */
#include "base/hash.h"
#include "base/json.h"
#include "base/semver.h"
#include "base/url.h"
#include "bundle/bundle.h"
#include "host/context.h"
#include "registry/index.h"
#include "registry/registry.h"
#include "registry/walk.h"
#include "script/definition.h"

#include <extmgr/publish.h>

#include <stdlib.h>
#include <string.h>

struct publishing {
	extmgr_context *context;
	extmgr_operation *operation;
	struct extmgr__walk *walk;
	struct extmgr__json_writer writer;
	extmgr_error **error;
};

/* The file's name as a reference. */
static void write_url(struct extmgr__json_writer *writer, const char *name, const char *suffix)
{
	struct extmgr__buffer url = EXTMGR__BUFFER(2048);

	extmgr__url_append_segment(&url, name);
	extmgr__buffer_puts(&url, suffix);
	extmgr__json_member_string(writer, "url", extmgr__buffer_get(&url));
	if (extmgr__buffer_result(&url) != EXTMGR_OK)
		writer->buffer->result = extmgr__buffer_result(&url);
	extmgr__buffer_free(&url);
}

/* One that nobody could compare is left out: readers would refuse it. */
static void write_version(struct publishing *publishing, const char *id, const char *version)
{
	struct extmgr__semver parsed;

	if (version && extmgr__semver_parse(version, &parsed))
		extmgr__json_member_string(&publishing->writer, "version", version);
	else if (version)
		extmgr__context_log(publishing->context, EXTMGR_LOG_WARNING, "registry",
				    "the version '%s' of '%s' is none of SemVer 2.0: the index "
				    "gives none, and older ones are not told from newer ones",
				    version, id);
}

static extmgr_result publish_entry(struct publishing *publishing, size_t index)
{
	const char *id = extmgr__walk_id(publishing->walk, index);
	struct extmgr__json_writer *writer = &publishing->writer;
	struct extmgr__definition_info *info = NULL;
	struct extmgr__source source;
	extmgr_result result;

	result = extmgr__walk_read(publishing->walk, index, &source, publishing->error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_info_get(publishing->context, publishing->operation, id,
						     extmgr_text_get_data(source.text),
						     extmgr_text_get_length(source.text), &info,
						     publishing->error);
	extmgr_text_free(source.text);
	if (result != EXTMGR_OK)
		return extmgr__error_wrap(publishing->error, result, "cannot publish '%s'", id);
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", id);
	write_url(writer, id, ".js");
	write_version(publishing, id, extmgr__definition_info_latest(info));
	extmgr__json_member_string(writer, "sha256",
				   strchr(info->digest, ':') ? strchr(info->digest, ':') + 1
							     : info->digest);
	extmgr__json_end_object(writer);
	extmgr__definition_info_unref(info);
	return EXTMGR_OK;
}

/* ---- bundles ---- */

static void write_bundle(struct extmgr__json_writer *writer, const extmgr_bundle *bundle)
{
	const char *path = extmgr_bundle_get_path(bundle);
	const char *slash = strrchr(path, '/');

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "id", extmgr_bundle_get_id(bundle));
	write_url(writer, slash ? slash + 1 : path, "");
	extmgr__json_member_string(writer, "version", extmgr_bundle_get_version(bundle));
	extmgr__json_member_string(writer, "sha256", extmgr_bundle_get_archive_sha256(bundle));
	extmgr__json_member_string(writer, "digest", extmgr_bundle_get_digest(bundle));
	extmgr__json_end_object(writer);
}

static extmgr_result publish_bundle(struct publishing *publishing, const char *path)
{
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_result result;

	result = extmgr__operation_check(publishing->operation, publishing->error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr_bundle_source_read(publishing->context, path, &source, publishing->error);
	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, &bundle, publishing->error);
	if (result == EXTMGR_OK)
		write_bundle(&publishing->writer, bundle);
	else
		result = extmgr__error_wrap(publishing->error, result, "cannot publish '%s'", path);
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
	return result;
}

/* The archives; a development directory is no file that a server could give away. */
static extmgr_result publish_bundles(struct publishing *publishing, const char *path)
{
	struct extmgr__json_writer *writer = &publishing->writer;
	struct extmgr__candidates candidates = {0};
	bool has_any = false;
	extmgr_result result = EXTMGR_OK;

	if (path)
		result = extmgr__candidates_scan(path, &candidates, publishing->error);
	for (size_t i = 0; i < candidates.count && result == EXTMGR_OK; i++) {
		if (candidates.items[i].kind != EXTMGR_BUNDLE_ARCHIVE)
			continue;
		if (!has_any) {
			extmgr__json_key(writer, "bundles");
			extmgr__json_begin_array(writer);
		}
		has_any = true;
		result = publish_bundle(publishing, candidates.items[i].path);
	}
	if (has_any)
		extmgr__json_end_array(writer);
	extmgr__candidates_free(&candidates);
	return result;
}

static extmgr_result publish_all(struct publishing *publishing, const char *path, int64_t serial,
				 const char *expires)
{
	struct extmgr__json_writer *writer = &publishing->writer;
	size_t count = extmgr__walk_count(publishing->walk);
	extmgr_result result = EXTMGR_OK;

	extmgr__json_begin_object(writer);
	extmgr__json_member_integer(writer, "serial", serial);
	if (expires)
		extmgr__json_member_string(writer, "expires", expires);
	extmgr__json_key(writer, "extensions");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(publishing->operation, "publish", i, count,
						    publishing->error);
		if (result == EXTMGR_OK)
			result = publish_entry(publishing, i);
	}
	extmgr__json_end_array(writer);
	if (result == EXTMGR_OK)
		result = publish_bundles(publishing, path);
	extmgr__json_end_object(writer);
	extmgr__buffer_putc(writer->buffer, '\n');
	return result;
}

static extmgr_result make_sums(const struct extmgr__buffer *index, extmgr_text **sums_out,
			       extmgr_error **error)
{
	struct extmgr__buffer sums = EXTMGR__BUFFER(256);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result =
		extmgr__hash_sha256_hex(extmgr__buffer_get(index), index->length, hex);

	if (result != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	extmgr__buffer_printf(&sums, "%s  " EXTMGR__INDEX_NAME "\n", hex);
	*sums_out = extmgr__buffer_take_text(&sums, &result);
	return *sums_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

/* That clients can read it; only what the caller gave can be wrong. */
static extmgr_result check_index(const struct extmgr__buffer *text, extmgr_error **error)
{
	struct extmgr__index *index = NULL;
	extmgr_result result =
		extmgr__index_parse(extmgr__buffer_get(text), text->length, &index, error);

	extmgr__index_free(index);
	if (result == EXTMGR_E_INDEX_FORMAT)
		return extmgr__error_wrap(error, EXTMGR_E_INVALID_ARGUMENT,
					  "nobody could read the index");
	return result;
}

/* Within the operation. */
static extmgr_result build(struct publishing *publishing, extmgr_registry *registry, int64_t serial,
			   const char *expires, extmgr_text **index_out, extmgr_text **sums_out)
{
	struct extmgr__buffer index = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	extmgr_result result;

	publishing->writer = EXTMGR__JSON_WRITER(&index);
	result = extmgr__walk_open(registry, publishing->operation, NULL, &publishing->walk,
				   publishing->error);
	if (result == EXTMGR_OK)
		result = publish_all(publishing, extmgr__registry_get_path(registry), serial,
				     expires);
	extmgr__walk_close(publishing->walk);
	if (result == EXTMGR_OK && extmgr__buffer_result(&index) != EXTMGR_OK)
		result = extmgr__error_from_result(publishing->error, extmgr__buffer_result(&index),
						   "the index");
	if (result == EXTMGR_OK)
		result = check_index(&index, publishing->error);
	if (result == EXTMGR_OK)
		result = make_sums(&index, sums_out, publishing->error);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&index);
		return result;
	}
	*index_out = extmgr__buffer_take_text(&index, &result);
	if (*index_out)
		return EXTMGR_OK;
	extmgr_text_free(*sums_out);
	*sums_out = NULL;
	return extmgr__error_from_result(publishing->error, result, "the index");
}

extmgr_result extmgr_registry_build(extmgr_context *context, extmgr_registry *registry,
				    int64_t serial, const char *expires,
				    extmgr_operation *operation, extmgr_text **index_out,
				    extmgr_text **sums_out, extmgr_error **error_out)
{
	extmgr_error *error = NULL;
	struct publishing publishing = {
		.context = context, .operation = operation, .error = &error};
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (index_out)
		*index_out = NULL;
	if (sums_out)
		*sums_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!registry || !index_out || !sums_out || serial < 0)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "registry, index_out or sums_out is NULL, or serial is "
					 "negative");
	result = extmgr__operation_begin(operation, context, error_out);
	if (result != EXTMGR_OK)
		return result;
	result = build(&publishing, registry, serial, expires, index_out, sums_out);
	extmgr__operation_end(operation);
	if (result != EXTMGR_OK)
		extmgr__error_move(error_out, &error);
	return result;
}
