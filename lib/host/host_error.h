/* SPDX-License-Identifier: MIT */
/* What a failing callback says, and how it becomes an error. */
#ifndef EXTMGR_HOST_HOST_ERROR_H
#define EXTMGR_HOST_HOST_ERROR_H

#include "base/error.h"

#include <extmgr/database.h>

#include <stdbool.h>

struct extmgr_host_error {
	int32_t host_code;
	char sqlstate[6];
	char *message; /* NULL: none was given */
};

void extmgr__host_error_clear(struct extmgr_host_error *said);
/*
 * Makes an error from a callback's answer: the code is brought into the contract (unknown numbers
 * become EXTMGR_E_HOST), the message is "<what>: <what the host said>", or for what NULL the
 * latter alone. Clears said.
 */
extmgr_result extmgr__host_error_take(struct extmgr_host_error *said, extmgr_result answer,
				      const char *what, extmgr_error **error);
/* The same with a code that is known to be right. */
extmgr_result extmgr__host_error_report(struct extmgr_host_error *said, extmgr_result code,
					const char *what, extmgr_error **error);
/* Whether the contract of database.h lets a callback fail with this code. */
bool extmgr__host_error_is_contract(extmgr_result code);

#endif
