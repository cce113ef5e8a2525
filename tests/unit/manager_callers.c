/* SPDX-License-Identifier: MIT */
/* Transactions of the caller's: what the library asks of the session, and what it never does. */
#include "manager_world.h"

static extmgr_manager *make(const struct world *world, extmgr_database *database,
			    uint32_t transaction)
{
	extmgr_target_options options;
	extmgr_manager *manager = NULL;

	extmgr_target_options_init(&options, sizeof(options));
	options.verify = EXTMGR_VERIFY_OFF;
	options.transaction = transaction;
	assert_int_equal(extmgr_manager_new(world->context, world->registry, database, world->files,
					    &options, &manager, NULL),
			 EXTMGR_OK);
	return manager;
}

static void test_the_transaction_is_never_begun_nor_ended(void **state)
{
	struct world *world = *state;
	extmgr_manager *manager = make(world, world->database, EXTMGR_TRANSACTION_CALLER);
	struct arguments with = good_arguments(world);

	with.manager = manager;
	for (size_t i = 0; i < CALLS; i++) {
		const char *asked = world->fake.calls;
		void *out = NULL;

		world->fake.calls[0] = '\0';
		assert_int_equal(calls[i].run(&with, &out, NULL), calls[i].healthy);
		if (out)
			calls[i].free(out);
		assert_null(strstr(asked, "begin"));
		assert_null(strstr(asked, "commit"));
		assert_null(strstr(asked, "rollback"));
		assert_null(strstr(asked, "broken"));
		/* At least the savepoint and its release. */
		assert_non_null(strstr(asked, "execute "));
		assert_non_null(strstr(asked, "close"));
	}
	extmgr_manager_free(manager);
}

/* The first savepoint, its release, and going back to it: whichever fails, nobody ends anything. */
static void test_failures_end_nothing_either(void **state)
{
	struct world *world = *state;
	extmgr_manager *manager = make(world, world->database, EXTMGR_TRANSACTION_CALLER);
	struct arguments with = good_arguments(world);

	with.manager = manager;
	world->fake.answers[CALL_EXECUTE] = EXTMGR_E_STATEMENT;
	for (size_t i = 0; i < CALLS; i++) {
		void *out = NULL;

		world->fake.calls[0] = '\0';
		assert_int_equal(calls[i].run(&with, &out, NULL), EXTMGR_E_CALLER_TRANSACTION);
		assert_null(out);
		assert_null(strstr(world->fake.calls, "begin"));
		assert_null(strstr(world->fake.calls, "rollback"));
	}
	extmgr_manager_free(manager);
}

static void test_it_needs_savepoints(void **state)
{
	struct world *world = *state;
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	extmgr_target_options options;
	extmgr_database *database = NULL;
	extmgr_manager *manager = NULL;
	extmgr_error *error = NULL;
	struct fake_host fake = {0};

	callbacks.capabilities = EXTMGR_DATABASE_TRANSACTIONAL_DDL;
	assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL), EXTMGR_OK);
	extmgr_target_options_init(&options, sizeof(options));
	options.transaction = EXTMGR_TRANSACTION_CALLER;
	assert_int_equal(extmgr_manager_new(world->context, world->registry, database, NULL,
					    &options, &manager, &error),
			 EXTMGR_E_UNSUPPORTED);
	assert_null(manager);
	assert_non_null(strstr(extmgr_error_get_message(error), "no savepoints"));
	assert_non_null(strstr(extmgr_error_get_hint(error), "EXTMGR_TRANSACTION_LIBRARY"));
	extmgr_error_free(error);
	extmgr_database_free(database);
}

static int count_interrupts(struct world *world, uint32_t transaction)
{
	extmgr_database_callbacks callbacks = fake_host_callbacks();
	struct fake_host fake = {.cancels_in = CALL_EXECUTE};
	extmgr_database *database = NULL;
	extmgr_call_options options;
	extmgr_manager *manager;

	extmgr_call_options_init(&options, sizeof(options));
	assert_int_equal(extmgr_operation_new(NULL, &options.operation, NULL), EXTMGR_OK);
	fake.cancels = options.operation;
	sem_init(&fake.released, 0, 0);
	assert_int_equal(extmgr_database_new(&callbacks, &fake, &database, NULL), EXTMGR_OK);
	manager = make(world, database, transaction);
	(void)!extmgr_manager_install(manager, "x", NULL, &options, NULL, NULL);
	assert_true(extmgr_operation_is_cancelled(options.operation));
	extmgr_operation_free(options.operation);
	extmgr_manager_free(manager);
	extmgr_database_free(database);
	return atomic_load(&fake.interrupts);
}

/* SQLite would roll back the caller's work with the statement. */
static void test_sqlite_is_not_interrupted_in_it(void **state)
{
	assert_true(count_interrupts(*state, EXTMGR_TRANSACTION_LIBRARY) > 0);
	assert_int_equal(count_interrupts(*state, EXTMGR_TRANSACTION_CALLER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_the_transaction_is_never_begun_nor_ended),
		WITH_WORLD(test_failures_end_nothing_either),
		WITH_WORLD(test_it_needs_savepoints),
		WITH_WORLD(test_sqlite_is_not_interrupted_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
