/* SPDX-License-Identifier: MIT */
/* What scripts find of texts beyond Duktape; the prelude does the rest. */
#ifndef EXTMGR_SCRIPT_TEXT_FUNCTIONS_H
#define EXTMGR_SCRIPT_TEXT_FUNCTIONS_H

#include <extmgr_duktape.h>

/* On the object on top, for the prelude: isBareSymbol(symbol), and normalize(text, form) where this
 * build has it. Throws. */
void extmgr__text_functions_put(duk_context *duk);
/* In the global object, behind the prelude. Throws. */
void extmgr__text_functions_define(duk_context *duk);

#endif
