/* SPDX-License-Identifier: MIT */
/* Lowering: what is refused and how, its limits, positions, and the cache directory. */
#include "script_test.h"

#include "script/definition.h"
#include "script/lowering.h"

#include <dirent.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFINITION(code)                                                                           \
	code "\nglobal.installedExtension = {apiVersion: '0.2.0', extension: {name: String(x)}};"

static extmgr_result lower(extmgr_context *context, const char *source, size_t length,
			   struct extmgr__lowered **lowered, extmgr_error **error)
{
	char digest[EXTMGR__SHA256_HEX_SIZE];

	assert_int_equal(extmgr__hash_sha256_hex(source, length, digest), EXTMGR_OK);
	return extmgr__lowering_get(context, NULL, "x", source, length, digest, lowered, error);
}

static void assert_name(extmgr_context *context, const char *source, const char *expected)
{
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = extmgr__definition_load(context, NULL, "x", source, strlen(source),
						       &definition, &error);

	if (result != EXTMGR_OK)
		print_error("%s: %s\n", source, extmgr_error_get_message(error));
	assert_int_equal(result, EXTMGR_OK);
	assert_string_equal(extmgr__definition_get_info(definition)->name, expected);
	extmgr__definition_free(definition);
}

/* One of each version of the language that runs. */
static void runs_every_version(void **state)
{
	static const char *const cases[][2] = {
		{"var x = [1].map(function (y) { return y + 1; })[0];", "2"}, /* 5 */
		{"const x = [1, 2].map((y) => `${y}`).join();", "1,2"},       /* 2015 */
		{"let x = 2 ** 3;", "8"},                                     /* 2016 */
		{"const x = Object.entries({a: 1,}).join(); (function (a,) {})(1,);", "a,1"},
		{"const {a, ...r} = {a: 1, b: 2}; let x = Object.keys({...r, c: 3}).join();",
		 "b,c"},
		{"let x = 1; try { throw 2; } catch { x = 3; }", "3"},       /* 2019 */
		{"const o = {a: null}; let x = o?.b?.c ?? 'none';", "none"}, /* 2020 */
		{"let x = null; x ?\?= 1_000; x &&= x + 1;", "1001"},        /* 2021 */
		{"class E extends Error {} let x = new E('m') instanceof E;", "true"},
		{"let x = [...new Map([[1, 2]]), ...new Set([3])].join();", "1,2,3"},
		{"let [x] = ['first'];", "first"},
		{"let x = '\xe2\x80\xa8'.length + `\xe2\x80\xa9`.length;", "2"}, /* 2019 */
		{"let x = ((t) => t.raw[0].length)`\xe2\x80\xa8`;", "1"},
		{"let x = new (class { constructor(y) { this.y = y; } })(5,).y;", "5"},
		/* Node 20 has p before g. */
		{"let x = Object.keys({...{a: 1}, get g() {}, p: 2}).join();", "a,g,p"},
		{"let x = (function () { return [...arguments].length; })(1, 2);", "2"},
		{"'use strict'; let x = typeof this;", "object"},
		{"'use strict'; var x = typeof this;", "object"},
		{"var x = Object.keys({__proto__: {a: 1}, b: 2}).join();", "b"},
		{"class A { y = 1; static z = 2; static { A.z++; } } let x = new A().y + A.z;",
		 "4"}, /* 2022 */
		{"class A {} class B extends A { constructor() { super(), this.y = 1; } }\n"
		 "let x = new B().y;",
		 "1"},
		{"const f = () => {}; let x = f.name;", "f"},
		/* Node 18 has no name for it. */
		{"class A { ['y' + 1] = () => 2; } let x = new A().y1.name;", "y1"},
		{"const y = 1; let x = typeof this.y;", "undefined"},
		{"class Object {} const Array = 1; let [x] = `${'a'}`;", "a"},
		{"function* g() { try { yield 1; } catch (e) { yield 2; } finally { x += 'f'; } }\n"
		 "var x = ''; const i = g(); i.next(); const r = i.return(5).value; x += r;",
		 "f5"},
		{"var x = ''; function* g() { for (const y of h()) yield y; }\n"
		 "function* h() { try { yield 1; } finally { x += 'closed'; } }\n"
		 "for (const y of g()) { x += y; break; }",
		 "1closed"},
		{"const end = {next() { return {done: false}; }, return() { throw 'closing'; }};\n"
		 "function* g() { for (const y of {[Symbol.iterator]() { return end; }}) yield y; "
		 "}\n"
		 "var x; const i = g(); i.next(); try { i.return(); } catch (e) { x = e; }",
		 "closing"},
		{"var x = ''; function* g() { i.next(); } const i = g();\n"
		 "try { i.next(); } catch (e) { x = e.message; }",
		 "Generator is already running"},
		{"var x = ''; function* g(a = x += 'called') { x += 'begun'; }\n"
		 "const i = g(); x += ' '; i.next();",
		 "called begun"},
		{"var x = ''; async function f() { x += await 'a'; x += 'b'; return 'c'; }\n"
		 "f().then((y) => { global.installedExtension.extension.name = x + y; }); x = '';",
		 "abc"},
		{"class M extends Map { set(k, v) { return super.set(k, v + 1); } }\n"
		 "let x = new M([[1, 1]]).get(1);",
		 "2"},
		{"let x = ((a, b = 1, c) => {}).length;", "1"},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char source[512];

		(void)snprintf(source, sizeof(source), DEFINITION("%s"), cases[i][0]);
		assert_name(context, source, cases[i][1]);
	}
	extmgr_context_free(context);
}

/* What classes must not allow throws when it happens. */
static void classes_keep_their_rules(void **state)
{
	static const char *const cases[][2] = {
		{"new A().constructor()", "TypeError"},
		{"A.call(null)", "TypeError"},
		{"new (class extends A { constructor() { this.y = 1; super(); } })()",
		 "ReferenceError"},
		{"new (class extends A { constructor() { super(); super(); } })()",
		 "ReferenceError"},
		{"new (class extends A { constructor() {} })()", "ReferenceError"},
		{"new (class extends A { constructor() { super(); return 5; } })()", "TypeError"},
		{"new (class extends A { constructor() { return this; } })()", "ReferenceError"},
	};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char source[512];

		(void)snprintf(
			source, sizeof(source),
			DEFINITION("class A {} let x; try { %s; } catch (e) { x = e.name; }"),
			cases[i][0]);
		assert_name(context, source, cases[i][1]);
	}
	extmgr_context_free(context);
}

static const struct {
	const char *source;
	const char *place;
	const char *construct;
} refused[] = {
	{"\n  async function* f() {}", "line 2 column 3", "asynchronous generator functions"},
	{"function f() {} function* f() {}", "line 1 column 17", "whose name is declared twice"},
	{"x = function* f() { f = 1; };", "line 1 column 5",
	 "assignments to the name of a generator"},
	{"class A extends Array {}", "line 1 column 17", "classes that extend the built-in Array"},
	{"const a = 1; a = 2;", "line 1 column 14", "assignments to the constant 'a'"},
	{"b; let b = 1;", "line 1 column 1", "uses of 'b' before it has its value"},
	{"let n = 10n;", "line 1 column 9", "BigInt literals"},
	{"let r = /a/s;", "line 1 column 9", "regular expressions with the flag 's'"},
	{"let r = /(?<n>a)/;", "line 1 column 9", "named groups"},
	{"let r = /(?<=a)b/;", "line 1 column 9", "look-behinds"},
	{"let r = /\\u{61}/;", "line 1 column 9", "\\u{...} in regular expressions"},
	{"let r = /(?<a>b)|(?<a>c)/;", "line 1 column 10", "named groups"},
	{"let r = /(?i:a)/;", "line 1 column 10", "modifiers"},
	{"let r = /a/v;", "line 1 column 10", "flags (such as v)"},
	{"import x from 'y' with {type: 'json'};", "line 1 column 1", "modules"},
	{"import defer * as x from 'y';", "line 1 column 1", "modules"},
	{"import.defer('y');", "line 1 column 8", "dynamic imports"},
	{"console.log(import.meta);", "line 1 column 13", "import.meta"},
	{"await 1;", "line 1 column 1", "await outside of asynchronous functions"},
	{"for await (const x of y) {}", "line 1 column 1", "asynchronous loops"},
	{"class A { #x; }", "line 1 column 11", "private names"},
	{"class A { #x() {} }", "line 1 column 11", "private names"},
	{"{ using x = f(); }", "line 1 column 9", "using declarations"},
	{"@d class A {}", "line 1 column 1", "decorators"},
	{"class A { accessor x = 1; }", "line 1 column 20", "accessor fields"},
	{"import x from 'y';", "line 1 column 1", "modules"},
	{"export const x = 1;", "line 1 column 1", "modules"},
	{"let m = () => import('y');", "line 1 column 15", "dynamic imports"},
	{"try { let a; } catch (e) { var e = 1; }", "line 1 column 32",
	 "'var e' in a catch clause"},
	{"class A { m() { super.x++; } }", "line 1 column 17", "properties of super"},
	{"function d({a}) { function a() {} }", "line 1 column 1", "'a' declared in functions"},
	{"function d(arguments, a = 1) {}", "line 1 column 1", "'arguments' declared"},
	{"function d(a, b = () => a) { var a = 5; }", "line 1 column 25",
	 "names in default values of parameters that the function declares again"},
	{"with ({}) { let a; }", "line 1 column 1", "with statements"},
};

static void names_construct_place_and_remedy(void **state)
{
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct extmgr__lowered *lowered = NULL;
		extmgr_error *error = NULL;
		const char *message;

		if (lower(context, refused[i].source, strlen(refused[i].source), &lowered,
			  &error) != EXTMGR_E_SCRIPT_NEWER_SYNTAX)
			print_error("%s: %s\n", refused[i].source, extmgr_error_get_message(error));
		assert_int_equal(extmgr_error_get_code(error), EXTMGR_E_SCRIPT_NEWER_SYNTAX);
		assert_null(lowered);
		message = extmgr_error_get_message(error);
		assert_non_null(strstr(message, refused[i].place));
		assert_non_null(strstr(message, refused[i].construct));
		assert_true(strlen(extmgr_error_get_hint(error)) > 10);
		extmgr_error_free(error);
	}
	extmgr_context_free(context);
}

static void takes_the_first_line_for_a_comment(void **state)
{
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	assert_name(context, "#!/usr/bin/env node\nlet {length: x} = 'ab';" DEFINITION(""), "2");
	assert_name(context, "#!/usr/bin/env node\nvar x = 3;" DEFINITION(""), "3");
	extmgr_context_free(context);
}

static void syntax_errors_have_their_place(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__lowered *lowered = NULL;
	extmgr_error *error = NULL;
	static const char source[] = "let a = 1;\nlet b = ;";

	(void)state;
	assert_int_equal(lower(context, source, strlen(source), &lowered, &error),
			 EXTMGR_E_SCRIPT_SYNTAX);
	assert_string_equal(
		extmgr_error_get_message(error),
		"failed to run extension \"x\": SyntaxError: Unexpected token at x:2:9");
	extmgr_error_free(error);
	extmgr_context_free(context);
}

/* The author's line, whatever lowering adds and moves. */
static void errors_are_at_the_line_of_the_author(void **state)
{
	static const char source[] = "const f = ({a, b = 2}, ...rest) => `${a}\n\n${b}`;\n"
				     "for (const [k, v] of new Map([[1, 2]])) {\n"
				     "  [1].forEach(() => k + v);\n"
				     "  if (v) null.x;\n"
				     "}\n";
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__definition *definition = NULL;
	extmgr_error *error = NULL;

	(void)state;
	assert_int_equal(extmgr__definition_load(context, NULL, "x", source, strlen(source),
						 &definition, &error),
			 EXTMGR_E_SCRIPT_THREW);
	assert_non_null(strstr(extmgr_error_get_message(extmgr_error_get_cause(error)), "at x:6"));
	extmgr_error_free(error);
	extmgr_context_free(context);
}

/* The code of generators runs in coroutines of its own; the limits are those of the heap. */
static void coroutines_have_the_limits_of_the_heap(void **state)
{
	static const struct {
		const char *source;
		extmgr_result expected;
	} cases[] = {
		{"function* g() { for (;;) yield 1; } for (const x of g());",
		 EXTMGR_E_SCRIPT_TIMEOUT},
		{"function* g() { for (;;); } g().next();", EXTMGR_E_SCRIPT_TIMEOUT},
		{"function* g() { try { for (;;); } finally { for (;;); } } g().next();",
		 EXTMGR_E_SCRIPT_TIMEOUT},
		{"async function f() { for (;;) await null; } f();", EXTMGR_E_SCRIPT_TIMEOUT},
		{"function* g() { yield* g(); } g().next();", EXTMGR_E_SCRIPT_MEMORY},
		{"async function f() { await f(); } f();", EXTMGR_E_SCRIPT_MEMORY},
		{"function* g() { yield 1; } const all = []; for (;;) all.push(g());",
		 EXTMGR_E_SCRIPT_MEMORY},
		{"function* g() { const a = []; for (;;) a.push(yield 'x'.repeat(9999) + "
		 "a.length); }"
		 "const i = g(); let a = []; for (;;) a.push(i.next(a).value);",
		 EXTMGR_E_SCRIPT_MEMORY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_clock clock = {.step = 20000000};
		extmgr_context *context = test_context(
			cases[i].expected == EXTMGR_E_SCRIPT_TIMEOUT ? &clock : NULL, 4 << 20);
		struct extmgr__definition *definition = NULL;
		extmgr_error *error = NULL;
		extmgr_result result =
			extmgr__definition_load(context, NULL, "x", cases[i].source,
						strlen(cases[i].source), &definition, &error);

		if (result != cases[i].expected)
			print_error("%s: %s\n", cases[i].source, extmgr_error_get_message(error));
		assert_int_equal(result, cases[i].expected);
		extmgr_error_free(error);
		extmgr_context_free(context);
	}
}

static char *repeated(const char *before, const char *unit, size_t count, const char *after)
{
	struct extmgr__buffer text = EXTMGR__BUFFER((size_t)1 << 20);

	extmgr__buffer_puts(&text, before);
	for (size_t i = 0; i < count; i++)
		extmgr__buffer_puts(&text, unit);
	extmgr__buffer_puts(&text, after);
	assert_int_equal(extmgr__buffer_result(&text), EXTMGR_OK);
	return text.data;
}

static void assert_limit(extmgr_context *context, char *source, extmgr_result expected)
{
	struct extmgr__lowered *lowered = NULL;
	extmgr_error *error = NULL;
	extmgr_result result = lower(context, source, strlen(source), &lowered, &error);

	if (result != expected)
		print_error("%.40s: %s\n", source, extmgr_error_get_message(error));
	assert_int_equal(result, expected);
	assert_null(lowered);
	extmgr_error_free(error);
	free(source);
}

/* A long head of comments is no deep nesting. */
static void comments_may_be_long(void **state)
{
	extmgr_context *context = test_context(NULL, 0);
	char *source = repeated("", "// of the license\n", 5000, DEFINITION("let x = 1;"));

	(void)state;
	assert_name(context, source, "1");
	free(source);
	extmgr_context_free(context);
}

static void hostile_sources_end(void **state)
{
	struct fake_clock clock = {.step = 20000000};
	extmgr_context *context = test_context(NULL, 0);

	(void)state;
	assert_limit(context, repeated("let a;", " ", 256 << 10, ""), EXTMGR_E_LOWERING_LIMIT);
	assert_limit(context, repeated("let a = ", "(", 50000, ""), EXTMGR_E_LOWERING_LIMIT);
	assert_limit(context, repeated("let a = ", "[", 50000, ""), EXTMGR_E_LOWERING_LIMIT);
	assert_limit(context, repeated("let a = ", "x=>", 40000, "1"), EXTMGR_E_LOWERING_LIMIT);
	assert_limit(context, repeated("", "{", 20000, "let a;"), EXTMGR_E_LOWERING_LIMIT);
	extmgr_context_free(context);
	/* A clock that runs: late after some hundred looks at it. */
	context = test_context(&clock, 0);
	assert_limit(context, repeated("", "let [a] = [() => a];{", 2000, ""),
		     EXTMGR_E_LOWERING_LIMIT);
	extmgr_context_free(context);
}

/* Asks twice: the same answer, and the second time nothing is parsed, for which the clock would be
 * asked. */
static void assert_same_refusal(extmgr_context *first, extmgr_context *second,
				struct fake_clock *clock, const char *source)
{
	struct extmgr__lowered *lowered = NULL;
	extmgr_error *error = NULL;
	extmgr_error *again = NULL;
	extmgr_result result = lower(first, source, strlen(source), &lowered, &error);
	size_t calls = atomic_load(&clock->calls);

	assert_int_not_equal(result, EXTMGR_OK);
	assert_int_equal(lower(second, source, strlen(source), &lowered, &again), result);
	assert_null(lowered);
	assert_int_equal(atomic_load(&clock->calls), calls);
	assert_string_equal(extmgr_error_get_message(again), extmgr_error_get_message(error));
	if (extmgr_error_get_hint(error))
		assert_string_equal(extmgr_error_get_hint(again), extmgr_error_get_hint(error));
	extmgr_error_free(again);
	extmgr_error_free(error);
}

static void refusals_are_kept(void **state)
{
	struct fake_clock clock = {.step = 1};
	extmgr_context *context = test_context(&clock, 0);
	char *hostile = repeated("", "let [a] = [() => a];{", 2000, "");

	(void)state;
	assert_same_refusal(context, context, &clock, "class A { #x = 1; }");
	assert_same_refusal(context, context, &clock, "let a = ;");
	clock.step = 20000000;
	assert_same_refusal(context, context, &clock, hostile);
	free(hostile);
	extmgr_context_free(context);
}

/* ---- the cache directory ---- */

struct place {
	char parent[64];
	char path[128];
	char file[512];
};

static extmgr_context *context_with_cache(const struct place *place)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.cache_directory = place->path;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	return context;
}

static int make_place(void **state)
{
	static struct place place;

	(void)snprintf(place.parent, sizeof(place.parent), "/tmp/extmgr-lowering-XXXXXX");
	assert_non_null(mkdtemp(place.parent));
	(void)snprintf(place.path, sizeof(place.path), "%s/cache", place.parent);
	*state = &place;
	return 0;
}

static int drop_place(void **state)
{
	const struct place *place = *state;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->parent);
	return system(command);
}

static size_t find_entries(struct place *place)
{
	DIR *directory = opendir(place->path);
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		if (strncmp(entry->d_name, "lowered-", 8) != 0)
			continue;
		(void)snprintf(place->file, sizeof(place->file), "%s/%s", place->path,
			       entry->d_name);
		count++;
	}
	(void)closedir(directory);
	return count;
}

static const char cached_source[] = DEFINITION("const x = [1, 2].map((y) => y * 2).join();");

static void lower_in_new_context(const struct place *place)
{
	extmgr_context *context = context_with_cache(place);

	assert_name(context, cached_source, "2,4");
	extmgr_context_free(context);
}

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 100000);

	assert_non_null(file);
	assert_non_null(text);
	*length = fread(text, 1, 99999, file);
	(void)fclose(file);
	return text;
}

static void write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* Damaged in any byte, cut or emptied: what is read is right, and what is written is whole. */
static void corrupt_entries_are_written_anew(void **state)
{
	struct place *place = *state;
	size_t length = 0;
	char *whole;

	lower_in_new_context(place);
	assert_int_equal(find_entries(place), 1);
	whole = read_file(place->file, &length);
	for (size_t at = 0; at < length; at += 1 + length / 12) {
		size_t length_after = 0;
		char *after;

		whole[at] ^= 1;
		write_file(place->file, whole, length - (at % 2 ? 3 : 0));
		whole[at] ^= 1;
		lower_in_new_context(place);
		assert_int_equal(find_entries(place), 1);
		after = read_file(place->file, &length_after);
		assert_int_equal(length_after, length);
		assert_memory_equal(after, whole, length);
		free(after);
	}
	free(whole);
}

static ino_t inode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

/* Who lowers writes a new file: a second context does not. */
static void a_second_context_reads_the_entry(void **state)
{
	struct place *place = *state;
	ino_t first;

	lower_in_new_context(place);
	assert_int_equal(find_entries(place), 1);
	first = inode_of(place->file);
	lower_in_new_context(place);
	assert_int_equal(find_entries(place), 1);
	assert_int_equal(inode_of(place->file), first);
}

static void an_unusable_directory_costs_nothing_but_time(void **state)
{
	struct place *place = *state;

	lower_in_new_context(place);
	assert_int_equal(chmod(place->path, 0755), 0);
	lower_in_new_context(place);
	assert_int_equal(chmod(place->path, 0500), 0);
	lower_in_new_context(place);
	assert_int_equal(chmod(place->path, 0700), 0);
}

static size_t warnings;

static void count_warnings(void *user_data, int32_t level, const char *component,
			   const char *message, size_t length)
{
	(void)user_data, (void)component, (void)length;
	if (level == EXTMGR_LOG_WARNING && strstr(message, "is not kept"))
		warnings++;
}

/* What cannot be kept is told, once. */
static void assert_full_disk_is_told(const struct place *place)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.cache_directory = place->path;
	options.log = count_warnings;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	warnings = 0;
	assert_name(context, cached_source, "2,4");
	assert_name(context, DEFINITION("const x = 1;"), "1");
	assert_int_equal(warnings, 1);
	extmgr_context_free(context);
}

/* What cannot be written whole is not there at all, and written once there is room again. */
static void a_full_disk_costs_nothing_but_time(void **state)
{
	struct place *place = *state;
	struct rlimit before;
	struct rlimit full;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = 100;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_full_disk_is_told(place);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(find_entries(place), 0);
	lower_in_new_context(place);
	assert_int_equal(find_entries(place), 1);
}

static extmgr_context *context_with_clock(const struct place *place, struct fake_clock *clock)
{
	extmgr_context_options options;
	extmgr_context *context = NULL;

	extmgr_context_options_init(&options, sizeof(options));
	options.cache_directory = place->path;
	options.clock = fake_clock_now;
	options.user_data = clock;
	assert_int_equal(extmgr_context_new(&options, &context, NULL), EXTMGR_OK);
	return context;
}

static void refusals_are_on_disk(void **state)
{
	struct place *place = *state;
	struct fake_clock clock = {.step = 1};
	extmgr_context *first = context_with_clock(place, &clock);
	extmgr_context *second = context_with_clock(place, &clock);

	assert_same_refusal(first, second, &clock, "let b;\nclass A { #x = 1; }");
	assert_same_refusal(first, second, &clock, "let a = ;");
	assert_int_equal(find_entries(place), 2);
	extmgr_context_free(first);
	extmgr_context_free(second);
}

/* What ran into a limit here may be within it elsewhere. */
static void limits_are_not_on_disk(void **state)
{
	struct place *place = *state;
	struct fake_clock clock = {.step = 20000000};
	extmgr_context *context = context_with_clock(place, &clock);

	assert_limit(context, repeated("", "let [a] = [() => a];{", 2000, ""),
		     EXTMGR_E_LOWERING_LIMIT);
	extmgr_context_free(context);
	assert_true(access(place->path, F_OK) != 0 || find_entries(place) == 0);
}

static void processes_share_the_directory(void **state)
{
	struct place *place = *state;
	pid_t children[16];
	/* Under valgrind each is fifty times as slow, and all would run into the deadline. */
	size_t count = getenv("EXTMGR_TEST_VALGRIND") ? 3 : 16;

	for (size_t i = 0; i < count; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			lower_in_new_context(place);
			_exit(0);
		}
	}
	for (size_t i = 0; i < count; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(find_entries(place), 1);
	lower_in_new_context(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_every_version),
		cmocka_unit_test(classes_keep_their_rules),
		cmocka_unit_test(names_construct_place_and_remedy),
		cmocka_unit_test(takes_the_first_line_for_a_comment),
		cmocka_unit_test(syntax_errors_have_their_place),
		cmocka_unit_test(comments_may_be_long),
		cmocka_unit_test(errors_are_at_the_line_of_the_author),
		cmocka_unit_test(coroutines_have_the_limits_of_the_heap),
		cmocka_unit_test(hostile_sources_end),
		cmocka_unit_test(refusals_are_kept),
#define T(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
		T(corrupt_entries_are_written_anew),
		T(a_second_context_reads_the_entry),
		T(an_unusable_directory_costs_nothing_but_time),
		T(a_full_disk_costs_nothing_but_time),
		T(refusals_are_on_disk),
		T(limits_are_not_on_disk),
		T(processes_share_the_directory),
#undef T
	};

	return cmocka_run_group_tests_name("lowering", tests, NULL, NULL);
}
