/* SPDX-License-Identifier: MIT */
/* Errors about bundles: each names the bundle, the member where one is at fault, and the rule. */
#ifndef EXTMGR_BUNDLE_REFUSE_H
#define EXTMGR_BUNDLE_REFUSE_H

#include "base/error.h"

/* A file of a bundle by its name as it stands there: any bytes at all. */
struct extmgr__member_name {
	const char *bytes;
	size_t length;
};

#define EXTMGR__NAME(text) (&(struct extmgr__member_name){(text), strlen(text)})

/*
 * "bundle 'x.supx': member 'y': ..." with a hint for the code and the details "bundle" and
 * "member". member may be NULL. Answers the code.
 */
extmgr_result extmgr__refuse(extmgr_error **error, extmgr_result code, const char *bundle,
			     const struct extmgr__member_name *member, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same, with the error that is there as the cause. */
extmgr_result
extmgr__refuse_with_cause(extmgr_error **error, extmgr_result code, const char *bundle,
			  const struct extmgr__member_name *member, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
