/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/error.h"

#include <extmgr/extmgr.h>

/* The table of codes and the header say the same: no code is missing in one of them. */
static void test_codes_of_table_and_header_are_equal(void **state)
{
	(void)state;
#define EXTMGR_CODE(name, value, error_class, status)                                              \
	assert_int_equal(EXTMGR_E_##name, value);                                                  \
	assert_string_equal(extmgr_result_get_name(value), "EXTMGR_E_" #name);                     \
	assert_int_equal(extmgr_result_get_class(value), EXTMGR_CLASS_##error_class);              \
	assert_true(status >= 400 && status <= 599);
#include "base/error_codes.def"
#undef EXTMGR_CODE
	assert_string_equal(extmgr_result_get_name(0), "EXTMGR_OK");
	assert_string_equal(extmgr_result_get_name(-9999), "EXTMGR_E_UNKNOWN");
	assert_int_equal(extmgr_result_get_class(1), EXTMGR_CLASS_NONE);
}

static void test_null_error_is_no_error(void **state)
{
	extmgr_text *text = NULL;

	(void)state;
	assert_int_equal(extmgr_error_get_code(NULL), EXTMGR_OK);
	assert_string_equal(extmgr_error_get_message(NULL), "");
	assert_null(extmgr_error_get_hint(NULL));
	assert_null(extmgr_error_get_cause(NULL));
	assert_int_equal(extmgr_error_get_http_status(NULL), 200);
	assert_int_equal(extmgr_error_copy_text(NULL, &text), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), "");
	extmgr_text_free(text);
	assert_int_equal(extmgr_error_to_json(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	extmgr_error_free(NULL);
	assert_int_equal(extmgr__error_set(NULL, EXTMGR_E_IO, "x"), EXTMGR_E_IO);
}

static void test_chain_is_told_outermost_first(void **state)
{
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;

	(void)state;
	extmgr__error_set(&error, EXTMGR_E_STATEMENT, "no such table: %s", "x");
	extmgr__error_set_host(&error, 7, "42P01");
	extmgr__error_detail_number(&error, "statement", 3);
	extmgr__error_wrap(&error, EXTMGR_E_HOST, "cannot install '%s'", "a\nb");
	extmgr__error_hint(&error, "do this");
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(text), "cannot install 'a b': no such table: x");
	extmgr_text_free(text);
	assert_int_equal(extmgr_error_get_host_code(error), 7);
	assert_string_equal(extmgr_error_get_sqlstate(error), "42P01");
	assert_int_equal(extmgr_error_to_json(error, &text), EXTMGR_OK);
	assert_string_equal(
		extmgr_text_get_data(text),
		"{\"schema\":\"extmgr.error/1\",\"httpStatus\":500,\"code\":\"EXTMGR_E_HOST\","
		"\"class\":\"host\",\"message\":\"cannot install 'a b'\",\"hint\":\"do this\","
		"\"cause\":{\"code\":\"EXTMGR_E_STATEMENT\",\"class\":\"host\","
		"\"message\":\"no such table: x\",\"details\":{\"statement\":3},"
		"\"sqlstate\":\"42P01\",\"hostCode\":7}}");
	extmgr_text_free(text);
	extmgr_error_free(error);
}

static void test_a_chain_has_an_end(void **state)
{
	extmgr_error *error = NULL;
	int depth = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		extmgr__error_wrap(&error, EXTMGR_E_HOST, "%d", i);
	for (const extmgr_error *at = error; at; at = extmgr_error_get_cause(at))
		depth++;
	assert_in_range(depth, 2, 17);
	assert_string_equal(extmgr_error_get_message(error), "999");
	extmgr_error_free(error);
}

static void test_out_of_memory_needs_no_memory(void **state)
{
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__error_no_memory(&error), EXTMGR_E_NO_MEMORY);
	extmgr__error_hint(&error, "ignored");
	extmgr__error_detail(&error, "ignored", "x");
	assert_string_equal(extmgr_error_get_message(error), "out of memory");
	assert_null(extmgr_error_get_hint(error));
	extmgr_error_free(error);
	extmgr_error_free(error);
}

static void test_a_host_makes_errors(void **state)
{
	extmgr_error *error = extmgr_error_new(EXTMGR_E_LOCKED, "a\nb\xff cut", 4, "try again");

	(void)state;
	assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_LOCKED);
	assert_string_equal(extmgr_error_get_message(error), "a b\xef\xbf\xbd");
	assert_string_equal(extmgr_error_get_hint(error), "try again");
	extmgr_error_free(error);
	/* No success and no unknown number can be made into an error. */
	for (extmgr_result code = -2000; code <= EXTMGR_PARTIAL; code += 1000) {
		error = extmgr_error_new(code, NULL, 0, NULL);
		assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_INTERNAL);
		assert_null(extmgr_error_get_hint(error));
		extmgr_error_free(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_of_table_and_header_are_equal),
		cmocka_unit_test(test_null_error_is_no_error),
		cmocka_unit_test(test_chain_is_told_outermost_first),
		cmocka_unit_test(test_a_chain_has_an_end),
		cmocka_unit_test(test_out_of_memory_needs_no_memory),
		cmocka_unit_test(test_a_host_makes_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
