/* SPDX-License-Identifier: MIT */
/* Keys, policies and signatures that stock minisign made. */
#include "test.h"

#include "bundle/signature.h"
#include "host/context.h"

#include <extmgr/extmgr.h>

#define KEY   "RWSJ1rT3ifZXVwJ/r+9gZNVJ6GWewaiHgafEh3lLigTIT/IeawIoHiD1"
#define OTHER "RWQ6cNIsDr5VJMW4rrEGf56L1NY4vPCVmDXAqX9T1qackLlgMTeKzSkZ"
#define FIRST "untrusted comment: signature from minisign secret key\n"

static const char listing[] =
	"1645114f06a8487aa412b036c6c5355ccc443f94f0b7c4c406daed990da5de08  notes.js\n";
static const char signature[] =
	FIRST "RUSJ1rT3ifZXV1PwYNnJ9umIE1ZCiFNpHMfdKJY/Y12cAJXqAdNKriIVBGG2tUqR2M3ShLs4wHs5"
	      "A7YmkP09XPbICSJUMXhKCwA=\n"
	      "trusted comment: extmgr id=notes version=1.2.0\n"
	      "rr2wtch3/pfBwgujNKFMniBqJRtzFjPAoHvnXl9G5TATYit/5uJyVnd2Cfs1OLeLX0DaUuFL6tmm+OmH"
	      "kAcNBA==\n";
/* The same content with another trusted comment. */
static const char unnamed[] =
	FIRST "RUSJ1rT3ifZXV1PwYNnJ9umIE1ZCiFNpHMfdKJY/Y12cAJXqAdNKriIVBGG2tUqR2M3ShLs4wHs5"
	      "A7YmkP09XPbICSJUMXhKCwA=\n"
	      "trusted comment: timestamp:1 file:x\n"
	      "eEvlFURrEdbr2UNQihDbzjeAqSGRq7+4OxmXEwtZqmWaKiKjySy/r3wpXSq1qQZBFGl24hOmEV15JEKD"
	      "ZSv+AA==\n";
static const char legacy[] =
	FIRST "RWSJ1rT3ifZXV6yxjr6T25I8PSx9TyxzVQ909vXxSDjVw2/tDlXSbfs0+3z6VUV2eyRA2H2ZtPMC"
	      "gXZ2XF5mV69CjZgzJzPkKQw=\n"
	      "trusted comment: extmgr id=notes version=1.2.0\n"
	      "SiBt9glAYLho2jUDqa+Tu8dVquX8x0rFWVcofS6llLoNehBJn/1lv3Z9WWMyZen+g/Hk+TezdA2Ud5Wy"
	      "VrOsAA==\n";

#define TEXT_OF_100                                                                                \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static extmgr_trust *make(uint32_t policy, const char *key, const char *pattern)
{
	extmgr_trust *trust = NULL;

	assert_int_equal(extmgr_trust_new(&trust, NULL), EXTMGR_OK);
	if (policy)
		assert_int_equal(extmgr_trust_set_policy(trust, policy, NULL), EXTMGR_OK);
	if (key)
		assert_int_equal(extmgr_trust_add_key(trust, key, &pattern, pattern ? 1 : 0, NULL),
				 EXTMGR_OK);
	return trust;
}

static void test_what_is_a_key(void **state)
{
	const char *const good[] = {
		KEY,
		KEY "\n",
		"untrusted comment: minisign public key 5757F689F7B4D689\n" KEY "\n",
		"untrusted comment: x\r\n" KEY "\r\n",
	};
	const char *const bad[] = {
		"",
		"\n",
		"RW",
		KEY "=",
		KEY "\nx",
		" " KEY,
		"RUSJ1rT3ifZXVwJ/r+9gZNVJ6GWewaiHgafE"
		"h3lLigTIT/IeawIoHiD1",
		"RWSJ1rT3ifZXVwJ/r+9gZNVJ6GWewaiHgafEh3lLigTIT/IeawIoHiD-",
		listing,
	};
	const char *patterns[] = {"a", ""};
	char pattern[300];
	extmgr_trust *trust = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		extmgr_trust_free(make(0, good[i], NULL));
	assert_int_equal(extmgr_trust_new(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	trust = make(0, NULL, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(extmgr_trust_add_key(trust, bad[i], NULL, 0, NULL),
				 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_add_key(NULL, KEY, NULL, 0, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_add_key(trust, NULL, NULL, 0, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_add_key(trust, KEY, NULL, 1, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_add_key(trust, KEY, patterns, 2, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	memset(pattern, 'a', sizeof(pattern));
	pattern[256] = '\0';
	patterns[0] = pattern;
	assert_int_equal(extmgr_trust_add_key(trust, KEY, patterns, 1, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	pattern[255] = '\0';
	assert_int_equal(extmgr_trust_add_key(trust, KEY, patterns, 1, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_trust_add_key(trust, KEY, NULL, 0, NULL), EXTMGR_E_CONFLICT);
	assert_int_equal(extmgr_trust_add_key(trust, OTHER, NULL, 0, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_trust_set_policy(trust, 0, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_set_policy(trust, 4, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_trust_set_policy(NULL, 1, NULL), EXTMGR_E_INVALID_ARGUMENT);
	extmgr_trust_free(trust);
	extmgr_trust_free(NULL);
}

/* The error and the state of the definition notes under a trust, which is freed. */
static void expect(extmgr_trust *trust, const struct extmgr__signed_thing *given,
		   extmgr_result expected, int32_t expected_state)
{
	struct extmgr__signed_thing thing = *given;
	extmgr_error *error = NULL;
	int32_t found = 0;
	char *version = NULL;

	thing.what = "definition 'notes'";
	thing.listing = thing.listing ? thing.listing : listing;
	thing.signature_length = thing.signature_length ? thing.signature_length
				 : thing.signature      ? strlen(thing.signature)
							: 0;
	assert_int_equal(extmgr__signature_judge(trust, &thing, &found, NULL, &version, &error),
			 expected);
	assert_int_equal(found, expected_state);
	assert_int_equal(extmgr_error_get_code(error), expected);
	if (thing.named && found == EXTMGR_SIGNATURE_SIGNED)
		assert_string_equal(version, "1.2.0");
	else
		assert_null(version);
	free(version);
	extmgr_error_free(error);
	extmgr_trust_free(trust);
}

static void test_what_is_signed_is_taken(void **state)
{
	const struct extmgr__signed_thing thing = {.signature = signature, .id = "notes"};
	const struct extmgr__signed_thing named = {
		.signature = signature, .id = "notes", .named = true};
	const struct extmgr__signed_thing with_sums = {
		.signature = signature, .sums = listing, .sums_length = sizeof(listing) - 1};

	(void)state;
	for (uint32_t policy = EXTMGR_TRUST_ANY; policy <= EXTMGR_TRUST_SIGNED; policy++) {
		expect(make(policy, KEY, NULL), &thing, EXTMGR_OK, EXTMGR_SIGNATURE_SIGNED);
		expect(make(policy, KEY, "no*"), &thing, EXTMGR_OK, EXTMGR_SIGNATURE_SIGNED);
		expect(make(policy, KEY, NULL), &named, EXTMGR_OK, EXTMGR_SIGNATURE_SIGNED);
		expect(make(policy, KEY, NULL), &with_sums, EXTMGR_OK, EXTMGR_SIGNATURE_SIGNED);
	}
}

static void test_what_is_not_right_is_a_state_or_an_error(void **state)
{
	char long_one[EXTMGR__SIGNATURE_MAXIMUM + 1];
	const struct {
		struct extmgr__signed_thing thing;
		const char *key;
		const char *pattern;
		extmgr_result expected;
		int32_t state;
	} cases[] = {
		{{0}, KEY, NULL, EXTMGR_E_SIGNATURE_MISSING, EXTMGR_SIGNATURE_UNSIGNED},
		{{.signature = signature},
		 OTHER,
		 NULL,
		 EXTMGR_E_SIGNATURE_UNTRUSTED_KEY,
		 EXTMGR_SIGNATURE_UNTRUSTED_KEY},
		{{.signature = signature, .id = "notes"},
		 KEY,
		 "acme.*",
		 EXTMGR_E_SIGNATURE_UNTRUSTED_KEY,
		 EXTMGR_SIGNATURE_UNTRUSTED_KEY},
		{{.signature = signature, .listing = "other  notes.js\n"},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_MODIFIED,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = signature, .sums = listing, .sums_length = sizeof(listing) - 2},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_MODIFIED,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = legacy},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_FORMAT,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = listing},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_FORMAT,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = long_one, .signature_length = sizeof(long_one)},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_FORMAT,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = unnamed, .id = "notes", .named = true},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_IDENTITY,
		 EXTMGR_SIGNATURE_MODIFIED},
		{{.signature = signature, .id = "note", .named = true},
		 KEY,
		 NULL,
		 EXTMGR_E_SIGNATURE_IDENTITY,
		 EXTMGR_SIGNATURE_MODIFIED},
	};

	(void)state;
	memset(long_one, '\n', sizeof(long_one));
	memcpy(long_one, signature, sizeof(signature) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(make(EXTMGR_TRUST_SIGNED_IF_KEYS, cases[i].key, cases[i].pattern),
		       &cases[i].thing, cases[i].expected, cases[i].state);
		expect(make(EXTMGR_TRUST_SIGNED, cases[i].key, cases[i].pattern), &cases[i].thing,
		       cases[i].expected, cases[i].state);
		expect(make(EXTMGR_TRUST_ANY, cases[i].key, cases[i].pattern), &cases[i].thing,
		       EXTMGR_OK, cases[i].state);
	}
}

static void test_policies_without_keys(void **state)
{
	const struct extmgr__signed_thing bare = {0};
	const struct extmgr__signed_thing thing = {.signature = signature};

	(void)state;
	expect(make(0, NULL, NULL), &bare, EXTMGR_OK, EXTMGR_SIGNATURE_UNSIGNED);
	expect(make(0, NULL, NULL), &thing, EXTMGR_OK, EXTMGR_SIGNATURE_UNTRUSTED_KEY);
	expect(make(EXTMGR_TRUST_SIGNED, NULL, NULL), &bare, EXTMGR_E_SIGNATURE_MISSING,
	       EXTMGR_SIGNATURE_UNSIGNED);
}

/* Each bit counts, but those of the untrusted comment and those behind base64. */
static void test_each_bit_counts(void **state)
{
	extmgr_trust *trust = make(0, KEY, NULL);
	const struct extmgr__trusted_key *key;
	char changed[sizeof(signature)];
	char *comment;
	int accepted = 0;

	(void)state;
	for (size_t i = sizeof(FIRST) - 1; i < sizeof(signature) - 1; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(changed, signature, sizeof(signature));
			changed[i] = (char)(changed[i] ^ 1 << bit);
			accepted += extmgr__signature_verify(
					    trust, "it", changed, sizeof(signature) - 1, listing,
					    sizeof(listing) - 1, &key, &comment, NULL) == EXTMGR_OK;
			free(comment);
		}
	}
	assert_in_range(accepted, 0, 30);
	extmgr_trust_free(trust);
}

static void test_patterns(void **state)
{
	const struct {
		const char *pattern;
		const char *id;
		bool fits;
	} cases[] = {
		{"*", "a", true},          {"*", "", true},       {"a", "a", true},
		{"a", "b", false},         {"a", "ab", false},    {"ab", "a", false},
		{"a*", "a", true},         {"a*", "abc", true},   {"*c", "abc", true},
		{"*b", "abc", false},      {"a*c", "abbc", true}, {"a*b*c", "axbxbxc", true},
		{"a*b*c", "axc", false},   {"**a", "xa", true},   {"acme.*", "acme.x", true},
		{"acme.*", "acme", false}, {"A*", "abc", false},  {"*ab*ab", "abab", true},
		{"*ab*ab", "ab", false},   {"a?", "ab", false},   {"", "a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *pattern = strdup(cases[i].pattern);
		const struct extmgr__trusted_key key = {.patterns = &pattern, .pattern_count = 1};

		if (extmgr__trusted_key_may_sign(&key, cases[i].id) != cases[i].fits)
			fail_msg("%s: %s", cases[i].pattern, cases[i].id);
		free(pattern);
	}
}

static void fingerprint(const extmgr_trust *trust, char hex[EXTMGR__SHA256_HEX_SIZE])
{
	extmgr_text *text = NULL;

	assert_int_equal(extmgr_trust_copy_fingerprint(trust, &text), EXTMGR_OK);
	assert_int_equal(extmgr_text_get_length(text), 64);
	memcpy(hex, extmgr_text_get_data(text), EXTMGR__SHA256_HEX_SIZE);
	extmgr_text_free(text);
}

static void test_fingerprints(void **state)
{
	static const char *const ab[] = {"a", "b"};
	static const char *const ba[] = {"b", "a"};
	extmgr_trust *trusts[] = {
		make(0, NULL, NULL), make(EXTMGR_TRUST_SIGNED, NULL, NULL),
		make(0, KEY, NULL),  make(0, OTHER, NULL),
		make(0, KEY, "a"),
	};
	extmgr_trust *one = make(0, KEY, NULL);
	extmgr_trust *two = make(0, NULL, NULL);
	char hex[5][EXTMGR__SHA256_HEX_SIZE];
	char other[EXTMGR__SHA256_HEX_SIZE];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		fingerprint(trusts[i], hex[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hex[i], hex[j]);
	}
	fingerprint(NULL, other);
	assert_string_equal(other, hex[0]);
	assert_int_equal(extmgr_trust_copy_fingerprint(NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
	/* The order of keys and patterns is no matter. */
	assert_int_equal(extmgr_trust_add_key(one, OTHER, ab, 2, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_trust_add_key(two, OTHER, ba, 2, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_trust_add_key(two, KEY, NULL, 0, NULL), EXTMGR_OK);
	fingerprint(one, hex[0]);
	fingerprint(two, hex[1]);
	assert_string_equal(hex[0], hex[1]);
	for (size_t i = 0; i < 5; i++)
		extmgr_trust_free(trusts[i]);
	extmgr_trust_free(one);
	extmgr_trust_free(two);
}

static void test_a_comment_of_one_s_own_is_the_name_of_a_key(void **state)
{
	static const struct {
		const char *key;
		const char *name;
	} cases[] = {
		{KEY, ""},
		{"untrusted comment: minisign public key 5757F689F7B4D689\n" KEY "\n", ""},
		{"untrusted comment: Acme Labs\n" KEY "\n", "Acme Labs"},
		{"untrusted comment: Acme Labs\r\n" KEY "\r\n", "Acme Labs"},
		{"untrusted comment: Z\xc3\xbcrich\n" KEY, "Z\xc3\xbcrich"},
		{"untrusted comment: \xff\n" KEY, ""},
		{"untrusted comment: a\x1b[1m\n" KEY, ""},
		{"untrusted comment: " TEXT_OF_100 "aaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xbc\n" KEY,
		 TEXT_OF_100 "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"comment: Acme Labs\n" KEY "\n", ""},
	};
	struct extmgr__signed_thing thing = {.what = "definition 'notes'",
					     .signature = signature,
					     .signature_length = sizeof(signature) - 1,
					     .listing = listing};
	struct extmgr__signer signer;
	extmgr_trust *trust;
	int32_t found;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trust = make(0, cases[i].key, NULL);
		assert_int_equal(
			extmgr__signature_judge(trust, &thing, &found, &signer, NULL, NULL),
			EXTMGR_OK);
		assert_string_equal(signer.key_id, "5757F689F7B4D689");
		assert_string_equal(signer.name, cases[i].name);
		extmgr_trust_free(trust);
	}
	/* Nobody is named who did not sign this. */
	trust = make(EXTMGR_TRUST_ANY, KEY, "other");
	thing.id = "notes";
	assert_int_equal(extmgr__signature_judge(trust, &thing, &found, &signer, NULL, NULL),
			 EXTMGR_OK);
	assert_string_equal(signer.key_id, "");
	extmgr_trust_free(trust);
}

static void test_a_context_copies_and_changes_its_trust(void **state)
{
	extmgr_trust *trust = make(0, KEY, "a");
	extmgr_context *context = NULL;
	const extmgr_trust *before;
	const extmgr_trust *now;

	(void)state;
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	before = extmgr__context_trust_ref(context);
	assert_false(extmgr__trust_demands_signatures(before));
	assert_int_equal(extmgr_context_set_trust(NULL, trust, NULL), EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_context_set_trust(context, trust, NULL), EXTMGR_OK);
	extmgr_trust_free(trust);
	now = extmgr__context_trust_ref(context);
	assert_true(extmgr__trust_demands_signatures(now));
	assert_false(extmgr__trust_has_keys(before));
	extmgr__trust_unref(before);
	extmgr__trust_unref(now);
	assert_int_equal(extmgr_context_set_trust(context, NULL, NULL), EXTMGR_OK);
	now = extmgr__context_trust_ref(context);
	assert_false(extmgr__trust_demands_signatures(now));
	extmgr__trust_unref(now);
	extmgr_context_free(context);
}

static void test_names_of_states(void **state)
{
	(void)state;
	assert_string_equal(extmgr_signature_get_name(EXTMGR_SIGNATURE_UNSIGNED), "unsigned");
	assert_string_equal(extmgr_signature_get_name(EXTMGR_SIGNATURE_SIGNED), "signed");
	assert_string_equal(extmgr_signature_get_name(EXTMGR_SIGNATURE_MODIFIED), "modified");
	assert_string_equal(extmgr_signature_get_name(EXTMGR_SIGNATURE_UNTRUSTED_KEY),
			    "untrusted-key");
	assert_string_equal(extmgr_signature_get_name(0), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_a_key),
		cmocka_unit_test(test_what_is_signed_is_taken),
		cmocka_unit_test(test_what_is_not_right_is_a_state_or_an_error),
		cmocka_unit_test(test_policies_without_keys),
		cmocka_unit_test(test_each_bit_counts),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_a_comment_of_one_s_own_is_the_name_of_a_key),
		cmocka_unit_test(test_a_context_copies_and_changes_its_trust),
		cmocka_unit_test(test_names_of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
