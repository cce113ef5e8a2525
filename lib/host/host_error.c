/* SPDX-License-Identifier: MIT */
#include "host/host_error.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* What is kept of a host's message, in bytes. */
#define MESSAGE_MAXIMUM 4096
#define SQLSTATE_LENGTH 5

void extmgr__host_error_clear(struct extmgr_host_error *said)
{
	free(said->message);
	*said = (struct extmgr_host_error){0};
}

static bool is_sqlstate(const char *text)
{
	if (strnlen(text, SQLSTATE_LENGTH + 1) != SQLSTATE_LENGTH)
		return false;
	for (const char *at = text; *at; at++) {
		if (!(*at >= '0' && *at <= '9') && !(*at >= 'A' && *at <= 'Z'))
			return false;
	}
	return true;
}

void extmgr_host_error_set(extmgr_host_error *error, int32_t host_code, const char *sqlstate,
			   const char *message, size_t length)
{
	struct extmgr__buffer line = EXTMGR__BUFFER((size_t)3 * MESSAGE_MAXIMUM);

	if (!error)
		return;
	extmgr__host_error_clear(error);
	error->host_code = host_code;
	if (sqlstate && is_sqlstate(sqlstate))
		memcpy(error->sqlstate, sqlstate, SQLSTATE_LENGTH);
	if (!message || !length)
		return;
	extmgr__utf8_append_line(&line, message,
				 extmgr__utf8_cut(message, length, MESSAGE_MAXIMUM));
	if (extmgr__buffer_result(&line) == EXTMGR_OK)
		error->message = line.data;
	else
		extmgr__buffer_free(&line);
}

bool extmgr__host_error_is_contract(extmgr_result code)
{
	switch (code) {
	case EXTMGR_E_STATEMENT:
	case EXTMGR_E_CONNECTION:
	case EXTMGR_E_AUTHENTICATION:
	case EXTMGR_E_LOCKED:
	case EXTMGR_E_CANCELLED:
	case EXTMGR_E_TIMEOUT:
	case EXTMGR_E_TOO_LARGE:
	case EXTMGR_E_NO_MEMORY:
	case EXTMGR_E_UNSUPPORTED:
	case EXTMGR_E_HOST:
		return true;
	default:
		return false;
	}
}

extmgr_result extmgr__host_error_report(struct extmgr_host_error *said, extmgr_result code,
					const char *what, extmgr_error **error)
{
	extmgr__error_set(error, code, "%s%s%s", what ? what : "", what ? ": " : "",
			  said->message ? said->message : "the host gave no reason");
	extmgr__error_set_host(error, said->host_code, said->sqlstate);
	extmgr__host_error_clear(said);
	return code;
}

extmgr_result extmgr__host_error_take(struct extmgr_host_error *said, extmgr_result answer,
				      const char *what, extmgr_error **error)
{
	if (answer == EXTMGR_OK) {
		extmgr__host_error_clear(said);
		return EXTMGR_OK;
	}
	if (extmgr__host_error_is_contract(answer))
		return extmgr__host_error_report(said, answer, what, error);
	if (!said->host_code)
		said->host_code = answer; /* a number of the host's own */
	return extmgr__host_error_report(said, EXTMGR_E_HOST, what, error);
}
