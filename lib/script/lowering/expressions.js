/* SPDX-License-Identifier: MIT */
/* Templates, spread, optional chains, nullish and logical operators, assignments. */

/* In ES5 these two end a line, also in a text. */
function escapeSeparators(literal) {
	return literal.replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
}

function quote(text) {
	return escapeSeparators(JSON.stringify(text));
}

/* A text as a literal that has the line breaks of the template it comes from. */
function printText(quasi) {
	var text = quote(quasi.value.cooked);
	var breaks = source.slice(quasi.start, quasi.end).split("\n").length - 1;

	/* An odd number of backslashes before n is a line break. */
	text = text.replace(/\\(\\|n)/g, function (whole, sign) {
		if (sign !== "n" || breaks === 0)
			return whole;
		breaks--;
		return "\\n\\\n";
	});
	return text;
}

printers.TemplateLiteral = function (node) {
	var printed = [piece(node.start, node.start), "("];

	node.quasis.forEach(function (quasi, i) {
		printed.push(i > 0 ? " + " : "", printText(quasi));
		if (i < node.expressions.length)
			printed.push(" + ", helper("text", [printArgument(node.expressions[i])]));
	});
	printed.push(")");
	return printed;
};

/* The texts of one place are one object, however often it is reached. */
printers.TaggedTemplateExpression = function (node) {
	var cache = makeName();
	var cooked = [];
	var raw = [];
	var args;

	programFunction.variables.push(cache);
	node.quasi.quasis.forEach(function (quasi) {
		cooked.push(quasi.value.cooked === null || quasi.value.cooked === undefined ? "void 0" :
			quote(quasi.value.cooked));
		raw.push(quote(quasi.value.raw));
	});
	args = ["(" + cache + " || (" + cache + " = __extmgr.template([" + cooked.join(", ") +
		"], [" + raw.join(", ") + "])))"].concat(node.quasi.expressions.map(printArgument));
	return [piece(node.start, node.start), printOperand(node.tag), "(", joined(args), ")"];
};

function isSpread(node) {
	return node !== null && node.type === "SpreadElement";
}

/* An array of elements some of which are spread, made in their order. */
function printElements(elements) {
	var printed = "[]";
	var run = [];

	function flush() {
		var list;

		if (run.length === 0)
			return;
		list = ["[", run.map(function (element) {
			return [element === null ? "" : printArgument(element), ", "];
		}), "]"];
		printed = printed === "[]" ? list : helper("append", [printed, list]);
		run = [];
	}

	elements.forEach(function (element) {
		if (!isSpread(element)) {
			run.push(element);
			return;
		}
		flush();
		printed = helper("extend", [printed, printArgument(element.argument)]);
	});
	flush();
	return printed;
}

printers.ArrayExpression = function (node) {
	return node.elements.some(isSpread) ? printElements(node.elements) : copy(node);
};

printers.NewExpression = function (node) {
	if (node.arguments.some(isSpread))
		return helper("create", [printArgument(node.callee), printElements(node.arguments)]);
	return withoutTrailingComma(node, node.arguments);
};

/* new a()() and new (a())() differ: what may be printed as a call stands in parentheses. */
function printCallee(node) {
	var at = node;

	while (at.type === "MemberExpression")
		at = at.object;
	return at.type === "ThisExpression" || (at.type === "Identifier" && !isGuardedName(at)) ?
		print(node) : ["(", print(node), ")"];
}

/* A comma behind the last argument is newer than ES5. */
function withoutTrailingComma(node, args) {
	var last = args[args.length - 1];
	var hasComma = last &&
		/^(\s|\)|\/\*[\s\S]*?\*\/|\/\/.*)*,/.test(source.slice(last.end, node.end));

	if (hasComma && isParenthesized(last))
		refuse(last, "parentheses before a trailing comma");
	if (node.type === "CallExpression")
		return hasComma ? [copyBetween(node.start, last.end, childrenOf(node)), ")"] : copy(node);
	if (hasComma)
		return [piece(node.start, node.start), "new ", printCallee(node.callee), "(",
			joined(args.map(printArgument)), ")"];
	return [piece(node.start, node.callee.start), printCallee(node.callee),
		copyBetween(node.callee.end, node.end, args)];
}

function isParenthesized(node) {
	return /^\s*\)\s*,/.test(source.slice(node.end));
}

function printSpreadCall(node) {
	var callee = node.callee;
	var args = printElements(node.arguments);
	var object;

	if (callee.type !== "MemberExpression")
		return helper("call", [printArgument(callee), "void 0", args]);
	if (callee.object.type === "Super")
		return helper("call", [printSuperMember(callee), printThis(), args]);
	object = makeTemporary();
	return ["(", object, " = ", printArgument(callee.object), ", ",
		helper("call", [[object, printMemberOf(callee)], object, args]), ")"];
}

/* .name or [key] of a member expression. */
function printMemberOf(node) {
	return node.computed ? ["[", print(node.property), "]"] : [".", node.property.name];
}

printers.CallExpression = function (node) {
	var callee = node.callee;

	if (callee.type === "Super")
		return printSuperCall(node);
	if (callee.type === "Import")
		refuse(node, "dynamic imports", BUNDLE);
	if (node.arguments.some(isSpread))
		return printSpreadCall(node);
	if (callee.type === "MemberExpression" && callee.object.type === "Super")
		return [printSuperMember(callee), ".call(",
			joined([printThis()].concat(node.arguments.map(printArgument))), ")"];
	return withoutTrailingComma(node, node.arguments);
};

printers.MemberExpression = function (node) {
	return node.object.type === "Super" ? printSuperMember(node) : copy(node);
};

function isAccessor(property) {
	return property.kind === "get" || property.kind === "set";
}

/* Duktape has the accessors of a literal before what stands in front of them. */
function hasMixedAccessors(node) {
	return node.properties.some(isAccessor) && !node.properties.every(isAccessor);
}

/* Those are steps of their own in making an object. */
function isStep(property) {
	return isSpread(property) || isPrototype(property) || (property.computed && isAccessor(property));
}

function printStep(target, property) {
	if (isSpread(property))
		return helper("spread", [target, printArgument(property.argument)]);
	if (isPrototype(property))
		return helper("prototype", [target, printArgument(property.value)]);
	return helper("accessor", [target, property.kind === "get" ? "true" : "false",
				   helper("key", [printArgument(property.key)]),
				   ["function ", printMethod(property.value)]]);
}

printers.ObjectExpression = function (node) {
	if (!node.usesSuper)
		return printObject(node);
	node.home = makeName();
	return ["(function () {var ", node.home, " = ", inMadeFunction(function () {
		return printObject(node);
	}), "; return ", node.home, ";})()"];
};

/* {a: 1, ...b, get c() {}}: each part is made and taken over before the next one. */
function printObject(node) {
	var printed = null;
	var run = [];

	function flush() {
		var literal = ["{", joined(run.map(print)), "}"];

		if (printed === null)
			printed = literal;
		else if (run.length > 0)
			printed = helper("define", [printed, literal]);
		run = [];
	}

	if (!node.properties.some(isStep) && !hasMixedAccessors(node))
		return copy(node);
	node.properties.forEach(function (property) {
		if (!isStep(property)) {
			if (run.length > 0 && isAccessor(run[0]) !== isAccessor(property))
				flush();
			run.push(property);
			return;
		}
		flush();
		printed = printStep(printed, property);
	});
	flush();
	return printed;
}

/* a?.b: what stands behind a question mark only counts when the guards before it let it. */
function printOptional(node, guards) {
	var object;

	if (node.type !== "MemberExpression" && node.type !== "CallExpression")
		return print(node);
	if (node.type === "CallExpression")
		return printOptionalCall(node, guards);
	if (node.object.type === "Super")
		return printSuperMember(node);
	object = printLink(node.object, guards);
	if (node.optional)
		object = guard(object, guards);
	return [object, printMemberOf(node)];
}

/* What is before a link of the chain; parentheses end a chain, so those are operands. */
function printLink(node, guards) {
	return node.type === "MemberExpression" || node.type === "CallExpression" ?
		printOptional(node, guards) : printOperand(node);
}

function guard(printed, guards) {
	var name = makeTemporary();

	guards.push(["(", name, " = ", printed, ") === null || ", name, " === void 0"]);
	return name;
}

function printOptionalCall(node, guards) {
	var callee = node.callee;
	var args = node.arguments.some(isSpread) ? printElements(node.arguments) : null;
	var receiver = "void 0";
	var target;

	if (callee.type === "Super" || (callee.object && callee.object.type === "Super"))
		return print(node);
	if (callee.type === "MemberExpression" && (node.optional || args)) {
		target = printLink(callee.object, guards);
		receiver = callee.optional ? guard(target, guards) : makeTemporary();
		target = callee.optional ? [receiver, printMemberOf(callee)] :
			["(", receiver, " = ", target, ")", printMemberOf(callee)];
	} else {
		target = printLink(callee, guards);
	}
	if (node.optional)
		target = guard(target, guards);
	if (args || (receiver !== "void 0"))
		return helper("call", [target, receiver, args ||
			["[", joined(node.arguments.map(printArgument)), "]"]]);
	return [target, "(", joined(node.arguments.map(printArgument)), ")"];
}

printers.ChainExpression = function (node) {
	var guards = [];
	var isDeleted = node.parent.type === "UnaryExpression" && node.parent.operator === "delete";
	var printed;

	if (node.parent.type === "CallExpression" && node.parent.callee === node)
		refuse(node, "calls of an optional chain in parentheses");
	printed = printOptional(node.expression, guards);
	return ["(", guards.map(function (condition) {
		return [condition, isDeleted ? " ? true : " : " ? void 0 : "];
	}), isDeleted ? "delete " : "", printed, ")"];
};

printers.LogicalExpression = function (node) {
	var left;

	if (node.operator !== "??")
		return copy(node);
	left = makeTemporary();
	return ["((", left, " = ", printArgument(node.left), ") !== null && ", left, " !== void 0 ? ",
		left, " : ", printArgument(node.right), ")"];
};

/* Names what is assigned to, so that it can be read and written: [before, target]. */
function printReference(node) {
	var object;
	var key;

	if (node.type === "Identifier")
		return { before: "", read: print(node), write: nameOf(node) };
	if (node.object.type === "Super")
		refuse(node, "assignments to properties of super");
	object = makeTemporary();
	if (!node.computed)
		return { before: [object, " = ", printArgument(node.object), ", "],
			 read: [object, ".", node.property.name],
			 write: [object, ".", node.property.name] };
	key = makeTemporary();
	return { before: [object, " = ", printArgument(node.object), ", ", key, " = ",
			  printArgument(node.property), ", "],
		 read: [object, "[", key, "]"], write: [object, "[", key, "]"] };
}

function printLogicalAssignment(node) {
	var target = printReference(node.left);
	var assignment = ["(", target.write, " = ", printArgument(node.right), ")"];
	var value;

	if (node.operator !== "??=")
		return ["(", target.before, target.read, " ", node.operator.slice(0, 2), " ", assignment,
			")"];
	value = makeTemporary();
	return ["(", target.before, "(", value, " = ", target.read, ") !== null && ", value,
		" !== void 0 ? ", value, " : ", assignment, ")"];
}

function isGuardedName(node) {
	return node.type === "Identifier" && node.reference && node.reference.isGuarded;
}

/* A name that may be too early is looked at first; then it is written. */
function printGuardedWrite(node, target) {
	return ["(", helper("ready", [nameOf(target), JSON.stringify(target.name)]), ", ",
		piece(node.start, target.start), nameOf(target),
		copyBetween(target.end, node.end, node.right ? [node.right] : []), ")"];
}

printers.AssignmentExpression = function (node) {
	if (/Pattern$/.test(node.left.type))
		return printPatternAssignment(node);
	if (/^(\|\||&&|\?\?)=$/.test(node.operator))
		return printLogicalAssignment(node);
	if (node.left.type === "MemberExpression" && node.left.object.type === "Super") {
		if (node.operator !== "=")
			refuse(node, "assignments to properties of super");
		return printSuperAssignment(node);
	}
	if (!isGuardedName(node.left))
		return copy(node);
	if (node.operator === "=")
		return printSimpleAssignment(node.left, printArgument(node.right));
	return printGuardedWrite(node, node.left);
};

printers.UpdateExpression = function (node) {
	return isGuardedName(node.argument) ? printGuardedWrite(node, node.argument) : copy(node);
};
