/* SPDX-License-Identifier: MIT */
/* The index of a registry, and what is kept of it: parsed, written, remembered. */
#include "test.h"

#include "registry/index.h"
#include "registry/record.h"
#include "registry/seen.h"

#include <extmgr/extmgr.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct extmgr__index *parse(const char *text)
{
	struct extmgr__index *index = NULL;
	extmgr_error *error = NULL;

	if (extmgr__index_parse(text, strlen(text), &index, &error) != EXTMGR_OK)
		fail_msg("%s: %s", text, extmgr_error_get_message(error));
	return index;
}

/* Compares the index as text: id=url@version for each entry, '-' before superseded ones, '=' before
 * duplicates. */
static void assert_index(const char *text, const char *expected)
{
	struct extmgr__index *index = parse(text);
	char found[512] = "";

	for (size_t i = 0; i < index->count; i++) {
		const struct extmgr__index_entry *entry = &index->entries[i];
		size_t length = strlen(found);

		(void)snprintf(found + length, sizeof(found) - length, "%s%s%s=%s%s%s",
			       i ? " " : "",
			       entry->duplicate    ? "="
			       : entry->superseded ? "-"
						   : "",
			       entry->id, entry->url, entry->version ? "@" : "",
			       entry->version ? entry->version : "");
	}
	assert_string_equal(found, expected);
	extmgr__index_free(index);
}

/* EX 11.10: TestGetExtensionIDs, TestGetExtension; ids are sorted here. */
static void test_plain_indices(void **state)
{
	(void)state;
	assert_index("{}", "");
	assert_index("{\"extensions\":null}", "");
	assert_index("{\"extensions\":[]}", "");
	assert_index("{\"extensions\":[{\"id\":\"ext1\"}]}", "ext1=");
	assert_index("{\"extensions\":[{\"id\":\"ext1\",\"unexpected\":[{}]}],\"more\":1}",
		     "ext1=");
	assert_index("{\"extensions\":[{\"id\":\"b\",\"url\":\"u1\"},{\"id\":\"a.js\",\"url\":"
		     "\"u2\"},{\"id\":\"c\",\"url\":null}]}",
		     "a=u2 b=u1 c=");
}

static void test_several_of_one_id(void **state)
{
	(void)state;
	assert_index("{\"extensions\":["
		     "{\"id\":\"x\",\"url\":\"1\",\"version\":\"1.9.0\"},"
		     "{\"id\":\"x\",\"url\":\"2\",\"version\":\"1.10.0\"},"
		     "{\"id\":\"x.js\",\"url\":\"3\",\"version\":\"1.10.0\"},"
		     "{\"id\":\"x\",\"url\":\"4\",\"version\":\"1.10.0-rc.1\"},"
		     "{\"id\":\"x\",\"url\":\"5\"}]}",
		     "x=2@1.10.0 =x=3@1.10.0 -x=4@1.10.0-rc.1 -x=1@1.9.0 -x=5");
	assert_index("{\"extensions\":[{\"id\":\"x\",\"url\":\"1\"},{\"id\":\"x\",\"url\":\"2\"}]}",
		     "x=1 =x=2");
}

static void test_optional_keys(void **state)
{
	struct extmgr__index *index =
		parse("{\"serial\":7,\"expires\":\"1970-01-02T00:00:00Z\",\"signature\":\"s\","
		      "\"extensions\":[{\"id\":\"a\",\"sha256\":\"" HEX "\",\"signature\":\"t\"},"
		      "{\"id\":\"b\",\"sha256\":\"sha256:ABCDEF6789abcdef0123456789abcdef01234567"
		      "89abcdef0123456789abcdef\"}]}");

	(void)state;
	assert_int_equal(index->serial, 7);
	assert_int_equal(index->expires, 86400);
	assert_string_equal(index->signature, "s");
	assert_string_equal(index->entries[0].sha256, HEX);
	assert_string_equal(index->entries[0].signature, "t");
	assert_memory_equal(index->entries[1].sha256, "abcdef", 6);
	assert_ptr_equal(extmgr__index_find(index, "b"), &index->entries[1]);
	assert_null(extmgr__index_find(index, "aa"));
	assert_null(extmgr__index_find(index, "c"));
	extmgr__index_free(index);
	index = parse("{}");
	assert_int_equal(index->serial, -1);
	assert_int_equal(index->expires, -1);
	assert_null(extmgr__index_find(index, ""));
	extmgr__index_free(index);
}

static void test_times(void **state)
{
	const struct {
		const char *text;
		long long seconds; /* -1: malformed */
	} cases[] = {
		{"1970-01-01", 0},
		{"1970-01-01T00:00:01Z", 1},
		{"1970-01-01t00:00:01.999z", 1},
		{"1970-01-01T02:00:00+02:00", 0},
		{"1969-12-31T22:30:00-01:30", 0},
		{"2038-01-19T03:14:08Z", 2147483648},
		{"1970-01-01T00:00:00", -1},
		{"1970-01-01 00:00:00Z", -1},
		{"1970-13-01T00:00:00Z", -1},
		{"1970-01-01T25:00:00Z", -1},
		{"1970-01-01T00:00:00Zx", -1},
		{"1970-01-01T00:00:00+02", -1},
		{"70-01-01", -1},
		{"tomorrow", -1},
		{"", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__index *index = NULL;
		char text[128];
		extmgr_result result;

		(void)snprintf(text, sizeof(text), "{\"expires\":\"%s\"}", cases[i].text);
		result = extmgr__index_parse(text, strlen(text), &index, NULL);
		if ((result == EXTMGR_OK) != (cases[i].seconds >= 0))
			fail_msg("%s", cases[i].text);
		if (index)
			assert_int_equal(index->expires, cases[i].seconds);
		extmgr__index_free(index);
	}
}

static void test_malformed_indices(void **state)
{
	const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"", "EOF"},
		{" \n", "EOF"},
		{"invalid", "malformed JSON"},
		{"{\"extensions\":[", "malformed JSON"},
		{"{} {}", "malformed JSON"},
		{"{\"a\":1,\"a\":2}", "malformed JSON"},
		{"{\"extensions\":[{\"id\":\"\xff\"}]}", "malformed JSON"},
		{"{\"extensions\":[{\"id\":\"a\\u0000b\"}]}", "malformed JSON"},
		{"[]", "it is no object"},
		{"1", "it is no object"},
		{"{\"extensions\":{}}", "\"extensions\" is no array"},
		{"{\"extensions\":[1]}", "entry 1: it is no object"},
		{"{\"extensions\":[{\"id\":\"a\"},{}]}", "entry 2: \"id\" is missing"},
		{"{\"extensions\":[{\"id\":null}]}", "\"id\" is missing"},
		{"{\"extensions\":[{\"id\":1}]}", "\"id\" is no text"},
		{"{\"extensions\":[{\"id\":\"\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"..\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"../x\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"a/b\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"a\\\\b\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"a.js.js\"}]}", "\"id\" is no plain name"},
		{"{\"extensions\":[{\"id\":\"a\\nb\"}]}", "control characters"},
		{"{\"extensions\":[{\"id\":\"a\",\"url\":1}]}", "\"url\" is no text"},
		{"{\"extensions\":[{\"id\":\"a\",\"version\":{}}]}", "\"version\" is no text"},
		{"{\"extensions\":[{\"id\":\"a\",\"sha256\":\"12\"}]}", "\"sha256\" is no SHA-256"},
		{"{\"extensions\":[{\"id\":\"a\",\"sha256\":\"" HEX "0\"}]}",
		 "\"sha256\" is no SHA-256"},
		{"{\"serial\":\"1\"}", "\"serial\""},
		{"{\"serial\":-1}", "\"serial\""},
		{"{\"serial\":1.5}", "\"serial\""},
		{"{\"serial\":9007199254740993}", "\"serial\""},
		{"{\"signature\":[]}", "\"signature\" is no text"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__index *index = (struct extmgr__index *)&index;
		extmgr_error *error = NULL;

		assert_int_equal(
			extmgr__index_parse(cases[i].text, strlen(cases[i].text), &index, &error),
			EXTMGR_E_INDEX_FORMAT);
		assert_null(index);
		if (!strstr(extmgr_error_get_message(error), cases[i].message))
			fail_msg("%s: %s", cases[i].text, extmgr_error_get_message(error));
		extmgr_error_free(error);
	}
}

static void test_an_index_has_a_limit(void **state)
{
	struct extmgr__buffer text = EXTMGR__BUFFER((size_t)1 << 20);
	struct extmgr__index *index = NULL;

	(void)state;
	extmgr__buffer_puts(&text, "{\"extensions\":[");
	for (int i = 0; i < EXTMGR__INDEX_ENTRIES; i++)
		extmgr__buffer_printf(&text, "{\"id\":\"%d\"},", i);
	extmgr__buffer_puts(&text, "{\"id\":\"x\"}]}");
	assert_int_equal(extmgr__index_parse(text.data, text.length, &index, NULL),
			 EXTMGR_E_INDEX_FORMAT);
	text.length -= strlen(",{\"id\":\"x\"}]}");
	extmgr__buffer_puts(&text, "]}");
	assert_int_equal(extmgr__index_parse(text.data, text.length, &index, NULL), EXTMGR_OK);
	extmgr__index_free(index);
	extmgr__buffer_free(&text);
}

/* ---- records ---- */

static struct extmgr__record *record_of(const char *body, const char *cache_control, int64_t now)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(1000);
	struct extmgr__record *record;

	extmgr__buffer_puts(&buffer, body);
	record = extmgr__record_new(&buffer, "\"e\"", NULL, cache_control, now);
	assert_non_null(record);
	return record;
}

static void test_how_long_a_record_is_fresh(void **state)
{
	const struct {
		const char *cache_control;
		int64_t lifetime; /* chosen; 0: not */
		int64_t expected; /* seconds */
	} cases[] = {
		{NULL, 0, 300},
		{"max-age=60", 0, 60},
		{"public, Max-Age=60 , x=y", 0, 60},
		{"max-age=60, no-cache", 0, 0},
		{"no-store", 0, 0},
		{"no-store, max-age=60", 0, 0},
		{"max-age=", 0, 300},
		{"max-age=-5", 0, 300},
		{"max-age=99999999999999999999", 0, 31536000},
		{"s-maxage=7", 0, 300},
		{"max-age=60", 10, 10},
		{"no-cache", 10, 10},
		{",,=,", 0, 300},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__record *record = record_of("x", cases[i].cache_control, 1000);
		int64_t last = 1000 + cases[i].expected;

		if (extmgr__record_is_fresh(record, cases[i].lifetime, last) ||
		    (cases[i].expected &&
		     !extmgr__record_is_fresh(record, cases[i].lifetime, last - 1)))
			fail_msg("%s", cases[i].cache_control ? cases[i].cache_control : "NULL");
		assert_false(extmgr__record_is_fresh(record, cases[i].lifetime, 999));
		extmgr__record_unref(record);
	}
}

static void test_records_are_read_as_they_were_written(void **state)
{
	struct extmgr__record *record = record_of("body\n{", "max-age=5", 77);
	struct extmgr__record *copy = NULL;
	struct extmgr__buffer text = EXTMGR__BUFFER(10000);

	(void)state;
	assert_int_equal(extmgr__record_set_signature(record, "a\nb", 3), EXTMGR_OK);
	extmgr__record_write(record, &text);
	assert_int_equal(extmgr__record_read(text.data, text.length, &copy, NULL), EXTMGR_OK);
	assert_string_equal(extmgr_text_get_data(copy->body), "body\n{");
	assert_string_equal(copy->sha256, record->sha256);
	assert_string_equal(copy->etag, "\"e\"");
	assert_null(copy->last_modified);
	assert_string_equal(copy->signature, "a\nb");
	assert_true(copy->signature_sought);
	assert_int_equal(copy->fetched, 77);
	assert_int_equal(copy->max_age, 5);
	extmgr__record_unref(copy);
	copy = extmgr__record_renew(record, "max-age=9", 88);
	assert_int_equal(copy->fetched, 88);
	assert_int_equal(copy->max_age, 9);
	assert_string_equal(copy->signature, "a\nb");
	extmgr__record_unref(copy);
	extmgr__record_unref(record);
	extmgr__buffer_free(&text);
}

static void test_malformed_records(void **state)
{
	const char *const cases[] = {
		"",
		"\n",
		"{}\nbody",
		"{\"fetched\":1}\nbody",
		"{\"fetched\":-1,\"maxAge\":1,\"refreshed\":0}\n",
		"{\"fetched\":1,\"maxAge\":-2,\"refreshed\":0}\n",
		"{\"fetched\":1e99,\"maxAge\":1,\"refreshed\":0}\n",
		"{\"fetched\":\"1\",\"maxAge\":1,\"refreshed\":0}\n",
		"{\"fetched\":1,\"maxAge\":1,\"refreshed\":0}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__record *record = (struct extmgr__record *)&record;

		if (extmgr__record_read(cases[i], strlen(cases[i]), &record, NULL) !=
		    EXTMGR_E_FORMAT)
			fail_msg("%s", cases[i]);
		assert_null(record);
	}
}

/* ---- memory of versions ---- */

static extmgr_context *context_with_cache(const char *directory)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.cache_directory = directory;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	return context;
}

static void assert_seen(extmgr_context *context, int64_t serial, const char *version)
{
	struct extmgr__seen *seen = extmgr__seen_new(context, "here", false);

	assert_int_equal(extmgr__seen_check_serial(seen, serial, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__seen_check_serial(seen, serial - 1, NULL),
			 EXTMGR_E_INDEX_ROLLBACK);
	assert_int_equal(extmgr__seen_check_version(seen, "a", version, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__seen_check_version(seen, "a", "0.0.1", NULL),
			 EXTMGR_E_VERSION_ROLLBACK);
	assert_int_equal(extmgr__seen_check_version(seen, "a", NULL, NULL),
			 EXTMGR_E_VERSION_ROLLBACK);
	assert_int_equal(extmgr__seen_check_version(seen, "other", NULL, NULL), EXTMGR_OK);
	extmgr__seen_free(seen);
}

static void test_the_highest_is_remembered(void **state)
{
	char directory[] = "/tmp/extmgr-seen-XXXXXX";
	extmgr_context *context;
	struct extmgr__seen *first;
	struct extmgr__seen *second;
	char command[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	context = context_with_cache(directory);
	first = extmgr__seen_new(context, "here", false);
	second = extmgr__seen_new(context, "here", false);
	extmgr__seen_note_serial(first, 5);
	extmgr__seen_note_version(first, "a", "1.2.0");
	extmgr__seen_note_version(first, "a", "1.1.0");
	extmgr__seen_note_version(first, "a", NULL);
	extmgr__seen_flush(first);
	assert_seen(context, 5, "1.2.0");
	/* Another process knew less, and writes what it knows. */
	extmgr__seen_note_serial(second, 4);
	extmgr__seen_note_version(second, "b", "9.0.0");
	extmgr__seen_flush(second);
	assert_seen(context, 5, "1.2.0");
	extmgr__seen_free(first);
	extmgr__seen_free(second);
	/* A downgrade on purpose is remembered as the newest. */
	first = extmgr__seen_new(context, "here", true);
	assert_int_equal(extmgr__seen_check_serial(first, 3, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__seen_check_version(first, "a", "1.0.0", NULL), EXTMGR_OK);
	extmgr__seen_note_serial(first, 3);
	extmgr__seen_note_version(first, "a", "1.0.0");
	extmgr__seen_flush(first);
	extmgr__seen_free(first);
	assert_seen(context, 3, "1.0.0");
	/* Another registry is another matter. */
	first = extmgr__seen_new(context, "there", false);
	assert_int_equal(extmgr__seen_check_version(first, "a", "0.0.1", NULL), EXTMGR_OK);
	extmgr__seen_free(first);
	extmgr_context_free(context);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_indices),
		cmocka_unit_test(test_several_of_one_id),
		cmocka_unit_test(test_optional_keys),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_malformed_indices),
		cmocka_unit_test(test_an_index_has_a_limit),
		cmocka_unit_test(test_how_long_a_record_is_fresh),
		cmocka_unit_test(test_records_are_read_as_they_were_written),
		cmocka_unit_test(test_malformed_records),
		cmocka_unit_test(test_the_highest_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
