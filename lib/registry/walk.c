/* SPDX-License-Identifier: MIT */
#include "registry/walk.h"

#include "base/alloc.h"
#include "host/context.h"
#include "registry/check.h"
#include "registry/registry_internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define THREADS_MAXIMUM 8
#define WINDOW          16 /* definitions that are fetched or lie ready, but were not read */

struct slot {
	struct extmgr__source source;
	extmgr_result result;
	extmgr_error *error;
	bool ready;
};

struct extmgr__walk {
	extmgr_registry *registry;
	extmgr_operation *operation;
	extmgr_registry_list *list;
	struct slot *slots; /* NULL: nothing is fetched ahead */
	pthread_t threads[THREADS_MAXIMUM];
	size_t thread_count;
	pthread_mutex_t lock; /* guards what follows, and the slots that are not ready */
	pthread_cond_t changed;
	size_t next; /* entry that nobody fetches yet */
	size_t read; /* entries that were read */
	bool stop;
};

static void *fetch_ahead(void *argument)
{
	struct extmgr__walk *walk = argument;
	size_t count = extmgr__walk_count(walk);

	pthread_mutex_lock(&walk->lock);
	for (;;) {
		struct slot *slot;
		size_t index;

		while (!walk->stop && walk->next < count && walk->next >= walk->read + WINDOW)
			pthread_cond_wait(&walk->changed, &walk->lock);
		if (walk->stop || walk->next >= count)
			break;
		index = walk->next++;
		slot = &walk->slots[index];
		pthread_mutex_unlock(&walk->lock);
		slot->result =
			extmgr__registry_read_listed(walk->registry, walk->operation, walk->list,
						     index, &slot->source, &slot->error);
		pthread_mutex_lock(&walk->lock);
		slot->ready = true;
		pthread_cond_broadcast(&walk->changed);
	}
	pthread_mutex_unlock(&walk->lock);
	return NULL;
}

/* Without threads (no resources) the reader fetches itself. */
static void start(struct extmgr__walk *walk)
{
	size_t wanted = extmgr__walk_count(walk);
	sigset_t all;
	sigset_t before;

	if (wanted > THREADS_MAXIMUM)
		wanted = THREADS_MAXIMUM;
	walk->slots = calloc(extmgr__walk_count(walk), sizeof(*walk->slots));
	if (!walk->slots)
		return;
	/* The host's signals are for the host's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (walk->thread_count < wanted &&
	       !pthread_create(&walk->threads[walk->thread_count], NULL, fetch_ahead, walk))
		walk->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct extmgr__walk *make(extmgr_registry *registry, extmgr_operation *operation)
{
	struct extmgr__walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	walk->registry = registry;
	walk->operation = operation;
	if (!pthread_mutex_init(&walk->lock, NULL)) {
		if (!pthread_cond_init(&walk->changed, NULL))
			return walk;
		pthread_mutex_destroy(&walk->lock);
	}
	free(walk);
	return NULL;
}

static extmgr_result open_list(extmgr_registry *registry, extmgr_operation *operation,
			       enum extmgr__list_scope scope, const char *id,
			       struct extmgr__walk **walk_out, extmgr_error **error)
{
	struct extmgr__walk *walk = make(registry, operation);
	extmgr_result result;

	*walk_out = NULL;
	if (!walk)
		return extmgr__error_no_memory(error);
	result = extmgr__registry_list(registry, operation, scope, id, &walk->list, error);
	if (result != EXTMGR_OK) {
		extmgr__walk_close(walk);
		return result;
	}
	if (extmgr__registry_reads_ahead(registry) && extmgr__walk_count(walk) > 1)
		start(walk);
	*walk_out = walk;
	return EXTMGR_OK;
}

extmgr_result extmgr__walk_open(extmgr_registry *registry, extmgr_operation *operation,
				const char *id, struct extmgr__walk **walk_out,
				extmgr_error **error)
{
	return open_list(registry, operation, EXTMGR__LIST_ALL, id, walk_out, error);
}

extmgr_result extmgr__walk_open_check(extmgr_registry *registry, extmgr_operation *operation,
				      struct extmgr__walk **walk_out, extmgr_error **error)
{
	return open_list(registry, operation, EXTMGR__LIST_CHECK, NULL, walk_out, error);
}

size_t extmgr__walk_count(const struct extmgr__walk *walk)
{
	return extmgr_registry_list_get_count(walk->list);
}

const char *extmgr__walk_id(const struct extmgr__walk *walk, size_t index)
{
	return extmgr_registry_list_get_id(walk->list, index);
}

const char *extmgr__walk_version(const struct extmgr__walk *walk, size_t index)
{
	return extmgr__registry_list_version(walk->list, index);
}

extmgr_result extmgr__walk_check_place(const struct extmgr__walk *walk, extmgr__finding_fn found,
				       void *user_data, extmgr_error **error)
{
	return extmgr__check_place(walk->registry, walk->list, walk->operation, found, user_data,
				   error);
}

extmgr_result extmgr__walk_read(struct extmgr__walk *walk, size_t index,
				struct extmgr__source *source, extmgr_error **error)
{
	struct slot *slot;

	if (!walk->thread_count)
		return extmgr__registry_read_listed(walk->registry, walk->operation, walk->list,
						    index, source, error);
	slot = &walk->slots[index];
	pthread_mutex_lock(&walk->lock);
	/* The threads end by themselves when the operation is late or cancelled. */
	while (!slot->ready)
		pthread_cond_wait(&walk->changed, &walk->lock);
	walk->read = index + 1;
	pthread_cond_broadcast(&walk->changed);
	pthread_mutex_unlock(&walk->lock);
	*source = slot->source;
	slot->source = (struct extmgr__source){0};
	if (slot->result != EXTMGR_OK)
		extmgr__error_move(error, &slot->error);
	return slot->result;
}

void extmgr__walk_close(struct extmgr__walk *walk)
{
	if (!walk)
		return;
	pthread_mutex_lock(&walk->lock);
	walk->stop = true;
	pthread_cond_broadcast(&walk->changed);
	pthread_mutex_unlock(&walk->lock);
	for (size_t i = 0; i < walk->thread_count; i++)
		pthread_join(walk->threads[i], NULL);
	for (size_t i = 0; walk->slots && i < extmgr__walk_count(walk); i++) {
		extmgr_text_free(walk->slots[i].source.text);
		extmgr_error_free(walk->slots[i].error);
	}
	if (walk->list)
		extmgr__registry_flush(walk->registry);
	free(walk->slots);
	extmgr_registry_list_free(walk->list);
	pthread_cond_destroy(&walk->changed);
	pthread_mutex_destroy(&walk->lock);
	free(walk);
}
