/* SPDX-License-Identifier: MIT */
/*
 * A TCP proxy in front of PostgreSQL that cuts the connection at a chosen message of the client:
 * for tests that lose the connection before, during and after each statement and the COMMIT.
 */
#ifndef EXTMGR_TEST_PROXY_H
#define EXTMGR_TEST_PROXY_H

struct proxy;

enum proxy_fault {
	PROXY_CUT_BEFORE, /* the server never sees the message */
	PROXY_CUT_WITHIN, /* it sees half of its bytes */
	PROXY_CUT_AFTER,  /* it sees all of it and answers, the client gets no answer */
	PROXY_HANG        /* nothing is forwarded any more, the connection stays open */
};

/* The type that PostgreSQL's protocol gives to the first message of a connection: none. */
#define PROXY_STARTUP '0'

/* url: "postgresql://USER:PASSWORD@HOST:PORT/DATABASE", HOST in numbers. Aborts when it cannot. */
struct proxy *proxy_start(const char *url);
/* The same URL with the proxy's own port; lives as long as the proxy. */
const char *proxy_get_url(const struct proxy *proxy);

/*
 * Lets the fault happen once, at the client's at-th message from now on, over all connections and
 * from 1; 0: never. Messages are counted as they come: login, then 'Q', 'P', 'B', 'E', 'S', ...
 */
void proxy_arm(struct proxy *proxy, enum proxy_fault fault, int at);
/* How many messages came since proxy_arm(). */
int proxy_get_count(struct proxy *proxy);
/* The type of the message at which the fault happened; 0 when it has not. */
char proxy_fired_at(struct proxy *proxy);
/* Whether that message, or the last parsed statement that it belongs to, was a COMMIT. */
int proxy_fired_at_commit(struct proxy *proxy);
/* Waits until the server has hung up on all connections: what was to be rolled back is. */
void proxy_wait_idle(struct proxy *proxy);
/* Ends all connections. */
void proxy_stop(struct proxy *proxy);

#endif
