/* SPDX-License-Identifier: MIT */
/*
 * Plans: what is planned is what is applied, and whatever changed in between is noticed before
 * anything is done. On both databases.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Marks every table plan_t... of the target; an instance is a row with a token, which is secret. */
#define DEFINITION(extra)                                                                          \
	"(function () {\n"                                                                         \
	"function marker(c) {\n"                                                                   \
	"  return c.quoteIdentifier(c.extensionSchemaName) + '.plan_marker';\n"                    \
	"}\n"                                                                                      \
	"function rows(c, sql) {\n"                                                                \
	"  return c.sqlClient.query(sql).rows.map(function (r) { return r[0]; });\n"               \
	"}\n"                                                                                      \
	"function tables(c, like) {\n"                                                             \
	"  return rows(c, (c.dialect === 'sqlite' ? \"SELECT name FROM sqlite_master WHERE \" :\n" \
	"    \"SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r' AND \") +\n"            \
	"    (c.dialect === 'sqlite' ? \"type = 'table' AND name\" : 'relname') +\n"               \
	"    \" LIKE '\" + like + \"' ORDER BY 1\");\n"                                            \
	"}\n"                                                                                      \
	"function installed(c) {\n"                                                                \
	"  return tables(c, 'plan_marker').length ?\n"                                             \
	"    rows(c, 'SELECT version FROM ' + marker(c) + \" WHERE kind = 'version'\") : [];\n"    \
	"}\n"                                                                                      \
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"                        \
	"  name: 'Plan', category: 'test', description: 'd', bucketFsUploads: [],\n"               \
	"  installableVersions: [{ name: '1.0.0', deprecated: true },\n"                           \
	"                        { name: '2.0.0', latest: true }],\n"                              \
	"  findInstallations: function (c) {\n"                                                    \
	"    return installed(c).map(function (v) { return { name: 'Plan', version: v }; });\n"    \
	"  },\n"                                                                                   \
	"  install: function (c, version) {\n"                                                     \
	"    var sql = c.sqlClient;\n"                                                             \
	"    tables(c, 'plan_t%').forEach(function (t) {\n"                                        \
	"      sql.execute('ALTER TABLE ' + c.quoteIdentifier(t) + ' ADD COLUMN seen integer');\n" \
	"    });\n"                                                                                \
	"    if (!tables(c, 'plan_marker').length) {\n"                                            \
	"      sql.execute('CREATE TABLE ' + marker(c) + '(kind text, version text)');\n"          \
	"    }\n" extra "    sql.execute('DELETE FROM ' + marker(c));\n"                           \
	"    sql.execute('INSERT INTO ' + marker(c) + ' VALUES (?, ?)', 'version', version);\n"    \
	"  },\n"                                                                                   \
	"  upgrade: function (c) {\n"                                                              \
	"    var v = installed(c)[0];\n"                                                           \
	"    c.sqlClient.execute('UPDATE ' + marker(c) + ' SET version = ? WHERE version = ?',\n"  \
	"                        '2.0.0', v);\n"                                                   \
	"    return { previousVersion: v, newVersion: '2.0.0' };\n"                                \
	"  },\n"                                                                                   \
	"  uninstall: function (c, version) {\n"                                                   \
	"    c.sqlClient.execute('DROP TABLE ' + marker(c));\n"                                    \
	"  },\n"                                                                                   \
	"  getInstanceParameters: function () {\n"                                                 \
	"    return [{ id: 'name', name: 'Name', type: 'string', required: true },\n"              \
	"            { id: 'token', name: 'Token', type: 'string', secret: true }];\n"             \
	"  },\n"                                                                                   \
	"  addInstance: function (c, version, p) {\n"                                              \
	"    c.sqlClient.execute('INSERT INTO ' + marker(c) + ' VALUES (?, ' +\n"                  \
	"                        c.quoteLiteral(p.values[1].value) + ')', p.values[0].value);\n"   \
	"    return { id: p.values[0].value, name: p.values[0].value };\n"                         \
	"  },\n"                                                                                   \
	"  findInstances: function (c) {\n"                                                        \
	"    return rows(c, 'SELECT kind FROM ' + marker(c) + \" WHERE kind <> 'version'\")\n"     \
	"      .map(function (k) { return { id: k, name: k }; });\n"                               \
	"  },\n"                                                                                   \
	"  deleteInstance: function (c, version, id) {\n"                                          \
	"    c.sqlClient.execute('DELETE FROM ' + marker(c) + ' WHERE kind = ?', id);\n"           \
	"  }\n"                                                                                    \
	"} };\n"                                                                                   \
	"})();\n"

#define PLAIN           DEFINITION("")
#define SAME_STATEMENTS DEFINITION("    /* another text, the same statements */\n")
/* A query behind a skipped statement. */
#define LOOKS_BACK                                                                                 \
	DEFINITION("    if (tables(c, 'plan_marker').length) {\n"                                  \
		   "      sql.execute('INSERT INTO ' + marker(c) + \" VALUES ('x', 'y')\");\n"     \
		   "    }\n")
#define WRITING_QUERY                                                                              \
	DEFINITION("    sql.query('INSERT INTO ' + marker(c) + \" VALUES ('x', 'y') RETURNING 1\"" \
		   ");\n")

static void start(struct fixture *fixture, const char *definition)
{
	fixture_define(fixture, "plan", definition);
	fixture_sql(fixture, "CREATE TABLE plan_t1(id integer)");
}

static void end(struct fixture *fixture)
{
	if (fixture->is_postgresql) {
		fixture_sql(fixture, "DROP SCHEMA IF EXISTS extensions CASCADE");
		fixture_sql(fixture, "DROP TABLE IF EXISTS plan_t1");
		fixture_sql(fixture, "DROP TABLE IF EXISTS plan_t2");
	}
	fixture_close(fixture);
}

/* Runs a test on each database; it starts with a target in which the schema already is or not. */
static void on_each_database(const char *definition, void (*run)(struct fixture *fixture))
{
	for (int which = 0; which < FIXTURE_DATABASES; which++) {
		struct fixture fixture;

		if (!fixture_open(&fixture, which))
			continue;
		start(&fixture, definition);
		run(&fixture);
		end(&fixture);
	}
}

static extmgr_plan_request request_for(const char *operation, uint32_t flags)
{
	extmgr_plan_request request;

	extmgr_plan_request_init(&request, sizeof(request));
	request.flags = flags;
	request.operation = operation;
	request.extension_id = "plan";
	return request;
}

static char *plan(struct fixture *fixture, const extmgr_plan_request *request,
		  extmgr_result expected)
{
	char *before = fixture_snapshot(fixture);
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	char *after;
	char *copy = NULL;

	result = extmgr_manager_plan(fixture->manager, request, NULL, &text, &error);
	if (result != expected)
		fail_msg("%s: %s", extmgr_result_get_name(result), extmgr_error_get_message(error));
	assert_int_equal(fixture->fault.open_sessions, 0);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	if (result >= 0) {
		copy = strdup(extmgr_text_get_data(text));
		assert_non_null(copy);
	}
	free(before);
	free(after);
	extmgr_text_free(text);
	extmgr_error_free(error);
	return copy;
}

static char *plan_for(struct fixture *fixture, const char *operation, uint32_t flags)
{
	extmgr_plan_request request = request_for(operation, flags);

	return plan(fixture, &request, EXTMGR_OK);
}

static extmgr_result apply(struct fixture *fixture, const char *document, const char *values,
			   extmgr_error **error)
{
	return extmgr_manager_apply(fixture->manager, document, strlen(document), values,
				    values ? strlen(values) : 0, NULL, NULL, error);
}

static void must_apply(struct fixture *fixture, const char *document, const char *values)
{
	extmgr_error *error = NULL;
	extmgr_result result = apply(fixture, document, values, &error);

	if (result != EXTMGR_OK) {
		extmgr_text *text = NULL;

		assert_int_equal(extmgr_error_to_json(error, &text), EXTMGR_OK);
		fail_msg("%s", extmgr_text_get_data(text));
	}
}

/* The plan is refused with a message that holds the text, and the database is as it was. */
static void must_refuse(struct fixture *fixture, const char *document, const char *values,
			extmgr_result expected, const char *expected_text)
{
	char *before = fixture_snapshot(fixture);
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	char *after;

	assert_int_equal(apply(fixture, document, values, &error), expected);
	assert_int_equal(fixture->fault.open_sessions, 0);
	assert_int_equal(extmgr_error_to_json(error, &text), EXTMGR_OK);
	if (!strstr(extmgr_text_get_data(text), expected_text))
		fail_msg("no '%s' in %s", expected_text, extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr_error_free(error);
	after = fixture_snapshot(fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void must_hold(const char *document, const char *text)
{
	if (!document || !strstr(document, text))
		fail_msg("no '%s' in %s", text, document ? document : "no document");
}

static void install(struct fixture *fixture, const char *version)
{
	assert_int_equal(
		extmgr_manager_install(fixture->manager, "plan", version, NULL, NULL, NULL),
		EXTMGR_OK);
}

/* ---- what is planned is done ---- */

static void apply_all(struct fixture *fixture, uint32_t flags)
{
	static const char *const operations[] = {"install", "uninstall"};

	for (size_t i = 0; i < 2; i++) {
		char *first = plan_for(fixture, operations[i], flags);
		char *again = plan_for(fixture, operations[i], flags);

		assert_string_equal(first, again); /* made twice of one state it is the same */
		must_apply(fixture, first, NULL);
		/* It cannot be done twice: what it found is no longer there. */
		assert_int_not_equal(apply(fixture, first, NULL, NULL), EXTMGR_OK);
		free(first);
		free(again);
	}
}

static void run_rehearsed(struct fixture *fixture)
{
	apply_all(fixture, 0);
}

static void test_a_rehearsed_plan_is_applied(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_rehearsed);
}

static void run_recorded(struct fixture *fixture)
{
	apply_all(fixture, EXTMGR_PLAN_RECORD);
}

static void test_a_recorded_plan_is_applied(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_recorded);
}

static void run_same_document(struct fixture *fixture)
{
	char *rehearsed;
	char *recorded;

	install(fixture, "1.0.0");
	rehearsed = plan_for(fixture, "upgrade", 0);
	recorded = plan_for(fixture, "upgrade", EXTMGR_PLAN_RECORD);
	must_hold(rehearsed, "\"mode\":\"rehearse\"");
	must_hold(rehearsed, "locks were real");
	must_hold(recorded, "\"mode\":\"record\"");
	must_hold(recorded, "\"incomplete\":false");
	/* The statements are the same ones, whichever way they were found. */
	assert_string_equal(strstr(rehearsed, "\"statements\"") ? "" : "none", "");
	*strstr(rehearsed, "\"warnings\"") = '\0';
	*strstr(recorded, "\"warnings\"") = '\0';
	assert_string_equal(strstr(rehearsed, "\"counts\""), strstr(recorded, "\"counts\""));
	free(rehearsed);
	free(recorded);
}

static void test_both_ways_find_the_same_statements(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_same_document);
}

static void run_drops(struct fixture *fixture)
{
	char *document;

	install(fixture, NULL);
	document = plan_for(fixture, "uninstall", 0);
	must_hold(document, "\"counts\":{\"drop\":1,");
	must_hold(document, "\"drops\":[");
	assert_null(strstr(document, "\"drops\":[]"));
	free(document);
}

static void test_what_destroys_is_named_first(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_drops);
}

static void run_nothing_to_do(struct fixture *fixture)
{
	extmgr_plan_request request = request_for("delete-instance", 0);
	char *document;

	install(fixture, NULL);
	request.instance_id = "missing";
	document = plan(fixture, &request, EXTMGR_UNCHANGED);
	must_hold(document, "\"unchanged\":true");
	assert_int_equal(apply(fixture, document, NULL, NULL), EXTMGR_UNCHANGED);
	free(document);
}

static void test_a_plan_may_have_nothing_to_do(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_nothing_to_do);
}

/* ---- what changed in between ---- */

static void run_new_table(struct fixture *fixture)
{
	char *document = plan_for(fixture, "install", 0);

	fixture_sql(fixture, "CREATE TABLE plan_t2(id integer)");
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED,
		    "now it is 'ALTER TABLE \\\"plan_t2\\\"");
	fixture_sql(fixture, "DROP TABLE plan_t1");
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED,
		    "planned as 'ALTER TABLE \\\"plan_t1\\\"");
	fixture_sql(fixture, "DROP TABLE plan_t2");
	fixture_sql(fixture, "CREATE TABLE plan_t1(id integer)");
	must_apply(fixture, document, NULL);
	free(document);
}

static void test_a_table_more_or_less_is_noticed(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_new_table);
}

static void run_other_definition(struct fixture *fixture)
{
	char *document = plan_for(fixture, "install", 0);

	fixture_define(fixture, "plan", SAME_STATEMENTS);
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED, "digest of the definition");
	fixture_define(fixture, "plan", PLAIN);
	must_apply(fixture, document, NULL);
	free(document);
}

static void test_another_definition_is_noticed(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_other_definition);
}

static void run_other_version(struct fixture *fixture)
{
	char *uninstall;
	char *upgrade;

	install(fixture, "1.0.0");
	uninstall = plan_for(fixture, "uninstall", 0);
	upgrade = plan_for(fixture, "upgrade", 0);
	fixture_sql(fixture, fixture->is_postgresql
				     ? "UPDATE extensions.plan_marker SET version = '1.5.0'"
				     : "UPDATE plan_marker SET version = '1.5.0'");
	must_refuse(fixture, uninstall, NULL, EXTMGR_E_PLAN_CHANGED,
		    "the version was planned as '1.0.0', now it is '1.5.0'");
	must_refuse(fixture, upgrade, NULL, EXTMGR_E_PLAN_CHANGED,
		    "planned as '[\\\"2.0.0\\\",\\\"1.0.0\\\"]'");
	free(uninstall);
	free(upgrade);
}

static void test_another_installed_version_is_noticed(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_other_version);
}

static void run_installed_meanwhile(struct fixture *fixture)
{
	char *document = plan_for(fixture, "install", 0);

	fixture_sql(fixture, "DROP TABLE plan_t1"); /* what has a column cannot get it again */
	install(fixture, NULL);
	fixture_sql(fixture, "CREATE TABLE plan_t1(id integer)");
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED, "was planned as");
	free(document);
}

static void test_an_installation_meanwhile_is_noticed(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_installed_meanwhile);
}

static void run_more_or_less(struct fixture *fixture)
{
	static const char values[] = "{\"name\":\"one\",\"token\":\"x\"}";
	extmgr_plan_request request = request_for("delete-instance", 0);
	char *nothing;
	char *document;

	install(fixture, NULL);
	request.instance_id = "one";
	nothing = plan(fixture, &request, EXTMGR_UNCHANGED);
	assert_int_equal(extmgr_manager_create_instance(fixture->manager, "plan", NULL, values,
							strlen(values), NULL, NULL, NULL),
			 EXTMGR_OK);
	must_refuse(fixture, nothing, NULL, EXTMGR_E_PLAN_CHANGED, "was not planned: 'DELETE");
	document = plan(fixture, &request, EXTMGR_OK);
	must_apply(fixture, document, NULL);
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED, "was planned as 'DELETE FROM");
	free(nothing);
	free(document);
}

static void test_a_statement_more_or_less_is_noticed(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_more_or_less);
}

/* ---- recorded plans ---- */

static void run_incomplete(struct fixture *fixture)
{
	char *document = plan_for(fixture, "install", EXTMGR_PLAN_RECORD);

	must_hold(document, "\"incomplete\":true");
	must_hold(document, "\"certainty\":\"exact\"");
	must_hold(document, "\"certainty\":\"depends\"");
	must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED, "make it by rehearsal");
	free(document);
	document = plan_for(fixture, "install", 0);
	must_hold(document, "\"incomplete\":false");
	must_apply(fixture, document, NULL);
	free(document);
}

static void test_a_query_behind_a_skipped_statement_makes_it_incomplete(void **state)
{
	(void)state;
	on_each_database(LOOKS_BACK, run_incomplete);
}

static void run_writing_query(struct fixture *fixture)
{
	extmgr_plan_request request = request_for("install", EXTMGR_PLAN_RECORD);

	plan(fixture, &request, EXTMGR_E_UNSUPPORTED);
}

static void test_a_writing_query_cannot_be_recorded(void **state)
{
	(void)state;
	on_each_database(WRITING_QUERY, run_writing_query);
}

/* While the operation stands still after its last statement, somebody else writes. */
static int32_t write_meanwhile(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct fixture *fixture = user_data;

	(void)done;
	(void)total;
	if (strcmp(step, "rollback") == 0)
		fixture_sql(fixture, "INSERT INTO plan_t1 VALUES (7)");
	return 0;
}

/* With a journal of the other kind SQLite lets nobody commit while somebody reads. */
static void use_write_ahead_log(const struct fixture *fixture)
{
	char command[640];

	(void)snprintf(command, sizeof(command),
		       "sqlite3 '%s' 'PRAGMA journal_mode = WAL' >/dev/null", fixture->url + 7);
	assert_int_equal(system(command), 0);
}

static void run_no_lock(struct fixture *fixture)
{
	extmgr_plan_request request = request_for("install", EXTMGR_PLAN_RECORD);
	extmgr_operation_options operation_options;
	extmgr_call_options options;
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;
	char *count;

	if (!fixture->is_postgresql)
		use_write_ahead_log(fixture);
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	operation_options.progress = write_meanwhile;
	operation_options.user_data = fixture;
	extmgr_call_options_init(&options, sizeof(options));
	assert_int_equal(extmgr_operation_new(&operation_options, &options.operation, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_manager_plan(fixture->manager, &request, &options, &text, &error),
			 EXTMGR_OK);
	count = fixture_value(fixture, "SELECT count(*) FROM plan_t1");
	assert_string_equal(count, "1");
	free(count);
	extmgr_text_free(text);
	extmgr_operation_free(options.operation);
}

static void test_recording_holds_no_lock_to_write(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_no_lock);
}

/* ---- documents that are none ---- */

static void swap(char *document, const char *from, const char *to)
{
	char *at = strstr(document, from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

static void run_tampered(struct fixture *fixture)
{
	static const struct {
		const char *from;
		const char *to;
		extmgr_result expected;
	} changes[] = {
		{"\"plan_t1\\\"", "\"plan_t3\\\"", EXTMGR_E_PLAN_CHANGED},
		{"\"install\"", "\"upgrade\"", EXTMGR_E_PLAN_CHANGED},
		{"\"2.0.0\"", "\"1.0.0\"", EXTMGR_E_PLAN_CHANGED},
		{"\"digest\":\"sha256:", "\"digest\":\"sha512:", EXTMGR_E_PLAN_CHANGED},
		/* Nothing but the plan's own digest tells this one. */
		{"\"drop\":0", "\"drop\":1", EXTMGR_E_PLAN_CHANGED},
		{"extmgr.plan/1", "extmgr.plan/2", EXTMGR_E_FORMAT},
		{"\"statements\"", "\"Statements\"", EXTMGR_E_FORMAT},
		{"\"kind\":", "\"Kind\":", EXTMGR_E_FORMAT},
		{"{\"schema\"", "[\"schema\"", EXTMGR_E_FORMAT},
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *document = plan_for(fixture, "install", 0);

		/* The name of the table stands in quotes, which JSON escapes. */
		swap(document, changes[i].from, changes[i].to);
		must_refuse(fixture, document, NULL, changes[i].expected, "plan");
		free(document);
	}
}

static void test_a_changed_document_is_refused(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_tampered);
}

static void test_the_plan_of_another_database_is_refused(void **state)
{
	struct fixture sqlite;
	struct fixture postgresql;
	char *document;

	(void)state;
	if (!fixture_open(&postgresql, 1))
		return;
	assert_true(fixture_open(&sqlite, 0));
	start(&sqlite, PLAIN);
	start(&postgresql, PLAIN);
	document = plan_for(&sqlite, "install", 0);
	must_refuse(&postgresql, document, NULL, EXTMGR_E_PLAN_CHANGED, "dialect");
	free(document);
	document = plan_for(&postgresql, "install", 0);
	must_refuse(&sqlite, document, NULL, EXTMGR_E_PLAN_CHANGED, "dialect");
	free(document);
	end(&sqlite);
	end(&postgresql);
}

static void run_other_schema(struct fixture *fixture)
{
	char *document = plan_for(fixture, "install", 0);
	extmgr_target_options options;

	if (fixture->is_postgresql) {
		extmgr_target_options_init(&options, sizeof(options));
		options.extension_schema = "others";
		extmgr_manager_free(fixture->manager);
		assert_int_equal(extmgr_manager_new(fixture->context, fixture->registry,
						    fixture->database, NULL, &options,
						    &fixture->manager, NULL),
				 EXTMGR_OK);
		must_refuse(fixture, document, NULL, EXTMGR_E_PLAN_CHANGED, "extension schema");
	}
	free(document);
}

static void test_the_plan_of_another_schema_is_refused(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_other_schema);
}

/* ---- secrets ---- */

#define TOKEN "t0ken'of\\\\mine"

static void run_secret(struct fixture *fixture)
{
	static const char values[] = "{\"name\":\"one\",\"token\":\"" TOKEN "\"}";
	extmgr_plan_request request = request_for("create-instance", 0);
	char *document;
	char *found;

	install(fixture, NULL);
	request.values_json = values;
	request.values_length = strlen(values);
	document = plan(fixture, &request, EXTMGR_OK);
	must_hold(document, "{\"name\":\"token\",\"secret\":true}");
	must_hold(document, "{\"name\":\"name\",\"value\":\"one\"}");
	must_hold(document, "\"masked\":true");
	assert_null(strstr(document, "t0ken"));
	must_refuse(fixture, document, NULL, EXTMGR_E_PARAMETERS_INVALID, "'token' is missing");
	must_refuse(fixture, document, "{\"name\":\"two\"}", EXTMGR_E_PARAMETERS_INVALID,
		    "'name' is no secret");
	must_refuse(fixture, document, "[{\"name\":\"token\"}]", EXTMGR_E_FORMAT, "lacks");
	must_refuse(fixture, document, "7", EXTMGR_E_FORMAT, "values");
	must_apply(fixture, document, "[{\"name\":\"token\",\"value\":\"" TOKEN "\"}]");
	found = fixture_value(fixture, fixture->is_postgresql
					       ? "SELECT version FROM extensions.plan_marker "
						 "WHERE kind = 'one'"
					       : "SELECT version FROM plan_marker "
						 "WHERE kind = 'one'");
	assert_string_equal(found, "t0ken'of\\mine");
	free(found);
	free(document);
}

static void test_a_plan_holds_no_secret_and_asks_for_it(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_secret);
}

/* ---- arguments ---- */

static void run_null(struct fixture *fixture)
{
	extmgr_plan_request request = request_for("install", 0);
	extmgr_plan_request smaller = request;
	extmgr_text *text = NULL;

	smaller.struct_size = 8;
	assert_int_equal(extmgr_manager_plan(NULL, &request, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_plan(fixture->manager, NULL, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_plan(fixture->manager, &request, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_plan(fixture->manager, &smaller, NULL, &text, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_apply(fixture->manager, NULL, 0, NULL, 0, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_manager_apply(NULL, "{}", 2, NULL, 0, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	extmgr_plan_request_init(NULL, 0);
	assert_null(text);
}

static void test_null_is_refused(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_null);
}

static void run_bad_requests(struct fixture *fixture)
{
	const struct {
		uint32_t flags;
		const char *operation;
		const char *id;
		const char *version;
		const char *instance_id;
		const char *values;
	} requests[] = {
		{2, "install", "plan", NULL, NULL, NULL},
		{0, NULL, "plan", NULL, NULL, NULL},
		{0, "Install", "plan", NULL, NULL, NULL},
		{0, "install", NULL, NULL, NULL, NULL},
		{0, "install", "plan", NULL, "i", NULL},
		{0, "install", "plan", NULL, NULL, "{}"},
		{0, "upgrade", "plan", "1.0.0", NULL, NULL},
		{0, "create-instance", "plan", NULL, NULL, NULL},
		{0, "delete-instance", "plan", NULL, NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		extmgr_plan_request request = request_for(requests[i].operation, requests[i].flags);

		request.extension_id = requests[i].id;
		request.version = requests[i].version;
		request.instance_id = requests[i].instance_id;
		request.values_json = requests[i].values;
		request.values_length = requests[i].values ? strlen(requests[i].values) : 0;
		plan(fixture, &request, EXTMGR_E_INVALID_ARGUMENT);
	}
}

static void test_a_request_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	on_each_database(PLAIN, run_bad_requests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rehearsed_plan_is_applied),
		cmocka_unit_test(test_a_recorded_plan_is_applied),
		cmocka_unit_test(test_both_ways_find_the_same_statements),
		cmocka_unit_test(test_what_destroys_is_named_first),
		cmocka_unit_test(test_a_plan_may_have_nothing_to_do),
		cmocka_unit_test(test_a_table_more_or_less_is_noticed),
		cmocka_unit_test(test_another_definition_is_noticed),
		cmocka_unit_test(test_another_installed_version_is_noticed),
		cmocka_unit_test(test_an_installation_meanwhile_is_noticed),
		cmocka_unit_test(test_a_statement_more_or_less_is_noticed),
		cmocka_unit_test(test_a_query_behind_a_skipped_statement_makes_it_incomplete),
		cmocka_unit_test(test_a_writing_query_cannot_be_recorded),
		cmocka_unit_test(test_recording_holds_no_lock_to_write),
		cmocka_unit_test(test_a_changed_document_is_refused),
		cmocka_unit_test(test_the_plan_of_another_database_is_refused),
		cmocka_unit_test(test_the_plan_of_another_schema_is_refused),
		cmocka_unit_test(test_a_plan_holds_no_secret_and_asks_for_it),
		cmocka_unit_test(test_null_is_refused),
		cmocka_unit_test(test_a_request_that_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
