/* SPDX-License-Identifier: MIT */
/*
 * What a host may do wrong with a manager, and what it may do that looks wrong: arguments, struct
 * sizes, ids, operations, fork, threads, and the order in which handles are freed.
 */
#include "fake_host.h"

#include "base/text.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS  25

static const char source[] =
	"global.installedExtension = { apiVersion: '0.2.0', extension: {\n"
	"  name: 'X', category: 'test', description: '', bucketFsUploads: [],\n"
	"  installableVersions: [{ name: '1', latest: true, deprecated: false }],\n"
	"  findInstallations: function () { return [{ name: 'X', version: '1' }]; },\n"
	"  install: function () {},\n"
	"  uninstall: function () {},\n"
	"  upgrade: function () { return { previousVersion: '0', newVersion: '1' }; },\n"
	"  getInstanceParameters: function () {\n"
	"    return [{ id: 'p', name: 'P', type: 'string' }];\n"
	"  },\n"
	"  addInstance: function () { return { id: 'i', name: 'I' }; },\n"
	"  findInstances: function () { return [{ id: 'i', name: 'I' }]; },\n"
	"  readInstanceParameterValues: function () { return { values: [] }; },\n"
	"  deleteInstance: function () {}\n"
	"} };\n";

/* A registry that holds x, and all handles over it and a fake database. */
struct world {
	char path[64];
	struct fake_host fake;
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *database;
	extmgr_files *files;
	extmgr_manager *manager;
};

static extmgr_result list_no_files(void *user_data, extmgr_operation *operation,
				   extmgr_file_list *files, extmgr_host_error *error)
{
	(void)user_data, (void)operation, (void)files, (void)error;
	return EXTMGR_OK;
}

static void open_world(struct world *world)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	extmgr_files_callbacks files_callbacks;
	extmgr_target_options options;

	memset(&world->fake, 0, sizeof(world->fake));
	callbacks.interrupt = NULL; /* nothing hangs here */
	extmgr_files_callbacks_init(&files_callbacks, sizeof(files_callbacks));
	files_callbacks.list = list_no_files;
	extmgr_target_options_init(&options, sizeof(options));
	options.verify = EXTMGR_VERIFY_OFF;
	assert_int_equal(extmgr_context_new(NULL, &world->context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_registry_open(world->context, world->path, &world->registry, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_database_new(&callbacks, &world->fake, &world->database, NULL),
			 EXTMGR_OK);
	assert_int_equal(extmgr_files_new(&files_callbacks, NULL, &world->files, NULL), EXTMGR_OK);
	assert_int_equal(extmgr_manager_new(world->context, world->registry, world->database,
					    world->files, &options, &world->manager, NULL),
			 EXTMGR_OK);
}

static void close_world(struct world *world)
{
	extmgr_manager_free(world->manager);
	extmgr_files_free(world->files);
	extmgr_database_free(world->database);
	extmgr_registry_free(world->registry);
	extmgr_context_free(world->context);
	assert_int_equal(world->fake.destroyed, 1);
}

static int set_up(void **state)
{
	static struct world world;
	char path[80];
	int file;

	(void)snprintf(world.path, sizeof(world.path), "/tmp/extmgr-manager-XXXXXX");
	assert_non_null(mkdtemp(world.path));
	(void)snprintf(path, sizeof(path), "%s/x.js", world.path);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(file, source, sizeof(source) - 1), sizeof(source) - 1);
	assert_int_equal(close(file), 0);
	open_world(&world);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	char path[80];

	close_world(world);
	(void)snprintf(path, sizeof(path), "%s/x.js", world->path);
	assert_int_equal(unlink(path), 0);
	return rmdir(world->path);
}

/* ---- all calls of a manager in one form ---- */

struct arguments {
	extmgr_manager *manager;
	uint32_t which;
	const char *id;
	const char *version;
	const char *instance_id;
	const char *values;
	size_t values_length;
	const extmgr_call_options *options;
};

static struct arguments good_arguments(const struct world *world)
{
	return (struct arguments){.manager = world->manager,
				  .which = EXTMGR_LIST_ALL,
				  .id = "x",
				  .instance_id = "i",
				  .values = "[]",
				  .values_length = 2};
}

/* out: NULL, or where the handle or text goes. */
static extmgr_result list_all(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_list_extensions(with->manager, with->which, with->options,
					      (extmgr_extension_list **)out, error);
}

static extmgr_result get(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_get_extension(with->manager, with->id, with->version, with->options,
					    (extmgr_text **)out, error);
}

static extmgr_result install(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_install(with->manager, with->id, with->version, with->options,
				      (extmgr_text **)out, error);
}

static extmgr_result uninstall(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_uninstall(with->manager, with->id, with->version, with->options,
					(extmgr_text **)out, error);
}

static extmgr_result upgrade(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_upgrade(with->manager, with->id, with->options, (extmgr_text **)out,
				      error);
}

static extmgr_result create(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_create_instance(with->manager, with->id, with->version, with->values,
					      with->values_length, with->options,
					      (extmgr_text **)out, error);
}

static extmgr_result instances(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_list_instances(with->manager, with->id, with->version, with->options,
					     (extmgr_instance_list **)out, error);
}

static extmgr_result read_one(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_read_instance(with->manager, with->id, with->version,
					    with->instance_id, with->options, (extmgr_text **)out,
					    error);
}

static extmgr_result delete_one(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_delete_instance(with->manager, with->id, with->version,
					      with->instance_id, with->options, (extmgr_text **)out,
					      error);
}

static void free_text(void *text)
{
	extmgr_text_free(text);
}

static void free_extensions(void *list)
{
	extmgr_extension_list_free(list);
}

static void free_instances(void *list)
{
	extmgr_instance_list_free(list);
}

static const struct call {
	const char *name;
	extmgr_result (*run)(const struct arguments *with, void **out, extmgr_error **error);
	void (*free)(void *out);
	bool takes_id;
	bool writes;           /* then the report may be NULL */
	extmgr_result healthy; /* what it answers when everything is right */
} calls[] = {
	{"list_extensions", list_all, free_extensions, false, false, EXTMGR_OK},
	{"get_extension", get, free_text, true, false, EXTMGR_OK},
	{"install", install, free_text, true, true, EXTMGR_OK},
	{"uninstall", uninstall, free_text, true, true, EXTMGR_E_INSTANCES_EXIST},
	{"upgrade", upgrade, free_text, true, true, EXTMGR_OK},
	{"create_instance", create, free_text, true, true, EXTMGR_OK},
	{"list_instances", instances, free_instances, true, false, EXTMGR_OK},
	{"read_instance", read_one, free_text, true, false, EXTMGR_OK},
	{"delete_instance", delete_one, free_text, true, true, EXTMGR_OK},
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

/*
 * Makes the call twice, with and without an error: both must answer the same. What was in the
 * out-parameters before does not matter, and on failure they are zeroed.
 */
static void assert_answers(const struct call *call, const struct arguments *with,
			   extmgr_result expected)
{
	char garbage;
	extmgr_error *error = (extmgr_error *)(void *)&garbage;
	void *out = &garbage;
	extmgr_result result = call->run(with, &out, &error);

	if (result != expected)
		fail_msg("%s: %s (%s) instead of %s", call->name, extmgr_result_get_name(result),
			 extmgr_error_get_message(error), extmgr_result_get_name(expected));
	assert_int_equal(extmgr_error_get_code(error), result < 0 ? result : EXTMGR_OK);
	assert_true((out != NULL) == (result >= 0));
	call->free(out);
	extmgr_error_free(error);

	out = &garbage;
	assert_int_equal(call->run(with, &out, NULL), expected);
	assert_true((out != NULL) == (expected >= 0));
	call->free(out);
}

/* The same for arguments that must be refused before anything is asked of the database. */
static void assert_refused_early(struct world *world, const struct call *call,
				 const struct arguments *with, extmgr_result expected)
{
	world->fake.calls[0] = '\0';
	assert_answers(call, with, expected);
	assert_string_equal(world->fake.calls, "");
}

static void test_every_call_works(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with, call->healthy);
}

static void test_a_report_may_be_left_out(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	for (const struct call *call = calls; call < calls + CALLS; call++) {
		extmgr_error *error = NULL;

		world->fake.calls[0] = '\0';
		assert_int_equal(call->run(&with, NULL, &error),
				 call->writes ? call->healthy : EXTMGR_E_INVALID_ARGUMENT);
		if (!call->writes)
			assert_string_equal(world->fake.calls, "");
		extmgr_error_free(error);
	}
}

static void test_null_and_unknown_arguments(void **state)
{
	struct world *world = *state;
	const uint32_t no_lists[] = {0, 5, UINT32_MAX};

	for (const struct call *call = calls; call < calls + CALLS; call++) {
		struct arguments with = good_arguments(world);

		with.manager = NULL;
		assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		with = good_arguments(world);
		with.id = NULL;
		if (call->takes_id)
			assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		with = good_arguments(world);
		with.instance_id = NULL;
		if (call->run == read_one || call->run == delete_one)
			assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
	}
	for (size_t i = 0; i < sizeof(no_lists) / sizeof(no_lists[0]); i++) {
		struct arguments with = good_arguments(world);

		with.which = no_lists[i];
		assert_refused_early(world, &calls[0], &with, EXTMGR_E_INVALID_ARGUMENT);
	}
}

static void test_options_of_a_call(void **state)
{
	struct world *world = *state;
	struct {
		extmgr_call_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		uint32_t flags;
		unsigned char tail;
		bool good;
	} cases[] = {
		{sizeof(extmgr_call_options), 0, 1, true}, /* beyond its end: not looked at */
		{sizeof(extmgr_call_options), EXTMGR_CALL_REHEARSE, 0, true},
		{sizeof(newer), 0, 0, true},
		{sizeof(newer), 0, 1, false},
		{sizeof(extmgr_call_options), 2, 0, false},
		{sizeof(extmgr_call_options), UINT32_MAX, 0, false},
		{sizeof(extmgr_call_options) - 1, 0, 0, false},
		{4, 0, 0, false},
		{0, 0, 0, false},
		{UINT32_MAX, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (const struct call *call = calls; call < calls + CALLS; call++) {
			struct arguments with = good_arguments(world);

			memset(&newer, 0, sizeof(newer));
			newer.options.struct_size = cases[i].size;
			newer.options.flags = cases[i].flags;
			newer.tail[15] = cases[i].tail;
			with.options = &newer.options;
			if (cases[i].good)
				assert_answers(call, &with, call->healthy);
			else
				assert_refused_early(world, call, &with, EXTMGR_E_INVALID_ARGUMENT);
		}
	}
	extmgr_call_options_init(NULL, sizeof(newer.options));
}

/* No id leads out of the registry, and none that is unknown costs a session. */
static void test_hostile_ids(void **state)
{
	struct world *world = *state;
	static char long_id[301];
	static char huge_id[(1 << 20) + 1];
	const char *const strangers[] = {
		"",      "y",        "X",       ".",      "..",        "../x",         "x/y",
		"/x",    "x/",       ".hidden", ".js",    "x.js.js",   "x.js.js.js",   "x.JS",
		"x\n",   "\x1b[31m", "x\x7f",   "\xff",   "\xc3",      "\xed\xa0\x80", "x\xc0\xae",
		"..\\x", " x",       "x;y",     "%2e%2e", "__proto__", long_id,        huge_id,
	};

	memset(long_id, 'i', sizeof(long_id) - 1);
	memset(huge_id, 'i', sizeof(huge_id) - 1);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		for (const struct call *call = calls; call < calls + CALLS; call++) {
			struct arguments with = good_arguments(world);

			with.id = strangers[i];
			if (call->takes_id)
				assert_refused_early(world, call, &with,
						     EXTMGR_E_EXTENSION_NOT_FOUND);
		}
	}
}

static void test_an_id_may_carry_its_suffix(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);

	with.id = "x.js";
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with, call->healthy);
}

/* A message says what was asked for, as one line of UTF-8 of bounded length. */
static void test_messages_are_safe_whatever_was_asked(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const ids[] = {"a\nb\x1b[0m", "\xff\xfe", huge};

	memset(huge, 'i', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct arguments with = good_arguments(world);
		extmgr_error *error = NULL;
		const char *message;
		void *out = NULL;

		with.id = ids[i];
		assert_int_equal(get(&with, &out, &error), EXTMGR_E_EXTENSION_NOT_FOUND);
		message = extmgr_error_get_message(error);
		assert_true(strlen(message) < 8192);
		assert_true(extmgr__utf8_is_valid(message, strlen(message)));
		assert_false(extmgr__text_has_control(message, strlen(message)));
		extmgr_error_free(error);
	}
}

/* A definition may know more versions than it offers; what it does not offer is not installed. */
static void test_hostile_versions(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const versions[] = {"",     "2",  "1 ",        "1'; DROP TABLE t; --",
					"1\n2", "..", "__proto__", huge};

	memset(huge, '1', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct arguments with = good_arguments(world);

		with.version = versions[i];
		assert_answers(&calls[2], &with, EXTMGR_E_VERSION_NOT_FOUND);
		assert_answers(&calls[5], &with, EXTMGR_E_VERSION_NOT_FOUND);
	}
}

static void test_unknown_instances(void **state)
{
	struct world *world = *state;
	static char huge[(1 << 20) + 1];
	const char *const ids[] = {"", "I", "i ", "i\n", "\xff", "' OR 1=1 --", "__proto__", huge};

	memset(huge, 'i', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct arguments with = good_arguments(world);

		with.instance_id = ids[i];
		assert_answers(&calls[7], &with, EXTMGR_E_INSTANCE_NOT_FOUND);
		assert_answers(&calls[8], &with, EXTMGR_UNCHANGED);
	}
}

static void test_values_of_an_instance(void **state)
{
	struct world *world = *state;
	static char deep[201];
	const struct {
		const char *values;
		size_t length;
		extmgr_result expected;
	} cases[] = {
		{"[]x", 2, EXTMGR_OK},
		{"{}", 2, EXTMGR_OK},
		{"{\"p\":\"v\"}", 9, EXTMGR_OK},
		{NULL, 0, EXTMGR_E_INVALID_ARGUMENT},
		{NULL, 7, EXTMGR_E_INVALID_ARGUMENT},
		{"", 0, EXTMGR_E_FORMAT},
		{"[", 1, EXTMGR_E_FORMAT},
		{"[]]", 3, EXTMGR_E_FORMAT},
		{"[]\0", 3, EXTMGR_E_FORMAT},
		{"null", 4, EXTMGR_E_FORMAT},
		{"[1]", 3, EXTMGR_E_FORMAT},
		{"\"p\"", 3, EXTMGR_E_FORMAT},
		{"{\"p\":\"\xff\"}", 9, EXTMGR_E_FORMAT},
		{"{\"p\":1}", 7, EXTMGR_E_PARAMETERS_INVALID},
		{"{\"p\":\"v\",\"p\":\"v\"}", 17, EXTMGR_E_FORMAT},
		{"{\"q\":\"v\"}", 9, EXTMGR_E_PARAMETERS_INVALID},
		{deep, 200, EXTMGR_E_FORMAT},
	};

	memset(deep, '[', sizeof(deep) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arguments with = good_arguments(world);

		with.values = cases[i].values;
		with.values_length = cases[i].length;
		assert_answers(&calls[5], &with, cases[i].expected);
	}
}

/* ---- making a manager ---- */

static void test_what_a_manager_needs(void **state)
{
	struct world *world = *state;
	const struct {
		extmgr_context *context;
		extmgr_registry *registry;
		extmgr_result expected;
	} cases[] = {
		{world->context, world->registry, EXTMGR_OK},
		{NULL, world->registry, EXTMGR_E_INVALID_ARGUMENT},
		{world->context, NULL, EXTMGR_E_INVALID_ARGUMENT},
		{NULL, NULL, EXTMGR_E_INVALID_ARGUMENT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_manager *manager = (extmgr_manager *)(void *)&manager;
		extmgr_error *error = (extmgr_error *)(void *)&error;

		assert_int_equal(extmgr_manager_new(cases[i].context, cases[i].registry, NULL, NULL,
						    NULL, &manager, &error),
				 cases[i].expected);
		assert_int_equal(extmgr_error_get_code(error), cases[i].expected);
		assert_true((manager != NULL) == (cases[i].expected == EXTMGR_OK));
		extmgr_manager_free(manager);
		extmgr_error_free(error);
	}
	assert_int_equal(
		extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL, NULL, NULL),
		EXTMGR_E_INVALID_ARGUMENT);
	extmgr_manager_free(NULL);
}

static extmgr_result make_manager(const struct world *world, const char *dialect,
				  const extmgr_target_options *options)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	extmgr_manager *manager = (extmgr_manager *)(void *)&manager;
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;
	struct fake_host fake = {0};
	extmgr_result result;

	callbacks.dialect = dialect;
	assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL), EXTMGR_OK);
	result = extmgr_manager_new(world->context, world->registry, database, NULL, options,
				    &manager, &error);
	assert_int_equal(extmgr_error_get_code(error), result);
	assert_true((manager != NULL) == (result == EXTMGR_OK));
	extmgr_error_free(error);
	extmgr_manager_free(manager);
	extmgr_database_free(database);
	return result;
}

static void test_options_of_a_target(void **state)
{
	struct {
		extmgr_target_options options;
		unsigned char tail[16];
	} newer;
	const struct {
		uint32_t size;
		uint32_t flags;
		uint32_t verify;
		uint32_t reserved;
		unsigned char tail;
		bool good;
	} cases[] = {
		{sizeof(extmgr_target_options), 0, 0, 0, 1, true},
		{sizeof(extmgr_target_options), EXTMGR_TARGET_ALLOW_PARTIAL, 3, 0, 0, true},
		{sizeof(newer), 0, EXTMGR_VERIFY_WARN, 0, 0, true},
		{sizeof(newer), 0, 0, 0, 1, false},
		{sizeof(extmgr_target_options), 2, 0, 0, 0, false},
		{sizeof(extmgr_target_options), UINT32_MAX, 0, 0, 0, false},
		{sizeof(extmgr_target_options), 0, 4, 0, 0, false},
		{sizeof(extmgr_target_options), 0, 0, 1, 0, false},
		{sizeof(extmgr_target_options) - 4, 0, 0, 0, 0, false},
		{0, 0, 0, 0, 0, false},
		{UINT32_MAX, 0, 0, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&newer, 0, sizeof(newer));
		newer.options.struct_size = cases[i].size;
		newer.options.flags = cases[i].flags;
		newer.options.verify = cases[i].verify;
		newer.options.reserved = cases[i].reserved;
		newer.tail[15] = cases[i].tail;
		assert_int_equal(make_manager(*state, "sqlite", &newer.options),
				 cases[i].good ? EXTMGR_OK : EXTMGR_E_INVALID_ARGUMENT);
	}
	extmgr_target_options_init(NULL, sizeof(newer.options));
}

#define TEN    "abcdefghij"
#define SIXTY  TEN TEN TEN TEN TEN TEN
#define LONG63 SIXTY "abc"

/* A schema goes into statements: what is no plain name is refused. */
static void test_names_of_the_extension_schema(void **state)
{
	const struct {
		const char *dialect;
		const char *schema;
		bool good;
	} cases[] = {
		{"sqlite", NULL, true},
		{"sqlite", "main", true},
		{"sqlite", "MAIN", false},
		{"sqlite", "temp", false},
		{"sqlite", "extensions", false},
		{"postgresql", NULL, true},
		{"postgresql", "main", true},
		{"postgresql", "_", true},
		{"postgresql", "Schema_2", true},
		{"postgresql", LONG63, true},
		{"postgresql", LONG63 "d", false},
		{"exasol", NULL, true},
		{"exasol", SIXTY SIXTY "abcdefgh", true},
		{"exasol", SIXTY SIXTY "abcdefghi", false},
		{"other", "x", true},
		{"other", "", false},
		{"other", "2nd", false},
		{"other", " x", false},
		{"other", "x ", false},
		{"other", "a-b", false},
		{"other", "a.b", false},
		{"other", "a\"b", false},
		{"other", "a'; DROP SCHEMA public; --", false},
		{"other", "a\nb", false},
		{"other", "\xc3\xa4", false},
		{"other", "\xff", false},
		{"other", "a$b", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		extmgr_target_options options;

		extmgr_target_options_init(&options, sizeof(options));
		options.extension_schema = cases[i].schema;
		if ((make_manager(*state, cases[i].dialect, &options) == EXTMGR_OK) !=
		    cases[i].good)
			fail_msg("%s '%s'", cases[i].dialect,
				 cases[i].schema ? cases[i].schema : "NULL");
	}
}

static void test_a_manager_without_database_lists_what_is_available(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	extmgr_manager *manager = NULL;

	assert_int_equal(extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL,
					    &manager, NULL),
			 EXTMGR_OK);
	with.manager = manager;
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_answers(call, &with, EXTMGR_E_INVALID_ARGUMENT);
	with.which = EXTMGR_LIST_AVAILABLE;
	assert_answers(&calls[0], &with, EXTMGR_OK);
	extmgr_manager_free(manager);
}

/* ---- lives of handles ---- */

static void free_one(struct world *world, int handle)
{
	switch (handle) {
	case 0:
		extmgr_context_free(world->context);
		break;
	case 1:
		extmgr_registry_free(world->registry);
		break;
	case 2:
		extmgr_database_free(world->database);
		break;
	case 3:
		extmgr_files_free(world->files);
		break;
	default:
		extmgr_manager_free(world->manager);
		break;
	}
}

/* Swaps the order into the next one; false after the last. */
static bool next_order(int *order, int count)
{
	int i = count - 2;
	int j = count - 1;
	int swapped;

	while (i >= 0 && order[i] > order[i + 1])
		i--;
	if (i < 0)
		return false;
	while (order[j] < order[i])
		j--;
	swapped = order[i], order[i] = order[j], order[j] = swapped;
	for (i++, j = count - 1; i < j; i++, j--)
		swapped = order[i], order[i] = order[j], order[j] = swapped;
	return true;
}

/* All 120 orders; until the manager itself is gone it works. */
static void test_handles_are_freed_in_any_order(void **state)
{
	struct world world = *(struct world *)*state;
	int order[] = {0, 1, 2, 3, 4};

	do {
		extmgr_extension_list *list = NULL;
		bool usable = true;

		open_world(&world);
		for (int i = 0; i < 5; i++) {
			free_one(&world, order[i]);
			usable = usable && order[i] != 4;
			if (!usable || list)
				continue;
			assert_int_equal(extmgr_manager_list_extensions(
						 world.manager, EXTMGR_LIST_ALL, NULL, &list, NULL),
					 EXTMGR_OK);
		}
		assert_int_equal(world.fake.destroyed, 1);
		if (list)
			assert_string_equal(extmgr_extension_list_get_id(list, 0), "x");
		extmgr_extension_list_free(list);
	} while (next_order(order, 5));
}

/* ---- operations ---- */

static extmgr_operation *make_operation(extmgr_progress_fn progress, void *user_data)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;

	extmgr_operation_options_init(&options, sizeof(options));
	options.progress = progress;
	options.user_data = user_data;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	return operation;
}

struct second_call {
	struct arguments with;
	int made;
};

/* Within a call, a second one with the same operation, and one without. */
static int32_t call_again(void *user_data, const char *step, uint64_t done, uint64_t total)
{
	struct second_call *second = user_data;
	struct arguments without = second->with;

	(void)step, (void)done, (void)total;
	if (second->made++)
		return 0;
	without.options = NULL;
	for (const struct call *call = calls; call < calls + CALLS; call++) {
		assert_answers(call, &second->with, EXTMGR_E_INVALID_ARGUMENT);
		assert_answers(call, &without, call->healthy);
	}
	return 0;
}

static void test_an_operation_serves_one_call_at_a_time(void **state)
{
	struct second_call second = {.with = good_arguments(*state)};
	extmgr_operation *operation = make_operation(call_again, &second);
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	second.with.options = &options;
	for (const struct call *call = calls; call < calls + CALLS; call++) {
		second.made = 0;
		assert_answers(call, &second.with, call->healthy);
		assert_true(second.made > 0);
	}
	extmgr_operation_free(operation);
}

static void test_a_cancelled_operation_begins_nothing(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	extmgr_operation *operation = make_operation(NULL, NULL);
	extmgr_call_options options;

	extmgr_call_options_init(&options, sizeof(options));
	options.operation = operation;
	with.options = &options;
	extmgr_operation_cancel(operation);
	for (const struct call *call = calls; call < calls + CALLS; call++)
		assert_refused_early(world, call, &with, EXTMGR_E_CANCELLED);
	extmgr_operation_free(operation);
}

/* ---- processes and threads ---- */

/* In the child, where no assertion may leave; the number of the first wrong answer. */
static int count_answers_after_fork(const struct world *world)
{
	struct arguments with = good_arguments(world);
	extmgr_manager *manager = NULL;
	int checked = 0;

	for (const struct call *call = calls; call < calls + CALLS; call++, checked++) {
		extmgr_error *error = NULL;
		void *out = NULL;

		if (call->run(&with, &out, &error) != EXTMGR_E_FORKED || out ||
		    extmgr_error_get_code(error) != EXTMGR_E_FORKED)
			return checked;
		extmgr_error_free(error);
	}
	if (extmgr_manager_new(world->context, world->registry, NULL, NULL, NULL, &manager, NULL) !=
		    EXTMGR_E_FORKED ||
	    manager)
		return checked;
	return checked + 1;
}

static void test_a_manager_ends_with_fork(void **state)
{
	struct world *world = *state;
	struct arguments with = good_arguments(world);
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(count_answers_after_fork(world));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CALLS + 1);
	assert_answers(&calls[0], &with, EXTMGR_OK); /* the parent goes on */
}

static void *list_often(void *manager)
{
	uintptr_t good = 0;

	for (int i = 0; i < ROUNDS; i++) {
		extmgr_extension_list *list = NULL;
		extmgr_text *report = NULL;

		if (extmgr_manager_list_extensions(manager, EXTMGR_LIST_ALL, NULL, &list, NULL) ==
			    EXTMGR_OK &&
		    extmgr_manager_install(manager, "x", NULL, NULL, &report, NULL) == EXTMGR_OK &&
		    extmgr_extension_list_get_count(list) == 1 &&
		    strcmp(extmgr_extension_list_get_installed_version(list, 0), "1") == 0)
			good++;
		extmgr_text_free(report);
		extmgr_extension_list_free(list);
	}
	return (void *)good;
}

static void test_threads_share_a_manager(void **state)
{
	struct world *world = *state;
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, list_often, world->manager), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good;

		pthread_join(threads[i], &good);
		assert_int_equal((uintptr_t)good, ROUNDS);
	}
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_every_call_works),
		WITH_WORLD(test_a_report_may_be_left_out),
		WITH_WORLD(test_null_and_unknown_arguments),
		WITH_WORLD(test_options_of_a_call),
		WITH_WORLD(test_hostile_ids),
		WITH_WORLD(test_an_id_may_carry_its_suffix),
		WITH_WORLD(test_messages_are_safe_whatever_was_asked),
		WITH_WORLD(test_hostile_versions),
		WITH_WORLD(test_unknown_instances),
		WITH_WORLD(test_values_of_an_instance),
		WITH_WORLD(test_what_a_manager_needs),
		WITH_WORLD(test_options_of_a_target),
		WITH_WORLD(test_names_of_the_extension_schema),
		WITH_WORLD(test_a_manager_without_database_lists_what_is_available),
		WITH_WORLD(test_handles_are_freed_in_any_order),
		WITH_WORLD(test_an_operation_serves_one_call_at_a_time),
		WITH_WORLD(test_a_cancelled_operation_begins_nothing),
		WITH_WORLD(test_a_manager_ends_with_fork),
		WITH_WORLD(test_threads_share_a_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
