// SPDX-License-Identifier: MIT
// install(which) throws what is asked for.
function ApiError(status, message) {
	this.status = status;
	this.message = message;
}
ApiError.prototype = Object.create(Error.prototype);
ApiError.prototype.name = "ApiError";

function withStatus(status) {
	var error = new Error("m");

	error.status = status;
	return error;
}

var thrown = {
	string: "text",
	empty: "",
	number: 42,
	nan: NaN,
	zero: -0,
	nothing: undefined,
	"null": null,
	yes: true,
	array: [1, "b"],
	object: { a: 1 },
	message: { message: "only" },
	name: { name: "N", message: null },
	numbers: { name: 7, message: 8, status: "409" },
	error: new Error("plain"),
	type: new TypeError("mine"),
	range: new RangeError(""),
	api: new ApiError(404, "not there"),
	low: withStatus(399),
	first: withStatus(400),
	last: withStatus(599),
	fraction: withStatus(599.9),
	above: withStatus(600),
	ok: withStatus(200),
	negative: withStatus(-404),
	huge: withStatus(1e300),
	infinite: withStatus(Infinity),
	text: withStatus("abc"),
	flag: withStatus(true),
	noStatus: withStatus(undefined),
	nullStatus: withStatus(null),
	inherited: Object.create({ status: 412, message: "from above" }),
	getter: { get status() { return 410; }, get message() { return "got"; } },
	date: new Date(0),
	"function": function named() {}
};
thrown["function"].toString = function () { return "f"; };
thrown.date.toString = function () { return "d"; };

global.installedExtension = {
	apiVersion: "0.2.0",
	extension: {
		name: 5,
		install: function (context, which) {
			console.warn("throwing " + which);
			context.sqlClient.execute("BEFORE");
			throw thrown[which];
		},
		uninstall: function (context) {
			return context.missing.property;
		},
		upgrade: function () {
			return notDefined;
		},
		findInstances: function () {
			return "x".repeat(-1);
		},
		addInstance: function () {
			throw { toString: function () { return "own text"; } };
		}
	}
};
