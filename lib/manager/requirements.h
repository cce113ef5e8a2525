/* SPDX-License-Identifier: MIT */
/* Whether a target has what a definition requires of it (docs/definitions.md). */
#ifndef EXTMGR_MANAGER_REQUIREMENTS_H
#define EXTMGR_MANAGER_REQUIREMENTS_H

#include "base/json.h"
#include "manager/manager_internal.h"
#include "script/definition.h"

struct extmgr__target;
struct extmgr__work;

/* What the target is asked once, when a definition first wants to know it. */
struct extmgr__facts;

/* Where installed versions of other extensions are known. */
struct extmgr__installed {
	void *user_data;
	/* *version_out: free(); NULL: it is not installed. */
	extmgr_result (*find)(void *user_data, const char *id, char **version_out,
			      extmgr_error **error);
};

/* What is missing. */
struct extmgr__unmet {
	size_t count;
	struct extmgr__buffer text;   /* "needs ...; needs ..." */
	struct extmgr__buffer remedy; /* what to do about it, in the same way; may be "" */
};

#define EXTMGR__UNMET                                                                              \
	((struct extmgr__unmet){.text = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM),                   \
				.remedy = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM)})

/* target: NULL: it is not asked, and only the dialect is looked at. All are borrowed. */
struct extmgr__facts *extmgr__facts_new(const extmgr_manager *manager,
					struct extmgr__target *target,
					const struct extmgr__installed *installed);
void extmgr__facts_free(struct extmgr__facts *facts); /* may be NULL */

/* Names all that is missing; a failure is one of the database or the operation. */
extmgr_result extmgr__requirements_check(struct extmgr__facts *facts,
					 const struct extmgr__definition_info *info,
					 struct extmgr__unmet *unmet, extmgr_error **error);
void extmgr__unmet_free(struct extmgr__unmet *unmet); /* its content */

/*
 * The facts of a work that has done nothing in its transaction yet: other definitions may be asked
 * for their installations, and what they do is undone by going back to the beginning.
 */
struct extmgr__facts *extmgr__work_facts_new(struct extmgr__work *work);

/* The object "requirements": what the definition says. */
void extmgr__requirements_write(struct extmgr__json_writer *writer,
				const struct extmgr__definition_info *info);

#endif
