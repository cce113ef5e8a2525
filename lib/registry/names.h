/* SPDX-License-Identifier: MIT */
/* What is an id of a registry. */
#ifndef EXTMGR_REGISTRY_NAMES_H
#define EXTMGR_REGISTRY_NAMES_H

#include <stdbool.h>

/* The id as it is listed (without ".js"), a new string; NULL when memory is out. */
char *extmgr__registry_canonical_id(const char *id);
/* An id is one part of a path: what could reach another file is no id of a registry. */
bool extmgr__is_plain_name(const char *id);

#endif
