/* SPDX-License-Identifier: MIT */
/* One definition loaded for one call, with its transaction: what every operation works on. */
#ifndef EXTMGR_MANAGER_WORK_H
#define EXTMGR_MANAGER_WORK_H

#include "host/trust.h"
#include "manager/manager_internal.h"
#include "manager/observer.h"
#include "manager/report.h"
#include "manager/target.h"
#include "script/definition.h"

struct extmgr__work {
	const extmgr_manager *manager;
	struct extmgr__call call;
	char *id; /* as listed */
	struct extmgr__definition *definition;
	const struct extmgr__definition_info *info; /* the definition's */
	struct extmgr__report *report;              /* writers only */
	struct extmgr__target *target;              /* NULL: the manager has no database */
	const struct extmgr__services *services;    /* the target's, else those below */
	struct extmgr__services offline;            /* no database: statements fail */
	extmgr_file_list *files;                    /* without a target */
	char *version;                              /* resolved; NULL before */
	const char *step;                           /* the one that runs */
	int32_t signature;                          /* of the definition: EXTMGR_SIGNATURE_... */
	struct extmgr__signer signer;               /* the same */
	/* Sources of the extensions that it requires, one for each of its requirements; NULL for
	 * those of other kinds and for what the registry does not have. They are read before the
	 * target opens: an operation has one session at a time, and a registry may need one. */
	extmgr_text **required;
};

/* Reads and loads the definition, then opens the transaction, if there is a database. operation:
 * NULL for a reader. */
extmgr_result extmgr__work_open(struct extmgr__work *work, const extmgr_manager *manager,
				const struct extmgr__call *call, const char *id,
				const char *operation, extmgr_error **error);
/* The source of an extension that it requires; NULL: the registry does not have it. */
const extmgr_text *extmgr__work_required(const struct extmgr__work *work, const char *id);
/* Rolls back what is open. */
void extmgr__work_close(struct extmgr__work *work);

/* Tells report and progress what comes next; EXTMGR_E_CANCELLED, EXTMGR_E_TIMEOUT. name: static. */
extmgr_result extmgr__work_step(struct extmgr__work *work, const char *name, extmgr_error **error);
/* A warning for report and log. */
extmgr_result extmgr__work_warn(struct extmgr__work *work, extmgr_error **error, const char *format,
				...) __attribute__((format(printf, 3, 4)));

/* What a call came to, after the walls; verb: "install", for "failed to install extension "x"". */
extmgr_result extmgr__work_settle(struct extmgr__work *work, extmgr_result result, const char *verb,
				  extmgr_error **error);
/* The calls into the definition, after the walls (extmgr__target_settle). Results: free them. */
extmgr_result extmgr__work_find_installations(struct extmgr__work *work,
					      struct extmgr__pairs *installations,
					      extmgr_error **error);
extmgr_result extmgr__work_find_instances(struct extmgr__work *work,
					  struct extmgr__pairs *instances, extmgr_error **error);
/* found: among instances. EXTMGR_E_INSTANCE_NOT_FOUND. */
extmgr_result extmgr__work_find_instance(struct extmgr__work *work, const char *instance_id,
					 struct extmgr__pairs *instances,
					 const struct extmgr__pair **found, extmgr_error **error);
extmgr_result extmgr__work_read_values(struct extmgr__work *work, const char *instance_id,
				       extmgr_text **json_out, extmgr_error **error);
extmgr_result extmgr__work_get_parameters(struct extmgr__work *work, extmgr_text **json_out,
					  extmgr_error **error);

extmgr_result extmgr__work_set_version(struct extmgr__work *work, const char *version,
				       extmgr_error **error);
/* Sets work->version: the given one, or for NULL the installed one (EXTMGR_E_NOT_INSTALLED). */
extmgr_result extmgr__work_use_installed_version(struct extmgr__work *work, const char *version,
						 extmgr_error **error);
/* Sets work->version: the given one, or for NULL the newest installable
 * (EXTMGR_E_VERSION_NOT_FOUND). */
extmgr_result extmgr__work_use_installable_version(struct extmgr__work *work, const char *version,
						   extmgr_error **error);
/* Sets work->version: the given one, else the installed one, else the newest installable one; NULL
 * when there is none. installed_out: NULL: not installed, or nobody can tell; free(). */
extmgr_result extmgr__work_use_known_version(struct extmgr__work *work, const char *version,
					     char **installed_out, extmgr_error **error);
extmgr_result extmgr__work_version_not_installable(const struct extmgr__work *work,
						   extmgr_error **error);

/* All files of the store, listed once; borrowed until close. */
extmgr_result extmgr__work_list_files(struct extmgr__work *work, const extmgr_file_list **files_out,
				      extmgr_error **error);
/* Whether a file of that name, and size, is in the list. */
bool extmgr__artifact_is_there(const struct extmgr__artifact *artifact,
			       const extmgr_file_list *files);

#endif
