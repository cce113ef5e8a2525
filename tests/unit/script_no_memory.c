/* SPDX-License-Identifier: MIT */
/* Memory runs out at every place in turn: each time an error, nothing lost. */
#include "script_test.h"

#include "script/definition.h"

#include <extmgr/database.h>

/* The linker leads the library's allocations here (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *bytes, size_t size);
void __real_free(void *bytes);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *bytes, size_t size);
void __wrap_free(void *bytes);

static size_t granted; /* allocations so far */
static size_t allowed = SIZE_MAX;
static long live;

static bool refuses(void)
{
	return granted++ >= allowed;
}

void *__wrap_malloc(size_t size)
{
	void *bytes = refuses() ? NULL : __real_malloc(size);

	live += bytes != NULL;
	return bytes;
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *bytes = refuses() ? NULL : __real_calloc(count, size);

	live += bytes != NULL;
	return bytes;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *bytes = refuses() ? NULL : __real_realloc(old, size);

	live += bytes != NULL && !old;
	return bytes;
}

void __wrap_free(void *bytes)
{
	live -= bytes != NULL;
	__real_free(bytes);
}

static extmgr_result answer_query(void *user_data, const char *sql, size_t length,
				  const extmgr_values *arguments, extmgr_rows **rows_out,
				  extmgr_error **error)
{
	extmgr_rows *rows = extmgr__rows_new(100, 10000);
	extmgr_result result = EXTMGR_E_NO_MEMORY;

	(void)user_data;
	(void)sql;
	(void)length;
	(void)arguments;
	if (rows)
		result = extmgr_rows_add_column(rows, "c", "TEXT");
	if (result == EXTMGR_OK)
		result = extmgr_rows_append_text(rows, "\xf0\x9f\x98\x80", 4);
	if (result != EXTMGR_OK) {
		extmgr__rows_free(rows);
		return extmgr__error_no_memory(error);
	}
	*rows_out = rows;
	return EXTMGR_OK;
}

static const char source[] =
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'n',"
	" installableVersions: [{name: '1.0'}], bucketFsUploads: [{name: 'a'}],"
	" findInstances: function (c) {"
	"  var m = new Map(); for (var i = 0; i < 20; i++) m.set('k' + i, [i]);"
	"  try { throw new Error('x'); } catch (e) { console.log(e); }"
	"  return c.sqlClient.query('q', 'text', 5).rows.map(function (r) {"
	"   return {id: r[0], name: c.quoteLiteral(r[0])}; }); },"
	" getInstanceParameters: function () { return [{id: 'a', regex: /x/}]; }}};";

/* Everything that a call needs; the first failure ends it. */
static extmgr_result run_all(extmgr_context *context, extmgr_error **error)
{
	struct extmgr__services services = {
		.dialect = "sqlite", .extension_schema = "main", .query = answer_query};
	struct extmgr__definition *definition = NULL;
	struct extmgr__pairs pairs = {NULL, 0};
	extmgr_text *json = NULL;
	extmgr_result result;

	result = extmgr__definition_load(context, NULL, "x.js", source, strlen(source), &definition,
					 error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_find_instances(definition, &services, NULL, "1", &pairs,
							   error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_get_instance_parameters(definition, &services, NULL,
								    "1", &json, error);
	extmgr_text_free(json);
	extmgr__pairs_free(&pairs);
	extmgr__definition_free(definition);
	return result;
}

/* cold: in a context of its own, which has nothing compiled yet. */
static void fail_from(size_t n, extmgr_context *context, size_t needed)
{
	bool cold = !context;
	long before = live;
	extmgr_error *error = NULL;
	extmgr_result result;

	if (cold)
		context = test_context(NULL, 0);
	granted = 0;
	allowed = n;
	result = run_all(context, &error);
	allowed = SIZE_MAX;
	if (result != EXTMGR_E_NO_MEMORY)
		print_error("allocation %zu of %zu: %s\n", n, needed,
			    extmgr_error_get_message(error));
	assert_int_equal(result, EXTMGR_E_NO_MEMORY);
	extmgr_error_free(error);
	if (cold)
		extmgr_context_free(context);
	assert_int_equal(live, before);
}

static size_t count_allocations(extmgr_context *context)
{
	granted = 0;
	assert_int_equal(run_all(context, NULL), EXTMGR_OK);
	return granted;
}

/*
 * The first and last places one by one, of those between one in five, which has no common factor
 * with the code's own rhythms; all of them in long runs.
 */
static void fail_each(extmgr_context *context, size_t needed)
{
	const char *scale = getenv("EXTMGR_TEST_SCALE");
	size_t stride = scale && strtoul(scale, NULL, 10) > 1 ? 1 : 5;

	for (size_t n = 0; n < needed; n += n < 200 || n + 200 > needed ? 1 : stride)
		fail_from(n, context, needed);
}

static void every_allocation_may_be_the_last(void **state)
{
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	fail_each(NULL, count_allocations(context));
	fail_each(context, count_allocations(context)); /* compiled before */
	assert_int_equal(run_all(context, NULL), EXTMGR_OK);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_be_the_last),
	};

	return cmocka_run_group_tests_name("script_no_memory", tests, NULL, NULL);
}
