/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include "errors.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct {
	sigset_t set;
	int descriptor;
	atomic_int received;
	pthread_mutex_t mutex; /* guards the operation's life */
	extmgr_operation *operation;
} signals = {.descriptor = -1, .mutex = PTHREAD_MUTEX_INITIALIZER};

static void cancel_operation(void)
{
	pthread_mutex_lock(&signals.mutex);
	extmgr_operation_cancel(signals.operation);
	pthread_mutex_unlock(&signals.mutex);
}

static void *wait_for_signals(void *unused)
{
	int number;

	(void)unused;
	while (sigwait(&signals.set, &number) == 0) {
		if (atomic_exchange(&signals.received, number))
			_exit(EXIT_SIGNAL + number);
		if (eventfd_write(signals.descriptor, 1) < 0)
			_exit(EXIT_SIGNAL + number);
		cancel_operation();
	}
	return NULL;
}

/* What the caller had ignored (nohup, a shell's background job) stays ignored. */
static void add_unless_ignored(int number)
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		sigaddset(&signals.set, number);
}

void signals_start(void)
{
	pthread_t thread;

	/* A reader of our output that went away is found when writing, not by being killed. */
	signal(SIGPIPE, SIG_IGN);
	/* A file above the limit of the shell is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&signals.set);
	add_unless_ignored(SIGINT);
	add_unless_ignored(SIGTERM);
	signals.descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (signals.descriptor < 0)
		return; /* then a signal simply ends the program, and the database rolls back */
	pthread_sigmask(SIG_BLOCK, &signals.set, NULL);
	if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0)
		pthread_detach(thread);
	else
		pthread_sigmask(SIG_UNBLOCK, &signals.set, NULL);
}

void signals_watch(extmgr_operation *operation)
{
	pthread_mutex_lock(&signals.mutex);
	signals.operation = operation;
	pthread_mutex_unlock(&signals.mutex);
	if (signals_received())
		cancel_operation();
}

int signals_received(void)
{
	return atomic_load(&signals.received);
}

int signals_get_descriptor(void)
{
	return signals.descriptor;
}
