/* SPDX-License-Identifier: MIT */
#include "registry/record.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_LIFETIME 300
#define MAX_AGE_MAXIMUM  31536000 /* a year */
#define HEAD_MAXIMUM     ((size_t)64 << 10)
#define TIME_MAXIMUM     9007199254740991.0

static bool is_directive(const char *text, size_t length, const char *name)
{
	return length == strlen(name) && strncasecmp(text, name, length) == 0;
}

/* max-age, no-cache, no-store; the rest is for caches that others share. */
static void read_cache_control(struct extmgr__record *record, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, ",");
		size_t blanks = strspn(text, " \t");
		const char *name = text + (blanks < length ? blanks : length);
		size_t rest = length - (size_t)(name - text);

		while (rest && (name[rest - 1] == ' ' || name[rest - 1] == '\t'))
			rest--;
		if (is_directive(name, rest, "no-store"))
			record->no_store = true;
		if (is_directive(name, rest, "no-store") || is_directive(name, rest, "no-cache"))
			record->max_age = 0;
		else if (rest > 8 && strncasecmp(name, "max-age=", 8) == 0 &&
			 strchr("0123456789", name[8]) && record->max_age != 0)
			record->max_age = strtoll(name + 8, NULL, 10);
		if (record->max_age > MAX_AGE_MAXIMUM)
			record->max_age = MAX_AGE_MAXIMUM;
		text += length + (text[length] == ',');
	}
}

static struct extmgr__record *record_alloc(void)
{
	struct extmgr__record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	atomic_init(&record->references, 1);
	record->max_age = -1;
	return record;
}

static bool copy_text(char **to, const char *text)
{
	*to = extmgr__strdup(text);
	return *to || !text;
}

struct extmgr__record *extmgr__record_new(struct extmgr__buffer *body, const char *etag,
					  const char *last_modified, const char *cache_control,
					  int64_t now)
{
	struct extmgr__record *record = record_alloc();
	extmgr_result result;

	if (!record) {
		extmgr__buffer_free(body);
		return NULL;
	}
	record->body = extmgr__buffer_take_text(body, &result);
	record->fetched = now;
	if (cache_control)
		read_cache_control(record, cache_control);
	if (record->body && copy_text(&record->etag, etag) &&
	    copy_text(&record->last_modified, last_modified) &&
	    extmgr__hash_sha256_hex(extmgr_text_get_data(record->body),
				    extmgr_text_get_length(record->body),
				    record->sha256) == EXTMGR_OK)
		return record;
	extmgr__record_unref(record);
	return NULL;
}

struct extmgr__record *extmgr__record_renew(const struct extmgr__record *record,
					    const char *cache_control, int64_t now)
{
	struct extmgr__buffer body = EXTMGR__BUFFER(SIZE_MAX);
	struct extmgr__record *renewed;

	extmgr__buffer_append(&body, extmgr_text_get_data(record->body),
			      extmgr_text_get_length(record->body));
	renewed =
		extmgr__record_new(&body, record->etag, record->last_modified, cache_control, now);
	if (!renewed)
		return NULL;
	if (!cache_control)
		renewed->max_age = record->max_age;
	renewed->refreshed = record->refreshed;
	renewed->signature_sought = record->signature_sought;
	if (copy_text(&renewed->base, record->base) &&
	    copy_text(&renewed->signature, record->signature))
		return renewed;
	extmgr__record_unref(renewed);
	return NULL;
}

extmgr_result extmgr__record_set_signature(struct extmgr__record *record, const char *signature,
					   size_t length)
{
	record->signature_sought = true;
	free(record->signature);
	record->signature = signature ? extmgr__memdup(signature, length) : NULL;
	return record->signature || !signature ? EXTMGR_OK : EXTMGR_E_NO_MEMORY;
}

extmgr_result extmgr__record_set_base(struct extmgr__record *record, const char *url)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(EXTMGR__URL_MAXIMUM + 8);

	free(record->base);
	record->base = NULL;
	if (!url)
		return EXTMGR_OK;
	extmgr__url_append_public(&text, url);
	if (extmgr__buffer_result(&text) != EXTMGR_OK) {
		extmgr__buffer_free(&text);
		return EXTMGR_E_NO_MEMORY;
	}
	/* A query is none of a base's. */
	text.data[strcspn(text.data, "?")] = '\0';
	record->base = text.data;
	return EXTMGR_OK;
}

struct extmgr__record *extmgr__record_ref(struct extmgr__record *record)
{
	atomic_fetch_add_explicit(&record->references, 1, memory_order_relaxed);
	return record;
}

void extmgr__record_unref(struct extmgr__record *record)
{
	if (!record || atomic_fetch_sub(&record->references, 1) != 1)
		return;
	extmgr_text_free(record->body);
	free(record->base);
	free(record->etag);
	free(record->last_modified);
	free(record->signature);
	free(record);
}

bool extmgr__record_is_fresh(const struct extmgr__record *record, int64_t lifetime, int64_t now)
{
	if (!lifetime)
		lifetime = record->max_age >= 0 ? record->max_age : DEFAULT_LIFETIME;
	/* A clock that was set back must not keep anything for ever. */
	return now >= record->fetched && now - record->fetched < lifetime;
}

void extmgr__record_write(const struct extmgr__record *record, struct extmgr__buffer *buffer)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(buffer);

	extmgr__json_begin_object(&writer);
	extmgr__json_member_integer(&writer, "fetched", record->fetched);
	extmgr__json_member_integer(&writer, "maxAge", record->max_age);
	extmgr__json_member_integer(&writer, "refreshed", record->refreshed);
	extmgr__json_member_string(&writer, "base", record->base);
	extmgr__json_member_string(&writer, "etag", record->etag);
	extmgr__json_member_string(&writer, "lastModified", record->last_modified);
	extmgr__json_member_boolean(&writer, "signatureSought", record->signature_sought);
	extmgr__json_member_string(&writer, "signature", record->signature);
	extmgr__json_end_object(&writer);
	extmgr__buffer_putc(buffer, '\n');
	extmgr__buffer_append(buffer, extmgr_text_get_data(record->body),
			      extmgr_text_get_length(record->body));
}

static bool read_time(const extmgr__json *head, const char *key, int64_t minimum, int64_t *value)
{
	const extmgr__json *member = extmgr__json_get(head, key);
	double number = extmgr__json_get_number(member);

	if (!member || extmgr__json_get_type(member) != EXTMGR__JSON_NUMBER ||
	    number < (double)minimum || number > TIME_MAXIMUM)
		return false;
	*value = (int64_t)number;
	return true;
}

static extmgr_result read_head(const extmgr__json *head, struct extmgr__record *record)
{
	const char *signature = extmgr__json_get_member_string(head, "signature");

	if (!read_time(head, "fetched", 0, &record->fetched) ||
	    !read_time(head, "maxAge", -1, &record->max_age) ||
	    !read_time(head, "refreshed", 0, &record->refreshed))
		return EXTMGR_E_FORMAT;
	if (!copy_text(&record->base, extmgr__json_get_member_string(head, "base")) ||
	    !copy_text(&record->etag, extmgr__json_get_member_string(head, "etag")) ||
	    !copy_text(&record->last_modified,
		       extmgr__json_get_member_string(head, "lastModified")) ||
	    !copy_text(&record->signature, signature))
		return EXTMGR_E_NO_MEMORY;
	record->signature_sought = extmgr__json_is_true(extmgr__json_get(head, "signatureSought"));
	return EXTMGR_OK;
}

static extmgr_result read_body(struct extmgr__record *record, const char *bytes, size_t length)
{
	record->body = extmgr__text_new(bytes, length);
	if (!record->body)
		return EXTMGR_E_NO_MEMORY;
	return extmgr__hash_sha256_hex(bytes, length, record->sha256);
}

extmgr_result extmgr__record_read(const char *bytes, size_t length,
				  struct extmgr__record **record_out, extmgr_error **error)
{
	const char *end = memchr(bytes, '\n', length < HEAD_MAXIMUM ? length : HEAD_MAXIMUM);
	struct extmgr__record *record;
	extmgr__json *head = NULL;
	extmgr_result result;

	*record_out = NULL;
	if (!end)
		return extmgr__error_set(error, EXTMGR_E_FORMAT, "a cache entry has no head");
	result = extmgr__json_parse(bytes, (size_t)(end - bytes), "the head of a cache entry",
				    &head, error);
	if (result != EXTMGR_OK)
		return result;
	record = record_alloc();
	result = record ? read_head(head, record) : EXTMGR_E_NO_MEMORY;
	extmgr__json_free(head);
	if (result == EXTMGR_OK)
		result = read_body(record, end + 1, length - (size_t)(end + 1 - bytes));
	if (result != EXTMGR_OK) {
		extmgr__record_unref(record);
		return extmgr__error_from_result(error, result, "a cache entry");
	}
	*record_out = record;
	return EXTMGR_OK;
}
