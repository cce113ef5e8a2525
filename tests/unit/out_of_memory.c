/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation, for many n, in the whole way from the context to an
 * installed extension, what lint finds in it, and an instance. Each run ends in an error or in
 * success, without a leak (sanitizer, valgrind), and a transaction that failed was rolled back.
 */
#include "test.h"

#include "failing_malloc.h"

#include <extmgr/extmgr.h>

#include <sys/stat.h>
#include <unistd.h>

static const char source[] =
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'Memory', category: 'test', description: 'd',\n"
	"  installableVersions: [{ name: '1.0.0', latest: true, deprecated: false }],\n"
	"  bucketFsUploads: [],\n"
	"  findInstallations: function (context) {\n"
	"    console.log('looking');\n"
	"    var rows = context.sqlClient.query('SELECT v FROM t WHERE a = ?', 1).rows;\n"
	"    return rows.map(function (row) { return { name: 'Memory', version: row[0] }; });\n"
	"  },\n"
	"  install: function (context, version) {\n"
	"    var map = new Map([['a', 1]]);\n"
	"    map.forEach(function (value, key) {\n"
	"      context.sqlClient.execute('INSERT INTO t VALUES (?, ?)', key, value);\n"
	"    });\n"
	"  },\n"
	"  getInstanceParameters: function () {\n"
	"    return [{ id: 'p', name: 'P', type: 'string', required: true, regex: '^s' },\n"
	"            { id: 'q', name: 'Q', type: 'string', secret: true }];\n"
	"  },\n"
	"  addInstance: function (context, version, parameters) {\n"
	"    context.sqlClient.execute('INSERT INTO t VALUES (?)', parameters.values[1].value);\n"
	"    return { id: 'i', name: 'I' };\n"
	"  },\n"
	"  findInstances: function () { return [{ id: 'i', name: 'I' }]; }\n"
	"} };\n";

static const char values[] = "[{\"name\":\"p\",\"value\":\"some\"},{\"name\":\"q\",\"value\":"
			     "\"secret word\"}]";

/* What the fake database saw: the order of begin, commit and rollback is what counts. */
struct database {
	int open;
	bool in_transaction;
	int commits;
};

static extmgr_result fake_open(void *user_data, extmgr_operation *operation, void **session_out,
			       extmgr_host_error *error)
{
	struct database *database = user_data;

	(void)operation;
	(void)error;
	database->open++;
	*session_out = database;
	return EXTMGR_OK;
}

static void fake_close(void *user_data, void *session, int32_t broken)
{
	struct database *database = session;

	(void)user_data;
	if (broken)
		database->in_transaction = false;
	database->open--;
}

static extmgr_result fake_begin(void *user_data, void *session, uint32_t flags,
				extmgr_host_error *error)
{
	struct database *database = session;

	(void)user_data;
	(void)flags;
	(void)error;
	database->in_transaction = true;
	return EXTMGR_OK;
}

static extmgr_result fake_commit(void *user_data, void *session, extmgr_host_error *error)
{
	struct database *database = session;

	(void)user_data;
	(void)error;
	database->in_transaction = false;
	database->commits++;
	return EXTMGR_OK;
}

static extmgr_result fake_rollback(void *user_data, void *session, extmgr_host_error *error)
{
	struct database *database = session;

	(void)user_data;
	(void)error;
	database->in_transaction = false;
	return EXTMGR_OK;
}

static extmgr_result fake_execute(void *user_data, void *session, const char *sql, size_t length,
				  const extmgr_values *arguments, int64_t *affected_out,
				  extmgr_host_error *error)
{
	(void)user_data;
	(void)session;
	(void)sql;
	(void)length;
	(void)arguments;
	(void)error;
	*affected_out = 1;
	return EXTMGR_OK;
}

static extmgr_result fake_query(void *user_data, void *session, const char *sql, size_t length,
				const extmgr_values *arguments, extmgr_rows *rows,
				extmgr_host_error *error)
{
	extmgr_result result;

	(void)user_data;
	(void)session;
	(void)sql;
	(void)length;
	(void)arguments;
	(void)error;
	result = extmgr_rows_add_column(rows, "v", "text");
	if (result == EXTMGR_OK)
		result = extmgr_rows_append_text(rows, "1.0.0", 5);
	return result;
}

static extmgr_result open_database(struct database *database, extmgr_database **opened,
				   extmgr_error **error)
{
	extmgr_database_callbacks callbacks;

	extmgr_database_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.capabilities = EXTMGR_DATABASE_SAVEPOINTS | EXTMGR_DATABASE_TRANSACTIONAL_DDL;
	callbacks.dialect = "sqlite";
	callbacks.open = fake_open;
	callbacks.close = fake_close;
	callbacks.begin = fake_begin;
	callbacks.commit = fake_commit;
	callbacks.rollback = fake_rollback;
	callbacks.execute = fake_execute;
	callbacks.query = fake_query;
	return extmgr_database_new(&callbacks, database, opened, error);
}

/* The whole way; the first failure ends it. */
static extmgr_result run(const char *registry_path, struct database *fake)
{
	extmgr_context *context = NULL;
	extmgr_registry *registry = NULL;
	extmgr_database *database = NULL;
	extmgr_manager *manager = NULL;
	extmgr_extension_list *list = NULL;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	result = extmgr_context_new(NULL, &context, &error);
	if (result >= 0)
		result = extmgr_registry_open(context, registry_path, &registry, &error);
	if (result >= 0)
		result = open_database(fake, &database, &error);
	if (result >= 0)
		result = extmgr_manager_new(context, registry, database, NULL, NULL, &manager,
					    &error);
	if (result >= 0)
		result = extmgr_manager_list_extensions(manager, EXTMGR_LIST_ALL, NULL, &list,
							&error);
	if (result >= 0)
		result = extmgr_manager_install(manager, "memory", NULL, NULL, &report, &error);
	extmgr_text_free(report);
	report = NULL;
	if (result >= 0)
		result = extmgr_definition_lint(context, NULL, "memory", source, sizeof(source) - 1,
						&report, &error);
	extmgr_text_free(report);
	report = NULL;
	if (result >= 0)
		result = extmgr_manager_create_instance(manager, "memory", NULL, values,
							sizeof(values) - 1, NULL, &report, &error);
	assert_true((result < 0) == (error != NULL));
	if (error)
		assert_true(strlen(extmgr_error_get_message(error)) > 0);
	extmgr_text_free(report);
	extmgr_error_free(error);
	extmgr_extension_list_free(list);
	extmgr_context_free(context);
	extmgr_manager_free(manager);
	extmgr_database_free(database);
	extmgr_registry_free(registry);
	return result;
}

static void write_definition(const char *directory)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/memory.js", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(source, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_no_allocation_is_trusted(void **state)
{
	char directory[] = "/tmp/extmgr-test-XXXXXX";
	char command[64];
	unsigned long allocations;
	unsigned long stride;
	unsigned long failed = 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	write_definition(directory);
	failing_malloc_from(0);
	{
		struct database fake = {0};

		assert_int_equal(run(directory, &fake), EXTMGR_OK);
		assert_int_equal(fake.commits, 2);
	}
	allocations = failing_malloc_count();
	stride = failing_malloc_stride(allocations, 400);
	/* The first ones, one by one: they are the most different. */
	for (unsigned long n = 1; n <= allocations; n += n < 200 ? 1 : stride) {
		struct database fake = {0};
		extmgr_result result;

		failing_malloc_from(n);
		result = run(directory, &fake);
		assert_true(failing_malloc_fired());
		failing_malloc_from(0);
		assert_int_equal(fake.open, 0);
		assert_false(fake.in_transaction);
		if (result >= 0)
			assert_int_equal(fake.commits, 2);
		else
			failed++;
	}
	assert_true(failed > 100);
	print_message("# %lu allocations, every %lu. failed\n", allocations, stride);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_allocation_is_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
