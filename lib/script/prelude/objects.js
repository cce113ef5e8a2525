/* SPDX-License-Identifier: MIT */
/* Object, Reflect, Error and Math. */

define(Object, {
	entries: function entries(object) {
		return ownKeys(object).map(function (key) {
			return [key, object[key]];
		});
	},
	values: function values(object) {
		return ownKeys(object).map(function (key) {
			return object[key];
		});
	},
	fromEntries: function fromEntries(iterable) {
		var result = {};

		iterate(iterable, function (entry) {
			if (!isObject(entry))
				throw new TypeError("iterator value is not an entry object");
			defineProperty(result, entry[0], {
				value: entry[1],
				writable: true,
				enumerable: true,
				configurable: true
			});
		});
		return result;
	},
	getOwnPropertyDescriptors: function getOwnPropertyDescriptors(object) {
		var result = {};

		Reflect.ownKeys(toObject(object)).forEach(function (key) {
			result[key] = Object.getOwnPropertyDescriptor(object, key);
		});
		return result;
	},
	hasOwn: function hasOwn(object, key) {
		return hasOwnProperty.call(object, key);
	}
});

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

defineHidden(Reflect, "get", function get(target, key, receiver) {
	var descriptor;

	if (arguments.length < 3 || receiver === target)
		return reflectGet(target, key);
	descriptor = findDescriptor(target, key);
	if (!descriptor)
		return undefined_;
	if (descriptor.get)
		return descriptor.get.call(receiver);
	return descriptor.value;
});

/* Sets a data property on the receiver itself. */
function setOwn(receiver, key, value) {
	var own = Object.getOwnPropertyDescriptor(receiver, key);

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

defineHidden(Reflect, "set", function set(target, key, value, receiver) {
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
});

/* Not of the standard, but classes of errors call it. */
define(Error, {
	captureStackTrace: function captureStackTrace(target) {
		if (typeof target.stack !== "string")
			defineHidden(target, "stack", String(target));
	}
});

setLength(Error, "captureStackTrace", 2);

define(Math, {
	fround: function fround(number) {
		return new Float32Array([number])[0];
	}
});
