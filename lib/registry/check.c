/* SPDX-License-Identifier: MIT */
#include "registry/check.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/url.h"
#include "bundle/bundle.h"
#include "bundle/signature.h"
#include "registry/checksum.h"
#include "registry/registry_internal.h"
#include "registry/web_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A listing of 10 000 paths of 1 KiB. */
#define SUMS_MAXIMUM ((size_t)16 << 20)
/* Of what an index in a directory names: a bundle. */
#define LINK_MAXIMUM ((size_t)256 << 20)

struct checking {
	extmgr_context *context;
	struct extmgr__web *web;           /* NULL: a directory */
	struct extmgr__snapshot *snapshot; /* of the web */
	const char *path;                  /* of the directory */
	extmgr_operation *operation;
	extmgr__finding_fn found;
	void *user_data;
};

static extmgr_result state(const struct checking *checking, extmgr_error **error)
{
	return extmgr__operation_check(checking->operation, error);
}

/* Tells what came of it; only what ends it all is an error. */
static extmgr_result tell(const struct checking *checking, struct extmgr__finding *finding,
			  extmgr_result result, extmgr_error *found, extmgr_error **error)
{
	if (result == EXTMGR_E_NO_MEMORY) {
		extmgr_error_free(found);
		return extmgr__error_no_memory(error);
	}
	if (state(checking, error) != EXTMGR_OK) {
		extmgr_error_free(found);
		return extmgr__operation_state(checking->operation);
	}
	finding->result = result;
	finding->error = found;
	checking->found(checking->user_data, finding);
	extmgr_error_free(found);
	return EXTMGR_OK;
}

/* ---- bundles of an index on the web ---- */

/* What an entry says of a bundle. */
struct promise {
	const char *id;
	const char *url;
	const char *version; /* NULL: nothing, as below */
	const char *sha256;
	const char *digest;
};

static struct promise promise_of(const extmgr__json *entry)
{
	return (struct promise){
		.id = extmgr__json_get_member_string(entry, "id"),
		.url = extmgr__json_get_member_string(entry, "url"),
		.version = extmgr__json_get_member_string(entry, "version"),
		.sha256 = extmgr__json_get_member_string(entry, "sha256"),
		.digest = extmgr__json_get_member_string(entry, "digest"),
	};
}

static extmgr_result compare(const char *what, const char *promised, const char *found,
			     extmgr_error **error)
{
	if (!promised || strcmp(promised, found) == 0)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_CONFLICT,
				 "its %s is '%.200s', the index says '%.200s'", what, found,
				 promised);
}

static extmgr_result compare_bundle(const struct promise *promise, const extmgr_bundle *bundle,
				    extmgr_error **error)
{
	extmgr_result result = compare("id", promise->id, extmgr_bundle_get_id(bundle), error);

	if (result == EXTMGR_OK)
		result = compare("version", promise->version, extmgr_bundle_get_version(bundle),
				 error);
	if (result == EXTMGR_OK)
		result =
			compare("digest", promise->digest, extmgr_bundle_get_digest(bundle), error);
	return result;
}

/* As of a definition: a signed index vouches for an entry that says everything. */
static bool is_vouched_for(const struct checking *checking, const struct promise *promise)
{
	const struct extmgr__trusted_key *key = checking->snapshot->key;

	return key && promise->sha256 && promise->version &&
	       extmgr__trusted_key_may_sign(key, promise->id);
}

static extmgr_result fetch_beside(const struct checking *checking, const char *url,
				  const char *suffix, size_t maximum,
				  struct extmgr__buffer *content, extmgr_error **error)
{
	char *beside = extmgr__web_beside(url, suffix);
	bool found = false;
	extmgr_result result;

	if (!beside)
		return extmgr__error_no_memory(error);
	result = extmgr__resource_fetch_optional(checking->context, checking->operation, beside,
						 maximum, content, &found, NULL, error);
	/* Empty is something else than missing. */
	if (result == EXTMGR_OK && found && !content->data)
		extmgr__buffer_puts(content, "");
	free(beside);
	return result;
}

static extmgr_result open_bundle(const struct checking *checking, const struct promise *promise,
				 const char *url, const struct extmgr__record *record,
				 int32_t *signature, extmgr_error **error)
{
	struct extmgr__buffer sums = EXTMGR__BUFFER(0);
	struct extmgr__buffer signed_sums = EXTMGR__BUFFER(0);
	char *name = extmgr__url_plain_file_name(url);
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_result result = name ? EXTMGR_OK : extmgr__error_no_memory(error);

	if (result == EXTMGR_OK)
		result = fetch_beside(checking, url, EXTMGR__SUMS_SUFFIX, SUMS_MAXIMUM, &sums,
				      error);
	if (result == EXTMGR_OK)
		result = fetch_beside(checking, url, EXTMGR__SIGNATURE_SUFFIX,
				      EXTMGR__SIGNATURE_MAXIMUM, &signed_sums, error);
	if (result == EXTMGR_OK)
		result = extmgr_bundle_source_from_bytes(
			checking->context, *name ? name : promise->id,
			extmgr_text_get_data(record->body), extmgr_text_get_length(record->body),
			&source, error);
	if (result == EXTMGR_OK) {
		extmgr__source_take_beside(source, &sums, &signed_sums,
					   is_vouched_for(checking, promise));
		result = extmgr_bundle_open(source, &bundle, error);
	}
	*signature = result == EXTMGR_OK ? extmgr_bundle_get_signature_state(bundle) : 0;
	if (result == EXTMGR_OK)
		result = compare_bundle(promise, bundle, error);
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
	extmgr__buffer_free(&sums);
	extmgr__buffer_free(&signed_sums);
	free(name);
	return result;
}

static extmgr_result check_bundle(const struct checking *checking, const struct promise *promise,
				  int32_t *signature, extmgr_error **error)
{
	struct extmgr__resource resource = {
		.maximum = extmgr__context_limits(checking->context)->bundle_bytes,
		.refresh = true};
	struct extmgr__record *record = NULL;
	char *url = NULL;
	extmgr_result result;

	if (!promise->id || !*promise->id)
		return extmgr__error_set(error, EXTMGR_E_INDEX_FORMAT, "\"id\" is missing");
	result = extmgr__web_locate(checking->web, checking->snapshot->record, promise->url, &url,
				    error);
	resource.url = url;
	if (result == EXTMGR_OK)
		result = extmgr__resource_fetch(checking->context, checking->operation, &resource,
						NULL, &record, NULL, error);
	if (result == EXTMGR_OK && promise->sha256)
		result = extmgr__checksum_compare("bundle", promise->id, promise->sha256,
						  record->sha256, error);
	if (result == EXTMGR_OK)
		result = open_bundle(checking, promise, url, record, signature, error);
	extmgr__record_unref(record);
	free(url);
	return result;
}

static extmgr_result check_bundles(const struct checking *checking, extmgr_error **error)
{
	const extmgr_text *body = checking->snapshot->record->body;
	extmgr__json *index = NULL;
	size_t number = 0;
	extmgr_result result =
		extmgr__json_parse(extmgr_text_get_data(body), extmgr_text_get_length(body),
				   "the index", &index, error);
	const extmgr__json *list = extmgr__json_get(index, "bundles");

	for (const extmgr__json *at = extmgr__json_first(list); at && result == EXTMGR_OK;
	     at = extmgr__json_next(at)) {
		const struct promise promise = promise_of(at);
		struct extmgr__finding finding = {.kind = "bundle",
						  .id = promise.id ? promise.id : "",
						  .version = promise.version};
		extmgr_error *found = NULL;

		result = extmgr__operation_progress(checking->operation, "bundles", number++,
						    extmgr__json_count(list), error);
		if (result != EXTMGR_OK)
			break;
		result = check_bundle(checking, &promise, &finding.signature, &found);
		result = tell(checking, &finding, result, found, error);
	}
	extmgr__json_free(index);
	return result;
}

/* It was fetched and checked when it was made a list of. */
static extmgr_result check_web(const struct checking *checking, extmgr_error **error)
{
	struct extmgr__finding finding = {.kind = "index",
					  .id = EXTMGR__INDEX_NAME,
					  .signature = checking->snapshot->signature};
	extmgr_result result = tell(checking, &finding, EXTMGR_OK, NULL, error);

	return result == EXTMGR_OK ? check_bundles(checking, error) : result;
}

/* ---- a directory ---- */

static char *path_of(const struct checking *checking, const char *name, const char *suffix)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);

	extmgr__buffer_printf(&path, "%s/%s%s", checking->path, name, suffix);
	if (extmgr__buffer_result(&path) == EXTMGR_OK)
		return path.data;
	extmgr__buffer_free(&path);
	return NULL;
}

static extmgr_result read_file(const struct checking *checking, const char *name,
			       const char *suffix, size_t maximum, struct extmgr__buffer *content,
			       extmgr_error **error)
{
	char *path = path_of(checking, name, suffix);
	extmgr_result result;

	if (!path)
		return extmgr__error_no_memory(error);
	result = extmgr__file_read_at(AT_FDCWD, path, maximum, content, error);
	free(path);
	return result;
}

/* The same of what may be missing. */
static extmgr_result read_optional(const struct checking *checking, const char *suffix,
				   size_t maximum, struct extmgr__buffer *content, bool *found,
				   extmgr_error **error)
{
	extmgr_result result =
		read_file(checking, EXTMGR__INDEX_NAME, suffix, maximum, content, error);

	*found = result == EXTMGR_OK;
	if (result != EXTMGR_E_NOT_FOUND)
		return result;
	extmgr_error_free(*error);
	*error = NULL;
	return EXTMGR_OK;
}

static extmgr_result check_archive(const struct checking *checking, const char *path,
				   extmgr_error **error)
{
	const char *slash = strrchr(path, '/');
	struct extmgr__finding finding = {.kind = "bundle", .id = slash ? slash + 1 : path};
	extmgr_bundle_source *source = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_error *found = NULL;
	extmgr_result result = extmgr_bundle_source_read(checking->context, path, &source, &found);

	if (result == EXTMGR_OK)
		result = extmgr_bundle_open(source, &bundle, &found);
	if (result == EXTMGR_OK) {
		finding.id = extmgr_bundle_get_id(bundle);
		finding.version = extmgr_bundle_get_version(bundle);
		finding.signature = extmgr_bundle_get_signature_state(bundle);
	}
	result = tell(checking, &finding, result, found, error);
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
	return result;
}

static extmgr_result check_archives(const struct checking *checking, extmgr_error **error)
{
	struct extmgr__candidates candidates = {0};
	extmgr_result result = extmgr__candidates_scan(checking->path, &candidates, error);

	for (size_t i = 0; i < candidates.count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(checking->operation, "bundles", i,
						    candidates.count, error);
		if (result == EXTMGR_OK && candidates.items[i].kind == EXTMGR_BUNDLE_ARCHIVE)
			result = check_archive(checking, candidates.items[i].path, error);
	}
	extmgr__candidates_free(&candidates);
	return result;
}

/* The file that a web server would give for a relative reference; others are not of this place. */
static extmgr_result check_link(const struct checking *checking, const char *reference,
				const char *sha256, extmgr_error **error)
{
	struct extmgr__buffer content = EXTMGR__BUFFER(0);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	char *url = NULL;
	char *name = NULL;
	extmgr_result result =
		extmgr__url_resolve("http://localhost/" EXTMGR__INDEX_NAME, reference, &url, error);

	if (result == EXTMGR_OK) {
		name = extmgr__url_plain_file_name(url);
		result = name ? EXTMGR_OK : extmgr__error_no_memory(error);
	}
	if (result == EXTMGR_OK)
		result = read_file(checking, name, "", LINK_MAXIMUM, &content, error);
	if (result == EXTMGR_OK && sha256 && *sha256) {
		if (extmgr__hash_sha256_hex(extmgr__buffer_get(&content), content.length, hex) !=
		    EXTMGR_OK)
			result = extmgr__error_no_memory(error);
		else
			result = extmgr__checksum_compare("file", name, sha256, hex, error);
	}
	extmgr__buffer_free(&content);
	free(name);
	free(url);
	return result;
}

/* Whether a reference means a file of this very directory. */
static bool is_of_this_directory(const char *reference)
{
	return reference && *reference && !strchr(reference, '/') && !strchr(reference, ':');
}

/* Only what is wrong is told: a file that is there is checked by itself. */
static extmgr_result tell_link(const struct checking *checking, const char *id,
			       const char *reference, const char *sha256, extmgr_error **error)
{
	struct extmgr__finding finding = {.kind = "link", .id = id, .file = reference};
	extmgr_error *found = NULL;
	extmgr_result result;

	if (!is_of_this_directory(reference))
		return EXTMGR_OK;
	result = check_link(checking, reference, sha256, &found);
	return result == EXTMGR_OK ? result : tell(checking, &finding, result, found, error);
}

static extmgr_result check_links(const struct checking *checking,
				 const struct extmgr__buffer *content,
				 const struct extmgr__index *index, extmgr_error **error)
{
	extmgr__json *document = NULL;
	extmgr_result result = extmgr__json_parse(extmgr__buffer_get(content), content->length,
						  "the index", &document, error);
	const extmgr__json *at = extmgr__json_first(extmgr__json_get(document, "bundles"));

	for (size_t i = 0; i < index->count && result == EXTMGR_OK; i++)
		result = tell_link(checking, index->entries[i].id, index->entries[i].url,
				   index->entries[i].sha256, error);
	for (; at && result == EXTMGR_OK; at = extmgr__json_next(at)) {
		const struct promise promise = promise_of(at);

		result = tell_link(checking, promise.id ? promise.id : "", promise.url,
				   promise.sha256, error);
	}
	extmgr__json_free(document);
	return result;
}

static extmgr_result judge_sums(const struct checking *checking,
				const struct extmgr__buffer *content,
				struct extmgr__finding *finding, extmgr_error **error)
{
	struct extmgr__buffer sums = EXTMGR__BUFFER(0);
	struct extmgr__buffer signature = EXTMGR__BUFFER(0);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	char listing[EXTMGR__SHA256_HEX_SIZE + sizeof("  " EXTMGR__INDEX_NAME "\n")];
	struct extmgr__signed_thing thing = {.what = "the index", .listing = listing};
	const extmgr_trust *trust = extmgr__context_trust_ref(checking->context);
	bool has_sums = false;
	bool has_signature = false;
	extmgr_result result =
		extmgr__hash_sha256_hex(extmgr__buffer_get(content), content->length, hex);

	if (result != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	if (result == EXTMGR_OK) {
		(void)snprintf(listing, sizeof(listing), "%s  " EXTMGR__INDEX_NAME "\n", hex);
		result = read_optional(checking, EXTMGR__SUMS_SUFFIX, EXTMGR__CHECKSUM_MAXIMUM,
				       &sums, &has_sums, error);
	}
	if (result == EXTMGR_OK)
		result =
			read_optional(checking, EXTMGR__SIGNATURE_SUFFIX, EXTMGR__SIGNATURE_MAXIMUM,
				      &signature, &has_signature, error);
	if (result == EXTMGR_OK && has_sums && strcmp(extmgr__buffer_get(&sums), listing) != 0)
		result = extmgr__error_set(error, EXTMGR_E_CHECKSUM,
					   "the file " EXTMGR__INDEX_NAME EXTMGR__SUMS_SUFFIX
					   " does not list the index as it is");
	finding->signature = EXTMGR_SIGNATURE_UNSIGNED;
	thing.signature = extmgr__buffer_get(&signature);
	thing.signature_length = signature.length;
	/* Without one each definition needs its own. */
	if (result == EXTMGR_OK && has_signature)
		result = extmgr__signature_judge(trust, &thing, &finding->signature, NULL, NULL,
						 error);
	extmgr__trust_unref(trust);
	extmgr__buffer_free(&sums);
	extmgr__buffer_free(&signature);
	return result;
}

static extmgr_result judge_index(const struct checking *checking,
				 const struct extmgr__buffer *content,
				 const struct extmgr__index *index, struct extmgr__finding *finding,
				 extmgr_error **error)
{
	if (index->expires >= 0 && index->expires <= extmgr__now())
		return extmgr__error_set(error, EXTMGR_E_INDEX_EXPIRED, "it has expired at %s",
					 index->expires_text);
	return judge_sums(checking, content, finding, error);
}

static extmgr_result check_index_file(const struct checking *checking, extmgr_error **error)
{
	struct extmgr__finding finding = {.kind = "index", .id = EXTMGR__INDEX_NAME};
	struct extmgr__buffer content = EXTMGR__BUFFER(0);
	struct extmgr__index *index = NULL;
	extmgr_error *found = NULL;
	bool is_there = false;
	extmgr_result result =
		read_optional(checking, "", EXTMGR__INDEX_MAXIMUM, &content, &is_there, &found);

	if (result == EXTMGR_OK && !is_there)
		return EXTMGR_OK;
	if (result == EXTMGR_OK)
		result = extmgr__index_parse(extmgr__buffer_get(&content), content.length, &index,
					     &found);
	if (result == EXTMGR_OK)
		result = judge_index(checking, &content, index, &finding, &found);
	result = tell(checking, &finding, result, found, error);
	if (result == EXTMGR_OK && index)
		result = check_links(checking, &content, index, error);
	extmgr__index_free(index);
	extmgr__buffer_free(&content);
	return result;
}

extmgr_result extmgr__check_place(extmgr_registry *registry, const extmgr_registry_list *list,
				  extmgr_operation *operation, extmgr__finding_fn found,
				  void *user_data, extmgr_error **error)
{
	const struct checking checking = {.context = extmgr__registry_context(registry),
					  .web = extmgr__registry_web(registry),
					  .snapshot = extmgr__registry_list_snapshot(list),
					  .path = extmgr__registry_get_path(registry),
					  .operation = operation,
					  .found = found,
					  .user_data = user_data};
	extmgr_result result;

	if (checking.web)
		return check_web(&checking, error);
	if (!checking.path)
		return EXTMGR_OK;
	result = check_index_file(&checking, error);
	return result == EXTMGR_OK ? check_archives(&checking, error) : result;
}
