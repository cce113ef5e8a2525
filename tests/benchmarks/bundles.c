/* SPDX-License-Identifier: MIT */
/*
 * 1 000 bundles of 200 KB: reading and hashing them (the limit), what the library needs to tell
 * that nothing changed and to compute all digests, on one core and on all; synchronising them with
 * an SQLite file, all new, unchanged and with 1 % changed; and a Python program.
 * bundles PYTHON SCRIPT: the last two are run on the same folder; may be left out.
 */
#include "bundle_folder.h"
#include "measure.h"

#include "base/hash.h"
#include "host/context.h"

#include <extmgr/extmgr.h>

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUNDLES         1000
#define RUNS            3
#define MAXIMUM_THREADS 16

extern char **environ;

struct work {
	extmgr_context *context;
	struct bundle_folder folder;
	atomic_size_t next;
	void (*one)(struct work *work, const char *path);
};

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* The limit: nothing can do with less. */
static void read_and_hash(struct work *work, const char *path)
{
	char hex[EXTMGR__SHA256_HEX_SIZE];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *bytes;

	(void)work;
	if (file < 0 || fstat(file, &status) != 0)
		fail(path);
	bytes = malloc((size_t)status.st_size + 1);
	if (!bytes || read(file, bytes, (size_t)status.st_size + 1) != status.st_size ||
	    extmgr__hash_sha256_hex(bytes, (size_t)status.st_size, hex) != EXTMGR_OK)
		fail(path);
	free(bytes);
	(void)close(file);
}

static extmgr_bundle_source *read_source(struct work *work, const char *path)
{
	extmgr_bundle_source *source = NULL;
	extmgr_error *error = NULL;

	check(extmgr_bundle_source_read(work->context, path, &source, &error), error);
	return source;
}

static void read_only(struct work *work, const char *path)
{
	extmgr_bundle_source_free(read_source(work, path));
}

static void read_and_open(struct work *work, const char *path)
{
	extmgr_bundle_source *source = read_source(work, path);
	extmgr_bundle *bundle = NULL;
	extmgr_error *error = NULL;

	check(extmgr_bundle_open(source, &bundle, &error), error);
	extmgr_bundle_free(bundle);
	extmgr_bundle_source_free(source);
}

static void *take_turns(void *argument)
{
	struct work *work = argument;
	char path[128];
	size_t index;

	while ((index = atomic_fetch_add(&work->next, 1)) < work->folder.count) {
		bundle_folder_path(&work->folder, index, path);
		work->one(work, path);
	}
	return NULL;
}

static void run_once(struct work *work, size_t threads)
{
	pthread_t others[MAXIMUM_THREADS];

	atomic_store(&work->next, 0);
	for (size_t i = 1; i < threads; i++) {
		if (pthread_create(&others[i], NULL, take_turns, work) != 0)
			fail("pthread_create");
	}
	take_turns(work);
	for (size_t i = 1; i < threads; i++)
		(void)pthread_join(others[i], NULL);
}

/* The best of a few runs in ms, printed. */
static double run(struct work *work, const char *name, size_t threads,
		  void (*one)(struct work *, const char *))
{
	double best = 0;

	work->one = one;
	for (int i = 0; i < RUNS; i++) {
		uint64_t start = extmgr__monotonic_ns();
		double time;

		run_once(work, threads);
		time = (double)(extmgr__monotonic_ns() - start) / 1e6;
		if (i == 0 || time < best)
			best = time;
	}
	(void)printf("%s_%zu_threads %.1f ms\n", name, threads, best);
	return best;
}

/* ---- Synchronising ---- */

struct syncing {
	struct work *work;
	extmgr_catalog *catalog;
};

/* In ms, printed; expected: how many are written. */
static double synchronise(const struct syncing *syncing, const char *name, size_t expected)
{
	uint64_t start = extmgr__monotonic_ns();
	extmgr_sync_report *report = NULL;
	extmgr_error *error = NULL;
	struct rusage usage;
	double time;

	check(extmgr_sync_run(syncing->catalog, syncing->work->folder.path, NULL, &report, &error),
	      error);
	time = (double)(extmgr__monotonic_ns() - start) / 1e6;
	if (extmgr_sync_report_get_count(report, EXTMGR_SYNC_UPDATED) != expected)
		fail(name);
	extmgr_sync_report_free(report);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("sync_%s %.1f ms\nsync_%s_resident %ld KiB\n", name, time, name,
		     usage.ru_maxrss);
	return time;
}

/* Answers how long it takes when nothing changed. */
static double run_sync(struct work *work)
{
	struct syncing syncing = {.work = work};
	extmgr_database *database = NULL;
	extmgr_error *error = NULL;
	char url[128];
	double unchanged = 0;

	(void)snprintf(url, sizeof(url), "sqlite:%s/catalog.db", work->folder.path);
	check(extmgr_database_open(url, &database, &error), error);
	check(extmgr_catalog_open(work->context, database, NULL, &syncing.catalog, &error), error);
	(void)synchronise(&syncing, "cold", BUNDLES);
	for (int i = 0; i < RUNS; i++) {
		double time = synchronise(&syncing, "unchanged", 0);

		if (i == 0 || time < unchanged)
			unchanged = time;
	}
	for (size_t i = 0; i < BUNDLES; i += 100)
		bundle_folder_change(&work->folder, work->context, i, 1);
	(void)synchronise(&syncing, "1_percent_changed", BUNDLES / 100);
	extmgr_catalog_free(syncing.catalog);
	extmgr_database_free(database);
	(void)unlink(url + strlen("sqlite:"));
	return unchanged;
}

static double run_python(const struct work *work, char **arguments)
{
	char *command[] = {arguments[1], arguments[2], (char *)(uintptr_t)work->folder.path, NULL};
	uint64_t start = extmgr__monotonic_ns();
	double time;
	pid_t child;
	int status;

	(void)fflush(stdout);
	if (posix_spawnp(&child, command[0], NULL, NULL, command, environ) != 0 ||
	    waitpid(child, &status, 0) != child || status != 0)
		fail(arguments[2]);
	time = (double)(extmgr__monotonic_ns() - start) / 1e6;
	(void)printf("bundles_python_digests %.1f ms\n", time);
	return time;
}

int main(int argc, char **argv)
{
	struct work work = {0};
	extmgr_error *error = NULL;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = cores < 1 ? 1 : cores > MAXIMUM_THREADS ? MAXIMUM_THREADS : (size_t)cores;
	double limit;
	double unchanged;
	double synchronised;
	double cold;

	check(extmgr_context_new(NULL, &work.context, &error), error);
	bundle_folder_make(&work.folder, work.context, BUNDLES, BUNDLES);
	(void)run(&work, "bundles_limit", 1, read_and_hash);
	(void)run(&work, "bundles_unchanged", 1, read_only);
	(void)run(&work, "bundles_digests", 1, read_and_open);
	limit = run(&work, "bundles_limit", threads, read_and_hash);
	unchanged = run(&work, "bundles_unchanged", threads, read_only);
	cold = run(&work, "bundles_digests", threads, read_and_open);
	(void)printf("bundles_unchanged_to_limit %.2f times\n", unchanged / limit);
	synchronised = run_sync(&work);
	(void)printf("sync_unchanged_to_limit %.2f times\n", synchronised / limit);
	if (argc == 3) {
		double python = run_python(&work, argv);

		(void)printf("bundles_python_to_digests %.2f times\n", python / cold);
		(void)printf("bundles_python_to_unchanged %.2f times\n", python / unchanged);
		(void)printf("sync_python_to_unchanged %.2f times\n", python / synchronised);
	}
	bundle_folder_remove(&work.folder);
	extmgr_context_free(work.context);
	return EXIT_SUCCESS;
}
