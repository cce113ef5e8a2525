/* SPDX-License-Identifier: MIT */
/* A writer by the name of its operation, for those who look on: plan and apply. */
#ifndef EXTMGR_MANAGER_OPERATIONS_H
#define EXTMGR_MANAGER_OPERATIONS_H

#include "manager/manager_internal.h"
#include "manager/observer.h"

struct extmgr__request {
	const char *operation;
	const char *extension_id;
	const char *version; /* NULL as in the public functions */
	const char *instance_id;
	const char *values_json;
	size_t values_length;
};

/* EXTMGR_E_INVALID_ARGUMENT: no such operation, or it lacks or does not take an argument. */
extmgr_result extmgr__request_check(const struct extmgr__request *request, extmgr_error **error);

/* Runs a checked request with an observer; rehearse: rolls back, whatever the options say. */
extmgr_result extmgr__request_run(const extmgr_manager *manager,
				  const struct extmgr__request *request,
				  const struct extmgr__observer *observer, bool rehearse,
				  const extmgr_call_options *options, extmgr_text **report_out,
				  extmgr_error **error_out);

#endif
