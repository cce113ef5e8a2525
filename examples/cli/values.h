/* SPDX-License-Identifier: MIT */
/* Parameter values for an instance: from --set, --set-file, --values and from questions. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "session.h"

#include <cjson/cJSON.h>

/*
 * Collects the values for an extension. ask: for what is not given, on a terminal. values_out: the
 * document for extmgr_manager_create_instance() and extmgr_manager_update_instance(), free with
 * input_free(). Answers an exit code.
 */
int values_collect(struct session *session, const char *id, const char *version, bool ask,
		   char **values_out);

/* The values of the secret ones among a plan's parameters, and whatever else was given. */
int values_collect_secrets(struct session *session, const cJSON *parameters, char **values_out);

/* The parameter definitions of an extension as JSON; caller frees. Answers an exit code. */
int values_definitions(struct session *session, const char *id, const char *version,
		       char **definitions_out);

#endif
