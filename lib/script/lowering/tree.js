/* SPDX-License-Identifier: MIT */
/* The tree that acorn makes: parents, children in their order, and questions about nodes. */

var functionTypes = {
	FunctionDeclaration: true,
	FunctionExpression: true,
	ArrowFunctionExpression: true
};

var loopTypes = {
	ForStatement: true,
	ForInStatement: true,
	ForOfStatement: true,
	WhileStatement: true,
	DoWhileStatement: true
};

function isFunction(node) {
	return functionTypes[node.type] === true;
}

function isLoop(node) {
	return loopTypes[node.type] === true;
}

function isNode(value) {
	return value !== null && typeof value === "object" && typeof value.type === "string";
}

function byStart(a, b) {
	return a.start - b.start;
}

/* Most nodes are one of these. */
var leafTypes = {
	Identifier: true,
	Literal: true,
	ThisExpression: true,
	TemplateElement: true
};
var noChildren = [];

function isInOrder(nodes) {
	for (var i = 1; i < nodes.length; i++) {
		if (nodes[i].start < nodes[i - 1].start)
			return false;
	}
	return true;
}

function findChildren(node) {
	var children = [];
	var keys = Object.keys(node);
	var value;

	for (var i = 0; i < keys.length; i++) {
		value = node[keys[i]];
		if (keys[i] === "parent" || value === null || typeof value !== "object")
			continue;
		if (Array.isArray(value)) {
			for (var k = 0; k < value.length; k++) {
				if (isNode(value[k]))
					children.push(value[k]);
			}
		} else if (isNode(value) && children.indexOf(value) < 0) {
			children.push(value);
		}
	}
	return isInOrder(children) ? children : children.sort(byStart);
}

/* The child nodes in the order of the source; a shorthand property has its name once. */
function childrenOf(node) {
	if (!node.children)
		node.children = leafTypes[node.type] ? noChildren : findChildren(node);
	return node.children;
}

/* Calls visit(node) for a node and all below it, parents first; false: not below this one. */
function walk(node, visit) {
	var children;

	if (visit(node) === false)
		return;
	children = childrenOf(node);
	for (var i = 0; i < children.length; i++)
		walk(children[i], visit);
}

function contains(outer, inner) {
	return outer.start <= inner.start && inner.end <= outer.end;
}

/* Whether something below a node, but not in a function of its own, satisfies a test. */
function someDirect(node, test) {
	var found = false;

	walk(node, function (inner) {
		if (found || (inner !== node && isFunction(inner)))
			return false;
		if (test(inner))
			found = true;
		return !found;
	});
	return found;
}

/* Of an object literal. */
function isMethodProperty(node) {
	return node.type === "Property" && (node.method || node.kind !== "init");
}

/* {__proto__: value}, which sets the prototype. */
function isPrototype(node) {
	return node.type === "Property" && !node.computed && !node.shorthand && !isMethodProperty(node) &&
		(node.key.name || node.key.value) === "__proto__";
}

/* Static blocks and the values of class fields run as functions of their own. */
function isOwnCode(node) {
	return node.type === "StaticBlock" ||
		Boolean(node.parent && node.parent.type === "PropertyDefinition" &&
			node.parent.value === node);
}

/* The function, program or code of its own that a node stands in; arrow functions may be left out. */
function functionAround(node, skipArrows) {
	var at = node;

	while (at.parent && !isOwnCode(at) &&
	       (at === node || !isFunction(at) ||
		(skipArrows && at.type === "ArrowFunctionExpression")))
		at = at.parent;
	return at;
}

function hasStrictDirective(statements) {
	for (var i = 0; i < statements.length && statements[i].directive !== undefined; i++) {
		if (statements[i].directive === "use strict")
			return true;
	}
	return false;
}

/* Whether code at a node is strict already. */
function isStrict(node) {
	for (var at = node; at; at = at.parent) {
		if (at.type === "ClassBody")
			return true;
		if (at.type === "Program")
			return hasStrictDirective(at.body);
		if (isFunction(at) && at.body.type === "BlockStatement" && hasStrictDirective(at.body.body))
			return true;
	}
	return false;
}

/* The identifiers that a pattern binds or assigns, in their order. */
function namesOf(pattern) {
	var names = [];

	(function collect(node) {
		if (node === null)
			return;
		switch (node.type) {
		case "Identifier":
			names.push(node);
			break;
		case "AssignmentPattern":
			collect(node.left);
			break;
		case "RestElement":
			collect(node.argument);
			break;
		case "Property":
			collect(node.value);
			break;
		case "ArrayPattern":
			node.elements.forEach(collect);
			break;
		case "ObjectPattern":
			node.properties.forEach(collect);
			break;
		}
	})(pattern);
	return names;
}
