/* SPDX-License-Identifier: MIT */
/* Array. */

var arrayPrototype = Array.prototype;
var slice = arrayPrototype.slice;

/* [index, value] of the first match from either end; [-1, undefined] when there is none. */
function findElement(receiver, predicate, predicateThis, forward) {
	var array = toObject(receiver);
	var length = toLength(array.length);
	var index;
	var value;

	requireFunction(predicate);
	for (var i = 0; i < length; i++) {
		index = forward ? i : length - 1 - i;
		value = array[index];
		if (predicate.call(predicateThis, value, index, array))
			return [index, value];
	}
	return [-1, undefined_];
}

function flattenInto(target, array, depth) {
	var length = toLength(array.length);
	var value;

	for (var i = 0; i < length; i++) {
		if (!(i in array))
			continue;
		value = array[i];
		if (depth > 0 && Array.isArray(value))
			flattenInto(target, value, depth - 1);
		else
			target.push(value);
	}
	return target;
}

define(arrayPrototype, {
	entries() {
		return makeArrayIterator(this, ENTRIES);
	},
	keys() {
		return makeArrayIterator(this, KEYS);
	},
	values() {
		return makeArrayIterator(this, VALUES);
	},
	find(predicate, receiver) {
		return findElement(this, predicate, receiver, true)[1];
	},
	findIndex(predicate, receiver) {
		return findElement(this, predicate, receiver, true)[0];
	},
	findLast(predicate, receiver) {
		return findElement(this, predicate, receiver, false)[1];
	},
	findLastIndex(predicate, receiver) {
		return findElement(this, predicate, receiver, false)[0];
	},
	includes(value, from) {
		var array = toObject(this);
		var length = toLength(array.length);

		if (length === 0)
			return false;
		for (var i = toPosition(from, length, 0); i < length; i++) {
			if (isSameValueZero(array[i], value))
				return true;
		}
		return false;
	},
	fill(value, from, to) {
		var array = toObject(this);
		var length = toLength(array.length);
		var start = toPosition(from, length, 0);
		var end = toPosition(to, length, length);

		for (var i = start; i < end; i++)
			array[i] = value;
		return array;
	},
	copyWithin(target, from, to) {
		var array = toObject(this);
		var length = toLength(array.length);
		var position = toPosition(target, length, 0);
		var start = toPosition(from, length, 0);
		var count = Math.min(toPosition(to, length, length) - start, length - position);
		/* Backwards where source and target overlap so. */
		var step = start < position && position < start + count ? -1 : 1;
		var i = step < 0 ? count - 1 : 0;

		for (; count > 0; count--, i += step) {
			if (start + i in array)
				array[position + i] = array[start + i];
			else
				delete array[position + i];
		}
		return array;
	},
	flat(depth) {
		var array = toObject(this);

		return flattenInto([], array, depth === undefined_ ? 1 : toInteger(depth));
	},
	flatMap(callback, receiver) {
		requireFunction(callback);
		return flattenInto([], arrayPrototype.map.call(this, callback, receiver), 1);
	},
	at(index) {
		var array = toObject(this);
		var length = toLength(array.length);
		var position = toInteger(index);

		return array[position < 0 ? length + position : position];
	}
});

setLength(arrayPrototype, "flat", 0);
["fill", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "includes"].forEach(function (name) {
	setLength(arrayPrototype, name, 1);
});
setLength(arrayPrototype, "copyWithin", 2);

defineProperty(arrayPrototype, Symbol.unscopables, {
	value: Object.assign(Object.create(null), {
		at: true,
		copyWithin: true,
		entries: true,
		fill: true,
		find: true,
		findIndex: true,
		findLast: true,
		findLastIndex: true,
		flat: true,
		flatMap: true,
		includes: true,
		keys: true,
		values: true
	}),
	configurable: true
});

var arrayValues = arrayPrototype.values;

defineHidden(arrayPrototype, iteratorSymbol, arrayValues);
/* All typed arrays inherit from one object. */
defineHidden(Object.getPrototypeOf(Uint8Array.prototype), iteratorSymbol, arrayValues);

/* A new array, or what another constructor makes of its arguments: a length, or none. */
function makeArrayFor(constructor, args) {
	return typeof constructor === "function" && constructor !== Array ?
		Reflect.construct(constructor, args) : [];
}

function putElement(target, index, value) {
	if (Array.isArray(target))
		target[index] = value;
	else
		setOwnValue(target, index, value);
}

define(Array, {
	from(source, mapping, receiver) {
		var method;
		var result;
		var count = 0;

		function add(value) {
			putElement(result, count, mapping ? mapping.call(receiver, value, count) : value);
			count++;
		}

		if (mapping !== undefined_)
			requireFunction(mapping);
		if (source === null || source === undefined_)
			throw new TypeError(String(source) + " is not iterable");
		method = source[iteratorSymbol];
		if (method !== undefined_ && method !== null) {
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
	of() {
		var result = makeArrayFor(this, [arguments.length]);

		for (var i = 0; i < arguments.length; i++)
			putElement(result, i, arguments[i]);
		result.length = arguments.length;
		return result;
	}
});

setLength(Array, "from", 1);
