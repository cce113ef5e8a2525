/* SPDX-License-Identifier: MIT */
/* What the writers share: one transaction, from what was asked to the report. */
#ifndef EXTMGR_MANAGER_WRITER_H
#define EXTMGR_MANAGER_WRITER_H

#include "manager/work.h"
#include "params/params.h"

/* What one writer is asked, and what it found out. */
struct writer {
	const char *operation;
	const char *version; /* as asked; may be NULL */
	bool needs_instance; /* then instance_id must be there */
	const char *instance_id;
	const char *values_json;
	size_t values_length;
	struct extmgr__pair upgrade;    /* previous and new version */
	struct extmgr__pair instance;   /* id and name */
	struct extmgr__pairs instances; /* of an extension that is upgraded */
	bool unchanged;
	const struct extmgr__observer *observer; /* NULL: nobody looks on */
	bool rehearse;                           /* whatever the options say */
	extmgr_result (*run)(struct extmgr__work *work, struct writer *writer,
			     extmgr_error **error);
};

/* Runs a writer in a transaction of its own; the arguments are those of the public functions. */
extmgr_result extmgr__writer_run(const extmgr_manager *manager, const char *id,
				 struct writer *writer, const extmgr_call_options *options,
				 extmgr_text **report_out, extmgr_error **error_out);

/* ---- steps of writers ---- */

/* What the definition requires of the target is there, or EXTMGR_E_REQUIREMENTS. The first step:
 * see extmgr__work_facts_new(). */
extmgr_result extmgr__writer_check_requirements(struct extmgr__work *work, extmgr_error **error);
/* What comes before a call that makes something: artifacts, the schema; then it is "call". */
extmgr_result extmgr__writer_prepare(struct extmgr__work *work, extmgr_error **error);
/* From now on the secret ones among the values appear nowhere. */
extmgr_result extmgr__writer_hide_secrets(struct extmgr__work *work,
					  const struct extmgr__parameter_values *values,
					  extmgr_error **error);
/*
 * Asks the definition's own validate(), where it has one, about values that keep all other rules:
 * EXTMGR_E_PARAMETERS_INVALID when it complains. definitions: the JSON array of parameters.
 */
extmgr_result extmgr__work_validate(struct extmgr__work *work, const char *definitions,
				    size_t length, const struct extmgr__parameter_values *values,
				    extmgr_error **error);
/* The values as definitions get them: an array of {name, value}. */
extmgr_result extmgr__write_values(const struct extmgr__parameter_values *values,
				   struct extmgr__buffer *json);
/* Sets writer->instance. */
extmgr_result extmgr__writer_add_instance(struct extmgr__work *work, struct writer *writer,
					  const struct extmgr__parameter_values *values,
					  extmgr_error **error);
/* Each file that the definition names is there, or EXTMGR_E_ARTIFACT_MISSING,
 * EXTMGR_E_ARTIFACT_CHECKSUM. */
extmgr_result extmgr__writer_check_artifacts(struct extmgr__work *work, extmgr_error **error);
/* Whether findInstallations finds the version; NULL: finds none. */
extmgr_result extmgr__verify_installation(struct extmgr__work *work, const char *version,
					  extmgr_error **error);
/* Whether findInstances finds the instance, or, not expected, finds it no more. */
extmgr_result extmgr__verify_instance(struct extmgr__work *work, const char *id, bool expected,
				      extmgr_error **error);

/* first, second: NULL for any */
bool extmgr__pairs_have(const struct extmgr__pairs *pairs, const char *first, const char *second);

/* history.c: writes the row of history, behind the wall. */
extmgr_result extmgr__writer_leave_history(struct extmgr__work *work, const struct writer *writer,
					   extmgr_error **error);

/* update.c */
extmgr_result extmgr__run_update_instance(struct extmgr__work *work, struct writer *writer,
					  extmgr_error **error);
/* upgrade.c */
extmgr_result extmgr__run_upgrade(struct extmgr__work *work, struct writer *writer,
				  extmgr_error **error);

#endif
