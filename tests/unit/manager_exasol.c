/* SPDX-License-Identifier: MIT */
/* What is special about Exasol: its system tables, and files listed by a script of its own. The
 * database is a fake (EX 4.3, 5, 11.7, 11.8). */
#include "exasol_host.h"

#include <unistd.h>

#define SCRIPTS                                                                                    \
	"SELECT SCRIPT_SCHEMA, SCRIPT_NAME, SCRIPT_TYPE, SCRIPT_INPUT_TYPE, SCRIPT_RESULT_TYPE, "  \
	"SCRIPT_TEXT, SCRIPT_COMMENT FROM SYS.EXA_ALL_SCRIPTS WHERE SCRIPT_SCHEMA = ?"
#define SCRIPT SCRIPTS " AND SCRIPT_NAME = ?"
#define VIRTUAL_SCHEMAS                                                                            \
	"SELECT SCHEMA_NAME, SCHEMA_OWNER, ADAPTER_SCRIPT_SCHEMA, ADAPTER_SCRIPT_NAME, "           \
	"ADAPTER_NOTES FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS"

/* The version of an installation is what the metadata says. */
static const char source[] =
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'X', category: '', description: '', bucketFsUploads: [],\n"
	"  installableVersions: [{ name: '1', latest: true, deprecated: false }],\n"
	"  findInstallations: function (context, metadata) {\n"
	"    return [{ name: 'X', version: JSON.stringify(metadata) }];\n"
	"  },\n"
	"  findInstances: function (context) {\n"
	"    return [{ id: 'i', name: JSON.stringify(context.metadata.getScriptByName('N\\'1')) "
	"}];\n"
	"  },\n"
	"  install: function (context) {\n"
	"    try { context.metadata.getScriptByName('a'); } catch (e) {}\n"
	"  },\n"
	"  upgrade: function (context) {\n"
	"    var fs = context.bucketFs;\n"
	"    try { fs.resolvePath('none'); } catch (e) { console.log(e.message); }\n"
	"    return { previousVersion: fs.resolvePath('a.jar'), newVersion: fs.resolvePath('b') "
	"};\n"
	"  }\n"
	"} };\n";

static int set_up(void **state)
{
	static struct host host;

	exasol_host_open(&host, source);
	*state = &host;
	return 0;
}

static int tear_down(void **state)
{
	exasol_host_close(*state);
	return 0;
}

/* What findInstallations got, or why it failed. */
static void assert_metadata(struct host *host, const char *expected)
{
	extmgr_extension_list *list = NULL;
	const char *seen;

	assert_true(extmgr_manager_list_extensions(host->manager, EXTMGR_LIST_ALL, NULL, &list,
						   NULL) >= 0);
	assert_int_equal(extmgr_extension_list_get_count(list), 1);
	seen = extmgr_extension_list_get_reason(list, 0);
	if (!seen || !*seen)
		seen = extmgr_extension_list_get_installed_version(list, 0);
	if (!seen || !strstr(seen, expected))
		fail_msg("%s", seen ? seen : "nothing");
	extmgr_extension_list_free(list);
}

static void test_both_tables_are_read_and_mapped(void **state)
{
	struct host *host = *state;

	host->rows = 1;
	assert_metadata(host, "{\"allScripts\":{\"rows\":[{\"schema\":\"a\",\"name\":\"b\","
			      "\"type\":\"c\",\"inputType\":\"d\",\"resultType\":\"e\",\"text\":"
			      "\"f\",\"comment\":\"g\"}]},\"allVirtualSchemas\":{\"rows\":[{"
			      "\"name\":\"a\",\"owner\":\"b\",\"adapterScriptSchema\":\"c\","
			      "\"adapterScriptName\":\"d\",\"adapterNotes\":\"e\"}]}}");
	assert_string_equal(host->asked, SCRIPTS "|S\n" VIRTUAL_SCHEMAS "\n");
}

/* Once for a whole list, not once for each definition. */
static void test_the_tables_are_read_once(void **state)
{
	struct host *host = *state;
	extmgr_extension_list *list = NULL;
	char path[80];
	char other[80];

	(void)snprintf(path, sizeof(path), "%s/x.js", host->path);
	(void)snprintf(other, sizeof(other), "%s/y.js", host->path);
	assert_int_equal(link(path, other), 0);
	host->rows = 1;
	assert_int_equal(
		extmgr_manager_list_extensions(host->manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_extension_list_get_count(list), 2);
	for (size_t i = 0; i < 2; i++)
		assert_non_null(strstr(extmgr_extension_list_get_installed_version(list, i),
				       "\"adapterNotes\":\"e\""));
	assert_string_equal(host->asked, SCRIPTS "|S\n" VIRTUAL_SCHEMAS "\n");
	extmgr_extension_list_free(list);
	assert_int_equal(unlink(other), 0);
}

static void test_null_is_empty_text(void **state)
{
	struct host *host = *state;

	host->rows = 1;
	host->null = true;
	assert_metadata(host, "\"comment\":\"\"");
	assert_metadata(host, "\"adapterNotes\":\"\"");
}

static void test_no_rows_are_empty_lists(void **state)
{
	assert_metadata(*state,
			"{\"allScripts\":{\"rows\":[]},\"allVirtualSchemas\":{\"rows\":[]}}");
}

static void test_errors_of_tables(void **state)
{
	struct host *host = *state;

	host->breaks = "EXA_ALL_VIRTUAL_SCHEMAS";
	assert_metadata(host, "failed to read SYS.EXA_ALL_VIRTUAL_SCHEMAS: ");
	assert_metadata(host, "mock");
	host->breaks = "EXA_ALL_SCRIPTS";
	host->asked[0] = '\0';
	assert_metadata(host, "failed to read SYS.EXA_ALL_SCRIPTS: ");
	assert_string_equal(host->asked, SCRIPTS "|S\n"); /* the second one is not read then */
}

static void test_a_row_with_other_columns_is_an_error(void **state)
{
	struct host *host = *state;

	host->rows = 1;
	host->missing = 1;
	assert_metadata(host, "failed to read row of EXA_ALL_SCRIPTS: it has 6 columns");
}

/* What getScriptByName answered, or the text of the failure. */
static void assert_script(struct host *host, const char *expected)
{
	extmgr_instance_list *list = NULL;
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	const char *seen;
	extmgr_result result =
		extmgr_manager_list_instances(host->manager, "x", "1", NULL, &list, &error);

	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	seen = result >= 0 ? extmgr_instance_list_get_name(list, 0) : extmgr_text_get_data(text);
	if (!strstr(seen, expected))
		fail_msg("%s", seen);
	extmgr_instance_list_free(list);
	extmgr_error_free(error);
	extmgr_text_free(text);
}

static void test_script_by_name_is_the_first_row(void **state)
{
	struct host *host = *state;

	host->rows = 2;
	assert_script(host, "{\"schema\":\"a\",\"name\":\"b\",\"type\":\"c\",\"inputType\":\"d\","
			    "\"resultType\":\"e\",\"text\":\"f\",\"comment\":\"g\"}");
	assert_non_null(strstr(host->asked, SCRIPT "|S|N'1\n"));
}

static void test_no_script_of_that_name_is_null(void **state)
{
	assert_script(*state, "null");
}

static void test_errors_of_scripts(void **state)
{
	struct host *host = *state;

	host->breaks = "SCRIPT_NAME = ?";
	assert_script(host, "failed to find script \"S\".\"N'1\". Caused by: failed to read "
			    "SYS.EXA_ALL_SCRIPTS: ");
	host->breaks = NULL;
	host->rows = 1;
	host->missing = 2;
	assert_script(host, "failed to read row of EXA_ALL_SCRIPTS: it has 5 columns");
}

/* As with statements: a definition that catches it has failed all the same. */
static void test_a_failed_look_up_fails_the_operation(void **state)
{
	struct host *host = *state;
	extmgr_text *report = NULL;

	assert_int_equal(extmgr_manager_install(host->manager, "x", NULL, NULL, &report, NULL),
			 EXTMGR_OK);
	/* The library's own statements are not in the report. */
	assert_null(strstr(extmgr_text_get_data(report), "EXA_ALL_SCRIPTS"));
	extmgr_text_free(report);
	host->breaks = "SCRIPT_NAME = ?";
	assert_true(extmgr_manager_install(host->manager, "x", NULL, NULL, NULL, NULL) < 0);
}

/* How often the text was part of what the database was asked. */
static size_t count(const struct host *host, const char *text)
{
	size_t found = 0;

	for (const char *at = strstr(host->asked, text); at; at = strstr(at + 1, text))
		found++;
	return found;
}

static void test_files_are_listed_once_and_nothing_is_left(void **state)
{
	struct host *host = *state;
	extmgr_text *report = NULL;
	char expected[256];

	assert_int_equal(extmgr_manager_upgrade(host->manager, "x", NULL, &report, NULL),
			 EXTMGR_OK);
	/* The lowest path of a name; what is not there says so. */
	assert_non_null(strstr(extmgr_text_get_data(report), "\"previousVersion\":\"/b/a.jar\""));
	assert_non_null(strstr(extmgr_text_get_data(report), "\"newVersion\":\"/b/x/b\""));
	assert_non_null(strstr(extmgr_text_get_data(report),
			       "failed to find absolute path for file \\\"none\\\": file "
			       "\\\"none\\\" not found in BucketFS"));
	assert_null(strstr(extmgr_text_get_data(report), "LIST_RECURSIVELY"));
	extmgr_text_free(report);
	assert_int_equal(count(host, "CREATE PYTHON3 SCALAR SCRIPT"), 1);
	(void)snprintf(expected, sizeof(expected),
		       "SELECT%s.\"LIST_RECURSIVELY\"(?) ORDER BY FULL_PATH|/b/\nDROP SCHEMA%s "
		       "CASCADE\n",
		       host->schema, host->schema);
	assert_int_equal(count(host, expected), 1);
}

static void test_each_listing_has_a_name_of_its_own(void **state)
{
	struct host *host = *state;
	char first[64];

	assert_int_equal(extmgr_manager_upgrade(host->manager, "x", NULL, NULL, NULL), EXTMGR_OK);
	(void)snprintf(first, sizeof(first), "%s", host->schema);
	assert_int_equal(extmgr_manager_upgrade(host->manager, "x", NULL, NULL, NULL), EXTMGR_OK);
	assert_string_not_equal(first, host->schema);
}

/* The definition catches the first failure; the operation fails with it all the same. */
static void test_errors_of_listings(void **state)
{
	static const struct {
		const char *breaks;
		const char *says;
	} cases[] = {
		{"CREATE SCHEMA \"EXTMGR",
		 "failed to create a schema for BucketFS list script. Cause: "},
		{"CREATE PYTHON3", "failed to create UDF script for listing bucket. Cause: "},
		{"SELECT \"EXTMGR", "failed to list files. Cause: "},
		{"DROP SCHEMA", "failed to remove the BucketFS list script. Cause: "},
		{NULL, "failed reading result of BucketFS list UDF. Cause: 1 columns"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_text *text = NULL;

		host->transaction[0] = '\0';
		host->breaks = cases[i].breaks;
		host->bad_listing = !cases[i].breaks;
		assert_true(extmgr_manager_upgrade(host->manager, "x", NULL, NULL, &error) < 0);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (!strstr(extmgr_text_get_data(text), cases[i].says) ||
		    (cases[i].breaks && !strstr(extmgr_text_get_data(text), "mock")))
			fail_msg("%s", extmgr_text_get_data(text));
		assert_string_equal(host->transaction, "BEGIN ROLLBACK ");
		extmgr_text_free(text);
		extmgr_error_free(error);
	}
}

static void test_paths_that_are_refused(void **state)
{
	static const char *const paths[] = {"", "b", "/b\n", "/\xff"};
	struct host *host = *state;
	extmgr_target_options options;
	extmgr_manager *manager = NULL;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		extmgr_target_options_init(&options, sizeof(options));
		options.bucketfs_path = paths[i];
		assert_int_equal(extmgr_manager_new(host->context, host->registry, host->database,
						    NULL, &options, &manager, NULL),
				 EXTMGR_E_INVALID_ARGUMENT);
	}
	options.bucketfs_path = "/b"; /* no database of that dialect */
	assert_int_equal(extmgr_manager_new(host->context, host->registry, NULL, NULL, &options,
					    &manager, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
}

/* ---- what is required of the server and of files; the history ---- */

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char demanding[] =
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'X', installableVersions: [{ name: '1', latest: true }],\n"
	"  bucketFsUploads: [{ name: 'J', bucketFsFilename: 'a.jar', fileSize: 5,\n"
	"    sha256: '" SHA256 "' }],\n"
	"  requirements: { dialects: ['exasol'], server: { exasol: '>=8 <2027' } },\n"
	"  install: function (context) { context.sqlClient.execute('make it'); }\n"
	"} };\n";

static int set_up_demanding(void **state)
{
	static struct host host;

	exasol_host_open(&host, demanding);
	host.sha256 = SHA256;
	host.version = "8.29.1";
	*state = &host;
	return 0;
}

static void forget(struct host *host)
{
	host->asked[0] = '\0';
	host->transaction[0] = '\0';
}

/* Installing fails with that code and text, and nothing of it stays. */
static void assert_not_installed(struct host *host, extmgr_result expected, const char *says)
{
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;

	forget(host);
	assert_int_equal(extmgr_manager_install(host->manager, "x", NULL, NULL, NULL, &error),
			 expected);
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	if (!strstr(extmgr_text_get_data(text), says))
		fail_msg("%s", extmgr_text_get_data(text));
	assert_int_equal(count(host, "make it"), 0);
	assert_string_equal(host->transaction, "BEGIN ROLLBACK ");
	extmgr_text_free(text);
	extmgr_error_free(error);
}

static void test_the_database_computes_the_sha256(void **state)
{
	struct host *host = *state;
	char expected[256];

	assert_int_equal(extmgr_manager_install(host->manager, "x", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	(void)snprintf(expected, sizeof(expected),
		       "SELECT%s.\"SHA256\"(?)|/b/a.jar\nDROP SCHEMA%s CASCADE\n", host->schema,
		       host->schema);
	assert_int_equal(count(host, expected), 1);
	assert_int_equal(count(host, "make it"), 1);
	assert_string_equal(host->transaction, "BEGIN COMMIT ");
	host->sha256 = "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	assert_not_installed(host, EXTMGR_E_ARTIFACT_CHECKSUM, "but that of '/b/a.jar' is f123");
	host->sha256 = "no sum";
	assert_not_installed(host, EXTMGR_E_HOST,
			     "failed reading result of BucketFS hash UDF. Cause: it is no SHA-256");
	host->breaks = "\"SHA256\" (";
	assert_not_installed(host, EXTMGR_E_STATEMENT,
			     "failed to create UDF script for hashing bucket. Cause");
	host->breaks = ".\"SHA256\"(?)";
	assert_not_installed(host, EXTMGR_E_STATEMENT, "failed to hash files. Cause");
}

static void test_the_version_of_the_server_is_asked(void **state)
{
	struct host *host = *state;
	extmgr_extension_list *list = NULL;

	host->version = "2026.1.0";
	assert_int_equal(extmgr_manager_install(host->manager, "x", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	host->version = "7.1.30";
	assert_not_installed(host, EXTMGR_E_REQUIREMENTS,
			     "needs a server of version >=8 <2027, this one is 7.1.30");
	assert_int_equal(count(host, "SHA256"), 0);
	assert_int_equal(
		extmgr_manager_list_extensions(host->manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
		EXTMGR_OK);
	assert_int_equal(extmgr_extension_list_get_state(list, 0), EXTMGR_STATE_UNAVAILABLE);
	assert_non_null(strstr(extmgr_extension_list_get_reason(list, 0), "this one is 7.1.30"));
	extmgr_extension_list_free(list);
	host->breaks = "EXA_METADATA";
	assert_not_installed(host, EXTMGR_E_STATEMENT, "failed to ask the server for its version");
}

static extmgr_manager *open_with_history(struct host *host)
{
	extmgr_target_options options;
	extmgr_manager *manager = NULL;

	extmgr_target_options_init(&options, sizeof(options));
	options.extension_schema = "S";
	options.verify = EXTMGR_VERIFY_OFF;
	options.bucketfs_path = "/b/";
	options.history = EXTMGR_HISTORY_ON;
	assert_int_equal(extmgr_manager_new(host->context, host->registry, host->database, NULL,
					    &options, &manager, NULL),
			 EXTMGR_OK);
	forget(host);
	return manager;
}

#define HISTORY "\"S\".\"extmgr_target_history\""

/* Off unless it is asked for. */
static void test_the_history_of_an_exasol(void **state)
{
	struct host *host = *state;
	extmgr_manager *manager;
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr_manager_install(host->manager, "x", NULL, NULL, NULL, NULL),
			 EXTMGR_OK);
	assert_int_equal(count(host, "history"), 0);
	manager = open_with_history(host);
	assert_int_equal(extmgr_manager_install(manager, "x", NULL, NULL, NULL, NULL), EXTMGR_OK);
	assert_int_equal(count(host, "CREATE TABLE IF NOT EXISTS " HISTORY " (\"entry\" BIGINT "),
			 1);
	assert_int_equal(count(host, "\"id\" VARCHAR(2000000) NOT NULL"), 1);
	assert_int_equal(count(host, "INSERT INTO " HISTORY " ("), 1);
	assert_int_equal(count(host, "|install|x|NULL|1|NULL|sha256:"), 1);
	assert_string_equal(host->transaction, "BEGIN COMMIT ");
	host->has_history = true;
	host->rows = 1;
	forget(host);
	assert_int_equal(extmgr_manager_install(manager, "x", NULL, NULL, NULL, NULL), EXTMGR_OK);
	assert_int_equal(count(host, "CREATE TABLE"), 0);
	assert_int_equal(count(host, "INSERT INTO " HISTORY " ("), 1);
	assert_int_equal(extmgr_manager_get_history(manager, NULL, 0, NULL, &text, NULL),
			 EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(text),
			       "\"id\":\"b\",\"actor\":\"c\",\"operation\":\"d\","
			       "\"extensionId\":\"e\",\"fromVersion\":\"f\",\"toVersion\":\"g\","
			       "\"instanceId\":\"h\",\"digest\":\"i\",\"outcome\":\"j\""));
	extmgr_text_free(text);
	forget(host);
	host->breaks = "INSERT INTO";
	assert_int_equal(extmgr_manager_install(manager, "x", NULL, NULL, NULL, &error),
			 EXTMGR_E_STATEMENT);
	assert_non_null(strstr(extmgr_error_get_hint(error), "the history must be off"));
	assert_string_equal(host->transaction, "BEGIN ROLLBACK ");
	extmgr_error_free(error);
	extmgr_manager_free(manager);
}

#define DEMANDING(test) cmocka_unit_test_setup_teardown(test, set_up_demanding, tear_down)
#define WITH_HOST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(test_both_tables_are_read_and_mapped),
		WITH_HOST(test_the_tables_are_read_once),
		WITH_HOST(test_null_is_empty_text),
		WITH_HOST(test_no_rows_are_empty_lists),
		WITH_HOST(test_errors_of_tables),
		WITH_HOST(test_a_row_with_other_columns_is_an_error),
		WITH_HOST(test_script_by_name_is_the_first_row),
		WITH_HOST(test_no_script_of_that_name_is_null),
		WITH_HOST(test_errors_of_scripts),
		WITH_HOST(test_a_failed_look_up_fails_the_operation),
		WITH_HOST(test_files_are_listed_once_and_nothing_is_left),
		WITH_HOST(test_each_listing_has_a_name_of_its_own),
		WITH_HOST(test_errors_of_listings),
		WITH_HOST(test_paths_that_are_refused),
		DEMANDING(test_the_database_computes_the_sha256),
		DEMANDING(test_the_version_of_the_server_is_asked),
		DEMANDING(test_the_history_of_an_exasol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
