/* SPDX-License-Identifier: MIT */
#include "rest/exchange.h"
#include "rest/route.h"

#define BASE         EXTMGR__REST_BASE
#define EXTENSION    BASE "/extensions/{extensionId}/{extensionVersion}"
#define INSTALLATION BASE "/installations/{extensionId}/{extensionVersion}"
#define INSTANCE     INSTALLATION "/instances/{instanceId}"

#define ERROR_EXAMPLE(code, message) "{\"code\":" #code ",\"message\":\"" message "\"}"

static const struct extmgr__shape value_members[] = {
	{.kind = EXTMGR__SHAPE_STRING, .name = "name"},
	{.kind = EXTMGR__SHAPE_STRING, .name = "value"},
	{.name = NULL},
};
static const struct extmgr__shape value_shape = {.kind = EXTMGR__SHAPE_OBJECT,
						 .members = value_members};
static const struct extmgr__shape values_members[] = {
	{.kind = EXTMGR__SHAPE_ARRAY, .name = "parameterValues", .members = &value_shape},
	{.name = NULL},
};
static const struct extmgr__shape values_shape = {.kind = EXTMGR__SHAPE_OBJECT,
						  .members = values_members};

static const struct extmgr__route_answer not_found[] = {
	{404, "Extension not found", ERROR_EXAMPLE(404, "Extension not found")},
	{0},
};
static const struct extmgr__route_answer not_upgradable[] = {
	{404, "Extension not found", ERROR_EXAMPLE(404, "Extension not found")},
	{412, "Extension is already up to date or not installed",
	 ERROR_EXAMPLE(412, "Extension is already installed in latest version 1.2.3")},
	{0},
};
static const struct extmgr__route_answer not_creatable[] = {
	{400, "Invalid parameters", ERROR_EXAMPLE(400, "invalid parameters: ...")},
	{404, "Extension not found", ERROR_EXAMPLE(404, "Extension not found")},
	{0},
};

#define VALUES_EXAMPLE "{\"parameterValues\":[{\"name\":\"param1\",\"value\":\"value1\"}]}"

const struct extmgr__route extmgr__routes[] = {
	{
		.method = "GET",
		.path = BASE "/extensions",
		.operation_id = "ListAvailableExtensions",
		.tag = "Extension",
		.summary = "Get a list of all available extensions, i.e. those that can be "
			   "installed.",
		.run = extmgr__rest_list_extensions,
		.status = 200,
		.description = "OK",
		.schema = "ExtensionsResponse",
		.example = "{\"extensions\":[{\"id\":\"s3-vs\",\"name\":\"S3 Virtual Schema\","
			   "\"category\":\"virtual-schema\",\"description\":\"Reads files in "
			   "S3\",\"installableVersions\":[{\"name\":\"1.2.3\",\"latest\":true,"
			   "\"deprecated\":false}]}]}",
	},
	{
		.method = "GET",
		.path = BASE "/installations",
		.operation_id = "ListInstalledExtensions",
		.tag = "Installation",
		.summary = "Get a list of installed extensions.",
		.run = extmgr__rest_list_installations,
		.status = 200,
		.description = "OK",
		.schema = "InstallationsResponse",
		.example = "{\"installations\":[{\"id\":\"s3-vs\",\"name\":\"S3 Virtual Schema\","
			   "\"version\":\"1.2.3\"}]}",
	},
	{
		.method = "GET",
		.path = EXTENSION,
		.operation_id = "GetExtensionDetails",
		.tag = "Extension",
		.summary = "Get details about this extension version, e.g. the definitions of the "
			   "parameters that an instance takes.",
		.run = extmgr__rest_get_extension,
		.status = 200,
		.description = "OK",
		.schema = "ExtensionDetailsResponse",
		.example = "{\"id\":\"s3-vs\",\"version\":\"1.2.3\",\"parameterDefinitions\":[{"
			   "\"id\":\"param1\",\"name\":\"My param\",\"definition\":{\"id\":"
			   "\"param1\",\"name\":\"My param\",\"type\":\"string\"}}]}",
		.errors = not_found,
	},
	{
		.method = "PUT",
		.path = EXTENSION "/install",
		.operation_id = "InstallExtension",
		.tag = "Extension",
		.summary = "Install an extension in the database.",
		.run = extmgr__rest_install,
		.body_schema = "InstallExtensionRequest",
		.body_example = "{\"IgnoredProperty\":\"ignoredValue\"}",
		.status = 204,
		.description = "OK",
		.errors = not_found,
	},
	{
		.method = "DELETE",
		.path = INSTALLATION,
		.operation_id = "UninstallExtension",
		.tag = "Installation",
		.summary = "Uninstall an extension from the database. Fails while it has "
			   "instances.",
		.run = extmgr__rest_uninstall,
		.status = 204,
		.description = "OK",
	},
	{
		.method = "POST",
		.path = BASE "/installations/{extensionId}/upgrade",
		.operation_id = "UpgradeExtension",
		.tag = "Installation",
		.summary = "Upgrade an extension to the latest version.",
		.run = extmgr__rest_upgrade,
		.status = 200,
		.description = "OK",
		.schema = "UpgradeExtensionResponse",
		.example = "{\"previousVersion\":\"1.2.3\",\"newVersion\":\"1.3.0\"}",
		.errors = not_upgradable,
	},
	{
		.method = "POST",
		.path = INSTALLATION "/instances",
		.operation_id = "CreateInstance",
		.tag = "Instance",
		.summary = "Create a new instance of an extension, e.g. a virtual schema.",
		.run = extmgr__rest_create_instance,
		.body = &values_shape,
		.body_schema = "CreateInstanceRequest",
		.body_example = VALUES_EXAMPLE,
		.status = 200,
		.description = "OK",
		.schema = "CreateInstanceResponse",
		.example = "{\"instanceId\":\"s3-vs-1\",\"instanceName\":\"new-instance-name\"}",
		.errors = not_creatable,
	},
	{
		.method = "GET",
		.path = INSTALLATION "/instances",
		.operation_id = "ListInstances",
		.tag = "Instance",
		.summary = "List all instances of an extension.",
		.run = extmgr__rest_list_instances,
		.status = 200,
		.description = "OK",
		.schema = "ListInstancesResponse",
		.example = "{\"instances\":[{\"id\":\"s3-vs-1\",\"name\":\"my-instance\"}]}",
		.errors = not_found,
	},
	{
		.method = "DELETE",
		.path = INSTANCE,
		.operation_id = "DeleteInstance",
		.tag = "Instance",
		.summary = "Delete an instance of an extension.",
		.run = extmgr__rest_delete_instance,
		.status = 204,
		.description = "OK",
		.errors = not_found,
	},
	{
		.method = "GET",
		.path = "/openapi.json",
		.flags = EXTMGR__ROUTE_OPEN,
		.operation_id = "GetOpenApi",
		.run = extmgr__rest_openapi,
		.status = 200,
		.schema = "",
	},
};

const size_t extmgr__route_count = sizeof(extmgr__routes) / sizeof(extmgr__routes[0]);
