/* SPDX-License-Identifier: MIT */
/*
 * let, const and class may not be used before they have their value. Where that is certain the
 * source is refused. Functions that are made before and could be called before check at run time:
 * the variable then begins with a value of its own, and their uses of it are guarded.
 */

/* What may run a function that was made before. */
var callTypes = { CallExpression: true, NewExpression: true, TaggedTemplateExpression: true,
		  StaticBlock: true, YieldExpression: true, AwaitExpression: true };

function mayCall(node) {
	return someDirect(node, function (inner) {
		return callTypes[inner.type] === true ||
			(inner.type === "PropertyDefinition" && inner["static"]);
	});
}

/* The end of what gives a name its value, in a pattern with its default. */
function endOfBinding(binding) {
	if (binding.kind === "class")
		return binding.owner.end;
	return binding.id.parent.type === "AssignmentPattern" ? binding.id.parent.end :
		binding.id.end;
}

/* Whether code at a node runs before the binding has its value, if it runs when it is reached. */
function isBefore(node, binding) {
	var init = binding.owner.init || binding.owner.right;

	return node.start < endOfBinding(binding) || (init && contains(init, node));
}

/* The outermost function around a reference inside the function of its binding. */
function outermostFunction(reference) {
	var fn = reference.scope.fn;

	while (fn.parent.fn !== reference.binding.scope.fn)
		fn = fn.parent.fn;
	return fn.node;
}

/* Whether a function could be called before: a declared one is made with its block. */
function isMadeBefore(fn, binding) {
	if (binding.kind === "class" && contains(binding.owner, fn))
		return false;
	if (fn.type === "FunctionDeclaration")
		return fn.id.binding.scope.node.start < endOfBinding(binding);
	return isBefore(fn, binding);
}

/* Whether anything that stands before the declaration in its block could call a function. */
function isReachable(binding) {
	var statements = binding.scope.node.body;

	if (!Array.isArray(statements))
		statements = statements.body;
	for (var i = 0; i < statements.length; i++) {
		if (statements[i].start > binding.id.start)
			return false;
		if (statements[i].type !== "FunctionDeclaration" && mayCall(statements[i]))
			return true;
	}
	return false;
}

function caseAround(node) {
	while (node && node.type !== "SwitchCase")
		node = node.parent;
	return node;
}

function checkDirect(reference) {
	var binding = reference.binding;

	if (isBefore(reference.node, binding))
		refuse(reference.node, "uses of '" + binding.name + "' before it has its value");
	if (binding.scope.node.type === "SwitchStatement" &&
	    caseAround(reference.node) !== caseAround(binding.id))
		refuse(reference.node, "uses of '" + binding.name + "' in another case than its own");
}

function checkInFunction(reference) {
	var binding = reference.binding;
	var type = binding.scope.node.type;

	if (!isMadeBefore(outermostFunction(reference), binding))
		return;
	if (type !== "BlockStatement" && type !== "Program" && !isFunction(binding.scope.node))
		refuse(reference.node, "functions that use '" + binding.name +
		       "' before it has its value");
	if (!isReachable(binding))
		return;
	binding.isHoisted = true;
	reference.isGuarded = true;
}

/* When one name of a declaration is declared above, all are. */
function hoistTogether(analysis) {
	analysis.declarations.forEach(function (node) {
		var names = [];

		node.declarations.forEach(function (declarator) {
			names = names.concat(namesOf(declarator.id));
		});
		if (!names.some(function (name) {
			return name.binding.isHoisted;
		}))
			return;
		names.forEach(function (name) {
			name.binding.isHoisted = true;
		});
	});
}

function checkEarly(analysis) {
	analysis.references.forEach(function (reference) {
		var binding = reference.binding;

		if (!binding)
			return;
		if (reference.isWrite && /^(const|class|own class)$/.test(binding.kind))
			refuse(reference.node, "assignments to the constant '" + binding.name + "'");
		if (binding.kind === "own class" && reference.scope.fn === binding.scope.fn)
			refuse(reference.node, "uses of '" + binding.name + "' before it has its value");
		if (!/^(let|const|class)$/.test(binding.kind) || binding.owner.type === "CatchClause")
			return;
		if (reference.scope.fn === binding.scope.fn)
			checkDirect(reference);
		else
			checkInFunction(reference);
	});
	hoistTogether(analysis);
}
