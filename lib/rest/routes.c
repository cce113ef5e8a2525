/* SPDX-License-Identifier: MIT */
#include "rest/exchange.h"
#include "rest/route.h"

#define BASE         EXTMGR__REST_BASE
#define EXTENSION    BASE "/extensions/{extensionId}/{extensionVersion}"
#define INSTALLATION BASE "/installations/{extensionId}/{extensionVersion}"
#define INSTANCE     INSTALLATION "/instances/{instanceId}"
#define BUNDLE       BASE "/bundles/{bundleId}"

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

static const struct extmgr__shape plan_members[] = {
	{.kind = EXTMGR__SHAPE_STRING, .name = "operation"},
	{.kind = EXTMGR__SHAPE_STRING, .name = "extensionId"},
	{.kind = EXTMGR__SHAPE_STRING, .name = "extensionVersion"},
	{.kind = EXTMGR__SHAPE_STRING, .name = "instanceId"},
	{.kind = EXTMGR__SHAPE_ARRAY, .name = "parameterValues", .members = &value_shape},
	{.kind = EXTMGR__SHAPE_BOOLEAN, .name = "record"},
	{.name = NULL},
};
static const struct extmgr__shape plan_shape = {.kind = EXTMGR__SHAPE_OBJECT,
						.members = plan_members};
static const struct extmgr__shape apply_members[] = {
	{.kind = EXTMGR__SHAPE_ANY, .name = "plan"},
	{.kind = EXTMGR__SHAPE_ARRAY, .name = "parameterValues", .members = &value_shape},
	{.name = NULL},
};
static const struct extmgr__shape apply_shape = {.kind = EXTMGR__SHAPE_OBJECT,
						 .members = apply_members};

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

static const struct extmgr__route_answer not_running[] = {
	{404, "No such request of this user runs", ERROR_EXAMPLE(404, "no such request runs")},
	{0},
};

static const struct extmgr__route_answer not_applicable[] = {
	{409, "Something has changed since the plan was made",
	 ERROR_EXAMPLE(409, "the plan does not hold any more")},
	{0},
};

static const struct extmgr__route_answer not_allowed[] = {
	{403, "The host does not allow it", ERROR_EXAMPLE(403, "this is not allowed")},
	{404, "The host offers no catalog", ERROR_EXAMPLE(404, "404 page not found")},
	{0},
};
static const struct extmgr__route_answer no_bundle[] = {
	{403, "The host does not allow it", ERROR_EXAMPLE(403, "this is not allowed")},
	{404, "Bundle not found, or the host offers no catalog",
	 ERROR_EXAMPLE(404, "the catalog has no such extension")},
	{0},
};
static const struct extmgr__route_answer no_file[] = {
	{403, "The host does not allow it", ERROR_EXAMPLE(403, "this is not allowed")},
	{404, "No such file, or the bundle has another digest by now",
	 ERROR_EXAMPLE(404, "the extension has no such file")},
	{409, "The bundle is disabled, missing or bad",
	 ERROR_EXAMPLE(409, "the extension is disabled")},
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
		.path = INSTANCE,
		.operation_id = "GetInstance",
		.tag = "Instance",
		.summary = "Get the parameter values of an instance. Secrets are only named.",
		.run = extmgr__rest_get_instance,
		.status = 200,
		.description = "Document extmgr.instance/1",
		.schema = "",
		.errors = not_found,
	},
	{
		.method = "PUT",
		.path = INSTANCE,
		.operation_id = "UpdateInstance",
		.tag = "Instance",
		.summary = "Change parameter values of an instance. What is not sent keeps its "
			   "value.",
		.run = extmgr__rest_update_instance,
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
		.method = "POST",
		.path = EXTENSION "/validate",
		.operation_id = "ValidateParameters",
		.tag = "Extension",
		.summary = "Check parameter values without creating an instance.",
		.run = extmgr__rest_validate,
		.body = &values_shape,
		.body_schema = "CreateInstanceRequest",
		.body_example = VALUES_EXAMPLE,
		.status = 200,
		.description = "Document extmgr.parameter-report/1, also for values that are "
			       "wrong",
		.schema = "",
		.errors = not_found,
	},
	{
		.method = "POST",
		.path = BASE "/plans",
		.operation_id = "CreatePlan",
		.tag = "Installation",
		.summary = "Tell the statements of an operation without changing anything: it is "
			   "run and rolled back, or with \"record\" only recorded.",
		.run = extmgr__rest_create_plan,
		.body = &plan_shape,
		.body_schema = "",
		.body_example = "{\"operation\":\"install\",\"extensionId\":\"s3-vs\","
				"\"extensionVersion\":\"1.2.3\"}",
		.status = 200,
		.description = "Document extmgr.plan/1",
		.schema = "",
		.errors = not_found,
	},
	{
		.method = "POST",
		.path = BASE "/plans/apply",
		.operation_id = "ApplyPlan",
		.tag = "Installation",
		.summary = "Do what a plan says, and nothing else. Its secret parameters are sent "
			   "with it.",
		.run = extmgr__rest_apply_plan,
		.body = &apply_shape,
		.body_schema = "",
		.body_example = "{\"plan\":{\"schema\":\"extmgr.plan/1\"},\"parameterValues\":[]}",
		.status = 200,
		.description = "Document extmgr.report/1",
		.schema = "",
		.errors = not_applicable,
	},
	{
		.method = "GET",
		.path = BASE "/operations/{requestId}",
		.flags = EXTMGR__ROUTE_NO_TARGET,
		.operation_id = "GetOperation",
		.tag = "Installation",
		.summary =
			"Tell how far a request is that runs, sent with the same credentials: its "
			"steps, the last of which is being done.",
		.run = extmgr__rest_get_operation,
		.status = 200,
		.description = "Document extmgr.operation/1",
		.schema = "",
		.errors = not_running,
	},
	{
		.method = "GET",
		.path = BASE "/status",
		.operation_id = "GetStatus",
		.tag = "Installation",
		.summary = "Tell whether everything is still as it was installed.",
		.run = extmgr__rest_get_status,
		.status = 200,
		.description = "Document extmgr.status/1",
		.schema = "",
	},
	{
		.method = "GET",
		.path = BASE "/status/{extensionId}",
		.operation_id = "GetExtensionStatus",
		.tag = "Installation",
		.summary = "Tell whether an extension is still as it was installed.",
		.run = extmgr__rest_get_status,
		.status = 200,
		.description = "Document extmgr.status/1",
		.schema = "",
		.errors = not_found,
	},
	{
		.method = "GET",
		.path = BASE "/history",
		.operation_id = "GetHistory",
		.tag = "Installation",
		.summary = "Tell what was done to the target, newest first.",
		.run = extmgr__rest_get_history,
		.status = 200,
		.description = "Document extmgr.history/1",
		.schema = "",
	},
	{
		.method = "GET",
		.path = BASE "/history/{extensionId}",
		.operation_id = "GetExtensionHistory",
		.tag = "Installation",
		.summary = "Tell what was done to an extension of the target, newest first.",
		.run = extmgr__rest_get_history,
		.status = 200,
		.description = "Document extmgr.history/1",
		.schema = "",
	},
	{
		.method = "GET",
		.path = BASE "/overview",
		.operation_id = "GetOverview",
		.tag = "Extension",
		.summary = "Tell of all extensions, also those that cannot be used, with state, "
			   "installed version, signature and what is missing.",
		.run = extmgr__rest_get_overview,
		.status = 200,
		.description = "Document extmgr.extensions/1",
		.schema = "",
	},
	{
		.method = "GET",
		.path = BASE "/diagnostics",
		.operation_id = "ListDiagnostics",
		.tag = "Extension",
		.summary = "Tell which extensions of the registry cannot be used, and why.",
		.run = extmgr__rest_list_diagnostics,
		.status = 200,
		.description = "OK",
		.schema = "",
		.example = "{\"extensions\":[{\"id\":\"s3-vs\",\"name\":\"\",\"state\":\"broken\","
			   "\"reason\":\"s3-vs.js:1: unexpected token\"}]}",
	},
	{
		.method = "GET",
		.path = BASE "/bundles",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "ListBundles",
		.tag = "Extension",
		.summary = "List the bundles of the host's catalog.",
		.run = extmgr__rest_list_bundles,
		.status = 200,
		.description = "Document extmgr.catalog/1",
		.schema = "",
		.errors = not_allowed,
	},
	{
		.method = "GET",
		.path = BUNDLE,
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "GetBundle",
		.tag = "Extension",
		.summary = "Tell everything about a bundle, with its manifest and files. Each "
			   "stored byte is checked.",
		.run = extmgr__rest_get_bundle,
		.status = 200,
		.description = "Document extmgr.catalog-extension/1; \"fault\" tells what "
			       "fails its check",
		.schema = "",
		.errors = no_bundle,
	},
	{
		.method = "PUT",
		.path = BUNDLE "/enable",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "EnableBundle",
		.tag = "Extension",
		.summary = "Let a bundle be installed and served.",
		.run = extmgr__rest_enable_bundle,
		.status = 204,
		.description = "OK, also when it was enabled",
		.errors = no_bundle,
	},
	{
		.method = "PUT",
		.path = BUNDLE "/disable",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "DisableBundle",
		.tag = "Extension",
		.summary = "Let nobody install a bundle, and serve none of its files. What is "
			   "installed stays.",
		.run = extmgr__rest_disable_bundle,
		.status = 204,
		.description = "OK, also when it was disabled",
		.errors = no_bundle,
	},
	{
		.method = "PUT",
		.path = BUNDLE "/hold",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "HoldBundle",
		.tag = "Extension",
		.summary = "Keep a bundle at what the catalog has of it.",
		.run = extmgr__rest_hold_bundle,
		.status = 204,
		.description = "OK, also when it was held",
		.errors = no_bundle,
	},
	{
		.method = "PUT",
		.path = BUNDLE "/unhold",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "UnholdBundle",
		.tag = "Extension",
		.summary = "Let a bundle be updated again.",
		.run = extmgr__rest_unhold_bundle,
		.status = 204,
		.description = "OK, also when it was not held",
		.errors = no_bundle,
	},
	{
		.method = "PUT",
		.path = BUNDLE "/accept",
		.flags = EXTMGR__ROUTE_CATALOG,
		.operation_id = "AcceptBundle",
		.tag = "Extension",
		.summary = "Accept the bundle that was refused last, because it is older or was "
			   "published again with other content: the next synchronisation takes it.",
		.run = extmgr__rest_accept_bundle,
		.status = 204,
		.description = "OK, also when it was accepted",
		.errors = no_bundle,
	},
	{
		.method = "GET",
		.path = BUNDLE "/{digest}/files/{path}",
		.flags = EXTMGR__ROUTE_CATALOG | EXTMGR__ROUTE_FILE,
		.operation_id = "GetBundleFile",
		.tag = "Extension",
		.summary = "Get a file of a bundle, which never changes under its digest. It is "
			   "not meant to run where this interface is.",
		.run = extmgr__rest_get_bundle_file,
		.status = 200,
		.description = "The bytes of the file",
		.errors = no_file,
	},
	{
		.method = "GET",
		.path = "/validator.js",
		.flags = EXTMGR__ROUTE_OPEN,
		.operation_id = "GetValidator",
		.run = extmgr__rest_get_validator,
		.status = 200,
		.schema = "",
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
