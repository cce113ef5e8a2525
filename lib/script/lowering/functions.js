/* SPDX-License-Identifier: MIT */
/* Functions: what parameters have beyond a name moves into the body. */

function isSimpleParameter(parameter) {
	return parameter.type === "Identifier";
}

/* Parameters have a scope of their own in ES2015; here they share that of the body. */
function checkParameters(node) {
	node.params.forEach(function (parameter) {
		walk(parameter, function (inner) {
			var reference = inner.reference;
			var binding = reference && reference.binding;

			if (!binding || binding.scope !== node.scope)
				return;
			if (binding.kind !== "param" || binding.isRedeclared)
				refuse(inner, "names in default values of parameters that the function " +
				       "declares again");
			if (binding.id.start >= inner.start)
				refuse(inner, "parameters that are used before they have their value");
		});
	});
	if (node.usesArguments && !isStrict(node))
		refuse(node, "arguments in sloppy functions with default or destructured parameters");
}

/* Fills names with what stands between the parentheses; answers what sets the parameters up. */
function printParameters(node, names) {
	return node.params.map(function (parameter, i) {
		var pattern = parameter;
		var prologue = [];
		var name;

		if (isSimpleParameter(parameter)) {
			names.push(piece(parameter.start, parameter.end));
			return "";
		}
		if (parameter.type === "RestElement") {
			pattern = parameter.argument;
			name = pattern.type === "Identifier" ? pattern.name : makeName();
			prologue.push(["var ", name, " = ", helper("args", ["arguments", String(i)]),
				       ";"]);
		} else {
			pattern = parameter.type === "AssignmentPattern" ? parameter.left : parameter;
			name = pattern.type === "Identifier" ? pattern.name : makeName();
			names.push(name);
		}
		if (parameter.type === "AssignmentPattern")
			prologue.push(["if (", name, " === void 0) ", name, " = ",
				       printArgument(parameter.right), ";"]);
		if (pattern.type !== "Identifier")
			prologue.push([printDeclaration(pattern, name), ";"]);
		return prologue;
	});
}

/* {parameters, body}: the body with its braces. */
function printFunctionParts(node) {
	var names = [];
	var isExpression = node.body.type !== "BlockStatement";
	var body;

	if (!node.params.every(isSimpleParameter))
		checkParameters(node);

	function makePrologue() {
		var prologue = printParameters(node, names);

		return isExpression ? [prologue, "return ", printOperand(node.body), ";"] : prologue;
	}

	body = isExpression ?
		printFunctionBody(node.body.start, node.body.start, [], node.scope, makePrologue) :
		printFunctionBody(node.body.start + 1, node.body.end - 1, node.body.body, node.scope,
				  makePrologue);
	return { parameters: joined(names), body: body };
}

function printFunction(node, name) {
	var parts = printFunctionParts(node);

	return [piece(node.start, node.start + "function".length), " ", name, "(",
		parts.parameters, ") {", parts.body, "}"];
}

printers.FunctionDeclaration = function (node) {
	return printFunction(node, node.id.name);
};

printers.FunctionExpression = function (node) {
	return printFunction(node, node.id ? node.id.name : "");
};

printers.ArrowFunctionExpression = function (node) {
	var parts = printFunctionParts(node);

	return ["(function (", parts.parameters, ") {", parts.body, "})"];
};

/* (parameters) {body} of a method; the code of classes is strict. */
function printMethod(node, isInClass) {
	var parts = printFunctionParts(node);

	return ["(", parts.parameters, ") {", isInClass ? '"use strict";' : "", parts.body, "}"];
}

/* In an object literal: name() {}, get name() {}, set name(value) {}. */
function printMethodProperty(node) {
	if (node.computed && node.kind !== "init")
		refuse(node, "getters and setters with computed names in object literals");
	/* Duktape knows methods, but not all names for them. */
	if (node.method)
		return [node.computed ? ["[", print(node.key), "]"] :
			piece(node.key.start, node.key.end), ": function ",
			printMethod(node.value, false)];
	return [piece(node.start, node.value.start), printMethod(node.value, false)];
}

/* var name = function name() {}, at the top of its block. */
function printBlockFunction(node) {
	var binding = node.id.binding;

	return ["var ", nameOf(node.id), " = ",
		printFunction(node, binding.isAssigned ? "" : node.id.name), ";"];
}

/* In sloppy code a function in a block is a variable of the function around it, too. */
function checkBlockFunctions(analysis) {
	analysis.bindings.forEach(function (binding) {
		var isLeaking;

		if (binding.kind !== "function" || isStrict(binding.id))
			return;
		isLeaking = analysis.references.some(function (reference) {
			return reference.node.name === binding.name && reference.binding !== binding &&
				contains(binding.scope.fn.node, reference.node) &&
				(!reference.binding ||
				 !contains(binding.scope.fn.node, reference.binding.scope.node) ||
				 reference.binding.scope === binding.scope.fn);
		});
		if (isLeaking)
			refuse(binding.id, "functions declared in a block and used outside of it");
	});
}

function isMethodOf(node, type) {
	return node.parent && node.parent.type === type && node.parent.value === node;
}

printers.MetaProperty = function (node) {
	var around = functionAround(node, true);

	if (isMethodOf(around, "MethodDefinition") && around.parent.kind === "constructor")
		return helper("target", [printOwn("this")]);
	if (isMethodOf(around, "MethodDefinition") ||
	    (isMethodOf(around, "Property") && (around.parent.method || around.parent.kind !== "init")))
		return "(void 0)";
	return printOwn("new.target");
};
