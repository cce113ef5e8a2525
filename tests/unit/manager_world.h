/* SPDX-License-Identifier: MIT */
/*
 * A manager over a registry with one extension, x, and a fake database; and all calls of a manager
 * in one form, so that a test can go through them.
 */
#ifndef EXTMGR_TEST_MANAGER_WORLD_H
#define EXTMGR_TEST_MANAGER_WORLD_H

#include "fake_host.h"

struct world {
	char path[64];
	struct fake_host fake;
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *database;
	extmgr_files *files;
	extmgr_manager *manager;
};

/* For one test; state is the struct world. */
int world_set_up(void **state);
int world_tear_down(void **state);
/* Makes the handles anew, over the directory that is there; the old ones are the caller's. */
void world_open(struct world *world);

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

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

/* With these each call gives its healthy answer. */
struct arguments good_arguments(const struct world *world);

enum call_index {
	LIST_EXTENSIONS,
	GET_EXTENSION,
	INSTALL,
	UNINSTALL,
	UPGRADE,
	CREATE_INSTANCE,
	LIST_INSTANCES,
	READ_INSTANCE,
	DELETE_INSTANCE,
	VALIDATE,
	GET_HISTORY,
	CALLS
};

struct call {
	const char *name;
	extmgr_result (*run)(const struct arguments *with, void **out, extmgr_error **error);
	void (*free)(void *out);
	bool takes_id;
	bool writes;           /* then the report may be NULL */
	extmgr_result healthy; /* what it answers when everything is right */
};

extern const struct call calls[CALLS];

/*
 * Makes the call twice, with and without an error: both must answer the same. What was in the
 * out-parameters before does not matter, and on failure they are zeroed.
 */
void assert_answers(const struct call *call, const struct arguments *with, extmgr_result expected);
/* The same for arguments that must be refused before anything is asked of the database. */
void assert_refused_early(struct world *world, const struct call *call,
			  const struct arguments *with, extmgr_result expected);

#endif
