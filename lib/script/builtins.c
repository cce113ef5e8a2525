/* SPDX-License-Identifier: MIT */
/* What a script finds in its global object, and what it does not. */
#include "script/heap_internal.h"

#include "script/bytecode.h"
#include "script/collections.h"
#include "script/native.h"
#include "script/text_functions.h"

#include <math.h>
#include <string.h>

/* Stash: array of the engine's own error constructors. */
#define NATIVE_ERRORS "errors"
#define STASH_THREAD  "thread"

static const char *const error_names[] = {"Error",          "EvalError",   "RangeError",
					  "ReferenceError", "SyntaxError", "TypeError",
					  "URIError"};

#define ERROR_COUNT (sizeof(error_names) / sizeof(error_names[0]))

static void remove_properties(duk_context *duk, const char *const *names)
{
	for (; *names; names++)
		(void)duk_del_prop_string(duk, -1, *names);
	duk_pop(duk);
}

/* The prelude has coroutines; no script gets hold of one. */
static void keep_thread(duk_context *duk)
{
	duk_push_global_stash(duk);
	(void)duk_get_global_literal(duk, "Duktape");
	(void)duk_get_prop_literal(duk, -1, "Thread");
	(void)duk_put_prop_literal(duk, -3, STASH_THREAD);
	duk_pop_2(duk);
}

/*
 * Beyond the standard: Duktape's own objects (finalizers, threads, raw strings, which could spell
 * hidden symbols), clocks and encoders; and eval.
 */
static void remove_extras(duk_context *duk)
{
	static const char *const globals[] = {"Duktape",     "eval",        "Buffer",      "CBOR",
					      "performance", "TextEncoder", "TextDecoder", NULL};
	static const char *const string[] = {"fromBuffer", "fromBufferRaw", NULL};
	static const char *const array[] = {"allocPlain", "plainOf", NULL};

	keep_thread(duk);
	duk_push_global_object(duk);
	remove_properties(duk, globals);
	(void)duk_get_global_literal(duk, "String");
	remove_properties(duk, string);
	(void)duk_get_global_literal(duk, "Uint8Array");
	remove_properties(duk, array);
}

static duk_ret_t return_this(duk_context *duk)
{
	duk_push_this(duk);
	if (duk_is_null_or_undefined(duk, -1))
		duk_push_global_object(duk);
	duk_to_object(duk, -1);
	return 1;
}

/* Bundled libraries find the global object by Function("return this")(): that is no code. */
static duk_ret_t make_no_code(duk_context *duk)
{
	const char *text = duk_get_top(duk) == 1 ? duk_get_string(duk, 0) : NULL;

	if (!text || strcmp(text, "return this") != 0)
		extmgr__heap_throw_type_error(duk, "code cannot be made from text");
	extmgr__push_function(duk, "anonymous", return_this, 0, 0);
	return 1;
}

/*
 * Function stays as a name (lowered code asks Function.prototype and instanceof), but makes no
 * code; the engine's constructor is out of reach.
 */
static void replace_function(duk_context *duk)
{
	(void)duk_get_global_literal(duk, "Function");
	(void)duk_get_prop_literal(duk, -1, "prototype");
	extmgr__push_function(duk, "Function", make_no_code, DUK_VARARGS, 0);
	/* [ Function prototype replacement ] */
	(void)duk_push_literal(duk, "prototype");
	duk_dup(duk, -3);
	duk_def_prop(duk, -3, DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_FORCE);
	duk_dup(duk, -1);
	extmgr__define_value(duk, -3, "constructor");
	duk_push_global_object(duk);
	duk_swap_top(duk, -2);
	extmgr__define_value(duk, -2, "Function");
	duk_pop_3(duk);
}

/* Whether this is an instance of a lowered subclass that its constructor hands to Error.call(). */
static bool is_fresh_instance(duk_context *duk)
{
	bool is_fresh = false;

	duk_push_this(duk);
	if (duk_is_object(duk, -1)) {
		duk_push_current_function(duk);
		is_fresh = duk_instanceof(duk, -2, -1);
		duk_pop(duk);
	}
	if (is_fresh) {
		(void)duk_push_literal(duk, "message");
		duk_get_prop_desc(duk, -2, 0);
		is_fresh = duk_is_undefined(duk, -1);
		duk_pop(duk);
	}
	duk_pop(duk);
	return is_fresh;
}

/*
 * Natively Error() always makes a new object. Subclasses lowered to ES5 call Error.call(this, text)
 * and keep this: it is initialised here.
 */
static duk_ret_t construct_error(duk_context *duk)
{
	if (!duk_is_constructor_call(duk) && is_fresh_instance(duk)) {
		duk_push_this(duk);
		if (!duk_is_undefined(duk, 0)) {
			(void)duk_to_string(duk, 0);
			duk_dup(duk, 0);
			extmgr__define_value(duk, -2, "message");
		}
		return 1;
	}
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, NATIVE_ERRORS);
	(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)duk_get_current_magic(duk));
	if (duk_is_undefined(duk, 0)) {
		duk_new(duk, 0);
	} else {
		duk_dup(duk, 0);
		duk_new(duk, 1);
	}
	return 1;
}

/* [ stashed array, base constructor or undefined ] */
static void replace_error(duk_context *duk, duk_uarridx_t number)
{
	(void)duk_get_global_string(duk, error_names[number]);
	(void)duk_get_prop_literal(duk, -1, "prototype");
	extmgr__push_function(duk, error_names[number], construct_error, 1, (duk_int_t)number);
	/* [ array base native prototype replacement ] */
	(void)duk_push_literal(duk, "prototype");
	duk_dup(duk, -3);
	duk_def_prop(duk, -3, DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_FORCE);
	duk_dup(duk, -1);
	extmgr__define_value(duk, -3, "constructor");
	if (number != 0) {
		duk_dup(duk, -4);
		duk_set_prototype(duk, -2);
	} else {
		duk_dup(duk, -1);
		duk_replace(duk, -5);
	}
	duk_push_global_object(duk);
	duk_swap_top(duk, -2);
	extmgr__define_value(duk, -2, error_names[number]);
	duk_pop_2(duk);
	(void)duk_put_prop_index(duk, -3, number);
}

static void replace_errors(duk_context *duk)
{
	duk_push_global_stash(duk);
	(void)duk_push_bare_array(duk);
	duk_push_undefined(duk);
	for (duk_uarridx_t i = 0; i < ERROR_COUNT; i++)
		replace_error(duk, i);
	duk_pop(duk);
	(void)duk_put_prop_literal(duk, -2, NATIVE_ERRORS);
	duk_pop(duk);
}

enum { DEFINE_MISSING, DEFINE_ALL };

/* The prelude's define(object, functions), for what the object lacks, and its replace(). */
static duk_ret_t define_functions(duk_context *duk)
{
	duk_int_t what = duk_get_current_magic(duk);

	duk_enum(duk, 1, DUK_ENUM_OWN_PROPERTIES_ONLY);
	while (duk_next(duk, -1, 1)) {
		if (what == DEFINE_MISSING) {
			duk_dup(duk, -2);
			if (duk_has_prop(duk, 0)) {
				duk_pop_2(duk);
				continue;
			}
		}
		duk_def_prop(duk, 0,
			     DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_WRITABLE |
				     DUK_DEFPROP_CLEAR_ENUMERABLE | DUK_DEFPROP_SET_CONFIGURABLE);
	}
	return 0;
}

/* The prelude's fix(object, key, value): a name, a length or a tag; answers the object. */
static duk_ret_t define_fixed(duk_context *duk)
{
	duk_def_prop(duk, 0,
		     DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_CLEAR_WRITABLE |
			     DUK_DEFPROP_CLEAR_ENUMERABLE | DUK_DEFPROP_SET_CONFIGURABLE);
	return 1;
}

/* Moves the property of that name from the object on top to the stash below it. */
static void stash(duk_context *duk, const char *name)
{
	(void)duk_get_prop_string(duk, -1, name);
	(void)duk_put_prop_string(duk, -3, name);
}

void extmgr__bytecode_run(duk_context *duk, const unsigned char *bytecode, size_t size)
{
	memcpy(duk_push_fixed_buffer(duk, size), bytecode, size);
	duk_load_function(duk);
	duk_call(duk, 0);
}

/* Runs the prelude, which answers what the library needs of it. */
static void run_prelude(duk_context *duk)
{
	duk_push_global_stash(duk);
	extmgr__bytecode_run(duk, extmgr__prelude, extmgr__prelude_size); /* its function */
	(void)duk_push_object(duk);
	extmgr__define_function(duk, -1, "define", define_functions, 2, DEFINE_MISSING);
	extmgr__define_function(duk, -1, "replace", define_functions, 2, DEFINE_ALL);
	extmgr__define_function(duk, -1, "fix", define_fixed, 3, 0);
	extmgr__define_function(duk, -1, "print", extmgr__console_print, 2, 0);
	extmgr__text_functions_put(duk);
	(void)duk_get_prop_literal(duk, -3, EXTMGR__STASH_ITERATOR_PROTOTYPE);
	(void)duk_put_prop_literal(duk, -2, "iteratorPrototype");
	(void)duk_get_prop_literal(duk, -3, STASH_THREAD);
	(void)duk_put_prop_literal(duk, -2, "Thread");
	(void)duk_push_literal(duk, DUK_HIDDEN_SYMBOL("state"));
	(void)duk_put_prop_literal(duk, -2, "stateKey");
	duk_push_global_object(duk);
	duk_swap_top(duk, -2);
	duk_call(duk, 2);
	stash(duk, EXTMGR__STASH_FILL);
	stash(duk, EXTMGR__STASH_DRAIN);
	stash(duk, EXTMGR__STASH_INSPECT);
	stash(duk, EXTMGR__STASH_TO_ARRAY);
	stash(duk, EXTMGR__STASH_LOWERED);
	duk_pop(duk);
	(void)duk_get_global_literal(duk, "JSON");
	stash(duk, EXTMGR__STASH_STRINGIFY);
	duk_pop_2(duk);
}

/* ---- Math ---- */

/* cbrt() of some libraries has 3.0000000000000004 for 27. */
static double cube_root(double number)
{
	return (double)cbrtl(number);
}

/* What ES2015 has and Duktape has not, or not as exactly. */
static const struct {
	const char *name;
	double (*compute)(double);
} math_functions[] = {
	{"acosh", acosh}, {"asinh", asinh}, {"atanh", atanh}, {"cbrt", cube_root}, {"cosh", cosh},
	{"expm1", expm1}, {"log1p", log1p}, {"sinh", sinh},   {"tanh", tanh},
};

static duk_ret_t compute(duk_context *duk)
{
	duk_push_number(duk,
			math_functions[duk_get_current_magic(duk)].compute(duk_to_number(duk, 0)));
	return 1;
}

static void define_math(duk_context *duk)
{
	(void)duk_get_global_literal(duk, "Math");
	for (size_t i = 0; i < sizeof(math_functions) / sizeof(math_functions[0]); i++)
		extmgr__define_function(duk, -1, math_functions[i].name, compute, 1, (duk_int_t)i);
	duk_pop(duk);
}

void extmgr__builtins_define(struct extmgr__heap *heap, duk_context *duk)
{
	(void)heap;
	remove_extras(duk);
	replace_errors(duk);
	replace_function(duk);
	extmgr__collections_define(duk);
	define_math(duk);
	run_prelude(duk);
	extmgr__text_functions_define(duk);
}

void extmgr__heap_define_lowered(struct extmgr__heap *heap)
{
	duk_context *duk = heap->duk;

	duk_push_global_object(duk);
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_LOWERED);
	duk_remove(duk, -2);
	extmgr__define_value(duk, -2, "__extmgr");
	duk_pop(duk);
}

void extmgr__heap_settle(struct extmgr__heap *heap)
{
	duk_context *duk = heap->duk;
	duk_uint_t state;

	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_DRAIN);
	duk_call(duk, 0);
	duk_pop(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_INSPECT);
	duk_dup(duk, -3);
	duk_call(duk, 1);
	/* [ value stash undefined-or-array ] */
	if (duk_is_undefined(duk, -1)) {
		duk_pop_2(duk);
		return;
	}
	(void)duk_get_prop_index(duk, -1, 0);
	state = duk_get_uint(duk, -1);
	duk_pop(duk);
	if (state == 0)
		extmgr__heap_fail(duk, EXTMGR_E_SCRIPT_RESULT,
				  "the answer is a promise that nothing settles");
	(void)duk_get_prop_index(duk, -1, 1);
	if (state == 2)
		duk_throw_raw(duk);
	duk_replace(duk, -4);
	duk_pop_2(duk);
}
