/* SPDX-License-Identifier: MIT */
/* One request on its way to its response: what the handlers of routes work with. */
#ifndef EXTMGR_REST_EXCHANGE_H
#define EXTMGR_REST_EXCHANGE_H

#include "base/json.h"
#include "host/context.h"
#include "rest/url.h"

#include <extmgr/rest.h>

struct extmgr__running_table;

struct extmgr_rest {
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_catalog *catalog; /* NULL: none */
	uint32_t flags;
	uint64_t timeout_ms;
	char *version; /* NULL: "dev" */
	extmgr_rest_credentials_fn credentials;
	extmgr_rest_authorize_fn authorize;
	void *user_data;
	void (*destroy)(void *user_data);
	struct extmgr__running_table *running;
	char id_prefix[32]; /* of generated request ids */
	_Atomic uint32_t id_count;
};

struct extmgr__exchange {
	const extmgr_rest *rest;
	const extmgr_rest_request *request;
	const struct extmgr__url *url;
	const char *const *variables; /* of the path */
	size_t file_segment;          /* of EXTMGR__ROUTE_FILE */
	const extmgr__json *body;     /* NULL: the route takes none */
	extmgr_manager *manager;      /* NULL: the route has no target */
	const char *asker;            /* as extmgr__running_write() takes it */
	extmgr_call_options call;
	extmgr_rest_response *response;
	struct extmgr__json_writer *writer; /* into the response */
};

/* Variables of the paths, in their order; those that a path does not have are NULL. */
enum extmgr__path_variable {
	EXTMGR__ID,
	EXTMGR__VERSION,
	EXTMGR__DIGEST = EXTMGR__VERSION, /* of the routes of bundles */
	EXTMGR__INSTANCE
};

/* The member parameterValues of a body as the manager takes values. */
extmgr_result extmgr__rest_copy_values(const extmgr__json *body, extmgr_text **values_out,
				       extmgr_error **error);
/* The instance of a report, as the reference answers one that it made. */
extmgr_result extmgr__rest_write_instance(struct extmgr__exchange *exchange,
					  const extmgr_text *report, extmgr_error **error);

/* The handlers of the reference's routes: operations.c. */
extmgr_result extmgr__rest_list_extensions(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_list_installations(struct extmgr__exchange *exchange,
					      extmgr_error **error);
extmgr_result extmgr__rest_get_extension(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_install(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_uninstall(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_upgrade(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_create_instance(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_list_instances(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_delete_instance(struct extmgr__exchange *exchange, extmgr_error **error);
/* Those beyond: documents.c, openapi.c. */
extmgr_result extmgr__rest_get_instance(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_update_instance(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_validate(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_create_plan(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_apply_plan(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_status(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_history(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_operation(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_overview(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_list_diagnostics(struct extmgr__exchange *exchange,
					    extmgr_error **error);
extmgr_result extmgr__rest_get_validator(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_openapi(struct extmgr__exchange *exchange, extmgr_error **error);

/* bundles.c: those of the catalog. */
extmgr_result extmgr__rest_list_bundles(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_enable_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_disable_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_hold_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_unhold_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_accept_bundle(struct extmgr__exchange *exchange, extmgr_error **error);
extmgr_result extmgr__rest_get_bundle_file(struct extmgr__exchange *exchange, extmgr_error **error);

/* documents.c: answers a document of the library, whose text it takes; what the call answered. */
extmgr_result extmgr__rest_answer_text(struct extmgr__exchange *exchange, extmgr_result result,
				       extmgr_text *text);
/* Of the OpenAPI document; NULL is allowed. EXTMGR_E_INVALID_ARGUMENT. */
extmgr_result extmgr__rest_check_version(const char *version, extmgr_error **error);

#endif
