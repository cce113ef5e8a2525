/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of tests of the Exasol Extension Manager (EX 11), line by line, as a table: what a
 * definition does, and what comes of it. docs/ex-11.md tells which line is tested where.
 */
#include "exasol_host.h"

enum operation {
	LIST,
	AVAILABLE,
	INSTALLED,
	DETAILS,
	INSTALL,
	UNINSTALL,
	UPGRADE,
	INSTANCES,
	ADD,
	DELETE
};

struct line {
	const char *name; /* of the reference's test */
	enum operation operation;
	const char *members;     /* of the extension, behind name and versions */
	const char *breaks;      /* part of a statement that fails, with "mock" */
	const char *says;        /* part of the result, or of the error's text */
	int status;              /* of the error; 0: it succeeds */
	const char *asked;       /* part of what the database was asked; NULL: no matter */
	const char *transaction; /* NULL: no matter */
};

#define THROWS_JSON(value) "throw new Error(JSON.stringify(" value "));"
#define IN_INSTALL(body)   "install: function (c, version) {" body "}"
#define COMMITTED          "BEGIN COMMIT "
#define ROLLED_BACK        "BEGIN ROLLBACK "

static const struct line sql_client[] = {
	{"TestExecuteSucceeds", INSTALL, IN_INSTALL("c.sqlClient.execute('SELECT 1');"), NULL,
	 "committed", 0, "SELECT 1\n", COMMITTED},
	{"TestExecuteWithArgumentSucceeds", INSTALL,
	 IN_INSTALL("c.sqlClient.execute('SELECT ?', 'a');"), NULL, "committed", 0, "SELECT ?|a\n",
	 COMMITTED},
	{"TestExecuteFails", INSTALL, IN_INSTALL("c.sqlClient.execute('invalid');"), "invalid",
	 "error executing statement 'invalid': mock", 500, "invalid\n", ROLLED_BACK},
	{"TestQueryFails", INSTALL, IN_INSTALL("c.sqlClient.query('invalid');"), "invalid",
	 "error executing query 'invalid': mock", 500, "invalid\n", ROLLED_BACK},
	{"TestQuerySucceeds", INSTALL,
	 IN_INSTALL(THROWS_JSON("c.sqlClient.query('SELECT * FROM PAIRS').columns")), NULL,
	 "[{\"name\":\"NUMBER\",\"typeName\":\"DECIMAL\"},"
	 "{\"name\":\"TEXT\",\"typeName\":\"VARCHAR\"}]",
	 500, NULL, ROLLED_BACK},
	{"TestQueryMultipleRows", INSTALL,
	 IN_INSTALL(THROWS_JSON("c.sqlClient.query('SELECT * FROM PAIRS').rows")), NULL,
	 "[[1,\"a\"],[2,\"b\"]]", 500, NULL, ROLLED_BACK},
	{"TestQueryNoRow", INSTALL,
	 IN_INSTALL("var r = c.sqlClient.query('SELECT NONE FROM PAIRS');"
		    "throw new Error(r.columns.length + JSON.stringify(r.rows));"),
	 NULL, "2[]", 500, NULL, ROLLED_BACK},
	{"TestQueryWithArgument", INSTALL,
	 IN_INSTALL("c.sqlClient.query('SELECT ? FROM PAIRS', 'b');"), NULL, "committed", 0,
	 "SELECT ? FROM PAIRS|b\n", COMMITTED},
};

static const struct line context[] = {
	{"TestCreate", INSTALL,
	 IN_INSTALL("throw new Error(c.extensionSchemaName + typeof c.bucketFs + "
		    "typeof c.sqlClient + typeof c.metadata);"),
	 NULL, "Sobjectobjectobject", 500, NULL, NULL},
	{"TestSqlClientQuerySuccess", INSTALL,
	 IN_INSTALL("throw new Error(c.sqlClient.query('SELECT * FROM PAIRS').rows[1][1]);"), NULL,
	 "b", 500, NULL, NULL},
	{"TestSqlClientQueryFailure", INSTALL,
	 IN_INSTALL("try { c.sqlClient.query('invalid'); } catch (e) { throw e; }"), "invalid",
	 "error executing query 'invalid': mock", 500, NULL, NULL},
	{"TestSqlClientExecuteSuccess", INSTALL, IN_INSTALL("c.sqlClient.execute('x');"), NULL,
	 "committed", 0, NULL, NULL},
	{"TestSqlClientExecuteFailure", INSTALL, IN_INSTALL("c.sqlClient.execute('invalid');"),
	 "invalid", "error executing statement 'invalid': mock", 500, NULL, NULL},
	{"TestBucketFsResolvePath", INSTALL,
	 IN_INSTALL("throw new Error(c.bucketFs.resolvePath('a.jar'));"), NULL, "/b/a.jar", 500,
	 NULL, NULL},
	{"TestBucketFsResolvePathError", INSTALL, IN_INSTALL("c.bucketFs.resolvePath('none');"),
	 NULL, "failed to find absolute path for file \"none\"", 500, NULL, NULL},
};

/* The three outcomes of each function. */
#define THREE(title, operation, function, success, result, failure, unsupported)                   \
	{title "Successful",                                                                       \
	 operation,                                                                                \
	 function ": function () {" success "}",                                                   \
	 NULL,                                                                                     \
	 result,                                                                                   \
	 0,                                                                                        \
	 NULL,                                                                                     \
	 NULL},                                                                                    \
		{title "Fails",                                                                    \
		 operation,                                                                        \
		 function ": function () { throw new Error('mock'); }",                            \
		 NULL,                                                                             \
		 failure "Error: mock",                                                            \
		 500,                                                                              \
		 NULL,                                                                             \
		 NULL},                                                                            \
	{                                                                                          \
		title "Unsupported", operation, "", NULL,                                          \
			"extension \"x\" does not support operation \"" unsupported "\"", 501,     \
			NULL, NULL                                                                 \
	}

static const struct line wrapper[] = {
	{"TestFindInstallationsSuccessful", INSTALLED,
	 "findInstallations: function () { return [{name: 'X', version: '1'}]; }", NULL,
	 "\"installedVersion\":\"1\"", 0, NULL, NULL},
	{"TestFindInstallationsFailure", LIST,
	 "findInstallations: function () { throw new Error('mock'); }", NULL,
	 "failed to find installations for extension \\\"x\\\": Error: mock", 0, NULL, ROLLED_BACK},
	THREE("TestInstall", INSTALL, "install", "", "committed",
	      "failed to install extension \"x\": ", "install"),
	THREE("TestUninstall", UNINSTALL, "uninstall", "", "committed",
	      "failed to uninstall extension \"x\": ", "uninstall"),
	THREE("TestUpgrade", UPGRADE, "upgrade", "return {previousVersion: '0', newVersion: '1'};",
	      "\"newVersion\":\"1\"", "failed to upgrade extension \"x\": ", "upgrade"),
	THREE("TestListInstances", INSTANCES, "findInstances",
	      "return [{id: 'a', name: 'A'}, {id: 'b', name: 'B'}];",
	      "{\"id\":\"a\",\"name\":\"A\"},{\"id\":\"b\",\"name\":\"B\"}",
	      "failed to list instances for extension \"x\" in version \"1\": ", "findInstances"),
	{"TestAddInstanceSuccessful", ADD,
	 "getInstanceParameters: function () { return []; },"
	 "addInstance: function () { return {id: 'i', name: 'I'}; }",
	 NULL, "\"instance\":{\"id\":\"i\",\"name\":\"I\"}", 0, NULL, COMMITTED},
	{"TestAddInstanceFails", ADD,
	 "getInstanceParameters: function () { return []; },"
	 "addInstance: function () { throw new Error('mock'); }",
	 NULL, "failed to add instance for extension \"x\": Error: mock", 500, NULL, ROLLED_BACK},
	{"TestAddInstanceUnsupported", ADD, "getInstanceParameters: function () { return []; }",
	 NULL, "extension \"x\" does not support operation \"addInstance\"", 501, NULL,
	 ROLLED_BACK},
	{"TestGetParameterDefinitionsFails", ADD,
	 "getInstanceParameters: function () { throw new Error('mock'); }", NULL,
	 "failed to get parameter definitions for extension \"x\": Error: mock", 500, NULL,
	 ROLLED_BACK},
	{"TestGetParameterDefinitionsUnsupported", ADD, "", NULL,
	 "extension \"x\" does not support operation \"getInstanceParameters\"", 501, NULL,
	 ROLLED_BACK},
	{"TestDeleteInstanceSuccessful", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; },"
	 "deleteInstance: function () {}",
	 NULL, "committed", 0, NULL, COMMITTED},
	{"TestDeleteInstanceFails", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; },"
	 "deleteInstance: function () { throw new Error('mock'); }",
	 NULL, "failed to delete instance \"i\" for extension \"x\": Error: mock", 500, NULL,
	 ROLLED_BACK},
	{"TestDeleteInstanceUnsupported", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; }", NULL,
	 "extension \"x\" does not support operation \"deleteInstance\"", 501, NULL, ROLLED_BACK},
	{"TestConvertErrorNonErrorObject", INSTALL, IN_INSTALL("throw 'text';"), NULL,
	 "failed to install extension \"x\": text", 500, NULL, NULL},
	{"TestConvertErrorNilGojaException", INSTALL, IN_INSTALL("throw undefined;"), NULL,
	 "failed to install extension \"x\"", 500, NULL, NULL},
	{"TestConvertErrorGenericJavaScriptError", INSTALL, IN_INSTALL("throw Error();"), NULL,
	 "failed to install extension \"x\"", 500, NULL, NULL},
	{"TestConvertErrorGenericNewJavaScriptError", INSTALL, IN_INSTALL("throw new Error();"),
	 NULL, "failed to install extension \"x\"", 500, NULL, NULL},
	{"TestConvertErrorJavaScriptString", INSTALL, IN_INSTALL("throw 'jsError';"), NULL,
	 "jsError", 500, NULL, NULL},
	{"TestConvertErrorJavaScriptErrorWithStatus", INSTALL,
	 IN_INSTALL("throw {status: 400, message: 'bad'};"), NULL, "bad", 400, NULL, ROLLED_BACK},
};

static const struct line loading[] = {
	{"TestLoadExtension", LIST, "", NULL,
	 "\"name\":\"X\",\"category\":\"c\",\"description\":\"d\",\"installableVersions\":"
	 "[{\"name\":\"1\",\"latest\":true,\"deprecated\":false}]",
	 0, NULL, NULL},
	{"TestNoBucketFsUploads", DETAILS, "bucketFsUploads: []", NULL, "\"artifacts\":[]", 0, NULL,
	 NULL},
	{"TestSingleBucketFsUploads", DETAILS,
	 "bucketFsUploads: [{name: 'n', bucketFsFilename: 'a.jar', downloadUrl: 'u', "
	 "licenseUrl: 'l', fileSize: 5}]",
	 NULL,
	 "{\"name\":\"n\",\"fileName\":\"a.jar\",\"size\":5,\"downloadUrl\":\"u\","
	 "\"licenseUrl\":\"l\",\"available\":true,\"downloadable\":false}",
	 0, NULL, NULL},
	{"TestGetParameterDefinitionsEmptyResult", DETAILS,
	 "getInstanceParameters: function () { return []; }", NULL, "\"parameterDefinitions\":[]",
	 0, NULL, NULL},
	{"TestGetParameterDefinitions", DETAILS,
	 "getInstanceParameters: function (c, version) {"
	 " return [{id: 'p' + version, name: 'P', type: 'string', more: {deep: 1}}]; }",
	 NULL, "{\"id\":\"p1\",\"name\":\"P\",\"type\":\"string\",\"more\":{\"deep\":1}}", 0, NULL,
	 NULL},
	{"TestGetParameterDefinitionsSucceeds", DETAILS,
	 "getInstanceParameters: function (c, version) {"
	 " var rows = c.sqlClient.query('SELECT ? FROM PAIRS', version).rows;"
	 " return [{id: rows[1][1] + version, name: 'P', type: 'string'}]; }",
	 NULL, "{\"id\":\"b1\",\"name\":\"P\",\"type\":\"string\"}", 0, "SELECT ? FROM PAIRS|1\n",
	 NULL},
	{"TestGetParameterDefinitionsOfAWrongVersion", DETAILS,
	 "getInstanceParameters: function () { throw {status: 404, message: 'unknown'}; }", NULL,
	 "\"parametersError\":\"unknown\",\"parametersStatus\":404", 0, NULL, NULL},
	{"TestInstall", INSTALL, IN_INSTALL("c.sqlClient.execute('install extension');"), NULL,
	 "committed", 0, "install extension\n", COMMITTED},
	{"TestInstallResolveBucketFsPath", INSTALL,
	 IN_INSTALL("c.sqlClient.execute('path ' + c.bucketFs.resolvePath('a.jar') + version);"),
	 NULL, "committed", 0, "path /b/a.jar1\n", COMMITTED},
	{"TestInstallResolveBucketFsPathFails", INSTALL,
	 IN_INSTALL("c.bucketFs.resolvePath('a.jar');"), "CREATE SCHEMA \"EXTMGR",
	 "failed to install extension \"x\": ", 500, NULL, ROLLED_BACK},
	{"TestJavaScriptConsoleLogging", INSTALL,
	 IN_INSTALL("console.log('l'); console.warn('w'); console.error('e');"), NULL, "committed",
	 0, NULL, COMMITTED},
	{"TestUninstall", UNINSTALL,
	 "uninstall: function (c, version) { c.sqlClient.execute('uninstall ' + version); }", NULL,
	 "committed", 0, "uninstall 1\n", COMMITTED},
	{"TestAddInstanceValidParameters", ADD,
	 "getInstanceParameters: function () { return [{id: 'p', name: 'P', type: 'string'}]; },"
	 "addInstance: function (c, version, params) {"
	 " return {id: params.values[0].name, name: version + params.values[0].value}; }",
	 NULL, "\"instance\":{\"id\":\"p\",\"name\":\"1v\"}", 0, NULL, COMMITTED},
	{"TestListInstancesEmptyResult", INSTANCES, "findInstances: function () { return []; }",
	 NULL, "\"instances\":[]", 0, NULL, ROLLED_BACK},
	{"TestListInstancesNonEmptyResult", INSTANCES,
	 "findInstances: function (c, v) { return [{id: 'i', name: v}]; }", NULL,
	 "{\"id\":\"i\",\"name\":\"1\"}", 0, NULL, ROLLED_BACK},
	{"TestDeleteInstance", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; },"
	 "deleteInstance: function (c, v, id) { c.sqlClient.execute('drop ' + v + id); }",
	 NULL, "committed", 0, "drop 1i\n", COMMITTED},
	{"TestFindInstallationsCanReadAllScriptsTable", INSTALLED,
	 "findInstallations: function (c, metadata) { return metadata.allScripts.rows.map("
	 "function (row) { return {name: row.name, version: row.text}; }); }",
	 NULL, "\"installedVersion\":\"f\"", 0, NULL, ROLLED_BACK},
	{"TestFindInstallationsReturningParameters", INSTALLED,
	 "findInstallations: function () { return [{name: 'n', version: 'v'}]; }", NULL,
	 "\"installedVersion\":\"v\"", 0, NULL, ROLLED_BACK},
	{"TestUpgradeReadsMetadata", UPGRADE,
	 "upgrade: function (c) { return {previousVersion: c.metadata.getScriptByName('s').text, "
	 "newVersion: '2'}; }",
	 NULL, "\"previousVersion\":\"f\"", 0, NULL, COMMITTED},
	{"TestUpgradeReadMetadataFails", UPGRADE,
	 "upgrade: function (c) { c.metadata.getScriptByName('script'); }", "SCRIPT_NAME = ?",
	 "failed to upgrade extension \"x\": failed to find script \"S\".\"script\". Caused by: ",
	 500, NULL, ROLLED_BACK},
	{"TestUsingExtensionWithMissingFunctionFailsGracefully", INSTALL, "", NULL,
	 "does not support operation \"install\"", 501, NULL, ROLLED_BACK},
};

#define NEEDS(file) "bucketFsUploads: [{name: 'n', " file "}]"
#define IS_THERE    "\"state\":\"available\",\"reason\":null"
#define IS_MISSING  "\"state\":\"unavailable\",\"reason\":\"needs file "
#define LISTED      "\"LIST_RECURSIVELY\"(?)"

static const struct line files[] = {
	{"TestGetAllExtensionsAndBucketFSContainsJar", LIST,
	 NEEDS("bucketFsFilename: 'a.jar', fileSize: 5"), NULL, IS_THERE, 0, LISTED, NULL},
	{"TestGetAllExtensionsAndBucketFSContainsJar", AVAILABLE,
	 NEEDS("bucketFsFilename: 'a.jar', fileSize: 5"), NULL, IS_THERE, 0, LISTED, NULL},
	{"TestGetAllExtensionsButNoJarInBucketFS", AVAILABLE,
	 NEEDS("bucketFsFilename: 'none.jar', fileSize: 5"), NULL,
	 IS_MISSING "'none.jar' of 5 bytes\"", 0, LISTED, NULL},
	{"TestGetAllExtensionsWrongFileSize", AVAILABLE,
	 NEEDS("bucketFsFilename: 'a.jar', fileSize: 6"), NULL, IS_MISSING "'a.jar' of 6 bytes\"",
	 0, LISTED, NULL},
	{"TestGetAllExtensionsWrongFileName", LIST, NEEDS("bucketFsFilename: 'A.jar', fileSize: 5"),
	 NULL, IS_MISSING "'A.jar' of 5 bytes\"", 0, LISTED, NULL},
	{"TestGetAllExtensionsIgnoresFileSizeForNegativeValue", LIST,
	 NEEDS("bucketFsFilename: 'a.jar', fileSize: -1"), NULL, IS_THERE, 0, LISTED, NULL},
	{"TestGetAllExtensionsFailsStartingTransaction", AVAILABLE,
	 NEEDS("bucketFsFilename: 'a.jar'"), "BEGIN", "mock", 500, NULL, NULL},
	{"TestGetAllExtensionsBucketFsListFails", AVAILABLE, NEEDS("bucketFsFilename: 'a.jar'"),
	 "CREATE SCHEMA \"EXTMGR",
	 "failed to search for required files in BucketFS. Cause: failed to create a schema for "
	 "BucketFS list script. Cause: ",
	 500, NULL, NULL},
	{"TestGetAllExtensionsBucketFsListFails", LIST, NEEDS("bucketFsFilename: 'a.jar'"), LISTED,
	 "failed to search for required files in BucketFS. Cause: failed to list files. Cause: ",
	 500, NULL, NULL},
};

static const struct line transactions[] = {
	{"TestInstallExtensionBeginTransactionFailure", INSTALL, IN_INSTALL(""), "BEGIN", "mock",
	 500, NULL, "BEGIN "},
	{"TestInstallExtensionSuccess", INSTALL, IN_INSTALL(""), NULL, "committed", 0, NULL,
	 COMMITTED},
	{"TestInstallExtensionFailureRollback", INSTALL, IN_INSTALL("throw 'x';"), NULL, "x", 500,
	 NULL, ROLLED_BACK},
	{"TestInstallExtensionCommitFailure", INSTALL, IN_INSTALL(""), "COMMIT", "mock", 500, NULL,
	 "BEGIN COMMIT ROLLBACK "},
	{"TestUninstallCommitFailure", UNINSTALL, "uninstall: function () {}", "COMMIT", "mock",
	 500, NULL, "BEGIN COMMIT ROLLBACK "},
	{"TestUpgradeCommitFailure", UPGRADE,
	 "upgrade: function () { return {previousVersion: '0', newVersion: '1'}; }", "COMMIT",
	 "mock", 500, NULL, "BEGIN COMMIT ROLLBACK "},
	{"TestCreateInstanceCommitFailure", ADD,
	 "getInstanceParameters: function () { return []; },"
	 "addInstance: function () { return {id: 'i', name: 'I'}; }",
	 "COMMIT", "mock", 500, NULL, "BEGIN COMMIT ROLLBACK "},
	{"TestDeleteInstanceCommitFailure", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; },"
	 "deleteInstance: function () {}",
	 "COMMIT", "mock", 500, NULL, "BEGIN COMMIT ROLLBACK "},
	{"TestGetAllInstallationsBeginTransactionFailure", INSTALLED, "", "BEGIN", "mock", 500,
	 NULL, "BEGIN "},
	{"TestUninstallBeginTransactionFailure", UNINSTALL, "", "BEGIN", "mock", 500, NULL,
	 "BEGIN "},
	{"TestUpgradeBeginTransactionFailure", UPGRADE, "", "BEGIN", "mock", 500, NULL, "BEGIN "},
	{"TestCreateInstanceBeginTransactionFailure", ADD, "", "BEGIN", "mock", 500, NULL,
	 "BEGIN "},
	{"TestDeleteInstanceBeginTransactionFailure", DELETE, "", "BEGIN", "mock", 500, NULL,
	 "BEGIN "},
	{"TestFindInstancesBeginTransactionFailure", INSTANCES, "", "BEGIN", "mock", 500, NULL,
	 "BEGIN "},
	{"TestFindInstancesFailure", INSTANCES, "findInstances: function () { throw 'x'; }", NULL,
	 "x", 500, NULL, ROLLED_BACK},
	{"TestUninstallFailsWhenInstanceExists", UNINSTALL,
	 "findInstances: function () { return [{id: 'i', name: 'one'}, {id: 'j', name: 'two'}]; },"
	 "uninstall: function () {}",
	 NULL, "cannot uninstall extension because 2 instance(s) still exist: one, two", 400, NULL,
	 ROLLED_BACK},
	{"TestUninstallSucceedsWhenInstancesNotSupported", UNINSTALL,
	 "findInstances: function () { throw {status: 404, message: 'no'}; },"
	 "uninstall: function () {}",
	 NULL, "committed", 0, NULL, COMMITTED},
	{"TestUninstallFailsListingInstances", UNINSTALL,
	 "findInstances: function () { throw new Error('mock'); }, uninstall: function () {}", NULL,
	 "cannot uninstall extension because instances remain: failed to check existing instances: "
	 "failed to list instances for extension \"x\"",
	 500, NULL, ROLLED_BACK},
	{"TestInstallSucceeds", INSTALL, IN_INSTALL("c.sqlClient.execute('select 1');"), NULL,
	 "committed", 0, "CREATE SCHEMA IF NOT EXISTS \"S\"\nselect 1\n", COMMITTED},
	{"TestInstallQueryFails", INSTALL, IN_INSTALL("c.sqlClient.execute('select 1');"),
	 "select 1", "error executing statement 'select 1': mock", 500, NULL, ROLLED_BACK},
	{"TestUninstallQueryFails", UNINSTALL,
	 "uninstall: function (c) { c.sqlClient.execute('select 1'); }", "select 1",
	 "error executing statement 'select 1': mock", 500, "select 1\n", ROLLED_BACK},
	{"TestUpgradeQueryFails", UPGRADE,
	 "upgrade: function (c) { c.sqlClient.execute('select 1'); }", "select 1",
	 "error executing statement 'select 1': mock", 500, NULL, ROLLED_BACK},
	{"TestCreateInstanceInvalidParameters", ADD,
	 "getInstanceParameters: function () {"
	 " return [{id: 'p', name: 'P', type: 'string', regex: 'w+'}]; },"
	 "addInstance: function () { throw 'called'; }",
	 NULL,
	 "invalid parameters: Failed to validate parameter 'P' (p): The value has an invalid "
	 "format.",
	 400, NULL, ROLLED_BACK},
	{"TestUpgradeGettingScriptReturnsNil", UPGRADE,
	 "upgrade: function (c) { return {previousVersion: String(c.metadata.getScriptByName("
	 "'nothing') === null), newVersion: '1'}; }",
	 NULL, "\"previousVersion\":\"true\"", 0, NULL, COMMITTED},
	{"TestFindInstancesUseSqlQueryResult", INSTANCES,
	 "findInstances: function (c) { var r = c.sqlClient.query('SELECT ? FROM PAIRS', 'b');"
	 "return [{id: r.columns[1].typeName, name: typeof r.rows[0][0] + typeof r.rows[0][1]}]; }",
	 NULL, "{\"id\":\"VARCHAR\",\"name\":\"numberstring\"}", 0, "SELECT ? FROM PAIRS|b\n",
	 ROLLED_BACK},
	{"TestDeleteInstancesFailsWithInvalidQuery", DELETE,
	 "findInstances: function () { return [{id: 'i', name: 'I'}]; },"
	 "deleteInstance: function (c) { c.sqlClient.execute('drop'); }",
	 "drop", "error executing statement 'drop': mock", 500, NULL, ROLLED_BACK},
};

/* Four things that each function may throw, and the status that comes of them. */
static const struct {
	const char *thrown;
	const char *says;
	int status;
} throws[] = {
	{"throw new Error('mock error from js');", "mock error from js", 500},
	{"var e = new Error('mock error from js'); e.name = 'InternalServerError'; throw e;",
	 "mock error from js", 500},
	{"var e = new Error('mock error from js'); e.name = 'BadRequestError'; e.status = 400; "
	 "throw e;",
	 "mock error from js", 400},
	{"(null).x();", "TypeError", 500},
};

static const struct {
	const char *name;
	enum operation operation;
	const char *function;
} throwing[] = {
	{"TestGetAllInstallationsFails", LIST, "findInstallations"},
	{"TestFindInstancesFails", INSTANCES, "findInstances"},
	{"TestGetParameterDefinitionsFails", ADD, "getInstanceParameters"},
	{"TestInstallFails", INSTALL, "install"},
	{"TestUninstallFails", UNINSTALL, "uninstall"},
	{"TestUpgradeFails", UPGRADE, "upgrade"},
	{"TestCreateInstanceFails", ADD, "addInstance"},
	{"TestDeleteInstancesFails", DELETE, "deleteInstance"},
};

/* ---- running a line ---- */

static extmgr_result list(struct host *host, uint32_t which, extmgr_text **text,
			  extmgr_error **error)
{
	extmgr_extension_list *found = NULL;
	extmgr_result result =
		extmgr_manager_list_extensions(host->manager, which, NULL, &found, error);

	if (result >= 0)
		assert_int_equal(extmgr_extension_list_to_json(found, text, NULL), EXTMGR_OK);
	extmgr_extension_list_free(found);
	return result;
}

static extmgr_result list_instances(struct host *host, extmgr_text **text, extmgr_error **error)
{
	extmgr_instance_list *found = NULL;
	extmgr_result result =
		extmgr_manager_list_instances(host->manager, "x", "1", NULL, &found, error);

	if (result >= 0)
		assert_int_equal(extmgr_instance_list_to_json(found, text, NULL), EXTMGR_OK);
	extmgr_instance_list_free(found);
	return result;
}

static extmgr_result run(struct host *host, enum operation operation, const char *members,
			 extmgr_text **text, extmgr_error **error)
{
	const char *values = strstr(members, "'p'") ? "{\"p\":\"v\"}" : "[]";

	switch (operation) {
	case LIST:
		return list(host, EXTMGR_LIST_ALL, text, error);
	case AVAILABLE:
		return list(host, EXTMGR_LIST_AVAILABLE, text, error);
	case INSTALLED:
		return list(host, EXTMGR_LIST_INSTALLED, text, error);
	case DETAILS:
		return extmgr_manager_get_extension(host->manager, "x", "1", NULL, text, error);
	case INSTALL:
		return extmgr_manager_install(host->manager, "x", "1", NULL, text, error);
	case UNINSTALL:
		return extmgr_manager_uninstall(host->manager, "x", "1", NULL, text, error);
	case UPGRADE:
		return extmgr_manager_upgrade(host->manager, "x", NULL, text, error);
	case INSTANCES:
		return list_instances(host, text, error);
	case ADD:
		return extmgr_manager_create_instance(host->manager, "x", "1", values,
						      strlen(values), NULL, text, error);
	default:
		return extmgr_manager_delete_instance(host->manager, "x", "1", "i", NULL, text,
						      error);
	}
}

static void open_with(struct host *host, const char *members)
{
	static const char form[] =
		"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
		"  name: 'X', category: 'c', description: 'd',\n"
		"  installableVersions: [{ name: '1', latest: true, deprecated: false }],\n"
		"%s } };\n";
	char source[2048];

	(void)snprintf(source, sizeof(source), form, members);
	exasol_host_open(host, source);
	host->rows = strstr(members, "nothing") ? 0 : 1;
}

static void check_line(const struct line *line)
{
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	struct host host;
	extmgr_result result;
	int status;

	open_with(&host, line->members);
	host.breaks = line->breaks;
	result = run(&host, line->operation, line->members, &text, &error);
	status = result < 0 ? extmgr_error_get_http_status(error) : 0;
	if (result < 0)
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	if (status != line->status || !strstr(extmgr_text_get_data(text), line->says))
		fail_msg("%s: %d: %s", line->name, status, extmgr_text_get_data(text));
	if (line->asked && !strstr(host.asked, line->asked))
		fail_msg("%s: asked %s", line->name, host.asked);
	/* Readers of many definitions begin anew between them, where there are no savepoints. */
	if (line->operation <= INSTALLED
		    ? strstr(host.transaction, "COMMIT") != NULL
		    : line->transaction && strcmp(host.transaction, line->transaction) != 0)
		fail_msg("%s: transaction %s", line->name, host.transaction);
	extmgr_text_free(text);
	extmgr_error_free(error);
	exasol_host_close(&host);
}

#define CHECK_LINES(table)                                                                         \
	static void test_##table(void **state)                                                     \
	{                                                                                          \
		(void)state;                                                                       \
		for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)                    \
			check_line(&(table)[i]);                                                   \
	}

CHECK_LINES(sql_client)
CHECK_LINES(context)
CHECK_LINES(wrapper)
CHECK_LINES(loading)
CHECK_LINES(files)
CHECK_LINES(transactions)

/* Every function, every thing thrown: the status, the text, and nothing is kept. */
static void test_throws(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(throwing) / sizeof(throwing[0]); i++) {
		for (size_t t = 0; t < sizeof(throws) / sizeof(throws[0]); t++) {
			char members[512];
			struct line line = {.name = throwing[i].name,
					    .operation = throwing[i].operation,
					    .members = members,
					    .says = throws[t].says,
					    .status = throws[t].status,
					    .transaction = ROLLED_BACK};

			/* Broken definitions are listed, with the reason. */
			if (line.operation == LIST)
				line.status = 0;
			(void)snprintf(
				members, sizeof(members), "%s%s%s: function () { %s }",
				strcmp(throwing[i].function, "addInstance") == 0
					? "getInstanceParameters: function () { return []; },"
					: "",
				line.operation == DELETE
					? "findInstances: function () { return [{id: 'i', name: "
					  "'I'}]; },"
					: "",
				throwing[i].function, throws[t].thrown);
			check_line(&line);
		}
	}
}

/* TestGetAllExtensionsGetFails: a registry that cannot be read fails the list by its own error. */
static void test_a_registry_that_fails(void **state)
{
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	struct host host;
	char away[80];

	(void)state;
	open_with(&host, "");
	(void)snprintf(away, sizeof(away), "%s-away", host.path);
	assert_int_equal(rename(host.path, away), 0);
	assert_int_equal(list(&host, EXTMGR_LIST_AVAILABLE, &text, &error),
			 EXTMGR_E_REGISTRY_NOT_FOUND);
	assert_null(text);
	assert_non_null(strstr(extmgr_error_get_message(error), host.path));
	assert_string_equal(host.asked, "");
	extmgr_error_free(error);
	assert_int_equal(rename(away, host.path), 0);
	assert_int_equal(list(&host, EXTMGR_LIST_AVAILABLE, &text, NULL), EXTMGR_OK);
	extmgr_text_free(text);
	exasol_host_close(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sql_client),   cmocka_unit_test(test_context),
		cmocka_unit_test(test_wrapper),      cmocka_unit_test(test_loading),
		cmocka_unit_test(test_transactions), cmocka_unit_test(test_throws),
		cmocka_unit_test(test_files),        cmocka_unit_test(test_a_registry_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
