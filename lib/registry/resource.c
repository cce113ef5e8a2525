/* SPDX-License-Identifier: MIT */
#include "registry/resource.h"

#include "base/url.h"
#include "host/cache_directory.h"
#include "host/http.h"

#include <string.h>
#include <time.h>

#define COMPLAINT_SHOWN 300

int64_t extmgr__now(void)
{
	return (int64_t)time(NULL);
}

static const char *reason_of(int32_t status)
{
	static const struct {
		int32_t status;
		const char *reason;
	} reasons[] = {
		{400, " Bad Request"},
		{401, " Unauthorized"},
		{403, " Forbidden"},
		{404, " Not Found"},
		{410, " Gone"},
		{429, " Too Many Requests"},
		{500, " Internal Server Error"},
		{502, " Bad Gateway"},
		{503, " Service Unavailable"},
		{504, " Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

/* The words that existing clients know. */
static extmgr_result status_error(const char *url, const struct extmgr__http_answer *answer,
				  extmgr_error **error)
{
	struct extmgr__buffer shown = EXTMGR__BUFFER(2 * EXTMGR__URL_MAXIMUM);
	struct extmgr__buffer said = EXTMGR__BUFFER(4 * COMPLAINT_SHOWN);
	bool has_secrets;

	extmgr__url_append_public(&shown, url);
	/* Who is told a secret may repeat it. */
	has_secrets = strcmp(extmgr__buffer_get(&shown), url) != 0;
	if (!has_secrets)
		extmgr__utf8_append_line(&said, extmgr__buffer_get(&answer->body),
					 extmgr__utf8_cut(extmgr__buffer_get(&answer->body),
							  answer->body.length, COMPLAINT_SHOWN));
	extmgr__error_set(error, EXTMGR_E_HTTP_STATUS,
			  "registry at %s returned status \"%d%s\"%s%s%s",
			  extmgr__buffer_get(&shown), (int)answer->status,
			  reason_of(answer->status), has_secrets ? "" : " and response \"",
			  extmgr__buffer_get(&said), has_secrets ? "" : "\"");
	extmgr__error_detail_number(error, "status", answer->status);
	extmgr__buffer_free(&shown);
	extmgr__buffer_free(&said);
	return EXTMGR_E_HTTP_STATUS;
}

static bool status_is_unavailable(int32_t status)
{
	return status >= 500 || status == 408 || status == 429;
}

/* What says nothing about the content. A deadline or cancel of the caller is none of it. */
static bool is_unavailable(extmgr_result result)
{
	switch (result) {
	case EXTMGR_E_TRANSFER:
	case EXTMGR_E_TLS:
	case EXTMGR_E_HOST:
		return true;
	default:
		return false;
	}
}

static extmgr_result get(extmgr_context *context, extmgr_operation *operation,
			 const struct extmgr__http_fetch *fetch, struct extmgr__http_answer *answer,
			 bool *unavailable, extmgr_error **error)
{
	extmgr_result result =
		extmgr__http_get(extmgr__context_http(context), operation, fetch, answer, error);

	if (unavailable)
		*unavailable = result != EXTMGR_OK ? is_unavailable(result)
						   : status_is_unavailable(answer->status);
	return result;
}

extmgr_result extmgr__resource_fetch(extmgr_context *context, extmgr_operation *operation,
				     const struct extmgr__resource *resource,
				     const struct extmgr__record *old,
				     struct extmgr__record **record_out, bool *unavailable,
				     extmgr_error **error)
{
	const struct extmgr__http_fetch fetch = {
		.url = resource->url,
		.etag = old ? old->etag : NULL,
		.last_modified = old ? old->last_modified : NULL,
		.maximum = resource->maximum,
		.refresh = resource->refresh,
	};
	struct extmgr__http_answer answer;
	extmgr_result result;

	*record_out = NULL;
	result = get(context, operation, &fetch, &answer, unavailable, error);
	if (result != EXTMGR_OK)
		return result;
	if (answer.status == 304 && (fetch.etag || fetch.last_modified))
		*record_out = extmgr__record_renew(old, answer.headers[EXTMGR__HTTP_CACHE_CONTROL],
						   extmgr__now());
	else if (answer.status == 200)
		*record_out = extmgr__record_new(&answer.body, answer.headers[EXTMGR__HTTP_ETAG],
						 answer.headers[EXTMGR__HTTP_LAST_MODIFIED],
						 answer.headers[EXTMGR__HTTP_CACHE_CONTROL],
						 extmgr__now());
	else
		result = status_error(resource->url, &answer, error);
	if (result == EXTMGR_OK &&
	    (!*record_out || extmgr__record_set_base(*record_out, answer.url) != EXTMGR_OK)) {
		extmgr__record_unref(*record_out);
		*record_out = NULL;
		result = extmgr__error_no_memory(error);
	}
	extmgr__http_answer_free(&answer);
	return result;
}

extmgr_result extmgr__resource_fetch_optional(extmgr_context *context, extmgr_operation *operation,
					      const char *url, uint64_t maximum,
					      struct extmgr__buffer *content, bool *found,
					      bool *unavailable, extmgr_error **error)
{
	const struct extmgr__http_fetch fetch = {.url = url, .maximum = maximum};
	struct extmgr__http_answer answer;
	extmgr_result result;

	*content = EXTMGR__BUFFER(0);
	*found = false;
	result = get(context, operation, &fetch, &answer, unavailable, error);
	if (result != EXTMGR_OK)
		return result;
	*found = answer.status == 200;
	if (*found) {
		*content = answer.body;
		answer.body = EXTMGR__BUFFER(0);
	} else if (answer.status != 403 && answer.status != 404 && answer.status != 410) {
		result = status_error(url, &answer, error);
	}
	extmgr__http_answer_free(&answer);
	return result;
}

struct extmgr__record *extmgr__resource_load(extmgr_context *context, const char *kind,
					     const char *key)
{
	const char *directory = extmgr__context_cache_directory(context);
	struct extmgr__record *record = NULL;
	struct extmgr__buffer content;

	if (!directory ||
	    extmgr__cache_directory_read(directory, kind, key, &content, NULL) != EXTMGR_OK)
		return NULL;
	if (extmgr__record_read(extmgr__buffer_get(&content), content.length, &record, NULL) !=
	    EXTMGR_OK)
		record = NULL;
	extmgr__buffer_free(&content);
	return record;
}

void extmgr__resource_store(extmgr_context *context, const char *kind, const char *key,
			    const struct extmgr__record *record)
{
	const char *directory = extmgr__context_cache_directory(context);
	struct extmgr__buffer content = EXTMGR__BUFFER(EXTMGR__CACHE_ENTRY_MAXIMUM);
	extmgr_error *error = NULL;

	if (!directory || record->no_store)
		return;
	extmgr__record_write(record, &content);
	if (extmgr__buffer_result(&content) == EXTMGR_OK &&
	    extmgr__cache_directory_write(directory, kind, key, content.data, content.length,
					  &error) != EXTMGR_OK)
		extmgr__context_log(context, EXTMGR_LOG_DEBUG, "registry",
				    "cannot write to the cache: %s",
				    extmgr_error_get_message(error));
	extmgr_error_free(error);
	extmgr__buffer_free(&content);
}
