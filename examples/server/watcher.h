/* SPDX-License-Identifier: MIT */
/*
 * Looks after connections beside the threads that serve them: a client that goes away has its
 * request cancelled, and one that takes too long to send a request is cut off.
 */
#ifndef SERVER_WATCHER_H
#define SERVER_WATCHER_H

#include <extmgr/extmgr.h>

#include <stdbool.h>

struct watcher;
struct watched; /* a connection */

/* NULL: no memory or no thread. receive_ms: how long a request may take to arrive. */
struct watcher *watcher_start(uint64_t receive_ms);
/* Nothing is watched any more. */
void watcher_stop(struct watcher *watcher);

/* NULL: no memory. */
struct watched *watcher_add(struct watcher *watcher, int descriptor);
/* Before the descriptor is closed. */
void watcher_remove(struct watcher *watcher, struct watched *watched);
/* A request is there and runs with the operation; NULL: it has ended, the next one may come. */
void watcher_set_operation(struct watcher *watcher, struct watched *watched,
			   extmgr_operation *operation);
/* Cancels all requests that run, and those that come. */
void watcher_cancel_all(struct watcher *watcher);
/* How many requests run, and how many were cancelled because their client had gone. */
unsigned watcher_count_running(struct watcher *watcher);
unsigned long watcher_count_gone(struct watcher *watcher);

#endif
