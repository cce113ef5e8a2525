/* SPDX-License-Identifier: MIT */
/*
 * Prints a tree as ES5. A node is printed as it stands in the source, with its children printed in
 * their places, unless its type has a printer of its own.
 */

var printers = {};

/*
 * The function that is being printed: its temporary variables, declared at its top; whether this
 * and arguments are those of the function around it (outer); the names under which it keeps its own
 * for arrow functions.
 */
var currentFunction = null;
/* Loops, switches, labels, and bodies of loops that became functions, around the current node. */
var jumps = [];
var temporaryPrefix = "";
var temporaryCount = 0;
/* The outermost one. */
var programFunction = null;

function makeName() {
	temporaryCount++;
	return temporaryPrefix + temporaryCount;
}

function makeTemporary() {
	var name = makeName();

	currentFunction.variables.push(name);
	return name;
}

/* this, arguments or new.target, which arrow functions have from the function around them. */
function printOwn(what) {
	var owner = currentFunction;

	while (owner.isArrow)
		owner = owner.outer;
	if (owner === currentFunction)
		return what;
	owner.kept[what] = owner.kept[what] || makeName();
	return owner.kept[what];
}

function declareKept(kept) {
	return Object.keys(kept).map(function (what) {
		return "var " + kept[what] + " = " + what + ";";
	});
}

/* What printInside() answers stands in a function that printing makes, and means the same there. */
function inMadeFunction(printInside) {
	var outer = currentFunction;
	var printed;

	currentFunction = { variables: outer.variables, isArrow: true, outer: outer, kept: {} };
	printed = printInside();
	currentFunction = outer;
	return printed;
}

/* The call of a run-time helper; see ../prelude/lowered.js. */
function helper(name, args) {
	var printed = ["__extmgr." + name + "("];

	args.forEach(function (argument, i) {
		if (i > 0)
			printed.push(", ");
		printed.push(argument);
	});
	printed.push(")");
	return printed;
}

function print(node) {
	var printer = printers[node.type];

	return printer ? printer(node) : copy(node);
}

/* The source between two offsets, with the nodes in it (in their order) printed by printNode(). */
function copyWith(start, end, nodes, printNode) {
	var printed = [];
	var at = start;

	for (var i = 0; i < nodes.length; i++) {
		var inner = printNode(nodes[i]);

		/* What stays as it is becomes part of a larger piece. */
		if (inner === piece(nodes[i].start, nodes[i].end))
			continue;
		printed.push(piece(at, nodes[i].start), inner);
		at = nodes[i].end;
	}
	if (printed.length === 0)
		return piece(start, end);
	printed.push(piece(at, end));
	return printed;
}

function copyBetween(start, end, nodes) {
	return copyWith(start, end, nodes, print);
}

function copy(node) {
	return copyBetween(node.start, node.end, childrenOf(node));
}

/* What may stand anywhere in an expression. */
var simpleTypes = {
	Identifier: true,
	Literal: true,
	ThisExpression: true,
	MemberExpression: true,
	CallExpression: true,
	ArrayExpression: true,
	TemplateLiteral: true
};

/* An expression that is printed without the parentheses it may have in the source. */
function printOperand(node) {
	return simpleTypes[node.type] ? print(node) : ["(", print(node), ")"];
}

/* For a place between commas. */
function printArgument(node) {
	return node.type === "SequenceExpression" ? ["(", print(node), ")"] : print(node);
}

/* A list of printed things, with commas between. */
function joined(list) {
	var printed = [];

	list.forEach(function (item, i) {
		if (i > 0)
			printed.push(", ");
		printed.push(item);
	});
	return printed;
}

function printStatements(statements) {
	return statements.map(function (statement) {
		return [print(statement), "\n"];
	});
}

/* Statements that a missing semicolon could join with what is printed behind them. */
function copyStatement(node) {
	var isClosed = source.charAt(node.end - 1) === ";";

	return isClosed ? copy(node) : [copy(node), ";"];
}

["ExpressionStatement", "ThrowStatement", "DebuggerStatement"].forEach(function (type) {
	printers[type] = copyStatement;
});

/* A function that becomes a variable at the top of its block. */
function isHoistedFunction(statement, scope) {
	return statement.type === "FunctionDeclaration" && (scope.fn !== scope || isCoroutine(statement));
}

/*
 * Declarations at the top of a block: of what is used before its own is reached, of var whose
 * loop's body became a function, and functions.
 */
function printHoisted(scope, statements) {
	var early = [];
	var variables = [];
	var functions = [];

	Object.keys(scope.names).forEach(function (name) {
		var binding = scope.names[name];

		if (binding.isHoisted && binding.kind === "var")
			variables.push(name);
		else if (binding.isHoisted && binding.kind !== "param")
			early.push(binding.printed + " = __extmgr.early");
	});
	statements.forEach(function (statement) {
		if (isHoistedFunction(statement, scope))
			functions.push(printBlockFunction(statement));
	});
	return [variables.length > 0 ? "var " + variables.join(", ") + ";" : "",
		early.length > 0 ? "var " + early.join(", ") + ";" : "", functions];
}

/* The source between two offsets, with the statements in it printed. */
function printBody(start, end, statements, scope) {
	return [printHoisted(scope, statements), copyWith(start, end, statements, function (statement) {
		return isHoistedFunction(statement, scope) ? "" : print(statement);
	})];
}

printers.BlockStatement = function (node) {
	return ["{", printBody(node.start + 1, node.end - 1, node.body, node.scope), "}"];
};

/* Only functions are hoisted: a case may be entered behind a declaration. See early.js. */
printers.SwitchStatement = function (node) {
	var functions = [];
	var printed;

	node.cases.forEach(function (part) {
		part.consequent.forEach(function (statement) {
			if (statement.type === "FunctionDeclaration")
				functions.push(printBlockFunction(statement));
		});
	});
	jumps.push({ type: "switch" });
	printed = copy(node);
	jumps.pop();
	return functions.length > 0 ? ["{", functions, printed, "}"] : printed;
};

/* A function in a case stands before its switch. */
printers.SwitchCase = function (node) {
	return copyWith(node.start, node.end, childrenOf(node), function (child) {
		return child.type === "FunctionDeclaration" ? "" : print(child);
	});
};

/* Behind the directives, which must stay first. */
function endOfDirectives(statements, start) {
	var end = start;

	for (var i = 0; i < statements.length && statements[i].directive !== undefined; i++)
		end = statements[i].end;
	return end;
}

function withoutDirectives(statements) {
	return statements.filter(function (statement) {
		return statement.directive === undefined;
	});
}

/* The statements between two offsets as the body of a function or program. */
function printFunctionBody(start, end, statements, scope, makePrologue) {
	var outerFunction = currentFunction;
	var outerJumps = jumps;
	var top = endOfDirectives(statements, start);
	var prologue;
	var body;
	var made;

	currentFunction = { variables: [], isArrow: scope.node.type === "ArrowFunctionExpression",
			    outer: outerFunction, kept: {}, derived: scope.node.derived || null };
	programFunction = programFunction || currentFunction;
	jumps = [];
	prologue = makePrologue();
	body = printBody(top, end, withoutDirectives(statements), scope);
	made = currentFunction;
	currentFunction = outerFunction;
	jumps = outerJumps;
	return [piece(start, top), top > start ? ";" : "",
		made.variables.length > 0 ? "var " + made.variables.join(", ") + ";" : "",
		declareKept(made.kept), prologue, body];
}

/* A first line that begins with #! is none of the program. */
printers.Program = function (node) {
	var start = /^(#!.*)?/.exec(source)[0].length;

	return printFunctionBody(start, source.length, node.body, node.scope, function () {
		return [];
	});
};

function isRenamed(node) {
	return nameOf(node) !== node.name;
}

printers.ThisExpression = printThis;

function isOwnArguments(node) {
	return node.name === "arguments" && node.reference && !node.reference.binding;
}

printers.Identifier = function (node) {
	if (isOwnArguments(node) && functionAround(node, true).type === "Program" &&
	    functionAround(node, false).type !== "Program")
		refuse(node, "arguments in arrow functions outside of functions");
	if (isOwnArguments(node))
		return printOwn("arguments");
	if (classOfStatic(node))
		return classOfStatic(node).home + ".constructor";
	if (node.reference && node.reference.isGuarded)
		return helper("ready", [nameOf(node), JSON.stringify(node.name)]);
	return isRenamed(node) ? nameOf(node) : piece(node.start, node.end);
};

printers.Property = function (node) {
	/* Duktape takes {get} for the beginning of a getter. */
	if (node.shorthand)
		return [piece(node.start, node.end), ": ", print(node.value)];
	if (isMethodProperty(node))
		return printMethodProperty(node);
	if (node.computed && isFunction(node.value) && !node.value.id)
		return printPropertyFunction(node, print(node.value));
	return copy(node);
};

printers.Literal = function (node) {
	if (typeof node.value === "number" && node.raw.indexOf("_") >= 0)
		return node.raw.replace(/_/g, "");
	if (typeof node.value === "string" && /[\u2028\u2029]/.test(node.raw))
		return escapeSeparators(node.raw);
	return piece(node.start, node.end);
};

/* Labels are no expressions. */
printers.LabeledStatement = function (node) {
	var inner = node.body;
	var printed;

	while (inner.type === "LabeledStatement")
		inner = inner.body;
	jumps.push({ type: "label", name: node.label.name });
	printed = print(node.body);
	jumps.pop();
	/* for-of prints its labels itself, before the loop that it becomes. */
	return inner.type === "ForOfStatement" ? printed : [node.label.name, ": ", printed];
};

/*
 * A clause that does not name what it catches gets a name; in a generator it does not catch what ends
 * the generator.
 */
printers.CatchClause = function (node) {
	var isInGenerator = functionAround(node, false).generator;
	var isNamed = node.param && node.param.type === "Identifier";
	var name;

	if (isNamed && !isInGenerator)
		return copy(node);
	name = isNamed ? nameOf(node.param) : makeName();
	return ["catch (", name, ") {", isInGenerator ? [helper("caught", [name]), ";"] : "",
		node.param && !isNamed ? [printDeclaration(node.param, name), ";"] : "",
		print(node.body), "}"];
};
