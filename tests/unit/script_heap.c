/* SPDX-License-Identifier: MIT */
#include "script_test.h"

#include <pthread.h>
#include <time.h>

#define MEGABYTE ((uint64_t)1 << 20)

static struct extmgr__heap *new_heap(extmgr_context *context)
{
	struct extmgr__heap *heap = NULL;
	extmgr_error *error = NULL;

	if (extmgr__heap_new(context, &heap, &error) != EXTMGR_OK)
		print_error("%s\n", extmgr_error_get_message(error));
	assert_non_null(heap);
	return heap;
}

static void evaluates_in_the_sandbox(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	assert_evaluates_to(heap, "1 + 1", "2");
	assert_evaluates_to(heap,
			    "[typeof Duktape, typeof eval, typeof require, typeof CBOR, typeof "
			    "performance, typeof Buffer].join()",
			    "undefined,undefined,undefined,undefined,undefined,undefined");
	assert_evaluates_to(heap, "typeof String.fromBufferRaw + typeof Uint8Array.allocPlain",
			    "undefinedundefined");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

/* The global object holds these and nothing else: whatever an engine adds must be looked at. */
static void has_known_globals_only(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	assert_evaluates_to(
		heap, "Object.getOwnPropertyNames(globalThis).sort().join(' ')",
		"Array ArrayBuffer Boolean DataView Date Error EvalError Float32Array Float64Array "
		"Function Infinity Int16Array Int32Array Int8Array JSON Map Math NaN Number Object "
		"Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol "
		"SyntaxError "
		"TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap "
		"WeakSet console decodeURI decodeURIComponent encodeURI encodeURIComponent escape "
		"globalThis isFinite isNaN parseFloat parseInt queueMicrotask undefined unescape");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

static void makes_no_code_from_text(void **state)
{
	static const char *const attempts[] = {
		"new Function('return 1')()",
		"Function('return 1')()",
		"(function () {}).constructor('return 1')()",
		"Object.getPrototypeOf(function () {}).constructor('return 1')()",
		"Reflect.construct(Function, ['return 1'])()",
		"Function.bind.call(Function, null, 'return 1')()()",
		"[].map.constructor('return 1')()",
		"class_ = Map.constructor('return 1')()",
		"Function('a', 'return this')()",
		"Function('return this; for (;;);')()",
		"Function({toString: function () { return 'return this'; }})()",
	};
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		assert_null(evaluate(heap, NULL, attempts[i], &result, &error));
		assert_int_equal(result, EXTMGR_E_SCRIPT_THREW);
		assert_non_null(
			strstr(extmgr_error_get_message(error), "code cannot be made from text"));
		extmgr_error_free(error);
	}
	assert_evaluates_to(heap, "(function () {}) instanceof Function", "true");
	/* What bundled libraries find the global object with. */
	assert_evaluates_to(heap,
			    "[Function('return this')() === globalThis, new Function('return "
			    "this')() === globalThis, (function () {}).constructor('return "
			    "this').call(7) == 7].join()",
			    "true,true,true");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

/* Scripts that never end by themselves, or take all memory; each must be stopped. */
struct hostile {
	const char *name;
	const char *source;
	extmgr_result expected;
};

#define LATE   EXTMGR_E_SCRIPT_TIMEOUT
#define MEMORY EXTMGR_E_SCRIPT_MEMORY

static const struct hostile hostiles[] = {
	{"endless loop", "for (;;);", LATE},
	{"loop that catches", "for (;;) { try { for (;;); } catch (e) {} }", LATE},
	{"finally that goes on", "(function f() { try { for (;;); } finally { f(); } })()", LATE},
	{"nested finally", "for (;;) try { for (;;); } finally { continue; }", LATE},
	{"getter", "var o = {get x() { for (;;); }}; o.x", LATE},
	{"toJSON", "JSON.stringify({toJSON: function () { for (;;); }})", LATE},
	{"toString", "'' + {toString: function () { for (;;); }}", LATE},
	{"thrown toString", "throw {toString: function () { for (;;); }}", LATE},
	{"thrown status", "throw {get status() { for (;;); }}", LATE},
	{"thrown proxy", "throw new Proxy({}, {get: function () { for (;;); }})", LATE},
	{"sort", "[3, 2, 1].sort(function () { for (;;); })", LATE},
	{"endless sorts", "var a = []; for (var i = 0; i < 5000; i++) a.push(i); for (;;) a.sort()",
	 LATE},
	{"regular expression", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", LATE},
	{"regular expression of alternatives",
	 "/^(a|aa)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", LATE},
	{"sparse forEach", "[].forEach.call({length: 4294967295}, function () {})", LATE},
	{"sparse reverse", "[].reverse.call({length: 4294967295})", LATE},
	{"long join", "new Array(4294967295).join('')", LATE},
	{"long find", "[].find.call({length: 9007199254740991}, function () {})", LATE},
	{"naive search",
	 "var a = new Array(500000).join('a'); for (;;) a.indexOf(a.substr(0, 250000) + 'b')",
	 LATE},
	{"proxy that loops", "var p = new Proxy({}, {has: function () { for (;;); }}); 'x' in p",
	 LATE},
	{"iterator without end",
	 "var it = {}; it[Symbol.iterator] = function () { return {next: function () { return {} "
	 "}} };"
	 "new Set(it)",
	 LATE},
	{"promise jobs without end",
	 "function f() { return Promise.resolve().then(f); } f().then(function () {})", LATE},
	{"map that grows while it is walked",
	 "var m = new Set([0]); m.forEach(function (v) { m.delete(v); m.add(v + 1); })", LATE},
	{"memory caught",
	 "var a = []; for (;;) { try { for (;;) a.push('x'.repeat(1000) + "
	 "a.length); } catch (e) {} }",
	 MEMORY},
	{"string doubling", "var s = 'x'; for (;;) s += s;", MEMORY},
	{"long repeat", "'x'.repeat(1e9)", MEMORY},
	{"large buffer", "new Uint8Array(1e9)", MEMORY},
	{"array of arrays", "var a = []; for (;;) a = [a, a];", MEMORY},
	{"map bomb", "var m = new Map(); for (var i = 0; ; i++) m.set(i, i);", MEMORY},
	{"json bomb",
	 "var o = {}; for (var i = 0; i < 30; i++) o = {a: o, b: o}; JSON.stringify(o)", MEMORY},
	{"padding", "'x'.padStart(1e9)", MEMORY},
};

/* The heap must be dead afterwards, and answer the same. */
static void assert_dead(struct extmgr__heap *heap, extmgr_result expected)
{
	extmgr_error *error = NULL;
	extmgr_result result;

	assert_null(evaluate(heap, NULL, "1", &result, &error));
	assert_int_equal(result, expected);
	assert_int_equal(extmgr_error_get_code(error), expected);
	extmgr_error_free(error);
}

/*
 * The clock moves by 100 ms whenever it is asked, so a deadline of 10 s is 100 looks at it: a
 * script that reaches it has been stopped by counting, not by the speed of the machine.
 */
static void stops_hostile_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		struct fake_clock clock = {.step = 100000000};
		extmgr_context *context =
			test_context(hostiles[i].expected == LATE ? &clock : NULL, 8 * MEGABYTE);
		struct extmgr__heap *heap = new_heap(context);
		extmgr_error *error = NULL;
		extmgr_result result;

		clock.calls = 0;
		free(evaluate(heap, NULL, hostiles[i].source, &result, &error));
		if (result != hostiles[i].expected)
			print_error("%s: %s\n", hostiles[i].name, extmgr_error_get_message(error));
		assert_int_equal(result, hostiles[i].expected);
		assert_true(clock.calls <= 110);
		extmgr_error_free(error);
		assert_dead(heap, hostiles[i].expected);
		extmgr__heap_free(heap);
		extmgr_context_free(context);
	}
}

/* What runs away in depth ends with an error of the script, which may go on. */
static void stops_recursion(void **state)
{
	static const char *const sources[] = {
		"(function f() { f(); })()",
		"var o = {get x() { return this.x; }}; o.x",
		"var o = {toString: function () { return '' + this; }}; '' + o",
		"function g() { [1].map(g); } g()",
		"function g() { [1].find(g); } g()",
		"var p = {}; for (var i = 0; i < 1e5; i++) p = [p]; JSON.stringify(p)",
		"JSON.parse(new Array(100000).join('['))",
		"new RegExp(new Array(20000).join('('))",
		"var a = []; a[0] = a; a.flat(1 / 0)",
	};
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		free(evaluate(heap, NULL, sources[i], &result, &error));
		if (result != EXTMGR_E_SCRIPT_THREW)
			print_error("%s: %d\n", sources[i], result);
		assert_int_equal(result, EXTMGR_E_SCRIPT_THREW);
		extmgr_error_free(error);
	}
	assert_evaluates_to(heap, "1 + 1", "2");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

static void compiles_no_deep_nesting(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);
	static char source[100001];
	extmgr_error *error = NULL;
	extmgr_result result;

	(void)state;
	memset(source, '(', sizeof(source) - 1);
	assert_null(evaluate(heap, NULL, source, &result, &error));
	assert_int_equal(result, EXTMGR_E_SCRIPT_THREW);
	extmgr_error_free(error);
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

/* After a limit not one more instruction runs: neither catch nor finally reach the host. */
static void count_line(void *user_data, int32_t level, const char *message, size_t length)
{
	size_t *lines = user_data;

	(void)level;
	(void)message;
	(void)length;
	(*lines)++;
}

static void runs_nothing_after_a_limit(void **state)
{
	static const char *const sources[] = {
		"try { for (;;); } catch (e) { console.log(1) } finally { console.log(2) }",
		"try { /^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab') } catch (e) { "
		"console.log(1) } finally { console.log(2) }",
		"try { 'x'.repeat(1e9) } catch (e) { console.log(1) } finally { console.log(2) }",
		"var a = []; try { for (;;) a.push({}) } catch (e) { a = null; console.log(1) } "
		"finally { "
		"console.log(2) }",
		"Promise.resolve().then(function () { for (;;); }).catch(function () { "
		"console.log(1) })",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct fake_clock clock = {.step = 10000000};
		extmgr_context *context = test_context(&clock, 8 * MEGABYTE);
		struct extmgr__heap *heap = new_heap(context);
		extmgr_error *error = NULL;
		extmgr_result result;
		size_t lines = 0;

		extmgr__heap_set_console(heap, count_line, &lines);
		assert_null(evaluate(heap, NULL, sources[i], &result, &error));
		assert_int_equal(lines, 0);
		extmgr_error_free(error);
		extmgr__heap_free(heap);
		extmgr_context_free(context);
	}
}

/* Garbage is no memory in use: a script may make more than its cap over time. */
static void collects_garbage_before_the_cap(void **state)
{
	extmgr_context *context = test_context(NULL, 4 * MEGABYTE);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	assert_evaluates_to(heap,
			    "var n = 0; for (var i = 0; i < 300; i++) { var a = "
			    "['x'.repeat(40000) + i]; a.self = a; n += a.length; } n",
			    "300");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

/* What small blocks of one size leave behind is there for others. */
static void keeps_little_for_blocks_of_one_size(void **state)
{
	extmgr_context *context = test_context(NULL, 4 * MEGABYTE);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	assert_evaluates_to(
		heap,
		"var n = 0; function fill(length, count) { var a = [], s = new "
		"Array(length).join('x'); for (var i = 0; i < count; i++) a.push(s + i); "
		"n += a.length; } fill(200, 10000); fill(400, 5500); n",
		"15500");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

static void counts_all_heaps_of_a_context(void **state)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;
	struct extmgr__heap *heaps[64] = {NULL};
	extmgr_error *error = NULL;
	size_t count = 0;

	(void)state;
	extmgr_context_options_init(&options, sizeof(options));
	options.total_memory_bytes = 4 * MEGABYTE;
	options.script_memory_bytes = 4 * MEGABYTE;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	while (count < 64 && extmgr__heap_new(context, &heaps[count], &error) == EXTMGR_OK)
		count++;
	assert_in_range(count, 2, 40);
	assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_SCRIPT_MEMORY);
	extmgr_error_free(error);
	error = NULL;
	/* Freed memory can be had again. */
	extmgr__heap_free(heaps[--count]);
	assert_int_equal(extmgr__heap_new(context, &heaps[count], &error), EXTMGR_OK);
	extmgr_context_free(context);
	for (size_t i = 0; i <= count; i++)
		extmgr__heap_free(heaps[i]);
}

struct thrown {
	const char *source;
	extmgr_result code;
	int32_t status;
	const char *message;
};

static const struct thrown throwns[] = {
	{"throw new Error('boom')", EXTMGR_E_SCRIPT_THREW, 500, "Error: boom at test.js:1"},
	{"\n\nthrow new TypeError('boom')", EXTMGR_E_SCRIPT_THREW, 500,
	 "TypeError: boom at test.js:3"},
	{"throw Error('boom')", EXTMGR_E_SCRIPT_THREW, 500, "Error: boom at test.js:1"},
	{"throw 'text'", EXTMGR_E_SCRIPT_THREW, 500, "text"},
	{"throw null", EXTMGR_E_SCRIPT_THREW, 500, "null"},
	{"throw undefined", EXTMGR_E_SCRIPT_THREW, 500, "undefined"},
	{"throw 42", EXTMGR_E_SCRIPT_THREW, 500, "42"},
	{"throw ''", EXTMGR_E_SCRIPT_THREW, 500, "the script threw a value without text"},
	{"throw {}", EXTMGR_E_SCRIPT_THREW, 500, "[object Object]"},
	{"throw {message: 'm'}", EXTMGR_E_SCRIPT_THREW, 500, "[object Object]"},
	{"throw Object.create(null)", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"throw Symbol('s')", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"throw {toString: function () { throw 1; }}", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"throw {get status() { throw 1; }}", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"throw {status: 412, message: 'not now'}", EXTMGR_E_SCRIPT_STATUS, 412, "not now"},
	{"var e = new Error('bad'); e.status = 400; throw e", EXTMGR_E_SCRIPT_STATUS, 400, "bad"},
	{"throw Object.create({status: '404', message: 'x'})", EXTMGR_E_SCRIPT_STATUS, 404, "x"},
	{"throw {status: 599.9, message: 'x'}", EXTMGR_E_SCRIPT_STATUS, 599, "x"},
	{"throw {status: 404}", EXTMGR_E_SCRIPT_STATUS, 404, "the definition answered status 404"},
	{"throw {status: 404, get message() { throw 1; }}", EXTMGR_E_SCRIPT_STATUS, 404, ""},
	{"var e = new Error('ok?'); e.status = 200; throw e", EXTMGR_E_SCRIPT_THREW, 500,
	 "Error: ok? at test.js:1"},
	{"var e = new Error('x'); e.status = 600; throw e", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"var e = new Error('x'); e.status = NaN; throw e", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"var e = new Error('x'); e.status = {}; throw e", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"({}).a.b", EXTMGR_E_SCRIPT_THREW, 500,
	 "TypeError: cannot read property 'b' of undefined at test.js:1"},
	{"[].find(1)", EXTMGR_E_SCRIPT_THREW, 500,
	 "TypeError: callback is not a function at test.js:1"},
	{"new Map(5)", EXTMGR_E_SCRIPT_THREW, 500, "TypeError: value is not iterable at test.js:1"},
	{"Map()", EXTMGR_E_SCRIPT_THREW, 500, "TypeError: Map is called without new at test.js:1"},
	/* Values never get into messages of the engine. */
	{"'hunter2'.foo()", EXTMGR_E_SCRIPT_THREW, 500,
	 "TypeError: undefined not callable (property 'foo' of [string]) at test.js:1"},
	{"'hunter2'()", EXTMGR_E_SCRIPT_THREW, 500, NULL},
	{"Promise.reject(new Error('late'))", EXTMGR_E_SCRIPT_THREW, 500,
	 "Error: late at test.js:1"},
	{"new Promise(function () {})", EXTMGR_E_SCRIPT_RESULT, 500,
	 "the answer is a promise that nothing settles"},
};

static void turns_thrown_values_into_errors(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	for (size_t i = 0; i < sizeof(throwns) / sizeof(throwns[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		assert_null(evaluate(heap, NULL, throwns[i].source, &result, &error));
		if (result != throwns[i].code)
			print_error("%s\n", throwns[i].source);
		assert_int_equal(result, throwns[i].code);
		assert_int_equal(extmgr_error_get_code(error), throwns[i].code);
		assert_int_equal(extmgr_error_get_http_status(error), throwns[i].status);
		assert_null(strstr(extmgr_error_get_message(error), "hunter2"));
		if (throwns[i].message && *throwns[i].message)
			assert_string_equal(extmgr_error_get_message(error), throwns[i].message);
		extmgr_error_free(error);
	}
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

static void bounds_messages(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);
	extmgr_error *error = NULL;
	extmgr_result result;

	(void)state;
	assert_null(evaluate(heap, NULL, "throw new Array(1e5).join('\\ud83d\\ude00')", &result,
			     &error));
	assert_int_equal(result, EXTMGR_E_SCRIPT_THREW);
	assert_in_range(strlen(extmgr_error_get_message(error)), 1000, 2100);
	extmgr_error_free(error);
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

static void ends_with_a_cancelled_operation(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);
	extmgr_operation *operation = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	(void)state;
	assert_int_equal(extmgr_operation_new(NULL, &operation, NULL), EXTMGR_OK);
	extmgr_operation_cancel(operation);
	assert_null(evaluate(heap, operation, "for (;;);", &result, &error));
	assert_int_equal(result, EXTMGR_E_CANCELLED);
	extmgr_error_free(error);
	extmgr__heap_free(heap);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

static void wait_and_work(struct extmgr__heap *heap, duk_context *duk, void *argument)
{
	struct timespec wait = {.tv_nsec = 300000000};

	(void)heap, (void)argument;
	(void)nanosleep(&wait, NULL);
	/* Enough for the deadline to be looked at. */
	duk_eval_string_noresult(duk, "for (var i = 0; i < 10000; i++);");
}

/* On a clock that runs: waiting costs nothing, work does, and an operation's deadline is heard. */
static void counts_processor_time_where_wanted(void **state)
{
	extmgr_operation_options options;
	extmgr_operation *operation = NULL;
	extmgr_context *context = NULL;
	struct extmgr__heap *heap = NULL;
	extmgr_error *error = NULL;
	extmgr_result result;

	(void)state;
	assert_int_equal(extmgr_context_new(NULL, &context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__heap_new_with(context, MEGABYTE, 200, &heap, NULL), EXTMGR_OK);
	extmgr__heap_count_processor_time(heap);
	assert_int_equal(extmgr__heap_run(heap, NULL, wait_and_work, NULL, NULL), EXTMGR_OK);
	assert_null(evaluate(heap, NULL, "for (;;);", &result, &error));
	assert_int_equal(result, EXTMGR_E_SCRIPT_TIMEOUT);
	extmgr_error_free(error);
	extmgr__heap_free(heap);

	error = NULL;
	extmgr_operation_options_init(&options, sizeof(options));
	options.timeout_ms = 20;
	assert_int_equal(extmgr_operation_new(&options, &operation, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__operation_begin(operation, context, NULL), EXTMGR_OK);
	assert_int_equal(extmgr__heap_new_with(context, MEGABYTE, 200, &heap, NULL), EXTMGR_OK);
	extmgr__heap_count_processor_time(heap);
	assert_null(evaluate(heap, operation, "for (;;);", &result, &error));
	assert_int_equal(result, EXTMGR_E_TIMEOUT);
	extmgr_error_free(error);
	extmgr__heap_free(heap);
	extmgr__operation_end(operation);
	extmgr_operation_free(operation);
	extmgr_context_free(context);
}

/* Nothing looks at the clock while a normal form is made: what goes into it is bounded. */
static void bounds_normal_forms(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
#ifndef EXTMGR_HAVE_UTF8PROC
	skip();
#endif
	assert_evaluates_to(heap,
			    "function name(text) { try { return text.normalize('NFKD').length; } "
			    "catch (e) { return e.name; } }"
			    "[name('x'.repeat(1 << 20)), name('x'.repeat((1 << 20) + 1)), "
			    "name('\\ufdfa'.repeat(1000)), name('a' + '\\u0301'.repeat(256)), "
			    "name('a' + '\\u0301'.repeat(257))].join()",
			    "1048576,RangeError,18000,257,RangeError");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

struct on_thread {
	extmgr_context *context;
	extmgr_result result;
	extmgr_result recursion;
};

static void *run_on_thread(void *argument)
{
	struct on_thread *run = argument;
	struct extmgr__heap *heap = NULL;
	extmgr_error *error = NULL;

	run->result = extmgr__heap_new(run->context, &heap, &error);
	if (run->result == EXTMGR_OK)
		free(evaluate(heap, NULL, "(function f() { [1].find(f); JSON.stringify([f]) })()",
			      &run->recursion, &error));
	extmgr_error_free(error);
	extmgr__heap_free(heap);
	return NULL;
}

static struct on_thread run_with_stack(size_t stack)
{
	struct on_thread run = {.context = test_context(NULL, 0)};
	pthread_attr_t attributes;
	pthread_t thread;

	assert_int_equal(pthread_attr_init(&attributes), 0);
	assert_int_equal(pthread_attr_setstacksize(&attributes, stack), 0);
	assert_int_equal(pthread_create(&thread, &attributes, run_on_thread, &run), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)pthread_attr_destroy(&attributes);
	extmgr_context_free(run.context);
	return run;
}

static void needs_some_stack(void **state)
{
	(void)state;
	assert_int_equal(run_with_stack((size_t)128 << 10).result, EXTMGR_E_SCRIPT_STACK);
}

static void recurses_safely_on_a_small_stack(void **state)
{
	struct on_thread run = run_with_stack((size_t)512 << 10);

	(void)state;
	assert_int_equal(run.result, EXTMGR_OK);
	assert_int_equal(run.recursion, EXTMGR_E_SCRIPT_THREW);
}

static void lowered_subclasses_of_errors_work(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = new_heap(context);

	(void)state;
	/* As TypeScript lowers a class that extends Error and calls super(m). */
	assert_evaluates_to(heap,
			    "function ApiError(m) { var t = Error.call(this, m) || this; t.status "
			    "= 400; return t; }"
			    "ApiError.prototype = Object.create(Error.prototype, {constructor: "
			    "{value: ApiError}});"
			    "var e = new ApiError('bad'); [e instanceof ApiError, e instanceof "
			    "Error, e.message, "
			    "String(e), e.status, Object.keys(e)].join()",
			    "true,true,bad,Error: bad,400,status");
	assert_evaluates_to(heap,
			    "[TypeError.__proto__ === Error, new RangeError('x') instanceof "
			    "Error, RangeError.name, RangeError.length, new Error().hasOwnProperty("
			    "'message'), TypeError('q').message].join()",
			    "true,true,RangeError,1,false,q");
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluates_in_the_sandbox),
		cmocka_unit_test(has_known_globals_only),
		cmocka_unit_test(makes_no_code_from_text),
		cmocka_unit_test(stops_hostile_scripts),
		cmocka_unit_test(stops_recursion),
		cmocka_unit_test(compiles_no_deep_nesting),
		cmocka_unit_test(runs_nothing_after_a_limit),
		cmocka_unit_test(collects_garbage_before_the_cap),
		cmocka_unit_test(keeps_little_for_blocks_of_one_size),
		cmocka_unit_test(counts_all_heaps_of_a_context),
		cmocka_unit_test(turns_thrown_values_into_errors),
		cmocka_unit_test(bounds_messages),
		cmocka_unit_test(ends_with_a_cancelled_operation),
		cmocka_unit_test(counts_processor_time_where_wanted),
		cmocka_unit_test(bounds_normal_forms),
		cmocka_unit_test(needs_some_stack),
		cmocka_unit_test(recurses_safely_on_a_small_stack),
		cmocka_unit_test(lowered_subclasses_of_errors_work),
	};

	return cmocka_run_group_tests_name("script_heap", tests, NULL, NULL);
}
