/* SPDX-License-Identifier: MIT */
/* Host locks as the rest of the library sees them. */
#ifndef EXTMGR_HOST_LOCK_H
#define EXTMGR_HOST_LOCK_H

#include "base/error.h"

#include <extmgr/context.h>
#include <extmgr/lock.h>

extmgr_lock *extmgr__lock_ref(extmgr_lock *lock); /* NULL stays NULL */
void extmgr__lock_unref(extmgr_lock *lock);

/*
 * Takes the lock around an extension; lock may be NULL, then there is nothing to take. held_out is
 * for the release by the same thread. EXTMGR_E_LOCKED and what a callback may answer.
 */
extmgr_result extmgr__lock_acquire(extmgr_lock *lock, extmgr_operation *operation, const char *id,
				   uint64_t timeout_ms, void **held_out, extmgr_error **error);
void extmgr__lock_release(extmgr_lock *lock, void *held);

#endif
