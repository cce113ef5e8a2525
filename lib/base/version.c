/* SPDX-License-Identifier: MIT */
#include "base/build_config.h"

#include <extmgr/version.h>

uint32_t extmgr_version_get_number(void)
{
	return EXTMGR_VERSION_NUMBER;
}

const char *extmgr_version_get_text(void)
{
	return EXTMGR_VERSION_STRING;
}

const char *extmgr_features_get_json(void)
{
	return "{\"schema\":\"extmgr.features/1\",\"version\":\"" EXTMGR_VERSION_STRING "\","
	       "\"script\":\"Duktape 2.7.0\",\"lowering\":\"" EXTMGR__LOWERING "\","
	       "\"dialects\":[\"sqlite\",\"postgresql\",\"exasol\"]}";
}
