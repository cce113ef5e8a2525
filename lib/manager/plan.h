/* SPDX-License-Identifier: MIT */
/* What making a plan and keeping to it have in common: "extmgr.plan/1". */
#ifndef EXTMGR_MANAGER_PLAN_H
#define EXTMGR_MANAGER_PLAN_H

#include "base/hash.h"
#include "base/json.h"
#include "manager/work.h"

#include <extmgr/plan.h>

#define EXTMGR__PLAN_SCHEMA "extmgr.plan/1"

/*
 * Whether a statement is no part of a plan: verification only looks, and how much it looks is a
 * setting of the host. What it writes all the same is a part.
 */
bool extmgr__plan_leaves_out(const struct extmgr__work *work,
			     const struct extmgr__statement *statement);

/* SHA-256 over all members but "digest", written by our own writer, in the order they have. */
extmgr_result extmgr__plan_hash(const extmgr__json *plan, char hex[EXTMGR__SHA256_HEX_SIZE],
				extmgr_error **error);

#endif
