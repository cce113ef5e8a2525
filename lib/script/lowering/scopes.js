/* SPDX-License-Identifier: MIT */
/*
 * Scopes, bindings and references. A scope has its node, its parent, its names, and the scope of
 * the function it belongs to (fn). A binding knows its references; a reference knows its node, its
 * scope, its binding (null: global), and whether it writes.
 */

function Scope(node, parent, isFunctionScope) {
	this.node = node;
	this.parent = parent;
	this.names = Object.create(null);
	this.fn = isFunctionScope ? this : parent.fn;
	/* Of a function: the name that it gets, and whether that would hide another one in it. */
	this.ownName = null;
	this.hidesName = false;
}

function Analysis() {
	this.references = [];
	this.bindings = [];
	this.declarations = []; /* of var, let and const */
}

/* owner: the declarator, loop, class or function that gives the name its value. */
Analysis.prototype.declare = function (scope, id, kind, owner) {
	var binding = scope.names[id.name];

	if (!binding) {
		binding = { name: id.name, kind: kind, scope: scope, id: id, owner: owner,
			    references: [], isCaptured: false, isAssigned: false, isHoisted: false,
			    isRedeclared: false, isFunction: false, printed: id.name };
		scope.names[id.name] = binding;
		this.bindings.push(binding);
	} else if (kind !== "param") {
		binding.isRedeclared = true;
		binding.isFunction = binding.isFunction || owner.type === "FunctionDeclaration";
	}
	id.binding = binding;
};

/* catch (e) {var e = 1;} sets what was caught, not the variable. */
function checkCaught(id, scope, owner) {
	if (!owner.init && !isLoop(owner))
		return;
	for (; scope.fn !== scope; scope = scope.parent) {
		if (scope.names[id.name] && scope.names[id.name].kind === "catch")
			refuse(id, "values of 'var " + id.name + "' in a catch clause of that name");
	}
}

Analysis.prototype.refer = function (node, scope, isWrite) {
	var reference = { node: node, scope: scope, isWrite: isWrite, binding: null, isGuarded: false };

	node.reference = reference;
	this.references.push(reference);
};

/* The target of an assignment, or (kind given) what a declaration binds. */
Analysis.prototype.visitPattern = function (node, scope, kind, owner) {
	var self = this;

	if (node === null)
		return;
	switch (node.type) {
	case "Identifier":
		if (kind === "var")
			checkCaught(node, scope, owner);
		if (kind)
			this.declare(kind === "var" ? scope.fn : scope, node, kind, owner);
		else
			this.refer(node, scope, true);
		break;
	case "ArrayPattern":
		node.elements.forEach(function (element) {
			self.visitPattern(element, scope, kind, owner);
		});
		break;
	case "ObjectPattern":
		node.properties.forEach(function (property) {
			if (property.type === "RestElement") {
				self.visitPattern(property.argument, scope, kind, owner);
				return;
			}
			if (property.computed)
				self.visit(property.key, scope);
			self.visitPattern(property.value, scope, kind, owner);
		});
		break;
	case "AssignmentPattern":
		this.visitPattern(node.left, scope, kind, owner);
		this.visit(node.right, scope);
		break;
	case "RestElement":
		this.visitPattern(node.argument, scope, kind, owner);
		break;
	default:
		this.visit(node, scope);
	}
};

Analysis.prototype.visitAll = function (nodes, scope) {
	for (var i = 0; i < nodes.length; i++) {
		if (nodes[i])
			this.visit(nodes[i], scope);
	}
};

Analysis.prototype.visitFunction = function (node, scope) {
	var self = this;
	var outer = scope;
	var inner;

	if (node.type === "FunctionDeclaration")
		this.declare(scope, node.id, scope.fn === scope ? "var" : "function", node);
	if (node.type === "FunctionExpression" && node.id) {
		outer = new Scope(node, scope, false);
		this.declare(outer, node.id, "own", node);
	}
	inner = new Scope(node, outer, true);
	inner.ownName = node.id ? null : inferName(node);
	node.scope = inner;
	node.params.forEach(function (param) {
		self.visitPattern(param, inner, "param", node);
	});
	if (node.body.type === "BlockStatement") {
		node.body.scope = inner;
		this.visitAll(node.body.body, inner);
	} else {
		this.visit(node.body, inner);
	}
};

Analysis.prototype.visitClass = function (node, scope) {
	var inner = new Scope(node, scope, false);

	/* Inside of a declared class its name means the same: assignments to it are refused. */
	if (node.type === "ClassDeclaration")
		this.declare(scope, node.id, "class", node);
	else if (node.id)
		this.declare(inner, node.id, "own class", node);
	node.scope = inner;
	if (node.superClass)
		this.visit(node.superClass, inner);
	this.visit(node.body, inner);
};

Analysis.prototype.visitLoop = function (node, scope) {
	var inner = new Scope(node, scope, false);
	var declaration = node.left || node.init;

	node.scope = inner;
	if (declaration && declaration.type === "VariableDeclaration") {
		this.declarations.push(declaration);
		for (var i = 0; i < declaration.declarations.length; i++) {
			var declarator = declaration.declarations[i];

			this.visitPattern(declarator.id, inner, declaration.kind,
					  node.left ? node : declarator);
			if (declarator.init)
				this.visit(declarator.init, inner);
		}
	} else if (node.left) {
		this.visitPattern(node.left, inner);
	} else if (node.init) {
		this.visit(node.init, inner);
	}
	this.visitAll([node.test, node.update, node.right, node.body], inner);
};

Analysis.prototype.visitors = {
	Identifier: function (node, scope) {
		this.refer(node, scope, false);
	},
	MemberExpression: function (node, scope) {
		this.visit(node.object, scope);
		if (node.computed)
			this.visit(node.property, scope);
	},
	Property: function (node, scope) {
		if (node.computed)
			this.visit(node.key, scope);
		this.visit(node.value, scope);
	},
	MethodDefinition: function (node, scope) {
		if (node.computed)
			this.visit(node.key, scope);
		this.visit(node.value, scope);
	},
	PropertyDefinition: function (node, scope) {
		if (node.computed)
			this.visit(node.key, scope);
		node.scope = new Scope(node, scope, true);
		if (node.value)
			this.visit(node.value, node.scope);
	},
	StaticBlock: function (node, scope) {
		node.scope = new Scope(node, scope, true);
		this.visitAll(node.body, node.scope);
	},
	LabeledStatement: function (node, scope) {
		this.visit(node.body, scope);
	},
	BreakStatement: function () {},
	ContinueStatement: function () {},
	MetaProperty: function () {},
	AssignmentExpression: function (node, scope) {
		this.visitPattern(node.left, scope);
		this.visit(node.right, scope);
	},
	UpdateExpression: function (node, scope) {
		this.visitPattern(node.argument, scope);
	},
	VariableDeclaration: function (node, scope) {
		this.declarations.push(node);
		for (var i = 0; i < node.declarations.length; i++) {
			var declarator = node.declarations[i];

			this.visitPattern(declarator.id, scope, node.kind, declarator);
			if (declarator.init)
				this.visit(declarator.init, scope);
		}
	},
	BlockStatement: function (node, scope) {
		node.scope = new Scope(node, scope, false);
		this.visitAll(node.body, node.scope);
	},
	SwitchStatement: function (node, scope) {
		this.visit(node.discriminant, scope);
		node.scope = new Scope(node, scope, false);
		this.visitAll(node.cases, node.scope);
	},
	CatchClause: function (node, scope) {
		node.scope = new Scope(node, scope, false);
		if (node.param)
			this.visitPattern(node.param, node.scope,
					  node.param.type === "Identifier" ? "catch" : "let", node);
		this.visit(node.body, node.scope);
	},
	FunctionDeclaration: Analysis.prototype.visitFunction,
	FunctionExpression: Analysis.prototype.visitFunction,
	ArrowFunctionExpression: Analysis.prototype.visitFunction,
	ClassDeclaration: Analysis.prototype.visitClass,
	ClassExpression: Analysis.prototype.visitClass,
	ForStatement: Analysis.prototype.visitLoop,
	ForInStatement: Analysis.prototype.visitLoop,
	ForOfStatement: Analysis.prototype.visitLoop
};

Analysis.prototype.visit = function (node, scope) {
	var visitor = this.visitors[node.type];

	if (visitor)
		visitor.call(this, node, scope);
	else
		this.visitAll(childrenOf(node), scope);
};

Analysis.prototype.resolve = function () {
	this.references.forEach(function (reference) {
		for (var scope = reference.scope; scope; scope = scope.parent) {
			var binding = scope.names[reference.node.name];

			if (!binding) {
				if (scope.ownName === reference.node.name)
					scope.hidesName = true;
				continue;
			}
			reference.binding = binding;
			binding.references.push(reference);
			if (reference.scope.fn !== binding.scope.fn)
				binding.isCaptured = true;
			if (reference.isWrite)
				binding.isAssigned = true;
			return;
		}
		/* Not on Program: there it is a name like others. */
		if (reference.node.name === "arguments")
			functionAround(reference.node, true).usesArguments = true;
	});
};

function analyse(tree) {
	var analysis = new Analysis();
	var scope = new Scope(tree, null, true);

	tree.scope = scope;
	analysis.visitAll(tree.body, scope);
	analysis.resolve();
	return analysis;
}

/*
 * Names of blocks become variables of their function: those that another one has, too, anywhere,
 * get names of their own.
 */
function renameBlockNames(analysis, prefix) {
	var uses = Object.create(null);
	var count = 0;

	function use(name) {
		uses[name] = (uses[name] || 0) + 1;
	}

	analysis.bindings.forEach(function (binding) {
		use(binding.name);
	});
	analysis.references.forEach(function (reference) {
		if (!reference.binding)
			use(reference.node.name);
	});
	analysis.bindings.forEach(function (binding) {
		var isOfBlock = binding.scope.fn !== binding.scope &&
			/^(let|const|class|function|catch)$/.test(binding.kind);

		if (isOfBlock && uses[binding.name] > 1)
			binding.printed = binding.name + prefix + ++count;
	});
}

/* The name that an identifier is printed with. */
function nameOf(node) {
	var binding = node.reference ? node.reference.binding : node.binding;

	return binding ? binding.printed : node.name;
}
