/* SPDX-License-Identifier: MIT */
#include "script_test.h"

struct expression {
	const char *source;
	const char *expected;
};

static const struct expression expressions[] = {
	/* identity of keys: SameValueZero */
	{"var m = new Map([[NaN, 1], [-0, 2]]); [m.get(NaN), m.get(0 / 0), m.get(0), m.get(-0), "
	 "1 / m.keys().next().value === 2, 1 / Array.from(m.keys())[1]].join()",
	 "1,1,2,2,false,Infinity"},
	{"var m = new Map(); m.set('1', 's').set(1, 'n').set(true, 'b').set(null, "
	 "'z').set(undefined, "
	 "'u'); [m.get('1'), m.get(1), m.get(true), m.get(null), m.get(undefined), m.size].join()",
	 "s,n,b,z,u,5"},
	{"var a = {}, b = {}, f = function () {}, s = Symbol(), m = new Map([[a, 1], [b, 2], [f, "
	 "3], "
	 "[s, 4]]); [m.get(a), m.get(b), m.get(f), m.get(s), m.get({}), "
	 "m.has(Object.freeze(a))].join()",
	 "1,2,3,4,,true"},
	{"var m = new Map(); m.set(Object.freeze({}), 1); m.size", "1"},
	{"new Map().get.length + new Map().set.length + Map.length", "3"},
	/* order */
	{"var m = new Map([['b', 1], ['a', 2], [1, 3]]); m.set('b', 4); m.delete('a'); m.set('a', "
	 "5); "
	 "JSON.stringify(Array.from(m))",
	 "[[\"b\",4],[1,3],[\"a\",5]]"},
	{"Array.from(new Set([3, 1, 3, 2, 1])).join()", "3,1,2"},
	{"var s = new Set(); for (var i = 0; i < 1000; i++) s.add(i); for (i = 0; i < 1000; i += "
	 "2) "
	 "s.delete(i); for (i = 1000; i < 3000; i++) s.add(i); [s.size, Array.from(s)[0], "
	 "Array.from(s)[499], Array.from(s)[500], s.has(998), s.has(2999)].join()",
	 "2500,1,999,1000,false,true"},
	/* changes while it is walked */
	{"var m = new Map([[1, 1], [2, 2], [3, 3]]), out = []; m.forEach(function (v, k) { "
	 "out.push(k); "
	 "m.delete(2); if (k < 10) m.set(k + 10, 0); }); out.join()",
	 "1,3,11,13"},
	{"var s = new Set([1, 2, 3]), out = []; s.forEach(function (v) { out.push(v); if (v === 1) "
	 "{ "
	 "s.clear(); s.add(7); s.add(8); } }); out.join()",
	 "1,7,8"},
	{"var s = new Set([1]), it = s.values(), out = []; for (var i = 0; i < 100; i++) { "
	 "out.push(it.next().value); s.add(i + 2); s.delete(i); } out[0] + ',' + out[99]",
	 "1,100"},
	{"var s = new Set([1, 2]), it = s.values(); it.next(); it.next(); var d = it.next().done; "
	 "s.add(3); d + '' + it.next().done",
	 "truetrue"},
	{"var s = new Set([1, 2, 3]), it = s.values(); it.next(); s.delete(1); s.delete(2); "
	 "it.next().value",
	 "3"},
	{"var m = new Map([[1, 1]]), n = 0; m.forEach(function () { if (n++ < 5) { m.delete(1); "
	 "m.set(1, "
	 "1); } }); n",
	 "6"},
	/* iterators */
	{"Object.prototype.toString.call(new Map().entries()) + new Set()",
	 "[object Map Iterator][object "
	 "Set]"},
	{"var it = new Map([[1, 2]]).entries(); (it[Symbol.iterator]() === it) + "
	 "JSON.stringify(it.next())",
	 "true{\"value\":[1,2],\"done\":false}"},
	{"(Map.prototype.entries === Map.prototype[Symbol.iterator]) + '' + (Set.prototype.keys "
	 "=== "
	 "Set.prototype.values) + (Set.prototype[Symbol.iterator] === Set.prototype.values)",
	 "truetruetrue"},
	{"JSON.stringify(Array.from(new Set(['x']).entries()))", "[[\"x\",\"x\"]]"},
	{"Array.from(new Map(new Map([[1, 2]])))[0].join()", "1,2"},
	{"Object.keys(new Map([[1, 2]])).length + JSON.stringify(new Map([[1, 2]]))", "0{}"},
	{"Object.getOwnPropertyNames(new Map()).length + Object.getOwnPropertySymbols(new "
	 "Set()).length",
	 "0"},
	{"var r = []; new Map([[1, 2]]).forEach(function (v, k, m) { r.push(this.x, m.size); }, "
	 "{x: 9}); "
	 "r.join()",
	 "9,1"},
	/* lowered subclasses */
	{"function M(i) { var t = Map.call(this, i) || this; return t; }"
	 "M.prototype = Object.create(Map.prototype, {constructor: {value: M}});"
	 "var m = new M([[1, 2]]); [m.get(1), m.size, m instanceof Map, m instanceof M].join()",
	 "2,1,true,true"},
	{"function S() { Set.call(this); } S.prototype = Object.create(Set.prototype);"
	 "S.prototype.add = function (v) { return Set.prototype.add.call(this, v * 2); };"
	 "Array.from(new S().add(2).add(3)).join()",
	 "4,6"},
	/* weak ones */
	{"var k = {}, w = new WeakMap([[k, 1]]); [w.get(k), w.has({}), w.delete(k), w.has(k), "
	 "typeof "
	 "w.forEach].join()",
	 "1,false,true,false,undefined"},
	{"var k = {}, w = new WeakSet([k]); [w.has(k), w.has(1)].join()", "true,false"},
	{"Object.prototype.toString.call(new WeakMap())", "[object WeakMap]"},
};

struct failure {
	const char *source;
	const char *message;
};

static const struct failure failures[] = {
	{"Map()", "TypeError: Map is called without new"},
	{"Map.call({})", "TypeError: Map is called without new"},
	{"Set.call(new Set())", "TypeError: Set is called without new"},
	{"Set.call(new Map())", "TypeError: Set is called without new"},
	{"Map.prototype.get.call({}, 1)", "TypeError: receiver is not a Map"},
	{"Map.prototype.get.call(new Set(), 1)", "TypeError: receiver is not a Map"},
	{"Map.prototype.get.call(5, 1)", "TypeError: receiver is not a Map"},
	{"Set.prototype.add.call(new WeakSet(), {})", "TypeError: receiver is not a Set"},
	{"Map.prototype.get.call(new Map().entries(), 1)", "TypeError: receiver is not a Map"},
	{"Map.prototype.size", "TypeError: receiver is not a Map"},
	/* not without end */
	{"var i = {}; i[Symbol.iterator] = function () { return {next: function () { return 7; }}; "
	 "}; "
	 "new Set(i)",
	 "TypeError: result of an iterator is not an object"},
	{"[].values().next.call(''[Symbol.iterator]())",
	 "TypeError: receiver is no Array Iterator"},
	{"new Map().entries().next.call({})", "TypeError: receiver is not an iterator"},
	{"new Map().entries().next.call(new Map())", "TypeError: receiver is not an iterator"},
	{"new Map([1])", "TypeError: iterator value is not an entry object"},
	{"new Map({})", "TypeError: value is not iterable"},
	{"new Map(5)", "TypeError: value is not iterable"},
	{"new Set().forEach(1)", "TypeError: callback is not a function"},
	{"new WeakMap().set(1, 1)", "TypeError: invalid value in a WeakMap"},
	{"new WeakSet(['x'])", "TypeError: invalid value in a WeakSet"},
	{"new Set([1]).forEach(function () { throw 'out'; })", "out"},
};

static struct extmgr__heap *heap;
static extmgr_context *context;

static int open_heap(void **state)
{
	(void)state;
	context = test_context(NULL, 0);
	return extmgr__heap_new(context, &heap, NULL) == EXTMGR_OK ? 0 : -1;
}

static int close_heap(void **state)
{
	(void)state;
	extmgr__heap_free(heap);
	extmgr_context_free(context);
	return 0;
}

static void behave_as_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		assert_evaluates_to(heap, expressions[i].source, expressions[i].expected);
}

static void refuse_wrong_receivers_and_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		free(evaluate(heap, NULL, failures[i].source, &result, &error));
		if (result != EXTMGR_E_SCRIPT_THREW)
			print_error("%s: %d\n", failures[i].source, result);
		assert_int_equal(result, EXTMGR_E_SCRIPT_THREW);
		if (!strstr(extmgr_error_get_message(error), failures[i].message))
			print_error("%s: %s\n", failures[i].source,
				    extmgr_error_get_message(error));
		assert_non_null(strstr(extmgr_error_get_message(error), failures[i].message));
		extmgr_error_free(error);
	}
}

/* A failing constructor closes the iterator that feeds it. */
static void close_their_source(void **state)
{
	(void)state;
	assert_evaluates_to(
		heap,
		"var closed = 0, it = {}; it[Symbol.iterator] = function () { return {next: "
		"function () { return {value: 1}; }, 'return': function () { closed++; }}; };"
		"try { new Map(it); } catch (e) {} closed",
		"1");
}

/* Garbage may be collected at any time: keys and values must not go with it. */
static void keep_keys_and_values_alive(void **state)
{
	(void)state;
	assert_evaluates_to(
		heap,
		"var m = new Map(); for (var i = 0; i < 20000; i++) { m.set({n: i}, 'v' + i); "
		"if (i % 3) m.delete(m.keys().next().value); } var ok = true;"
		"m.forEach(function (v, k) { ok = ok && v === 'v' + k.n; }); ok + ',' + m.size",
		"true,6667");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behave_as_the_standard_says),
		cmocka_unit_test(refuse_wrong_receivers_and_values),
		cmocka_unit_test(close_their_source),
		cmocka_unit_test(keep_keys_and_values_alive),
	};

	return cmocka_run_group_tests_name("script_collections", tests, open_heap, close_heap);
}
