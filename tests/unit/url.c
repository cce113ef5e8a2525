/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/url.h"

#include <extmgr/extmgr.h>

static void test_what_is_a_url(void **state)
{
	const char *const good[] = {
		"http://a",       "HTTPS://A.example",     "http://a:1/",
		"http://[::1]/x", "http://[::1]:8080",     "http://u:p@a/x?y#z",
		"http://a?b",     "http://a-b_c.d:65535/", "https://127.0.0.1/%20/x;y=1,2",
	};
	const char *const bad[] = {
		"",
		"http/url",
		"https:/url",
		"http:",
		"http://",
		"http:///x",
		"http://?x",
		"http://u@/x",
		"ftp://a",
		"file:///etc/passwd",
		"http://a b",
		"http://a/ ",
		"http://a/\n",
		"http://a\\b",
		"http://a/\x7f",
		"http://caf\xc3\xa9/",
		"http://a:",
		"http://a:0",
		"http://a:65536",
		"http://a:x",
		"http://a:1x/",
		"http://[::1",
		"http://[]/",
		"http://[x]/",
		"http://a%41/",
		"http://a<b",
	};
	char *longest = malloc(EXTMGR__URL_MAXIMUM + 2);
	extmgr_error *error = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (extmgr__url_check(good[i], "it", NULL) != EXTMGR_OK)
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (extmgr__url_check(bad[i], "it", NULL) != EXTMGR_E_INVALID_ARGUMENT)
			fail_msg("accepted: %s", bad[i]);
	}
	assert_non_null(longest);
	memset(longest, 'a', EXTMGR__URL_MAXIMUM + 1);
	memcpy(longest, "http://secret@", 14);
	longest[EXTMGR__URL_MAXIMUM + 1] = '\0';
	assert_int_equal(extmgr__url_check(longest, "it", &error), EXTMGR_E_INVALID_ARGUMENT);
	assert_null(strstr(extmgr_error_get_message(error), "secret"));
	extmgr_error_free(error);
	longest[EXTMGR__URL_MAXIMUM] = '\0';
	assert_int_equal(extmgr__url_check(longest, "it", NULL), EXTMGR_OK);
	free(longest);
}

/* EX 11.10: TestNewRegistry: what is fetched, and what is a directory. */
static void test_what_is_on_the_web(void **state)
{
	const struct {
		const char *location;
		bool expected;
	} cases[] = {
		{"http://url", true},   {"https://url", true}, {"HTTP://url", true},
		{"HTTPS://url", true},  {"hTtPs://url", true}, {"http/url", false},
		{"https:/url", false},  {"http:url", false},   {"/absolute/path", false},
		{"relative", false},    {"", false},           {"ftp://url", false},
		{" http://url", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (extmgr__url_is_http(cases[i].location) != cases[i].expected)
			fail_msg("'%s'", cases[i].location);
	}
}

static void test_segments(void **state)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(128);

	(void)state;
	extmgr__url_append_segment(&text, "a-B_9.~ ?#%/:\xc3\xa9");
	assert_string_equal(extmgr__buffer_get(&text), "a-B_9.~%20%3F%23%25%2F%3A%C3%A9");
	extmgr__buffer_free(&text);
}

/* RFC 3986, 5.4, without the fragments; and what is special here. */
static void test_references_are_resolved(void **state)
{
	static const char base[] = "http://a/b/c/d;p?q";
	const struct {
		const char *base;
		const char *reference;
		const char *expected; /* NULL: refused */
	} cases[] = {
		{base, "http://h/x", "http://h/x"},
		{base, "g", "http://a/b/c/g"},
		{base, "./g", "http://a/b/c/g"},
		{base, "g/", "http://a/b/c/g/"},
		{base, "/g", "http://a/g"},
		{base, "//g", "http://g"},
		{base, "?y", "http://a/b/c/d;p?y"},
		{base, "g?y", "http://a/b/c/g?y"},
		{base, "g#s", "http://a/b/c/g"},
		{base, "g;x", "http://a/b/c/g;x"},
		{base, ".", "http://a/b/c/"},
		{base, "./", "http://a/b/c/"},
		{base, "..", "http://a/b/"},
		{base, "../", "http://a/b/"},
		{base, "../g", "http://a/b/g"},
		{base, "../..", "http://a/"},
		{base, "../../g", "http://a/g"},
		{base, "../../../g", "http://a/g"},
		{base, "/../../g", "http://a/g"},
		{base, "/./g", "http://a/g"},
		{base, "g.", "http://a/b/c/g."},
		{base, "..g", "http://a/b/c/..g"},
		{base, "./../g", "http://a/b/g"},
		{base, "g/./h", "http://a/b/c/g/h"},
		{base, "g/../h", "http://a/b/c/h"},
		{base, "g?y/../x", "http://a/b/c/g?y/../x"},
		{"http://a", "g", "http://a/g"},
		{"http://a?q", "g", "http://a/g"},
		{"https://a:444/x", "//b", "https://b"},
		{"http://u:p@a/x", "g", "http://u:p@a/g"},
		{"http://u:p@a/x", "http://A:80/g", "http://u:p@A:80/g"},
		{"http://u:p@a/x", "http://v@a/g", "http://v@a/g"},
		{"http://u:p@a/x", "http://a:81/g", "http://a:81/g"},
		{"http://u:p@a/x", "https://a/g", "https://a/g"},
		{"http://u:p@a/x", "//b/g", "http://b/g"},
		{base, "ftp://h/x", NULL},
		{base, "javascript:x", NULL},
		{base, "mailto:x@y", NULL},
		{base, "http:g", NULL},
		{base, "a b", NULL},
		{base, "\\\\h\\x", NULL},
		{base, "//", NULL},
		{base, "//h:0/", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *url = NULL;
		extmgr_result result =
			extmgr__url_resolve(cases[i].base, cases[i].reference, &url, NULL);

		if (!cases[i].expected && result != EXTMGR_E_INVALID_ARGUMENT)
			fail_msg("accepted: %s", cases[i].reference);
		if (cases[i].expected && (!url || strcmp(url, cases[i].expected) != 0))
			fail_msg("%s: %s", cases[i].reference, url ? url : "refused");
		free(url);
	}
}

static void test_secrets_are_not_shown(void **state)
{
	const struct {
		const char *url;
		const char *shown;
	} cases[] = {
		{"http://a/x", "http://a/x"},
		{"http://user:pass@a:1/x?token=1#f", "http://a:1/x?..."},
		{"HTTPS://u@a", "https://a"},
		{"http://u@v@a/x@y", "http://a/x@y"},
		{"http://a/x?", "http://a/x"},
		{"/a/directory", "/a/directory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__buffer shown = EXTMGR__BUFFER(256);

		extmgr__url_append_public(&shown, cases[i].url);
		assert_string_equal(extmgr__buffer_get(&shown), cases[i].shown);
		extmgr__buffer_free(&shown);
	}
}

static void test_file_names(void **state)
{
	const char *const cases[][2] = {
		{"http://a/b/registry.json?x/y", "registry.json"},
		{"http://a/b/", ""},
		{"http://a", ""},
		{"http://a/x#/y", "x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = extmgr__url_file_name(cases[i][0]);

		assert_string_equal(name, cases[i][1]);
		free(name);
	}
}

static void test_plain_file_names(void **state)
{
	/* As sha256sum knows the file that lies there; what would be no name stays as it is. */
	const char *const cases[][2] = {
		{"http://h/gr%C3%B6%c3%9fe%201.js?q=%20", "gr\xc3\xb6\xc3\x9f"
							  "e 1.js"},
		{"http://h/a.js", "a.js"},
		{"http://h/a%2Fb.js", "a%2Fb.js"},
		{"http://h/a%00b.js", "a%00b.js"},
		{"http://h/a%0Ab.js", "a%0Ab.js"},
		{"http://h/a%FFb.js", "a%FFb.js"},
		{"http://h/100%.js", "100%.js"},
		{"http://h/%4", "%4"},
		{"http://h/", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = extmgr__url_plain_file_name(cases[i][0]);

		assert_string_equal(name, cases[i][1]);
		free(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_a_url),
		cmocka_unit_test(test_what_is_on_the_web),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_references_are_resolved),
		cmocka_unit_test(test_secrets_are_not_shown),
		cmocka_unit_test(test_file_names),
		cmocka_unit_test(test_plain_file_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
