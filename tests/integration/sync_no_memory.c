/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at the n-th allocation while two bundles are synchronised into SQLite, for many
 * n. Each run ends in an error or in success; the catalog is whole, and the next run completes.
 */
#include "bundles.h"
#include "failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <extmgr/extmgr.h>

static char directory[64] = "/tmp/extmgr-test-XXXXXX";
static char bundles[96];
static char url[128];

static void write_bundles(int version)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "1.%d.0", version);
	write_archive_bundle(bundles, &(struct test_bundle){"one", text, text, "// a definition"});
	write_directory_bundle(bundles, &(struct test_bundle){"two", text, text, NULL});
}

/* From the context to the report, as a host does. */
static extmgr_result synchronise(void)
{
	extmgr_context *context = NULL;
	extmgr_database *database = NULL;
	extmgr_catalog *catalog = NULL;
	extmgr_sync_report *report = NULL;
	extmgr_text *text = NULL;
	extmgr_error *error = NULL;
	extmgr_sync_options options;
	extmgr_result result = extmgr_context_new(NULL, &context, &error);

	extmgr_sync_options_init(&options, sizeof(options));
	options.max_parallel = 1;
	if (result == EXTMGR_OK)
		result = extmgr_database_open(url, &database, &error);
	if (result == EXTMGR_OK)
		result = extmgr_catalog_open(context, database, NULL, &catalog, &error);
	if (result == EXTMGR_OK)
		result = extmgr_sync_run(catalog, bundles, &options, &report, &error);
	if (result >= 0 && extmgr_sync_report_to_json(report, &text, &error) < 0)
		result = EXTMGR_E_NO_MEMORY;
	extmgr_text_free(text);
	text = NULL;
	if (result == EXTMGR_OK)
		result = extmgr_catalog_get(catalog, "acme.one", NULL, &text, &error);
	extmgr_text_free(text);
	extmgr_sync_report_free(report);
	extmgr_catalog_free(catalog);
	extmgr_database_free(database);
	extmgr_context_free(context);
	extmgr_error_free(error);
	return result;
}

static void test_memory_runs_out(void **state)
{
	unsigned long total;
	unsigned long stride;

	(void)state;
	write_bundles(0);
	failing_malloc_from(0);
	assert_int_equal(synchronise(), EXTMGR_OK);
	total = failing_malloc_count();
	stride = failing_malloc_stride(total, 60);
	for (unsigned long n = 1; n <= total; n += stride) {
		extmgr_result result;

		write_bundles((int)n);
		failing_malloc_from(n);
		result = synchronise();
		failing_malloc_from(0);
		/* The driver manager has a memory of its own, and words for it */
		assert_true(result < 0 || result == EXTMGR_PARTIAL || !failing_malloc_fired());
		assert_true(synchronise() >= 0);
		assert_int_equal(synchronise(), EXTMGR_UNCHANGED);
	}
	print_message("# %lu allocations, every %lu. failed\n", total, stride);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(bundles, sizeof(bundles), "%s/bundles", directory);
	(void)snprintf(url, sizeof(url), "sqlite:%s/catalog.db", directory);
	return mkdir(bundles, 0700);
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_runs_out)};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
