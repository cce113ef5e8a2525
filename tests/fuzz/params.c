/* SPDX-License-Identifier: MIT */
/*
 * Definitions, a line feed, values: every question about them has one of its documented answers; a
 * context that was used before answers as a new one does; what is accepted is accepted again with
 * its defaults unless these are at fault; and definitions that can be validated have a schema.
 */
#include <extmgr/extmgr.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *definitions;
	size_t definitions_length;
	const char *values;
	size_t values_length;
};

static void require(int condition)
{
	if (!condition)
		abort();
}

static extmgr_context *new_context(void)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.script_timeout_ms = 50;
	require(extmgr_context_new(&options, &context, NULL) == EXTMGR_OK);
	return context;
}

static int is_limit(extmgr_result result)
{
	return result == EXTMGR_E_SCRIPT_TIMEOUT || result == EXTMGR_E_SCRIPT_MEMORY;
}

static int is_refusal(extmgr_result result)
{
	return result == EXTMGR_E_PARAMETER_DEFINITION || result == EXTMGR_E_FORMAT ||
	       result == EXTMGR_E_TOO_LARGE || is_limit(result);
}

static extmgr_result validate(extmgr_context *context, const struct input *input,
			      extmgr_text **report_out)
{
	extmgr_error *error = NULL;
	extmgr_result result =
		extmgr_params_validate(context, input->definitions, input->definitions_length,
				       input->values, input->values_length, report_out, &error);

	require(result == EXTMGR_OK ? !error : extmgr_error_get_code(error) == result);
	require((*report_out != NULL) ==
		(result == EXTMGR_OK || result == EXTMGR_E_PARAMETERS_INVALID));
	require(*report_out || is_refusal(result));
	extmgr_error_free(error);
	return result;
}

static void require_same(const extmgr_text *one, const extmgr_text *other)
{
	require(extmgr_text_get_length(one) == extmgr_text_get_length(other));
	require(memcmp(extmgr_text_get_data(one), extmgr_text_get_data(other),
		       extmgr_text_get_length(one)) == 0);
}

static void check_defaults(extmgr_context *context, const struct input *input,
			   extmgr_result validated)
{
	extmgr_text *text = NULL;
	extmgr_result result =
		extmgr_params_add_defaults(context, input->definitions, input->definitions_length,
					   input->values, input->values_length, &text, NULL);

	require((result == EXTMGR_OK) == (text != NULL));
	require(is_limit(result) || is_limit(validated) ||
		(result == EXTMGR_OK) == !is_refusal(validated));
	extmgr_text_free(text);
}

static void check_schema(extmgr_context *context, const struct input *input,
			 extmgr_result validated)
{
	extmgr_text *text = NULL;
	extmgr_result result = extmgr_params_to_schema(context, input->definitions,
						       input->definitions_length, &text, NULL);

	require((result == EXTMGR_OK) == (text != NULL));
	require(result == EXTMGR_OK || is_refusal(result));
	require(result == EXTMGR_OK || is_limit(result) || is_refusal(validated));
	extmgr_text_free(text);
}

static void check(const struct input *input)
{
	static extmgr_context *used;
	extmgr_context *fresh = new_context();
	extmgr_text *reports[3] = {NULL};
	extmgr_result results[3];

	if (!used)
		used = new_context();
	results[0] = validate(used, input, &reports[0]);
	results[1] = validate(used, input, &reports[1]);
	results[2] = validate(fresh, input, &reports[2]);
	for (int i = 1; i < 3; i++) {
		require(is_limit(results[0]) || is_limit(results[i]) || results[i] == results[0]);
		if (reports[0] && reports[i])
			require_same(reports[0], reports[i]);
	}
	check_defaults(used, input, results[0]);
	check_schema(fresh, input, results[0]);
	for (int i = 0; i < 3; i++)
		extmgr_text_free(reports[i]);
	extmgr_context_free(fresh);
}

/* Exactly that long: reading behind the end is seen by a sanitizer. */
static char *copy(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);

	require(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	size_t rest = end ? size - length - 1 : 0;
	char *definitions = copy(data, length);
	char *values = copy(end ? end + 1 : data, rest);

	check(&(struct input){definitions, length, values, rest});
	free(definitions);
	free(values);
	return 0;
}
