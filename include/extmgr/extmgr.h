/* SPDX-License-Identifier: MIT */
/**
 * @file extmgr.h
 * All of libextmgr. Hosts include this one header; each of the others also stands alone.
 */
#ifndef EXTMGR_EXTMGR_H
#define EXTMGR_EXTMGR_H

#include <extmgr/bundle.h>
#include <extmgr/context.h>
#include <extmgr/database.h>
#include <extmgr/definition.h>
#include <extmgr/drivers.h>
#include <extmgr/error.h>
#include <extmgr/files.h>
#include <extmgr/http.h>
#include <extmgr/lock.h>
#include <extmgr/manager.h>
#include <extmgr/params.h>
#include <extmgr/plan.h>
#include <extmgr/publish.h>
#include <extmgr/registry.h>
#include <extmgr/rest.h>
#include <extmgr/sync.h>
#include <extmgr/trust.h>
#include <extmgr/types.h>
#include <extmgr/version.h>

#endif
