/* SPDX-License-Identifier: MIT */
/* One writing operation: asked for, prepared, then rehearsed or done. */
#ifndef CLI_OPERATION_H
#define CLI_OPERATION_H

#include "commands.h"
#include "json.h"
#include "session.h"

enum operation {
	OPERATION_INSTALL,
	OPERATION_UPGRADE,
	OPERATION_UNINSTALL,
	OPERATION_CREATE_INSTANCE,
	OPERATION_UPDATE_INSTANCE,
	OPERATION_DELETE_INSTANCE
};

/* arguments: ID[@VERSION] and for an instance to update or delete its name. Each answers an
 * exit code. */
int operation_run(const struct options *options, enum operation operation, char **arguments);
/* Runs it, rolls back, prints the plan. */
int operation_plan(const struct options *options, enum operation operation, char **arguments);

/* upgrade_all.c */
int upgrade_all(const struct options *options);

/* Tells how one ended: warnings, then its report or a line. instance: as given; NULL: none. */
void operation_print(const struct options *options, enum operation operation, const char *id,
		     const char *instance, extmgr_result result, const extmgr_text *report);

/* plan.c: prints a plan, or the report of a rehearsal, in the form of --format, to --out or
 * stdout. */
int plan_print(const struct options *options, const extmgr_text *document);
/* "install x 1.0 (sqlite)"; caller frees. */
char *plan_describe(const cJSON *plan);
/* "signed by Acme, key 0123456789ABCDEF"; NULL: the document does not tell. Caller frees. */
char *plan_describe_signer(const cJSON *plan);
/* "3 statements: 1 drop, 2 read"; caller frees. */
char *plan_describe_counts(const cJSON *plan);

/* instances.c: the id of the instance that has this id or, alone, this name; the text itself when
 * there is none. Caller frees. */
int instance_resolve(struct session *session, const struct target *target, const char *text,
		     char **id_out);

#endif
