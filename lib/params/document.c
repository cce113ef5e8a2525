/* SPDX-License-Identifier: MIT */
#include "params/document.h"

extmgr_result extmgr__parameter_document_read(const char *text, size_t length, const char *what,
					      extmgr__json **json_out, extmgr_error **error)
{
	if (!text)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "%s: NULL", what);
	if (length > EXTMGR__PARAMETER_DOCUMENT_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE, "%s: longer than %zu MiB", what,
					 EXTMGR__PARAMETER_DOCUMENT_MAXIMUM >> 20);
	return extmgr__json_parse(text, length, what, json_out, error);
}

extmgr_result extmgr__parameter_document_write(const extmgr__json *json, const char *what,
					       struct extmgr__buffer *buffer, extmgr_error **error)
{
	struct extmgr__json_writer writer = EXTMGR__JSON_WRITER(buffer);
	extmgr_result result;

	extmgr__json_value(&writer, json);
	result = extmgr__buffer_result(buffer);
	return result == EXTMGR_OK ? result : extmgr__error_from_result(error, result, what);
}
