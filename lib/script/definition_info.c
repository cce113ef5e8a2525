/* SPDX-License-Identifier: MIT */
/* The static part of a definition. */
#include "script/definition_internal.h"

#include "base/alloc.h"
#include "base/semver.h"
#include "script/convert.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const function_names[EXTMGR__FN_COUNT] = {
	[EXTMGR__FN_GET_INSTANCE_PARAMETERS] = "getInstanceParameters",
	[EXTMGR__FN_INSTALL] = "install",
	[EXTMGR__FN_UNINSTALL] = "uninstall",
	[EXTMGR__FN_UPGRADE] = "upgrade",
	[EXTMGR__FN_FIND_INSTALLATIONS] = "findInstallations",
	[EXTMGR__FN_ADD_INSTANCE] = "addInstance",
	[EXTMGR__FN_FIND_INSTANCES] = "findInstances",
	[EXTMGR__FN_DELETE_INSTANCE] = "deleteInstance",
	[EXTMGR__FN_READ_INSTANCE_PARAMETER_VALUES] = "readInstanceParameterValues",
	[EXTMGR__FN_UPDATE_INSTANCE] = "updateInstance",
	[EXTMGR__FN_UPGRADE_INSTANCE] = "upgradeInstance",
	[EXTMGR__FN_CHECK] = "check",
	[EXTMGR__FN_VALIDATE] = "validate",
};

const char *extmgr__function_name(enum extmgr__function function)
{
	return function < EXTMGR__FN_COUNT ? function_names[function] : "";
}

/* The count of references lives before the struct that everybody sees. */
struct counted_info {
	atomic_size_t references;
	struct extmgr__definition_info info;
};

static struct counted_info *counted(struct extmgr__definition_info *info)
{
	return (struct counted_info *)(void *)((char *)info - offsetof(struct counted_info, info));
}

struct extmgr__definition_info *extmgr__definition_info_new(void)
{
	struct counted_info *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	atomic_init(&made->references, 1);
	return &made->info;
}

struct extmgr__definition_info *extmgr__definition_info_ref(struct extmgr__definition_info *info)
{
	(void)atomic_fetch_add(&counted(info)->references, 1);
	return info;
}

static void free_artifact(struct extmgr__artifact *artifact)
{
	free(artifact->name);
	free(artifact->file_name);
	free(artifact->download_url);
	free(artifact->license_url);
	free(artifact->sha256);
}

void extmgr__definition_info_unref(struct extmgr__definition_info *info)
{
	if (!info || atomic_fetch_sub(&counted(info)->references, 1) != 1)
		return;
	for (size_t i = 0; i < info->version_count; i++)
		free(info->versions[i].name);
	for (size_t i = 0; i < info->artifact_count; i++)
		free_artifact(&info->artifacts[i]);
	for (size_t i = 0; i < info->requirement_count; i++) {
		free(info->requirements[i].name);
		free(info->requirements[i].range);
	}
	free(info->versions);
	free(info->artifacts);
	free(info->requirements);
	free(info->name);
	free(info->category);
	free(info->description);
	free(info->api_version);
	free(counted(info));
}

const char *extmgr__definition_info_latest(const struct extmgr__definition_info *info)
{
	const char *highest = NULL;

	for (size_t i = 0; i < info->version_count; i++) {
		const char *name = info->versions[i].name;

		if (info->versions[i].latest)
			return name;
		if (!highest || extmgr__semver_compare(name, highest) > 0)
			highest = name;
	}
	return highest;
}

bool extmgr__definition_info_has_version(const struct extmgr__definition_info *info,
					 const char *version)
{
	for (size_t i = 0; i < info->version_count; i++) {
		if (strcmp(info->versions[i].name, version) == 0)
			return true;
	}
	return false;
}

/* Room for the elements of a list; the count grows as they are read. */
static void *make_room(const struct extmgr__conversion *conversion, size_t count, size_t size)
{
	void *room = calloc(count ? count : 1, size);

	if (!room)
		extmgr__heap_fail(conversion->duk, EXTMGR_E_NO_MEMORY, "out of memory");
	return room;
}

static void read_versions(const struct extmgr__conversion *conversion,
			  struct extmgr__definition_info *info)
{
	duk_context *duk = conversion->duk;
	size_t count;

	(void)duk_get_prop_literal(duk, -1, "installableVersions");
	count = extmgr__convert_list(conversion, "installableVersions", EXTMGR__STATIC_MAXIMUM);
	info->versions = make_room(conversion, count, sizeof(*info->versions));
	for (size_t i = 0; i < count; i++) {
		struct extmgr__installable_version *version = &info->versions[i];

		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		extmgr__convert_require_object(conversion, "an element of installableVersions");
		info->version_count++;
		extmgr__convert_member_text(conversion, "name", &version->name);
		version->latest = extmgr__convert_member_flag(conversion, "latest");
		version->deprecated = extmgr__convert_member_flag(conversion, "deprecated");
		duk_pop(duk);
	}
	duk_pop(duk);
}

/* "" for none; digits become lower-case. */
static void read_sha256(const struct extmgr__conversion *conversion,
			struct extmgr__artifact *artifact)
{
	size_t length = 0;

	extmgr__convert_member_text(conversion, "sha256", &artifact->sha256);
	for (char *at = artifact->sha256; *at; at++, length++) {
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
		else if (!(*at >= '0' && *at <= '9') && !(*at >= 'a' && *at <= 'f'))
			break;
	}
	if (artifact->sha256[length] || (length && length != EXTMGR__SHA256_HEX_SIZE - 1))
		extmgr__heap_fail(conversion->duk, conversion->code,
				  "%s: could not convert sha256 of file '%.100s': it is not 64 "
				  "hexadecimal digits",
				  conversion->subject, artifact->file_name);
}

static void read_artifacts(const struct extmgr__conversion *conversion,
			   struct extmgr__definition_info *info)
{
	duk_context *duk = conversion->duk;
	size_t count;

	(void)duk_get_prop_literal(duk, -1, "bucketFsUploads");
	count = extmgr__convert_list(conversion, "bucketFsUploads", EXTMGR__STATIC_MAXIMUM);
	info->artifacts = make_room(conversion, count, sizeof(*info->artifacts));
	for (size_t i = 0; i < count; i++) {
		struct extmgr__artifact *artifact = &info->artifacts[i];

		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		extmgr__convert_require_object(conversion, "an element of bucketFsUploads");
		info->artifact_count++;
		extmgr__convert_member_text(conversion, "name", &artifact->name);
		extmgr__convert_member_text(conversion, "bucketFsFilename", &artifact->file_name);
		extmgr__convert_member_text(conversion, "downloadUrl", &artifact->download_url);
		extmgr__convert_member_text(conversion, "licenseUrl", &artifact->license_url);
		artifact->size = extmgr__convert_member_integer(conversion, "fileSize");
		read_sha256(conversion, artifact);
		duk_pop(duk);
	}
	duk_pop(duk);
}

/* The object is on top. Functions are read once: a getter cannot answer another one later. */
static void read_functions(const struct extmgr__conversion *conversion,
			   struct extmgr__definition_info *info)
{
	duk_context *duk = conversion->duk;

	(void)duk_push_bare_array(duk);
	for (duk_uarridx_t i = 0; i < EXTMGR__FN_COUNT; i++) {
		(void)duk_get_prop_string(duk, -2, function_names[i]);
		if (duk_is_null_or_undefined(duk, -1)) {
			duk_pop(duk);
			continue;
		}
		if (!duk_is_callable(duk, -1))
			extmgr__heap_fail(conversion->duk, conversion->code,
					  "%s: could not convert %s: it is not a function",
					  conversion->subject, function_names[i]);
		(void)duk_put_prop_index(duk, -2, i);
		info->functions |= 1u << i;
	}
	duk_push_global_stash(duk);
	duk_swap_top(duk, -2);
	(void)duk_put_prop_literal(duk, -2, EXTMGR__STASH_FUNCTIONS);
	duk_dup(duk, -2);
	(void)duk_put_prop_literal(duk, -2, EXTMGR__STASH_EXTENSION);
	duk_pop(duk);
}

/* The order of the reference: convert everything, then look at the version. */
static void check_api_version(const struct extmgr__definition *definition, duk_context *duk)
{
	const char *text = definition->info->api_version;
	struct extmgr__semver version;
	struct extmgr__semver own;

	if (!extmgr__semver_parse_short(text, &version))
		extmgr__heap_fail(duk, EXTMGR_E_API_VERSION,
				  "extension \"%s\" uses invalid API version number \"%.100s\"",
				  definition->id, text);
	(void)extmgr__semver_parse_short(EXTMGR__API_VERSION, &own);
	if (version.major != own.major)
		extmgr__heap_fail(
			duk, EXTMGR_E_API_VERSION,
			"extension \"%s\" uses incompatible API version \"%.100s\". Please "
			"update the extension to use supported version \"%s\"",
			definition->id, text, EXTMGR__API_VERSION);
}

void extmgr__definition_info_read(struct extmgr__definition *definition, duk_context *duk)
{
	struct extmgr__definition_info *info = definition->info;
	struct extmgr__conversion conversion = {.duk = duk, .code = EXTMGR_E_DEFINITION_SHAPE};

	/* On the value stack, because any of the functions may leave. */
	conversion.subject = duk_push_sprintf(
		duk, "failed to read installedExtension variable for extension \"%s\"",
		definition->id);
	duk_swap_top(duk, -2);
	extmgr__convert_require_object(&conversion, "installedExtension");
	extmgr__convert_member_text(&conversion, "apiVersion", &info->api_version);
	(void)duk_get_prop_literal(duk, -1, "extension");
	extmgr__convert_require_object(&conversion, "extension");
	extmgr__convert_member_text(&conversion, "name", &info->name);
	extmgr__convert_member_text(&conversion, "category", &info->category);
	extmgr__convert_member_text(&conversion, "description", &info->description);
	read_versions(&conversion, info);
	read_artifacts(&conversion, info);
	extmgr__definition_requirements_read(&conversion, info);
	read_functions(&conversion, info);
	info->replaceable = extmgr__convert_member_flag(&conversion, "replaceable");
	duk_pop_3(duk);
	check_api_version(definition, duk);
}
