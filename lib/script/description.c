/* SPDX-License-Identifier: MIT */
/* What a definition consists of, as its author wrote it: more than the library reads of it. */
#include "script/definition_internal.h"
#include "script/heap_internal.h"
#include "script/js_text.h"

/* [ extension ] becomes [ {functions: [names], values: {name: value}} ] */
static void divide(duk_context *duk)
{
	duk_uarridx_t count = 0;

	(void)duk_push_object(duk);
	(void)duk_push_array(duk);
	(void)duk_push_object(duk);
	/* [ extension result functions values ] */
	duk_enum(duk, -4, DUK_ENUM_OWN_PROPERTIES_ONLY);
	while (duk_next(duk, -1, 1)) {
		if (duk_is_callable(duk, -1)) {
			duk_pop(duk);
			(void)duk_put_prop_index(duk, -4, count++);
		} else {
			(void)duk_put_prop(duk, -4);
		}
	}
	duk_pop(duk);
	(void)duk_put_prop_literal(duk, -3, "values");
	(void)duk_put_prop_literal(duk, -2, "functions");
	duk_remove(duk, -2);
}

static void describe_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct extmgr__buffer *buffer = argument;

	(void)heap;
	duk_push_global_stash(duk);
	(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_STRINGIFY);
	(void)duk_get_prop_literal(duk, -2, EXTMGR__STASH_EXTENSION);
	divide(duk);
	duk_call(duk, 1);
	(void)extmgr__append_text(duk, -1, buffer);
}

extmgr_result extmgr__definition_describe(struct extmgr__definition *definition,
					  extmgr_operation *operation,
					  struct extmgr__buffer *buffer, extmgr_error **error)
{
	return extmgr__heap_run(definition->heap, operation, describe_work, buffer, error);
}
