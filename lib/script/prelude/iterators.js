/* SPDX-License-Identifier: MIT */
/* Iteration, and the iterators of arrays and strings. */

var iteratorSymbol = Symbol.iterator;
var stateKey = native.stateKey;
var apply = Reflect.apply;
var tagOf = Object.prototype.toString;

function finished() {
	return { value: undefined_, done: true };
}

/* A prototype of iterators whose objects keep their state under stateKey. */
function makeIteratorPrototype(tag, advance) {
	var prototype = Object.create(native.iteratorPrototype);

	define(prototype, {
		next() {
			var state = isObject(this) ? this[stateKey] : undefined_;

			if (!state || state.advance !== advance)
				throw new TypeError("receiver is no " + tag);
			return advance(state);
		}
	});
	defineTag(prototype, tag);
	return { prototype: prototype, advance: advance };
}

function makeIterator(kind, state) {
	var iterator = Object.create(kind.prototype);

	state.advance = kind.advance;
	defineProperty(iterator, stateKey, { value: state });
	return iterator;
}

var KEYS = 0;
var VALUES = 1;
var ENTRIES = 2;

var arrayIterator = makeIteratorPrototype("Array Iterator", function (state) {
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
	return makeIterator(arrayIterator, {
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
var stringIterator = makeIteratorPrototype("String Iterator", function (state) {
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

function isPlainArray(value) {
	return Array.isArray(value) && value[iteratorSymbol] === arrayValues;
}

/* The engine's arguments have no iterator of their own. */
function isArguments(value) {
	return tagOf.call(value) === "[object Arguments]" && value[iteratorSymbol] === undefined_;
}

/* Walks through an array: it has nothing to close. */
function ArrayWalker(array) {
	this.array = array;
	this.index = 0;
	this.value = undefined_;
}

ArrayWalker.prototype = {
	step() {
		if (this.index >= this.array.length)
			return false;
		this.value = this.array[this.index++];
		return true;
	},
	fail(error) {
		throw error;
	},
	close() {}
};

/* Tells an iterator that no more is wanted; its own failure does not count. */
function closeIterator(iterator) {
	try {
		if (iterator["return"])
			iterator["return"]();
	} catch (ignored) {
		return;
	}
}

function Walker(iterator) {
	this.iterator = iterator;
	this.next = iterator.next;
	this.isDone = false;
	this.value = undefined_;
}

Walker.prototype = {
	step() {
		var result;

		/* An iterator that fails is not closed. */
		this.isDone = true;
		result = apply(this.next, this.iterator, []);
		if (!isObject(result))
			throw new TypeError("result of an iterator is not an object");
		if (result.done)
			return false;
		this.value = result.value;
		this.isDone = false;
		return true;
	},
	/* The error of the loop's body counts, not one of closing. */
	fail(error) {
		if (isReturn(error)) {
			this.close();
		} else if (!this.isDone) {
			this.isDone = true;
			closeIterator(this.iterator);
		}
		throw error;
	},
	close() {
		var method;

		if (this.isDone)
			return;
		this.isDone = true;
		method = this.iterator["return"];
		if (method !== undefined_ && method !== null &&
		    !isObject(apply(method, this.iterator, [])))
			throw new TypeError("result of an iterator is not an object");
	}
};

/* A walker that has an iterator in any case. */
function walkIterator(iterable) {
	var method;
	var iterator;

	if (iterable === null || iterable === undefined_)
		throw new TypeError(String(iterable) + " is not iterable");
	method = isArguments(iterable) ? arrayValues : iterable[iteratorSymbol];
	if (typeof method !== "function")
		throw new TypeError("value is not iterable");
	iterator = apply(method, iterable, []);
	if (!isObject(iterator))
		throw new TypeError("iterator is not an object");
	return new Walker(iterator);
}

function walkThrough(iterable) {
	return isPlainArray(iterable) || isArguments(iterable) ? new ArrayWalker(iterable) :
		walkIterator(iterable);
}

/* Calls visit(value) for each value of an iterable. */
function iterate(iterable, visit) {
	var walker = walkThrough(iterable);

	while (walker.step()) {
		try {
			visit(walker.value);
		} catch (error) {
			walker.fail(error);
		}
	}
}

setLength(global.Map.prototype, "forEach", 1);
setLength(global.Set.prototype, "forEach", 1);

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
