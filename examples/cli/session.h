/* SPDX-License-Identifier: MIT */
/* The library's handles, opened from the options. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "options.h"

#include <extmgr/extmgr.h>

struct session {
	const struct options *options;
	extmgr_context *context;
	extmgr_operation *operation;
	extmgr_registry *registry;
	extmgr_database *database;
	extmgr_catalog *catalog; /* only where it is asked for */
	extmgr_files *files;
	extmgr_manager *manager;
	char *url; /* may hold a password */
};

/*
 * Each answers an exit code; failures are printed. Close in any case. Without a database only what
 * is available can be listed.
 */
int session_open(struct session *session, const struct options *options, bool with_database);
/* With the database where one is given. Without it nothing counts as installed, and a definition
 * that asks the database for its parameters has none. */
int session_open_for_reading(struct session *session, const struct options *options);
void session_close(struct session *session);

/* The catalog alone, in the database of --db: for the commands that work with it. */
int session_open_catalog(struct session *session, const struct options *options);
/* The lock timeout of the catalog: --lock-timeout, EXTMGR_LOCK_TIMEOUT or its alias; 0: none of
 * them. Answers an exit code. */
int session_get_lock_timeout(const struct options *options, uint64_t *milliseconds);
/* The directory of bundles that the environment names; NULL when there is none. */
const char *session_get_extensions_path(void);

/* The parts of session_open(), for those who look at each. */
int session_check_registry(const struct options *options);
/* Registry and files, of a session whose context and perhaps database and catalog are open. */
int session_open_sources(struct session *session);
int session_open_context(struct session *session, const struct options *options);
int session_read_url(struct session *session);
extmgr_result session_open_manager(struct session *session, const char *schema,
				   extmgr_error **error);

/* The registry of --registry; "catalog" is the catalog of the session's database. */
extmgr_result session_open_registry(struct session *session, extmgr_error **error);
bool session_uses_catalog(const struct options *options);

extmgr_call_options session_call(const struct session *session, uint32_t flags);

/* Where the database is, without password; caller frees. */
char *session_describe_database(const struct session *session);
/* Whether a database URL holds a password. */
bool url_has_password(const char *url);

#endif
