/* SPDX-License-Identifier: MIT */
/* What target.c (statements, secrets, services) and transaction.c share. */
#ifndef EXTMGR_MANAGER_TARGET_INTERNAL_H
#define EXTMGR_MANAGER_TARGET_INTERNAL_H

#include "manager/target.h"
#include "sql/mask.h"

#define EXTMGR__COMPONENT_SIZE 300 /* "definition:" and an id */

struct extmgr__target {
	const extmgr_manager *manager;
	extmgr_operation *operation;
	struct extmgr__session *session;
	struct extmgr__report *report;
	const struct extmgr__observer *observer; /* NULL: none */
	struct extmgr__secrets *secrets;
	struct extmgr__services services;
	extmgr_file_list *files;
	extmgr_rows *scripts; /* the metadata tables; NULL: not read yet */
	extmgr_rows *virtual_schemas;
	bool changed; /* since the beginning or the last reset: what is kept may be wrong */
	extmgr_error *failure; /* of the first failed statement: the session is poisoned */
	size_t statement_count;
	bool expects_secrets;
	bool confidential; /* see extmgr__target_set_confidential() */
	bool aside;        /* see extmgr__target_set_aside() */
	bool writer;
	bool read_only;     /* statements that write are not sent */
	char savepoint[32]; /* name of the wall; "" when there is none */
	char *lock_timeout; /* of the caller's transaction; NULL: not touched */
	char component[EXTMGR__COMPONENT_SIZE];
};

/* With a secret around, what the database says may quote it: its SQLSTATE is all that is told. */
void extmgr__target_shrink_message(extmgr_error **error, extmgr_result result, const char *what);

#endif
