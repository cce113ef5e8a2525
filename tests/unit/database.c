/* SPDX-License-Identifier: MIT */
/* The handle of a database: its structs, and what callbacks may do and say. */
#include "fake_host.h"

#include "host/host_error.h"

static void assert_refused(const extmgr_database_callbacks *callbacks, const char *message)
{
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;

	assert_int_equal(extmgr_database_new(callbacks, NULL, &database, &error),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(database);
	if (!strstr(extmgr_error_get_message(error), message))
		fail_msg("'%s' is not in '%s'", message, extmgr_error_get_message(error));
	extmgr_error_free(error);
}

static void test_missing_callbacks_are_named(void **state)
{
	extmgr_database_callbacks callbacks;

	(void)state;
#define WITHOUT(callback)                                                                          \
	callbacks = fake_host_callbacks();                                                         \
	callbacks.callback = NULL;                                                                 \
	assert_refused(&callbacks, #callback " is missing")
	WITHOUT(open);
	WITHOUT(close);
	WITHOUT(begin);
	WITHOUT(commit);
	WITHOUT(rollback);
	WITHOUT(execute);
	WITHOUT(query);
#undef WITHOUT
	assert_refused(NULL, "NULL");
	callbacks = fake_host_callbacks();
	callbacks.capabilities |= 4;
	assert_refused(&callbacks, "capabilities 0x4");
	assert_int_equal(extmgr_database_new(&callbacks, NULL, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
}

static void test_a_dialect_is_a_lower_case_word(void **state)
{
	const struct {
		const char *dialect;
		bool good;
	} cases[] = {
		{"sqlite", true},
		{"a", true},
		{"my_db2", true},
		{"a1234567890123456789012345678901", true},   /* 32 */
		{"a12345678901234567890123456789012", false}, /* 33 */
		{NULL, false},
		{"", false},
		{"SQLite", false},
		{"2db", false},
		{"_db", false},
		{"a-b", false},
		{"a\xc3\xa4", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_database_callbacks callbacks = fake_host_callbacks();
		extmgr_database *database = NULL;
		struct fake_host fake = {0};

		callbacks.dialect = cases[i].dialect;
		if (!cases[i].good) {
			assert_refused(&callbacks, "dialect");
			continue;
		}
		assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL),
				 EXTMGR_OK);
		assert_string_equal(extmgr_database_get_dialect(database), cases[i].dialect);
		assert_ptr_not_equal(extmgr_database_get_dialect(database), cases[i].dialect);
		assert_int_equal(extmgr__database_capabilities(database), 3);
		extmgr_database_free(database);
	}
	assert_string_equal(extmgr_database_get_dialect(NULL), "");
	extmgr_database_free(NULL);
}

static void test_structs_of_other_sizes(void **state)
{
	struct {
		extmgr_database_callbacks callbacks;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		unsigned char tail;
		extmgr_result expected;
	} cases[] = {
		{sizeof(extmgr_database_callbacks), 1, EXTMGR_OK},
		{sizeof(newer), 0, EXTMGR_OK},
		{sizeof(newer), 1, EXTMGR_E_INVALID_ARGUMENT},
		{sizeof(extmgr_database_callbacks) - 8, 0, EXTMGR_E_INVALID_ARGUMENT},
		{0, 0, EXTMGR_E_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_database *database = NULL;
		struct fake_host fake = {0};

		memset(&newer, 0, sizeof(newer));
		newer.callbacks = fake_host_callbacks();
		newer.callbacks.struct_size = cases[i].size;
		newer.tail[0] = cases[i].tail;
		assert_int_equal(extmgr_database_new(&newer.callbacks, &fake, &database, NULL),
				 cases[i].expected);
		extmgr_database_free(database);
		assert_int_equal(fake.destroyed, cases[i].expected == EXTMGR_OK);
	}
}

static void test_a_session_outlives_its_database_handle(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	scene_open_and_begin(&scene);
	extmgr_database_free(scene.database);
	extmgr_context_free(scene.context);
	assert_int_equal(scene.fake.destroyed, 0);
	assert_int_equal(scene_execute(&scene, NULL), EXTMGR_OK);
	extmgr__session_close(scene.session);
	assert_int_equal(scene.fake.destroyed, 1);
	extmgr__operation_end(scene.operation);
	extmgr_operation_free(scene.operation);
	extmgr__session_close(NULL);
}

static void test_a_host_without_interrupt_is_not_interrupted(void **state)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	struct scene scene;

	(void)state;
	scene_init(&scene, 0);
	extmgr_database_free(scene.database);
	scene.fake.destroyed = 0;
	callbacks.interrupt = NULL;
	assert_int_equal(extmgr_database_new(&callbacks, &scene.fake, &scene.database, NULL),
			 EXTMGR_OK);
	scene.fake.cancels = scene.operation;
	scene.fake.cancels_in = CALL_EXECUTE;
	scene.fake.answers[CALL_EXECUTE] = EXTMGR_E_HOST;
	assert_int_equal(scene_run_to(&scene, CALL_EXECUTE, NULL), EXTMGR_E_CANCELLED);
	scene_end(&scene, "open begin-write execute rollback close");
}

/* A host may say anything: it becomes one line of UTF-8 of bounded length, or nothing. */
static void test_what_a_host_says_is_made_safe(void **state)
{
	struct extmgr_host_error said = {0};
	extmgr_error *error = NULL;
	char big[5000];

	(void)state;
	extmgr_host_error_set(NULL, 1, NULL, "x", 1);
	extmgr_host_error_set(&said, 1, "40001", "first", 5);
	extmgr_host_error_set(&said, 2, "4000", "a\n\xff\0b", 5);
	assert_int_equal(extmgr__host_error_take(&said, EXTMGR_E_LOCKED, "what", &error),
			 EXTMGR_E_LOCKED);
	assert_string_equal(extmgr_error_get_message(error), "what: a \xef\xbf\xbd b");
	assert_int_equal(extmgr_error_get_host_code(error), 2);
	assert_string_equal(extmgr_error_get_sqlstate(error), ""); /* four characters are none */
	assert_null(said.message);

	memset(big, 'x', sizeof(big));
	memcpy(big + 4094, "\xe2\x82\xac", 3); /* across the cut */
	extmgr_host_error_set(&said, 0, "hy000", big, sizeof(big));
	assert_int_equal(strlen(said.message), 4094);
	assert_string_equal(said.sqlstate, ""); /* lower case is none */
	extmgr_host_error_set(&said, 0, "HY0000", NULL, 7);
	assert_null(said.message);
	assert_string_equal(said.sqlstate, "");
	extmgr_host_error_set(&said, 3, "HY000", "", 0);
	assert_string_equal(said.sqlstate, "HY000");

	/* Success says nothing. */
	assert_int_equal(extmgr__host_error_take(&said, EXTMGR_OK, "what", NULL), EXTMGR_OK);
	assert_int_equal(said.host_code, 0);
	extmgr_error_free(error);
}

/* A callback that calls back into the library, with a session of its own. */
static struct scene *inner;

static void fill_by_another_query(extmgr_rows *rows)
{
	assert_int_equal(scene_run_to(inner, CALL_QUERY, NULL), EXTMGR_OK);
	fake_host_fill_one(rows);
}

static void test_callbacks_may_call_back(void **state)
{
	struct scene outer;
	struct scene other;

	(void)state;
	scene_init(&outer, 60000);
	scene_init(&other, 60000);
	inner = &other;
	other.fake.fill = fake_host_fill_one;
	outer.fake.fill = fill_by_another_query;
	assert_int_equal(scene_run_to(&outer, CALL_QUERY, NULL), EXTMGR_OK);
	scene_end(&other, "open begin-write query rollback close");
	scene_end(&outer, "open begin-write query rollback close");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_callbacks_are_named),
		cmocka_unit_test(test_a_dialect_is_a_lower_case_word),
		cmocka_unit_test(test_structs_of_other_sizes),
		cmocka_unit_test(test_a_session_outlives_its_database_handle),
		cmocka_unit_test(test_a_host_without_interrupt_is_not_interrupted),
		cmocka_unit_test(test_what_a_host_says_is_made_safe),
		cmocka_unit_test(test_callbacks_may_call_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
