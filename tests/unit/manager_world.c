/* SPDX-License-Identifier: MIT */
#include "manager_world.h"

#include <fcntl.h>
#include <unistd.h>

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

static extmgr_result list_no_files(void *user_data, extmgr_operation *operation,
				   extmgr_file_list *files, extmgr_host_error *error)
{
	(void)user_data, (void)operation, (void)files, (void)error;
	return EXTMGR_OK;
}

void world_open(struct world *world)
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

int world_set_up(void **state)
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
	world_open(&world);
	*state = &world;
	return 0;
}

int world_tear_down(void **state)
{
	struct world *world = *state;
	char path[80];

	close_world(world);
	(void)snprintf(path, sizeof(path), "%s/x.js", world->path);
	assert_int_equal(unlink(path), 0);
	return rmdir(world->path);
}

/* ---- all calls of a manager in one form ---- */

struct arguments good_arguments(const struct world *world)
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

static extmgr_result validate(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_validate_parameters(with->manager, with->id, with->version,
						  with->values, with->values_length, with->options,
						  (extmgr_text **)out, error);
}

static extmgr_result history(const struct arguments *with, void **out, extmgr_error **error)
{
	return extmgr_manager_get_history(with->manager, NULL, 0, with->options,
					  (extmgr_text **)out, error);
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

const struct call calls[CALLS] = {
	[LIST_EXTENSIONS] = {"list_extensions", list_all, free_extensions, false, false, EXTMGR_OK},
	[GET_EXTENSION] = {"get_extension", get, free_text, true, false, EXTMGR_OK},
	[INSTALL] = {"install", install, free_text, true, true, EXTMGR_OK},
	[UNINSTALL] = {"uninstall", uninstall, free_text, true, true, EXTMGR_E_INSTANCES_EXIST},
	[UPGRADE] = {"upgrade", upgrade, free_text, true, true, EXTMGR_OK},
	[CREATE_INSTANCE] = {"create_instance", create, free_text, true, true, EXTMGR_OK},
	[LIST_INSTANCES] = {"list_instances", instances, free_instances, true, false, EXTMGR_OK},
	[READ_INSTANCE] = {"read_instance", read_one, free_text, true, false, EXTMGR_OK},
	[DELETE_INSTANCE] = {"delete_instance", delete_one, free_text, true, true, EXTMGR_OK},
	[GET_HISTORY] = {"get_history", history, free_text, false, false, EXTMGR_OK},
	[VALIDATE] = {"validate_parameters", validate, free_text, true, false, EXTMGR_OK},
};

void assert_answers(const struct call *call, const struct arguments *with, extmgr_result expected)
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

void assert_refused_early(struct world *world, const struct call *call,
			  const struct arguments *with, extmgr_result expected)
{
	world->fake.calls[0] = '\0';
	assert_answers(call, with, expected);
	assert_string_equal(world->fake.calls, "");
}
