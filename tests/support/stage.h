/* SPDX-License-Identifier: MIT */
/* What a test of a host starts from, by the public headers alone: a manager on its database. */
#ifndef EXTMGR_TEST_STAGE_H
#define EXTMGR_TEST_STAGE_H

#include <extmgr/extmgr.h>

struct stage {
	extmgr_context *context;
	extmgr_registry *registry;
	extmgr_database *database;
	extmgr_manager *manager;
};

/* definitions: a directory. database: from now on the stage's. Fails the test when it cannot. */
void stage_open(struct stage *stage, extmgr_database *database, const char *definitions);
void stage_close(struct stage *stage);
/* Fails the test, with the error's text, when result is one; frees the error. */
void stage_must(extmgr_result result, extmgr_error *error);

#endif
