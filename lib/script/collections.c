/* SPDX-License-Identifier: MIT */
#include "script/collections.h"

#include "script/heap.h"
#include "script/native.h"

#include <stdbool.h>
#include <string.h>

/*
 * A collection has one hidden property, its store: an array whose first element is a buffer with
 * the table below, followed by the keys (and, in maps, values) of its entries in their order. The
 * table finds entries by the identity of their keys; the array keeps keys and values alive.
 *
 * The identity of a key is its type and 64 bits: strings are interned and objects never move in
 * Duktape, so both are known by their addresses.
 */
#define STORE DUK_HIDDEN_SYMBOL("store")
/* Of iterators: the store they walk through, and where they stand. */
#define WALKED DUK_HIDDEN_SYMBOL("walked")
#define CURSOR DUK_HIDDEN_SYMBOL("cursor")

#define FIRST_CAPACITY   8u
#define MAXIMUM_CAPACITY (1u << 26)
#define NONE             UINT32_MAX
/* No DUK_TYPE_... has this value. */
#define DELETED UINT32_MAX

enum kind { MAP, SET, WEAK_MAP, WEAK_SET };
enum selection { KEYS, VALUES, ENTRIES };

static const char *const kind_names[] = {"Map", "Set", "WeakMap", "WeakSet"};
static const char *const iterator_stash[] = {"mapIterator", "setIterator"};

struct entry {
	uint64_t bits;
	uint64_t sequence; /* grows along the entries, is never used twice */
	uint32_t type;     /* DUK_TYPE_... or DELETED */
	uint32_t next;     /* in its bucket */
};

struct table {
	uint32_t kind;
	uint32_t live;
	uint32_t used; /* with the deleted ones */
	uint32_t capacity;
	uint32_t bucket_count; /* a power of two */
	uint32_t generation;   /* changes when entries move */
	uint64_t next_sequence;
	struct entry entries[];
	/* bucket_count first entries follow the entries */
};

/* Where an iteration stands; it finds its way back by the sequence when entries have moved. */
struct cursor {
	uint64_t sequence; /* the first one not yet visited */
	uint32_t generation;
	uint32_t position;
	uint32_t selection;
	uint32_t done;
};

struct key {
	uint64_t bits;
	uint32_t type;
};

static uint32_t *buckets_of(struct table *table)
{
	return (uint32_t *)(void *)&table->entries[table->capacity];
}

static uint32_t stride_of(const struct table *table)
{
	return table->kind == MAP || table->kind == WEAK_MAP ? 2 : 1;
}

/* Index of an entry's key in the store. */
static duk_uarridx_t slot_of(const struct table *table, uint32_t position)
{
	return 1 + position * stride_of(table);
}

static uint64_t number_bits(double number)
{
	uint64_t bits;

	if (number == 0)
		number = 0; /* -0 is 0 */
	if (number != number)
		return UINT64_C(0x7ff8000000000000); /* one NaN */
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static struct key key_at(duk_context *duk, duk_idx_t index)
{
	struct key key = {.type = (uint32_t)duk_get_type(duk, index)};

	switch (key.type) {
	case DUK_TYPE_NUMBER:
		key.bits = number_bits(duk_get_number(duk, index));
		break;
	case DUK_TYPE_BOOLEAN:
		key.bits = duk_get_boolean(duk, index);
		break;
	default:
		key.bits = (uint64_t)(uintptr_t)duk_get_heapptr(duk, index);
		break;
	}
	return key;
}

static uint32_t bucket_of(const struct table *table, struct key key)
{
	uint64_t hash = (key.bits ^ key.type) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(hash >> 32) & (table->bucket_count - 1);
}

static uint32_t find(struct table *table, struct key key)
{
	uint32_t position = buckets_of(table)[bucket_of(table, key)];

	while (position != NONE) {
		const struct entry *entry = &table->entries[position];

		if (entry->bits == key.bits && entry->type == key.type)
			return position;
		position = entry->next;
	}
	return NONE;
}

static void link_entry(struct table *table, uint32_t position)
{
	struct entry *entry = &table->entries[position];
	struct key key = {.bits = entry->bits, .type = entry->type};
	uint32_t *bucket = &buckets_of(table)[bucket_of(table, key)];

	entry->next = *bucket;
	*bucket = position;
}

static void unlink_entry(struct table *table, uint32_t position)
{
	struct entry *entry = &table->entries[position];
	struct key key = {.bits = entry->bits, .type = entry->type};
	uint32_t *link = &buckets_of(table)[bucket_of(table, key)];

	while (*link != position)
		link = &table->entries[*link].next;
	*link = entry->next;
	entry->type = DELETED;
}

/* Pushes a buffer with an empty table. */
static struct table *push_table(duk_context *duk, enum kind kind, uint32_t capacity)
{
	size_t entries = (size_t)capacity * sizeof(struct entry);
	size_t buckets = (size_t)capacity * sizeof(uint32_t);
	struct table *table = duk_push_fixed_buffer(duk, sizeof(*table) + entries + buckets);

	*table = (struct table){.kind = kind, .capacity = capacity, .bucket_count = capacity};
	memset(buckets_of(table), 0xff, buckets);
	return table;
}

/* Puts a larger table, without deleted entries, into the store at index; answers it. */
static struct table *grow(duk_context *duk, duk_idx_t store, struct table *old)
{
	uint32_t capacity = old->live >= old->capacity / 2 ? old->capacity * 2 : old->capacity;
	uint32_t stride = stride_of(old);
	struct table *table;
	uint32_t next = 0;

	if (capacity > MAXIMUM_CAPACITY)
		extmgr__heap_throw_type_error(duk, "collection is too large");
	table = push_table(duk, (enum kind)old->kind, capacity);
	table->generation = old->generation + (old->live != old->used);
	table->next_sequence = old->next_sequence;
	for (uint32_t i = 0; i < old->used; i++) {
		if (old->entries[i].type == DELETED)
			continue;
		table->entries[next] = old->entries[i];
		link_entry(table, next);
		for (uint32_t part = 0; next != i && part < stride; part++) {
			(void)duk_get_prop_index(duk, store, slot_of(old, i) + part);
			(void)duk_put_prop_index(duk, store, slot_of(old, next) + part);
		}
		next++;
	}
	table->live = next;
	table->used = next;
	(void)duk_put_prop_index(duk, store, 0);
	duk_set_length(duk, store, slot_of(table, next));
	return table;
}

/* Pushes this and its store; throws unless it is a collection of that kind. */
static struct table *push_store(duk_context *duk, enum kind kind)
{
	struct table *table = NULL;

	duk_push_this(duk);
	if (duk_is_object(duk, -1) && duk_get_prop_literal(duk, -1, STORE)) {
		(void)duk_get_prop_index(duk, -1, 0);
		table = duk_get_buffer(duk, -1, NULL);
		duk_pop(duk);
	}
	if (!table || table->kind != kind)
		extmgr__heap_throw_type_error(duk, "receiver is not a %s", kind_names[kind]);
	return table;
}

static enum kind magic_kind(duk_context *duk)
{
	return (enum kind)(duk_get_current_magic(duk) & 3);
}

static void require_weak_key(duk_context *duk, enum kind kind)
{
	if ((kind == WEAK_MAP || kind == WEAK_SET) && !duk_is_object(duk, 0))
		extmgr__heap_throw_type_error(duk, "invalid value in a %s", kind_names[kind]);
}

static duk_ret_t collection_get(duk_context *duk)
{
	struct table *table = push_store(duk, magic_kind(duk));
	uint32_t position = find(table, key_at(duk, 0));

	if (position == NONE)
		return 0;
	(void)duk_get_prop_index(duk, -1, slot_of(table, position) + 1);
	return 1;
}

static duk_ret_t collection_has(duk_context *duk)
{
	struct table *table = push_store(duk, magic_kind(duk));

	duk_push_boolean(duk, find(table, key_at(duk, 0)) != NONE);
	return 1;
}

/* Appends an entry for the key at index 0. The store is on top of the stack. */
static uint32_t append(duk_context *duk, struct table **table, struct key key)
{
	duk_idx_t store = duk_get_top_index(duk);
	struct entry *entry;
	uint32_t position;

	if ((*table)->used == (*table)->capacity)
		*table = grow(duk, store, *table);
	position = (*table)->used;
	/* The slot first: should it fail, the table does not know of it. */
	if (duk_is_number(duk, 0) && duk_get_number(duk, 0) == 0)
		duk_push_uint(duk, 0);
	else
		duk_dup(duk, 0);
	(void)duk_put_prop_index(duk, store, slot_of(*table, position));
	entry = &(*table)->entries[position];
	entry->bits = key.bits;
	entry->type = key.type;
	entry->sequence = (*table)->next_sequence++;
	link_entry(*table, position);
	(*table)->used++;
	(*table)->live++;
	return position;
}

/* set(key, value) and add(key); answers this. */
static duk_ret_t collection_put(duk_context *duk)
{
	enum kind kind = magic_kind(duk);
	struct table *table = push_store(duk, kind);
	struct key key = key_at(duk, 0);
	uint32_t position;

	require_weak_key(duk, kind);
	position = find(table, key);
	if (position == NONE)
		position = append(duk, &table, key);
	if (stride_of(table) == 2) {
		duk_dup(duk, 1);
		(void)duk_put_prop_index(duk, -2, slot_of(table, position) + 1);
	}
	duk_pop(duk);
	return 1;
}

static duk_ret_t collection_delete(duk_context *duk)
{
	struct table *table = push_store(duk, magic_kind(duk));
	uint32_t position = find(table, key_at(duk, 0));

	if (position != NONE) {
		unlink_entry(table, position);
		table->live--;
		for (uint32_t part = 0; part < stride_of(table); part++) {
			duk_push_undefined(duk);
			(void)duk_put_prop_index(duk, -2, slot_of(table, position) + part);
		}
	}
	duk_push_boolean(duk, position != NONE);
	return 1;
}

static duk_ret_t collection_clear(duk_context *duk)
{
	struct table *old = push_store(duk, magic_kind(duk));
	struct table *table = push_table(duk, (enum kind)old->kind, FIRST_CAPACITY);

	table->generation = old->generation + 1;
	table->next_sequence = old->next_sequence;
	(void)duk_put_prop_index(duk, -2, 0);
	duk_set_length(duk, -1, 1);
	return 0;
}

static duk_ret_t collection_size(duk_context *duk)
{
	duk_push_uint(duk, push_store(duk, magic_kind(duk))->live);
	return 1;
}

/* The first entry whose sequence is not below the cursor's. */
static uint32_t find_sequence(const struct table *table, uint64_t sequence)
{
	uint32_t low = 0;
	uint32_t high = table->used;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->entries[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Moves to the next entry; NONE at the end. The store is at index. */
static uint32_t advance(duk_context *duk, duk_idx_t store, struct cursor *cursor,
			const struct table **table_out)
{
	const struct table *table;

	(void)duk_get_prop_index(duk, store, 0);
	table = duk_require_buffer(duk, -1, NULL);
	duk_pop(duk); /* the store holds it */
	if (cursor->generation != table->generation) {
		cursor->position = find_sequence(table, cursor->sequence);
		cursor->generation = table->generation;
	}
	while (cursor->position < table->used) {
		uint32_t position = cursor->position++;

		cursor->sequence = table->entries[position].sequence + 1;
		if (table->entries[position].type != DELETED) {
			*table_out = table;
			return position;
		}
	}
	return NONE;
}

static duk_ret_t collection_for_each(duk_context *duk)
{
	const struct table *table = push_store(duk, magic_kind(duk));
	struct cursor cursor = {.generation = table->generation};
	uint32_t position;

	/* [ callback thisArg this store ] */
	if (!duk_is_callable(duk, 0))
		extmgr__heap_throw_type_error(duk, "callback is not a function");
	while ((position = advance(duk, 3, &cursor, &table)) != NONE) {
		duk_uarridx_t slot = slot_of(table, position);

		duk_dup(duk, 0);
		duk_dup(duk, 1);
		(void)duk_get_prop_index(duk, 3, slot + stride_of(table) - 1);
		(void)duk_get_prop_index(duk, 3, slot);
		duk_dup(duk, 2);
		duk_call_method(duk, 3);
		duk_pop(duk);
	}
	return 0;
}

/* keys(), values(), entries(): magic holds kind and selection. */
static duk_ret_t collection_iterate(duk_context *duk)
{
	const struct table *table = push_store(duk, magic_kind(duk));
	struct cursor *cursor;

	(void)duk_push_object(duk);
	duk_push_global_stash(duk);
	(void)duk_get_prop_string(duk, -1, iterator_stash[table->kind]);
	duk_set_prototype(duk, -3);
	duk_pop(duk);
	/* [ this store iterator ] */
	duk_dup(duk, -2);
	(void)duk_put_prop_literal(duk, -2, WALKED);
	cursor = duk_push_fixed_buffer(duk, sizeof(*cursor));
	*cursor = (struct cursor){.generation = table->generation,
				  .selection = (uint32_t)duk_get_current_magic(duk) >> 2};
	(void)duk_put_prop_literal(duk, -2, CURSOR);
	return 1;
}

static void push_selection(duk_context *duk, duk_idx_t store, const struct cursor *cursor,
			   const struct table *table, uint32_t position)
{
	duk_uarridx_t slot = slot_of(table, position);
	duk_uarridx_t value = slot + stride_of(table) - 1;

	if (cursor->selection == KEYS) {
		(void)duk_get_prop_index(duk, store, slot);
	} else if (cursor->selection == VALUES) {
		(void)duk_get_prop_index(duk, store, value);
	} else {
		(void)duk_push_array(duk);
		(void)duk_get_prop_index(duk, store, slot);
		(void)duk_put_prop_index(duk, -2, 0);
		(void)duk_get_prop_index(duk, store, value);
		(void)duk_put_prop_index(duk, -2, 1);
	}
}

/* next() of both iterators; magic is the kind. */
static duk_ret_t iterator_next(duk_context *duk)
{
	const struct table *table = NULL;
	struct cursor *cursor = NULL;
	uint32_t position = NONE;

	duk_push_this(duk);
	if (duk_is_object(duk, 0)) {
		(void)duk_get_prop_literal(duk, 0, WALKED);
		(void)duk_get_prop_literal(duk, 0, CURSOR);
		cursor = duk_get_buffer(duk, 2, NULL);
	}
	if (!cursor)
		extmgr__heap_throw_type_error(duk, "receiver is not an iterator");
	/* [ this store cursor ] */
	(void)duk_push_object(duk);
	if (!cursor->done)
		position = advance(duk, 1, cursor, &table);
	if (position != NONE) {
		push_selection(duk, 1, cursor, table, position);
	} else {
		cursor->done = 1;
		duk_push_undefined(duk);
	}
	(void)duk_put_prop_literal(duk, -2, "value");
	duk_push_boolean(duk, position == NONE);
	(void)duk_put_prop_literal(duk, -2, "done");
	return 1;
}

static duk_ret_t return_this(duk_context *duk)
{
	duk_push_this(duk);
	return 1;
}

/*
 * Also without new, on an object that inherits from the prototype: a subclass lowered to ES5 calls
 * Map.call(this).
 */
static duk_ret_t construct(duk_context *duk)
{
	enum kind kind = magic_kind(duk);

	duk_set_top(duk, 1);
	duk_push_this(duk);
	duk_push_current_function(duk);
	if (!duk_is_object(duk, 1) || !duk_instanceof(duk, 1, 2) ||
	    duk_has_prop_literal(duk, 1, STORE))
		extmgr__heap_throw_type_error(duk, "%s is called without new", kind_names[kind]);
	(void)duk_push_bare_array(duk);
	(void)push_table(duk, kind, FIRST_CAPACITY);
	(void)duk_put_prop_index(duk, -2, 0);
	(void)duk_push_literal(duk, STORE);
	duk_swap_top(duk, -2);
	duk_def_prop(duk, 1, DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_FORCE);
	if (!duk_is_null_or_undefined(duk, 0)) {
		duk_push_global_stash(duk);
		(void)duk_get_prop_literal(duk, -1, EXTMGR__STASH_FILL);
		duk_dup(duk, 1);
		duk_dup(duk, 0);
		duk_push_boolean(duk, kind == MAP || kind == WEAK_MAP);
		duk_call(duk, 3);
	}
	duk_dup(duk, 1);
	return 1;
}

static void define_tag(duk_context *duk, const char *tag)
{
	(void)duk_push_literal(duk, DUK_WELLKNOWN_SYMBOL("Symbol.toStringTag"));
	(void)duk_push_string(duk, tag);
	duk_def_prop(duk, -3, DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_CONFIGURABLE);
}

/* Pops the function on top: the prototype below gets it as its iteration. */
static void define_iterator(duk_context *duk)
{
	extmgr__define_value(duk, -2, DUK_WELLKNOWN_SYMBOL("Symbol.iterator"));
}

static void define_iteration(duk_context *duk, enum kind kind)
{
	extmgr__define_function(duk, -1, "clear", collection_clear, 0, kind);
	extmgr__define_function(duk, -1, "forEach", collection_for_each, 2, kind);
	extmgr__define_function(duk, -1, "entries", collection_iterate, 0, kind | (ENTRIES << 2));
	extmgr__define_function(duk, -1, "values", collection_iterate, 0, kind | (VALUES << 2));
	if (kind == MAP) {
		extmgr__define_function(duk, -1, "keys", collection_iterate, 0, kind | (KEYS << 2));
		(void)duk_get_prop_literal(duk, -1, "entries");
	} else {
		(void)duk_get_prop_literal(duk, -1, "values");
		extmgr__define_value(duk, -2, "keys");
		(void)duk_get_prop_literal(duk, -1, "values");
	}
	define_iterator(duk);
	(void)duk_push_literal(duk, "size");
	extmgr__push_function(duk, "size", collection_size, 0, kind);
	duk_def_prop(duk, -3, DUK_DEFPROP_HAVE_GETTER | DUK_DEFPROP_SET_CONFIGURABLE);
}

static void define_collection(duk_context *duk, enum kind kind)
{
	bool is_map = kind == MAP || kind == WEAK_MAP;

	/* Its length is 0, as the standard says. */
	extmgr__push_function(duk, kind_names[kind], construct, DUK_VARARGS, kind);
	(void)duk_push_object(duk);
	if (is_map)
		extmgr__define_function(duk, -1, "get", collection_get, 1, kind);
	extmgr__define_function(duk, -1, is_map ? "set" : "add", collection_put, is_map ? 2 : 1,
				kind);
	extmgr__define_function(duk, -1, "has", collection_has, 1, kind);
	extmgr__define_function(duk, -1, "delete", collection_delete, 1, kind);
	if (kind == MAP || kind == SET)
		define_iteration(duk, kind);
	define_tag(duk, kind_names[kind]);
	duk_dup(duk, -2);
	extmgr__define_value(duk, -2, "constructor");
	(void)duk_push_literal(duk, "prototype");
	duk_swap_top(duk, -2);
	duk_def_prop(duk, -3, DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_FORCE);
	duk_push_global_object(duk);
	duk_swap_top(duk, -2);
	extmgr__define_value(duk, -2, kind_names[kind]);
	duk_pop(duk);
}

/* [ ... iteratorPrototype stash ] */
static void define_iterator_of(duk_context *duk, enum kind kind)
{
	(void)duk_push_object(duk);
	duk_dup(duk, -3);
	duk_set_prototype(duk, -2);
	extmgr__define_function(duk, -1, "next", iterator_next, 0, kind);
	define_tag(duk, kind == MAP ? "Map Iterator" : "Set Iterator");
	(void)duk_put_prop_string(duk, -2, iterator_stash[kind]);
}

void extmgr__collections_define(duk_context *duk)
{
	(void)duk_push_object(duk);
	extmgr__push_function(duk, "[Symbol.iterator]", return_this, 0, 0);
	define_iterator(duk);
	duk_push_global_stash(duk);
	define_iterator_of(duk, MAP);
	define_iterator_of(duk, SET);
	duk_dup(duk, -2);
	(void)duk_put_prop_literal(duk, -2, EXTMGR__STASH_ITERATOR_PROTOTYPE);
	duk_pop_2(duk);
	for (int kind = MAP; kind <= WEAK_SET; kind++)
		define_collection(duk, (enum kind)kind);
}
