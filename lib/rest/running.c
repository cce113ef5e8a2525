/* SPDX-License-Identifier: MIT */
#include "rest/running.h"

#include "host/context.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct extmgr__running_table {
	pthread_mutex_t lock; /* guards the list and what its members have of steps */
	struct extmgr__running *first;
};

struct extmgr__running_table *extmgr__running_table_new(void)
{
	struct extmgr__running_table *table = calloc(1, sizeof(*table));

	if (table && pthread_mutex_init(&table->lock, NULL) != 0) {
		free(table);
		return NULL;
	}
	return table;
}

void extmgr__running_table_free(struct extmgr__running_table *table)
{
	if (!table)
		return;
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
}

void extmgr__running_enter(struct extmgr__running *running)
{
	struct extmgr__running_table *table = running->table;

	running->begin_ns = extmgr__context_now_ns(running->context);
	(void)pthread_mutex_lock(&table->lock);
	running->next = table->first;
	if (running->next)
		running->next->previous = running;
	table->first = running;
	(void)pthread_mutex_unlock(&table->lock);
}

void extmgr__running_leave(struct extmgr__running *running)
{
	struct extmgr__running_table *table = running->table;

	(void)pthread_mutex_lock(&table->lock);
	if (running->previous)
		running->previous->next = running->next;
	else
		table->first = running->next;
	if (running->next)
		running->next->previous = running->previous;
	(void)pthread_mutex_unlock(&table->lock);
}

void extmgr__running_step(void *user_data, const char *name, uint64_t done, uint64_t total)
{
	struct extmgr__running *running = user_data;
	uint64_t now_ns = extmgr__context_now_ns(running->context);
	struct extmgr__running_step *step;

	(void)pthread_mutex_lock(&running->table->lock);
	step = running->step_count ? &running->steps[running->step_count - 1] : NULL;
	if (!step || strcmp(step->name, name) != 0) {
		if (running->step_count < EXTMGR__RUNNING_STEPS)
			step = &running->steps[running->step_count++];
		(void)snprintf(step->name, sizeof(step->name), "%s", name);
		step->begin_ns = now_ns;
	}
	step->done = done;
	step->total = total;
	(void)pthread_mutex_unlock(&running->table->lock);
}

static void write_duration(struct extmgr__json_writer *writer, uint64_t begin_ns, uint64_t end_ns)
{
	extmgr__json_member_integer(writer, "durationUs",
				    end_ns > begin_ns ? (int64_t)((end_ns - begin_ns) / 1000) : 0);
}

static void write_running(const struct extmgr__running *running, uint64_t now_ns,
			  struct extmgr__json_writer *writer)
{
	extmgr__json_begin_object(writer);
	extmgr__json_member_string(writer, "schema", "extmgr.operation/1");
	extmgr__json_member_string(writer, "requestID", running->request_id);
	extmgr__json_member_string(writer, "operationId", running->operation_id);
	write_duration(writer, running->begin_ns, now_ns);
	extmgr__json_key(writer, "steps");
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < running->step_count; i++) {
		const struct extmgr__running_step *step = &running->steps[i];

		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, "name", step->name);
		write_duration(writer, step->begin_ns,
			       i + 1 < running->step_count ? step[1].begin_ns : now_ns);
		extmgr__json_member_integer(writer, "done", (int64_t)step->done);
		extmgr__json_member_integer(writer, "total", (int64_t)step->total);
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
	extmgr__json_end_object(writer);
}

static bool is_meant(const struct extmgr__running *running, const char *request_id,
		     const char *asker)
{
	return strcmp(running->request_id, request_id) == 0 && strcmp(running->asker, asker) == 0;
}

bool extmgr__running_write(struct extmgr__running_table *table, const extmgr_context *context,
			   const char *request_id, const char *asker,
			   struct extmgr__json_writer *writer)
{
	uint64_t now_ns = extmgr__context_now_ns(context);
	const struct extmgr__running *running;

	(void)pthread_mutex_lock(&table->lock);
	running = table->first;
	while (running && !is_meant(running, request_id, asker))
		running = running->next;
	if (running)
		write_running(running, now_ns, writer);
	(void)pthread_mutex_unlock(&table->lock);
	return running != NULL;
}
