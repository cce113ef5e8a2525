/* SPDX-License-Identifier: MIT */
/* The arguments of a statement, as they are built. */
#ifndef EXTMGR_HOST_VALUES_H
#define EXTMGR_HOST_VALUES_H

#include "base/json.h"

#include <extmgr/database.h>

#include <stdbool.h>

extmgr_values *extmgr__values_new(void); /* NULL when memory is out */
void extmgr__values_free(extmgr_values *values);
/* EXTMGR_OK, EXTMGR_E_NO_MEMORY, EXTMGR_E_TOO_LARGE (more than 1 000), EXTMGR_E_FORMAT (not UTF-8)
 */
extmgr_result extmgr__values_add_null(extmgr_values *values);
extmgr_result extmgr__values_add_boolean(extmgr_values *values, bool value);
extmgr_result extmgr__values_add_integer(extmgr_values *values, int64_t value);
extmgr_result extmgr__values_add_number(extmgr_values *values, double value);
extmgr_result extmgr__values_add_text(extmgr_values *values, const char *text, size_t length);
/* Writes one value as JSON. */
void extmgr__values_write(const extmgr_values *values, size_t index,
			  struct extmgr__json_writer *writer);

#endif
