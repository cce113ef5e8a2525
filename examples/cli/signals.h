/* SPDX-License-Identifier: MIT */
/*
 * SIGINT and SIGTERM: the first cancels the operation, which rolls back; the second ends the
 * program at once. A thread waits for them, because cancelling is nothing for a signal handler.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <extmgr/extmgr.h>

/* Before any other thread is started. */
void signals_start(void);
/* The operation to cancel; NULL before that is freed. */
void signals_watch(extmgr_operation *operation);
/* The first signal's number, 0 while there was none. */
int signals_received(void);
/* Becomes readable with the first signal: for poll() around reads that would block. */
int signals_get_descriptor(void);

#endif
