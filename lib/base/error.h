/* SPDX-License-Identifier: MIT */
/*
 * Making errors. All functions answer the code, so that a caller can write
 * return extmgr__error_set(error, EXTMGR_E_..., "..."). An error pointer may be NULL.
 */
#ifndef EXTMGR_BASE_ERROR_H
#define EXTMGR_BASE_ERROR_H

#include <extmgr/error.h>

/* Stores a new error; one that is there already is freed. */
extmgr_result extmgr__error_set(extmgr_error **error, extmgr_result code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Stores a new error whose cause is the one that is there. */
extmgr_result extmgr__error_wrap(extmgr_error **error, extmgr_result code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Stores the static error for EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__error_no_memory(extmgr_error **error);
/* For results of buffers and parsers that carry no error of their own: names what was made. */
extmgr_result extmgr__error_from_result(extmgr_error **error, extmgr_result code, const char *what);

/* Adds to the error that is there; do nothing when there is none or memory is out. */
void extmgr__error_hint(extmgr_error **error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void extmgr__error_detail(extmgr_error **error, const char *key, const char *value);
void extmgr__error_detail_number(extmgr_error **error, const char *key, int64_t value);
void extmgr__error_set_host(extmgr_error **error, int32_t host_code, const char *sqlstate);
void extmgr__error_set_http_status(extmgr_error **error, int32_t status);

/* Moves *from to *to (either may be NULL): for keeping the first of several errors. */
void extmgr__error_move(extmgr_error **to, extmgr_error **from);

/* A deep copy; the static out-of-memory error when memory is out; NULL for NULL. */
extmgr_error *extmgr__error_copy(const extmgr_error *error);

#endif
