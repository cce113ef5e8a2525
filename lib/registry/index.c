/* SPDX-License-Identifier: MIT */
#include "registry/index.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/semver.h"
#include "registry/names.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SERIAL_MAXIMUM  9007199254740991.0 /* what JSON numbers hold exactly */
#define VERSION_MAXIMUM 255
#define URL_MAXIMUM     8192

struct parsing {
	struct extmgr__index *index;
	size_t capacity;
	extmgr_error **error;
};

/* where: "entry 3: " or "". */
static extmgr_result fault(const struct parsing *parsing, const char *where, const char *what)
{
	return extmgr__error_set(parsing->error, EXTMGR_E_INDEX_FORMAT, "%s%s", where, what);
}

/* Copies a text member; one that is missing or null stays NULL. */
static extmgr_result take_text(const struct parsing *parsing, const extmgr__json *object,
			       const char *key, size_t maximum, const char *where, char **text_out)
{
	const extmgr__json *member = extmgr__json_get(object, key);
	const char *text = extmgr__json_get_string(member);

	if (!member || extmgr__json_get_type(member) == EXTMGR__JSON_NULL)
		return EXTMGR_OK;
	if (!text)
		return extmgr__error_set(parsing->error, EXTMGR_E_INDEX_FORMAT,
					 "%s\"%s\" is no text", where, key);
	if (strlen(text) > maximum || extmgr__text_has_control(text, strlen(text)))
		return extmgr__error_set(parsing->error, EXTMGR_E_INDEX_FORMAT,
					 "%s\"%s\" is longer than %zu bytes or has control "
					 "characters",
					 where, key, maximum);
	*text_out = extmgr__strdup(text);
	return *text_out ? EXTMGR_OK : extmgr__error_no_memory(parsing->error);
}

/* 64 hexadecimal digits, with or without "sha256:". */
static bool take_digest(const char *text, char hex[EXTMGR__SHA256_HEX_SIZE])
{
	if (strncmp(text, "sha256:", 7) == 0)
		text += 7;
	if (strlen(text) != EXTMGR__SHA256_HEX_SIZE - 1)
		return false;
	for (size_t i = 0; text[i]; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
		hex[i] = (char)tolower((unsigned char)text[i]);
	}
	hex[EXTMGR__SHA256_HEX_SIZE - 1] = '\0';
	return true;
}

static extmgr_result take_entry(const struct parsing *parsing, const extmgr__json *object,
				struct extmgr__index_entry *entry, const char *where)
{
	char *digest = NULL;
	char *id = NULL;
	extmgr_result result;

	result = take_text(parsing, object, "id", SIZE_MAX, where, &id);
	if (result == EXTMGR_OK && !id)
		result = fault(parsing, where, "\"id\" is missing");
	if (result == EXTMGR_OK) {
		entry->id = extmgr__registry_canonical_id(id);
		if (!entry->id)
			result = extmgr__error_no_memory(parsing->error);
		else if (!extmgr__is_plain_name(entry->id))
			result = fault(parsing, where, "\"id\" is no plain name");
	}
	if (result == EXTMGR_OK)
		result = take_text(parsing, object, "url", URL_MAXIMUM, where, &entry->url);
	if (result == EXTMGR_OK && !entry->url) {
		entry->url = extmgr__strdup("");
		if (!entry->url)
			result = extmgr__error_no_memory(parsing->error);
	}
	if (result == EXTMGR_OK)
		result = take_text(parsing, object, "version", VERSION_MAXIMUM, where,
				   &entry->version);
	if (result == EXTMGR_OK)
		result = take_text(parsing, object, "signature", URL_MAXIMUM, where,
				   &entry->signature);
	if (result == EXTMGR_OK)
		result = take_text(parsing, object, "sha256", URL_MAXIMUM, where, &digest);
	if (result == EXTMGR_OK && digest && !take_digest(digest, entry->sha256))
		result = fault(parsing, where, "\"sha256\" is no SHA-256");
	free(digest);
	free(id);
	return result;
}

static extmgr_result append_entry(struct parsing *parsing, const extmgr__json *object)
{
	struct extmgr__index *index = parsing->index;
	struct extmgr__index_entry *grown;
	char where[32];

	(void)snprintf(where, sizeof(where), "entry %zu: ", index->count + 1);
	if (index->count == EXTMGR__INDEX_ENTRIES)
		return fault(parsing, "", "it has more than 10000 entries");
	if (extmgr__json_get_type(object) != EXTMGR__JSON_OBJECT)
		return fault(parsing, where, "it is no object");
	grown = extmgr__array_grow(index->entries, index->count, &parsing->capacity,
				   sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(parsing->error);
	index->entries = grown;
	grown[index->count] = (struct extmgr__index_entry){0};
	return take_entry(parsing, object, &grown[index->count++], where);
}

static extmgr_result take_entries(struct parsing *parsing, const extmgr__json *document)
{
	const extmgr__json *list = extmgr__json_get(document, "extensions");
	extmgr_result result = EXTMGR_OK;

	if (!list || extmgr__json_get_type(list) == EXTMGR__JSON_NULL)
		return EXTMGR_OK;
	if (extmgr__json_get_type(list) != EXTMGR__JSON_ARRAY)
		return fault(parsing, "", "\"extensions\" is no array");
	for (const extmgr__json *at = extmgr__json_first(list); at && result == EXTMGR_OK;
	     at = extmgr__json_next(at))
		result = append_entry(parsing, at);
	return result;
}

static extmgr_result take_serial(const struct parsing *parsing, const extmgr__json *document)
{
	const extmgr__json *member = extmgr__json_get(document, "serial");
	double number = extmgr__json_get_number(member);

	parsing->index->serial = -1;
	if (!member || extmgr__json_get_type(member) == EXTMGR__JSON_NULL)
		return EXTMGR_OK;
	if (extmgr__json_get_type(member) != EXTMGR__JSON_NUMBER || number < 0 ||
	    number > SERIAL_MAXIMUM || number != floor(number))
		return fault(parsing, "", "\"serial\" is no whole number from 0 to 2^53 - 1");
	parsing->index->serial = (int64_t)number;
	return EXTMGR_OK;
}

/* "2030-12-31T23:59:59Z", "2030-12-31T23:59:59.5+02:00" (RFC 3339) or "2030-12-31". */
static bool read_time(const char *text, int64_t *seconds)
{
	struct tm parts = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &parts);
	struct tm offset = {0};
	int sign;

	if (!rest || strcspn(text, "-") != 4)
		return false;
	if (!*rest) {
		*seconds = (int64_t)timegm(&parts);
		return true;
	}
	if (*rest != 'T' && *rest != 't')
		return false;
	rest = strptime(rest + 1, "%H:%M:%S", &parts);
	if (rest && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!rest)
		return false;
	*seconds = (int64_t)timegm(&parts);
	if (strcasecmp(rest, "z") == 0)
		return true;
	sign = *rest == '+' ? 1 : *rest == '-' ? -1 : 0;
	rest = sign ? strptime(rest + 1, "%H:%M", &offset) : NULL;
	if (!rest || *rest)
		return false;
	*seconds -= (int64_t)sign * (offset.tm_hour * 3600 + offset.tm_min * 60);
	return true;
}

static extmgr_result take_expires(const struct parsing *parsing, const extmgr__json *document)
{
	struct extmgr__index *index = parsing->index;
	extmgr_result result;

	index->expires = -1;
	result = take_text(parsing, document, "expires", 64, "", &index->expires_text);
	if (result == EXTMGR_OK && index->expires_text &&
	    !read_time(index->expires_text, &index->expires))
		result = fault(parsing, "",
			       "\"expires\" is no time such as \"2030-12-31T23:59:59Z\"");
	return result;
}

/* ---- several of one id ---- */

struct ranked {
	struct extmgr__index_entry entry;
	size_t position; /* in the document */
};

static int compare_versions(const struct extmgr__index_entry *a,
			    const struct extmgr__index_entry *b)
{
	return extmgr__semver_compare(a->version ? a->version : "", b->version ? b->version : "");
}

/* By id, then the highest version, then the first in the document. */
static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left;
	const struct ranked *b = right;
	int order = strcmp(a->entry.id, b->entry.id);

	if (!order)
		order = -compare_versions(&a->entry, &b->entry);
	return order ? order : (a->position > b->position) - (a->position < b->position);
}

static extmgr_result rank(const struct parsing *parsing)
{
	struct extmgr__index *index = parsing->index;
	struct ranked *ranked = calloc(index->count + 1, sizeof(*ranked));

	if (!ranked)
		return extmgr__error_no_memory(parsing->error);
	for (size_t i = 0; i < index->count; i++)
		ranked[i] = (struct ranked){index->entries[i], i};
	qsort(ranked, index->count, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < index->count; i++) {
		struct extmgr__index_entry *entry = &index->entries[i];

		*entry = ranked[i].entry;
		entry->superseded = i > 0 && strcmp(entry->id, entry[-1].id) == 0;
		entry->duplicate = entry->superseded && compare_versions(entry, &entry[-1]) == 0;
	}
	free(ranked);
	return EXTMGR_OK;
}

/* ---- the whole ---- */

static extmgr_result parse_document(struct parsing *parsing, const extmgr__json *document)
{
	extmgr_result result;

	if (extmgr__json_get_type(document) != EXTMGR__JSON_OBJECT)
		return fault(parsing, "", "it is no object");
	result = take_entries(parsing, document);
	if (result == EXTMGR_OK)
		result = take_serial(parsing, document);
	if (result == EXTMGR_OK)
		result = take_expires(parsing, document);
	if (result == EXTMGR_OK)
		result = take_text(parsing, document, "signature", URL_MAXIMUM, "",
				   &parsing->index->signature);
	if (result == EXTMGR_OK)
		result = rank(parsing);
	return result;
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!strchr(" \t\r\n", text[i]))
			return false;
	}
	return true;
}

extmgr_result extmgr__index_parse(const char *text, size_t length, struct extmgr__index **index_out,
				  extmgr_error **error)
{
	struct parsing parsing = {.error = error};
	extmgr__json *document = NULL;
	extmgr_result result;

	*index_out = NULL;
	if (is_blank(text, length)) /* in the words that existing clients know */
		return extmgr__error_set(error, EXTMGR_E_INDEX_FORMAT, "EOF");
	result = extmgr__json_parse(text, length, "the index", &document, error);
	if (result == EXTMGR_E_FORMAT)
		return extmgr__error_wrap(error, EXTMGR_E_INDEX_FORMAT, "malformed JSON");
	if (result != EXTMGR_OK)
		return result;
	parsing.index = calloc(1, sizeof(*parsing.index));
	result =
		parsing.index ? parse_document(&parsing, document) : extmgr__error_no_memory(error);
	extmgr__json_free(document);
	if (result != EXTMGR_OK) {
		extmgr__index_free(parsing.index);
		return result;
	}
	*index_out = parsing.index;
	return EXTMGR_OK;
}

void extmgr__index_free(struct extmgr__index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->count; i++) {
		free(index->entries[i].id);
		free(index->entries[i].url);
		free(index->entries[i].version);
		free(index->entries[i].signature);
	}
	free(index->entries);
	free(index->expires_text);
	free(index->signature);
	free(index);
}

const struct extmgr__index_entry *extmgr__index_find(const struct extmgr__index *index,
						     const char *id)
{
	size_t low = 0;
	size_t high = index->count;

	/* The first of its id is the one in use. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->entries[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < index->count && strcmp(index->entries[low].id, id) == 0 ? &index->entries[low]
									     : NULL;
}
