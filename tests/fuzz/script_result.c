/* SPDX-License-Identifier: MIT */
/*
 * An expression that every function of a definition answers with, and that the static part has as
 * its versions and artifacts: each conversion gives a result in the form it promises or an error,
 * never both; the same once more, in the same heap.
 */
#include "base/json.h"
#include "script/definition.h"

#include <extmgr/context.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char static_part[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'x', category: 'c',"
	" description: 'd', installableVersions: [{name: '1', latest: true, deprecated: false}],"
	" bucketFsUploads: []";
static const char functions[] =
	"};"
	"['getInstanceParameters', 'findInstallations', 'upgrade', 'addInstance', 'findInstances',"
	" 'readInstanceParameterValues'].forEach(function (name) {"
	"  global.installedExtension.extension[name] = function () { return answer(); };"
	"});";

static void require(int condition)
{
	if (!condition)
		abort();
}

static void require_outcome(extmgr_result result, extmgr_error *error, bool has_answer)
{
	require(result <= 0 && (result == EXTMGR_OK) == !error &&
		(result == EXTMGR_OK) == has_answer);
	require(result != EXTMGR_E_INTERNAL);
	extmgr_error_free(error);
}

static void require_json_array(extmgr_text *text)
{
	extmgr__json *json = NULL;

	if (text) {
		/* Depth, \u0000 and numbers may be beyond what is read later: then that says so. */
		if (extmgr__json_parse(extmgr_text_get_data(text), extmgr_text_get_length(text),
				       "x", &json, NULL) == EXTMGR_OK)
			require(extmgr__json_get_type(json) == EXTMGR__JSON_ARRAY);
		extmgr__json_free(json);
	}
	extmgr_text_free(text);
}

static void require_pairs(extmgr_result result, extmgr_error *error, struct extmgr__pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct extmgr__pair *pair = &pairs->items[i];

		require(pair->first && extmgr__utf8_is_valid(pair->first, strlen(pair->first)));
		require(pair->second && extmgr__utf8_is_valid(pair->second, strlen(pair->second)));
	}
	require_outcome(result, error, result == EXTMGR_OK);
	require(result == EXTMGR_OK || pairs->count == 0);
	extmgr__pairs_free(pairs);
}

static void require_pair(extmgr_result result, extmgr_error *error, struct extmgr__pair *pair)
{
	require_outcome(result, error, result == EXTMGR_OK);
	require(result == EXTMGR_OK || (!pair->first && !pair->second));
	free(pair->first);
	free(pair->second);
}

static void call_all(struct extmgr__definition *definition)
{
	static const struct extmgr__services services = {.dialect = "sqlite",
							 .extension_schema = "main"};
	struct extmgr__pairs pairs = {0};
	struct extmgr__pair pair = {0};
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	result = extmgr__definition_find_installations(definition, &services, NULL, &pairs, &error);
	require_pairs(result, error, &pairs);
	error = NULL;
	result =
		extmgr__definition_find_instances(definition, &services, NULL, "1", &pairs, &error);
	require_pairs(result, error, &pairs);
	error = NULL;
	result = extmgr__definition_upgrade(definition, &services, NULL, &pair, &error);
	require_pair(result, error, &pair);
	error = NULL;
	pair = (struct extmgr__pair){0};
	result = extmgr__definition_add_instance(definition, &services, NULL, "1", "[]", 2, &pair,
						 &error);
	require_pair(result, error, &pair);
	error = NULL;
	result = extmgr__definition_get_instance_parameters(definition, &services, NULL, "1", &text,
							    &error);
	require_outcome(result, error, text != NULL);
	require_json_array(text);
	error = NULL;
	text = NULL;
	result = extmgr__definition_read_instance_values(definition, &services, NULL, "1", "i",
							 &text, &error);
	require_outcome(result, error, text != NULL);
	require_json_array(text);
}

/* The definition whose functions, or also whose versions and artifacts, are the expression. */
static void check(extmgr_context *context, const uint8_t *expression, size_t size, bool in_static)
{
	struct extmgr__buffer source = EXTMGR__BUFFER((size_t)1 << 20);
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	extmgr__buffer_puts(&source, "function answer() { return (");
	extmgr__buffer_append(&source, (const char *)expression, size);
	extmgr__buffer_puts(&source, "\n); }\n");
	extmgr__buffer_puts(&source, static_part);
	if (in_static)
		extmgr__buffer_puts(&source, ", installableVersions: answer(), "
					     "bucketFsUploads: answer(), name: answer()");
	extmgr__buffer_puts(&source, "}");
	extmgr__buffer_puts(&source, functions);
	if (extmgr__buffer_result(&source) != EXTMGR_OK)
		goto out;
	result = extmgr__definition_load(context, NULL, "fuzz", source.data, source.length,
					 &definition, &error);
	require_outcome(result, error, definition != NULL);
	for (int i = 0; definition && i < 2; i++)
		call_all(definition);
	extmgr__definition_free(definition);
out:
	extmgr__buffer_free(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static extmgr_context *context;
	extmgr_context_options options;

	if (!context) {
		extmgr_context_options_init(&options, sizeof(options));
		options.script_timeout_ms = 100;
		options.script_memory_bytes = (uint64_t)4 << 20;
		require(extmgr_context_new(&options, &context, NULL) == EXTMGR_OK);
	}
	check(context, data, size, false);
	check(context, data, size, true);
	return 0;
}
