/* SPDX-License-Identifier: MIT */
#include "script/convert.h"

#include "base/alloc.h"
#include "script/heap_internal.h"
#include "script/js_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAXIMUM 9007199254740992.0

static _Noreturn void refuse(const struct extmgr__conversion *conversion, const char *field,
			     const char *reason)
{
	extmgr__heap_fail(conversion->duk, conversion->code, "%s: could not convert %s: %s",
			  conversion->subject, field, reason);
}

/* Keeps the string on top; its UTF-8 form may be a little shorter or longer. */
static char *copy_string(const struct extmgr__conversion *conversion, const char *field)
{
	struct extmgr__buffer buffer = EXTMGR__BUFFER(EXTMGR__TEXT_MAXIMUM);
	extmgr_result result;
	char *copy = NULL;

	extmgr__append_text(conversion->duk, -1, &buffer);
	result = extmgr__buffer_result(&buffer);
	if (result == EXTMGR_OK && strlen(extmgr__buffer_get(&buffer)) == buffer.length)
		copy = extmgr__strdup(extmgr__buffer_get(&buffer));
	else if (result == EXTMGR_OK)
		result = EXTMGR_E_FORMAT;
	extmgr__buffer_free(&buffer);
	if (result == EXTMGR_E_TOO_LARGE)
		refuse(conversion, field, "longer than 65536 bytes");
	if (result == EXTMGR_E_FORMAT)
		refuse(conversion, field, "it contains a NUL character");
	if (!copy)
		extmgr__heap_fail(conversion->duk, EXTMGR_E_NO_MEMORY, "out of memory");
	return copy;
}

void extmgr__convert_text(const struct extmgr__conversion *conversion, const char *field,
			  char **slot)
{
	duk_context *duk = conversion->duk;
	char *copy;

	if (duk_is_symbol(duk, -1))
		refuse(conversion, field, "it is a symbol");
	if (duk_is_null_or_undefined(duk, -1)) {
		duk_pop(duk);
		(void)duk_push_literal(duk, "");
	}
	(void)duk_to_string(duk, -1);
	copy = copy_string(conversion, field);
	free(*slot);
	*slot = copy;
	duk_pop(duk);
}

void extmgr__convert_member_text(const struct extmgr__conversion *conversion, const char *name,
				 char **slot)
{
	(void)duk_get_prop_string(conversion->duk, -1, name);
	extmgr__convert_text(conversion, name, slot);
}

bool extmgr__convert_member_flag(const struct extmgr__conversion *conversion, const char *name)
{
	bool flag;

	(void)duk_get_prop_string(conversion->duk, -1, name);
	flag = duk_to_boolean(conversion->duk, -1);
	duk_pop(conversion->duk);
	return flag;
}

int64_t extmgr__convert_member_integer(const struct extmgr__conversion *conversion,
				       const char *name)
{
	double number;

	(void)duk_get_prop_string(conversion->duk, -1, name);
	number = trunc(duk_to_number(conversion->duk, -1));
	duk_pop(conversion->duk);
	if (isnan(number))
		return 0;
	return (int64_t)fmax(-INTEGER_MAXIMUM, fmin(INTEGER_MAXIMUM, number));
}

void extmgr__convert_require_object(const struct extmgr__conversion *conversion, const char *field)
{
	if (!duk_is_object(conversion->duk, -1))
		refuse(conversion, field, "it is not an object");
}

size_t extmgr__convert_list(const struct extmgr__conversion *conversion, const char *field,
			    size_t maximum)
{
	duk_context *duk = conversion->duk;
	size_t length;

	if (duk_is_null_or_undefined(duk, -1)) {
		duk_pop(duk);
		(void)duk_push_array(duk);
		return 0;
	}
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_TO_ARRAY);
	duk_remove(duk, -2);
	duk_swap_top(duk, -2);
	duk_push_uint(duk, (duk_uint_t)maximum);
	duk_call(duk, 2);
	if (!duk_is_object(duk, -1))
		refuse(conversion, field, "it is not an array or iterable");
	length = duk_get_length(duk, -1);
	if (length > maximum)
		refuse(conversion, field, "it has too many elements");
	return length;
}
