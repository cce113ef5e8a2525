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
	Object.keys(node.scope.names).forEach(function (name) {
		var binding = node.scope.names[name];

		if (name === "arguments" || (binding.kind === "param" && binding.isFunction))
			refuse(node, "'" + name + "' declared in functions with default or destructured " +
			       "parameters");
	});
	if (node.usesArguments && !isStrict(node))
		refuse(node, "arguments in sloppy functions with default or destructured parameters");
}

/*
 * Fills names with what stands between the parentheses; answers what sets the parameters up. Those
 * from the first default value on do not count in length, and are taken from arguments.
 */
function printParameters(node, names) {
	var isCounted = true;

	return node.params.map(function (parameter, i) {
		var pattern = parameter;
		var prologue = [];
		var name;

		isCounted = isCounted && !/^(AssignmentPattern|RestElement)$/.test(parameter.type);
		if (isCounted && isSimpleParameter(parameter)) {
			names.push(piece(parameter.start, parameter.end));
			return "";
		}
		if (/^(AssignmentPattern|RestElement)$/.test(parameter.type))
			pattern = parameter.left || parameter.argument;
		name = pattern.type === "Identifier" ? pattern.name : makeName();
		if (isCounted)
			names.push(name);
		else
			prologue.push(["var ", name, " = ", parameter.type === "RestElement" ?
				helper("args", ["arguments", String(i)]) : ["arguments[", String(i), "]"],
				       ";"]);
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

		return isExpression ? [prologue, "return ", printOperand(node.body), ";"] :
			[prologue, printBegin(node)];
	}

	body = isExpression ?
		printFunctionBody(node.body.start, node.body.start, [], node.scope, makePrologue) :
		printFunctionBody(node.body.start + 1, node.body.end - 1, node.body.body, node.scope,
				  makePrologue);
	return { parameters: joined(names), body: body };
}

function printFunction(node, name) {
	var parts = printFunctionParts(node);
	var printed = [piece(node.start, node.start), "function ", name, "(", parts.parameters, ") {",
		       parts.body, "}"];

	return isCoroutine(node) ? printCoroutine(node, printed) : printed;
}

/* What ES5 takes for the name of a function, also in strict code. */
function isFunctionName(name) {
	return /^[A-Za-z_$][\w$]*$/.test(name) && !/^(arguments|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/.test(name);
}

/* A function expression with the name it has in ES2015, unless that would hide another one in it. */
function printNamed(node, name) {
	if (name === "" || (isFunctionName(name) && !node.scope.hidesName && !isCoroutine(node)))
		return printFunction(node, name);
	return helper("named", [printFunction(node, ""), quote(name)]);
}

printers.FunctionDeclaration = function (node) {
	return printFunction(node, node.id.name);
};

printers.FunctionExpression = function (node) {
	if (node.id && isCoroutine(node))
		return printOwnNamed(node);
	return node.id ? printFunction(node, node.id.name) : printNamed(node, inferName(node));
};

printers.ArrowFunctionExpression = function (node) {
	return ["(", printNamed(node, inferName(node)), ")"];
};

/* (parameters) {body} of a method. */
function printMethod(node) {
	var parts = printFunctionParts(node);

	return ["(", parts.parameters, ") {", parts.body, "}"];
}

/* [key]: function: its name is that of the property, which only running tells. */
function printPropertyFunction(property, printed) {
	var key;

	if (!property.computed)
		return [piece(property.key.start, property.key.end), ": ", printed];
	key = makeTemporary();
	return ["[", key, " = ", helper("key", [printArgument(property.key)]), "]: ",
		helper("named", [printed, key])];
}

/* In an object literal: name() {}, get name() {}, set name(value) {}. */
function printMethodProperty(node) {
	/* Duktape knows methods, but not all names for them. */
	if (node.method)
		return printPropertyFunction(node, printNamed(node.value, inferName(node.value)));
	return [piece(node.start, node.value.start), printMethod(node.value)];
}

/* var name = function name() {}, at the top of its block. */
function printBlockFunction(node) {
	var binding = node.id.binding;

	if (isCoroutine(node) && binding.isRedeclared)
		refuse(node, "generator or asynchronous functions whose name is declared twice");
	return ["var ", nameOf(node.id), " = ", isCoroutine(node) ? printNamed(node, node.id.name) :
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

printers.MetaProperty = function (node) {
	var around = functionAround(node, true);

	if (around.parent.kind === "constructor")
		return helper("target", [printOwn("this")]);
	if (isOwnCode(around) || around.parent.type === "MethodDefinition" ||
	    (isMethodProperty(around.parent) && around.parent.value === around))
		return "(void 0)";
	return printOwn("new.target");
};
