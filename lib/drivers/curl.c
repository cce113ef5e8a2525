/* SPDX-License-Identifier: MIT */
/*
 * Fetching through libcurl. One request is one transfer: redirects are the library's, so that their
 * rules hold for every host.
 */
#include "text.h"

#include <extmgr/context.h>
#include <extmgr/drivers.h>
#include <extmgr/version.h>

#include <stdlib.h>
#include <string.h>

void extmgr_curl_options_init(extmgr_curl_options *options, uint32_t struct_size)
{
	uint32_t known = sizeof(*options);

	if (!options || struct_size < sizeof(uint32_t))
		return;
	memset(options, 0, struct_size < known ? struct_size : known);
	memcpy(options, &struct_size, sizeof(struct_size));
}

#ifndef EXTMGR_HAVE_CURL

extmgr_result extmgr_curl_open(const extmgr_curl_options *options, extmgr_http **http_out,
			       extmgr_error **error_out)
{
	(void)options;
	if (http_out)
		*http_out = NULL;
	return extmgr__drivers_error(error_out, EXTMGR_E_UNSUPPORTED,
				     "build with -Dcurl=enabled, or give callbacks of your own",
				     "this build has no libcurl");
}

#else

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

/* How soon a cancelled or late request ends. */
#define POLL_MS      100
/* Transfers that are kept, with their connections, for the next requests. */
#define MAXIMUM_IDLE 8

struct transfer {
	CURLM *multi; /* holds the connections */
	CURL *easy;
};

struct client {
	pthread_mutex_t lock;
	struct transfer idle[MAXIMUM_IDLE]; /* guarded by lock */
	size_t idle_count;
	uint64_t connect_timeout_ms;
	uint64_t timeout_ms;
	char *ca_file; /* NULL: the system's */
	char *proxy;   /* NULL: the environment's */
};

/* One request that runs. */
struct receiving {
	CURL *easy;
	extmgr_http_response *response;
	bool has_status;
	bool refused; /* the library takes no more */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started;

static void start(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void transfer_free(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	(void)curl_multi_cleanup(transfer->multi);
}

static void destroy(void *user_data)
{
	struct client *client = user_data;

	for (size_t i = 0; i < client->idle_count; i++)
		transfer_free(&client->idle[i]);
	pthread_mutex_destroy(&client->lock);
	free(client->ca_file);
	free(client->proxy);
	free(client);
}

static bool transfer_take(struct client *client, struct transfer *transfer)
{
	bool found;

	pthread_mutex_lock(&client->lock);
	found = client->idle_count > 0;
	if (found)
		*transfer = client->idle[--client->idle_count];
	pthread_mutex_unlock(&client->lock);
	if (found)
		return true;
	*transfer = (struct transfer){.multi = curl_multi_init(), .easy = curl_easy_init()};
	if (transfer->multi && transfer->easy)
		return true;
	transfer_free(transfer);
	return false;
}

static void transfer_give_back(struct client *client, struct transfer *transfer)
{
	bool kept;

	curl_easy_reset(transfer->easy); /* connections stay with the multi handle */
	pthread_mutex_lock(&client->lock);
	kept = client->idle_count < MAXIMUM_IDLE;
	if (kept)
		client->idle[client->idle_count++] = *transfer;
	pthread_mutex_unlock(&client->lock);
	if (!kept)
		transfer_free(transfer);
}

/* The library must know the status before the body: it decides what becomes of it. */
static bool tell_status(struct receiving *receiving)
{
	long status = 0;

	if (receiving->has_status)
		return true;
	if (curl_easy_getinfo(receiving->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
	    extmgr_http_response_set_status(receiving->response, (int32_t)status) != EXTMGR_OK)
		return false;
	receiving->has_status = true;
	return true;
}

static size_t receive(char *bytes, size_t size, size_t count, void *user_data)
{
	struct receiving *receiving = user_data;
	size_t length = size * count; /* size is 1 */

	if (tell_status(receiving) &&
	    extmgr_http_response_append(receiving->response, bytes, length) == EXTMGR_OK)
		return length;
	receiving->refused = true;
	return CURL_WRITEFUNC_ERROR;
}

/* Those of the last answer: not of a proxy, nor of "100 Continue". */
static extmgr_result tell_headers(const struct receiving *receiving)
{
	struct curl_header *header = NULL;
	extmgr_result result = EXTMGR_OK;

	while (result == EXTMGR_OK &&
	       (header = curl_easy_nextheader(receiving->easy, CURLH_HEADER, -1, header)))
		result = extmgr_http_response_add_header(receiving->response, header->name,
							 strlen(header->name), header->value,
							 strlen(header->value));
	return result;
}

static bool set_up_limits(CURL *easy, const struct client *client)
{
	return !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
	       !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				 (long)client->connect_timeout_ms) &&
	       !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)client->timeout_ms);
}

static bool set_up(struct receiving *receiving, const struct client *client,
		   const extmgr_http_request *request, struct curl_slist *headers, char *text)
{
	CURL *easy = receiving->easy;

	return set_up_limits(easy, client) && !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, text) &&
	       !curl_easy_setopt(easy, CURLOPT_URL, extmgr_http_request_get_url(request)) &&
	       !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) &&
	       !curl_easy_setopt(easy, CURLOPT_USERAGENT, "libextmgr/" EXTMGR_VERSION_STRING) &&
	       !curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEDATA, receiving) &&
	       !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
	       !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) &&
	       !(client->ca_file && curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file)) &&
	       !(client->proxy && curl_easy_setopt(easy, CURLOPT_PROXY, client->proxy));
}

/* Answers CURLE_ABORTED_BY_CALLBACK when the operation is late or cancelled. */
static CURLcode run(const struct transfer *transfer, const extmgr_operation *operation)
{
	int running = 1;
	int left;
	CURLMsg *message;
	CURLMcode code;

	do {
		uint64_t remaining = extmgr_operation_get_remaining_ms(operation);

		if (!remaining)
			return CURLE_ABORTED_BY_CALLBACK;
		code = curl_multi_perform(transfer->multi, &running);
		if (code == CURLM_OK && running)
			code = curl_multi_poll(transfer->multi, NULL, 0,
					       remaining < POLL_MS ? (int)remaining : POLL_MS,
					       NULL);
		if (code != CURLM_OK)
			return CURLE_OUT_OF_MEMORY;
	} while (running);
	message = curl_multi_info_read(transfer->multi, &left);
	return message ? message->data.result : CURLE_FAILED_INIT;
}

static extmgr_result code_of(CURLcode code, const extmgr_operation *operation)
{
	switch (code) {
	case CURLE_OK:
		return EXTMGR_OK;
	case CURLE_ABORTED_BY_CALLBACK:
		return extmgr_operation_is_cancelled(operation) ? EXTMGR_E_CANCELLED
								: EXTMGR_E_TIMEOUT;
	case CURLE_OUT_OF_MEMORY:
		return EXTMGR_E_NO_MEMORY;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return EXTMGR_E_TLS;
	default:
		return EXTMGR_E_TRANSFER;
	}
}

static struct curl_slist *headers_of(const extmgr_http_request *request, bool *complete)
{
	struct curl_slist *headers = NULL;
	const char *header;

	*complete = true;
	for (size_t i = 0; *complete && (header = extmgr_http_request_get_header(request, i));
	     i++) {
		struct curl_slist *longer = curl_slist_append(headers, header);

		*complete = longer != NULL;
		headers = longer ? longer : headers;
	}
	return headers;
}

static extmgr_result finish(struct receiving *receiving, CURLcode code, const char *text,
			    const extmgr_operation *operation, extmgr_host_error *error)
{
	const char *message = *text ? text : curl_easy_strerror(code);
	extmgr_result result = receiving->refused ? EXTMGR_E_TOO_LARGE : code_of(code, operation);

	if (result == EXTMGR_OK || receiving->refused) {
		extmgr_result told =
			tell_status(receiving) ? tell_headers(receiving) : EXTMGR_E_TRANSFER;

		result = told == EXTMGR_OK ? result : told;
	}
	if (result != EXTMGR_OK)
		extmgr_host_error_set(error, (int32_t)code, NULL, message, strlen(message));
	return result;
}

static extmgr_result get(void *user_data, extmgr_operation *operation,
			 const extmgr_http_request *request, extmgr_http_response *response,
			 extmgr_host_error *error)
{
	struct client *client = user_data;
	char text[CURL_ERROR_SIZE] = "";
	struct receiving receiving = {.response = response};
	struct transfer transfer;
	struct curl_slist *headers;
	extmgr_result result;
	bool complete;

	if (!transfer_take(client, &transfer))
		return EXTMGR_E_NO_MEMORY;
	receiving.easy = transfer.easy;
	headers = headers_of(request, &complete);
	if (!complete || !set_up(&receiving, client, request, headers, text) ||
	    curl_multi_add_handle(transfer.multi, transfer.easy) != CURLM_OK) {
		result = EXTMGR_E_NO_MEMORY;
	} else {
		result = finish(&receiving, run(&transfer, operation), text, operation, error);
		(void)curl_multi_remove_handle(transfer.multi, transfer.easy);
	}
	curl_slist_free_all(headers);
	transfer_give_back(client, &transfer);
	return result;
}

static extmgr_result options_read(const extmgr_curl_options *given, extmgr_curl_options *options,
				  extmgr_error **error)
{
	extmgr_curl_options_init(options, sizeof(*options));
	if (given && given->struct_size != sizeof(*options))
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "extmgr_curl_options: struct_size %u is wrong; use "
					     "the _init function",
					     (unsigned)given->struct_size);
	if (given)
		*options = *given;
	if (options->flags)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "extmgr_curl_options: unknown flags 0x%x",
					     (unsigned)options->flags);
	if (options->connect_timeout_ms > INT32_MAX || options->timeout_ms > INT32_MAX)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "extmgr_curl_options: a timeout is above %d ms",
					     (int)INT32_MAX);
	if (!options->connect_timeout_ms)
		options->connect_timeout_ms = 10000;
	if (!options->timeout_ms)
		options->timeout_ms = 60000;
	return EXTMGR_OK;
}

static struct client *make(const extmgr_curl_options *options)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->connect_timeout_ms = options->connect_timeout_ms;
	client->timeout_ms = options->timeout_ms;
	client->ca_file = options->ca_file ? strdup(options->ca_file) : NULL;
	client->proxy = options->proxy ? strdup(options->proxy) : NULL;
	if ((client->ca_file || !options->ca_file) && (client->proxy || !options->proxy) &&
	    !pthread_mutex_init(&client->lock, NULL))
		return client;
	free(client->ca_file);
	free(client->proxy);
	free(client);
	return NULL;
}

extmgr_result extmgr_curl_open(const extmgr_curl_options *options, extmgr_http **http_out,
			       extmgr_error **error_out)
{
	extmgr_http_callbacks callbacks;
	extmgr_curl_options checked;
	struct client *client;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!http_out)
		return extmgr__drivers_error(error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "http_out is NULL");
	*http_out = NULL;
	result = options_read(options, &checked, error_out);
	if (result != EXTMGR_OK)
		return result;
	pthread_once(&once, start);
	if (started != CURLE_OK ||
	    !(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_SSL))
		return extmgr__drivers_error(error_out, EXTMGR_E_UNSUPPORTED,
					     "install a libcurl with TLS",
					     "libcurl cannot be used");
	client = make(&checked);
	if (!client)
		return extmgr__drivers_error(error_out, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	extmgr_http_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.get = get;
	callbacks.destroy = destroy;
	result = extmgr_http_new(&callbacks, client, http_out, error_out);
	if (result != EXTMGR_OK)
		destroy(client);
	return result;
}

#endif
