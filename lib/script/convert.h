/* SPDX-License-Identifier: MIT */
/*
 * From JavaScript to native values (EX 3.2): undefined and null are zero values, text takes
 * String() of anything, flags take truthiness, lists any iterable or array-like.
 *
 * All functions run inside extmgr__heap_run() and may leave it: what they answer is stored at once
 * where it survives. Getters, proxies and toString() of the script run under its limits.
 */
#ifndef EXTMGR_SCRIPT_CONVERT_H
#define EXTMGR_SCRIPT_CONVERT_H

#include "script/heap.h"

/* Longest text that is taken from a definition, in bytes. */
#define EXTMGR__TEXT_MAXIMUM ((size_t)64 << 10)

/* How failures are told: code, and "<subject>: could not convert ...". */
struct extmgr__conversion {
	duk_context *duk;
	extmgr_result code;
	const char *subject;
};

/* Text of the value on top, which is popped, into *slot (freed before). field: for messages. */
void extmgr__convert_text(const struct extmgr__conversion *conversion, const char *field,
			  char **slot);
/* The same for a property of the object on top. */
void extmgr__convert_member_text(const struct extmgr__conversion *conversion, const char *name,
				 char **slot);
bool extmgr__convert_member_flag(const struct extmgr__conversion *conversion, const char *name);
/* Truncated, within +-2^53; 0 for what is no number. */
int64_t extmgr__convert_member_integer(const struct extmgr__conversion *conversion,
				       const char *name);

/* Fails unless the value on top is an object. */
void extmgr__convert_require_object(const struct extmgr__conversion *conversion, const char *field);
/* Replaces the value on top by an array; answers its length. null and undefined: an empty one. */
size_t extmgr__convert_list(const struct extmgr__conversion *conversion, const char *field,
			    size_t maximum);

#endif
