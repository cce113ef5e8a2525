/* SPDX-License-Identifier: MIT */
#include "watcher.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* How often the connections are looked at. */
#define TICK_MS 50

struct watched {
	struct watched *next;
	struct watched *previous;
	int descriptor;
	unsigned long serial;        /* of the request: poll() may answer for an older one */
	extmgr_operation *operation; /* of the request that runs; NULL: one is waited for */
	uint64_t since_ms;           /* when waiting began */
	bool cancelled;
};

struct watcher {
	pthread_t thread;
	pthread_mutex_t lock; /* guards all of this and the list */
	pthread_cond_t changed;
	struct watched *first;
	unsigned long serial;
	uint64_t receive_ms;
	unsigned running;
	unsigned long gone;
	bool cancels_all;
	bool stop;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void cancel(struct watched *watched)
{
	if (watched->operation && !watched->cancelled) {
		watched->cancelled = true;
		extmgr_operation_cancel(watched->operation);
	}
}

struct look {
	struct pollfd *descriptors;
	unsigned long *serials;
	size_t count;
	size_t capacity;
};

static bool grow(struct look *look)
{
	size_t wanted = look->capacity ? look->capacity * 2 : 64;
	struct pollfd *descriptors =
		realloc(look->descriptors, wanted * sizeof(*look->descriptors));
	unsigned long *serials;

	if (!descriptors)
		return false;
	look->descriptors = descriptors;
	serials = realloc(look->serials, wanted * sizeof(*look->serials));
	if (!serials)
		return false;
	look->serials = serials;
	look->capacity = wanted;
	return true;
}

/* Under the lock: cuts off who is late, and takes down whom to look at. */
static void collect(struct watcher *watcher, struct look *look)
{
	uint64_t now = now_ms();

	look->count = 0;
	for (struct watched *at = watcher->first; at; at = at->next) {
		if (!at->operation) {
			if (now - at->since_ms > watcher->receive_ms)
				shutdown(at->descriptor, SHUT_RDWR);
			continue;
		}
		if (at->cancelled || (look->count == look->capacity && !grow(look)))
			continue;
		look->descriptors[look->count] =
			(struct pollfd){.fd = at->descriptor, .events = POLLRDHUP};
		look->serials[look->count++] = at->serial;
	}
}

static void cancel_gone(struct watcher *watcher, const struct look *look)
{
	for (struct watched *at = watcher->first; at; at = at->next) {
		for (size_t i = 0; i < look->count; i++) {
			if (look->serials[i] != at->serial || at->cancelled || !at->operation ||
			    !(look->descriptors[i].revents & (POLLRDHUP | POLLHUP | POLLERR)))
				continue;
			watcher->gone++;
			cancel(at);
		}
	}
}

static void *watch(void *argument)
{
	struct watcher *watcher = argument;
	struct look look = {0};

	pthread_mutex_lock(&watcher->lock);
	while (!watcher->stop) {
		if (!watcher->first) {
			pthread_cond_wait(&watcher->changed, &watcher->lock);
			continue;
		}
		collect(watcher, &look);
		pthread_mutex_unlock(&watcher->lock);
		poll(look.descriptors, look.count, 0);
		pthread_mutex_lock(&watcher->lock);
		cancel_gone(watcher, &look);
		pthread_mutex_unlock(&watcher->lock);
		poll(NULL, 0, TICK_MS);
		pthread_mutex_lock(&watcher->lock);
	}
	pthread_mutex_unlock(&watcher->lock);
	free(look.descriptors);
	free(look.serials);
	return NULL;
}

struct watcher *watcher_start(uint64_t receive_ms)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	if (!watcher)
		return NULL;
	watcher->receive_ms = receive_ms;
	pthread_mutex_init(&watcher->lock, NULL);
	pthread_cond_init(&watcher->changed, NULL);
	if (pthread_create(&watcher->thread, NULL, watch, watcher) == 0)
		return watcher;
	pthread_cond_destroy(&watcher->changed);
	pthread_mutex_destroy(&watcher->lock);
	free(watcher);
	return NULL;
}

void watcher_stop(struct watcher *watcher)
{
	if (!watcher)
		return;
	pthread_mutex_lock(&watcher->lock);
	watcher->stop = true;
	pthread_cond_signal(&watcher->changed);
	pthread_mutex_unlock(&watcher->lock);
	pthread_join(watcher->thread, NULL);
	pthread_cond_destroy(&watcher->changed);
	pthread_mutex_destroy(&watcher->lock);
	free(watcher);
}

struct watched *watcher_add(struct watcher *watcher, int descriptor)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	if (!watched)
		return NULL;
	watched->descriptor = descriptor;
	watched->since_ms = now_ms();
	pthread_mutex_lock(&watcher->lock);
	watched->serial = ++watcher->serial;
	watched->next = watcher->first;
	if (watched->next)
		watched->next->previous = watched;
	watcher->first = watched;
	pthread_cond_signal(&watcher->changed);
	pthread_mutex_unlock(&watcher->lock);
	return watched;
}

void watcher_remove(struct watcher *watcher, struct watched *watched)
{
	pthread_mutex_lock(&watcher->lock);
	if (watched->previous)
		watched->previous->next = watched->next;
	else
		watcher->first = watched->next;
	if (watched->next)
		watched->next->previous = watched->previous;
	pthread_mutex_unlock(&watcher->lock);
	free(watched);
}

void watcher_set_operation(struct watcher *watcher, struct watched *watched,
			   extmgr_operation *operation)
{
	pthread_mutex_lock(&watcher->lock);
	watcher->running += operation ? 1u : -1u;
	watched->operation = operation;
	watched->serial = ++watcher->serial;
	watched->since_ms = now_ms();
	watched->cancelled = false;
	if (watcher->cancels_all)
		cancel(watched);
	pthread_mutex_unlock(&watcher->lock);
}

void watcher_cancel_all(struct watcher *watcher)
{
	pthread_mutex_lock(&watcher->lock);
	watcher->cancels_all = true;
	for (struct watched *at = watcher->first; at; at = at->next)
		cancel(at);
	pthread_mutex_unlock(&watcher->lock);
}

unsigned watcher_count_running(struct watcher *watcher)
{
	unsigned running;

	pthread_mutex_lock(&watcher->lock);
	running = watcher->running;
	pthread_mutex_unlock(&watcher->lock);
	return running;
}

unsigned long watcher_count_gone(struct watcher *watcher)
{
	unsigned long gone;

	pthread_mutex_lock(&watcher->lock);
	gone = watcher->gone;
	pthread_mutex_unlock(&watcher->lock);
	return gone;
}
