/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as a manifest: it is refused, or has an id and a version that keep the rules,
 * and its bundle can be described as JSON.
 */
#include "base/json.h"
#include "base/semver.h"
#include "bundle/archive.h"

#include <extmgr/extmgr.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void add(struct extmgr__content *content, const char *path, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	require(copy != NULL);
	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	require(extmgr__content_add(content, EXTMGR__NAME(path), copy, size, NULL) == EXTMGR_OK);
}

static extmgr_text *pack(extmgr_context *context, const uint8_t *data, size_t size)
{
	struct extmgr__buffer archive = EXTMGR__BUFFER((size_t)8 << 20);
	struct extmgr__content *content = extmgr__content_new(context);
	extmgr_result result;

	require(content != NULL);
	add(content, "manifest.json", data, size);
	add(content, "backend/src/d.js", "1", 1);
	require(extmgr__content_finish(content, NULL) == EXTMGR_OK);
	require(extmgr__archive_pack(content, "x", &archive, NULL) == EXTMGR_OK);
	extmgr__content_unref(content);
	return extmgr__buffer_take_text(&archive, &result);
}

static void check_bundle(const extmgr_bundle *bundle)
{
	const char *id = extmgr_bundle_get_id(bundle);
	const char *definition = extmgr_bundle_get_definition_path(bundle);
	struct extmgr__semver version;
	extmgr_text *text = NULL;
	extmgr__json *json = NULL;

	require(*id && strlen(id) <= 255 && !strchr(id, '/') && !strchr(id, '\\'));
	require(strcmp(id, ".") != 0 && strcmp(id, "..") != 0);
	require(!extmgr__text_has_control(id, strlen(id)));
	require(extmgr__semver_parse(extmgr_bundle_get_version(bundle), &version));
	require(extmgr_bundle_get_name(bundle) != NULL);
	require(!definition || strcmp(definition, "backend/src/d.js") == 0);
	require(extmgr_bundle_to_json(bundle, &text, NULL) == EXTMGR_OK);
	/* The manifest stands one level down in it. */
	if (extmgr__json_parse(extmgr_text_get_data(text), extmgr_text_get_length(text), "it",
			       &json, NULL) == EXTMGR_OK)
		require(extmgr__json_get(json, "manifest") != NULL);
	require(!strchr(extmgr_text_get_data(text), '\n'));
	extmgr__json_free(json);
	extmgr_text_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	extmgr_bundle_source *source = NULL;
	extmgr_context *context = NULL;
	extmgr_bundle *bundle = NULL;
	extmgr_text *archive;

	require(extmgr_context_new(NULL, &context, NULL) == EXTMGR_OK);
	archive = pack(context, data, size);
	require(archive != NULL);
	require(extmgr_bundle_source_from_bytes(context, "x", extmgr_text_get_data(archive),
						extmgr_text_get_length(archive), &source,
						NULL) == EXTMGR_OK);
	if (extmgr_bundle_open(source, &bundle, NULL) == EXTMGR_OK)
		check_bundle(bundle);
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
	extmgr_text_free(archive);
	extmgr_context_free(context);
	return 0;
}
