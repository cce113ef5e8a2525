/* SPDX-License-Identifier: MIT */
/* What the files of this layer share: the manager itself. */
#ifndef EXTMGR_MANAGER_MANAGER_INTERNAL_H
#define EXTMGR_MANAGER_MANAGER_INTERNAL_H

#include "host/context.h"
#include "sql/dialect.h"

#include <extmgr/manager.h>

struct extmgr_manager {
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *database; /* NULL: none */
	extmgr_files *files;       /* NULL: none */
	enum extmgr__dialect dialect;
	char *extension_schema;
	char *bucketfs_path; /* NULL: the file store */
	uint32_t flags;
	uint32_t verify;         /* never EXTMGR_VERIFY_DEFAULT */
	bool history;            /* writers leave a row in the target */
	int32_t lock_timeout_ms; /* 0: as the database is set */
};

struct extmgr__observer;

struct extmgr__call {
	extmgr_operation *operation;
	bool rehearse;
	const struct extmgr__observer *observer; /* NULL: nobody looks on */
};

/*
 * Checks the arguments that all calls share and starts the operation; then extmgr__call_end() is
 * due. needs_database: a manager without one is refused.
 */
extmgr_result extmgr__call_begin(const extmgr_manager *manager, const extmgr_call_options *options,
				 bool needs_database, struct extmgr__call *call,
				 extmgr_error **error);
void extmgr__call_end(struct extmgr__call *call);

#endif
