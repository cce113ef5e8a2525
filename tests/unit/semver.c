/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/semver.h"

static void test_order_of_the_specification(void **state)
{
	/* semver.org, section 11 */
	static const char *const order[] = {"not a version",    "1.0.0-alpha", "1.0.0-alpha.1",
					    "1.0.0-alpha.beta", "1.0.0-beta",  "1.0.0-beta.2",
					    "1.0.0-beta.11",    "1.0.0-rc.1",  "1.0.0",
					    "1.0.10",           "1.2.0",       "2.0.0"};
	size_t count = sizeof(order) / sizeof(order[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++)
			assert_int_equal(extmgr__semver_compare(order[i], order[k]),
					 (i > k) - (i < k));
	}
	assert_int_equal(extmgr__semver_compare("1.0.0+a", "1.0.0+b"), 0);
}

static void test_accepts_and_refuses(void **state)
{
	static const struct {
		const char *text;
		bool full;
		bool short_form;
	} cases[] = {
		{"1.2.3", true, true},
		{"0.0.0", true, true},
		{"1.2.3-rc.1+build.5", true, true},
		{"1.2.3+001", true, true},
		{"0", false, true},
		{"0.5", false, true},
		{"", false, false},
		{"v0.1.0", false, false},
		{"00.1.0", false, false},
		{"1.2.3-01", false, false},
		{" 1.2.3", false, false},
		{"1.2.3 ", false, false},
		{"1.2.3-", false, false},
		{"1.2.", false, false},
		{"99999999999999999999.0.0", false, false},
		{"invalid", false, false},
	};
	struct extmgr__semver version;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(extmgr__semver_parse(cases[i].text, &version), cases[i].full);
		assert_int_equal(extmgr__semver_parse_short(cases[i].text, &version),
				 cases[i].short_form);
	}
	assert_false(extmgr__semver_parse(NULL, &version));
}

static void test_ranges(void **state)
{
	static const struct {
		const char *range;
		const char *version;
		bool holds;
	} cases[] = {
		{"14", "14", true},
		{"14", "15.8", true},
		{"14", "13.99", false},
		{">=1.2 <2", "1.2.0", true},
		{">=1.2 <2", "1.99.0", true},
		{">=1.2 <2", "2.0.0", false},
		{">=1.2 <2", "1.1.9", false},
		{"  >=1.2   <2  ", "1.3", true},
		{">1.2", "1.2.0", false},
		{">1.2", "1.2.1", true},
		{"<=1.2", "1.2.0", true},
		{"<=1.2", "1.2.1", false},
		{"<1.2", "1.2.0", false},
		{"=1.2.3", "1.2.3", true},
		{"=1.2.3", "1.2.4", false},
		{"=1.2.3", "1.2.2", false},
		{">=1.0.0", "1.0.0-rc.1", false},
		{">=1.0.0-rc.1", "1.0.0", true},
		{"1", "nightly", false},
		{"<2", "", false},
	};
	static const char *const invalid[] = {"",    " ",     ">=",        "^1.2", "~1",
					      "1.x", "*",     "=>1",       "== 1", "1,2",
					      "> 1", "1 ||2", ">=1.2.3.4", "v1",   "1 <"};
	char endless[400];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(extmgr__range_is_valid(cases[i].range));
		if (extmgr__range_holds(cases[i].range, cases[i].version) != cases[i].holds)
			fail_msg("'%s' of '%s'", cases[i].version, cases[i].range);
	}
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		if (extmgr__range_is_valid(invalid[i]) || extmgr__range_holds(invalid[i], "1.2.3"))
			fail_msg("'%s'", invalid[i]);
	}
	memset(endless, '1', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_false(extmgr__range_is_valid(endless));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_the_specification),
		cmocka_unit_test(test_accepts_and_refuses),
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
