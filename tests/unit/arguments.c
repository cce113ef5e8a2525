/* SPDX-License-Identifier: MIT */
/*
 * NULL and nonsense for every public function beside the manager's: what can fail says
 * EXTMGR_E_INVALID_ARGUMENT, with or without an error; what cannot answers what its header says.
 */
#include "fake_host.h"

static char garbage;

/* ---- functions that make something: each refuses these arguments ---- */

static extmgr_context *context;

static extmgr_result context_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_context_new(NULL, NULL, error);
}

static extmgr_result context_with_flags(void **out, extmgr_error **error)
{
	extmgr_context_options options;

	extmgr_context_options_init(&options, sizeof(options));
	options.flags = 1;
	return extmgr_context_new(&options, (extmgr_context **)out, error);
}

static extmgr_result operation_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_operation_new(NULL, NULL, error);
}

static extmgr_result operation_with_flags(void **out, extmgr_error **error)
{
	extmgr_operation_options options;

	extmgr_operation_options_init(&options, sizeof(options));
	options.flags = 1u << 31;
	return extmgr_operation_new(&options, (extmgr_operation **)out, error);
}

static extmgr_result database_without_callbacks(void **out, extmgr_error **error)
{
	return extmgr_database_new(NULL, NULL, (extmgr_database **)out, error);
}

static extmgr_result database_without_out(void **out, extmgr_error **error)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();

	(void)out;
	return extmgr_database_new(&callbacks, NULL, NULL, error);
}

static extmgr_result check_without_context(void **out, extmgr_error **error)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	extmgr_database *database = NULL;
	struct fake_host fake = {0};
	extmgr_result result;

	assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL), EXTMGR_OK);
	result = extmgr_database_check(NULL, database, (extmgr_text **)out, error);
	extmgr_database_free(database);
	assert_string_equal(fake.calls, "");
	return result;
}

static extmgr_result check_without_database(void **out, extmgr_error **error)
{
	return extmgr_database_check(context, NULL, (extmgr_text **)out, error);
}

static extmgr_result check_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_database_check(context, NULL, NULL, error);
}

static extmgr_result files_without_callbacks(void **out, extmgr_error **error)
{
	return extmgr_files_new(NULL, NULL, (extmgr_files **)out, error);
}

static extmgr_result files_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_files_new(NULL, NULL, NULL, error);
}

static extmgr_result files_without_list(void **out, extmgr_error **error)
{
	extmgr_files_callbacks callbacks;

	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	return extmgr_files_new(&callbacks, NULL, (extmgr_files **)out, error);
}

static extmgr_result registry_without_context(void **out, extmgr_error **error)
{
	return extmgr_registry_open(NULL, "/", (extmgr_registry **)out, error);
}

static extmgr_result registry_without_location(void **out, extmgr_error **error)
{
	return extmgr_registry_open(context, NULL, (extmgr_registry **)out, error);
}

static extmgr_result registry_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_registry_open(context, "/", NULL, error);
}

static extmgr_result entries_of_no_registry(void **out, extmgr_error **error)
{
	return extmgr_registry_list_entries(NULL, (extmgr_registry_list **)out, error);
}

static extmgr_result entries_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_registry_list_entries(NULL, NULL, error);
}

static extmgr_result read_of_no_registry(void **out, extmgr_error **error)
{
	return extmgr_registry_read(NULL, "x", (extmgr_text **)out, error);
}

static extmgr_result read_without_id_or_out(void **out, extmgr_error **error)
{
	extmgr_registry *registry = NULL;
	extmgr_result result;

	assert_int_equal(extmgr_registry_open(context, "/", &registry, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_read(registry, "x", NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_registry_list_entries(registry, NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	result = extmgr_registry_read(registry, NULL, (extmgr_text **)out, error);
	extmgr_registry_free(registry);
	return result;
}

static extmgr_result params_without_context(void **out, extmgr_error **error)
{
	return extmgr_params_validate(NULL, "[]", 2, "[]", 2, (extmgr_text **)out, error);
}

static extmgr_result params_without_definitions(void **out, extmgr_error **error)
{
	return extmgr_params_validate(context, NULL, 0, "[]", 2, (extmgr_text **)out, error);
}

static extmgr_result params_without_values(void **out, extmgr_error **error)
{
	return extmgr_params_validate(context, "[]", 2, NULL, 2, (extmgr_text **)out, error);
}

static extmgr_result params_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_params_validate(context, "[]", 2, "[]", 2, NULL, error);
}

static extmgr_result try_without_context(void **out, extmgr_error **error)
{
	return extmgr_definition_try(NULL, NULL, "x", "", 0, "{}", 2, (extmgr_text **)out, error);
}

static extmgr_result try_without_id(void **out, extmgr_error **error)
{
	return extmgr_definition_try(context, NULL, NULL, "", 0, "{}", 2, (extmgr_text **)out,
				     error);
}

static extmgr_result try_without_source(void **out, extmgr_error **error)
{
	return extmgr_definition_try(context, NULL, "x", NULL, 0, "{}", 2, (extmgr_text **)out,
				     error);
}

static extmgr_result try_without_scenario(void **out, extmgr_error **error)
{
	return extmgr_definition_try(context, NULL, "x", "", 0, NULL, 2, (extmgr_text **)out,
				     error);
}

static extmgr_result try_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_definition_try(context, NULL, "x", "", 0, "{}", 2, NULL, error);
}

static extmgr_result rewrite_without_dialect(void **out, extmgr_error **error)
{
	return extmgr_sql_rewrite_placeholders(NULL, "?", 1, EXTMGR_PLACEHOLDER_DOLLAR, NULL,
					       (extmgr_text **)out, error);
}

static extmgr_result rewrite_without_sql(void **out, extmgr_error **error)
{
	return extmgr_sql_rewrite_placeholders("sqlite", NULL, 0, EXTMGR_PLACEHOLDER_DOLLAR, NULL,
					       (extmgr_text **)out, error);
}

static extmgr_result rewrite_with_style_0(void **out, extmgr_error **error)
{
	return extmgr_sql_rewrite_placeholders("sqlite", "?", 1, 0, NULL, (extmgr_text **)out,
					       error);
}

static extmgr_result rewrite_with_style_3(void **out, extmgr_error **error)
{
	size_t count = 99;
	extmgr_result result = extmgr_sql_rewrite_placeholders("sqlite", "?", 1, 3, &count,
							       (extmgr_text **)out, error);

	assert_int_equal(count, 0);
	return result;
}

static extmgr_result rewrite_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_sql_rewrite_placeholders("sqlite", "?", 1, EXTMGR_PLACEHOLDER_DOLLAR, NULL,
					       NULL, error);
}

static extmgr_result extensions_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_extension_list_to_json(NULL, NULL, error);
}

static extmgr_result instances_without_out(void **out, extmgr_error **error)
{
	(void)out;
	return extmgr_instance_list_to_json(NULL, NULL, error);
}

#define REFUSED(function)                                                                          \
	{                                                                                          \
#function, function                                                                \
	}

static void test_what_is_refused(void **state)
{
	const struct {
		const char *name;
		extmgr_result (*run)(void **out, extmgr_error **error);
	} cases[] = {
		REFUSED(context_without_out),
		REFUSED(context_with_flags),
		REFUSED(operation_without_out),
		REFUSED(operation_with_flags),
		REFUSED(database_without_callbacks),
		REFUSED(database_without_out),
		REFUSED(check_without_context),
		REFUSED(check_without_database),
		REFUSED(check_without_out),
		REFUSED(files_without_callbacks),
		REFUSED(files_without_out),
		REFUSED(files_without_list),
		REFUSED(registry_without_context),
		REFUSED(registry_without_location),
		REFUSED(registry_without_out),
		REFUSED(entries_of_no_registry),
		REFUSED(entries_without_out),
		REFUSED(read_of_no_registry),
		REFUSED(read_without_id_or_out),
		REFUSED(params_without_context),
		REFUSED(params_without_definitions),
		REFUSED(params_without_values),
		REFUSED(params_without_out),
		REFUSED(rewrite_without_dialect),
		REFUSED(rewrite_without_sql),
		REFUSED(rewrite_with_style_0),
		REFUSED(rewrite_with_style_3),
		REFUSED(rewrite_without_out),
		REFUSED(extensions_without_out),
		REFUSED(instances_without_out),
		REFUSED(try_without_context),
		REFUSED(try_without_id),
		REFUSED(try_without_source),
		REFUSED(try_without_scenario),
		REFUSED(try_without_out),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* What was in the variables before does not matter. */
		extmgr_error *error = (extmgr_error *)(void *)&garbage;
		void *out = &garbage;
		extmgr_result result = cases[i].run(&out, &error);

		if (result != EXTMGR_E_INVALID_ARGUMENT ||
		    extmgr_error_get_code(error) != EXTMGR_E_INVALID_ARGUMENT ||
		    (out && !strstr(cases[i].name, "without_out")))
			fail_msg("%s: %s, %s", cases[i].name, extmgr_result_get_name(result),
				 extmgr_error_get_message(error));
		assert_true(strlen(extmgr_error_get_message(error)) > 0);
		extmgr_error_free(error);
		out = &garbage;
		assert_int_equal(cases[i].run(&out, NULL), EXTMGR_E_INVALID_ARGUMENT);
	}
}

/* ---- callbacks' helpers, outside a callback or with nothing ---- */

static void test_helpers_of_callbacks_with_null(void **state)
{
	(void)state;
	assert_int_equal(extmgr_rows_add_column(NULL, "a", NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_null(NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_boolean(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_integer(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_number(NULL, 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_text(NULL, "a", 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_rows_append_bytes(NULL, "a", 1), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_file_list_append(NULL, "/a", 1), EXTMGR_E_INVALID_ARGUMENT);
	extmgr_host_error_set(NULL, 1, "HY000", "text", 4);
	assert_int_equal(extmgr_values_get_count(NULL), 0);
	assert_int_equal(extmgr_values_get_type(NULL, 0), EXTMGR_VALUE_NULL);
	assert_int_equal(extmgr_values_get_integer(NULL, 0), 0);
	assert_true(extmgr_values_get_number(NULL, 0) == 0);
	assert_null(extmgr_values_get_text(NULL, 0, NULL));
}

/* ---- what cannot fail ---- */

static void test_freeing_nothing(void **state)
{
	(void)state;
	extmgr_context_free(NULL);
	extmgr_operation_free(NULL);
	extmgr_database_free(NULL);
	extmgr_files_free(NULL);
	extmgr_registry_free(NULL);
	extmgr_registry_list_free(NULL);
	extmgr_manager_free(NULL);
	extmgr_extension_list_free(NULL);
	extmgr_instance_list_free(NULL);
	extmgr_text_free(NULL);
	extmgr_error_free(NULL);
}

static void test_reading_nothing(void **state)
{
	const size_t indexes[] = {0, 1, SIZE_MAX};

	(void)state;
	assert_string_equal(extmgr_text_get_data(NULL), "");
	assert_int_equal(extmgr_text_get_length(NULL), 0);
	assert_string_equal(extmgr_database_get_dialect(NULL), "");
	extmgr_operation_cancel(NULL);
	assert_int_equal(extmgr_operation_is_cancelled(NULL), 0);
	assert_true(extmgr_operation_get_remaining_ms(NULL) == UINT64_MAX);
	assert_int_equal(extmgr_registry_list_get_count(NULL), 0);
	assert_int_equal(extmgr_extension_list_get_count(NULL), 0);
	assert_int_equal(extmgr_instance_list_get_count(NULL), 0);
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		assert_null(extmgr_registry_list_get_id(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_id(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_name(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_category(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_description(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_latest_version(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_installed_version(NULL, indexes[i]));
		assert_null(extmgr_extension_list_get_reason(NULL, indexes[i]));
		assert_int_equal(extmgr_extension_list_get_state(NULL, indexes[i]), 0);
		assert_null(extmgr_instance_list_get_id(NULL, indexes[i]));
		assert_null(extmgr_instance_list_get_name(NULL, indexes[i]));
	}
}

static void test_no_error(void **state)
{
	extmgr_text *text = (extmgr_text *)(void *)&garbage;

	(void)state;
	assert_int_equal(extmgr_error_get_code(NULL), EXTMGR_OK);
	assert_string_equal(extmgr_error_get_message(NULL), "");
	assert_null(extmgr_error_get_hint(NULL));
	assert_null(extmgr_error_get_cause(NULL));
	assert_int_equal(extmgr_error_get_host_code(NULL), 0);
	assert_string_equal(extmgr_error_get_sqlstate(NULL), "");
	assert_int_equal(extmgr_error_get_http_status(NULL), 200);
	assert_int_equal(extmgr_error_copy_text(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_error_to_json(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_error_copy_text(NULL, &text), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), "");
	extmgr_text_free(text);
	assert_int_equal(extmgr_error_to_json(NULL, &text), EXTMGR_OK);
	assert_non_null(strstr(extmgr_text_get_data(text), "\"EXTMGR_OK\""));
	extmgr_text_free(text);
}

/* A host's own error: whatever it says becomes an error that can be shown. */
static void test_errors_that_a_host_makes(void **state)
{
	const struct {
		extmgr_result code;
		const char *message;
		size_t length;
		extmgr_result expected;
		const char *shown;
	} cases[] = {
		{EXTMGR_E_CONFLICT, "text", 4, EXTMGR_E_CONFLICT, "text"},
		{EXTMGR_E_CONFLICT, "text", 2, EXTMGR_E_CONFLICT, "te"},
		{EXTMGR_E_CONFLICT, "a\nb\xff", 4, EXTMGR_E_CONFLICT, "a b\xef\xbf\xbd"},
		{EXTMGR_E_CONFLICT, NULL, 7, EXTMGR_E_CONFLICT, ""},
		{EXTMGR_E_CONFLICT, "%s%n", 4, EXTMGR_E_CONFLICT, "%s%n"},
		{EXTMGR_OK, "text", 4, EXTMGR_E_INTERNAL, "text"},
		{12345, "text", 4, EXTMGR_E_INTERNAL, "text"},
		{INT32_MIN, "text", 4, EXTMGR_E_INTERNAL, "text"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = extmgr_error_new(cases[i].code, cases[i].message,
						       cases[i].length, i ? "%s" : NULL);

		assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
		assert_string_equal(extmgr_error_get_message(error), cases[i].shown);
		if (i)
			assert_string_equal(extmgr_error_get_hint(error), "%s");
		else
			assert_null(extmgr_error_get_hint(error));
		extmgr_error_free(error);
	}
}

static void test_names_of_unknown_numbers(void **state)
{
	const int32_t numbers[] = {INT32_MIN, -9999, 99, INT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_string_equal(extmgr_result_get_name(numbers[i]), "EXTMGR_E_UNKNOWN");
		assert_int_equal(extmgr_result_get_class(numbers[i]), EXTMGR_CLASS_NONE);
		assert_string_equal(extmgr_class_get_name(numbers[i]), "none");
		assert_string_equal(extmgr_state_get_name(numbers[i]), "unknown");
	}
}

static void test_lists_of_nothing_are_documents(void **state)
{
	extmgr_text *text = (extmgr_text *)(void *)&garbage;
	extmgr_error *error = (extmgr_error *)(void *)&garbage;

	(void)state;
	assert_int_equal(extmgr_extension_list_to_json(NULL, &text, &error), EXTMGR_OK);
	assert_null(error);
	assert_string_equal(extmgr_text_get_data(text),
			    "{\"schema\":\"extmgr.extensions/1\",\"extensions\":[]}");
	extmgr_text_free(text);
	assert_int_equal(extmgr_instance_list_to_json(NULL, &text, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text),
			    "{\"schema\":\"extmgr.instances/1\",\"instances\":[]}");
	extmgr_text_free(text);
}

static void test_what_the_library_says_of_itself(void **state)
{
	size_t length = 0;
	const char *rules = extmgr_params_get_javascript(&length);

	(void)state;
	assert_int_equal(extmgr_version_get_number(), EXTMGR_VERSION_NUMBER);
	assert_string_equal(extmgr_version_get_text(), EXTMGR_VERSION_STRING);
	assert_non_null(strstr(extmgr_features_get_json(), EXTMGR_VERSION_STRING));
	assert_int_equal(strlen(rules), length);
	assert_non_null(strstr(rules, "extmgrValidateParameters"));
	assert_ptr_equal(extmgr_params_get_javascript(NULL), rules);
}

/* ---- init functions ---- */

/* Writes as much as the caller's struct holds and no byte more; without a struct, nothing. */
static void test_init_functions_keep_to_the_size_they_were_told(void **state)
{
	union {
		extmgr_context_options context;
		extmgr_operation_options operation;
		extmgr_database_callbacks database;
		extmgr_files_callbacks files;
		extmgr_target_options target;
		extmgr_call_options call;
		uint32_t struct_size;
		unsigned char bytes[1024];
	} options;
#define INIT(function, member, type)                                                               \
	extmgr_##function##_init(NULL, sizeof(type));                                              \
	for (uint32_t size = 0; size <= sizeof(type) + 64; size += 4) {                            \
		size_t written = size < sizeof(type) ? size : sizeof(type);                        \
                                                                                                   \
		memset(&options, 0xAA, sizeof(options));                                           \
		extmgr_##function##_init(&options.member, size);                                   \
		if (size)                                                                          \
			assert_int_equal(options.struct_size, size);                               \
		for (size_t i = 4; i < sizeof(options.bytes); i++)                                 \
			assert_int_equal(options.bytes[i], i < written ? 0 : 0xAA);                \
	}
	(void)state;
	INIT(context_options, context, extmgr_context_options)
	INIT(operation_options, operation, extmgr_operation_options)
	INIT(database_callbacks, database, extmgr_database_callbacks)
	INIT(files_callbacks, files, extmgr_files_callbacks)
	INIT(target_options, target, extmgr_target_options)
	INIT(call_options, call, extmgr_call_options)
#undef INIT
}

static int make_context(void **state)
{
	(void)state;
	return extmgr_context_new(NULL, &context, NULL);
}

static int free_context(void **state)
{
	(void)state;
	extmgr_context_free(context);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_helpers_of_callbacks_with_null),
		cmocka_unit_test(test_freeing_nothing),
		cmocka_unit_test(test_reading_nothing),
		cmocka_unit_test(test_no_error),
		cmocka_unit_test(test_errors_that_a_host_makes),
		cmocka_unit_test(test_names_of_unknown_numbers),
		cmocka_unit_test(test_lists_of_nothing_are_documents),
		cmocka_unit_test(test_what_the_library_says_of_itself),
		cmocka_unit_test(test_init_functions_keep_to_the_size_they_were_told),
	};

	return cmocka_run_group_tests(tests, make_context, free_context);
}
