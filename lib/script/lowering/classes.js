/* SPDX-License-Identifier: MIT */
/*
 * Classes. __extmgr.makeClass(name, hasParent, parent, home => [constructor, flags, key, function,
 * ...]) makes one; home is an object that will know the class, for super.
 */

var STATIC = 1;
var GETTER = 2;
var SETTER = 4;

function findConstructor(node) {
	return node.body.body.filter(function (member) {
		return member.kind === "constructor";
	})[0];
}

/* The object that knows the class around super or new.target. */
function homeOf(node) {
	var at = node;

	while (at && at.type !== "ClassBody") {
		if (isMethodOf(at, "Property") && (at.parent.method || at.parent.kind !== "init"))
			refuse(node, "super in object literals");
		at = at.parent;
	}
	if (!at)
		refuse(node, "super outside of classes");
	return at.parent.home;
}

function methodAround(node) {
	while (node.type !== "MethodDefinition")
		node = node.parent;
	return node;
}

function isSuperCall(node) {
	return node.type === "CallExpression" && node.callee.type === "Super";
}

/* In a derived class: one super(...), as a statement of its own, before this is used. */
function checkDerived(method) {
	var isCalled = false;
	var own = null;

	method.value.body.body.forEach(function (statement) {
		if (statement.type === "ExpressionStatement" && isSuperCall(statement.expression) && !own)
			own = statement.expression;
	});
	walk(method.value, function (node) {
		if (node.type === "ClassBody" || (isFunction(node) && node !== method.value &&
						  node.type !== "ArrowFunctionExpression"))
			return false;
		if (isSuperCall(node) && (node !== own || isCalled))
			refuse(node, "super() that is not a statement of its own in the constructor");
		if (isSuperCall(node))
			isCalled = true;
		if (own && node.end > own.end)
			return true;
		if (node.type === "ThisExpression" || node.type === "ReturnStatement" ||
		    (node.type === "Super" && !isSuperCall(node.parent)))
			refuse(node, "constructors that do not call super() first");
		return true;
	});
	if (!isCalled)
		refuse(method, "constructors of derived classes without super()");
}

/* A parent that is not made by a constructor that can be called on an object that is there. */
var unfitParents = /^(Array|Map|Set|WeakMap|WeakSet|Promise|RegExp|Date|Function|Boolean|Number|String|Symbol|Object|Proxy|ArrayBuffer|DataView|Int8Array|Uint8Array|Uint8ClampedArray|Int16Array|Uint16Array|Int32Array|Uint32Array|Float32Array|Float64Array)$/;

function checkParent(node) {
	var parent = node.superClass;

	if (!parent)
		return;
	if (parent.type === "Literal")
		refuse(parent, "classes that extend null");
	if (parent.reference && !parent.reference.binding && unfitParents.test(parent.name))
		refuse(parent, "classes that extend the built-in " + parent.name);
}

function printConstructor(node, name) {
	var method = findConstructor(node);
	var check = ["__extmgr.checkNew(this, ", node.home, ");"];
	var parts;

	if (!method)
		return ["function ", name, "() {", check, node.superClass ?
			["__extmgr.construct(", node.home, ", this, arguments);"] : "", "}"];
	if (node.superClass)
		checkDerived(method);
	parts = printFunctionParts(method.value);
	return [piece(method.value.start, method.value.start), "function ", name, "(",
		parts.parameters, ') {"use strict";', check, parts.body, "}"];
}

function printMemberKey(method) {
	if (method.computed)
		return printArgument(method.key);
	if (method.key.type === "Identifier")
		return JSON.stringify(method.key.name);
	return piece(method.key.start, method.key.end);
}

function printMember(method) {
	var flags = (method["static"] ? STATIC : 0) | (method.kind === "get" ? GETTER : 0) |
		(method.kind === "set" ? SETTER : 0);

	return [String(flags), ", ", printMemberKey(method), ", function ",
		printMethod(method.value, true)];
}

/* ES2015 gives a class without a name that of what it is assigned to. */
function inferName(node) {
	var parent = node.parent;

	if (node.id)
		return node.id.name;
	if (parent.type === "VariableDeclarator" && parent.init === node && parent.id.name)
		return parent.id.name;
	if ((parent.type === "AssignmentExpression" || parent.type === "AssignmentPattern") &&
	    parent.right === node && parent.left.type === "Identifier")
		return parent.left.name;
	if (parent.type === "Property" && parent.value === node && !parent.computed)
		return parent.key.type === "Identifier" ? parent.key.name : String(parent.key.value);
	return "";
}

function printClass(node) {
	var members = node.body.body.filter(function (member) {
		return member.kind !== "constructor";
	});
	var parent;
	var parts;

	checkParent(node);
	parent = node.superClass ? printArgument(node.superClass) : "null";
	node.home = makeName();
	parts = inMadeFunction(function () {
		return [printConstructor(node, node.id ? node.id.name : "")]
			.concat(members.map(printMember));
	});
	return [piece(node.start, node.start), "__extmgr.makeClass(",
		JSON.stringify(inferName(node)), ", ", node.superClass ? "true" : "false", ", ", parent,
		", function (", node.home, ") {return [", joined(parts), "];})"];
}

printers.ClassDeclaration = function (node) {
	return [node.id.binding.isHoisted ? "" : "var ", nameOf(node.id), " = ", printClass(node), ";"];
};

/* The constructor is a named function: its name is that of the class inside. */
printers.ClassExpression = function (node) {
	var isNamed = node.id && node.scope.names[node.id.name].references.length > 0;

	if (!isNamed)
		return printClass(node);
	return ["(function () {var ", node.id.name, " = ", inMadeFunction(function () {
		return printClass(node);
	}), "; return ", node.id.name, ";})()"];
};

/* super.name and super[key] */
function printSuperMember(node) {
	var method = methodAround(node);
	var key = node.computed ? printArgument(node.property) : JSON.stringify(node.property.name);
	var parent = node.parent;

	if ((parent.type === "AssignmentExpression" && parent.left === node) ||
	    parent.type === "UpdateExpression" || (parent.type === "UnaryExpression" &&
						   parent.operator === "delete"))
		refuse(node, "assignments to properties of super");
	return helper("superGet", [homeOf(node), method["static"] ? "true" : "false", key,
				   printOwn("this")]);
}
