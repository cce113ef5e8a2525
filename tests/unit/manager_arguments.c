/* SPDX-License-Identifier: MIT */
/* Arguments of a manager's calls that no host should give, and options of other sizes. */
#include "manager_world.h"

#include "base/text.h"

static void test_every_call_works(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with, call->healthy);
}

static void test_a_report_may_be_left_out(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	for (const struct call *call = calls; call < calls + CALLS; call++) {
		extmgr_error *error = NULL;

		world->fake.calls[0] = '\0';
		assert_int_equal(call->run(&with, NULL, &error),
				 call->writes ? call->healthy : EXTMGR_E_INVALID_ARGUMENT);
		if (!call->writes)
			assert_string_equal(world->fake.calls, "");
		extmgr_error_free(error);
	}
}

static void test_null_and_unknown_arguments(void **state)
{
	struct world *world = *state;
	const uint32_t no_lists[] = {0, 5, UINT32_MAX};

	for (const struct call *call = calls; call < calls + CALLS; call++) {
		struct arguments with = good_arguments(world);

		with.manager = NULL;
		assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		with = good_arguments(world);
		with.id = NULL;
		if (call->takes_id)
			assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		with = good_arguments(world);
		with.instance_id = NULL;
		if (call == &calls[READ_INSTANCE] || call == &calls[DELETE_INSTANCE])
			assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
	}
	for (size_t i = 0; i < sizeof(no_lists) / sizeof(no_lists[0]); i++) {
		struct arguments with = good_arguments(world);

		with.which = no_lists[i];
		assert_refused_early(world, &calls[LIST_EXTENSIONS], &with,
				     EXTMGR_E_INVALID_ARGUMENT);
	}
}

static void test_options_of_a_call(void **state)
{
	struct world *world = *state;
	struct {
		extmgr_call_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		uint32_t flags;
		unsigned char tail;
		bool good;
	} cases[] = {
		{sizeof(extmgr_call_options), 0, 1, true}, /* beyond its end: not looked at */
		{sizeof(extmgr_call_options), EXTMGR_CALL_REHEARSE, 0, true},
		{sizeof(newer), 0, 0, true},
		{sizeof(newer), 0, 1, false},
		{sizeof(extmgr_call_options), 2, 0, false},
		{sizeof(extmgr_call_options), UINT32_MAX, 0, false},
		{sizeof(extmgr_call_options) - 1, 0, 0, false},
		{4, 0, 0, false},
		{0, 0, 0, false},
		{UINT32_MAX, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (const struct call *call = calls; call < calls + CALLS; call++) {
			struct arguments with = good_arguments(world);

			memset(&newer, 0, sizeof(newer));
			newer.options.struct_size = cases[i].size;
			newer.options.flags = cases[i].flags;
			newer.tail[15] = cases[i].tail;
			with.options = &newer.options;
			if (cases[i].good)
				assert_answers(call, &with, call->healthy);
			else
				assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		}
	}
	extmgr_call_options_init(NULL, sizeof(newer.options));
}

/* No id leads out of the registry, and none that is unknown costs a session. */
static void test_hostile_ids(void **state)
{
	struct world *world = *state;
	static char long_id[301];
	static char huge_id[(1 << 20) + 1];
	const char *const strangers[] = {
		"",      "y",        "X",       ".",      "..",        "../x",         "x/y",
		"/x",    "x/",       ".hidden", ".js",    "x.js.js",   "x.js.js.js",   "x.JS",
		"x\n",   "\x1b[31m", "x\x7f",   "\xff",   "\xc3",      "\xed\xa0\x80", "x\xc0\xae",
		"..\\x", " x",       "x;y",     "%2e%2e", "__proto__", long_id,        huge_id,
	};

	memset(long_id, 'i', sizeof(long_id) - 1);
	memset(huge_id, 'i', sizeof(huge_id) - 1);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		for (const struct call *call = calls; call < calls + CALLS; call++) {
			struct arguments with = good_arguments(world);

			with.id = strangers[i];
			if (call->takes_id)
				assert_refused_early(world, call, &with,
						     EXTMGR_E_EXTENSION_NOT_FOUND);
		}
	}
}

static void test_an_id_may_carry_its_suffix(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	with.id = "x.js";
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with, call->healthy);
}

/* A message says what was asked for, as one line of UTF-8 of bounded length. */
static void test_messages_are_safe_whatever_was_asked(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const ids[] = {"a\nb\x1b[0m", "\xff\xfe", huge};

	memset(huge, 'i', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct arguments with = good_arguments(world);
		extmgr_error *error = NULL;
		const char *message;
		void *out = NULL;

		with.id = ids[i];
		assert_int_equal(calls[GET_EXTENSION].run(&with, &out, &error),
				 EXTMGR_E_EXTENSION_NOT_FOUND);
		message = extmgr_error_get_message(error);
		assert_true(strlen(message) < 8192);
		assert_true(extmgr__utf8_is_valid(message, strlen(message)));
		assert_false(extmgr__text_has_control(message, strlen(message)));
		extmgr_error_free(error);
	}
}

/* A definition may know more versions than it offers; what it does not offer is not installed. */
static void test_hostile_versions(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const versions[] = {"",     "2",  "1 ",        "1'; DROP TABLE t; --",
					"1\n2", "..", "__proto__", huge};

	memset(huge, '1', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct arguments with = good_arguments(world);

		with.version = versions[i];
		assert_answers(&calls[INSTALL], &with, EXTMGR_E_VERSION_NOT_FOUND);
		assert_answers(&calls[CREATE_INSTANCE], &with, EXTMGR_E_VERSION_NOT_FOUND);
	}
}

static void test_unknown_instances(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const ids[] = {"", "I", "i ", "i\n", "\xff", "' OR 1=1 --", "__proto__", huge};

	memset(huge, 'i', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct arguments with = good_arguments(world);

		with.instance_id = ids[i];
		assert_answers(&calls[READ_INSTANCE], &with, EXTMGR_E_INSTANCE_NOT_FOUND);
		assert_answers(&calls[DELETE_INSTANCE], &with, EXTMGR_UNCHANGED);
	}
}

static void test_values_of_an_instance(void **state)
{
	struct world *world = *state;
	static char deep[201];
	const struct {
		const char *values;
		size_t length;
		extmgr_result expected;
	} cases[] = {
		{"[]x", 2, EXTMGR_OK},
		{"{}", 2, EXTMGR_OK},
		{"{\"p\":\"v\"}", 9, EXTMGR_OK},
		{NULL, 0, EXTMGR_E_INVALID_ARGUMENT},
		{NULL, 7, EXTMGR_E_INVALID_ARGUMENT},
		{"", 0, EXTMGR_E_FORMAT},
		{"[", 1, EXTMGR_E_FORMAT},
		{"[]]", 3, EXTMGR_E_FORMAT},
		{"[]\0", 3, EXTMGR_E_FORMAT},
		{"null", 4, EXTMGR_E_FORMAT},
		{"[1]", 3, EXTMGR_E_FORMAT},
		{"\"p\"", 3, EXTMGR_E_FORMAT},
		{"{\"p\":\"\xff\"}", 9, EXTMGR_E_FORMAT},
		{"{\"p\":1}", 7, EXTMGR_E_PARAMETERS_INVALID},
		{"{\"p\":\"v\",\"p\":\"v\"}", 17, EXTMGR_E_FORMAT},
		{"{\"q\":\"v\"}", 9, EXTMGR_E_PARAMETERS_INVALID},
		{deep, 200, EXTMGR_E_FORMAT},
	};

	memset(deep, '[', sizeof(deep) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arguments with = good_arguments(world);

		with.values = cases[i].values;
		with.values_length = cases[i].length;
		assert_answers(&calls[CREATE_INSTANCE], &with, cases[i].expected);
	}
}

/* ---- making a manager ---- */

static void test_what_a_manager_needs(void **state)
{
	struct world *world = *state;
	const struct {
		extmgr_context *context;
		extmgr_registry *registry;
		extmgr_result expected;
	} cases[] = {
		{world->context, world->registry, EXTMGR_OK},
		{NULL, world->registry, EXTMGR_E_INVALID_ARGUMENT},
		{world->context, NULL, EXTMGR_E_INVALID_ARGUMENT},
		{NULL, NULL, EXTMGR_E_INVALID_ARGUMENT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_manager *manager = (extmgr_manager *)(void *)&manager;
		extmgr_error *error = (extmgr_error *)(void *)&error;

		assert_int_equal(extmgr_manager_new(cases[i].context, cases[i].registry, NULL, NULL,
						    NULL, &manager, &error),
				 cases[i].expected);
		assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
		assert_true((manager != NULL) == (cases[i].expected == EXTMGR_OK));
		extmgr_manager_free(manager);
		extmgr_error_free(error);
	}
	assert_int_equal(
		extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL, NULL, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	extmgr_manager_free(NULL);
}

static extmgr_result make_manager(const struct world *world, const char *dialect,
				  const extmgr_target_options *options)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	extmgr_manager *manager = (extmgr_manager *)(void *)&manager;
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;
	struct fake_host fake = {0};
	extmgr_result result;

	callbacks.dialect = dialect;
	assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL), EXTMGR_OK);
	result = extmgr_manager_new(world->context, world->registry, database, NULL, options,
				    &manager, &error);
	assert_int_equal(extmgr_error_get_code(error), result);
	assert_true((manager != NULL) == (result == EXTMGR_OK));
	extmgr_error_free(error);
	extmgr_manager_free(manager);
	extmgr_database_free(database);
	return result;
}

static void test_options_of_a_target(void **state)
{
	struct {
		extmgr_target_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		uint32_t flags;
		uint32_t verify;
		uint32_t transaction;
		uint32_t history;
		unsigned char tail;
		bool good;
	} cases[] = {
		{sizeof(extmgr_target_options), 0, 0, 0, 0, 1, true},
		{sizeof(extmgr_target_options), EXTMGR_TARGET_ALLOW_PARTIAL, 3, 0, 0, 0, true},
		{sizeof(newer), 0, EXTMGR_VERIFY_WARN, 0, 0, 0, true},
		{sizeof(newer), 0, 0, 0, 0, 1, false},
		{sizeof(extmgr_target_options), 4, 0, 0, 0, 0, false},
		{sizeof(extmgr_target_options), UINT32_MAX, 0, 0, 0, 0, false},
		{sizeof(extmgr_target_options), 0, 4, 0, 0, 0, false},
		{sizeof(extmgr_target_options), 0, 0, EXTMGR_TRANSACTION_CALLER, 0, 0, true},
		{sizeof(extmgr_target_options), 0, 0, 2, 0, 0, false},
		{sizeof(extmgr_target_options), 0, 0, 0, EXTMGR_HISTORY_ON, 0, true},
		{sizeof(extmgr_target_options), 0, 0, 0, EXTMGR_HISTORY_OFF, 0, true},
		{sizeof(extmgr_target_options), 0, 0, 0, 3, 0, false},
		{offsetof(extmgr_target_options, history), 0, 0, 0, 0, 0, true},
		{offsetof(extmgr_target_options, bucketfs_path), 0, 0, 0, 0, 0, true},
		{offsetof(extmgr_target_options, transaction), 0, 0, 0, 0, 0, false},
		{0, 0, 0, 0, 0, 0, false},
		{UINT32_MAX, 0, 0, 0, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&newer, 0, sizeof(newer));
		newer.options.struct_size = cases[i].size;
		newer.options.flags = cases[i].flags;
		newer.options.verify = cases[i].verify;
		newer.options.transaction = cases[i].transaction;
		newer.options.history = cases[i].history;
		newer.tail[15] = cases[i].tail;
		assert_int_equal(make_manager(*state, "sqlite", &newer.options),
				 cases[i].good ? EXTMGR_OK : EXTMGR_E_INVALID_ARGUMENT);
	}
	extmgr_target_options_init(NULL, sizeof(newer.options));
}

/* A table is made and asked for: in dialects that the library knows. */
static void test_dialects_with_a_history(void **state)
{
	const struct {
		const char *dialect;
		bool good;
	} cases[] = {{"sqlite", true}, {"postgresql", true}, {"exasol", true}, {"mysql", false}};
	extmgr_target_options options;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_target_options_init(&options, sizeof(options));
		assert_int_equal(make_manager(*state, cases[i].dialect, &options), EXTMGR_OK);
		options.history = EXTMGR_HISTORY_ON;
		assert_int_equal(make_manager(*state, cases[i].dialect, &options),
				 cases[i].good ? EXTMGR_OK : EXTMGR_E_INVALID_ARGUMENT);
	}
}

#define TEN    "abcdefghij"
#define SIXTY  TEN TEN TEN TEN TEN TEN
#define LONG63 SIXTY "abc"

/* A schema goes into statements: what is no plain name is refused. */
static void test_names_of_the_extension_schema(void **state)
{
	const struct {
		const char *dialect;
		const char *schema;
		bool good;
	} cases[] = {
		{"sqlite", NULL, true},
		{"sqlite", "main", true},
		{"sqlite", "MAIN", false},
		{"sqlite", "temp", false},
		{"sqlite", "extensions", false},
		{"postgresql", NULL, true},
		{"postgresql", "main", true},
		{"postgresql", "_", true},
		{"postgresql", "Schema_2", true},
		{"postgresql", LONG63, true},
		{"postgresql", LONG63 "d", false},
		{"exasol", NULL, true},
		{"exasol", SIXTY SIXTY "abcdefgh", true},
		{"exasol", SIXTY SIXTY "abcdefghi", false},
		{"other", "x", true},
		{"other", "", false},
		{"other", "2nd", false},
		{"other", " x", false},
		{"other", "x ", false},
		{"other", "a-b", false},
		{"other", "a.b", false},
		{"other", "a\"b", false},
		{"other", "a'; DROP SCHEMA public; --", false},
		{"other", "a\nb", false},
		{"other", "\xc3\xa4", false},
		{"other", "\xff", false},
		{"other", "a$b", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_target_options options;

		extmgr_target_options_init(&options, sizeof(options));
		options.extension_schema = cases[i].schema;
		if ((make_manager(*state, cases[i].dialect, &options) == EXTMGR_OK) !=
		    cases[i].good)
			fail_msg("%s '%s'", cases[i].dialect,
				 cases[i].schema ? cases[i].schema : "NULL");
	}
}

static void test_a_manager_without_database_lists_what_is_available(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	extmgr_manager *manager = NULL;

	assert_int_equal(extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL,
					    &manager, NULL),
			 EXTMGR_OK);
	with.manager = manager;
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with,
			       call == &calls[GET_EXTENSION] || call == &calls[VALIDATE]
				       ? EXTMGR_OK
				       : EXTMGR_E_INVALID_ARGUMENT);
	with.which = EXTMGR_LIST_AVAILABLE;
	assert_answers(&calls[LIST_EXTENSIONS], &with, EXTMGR_OK);
	extmgr_manager_free(manager);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_every_call_works),
		WITH_WORLD(test_a_report_may_be_left_out),
		WITH_WORLD(test_null_and_unknown_arguments),
		WITH_WORLD(test_options_of_a_call),
		WITH_WORLD(test_hostile_ids),
		WITH_WORLD(test_an_id_may_carry_its_suffix),
		WITH_WORLD(test_messages_are_safe_whatever_was_asked),
		WITH_WORLD(test_hostile_versions),
		WITH_WORLD(test_unknown_instances),
		WITH_WORLD(test_values_of_an_instance),
		WITH_WORLD(test_what_a_manager_needs),
		WITH_WORLD(test_options_of_a_target),
		WITH_WORLD(test_dialects_with_a_history),
		WITH_WORLD(test_names_of_the_extension_schema),
		WITH_WORLD(test_a_manager_without_database_lists_what_is_available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
