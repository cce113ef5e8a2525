/* SPDX-License-Identifier: MIT */
/* Array. */

var arrayPrototype = Array.prototype;
var slice = arrayPrototype.slice;

/* Index of the first match from either end, or -1. */
function findIndex(array, predicate, receiver, forward) {
	var length = toLength(array.length);
	var index;

	requireFunction(predicate);
	for (var i = 0; i < length; i++) {
		index = forward ? i : length - 1 - i;
		if (predicate.call(receiver, array[index], index, array))
			return index;
	}
	return -1;
}

function flattenInto(target, array, depth) {
	var length = toLength(array.length);

	for (var i = 0; i < length; i++) {
		if (!(i in array))
			continue;
		if (depth > 0 && Array.isArray(array[i]))
			flattenInto(target, array[i], depth - 1);
		else
			target.push(array[i]);
	}
	return target;
}

define(arrayPrototype, {
	entries: function entries() {
		return makeArrayIterator(this, ENTRIES);
	},
	keys: function keys() {
		return makeArrayIterator(this, KEYS);
	},
	values: function values() {
		return makeArrayIterator(this, VALUES);
	},
	find: function find(predicate, receiver) {
		var index = findIndex(toObject(this), predicate, receiver, true);

		return index < 0 ? undefined_ : this[index];
	},
	findIndex: function (predicate, receiver) {
		return findIndex(toObject(this), predicate, receiver, true);
	},
	findLast: function findLast(predicate, receiver) {
		var index = findIndex(toObject(this), predicate, receiver, false);

		return index < 0 ? undefined_ : this[index];
	},
	findLastIndex: function findLastIndex(predicate, receiver) {
		return findIndex(toObject(this), predicate, receiver, false);
	},
	includes: function includes(value, from) {
		var length = toLength(this.length);

		for (var i = toPosition(from, length, 0); i < length; i++) {
			if (isSameValueZero(this[i], value))
				return true;
		}
		return false;
	},
	fill: function fill(value, from, to) {
		var length = toLength(this.length);
		var end = toPosition(to, length, length);

		for (var i = toPosition(from, length, 0); i < end; i++)
			this[i] = value;
		return this;
	},
	copyWithin: function copyWithin(target, from, to) {
		var length = toLength(this.length);
		var start = toPosition(from, length, 0);
		var copied = slice.call(this, start, toPosition(to, length, length));
		var position = toPosition(target, length, 0);

		for (var i = 0; i < copied.length && position + i < length; i++) {
			if (i in copied)
				this[position + i] = copied[i];
			else
				delete this[position + i];
		}
		return this;
	},
	flat: function flat(depth) {
		return flattenInto([], this, depth === undefined_ ? 1 : toInteger(depth));
	},
	flatMap: function flatMap(callback, receiver) {
		requireFunction(callback);
		return flattenInto([], arrayPrototype.map.call(this, callback, receiver), 1);
	},
	at: function at(index) {
		var position = toInteger(index);

		return this[position < 0 ? toLength(this.length) + position : position];
	}
});

setLength(arrayPrototype, "flat", 0);
["fill", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "includes"].forEach(function (name) {
	setLength(arrayPrototype, name, 1);
});
setLength(arrayPrototype, "copyWithin", 2);

if (!arrayPrototype[iteratorSymbol])
	defineHidden(arrayPrototype, iteratorSymbol, arrayPrototype.values);

[
	Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
	Float32Array, Float64Array
].forEach(function (constructor) {
	if (!constructor.prototype[iteratorSymbol])
		defineHidden(constructor.prototype, iteratorSymbol, arrayPrototype.values);
});

/* A new array, or what another constructor makes of its arguments: a length, or none. */
function makeArrayFor(constructor, args) {
	return typeof constructor === "function" && constructor !== Array ?
		Reflect.construct(constructor, args) : [];
}

define(Array, {
	from: function from(source, mapping, receiver) {
		var result;
		var count = 0;

		function add(value) {
			result[count] = mapping ? mapping.call(receiver, value, count) : value;
			count++;
		}

		if (mapping !== undefined_)
			requireFunction(mapping);
		if (source === null || source === undefined_)
			throw new TypeError(String(source) + " is not iterable");
		if (source[iteratorSymbol]) {
			result = makeArrayFor(this, []);
			iterate(source, add);
		} else {
			result = makeArrayFor(this, [toLength(source.length)]);
			for (var i = 0, length = toLength(source.length); i < length; i++)
				add(source[i]);
		}
		result.length = count;
		return result;
	},
	of: function of() {
		var result = makeArrayFor(this, [arguments.length]);

		for (var i = 0; i < arguments.length; i++)
			result[i] = arguments[i];
		result.length = arguments.length;
		return result;
	}
});

setLength(Array, "from", 1);
