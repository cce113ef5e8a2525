/* SPDX-License-Identifier: MIT */
/*
 * Loops. for-of walks an iterator. A loop whose variables closures keep gets its body as a function
 * that is called in each round; what leaves the body (break, continue, return) is handed out of
 * that function as a value, and done behind the call.
 */

/* The loop, in the same function, in which a binding is new in every round. */
function loopOfBinding(binding) {
	var at = binding.scope.node;

	if (!/^(let|const|class|function)$/.test(binding.kind))
		return null;
	while (at.parent && !isFunction(at) && !isOwnCode(at) && !isLoop(at))
		at = at.parent;
	return isLoop(at) ? at : null;
}

/*
 * Whether a reference stands in a function that printing makes around it, inside of a loop: that of
 * a class, or the body of a loop that is wrapped.
 */
function isInMadeFunction(reference, loop) {
	for (var at = reference.node; at !== loop; at = at.parent) {
		if (at.type === "ClassDeclaration" || at.type === "ClassExpression" || at.isWrapped)
			return true;
	}
	return false;
}

/* Marks the loops whose variables outlive their round; what is marked may be a reason for more. */
function markLoops(analysis) {
	var isChanged = true;

	function mark(binding) {
		var loop = loopOfBinding(binding);
		var isNeeded;

		if (!loop || loop.isWrapped)
			return;
		isNeeded = binding.isCaptured || binding.references.some(function (reference) {
			return isInMadeFunction(reference, loop);
		});
		if (isNeeded) {
			loop.isWrapped = true;
			isChanged = true;
		}
	}

	while (isChanged) {
		isChanged = false;
		analysis.bindings.forEach(mark);
	}
}

/* var in a body that becomes a function: declared in the function around. */
function hoistVariables(analysis) {
	analysis.declarations.forEach(function (node) {
		var at = node.parent;

		if (node.kind !== "var")
			return;
		while (at && !isFunction(at) && !at.isWrapped)
			at = at.parent;
		if (!at || !at.isWrapped)
			return;
		node.declarations.forEach(function (declarator) {
			namesOf(declarator.id).forEach(function (name) {
				name.binding.isHoisted = true;
			});
		});
	});
}

/* Variables of the head that closures in the head keep: which copy they see is not modelled. */
function checkHead(node) {
	var names = node.init && node.init.type === "VariableDeclaration" &&
		node.init.kind !== "var" ? Object.keys(node.scope.names) : [];

	names.forEach(function (name) {
		node.scope.names[name].references.forEach(function (reference) {
			if (reference.scope.fn !== node.scope.fn && !contains(node.body, reference.node))
				refuse(reference.node, "closures in the head of a loop over its variables");
		});
	});
	return names;
}

/* The entry that an unlabelled or labelled jump leaves or continues. */
function findTarget(kind, label) {
	for (var i = jumps.length - 1; i >= 0; i--) {
		var jump = jumps[i];

		if (label ? jump.type === "label" && jump.name === label :
			    jump.type === "loop" || (kind === "break" && jump.type === "switch"))
			return i;
	}
	return -1;
}

/* The innermost body that became a function, if the jump leaves it. */
function findWrapper(target) {
	for (var i = jumps.length - 1; i > target; i--) {
		if (jumps[i].type === "wrapper")
			return jumps[i];
	}
	return null;
}

/* A label stands for its loop. */
function isOwnContinue(exit, wrapper) {
	return exit.kind === "continue" &&
		(!exit.label || wrapper.labels.indexOf(exit.label) >= 0);
}

function printJump(exit) {
	var wrapper = findWrapper(exit.kind === "return" ? -1 : findTarget(exit.kind, exit.label));
	var code;

	if (!wrapper)
		return [exit.kind, exit.label ? " " + exit.label : "", exit.value ? [" ", exit.value] : "",
			";"];
	if (isOwnContinue(exit, wrapper))
		return "return;";
	if (exit.kind === "return") {
		wrapper.canReturn = true;
		return ["return { value: ", exit.value || "void 0", " };"];
	}
	for (code = 0; code < wrapper.exits.length; code++) {
		if (wrapper.exits[code].kind === exit.kind && wrapper.exits[code].label === exit.label)
			break;
	}
	wrapper.exits[code] = { kind: exit.kind, label: exit.label };
	return ["return ", String(code + 1), ";"];
}

function printBreakOrContinue(node) {
	return printJump({
		kind: node.type === "BreakStatement" ? "break" : "continue",
		label: node.label ? node.label.name : null
	});
}

printers.BreakStatement = printBreakOrContinue;
printers.ContinueStatement = printBreakOrContinue;

printers.ReturnStatement = function (node) {
	return printJump({
		kind: "return",
		label: null,
		value: printReturned(node)
	});
};

/* What leaves a body that became a function, done behind its call. */
function printExits(wrapper, result) {
	var printed = wrapper.exits.map(function (exit, i) {
		return ["if (", result, " === ", String(i + 1), ") ", printJump(exit)];
	});

	if (wrapper.canReturn)
		printed.push(["if (typeof ", result, ' === "object") ',
			      printJump({ kind: "return", label: null, value: result + ".value" })]);
	return printed;
}

/* The labels that stand before a loop. */
function labelsOf(node) {
	var labels = [];

	for (var at = node.parent; at && at.type === "LabeledStatement"; at = at.parent)
		labels.push(at.label.name);
	return labels;
}

/* statements: prints what is in the body. parameters: variables that are copied in each round. */
function printWrapped(node, parameters, printContent) {
	var wrapper = { type: "wrapper", exits: [], canReturn: false, labels: labelsOf(node) };
	var assigned = parameters.filter(function (name) {
		return node.scope.names[name].references.some(function (reference) {
			return reference.isWrite && contains(node.body, reference.node);
		});
	});
	var content;
	var result;
	var exits;
	var copies = [];
	var copiesBack = [];
	var printedNames = parameters.map(function (name) {
		return node.scope.names[name].printed;
	}).join(", ");

	jumps.push(wrapper);
	content = inMadeFunction(printContent);
	jumps.pop();
	assigned.forEach(function (name) {
		var copyName = makeTemporary();

		copies.push([copyName, " = ", node.scope.names[name].printed, ";"]);
		copiesBack.push([node.scope.names[name].printed, " = ", copyName, ";"]);
	});
	if (assigned.length > 0)
		content = ["try {", content, "} finally {", copies, "}"];
	result = wrapper.canReturn || wrapper.exits.length > 0 ? makeTemporary() : "";
	exits = printExits(wrapper, result);
	return [result ? result + " = " : "", "(function (", printedNames, ") {", content, "})(",
		printedNames, ");", copiesBack, exits];
}

/* The body of a loop between braces, behind what each round begins with. */
function printLoopBody(node, parameters, begin) {
	var printed;

	function printContent() {
		return [begin ? begin() : "", print(node.body)];
	}

	jumps.push({ type: "loop" });
	printed = node.isWrapped ? printWrapped(node, parameters, printContent) : printContent();
	jumps.pop();
	return ["{", printed, "}"];
}

printers.ForStatement = function (node) {
	var names = checkHead(node);
	var init = node.init ? node.init.type === "VariableDeclaration" ?
		printVariables(node.init) : print(node.init) : "";

	return ["for (", init, "; ", node.test ? print(node.test) : "", "; ",
		node.update ? print(node.update) : "", ") ",
		printLoopBody(node, node.isWrapped ? names : [])];
};

printers.WhileStatement = function (node) {
	return ["while (", print(node.test), ") ", printLoopBody(node, [])];
};

printers.DoWhileStatement = function (node) {
	return ["do ", printLoopBody(node, []), " while (", print(node.test), ");"];
};

/* What each round of for-in and for-of does with its value. */
function printTarget(node, value) {
	if (node.left.type === "VariableDeclaration")
		return [printDeclaration(node.left.declarations[0].id, value), ";"];
	if (node.left.type === "Identifier")
		return [printSimpleAssignment(node.left, value), ";"];
	if (node.left.type === "MemberExpression" && node.left.object.type === "Super")
		refuse(node.left, "assignments to properties of super");
	if (node.left.type === "MemberExpression")
		return [print(node.left), " = ", value, ";"];
	return (function () {
		var list = new BindingList(false);

		bindPattern(node.left, value, list);
		return list.items.length > 0 ? [joined(list.items), ";"] : "";
	})();
}

function checkNames(node) {
	Object.keys(node.scope.names).forEach(function (name) {
		node.scope.names[name].references.forEach(function (reference) {
			if (contains(node.right, reference.node))
				refuse(reference.node, "the variable of a loop in what the loop goes through");
		});
	});
}

printers.ForInStatement = function (node) {
	var key = makeTemporary();

	checkNames(node);
	if (node.left.type === "VariableDeclaration" && node.left.declarations[0].init)
		refuse(node.left, "initial values in for-in loops");
	return ["for (", key, " in ", print(node.right), ") ", printLoopBody(node, [], function () {
		return printTarget(node, key);
	})];
};

/* An iterator is closed when the loop ends before it does. */
printers.ForOfStatement = function (node) {
	var walker = makeTemporary();
	var caught = makeName();
	var labels = labelsOf(node);
	var loop;

	checkNames(node);
	loop = ["for (; ", walker, ".step(); ) ", printLoopBody(node, [], function () {
		return printTarget(node, walker + ".value");
	})];
	return ["{", walker, " = ", helper("walk", [printArgument(node.right)]), "; try {",
		labels.map(function (label) {
			return label + ": ";
		}), loop, "} catch (", caught, ") {", walker, ".fail(", caught, ");} finally {", walker,
		".close();}}"];
};
