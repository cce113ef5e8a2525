/* SPDX-License-Identifier: MIT */
/* What the checks of doctor share. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "json.h"
#include "session.h"

enum outcome { OUTCOME_OK, OUTCOME_WARNING, OUTCOME_PROBLEM };

struct doctor {
	struct session session;
	cJSON *checks; /* what was found: [{name, outcome, message, hint}] */
	bool has_problem;
};

/* Notes a check; the hint counts where the outcome is not OK. */
void found(struct doctor *doctor, enum outcome outcome, const char *name, const char *message,
	   const char *hint);
/* Takes the error. */
void found_error(struct doctor *doctor, enum outcome outcome, const char *name,
		 extmgr_error *error);

/* The path of extensions, its bundles, the lock timeout, the catalog. */
void check_bundles(struct doctor *doctor, bool has_database);

#endif
