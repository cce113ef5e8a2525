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

		host->breaks = cases[i].breaks;
		host->bad_listing = !cases[i].breaks;
		assert_true(extmgr_manager_upgrade(host->manager, "x", NULL, NULL, &error) < 0);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (!strstr(extmgr_text_get_data(text), cases[i].says) ||
		    (cases[i].breaks && !strstr(extmgr_text_get_data(text), "mock")))
			fail_msg("%s", extmgr_text_get_data(text));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
