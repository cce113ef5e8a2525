/* SPDX-License-Identifier: MIT */
#include "script_test.h"

#include "script/code_cache.h"
#include "script/definition.h"
#include "script/lowering.h"

#include <pthread.h>

#define ID "x.js"

static extmgr_result load(extmgr_context *context, const char *source,
			  struct extmgr__definition **definition, extmgr_error **error)
{
	return extmgr__definition_load(context, NULL, ID, source, strlen(source), definition,
				       error);
}

/* Loads a definition whose extension is the object literal. */
static struct extmgr__definition *load_extension(extmgr_context *context, const char *literal)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;
	char source[4096];

	(void)snprintf(source, sizeof(source),
		       "global.installedExtension = {extension: %s, apiVersion: '0.2.0'};",
		       literal);
	if (load(context, source, &definition, &error) != EXTMGR_OK)
		print_error("%s\n", extmgr_error_get_message(error));
	assert_non_null(definition);
	return definition;
}

static void reads_the_static_part(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__definition *definition = load_extension(
		context,
		"{name: 'N\\u00e4me', category: 5, description: {}, unknown: 1,"
		" installableVersions: [{name: '1.9.0'}, {name: '1.10.0', latest: 1, deprecated: "
		"''}],"
		" bucketFsUploads: new Set([{name: 'a', bucketFsFilename: 'a.jar', downloadUrl: "
		"'u',"
		" licenseUrl: 'l', fileSize: '12'}, {}, {fileSize: -1.9}, {fileSize: NaN}]),"
		" install: function () {}, uninstall: null, upgrade: undefined}");
	const struct extmgr__definition_info *info = extmgr__definition_get_info(definition);

	(void)state;
	assert_string_equal(info->name, "N\xc3\xa4me");
	assert_string_equal(info->category, "5");
	assert_string_equal(info->description, "[object Object]");
	assert_string_equal(info->api_version, "0.2.0");
	assert_int_equal(strlen(info->digest), 64);
	assert_int_equal(info->version_count, 2);
	assert_string_equal(info->versions[1].name, "1.10.0");
	assert_true(info->versions[1].latest);
	assert_false(info->versions[1].deprecated);
	assert_true(extmgr__definition_info_has_version(info, "1.9.0"));
	assert_false(extmgr__definition_info_has_version(info, "1.9"));
	assert_int_equal(info->artifact_count, 4);
	assert_string_equal(info->artifacts[0].file_name, "a.jar");
	assert_string_equal(info->artifacts[0].license_url, "l");
	assert_int_equal(info->artifacts[0].size, 12);
	assert_string_equal(info->artifacts[1].download_url, "");
	assert_int_equal(info->artifacts[1].size, 0);
	assert_int_equal(info->artifacts[2].size, -1);
	assert_int_equal(info->artifacts[3].size, 0);
	assert_true(extmgr__definition_info_has(info, EXTMGR__FN_INSTALL));
	assert_false(extmgr__definition_info_has(info, EXTMGR__FN_UNINSTALL));
	assert_false(extmgr__definition_info_has(info, EXTMGR__FN_UPGRADE));
	extmgr__definition_free(definition);
	extmgr_context_free(context);
}

static void missing_properties_are_empty(void **state)
{
	static const char *const literals[] = {"{}", "new (function X() {})()"};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		struct extmgr__definition *definition = load_extension(context, literals[i]);
		const struct extmgr__definition_info *info =
			extmgr__definition_get_info(definition);

		assert_string_equal(info->name, "");
		assert_int_equal(info->version_count, 0);
		assert_null(extmgr__definition_info_latest(info));
		assert_int_equal(info->functions, 0);
		extmgr__definition_free(definition);
	}
	extmgr_context_free(context);
}

static void latest_is_the_marked_version_or_the_highest(void **state)
{
	static const char *const cases[][2] = {
		{"[{name: '1.0.0', latest: true}, {name: '2.0.0'}]", "1.0.0"},
		{"[{name: '1.9.0'}, {name: '1.10.0'}, {name: '1.2.0'}]", "1.10.0"},
		{"[{name: '1.0.0-rc.1'}, {name: '1.0.0'}]", "1.0.0"},
		{"[{name: 'nightly'}, {name: '0.0.1'}]", "0.0.1"},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__definition *definition;
		char literal[256];

		(void)snprintf(literal, sizeof(literal), "{installableVersions: %s}", cases[i][0]);
		definition = load_extension(context, literal);
		assert_string_equal(
			extmgr__definition_info_latest(extmgr__definition_get_info(definition)),
			cases[i][1]);
		extmgr__definition_free(definition);
	}
	extmgr_context_free(context);
}

static void reads_requirements(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__definition *definition = load_extension(
		context, "{requirements: {dialects: ['sqlite', 'postgresql'],"
			 " server: {postgresql: '>=14', sqlite: '3.35'},"
			 " privileges: new Set(['create-schema']), extensions: ['postgres_fdw'],"
			 " requires: ['a', {id: 'b', version: '>=1 <2'}, {id: 'c'}]},"
			 " bucketFsUploads: [{}, {sha256: '0123456789abcdef0123456789ABCDEF0123456"
			 "789abcdef0123456789abcdef'}]}");
	const struct extmgr__definition_info *info = extmgr__definition_get_info(definition);
	static const struct {
		enum extmgr__requirement_kind kind;
		const char *name;
		const char *range;
	} expected[] = {
		{EXTMGR__REQUIRES_DIALECT, "sqlite", NULL},
		{EXTMGR__REQUIRES_DIALECT, "postgresql", NULL},
		{EXTMGR__REQUIRES_SERVER, "postgresql", ">=14"},
		{EXTMGR__REQUIRES_SERVER, "sqlite", "3.35"},
		{EXTMGR__REQUIRES_PRIVILEGE, "create-schema", NULL},
		{EXTMGR__REQUIRES_DATABASE_EXTENSION, "postgres_fdw", NULL},
		{EXTMGR__REQUIRES_EXTENSION, "a", NULL},
		{EXTMGR__REQUIRES_EXTENSION, "b", ">=1 <2"},
		{EXTMGR__REQUIRES_EXTENSION, "c", ""},
	};

	(void)state;
	assert_int_equal(info->requirement_count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < info->requirement_count; i++) {
		assert_int_equal(info->requirements[i].kind, expected[i].kind);
		assert_string_equal(info->requirements[i].name, expected[i].name);
		if (expected[i].range)
			assert_string_equal(info->requirements[i].range, expected[i].range);
		else
			assert_null(info->requirements[i].range);
	}
	assert_string_equal(info->artifacts[0].sha256, "");
	assert_string_equal(info->artifacts[1].sha256,
			    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	extmgr__definition_free(definition);
	definition = load_extension(context, "{requirements: {server: '9', requires: null}}");
	info = extmgr__definition_get_info(definition);
	assert_int_equal(info->requirement_count, 1);
	assert_string_equal(info->requirements[0].name, "");
	extmgr__definition_free(definition);
	extmgr_context_free(context);
}

/* What is not understood would not be checked. */
static void refuses_requirements_that_it_does_not_understand(void **state)
{
	static const char *const cases[][2] = {
		{"{requirements: 5}", "it is not an object"},
		{"{requirements: {databases: []}}", "'databases' is not known"},
		{"{requirements: {dialects: 'sqlite'}}", "dialects is not a list"},
		{"{requirements: {dialects: ['']}}", "'' is no name"},
		{"{requirements: {dialects: ['a\\n']}}", "is no name"},
		{"{requirements: {dialects: [5]}}", "is no text"},
		{"{requirements: {privileges: ['root']}}", "'root' is no privilege"},
		{"{requirements: {server: 14}}", "server is neither"},
		{"{requirements: {server: {sqlite: 3}}}", "server is neither"},
		{"{requirements: {server: '^14'}}", "'^14' is no range"},
		{"{requirements: {server: ''}}", "'' is no range"},
		{"{requirements: {requires: [{version: '1'}]}}", "'' is no name"},
		{"{requirements: {requires: [{id: 'a', version: 'x'}]}}", "'x' is no range"},
		{"{requirements: {extensions: [{id: 'a'}]}}", "is no text"},
		{"{requirements: {requires: {length: 1001}}}", "too many"},
		{"{bucketFsUploads: [{sha256: 'abc'}]}", "64 hexadecimal digits"},
		{"{bucketFsUploads: [{sha256: 5}]}", "64 hexadecimal digits"},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extmgr__definition *definition = NULL;
		extmgr_error *error = NULL;
		extmgr_text *text = NULL;
		char source[400];

		(void)snprintf(source, sizeof(source),
			       "global.installedExtension = {extension: %s, apiVersion: '0.2.0'};",
			       cases[i][0]);
		assert_int_equal(load(context, source, &definition, &error),
				 EXTMGR_E_DEFINITION_SHAPE);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (!strstr(extmgr_text_get_data(text), cases[i][1]))
			fail_msg("%s: %s", cases[i][0], extmgr_text_get_data(text));
		extmgr_text_free(text);
		extmgr_error_free(error);
	}
	extmgr_context_free(context);
}

struct refusal {
	const char *source;
	extmgr_result code;
	const char *text; /* part of the chain's text */
};

#define EXTENSION(literal)                                                                         \
	"global.installedExtension = {extension: " literal ", apiVersion: '0.2.0'}"
#define VERSION(literal) "global.installedExtension = {extension: {}, apiVersion: " literal "}"

static const struct refusal refusals[] = {
	{"", EXTMGR_E_DEFINITION_UNREGISTERED,
	 "extension \"x.js\" did not set global.installedExtension"},
	{"globalThis.installedExtension = {}", EXTMGR_E_DEFINITION_UNREGISTERED, "did not set"},
	{"var installedExtension = {}", EXTMGR_E_DEFINITION_UNREGISTERED, "did not set"},
	{"global.installedExtension = null", EXTMGR_E_DEFINITION_UNREGISTERED, "did not set"},
	{"global.installedExtension = 5", EXTMGR_E_DEFINITION_SHAPE,
	 "failed to read installedExtension variable for extension \"x.js\""},
	{EXTENSION("5"), EXTMGR_E_DEFINITION_SHAPE, "could not convert extension"},
	{EXTENSION("{install: 5}"), EXTMGR_E_DEFINITION_SHAPE, "could not convert install"},
	{EXTENSION("{installableVersions: ['2.3.0']}"), EXTMGR_E_DEFINITION_SHAPE,
	 "could not convert an element of installableVersions"},
	{EXTENSION("{installableVersions: [null]}"), EXTMGR_E_DEFINITION_SHAPE, "an element of"},
	{EXTENSION("{installableVersions: 5}"), EXTMGR_E_DEFINITION_SHAPE, "not an array"},
	{EXTENSION("{installableVersions: {}}"), EXTMGR_E_DEFINITION_SHAPE, "not an array"},
	{EXTENSION("{installableVersions: {length: 1e9}}"), EXTMGR_E_DEFINITION_SHAPE, "too many"},
	{EXTENSION("{installableVersions: new Array(1001)}"), EXTMGR_E_DEFINITION_SHAPE,
	 "too many"},
	{EXTENSION("{name: new Array(65538).join('x')}"), EXTMGR_E_DEFINITION_SHAPE,
	 "longer than 65536 bytes"},
	{EXTENSION("{name: 'a\\0b'}"), EXTMGR_E_DEFINITION_SHAPE, "NUL"},
	{EXTENSION("{name: Symbol('s')}"), EXTMGR_E_DEFINITION_SHAPE, "symbol"},
	{EXTENSION("{get name() { throw new Error('no'); }}"), EXTMGR_E_SCRIPT_THREW,
	 "failed to run extension \"x.js\": Error: no at x.js:1"},
	{EXTENSION("new Proxy({}, {get: function () { throw new Error('trap'); }})"),
	 EXTMGR_E_SCRIPT_THREW, "trap"},
	{EXTENSION("{name: {toString: function () { throw 'no text'; }}}"), EXTMGR_E_SCRIPT_THREW,
	 "no text"},
	{VERSION("'99.0.0'"), EXTMGR_E_API_VERSION,
	 "extension \"x.js\" uses incompatible API version \"99.0.0\". Please update the extension "
	 "to use supported version \"0.2.0\""},
	{VERSION("'invalid'"), EXTMGR_E_API_VERSION,
	 "extension \"x.js\" uses invalid API version number \"invalid\""},
	{VERSION("undefined"), EXTMGR_E_API_VERSION, "invalid API version number \"\""},
	{VERSION("'v0.1.0'"), EXTMGR_E_API_VERSION, "invalid"},
	{VERSION("'00.1.0'"), EXTMGR_E_API_VERSION, "invalid"},
	{VERSION("' 0.1.0'"), EXTMGR_E_API_VERSION, "invalid"},
	{"throw new TypeError('early')", EXTMGR_E_SCRIPT_THREW,
	 "failed to run extension \"x.js\": TypeError: early at x.js:1"},
	{"throw null", EXTMGR_E_SCRIPT_THREW, "failed to run extension \"x.js\": null"},
	{"throw {status: 418, message: 'tea'}", EXTMGR_E_SCRIPT_STATUS, "tea"},
	{"\nvar = 5;", EXTMGR_E_SCRIPT_SYNTAX, "failed to run extension \"x.js\": SyntaxError: "},
	{"var a = 'open", EXTMGR_E_SCRIPT_SYNTAX, "at x.js:1"},
	{"var secret_password_token = ;", EXTMGR_E_SCRIPT_SYNTAX, "SyntaxError"},
	{"x = \xff\xfe", EXTMGR_E_SCRIPT_SYNTAX, "not valid UTF-8"},
	{"\nasync function* g() {}", EXTMGR_E_SCRIPT_NEWER_SYNTAX, "definition 'x.js' line 2"},
	{"undefinedFunction()", EXTMGR_E_SCRIPT_THREW, "ReferenceError"},
	{"for (;;);", EXTMGR_E_SCRIPT_TIMEOUT,
	 "failed to run extension \"x.js\": script ran longer"},
	{EXTENSION("{get name() { for (;;); }}"), EXTMGR_E_SCRIPT_TIMEOUT, "ran longer"},
	{EXTENSION("{installableVersions: {length: 5, get 0() { for (;;); }}}"),
	 EXTMGR_E_SCRIPT_TIMEOUT, "ran longer"},
	{"var s = 'x'; for (;;) s += s", EXTMGR_E_SCRIPT_MEMORY, "bytes of memory"},
};

static void refuses_what_is_no_definition(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct fake_clock clock = {.step = 10000000};
		extmgr_context *context = test_context(&clock, 0);
		struct extmgr__definition *definition = NULL;
		extmgr_error *error = NULL;
		extmgr_text *text = NULL;

		if (load(context, refusals[i].source, &definition, &error) != refusals[i].code)
			print_error("%s: %s\n", refusals[i].source,
				    extmgr_error_get_message(error));
		assert_null(definition);
		assert_int_equal(extmgr_error_get_code(error), refusals[i].code);
		assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
		if (!strstr(extmgr_text_get_data(text), refusals[i].text))
			print_error("%s: %s\n", refusals[i].source, extmgr_text_get_data(text));
		assert_non_null(strstr(extmgr_text_get_data(text), refusals[i].text));
		assert_null(strstr(extmgr_text_get_data(text), "secret_password_token"));
		extmgr_text_free(text);
		extmgr_error_free(error);
		extmgr_context_free(context);
	}
}

static void accepts_compatible_api_versions(void **state)
{
	static const char *const versions[] = {"0",     "0.5",     "0.0.0",           "0.1.15",
					       "0.2.0", "0.99.99", "0.5.0-rc.1+build"};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct extmgr__definition *definition = NULL;
		char source[256];

		(void)snprintf(source, sizeof(source),
			       "global.installedExtension = {extension: {}, apiVersion: '%s'}",
			       versions[i]);
		assert_int_equal(load(context, source, &definition, NULL), EXTMGR_OK);
		extmgr__definition_free(definition);
	}
	extmgr_context_free(context);
}

static void caps_the_source(void **state)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;
	static char source[2000];

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.source_bytes = 1000;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	memset(source, ' ', 1001);
	assert_int_equal(load(context, source, &definition, &error), EXTMGR_E_SOURCE_TOO_LARGE);
	extmgr_error_free(error);
	source[1000] = '\0';
	assert_int_equal(load(context, source, &definition, NULL),
			 EXTMGR_E_DEFINITION_UNREGISTERED);
	extmgr_context_free(context);
}

static void says_what_to_do_about_newer_syntax(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(load(context, "var a;\nasync function* f() {}", &definition, &error),
			 EXTMGR_E_SCRIPT_NEWER_SYNTAX);
	assert_non_null(strstr(extmgr_error_get_message(error), "generator functions"));
	assert_non_null(strstr(extmgr_error_get_hint(error), "jsc.target es5"));
	extmgr_error_free(error);
	extmgr_context_free(context);
}

struct log {
	char text[1024];
};

static void take_log(void *user_data, int32_t level, const char *component, const char *message,
		     size_t length)
{
	struct log *log = user_data;
	size_t used = strlen(log->text);

	(void)length;
	(void)snprintf(log->text + used, sizeof(log->text) - used, "%d|%s|%s\n", level, component,
		       message);
}

static void console_goes_to_the_log(void **state)
{
	struct log log = {""};
	extmgr_context_options options;
	extmgr_context *context = NULL;
	struct extmgr__definition *definition = NULL;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.log = take_log;
	options.user_data = &log;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	assert_int_equal(
		load(context,
		     "console.log(); console.info('a %s b %d %j %% %x', 'S', '7', {k: [1]}, {}, 5);"
		     "console.warn('two\\nlines', null, undefined); console.error({});"
		     "console.debug('%s'); console.log('%s %i %f', Symbol('q'), '12px', '1.5x', "
		     "'z')",
		     &definition, NULL),
		EXTMGR_E_DEFINITION_UNREGISTERED);
	assert_string_equal(log.text,
			    "3|definition:x.js|\n"
			    "3|definition:x.js|a S b 7 {\"k\":[1]} % %x [object Object] 5\n"
			    "2|definition:x.js|two lines null undefined\n"
			    "1|definition:x.js|[object Object]\n"
			    "3|definition:x.js|%s\n"
			    "3|definition:x.js|Symbol(q) 12 1.5 z\n");
	extmgr_context_free(context);
}

static const char counted_source[] =
	"console.log('run'); global.installedExtension = {extension: {name: 'n'}, apiVersion: '0'}";

static void static_parts_are_cached_by_digest(void **state)
{
	struct log log = {""};
	extmgr_context_options options;
	extmgr_context *context = NULL;
	struct extmgr__definition_info *first = NULL;
	struct extmgr__definition_info *second = NULL;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.log = take_log;
	options.user_data = &log;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(extmgr__definition_info_get(context, NULL, ID, counted_source,
							     strlen(counted_source),
							     i ? &second : &first, NULL),
				 EXTMGR_OK);
	}
	assert_ptr_equal(first, second);
	assert_string_equal(log.text, "3|definition:x.js|run\n");
	extmgr__definition_info_unref(second);
	extmgr_context_free(context);
	assert_string_equal(first->name, "n"); /* outlives the context */
	extmgr__definition_info_unref(first);
}

static void the_cache_keeps_the_newest_thousand(void **state)
{
	struct log log = {""};
	extmgr_context_options options;
	extmgr_context *context = NULL;
	struct extmgr__definition_info *info = NULL;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.log = take_log;
	options.user_data = &log;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	for (int i = 0; i <= 1000; i++) {
		char source[160];

		(void)snprintf(source, sizeof(source),
			       "%s global.installedExtension = {extension: {name: %d}, apiVersion: "
			       "'0'}",
			       i == 0 ? "console.log('first');" : "", i);
		assert_int_equal(extmgr__definition_info_get(context, NULL, ID, source,
							     strlen(source), &info, NULL),
				 EXTMGR_OK);
		extmgr__definition_info_unref(info);
		if (i == 999) { /* all still there: nothing runs */
			(void)snprintf(source, sizeof(source),
				       "console.log('first'); global.installedExtension = "
				       "{extension: {name: 0}, apiVersion: '0'}");
			assert_int_equal(extmgr__definition_info_get(context, NULL, ID, source,
								     strlen(source), &info, NULL),
					 EXTMGR_OK);
			extmgr__definition_info_unref(info);
			assert_string_equal(log.text, "3|definition:x.js|first\n");
		}
	}
	extmgr_context_free(context);
}

static void *get_many(void *argument)
{
	extmgr_context *context = argument;

	for (int i = 0; i < 50; i++) {
		struct extmgr__definition_info *info = NULL;

		if (extmgr__definition_info_get(context, NULL, ID, counted_source,
						strlen(counted_source), &info, NULL) != EXTMGR_OK)
			return argument;
		extmgr__definition_info_unref(info);
	}
	return NULL;
}

static void threads_share_the_cache(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, get_many, context), 0);
	for (size_t i = 0; i < 4; i++) {
		void *failed = NULL;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	extmgr_context_free(context);
}

/* ---- code that is kept ---- */

/* Line 3 throws; newer syntax is lowered first, and then line 3 is another. */
#define THROWS(newer)                                                                              \
	"global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'x',\n"               \
	" category: " newer ",\n"                                                                  \
	" install: function () { throw new Error('mock'); }}};"

static void install_fails_at(extmgr_context *context, const char *id, const char *source,
			     const char *place)
{
	const struct extmgr__services services = {.dialect = "exasol", .extension_schema = "S"};
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;
	extmgr_text *text = NULL;

	assert_int_equal(extmgr__definition_load(context, NULL, id, source, strlen(source),
						 &definition, NULL),
			 EXTMGR_OK);
	assert_string_equal(extmgr__definition_get_info(definition)->category, "c");
	assert_int_equal(extmgr__definition_install(definition, &services, NULL, "1", &error),
			 EXTMGR_E_SCRIPT_THREW);
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	if (!strstr(extmgr_text_get_data(text), place))
		fail_msg("%s", extmgr_text_get_data(text));
	extmgr_text_free(text);
	extmgr_error_free(error);
	extmgr__definition_free(definition);
}

static bool is_kept(extmgr_context *context, const char *id, const char *source)
{
	char digest[EXTMGR__SHA256_HEX_SIZE];
	struct extmgr__code code;

	assert_int_equal(extmgr__hash_sha256_hex(source, strlen(source), digest), EXTMGR_OK);
	extmgr__code_find(context, digest, id, &code);
	if (!code.bytes)
		return false;
	free(code.bytes);
	return true;
}

/* Loaded again nothing is different, and each id is named as itself. */
static void code_is_compiled_once(void **state)
{
	static const char *const sources[] = {THROWS("'c'"), THROWS("(() => 'c')()")};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < (extmgr__lowering_is_there() ? 2 : 1); i++) {
		assert_false(is_kept(context, "x", sources[i]));
		install_fails_at(context, "x", sources[i], "Error: mock at x:3");
		assert_true(is_kept(context, "x", sources[i]));
		assert_false(is_kept(context, "y", sources[i]));
		install_fails_at(context, "x", sources[i], "Error: mock at x:3");
		install_fails_at(context, "y", sources[i], "Error: mock at y:3");
		install_fails_at(context, "y", sources[i], "Error: mock at y:3");
	}
	extmgr_context_free(context);
}

/* What fails to load, and what is very long, is not kept; the oldest make room. */
static void not_all_code_is_kept(void **state)
{
	static char source[(300 << 10) + 1];
	static const char failing[] = "throw 'x'";
	struct extmgr__code code = {.bytes = source, .length = sizeof(source)};
	struct extmgr__definition *definition = NULL;
	extmgr_context *context = test_context(NULL, 0);
	char digest[EXTMGR__SHA256_HEX_SIZE];

	(void)state;
	assert_true(extmgr__definition_load(context, NULL, "x", failing, strlen(failing),
					    &definition, NULL) < 0);
	assert_false(is_kept(context, "x", failing));
	memset(source, ' ', sizeof(source) - 1);
	memcpy(source, THROWS("'c'"), strlen(THROWS("'c'")));
	install_fails_at(context, "x", source, "Error: mock at x:3");
	assert_false(is_kept(context, "x", source));
	for (int i = 0; i < 300; i++) {
		(void)snprintf(digest, sizeof(digest), "%064d", i);
		extmgr__code_keep(context, digest, "x", &code);
	}
	code = (struct extmgr__code){0};
	extmgr__code_find(context, digest, "x", &code);
	assert_int_equal(code.length, sizeof(source));
	free(code.bytes);
	(void)snprintf(digest, sizeof(digest), "%064d", 300 - 60); /* 60 of them are over 16 MiB */
	extmgr__code_find(context, digest, "x", &code);
	assert_null(code.bytes);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_static_part),
		cmocka_unit_test(missing_properties_are_empty),
		cmocka_unit_test(reads_requirements),
		cmocka_unit_test(refuses_requirements_that_it_does_not_understand),
		cmocka_unit_test(latest_is_the_marked_version_or_the_highest),
		cmocka_unit_test(refuses_what_is_no_definition),
		cmocka_unit_test(accepts_compatible_api_versions),
		cmocka_unit_test(caps_the_source),
		cmocka_unit_test(says_what_to_do_about_newer_syntax),
		cmocka_unit_test(console_goes_to_the_log),
		cmocka_unit_test(static_parts_are_cached_by_digest),
		cmocka_unit_test(the_cache_keeps_the_newest_thousand),
		cmocka_unit_test(threads_share_the_cache),
		cmocka_unit_test(code_is_compiled_once),
		cmocka_unit_test(not_all_code_is_kept),
	};

	return cmocka_run_group_tests_name("script_definition", tests, NULL, NULL);
}
