/* SPDX-License-Identifier: MIT */
/* What REST asks of a manager beside the public functions. */
#ifndef EXTMGR_MANAGER_READING_H
#define EXTMGR_MANAGER_READING_H

#include "manager/manager_internal.h"

/* Whether the target lets itself be opened: for what needs its consent, but nothing of it. */
extmgr_result extmgr__manager_try_target(extmgr_manager *manager,
					 const extmgr_call_options *options, extmgr_error **error);
/*
 * The parameter definitions of one version, as getInstanceParameters answers them: free with
 * extmgr_text_free(). The version goes to the definition as it is. EXTMGR_E_SCRIPT_NO_FUNCTION.
 */
extmgr_result extmgr__manager_get_parameters(extmgr_manager *manager, const char *id,
					     const char *version,
					     const extmgr_call_options *options,
					     extmgr_text **json_out, extmgr_error **error);

#endif
