// SPDX-License-Identifier: MIT
// install(which) answers what is asked for.
var results = {
	undefined: undefined,
	"null": null,
	yes: true,
	text: "a\"\\\n\u0001\u007f\u2028ü🎉",
	empty: "",
	integer: 9007199254740991,
	big: 1e21,
	fraction: 0.1,
	tiny: 5e-324,
	negativeZero: -0,
	nan: NaN,
	infinite: [Infinity, -Infinity],
	"function": function () {},
	inside: { f: function () {}, u: undefined, n: null, list: [undefined, function () {}] },
	date: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
	badDate: [new Date(NaN)],
	regexp: /a/g,
	error: new Error("x"),
	boxed: [new String("s"), new Number(1), new Boolean(false)],
	map: new Map([["a", 1]]),
	set: { set: new Set([1]) },
	keys: { b: 1, a: 2, "10": 3, "9": 4 },
	nested: { a: [{ b: [[], {}, [[1]]] }] },
	getter: { get a() { return 1; } },
	throwing: { get a() { throw new Error("in getter"); } },
	toJSON: { toJSON: function (key) { return "json" + key; } },
	throwingToJSON: { toJSON: function () { throw "in toJSON"; } },
	inherited: Object.create({ a: 1 }),
	hidden: Object.defineProperty({ b: 1 }, "a", { value: 1, enumerable: false }),
	sparse: [1, , 3]
};
results.cyclic = { a: results };
results.cyclic.a = results.cyclic;

global.installedExtension = {
	apiVersion: "0.5.0-rc.1",
	extension: {
		description: null,
		installableVersions: [],
		install: function (context, which) {
			return results[which];
		},
		uninstall: function () {
			return { arguments: Array.prototype.slice.call(arguments, 1), count: arguments.length,
				"this": this === undefined || this === null || typeof this.installedExtension };
		},
		upgrade: function () {
			"use strict";
			return this === undefined;
		},
		findInstances: function (context) {
			context.kept = (context.kept || 0) + 1;
			results.count = (results.count || 0) + 1;
			return [context.kept, results.count];
		}
	}
};
