/* SPDX-License-Identifier: MIT */
#include "manager/reading.h"

#include "manager/target.h"
#include "manager/work.h"

extmgr_result extmgr__manager_try_target(extmgr_manager *manager,
					 const extmgr_call_options *options, extmgr_error **error)
{
	struct extmgr__target *target = NULL;
	struct extmgr__call call;
	extmgr_result result;

	result = extmgr__call_begin(manager, options, true, &call, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__target_open(manager, &call, false, NULL, &target, error);
	extmgr__target_close(target);
	extmgr__call_end(&call);
	return result;
}

extmgr_result extmgr__manager_get_parameters(extmgr_manager *manager, const char *id,
					     const char *version,
					     const extmgr_call_options *options,
					     extmgr_text **json_out, extmgr_error **error)
{
	struct extmgr__work work;
	struct extmgr__call call;
	extmgr_result result;

	*json_out = NULL;
	result = extmgr__call_begin(manager, options, true, &call, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__work_open(&work, manager, &call, id, NULL, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_set_version(&work, version, error);
	if (result == EXTMGR_OK)
		result = extmgr__work_get_parameters(&work, json_out, error);
	extmgr__work_close(&work);
	extmgr__call_end(&call);
	return result;
}
