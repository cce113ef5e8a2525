/* SPDX-License-Identifier: MIT */
/*
 * Map, Set, WeakMap and WeakSet, native: every operation takes constant time, iteration follows
 * insertion order and stands changes on the way, as ES2015 says.
 */
#ifndef EXTMGR_SCRIPT_COLLECTIONS_H
#define EXTMGR_SCRIPT_COLLECTIONS_H

#include <extmgr_duktape.h>

/* Stash: the prototype of all iterators; collections.c makes it. */
#define EXTMGR__STASH_ITERATOR_PROTOTYPE "iterator"
/* Stash: function (collection, iterable, isMap), which fills a new collection; the prelude's. */
#define EXTMGR__STASH_FILL "fill"

/* Defines the four constructors on the global object. */
void extmgr__collections_define(duk_context *duk);

#endif
