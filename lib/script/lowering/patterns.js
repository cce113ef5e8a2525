/* SPDX-License-Identifier: MIT */
/* Destructuring becomes a list of single bindings, in the order in which they happen. */

/* Collects "target = value"; temporary values are declared beside the others or of their own. */
function BindingList(isDeclaration) {
	this.isDeclaration = isDeclaration;
	this.items = [];
}

BindingList.prototype.keep = function (value) {
	var name;

	if (typeof value === "string")
		return value;
	name = this.isDeclaration ? makeName() : makeTemporary();
	this.items.push([name, " = ", value]);
	return name;
};

BindingList.prototype.bind = function (target, value) {
	if (target.type === "MemberExpression" && target.object.type === "Super")
		refuse(target, "assignments to properties of super");
	if (this.isDeclaration || target.type !== "Identifier")
		this.items.push([print(target), " = ", value]);
	else
		this.items.push(printSimpleAssignment(target, value));
};

/* To a name, which may be too early. */
function printSimpleAssignment(target, value) {
	if (target.reference && target.reference.isGuarded)
		return [nameOf(target), " = ",
			helper("late", [value, nameOf(target), JSON.stringify(target.name)])];
	return [print(target), " = ", value];
}

function printKey(property) {
	if (!property.computed && property.key.type === "Identifier")
		return [".", property.key.name];
	return ["[", print(property.key), "]"];
}

/* The name of a property as a value, for those that a rest leaves out. */
function printKeyName(property) {
	if (property.key.type === "Identifier")
		return JSON.stringify(property.key.name);
	return JSON.stringify(String(property.key.value));
}

function bindObject(pattern, value, list) {
	var properties = pattern.properties;
	var last = properties[properties.length - 1];
	var hasRest = properties.length > 0 && last.type === "RestElement";
	var taken = [];
	var isChecked = properties.length > 0 && !hasRest && !properties[0].computed;
	var from = isChecked ? value : helper("object", [value]);

	if (properties.length !== 1 || hasRest)
		from = list.keep(from);
	if (properties.length === 0)
		return;
	properties.forEach(function (property) {
		var key;

		if (property.type === "RestElement") {
			bindPattern(property.argument,
				    helper("rest", [from, ["[", joined(taken), "]"]]), list);
		} else if (hasRest && property.computed) {
			key = list.keep(helper("key", [printArgument(property.key)]));
			taken.push(key);
			bindPattern(property.value, [from, "[", key, "]"], list);
		} else {
			taken.push(property.computed ? "" : printKeyName(property));
			bindPattern(property.value,
				    [typeof from === "string" ? from : ["(", from, ")"],
				     printKey(property)], list);
		}
	});
}

function bindArray(pattern, value, list) {
	var elements = pattern.elements;
	var last = elements[elements.length - 1];
	var hasRest = elements.length > 0 && last !== null && last.type === "RestElement";
	var from = list.keep(helper("take", [value, hasRest ? "-1" : String(elements.length)]));

	elements.forEach(function (element, i) {
		if (element === null)
			return;
		if (element.type === "RestElement")
			bindPattern(element.argument, helper("tail", [from, String(i)]), list);
		else
			bindPattern(element, [from, "[", String(i), "]"], list);
	});
}

/* value: a name, or what is printed once. */
function bindPattern(pattern, value, list) {
	var name;

	switch (pattern.type) {
	case "AssignmentPattern":
		name = list.keep(value);
		bindPattern(pattern.left, ["(", name, " === void 0 ? ", printArgument(pattern.right),
					   " : ", name, ")"], list);
		break;
	case "ObjectPattern":
		bindObject(pattern, value, list);
		break;
	case "ArrayPattern":
		bindArray(pattern, value, list);
		break;
	default:
		list.bind(pattern, value);
	}
}

/* Whether the names of a pattern were declared at the top of their block or function. */
function isDeclaredAbove(pattern) {
	var names = namesOf(pattern);

	return names.some(function (name) {
		return name.binding && name.binding.isHoisted;
	});
}

function bindAll(pattern, value) {
	var list = new BindingList(!isDeclaredAbove(pattern));

	bindPattern(pattern, value, list);
	return list;
}

/* "var a = ..., b = ...", without a semicolon. */
function printDeclaration(pattern, value) {
	var list = bindAll(pattern, value);

	return list.isDeclaration ? ["var ", joined(list.items)] : joined(list.items);
}

/* let without a value has none again whenever its block is entered. */
function isEmptied(kind, binding) {
	return kind !== "var" && (binding.isHoisted || binding.scope.fn !== binding.scope);
}

/* A declarator as items of a list; none for a var that has no value. */
function printDeclarator(kind, declarator) {
	if (declarator.id.type !== "Identifier")
		return bindAll(declarator.id, ["(", print(declarator.init), ")"]).items;
	if (!declarator.init && isEmptied(kind, declarator.id.binding))
		return [[nameOf(declarator.id), " = void 0"]];
	if (!isDeclaredAbove(declarator.id))
		return [copy(declarator)];
	return declarator.init ? [[nameOf(declarator.id), " = ", printArgument(declarator.init)]] : [];
}

/* Without a semicolon; "" when nothing is left. */
function printVariables(node) {
	var isAbove = node.declarations.some(function (declarator) {
		return isDeclaredAbove(declarator.id);
	});
	var items = [];

	node.declarations.forEach(function (declarator) {
		items = items.concat(printDeclarator(node.kind, declarator));
	});
	if (items.length === 0)
		return "";
	return isAbove ? joined(items) : ["var ", joined(items)];
}

printers.VariableDeclaration = function (node) {
	return [printVariables(node), ";"];
};

/* [x[0], x[1]] = x: what is read later may have been written before. */
function checkTargets(node) {
	if (node.right.type === "ArrayExpression")
		return;
	(function check(pattern) {
		if (pattern === null)
			return;
		if (pattern.type === "ArrayPattern" && pattern.elements.some(function (element) {
			return element !== null && element.type === "MemberExpression";
		}))
			refuse(pattern, "properties as targets in an array pattern");
		childrenOf(pattern).forEach(check);
	})(node.left);
}

function printPatternAssignment(node) {
	var list = new BindingList(false);
	var value = makeTemporary();

	checkTargets(node);
	bindPattern(node.left, value, list);
	return ["(", value, " = ", printArgument(node.right), ", ", joined(list.items),
		list.items.length > 0 ? ", " : "", value, ")"];
}
