/* SPDX-License-Identifier: MIT */
/* A REST interface on the world of manager_world.h, a host behind it, and how to ask it. */
#ifndef EXTMGR_TEST_REST_WORLD_H
#define EXTMGR_TEST_REST_WORLD_H

#include "manager_world.h"

#define BASE   "/api/v1/extensionmanager"
#define QUERY  "?dbHost=h&dbPort=1"
#define BASIC  "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
#define BEARER "Bearer token-1"

/* What the host's callbacks saw and what they shall answer. */
struct host {
	struct world *world;
	extmgr_rest *rest;
	extmgr_rest_response *response;
	extmgr_result credentials_answer;
	extmgr_result authorize_answer;
	const char *host_message; /* of both; NULL: no error object */
	bool gives_no_target;
	int credentials_calls;
	int authorize_calls;
	char seen[512];
	int destroyed;
};

struct question {
	const char *method;
	const char *target;
	const char *authorization;
	const char *content_type;
	const char *body;
	size_t body_length; /* 0: strlen(body) */
	const char *request_id;
	extmgr_operation *operation;
};

/* For one test; state is the struct host. */
int rest_set_up(void **state);
int rest_tear_down(void **state);

#define WITH_REST(test) cmocka_unit_test_setup_teardown(test, rest_set_up, rest_tear_down)

extmgr_rest_options options_of(struct host *host);
/* Makes the interface anew. */
void open_rest(struct host *host, const extmgr_rest_options *options);
/* Each keeps the response in the host and answers its status. */
int32_t ask_question(struct host *host, const struct question *question);
int32_t ask(struct host *host, const char *method, const char *target);
const char *body_of(const struct host *host);
const char *header_of(const struct host *host, const char *name);
/* Of ask() and questions with the request id r-1. message: as JSON, without quotes. */
void assert_error(const struct host *host, int32_t status, const char *message);
/* The answer of extmgr_rest_authorize_fn: host->authorize_answer. */
extmgr_result allow(void *user_data, const extmgr_rest_request *request, const char *route,
		    const char *id, extmgr_error **error_out);

#endif
