/* SPDX-License-Identifier: MIT */
/* Defining native functions as the standard defines its own: writable, configurable, hidden from
 * enumeration. */
#ifndef EXTMGR_SCRIPT_NATIVE_H
#define EXTMGR_SCRIPT_NATIVE_H

#include <extmgr_duktape.h>

/* Pops the value on top and defines it on the object at index. */
void extmgr__define_value(duk_context *duk, duk_idx_t object, const char *name);
/* Pushes a function with a name. */
void extmgr__push_function(duk_context *duk, const char *name, duk_c_function function,
			   duk_idx_t arguments, duk_int_t magic);
void extmgr__define_function(duk_context *duk, duk_idx_t object, const char *name,
			     duk_c_function function, duk_idx_t arguments, duk_int_t magic);

#endif
