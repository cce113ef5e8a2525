/* SPDX-License-Identifier: MIT */
/* Who may reach which database. */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include "server.h"

/* As extmgr_rest_credentials_fn; user_data: a struct server_options. */
extmgr_result access_give_target(void *user_data, const extmgr_rest_credentials *credentials,
				 extmgr_rest_target *target, extmgr_error **error_out);
/* As extmgr_rest_authorize_fn: everybody may use all routes but those of the catalog. */
extmgr_result access_authorize(void *user_data, const extmgr_rest_request *request,
			       const char *route, const char *id, extmgr_error **error_out);
/* Whether a Host header names this machine by address or as localhost: a page of another site that
 * had its name pointed here names itself. */
bool access_is_local_name(const char *host);
bool access_is_loopback(const char *address);

#endif
