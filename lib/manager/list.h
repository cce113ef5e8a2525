/* SPDX-License-Identifier: MIT */
/* One extension and its state: the entry of a list, and the begin of the details. */
#ifndef EXTMGR_MANAGER_LIST_H
#define EXTMGR_MANAGER_LIST_H

#include "base/json.h"
#include "host/files.h"
#include "manager/manager_internal.h"
#include "manager/requirements.h"
#include "script/definition.h"

struct extmgr__target;

struct extmgr__extension {
	char *id;
	struct extmgr__definition_info *info; /* NULL: the definition is broken */
	char *installed_name;                 /* of the installation; NULL like the version */
	char *installed_version;              /* NULL: not installed, or not asked */
	char *reason;                         /* NULL: none */
	int32_t state;
	int32_t signature;     /* EXTMGR_SIGNATURE_...; 0: nobody knows */
	const char *withdrawn; /* why nobody may install it any more; NULL: it can be */
};

/* What an entry says, as members of an object that is open. */
void extmgr__extension_write(struct extmgr__json_writer *writer,
			     const struct extmgr__extension *extension);
/* The name that the installation has in the target; NULL: none, or beyond the end. */
const char *extmgr__extension_list_get_installed_name(const extmgr_extension_list *list,
						      size_t index);
/*
 * Decides about state and reason: upgradable, installed, available, or unavailable because
 * something is missing, which an upgrade would need as well. A missing artifact that an
 * installation would download is a reason alone. facts: NULL: requirements are not
 * looked at; files: NULL: neither are artifacts.
 */
extmgr_result extmgr__extension_judge(const extmgr_manager *manager,
				      struct extmgr__extension *extension,
				      struct extmgr__facts *facts, const extmgr_file_list *files,
				      extmgr_error **error);
/* Whether a failure concerns more than the definition it happened with. target: NULL: none. */
bool extmgr__reading_is_over(const struct extmgr__target *target, extmgr_result result);
#endif
