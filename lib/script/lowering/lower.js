/* SPDX-License-Identifier: MIT */
/*
 * The entry: lower(text) answers {code, lines} of what runs instead, {unchanged: true} for ES5, or
 * {refused, line, column, remedy}. lines[i] is the line, from 1, of the source for line i of code.
 *
 * The files of this folder become the body of one function, in the order of ../meson.build, behind
 * acorn (acorn.parse) from tools/bundle.js.
 */

var source = "";

/*
 * let is a name in ES5: let [a] = b is an assignment there. acorn takes #! at any version. Duktape
 * makes a property of __proto__: value.
 */
function isES5(text) {
	try {
		parse(text, 5);
		return !/\blet\b|\b__proto__["']?\s*:/.test(text) && text.slice(0, 2) !== "#!";
	} catch (error) {
		if (!(error instanceof SyntaxError))
			throw error;
		return false;
	}
}

/* Modules do not parse as scripts; they are to be called by their name. */
function refuseModules(text) {
	var tree;

	try {
		tree = parse(text, "latest", "module");
	} catch (error) {
		if (!(error instanceof SyntaxError))
			throw error;
		return;
	}
	checkTree(tree);
}

function parseNewest(text) {
	try {
		return parse(text, "latest");
	} catch (error) {
		if (!(error instanceof SyntaxError))
			throw error;
		refuseModules(text);
		refuseUnread(error, text);
		throw error;
	}
}

function findPrefix(text) {
	var prefix = "$t";

	while (text.indexOf(prefix) >= 0)
		prefix = "$" + prefix;
	return prefix;
}

/* Text that differs from the author's: {code, lines}. */
function transform(text, starts) {
	var tree = parseNewest(text);
	var analysis;

	source = text;
	temporaryPrefix = findPrefix(text);
	temporaryCount = 0;
	jumps = [];
	currentFunction = null;
	programFunction = null;
	checkTree(tree);
	analysis = analyse(tree);
	renameBlockNames(analysis, temporaryPrefix);
	checkBlockFunctions(analysis);
	checkEarly(analysis);
	markLoops(analysis);
	hoistVariables(analysis);
	hoistTogether(analysis);
	return writeOut(print(tree), text, starts);
}

function describe(position, starts) {
	var line = lineAt(starts, position);

	return { line: line + 1, column: position - starts[line] + 1 };
}

function lower(text) {
	var starts = lineStarts(text);
	var place;

	try {
		return isES5(text) ? { unchanged: true } : transform(text, starts);
	} catch (error) {
		if (error instanceof Refusal) {
			place = describe(error.position, starts);
			return { refused: error.construct, line: place.line, column: place.column,
				 remedy: error.remedy };
		}
		if (error instanceof SyntaxError && error.pos !== undefined) {
			place = describe(error.pos, starts);
			return { invalid: error.message.replace(/ \(\d+:\d+\)$/, ""), line: place.line,
				 column: place.column, remedy: UNREAD };
		}
		throw error;
	}
}
