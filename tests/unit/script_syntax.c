/* SPDX-License-Identifier: MIT */
#include "script_test.h"

#include "script/syntax.h"

struct newer {
	const char *source;
	const char *construct; /* NULL: a plain syntax error */
	int line;              /* of the construct, or of the fault */
};

static const struct newer sources[] = {
	{"let a = 1;", "let declarations", 1},
	{"\n\nlet {a} = {};", "let declarations", 3},
	{"const a = 1;", "const declarations", 1},
	{"for (const k in {}) k;", "const declarations", 1},
	{"(function () {\n  const a = 1;\n})();", "const declarations", 2},
	{"class A {}", "classes", 1},
	{"var A = class extends B { };", "classes", 1},
	{"var f = x => x;", "arrow functions", 1},
	{"var f = (a,\n b) =>\n a;", "arrow functions", 2},
	{"var s = `a`;", "template literals", 1},
	{"var s = tag`a${1}`;", "template literals", 1},
	{"f(...a);", "spread and rest elements", 1},
	{"var o = {...a};", "spread and rest elements", 1},
	{"function f(...a) {}", "rest parameters", 1},
	{"function f(a = 1) {}", "default parameters", 1},
	{"function f({a}) {}", "destructuring parameters", 1},
	{"var {a} = {};", "destructuring declarations", 1},
	{"var [a] = [1];", "destructuring declarations", 1},
	{"[a, b] = [b, a];", "destructuring assignments", 1},
	{"({a} = {});", "destructuring assignments", 1},
	{"for (var x of y) x;", "for-of loops", 1},
	{"for (x of [1]) x;", "for-of loops", 1},
	{"async function f() {}", "async functions", 1},
	{"function* g() {}", "generator functions", 1},
	{"var o = {*g() {}};", "generator functions", 1},
	{"a?.b;", "optional chains", 1},
	{"var x = a ?? b;", "nullish operators", 1},
	{"a ||= b;", "logical assignments", 1},
	{"try {} catch {}", "catch clauses without a name", 1},
	{"var n = 1_000;", "numeric separators", 1},
	{"var n = 10n;", "BigInt literals", 1},
	{"var r = /a/s;", "these flags of regular expressions", 1},
	{"var r = /(?<name>a)/;", "named groups and look-behinds of regular expressions", 1},
	{"f(a,);", "trailing commas in calls", 1},
	{"import x from 'y';", "modules", 1},
	{"var o = {a: 1,\n __proto__: b};", "prototypes in object literals", 2},
	{"var o = {'__proto__': b};", "prototypes in object literals", 1},
	{"d.__proto__ = b; x = a ? b.__proto__ : c; )", NULL, 1},
	{"export default 1;", "modules", 1},
	{"var a; /* ` => */ // let x\nvar b = 'let `';\nvar c = x => x;", "arrow functions", 3},
	{"var r = /[/`]=>/; var q = 4 / 2; let z = 1;", "let declarations", 1},
	/* what is no newer syntax, or stands behind the fault */
	{"var = 5;", NULL, 1},
	{"var a = 1;\nvar = 5;\nlet b = 1;", NULL, 2},
	{"var o = {class: 1, let: 2, of: 3}; o.class = o.let; )", NULL, 1},
	{"var s = 'a => b', t = \"`\"; // let x = 1\n )", NULL, 1},
	{"var r = /=>/, x = a ? .5 : 1; )", NULL, 1},
	{"var a = b[0], c = {}; a = [1]; b[0] = 1; if (a == b) { } )", NULL, 1},
	{"x = 'unterminated", NULL, 1},
	{"/* unterminated", NULL, 1},
	{"((((", NULL, 1},
	{"}", NULL, 1},
	{"\\", NULL, 1},
};

static void names_newer_syntax(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		int line = 0;
		const char *construct = extmgr__syntax_find_newer(
			sources[i].source, strlen(sources[i].source), sources[i].line, &line);

		if (!sources[i].construct) {
			assert_null(construct);
			continue;
		}
		assert_non_null(construct);
		assert_string_equal(construct, sources[i].construct);
		assert_int_equal(line, sources[i].line);
	}
}

/* What ES5 allows runs, however much it looks like something newer. */
static void runs_es5_that_looks_newer(void **state)
{
	static const char *const fine[] = {
		"var of = 1, async = 2, let_ = 3; var o = {get: 1, set: 2, class: 3}; o.class;",
		"var r = /`=>/.test('x'); var d = 4 / 2 / 1;",
		"var x = 1 ? .5 : 2;",
		"var s = 'class A {}'; /* const a */",
		"var o = {get a() { return 1; }, 'b': 2,}; var l = [1,,2,];",
		"var \\u0061b = 1; ab;",
	};
	extmgr_context *context = test_context(NULL, 0);
	struct extmgr__heap *heap = NULL;

	(void)state;
	assert_int_equal(extmgr__heap_new(context, &heap, NULL), EXTMGR_OK);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		extmgr_error *error = NULL;
		extmgr_result result;

		free(evaluate(heap, NULL, fine[i], &result, &error));
		if (result != EXTMGR_OK)
			print_error("%s: %s\n", fine[i], extmgr_error_get_message(error));
		assert_int_equal(result, EXTMGR_OK);
	}
	extmgr__heap_free(heap);
	extmgr_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_newer_syntax),
		cmocka_unit_test(runs_es5_that_looks_newer),
	};

	return cmocka_run_group_tests_name("script_syntax", tests, NULL, NULL);
}
