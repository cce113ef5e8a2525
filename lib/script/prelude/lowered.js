/* SPDX-License-Identifier: MIT */
/* What lowered code calls: __extmgr.name(...); see ../lowering. */

var construct = Reflect.construct;
var getPrototypeOf = Object.getPrototypeOf;

/* The value of what may not be used yet. */
var early = { toString: function () { return "[uninitialized]"; } };

/* Own enumerable properties, with symbols, but for those in left. */
function copyProperties(target, source, left) {
	var keys;

	if (source === null || source === undefined_)
		return target;
	source = Object(source);
	keys = ownKeysOf(source);
	for (var i = 0; i < keys.length; i++) {
		if (left.indexOf(keys[i]) < 0 && isEnumerable.call(source, keys[i]))
			setOwnValue(target, keys[i], source[keys[i]]);
	}
	return target;
}

/* They only work on objects that they have made themselves. */
var unfitParents = [
	Array, ArrayBuffer, Boolean, DataView, global.Function, Number, Promise, Proxy, RegExp, String,
	Symbol, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
	Float32Array, Float64Array
];

var collections = [global.Map, global.WeakMap, global.Set, global.WeakSet];
/* They make an object of their own in any case: it gets the prototype of the subclass. */
var makers = [
	Date, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError
].concat(collections);

function checkParent(parent) {
	if (typeof parent !== "function")
		throw new TypeError("class extends a value that is no constructor");
	if (unfitParents.indexOf(parent) >= 0)
		throw new TypeError("classes cannot extend the built-in " + parent.name + " here");
	if (!isObject(parent.prototype))
		throw new TypeError("class extends a value whose prototype is no object");
}

function nameOfKey(key) {
	if (typeof key !== "symbol")
		return String(key);
	return key.description === undefined_ ? "" : "[" + key.description + "]";
}

var STATIC_MEMBER = 1;
var GETTER_MEMBER = 2;
var SETTER_MEMBER = 4;
var FIELD = 8;
var BLOCK = 16;

function defineMember(object, flags, key, member) {
	var descriptor = { enumerable: false, configurable: true };

	lowered.named(member, key, flags & GETTER_MEMBER ? "get " : flags & SETTER_MEMBER ? "set " : "");
	if (flags & GETTER_MEMBER) {
		descriptor.get = member;
	} else if (flags & SETTER_MEMBER) {
		descriptor.set = member;
	} else {
		descriptor.value = member;
		descriptor.writable = true;
	}
	defineProperty(object, key, descriptor);
}

/* A field with its value, or what a static block does. */
function runField(object, flags, key, initial) {
	var value = initial ? apply(initial, object, [key]) : undefined_;

	if (!(flags & BLOCK))
		setOwnValue(object, key, value);
}

/* The object that super() gives to the constructor it calls. */
var inheriting = early;

function callParent(parent, self, args) {
	var kind = collections.indexOf(parent);
	var made;

	if (parent === Object)
		return self;
	if (makers.indexOf(parent) < 0)
		return apply(requireFunction(parent), self, args);
	made = construct(parent, kind < 0 ? args : []);
	Object.setPrototypeOf(made, getPrototypeOf(self));
	/* By the methods of the subclass. */
	if (kind >= 0 && args[0] !== undefined_ && args[0] !== null)
		fill(made, args[0], kind < 2);
	return made;
}

var lowered = {
	early: early,
	ready: function (value, name) {
		if (value === early)
			throw new ReferenceError("Cannot access '" + name + "' before initialization");
		return value;
	},
	/* The value for an assignment to what may not be assigned yet. */
	late: function (value, current, name) {
		lowered.ready(current, name);
		return value;
	},
	walk: walkThrough,
	/* An array with at least the first count (negative: all) values of an iterable. */
	take: function (iterable, count) {
		var values = [];
		var walker;

		if (isPlainArray(iterable))
			return iterable;
		walker = walkThrough(iterable);
		while (values.length !== count && walker.step())
			values.push(walker.value);
		walker.close();
		return values;
	},
	tail: function (array, from) {
		var values = [];

		for (var i = from; i < array.length; i++)
			values.push(array[i]);
		return values;
	},
	generator: makeGeneratorFunction,
	asynchronous: makeAsyncFunction,
	begin: wait,
	"yield": function (value) {
		return wait({ value: value, done: false });
	},
	"await": wait,
	delegate: delegate,
	/* Of a catch clause in a generator. */
	caught: function (error) {
		if (isReturn(error))
			throw error;
	},
	object: toObject,
	key: function (value) {
		return typeof value === "symbol" ? value : String(value);
	},
	named: function (made, key, prefix) {
		return setName(made, (prefix || "") + nameOfKey(key));
	},
	rest: function (source, taken) {
		return copyProperties({}, source, taken);
	},
	args: function (args, from) {
		return slice.call(args, from);
	},
	text: toText,
	template: function (cooked, raw) {
		defineProperty(cooked, "raw", { value: Object.freeze(raw) });
		return Object.freeze(cooked);
	},
	append: function (array, elements) {
		var length = array.length;

		for (var i = 0; i < elements.length; i++) {
			if (i in elements)
				array[length + i] = elements[i];
		}
		array.length = length + elements.length;
		return array;
	},
	extend: function (array, iterable) {
		var walker = walkThrough(iterable);

		while (walker.step())
			array.push(walker.value);
		return array;
	},
	call: function (method, receiver, args) {
		return apply(requireFunction(method), receiver, args);
	},
	create: function (constructor, args) {
		return construct(requireFunction(constructor), args);
	},
	/* {...target, literal}: accessors stay what they are; a getter keeps its setter. */
	define: function (target, literal) {
		ownKeysOf(literal).forEach(function (key) {
			var descriptor = Object.getOwnPropertyDescriptor(literal, key);

			if (descriptor.set && !descriptor.get)
				delete descriptor.get;
			if (descriptor.get && !descriptor.set)
				delete descriptor.set;
			defineProperty(target, key, descriptor);
		});
		return target;
	},
	spread: function (target, source) {
		return copyProperties(target || {}, source, []);
	},
	makeClass: function (name, hasParent, parent, make) {
		var home = { constructor: null, fields: [] };
		var parts;
		var constructor;
		var prototype;
		var i;

		if (hasParent)
			checkParent(parent);
		parts = make(home);
		constructor = parts[0];
		prototype = constructor.prototype;
		home.constructor = constructor;
		if (hasParent) {
			prototype = Object.create(parent.prototype);
			defineHidden(prototype, "constructor", constructor);
			Object.setPrototypeOf(constructor, parent);
		}
		defineProperty(constructor, "prototype", { value: prototype, writable: false });
		setName(constructor, name);
		for (i = 1; i < parts.length; i += 3) {
			if (!(parts[i] & (FIELD | BLOCK)))
				defineMember(parts[i] & STATIC_MEMBER ? constructor : prototype,
					     parts[i], parts[i + 1], parts[i + 2]);
			else if (!(parts[i] & STATIC_MEMBER))
				home.fields.push(parts[i + 1], parts[i + 2]);
		}
		for (i = 1; i < parts.length; i += 3) {
			if (parts[i] & (FIELD | BLOCK) && parts[i] & STATIC_MEMBER)
				runField(constructor, parts[i], parts[i + 1], parts[i + 2]);
		}
		return constructor;
	},
	/* The fields of an instance. */
	initialize: function (home, self) {
		for (var i = 0; i < home.fields.length; i += 2)
			runField(self, FIELD, home.fields[i], home.fields[i + 1]);
	},
	/* A class is called by new, or by super() of a derived one. */
	checkNew: function (self, target, home) {
		var isInherited = self === inheriting;

		inheriting = early;
		if (target === undefined_ && !isInherited)
			throw new TypeError("Class constructor " + home.constructor.name +
					    " cannot be invoked without 'new'");
	},
	/* super(...): what this is from now on. */
	construct: function (home, self, args, earlier) {
		var result;

		inheriting = self;
		result = callParent(getPrototypeOf(home.constructor), self, args);
		inheriting = early;
		if (earlier !== early)
			throw new ReferenceError("Super constructor may only be called once");
		if (!isObject(result))
			result = self;
		lowered.initialize(home, result);
		return result;
	},
	/* this in the constructor of a derived class */
	self: function (self) {
		if (self === early)
			throw new ReferenceError("Must call super constructor in derived class before " +
						 "accessing 'this' or returning from derived constructor");
		return self;
	},
	/* What the constructor of a derived class returns. */
	result: function (value, self) {
		if (isObject(value))
			return value;
		if (value !== undefined_)
			throw new TypeError("Derived constructors may only return object or undefined");
		return lowered.self(self);
	},
	superGet: function (home, key, receiver) {
		return Reflect.get(getPrototypeOf(home), key, receiver);
	},
	superSet: function (home, key, receiver, value) {
		if (!Reflect.set(getPrototypeOf(home), key, value, receiver))
			throw new TypeError("cannot assign to property " + nameOfKey(key));
		return value;
	},
	/* {__proto__: value} */
	prototype: function (target, value) {
		if (isObject(value) || value === null)
			Object.setPrototypeOf(target, value);
		return target;
	},
	/* {get [key]() {}} */
	accessor: function (target, isGetter, key, member) {
		var descriptor = { enumerable: true, configurable: true };

		descriptor[isGetter ? "get" : "set"] = lowered.named(member, key, isGetter ? "get " : "set ");
		defineProperty(target, key, descriptor);
		return target;
	},
	/* new.target in a constructor */
	target: function (self) {
		return getPrototypeOf(self).constructor;
	}
};
