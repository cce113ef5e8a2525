/* SPDX-License-Identifier: MIT */
/*
 * Text between the library (UTF-8) and a script (CESU-8: characters above U+FFFF are two surrogates
 * of three bytes each). Duktape takes some byte sequences that are no UTF-8 for hidden symbols, so
 * text goes through here, never through duk_push_lstring() itself.
 */
#ifndef EXTMGR_SCRIPT_JS_TEXT_H
#define EXTMGR_SCRIPT_JS_TEXT_H

#include "base/text.h"

#include <extmgr_duktape.h>

#include <stdbool.h>

/* Pushes UTF-8; throws a TypeError when it is not. Text of the library's own may be literal. */
void extmgr__push_text(duk_context *duk, const char *text, size_t length);
/* The same for text that is known to be UTF-8 (checked rows, ids). */
void extmgr__push_valid_text(duk_context *duk, const char *text, size_t length);
/* Appends the string at index as UTF-8; lone surrogates become U+FFFD. false: no string (a symbol
 * is none), nothing was appended. Calls nothing of the script. */
bool extmgr__append_text(duk_context *duk, duk_idx_t index, struct extmgr__buffer *buffer);
/* The same for messages: at most maximum bytes of a script, "..." behind what was cut. */
bool extmgr__append_text_cut(duk_context *duk, duk_idx_t index, size_t maximum,
			     struct extmgr__buffer *buffer);

#endif
