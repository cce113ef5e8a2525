/* SPDX-License-Identifier: MIT */
/*
 * Upgrading an extension with its instances: they are listed before and after, and one that is
 * lost on the way fails the operation. upgradeInstance, where there is one, is called for each.
 */
#include "manager/writer.h"

#include "base/semver.h"

#include <string.h>

/* An error with a status is how a definition says that it cannot tell about a version (EX 2.2). */
static extmgr_result tolerate_status(struct extmgr__work *work, extmgr_result result,
				     extmgr_error **error)
{
	extmgr_error *reason = *error;

	if (result != EXTMGR_E_SCRIPT_STATUS)
		return result;
	*error = NULL;
	result = extmgr__work_warn(work, error,
				   "the instances of extension \"%s\" are not compared: %s",
				   work->id, extmgr_error_get_message(reason));
	extmgr_error_free(reason);
	return result;
}

/* listed: whether the definition could say which instances there are. */
static extmgr_result list_before(struct extmgr__work *work, struct extmgr__pairs *instances,
				 bool *listed, extmgr_error **error)
{
	const struct extmgr__definition_info *info = work->info;
	extmgr_result result;

	if (!extmgr__definition_info_has(info, EXTMGR__FN_FIND_INSTALLATIONS) ||
	    !extmgr__definition_info_has(info, EXTMGR__FN_FIND_INSTANCES))
		return EXTMGR_OK;
	result = extmgr__work_step(work, "instances", error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__work_use_installed_version(work, NULL, error);
	if (result == EXTMGR_E_NOT_INSTALLED) {
		/* What the definition says to that is the better message. */
		extmgr_error_free(*error);
		*error = NULL;
		return EXTMGR_OK;
	}
	if (result == EXTMGR_OK)
		result = extmgr__work_find_instances(work, instances, error);
	*listed = result == EXTMGR_OK;
	return tolerate_status(work, result, error);
}

static extmgr_result upgrade_instances(struct extmgr__work *work, const struct writer *writer,
				       const struct extmgr__pairs *instances, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (!extmgr__definition_info_has(work->info, EXTMGR__FN_UPGRADE_INSTANCE))
		return EXTMGR_OK;
	extmgr__report_step(work->report, "upgrade instances");
	for (size_t i = 0; i < instances->count && result == EXTMGR_OK; i++) {
		result = extmgr__operation_progress(work->call.operation, "upgrade instances", i,
						    instances->count, error);
		if (result != EXTMGR_OK)
			return result;
		result = extmgr__definition_upgrade_instance(
			work->definition, work->services, work->call.operation,
			instances->items[i].first, &writer->upgrade, error);
		result = extmgr__work_settle(work, result, "upgrade an instance of", error);
		if (result != EXTMGR_OK)
			extmgr__error_detail(error, "instance", instances->items[i].first);
	}
	return result;
}

static extmgr_result check_lost(const struct extmgr__work *work, const struct extmgr__pairs *before,
				const struct extmgr__pairs *after, extmgr_error **error)
{
	struct extmgr__buffer lost = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < before->count; i++) {
		const struct extmgr__pair *instance = &before->items[i];

		if (!extmgr__pairs_have(after, instance->first, NULL))
			extmgr__buffer_printf(&lost, "%s%s", lost.length ? ", " : "",
					      instance->second);
	}
	if (lost.length || extmgr__buffer_result(&lost) != EXTMGR_OK) {
		result = extmgr__error_set(error, EXTMGR_E_INSTANCE_LOST,
					   "the upgrade of extension \"%s\" lost instances: %s; "
					   "everything is rolled back",
					   work->id, extmgr__buffer_get(&lost));
		extmgr__error_hint(error,
				   "this is a fault of the definition; its author can mend it");
	}
	extmgr__buffer_free(&lost);
	return result;
}

static extmgr_result compare_instances(struct extmgr__work *work, struct writer *writer,
				       const struct extmgr__pairs *before, extmgr_error **error)
{
	extmgr_result result = extmgr__work_step(work, "verify", error);

	if (result == EXTMGR_OK)
		result = extmgr__work_find_instances(work, &writer->instances, error);
	if (result == EXTMGR_OK)
		result = check_lost(work, before, &writer->instances, error);
	return result;
}

/* A plan says that there is nothing to do. Otherwise the definition is asked, and its own error
 * comes out (EX 8.1). */
static extmgr_result is_up_to_date(struct extmgr__work *work, bool *answer, extmgr_error **error)
{
	const char *latest = extmgr__definition_info_latest(work->info);
	struct extmgr__pairs found = {0};
	extmgr_result result;

	*answer = false;
	if (!work->call.observer || !latest ||
	    !extmgr__definition_info_has(work->info, EXTMGR__FN_FIND_INSTALLATIONS))
		return EXTMGR_OK;
	result = extmgr__work_find_installations(work, &found, error);
	if (result == EXTMGR_OK && found.count)
		*answer = extmgr__semver_compare(latest, found.items[0].second) <= 0;
	if (*answer)
		result = extmgr__work_set_version(work, found.items[0].second, error);
	extmgr__pairs_free(&found);
	return result;
}

extmgr_result extmgr__run_upgrade(struct extmgr__work *work, struct writer *writer,
				  extmgr_error **error)
{
	const struct extmgr__observer *observer = work->call.observer;
	struct extmgr__pairs before = {0};
	bool listed = false;
	extmgr_result result = is_up_to_date(work, &writer->unchanged, error);

	if (result != EXTMGR_OK || writer->unchanged)
		return result;
	result = extmgr__writer_check_requirements(work, error);
	if (result == EXTMGR_OK)
		result = extmgr__writer_check_artifacts(work, error);
	if (result == EXTMGR_OK)
		result = list_before(work, &before, &listed, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_step(work, "call", error);
	if (result == EXTMGR_OK) {
		result = extmgr__definition_upgrade(work->definition, work->services,
						    work->call.operation, &writer->upgrade, error);
		result = extmgr__work_settle(work, result, "upgrade", error);
	}
	if (result == EXTMGR_OK)
		result = extmgr__work_set_version(work, writer->upgrade.second, error);
	if (result == EXTMGR_OK && listed)
		result = upgrade_instances(work, writer, &before, error);
	/* What was skipped cannot be found. */
	if (result == EXTMGR_OK && listed && !(observer && observer->skips))
		result = compare_instances(work, writer, &before, error);
	if (result == EXTMGR_OK)
		result = extmgr__verify_installation(work, writer->upgrade.second, error);
	extmgr__pairs_free(&before);
	return result;
}
