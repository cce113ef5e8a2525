/* SPDX-License-Identifier: MIT */
/* What cannot be lowered so that it keeps its meaning is refused: construct, place and remedy. */

var COMPILE = "compile the definition to ES5 before it is published, for example with swc " +
	"(jsc.target es5) or TypeScript (target ES5, downlevelIteration)";
var BUNDLE = "bundle the definition to one script without modules, for example with esbuild " +
	"(format iife)";
var REWRITE = "write it in another way, or " + COMPILE;

var UNREAD = "what is newer than ES2022, and what is no JavaScript (TypeScript, JSX), is not read: " +
	COMPILE;

/* Thrown through everything; lower() catches it. */
function Refusal(position, construct, remedy) {
	this.position = position;
	this.construct = construct;
	this.remedy = remedy;
}

function refuse(node, construct, remedy) {
	throw new Refusal(node.start, construct, remedy || REWRITE);
}

/* What Duktape's regular expressions do not know. */
function checkPattern(node) {
	var flags = node.regex.flags.replace(/[gim]/g, "");
	var pattern = node.regex.pattern.replace(/\\[^ku]/g, "-").replace(/\[[^\]]*\]/g, "-");

	if (flags !== "")
		refuse(node, "regular expressions with the flag '" + flags.charAt(0) + "'");
	if (/\\u\{/.test(pattern))
		refuse(node, "\\u{...} in regular expressions");
	if (/\(\?<[=!]/.test(pattern))
		refuse(node, "look-behinds in regular expressions");
	if (/\(\?</.test(pattern))
		refuse(node, "named groups in regular expressions");
	if (/\(\?[^:=!]/.test(pattern))
		refuse(node, "modifiers in regular expressions");
}

function checkFunction(node) {
	if (node.async && node.generator)
		refuse(node, "asynchronous generator functions");
}

function checkMeta(node) {
	if (node.meta.name === "import")
		refuse(node, "import.meta", BUNDLE);
	if (functionAround(node, true).type === "Program")
		refuse(node, "new.target outside of functions");
}

var checks = {
	FunctionDeclaration: function (node) {
		checkFunction(node);
		if (node.parent.type === "IfStatement" || node.parent.type === "LabeledStatement")
			refuse(node, "functions declared without a block");
	},
	FunctionExpression: checkFunction,
	ArrowFunctionExpression: checkFunction,
	Super: function (node) {
		var member = memberAround(node);

		if (member.type === "Property")
			member.parent.usesSuper = true;
	},
	MetaProperty: checkMeta,
	Literal: function (node) {
		if (node.bigint !== undefined)
			refuse(node, "BigInt literals");
		if (node.regex)
			checkPattern(node);
	},
	ForOfStatement: function (node) {
		if (node.await)
			refuse(node, "asynchronous loops");
	},
	AwaitExpression: function (node) {
		if (!functionAround(node, false).async)
			refuse(node, "await outside of asynchronous functions", BUNDLE);
	},
	PrivateIdentifier: function (node) {
		refuse(node, "private names");
	},
	ImportExpression: function (node) {
		refuse(node, "dynamic imports", BUNDLE);
	},
	ImportDeclaration: function (node) {
		refuse(node, "modules", BUNDLE);
	},
	ExportNamedDeclaration: function (node) {
		refuse(node, "modules", BUNDLE);
	},
	ExportDefaultDeclaration: function (node) {
		refuse(node, "modules", BUNDLE);
	},
	ExportAllDeclaration: function (node) {
		refuse(node, "modules", BUNDLE);
	},
	WithStatement: function (node) {
		refuse(node, "with statements beside syntax that is newer than ES5");
	},
	Identifier: function (node) {
		if (node.name === "__extmgr")
			refuse(node, "the name __extmgr, which is the library's own");
	}
};

/* Gives every node its parent, and looks at it. */
function checkTree(node) {
	var check = checks[node.type];
	var children = childrenOf(node);

	if (check)
		check(node);
	for (var i = 0; i < children.length; i++) {
		children[i].parent = node;
		checkTree(children[i]);
	}
}

/* What is newer than acorn is an error there: what it says, what stands before the place in its line,
 * what that is, and a remedy. */
var unread = [
	[/^Invalid regular expression flag/, /^/, "unknown flags (such as v) of regular expressions"],
	[/Duplicate capture group name/, /^/, "named groups in regular expressions"],
	[/^Invalid regular expression: .*\(\?[a-z-]+:.*Invalid group/, /^/, "modifiers in regular expressions"],
	[/'import' and 'export' may appear only/, /^/, "modules", BUNDLE],
	[/only valid meta property for import/, /^/, "dynamic imports", BUNDLE],
	[/^Unexpected character '@'/, /^/, "decorators"],
	[/^Unexpected token/, /\busing\s+$/, "using declarations"],
	[/^Unexpected token/, /\baccessor\s+$/, "accessor fields of classes"]
];

function refuseUnread(error, text) {
	var line = text.slice(text.lastIndexOf("\n", error.pos - 1) + 1, error.pos);

	unread.forEach(function (entry) {
		if (entry[0].test(error.message) && entry[1].test(line))
			throw new Refusal(error.pos, entry[2], entry[3] || REWRITE);
	});
}
