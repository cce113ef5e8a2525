/* SPDX-License-Identifier: MIT */
/* Documents with definitions or values on their way into the rules. */
#ifndef EXTMGR_PARAMS_DOCUMENT_H
#define EXTMGR_PARAMS_DOCUMENT_H

#include "base/error.h"
#include "base/json.h"

/* Longest document taken; in a heap it exists as text and as objects, both below its cap. */
#define EXTMGR__PARAMETER_DOCUMENT_MAXIMUM ((size_t)4 << 20)

/* what: names the document in messages. EXTMGR_E_INVALID_ARGUMENT for NULL, EXTMGR_E_TOO_LARGE. */
extmgr_result extmgr__parameter_document_read(const char *text, size_t length, const char *what,
					      extmgr__json **json_out, extmgr_error **error);
extmgr_result extmgr__parameter_document_write(const extmgr__json *json, const char *what,
					       struct extmgr__buffer *buffer, extmgr_error **error);

#endif
