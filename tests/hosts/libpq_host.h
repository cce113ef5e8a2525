/* SPDX-License-Identifier: MIT */
/* A PostgreSQL database as a host with its own client library and its own pool hands it over. */
#ifndef EXTMGR_TEST_LIBPQ_HOST_H
#define EXTMGR_TEST_LIBPQ_HOST_H

#include <extmgr/database.h>

/*
 * url: as libpq understands it; nothing is connected yet. All users of the database share one
 * session. NULL without memory; free the database with extmgr_database_free().
 */
extmgr_database *libpq_host_open(const char *url);
/* The same over a connection of the caller's with its transaction open: neither is ended. */
struct pg_conn;
extmgr_database *libpq_host_attach(struct pg_conn *connection);

#endif
