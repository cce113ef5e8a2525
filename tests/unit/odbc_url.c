/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "drivers/odbc.h"
#include "host/database.h"

#include <extmgr/drivers.h>

struct setting {
	const char *key;
	const char *value;
};

static void test_an_url_becomes_keys_and_values(void **state)
{
	static const struct {
		const char *url;
		struct setting settings[6];
		uint64_t timeout_ms;
	} cases[] = {
		{"sqlite:x.db", {{"Database", "x.db"}}, 0},
		{"SQLite:/a b/\xc3\xa4%20.db", {{"Database", "/a b/\xc3\xa4%20.db"}}, 0},
		{"sqlite:file:x?mode=memory", {{NULL, NULL}}, 1},
		{"sqlite:file:x", {{"Database", "./file:x"}}, 0},
		{"postgresql://u:p@h:1/d",
		 {{"UID", "u"}, {"PWD", "p"}, {"Server", "h"}, {"Port", "1"}, {"Database", "d"}},
		 0},
		{"postgres://h/d",
		 {{"UID", NULL},
		  {"PWD", NULL},
		  {"Server", "h"},
		  {"Port", "5432"},
		  {"Database", "d"}},
		 0},
		{"postgresql://a%40b:%70%2F%3a@%2Ftmp%2Fs/d%20e",
		 {{"UID", "a@b"}, {"PWD", "p/:"}, {"Server", "/tmp/s"}, {"Database", "d e"}},
		 0},
		{"postgresql://u:a@b@h/d", {{"UID", "u"}, {"PWD", "a@b"}, {"Server", "h"}}, 0},
		{"postgresql://[::1]:65535/d", {{"Server", "::1"}, {"Port", "65535"}}, 0},
		{"postgresql://[::1]/d", {{"Server", "::1"}, {"Port", "5432"}}, 0},
		{"postgresql://h/d?sslmode=verify-full&connect_timeout=3",
		 {{"SSLMode", "verify-full"}},
		 3000},
		{"odbc:Driver={SQLite3};Database=x y;;UID=",
		 {{"Driver", "SQLite3"}, {"database", "x y"}, {"UID", ""}},
		 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__odbc_settings settings = {.count = 0};
		extmgr_result result = extmgr__odbc_url_parse(cases[i].url, &settings, NULL);

		if (!cases[i].settings[0].key) {
			/* "=" cannot be a part of a path. */
			assert_int_equal(result, EXTMGR_E_INVALID_ARGUMENT);
			extmgr__odbc_settings_free(&settings);
			continue;
		}
		assert_int_equal(result, EXTMGR_OK);
		assert_int_equal(settings.connect_timeout_ms, cases[i].timeout_ms);
		for (size_t j = 0; j < 6 && cases[i].settings[j].key; j++) {
			const char *value =
				extmgr__odbc_settings_get(&settings, cases[i].settings[j].key);

			if (!cases[i].settings[j].value)
				assert_null(value);
			else if (!value || strcmp(value, cases[i].settings[j].value) != 0)
				fail_msg("%s: %s is '%s'", cases[i].url, cases[i].settings[j].key,
					 value ? value : "(none)");
		}
		extmgr__odbc_settings_free(&settings);
	}
}

static void test_a_hostile_url_is_refused_without_its_secret(void **state)
{
	static const struct {
		const char *url;
		extmgr_result result;
	} cases[] = {
		{"", EXTMGR_E_INVALID_ARGUMENT},
		{"mysql://u:sEcReT@h/d", EXTMGR_E_UNSUPPORTED},
		{"sEcReT", EXTMGR_E_UNSUPPORTED},
		{"sqlite:", EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite::memory:", EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite::MEMORY:", EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite:x;LoadExt=sEcReT", EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite:x{sEcReT", EXTMGR_E_INVALID_ARGUMENT},
		{"sqlite:x\nsEcReT", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql:///d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/?x", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h:/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h:0/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h:65536/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h:99999999999999999999/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h:1x/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@[::1/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@[::1]x/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%3BProtocol%3D7.4-1@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%00@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%0a@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%4@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT%g0@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT}@h/d", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d/e", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d#e", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d?sslmode=none", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d?sslmode", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d?connect_timeout=0", EXTMGR_E_INVALID_ARGUMENT},
		{"postgresql://u:sEcReT@h/d?options=-c%20x", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:=x", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Database=x", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver={SQLite3", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver={SQLite3}x;", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3;PWD={sEcReT;x}", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3;driver=SQLite3", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3;Database=x;LoadExt=sEcReT", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3;Database=x;protocol=7.4-1", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3;Database=file:x", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=SQLite3", EXTMGR_E_INVALID_ARGUMENT},
		{"odbc:Driver=No Such Driver;PWD=sEcReT", EXTMGR_E_UNSUPPORTED},
		{"odbc:DSN=no_such_source;PWD=sEcReT", EXTMGR_E_UNSUPPORTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_database *database = (extmgr_database *)&error; /* to be overwritten */

		if (extmgr_database_open(cases[i].url, &database, &error) != cases[i].result)
			fail_msg("%s: %s", cases[i].url, extmgr_error_get_message(error));
		assert_null(database);
		assert_int_equal(extmgr_error_get_code(error), cases[i].result);
		assert_string_not_equal(extmgr_error_get_message(error), "");
		assert_null(strstr(extmgr_error_get_message(error), "sEcReT"));
		extmgr_error_free(error);
	}
	assert_int_equal(extmgr_database_open(NULL, NULL, NULL), EXTMGR_E_INVALID_ARGUMENT);
}

static void test_a_missing_driver_names_its_package(void **state)
{
	const char *keys[] = {"Driver", "Dialect", "Database"};
	const char *values[] = {"No Such Driver", "sqlite", "x"};
	extmgr_database *database;
	extmgr_error *error;

	(void)state;
	assert_int_equal(extmgr_odbc_open(keys, values, 3, &database, &error),
			 EXTMGR_E_UNSUPPORTED);
	assert_non_null(strstr(extmgr_error_get_hint(error), "libsqliteodbc"));
	extmgr_error_free(error);
}

static void test_values_that_drivers_would_cut_are_refused(void **state)
{
	struct extmgr__odbc_settings settings = {.count = 0};
	char url[8300];

	(void)state;
	memset(url, 'x', sizeof(url));
	memcpy(url, "sqlite:", 7);
	url[7 + 512] = '\0';
	assert_int_equal(extmgr__odbc_url_parse(url, &settings, NULL), EXTMGR_E_INVALID_ARGUMENT);
	extmgr__odbc_settings_free(&settings);
	memcpy(url, "postgresql://h/", 15);
	memset(url + 15, 'x', 256);
	url[15 + 256] = '\0';
	assert_int_equal(extmgr__odbc_url_parse(url, &settings, NULL), EXTMGR_E_INVALID_ARGUMENT);
	extmgr__odbc_settings_free(&settings);
	memset(url, 'x', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(extmgr__odbc_url_parse(url, &settings, NULL), EXTMGR_E_INVALID_ARGUMENT);
}

/* The handle is not looked at before a statement runs: any address will do. */
static void test_a_callers_connection_serves_its_transaction_alone(void **state)
{
	static char connection;
	struct extmgr__session *session = NULL;
	struct extmgr__session *other = NULL;
	extmgr_database *database = NULL;
	extmgr_context *context = NULL;

	(void)state;
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_odbc_attach(NULL, "sqlite", &database, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_odbc_attach(&connection, NULL, &database, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_odbc_attach(&connection, "sqlite", NULL, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_int_equal(extmgr_odbc_attach(&connection, "No Dialect", &database, NULL),
			 EXTMGR_E_INVALID_ARGUMENT);
	assert_null(database);
	assert_int_equal(extmgr_odbc_attach(&connection, "sqlite", &database, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_open(context, database, NULL, &session, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__session_open(context, database, NULL, &other, NULL),
			 EXTMGR_E_LOCKED);
	assert_int_equal(extmgr__session_begin(session, 0, NULL), EXTMGR_E_UNSUPPORTED);
	extmgr__session_close(session);
	assert_int_equal(extmgr__session_open(context, database, NULL, &session, NULL), EXTMGR_OK);
	extmgr__session_close(session);
	extmgr_database_free(database);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_url_becomes_keys_and_values),
		cmocka_unit_test(test_a_hostile_url_is_refused_without_its_secret),
		cmocka_unit_test(test_a_missing_driver_names_its_package),
		cmocka_unit_test(test_values_that_drivers_would_cut_are_refused),
		cmocka_unit_test(test_a_callers_connection_serves_its_transaction_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
