/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_MAXIMUM_THREADS 8
/* Things in work and not finished, for each thread. */
#define AHEAD 2

struct run {
	const struct extmgr__pool *pool;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	size_t next;     /* the first thing that nobody has taken */
	size_t finished; /* how many are */
	bool *worked;
	bool stop;
	pthread_t threads[EXTMGR__POOL_MAXIMUM_THREADS];
	size_t thread_count;
};

uint32_t extmgr__pool_default_threads(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1)
		return 1;
	return processors < DEFAULT_MAXIMUM_THREADS ? (uint32_t)processors
						    : DEFAULT_MAXIMUM_THREADS;
}

static extmgr_result run_alone(const struct extmgr__pool *pool, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < pool->count && result == EXTMGR_OK; i++) {
		pool->work(pool->user_data, i);
		result = pool->finish(pool->user_data, i, error);
	}
	return result;
}

/* With the lock held: whether there is a thing to take, now or later. */
static bool may_go_on(const struct run *run)
{
	return !run->stop && run->next < run->pool->count;
}

static void *work(void *argument)
{
	struct run *run = argument;

	pthread_mutex_lock(&run->lock);
	while (may_go_on(run)) {
		size_t index = run->next;

		if (index >= run->finished + AHEAD * run->thread_count) {
			pthread_cond_wait(&run->changed, &run->lock);
			continue;
		}
		run->next++;
		pthread_mutex_unlock(&run->lock);
		run->pool->work(run->pool->user_data, index);
		pthread_mutex_lock(&run->lock);
		run->worked[index] = true;
		pthread_cond_broadcast(&run->changed);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* The host's signals are for the host's threads. Fewer threads than asked for are enough. */
static void start_threads(struct run *run, size_t wanted)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&run->lock);
	while (run->thread_count < wanted &&
	       !pthread_create(&run->threads[run->thread_count], NULL, work, run))
		run->thread_count++;
	pthread_mutex_unlock(&run->lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static extmgr_result finish_all(struct run *run, extmgr_error **error)
{
	const struct extmgr__pool *pool = run->pool;
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < pool->count && result == EXTMGR_OK; i++) {
		pthread_mutex_lock(&run->lock);
		while (!run->worked[i])
			pthread_cond_wait(&run->changed, &run->lock);
		pthread_mutex_unlock(&run->lock);
		result = pool->finish(pool->user_data, i, error);
		pthread_mutex_lock(&run->lock);
		run->finished = i + 1;
		run->stop = result != EXTMGR_OK;
		pthread_cond_broadcast(&run->changed);
		pthread_mutex_unlock(&run->lock);
	}
	return result;
}

extmgr_result extmgr__pool_run(const struct extmgr__pool *pool, extmgr_error **error)
{
	struct run run = {.pool = pool};
	size_t wanted = pool->threads < EXTMGR__POOL_MAXIMUM_THREADS ? pool->threads
								     : EXTMGR__POOL_MAXIMUM_THREADS;
	extmgr_result result;

	if (wanted <= 1 || pool->count <= 1)
		return run_alone(pool, error);
	run.worked = calloc(pool->count, sizeof(*run.worked));
	if (!run.worked)
		return extmgr__error_no_memory(error);
	pthread_mutex_init(&run.lock, NULL);
	pthread_cond_init(&run.changed, NULL);
	start_threads(&run, wanted);
	result = run.thread_count ? finish_all(&run, error) : run_alone(pool, error);
	for (size_t i = 0; i < run.thread_count; i++)
		pthread_join(run.threads[i], NULL);
	pthread_cond_destroy(&run.changed);
	pthread_mutex_destroy(&run.lock);
	free(run.worked);
	return result;
}
