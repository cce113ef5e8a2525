// SPDX-License-Identifier: MIT
// Levels, placeholders, and lines that a log would have to shorten.
console.log("while loading: no part of a call");

global.installedExtension = {
	apiVersion: "0",
	extension: {
		install: function () {
			console.log("log");
			console.info("info");
			console.debug("debug");
			console.warn("warn");
			console.error("error");
			console.log();
			console.log("");
			console.log(undefined, null, 1.5, true, {}, [1, 2]);
			console.log("%s %d %j %%", "s", "12", { a: [1] }, "more", 7);
			console.log("%s %s", "one");
			console.log("%x %s", "s");
			console.log("100%", "s");
			console.log("%d", "no number");
			console.log({ toString: function () { return "own %s"; } }, "s");
			console.log("line\n\tline\u0001\u007f ü🎉");
			console.log(new Array(20001).join("x"));
		},
		uninstall: function () {
			console.error("before");
			throw "after";
		},
		upgrade: function () {}
	}
};
