/* SPDX-License-Identifier: MIT */
#include "bundle/bundle.h"

#include "base/json.h"
#include "bundle/archive.h"
#include "bundle/manifest.h"
#include "bundle/member.h"
#include "bundle/signature.h"
#include "bundle/source.h"

#include <stdlib.h>
#include <string.h>

struct extmgr_bundle {
	struct extmgr__origin *origin;
	struct extmgr__content *content;
	struct extmgr__manifest manifest;
	int32_t signature; /* EXTMGR_SIGNATURE_... */
};

/* Whether the trust of the context takes it, by the listing of what was read. */
static extmgr_result judge(extmgr_bundle *bundle, extmgr_error **error)
{
	const struct extmgr__origin *origin = bundle->origin;
	struct extmgr__buffer what = EXTMGR__BUFFER(2 * EXTMGR__MESSAGE_MAXIMUM);
	const extmgr_trust *trust;
	struct extmgr__signed_thing thing = {
		.id = bundle->manifest.id,
		.listing = extmgr__content_listing(bundle->content),
	};
	extmgr_result result;

	thing.sums = extmgr__origin_bytes(&origin->sums, &thing.sums_length);
	thing.signature = extmgr__origin_bytes(&origin->signature, &thing.signature_length);
	if (origin->vouched && !thing.signature) {
		bundle->signature = EXTMGR_SIGNATURE_SIGNED;
		return EXTMGR_OK;
	}
	extmgr__buffer_printf(&what, "bundle '%s'", origin->path);
	thing.what = extmgr__buffer_get(&what);
	trust = extmgr__context_trust_ref(origin->context);
	result = extmgr__signature_judge(trust, &thing, &bundle->signature, NULL, NULL, error);
	/* The part before the dot is what a key may be limited to. */
	if (result == EXTMGR_OK && bundle->manifest.lacks_publisher &&
	    extmgr__trust_demands_signatures(trust))
		result = extmgr__error_set(error, EXTMGR_E_BUNDLE_ID,
					   "bundle '%s': the id '%s' has a '.', but the manifest "
					   "has no publisher",
					   origin->path, bundle->manifest.id);
	extmgr__trust_unref(trust);
	extmgr__buffer_free(&what);
	return result;
}

extmgr_result extmgr_bundle_open(const extmgr_bundle_source *source, extmgr_bundle **bundle_out,
				 extmgr_error **error_out)
{
	extmgr_bundle *bundle;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (bundle_out)
		*bundle_out = NULL;
	if (!source || !bundle_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 !source ? "source" : "bundle_out");
	result = extmgr__context_check(source->origin->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	bundle = calloc(1, sizeof(*bundle));
	if (!bundle)
		return extmgr__error_no_memory(error_out);
	bundle->origin = extmgr__origin_ref(source->origin);
	result = extmgr__source_read_content(source, &bundle->content, error_out);
	if (result == EXTMGR_OK)
		result = extmgr__manifest_read(bundle->content, bundle->origin->path,
					       &bundle->manifest, error_out);
	if (result == EXTMGR_OK)
		result = judge(bundle, error_out);
	if (result == EXTMGR_OK)
		*bundle_out = bundle;
	else
		extmgr_bundle_free(bundle);
	return result;
}

void extmgr_bundle_free(extmgr_bundle *bundle)
{
	if (!bundle)
		return;
	extmgr__manifest_free(&bundle->manifest);
	extmgr__content_unref(bundle->content);
	extmgr__origin_unref(bundle->origin);
	free(bundle);
}

/* ---- What it is ---- */

const char *extmgr_bundle_get_path(const extmgr_bundle *bundle)
{
	return bundle ? bundle->origin->path : NULL;
}

int32_t extmgr_bundle_get_kind(const extmgr_bundle *bundle)
{
	return bundle ? bundle->origin->kind : 0;
}

const char *extmgr_bundle_get_id(const extmgr_bundle *bundle)
{
	return bundle ? bundle->manifest.id : NULL;
}

const char *extmgr_bundle_get_version(const extmgr_bundle *bundle)
{
	return bundle ? bundle->manifest.version : NULL;
}

const char *extmgr_bundle_get_name(const extmgr_bundle *bundle)
{
	return bundle ? bundle->manifest.name : NULL;
}

const char *extmgr_bundle_get_manifest(const extmgr_bundle *bundle, size_t *length)
{
	size_t index = 0;

	if (length)
		*length = 0;
	if (!extmgr_bundle_find_file(bundle, EXTMGR__MANIFEST_PATH, &index))
		return NULL;
	return extmgr_bundle_get_file_content(bundle, index, length);
}

const char *extmgr_bundle_get_definition_path(const extmgr_bundle *bundle)
{
	return bundle ? bundle->manifest.definition : NULL;
}

const char *extmgr_bundle_get_listing(const extmgr_bundle *bundle)
{
	return bundle ? extmgr__content_listing(bundle->content) : NULL;
}

const char *extmgr_bundle_get_digest(const extmgr_bundle *bundle)
{
	return bundle ? extmgr__content_digest(bundle->content) : NULL;
}

const char *extmgr_bundle_get_archive_sha256(const extmgr_bundle *bundle)
{
	return bundle ? bundle->origin->archive_sha256 : NULL;
}

int32_t extmgr_bundle_get_signature_state(const extmgr_bundle *bundle)
{
	return bundle ? bundle->signature : 0;
}

const char *extmgr_bundle_get_sums(const extmgr_bundle *bundle, size_t *length)
{
	return extmgr__origin_bytes(bundle ? &bundle->origin->sums : NULL, length);
}

const char *extmgr_bundle_get_signature(const extmgr_bundle *bundle, size_t *length)
{
	return extmgr__origin_bytes(bundle ? &bundle->origin->signature : NULL, length);
}

size_t extmgr_bundle_get_warning_count(const extmgr_bundle *bundle)
{
	return bundle ? bundle->manifest.warning_count : 0;
}

const char *extmgr_bundle_get_warning(const extmgr_bundle *bundle, size_t index)
{
	return index < extmgr_bundle_get_warning_count(bundle) ? bundle->manifest.warnings[index]
							       : NULL;
}

/* ---- Its files ---- */

static const struct extmgr__bundle_file *get_file(const extmgr_bundle *bundle, size_t index)
{
	return bundle ? extmgr__content_get(bundle->content, index) : NULL;
}

size_t extmgr_bundle_get_file_count(const extmgr_bundle *bundle)
{
	return bundle ? extmgr__content_count(bundle->content) : 0;
}

const char *extmgr_bundle_get_file_path(const extmgr_bundle *bundle, size_t index)
{
	const struct extmgr__bundle_file *file = get_file(bundle, index);

	return file ? file->path : NULL;
}

const char *extmgr_bundle_get_file_sha256(const extmgr_bundle *bundle, size_t index)
{
	const struct extmgr__bundle_file *file = get_file(bundle, index);

	return file ? file->sha256 : NULL;
}

const char *extmgr_bundle_get_file_content(const extmgr_bundle *bundle, size_t index,
					   size_t *length)
{
	const struct extmgr__bundle_file *file = get_file(bundle, index);

	if (length)
		*length = file ? file->size : 0;
	return file ? file->bytes : NULL;
}

int32_t extmgr_bundle_find_file(const extmgr_bundle *bundle, const char *path, size_t *index_out)
{
	const struct extmgr__bundle_file *file =
		bundle && path ? extmgr__content_find(bundle->content, path) : NULL;

	if (index_out)
		*index_out = file ? (size_t)(file - extmgr__content_get(bundle->content, 0)) : 0;
	return file != NULL;
}

/* ---- Documents ---- */

const char *extmgr__bundle_kind_name(int32_t kind)
{
	return kind == EXTMGR_BUNDLE_DIRECTORY ? "directory" : "archive";
}

static void write_files(struct extmgr__json_writer *writer, const struct extmgr__content *content)
{
	extmgr__json_key(writer, "files");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < extmgr__content_count(content); i++) {
		const struct extmgr__bundle_file *file = extmgr__content_get(content, i);

		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "path", file->path);
		extmgr__json_member_integer(writer, "size", (int64_t)file->size);
		extmgr__json_member_string(writer, "sha256", file->sha256);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

static void write_warnings(struct extmgr__json_writer *writer,
			   const struct extmgr__manifest *manifest)
{
	extmgr__json_key(writer, "warnings");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < manifest->warning_count; i++)
		extmgr__json_string(writer, manifest->warnings[i]);
	extmgr__json_end_array(writer);
}

/* As it stands there, without its line ends: a document is one line. */
static void write_manifest(struct extmgr__json_writer *writer, const extmgr_bundle *bundle)
{
	size_t length = 0;
	const char *text = extmgr_bundle_get_manifest(bundle, &length);
	size_t start = 0;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		start = 3;
	extmgr__json_key(writer, "manifest");
	/* A line end in JSON is outside of strings: a blank instead changes nothing. */
	for (size_t i = start; i <= length; i++) {
		if (i < length && text[i] != '\n' && text[i] != '\r')
			continue;
		extmgr__buffer_append(writer->buffer, text + start, i - start);
		if (i < length)
			extmgr__buffer_putc(writer->buffer, ' ');
		start = i + 1;
	}
	writer->needs_comma = true;
}

static void write_bundle(struct extmgr__json_writer *writer, const extmgr_bundle *bundle)
{
	const struct extmgr__manifest *manifest = &bundle->manifest;

	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.bundle/1");
	extmgr__json_member_string(writer, "path", bundle->origin->path);
	extmgr__json_member_string(writer, "kind", extmgr__bundle_kind_name(bundle->origin->kind));
	extmgr__json_member_string(writer, "id", manifest->id);
	extmgr__json_member_string(writer, "version", manifest->version);
	extmgr__json_member_string(writer, "name", manifest->name);
	extmgr__json_member_string(writer, "digest", extmgr__content_digest(bundle->content));
	extmgr__json_member_string(writer, "archiveSha256", bundle->origin->archive_sha256);
	extmgr__json_member_string(
		writer, "signature",
		extmgr_signature_get_name(extmgr_bundle_get_signature_state(bundle)));
	extmgr__json_member_string(writer, "definition", manifest->definition);
	write_manifest(writer, bundle);
	write_files(writer, bundle->content);
	write_warnings(writer, manifest);
	extmgr__json_end_object(writer);
}

static extmgr_result check_output(const extmgr_bundle *bundle, const char *name,
				  extmgr_text **text_out, extmgr_error **error_out)
{
	if (error_out)
		*error_out = NULL;
	if (text_out)
		*text_out = NULL;
	if (!bundle || !text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 !bundle ? "bundle" : name);
	return EXTMGR_OK;
}

extmgr_result extmgr_bundle_to_json(const extmgr_bundle *bundle, extmgr_text **text_out,
				    extmgr_error **error_out)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(&buffer);
	extmgr_result result = check_output(bundle, "text_out", text_out, error_out);

	if (result != EXTMGR_OK)
		return result;
	write_bundle(&writer, bundle);
	*text_out = extmgr__buffer_take_text(&buffer, &result);
	return *text_out ? EXTMGR_OK
			 : extmgr__error_from_result(error_out, result,
						     "the description of a bundle");
}

/* ---- Packing ---- */

/* What is handed out can be opened, and holds the same. */
static extmgr_result check_packed(const extmgr_bundle *bundle, const struct extmgr__buffer *archive,
				  extmgr_error **error)
{
	const struct extmgr__origin *origin = bundle->origin;
	struct extmgr__content *content = NULL;
	extmgr_result result = extmgr__archive_open(origin->context, origin->path, archive->data,
						    archive->length, &content, error);

	if (result != EXTMGR_OK)
		return result;
	if (strcmp(extmgr__content_digest(content), extmgr__content_digest(bundle->content)) != 0)
		result = extmgr__refuse(error, EXTMGR_E_INTERNAL, origin->path, NULL,
					"packed it has another digest");
	extmgr__content_unref(content);
	return result;
}

extmgr_result extmgr_bundle_pack(const extmgr_bundle *bundle, extmgr_text **archive_out,
				 extmgr_error **error_out)
{
	struct extmgr__buffer archive;
	extmgr_result result = check_output(bundle, "archive_out", archive_out, error_out);

	if (result == EXTMGR_OK)
		result = extmgr__context_check(bundle->origin->context, error_out);
	if (result != EXTMGR_OK)
		return result;
	archive = EXTMGR__BUFFER(
		(size_t)extmgr__context_limits(bundle->origin->context)->bundle_bytes);
	result = extmgr__archive_pack(bundle->content, bundle->origin->path, &archive, error_out);
	if (result == EXTMGR_OK)
		result = check_packed(bundle, &archive, error_out);
	if (result != EXTMGR_OK) {
		extmgr__buffer_free(&archive);
		return result;
	}
	*archive_out = extmgr__buffer_take_text(&archive, &result);
	return *archive_out ? EXTMGR_OK : extmgr__error_no_memory(error_out);
}
