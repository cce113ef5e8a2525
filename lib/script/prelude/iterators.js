/* SPDX-License-Identifier: MIT */
/* Iteration, and the iterators of arrays and strings. */

var iteratorSymbol = Symbol.iterator;
var stateSymbol = Symbol("state");

function finished() {
	return { value: undefined_, done: true };
}

/* A prototype of iterators whose objects keep their state under stateSymbol. */
function makeIteratorPrototype(tag, next) {
	var prototype = Object.create(native.iteratorPrototype);

	defineHidden(prototype, "next", function () {
		var state = isObject(this) ? this[stateSymbol] : undefined_;

		if (!state)
			throw new TypeError("receiver is not an iterator");
		return next(state);
	});
	defineProperty(prototype, Symbol.toStringTag, { value: tag, configurable: true });
	return prototype;
}

function makeIterator(prototype, state) {
	var iterator = Object.create(prototype);

	defineProperty(iterator, stateSymbol, { value: state });
	return iterator;
}

var KEYS = 0;
var VALUES = 1;
var ENTRIES = 2;

var arrayIteratorPrototype = makeIteratorPrototype("Array Iterator", function (state) {
	var array = state.array;
	var index = state.index;

	if (array === null || index >= toLength(array.length)) {
		state.array = null;
		return finished();
	}
	state.index = index + 1;
	if (state.selection === KEYS)
		return { value: index, done: false };
	if (state.selection === VALUES)
		return { value: array[index], done: false };
	return { value: [index, array[index]], done: false };
});

function makeArrayIterator(array, selection) {
	return makeIterator(arrayIteratorPrototype, {
		array: toObject(array),
		index: 0,
		selection: selection
	});
}

function isHighSurrogate(unit) {
	return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit) {
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Characters, not halves of surrogate pairs. */
var stringIteratorPrototype = makeIteratorPrototype("String Iterator", function (state) {
	var text = state.text;
	var start = state.index;
	var length = 1;

	if (start >= text.length)
		return finished();
	if (isHighSurrogate(text.charCodeAt(start)) && isLowSurrogate(text.charCodeAt(start + 1)))
		length = 2;
	state.index = start + length;
	return { value: text.substr(start, length), done: false };
});

defineHidden(String.prototype, iteratorSymbol, function () {
	return makeIterator(stringIteratorPrototype, { text: String(this), index: 0 });
});

/* Tells an iterator that no more is wanted; its own failure does not count. */
function closeIterator(iterator) {
	try {
		if (iterator["return"])
			iterator["return"]();
	} catch (ignored) {
		return;
	}
}

/* Calls visit(value) for each value of an iterable. */
function iterate(iterable, visit) {
	var method;
	var iterator;
	var step;

	if (iterable === null || iterable === undefined_)
		throw new TypeError(String(iterable) + " is not iterable");
	method = iterable[iteratorSymbol];
	if (typeof method !== "function")
		throw new TypeError("value is not iterable");
	iterator = method.call(iterable);
	for (step = iterator.next(); !step.done; step = iterator.next()) {
		try {
			visit(step.value);
		} catch (error) {
			closeIterator(iterator);
			throw error;
		}
	}
}

/* Fills a new Map or Set (called by their constructors). */
function fill(collection, iterable, isMap) {
	var add = isMap ? collection.set : collection.add;

	requireFunction(add);
	iterate(iterable, function (entry) {
		if (!isMap)
			add.call(collection, entry);
		else if (isObject(entry))
			add.call(collection, entry[0], entry[1]);
		else
			throw new TypeError("iterator value is not an entry object");
	});
}
