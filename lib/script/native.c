/* SPDX-License-Identifier: MIT */
#include "script/native.h"

void extmgr__define_value(duk_context *duk, duk_idx_t object, const char *name)
{
	object = duk_require_normalize_index(duk, object);
	(void)duk_push_string(duk, name);
	duk_swap_top(duk, -2);
	duk_def_prop(duk, object,
		     DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_WRITABLE |
			     DUK_DEFPROP_CLEAR_ENUMERABLE | DUK_DEFPROP_SET_CONFIGURABLE |
			     DUK_DEFPROP_FORCE);
}

void extmgr__push_function(duk_context *duk, const char *name, duk_c_function function,
			   duk_idx_t arguments, duk_int_t magic)
{
	(void)duk_push_c_function(duk, function, arguments);
	duk_set_magic(duk, -1, magic);
	(void)duk_push_literal(duk, "name");
	(void)duk_push_string(duk, name);
	duk_def_prop(duk, -3,
		     DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_CONFIGURABLE | DUK_DEFPROP_FORCE);
}

void extmgr__define_function(duk_context *duk, duk_idx_t object, const char *name,
			     duk_c_function function, duk_idx_t arguments, duk_int_t magic)
{
	object = duk_require_normalize_index(duk, object);
	extmgr__push_function(duk, name, function, arguments, magic);
	extmgr__define_value(duk, object, name);
}
