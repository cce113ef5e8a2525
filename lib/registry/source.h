/* SPDX-License-Identifier: MIT */
/* The source of a definition as a registry hands it out. */
#ifndef EXTMGR_REGISTRY_SOURCE_H
#define EXTMGR_REGISTRY_SOURCE_H

#include <extmgr/trust.h>

struct extmgr__source {
	extmgr_text *text; /* NULL: it cannot be had */
	int32_t signature; /* EXTMGR_SIGNATURE_...; 0: nobody knows */
};

#endif
