/* SPDX-License-Identifier: MIT */
#include "bundle/manifest.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/semver.h"
#include "bundle/member.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAXIMUM 255
/* Of a manifest without one: as Superset's models do. */
#define DEFAULT_VERSION "0.0.0"

struct reader {
	const char *bundle;
	const struct extmgr__content *content;
	const extmgr__json *json;
	struct extmgr__manifest *manifest;
	extmgr_error **error;
};

__attribute__((format(printf, 3, 4))) static extmgr_result
refuse(const struct reader *reader, extmgr_result code, const char *format, ...)
{
	struct extmgr__buffer rule = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	va_list arguments;

	va_start(arguments, format);
	extmgr__buffer_vprintf(&rule, format, arguments);
	va_end(arguments);
	extmgr__refuse(reader->error, code, reader->bundle, EXTMGR__NAME(EXTMGR__MANIFEST_PATH),
		       "%s", extmgr__buffer_get(&rule));
	extmgr__buffer_free(&rule);
	return code;
}

__attribute__((format(printf, 2, 3))) static extmgr_result warn(const struct reader *reader,
								const char *format, ...)
{
	struct extmgr__manifest *manifest = reader->manifest;
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	va_list arguments;
	char **grown;

	va_start(arguments, format);
	extmgr__buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	grown = extmgr__array_grow((void *)manifest->warnings, manifest->warning_count,
				   &manifest->warning_capacity, sizeof(*grown));
	if (grown)
		manifest->warnings = grown;
	/* A text too long to be shown is left out: the bundle is no worse for it. */
	if (!grown || extmgr__buffer_result(&text) == EXTMGR_E_NO_MEMORY) {
		extmgr__buffer_free(&text);
		return extmgr__error_no_memory(reader->error);
	}
	if (text.data)
		grown[manifest->warning_count++] = text.data;
	return EXTMGR_OK;
}

/* A member that is null is as good as none. */
static const extmgr__json *find(const extmgr__json *object, const char *key)
{
	const extmgr__json *value = extmgr__json_get(object, key);

	return value && extmgr__json_get_type(value) != EXTMGR__JSON_NULL ? value : NULL;
}

/* *text_out: NULL when it is not there. */
static extmgr_result read_string(const struct reader *reader, const char *key,
				 const char **text_out)
{
	const extmgr__json *value = find(reader->json, key);

	*text_out = extmgr__json_get_string(value);
	if (value && !*text_out)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD, "'%s' must be a string", key);
	return EXTMGR_OK;
}

static extmgr_result check_strings(const struct reader *reader, const char *key)
{
	const extmgr__json *list = find(reader->json, key);

	if (!list)
		return EXTMGR_OK;
	if (extmgr__json_get_type(list) != EXTMGR__JSON_ARRAY)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD, "'%s' must be a list", key);
	for (const extmgr__json *item = extmgr__json_first(list); item;
	     item = extmgr__json_next(item)) {
		if (!extmgr__json_get_string(item))
			return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD,
				      "'%s' must be a list of strings", key);
	}
	return EXTMGR_OK;
}

static bool has_file_below(const struct extmgr__content *content, const char *folder)
{
	for (size_t i = 0; i < extmgr__content_count(content); i++) {
		if (strncmp(extmgr__content_get(content, i)->path, folder, strlen(folder)) == 0)
			return true;
	}
	return false;
}

/* "frontend" and "backend": what they promise should be there. Superset finds out when it is used.
 */
static extmgr_result check_section(const struct reader *reader, const char *key, const char *folder)
{
	const extmgr__json *section = find(reader->json, key);

	if (!section)
		return EXTMGR_OK;
	if (extmgr__json_get_type(section) != EXTMGR__JSON_OBJECT)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD, "'%s' must be an object",
			      key);
	if (extmgr__json_count(section) && !has_file_below(reader->content, folder))
		return warn(reader, "the manifest has a section '%s', but no file lies below %s",
			    key, folder);
	return EXTMGR_OK;
}

static extmgr_result check_remote_entry(const struct reader *reader)
{
	const extmgr__json *entry = find(find(reader->json, "frontend"), "remoteEntry");
	struct extmgr__buffer path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	const char *name = extmgr__json_get_string(entry);
	extmgr_result result = EXTMGR_OK;

	if (!entry)
		return EXTMGR_OK;
	if (!name)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD,
			      "'frontend.remoteEntry' must be a string");
	extmgr__buffer_puts(&path, EXTMGR__FRONTEND);
	extmgr__buffer_puts(&path, name);
	if (extmgr__buffer_result(&path) != EXTMGR_OK)
		result = extmgr__error_no_memory(reader->error);
	else if (!extmgr__content_find(reader->content, path.data))
		result = warn(reader, "the file of 'frontend.remoteEntry' is not in the bundle: %s",
			      path.data);
	extmgr__buffer_free(&path);
	return result;
}

/* ---- Identity ---- */

static extmgr_result check_id(const struct reader *reader, const char *id)
{
	size_t length = strlen(id);

	if (!length)
		return refuse(reader, EXTMGR_E_BUNDLE_ID, "the id is empty");
	if (length > ID_MAXIMUM)
		return refuse(reader, EXTMGR_E_BUNDLE_ID, "the id is longer than %d bytes",
			      ID_MAXIMUM);
	if (strpbrk(id, "/\\") || extmgr__text_has_control(id, length))
		return refuse(reader, EXTMGR_E_BUNDLE_ID,
			      "the id '%s' has a '/', a '\\' or a control character", id);
	if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return refuse(reader, EXTMGR_E_BUNDLE_ID, "the id is '%s'", id);
	return EXTMGR_OK;
}

/* "publisher.name", which a given id must say, too. */
static extmgr_result join_id(const struct reader *reader, const char *publisher, const char *name,
			     const char *id)
{
	struct extmgr__buffer joined = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);

	if (!name)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD,
			      "'name' is missing beside 'publisher'");
	/* "a.b" and "c" would be the same as "a" and "b.c". */
	if (!*publisher || !*name || strchr(publisher, '.'))
		return refuse(reader, EXTMGR_E_BUNDLE_ID,
			      "'publisher' or 'name' is empty, or 'publisher' has a '.'");
	extmgr__buffer_puts(&joined, publisher);
	extmgr__buffer_putc(&joined, '.');
	extmgr__buffer_puts(&joined, name);
	if (extmgr__buffer_result(&joined) != EXTMGR_OK)
		return extmgr__error_no_memory(reader->error);
	reader->manifest->id = joined.data;
	if (id && strcmp(id, joined.data) != 0)
		return refuse(reader, EXTMGR_E_BUNDLE_ID,
			      "'id' is '%s', but publisher and name say '%s'", id, joined.data);
	return EXTMGR_OK;
}

static extmgr_result take(const struct reader *reader, const char *text, char **copy_out)
{
	*copy_out = extmgr__strdup(text);
	return *copy_out ? EXTMGR_OK : extmgr__error_no_memory(reader->error);
}

static extmgr_result read_id(const struct reader *reader, const char *name)
{
	struct extmgr__manifest *manifest = reader->manifest;
	const char *publisher;
	const char *id;
	extmgr_result result = read_string(reader, "publisher", &publisher);

	if (result == EXTMGR_OK)
		result = read_string(reader, "id", &id);
	if (result != EXTMGR_OK)
		return result;
	if (!publisher && !id && !name)
		return refuse(reader, EXTMGR_E_BUNDLE_MANIFEST_FIELD, "'name' is missing");
	if (publisher)
		result = join_id(reader, publisher, name, id);
	else
		result = take(reader, id ? id : name, &manifest->id);
	if (result == EXTMGR_OK)
		result = check_id(reader, manifest->id);
	manifest->lacks_publisher = result == EXTMGR_OK && !publisher && strchr(manifest->id, '.');
	if (manifest->lacks_publisher)
		result = warn(reader,
			      "the id '%s' has a '.', but the manifest has no publisher: it could "
			      "be taken for one of somebody else",
			      manifest->id);
	return result;
}

static extmgr_result read_version(const struct reader *reader)
{
	struct extmgr__semver parsed;
	const char *version;
	extmgr_result result = read_string(reader, "version", &version);

	if (result == EXTMGR_OK && !version) {
		version = DEFAULT_VERSION;
		result = warn(reader, "the manifest has no version; it counts as %s", version);
	}
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__semver_parse(version, &parsed))
		return refuse(reader, EXTMGR_E_BUNDLE_VERSION,
			      "the version '%s' is not SemVer (such as 1.2.3)", version);
	return take(reader, version, &reader->manifest->version);
}

/* ---- Definition ---- */

/* With and without the folder in front. */
static extmgr_result find_definition(const struct reader *reader, const char *name,
				     const char **path_out)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	const struct extmgr__bundle_file *file = NULL;

	if (strncmp(name, EXTMGR__BACKEND, strlen(EXTMGR__BACKEND)) == 0)
		file = extmgr__content_find(reader->content, name);
	extmgr__buffer_puts(&path, EXTMGR__BACKEND);
	extmgr__buffer_puts(&path, name);
	if (extmgr__buffer_result(&path) != EXTMGR_OK)
		return extmgr__error_no_memory(reader->error);
	if (!file)
		file = extmgr__content_find(reader->content, path.data);
	extmgr__buffer_free(&path);
	if (!file)
		return refuse(reader, EXTMGR_E_BUNDLE_DEFINITION,
			      "'definition' names '%s', which is no file below %s", name,
			      EXTMGR__BACKEND);
	*path_out = file->path;
	return EXTMGR_OK;
}

static extmgr_result read_definition(const struct reader *reader)
{
	const char *path = NULL;
	const char *name;
	extmgr_result result = read_string(reader, "definition", &name);

	if (result != EXTMGR_OK || !name)
		return result;
	result = find_definition(reader, name, &path);
	return result == EXTMGR_OK ? take(reader, path, &reader->manifest->definition) : result;
}

/* ---- All of it ---- */

static extmgr_result read_fields(const struct reader *reader)
{
	static const char *const texts[] = {"license", "description", "displayName"};
	struct extmgr__manifest *manifest = reader->manifest;
	const char *name;
	const char *shown = NULL;
	extmgr_result result = read_string(reader, "name", &name);

	if (result == EXTMGR_OK)
		result = read_id(reader, name);
	if (result == EXTMGR_OK)
		result = read_version(reader);
	/* The last of them is what is shown. */
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && result == EXTMGR_OK; i++)
		result = read_string(reader, texts[i], &shown);
	if (result == EXTMGR_OK)
		result = take(reader, shown ? shown : name ? name : manifest->id, &manifest->name);
	if (result == EXTMGR_OK)
		result = check_strings(reader, "dependencies");
	if (result == EXTMGR_OK)
		result = check_strings(reader, "permissions");
	if (result == EXTMGR_OK)
		result = check_section(reader, "frontend", EXTMGR__FRONTEND);
	if (result == EXTMGR_OK)
		result = check_section(reader, "backend", EXTMGR__BACKEND);
	if (result == EXTMGR_OK)
		result = check_remote_entry(reader);
	if (result == EXTMGR_OK)
		result = read_definition(reader);
	return result;
}

extmgr_result extmgr__manifest_read(const struct extmgr__content *content, const char *bundle,
				    struct extmgr__manifest *manifest, extmgr_error **error)
{
	const struct extmgr__bundle_file *file =
		extmgr__content_find(content, EXTMGR__MANIFEST_PATH);
	struct reader reader = {
		.bundle = bundle, .content = content, .manifest = manifest, .error = error};
	extmgr__json *json = NULL;
	extmgr_result result;

	*manifest = (struct extmgr__manifest){0};
	if (!file)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_MANIFEST_MISSING, bundle, NULL,
				      "it has no " EXTMGR__MANIFEST_PATH);
	result = extmgr__json_parse(file->bytes, file->size, "the manifest", &json, error);
	if (result == EXTMGR_E_NO_MEMORY)
		return result;
	if (result != EXTMGR_OK)
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_MANIFEST_JSON, bundle,
						 EXTMGR__NAME(EXTMGR__MANIFEST_PATH),
						 "it cannot be read");
	reader.json = json;
	if (extmgr__json_get_type(json) == EXTMGR__JSON_OBJECT)
		result = read_fields(&reader);
	else
		result = refuse(&reader, EXTMGR_E_BUNDLE_MANIFEST_JSON, "it is no JSON object");
	extmgr__json_free(json);
	return result;
}

void extmgr__manifest_free(struct extmgr__manifest *manifest)
{
	free(manifest->id);
	free(manifest->version);
	free(manifest->name);
	free(manifest->definition);
	for (size_t i = 0; i < manifest->warning_count; i++)
		free(manifest->warnings[i]);
	free((void *)manifest->warnings);
	*manifest = (struct extmgr__manifest){0};
}
