/* SPDX-License-Identifier: MIT */
/*
 * Fetches one URL as the library does, and prints what came of it as JSON:
 *
 *   fetch URL [--maximum BYTES] [--timeout MS] [--request-timeout MS] [--cancel-after MS]
 *             [--ca FILE] [--proxy URL]
 */
#include "host/http.h"

#include <extmgr/extmgr.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static extmgr_operation *operation;
static long cancel_after_ms;

static void *cancel(void *unused)
{
	const struct timespec pause = {.tv_sec = cancel_after_ms / 1000,
				       .tv_nsec = cancel_after_ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
	extmgr_operation_cancel(operation);
	return unused;
}

static int print(extmgr_result result, const struct extmgr__http_answer *answer,
		 const extmgr_error *error)
{
	struct extmgr__buffer body = {.maximum = (size_t)1 << 20};
	extmgr_text *text = NULL;

	extmgr__utf8_append_line(&body, extmgr__buffer_get(&answer->body),
				 answer->body.length < 4096 ? answer->body.length : 4096);
	if (extmgr_error_to_json(error, &text) != EXTMGR_OK)
		return 1;
	printf("%s\n%d\n%zu\n%s\n%s\n", extmgr_result_get_name(result), answer->status,
	       answer->body.length, extmgr__buffer_get(&body), extmgr_text_get_data(text));
	extmgr__buffer_free(&body);
	extmgr_text_free(text);
	return 0;
}

int main(int count, char **arguments)
{
	extmgr_curl_options options;
	extmgr_operation_options operation_options;
	struct extmgr__http_fetch fetch = {.maximum = 1000000};
	struct extmgr__http_answer answer = {0};
	extmgr_context *context = NULL;
	extmgr_http *http = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;
	pthread_t canceller;
	int code;

	extmgr_curl_options_init(&options, sizeof(options));
	extmgr_operation_options_init(&operation_options, sizeof(operation_options));
	if (count < 2)
		return 2;
	fetch.url = arguments[1];
	for (int i = 2; i + 1 < count; i += 2) {
		const char *value = arguments[i + 1];

		if (!strcmp(arguments[i], "--maximum"))
			fetch.maximum = strtoull(value, NULL, 10);
		else if (!strcmp(arguments[i], "--timeout"))
			operation_options.timeout_ms = strtoull(value, NULL, 10);
		else if (!strcmp(arguments[i], "--request-timeout"))
			options.timeout_ms = strtoull(value, NULL, 10);
		else if (!strcmp(arguments[i], "--cancel-after"))
			cancel_after_ms = strtol(value, NULL, 10);
		else if (!strcmp(arguments[i], "--ca"))
			options.ca_file = value;
		else if (!strcmp(arguments[i], "--proxy"))
			options.proxy = value;
		else
			return 2;
	}
	result = extmgr_context_new(NULL, &context, &error);
	if (result == EXTMGR_OK)
		result = extmgr_operation_new(&operation_options, &operation, &error);
	if (result == EXTMGR_OK)
		result = extmgr_curl_open(&options, &http, &error);
	if (result == EXTMGR_OK)
		result = extmgr__operation_begin(operation, context, &error);
	if (result != EXTMGR_OK)
		return 1;
	if (cancel_after_ms && pthread_create(&canceller, NULL, cancel, NULL))
		return 1;
	result = extmgr__http_get(http, operation, &fetch, &answer, &error);
	extmgr__operation_end(operation);
	code = print(result, &answer, error);
	if (cancel_after_ms)
		pthread_join(canceller, NULL);
	extmgr__http_answer_free(&answer);
	extmgr_error_free(error);
	extmgr_http_free(http);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
	return code;
}
