/* SPDX-License-Identifier: MIT */
/*
 * Classes. __extmgr.makeClass(name, hasParent, parent, home => [constructor, flags, key, function,
 * ...]) makes one; home is an object that will know the class, for super. All of it is strict code.
 *
 * In the constructor of a derived class this is a variable, its self, that super() sets.
 */

var STATIC = 1;
var GETTER = 2;
var SETTER = 4;
var FIELD = 8;
var BLOCK = 16;

function findConstructor(node) {
	return node.body.body.filter(function (member) {
		return member.kind === "constructor";
	})[0];
}

/* The member of a class, or the method of an object literal, that super stands in; not in its key. */
function memberAround(node) {
	var inner = node;
	var at = node.parent;

	while (at.type !== "StaticBlock" &&
	       !(at.value === inner && (isMethodProperty(at) || at.type === "MethodDefinition" ||
					at.type === "PropertyDefinition"))) {
		inner = at;
		at = at.parent;
	}
	return at;
}

/* The object whose prototype super is. */
function homeOf(node) {
	var member = memberAround(node);

	if (member.type === "Property")
		return member.parent.home;
	return member.parent.parent.home + (member["static"] || member.type === "StaticBlock" ?
		".constructor" : ".constructor.prototype");
}

function isSuperCall(node) {
	return node.type === "CallExpression" && node.callee.type === "Super";
}

/*
 * Whether all code that uses this runs behind super(): a statement of its own in the body, with no
 * use before it. Else each use is checked when it happens.
 */
function callsSuperFirst(method) {
	var isFirst = true;
	var own = method.value.body.body.filter(function (statement) {
		return statement.type === "ExpressionStatement" && isSuperCall(statement.expression);
	})[0];

	if (!own)
		return false;
	walk(method.value, function (node) {
		if (node.start >= own.end || node.type === "ClassBody")
			return false;
		if (node.type === "ThisExpression" || node.type === "ReturnStatement" ||
		    (node.type === "Super" && node.parent !== own.expression))
			isFirst = false;
		return true;
	});
	return isFirst;
}

/* The constructor of the derived class whose this it is here; null in all other functions. */
function derivedAround() {
	var owner = currentFunction;

	while (owner.isArrow)
		owner = owner.outer;
	return owner.derived;
}

function printSelf(derived) {
	return derived.isChecked ? helper("self", [derived.self]) : derived.self;
}

function printThis() {
	var derived = derivedAround();

	return derived ? printSelf(derived) : printOwn("this");
}

function printSuperCall(node) {
	var derived = derivedAround();

	return ["(", derived.self, " = ",
		helper("construct", [derived.home, printOwn("this"), printElements(node.arguments),
				     derived.self]), ")"];
}

/* What return answers in a function; value: null when it has none. */
function printReturned(node) {
	var derived = functionAround(node, false).derived;

	if (!derived)
		return node.argument ? printOperand(node.argument) : null;
	return node.argument ?
		helper("result", [printArgument(node.argument), derived.self]) : printSelf(derived);
}

/* A parent that is not made by a constructor that can be called on an object that is there. */
var unfitParents = /^(Array|Promise|RegExp|Function|Boolean|Number|String|Symbol|Proxy|ArrayBuffer|DataView|Int8Array|Uint8Array|Uint8ClampedArray|Int16Array|Uint16Array|Int32Array|Uint32Array|Float32Array|Float64Array)$/;

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
	var begin = ["__extmgr.checkNew(this, new.target, ", node.home, ");", !node.superClass && hasFields(node) ?
		[helper("initialize", [node.home, "this"]), ";"] : ""];
	var derived = null;
	var parts;

	if (!method)
		return ["function ", name, "() {", begin, node.superClass ? ["return ",
			helper("construct", [node.home, "this", "arguments", "__extmgr.early"]), ";"] : "",
			"}"];
	if (node.superClass)
		derived = { home: node.home, self: makeName(), isChecked: !callsSuperFirst(method) };
	method.value.derived = derived;
	parts = printFunctionParts(method.value);
	return [piece(method.value.start, method.value.start), "function ", name, "(",
		parts.parameters, ") {", begin,
		derived ? ["var ", derived.self, " = __extmgr.early;"] : "", parts.body,
		derived ? ["\nreturn ", printSelf(derived), ";"] : "", "}"];
}

function hasFields(node) {
	return node.body.body.some(function (member) {
		return member.type === "PropertyDefinition" && !member["static"];
	});
}

function printMemberKey(method) {
	if (method.computed)
		return helper("key", [printArgument(method.key)]);
	return printKeyName(method);
}

/* A function of the key, which may be the name of what the value is. */
function printInitialValue(field) {
	var value = field.value;
	var key = makeName();
	var isNamed = field.computed && isFunction(value) && !value.id;

	return ["function (", key, ") {", printFunctionBody(value.start, value.start, [], field.scope,
							    function () {
		return ["return ", isNamed ? helper("named", [print(value), key]) : printArgument(value), ";"];
	}), "}"];
}

function printStaticBlock(node) {
	var body = node.body;

	if (body.length === 0)
		return "function () {}";
	return ["function () {", printFunctionBody(body[0].start, body[body.length - 1].end, body,
						   node.scope, function () {
		return [];
	}), "}"];
}

function printMember(member) {
	var flags = (member["static"] ? STATIC : 0) | (member.kind === "get" ? GETTER : 0) |
		(member.kind === "set" ? SETTER : 0);
	var method;

	if (member.type === "StaticBlock")
		return [String(STATIC | BLOCK), ", null, ", printStaticBlock(member)];
	if (member.type === "PropertyDefinition")
		return [String(flags | FIELD), ", ", printMemberKey(member), ", ",
			member.value ? printInitialValue(member) : "null"];
	method = ["function ", printMethod(member.value)];
	return [String(flags), ", ", printMemberKey(member), ", ",
		isCoroutine(member.value) ? printCoroutine(member.value, method) : method];
}

/* ES2015 gives a class or function without a name that of what it is assigned to. */
function inferName(node) {
	var parent = node.parent;

	if (node.id)
		return node.id.name;
	if (parent.type === "VariableDeclarator" && parent.init === node && parent.id.name)
		return parent.id.name;
	if (((parent.type === "AssignmentExpression" && /^(\|\||&&|\?\?)?=$/.test(parent.operator)) ||
	     parent.type === "AssignmentPattern") &&
	    parent.right === node && parent.left.type === "Identifier")
		return parent.left.name;
	if ((parent.type === "Property" || parent.type === "PropertyDefinition") &&
	    parent.value === node && !parent.computed)
		return parent.key.type === "Identifier" ? parent.key.name : String(parent.key.value);
	return "";
}

/* Whether a name is that of a class, in its static parts: they run before a variable has the class. */
function classOfStatic(node) {
	var binding = node.reference && node.reference.binding;

	if (!binding || !/class$/.test(binding.kind))
		return null;
	return binding.owner.body.body.some(function (member) {
		return (member.type === "StaticBlock" ||
			(member.type === "PropertyDefinition" && member["static"])) &&
			contains(member, node);
	}) ? binding.owner : null;
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
		", function (", node.home, ') {"use strict";return [', joined(parts), "];})"];
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
	var parent = node.parent;

	if (parent.type === "UpdateExpression" || (parent.type === "UnaryExpression" &&
						   parent.operator === "delete"))
		refuse(node, "assignments to properties of super");
	return helper("superGet", [homeOf(node), printSuperKey(node), printThis()]);
}

function printSuperKey(node) {
	return node.computed ? printArgument(node.property) : JSON.stringify(node.property.name);
}

function printSuperAssignment(node) {
	return helper("superSet", [homeOf(node.left), printSuperKey(node.left), printThis(),
				   printArgument(node.right)]);
}
