/* SPDX-License-Identifier: MIT */
/* Typed arrays. All of them inherit from one object. */

var typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);

/* What only reads and writes elements is that of Array. */
[
	"at", "copyWithin", "entries", "every", "fill", "find", "findIndex", "findLast", "findLastIndex",
	"forEach", "includes", "indexOf", "join", "keys", "lastIndexOf", "reduce", "reduceRight",
	"reverse", "some", "toString", "values"
].forEach(function (name) {
	defineHidden(typedArrayPrototype, name, arrayPrototype[name]);
});
defineHidden(typedArrayPrototype, iteratorSymbol, arrayValues);

/* By value, -0 before 0, NaN last. */
function compareNumbers(a, b) {
	if (a !== a || b !== b)
		return a === a ? -1 : Number(b === b);
	if (a === 0 && b === 0)
		return 1 / a - 1 / b;
	return a - b;
}

/* The same kind of array with the elements that a method of Array answers. */
function makeAlike(array, method, args) {
	return new array.constructor(apply(method, array, args));
}

define(typedArrayPrototype, {
	filter(predicate, receiver) {
		return makeAlike(this, arrayPrototype.filter, [predicate, receiver]);
	},
	map(callback, receiver) {
		return makeAlike(this, arrayPrototype.map, [callback, receiver]);
	},
	slice(from, to) {
		return makeAlike(this, slice, [from, to]);
	},
	sort(compare) {
		return apply(arrayPrototype.sort, this, [compare === undefined_ ? compareNumbers : compare]);
	}
});
setLength(typedArrayPrototype, "filter", 1);
setLength(typedArrayPrototype, "map", 1);

var typedArrayFunctions = {
	from(source, mapping, receiver) {
		return new this(Array.from(source, mapping, receiver));
	},
	of() {
		return new this(slice.call(arguments));
	}
};

setLength(typedArrayFunctions, "from", 1);
[
	Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
	Float32Array, Float64Array
].forEach(function (constructor) {
	defineHidden(constructor, "from", typedArrayFunctions.from);
	defineHidden(constructor, "of", typedArrayFunctions.of);
});
