/* SPDX-License-Identifier: MIT */
/* Object, Reflect, Error and Math. */

var ownKeysOf = Reflect.ownKeys;
var isEnumerable = Object.prototype.propertyIsEnumerable;
var assignNamed = Object.assign;

/* What a getter has taken away or hidden meanwhile is left out. */
function collectOwn(object, select) {
	var source = toObject(object);
	var keys = ownKeys(source);
	var result = [];

	for (var i = 0; i < keys.length; i++) {
		if (isEnumerable.call(source, keys[i]))
			result.push(select(keys[i], source[keys[i]]));
	}
	return result;
}

define(Object, {
	entries(object) {
		return collectOwn(object, function (key, value) {
			return [key, value];
		});
	},
	values(object) {
		return collectOwn(object, function (key, value) {
			return value;
		});
	},
	fromEntries(iterable) {
		var result = {};

		iterate(iterable, function (entry) {
			var key;

			if (!isObject(entry))
				throw new TypeError("iterator value is not an entry object");
			key = entry[0];
			setOwnValue(result, key, entry[1]);
		});
		return result;
	},
	getOwnPropertyDescriptors(object) {
		var source = toObject(object);
		var result = {};

		ownKeysOf(source).forEach(function (key) {
			setOwnValue(result, key, Object.getOwnPropertyDescriptor(source, key));
		});
		return result;
	},
	hasOwn(object, key) {
		return hasOwnProperty.call(toObject(object), key);
	}
});

/* The engine's own leaves symbols out. */
replace(Object, {
	assign(target) {
		var result = assignNamed(target);
		var source;
		var symbols;

		for (var i = 1; i < arguments.length; i++) {
			source = arguments[i];
			if (source === null || source === undefined_)
				continue;
			source = Object(source);
			assignNamed(result, source);
			symbols = Object.getOwnPropertySymbols(source);
			for (var k = 0; k < symbols.length; k++) {
				if (isEnumerable.call(source, symbols[k]))
					result[symbols[k]] = source[symbols[k]];
			}
		}
		return result;
	}
});
setLength(Object, "assign", 2);

/* The descriptor that a look-up of key finds, along the prototypes. */
function findDescriptor(object, key) {
	var descriptor;

	for (; object !== null; object = Object.getPrototypeOf(object)) {
		descriptor = Object.getOwnPropertyDescriptor(object, key);
		if (descriptor)
			return descriptor;
	}
	return undefined_;
}

/*
 * Duktape's Reflect refuses a receiver that is not the target; lowered `super.x` needs one.
 * Reflect.construct keeps refusing newTarget: lowered classes then fall back to what works.
 */
var reflectGet = Reflect.get;
var reflectSet = Reflect.set;

/* Sets a data property on the receiver itself. */
function setOwn(receiver, key, value) {
	var own;

	if (!isObject(receiver))
		return false;
	own = Object.getOwnPropertyDescriptor(receiver, key);
	if (!own) {
		return Reflect.defineProperty(receiver, key, {
			value: value,
			writable: true,
			enumerable: true,
			configurable: true
		});
	}
	return own.writable === true && Reflect.defineProperty(receiver, key, { value: value });
}

replace(Reflect, {
	get: setName({
		method(target, key, receiver) {
			var descriptor;

			if (arguments.length < 3 || receiver === target)
				return reflectGet(target, key);
			descriptor = findDescriptor(target, key);
			if (!descriptor)
				return undefined_;
			if (descriptor.get)
				return descriptor.get.call(receiver);
			return descriptor.value;
		}
	}.method, "get"),
	set: setName({
		method(target, key, value, receiver) {
			var descriptor;

			if (arguments.length < 4 || receiver === target)
				return reflectSet(target, key, value);
			descriptor = findDescriptor(target, key);
			if (descriptor && (descriptor.get || descriptor.set)) {
				if (!descriptor.set)
					return false;
				descriptor.set.call(receiver, value);
				return true;
			}
			if (descriptor && !descriptor.writable)
				return false;
			return setOwn(receiver, key, value);
		}
	}.method, "set")
});
setLength(Reflect, "get", 2);
setLength(Reflect, "set", 3);

/* Not of the standard, but classes of errors call it. */
define(Error, {
	captureStackTrace(target) {
		if (typeof target.stack !== "string")
			defineHidden(target, "stack", String(target));
	}
});

setLength(Error, "captureStackTrace", 2);

define(Math, {
	fround(number) {
		return new Float32Array([number])[0];
	}
});
